"""What went wrong, in words that say what to do; whoever said it first."""

from __future__ import annotations

from pyspark.errors import PySparkException

from vitalfew import confidential
from vitalfew.engines.engine import first_line, said
from vitalfew.errors import EngineError, InternalError, VitalFewError

THE_ARCHIVE = (
    "--archives dist/environment.tar.gz#environment (bash scripts/package.sh makes it) and "
    "--conf spark.pyspark.python=environment/bin/python"
)
UNKNOWN = "If a file or a table was moved or damaged, restore it; else it is our fault, and --debug shows where."
NO_SCHEMA = "A `root` without a slash names a schema of the catalog: create the schema, or write a folder as ./folder."
ADVICE = {
    "Database not found": NO_SCHEMA,
    "SCHEMA_NOT_FOUND": NO_SCHEMA,
    "(physical) to 'Timestamp": (
        "Spark wrote the times of this table as INT96, which the embedded engine cannot read where the column "
        "is NOT NULL: drop that constraint, rewrite the table with "
        "spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS, or use --engine spark."
    ),
    "DELTA_CONCURRENT": "Another run wrote to it at the same time: run again when that has ended.",
    "Failed to allocate": (
        "The embedded engine came to the end of its part of the memory: use --engine spark, a machine with more, or, "
        "if nothing else needs the memory here, a higher limit in SAIL_RUNTIME__MEMORY_POOL__GREEDY__MAX_SIZE (bytes)."
    ),
    "No module named 'vitalfew": "Executors need it too: --py-files dist/vitalfew.zip (see scripts/package.sh).",
    "No module named": f"Executors need the libraries too: add {THE_ARCHIVE}.",
    "must be installed": f"Python on the executors lacks it, or has an older one: add {THE_ARCHIVE}.",
    "Cannot run program": (
        f"Executors have no such Python: add {THE_ARCHIVE}. environment.json in it says which Python every node needs."
    ),
    "PYTHON_VERSION_MISMATCH": (
        f"Driver and executors need the same Python: add {THE_ARCHIVE}, and unpack it for the driver."
    ),
    "Sent message larger than max": (
        "A result has more rows than fit into one message to the engine: ask for fewer, as by a higher min_support or "
        "min_confidence, or a lower max_length, or use --engine spark."
    ),
    "message larger than max": (
        "An answer of the engine did not fit into one message, as where values of a table are very long: shorten "
        "them in the target's mapping, as in left(category, 200), or leave them out; for files, see longest_value."
    ),
}


def is_of_the_engine(error: Exception) -> bool:
    """Whether the engine said it, be it in its own words or, through py4j, in Java's."""
    return isinstance(error, PySparkException) or hasattr(error, "java_exception")


def explained(error: Exception, otherwise: str = "") -> str:
    """What the engine says, in one line, and what to do about it, if we know; else `otherwise`."""
    why = first_line(error).rstrip(".")
    advice = next((advice for words, advice in ADVICE.items() if words in said(error)), otherwise)
    return f"{why}. {advice}".rstrip()


def unexpected(error: Exception) -> VitalFewError:
    """`error`, if it is one of ours; one that nobody foresaw, in one line; the trace is for --debug."""
    if isinstance(error, VitalFewError):
        if confidential.is_silent(error):
            confidential.without_causes(error)
        return error
    wrapped: VitalFewError = InternalError(f"unexpected {type(error).__name__}: {first_line(error)}")
    if is_of_the_engine(error):
        wrapped = EngineError(f"The engine could not finish: {explained(error, UNKNOWN)}")
    wrapped.__cause__ = error
    if confidential.is_silent(error):
        confidential.without_causes(wrapped)
    return wrapped
