"""The base of every job's parameters."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, SecretStr


class Params(BaseModel):
    """Frozen, strict, and closed to unknown keys; each field says its unit and meaning in `description`.

    A field is the only place where its default stands. Values that contradict each other are refused in a validator,
    with a sentence that says what to do.

    `presentation` names the fields that change no group, score or limit, but only how much is shown of them, or in
    which words: results computed with other values of these can still be compared.
    """

    presentation: ClassVar[frozenset[str]] = frozenset()

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)

    @property
    def lacks_key(self) -> bool:
        """Whether contacts are to be hashed, and no key for that is set."""
        return False

    def with_key(self, key: SecretStr) -> Self:
        """These parameters, with the key of the target."""
        del key
        return self
