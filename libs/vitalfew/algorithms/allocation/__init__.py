"""Who gets which of a few things, where they are scarce: at most a few for each, within limits, with a bound."""
