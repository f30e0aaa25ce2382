"""The configuration of a target, its folders and their rights, the disk, the clock, and what is due in its tables."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vitalfew.cli.doctor.findings import CONFIGURATION, FILES, Finding

if TYPE_CHECKING:
    from vitalfew.config.loading import Config
    from vitalfew.config.target import Target

GIB = 2**30
LITTLE_DISK = 2 * GIB
AHEAD = 300  # seconds
EARLIEST = 1_735_689_600  # 2025-01-01: a clock before this was never set
SECONDS = 3


def loaded(conf: str, name: str, engine: str | None, root: str | None) -> tuple[Config | None, list[Finding]]:
    """The configuration of a target and all jobs, or every problem that it has."""
    from vitalfew.config import loading
    from vitalfew.errors import ConfigError
    from vitalfew.suite import JOBS

    try:
        found = loading.load(conf, name, JOBS.values(), (), engine=engine, root=root)
    except ConfigError as error:
        fix = "Correct the file, then: vitalfew config check. For files of your own: vitalfew init FILES."
        return None, [Finding("configuration", "error", str(error), fix, CONFIGURATION)]
    return found, [Finding("configuration", "ok", f"the target {found.target_name} and {len(JOBS)} jobs")]


def folders(target: Target) -> Iterator[Finding]:
    """Whether the tables can be written and the files read, as far as these lie on this machine."""
    from vitalfew.config.target import absolute, is_path, on_this_machine

    at = on_this_machine(absolute(target.root)) if is_path(target.root) else None
    if at is None:
        text = f"{target.root} is not a folder of this machine: whether it can be written is not checked here."
        yield Finding("root", "note", text)
    else:
        yield from writable(Path(at))
    for name, source in target.files.items():
        yield from readable(name, [target.resolve(place).at for place in source.places])


def writable(root: Path) -> Iterator[Finding]:
    """Whether a folder is there or can be made, may be written, and how much its disk takes."""
    there = next(path for path in (root, *root.parents) if os.path.lexists(path))
    if not there.is_dir():
        yield Finding("root", "error", f"{there} is no folder.", "Choose another root in the target's file.", FILES)
        return
    try:
        tempfile.TemporaryFile(dir=there).close()  # rights say little: the disk may be read-only
    except OSError as error:
        fix = f"Give yourself the right (chmod u+rwx {there}), or choose another root."
        yield Finding("root", "error", f"{there} cannot be written: {error.strerror}.", fix, FILES)
        return
    yield Finding("root", "ok", f"{root}" if there == root else f"{root}, which the first run makes")
    free = shutil.disk_usage(there).free
    if free < LITTLE_DISK:
        fix = "Free some space, or choose a root on another disk."
        yield Finding("disk", "warning", f"{free / GIB:.1f} GiB are free at {there}.", fix)
    else:
        yield Finding("disk", "ok", f"{free / GIB:.0f} GiB free at {there}")


def readable(name: str, places: list[str]) -> Iterator[Finding]:
    """Whether the files of a source are there and may be read."""
    from vitalfew.config.target import on_this_machine
    from vitalfew.procedures.ingest.readers import drops

    for at in places:
        if on_this_machine(at) is None:
            continue
        try:
            found = drops.find(at)
        except (OSError, ValueError) as error:
            yield Finding(
                "files", "error", f"files.{name}: {at} cannot be listed: {error}.", "See docs/files.md.", FILES
            )
            continue
        closed = [drop.path for drop in found if not os.access(drop.path, os.R_OK)]
        if closed:
            text = f"files.{name}: {closed[0]} and {len(closed) - 1} more may not be read by you."
            yield Finding("files", "error", text, "Give yourself the right: chmod u+r.", FILES)
        elif not found:
            text = f"files.{name}: there is no file at {at}."
            yield Finding("files", "warning", text, "Put files there, or correct `at` in the target's file.")
        else:
            yield Finding("files", "ok", f"files.{name}: {len(found):,} at {at}")


def scratch() -> Iterator[Finding]:
    """Whether there is a folder for what a run stages."""
    from vitalfew.engines import scratch as scratches
    from vitalfew.errors import EngineError

    above = scratches.above_embedded()
    try:
        scratches.require_writable(above)
    except EngineError as error:
        yield Finding("scratch", "error", str(error), "Name another folder in VITALFEW_SCRATCH.", FILES)
    else:
        free = shutil.disk_usage(above).free
        text = f"{free / GIB:.0f} GiB free at {above}"
        if free < LITTLE_DISK:
            yield Finding("scratch", "warning", text, "Free space there, or set VITALFEW_SCRATCH.")
        else:
            yield Finding("scratch", "ok", text)


def clock(target: Target | None) -> Iterator[Finding]:
    """Whether the clock can be right: not before this program was made, nor behind what the tables hold."""
    now = time.time()
    newest = max((path.stat().st_mtime for path in commits(target)), default=0.0) if target else 0.0
    if now < EARLIEST:
        text = f"The clock says {time.strftime('%Y-%m-%d', time.gmtime(now))}."
        yield Finding("clock", "error", text, "Set the clock of the machine (NTP): new rows would lie in the future.")
    elif newest > now + AHEAD:
        text = f"The newest table was written {(newest - now) / 60:.0f} minutes ahead of this clock."
        yield Finding("clock", "warning", text, "Set the clocks of all machines that write there (NTP).")
    else:
        yield Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now)))


def commits(target: Target) -> Iterator[Path]:
    """The newest commit of each table on this machine."""
    for folder in logs(target):
        found = sorted(folder.glob("*.json"))
        if found:
            yield found[-1]


def logs(target: Target, *names: str) -> Iterator[Path]:
    """The logs of the tables on this machine; of those of these names, where some are given."""
    from vitalfew.config.target import on_this_machine
    from vitalfew.suite import TABLES

    for name in names or TABLES:
        location = target.location(name)
        at = on_this_machine(location.at) if location.is_path else None
        if at is not None and (folder := Path(at) / "_delta_log").is_dir():
            yield folder


def maintenance(config: Config) -> Iterator[Finding]:
    """Tables with many small files, many commits without a checkpoint, or much that no reader needs any more."""
    from vitalfew.procedures.maintain import due

    found = due.tables(config)
    if found:
        fix = f"vitalfew maintain --target {shlex.quote(config.target_name)}, best once a week."
        yield Finding("maintenance", "warning", f"{due.sentence(found)}.", fix)
    elif found is not None:
        yield Finding("maintenance", "ok", "nothing is due")


def data_files(config: Config) -> Iterator[Finding]:
    """Whether the files that the logs of tables on this machine name are there, as long as they were written."""
    from vitalfew.errors import TableError
    from vitalfew.storage import damaged_files, delta_log
    from vitalfew.suite import TABLES

    folders = {name: log for name in TABLES for log in logs(config.target, name)}
    wrong, seen = False, 0
    for name, log in folders.items():
        advice = damaged_files.advice(TABLES[name], config.target, config.target_name)
        try:
            delta_log.whole_version(log, name)
            can_be_seen = damaged_files.can_be_seen(log.parent)
            found = list(damaged_files.damaged(log.parent)) if can_be_seen else []
        except TableError as error:
            wrong = True
            fix = f"Mend or restore {log}, or move {log.parent} away and run what writes it again."
            yield Finding("tables", "error", str(error), fix, FILES)
            continue
        seen += can_be_seen
        if found:
            wrong = True
            more = f", and {len(found) - 1:,} more of its files are damaged" if found[1:] else ""
            text = f"{name} at {log.parent} cannot be read: its file {found[0].state}{more}."
            yield Finding("tables", "error", text, advice, FILES)
    if seen and not wrong:
        yield Finding("tables", "ok", f"the files of {seen} tables are there, as long as they were written")


def privacy(target: Target) -> Iterator[Finding]:
    """Whether the keys below a local root can be used, and tables that describe persons are closed to others."""
    from vitalfew.config.target import on_this_machine
    from vitalfew.storage import contact_key, suppression
    from vitalfew.suite import TABLES

    place = target.resolve(contact_key.FOLDER)
    kept = on_this_machine(place.at) if place.is_path else None
    names = {log.parent.name: log.parent for log in logs(target)}
    closed = [folder for name, folder in names.items() if name in TABLES and TABLES[name].is_owner_only]
    keys = [Path(kept) / name for name in (contact_key.FILE, suppression.FILE)] if kept else []
    found = [trouble for path in keys if path.is_file() and (trouble := contact_key.problem(path))]
    if keys and not keys[1].exists() and target.suppression_key is None and "suppressed" in names:
        found.append((f"{keys[1]}, by which forgotten customers are known again, is gone.", "Restore it."))
    yield from (Finding("privacy", "error", text, fix, CONFIGURATION) for text, fix in found)
    opened = [folder for folder in closed if folder.stat().st_mode & 0o077]
    if opened:
        text = f"Other users can enter {opened[0]}" + (f" and {len(opened) - 1} more." if opened[1:] else ".")
        fix = f"Close it: chmod -R go-rwx {shlex.join(map(str, opened))}"
        yield Finding("privacy", "warning", text, fix)
    elif closed and not found:
        yield Finding("privacy", "ok", f"{len(closed)} tables and their keys are closed to other users")


def server(target: Target) -> Iterator[Finding]:
    """Whether the server of engine connect answers."""
    if target.engine != "connect" or target.remote is None:
        return
    address = target.remote.get_secret_value().removeprefix("sc://").split("/")[0].split(";")[0]
    host, _, port = address.rpartition(":") if ":" in address else (address, "", "15002")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS).close()
    except (OSError, ValueError) as error:
        fix = "Start the server, or correct `remote` of the target."
        yield Finding("server", "error", f"{host} does not answer at port {port}: {error}.", fix)
    else:
        yield Finding("server", "ok", f"{host} answers at port {port}")
