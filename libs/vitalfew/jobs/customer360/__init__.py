"""The job customer360."""
