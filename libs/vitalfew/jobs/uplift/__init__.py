"""The job uplift."""
