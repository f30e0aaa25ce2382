"""Messages about private data hold kinds and counts, never content; and so does what `runs` keeps."""

from __future__ import annotations

import io
import traceback
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
from hostile import Hostile
from pyspark.errors import PySparkException
from shop import POT, SHOP, TEA
from staged import staged

from conftest import Frame
from vitalfew import confidential
from vitalfew.cli import main
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine, first_line
from vitalfew.engines.failures import unexpected
from vitalfew.errors import QualityError, TableError, VitalFewError
from vitalfew.procedures.ingest.readers import reading
from vitalfew.procedures.ingest.readers.parts import Layout, UnreadableError
from vitalfew.storage.contracts import conform
from vitalfew.tables.sources import CONTACTS, ORDER_LINES, PRODUCTS

MAIL, PHONE = "ann@planted.example", "+43 664 7654321"
COLUMNS = {"customer_id": "who", "kind": "what", "value": "reach"}


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.drop(TEA, POT)
    return shop


def with_contacts(shop: Hostile, content: str | bytes, **settings: Any) -> None:
    given = {"at": "in/contacts", "columns": COLUMNS, **settings}
    shop.target(extra={"files": {"order_lines": SHOP, "contacts": given}})
    shop.write("in/contacts", content)


def is_silent(shop: Hostile, said: str) -> None:
    """Neither the message nor any row of `runs` holds what was planted."""
    for text in (said, str(shop.rows("runs"))):
        assert "planted" not in text
        assert "7654321" not in text


@pytest.mark.parametrize(
    ("content", "settings", "why"),
    [
        (f"C0,email,{MAIL}\nC1,phone,{PHONE}\n", {}, "has no column reach, what, who. It has 3, whose names are not"),
        (f"who;what;{MAIL}\nC1;phone;{PHONE}\n", {}, "has one column: `separator` is ',', and it looks like ';'."),
        (f"{MAIL}\n", {}, "has no column reach, what, who. It has 1, whose names are not shown"),
        (f"whos,whats,reaches,{MAIL}\n", {}, "has no column reach, what, who. It has 4"),
        (
            f"C0,email,{MAIL},{PHONE}\n",
            {"header": False, "names": ["who", "what", "reach"]},
            "has 4 cells in its first",
        ),
        (f"C0,email,{MAIL}\r".encode() * 9, {}, "carriage return alone"),
        (f"{MAIL}".encode(), {"format": "parquet"}, "is no Parquet: it does not begin as one"),
        (b"\x1f\x8b" + MAIL.encode(), {}, "is compressed by gzip"),
        (b"\x1e\x8b" + MAIL.encode(), {"encoding": "utf-16"}, "codeError"),
    ],
)
def test_a_file_of_contacts_that_is_written_otherwise_is_not_quoted(
    shop: Hostile, content: str | bytes, settings: dict[str, Any], why: str
) -> None:
    with_contacts(shop, content, **settings)
    said = shop.refused(3, "run", "ingest")
    assert why in said
    is_silent(shop, said)


def test_a_file_of_contacts_that_does_not_fit_is_counted_by_reason(shop: Hostile) -> None:
    with_contacts(shop, f"who,what,reach\n,email,{MAIL}\n,phone,{PHONE}\n")
    said = shop.refused(4, "run", "ingest")
    assert "2 of 2 new rows would be refused" in said
    assert "2 rows: customer_id is missing" in said
    is_silent(shop, said)


def test_other_sources_still_say_what_they_hold(shop: Hostile) -> None:
    shop.target()
    shop.drop("1", header="identity")
    assert "It has: identity." in shop.refused(3, "run", "ingest")


@pytest.mark.parametrize("mapping", ["value + 1", "cast_me"])
def test_an_engine_that_stumbles_over_a_contact_is_not_quoted(shop: Hostile, mapping: str) -> None:
    shop.target()
    shop.answers(jobs=("ingest", "orders"))
    query = f"select 'c0' customer_id, 'email' kind, '{MAIL}' value, timestamp'2025-01-01 00:00:00' updated_at"
    column = {
        "value + 1": {"customer_id": "concat(value + 1, '')"},
        "cast_me": {"customer_id": "concat(date_add(value, 1), '')"},
    }
    shop.table("contacts", query, columns=column[mapping])
    said = shop.run("run", "customer360", "--as-of", "2025-02-01")
    assert said.code in (3, 5), said.text
    assert "it may quote contact details" in said.text
    is_silent(shop, said.text)


@pytest.mark.parametrize("expression", ["cast(value as int)", "CAST (value as int)", "int(value)", "to_date(value)"])
@pytest.mark.parametrize("where", ["sources", "files"])
def test_a_mapping_of_contacts_that_can_fail_is_refused(expression: str, where: str) -> None:
    theirs = {"customer_id": f"concat({expression}, '')", "kind": "kind", "value": "value"}
    with pytest.raises(ValueError, match="use try_cast"):
        Target.model_validate({"root": "/data", where: {"contacts": {"at": "x", "columns": theirs}}})
    fitting = {**theirs, "customer_id": "concat(try_cast(value as int), ' cast(')"}
    Target.model_validate({"root": "/data", where: {"contacts": {"at": "x", "columns": fitting}}})
    Target.model_validate({"root": "/data", "sources": {"products": {"at": "x", "columns": {"name": expression}}}})


def test_no_trace_that_is_asked_for_quotes_a_contact(shop: Hostile) -> None:
    shop.target()
    shop.answers(jobs=("ingest", "orders"))
    query = f"select 'c0' customer_id, 'email' kind, '{MAIL}' value, timestamp'2025-01-01 00:00:00' updated_at"
    shop.table("contacts", query, columns={"customer_id": "concat(date_add(value, 1), '')"})
    told = io.StringIO()
    shop.monkeypatch.setattr(
        "sys.argv",
        [
            "vitalfew",
            "run",
            "customer360",
            "--as-of=2025-02-01",
            "--debug",
            f"--conf={shop.root}/conf",
            "--target=here",
        ],
    )
    with redirect_stderr(told), pytest.raises(VitalFewError) as caught:
        main()
    assert MAIL not in told.getvalue() + "".join(traceback.format_exception(caught.value))


def test_a_condition_that_stumbles_over_contacts_is_not_quoted(shop: Hostile) -> None:
    with_contacts(shop, f"who,what,reach\nc0,email,{MAIL}\n")
    shop.answers(jobs=("ingest",))
    is_silent(shop, shop.refused(2, "show", "contacts", "--contacts", "--where", "date_add(value, 1) is null"))


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_contact_details_are_told_only_where_they_are_asked_for(shop: Hostile, form: str) -> None:
    with_contacts(shop, f"who,what,reach\nc0,email,{MAIL}\nc1,phone,{PHONE}\n")
    shop.answers(jobs=("ingest",))
    masked = shop.run("show", "contacts", "--format", form, "--where", "customer_id = 'c0'")
    assert masked.code == 0
    assert f"[{len(MAIL)} characters]" in masked.text
    assert "--contacts shows them" in masked.text
    is_silent(shop, masked.text)
    asked = shop.run("show", "contacts", "--format", form, "--contacts", "--where", f"value = '{MAIL}'")
    assert MAIL in asked.text
    assert "masked" not in asked.text
    assert "masked" not in shop.run("show", "contacts", "--columns", "customer_id,kind").text


@pytest.mark.parametrize("option", [("--where", "startswith(value, 'a')"), ("--by", "value")])
@pytest.mark.parametrize(
    "command", [("show", "contacts"), ("export", "contacts", "--columns", "kind", "--to", "a.csv")]
)
def test_no_condition_and_no_order_tells_what_is_masked(
    shop: Hostile, command: tuple[str, ...], option: tuple[str, ...]
) -> None:
    said = shop.refused(2, *command, *option)
    assert f"{option[0]} asks for value, a contact detail of contacts: add --contacts." in said


def test_a_file_of_contact_details_is_written_only_where_that_is_asked_for(shop: Hostile) -> None:
    with_contacts(shop, f"who,what,reach\nc0,email,{MAIL}\n")
    shop.answers(jobs=("ingest",))
    to = shop.root / "contacts.csv"
    for columns in ((), ("--columns", "kind,value")):
        said = shop.refused(2, "export", "contacts", "--to", str(to), *columns)
        assert "value of contacts holds contact details: to write them to a file, add --contacts" in said
        assert not to.exists()
    assert shop.run("export", "contacts", "--to", str(to), "--columns", "customer_id,kind").code == 0
    assert "planted" not in to.read_text(encoding="utf-8")
    assert shop.run("export", "contacts", "--to", str(to), "--contacts").code == 0
    assert MAIL in to.read_text(encoding="utf-8")
    assert to.stat().st_mode & 0o777 == 0o600


def test_an_error_keeps_its_silence_when_it_is_worded_later() -> None:
    def fail(*tables: Any) -> Exception:
        try:
            with confidential.about(*tables):
                raise ValueError(MAIL)
        except ValueError as error:
            return error

    silent = fail(ORDER_LINES, CONTACTS)
    assert first_line(silent).startswith("ValueError (what it says is not shown")
    assert MAIL not in str(unexpected(silent)) + "".join(traceback.format_exception(unexpected(silent)))
    assert first_line(fail(ORDER_LINES)) == MAIL


def test_silence_holds_inside_and_ends_outside() -> None:
    with confidential.about(CONTACTS):
        with confidential.about(PRODUCTS):
            assert MAIL not in first_line(ValueError(MAIL))
        assert MAIL not in first_line(TableError(MAIL))
    assert first_line(ValueError(MAIL)) == MAIL


def test_the_name_that_an_engine_has_for_an_error_is_kept(spark: Any) -> None:
    with pytest.raises(PySparkException) as error:
        spark.sql("select * from nowhere").collect()
    assert confidential.kind(error.value).startswith(type(error.value).__name__)


def test_readers_of_private_files_say_what_we_say_and_nothing_that_a_library_says() -> None:
    private = Layout("csv", ("who",), is_private=True)
    assert reading.trouble(UnreadableError("is empty"), private) == "is empty"
    assert reading.trouble(ValueError(MAIL), private) == "cannot be read: ValueError"
    assert reading.trouble(ValueError(MAIL), Layout("csv", ("who",))) == MAIL


def test_a_result_that_breaks_its_contract_shows_no_contact(frame: Frame) -> None:
    contacts = frame(CONTACTS, f"customer_id | kind | value \n ~ | email | {MAIL} \n a | b | {MAIL} \n a | b | {MAIL}")
    with pytest.raises(QualityError, match=r"1 of 3 rows break it\n.*1 values occur more than once$") as error:
        conform(contacts, CONTACTS, None, staged)
    assert "planted" not in str(error.value)
    products = frame(PRODUCTS, f"product_id | name | brand \n x | {MAIL} | b \n x | {MAIL} | b")
    with pytest.raises(QualityError, match="such as Row") as error:
        conform(products, PRODUCTS, None, staged)
    assert "planted" not in str(error.value)
