"""The procedure offers."""
