"""YAML without its traps: duplicate keys are errors, only true and false are booleans, 1e-3 is a number."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml


class StrictLoader(yaml.SafeLoader):
    """A safe loader that reads scalars as YAML 1.2 does, and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for position, (key, _) in enumerate(node.value):
            if key.value in keys[:position]:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
        return super().construct_mapping(node, deep)

    def construct_whole_number(self, node: yaml.ScalarNode) -> int:
        """Decimal always: a leading zero is no sign of an octal number."""
        return int(str(self.construct_scalar(node)))


StrictLoader.yaml_implicit_resolvers = {}  # none of YAML 1.1's
StrictLoader.add_constructor("tag:yaml.org,2002:int", StrictLoader.construct_whole_number)
for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
):
    StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), [*first, ""])


def load(text: str) -> Any:
    """The one document of `text`; yaml.YAMLError where it is not YAML, or a key stands twice.

    RecursionError where it is nested too deeply; ValueError where it holds itself.
    """
    loader = StrictLoader(text)
    try:
        found = loader.get_single_data()
    finally:
        loader.dispose()
    json.dumps(found)  # what goes round in circles is found here, and not by all who walk through it
    return found
