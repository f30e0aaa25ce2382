"""The kinds of alerts, the most urgent first."""

from __future__ import annotations

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
