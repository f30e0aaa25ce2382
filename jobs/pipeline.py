"""All jobs, each after those it needs, for spark-submit."""

from vitalfew.cli import main

if __name__ == "__main__":
    main("all")
