"""The whole suite runs on a shop with planted contacts and an awkward secret; then every byte that it left is searched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hostile import Hostile, lines, week
from shop import SHOP

from vitalfew.engines.engine import Engine

MAILS = [f"planted{i}.ümlaut@secret{i}.example" for i in range(6)]
PHONES = [f"+4366477{i}0123" for i in range(6)]
SPOKEN = [f"0664 77{i} 0123" for i in range(6)]
AWKWARD = "S3\"cr\\et'$key-with-all-signs"
STRAY = ["stray@planted.example", "0699 8877665", "4111 1111 1111 1111", "DE89370400440532013000"]
CONTACTS = {"customer_id": "who", "kind": "what", "value": "reach"}
EVENTS = {
    "customer_id": "who",
    "kind": "kind",
    "product_id": "what",
    "happened_at": "at",
    "channel": "where",
    "detail": "text",
}


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    monkeypatch.setenv("CONTACT_KEY", AWKWARD)
    shop = Hostile(tmp_path, running, monkeypatch)
    files = {
        "order_lines": SHOP,
        "contacts": {"at": "in/contacts", "columns": CONTACTS},
        "events": {"at": "in/events", "columns": EVENTS},
    }
    shop.target(extra={"files": files, "spark": {"spark.hadoop.fs.s3a.secret.key": "${CONTACT_KEY}"}})
    shop.job("customer360", "hash_key: ${CONTACT_KEY}\nkeep_apart: ['${CONTACT_KEY}']\n")
    orders = week(customers=6)
    shop.write(
        "drops/a.csv",
        "\n".join(
            [
                "id,who,what,at,n,price,telefon,notiz",
                *[f"{line},{STRAY[1]},{STRAY[0]}" for line in orders],
                f"x1,{STRAY[0]},tea,never,1,1.50,{STRAY[1]},{STRAY[0]}",
                f"x2,c1,tea {STRAY[0]},2025-01-02,one,{STRAY[2]},{STRAY[1]},{STRAY[3]}",
                f"x3,{STRAY[3]},{STRAY[1]},2025-01-02,one,1,,",
                f"x4,c1,tea,2025-01-02,1,1.50,{STRAY[1]},{STRAY[0]},{STRAY[2]}",
            ]
        )
        + "\n",
    )
    contacts = [
        (f"c{i}", kind, value)
        for i in range(6)
        for kind, value in (
            ("email", MAILS[i]),
            ("phone", PHONES[i]),
            ("email", MAILS[0] if i < 2 else MAILS[i].upper()),
            ("phone", SPOKEN[i]),
        )
    ]
    shop.write("in/contacts/a.csv", "\n".join(["who,what,reach", *lines(contacts), f",email,{MAILS[0]}"]) + "\n")
    events = [
        (f"c{i}", "search", what, f"2025-01-{day:02} 12:00:00", where, what)
        for i in range(6)
        for day in (3, 9)
        for what, where in (("pot", "web"), (MAILS[i], SPOKEN[i]), (PHONES[i], MAILS[i]))
    ]
    shop.write("in/events/a.csv", "\n".join(["who,kind,what,at,where,text", *lines(events)]) + "\n")
    return shop


def planted() -> dict[str, list[str]]:
    """All forms of what must be found nowhere, by what it is."""
    plain = [*MAILS, *[mail.upper() for mail in MAILS], *PHONES, *SPOKEN, *STRAY]
    guessed = [
        hashlib.sha256(text.encode()).hexdigest()
        for value in [*MAILS, *PHONES]
        for text in (value, f":email:{value}", f"email:{value}", f":phone:{value[1:]}")
    ]
    return {
        "contact": plain + [json.dumps(mail)[1:-1] for mail in MAILS],
        "plain hash": guessed,
        "secret": [AWKWARD, json.dumps(AWKWARD)[1:-1], repr(AWKWARD)[1:-1]],
    }


def found_in(text: str) -> list[str]:
    return [kind for kind, values in planted().items() for value in values if value in text]


def contents(root: Path) -> Iterator[tuple[Path, str, str]]:
    """Of every file that the suite made: its bytes, and of Parquet its decoded pages and the statistics beside them."""
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        if path.relative_to(root).parts[0] in ("drops", "in", "conf"):
            continue
        yield path, "bytes", path.read_bytes().decode(errors="replace")
        if path.suffix == ".parquet":
            yield path, "pages", str(pq.read_table(path).to_pylist())


def leaks(root: Path) -> list[tuple[str, str, str]]:
    return [
        (str(path.relative_to(root)), how, what)
        for path, how, text in contents(root)
        for what in set(found_in(text))
        if not (path.parent == root / "contacts" and what == "contact")
    ]


def test_contacts_and_secrets_are_in_no_file_message_or_log(shop: Hostile) -> None:
    shop.write("in/contacts/b.csv", f"c9,email,{MAILS[3]}\n")
    said = [shop.run("run", "all", "--set", "ingest.max_quarantined_share=1.0", "--log-format", "json")]
    assert said[0].code == 3
    assert "whose names are not shown" in said[0].text
    (shop.root / "in/contacts/b.csv").unlink()
    said.append(shop.run("run", "all", "--set", "ingest.max_quarantined_share=1.0", "--log-format", "json"))
    said.append(shop.run("run", "ingest", "orders", "customer360", "--force"))
    assert [one.code for one in said[1:]] == [0, 0], said[1].text
    said += [shop.run("config", "check"), shop.run("run", "all", "--dry-run")]
    said += [
        shop.run("show", name)
        for name in ("quarantine", "runs", "identities", "touchpoints", "unmet_demand", "summary")
    ]
    assert not [(one.text, found) for one in said if (found := found_in(one.text))]
    assert leaks(shop.root) == []
    has_planted = [path for path, _, text in contents(shop.root) if MAILS[3] in text]
    assert has_planted, "the contacts themselves are found, so the search can find"
    assert {path.parent.name for path in has_planted} == {"contacts"}
    assert len({person for (person,) in shop.rows("identities", "person_id")}) < 6, "accounts are joined all the same"
    assert {what for (what,) in shop.rows("unmet_demand", "product_id")} <= {"pot", "tea", "cup", "jam"}
    assert {row[0] for row in shop.rows("touchpoints", "channel")} <= {"web", "unknown"}
    assert not (shop.root / "_keys").exists(), "a key is set, so none is made"


def test_the_search_sees_what_leaks(shop: Hostile, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.json").write_text(json.dumps({"stats": MAILS[1], "config": AWKWARD}))
    assert {what for _, _, what in leaks(shop.root)} == {"contact", "secret"}
