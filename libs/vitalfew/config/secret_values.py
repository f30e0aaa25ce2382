"""Secrets of a configuration: found by their type, shown by their names, replaced in whatever text they get into."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
MASK = "**********"  # as pydantic shows a secret
PART = re.compile(r"[^\W_]{6,}")
SHORTEST = 4  # characters; less is no secret, and would be found in every other word
HARMLESS = ("use_ssl", "user_id", "user_agent", "session_id", "grpc_max_message_size")  # parameters of an sc:// address


def typed(value: Any, called: str = "") -> Iterator[tuple[str, str]]:
    """The name and the text of every SecretStr in a model, however deep."""
    if isinstance(value, SecretStr):
        yield called, value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from typed(getattr(value, name), f"{called}.{name}".lstrip("."))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from typed(inner, f"{called}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from typed(inner, called)


def tokens(address: str) -> Iterator[str]:
    """What the parameters of an `sc://` address may hold that is secret."""
    for parameter in address.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name not in HARMLESS:
            yield value


def forms(text: str) -> set[str]:
    """How `text` reads as it is, in JSON, in Python's own notation, and in an address."""
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        repr(text)[1:-1],
        quote(text, safe=""),
    }


def redacted(text: str, secrets: Mapping[str, str]) -> str:
    """`text` with the values of `secrets`, in whatever form, replaced by what stands for them, the longest first."""
    shown = {form: name for name, value in secrets.items() if len(value) >= SHORTEST for form in forms(value) if form}
    if not shown:
        return text
    longest_first = "|".join(re.escape(form) for form in sorted(shown, key=len, reverse=True))
    return re.sub(longest_first, lambda found: shown[found[0]], text)


def without_parts(text: str, secrets: Mapping[str, str]) -> str:
    """`text`, redacted, and without parts of `secrets` either, as of a folder of a path, or of a value set right.

    Parts are runs of letters and digits that are no plain word, in any case.
    """
    parts = {part.lower(): name for name, value in secrets.items() for part in PART.findall(value) if is_odd(part)}
    clean = redacted(text, secrets)
    if not parts:
        return clean
    longest_first = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
    return re.sub(longest_first, lambda found: f"[part of {parts[found[0].lower()]}]", clean, flags=re.IGNORECASE)


def is_odd(part: str) -> bool:
    """Whether it is no word or name as they stand in any text."""
    return not part.isalpha() or not (part.islower() or part.isupper() or part.istitle())


def as_written(dumped: Any, written: Any) -> Any:
    """A dump of validated settings, in which what came from the environment reads as it is written: `${NAME}`."""
    if isinstance(written, str) and VARIABLE.search(written):
        return written if dumped != MASK or VARIABLE.fullmatch(written) else MASK
    if isinstance(written, dict) and isinstance(dumped, dict):
        return {name: as_written(inner, written.get(name)) for name, inner in dumped.items()}
    if isinstance(written, list) and VARIABLE.search(json.dumps(written)):
        return written
    return dumped


def is_secret(model: type[BaseModel], path: tuple[Any, ...]) -> bool:
    """Whether the setting at `path` of a model is a secret, or holds some."""
    annotation: Any = model
    for part in path:
        inner = next((m for m in mentioned(annotation) if issubclass(m, BaseModel) and part in m.model_fields), None)
        if inner is None:
            continue
        annotation = inner.model_fields[part].annotation
        if SecretStr in mentioned(annotation):
            return True
    return False


def mentioned(annotation: Any) -> list[type]:
    """The classes that an annotation mentions, outermost first."""
    own = [annotation] if isinstance(annotation, type) else []
    return [*own, *[found for inner in get_args(annotation) for found in mentioned(inner)]]
