"""Which contact of a customer goes into a file, and why none does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from vitalfew.jobs.campaigns.params import CampaignFile, CampaignsParams
from vitalfew.procedures.campaigns.choice import Chooser, keys_of

FORM = {"platform": "plain", "channel": "email"}


def chooser(
    *columns: str, left_alone: Iterable[tuple[str, str]] = (), country: str | None = "DE", **settings: Any
) -> Chooser:
    file = CampaignFile(**{**FORM, "columns": columns, **settings})
    return Chooser(file, country, keys_of(left_alone, country))


def outcome(made: Chooser, **values: Sequence[str]) -> str | None:
    return made.chosen(values)[1]


def test_the_newest_that_is_whole_is_taken() -> None:
    found, why = chooser("email").chosen({"email": ["broken@", "new@b.example", "old@b.example"]})
    assert (found, why) == ({"email": "new@b.example"}, None)


def test_a_contact_of_somebody_who_is_left_alone_is_passed_over_however_it_is_written() -> None:
    made = chooser("email", "phone", left_alone=[("email", "J.Doe+x@gmail.com"), ("phone", "+49 171 2345678")])
    assert outcome(made, email=["jdoe@gmail.com"]) == "shared_contact"
    assert made.chosen({"email": ["jdoe@gmail.com", "jane@b.example"]}) == ({"email": "jane@b.example"}, None)
    assert outcome(made, phone=["0171 2345678"]) == "shared_contact"
    assert made.chosen({"phone": ["0171 2345678"], "email": ["x@b.example"]}) == ({"email": "x@b.example"}, None)


def test_it_is_passed_over_too_where_no_contact_is_needed() -> None:
    made = chooser("customer_id", "phone", reach=(), left_alone=[("phone", "+491712345678")])
    assert made.chosen({"phone": ["0171 2345678"]}) == ({}, None)
    assert made.chosen({}) == ({}, None)


def test_who_is_reached_through_another_is_not_reached_again() -> None:
    made = chooser("email", "phone")
    assert outcome(made, email=["a@b.example"]) is None
    assert outcome(made, email=["A@b.example"]) == "same_contact"
    assert outcome(made, email=["a@b.example"], phone=["0171 2345678"]) is None, "the number is new"
    assert outcome(made, phone=["+49 171 2345678"]) == "same_contact"


def test_what_is_wrong_with_a_contact_is_told_apart() -> None:
    assert outcome(chooser("email"), email=["x"]) == "broken_contact"
    assert outcome(chooser("email"), email=[]) == "no_contact"
    assert outcome(chooser("phone"), phone=["123"]) == "broken_contact"
    assert outcome(chooser("phone", country=None), phone=["0171 2345678"]) == "phone_without_country"
    assert outcome(chooser("phone", country=None), phone=["+49 171 2345678"]) is None
    tencent = chooser("phone", platform="tencent", country="CN")
    assert outcome(tencent, phone=["+49 171 2345678"]) == "foreign_phone"
    assert outcome(tencent, phone=["123"]) == "broken_contact"
    meta = chooser("email", platform="meta")
    assert outcome(meta, email=["+tag@gmail.com"]) == "broken_contact", "no mailbox: nobody can tell whose it is"
    assert outcome(meta, email=["+other@gmail.com"]) == "broken_contact"
    assert outcome(chooser("email", "first_name"), email=["a@b.example"], first_name=[" "]) is None


def test_keys_are_few_bytes_and_the_same_for_two_spellings() -> None:
    found = keys_of(
        [("email", "A@b.example"), ("email", "a@b.example"), ("email", "x"), ("phone", "0171 2345678")], "DE"
    )
    assert found.dtype == np.uint64
    assert len(found) == 2
    assert len(keys_of([], None)) == 0


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"columns": ("email", "email")}, "one is named twice"),
        ({"columns": ("email",), "reach": ("first_name",)}, "'first_name' is not one of email, phone, address"),
        ({"columns": ("email",), "actions": ("winback",)}, "did you mean win_back?"),
        ({"columns": ("email",), "purposes": ()}, "name the purpose"),
        ({"columns": ("email",), "purposes": ("a b",)}, "letters, digits"),
        ({"columns": ("email",), "separate_by": ("marketing",)}, "separates nobody"),
        ({"columns": ("phone",), "platform": "tencent", "form": "parquet"}, "takes lines of text"),
        ({"columns": ("email",), "platform": "meta", "content": "catalogue"}, "takes contacts, and no products"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=r"files\.f\.") as caught:
        CampaignsParams(files={"f": CampaignFile(**{**FORM, **settings})})
    assert told in str(caught.value)


def test_names_and_kinds_are_checked() -> None:
    with pytest.raises(ValidationError, match="is to be a name of small letters"):
        CampaignsParams(files={"../x": CampaignFile(platform="plain", channel="email", columns=("email",))})
    with pytest.raises(ValidationError, match="'mobile' is of the column email already"):
        CampaignsParams(kinds={"email": ("mobile",), "phone": ("phone", "Mobile")})
    with pytest.raises(ValidationError, match=r"did you mean email\?"):
        CampaignsParams(kinds={"mail": ("mail",)})


def test_google_needs_both_of_its_consents_whatever_is_asked_for() -> None:
    made = CampaignFile(platform="google", channel="email", columns=("email",), purposes=("marketing",))
    assert made.needed_purposes == ("marketing", "ad_user_data", "ad_personalization")
    usual = CampaignFile(platform="google", channel="email", columns=("email",))
    assert usual.needed_purposes == ("ad_user_data", "ad_personalization")
    assert CampaignFile(platform="meta", channel="email", columns=("email",)).needed_purposes == ("marketing",)
