"""Thresholds that are shares, compared on counts in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction


def exactly(share: float) -> Fraction:
    """The decimal number that somebody wrote, not the binary one next to it: 0.8 is 4/5."""
    return Fraction(repr(share))


def least_count(share: Fraction, whole: int) -> int:
    """The least count that is at least `share` of `whole`."""
    return -(-share.numerator * whole // share.denominator)
