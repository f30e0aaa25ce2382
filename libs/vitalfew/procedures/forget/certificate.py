"""What was erased and how that is known: without a name, an id or a hash of anybody."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from vitalfew import __version__
from vitalfew.storage import owner_only

FOLDER = "_certificates"
NOT_IN_NAMES = re.compile(r"[^0-9]")


@dataclass(frozen=True)
class TableErased:
    """One table: its rows and its version before and after, and whether its history ended."""

    table: str
    rows_before: int
    rows_after: int
    rows_removed: int
    version_before: int | None
    version_after: int | None
    is_history_removed: bool
    still_kept: str | None = None


@dataclass(frozen=True)
class Certificate:
    """One erasure. `found`: files below the root, and of tables elsewhere, where something is left; none is the proof.

    `not_searched`: tables whose files this process does not see. `pages_removed`: pages of the report that named them.
    `campaign_files_given`: by day and name, the files of `campaigns` that held them, of which copies may be elsewhere.
    """

    erasure_id: str
    erased_at: str
    customers: int
    tables: Sequence[TableErased]
    not_searched: Sequence[str]
    files_searched: int
    bytes_searched: int
    found: Sequence[str]
    not_reached: Sequence[str]
    time_travel_ends: str
    pages_removed: int = 0
    campaign_files_removed: int = 0
    campaign_files_given: Sequence[str] = ()
    version: str = field(default=__version__)

    @property
    def is_clean(self) -> bool:
        return not self.not_searched and not self.found

    def text(self) -> str:
        """The certificate for people."""
        rows = sum(table.rows_removed for table in self.tables)
        lines = [
            f"Erasure {self.erasure_id}, {self.erased_at} UTC: {people(self.customers)}, {rows:,} rows.",
            *[
                f"  {t.table}: {t.rows_removed:,} of {t.rows_before:,} rows; version {t.version_before} to "
                f"{t.version_after}{'; its history is removed' if t.is_history_removed else ''}"
                + (f"; kept: {t.still_kept}" if t.still_kept else "")
                for t in self.tables
            ],
            *([self.pages] if self.pages_removed else []),
            *([self.campaign_files] if self.campaign_files_given else []),
            self.search,
            f"Time travel of these tables ends: {self.time_travel_ends}.",
            "Not reached, and to be erased by you:",
            *[f"  {one}" for one in self.not_reached],
        ]
        return "\n".join(lines)

    @property
    def pages(self) -> str:
        what = (
            "1 page of the report named them and is"
            if self.pages_removed == 1
            else (f"{self.pages_removed:,} pages of the report named them and are")
        )
        return f"{what} removed: vitalfew report writes pages again."

    @property
    def campaign_files(self) -> str:
        removed = self.campaign_files_removed
        what = (
            f"{removed:,} campaign {'file that held them is' if removed == 1 else 'files that held them are'} removed"
        )
        return (
            f"{what}; tell those to whom you gave one of these: {', '.join(self.campaign_files_given)}. "
            "vitalfew run campaigns writes them again without them."
        )

    @property
    def search(self) -> str:
        unseen = f" Not searched, as this process does not see their files: {', '.join(self.not_searched)}."
        rest = unseen if self.not_searched else ""
        if not self.files_searched:
            return f"No file was searched.{rest}"
        what = f"{self.files_searched:,} files ({self.bytes_searched:,} bytes) of ours were searched"
        if not self.found:
            return f"{what}, bytes and decoded pages: nothing is left.{rest}"
        return f"{what}, and something IS LEFT in {len(self.found)}: {'; '.join(self.found)}.{rest}"

    def as_json(self) -> str:
        return json.dumps({**asdict(self), "is_clean": self.is_clean}, indent=2) + "\n"


def written(certificate: Certificate, root: Path) -> Path:
    """The certificate as a file of its own, whole, for its owner."""
    folder = owner_only.folder(root / FOLDER)
    path = folder / f"erasure-{certificate.erasure_id}-{NOT_IN_NAMES.sub('', certificate.erased_at)}.json"
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, owner_only.FILE), "w", encoding="utf-8") as file:
        file.write(certificate.as_json())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return path


def people(number: int) -> str:
    return "1 customer" if number == 1 else f"{number:,} customers"


def called(now: datetime) -> str:
    return now.isoformat(" ", timespec="seconds")


def shortened(places: dict[str, Any]) -> list[str]:
    """Where something was found, sorted."""
    return [f"{path} ({where})" for path, where in sorted(places.items())]
