"""Files of `campaigns` that hold persons who are forgotten: which they are, and that they go.

Which they are is known without a contact: by the customers of `campaign_customers`. A file whose rows of that table
are gone is found by its text: the contacts, in each form in which a platform is given them.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.campaigns.platforms import all_forms
from vitalfew.jobs.campaigns.tables import CAMPAIGN_CUSTOMERS, CAMPAIGN_FILES, WRITTEN
from vitalfew.procedures.campaigns import folder
from vitalfew.procedures.forget import scan
from vitalfew.procedures.forget.persons import Persons
from vitalfew.procedures.forget.scan import Wanted
from vitalfew.storage.delta import Storage

SHORTEST_HASH = 32  # digits of an MD5; a telephone number may stand elsewhere as another number


def folder_of(storage: Storage) -> Path | None:
    """Where campaign files are; None where there are none."""
    found = folder.of_target(storage.target)
    return found if found is not None and found.is_dir() else None


def holding(storage: Storage, persons: Persons) -> set[str]:
    """The files that held one of `persons`, by day and name; of rows of a table, the name of the table."""
    if not (storage.exists(CAMPAIGN_CUSTOMERS) and storage.exists(CAMPAIGN_FILES)):
        return set()
    mine: DataFrame = storage.read(CAMPAIGN_CUSTOMERS).where(F.col("outcome_code") == WRITTEN)
    mine = mine.join(persons.frame(storage.spark), on="customer_id", how="left_semi")
    days = mine.select("as_of", "campaign").distinct()
    files = storage.read(CAMPAIGN_FILES).select("as_of", "campaign", "file")
    found = collect_rows(files.join(days, on=["as_of", "campaign"], how="inner"), "campaign files")
    return {f"{row['as_of']}/{row['file']}" for row in found}


def untold(storage: Storage) -> list[str]:
    """Days of which there are files and no rows of campaign_customers, as after `expire`: who is in them is not known.

    They are searched for the contacts of today alone, and for ids.
    """
    at = folder_of(storage)
    if at is None:
        return []
    days = sorted(day.name for day in at.iterdir() if folder.is_ours(day) and (day / folder.MANIFEST).is_file())
    rows = storage.read_or_empty(CAMPAIGN_CUSTOMERS).select("as_of").distinct()
    known = {str(row["as_of"]) for row in collect_rows(rows, "days of campaign files")}
    return [
        f"campaign files of {day}: no table says any more who is in them. Ids and the contacts of today were looked "
        "for, and not those that a customer had earlier; remove the folder if it is not needed"
        for day in days
        if day not in known
    ]


def hashes(storage: Storage, persons: Persons) -> tuple[str, ...]:
    """Of the contacts of `persons`, all hashes that a campaign file may hold; none where there are no such files."""
    if not storage.exists(CAMPAIGN_FILES):
        return ()
    every = forms(storage, persons)
    return tuple(sorted(each for each in every if len(each) >= SHORTEST_HASH and "@" not in each))


def forms(storage: Storage, persons: Persons) -> set[str]:
    country = storage.target.country
    return {form for value in persons.contacts for form in all_forms(value, country)}


def removed(storage: Storage, persons: Persons, known: Collection[str]) -> set[str]:
    """The files that held one of `persons`, `known` or found by what is in them; they are gone.

    What else lies in the folder is not ours to remove; what a killed run has left goes as a whole.
    """
    at = folder_of(storage)
    if at is None:
        return set()
    folder.put_back(at)
    wanted = Wanted(persons.customers, (*persons.contacts, *forms(storage, persons)), persons.hashes)
    gone = set()
    written = {day: (day / folder.MANIFEST).is_file() for day in at.iterdir() if folder.is_ours(day)}
    for path in sorted(each for day in written for each in day.iterdir() if each.is_file()):
        name = str(path.relative_to(at))
        if name in known or (written[path.parent] and scan.place(path, wanted)):
            path.unlink()
            gone.add(name)
    return gone
