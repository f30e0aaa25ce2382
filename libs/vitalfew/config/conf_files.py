"""Where a configuration is read from: a folder that this machine sees, or a URI of object storage.

It is read before an engine starts, so nothing here needs one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from vitalfew.errors import ConfigError

URI = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):/")
SECRET = re.compile(r"(?<=://)[^/@]*:[^/@]*@|\?.*$")  # a name with a password, and what is asked for
SCHEMES = {  # theirs: what pyarrow calls it
    "s3": "s3",
    "s3a": "s3",
    "s3n": "s3",
    "gs": "gs",
    "gcs": "gs",
    "abfs": "abfs",
    "abfss": "abfss",
    "hdfs": "hdfs",
    "viewfs": "viewfs",
}
DBFS = Path("/dbfs")  # where clusters of Databricks mount dbfs:/
INSTEAD = (
    "Give --conf a folder that the driver sees, or, with spark-submit in cluster mode, leave it away and add "
    "--archives dist/conf.zip#conf."
)


@dataclass(frozen=True)
class RemotePath:
    """A folder or a file in object storage: as much of `pathlib.Path` as a configuration needs."""

    shown: str
    files: Any
    path: str

    def __str__(self) -> str:
        return self.shown

    def __truediv__(self, name: str) -> RemotePath:
        return replace(self, shown=f"{self.shown}/{name}", path=posixpath.join(self.path, name))

    @property
    def stem(self) -> str:
        return posixpath.splitext(posixpath.basename(self.path))[0]

    def exists(self) -> bool:
        with reached(self.shown):
            return bool(self.files.get_file_info(self.path).is_file)

    def read_text(self, encoding: str) -> str:
        """What the file holds; FileNotFoundError, ConfigError, or UnicodeDecodeError where it cannot be read."""
        with reached(self.shown), self.files.open_input_file(self.path) as file:
            content = bytes(file.read())
        return content.decode(encoding)

    def glob(self, pattern: str) -> Iterator[RemotePath]:
        """The files in this folder whose names end as `pattern`, which is `*` and an ending."""
        from pyarrow.fs import FileSelector

        with reached(self.shown):
            found = self.files.get_file_info(FileSelector(self.path, allow_not_found=True))
        for info in found:
            if info.is_file and info.base_name.endswith(pattern.removeprefix("*")):
                yield self / info.base_name


def opened(at: str | Path) -> Path | RemotePath:
    """The folder or file at a path or URI; ConfigError where such a URI cannot be read from here."""
    scheme = URI.match(str(at))
    if isinstance(at, Path) or scheme is None:
        return Path(at)
    name = scheme[1].lower()
    if name == "file":
        return Path(unquote(urlsplit(at).path))
    if name == "dbfs":
        return mounted(at)
    if name not in SCHEMES or not at[len(name) :].startswith("://") or not at[len(name) + 3 :].strip("/"):
        known = ", ".join([*SCHEMES, "file"])
        raise ConfigError(f"{at} is no folder and no URI that we read: known are {known} (each with ://) and dbfs:/.")
    return remote(f"{SCHEMES[name]}{at[len(name) :]}", SECRET.sub("", at).rstrip("/"))


def remote(uri: str, shown: str) -> RemotePath:
    """What is at `uri`, with credentials as the environment has them."""
    from pyarrow.fs import FileSystem

    with reached(shown):
        files, path = FileSystem.from_uri(uri)
    return RemotePath(shown, files, path.rstrip("/"))


def mounted(at: str) -> Path:
    """The path of a `dbfs:/` URI, where a cluster of Databricks mounts it."""
    if not DBFS.is_dir():
        raise ConfigError(f"{at} cannot be read, as there is no {DBFS} here. Use a path below /Volumes or /Workspace.")
    return DBFS / at.removeprefix("dbfs:").lstrip("/")


@contextmanager
def reached(shown: str) -> Iterator[None]:
    """ConfigError, with what to do, for whatever keeps us from reading there, apart from a file that is not there."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, ValueError, NotImplementedError, ImportError) as error:
        why = SECRET.sub("", (str(error).splitlines() or [type(error).__name__])[0])[:300].rstrip(".")
        raise ConfigError(f"{shown} cannot be read from here: {why}. {INSTEAD}") from None
