"""Jobs run in order, publish or leave no trace, and are not repeated; small jobs over declared tables show it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from small_jobs import CUTS, DAY, DAYS, LINES, NoParams, cut

from conftest import Frame
from vitalfew import suite
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.engines.failures import unexpected
from vitalfew.errors import AnalysisError, QualityError, TableError
from vitalfew.job import Job, Read
from vitalfew.jobs.contribution.tables import LORENZ
from vitalfew.jobs.rfm.tables import RFM_CUTS, RFM_SEGMENTS
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.messages.words import Words
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.runs.published import Published
from vitalfew.storage import snapshots
from vitalfew.storage.delta import Storage
from vitalfew.tables import Slices, Table, Upsert, facts, logs, sources


def nothing_of(table: Table, frame: DataFrame) -> DataFrame:
    """No rows, in the columns of a result."""
    columns = [c for c in table.declared if c.name != "as_of"]
    return frame.where("false").select(*[F.lit(None).cast(c.type).alias(c.name) for c in columns])


def no_summary(lorenz: DataFrame, *, words: Words, **_: Any) -> tuple[DataFrame]:
    assert words.language == "en"
    return (nothing_of(SUMMARY, lorenz),)


AFTER = Job("after", "?", NoParams, {"lorenz": Read(LORENZ)}, (SUMMARY,), no_summary)


@pytest.fixture
def storage(running: Engine, tmp_path: Path, frame: Frame) -> Iterator[Storage]:
    """A target with two order lines."""
    storage = Storage(running, Target(root=str(tmp_path), engine=running.name))
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, LINES))
    yield storage
    storage.release()


Run = Callable[..., list[Outcome]]


@pytest.fixture
def run(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run jobs, as if these were the suite, on DAY."""

    def go(*jobs: Job, as_of: date = DAY, force: bool = False, lenient: bool = False) -> list[Outcome]:
        monkeypatch.setattr(suite, "JOBS", {job.name: job for job in jobs})
        config = Config("here", storage.target, {job.name: NoParams() for job in jobs}, {})
        return Runner(storage, config, as_of, force).run(jobs, lenient)

    return go


def states(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.job: outcome.state for outcome in outcomes}


def runs(storage: Storage) -> list[tuple[str, str]]:
    return [
        (r.job, r.outcome) for r in storage.read(logs.RUNS).orderBy("started_at", F.col("outcome").desc()).collect()
    ]


def test_jobs_run_in_the_order_of_what_they_need_and_are_published(storage: Storage, run: Run) -> None:
    outcomes = run(AFTER, CUTS, DAYS)
    assert states(outcomes) == {"days": "published", "cuts": "published", "after": "published"}
    assert [outcome.job for outcome in outcomes] == ["days", "cuts", "after"]
    published = storage.read(logs.RUNS).where("job = 'cuts' and outcome = 'PUBLISHED'").collect()[0]
    assert published.as_of == DAY
    assert snapshots.parsed(published.outputs) == {t.name: storage.snapshot(t) for t in CUTS.writes}
    assert snapshots.parsed(published.inputs) == {"order_days": storage.snapshot(facts.ORDER_DAYS)}
    assert json.loads(published.rows_out) == {"rfm_cuts": 1, "lorenz": 1}
    days = storage.read(logs.RUNS).where("job = 'days' and outcome = 'PUBLISHED'").collect()[0]
    assert (days.rows_in, days.rows_used, days.rows_quarantined, str(days.money_in)) == (2, 2, 0, "10.00")


def test_what_is_finished_is_not_repeated_unless_forced_or_changed(storage: Storage, run: Run, frame: Frame) -> None:
    run(DAYS, CUTS)
    before = storage.version(RFM_CUTS)
    assert states(run(DAYS, CUTS)) == {"days": "unchanged", "cuts": "unchanged"}
    assert storage.version(RFM_CUTS) == before
    assert states(run(DAYS, CUTS, force=True)) == {"days": "published", "cuts": "published"}
    more = LINES + "    o3 | cup | 2025-01-03 09:00 | 1 | 1.00\n"
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, more))
    assert states(run(DAYS, CUTS)) == {"days": "published", "cuts": "published"}
    assert [str(r.cut) for r in storage.read(RFM_CUTS).collect()] == ["11.00"]


def test_a_run_replaces_its_own_day_and_no_other(storage: Storage, run: Run) -> None:
    run(DAYS, CUTS, as_of=date(2025, 1, 30))
    run(DAYS, CUTS)
    run(DAYS, CUTS, force=True)
    assert sorted(str(r.as_of) for r in storage.read(RFM_CUTS).collect()) == ["2025-01-30", "2025-01-31"]


def test_a_failed_job_stops_what_needs_it_and_nothing_else(storage: Storage, run: Run) -> None:
    def fail(*_: DataFrame, **__: Any) -> tuple[DataFrame, ...]:
        raise AnalysisError("nothing to cut")

    apart = Job("apart", "?", NoParams, {"days": Read(facts.ORDER_DAYS)}, (RFM_SEGMENTS,), no_segments)
    outcomes = run(DAYS, replace(CUTS, transform=fail), AFTER, apart)
    assert states(outcomes) == {"days": "published", "cuts": "failed", "after": "blocked", "apart": "published"}
    failed = next(o for o in outcomes if o.job == "cuts")
    assert (failed.message, type(failed.error)) == ("nothing to cut", AnalysisError)
    assert next(o for o in outcomes if o.job == "after").message == "not run: cuts did not finish"
    assert not storage.exists(RFM_CUTS)
    assert ("cuts", "FAILED") in runs(storage)
    assert states(run(DAYS, CUTS, AFTER)) == {"days": "unchanged", "cuts": "published", "after": "published"}


def no_segments(days: DataFrame, *, words: Words, **_: Any) -> tuple[DataFrame]:
    assert words.language == "en"
    return (nothing_of(RFM_SEGMENTS, days),)


def test_all_outputs_are_checked_before_the_first_is_written(storage: Storage, run: Run) -> None:
    run(DAYS, CUTS)
    before = [storage.version(table) for table in CUTS.writes]

    def half_bad(days: DataFrame, **_: Any) -> tuple[DataFrame, DataFrame]:
        cuts, points = cut(days)
        return cuts, points.withColumn("percent", F.lit(101))

    outcome = run(DAYS, replace(CUTS, transform=half_bad), force=True)[1]
    assert isinstance(outcome.error, QualityError)
    assert "lorenz was not written" in outcome.message
    assert "percent between 0 and 100: 1 of 1 rows break it" in outcome.message
    assert [storage.version(table) for table in CUTS.writes] == before


@pytest.mark.parametrize("first", [True, False], ids=["the first run", "a later run"])
def test_a_run_killed_between_two_writes_is_never_seen_and_is_undone(
    storage: Storage, run: Run, frame: Frame, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    run(DAYS)
    if not first:
        run(DAYS, CUTS)
        more = LINES + "    o3 | cup | 2025-01-03 09:00 | 1 | 1.00\n"
        storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, more))
    whole = storage.replace

    def killed(table: Any, *rest: Any, **more: Any) -> None:
        if table.name == "lorenz":
            raise KeyboardInterrupt
        whole(table, *rest, **more)

    monkeypatch.setattr(storage, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        run(DAYS, CUTS)
    monkeypatch.setattr(storage, "replace", whole)

    written = [str(r.cut) for r in storage.read(RFM_CUTS).collect()]
    assert written == (["10.00"] if first else ["11.00"]), "the kill came after the first table was written"
    reader = Published(storage, as_of=DAY)
    seen = [str(r.cut) for r in reader.read(RFM_CUTS).collect()]
    assert seen == ([] if first else ["10.00"]), "readers see what was published before"

    assert states(run(DAYS, CUTS))["cuts"] == "published"
    final = [str(r.cut) for r in storage.read(RFM_CUTS).collect()]
    assert final == (["10.00"] if first else ["11.00"])


def test_a_missing_input_fails_the_job_that_was_named_and_is_skipped_by_all(run: Run) -> None:
    lonely = replace(DAYS, reads={"lines": Read(sources.EVENTS)})
    outcome = run(lonely)[0]
    assert (outcome.state, type(outcome.error)) == ("failed", TableError)
    assert "There is no table events at " in outcome.message
    outcome = run(lonely, lenient=True)[0]
    assert (outcome.state, outcome.message) == ("skipped", "there is no table events")


def test_an_unexpected_error_is_one_line_and_the_others_go_on(run: Run) -> None:
    def crash(*_: DataFrame, **__: Any) -> tuple[DataFrame, ...]:
        raise ZeroDivisionError("deep\ninside")

    outcomes = run(replace(DAYS, transform=crash))
    assert outcomes[0].message == "unexpected ZeroDivisionError: deep"
    assert outcomes[0].error is not None
    assert outcomes[0].error.exit_code == 70


def test_lines_that_break_the_contract_are_kept_in_quarantine_until_they_are_right(
    storage: Storage, run: Run, frame: Frame
) -> None:
    storage.replace(sources.ORDER_LINES, lines_with_a_gift(frame))
    run(DAYS)
    assert [(r.source, r.job, r.reason) for r in storage.read(logs.QUARANTINE).collect()] == [
        ("order_lines", "days", "not: kind is null or kind in ('sale', 'return', 'charge')")
    ]
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, LINES))
    run(DAYS)
    assert storage.read(logs.QUARANTINE).count() == 0


def lines_with_a_gift(frame: Frame) -> DataFrame:
    drawing = LINES.replace("| amount", "| amount | kind").replace("4.00", "4.00 | sale").replace("6.00", "6.00 | gift")
    return frame(sources.ORDER_LINES, drawing)


def test_slices_and_upserts_change_what_they_name_and_nothing_else(storage: Storage, run: Run, frame: Frame) -> None:
    run(DAYS)
    one = "ordered_on | lines | amount | fingerprint\n 2025-01-02 | 5 | 5.00 | 1"
    new = frame(facts.ORDER_DAYS, one)

    def answer(change: Any) -> Job:
        return replace(DAYS, transform=lambda *_, **__: (change,))

    run(answer(Slices(new, "ordered_on", [date(2025, 1, 2)])), force=True)
    assert day_lines(storage) == {"2025-01-01": 1, "2025-01-02": 5}
    outcome = run(answer(Slices(new, "ordered_on", [date(2025, 1, 3)])), force=True)[0]
    assert "rows lie outside the slices of ordered_on" in outcome.message
    before = storage.version(facts.ORDER_DAYS)
    run(answer(Slices(new.where("false"), "ordered_on", [])), force=True)
    run(answer(Upsert(new.where("false"), new.where("false").select("ordered_on"))), force=True)
    assert storage.version(facts.ORDER_DAYS) == before, "nothing to write is no commit"
    gone = frame(facts.ORDER_DAYS, "ordered_on\n 2025-01-01").select("ordered_on")
    run(answer(Upsert(frame(facts.ORDER_DAYS, one.replace("5 |", "7 |")), gone)), force=True)
    assert day_lines(storage) == {"2025-01-02": 7}


def day_lines(storage: Storage) -> dict[str, int]:
    return {str(r.ordered_on): r.lines for r in storage.read(facts.ORDER_DAYS).collect()}


def test_a_dated_job_is_not_given_what_happened_on_its_day_or_later(run: Run, storage: Storage, frame: Frame) -> None:
    later = """
        order_id | product_id | ordered_at       | quantity | amount
        ---------+------------+------------------+----------+-------
        o3       | tea        | 2025-01-31 00:00 |        1 |   1.00
        o4       | tea        | 2025-02-01 09:00 |        1 |   1.00
    """
    storage.append(sources.ORDER_LINES, frame(sources.ORDER_LINES, later))
    leaking = Job("leaking", "?", NoParams, {"lines": Read(sources.ORDER_LINES)}, (RFM_CUTS,), count_lines)
    run(leaking)
    assert [row.cut for row in storage.read(RFM_CUTS).collect()] == [2]


def count_lines(lines: DataFrame, **_: Any) -> tuple[DataFrame]:
    """A job that does not care when its rows came to be."""
    return (lines.agg(F.count(F.lit(1)).alias("cut")).selectExpr("'monetary' axis", "2 score", "cut"),)


def test_what_the_engine_says_is_explained_and_what_we_say_is_left_as_it_is() -> None:
    said = "Cannot cast column 'ordered_at' from 'Timestamp(µs)' (physical) to 'Timestamp(µs, \"UTC\")' (logical)"
    assert "wrote the times of this table as INT96" in str(unexpected(PySparkException(said)))
    assert "it is our fault" in str(unexpected(PySparkException("Something else")))
    assert "ask for fewer" in str(unexpected(PySparkException("CLIENT: Sent message larger than max (2 vs. 1)")))
    assert "very long" in str(unexpected(PySparkException("Decompressed message larger than max")))
    known = TableError("as it is")
    assert unexpected(known) is known


def test_another_mapping_of_a_source_is_a_reason_to_run_again(storage: Storage, run: Run) -> None:
    assert states(run(DAYS)) == {"days": "published"}
    mapped = {"at": "order_lines", "where": "amount < 0"}
    storage.target = Target.model_validate({**storage.target.model_dump(), "sources": {"order_lines": mapped}})
    assert states(run(DAYS)) == {"days": "published"}
    assert states(run(DAYS)) == {"days": "unchanged"}
