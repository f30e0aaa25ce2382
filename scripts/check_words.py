"""Finds words that few readers know, in every text that a user reads: python scripts/check_words.py

Checked: the pages, the configuration, the messages, the texts of the command line, and the descriptions of parameters
and columns, which the pages under docs/ repeat. Each word comes with what to write instead.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXTS = (
    "*.md",
    "docs/**/*.md",
    "conf/**/*.yml",
    "libs/vitalfew/messages/en.yml",
    "libs/vitalfew/cli/*.py",
)
INSTEAD = {
    "anew": "again, or: from the beginning",
    "dear": "expensive",
    "foretell": "predict",
    "foretells": "predicts",
    "foretold": "predicted",
    "in peace": "do not contact",
    "mend": "fix",
    "mended": "fixed",
    "so many": "this many",
    "told": "reported, given, or logged",
    "whom it may concern": "users",
}
WORD = re.compile(r"\b(" + "|".join(map(re.escape, INSTEAD)) + r")\b", re.IGNORECASE)


def found(path: Path) -> Iterator[tuple[int, str]]:
    """Line numbers, from 1, and the words of the list that stand there; of Python, in its strings alone."""
    for number, text in texts(path):
        for word in WORD.findall(text):
            yield number, word.lower()


def texts(path: Path) -> Iterator[tuple[int, str]]:
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(content.splitlines(), 1)
        return
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def main() -> int:
    """Print every place; 1 if there is one."""
    places = [
        f"{path.relative_to(ROOT)}:{number}: {word!r}: write {INSTEAD[word]}"
        for pattern in TEXTS
        for path in sorted(ROOT.glob(pattern))
        for number, word in found(path)
    ]
    print("\n".join(places) or "No word of the list is left.")
    return 1 if places else 0


if __name__ == "__main__":
    sys.exit(main())
