"""The procedure forget."""
