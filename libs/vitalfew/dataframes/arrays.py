"""Types of numpy arrays, named once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
AnyInts = NDArray[Any]
"""Integers of whatever width saves memory."""
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Matrix = NDArray[np.float64]
"""Rows are points, columns their coordinates."""
Labels = NDArray[np.int64]
"""The cluster of each point."""
