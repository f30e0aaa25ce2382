"""The job ingest."""
