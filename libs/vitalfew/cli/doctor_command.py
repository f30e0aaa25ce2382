"""The command `doctor`. It imports nothing of ours but errors before it runs: what it looks for may be missing."""

from __future__ import annotations

from typing import Any

import click

from vitalfew.cli.options import located


@click.command()
@located
@click.option("--json", "as_json", is_flag=True, help="As JSON: exit_code, and findings with check, level, text, fix.")
def doctor(debug: bool, as_json: bool, **where: Any) -> int:
    """Look at this machine and a target: what would keep a run from working, and how to fix each thing.

    The exit code is 0 where no error is found, else that of the first error: 2 the configuration, 3 files and folders,
    5 Python, its libraries, Java, the engine and the machine. Warnings change no exit code.

    Example: vitalfew doctor --target shop
    """
    del debug
    from vitalfew.cli.doctor.examine import examined, exit_code, printed

    findings = examined(**where)
    click.echo(printed(findings, as_json))
    return exit_code(findings)
