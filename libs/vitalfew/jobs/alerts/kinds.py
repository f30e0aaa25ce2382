"""The kinds of alerts, the most urgent first."""

from __future__ import annotations

from collections.abc import Mapping

KINDS = (
    "vip_returned",
    "complaints",
    "returns",
    "bad_ratings",
    "churn_risk",
    "spend_drop",
    "overdue",
    "frequency_up",
    "inactive",
    "churned",
)
SEVERITIES = ("high", "medium", "low")

STANDARD, STRICT = "standard", "strict"
RULES = (STANDARD, STRICT)
"""By which a kind names its customers; `strict` is known for overdue alone."""
HAS_LIFT, NO_LIFT, TOO_FEW, NO_HISTORY, NOT_MEASURED = "has_lift", "no_lift", "too_few", "no_history", "not_measured"
REASONS = (HAS_LIFT, NO_LIFT, TOO_FEW, NO_HISTORY, NOT_MEASURED)
STAYS_AWAY, SPENDS_LESS, BUYS_MORE, NOTHING = "stays_away", "spends_less", "buys_more", "nothing"
CLAIMS: Mapping[str, str] = {
    "vip_returned": STAYS_AWAY,
    "spend_drop": SPENDS_LESS,
    "overdue": SPENDS_LESS,
    "frequency_up": BUYS_MORE,
    "inactive": STAYS_AWAY,
    "churned": STAYS_AWAY,
}
"""What a kind says of those whom it names, if it can be seen afterwards."""
BY_SILENCE = ("inactive", "churned")
"""Kinds that are days silent and nothing else: nobody silent for equally long is not named."""
