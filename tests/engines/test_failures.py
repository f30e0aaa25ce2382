"""What the engine says that somebody can do something about, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine

from vitalfew.engines.engine import Engine


def test_a_folder_written_without_a_slash_is_told_from_a_schema_that_is_not_there(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nowhere" / "drops").mkdir(parents=True)
    (tmp_path / "nowhere" / "drops" / "a.csv").write_text(
        "order,who,what,at,n,paid\n1,ann,tea,2024-05-01 09:30,1,1.50\n"
    )
    (tmp_path / "conf" / "targets").mkdir(parents=True)
    (tmp_path / "conf" / "targets" / "here.yml").write_text(
        "engine: sail\nroot: nowhere\nfiles:\n  order_lines:\n    at: drops\n    columns:\n"
        "      {order_id: order, customer_id: who, product_id: what, ordered_at: at, quantity: n, amount: paid}\n"
    )
    ended = CommandLine(running, monkeypatch)("run", "ingest", "--target", "here", folder=tmp_path)
    assert ended.returncode != 0
    assert "write a folder as ./folder." in ended.stderr
