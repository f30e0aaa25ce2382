"""A standalone Spark cluster on this machine, as long as a test needs it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from journey import ROOT

FOR_SMALL_DATA = "--conf spark.sql.shuffle.partitions=4 --conf spark.databricks.delta.snapshotPartitions=2"

Submit = Callable[..., "subprocess.CompletedProcess[str]"]


@contextmanager
def cluster(folder: Path) -> Iterator[Submit]:
    """`scripts/submit.sh` against a master and two workers whose logs are in `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}  # an embedded session's
    environment = {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "VITALFEW_CLUSTER": str(folder),
        "VITALFEW_CLUSTER_PORT": str(port),
        "VITALFEW_MASTER": f"spark://127.0.0.1:{port}",
        "VITALFEW_SUBMIT_OPTIONS": FOR_SMALL_DATA,
    }

    def script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(ROOT / "scripts" / name), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    started = script("cluster.sh", "start")
    try:
        assert started.returncode == 0, started.stderr
        yield lambda *arguments: script("submit.sh", *arguments)
    finally:
        script("cluster.sh", "stop")
