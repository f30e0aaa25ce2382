"""Contacts in one form each, told only as hashes; and shown nowhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pyspark.sql import functions as F
from shop import Shop
from staged import staged

from conftest import Frame
from vitalfew import suite
from vitalfew.config import loading
from vitalfew.engines.engine import Engine
from vitalfew.errors import ConfigError
from vitalfew.jobs.customer360.contact_hashes import identifiers, normalised
from vitalfew.storage.contracts import door
from vitalfew.tables.logs import QUARANTINE
from vitalfew.tables.sources import CONTACTS

JOIN_BY = ("membership", "email", "phone")


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("email", ["ann@Mail.example", "  ANN@mail.EXAMPLE "], "ann@mail.example"),
        ("email", ["n/a", "@", "ann@mail", "ann mail.example", "a b@mail.example"], None),
        ("phone", ["+43 (0)664 12-34-567", "0043 664/1234567", "0664 1234567", "436641234567"], "436641234567"),
        ("phone", ["000 000 000", "12345", "+", "1234567890123456", "call me"], None),
        ("membership", ["m-00 12", "M0012", " m.0012"], "M0012"),
        ("membership", ["0000", "abc", "--", "xxxxx"], None),
        ("fax", ["0664 1234567"], None),
    ],
)
def test_a_contact_has_one_form(frame: Frame, kind: str, values: list[str], expected: str | None) -> None:
    given = frame(CONTACTS, "kind | value").sparkSession.createDataFrame([(v,) for v in values], "value string")
    found = given.select(F.lit(kind).alias("rule"), "value").select(normalised("43").alias("plain")).collect()
    assert [row["plain"] for row in found] == [expected] * len(values)


def test_without_a_country_a_number_stays_as_it_is_dialled(frame: Frame) -> None:
    given = frame(CONTACTS, "value \n 0664 1234567 \n +43 664 1234567").select(F.lit("phone").alias("rule"), "value")
    assert [row[0] for row in given.select(normalised("")).collect()] == ["06641234567", "436641234567"]


@pytest.mark.both_engines
def test_only_hashes_come_out_and_the_key_changes_them(frame: Frame) -> None:
    contacts = frame(
        CONTACTS,
        """
        customer_id | kind    | value
        ann         | E-Mail  | x
        ann         | Email   | ann@mail.example
        bob         | email   | none
        bob         | address | Main Street 1
        """,
    )
    rows = {row["customer_id"]: row for row in identifiers(contacts, JOIN_BY, "", "").collect()}
    assert rows["ann"]["evidence"] == hashlib.sha256(b":email:ann@mail.example").hexdigest()
    assert (rows["bob"]["rule"], rows["bob"]["evidence"], len(rows)) == ("email", None, 2)
    assert identifiers(contacts, JOIN_BY, "", "").columns == ["customer_id", "rule", "evidence"]
    keyed = identifiers(contacts, JOIN_BY, "", "pepper").where("customer_id = 'ann'").collect()[0]["evidence"]
    assert keyed == hashlib.sha256(b"pepper:email:ann@mail.example").hexdigest()
    assert identifiers(contacts, ("phone",), "", "").collect() == []


def test_a_refused_contact_is_not_shown(frame: Frame) -> None:
    contacts = frame(
        CONTACTS,
        """
        customer_id | kind  | value
        ~           | email | ann@mail.example
        bob         | email | bob@mail.example
        bob         | email | bob@mail.example
        """,
    )
    good, refused, account = door(contacts, CONTACTS, "customer360", staged)
    assert refused is not None
    assert account.rows_quarantined == 2
    assert good.count() == 1
    assert [row["content"] for row in refused.collect()] == ["{}", "{}"]
    assert not any("mail" in str(value) for row in refused.collect() for value in row)


def test_nothing_of_a_private_file_is_kept_with_a_refused_line(running: Engine, tmp_path: Path) -> None:
    shop = Shop(running, tmp_path)
    shop.drop(
        "contacts.csv",
        "ann,email,ann@mail.example",
        ",email,bob@mail.example",
        "cat,phone,0664 7654321,one cell too many",
        header="who,what,reach",
    )
    columns = {"customer_id": "who", "kind": "what", "value": "reach"}
    shop.take(source="contacts", at="drops", columns=columns)
    assert [row["value"] for row in shop.rows(CONTACTS)] == ["ann@mail.example"]
    assert {row["content"] for row in shop.rows(QUARANTINE)} == {"{}", '{"bytes": 40}'}
    assert not any("mail" in str(row) or "0664" in str(row) for row in shop.rows(QUARANTINE))


def test_the_key_of_the_hashes_comes_from_the_environment_and_is_never_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"jobs/customer360.yml": "hash_key: ${HASH_KEY}", "places/here.yml": "root: here"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    job = suite.JOBS["customer360"]
    with pytest.raises(ConfigError, match="the environment variable HASH_KEY is not set"):
        loading.load(tmp_path, "here", [job])
    monkeypatch.setenv("HASH_KEY", "hunter2")
    loaded = loading.load(tmp_path, "here", [job])
    assert loaded.params["customer360"].model_dump()["hash_key"] == "hunter2"
    assert "hunter2" not in loaded.redact(loaded.params["customer360"].model_dump_json())
