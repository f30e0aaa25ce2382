"""The job `price`."""
