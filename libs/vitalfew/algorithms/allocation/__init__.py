"""Who gets which of a few things, where they are scarce: at most so many for each, within limits, with a bound."""
