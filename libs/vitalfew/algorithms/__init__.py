"""Distributed algorithms that know nothing of customers."""
