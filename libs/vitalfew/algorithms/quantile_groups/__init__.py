"""Groups of like rows, and the quantiles of a value in them."""
