"""`vitalfew power`: customers in each arm, and by which formula."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from vitalfew.cli.commands import cli
from vitalfew.errors import ConfigError


def said(*words: str) -> str:
    done = CliRunner().invoke(cli, ["power", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return str(done.output)


def test_a_rate_needs_customers_by_the_formula_that_is_named() -> None:
    found = said("--rate", "0.20", "--lift", "0.05")
    assert found.startswith("1,030 customers in each of two arms: from 0.2 to 0.25, found with power 0.8")
    assert "variance of the control arm" in found
    assert "pooled (Fleiss): 1,094" in found
    assert "arcsine (Cohen): 1,092" in found
    assert said("--rate", "0.20", "--lift", "0.05", "--power", "0.9").startswith("1,3")


def test_a_mean_needs_its_standard_deviation() -> None:
    """2 (1.959964 + 0.841621)^2 of 11.588^2 / 0.5^2, the spend of Hillstrom's customers without a mail."""
    found = said("--deviation", "11.588", "--lift", "0.5")
    assert found.startswith("8,432 customers in each of two arms")
    assert "2 (z1 + z2)^2 s^2 / d^2" in found


def test_no_arm_has_fewer_than_two_customers() -> None:
    assert said("--deviation", "1", "--lift", "100").startswith("2 customers in each of two arms")
    assert said("--deviation", "1", "--lift", "-1e200").startswith("2 customers in each of two arms")
    assert said("--rate", "0.0001", "--lift", "0.9998").startswith("2 customers in each of two arms")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--lift", "0.1"], "one of the two"),
        (["--rate", "0.2", "--deviation", "3", "--lift", "0.1"], "one of the two"),
        (["--rate", "0.2", "--lift", "0"], "is 0"),
        (["--rate", "0.2", "--lift", "0.8"], "a share between 0 and 1"),
        (["--rate", "0.2", "--lift", "-0.3"], "a share between 0 and 1"),
        (["--rate", "0.2", "--lift", "0.1", "--power", "0.01"], "must be above"),
        (["--rate", "0.2", "--lift", "1e-20"], "more than 1,000,000,000,000 customers"),
        (["--rate", "0.2", "--lift", "1e-12"], "more than 1,000,000,000,000 customers"),
        (["--deviation", "1", "--lift", "1e-200"], "more than 1,000,000,000,000 customers"),
        (["--deviation", "1e200", "--lift", "-1"], "more than 1,000,000,000,000 customers"),
        (["--deviation", "1", "--lift", "nan"], "--lift is nan; it must be a number"),
        (["--deviation", "1", "--lift", "inf"], "--lift is inf"),
        (["--deviation", "inf", "--lift", "1"], "--deviation is inf"),
        (["--rate", "nan", "--lift", "0.1"], "--rate is nan"),
        (["--rate", "0.2", "--lift", "0.1", "--power", "nan"], "--power is nan"),
        (["--rate", "0.2", "--lift", "0.1", "--significance", "1e-300"], "--significance is 1e-300, too near to 0"),
        (["--rate", "1e-310", "--lift", "1e-311"], "--rate is 1e-310, too near to 0 or 1"),
    ],
)
def test_what_cannot_be_planned_is_refused(words: list[str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        CliRunner().invoke(cli, ["power", *words], catch_exceptions=False)
