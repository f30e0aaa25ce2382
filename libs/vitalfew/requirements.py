"""What Vital Few needs of the Python that runs it, and what is missing.

Read by `setup.py`, and asked before anything else is imported: so it needs the standard library alone, also that of an
older Python.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys

PYTHON = (3, 11)
LIBRARIES = {  # how each is imported: how pip calls it, with the oldest version that works
    "click": "click>=8.1",
    "numpy": "numpy>=1.26",
    "pyarrow": "pyarrow>=15",
    "pydantic": "pydantic>=2.7",
    "yaml": "pyyaml>=6",
    "rich": "rich>=13",
    "sklearn": "scikit-learn>=1.4",
    "scipy": "scipy>=1.11",
    "sqlglot": "sqlglot>=30,<31",
    "threadpoolctl": "threadpoolctl>=3.1",
    "babel": "babel>=2.14",
    "jinja2": "jinja2>=3.1",
    "markupsafe": "markupsafe>=2.1",
    "python_calamine": "python-calamine>=0.3",
    "xlsxwriter": "xlsxwriter>=3.1",
    "phonenumbers": "phonenumbers>=8.13",
}
# Every run loads these anyway, and each fails where it was made for another system.
COMPILED = ("numpy", "pyarrow", "pydantic")
NOTE = "environment.json"  # what scripts/package.sh puts into an environment: which Python it needs
NOT_ACTIVE = "The environment archive is not active here."
WHAT_TO_DO = """\
  spark-submit in client mode: unpack dist/environment.tar.gz where you submit, into the folder `environment`, and add
    --conf spark.pyspark.driver.python=environment/bin/python
  in cluster mode (YARN, Kubernetes): add --archives dist/environment.tar.gz#environment
    and --conf spark.pyspark.python=environment/bin/python, and leave PYSPARK_DRIVER_PYTHON unset
  without spark-submit: pip install "vitalfew[sail]", or "vitalfew[spark]"
"""


def unmet() -> str:
    """What is wrong with this Python and what to do about it; empty where nothing is."""
    wrong = too_old() or lacking()
    return f"{wrong}\n{WHAT_TO_DO}" if wrong else ""


def too_old() -> str:
    """Whether this Python is one that we cannot run on."""
    if sys.version_info[:2] >= PYTHON:
        return ""
    return f"Vital Few needs Python {dotted(PYTHON)} or later; this is {this_python()}. {NOT_ACTIVE}"


def lacking() -> str:
    """The libraries that this Python cannot import, and why, as far as we know."""
    missing = [name for name in (*LIBRARIES, "pyspark") if importlib.util.find_spec(name) is None]
    broken = [f"{name} ({why})" for name in COMPILED if name not in missing and (why := failure(name))]
    if not missing and not broken:
        return ""
    made_for = note().get("python", "")
    if made_for and made_for != dotted(sys.version_info[:2]):
        return (
            f"The environment in {sys.prefix} holds libraries for Python {made_for}; here it runs on {this_python()}: "
            "pack it with that one."
        )
    found = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"cannot load {', '.join(broken)}"] * bool(broken)
    where = f"The environment in {sys.prefix} is not whole." if made_for else NOT_ACTIVE
    return f"{this_python()} {' and '.join(found)}. {where}"


def failure(library: str) -> str:
    """Why a library that is there cannot be imported; empty where it can."""
    try:
        importlib.import_module(library)
    except ImportError as error:
        return " ".join(str(error).split())[:200]
    return ""


def note() -> dict[str, str]:
    """What the environment that is active says of itself; nothing where it is not one of ours."""
    try:
        with open(os.path.join(sys.prefix, NOTE), encoding="utf-8") as file:
            return dict(json.load(file))
    except (OSError, ValueError):
        return {}


def this_python() -> str:
    return f"Python {dotted(sys.version_info[:3])} at {sys.executable}"


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
