"""Metrics of a run for the textfile collector of Prometheus: one file, written whole when the run is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from vitalfew import __version__
from vitalfew.cli.progress import code_of
from vitalfew.cli.whole_file import whole_file

if TYPE_CHECKING:
    from vitalfew.runs.pipeline import Outcome

STATES = ("published", "unchanged", "skipped", "failed", "blocked")
Labels = dict[str, str]


class Metrics:
    """Gathers how jobs end, and writes it where there is a file to write; `exit_code` is asked at the end."""

    def __init__(
        self, path: str | None, target: str, exit_code: Callable[[], int | None], tell: Callable[[str], None]
    ) -> None:
        self.path = Path(path) if path is not None else None
        self.target, self.exit_code, self.tell = target, exit_code, tell
        self.outcomes: list[Outcome] = []
        self.last_published: dict[str, float] = {}
        """By job, when it was last published, as seconds since 1970."""
        self.clock = time.monotonic()

    def ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def __enter__(self) -> Metrics:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.path is None:
            return
        code = (self.exit_code() or 0) if error is None else code_of(error)
        try:
            with whole_file(self.path) as file:
                file.write_text(self.text(code), encoding="utf-8")
                file.chmod(0o644)  # the collector runs as another user
        except OSError as trouble:
            self.tell(f"metrics: {self.path} could not be written: {trouble.strerror or trouble}")

    def text(self, code: int) -> str:
        """All metrics, in the text format of Prometheus."""
        return "".join(f"{line}\n" for line in self.lines(code))

    def lines(self, code: int) -> Iterator[str]:
        run = {"target": self.target}
        jobs = [({**run, "job": each.job}, each) for each in self.outcomes]
        yield from family("vitalfew_info", "Version of Vital Few.", [({**run, "version": __version__}, 1)])
        yield from family("vitalfew_run_timestamp_seconds", "When the last command run was over.", [(run, time.time())])
        yield from family("vitalfew_run_exit_code", "Its exit code: 0 is done.", [(run, code)])
        yield from family("vitalfew_run_seconds", "How long it took.", [(run, time.monotonic() - self.clock)])
        yield from family(
            "vitalfew_job_outcome",
            "1 for how each of its jobs ended, 0 for the others.",
            [({**labels, "outcome": s}, int(s == each.state)) for labels, each in jobs for s in STATES],
        )
        yield from family(
            "vitalfew_job_seconds", "How long each job took.", [(labels, each.seconds) for labels, each in jobs]
        )
        yield from family(
            "vitalfew_job_rows",
            "Rows that each job wrote, by table.",
            [({**labels, "table": name}, rows) for labels, each in jobs for name, rows in each.rows_out.items()],
        )
        yield from family(
            "vitalfew_job_rows_quarantined",
            "Rows that each job refused.",
            [(labels, each.rows_quarantined) for labels, each in jobs],
        )
        yield from family(
            "vitalfew_job_last_published_timestamp_seconds",
            "When each job of the target was last published, whichever command ran it.",
            [({**run, "job": job}, at) for job, at in self.last_published.items()],
        )


def family(name: str, meaning: str, samples: Sequence[tuple[Labels, float]]) -> Iterator[str]:
    """The lines of one gauge; none where it has no sample."""
    if not samples:
        return
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        inside = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{inside}}} {value:.3f}" if isinstance(value, float) else f"{name}{{{inside}}} {value}"


def escaped(text: str) -> str:
    """A label as the format has it."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
