"""Symbolic links, pipes and the like show nothing of a machine that the configuration does not name."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from vitalfew.config.files import FileSource
from vitalfew.config.target import Target, refuse_stray
from vitalfew.errors import ConfigError
from vitalfew.procedures.ingest.readers import drops


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of drops with one file."""
    found = tmp_path / "root" / "drops"
    (found / "deep").mkdir(parents=True)
    (found / "a.csv").write_text("id\n1\n")
    return found


def test_a_link_among_drops_is_refused_by_its_name(folder: Path) -> None:
    (folder / "deep" / "e.csv").symlink_to("/etc/passwd")
    for at in ("", "/*.csv", "/**/*.csv"):
        if at != "/*.csv":
            with pytest.raises(ValueError, match=r"'deep/e.csv' is a symbolic link"):
                drops.find(f"{folder}{at}")
        else:
            assert [drop.name for drop in drops.find(f"{folder}{at}")] == ["a.csv"]


def test_a_link_to_a_folder_among_drops_is_refused(folder: Path) -> None:
    (folder / "more").symlink_to("/etc")
    with pytest.raises(ValueError, match="'more' is a symbolic link"):
        drops.find(str(folder))


def test_a_pipe_or_a_socket_among_drops_is_refused_and_not_read(folder: Path) -> None:
    os.mkfifo(folder / "p.csv")
    with pytest.raises(ValueError, match=r"'p[.]csv' is a pipe, a socket or a device"):
        drops.find(str(folder))
    (folder / "p.csv").unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "s.csv"))
        with pytest.raises(ValueError, match=r"'s[.]csv' is a pipe, a socket or a device"):
            drops.find(str(folder))


def test_what_is_hidden_or_outside_the_pattern_does_not_matter(folder: Path) -> None:
    (folder / ".hidden.csv").symlink_to("/etc/passwd")
    (folder / "notes.txt").symlink_to("/etc/passwd")
    assert [drop.name for drop in drops.find(f"{folder}/*.csv")] == ["a.csv"]


def test_a_link_that_takes_the_target_of_a_file_is_not_followed(folder: Path) -> None:
    [found] = drops.find(str(folder))
    (folder / "a.csv").unlink()
    (folder / "a.csv").symlink_to("/etc/passwd")
    for read in (drops.digest, lambda path: drops.whole(path).__enter__(), lambda path: list(drops.blocks(path))):
        with pytest.raises(OSError, match=r"symbolic links|symlink"):
            read(found.path)


def test_a_pipe_that_takes_the_target_of_a_file_is_not_waited_for(folder: Path) -> None:
    [found] = drops.find(str(folder))
    (folder / "a.csv").unlink()
    os.mkfifo(folder / "a.csv")
    with pytest.raises(ValueError, match="is no file, but a pipe"):
        drops.digest(found.path)


def test_a_link_out_of_the_roots_is_refused_and_one_that_is_a_root_is_not(tmp_path: Path) -> None:
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "data").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "within").symlink_to(tmp_path / "real" / "inner")
    (tmp_path / "real" / "stray").symlink_to("/etc")
    target = Target.model_validate({"root": str(tmp_path / "data")})
    for at in ("orders", "within", "inner/*.csv"):
        refuse_stray(target, target.resolve(at).at)
    for at in ("stray", "stray/passwd", "stray/*.conf"):
        with pytest.raises(ConfigError, match=r"leads by a symbolic link to /etc.*`roots`"):
            refuse_stray(target, target.resolve(at).at)
    wider = Target.model_validate({"root": str(tmp_path / "data"), "roots": ("/etc",)})
    refuse_stray(wider, wider.resolve("stray").at)


@pytest.mark.parametrize(
    "name",
    [
        "base64",
        "zlib",
        "rot13",
        "hex",
        "bz2",
        "uu",
        "quopri",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "utf-9",
        "a\0b",
    ],
)
def test_an_encoding_that_is_none_of_text_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not an encoding of text; usual are utf-8"):
        FileSource(at="x", columns={"product_id": "id"}, encoding=name)


@pytest.mark.parametrize(
    "name",
    [
        "utf-8",
        "UTF8",
        "latin-1",
        "cp1252",
        "utf-16",
        "utf-8-sig",
        "gb18030",
        "shift_jis",
        "iso2022_jp",
        "koi8-r",
        "utf-32",
    ],
)
def test_an_encoding_of_text_is_taken(name: str) -> None:
    assert FileSource(at="x", columns={"product_id": "id"}, encoding=name).encoding
