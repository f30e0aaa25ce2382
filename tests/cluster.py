"""A standalone Spark cluster on this machine, as long as a test needs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from journey import ROOT

FOR_SMALL_DATA = "--conf spark.sql.shuffle.partitions=4 --conf spark.databricks.delta.snapshotPartitions=2"


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

    def executors(self) -> set[str]:
        """The workers on which an executor has started."""
        return {path.parents[2].name for path in self.folder.glob("worker-*/app-*/*/stderr")}

    def kill(self, worker: str) -> None:
        """End a worker and its executors as a power cut would."""
        os.killpg(int((self.folder / f"{worker}.pid").read_text()), signal.SIGKILL)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A running cluster, stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}  # an embedded session's
    found = Cluster(
        folder,
        {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "VITALFEW_CLUSTER": str(folder),
            "VITALFEW_CLUSTER_PORT": str(port),
            "VITALFEW_MASTER": f"spark://127.0.0.1:{port}",
            "VITALFEW_SUBMIT_OPTIONS": FOR_SMALL_DATA,
        },
    )
    started = found.script("cluster.sh", "start").wait()
    try:
        assert started == 0, found.said("cluster.sh").read_text(encoding="utf-8")
        yield found
    finally:
        found.script("cluster.sh", "stop").wait()
