"""Engines are started and reached, or it is said in a line what is missing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitalfew import engine
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
    assert "/: no connection within 1 seconds. Check `remote` in the place's file" in str(told.value)
    assert "hunter2" not in str(told.value)


def test_connect_needs_an_address() -> None:
    with pytest.raises(EngineError, match=r"set `remote: sc://host:port` in the place's file"):
        engine.start("connect", remote=None, master=None, options={})


def test_an_error_is_told_in_one_line_and_one_of_the_wire_by_its_details() -> None:
    wire = '<_MultiThreadedRendezvous of RPC that terminated with:\n\tstatus = X\n\tdetails = "too large"\n>'
    assert engine.first_line(ValueError(wire)) == "too large"
    assert engine.first_line(ValueError("<_Rendezvous without details>")) == "<_Rendezvous without details>"
    assert engine.first_line(ValueError("one\ntwo")) == "one"
    assert engine.first_line(ValueError()) == "ValueError"


def test_the_embedded_engine_has_a_part_of_the_memory_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < engine.memory() <= there
    assert engine.limits(1000)["SAIL_RUNTIME__MEMORY_POOL__GREEDY__MAX_SIZE"] == "650"
    monkeypatch.setattr(Path, "exists", lambda path: path.name == "memory.max")
    monkeypatch.setattr(Path, "read_text", lambda _: "4096\n")
    assert engine.memory() == 4096, "a container's limit"
    monkeypatch.setattr(Path, "read_text", lambda _: "max\n")
    assert engine.memory() == there


def test_a_question_too_large_for_the_memory_is_told_with_what_to_do() -> None:
    """In a process of its own: the engine reads its limit when it starts for the first time."""
    asked = """
from vitalfew import engine
from vitalfew.runner import unexpected
running = engine.start("sail", remote=None, master=None, options={})
try:
    running.spark.range(1_000_000).selectExpr("id % 500000 as id", "repeat('x', 50) as t").groupBy("id").agg({"t": "collect_list"}).toArrow()
except Exception as error:
    print(unexpected(error))
"""
    given = {**os.environ, "SAIL_RUNTIME__MEMORY_POOL__GREEDY__MAX_SIZE": "1000000"}
    said = subprocess.run([sys.executable, "-c", asked], env=given, capture_output=True, text=True, check=True).stdout
    assert said.startswith("The engine could not finish: ")
    assert "came to the end of its part of the memory: use --engine spark" in said
