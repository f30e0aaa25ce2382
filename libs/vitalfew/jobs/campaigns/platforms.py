"""What each platform takes: its columns, the form of a contact in each, the hash, and the file."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from vitalfew.jobs.campaigns import normal_forms as forms
from vitalfew.jobs.campaigns.normal_forms import Normaliser

PlatformName = Literal["google", "meta", "tiktok", "uid2", "tencent", "oceanengine", "plain"]
NAMES: tuple[PlatformName, ...] = get_args(PlatformName)
Hash = Literal["none", "sha256", "sha256_base64", "md5"]

EMAIL, PHONE, ADDRESS = "email", "phone", "address"
CONTACT_COLUMNS = (EMAIL, PHONE, "first_name", "last_name", ADDRESS, "membership")
"""Columns that hold contact details, each of a kind in the table contacts."""
REACHING = (EMAIL, PHONE, ADDRESS)
"""Those by which somebody can be reached."""
MOST_TEXT = 99_000_000
"""Bytes of text in one packed file: a zip of it is below 100 MB, whatever is in it."""


def sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_base64(text: str) -> str:
    """Base64 of the 32 bytes, not of their digits."""
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


def md5_hex(text: str) -> str:
    """As two platforms want it; it hides nothing from who tries all numbers, as no hash of a number does."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


HASHES: Mapping[Hash, Callable[[str], str]] = {
    "none": lambda text: text,
    "sha256": sha256_hex,
    "sha256_base64": sha256_base64,
    "md5": md5_hex,
}


@dataclass(frozen=True)
class Platform:
    """How one platform wants its files.

    `normalise`: by column, the form of a value before the hash; columns that are not there it does not take.
    `hashes`: those it takes, the usual one first. `headers`: what it calls the columns. `purposes`: what it needs the
    consent to, whatever else is asked for. `is_list`: one value a line and no header. `is_packed`: as a zip,
    `most_text` bytes of text in each.
    """

    normalise: Mapping[str, Normaliser]
    hashes: tuple[Hash, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    purposes: tuple[str, ...] = ()
    is_list: bool = False
    is_packed: bool = False
    most_text: int | None = None

    @property
    def is_hashed(self) -> bool:
        return self.hashes != ("none",)

    def written(self, column: str, value: str, country: str | None, hash_: Hash) -> str | None:
        """`value` as it goes into the file: normalised, then hashed; None, and never the hash of nothing, for none."""
        plain = self.normalise[column](value, country)
        return HASHES[hash_](plain) if plain else None


CHINESE = {PHONE: forms.phone_of_china}

PLATFORMS: Mapping[PlatformName, Platform] = {
    "google": Platform(
        {EMAIL: forms.email_as_google, PHONE: forms.e164},
        ("sha256",),
        {EMAIL: "Email", PHONE: "Phone"},
        ("ad_user_data", "ad_personalization"),
    ),
    "meta": Platform(
        {
            EMAIL: forms.email_as_meta,
            PHONE: forms.phone_as_meta,
            "first_name": forms.name_as_meta,
            "last_name": forms.name_as_meta,
        },
        ("sha256",),
        {"first_name": "fn", "last_name": "ln"},
    ),
    "tiktok": Platform(
        {EMAIL: forms.email_as_tiktok, PHONE: forms.e164},
        ("sha256",),
        {EMAIL: "Email_SHA256", PHONE: "Phone_SHA256"},
    ),
    "uid2": Platform({EMAIL: forms.email_as_uid2, PHONE: forms.e164}, ("sha256_base64",)),
    "tencent": Platform(CHINESE, ("sha256", "md5"), is_list=True, is_packed=True, most_text=MOST_TEXT),
    "oceanengine": Platform(CHINESE, ("sha256", "md5"), is_list=True),
    "plain": Platform(
        {
            EMAIL: forms.email_as_is,
            PHONE: forms.e164,
            "first_name": forms.text_as_is,
            "last_name": forms.text_as_is,
            ADDRESS: forms.text_as_is,
            "membership": forms.text_as_is,
        },
        ("none",),
    ),
}

KEYS: Mapping[str, Normaliser] = {EMAIL: forms.email_key, PHONE: forms.e164, ADDRESS: forms.text_key}
"""By which two values are known to reach the same person, whatever the platform."""


def all_forms(value: str, country: str | None) -> set[str]:
    """Every form in which `value` may stand in a file of a platform: where somebody is searched for."""
    found = {
        platform.written(column, value, country, hash_)
        for platform in PLATFORMS.values()
        for column in platform.normalise
        for hash_ in platform.hashes
    }
    return {each for each in found if each}
