"""The command `mcp`: an assistant asks what is published, over the Model Context Protocol."""

from __future__ import annotations

import importlib.util
from functools import partial

import click

from vitalfew.cli.options import hiding, located
from vitalfew.errors import EngineError


@click.command()
@located
@hiding("Leave groups of fewer people out of every answer, and those that give them away.")
@click.option("--customers", is_flag=True, help="Let it read rows of single customers, too.")
@click.option("--rows", default=500, show_default=True, type=click.IntRange(1, 10_000), help="The most of an answer.")
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(1, 3_600), help="The longest of a tool.")
def mcp(
    conf: str,
    target: str,
    engine: str | None,
    root: str | None,
    debug: bool,
    min_group: int,
    customers: bool,
    rows: int,
    seconds: int,
) -> None:
    """Answer an assistant over the standard input and output (Model Context Protocol), read-only.

    An assistant starts it; docs/assistants.md says how to tell it. It can list and describe tables, query what is
    published, explain columns, and list runs and findings. It reads no file, no source and no contact.
    """
    del debug
    if importlib.util.find_spec("mcp") is None:
        raise EngineError("vitalfew mcp needs the package mcp: pip install 'vitalfew[mcp]'.")
    from vitalfew.cli.mcp_server.desk import configured, opened
    from vitalfew.cli.mcp_server.guard import Access
    from vitalfew.cli.mcp_server.serve import serve
    from vitalfew.cli.mcp_server.worker import Worker

    configured(conf, target, engine, root)  # what is wrong with it is said at once
    access = Access(customers, min_group, rows, seconds)
    worker = Worker(partial(opened, conf, target, engine, root, access), seconds)
    try:
        serve(worker)
    finally:
        worker.close()
