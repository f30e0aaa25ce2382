"""A small shop on one core: every job answers, also where no two customers bought the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from shop import HEADER, POT, SHOP, TEA

from journey import ROOT


@pytest.mark.parametrize("lines", [[TEA], [TEA, POT]], ids=["one line", "nothing in common"])
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes to a core")
def test_every_job_answers_about_a_tiny_shop_on_one_core(tmp_path: Path, lines: list[str]) -> None:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    files = {"order_lines": {**SHOP, "at": str(tmp_path / "drops")}}
    target = {"root": str(tmp_path / "tables"), "roots": [str(tmp_path)], "files": files}
    (tmp_path / "conf" / "targets" / "tiny.yml").write_text(yaml.safe_dump(target))
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text("\n".join([HEADER, *lines, ""]))
    vitalfew = [sys.executable, "-m", "vitalfew", "run", "all", "--target", "tiny", "--conf", str(tmp_path / "conf")]
    core = min(os.sched_getaffinity(0))
    on_one_core = ["taskset", "-c", str(core), *vitalfew]
    done = subprocess.run(on_one_core, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
