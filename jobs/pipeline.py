"""All jobs, each after those it needs, for spark-submit."""

from vitalfew.entry import main

if __name__ == "__main__":
    main("all")
