"""What customers talk about, what of it speaks of dissatisfaction, and where a burst comes from."""
