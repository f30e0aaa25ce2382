"""Who else has processes on this machine."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
SYSTEM = re.compile(
    r"_.*|systemd-.*|dbus|messagebus|polkitd|syslog|chrony|ntp|avahi|rtkit|colord|geoclue|kernoops|uuidd|tss|rpc|daemon"
)
"""Accounts of the operating system's own services, which run nobody's programs."""
UNSEEN = "users whose processes this system does not show"


def others() -> list[str]:
    """The names of other users with processes here, but root's and those of the system's own services."""
    own = {0, os.getuid(), os.geteuid()}
    found = {user_name(number) for number in running() if number not in own}
    if (PROC / "self").exists() and not (PROC / "1").exists():
        found.add(UNSEEN)
    return sorted(name for name in found if not SYSTEM.fullmatch(name))


def running() -> Iterator[int]:
    """The users, by number, as whom processes run."""
    if not (PROC / "self").exists():
        asked = ["ps", "-axo", "uid="]
        listed = subprocess.run(asked, capture_output=True, text=True, check=False)
        yield from map(int, listed.stdout.split())
        return
    for folder in PROC.glob("[0-9]*"):
        try:
            yield folder.stat().st_uid
        except OSError:
            continue  # it has ended


def user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
