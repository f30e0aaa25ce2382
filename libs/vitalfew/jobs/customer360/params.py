"""How accounts are joined and price types distinguished: the parameters of `customer360`."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from vitalfew.params import Params

HASH = re.compile(r"[0-9a-f]{64}")
SHORTEST_KEY = 16  # characters


class Customer360Params(Params):
    """What joins accounts, what never does, and where the types of buyers begin."""

    join_by: tuple[Literal["membership", "email", "phone"], ...] = Field(
        default=("membership", "email", "phone"),
        description="Kinds of contacts that join accounts, the surest first; none: every account stands alone.",
    )
    country_code: str = Field(
        default="", pattern=r"^\d{0,3}$", description="Put before phone numbers that begin with a single 0, such as 43."
    )
    hash_key: SecretStr | None = Field(
        default=None,
        description="Secret key of the hashes of contacts, best ${NAME}; null: one is made below a local root.",
    )
    most_accounts: int = Field(
        default=4, ge=2, description="What more accounts than this have in common joins none of them, and is reported."
    )
    most_person_accounts: int = Field(default=8, ge=2, description="Persons of more accounts than this are reported.")
    keep_apart: tuple[str, ...] = Field(default=(), description="Customer ids that are never joined with others.")
    distrusted: tuple[str, ...] = Field(default=(), description="Hashes of identifiers (evidence) that join nobody.")
    like_level: Literal["department", "category", "subcategory"] = Field(
        default="subcategory", description="Column of products: products of one value are the like, and comparable."
    )
    price_window_days: int | None = Field(
        default=None, ge=1, description="Look back this many days for prices; null looks at everything before as_of."
    )
    promotion_discount: float = Field(
        default=0.1, gt=0, lt=1, description="On promotion: at least this part below the usual price of the product."
    )
    least_purchases: int = Field(default=10, ge=2, description="With fewer priced purchases the type is unknown.")
    cheap_position: float = Field(default=0.4, gt=0, lt=0.5, description="Cheap: a price position of at most this …")
    premium_position: float = Field(default=0.6, gt=0.5, lt=1, description="… expensive: of at least this.")
    often_on_promotion: float = Field(
        default=0.4, gt=0, le=1, description="This share of purchases on promotion is a bargain seeker's."
    )
    seldom_on_promotion: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="Customers who buy expensive products, and at most this share on promotion, do not mind the price.",
    )
    least_leader_excess: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="Safety: the best-selling brands have this much more of the purchases than of everybody's alike.",
    )
    least_signs: int = Field(
        default=2, ge=1, description="Searches, views, carts and wishes that make an unmet want, together."
    )
    wants_days: int | None = Field(
        default=90, ge=1, description="A want of more days ago is none any more; null: whoever ever looked still wants."
    )

    @property
    def lacks_key(self) -> bool:
        return bool(self.join_by) and self.hash_key is None

    def with_key(self, key: SecretStr) -> Self:
        return self.model_copy(update={"hash_key": key})

    @field_validator("hash_key")
    @classmethod
    def key_is_long(cls, key: SecretStr | None) -> SecretStr | None:
        """Refuse a key that can be guessed."""
        if key is not None and len(key.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"a key must have at least {SHORTEST_KEY} characters, best drawn at random")
        return key

    @model_validator(mode="after")
    def hold_together(self) -> Customer360Params:
        """Refuse values that contradict each other, all at once."""
        problems = [
            f"{name} names one twice"
            for name in ("join_by", "keep_apart", "distrusted")
            if len({*getattr(self, name)}) < len(getattr(self, name))
        ]
        if not all(map(HASH.fullmatch, self.distrusted)):
            problems.append(
                "distrusted holds what is no hash of 64 hexadecimal digits: copy it from evidence, in identities; the "
                "identifier itself does not belong here, as settings are kept in runs"
            )
        if self.seldom_on_promotion >= self.often_on_promotion:
            problems.append(
                f"seldom_on_promotion ({self.seldom_on_promotion}) must be smaller than "
                f"often_on_promotion ({self.often_on_promotion})"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self
