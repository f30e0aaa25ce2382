"""Sentences of a table are shown in another language than they were written in, from their codes and values."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from pyspark.sql import functions as F

from conftest import Frame
from vitalfew.cli.show import View, display
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.job import Job
from vitalfew.jobs.alerts.tables import ALERT_TOTALS
from vitalfew.messages.words import Words
from vitalfew.params import Params
from vitalfew.storage.delta import Storage

TOTALS = """
    as_of      | kind   | open | raised | high | ranked | closed | value_at_stake | action_code | action
    2025-01-31 | frequency_up |    1 |      1 |    0 |      1 |      0 |          10.00 | frequency_up      | Thank them, and offer them the loyalty programme.
"""


def test_show_says_it_in_another_language(
    running: Engine, tmp_path: Path, frame: Frame, capsys: pytest.CaptureFixture[str]
) -> None:
    storage = Storage(running, Target(root=str(tmp_path), engine=running.name))
    nothing = F.create_map().cast("map<string,string>")
    storage.replace(ALERT_TOTALS, frame(ALERT_TOTALS, TOTALS).withColumn("action_values", nothing))
    config = Config("here", storage.target, {}, {})
    for language, said, unsaid in ((None, "Thank them", "致谢"), ("zh", "致谢，并邀请加入会员计划。", "Thank them")):
        display(storage, config, ALERT_TOTALS, View(None, 20, language=language))
        shown = capsys.readouterr().out
        assert said in shown
        assert unsaid not in shown
        assert "action_code" in shown
        assert "action_values" not in shown
    storage.release()


def test_a_target_says_in_which_language_and_currency(tmp_path: Path) -> None:
    assert Target(root=str(tmp_path)).words == Words("en", None)
    assert Target(root=str(tmp_path), language="zh", currency="CNY").words == Words("zh", "CNY")
    with pytest.raises(ValidationError, match="'YUAN' is not the ISO code of a currency"):
        Target(root=str(tmp_path), currency="YUAN")


def test_a_job_that_writes_sentences_takes_words() -> None:
    def silent(*, params: Params) -> tuple[()]:
        del params
        return ()

    with pytest.raises(TypeError, match="job mute writes sentences, and its transform does not take `words`"):
        Job("mute", "?", Params, {}, (ALERT_TOTALS,), silent)
