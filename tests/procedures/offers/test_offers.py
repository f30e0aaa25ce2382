"""`vitalfew run offers`: each step of a delay is answered once, whatever comes, in whatever order."""

from __future__ import annotations

from pathlib import Path

import pytest
from situations import Waiting, ago, word

from vitalfew.engines.engine import Engine


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    return Waiting(tmp_path, running, monkeypatch)


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
