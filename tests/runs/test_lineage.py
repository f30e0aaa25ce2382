"""What runs tell to OpenLineage has the form of its schema, and whatever goes wrong there fails no run."""

from __future__ import annotations

import builtins
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hostile import Hostile, week
from jsonschema import Draft202012Validator, FormatChecker

from vitalfew.config.target import Location, Target
from vitalfew.engines.engine import Engine
from vitalfew.runs.lineage import place
from vitalfew.suite import JOBS, TABLES

URI = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"}
FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {"_producer": URI, "_schemaURL": URI},
        "required": ["_producer", "_schemaURL"],
    },
}
NAMED = {"namespace": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1}, "facets": FACETS}
RUN_EVENT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        "run": {
            "type": "object",
            "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": FACETS},
            "required": ["runId"],
        },
        "job": {"type": "object", "properties": NAMED, "required": ["namespace", "name"]},
        "inputs": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {**NAMED, "inputFacets": FACETS},
                "required": ["namespace", "name"],
            },
        },
        "outputs": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {**NAMED, "outputFacets": FACETS},
                "required": ["namespace", "name"],
            },
        },
        "producer": URI,
        "schemaURL": URI,
    },
    "required": ["run", "job", "eventTime", "producer", "schemaURL"],
}
"""RunEvent of OpenLineage 2-0-2, as its specification describes it."""
CHECK = Draft202012Validator(RUN_EVENT, format_checker=FormatChecker())
Event = dict[str, Any]


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.drop(*week(customers=3))
    return shop


def events(shop: Hostile) -> list[Event]:
    """The events in the file, each of the right form."""
    found = [json.loads(line) for line in (shop.root / "lineage.jsonl").read_text(encoding="utf-8").splitlines()]
    for event in found:
        CHECK.validate(event)
    return found


def of(found: list[Event], job: str) -> list[Event]:
    return [event for event in found if event["job"]["name"] == job]


def test_each_run_tells_what_it_reads_and_writes(shop: Hostile) -> None:
    shop.target(extra={"lineage": "./lineage.jsonl", "lineage_namespace": "nightly"})
    shop.answers(jobs=("ingest", "orders", "customer_products", "rfm"))
    found = events(shop)
    jobs = ["ingest", "orders", "customer_products", "rfm"]
    assert [(e["job"]["name"], e["eventType"]) for e in found] == [(j, t) for j in jobs for t in ("START", "COMPLETE")]
    begun, ended = of(found, "rfm")
    assert begun["run"]["runId"] == ended["run"]["runId"]
    assert begun["eventTime"] <= ended["eventTime"]
    assert ended["job"]["namespace"] == "nightly"
    assert ended["job"]["facets"]["documentation"]["description"] == JOBS["rfm"].question
    facets = ended["run"]["facets"]
    assert facets["externalQuery"]["externalQueryId"] in {row[0] for row in shop.rows("runs", "run_id")}
    assert facets["nominalTime"]["nominalStartTime"] == "2025-01-20T00:00:00.000Z"
    assert facets["processing_engine"]["name"] == shop.running.name
    read = {each["name"]: each for each in ended["inputs"]}
    orders = read[str(shop.root / "orders")]
    assert orders["namespace"] == "file"
    assert [f["name"] for f in orders["facets"]["schema"]["fields"]] == [*TABLES["orders"].columns]
    assert orders["facets"]["version"]["datasetVersion"].isdigit()
    written = {each["name"].rpartition("/")[2]: each for each in ended["outputs"]}
    rows = {name: each["outputFacets"]["outputStatistics"]["rowCount"] for name, each in written.items()}
    assert rows == {name: len(shop.rows(name, "as_of")) for name in ("rfm", "rfm_cuts", "rfm_segments")}
    (taken,) = of(found, "ingest")[0]["inputs"]
    assert (taken["namespace"], taken["name"]) == ("file", str(shop.root / "drops"))
    assert {*written} == {each["name"].rpartition("/")[2] for each in begun["outputs"]}
    assert not any(each.get("outputFacets") for each in begun["outputs"])


def test_a_run_that_fails_or_has_nothing_to_do_ends_too(shop: Hostile) -> None:
    shop.target(extra={"lineage": "./lineage.jsonl"})
    shop.answers(jobs=("ingest", "orders"))
    shop.answers(jobs=("orders",))
    assert [e["eventType"] for e in of(events(shop), "orders")] == ["START", "COMPLETE"] * 2
    shop.drop("x,c1,tea,2025-01-05 10:00:00,many,1", name="b.csv")
    assert shop.run("run", "ingest", "orders").code != 0
    found = events(shop)
    assert [e["eventType"] for e in of(found, "ingest")] == ["START", "COMPLETE", "START", "FAIL"]
    assert "refused" in of(found, "ingest")[-1]["run"]["facets"]["errorMessage"]["message"]
    assert len(of(found, "orders")) == 4


class Endpoint(BaseHTTPRequestHandler):
    """Keeps what is posted; answers with `code`."""

    posted: list[tuple[str, str | None, Event]]
    code = 201

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).posted.append((self.path, self.headers.get("Authorization"), json.loads(body)))
        self.send_response(self.code)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def endpoint() -> Iterator[tuple[str, type[Endpoint]]]:
    """Address and handler of a server that takes events."""
    handler = type("Taking", (Endpoint,), {"posted": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1/lineage", handler
    server.shutdown()
    server.server_close()


def test_an_endpoint_is_sent_the_events_with_the_token(
    shop: Hostile, endpoint: tuple[str, type[Endpoint]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, handler = endpoint
    monkeypatch.setenv("LINEAGE_TOKEN", "a-secret-of-the-endpoint")
    shop.target(extra={"lineage": address, "lineage_token": "${LINEAGE_TOKEN}"})
    assert "a-secret" not in shop.answers(jobs=("ingest",))
    paths, tokens, sent = zip(*handler.posted, strict=True)
    assert {*paths} == {"/api/v1/lineage"}
    assert {*tokens} == {"Bearer a-secret-of-the-endpoint"}
    assert [event["eventType"] for event in sent] == ["START", "COMPLETE"]
    for event in sent:
        CHECK.validate(event)


def test_an_endpoint_that_refuses_or_is_not_there_is_asked_once_and_fails_no_run(
    shop: Hostile, endpoint: tuple[str, type[Endpoint]]
) -> None:
    address, handler = endpoint
    handler.code = 500
    shop.target(extra={"lineage": address})
    said = shop.answers(jobs=("ingest", "orders"))
    assert len(handler.posted) == 1
    assert said.count("lineage: no events are sent any more") == 1
    shop.target(extra={"lineage": "http://127.0.0.1:9/nobody"})
    assert "lineage: no events are sent any more, ConnectionError" in shop.answers("--force", jobs=("orders",))


def test_without_the_client_a_run_says_what_to_install(shop: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.target(extra={"lineage": "./lineage.jsonl"})
    load = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("openlineage"):
            raise ModuleNotFoundError(f"No module named {name!r}", name="openlineage")
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "it needs openlineage: pip install 'vitalfew[lineage]'" in shop.answers(jobs=("ingest",))


def test_a_run_that_is_stopped_is_over(shop: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    from vitalfew.runs.run import Run

    def stop(_: Run) -> None:
        raise KeyboardInterrupt

    shop.target(extra={"lineage": "./lineage.jsonl"})
    monkeypatch.setattr(Run, "execute", stop)
    monkeypatch.setattr("vitalfew.cli.commands.leave_at_once", lambda _: None)
    shop.run("run", "ingest")
    assert [event["eventType"] for event in events(shop)] == ["START", "ABORT"]


@pytest.mark.parametrize(
    ("at", "named"),
    [
        (Location(at="s3://lake/vital/rfm", is_path=True), ("s3://lake", "vital/rfm")),
        (Location(at="abfss://c@a.dfs.core.windows.net/t", is_path=True), ("abfss://c@a.dfs.core.windows.net", "t")),
        (Location(at="/data/rfm", is_path=True), ("file", "/data/rfm")),
        (Location(at="file:///data/rfm", is_path=True), ("file", "/data/rfm")),
        (Location(at="main.shop.rfm", is_path=False), ("vitalfew", "main.shop.rfm")),
    ],
)
def test_tables_are_named_as_openlineage_names_them(at: Location, named: tuple[str, str]) -> None:
    assert place(at, Target(root="/data")) == named


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"lineage": "/etc/lineage.jsonl"}, "does not lie below"),
        ({"lineage": "https://ann:secret@host/x"}, "a user and a password"),
        ({"metrics_file": "../m.prom"}, "does not lie below"),
        ({"metrics_file": "metrics.txt"}, "must end in .prom"),
    ],
)
def test_a_place_that_is_not_allowed_is_refused(setting: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Target.model_validate({"root": "/data", **setting})
