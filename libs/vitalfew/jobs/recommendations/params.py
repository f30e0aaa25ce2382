"""How recommendations are made and measured: the parameters of `recommendations`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vitalfew.domain.refit_params import RefitParams
from vitalfew.domain.segmentation_params import SegmentationParams

Metric = Literal["hit_rate", "precision", "recall", "ndcg", "map"]


class RecommendationParams(RefitParams):
    """How recommendations are made and measured."""

    k: int = Field(
        default=10,
        ge=1,
        le=100,
        description="Products recommended to one customer, at most; new_products come after them.",
    )
    new_products: int = Field(
        default=1,
        ge=0,
        le=100,
        description="Places after the k, for products that the customer never bought; kept if they beat the "
        "bestsellers new to the customer.",
    )
    history_days: int = Field(
        default=730, ge=1, description="Look back this many days; older purchases count for nothing."
    )
    holdout_days: int = Field(
        default=28,
        ge=1,
        description="Days to predict: the last before as_of measure the methods, as many before them fit the blend.",
    )
    metric: Metric = Field(default="ndcg", description="What must be better than both baselines.")
    confidence: float = Field(
        default=0.95,
        ge=0.5,
        lt=1,
        description="How sure it must be that a method beats a baseline: one-sided, paired by customer, Bonferroni "
        "over the methods.",
    )
    min_customers: int = Field(
        default=30, ge=2, description="Nothing is published if fewer customers bought in the days held out."
    )
    fit_customers: int = Field(
        default=1000, ge=1, description="The blend is fitted on this many customers, drawn by hash of their id."
    )
    evaluation_customers: int = Field(
        default=20_000,
        ge=2,
        description="The methods are measured on this many customers, drawn by hash of their id; on all, if fewer "
        "bought in the days held out.",
    )
    candidates: int = Field(
        default=50, ge=1, description="Products that each method may propose to one customer, before blending."
    )
    half_life_days: int = Field(
        default=60, ge=1, description="A purchase this many days ago counts half of one made today."
    )
    recent_days: int = Field(
        default=14, ge=1, description="Rules start from purchases within this many days of the last order."
    )
    recent_items: int = Field(
        default=30, ge=1, description="Products of one customer from which rules and similarity start."
    )
    items_per_customer: int = Field(
        default=50,
        ge=2,
        description="Products of one customer that count in the similarity of products: tames the heaviest customers.",
    )
    min_buyers: int = Field(
        default=3, ge=1, description="Two products are similar only if at least this many customers bought both."
    )
    max_basket: int = Field(
        default=30, ge=2, description="Baskets with more products than this say nothing about rules."
    )
    min_baskets: int = Field(
        default=20, ge=1, description="A rule needs at least this many baskets with both products."
    )
    min_log_likelihood_ratio: float = Field(
        default=24.0,
        ge=0,
        description="A rule needs this log-likelihood ratio (chi-squared, one degree of freedom: 24 is p = 0.000001).",
    )
    neighbours: int = Field(default=20, ge=1, description="Rules, and similar products, that are kept for one product.")
    popular_days: int = Field(
        default=60, ge=1, description="Popular products are those that most customers bought in this many days."
    )
    segments: SegmentationParams = Field(
        default=SegmentationParams(),
        description="How customers are put into segments for what is popular: the segmentation of definitions.yml.",
    )

    @model_validator(mode="after")
    def hold_together(self) -> RecommendationParams:
        """Refuse values that contradict each other."""
        if self.candidates < self.k:
            raise ValueError(f"candidates is {self.candidates}; with k = {self.k} it must be {self.k} or more")
        if self.evaluation_customers < self.min_customers:
            raise ValueError(
                f"evaluation_customers is {self.evaluation_customers}; with min_customers = {self.min_customers} it "
                f"must be {self.min_customers} or more, or nothing is ever published"
            )
        if self.history_days <= 2 * self.holdout_days:
            raise ValueError(
                f"history_days is {self.history_days}; it must be more than twice holdout_days ({self.holdout_days}), "
                "or nothing is left to learn from"
            )
        return self
