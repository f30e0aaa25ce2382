"""What is refused, and when too much of it stops everything: the parameters of `ingest`."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from vitalfew.params import Params


class IngestParams(Params):
    """What is refused, and when too much of it stops everything."""

    max_quarantined_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Share of the new rows of a source, and of their money, that may be refused; beyond it nothing is "
        "written.",
    )
    least_pattern: int | None = Field(
        default=5,
        ge=2,
        description="This many refused cells of one sign, size, file or month, and hardly any other, are an error; "
        "null: never.",
    )
    longest_value: int = Field(default=10_000, ge=1, le=100_000_000, description="Characters of a cell, at most.")
    earliest: date = Field(default=date(1970, 1, 1), description="Times before this day are impossible.")
    days_ahead: int = Field(
        default=1, ge=0, le=366_000, description="Times more than this many days after the run are impossible."
    )
    trust_file_times: bool = Field(
        default=True, description="A file whose path, size and time of change are known is not read again."
    )
