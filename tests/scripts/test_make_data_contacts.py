"""The generated contacts: who is one person is planted, and written in several ways."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from generated import Made, generated
from generator.world import World
from pyspark.sql import SparkSession

from vitalfew.storage import contracts
from vitalfew.tables.sources import CONTACTS


@pytest.fixture(scope="module")
def made(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with generated(spark, tmp_path_factory.mktemp("generated"), World(20_000, seed=2, dirty=0)) as made:
        yield made


def test_contacts_keep_their_contract(made: Made) -> None:
    written = made.spark.table("contacts")
    assert {f.name: f.dataType.simpleString() for f in written.schema} == {c.name: c.type for c in CONTACTS.declared}
    assert all(written.where(contracts.broken(rule)).count() == 0 for rule in contracts.rules(CONTACTS))
    assert contracts.repeated_keys(written, CONTACTS) is None


def test_accounts_of_one_person_share_a_contact_and_no_others_but_those_at_the_switchboard(made: Made) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in made.rows("select * from contacts where value not in ('n/a', '000000000')"):
        owners[plain(row["value"])].add(row["customer_id"])
    shared = {value: people for value, people in owners.items() if len(people) > 1}
    (switchboard,) = [value for value, people in shared.items() if len(people) > 5]
    assert switchboard == "+4315000000"
    person = {row["customer_id"]: row["person_id"] for row in made.rows("select * from truth_identities")}
    pairs = [people for value, people in shared.items() if value != switchboard]
    assert all(len({person[customer] for customer in people}) == 1 for people in pairs)
    linked = {customer for people in pairs for customer in people}
    assert linked == person.keys()
    assert Counter(Counter(person.values()).values()).keys() == {2, 3}


def plain(value: str) -> str:
    """By hand, what is the same however it is written."""
    text = re.sub(r"\(0\)|[ /-]", "", value.lower())
    return re.sub(r"^0043|^0(?=664)", "+43", text)


def test_firms_say_what_they_are_and_persons_do_not(made: Made) -> None:
    of_firms = made.rows(
        "select legal_form, company_size, line_of_business from customers where legal_form is not null"
    )
    everybody = made.value("select count(*) from customers")
    assert all(None not in row for row in of_firms)
    assert 0.01 < len(of_firms) / everybody < 0.09
