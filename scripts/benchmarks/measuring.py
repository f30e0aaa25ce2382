"""Run one contestant in a process of its own: its seconds, the memory of it and of all it started, and its answer."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

EVERY_SECONDS = 0.2
MARK = "RESULT "


@dataclass(frozen=True)
class Result:
    """What one contestant took for one task; `error` says why there is no figure."""

    task: str
    contestant: str
    seconds: float = 0.0
    peak_mb: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    error: str = ""


def measure(task: str, contestant: str, root: Path, minutes: float) -> Result:
    """Start `bench.py --contestant`, watch its memory, and read what it prints."""
    command = [sys.executable, str(Path(__file__).parents[1] / "bench.py"), str(root)]
    process = subprocess.Popen(
        [*command, "--contestant", task, contestant], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watch = Watch(process.pid)
    watch.start()
    try:
        said, complained = process.communicate(timeout=60 * minutes)
    except subprocess.TimeoutExpired:
        watch.kill()
        process.communicate()
        return Result(task, contestant, peak_mb=watch.peak_mb, error=f"stopped after {minutes:g} minutes")
    finally:
        watch.over.set()
    found = [line.removeprefix(MARK) for line in said.splitlines() if line.startswith(MARK)]
    if process.returncode or not found:
        last = (complained.strip().splitlines() or ["no word"])[-1]
        return Result(task, contestant, peak_mb=watch.peak_mb, error=last[:200])
    told = json.loads(found[-1])
    return Result(task, contestant, told["seconds"], watch.peak_mb, told["answer"])


class Watch(threading.Thread):
    """The largest sum of resident memory of a process and its descendants; what they share is counted in each."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process(pid)
        self.over = threading.Event()
        self.peak_mb = 0

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def run(self) -> None:
        while not self.over.wait(EVERY_SECONDS):
            try:
                now = sum(resident(one) for one in self.family())
            except psutil.Error:
                return
            self.peak_mb = max(self.peak_mb, now >> 20)

    def kill(self) -> None:
        """End the process and its descendants; what has ended by itself meanwhile is no matter."""
        try:
            family = self.family()
        except psutil.NoSuchProcess:
            return
        for one in reversed(family):
            with suppress(psutil.NoSuchProcess):
                one.kill()


def resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
