"""Two copies of a table are compared row by row, and what was found is noted once for each minor version."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import golden
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from vitalfew.dataframes.schemas import arrow_schema, schema
from vitalfew.jobs.rfm.tables import RFM_CUTS
from vitalfew.suite import TABLES

CUTS = [
    {"as_of": None, "axis": "frequency", "score": 2, "cut": Decimal("1.50")},
    {"as_of": None, "axis": "frequency", "score": 3, "cut": Decimal("2.00")},
]


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    types = arrow_schema(schema(RFM_CUTS.types))
    write_deltalake(str(folder / RFM_CUTS.name), pa.Table.from_pylist(rows, schema=types))
    return folder


def test_rows_may_come_in_any_order_and_one_value_makes_a_difference(tmp_path: Path) -> None:
    one = written(tmp_path / "one", CUTS)
    assert golden.difference(RFM_CUTS, one, written(tmp_path / "same", CUTS[::-1])) == ""
    assert golden.difference(RFM_CUTS, one, written(tmp_path / "fewer", CUTS[:1])) == "2 rows against 1"
    other = written(tmp_path / "other", [CUTS[0], {**CUTS[1], "cut": Decimal("2.01")}])
    assert golden.difference(RFM_CUTS, one, other).startswith("cut is Decimal('2.00') against Decimal('2.01') in ")
    assert golden.difference(RFM_CUTS, one, tmp_path / "nowhere") == "it is absent"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1.0, 1.0 + 1e-12, True),
        (1.0, 1.0 + 1e-6, False),
        (float("nan"), float("nan"), True),
        ([("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")], True),
        ([("a", "1")], [("a", "2")], False),
        ([1.0, 2.0], [1.0, 2.0 + 1e-13], True),
        ([1, 2], [2, 1], False),
        (Decimal("1.0"), Decimal("1.00"), True),
        (Decimal("1.0"), None, False),
        (None, None, True),
        ({"a": [0.1]}, {"a": [0.1]}, True),
    ],
)
def test_values_are_the_same_but_for_last_digits(one: Any, other: Any, expected: bool) -> None:
    assert golden.same(one, other) is expected


def test_a_run_is_noted_once_for_each_minor_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = written(tmp_path / "one", CUTS), written(tmp_path / "other", CUTS)
    monkeypatch.setattr(golden, "java", lambda: "17.0.1")
    notes = tmp_path / "golden.json"
    for version in ("4.0.4", "3.5.9", "4.0.5"):
        assert golden.main([*map(str, (one, other, notes)), version, "3.11.7", f"io.delta:delta:{version}", "0"]) == 0
    told = json.loads(notes.read_text(encoding="utf-8"))
    assert [(each["spark"], each["equal"], each["tables"], each["rows"]) for each in told] == [
        ("3.5.9", 1, 1, 2),
        ("4.0.5", 1, 1, 2),
    ]
    assert golden.main([*map(str, (one, tmp_path, notes)), "4.1.1", "3.11.7", "io.delta:delta:4.4.0", "1"]) == 1
    assert json.loads(notes.read_text(encoding="utf-8"))[-1]["differing"] == [RFM_CUTS.name]
    assert RFM_CUTS.name in TABLES
