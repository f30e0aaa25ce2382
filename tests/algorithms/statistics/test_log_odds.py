"""Log-odds with an informative Dirichlet prior: by hand, and against the formula written out word by word."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from vitalfew.algorithms.statistics.log_odds import log_odds


def test_three_words_by_hand() -> None:
    """`leaks` is in 8 of 10 words of bad texts, in 1 of 10 of good ones; 20 words in all, prior of 10 words.

    Prior: leaks 9 / 2 = 4.5. Odds (8 + 4.5) / (10 + 10 - 12.5) against (1 + 4.5) / (20 - 5.5).
    """
    bad, good = np.array([8.0, 1.0, 1.0]), np.array([1.0, 5.0, 4.0])
    delta, z = log_odds(bad, good, bad + good, 10.0)
    assert delta[0] == pytest.approx(log(12.5 / 7.5) - log(5.5 / 14.5))
    assert delta[0] == pytest.approx(1.4802, abs=1e-4)
    assert z[0] == pytest.approx(1.4802 / sqrt(1 / 12.5 + 1 / 5.5), abs=1e-3)
    assert max(delta[1:]) < 0


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_formula_word_by_word(seed: int) -> None:
    dice = np.random.default_rng(seed)
    one, other = dice.poisson(5, 40).astype(float), dice.poisson(9, 40).astype(float)
    corpus, prior = one + other + dice.poisson(20, 40) + 1, 300.0
    delta, z = log_odds(one, other, corpus, prior)
    for word in range(40):
        a = prior * corpus[word] / sum(corpus)
        parts = []
        for group in (one, other):
            parts.append(log((group[word] + a) / (sum(group) + prior - group[word] - a)))
        assert delta[word] == pytest.approx(parts[0] - parts[1])
        assert z[word] == pytest.approx((parts[0] - parts[1]) / sqrt(1 / (one[word] + a) + 1 / (other[word] + a)))


def test_a_larger_prior_draws_to_what_all_texts_say_and_the_groups_are_opposites() -> None:
    one, other, corpus = np.array([9.0, 1.0]), np.array([1.0, 9.0]), np.array([10.0, 10.0])
    small, large = (log_odds(one, other, corpus, prior)[0][0] for prior in (1.0, 1000.0))
    assert 0 < large < small
    assert log_odds(other, one, corpus, 1.0)[0] == pytest.approx(-log_odds(one, other, corpus, 1.0)[0])


def test_the_only_word_that_there_is_has_no_odds() -> None:
    delta, z = log_odds(np.array([5.0]), np.array([3.0]), np.array([8.0]), 10.0)
    assert (delta[0], z[0]) == (0.0, 0.0)
