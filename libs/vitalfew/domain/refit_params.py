"""When a model is fitted again: the parameters of jobs that fit on some days and score on the others."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class RefitParams(Params):
    """On days between two fits, results are made with the models of the last one; `--refit` fits now."""

    refit_days: int = Field(
        default=7,
        ge=1,
        description="Fit again this many days after the last fit; on the days between, score with it. 1: always.",
    )
    refit_change: float = Field(
        default=0.05,
        gt=0,
        description="Fit earlier if the number of orders, of their customers, or their net amount has changed by more "
        "than this share since the last fit: in all, or of what that fit saw.",
    )
