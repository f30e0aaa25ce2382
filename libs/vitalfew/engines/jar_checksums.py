"""The JARs of Delta Lake that this version was tested with, by their SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from vitalfew.errors import EngineError

CHECKSUMS = {
    "delta-spark_4.2_2.13-4.4.0.jar": "27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead",
    "delta-storage-4.4.0.jar": "c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc",
}


def refuse_other(jars: Iterable[Path]) -> None:
    """EngineError where a JAR is not the one of its name that was published; of others nothing is known."""
    for jar in jars:
        wanted = CHECKSUMS.get(jar.name.removeprefix("io.delta_"))
        if wanted is not None and sha256(jar.read_bytes()).hexdigest() != wanted:
            raise EngineError(
                f"{jar} is not the JAR that was published (SHA-256 {wanted}): it is damaged, or another was put in its "
                "place. Remove it, and the next start fetches it again."
            )
