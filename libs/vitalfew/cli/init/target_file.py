"""The proposal as a target: a YAML file with a comment where a setting needs one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vitalfew.cli.init.proposal import Proposal
from vitalfew.config import loading
from vitalfew.config.target import Target
from vitalfew.errors import ConfigError
from vitalfew.visible_text import visible

HEAD = """\
# Written by vitalfew init. Change what is not right, then: vitalfew config check --target {target}
# All settings: docs/files.md, or vitalfew config schema target.
# Where the rows went: vitalfew show ingested_files --target {target}
engine: sail                     # the embedded engine; spark and connect read the same settings
"""
COLUMNS = {
    "order_id": "the order that a line belongs to",
    "customer_id": "who bought",
    "product_id": "what was bought",
    "ordered_at": "when, on the clock of the shop",
    "quantity": "how many; negative for a return",
    "amount": "money of the line; negative for a return",
    "currency": "ISO code",
    "channel": "where it was bought",
}
COMMENT_AT = 60


def scalar(value: Any) -> str:
    """A value on one line, as YAML and JSON write it; a plain word as it is."""
    if isinstance(value, str) and value.replace("_", "").isalnum() and value.isascii() and not value[:1].isdigit():
        plain = value.lower() not in ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan")
        return value if plain else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


def commented(line: str, comment: str) -> str:
    return f"{line:<{COMMENT_AT}} # {visible(comment)}" if comment else line


def written(
    name: str, root: str, roots: list[str], place: Mapping[str, str], proposal: Proposal, shared_machine: str
) -> str:
    """The text of the target file; what it says has been checked as a target."""
    target: dict[str, Any] = {"root": root, "roots": roots, "currency": proposal.currency}
    lines = [HEAD.format(target=name).rstrip()]
    lines.append(commented(f"root: {scalar(root)}", "the folder of all tables"))
    if roots:
        lines.append(commented(f"roots: {scalar(roots)}", "files may lie here too"))
    if shared_machine == "allow":
        target["shared_machine"] = shared_machine
        lines.append(commented("shared_machine: allow", "other users of this machine may reach the engine"))
    if proposal.currency:
        lines.append(commented(f"currency: {proposal.currency}", "how reports write money"))
    lines += [f"# {visible(note)}" for note in proposal.notes]
    source = {**place, **proposal.settings}
    problems: list[str] = []
    given = {**{key: value for key, value in target.items() if value}, "files": {"order_lines": source}}
    if loading.validate(Target, given, "The proposal", problems, None) is None:
        raise ConfigError("\n".join(problems))
    lines += ["files:", "  order_lines:"]
    for key, value in source.items():
        lines += setting(key, value, proposal.reasons.get(key, ""))
    return "\n".join([*lines, ""])


def setting(key: str, value: Any, comment: str) -> list[str]:
    if key != "columns" or not isinstance(value, Mapping):
        return [commented(f"    {key}: {scalar(value)}", comment)]
    return ["    columns:", *[commented(f"      {n}: {scalar(t)}", COLUMNS.get(n, "")) for n, t in value.items()]]
