"""docs/tutorial.md: every command runs as it is printed, and prints what the page shows; of its Chinese twin, what differs."""

from __future__ import annotations

import html
import re
import runpy
import shlex
import shutil
from pathlib import Path

import pytest
from command_line import CommandLine
from python_calamine import CalamineWorkbook
from tutorial_page import Block, blocks, changed, printed, sentences_of_the_report

from vitalfew.engines.engine import Engine

CONF = Path(__file__).parents[2] / "conf"


class Reader:
    """One who does what the page says, block by block."""

    def __init__(self, vitalfew: CommandLine) -> None:
        self.vitalfew = vitalfew
        self.said = ""

    def follow(self, block: Block) -> None:
        path = Path(block.path)
        if block.kind == "python":
            path.write_text(block.text, encoding="utf-8")
        elif block.kind == "csv":
            assert path.read_text(encoding="utf-8").startswith(block.text)
        elif block.kind == "diff":
            path.write_text(changed(path.read_text(encoding="utf-8"), block.text), encoding="utf-8")
        elif block.kind == "text":
            assert printed(self.said, block.text), f"the page shows\n{block.text}\nbut it is\n{self.said}"
        else:
            self.said = ""
            for command in block.text.splitlines():
                self.run(*shlex.split(command))

    def run(self, program: str, *words: str) -> None:
        """A command; the output of the last one of a block is what the page shows."""
        if program == "vitalfew":
            done = self.vitalfew(*words)
            assert done.returncode == 0, f"{words}\n{done.stderr}"
            self.said = done.stdout
        elif program == "mkdir":
            Path(*words).mkdir()
        else:
            assert program == "python"
            runpy.run_path(words[0])


def read(language: str) -> str:
    """The words of the report."""
    page = next(Path("report").glob(f"*-{language}.html")).read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_reader_comes_from_a_csv_to_a_list_as_the_page_says(
    running: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(CONF, tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    reader, others = Reader(CommandLine(running, monkeypatch)), []
    for block, chinese in zip(blocks(), blocks("zh"), strict=True):
        reader.follow(block)
        if block.kind == "bash":
            command = chinese
        elif block.kind == "text" and chinese != block:
            reader.follow(command)
            reader.follow(chinese)
            others.append(chinese)
    assert len(others) == 2
    for language in ("en", "zh"):
        quoted = sentences_of_the_report(language)
        assert len(quoted) > 3
        assert not [sentence for sentence in quoted if sentence not in read(language)]
    rows = CalamineWorkbook.from_path("at_risk.xlsx").get_sheet_by_index(0).to_python()
    assert rows[0][0] == "customer_id"
    assert "M113" in [row[0] for row in rows]


@pytest.mark.parametrize(
    ("text", "shown", "same"),
    [
        ("a\nb\nc\n", "a\n…\nc\n", True),
        ("a\nc\n", "a\n…\nc\n", True),
        ("a\nb\nd\n", "a\n…\nc\n", False),
        ("a\nb\n", "a\n", False),
        ("a\nb\n", "a\n…\n", True),
    ],
)
def test_what_is_left_out_is_whole_lines(text: str, shown: str, same: bool) -> None:
    assert printed(text, shown) is same
