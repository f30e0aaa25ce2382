"""The kinds of alerts, the most urgent first."""

from __future__ import annotations

KINDS = (
    "super_back",
    "complaints",
    "returns",
    "bad_ratings",
    "leaving",
    "spend_drop",
    "overdue",
    "rising",
    "silent",
    "churned",
)
SEVERITIES = ("high", "medium", "low")
