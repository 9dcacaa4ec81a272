"""A month closed in sums: every engine writes the same bytes, whatever form the records have, and nothing where something is wrong."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import engines
from commands import EXAMPLE, bytes_of, close, example_books, run
from partnerkit import by_engine
from partnerkit.codec import from_line, to_line
from partnerkit.row_reading import cash_row, charge_row, partner_row
from partnerkit.sql.engines import engine_of
from partnerkit.sql.tables import RECORDS, Table
from partnerkit.totals import BillTotals, MonthTotals, StatementTotals

SUMS = {"single_bill_totals.jsonl", "statement_totals.jsonl", "manifest.jsonl"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give the example in a directory that a test may spoil."""
    copy = tmp_path / "program"
    shutil.copytree(EXAMPLE, copy)
    return copy


def rows(name: str) -> Iterator[tuple[object, ...]]:
    books = example_books()
    match name:
        case "charges":
            yield from map(charge_row, books.charges)
        case "receipts" | "refunds":
            yield from map(cash_row, getattr(books, name))
        case _:
            yield from map(partner_row, getattr(books, name))


def in_parquet(program: Path, parts: int = 1) -> None:
    """Put the money of a program into Parquet files, in so many parts."""
    for name in RECORDS:
        (program / f"{name}.jsonl").unlink()
        with duckdb.connect() as connection:
            engine_of(connection).load(name, Table(name=name, columns=RECORDS[name], rows=rows(name)))
            for part in range(parts):
                file = str(program / f"{name}-{part:03}.parquet")
                connection.sql(f"SELECT * FROM {name} WHERE hash(id) % {parts} = {part}").write_parquet(file)  # noqa: S608  (names of our own)


class TestTheSameBytes:
    """Whoever sums a month up and however its records are written, what comes of it is the same."""

    def test_they_are_the_close(self, tmp_path: Path) -> None:
        assert close(EXAMPLE, "--engine", "python", "--out", tmp_path / "sums").exit_code == 0
        books = example_books()
        assert books.last_month is not None
        *_, whole = books.closes(books.last_month)
        totals = MonthTotals.of(whole)
        for name, kind, made in (
            ("single_bill_totals.jsonl", BillTotals, totals.bills),
            ("statement_totals.jsonl", StatementTotals, totals.statements),
        ):
            lines = (tmp_path / "sums" / name).read_text(encoding="utf-8").splitlines()
            assert [from_line(line, kind) for line in lines] == list(made)
            assert [to_line(one, basis=json.loads(line)["basis"]) for one, line in zip(made, lines, strict=True)] == lines

    def test_in_duckdb(self, tmp_path: Path) -> None:
        for engine in ("python", "duckdb"):
            assert close(EXAMPLE, "--engine", engine, "--out", tmp_path / engine).exit_code == 0
        assert bytes_of(tmp_path / "python") == bytes_of(tmp_path / "duckdb")
        assert bytes_of(tmp_path / "python").keys() == SUMS

    def test_in_spark(self, tmp_path: Path, spark_engine: engines.Spark) -> None:
        assert spark_engine.dialect == "spark"  # its session is the one that runs
        for engine in ("python", "spark"):
            result = close(EXAMPLE, "--engine", engine, "--out", tmp_path / engine)
            assert result.exit_code == 0, result.output
        assert bytes_of(tmp_path / "python") == bytes_of(tmp_path / "spark")

    @pytest.mark.parametrize("parts", [1, 3])
    def test_parquet_where_it_is(self, program: Path, tmp_path: Path, parts: int) -> None:
        close(program, "--engine", "python", "--out", tmp_path / "python")
        in_parquet(program, parts)
        assert close(program, "--engine", "duckdb", "--out", tmp_path / "duckdb").exit_code == 0
        for name in SUMS - {"manifest.jsonl"}:
            before, after = ((tmp_path / engine / name).read_text(encoding="utf-8").splitlines() for engine in ("python", "duckdb"))
            assert [{**json.loads(line), "basis": ""} for line in before] == [{**json.loads(line), "basis": ""} for line in after]
        verified = run("verify", tmp_path / "duckdb", program)
        assert verified.exit_code == 0, verified.output

    def test_records_in_parts(self, program: Path, tmp_path: Path) -> None:
        lines = (program / "charges.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (program / "charges.jsonl").unlink()
        for part, some in enumerate((lines[:50], lines[50:])):
            (program / f"charges-{part}.jsonl").write_text("".join(some), encoding="utf-8")
        for engine in ("python", "duckdb"):
            assert close(program, "--engine", engine, "--out", tmp_path / engine).exit_code == 0
        assert bytes_of(tmp_path / "python") == bytes_of(tmp_path / "duckdb")

    def test_very_many_rows_in_order(self, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        close(program, "--engine", "python", "--out", tmp_path / "sorted")
        books = example_books()
        account = {charge.id: charge.account for charge in books.charges}
        for name, key in (("charges", "id"), ("receipts", "charge"), ("refunds", "charge")):
            lines = (program / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
            lines.sort(key=lambda line: account[json.loads(line)[key]])
            (program / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        monkeypatch.setattr(by_engine, "_SORTED_UP_TO", 0)
        result = close(program, "--engine", "python", "--out", tmp_path / "read")
        assert result.exit_code == 0, result.output
        for name in SUMS - {"manifest.jsonl"}:
            before, after = ((tmp_path / way / name).read_text(encoding="utf-8").splitlines() for way in ("sorted", "read"))
            assert [{**json.loads(line), "basis": ""} for line in before] == [{**json.loads(line), "basis": ""} for line in after]

    def test_again_and_verified(self, tmp_path: Path) -> None:
        out = tmp_path / "sums"
        close(EXAMPLE, "--engine", "duckdb", "--out", out)
        before = bytes_of(out)
        again = close(EXAMPLE, "--engine", "python", "--out", out)
        assert again.exit_code == 0
        assert "holds this close already, byte for byte" in again.output
        assert bytes_of(out) == before
        verified = run("verify", out, EXAMPLE)
        assert verified.exit_code == 0
        assert "4 bills and 6 statements, in sums" in verified.output

    def test_a_file_that_is_missing_is_what_is_told(self, tmp_path: Path) -> None:
        out = tmp_path / "sums"
        close(EXAMPLE, "--engine", "python", "--out", out)
        (out / "statement_totals.jsonl").unlink()
        verified = run("verify", out, EXAMPLE)
        assert verified.exit_code == 1
        assert "statement_totals.jsonl:1: is nothing" in verified.stderr
        assert "lines.jsonl" not in verified.stderr


class TestWhatIsShown:
    """The terminal shows what each partner owes and earns."""

    @pytest.mark.parametrize("columns", [80, 160])
    def test_the_tables(self, columns: int) -> None:
        result = close(EXAMPLE, "--engine", "python", columns=columns)
        assert result.exit_code == 0
        assert "SB-2025-08-0003" in result.output
        assert "$507.74" in result.output
        assert "…" not in result.output
        assert "willow-street" in result.output
        assert "-$156.57" in result.output
        assert all(len(line) <= columns for line in result.output.splitlines())

    def test_a_month_before_all_records(self) -> None:
        result = run("close", EXAMPLE, "--month", "2020-01", "--engine", "python")
        assert result.exit_code == 2
        assert "is 2020-01, before the first record of money: the first month is 2025-03" in result.stderr

    def test_a_program_without_money(self, program: Path) -> None:
        for name in RECORDS:
            (program / f"{name}.jsonl").unlink()
        result = close(program, "--engine", "python")
        assert result.exit_code == 0
        assert "note: no partner has a bill or a statement of 2025-08" in result.stderr
        assert "note: " not in close(EXAMPLE, "--engine", "python").stderr

    def test_no_line_is_explained(self, tmp_path: Path) -> None:
        close(EXAMPLE, "--engine", "python", "--out", tmp_path / "sums")
        result = run("why", tmp_path / "sums", "summit-ski-lodge-2025-03-02")
        assert result.exit_code == 2
        assert f"{tmp_path / 'sums'}: is a close in sums, which has no lines: close the month without --engine" in result.stderr
        assert "line_query" in result.stderr
        assert "init" not in result.stderr

    def test_in_another_language(self) -> None:
        assert "Abrechnungen" in close(EXAMPLE, "--engine", "python", "--locale", "de").output


class TestWhatIsRefused:
    """A clear error names file, row and field, and nothing is written."""

    def refused(self, program: Path, tmp_path: Path, engine: str = "python") -> str:
        result = close(program, "--engine", engine, "--out", tmp_path / "sums")
        assert result.exit_code == 2, result.output
        assert "nothing was written" in result.stderr
        assert not (tmp_path / "sums").exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["program"]
        return result.stderr

    @pytest.mark.parametrize("engine", ["python", "duckdb"])
    def test_a_malformed_row(self, program: Path, tmp_path: Path, engine: str) -> None:
        with (program / "charges.jsonl").open("a", encoding="utf-8") as file:
            file.write('{"record": "charge", "version": 1, "id": "x", "amount": "1e3 USD"}\n')
        told = self.refused(program, tmp_path, engine)
        assert "charges.jsonl:188: amount: " in told
        assert "charges.jsonl:188: account: is missing" in told

    @pytest.mark.parametrize("engine", ["python", "duckdb"])
    def test_a_charge_twice_in_two_files(self, program: Path, tmp_path: Path, engine: str) -> None:
        charges = (program / "charges.jsonl").read_text(encoding="utf-8")
        (program / "charges-1.jsonl").write_text(charges.splitlines()[0] + "\n", encoding="utf-8")
        assert "summit-ski-lodge-2025-03-02: comes twice" in self.refused(program, tmp_path, engine)

    @pytest.mark.parametrize("engine", ["python", "duckdb"])
    def test_an_id_twice_in_two_accounts(self, program: Path, tmp_path: Path, engine: str) -> None:
        charges = (program / "charges.jsonl").read_text(encoding="utf-8").splitlines()
        first, other = (json.loads(line) for line in charges[:2])
        assert first["account"] != other["account"]
        charges[1] = json.dumps({**other, "id": first["id"]})
        (program / "charges.jsonl").write_text("\n".join(charges), encoding="utf-8")
        assert f"{first['id']}: comes twice" in self.refused(program, tmp_path, engine)

    def test_very_many_rows_out_of_order(self, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(by_engine, "_SORTED_UP_TO", 0)
        told = self.refused(program, tmp_path)
        assert "comes back after another account: sort the charges by account" in told

    def test_a_missing_column(self, program: Path, tmp_path: Path) -> None:
        in_parquet(program)
        with duckdb.connect() as connection:
            file = str(program / "receipts-000.parquet")
            connection.read_parquet(file).create("receipts")
            connection.sql("SELECT * EXCLUDE (minor) FROM receipts").write_parquet(file)
        assert "receipts-000.parquet: minor: is missing: wanted a column of bigint" in self.refused(program, tmp_path, "duckdb")

    @pytest.mark.parametrize("engine", ["python", "duckdb"])
    def test_a_file_that_is_not_utf8(self, program: Path, tmp_path: Path, engine: str) -> None:
        with (program / "receipts.jsonl").open("ab") as file:
            file.write(b"\n\xff\n")
        count = (program / "receipts.jsonl").read_bytes().count(b"\n")
        assert f"receipts.jsonl:{count}: is not UTF-8: save the file in that encoding" in self.refused(program, tmp_path, engine)

    def test_what_is_no_parquet(self, program: Path, tmp_path: Path) -> None:
        (program / "payments.jsonl").unlink()
        (program / "payments.parquet").write_bytes(b"nonsense" * 8)
        assert "payments.parquet: cannot be read as Parquet: " in self.refused(program, tmp_path, "duckdb")

    def test_amounts_that_are_not_whole_in_a_later_part(self, program: Path, tmp_path: Path) -> None:
        in_parquet(program, 2)
        file = str(program / "receipts-001.parquet")
        with duckdb.connect() as connection:
            connection.read_parquet(file).create("receipts")
            connection.sql("SELECT * REPLACE (minor + 0.7 AS minor) FROM receipts").write_parquet(file)
        assert "receipts-001.parquet: minor: is a column of DECIMAL" in self.refused(program, tmp_path, "duckdb")

    @pytest.mark.parametrize(("name", "other"), [("books [x]", "books x"), ("books [1-3]", "books 2")])
    def test_parquet_of_no_other_directory(self, program: Path, tmp_path: Path, name: str, other: str) -> None:
        in_parquet(program)
        before = close(program, "--engine", "duckdb").output
        shutil.copytree(program, tmp_path / other)
        with duckdb.connect() as connection:
            file = str(tmp_path / other / "payments-000.parquet")
            connection.read_parquet(file).create("payments")
            connection.sql("SELECT * REPLACE (minor + 1 AS minor) FROM payments").write_parquet(file)
        assert close(program.rename(tmp_path / name), "--engine", "duckdb").output == before

    def test_parquet_of_no_other_directory_in_spark(self, tmp_path: Path, spark_engine: engines.Spark) -> None:
        for name in ("books [x]", "books x"):
            (tmp_path / name).mkdir()
            with duckdb.connect() as connection:
                values = f"'{name}' AS id, 'p-1' AS partner, 5::BIGINT AS minor, 'USD' AS currency, DATE '2025-08-09' AS day, '' AS kind"
                connection.sql(f"SELECT {values}").write_parquet(str(tmp_path / name / "payments.parquet"))
            assert by_engine._view_in_spark(spark_engine.session, "payments", [tmp_path / name / "payments.parquet"])
            assert [row.id for row in spark_engine.session.table("payments").collect()] == [name]

    def test_an_unknown_locale(self, program: Path, tmp_path: Path) -> None:
        result = close(program, "--engine", "python", "--out", tmp_path / "sums", "--locale", "xx")
        assert result.exit_code == 2
        assert "unknown locale 'xx'" in result.stderr
        assert not (tmp_path / "sums").exists()

    def test_parquet_in_python(self, program: Path, tmp_path: Path) -> None:
        in_parquet(program)
        assert "is Parquet, which Python reads by an engine: give --engine duckdb or spark" in self.refused(program, tmp_path)

    def test_two_forms(self, program: Path, tmp_path: Path) -> None:
        (program / "charges-1.csv").write_text("id\n", encoding="utf-8")
        assert "has charges as .csv and as .jsonl: keep one of them" in self.refused(program, tmp_path)

    def test_a_page(self, tmp_path: Path) -> None:
        result = close(EXAMPLE, "--engine", "python", "--html", tmp_path / "month.html")
        assert result.exit_code == 2
        assert "--html shows every line, and --engine keeps none" in result.stderr

    @pytest.mark.parametrize(("engine", "module", "extra"), [("duckdb", "duckdb", "sql"), ("spark", "pyspark", "spark")])
    def test_an_engine_that_is_not_installed(self, monkeypatch: pytest.MonkeyPatch, engine: str, module: str, extra: str) -> None:
        monkeypatch.setitem(sys.modules, module, None)
        result = close(EXAMPLE, "--engine", engine)
        assert result.exit_code == 2
        assert f"{engine} is not installed: install it with `pip install 'partnerkit[{extra}]'`" in result.stderr
