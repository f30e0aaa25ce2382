"""BG/NBD, Pareto/NBD and Gamma-Gamma: published figures, formulas of the papers, gradients, and honest verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from math import exp
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1

from vitalfew.algorithms.clv import (
    bg_nbd,
    bg_nbd_likelihood,
    gamma_gamma,
    mbg_nbd,
    mbg_nbd_likelihood,
    pareto_nbd,
    pareto_nbd_likelihood,
)
from vitalfew.algorithms.clv.beta_quadrature import beta_quadrature
from vitalfew.algorithms.clv.gamma_gamma import Spending
from vitalfew.algorithms.clv.maximum_likelihood import maximise
from vitalfew.algorithms.clv.purchase_histories import Histories
from vitalfew.dataframes.arrays import Floats

END = date(1997, 9, 30)
CDNOW_BG = np.array([0.2426, 4.4135, 0.7929, 2.4258])
CDNOW_PARETO = np.array([0.5533, 10.578, 0.6062, 11.669])


def columns(x: list[float], t_x: list[float], age: list[float]) -> tuple[Floats, Floats, Floats]:
    return np.array(x, dtype=float), np.array(t_x, dtype=float), np.array(age, dtype=float)


def spent(x: list[float], m: list[float]) -> Spending:
    """A customer for each x and m."""
    return Spending(np.array(x, dtype=float), np.array(m, dtype=float), np.ones(len(x)))


def histories(rows: Counter[tuple[float, float, float]]) -> Histories:
    keys = sorted(rows)
    x, t_x, age = np.array(keys, dtype=float).T
    return Histories(x, t_x, age, np.array([rows[key] for key in keys], dtype=float))


def of_cdnow(path: Path) -> tuple[Histories, Spending]:
    """CDNOW up to END, in plain Python."""
    money: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in path.read_text().splitlines():
        words = line.split()
        if words[0].isdigit():
            day = date.fromisoformat(words[-3])
            if day <= END:
                money[words[-4]][day] += float(words[-1])
    rows: Counter[tuple[float, float, float]] = Counter()
    means: Counter[tuple[float, float]] = Counter()
    for days in money.values():
        first, *again = sorted(days)
        rows[len(again), (max(days) - first).days / 7, (END - first).days / 7] += 1
        if again and sum(days[day] for day in again) > 0:
            means[len(again), sum(days[day] for day in again) / len(again)] += 1
    keys = sorted(means)
    x, m = np.array(keys, dtype=float).T
    return histories(rows), Spending(x, m, np.array([means[key] for key in keys], dtype=float))


@pytest.fixture(scope="module")
def sample(shared: Path) -> tuple[Histories, Spending]:
    return of_cdnow(shared / "CDNOW_sample.txt")


def test_bg_nbd_on_the_cdnow_sample_is_as_published(sample: tuple[Histories, Spending]) -> None:
    known, _ = sample
    assert (known.weight.sum(), known.weight[known.x > 0].sum(), len(known.x)) == (2357, 946, 1016)
    found = bg_nbd_likelihood.fit(known)
    assert found.problem is None
    assert found.values == pytest.approx(CDNOW_BG, rel=3e-4)
    assert found.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    one = bg_nbd.expected_purchases(found.values, *columns([2], [30.43], [38.86]), np.array([39.0]))
    assert one[0, 0] == pytest.approx(1.226, abs=0.0005)
    foretold = bg_nbd.expected_purchases(found.values, known.x, known.t_x, known.age, np.array([39.0]))
    assert foretold[:, 0] @ known.weight == pytest.approx(1653, abs=0.5)


def test_pareto_nbd_on_the_cdnow_sample_is_as_published(sample: tuple[Histories, Spending]) -> None:
    found = pareto_nbd_likelihood.fit(sample[0])
    assert found.problem is None
    assert found.values == pytest.approx(CDNOW_PARETO, rel=3e-4)
    assert found.log_likelihood == pytest.approx(-9594.97, abs=0.01)


def test_mbg_nbd_on_the_cdnow_sample_is_as_published(sample: tuple[Histories, Spending]) -> None:
    found = mbg_nbd_likelihood.fit(sample[0])
    assert found.problem is None
    assert found.values == pytest.approx([0.5248, 6.1830, 0.8914, 1.6140], rel=3e-4)
    assert found.log_likelihood == pytest.approx(-9582.13, abs=0.01)
    alive = mbg_nbd.p_alive(found.values, *columns([0, 2], [0, 30.43], [38.86, 38.86]))
    assert alive == pytest.approx([0.3897, 0.7061], abs=1e-4)


def test_mbg_nbd_expects_what_its_own_world_does() -> None:
    """Simulated customers who may leave right after the first purchase: what comes later, by what was known before."""
    parameters, now, later = np.array([0.8, 5.0, 1.2, 2.0]), 40.0, 60.0
    rng = np.random.default_rng(7)
    known, came = [], []
    for _ in range(40_000):
        rate, leaves, days, on = rng.gamma(0.8) / 5.0, rng.beta(1.2, 2.0), [], 0.0
        while rng.random() >= leaves and (on := on + rng.exponential(1 / rate)) < later:
            days.append(on)
        before = [d for d in days if d <= now]
        known.append((len(before), before[-1] if before else 0.0, now))
        came.append(len(days) - len(before))
    x, t_x, age = np.array(known, dtype=float).T
    foretold = mbg_nbd.expected_purchases(parameters, x, t_x, age, np.array([later - now]))[:, 0]
    for group in (x == 0, (x == 1) & (t_x > 20), (x >= 2) & (t_x < 20), x >= 4):
        noise = np.sqrt(np.var(np.array(came)[group]) / group.sum())
        assert foretold[group].mean() == pytest.approx(np.array(came)[group].mean(), abs=3.5 * noise)


def test_a_search_from_known_parameters_ends_at_the_same_top(sample: tuple[Histories, Spending]) -> None:
    for model in (bg_nbd_likelihood, mbg_nbd_likelihood, pareto_nbd_likelihood):
        whole = model.fit(sample[0])
        near = model.fit(sample[0], (whole.values * 1.3).tolist())
        assert near.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-6)


def test_gamma_gamma_on_the_cdnow_sample_is_as_published(sample: tuple[Histories, Spending]) -> None:
    _, spending = sample
    assert spending.weight.sum() == 946
    found = gamma_gamma.fit(spending)
    assert found.problem is None
    assert found.values == pytest.approx([6.249, 3.745, 15.448], rel=5e-4)
    assert gamma_gamma.correlation(spending) == pytest.approx(0.11, abs=0.01)


def test_bg_nbd_on_all_of_cdnow_is_as_published(shared: Path) -> None:
    known, _ = of_cdnow(shared / "CDNOW_master.txt")
    found = bg_nbd_likelihood.fit(known)
    assert known.weight.sum() == 23570
    assert found.values == pytest.approx([0.2516, 4.789, 0.7234, 2.161], rel=3e-4)
    assert found.log_likelihood == pytest.approx(-95368.44, abs=0.005)


def test_standard_errors_are_those_of_many_repeated_samples() -> None:
    """Fitted to bootstrap samples of simulated customers, the parameters spread as the errors say."""
    rng = np.random.default_rng(1)
    rows = [simulated(rng, 60.0) for _ in range(3000)]
    whole = pareto_nbd_likelihood.fit(histories(Counter(rows)))
    again = [
        np.log(pareto_nbd_likelihood.fit(histories(Counter(rows[i] for i in rng.integers(0, 3000, 3000)))).values)
        for _ in range(30)
    ]
    assert np.std(again, axis=0) == pytest.approx(whole.errors / whole.values, rel=0.45)
    assert whole.values == pytest.approx([1.0, 5.0, 1.0, 20.0], rel=0.5)


def simulated(rng: np.random.Generator, age: float) -> tuple[float, float, float]:
    """A customer of a Pareto/NBD world, observed on whole days."""
    rate, leaves = rng.gamma(1.0) / 5.0, rng.exponential(20.0 / rng.gamma(1.0))
    age -= int(rng.integers(0, 84)) / 7
    until = min(age, leaves)
    days = sorted({int(7 * t) for t in rng.uniform(0, until, rng.poisson(rate * until))} - {0})
    return float(len(days)), days[-1] / 7 if days else 0.0, age


X, T_X, AGE = columns([0, 0, 1, 2, 7, 40, 300], [0, 0, 3, 30.43, 20, 51, 99], [0, 90, 3, 38.86, 60, 52, 100])


def published_bg(p: Floats, x: float, t_x: float, age: float, t: float) -> float:
    """E[Y(t)] as the paper writes it."""
    r, alpha, a, b = p
    f = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * f)
    return float(top / (1 + (x > 0) * a / (b + x - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x)))


@pytest.mark.parametrize("parameters", [CDNOW_BG, np.array([1.7, 9.0, 2.5, 6.0]), np.array([0.3, 2.0, 0.15, 3.0])])
@pytest.mark.parametrize("weeks", [1.0, 13.0, 52.0])
def test_expected_purchases_of_bg_nbd_are_those_of_the_paper(parameters: Floats, weeks: float) -> None:
    found = bg_nbd.expected_purchases(parameters, X, T_X, AGE, np.array([weeks]))[:, 0]
    wanted = [published_bg(parameters, *row, weeks) for row in zip(X, T_X, AGE, strict=True)]
    assert found[1:] == pytest.approx(wanted[1:], rel=2e-6)
    assert found[0] == pytest.approx(wanted[0], rel=1e-3)  # who bought a moment ago, a horizon of ten times all time


def test_expected_purchases_do_not_break_where_the_series_does() -> None:
    at_one = bg_nbd.expected_purchases(np.array([0.5, 5.0, 1.0, 2.0]), X, T_X, AGE, np.array([20.0]))
    beside = bg_nbd.expected_purchases(np.array([0.5, 5.0, 1.0 + 1e-6, 2.0]), X, T_X, AGE, np.array([20.0]))
    assert at_one == pytest.approx(beside, rel=1e-4)
    many = bg_nbd.expected_purchases(CDNOW_BG, *columns([3000], [430], [430]), np.array([4.0]))
    assert many[0, 0] == pytest.approx(4 * 3000.24 / 434.4, rel=0.02)


def test_quadrature_has_the_moments_of_the_beta_distribution() -> None:
    for a, b in ((0.05, 0.4), (0.79, 2.4), (3.0, 800.0), (1.0, 1.0)):
        nodes, weights = beta_quadrature(a, np.array([b]))
        assert weights.sum() == pytest.approx(1)
        assert (weights * nodes).sum() == pytest.approx(a / (a + b))
        assert (weights * nodes**2).sum() == pytest.approx(a * (a + 1) / (a + b) / (a + b + 1))


@pytest.mark.parametrize("parameters", [CDNOW_PARETO, CDNOW_PARETO[[0, 3, 2, 1]], np.array([2.0, 0.05, 0.1, 400.0])])
def test_the_integral_of_pareto_nbd_is_right_far_and_near(parameters: Floats) -> None:
    r, alpha, s, beta = parameters
    logs, _ = pareto_nbd.left_meanwhile(parameters, X, T_X, AGE)
    assert logs[0] == logs[2] == -np.inf  # no time between the last purchase and now
    for x, t_x, age, found in list(zip(X, T_X, AGE, logs, strict=True))[1:]:
        if t_x == age:
            continue

        def height(u: float, of: tuple[float, float] = (r + x, t_x)) -> float:
            return exp(of[0] * np.log((alpha + of[1]) / (alpha + u)) + (s + 1) * np.log((beta + of[1]) / (beta + u)))

        parts = [t_x, *np.geomspace(1e-3, age - t_x, 12) + t_x]
        area = sum(quad(height, start, end)[0] for start, end in pairwise(parts))
        scale = -(r + x) * np.log(alpha + t_x) - (s + 1) * np.log(beta + t_x)
        assert found == pytest.approx(np.log(area) + scale, abs=1e-9)


def test_p_alive_of_pareto_nbd_is_that_of_the_paper() -> None:
    """With A0, the difference of two hypergeometric functions (Fader and Hardie 2005), for alpha < beta."""
    r, alpha, s, beta = CDNOW_PARETO
    x, t_x, age = 2.0, 30.43, 38.86
    n = r + s + x

    def part(time: float) -> float:
        return float(hyp2f1(n, r + x, n + 1, (beta - alpha) / (beta + time)) / (beta + time) ** n)

    odds = s / n * (alpha + age) ** (r + x) * (beta + age) ** s * (part(t_x) - part(age))
    found = pareto_nbd.p_alive(CDNOW_PARETO, *columns([x], [t_x], [age]))
    assert found[0] == pytest.approx(1 / (1 + odds), rel=1e-9)


def test_expected_purchases_of_pareto_nbd_pass_through_s_of_one() -> None:
    near = [
        pareto_nbd.expected_purchases(np.array([0.5, 10.0, s, 12.0]), X, T_X, AGE, np.array([9.0]))
        for s in (1 - 1e-6, 1.0, 1 + 1e-6)
    ]
    assert near[1] == pytest.approx(near[0], rel=1e-4)
    assert near[1] == pytest.approx(near[2], rel=1e-4)


@pytest.mark.parametrize("model", [bg_nbd, pareto_nbd])
def test_a_probability_lies_between_0_and_1_and_the_future_grows(model: ModuleType) -> None:
    parameters = CDNOW_BG if model is bg_nbd else CDNOW_PARETO
    alive = model.p_alive(parameters, X, T_X, AGE)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert alive[0] == 1
    future = model.expected_purchases(parameters, X, T_X, AGE, np.array([1.0, 2.0, 52.0]))
    assert (np.diff(future, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("likelihood", "parameters"),
    [(bg_nbd_likelihood, CDNOW_BG), (mbg_nbd_likelihood, CDNOW_BG), (pareto_nbd_likelihood, CDNOW_PARETO)],
)
def test_gradients_are_slopes(likelihood: ModuleType, parameters: Floats) -> None:
    known = Histories(X, T_X, AGE, np.ones(len(X)))
    gradient = likelihood.log_likelihood(parameters, known)[1]
    for position in range(4):
        step = np.eye(4)[position] * 1e-5 * parameters[position]
        up, down = (likelihood.log_likelihood(parameters + s, known)[0] for s in (step, -step))
        assert gradient[position] == pytest.approx((up - down) / (2 * step.sum()), rel=1e-5, abs=1e-6)


def test_the_gradient_of_gamma_gamma_is_a_slope() -> None:
    spending = spent([1, 2, 30], [5, 40, 900])
    parameters = np.array([6.0, 4.0, 15.0])
    gradient = gamma_gamma.log_likelihood(parameters, spending)[1]
    for position in range(3):
        step = np.eye(3)[position] * 1e-4
        up, down = (gamma_gamma.log_likelihood(parameters + s, spending)[0] for s in (step, -step))
        assert gradient[position] == pytest.approx((up - down) / 2e-4, rel=1e-5, abs=1e-7)


def test_the_likelihood_of_gamma_gamma_is_a_density_over_amounts() -> None:
    """Integrated over m, whatever the parameters, it is 1."""

    def density(m: float) -> float:
        spending = spent([3], [m])
        return exp(gamma_gamma.log_likelihood(np.array([2.0, 4.0, 15.0]), spending)[0][0])

    assert quad(density, 0, 50)[0] + quad(density, 50, np.inf)[0] == pytest.approx(1, abs=1e-6)


def test_what_a_customer_will_spend_lies_between_the_mean_of_all_and_their_own() -> None:
    p, q, v = parameters = np.array([6.25, 3.74, 15.45])
    found = gamma_gamma.expected_amount(parameters, np.array([0.0, 1, 1000]), np.array([0.0, 100, 100]))
    assert found[0] == pytest.approx(p * v / (q - 1))
    assert found[0] < found[1] < found[2] == pytest.approx(100, rel=0.01)


def test_a_fit_without_dropout_is_called_degenerate_by_name() -> None:
    """Nobody leaves: b runs away, as on Online Retail."""
    rng = np.random.default_rng(2)
    rows: Counter[tuple[float, float, float]] = Counter()
    for _ in range(2000):
        days = np.unique(rng.integers(1, 280, rng.poisson(rng.gamma(3.0) * 3)))
        rows[len(days), max(days, default=0) / 7, 40.0] += 1
    found = bg_nbd_likelihood.fit(histories(rows))
    assert found.problem is not None
    assert found.problem.startswith("degenerate: ")


@pytest.mark.parametrize("likelihood", [bg_nbd_likelihood, pareto_nbd_likelihood])
def test_a_search_that_began_on_a_thinned_table_ends_on_the_same_top(
    likelihood: ModuleType, sample: tuple[Histories, Spending], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = likelihood.fit(sample[0])
    monkeypatch.setattr("vitalfew.algorithms.clv.maximum_likelihood.MANY", 300)
    assert likelihood.fit(sample[0]).values == pytest.approx(whole.values, rel=1e-3)


def test_a_likelihood_without_a_top_and_one_that_is_flat_are_told() -> None:
    def rising(p: Floats) -> tuple[float, Floats]:
        return float(np.log(p[0])), np.array([1 / p[0]])

    def flat(_: Floats) -> tuple[float, Floats]:
        return 0.0, np.zeros(1)

    def wide(p: Floats) -> tuple[float, Floats]:
        return float(-0.01 * np.log(p[0]) ** 2), np.array([-0.02 * np.log(p[0]) / p[0]])

    assert maximise(rising, ["b"], [[2.0]], 1).problem == "degenerate: b grew to 1e+07, the data do not identify it"
    falling = maximise(lambda p: (-rising(p)[0], -rising(p)[1]), ["a"], [[2.0]], 1).problem
    assert falling == "degenerate: a shrank to 1e-07, the data do not identify it"
    assert maximise(flat, ["a"], [[2.0]], 1).problem == "degenerate: the likelihood has no curved top"
    vague = maximise(wide, ["a"], [[2.0]], 1).problem
    assert vague is not None
    assert vague.startswith("degenerate: a is known only to a factor of")


def test_a_search_that_stopped_on_a_slope_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from vitalfew.algorithms.clv import maximum_likelihood

    def hill(p: Floats) -> tuple[float, Floats]:
        away = float(np.log(p[0])) - 3
        return -(away**4), np.array([-4 * away**3 / p[0]])

    monkeypatch.setitem(maximum_likelihood.SEARCH, "maxiter", 0)
    told = maximise(hill, ["a"], [[2.0]], 1).problem
    assert told is not None
    assert told.startswith("not converged")


def test_the_correlation_of_what_does_not_vary_is_zero() -> None:
    assert gamma_gamma.correlation(spent([1], [5])) == 0
    assert gamma_gamma.correlation(spent([1, 1], [5, 6])) == 0
    assert gamma_gamma.correlation(spent([1, 2], [5, 6])) == pytest.approx(1)
