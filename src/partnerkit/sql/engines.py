"""The engines that run queries: DuckDB and PostgreSQL by a connection, Spark by a session; all are the caller's.

Floor 10, above `sql.tables`. May import: errors, sql.batches, sql.dialects, sql.tables, attrs, sqlglot and the standard library;
pyarrow is imported where Spark is asked, and an engine where it refused something, for the name of its refusals: what was given is asked
by its methods.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, Protocol, final

import attrs

from partnerkit.errors import InvalidValue, PartnerkitError, shown
from partnerkit.sql.batches import arrow_batches, arrow_schema
from partnerkit.sql.dialects import DUCKDB, POSTGRES, SPARK, exp, table
from partnerkit.sql.tables import Table

_BATCH: Final = 50_000

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("VARCHAR", "string", "text", "varchar"), "text"),
        **dict.fromkeys(("BOOLEAN", "boolean", "bool"), "boolean"),
        **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "bigint"),
        **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "int2", "int4", "int8"), "bigint"),
        **dict.fromkeys(("DATE", "date"), "date"),
    }
)
"""What engines call the types that columns may have."""


class Engine(Protocol):
    """An engine with the tables of a close."""

    @property
    def dialect(self) -> str:
        """The dialect of its queries."""
        ...

    def columns(self, name: str) -> Mapping[str, str]:
        """Give the columns of a table with their types, in our words where we have one for it."""
        ...

    def load(self, name: str, loaded: Table) -> None:
        """Load a table under a name, in place of one that was loaded before."""
        ...

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """Run the text of a query and give its rows, whole numbers as such."""
        ...


def engine_of(connection: object) -> Engine:
    """Give the engine that a connection leads to: of DuckDB, of psycopg, or a session of Spark; anything else raises `InvalidValue`.

    >>> import duckdb
    >>> engine_of(duckdb.connect()).dialect
    'duckdb'
    >>> engine_of("duckdb")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: 'duckdb' is no engine: give a connection of DuckDB or psycopg, or a session of Spark
    """
    room = type(connection).__module__.partition(".")[0].lstrip("_")
    if room == "duckdb":
        return _DuckDB(connection)
    if room == "pyspark":
        return _Spark(connection)
    if room == "psycopg":
        return _Postgres(connection)
    raise InvalidValue(f"{shown(connection)} is no engine: give a connection of DuckDB or psycopg, or a session of Spark")


def check_engine(connection: object, dialect: str, *, instead: str) -> None:
    """Refuse a connection that leads to another engine than that of a dialect; raises what `engine_of` raises.

    >>> import duckdb
    >>> check_engine(duckdb.connect(), SPARK, instead="ask close_table")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: this is a connection of duckdb, not of spark: ask close_table
    """
    found = engine_of(connection).dialect
    if found != dialect:
        raise InvalidValue(f"this is a connection of {found}, not of {dialect}: {instead}")


@final
@attrs.frozen
class _DuckDB:
    """DuckDB, by a connection."""

    connection: Any
    dialect: str = DUCKDB

    def columns(self, name: str) -> Mapping[str, str]:
        with telling("duckdb"):
            described = self.connection.execute(f"DESCRIBE {table(name).sql(DUCKDB)}").fetchall()
        return {column: _KINDS.get(kind, kind) for column, kind, *_ in described}

    def load(self, name: str, loaded: Table) -> None:
        target = table(name).sql(DUCKDB)
        columns = ", ".join(f"{_quoted(column)} {_IN_DUCKDB[kind]}" for column, kind in loaded.columns.items())
        # Lists as parameters: DuckDB reads them a hundred times faster than rows, and no text is made of them.
        lists = ", ".join(f"unnest(${place}::{_IN_DUCKDB[kind]}[])" for place, kind in enumerate(loaded.columns.values(), 1))
        with telling("duckdb"):
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} ({columns})")
            for batch in _batches(loaded.rows):
                self.connection.execute(f"INSERT INTO {target} SELECT {lists}", [list(values) for values in zip(*batch, strict=True)])

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        with telling("duckdb"):
            rows: list[tuple[Any, ...]] = self.connection.execute(text).fetchall()
        return rows


@final
@attrs.frozen
class _Postgres:
    """PostgreSQL, by a connection of psycopg."""

    connection: Any
    dialect: str = POSTGRES

    def columns(self, name: str) -> Mapping[str, str]:
        with telling("psycopg"), self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table(name).sql(POSTGRES)} LIMIT 0")  # noqa: S608  (a quoted name)
            return {column.name: _KINDS.get(column.type_display, column.type_display) for column in cursor.description}

    def load(self, name: str, loaded: Table) -> None:
        target = table(name).sql(POSTGRES)
        columns = ", ".join(f"{_quoted(column)} {kind.upper()}" for column, kind in loaded.columns.items())
        with telling("psycopg"), self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{target}")
            cursor.execute(f"CREATE TEMP TABLE {target} ({columns})")
            with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for row in loaded.rows:
                    copy.write_row(row)

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        with telling("psycopg"), self.connection.cursor() as cursor:
            return [tuple(map(_whole, row)) for row in cursor.execute(text).fetchall()]


@final
@attrs.frozen
class _Spark:
    """Spark, by a session."""

    session: Any
    dialect: str = SPARK

    def columns(self, name: str) -> Mapping[str, str]:
        with telling_of_spark(self.session):
            found = self.session.table(table(name).sql(SPARK)).dtypes
        return {column: _KINDS.get(kind, kind) for column, kind in found}

    def load(self, name: str, loaded: Table) -> None:
        batches = arrow_batches(loaded.rows, loaded.columns, most=_BATCH)
        made = import_module("pyarrow").Table.from_batches(batches, schema=arrow_schema(loaded.columns))
        with telling_of_spark(self.session):
            self.session.createDataFrame(made).createOrReplaceTempView(table(name).sql(SPARK))

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        with telling_of_spark(self.session):
            rows = self.session.sql(text).collect()
        return [tuple(map(_whole, row)) for row in rows]


_IN_DUCKDB: Final = {"text": "VARCHAR", "boolean": "BOOLEAN", "bigint": "BIGINT", "date": "DATE"}


_OF_ACCESS: Final = frozenset(
    {
        *("ConnectionException", "CatalogException", "BinderException", "IOException", "InvalidInputException"),
        *("OperationalError", "InterfaceError", "UndefinedTable", "UndefinedColumn"),
    }
)
"""Errors of DuckDB and psycopg that tell of something that is not there, or cannot be read."""


@contextmanager
def telling(module: str) -> Iterator[None]:
    """Tell what an engine refuses as `InvalidValue`: a connection that is closed, a table that there is not, a file that is damaged.

    `module` is that of the engine, `duckdb` or `psycopg`.

    >>> with telling("duckdb"):
    ...     raise import_module("duckdb").OutOfMemoryException("could not allocate 8 GiB")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: duckdb refuses: could not allocate 8 GiB
    """
    try:
        yield
    except import_module(module).Error as fault:
        said = " ".join(str(fault).split())
        # What else may fail, as where memory or a disk is full, says itself what to do.
        is_access = type(fault).__name__ in _OF_ACCESS
        advice = "; give an open connection, and tables or files that it can read" if is_access else ""
        raise InvalidValue(f"{module} refuses: {said}{advice}") from None


@contextmanager
def telling_of_spark(session: object, advice: str = "give a session that runs, and tables or files that it can read") -> Iterator[None]:
    """Tell what Spark refuses as `InvalidValue`, with the first line of what it says and none of its traces of Java.

    What fails in Python on a worker is chained to the error, so that its own trace can be read.

    >>> with telling_of_spark(None):
    ...     raise InvalidValue("what is no error of Spark passes")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: what is no error of Spark passes
    """
    if _is_stopped(session):
        raise InvalidValue("the session of Spark is stopped: give one that runs")
    try:
        yield
    except PartnerkitError:
        raise
    except Exception as fault:
        errors = import_module("pyspark.errors")
        if isinstance(fault, errors.PythonException):
            said = str(fault).partition("\n\nJVM stacktrace:")[0].strip().splitlines()[-1]
            message = f"Python failed on a worker of Spark: {said}; correct the function that it ran, or install there what it needs"
            raise InvalidValue(message) from fault
        if not isinstance(fault, (errors.PySparkException, import_module("py4j.protocol").Py4JError, OSError)):
            raise
        raise InvalidValue(f"spark refuses: {_first_line(fault)}; {advice}") from None


def _is_stopped(session: object) -> bool:
    """Tell whether a session is stopped: asked anything, pyspark then fails in itself, or answers that there is nothing."""
    context = getattr(session, "sparkContext", None)
    return context is not None and getattr(context, "_jsc", context) is None


_CALLING: Final = "An error occurred while calling "
_CLASS_OF_JAVA: Final = re.compile(r"^(?:: )?(?:[\w$]+\.)+[\w$]+: ")
_ADVICE_OF_SPARK: Final = re.compile(r" +(?:SQLSTATE: |Use '|Use `|If necessary set ).*")
"""What stands behind what Spark says went wrong: advice to have it pass over that, which would make sums wrong."""


def _first_line(fault: BaseException) -> str:
    """Give what Spark says went wrong, without names of classes and without its advice."""
    lines = [line.strip() for line in str(fault).splitlines() if line.strip() and not line.startswith(_CALLING)]
    return _ADVICE_OF_SPARK.sub("", _CLASS_OF_JAVA.sub("", next(iter(lines), type(fault).__name__))).rstrip(".")


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(DUCKDB)


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    coming = iter(rows)
    while batch := list(islice(coming, _BATCH)):
        yield batch


def _whole(value: Any) -> Any:
    """Give a whole number of 38 digits, which Spark calls a decimal, as one."""
    return int(value) if isinstance(value, Decimal) else value
