"""Names and advice: made from what sets a cluster apart, all different, the same every time."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from vitalfew.jobs.clusters.actions import ADVICE, TIMES, action
from vitalfew.jobs.clusters.attributes import Level
from vitalfew.jobs.clusters.features import FEATURES, SHARES
from vitalfew.jobs.clusters.names import TRAITS, Shape, Trait, name_columns, names
from vitalfew.messages.words import ENGLISH, Words

PLAIN = Shape(dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 1.0))


def shape(means: dict[str, float] | None = None, **centre: float) -> Shape:
    """A cluster with these deviations, and no others."""
    return Shape({**PLAIN.centre, **centre}, {**PLAIN.mean, **(means or {})})


def named(*shapes: Shape, traits: Mapping[str, Trait] = TRAITS, words: Words = ENGLISH) -> list[str]:
    return [name_columns(name, words)["name"] for name in names(shapes, traits)]


def test_a_cluster_is_called_by_what_sets_it_apart() -> None:
    shapes = [
        shape(frequency=1.2, average_basket_value=-0.8, evening_share=2.0, recency_days=-0.4),
        shape(recency_days=1.5, frequency=-1.1, weekend_share=0.6, returns_share=-0.5),
    ]
    assert named(*shapes) == [
        "frequent, small baskets, evenings",
        "infrequent, long silent, weekends",
    ]


def test_a_cluster_without_marks_is_near_the_average() -> None:
    assert named(shape(frequency=0.3), shape(frequency=-2.0)) == ["near the average", "infrequent"]


def test_one_cluster_is_all_customers() -> None:
    assert named(PLAIN) == ["all customers"]


def test_one_thing_is_not_said_twice() -> None:
    assert named(shape(frequency=2.0, mean_gap_days=-1.9, monetary=0.7), PLAIN)[0] == "frequent, high spend"


def test_small_moves_do_not_change_a_name() -> None:
    one = named(shape(frequency=1.04, monetary=1.01, evening_share=1.02, weekend_share=1.03), PLAIN)
    other = named(shape(frequency=1.01, monetary=1.04, evening_share=1.03, weekend_share=1.02), PLAIN)
    assert one == other


def test_names_that_are_alike_get_more_words() -> None:
    alike = {"frequency": 1.5, "monetary": 1.4, "evening_share": 1.3}
    one, other = ({**alike, "returns_share": share} for share in (0.3, -0.3))
    found = named(
        Shape({**PLAIN.centre, **one}, PLAIN.mean), Shape({**PLAIN.centre, **other}, PLAIN.mean), shape(frequency=-1.0)
    )
    assert found == [
        "frequent, high spend, evenings, many returns",
        "frequent, high spend, evenings, few returns",
        "infrequent",
    ]


def test_names_that_words_cannot_tell_apart_get_a_figure() -> None:
    found = named(
        shape({"frequency": 12.04}, frequency=1.0),
        shape({"frequency": 31.0}, frequency=2.0),
        shape({"frequency": 12.02}, frequency=0.9),
    )
    assert found == ["frequent, orders 12.04", "frequent, orders 31", "frequent, orders 12.02"]


def test_clusters_that_differ_in_pairs_only_are_all_told_apart() -> None:
    found = named(
        shape({"frequency": 2, "monetary": 5}, frequency=1.0, monetary=0.6),
        shape({"frequency": 9, "monetary": 5}, frequency=3.0, monetary=0.6),
        shape({"frequency": 9, "monetary": 7}, frequency=3.0, monetary=0.7),
    )
    assert len(set(found)) == 3
    assert all(name.startswith("frequent, high spend, orders") for name in found)


def test_clusters_near_the_average_are_told_apart_too() -> None:
    assert (
        len(set(named(shape({"frequency": 1.1}, frequency=0.1), shape({"frequency": 1.2}, frequency=0.2), PLAIN))) == 3
    )


def test_a_level_is_named_where_it_is_common_and_not_where_it_is_rare() -> None:
    traits = {
        level.name: Trait("age_band", level.item) for level in (Level("age_band", "45-54"), Level("age_band", None))
    }
    shapes = [
        Shape({"age_band=45-54": 1.4, "age_band missing": -1.6}, dict.fromkeys(traits, 0.0)),
        Shape({"age_band=45-54": -1.4, "age_band missing": 1.6}, dict.fromkeys(traits, 1.0)),
    ]
    assert named(*shapes, traits=traits) == ["age band 45-54", "age band not known"]
    assert named(*shapes, traits=traits, words=Words("zh")) == ["年龄段：45-54", "年龄段：未知"]
    assert name_columns(names(shapes, traits)[0], ENGLISH)["name_values"] == {
        "traits": '[{"code":"value","values":{"attribute":"age_band","value":"45-54"}}]'
    }


def test_a_name_keeps_the_codes_of_its_traits_and_is_said_in_chinese() -> None:
    found = names(
        [shape(frequency=1.2, evening_share=2.0), shape({"frequency": 2.5}), shape({"frequency": 3.1})], TRAITS
    )
    assert [[item.code for item in name] for name in found[:2]] == [
        ["frequency_high", "evening_share_high"],
        ["average", "figure"],
    ]
    assert [name_columns(name, Words("zh"))["name"] for name in found] == [
        "高频购买、晚间购买",
        "接近平均水平、购买次数 2.5",
        "接近平均水平、购买次数 3.1",
    ]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (shape({"monetary": 1234.5, "recency_days": 95.4}, monetary=1, recency_days=1), "Win them back in person: each has spent 1,234.50, and they have been silent for 95 days."),
        (shape({"recency_days": 300.2}, recency_days=1), "Make one inexpensive offer to return, then stop: they have been silent for 300 days."),
        (shape({"returns_share": 0.247}, returns_share=1), "Find out what they send back, and why, before you sell them more: 25% of their orders are returns."),
        (shape({"frequency": 31.26, "average_basket_value": 9.5}, frequency=1, average_basket_value=-1), "Make the basket larger, by bundles or a threshold above 9.50: they come often (31.3 orders) and take little."),
        (shape({"monetary": 5000}, monetary=1), "Keep them, by first access and thanks rather than discounts: each has spent 5,000.00."),
        (shape({"frequency": 2, "average_basket_value": 80}, frequency=-1, average_basket_value=1), "Bring them back sooner: baskets of 80.00, but only 2.0 orders each."),
        (shape({"frequency": 1.5}, frequency=-1), "Win the next order while they remember the last: 1.5 orders each so far."),
        (shape({"distinct_products": 2}, distinct_products=-1), "Show them more of the range: 2.0 products each so far."),
        (PLAIN, "Keep the regular programme, and try one offer on half of them, so that its effect can be measured."),
        (shape({"monetary": 7, "evening_share": 0.8, "weekend_share": 0.6}, monetary=1, evening_share=1, weekend_share=1), "Keep them, by first access and thanks rather than discounts: each has spent 7.00. Write to them in the evening or at the weekend: 80% and 60% of their orders fall there."),
    ],
)  # fmt: skip
def test_the_advice_follows_from_the_marks_and_quotes_the_figures(found: Shape, said: str) -> None:
    assert action(found, ENGLISH)["action"] == said


def test_advice_does_without_features_that_are_not_compared() -> None:
    found = action(Shape({"frequency": 2.0}, {"frequency": 9.0}), ENGLISH)
    assert (found["action_code"], found["action_values"]) == ("regular", {"time": "none"})


def test_advice_speaks_of_known_features_only() -> None:
    assert {feature for advice in (*ADVICE, *TIMES) for feature, _ in advice.when} <= set(FEATURES)
    assert set(FEATURES) >= SHARES
