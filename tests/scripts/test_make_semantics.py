"""What is generated for other tools is current, has the documented form, and its expressions are run by a database."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import make_semantics
import pytest
import yaml

from vitalfew.suite import TABLES

FILES = make_semantics.files()
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast
OSI, DBT = (yaml.load(text, LOADER) for text in FILES.values())  # noqa: S506
TEXT, LIST = str, list
CONTEXT = {"ai_context": (str, dict), "custom_extensions": list}
OSI_1_0: dict[str, dict[str, Any]] = {
    "model": {"name": TEXT, "description": TEXT, "datasets": LIST, "relationships": LIST, "metrics": LIST, **CONTEXT},
    "dataset": {
        "name": TEXT,
        "source": TEXT,
        "primary_key": LIST,
        "unique_keys": LIST,
        "description": TEXT,
        "fields": LIST,
        **CONTEXT,
    },
    "field": {"name": TEXT, "expression": dict, "dimension": dict, "label": TEXT, "description": TEXT, **CONTEXT},
    "relationship": {
        "name": TEXT,
        "from": TEXT,
        "to": TEXT,
        "from_columns": LIST,
        "to_columns": LIST,
        **CONTEXT,
    },
    "metric": {"name": TEXT, "expression": dict, "description": TEXT, **CONTEXT},
}
"""By kind of entry, the fields that the specification 1.0 has, and their types."""
REQUIRED = {
    "model": {"name", "datasets"},
    "dataset": {"name", "source"},
    "field": {"name", "expression"},
    "relationship": {"name", "from", "to", "from_columns", "to_columns"},
    "metric": {"name", "expression"},
}
MODEL = OSI["semantic_model"][0]


def check(kind: str, entry: dict[str, Any]) -> None:
    """AssertionError where an entry is none of this kind."""
    assert REQUIRED[kind] <= entry.keys() <= OSI_1_0[kind].keys(), entry
    assert all(isinstance(value, OSI_1_0[kind][name]) for name, value in entry.items()), entry
    for dialect in entry.get("expression", {"dialects": []})["dialects"]:
        assert dialect.keys() == {"dialect", "expression"}
        assert dialect["dialect"] == "ANSI_SQL"


def test_the_files_are_those_of_the_declared_tables() -> None:
    stale = [path.name for path, text in FILES.items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run python scripts/make_semantics.py"


def test_the_semantic_model_has_the_form_of_the_specification() -> None:
    assert OSI.keys() == {"semantic_model"}
    check("model", MODEL)
    for dataset in MODEL["datasets"]:
        check("dataset", dataset)
        for field in dataset["fields"]:
            check("field", field)
            assert set(field.get("dimension", {})) <= {"is_time"}
    for kind, entries in (("relationship", MODEL["relationships"]), ("metric", MODEL["metrics"])):
        names = [entry["name"] for entry in entries]
        assert len(names) == len({*names}) > 5
        for entry in entries:
            check(kind, entry)


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    """The declared tables, without rows."""
    made = duckdb.connect()
    made.execute("create schema vitalfew")
    for table in TABLES.values():
        columns = ", ".join(f'"{column.name}" {other(column.type)}' for column in table.declared)
        made.execute(f"create table vitalfew.{table.name} ({columns})")
    return made


def other(spark: str) -> str:
    """A type of Spark as DuckDB calls it."""
    return re.sub(r"array<(.*)>", r"\1[]", spark.replace("map<string,string>", "map(varchar, varchar)"))


def test_a_database_runs_each_field_relationship_and_metric(database: duckdb.DuckDBPyConnection) -> None:
    datasets = {dataset["name"]: dataset for dataset in MODEL["datasets"]}
    for dataset in datasets.values():
        fields = ", ".join(field["expression"]["dialects"][0]["expression"] for field in dataset["fields"])
        database.execute(f"select {fields} from {dataset['source']}")
    for each in MODEL["relationships"]:
        one = datasets[each["to"]]
        assert each["to_columns"] == one["primary_key"]
        equal = " and ".join(
            f"a.{left} = b.{right}" for left, right in zip(each["from_columns"], each["to_columns"], strict=True)
        )
        database.execute(f"select 1 from {datasets[each['from']]['source']} a join {one['source']} b on {equal}")
    for metric in MODEL["metrics"]:
        said = metric["expression"]["dialects"][0]["expression"]
        (name,) = {*re.findall(r"\b(\w+)\.\w+", said)}
        database.execute(f"select {said} from {datasets[name]['source']}")


def test_nothing_is_said_of_tables_that_hold_contacts_or_describe_persons() -> None:
    closed = {name for name, table in TABLES.items() if table.is_owner_only}
    assert closed
    named = {dataset["name"] for dataset in MODEL["datasets"]} | {
        table["name"] for table in DBT["sources"][0]["tables"]
    }
    assert not closed & named
    results = {name for name, table in TABLES.items() if table.kind in ("fact", "result")} - closed
    assert results <= named


def test_dbt_finds_each_source_with_its_columns() -> None:
    assert DBT["version"] == 2
    (source,) = DBT["sources"]
    assert (source["name"], source["schema"]) == ("vitalfew", "vitalfew")
    for table in source["tables"]:
        assert table.keys() == {"name", "description", "config", "columns"}
        declared = TABLES[table["name"]]
        assert [column["name"] for column in table["columns"]] == [*declared.columns]
        assert all(column["data_type"] == declared.type_of(column["name"]) for column in table["columns"])
        tested = [column["name"] for column in table["columns"] if "data_tests" in column]
        assert tested == [name for name in declared.columns if name in declared.key and name in declared.required]


def test_a_schema_of_a_catalog_is_written_where_it_is_asked_for() -> None:
    source = make_semantics.dbt_sources("main.shop")["sources"][0]
    assert (source["database"], source["schema"]) == ("main", "shop")
    model = make_semantics.semantic_model("main.shop")["semantic_model"][0]
    assert model["datasets"][0]["source"] == "main.shop.products"


def test_check_tells_what_is_out_of_date(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make_semantics, "ROOT", tmp_path)
    monkeypatch.setattr(make_semantics, "files", lambda _: {tmp_path / "deploy" / "a.yml": "a: 1\n"})
    assert make_semantics.main(["--check"]) == 1
    assert "deploy/a.yml is out of date" in capsys.readouterr().out
    assert make_semantics.main([]) == 0
    assert make_semantics.main(["--check"]) == 0
