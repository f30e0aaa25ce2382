"""The moment between two steps of the embedded engine: it listens already, and no filter keeps others out yet.

Who connects then, and sends a query at once, would have it run before the connection is seen. So during that moment
this process may open one more file, which is the port on which the engine listens. The kernel takes the number of a
new file before it takes a connection from the queue, so that no connection can be accepted.
"""

from __future__ import annotations

import os
import resource
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar

from vitalfew.errors import EngineError

LARGEST = 4  # files that the engine may open while it begins to listen; pysail 0.7 opens one
QUEUED = 24  # where struct tcp_info tells of a port how many connections wait to be accepted
OF_TCP_INFO = 104  # bytes that are asked for


class Server(Protocol):
    """The embedded engine, as far as it is begun and ended."""

    @property
    def listening_address(self) -> tuple[str, int]: ...
    def start(self, *, background: bool) -> None: ...
    def stop(self) -> None: ...


S = TypeVar("S", bound=Server)


def begin(make: Callable[[], S], protect: Callable[[socket.socket], None]) -> S:
    """A server that listens and has accepted nobody, its port given to `protect`; EngineError where it might have.

    EngineError, too, where somebody connected meanwhile: that connection is cut before a byte of it is read.
    """
    for count in range(1, LARGEST + 1):
        server = make()
        with room_for_files(count) as numbers:
            try:
                server.start(background=True)
            except OSError:
                if count == LARGEST:
                    raise
                continue  # it opens more, or another thread was faster
            if (problem := shut(server.listening_address, numbers, protect)) is None:
                return server
        with suppress(RuntimeError, OSError):
            server.stop()
        raise EngineError(problem)
    raise EngineError("The embedded engine did not begin to listen.")


def shut(address: tuple[str, int], numbers: range, protect: Callable[[socket.socket], None]) -> str | None:
    """Protect the port at `address`, a file among `numbers`; why it must not be used, if so. It opens no file."""
    for number in numbers:
        with suppress(OSError):  # no socket, or not open
            found = socket.socket(fileno=number)
            try:
                if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and found.getsockname()[:2] == address:
                    return reason_against(found, protect)
            finally:
                found.detach()
    return "The port of the embedded engine could not be protected, so it is not used. Start again."


def reason_against(listener: socket.socket, protect: Callable[[socket.socket], None]) -> str | None:
    """Protect `listener`; if somebody waits there, cut them off, and say so."""
    protect(listener)
    has_room = can_open()
    if not has_room and not waiting(listener):
        return None
    listener.shutdown(socket.SHUT_RDWR)
    if has_room:
        return "The embedded engine opened other files than expected as it started, so it is not used. Start again."
    return (
        "Another process connected to the embedded engine while it started, so it is not used; nothing of what that "
        "process sent was read. Look who connects to ports of this machine, then start again."
    )


def waiting(listener: socket.socket) -> int:
    """How many connections wait to be accepted."""
    told = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, OF_TCP_INFO)
    return int(struct.unpack_from("I", told, QUEUED)[0])


def can_open() -> bool:
    """Whether this process could open a further file, and so accept a connection."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    return True


@contextmanager
def room_for_files(count: int) -> Iterator[range]:
    """For this while the process can open `count` further files; their numbers are among those that come out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    above = max(int(name) for name in os.listdir("/proc/self/fd")) + 1 + count
    if soft != resource.RLIM_INFINITY:
        above = min(above, soft)
    held: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (above, hard))
    try:
        with suppress(OSError):  # none is left
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        for _ in range(min(count, len(held))):
            os.close(held.pop())
        yield range(above)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for number in held:
            os.close(number)
