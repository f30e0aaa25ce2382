"""Where everything is: the models behind `conf/targets/<target>.yml`."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from vitalfew.confidential import fallible
from vitalfew.config.expressions import problem
from vitalfew.config.files import FileSource
from vitalfew.config.sql_names import is_identifier, quote
from vitalfew.dataframes.exact_decimals import Rounding
from vitalfew.dataframes.identifiers import PLACEHOLDERS
from vitalfew.errors import ConfigError, hint
from vitalfew.messages.words import Language, Words, check_currency
from vitalfew.suite import TABLES

SOURCES = {name: table for name, table in TABLES.items() if table.kind == "source"}
OURS = {name: table for name, table in TABLES.items() if table.kind != "source"}
AGEING = {name: table for name, table in OURS.items() if table.slice == "as_of" or name == "quarantine"}
USER_INFO = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@:]*:[^/@]*@")
SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*://|dbfs:/)")
ODD = re.compile(r"[^A-Za-z0-9/._+()'@=,:;&!$-]")  # Sail would write a table whose path holds such to another folder


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Location(Model):
    """A Delta table: a path (folder or URI), or a name in the catalog."""

    at: str
    is_path: bool

    @property
    def sql(self) -> str:
        """How SQL refers to it."""
        return f"delta.`{self.at}`" if self.is_path else quote(self.at)


class Source(Model):
    """A table of the company: where it is, and how its columns and rows become ours."""

    at: str = Field(description="Path below the root (or one of `roots`), or catalog.schema.table.")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Our column: theirs, or a Spark SQL expression over theirs. Those not named are called as ours.",
    )
    where: str | None = Field(default=None, description="Rows to read, a condition over their columns.")
    time_zone: str | None = Field(
        default=None, description="Zone of the shop, where their times are UTC: days are then the shop's days."
    )

    rounding: Rounding | None = Field(
        default=None,
        description="How money with more than two decimals becomes cents: half_even, or half_up, which is also "
        "done, with a warning, if nothing is said.",
    )
    placeholders: tuple[str, ...] = Field(
        default=PLACEHOLDERS,
        description="Texts for a customer, product or contact that nobody knows, in any case, or for the group of a "
        "product (department, category, subcategory, brand): they become NULL.",
    )

    @field_validator("columns")
    @classmethod
    def expressions_are_safe(cls, columns: dict[str, str]) -> dict[str, str]:
        found = [f"{name}: {why}" for name, text in columns.items() if (why := problem(text, name))]
        if found:
            raise ValueError("; ".join(found))
        return columns

    @field_validator("where")
    @classmethod
    def condition_is_safe(cls, where: str | None) -> str | None:
        if where is not None and (why := problem(where, "where")):
            raise ValueError(why)
        return where

    @field_validator("time_zone")
    @classmethod
    def zone_is_known(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            raise ValueError(f"{zone} is not a time zone; {hint(zone, available_timezones())}")
        return zone


def expand(value: Any) -> Any:
    """A source written as a mere location, in full."""
    return {"at": value} if isinstance(value, str) else value


class Target(Model):
    """One place where the suite runs: its engine, and where its tables are."""

    engine: Literal["spark", "connect", "sail"] = Field(default="sail", description="spark, connect or sail.")
    remote: SecretStr | None = Field(default=None, description="sc:// address, for engine connect; may hold a token.")
    retention: dict[str, Annotated[int, Field(ge=1, le=36_600)]] = Field(
        default_factory=dict,
        description="By table, the days that rows are kept: slices of a result before its newest, refused rows since "
        "their file was ingested (quarantine). `vitalfew run expire` removes what is older.",
    )
    suppression_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Key of the hashes by which customers who were forgotten are known again; best ${NAME}. Without "
        "one, a local root keeps a key in _keys/suppression.",
    )
    customer_ids: Literal["shown", "pseudonyms"] = Field(
        default="shown",
        description="How pages name customers: by their ids, or by pseudonyms made with suppression_key, which "
        "`vitalfew customer` understands.",
    )
    campaign_folder: str | None = Field(
        default=None,
        description="Folder of this machine, below the root or one of `roots`, into which `campaigns` writes files "
        "with contact details; it has no default.",
    )
    country: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="ISO 3166 code, such as DE, of the country in which phone numbers without a country code are "
        "dialled; null: only numbers that begin with + are used by `campaigns`.",
    )
    master: str | None = Field(default=None, description="Spark master, where spark-submit does not say it.")
    spark: dict[str, SecretStr | bool | int | float] = Field(
        default_factory=dict, description="Settings of the session; texts may be keys, and are never shown."
    )
    shared_machine: Literal["refuse", "allow"] = Field(
        default="refuse",
        description="Where engine sail cannot be kept from other users of the machine: refuse to start, or allow it.",
    )
    shared_scratch: bool = Field(
        default=False,
        description="Whether executors of another user, in the same group, may read and write what a run stages.",
    )
    scratch: str | None = Field(
        default=None,
        description="Folder or URI, below root or one of roots, where a run on Spark stages; null: beside the tables "
        "where these are in a folder, else on the executors, and a run fails where one of them is lost.",
    )
    lease_seconds: float = Field(
        default=180.0,
        ge=30.0,
        le=3600.0,
        description="How long a run on another host counts as alive after it last renewed its lease, in seconds.",
    )
    root: str = Field(description="Folder, URI or catalog.schema below which all tables are, unless said otherwise.")
    roots: tuple[str, ...] = Field(default=(), description="Further folders or URIs that paths may lie below.")
    sources: dict[str, Annotated[Source, BeforeValidator(expand)]] = Field(
        default_factory=dict, description="The tables of the company; those not named are at root/<name>."
    )
    tables: dict[str, str] = Field(default_factory=dict, description="Our tables that are not at root/<name>.")
    files: dict[str, FileSource] = Field(default_factory=dict, description="Files that `ingest` turns into sources.")
    lineage: str | None = Field(
        default=None,
        description="Where OpenLineage events of runs go: an http(s) address, or a file below the root or one of "
        "`roots`.",
    )
    lineage_namespace: str = Field(
        default="vitalfew", min_length=1, max_length=200, description="Namespace of the jobs in these events."
    )
    lineage_token: SecretStr | None = Field(
        default=None, description="Sent to the address of `lineage` as a bearer token; best ${NAME}."
    )
    metrics_file: str | None = Field(
        default=None,
        description="Where each `run` writes metrics for Prometheus, as a file below the root or one of `roots` that "
        "ends in .prom.",
    )
    language: Language = Field(default="en", description="Of the sentences in results: en or zh.")
    currency: str | None = Field(
        default=None, description="ISO code, such as EUR or CNY; null: amounts are written without a symbol."
    )

    @field_validator("currency")
    @classmethod
    def currency_is_known(cls, currency: str | None) -> str | None:
        try:
            return None if currency is None else check_currency(currency)
        except ConfigError as error:
            raise ValueError(str(error)) from error

    @field_validator("root", "roots", "lineage")
    @classmethod
    def addresses_hold_no_password(cls, given: Any) -> Any:
        if any(USER_INFO.match(at) for at in ([given] if isinstance(given, str) else given or ())):
            raise ValueError(
                "an address holds a user and a password (scheme://user:password@…), which messages would show: "
                "give them to the file system by a setting under `spark`, or by the environment"
            )
        return given

    @field_validator("sources", "files")
    @classmethod
    def sources_are_known(cls, given: dict[str, Any]) -> dict[str, Any]:
        refuse_unknown(given, SOURCES, "a source table")
        for name, source in given.items():
            refuse_unknown(source.columns, SOURCES[name].columns, f"a column of {name}")
            if SOURCES[name].is_private:
                refuse_fallible(name, source)
        return given

    @field_validator("files")
    @classmethod
    def files_fill_their_tables(cls, given: dict[str, FileSource]) -> dict[str, FileSource]:
        found = [f"{name}.{why}" for name, source in given.items() for why in source.problems(SOURCES[name])]
        if found:
            raise ValueError(" ".join(found))
        return given

    @field_validator("retention")
    @classmethod
    def only_what_ages_expires(cls, given: dict[str, int]) -> dict[str, int]:
        refuse_unknown(given, AGEING, "a result with slices, or quarantine")
        return given

    @field_validator("tables")
    @classmethod
    def tables_are_known(cls, given: dict[str, str]) -> dict[str, str]:
        refuse_unknown(given, OURS, "a table of the suite")
        return given

    @model_validator(mode="after")
    def locations_are_allowed(self) -> Target:
        if self.engine == "connect" and not self.remote:
            raise ValueError("engine connect needs `remote`, an sc:// address")
        for name in TABLES:
            at = self.location(name).at
            if self.engine == "sail" and at.startswith("/") and (odd := ODD.search(at)):
                raise ValueError(
                    f"engine sail cannot keep tables at {at}: on it a path may not hold {odd.group()!r}, but letters "
                    "from a to z, digits and . _ - only. Choose another root, or engine spark"
                )
        for name, source in self.files.items():
            for at in source.places:
                self.refuse_own_folder(f"files.{name}", self.resolve(at).at, f"drops/{name}")
        if self.campaign_folder is not None:
            at = self.resolve(folder_like(self.campaign_folder)).at
            self.refuse_own_folder("campaign_folder", at, "campaigns")
            self.refuse_drop_folder(at)
        for setting in ("lineage", "metrics_file"):
            self.own_file(setting)
        return self

    def own_file(self, setting: str) -> Path | None:
        """The file that a setting names; None where it names none. ValueError where it is no file of this machine."""
        at = getattr(self, setting)
        if at is None or (setting == "lineage" and at.startswith(("http://", "https://"))):
            return None
        found = self.resolve(at if is_path(at) else f"./{at}").at
        path = on_this_machine(found)
        if path is None or path != found.removeprefix("file://"):
            raise ValueError(f"{setting}: {found} is no file of this machine")
        if setting == "metrics_file" and not path.endswith(".prom"):
            raise ValueError(f"metrics_file: {path} must end in .prom, as Prometheus reads no other file")
        return Path(path)

    def refuse_own_folder(self, setting: str, at: str, better: str) -> None:
        """ValueError where files are to be where a table of ours is written: its own files would be taken for them."""
        for name in TABLES:
            own = self.location(name)
            if own.is_path and f"{folder_of(at)}/".startswith(f"{own.at}/"):
                raise ValueError(
                    f"{setting}: {at} lies in the folder of the table {name}: put the files elsewhere, such as "
                    f"{self.root}/{better}"
                )

    def refuse_drop_folder(self, at: str) -> None:
        """ValueError where campaign files would lie beside files that are ingested."""
        for name, source in self.files.items():
            for place in source.places:
                drops = folder_of(self.resolve(place).at)
                if f"{at}/".startswith(f"{drops}/"):
                    raise ValueError(
                        f"campaign_folder: {at} lies in {drops}, from which files.{name} are taken: what is written "
                        "there would be ingested"
                    )

    @property
    def words(self) -> Words:
        """How sentences in its results are written."""
        return Words(self.language, self.currency)

    def location(self, table: str) -> Location:
        """Where `table` is."""
        if table in self.sources:
            return self.resolve(self.sources[table].at)
        return self.resolve(self.tables.get(table, table))

    def resolve(self, at: str) -> Location:
        """`at` as an absolute path or a full name; ValueError where it leaves the roots."""
        root = absolute(self.root) if is_path(self.root) else self.root
        if not is_path(at) and not is_path(self.root):
            name = at if "." in at else f"{self.root}.{at}"
            quote(name)
            return Location(at=name, is_path=False)
        if not is_path(at) and "." in at and all(map(is_identifier, at.split("."))):
            return Location(at=at, is_path=False)
        path = normal(at) if is_absolute(at) else normal(f"{root}/{at}")
        if not path.isprintable() or "${" in path:
            raise ValueError(f"{at!r} holds a character that no path may hold")
        allowed = [absolute(r) for r in (self.root, *self.roots) if is_path(r)]
        if "`" in path or not any(path == r or path.startswith(r.rstrip("/") + "/") for r in allowed):
            raise ValueError(
                f"{at} does not lie below {' or '.join(allowed) or 'any folder of `roots`'}: put it there, or allow "
                f"its folder, roots: [{folder_of(path)}]"
            )
        return Location(at=path, is_path=True)


def folder_like(at: str) -> str:
    """A path, also where it is one word that might be the name of a table."""
    return at if is_path(at) else f"./{at}"


def folder_of(path: str) -> str:
    """The folder that a path names, or that holds the file or the pattern that it names."""
    parts = path.split("/")
    fixed = next((i for i, part in enumerate(parts) if "*" in part or "?" in part), len(parts))
    if fixed == len(parts) and "." in parts[-1]:
        fixed -= 1
    return "/".join(parts[:fixed]) or "/"


def refuse_stray(target: Target, at: str) -> None:
    """ConfigError where symbolic links lead from `at`, a folder of this machine, out of the roots of `target`.

    A root may itself be a link.
    """
    path = on_this_machine(at)
    if path is None:
        return
    found = os.path.realpath(path)
    roots = [root for r in (target.root, *target.roots) if is_path(r) and (root := on_this_machine(absolute(r)))]
    allowed = [os.path.realpath(root) for root in roots]
    if not any(found == root or found.startswith(root.rstrip("/") + "/") for root in allowed):
        raise ConfigError(
            f"{at} leads by a symbolic link to {found}, which does not lie below {' or '.join(allowed)}. "
            "Add the folder to `roots` of the target, or put the data where the link is."
        )


def on_this_machine(at: str) -> str | None:
    """`at` as a path of this machine; None where it is none. What holds a pattern ends before it."""
    path = at.removeprefix("file://") if at.startswith("file:///") else at
    if not path.startswith("/"):
        return None
    parts = path.split("/")
    fixed = next((i for i, part in enumerate(parts) if "*" in part or "?" in part), len(parts))
    return "/".join(parts[:fixed]) or "/"


def refuse_fallible(name: str, source: Source | FileSource) -> None:
    """ValueError where a mapping of a private table may fail on a value, which the engine would then quote."""
    conditions = [source.where] if isinstance(source, Source) else [*source.reject.values()]
    found = [*source.columns.items(), *[("a condition", text) for text in conditions if text]]
    if told := [f"{name}.{key}: {why}" for key, text in found if (why := fallible(text))]:
        raise ValueError("; ".join(told))


def refuse_unknown(given: dict[str, Any], known: Any, what: str) -> None:
    unknown = [f"{name} is not {what}; {hint(name, known)}" for name in given if name not in known]
    if unknown:
        raise ValueError("; ".join(unknown))


def is_path(at: str) -> bool:
    return "/" in at or at.startswith(".")


def is_absolute(at: str) -> bool:
    return at.startswith("/") or SCHEME.match(at) is not None


def absolute(at: str) -> str:
    """A root as an absolute path or URI; relative ones are below the working directory."""
    return normal(at) if is_absolute(at) else normal(str(Path.cwd() / at))


def normal(at: str) -> str:
    """The path without `.`, `..` and double slashes, its scheme kept."""
    scheme = SCHEME.match(at)
    start = scheme.group() if scheme else ""
    return start + posixpath.normpath(at[len(start) :])
