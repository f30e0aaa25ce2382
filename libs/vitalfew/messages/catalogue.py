"""The messages of a language, by their keys; read once from the package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from vitalfew.messages.locale_formats import formats
from vitalfew.messages.template import Placeholder, Template, parse
from vitalfew.messages.words import LOCALES

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it
EVERY = "*"
"""The group of all messages: the code of one is its whole key."""


@cache
def catalogue(language: str) -> Mapping[str, Template]:
    """Every template of `language` by its key, `job.column.code`."""
    text = files("vitalfew.messages").joinpath(f"{language}.yml").read_text(encoding="utf-8")
    tree = yaml.load(text, Loader=LOADER)  # noqa: S506 (both are safe loaders)
    plural_forms = formats(LOCALES[language], None).plural_forms
    return {key: parse(key, words, plural_forms) for key, words in flat(tree, ())}


def flat(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Nested mappings as dotted keys."""
    for name, inner in tree.items():
        if isinstance(inner, dict):
            yield from flat(inner, (*path, str(name)))
        elif isinstance(inner, str):
            yield ".".join((*path, str(name))), inner
        else:
            raise ValueError(f"message {'.'.join((*path, str(name)))}: {inner!r} is no text")


@cache
def group(name: str, language: str = "en") -> Mapping[str, Template]:
    """The messages of one group by their codes, the last parts of their keys; ValueError where there are none."""
    if name == EVERY:
        return catalogue(language)
    found = {
        key.removeprefix(f"{name}."): template
        for key, template in catalogue(language).items()
        if key.startswith(f"{name}.") and "." not in key.removeprefix(f"{name}.")
    }
    if not found:
        raise ValueError(f"there is no group {name} among the messages")
    return found


def codes(groups: Iterable[str]) -> tuple[str, ...]:
    """The codes of several groups, in order: the closed set of a column of codes."""
    return tuple(code for name in groups for code in group(name))


def template_of(key: str, language: str = "en") -> Template:
    """The template of `key`; ValueError where there is none."""
    found = catalogue(language).get(key)
    if found is None:
        raise ValueError(f"there is no message {key}")
    return found


@cache
def needed(template: Template) -> Mapping[str, Placeholder]:
    """The placeholders of a template, by name, and those of the messages that may be put into it."""
    found = dict(template.placeholders)
    for each in template.placeholders.values():
        if each.group and each.kind != "messages":  # whose items have their own values
            for inner in group(each.group).values():
                found |= {name: part for name, part in needed(inner).items() if name not in found}
    return found
