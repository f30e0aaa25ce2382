"""Slices are compared with slices that the same settings made; where there is none, everybody says so and stops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from generated import CONF
from generator import writing
from generator.world import AS_OF, World
from pages import telling

from conftest import Frame
from vitalfew import suite
from vitalfew.config.loading import load, settings_digest
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.segment_moves.tables import SEGMENT_MOVE_TOTALS, SEGMENT_MOVES
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.runs.previous import Previous, upstream
from vitalfew.runs.run_log import PUBLISHED, Event, Ledger
from vitalfew.storage.delta import Storage

ONE, TWO, THREE = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
RFM, MOVES_JOB = suite.JOBS["rfm"], suite.JOBS["segment_moves"]


def ledger(*slices: tuple[str, date | None, str | None]) -> Ledger:
    """One that holds a published run of each job, day and settings, in this order."""
    start = datetime.fromisoformat("2025-04-01 10:00")
    events = [
        Event(str(number), job, day, PUBLISHED, start + timedelta(hours=number), "", "{}", "{}", None, settings)
        for number, (job, day, settings) in enumerate(slices)
    ]
    found = Ledger.__new__(Ledger)
    found.events = events
    found.storage = Storage.__new__(Storage)
    found.storage.target = Target(root="/unused")
    return found


@pytest.mark.parametrize(
    ("slices", "last", "passed_over"),
    [
        ([], None, None),
        ([("rfm", THREE, "a")], None, None),
        ([("rfm", ONE, "a"), ("rfm", TWO, "a"), ("rfm", THREE, "a")], TWO, None),
        ([("rfm", ONE, "a"), ("rfm", TWO, "b"), ("rfm", THREE, "a")], ONE, TWO),
        ([("rfm", TWO, "b"), ("rfm", THREE, "a")], None, TWO),
        ([("rfm", TWO, "b"), ("rfm", THREE, "a"), ("rfm", TWO, "a")], TWO, None),
        ([("rfm", TWO, None), ("rfm", THREE, "a")], None, TWO),
        ([("rfm", TWO, None), ("rfm", THREE, None)], None, TWO),
        ([("rfm", TWO, "a")], None, None),
    ],
    ids=["nothing", "first", "same", "a, b, a", "changed", "made again", "unknown", "both unknown", "none today"],
)
def test_the_newest_slice_before_with_the_settings_of_todays_is_the_one_before(
    slices: list[tuple[str, date | None, str | None]], last: date | None, passed_over: date | None
) -> None:
    previous = Previous(ledger(*slices), MOVES_JOB, THREE, "m")
    assert previous.comparable(RFM, "rfm") == last
    assert previous.other_settings == ({"rfm": passed_over} if passed_over else {})
    assert len(previous.notes) == bool(passed_over)
    if passed_over:
        assert f"changed after its slice of {passed_over} in rfm" in previous.notes[0]
        assert ("nothing is compared" in previous.notes[0]) == (last is None)


def test_of_its_own_slices_a_run_takes_those_made_as_it_will_make_todays() -> None:
    previous = Previous(ledger(("segment_moves", ONE, "m"), ("segment_moves", TWO, "n")), MOVES_JOB, THREE, "m")
    assert previous.comparable(MOVES_JOB, "segment_move_matrix") == ONE


def test_settings_are_those_of_the_jobs_before_too_but_not_what_only_changes_words() -> None:
    target = Target(root="/x")
    above = upstream(ledger(("orders", None, "o"), ("customer_products", None, "p")), RFM, THREE)
    assert above == {"orders": "o"}, "facts in step decide nothing"

    def digest(params: dict[str, Any], above: dict[str, str | None] = above, at: Target = target) -> str:
        return settings_digest(RFM, RFM.params(**params), at, above)

    assert digest({"actions": {"Lost": "Write to them."}}) == digest({})
    assert digest({"window_days": 90}) != digest({})
    assert digest({}, {"orders": "other"}) != digest({})


def test_what_only_changes_words_is_a_parameter() -> None:
    for job in suite.JOBS.values():
        assert job.params.presentation <= set(job.params.model_fields), job.name


def test_clusters_keep_their_numbers_and_contacts_count_whatever_the_settings_and_nothing_else() -> None:
    assert [r.table.name for job in suite.JOBS.values() for r in job.reads.values() if r.any_settings] == [
        "cluster_features",
        "planned_contacts",
    ]


@pytest.fixture(scope="module")
def shop(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """A shop in which RFM was computed a month ago."""
    root = tmp_path_factory.mktemp("settings")
    writing.write(running.spark, World(1_000), root)
    storage = Storage(running, Target(root=str(root), engine=running.name))
    run(storage, AS_OF - timedelta(weeks=4), "orders", "rfm")
    yield storage
    storage.release()


def run(storage: Storage, day: date, *jobs: str, **settings: Any) -> dict[str, Outcome]:
    chosen = [suite.JOBS[name] for name in jobs]
    given = [f"{key.replace('__', '.')}={value}" for key, value in settings.items()]
    schemes = ["segment_moves.schemes=[rfm]"] if "segment_moves" in jobs else []
    config = load(CONF, "generated", chosen, [*given, *schemes], root=storage.target.root, engine=storage.engine.name)
    done = Runner(storage, config, as_of=day).run(chosen)
    assert {outcome.job: outcome.message for outcome in done if outcome.error} == {}
    return {outcome.job: outcome for outcome in done}


def test_movement_is_computed_between_like_slices_only_and_the_summary_says_so(shop: Storage, frame: Frame) -> None:
    before = AS_OF - timedelta(weeks=4)

    def total() -> Any:
        return shop.read(SEGMENT_MOVE_TOTALS).where(f"as_of = date'{AS_OF}' and scheme = 'rfm'").collect()[0]

    done = run(shop, AS_OF, "rfm", "segment_moves", rfm__window_days=120)
    assert "the settings of rfm, or of what it reads, changed after" in done["segment_moves"].message
    assert f"run rfm --as-of {before} again" in done["segment_moves"].message
    assert (total().previous_on, total().moved, shop.read(SEGMENT_MOVES).count()) == (None, 0, 0)
    assert (total().note_code, total().note_values) == ("other_settings", {"scheme": "rfm", "previous": str(before)})
    assert total().note.startswith("The settings of rfm changed after ")
    drawn = (
        "scheme | customers_now | previous_on | note_code | note_values\n"
        f"rfm | {total().customers_now} | ~ | other_settings | [scheme=rfm, previous={before}]"
    )
    (line,) = telling(frame)("Who has moved since the last look?", segment_move_totals=drawn)
    assert line[1] == total().note

    run(shop, before, "rfm", rfm__window_days=120)
    done = run(shop, AS_OF, "rfm", "segment_moves", rfm__window_days=120)
    assert (done["rfm"].state, done["segment_moves"].state, done["segment_moves"].message) == (
        "unchanged",
        "published",
        "",
    )
    assert total().previous_on == before
    assert (total().note_code, total().note_values["previous"]) == ("compared", str(before))


def test_events_of_alerts_are_those_of_like_slices(shop: Storage) -> None:
    before = AS_OF - timedelta(weeks=4)
    run(shop, before, "alerts")
    done = run(shop, AS_OF, "alerts", alerts__churned_days=200)
    assert "the settings of alerts, or of what it reads, changed after" in done["alerts"].message
    assert shop.read(ALERTS).where(f"as_of = date'{AS_OF}' and status = 'closed'").count() == 0
    assert run(shop, AS_OF, "alerts", alerts__worklist=5)["alerts"].message == ""
    raised = shop.read(ALERTS).where(f"as_of = date'{AS_OF}' and raised_on = date'{before}'")
    assert raised.count() > 0
