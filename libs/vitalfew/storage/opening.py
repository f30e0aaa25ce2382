"""A target, opened: its engine started, its tables at hand, and both let go of at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from vitalfew.config.loading import Config
from vitalfew.config.target import is_absolute, is_path, refuse_stray
from vitalfew.engines import engine
from vitalfew.errors import ConfigError, EngineError
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES


@contextmanager
def opened(config: Config) -> Iterator[Storage]:
    """The storage of the configured target."""
    target = config.target
    for name in TABLES:
        refuse_stray(target, target.location(name).at)
    options = {key: as_option(value) for key, value in target.spark.items()}
    try:
        remote = target.remote.get_secret_value() if target.remote else None
        running = engine.start(
            target.engine,
            remote=remote,
            master=target.master,
            options=options,
            shared_machine=target.shared_machine,
        )
    except EngineError as error:
        raise EngineError(config.redact(str(error))) from None
    try:
        refuse_lost_tables(target.root, running.in_cluster_mode)
        storage = Storage(running, target, target_name=config.target_name)
        try:
            yield storage
        finally:
            storage.release()
    finally:
        running.close()


def refuse_lost_tables(root: str, in_cluster_mode: bool) -> None:
    """ConfigError where tables would lie in the folder of a driver that is removed with it."""
    if in_cluster_mode and is_path(root) and not is_absolute(root):
        raise ConfigError(
            f"root is {root}, below the folder in which the driver runs; in cluster mode that is removed when it ends, "
            "with all tables. Give root a URI, such as s3://…, or a path that every node sees."
        )


def as_option(value: SecretStr | bool | int | float) -> str:
    """A YAML value as Spark writes it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)
