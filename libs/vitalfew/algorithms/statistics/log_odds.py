"""Which words speak of one group of texts rather than another: log-odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16 (2008), equations 16, 20 and 22.
"""

from __future__ import annotations

import numpy as np

from vitalfew.dataframes.arrays import Floats


def log_odds(one: Floats, other: Floats, corpus: Floats, prior_words: float) -> tuple[Floats, Floats]:
    """delta and z of each word: above 0 where it speaks of `one`.

    `one`, `other`, `corpus`: how often each word is there. The prior of a word is its count in the corpus, scaled so
    that all together are `prior_words`. A word that is all of a group, prior included, has no odds: delta is 0.
    """
    prior = corpus * (prior_words / corpus.sum())
    inside = [group + prior for group in (one, other)]
    outside = [group.sum() + prior_words - mine for group, mine in zip((one, other), inside, strict=True)]
    has_odds = (np.minimum(*inside) > 0) & (np.minimum(*outside) > 0)
    safe = [np.where(has_odds, each, 1.0) for each in (*inside, *outside)]
    delta = np.log(safe[0] / safe[2]) - np.log(safe[1] / safe[3])
    z = delta / np.sqrt(1 / safe[0] + 1 / safe[1])
    return np.where(has_odds, delta, 0.0), np.where(has_odds, z, 0.0)
