"""The job baskets."""
