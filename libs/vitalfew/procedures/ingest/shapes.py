"""What is to be said once of sources whose files do not say all that a source table holds."""

from __future__ import annotations

from vitalfew.config.files import MONEY, FileSource


def told(source: FileSource) -> list[str]:
    """Sentences on what was made of the files of a source beyond what they say."""
    found = []
    if source.items:
        cells = ", ".join(source.items.all)
        spread = [name for name in MONEY if source.is_spread(name)]
        each = [name for name in MONEY if source.items.amount == "each" and name in source.columns]
        if spread:
            found.append(
                f"the {' and the '.join(spread)} of a line is that of its whole basket, and is divided in equal parts "
                f"over its items ({cells}), to the cent; if it is paid for each item, say items: {{..., amount: each}}"
            )
        elif each:
            found.append(f"the {' and the '.join(each)} of a line is that of each of its items ({cells})")
    return found
