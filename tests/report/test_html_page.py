"""The page is one file that loads nothing, runs nothing but its own script, and shows names as they are."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import unescape
from html.parser import HTMLParser

import pytest
from drawn_page import HOSTILE, charts, page

from vitalfew.messages.message import message
from vitalfew.messages.words import LANGUAGES, Words
from vitalfew.report.html.figures import DRAWN, figure
from vitalfew.report.html.render import asset, html
from vitalfew.report.html.svg import text_width, wrapped
from vitalfew.report.html.voice import Voice
from vitalfew.report.page import Page, PageSection
from vitalfew.report.sections import Chart

VOID = {"meta", "input", "br", "link", "img", "hr"}
DRAWINGS = sorted(DRAWN)


class Parsed(HTMLParser):
    """Elements with their attributes, their text, and what is left open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        for tag in self.open[-1:]:
            self.texts.setdefault(tag, []).append(data)

    def values(self, attribute: str) -> list[str]:
        return [str(attributes[attribute]) for _, attributes in self.elements if attribute in attributes]


@cache
def text(language: str) -> str:
    return html(page(), Words(language, "CNY"), "other.html")


@cache
def parsed(language: str) -> Parsed:
    return Parsed(text(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_elements_are_closed_and_names_are_unique(language: str) -> None:
    found = parsed(language)
    assert found.open == []
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    assert {each.removeprefix("#") for each in found.values("href") if each.startswith("#")} <= set(ids)
    assert set(found.values("aria-labelledby")) <= set(ids)
    assert set(found.values("data-csv")) | set(found.values("data-for")) <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_policy_allows_its_own_style_and_script_and_nothing_else(language: str) -> None:
    policy = next(
        str(attributes["content"])
        for _, attributes in parsed(language).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text(language), re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_loaded_and_nothing_runs_from_an_attribute(language: str) -> None:
    for tag, attributes in parsed(language).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form", "use", "image"), tag
        assert "style" not in attributes
        assert "src" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert not re.match(r"(?i)\s*(https?:|//|data:|javascript:)", attributes.get("href") or "")
    assert "http" not in re.sub("http-equiv", "", text(language))
    assert "url(" not in asset("report.css")
    assert "@import" not in asset("report.css")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_from_the_data_is_shown_as_it_is(language: str) -> None:
    assert "<script>alert" not in text(language)
    shown = HOSTILE.replace("\u202e", "\\u202e")
    assert parsed(language).texts["th"].count(shown) > 3
    assert "\u202e" not in text(language)
    assert "bold **" in unescape(re.findall(r'<p class="answer">(.*?)</p>', text(language))[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_drawing_has_a_title_a_table_and_a_csv(language: str) -> None:
    figures = re.findall(r'<figure class="f\d+" id="f-(\w+)">(.*?)</figure>', text(language), re.DOTALL)
    assert {name for name, _ in figures} == {*DRAWN, "bars", "rows"}
    for name, inside in figures:
        assert re.search("<figcaption><h3>[^<]+</h3><p>[^<]+</p>", inside), name
        assert inside.count("data-csv=") == inside.count("<table") == 1
        if name in DRAWN:
            assert inside.count('role="img"') == 2, "one drawing for a desk and one for a phone"
            assert re.search(r"<details><summary>[^<]+</summary>.*<table", inside, re.DOTALL)
            assert inside.count("<title>") >= 2


def test_both_languages_say_their_own_words_and_the_same_numbers() -> None:
    en, zh = (re.sub("<style>.*?</style>|<script>.*?</script>", "", text(each), flags=re.DOTALL) for each in LANGUAGES)
    assert 'lang="en"' in en
    assert 'lang="zh-Hans"' in zh
    assert "5 things" not in zh
    assert "件事" in zh
    assert sorted(re.findall(r'data-v="([^"]*)"', en)) == sorted(re.findall(r'data-v="([^"]*)"', zh))
    assert "12,345" in en
    assert "12,345" in zh
    assert "1,234,568" in en, "nobody reads the cents of a million"


def test_a_page_without_anything_says_so() -> None:
    nothing = PageSection("moved", message("questions.moved"), message("page.nothing.moved"), None, (), ())
    empty = Page(
        page().as_of,
        page().figures,
        [],
        (message("page.to_do.nothing"), message("page.to_do.no_alerts")),
        [nothing],
        page().titles,
    )
    found = html(empty, Words("en", None))
    assert "Nothing urgent this week" in found
    assert "no earlier snapshot" in found
    assert Parsed(found).open == []


def degenerate(chart: Chart) -> list[Chart]:
    """The chart with one row, and with all its numbers the same."""
    one = chart.rows[:1]
    zero = [
        {name: 0.0 if name == chart.y and isinstance(value, float) else value for name, value in row.items()}
        for row in chart.rows
    ]
    return [Chart(**{**vars(chart), "rows": rows}) for rows in (one, zero)]


@pytest.mark.parametrize("kind", DRAWINGS)
def test_a_drawing_of_one_row_or_of_equal_numbers_has_only_finite_places(kind: str) -> None:
    chart = next(each for each in charts() if each.kind == kind)
    for each in degenerate(chart):
        if kind == "forecast":
            each = Chart(**{**vars(each), "marks": {}})
        body = figure(each, Voice(Words("en", None))).body
        assert not re.search(r"""["LMC ](nan|-?inf)\b""", body)


@pytest.mark.parametrize("kind", DRAWINGS)
def test_a_drawing_lies_on_its_paper(kind: str) -> None:
    chart = next(each for each in charts() if each.kind == kind)
    body = str(figure(chart, Voice(Words("zh", "CNY"))).body)
    for width, inside in re.findall(r'<svg viewBox="0 0 (\d+)[^>]*>(.*?)</svg>', body, re.DOTALL):
        for place, size in re.findall(r'<rect x="([-\d.]+)" y="[-\d.]+" width="([-\d.]+)"', inside):
            assert float(place) >= -1
            assert float(place) + float(size) <= float(width) + 1


def test_lines_are_wrapped_and_cut_to_their_width() -> None:
    assert wrapped("one two three", 50) == ["one two", "three"]
    assert all(text_width(line) <= 60 for line in wrapped("近期活跃、高频购买、客单价低的会员" * 4, 60))
    assert not [line for line in wrapped("近期活跃、高频购买、客单价低", 48) if line.startswith("、")]
    assert wrapped("a" * 99, 60)[0].endswith("…")
    assert text_width("REGENCY TEA") > text_width("regency tea")
