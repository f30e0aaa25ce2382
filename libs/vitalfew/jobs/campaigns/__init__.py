"""The procedure campaigns, as the suite knows it."""
