"""Tests, rates, inequality and similarity."""
