"""What is written, for whom and where: the parameters of `campaigns`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal, get_args

from pydantic import Field, model_validator

from vitalfew.errors import hint
from vitalfew.jobs.actions.tables import CUSTOMER_ACTIONS
from vitalfew.jobs.campaigns.platforms import CONTACT_COLUMNS, PLATFORMS, REACHING, Hash, Platform, PlatformName
from vitalfew.params import Params
from vitalfew.white_space import trimmed

Content = Literal["plan", "catalogue"]
Form = Literal["csv", "parquet", "delta"]
FORMS: tuple[Form, ...] = get_args(Form)

CUSTOMER_ID, CONSENT = "customer_id", "consent"
PLAN_COLUMNS = ("action", "round", "arm", "tier", "segment", "item", "reason", "send_on", "send_until", "send_hour")
"""Columns of customer_actions that a file may hold; `round` is its `campaign`."""
CATALOGUE_COLUMNS = ("rank", "product_id", "product", "product_reason")
COLUMNS = (CUSTOMER_ID, *CONTACT_COLUMNS, *PLAN_COLUMNS, *CATALOGUE_COLUMNS, CONSENT)
ACTIONS = CUSTOMER_ACTIONS.values["action"]
NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
PURPOSE = re.compile(r"[A-Za-z0-9_-]{1,40}")
MOST_SEPARATE = 3
NOBODYS = "none"
"""In the name of a file: of those who consented to none of the further purposes."""
KINDS: dict[str, tuple[str, ...]] = {"phone": ("phone", "mobile")}
USUAL_PURPOSES = ("marketing",)


class CampaignFile(Params):
    """One file: which rows of the plan it holds, for which platform, and which columns."""

    platform: PlatformName = Field(
        description="google, meta, tiktok, uid2, tencent, oceanengine; or plain: as a CRM takes it, without hashes."
    )
    channel: str = Field(min_length=1, description="Rows of customer_actions that go by this channel.")
    columns: tuple[str, ...] = Field(
        min_length=1,
        description="Columns of the file, in this order, and no others: email, phone, first_name, last_name, address, "
        "membership (from contacts); customer_id; action, round, arm, tier, segment, item, reason, send_on, "
        "send_until, send_hour (of the plan); rank, product_id, product, product_reason (of a catalogue); consent "
        "(one column for each purpose). A platform with hashes takes contacts alone.",
    )
    content: Content = Field(
        default="plan",
        description="plan: one row for each action of a customer; catalogue: one row for each product that is "
        "recommended to a customer who has an action.",
    )
    form: Form = Field(default="csv", description="csv, parquet, or delta: rows of the table campaign_contacts.")
    hash: Hash | None = Field(
        default=None, description="sha256 or md5, where the platform takes both (tencent, oceanengine); null: its own."
    )
    actions: tuple[str, ...] = Field(default=(), description="Of the plan, these actions; empty: all.")
    products: int = Field(default=5, ge=1, le=100, description="Products for one customer in a catalogue, at most.")
    purposes: tuple[str, ...] | None = Field(
        default=None,
        description="Purposes to each of which a customer must have consented; null: marketing, for google "
        "ad_user_data and ad_personalization, which google needs in any case.",
    )
    separate_by: tuple[str, ...] = Field(
        default=(),
        max_length=MOST_SEPARATE,
        description="Further purposes, not needed: customers who consented to different ones are in different files.",
    )
    consent_channel: str | None = Field(
        default=None, description="Channel in consents that counts; null: the channel of the plan."
    )
    reach: tuple[str, ...] | None = Field(
        default=None,
        description="Columns (email, phone, address) of which a customer must have one that is whole; null: those that "
        "are in the file. Empty: none is needed.",
    )

    @property
    def of_platform(self) -> Platform:
        return PLATFORMS[self.platform]

    @property
    def hash_used(self) -> Hash:
        return self.hash or self.of_platform.hashes[0]

    @property
    def needed_purposes(self) -> tuple[str, ...]:
        """In lower case, as they are compared."""
        own = self.of_platform.purposes
        asked = own or USUAL_PURPOSES if self.purposes is None else self.purposes
        return tuple(dict.fromkeys(trimmed(each).lower() for each in (*asked, *own)))

    @property
    def other_purposes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(trimmed(each).lower() for each in self.separate_by))

    @property
    def contact_columns(self) -> tuple[str, ...]:
        """Columns for which contacts are read: those of the file, and those by which somebody must be reached."""
        return tuple(dict.fromkeys(each for each in (*self.columns, *self.reached_by) if each in CONTACT_COLUMNS))

    @property
    def reached_by(self) -> tuple[str, ...]:
        return tuple(each for each in self.columns if each in REACHING) if self.reach is None else self.reach

    def problems(self) -> Iterator[str]:
        """What is wrong with it, each in a sentence."""
        platform = self.of_platform
        for name in self.columns:
            if name not in COLUMNS:
                yield f"columns: there is no column {name!r}; {hint(name, COLUMNS)}"
            elif platform.is_hashed and name not in platform.normalise:
                yield f"columns: {self.platform} takes {' and '.join(platform.normalise)} alone, and not {name}"
            elif name in CATALOGUE_COLUMNS and self.content != "catalogue":
                yield f"columns: {name} is of a catalogue: set content: catalogue"
        if len({*self.columns}) < len(self.columns):
            yield "columns: one is named twice"
        if platform.is_hashed and not self.reached_by:
            finding = " or ".join(name for name in REACHING if name in platform.normalise)
            yield f"columns: {self.platform} finds nobody without {finding}"
        if platform.is_list and len(self.columns) > 1:
            yield f"columns: {self.platform} takes one value a line, so one column"
        if platform.is_list and self.form == "parquet":
            yield f"form: {self.platform} takes lines of text: csv"
        if self.hash not in (None, *platform.hashes):
            yield hash_problem(self.platform, platform, str(self.hash))
        yield from self.problems_of_consent()
        if self.content == "catalogue" and platform.is_hashed:
            yield f"content: {self.platform} takes contacts, and no products"
        for name in self.reach or ():
            if name not in REACHING or name not in platform.normalise:
                yield f"reach: {name!r} is not one of {', '.join(n for n in REACHING if n in platform.normalise)}"
        for name in self.actions:
            if name not in ACTIONS:
                yield f"actions: there is no action {name!r}; {hint(name, ACTIONS)}"

    def problems_of_consent(self) -> Iterator[str]:
        for name in (*self.needed_purposes, *self.separate_by):
            if not PURPOSE.fullmatch(name):
                yield f"purposes: {name!r} is to be letters, digits, _ and -, as it goes into names"
        if not self.needed_purposes:
            yield "purposes: name the purpose to which customers must have consented"
        if NOBODYS in self.other_purposes:
            yield f"separate_by: {NOBODYS!r} is how the file is called of those who consented to no other purpose"
        if twice := sorted({*self.needed_purposes} & {*self.other_purposes}):
            yield f"separate_by: {twice[0]} is needed of everybody, so it separates nobody"


def hash_problem(name: str, platform: Platform, asked: str) -> str:
    if not platform.is_hashed:
        return f"hash: {name} takes contacts as they are, without a hash; leave hash out"
    if asked == "none":
        return f"hash: {name} is given no contact that is not hashed: {' or '.join(platform.hashes)}"
    return f"hash: {name} takes {' or '.join(platform.hashes)}, and not {asked}"


class CampaignsParams(Params):
    """The files, whose consent counts, and who is never contacted."""

    presentation: ClassVar[frozenset[str]] = frozenset()

    files: dict[str, CampaignFile] = Field(
        default_factory=dict,
        description="By name: platform, channel, columns, content, form, hash, actions, products, purposes, "
        "separate_by, consent_channel, reach.",
    )
    granted_states: tuple[str, ...] = Field(
        default=("granted",), min_length=1, description="States in consents that allow a contact, whatever their case."
    )
    assume_consent: bool = Field(
        default=False,
        description="Where there is no table consents: take it that everybody has consented. You answer for that.",
    )
    kinds: dict[str, tuple[str, ...]] = Field(
        default_factory=lambda: dict(KINDS),
        description="By column (email, phone, …), the kinds in contacts whose values it holds, whatever their case; a "
        "column that is not named: the kind of its own name.",
    )
    do_not_contact: str | None = Field(
        default=None,
        description="File or table with a column customer_id or contact: who asked to be left alone, or complained.",
    )

    def kinds_of(self, column: str) -> tuple[str, ...]:
        return tuple(trimmed(each).lower() for each in self.kinds.get(column, (column,)))

    @model_validator(mode="after")
    def hold_together(self) -> CampaignsParams:
        """All that is wrong, at once."""
        problems = [f"files.{name}.{why}" for name, file in self.files.items() for why in file.problems()]
        problems += [
            f"files: {name!r} is to be a name of small letters, digits, _ and -"
            for name in self.files
            if not NAME.fullmatch(name)
        ]
        problems += [
            f"kinds: there is no column {name!r} of contacts; {hint(name, CONTACT_COLUMNS)}"
            for name in self.kinds
            if name not in CONTACT_COLUMNS
        ]
        held: dict[str, str] = {}
        for column in CONTACT_COLUMNS:
            for kind in self.kinds_of(column):
                if held.setdefault(kind, column) != column:
                    problems.append(f"kinds.{column}: {kind!r} is of the column {held[kind]} already")
        if not all(trimmed(each) for each in self.granted_states):
            problems.append("granted_states has an empty name")
        if problems:
            raise ValueError("; ".join(problems))
        return self
