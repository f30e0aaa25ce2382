"""Which movements are looked at, and when a flow is abnormal: the parameters of `segment_moves`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from vitalfew.params import Params

Scheme = Literal["rfm", "clusters", "contribution"]


class MoveParams(Params):
    """What is compared with the slice before, and what is reported of it."""

    presentation: ClassVar[frozenset[str]] = frozenset({"significance", "min_customers", "span_tolerance"})

    schemes: Annotated[tuple[Scheme, ...], Field(strict=False, min_length=1)] = Field(
        default=("rfm", "clusters", "contribution"), description="The results whose groups are compared."
    )
    significance: float = Field(
        default=0.05, gt=0, lt=1, description="A flow is abnormal if its q value is at most this."
    )
    min_customers: int = Field(
        default=5, ge=1, description="A flow of fewer customers, and with fewer expected, is never called abnormal."
    )
    span_tolerance: float = Field(
        default=0.25,
        ge=0,
        description="Flows are compared with the last ones only if the days between the slices differ by no more than "
        "this share; otherwise with the counter flow.",
    )
