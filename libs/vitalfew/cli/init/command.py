"""`vitalfew init`: look at files, propose, ask, try, write."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from vitalfew.cli.init import sample as sampling
from vitalfew.cli.init import target_file, trial
from vitalfew.cli.init.choices import Choices
from vitalfew.cli.init.proposal import Proposal, propose
from vitalfew.cli.init.sample import Sample
from vitalfew.cli.layouts import drawn, screen_width
from vitalfew.cli.whole_file import whole_file
from vitalfew.config.sql_names import is_identifier
from vitalfew.errors import ConfigError, TableError, VitalFewError
from vitalfew.procedures.ingest.readers import drops
from vitalfew.visible_text import visible, visible_lines


@dataclass(frozen=True)
class Wish:
    """What the command line says."""

    places: Sequence[str]
    conf: str
    name: str
    root: str
    answers: Mapping[str, str]
    yes: bool
    force: bool
    shared_machine: str


def run(wish: Wish) -> None:
    """Look at the files, and write the target that takes them in; ConfigError where the files do not tell how."""
    path = Path(wish.conf) / "targets" / f"{wish.name}.yml"
    refuse_odd(wish, path)
    is_asked = sys.stdin.isatty() and sys.stdout.isatty() and not wish.yes
    if not is_asked and not wish.yes:
        raise ConfigError("Nobody is there to be asked, as this is no terminal: add --yes to take what is proposed.")
    places = [os.path.abspath(place) if "://" not in place else place for place in wish.places]
    found, told = sampling.samples(sampling.listed(places))
    for line in told:
        click.echo(f"Passed over: {line}.", err=True)
    if not found:
        raise TableError("None of the files is a table that can be read.")
    choices = Choices(wish.answers, asked if is_asked else None)
    chosen, proposal = best(found, choices)
    choices.settle()
    say_others(found, chosen)
    place = place_of(chosen, places)
    at = place["at"]
    roots = [os.path.dirname(at) if Path(at).is_file() or "*" in at else at] if "://" not in at else [at]
    source = {**place, **proposal.settings}
    text = target_file.written(wish.name, wish.root, roots, place, proposal, wish.shared_machine)
    say_mapping(chosen, proposal)
    say_trial(source, roots, chosen, proposal, wish.shared_machine)
    if is_asked and not click.confirm(f"Write {visible(str(path))}?", default=True):
        raise click.Abort
    save(path, text)
    click.echo(f"\nWritten: {visible(str(path))}\nNext: vitalfew run all {next_options(wish)}")


def next_options(wish: Wish) -> str:
    conf = f" --conf {wish.conf}" if wish.conf != "conf" else ""
    return visible(f"--target {wish.name}{conf}")


def refuse_odd(wish: Wish, path: Path) -> None:
    """ConfigError where the target cannot be written under its name."""
    if not is_identifier(wish.name):
        raise ConfigError(
            f"--name is {wish.name!r}; it must be letters, digits and _, as it names a file and a folder."
        )
    if "://" in wish.conf:
        raise ConfigError(f"--conf is {wish.conf}: init writes to folders of this machine alone.")
    if path.exists() and not wish.force:
        raise ConfigError(f"{path} is there already: choose another --name, or --force to write over it.")


def asked(question: str, choices: Mapping[str, str], likely: str | None) -> str:
    """The answer of a person."""
    click.echo()
    for choice, meaning in choices.items():
        click.echo(visible(f"    {choice}: {meaning}" if meaning else f"    {choice}"))
    kind = click.Choice([*choices]) if choices else str
    return str(click.prompt(visible(question), type=kind, default=likely, show_choices=False))


def best(found: Sequence[Sample], choices: Choices) -> tuple[Sample, Proposal]:
    """The files that are lines of orders, and what is proposed for them; ConfigError where none are."""
    errors: list[ConfigError] = []
    for one in sorted(found, key=likeness, reverse=True):
        try:
            return one, propose(one, choices)
        except ConfigError as error:
            errors.append(error)
    raise errors[0]


def likeness(one: Sample) -> tuple[int, int]:
    """How much files look like lines of orders: columns of ours that they have, and rows."""
    from vitalfew.cli.init.proposal import preset_of
    from vitalfew.cli.init.roles import Columns

    roles = Columns(one).assigned
    wanted = ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount", "price")
    return (100 if preset_of(one) else 0) + sum(name in roles for name in wanted), one.rows


def say_others(found: Sequence[Sample], chosen: Sample) -> None:
    for one in found:
        if one is not chosen:
            names = ", ".join(drop.name for drop in one.files[:3])
            click.echo(visible(f"Not used, as other files look more like lines of orders: {names}."), err=True)


def place_of(chosen: Sample, places: Sequence[str]) -> dict[str, str]:
    """`at`, and `members` of archives, that name the chosen files and no others; ConfigError where there are none."""
    wanted = {(drop.path, drop.member) for drop in chosen.files}
    paths = sorted({path for path, _ in wanted})
    for at in [*(places if len(places) == 1 else []), *patterns(paths)]:
        for members in members_of(chosen):
            if {(drop.path, drop.member) for drop in drops.find(at, members)} == wanted:
                return {"at": at, **({"members": members} if members else {})}
    names = ", ".join(sorted(drop.name for drop in chosen.files)[:5])
    raise ConfigError(
        visible(f"The files {names} are alike, and lie among others: put them into a folder of their own.")
    )


def patterns(paths: Sequence[str]) -> list[str]:
    """What may name some files: one of them, their folder, or an ending and a beginning in it."""
    if len(paths) == 1:
        return [*paths]
    folder = os.path.commonpath([os.path.dirname(path) for path in paths])
    names = [os.path.basename(path) for path in paths]
    same = [len({*letters}) == 1 for letters in zip(*names, strict=False)]
    start = names[0][: same.index(False) if False in same else len(same)]
    endings = {os.path.splitext(path)[1] for path in paths}
    ending = endings.pop() if len(endings) == 1 else ""
    return [folder, f"{folder}/*{ending}", f"{folder}/**/*{ending}", f"{folder}/{start}*{ending}"]


def members_of(chosen: Sample) -> list[str]:
    """Patterns for the files in archives: none, or their ending."""
    endings = {os.path.splitext(drop.member)[1] for drop in chosen.files if drop.member}
    return ["", *[f"**/*{ending}" for ending in sorted(endings) if ending]]


def say_mapping(chosen: Sample, proposal: Proposal) -> None:
    """What is proposed, in lines a person can check."""
    many = f"{len(chosen.files)} files" if len(chosen.files) > 1 else chosen.files[0].name
    more = (
        f", the first {chosen.rows:,} rows looked at"
        if chosen.rows >= sampling.MOST_ROWS
        else f", {chosen.rows:,} rows"
    )
    click.echo(visible(f"{many}{more}."))
    columns: dict[str, str] = proposal.settings.get("columns", {})
    for ours, theirs in columns.items():
        click.echo(visible(f"  {ours:<12} = {theirs}"))
    for key, value in proposal.settings.items():
        if key not in ("columns", "types"):
            why = f"    ({proposal.reasons[key]})" if key in proposal.reasons else ""
            click.echo(visible(f"  {key + ':':<12} {target_file.scalar(value)}{why}"))
    for note in proposal.notes:
        click.echo(visible(f"  Note: {note}."))


def say_trial(
    source: Mapping[str, Any], roots: Sequence[str], chosen: Sample, proposal: Proposal, shared_machine: str
) -> None:
    """Ten mapped rows and the sums, as `ingest` makes them of the files."""
    if sum(drop.size for drop in chosen.files) > trial.LARGEST:
        click.echo(
            f"The files have more than {trial.LARGEST >> 20} MB: they are not tried here. Look at the first run."
        )
        return
    try:
        found = trial.tried(source, roots, shared_machine)
    except VitalFewError as error:
        error.args = (f"What is proposed does not read the files, and nothing was written.\n{error}",)
        raise
    click.echo()
    click.echo(drawn(list(trial.SHOWN), [[visible(cell) for cell in row] for row in found.rows], screen_width()))
    money = f"{found.money:,.2f}{f' {proposal.currency}' if proposal.currency else ''}"
    click.echo(f"\n{found.used:,} rows are used, {money} in all, from {found.first[:10]} to {found.last[:10]}.")
    if found.copies:
        click.echo(f"{found.copies:,} rows are in several files, and count once.")
    for reason, count in found.refused.items():
        click.echo(visible_lines(f"{count:,} refused: {reason}."))
    for sentence in found.told:
        click.echo(visible_lines(f"Note: {sentence}."))


def save(path: Path, text: str) -> None:
    try:
        with whole_file(path) as file:
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Choose a folder by --conf.") from None
