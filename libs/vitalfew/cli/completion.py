"""Completion in a shell: the script for it, and what may stand for a job or a target. Nothing is imported for it."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from vitalfew.errors import ConfigError

PACKAGES = Path(__file__).parents[1]
NOT_BY_NAME = {"forget"}
"""Procedures that have a command of their own."""


def job_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """`all`, and the jobs and procedures that have a package, of those that begin so and are not named yet."""
    folders = [folder for kind in ("jobs", "procedures") for folder in (PACKAGES / kind).iterdir()]
    found = {"all", *(folder.name for folder in folders if (folder / "__init__.py").is_file())} - NOT_BY_NAME
    named = ctx.params.get(param.name or "") or ()
    return [CompletionItem(name) for name in sorted(found - {*named}) if name.startswith(incomplete)]


def target_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The targets in the folder of the configuration."""
    del param
    folder = Path(ctx.params.get("conf") or "conf") / "targets"
    found = sorted(path.stem for path in folder.glob("*.yml")) if folder.is_dir() else []
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands, jobs and targets in SHELL.

    Example: vitalfew completion bash > ~/.local/share/bash-completion/completions/vitalfew
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise ConfigError(f"There is no completion for {shell}.")
    every_command = click.get_current_context().find_root().command
    click.echo(kind(every_command, {}, "vitalfew", "_VITALFEW_COMPLETE").source())
