"""The first commit of a Delta table in a folder that this process sees: what the table is, and no row.

An engine takes tens of milliseconds to say as much, Spark half a second. The protocol is that of readers 1 and writers
2, which is enough for columns that are never NULL.
"""

from __future__ import annotations

import errno
import json
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyspark.sql.types import StructType

from vitalfew import __version__

PROTOCOL = {"minReaderVersion": 1, "minWriterVersion": 2}
"""Of a table whose files are its rows. Of another the engine knows what a writer must do."""
WITHOUT_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system without hard links answers."""


def write(
    folder: Path, columns: StructType, comment: str, properties: Mapping[str, str], partitioned_by: Sequence[str]
) -> bool:
    """Make an empty table in `folder`; whether it was made, as another process may have been first.

    OSError where the folder cannot be written.
    """
    log = folder / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(each) + "\n" for each in actions(columns, comment, properties, partitioned_by))
    return appeared(log / f"{0:020}.json", text)


def actions(
    columns: StructType, comment: str, properties: Mapping[str, str], partitioned_by: Sequence[str]
) -> list[dict[str, Any]]:
    """What the commit says, in the order in which Delta's writers say it."""
    now = time.time_ns() // 1_000_000
    return [
        {
            "commitInfo": {
                "timestamp": now,
                "operation": "CREATE TABLE",
                "operationParameters": {"partitionBy": json.dumps(list(partitioned_by))},
                "isBlindAppend": True,
                "engineInfo": f"vitalfew/{__version__}",
            }
        },
        {"protocol": PROTOCOL},
        {
            "metaData": {
                "id": str(uuid.uuid4()),
                "description": comment,
                "format": {"provider": "parquet", "options": {}},
                "schemaString": columns.json(),
                "partitionColumns": list(partitioned_by),
                "configuration": dict(properties),
                "createdTime": now,
            }
        },
    ]


def appeared(path: Path, text: str) -> bool:
    """Whether the file `path`, which was not there, is there now with all of `text`: it is never seen half written."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:
            raise
        return appeared_at_once(path, text)
    finally:
        draft.unlink(missing_ok=True)
    return True


def appeared_at_once(path: Path, text: str) -> bool:
    """As `appeared`, on a file system without hard links."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
