"""The parameters of `maintain`."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class MaintainParams(Params):
    """When files are put together or removed, and when that is due: as `run all` and `doctor` say."""

    target_file_mb: int = Field(
        default=64,
        ge=1,
        le=1024,
        description="Files below this size, in MB (2^20 bytes), are put together into files of about this size.",
    )
    least_files: int = Field(
        default=8,
        ge=2,
        le=10_000,
        description="A slice of time, or a table without them, with fewer small files is left as it is.",
    )
    retention_hours: int = Field(
        default=168,
        ge=24,
        le=168,
        description="Hours that a file stays after it was replaced, for readers of earlier versions. A week at most, "
        "as Delta's log lists replaced files no longer.",
    )
    least_commits: int = Field(
        default=10,
        ge=1,
        le=10_000,
        description="Commits since the last checkpoint of a table, from which on it is given another.",
    )
    due_files: int = Field(
        default=100,
        ge=1,
        description="Maintenance is due where a table has more small files than this, beyond one in each slice.",
    )
    due_commits: int = Field(
        default=200,
        ge=1,
        description="Or more commits since its last checkpoint than this: every reader goes through them.",
    )
    due_mb: int = Field(
        default=1024,
        ge=1,
        description="Or more MB of files that were replaced longer ago than `retention_hours`.",
    )
    due_days: int = Field(
        default=30,
        ge=1,
        description="Where the folders of the tables cannot be seen from here: days since the last maintenance.",
    )
