"""Accounts that are one person, and those who only look like it."""

from __future__ import annotations

import pytest
from persons import Persons

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.customer360.tables import IDENTITIES
from vitalfew.jobs.customer360.transform import Customer360Params
from vitalfew.storage.delta import Storage

CONTACTS = """
    customer_id | kind       | value
    ann         | email      | ann@mail.example
    anna        | email      | ANN@mail.example
    anna        | phone      | +43 664 1234567
    anne        | phone      | 0664 1234567
    bob         | phone      | 0664 7654321
    cat         | membership | M-0001
    dog         | membership | m0001
    dog         | email      | n/a
    bob         | email      | n/a
"""


@pytest.fixture(scope="module")
def persons(running: Engine, frame: Frame, tmp_path_factory: pytest.TempPathFactory) -> Persons:
    return Persons(frame, Storage(running, Target(root=str(tmp_path_factory.mktemp("identities")))).stage)


def test_accounts_are_joined_over_others_and_each_says_by_what(persons: Persons) -> None:
    found = persons.run(contacts=CONTACTS, given={"country_code": "43"})
    assert found.joined == {"ann": "ann", "anna": "ann", "anne": "ann", "cat": "cat", "dog": "cat"}
    rules = {row["customer_id"]: (row["rule"], row["links"], row["accounts"]) for row in found.identities}
    assert rules == {
        "ann": ("email", 1, 3),
        "anna": ("email", 2, 3),  # the surer of the two
        "anne": ("phone", 1, 3),
        "bob": (None, 0, 1),
        "cat": ("membership", 1, 2),
        "dog": ("membership", 1, 2),
    }
    assert {row["person_id"]: row["accounts"] for row in found.persons} == {"ann": 3, "bob": 1, "cat": 2}
    assert found.doubts == []


def test_what_joined_can_be_undone_by_account_and_by_evidence(persons: Persons) -> None:
    apart = persons.run(contacts=CONTACTS, given={"country_code": "43", "keep_apart": ("anna",)})
    assert apart.joined == {"cat": "cat", "dog": "cat"}
    evidence = next(row["evidence"] for row in apart.identities if row["customer_id"] == "cat")
    given = {"country_code": "43", "distrusted": (evidence,)}
    assert "cat" not in persons.run(contacts=CONTACTS, given=given).joined
    assert persons.run(contacts=CONTACTS, given={"join_by": ()}).joined == {}
    assert persons.run(contacts=CONTACTS, given={"join_by": ("phone",)}).joined == {}  # 0664 and +43 664 differ


def test_no_contact_value_is_in_any_result(persons: Persons) -> None:
    found = persons.run(contacts=CONTACTS)
    for rows in (found.persons, found.touches, found.identities, found.doubts, found.coverage):
        assert not any(
            text in str(value).lower() for row in rows for value in row.values() for text in ("mail.ex", "664", "m0001")
        )


def test_one_phone_on_every_account_joins_nobody_and_is_reported(persons: Persons) -> None:
    everybody = "customer_id | kind | value\n" + "\n".join(f"c{i:03d} | phone | +43 1 5000000" for i in range(500))
    found = persons.run(contacts=everybody)
    assert found.joined == {}
    (doubt,) = found.doubts
    assert (doubt["subject"], doubt["rule"], doubt["accounts"], doubt["is_merged"]) == (
        "identifier",
        "phone",
        500,
        False,
    )
    assert (doubt["reason_code"], doubt["action_code"]) == ("shared", "review_identifier")
    assert doubt["reason"] == "shared by too many accounts"
    assert len(persons.run(contacts=everybody, given={"most_accounts": 500}).joined) == 500


def test_a_chain_of_accounts_is_one_person_of_too_many(persons: Persons) -> None:
    links = [f"c{i + end:03d} | email | link{i}@mail.example" for i in range(60) for end in (0, 1)]
    found = persons.run(contacts="customer_id | kind | value\n" + "\n".join(links))
    assert set(found.joined.values()) == {"c000"}
    assert [(d["subject"], d["subject_id"], d["reason"], d["accounts"]) for d in found.doubts] == [
        ("person", "c000", "many accounts", 61)
    ]


def test_persons_of_two_birth_dates_or_genders_are_reported(persons: Persons) -> None:
    profile = """
        customer_id | is_registered | birth_date | gender
        ann         | true          | 1980-05-01 | female
        anna        | true          | 2001-02-03 | female
        cat         | true          | 1990-01-01 | male
        dog         | true          | 1990-01-01 | female
        bob         | true          | ~          | ~
    """
    found = persons.run(contacts=CONTACTS, profile=profile)
    assert sorted((d["subject_id"], d["reason"]) for d in found.doubts) == [
        ("ann", "birth dates differ"),
        ("cat", "genders differ"),
    ]
    assert {(d["reason_code"], d["action_code"]) for d in found.doubts} == {
        ("birth_dates_differ", "maybe_family"),
        ("genders_differ", "maybe_couple"),
    }
    assert all(d["is_merged"] and d["action"].startswith("Perhaps a ") for d in found.doubts)


def test_settings_that_contradict_each_other_are_refused_together() -> None:
    with pytest.raises(ValueError, match="keep_apart names one twice; seldom_on_promotion"):
        Customer360Params(keep_apart=("a", "a"), seldom_on_promotion=0.5)


def test_the_declaration_holds_that_who_is_joined_says_by_what() -> None:
    assert "(accounts = 1) = (rule is null)" in IDENTITIES.always
