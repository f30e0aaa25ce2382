"""Numbers drawn on the driver, where a few thousand are needed: the same for one seed and purpose, on any machine."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, poisson

Numbers = NDArray[np.float64]


def uniforms(seed: int, purpose: str, *shape: int) -> Numbers:
    """In [0, 1)."""
    salt = hashlib.sha256(f"{seed}:{purpose}".encode()).digest()[:8]
    return np.random.Generator(np.random.PCG64(int.from_bytes(salt, "big"))).random(shape)


def counts(seed: int, purpose: str, means: Numbers) -> NDArray[np.int64]:
    """Poisson numbers with these means."""
    drawn = poisson.ppf(uniforms(seed, purpose, *means.shape), np.maximum(means, 1e-12))
    return np.where(means > 0, drawn, 0).astype(np.int64)


def noise(seed: int, purpose: str, spread: float, *shape: int) -> Numbers:
    """Factors about 1: log-normal, with this standard deviation of the logarithm."""
    drawn = np.clip(uniforms(seed, purpose, *shape), 1e-9, 1 - 1e-9)
    return np.asarray(np.exp(spread * norm.ppf(drawn) - spread**2 / 2), dtype=np.float64)
