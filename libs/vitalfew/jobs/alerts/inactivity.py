"""Alerts about who does not buy: silent, churned, overdue against their own rhythm, leaving; and who is back."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.domain.customer_history import days_beside_those_before
from vitalfew.domain.purchase_gaps import is_overdue
from vitalfew.domain.still_there import still_there
from vitalfew.jobs.alerts.alert_rows import alert, by_value
from vitalfew.jobs.alerts.histories import PROBABILITIES, YEAR, Known, is_loss, is_super_by, money
from vitalfew.jobs.alerts.kinds import RULES, STANDARD, STRICT
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.jobs.next_purchase.tables import WAIT
from vitalfew.messages.sentences import choose, kept, say

THEN = "_before"
SUREST = 0.01
"""A probability nearer to 0 or 1 is told as this: the form of the model is not known so well."""


def in_peace() -> Column:
    """Whether next_purchase leaves them in peace; false where it says nothing."""
    return F.coalesce(F.col("next_step") == WAIT, F.lit(False))


def by_loss() -> Column:
    """High where the mean year of a customer is at stake, medium for a tenth of it."""
    return F.when(is_loss(1), "high").when(is_loss(10), "medium").otherwise("low")


def lateness() -> Column:
    """The severity for whom is late, the same in every alert that says so: by what is at stake, where that is known."""
    far = F.col("silent_days") > 2 * F.col("limit_days")
    unknown = F.when(far, by_value()).when(F.col("is_valuable"), "medium").otherwise("low")
    return F.when(F.col("is_told"), by_loss()).otherwise(unknown)


def is_late(rule: str | None) -> Column:
    """Whether a customer is overdue by a rule of the alert; nobody is where no rule is raised."""
    if rule not in RULES:
        return F.lit(False)
    beyond = F.coalesce(F.col("silent_days") > F.col("spread_days"), F.lit(False))
    return is_overdue() & beyond if rule == STRICT else is_overdue()


def silent(known: Known, params: AlertParams, overdue_rule: str | None) -> DataFrame:
    """Who has reached a step of silence, and has not churned; low where they always take that long.

    Who is overdue too, by a rule that is raised, is told so in both alerts, with one severity and one action; of all
    others the action is that of next_purchase, where there is one.
    """
    steps = [step for step in params.silent_days if step < params.churned_days]
    reached = F.greatest(F.lit(0), *[F.when(F.col("silent_days") >= step, step).otherwise(0) for step in steps])
    found = known.customers.withColumn("step", reached).where(
        (F.col("step") > 0) & (F.col("silent_days") < params.churned_days)
    )
    silent_days = F.col("silent_days")
    return alert(
        found,
        "inactive",
        since=F.date_add("last_on", F.col("step")),
        measure=F.col("silent_days"),
        reference=F.col("step"),
        severity=F.when(is_late(overdue_rule), lateness()).otherwise("low"),
        evidence=choose(
            (F.col("gaps") == 0, say("alerts.evidence.inactive_once", silent=silent_days)),
            otherwise=say("alerts.evidence.inactive", silent=silent_days, usual=F.col("typical_days")),
        ),
        action=choose(
            (is_late(overdue_rule), say("alerts.action.ask_back")),
            (F.col("told_action_code").isNotNull(), kept("told_action")),
            (silent_days < F.col("typical_days"), say("alerts.action.leave_alone")),
            otherwise=say("alerts.action.remind"),
        ),
        value="loss",
    )


def churned(known: Known, params: AlertParams) -> DataFrame:
    """Who has been silent for so long that they count as lost, and not so long that they are forgotten.

    What to do is what next_purchase says, where it says anything: nobody gets two pieces of advice.
    """
    found = known.customers.where(F.col("silent_days").between(params.churned_days, params.forgotten_days - 1))
    return alert(
        found,
        "churned",
        since=F.date_add("last_on", params.churned_days),
        measure=F.col("silent_days"),
        reference=F.lit(params.churned_days),
        severity=F.when(in_peace(), "low").otherwise(by_value("low")),
        evidence=say(
            "alerts.evidence.churned", silent=F.col("silent_days"), days=F.col("gaps") + 1, value=F.col("value")
        ),
        action=choose(
            (F.col("told_action_code").isNotNull(), kept("told_action")), otherwise=say("alerts.action.win_back_once")
        ),
        value="loss",
    )


def overdue(known: Known, params: AlertParams, rule: str = STANDARD) -> DataFrame:
    """Who is silent for longer than their own rhythm allows, by a rule of the alert, and has not churned."""
    found = known.customers.where(is_late(rule) & (F.col("silent_days") < params.churned_days))
    limit = F.greatest("limit_days", "spread_days") if rule == STRICT else F.col("limit_days")
    spread = say(
        "alerts.evidence.overdue_strict", silent=F.col("silent_days"), limit=F.floor(limit), gaps=F.col("gaps")
    )
    share = say(
        "alerts.evidence.overdue",
        silent=F.col("silent_days"),
        percentile=F.lit(params.overdue_percentile),
        limit=F.floor("limit_days"),
        gaps=F.col("gaps"),
    )
    return alert(
        found,
        "overdue",
        since=F.date_add("last_on", F.floor(limit).cast("int") + 1),
        measure=F.col("silent_days"),
        reference=limit,
        severity=lateness(),
        evidence=spread if rule == STRICT else share,
        action=say("alerts.action.ask_back"),
        value="loss",
    )


def leaving(known: Known, told_before: DataFrame, before: DataFrame, params: AlertParams, as_of: date) -> DataFrame:
    """Whose probability of another order has fallen since the last look, or had before, and who is probably gone.

    Two models may disagree about a customer who has done nothing new: where another one is used since the last look,
    a fall is one of the probability that was measured on earlier days, within the longest horizon that both looks know.
    """
    was = told_before.select("customer_id", *[F.col(name).alias(then(name)) for name in PROBABILITIES])
    told = before.where("kind = 'churn_risk' and status = 'open'").select(
        F.col("subject_id").alias("customer_id"), F.col("reference").alias("p_told")
    )
    both = (
        known.customers.where(still_there() < params.p_alive_limit)
        .join(was, on="customer_id", how="left")
        .join(told, on="customer_id", how="left")
    )
    is_same, is_told = F.col("model").eqNullSafe(F.col(then("model"))), F.col("p_told").isNotNull()
    has_fallen = F.col("fell_from") - F.col("fell_to") >= params.p_alive_fall
    found = both.withColumns(fall(is_same)).where(
        (has_fallen | is_told) & (F.col("silent_days") < params.forgotten_days)
    )
    p_before = F.coalesce("p_told", "fell_from")
    p_now = F.when(is_told, still_there()).otherwise(F.col("fell_to"))
    at_most, at_least = F.least(p_before, F.lit(1 - SUREST)), F.greatest(p_now, F.lit(SUREST))
    silent = F.col("silent_days")
    return alert(
        found,
        "churn_risk",
        since=F.lit(as_of),
        measure=p_now,
        reference=p_before,
        severity=F.when(F.col("is_told"), by_loss()).otherwise(by_value()),
        evidence=choose(
            (
                ~is_told & ~is_same,
                say(
                    "alerts.evidence.churn_risk_within",
                    days=F.col("within"),
                    before=at_most,
                    now=at_least,
                    silent=silent,
                ),
            ),
            otherwise=say("alerts.evidence.churn_risk", before=at_most, now=at_least, silent=silent),
        ),
        action=say("alerts.action.offer"),
        value="loss",
    )


def fall(is_same: Column) -> dict[str, Column]:
    """fell_from and fell_to, of one probability; within: its days, where it was measured as the model is another."""
    compared: list[tuple[int | None, Column, Column, Column]] = [(None, is_same, still_there(THEN), still_there())]
    for days in (365, 90, 30):
        before, now = F.col(then(f"p_return_{days}")), F.col(f"p_return_{days}")
        compared.append((days, ~is_same & before.isNotNull() & now.isNotNull(), before, now))
    return {
        "fell_from": F.coalesce(*[F.when(is_asked, before) for _, is_asked, before, _ in compared]),
        "fell_to": F.coalesce(*[F.when(is_asked, now) for _, is_asked, _, now in compared]),
        "within": F.coalesce(*[F.when(is_asked, F.lit(days)) for days, is_asked, _, _ in compared if days]),
    }


def then(name: str) -> str:
    """The column of what was said at the last look."""
    return name + THEN


def days_after_gaps(customers: DataFrame) -> DataFrame:
    """customer_id, ordered_on, before_on (the day of sale before), gap_days; of all days with a sale but the first."""
    each = F.inline(F.arrays_zip("day", "before", "gap_days")).alias("ordered_on", "before_on", "gap_days")
    return customers.where("gaps > 0").withColumns(days_beside_those_before()).select("customer_id", each)


def vip_returned(known: Known, params: AlertParams, as_of: date) -> DataFrame:
    """Super customers who had lapsed and have bought again: super by what they brought before they fell silent."""
    is_back = F.datediff(F.lit(as_of), F.col("ordered_on")) <= params.back_days
    recent = known.customers.where(F.datediff(F.lit(as_of), F.col("last_on")) <= params.back_days)
    returned = days_after_gaps(recent).where((F.col("gap_days") >= params.lapsed_days) & is_back)
    last = returned.groupBy("customer_id").agg(F.max(F.struct("ordered_on", "before_on", "gap_days")).alias("back"))
    flat = last.select(
        "customer_id",
        F.col("back.ordered_on").alias("back_on"),
        F.col("back.before_on").alias("left_on"),
        F.col("back.gap_days").alias("gap_days"),
    )
    is_old = F.col("ordered_on") < F.col("back_on")
    in_year = is_old & (F.col("ordered_on") > F.date_sub("left_on", YEAR))
    brought = (
        known.orders.join(flat, on="customer_id", how="inner")
        .groupBy("customer_id", "back_on", "left_on", "gap_days")
        .agg(
            money(F.sum(F.when(is_old, F.col("net_amount")))).alias("old_value"),
            money(F.sum(F.when(in_year, F.col("net_amount")))).alias("old_year"),
        )
    )
    found = brought.join(known.customers.drop("gap_days"), on="customer_id", how="inner").where(
        is_super_by(F.col("old_value"), params.super_factor)
    )
    return alert(
        found,
        "vip_returned",
        since=F.col("back_on"),
        measure=F.col("gap_days"),
        reference=F.lit(params.lapsed_days),
        severity=F.lit("high"),
        evidence=say(
            "alerts.evidence.vip_returned", back=F.col("back_on"), silent=F.col("gap_days"), value=F.col("old_value")
        ),
        action=say("alerts.action.thank"),
        value="old_year",
    )
