"""The session: the platform's where there is one, a local Spark, a Spark Connect server, or the embedded engine.

Here, and in `storage.py`, is all that differs between engines.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, cast

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from vitalfew import confidential
from vitalfew.engines import endpoint, first_moment, limits, scratch
from vitalfew.engines.jar_checksums import refuse_other
from vitalfew.errors import EngineError

EngineName = Literal["spark", "connect", "sail"]

EVERYWHERE = {
    "spark.sql.ansi.enabled": "true",  # bad casts and overflows are errors, on 3.5 as on 4
    "spark.sql.session.timeZone": "UTC",  # the day of an order never depends on the machine
}
NO_CALL_SITES = {
    "spark.python.sql.dataFrameDebugging.enabled": "false"  # else every call on a column looks through the stack
}
ON_SPARK = {
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",  # times before 1900 are written as they are,
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",  # on 3.5 as on 4
    "spark.sql.codegen.hugeMethodLimit": "8000",  # a larger method the JVM never compiles: half as fast in `ingest`
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # Sail reads no INT96 in a column that is not null
}
DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
LOCAL = {
    **NO_CALL_SITES,
    "spark.ui.enabled": "false",  # nobody looks at it, and it takes a port
    "spark.databricks.delta.snapshotPartitions": "2",  # 50 by default, slow for small tables
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.driver.memory": "4g",
    "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",  # `rich` shows progress, and logs stay readable
}
COLLECTOR = {"spark.driver.defaultJavaOptions": "-XX:+UseParallelGC"}  # throughput, not short pauses: a sixth less time
A_COLLECTOR = re.compile(r"-XX:\+Use\w+GC\b")
POOL = "SAIL_RUNTIME__MEMORY_POOL__"
POOL_SIZE = f"{POOL}GREEDY__MAX_SIZE"  # bytes; what goes beyond is moved to disk
IDLE_SECONDS = (
    "SAIL_SPARK__SESSION_TIMEOUT_SECS"  # after so long without a query the session is gone: never, as it is ours
)
POOL_SHARE = 0.55  # of the memory, for the embedded engine: it holds up to half as much again that it does not count
BYTES_OF_LINE = 1_100  # an order line, while lists of lines are gathered; measured: 550, and the double while they grow
CONNECT_SECONDS = 30
IN_JAVA = re.compile(r"^An error occurred while calling .*?\n: (?:[a-z]\w*\.)*(.*)$", re.MULTILINE)  # as py4j begins
NEVER_IDLE = 2**31 - 1  # milliseconds, and to gRPC the word for never
RAISED = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception)\b.*)$", re.MULTILINE)  # as a Python traceback ends
DELTA_PACKAGES = {"3.5": "io.delta:delta-spark_2.12:3.3.3"}
DELTA_PACKAGE = "io.delta:delta-spark_{spark}_2.13:{delta}"
DELTA_VERSION = "4.4.0"


@dataclass(frozen=True)
class Engine:
    """A running session, what it is, and how to let go of it."""

    name: EngineName
    spark: SparkSession
    version: str
    close: Callable[[], None]
    rows_at_once: int | None = None
    """How many order lines it can group in memory; None where it moves to disk what does not fit."""
    rows_of_table: int = 250_000
    """How many rows go to a function on Arrow tables at once: few, where workers have little memory of their own."""
    in_cluster_mode: bool = False
    """Whether the driver runs on a node of the cluster, in a folder that is removed when it ends."""


def start(
    name: EngineName,
    *,
    remote: str | None,
    master: str | None,
    options: Mapping[str, str],
    shared_machine: str = "refuse",
) -> Engine:
    """A session on the engine `name`; EngineError, with what to install, where it cannot be had."""
    if importlib.util.find_spec("pyspark.sql") is None:
        raise EngineError("pyspark is not installed: pip install 'vitalfew[sail]' or 'vitalfew[spark]'.")
    if name == "sail":
        return start_sail(options, shared_machine)
    if name == "connect":
        return start_connect(remote, options)
    return start_spark(master, options)


def start_sail(options: Mapping[str, str], shared_machine: str = "refuse") -> Engine:
    """The embedded engine, on a port that only this process can use, with most of the machine's memory and no more."""
    protection = endpoint.require(shared_machine)
    limits.require()
    scratch.require_writable(scratch.above_embedded())
    for key, value in {
        "RUST_LOG": "error",
        f"{POOL}TYPE": "greedy",
        POOL_SIZE: str(int(min(memory(), limits.for_data() or memory()) * POOL_SHARE)),
        IDLE_SECONDS: str(10 * 365 * 24 * 3600),
        "SAIL_EXECUTION__USE_ROW_NUMBER_ESTIMATES_TO_OPTIMIZE_PARTITIONING": "true",  # few rows are not dealt out
    }.items():
        os.environ.setdefault(key, value)
    os.environ["SAIL_MODE"] = "local"  # in any other it opens further ports, for workers
    try:
        from pysail.spark import SparkConnectServer
    except ImportError as error:
        raise EngineError(f"Engine sail needs pysail: pip install 'vitalfew[sail]' ({error}).") from error
    server = listening(lambda: SparkConnectServer("127.0.0.1", 0), protection)
    try:
        session = connected(server.listening_address, protection)
    except EngineError:
        server.stop()
        raise
    take_back_interrupt()
    configure(session, {**NO_CALL_SITES, **options})

    def close() -> None:
        session.stop()
        server.stop()

    at_once = max(1, int(os.environ[POOL_SIZE]) // BYTES_OF_LINE)
    called = f"sail {version('pysail')}" + ("" if protection.kind == "private" else f" (endpoint: {protection.kind})")
    return Engine("sail", session, called, close, at_once, rows_of_table=1_000_000)


def listening(make: Callable[[], first_moment.Server], protection: endpoint.Protection) -> first_moment.Server:
    """The embedded engine, listening; where its port can be protected, shut before it could accept anybody."""
    if protection.kind == "private":
        return first_moment.begin(make, lambda listener: endpoint.attach(listener, endpoint.DROP_ALL))
    server = make()
    server.start(background=True)
    return server


def connected(address: endpoint.Address, protection: endpoint.Protection) -> SparkSession:
    """A session on the embedded engine that has just begun to listen, over the one connection that it will have."""
    if protection.kind != "private":
        return embedded_session(address)
    import grpc

    door = endpoint.shut(address)
    with door.listener:
        door.open_for_first_packets()
        session = embedded_session(address)
        ready = grpc.channel_ready_future(session.client._channel)
        door.admit_own(CONNECT_SECONDS)
        ready.result(timeout=CONNECT_SECONDS)
        door.shut()
    return session


def embedded_session(address: endpoint.Address) -> SparkSession:
    """A session whose connection is never given up for being idle: a second one would not be let in."""
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"  # as `SparkSession.builder.remote` does
    from pyspark.sql.connect import client
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    builder: Any = getattr(client, "DefaultChannelBuilder", client.ChannelBuilder)  # of that name on Spark 3.5
    channel = builder(f"sc://{address[0]}:{address[1]}", [("grpc.client_idle_timeout_ms", NEVER_IDLE)])
    session = ConnectSession.builder.channelBuilder(channel).create()
    session.client.disable_reattachable_execute()  # nothing cuts a connection within a process: each query is cheaper
    never_try_again(session.client)
    return cast(SparkSession, session)


def take_back_interrupt() -> None:
    """Let Ctrl-C reach Python alone: the embedded engine listens too, and would be gone before we let go of it."""
    if (
        threading.current_thread() is threading.main_thread()
        and (handler := signal.getsignal(signal.SIGINT)) is not None
    ):
        signal.signal(signal.SIGINT, handler)


def never_try_again(client: Any) -> None:
    """Let a query fail at once when the engine is gone: the client would ask again for ten minutes."""
    if hasattr(client, "set_retry_policies"):
        client.set_retry_policies([])
    else:  # on Spark 3.5
        client._retry_policy["max_retries"] = 0


def memory(groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> int:
    """Bytes of memory that this process may use: the machine's, or less where its group of processes has less."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for line in (read(own) or "0::/").splitlines():
        controllers, path = line.split(":", 2)[1:]
        root, name = (groups, "memory.max") if not controllers else (groups / "memory", "memory.limit_in_bytes")
        inside = root / path.strip("/")
        for folder in (inside, *inside.parents):
            if folder.is_relative_to(root) and (said := read(folder / name).strip()).isdigit():
                found.append(int(said))
    return min(found)


def read(path: Path) -> str:
    """The text of a file of the system; nothing where it is not there or not for us."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def start_connect(remote: str | None, options: Mapping[str, str]) -> Engine:
    """A session on the Spark Connect server at `remote`."""
    if not remote:
        raise EngineError("Engine connect needs an address: set `remote: sc://host:port` in the target's file.")
    try:
        session = SparkSession.builder.remote(remote).create()
        await_server(session)
        configure(session, options)
        found = session.version
    except Exception as error:
        raise EngineError(
            f"No Spark Connect server answered at {without_token(remote)}: {first_line(error)}. "
            "Check `remote` in the target's file, and that the server runs and can be reached from here."
        ) from error
    return Engine("connect", session, f"connect {found}", session.stop)


def await_server(session: SparkSession) -> None:
    """Wait until the server can be reached, not for the quarter of an hour that the client would try."""
    import grpc

    try:
        grpc.channel_ready_future(session.client._channel).result(timeout=CONNECT_SECONDS)
    except grpc.FutureTimeoutError:
        session.client.close()  # else the client tries again when the process ends
        raise TimeoutError(f"no connection within {CONNECT_SECONDS} seconds") from None


def start_spark(master: str | None, options: Mapping[str, str]) -> Engine:
    """The session that the platform or spark-submit provides, or one of our own on `master`."""
    provided = SparkSession.getActiveSession() is not None or is_submitted()
    builder = SparkSession.builder.appName("vitalfew")
    if not provided:
        need_java()
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        ours = {**DELTA, **LOCAL, **collector(options), **delta_jars()}
        for key, value in {"spark.master": master or "local[*]", **ours, **options}.items():
            builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise EngineError(f"Spark did not start: {first_line(error)}") from error
    configure(session, {**tolerated(session, ON_SPARK), **options} if provided else ON_SPARK)
    close = (lambda: None) if provided else session.stop
    return Engine("spark", session, f"spark {session.version}", close, in_cluster_mode=is_in_cluster_mode(session))


def collector(options: Mapping[str, str]) -> dict[str, str]:
    """Our choice of a garbage collector, where nobody chose one: Java does not start with two."""
    said = [os.environ.get(name, "") for name in ("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")]
    said.append(options.get("spark.driver.extraJavaOptions", ""))
    return {} if any(map(A_COLLECTOR.search, said)) else COLLECTOR


def is_in_cluster_mode(session: SparkSession) -> bool:
    """Whether spark-submit sent the driver to a node of the cluster; on Kubernetes, there it counts as a client."""
    try:
        sent = session.conf.get("spark.submit.deployMode", "client") == "cluster"
        return sent or session.conf.get("spark.kubernetes.submitInDriver", "false") == "true"
    except PySparkException:  # some platforms do not say
        return False


def configure(session: SparkSession, options: Mapping[str, str]) -> None:
    """Set what can be set on a running session; static settings of a running one are not ours to change."""
    for key, value in {**EVERYWHERE, **options}.items():
        session.conf.set(key, value)


def tolerated(session: SparkSession, options: Mapping[str, str]) -> dict[str, str]:
    """The options that this session lets us set: some platforms refuse what only makes it faster."""
    return {key: value for key, value in options.items() if session.conf.isModifiable(key)}


def is_submitted() -> bool:
    """Whether spark-submit or a platform started this process and owns its session."""
    return "PYSPARK_GATEWAY_PORT" in os.environ or "DATABRICKS_RUNTIME_VERSION" in os.environ


def need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").exists()):
        raise EngineError(
            "Engine spark needs Java 17 or later, and there is no `java` on the PATH nor a JAVA_HOME. "
            "Install a JDK, or use the embedded engine: --engine sail."
        )
    if importlib.util.find_spec("py4j") is None:
        raise EngineError("Engine spark needs the full pyspark: pip install 'vitalfew[spark]'.")


def delta_package() -> str:
    """The Maven coordinates of the Delta Lake that fits the installed pyspark: of the delta-spark beside it, if any."""
    spark = ".".join(pyspark_version().split(".")[:2])
    if spark in DELTA_PACKAGES:
        return DELTA_PACKAGES[spark]
    return DELTA_PACKAGE.format(spark=spark, delta=delta_version())


def delta_version() -> str:
    """The version of the installed delta-spark; without it, the newest of which the JAR is known to be published."""
    try:
        return version("delta-spark")
    except PackageNotFoundError:
        return DELTA_VERSION


def delta_jars() -> dict[str, str]:
    """Where Spark finds Delta Lake: JARs that an earlier start resolved, else the package to resolve."""
    package = delta_package()
    group, artifact, number = package.split(":")
    for cache in (Path.home() / ".ivy2.5.2" / "jars", Path.home() / ".ivy2" / "jars"):
        found = [cache / f"{group}_{artifact}-{number}.jar", *sorted(cache.glob(f"{group}_delta-storage-{number}.jar"))]
        if len(found) > 1 and found[0].exists():
            refuse_other(found)
            return {"spark.jars": ",".join(str(jar) for jar in found)}
    return {"spark.jars.packages": package}


def pyspark_version() -> str:
    for package in ("pyspark", "pyspark-client"):
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return str(SparkSession.__module__ and __import__("pyspark").__version__)


def machine() -> str:
    """What the measured tables say of the machine."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def without_token(remote: str) -> str:
    """An `sc://` address without its parameters, which may hold a token."""
    return remote.split(";", 1)[0]


def first_line(error: BaseException) -> str:
    """What an error says, in one line: of one that came over the wire, its details; of one in a worker, its cause.

    Of one over private data its kind alone.
    """
    return confidential.kind(error) if confidential.is_silent(error) else said(error)


def said(error: BaseException) -> str:
    """The first line of an error, whatever it is about."""
    text = str(error).strip()
    if text.startswith("<_") and (details := re.search(r'details = "(.*)"', text)):
        text = details[1]
    if "Traceback (most recent call last)" in text and (raised := RAISED.findall(text)):
        return f"on an executor, {raised[-1]}"[:500]
    if in_java := IN_JAVA.match(text):
        return in_java[1][:500]
    return (text.splitlines() or [type(error).__name__])[0][:500]
