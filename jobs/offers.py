"""The job offers, for spark-submit: all it knows is its name."""

from vitalfew.entry import main

if __name__ == "__main__":
    main("offers")
