"""When a milestone was, by what was bought and when."""
