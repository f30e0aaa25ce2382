"""Writes the parts of docs/ that the code declares: python scripts/make_docs.py [--check]

They are between two markers; what is around the markers is written by hand. --check changes nothing and ends with 1
where a page is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from vitalfew import suite
from vitalfew.job import Procedure, Step
from vitalfew.tables import Table

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "docs" / "golden.json"
SPARK_VERSIONS = """# Versions of Spark

`bash scripts/golden.sh` runs every job on one generated shop (20,000 order lines, seed 1), on the embedded engine and
on a local Spark of each version, and compares all facts and results row by row: numbers but for the last digits (1e-9),
everything else exactly. A version that is not in this table has not been run by us: run `vitalfew verify` there
first, or the script.
"""
BEGIN = "<!-- begin: written by scripts/make_docs.py -->"
END = "<!-- end -->"


def row(*cells: str) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def named(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def read(job: Step) -> str:
    return "files" if isinstance(job, Procedure) and job.needs_files else named(inputs(job))


def inputs(job: Step) -> list[str]:
    """The tables of others that a job reads."""
    return list(dict.fromkeys(read.table.name for read in job.reads.values() if read.table not in job.writes))


def job_table() -> str:
    """All jobs, in the order in which they run."""
    lines = [row("job", "question", "reads", "writes"), "|---|---|---|---|"]
    for job in suite.JOBS.values():
        lines.append(
            row(f"[`{job.name}`](jobs/{job.name}.md)", job.question, read(job), named([t.name for t in job.writes]))
        )
    return "\n".join(lines)


def shown(default: Any) -> str:
    """A default as YAML has it; what is made of other settings is described there."""
    if default is PydanticUndefined:
        return ""
    if default is None:
        return "`null`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, BaseModel):
        return ""
    if isinstance(default, dict) and any(isinstance(each, BaseModel) for each in default.values()):
        return ", ".join(f"`{name}`" for name in default)
    return f"`{list(default) if isinstance(default, tuple) else default}`"


def inner(field: FieldInfo) -> type[BaseModel] | None:
    """The model that a setting holds, if it holds one."""
    kinds = [field.annotation, *get_args(field.annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """One row per setting; those of a group of settings below it."""
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        yield row(f"`{prefix}{name}`", shown(default), field.description or "")
        if group := inner(field):
            yield from settings(group, f"{prefix}{name}.")


def table_reference(table: Table) -> str:
    """What a row is, the key, the columns, and what always holds."""
    key = f"Key: {named(list(table.key))}." if table.key else "Rows may repeat."
    lines = [f"### `{table.name}`", "", f"One row: {table.row}. {key}", ""]
    lines += [row("column", "type", "meaning"), "|---|---|---|"]
    lines += [row(f"`{c.name}`", c.type + (", never null" if c.required else ""), c.comment) for c in table.declared]
    if table.always:
        lines += ["", "Always: " + "; ".join(f"`{rule}`" for rule in table.always) + "."]
    return "\n".join(lines)


def job_page(job: Step) -> str:
    """The reference of one job: data, settings, tables."""
    lines = [f"Reads {read(job)}. Writes {named([table.name for table in job.writes])}.", ""]
    if rows := list(settings(job.params)):
        heading = f"## Settings (`conf/jobs/{job.name}.yml`)"
        lines += [heading, "", row("setting", "default", "meaning"), "|---|---|---|", *rows, ""]
    if job.writes:
        lines += ["## Tables", "", "\n\n".join(table_reference(table) for table in job.writes)]
    return "\n".join(lines)


def data_dictionary() -> str:
    """Sources, facts and logs; results are on the pages of their jobs."""
    kinds = {"source": "Sources", "fact": "Facts", "log": "Logs"}
    parts = []
    for kind, heading in kinds.items():
        parts.append(f"## {heading}")
        parts += [table_reference(table) for table in suite.TABLES.values() if table.kind == kind]
    return "\n\n".join(parts)


def spark_versions() -> str:
    """What `scripts/golden.sh` found, as it noted it."""
    lines = [row("Spark", "Delta Lake", "Python", "Java", "day", "tables that are equal", "rows", "what differs")]
    lines.append("|---|---|---|---|---|---|---|---|")
    for found in json.loads(GOLDEN.read_text(encoding="utf-8")):
        differing = named(found["differing"]) + ("" if found["exit"] == 0 else f"; the run ended with {found['exit']}")
        equal = f"{found['equal']} of {found['tables']}"
        about = (found[name] for name in ("spark", "delta", "python", "java", "day"))
        lines.append(row(*about, equal, f"{found['rows']:,}", differing))
    return "\n".join(lines)


def pages() -> dict[Path, tuple[str, str]]:
    """Of each page that has a part written here: what it begins with when it is new, and that part."""
    found = {
        ROOT / "docs" / "jobs.md": ("# The jobs\n\nIn the order in which they run.\n", job_table()),
        ROOT / "docs" / "tables.md": ("# Tables\n\nSources are yours, facts and logs are ours.\n", data_dictionary()),
    }
    if GOLDEN.exists():
        found[ROOT / "docs" / "spark_versions.md"] = (SPARK_VERSIONS, spark_versions())
    for job in suite.JOBS.values():
        page = ROOT / "docs" / "jobs" / f"{job.name}.md"
        found[page] = (f"# `{job.name}`\n\n{job.question}\n", job_page(job))
    return found


def renewed(page: Path, start: str, part: str) -> str:
    """The text of `page` with `part` between its markers."""
    text = page.read_text(encoding="utf-8") if page.exists() else f"{start}\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    if not rest:
        raise SystemExit(f"{page.name} has no line {BEGIN}")
    return f"{before}{BEGIN}\n{part}\n{END}{rest.partition(END)[2]}"


def main(arguments: list[str]) -> int:
    """1 where a page is out of date and `--check` was asked for, else 0."""
    stale = {page: text for page, (start, part) in pages().items() if (text := renewed(page, start, part)) != old(page)}
    for page, text in stale.items():
        if "--check" in arguments:
            print(f"{page.relative_to(ROOT)} is out of date: run python scripts/make_docs.py")
        else:
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, encoding="utf-8")
    return int("--check" in arguments and bool(stale))


def old(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
