"""Rows of situations to offers: the one function that polling and streaming call for what came.

It may be called twice for the same rows. A step that has a row is not decided again, and rows are inserted by their
key alone, so what is handed over at least once is answered exactly once. The batch is noted after its offers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.offers import chosen, outcomes, reached
from vitalfew.jobs.offers.params import OffersParams
from vitalfew.jobs.offers.tables import OFFER_BATCHES, OFFERED, OFFERS, WITHHELD
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.messages.sentences import VALUES, with_texts
from vitalfew.procedures.context import Reader
from vitalfew.procedures.offers.position import written
from vitalfew.storage import suppression
from vitalfew.storage.contracts import conform
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables import Table
from vitalfew.tables.sources import CONSENTS, CUSTOMERS, SITUATIONS, TREATMENTS

GIVEN = ("offer", "offer_value", "channel", "rule")
"""What is NULL where the offer is withheld."""


@dataclass
class Answering:
    """Answers batch after batch. `clock` gives the time, UTC; `hold` ends this where another run has taken over."""

    storage: Storage
    params: OffersParams
    published: Reader
    clock: Callable[[], datetime]
    last: int = 0
    rows_in: int = 0
    rows_suppressed: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    batches: int = 0
    hold: Callable[[], None] = lambda: None

    def answer(self, rows: DataFrame | None, upto: Snapshot | None, is_whole: bool = False) -> None:
        """Offers for `rows`, in one commit; then the note that all up to a state of situations is answered."""
        self.hold()
        began, now = time.monotonic(), self.clock()
        counted = Counted()
        try:
            if rows is not None:
                self.offers_of(rows, upto, now, counted)
            self.note(counted, upto, is_whole, now, time.monotonic() - began)
        finally:
            self.storage.release()

    def offers_of(self, rows: DataFrame, upto: Snapshot | None, now: datetime, counted: Counted) -> None:
        """Insert what is new."""
        stage = self.storage.stage
        judged = stage(
            reached.judged(rows.select(*SITUATIONS.columns), self.params, self.shop_time(now + reached.AHEAD))
        )
        for row in collect_rows(judged.groupBy("refused").agg(F.count(F.lit(1)).alias("rows")), "reasons"):
            counted.rows_in += row["rows"]
            if row["refused"] is not None:
                counted.refused[row["refused"]] = row["rows"]
        good = judged.where(F.col("refused").isNull())
        known = self.storage.read_or_empty(OFFERS)
        steps = stage(reached.without_known(reached.reached(good, self.params), known))
        kept, forgotten = suppression.apart(self.storage, steps)
        if forgotten is not None:
            theirs = forgotten.select("customer_id").distinct()
            counted.rows_suppressed = good.join(theirs, on="customer_id", how="left_semi").count()
        first = collect_rows(kept.agg(F.min("changed_at").cast("string").alias("first")), "the first word")[0]["first"]
        if first is None:
            return  # no step is new
        words = self.words_since(first, good, kept, upto, now)
        decided = self.decided(kept, words, known, upto, now)
        typed, _ = conform(decided, OFFERS, None, stage)
        for row in collect_rows(typed.groupBy("state").agg(F.count(F.lit(1)).alias("rows")), "states"):
            counted.states[row["state"]] = row["rows"]
        self.storage.merge(OFFERS, typed, update=False)

    def decided(
        self, steps: DataFrame, words: DataFrame, known: DataFrame, upto: Snapshot | None, now: datetime
    ) -> DataFrame:
        """The rows of OFFERS for new `steps`; `words`: what was said of their events until now."""
        storage, params = self.storage, self.params
        last = reached.last_steps(words, params)
        who = chosen.with_who(steps, self.segments(), storage.read_or_empty(CUSTOMERS), params)
        found = chosen.chosen(who.join(last, on=list(reached.EVENT), how="left"), params)
        consents, has_consents = storage.read_or_empty(CONSENTS), storage.exists(CONSENTS)
        said = outcomes.with_consent(found, consents, params, has_consents, self.shop_time(now, CONSENTS))
        had = outcomes.contacts(known, storage.read_or_empty(TREATMENTS), params, now)
        oldest = self.shop_time(now - timedelta(hours=params.most_hours))
        whole = outcomes.decided(said.join(had, on="customer_id", how="left"), params, oldest)
        is_made = F.col("state") == OFFERED
        blank = whole.withColumns({name: F.when(is_made, F.col(name)) for name in GIVEN})
        told = chosen.with_reason(storage.stage(blank))
        version = F.lit(None if upto is None else upto.version).cast("bigint")
        shaped = told.withColumns(
            {
                "send_from": F.when(is_made, outcomes.send_from(params, self.known_time(now))),
                "source_version": version,
                "made_at": reached.moment(now),
                "reason_values": F.col("reason_values").cast(VALUES),
            }
        )
        return with_texts(shaped, OFFERS, storage.target.words).select(*OFFERS.columns)

    def words_since(
        self, first: str, good: DataFrame, steps: DataFrame, upto: Snapshot | None, now: datetime
    ) -> DataFrame:
        """What was said of the events of `steps` since the first word of this batch, by it and by the table."""
        table = self.storage.read(SITUATIONS, upto.version if upto else None)
        latest = self.shop_time(now + reached.AHEAD)
        later = reached.judged(table.where(F.col("changed_at") >= F.lit(first).cast("timestamp")), self.params, latest)
        usable = later.where(F.col("refused").isNull()).unionByName(good)
        return usable.join(steps.select(*reached.EVENT).distinct(), on=list(reached.EVENT), how="left_semi")

    def shop_time(self, at: datetime, table: Table = SITUATIONS) -> Column:
        """A moment of UTC on the clock that the times of a source go by."""
        source = self.storage.target.sources.get(table.name)
        return reached.shop_moment(at, source.time_zone if source else None)

    def known_time(self, now: datetime) -> Column | None:
        """Now, on the clock of situations; None where their zone is not known."""
        source = self.storage.target.sources.get(SITUATIONS.name)
        return self.shop_time(now) if source and source.time_zone else None

    def segments(self) -> DataFrame:
        """customer_id and segment on the newest day of rfm; nobody where there is none."""
        self.published.refresh()
        rfm = self.published.read_or_empty(RFM)
        day = collect_rows(rfm.agg(F.max("as_of").alias("day")), "the last day")[0]["day"]
        return rfm.where(F.col("as_of") == F.lit(day)).select("customer_id", "segment")

    def note(self, counted: Counted, upto: Snapshot | None, is_whole: bool, now: datetime, seconds: float) -> None:
        """One row of OFFER_BATCHES."""
        self.last += 1
        offered, withheld = counted.states.get(OFFERED, 0), counted.states.get(WITHHELD, 0)
        row = {
            "batch": self.last,
            "source_state": written(upto),
            "is_whole": is_whole,
            "rows_in": counted.rows_in,
            "rows_refused": sum(counted.refused.values()),
            "rows_suppressed": counted.rows_suppressed,
            "refused": json.dumps(counted.refused, sort_keys=True) if counted.refused else None,
            "offered": offered,
            "withheld": withheld,
            "handled_at": now,
            "seconds": seconds,
        }
        self.storage.append_rows(OFFER_BATCHES, [row])
        self.batches += 1
        self.rows_in += counted.rows_in
        self.rows_suppressed += counted.rows_suppressed
        for total, of_batch in ((self.refused, counted.refused), (self.states, counted.states)):
            for name, rows in of_batch.items():
                total[name] = total.get(name, 0) + rows


@dataclass
class Counted:
    """What became of the rows of one batch, and how many steps have which state."""

    rows_in: int = 0
    rows_suppressed: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
