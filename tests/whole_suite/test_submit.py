"""What docs/submit.md prints to submit a job works, from a folder that holds only what it says a user carries."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyspark
import pytest

from cluster import Cluster, cluster
from journey import ROOT, lay_files
from vitalfew import __version__

pytestmark = pytest.mark.on_cluster
PAGE = (ROOT / "docs" / "submit.md").read_text(encoding="utf-8")
ARCHIVES = "    --archives dist/environment.tar.gz#environment \\\n"
AS_ON_A_SMALL_CLUSTER = """
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.databricks.delta.snapshotPartitions 1
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.task.maxFailures 1
spark.ui.enabled false
spark.log.level WARN
"""
TARGET = """
engine: spark
root: {root}
files:
  order_lines:
    at: files/transactions
    format: parquet
    types:
      transaction_timestamp: timestamp
    columns:
      order_id: basket_id
      customer_id: household_id
      product_id: product_id
      ordered_at: transaction_timestamp
      quantity: quantity
      amount: sales_value
"""


@cache
def printed(heading: str) -> str:
    """The commands that the page prints below a heading in bold."""
    found = re.search(rf"^\*\*{heading}.*?^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/submit.md has no commands below {heading}"
    return found[1]


@dataclass(frozen=True)
class User:
    """A folder with what a user carries, on a machine whose Python has no libraries."""

    folder: Path
    environment: dict[str, str]
    master: str

    def runs(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Commands of the page, with nothing changed but the master's address."""
        script = "set -e\n" + commands.replace("spark://host:7077", self.master)
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # as spark-submit does with what the driver says
            text=True,
            check=False,
        )

    def sees(self, table: str) -> int:
        """How many data files a table has."""
        return len([*(self.folder.parent / "tables" / table).rglob("*.parquet")])


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that `package.sh` builds."""
    built = tmp_path_factory.mktemp("built")
    command = ["bash", str(ROOT / "scripts" / "package.sh")]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "VITALFEW_DIST": str(built),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return built


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a worker that has no library."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    assert subprocess.run(
        [folder / "bin" / "python", "-c", "import numpy"], capture_output=True, check=False
    ).returncode
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def user(dist: Path, bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """A user with a small shop, and a cluster."""
    home = tmp_path_factory.mktemp("user")
    folder = home / "carried"
    shutil.copytree(dist, folder / "dist")
    shutil.copytree(ROOT / "jobs", folder / "jobs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "conf", folder / "conf")
    (folder / "conf" / "targets" / "standalone.yml").write_text(TARGET.format(root=home / "tables"))
    lay_files(home / "tables" / "files", 40)
    command = "-m vitalfew run ingest orders --target standalone --engine sail"
    subprocess.run([sys.executable, *command.split()], cwd=folder, check=True)
    (home / "spark").mkdir()
    (home / "spark" / "spark-defaults.conf").write_text(AS_ON_A_SMALL_CLUSTER)
    with cluster(home / "cluster", VITALFEW_CLUSTER_WORKERS="1", VITALFEW_CLUSTER_PYTHON=str(bare)) as at:
        yield User(folder, machine(at, bare, home / "spark"), at.environment["VITALFEW_MASTER"])


def machine(at: Cluster, bare: Path, settings: Path) -> dict[str, str]:
    """The variables of a machine that has Spark, and a Python without libraries."""
    spark = Path(pyspark.__file__).parent
    names = ("HOME", "JAVA_HOME", "JDK_JAVA_OPTIONS")
    kept: dict[str, str] = {key: at.environment[key] for key in names if key in at.environment}
    java = Path(shutil.which("java") or "java").parent
    return {
        **kept,
        "PATH": f"{bare.parent}:{spark / 'bin'}:{java}:/usr/bin:/bin",
        "SPARK_HOME": str(spark),
        "SPARK_CONF_DIR": str(settings),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def test_the_environment_holds_what_is_needed_and_says_for_which_python(dist: Path) -> None:
    with tarfile.open(dist / "environment.tar.gz") as archive:
        names = archive.getnames()
        note = archive.extractfile("environment.json")
        assert note is not None
        said = note.read().decode()
    packages = {match[1] for name in names if (match := re.match(r"lib/python[\d.]+/site-packages/([^/]+)/", name))}
    assert {"vitalfew", "numpy", "pyarrow", "pandas", "pydantic", "pydantic_core", "scipy", "sklearn"} <= packages
    assert not {"pyspark", "py4j", "delta"} & packages, "the cluster has a Spark of its own"
    assert f'"python": "{sys.version_info[0]}.{sys.version_info[1]}"' in said
    assert f'"at": "{Path(sys.executable).resolve()}"' in said
    assert f'"vitalfew": "{__version__}"' in said


def test_without_its_archive_the_command_says_what_to_add(user: User) -> None:
    """First, as it must fail where the worker's own Python is all that there is."""
    assert ARCHIVES in printed("Client mode")
    done = user.runs(printed("Client mode").replace(ARCHIVES, ""))
    assert done.returncode == 5, done.stdout[-3000:]
    assert 'Cannot run program \\"environment/bin/python\\"' in done.stdout
    assert "Executors have no such Python: add --archives dist/environment.tar.gz#environment" in done.stdout
    assert not user.sees("rfm")


def test_the_command_of_client_mode_runs_as_printed(user: User) -> None:
    done = user.runs(printed("Client mode"))
    assert done.returncode == 0, done.stdout[-3000:]
    assert '"job": "rfm", "state": "published"' in done.stdout
    assert user.sees("rfm")
    unpacked = (user.folder.parent / "cluster").glob("worker-1/app-*/0/environment/bin/python")
    assert next(unpacked, None), "the executor has not unpacked the environment"


def test_a_driver_without_libraries_says_how_to_give_it_some(user: User) -> None:
    commands = re.sub(r"    --conf spark\.pyspark\.(driver\.)?python=.*\n", "", printed("Client mode"))
    assert commands != printed("Client mode")
    done = user.runs(commands)
    assert done.returncode == 5, done.stdout[-3000:]
    assert " lacks click, numpy, pyarrow, pydantic, yaml, rich, sklearn, scipy" in done.stdout
    assert "--conf spark.pyspark.driver.python=environment/bin/python" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_exit_code_of_the_job_is_that_of_spark_submit(user: User) -> None:
    done = user.runs(printed("Client mode").replace("--conf conf", "--conf elsewhere"))
    assert done.returncode == 2, done.stdout[-3000:]
    assert "elsewhere is no folder with a configuration." in done.stdout


def test_standalone_refuses_python_in_cluster_mode(user: User) -> None:
    done = user.runs(printed("Client mode").replace("spark-submit ", "spark-submit --deploy-mode cluster "))
    assert done.returncode != 0
    assert "Cluster deploy mode is currently not supported for python applications on standalone" in done.stdout


@pytest.mark.parametrize("heading", ["YARN, cluster mode", "Kubernetes, cluster mode"])
def test_a_configuration_that_travels_as_an_archive_is_found_by_the_driver(
    user: User, heading: str, tmp_path: Path
) -> None:
    """As YARN and Kubernetes lay it out: each archive, unpacked in the folder of the driver under the name after `#`."""
    archives = re.search(r"--archives (\S+)", printed(heading))
    assert archives
    for archive in archives[1].split(","):
        path, _, name = archive.partition("#")
        shutil.unpack_archive(user.folder / path, tmp_path / name)
    (name, *options) = printed(heading).split("jobs/", 1)[1].split()
    shutil.copy(ROOT / "jobs" / name, tmp_path)
    script = f"./environment/bin/python {name} --set window_day=1 {' '.join(options)}"
    of_spark = (Path(pyspark.__file__).parent / "python" / "lib").glob("*.zip")
    variables = {**user.environment, "PYTHONPATH": ":".join(map(str, of_spark))}
    done = replace(user, folder=tmp_path, environment=variables).runs(script)
    assert done.returncode == 2, done.stdout
    logged, *plain = done.stdout.splitlines()
    assert json.loads(logged)["exit_code"] == 2
    assert plain == [
        "vitalfew: The configuration has 1 problem:",
        "  conf/jobs/rfm.yml with --set: window_day is not a setting; did you mean window_days?",
    ]
