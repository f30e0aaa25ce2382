"""Online Retail as its 219 daily files."""

from __future__ import annotations

import tarfile
from pathlib import Path

ARCHIVE = "online_retail_2010-12_2011-08.tar.xz"


def daily_files(shared: Path, folder: Path) -> list[Path]:
    """The files, unpacked into `folder`, by day."""
    with tarfile.open(shared / ARCHIVE) as archive:
        if hasattr(tarfile, "data_filter"):  # since Python 3.11.4
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(folder)  # noqa: S202 (filtered where Python can)
    return sorted(folder.rglob("*.csv"))
