"""The tools: what each is for, what it is asked and answers, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcp import types

from vitalfew.cli.mcp_server import answers, asked
from vitalfew.cli.mcp_server.desk import Desk
from vitalfew.cli.mcp_server.guard import sentence
from vitalfew.errors import ConfigError, hint
from vitalfew.storage import damaged_files


@dataclass(frozen=True)
class Tool:
    """A tool: what it is for, what it is asked, and what it answers."""

    title: str
    description: str
    asked: type[asked.Asked]
    answer: type[answers.Answer]
    method: Callable[[Desk, Any], answers.Answer]


TOOLS: dict[str, Tool] = {
    "list_tables": Tool(
        "List the tables",
        "All tables with what one row of each is, and whether query may read it.",
        asked.Nothing,
        answers.Tables,
        Desk.list_tables,
    ),
    "describe_table": Tool(
        "Describe a table",
        "The definition of a table: key, columns with type, unit and meaning, what always holds, who writes it.",
        asked.OfTable,
        answers.Described,
        Desk.describe_table,
    ),
    "query": Tool(
        "Query what is published",
        "The rows of one SELECT over one slice of each table, with what columns mean, and as_of and run of each table.",
        asked.OfQuery,
        answers.Rows,
        Desk.query,
    ),
    "explain": Tool(
        "Explain a column",
        "What a column means, which job makes it, from what and with which settings; of one customer also the rows.",
        asked.OfColumn,
        answers.Explained,
        Desk.explain,
    ),
    "list_runs": Tool(
        "List the runs",
        "The newest runs: job, day, outcome, seconds, rows, and the reason where one failed.",
        asked.OfRuns,
        answers.Runs,
        Desk.list_runs,
    ),
    "findings": Tool(
        "The findings",
        "The report of a day in words: each question of the business, its answer, what to do, and the facts.",
        asked.OfFindings,
        answers.Findings,
        Desk.findings,
    ),
}


def declared(name: str, tool: Tool) -> types.Tool:
    """A tool as the protocol describes it."""
    return types.Tool(
        name=name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.asked.model_json_schema(),
        output_schema=tool.answer.model_json_schema(),
        annotations=types.ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False),
    )


def called(desk: Desk, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    """What a tool answers, or what is wrong, in a sentence: here, in the main thread, where time can be limited.

    A sentence may repeat texts of the data, so it is marked as answers are.
    """
    try:
        if name not in TOOLS:
            raise ConfigError(f"There is no tool {name!r}; {hint(name, TOOLS)}")
        tool = TOOLS[name]
        question = asked.checked(tool.asked, arguments)
        found = desk.timed(lambda given: tool.method(desk, given), question)
    except Exception as error:
        known = damaged_files.known(error, desk.config.target, desk.config.target_name)
        said = sentence(asked.of_tools(str(known)), desk.config)
        parts = [types.TextContent(type="text", text=each) for each in (said, answers.NOTICE)]
        return types.CallToolResult(content=[*parts], is_error=True)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=found.model_dump_json())],
        structured_content=found.model_dump(mode="json"),
    )
