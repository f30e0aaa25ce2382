"""What the business means by overdue, churned, super customer, complaint, segment and basket: `conf/definitions.yml`.

Each definition is a field of one class of parameters, where its default is. A job takes a definition by inheriting
from that class, or by a setting that is one of these classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.burst_params import BurstParams
from vitalfew.domain.overdue_params import OverdueParams
from vitalfew.domain.segmentation_params import SegmentationParams
from vitalfew.domain.silence_params import SilenceParams
from vitalfew.domain.super_customers import SuperParams
from vitalfew.domain.vital_few_params import VitalFewParams
from vitalfew.params import Params

NAME = "definitions"
PARTS: tuple[type[Params], ...] = (OverdueParams, SilenceParams, SuperParams, VitalFewParams, Exclusions, BurstParams)


class Definitions(OverdueParams, SilenceParams, SuperParams, VitalFewParams, Exclusions, BurstParams):
    """The definitions of the business; a job may override those that it uses."""

    segmentation: SegmentationParams = Field(
        default=SegmentationParams(), description="The segment map: how customers are scored and named."
    )


def used(params: type[Params]) -> Iterator[tuple[str, str]]:
    """Of the parameters of a job, each setting that is a definition, and the definition, as dotted names."""
    for name, field in params.model_fields.items():
        for part in PARTS:
            if issubclass(params, part) and name in part.model_fields:
                yield name, name
        for group, its in groups().items():
            if field.annotation is its:
                decisive = [inner for inner in its.model_fields if inner not in its.presentation]
                yield from ((f"{name}.{inner}", f"{group}.{inner}") for inner in decisive)
            elif issubclass(params, its) and name in its.model_fields:
                yield name, f"{group}.{name}"


def groups() -> dict[str, type[Params]]:
    """The definitions that are groups of settings."""
    kinds = {name: field.annotation for name, field in Definitions.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Params)}


def with_definitions(params: type[Params], defined: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a job: `own` ones, and where these say nothing, those that are `defined`, both as written."""
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in own.items()}
    for setting, definition in used(params):
        *way, last = setting.split(".")
        group: Any = merged.setdefault(way[0], {}) if way and defined_at(defined, definition) else merged
        if isinstance(group, dict) and last not in group and (found := defined_at(defined, definition)):
            group[last] = found[0]
    return merged


def defined_at(defined: Mapping[str, Any], definition: str) -> list[Any]:
    """What is written for a definition, alone in a list; nothing where there is none."""
    *way, last = definition.split(".")
    group = defined.get(way[0]) if way else defined
    return [group[last]] if isinstance(group, Mapping) and last in group else []


def overridden(params: Params, definitions: Definitions) -> dict[str, tuple[Any, Any]]:
    """By setting, the value of a job and that of the definition, where they differ."""
    pairs = {setting: (at(params, setting), at(definitions, name)) for setting, name in used(type(params))}
    return {setting: pair for setting, pair in pairs.items() if pair[0] != pair[1]}


def at(values: Params, name: str) -> Any:
    """The value of a dotted name."""
    found: Any = values
    for part in name.split("."):
        found = getattr(found, part)
    return found
