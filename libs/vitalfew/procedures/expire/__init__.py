"""The procedure expire."""
