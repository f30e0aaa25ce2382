"""A query says only what is on the list: no file, no function that makes rows, no other statement, no name of a view."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from vitalfew.config.queries import Query
from vitalfew.config.sql_names import NotAllowedError

TABLES = {
    "rfm": ("as_of", "customer_id", "segment", "monetary", "r", "f"),
    "orders": ("order_id", "customer_id", "ordered_on", "net_amount", "product_ids"),
}
OTHERS = {"contacts": "it holds contact details", "runs": "it is a log"}


def written(text: str) -> str:
    return Query(text, TABLES, OTHERS, lambda name: f"view_{name}").sql()


def refused(text: str) -> str:
    with pytest.raises(NotAllowedError) as stop:
        written(text)
    return str(stop.value)


ALLOWED = {
    "select segment, count(*) as n from rfm where r > 2 group  by segment having count(*) > 1 order by n desc limit 3;": (
        "select `segment`, count(*) as `n` from `view_rfm` as `rfm` where `r` > 2 group by `segment` "
        "having count(*) > 1 order by `n` desc nulls last limit 3"
    ),
    "SELECT DISTINCT x.Segment FROM RFM x": "select distinct `x`.`Segment` from `view_rfm` as `x`",
    "with a as (select customer_id, sum(net_amount) total from orders group by 1) select a.*, r from a join rfm using (customer_id)": (
        "with `a` as (select `customer_id`, sum(`net_amount`) as `total` from `view_orders` as `orders` group by 1) "
        "select `a`.*, `r` from `a` as `a` join `view_rfm` as `rfm` using (`customer_id`)"
    ),
    "select * from (select r from rfm) q left anti join rfm s on q.r = s.f and s.r > 1": (
        "select * from (select `r` from `view_rfm` as `rfm`) as `q` left anti join `view_rfm` as `s` "
        "on (`q`.`r` = `s`.`f`) and (`s`.`r` > 1)"
    ),
    "select round(avg(monetary), 2) x, count(distinct segment) from rfm": (
        "select round(avg(`monetary`), 2) as `x`, count(distinct `segment`) from `view_rfm` as `rfm`"
    ),
    "select year(ordered_on) as y, max(net_amount) - min(net_amount) from orders group by y": (
        "select year(`ordered_on`) as `y`, max(`net_amount`) - min(`net_amount`) from `view_orders` as `orders` "
        "group by `y`"
    ),
    "select 'it''s -- /* no */ comment' as `a b` from rfm": (
        "select 'it\\'s -- /* no */ comment' as `a b` from `view_rfm` as `rfm`"
    ),
}


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_allowed_is_written_from_the_tree(text: str) -> None:
    sql = written(text)
    assert sql == ALLOWED[text]
    tree = parse_one(sql, dialect="spark")
    own = {found.alias for found in tree.find_all(exp.CTE)}
    assert {found.name for found in tree.find_all(exp.Table)} <= own | {"view_rfm", "view_orders"}


@pytest.mark.parametrize(
    "text",
    [
        "select * from text.`/etc/passwd`",
        "select * from parquet.`s3://bucket/x`",
        "select * from `/etc/passwd`",
        "select * from delta.`/data/contacts`",
        "select * from spark_catalog.default.rfm",
        "select * from view_rfm",
        "select * from range(10)",
        "select * from json_tuple('a')",
        "select * from read_files('/etc')",
        "select * from values (1)",
        "select * from (values (1)) t",
        "select explode(product_ids) from orders",
        "select * from orders lateral view explode(product_ids) t as p",
        "select * from orders o left join lateral (select 1) b on true",
        "select input_file_name() from rfm",
        "select reflect('java.lang.System', 'exit', 0)",
        "select java_method('a', 'b') from rfm",
        "select current_user from rfm",
        "select now() from rfm",
        "select _metadata.file_path from rfm",
        "select `${env:HOME}` from rfm",
        "select r as `${env:HOME}` from rfm",
        "select * from ${x}",
        "select /*+ broadcast(rfm) */ * from rfm",
        "select * from rfm -- more",
        "select * /* more */ from rfm",
        "select * from rfm; select 1",
        "select * from rfm; drop table rfm",
        "select * from rfm union all select * from rfm",
        "select * from rfm except select * from rfm",
        "select * except (r) from rfm",
        "select “r” from rfm",
        "select * from rfm where segment = ‘Lost’",
        "select \uff40r\uff40 from rfm",
        'select "r" from rfm',
        "select x'41' from rfm",
        "select r'\\' from rfm",
        "select 'a' 'b' from rfm",
        "select * from rfm where customer_id in (select customer_id from orders)",
        "select * from rfm where exists (select 1 from orders)",
        "select (select max(r) from rfm)",
        "with recursive a as (select 1 as x) select * from a",
        "with rfm as (select 1 as x) select * from rfm",
        "with CONTACTS as (select 1 as x) select * from contacts",
        "with a as (select 1 as x), A as (select 2 as x) select * from a",
        "with a as (select * from b), b as (select 1 as x) select * from a",
        "with a(x) as (select 1) select * from a",
        "select * from (with a as (select 1 as x) select * from a) b",
        "select * from contacts",
        "select * from (select * from CONTACTS) x",
        "select r from rfm a left join contacts b on a.customer_id = b.customer_id",
        "select * from runs",
        "insert into rfm select * from rfm",
        "insert overwrite directory '/tmp/x' select * from rfm",
        "create table x as select * from rfm",
        "create temporary view rfm as select 1",
        "drop table rfm",
        "set spark.sql.ansi.enabled = false",
        "add jar '/tmp/x.jar'",
        "refresh table rfm",
        "cache table rfm",
        "explain select * from rfm",
        "table rfm",
        "(select 1)",
        "select transform(r) using 'cat' from rfm",
        "select * into x from rfm",
        "select * from rfm version as of 1",
        "select * from rfm timestamp as of '2020-01-01'",
        "select * from rfm tablesample (1 percent)",
        "select * from rfm pivot (sum(r) for r in (1))",
        "select * from rfm a(x)",
        "select * from rfm offset 3",
        "select * from rfm limit all",
        "select * from rfm limit 1 + 1",
        "select * from rfm limit -1",
        "select * from rfm sort by r",
        "select * from rfm cluster by r",
        "select r from rfm group by rollup(r)",
        "select r from rfm group by all",
        "select r from rfm qualify r > 1",
        "select sum(r) over () from rfm",
        "select sum(r) over w from rfm window w as (partition by r)",
        "select count(*) filter (where r > 1) from rfm",
        "select max(count(*)) from rfm",
        "select r from rfm where count(*) > 1",
        "select collect_list(r) from rfm",
        "select count(rfm.*) from rfm",
        "select sum(*) from rfm",
        "select * from rfm order by rand()",
        "select product_ids[0] from orders",
        "select named_struct('a', r) from rfm",
        "select {d '2020-01-01'}",
        "select :x from rfm",
        "select ? from rfm",
        "select repeat('a', 1000000000) from rfm",
        "select * from rfm a, rfm b",
        "select * from rfm a cross join rfm b",
        "select * from rfm a natural join orders b",
        "select * from rfm a join rfm b on 1 = 1",
        "select * from rfm a join rfm b on a.r > b.r",
        "select * from rfm a join rfm b on a.as_of = b.as_of",
        "select * from rfm a join rfm b on a.customer_id = b.customer_id or true",
        "select * from rfm a join rfm b on a.customer_id = a.segment",
        "select * from rfm a join rfm b using (as_of, AS_OF)",
        "select",
        "",
        ";;",
        "not sql at all",
        "select " + "(" * 40 + "r" + ")" * 40 + " from rfm",
        "select r from rfm where r in (" + "1, " * 5000 + "1)",
    ],
)
def test_what_is_not_on_the_list_is_refused(text: str) -> None:
    assert refused(text)


def test_queries_that_double_are_refused_before_they_grow() -> None:
    steps = ["q0 as (select r from rfm)"]
    steps += [f"q{i} as (select a.r from q{i - 1} a join q{i - 1} b on a.r = b.r)" for i in range(1, 30)]
    assert "it reads more than 50 tables" in refused(f"with {', '.join(steps)} select * from q29")


def doubling(steps: int, inner: str = "concat(x, x)") -> str:
    """Inner queries, each of which doubles the text of the one before."""
    named = ["q0 as (select segment as x from rfm)"]
    named += [f"q{i} as (select {inner} as x from q{i - 1})" for i in range(1, steps + 1)]
    return f"with {', '.join(named)} select max(length(x)) as n from q{steps}"


@pytest.mark.parametrize(
    "text",
    [
        doubling(7),
        doubling(7, "x || x"),
        doubling(7, "replace(x, 'aa', 'bbbb')"),
        doubling(7, "coalesce(concat_ws(',', x, x), lower(x))"),
        "select x || x as n from (select y || y as x from (select concat(" + ", ".join(["segment"] * 30) + ") as y "
        "from rfm) as a) as b",
        "with a as (select concat(" + ", ".join(["segment"] * 60) + ") as x from rfm) select r from rfm join a on "
        "rfm.segment = concat(a.x, a.x)",
        "select concat(" + ", ".join(["segment"] * 60) + ") as x, concat(x, x) as y from rfm",
    ],
)
def test_texts_that_grow_from_one_inner_query_to_the_next_are_refused(text: str) -> None:
    assert "its result may be too long" in refused(text)


def test_a_row_of_many_long_texts_is_refused_and_texts_that_stay_short_are_not() -> None:
    long = "concat(" + ", ".join(["segment"] * 60) + ")"
    assert "its rows may be too long" in refused(
        f"with a as (select {long} as x from rfm) select " + ", ".join(f"x as c{i}" for i in range(20)) + " from a"
    )
    assert written(doubling(6))
    assert written(doubling(12, "md5(concat(x, x))"))
    assert written(doubling(12, "left(x, 3)"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select segmet from rfm", "segmet is no column of rfm; did you mean segment?"),
        ("select r from rfm where segment = Lost", "A text is written as 'Lost', in single quotes."),
        ("select x.segmet from rfm x", "segmet is no column of rfm; did you mean segment?"),
        ("select r from rmf", "there is no table 'rmf'; did you mean rfm?"),
        ("select * from contacts", "contacts: it holds contact details"),
        ("select segment, r from rfm group by segment", "'r' is neither in `group by` nor in an aggregate such as max"),
        ("select segment, count(*) from rfm", "'segment' is neither in `group by` nor in an aggregate such as max"),
        ("select *, count(*) from rfm", "'*' is neither in `group by` nor in an aggregate"),
        ("select max(min(r)) from rfm", "aggregates what is aggregated: do so in an inner query"),
        ("select r from rfm where max(r) > 1", "no part of `where`: `having` comes after grouping"),
        ('select "r" from rfm', "texts are written in 'single quotes', columns in `backquotes`"),
        ("select * from (select r from rfm)", "needs a name: (select …) as name"),
        ("select * from rfm a, rfm b", "a join needs `on` with an equality of the two sides"),
        ("drop table rfm", "it is not one SELECT"),
    ],
)
def test_a_mistake_is_answered_with_what_to_do(text: str, said: str) -> None:
    assert said in refused(text)


def test_a_common_table_is_found_in_whatever_case_it_is_named() -> None:
    assert written("with Big as (select r from rfm) select a.r from BIG a join big b on a.r = b.r") == (
        "with `Big` as (select `r` from `view_rfm` as `rfm`) "
        "select `a`.`r` from `Big` as `a` join `Big` as `b` on `a`.`r` = `b`.`r`"
    )


@pytest.mark.parametrize(
    "text",
    [
        "select monetary as segment, count(*) from rfm group by segment",
        "select monetary as Segment, count(*) from (select * from rfm) x group by segment",
        "with a as (select segment as kind, monetary from rfm) select monetary as kind, count(*) from a group by kind",
        "select segment, count(*) from rfm group by segment order by monetary",
        "select segment, count(*) from rfm group by segment having monetary > 3",
        "select count(*) from rfm order by monetary",
    ],
)
def test_a_column_that_differs_within_a_group_is_named(text: str) -> None:
    assert "'monetary' is neither in `group by` nor in an aggregate" in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "select upper(segment) as segment, count(*) from rfm group by segment order by segment",
        "select r + 1 as x, count(*) from rfm group by x order by x + 1, max(f)",
        "select r + 1 as x, count(*) as n from rfm group by 1 having n > 1 and max(f) > 2 order by n, 1",
        "with a as (select r as kind from rfm) select max(f) as kind, r from rfm group by r",
        "select distinct r + 1 as x, f from rfm order by x, F",
        "select distinct a.* from rfm a order by r",
        "select r from rfm order by f",
    ],
)
def test_what_is_grouped_or_selected_may_be_sorted_by(text: str) -> None:
    assert written(text)


def test_rows_that_are_no_groups_are_told_what_to_do() -> None:
    assert "'monetary' is not selected" in refused("select distinct segment from rfm order by monetary")
    assert "use `where`" in refused("select segment from rfm having r > 3")
    assert "put it in `backquotes`" in refused("select count(*) as 人数 from rfm")
    assert "below 1,000,000,000" in refused("select r from rfm limit 9999999999")
