"""What an assistant may read, and how: which tables, and what its cells look like when they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from vitalfew.cli import sql
from vitalfew.cli.layouts import plain
from vitalfew.config.loading import Config
from vitalfew.dataframes.masking import SUSPECT, masked
from vitalfew.domain.small_groups import OF_PEOPLE
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.storage import pseudonyms
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.people import IDS
from vitalfew.visible_text import visible, visible_lines

LONGEST_CELL = 2_000
"""Characters of a text that an answer holds; of a longer one the beginning."""
OF_PERSONS = (*IDS, "order_id")
"""Columns by which a row is of one customer, person or order."""
TOTALS = (
    "alert_totals",
    "basket_limits",
    "catalogue_pages",
    "category_demand",
    "category_elasticity",
    "cluster_scores",
    "company_plan",
    "demand_evaluation",
    "discount_cost",
    "influence_totals",
    "micro_segment_targets",
    "order_days",
    "plan_limits",
    "plan_totals",
    "product_demand",
    "product_elasticity",
    "purchase_backtests",
    "purchase_models",
    "purchase_outlook",
    "purchase_parameters",
    "purchase_plan",
    "purchase_windows",
    "recommendation_evaluation",
    "rfm_cuts",
    "segment_move_totals",
    "sequence_limits",
    "voice_totals",
)
"""Of all customers together, of products, of the company, or of how good a method is: no row is of a few people."""
OF_ANY_GROUP = {
    "basket_fit": "it holds what a model was fitted to",
    "affinity_fit": "it holds what a model was fitted to",
    "sequence_fit": "it holds what a model was fitted to",
    "alert_fit": "it holds what a model was fitted to",
    "campaign_files": "it counts customers however few they are",
    "campaign_outcomes": "it counts customers however few they are",
    "cluster_features": "it describes groups however small; cluster_profiles leaves out the small ones",
    "cluster_fit": "it holds what a model was fitted to",
    "lifecycle_ladders": "it counts customers however few they are",
    "lorenz": "it describes groups however small; concentration leaves out the small ones",
    "prospect_signs": "it holds what a model was fitted to",
    "prospect_totals": "it counts people however few they are",
    "purchase_fit": "it holds what a model was fitted to",
    "recommendation_fit": "it holds what a model was fitted to",
    "summary": "it names single customers; the tool findings says the same without",
    "timing_peaks": "it describes groups however small; timing_grid leaves out the small ones",
}
"""Tables that give away single customers or small groups, although no column names anybody, and why."""


@dataclass(frozen=True)
class Access:
    """How much of the tables an assistant may read.

    `customers`: also rows of single customers. `min_group`: groups of fewer people are in no answer.
    """

    customers: bool
    min_group: int
    rows: int
    seconds: int


def is_of_persons(table: Table) -> bool:
    """Whether a row of it is of one customer, person or order."""
    return any(name in table.columns for name in OF_PERSONS)


def why_not(table: Table, access: Access, config: Config) -> str | None:
    """Why an assistant may not read `table`; None where it may."""
    if (reason := sql.why_not(table)) is not None:
        return reason.split(";")[0].replace("and sql reads", "and queries read")
    if table is SUMMARY and config.target.customer_ids == "pseudonyms":
        return OF_ANY_GROUP[SUMMARY.name]
    if access.customers or table.name in (*OF_PEOPLE, *TOTALS):
        return None
    if is_of_persons(table):
        return "its rows are of single customers, and the server was started without --customers"
    return OF_ANY_GROUP.get(table.name, "nobody has said yet that its groups are never small")


def names_hidden(storage: Storage, config: Config) -> Callable[[DataFrame, Table], DataFrame]:
    """What tables look like where pages have pseudonyms: the same here, for customers as for their orders."""

    def as_shown(frame: DataFrame, table: Table) -> DataFrame:
        if config.target.customer_ids != "pseudonyms":
            return frame
        frame = pseudonyms.hidden(storage, frame, table)
        return pseudonyms.named(storage, frame, "order_id", "order") if "order_id" in table.columns else frame

    return as_shown


def cell(value: Any) -> Any:
    """A value as JSON knows it: contact details masked, what would act or hide escaped, a long text cut."""
    if isinstance(value, str):
        text = value if len(value) <= LONGEST_CELL else f"{value[:LONGEST_CELL]}…"
        return visible(without_contacts(text))
    if isinstance(value, Mapping):
        return {cell(str(key)): cell(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cell(inner) for inner in value]
    return plain(value)


def without_contacts(text: str) -> str:
    """`text`, in which what has the form of a contact detail is replaced by its kind and length."""
    return masked(text, is_code=True) if is_suspect(text) else text


def is_suspect(text: str) -> bool:
    """Whether a text may hold a contact detail: a look that is much faster than masking it."""
    return bool(pc.match_substring_regex(pa.array([text]), SUSPECT)[0].as_py())


def sentence(text: str, config: Config) -> str:
    """A text of ours, which may repeat texts of the data: without contact details, secrets, and what would act."""
    return visible_lines(without_contacts(config.redact(text)))
