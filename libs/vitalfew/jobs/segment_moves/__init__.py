"""The job segment_moves."""
