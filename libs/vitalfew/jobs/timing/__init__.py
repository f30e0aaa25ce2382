"""The job timing."""
