"""`vitalfew doctor`: what would keep a run from working, and how to fix it."""
