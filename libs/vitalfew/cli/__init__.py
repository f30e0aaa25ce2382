"""The command line."""

from vitalfew.cli.commands import main

__all__ = ["main"]
