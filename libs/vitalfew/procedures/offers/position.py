"""How far situations are answered, as `offer_batches` says."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.offers.tables import OFFER_BATCHES, OFFERS
from vitalfew.storage import snapshots
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables.sources import SITUATIONS

KEPT = "source_state"


@dataclass(frozen=True)
class Position:
    """The state of situations up to which all is answered, None where all is to be read; and the last batches.

    `whole`: the last batch for which all was read; a stream of Spark that began after it has its checkpoint by it.
    """

    answered: Snapshot | None = None
    last: int = 0
    whole: int = 0
    started_at: Snapshot | None = None


def written(state: Snapshot | None) -> str | None:
    return None if state is None else snapshots.as_text({SITUATIONS.name: state})


def read(text: str | None) -> Snapshot | None:
    return None if text is None else snapshots.parsed(text)[SITUATIONS.name]


def found(storage: Storage) -> Position:
    """Where the last run came to; from the beginning where offers were taken away."""
    if not storage.exists(OFFER_BATCHES):
        return Position()
    rows = storage.read(OFFER_BATCHES).select("batch", KEPT, "is_whole")
    last = F.max("batch").alias("last")
    newest = collect_rows(
        rows.agg(
            last,
            F.max(F.when(F.col(KEPT).isNotNull(), F.col("batch"))).alias("known"),
            F.max(F.when(F.col("is_whole"), F.col("batch"))).alias("whole"),
        ),
        "the last batches",
    )[0]
    named = [one for one in (newest["known"], newest["whole"]) if one is not None]
    states = {row["batch"]: read(row[KEPT]) for row in collect_rows(rows.where(F.col("batch").isin(named)), "batches")}
    whole = newest["whole"] or 0
    answered = states.get(newest["known"]) if storage.exists(OFFERS) else None
    return Position(answered, newest["last"] or 0, whole, states.get(whole))


def goes_on(storage: Storage, position: Position, now: Snapshot) -> bool:
    """Whether what came after `position` can be told: the same table, in a history that holds what was answered."""
    before = position.answered
    return (
        before is not None
        and before.is_same_table(now)
        and before.version <= now.version
        and storage.holds(SITUATIONS, before)
    )
