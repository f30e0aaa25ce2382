"""Whether the arms of an experiment have the sizes that they were to have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import scipy


@dataclass(frozen=True)
class SampleRatio:
    """Pearson's chi-square of the sizes, with one degree of freedom less than there are arms."""

    chi_square: float
    p_value: float
    expected: tuple[float, ...]


def sample_ratio(sizes: Sequence[int], weights: Sequence[float]) -> SampleRatio | None:
    """Of `sizes` that were to be as `weights` (above 0) are; None where there are no two arms, or nobody in them.

    A mismatch says that the arms differ by more than the action (Fabijan et al., KDD 2019).
    """
    if len(sizes) < 2 or not sum(sizes):
        return None
    expected = tuple(sum(sizes) * weight / sum(weights) for weight in weights)
    found = sum((size - due) ** 2 / due for size, due in zip(sizes, expected, strict=True))
    return SampleRatio(found, float(scipy.special.chdtrc(len(sizes) - 1, found)), expected)
