"""The key of the hashes of contacts: as configured, or one made for the target and kept below its local root."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from pydantic import SecretStr

from vitalfew.config.target import Location
from vitalfew.errors import ConfigError
from vitalfew.storage import owner_only

FORM = re.compile(r"[0-9a-f]{64}")
FOLDER, FILE = "_keys", "contacts"  # names that begin with _ are hidden from those who list tables
ADVICE = (
    "Set `hash_key: ${VITALFEW_HASH_KEY}` in the configuration of customer360, and that variable to a secret of at "
    "least 16 characters, which must stay the same; or `join_by: []`, which leaves every account alone."
)


def kept_in(folder: Location, is_local: bool) -> SecretStr:
    """The key in a `folder` of the target, made if there is none; ConfigError where none can be kept there."""
    if not is_local:
        raise ConfigError(
            f"customer360 has no `hash_key`, and at {folder.at} none can be kept in private, as that is no local "
            f"folder. {ADVICE}"
        )
    return in_file(Path(folder.at) / FILE, ADVICE)


def in_file(path: Path, advice: str) -> SecretStr:
    """The key in the file `path`, made if there is none; ConfigError, with `advice`, where it is damaged or open."""
    owner_only.folder(path.parent)
    if not path.exists():
        made(path)
    if found := problem(path):
        raise ConfigError(f"{' '.join(found)}{'' if is_open(path) else f' {advice}'}")
    return SecretStr(text_of(path))


def problem(path: Path) -> tuple[str, str] | None:
    """Why the key in the file `path` is not used, and what to do; None where it is."""
    if is_open(path):
        return f"{path}, which is a key, can be read by others.", f"Run: chmod 600 {path}"
    if not FORM.fullmatch(text_of(path)):
        return f"{path} is damaged: it must hold 64 hexadecimal digits.", "Restore it."
    return None


def is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def text_of(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace").strip()


def made(path: Path) -> None:
    """Write a new key to `path`, whole or not at all; if another process was first, its key stays."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, owner_only.FILE), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()
