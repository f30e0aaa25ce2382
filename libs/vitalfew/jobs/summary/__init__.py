"""The job summary."""
