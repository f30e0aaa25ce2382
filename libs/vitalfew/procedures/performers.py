"""THE procedures: how each that is registered in the suite is performed."""

from __future__ import annotations

from vitalfew.procedures.campaigns import perform as campaigns
from vitalfew.procedures.context import Perform
from vitalfew.procedures.expire import perform as expire
from vitalfew.procedures.forget import perform as forget
from vitalfew.procedures.ingest import perform as ingest
from vitalfew.procedures.maintain import perform as maintain
from vitalfew.procedures.offers import perform as offers

PERFORMERS: dict[str, Perform] = {
    "ingest": ingest.planned,
    "campaigns": campaigns.planned,
    "offers": offers.planned,
    "forget": forget.planned,
    "expire": expire.planned,
    "maintain": maintain.planned,
}
