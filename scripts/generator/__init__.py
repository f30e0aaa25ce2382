"""A shop that never was: orders, events, customers and products whose every habit is known, because it was planted.

Each value is a pure function of the seed and of the row's own numbers, by integer hashes and operations that IEEE 754
fixes to the last bit: the same rows on every engine, on any partitioning, at any number of slices.
"""
