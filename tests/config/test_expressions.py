"""Expressions from a configuration can compute, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from vitalfew.config.expressions import checked, columns_of, problem
from vitalfew.config.sql_names import is_identifier, literal, quote


@pytest.mark.parametrize(
    ("expression", "sql"),
    [
        ("InvoiceNo", "`InvoiceNo`"),
        ("upper(trim(`Stock Code`))", "upper(trim(`Stock Code`))"),
        ("Date", "`Date`"),
        ("case when no like 'C%' then 'r' else 's' end", "case when (`no` like 'C%') then 'r' else 's' end"),
        ("try_cast(price as decimal(18,2)) * quantity", "try_cast(`price` as decimal(18,2)) * `quantity`"),
        (
            "a.b is not null and not (c in ('x', 'it''s') or d between -1 and 2.5e3)",
            r"(not (`a`.`b` is null)) and (not ((`c` in ('x', 'it\'s')) or (`d` between (- 1) and 2.5e3)))",
        ),
        ("status <> 'TEST; -- not a comment'", "`status` <> 'TEST; -- not a comment'"),
        ("concat_ws(' ', a, null)", "concat_ws(' ', `a`, null)"),
        (r"regexp_replace(a, '\\d+', '')", r"regexp_replace(`a`, '\\d+', '')"),
        ("a - b - -1", "(`a` - `b`) - (- 1)"),
        ("`user`", "`user`"),
        ("date(a) + interval 3 days", "cast(`a` as date) + (interval '3' day)"),
        ("date '2026-01-31'", "cast('2026-01-31' as date)"),
        ("a is not distinct from .5", "`a` <=> 0.5"),
        ("IF(! a, Nvl(b, 1), null)", "if(not `a`, nvl(`b`, 1), null)"),
    ],
)
def test_what_runs_is_written_anew_from_what_was_understood(expression: str, sql: str) -> None:
    assert checked(expression) == sql
    assert checked(sql) == sql, "what is written reads as it was meant"


ATTACKS = [
    # What the trees hold and no expression may.
    ("", "is empty"),
    ("  ", "is empty"),
    ("java_method('java.lang.Runtime', 'exit')", "function java_method is not allowed"),
    ("reflect('java.lang.System', 'getenv', 'HOME')", "function reflect is not allowed"),
    ("uper(x)", "did you mean upper?"),
    ("a.reflect('x')", "\"a.reflect('x')\" is not allowed"),
    ("`reflect`('x', 'y')", "is not allowed"),
    ("`upper`(x)", "is not allowed"),
    ("(select max(x) from t)", "'select' is not allowed"),
    ("a in (select 1)", "'select' is not allowed"),
    ("exists(select 1)", "'exists' is not allowed"),
    ("x; drop table y", "';' is not allowed"),
    ("x -- y", "'-- y' is not allowed"),
    ("x /* y */", "'/* y */' is not allowed"),
    ("/*+ hint */ x", "is not allowed"),
    ("upper(x", "its brackets do not match"),
    ("x) or (y", "its brackets do not match"),
    (r"r'\' || (select max(value) from text.`/etc/passwd`) -- '", "is not allowed: write a text as 'text'"),
    ("R'x'", "is not allowed: write a text as 'text'"),
    ("x'1F'", "is not allowed: write a text as 'text'"),
    ('"x"', "is in double quotes"),
    (r"'\d'", r"write \\d if you mean the backslash too"),
    ("'a' 'b'", "two texts follow each other"),
    ("'a", "is no expression"),
    ("current_user", "is read as the clock, the user or the session"),
    ("Current_Date", "is read as the clock, the user or the session"),
    ("a > current_timestamp", "is read as the clock, the user or the session"),
    ("user", "a column called so needs backquotes"),
    ("localtimestamp", "is read as the clock"),
    ("current_timestamp()", "function current_timestamp is not allowed"),
    ("rand() < 0.5", "function rand is not allowed"),
    ("_metadata.file_path", "_metadata is what an engine knows of files"),
    ("`_metadata`", "_metadata is what an engine knows of files"),
    ("x as other_name", "is no expression"),
    ("interval '1 day 2 hours'", "an interval is a whole number and a unit"),
    ("interval 99999999 year", "an interval is a whole number and a unit"),
    ("x[0]", "'[' is not allowed"),
    ("x::int", "'::' is not allowed"),
    ("@x", "'@' is not allowed"),
    (":x", "':' is not allowed"),
    ("?", "'?' is not allowed"),
    ("{fn upper(x)}", "'{' is not allowed"),
    ("sum(x) over ()", "'over' is not allowed"),
    ("count(*)", "function count is not allowed"),
    ("explode(x)", "function explode is not allowed"),
    ("transform(x, y -> y)", "'->' is not allowed"),
    ("coalesce(distinct a, b)", "is not allowed"),
    ("concat(a, , b)", "a comma has nothing before or after it"),
    ("(a, b)", "is not allowed"),
    ("*", "is not allowed"),
    ("größe", "'größe' is not allowed"),
    ("cast(a as array<int>)", "is not a type to cast to"),
    ("cast(a as varchar(3))", "'varchar' is not allowed"),
    ("cast(a as binary)", "is not a type to cast to"),
    ("cast(a as decimal(40,2))", "is not a type to cast to"),
    ("round(a)(b)", "is no expression"),
    ("round(a, 1, 2)", "function round takes 1 to 2 arguments, not 3"),
    # What takes too much time or room.
    ("rpad('a', 2147483647, 'b')", "argument 2 of rpad is 2147483647; allowed is 0 to 1000"),
    ("lpad(a, b)", "argument 2 of lpad must be written as a whole number"),
    ("round(a, 2147483647)", "argument 2 of round is"),
    ("repeat(a, 1000000)", "function repeat is not allowed"),
    ("space(1000000)", "function space is not allowed"),
    ("replace(replace(a, 'a', 'bbbbbbbbbbb'), 'b', 'aaaaaaaaaaa')", "its result may be too long"),
    ("replace(a, b, c)", "must be written as a text"),
    ("a rlike '(a+)+$'", "a repeat holds another repeat or a choice"),
    ("a rlike '(a|aa)+$'", "a repeat holds another repeat or a choice"),
    ("a rlike '(.*,){11}P'", "a repeat holds another repeat"),
    ("a rlike '.*a.*a.*b'", "it can be tried in too many ways"),
    ("a rlike '" + "a?" * 30 + "'", "it can be tried in too many ways"),
    (r"a rlike '(.)\\1'", "of groups and repeats only"),
    ("a rlike '(?=a)'", "of groups and repeats only"),
    ("a rlike b", "a regular expression must be written as a text"),
    ("a rlike '['", "cannot be read as a regular expression"),
    ("regexp_replace(a, 'x', '$1')", "$ goes before the number of a group"),
    ("a like '%a%b%c%'", "can be tried in too many ways"),
    ("a like b", "the pattern of like must be written as a text"),
    ("(" * 31 + "a" + ")" * 31, "its brackets are nested more than 30 deep"),
    ("not " * 101 + "a", "nested"),
    ("- " * 4_000 + "a", "is no expression"),
    ("+".join(["a"] * 200), "nested"),
    ("a" * 10_001, "has 10,001 characters"),
    ("1" * 39, "is not allowed"),
    ("1e999", "is too large a number"),
    # What the engines, and versions of one, read in different ways.
    ("a = b like 'c'", "can be read in two ways: put brackets around"),
    ("a || b + c", "can be read in two ways"),
    ("a < b < c", "can be read in two ways"),
    ("date 'today'", "is no date or time"),
    ("to_date('now')", "is no date or time"),
    ("date(('tomorrow'))", "is no date or time"),
    ("try_cast('today' as timestamp)", "is no date or time"),
    # What Spark reads by the clock without a cast that is written.
    ("at > 'now'", "'now' is read by the clock"),
    ("' Today ' <= at", "is read by the clock"),
    ("at between 'epoch' and b", "is read by the clock"),
    ("at in ('2025-01-01', ('yesterday'))", "is read by the clock"),
    ("at is distinct from 'today UTC'", "is read by the clock"),
    ("coalesce(at, 'tomorrow')", "is read by the clock"),
    ("case when a = 1 then at else 'now' end", "is read by the clock"),
    ("if(a = 1, 'now', at)", "is read by the clock"),
    ("case at when 'today' then 1 end", "is read by the clock"),
    ("year('now') - 1", "is read by the clock"),
    ("datediff(at, 'today')", "is read by the clock"),
    ("'now' - interval 1 day", "is read by the clock"),
    ("date_format('now', 'yyyy')", "is read by the clock"),
    ("date(concat('to', 'day'))", "is read by the clock"),
    ("at > 'n' || lower('OW')", "is read by the clock"),
    ("at = cast('now' as string)", "is read by the clock"),
    ("cast(coalesce(null, 'NOW') as date)", "is read by the clock"),
    ("'now'", "is read by the clock"),
]


@pytest.mark.parametrize(("expression", "why"), ATTACKS, ids=[text[:40] for text, _ in ATTACKS])
def test_anything_else_is_refused_with_a_reason(expression: str, why: str) -> None:
    assert why in str(problem(expression))


@pytest.mark.parametrize(
    "expression",
    [
        "string(status) = 'today'",
        "lower(status) in ('now', 'later')",
        "status = 'nowhere' or status = 'epochal'",
        "case when a > 1 then 'now' else 'later' end",
        "coalesce(trim(status), 'now')",
        "status like 'now%' or contains(status, 'today')",
        "replace(status, 'now', 'today')",
        "to_date(at, 'yyyy') > date '2025-01-01'",
        "status = lower('ABC')",
        "'known'",
    ],
)
def test_a_text_that_is_known_to_be_one_may_be_called_like_a_day(expression: str) -> None:
    assert problem(expression) is None


def test_names_without_backquotes_that_hold_spaces_are_answered_with_the_line_to_paste() -> None:
    assert str(problem("Order ID", "order_id")).endswith('write order_id: "`Order ID`"')
    assert str(problem("Unit Price * Qty", "amount")).endswith('write amount: "`Unit Price` * Qty"')


def test_the_columns_of_an_expression_are_those_that_it_reads() -> None:
    assert columns_of("upper(`Order ID`) || case when a.b > 1 then 'x' else date(c) end") == {"Order ID", "a", "c"}
    assert columns_of("no ( expression") == set()


@pytest.mark.parametrize(
    "pattern",
    [
        "[.]0$",
        "^C",
        r"^[A-Z]{2}[0-9]+-x$",
        r"([0-9]+)-([0-9]+)-([0-9]+)",
        "(?i)^gift|^voucher",
        r"\s+$",
        "^(.*) - .*$",
        "colou?r",
    ],
)
def test_ordinary_regular_expressions_are_allowed(pattern: str) -> None:
    assert problem(f"a rlike {literal(pattern)}") is None


@pytest.mark.parametrize(
    "hard", ["(" * 30, "case when " * 900, "((a)" * 29 + ")" * 29, "not(" * 30, "a in (" * 30, "`" * 9_999]
)
def test_a_verdict_comes_at_once(hard: str) -> None:
    start = time.thread_time()
    problem(hard)
    assert time.thread_time() - start < 10


def test_what_is_slow_to_load_is_loaded_only_where_it_is_used() -> None:
    code = "import sys; from vitalfew import cli, suite; from vitalfew.config import expressions; sys.exit(bool({'sqlglot', 'scipy.stats'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_names_are_checked_part_by_part_and_quoted() -> None:
    assert quote("main.sales.order_lines") == "`main`.`sales`.`order_lines`"
    assert not is_identifier("a-b")
    with pytest.raises(ValueError, match="is not a name"):
        quote("a`; drop table b")


def test_a_literal_cannot_end_its_own_quotes() -> None:
    assert literal("it's a \\ trap\n") == "'it\\'s a \\\\ trap\\n'"
