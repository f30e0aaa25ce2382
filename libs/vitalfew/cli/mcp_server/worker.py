"""The desk in a process of its own, which can be ended: the server outlives each question.

The embedded engine does not stop when it is told to, and ends its process where memory or its stack is at an end. So a
question is answered by another process, which is ended with the engine when a question took too long.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from mcp import types

from vitalfew.cli.mcp_server import answers
from vitalfew.cli.mcp_server.desk import LATE, Desk
from vitalfew.cli.mcp_server.tools import called

GRACE = 15
"""Seconds after the limit in which a question may end in good order."""
ENDED = (
    "The engine ended while it worked on this, as where memory is at an end: ask for less. The next question starts it."
)


@dataclass
class Worker:
    """One process that answers, started with the first question and again after one that ended it.

    `make` opens the desk there; `seconds` is the limit of one question.
    """

    make: Callable[[], Desk]
    seconds: int
    _process: BaseProcess | None = field(default=None, init=False)
    _line: Connection | None = field(default=None, init=False)

    def asked(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        """What a tool answers; in a sentence where the process had to be ended, or ended."""
        line = self._line or self.start()
        try:
            line.send((name, arguments))
            if not line.poll(self.seconds + GRACE):
                self.close()
                return refused(LATE.format(self.seconds))
            text, is_spent = line.recv()
        except (EOFError, OSError):
            self.close()
            return refused(ENDED)
        if is_spent:
            self.close()
        return types.CallToolResult.model_validate_json(text)

    def start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, self.make), daemon=True)
        self._process.start()
        theirs.close()
        return self._line

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process, self._line = self._process, None, None
        if process is not None:
            process.kill()
            process.join()


def refused(said: str) -> types.CallToolResult:
    parts = [types.TextContent(type="text", text=each) for each in (said, answers.NOTICE)]
    return types.CallToolResult(content=[*parts], is_error=True)


def work(line: Connection, make: Callable[[], Desk]) -> None:
    """Answer one question after the other, until nobody asks any more."""
    os.dup2(2, 1)  # what a library prints is no part of the protocol
    first_to_go()
    desk = make()
    try:
        while True:
            name, arguments = line.recv()
            text = called(desk, name, arguments).model_dump_json(by_alias=True)
            line.send((text, desk.is_spent))
    except (EOFError, OSError):
        return
    finally:
        desk.close()


def first_to_go() -> None:
    """Where memory is at an end, Linux ends this process rather than others."""
    own = Path("/proc/self/oom_score_adj")
    if own.exists():
        own.write_text("1000", encoding="ascii")
