"""The job clusters."""
