"""The engines, and all that differs between them."""
