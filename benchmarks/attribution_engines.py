"""What crediting very many openings costs in Python, in DuckDB and on Spark, from the same Parquet files, with the same answers.

Run it from the root of the repository, where partnerkit is installed with the extras `bench`, `sql` and `spark`:

    python benchmarks/attribution_engines.py DIR [--visits 5000000] [--engines python,bare,duckdb,hand,spark] [--memory 8]

The events are those of `benchmarks/attribution.py`, written to DIR once. Each contender runs in a process of its own and writes who is
credited, and by which visit, to DIR: Python reads both files in batches and streams them through `winners`, or through the bare merge,
which names no visit; DuckDB runs `attribute_table` with one, two and four threads, and what one would write by hand for it, the last
visit before each opening by `arg_max`, with nothing checked; Spark runs `attribute_frame` with two workers, each a process of its own
with one core. "wrong" counts openings with another partner or another visit than the first contender says. Times are of all that a
contender does, reading and writing included; seconds of the processor are those of all its processes. `--memory` is how many gigabytes
DuckDB may hold, and each process of Spark. No test depends on this.
"""

import argparse
import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from attribution import (
    PARTNERS,
    START_TICK,
    TERMS,
    TICK,
    VISITS_PER_OPENING,
    VISITS_PER_VISITOR,
    WINDOW,
    WINDOW_TICKS,
    YEAR,
    bare_merge_of_rows,
    opening_rows,
    visit_rows,
)
from large import spark_session
from measuring import peaks, seconds_used

from partnerkit.attribution import winners
from partnerkit.sql.attribution import attribute_frame, attribute_table

VISITS = 5_000_000
BATCH = 50_000
ANSWERS = ("opening", "partner", "visit")
BY_HAND = """
SELECT o.id AS opening, 'p-' || substr(arg_max(v.name, v.place), 9) AS partner, arg_max(v.id, v.place) AS visit
FROM openings AS o LEFT JOIN visits AS v
    ON v.visitor = o.visitor AND v.at <= o.at AND o.at - v.at <= {window} AND v.name IS NOT NULL
GROUP BY o.id
"""

Answer = tuple[str, str | None, str | None]
Contender = Callable[[Path, int], None]


def write_files(count: int, directory: Path) -> None:
    """Write the events of `attribution.visit_rows` and `attribution.opening_rows`, but for files that are there."""
    directory.mkdir(parents=True, exist_ok=True)
    step = YEAR // count // TICK
    at_once = max(int(count / VISITS_PER_VISITOR * (WINDOW / YEAR) * 0.9), 1)
    visits = f"""
        SELECT 'k' || n AS id, 'v' || (tied // {VISITS_PER_VISITOR} + tied * 7919 % {at_once}) AS visitor,
            {START_TICK} + tied * {step} AS at, n AS place, CASE WHEN n % 5 <> 0 THEN 'partner-' || (n * 31 % 50) END AS name,
            FALSE AS ambiguous, '' AS source, FALSE AS bot, FALSE AS prefetch, TRUE AS top_level, NULL::BOOLEAN AS consent, FALSE AS gpc
        FROM (SELECT n, n - CASE WHEN n % 20 = 19 THEN 1 ELSE 0 END AS tied FROM range({count}) AS t(n))
    """  # noqa: S608  (all of it is written here)
    openings = f"""
        SELECT 's' || n AS id, 'A' || n AS account, 'v' || (n // {VISITS_PER_VISITOR}) AS visitor, {START_TICK} + n * {step} AS at,
            n AS place, '' AS email, '' AS coupon, FALSE AS existing_account
        FROM range(0, {count}, {VISITS_PER_OPENING}) AS t(n)
    """  # noqa: S608  (all of it is written here)
    connection = importlib.import_module("duckdb").connect()
    for name, query in (("visits", visits), ("openings", openings)):
        path = directory / f"{name}.parquet"
        if not path.exists():
            connection.execute(f"COPY ({query}) TO '{path}.part' (FORMAT parquet)")
            Path(f"{path}.part").rename(path)
    assert [*islice(read_visits(directory), 999)] == [*islice(visit_rows(count), 999)]
    assert [*islice(read_openings(directory), 999)] == [*islice(opening_rows(count), 999)]


def read_rows(path: Path, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    file = importlib.import_module("pyarrow.parquet").ParquetFile(path)
    for batch in file.iter_batches(BATCH, columns=columns):
        yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)


def read_visits(directory: Path) -> Iterator[Any]:
    facts = ["source", "ambiguous", "bot", "prefetch", "top_level", "consent", "gpc"]
    return read_rows(directory / "visits.parquet", ["id", "visitor", "at", "name", *facts])


def read_openings(directory: Path) -> Iterator[Any]:
    rows = read_rows(directory / "openings.parquet", ["id", "account", "visitor", "at", "email", "coupon", "existing_account"])
    return ((*row[:4], 0, *row[4:]) for row in rows)


def write_answers(answers: Iterable[Answer], path: Path) -> None:
    arrow = importlib.import_module("pyarrow")
    schema = arrow.schema([(name, arrow.string()) for name in ANSWERS])
    coming = iter(answers)
    with importlib.import_module("pyarrow.parquet").ParquetWriter(path, schema) as writer:
        while some := [*islice(coming, BATCH)]:
            arrays = [arrow.array(values, arrow.string()) for values in zip(*some, strict=True)]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))


def in_python(directory: Path, _memory: int) -> None:
    found = winners(read_openings(directory), read_visits(directory), partners=PARTNERS, terms=TERMS)
    write_answers(((opening, partner, visit) for opening, _, partner, visit, _ in found), directory / "python.answers")


def bare(directory: Path, _memory: int) -> None:
    found = bare_merge_of_rows(read_openings(directory), read_visits(directory), PARTNERS)
    ids = (row[0] for row in read_rows(directory / "openings.parquet", ["id"]))
    write_answers(((opening, partner, None) for opening, partner in zip(ids, found, strict=True)), directory / "bare.answers")


def connected(directory: Path, memory: int, threads: int) -> Any:
    connection = importlib.import_module("duckdb").connect()
    for name, value in {"threads": threads, "memory_limit": f"'{memory}GB'", "temp_directory": f"'{directory}/spilled'"}.items():
        connection.execute(f"SET {name} = {value}")
    connection.execute("SET preserve_insertion_order = false")
    for name in ("visits", "openings"):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{directory}/{name}.parquet')")  # noqa: S608  (all of it is written here)
    return connection


def on_duckdb(threads: int) -> Contender:
    def run(directory: Path, memory: int) -> None:
        connection = connected(directory, memory, threads)
        attribute_table(connection, partners=PARTNERS, terms=TERMS)
        path = directory / f"duckdb-{threads}.answers"
        connection.execute(f"COPY (SELECT opening, partner, visit FROM credits) TO '{path}' (FORMAT parquet)")  # noqa: S608  (all of it is written here)

    return run


def by_hand(directory: Path, memory: int) -> None:
    query = BY_HAND.format(window=WINDOW_TICKS)
    connected(directory, memory, 2).execute(f"COPY ({query}) TO '{directory}/hand.answers' (FORMAT parquet)")


def on_spark(directory: Path, memory: int) -> None:
    with spark_session(directory, memory) as session:
        for name in ("visits", "openings"):
            session.read.parquet(f"{directory}/{name}.parquet").createOrReplaceTempView(name)
        found = attribute_frame(session, partners=PARTNERS, terms=TERMS).select(*ANSWERS)
        found.write.mode("overwrite").parquet(str(directory / "spark.answers"))
        tell("spark")


CONTENDERS: dict[str, Contender] = {
    "python": in_python,
    "bare": bare,
    "duckdb-1": on_duckdb(1),
    "duckdb-2": on_duckdb(2),
    "duckdb-4": on_duckdb(4),
    "hand": by_hand,
    "spark": on_spark,
}
STARTED = time.perf_counter()


def tell(name: str) -> None:
    print(f"{name:<12}{time.perf_counter() - STARTED:>9.1f} s{seconds_used():>9.1f} s of the processor, peaks of {peaks()} GiB", flush=True)


def compare(names: Iterable[str], directory: Path) -> None:
    """Count the openings for which contenders say something else than the first of them."""
    first, *others = names
    connection = importlib.import_module("duckdb").connect()

    def answers(name: str) -> str:
        path = directory / f"{name}.answers"
        return f"read_parquet('{path}/*.parquet')" if path.is_dir() else f"read_parquet('{path}')"

    told = connection.execute(f"SELECT COUNT(*), COUNT(partner) FROM {answers(first)}").fetchone()  # noqa: S608  (all of it is written here)
    print(f"{first}: {told[0]:,} openings, {told[1]:,} credited")
    for name in others:
        wrong = connection.execute(f"""
            SELECT COUNT(*) FROM {answers(first)} AS a FULL JOIN {answers(name)} AS b ON a.opening = b.opening
            WHERE a.opening IS NULL OR b.opening IS NULL OR a.partner IS DISTINCT FROM b.partner
                OR {"FALSE" if name == "bare" else "a.visit IS DISTINCT FROM b.visit"}
        """).fetchone()  # noqa: S608  (all of it is written here)
        print(f"{name}: {wrong[0]:,} wrong", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what crediting very many openings costs.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--engines", default=",".join(CONTENDERS))
    parser.add_argument("--memory", type=int, default=8)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    directory = asked.directory / str(asked.visits)
    if asked.only:
        CONTENDERS[asked.only](directory, asked.memory)
        if asked.only != "spark":  # which has told already, while its workers were there
            tell(asked.only)
        return
    write_files(asked.visits, directory)
    names = asked.engines.split(",")
    for name in names:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--only", name], check=True)
    compare(names, directory)


if __name__ == "__main__":
    main()
