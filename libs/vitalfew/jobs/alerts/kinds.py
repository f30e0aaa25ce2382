"""The kinds of alerts, the most urgent first, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping

TO_DO: Mapping[str, str] = {
    "super_back": "Call each of them today.",
    "complaints": "Answer them today, and find the cause.",
    "returns": "Find out why they come back before more is sent.",
    "bad_ratings": "Read and answer them today.",
    "leaving": "Make an offer to the most valuable before they are gone.",
    "spend_drop": "Ask the most valuable what they buy elsewhere.",
    "overdue": "Ask them back now, the most valuable first: their own rhythm broke.",
    "rising": "Thank them, and offer them the programme.",
    "silent": "Ask back who broke their own rhythm, remind the others; who always takes that long is left in peace.",
    "churned": "One good offer to the most valuable; then let go.",
}
