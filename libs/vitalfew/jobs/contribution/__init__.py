"""The job contribution."""
