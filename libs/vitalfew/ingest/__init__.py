"""Files to source tables: each file once, each line once, and nothing lost without a reason.

Kept empty: executors import the readers below it, and they have numpy and pyarrow only.
"""
