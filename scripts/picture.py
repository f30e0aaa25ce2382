"""Writes the picture of the report that README.md shows, docs/report.png: python scripts/picture.py PAGE [--out FILE]

PAGE is a page of the report, such as data/demo-sail/report/vitalfew-2018-01-01-en.html. Needs Chromium on the PATH.
The picture is what a reader sees first: 1280 pixels wide, in light colours, down to the questions.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1280, 740
MOST_BYTES = 300_000


def main(arguments: list[str]) -> int:
    """Draw the page, and refuse a picture that is too large for a repository."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("page", type=Path)
    asked.add_argument("--out", type=Path, default=ROOT / "docs" / "report.png")
    given = asked.parse_args(arguments)
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        print(f"No browser is on the PATH; looked for {', '.join(BROWSERS)}.", file=sys.stderr)
        return 1
    if not given.page.is_file():
        print(f"There is no page {given.page}; write one: vitalfew report --out FOLDER", file=sys.stderr)
        return 1
    drawn = picture(browser, given.page)
    if len(drawn) > MOST_BYTES:
        print(f"The picture has {len(drawn):,} bytes; at most {MOST_BYTES:,} may be kept.", file=sys.stderr)
        return 1
    given.out.write_bytes(drawn)
    print(f"{given.out}: {len(drawn):,} bytes")
    return 0


def picture(browser: str, page: Path) -> bytes:
    """A PNG of the top of the page, in light colours whatever the system prefers."""
    text = page.read_text(encoding="utf-8").replace("<html ", '<html data-theme="light" ', 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "page.html").write_text(text, encoding="utf-8")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        flags += [f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={folder}/page.png"]
        command = [browser, *flags, (folder / "page.html").as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return (folder / "page.png").read_bytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
