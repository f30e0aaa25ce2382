"""Groups of rows that differ from the others: counted in one pass, found on one half, confirmed on the other."""
