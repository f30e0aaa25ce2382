"""Frequent ordered patterns, and what follows what beyond chance, distributed."""
