"""A page of a command: on the terminal, or in a file for its user alone."""

from __future__ import annotations

from pathlib import Path

import click

from vitalfew.cli.layouts import screen_width
from vitalfew.cli.page_text import in_words
from vitalfew.cli.report import saved
from vitalfew.config.loading import Config
from vitalfew.errors import ConfigError
from vitalfew.messages.words import Words
from vitalfew.report.html.render import html
from vitalfew.report.page import Page
from vitalfew.visible_text import visible, visible_lines


def checked_file(option: str, name: str | None) -> Path | None:
    """The file of that name; ConfigError where it is none for a page."""
    if name is not None and Path(name).suffix != ".html":
        raise ConfigError(f"{option} is {name!r}; the page is an HTML file: give it a name that ends in .html.")
    return None if name is None else Path(name)


def tell(page: Page, words: Words, to: Path | None, loaded: Config) -> None:
    """Print the page, or write it; without the values that came from the environment."""
    if to is None:
        click.echo(visible_lines(loaded.redact(in_words(page, words, screen_width()))))
    else:
        path = saved(to, loaded.redact(html(page, words)), "--page")
        click.echo(f"{visible(str(path))} is written, for you only.")
