"""The rows of WALLET_GROUPS and WALLET_EVALUATION."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from vitalfew.jobs.share_of_wallet.params import ShareOfWalletParams
from vitalfew.jobs.share_of_wallet.peers import Peers
from vitalfew.jobs.share_of_wallet.potentials import SEEN, Estimate
from vitalfew.jobs.share_of_wallet.tables import TOTAL

Rows = list[dict[str, Any]]


def group_rows(peers: Peers, estimates: Sequence[Estimate], usual: Mapping[int, float]) -> Rows:
    """WALLET_GROUPS."""
    sums = {leaf: sum(each.groups[leaf].potential for each in estimates[1:]) for leaf in peers.tree.leaves}
    return [
        {
            "peer_group": leaf,
            "scope": each.scope,
            "category": each.category,
            "conditions": peers.conditions(leaf),
            "customers": of.customers,
            "buyers": of.buyers,
            "typical_per_year": money(of.typical),
            "quantile_per_year": money(of.quantile),
            "potential_per_year": money(of.potential),
            "categories_per_year": money(sums[leaf]) if each.scope == TOTAL else None,
            "usual_orders": usual[leaf],
            "gap_per_year": money(of.gap),
        }
        for each in estimates
        for leaf, of in each.groups.items()
        if of.customers
    ]


def evaluation_rows(peers: Peers, estimates: Sequence[Estimate], params: ShareOfWalletParams) -> Rows:
    """WALLET_EVALUATION."""
    return [evaluation_row(peers, each, params) for each in estimates]


def evaluation_row(peers: Peers, each: Estimate, params: ShareOfWalletParams) -> dict[str, Any]:
    judged, off = each.judged, each.tolerance
    is_calibrated = None
    if judged is not None and off is not None:
        is_calibrated = judged.below - off <= params.quantile <= judged.up_to + off
    return {
        "scope": each.scope,
        "category": each.category,
        "method": each.method,
        "reason": each.reason,
        "quantile": params.quantile,
        "groups": len(peers.tree.leaves),
        "prior_customers": None if math.isinf(each.prior) else each.prior,
        "fitted_customers": peers.sizes.of(peers.tree.leaves, SEEN),
        "customers": judged.rows if judged else 0,
        "share_below": judged.below if judged else None,
        "share_up_to": judged.up_to if judged else None,
        "tolerance": off,
        "is_calibrated": is_calibrated,
        "loss": judged.loss / 100 if judged else None,
        "plain_loss": judged.plain_loss / 100 if judged else None,
        "improvement": each.improvement,
        "improvement_low": each.improvement_low,
        "gap_per_year": money(sum(of.gap for of in each.groups.values())),
    }


def money(cents: float) -> Decimal:
    """Hundredths as money."""
    return Decimal(math.floor(cents + 0.5)) / 100
