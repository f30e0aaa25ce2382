"""The job next_purchase."""
