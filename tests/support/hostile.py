"""A shop as a user sets it up: YAML and files in, `vitalfew …`, tables and messages out."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from command_line import CommandLine
from deltalake import DeltaTable
from shop import HEADER, SHOP

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES

NAMES = [
    "שלום עולם",
    "كعك بالتمر",
    "\u202etxet sdrawkcab",
    "Zoë 👩‍🍳",
    "日本語",
    "Robert'); DROP TABLE order_lines;--",
    "' OR '1'='1",
    'said "hi", twice',
    "`orders`",
    "a\\b\\n",
    "=1+1",
    "${HOME}",
    "{0} %s",
    "[red]bold[/]",
    "<script>alert(1)</script>",
    "null",
    "NaN",
]
"""Names as they come, and as they should not be taken for anything else."""


def copied(made: Path, root: Path) -> None:
    """The folder of a shop at another place, for a test that may change it; the target is to be written again."""
    shutil.copytree(made, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("current.json"))


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit code, and all that it said."""

    code: int
    text: str


class Plain(yaml.SafeDumper):
    """Writes a value in full wherever it is used: configurations have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


class Hostile:
    """One user's folder, and the command line in one word."""

    def __init__(self, root: Path, running: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.running, self.monkeypatch = root, running, monkeypatch
        self.command = CommandLine(running, monkeypatch)
        self.target()

    def target(self, text: str | None = None, *, extra: Mapping[str, Any] | None = None, **settings: Any) -> None:
        """Write the target's file: as it is in `text`, else with `settings` before those of SHOP, and `extra` keys."""
        given = {
            "engine": self.running.name,
            "root": str(self.root),
            "files": {"order_lines": {**SHOP, **settings}},
            **(extra or {}),
        }
        self.write("conf/targets/here.yml", yaml.dump(given, Dumper=Plain) if text is None else text)

    def job(self, name: str, text: str) -> None:
        """Write the configuration of a job."""
        self.write(f"conf/jobs/{name}.yml", text)

    def drop(self, *lines: str, name: str = "a.csv", header: str = HEADER, end: str = "\n") -> Path:
        """Write a file of lines into the drop folder."""
        return self.write(f"drops/{name}", "".join(line + end for line in [header, *lines] if line))

    def table(self, name: str, query: str, **settings: Any) -> None:
        """A Delta table of the company, in place of files: the rows of a query."""
        self.running.spark.sql(query).write.format("delta").save(str(self.root / "theirs" / name))
        self.target(extra={"files": {}, "sources": {name: {"at": f"theirs/{name}", **settings}}})

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *arguments: str) -> Said:
        """`vitalfew …` at this place, as from a shell."""
        ended = self.command(*arguments, "--conf", str(self.root / "conf"), "--target", "here")
        text = ended.stdout + ended.stderr
        assert "Traceback" not in text
        assert "unexpected" not in text, text
        return Said(ended.returncode, text)

    def answers(self, *settings: str, jobs: Sequence[str] = ("all",)) -> str:
        """What a run says that comes to a good end."""
        said = self.run("run", *jobs, *settings, "--no-report")
        assert said.code == 0, said.text
        return said.text

    def report(self) -> str:
        """The English page of the latest day."""
        said = self.run("report", "--out", str(self.root / "pages"))
        assert said.code == 0, said.text
        return next((self.root / "pages").glob("*-en.html")).read_text(encoding="utf-8")

    def refused(self, code: int, *arguments: str) -> str:
        """What a command says that ends with `code`."""
        said = self.run(*arguments)
        assert said.code == code, said.text
        return said.text

    def rows(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """The rows of a table, in order; empty where there is no table.

        Files that the embedded engine wrote are the rows, which are read without it, in less time.
        """
        at = self.root / name
        if not (at / "_delta_log").is_dir():
            return []
        wanted = list(columns or TABLES[name].columns)
        if self.running.name != "sail":
            storage = Storage(
                self.running, Target.model_validate({"root": str(self.root), "engine": self.running.name})
            )
            return sorted((tuple(row) for row in storage.read(TABLES[name]).select(*wanted).collect()), key=repr)
        parts = [pq.ParquetFile(uri).read(wanted) for uri in DeltaTable(at).file_uris()]
        found = [row for part in parts for row in without_zones(part).to_pylist(maps_as_pydicts="strict")]
        return sorted((tuple(row[column] for column in wanted) for row in found), key=repr)

    def accounted(self) -> tuple[int, int]:
        """Lines that came and lines that are in orders; every one that is not is in quarantine, or was a copy."""
        files = self.rows("ingested_files", "rows_in", "rows_used", "rows_duplicate", "rows_quarantined", "money_used")
        came, used, copies, refused = (sum(row[i] for row in files) for i in range(4))
        at_the_door = sum(1 for _, job in self.rows("quarantine", "source", "job") if job == "orders")
        orders = self.rows("orders", "lines", "net_amount")
        assert came == used + copies + refused
        assert used == sum(row[0] for row in orders) + at_the_door
        assert sum(row[4] for row in files) == sum(row[1] for row in orders) or at_the_door
        return came, sum(row[0] for row in orders)

    def tables(self) -> set[str]:
        """Names of the tables that there are, the log of runs apart."""
        return {path.parent.name for path in self.root.glob("*/_delta_log")} - {"runs"}


def without_zones(found: pa.Table) -> pa.Table:
    """Moments as the engine gives them: in UTC, without saying so."""
    plain = [
        field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field for field in found.schema
    ]
    return found.cast(pa.schema(plain))


def lines(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Cells as lines of CSV."""
    return [",".join(map(str, row)) for row in rows]


def week(customers: int, *, amount: str | None = None, pieces: str | None = None, who: str | None = None) -> list[str]:
    """Three weeks of orders by regular customers, with one of the cells the same in all lines, where it is given."""
    items = ("tea", "cup", "pot", "jam")
    return lines(
        (
            f"o{c}-{day}",
            f"c{c}" if who is None else who,
            items[(c + day + i) % 4],
            f"2025-01-{day:02} {9 + c:02}:00:00",
            pieces or i + 1,
            amount or 1.5 + i,
        )
        for c in range(customers)
        for day in range(1, 21, 2 + c % 3)
        for i in range(1 + (c + day) % 3)
    )
