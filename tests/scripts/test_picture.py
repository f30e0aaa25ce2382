"""The picture of the README: of the page as it is, and refused where there is no page or no browser."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import picture
import pytest
from drawn_page import page

from vitalfew.messages.words import Words
from vitalfew.report.html.render import html

IS_THERE = any(shutil.which(name) for name in picture.BROWSERS)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    found = tmp_path / "page.html"
    found.write_text(html(page(), Words("en", "EUR")), encoding="utf-8")
    return found


@pytest.mark.skipif(not IS_THERE, reason="needs Chromium: apt-get install chromium")
def test_a_picture_shows_the_top_of_a_page(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.png"
    assert picture.main([str(written), "--out", str(out)]) == 0
    drawn = out.read_bytes()
    assert drawn.startswith(SIGNATURE)
    assert struct.unpack(">II", drawn[16:24]) == (picture.WIDTH, picture.HEIGHT)
    assert 20_000 < len(drawn) < picture.MOST_BYTES


def test_without_a_page_or_a_browser_it_says_so(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.png"
    monkeypatch.setattr("shutil.which", {picture.BROWSERS[1]: "/bin/true"}.get)
    assert picture.main([str(tmp_path / "none.html"), "--out", str(out)]) == 1
    assert "There is no page" in capsys.readouterr().err
    monkeypatch.setattr("shutil.which", {}.get)
    assert picture.main([str(written), "--out", str(out)]) == 1
    assert "No browser is on the PATH" in capsys.readouterr().err
    assert not out.exists()


def test_the_picture_of_the_readme_is_small() -> None:
    kept = Path(picture.ROOT, "docs", "report.png").read_bytes()
    assert kept.startswith(SIGNATURE)
    assert len(kept) < picture.MOST_BYTES
    assert "](docs/report.png)" in Path(picture.ROOT, "README.md").read_text(encoding="utf-8")
