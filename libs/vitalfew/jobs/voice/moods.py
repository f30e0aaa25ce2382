"""Which themes speak of dissatisfaction, learnt from the shop's own ratings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.log_odds import log_odds
from vitalfew.jobs.voice.counts import Weeks, columns
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.tables import DISSATISFACTION, NEITHER, NO_RATINGS, SATISFACTION


def with_moods(rows: Sequence[dict[str, Any]], weeks: Weeks, params: VoiceParams) -> list[dict[str, Any]]:
    """`rows` with bad_texts and good_texts of all kinds together, log_odds, z and mood.

    A customer counts once, and not with each text: some are never pleased, and have words of their own.
    """
    import scipy

    themes = sorted({row["theme"] for row in rows})
    place = {theme: i for i, theme in enumerate(themes)}
    at = np.array([place[row["theme"]] for row in rows], np.int64)
    recent, before, bad, good = columns(rows, "recent", "before", "bad", "good")
    texts, bad, good = (np.bincount(at, each, len(themes)).astype(np.float64) for each in (recent + before, bad, good))
    is_known = min(weeks.bad, weeks.good) >= params.min_rated and bool(bad.sum() and good.sum())
    if is_known:
        delta, z = log_odds(bad, good, texts, params.prior_words)
        log_q = log_false_discovery_rate(np.log(2) + scipy.stats.norm.logsf(np.abs(z)))
        is_told = (log_q <= np.log(params.significance)) & (bad + good > 0)
    moods = [
        NO_RATINGS if not is_known else NEITHER if not is_told[i] else DISSATISFACTION if z[i] > 0 else SATISFACTION
        for i in range(len(themes))
    ]
    return [
        {
            **row,
            "bad_texts": int(bad[i]),
            "good_texts": int(good[i]),
            "log_odds": float(delta[i]) if is_known else None,
            "z": float(z[i]) if is_known else None,
            "mood": moods[i],
        }
        for row, i in zip(rows, at.tolist(), strict=True)
    ]
