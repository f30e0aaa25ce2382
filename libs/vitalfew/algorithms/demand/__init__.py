"""Demand of products: forecasts of few sales, counts that vary, and how much to order."""
