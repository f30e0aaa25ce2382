"""Decimals from text and from doubles, to the last digit, and one rule of rounding for every engine.

A double is read as the shortest decimal that is this double, as people see it printed; then it is rounded half up.
Engines round doubles each in its own way, and know exponents in texts or not.
"""

from __future__ import annotations

from typing import Literal

from pyspark.sql import Column
from pyspark.sql import functions as F

Rounding = Literal["half_up", "half_even"]
WIDE = "decimal(38,20)"
NOISE = "0.000001"  # less than this is what doubles leave of sums, as in 29.700000000000003
MOST_SHIFT = 40


def shifted(text: Column) -> Column:
    """A number in digits, its exponent carried out digit by digit; NULL where it is larger than any sum of money."""
    exponent = F.regexp_extract(text, "[eE]([+-]?[0-9]{1,3})$", 1)
    step = F.expr("0") + F.when(exponent != "", exponent).cast("int")
    mantissa = F.regexp_extract(text, "^[+-]?([0-9.]*)", 1)
    whole, part = F.split_part(mantissa, F.lit("."), F.lit(1)), F.split_part(mantissa, F.lit("."), F.lit(2))
    digits, point = F.concat(whole, part), F.length(whole) + step
    sign = F.when(text.startswith("-"), "-").otherwise("")
    zeros = F.lit("0" * (MOST_SHIFT + 1))
    number = (
        F.when((point < -MOST_SHIFT) | (F.translate(digits, "0", "") == ""), "0")
        .when(point <= 0, F.concat(F.lit("0."), F.substring(zeros, F.lit(1), -point), digits))
        .when(
            point <= F.length(digits),
            F.concat(
                F.substring(digits, F.lit(1), point), F.lit("."), F.substring(digits, point + 1, F.length(digits))
            ),
        )
        .when(step <= MOST_SHIFT, F.concat(digits, F.substring(zeros, F.lit(1), point - F.length(digits))))
    )
    return F.when(F.lower(text).contains("e"), F.concat(sign, number)).otherwise(text)


def exact(name: str) -> Column:
    """The shifted text in the column `name` as a decimal that holds all digits of a double; NULL where it is none."""
    return F.expr(f"try_cast(`{name}` as {WIDE})")


def fitted(number: Column, type_: str, how: Rounding = "half_up") -> Column:
    """A wide decimal rounded into the decimal `type_`; NULL where it is too large for it."""
    digits, scale = map(int, type_.removeprefix("decimal(").removesuffix(")").split(","))
    value = rounded(number, scale, how)
    return F.when(F.abs(value) < F.lit("1" + "0" * (digits - scale)).cast("decimal(38,0)"), value.cast(type_))


def rounded(number: Column, scale: int, how: Rounding = "half_up") -> Column:
    """A wide decimal rounded to `scale` digits; `half_even` takes a half to the even neighbour."""
    up = F.round(number, scale)
    if how == "half_up":
        return up
    unit = f"decimal(38,{scale})"
    half = F.lit("0." + "0" * scale + "5").cast(WIDE)
    last = F.pmod(F.abs(F.round(number, scale).cast(unit) * F.lit(10**scale)).cast("decimal(38,0)"), F.lit(2))
    step = F.lit("0." + "0" * (scale - 1) + "1" if scale else "1").cast(unit)
    is_odd_tie = (F.abs(number - up) == half) & (last == 1)
    return F.when(is_odd_tie, up - F.when(number < 0, -step).otherwise(step)).otherwise(up)


def has_more(number: Column, scale: int) -> Column:
    """Whether a wide decimal has more than `scale` digits after its point, the noise of doubles apart."""
    return F.abs(number - F.round(number, scale)) >= F.lit(NOISE).cast("decimal(7,6)")
