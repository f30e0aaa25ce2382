"""The folder of a day's files: there as a whole or not at all, for its owner alone."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from vitalfew.config.target import Target, folder_like, refuse_stray
from vitalfew.engines import scratch
from vitalfew.errors import ConfigError, TableError
from vitalfew.storage import owner_only
from vitalfew.storage.delta import is_local

MANIFEST = "manifest.json"
OLD = "old-"
"""Before the day, in the name of a folder that is being replaced."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def of_target(target: Target) -> Path | None:
    """The folder that the target names; None where it names none. ConfigError where this process does not see it."""
    if target.campaign_folder is None:
        return None
    at = target.resolve(folder_like(target.campaign_folder))
    if not is_local(at):
        raise ConfigError(
            f"campaign_folder is {at.at}, which is no folder of this machine, where files can be for you alone: name "
            "one (below the root or one of `roots`), or write rows of a table: form: delta"
        )
    refuse_stray(target, at.at)
    return Path(at.at)


def required(target: Target, campaign: str) -> Path:
    """The same; ConfigError where there is none."""
    found = of_target(target)
    if found is None:
        raise ConfigError(
            f"files.{campaign} is a file with contact details: say in the target's file where such files may lie, "
            "such as `campaign_folder: campaigns`, or set form: delta"
        )
    return found


def make_private(above: Path) -> None:
    """The folder and those above it that are missing, each for its owner alone, whatever the mask."""
    missing = [each for each in (above, *above.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=owner_only.FOLDER, exist_ok=True)


def put_back(above: Path) -> None:
    """The files of days that a killed process had moved away, to their places; its own files go."""
    for left in scratch.abandoned(above):
        for old in left.glob(f"{OLD}*"):
            place = above / old.name.removeprefix(OLD)
            if not os.path.lexists(place):
                old.rename(place)
    scratch.remove_abandoned(above)


def refuse_foreign(place: Path) -> None:
    """TableError where there is something at `place` that no run of ours wrote, and so none may replace."""
    if not os.path.lexists(place) or (is_ours(place) and (not any(place.iterdir()) or (place / MANIFEST).is_file())):
        return
    raise TableError(
        f"{place} is no folder that campaigns wrote (it has no {MANIFEST}): move it away, or name another "
        "campaign_folder. Nothing was written."
    )


def is_ours(place: Path) -> bool:
    """Whether it is a folder, and no link to one, that is called as a day."""
    return DAY.fullmatch(place.name) is not None and place.is_dir() and not place.is_symlink()


@contextmanager
def written(above: Path, day: date) -> Iterator[Path]:
    """A folder to fill, which takes the place of that of `day` if the block ends well; else nothing is left of it.

    A process that is killed leaves a folder that the next run removes, and that only its owner can enter. What it had
    moved away and not yet replaced comes back first. TableError where something else than a day's files is in the way.
    """
    making: Path | None = None
    place = above / str(day)
    try:
        make_private(above)
        put_back(above)
        refuse_foreign(place)
        making = scratch.make(above)
        coming, gone = making / "new", making / f"{OLD}{day}"
        coming.mkdir(mode=owner_only.FOLDER)
        yield coming
        refuse_foreign(place)
        if os.path.lexists(place):
            place.rename(gone)
        try:
            coming.rename(place)
        except OSError:
            if os.path.lexists(gone):
                gone.rename(place)
            raise
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise TableError(
            f"Campaign files could not be written below {above}: {why}. Nothing has changed there."
        ) from None
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)
