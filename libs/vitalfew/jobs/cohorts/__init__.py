"""The job cohorts."""
