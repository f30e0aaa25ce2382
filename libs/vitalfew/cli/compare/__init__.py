"""Two days of observation side by side, from what is published: on a terminal, and as a page."""
