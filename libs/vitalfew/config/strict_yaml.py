"""YAML without its traps: duplicate keys are errors, only true and false are booleans, 1e-3 is a number.

Tags, anchors and aliases are refused, and so is what is too large or nested too deeply to be a configuration.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

LARGEST = 1 << 20
DEEPEST = 40
LONGEST_NUMBER = 300


class StrictLoader(yaml.SafeLoader):
    """A safe loader that reads scalars as YAML 1.2 does, and refuses a key that stands twice."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node, which stands for itself alone."""
        stream: Any = self
        event = stream.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise refused(f"the alias *{event.anchor} is not allowed: write the value out", event.start_mark)
        if anchor := getattr(event, "anchor", None):
            raise refused(f"the anchor &{anchor} is not allowed", event.start_mark)
        if tag := getattr(event, "tag", None):
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            raise refused(f"the tag {shown} is not allowed: the setting says what a value is", event.start_mark)
        self.depth += 1
        if self.depth > DEEPEST:
            raise refused(f"it is nested more than {DEEPEST} deep", event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise refused("a key must be a word, not a list or a mapping", key.start_mark)
            if key.value in keys:
                raise refused(f"the key {key.value} stands twice", key.start_mark)
            keys.add(key.value)
        found = super().construct_mapping(node, deep)
        if len(found) < len(node.value):
            raise refused("two of its keys mean the same, such as 1 and 01", node.start_mark)
        return found

    def construct_whole_number(self, node: yaml.ScalarNode) -> int:
        """Decimal always: a leading zero is no sign of an octal number."""
        text = str(self.construct_scalar(node))
        if len(text) > LONGEST_NUMBER:
            raise refused(f"a number of {len(text):,} digits is no setting", node.start_mark)
        return int(text)


def refused(why: str, mark: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, why, mark)


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
    """The one document of `text`; yaml.YAMLError, with the line where there is one, if it is not YAML as we read it."""
    if len(text) > LARGEST:
        raise yaml.YAMLError(f"it has more than {LARGEST:,} characters")
    loader = StrictLoader(text)
    try:
        found = loader.get_single_data()
    finally:
        loader.dispose()
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except ValueError as error:  # of a lone half of a character
        raise yaml.YAMLError("it holds a character that no text may hold") from error
    return found
