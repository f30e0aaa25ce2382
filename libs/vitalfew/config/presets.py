"""Settings of sources whose layout is published, as the package ships them, below those that a target says itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from vitalfew.config import strict_yaml
from vitalfew.errors import hint

ZONE = "{time_zone}"
ABOUT = ("source", "needs")
MERGED = ("columns", "types", "reject")


@cache
def known() -> tuple[str, ...]:
    """The names of all presets."""
    found = [entry.name for entry in files("vitalfew.presets").iterdir()]
    return tuple(sorted(name.removesuffix(".yml") for name in found if name.endswith(".yml")))


@cache
def text_of(name: str) -> str:
    return files("vitalfew.presets").joinpath(f"{name}.yml").read_text(encoding="utf-8")


def about(name: str) -> dict[str, Any]:
    """A preset as it is written; ValueError where there is none."""
    if name not in known():
        raise ValueError(f"{name} is not a preset; {hint(name, known())}")
    found: dict[str, Any] = strict_yaml.load(text_of(name))
    return found


def filled(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a source, where its preset says what it does not; of columns, types and reasons one by one."""
    name = given.get("preset")
    if not isinstance(name, str):
        return dict(given)
    preset = about(name)
    lacking = [key for key in preset.get("needs", []) if not given.get(key)]
    if lacking:
        raise ValueError(
            f"preset {name} needs {', '.join(lacking)}: the zone of the shop, such as Europe/Berlin, as its times are "
            "UTC or have an offset"
        )
    own = json.loads(json.dumps(preset).replace(ZONE, str(given.get("time_zone"))))
    found = {key: value for key, value in own.items() if key not in ABOUT}
    for key in MERGED:
        if isinstance(given.get(key), dict):
            found[key] = {**found.get(key, {}), **given[key]}
    return {**found, **{key: value for key, value in given.items() if key not in MERGED or not isinstance(value, dict)}}
