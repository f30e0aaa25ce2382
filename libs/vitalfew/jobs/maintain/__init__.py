"""The procedure maintain, as the suite knows it."""
