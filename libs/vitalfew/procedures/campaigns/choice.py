"""Which contacts of a customer go into a file, after normalisation; and why none does.

This runs in the process that writes the file, one customer after another: a file is written by one process anyway, and
`phonenumbers` is no library of executors (docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from vitalfew.jobs.campaigns.normal_forms import composed, e164, phone_of_china
from vitalfew.jobs.campaigns.params import CampaignFile
from vitalfew.jobs.campaigns.platforms import KEYS, PHONE, Hash, Platform

Keys = npt.NDArray[np.uint64]
Value = tuple[str, str]
"""Column and value of a contact."""


def key_of(column: str, value: str, country: str | None) -> int | None:
    """64 bits by which two spellings of one mailbox, number or address are known; None for what is none."""
    plain = KEYS[column](value, country)
    if plain is None:
        return None
    return int.from_bytes(blake2b(f"{column}:{plain}".encode(), digest_size=8).digest(), "big")


def keys_of(values: Iterable[Value], country: str | None) -> Keys:
    """Sorted, eight bytes each: of a million people who are left alone, eight megabytes."""
    found = (key for column, value in values if (key := key_of(column, value, country)) is not None)
    return np.unique(np.fromiter(found, dtype=np.uint64))


@dataclass
class Chooser:
    """The contacts of one customer after another. `left_alone`: keys of contacts to which nothing goes."""

    file: CampaignFile
    country: str | None
    left_alone: Keys
    seen: set[int] = field(default_factory=set)
    columns: tuple[str, ...] = field(init=False)
    by: tuple[str, ...] = field(init=False)
    platform: Platform = field(init=False)
    hash: Hash = field(init=False)

    def __post_init__(self) -> None:
        self.columns, self.by = self.file.contact_columns, self.file.reached_by
        self.platform, self.hash = self.file.of_platform, self.file.hash_used

    def chosen(self, values: Mapping[str, Sequence[str] | None]) -> tuple[dict[str, str], str | None]:
        """By column, what goes into the file; and why the customer does not, None for who does.

        `values`: by column, newest first. The first that is whole, and that nobody shares who is left alone, is taken.
        """
        found: dict[str, str] = {}
        keys: dict[str, int] = {}
        why: list[str] = []
        for column in self.columns:
            for value in values.get(column) or ():
                written = self.platform.written(column, value, self.country, self.hash)
                key = key_of(column, value, self.country) if written and column in KEYS else None
                if written is None or (key is None and column in KEYS):
                    why.append(self.fault(column, value) if column in self.by else "")
                elif key is not None and self.is_left_alone(key):
                    why.append("shared_contact")
                else:
                    found[column] = written
                    if key is not None:
                        keys[column] = key
                    break
        return found, self.reason(found, keys, why)

    def reason(self, found: Mapping[str, str], keys: Mapping[str, int], why: Sequence[str]) -> str | None:
        if not self.by:
            return None
        mine = {keys[column] for column in self.by if column in keys}
        if not any(column in found for column in self.by):
            return next((each for each in FAULTS if each in why), "no_contact")
        if mine <= self.seen:
            return "same_contact"
        self.seen |= mine
        return None

    def is_left_alone(self, key: int) -> bool:
        at = int(np.searchsorted(self.left_alone, np.uint64(key)))
        return at < len(self.left_alone) and int(self.left_alone[at]) == key

    def fault(self, column: str, value: str) -> str:
        """What is wrong with a contact that the platform cannot take."""
        if column == PHONE and self.country is None and not composed(value).startswith(("+", "\uff0b")):
            return "phone_without_country"
        if self.platform.normalise[column] is phone_of_china and e164(value, self.country):
            return "foreign_phone"
        return "broken_contact"


FAULTS = ("shared_contact", "foreign_phone", "phone_without_country", "broken_contact")
"""The first that holds is said: it is the one about which most is known."""
