"""Two files that belong together: what the files of orders say of an order, beside each of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.config.file_rules import Join
from vitalfew.config.files import FileSource
from vitalfew.dataframes.collect import collect_rows
from vitalfew.errors import TableError
from vitalfew.procedures.ingest import new_files, raw_rows
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.new_files import NewFile
from vitalfew.storage.delta import Storage
from vitalfew.white_space import visible

SHOWN = 3
KEY, FOUND = "__key", "__found"
UNMET = "is in no file of `join`"


def other_side(intake: Intake, join: Join) -> FileSource:
    """The files that are joined, as a source of their own: the columns that are used of them."""
    wanted = {*intake.source.joined.values(), *join.keys.values()}
    reading = {name: getattr(join, name) for name in Join.READING}
    return FileSource(
        **reading, missing=intake.source.missing, columns={f"c{i}": f"`{n}`" for i, n in enumerate(sorted(wanted))}
    )


def with_joined(lines: DataFrame, intake: Intake, side: DataFrame | None) -> DataFrame:
    """`lines` with the cells of the joined files, and in `__malformed` why a line meets none of their rows."""
    join = intake.source.join
    if join is None or side is None:
        return lines
    keyed = lines.select("*", key_of([intake.cells[name] for name in join.keys]).alias(KEY))
    found = keyed.join(side, on=KEY, how="left")
    lacks = F.col("__malformed").isNull() & F.col(FOUND).isNull()
    why = F.when(lacks, f"{', '.join(join.keys)} {UNMET}").otherwise(F.col("__malformed"))
    return found.select(
        *[why.alias(name) if name == "__malformed" else F.col(name) for name in lines.columns],
        *intake.joined_cells.values(),
    )


def key_of(columns: Sequence[str]) -> Column:
    """The cells of a key as one text; NULL where one is missing."""
    return F.concat(*[part for name in columns for part in (F.length(name).cast("string"), F.lit(":"), F.col(name))])


def sources_of(intake: Intake, join: Join) -> dict[str, FileSource]:
    """The files that are joined, by the name of their source."""
    return {intake.table.name: other_side(intake, join).model_copy(update={"at": join.at})}


def files_of(storage: Storage, intake: Intake) -> tuple[NewFile, ...]:
    """The files that are joined, if any are; TableError where there are none."""
    join = intake.source.join
    if join is None:
        return ()
    files = tuple(new_files.every(storage.spark, sources_of(intake, join)).get(intake.table.name, ()))
    if not files:
        raise TableError(f"files.{intake.table.name}.join: there is no file at {join.at}.")
    return files


def side_of(storage: Storage, intake: Intake, files: tuple[NewFile, ...]) -> DataFrame | None:
    """The joined cells of each key once, where files are joined; TableError where they say different things of one."""
    join = intake.source.join
    if join is None:
        return None
    sources = sources_of(intake, join)
    side = replace(intake, source=sources[intake.table.name], files=files)
    raw = storage.stage(raw_rows.as_text(storage.spark, side))
    refuse_malformed(raw, intake, files)
    named = {name: F.col(side.cells[theirs]) for name, theirs in intake.source.joined.items()}
    rows = raw.select(
        "__file",
        "__line",
        key_of([side.cells[name] for name in join.keys.values()]).alias(KEY),
        *[column.alias(intake.joined_cells[name]) for name, column in named.items()],
    ).where(F.col(KEY).isNotNull())
    distinct = rows.groupBy(KEY, *intake.joined_cells.values()).agg(F.min(F.struct("__file", "__line")).alias("__at"))
    refuse_ambiguous(distinct, intake, join, files)
    new_files.unchanged(storage.spark, sources, {intake.table.name: files})
    return storage.stage(distinct.select(KEY, *intake.joined_cells.values(), F.lit(True).alias(FOUND)))


def refuse_malformed(raw: DataFrame, intake: Intake, files: Sequence[NewFile]) -> None:
    """TableError where a row of the joined files cannot be read: its lines would meet nothing."""
    bad = raw.where("__malformed is not null").select("__file", "__line", "__malformed").orderBy("__file", "__line")
    found = collect_rows(bad.limit(SHOWN), "joined rows that cannot be read")
    if found:
        told = "; ".join(f"{files[file].drop.name}, row {line} {why}" for file, line, why in found)
        raise TableError(f"files.{intake.table.name}.join: {told}. Nothing was written: mend these files.")


def refuse_ambiguous(distinct: DataFrame, intake: Intake, join: Join, files: Sequence[NewFile]) -> None:
    """TableError where two rows of the joined files have one key and say different things."""
    of_key = Window.partitionBy(KEY)
    twice = distinct.select(
        KEY,
        F.count(F.lit(1)).over(of_key).alias("n"),
        F.min("__at").over(of_key).alias("a"),
        F.max("__at").over(of_key).alias("b"),
    ).where("n > 1")
    found = collect_rows(twice.distinct().orderBy("a").limit(SHOWN), "keys of joined files that stand twice")
    if not found:
        return
    told = "; ".join(
        " and ".join(f"{files[at[0]].drop.name}, row {at[1]}" for at in (row["a"], row["b"])) for row in found
    )
    raise TableError(
        f"files.{intake.table.name}.join: {', '.join(join.keys.values())} is to name one row, and rows with the same "
        f"one say different things: {told}. Nothing was written: keep one of each, or say a longer key in `on`."
    )


def told(storage: Storage, intake: Intake, side: DataFrame | None, known: DataFrame) -> list[str]:
    """Sentences on lines that meet no row of the joined files, and on rows there that meet no line."""
    join = intake.source.join
    if join is None or side is None:
        return []
    keys = ", ".join(map(visible, join.keys))
    is_lost = F.coalesce(F.col("__reason").contains(UNMET), F.lit(False))
    lost, lines = collect_rows(known.agg(F.count_if(is_lost), F.count(F.lit(1))), "lines that meet no order")[0]
    found = []
    if lost:
        found.append(
            f"{lost:,} of {lines:,} lines have a {keys} that {UNMET}, and are refused; when it has come: vitalfew run "
            f"ingest --reread {intake.table.name}"
        )
    if intake.is_fresh or not storage.exists(intake.table):
        own = known.select(key_of([intake.cells[name] for name in join.keys]).alias(KEY), F.lit(True).alias("__is_met"))
        met = side.join(own.where(F.col(KEY).isNotNull()).distinct(), on=KEY, how="left")
        sums = met.agg(F.count_if(F.col("__is_met").isNull()), F.count(F.lit(1)))
        alone, of = collect_rows(sums, "orders without lines")[0]
        if alone:
            found.append(f"{alone:,} of {of:,} rows of `join` have no line")
    return found
