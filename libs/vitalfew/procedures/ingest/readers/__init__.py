"""Readers of files; executors import them with numpy and pyarrow only."""
