"""The job sequences."""
