"""The folder of a day's files: there as a whole or not at all, for its owner alone."""

from __future__ import annotations

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


@contextmanager
def written(above: Path, day: date) -> Iterator[Path]:
    """A folder to fill, which takes the place of that of `day` if the block ends well; else nothing is left of it.

    A process that is killed leaves a folder that the next run removes, and that only its owner can enter.
    """
    making: Path | None = None
    try:
        above.mkdir(mode=owner_only.FOLDER, parents=True, exist_ok=True)
        making = scratch.make(above)
        coming, gone, place = making / "new", making / "old", above / str(day)
        coming.mkdir(mode=owner_only.FOLDER)
        yield coming
        if place.exists():
            place.rename(gone)
        try:
            coming.rename(place)
        except OSError:
            if gone.exists():
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
