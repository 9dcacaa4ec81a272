"""What Spark refuses is told in a line, with what to do about it and without a trace of Java; what does not start says what it needs."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import worlds
from commands import EXAMPLE, MONTH, environment, started
from engines import Spark, imported
from partnerkit.errors import InvalidValue
from partnerkit.sql import AccountRows, attribute_frame, close_frame, close_table
from partnerkit.sql.attribution import COLUMNS
from partnerkit.sql.tables import RECORDS
from partnerkit.totals import PartialTotals
from test_attribution import contract
from test_sql_months import loaded
from worlds import LAST_MONTH, PARTNERS

# pyspark warns of the pandas it was not tried with; nothing here goes through pandas.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

WHERE = worlds.program()
LIVES = [worlds.referred(worlds.account("a-1"), WHERE)]


@contextmanager
def refused(told: str) -> Iterator[None]:
    """Check that something is refused in one short line."""
    with pytest.raises(InvalidValue, match=told) as error:
        yield
    said = str(error.value)
    assert "\n" not in said
    assert "try_" not in said
    assert not any(mark in said for mark in ("SQLSTATE", "org.apache", "java.lang", "An error occurred while calling"))
    assert len(said) < 500


SOME = {"text": "'x'", "bigint": "id", "date": "DATE '2025-08-09'", "boolean": "TRUE"}


def viewed(session: Any, columns: Mapping[str, str], **given: str) -> str:
    """Make a view of rows with these columns, some of which Spark cannot compute, and give its name."""
    values = (f"{given.get(name, SOME[kind.lower()])} AS {name}" for name, kind in columns.items())
    name = f"viewed_{'_'.join(columns)}"
    session.sql(f"SELECT {', '.join(values)} FROM range(3)").createOrReplaceTempView(name)  # noqa: S608  (of our own)
    return name


class TestWhatSparkRefuses:
    """Every function that is given a session tells what Spark says in our words."""

    @pytest.mark.parametrize("close", [close_table, close_frame])
    def test_a_table_that_there_is_not(self, spark_engine: Spark, close: Any) -> None:
        with refused(r"spark refuses: \[TABLE_OR_VIEW_NOT_FOUND\] The table or view `nowhere` cannot be found.*; give a session that runs"):
            close(spark_engine.session, {"charges": "nowhere"}, WHERE, LAST_MONTH, partners=PARTNERS, relationships=[])

    @pytest.mark.parametrize("close", [close_table, close_frame])
    @pytest.mark.parametrize(
        ("minor", "told"),
        [
            ("9223372036854775807L + id", r"\[ARITHMETIC_OVERFLOW\] overflow; give"),
            ("CONCAT('x', id)", r"\[CAST_INVALID_INPUT\] The value 'x[0-2]' of the type"),
            ("raise_error('line one\\nline two')", "line one"),
        ],
    )
    def test_a_view_that_fails(self, spark_engine: Spark, close: Any, minor: str, told: str) -> None:
        name = viewed(spark_engine.session, RECORDS["payments"], minor=f"CAST({minor} AS BIGINT)")
        with refused(f"spark refuses: .*{told}"):
            close(spark_engine.session, {"payments": name}, WHERE, LAST_MONTH, partners=PARTNERS, relationships=[])

    def test_a_file_that_goes_away(self, spark_engine: Spark, tmp_path: Path) -> None:
        path = tmp_path / "payments"
        spark_engine.session.table(viewed(spark_engine.session, RECORDS["payments"])).write.parquet(str(path))
        spark_engine.session.read.parquet(str(path)).createOrReplaceTempView("gone")
        for part in path.glob("part-*"):
            part.unlink()
        with refused(f"spark refuses: .*{path.name}"):
            close_table(spark_engine.session, {"payments": "gone"}, WHERE, LAST_MONTH, partners=PARTNERS, relationships=[])

    def test_a_function_that_fails_on_a_worker(self, spark_engine: Spark) -> None:
        def broken(accounts: Sequence[AccountRows]) -> PartialTotals:
            raise ZeroDivisionError(f"of {len(accounts)}")

        tables = loaded(spark_engine.session, {})
        with pytest.raises(
            InvalidValue, match="Python failed on a worker of Spark: ZeroDivisionError: of 1; correct the function"
        ) as error:
            close_frame(spark_engine.session, tables, WHERE, LAST_MONTH, partners=PARTNERS, relationships=LIVES, settle=broken)
        assert "in broken" in str(error.value.__cause__)

    def test_visits_that_fail(self, spark_engine: Spark) -> None:
        session = spark_engine.session
        visits = viewed(session, COLUMNS["visits"], at="9223372036854775807L + id + 1")
        openings = viewed(session, COLUMNS["openings"])
        with refused(r"spark refuses: \[ARITHMETIC_OVERFLOW\] overflow; give"):
            attribute_frame(session, partners=PARTNERS, terms=contract(), visits=visits, openings=openings)


STOPPED = """
from pyspark.sql import SparkSession
import worlds
from partnerkit.errors import InvalidValue
from partnerkit.sql import attribute_frame, close_frame, close_table
from test_attribution import contract
session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
session.stop()
of = {"partners": worlds.PARTNERS}
for asked in (
    lambda: close_table(session, {}, worlds.program(), worlds.LAST_MONTH, relationships=[], **of),
    lambda: close_frame(session, {"charges": "mine"}, worlds.program(), worlds.LAST_MONTH, relationships=[], **of),
    lambda: attribute_frame(session, terms=contract(), **of),
):
    try:
        asked()
    except InvalidValue as told:
        print(told)
"""


KILLED = """
import os, signal
import pyspark
from partnerkit.by_engine import EngineName, close_by
from partnerkit.inputs import read_inputs
from partnerkit.errors import InvalidValue
from commands import EXAMPLE
import worlds

def killing(step):
    if step == "settling the charges":
        os.kill(pyspark.SparkContext._gateway.proc.pid, signal.SIGKILL)

try:
    close_by(EngineName.SPARK, read_inputs(EXAMPLE), worlds.LAST_MONTH, on_step=killing)
except InvalidValue as told:
    print(told)
"""


def ran_alone(program: str) -> str:
    """Give what a program prints in a process of its own, with a Spark of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment(), "PYTHONPATH": ":".join(sys.path), "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


class TestSparkThatDoesNotRun:
    """A session that is stopped, and a Spark that does not start."""

    def test_a_session_that_is_stopped(self) -> None:
        imported("pyspark", "partnerkit[spark]")
        assert ran_alone(STOPPED).splitlines() == ["the session of Spark is stopped: give one that runs"] * 3

    def test_a_java_that_is_killed(self) -> None:
        imported("pyspark", "partnerkit[spark]")
        told = r"spark refuses: .*; give a session that runs, and tables or files that it can read"
        assert re.fullmatch(told, ran_alone(KILLED))

    def test_no_java(self, tmp_path: Path) -> None:
        imported("pyspark", "partnerkit[spark]")
        out = tmp_path / "sums"
        ran = started("close", EXAMPLE, "--month", MONTH, "--engine", "spark", "--out", out, JAVA_HOME=str(tmp_path))
        assert ran.returncode == 2, ran.stderr
        assert "Traceback" not in ran.stderr
        assert "Spark needs a Java of 17 or newer, which is on the search path or named by JAVA_HOME" in ran.stderr
        assert not out.exists()
