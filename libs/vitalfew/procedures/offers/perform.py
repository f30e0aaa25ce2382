"""The procedure `offers`: apologies and offers for delays, outages and waits, each once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from vitalfew import confidential
from vitalfew.errors import ConfigError, InternalError, TableError
from vitalfew.jobs.offers.params import OffersParams
from vitalfew.jobs.offers.tables import OFFERED, OFFERS, WITHHELD
from vitalfew.procedures.context import Context, Performed, Plan
from vitalfew.procedures.offers import position
from vitalfew.procedures.offers.answered import Answering
from vitalfew.procedures.offers.watching import Watch
from vitalfew.storage.contracts import Reconciliation
from vitalfew.storage.delta import Storage
from vitalfew.tables.sources import CONSENTS, SITUATIONS


def planned(context: Context) -> Plan:
    """ConfigError or TableError where nothing can be offered; nothing is written before that is known."""
    params = cast(OffersParams, context.params)
    if context.published is None:
        raise InternalError("offers was given no tables to read.")
    if not params.kinds:
        raise ConfigError("offers has no `kinds` of situations: name them in conf/jobs/offers.yml.")
    refuse_missing(context.storage, params)
    inputs = {SITUATIONS.name: context.storage.snapshot(SITUATIONS)}
    return Plan(lambda: performed(context, params), inputs)


def refuse_missing(storage: Storage, params: OffersParams) -> None:
    """TableError where a table is not there without which nothing can be offered."""
    if not storage.exists(SITUATIONS):
        raise TableError(
            f"There is no table situations: name it under `sources` of {storage.called}, or ingest files of situations."
        )
    if not storage.exists(CONSENTS) and not params.assume_consent:
        raise TableError(
            "There is no table consents, so nobody is known to have consented: name it under `sources` of "
            f"{storage.called}, or ingest files of consents. If all have consented, and you answer for that: "
            "assume_consent: true"
        )


def clock() -> datetime:
    """Now, UTC: each batch of a run that watches has its own time."""
    return datetime.now(UTC).replace(tzinfo=None)


def performed(context: Context, params: OffersParams) -> Performed:
    """How many offers were made and withheld, and what became of the rows."""
    storage, published = context.storage, context.published
    if published is None:
        raise InternalError("offers was given no tables to read.")
    storage.read(SITUATIONS)  # so that a mapping that does not fit is told first
    found = position.found(storage)
    storage.create(OFFERS)
    answering = Answering(storage, params, published, clock, found.last, hold=context.hold)
    with confidential.about(SITUATIONS):
        answered = Watch(storage, params, answering, found).run()
    rows = {"offers": answering.states.get(OFFERED, 0), "withheld": answering.states.get(WITHHELD, 0)}
    return Performed(rows, {SITUATIONS.name: answered}, account(answering), notes(answering))


def account(done: Answering) -> Reconciliation:
    refused = sum(done.refused.values())
    return Reconciliation(
        rows_in=done.rows_in,
        rows_used=done.rows_in - refused - done.rows_suppressed,
        rows_quarantined=refused,
        rows_suppressed=done.rows_suppressed,
    )


def notes(done: Answering) -> tuple[str, ...]:
    """What a person should look at."""
    if not done.refused:
        return ()
    told = ", ".join(f"{why}: {rows:,}" for why, rows in sorted(done.refused.items()))
    return (f"WARNING: {sum(done.refused.values()):,} of {done.rows_in:,} rows of situations were not used ({told})",)
