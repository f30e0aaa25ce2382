"""The procedure `offers`: what it reads and writes.

It is on request and not part of `all`: it runs as often as situations are to be answered, or goes on watching.
One more batch of situations costs that batch, the rows that came after it, and the offers that are there.
"""

from __future__ import annotations

from vitalfew.job import Procedure, Read
from vitalfew.jobs.offers.params import OffersParams
from vitalfew.jobs.offers.tables import OFFER_BATCHES, OFFERS
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.tables import sources

JOB = Procedure(
    name="offers",
    question="Who is in a situation that calls for an apology, and what is each offered?",
    params=OffersParams,
    reads={
        "situations": Read(sources.SITUATIONS),
        "rfm": Read(RFM, optional=True),
        "customers": Read(sources.CUSTOMERS, optional=True),
        "consents": Read(sources.CONSENTS, optional=True),
        "treatments": Read(sources.TREATMENTS, optional=True),
    },
    writes=(OFFERS, OFFER_BATCHES),
    on_request=True,
)
