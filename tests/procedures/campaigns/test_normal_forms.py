"""Contacts as each platform wants them: published vectors, and what must never be hashed."""

from __future__ import annotations

import base64
import hashlib
import unicodedata

import pytest

from vitalfew.jobs.campaigns.normal_forms import (
    e164,
    email_as_google,
    email_as_is,
    email_as_meta,
    email_as_tiktok,
    email_as_uid2,
    known_countries,
    name_as_meta,
    phone_as_meta,
    phone_of_china,
)
from vitalfew.jobs.campaigns.platforms import HASHES, KEYS, PLATFORMS, all_forms

MARY = "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"
JUNG = "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"
VALERY = "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"


@pytest.mark.parametrize(
    ("platform", "column", "value", "digest"),
    [
        (
            "meta",
            "email",
            "  John_Smith@gmail.com ",
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        ("meta", "phone", "+1 (650) 555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("meta", "first_name", " Mary ", MARY),
        ("meta", "first_name", "정", JUNG),
        ("meta", "first_name", unicodedata.normalize("NFD", "정"), JUNG),
        ("meta", "first_name", "Valéry", VALERY),
        ("meta", "first_name", unicodedata.normalize("NFD", "Valéry"), VALERY),
        (
            "google",
            "email",
            "Cloudy.SanFrancisco+shopping@gmail.com",
            "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
        ),
        ("google", "phone", "(800)555-0100", "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30"),
    ],
)
def test_the_published_hashes_come_out(platform: str, column: str, value: str, digest: str) -> None:
    assert PLATFORMS[platform].written(column, value, "US", "sha256") == digest  # type: ignore[index]


def test_platforms_contradict_each_other_and_each_gets_its_own_form() -> None:
    mail = " J.Doe+News@Gmail.com "
    assert email_as_google(mail) == email_as_uid2(mail) == "jdoe@gmail.com"
    assert email_as_meta(mail) == email_as_tiktok(mail) == "j.doe+news@gmail.com"
    assert email_as_is(mail) == "J.Doe+News@Gmail.com"
    assert email_as_google("j.d+x@googlemail.com") == "jd@googlemail.com"
    assert email_as_uid2("j.d+x@googlemail.com") == "j.d+x@googlemail.com"
    assert email_as_google("j.d+x@shop.example") == "j.d+x@shop.example", "other providers tell dots apart"
    assert email_as_google("j d@shop.example") == email_as_tiktok("j d@shop.example") == "jd@shop.example"
    assert email_as_meta("j d@shop.example") is None
    number = "0171 2345678"
    assert e164(number, "DE") == "+491712345678"
    assert phone_as_meta(number, "DE") == "491712345678"


def test_uid2_is_base64_of_the_bytes_and_not_of_the_digits() -> None:
    found = PLATFORMS["uid2"].written("email", "Jane.Doe+x@gmail.com", None, "sha256_base64")
    assert found == base64.b64encode(hashlib.sha256(b"janedoe@gmail.com").digest()).decode()
    assert len(found) == 44


def test_chinese_platforms_take_eleven_digits_of_mainland_mobiles_alone() -> None:
    for value in ("138 0013 8000", "+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００"):
        assert phone_of_china(value, "CN") == "13800138000", value
    assert PLATFORMS["tencent"].written("phone", "13800138000", "CN", "md5") == (
        hashlib.md5(b"13800138000", usedforsecurity=False).hexdigest()
    )
    for value in ("+852 5123 4567", "010 6552 9988", "+1 650 555 1212", "1380013800"):
        assert phone_of_china(value, "CN") is None, value


@pytest.mark.parametrize(
    "value",
    ["", " ", "\u200b", "x", "@", "a@", "@b.example", "a@b", "a b@c.example", "a@@b.example", "a@b..example",
     "a@-b.example", ".a@b.example", "a.@b.example", "a..b@c.example", "a@b.example.", "a@b.1", "a@b_c.example",
     "<a@b.example>", "a,b@c.example", "a@b.example\nb@c.example", "a" * 65 + "@b.example", "a@" + "b" * 64 + ".example"],
)  # fmt: skip
def test_what_no_mail_can_go_to_is_no_address_and_has_no_hash(value: str) -> None:
    assert email_as_meta(value) is None
    assert email_as_is(value) is None
    for platform in PLATFORMS.keys() & {"meta", "uid2"}:
        assert PLATFORMS[platform].written("email", value, None, PLATFORMS[platform].hashes[0]) is None


def test_a_tag_without_a_name_is_no_address() -> None:
    assert email_as_google("+tag@gmail.com") is None
    assert email_as_google("...@gmail.com") is None


def test_addresses_of_other_scripts_are_addresses() -> None:
    assert email_as_meta("Müller@bücher.example") == "müller@bücher.example"
    assert email_as_meta("用户@例子.广告") == "用户@例子.广告"
    assert email_as_meta(unicodedata.normalize("NFD", "müller@bücher.example")) == "müller@bücher.example"
    assert email_as_meta("a@b.xn--p1ai") == "a@b.xn--p1ai"
    assert email_as_meta("İ@b.example") == unicodedata.normalize("NFC", "i̇@b.example")


def test_a_plain_address_that_a_spreadsheet_would_compute_is_refused() -> None:
    for value in ("=1+1@b.example", "+a@b.example", "-a@b.example"):
        assert email_as_is(value) is None
        assert email_as_meta(value) == value


@pytest.mark.parametrize("value", ["", " ", "0", "12345", "call me", "+49", "+999 123456789", "0171 2345678 ext. 5"])
def test_what_nobody_can_call_is_no_number(value: str) -> None:
    assert e164(value, "DE") is None
    assert phone_as_meta(value, "DE") is None


def test_a_number_without_country_code_needs_a_country() -> None:
    assert e164("0171 2345678", None) is None
    assert e164("+49 171 2345678", None) == "+491712345678"
    assert {"DE", "CN", "US"} <= known_countries()


def test_names_lose_punctuation_and_nothing_else() -> None:
    assert name_as_meta("  O'Neil-Müller Jr. ") == "oneilmüller jr"
    assert name_as_meta(" . ") is None
    assert name_as_meta("") is None
    assert name_as_meta("王小明") == "王小明"


def test_no_platform_hashes_nothing() -> None:
    of_nothing = {hash_("") for hash_ in HASHES.values()}
    for platform in PLATFORMS.values():
        for column in platform.normalise:
            for hash_ in platform.hashes:
                for value in ("", " ", "\u3000", "\ufeff", "."):
                    assert platform.written(column, value, "DE", hash_) not in of_nothing


def test_two_spellings_of_one_mailbox_or_number_have_one_key() -> None:
    assert KEYS["email"]("J.Doe@gmail.com", None) == KEYS["email"]("jdoe+x@gmail.com", None)
    assert KEYS["phone"]("0171 2345678", "DE") == KEYS["phone"]("+49 (0)171 2345678", "DE")
    assert KEYS["address"]("Main  St 1", None) == KEYS["address"](" main st 1 ", None)


def test_all_forms_hold_what_each_platform_would_write() -> None:
    found = all_forms("Jane.Doe@gmail.com", "DE")
    for text in ("jane.doe@gmail.com", "janedoe@gmail.com"):
        assert hashlib.sha256(text.encode()).hexdigest() in found
    assert "Jane.Doe@gmail.com" in found
    assert PLATFORMS["uid2"].written("email", "janedoe@gmail.com", None, "sha256_base64") in found
    assert hashlib.sha256(b"+491712345678").hexdigest() in all_forms("0171 2345678", "DE")
