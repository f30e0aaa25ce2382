"""Campaign files: who is in them, who is not and why, and that they hold nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from campaign_shop import DAY, CampaignShop

from conftest import ENGINE
from vitalfew.engines.engine import Engine
from vitalfew.jobs.campaigns import platforms
from vitalfew.procedures.campaigns import folder, perform
from vitalfew.tables.sources import PRODUCTS

EMAIL = {"platform": "plain", "channel": "email", "columns": ["customer_id", "email", "action", "consent"]}


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CampaignShop:
    return CampaignShop(tmp_path, running, monkeypatch)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def told_apart(shop: CampaignShop) -> None:
    """A customer for each way to be in the file or not."""
    everybody = ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ida", "kim")
    shop.plan(
        *[{"customer_id": each} for each in everybody],
        {"customer_id": "ann", "action": "review"},
        {"customer_id": "out", "arm": "control"},
        {"customer_id": "sms", "channel": "sms"},
    )
    shop.contacts(
        ("ann", "Email", " Ann.Old@gmail.com ", "2024-01-01"),
        ("ann", "email", "Ann@Example.org", "2025-01-02"),
        ("ann", "email", "broken@", "2025-02-02"),
        ("bob", "email", "bob@example.org"),
        ("cat", "email", "cat@example.org"),
        ("dan", "phone", "+49 171 2345678"),
        ("eve", "email", "eve at example.org"),
        ("fay", "email", "out@gmail.com"),  # as the mailbox of out, who is held out
        ("gus", "email", "ann@example.org"),  # as ann
        ("hal", "email", "complains@example.org"),
        ("ida", "email", "ida@example.org"),
        ("kim", "email", "+kim@example.org"),
        ("out", "email", "o.u.t+news@gmail.com"),
        ("sms", "email", "sms@example.org"),
    )
    yes = [(each, "email", "marketing", "granted", "2025-01-01") for each in (*everybody, "out")]
    shop.consents(
        *[row for row in yes if row[0] not in ("bob", "cat")],
        ("bob", "email", None, "Granted", "2025-01-01"),
        ("bob", "Email", "marketing", "withdrawn", "2025-04-01"),
        ("cat", "sms", "marketing", "granted", "2025-01-01"),
        ("cat", "email", "marketing", "granted", "2099-01-01"),
    )


EXPECTED = {
    "ann": "written",
    "bob": "withdrawn",
    "cat": "no_consent",
    "dan": "no_contact",
    "eve": "broken_contact",
    "fay": "shared_contact",
    "gus": "same_contact",
    "hal": "do_not_contact",
    "ida": "do_not_contact",
    "kim": "broken_contact",
    "out": "held_out",
}


@pytest.mark.both_engines
def test_nobody_is_in_a_file_who_should_not_be_and_everybody_is_told_why(shop: CampaignShop) -> None:
    told_apart(shop)
    listed = shop.write("listed.csv", "contact\nCOMPLAINS@example.org\n")
    said = shop.wrote({"mails": EMAIL}, do_not_contact=str(shop.write("ids.csv", "customer_id\nhal\nida\n")))
    assert shop.lines("mails.csv") == [
        ["customer_id", "email", "action", "consent_marketing"],
        ["ann", "Ann@Example.org", "review", "granted"],
        ["ann", "Ann@Example.org", "win_back", "granted"],
    ]
    assert shop.outcomes("mails") == EXPECTED
    assert "mails: 2 rows in mails.csv" in said
    assert "held out for comparison: 1" in said
    counted = dict(shop.rows("campaign_outcomes", "outcome_code", "customers"))
    assert counted == {code: [*EXPECTED.values()].count(code) for code in EXPECTED.values()}
    ((rows, customers, digest, columns),) = shop.rows("campaign_files", "rows", "customers", "digest", "columns")
    assert (rows, customers, columns) == (2, 1, EMAIL["columns"])
    assert digest == hashlib.sha256((shop.given / "mails.csv").read_bytes()).hexdigest()
    manifest = (shop.given / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(manifest)["outcomes"]["mails"]["shared_contact"] == 1
    for path in [shop.root / "campaign_customers", shop.root / "campaign_files", shop.root / "runs"]:
        for file in path.rglob("*"):
            assert not file.is_file() or b"xample.org" not in file.read_bytes(), "contacts are in the file alone"
    assert "xample.org" not in manifest + said

    if ENGINE == "spark":  # what follows is the same queries again, and another file read by Python
        return
    had = {path.name: path.read_bytes() for path in shop.given.iterdir()}
    shop.wrote({"mails": EMAIL}, do_not_contact=str(listed))
    assert shop.outcomes("mails") == EXPECTED | {"hal": "shared_contact", "ida": "written"}
    shop.wrote({"mails": EMAIL}, do_not_contact=str(shop.root / "ids.csv"))
    assert {path.name: path.read_bytes() for path in shop.given.iterdir()} == had, "the same bytes again"
    assert {oct(path.stat().st_mode & 0o777) for path in shop.given.iterdir()} == {"0o600"}
    assert oct(shop.given.stat().st_mode & 0o777) == "0o700"
    shown = shop.run("show", "campaign_outcomes", "--language", "zh", "--columns", "outcome", "--format", "csv")
    assert "留作对照组" in shown.text


def test_each_platform_gets_its_own_form_and_google_both_of_its_consents(shop: CampaignShop) -> None:
    shop.plan(*[{"customer_id": each, "channel": "sms"} for each in ("ann", "bob", "cat", "li", "wu")])
    shop.contacts(
        ("ann", "email", " J.Doe+x@Gmail.com "),
        ("ann", "mobile", "0171 2345678"),
        ("ann", "first_name", " Valéry "),
        ("bob", "phone", "0171 2345679"),
        ("cat", "email", "cat@example.org"),
        ("li", "phone", "+86 138 0013 8000"),
        ("wu", "phone", "+86 139 0013 8001"),
    )
    names = ("ann", "bob", "cat", "li", "wu")
    shop.consents(
        *[(each, "sms", "marketing", "granted") for each in names],
        *[(each, "ads", "ad_user_data", "granted") for each in names],
        ("ann", "ads", "ad_personalization", "granted"),
        ("bob", "ads", "ad_personalization", "denied"),
    )
    both = {"channel": "sms", "columns": ["email", "phone"]}
    shop.wrote(
        {
            "google": {**both, "platform": "google", "consent_channel": "ads"},
            "meta": {**both, "platform": "meta", "columns": ["email", "phone", "first_name"]},
            "tiktok": {**both, "platform": "tiktok", "columns": ["phone"]},
            "uid2": {**both, "platform": "uid2", "columns": ["email"]},
            "tencent": {**both, "platform": "tencent", "columns": ["phone"], "hash": "md5"},
            "ocean": {**both, "platform": "oceanengine", "columns": ["phone"]},
        }
    )
    assert shop.lines("google.csv") == [["Email", "Phone"], [sha("jdoe@gmail.com"), sha("+491712345678")]]
    assert shop.outcomes("google") == {
        "ann": "written",
        "bob": "withdrawn",
        "cat": "no_consent",
        "li": "no_consent",
        "wu": "no_consent",
    }
    assert shop.lines("meta.csv")[:3] == [
        ["email", "phone", "fn"],
        [sha("j.doe+x@gmail.com"), sha("491712345678"), sha("valéry")],
        ["", sha("491712345679"), ""],
    ]
    assert shop.lines("tiktok.csv")[:2] == [["Phone_SHA256"], [sha("+491712345678")]]
    assert len(shop.lines("uid2.csv")[1][0]) == 44
    with zipfile.ZipFile(shop.given / "tencent-1.zip") as packed:
        (name,) = packed.namelist()
        numbers = [hashlib.md5(n, usedforsecurity=False).hexdigest() for n in (b"13800138000", b"13900138001")]
        assert (name, packed.read(name).decode().split()) == ("tencent-1.txt", numbers)
    assert (shop.given / "ocean.txt").read_text().split() == [sha("13800138000"), sha("13900138001")]
    assert shop.outcomes("ocean")["ann"] == "foreign_phone"
    for name in ("meta.csv", "tiktok.csv", "uid2.csv", "ocean.txt"):
        assert sha("") not in (shop.given / name).read_text(), "nothing is never hashed"


def test_parts_are_packed_before_they_are_too_large(shop: CampaignShop, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(platforms.PLATFORMS["tencent"], most_text=140)
    monkeypatch.setattr(platforms, "PLATFORMS", {**platforms.PLATFORMS, "tencent": small})
    monkeypatch.setattr("vitalfew.jobs.campaigns.params.PLATFORMS", platforms.PLATFORMS)
    people = [f"c{n}" for n in range(5)]
    shop.plan(*[{"customer_id": each, "channel": "sms"} for each in people])
    shop.contacts(*[(each, "phone", f"+86 138 0013 800{n}") for n, each in enumerate(people)])
    shop.consents(*[(each, "sms", None, "granted") for each in people])
    shop.wrote({"t": {"platform": "tencent", "channel": "sms", "columns": ["phone"]}})
    assert shop.rows("campaign_files", "file", "rows") == [("t-1.zip", 2), ("t-2.zip", 2), ("t-3.zip", 1)]
    found = []
    for n in (1, 2, 3):
        with zipfile.ZipFile(shop.given / f"t-{n}.zip") as packed:
            found += packed.read(f"t-{n}.txt").decode().split()
    assert found == [sha(f"1380013800{n}") for n in range(5)]


def test_a_catalogue_has_products_with_their_reasons_and_no_contacts(shop: CampaignShop) -> None:
    shop.plan({"customer_id": "ann"}, {"customer_id": "ann", "action": "review"}, {"customer_id": "bob"})
    shop.contacts(("ann", "email", "ann@example.org"))
    shop.consents(("ann", "email", None, "granted"), ("bob", "email", None, "granted"))
    shop.put(PRODUCTS, [{"product_id": "tea", "name": "=Tea"}])
    shop.recommendations(
        ("ann", 2, "pot", "Bought once."), ("ann", 1, "tea", "Bought twice."), ("ann", 3, "cup", "Popular."), ("zoe", 1, "tea", "")
    )  # fmt: skip
    columns = ["customer_id", "rank", "product_id", "product", "product_reason", "send_on"]
    file = {"platform": "plain", "channel": "email", "content": "catalogue", "products": 2, "columns": columns}
    shop.wrote({"shown": file, "kept": {**file, "form": "parquet"}})
    assert shop.lines("shown.csv") == [
        columns,
        ["ann", "1", "tea", "'=Tea", "Bought twice.", "2025-03-03"],
        ["ann", "2", "pot", "", "Bought once.", "2025-03-03"],
    ]
    kept = pq.read_table(shop.given / "kept.parquet").to_pylist()
    assert [(row["rank"], row["product"], str(row["send_on"])) for row in kept] == [
        (1, "=Tea", "2025-03-03"),
        (2, None, "2025-03-03"),
    ]
    assert shop.outcomes("shown") == {"ann": "written", "bob": "no_products"}
    assert shop.rows("campaign_files", "file", "rows", "customers") == [("kept.parquet", 2, 1), ("shown.csv", 2, 1)]


def test_mixed_consents_are_separate_files(shop: CampaignShop) -> None:
    shop.plan(*[{"customer_id": each} for each in ("ann", "bob", "cat")])
    shop.contacts(*[(each, "email", f"{each}@example.org") for each in ("ann", "bob", "cat")])
    shop.consents(
        *[(each, "email", "marketing", "granted") for each in ("ann", "bob", "cat")],
        ("ann", "email", "profiling", "granted"),
        ("bob", "email", "profiling", "denied"),
    )
    shop.wrote({"m": {**EMAIL, "separate_by": ["profiling"]}})
    assert shop.lines("m.profiling.csv")[1:] == [["ann", "ann@example.org", "win_back", "granted", "granted"]]
    assert shop.lines("m.none.csv")[1:] == [
        ["bob", "bob@example.org", "win_back", "granted", "withdrawn"],
        ["cat", "cat@example.org", "win_back", "granted", "unknown"],
    ]
    assert shop.rows("campaign_files", "file", "consents") == [
        ("m.none.csv", ["marketing"]),
        ("m.profiling.csv", ["marketing", "profiling"]),
    ]


def test_who_was_forgotten_is_in_no_file_and_what_held_them_is_removed(shop: CampaignShop) -> None:
    """One in plain, one as a hash, one as rows of a table; a file without them stays."""
    shop.plan({"customer_id": "ann"}, {"customer_id": "bob"}, {"customer_id": "cat", "channel": "sms"})
    shop.contacts(
        ("ann", "email", "Ann.Secret@gmail.com"), ("bob", "email", "bob@example.org"), ("cat", "phone", "+49 171 2345678")
    )  # fmt: skip
    shop.consents(*[(each, channel, None, "granted") for each in ("ann", "bob", "cat") for channel in ("email", "sms")])
    files = {
        "plain": EMAIL,
        "google": {"platform": "google", "channel": "email", "columns": ["email"], "purposes": []},
        "rows": {**EMAIL, "form": "delta"},
        "sms": {"platform": "plain", "channel": "sms", "columns": ["phone"]},
    }
    shop.wrote(files)
    assert shop.rows("campaign_contacts", "position", "customer_id", "email", "phone") == [
        (1, "ann", "Ann.Secret@gmail.com", None),
        (2, "bob", "bob@example.org", None),
    ]
    refused = shop.run("export", "campaign_contacts", "--to", str(shop.root / "x.csv"))
    assert refused.code == 2, "contact details are exported only where that is asked for"
    assert sha("annsecret@gmail.com") in (shop.given / "google.csv").read_text()
    had = (shop.given / "sms.csv").read_bytes()

    said = shop.run("forget", "ann")
    assert said.code == 0, said.text
    assert "nothing is left" in said.text
    assert "2 campaign files" in said.text
    assert f"{DAY}/google.csv" in said.text, "the certificate says which files held them: copies are elsewhere"
    assert sorted(path.name for path in shop.given.iterdir()) == ["manifest.json", "sms.csv"]
    assert (shop.given / "sms.csv").read_bytes() == had
    assert shop.rows("campaign_contacts", "customer_id") == [("bob",)]
    assert "ann" not in {row[0] for row in shop.rows("campaign_customers", "customer_id")}

    shop.plan({"customer_id": "ann"}, {"customer_id": "bob"}, {"customer_id": "cat", "channel": "sms"})
    assert "forgotten: 1" in shop.wrote(files), "a restored plan brings nobody back"
    assert [row[0] for row in shop.lines("plain.csv")] == ["customer_id", "bob"]
    assert shop.outcomes("plain") == {"bob": "written"}
    assert dict(shop.rows("campaign_outcomes", "outcome_code", "customers"))["forgotten"] == 1


def test_a_run_that_is_stopped_leaves_what_was_there(shop: CampaignShop, monkeypatch: pytest.MonkeyPatch) -> None:
    told_apart(shop)
    shop.wrote({"mails": EMAIL})
    had = {path.name: path.read_bytes() for path in shop.given.iterdir()}
    tables = shop.rows("campaign_files"), shop.rows("campaign_customers")
    shop.consents(("ann", "email", None, "granted"), ("ida", "email", None, "granted"))

    def stops(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for place in ("tables", "manifest"):
        with monkeypatch.context() as changed:
            changed.setattr(perform.Making, place, stops)
            assert shop.campaigns({"mails": EMAIL}).code != 0
        assert {path.name: path.read_bytes() for path in shop.given.iterdir()} == had
        assert [path.name for path in shop.given.parent.iterdir()] == [str(DAY)], "nothing is left of it"
        assert (shop.rows("campaign_files"), shop.rows("campaign_customers")) == tables
    shop.wrote({"mails": EMAIL})
    assert len(shop.lines("mails.csv")) == 1 + 3


def test_a_process_that_is_killed_leaves_a_folder_that_the_next_removes(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with folder.written(tmp_path / "given", DAY) as at:
            (at / "half.csv").write_text("half")
            os._exit(9)
    os.waitpid(child, 0)
    (left,) = (tmp_path / "given").iterdir()
    assert left.name.startswith("vitalfew-"), "no day has come to be"
    assert oct(left.stat().st_mode & 0o777) == "0o700"
    with folder.written(tmp_path / "given", DAY) as at:
        (at / "whole.csv").write_text("whole")
    assert [str(path.relative_to(tmp_path)) for path in (tmp_path / "given").rglob("*")] == [
        f"given/{DAY}",
        f"given/{DAY}/whole.csv",
    ]


def test_what_cannot_be_written_is_refused_before_anything_is(shop: CampaignShop) -> None:
    def refused(code: int, **file: object) -> str:
        said = shop.campaigns({"f": {**EMAIL, **file}})
        assert said.code == code, said.text
        return said.text

    assert "There is no plan" in refused(3)
    shop.plan({"customer_id": "ann"}, {"customer_id": "ann", "as_of": date_before()})
    assert "There is no table contacts" in refused(3)
    shop.contacts(("ann", "email", "ann@example.org"))
    assert "There is no table consents" in refused(3)
    shop.consents(("ann", "email", None, "granted"))
    assert "there is no column 'mail'; did you mean email?" in refused(2, columns=["mail"])
    assert "takes contacts as they are, without a hash" in refused(2, hash="md5")
    google = {"platform": "google", "columns": ["email"]}
    assert "is given no contact that is not hashed: sha256" in refused(2, **google, hash="none")
    assert "google takes sha256, and not md5" in refused(2, **google, hash="md5")
    assert "google takes email and phone alone, and not customer_id" in refused(2, platform="google")
    assert "nobody has the channel 'emial'" in refused(2, channel="emial")
    assert "did you mean email?" in refused(2, channel="emial")
    assert "sms.csv" not in refused(0, channel="sms"), "a channel of the plan that nobody got this time is no mistake"
    assert "There are no recommendations" in refused(3, content="catalogue", columns=["customer_id", "rank"])
    assert "rank is of a catalogue" in refused(2, columns=["rank"])
    assert "takes one value a line" in refused(2, platform="tencent", columns=["phone", "phone"])
    assert "finds nobody without email or phone" in refused(2, platform="meta", columns=["first_name"])
    assert "There is no plan of 2024-01-01" in shop.campaigns({"f": EMAIL}, "--as-of", "2024-01-01").text
    assert shop.campaigns({"f": EMAIL}, "--as-of", str(date_before())).code == 0
    assert shop.campaigns({}).code == 2
    shop.target(extra={"files": {}, **shop.settings, "country": "ZZ"})
    assert "has no telephone numbers" in refused(2)
    shop.target(extra={"files": {}, "country": "DE"})
    assert "campaign_folder: campaigns" in refused(2)
    for at in ("runs/x", "drops/x"):
        shop.target(extra={**shop.settings, "campaign_folder": at})
        assert "campaign_folder:" in refused(2)


def date_before() -> object:
    return DAY.replace(month=2)
