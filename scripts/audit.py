"""Ask whether a weakness is known of a package of the locks: python scripts/audit.py [LOCK…] (all of locks/).

It needs pip-audit (pip install pip-audit), and the database that it asks. A package of which the database was not
asked is not taken for sound: pip-audit by itself passes over it. Exit codes: 0 nothing is known of any package, 1 a
weakness is known, 2 packages could not be asked for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
WEAK, UNKNOWN = 1, 2
COMMAND = ("pip-audit", "--progress-spinner=off", "--format=json", "--disable-pip", "--require-hashes", "--requirement")


def asked(lock: Path, command: Sequence[str] = COMMAND) -> tuple[Mapping[str, Any] | None, str]:
    """What pip-audit reports of a lock; None, and why, where it came to no report."""
    try:
        done = subprocess.run([*command, str(lock)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None, "pip-audit is missing: pip install pip-audit"
    try:
        return json.loads(done.stdout), ""
    except ValueError:
        return None, (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]


def verdict(report: Mapping[str, Any] | None, why: str) -> tuple[int, list[str]]:
    """The exit code for one lock, and it in words."""
    if report is None:
        return UNKNOWN, [f"not audited: {why}"]
    packages = report["dependencies"]
    passed = [one for one in packages if "skip_reason" in one]
    weak = [
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version'}"
        for one in packages
        for found in one.get("vulns", [])
    ]
    told = [f"{len(packages) - len(passed)} of {len(packages)} packages audited, {len(weak)} weaknesses known", *weak]
    if passed:
        told.append(f"not audited: {', '.join(one['name'] for one in passed)} ({passed[0]['skip_reason']})")
    return (WEAK if weak else UNKNOWN if passed or not packages else 0), told


def main() -> int:
    """Print what is known of each lock."""
    locks = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "locks").glob("*.txt"))
    codes = set()
    for lock in locks:
        code, told = verdict(*asked(lock))
        codes.add(code)
        print(f"{lock.name}: " + "\n  ".join(told))
    return next((code for code in (WEAK, UNKNOWN) if code in codes), 0)


if __name__ == "__main__":
    sys.exit(main())
