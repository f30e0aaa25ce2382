"""The procedure `maintain`: small files put together, replaced ones removed, logs shortened; table by table.

No row changes. Tables of a job that is running are left for the next time.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import cast

from vitalfew.errors import ConfigError, TableError
from vitalfew.jobs.maintain.params import MaintainParams
from vitalfew.procedures.context import Context, Guard, Performed, Plan
from vitalfew.storage import purging, upkeep
from vitalfew.storage.upkeep import MB, Kept, Rules
from vitalfew.tables import Table

NO_LIBRARY = "To look after tables on engine sail, install the package deltalake (pip install vitalfew[sail])."


def planned(context: Context) -> Plan:
    """ConfigError where what the engine cannot do by itself cannot be done here."""
    if not purging.can_purge(context.storage):
        raise ConfigError(NO_LIBRARY)
    return Plan(lambda: performed(context))


def rules(params: MaintainParams) -> Rules:
    return Rules(params.target_file_mb * MB, params.least_files, params.retention_hours, params.least_commits)


def performed(context: Context) -> Performed:
    """What was done, as JSON in the report; TableError at the end, where a table could not be looked after."""
    found, left, failed = [], [], []
    guard = cast(Guard, context.guard)
    for tables in guard.groups():
        seen = [kept_up(context, table, is_dry=True) for table in tables]
        if all(one.is_idle for one in seen):
            found += seen
            continue
        with guard.held(tables) as reason:
            if reason:
                left.append(f"not looked after this time, as {reason}: {', '.join(table.name for table in tables)}")
                continue
            for table in tables:
                try:
                    found.append(kept_up(context, table))
                except TableError as error:
                    failed.append(str(error))
    if failed:
        raise TableError("; ".join([*failed, *left]))
    notes = [*left, *[f"{one.table}: {one.note}" for one in found if one.note]]
    report = json.dumps({"tables": [asdict(one) for one in found], "notes": left})
    return Performed(upkeep.totals(found), notes=tuple(notes), report=report)


def kept_up(context: Context, table: Table, is_dry: bool = False) -> Kept:
    guard = cast(Guard, context.guard)
    params = cast(MaintainParams, context.params)
    return upkeep.keep_up(context.storage, table, rules(params), guard.needed(table), is_dry)


def expected(context: Context) -> list[Kept]:
    """What a run would do, by table; nothing is written."""
    tables = [table for group in cast(Guard, context.guard).groups() for table in group]
    return [kept_up(context, table, is_dry=True) for table in tables]
