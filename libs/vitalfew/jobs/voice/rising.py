"""Which themes rise: more often than in the weeks before, beyond chance and beyond how much the theme varies anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.jobs.voice.counts import Weeks, columns
from vitalfew.jobs.voice.params import VoiceParams

LOW_POINT = 0.05


def with_rises(rows: Sequence[dict[str, Any]], weeks: Weeks, params: VoiceParams) -> list[dict[str, Any]]:
    """`rows` with rates, dispersion, p, q and whether they rise.

    Given all texts with a theme, the recent ones are binomial if the rate is one (Przyborowski and Wilenski 1940), the
    exposure being all texts of the kind: a week of many texts is no rise. Whole weeks are compared with whole weeks, so
    weekdays are alike. Counts are divided by the dispersion of the weeks before: what many read or hear makes counts
    vary more than chance.
    """
    import scipy

    recent, before, squares = columns(rows, "recent", "before", "squares")
    all_recent, all_before, spans = (
        np.array([of(row["kind"]) for row in rows], np.float64)
        for of in (weeks.recent, weeks.before, weeks.weeks_before)
    )
    is_judged = (spans >= params.min_weeks) & (all_recent > 0)
    spread = dispersion(before, squares, all_before, spans)
    is_tested = is_judged & (recent >= params.rising_texts)
    n, past = np.floor(recent / spread), np.ceil(before / spread)
    log_p = np.zeros(len(rows))
    part = all_recent / np.maximum(all_recent + all_before, 1)
    log_p[is_tested] = scipy.stats.binom.logsf(n[is_tested] - 1, (n + past)[is_tested], part[is_tested])
    log_q = np.zeros(len(rows))
    log_q[is_tested] = log_false_discovery_rate(log_p[is_tested])
    is_more = recent * all_before >= params.rising_factor * before * all_recent
    is_rising = is_tested & is_more & (log_q <= np.log(params.significance))
    return [
        {
            **row,
            "per_million": 1e6 * recent[i] / all_recent[i] if all_recent[i] else None,
            "per_million_before": 1e6 * before[i] / all_before[i] if all_before[i] else None,
            "dispersion": float(spread[i]) if is_judged[i] else None,
            "p_value": float(np.exp(log_p[i])) if is_tested[i] else None,
            "q_value": float(np.exp(log_q[i])) if is_tested[i] else None,
            "is_rising": bool(is_rising[i]),
        }
        for i, row in enumerate(rows)
    ]


def dispersion(n: Any, squares: Any, texts: Any, weeks: Any) -> Any:
    """Dispersion of weekly counts that add up to `n`, of `texts` in all, in `weeks` weeks: its upper 95 % bound, or 1.

    Pearson's chi-squared is the sum over weeks of (k - mean)² / mean, where mean is the part of the week's texts: this
    is squares * texts / n - n. It is divided by the lower 5 % point of its distribution and not by its mean: with
    the mean, 10 to 18 of 100 shops had a false rise where rates of weeks are gamma-distributed with shape 4 and 1.5.
    """
    import scipy

    chi_squared = np.where(n > 0, squares * texts / np.maximum(n, 1) - n, 0.0)
    return np.maximum(1.0, chi_squared / scipy.stats.chi2.ppf(LOW_POINT, np.maximum(weeks - 1, 1)))
