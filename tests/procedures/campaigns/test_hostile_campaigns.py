"""Campaign files against what nobody planned for: lists, names, contacts and folders that are not as they should be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from campaign_shop import DAY, CampaignShop
from pydantic import ValidationError

from vitalfew.engines.engine import Engine
from vitalfew.errors import TableError
from vitalfew.jobs.campaigns.normal_forms import email_as_is, email_as_meta, email_key
from vitalfew.jobs.campaigns.params import CampaignsParams
from vitalfew.jobs.campaigns.tables import CAMPAIGN_CUSTOMERS
from vitalfew.procedures.campaigns import folder
from vitalfew.procedures.forget import perform as forget

EMAIL = {"platform": "plain", "channel": "email", "columns": ["customer_id", "email"]}


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CampaignShop:
    return CampaignShop(tmp_path, running, monkeypatch)


def three(shop: CampaignShop) -> None:
    shop.plan(*[{"customer_id": each} for each in ("ann", "bob", "cat")])
    shop.contacts(*[(each, "email", f"{each}@example.org") for each in ("ann", "bob", "cat")])
    shop.consents(*[(each, "email", None, "granted") for each in ("ann", "bob", "cat")])


def test_a_list_of_who_is_left_alone_is_understood_as_a_whole_or_refused(shop: CampaignShop) -> None:
    three(shop)
    both = shop.write("both.csv", "customer_id,contact\nann,\n,BOB@example.org\n,somewhere\n")
    said = shop.wrote({"mails": EMAIL}, do_not_contact=str(both))
    assert shop.outcomes("mails") == {"ann": "do_not_contact", "bob": "shared_contact", "cat": "written"}
    assert "WARNING: of 2 contacts in do_not_contact 1 are no address and no number" in said
    for text in ("email\nann@example.org\n", "ann@example.org\n", "customer_id;name\nann;Ann\n", ""):
        refused = shop.campaigns({"mails": EMAIL}, do_not_contact=str(shop.write("wrong.csv", text)))
        assert refused.code == 2, "a list that names nobody is no list of nobody"
        assert "is called customer_id or contact" in refused.text
        assert "ann" not in refused.text.replace(str(shop.root), "")


def test_a_number_without_country_on_the_list_is_said_to_be_of_no_use(shop: CampaignShop) -> None:
    three(shop)
    shop.target(extra={"files": {}, **shop.settings, "country": None})
    listed = shop.write("numbers.csv", "contact\n0171 2345678\n")
    said = shop.wrote({"mails": EMAIL}, do_not_contact=str(listed))
    assert "numbers without a country code need `country`" in said
    assert "2345678" not in said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.nn@googlemail.com", "ann+x@gmail.com"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann@\uff45xample.org", "ann@example.org"),
    ],
)
def test_two_spellings_of_one_domain_are_one_mailbox(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)
    assert email_key(one) != email_key("ann@elsewhere.example")


@pytest.mark.parametrize("value", ["a\u200bnn@example.org", "a\u202enn@example.org", "an\ufeffn@example.org"])
def test_an_address_with_an_unseen_mark_inside_is_hashed_for_nobody(value: str) -> None:
    assert email_as_meta(value) is None
    assert email_as_is(value) is None


def test_a_cell_cannot_begin_a_row(shop: CampaignShop) -> None:
    three(shop)
    shop.contacts(
        ("ann", "email", "ann@example.org"),
        ("ann", "first_name", "Ann\r=cmd|' /C calc'!A0"),
        ("bob", "email", "bob@example.org"),
        ("bob", "first_name", 'B,"o\r\nb\x00\u202e'),
    )
    shop.wrote({"mails": {**EMAIL, "columns": ["email", "first_name"]}})
    raw = (shop.given / "mails.csv").read_bytes()
    assert raw.splitlines()[1].startswith(b'ann@example.org,"Ann'), "a carriage return stands in quotes"
    assert shop.lines("mails.csv")[1:] == [
        ["ann@example.org", "Ann\r=cmd|' /C calc'!A0"],
        ["bob@example.org", 'B,"o\r\nb\x00'],
    ]


def test_files_of_one_campaign_never_have_one_name() -> None:
    def given(*names: str) -> CampaignsParams:
        file = {"platform": "plain", "channel": "email", "columns": ("email",), "separate_by": names}
        return CampaignsParams.model_validate({"files": {"mails": file}})

    assert given("Profiling", "profiling").files["mails"].other_purposes == ("profiling",)
    with pytest.raises(ValidationError, match="is how the file is called of those who consented to no other purpose"):
        given("None")


def test_a_process_that_is_killed_between_two_renames_loses_no_file(tmp_path: Path) -> None:
    at = tmp_path / "given"
    with folder.written(at, DAY) as made:
        (made / folder.MANIFEST).write_text("first")
    child = os.fork()
    if child == 0:
        rename = Path.rename
        move = "rename"  # the second one does not come

        def killed(self: Path, target: Path) -> Path:
            if self.name == "new":
                os._exit(9)
            return rename(self, target)

        setattr(Path, move, killed)
        with folder.written(at, DAY) as made:
            (made / folder.MANIFEST).write_text("second")
    os.waitpid(child, 0)
    assert not (at / str(DAY)).exists()
    folder.put_back(at)
    assert [path.relative_to(at).as_posix() for path in sorted(at.rglob("*"))] == [f"{DAY}", f"{DAY}/manifest.json"]
    assert (at / str(DAY) / folder.MANIFEST).read_text() == "first"


def test_what_is_no_folder_of_ours_is_never_replaced(tmp_path: Path) -> None:
    at = tmp_path / "given"
    (at / str(DAY)).mkdir(parents=True)
    (at / str(DAY) / "orders.csv").write_text("of the company")
    with pytest.raises(TableError, match="is no folder that campaigns wrote"), folder.written(at, DAY):
        raise AssertionError("nothing is begun")
    assert [path.name for path in at.rglob("*")] == [str(DAY), "orders.csv"]
    other = tmp_path / "linked"
    other.mkdir()
    (other / str(DAY)).symlink_to(tmp_path / "nowhere")
    with pytest.raises(TableError, match="is no folder that campaigns wrote"), folder.written(other, DAY):
        raise AssertionError("nothing is begun")


def test_every_folder_on_the_way_is_for_its_owner_alone_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with folder.written(tmp_path / "a" / "b", DAY) as made:
            (made / folder.MANIFEST).write_text("x")
    finally:
        os.umask(before)
    for path in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / str(DAY)):
        assert oct(path.stat().st_mode & 0o777) == "0o700"


def test_forget_removes_campaign_files_and_nothing_else_that_lies_beside_them(shop: CampaignShop) -> None:
    """Of the company, in the folder above; and what a killed run has left goes, whose contact has changed since."""
    three(shop)
    shop.target(extra={"files": {}, **shop.settings, "campaign_folder": "."})
    shop.wrote({"mails": EMAIL})
    assert (shop.root / str(DAY) / "mails.csv").is_file()
    theirs = shop.write("invoices/2025.csv", "customer_id,email\nann,ann@example.org\n")
    child = os.fork()
    if child == 0:
        with folder.written(shop.root, DAY) as made:
            (made / "half.csv").write_text("ann@example.org")
            os._exit(9)
    os.waitpid(child, 0)
    shop.contacts(("ann", "email", "ann.new@example.org"), ("bob", "email", "bob@example.org"))
    said = shop.run("forget", "ann")
    assert theirs.is_file(), "it is the company's: forget says that it is there, and removes nothing"
    assert "invoices/2025.csv" in said.text
    assert not (shop.root / str(DAY) / "mails.csv").exists()
    assert not [path.name for path in shop.root.iterdir() if path.name.startswith("vitalfew-")]


def test_a_stopped_forget_leaves_no_file_that_nobody_knows_of_and_expired_days_are_listed(
    shop: CampaignShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address in the file is one that the customer has no more: only campaign_customers leads to it."""
    three(shop)
    hashed = {"platform": "meta", "channel": "email", "columns": ["email"]}
    shop.wrote({"audience": hashed})
    shop.contacts(("ann", "email", "ann.new@example.org"), ("bob", "email", "bob@example.org"))

    def stops(*_: object) -> None:
        raise TableError("The disk is full.")

    with monkeypatch.context() as changed:
        changed.setattr(forget.Forgetting, "clear_scratch", stops)
        assert shop.run("forget", "ann").code != 0
    assert "ann" not in {row[0] for row in shop.rows("campaign_customers", "customer_id")}
    assert not (shop.given / "audience.csv").exists()

    shop.wrote({"audience": hashed})
    shop.storage.replace(CAMPAIGN_CUSTOMERS, shop.storage.read(CAMPAIGN_CUSTOMERS).where("false"))
    said = shop.run("forget", "cat")
    assert f"campaign files of {DAY}: no table says any more who is in them" in said.text
