"""The procedure maintain."""
