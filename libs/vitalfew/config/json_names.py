"""Paths with dots in expressions: in files of JSON, and of joined files, `customer.id` is the name of one column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PATH = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`|(?P<path>(?<![\w.])[A-Za-z_]\w*(?:\.\w+)+(?![\w.(]))")
EXPRESSIONS = ("charges", "returns", "order_discount", "order_amount")
JSON = ("jsonl", "json")


def in_backquotes(text: Any) -> Any:
    """An expression whose paths are in backquotes; what is no text stays as it is."""
    if not isinstance(text, str):
        return text
    return PATH.sub(lambda found: f"`{found['path']}`" if found["path"] else found[0], text)


def with_paths(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a source, where it has paths, with each of them as one name."""
    if given.get("format") not in JSON and not given.get("join"):
        return dict(given)
    found = dict(given)
    for key in ("columns", "reject"):
        if isinstance(found.get(key), dict):
            found[key] = {name: in_backquotes(text) for name, text in found[key].items()}
    for key in EXPRESSIONS:
        if isinstance(found.get(key), dict):
            found[key] = {name: in_backquotes(text) if name == "when" else text for name, text in found[key].items()}
        elif key in found:
            found[key] = in_backquotes(found[key])
    return found
