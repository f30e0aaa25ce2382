"""The segments of the presets in four bands, the best first: what a picture of all segments can show."""

from __future__ import annotations

from collections.abc import Mapping

BANDS: Mapping[str, tuple[str, ...]] = {
    "best": ("Champions", "Loyal", "Best", "Frequent", "Big Spenders"),
    "growing": ("Potential Loyalist", "Promising", "New Customers", "New"),
    "weakening": ("Need Attention", "About To Sleep", "At Risk", "Cannot Lose Them", "Cooling", "Win Back"),
    "asleep": ("Hibernating", "Lost"),
}
BAND_OF: Mapping[str, str] = {segment: band for band, segments in BANDS.items() for segment in segments}
"""A segment of a user's own is in none."""
