"""No sentence that a user reads is left in an analysis: they are messages, in every language.

A literal is a sentence where it has three words or more, or ends as a sentence does, or has words beside a value that
is put in; and where it is a part of a line of the summary. What only programmers read is none: docstrings, errors,
types, and what the calls FOR_MACHINES take.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

JOBS = Path(__file__).parents[2] / "libs" / "vitalfew" / "jobs"
VALUE = "\N{BULLET}"
WORD = re.compile(r"(?<![\w.])[A-Za-z][a-z]+(?![\w(])")
END = re.compile(r"[a-z] .*[a-z][.!?]$")
TYPES = re.compile(rf"[\w{VALUE}]+ (string|int|bigint|double|date|boolean|array|decimal)\b")
FOR_MACHINES = {
    "where",
    "filter",
    "selectExpr",
    "expr",
    "agg",
    "cast",
    "from_json",
    "createDataFrame",
    "collect_rows",
    "collect_table",
}
"""They take SQL, types, or the label of what is collected, which errors name."""
DECLARATIONS = ("params.py", "tables.py", "job.py")
"""Comments of columns, descriptions of parameters and jobs: documentation, in English."""

NO_SENTENCES: Mapping[str, tuple[str, ...]] = {
    "clusters/attributes.py": (f"{VALUE} other", f"{VALUE} missing"),  # names of features, as tables keep them
    "orders/assembly.py": ("the lines of one product in one order sum to more than 18 digits",),  # an error
    "orders/order_days.py": (f"{VALUE} ({VALUE} lines, {VALUE})",),  # a part of an error
    "orders/transform.py": (f"{VALUE} cancel {VALUE}",),  # the salt of a hash
}
"""What looks like a sentence and is none, by how it begins."""
PUBLISHED = ("verify/",)
"""Figures of papers under the names that these give them; for who installs the suite, not for its users."""
NOT_YET = (
    "baskets/transform.py",
    "next_purchase/evidence.py",
    "next_purchase/model_selection.py",
    "next_purchase/models.py",
)
"""Their sentences are still to become messages; a file without any must leave this list."""


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def literals(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts below `node`, with their lines; VALUE where one puts a value in."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if is_docstring or isinstance(child, ast.Raise):
            continue
        if isinstance(child, ast.Call) and called(child) in FOR_MACHINES:
            yield from literals(child.func)
        elif isinstance(child, ast.JoinedStr):
            yield child.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else VALUE for p in child.values)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.lineno, child.value
        else:
            yield from literals(child)


def in_lines(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Literals that a `Line` is given as its label, text or action."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) == "Line":
            shown = [*node.args[:3], *[key.value for key in node.keywords if key.arg in ("label", "text", "action")]]
            for part in shown:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.lineno, part.value


def is_sentence(text: str) -> bool:
    words = WORD.findall(text)
    is_long = len(words) >= 3 or bool(END.search(text))
    has_value = bool(words) and VALUE in text and " " in text.strip()
    return (is_long or has_value) and not TYPES.match(text)


def sentences(source: str) -> set[tuple[int, str]]:
    tree = ast.parse(source)
    return {(line, text) for line, text in literals(tree) if is_sentence(text)} | set(in_lines(tree))


def found(path: str) -> list[tuple[int, str]]:
    """The sentences of a file of the jobs, without those that are none."""
    known = NO_SENTENCES.get(path, ())
    return sorted(
        each for each in sentences((JOBS / path).read_text(encoding="utf-8")) if not each[1].startswith(known)
    )


ANALYSES = [
    str(path.relative_to(JOBS))
    for path in sorted(JOBS.rglob("*.py"))
    if path.name not in DECLARATIONS and not str(path.relative_to(JOBS)).startswith(PUBLISHED)
]


@pytest.mark.parametrize("path", [path for path in ANALYSES if path not in NOT_YET])
def test_no_sentence_is_left_in_an_analysis(path: str) -> None:
    assert not found(path), "make it a message: a key in messages/en.yml and zh.yml, and say() or message()"


@pytest.mark.parametrize("path", NOT_YET)
def test_what_is_listed_still_has_sentences(path: str) -> None:
    assert found(path), "all of its sentences are messages: take it off NOT_YET"


@pytest.mark.parametrize("path", NO_SENTENCES)
def test_what_is_no_sentence_is_still_there(path: str) -> None:
    texts = [text for _, text in sentences((JOBS / path).read_text(encoding="utf-8"))]
    assert all(any(text.startswith(known) for text in texts) for known in NO_SENTENCES[path])


@pytest.mark.parametrize(
    "source",
    [
        'action = "Call them today."',
        'Line("nothing", fact)',
        'Line(label, text=fact, action="Go")',
        'text = f"{n:,} customers"',
        'evidence = F.concat(F.lit("bought by customers "), F.col("name"))',
        'ACTIONS = {"lost": "Try once more"}',
        'frame.where("a = 1").withColumn("action", F.lit("ask them back"))',
    ],
)
def test_a_sentence_is_found(source: str) -> None:
    assert sentences(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring that says what comes out."""',
        'raise ValueError(f"there is no segment {name}")',
        "frame.where(\"kind = 'sale' and customer_id is not null\")",
        'collect_rows(frame, "hours of the week")',
        'F.from_json(text, "n int, shares array<double>")',
        'TYPES = "customer_id string, ordered_on date, lines bigint"',
        'message("rfm.fact.segment", each=row["mean_monetary"])',
        'Line(f"{rank}.", message("recommendations.fact.item"), code="first")',
        'STATUS = ("first order", "past window")',
        'column = f"favourite_{axis}"',
    ],
)
def test_what_programmers_read_is_no_sentence(source: str) -> None:
    assert not sentences(source)
