"""What it costs to close a month of very many charges, from Parquet files, on DuckDB and on Spark: the same bytes on both.

Run it from the root of the repository, where partnerkit is installed with the extras `bench`, `sql` and `spark`:

    python benchmarks/large.py DIR [--charges 100000000] [--engines duckdb,spark] [--memory 8] [--twice]

The program is that of `benchmarks/closing.py` over 24 months, and its charges are written to DIR once, in files of ten million. Each engine
closes the month in a process of its own, which makes the lives of the accounts one by one while it reads them: DuckDB with two threads,
which spills to DIR, and Spark with two workers, each a process of its own with one core. `--memory` is how many gigabytes DuckDB may hold,
and each process of Spark. `--twice` closes the month a second time by the same connection. How many charges were billed, and what they
come to, is asserted to be what a count of the files says. No test depends on this.
"""

import argparse
import hashlib
import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from closing import PARTNERS, PROGRAM, Shape, Steps, as_sums, charges_sql, life_of
from measuring import peaks, seconds_used

from partnerkit.output import totals_files
from partnerkit.sql.months import table_totals
from partnerkit.totals import PartialTotals, finish_totals

CHARGES = 100_000_000
MONTHS = 24
IN_A_FILE = 10_000_000
ON_BILL = "account_number % 4 = 0 OR (account_number % 4 = 3 AND charged_on >= make_date(2025, 1, 1))"


def write_files(shape: Shape, directory: Path) -> None:
    """Write the charges, but for files that are there."""
    directory.mkdir(parents=True, exist_ok=True)
    connection = importlib.import_module("duckdb").connect()
    parts = max(shape.charges // IN_A_FILE, 1)
    for part in range(parts):
        path = directory / f"charges-{part:03}.parquet"
        if not path.exists():
            some = charges_sql(shape, shape.charges * part // parts, shape.charges * (part + 1) // parts)
            connection.execute(f"COPY ({some}) TO '{path}.part' (FORMAT parquet)")
            Path(f"{path}.part").rename(path)
    size = sum(path.stat().st_size for path in directory.glob("charges-*.parquet"))
    print(f"{shape.charges:,} charges of {shape.accounts:,} accounts in {size / 1e9:.1f} GB of Parquet", flush=True)


@contextmanager
def on_duckdb(directory: Path, memory: int) -> Iterator[Any]:
    connection = importlib.import_module("duckdb").connect()
    for name, value in {"threads": "2", "memory_limit": f"{memory}GB", "temp_directory": f"{directory}/spilled"}.items():
        connection.execute(f"SET {name} = '{value}'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"CREATE VIEW charges AS SELECT * FROM read_parquet('{directory}/charges-*.parquet')")  # noqa: S608  (all of it is written here)
    yield connection
    connection.close()


@contextmanager
def spark_session(directory: Path, memory: int) -> Iterator[Any]:
    """Spark with two workers, each a process with one core."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": f"{memory}g",
        "spark.executor.memory": f"{memory}g",
        "spark.sql.shuffle.partitions": "16",
        "spark.local.dir": f"{directory}/spilled",
        "spark.sql.warehouse.dir": f"{directory}/warehouse",
        # Spark has such workers for tests of its own, and looks for itself at this place then.
        "spark.test.home": str(Path(str(importlib.import_module("pyspark").__file__)).parent),
    }
    builder = importlib.import_module("pyspark.sql").SparkSession.builder.appName("large")
    builder = builder.master(f"local-cluster[2, 1, {memory * 1024}]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@contextmanager
def on_spark(directory: Path, memory: int) -> Iterator[Any]:
    with spark_session(directory, memory) as session:
        session.read.parquet(f"{directory}/charges-*.parquet").createOrReplaceTempView("charges")
        yield session


ENGINES: dict[str, Callable[[Path, int], Any]] = {"duckdb": on_duckdb, "spark": on_spark}


def close(engine: str, shape: Shape, directory: Path, memory: int, *, times: int) -> None:
    with ENGINES[engine](directory, memory) as connection:
        for _ in range(times):
            close_once(engine, shape, connection, directory)


def close_once(engine: str, shape: Shape, connection: Any, directory: Path) -> None:
    steps = Steps(time.perf_counter)

    def begin(step: str) -> None:
        steps.begin(step)
        print(f"{time.strftime('%H:%M:%S')} {step}", flush=True)

    start, used = time.perf_counter(), seconds_used()
    partial = table_totals(
        connection,
        {"charges": "charges"},
        PROGRAM,
        shape.last,
        partners=PARTNERS,
        relationships=(life_of(number, shape) for number in range(shape.accounts)),
        on_step=begin,
    )
    steps.end()
    wall, used = time.perf_counter() - start, seconds_used() - used
    for step, seconds in steps.of_this.items():
        print(f"{step:<44}{seconds:>9.1f} s")
    print(f"{f'{engine}, in all':<44}{wall:>9.1f} s, {used:.0f} s of the processor; peaks of {peaks()} GiB")
    assert count_of_bills(partial) == count_of_files(directory)
    print(f"{len(partial.sums):,} sums, {count_of_bills(partial)}; SHA-256 of the month's files {digest_of(partial, shape)}", flush=True)


def count_of_bills(partial: PartialTotals) -> str:
    lines, gross = (sum(one[place] for one in as_sums(partial).values()) for place in (0, 1))
    return f"{lines:,} charges of {gross:,} minor units on Single Bills"


def digest_of(partial: PartialTotals, shape: Shape) -> str:
    month = finish_totals(partial, month=shape.last, program=PROGRAM, partners=PARTNERS)
    files = totals_files(PROGRAM, month, {})
    return hashlib.sha256("".join(files[name] for name in sorted(files)).encode()).hexdigest()


def count_of_files(directory: Path) -> str:
    connection = importlib.import_module("duckdb").connect()
    numbered = f"SELECT *, substr(account, 3)::BIGINT AS account_number FROM read_parquet('{directory}/charges-*.parquet')"  # noqa: S608  (all of it is written here)
    lines, gross = connection.execute(f"SELECT COUNT(*), SUM(minor)::BIGINT FROM ({numbered}) WHERE {ON_BILL}").fetchone()  # noqa: S608  (all of it is written here)
    return f"{lines:,} charges of {gross:,} minor units on Single Bills"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what closing a month of very many charges costs.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--charges", type=int, default=CHARGES)
    parser.add_argument("--engines", default="duckdb,spark")
    parser.add_argument("--memory", type=int, default=8)
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    shape = Shape(asked.charges, months=MONTHS)
    directory = asked.directory / str(asked.charges)
    if asked.only:
        close(asked.only, shape, directory, asked.memory, times=2 if asked.twice else 1)
        return
    write_files(shape, directory)
    for engine in asked.engines.split(","):
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--only", engine], check=True)


if __name__ == "__main__":
    main()
