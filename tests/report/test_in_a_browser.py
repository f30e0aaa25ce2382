"""The page in Chromium, with every kind of chart and hostile names: contrast, names, sorting, filter, CSV, print."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from drawn_page import HOSTILE, page

from vitalfew.messages.words import LANGUAGES, Words
from vitalfew.report.html.render import asset, html

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((there for name in NAMES if (there := shutil.which(name))), None)
WIDTHS = (320, 390, 1280)
THEMES = ("light", "dark")
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, for text of any size."""
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr")
FRAME = """<!doctype html><meta charset="utf-8">{frames}<pre id="found"></pre>
<script>
function light(colour) {{
  var parts = colour.match(/[\\d.]+/g).slice(0, 3).map(function (c) {{
    c = c / 255; return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); }});
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}}
function contrast(a, b) {{ a = light(a); b = light(b); return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }}
function clear(colour) {{ return /, 0\\)$/.test(colour) || colour === "transparent"; }}
function behind(element, view) {{
  for (; element; element = element.parentElement) {{
    var found = view.getComputedStyle(element).backgroundColor;
    if (!clear(found)) return found;
  }}
  return "rgb(255, 255, 255)";
}}
function name(element) {{
  var label = element.labels && element.labels.length ? element.labels[0].textContent : "";
  return (element.getAttribute("aria-label") || label || element.textContent).trim();
}}
async function asked(frame) {{
  var page = frame.contentDocument, view = frame.contentWindow, root = page.documentElement, found = {{}};
  var all = function (what) {{ return Array.from(page.querySelectorAll(what)); }};
  page.querySelectorAll("details").forEach(function (each) {{ each.open = true; }});
  found.sideways = root.scrollWidth > root.clientWidth;
  found.nameless = all("button,a[href],input,summary,[role=img],[role=region],section").filter(function (each) {{
    var by = each.getAttribute("aria-labelledby");
    return !(by ? page.getElementById(by).textContent.trim() : name(each));
  }}).map(function (each) {{ return each.outerHTML.slice(0, 80); }});
  found.levels = all("h1,h2,h3,h4").map(function (each) {{ return Number(each.tagName[1]); }});
  found.unreachable = all(".scroll").filter(function (each) {{ return each.tabIndex < 0; }}).length;
  found.small = all("button,summary").filter(function (each) {{
    var box = each.getBoundingClientRect(); return box.width > 0 && box.height < 24; }}).length;
  found.weak = [];
  ["light", "dark"].forEach(function (theme) {{
    var button = page.getElementById("theme");
    do {{ button.click(); }} while (root.dataset.theme !== theme);
    var walker = page.createTreeWalker(page.body, view.NodeFilter.SHOW_TEXT), node;
    while ((node = walker.nextNode())) {{
      var element = node.parentElement, style = view.getComputedStyle(element), box = element.getBoundingClientRect();
      if (!node.data.trim() || !box.width || element.closest("script,style,title,.skip")) continue;
      var is_drawn = element.namespaceURI.indexOf("svg") > 0, over = behind(element, view);
      if (is_drawn && /(^| )t[0-6]( |$)/.test(element.getAttribute("class") || "")) continue;
      var ratio = contrast(is_drawn ? style.fill : style.color, over);
      if (ratio < {least}) found.weak.push([theme, node.data.slice(0, 30), ratio.toFixed(2)]);
    }}
  }});
  var sort = page.querySelector("#t-rows th:nth-child(2) button"), head = sort.parentNode;
  var cells = function () {{ return all("#t-rows tbody tr").map(function (r) {{ return Number(r.cells[1].dataset.v); }}); }};
  found.sorted = [];
  for (var times = 0; times < 2; times++) {{
    sort.click(); found.sorted.push([head.getAttribute("aria-sort"), cells()[0], cells()[cells().length - 1]]);
  }}
  var filter = page.querySelector("input[data-for=t-rows]");
  filter.value = "no such row"; filter.dispatchEvent(new view.Event("input"));
  found.filtered = all("#t-rows tbody tr:not([hidden])").length;
  filter.value = ""; filter.dispatchEvent(new view.Event("input"));
  found.shown = all("#t-rows tbody tr:not([hidden])").length;
  var blobs = [];
  view.URL.createObjectURL = function (blob) {{ blobs.push(blob); return "#"; }};
  view.URL.revokeObjectURL = function () {{}};
  page.querySelector("#t-bars tbody th").textContent = "=1+1";
  page.querySelector("[data-csv=t-bars]").click();
  found.csv = await blobs[0].text();
  return found;
}}
window.onload = async function () {{
  var out = {{}}, frames = Array.from(document.querySelectorAll("iframe"));
  for (var i = 0; i < frames.length; i++) {{
    try {{ out[frames[i].id] = await asked(frames[i]); }} catch (error) {{ out[frames[i].id] = {{error: String(error)}}; }}
  }}
  document.getElementById("found").textContent = JSON.stringify(out);
}};
</script>
"""
AXE = """<script>{axe}</script><pre id="found"></pre><script>
window.onload = async function () {{
  var found = [];
  document.querySelectorAll("details").forEach(function (each) {{ each.open = true; }});
  for (var theme of ["light", "dark"]) {{
    while (document.documentElement.dataset.theme !== theme) document.getElementById("theme").click();
    var told = await axe.run();
    told.violations.forEach(function (each) {{
      found.push([theme, each.id, each.nodes.slice(0, 3).map(function (node) {{ return node.html.slice(0, 200); }})]); }});
    found.push([theme, "passes", told.passes.length]);
  }}
  document.getElementById("found").textContent = JSON.stringify(found);
}};
</script>
"""
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium: apt-get install chromium")


def browser(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


@cache
def seen(folder: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """By language and width, what a browser finds; and what it writes to its log."""
    frames = ""
    for language in LANGUAGES:
        (folder / f"{language}.html").write_text(html(page(), Words(language, "CNY"), "other.html"), encoding="utf-8")
        frames += "".join(
            f'<iframe id="{language}-{width}" src="{language}.html" width="{width}" height="900"></iframe>'
            for width in WIDTHS
        )
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(frames=frames, least=LEAST_CONTRAST), encoding="utf-8")
    done = browser(
        folder, "--allow-file-access-from-files", "--virtual-time-budget=20000", "--dump-dom", frame.as_uri()
    )
    (found,) = re.findall(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    return json.loads(unescape(found)), done.stderr


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[str, Any]], str]:
    return seen(tmp_path_factory.mktemp("pages"))


@needs_browser
def test_pages_work_in_each_language_and_width(found: tuple[dict[str, dict[str, Any]], str]) -> None:
    views, log = found
    assert {*views} == {f"{language}-{width}" for language in LANGUAGES for width in WIDTHS}
    for name, view in views.items():
        assert "error" not in view, (name, view)
        assert not view["sideways"], name
        assert view["nameless"] == [], name
        assert view["unreachable"] == 0, name
        assert view["small"] == 0, name
        assert view["levels"][0] == 1
        assert all(after - before <= 1 for before, after in zip(view["levels"], view["levels"][1:], strict=False))
        assert view["sorted"] == [["descending", 19, 0], ["ascending", 0, 19]]
        assert (view["filtered"], view["shown"]) == (0, 20)
    assert "CONSOLE" not in log


@needs_browser
def test_every_text_has_contrast_in_both_themes(found: tuple[dict[str, dict[str, Any]], str]) -> None:
    for name, view in found[0].items():
        assert view["weak"] == [], name


@needs_browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_core_finds_nothing_to_complain_of(tmp_path: Path, language: str) -> None:
    axe = (files(axe_playwright_python) / "axe.min.js").read_text(encoding="utf-8")
    allowing, policies = POLICY.subn("", html(page(), Words(language, "CNY")))
    assert policies == 1, "the page forbids scripts that are not its own, so that axe needs one without its policy"
    looked = tmp_path / "page.html"
    looked.write_text(
        allowing.replace("</body>", AXE.format(axe=axe.replace("</script", "<\\/script")) + "</body>"), encoding="utf-8"
    )
    done = browser(tmp_path, "--virtual-time-budget=60000", "--dump-dom", looked.as_uri())
    told = json.loads(unescape(re.findall(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)[-1]))
    assert [each for each in told if each[1] != "passes"] == []
    assert [each[0] for each in told if each[2] > 20] == ["light", "dark"], told


@needs_browser
def test_a_csv_has_raw_numbers_and_nothing_that_a_spreadsheet_runs(
    found: tuple[dict[str, dict[str, Any]], str],
) -> None:
    for view in found[0].values():
        rows = view["csv"].removeprefix("\ufeff").split("\r\n")
        assert len(rows) == 4
        shown = HOSTILE.replace("\u202e", "\\u202e").replace('"', '""')
        assert rows[1:] == ['"\'=1+1","3"', f'"{shown}","1"', f'"{shown}",""']


@needs_browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints_to_a_few_upright_pages(tmp_path: Path, language: str) -> None:
    source, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    source.write_text(html(page(), Words(language, "CNY")), encoding="utf-8")
    browser(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}", source.as_uri())
    content = printed.read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 12
    assert boxes
    assert all(float(width) < float(height) for width, height in boxes)


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", block))


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_text_on_each_step_of_the_ramp_has_contrast_in_light_dark_and_print() -> None:
    css = asset("report.css")
    blocks = [tokens(block) for block in re.findall(r":root[^{]*\{([^}]*--q0[^}]*)\}", css)]
    assert len(blocks) == 4, "light, dark by the system, dark by choice, print"
    for block in blocks:
        for step in range(7):
            assert contrast(block[f"q{step}"], block[f"t{step}"]) >= LEAST_CONTRAST, (step, block["page"])
        for ground in ("page", "surface"):
            for ink in ("ink", "ink-2", "ink-3", "accent"):
                assert contrast(block[ink], block[ground]) >= LEAST_CONTRAST, (ink, ground)
    assert blocks[1] == blocks[2]
