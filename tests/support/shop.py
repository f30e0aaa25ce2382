"""A shop with drops of files, for the tests of ingest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from vitalfew.config.files import FileSource
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest import new_files, rows
from vitalfew.procedures.ingest.accounts import Ingested
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.load import at_target, ingest
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE
from vitalfew.tables.sources import ORDER_LINES

NOW = datetime.fromisoformat("2025-06-01 12:00")
LENIENT = IngestParams(max_quarantined_share=1.0)
SHOP: dict[str, Any] = {
    "at": "drops",
    "columns": {
        "order_id": "id",
        "customer_id": "who",
        "product_id": "what",
        "ordered_at": "at",
        "quantity": "n",
        "amount": "n * price",
    },
    "types": {"price": "decimal(18,4)"},
}
HEADER = "id,who,what,at,n,price"
TEA = "1,ann,tea,2025-01-02 09:00:00,2,1.50"
CUP = "1,ann,cup,2025-01-02 09:00:00,1,4.00"
POT = "2,bob,pot,2025-01-03 10:00:00,1,9.99"

BOTH = {
    "order_lines": FileSource(**SHOP),
    "products": FileSource(at="drops", columns={"product_id": "what", "name": "what", "updated_at": "at"}),
}

Row = dict[str, Any]


class Shop:
    """A target with drops of files, and ingest in one word."""

    def __init__(self, running: Engine, root: Path) -> None:
        self.storage = Storage(running, Target.model_validate({"root": str(root), "engine": running.name}))
        self.root = root

    def drop(self, name: str, *lines: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\n") -> Path:
        """Write a file of lines below `drops`."""
        text = "".join(line + end for line in ([header] if header else []) + list(lines))
        return self.bytes(name, text.encode(encoding))

    def bytes(self, name: str, content: bytes) -> Path:
        path = self.root / "drops" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def take(self, params: IngestParams = LENIENT, source: str = "order_lines", **settings: Any) -> Ingested:
        """Ingest what is new; `settings` go before those of SHOP, or stand alone for another source."""
        given = {**SHOP, **settings} if source == "order_lines" else settings
        try:
            return ingest(self.storage, {source: FileSource(**given)}, params, NOW)
        finally:
            self.storage.release()

    def judged(self, source: str = "order_lines", **settings: Any) -> list[Row]:
        """The rows of the files as `take` would judge them, by their lines; nothing is written."""
        given = {**SHOP, **settings} if source == "order_lines" else settings
        sources = {source: FileSource.model_validate(given)}
        try:
            files = at_target(self.storage, sources)
            found, _ = new_files.new_files(self.storage, files, LENIENT)
            intake = Intake(TABLES[source], files[source], found[source], LENIENT, NOW)
            seen = [row.asDict() for row in rows.judged(self.storage, intake).collect()]
        finally:
            self.storage.release()
        return sorted(seen, key=lambda row: (row["__name"], row["__line"]))

    def take_both(self) -> Ingested:
        """Ingest order lines, and products from the same files."""
        try:
            return ingest(self.storage, BOTH, LENIENT, NOW)
        finally:
            self.storage.release()

    def rows(self, table: Table = ORDER_LINES) -> list[Row]:
        found = [row.asDict() for row in self.storage.read_or_empty(table).collect()]
        return sorted(found, key=repr)

    def products(self) -> list[str]:
        return sorted(row["product_id"] for row in self.rows())

    def refused(self) -> list[tuple[str, str, int]]:
        """Reason, file and line of what is in quarantine."""
        return sorted((row["reason"], row["file"], row["line"]) for row in self.rows(QUARANTINE))

    def reasons(self) -> list[str]:
        return sorted(row["reason"] for row in self.rows(QUARANTINE))


class Crash(BaseException):
    """As final as kill -9, as far as the process can tell."""


class CrashingStorage(Storage):
    """Dies before its n-th write."""

    writes_left: int = 0

    def count(self) -> None:
        if self.writes_left == 0:
            raise Crash
        self.writes_left -= 1

    def replace(self, *args: Any, **kwargs: Any) -> None:
        self.count()
        super().replace(*args, **kwargs)

    def merge(self, *args: Any, **kwargs: Any) -> None:
        self.count()
        super().merge(*args, **kwargs)
