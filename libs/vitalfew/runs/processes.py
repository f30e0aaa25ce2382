"""Which process it is, on which machine, and whether it still lives, as far as that can be told from here."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from vitalfew.engines import scratch
from vitalfew.engines.engine import read

PROC = Path("/proc")
MACHINE = Path("/etc/machine-id")
BEGAN = 19  # of the fields after the name of the program, as proc(5) counts them: field 22

Fate = Literal["alive", "dead", "unknown"]


@dataclass(frozen=True)
class Process:
    """A process: its number means something on one machine, from one start of it to the next, within one namespace.

    `began` tells it from another process that was given the same number later.
    """

    host: str
    machine: str
    boot: str
    namespace: str
    pid: int
    began: str

    @property
    def text(self) -> str:
        """As the table of runs keeps it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Seen:
    """What the system shows of a process: a letter for its state, and when it began, in words of its own."""

    state: str
    began: str

    @property
    def has_ended(self) -> bool:
        """Whether it is only there for its parent to learn how it ended."""
        return self.state[0] in "ZX"


def this() -> Process:
    """The process that asks."""
    return of_this_machine(os.getpid())


def of_this_machine(pid: int) -> Process:
    """A process of this machine, as it is now."""
    machine, boot, found = read(MACHINE), read(PROC / "sys/kernel/random/boot_id").strip(), seen(pid)
    return Process(
        platform.node(),
        sha256(machine.encode()).hexdigest()[:16] if machine else "",
        boot,
        namespace(),
        pid,
        found.began if found else "",
    )


def parsed(text: str | None) -> Process | None:
    """The process that the table of runs names; None where an earlier version named none."""
    return None if text is None else Process(**json.loads(text))


def fate(process: Process) -> Fate:
    """Whether `process` lives; unknown, where it ran where this process cannot look."""
    here = this()
    if (process.host, process.machine) != (here.host, here.machine):
        return "unknown"
    if process.boot != here.boot:
        return "dead" if here.machine else "unknown"  # another start of this machine; or another of the same name
    if process.namespace != here.namespace:
        return "unknown"
    found = seen(process.pid)
    if found is None:
        return "unknown" if scratch.is_alive(process.pid) else "dead"
    return "dead" if found.has_ended or found.began != process.began else "alive"


def seen(pid: int) -> Seen | None:
    """What the system shows of a process; None where there is none, or it is not for us to see."""
    fields = read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    if fields:
        return Seen(fields[0], fields[BEGAN])
    asked = ["ps", "-o", "state=", "-o", "lstart=", "-p", str(pid)]  # where there is no /proc
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    except OSError:
        return None
    words = told.stdout.split()
    return Seen(words[0], " ".join(words[1:])) if words else None


def namespace() -> str:
    """Within what the numbers of processes are counted: a container counts its own."""
    try:
        return os.readlink(PROC / "self/ns/pid")
    except OSError:
        return ""
