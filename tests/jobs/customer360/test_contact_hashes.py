"""Contacts in one form each, told only as keyed hashes; and shown nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hostile import Hostile
from pydantic import SecretStr
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from shop import POT, SHOP, TEA, Shop
from staged import staged

from conftest import ENGINE, Frame
from vitalfew import suite
from vitalfew.config import loading
from vitalfew.config.target import Location, Target
from vitalfew.dataframes.keyed_hashes import with_hash
from vitalfew.engines.engine import Engine
from vitalfew.errors import ConfigError
from vitalfew.jobs.customer360.contact_hashes import identifiers, normalised
from vitalfew.jobs.customer360.params import Customer360Params
from vitalfew.storage.contact_key import kept_in
from vitalfew.storage.contracts import door
from vitalfew.storage.delta import Storage
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


def hmac_of(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.both_engines
def test_only_keyed_hashes_come_out_and_the_key_changes_them(frame: Frame) -> None:
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
    found = identifiers(contacts, JOIN_BY, "", SecretStr("pepper"))
    rows = {row["customer_id"]: row for row in found.collect()}
    assert rows["ann"]["evidence"] == hmac_of("pepper", "email:ann@mail.example")
    assert (rows["bob"]["rule"], rows["bob"]["evidence"], len(rows)) == ("email", None, 2)
    assert found.columns == ["customer_id", "rule", "evidence"]
    assert identifiers(contacts, ("phone",), "", SecretStr("pepper")).collect() == []


def test_without_a_key_nothing_is_hashed(frame: Frame) -> None:
    contacts = frame(CONTACTS, "customer_id | kind | value \n ann | email | ann@mail.example")
    assert identifiers(contacts, JOIN_BY, "", None).collect() == []


@pytest.mark.both_engines
@pytest.mark.parametrize("length", [1, 63, 64, 65, 200])
def test_the_engine_computes_what_the_library_of_python_does(spark: SparkSession, length: int) -> None:
    key = bytes(range(256))[:length]
    texts = ["", "email:ann@mail.example", "Grüße, 日本語"]
    frame = spark.createDataFrame([(text,) for text in [*texts, None]], "text string")
    found = {row["text"]: row["hash"] for row in with_hash(frame, "text", key, "hash").collect()}
    assert found == {None: None} | {text: hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in texts}


@pytest.mark.both_engines
def test_no_plan_tells_the_key(frame: Frame, capsys: pytest.CaptureFixture[str]) -> None:
    key = "Tr0ub4dor&3-correct-horse"
    contacts = frame(CONTACTS, "customer_id | kind | value \n ann | email | ann@mail.example")
    found = identifiers(contacts, JOIN_BY, "", SecretStr(key))
    found.explain(extended=True)
    found.groupBy("evidence").count().explain(extended=True)
    plans = capsys.readouterr().out
    assert "sha" in plans, "a plan is printed"
    assert not [form for form in written_forms(key) if form in plans.lower()]


@contextmanager
def event_log(spark: SparkSession, folder: Path) -> Iterator[None]:
    """Spark's log of what happens meanwhile, written as `spark.eventLog.enabled` would; whole at the end."""
    java: Any = spark._jvm
    context: Any = spark._jsc.sc()
    folder.mkdir()
    conf = context.conf().clone().set("spark.eventLog.compress", "false")
    at = java.java.net.URI(folder.as_uri())
    listener = java.org.apache.spark.scheduler.EventLoggingListener(
        "log", java.scala.Option.empty(), at, conf, context.hadoopConfiguration()
    )
    listener.start()
    context.addSparkListener(listener)
    yield
    context.listenerBus().waitUntilEmpty()
    context.removeSparkListener(listener)
    listener.stop()


@pytest.mark.both_engines
@pytest.mark.skipif(ENGINE != "spark", reason="only Spark keeps an event log")
def test_the_event_log_of_spark_tells_neither_key_nor_contact(
    frame: Frame, spark: SparkSession, tmp_path: Path
) -> None:
    key = "Tr0ub4dor&3-correct-battery"
    contacts = frame(CONTACTS, "customer_id | kind | value \n ann | email | ann@event-log.example")
    found = identifiers(contacts, JOIN_BY, "", SecretStr(key))
    with event_log(spark, tmp_path / "events"):
        found.write.parquet(str(tmp_path / "hashes"))
        assert found.collect()[0]["evidence"] == hmac_of(key, "email:ann@event-log.example")
    logs = [path for path in (tmp_path / "events").rglob("*") if path.is_file()]
    log = "\n".join(path.read_text(errors="replace") for path in logs).lower()
    assert "sha2(" in log, "the plan of the hashes is in it"
    assert not [form for form in [*written_forms(key), "event-log.example"] if form in log]


def written_forms(key: str) -> list[str]:
    """The key and its two pads, as a plan might print bytes."""
    padded = key.encode().ljust(64, b"\0")
    raw = [key.encode(), *[bytes(byte ^ pad for byte in padded)[: len(key)] for pad in (0x36, 0x5C)]]
    texts = [value.decode("latin-1") for value in raw]
    texts += [value.hex() for value in raw] + [base64.b64encode(value)[:-4].decode() for value in raw]
    texts += [value.hex(" ") for value in raw] + [mark.join(map(str, value)) for value in raw for mark in (",", ", ")]
    return [text.lower() for text in texts]


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
    for name, text in {"jobs/customer360.yml": "hash_key: ${HASH_KEY}", "targets/here.yml": "root: here"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    job = suite.JOBS["customer360"]
    with pytest.raises(ConfigError, match="the environment variable HASH_KEY is not set"):
        loading.load(tmp_path, "here", [job])
    monkeypatch.setenv("HASH_KEY", "hunter2")
    with pytest.raises(ConfigError, match="hash_key: a key must have at least 16 characters"):
        loading.load(tmp_path, "here", [job])
    monkeypatch.setenv("HASH_KEY", "hunter2hunter2hunter2")
    params = loading.load(tmp_path, "here", [job]).params["customer360"]
    assert isinstance(params, Customer360Params)
    assert params.hash_key == SecretStr("hunter2hunter2hunter2")


def test_a_key_is_made_once_below_a_local_root_for_its_owner_alone(running: Engine, tmp_path: Path) -> None:
    storage = Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))
    key = storage.contact_key().get_secret_value()
    path = tmp_path / "_keys" / "contacts"
    assert (len(key), key) == (64, path.read_text().strip())
    assert [p.stat().st_mode & 0o777 for p in (path.parent, path)] == [0o700, 0o600]
    assert storage.contact_key().get_secret_value() == key
    assert [p.name for p in path.parent.iterdir()] == ["contacts"]


def test_of_processes_that_make_a_key_at_once_all_get_one(tmp_path: Path) -> None:
    folder = Location(at=str(tmp_path / "_keys"), is_path=True)
    with ThreadPoolExecutor(16) as pool:
        keys = {key.get_secret_value() for key in pool.map(lambda _: kept_in(folder, True), range(64))}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [("", 0o600, "is damaged"), ("ab\n" * 21, 0o600, "is damaged"), ("", 0o644, "chmod 600")],
)
def test_a_key_that_is_damaged_or_open_to_others_is_refused(tmp_path: Path, content: str, mode: int, why: str) -> None:
    (tmp_path / "contacts").write_text(content)
    (tmp_path / "contacts").chmod(mode)
    with pytest.raises(ConfigError, match=why):
        kept_in(Location(at=str(tmp_path), is_path=True), True)


@pytest.mark.parametrize(
    "at", [Location(at="main.vitalfew._keys", is_path=False), Location(at="s3://x/_keys", is_path=True)]
)
def test_where_no_key_can_be_kept_one_must_be_set(at: Location) -> None:
    with pytest.raises(ConfigError, match=r"Set `hash_key: \$\{VITALFEW_HASH_KEY\}`"):
        kept_in(at, False)


def test_a_run_hashes_with_the_key_of_its_place_and_again_when_it_changes(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    columns = {"customer_id": "who", "kind": "what", "value": "reach"}
    shop.target(extra={"files": {"order_lines": SHOP, "contacts": {"at": "in/contacts.csv", "columns": columns}}})
    shop.drop(TEA, POT)
    shop.write("in/contacts.csv", "who,what,reach\nann,email,a@mail.example\nbob,email,a@mail.example\n")
    jobs = ("ingest", "orders", "customer360")
    shop.answers(jobs=jobs)
    path = tmp_path / "_keys" / "contacts"
    assert shop.rows("identities", "evidence") == 2 * [(hmac_of(path.read_text().strip(), "email:a@mail.example"),)]
    assert "customer360: unchanged" in shop.answers(jobs=jobs)
    path.write_text("ab" * 32)
    assert "customer360: published" in shop.answers(jobs=jobs)
    assert shop.rows("identities", "evidence") == 2 * [(hmac_of("ab" * 32, "email:a@mail.example"),)]
    assert not [row for row in shop.rows("runs") if "ab" * 32 in str(row)]
