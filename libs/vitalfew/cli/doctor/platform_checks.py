"""Python, its libraries, Java, Delta Lake, memory, other users. At the top the standard library alone is imported."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from vitalfew import requirements
from vitalfew.cli.doctor.findings import Finding
from vitalfew.engines.packages import EMBEDDED, REQUIREMENT, TESTED

LEAST_JAVA = 17
GIB = 2**30
LITTLE_MEMORY = 2 * GIB
SECONDS = 20
JAVA_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
INSTALL = {"sail": "pip install 'vitalfew[sail]'", "spark": "pip install 'vitalfew[spark]'"}


def python() -> Iterator[Finding]:
    """The version of Python."""
    if old := requirements.too_old():
        yield Finding("python", "error", old, f"Use Python {requirements.dotted(requirements.PYTHON)} or later.")
    else:
        yield Finding("python", "ok", requirements.this_python())


def libraries() -> Iterator[Finding]:
    """Every library that Vital Few needs: there, loadable, and new enough."""
    found = []
    for module, requirement in requirements.LIBRARIES.items():
        name = re.split(r"[<>=]", requirement)[0]
        if importlib.util.find_spec(module) is None:
            yield Finding("libraries", "error", f"{name} is not installed.", f"pip install '{requirement}'")
            continue
        if module in requirements.COMPILED and (why := requirements.failure(module)):
            yield Finding(
                "libraries", "error", f"{name} cannot be loaded: {why}.", f"pip install --force-reinstall {name}"
            )
        try:
            installed = version(name)
        except PackageNotFoundError:  # it lies on the path without a note on its version
            continue
        found.append(f"{name} {installed}")
        if wrong(installed, requirement):
            text = f"{name} is {installed}, and {requirement} is needed."
            yield Finding("libraries", "error", text, f"pip install '{requirement}'")
    yield Finding("libraries", "ok", ", ".join(found))


def wrong(installed: str, requirement: str) -> bool:
    """Whether a version breaks a requirement such as `a>=1.2,<3`."""
    own = numbers(installed)
    bounds = re.findall(r"([<>]=?)([\d.]+)", requirement)
    return any(own < numbers(n) if sign == ">=" else own >= numbers(n) for sign, n in bounds)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def engine(name: str) -> Iterator[Finding]:
    """The packages of an engine; of `spark` Java and Delta Lake, too."""
    if importlib.util.find_spec("pyspark") is None:
        fix = INSTALL.get(name, INSTALL["sail"])
        yield Finding("engine", "error", "pyspark is not installed; every engine needs it.", fix)
    elif name == "sail":
        yield from sail()
    elif name == "spark":
        yield from spark()
    else:
        yield Finding("engine", "ok", f"connect, with pyspark {installed('pyspark') or installed('pyspark-client')}")


def sail() -> Iterator[Finding]:
    found = installed(EMBEDDED)
    if importlib.util.find_spec(EMBEDDED) is None or found is None:
        yield Finding("engine", "error", f"Engine sail needs {EMBEDDED}, which is not installed.", INSTALL["sail"])
    elif numbers(found)[:2] != TESTED:
        tested = requirements.dotted(TESTED)
        text = f"{EMBEDDED} is {found}; this version of Vital Few was tested with {tested}."
        yield Finding("engine", "warning", text, f"pip install '{REQUIREMENT}'")
    else:
        yield Finding("engine", "ok", f"sail ({EMBEDDED} {found})")


def spark() -> Iterator[Finding]:
    from vitalfew.engines import engine as engines

    found = installed("pyspark")
    if importlib.util.find_spec("py4j") is None:
        text = "Engine spark needs the full pyspark, and only its client is installed."
        yield Finding("engine", "error", text, INSTALL["spark"])
        return
    yield Finding("engine", "ok", f"spark (pyspark {found})")
    if engines.is_submitted():
        yield Finding("java", "ok", "the platform provides the session")
        return
    yield from java()
    yield from delta()


def java() -> Iterator[Finding]:
    """Java as Spark finds it: of JAVA_HOME, else of the PATH."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    fix = f"Install a JDK of version {LEAST_JAVA} or later, or use the embedded engine: --engine sail."
    if program is None:
        yield Finding("java", "error", "Engine spark needs Java, and there is none on the PATH nor a JAVA_HOME.", fix)
        return
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding("java", "error", f"{program} cannot be run: {error}.", f"{fix} Or correct JAVA_HOME.")
        return
    number = JAVA_VERSION.search(said.stderr + said.stdout)
    if number is None:
        yield Finding("java", "warning", f"{program} does not tell its version.", fix)
    elif int(number[1]) < LEAST_JAVA:
        yield Finding("java", "error", f"{program} is Java {number[1]}; Spark 4 needs {LEAST_JAVA} or later.", fix)
    else:
        yield Finding("java", "ok", f"Java {number[1]} ({program})")


def delta() -> Iterator[Finding]:
    """Delta Lake for engine spark: resolved already, or fetched at the first start."""
    from vitalfew.engines import engine as engines
    from vitalfew.errors import EngineError

    package = engines.delta_package()
    try:
        jars = engines.delta_jars()
    except EngineError as error:
        yield Finding("delta", "error", str(error), "Remove the JARs it names; the next start fetches them again.")
        return
    if "spark.jars" in jars:
        yield Finding("delta", "ok", f"{package}, already on this machine")
        return
    text = f"{package} is not on this machine: the first start of engine spark fetches it, and needs the network."
    yield Finding("delta", "note", text, "Start it once with network: vitalfew run orders --engine spark.")


def memory() -> Iterator[Finding]:
    """Memory and addresses that a process may have."""
    from vitalfew.engines import engine as engines
    from vitalfew.engines import limits
    from vitalfew.errors import EngineError

    found = engines.memory()
    if found < LITTLE_MEMORY:
        text = f"{found / GIB:.1f} GiB of memory; {LITTLE_MEMORY // GIB} GiB are little even for a small shop."
        yield Finding("memory", "warning", text, "Give the machine or the container more memory.")
    else:
        yield Finding("memory", "ok", f"{found / GIB:.1f} GiB, {os.cpu_count()} cores")
    try:
        limits.require()
    except EngineError as error:
        yield Finding("memory", "error", str(error), "ulimit -v unlimited")


def neighbours(name: str, shared_machine: str) -> Iterator[Finding]:
    """Whether other users of this machine could reach the embedded engine."""
    if name != "sail":
        return
    from vitalfew.engines import endpoint

    found = endpoint.protection()
    fix = "Use a machine or container of your own, or engine spark; or, if you trust them, shared_machine: allow."
    if found.kind != "open":
        yield Finding("other users", "ok", found.text)
    elif shared_machine == "allow":
        yield Finding("other users", "warning", f"{found.text}; the target allows it.", fix)
    else:
        yield Finding("other users", "error", f"{found.text}; engine sail will not start.", fix)
