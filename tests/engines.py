"""The engines that compiled queries are tried in: DuckDB always, PostgreSQL and Spark where there are any.

`engine` is a fixture that runs a test once in each. PostgreSQL is the one whose connection string the environment variable
PARTNERKIT_POSTGRES holds; Spark needs pyspark and a Java of 17 or newer, and is one session for the whole run. What is missing is said
by the skip, whose reason begins with `MISSING`.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from logging import CRITICAL, getLogger  # noqa: TID251  (to quiet that of pyspark)
from pathlib import Path
from typing import Any, Protocol

import attrs
import duckdb
import pytest

from partnerkit.sql.dialects import DUCKDB, POSTGRES, SPARK, exp, sql_text

MISSING = "no such engine here"
TYPES: Mapping[str, tuple[str, str]] = {
    "text": ("VARCHAR", "TEXT"),
    "boolean": ("BOOLEAN", "BOOLEAN"),
    "bigint": ("BIGINT", "BIGINT"),
    "wide": ("HUGEINT", "NUMERIC(38, 0)"),
    "date": ("DATE", "DATE"),
}
"""The types of columns, as DuckDB and as PostgreSQL name them."""

Row = tuple[Any, ...]


@attrs.frozen
class Rows:
    """Rows for a query to read: the types of their columns by name, and their values in that order."""

    columns: Mapping[str, str]
    values: Sequence[Row]

    def column(self, place: int) -> list[Any]:
        return [row[place] for row in self.values]


class Engine(Protocol):
    """One engine: what it reads, and what it raises where a whole number does not fit."""

    @property
    def dialect(self) -> str: ...

    @property
    def overflow(self) -> tuple[type[BaseException], ...]: ...

    def ask(self, query: exp.Expr, **tables: Rows) -> list[Row]:
        """Run a query over tables and give its rows, whole numbers as such."""
        ...


def plain(rows: Iterable[Iterable[Any]]) -> list[Row]:
    """Give rows as tuples, with whole decimals as whole numbers."""
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        assert value == int(value), f"{value} is not whole"
        return int(value)
    return value


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _creating(name: str, rows: Rows, place: int) -> str:
    columns = ", ".join(f"{_quoted(column)} {TYPES[kind][place]}" for column, kind in rows.columns.items())
    return f"CREATE TEMP TABLE {_quoted(name)} ({columns})"


@attrs.frozen
class Duck:
    """DuckDB, in memory and new for every query."""

    dialect: str = DUCKDB
    overflow: tuple[type[BaseException], ...] = (duckdb.OutOfRangeException, duckdb.ConversionException)

    def ask(self, query: exp.Expr, **tables: Rows) -> list[Row]:
        with duckdb.connect() as connection:
            for name, rows in tables.items():
                connection.execute(_creating(name, rows, 0))
                unnested = ", ".join(f"unnest(${place}::{TYPES[kind][0]}[])" for place, kind in enumerate(rows.columns.values(), 1))
                by_column = [rows.column(place) for place in range(len(rows.columns))]
                connection.execute(f"INSERT INTO {_quoted(name)} SELECT {unnested}", by_column)
            return plain(connection.execute(sql_text(query, DUCKDB)).fetchall())


@attrs.frozen
class Postgres:
    """PostgreSQL through one connection, in transactions that are never kept."""

    connection: Any
    overflow: tuple[type[BaseException], ...]
    dialect: str = POSTGRES

    def ask(self, query: exp.Expr, **tables: Rows) -> list[Row]:
        with self.connection.transaction(force_rollback=True), self.connection.cursor() as cursor:
            for name, rows in tables.items():
                cursor.execute(_creating(name, rows, 1))
                with cursor.copy(f"COPY {_quoted(name)} FROM STDIN") as copy:
                    for row in rows.values:
                        copy.write_row(row)
            return plain(cursor.execute(sql_text(query, POSTGRES)).fetchall())


@attrs.frozen
class Spark:
    """Spark in this process, with two threads; a table is a view that the next query replaces."""

    session: Any
    overflow: tuple[type[BaseException], ...]
    dialect: str = SPARK

    def ask(self, query: exp.Expr, **tables: Rows) -> list[Row]:
        arrow = import_module("pyarrow")
        types: Mapping[str, Callable[[], Any]] = {
            "text": arrow.string,
            "boolean": arrow.bool_,
            "bigint": arrow.int64,
            "wide": lambda: arrow.decimal128(38, 0),
            "date": arrow.date32,
        }
        for name, rows in tables.items():
            schema = arrow.schema([(column, types[kind]()) for column, kind in rows.columns.items()])
            columns = [
                arrow.array(
                    [None if value is None else Decimal(value) if kind == "wide" else value for value in rows.column(place)], types[kind]()
                )
                for place, kind in enumerate(rows.columns.values())
            ]
            self.session.createDataFrame(arrow.table(columns, schema=schema)).createOrReplaceTempView(f"`{name}`")
        return plain(self.session.sql(sql_text(query, SPARK)).collect())


@pytest.fixture(scope="session")
def duckdb_engine() -> Duck:
    """DuckDB."""
    return Duck()


@pytest.fixture(scope="session")
def postgres_engine() -> Iterator[Postgres]:
    """PostgreSQL, or a skip that says what is missing."""
    where = os.environ.get("PARTNERKIT_POSTGRES")  # noqa: TID251  (whoever runs the tests says so)
    if not where:
        pytest.skip(f"{MISSING}: the environment variable PARTNERKIT_POSTGRES holds no connection string of a PostgreSQL")
    psycopg = imported("psycopg", "partnerkit[postgres]")
    with psycopg.connect(where, autocommit=True) as connection:
        yield Postgres(connection, (psycopg.errors.NumericValueOutOfRange,))


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """Spark, or a skip that says what is missing."""
    sessions = imported("pyspark.sql", "partnerkit[spark]")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):  # noqa: TID251  (as pyspark finds it)
        pytest.skip(f"{MISSING}: Spark needs a Java of 17 or newer")
    session = _session(sessions.SparkSession.builder, tmp_path_factory.mktemp("spark"))
    yield Spark(session, (import_module("pyspark.errors").ArithmeticException,))
    session.stop()


def _session(builder: Any, directory: Path) -> Any:
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.local.dir": str(directory / "local"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(directory / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    # Else Spark's workers are whatever Python stands first on the search path, which may not have what is tested.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # noqa: TID251  (as pyspark reads it)
    builder = builder.master("local[2, 4]")  # two threads, and a task that dies is tried four times, as on a cluster
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    getLogger("SQLQueryContextLogger").setLevel(CRITICAL)  # a test that wants an error would print pages of Java
    return session


def imported(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError:
        pytest.skip(f"{MISSING}: {module} is not installed, see the extra {extra}")


@pytest.fixture(params=[DUCKDB, POSTGRES, SPARK])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Every engine in turn."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found
