"""The procedure forget, as the suite knows it."""
