"""Engines are started and reached, or it is said in a line what is missing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from vitalfew.engines import engine
from vitalfew.engines.failures import unexpected
from vitalfew.errors import EngineError


@pytest.fixture
def address() -> Iterator[str]:
    """A Spark Connect server: the embedded engine, as others see it."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


def test_a_spark_connect_server_is_reached_by_its_address(address: str) -> None:
    running = engine.start("connect", remote=f"{address}/;user_id=ann", master=None, options={"spark.some": "x"})
    assert running.version.startswith("connect ")
    assert running.spark.range(5).count() == 5
    assert (running.spark.conf.get("spark.some"), running.spark.conf.get("spark.sql.session.timeZone")) == ("x", "UTC")
    running.close()


def test_a_server_that_is_not_there_is_told_soon_and_without_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CONNECT_SECONDS", 1)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        remote = f"sc://127.0.0.1:{nobody.getsockname()[1]}/;token=hunter2"
        with pytest.raises(EngineError) as told:
            engine.start("connect", remote=remote, master=None, options={})
    assert "/: no connection within 1 seconds. Check `remote` in the target's file" in str(told.value)
    assert "hunter2" not in str(told.value)


def test_connect_needs_an_address() -> None:
    with pytest.raises(EngineError, match=r"set `remote: sc://host:port` in the target's file"):
        engine.start("connect", remote=None, master=None, options={})


def test_an_error_is_told_in_one_line_and_one_of_the_wire_by_its_details() -> None:
    wire = '<_MultiThreadedRendezvous of RPC that terminated with:\n\tstatus = X\n\tdetails = "too large"\n>'
    assert engine.first_line(ValueError(wire)) == "too large"
    assert engine.first_line(ValueError("<_Rendezvous without details>")) == "<_Rendezvous without details>"
    assert engine.first_line(ValueError("one\ntwo")) == "one"
    assert engine.first_line(ValueError()) == "ValueError"


IN_A_WORKER = """[PYTHON_EXCEPTION] An exception was thrown from the Python worker: Traceback (most recent call last):
  File "worker.py", line 3602, in main
    func = read_udfs()
ValueError: first

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "worker.py", line 1079, in read_single_udf
    raise ModuleNotFoundError
ModuleNotFoundError: No module named '{module}'

JVM stacktrace:
\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException
"""


@pytest.mark.parametrize(("module", "to_do"), [("vitalfew", "vitalfew.zip"), ("pyarrow", "environment.tar.gz")])
def test_what_an_executor_lacks_is_told_by_name_with_what_to_do(module: str, to_do: str) -> None:
    told = str(unexpected(PySparkException(IN_A_WORKER.format(module=module))))
    assert "on an executor, ModuleNotFoundError: No module named" in told
    assert module in told
    assert to_do in told
    assert "\n" not in told


IN_JAVA = """An error occurred while calling o364.save.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 22.0 failed 4 times, most recent \
failure: Lost task 0.3 in stage 22.0 (TID 27) (127.0.0.1 executor 0): java.io.IOException: Cannot run program \
"environment/bin/python": error=2, No such file or directory
\tat java.base/java.lang.ProcessBuilder.start(ProcessBuilder.java:1143)
Caused by: java.io.IOException: error=2, No such file or directory
"""


class JavaSaidError(Exception):
    """As py4j hands on what the JVM says."""

    java_exception = object()


def test_an_executor_without_its_python_is_told_with_what_to_do() -> None:
    told = unexpected(JavaSaidError(IN_JAVA))
    assert told.exit_code == 5
    assert str(told).startswith("The engine could not finish: SparkException: Job aborted due to stage failure")
    assert 'Cannot run program "environment/bin/python"' in str(told)
    assert "add --archives dist/environment.tar.gz#environment" in str(told)


@pytest.mark.parametrize(
    ("group", "limits", "expected"),
    [
        ("0::/", {"memory.max": "4096\n"}, 4096),
        ("0::/jobs/one", {"jobs/one/memory.max": "max\n", "jobs/memory.max": "8192\n"}, 8192),
        ("0::/jobs/one", {"jobs/one/memory.max": "max\n"}, None),
        ("9:cpu:/a\n4:memory:/one", {"memory/one/memory.limit_in_bytes": "2048\n"}, 2048),
        ("9:cpu:/a\n4:memory:/one", {"memory/memory.limit_in_bytes": f"{2**63 - 4096}\n"}, None),
        (None, {}, None),
    ],
)
def test_the_memory_is_that_of_the_machine_or_of_the_tightest_group_of_processes(
    tmp_path: Path, group: str | None, limits: dict[str, str], expected: int | None
) -> None:
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name, text in limits.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    own = tmp_path / "own"
    if group is not None:
        own.write_text(group)
    assert engine.memory(tmp_path, own) == (expected or there)
    assert 0 < engine.memory() <= there


def test_memory_that_came_to_its_end_is_told_with_what_to_do() -> None:
    """As the engine says it; to bring it there takes minutes on a busy machine."""
    said = str(unexpected(PySparkException("Failed to allocate additional 1056.0 KB for FinalHashAggregateStream[1]")))
    assert said.startswith("The engine could not finish: Failed to allocate additional 1056.0 KB")
    assert "came to the end of its part of the memory: use --engine spark" in said


IDLE = """
import time
from vitalfew.engines import engine
running = engine.start("sail", remote=None, master=None, options={})
time.sleep(4)
print("rows", running.spark.range(5).count())
running.close()
"""


@pytest.mark.parametrize(("seconds", "outlives"), [(None, True), ("1", False)])
def test_the_embedded_session_does_not_end_while_a_job_thinks(seconds: str | None, outlives: bool) -> None:
    """By itself the engine forgets a session that asked nothing for 15 minutes; set to one second, after that."""
    kept = {key: value for key, value in os.environ.items() if key != engine.IDLE_SECONDS}
    environment = kept if seconds is None else {**kept, engine.IDLE_SECONDS: seconds}
    done = subprocess.run([sys.executable, "-c", IDLE], env=environment, capture_output=True, text=True, timeout=120)
    assert ("rows 5" in done.stdout) == outlives, done.stderr


def test_the_embedded_session_may_be_idle_for_years(running: engine.Engine) -> None:
    assert running.name == "sail"
    assert int(os.environ[engine.IDLE_SECONDS]) > 365 * 24 * 3600


@pytest.mark.both_engines
def test_no_call_on_a_column_looks_for_the_line_that_made_it(running: engine.Engine) -> None:
    for key, value in engine.NO_CALL_SITES.items():
        assert running.spark.conf.get(key) == value


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("spark.submit.deployMode", "cluster", True),  # YARN
        ("spark.submit.deployMode", "client", False),
        ("spark.kubernetes.submitInDriver", "true", True),
    ],
)
def test_a_driver_knows_whether_it_was_sent_to_a_node(
    spark: SparkSession, key: str, value: str, expected: bool
) -> None:
    spark.conf.set(key, value)
    try:
        assert engine.is_in_cluster_mode(spark) is expected
    finally:
        spark.conf.unset(key)


def test_a_garbage_collector_is_chosen_where_nobody_has_chosen_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"):
        monkeypatch.delenv(name, raising=False)
    assert engine.collector({"spark.driver.extraJavaOptions": "-Dx=y -XX:+UseStringDeduplication"})
    assert not engine.collector({"spark.driver.extraJavaOptions": "-XX:+UseZGC"})
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    assert not engine.collector({})
