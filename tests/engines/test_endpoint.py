"""Nobody but the process that started the embedded engine can use it; where that cannot be had, it does not start."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitalfew.engines import endpoint, engine, first_moment, limits, neighbours, scratch
from vitalfew.engines.engine import Engine
from vitalfew.errors import EngineError

NOBODY = 65534
LISTENS = "0A"
ATTACK = """
import sys
import time
from pyspark.sql import SparkSession
import os, grpc, pandas, pyarrow, pyspark.sql.connect.session, pyspark.sql.connect.client
if sys.argv[3] != "None":
    os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[3]))
session = SparkSession.builder.remote("sc://127.0.0.1:" + sys.argv[1]).create()
print("came in:", session.sql("SELECT 1").collect())
print("read:", session.read.text(sys.argv[2]).collect())
"""


def ports_of_this_process() -> set[int]:
    """The ports on which this process listens, by IPv4 and IPv6."""
    own = {
        os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{n}")
    }
    rows = [
        line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    listening = [row for row in rows if row[3] == LISTENS and f"socket:[{row[9]}]" in own]
    return {int(row[1].split(":")[1], 16) for row in listening}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file for its owner only."""
    path = tmp_path / "secret"
    path.write_text("hunter2")
    path.chmod(0o600)
    return path


@pytest.fixture
def unprotected() -> Iterator[int]:
    """The port of an engine as it comes."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield server.listening_address[1]
    server.stop()


def attack(port: int, file: Path, user: int | None) -> str:
    """What another process (of `user`) says that tries to use the engine on `port` for some seconds."""
    command = [sys.executable, "-c", ATTACK, str(port), str(file), str(user)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, cwd="/")
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode()
    return done.stdout + done.stderr


def other_user() -> int | None:
    """Another user where this process may become one; else a process of the same user, which is kept out as well."""
    return NOBODY if os.geteuid() == 0 else None


@pytest.mark.skipif(not endpoint.can_filter(), reason="this system cannot filter connections")
def test_nobody_else_can_use_any_port_of_the_embedded_engine(running: Engine, secret: Path) -> None:
    assert running.name == "sail"
    ports = ports_of_this_process()
    assert ports, "the engine listens"
    for port in ports:
        said = attack(port, secret, other_user())
        assert "came in" not in said
        assert "hunter2" not in said
    assert running.spark.range(3).count() == 3, "and we can go on"


def test_the_attack_is_one(unprotected: int, secret: Path) -> None:
    said = attack(unprotected, secret, other_user())
    assert "came in: [Row(1=1)]" in said
    assert "hunter2" in said


@pytest.mark.skipif(not endpoint.can_filter(), reason="this system cannot filter connections")
def test_a_port_lets_in_only_the_connection_that_was_admitted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as own:
        address = server.getsockname()
        assert endpoint.is_let_in(address)
        server.accept()[0].close()
        door = endpoint.shut(address)
        with door.listener:
            assert not endpoint.is_let_in(address)
            door.open_for_first_packets()
            with socket.create_connection(address) as stranger:
                own.connect(address)
                endpoint.attach(door.listener, endpoint.from_port(own.getsockname()[1]))
                stranger.sendall(b"stranger")
                own.sendall(b"own")
                door.listener.settimeout(5)
                accepted, peer = door.listener.accept()
                with accepted:
                    assert (peer, accepted.recv(10)) == (own.getsockname(), b"own")
                endpoint.attach(door.listener, endpoint.DROP_ALL)
                door.listener.settimeout(0.5)
                with pytest.raises(TimeoutError):
                    door.listener.accept()


STRANGER = "import socket, sys, time; held = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); print(1, flush=True); time.sleep(60)"


@pytest.mark.skipif(not endpoint.can_filter(), reason="this system cannot filter connections")
def test_an_engine_that_somebody_reached_before_it_was_shut_is_not_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = [sys.executable, "-c", STRANGER, str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as stranger:
            assert stranger.stdout is not None
            stranger.stdout.readline()
            with pytest.raises(EngineError, match="Another process connected to the embedded engine while it started"):
                endpoint.shut(server.getsockname())
            stranger.kill()


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot filter connections."""
    monkeypatch.setattr(endpoint, "can_filter", lambda: False)


@pytest.mark.usefixtures("unfiltered")
def test_on_a_machine_with_other_users_an_engine_that_cannot_be_protected_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "others", lambda: ["bob", "nobody"])
    with pytest.raises(EngineError) as refused:
        engine.start("sail", remote=None, master=None, options={})
    assert "processes here have: bob, nobody" in str(refused.value)
    assert "set `shared_machine: allow` in the target's file" in str(refused.value)
    assert endpoint.require("allow").kind == "open"


@pytest.mark.usefixtures("unfiltered")
def test_alone_on_a_machine_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "others", list)
    assert endpoint.require("refuse").kind == "alone"


def test_root_we_ourselves_and_services_of_the_system_are_no_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {0: "root", 7: "www-data", 8: "systemd-network", 9: "_apt", os.getuid(): "me", NOBODY: "nobody"}
    monkeypatch.setattr(neighbours, "running", lambda: [*names, 4242])
    monkeypatch.setattr(neighbours, "user_name", lambda number: names.get(number, f"user {number}"))
    assert neighbours.others() == ["nobody", "user 4242", "www-data"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process of another user")
def test_a_process_of_another_user_is_seen() -> None:
    with subprocess.Popen(["sleep", "60"], user=NOBODY) as other:
        assert neighbours.user_name(NOBODY) in neighbours.others()
        other.kill()


START = "import sys; from vitalfew.engines import engine; from vitalfew.errors import EngineError\ntry:\n    engine.start('sail', remote=None, master=None, options={})\nexcept EngineError as error:\n    print('said:', error)"


def test_too_little_virtual_memory_is_reported_before_the_engine_aborts() -> None:
    command = ["bash", "-c", f'ulimit -v {3 * 2**20}; exec "$0" "$@"', sys.executable, "-c", START]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "said: Engine sail needs 4 GiB of virtual memory, and this process may have 3.0 GiB" in done.stdout


def test_with_the_virtual_memory_that_is_asked_for_it_works() -> None:
    counting = START.replace("engine.start(", "running = engine.start(").replace(
        "except", "    print('rows', running.spark.range(9).count()); running.close()\nexcept"
    )
    command = ["bash", "-c", f'ulimit -v {limits.NEEDED // 1024}; exec "$0" "$@"', sys.executable, "-c", counting]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "rows 9" in done.stdout, done.stderr


@pytest.mark.parametrize("above", ["/proc/nothing", "/dev/full/scratch", "file/scratch"])
def test_a_scratch_folder_that_takes_nothing_is_reported_before_the_engine_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, above: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VITALFEW_SCRATCH", str(tmp_path / above))
    with pytest.raises(EngineError, match=r"Nothing can be staged in .*VITALFEW_SCRATCH"):
        engine.start("sail", remote=None, master=None, options={})


def test_a_full_disk_is_reported_before_the_engine_starts(tmp_path: Path) -> None:
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)], check=False).returncode
    ):
        pytest.skip("only root can make a small disk")
    try:
        with pytest.raises(EngineError, match=r"No space left on device\. Free some space"):
            scratch.require_writable(tmp_path)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.both_engines
def test_what_a_run_stages_is_for_its_user_only(running: Engine, tmp_path: Path) -> None:
    from vitalfew.config.target import Target
    from vitalfew.storage.delta import Storage

    for shared, expected in ((False, 0o700), (True, 0o700 if running.name == "sail" else 0o2770)):
        storage = Storage(running, Target(root=str(tmp_path / "tables"), shared_scratch=shared))
        storage.stage(running.spark.range(3)).count()
        assert storage.staged.folder is not None
        assert stat.S_IMODE(storage.staged.folder.stat().st_mode) == expected
        storage.release()


@pytest.mark.skipif(not endpoint.can_filter(), reason="this system cannot filter connections")
def test_who_connects_in_the_moment_in_which_the_engine_begins_to_listen_is_not_even_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pysail.spark

    stranger = socket.socket()

    class Watched(pysail.spark.SparkConnectServer):  # type: ignore[misc]
        """An engine whose port somebody knows as soon as there is one, and to which they send a request at once."""

        def start(self, *, background: bool) -> None:
            super().start(background=background)
            stranger.connect(self.listening_address)
            stranger.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
            time.sleep(0.3)  # in which an engine that accepts them answers

    monkeypatch.setattr(pysail.spark, "SparkConnectServer", Watched)
    with stranger:
        with pytest.raises(EngineError, match="nothing of what that process sent was read"):
            engine.start("sail", remote=None, master=None, options={})
        stranger.settimeout(5)
        assert received(stranger) == b"", "the engine answers nothing, and the connection is cut"


def received(connection: socket.socket) -> bytes:
    """What comes next; nothing where the connection is cut."""
    try:
        return connection.recv(100)
    except ConnectionError:
        return b""


def test_the_files_that_may_be_opened_are_counted_and_given_back() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open("/dev/null") as low, open("/dev/null"):
        low.close()  # leaves a number free below the highest
        with first_moment.room_for_files(2) as numbers, open("/dev/null") as one, open("/dev/null") as other:
            assert {one.fileno(), other.fileno()} <= set(numbers)
            assert not first_moment.can_open()
    assert first_moment.can_open()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
