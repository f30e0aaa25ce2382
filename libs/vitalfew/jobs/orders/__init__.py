"""The job orders."""
