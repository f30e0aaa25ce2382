"""Files to source tables: each file once, each line once, and nothing lost without a reason."""
