"""The procedure expire, as the suite knows it."""
