"""A file of a table that cannot be read is named with its table, as each engine says it; other troubles stay theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.errors import PySparkException

from vitalfew.config.target import Target
from vitalfew.errors import EngineError, TableError
from vitalfew.storage import damaged_files

SAID = (
    "Parquet error: Failed to fetch metadata for file {bare}: Object Store error: Requested range was invalid",
    "[FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER] Encountered error while reading file file://{path}. Could not read "
    "footer. Please ensure that the file is in either ORC or Parquet format. SQLSTATE: KD001",
    "[FAILED_READ_FILE.FILE_NOT_EXIST] Encountered error while reading file file:{path}. File does not exist.",
    "java.lang.RuntimeException: file:{path} is not a Parquet file. Expected magic number at tail, but found [0, 0]",
    "java.io.FileNotFoundException: File file:{path} does not exist",
)


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize(
    ("content", "state"),
    [(None, "is gone."), (b"PAR1" + b"x" * 196, "is cut off or overwritten (200 bytes).")],
)
def test_the_file_its_table_and_what_to_do_are_named(
    tmp_path: Path, said: str, content: bytes | None, state: str
) -> None:
    file = tmp_path / "orders" / "_year=2025" / "part-1.parquet"
    file.parent.mkdir(parents=True)
    if content is not None:
        file.write_bytes(content)
    error = PySparkException(said.format(path=file, bare=str(file).lstrip("/")))
    told = damaged_files.known(error, Target.model_validate({"root": str(tmp_path)}), "here")
    assert isinstance(told, TableError)
    assert str(told).startswith("orders cannot be read: its file ")
    assert f"part-1.parquet {state} Restore it, or move {tmp_path}/orders away and run the job" in str(told)
    assert str(told).endswith("vitalfew run orders --target here")


def test_a_source_of_the_company_is_to_be_restored(tmp_path: Path) -> None:
    text = SAID[2].format(path=tmp_path / "theirs" / "part-1.parquet")
    place = Target.model_validate({"root": str(tmp_path), "sources": {"order_lines": {"at": "./theirs"}}})
    told = damaged_files.known(PySparkException(text), place)
    assert str(told).startswith("order_lines cannot be read")
    assert str(told).endswith("is gone. Restore it from a backup.")


def test_a_whole_file_that_the_engine_cannot_reach_or_one_of_no_table_is_not_damaged(tmp_path: Path) -> None:
    place = Target.model_validate({"root": str(tmp_path)})
    file = tmp_path / "orders" / "part-1.parquet"
    file.parent.mkdir()
    file.write_bytes(b"PAR1" + b"x" * 100 + b"PAR1")
    slow = PySparkException(f"Failed to fetch metadata for file {file}: Object Store error: operation timed out")
    other = PySparkException(SAID[2].format(path="/elsewhere/part-1.parquet"))
    assert isinstance(damaged_files.known(slow, place), EngineError)
    assert isinstance(damaged_files.known(other, place), EngineError)
