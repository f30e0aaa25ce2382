"""What the jobs of decisions found of what was planted, one line for each planted thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from generator.decisions import recovered_people, recovered_products, recovered_texts
from generator.decisions.layout import DEMAND_KINDS
from generator.recovery import Tables


def everything(result: Tables, truth: Tables) -> Mapping[str, Callable[[], str]]:
    """All of it as text, by name, each computed when it is asked for."""
    lines: dict[str, Callable[[Tables, Tables], str]] = {
        "price: products": recovered_products.price,
        "price: categories": recovered_products.categories,
        **{f"demand: {kind}": partial(recovered_products.demand, kind=kind) for kind in DEMAND_KINDS},
        "sequences": recovered_products.sequences,
        "lifecycle: known": partial(recovered_people.stages, source="known"),
        "lifecycle: inferred": partial(recovered_people.stages, source="inferred"),
        "influence": recovered_people.influence,
        "share_of_wallet": recovered_people.wallets,
        "uplift": recovered_people.uplift,
        "micro_segments": recovered_people.groups,
        "prospects: 30 days": partial(recovered_people.prospects, horizon=30),
        "prospects: 90 days": partial(recovered_people.prospects, horizon=90),
        "voice: themes": recovered_texts.themes,
        "voice: crisis": recovered_texts.crisis,
        "actions": recovered_people.plan,
    }
    return {name: partial(line, result, truth) for name, line in lines.items()}
