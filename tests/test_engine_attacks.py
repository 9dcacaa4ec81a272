"""Hostile files, tables and histories: engines close them to the same bytes, or refuse them in the same way, without a trace."""

import csv
import json
import math
import re
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import Result

import worlds
from commands import EXAMPLE, bytes_of, close, example_rows, run
from engines import Spark
from large_world import rows_of
from partnerkit import by_engine
from partnerkit.errors import Fault, InvalidRecords, InvalidValue, TermMissing
from partnerkit.money import Money, Rate
from partnerkit.periods import Month
from partnerkit.row_reading import charge_row
from partnerkit.sql import close_table, line_query
from partnerkit.sql.dialects import table
from partnerkit.tallies import close_totals
from partnerkit.terms import Recognition
from partnerkit.totals import LARGEST, MonthTotals
from test_by_engine import in_parquet
from test_sql_months import closed, loaded
from worlds import LAST_MONTH, PARTNERS, World

ENGINES = ("python", "duckdb")
Spoil = Callable[[Path], object]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give the example in a directory that a test may spoil."""
    copy = tmp_path / "program"
    shutil.copytree(EXAMPLE, copy)
    return copy


def added(program: Path, name: str, *records: dict[str, Any]) -> int:
    """Write records behind those that a file has."""
    with (program / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        return file.write("".join(json.dumps(record) + "\n" for record in records))


def linked_to_nothing(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("nowhere")


def directory_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def later_charge() -> dict[str, Any]:
    charge = {name: value for name, value in example_rows("charges")[0].items() if name != "pricing"}
    return {**charge, "id": "later", "charged_on": "2025-12-02", "period": "2025-12-02/2026-01-02"}


def receipt(charge: str, day: str) -> dict[str, Any]:
    return {"record": "receipt", "version": 1, "id": "early", "charge": charge, "amount": "1.00 USD", "received_on": day}


def payment(**changed: str) -> dict[str, Any]:
    return {**example_rows("payments")[0], **changed}


def refused(result: Result, out: Path) -> str:
    """Check that a close was refused with a message, without a trace and with nothing written."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert not out.exists()
    assert "error: " in result.stderr
    return result.stderr


REFUSED: Mapping[str, Spoil] = {
    "receipts.jsonl:2: is not UTF-8": lambda where: (where / "receipts.jsonl").write_bytes(b"\n\xff\n"),
    "receipts.jsonl:1: is not UTF-8": lambda where: (where / "receipts.jsonl").write_text("[]", encoding="utf-16"),
    "has the directory charges.jsonl, which is not looked into": lambda where: directory_instead(where / "charges.jsonl"),
    "receipts.jsonl: No such file": lambda where: linked_to_nothing(where / "receipts.jsonl"),
    "visits.jsonl: No such file": lambda where: linked_to_nothing(where / "visits.jsonl"),
    "p: comes twice": lambda where: added(where, "payments", *[payment(id="p", received_on="2025-12-01")] * 2),
    "early: is for 'nothing', which is no charge": lambda where: added(where, "receipts", receipt("nothing", "2025-08-01")),
    "early: is of 2025-08-01, before the charge later of 2025-12-02": lambda where: (
        added(where, "charges", later_charge()),
        added(where, "receipts", receipt("later", "2025-08-01")),
    ),
}
CLOSED: Mapping[str, Spoil] = {
    "later cash of nothing": lambda where: added(where, "receipts", receipt("nothing", "2025-12-01")),
    "a later charge": lambda where: (added(where, "charges", later_charge()), added(where, "receipts", receipt("later", "2025-12-05"))),
    "large sums": lambda where: added(
        where, "payments", *(payment(id=f"p-{place}", amount=f"{LARGEST // 100}.00 USD") for place in range(3))
    ),
}


class TestFiles:
    """What is wrong with files is told by every engine, with the file, and nothing is written."""

    @pytest.mark.parametrize("told", REFUSED)
    def test_refused_by_both(self, program: Path, tmp_path: Path, told: str) -> None:
        REFUSED[told](program)
        for engine in ENGINES:
            assert told in refused(close(program, "--engine", engine, "--out", tmp_path / "sums"), tmp_path / "sums")

    def test_a_month_before_any_money(self, tmp_path: Path) -> None:
        for options in ((), *(("--engine", engine) for engine in ENGINES)):
            told = refused(run("close", EXAMPLE, "--month", "2020-01", "--out", tmp_path / "sums", *options), tmp_path / "sums")
            assert "--month: is 2020-01, before the first record of money: the first month is 2025-03" in told

    @pytest.mark.parametrize("spoil", CLOSED.values(), ids=CLOSED.keys())
    def test_closed_by_both(self, program: Path, tmp_path: Path, spoil: Spoil) -> None:
        spoil(program)
        for engine in ENGINES:
            result = close(program, "--engine", engine, "--out", tmp_path / engine)
            assert result.exit_code == 0, result.output
        assert bytes_of(tmp_path / "python") == bytes_of(tmp_path / "duckdb")


PASSED_OVER = (
    "charges-2025-08.parquet",
    "charges_001.parquet",
    "charges-001.snappy.parquet",
    "charges-001.PARQUET",
    "Charges-001.parquet",
    "charges-001.parquet.gz",
    "charge-001.parquet",
    "charges.json",
    "refund.jsonl",
    "Entry.xlsx",
    "part-00000-x.snappy.parquet",
    "visits.csv",
    "export.CSV.zst",
)


class TestPassedOver:
    """What looks like records and is not read is named and refused, so that no money is passed over in silence."""

    @pytest.mark.parametrize("name", PASSED_OVER)
    def test_files_of_other_names(self, program: Path, tmp_path: Path, name: str) -> None:
        (program / name).write_bytes(b"PAR1")
        for options in ((), *(("--engine", engine) for engine in ENGINES)):
            told = refused(close(program, "--out", tmp_path / "sums", *options), tmp_path / "sums")
            assert f"{program}: has {name}, which " in told
            assert "charges-000.parquet" in told

    @pytest.mark.parametrize("name", ["refund-policy.pdf", "Charges.md", ".charges.csv"])
    def test_documents_are_no_records(self, program: Path, tmp_path: Path, name: str) -> None:
        (program / name).write_bytes(b"%PDF")
        for options in ((), ("--engine", "python")):
            result = close(program, "--out", tmp_path / f"sums{len(options)}", *options)
            assert result.exit_code == 0, result.stderr

    @pytest.mark.parametrize("name", ["charges", "receipts-001.parquet", "Refund", "x.parquet"])
    def test_directories(self, program: Path, tmp_path: Path, name: str) -> None:
        (program / name).mkdir()
        (program / name / "part-0.parquet").write_bytes(b"PAR1")
        for options in ((), *(("--engine", engine) for engine in ENGINES)):
            told = refused(close(program, "--out", tmp_path / "sums", *options), tmp_path / "sums")
            assert f"has the directory {name}, which is not looked into: put its files here, named charges-000.parquet" in told

    @pytest.mark.parametrize("name", ["charges-000.parquet", "charges.csv", "charges-000.jsonl", "entries-7.csv"])
    def test_what_engines_read_is_not_nothing(self, program: Path, tmp_path: Path, name: str) -> None:
        (program / f"{name[:7]}.jsonl").rename(program / name)
        for command in (("check", program), ("close", program, "--month", "2025-08"), ("why", program, "c-1")):
            told = refused(run(*command), tmp_path / "sums")
            assert f"{program}: has {name}, which `close --engine` alone reads" in told

    def test_nor_is_it_when_a_close_is_verified(self, program: Path, tmp_path: Path) -> None:
        assert close(program, "--out", tmp_path / "closed").exit_code == 0
        (program / "charges.jsonl").rename(program / "charges-000.jsonl")
        result = run("verify", tmp_path / "closed", program)
        assert result.exit_code == 2, result.output
        assert "has charges-000.jsonl, which `close --engine` alone reads" in result.stderr

    def test_very_many_are_named_in_part(self, program: Path, tmp_path: Path) -> None:
        for place in range(12):
            (program / f"charges-{place:03}.parquet").write_bytes(b"PAR1")
        told = refused(run("check", program), tmp_path / "sums")
        assert "has charges-000.parquet, charges-001.parquet, " in told
        assert "charges-009.parquet and 2 more, which `close --engine` alone reads" in told

    @pytest.mark.parametrize("name", ["README.md", ".charges.jsonl.swp", ".charges-000.parquet.crc", "_SUCCESS", "old", "notes.txt"])
    def test_what_is_none_is_left_alone(self, program: Path, name: str) -> None:
        (program / name).write_bytes(b"")
        for result in (run("check", program), close(program), *(close(program, "--engine", engine) for engine in ENGINES)):
            assert result.exit_code == 0, result.output


def in_csv(program: Path, name: str) -> None:
    """Write the records of a file as CSV."""
    lines = (program / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    (program / f"{name}.jsonl").unlink()
    records = [{key: value for key, value in json.loads(line).items() if key not in {"record", "version", "pricing"}} for line in lines]
    with (program / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, dict.fromkeys(key for one in records for key in one))
        writer.writeheader()
        writer.writerows(records)


def replaced(program: Path, name: str, record: str, **changed: str) -> int:
    """Change fields of the record of an id; gives its line."""
    records = example_rows(name)
    (line,) = (number for number, one in enumerate(records, 1) if one["id"] == record)
    records[line - 1].pop("pricing", None)
    records[line - 1].update(changed)
    (program / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return line


TWICE = "comes twice: give each an id of its own"


class TestPlaces:
    """A fault that is found when records are held against each other names the file and the line of the record, whoever found it."""

    def told(self, program: Path, tmp_path: Path, engine: str) -> str:
        return refused(close(program, "--engine", engine, "--out", tmp_path / "sums"), tmp_path / "sums")

    def test_an_id_twice(self, program: Path, tmp_path: Path) -> None:
        charge, cash = example_rows("charges")[4], example_rows("payments")[0]
        (program / "charges-1.jsonl").write_text("\n" + json.dumps(charge) + "\n", encoding="utf-8")
        for engine in ENGINES:
            told = self.told(program, tmp_path, engine)
            # A hyphen sorts before a point, so the part is read first.
            assert f"error: charges.jsonl:5: {charge['id']}: {TWICE}; it stands in charges-1.jsonl:2 already\n" in told
        (program / "charges-1.jsonl").unlink()
        added(program, "payments", cash)
        last = len(example_rows("payments")) + 1
        for engine in ENGINES:
            assert f"error: payments.jsonl:{last}: {cash['id']}: {TWICE}; it stands in payments.jsonl:1 already\n" in self.told(
                program, tmp_path, engine
            )

    @pytest.mark.parametrize("form", ["jsonl", "csv"])
    def test_a_wrong_currency_and_cash_for_nothing(self, program: Path, tmp_path: Path, form: str) -> None:
        charge, cash = example_rows("charges")[7]["id"], example_rows("refunds")[0]["id"]
        place = replaced(program, "charges", charge, amount="12 JPY") + (form == "csv")
        if form == "csv":
            in_csv(program, "charges")
        for engine in ENGINES:
            assert f"error: charges.{form}:{place}: {charge}: is in JPY, but " in self.told(program, tmp_path, engine)
        shutil.rmtree(program)
        shutil.copytree(EXAMPLE, program)
        place = replaced(program, "refunds", cash, charge="nothing") + (form == "csv")
        if form == "csv":
            in_csv(program, "refunds")
        for engine in ENGINES:
            assert f"error: refunds.{form}:{place}: {cash}: is for 'nothing', which is no charge" in self.told(program, tmp_path, engine)

    def test_an_id_in_escapes(self, program: Path, tmp_path: Path) -> None:
        odd = 'p"\u00e9.minor\\x'
        added(program, "payments", payment(id=odd, partner="nobody"))
        last = len(example_rows("payments")) + 1
        for engine in ENGINES:
            assert f"error: payments.jsonl:{last}: " in self.told(program, tmp_path, engine)

    def test_an_account_that_comes_back(self, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(by_engine, "_SORTED_UP_TO", 0)
        for name in ("receipts", "refunds"):
            (program / f"{name}.jsonl").unlink()
        lines = [json.dumps(one) + "\n" for one in sorted(example_rows("charges"), key=itemgetter("account"))]
        first = json.loads(lines[0])["account"]
        moved = next(number for number, line in enumerate(lines) if json.loads(line)["account"] != first)
        lines.append(lines.pop(moved - 1))
        (program / "charges.jsonl").write_text("\n".join(lines), encoding="utf-8")
        told = self.told(program, tmp_path, "python")
        assert f"error: charges.jsonl:{2 * len(lines) - 1}: {first}: comes back after another account" in told

    def test_in_parquet(self, program: Path, tmp_path: Path, reader: str) -> None:
        in_parquet(program, 2)
        parts = [program / f"payments-00{place}.parquet" for place in range(2)]
        with duckdb.connect() as connection:
            connection.read_parquet([*map(str, parts)]).create("payments")
            connection.sql("SELECT * FROM payments ORDER BY id LIMIT 2").write_parquet(str(parts[0]))
            connection.sql("SELECT * FROM payments ORDER BY id OFFSET 1").write_parquet(str(parts[1]))
            (_, (record,)) = connection.sql("SELECT id FROM payments ORDER BY id LIMIT 2").fetchall()
        told = self.told(program, tmp_path, reader)
        assert f"error: payments-001.parquet:1: {record}: {TWICE}; it stands in payments-000.parquet:2 already\n" in told

    def test_rows_without_a_value_in_parquet(self, program: Path, tmp_path: Path, reader: str) -> None:
        in_parquet(program)
        path = program / "payments-000.parquet"
        with duckdb.connect() as connection:
            connection.read_parquet(str(path)).create("payments")
            ids = [record for (record,) in connection.sql("SELECT id FROM payments").fetchall()]
        rewritten(path, f"* REPLACE (CASE WHEN id <> '{ids[1]}' THEN id END AS id, CASE WHEN id <> '{ids[2]}' THEN minor END AS minor)")
        told = self.told(program, tmp_path, reader)
        assert "error: payments-000.parquet:2: a row without an id.id: is missing" in told
        assert f"error: payments-000.parquet:3: {ids[2]}.minor: is missing" in told

    def test_what_is_found_nowhere_is_told_nonetheless(self, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        added(program, "payments", payment(partner="nobody", id="odd"))

        def removed(*_: object, **__: object) -> object:
            (program / "payments.jsonl").unlink()
            raise InvalidRecords((Fault(source="payments", path="odd", message="is odd"),))

        monkeypatch.setattr(by_engine, "close_totals", removed)
        assert "error: payments: odd: is odd\n" in self.told(program, tmp_path, "python")


class TestManyFaults:
    """Where not every fault is told, that is said; a number that is the whole of them stands by itself."""

    @pytest.mark.parametrize(("engine", "form"), [("python", "jsonl"), ("duckdb", "jsonl"), ("duckdb", "parquet")])
    def test_more_than_are_told(self, program: Path, tmp_path: Path, engine: str, form: str) -> None:
        added(program, "payments", *[payment(id=f"p-{place}") for place in range(150)] * 2)
        if form == "parquet":
            (program / "payments.jsonl").unlink()
            with duckdb.connect() as connection:
                values = (
                    "'p' || range AS id, 'p-1' AS partner, -5::BIGINT AS minor, 'USD' AS currency, DATE '2025-08-09' AS day, '' AS kind"
                )
                connection.sql(f"SELECT {values} FROM range(150)").write_parquet(str(program / "payments.parquet"))  # noqa: S608  (of our own)
        told = refused(close(program, "--engine", engine, "--out", tmp_path / "sums"), tmp_path / "sums")
        count = told.count("error: ")
        assert count in {20, 100}
        assert told.endswith(f"the first {count} faults, there may be more; nothing was written.\n")

    def test_malformed_rows(self, program: Path, tmp_path: Path) -> None:
        added(program, "payments", *[payment(amount="5") for _ in range(150)])
        told = refused(close(program, "--engine", "python", "--out", tmp_path / "sums"), tmp_path / "sums")
        assert told.endswith("the first 100 faults, there may be more; nothing was written.\n")

    def test_all_of_them(self, program: Path, tmp_path: Path) -> None:
        added(program, "payments", *[payment(id=f"p-{place}") for place in range(5)] * 2)
        for engine in ENGINES:
            told = refused(close(program, "--engine", engine, "--out", tmp_path / "sums"), tmp_path / "sums")
            assert told.endswith("\n5 faults; nothing was written.\n")


class TestQuietMonths:
    """A month after the last record of money is closed with the same note, in sums and with lines."""

    @pytest.mark.parametrize("options", [(), ("--engine", "python"), ("--engine", "duckdb")])
    def test_the_last_record_is_named(self, options: tuple[str, ...]) -> None:
        result = run("close", EXAMPLE, "--month", "2026-08", *options)
        assert result.exit_code == 0
        assert "note: the last record of money is of 2025-08-31" in result.stderr
        assert "note: the last" not in close(EXAMPLE, *options).stderr

    def test_in_parquet(self, program: Path, reader: str) -> None:
        in_parquet(program)
        assert "note: the last record of money is of " in run("close", program, "--month", "2026-08", "--engine", reader).stderr

    @pytest.mark.parametrize("options", [(), ("--engine", "python"), ("--engine", "duckdb")])
    def test_no_money_at_all(self, program: Path, options: tuple[str, ...]) -> None:
        for name in ("charges", "receipts", "refunds", "payments", "disbursements", "entries"):
            (program / f"{name}.jsonl").unlink()
        assert "note: there is no record of money at all" in close(program, *options).stderr


@pytest.fixture(params=["duckdb", "spark"])
def reader(request: pytest.FixtureRequest) -> str:
    """Every engine that reads Parquet; of Spark the session of the tests is the one that runs."""
    name: str = request.param
    if name == "spark":
        request.getfixturevalue("spark_engine")
    return name


def rewritten(path: Path, columns: str) -> None:
    """Write a Parquet file again with other columns."""
    with duckdb.connect() as connection:
        connection.read_parquet(str(path)).create("rows")
        connection.sql(f"SELECT {columns} FROM rows").write_parquet(str(path))  # noqa: S608  (of our own)


def sums_of(directory: Path) -> dict[str, list[dict[str, Any]]]:
    """Give what a close wrote but for the digests of the files it is made of."""
    lines = {name: raw.decode().splitlines() for name, raw in bytes_of(directory).items() if name != "manifest.jsonl"}
    return {name: [{**json.loads(one), "basis": ""} for one in some] for name, some in lines.items()}


REFUSED_PARTS: Mapping[str, tuple[str, str]] = {
    "a column is not there": ("* EXCLUDE (minor)", "receipts-001.parquet: minor: is missing: wanted a column of bigint"),
    "nor another": ("* EXCLUDE (currency)", "receipts-001.parquet: currency: is missing: wanted a column of text"),
    "a column in capitals": ("* EXCLUDE (minor), minor AS MINOR", "receipts-001.parquet: minor: is missing: wanted a column of bigint"),
    "decimals": ("* REPLACE (minor::DECIMAL(18, 1) AS minor)", "receipts-001.parquet: minor: is a column of DECIMAL(18,1): wanted bigint"),
    "floats": ("* REPLACE (minor::DOUBLE AS minor)", "receipts-001.parquet: minor: is a column of DOUBLE: wanted bigint"),
    "texts": ("* REPLACE (minor::VARCHAR AS minor)", "receipts-001.parquet: minor: is a column of text: wanted bigint"),
    "unsigned": ("* REPLACE (minor::UBIGINT AS minor)", "receipts-001.parquet: minor: is a column of UBIGINT: wanted bigint"),
    "instants": ("* REPLACE (day::TIMESTAMP AS day)", "receipts-001.parquet: day: is a column of TIMESTAMP: wanted date"),
    "nothing": ("* REPLACE (NULL::BIGINT AS minor)", "minor: is missing: every column has a value"),
}


class TestParquet:
    """Parquet that is damaged or holds what no record does is told with its file or row; where it lies changes nothing."""

    @pytest.fixture
    def stored(self, program: Path) -> Path:
        in_parquet(program, 2)
        return program

    @pytest.mark.parametrize("raw", [b"", b"PAR1 nothing", b"PAR1" + b"\x00" * 100 + b"PAR1", b"nonsense" * 8])
    def test_damaged(self, stored: Path, tmp_path: Path, reader: str, raw: bytes) -> None:
        (stored / "receipts-001.parquet").write_bytes(raw)
        result = close(stored, "--engine", reader, "--out", tmp_path / "sums")
        assert "receipts-001.parquet: cannot be read as Parquet" in refused(result, tmp_path / "sums")

    def test_damaged_inside(self, stored: Path, tmp_path: Path, reader: str) -> None:
        path = stored / "receipts-001.parquet"
        raw = bytearray(path.read_bytes())
        raw[4:200] = b"\xff" * 196  # behind the mark at its start; what tells of its columns stands at its end
        path.write_bytes(raw)
        told = refused(close(stored, "--engine", reader, "--out", tmp_path / "sums"), tmp_path / "sums")
        assert "receipts-001.parquet" in told
        assert "\tat " not in told

    def test_damaged_where_spark_was_told_to_pass_over_it(self, stored: Path, tmp_path: Path, spark_engine: Spark) -> None:
        path = stored / "receipts-001.parquet"
        raw = bytearray(path.read_bytes())
        raw[4:200] = b"\xff" * 196
        path.write_bytes(raw)
        spark_engine.session.conf.set("spark.sql.files.ignoreCorruptFiles", "true")
        try:
            told = refused(close(stored, "--engine", "spark", "--out", tmp_path / "sums"), tmp_path / "sums")
        finally:
            spark_engine.session.conf.unset("spark.sql.files.ignoreCorruptFiles")
        assert "receipts-001.parquet" in told

    def test_a_directory(self, stored: Path, tmp_path: Path, reader: str) -> None:
        directory_instead(stored / "receipts-001.parquet")
        told = refused(close(stored, "--engine", reader, "--out", tmp_path / "sums"), tmp_path / "sums")
        assert "has the directory receipts-001.parquet, which is not looked into: put its files here, named charges-000.parquet" in told

    def test_a_link_to_nothing(self, stored: Path, tmp_path: Path, reader: str) -> None:
        linked_to_nothing(stored / "receipts-001.parquet")
        told = refused(close(stored, "--engine", reader, "--out", tmp_path / "sums"), tmp_path / "sums")
        assert "receipts-001.parquet: No such file" in told

    @pytest.mark.parametrize("places", [(0, 1), (1, 0)])
    def test_parts_with_other_columns(self, stored: Path, tmp_path: Path, spark_engine: Spark, places: tuple[int, int]) -> None:
        assert spark_engine.dialect == "spark"  # its session is the one that runs
        narrow, more = (stored / f"receipts-00{place}.parquet" for place in places)
        rewritten(narrow, "day, currency, minor::INTEGER AS minor, charge, id")
        rewritten(more, "*, 5 AS note")
        rewritten(stored / f"refunds-00{places[0]}.parquet", "* REPLACE (minor::SMALLINT AS minor), {'id': 5} AS note")
        close(EXAMPLE, "--engine", "python", "--out", tmp_path / "python")
        for reader in ("duckdb", "spark"):
            result = close(stored, "--engine", reader, "--out", tmp_path / reader)
            assert result.exit_code == 0, result.output
            assert sums_of(tmp_path / reader) == sums_of(tmp_path / "python")
        assert bytes_of(tmp_path / "duckdb") == bytes_of(tmp_path / "spark")

    @pytest.mark.parametrize(("columns", "told"), REFUSED_PARTS.values(), ids=REFUSED_PARTS.keys())
    def test_parts_that_are_refused(self, stored: Path, tmp_path: Path, reader: str, columns: str, told: str) -> None:
        rewritten(stored / "receipts-001.parquet", columns)
        assert told in refused(close(stored, "--engine", reader, "--out", tmp_path / "sums"), tmp_path / "sums")

    def test_every_column_that_is_wrong_is_told(self, stored: Path, tmp_path: Path, reader: str) -> None:
        rewritten(stored / "receipts-000.parquet", "* EXCLUDE (day)")
        rewritten(stored / "receipts-001.parquet", "* EXCLUDE (id, charge)")
        told = refused(close(stored, "--engine", reader, "--out", tmp_path / "sums"), tmp_path / "sums")
        for place in ("receipts-000.parquet: day", "receipts-001.parquet: id", "receipts-001.parquet: charge"):
            assert f"{place}: is missing" in told

    def test_two_columns_that_differ_in_case_only(self, stored: Path, tmp_path: Path, reader: str) -> None:
        path = stored / "receipts-001.parquet"
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
        rows = parquet.read_table(path)
        parquet.write_table(rows.append_column("Minor", arrow.array([5] * len(rows))), path)
        told = refused(close(stored, "--engine", reader, "--out", tmp_path / "sums"), tmp_path / "sums")
        assert "receipts-001.parquet: Minor: " in told

    def test_places_with_marks_in_their_names(self, stored: Path, tmp_path: Path, reader: str) -> None:
        close(stored, "--engine", reader, "--out", tmp_path / "before")
        for place in ("currency=JPY", "pro*", "[p]rogram") if reader == "duckdb" else ("currency=JPY [x] b,c%20*",):
            shutil.copytree(stored, tmp_path / place)
            result = close(tmp_path / place, "--engine", reader, "--out", tmp_path / "out" / place)
            assert result.exit_code == 0, result.output
            assert bytes_of(tmp_path / "out" / place) == bytes_of(tmp_path / "before")


def told_of(name: str, replaced: str) -> str:
    """Give what DuckDB's close tells of a table of a world, with some of its columns replaced."""
    world = World(
        program=worlds.program(),
        relationships={"a-1": worlds.referred(worlds.account("a-1"), worlds.program())},
        charges=(worlds.charge(),),
        payments=(worlds.payment("p-1", "1.00 USD", date(2025, 8, 9)),),
        entries=(worlds.entry("e-1", "1.00 USD", date(2025, 8, 9)),),
    )
    with duckdb.connect() as connection:
        tables = loaded(connection, rows_of(world))
        query = f'SELECT * REPLACE ({replaced}) FROM "{tables[name]}"'  # noqa: S608  (of our own)
        connection.execute(f'CREATE VIEW "it\'s a ""view""" AS {query}')
        with pytest.raises(InvalidRecords) as told:
            closed_from(connection, {**tables, name: 'it\'s a "view"'}, world)
    return str(told.value)


def closed_from(connection: Any, tables: dict[str, str], world: World) -> MonthTotals:
    return close_table(connection, tables, world.program, LAST_MONTH, partners=PARTNERS, relationships=world.relationships.values())


class TestTables:
    """A table may be any, but what it holds has to be records; what is none is told with its row."""

    @pytest.mark.parametrize(
        ("name", "replaced", "told"),
        [
            ("charges", "DATE 'infinity' AS charged_on", "c-1.charged_on: is infinity: wanted a day from 0001-01-01 to 9999-12-31"),
            ("charges", "DATE '0044-03-15 (BC)' AS starts_on", "c-1.starts_on: is 0044-03-15 (BC): wanted a day"),
            ("charges", "DATE '12000-01-01' AS ends_before", "c-1.ends_before: is 12000-01-01: wanted a day"),
            ("charges", "starts_on AS ends_before", "c-1.ends_before: is 2025-08-08: wanted a day after 2025-08-08"),
            ("payments", "'xyz' AS currency", "p-1.currency: is 'xyz': wanted a current ISO 4217 code"),
            ("entries", "'incentive' AS kind, 0::BIGINT AS minor", "e-1.minor: is 0 minor units: wanted from one"),
        ],
    )
    def test_rows(self, name: str, replaced: str, told: str) -> None:
        assert f'it\'s a "view": {told}' in told_of(name, replaced)

    @pytest.mark.parametrize("name", ["select", 'it\'s a "b"', "\U0001f600"])
    def test_names(self, name: str) -> None:
        where = worlds.program()
        lives = {"a-1": worlds.referred(worlds.account("a-1"), where)}
        world = World(program=where, relationships=lives, charges=(worlds.charge(),))
        with duckdb.connect() as connection:
            tables = loaded(connection, rows_of(world))
            before = closed_from(connection, tables, world)
            connection.execute(f"ALTER TABLE {table(tables['charges']).sql('duckdb')} RENAME TO {table(name).sql('duckdb')}")
            assert closed_from(connection, {**tables, "charges": name}, world) == before

    @pytest.mark.parametrize("name", ["PARTNERKIT_receipts", "Cash"])
    def test_names_of_a_close_itself(self, name: str) -> None:
        world = World(program=worlds.program(), relationships={})
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE {name} (id VARCHAR)")
            with pytest.raises(InvalidValue, match="cannot hold the charges: a close has a table of that name itself"):
                closed_from(connection, {"charges": name}, world)

    def test_a_table_that_there_is_not(self) -> None:
        with duckdb.connect() as connection, pytest.raises(InvalidValue, match=r"duckdb refuses: .*nowhere"):
            closed_from(connection, {"charges": "nowhere"}, World(program=worlds.program(), relationships={}))

    def test_a_connection_that_is_closed(self) -> None:
        connection = duckdb.connect()
        connection.close()
        with pytest.raises(InvalidValue, match=r"duckdb refuses: .*give an open connection"):
            closed_from(connection, {}, World(program=worlds.program(), relationships={}))

    def test_lines_without_the_terms_they_need(self) -> None:
        where = worlds.program(worlds.terms(share={"rate": ...}))
        lives = [worlds.referred(worlds.account("a-1"), where)]
        with duckdb.connect() as connection:
            tables = loaded(connection, {"charges": [charge_row(worlds.charge())]})
            with pytest.raises(TermMissing, match=r"share\.rate"):
                line_query(connection, tables, where, LAST_MONTH, partners=PARTNERS, relationships=lives)


def in_python(world: World, month: Month) -> MonthTotals:
    """Close a world by Python's sums, with its rows in the order they have to have."""
    rows: dict[str, list[Any]] = {name: list(values) for name, values in rows_of(world).items()}
    charges = sorted(rows.pop("charges"), key=lambda row: (row[1], row[9], row[0]))
    place = {row[0]: number for number, row in enumerate(charges)}
    for name in ("receipts", "refunds"):
        rows[name].sort(key=lambda row: place[row[1]])
    return close_totals(charges, world.relationships, world.program, month, partners=PARTNERS, **rows)


ODD = ["a'; DROP TABLE charges --", 'a"b', "\u00e9", "e\u0301", "\U0001f600", "\uffee", "A", "a", "a b", "\uff21", "\u00df", "x" * 3000]


class TestWorlds:
    """Names and amounts at the edges: both sums are those of the close that has every line."""

    @staticmethod
    def check(world: World) -> None:
        last = MonthTotals.of(world.closes()[-1])
        assert in_python(world, LAST_MONTH) == last
        with duckdb.connect() as connection:
            assert closed(connection, world, LAST_MONTH) == last

    def test_odd_names(self) -> None:
        where = worlds.program(
            worlds.terms(share={"recognized": Recognition.ON_CASH}, bonus={"amount": (Money.parse("50.00 USD"), Money.parse("5 JPY"))})
        )
        lives = {name: worlds.referred(worlds.account(name), where) for name in ODD}
        names = {f"{one} {name}": name for name in ODD for one in ODD[2:7]}
        self.check(
            World(
                program=where,
                relationships=lives,
                charges=tuple(worlds.charge(name, account_id=account, item=name) for name, account in names.items()),
                receipts=tuple(
                    worlds.receipt(f"{one} {name}", f"{one} {name}", "33.33 USD", date(2025, 8, 9)) for name in ODD for one in ODD[2:7]
                ),
            )
        )

    @pytest.mark.parametrize("rate", ["1", "1/3", f"{LARGEST - 1}/{LARGEST}"])
    def test_amounts_at_the_edges(self, rate: str) -> None:
        where = worlds.program(worlds.terms(share={"rate": Rate.parse(rate)}, single_bill={"discount": Rate.parse(rate)}))
        edges = ["0.00 USD", "0.01 USD", f"{LARGEST // 100}.00 USD"]
        lives = {"a-1": worlds.referred(worlds.account("a-1"), where), "a-2": worlds.enrolled(worlds.account("a-2"), where)}
        charges = [worlds.charge(f"{account} {amount}", account_id=account, amount=amount) for account in lives for amount in edges]
        refunds = [worlds.refund(f"f {one.id}", one.id, "0.01 USD", date(2025, 9, 1)) for one in charges if one.amount.minor]
        self.check(World(program=where, relationships=lives, charges=tuple(charges), refunds=tuple(refunds)))

    @pytest.mark.parametrize("minor", [math.isqrt(LARGEST) - 1, LARGEST])
    def test_much_more_cash_than_was_charged(self, minor: int) -> None:
        where = worlds.program(worlds.terms(share={"rate": Rate.parse("1"), "recognized": Recognition.ON_CASH}))
        amount = f"{minor // 100}.{minor % 100:02} USD"
        receipts = tuple(worlds.receipt(f"r-{place}", "c-1", amount, date(2025, 8, 9)) for place in range(9))
        lives = {"a-1": worlds.referred(worlds.account("a-1"), where)}
        world = World(program=where, relationships=lives, charges=(worlds.charge(amount=amount),), receipts=receipts)
        with pytest.raises(InvalidRecords) as told:
            in_python(world, LAST_MONTH)
        with duckdb.connect() as connection, pytest.raises(InvalidRecords) as found:
            closed(connection, world, LAST_MONTH)
        assert len(told.value.faults) == 8
        assert [(one.path, one.message) for one in found.value.faults] == [(one.path, one.message) for one in told.value.faults]

    def test_a_bonus_that_no_column_holds(self) -> None:
        where = worlds.program(worlds.terms(bonus={"amount": (Money.parse(f"{LARGEST}.00 USD"),)}))
        world = World(program=where, relationships={"a-1": worlds.referred(worlds.account("a-1"), where)}, charges=(worlds.charge(),))
        with duckdb.connect() as connection, pytest.raises(InvalidValue, match="more than a column of 64 bits adds"):
            closed(connection, world, LAST_MONTH)


class TestRows:
    """Rows that no file gives are refused by Python's sums too, with the row."""

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"charges": (7, -5)}, "charges: c-1: is -5 minor units: wanted from zero"),
            ({"charges": (2, "gift")}, "the kind of a charge is 'gift': wanted one of subscription"),
            ({"receipts": (2, -5)}, "receipts: r-1: is -5 minor units: wanted from one"),
            ({"refunds": (2, 0)}, "refunds: f-1: is 0 minor units: wanted from one"),
            ({"payments": (5, "gift")}, "payments: p-1: is of the kind 'gift': wanted ''"),
            ({"entries": (5, "gift")}, "entries: e-1: is of the kind 'gift': wanted 'incentive' or 'adjustment'"),
        ],
    )
    def test_a_value_that_is_none(self, changed: dict[str, tuple[int, Any]], told: str) -> None:
        where = worlds.program()
        day = date(2025, 8, 9)
        rows: dict[str, list[Any]] = {
            "charges": [*charge_row(worlds.charge())],
            "receipts": ["r-1", "c-1", 5, "USD", day],
            "refunds": ["f-1", "c-1", 5, "USD", day],
            "payments": ["p-1", "p-1", 5, "USD", day, ""],
            "entries": ["e-1", "p-1", 5, "USD", day, "adjustment"],
        }
        for name, (place, value) in changed.items():
            rows[name][place] = value
        given: dict[str, list[Any]] = {name: [tuple(row)] for name, row in rows.items()}
        lives = {"a-1": worlds.referred(worlds.account("a-1"), where)}
        with pytest.raises((InvalidRecords, InvalidValue), match=re.escape(told)):
            close_totals(given.pop("charges"), lives, where, LAST_MONTH, partners=PARTNERS, **given)
