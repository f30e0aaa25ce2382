"""Tables that the driver makes: their values are such as every engine takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vitalfew.dataframes.local_tables import value_for


@pytest.mark.parametrize(
    ("type_", "value", "plain"),
    [
        ("double", np.float64(1.5), 1.5),
        ("double", 2, 2.0),
        ("double", np.int64(2), 2.0),
        ("bigint", np.int64(3), 3),
        ("boolean", np.bool_(True), True),
        ("string", "text", "text"),
        ("double", None, None),
    ],
)
def test_a_scalar_of_numpy_becomes_one_of_python(type_: str, value: Any, plain: Any) -> None:
    """Spark refuses the others, which the embedded engine takes."""
    found = value_for(type_, value)
    assert found == plain
    assert type(found) is type(plain)
