"""What existing customers could spend here, by what like customers spend, and who spends most of it elsewhere.

The realistic wallet of Rosset, Perlich, Zadrozny, Merugu, Weiss and Lawrence ("Wallet estimation models", 2005) and of
Perlich, Rosset, Lawrence and Zadrozny (KDD 2007): an upper quantile of what like customers spend with us.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame

from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.share_of_wallet.outputs import evaluation_rows, group_rows
from vitalfew.jobs.share_of_wallet.params import ShareOfWalletParams
from vitalfew.jobs.share_of_wallet.peers import (
    Peers,
    category_spends,
    counted,
    largest_categories,
    tree_of,
    with_leaves,
)
from vitalfew.jobs.share_of_wallet.potentials import above, all_estimates, usual_orders, usual_wallet
from vitalfew.jobs.share_of_wallet.spends import people, spends
from vitalfew.jobs.share_of_wallet.tables import WALLET_EVALUATION, WALLET_GROUPS
from vitalfew.jobs.share_of_wallet.wallets import customer_wallet, offered, placed, wallet_categories
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["ShareOfWalletParams", "share_of_wallet"]


def share_of_wallet(
    orders: DataFrame,
    customer_profile: DataFrame,
    products: DataFrame,
    *,
    params: ShareOfWalletParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame, DataFrame, DataFrame]:
    """CUSTOMER_WALLET, WALLET_CATEGORIES, WALLET_GROUPS and WALLET_EVALUATION."""
    spent = stage(spends(orders, products, params, as_of))
    bought = stage(people(orders, spent, customer_profile, params, as_of))
    tree, codes, are_enough = tree_of(bought, params)
    customers = with_leaves(bought, tree, codes, are_enough, stage)
    categories = largest_categories(spent, params)
    by_category = category_spends(spent, customers, categories)
    peers = Peers(tree, codes, *counted(customers, by_category))
    estimates = all_estimates(peers, categories, params)
    usual, middle = usual_orders(peers), usual_wallet(estimates[0])
    known = stage(placed(customers, estimates[0], usual, above(peers), middle, params))
    offers = stage(offered(known, by_category, estimates, params))
    judged = any(peers.sizes.rows.values())
    groups = group_rows(peers, estimates, usual) if judged else []
    evaluated = evaluation_rows(peers, estimates, params) if judged else []
    return (
        customer_wallet(known, offers, estimates[0], middle, params, words),
        wallet_categories(offers, params),
        local_table(WALLET_GROUPS, groups, beside=orders),
        local_table(WALLET_EVALUATION, evaluated, beside=orders),
    )
