"""What DuckDB reads where it is, is what Python reads; and what it cannot be sure of, it leaves to Python."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import EXAMPLE
from partnerkit.errors import InvalidRecords
from partnerkit.inputs import MONEY
from partnerkit.row_reading import Form
from partnerkit.sql.files import read_in_place
from partnerkit.sql.tables import RECORDS

CHARGE = {
    "record": "charge",
    "version": 1,
    "id": "c-1",
    "account": "a-1",
    "kind": "subscription",
    "item": "lite",
    "reason": "renewal",
    "period": "2025-08-08/2025-09-08",
    "amount": "12.50 USD",
    "charged_on": "2025-08-08",
}
ENTRY = {
    "record": "entry",
    "version": 1,
    "id": "e-1",
    "partner": "p-1",
    "kind": "incentive",
    "amount": "40.00 USD",
    "on": "2025-08-08",
    "note": "ten trials",
}
ODD: list[Any] = [
    *("", " ", " c-1", "c-1 ", "c 1", "\u00fc", "c\\1", 'c"1', "c'1", "c,1", "c\n1", "c\x001", "c\x1b1", "\ufeff", "\ud800", "%s", "$1"),
    *("1e3 USD", "12.5 USD", "12.500 USD", "012.50 USD", "-1.00 USD", "-0.00 USD", "0.00 USD", "12 JPY", "1.234 KWD", "12.50 XAU"),
    *("12.50 usd", "12.50  USD", "+1.00 USD", "\u0661.00 USD", "12,50 USD", "12.50", "USD", "99999999999999.99 USD", "NaN USD"),
    *("999999999999999999999.99 USD", "'; DROP TABLE x --"),
    *("2025-02-30", "2025-2-3", "0000-01-01", "0001-01-01", "9999-12-31", "2025-08-08T00:00", "20250808", "\uff12025-08-08", "2025-08-08 "),
    *("2025-08-08/2025-08-08", "2025-09-08/2025-08-08", "2025-08-08", "2025-08-08/2025-02-30", "2025-08-08/2025-09-08/2025-10-08"),
    *("3/20", "6/40", "1/1", "20/3", "0/1", "1/0", "0.15", "15%", "subscription", "gift", "SUBSCRIPTION", "renewal", "incentive"),
    *("adjustment", None, True, 1, 12.5, [], {}, {"a": 1}),
]


def in_duckdb(name: str, path: Path, form: Form) -> list[tuple[Any, ...]] | None:
    with duckdb.connect() as connection:
        if not read_in_place(connection, name, [str(path)], form):
            return None
        assert connection.table(name).columns == list(RECORDS[name])
        return connection.table(name).fetchall()


def in_python(name: str, path: Path, form: Form) -> list[tuple[Any, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(MONEY[name](lines, path.name, form))


class TestWhatIsReadInPlace:
    """The example and what is like it are read where they are."""

    @pytest.mark.parametrize("name", [name for name in RECORDS if name != "charges"])
    def test_the_example(self, name: str) -> None:
        path = EXAMPLE / f"{name}.jsonl"
        found = in_duckdb(name, path, Form.JSON_LINES)
        assert found is not None
        assert sorted(found) == sorted(in_python(name, path, Form.JSON_LINES))

    def test_charges_with_a_pricing_are_left_to_python(self) -> None:
        assert in_duckdb("charges", EXAMPLE / "charges.jsonl", Form.JSON_LINES) is None

    @pytest.mark.parametrize("prepaid", [{}, {"prepaid": "3/20"}])
    def test_charges(self, tmp_path: Path, prepaid: dict[str, str]) -> None:
        path = tmp_path / "charges.jsonl"
        path.write_text("".join(json.dumps({**CHARGE, "id": f"c-{place}", **prepaid}) + "\n" for place in range(3)), encoding="utf-8")
        assert in_duckdb("charges", path, Form.JSON_LINES) == in_python("charges", path, Form.JSON_LINES)

    @pytest.mark.parametrize("header", ["id,charge,amount,refunded_on", "refunded_on,id,amount,charge"])
    def test_csv_in_any_order_of_columns(self, tmp_path: Path, header: str) -> None:
        cells = {"id": "f-1", "charge": "c-1", "amount": "25.00 USD", "refunded_on": "2025-08-20"}
        path = tmp_path / "refunds.csv"
        path.write_text(f"{header}\n{','.join(cells[name] for name in header.split(','))}\n", encoding="utf-8")
        found = in_duckdb("refunds", path, Form.CSV)
        assert found == in_python("refunds", path, Form.CSV)
        assert found is not None

    def test_csv_of_charges_without_the_optional_column(self, tmp_path: Path) -> None:
        fields = {name: value for name, value in CHARGE.items() if name not in {"record", "version"}}
        path = tmp_path / "charges.csv"
        path.write_text(f"{','.join(fields)}\n{','.join(map(str, fields.values()))}\n", encoding="utf-8")
        found = in_duckdb("charges", path, Form.CSV)
        assert found == in_python("charges", path, Form.CSV)
        assert found is not None

    @pytest.mark.parametrize(
        "text",
        [
            "id;charge;amount;refunded_on\nf-1;c-1;25.00 USD;2025-08-20\n",
            "id\tcharge\tamount\trefunded_on\nf-1\tc-1\t25.00 USD\t2025-08-20\n",
            "# refunds\nid,charge,amount,refunded_on\nf-1,c-1,25.00 USD,2025-08-20\n",
            "id,charge,amount,refunded_on\n# f-0,c-0,25.00 USD,2025-08-20\nf-1,c-1,25.00 USD,2025-08-20\n",
            "written by hand\n\nid,charge,amount,refunded_on\nf-1,c-1,25.00 USD,2025-08-20\n",
            "id,charge,amount,refunded_on\n'f-1',c-1,25.00 USD,2025-08-20\n",
            "id,charge,amount,refunded_on\nf-1,c-1,25.00 USD,2025-08-20,\n",
            "id, charge,amount,refunded_on\nf-1,c-1,25.00 USD,2025-08-20\n",
            "",
        ],
    )
    def test_nothing_of_a_csv_is_guessed(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "refunds.csv"
        path.write_text(text, encoding="utf-8")
        found = in_duckdb("refunds", path, Form.CSV)
        try:
            wanted = in_python("refunds", path, Form.CSV)
        except InvalidRecords:
            assert found is None
        else:
            assert found is None or found == wanted

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_parts_with_other_columns_are_left_to_python(self, tmp_path: Path, order: tuple[int, int]) -> None:
        fields = {name: str(value) for name, value in CHARGE.items() if name not in {"record", "version"}}
        parts = [fields, {"prepaid": "3/20", **fields, "id": "c-2"}]
        paths = [tmp_path / f"charges-{place}.csv" for place in range(2)]
        for path, place in zip(paths, order, strict=True):
            path.write_text(f"{','.join(parts[place])}\n{','.join(parts[place].values())}\n", encoding="utf-8")
        with duckdb.connect() as connection:
            assert not read_in_place(connection, "charges", [*map(str, paths)], Form.CSV)

    @pytest.mark.parametrize("header", ["id,charge,amount", "id,charge,amount,refunded_on,more", "id,id,charge,amount,refunded_on"])
    def test_other_columns_are_left_to_python(self, tmp_path: Path, header: str) -> None:
        path = tmp_path / "refunds.csv"
        path.write_text(f"{header}\n{','.join('x' for _ in header.split(','))}\n", encoding="utf-8")
        assert in_duckdb("refunds", path, Form.CSV) is None


class TestWhateverIsWritten:
    """Either DuckDB reads the rows that Python reads, or it reads none."""

    @given(data=st.data())
    @settings(max_examples=150, deadline=None)
    def test_one_odd_field(self, data: st.DataObject) -> None:
        name, plain = data.draw(st.sampled_from([("charges", {**CHARGE, "prepaid": "3/20"}), ("entries", ENTRY)]))
        field = data.draw(st.sampled_from([*plain, "more"]))
        odd = {**plain, field: data.draw(st.sampled_from(ODD))}
        form = data.draw(st.sampled_from(Form))
        if form is Form.JSON_LINES:
            text = json.dumps(odd, ensure_ascii=data.draw(st.booleans())) + data.draw(st.sampled_from(["", "\n", "\r\n", "\n\n", " \n"]))
        else:
            cells = {key: str(value) for key, value in odd.items() if key not in {"record", "version"}}
            quote = data.draw(st.sampled_from(["", '"']))
            text = f"{','.join(cells)}\n{','.join(f'{quote}{value}{quote}' for value in cells.values())}\n"
        with TemporaryDirectory() as place:
            path = Path(place) / f"{name}.{form.value}"
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
            found = in_duckdb(name, path, form)
            if found is None:
                return
            try:
                wanted = in_python(name, path, form)
            except (InvalidRecords, UnicodeDecodeError):
                pytest.fail(f"DuckDB reads what Python refuses: {text!r}")
            assert found == wanted


REFUND = '{"record": "refund", "version": 1, "id": "%s", "charge": "c-1", "amount": "25.00 USD", "refunded_on": "2025-08-20"}'
HEADER = "id,charge,amount,refunded_on\n"
ROW = "%s,c-1,25.00 USD,2025-08-20\n"
ONE_LINE = [
    *(REFUND % "f-1" + REFUND % "f-2", "x" + REFUND % "f-1", REFUND % "f-1" + " x", REFUND % "f-1" + "\x01", REFUND % "f-1" + "\x01\x02"),
    *(REFUND % "f-1" + "\r" + REFUND % "f-2", "\ufeff" + REFUND % "f-1", "\x00", REFUND % "f-1" + "\n\x01\n"),
]
CELLS = [
    *("#note\n" + HEADER + ROW % "f-1", "title\n" + HEADER + ROW % "f-1", HEADER.replace(",", ";") + (ROW % "f-1").replace(",", ";")),
    *(
        HEADER + ROW % "'f-1'",
        HEADER.replace(",", ", ") + ROW % "f-1",
        HEADER + (ROW % "f-1").replace("\n", ",\n"),
        HEADER + ROW % ' "f-1"',
    ),
    *(
        HEADER + ROW % "#f-1" + ROW % "f-2",
        HEADER + ROW % '"f-1"' + ROW % "f-2",
        HEADER + ROW % '"f-1',
        HEADER + ROW % "f,1",
        "\n" + HEADER,
    ),
    *((HEADER + ROW % "f-1").replace("\n", "\r"), "\ufeff" + HEADER + ROW % "f-1", HEADER + "\n\n" + ROW % "f-1", HEADER + ROW % "f-1\x01"),
]


class TestNoMoreThanIsThere:
    """DuckDB takes no part of a line for the whole of it, guesses no marks, and looks into no other file."""

    @pytest.mark.parametrize(("form", "text"), [*((Form.JSON_LINES, text) for text in ONE_LINE), *((Form.CSV, text) for text in CELLS)])
    def test_odd_lines(self, tmp_path: Path, form: Form, text: str) -> None:
        path = tmp_path / "refunds"
        path.write_text(text, encoding="utf-8", newline="")
        found = in_duckdb("refunds", path, form)
        if found is not None:
            assert found == in_python("refunds", path, form)

    @pytest.mark.parametrize(
        "other", ["charge,id,amount,refunded_on\nc-1,f-2,25.00 USD,2025-08-20\n", HEADER.replace(",", ";"), "", "x,y\n"]
    )
    def test_files_with_other_columns_are_left_to_python(self, tmp_path: Path, other: str) -> None:
        paths = [tmp_path / f"refunds-{place}.csv" for place in (1, 2)]
        for path, text in zip(paths, (HEADER + ROW % "f-1", other), strict=True):
            path.write_text(text, encoding="utf-8")
        with duckdb.connect() as connection:
            assert not read_in_place(connection, "refunds", [str(path) for path in paths], Form.CSV)

    @pytest.mark.parametrize("form", Form)
    @pytest.mark.parametrize(("place", "neighbor"), [("books*", "books 2"), ("books?", "books2"), ("b[o]oks", "books"), ("id=7", "id=8")])
    def test_places_with_marks_in_their_names(self, tmp_path: Path, form: Form, place: str, neighbor: str) -> None:
        for name, refund in ((place, "f-1"), (neighbor, "f-2")):
            (tmp_path / name).mkdir()
            text = REFUND % refund if form is Form.JSON_LINES else HEADER + ROW % refund
            (tmp_path / name / "refunds").write_text(text, encoding="utf-8")
        found = in_duckdb("refunds", tmp_path / place / "refunds", form)
        assert found is not None
        assert [row[0] for row in found] == ["f-1"]
