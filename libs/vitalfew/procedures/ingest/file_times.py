"""When the content of a file is of: by the date in its name, else by the time of its last change."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from vitalfew.procedures.ingest.readers.drops import Drop

EPOCH = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
DATED = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[-_.]?)(?P<month>[01]\d)(?P=mark)(?P<day>[0-3]\d)"
    r"(?:[-_T .]?(?P<hour>[0-2]\d)[-_:.]?(?P<minute>[0-5]\d)(?:[-_:.]?(?P<second>[0-5]\d))?)?(?!\d)"
)


def moment(file: Drop) -> datetime:
    """The last date in the path of a file (2025-03-31, 20250331, 2025_03_31T2359 …), or when it was last changed."""
    found = [at for match in DATED.finditer(file.name) if (at := stated(match))]
    return found[-1] if found else EPOCH + timedelta(microseconds=file.changed_us)


def stated(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second = (
        int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).replace(tzinfo=None)
    except ValueError:
        return None
