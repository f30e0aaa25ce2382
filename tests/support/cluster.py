"""A standalone Spark cluster on this machine, as long as a test needs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crash_test import SHORT_LIVED

from journey import ROOT

FOR_SMALL_DATA = (  # and two executors: what is done besides the work itself takes most of the time
    "--conf spark.sql.shuffle.partitions=2 --conf spark.default.parallelism=2 --conf spark.sql.adaptive.enabled=false "
    "--conf spark.databricks.delta.snapshotPartitions=1 --conf spark.ui.enabled=false"
)


@dataclass(frozen=True)
class Cluster:
    """A master and two workers, each a process of its own, whose logs are in `folder`."""

    folder: Path
    environment: dict[str, str]

    def script(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        """A script of ours, started; what it says goes to a file, which nobody has to read while it runs."""
        command = ["bash", str(ROOT / "scripts" / name), *arguments]
        with self.said(name).open("w", encoding="utf-8") as said:
            return subprocess.Popen(command, env=self.environment, stdout=said, stderr=said, text=True)

    def said(self, name: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}-{name}.log")

    def end_of(self, name: str, characters: int = 5000) -> str:
        """The last of what a script said."""
        return self.said(name).read_text(encoding="utf-8")[-characters:]

    def executors(self) -> set[str]:
        """The workers on which an executor has started."""
        return {path.parents[2].name for path in self.folder.glob("worker-*/app-*/*/stderr")}

    def kill(self, worker: str) -> None:
        """End a worker and its executors as a power cut would."""
        os.killpg(int((self.folder / f"{worker}.pid").read_text()), signal.SIGKILL)


def await_true(is_so: Callable[[], bool], what: str, log: Callable[[], str], seconds: float) -> None:
    """Wait until it is so; AssertionError, with the end of a log, where that takes too long."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"{what}: not within {seconds:.0f} s\n{log()}"
        time.sleep(0.2)


@contextmanager
def cluster(folder: Path, **variables: str) -> Iterator[Cluster]:
    """A running cluster, stopped at the end; `variables` are for its scripts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}  # an embedded session's
    found = Cluster(
        folder,
        {
            "JDK_JAVA_OPTIONS": SHORT_LIVED,
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "VITALFEW_CLUSTER": str(folder),
            "VITALFEW_CLUSTER_PORT": str(port),
            "VITALFEW_MASTER": f"spark://127.0.0.1:{port}",
            "VITALFEW_SUBMIT_OPTIONS": FOR_SMALL_DATA,
            **variables,
        },
    )
    starting = found.script("cluster.sh", "start")
    try:
        await_true(lambda: starting.poll() is not None, "the cluster started", lambda: found.end_of("cluster.sh"), 300)
        assert starting.returncode == 0, found.end_of("cluster.sh")
        yield found
    finally:
        starting.kill()
        found.script("cluster.sh", "stop").wait(120)
