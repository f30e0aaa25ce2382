"""The job recommendations."""
