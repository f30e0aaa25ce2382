"""Customer lifetime value: models of how often customers buy, how long they stay and how much they spend."""
