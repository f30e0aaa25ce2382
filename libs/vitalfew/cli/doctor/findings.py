"""What `doctor` finds: a level, a sentence, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "warning", "error"]
CONFIGURATION, FILES, PLATFORM = 2, 3, 5


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `exit_code` is that of its kind, where it is an error."""

    check: str
    level: Level
    text: str
    fix: str = ""
    exit_code: int = PLATFORM
