"""What a run stages: frames computed once, into a folder of its own, which is gone when the run is over."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from vitalfew.dataframes.schemas import of_arrow
from vitalfew.dataframes.staging import Stage, together, types_of
from vitalfew.engines import scratch
from vitalfew.engines.engine import Engine
from vitalfew.storage.literal_paths import literal_path
from vitalfew.storage.remote_scratch import COMPRESSION, RemoteScratch


@dataclass
class StagedFrames:
    """The staged frames of one run, through one engine.

    root: the folder in which executors and this process see the same files, for the scratch folder; None where there is
    none, and Spark keeps frames on its executors. The embedded engine, which is in this process, has one of its own.
    is_shared: whether executors are other users, of the same group.
    remote: in place of root, a URI that only Spark sees.
    """

    engine: Engine
    root: Path | None
    is_shared: bool = False
    remote: RemoteScratch | None = None
    frames: list[DataFrame] = field(default_factory=list)
    folder: Path | None = None
    folders: dict[int, Path] = field(default_factory=dict)
    """Where the rows of frames are, by the identity of the frame, which `frames` holds."""
    schemas: dict[int, StructType] = field(default_factory=dict)
    """Their schemas, by the same: the engine would have to be asked."""

    @property
    def is_embedded(self) -> bool:
        return self.engine.name == "sail"

    @property
    def are_files(self) -> bool:
        return self.is_embedded or self.root is not None

    def stage(self) -> Stage:
        """How an algorithm asks for it."""
        return Stage(
            self.compute,
            self.engine.rows_at_once,
            self.engine.rows_of_table,
            keep=self.keep,
            files=self.files,
            place=self.place if self.are_files and not self.is_shared else None,
            types=self.types,
            asks_late=self.is_embedded,
        )

    def compute(self, frames: tuple[DataFrame, ...]) -> DataFrame:
        """Their rows, computed once: written to a scratch folder and read back, which keeps plans short.

        The folder is beside the tables where executors see it, and survives the loss of one. Where the tables are in
        object storage or in a catalog, it is where the target's `scratch` says, or Spark keeps the frame on its
        executors. A frame that this gave back is given back again.
        """
        if len(frames) == 1 and any(frames[0] is kept for kept in self.frames):
            return frames[0]
        if self.remote is not None:
            return self.keep(self.remote.staged(frames))
        if not self.are_files:
            return self.keep(together(tuple(frame.localCheckpoint() for frame in frames)))
        path = self.next_folder()
        for frame in frames:
            frame.write.mode("append").parquet(str(path), compression=COMPRESSION)
        return self.read(path, self.said(path) or frames[0].schema)

    def place(self, rows: pa.Table, columns: StructType) -> DataFrame:
        """A staged frame of `rows` that this process holds, of these columns."""
        path = self.next_folder()
        path.mkdir()
        if rows.num_rows:
            pq.write_table(rows, path / "part-0.parquet", compression=COMPRESSION)
        return self.read(path, columns)

    def read(self, path: Path, columns: StructType) -> DataFrame:
        found = self.engine.spark.read.schema(columns).parquet(literal_path(str(path)))
        self.folders[id(found)], self.schemas[id(found)] = path, columns
        return self.keep(found)

    def types(self, frame: DataFrame) -> dict[str, str]:
        """The types of its columns by their names."""
        return types_of(self.schemas.get(id(frame)) or frame.schema)

    def said(self, path: Path) -> StructType | None:
        """The schema of staged files, as a file says it; None where there is none, or the engine knows its frames.

        The embedded engine would resolve the whole plan of the frame again.
        """
        found = next(path.glob("*.parquet"), None) if self.is_embedded else None
        return of_arrow(pq.read_schema(found)) if found else None

    def files(self, frame: DataFrame) -> Path | None:
        """The folder with the rows of a frame that was staged here; None where this process sees none."""
        return self.folders.get(id(frame))

    def keep(self, frame: DataFrame) -> DataFrame:
        """`frame`, which is then taken for staged."""
        self.frames.append(frame)
        return frame

    def next_folder(self) -> Path:
        """Where the next frame is written."""
        if self.folder is None and self.is_embedded:
            self.folder = scratch.make(scratch.above_embedded())
        elif self.folder is None:
            assert self.root is not None  # noqa: S101  else nothing is staged in files
            self.folder = scratch.make(self.root)
            if self.is_shared:
                self.folder.chmod(0o2770)
        return self.folder / str(len(self.frames))

    def release(self) -> None:
        """Let go of everything staged."""
        self.frames.clear()
        self.folders.clear()
        self.schemas.clear()
        if self.remote is not None:
            self.remote.release()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
