"""In which language and currency results are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from babel.numbers import list_currencies

from vitalfew.errors import ConfigError, hint

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LOCALES: dict[str, str] = {"en": "en_001", "zh": "zh_Hans_CN"}
"""CLDR's locale of each language: English as the world reads it (5 Jan 2025), Chinese as in mainland China."""


@dataclass(frozen=True)
class Words:
    """The language of sentences, and the ISO code of the currency; without a currency, amounts have no symbol."""

    language: str = "en"
    currency: str | None = None

    def __post_init__(self) -> None:
        if self.language not in LOCALES:
            raise ConfigError(f"There is no language {self.language!r}; {hint(self.language, LOCALES)}")
        if self.currency is not None:
            check_currency(self.currency)

    @property
    def locale(self) -> str:
        return LOCALES[self.language]


def check_currency(code: str) -> str:
    """`code`; ConfigError where ISO 4217 does not know it."""
    known = list_currencies()
    if code not in known:
        raise ConfigError(f"{code!r} is not the ISO code of a currency, such as EUR or CNY; {hint(code, known)}")
    return code


ENGLISH = Words()
