"""`vitalfew`: the one way in, from a shell, spark-submit's entry files, or a wheel task.

What a command needs is imported when it runs, so that `--help` answers at once.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from vitalfew import __version__
from vitalfew.cli.compare_command import compare
from vitalfew.cli.completion import completion, job_names
from vitalfew.cli.customer_command import customer
from vitalfew.cli.doctor_command import doctor
from vitalfew.cli.explain_command import explain
from vitalfew.cli.init_command import init
from vitalfew.cli.layouts import FORMATS
from vitalfew.cli.maintain_command import due_after, maintain
from vitalfew.cli.mcp_command import mcp
from vitalfew.cli.options import Command, hiding, known_table, located, observed, opened
from vitalfew.cli.power_command import power
from vitalfew.cli.runs_command import runs
from vitalfew.cli.sql_command import sql
from vitalfew.errors import ConfigError, OutOfTimeError, TableError, VitalFewError, hint
from vitalfew.visible_text import visible, visible_lines

if TYPE_CHECKING:
    from vitalfew.config.loading import Config
    from vitalfew.job import Step
    from vitalfew.runs.pipeline import Outcome
    from vitalfew.storage.delta import Storage


def main(*job: str) -> None:
    """Run the command line; with a job's name, as if `run JOB` stood before the arguments.

    Returns on success, as platforms ask; a user's error is printed without a traceback, with an exit code of its kind.
    """
    arguments = ["run", *job, *sys.argv[1:]] if job else sys.argv[1:]
    try:
        code = cli.main(args=arguments, prog_name="vitalfew", standalone_mode=False)
    except VitalFewError as error:
        if "--debug" in arguments:
            raise
        click.echo(visible_lines(f"vitalfew: {error}"), err=True)
        if isinstance(error, OutOfTimeError):
            leave_at_once(error.exit_code)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        click.echo(visible_lines(said.getvalue()), nl=False, err=True)
        sys.exit(error.exit_code)
    except click.Abort as abort:
        click.echo("vitalfew: stopped. What is half written is not seen, and the next run replaces it.", err=True)
        if isinstance(abort.__cause__, KeyboardInterrupt):
            leave_at_once(130)
        sys.exit(130)
    except Exception as error:
        if "--debug" in arguments:
            raise
        from vitalfew.engines.failures import unexpected

        told = unexpected(error)
        click.echo(visible_lines(f"vitalfew: {told}"), err=True)
        sys.exit(told.exit_code)
    if isinstance(code, int) and code != 0:
        sys.exit(code)


def leave_at_once(code: int) -> NoReturn:
    """End the process as it is: Python's own end would wait for, or abort at, threads of an engine that still work."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vitalfew")
def cli() -> None:
    """Who your vital few are, and what to do next: customer analytics on Delta Lake."""


@cli.command()
@click.argument("jobs", nargs=-1, required=True, shell_complete=job_names)
@located
@click.option(
    "--as-of", default="latest", show_default=True, help="YYYY-MM-DD, or the day after the last order up to today."
)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter; JOB.KEY=VALUE if several run."
)
@click.option("--force", is_flag=True, help="Repeat what is finished.")
@click.option("--refit", is_flag=True, help="Fit models now, also those whose last fit could be used.")
@click.option(
    "--reread",
    is_flag=False,
    flag_value="all",
    metavar="[SOURCE]",
    help="With ingest: read all files of a source (or of all) again, by the settings of today.",
)
@click.option("--force-unlock", is_flag=True, help="Treat unfinished runs on other hosts as failed.")
@click.option("--dry-run", is_flag=True, help="Say what would be read and written, and stop.")
@click.option("--report/--no-report", default=True, help="With all: write the report beside the tables.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--log-file", metavar="FILE", help="Append what is logged to it as JSON lines, whatever the terminal shows."
)
@click.option(
    "--metrics-file", metavar="FILE", help="Write metrics for Prometheus to it, instead of the target's metrics_file."
)
def run(
    jobs: Sequence[str], conf: str, target: str, engine: str | None, root: str | None, debug: bool, **options: Any
) -> int:
    """Run JOBS (names, or all), each after those it needs."""
    from vitalfew import suite
    from vitalfew.config import loading

    if options["dry_run"]:
        from vitalfew.runs.dry_run import plan

        chosen, day = suite.chosen(jobs), observed(options["as_of"])
        loaded = loading.load(conf, target, chosen, options["settings"], engine=engine, root=root)
        with opened(loaded) as storage:
            click.echo(visible_lines(loaded.redact(plan(chosen, storage, day))))
        return 0
    from vitalfew.cli.metrics_file import Metrics
    from vitalfew.cli.progress import Progress
    from vitalfew.cli.watched import watched
    from vitalfew.runs.pipeline import Runner

    with (
        Progress(options["log_format"], target=target, file=options["log_file"]) as progress,
        Metrics(options["metrics_file"], target, lambda: progress.exit_code, progress.warn) as metrics,
    ):
        chosen, day = suite.chosen(jobs), observed(options["as_of"])
        progress.jobs = len(chosen)
        steps = suite.chosen([*jobs, "maintain"]) if "all" in jobs else chosen  # whose settings say when that is due
        loaded = loading.load(conf, target, steps, options["settings"], engine=engine, root=root)
        metrics.path = metrics.path or loaded.target.own_file("metrics_file")
        with opened(loaded) as storage, watched(loaded, progress.warn) as watching:
            runner = Runner(storage, loaded, day, options["force"], began=progress.began)
            runner.planned, runner.watching = progress.planned, watching
            runner.ended = both(progress.ended, metrics.ended)
            runner.force_unlock, runner.refit = options["force_unlock"], options["refit"]
            runner.reread = sources_to_reread(options["reread"], chosen, loaded)
            outcomes = runner.run(chosen, lenient="all" in jobs)
            if metrics.path is not None:
                metrics.last_published = runner.published.ledger.last_times()
            if "all" in jobs and options["report"]:
                report_of_run(storage, loaded, outcomes)
            if "all" in jobs and (told := due_after(loaded, runner)):
                click.echo(visible_lines(loaded.redact(told)), err=True)
        progress.exit_code = exit_code(outcomes, debug)
    return progress.exit_code


def both(first: Callable[[Outcome], None], second: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    """Tell one and the other."""

    def tell(outcome: Outcome) -> None:
        first(outcome)
        second(outcome)

    return tell


def report_of_run(storage: Storage, loaded: Config, outcomes: Sequence[Outcome]) -> None:
    """The report beside the tables, where these are in a folder of this machine and the summary is there."""
    from vitalfew.cli.report import beside_tables

    made = next((each for each in outcomes if each.job == "summary" and each.state in ("published", "unchanged")), None)
    folder = beside_tables(loaded.target.root)
    if made is not None and folder is not None:
        write_report(storage, loaded, made.as_of, str(folder))


def sources_to_reread(name: str | None, chosen: Sequence[Step], loaded: Config) -> tuple[str, ...]:
    """The sources that `--reread` names; ConfigError where there is no such source, or ingest does not run."""
    if name is None:
        return ()
    known = tuple(loaded.target.files)
    if "ingest" not in [job.name for job in chosen]:
        raise ConfigError("--reread is for the job ingest: vitalfew run ingest --reread [SOURCE]")
    if name != "all" and name not in known:
        raise ConfigError(f"--reread {name}: the target's file has no files.{name}; {hint(name, known)}")
    return known if name == "all" else (name,)


@cli.command()
@click.argument("customers", nargs=-1)
@located
@click.option("--contact", "contacts", multiple=True, metavar="VALUE", help="Whoever has this e-mail, phone, …")
@click.option(
    "--from", "source", metavar="FILE|TABLE", help="Customers, one a line, or in a column customer_id or contact."
)
@click.option("--dry-run", is_flag=True, help="Say what would be erased, and stop.")
@click.option("--force-unlock", is_flag=True, help="Treat unfinished runs on other hosts as failed.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def forget(
    customers: Sequence[str],
    conf: str,
    target: str,
    engine: str | None,
    root: str | None,
    debug: bool,
    **options: Any,
) -> int:
    """Erase CUSTOMERS from every table of ours, keep them from coming back, and certify it.

    Their history ends: older versions of the tables can no longer be read. Other users of the machine see a command
    line: name many, or a contact, by --from.
    """
    from vitalfew import suite
    from vitalfew.config import loading
    from vitalfew.procedures.forget.persons import Named

    named = Named(tuple(customers), tuple(options["contacts"]), options["source"])
    if named.is_empty:
        raise ConfigError("Who is to be forgotten? Name customers, --contact VALUE, or --from FILE.")
    steps = suite.chosen(["forget"])
    loaded = loading.load(conf, target, steps, (), engine=engine, root=root)
    if options["dry_run"]:
        from vitalfew.procedures.forget.perform import expected

        with opened(loaded) as storage:
            click.echo(visible_lines(loaded.redact(expected(storage, named))))
        return 0
    from vitalfew.cli.progress import Progress
    from vitalfew.runs.pipeline import Runner

    with Progress(options["log_format"], target=target) as progress, opened(loaded) as storage:
        runner = Runner(storage, loaded, began=progress.began, ended=progress.ended)
        runner.force_unlock, runner.erase = options["force_unlock"], named
        outcomes = runner.run(steps)
        progress.exit_code = exit_code(outcomes, debug)
    for outcome in outcomes:
        if outcome.report:
            click.echo(visible_lines(loaded.redact(outcome.report)))
    return progress.exit_code


def exit_code(outcomes: Sequence[Outcome], debug: bool) -> int:
    """0 if nothing failed, else the code of the first failure; an error where there was nothing to do at all."""
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failed and debug:
        raise failed[0]
    if failed:
        return failed[0].exit_code
    if all(outcome.state == "skipped" for outcome in outcomes):
        raise TableError("No job could run: " + "; ".join(f"{o.job} {o.state}: {o.message}" for o in outcomes) + ".")
    return 0


@cli.command()
def jobs() -> None:
    """List the jobs: what each answers, reads and writes."""
    from vitalfew import suite

    for job in suite.JOBS.values():
        click.echo(f"{job.name}: {job.question}")
        if job.reads:
            names = [f"{r.table.name} (if there)" if r.optional else r.table.name for r in job.reads.values()]
            click.echo(f"    reads  {', '.join(names)}")
        click.echo(f"    writes {', '.join(table.name for table in job.writes)}")


@cli.command()
@click.argument("names", nargs=-1)
def tables(names: Sequence[str]) -> None:
    """Print the declared tables: columns, keys, what always holds. With NAMES, only these."""
    from vitalfew.messages.sentences import closed_values
    from vitalfew.suite import TABLES

    for name in names:
        if name not in TABLES:
            raise ConfigError(f"There is no table {name!r}; {hint(name, TABLES)}")
    for table in TABLES.values():
        if names and table.name not in names:
            continue
        click.echo(f"{table.name} ({table.kind}): {table.row}")
        click.echo(f"    key: {', '.join(table.key) or 'none'}")
        for column in table.declared:
            required = " not null" if column.required else ""
            click.echo(f"    {column.name:<24} {column.type + required:<24} {column.comment}")
        for column_name, values in closed_values(table).items():
            click.echo(f"    {column_name} is one of: {', '.join(values)}")
        for rule in table.always:
            click.echo(f"    always: {rule}")
        click.echo()


def listed(_: click.Context, __: click.Parameter, given: str | None) -> tuple[str, ...]:
    """Names that commas part."""
    return tuple(name.strip() for name in given.split(",") if name.strip()) if given else ()


def viewing(command: Command) -> Command:
    """The options that say which rows of a table are meant."""
    options = [
        click.option("--as-of", default="latest", show_default=True, help="The slice: YYYY-MM-DD, or the newest."),
        click.option(
            "--where", metavar="CONDITION", help="Only rows for which it holds, such as \"segment = 'Champions'\"."
        ),
        click.option("--by", metavar="COLUMN", help="The highest of this column first."),
        click.option("--columns", metavar="NAME,NAME", callback=listed, help="Only these, in this order."),
        click.option(
            "--min-group",
            is_flag=False,
            flag_value=5,
            type=click.IntRange(2, 1_000_000),
            metavar="[PEOPLE]",
            help="Of a table that counts people, hide groups of fewer (5), and those that give them away.",
        ),
        click.option("--contacts", is_flag=True, help="Show contact details, which are masked otherwise."),
        click.option(
            "--language", type=click.Choice(["en", "zh"]), help="Write the sentences in it, instead of the target's."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
@click.argument("name")
@located
@viewing
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Rows to show.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="A table wider than the terminal has a line for each cell; in a pipe it is whole. JSON is one array.",
)
def show(name: str, conf: str, target: str, engine: str | None, root: str | None, debug: bool, **options: Any) -> None:
    """Show rows of the table NAME, in the order of its key; the summary as text.

    Example: vitalfew show rfm --by monetary --columns customer_id,segment,monetary --format csv
    """
    del debug
    form = options.pop("form")
    from vitalfew.cli.show import View, display
    from vitalfew.config import loading

    table, view = known_table(name), View(observed(options.pop("as_of")), **options)
    view.check(table)
    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    with opened(loaded) as storage:
        display(storage, loaded, table, view, form)


@cli.command()
@click.argument("name")
@located
@viewing
@click.option("--to", required=True, metavar="FILE", help="Its ending says the form: .csv, .xlsx or .parquet.")
@click.option("--limit", type=click.IntRange(1), help="Rows to write; all, if it is not given.")
def export(
    name: str, conf: str, target: str, engine: str | None, root: str | None, debug: bool, **options: Any
) -> None:
    """Write rows of the table NAME to a file, for a spreadsheet or another program.

    vitalfew export rfm --where "segment = 'At Risk'" --by monetary --to at_risk.csv
    """
    del debug
    from vitalfew.cli import export as exporting
    from vitalfew.cli.show import View
    from vitalfew.config import loading

    to = options.pop("to")
    exporting.writer(Path(to))
    table, view = known_table(name), View(observed(options.pop("as_of")), **options)
    view.check(table)
    exporting.refuse_details(table, view)
    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    with opened(loaded) as storage:
        exporting.export(storage, loaded, table, view, to)


@cli.command()
@located
@click.option("--as-of", default="latest", show_default=True, help="The day: YYYY-MM-DD, or the newest.")
@click.option("--language", type=click.Choice(["en", "zh", "both"]), default="both", show_default=True)
@click.option("--out", default="report", show_default=True, metavar="FOLDER", help="Where the files are written.")
@hiding("Hide groups of fewer people, and those that give them away.")
def report(
    conf: str, target: str, engine: str | None, root: str | None, debug: bool, as_of: str, **options: Any
) -> None:
    """Write what is published as a page to read: one HTML file a language, which needs no network.

    Example: vitalfew report --target demo --language en --out report
    """
    del debug
    from vitalfew import suite
    from vitalfew.config import loading

    day = observed(as_of)
    loaded = loading.load(conf, target, suite.chosen(["summary"]), (), engine=engine, root=root)
    with opened(loaded) as storage:
        write_report(storage, loaded, day, options["out"], options["language"], options["min_group"])


def write_report(
    storage: Storage, loaded: Config, day: date | None, folder: str, language: str = "both", min_group: int = 5
) -> None:
    """Write the report of a day and print its paths."""
    from vitalfew.cli.report import Order, written
    from vitalfew.messages.words import LANGUAGES

    languages = LANGUAGES if language == "both" else (language,)
    for path in written(storage, loaded, Order(day, languages, Path(folder), min_group)):
        click.echo(visible(f"The report: {path}"))


@cli.command()
@located
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def versions(conf: str, target: str, engine: str | None, root: str | None, debug: bool, form: str) -> None:
    """Print which version of each table is published, and queries that read it with other tools."""
    del debug
    from vitalfew.cli.versions import listed
    from vitalfew.config import loading

    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    with opened(loaded) as storage:
        click.echo(visible_lines(loaded.redact(listed(storage, loaded, form == "json"))))


@cli.group("config")
def configuration() -> None:
    """Check configurations, or describe them to an editor."""


@configuration.command("check")
@click.argument("jobs", nargs=-1, shell_complete=job_names)
@located
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="As for run.")
def check(
    jobs: Sequence[str],
    conf: str,
    target: str,
    engine: str | None,
    root: str | None,
    debug: bool,
    settings: Sequence[str],
) -> None:
    """Check the configuration of a target and of JOBS (default: all) without starting an engine."""
    del debug
    from vitalfew import suite
    from vitalfew.config import loading

    chosen = suite.chosen(jobs or suite.JOBS)
    loaded = loading.load(conf, target, chosen, settings, engine=engine, root=root)
    for job, lines in loaded.overrides.items():
        for line in lines:
            click.echo(visible(f"{job}: {line}."))
    click.echo(f"The target {visible(target)} and {len(chosen)} jobs are configured as they should be.")


@configuration.command("schema")
@click.argument("name")
def schema(name: str) -> None:
    """Print the JSON Schema of NAME: a job, `target`, or `definitions`."""
    from vitalfew.config import loading

    click.echo(json.dumps(loading.schema(name), indent=2))


for command in (compare, completion, customer, doctor, explain, init, maintain, mcp, power, runs, sql):
    cli.add_command(command)
