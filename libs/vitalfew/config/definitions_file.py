"""`conf/definitions.yml`: read once, beside the files of the jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vitalfew.domain.definitions import Definitions, overridden
from vitalfew.params import Params

FILE = "definitions.yml"


def override_lines(params: Mapping[str, Params], definitions: Definitions) -> dict[str, list[str]]:
    """By job, a line for each definition that it overrides: its own value, and that of all."""
    return {
        job: [f"{name} is {shown(own)} here, by definition {shown(of_all)}" for name, (own, of_all) in found.items()]
        for job, given in params.items()
        if (found := overridden(given, definitions))
    }


def shown(value: Any) -> str:
    """A value as YAML would have it."""
    return json.dumps(
        value, default=lambda inner: inner.model_dump(mode="json") if hasattr(inner, "model_dump") else str(inner)
    )
