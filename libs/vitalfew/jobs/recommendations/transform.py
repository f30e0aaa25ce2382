"""What each customer will want next and why; published only if it foretells better than the obvious."""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain import fits
from vitalfew.domain.fits import Cell
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.recommendations import blend as blending
from vitalfew.jobs.recommendations import evaluation, ranked_lists
from vitalfew.jobs.recommendations.blend import Blend
from vitalfew.jobs.recommendations.candidates import candidates
from vitalfew.jobs.recommendations.params import RecommendationParams
from vitalfew.jobs.recommendations.reasons import with_reasons
from vitalfew.jobs.recommendations.signals import Evidence, evidence
from vitalfew.jobs.recommendations.snapshot import Past, World, in_numbers, part_of, past, world
from vitalfew.jobs.recommendations.tables import METHODS, RECOMMENDATION_EVALUATION, RECOMMENDATION_FIT, RECOMMENDATIONS
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
        blend = fitted(everything, days_after(split_on, -params.holdout_days), params, stage)
        report, method = judged(everything, split_on, blend, params, stage)
        last = fits.made(orders, as_of, cells(blend, method))
    blend, method = blending.of_fit(last), last.word("method", "published")
    made = (
        local_table(RECOMMENDATIONS, [], beside=orders)
        if method is None
        else published(everything, as_of, blend, method, params, stage, words)
    )
    evaluated = AsFitted() if report is None else local_table(RECOMMENDATION_EVALUATION, report, beside=orders)
    return made, evaluated, local_table(RECOMMENDATION_FIT, last.rows(), beside=orders)


def cells(blend: Blend, method: str | None) -> dict[tuple[str, str], list[Cell]]:
    """All that a later day needs to recommend with."""
    return {**blending.cells(blend), ("method", "published"): [method] if method else []}


def fitted(everything: World, on: date, params: RecommendationParams, stage: Stage) -> Blend:
    """The blend that would have foretold best what came in the `holdout_days` from `on`."""
    known = past(everything, on, params=params, stage=stage, is_today=False)
    wanted = stage(came_next(everything, known, params))
    customers = stage(drawn(wanted, params.fit_customers, everything))
    return blending.learn(candidates(known, evidence(known, params, stage), params, customers), wanted)


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
    everything: World, split_on: date, blend: Blend, params: RecommendationParams, stage: Stage
) -> tuple[list[dict[str, Any]], str | None]:
    """The rows of RECOMMENDATION_EVALUATION, and which method is to be published, if any.

    All of it, coverage too, is of the lists of `evaluation_customers` at most.
    """
    known = past(everything, split_on, params=params, stage=stage, is_today=False)
    speaking = evidence(known, params, stage)
    all_wanted = stage(came_next(everything, known, params))
    customers = stage(drawn(all_wanted, params.evaluation_customers, everything))
    wanted = all_wanted.join(customers, on="customer_id", how="left_semi")
    scored = stage(blending.score(candidates(known, speaking, params, customers), blend))
    shown = stage(ranked_lists.all_lists(scored, known, speaking, customers, params))
    methods, blends = ranked_lists.methods(params), ranked_lists.blends(params)
    found = evaluation.measure(shown, wanted, params.k, methods, ranked_lists.BASELINES, params.metric)
    variety = evaluation.variety(shown, known.habits, known.bought)
    enough = found.customers >= params.min_customers
    method = evaluation.winner(found, params.metric, params.confidence, preferred=blends) if enough else None
    rows = [
        {
            "method": name,
            "k": params.k,
            "split_on": split_on,
            "customers": found.customers,
            **found.means[name],
            "coverage": variety[name].coverage if name in variety else 0.0,
            "novelty": variety[name].novelty if name in variety else None,
            "is_baseline": name in ranked_lists.BASELINES,
            "is_published": name == method,
        }
        for name in (*methods, *ranked_lists.BASELINES)
    ]
    return rows, method


def published(
    everything: World,
    as_of: date,
    blend: Blend,
    method: str,
    params: RecommendationParams,
    stage: Stage,
    words: Words,
) -> DataFrame:
    """RECOMMENDATIONS as `method` makes them, for all customers known: as many at a time as the engine has room for."""
    known = past(everything, as_of, params=params, stage=stage, is_today=True)
    speaking = evidence(known, params, stage)
    customers = collect_rows(known.segments.agg(F.count(F.lit(1)).alias("n")), "number of customers")[0]["n"]
    shards = stage.parts(customers * len(METHODS) * params.candidates)
    if shards == 1:
        return told(known, speaking, everything, blend, method, params, stage, words)
    made = []
    for shard in range(shards):
        part = part_of(known, F.pmod(F.col("customer_id"), F.lit(shards)) == shard, stage)
        made.append(stage(told(part, speaking, everything, blend, method, params, stage, words)))
    return reduce(DataFrame.unionByName, made)


def told(
    known: Past,
    speaking: Evidence,
    everything: World,
    blend: Blend,
    method: str,
    params: RecommendationParams,
    stage: Stage,
    words: Words,
) -> DataFrame:
    """RECOMMENDATIONS of the customers `known`, with their reasons and under their ids."""
    scored = blending.score(candidates(known, speaking, params, known.segments.select("customer_id")), blend)
    loudest = F.col("loudest") if method in ranked_lists.blends(params) else F.lit(method)
    score = F.col(ranked_lists.strength(method))
    shown = ranked_lists.shown(scored, method, params)
    chosen = stage(shown.select("customer_id", "rank", "product_id", loudest.alias("method"), score.alias("score")))
    found = (
        with_reasons(chosen, known, speaking, everything.products, params)
        .join(everything.customers, on="customer_id", how="inner")
        .withColumn("customer_id", F.col("known_as"))
    )
    return with_texts(found, RECOMMENDATIONS, words).select(
        *[name for name in RECOMMENDATIONS.columns if name != RECOMMENDATIONS.slice]
    )
