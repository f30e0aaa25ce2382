"""Writes what other tools read of our tables: python scripts/make_semantics.py [--check] [--schema NAME]

deploy/semantics/vitalfew.osi.yml is a semantic model by Open Semantic Interchange 1.0 (datasets, fields, relationships,
metrics), deploy/dbt/vitalfew_sources.yml are dbt sources. Both are made of the declared tables. --check changes nothing
and ends with 1 where a file is out of date. --schema is the schema (or catalog.schema) that your tables lie in.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from vitalfew import suite
from vitalfew.messages.sentences import closed_values
from vitalfew.tables import Column, Table

ROOT = Path(__file__).parents[1]
SCHEMA = "vitalfew"
HEAD = "# Written by scripts/make_semantics.py from the declared tables. Change these, not this file.\n"
REFERENCES: Mapping[str, tuple[str, ...]] = {
    "customer_profile": ("customer_id",),
    "products": ("product_id",),
    "orders": ("order_id",),
    "customer360": ("as_of", "person_id"),
    "rfm": ("as_of", "customer_id"),
    "rfm_segments": ("as_of", "segment"),
    "cluster_profiles": ("as_of", "cluster"),
}
"""Tables that others lead to, and their keys: of a table with all these columns, each row belongs to one row there."""
METRICS: Mapping[str, tuple[str, str]] = {
    "customers": ("COUNT(DISTINCT rfm.customer_id)", "Customers with a score; of one as_of."),
    "revenue": ("SUM(orders.net_amount)", "Money of orders, returns taken off."),
    "order_count": (
        "COUNT(DISTINCT CASE WHEN orders.kind = 'sale' THEN orders.order_id END)",
        "Orders that are sales.",
    ),
    "average_order_value": (
        "SUM(CASE WHEN orders.kind = 'sale' THEN orders.net_amount END)"
        " / COUNT(DISTINCT CASE WHEN orders.kind = 'sale' THEN orders.order_id END)",
        "Mean money of an order that is a sale.",
    ),
    "open_alerts": ("SUM(alert_totals.open)", "Alerts that are open; of one as_of."),
    "expected_gain": (
        "SUM(action_plan.expected_gain)",
        "What the planned actions are expected to bring; of one as_of.",
    ),
    "forecast_units": ("SUM(product_demand.units)", "Units that will be asked for; of one as_of."),
}
"""By name: an expression in ANSI SQL, and what it measures."""
RESERVED = frozenset(
    """all and any as asc between by case cast check column create cross desc distinct else end except exists false
    fetch for from full grant group having in inner intersect into is join left like limit natural not null offset on or
    order outer primary references right select set some table then to true union unique update user using when where
    with""".split()
)
"""Words that no column can be called in SQL without quotes."""
ONE_DAY = "Each as_of is a whole state of the table: choose one day, such as the newest, and never add up over days."


def is_open(table: Table) -> bool:
    """Whether other tools are told of it: no contacts, nothing that describes persons by what they typed."""
    return not table.is_owner_only


def described(column: Column, table: Table) -> str:
    """What a column means, and what it can hold, where that is a closed set."""
    values = closed_values(table).get(column.name)
    return f"{column.comment} One of: {', '.join(values)}." if values else column.comment


def row(table: Table) -> str:
    return f"One row is {table.row}."


def semantic_model(schema: str) -> dict[str, Any]:
    """The tables as Open Semantic Interchange 1.0 has them."""
    tables = [t for t in suite.TABLES.values() if is_open(t) and (t.kind in ("fact", "result") or t.name in REFERENCES)]
    model = {
        "name": "vitalfew",
        "description": "Results of customer analytics by Vital Few, and the facts that they are made of.",
        "ai_context": {"instructions": ONE_DAY},
        "datasets": [dataset(table, schema) for table in tables],
        "relationships": [each for table in tables for each in relationships(table)],
        "metrics": [
            {"name": name, "expression": ansi(text), "description": meaning}
            for name, (text, meaning) in METRICS.items()
        ],
    }
    return {"semantic_model": [model]}


def dataset(table: Table, schema: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": table.name, "source": f"{schema}.{table.name}"}
    if table.key:
        found["primary_key"] = list(table.key)
    found["description"] = row(table)
    if table.slice == "as_of":
        found["ai_context"] = {"instructions": ONE_DAY}
    found["fields"] = [
        {
            "name": column.name,
            "expression": ansi(f'"{column.name}"' if column.name in RESERVED else column.name),
            **({"dimension": Inline(is_time=True)} if column.type in ("date", "timestamp") else {}),
            "description": described(column, table),
        }
        for column in table.declared
    ]
    return found


def ansi(text: str) -> dict[str, Any]:
    return Inline(dialects=[Inline(dialect="ANSI_SQL", expression=text)])


def relationships(table: Table) -> list[dict[str, Any]]:
    """Where a row of `table` leads to one row of another."""
    return [
        {
            "name": f"{table.name}_to_{other}",
            "from": table.name,
            "to": other,
            "from_columns": list(key),
            "to_columns": list(key),
        }
        for other, key in REFERENCES.items()
        if table.name != other and set(key) <= set(table.columns) and is_open(suite.TABLES[other])
    ]


def dbt_sources(schema: str) -> dict[str, Any]:
    """Facts, results and the log of runs as sources of dbt, so that a model says `source('vitalfew', 'rfm')`."""
    tables = [t for t in suite.TABLES.values() if is_open(t) and (t.kind in ("fact", "result") or t.name == "runs")]
    source = {
        "name": "vitalfew",
        "schema": schema.rpartition(".")[2],
        **({"database": schema.rpartition(".")[0]} if "." in schema else {}),
        "description": f"Results of Vital Few. {ONE_DAY}",
        "tables": [
            {
                "name": table.name,
                "description": row(table),
                "config": {"meta": {"key": list(table.key), "written_by": writer(table)}},
                "columns": [
                    {
                        "name": column.name,
                        "description": described(column, table),
                        "data_type": column.type,
                        **({"data_tests": ["not_null"]} if column.name in table.key and column.required else {}),
                    }
                    for column in table.declared
                ],
            }
            for table in tables
        ],
    }
    return {"version": 2, "sources": [source]}


def writer(table: Table) -> str:
    job = suite.owner(table)
    return job.name if job else "every run"


class Inline(dict[str, Any]):
    """A value that is written on the line of its name."""


class Plain(yaml.SafeDumper):
    """Writes a value in full wherever it is used, and lists below the name that they are of."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        return super().increase_indent(flow, False)


Plain.add_representer(Inline, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, True))


def text(content: Mapping[str, Any]) -> str:
    return HEAD + yaml.dump(content, Dumper=Plain, sort_keys=False, allow_unicode=True, width=10_000)


def files(schema: str = SCHEMA) -> dict[Path, str]:
    """By path, what is to be in it."""
    return {
        ROOT / "deploy" / "semantics" / "vitalfew.osi.yml": text(semantic_model(schema)),
        ROOT / "deploy" / "dbt" / "vitalfew_sources.yml": text(dbt_sources(schema)),
    }


def main(arguments: Sequence[str]) -> int:
    """1 where a file is out of date and `--check` was asked for, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--schema", default=SCHEMA)
    given = parser.parse_args(arguments)
    stale = {
        path: content
        for path, content in files(given.schema).items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    }
    for path, content in stale.items():
        if given.check:
            print(f"{path.relative_to(ROOT)} is out of date: run python scripts/make_semantics.py")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return int(given.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
