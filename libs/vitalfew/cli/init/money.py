"""How many pieces and how much money a line is: which columns, in which style of numbers, times what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from vitalfew.cli.init import readings, vocabulary
from vitalfew.cli.init.choices import Choices
from vitalfew.cli.init.roles import Columns
from vitalfew.cli.init.sample import Sample
from vitalfew.errors import ConfigError

CENT = Decimal("0.015")
NEARLY_ALL = 0.95
COMMA_GROUPS = ("en", "ja", "zh", "ko")
"""Languages in which a comma stands between thousands, and never before decimals."""
LEAST_ORDERS = 3
LEAST_PROOFS = 3
NAMED_STYLES = {"": "point", "en_US": "en_US", "de_DE": "de_DE", "fr_FR": "fr_FR", "de_CH": "de_CH"}


class Money:
    """What was decided of the numbers of a sample: `columns`, `settings` with `reasons`, and `notes`."""

    def __init__(
        self, sample: Sample, columns: Columns, roles: Mapping[str, str], choices: Choices, name: Callable[[str], str]
    ) -> None:
        self.sample, self.of, self.roles, self.choices, self.name = sample, columns, roles, choices, name
        self.columns: dict[str, str] = {}
        self.settings: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}
        self.notes: list[str] = []
        self.used: list[str] = []
        self.styles: dict[str, str] = {}

    def decide(self, has_items: bool) -> None:
        """Fills what is said above; `has_items`: a line holds several products, so its quantity is not that of each."""
        roles = {key: self.roles[key] for key in ("quantity", "price", "amount") if key in self.roles}
        if has_items:
            roles.pop("quantity", None)
        asked = roles if "amount" not in roles else {**roles, **self.discount()}
        self.style(list(asked.values()))
        self.choices.used |= {"money", "price", "discount"}
        self.quantity(roles.get("quantity"))
        amount, price = roles.get("amount"), roles.get("price")
        if amount and price:
            self.of_both(amount, price, roles.get("quantity"))
        elif amount:
            self.of_lines(amount)
        elif price:
            self.of_prices(price, roles.get("quantity"))
        else:
            self.columns["amount"] = "0"
            self.notes.append("no column holds money: what asks for money has no answer")

    def discount(self) -> dict[str, str]:
        return {"discount": self.roles["discount"]} if "discount" in self.roles else {}

    def style(self, names: Sequence[str]) -> None:
        """The style in which all columns are written, or one for each; a choice where two give other numbers."""
        shared = [style for style in readings.STYLES if names and all(style in self.of.styles(name) for name in names)]
        if not names:
            return
        self.choices.used.add("numbers")
        if not shared:
            self.style_of_each(names)
            return
        chosen = self.one_style(shared, names, "numbers")
        self.styles = dict.fromkeys(names, chosen)
        is_said = "numbers" in self.choices.given or self.differ(shared, names)
        if chosen or (is_said and len(shared) > 1):
            self.settings["numbers"] = chosen or {"decimal": "."}
            self.reasons["numbers"] = f"such as {self.longest(names)}"

    def style_of_each(self, names: Sequence[str]) -> None:
        for name in names:
            self.styles[name] = self.one_style(self.of.styles(name), [name], f"numbers_{vocabulary.plain(name)}")
        first = self.styles[names[-1]]
        if first:
            self.settings["numbers"] = first
        others = {name: style or {"decimal": "."} for name, style in self.styles.items() if style != first}
        self.settings["column_numbers"] = others
        self.reasons["column_numbers"] = "these are written in another way"

    def one_style(self, shared: Sequence[str], names: Sequence[str], key: str) -> str:
        """The first of the styles by which the cells are the same numbers; a choice where they are not."""
        if not self.differ(shared, names) or self.sample.settings["format"] != "csv":
            return shared[0]
        cells = [cell for name in names for cell in readings.distinct(self.sample.cells(name))]
        example = next(c for c in cells if len({readings.number(c, style) for style in shared}) > 1)
        meanings: dict[str, str] = {}
        values = set()
        for style in shared:
            value = readings.number(example, style)
            if value not in values:
                values.add(value)
                meanings[NAMED_STYLES[style]] = f"{example} is {value:,}"
        is_usual = self.of.language in COMMA_GROUPS and "," in example and "." not in example
        likely = "en_US" if is_usual and "en_US" in meanings else None
        answer = self.choices.choose(key, "The numbers can be read in two ways. Which is right?", meanings, likely)
        return next(style for style, named in NAMED_STYLES.items() if named == answer)

    def differ(self, styles: Sequence[str], names: Sequence[str]) -> bool:
        return any(
            len({readings.number(cell, style) for style in styles}) > 1
            for name in names
            for cell in readings.distinct(self.sample.cells(name))
        )

    def longest(self, names: Sequence[str]) -> str:
        cells = [cell for name in names for cell in readings.distinct(self.sample.cells(name))[:200]]
        return max(cells, key=lambda cell: (sum(not c.isalnum() for c in cell), len(cell)), default="")

    def values(self, name: str) -> list[Decimal | None]:
        known: dict[str, Decimal | None] = {}
        style = self.styles.get(name, "")
        return [known.setdefault(cell, readings.number(cell, style)) for cell in self.sample.columns[name]]

    def quantity(self, column: str | None) -> None:
        if column is None:
            self.columns["quantity"] = "1"
            self.notes.append("no column holds a quantity: each row is one piece")
            return
        self.columns["quantity"] = self.name(column)
        self.used.append(column)

    def of_both(self, amount: str, price: str, quantity: str | None) -> None:
        """A total and a price: the total, where it is the price times the quantity; else what the rows show."""
        counts = self.values(quantity) if quantity else [Decimal(1)] * self.sample.rows
        off = self.values(self.roles["discount"]) if "discount" in self.roles else [None] * self.sample.rows
        rows = list(zip(counts, self.values(price), self.values(amount), off, strict=True))
        known = [
            (n * p, a, d or Decimal(0)) for n, p, a, d in rows if n is not None and p is not None and a is not None
        ]
        fits = sum(1 for made, a, d in known if near(made, a) or near(made - d, a) or near(made * (1 - d / 100), a))
        if not known or fits >= NEARLY_ALL * len(known):
            self.of_lines(amount, is_line=True)
        elif self.is_of_order(amount):
            self.notes.append(f"{amount} is the money of a whole order: the lines are {price} times the quantity")
            self.product_of(price, quantity)
        else:
            others = f"{len(known) - fits:,} of {len(known):,} rows"
            asked = f"{amount} is not {price} times the quantity in {others}. What is paid?"
            meanings = {"total": f"{amount}", "price": f"{price} times the quantity"}
            if self.choices.choose("money", asked, meanings) == "total":
                self.of_lines(amount, is_line=True)
            else:
                self.product_of(price, quantity)

    def of_lines(self, amount: str, is_line: bool = False) -> None:
        """A total alone: that of a line, unless all lines of an order repeat it."""
        if not is_line and self.is_of_order(amount):
            asked = f"All lines of an order have the same {amount}. Is it that of the line, or of the whole order?"
            meanings = {"line": "that of the line", "order": "that of the order"}
            if self.choices.choose("money", asked, meanings) == "order":
                raise ConfigError(
                    f"{amount} is the money of an order, and no column holds that of a line: it cannot be divided. "
                    "Export the price of each line too, or one row for each order."
                )
        self.columns["amount"] = self.name(amount)
        self.used.append(amount)
        if vocabulary.GROSS.search(vocabulary.plain(amount)):
            self.notes.append(f"{amount} is gross: sums hold the tax")
        if self.decimals(amount) > 2:
            self.round(amount)
        if "discount" in self.roles and "price" not in self.roles:
            self.notes.append(f"{amount} is taken as what was paid; {self.roles['discount']} is not taken off again")

    def of_prices(self, price: str, quantity: str | None) -> None:
        """A price alone: of a piece, or of a line, as products show that were bought in several quantities."""
        if quantity is None:
            self.of_lines(price, is_line=True)
            return
        counts = self.values(quantity)
        if all(count in (None, 1) for count in counts):
            self.of_lines(price, is_line=True)
            return
        is_unit = vocabulary.UNIT.search(vocabulary.plain(price)) or None
        proven = self.proof(counts, self.values(price))
        if is_unit or proven == "piece":
            self.product_of(price, quantity)
        elif proven == "line":
            self.notes.append(f"{price} grows with the quantity: it is that of the line")
            self.of_lines(price, is_line=True)
        else:
            meanings = {"piece": f"{price} times the quantity is paid", "line": f"{price} is paid"}
            answer = self.choices.choose("price", f"Is {price} that of a piece, or of the whole line?", meanings)
            if answer == "piece":
                self.product_of(price, quantity)
            else:
                self.of_lines(price, is_line=True)

    def proof(self, counts: Sequence[Decimal | None], prices: Sequence[Decimal | None]) -> str | None:
        """`piece` where products cost the same in any quantity, `line` where they cost in proportion; else None."""
        product = self.roles.get("product_id")
        if product is None:
            return None
        seen: dict[str, set[tuple[Decimal, Decimal]]] = defaultdict(set)
        for name, n, p in zip(self.sample.columns[product], counts, prices, strict=True):
            if n and p:
                seen[name].add((abs(n), abs(p)))
        several = [pairs for pairs in seen.values() if len({n for n, _ in pairs}) > 1]
        piece = sum(1 for pairs in several if len({p for _, p in pairs}) == 1)
        line = sum(1 for pairs in several if len({round(p / n, 2) for n, p in pairs}) == 1)
        if piece >= max(1, NEARLY_ALL * len(several)) and piece > line:
            return "piece"
        return "line" if line >= max(LEAST_PROOFS, NEARLY_ALL * len(several)) and line > piece else None

    def product_of(self, price: str, quantity: str | None) -> None:
        """The price times the quantity, less the discount if that is what the user says."""
        if quantity is None:
            self.of_lines(price, is_line=True)
            return
        made = f"{self.name(quantity)} * {self.name(price)}"
        self.used += [price]
        types = {price: f"decimal(18,{max(4, self.decimals(price))})"}
        if off := self.roles.get("discount"):
            meanings = {
                "line": f"{off} is money, taken off the line",
                "percent": f"{off} is a percentage of the line",
                "none": f"{off} is already taken off the price",
            }
            how = self.choices.choose("discount", f"What does the column {off} mean?", meanings)
            if how != "none":
                self.used.append(off)
                types[off] = "decimal(18,4)"
                less = f"coalesce({self.name(off)}, 0)"
                made = f"{made} - {less}" if how == "line" else f"{made} * (1 - {less} / 100)"
        self.columns["amount"] = made
        types[quantity] = "decimal(18,3)"
        self.settings["types"] = types
        self.reasons["types"] = "what is calculated with needs a type"
        if self.decimals(price) > 2 or self.decimals(quantity) > 0:
            self.round(price)

    def round(self, column: str) -> None:
        self.settings["rounding"] = "half_up"
        self.reasons["rounding"] = f"{column} has more than two decimals, or makes such: each line is rounded to cents"

    def decimals(self, name: str) -> int:
        """The most digits behind the mark that a cell of a column has."""
        found = [value for value in set(self.values(name)) if value is not None]
        return max((-int(value.normalize().as_tuple().exponent) for value in found), default=0)

    def is_of_order(self, amount: str) -> bool:
        """Whether all lines of each order have the same amount, and orders differ in it."""
        order = self.roles.get("order_id")
        if order is None:
            return False
        seen: dict[str, list[Decimal | None]] = defaultdict(list)
        for number, value in zip(self.sample.columns[order], self.values(amount), strict=True):
            seen[number].append(value)
        several = [values for values in seen.values() if len(values) > 1]
        same = sum(1 for values in several if len(set(values)) == 1)
        return len(several) >= LEAST_ORDERS and same == len(several) and len({v[0] for v in several}) > 1


def near(one: Decimal, other: Decimal) -> bool:
    return abs(abs(one) - abs(other)) <= CENT
