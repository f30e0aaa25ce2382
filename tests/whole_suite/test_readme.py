"""README and docs are true: what the code declares is current, commands run, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import make_docs
import pytest
from command_line import CommandLine

from journey import lay_files
from vitalfew.engines.engine import Engine
from vitalfew.tables.sources import ORDER_LINES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line
]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
YAML = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)


def test_what_the_code_declares_is_in_the_pages_as_it_is_now() -> None:
    """The list of jobs, a page for each job, the data dictionary."""
    assert make_docs.main(["--check"]) == 0, "run python scripts/make_docs.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_file(page: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]+`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(((?!https?:|#)[^)#]+)(?:#[^)]*)?\)", text)
    assert not [target for target in found if not (page.parent / target).exists()]


def test_a_named_test_exists() -> None:
    """On any page."""
    named = {
        path for page in PAGES for path in re.findall(r"`(tests/[a-z0-9_/]+\.py)`", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    assert not [path for path in sorted(named) if not (ROOT / path).exists()]


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("bash ")])
def test_a_script_that_is_named_is_there_and_parses(command: str) -> None:
    script = ROOT / shlex.split(command)[1]
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


@pytest.fixture(scope="module")
def at_home(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder: our configuration, and the place of the README over a table `sales` of their own."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "conf", home / "conf")
    lay_files(home / "data" / "demo" / "files", 30)
    with pytest.MonkeyPatch.context() as monkeypatch:
        there = ("--target", "demo", "--root", str(home / "data" / "demo"))
        ingested = CommandLine(running, monkeypatch)("run", "ingest", *there, folder=home)
    assert ingested.returncode == 0, ingested.stderr
    shutil.move(home / "data" / "demo" / "order_lines", home / "data" / "local" / "sales")
    assert YAML is not None
    text = (
        YAML[1]
        .replace("cust_no", "customer_id")
        .replace("price * quantity", "amount")
        .replace("status = 'COMPLETE'", "quantity > 0")
    )
    (home / "conf" / "targets" / "local.yml").write_text(text, encoding="utf-8")
    return home


def test_the_commands_for_ones_own_data_run_in_their_order(
    running: Engine, monkeypatch: pytest.MonkeyPatch, at_home: Path
) -> None:
    vitalfew = CommandLine(running, monkeypatch)
    commands = [c.split("#")[0] for c in COMMANDS if c.startswith("vitalfew ")]
    assert len(commands) >= 5
    for command in commands:
        words = shlex.split(command)[1:]
        done = served(words, at_home) if words[0] == "mcp" else vitalfew(*words, folder=at_home)
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def served(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A server that speaks over its standard streams, and is asked nothing."""
    command = [sys.executable, "-m", "vitalfew", *words]
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_the_mapping_of_the_readme_names_columns_that_there_are() -> None:
    assert YAML is not None
    assert all(name in ORDER_LINES.columns for name in re.findall(r"^ {6}(\w+):", YAML[1], re.MULTILINE))
