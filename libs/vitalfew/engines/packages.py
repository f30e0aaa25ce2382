"""The package of the embedded engine, by name, for those who look whether it is there."""

from __future__ import annotations

EMBEDDED = "pysail"
TESTED = (0, 7)
REQUIREMENT = "pysail>=0.7,<0.8"
