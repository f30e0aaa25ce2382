"""All that `doctor` looks at, in order; what cannot be looked at is a finding too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from vitalfew.cli.doctor import platform_checks, target_checks
from vitalfew.cli.doctor.findings import Finding
from vitalfew.cli.layouts import folded, screen_width
from vitalfew.visible_text import visible_json, visible_lines

if TYPE_CHECKING:
    from vitalfew.config.loading import Config

LABEL = 14


def examined(conf: str, target: str, engine: str | None, root: str | None) -> list[Finding]:
    """What is found of this machine and of a target; no error is raised, whatever is missing."""
    findings = [*looked("python", platform_checks.python), *looked("libraries", platform_checks.libraries)]
    found: Config | None = None

    def configuration() -> Iterable[Finding]:
        nonlocal found
        found, told = target_checks.loaded(conf, target, engine, root)
        return told

    findings += looked("configuration", configuration)
    place = found.target if found else None
    name = engine or (place.engine if place else "sail")
    allowed = place.shared_machine if place else "refuse"
    findings += looked("engine", lambda: platform_checks.engine(name))
    findings += looked("other users", lambda: platform_checks.neighbours(name, allowed))
    findings += looked("memory", platform_checks.memory)
    findings += looked("scratch", target_checks.scratch)
    findings += looked("clock", lambda: target_checks.clock(place))
    if place is not None:
        findings += looked("root", lambda: target_checks.folders(place))
        findings += looked("privacy", lambda: target_checks.privacy(place))
        findings += looked("server", lambda: target_checks.server(place))
    if found is not None:
        config = found
        findings += looked("tables", lambda: target_checks.data_files(config))
        findings += looked("maintenance", lambda: target_checks.maintenance(config))
        hide = found.redact
        findings = [Finding(f.check, f.level, hide(f.text), hide(f.fix), f.exit_code) for f in findings]
    return findings


def looked(check: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a check finds; where it fails itself, that."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except ImportError as error:
        text = f"It cannot be checked without {error.name or error}."
        found.append(Finding(check, "warning", text, "Install what is missing, then run doctor again."))
    except Exception as error:  # a check that fails is news, and must not hide the others
        text = f"It cannot be checked: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        found.append(Finding(check, "warning", text, "Look at the reason; if it is none of yours, please report it."))
    return found


def exit_code(findings: list[Finding]) -> int:
    """That of the first error; 0 where there is none."""
    return next((finding.exit_code for finding in findings if finding.level == "error"), 0)


def indented(text: str) -> str:
    """The lines of a text below each other; on a terminal none is longer than it is wide, where words allow."""
    margin, width = LABEL + 9, screen_width()
    lines = text.splitlines()
    if width is not None:
        lines = [part for line in lines for part in folded(line, width - margin)]
    return ("\n" + " " * margin).join(lines)


def printed(findings: list[Finding], as_json: bool) -> str:
    """The findings in lines, what is wrong with how to fix it; or as JSON."""
    if as_json:
        told = [{k: v for k, v in asdict(finding).items() if k != "exit_code"} for finding in findings]
        found = {"exit_code": exit_code(findings), "findings": told}
        return visible_json(json.dumps(found, indent=2, ensure_ascii=False))
    lines = []
    for finding in findings:
        lines.append(f"{finding.level:<8} {finding.check:<{LABEL}}{indented(finding.text)}")
        if finding.fix:
            lines.append(f"{'':<{LABEL + 9}}-> {indented(finding.fix)}")
    errors = sum(finding.level == "error" for finding in findings)
    warnings = sum(finding.level == "warning" for finding in findings)
    end = (
        "Nothing is wrong." if not errors + warnings else f"{counted(errors, 'error')}, {counted(warnings, 'warning')}."
    )
    return visible_lines("\n".join([*lines, "", end]))


def counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
