"""What data hold is shown on a terminal, and does nothing there."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hostile import Hostile

from vitalfew.cli import layouts
from vitalfew.engines.engine import Engine
from vitalfew.visible_text import visible, visible_json, visible_lines

EVIL = "\x1b]0;pwned\x07\u202egnp"
SHOWN = r"\x1b]0;pwned\x07\u202egnp"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tee für Zoë, 茶 😀 \u00a0", "Tee für Zoë, 茶 😀 \u00a0"),
        (EVIL, SHOWN),
        ("a\u200bb\ufeffc\u2028d\u2029e\u2066f", r"a\u200bb\ufeffc\u2028d\u2029e\u2066f"),
        ("a\r\nb\tc\x7f\x9bd", r"a\x0d\x0ab\x09c\x7f\x9bd"),
        ("\U000e0041\ud800\u3164", r"\U000e0041\ud800\u3164"),
        ("می\u200cخواهم 👩\u200d🌾", "می\u200cخواهم 👩\u200d🌾"),
        ("pay\u200dpal", r"pay\u200dpal"),
    ],
)
def test_what_acts_or_hides_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_of_ours_stay_lines() -> None:
    assert visible_lines("a\nb\u2028c") == "a\nb\\u2028c"


def test_a_name_that_would_act_is_shown_by_every_command(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.drop(*[f"{i},ann,{EVIL},2025-01-0{i} 10:00:00,1,5.00" for i in range(1, 6)])
    said = [shop.answers(jobs=("ingest", "orders", "rfm")), shop.run("show", "order_lines").text]
    said.append(shop.refused(2, "show", "order_lines", "--where", f"product_id = '{EVIL}"))
    said.append(shop.refused(2, "show", EVIL))
    shop.drop("1,ann,x,2025-01-01,1,1", name=f"{EVIL[5:9]}\u202e.csv", header=f"id,who,{EVIL}")
    said.append(shop.refused(3, "run", "ingest"))
    assert SHOWN in said[1]
    assert all(SHOWN in text for text in (said[3], said[4]))
    assert all(text.replace("\n", "").isprintable() for text in said), said


ODD = [EVIL, "a\x7fb\x9bc\x85d", "e\u2028f\u2029\ufeff", "\U000e0041😀", "Tee für Zoë, 茶", 'said "hi"\\']


def test_json_of_what_acts_says_the_same_in_characters_that_do_not() -> None:
    said = layouts.as_json(["name"], [[text] for text in ODD])
    assert [row["name"] for row in json.loads(said)] == ODD
    assert said.replace("\n", "").isprintable()
    assert "Tee für Zoë, 茶" in said
    assert json.loads(visible_json(json.dumps({EVIL: ODD}, ensure_ascii=False))) == {EVIL: ODD}


def test_csv_is_as_it_is_in_a_pipe_and_does_nothing_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = layouts.as_csv(["name"], [[text] for text in ODD])
    assert [row[0] for row in csv.reader(io.StringIO(piped, newline=""))] == ["name", *ODD]
    monkeypatch.setattr(layouts, "screen_width", lambda: 80)
    shown = layouts.as_csv(["name"], [[text] for text in ODD])
    assert shown.replace("\n", "").isprintable()
    assert SHOWN in shown
