"""How many more units are sold where a price is lower: Poisson regressions of weekly units, with honest errors."""
