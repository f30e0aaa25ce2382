"""Which version of each table is published, in words or as JSON, with queries for other tools."""

from __future__ import annotations

import json

from vitalfew.config.loading import Config
from vitalfew.errors import TableError
from vitalfew.runs import manifest
from vitalfew.runs.manifest import PublishedTable
from vitalfew.runs.published import Published
from vitalfew.storage.delta import Storage


def listed(storage: Storage, config: Config, as_json: bool) -> str:
    """One entry for each table of which a run has been published; TableError where there is none."""
    found = manifest.listed(Published(storage, config.target.files))
    if not found:
        raise TableError(f"Nothing is published at {storage.target.root}; run the jobs first: vitalfew run all.")
    if as_json:
        return json.dumps({one.table.name: entry(one) for one in found}, indent=2)
    return "\n".join(line for one in found for line in lines(one))


def entry(one: PublishedTable) -> dict[str, object]:
    return {**one.as_dict(), "queries": {"spark": one.spark_sql, **one.python}}


def lines(one: PublishedTable) -> list[str]:
    days = f", as of {one.slices[-1]}" if one.slices else ""
    more = f" and {len(one.slices) - 1} days before" if len(one.slices) > 1 else ""
    told = [f"{one.table.name}: version {one.snapshot.version}{days}{more}, by {one.job} (run {one.run_id})"]
    queries = {"spark": one.spark_sql, **one.python}
    return told + [f"    {name + ':':<10} {query}" for name, query in queries.items()]
