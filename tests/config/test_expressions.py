"""Expressions from a configuration can compute, and nothing else."""

from __future__ import annotations

import pytest

from vitalfew.config.expressions import is_identifier, literal, problem, quote


@pytest.mark.parametrize(
    "expression",
    [
        "InvoiceNo",
        "upper(trim(`Stock Code`))",
        "case when invoice_no like 'C%' then 'return' else 'sale' end",
        "try_cast(price as decimal(18,2)) * quantity",
        "a.b is not null and not (c in ('x', 'it''s') or d between -1 and 2.5e3)",
        "status <> 'TEST; -- not a comment'",
        "concat_ws(' ', a, null)",
    ],
)
def test_an_expression_over_columns_is_allowed(expression: str) -> None:
    assert problem(expression) is None


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "is empty"),
        ("java_method('java.lang.Runtime', 'exit')", "function java_method is not allowed"),
        ("reflect('a', 'b')", "function reflect is not allowed"),
        ("uper(x)", "did you mean upper?"),
        ("(select max(x) from t)", "'select' is not allowed"),
        ("x; drop table y", "'; drop table' is not allowed"),
        ("x -- y", "'-- y' is not allowed"),
        ("x /* y */", "is not allowed"),
        ("upper(x", "its brackets do not match"),
        ("x) or (y", "its brackets do not match"),
        ("a.reflect('x')", "function reflect is not allowed"),
        ("`reflect`('x', 'y')", "is not allowed"),
    ],
)
def test_anything_else_is_refused_with_a_reason(expression: str, why: str) -> None:
    assert why in str(problem(expression))


def test_names_are_checked_part_by_part_and_quoted() -> None:
    assert quote("main.sales.order_lines") == "`main`.`sales`.`order_lines`"
    assert not is_identifier("a-b")
    with pytest.raises(ValueError, match="is not a name"):
        quote("a`; drop table b")


def test_a_literal_cannot_end_its_own_quotes() -> None:
    assert literal("it's a \\ trap") == "'it\\'s a \\\\ trap'"
