"""What is installed is locked by hashes, and the bill of materials names all of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sbom

from journey import ROOT
from vitalfew.engines import jar_checksums
from vitalfew.errors import EngineError
from vitalfew.requirements import LIBRARIES

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
MADE = re.compile(r"^lock ([a-z-]+) ", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_hashes_for_every_package_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    found = sbom.packages(text)
    assert len(found) > 20
    assert all(hashes for _, _, hashes in found), "pip refuses a package without a hash"
    assert "://" not in text
    assert "--index" not in text
    assert {re.split(r"[<>=,]", wanted)[0] for wanted in LIBRARIES.values()} <= {name for name, _, _ in found}


def test_what_builds_the_package_is_locked_too() -> None:
    """Else pip and build would fetch the newest of it, by no hash, and run it."""
    built = [lock for lock in LOCKS if lock.stem != "environment"]  # that one gets a wheel
    for lock in built:
        assert "setuptools" in {name for name, _, _ in sbom.packages(lock.read_text(encoding="utf-8"))}, lock
    script = (ROOT / "scripts" / "environment.sh").read_text(encoding="utf-8")
    after_lock = script[script.index("install_locked") :]
    assert re.findall(r"pip install .*--editable", after_lock)
    assert all("--no-build-isolation" in line for line in re.findall(r".*--editable.*", after_lock))
    packed = (ROOT / "scripts" / "package.sh").read_text(encoding="utf-8")
    assert re.search(r"isolation=--no-isolation.*\n.*VITALFEW_LOCKED.*\npython -m build .*isolation", packed)


def test_every_lock_is_made_by_the_script() -> None:
    script = (ROOT / "scripts" / "lock.sh").read_text(encoding="utf-8")
    assert sorted(MADE.findall(script)) == [lock.stem for lock in LOCKS]


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    said = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "sbom.py")], capture_output=True, text=True, check=True
    )
    bill = json.loads(said.stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    named = {(one["name"], one["version"]) for one in bill["components"]}
    locked = {
        package[:2] for package in sbom.packages((ROOT / "locks" / "environment.txt").read_text(encoding="utf-8"))
    }
    assert named == locked | {("delta-spark_4.2_2.13", "4.4.0"), ("delta-storage", "4.4.0")}
    assert len({one["bom-ref"] for one in bill["components"]}) == len(bill["components"])


def test_a_jar_that_is_another_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = tmp_path / "io.delta_delta-storage-4.4.0.jar"
    jar.write_bytes(b"another")
    with pytest.raises(EngineError, match="is not the JAR that was published"):
        jar_checksums.refuse_other([jar])
    digest = "ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5"
    monkeypatch.setitem(jar_checksums.CHECKSUMS, "delta-storage-4.4.0.jar", digest)
    jar_checksums.refuse_other([jar, tmp_path / "delta-spark_3.5_2.12-3.3.3.jar"])
