"""The job lifecycle."""
