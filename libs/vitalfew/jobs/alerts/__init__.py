"""The job alerts."""
