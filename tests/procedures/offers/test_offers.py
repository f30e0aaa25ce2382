"""`vitalfew run offers`: each step of a delay is answered once, whatever comes, in whatever order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from situations import MOMENT, Waiting, ago, now, word

from vitalfew.engines.engine import Engine


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    return Waiting(tmp_path, running, monkeypatch)


@pytest.mark.both_engines
def test_each_step_of_a_delay_gets_one_offer_and_a_delay_that_is_shortened_keeps_it(shop: Waiting) -> None:
    shop.say(word("ann", 50, ago(30)), word("bob", 20, ago(30)))
    shop.answer()
    assert shop.made() == {("LH1", "ann", 1): "apology"}
    shop.say(word("ann", 30, ago(20)))
    shop.say(word("ann", 95, ago(10)), word("bob", 46, ago(10)))
    shop.answer()
    after = {("LH1", "ann", 1): "apology", ("LH1", "ann", 2): "meal_voucher", ("LH1", "bob", 1): "apology"}
    assert shop.made() == after
    shop.answer()
    assert shop.made() == after


def test_rows_late_out_of_order_or_twice_make_the_same_steps(shop: Waiting) -> None:
    shop.say(word("ann", 100, ago(30)), word("ann", 50, ago(60)), word("ann", 100, ago(30)), word("ann", 100, ago(30)))
    shop.answer()
    told = {("LH1", "ann", 1): "passed_over", ("LH1", "ann", 2): "offered"}
    assert shop.steps() == told
    shop.say(word("ann", 60, ago(45)), word("ann", 100, ago(30)))
    shop.answer()
    assert shop.steps() == told


def test_a_correction_counts_before_the_offer_is_made_also_where_the_delay_comes_later(shop: Waiting) -> None:
    shop.say(word("ann", 100, ago(30)), word("ann", 10, ago(20)), word("bob", 10, ago(20)))
    shop.answer()
    assert shop.steps() == {("LH1", "ann", 1): "corrected", ("LH1", "ann", 2): "corrected"}
    shop.say(word("bob", 60, ago(30)))
    shop.answer()
    assert shop.steps()["LH1", "bob", 1] == "corrected", "ten minutes were said after the sixty"
    shop.say(word("ann", 140, ago(10)))
    shop.answer()
    assert shop.made() == {("LH1", "ann", 3): "meal_voucher"}


def test_who_a_customer_is_decides_what_is_offered_and_the_reason_says_so(shop: Waiting) -> None:
    shop.theirs(
        "customers", pa.schema({"customer_id": pa.string(), "is_member": pa.bool_()}), [["bob", True], ["bob", True]]
    )
    shop.rfm(ann="Champions", bob="Lost")
    shop.say(word("ann", 50), word("bob", 50), word("cid", 50))
    shop.say(word("ann", 500), kind="outage")
    shop.consent(("sms", "granted", "ann"))
    shop.answer()
    rows = {(r[0], r[1]): r[2:] for r in shop.rows("offers", "customer_id", "offer", "reason_code", "reason") if r[1]}
    assert {key: code for key, (code, _) in rows.items()} == {
        ("ann", "lounge"): "segment",
        ("bob", "points"): "attribute",
        ("cid", "apology"): "everybody",
        ("ann", "credit"): "everybody",
    }
    assert rows["ann", "lounge"][1] == (
        "Flight delay of 50 minutes, step 1: access to the lounge, as the customer belongs to Champions."
    )


def test_consent_and_caps_count_when_the_offer_is_made(shop: Waiting) -> None:
    shop.consent(("push", "withdrawn", "bob"))
    shop.say(word("ann", 50), word("bob", 50), word("dan", 50))
    shop.answer("contact_cap=1")
    assert shop.steps() == {
        ("LH1", "ann", 1): "offered",
        ("LH1", "bob", 1): "withdrawn",
        ("LH1", "dan", 1): "no_consent",
    }
    shop.consent(("push", "granted", "dan"))
    shop.say(word("ann", 50, event="LH2"), word("dan", 50, event="LH2"), word("dan", 50, event="LH3"))
    shop.answer("contact_cap=1")
    told = shop.steps()
    assert (told["LH2", "ann", 1], told["LH2", "dan", 1], told["LH3", "dan", 1]) == ("cap", "offered", "cap")
    assert told["LH1", "dan", 1] == "no_consent", "what was withheld stays so"
    contacts = pa.schema({**dict.fromkeys(("customer_id", "action", "arm"), pa.string()), "assigned_at": MOMENT})
    contacts = contacts.append(pa.field("reached_at", MOMENT))
    shop.theirs(
        "treatments", contacts, [["cid", "call", "a", ago(90), ago(60)], ["ann", "call", "control", *[ago(9)] * 2]]
    )
    shop.say(word("cid", 50, event="LH4"), word("ann", 50, event="LH4"))
    shop.answer("contact_cap=2")
    assert shop.steps()["LH4", "cid", 1] == "offered"
    shop.say(word("cid", 50, event="LH5"), word("ann", 50, event="LH5"))
    shop.answer("contact_cap=2")
    assert (shop.steps()["LH5", "cid", 1], shop.made()["LH4", "ann", 1]) == ("cap", "apology")
    shop.say(word("ann", 50, event="LH6"))
    shop.answer("contact_cap=0")
    assert shop.steps()["LH6", "ann", 1] == "cap"


def test_a_shop_without_consents_offers_nothing_until_somebody_answers_for_it(shop: Waiting) -> None:
    shutil.rmtree(shop.root / "theirs" / "consents")
    shop.names()
    assert "There is no table situations" in shop.refused(3, "run", "offers")
    shop.say(word("ann", 50))
    assert "There is no table consents" in shop.refused(3, "run", "offers")
    assert not shop.rows("offers")
    shop.answer("assume_consent=true")
    assert shop.made() == {("LH1", "ann", 1): "apology"}


def test_rows_that_cannot_be_true_are_counted_and_the_others_are_answered(shop: Waiting) -> None:
    bad = [
        word(None, 50),
        word("", 50),
        word("ann", 50, event=None),
        word("ann", None),
        word("ann", float("nan")),
        word("ann", float("inf")),
        word("ann", 1e12),
        word("ann", 50, ago(-3000)),
    ]
    shop.say(*bad, word("ann", -90), word("ann", float("-inf")), word("bob", 2880), word("ann", 44.9))
    shop.say(word("ann", 50), kind="strike")
    said = shop.answer()
    assert "9 of 13 rows of situations were not used" in said
    assert "no_rules: 1" in said
    assert "too_many_minutes: 2" in said
    assert shop.made() == {("LH1", "bob", 6): "meal_voucher"}, "no more than most_steps"
    [row] = shop.rows("offer_batches", "rows_in", "rows_refused", "offered", "withheld")
    assert row == (13, 9, 1, 5)


def test_what_was_said_long_ago_gets_no_offer_and_quiet_hours_move_what_can_wait(shop: Waiting) -> None:
    shop.say(word("ann", 50, ago(60 * 60)))
    shop.consent(("sms", "granted", "bob"))
    midnight = now().replace(hour=0, minute=30, second=0)
    shop.say(word("bob", 500, midnight), kind="outage")
    shop.answer()
    assert shop.steps()["LH1", "ann", 1] == "too_late"
    [row] = [row for row in shop.rows("offers", "offer", "send_from") if row[0]]
    assert row == ("credit", midnight.replace(hour=8, minute=0, tzinfo=None))


def test_what_is_answered_late_goes_out_after_the_quiet_hours_of_the_day_on_which_it_is(shop: Waiting) -> None:
    shop.consent(("sms", "granted", "bob"))
    shop.names(time_zone="UTC")
    shop.say(word("bob", 500, ago(26 * 60).replace(hour=0, minute=30)), kind="outage")
    shop.answer("quiet_from=1", "quiet_until=0")
    [(_, sent, made)] = [row for row in shop.rows("offers", "offer", "send_from", "made_at") if row[0]]
    assert sent >= made.replace(microsecond=0)
    assert sent.hour == 0


def test_rows_that_are_written_again_updated_or_compacted_make_no_offer_twice(shop: Waiting) -> None:
    shop.say(word("ann", 50), word("bob", 100))
    shop.answer()
    had = shop.rows("offers")
    version = DeltaTable(shop.at).version()
    DeltaTable(shop.at).update(updates={"minutes_lost": "minutes_lost + 1"}, predicate="customer_id = 'ann'")
    shop.answer()
    shop.say(word("cid", 10))
    DeltaTable(shop.at).optimize.compact()
    DeltaTable(shop.at).delete("customer_id = 'bob'")
    shop.answer()
    shop.say(word("ann", 50), word("bob", 100), word("cid", 50), mode="overwrite")
    assert DeltaTable(shop.at).version() == version + 5
    shop.answer()
    assert [row for row in shop.rows("offers") if row[2] != "cid"] == had
    assert shop.made()["LH1", "cid", 1] == "apology"
    states = [row[0] for row in shop.rows("offer_batches", "is_whole")]
    assert states.count(True) == 1, "after the first batch only what came was read"


def test_what_vacuum_took_before_it_was_read_is_refused_and_not_skipped(shop: Waiting) -> None:
    shop.say(word("ann", 50))
    shop.answer()
    shop.say(word("bob", 50))
    shop.say(word("cid", 50), mode="overwrite")
    DeltaTable(shop.at).vacuum(0, enforce_retention_duration=False, dry_run=False)
    for _ in range(2):
        told = shop.refused(3, "run", "offers")
        assert "was removed (vacuum)" in told
        assert "--set reread=true" in told
    assert ("LH1", "cid", 1) not in shop.steps()
    shop.answer("reread=true")
    assert set(shop.made()) == {("LH1", "ann", 1), ("LH1", "cid", 1)}
    shop.say(word("bob", 50))
    shop.say(word("bob", 95))
    newest = DeltaTable(shop.at)
    newest.create_checkpoint()
    (shop.at / "_delta_log" / f"{newest.version() - 1:020}.json").unlink()
    assert "of its log was removed" in shop.refused(3, "run", "offers")


def test_another_table_in_its_place_and_offers_that_were_taken_away_are_read_whole(shop: Waiting) -> None:
    shop.say(word("ann", 50))
    shop.answer()
    shutil.rmtree(shop.at)
    shop.say(word("bob", 50))
    shop.answer()
    assert set(shop.made()) == {("LH1", "ann", 1), ("LH1", "bob", 1)}
    shutil.rmtree(shop.root / "offers")
    shop.answer()
    assert set(shop.made()) == {("LH1", "bob", 1)}


def test_tables_whose_files_are_not_their_rows_are_answered_too(shop: Waiting) -> None:
    shop.say(word("ann", 50), partition_by=["kind"])
    shop.answer()
    shop.say(word("bob", 50))
    shop.answer()
    assert set(shop.made()) == {("LH1", "ann", 1), ("LH1", "bob", 1)}
    assert shop.rows("offer_batches", "is_whole") == [(True,), (True,)]


def test_columns_may_have_any_names_and_times_another_zone(shop: Waiting) -> None:
    given = {"wér ist's": ["ann"], "flug-nr": ["LH1"], "minutes.late": [60], "at-zeit": [now()]}
    write_deltalake(shop.at, pa.table(given), mode="append")
    columns = {
        "customer_id": "`wér ist's`",
        "event_id": "`flug-nr`",
        "minutes_lost": "`minutes.late`",
        "changed_at": "`at-zeit`",
        "kind": "'flight_delay'",
    }
    shop.names(columns=columns, time_zone="Asia/Shanghai")
    shop.answer()
    write_deltalake(shop.at, pa.table({**given, "minutes.late": [100]}), mode="append")
    shop.answer()
    assert set(shop.made()) == {("LH1", "ann", 1), ("LH1", "ann", 2)}
    assert shop.rows("offer_batches", "is_whole") == [(False,), (True,)]


def test_who_was_forgotten_gets_no_offer_and_has_no_row(shop: Waiting) -> None:
    shop.say(word("ann", 50), word("bob", 50))
    shop.answer()
    said = shop.run("forget", "ann")
    assert "offers" in said.text, said.text
    shop.say(word("ann", 95), word("bob", 95))
    shop.answer("reread=true")
    assert set(shop.made()) == {("LH1", "bob", 1), ("LH1", "bob", 2)}
    assert {row[1] for row in shop.steps()} == {"bob"}
    assert max(shop.rows("offer_batches", "batch", "rows_suppressed"))[1] == 2
