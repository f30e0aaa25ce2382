"""Where the entry files of spark-submit, and `python -m vitalfew`, come in.

Nothing but the standard library is imported before it is known that the rest can be.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

from vitalfew.errors import EngineError
from vitalfew.requirements import too_old, unmet


def is_doctor() -> bool:
    """Whether the command line asks what is missing, and can be read here at all."""
    return sys.argv[1:2] == ["doctor"] and not too_old() and find_spec("click") is not None


def main(*job: str) -> None:
    """Run the command line, with a job's name as `vitalfew.cli.main` does; or say what this Python lacks."""
    if (wrong := unmet()) and not is_doctor():
        sys.stderr.write(f"vitalfew: {wrong}")
        sys.exit(EngineError.exit_code)
    from vitalfew.cli import main

    main(*job)
