"""The job verify."""
