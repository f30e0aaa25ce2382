"""Where the report of a run lies, and how its pages are called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

FOLDER = "report"
"""Below the folder of the tables."""
PAGES = "vitalfew-*.html"


def page_name(day: date, language: str) -> str:
    """The file of the page of a day."""
    return f"vitalfew-{day}-{language}.html"


def pages_below(root: Path) -> Iterator[Path]:
    """The pages that runs wrote beside the tables at `root`."""
    yield from sorted(path for path in (root / FOLDER).glob(PAGES) if path.is_file())
