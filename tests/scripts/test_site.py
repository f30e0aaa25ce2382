"""The site of docs/: every link and heading of every page is found, and a link that leads nowhere is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
import site_of_docs

from vitalfew import suite

pytestmark = pytest.mark.filterwarnings("default")  # those of Sphinx and its parts are not ours


def test_the_site_is_built_without_a_warning() -> None:
    assert site_of_docs.main(["--check"]) == 0


def test_every_job_has_its_page_in_the_list() -> None:
    assert {f"jobs/{name}" for name in suite.JOBS} <= set(site_of_docs.PARTS["Methods"])


def test_links_lead_to_pages_of_the_site_and_to_copies_of_files(tmp_path: Path) -> None:
    """Also from a page in a folder of its own; what stands in code is no link."""
    page = site_of_docs.DOCS / "jobs" / "rfm.md"
    places = {page: "jobs/rfm.md", site_of_docs.ROOT / "README.md": "index.md"}
    text = (
        "[a](../../README.md#two-commands) [b](../../conf/jobs/rfm.yml) `[c](../../README.md)` [d](https://example.com)"
    )
    assert site_of_docs.links(text, page, places, tmp_path) == (
        "[a](../index.md#two-commands) [b](../files/conf/jobs/rfm.yml) `[c](../../README.md)` [d](https://example.com)"
    )
    assert (tmp_path / "files" / "conf" / "jobs" / "rfm.yml").read_bytes() == (
        site_of_docs.ROOT / "conf" / "jobs" / "rfm.yml"
    ).read_bytes()


@pytest.mark.parametrize("broken", ["[x](nowhere.md)", "[x](#no-such-heading)"])
def test_a_link_that_leads_nowhere_ends_the_build_with_an_error(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("conf", "docs"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").write_text(f"# Title\n\n{broken}\n", encoding="utf-8")
    monkeypatch.setattr(site_of_docs, "ROOT", tmp_path)
    monkeypatch.setattr(site_of_docs, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(site_of_docs, "OF_THE_ROOT", {"README.md": "index.md"})
    monkeypatch.setattr(site_of_docs, "PARTS", {})
    assert site_of_docs.main(["--check"]) == 1
