"""The job actions."""
