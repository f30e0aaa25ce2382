"""The functions that an expression may call: deterministic, of one row, and bounded in time and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "pattern", "replacement", "unit", "digits", "length", "bits", "group"]
MANY = 1000
SHARED_TYPES = "string boolean tinyint smallint int bigint float double date timestamp"
CASTS = {**{name: name for name in SHARED_TYPES.split()}, "byte": "tinyint", "short": "smallint"}
CASTS |= {"integer": "int", "long": "bigint"}
TO_TIMES = {"to_date": "date", "to_timestamp": "timestamp", "try_to_timestamp": "timestamp"}
LIMITS = {"digits": (-38, 38), "length": (0, 1000), "group": (0, 9)}
BITS = (224, 256, 384, 512)
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


@dataclass(frozen=True)
class Function:
    """How many arguments a function takes, and which of them must be literals of a kind."""

    least: int
    most: int
    literals: dict[int, Kind] = field(default_factory=dict)


ONE = """abs char_length crc32 day dayofmonth dayofweek hour isnan isnotnull isnull length lower ltrim md5 minute month
    quarter rtrim second sign timestamp_millis timestamp_seconds trim upper weekday year"""
TWO = """contains date_add date_sub datediff endswith from_utc_timestamp ifnull left nanvl nullif nvl right startswith
    to_utc_timestamp try_add try_divide try_multiply try_subtract"""
FUNCTIONS: dict[str, Function] = {
    **{name: Function(1, 1) for name in ONE.split()},
    **{name: Function(2, 2) for name in TWO.split()},
    **{name: Function(3, 3) for name in ("if", "make_date", "split_part", "translate")},
    **{name: Function(2, 3) for name in ("substr", "substring")},
    **{name: Function(1, 2, {1: "digits"}) for name in ("ceil", "floor", "round")},
    **{name: Function(1, 2, {1: "text"}) for name in ("to_date", "to_timestamp", "try_to_timestamp")},
    **{name: Function(2, 3, {1: "length", 2: "text"}) for name in ("lpad", "rpad")},
    **{name: Function(2, MANY) for name in ("concat_ws", "greatest", "least")},
    **{name: Function(1, MANY) for name in ("coalesce", "concat")},
    "date_format": Function(2, 2, {1: "text"}),
    "date_trunc": Function(2, 2, {0: "unit"}),
    "regexp_extract": Function(2, 3, {1: "pattern", 2: "group"}),
    "regexp_replace": Function(3, 3, {1: "pattern", 2: "replacement"}),
    "replace": Function(2, 3, {1: "text", 2: "text"}),
    "sha2": Function(2, 2, {1: "bits"}),
}
# Names that SQL reads without brackets as the clock, the user or the session; and what a file's rows hide.
HIDDEN = frozenset(
    """current_catalog current_database current_date current_path current_role current_schema current_time
    current_timestamp current_timezone current_user curdate getdate localtime localtimestamp now session_user
    system_user user""".split()
)
