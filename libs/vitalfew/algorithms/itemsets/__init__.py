"""Frequent itemsets and association rules, distributed."""
