"""What `init` proposes: the settings of a source of files, with a reason for each, from a sample of its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from vitalfew.cli.init import readings, vocabulary
from vitalfew.cli.init.choices import Choices
from vitalfew.cli.init.money import Money
from vitalfew.cli.init.roles import Columns
from vitalfew.cli.init.sample import Sample
from vitalfew.config import presets
from vitalfew.config.files import FileSource
from vitalfew.config.json_names import JSON
from vitalfew.config.sql_names import literal
from vitalfew.errors import ConfigError, hint
from vitalfew.procedures.ingest import suspicions

IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
WHOLE = re.compile(r"[0-9]+([.]0)?")
RATE = re.compile(r"\d+([.]\d+)?")
LEAST_LISTS = 0.3
MARKS = (";", "|")
FEW = 20


@dataclass
class Proposal:
    """The settings of a source with a reason for each; `currency`, of the target; and what the user should know."""

    settings: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    currency: str | None = None
    notes: list[str] = field(default_factory=list)

    def say(self, key: str, value: Any, reason: str = "") -> None:
        self.settings[key] = value
        if reason:
            self.reasons[key] = reason


def quoted(name: str, is_json: bool = False) -> str:
    """The name of a column as an expression holds it."""
    if IDENTIFIER.fullmatch(name) or (is_json and all(map(IDENTIFIER.fullmatch, name.split(".")))):
        return name
    return f"`{name}`"


def preset_of(sample: Sample) -> str | None:
    """The published layout whose columns the files have; None where they have those of none."""
    found: list[tuple[int, str]] = []
    for name in presets.known():
        about = presets.about(name)
        if about.get("source") != "order_lines":
            continue
        source = FileSource.model_validate({"at": "x", "preset": name, "time_zone": "UTC"})
        if source.format == sample.settings["format"] and not {*source.own_used} - {*source.absent} - {*sample.header}:
            found.append((len(source.own_used), name))
    return max(found)[1] if found else None


def propose(sample: Sample, choices: Choices, preset: str | None = None) -> Proposal:
    """The settings that read files like `sample`; what is open stays in `choices`."""
    found = Proposal()
    name = preset or preset_of(sample)
    if name:
        return of_preset(name, sample, choices, found)
    columns = Columns(sample)
    roles = columns.settled(choices)
    columns.need(roles)
    for key, value in sample.settings.items():
        found.say(key, value)
    found.settings["columns"] = {}
    Mapped(sample, columns, roles, choices, found).fill()
    return found


def of_preset(name: str, sample: Sample, choices: Choices, found: Proposal) -> Proposal:
    found.say("preset", name, "the columns of the files are those of this published layout")
    about = presets.about(name)
    for key, value in sample.settings.items():
        if value != about.get(key, "csv"):
            found.say(key, value)
    if "time_zone" in about.get("needs", []):
        language = vocabulary.language_of(sample.header)
        ask_zone(choices, found, "The times carry an offset or are UTC. In which time zone is the shop?", language)
    money = next((name for name in sample.header if vocabulary.plain(name) == "currency"), None)
    if money is not None:
        codes = readings.distinct(sample.cells(money))
        found.currency = codes[0] if len(codes) == 1 and re.fullmatch("[A-Z]{3}", codes[0]) else None
    return found


def ask_zone(choices: Choices, found: Proposal, question: str, language: str, likely: str | None = None) -> None:
    example = readings.ZONES.get(language, ("Europe/London",))[0]
    zone = choices.choose("time_zone", f"{question} (such as {example})", {}, likely)
    if zone and zone not in available_timezones():
        raise ConfigError(f"{zone} is not a time zone; {hint(zone, available_timezones())}")
    if zone:
        found.say("time_zone", zone, "times with an offset are brought to this clock")


@dataclass
class Mapped:
    """One sample on its way to a proposal."""

    sample: Sample
    columns: Columns
    roles: Mapping[str, str]
    choices: Choices
    found: Proposal

    @property
    def ours(self) -> dict[str, str]:
        mapped: dict[str, str] = self.found.settings["columns"]
        return mapped

    def name(self, column: str) -> str:
        return quoted(column, self.sample.settings["format"] in JSON)

    def fill(self) -> None:
        steps: tuple[Callable[[], None], ...] = (
            self.order, self.customer, self.product, self.time, self.money, self.currency, self.kinds, self.flags,
            self.ids, self.rest, self.unused,
        )  # fmt: skip
        for step in steps:
            step()

    def order(self) -> None:
        if "order_id" in self.roles:
            self.ours["order_id"] = self.name(self.roles["order_id"])
        elif self.list_mark(self.roles.get("product_id")) or "customer_id" not in self.roles:
            self.found.say("order_is", "row", "no column names an order: each row is one")
        else:
            why = "no column names an order: what one customer buys at one time is one"
            self.found.say("order_is", "customer_and_moment", why)

    def customer(self) -> None:
        column = self.roles.get("customer_id", "")
        if column and any("@" in cell for cell in self.sample.cells(column)):
            self.by_address(column)
        elif column:
            self.ours["customer_id"] = self.name(self.roles["customer_id"])
            share = 1 - len(self.sample.cells(self.roles["customer_id"])) / max(1, self.sample.rows)
            if share > 0:
                self.found.notes.append(f"{share:.0%} of the rows name no customer: they count in totals alone")
        elif "contact" in self.roles:
            self.by_address(self.roles["contact"])
        else:
            self.found.notes.append("no column names a customer: what is said of customers has no answer")

    def by_address(self, column: str) -> None:
        """Customers known by a hash of their e-mail address, which itself comes into no table."""
        self.ours["customer_id"] = f"left(sha2(lower(trim({self.name(column)})), 256), 32)"
        self.found.say("hide", [column], "contact details are shown in no message")
        self.found.notes.append(
            "customers are known by a hash of their e-mail address, which whoever has the address can compute"
        )

    def list_mark(self, column: str | None) -> str | None:
        """What stands between several products in one cell; None where each cell holds one."""
        cells = self.sample.cells(column) if column else []
        return next((mark for mark in MARKS if sum(mark in c for c in cells) > LEAST_LISTS * len(cells)), None)

    def product(self) -> None:
        column = self.roles.get("product_id")
        if column is None:
            self.ours["product_id"] = "'any'"
            self.found.notes.append("no column names a product: what is bought together has no answer")
            return
        self.ours["product_id"] = self.name(column)
        mark = self.list_mark(column)
        if mark is None:
            return
        meanings = {"spread": "the money of a line is that of the whole basket", "each": "it is that of each product"}
        asked = f"The column {column} holds several products in a cell. What does the money of a line mean?"
        how = self.choices.choose("basket_money", asked, meanings, "spread")
        items = {"column": column, "split": mark, **({} if how == "spread" else {"amount": how})}
        self.found.say("items", items, "several products stand in a cell: each becomes a row")

    def time(self) -> None:
        column = self.roles["ordered_at"]
        cells = self.sample.cells(column)
        self.ours["ordered_at"] = self.name(column)
        self.missing(cells)
        ways = self.columns.times(column)
        if not ways:
            raise ConfigError(f"The column {column} holds no times that can be read, such as {cells[:1]}.")
        likely = readings.DAY_FIRST if self.columns.language not in ("en", "ja", "zh", "ko") else None
        example = next((cell for cell in cells if not readings.MISSING.fullmatch(cell)), "")
        meaning = {first: f"{example} is {forms[0]}" for first, forms in ways.items() if forms}
        short = {first.split(" ")[0]: told for first, told in meaning.items()}
        first = next(iter(ways))
        if len(ways) > 1:
            asked = f"All times of the column {column} can be read in two ways, such as {example}. Which comes first?"
            answer = self.choices.choose("dates", asked, short, likely.split(" ")[0] if likely else None)
            first = f"{answer} first"
        else:
            self.choices.used.add("dates")
        if forms := ways[first]:
            self.found.say("timestamp_formats", list(forms), f"such as {example}")
        if offsets := readings.offsets(cells):
            zone = readings.zone_of(cells, self.columns.language)
            asked = f"The times carry an offset ({', '.join(offsets[:3])}). In which time zone is the shop?"
            ask_zone(self.choices, self.found, asked, self.columns.language, zone)
        else:
            self.choices.used.add("time_zone")

    def missing(self, cells: list[str]) -> None:
        texts = readings.missing_in(cells)
        known = self.found.settings.get("missing", [])
        if texts:
            merged = [*known, *[text for text in texts if text not in known]]
            self.found.say("missing", merged, "texts that stand for a missing value")

    def money(self) -> None:
        money = Money(self.sample, self.columns, self.roles, self.choices, self.name)
        money.decide("items" in self.found.settings)
        for column in money.used:
            self.missing(self.sample.cells(column))
        for key, value in money.settings.items():
            self.found.say(key, value, money.reasons.get(key, ""))
        self.ours.update(money.columns)
        self.found.notes += money.notes

    def currency(self) -> None:
        self.choices.used.add("currency")
        if "currency" in self.roles:
            self.currency_column(self.roles["currency"])
            return
        used = [name for name in self.sample.header if self.name(name) in self.ours.get("amount", "")]
        signs = readings.distinct(sign for name in used for sign in readings.money_signs(self.sample.cells(name)))
        named = [code for name in used if (code := readings.currency_in_name(name))]
        codes = signs or readings.distinct(named)
        if len(codes) > 1:
            raise ConfigError(
                f"The money is in several currencies: {', '.join(codes)}. Sums of them mean nothing: write the "
                "currency into a column of its own, and run init again."
            )
        answer = self.choices.given.get("currency", codes[0] if codes else "")
        if re.fullmatch("[A-Z]{3}", answer):
            self.found.currency = answer
        elif codes:
            self.found.notes.append(f"the sign {codes[0]} stands for several currencies: say --answer currency=CODE")

    def currency_column(self, column: str) -> None:
        self.ours["currency"] = self.name(column)
        codes = readings.distinct(cell.upper() for cell in self.sample.cells(column))
        if len(codes) == 1:
            self.found.currency = codes[0] if re.fullmatch("[A-Z]{3}", codes[0]) else None
        if len(codes) < 2 or len(codes) > FEW:
            return
        meanings = {code: f"everything is converted to {code}" for code in codes}
        wanted = self.choices.choose(
            "currency", "The money is in several currencies. Which is that of the sums?", meanings
        )
        rates = {}
        for code in codes:
            if code != wanted:
                rate = self.choices.choose(f"rate_{code}", f"How much {wanted} is one {code}? (such as 0.92)", {})
                if rate and not RATE.fullmatch(rate):
                    raise ConfigError(f"--answer rate_{code}={rate}: it must be a number such as 0.92.")
                rates[code] = rate
        self.found.currency = wanted
        self.found.say("currency", wanted, "the sums are in this currency")
        self.found.say("rates", rates, f"what one of each is worth in {wanted}")

    def kinds(self) -> None:
        """Which lines are returns, and which are refused as cancelled, by a column of states."""
        column = self.roles.get("status")
        if column is None:
            return
        values = readings.distinct(self.sample.cells(column))
        if len(values) > FEW:
            return
        returned = [v for v in values if vocabulary.RETURNS.search(vocabulary.plain(v))]
        gone = [v for v in values if vocabulary.CANCELLED.search(vocabulary.plain(v)) and v not in returned]
        if returned:
            rule = {"when": self.is_one_of(column, returned), "sign": "positive_in_file"}
            self.found.say("returns", rule, "their quantity and amount become negative, if they are not")
        if gone:
            self.reject("cancelled", self.is_one_of(column, gone))

    def flags(self) -> None:
        """Which lines are returns, and which are refused as cancelled, by a column that says yes or no."""
        for column in self.sample.header:
            if column in self.roles.values():
                continue
            said = vocabulary.plain(column)
            is_return, is_gone = vocabulary.RETURNS.search(said), vocabulary.CANCELLED.search(said)
            condition = self.says_yes(column) if is_return or is_gone else None
            if condition is None:
                continue
            if is_return and "returns" not in self.found.settings:
                rule = {"when": condition, "sign": "positive_in_file"}
                self.found.say("returns", rule, "their quantity and amount become negative, if they are not")
                self.found.notes.append(f"{column} is taken for the mark of a return: look whether it is")
            elif is_gone and not is_return:
                self.reject("cancelled", condition)
                self.found.notes.append(f"{column} is taken for the mark of a cancelled line: look whether it is")

    def says_yes(self, column: str) -> str | None:
        """When a column says yes, where it says yes, no or nothing in every row; None of another column.

        Where no row of the sample says yes, nobody knows how it would: then what does not say no.
        """
        values = readings.distinct(self.sample.cells(column))
        yes, no = ([v for v in values if v.strip().lower() in words] for words in (vocabulary.YES, vocabulary.NO))
        if not values or len(yes) + len(no) < len(values):
            return None
        return self.is_one_of(column, yes) if yes else f"{self.name(column)} not in ({', '.join(map(literal, no))})"

    def unused(self) -> None:
        """Names the columns of which nothing comes into the tables."""
        of_columns = [*self.ours.values(), *map(str, self.found.settings.get("reject", {}).values())]
        others = {key: value for key, value in self.found.settings.items() if key not in ("columns", "types", "reject")}
        said = " ".join([*map(str, of_columns), str(others)])
        left = [name for name in self.sample.header if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)]
        if left:
            self.found.notes.append(f"not used: {', '.join(left)}")

    def reject(self, reason: str, condition: str) -> None:
        known = self.found.settings.get("reject", {})
        self.found.say("reject", {**known, reason: condition}, "refused, and counted in quarantine")

    def ids(self) -> None:
        """What a program for numbers has put behind ids, and rows that are called a total where an id should stand."""
        for ours in ("order_id", "customer_id", "product_id"):
            cells = readings.distinct(self.sample.cells(self.roles[ours])) if ours in self.roles else []
            if any(cell.endswith(".0") for cell in cells) and all(map(WHOLE.fullmatch, cells)):
                normalise = {**self.found.settings.get("normalise", {}), ours: ["whole"]}
                self.found.say("normalise", normalise, "a program took these for numbers: 12.0 is 12")
            totals = [cell for cell in cells if cell.strip(" :").lower() in suspicions.TOTALS]
            if totals and ours != "product_id":  # a product may have this name
                self.reject("a total", self.is_one_of(self.roles[ours], totals))

    def is_one_of(self, column: str, values: list[str]) -> str:
        return f"{self.name(column)} in ({', '.join(map(literal, values))})"

    def rest(self) -> None:
        if "channel" in self.roles:
            self.ours["channel"] = self.name(self.roles["channel"])
        columns = [self.sample.columns[name] for name in self.sample.header]
        start = same = 0
        for rows in self.sample.per_file:
            lines = list(zip(*[cells[start : start + rows] for cells in columns], strict=True))
            same += rows - len(set(lines))
            start += rows
        if same:
            self.found.notes.append(
                f"{same:,} rows are equal to another row of their file. They count, as a second piece would; if they "
                "are copies, write copies: exact"
            )
