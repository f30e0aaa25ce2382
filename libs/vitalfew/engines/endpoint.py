"""Who can reach the embedded engine: our own connection, by a packet filter on its port, and nobody else.

The engine listens on loopback and asks nobody who they are. So the kernel drops whatever comes to its port, except
what comes from the one connection of our own client; after that connection is made, it drops all that is new.
Linux lets every process set such a filter on its own sockets (SO_ATTACH_FILTER, socket(7)).
"""

from __future__ import annotations

import ctypes
import os
import select
import socket
import stat
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vitalfew.engines import neighbours
from vitalfew.errors import EngineError

CONNECTIONS = Path("/proc/self/net/tcp")
OPEN_FILES = Path("/proc/self/fd")
ATTACH_FILTER = 26  # SO_ATTACH_FILTER, which the module `socket` does not name
CAN_SEND = ("01", "04", "05", "08")  # states of a connection that a server reads from: established, being closed
PROOF_SECONDS = 0.02  # on loopback a connection that is let in is made at once

BYTE, HALF_WORD, WORD, AND, EQUAL, RETURN = 0x30, 0x28, 0x20, 0x54, 0x15, 0x06  # of a classic packet filter
SENDER = 0xFFF00000 + 12  # in the header of IP; without such an offset positions are in the header of TCP
PORT_OF_SENDER, FLAGS, SYN, SYN_AND_ACK = 0, 13, 0x02, 0x12
ALL, NOTHING = 0xFFFFFFFF, 0

Step = tuple[int, int, int, int]
Address = tuple[str, int]

DROP_ALL: list[Step] = [(RETURN, 0, 0, NOTHING)]
FIRST_PACKET: list[Step] = [
    (BYTE, 0, 0, FLAGS),
    (AND, 0, 0, SYN_AND_ACK),
    (EQUAL, 0, 1, SYN),
    (RETURN, 0, 0, ALL),
    (RETURN, 0, 0, NOTHING),
]
"""Who knocks is answered, but no connection comes about: the packet that completes it is dropped."""


def from_port(port: int) -> list[Step]:
    """Packets of 127.0.0.1 that were sent from `port`."""
    return [
        (HALF_WORD, 0, 0, PORT_OF_SENDER),
        (EQUAL, 0, 3, port),
        (WORD, 0, 0, SENDER),
        (EQUAL, 0, 1, 0x7F000001),
        (RETURN, 0, 0, ALL),
        (RETURN, 0, 0, NOTHING),
    ]


@dataclass(frozen=True)
class Protection:
    """What keeps others from the embedded engine on this machine, in a word and in a sentence."""

    kind: str
    text: str


def protection() -> Protection:
    """What keeps others from the embedded engine here: `private`, `alone`, or `open` where nothing does."""
    if can_filter():
        return Protection("private", "only the process that started the embedded engine can connect to it")
    found = neighbours.others()
    if not found:
        return Protection("alone", "this system cannot filter connections, but no other user has processes here")
    return Protection("open", f"any user of this machine can connect; processes here have: {', '.join(found[:5])}")


def require(shared_machine: str) -> Protection:
    """The protection of this machine; EngineError where others could connect, unless the target's file allows that."""
    found = protection()
    if found.kind == "open" and shared_machine != "allow":
        raise EngineError(
            f"Engine sail was not started: it asks nobody for a password, and {found.text}. Whoever connects reads "
            "files and runs Python as you. Use a machine or container of your own, or engine spark; or, if you trust "
            "all of them, set `shared_machine: allow` in the target's file."
        )
    return found


@dataclass(frozen=True)
class Door:
    """The port on which the embedded engine listens, shut until our own client is let in."""

    listener: socket.socket
    address: Address

    def open_for_first_packets(self) -> None:
        """Answer who knocks, so that our own client shows from which port it comes."""
        attach(self.listener, FIRST_PACKET)

    def admit_own(self, seconds: float) -> None:
        """Let the connection of this process in, once it is there; EngineError where there is none in `seconds`."""
        until = time.monotonic() + seconds
        while (port := own_port(self.address)) is None:
            if time.monotonic() > until:
                raise EngineError(f"The client of the embedded engine did not connect within {seconds:g} seconds.")
            time.sleep(0.001)
        attach(self.listener, from_port(port))

    def shut(self) -> None:
        """Let nobody in from now on; EngineError where somebody else has come in before."""
        attach(self.listener, DROP_ALL)
        own = own_port(self.address)
        strangers = [peer for peer in peers(self.address[1]) if peer != own]
        if strangers:
            raise EngineError(
                "Another process connected to the embedded engine while it started, so it is not used. "
                "Look who connects to ports of this machine, then start again."
            )


def shut(address: Address) -> Door:
    """The door of the engine that has just begun to listen at `address`, shut; EngineError where that fails."""
    for found in own_sockets():
        if found.getsockname()[:2] == address and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            door = Door(found, address)
            with closing_on_error(found):
                door.shut()  # at once: whoever connected before is seen, and then the engine is not used
            if not is_let_in(address):
                return door
        found.close()
    raise EngineError("The port of the embedded engine could not be protected, so it is not used. Start again.")


@contextmanager
def closing_on_error(opened: socket.socket) -> Iterator[None]:
    """Close `opened` where what is done with it fails."""
    try:
        yield
    except EngineError:
        opened.close()
        raise


@cache
def can_filter() -> bool:
    """Whether this system filters what comes to a port as we ask it to: tried on a port that nobody serves."""
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            attach(listener, DROP_ALL)
            peers(0)
        except (OSError, AttributeError):
            return False
        return not is_let_in(listener.getsockname())


def is_let_in(address: Address) -> bool:
    """Whether a connection to `address` comes about."""
    with socket.socket() as client:
        client.setblocking(False)
        client.connect_ex(address)
        return bool(select.select([], [client], [], PROOF_SECONDS)[1])


def attach(listener: socket.socket, steps: list[Step]) -> None:
    """Let the kernel drop what comes to `listener`, unless `steps` say otherwise."""
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(code, len(code))
    listener.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("HP", len(steps), ctypes.addressof(kept)))


def own_sockets() -> Iterator[socket.socket]:
    """The sockets of this process on the network, each as a copy, the newest first."""
    for number in sorted((int(name) for name in os.listdir(OPEN_FILES)), reverse=True):
        with suppress(OSError):  # closed meanwhile
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                found = socket.socket(fileno=os.dup(number))
                if found.family in (socket.AF_INET, socket.AF_INET6):
                    yield found
                else:
                    found.close()


def own_port(address: Address) -> int | None:
    """From which port this process is connected to `address`; None where it is not."""
    for found in own_sockets():
        with found, suppress(OSError):  # not connected
            host, port = found.getpeername()[:2]
            if (host.removeprefix("::ffff:"), port) == address:
                return int(found.getsockname()[1])
    return None


def peers(port: int) -> list[int]:
    """The ports from which connections to our `port` were made, whoever made them."""
    rows = [line.split() for line in CONNECTIONS.read_text(encoding="ascii").splitlines()[1:]]
    ours = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] in CAN_SEND]
    return [int(row[2].split(":")[1], 16) for row in ours]
