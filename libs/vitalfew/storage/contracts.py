"""Hold every frame to its table's contract: results before they are written, sources before they are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.identifiers import SAID, exact_rules, identifiers
from vitalfew.dataframes.local_tables import local_rows
from vitalfew.dataframes.masking import masked, masked_batches
from vitalfew.dataframes.schemas import schema
from vitalfew.dataframes.staging import Stage
from vitalfew.errors import QualityError
from vitalfew.messages.sentences import closed_values
from vitalfew.storage import local_rules, staged_files
from vitalfew.storage.source_mapping import ORIGINALS, ROUNDED
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE

EXAMPLES = 5
CODES = ("order_id", "product_id", "line_id", "file_digest")
CENT = Decimal("0.01")
MONEY = "decimal(18,2)"  # the type of money in sources
MOST_MONEY = Decimal(2**63 - 1) / 100  # sums are held in cents


@dataclass(frozen=True)
class Reconciliation:
    """Where the input rows, and their money, went: in = used + duplicate + quarantined + suppressed."""

    rows_in: int = 0
    rows_used: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    money_in: Decimal = Decimal(0)
    money_used: Decimal = Decimal(0)
    money_duplicate: Decimal = Decimal(0)
    money_quarantined: Decimal = Decimal(0)
    rows_placeholder: int = 0
    """Rows in which a placeholder stood for a customer, a product or a contact."""
    money_rounded: Decimal = Decimal(0)
    """How much more the rows used were worth before each was rounded to cents."""
    rows_suppressed: int = 0
    """Rows of customers who were forgotten."""
    money_suppressed: Decimal = Decimal(0)


def rounding_warning(source: str, account: Reconciliation, rounding: str | None) -> str:
    """A sentence where money lost a cent or more by rounding, and nobody has said that it is to be rounded."""
    if rounding or abs(account.money_rounded) < CENT:
        return ""
    return (
        f"{source}: rounding each line to cents changed the money by {-account.money_rounded:,.4f}; say "
        "`rounding: half_up` where that is right"
    )


def rules(table: Table) -> list[str]:
    """What must hold of every row, as SQL conditions."""
    closed = [
        f"{name} is null or {name} in ({', '.join(map(repr, values))})" for name, values in closed_values(table).items()
    ]
    return [f"{name} is not null" for name in table.required] + closed + list(table.always) + exact_rules(table)


def broken(rule: str) -> Column:
    """True where `rule` does not hold, or cannot be told."""
    return ~F.coalesce(F.expr(rule), F.lit(False))


def conform(frame: DataFrame, table: Table, as_of: date | None, stage: Stage) -> tuple[DataFrame, int]:
    """`frame` in the declared columns and types, staged, and its rows; QualityError with all that is broken."""
    held = placed(frame, table, as_of, stage)
    if held is None:
        dated = frame if table.slice != "as_of" else frame.drop("as_of").select(F.lit(as_of).alias("as_of"), "*")
        held = stage(dated) if stage.asks_late else dated
    types = stage.types(held)
    if absent := [name for name in table.columns if name not in types]:
        raise QualityError(f"{table.name} was not written: the result lacks the column {', '.join(absent)}.")
    if extra := sorted(set(types) - set(table.columns)):
        raise QualityError(f"{table.name} was not written: the result has undeclared columns: {', '.join(extra)}.")
    typed = in_form(held, types, table)
    if not stage.asks_late:
        typed = stage(typed)
    rows = staged_files.rows(stage.files(typed))
    if rows == 0:
        return typed, 0
    few = staged_files.few(stage.files(typed))
    if rows is not None and few is not None and local_rules.keeps(few, table) and has_distinct_keys(few, table):
        return typed, rows
    checks = rules(table)
    counted = typed.agg(
        F.count(F.lit(1)).alias("rows"), *[F.count_if(broken(rule)).alias(f"c{i}") for i, rule in enumerate(checks)]
    ).collect()[0]
    failed = [
        f"{rule}: {counted[f'c{i}']} of {counted['rows']} rows break it{examples(typed.where(broken(rule)), table)}"
        for i, rule in enumerate(checks)
        if counted[f"c{i}"]
    ]
    if repeated := repeated_keys(typed, table):
        failed.append(repeated)
    if failed:
        raise QualityError(f"{table.name} was not written; the old rows stay as they were:\n  " + "\n  ".join(failed))
    return typed, int(counted["rows"])


def placed(frame: DataFrame, table: Table, as_of: date | None, stage: Stage) -> DataFrame | None:
    """A frame that this process made of rows, staged by it, without the engine; None where that cannot be."""
    rows = local_rows(frame)
    if rows is None or stage.place is None:
        return None
    dated = [{"as_of": as_of, **row} for row in rows] if table.slice == "as_of" else rows
    held = staged_files.of_rows(dated, table)
    return None if held is None else stage.place(held, schema(table.types))


def in_form(frame: DataFrame, types: Mapping[str, str], table: Table) -> DataFrame:
    """`frame`, of these types by column, in the declared columns and types; itself, where it has them already."""
    wanted = [(column.name, column.type) for column in table.declared]
    if [*types.items()] == wanted:
        return frame
    return frame.select(*[F.col(name).cast(type_).alias(name) for name, type_ in wanted])


def has_distinct_keys(few: pa.Table, table: Table) -> bool:
    """Whether no key occurs twice among a `few` rows; False where that cannot be told here.

    A query would take tens of milliseconds, and on Spark half a second.
    """
    if not table.key or few.num_rows < 2:
        return True
    keys = few.select(list(table.key))
    if any(pa.types.is_nested(type_) for type_ in keys.schema.types):
        return False  # Arrow groups by no lists
    return bool(keys.group_by(list(table.key)).aggregate([]).num_rows == few.num_rows)


def repeated_keys(frame: DataFrame, table: Table) -> str | None:
    """A sentence about keys that occur more than once; None where there are none, or the table has no key."""
    if not table.key:
        return None
    hashed = frame.withColumn("hash", F.xxhash64(*table.key))  # by a number first: half the work where keys are texts
    suspects = hashed.groupBy("hash").agg(F.count(F.lit(1)).alias("rows")).where("rows > 1").select("hash")
    if not collect_rows(suspects.limit(1), "hashes of repeated keys"):
        return None
    suspected = hashed.join(suspects, on="hash", how="left_semi")
    repeated = suspected.groupBy(*table.key).agg(F.count(F.lit(1)).alias("rows")).where("rows > 1")
    some = collect_rows(repeated.limit(EXAMPLES), "repeated keys")
    if not some:
        return None
    return f"key ({', '.join(table.key)}): {repeated.count()} values occur more than once{show(some, table)}"


def examples(frame: DataFrame, table: Table) -> str:
    return "" if table.is_owner_only else show(collect_rows(frame.limit(EXAMPLES), "examples"), table)


def show(found: Sequence[object], table: Table) -> str:
    """Some rows, for a message; none of a table that is for its owner alone, and no contact detail."""
    return "" if table.is_owner_only else ", such as " + "; ".join(masked(str(row))[:300] for row in found)


def door(frame: DataFrame, table: Table, job: str, stage: Stage) -> tuple[DataFrame, DataFrame | None, Reconciliation]:
    """The rows of a source that keep its contract; those that do not, as quarantine; and the account of both.

    A key that repeats is kept once: the least row in the order of its columns. QualityError for more money than fits.
    """
    checks = rules(table)
    amount = F.col("amount") if "amount" in table.columns else F.lit(None).cast("decimal(18,2)")
    bad = F.lit(False)
    for rule in checks:
        bad = bad | broken(rule)
    lost = F.col(ROUNDED) if ROUNDED in frame.columns else F.lit(0).cast("decimal(28,8)")
    repeats = extra_rows(frame, table)
    counted = frame.agg(
        F.count(F.lit(1)).alias("rows"),
        F.sum(amount).alias("money"),
        F.count_if(bad).alias("bad"),
        F.sum(F.when(bad, amount)).alias("bad_money"),
        F.sum(F.when(~bad, lost)).alias("lost"),
        *[F.sum(F.when(~bad, F.abs(name))).alias(f"moved_{name}") for name in money_of(table)],
    ).collect()[0]
    refuse_too_much(table, {name: counted[f"moved_{name}"] or Decimal(0) for name in money_of(table)})
    money, bad_money = counted["money"] or Decimal(0), counted["bad_money"] or Decimal(0)
    account = Reconciliation(
        rows_in=counted["rows"],
        rows_used=counted["rows"] - counted["bad"] - repeats,
        rows_quarantined=counted["bad"] + repeats,
        money_in=money,
        money_used=money - bad_money,
        money_quarantined=bad_money,
        money_rounded=counted["lost"] or Decimal(0),
    )
    if not account.rows_quarantined:
        return without_originals(frame), None, account
    shortened = zip(identifiers(table), exact_rules(table), strict=True)
    reasons = F.concat_ws(
        "; ",
        *absences(table),
        *[F.when(broken(rule), f"not: {rule}") for rule in table.always],
        *[F.when(broken(rule), f"{name} {SAID}") for name, rule in shortened],
    )
    refused = quarantined(frame.where(bad), table, job, reasons, amount)
    good = without_originals(frame.where(~bad))
    if repeats:
        good, copies = once_per_key(stage(good), table)
        refused = refused.unionByName(quarantined(copies, table, job, F.lit("its key repeats"), amount))
    return good, refused, account


def door_of_changes(
    frame: DataFrame, came: DataFrame, gone: DataFrame, table: Table, job: str, stage: Stage, before: Reconciliation
) -> tuple[DataFrame, Reconciliation] | None:
    """The rows that `came` to a source that kept its contract `before`, and the account of all of it, the `frame`.

    Only they are held to it; None where one of them breaks it, or two rows may have one key.
    """
    if table.key:
        return None
    good, refused, added = door(came, table, job, stage)
    if refused is not None:
        return None
    _, _, taken = door(gone, table, job, stage)
    sums = frame.agg(*[F.sum(F.abs(name)).alias(name) for name in money_of(table)]).collect()[0]
    refuse_too_much(table, {name: sums[name] or Decimal(0) for name in money_of(table)})
    return good, balance(before, added, taken)


def balance(before: Reconciliation, added: Reconciliation, taken: Reconciliation) -> Reconciliation:
    """`before` with what was `added`, less what was `taken`."""
    names = Reconciliation.__dataclass_fields__
    return Reconciliation(**{n: getattr(before, n) + getattr(added, n) - getattr(taken, n) for n in names})


def without_originals(frame: DataFrame) -> DataFrame:
    extra = [name for name in (ORIGINALS, ROUNDED) if name in frame.columns]
    return frame.drop(*extra) if extra else frame


def money_of(table: Table) -> list[str]:
    """The columns that hold money, which the facts sum."""
    return [column.name for column in table.declared if column.type == MONEY]


def refuse_too_much(table: Table, moved: Mapping[str, Decimal]) -> None:
    """QualityError where a column of money, without its signs, sums to more than a sum can hold."""
    for name, total in moved.items():
        if total > MOST_MONEY:
            raise QualityError(
                f"{table.name}: the values of {name}, without their signs, sum to {total:,.2f}, and sums hold no more "
                f"than {MOST_MONEY:,.2f}. If single ones are wrong, leave them out (`where` under "
                f"sources.{table.name} in the target's file); if the unit is very small, map {' and '.join(moved)} to "
                f"a larger one, as in {name} / 1000."
            )


def absences(table: Table) -> list[Column]:
    """A sentence for every required column that is NULL: what is no value of its type has become so on the way here."""
    types = {name: table.type_of(name) for name in table.required}
    said = {name: "" if type_ == "string" else f", or is no {type_}" for name, type_ in types.items()}
    return [F.when(F.col(name).isNull(), f"{name} is missing{more}") for name, more in said.items()]


def extra_rows(frame: DataFrame, table: Table) -> int:
    """How many rows, among those that keep the contract, have a key that another row has too."""
    if not table.key:
        return 0
    held = frame
    for rule in rules(table):
        held = held.where(~broken(rule))
    counts = held.groupBy(*table.key).agg((F.count(F.lit(1)) - 1).alias("more"))
    return int(counts.agg(F.coalesce(F.sum("more"), F.lit(0)).alias("more")).collect()[0]["more"])


def once_per_key(frame: DataFrame, table: Table) -> tuple[DataFrame, DataFrame]:
    """The least row of every key, and the others."""
    others = [name for name in table.columns if name not in table.key]
    listed = frame.groupBy(*table.key).agg(F.sort_array(F.collect_list(F.struct(*others))).alias("all_rows"))
    kept = listed.select(*table.key, F.col("all_rows")[0].alias("kept")).select(*table.key, "kept.*")
    rest = listed.select(*table.key, F.explode(F.slice("all_rows", 2, F.size("all_rows"))).alias("kept"))
    return kept.select(*table.columns), rest.select(*table.key, "kept.*").select(*table.columns)


def quarantined(frame: DataFrame, table: Table, job: str, reason: Column, amount: Column) -> DataFrame:
    """`frame` as rows of the quarantine table; a value that could not be cast, as it came, where that is known."""
    nothing = F.lit(None)
    came = frame.select(f"{ORIGINALS}.*").columns if ORIGINALS in frame.columns else []
    shown = [
        F.coalesce(F.col(name).cast("string"), *[F.col(f"{ORIGINALS}.{name}")] * (name in came)).alias(name)
        for name in table.columns
        if not table.is_private
    ]
    shape = {
        "source": F.lit(table.name),
        "job": F.lit(job),
        "file": nothing,
        "digest": nothing,
        "line": nothing,
        "reason": reason,
        "amount": amount,
        "content": F.to_json(F.struct(*shown)) if shown else F.lit("{}"),
    }
    typed = frame.select(*[shape[c.name].cast(c.type).alias(c.name) for c in QUARANTINE.declared])
    return without_contacts(typed, codes(table))


def without_contacts(refused: DataFrame, codes: frozenset[str]) -> DataFrame:
    """Rows of the quarantine whose content is masked; `codes` are the columns with codes of the shop."""
    return refused.mapInArrow(lambda batches: masked_batches(batches, "content", codes), QUARANTINE.types)


def codes(table: Table) -> frozenset[str]:
    """The columns that hold numbers, times, or codes of the shop: a run of digits in them reaches nobody."""
    return frozenset(c.name for c in table.declared if c.type != "string" or c.name in CODES)
