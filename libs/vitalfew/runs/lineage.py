"""OpenLineage events of runs: when each job begins and ends, what it reads and writes, with rows and schemas.

They go to a file or to an HTTP endpoint by the client of OpenLineage (extra `lineage`). Whatever goes wrong there is
reported once and fails no run; after a first failure, nothing more is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from vitalfew import __version__
from vitalfew.config.target import Location, Target
from vitalfew.runs.pipeline import Outcome, Watching
from vitalfew.runs.run import Run
from vitalfew.storage.snapshots import Snapshot, Versions
from vitalfew.suite import TABLES
from vitalfew.tables import Table

PRODUCER = f"urn:vitalfew:{__version__}"
SECONDS = 3.0
"""How long an endpoint may take to answer."""
ADDRESS = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/]*)/?(?P<path>.*)$")
ENDS = {"published": "COMPLETE", "unchanged": "COMPLETE", "failed": "FAIL"}


class Lineage(Watching):
    """Sends events of the runs that it sees; `tell` is given what a person should know."""

    def __init__(self, target: Target, tell: Callable[[str], None]) -> None:
        self.target, self.tell = target, tell
        self.transport: Any = None
        self.is_given_up = False
        self.open: dict[str, Run] = {}
        """The runs that have begun and not ended, by their ids."""
        self.attempt(self.connect)

    def connect(self) -> None:
        from openlineage.client.event_v2 import set_producer
        from openlineage.client.transport.file import FileConfig, FileTransport
        from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

        set_producer(PRODUCER)
        path = self.target.own_file("lineage")
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.transport = FileTransport(FileConfig(str(path), append=True))
            return
        token, address = self.target.lineage_token, str(self.target.lineage)
        key = ApiKeyTokenProvider({"api_key": token.get_secret_value()}) if token else TokenProvider({})
        # the address is whole: what the client would add to it is left empty
        self.transport = HttpTransport(HttpConfig(address, address, SECONDS, auth=key, retry={"total": 0}))

    def attempt(self, what: Callable[[], None]) -> None:
        """Do it, unless that was given up; the first time that it fails, say so and give up."""
        if self.is_given_up:
            return
        try:
            what()
        except ModuleNotFoundError as error:
            self.give_up(f"it needs {error.name}: pip install 'vitalfew[lineage]'")
        except Exception as error:  # of whatever kind: no run may fail by it
            self.give_up(f"{type(error).__name__} at {self.target.lineage}: {error}")

    def give_up(self, why: str) -> None:
        self.is_given_up = True
        self.tell(f"lineage: no events are sent any more, {why}")

    def emit(self, run: Run, kind: str, at: datetime, outcome: Outcome | None = None) -> None:
        self.attempt(lambda: self.transport.emit(event(run, kind, at, self.target, outcome)))

    def started(self, run: Run) -> None:
        self.open[run.run_id] = run
        self.emit(run, "START", run.started)

    def finished(self, run: Run, outcome: Outcome) -> None:
        if self.open.pop(run.run_id, None) is not None:  # else it never began
            self.emit(run, ENDS[outcome.state], now(), outcome)

    def close(self) -> None:
        """Say of runs that were stopped that they are over, and let go of the connection."""
        for run in self.open.values():
            self.emit(run, "ABORT", now())
        self.open.clear()
        self.attempt(lambda: self.transport.close(SECONDS))


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def event(run: Run, kind: str, at: datetime, target: Target, outcome: Outcome | None = None) -> Any:
    """One event of a run, of `kind` START, COMPLETE, FAIL or ABORT; with what it wrote once there is an `outcome`."""
    from openlineage.client.event_v2 import Job, RunEvent, RunState
    from openlineage.client.event_v2 import Run as RunOfEvent
    from openlineage.client.facet_v2 import documentation_job, job_type_job

    job = run.job
    facets = {
        "jobType": job_type_job.JobTypeJobFacet(processingType="BATCH", integration="VITALFEW", jobType="JOB"),
        "documentation": documentation_job.DocumentationJobFacet(description=job.question),
    }
    return RunEvent(
        eventType=RunState(kind),
        eventTime=utc(at),
        run=RunOfEvent(str(uuid5(NAMESPACE_URL, f"vitalfew:{run.run_id}")), run_facets(run, kind, outcome)),
        job=Job(target.lineage_namespace, job.name, facets),
        inputs=inputs(run, target),
        outputs=outputs(run, target, outcome),
        producer=PRODUCER,
    )


def utc(at: datetime) -> str:
    return f"{at.isoformat(timespec='milliseconds')}Z"


def run_facets(run: Run, kind: str, outcome: Outcome | None) -> dict[str, Any]:
    """The engine, our own id of the run, the day of observation, and what went wrong."""
    from openlineage.client.facet_v2 import error_message_run, external_query_run, nominal_time_run
    from openlineage.client.facet_v2 import processing_engine_run as engines

    name, _, version = run.storage.engine.version.partition(" ")
    found: dict[str, Any] = {
        "processing_engine": engines.ProcessingEngineRunFacet(version=version or name, name=name),
        "externalQuery": external_query_run.ExternalQueryRunFacet(externalQueryId=run.run_id, source="vitalfew.runs"),
    }
    if run.as_of is not None:
        day = datetime(run.as_of.year, run.as_of.month, run.as_of.day, tzinfo=UTC).replace(tzinfo=None)
        found["nominalTime"] = nominal_time_run.NominalTimeRunFacet(nominalStartTime=utc(day))
    if kind == "FAIL" and outcome is not None:
        message = error_message_run.ErrorMessageRunFacet(message=outcome.message, programmingLanguage="PYTHON")
        found["errorMessage"] = message
    return found


def inputs(run: Run, target: Target) -> list[Any]:
    """What the job reads: the tables that are there, each in the version that it read; of `ingest`, the files."""
    from openlineage.client.event_v2 import InputDataset

    if not run.job.reads:
        places = [at for source in target.files.values() for at in source.places] if run.job.name == "ingest" else []
        return [InputDataset(*place(target.resolve(at), target)) for at in dict.fromkeys(places)]
    tables = {read.table.name: read.table for read in run.job.reads.values()}
    there = {name: table for name, table in tables.items() if not run.inputs or run.inputs.get(name) is not None}
    return [InputDataset(*named(table, target), facets=facets(table, run.inputs)) for table in there.values()]


def outputs(run: Run, target: Target, outcome: Outcome | None) -> list[Any]:
    """What the job writes, with the rows that it wrote."""
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    rows = outcome.rows_out if outcome else {}
    names = dict.fromkeys([*(table.name for table in run.job.writes), *(name for name in rows if name in TABLES)])
    written: Versions = run.before if outcome is not None and outcome.state == "published" else {}
    found = []
    for name in names:
        table = TABLES.get(name) or next(each for each in run.job.writes if each.name == name)
        count = rows.get(name)
        of_rows: dict[str, Any] = {}
        if count is not None:
            of_rows["outputStatistics"] = statistics.OutputStatisticsOutputDatasetFacet(rowCount=count)
        made = OutputDataset(*named(table, target), facets=facets(table, written), outputFacets=of_rows)
        found.append(made)
    return found


def facets(table: Table, versions: Mapping[str, Snapshot | None]) -> dict[str, Any]:
    """The schema of a table as it is declared, and the version that is meant, where that is known."""
    from openlineage.client.facet_v2 import dataset_version_dataset, schema_dataset

    fields = [
        schema_dataset.SchemaDatasetFacetFields(name=column.name, type=column.type, description=column.comment)
        for column in table.declared
    ]
    found: dict[str, Any] = {"schema": schema_dataset.SchemaDatasetFacet(fields=fields)}
    if snapshot := versions.get(table.name):
        found["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=str(snapshot.version))
    return found


def named(table: Table, target: Target) -> tuple[str, str]:
    """Namespace and name of a table, by the naming of OpenLineage."""
    return place(target.location(table.name), target)


def place(at: Location, target: Target) -> tuple[str, str]:
    """A file of this machine as file and its path; an object store as scheme and bucket, and its key; else by name."""
    if not at.is_path:
        return target.lineage_namespace, at.at
    found = ADDRESS.match(at.at)
    if found is None or not found["authority"]:
        return "file", at.at.removeprefix("file://")
    return f"{found['scheme']}://{found['authority']}", found["path"] or "/"
