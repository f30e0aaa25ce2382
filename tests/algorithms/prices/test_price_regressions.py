"""Poisson regressions of weekly units: a second implementation agrees, and planted elasticities are found back."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from planted_prices import Planted, Trap, planted
from scipy.optimize import minimize

from vitalfew.algorithms.prices.errors import newey_west, of_spells, standard_errors
from vitalfew.algorithms.prices.estimates import of_groups
from vitalfew.algorithms.prices.held_out import gains, parts_of
from vitalfew.algorithms.prices.series import GONE, Series, series
from vitalfew.algorithms.prices.shared_weeks import shared
from vitalfew.algorithms.prices.two_effects import fit
from vitalfew.algorithms.prices.weekly import priced
from vitalfew.jobs.price.outputs import Answers
from vitalfew.jobs.price.params import PriceParams
from vitalfew.jobs.price.verdicts import found

PARAMS = PriceParams()
Row = dict[str, Any]


def small(seed: int, products: int = 3, weeks: int = 40) -> Series:
    """A small panel with weeks of no sale and a rest without prices."""
    rows = planted(seed, products, weeks).rows.drop_columns(["season", "usual"])
    random = np.random.default_rng(seed)
    rest = pa.table(
        {
            "product_id": pa.array([None] * weeks, pa.string()),
            "week": np.arange(weeks) + 1,
            "units": random.poisson(40, weeks).astype(float),
            "price": pa.array([None] * weeks, pa.float64()),
        }
    )
    return series(pa.concat_tables([rows, rest]), weeks, 13, 0.02)


def with_dummies(panel: Series, x: np.ndarray) -> np.ndarray:
    """The coefficients by a Poisson regression with a dummy for every cell and every week but one."""
    columns = [panel.cell == cell for cell in range(panel.cell.max() + 1)]
    columns += [panel.week == week for week in range(1, panel.week.max() + 1)]
    slopes = [
        np.where(panel.product == each, x[:, k], 0.0) for each in range(len(panel.names)) for k in range(x.shape[1])
    ]
    design = np.stack([*columns, *slopes], axis=1).astype(float)

    at = np.zeros(design.shape[1])
    at[: panel.cell.max() + 1] = np.log(panel.units.mean())
    for _ in range(60):
        mean = np.exp(np.clip(design @ at, -30, 30))
        root = np.sqrt(mean)
        step = np.linalg.lstsq(design * root[:, None], (panel.units - mean) / root, rcond=None)[0]
        at = at + np.clip(step, -1, 1)
    slopes_of: np.ndarray = at[-len(slopes) :].reshape(len(panel.names), x.shape[1])
    return slopes_of


@pytest.mark.parametrize("seed", [1, 2])
def test_a_regression_with_dummies_says_the_same(seed: int) -> None:
    panel = small(seed)
    x = panel.log_price[:, None]
    assert fit(panel, x).coefficients[:-1] == pytest.approx(with_dummies(panel, x), abs=1e-5)
    known = panel.where(~np.isnan(panel.before) & ~np.isnan(panel.after))
    several = np.stack([known.log_price, known.after, known.before], axis=1)
    several[known.product == len(known.names)] = 0.0
    assert fit(known, several).coefficients[:-1] == pytest.approx(with_dummies(known, several), abs=1e-4)


def test_robust_sums_are_those_of_loops() -> None:
    panel = small(3)
    fitted = fit(panel, panel.log_price[:, None])
    scores = fitted.within * (panel.units - fitted.mean)[:, None]
    by_week: dict[int, dict[int, float]] = defaultdict(dict)
    spells: dict[tuple[int, int], float] = defaultdict(float)
    for place, score in enumerate(scores[:, 0]):
        by_week[panel.product[place]][panel.week[place]] = score
        spells[panel.product[place], panel.spell[place]] += score
    for product, of_week in by_week.items():
        wanted = sum(score**2 for score in of_week.values())
        for lag in range(1, 5):
            pairs = sum(score * of_week.get(week - lag, 0.0) for week, score in of_week.items())
            wanted += 2 * (1 - lag / 5) * pairs
        assert newey_west(panel, scores)[product, 0, 0] == pytest.approx(wanted)
        of_own = sum(total**2 for (own, _), total in spells.items() if own == product)
        assert of_spells(panel, scores)[product, 0, 0] == pytest.approx(of_own)


def test_held_out_weeks_are_judged_by_what_others_taught() -> None:
    """With too few products for a mean: a coefficient is fitted to the other parts, by trying all of a fine grid."""
    panel = small(4, weeks=52)
    x = panel.log_price[:, None]
    fitted, without = fit(panel, x), fit(panel, x[:, :0])
    gained, before = gains(panel, x, fitted, standard_errors(panel, fitted)[:, 0], without)
    part = parts_of(panel.block)

    def deviance(rows: np.ndarray, slope: float, week: np.ndarray) -> float:
        total = 0.0
        for cell in np.unique(panel.cell[rows]):
            own = rows[panel.cell[rows] == cell]
            mean = np.exp(week[panel.week[own]] + slope * panel.log_price[own])
            mean *= panel.units[own].sum() / mean.sum()
            units = np.maximum(panel.units[own], 1e-300)
            total += 2 * float(np.where(panel.units[own] > 0, panel.units[own] * np.log(units / mean), 0).sum())
        return total

    rows = np.flatnonzero(panel.product == 0)
    plain = priced_ = 0.0
    for held in np.unique(part):
        taught, asked = rows[part[rows] != held], rows[part[rows] == held]
        best = minimize(lambda at, rows=taught: deviance(rows, at[0], fitted.week), [-1.0], tol=1e-10)
        plain += deviance(asked, 0.0, without.week)
        priced_ += deviance(asked, best.x[0], fitted.week)
    assert before[0] == pytest.approx(plain, rel=1e-6)
    assert gained[0] == pytest.approx(plain - priced_, abs=1e-3 * plain)


def test_weeks_without_a_sale_are_filled_and_long_gaps_are_left_out() -> None:
    rows = pa.table(
        {
            "product_id": ["a"] * 4 + ["b"] * 2,
            "week": [1, 3, 4, 5 + GONE, 1, 2],
            "units": [2.0, 1.0, 4.0, 3.0, 1.0, 1.0],
            "price": [5.0, 4.0, 4.0, 5.0, 1.0, 1.0],
        }
    )
    panel = series(rows, 5 + GONE, 100, 0.02)
    of_a = panel.product == 0
    assert panel.units[of_a].tolist() == [2.0, 0.0, 1.0, 4.0, 3.0]
    assert np.exp(panel.log_price[of_a]).round(9).tolist() == [5.0, 5.0, 4.0, 4.0, 5.0], "the last known price"
    assert np.exp(panel.before[of_a][2]) == pytest.approx(5.0)
    assert np.exp(panel.after[of_a][1]) == pytest.approx(4.0)
    assert len(set(panel.spell[of_a].tolist())) == 3


def naive_weeks(rows: list[Row], weeks: int, block_weeks: int, tolerance: float) -> dict[tuple[str, int], Row]:
    lines: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in rows:
        lines[row["product_id"], row["week"]] += [row["cents"]] * row["lines"]
    price = {key: sorted(each)[(len(each) - 1) // 2] for key, each in lines.items()}
    found_: dict[tuple[str, int], Row] = {}
    for (product, week), each in lines.items():
        block = sorted(
            cents
            for (own, other), cents in price.items()
            if own == product and (weeks - other) // block_weeks == (weeks - week) // block_weeks
        )
        earlier = [other for own, other in price if own == product and other < week]
        off = sum(abs(cents - price[product, week]) > price[product, week] * tolerance for cents in each)
        mine = [row for row in rows if (row["product_id"], row["week"]) == (product, week)]
        now, last = price[product, week], price[product, max(earlier)] if earlier else 0
        before = lines[product, max(earlier)] if earlier else []
        near = abs(now - last) / 4
        still = sum(abs(cents - last) <= near for cents in each) / len(each)
        already = sum(abs(cents - now) <= near for cents in before) / max(len(before), 1)
        found_[product, week] = {
            "product_id": product,
            "week": week,
            "units": sum(row["units"] for row in mine),
            "revenue": sum(row["revenue"] for row in mine),
            "lines": len(each),
            "cents": price[product, week],
            "is_mixed": off * 4 > len(each),
            "low_lines": sum(row["lines"] for row in mine if row["cents"] < price[product, week] * (1 - tolerance)),
            "low_units": sum(row["units"] for row in mine if row["cents"] < price[product, week] * (1 - tolerance)),
            "is_beside": bool(earlier) and now != last and still >= 0.05 and already >= 0.05,
            "usual": block[len(block) // 2],
            "before": price[product, max(earlier)] if earlier else None,
            "gap": week - max(earlier) if earlier else None,
        }
    return found_


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_prices_of_weeks_are_those_of_a_naive_count(seed: int) -> None:
    random = np.random.default_rng(seed)
    keys = {(f"p{random.integers(4)}", int(random.integers(1, 31)), int(random.integers(95, 106))) for _ in range(200)}
    rows = [
        {"product_id": p, "week": w, "cents": c, "lines": int(random.integers(1, 5)), "units": 2.0, "revenue": 2 * c}
        for p, w, c in sorted(keys, key=lambda key: hash(str(key)))
    ]
    made = {
        (row["product_id"], row["week"]): row for row in priced(pa.Table.from_pylist(rows), 30, 13, 0.03).to_pylist()
    }
    assert made == naive_weeks(rows, 30, 13, 0.03)


def answered(shop: Planted) -> Answers:
    """What the job says of a planted shop."""
    rows = of_groups(shop.rows, 104, PARAMS.block_weeks, PARAMS.min_change, PARAMS.min_discount).to_pylist()
    sold = Counter(shop.rows["product_id"].to_pylist())
    looked_at = [
        row
        for row in rows
        if row["changes"] >= PARAMS.min_price_changes
        and sold[row["product_id"]] >= PARAMS.min_sold_share * row["weeks"]
    ]
    about: dict[str, Any] = {row["product_id"]: {"category": "food"} for row in looked_at}
    estimates = found(looked_at, PARAMS)
    return Answers(estimates, about, {("food", "judged"): len(looked_at)}, 104, PARAMS)


def naive(shop: Planted) -> float:
    """The mean slope of ln units on ln price: what a spreadsheet says."""
    rows = shop.rows.to_pandas()
    slopes = [
        np.polyfit(np.log(each["price"]), np.log(each["units"]), 1)[0]
        for _, each in rows.groupby("product_id")
        if each["price"].nunique() > 1
    ]
    return float(np.mean(slopes))


@pytest.mark.parametrize("trap", [None, "season", "growth"])
def test_planted_elasticities_are_found_back_and_their_intervals_hold_them(trap: Trap | None) -> None:
    held, verdicts = [], []
    for seed in range(3):
        shop = planted(seed, trap=trap)
        answers = answered(shop)
        for id_, each in zip(answers.ids, answers.judged, strict=True):
            truth = shop.truth[id_]
            if each.found is not None:
                held.append(each.found.low <= truth <= each.found.high)
            verdicts.append(each.verdict == "cannot_tell" or (each.verdict == "elastic") == (truth < -1))
        total, food = answers.groups()
        assert food["verdict"] == "elastic"
        assert food["elasticity"] == pytest.approx(np.mean([*shop.truth.values()]), abs=0.45)
        assert {name: total[name] for name in ("elasticity", "judged")} == {
            name: food[name] for name in ("elasticity", "judged")
        }
    assert len(held) > 40
    assert np.mean(held) >= 0.88
    assert np.mean(verdicts) >= 0.98


def test_a_spreadsheet_is_wrong_where_prices_follow_the_season_or_growth() -> None:
    for trap in ("season", "growth"):
        shops = [planted(seed, trap=trap) for seed in range(3)]
        assert np.mean([naive(shop) - np.mean([*shop.truth.values()]) for shop in shops]) > 0.3, trap


def test_no_product_is_elastic_where_prices_do_nothing() -> None:
    verdicts = [each.verdict for seed in range(3) for each in answered(planted(seed, elasticity=(0.0, 0.0))).judged]
    assert len(verdicts) > 50
    assert verdicts.count("elastic") <= 0.05 * len(verdicts)


def test_where_prices_follow_last_week_nobody_can_tell() -> None:
    """Prices do nothing here, and rise after good weeks: the job withholds what it cannot tell."""
    for seed in range(2):
        shop = planted(seed, elasticity=(0.0, 0.0), trap="last_week")
        answers = answered(shop)
        assert {each.reason for each in answers.judged} == {"anticipated"}
        assert all(each.found is None for each in answers.judged)
        assert [row["reason"] for row in answers.groups()] == ["anticipated", "anticipated"]
        assert answers.discounts() == []


def test_where_all_are_on_offer_in_the_same_weeks_nobody_can_tell() -> None:
    """The weeks sell more anyway: what the offers do cannot be told from it, and few own price changes say little."""
    for products in (3, 12):
        answers = answered(planted(5, products, elasticity=(0.0, 0.0), trap="same_weeks"))
        assert {each.reason for each in answers.judged} <= {"no_variation", "wide", "not_better"}
        assert [each.reason for each in answers.judged].count("no_variation") > products / 2
        assert {row["reason"] for row in answers.groups()} == {"no_variation"}


def test_what_weeks_take_from_the_information_is_that_of_a_whole_matrix() -> None:
    """The inverse of the information on all dummies and slopes, beside that with the effects of weeks given."""
    panel = small(6, products=4)
    fitted = fit(panel, panel.log_price[:, None])
    cells = [panel.cell == cell for cell in range(panel.cell.max() + 1)]
    weeks = [panel.week == week for week in range(panel.week.max() + 1)]
    slopes = [np.where(panel.product == each, panel.log_price, 0.0) for each in range(4)]
    design, given = (np.stack(each, axis=1).astype(float) for each in ([*cells, *weeks, *slopes], [*cells, *slopes]))
    whole, part = (
        np.linalg.pinv(each.T @ (each * fitted.mean[:, None]), rcond=1e-12)[-4:, -4:] for each in (design, given)
    )
    weight = 1 / np.diag(part)
    of_mean = weight @ whole @ weight / weight.sum()
    wanted = np.maximum(np.diag(whole) / np.diag(part), of_mean)
    assert shared(panel, fitted)[:4] == pytest.approx(wanted, rel=1e-6)
    assert shared(panel, fitted)[4] == 1.0


def test_where_no_price_moves_weeks_take_nothing_and_nothing_is_divided_by_nothing() -> None:
    panel = small(6, products=2)
    with np.errstate(all="raise"):
        assert shared(panel, fit(panel, np.zeros((len(panel.week), 1)))).tolist() == [1.0] * panel.products


def test_a_new_currency_or_a_slip_is_no_price_change() -> None:
    """Prices a hundredth from one week on, or of one product in one week: the effects of prices are found as before."""
    shop = planted(0)
    week, price = (shop.rows[name].to_numpy() for name in ("week", "price"))
    is_slip = (week == 57) & np.array([name in ("p03", "p04") for name in shop.rows["product_id"].to_pylist()])
    plain = answered(shop).groups()[1]["elasticity"]
    for divided in (week >= 57, is_slip):
        rows = shop.rows.set_column(4, "price", pa.array(np.where(divided, price / 100, price)))
        answers = answered(Planted(shop.truth, rows.set_column(5, "usual", pa.array(np.where(divided, 0.05, 5.0)))))
        found_ = {id_: each.found for id_, each in zip(answers.ids, answers.judged, strict=True) if each.found}
        assert len(found_) > 10
        assert np.mean([each.low <= shop.truth[id_] <= each.high for id_, each in found_.items()]) > 0.85
        assert answers.groups()[1]["elasticity"] == pytest.approx(plain, abs=0.1)


def test_the_usual_price_is_one_of_the_same_currency() -> None:
    cents = [50_000] * 4 + [45_000] + [500] * 2 + [450] + [500] * 5
    rows = pa.table(
        {
            "product_id": ["tea"] * 13,
            "week": range(1, 14),
            "cents": cents,
            "lines": [1] * 13,
            "units": [1.0] * 13,
            "revenue": cents,
        }
    )
    assert priced(rows, 13, 13, 0.05)["usual"].to_pylist() == [50_000] * 5 + [500] * 8


def test_what_customers_stocked_up_is_taken_back() -> None:
    shares = []
    for seed in range(3):
        stocked, honest = (answered(planted(seed, stocked_up=share)).groups()[1] for share in (0.6, 0.0))
        assert honest["shifted_share"] == 0.0
        shares.append(stocked["shifted_share"] or 0.0)
    assert np.median(shares) > 0.3


def test_one_product_cannot_be_told_from_its_season() -> None:
    shop = planted(1, products=1)
    (row,) = of_groups(shop.rows, 104, 13, 0.02, 0.05).to_pylist()
    answers = found([row], PARAMS)
    assert not answers.is_known.any()


def test_the_order_of_rows_changes_nothing() -> None:
    rows = planted(2, products=6, weeks=52).rows
    mixed = rows.take(pa.array(np.random.default_rng(1).permutation(len(rows))))
    assert of_groups(mixed, 52, 13, 0.02, 0.05).equals(of_groups(rows, 52, 13, 0.02, 0.05))
