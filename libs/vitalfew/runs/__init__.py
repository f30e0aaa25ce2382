"""One run of a job: locked, logged, published."""
