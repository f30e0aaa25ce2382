"""README.zh.md says what README.md says: the same commands, links, names and figures; each page links to the other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import make_docs
import pytest

ROOT = Path(__file__).parents[2]
GENERATED = re.compile(f"{re.escape(make_docs.BEGIN)}.*?{re.escape(make_docs.END)}", re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LABEL = re.compile(r"\[[^\]]*\]|-- .*? -->|-\. .*? \.->")
LANGUAGES = {"README.md", "README.zh.md", "README.md#the-jobs"}
"""Links that only one of the two pages has; the table of jobs is written by a program, in English."""
ENGLISH, CHINESE = (
    GENERATED.sub("", (ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.zh.md")
)


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of each block of code, without comments and without what a diagram calls its boxes and arrows."""
    found = []
    for language, text in BLOCK.findall(page):
        bare = LABEL.sub("", text) if language == "mermaid" else re.sub(r"[ \t]+#.*$", "", text, flags=re.MULTILINE)
        found.append((language, bare))
    return found


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", BLOCK.sub("", page))


def targets(page: str) -> Counter[str]:
    """How often the page leads to each place outside itself."""
    return Counter(link for link in links(page) if link[0] != "#" and link not in LANGUAGES)


def headings(page: str) -> list[tuple[int, str]]:
    """Level and title of each heading."""
    return [(len(marks), title) for marks, title in re.findall(r"^(#+) (.+)$", BLOCK.sub("", page), re.MULTILINE)]


def anchors(page: str) -> set[str]:
    return {"#" + title.lower().replace(" ", "-") for _, title in headings(page)}


def code(page: str) -> set[str]:
    """What is written as code within sentences and tables."""
    return {re.sub(r"\s+", " ", text) for text in re.findall(r"`([^`]+)`", BLOCK.sub("", page))}


def figures(page: str) -> Counter[str]:
    """Numbers of at least two digits."""
    return Counter(re.findall(r"\d[\d,.]*\d", BLOCK.sub("", page)))


def test_both_have_the_same_commands_in_the_same_order() -> None:
    assert len(blocks(ENGLISH)) > 5
    assert blocks(CHINESE) == blocks(ENGLISH)


def test_both_lead_to_the_same_places_as_often() -> None:
    assert targets(CHINESE) == targets(ENGLISH)


def test_both_name_the_same_commands_files_and_settings() -> None:
    assert code(CHINESE) - {"--language en", "--language zh"} == code(ENGLISH)


def test_both_have_the_same_figures() -> None:
    assert figures(CHINESE) == figures(ENGLISH)


def test_both_have_the_same_parts() -> None:
    assert [level for level, _ in headings(CHINESE)] == [level for level, _ in headings(ENGLISH)]


def test_each_leads_to_the_other_in_its_first_lines() -> None:
    assert "](README.zh.md)" in "".join(ENGLISH.splitlines()[:4])
    assert "](README.md)" in "".join(CHINESE.splitlines()[:4])


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_link_leads_to_a_file_or_to_a_heading(page: str) -> None:
    within = [link for link in links(page) if link.startswith("#")]
    assert len(within) > 2
    assert not [link for link in within if link not in anchors(page)]
    assert not [path for path in targets(page) if not (ROOT / path).exists()]
    assert "#the-jobs" in anchors(ENGLISH)


def test_what_is_compared_is_seen() -> None:
    """A word of a comment or a label may differ; a command, an arrow or an option may not."""
    assert blocks("```bash\na --b  # one\n```") == blocks("```bash\na --b  # 一\n```")
    assert blocks("```bash\na --b\n```") != blocks("```bash\na --c\n```")
    assert blocks("```bash\na x.tar#b\n```") != blocks("```bash\na x.tar#c\n```")
    assert blocks("```mermaid\na[one] --> b\n```") == blocks("```mermaid\na[一] --> b\n```")
    assert blocks("```mermaid\na[one] --> b\n```") != blocks("```mermaid\na[one] --> c\n```")
