"""The job offers."""
