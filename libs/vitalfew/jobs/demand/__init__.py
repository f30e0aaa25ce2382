"""The job demand."""
