"""One contact value in the form in which a platform wants it, before any hash; or None where it is no such value.

The rules of the platforms contradict each other, so each has functions of its own: see `platforms`. All texts are in
Unicode's form NFC first, or one letter would have two hashes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from vitalfew.white_space import UNSEEN, WHITE, trimmed

Normaliser = Callable[[str, str | None], str | None]
"""From a value, and the country (ISO 3166) in which a number without a country code is dialled."""

LONGEST_ADDRESS, LONGEST_LOCAL, LONGEST_LABEL = 254, 64, 63  # characters, RFC 5321 and 1035
LOCAL = re.compile(rf"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f{UNSEEN}]+")
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""
SPACES = str.maketrans("", "", WHITE)
GMAIL, GOOGLE_MAIL = ("gmail.com",), ("gmail.com", "googlemail.com")
CHINA = "+86"
CHINESE_DIGITS = 11
CHINESE_MOBILE = re.compile(r"\+86(1[3-9]\d{9})")


def composed(value: str) -> str:
    """The value in NFC, without white space and unseen marks at its ends."""
    return trimmed(unicodedata.normalize("NFC", value))


def address(value: str, without_spaces: bool = False) -> str | None:
    """An e-mail address in lower case; None where no mail can go to it."""
    text = composed(value).lower()
    if without_spaces:
        text = text.translate(SPACES)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)  # lower case may take a letter apart
    local, at, domain = text.rpartition("@")
    is_whole = (
        at == "@"
        and len(text) <= LONGEST_ADDRESS
        and 0 < len(local) <= LONGEST_LOCAL
        and LOCAL.fullmatch(local) is not None
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
        and is_domain(domain)
    )
    return text if is_whole else None


@lru_cache(maxsize=10_000)  # most addresses are of a few domains
def is_domain(text: str) -> bool:
    """Whether mail can go there: two labels at least, the last of them no number."""
    labels = text.split(".")
    return len(labels) > 1 and all(map(is_label, labels)) and len(labels[-1]) > 1 and not labels[-1].isdigit()


def is_label(text: str) -> bool:
    """Whether `text` may stand between two dots of a domain: letters and digits of any script, and inner hyphens."""
    is_spelt = all(letter == "-" or unicodedata.category(letter)[0] in "LMN" for letter in text)
    return is_spelt and 0 < len(text) <= LONGEST_LABEL and text.strip("-") == text


def without_tag(found: str | None, domains: tuple[str, ...]) -> str | None:
    """An address of one of `domains` without dots and without what follows a plus before the @; others as they are."""
    if found is None:
        return None
    local, _, domain = found.rpartition("@")
    if domain not in domains:
        return found
    plain = local.partition("+")[0].replace(".", "")
    return f"{plain}@{domain}" if plain else None


def email_as_google(value: str, country: str | None = None) -> str | None:
    del country
    return without_tag(address(value, without_spaces=True), GOOGLE_MAIL)


def email_as_uid2(value: str, country: str | None = None) -> str | None:
    del country
    return without_tag(address(value), GMAIL)


def email_as_meta(value: str, country: str | None = None) -> str | None:
    del country
    return address(value)


def email_as_tiktok(value: str, country: str | None = None) -> str | None:
    del country
    return address(value, without_spaces=True)


def email_as_is(value: str, country: str | None = None) -> str | None:
    """As it was written, but for the ends; None too where a spreadsheet would take it for a formula."""
    del country
    text = composed(value)
    return None if address(text) is None or text.startswith(FORMULA) else text


def e164(value: str, country: str | None) -> str | None:
    """A number with plus and country code; None where no call can go to it, or it needs a country and there is none."""
    import phonenumbers  # half of it are tables: it is not imported before it is needed

    try:
        number = phonenumbers.parse(composed(value), country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_as_meta(value: str, country: str | None) -> str | None:
    """Digits alone, the country code first."""
    found = e164(value, country)
    return None if found is None else found.removeprefix("+")


def phone_of_china(value: str, country: str | None) -> str | None:
    """The eleven digits of a mobile number of mainland China; None for numbers of anywhere else."""
    found = CHINESE_MOBILE.fullmatch(e164(value, country) or "")
    return found[1] if found else None


def name_as_meta(value: str, country: str | None = None) -> str | None:
    """A given or family name in lower case, without punctuation; letters of all scripts stay as they are."""
    del country
    text = unicodedata.normalize("NFC", composed(value).lower())
    kept = "".join(letter for letter in text if unicodedata.category(letter)[0] not in "PSC")
    return " ".join(kept.split()) or None


def text_as_is(value: str, country: str | None = None) -> str | None:
    del country
    return composed(value) or None


def known_countries() -> frozenset[str]:
    """The countries whose numbers can be read."""
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def email_key(value: str, country: str | None = None) -> str | None:
    """By which two addresses of one mailbox are known: as Google joins them, whichever way the domain is written."""
    found = email_as_google(value, country)
    if found is None:
        return None
    local, _, domain = found.rpartition("@")
    plain = in_letters_of_ascii(domain)
    return f"{local}@{'gmail.com' if plain in GOOGLE_MAIL else plain}"


@lru_cache(maxsize=10_000)
def in_letters_of_ascii(domain: str) -> str:
    """A domain as the net knows it (xn--…), however wide its letters are; as it is, where it has no such form."""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain


def text_key(value: str, country: str | None = None) -> str | None:
    del country
    return " ".join(composed(value).casefold().split()) or None
