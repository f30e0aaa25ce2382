"""Print the bill of materials of a lock as CycloneDX 1.5: python scripts/sbom.py [LOCK] (locks/environment.txt).

Each package with its version and the SHA-256 of its files, and Delta Lake's JARs with theirs. The same lock gives the
same bytes. It needs the standard library alone.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from vitalfew import __version__
from vitalfew.engines.jar_checksums import CHECKSUMS

ROOT = Path(__file__).parents[1]


PACKAGE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
JAR = re.compile(r"^([a-z-]+(?:_[0-9.]+)*)-([0-9][0-9.]*)\.jar$")


def packages(lock: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and hashes of every package of a lock."""
    found: list[tuple[str, str, list[str]]] = []
    for line in lock.splitlines():
        if match := PACKAGE.match(line):
            found.append((match[1].lower(), match[2], []))
        if found:
            found[-1][2].extend(HASH.findall(line))
    return found


def jars() -> list[tuple[str, str, str]]:
    """Name, version and hash of every JAR."""
    found = [(JAR.match(name), digest) for name, digest in CHECKSUMS.items()]
    return [(match[1], match[2], digest) for match, digest in found if match]


def component(kind: str, name: str, number: str, hashes: list[str]) -> dict[str, Any]:
    told = {"type": "library", "name": name, "version": number, "purl": f"pkg:{kind}/{name}@{number}"}
    return {**told, "bom-ref": told["purl"], "properties": [{"name": "sha256", "value": one} for one in hashes]}


def bill(lock: str) -> dict[str, Any]:
    """The bill of materials."""
    found = [component("pypi", *package) for package in packages(lock)]
    found += [component("maven/io.delta", name, number, [digest]) for name, number, digest in jars()]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, lock)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "vitalfew", "version": __version__}},
        "components": found,
    }


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "locks" / "environment.txt"
    print(json.dumps(bill(path.read_text(encoding="utf-8")), indent=2))


if __name__ == "__main__":
    main()
