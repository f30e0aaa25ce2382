"""The job company_plan, for spark-submit: all it knows is its name."""

from vitalfew.entry import main

if __name__ == "__main__":
    main("company_plan")
