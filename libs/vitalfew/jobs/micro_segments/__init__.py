"""The job micro_segments."""
