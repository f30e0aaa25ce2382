"""Where the entry files of spark-submit, and `python -m vitalfew`, come in.

Nothing but the standard library is imported before it is known that the rest can be.
"""

from __future__ import annotations

import sys

from vitalfew.errors import EngineError
from vitalfew.requirements import unmet


def main(*job: str) -> None:
    """Run the command line, with a job's name as `vitalfew.cli.main` does; or say what this Python lacks."""
    if wrong := unmet():
        sys.stderr.write(f"vitalfew: {wrong}")
        sys.exit(EngineError.exit_code)
    from vitalfew.cli import main

    main(*job)
