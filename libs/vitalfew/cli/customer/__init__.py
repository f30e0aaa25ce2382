"""The story of one customer, from what is published: on a terminal, and as a page."""
