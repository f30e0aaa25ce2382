"""The job `share_of_wallet`: what it reads, computes and writes.

One more day is one more pass over the orders of the window: sums by customer and category, counted in bins.
"""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.share_of_wallet.params import ShareOfWalletParams
from vitalfew.jobs.share_of_wallet.tables import CUSTOMER_WALLET, WALLET_CATEGORIES, WALLET_EVALUATION, WALLET_GROUPS
from vitalfew.jobs.share_of_wallet.transform import share_of_wallet
from vitalfew.tables import facts, sources

JOB = Job(
    name="share_of_wallet",
    question="How much more could existing customers spend here, and who spends most of it elsewhere?",
    params=ShareOfWalletParams,
    reads={
        "orders": Read(facts.ORDERS),
        "customer_profile": Read(facts.CUSTOMER_PROFILE),
        "products": Read(sources.PRODUCTS, optional=True),
    },
    writes=(CUSTOMER_WALLET, WALLET_CATEGORIES, WALLET_GROUPS, WALLET_EVALUATION),
    transform=share_of_wallet,
)
