"""Small groups: a planted one, a naive second implementation of each customer's row, and inputs that are odd."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from statistics import mean
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, Row, SparkSession
from staged import staged

from vitalfew.domain.small_groups import without_small_groups
from vitalfew.jobs.clusters.tables import CLUSTERS
from vitalfew.jobs.customer360.tables import CUSTOMER360, IDENTITIES
from vitalfew.jobs.lifecycle.tables import CUSTOMER_STAGES
from vitalfew.jobs.micro_segments.coding import band_ends, band_names, cap
from vitalfew.jobs.micro_segments.outputs import outcome
from vitalfew.jobs.micro_segments.params import ATTRIBUTES, CIRCULAR, TARGETS, MicroSegmentsParams
from vitalfew.jobs.micro_segments.people import people
from vitalfew.jobs.micro_segments.report import REPORT, left_out
from vitalfew.jobs.micro_segments.report import tested_line as line_of_tests
from vitalfew.jobs.micro_segments.tables import CUSTOMER_MICRO_SEGMENTS, MICRO_SEGMENT_TARGETS, MICRO_SEGMENTS, TABLES
from vitalfew.jobs.micro_segments.transform import micro_segments
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, PURCHASE_FORECAST
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.messages.message import Message
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.report.sections import Asked
from vitalfew.tables import Table
from vitalfew.tables.facts import CUSTOMER_PROFILE

AS_OF = date(2026, 1, 1)
READS: dict[str, Table] = {
    "rfm": RFM,
    "customer_profile": CUSTOMER_PROFILE,
    "clusters": CLUSTERS,
    "next_purchase": NEXT_PURCHASE,
    "purchase_forecast": PURCHASE_FORECAST,
    "customer_stages": CUSTOMER_STAGES,
    "identities": IDENTITIES,
    "customer360": CUSTOMER360,
}
Rows = list[dict[str, Any]]


def frame_of(table: Table, rows: Iterable[Mapping[str, Any]], spark: SparkSession) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in rows], types)


def run(
    spark: SparkSession, tables: Mapping[str, Rows], params: MicroSegmentsParams, words: Words = ENGLISH
) -> dict[str, DataFrame]:
    """The tables, each row of which keeps its contract."""
    frames = {name: frame_of(table, tables.get(name, []), spark) for name, table in READS.items()}
    made = micro_segments(**frames, params=params, as_of=AS_OF, stage=staged, words=words)
    known = {table.name: staged(frame) for table, frame in zip(TABLES, made, strict=True)}
    for table in TABLES:
        frame = known[table.name]
        assert frame.columns == [name for name in table.columns if name != table.slice]
        broken = " or ".join(f"not coalesce(({rule}), false)" for rule in table.always)
        missing = " or ".join(f"{name} is null" for name in table.required if name != table.slice)
        assert not frame.where(f"{broken} or {missing}").limit(1).collect()
    return known


def rows_of(known: Mapping[str, DataFrame], table: Table) -> Rows:
    return [row.asDict() for row in known[table.name].collect()]


def bought(who: str, spend: float, segment: str = "Loyal", orders: int = 4) -> dict[str, Any]:
    money = Decimal(str(round(spend, 2)))
    each = Decimal(str(round(spend / orders, 2)))
    return {"customer_id": who, "segment": segment, "monetary": money, "average_order_value": each, "frequency": orders}


class Shop:
    """Customers of four regions, two sizes and some of whom nothing is known. Two people in the north spend more: by

    `extra`. The segment follows from spend, so that it must not be looked at. Three things more say nothing.
    """

    def __init__(self, seed: int, customers: int, extra: float) -> None:
        rng, other = random.Random(seed), random.Random(seed)
        self.rfm: Rows = []
        self.profile: Rows = []
        self.special: set[str] = set()
        for place in range(customers):
            who = f"c{place}"
            region, size = rng.choice(["north", "south", "east", "west"]), rng.choice(["1", "2", None])
            member = rng.choice([True, False])
            spend = max(-50.0, rng.gauss(400, 100))
            if (region, size) == ("north", "2"):
                self.special.add(who)
                spend += extra
            orders = rng.randint(1, 6)
            segment = "Champions" if spend > 420 else "Lost"
            self.rfm.append(bought(who, spend, segment, orders))
            self.profile.append(
                {"customer_id": who, "region": region, "household_size": size, "is_member": member, "gender": "f"}
                | {name: other.choice("abcde") for name in IDLE}
            )

    @property
    def tables(self) -> dict[str, Rows]:
        return {"rfm": self.rfm, "customer_profile": self.profile}


TELLING = ("household_size", "region", "is_member")
IDLE = ("income_band", "age_band", "occupation")
PARAMS = MicroSegmentsParams(min_customers=30, targets=("spend", "average_order_value"))


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(3, 900, 250.0)


@pytest.fixture(scope="module")
def known(shop: Shop, spark: SparkSession) -> dict[str, DataFrame]:
    return run(spark, shop.tables, PARAMS)


@pytest.mark.both_engines
def test_a_planted_group_is_found_named_and_confirmed(shop: Shop, known: dict[str, DataFrame]) -> None:
    groups = [row for row in rows_of(known, MICRO_SEGMENTS) if row["target"] == "spend"]
    (planted,) = [row for row in groups if row["depth"] == 2 and row["verdict"] == "confirmed"]
    assert planted["conditions"] == {"region": "north", "household_size": "2"}
    assert planted["name"] == "household size: 2, region: north"
    assert planted["customers"] == len(shop.special)
    assert planted["direction"] == "higher"
    assert planted["difference_low"] < 250 < planted["difference_high"]  # though hundreds of groups do not differ
    assert 200 < planted["difference_shrunk"] < planted["confirmed_difference"]
    assert planted["action_code"] == "spend_higher"
    own = sum(row["monetary"] for row in shop.rfm if row["customer_id"] in shop.special)
    assert planted["spend"] == own
    assert float(planted["value_at_stake"]) == pytest.approx(planted["difference_shrunk"] * planted["customers"], abs=1)
    assert not any("is_member" in row["conditions"] for row in groups)


def test_what_is_made_of_the_same_figures_is_left_out_and_said(known: dict[str, DataFrame]) -> None:
    assert not any("segment" in row["conditions"] for row in rows_of(known, MICRO_SEGMENTS))
    targets = {row["target"]: row for row in rows_of(known, MICRO_SEGMENT_TARGETS)}
    assert targets["spend"]["attributes"] == [name for name in ATTRIBUTES if name in (*IDLE, *TELLING)]
    assert targets["spend"]["excluded_attributes"] == [name for name in ATTRIBUTES if name in CIRCULAR["spend"]]
    assert targets["spend"]["outcome"] == "confirmed"
    assert targets["spend"]["within_customer"] is None


def test_each_customer_has_a_group_or_the_segment_and_the_own_figure(shop: Shop, known: dict[str, DataFrame]) -> None:
    """Against plain loops: the smallest confirmed group, else the segment; order values are drawn to it by orders."""
    groups = [row for row in rows_of(known, MICRO_SEGMENTS) if row["verdict"] == "confirmed"]
    targets = {row["target"]: row for row in rows_of(known, MICRO_SEGMENT_TARGETS)}
    profile = {row["customer_id"]: row for row in shop.profile}
    columns = {"spend": "monetary", "average_order_value": "average_order_value"}
    rows = rows_of(known, CUSTOMER_MICRO_SEGMENTS)
    assert len(rows) == 2 * len(shop.rfm)
    found = {(row["customer_id"], row["target"]): row for row in rows}
    for target, column in columns.items():
        top = targets[target]["cap"]
        capped = {row["customer_id"]: min(float(row[column]), top) for row in shop.rfm}
        for row in shop.rfm:
            who = row["customer_id"]
            said = {name: str(value).lower() for name, value in profile[who].items() if value is not None}
            mine = [
                group
                for group in groups
                if group["target"] == target
                and all(said.get(name, "unknown") == value for name, value in group["conditions"].items())
            ]
            each = found[who, target]
            smallest = min(mine, key=lambda group: group["customers"], default=None)
            assert each["micro_segment"] == (smallest["micro_segment"] if smallest else None)
            assert each["level"] == ("group" if smallest else "segment")
            alike = smallest["mean"] if smallest else None
            if alike is None:
                alike = mean(capped[one["customer_id"]] for one in shop.rfm if one["segment"] == row["segment"])
            assert each["reference_mean"] == pytest.approx(alike, abs=0.01)
            assert each["customer_figure"] == pytest.approx(float(row[column]))
            if target == "spend":
                assert each["own_weight"] is None
                assert each["expected_figure"] == each["customer_figure"]
                continue
            between, within = targets[target]["between_customers"] ** 2, targets[target]["within_customer"] ** 2
            weight = between / (between + within / row["frequency"])
            assert each["own_weight"] == pytest.approx(weight, abs=1e-5)
            assert each["expected_figure"] == pytest.approx(alike + weight * (capped[who] - alike), abs=0.02)


def test_the_order_of_rows_changes_nothing_and_chinese_says_the_same(
    shop: Shop, known: dict[str, DataFrame], spark: SparkSession
) -> None:
    rng = random.Random(5)
    mixed = {name: rng.sample(rows, len(rows)) for name, rows in shop.tables.items()}
    again = run(spark, mixed, PARAMS, Words("zh"))
    before, after = (rows_of(each, MICRO_SEGMENTS) for each in (known, again))
    words = ("name", "action")
    assert [{k: v for k, v in row.items() if k not in words} for row in before] == [
        {k: v for k, v in row.items() if k not in words} for row in after
    ]
    assert any(row["name"] == "家庭人数：2、地区：north" for row in after)
    for table in (MICRO_SEGMENT_TARGETS, CUSTOMER_MICRO_SEGMENTS):
        assert sorted(map(str, rows_of(known, table))) == sorted(map(str, rows_of(again, table)))


def test_the_page_says_it_in_both_languages_and_hides_groups_of_few(known: dict[str, DataFrame]) -> None:
    for words, says in ((ENGLISH, "region: north"), (Words("zh"), "地区：north")):
        asked = Asked(None, AS_OF, words)
        (section,) = REPORT.sections(known, asked)
        said = [line.text.text(words) for line in section.facts if isinstance(line.text, Message)]
        assert any(says in text for text in said)
        (drawn,) = REPORT.evidence(known, asked)
        assert drawn.charts[0].rows
        assert "**" in drawn.answer.text(words)
    (section,) = REPORT.sections(known, Asked(None, AS_OF, min_group=2000))
    assert not any(line.code == "group" for line in section.facts)
    (drawn,) = REPORT.evidence(known, Asked(None, AS_OF, min_group=2000))
    assert not drawn.charts
    assert drawn.answer.text(ENGLISH).startswith("**Some small groups** differ")


def test_a_row_speaks_of_halves_and_is_hidden_where_one_is_small(known: dict[str, DataFrame]) -> None:
    halves = [min(row["found_customers"], row["confirmed_customers"]) for row in rows_of(known, MICRO_SEGMENTS)]
    _, gone, _ = without_small_groups(known["micro_segments"], MICRO_SEGMENTS, min(halves) + 1)
    assert gone == halves.count(min(halves))


def test_the_page_says_which_figures_were_not_looked_at_by_all_that_is_known() -> None:
    """Spend by nothing, as only habits are known."""
    row = {"excluded_attributes": ["segment"], "tested_groups": 0, "listed_groups": 0, "confirmed_groups": 0}
    tested = [
        Row(target="spend", outcome="no_attributes", **row),
        Row(target="gap_days", outcome="no_figures", **row),
        Row(target="discount_share", outcome="none_found", **row | {"excluded_attributes": [], "tested_groups": 3}),
    ]
    (line,) = left_out(tested)
    assert isinstance(line.text, Message)
    assert line.text.text(ENGLISH).startswith("spend: attributes")
    assert not left_out(tested[:2])


def test_where_everybody_has_the_same_figure_it_is_not_said_that_customers_are_too_few() -> None:
    assert outcome(400, ["region"], 0, 0, 0, least=50, is_one=True) == "all_equal"
    row = Row(target="spend", outcome="all_equal", tested_groups=0, listed_groups=0, confirmed_groups=0)
    said = line_of_tests([row]).text
    assert isinstance(said, Message)
    assert said.text(ENGLISH) == "there is no figure in which customers differ"


def outcomes(known: Mapping[str, DataFrame]) -> dict[str, str]:
    return {row["target"]: row["outcome"] for row in rows_of(known, MICRO_SEGMENT_TARGETS)}


def test_odd_inputs_are_answered(spark: SparkSession) -> None:
    """Nobody, one customer, everybody alike in one segment with money below zero, and no attribute at all."""
    assert outcomes(run(spark, {}, PARAMS)) == {"spend": "no_figures", "average_order_value": "no_figures"}
    one = run(spark, {"rfm": [bought("ann", 5)]}, PARAMS)
    assert outcomes(one) == {"spend": "too_few", "average_order_value": "too_few"}
    assert not rows_of(one, CUSTOMER_MICRO_SEGMENTS)
    assert rows_of(one, MICRO_SEGMENT_TARGETS)[0]["mean"] is None
    alike = run(spark, {"rfm": [bought(f"c{place}", -3) for place in range(80)]}, PARAMS)
    assert outcomes(alike) == {"spend": "no_attributes", "average_order_value": "no_attributes"}
    rows = rows_of(alike, CUSTOMER_MICRO_SEGMENTS)
    assert {row["level"] for row in rows} == {"everybody"}
    assert {row["expected_figure"] for row in rows if row["target"] == "spend"} == {-3.0}
    (section,) = REPORT.sections(alike, Asked(None, AS_OF))
    assert any(
        "nothing that is known of customers" in str(line.text.text(ENGLISH))
        for line in section.facts
        if isinstance(line.text, Message)
    )


def test_every_table_gives_its_attributes_and_figures(spark: SparkSession) -> None:
    """Stages of known milestones alone, bands of rhythm; shares by the segment."""
    rng = random.Random(1)
    tables: dict[str, Rows] = {name: [] for name in READS}
    for place in range(240):
        who, gap = f"c{place}", float(rng.randint(3, 40))
        segment = rng.choice(["Champions", "Lost"])
        tables["rfm"].append(bought(who, rng.gauss(400, 100), segment))
        tables["clusters"].append({"customer_id": who, "cluster": rng.randint(1, 2)})
        tables["next_purchase"].append(
            {"customer_id": who, "status": "overdue", "gap_days": gap, "age_weeks": gap, "p_return_90": rng.random()}
            | {"repeats": 4}
        )
        tables["purchase_forecast"].append({"customer_id": who, "horizon_days": 90, "expected_value": Decimal(place)})
        stage = {"ladder": "mother_and_baby", "source": "known" if place % 3 else "inferred"}
        tables["customer_stages"].append({"customer_id": who, "stage": rng.choice(["infant", "toddler"]), **stage})
        tables["identities"].append({"customer_id": who, "person_id": who})
        share = 0.7 if segment == "Lost" else 0.2
        tables["customer360"].append(
            {
                "person_id": who,
                "promotion_share": min(1.0, max(0.0, rng.gauss(share, 0.1))),
                "priced_purchases": rng.randint(1, 30),
            }
        )
    params = MicroSegmentsParams(min_customers=30, targets=(*TARGETS, "expected_value"), bands=2)
    known = run(spark, tables, params)
    (first, *_) = [row for row in rows_of(known, MICRO_SEGMENTS) if row["target"] == "discount_share"]
    assert first["name"] in ("segment: Lost", "segment: Champions")
    assert first["verdict"] == "confirmed"
    targets = {row["target"]: row for row in rows_of(known, MICRO_SEGMENT_TARGETS)}
    assert targets["discount_share"]["attributes"] == ["segment", "cluster", "rhythm", "tenure", "stage"]
    assert targets["spend"]["attributes"] == ["stage"]
    assert {row["customers"] for row in targets.values()} == {240}
    assert {*outcomes(known).values()} <= {"confirmed", "none_found", "none_confirmed"}


def odd_shop() -> dict[str, Rows]:
    """Persons of two accounts each. A third have bought once: they have no channel of their own, as it happens, no gap,

    and half of their purchases are on promotion, where those of others hardly are. Babies, and members who are gone,
    have smaller orders. Of some regions somebody wrote that they are not known.
    """
    rng = random.Random(2)
    tables: dict[str, Rows] = {name: [] for name in READS}
    for person in range(300):
        once, gone, baby = person % 3 == 0, rng.random() < 0.3, rng.random() < 0.3
        region = rng.choice(["north", "south", "Unknown", "未知", None])
        spend = rng.gauss(100, 15) - 40 * baby - 40 * gone
        share = min(1.0, max(0.0, rng.gauss(0.5 if once else 0.1, 0.05)))
        channel = None if once else rng.choice(["web", "shop"])
        status, repeats = "lapsed" if gone else rng.choice(["on schedule", "overdue", "unknown"]), 0 if once else 4
        first = f"p{person}"
        tables["customer360"].append({"person_id": first, "promotion_share": share, "priced_purchases": 5})
        for who in (first, f"{first}-again"):
            tables["identities"].append({"customer_id": who, "person_id": first})
            tables["rfm"].append(bought(who, spend, orders=1))
            tables["customer_profile"].append({"customer_id": who, "region": region, "favourite_channel": channel})
            tables["next_purchase"].append(
                {"customer_id": who, "status": status, "gap_days": 20.0 + repeats, "repeats": repeats, "age_weeks": 9.0}
            )
            stage = {"ladder": "mother_and_baby", "stage": "infant" if baby else "toddler", "source": "known"}
            tables["customer_stages"].append({"customer_id": who, **stage})
    return tables


def test_what_follows_from_how_little_was_bought_makes_no_group_and_persons_are_whole(spark: SparkSession) -> None:
    tables = odd_shop()
    params = MicroSegmentsParams(targets=("average_order_value", "gap_days", "discount_share"))
    known = run(spark, tables, params)
    groups = rows_of(known, MICRO_SEGMENTS)
    assert all(row["found_customers"] % 2 == 0 for row in groups)  # both accounts of a person are in one half
    unknown = [name for row in groups for name, value in row["conditions"].items() if value.lower() == "unknown"]
    assert not {*unknown} & {"favourite_channel", "status", "rhythm"}
    targets = {row["target"]: row for row in rows_of(known, MICRO_SEGMENT_TARGETS)}
    assert targets["gap_days"]["customers"] == 400  # of who bought once it would be that of all
    by_name = {row["name"]: row for row in groups if row["target"] == "average_order_value"}
    assert by_name["stage of life: mother and baby, infant"]["action_code"] == "average_order_value_lower"
    assert by_name["status: lapsed"]["action_code"] == "gone"
    asked = people({name: frame_of(table, tables[name], spark) for name, table in READS.items()}, params)
    assert {row["region"] for row in asked.select("region").distinct().collect()} == {"north", "south", None}


@pytest.mark.parametrize(("more", "found"), [(0.005, 0), (0.05, 1)])
def test_a_share_that_differs_by_less_than_a_point_makes_no_group(spark: SparkSession, more: float, found: int) -> None:
    """Beyond chance it is, as all others are nearly the same; but nobody treats such customers in a way of their own."""
    people = [(f"c{place}", "north" if place % 4 == 0 else "south") for place in range(400)]
    told = run(
        spark,
        {
            "rfm": [bought(who, 100) for who, _ in people],
            "customer_profile": [{"customer_id": who, "region": region} for who, region in people],
            "next_purchase": [
                {"customer_id": who, "p_return_90": 0.01 + more * (region == "north") + 0.0001 * (int(who[1:]) % 3)}
                for who, region in people
            ],
        },
        MicroSegmentsParams(min_customers=30, targets=("return_probability",)),
    )
    assert len(rows_of(told, MICRO_SEGMENTS)) == found


def test_bands_and_caps_are_cut_where_as_many_customers_are() -> None:
    assert band_ends({1: 2, 5: 2, 9: 2, 70: 2}, 4) == (1, 5, 9, 70)
    assert band_ends({3: 100, 4: 1}, 4) == (3, 4)
    assert band_ends({}, 4) == ()
    assert band_names(()) == ()
    assert band_names((7, 14, 90)) == ("0-7", "8-14", "15+")
    assert cap({"0": 99, "500": 1, None: 5}, 0.99) < 10
    assert cap({"-1": 3}, 0.99) == 1
    assert cap({}, 0.99) == 0


def test_settings_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"targets is empty: name at least one; attributes names one thing twice"):
        MicroSegmentsParams(targets=(), attributes=("region", "region"))
    with pytest.raises(ValidationError, match=r"21 attributes to a depth of 3 make 1562 sets, and max_sets is 400"):
        MicroSegmentsParams(depth=3)
