"""The job influence."""
