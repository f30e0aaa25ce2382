"""A run that is killed, or meets another, loses nothing and doubles nothing; `crash_test.py` does more rounds."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from comparing import difference
from journey import ROOT, lay_files
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.storage.delta import Storage
from vitalfew.tables import facts, logs, sources


def test_two_runs_killed_at_random_moments_and_repeated_leave_the_same_tables() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "crash_test.py"), "--rounds", "2", "--households", "40"]
    done = subprocess.run([*command, "--jobs", "ingest", "orders", "rfm"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("run again: the same") == 2


LISTENING = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from vitalfew.entry import main; main()"
)
"""The command line with Ctrl-C, which a shell turns off for what runs in its background."""


def start(root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LISTENING, "run", "ingest", "orders", "rfm", "--conf", str(ROOT / "conf")]
    where = ["--target", "demo", "--root", str(root), "--engine", "sail"]
    return subprocess.Popen([*command, *where], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_two_runs_that_start_at_once_leave_the_tables_of_one(running: Engine, tmp_path: Path) -> None:
    lay_files(tmp_path / "together" / "files", 40)
    shutil.copytree(tmp_path / "together", tmp_path / "alone")  # with their times, from which `updated_at` is taken
    both = [start(tmp_path / "together"), start(tmp_path / "together")]
    said = [one.communicate()[0] for one in both]
    codes = sorted(one.returncode for one in both)
    assert codes in ([0, 0], [0, 7]), "\n".join(said)
    assert codes == [0, 0] or any("is being run already" in text or "came first" in text for text in said)
    one = start(tmp_path / "alone")
    text = one.communicate()[0]
    assert one.returncode == 0, text
    there, alone = (Storage(running, Target(root=str(tmp_path / name))) for name in ("together", "alone"))
    for table in (sources.CUSTOMERS, sources.PRODUCTS, facts.ORDERS, facts.CUSTOMER_PROFILE, RFM):
        assert difference(table, there, alone) is None
    for table, key in ((sources.ORDER_LINES, ["line_id"]), (logs.FILES, ["source", "digest"])):
        keys = [sorted(map(tuple, at.read(table).select(*key).collect())) for at in (there, alone)]
        assert keys[0] == keys[1], f"{table.name}: nothing is lost or doubled"


def test_ctrl_c_ends_a_run_and_the_next_one_replaces_what_is_half_written(tmp_path: Path) -> None:
    lay_files(tmp_path / "files", 400)
    for seconds in (0.3, 1.0):
        with start(tmp_path) as stopped:
            assert stopped.stdout is not None
            assert any("ingest: started" in line for line in stopped.stdout)
            time.sleep(seconds)
            stopped.send_signal(signal.SIGINT)
            text = stopped.communicate(timeout=120)[0]  # the engine's client would try for ten minutes
        assert stopped.returncode == 130, text
        assert text.splitlines()[-1].startswith("vitalfew: stopped. What is half written is not seen"), text
        assert "failed" not in text
        assert "Traceback" not in text
    with start(tmp_path) as again:
        text = again.communicate()[0]
    assert again.returncode == 0, text
    assert "rfm: published" in text
