"""What the tools can be asked: their arguments, checked, and what is wrong with them in plain words."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitalfew.errors import ConfigError, hint
from vitalfew.visible_text import visible

LONGEST_NAME = 200
LONGEST_QUERY = 10_000
MOST_ROWS = 10_000
DAY = Field(default="latest", max_length=20, description="Day of observation, YYYY-MM-DD, or latest.")
NAME = Field(max_length=LONGEST_NAME, description="Name of a table, as list_tables gives it.")
OPTION = re.compile(r"--(as-of|customer|job|limit)(?![\w-])")
"""Options of the command line that are arguments here."""


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Nothing(Asked):
    """No arguments."""


class OfTable(Asked):
    table: str = NAME


class OfQuery(Asked):
    sql: str = Field(
        max_length=LONGEST_QUERY,
        description="One SELECT over tables by their plain names: with, join (on an equality), where, group by, "
        "having, order by, limit; the aggregates avg, count, max, min and sum.",
    )
    as_of: str = DAY
    limit: int = Field(default=100, ge=1, le=MOST_ROWS, description="Rows to answer; the server may allow fewer.")


class OfColumn(Asked):
    table: str = NAME
    column: str = Field(max_length=LONGEST_NAME, description="Name of a column of it.")
    customer: str | None = Field(
        default=None, max_length=LONGEST_NAME, description="A customer id: what the table says of this one, too."
    )
    as_of: str = DAY


class OfRuns(Asked):
    job: str | None = Field(default=None, max_length=LONGEST_NAME, description="Only runs of this job.")
    failed: bool = Field(default=False, description="Only runs that were not published.")
    limit: int = Field(default=20, ge=1, le=200, description="The newest this many.")


class OfFindings(Asked):
    as_of: str = DAY
    question: str | None = Field(
        default=None, max_length=LONGEST_NAME, description="Only the answer to this one, by its question_code."
    )


Kind = TypeVar("Kind", bound=Asked)


def checked(kind: type[Kind], arguments: dict[str, Any]) -> Kind:
    """The arguments; ConfigError, with all that is wrong, where they are none of `kind`."""
    try:
        return kind.model_validate(arguments)
    except ValidationError as error:
        found = [wrong(kind, each["loc"], each["type"], each["msg"]) for each in error.errors()]
        raise ConfigError(" ".join(found)) from None


def wrong(kind: type[Asked], place: tuple[int | str, ...], what: str, message: str) -> str:
    name = visible(str(place[0]))[:LONGEST_NAME] if place else "the arguments"
    if what == "extra_forbidden":
        return f"There is no argument {name}; {hint(name, kind.model_fields)}"
    if what == "missing":
        return f"The argument {name} is missing."
    return f"{name}: {message[:1].lower()}{message[1:]}."


def of_tools(said: str) -> str:
    """A sentence of the command line, for those who have arguments in place of options."""
    return OPTION.sub(lambda found: found[1].replace("-", "_"), said)
