"""docs/tutorial.md, and its Chinese twin: files, commands, changes, and what they print of their output, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGES = {"en": "tutorial.md", "zh": "tutorial.zh.md"}
BLOCK = re.compile(r"^```(python|csv|bash|text|diff)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…\n"


@dataclass(frozen=True)
class Block:
    """A block that is written, run, or compared: its kind, the file it is of ("" if none), its text."""

    kind: str
    path: str
    text: str


def page(language: str) -> str:
    return (Path(__file__).parents[2] / "docs" / PAGES[language]).read_text(encoding="utf-8")


def blocks(language: str = "en") -> Iterator[Block]:
    """All blocks of the page that say what they are."""
    for kind, path, text in BLOCK.findall(page(language)):
        yield Block(kind, path, text)


def sentences_of_the_report(language: str) -> list[str]:
    """What the page quotes of the report."""
    return re.findall(r"^> (.+)$", page(language), re.MULTILINE)


def printed(text: str, shown: str) -> bool:
    """Whether `text` is what the page shows; a line `…` of the page stands for any lines."""
    pattern = "(?:.*\n)*".join(map(re.escape, re.split(f"^{LEFT_OUT}", shown, flags=re.MULTILINE)))
    return re.fullmatch(pattern, text) is not None


def changed(text: str, diff: str) -> str:
    """`text` with the lines that the diff takes away replaced by those that it adds."""
    old, new = ("".join(line[1:] + "\n" for line in diff.splitlines() if line[0] == sign) for sign in "-+")
    assert text.count(old) == 1, "the page changes lines that are not there"
    return text.replace(old, new)
