"""What each customer will want next and why; published only if it foretells better than the obvious."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.dataframes.top_n import best
from vitalfew.domain import fits
from vitalfew.domain.fits import Cell
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.recommendations import blend as blending
from vitalfew.jobs.recommendations import evaluation, ranked_lists
from vitalfew.jobs.recommendations.blend import Blend
from vitalfew.jobs.recommendations.candidates import candidates
from vitalfew.jobs.recommendations.evaluation import Measurement, Variety
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.reasons import with_reasons
from vitalfew.jobs.recommendations.signals import Evidence, evidence
from vitalfew.jobs.recommendations.snapshot import Past, World, in_numbers, part_of, past, world
from vitalfew.jobs.recommendations.tables import (
    BASELINES,
    BLEND,
    DISCOVERY,
    METHODS,
    NEW_AND_POPULAR,
    RECOMMENDATION_EVALUATION,
    RECOMMENDATION_FIT,
    RECOMMENDATIONS,
)
from vitalfew.messages.sentences import with_texts
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.tables import AsFitted

__all__ = ["RecommendationParams", "recommendations"]


def recommendations(
    orders: DataFrame,
    products: DataFrame,
    fit: DataFrame | None = None,
    *,
    params: RecommendationParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[Any, ...]:
    """RECOMMENDATIONS, RECOMMENDATION_EVALUATION and RECOMMENDATION_FIT.

    The same is done three times with what was known on a day: `holdout_days` before the split, to weigh the methods by
    what came next; at the split, to measure them by what came next; at `as_of`, to recommend. Rules and segments are
    made anew each time: those of `as_of` have seen what is to be predicted. Where `fit`, the rows of an earlier one,
    still serves, its weights and its method are used, and only the last is done.
    """
    last, report = fits.serving(fit, orders, as_of, params), None
    everything = in_numbers(world(orders, products, as_of), stage)
    if last is None:
        split_on = days_after(as_of, -params.holdout_days)
        weighed = fitted(everything, days_after(split_on, -params.holdout_days), params, stage)
        report, choice = judged(everything, split_on, weighed, params, stage)
        last = fits.made(orders, as_of, cells(weighed, choice))
    blend, choice = blending.of_fit(last), Choice(last.word(*METHOD), int(sum(last.numbers(*PLACES))))
    made = (
        local_table(RECOMMENDATIONS, [], beside=orders)
        if choice.method is None
        else published(everything, as_of, blend, choice, params, stage, words)
    )
    evaluated = AsFitted() if report is None else local_table(RECOMMENDATION_EVALUATION, report, beside=orders)
    return made, evaluated, local_table(RECOMMENDATION_FIT, last.rows(), beside=orders)


METHOD, PLACES = ("method", "published"), ("places", "new")
"""Where the fit holds the choice."""


@dataclass(frozen=True)
class Weighed:
    """What was fitted before the split: the blend, and after how many days a purchase counts half for `buy again`."""

    blend: Blend
    half_life_days: int


@dataclass(frozen=True)
class Choice:
    """What is published: a method or the blend, or nothing (None); and how many places for new products after it."""

    method: str | None
    places: int


def cells(weighed: Weighed, choice: Choice) -> dict[tuple[str, str], list[Cell]]:
    """All that a later day needs to recommend with, and what the strongest baseline was."""
    return {
        **blending.cells(weighed.blend),
        ("baseline", "half_life_days"): [weighed.half_life_days],
        METHOD: [choice.method] if choice.method else [],
        PLACES: [choice.places],
    }


def fitted(everything: World, on: date, params: RecommendationParams, stage: Stage) -> Weighed:
    """The blend, and the half-life of `buy again`, that would have foretold best what came in the `holdout_days` from
    `on`."""
    known = past(everything, on, params=params, stage=stage, is_today=False)
    wanted = stage(came_next(everything, known, params))
    customers = stage(drawn(wanted, params.fit_customers, everything))
    blend = blending.learn(candidates(known, evidence(known, params, stage), params, customers), wanted)
    return Weighed(
        blend, half_life(known, wanted.join(customers, on="customer_id", how="left_semi"), customers, params)
    )


def half_life(known: Past, wanted: DataFrame, customers: DataFrame, params: RecommendationParams) -> int:
    """Days after which a purchase counts half where `buy again` foretells best; the longest of equals."""
    every = ranked_lists.faded(known, customers, ranked_lists.HALF_LIVES)
    lists = best(every, params.k, ["method", "customer_id"], ranked_lists.likeliest("strength"))
    names = [str(days) for days in ranked_lists.HALF_LIVES]
    means = evaluation.measure(lists, wanted, [params.k], names, [], params.metric)[params.k].means
    return max(ranked_lists.HALF_LIVES, key=lambda days: (means[str(days)][params.metric], days))


def drawn(wanted: DataFrame, n: int, everything: World) -> DataFrame:
    """customer_id: of the customers in `wanted` those `n` with the least hash of what they are known as."""
    known = wanted.select("customer_id").distinct().join(everything.customers, on="customer_id", how="inner")
    return known.orderBy(F.md5("known_as"), "known_as").limit(n).select("customer_id")


def came_next(everything: World, known: Past, params: RecommendationParams) -> DataFrame:
    """customer_id, product_id: what customers known on a day bought in the `holdout_days` from it."""
    until = days_after(known.on, params.holdout_days)
    is_next = (F.col("ordered_on") >= F.lit(known.on)) & (F.col("ordered_on") < F.lit(until))
    bought = everything.days.where(is_next).select("customer_id", "product_id").distinct()
    return bought.join(known.segments, on="customer_id", how="left_semi")


def judged(
    everything: World, split_on: date, weighed: Weighed, params: RecommendationParams, stage: Stage
) -> tuple[list[dict[str, Any]], Choice]:
    """The rows of RECOMMENDATION_EVALUATION, and what is to be published.

    All of it, coverage too, is of the lists of `evaluation_customers` at most.
    """
    known = past(everything, split_on, params=params, stage=stage, is_today=False)
    speaking = evidence(known, params, stage)
    all_wanted = stage(came_next(everything, known, params))
    customers = stage(drawn(all_wanted, params.evaluation_customers, everything))
    wanted = all_wanted.join(customers, on="customer_id", how="left_semi")
    scored = stage(blending.score(candidates(known, speaking, params, customers), weighed.blend))
    lists = stage(ranked_lists.all_lists(scored, known, speaking, customers, weighed.half_life_days, params))
    lengths = ranked_lists.lengths(params)
    found = evaluation.measure(lists, wanted, lengths, ranked_lists.MEASURED, ranked_lists.RIVALS, params.metric)
    enough = found[params.k].customers >= params.min_customers
    method = evaluation.winner(found, params.metric, params.confidence, preferred=[BLEND]) if enough else None
    rows = measured(lists, found, method, known, split_on)
    if not params.new_products:
        return rows, Choice(method, 0)
    seats = stage(ranked_lists.places_for_new(scored, known, speaking, customers, method or BLEND, params))
    new = wanted.join(known.habits, on=["customer_id", "product_id"], how="left_anti")
    n = params.new_products
    tried = evaluation.measure(seats, new, [n], [DISCOVERY], [NEW_AND_POPULAR], params.metric)
    kept = evaluation.winner(tried, params.metric, params.confidence) if method else None
    rows += measured(seats, tried, kept, known, split_on)
    return rows, Choice(method, n if kept else 0)


def measured(
    lists: DataFrame, found: Mapping[int, Measurement], method: str | None, known: Past, split_on: date
) -> list[dict[str, Any]]:
    """The rows of RECOMMENDATION_EVALUATION for lists, by their length; `method` is what is published of them."""
    various, silent = evaluation.variety(lists, [*found], known.habits, known.bought), Variety(0.0, None)
    return [
        {
            "method": name,
            "k": length,
            "split_on": split_on,
            "customers": each.customers,
            **means,
            "coverage": various.get((name, length), silent).coverage,
            "novelty": various.get((name, length), silent).novelty,
            "is_baseline": name in BASELINES,
            "is_published": name == method,
        }
        for length, each in found.items()
        for name, means in each.means.items()
    ]


def published(
    everything: World,
    as_of: date,
    blend: Blend,
    choice: Choice,
    params: RecommendationParams,
    stage: Stage,
    words: Words,
) -> DataFrame:
    """RECOMMENDATIONS as it was chosen, for all customers known: as many at a time as the engine has room for."""
    known = past(everything, as_of, params=params, stage=stage, is_today=True)
    speaking = evidence(known, params, stage)
    customers = collect_rows(known.segments.agg(F.count(F.lit(1)).alias("n")), "number of customers")[0]["n"]
    shards = stage.parts(customers * len(METHODS) * params.candidates)
    if shards == 1:
        return told(known, speaking, everything, blend, choice, params, stage, words)
    made = []
    for shard in range(shards):
        part = part_of(known, F.pmod(F.col("customer_id"), F.lit(shards)) == shard, stage)
        made.append(stage(told(part, speaking, everything, blend, choice, params, stage, words)))
    return reduce(DataFrame.unionByName, made)


def told(
    known: Past,
    speaking: Evidence,
    everything: World,
    blend: Blend,
    choice: Choice,
    params: RecommendationParams,
    stage: Stage,
    words: Words,
) -> DataFrame:
    """RECOMMENDATIONS of the customers `known`, with their reasons and under their ids."""
    scored = blending.score(candidates(known, speaking, params, known.segments.select("customer_id")), blend)
    method = choice.method or BLEND
    is_blended = F.lit(method == BLEND) | (F.col("rank") > params.k)
    loudest = F.when(is_blended, F.col("loudest")).otherwise(F.lit(method))
    score = F.when(is_blended, F.col(BLEND)).otherwise(F.col(method))
    shown = ranked_lists.shown(scored, method, choice.places, params)
    chosen = stage(shown.select("customer_id", "rank", "product_id", loudest.alias("method"), score.alias("score")))
    found = (
        with_reasons(chosen, known, speaking, everything.products, params)
        .join(everything.customers, on="customer_id", how="inner")
        .withColumn("customer_id", F.col("known_as"))
    )
    return with_texts(found, RECOMMENDATIONS, words).select(
        *[name for name in RECOMMENDATIONS.columns if name != RECOMMENDATIONS.slice]
    )
