"""The job affinity."""
