"""Attacks by way of the configuration and the command line, as a user could make them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP, TEA

from vitalfew.engines.engine import Engine

RAW = r"r'\' || (select max(value) from text.`/etc/passwd`) -- '"


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    return Hostile(tmp_path, running, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        RAW,
        "reflect('java.lang.System', 'getenv', 'HOME')",
        "(select max(email) from delta.`contacts`)",
        "upper(current_user)",
    ],
)
def test_no_setting_runs_what_is_no_expression(shop: Hostile, text: str) -> None:
    for settings in (
        {"columns": {**SHOP["columns"], "channel": text}},
        {"returns": text},
        {"charges": text},
        {"reject": {"why": text}},
    ):
        shop.target(**settings)
        assert "not allowed" in (said := shop.refused(2, "config", "check")) or "is read as the clock" in said
    for source in ({"columns": {"customer_id": text}}, {"where": text}):
        shop.target(extra={"files": {}, "sources": {"order_lines": {"at": "theirs", **source}}})
        assert "sources.order_lines" in shop.refused(2, "run", "orders")


def test_a_condition_of_show_asks_only_the_table_that_is_shown(shop: Hostile) -> None:
    for condition in (
        f"{RAW} = 'x'",
        "exists(select 1 from delta.`contacts` where email like 'a%')",
        "(select count(*) from contacts) > 0",
        "_metadata.file_path like '%'",
    ):
        assert "--where is" in shop.refused(2, "show", "rfm", "--where", condition)
    told = shop.refused(2, "show", "rfm", "--where", "email like 'a%'")
    assert "email is no column of rfm" in told


@pytest.mark.parametrize(
    "text", ["root: &a x\nremote: *a\n", "root: !!binary aGk=\n", "root: x\nspark: !!set {a}\n", "root: !!bool maybe\n"]
)
def test_yaml_with_tags_or_aliases_is_a_configuration_error_with_file_and_line(shop: Hostile, text: str) -> None:
    shop.target(text)
    assert "here.yml: line " in (said := shop.refused(2, "config", "check"))
    assert "is not allowed" in said


def test_a_link_in_a_drop_folder_is_named_and_its_content_is_not(shop: Hostile) -> None:
    shop.drop(TEA)
    (shop.root / "drops" / "e.csv").symlink_to("/etc/passwd")
    said = shop.refused(3, "run", "ingest")
    assert "'e.csv' is a symbolic link" in said
    assert "root:" not in said


def test_a_drop_folder_or_a_table_that_leads_out_of_the_roots_is_refused(shop: Hostile) -> None:
    shop.target(at="linked")
    (shop.root / "linked").symlink_to("/etc")
    assert "leads by a symbolic link to /etc" in shop.refused(2, "run", "ingest")
    (shop.root / "rfm").symlink_to("/etc")
    assert "leads by a symbolic link to /etc" in shop.refused(2, "show", "rfm")


def test_an_encoding_of_bytes_is_a_configuration_error(shop: Hostile) -> None:
    shop.target(encoding="base64")
    assert "base64 is not an encoding of text; usual are utf-8" in shop.refused(2, "config", "check")
