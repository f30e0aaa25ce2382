"""Writes a new job with all that belongs to it, ready to run: python scripts/new_job.py NAME ["QUESTION"]

The job counts orders per channel: a small example to be changed. It is registered in the suite and in the summary, and
its question and its sentences are added to the messages in both languages.
"""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "libs" / "vitalfew"

FILES = {
    "jobs/NAME.py": '''"""The job NAME, for spark-submit: all it knows is its name."""

from vitalfew.entry import main

if __name__ == "__main__":
    main("NAME")
''',
    "conf/jobs/NAME.yml": """# QUESTION

window_days: null      # look back this many days from as_of; null: everything before it
""",
    "libs/vitalfew/jobs/NAME/__init__.py": '''"""The job NAME."""
''',
    "libs/vitalfew/jobs/NAME/params.py": '''"""The parameters of `NAME`."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class CLASSParams(Params):
    """Which orders are counted."""

    window_days: int | None = Field(
        default=None, ge=1, description="Look back this many days from as_of; null looks at everything before it."
    )
''',
    "libs/vitalfew/jobs/NAME/tables.py": '''"""What `NAME` writes."""

from __future__ import annotations

from vitalfew.tables.result import result

TABLE = result(
    "NAME",
    "one channel",
    ("channel",),
    {
        "channel": "string not null comment 'Where customers ordered; unknown where the orders do not say.'",
        "orders": "bigint not null comment 'Sales in the window.'",
        "net_amount": "decimal(28,2) not null comment 'Their net spend.'",
    },
    ("orders > 0",),
)
''',
    "libs/vitalfew/jobs/NAME/transform.py": '''"""QUESTION"""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.jobs.NAME.params import CLASSParams


def NAME(orders: DataFrame, *, params: CLASSParams, as_of: date, stage: Stage = UNSTAGED) -> tuple[DataFrame]:
    """TABLE: the sales in the window by channel."""
    del stage  # nothing is read twice
    sales = in_window(orders, as_of, params.window_days).where(is_sale())
    counted = sales.groupBy(F.coalesce("channel", F.lit("unknown")).alias("channel")).agg(
        F.count(F.lit(1)).alias("orders"), F.sum("net_amount").cast("decimal(28,2)").alias("net_amount")
    )
    return (counted.select("channel", "orders", "net_amount"),)
''',
    "libs/vitalfew/jobs/NAME/job.py": '''"""The job `NAME`: what it reads, computes and writes."""

from __future__ import annotations

from vitalfew.job import Job, Read
from vitalfew.jobs.NAME.params import CLASSParams
from vitalfew.jobs.NAME.tables import TABLE
from vitalfew.jobs.NAME.transform import NAME
from vitalfew.tables import facts

JOB = Job(
    name="NAME",
    question=QUOTED,
    params=CLASSParams,
    reads={"orders": Read(facts.ORDERS)},
    writes=(TABLE,),
    transform=NAME,
)
''',
    "libs/vitalfew/jobs/NAME/report.py": '''"""What the summary says of `NAME`."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.NAME.tables import TABLE
from vitalfew.messages.message import message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

MOST = 5


def channels(found: DataFrame) -> list[Line]:
    """The channels with most orders."""
    rows = collect_rows(found.orderBy(F.desc("orders"), "channel").limit(MOST), "channels")
    return [
        Line(
            row["channel"],
            message("NAME.fact.channel", orders=row["orders"], amount=row["net_amount"]),
            value=float(row["orders"]),
            unit="orders",
        )
        for row in rows
    ] or missing("NAME")


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [Section("NAME", channels(known["NAME"]))]


REPORT = Report("NAME", (TABLE,), sections)
''',
    "tests/jobs/NAME/test_NAME.py": '''"""QUESTION"""

from __future__ import annotations

from datetime import date

from staged import staged

from conftest import Frame
from vitalfew.jobs.NAME.params import CLASSParams
from vitalfew.jobs.NAME.transform import NAME
from vitalfew.tables.facts import ORDERS


def test_sales_are_counted_by_channel(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | channel | ordered_on | kind   | net_amount
        ---------+---------+------------+--------+-----------
        o1       | web     | 2025-01-01 | sale   | 10.00
        o2       | web     | 2025-01-02 | sale   | 5.00
        o3       | ~       | 2025-01-03 | sale   | 1.00
        o4       | shop    | 2025-01-04 | return | -1.00
        o5       | shop    | 2025-02-01 | sale   | 9.00
        """,
    )
    (found,) = NAME(orders, params=CLASSParams(), as_of=date(2025, 2, 1), stage=staged)
    counted = {row["channel"]: (row["orders"], str(row["net_amount"])) for row in found.collect()}
    assert counted == {"web": (2, "15.00"), "unknown": (1, "1.00")}
''',
}


SENTENCES = {
    "en": """NAME:
  fact:
    channel: "{orders:count:# order|# orders}, {amount:money}"
""",
    "zh": """NAME:
  fact:
    channel: "{orders:count:# 单}，{amount:money}"
""",
}


def added(path: str, before: str, text: str, first: bool = False) -> None:
    """Put `text` before the (last, unless `first`) line that begins with `before`."""
    file = ROOT / path
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if line.startswith(before)]
    if not found:
        raise SystemExit(f"{path} has no line that begins with {before!r}")
    lines.insert(found[0] if first else found[-1], text)
    file.write_text("".join(lines), encoding="utf-8")


def refuse(name: str) -> None:
    """Stop where a job cannot be called so."""
    is_name = re.fullmatch(r"[a-z][a-z0-9_]*", name) and not keyword.iskeyword(name)
    if not is_name or name in sys.stdlib_module_names:
        raise SystemExit(
            f"{name!r} is no name for a job: lower-case letters, digits and _, no keyword, and no module of Python's "
            "own library, which jobs/ would hide from spark-submit."
        )
    if (PACKAGE / "jobs" / name).exists():
        raise SystemExit(f"There is a job {name} already: {PACKAGE / 'jobs' / name}.")


def main(name: str, question: str) -> None:
    """Write the files of the job, register it, and renew the pages that list jobs."""
    refuse(name)
    parts = {
        "NAME": name,
        "CLASS": "".join(word.title() for word in name.split("_")),
        "TABLE": name.upper(),
        "QUESTION": question,
        "QUOTED": json.dumps(question, ensure_ascii=False),
    }
    for path, text in FILES.items():
        file = ROOT / path.replace("NAME", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(re.sub("|".join(parts), lambda found: parts[found[0]], text), encoding="utf-8")
    suite, summary = "libs/vitalfew/suite.py", "libs/vitalfew/jobs/summary/reports.py"
    added(suite, "from vitalfew.jobs.summary", f"from vitalfew.jobs.{name} import job as {name}\n")
    added(suite, "        summary.JOB,", f"        {name}.JOB,\n")
    added(summary, "from vitalfew.report.sections", f"from vitalfew.jobs.{name} import report as {name}\n", first=True)
    added(summary, "    recommendations.REPORT,", f"    {name}.REPORT,\n")
    for language, sentences in SENTENCES.items():
        messages = f"libs/vitalfew/messages/{language}.yml"
        added(messages, '  attention: "', f"  {name}: {parts['QUOTED']}\n", first=True)
        added(messages, "summary:", sentences.replace("NAME", name))
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make_docs.py")], check=True)
    subprocess.run(["ruff", "check", "--quiet", "--select", "I", "--fix", str(PACKAGE)], check=False, cwd=ROOT)
    print(f"The job {name} is there. Run its tests: python -m pytest tests/jobs/{name}")
    print(f"Its question is in English in both languages: translate it in libs/vitalfew/messages/zh.yml ({name}).")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else f"What does {sys.argv[1].replace('_', ' ')} say?")
