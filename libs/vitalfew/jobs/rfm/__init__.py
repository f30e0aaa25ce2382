"""The job rfm."""
