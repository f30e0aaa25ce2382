"""The procedure campaigns: who is in which file, and how files are written."""
