"""The methods of `recommendations` a second time, in plain Python over plain baskets."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations

from shopping import Basket

from vitalfew.jobs.recommendations.params import RecommendationParams

Pair = tuple[str, str]


@dataclass
class Habit:
    """What is known of one customer and one product."""

    orders: int
    days: int
    since_days: int
    recent: float
    gap_days: float | None = None
    rebought: float = 0.0
    buyers: int = 0


def top(values: Mapping[str, float], n: int) -> dict[str, float]:
    """The `n` highest values; ties by key."""
    return dict(sorted(values.items(), key=lambda item: (-round(item[1], 9), item[0]))[:n])


def habits(baskets: Iterable[Basket], on: int, half_life: int) -> dict[Pair, Habit]:
    days: dict[Pair, list[int]] = defaultdict(list)
    for basket in baskets:
        if basket.customer is not None:
            for product in basket.products:
                days[basket.customer, product].append(basket.day)
    found, span = {}, {}
    for pair, when in days.items():
        recent = sum(0.5 ** ((on - d) / half_life) for d in when)
        found[pair] = Habit(len(when), len({*when}), on - max(when), recent)
        span[pair] = max(when) - min(when)
    gaps_of_all = sum(h.days - 1 for h in found.values())
    gap_of_all = sum(span.values()) / gaps_of_all if gaps_of_all else None
    rebought_by_all = sum(h.days > 1 for h in found.values()) / len(found) if found else 0
    for (_, product), habit in found.items():
        same = [pair for pair in found if pair[1] == product]
        habit.buyers = len(same)
        habit.rebought = (sum(found[p].days > 1 for p in same) + 5 * rebought_by_all) / (len(same) + 5)
    for pair, habit in found.items():
        same = [p for p in found if p[1] == pair[1]]
        gaps = habit.days - 1
        if gaps >= 3:
            habit.gap_days = span[pair] / gaps
        elif gap_of_all is not None:
            known = sum(found[p].days - 1 for p in same)
            typical = (sum(span[p] for p in same) + 5 * gap_of_all) / (known + 5)
            habit.gap_days = (span[pair] + (3 - gaps) * typical) / 3
    return found


def rules(baskets: Iterable[Basket], params: RecommendationParams) -> dict[str, dict[str, tuple[float, float]]]:
    """Of each product the surest followers: confidence and lift."""
    small = [basket for basket in baskets if 0 < len(basket.products) <= params.max_basket]
    total = len(small)
    single = Counter(p for b in small for p in b.products)
    double = Counter(pair for b in small for pair in permutations(b.products, 2))
    found: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for (x, y), n in double.items():
        observed = [n, single[x] - n, single[y] - n, total - single[x] - single[y] + n]
        columns = (single[y], total - single[y])
        expected = [row * column / total for row in (single[x], total - single[x]) for column in columns]
        g = 2 * sum(o * math.log(o / e) for o, e in zip(observed, expected, strict=True) if o)
        lift = n * total / (single[x] * single[y])
        if n >= params.min_baskets and lift > 1 and g >= params.min_log_likelihood_ratio:
            found[x][y] = (n / single[x], lift)
    return {
        x: {y: ys[y] for y in top({y: c for y, (c, _) in ys.items()}, params.neighbours)} for x, ys in found.items()
    }


def favourites(of: Mapping[Pair, Habit], n: int) -> dict[str, list[str]]:
    """The `n` products that each customer buys most and latest."""
    customers = sorted({customer for customer, _ in of})
    return {c: [*top({p: h.recent for (who, p), h in of.items() if who == c}, n)] for c in customers}


def similar_products(of: Mapping[Pair, Habit], params: RecommendationParams) -> dict[str, dict[str, float]]:
    """Of each product the nearest others: damped cosine."""
    liked = favourites({p: h for p, h in of.items() if h.buyers >= params.min_buyers}, params.items_per_customer)
    single = Counter(p for ps in liked.values() for p in ps)
    double = Counter(pair for ps in liked.values() for pair in permutations(ps, 2))
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for (x, y), n in double.items():
        if n >= params.min_buyers:
            found[x][y] = n / math.sqrt(single[x] * single[y]) * n / (n + 10)
    return {x: top(ys, params.neighbours) for x, ys in found.items()}


def popular(
    baskets: Iterable[Basket], segments: Mapping[str, str], on: int, params: RecommendationParams
) -> dict[str, dict[str, float]]:
    """Of each segment the products that most of its customers bought lately: shares, drawn to those of all customers."""
    recent = [b for b in baskets if b.customer is not None and b.day >= on - params.popular_days]
    buyers = {(b.customer, p) for b in recent for p in b.products}
    overall = Counter(product for _, product in buyers)
    inside = Counter((segments[str(customer)], product) for customer, product in buyers)
    members = Counter(segments.values())
    sellers = top({product: float(n) for product, n in overall.items()}, params.candidates)
    pairs = {*inside, *((segment, product) for segment in members for product in sellers)}
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    for segment, product in pairs:
        drawn = inside[segment, product] + 50 * overall[product] / len(segments)
        shares[segment][product] = drawn / (members[segment] + 50)
    return {segment: top(of, params.candidates) for segment, of in shares.items()}


def candidates(
    baskets: list[Basket], segments: Mapping[str, str], on: int, params: RecommendationParams, durable: set[str]
) -> dict[Pair, dict[str, float]]:
    """By customer and product: what each method that proposes it says."""
    past = [b for b in baskets if on - params.history_days <= b.day < on]
    known = habits(past, on, params.half_life_days)
    owned = {pair for pair in known if pair[1] in durable}
    follow, near = rules(past, params), similar_products(known, params)
    common = popular(past, segments, on, params)
    liked = favourites(known, params.recent_items)
    said: dict[str, dict[Pair, float]] = defaultdict(lambda: defaultdict(float))
    for customer, products in liked.items():
        last = min(h.since_days for (who, _), h in known.items() if who == customer)
        late = {p: h for p, h in known.items() if p[0] == customer and h.since_days <= last + params.recent_days}
        fails: dict[str, float] = defaultdict(lambda: 1.0)
        for item in favourites(late, params.recent_items)[customer]:
            for other, (confidence, _) in follow.get(item, {}).items():
                fails[other] *= 1 - min(confidence, 0.999)
        for other, none in fails.items():
            said["rules"][customer, other] = 1 - none
        for item in products:
            for other, cosine in near.get(item, {}).items():
                said["similar"][customer, other] += known[customer, item].recent * cosine
        for product, share in common.get(segments[customer], {}).items():
            said["popular"][customer, product] = share
    said["repeat"] = {pair: habit.recent for pair, habit in known.items()}
    found: dict[Pair, dict[str, float]] = defaultdict(dict)
    for method, strengths in said.items():
        for customer in liked:
            free = {p: s for (c, p), s in strengths.items() if c == customer and (c, p) not in owned}
            for product, strength in top(free, params.candidates).items():
                found[customer, product][method] = strength
    return found


def metrics(ranked: list[str], wanted: set[str], k: int) -> dict[str, float]:
    """What one list is worth to a customer who bought `wanted`."""
    hits = [product in wanted for product in ranked[:k]]
    ideal = sum(1 / math.log2(target + 2) for target in range(min(k, len(wanted))))
    return {
        "hit_rate": float(any(hits)),
        "precision": sum(hits) / k,
        "recall": sum(hits) / len(wanted),
        "ndcg": sum(hit / math.log2(target + 2) for target, hit in enumerate(hits)) / ideal,
        "map": sum(hit * sum(hits[: target + 1]) / (target + 1) for target, hit in enumerate(hits))
        / min(k, len(wanted)),
    }
