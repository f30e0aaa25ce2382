"""A desk for the tests of the process that answers an assistant: some questions end it, or never end."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vitalfew.cli.mcp_server import answers
from vitalfew.cli.mcp_server.asked import OfTable
from vitalfew.cli.mcp_server.desk import Desk, opened
from vitalfew.cli.mcp_server.guard import Access
from vitalfew.errors import OutOfTimeError


class FailingDesk(Desk):
    """A name of a table says what happens."""

    def timed(self, tool: Callable[[Any], answers.Answer], asked: Any) -> answers.Answer:
        if isinstance(asked, OfTable):
            self.fail(asked.table)
        return super().timed(tool, asked)

    def fail(self, how: str) -> None:
        if how == "memory":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "hang":
            time.sleep(600)
        if how == "late":
            self.is_spent = True  # as the embedded engine goes on
            raise OutOfTimeError("late")
        if how == "print":
            sys.stdout.write("no part of the protocol")
            sys.stdout.flush()


def failing(conf: Path) -> Desk:
    desk = opened(str(conf), "here", None, None, Access(False, 5, 500, 1))
    return FailingDesk(desk.config, desk.access)
