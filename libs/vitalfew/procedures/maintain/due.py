"""Whether maintenance is due at a target, by the settings of `maintain`."""

from __future__ import annotations

from typing import cast

from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.jobs.maintain.params import MaintainParams
from vitalfew.storage import upkeep_due
from vitalfew.storage.upkeep import MB
from vitalfew.storage.upkeep_due import Limits
from vitalfew.suite import TABLES
from vitalfew.tables import Table

SHOWN = 3


def tables(config: Config) -> dict[str, list[str]] | None:
    """By table, why it is due; None where no folder of a table can be seen from here.

    `config` has the settings of `maintain` among its parameters.
    """
    target, params = config.target, cast(MaintainParams, config.params["maintain"])
    limits = Limits(
        params.target_file_mb * MB,
        params.due_files,
        params.due_commits,
        params.due_mb * MB,
        params.retention_hours,
    )
    found = upkeep_due.folders(target, [table.name for table in TABLES.values() if is_ours(table, target)])
    if not found:
        return None
    reasons = {name: upkeep_due.due(folder, limits) for name, folder in found.items()}
    return {name: told for name, told in reasons.items() if told}


def is_ours(table: Table, target: Target) -> bool:
    """Whether the suite writes the files of `table`: a source that comes from files, and all that is no source."""
    return table.kind != "source" or table.name in target.files


def sentence(found: dict[str, list[str]]) -> str:
    """The tables that are due, in one sentence without an end."""
    told = [f"{name} ({', '.join(why)})" for name, why in sorted(found.items())]
    more = f", and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return f"Maintenance is due: {', '.join(told[:SHOWN])}{more}"


def by_days(days_since: int | None, config: Config) -> str:
    """The same where no folder is seen: by the days from the last maintenance, or the first run, to the last run."""
    params = cast(MaintainParams, config.params["maintain"])
    if days_since is None or days_since <= params.due_days:
        return ""
    return f"Maintenance is due: {days_since:,} days since the last"
