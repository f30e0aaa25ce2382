"""A page in Chinese says what the English one says: the same commands, links, names and figures; each links to the other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w*)(?: \S+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IN_CHINESE = re.compile("[\u4e00-\u9fff]")
LABEL = re.compile(r"\[[^\]]*\]|-- .*? -->|-\. .*? \.->")
CHINESE = sorted(path for path in (ROOT, ROOT / "docs") for path in path.glob("*.zh.md"))


def original(path: Path) -> Path:
    """The English page of which a Chinese one is made."""
    return path.with_name(path.name.replace(".zh.md", ".md"))


class Pair:
    """The texts of two pages that say the same."""

    def __init__(self, chinese: Path) -> None:
        self.paths = (original(chinese), chinese)
        self.english, self.chinese = (path.read_text(encoding="utf-8") for path in self.paths)


@pytest.fixture(params=CHINESE, ids=lambda path: str(path.relative_to(ROOT)))
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair(request.param)


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of each block of code, without comments and without what a diagram calls its boxes and arrows."""
    found = []
    for language, text in BLOCK.findall(page):
        bare = LABEL.sub("", text) if language == "mermaid" else re.sub(r"[ \t]+#.*$", "", text, flags=re.MULTILINE)
        found.append((language, bare))
    return found


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", BLOCK.sub("", page))


def targets(page: str, path: Path) -> Counter[str]:
    """How often the page leads to each place outside itself, by the English name, and not to itself in the other language."""
    found = Counter(link.replace(".zh.md", ".md") for link in links(page) if link[0] != "#")
    del found[original(path).name]
    return found


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


def test_there_is_a_readme_in_chinese_and_the_pages_that_it_needs() -> None:
    assert ROOT / "README.zh.md" in CHINESE
    assert len(CHINESE) > 3
    assert len(blocks(Pair(ROOT / "README.zh.md").english)) > 5


def test_both_have_the_same_commands_in_the_same_order(pair: Pair) -> None:
    asked, given = blocks(pair.english), blocks(pair.chinese)
    for (kind, english), (same_kind, chinese) in zip(asked, given, strict=True):
        assert kind == same_kind
        is_other_output = kind == "text" and IN_CHINESE.search(chinese)  # which the tests of that page hold to
        assert is_other_output or in_any_language(chinese) == in_any_language(english)


def in_any_language(text: str) -> str:
    """A block without what says the language of the output."""
    return re.sub(r"--language \w\w|-(en|zh)\.html", "", text)


def test_both_lead_to_the_same_places_as_often(pair: Pair) -> None:
    assert targets(pair.chinese, pair.paths[1]) == targets(pair.english, pair.paths[0])


def test_both_name_the_same_commands_files_and_settings(pair: Pair) -> None:
    assert code(pair.chinese) - {"--language en", "--language zh"} == code(pair.english)


def test_both_have_the_same_figures(pair: Pair) -> None:
    assert figures(pair.chinese) == figures(pair.english)


def test_both_have_the_same_parts(pair: Pair) -> None:
    assert [level for level, _ in headings(pair.chinese)] == [level for level, _ in headings(pair.english)]


def test_each_leads_to_the_other_in_its_first_lines(pair: Pair) -> None:
    english, chinese = pair.paths
    assert f"]({chinese.name})" in "".join(pair.english.splitlines()[:4])
    assert f"]({english.name})" in "".join(pair.chinese.splitlines()[:4])


def test_a_link_within_a_page_leads_to_a_heading(pair: Pair) -> None:
    for page in (pair.english, pair.chinese):
        assert not [link for link in links(page) if link[0] == "#" and link not in anchors(page)]


def test_what_is_compared_is_seen() -> None:
    """A word of a comment or a label may differ; a command, an arrow or an option may not."""
    assert blocks("```bash\na --b  # one\n```") == blocks("```bash\na --b  # 一\n```")
    assert blocks("```bash\na --b\n```") != blocks("```bash\na --c\n```")
    assert blocks("```bash\na x.tar#b\n```") != blocks("```bash\na x.tar#c\n```")
    assert blocks("```mermaid\na[one] --> b\n```") == blocks("```mermaid\na[一] --> b\n```")
    assert blocks("```mermaid\na[one] --> b\n```") != blocks("```mermaid\na[one] --> c\n```")
