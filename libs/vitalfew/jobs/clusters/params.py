"""How customers are grouped: the parameters of `clusters`."""

from __future__ import annotations

from collections import Counter

from pydantic import Field, model_validator

from vitalfew.domain.refit_params import RefitParams
from vitalfew.jobs.clusters.attributes import AttributeName
from vitalfew.jobs.clusters.features import FeatureName


class ClusterParams(RefitParams):
    """How customers are grouped."""

    window_days: int | None = Field(
        default=None, ge=1, description="Look back this many days from as_of; null looks at everything before it."
    )
    features: tuple[FeatureName, ...] = Field(
        default=(
            "recency_days",
            "frequency",
            "average_basket_value",
            "weekend_share",
            "evening_share",
            "returns_share",
        ),
        description="What customers are compared by. Features that say the same (monetary is frequency times basket "
        "value) count twice, and then leave little room for the others.",
    )
    attributes: tuple[AttributeName, ...] = Field(
        default=(),
        description="Columns of customer_profile to compare by as well; each weighs as much as one feature, and not "
        "knowing it is a value of its own.",
    )
    most_levels: int = Field(
        default=8, ge=1, le=50, description="Distinguish this many values of an attribute, the most frequent ones."
    )
    weekend_days: tuple[int, ...] = Field(default=(6, 7), description="Days of the weekend: Monday is 1, Sunday 7.")
    evening_from_hour: int = Field(default=18, ge=1, le=23, description="Hour of the shop's clock when evening begins.")
    most_deviations: float = Field(
        default=4.0,
        ge=1,
        le=100,
        description="Values farther from the mean are drawn in to this many standard deviations, so that a few "
        "extreme customers do not make a cluster of their own.",
    )
    fewest_clusters: int = Field(default=3, ge=1, le=50, description="Smallest number of clusters that is tried.")
    most_clusters: int = Field(default=10, ge=1, le=50, description="Largest number of clusters that is tried.")
    least_stability: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Numbers of clusters whose mean adjusted Rand index between bootstrap fits is lower are passed "
        "over; of the others the best silhouette wins.",
    )
    keep_margin: float = Field(
        default=0.02,
        ge=0,
        le=2,
        description="The number of clusters of the run before stays while its silhouette is no more than this below "
        "the best.",
    )
    match_limit: float = Field(
        default=1.5,
        gt=0,
        description="Farthest that a centre may have moved since the run before to be the same cluster, in standard "
        "deviations; beyond it the cluster is new and has a new number.",
    )
    sample_size: int = Field(
        default=20_000, ge=100, le=500_000, description="Customers on which the numbers of clusters are tried."
    )
    scoring_size: int = Field(
        default=2_000, ge=100, le=20_000, description="Of these, how many silhouette and stability are measured on."
    )
    starts: int = Field(default=8, ge=1, le=100, description="Fits from different starts, of which the best is taken.")
    bootstraps: int = Field(default=8, ge=2, le=100, description="Fits to bootstrap samples that stability compares.")
    seed: int = Field(default=1, ge=0, description="Where the random numbers begin.")

    @model_validator(mode="after")
    def hold_together(self) -> ClusterParams:
        """Refuse values that contradict each other, all at once."""
        problems = []
        if self.fewest_clusters > self.most_clusters:
            problems.append(
                f"fewest_clusters is {self.fewest_clusters} and most_clusters {self.most_clusters}; swap them"
            )
        if not self.features and not self.attributes:
            problems.append("features and attributes are both empty: name at least one to compare customers by")
        for name in ("features", "attributes", "weekend_days"):
            repeated = [str(value) for value, n in Counter(getattr(self, name)).items() if n > 1]
            if repeated:
                problems.append(f"{name} names {', '.join(repeated)} more than once")
        wrong = [str(day) for day in self.weekend_days if not 1 <= day <= 7]
        if wrong:
            problems.append(f"weekend_days has {', '.join(wrong)}; days run from 1, Monday, to 7, Sunday")
        if problems:
            raise ValueError("; ".join(problems))
        return self
