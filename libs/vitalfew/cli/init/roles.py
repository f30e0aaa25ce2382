"""Which column of the files is which of ours, by its name and by what its cells can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from vitalfew.cli.init import readings, vocabulary
from vitalfew.cli.init.choices import Choices
from vitalfew.cli.init.sample import Sample
from vitalfew.errors import ConfigError, hint

NUMERIC = ("quantity", "amount", "price", "discount")
OF_ORDER = ("order_id", "customer_id", "ordered_at", "status", "currency", "contact", "channel")
OF_ITEM = ("product_id", "quantity", "price")
ASKED = {
    "order_id": "the order, invoice or basket",
    "customer_id": "the customer",
    "product_id": "the product",
    "ordered_at": "the time of the order",
    "quantity": "the quantity",
    "amount": "the money of a line",
}
NOTHING = "none"


class Columns:
    """The columns of a sample, with what each can be."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.language = vocabulary.language_of(sample.header)
        self._styles: dict[str, list[str]] = {}
        self._times: dict[str, dict[str, tuple[str, ...]]] = {}

    def styles(self, name: str) -> list[str]:
        if name not in self._styles:
            self._styles[name] = readings.styles(readings.distinct(self.sample.cells(name)))
        return self._styles[name]

    def times(self, name: str) -> dict[str, tuple[str, ...]]:
        if name not in self._times:
            self._times[name] = readings.times(self.sample.cells(name))
        return self._times[name]

    def can_be(self, ours: str, name: str) -> bool:
        """Whether the cells of a column allow it to be one of ours."""
        if not self.sample.cells(name):
            return False
        if ours == "ordered_at":
            return bool(self.times(name))
        if ours in NUMERIC:
            return bool(self.styles(name)) and not self.is_time(name)
        return not self.is_time(name)

    def is_time(self, name: str) -> bool:
        cells = self.sample.cells(name)
        return not all(cell.isdigit() for cell in cells[:200]) and bool(self.times(name))

    def title(self, name: str, ours: str) -> str | None:
        """What a column is called, of JSON within its array; None where it stands where ours cannot."""
        array = self.sample.settings.get("explode")
        if not array:
            return name
        is_within = name.startswith(f"{array}.")
        if (ours in OF_ORDER and is_within) or (ours in OF_ITEM and not is_within):
            return None
        rest = name.removeprefix(f"{array}.")
        return "item id" if is_within and rest == "id" else rest

    def candidates(self, ours: str) -> list[tuple[float, str]]:
        """The columns that may be one of ours, the best first."""
        found = []
        for position, name in enumerate(self.sample.header):
            title = self.title(name, ours)
            match = vocabulary.match(title, ours) if title is not None else None
            if match and self.can_be(ours, name):
                found.append((match.score - position / 10_000, name))
        return sorted(found, reverse=True)

    @cached_property
    def assigned(self) -> dict[str, str]:
        """Our column: theirs; each of theirs once, the best fit first."""
        offers = [(score, ours, name) for ours in vocabulary.NAMES for score, name in self.candidates(ours)]
        found: dict[str, str] = {}
        for _, ours, name in sorted(offers, reverse=True):
            if ours not in found and name not in found.values():
                found[ours] = name
        times = [name for name in self.sample.header if self.is_time(name)]
        if "ordered_at" not in found and len(times) == 1:
            found["ordered_at"] = times[0]
        return found

    def settled(self, choices: Choices) -> dict[str, str]:
        """`assigned`, with the answers that were given, and a choice where two columns fit equally well."""
        found = dict(self.assigned)
        for ours, meaning in ASKED.items():
            rivals = self.rivals(ours, found)
            if ours in choices.given or rivals:
                names = dict.fromkeys(rivals or self.sample.header, "")
                if ours in choices.given:
                    names = dict.fromkeys((*self.sample.header, NOTHING), "")
                asked = f"Which column is {meaning}?"
                answer = choices.choose(ours, asked, names)
                found = {key: name for key, name in found.items() if name != answer and key != ours}
                found |= {} if answer == NOTHING else {ours: answer}
            else:
                choices.used.add(ours)
        return found

    def rivals(self, ours: str, found: Mapping[str, str]) -> Sequence[str]:
        """Columns that fit one of ours as well as the one that was found, and are not equal to it."""
        taken = {name for key, name in found.items() if key != ours}
        best = [(score, name) for score, name in self.candidates(ours) if name not in taken]
        if len(best) < 2 or best[0][0] - best[1][0] > 0.005:
            return ()
        first, second = (self.sample.columns[name] for _, name in best[:2])
        return () if first == second else [name for _, name in best[:2]]

    def need(self, found: Mapping[str, str]) -> None:
        """ConfigError where no column says when something was bought."""
        if "ordered_at" not in found:
            raise ConfigError(
                f"No column holds the time of an order. The columns are: {', '.join(self.sample.header)}. Say which "
                f"one does, --answer ordered_at=NAME; {hint('date', self.sample.header)}"
            )
