"""How a table declares a text: beside it, the code of its message and the values that were put into it."""

from __future__ import annotations

from vitalfew.messages.sentences import VALUES


def text_columns(name: str, comment: str, is_required: bool = True) -> dict[str, str]:
    """`<name>_code`, `<name>_values` and `name`, in the order in which tables show them."""
    required = " not null" if is_required else ""
    return {
        f"{name}_code": f"string{required} comment 'Which message `{name}` is.'",
        f"{name}_values": f"{VALUES}{required} comment 'What was put into it: plain decimals, ISO dates, shares of 1.'",
        name: f"string{required} comment '{comment}'",
    }
