"""Builds the site of docs/ with Sphinx: python scripts/site_of_docs.py [FOLDER | --check]   (default build/site)

The first page is README.md. A link to a file that is no page leads to a copy of it. The page of each job stands under
"Methods", in the order in which jobs run. A link that leads nowhere ends the build with 1, as every other warning does.
Flowcharts are drawn here, so that the site needs no network to show them.
--check looks for these and writes nothing.
"""

from __future__ import annotations

import re
import shutil
import sys
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import flowchart
from sphinx.cmd.build import main as sphinx

from vitalfew import __version__, suite

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OF_THE_ROOT = {
    "README.md": "index.md",
    "README.zh.md": "index.zh.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
"""By page in the root of the repository, its place in the site."""
PARTS: dict[str, list[str]] = {
    "Begin": ["tutorial", "reading", "glossary"],
    "How to": [
        "files",
        "command-line",
        "other-tools",
        "notebooks/results",
        "schedule",
        "submit",
        "tuning",
        "privacy",
        "assistants",
        "contributing",
    ],
    "Methods": ["jobs", *[f"jobs/{name}" for name in suite.JOBS]],
    "Reference": ["tables", "guarantees", "platforms", "spark_versions", "architecture", "changelog", "security"],
    "Evidence": ["findings", "compared", "recovered", "measured", "performance"],
    "中文": ["index.zh", "tutorial.zh", "glossary.zh", "submit.zh", "other-tools.zh", "measured.zh"],
}
"""By heading, the pages below it in the list at the left. A page that is in none is a warning of Sphinx."""
SETTINGS = {
    "project": "Vital Few",
    "release": __version__,
    "extensions": "myst_nb",
    "nb_execution_mode": "off",  # a test executes them
    "html_theme": "furo",
    "html_title": "Vital Few",
    "html_copy_source": "0",
    "html_show_sphinx": "0",
    "myst_heading_anchors": "4",
}
LINK = re.compile(r"(\]\()((?!https?:|mailto:|#)[^)#\s]+)")
UNKNOWN = re.compile(r"^```csv\b.*$", re.MULTILINE)
"""A language that nobody colours is shown as plain text."""
FLOWCHART = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def main(arguments: list[str]) -> int:
    """What Sphinx ends with."""
    with TemporaryDirectory() as folder, TemporaryDirectory() as scratch:
        lay_out(Path(folder))
        is_check = arguments[:1] == ["--check"]
        out = scratch if is_check else str(Path(*arguments[:1]) if arguments else ROOT / "build" / "site")
        settings = [f"-D{name}={value}" for name, value in SETTINGS.items()]
        builder = "dummy" if is_check else "html"
        return sphinx(["-C", *settings, "-W", "--keep-going", "-q", "-b", builder, "-d", scratch, folder, out])


def lay_out(folder: Path) -> None:
    """Writes what Sphinx reads: every page at its place in the site, and copies of what they link to."""
    places = {ROOT / name: place for name, place in OF_THE_ROOT.items()}
    places |= {page: str(page.relative_to(DOCS)) for page in (*DOCS.rglob("*.md"), *DOCS.rglob("*.ipynb"))}
    for page, place in places.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".md":
            text = UNKNOWN.sub("```text", pictures(links(text, page, places, folder)))
        (folder / place).write_text(text, encoding="utf-8")
    with (folder / "index.md").open("a", encoding="utf-8") as index:
        for heading, pages in PARTS.items():
            print("", "```{toctree}", ":hidden:", f":caption: {heading}", "", *pages, "```", sep="\n", file=index)


def pictures(markdown: str) -> str:
    """The text of a page, with its flowcharts drawn; each is named by the heading above it."""

    def picture(found: re.Match[str]) -> str:
        title = HEADING.findall(markdown, 0, found.start())[-1]
        frame = '<div style="overflow-x: auto; text-align: center" tabindex="0" role="region" aria-label="{}">{}</div>'
        drawing = flowchart.svg(found[1], title).replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)
        return "\n".join(["```{raw} html", frame.format(escape(title), drawing), "```"])

    return FLOWCHART.sub(picture, markdown)


def links(markdown: str, page: Path, places: dict[Path, str], folder: Path) -> str:
    """The text of a page, with its links as they are in the site. Copies the files that are linked and are no pages."""
    above = "../" * places[page].count("/")

    def link(found: re.Match[str]) -> str:
        target = (page.parent / found[2]).resolve()
        place = places.get(target)
        if place is None and target.is_file():
            place = f"files/{target.relative_to(ROOT)}"
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(target, folder / place)
        return f"{found[1]}{above}{place or found[2]}"

    parts = CODE.split(markdown)  # every second one is code, and stays as it is
    return "".join(part if number % 2 else LINK.sub(link, part) for number, part in enumerate(parts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
