"""Which themes rise: more often than in the weeks before, beyond chance and beyond how much the theme varies anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.jobs.voice.counts import Weeks, columns
from vitalfew.jobs.voice.kept_themes import is_enough
from vitalfew.jobs.voice.params import VoiceParams

LOW_POINT = 0.05


def with_rises(rows: Sequence[dict[str, Any]], others: int, weeks: Weeks, params: VoiceParams) -> list[dict[str, Any]]:
    """`rows` with rates, dispersion, p, q and whether they rise; `others` were tested too, and are less sure.

    Given all texts with a theme, the recent ones are binomial if the rate is one (Przyborowski and Wilenski 1940), the
    exposure being all texts of the kind: a week of many texts is no rise. Whole weeks are compared with whole weeks, so
    weekdays are alike. Counts are divided by the dispersion before: what many read or hear, and customers who write
    again and again, make counts vary more than chance. What stays for some weeks does not show from week to week: so
    it is the dispersion of weeks or of spans as long as the recent one, whichever is more. What came as often in the
    same weeks a year before is the season.
    """
    import scipy

    recent, before, squares, span_squares, year_ago = columns(
        rows, "recent", "before", "squares", "span_squares", "year_ago"
    )
    all_recent, all_before, all_year_ago, number, spans = (
        np.array([of(row["kind"]) for row in rows], np.float64)
        for of in (weeks.recent, weeks.before, weeks.year_ago, weeks.weeks_before, weeks.spans_before)
    )
    is_judged = (number >= params.min_weeks) & (all_recent > 0)
    spread = np.maximum(
        dispersion(before, squares, all_before, number), dispersion(before, span_squares, all_before, spans)
    )
    is_tested = is_judged & np.array([is_enough(row, params) for row in rows], np.bool_)
    n, past = np.floor(recent / spread), np.ceil(before / spread)
    log_p = np.zeros(len(rows))
    part = all_recent / np.maximum(all_recent + all_before, 1)
    log_p[is_tested] = scipy.stats.binom.logsf(n[is_tested] - 1, (n + past)[is_tested], part[is_tested])
    log_q = np.zeros(len(rows))
    tests = np.append(log_p[is_tested], np.zeros(others))
    log_q[is_tested] = log_false_discovery_rate(tests)[: int(is_tested.sum())]
    is_more = recent * all_before >= params.rising_factor * before * all_recent
    is_season = (year_ago >= params.rising_texts) & (
        recent * all_year_ago < params.rising_factor * year_ago * all_recent
    )
    is_rising = is_tested & is_more & ~is_season & (log_q <= np.log(params.significance))
    return [
        {
            **row,
            "per_million": 1e6 * recent[i] / all_recent[i] if all_recent[i] else None,
            "per_million_before": 1e6 * before[i] / all_before[i] if all_before[i] else None,
            "per_million_year_ago": 1e6 * year_ago[i] / all_year_ago[i] if all_year_ago[i] else None,
            "dispersion": float(spread[i]) if is_judged[i] else None,
            "p_value": float(np.exp(log_p[i])) if is_tested[i] else None,
            "q_value": float(np.exp(log_q[i])) if is_tested[i] else None,
            "is_rising": bool(is_rising[i]),
        }
        for i, row in enumerate(rows)
    ]


def dispersion(n: Any, squares: Any, texts: Any, parts: Any) -> Any:
    """Dispersion of counts of parts, as weeks, that add up to `n`, of `texts` in all: its upper 95 % bound, or 1.

    Pearson's chi-squared is the sum over parts of (k - mean)² / mean, where mean is by the texts of the part: this
    is squares * texts / n - n. It is divided by the lower 5 % point of its distribution and not by its mean: with
    the mean, 10 to 18 of 100 shops had a false rise where rates of weeks are gamma-distributed with shape 4 and 1.5.
    """
    import scipy

    chi_squared = np.where(n > 0, squares * texts / np.maximum(n, 1) - n, 0.0)
    return np.maximum(1.0, chi_squared / scipy.stats.chi2.ppf(LOW_POINT, np.maximum(parts - 1, 1)))
