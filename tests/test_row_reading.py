"""Rows are read exactly where the records are, hold what these hold, and are refused in the same words."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partnerkit import columns, row_reading
from partnerkit.billing import Charge, ChargeReason, Pricing, Receipt, Refund
from partnerkit.bills import Payment
from partnerkit.codec import read_lines
from partnerkit.errors import Fault, InvalidRecords, InvalidValue
from partnerkit.money import Money
from partnerkit.row_reading import (
    MOST_FAULTS,
    Form,
    cash_row,
    charge_row,
    charge_rows,
    disbursement_rows,
    entry_rows,
    partner_row,
    payment_rows,
    receipt_rows,
    refund_rows,
)
from partnerkit.statements import Disbursement, Entry
from partnerkit.terms import ChargeKind
from partnerkit.totals import LARGEST

Read = Callable[[Any, str, Form], Iterator[tuple[Any, ...]]]
Data = dict[str, Any]

CHARGE: Data = {
    "record": "charge",
    "version": 1,
    "id": "c-1",
    "account": "A1",
    "kind": "subscription",
    "item": "lite",
    "reason": "renewal",
    "period": "2025-08-08/2025-09-08",
    "amount": "12.50 USD",
    "charged_on": "2025-08-08",
}
PRICING: Data = {
    "prices_from": "2025-01-01",
    "units": 501,
    "count_of": "contacts",
    "counted_on": "2025-08-08",
    "price": "12.50 USD",
    "cycle": "2025-08-08/2025-09-08",
}
RECEIPT: Data = {
    "record": "receipt",
    "version": 1,
    "id": "r-1",
    "charge": "c-1",
    "amount": "40.00 USD",
    "received_on": "2025-08-09",
}
RECEIPT_FIELDS = ("id", "charge", "amount", "received_on")
REFUND: Data = {"record": "refund", "version": 1, "id": "f-1", "charge": "c-1", "amount": "25 EUR", "refunded_on": "2025-08-20"}
PAYMENT: Data = {"record": "payment", "version": 1, "id": "y-1", "partner": "p-1", "amount": "85 JPY", "received_on": "2025-08-12"}
DISBURSEMENT: Data = {"record": "disbursement", "version": 1, "id": "d-1", "partner": "p-1", "amount": "1.5 KWD", "paid_on": "2025-08-15"}
ENTRY: Data = {
    "record": "entry",
    "version": 1,
    "id": "e-1",
    "partner": "p-1",
    "kind": "adjustment",
    "amount": "-5.00 USD",
    "on": "2025-08-20",
    "note": "bank fee",
}
KINDS: Mapping[str, tuple[type[Any], Read, Callable[[Any], tuple[Any, ...]], Data]] = {
    "charge": (Charge, charge_rows, charge_row, CHARGE),
    "receipt": (Receipt, receipt_rows, cash_row, RECEIPT),
    "refund": (Refund, refund_rows, cash_row, REFUND),
    "payment": (Payment, payment_rows, partner_row, PAYMENT),
    "disbursement": (Disbursement, disbursement_rows, partner_row, DISBURSEMENT),
    "entry": (Entry, entry_rows, partner_row, ENTRY),
}

# Each is a text, and the bars stand between them.
ODD_IDS = (
    '| |c-2| c-2|c-2 |two words|a\u00a0b|\u00e9t\u00e9|\u65e5\u672c|\ud800|\x00|\x1b[2J|\u202eabc|\u200b|\ufeff|say "hi"|back\\slash'
    '|a,b|a\nb|a\rb|a\r\nb|\x85|\u2028|{|}|[|":|null|1|subscription|add_on|tax|Subscription|free|renewal|purchase|incentive|adjustment'
)
ODD_DAYS = (
    "2025-08-08|2025-02-30|2025-2-3|2025-08-08T00:00:00|20250808|2025-W32-5|\uff12\uff10\uff12\uff15-08-08|0000-01-01|9999-12-31"
    "|2025-08-08/2025-09-08|2025-09-08/2025-08-08|2025-08-08/2025-08-08|2025-08-08/|2025-02-30/2025-03-30"
)
ODD_AMOUNTS = (
    "12.50 USD|12.5 USD|12.500 USD|-1.00 USD|+1.00 USD|1e3 USD|1_000 USD|NaN|NaN USD|Infinity USD|0 USD|-0.00 USD|.5 USD|1. USD"
    "|\uff11\uff12 USD|12 usd|12  USD|12 USD |USD 12|12|100 JPY|1.0 JPY|1.234 KWD|1 XAU|3/20|0.15|15%|1.01|101%|-1/20|3/0|0"
    "|1.00 USD\n2.00 USD|46116860184273879.04 USD|46116860184273879.05 USD|-46116860184273879.05 USD"
)
ODD_TEXTS = (*f"{ODD_IDS}|{ODD_DAYS}|{ODD_AMOUNTS}".split("|"), "x" * 200, "9" * 641 + " JPY", "0" * 60 + "1 JPY")
ODD_VALUES: tuple[Any, ...] = (*ODD_TEXTS, None, True, False, 0, 1, 1.0, 1.5, 2, 10**30, [], ["a"], {}, {"a": "b"}, PRICING)

fields = st.sampled_from([*{name for _, _, _, data in KINDS.values() for name in data}, "prepaid", "pricing", "basis", "x"])
odd = st.sampled_from(ODD_VALUES)


@st.composite
def records(draw: st.DrawFn, kind: str) -> Data:
    """A record: mostly a sound one with an id of its own, else with fields changed, left out, or added."""
    data = {**KINDS[kind][3], "id": f"i-{draw(st.integers(0, 99))}"}
    known = [*data, "prepaid", "pricing"] if kind == "charge" else [*data]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        if draw(st.booleans()):
            data[draw(st.sampled_from(known))] = draw(odd)
        elif draw(st.booleans()):
            data.pop(draw(st.sampled_from(known)), None)
        else:
            data[draw(fields)] = draw(odd)
    names = draw(st.permutations(list(data))) if draw(st.integers(0, 4)) == 0 else list(data)
    return {name: data[name] for name in names}


@st.composite
def json_lines(draw: st.DrawFn, kind: str) -> str:
    """A line: mostly a record as somebody writes it, else something that no record is."""
    data = draw(records(kind))
    separators = draw(st.sampled_from([(", ", ": "), (",", ":")]))
    line = json.dumps(data, ensure_ascii=draw(st.booleans()), separators=separators)
    end = draw(st.sampled_from(["\n", "\n", "\n", "", "\r\n", " \n"]))
    name = draw(st.sampled_from(list(data)))
    match draw(st.integers(0, 30)):
        case 0:
            return draw(st.sampled_from(["\n", "", "  \n", "\x1c\n", "\u2028"]))
        case 1:  # a field stands twice, alike or not
            return f'{line[:-1]}, "{name}": {json.dumps(draw(st.sampled_from([data[name], "c-2", 1])))}}}{end}'
        case 2:
            return line[: draw(st.integers(0, len(line)))] + end
        case 3:
            return draw(st.sampled_from(["\ufeff", " ", "[", "\x00", ","])) + line + end
        case 4:
            return line + draw(st.sampled_from(["}", "]", ",", line, f",{line}", "\x00", "\ufeff"])) + end
        case 5:
            return draw(st.sampled_from(["null", "[]", "[{}]", "{}", '"c-1"', "NaN", "1", "[" * 5000, "{" * 3000, "1" * 5000])) + end
        case 6:
            return line.replace('"version": 1', '"version": NaN').replace('"id"', '"\\u0069d"') + end
        case 7:
            return line.replace("-", "\\u002d").replace(" ", "\t") + end
        case _:
            return line + end


def outcome(rows: Iterator[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], tuple[Fault, ...]]:
    """What came of a reading: the rows that were given, and the faults that were raised."""
    given: list[tuple[Any, ...]] = []
    try:
        given.extend(rows)
    except InvalidRecords as found:
        return given, found.faults
    return given, ()


def by_codec(lines: list[str], kind: str, source: str) -> tuple[list[tuple[Any, ...]], tuple[Fault, ...]]:
    """The rows of the values that codec reads, and its faults."""
    type_, _, row, _ = KINDS[kind]
    rows: list[tuple[Any, ...]] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=1):
        found: list[Fault] = []
        for _, value in read_lines([line], type_, source=source, faults=found):
            try:
                rows.append(row(value))
            except InvalidRecords as beyond:
                found += beyond.faults
        faults += (Fault(message=one.message, path=one.path, source=source, line=number) for one in found)
    return rows, tuple(faults)


def check_as_codec(lines: list[str], kind: str) -> None:
    rows, faults = by_codec(lines, kind, "in.jsonl")
    given, found = outcome(KINDS[kind][1](lines, "in.jsonl", Form.JSON_LINES))
    assert found == faults[:MOST_FAULTS]
    assert given == (rows[: len(given)] if faults else rows)
    assert [[type(cell) for cell in row] for row in given] == [[type(cell) for cell in row] for row in rows[: len(given)]]


def written(table: list[list[str]], end: str = "\n", **options: Any) -> list[str]:
    """Write a table as CSV, and give its lines as a file gives them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, **options).writerows(table)
    return list(io.StringIO(text.getvalue(), newline=""))


def cells_of(data: Data, names: list[str]) -> list[str]:
    return ["" if data.get(name) is None else str(data[name]) for name in names]


def check_as_parser(lines: list[str]) -> None:
    """Hold receipts in CSV against the parser and codec together: as many faults, and the same rows."""
    rows, found = outcome(receipt_rows(["id,charge,amount,received_on\n", *lines], "in.csv", Form.CSV))
    try:
        cells = [one for one in csv.reader(lines, strict=True) if "".join(one).strip() or len(one) > 1]
    except csv.Error:
        assert found
        return
    texts = [dict(zip(RECEIPT_FIELDS, one, strict=True)) for one in cells if len(one) == 4]
    expected, faults = by_codec([json.dumps({"record": "receipt", "version": 1, **text}) for text in texts], "receipt", "in.csv")
    assert len(found) == len(faults) + sum(len(one) != 4 for one in cells)
    assert rows == (expected[: len(rows)] if found else expected)


class TestRowsAreTheRecords:
    """A line gives a row exactly where codec reads a record of it, and the row is that of the record; faults are told in its words."""

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_plain_line_of_each_kind(self, kind: str) -> None:
        check_as_codec([json.dumps(KINDS[kind][3])], kind)

    @pytest.mark.parametrize("kind", KINDS)
    @settings(max_examples=150)
    @given(st.data())
    def test_whatever_stands_there(self, kind: str, data: st.DataObject) -> None:
        check_as_codec(data.draw(st.lists(json_lines(kind), max_size=8)), kind)

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_odd_value_in_every_field(self, kind: str) -> None:
        sound = KINDS[kind][3]
        for name in [*sound, "prepaid", "pricing"]:
            for value in ODD_VALUES:
                check_as_codec([json.dumps(sound), json.dumps({**sound, name: value}), json.dumps(sound)], kind)

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_field_left_out_or_twice(self, kind: str) -> None:
        sound = KINDS[kind][3]
        line = json.dumps(sound)
        for name in sound:
            less = json.dumps({key: value for key, value in sound.items() if key != name})
            again: Any
            for again in (sound[name], "other", None, 1, {}, "\\"):
                more = f'{line[:-1]}, "{name}": {json.dumps(again)}}}'
                check_as_codec([line, more, less, line], kind)
                check_as_codec([more], kind)

    def test_a_record_over_two_lines_is_none(self) -> None:
        """Two lines that join to a record, beside a line with two records: as many objects as lines, and none of them one."""
        one = json.dumps(CHARGE)
        for cut in range(len(one)):
            check_as_codec([f"{one}, {one[:cut]}", one[cut:].lstrip(",")], "charge")
            check_as_codec([one[:cut], f"{one[cut:]}, {one}"], "charge")

    def test_lines_with_ends_of_lines_inside(self) -> None:
        spread = json.dumps(CHARGE, indent=1)
        check_as_codec([spread, spread], "charge")
        check_as_codec([f"{spread},\n{spread}", "\n"], "charge")

    def test_halves_of_escapes_that_hide_quotes(self) -> None:
        line = json.dumps({**CHARGE, "item": 'a"b'})
        check_as_codec([line, line.replace('\\"', "\\u0022"), line.replace('a\\"b', 'a", "item": "b')], "charge")

    @given(st.lists(st.sampled_from(["", "3/20", None, "1", "1.01", 1]), min_size=1, max_size=5))
    def test_discounts_for_prepayment(self, discounts: list[Any]) -> None:
        check_as_codec([json.dumps({**CHARGE, "prepaid": one} if one != "" else CHARGE) for one in discounts], "charge")

    def test_a_price_is_held_against_its_charge(self) -> None:
        priced = {**CHARGE, "pricing": PRICING}
        wrong = {**CHARGE, "pricing": {**PRICING, "price": "12.51 USD"}}
        late = {**CHARGE, "pricing": {**PRICING, "counted_on": "2025-08-09"}}
        twice = json.dumps(priced).replace('"units": 501', '"units": 501, "units": 502')
        for lines in (
            [json.dumps(priced)],
            [json.dumps(wrong)],
            [json.dumps(late)],
            [twice],
            [json.dumps(priced), json.dumps(CHARGE), twice],
        ):
            check_as_codec(lines, "charge")
        assert len(outcome(charge_rows([json.dumps(priced)], "a", Form.JSON_LINES))[0]) == 1

    def test_every_odd_value_in_every_field_of_a_price(self) -> None:
        whole = {
            **PRICING,
            "tier_basis": "at_billing",
            "low": 501,
            "high": 1000,
            "cycles": 1,
            "proration": "actual_30",
            "rounding": "floor",
        }
        sound = {**CHARGE, "pricing": whole}
        for name in [*whole, "included", "x"]:
            for value in (*ODD_VALUES, "sends", "contacts", "2024-01-01", "12.500 USD", "1/3 USD", 501, 2**53, -1):
                check_as_codec([json.dumps(sound), json.dumps({**CHARGE, "pricing": {**whole, name: value}})], "charge")
            less = {key: value for key, value in whole.items() if key != name}
            check_as_codec([json.dumps({**CHARGE, "pricing": less}), json.dumps(sound)], "charge")

    def test_plain_prices_are_not_read_by_codec(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(columns, "from_line")
        monkeypatch.delattr(columns, "from_data")
        lines = [json.dumps({**CHARGE, "pricing": {**PRICING, "units": number}}) for number in range(9)]
        assert len(list(charge_rows(lines, "a", Form.JSON_LINES))) == 9

    @pytest.mark.parametrize("odd", [True, 1.0, "1", None])
    def test_what_equals_a_sound_price_is_not_taken_for_it(self, odd: Any) -> None:
        """To a dictionary, true is 1: what was sound a line before, or a batch, is no reason to take this."""
        priced = json.dumps({**CHARGE, "pricing": {**PRICING, "cycles": 1}})
        wrong = json.dumps({**CHARGE, "pricing": {**PRICING, "cycles": odd}})
        check_as_codec([priced, wrong], "charge")
        check_as_codec([*[priced] * 300, wrong], "charge")

    @pytest.mark.parametrize(
        ("field", "other"),
        [
            ("amount", "12.51 USD"),
            ("period", "2025-08-09/2025-09-08"),
            ("charged_on", "2025-08-07"),
            ("prepaid", "3/20"),
            ("amount", "12.50 EUR"),
        ],
    )
    def test_a_price_that_was_sound_for_another_charge(self, field: str, other: str) -> None:
        priced = {**CHARGE, "pricing": {**PRICING, "proration": "actual_true_cycle"}}
        check_as_codec([json.dumps(priced), json.dumps({**priced, field: other})], "charge")
        assert outcome(charge_rows([json.dumps(priced), json.dumps({**priced, field: other})], "a", Form.JSON_LINES))[1]

    def test_no_price_is_held_twice_and_not_all_are_remembered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        held = 0

        def check(self: Any, charge: str, *_: Any, **__: Any) -> None:
            nonlocal held
            held += 1

        monkeypatch.setattr(Pricing, "check", check)
        lines = [json.dumps({**CHARGE, "pricing": {**PRICING, "units": number % 4}}) for number in range(20)]
        assert len(list(charge_rows(lines, "a", Form.JSON_LINES))) == 20
        assert held == 4
        monkeypatch.setattr(columns.Remembered, "most", 3)
        assert len(list(charge_rows(lines, "a", Form.JSON_LINES))) == 20
        assert held == 4 + 20

    def test_amounts_of_several_currencies(self) -> None:
        amounts = ["1.00 USD", "2.00 EUR", "300 JPY", "1.00 USD", "0.500 KWD", "4.00 EUR"]
        for some in (amounts, [*amounts, "5 EUR"], [*amounts, "5 EUR", "6 XYZ"], [*amounts, "5 usd"], ["5 EUR", "6 EUR"]):
            check_as_codec([json.dumps({**RECEIPT, "amount": amount}) for amount in some], "receipt")

    def test_two_amounts_in_one_text_leave_nothing_behind(self) -> None:
        """Were it taken for two, the amounts after it in the batch would be those of their neighbors, and be remembered so."""
        amounts = ["1.00 USD\n2.00 USD", "3.00 USD", "4.00 USD", "5.00 USD", "3.00 USD", "4.00 USD", "5.00 USD"]
        check_as_codec([json.dumps({**RECEIPT, "amount": amount}) for amount in amounts], "receipt")
        rows: dict[Any, Any] = {}
        memory = row_reading._Amounts()
        with pytest.raises(columns.NotPlain):
            memory.read(amounts, least=0)
        for amount in amounts[1:]:
            rows[amount] = [*zip(*memory.read([amount], least=0), strict=True)]
        assert rows == {f"{number}.00 USD": [(number * 100, "USD")] for number in (3, 4, 5)}

    def test_many_lines_with_something_odd_among_them(self) -> None:
        lines = [json.dumps({**CHARGE, "id": f"c-{number}"}) + "\n" for number in range(1700)]
        lines[700] = lines[700].replace('"lite"', '"li\\u0074e"')
        lines[1300] = "\n"
        check_as_codec(lines, "charge")
        lines[1600] = lines[1600].replace("12.50", "12.505")
        check_as_codec(lines, "charge")

    def test_a_plain_file_never_asks_codec_for_a_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(columns, "from_line")
        monkeypatch.delattr(columns, "from_data")
        sound = [
            {**CHARGE, "prepaid": "3/20"},
            {**CHARGE, "item": "two words"},
            {**CHARGE, "item": "\u65e5\u672c"},
            {**CHARGE, "prepaid": None},
        ]
        lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in sound]
        assert len(list(charge_rows(lines, "a", Form.JSON_LINES))) == 4
        names = [name for name in (*CHARGE, "prepaid") if name not in {"record", "version"}]
        for end in ("\n", "\r\n"):
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
                table = written([names, *(cells_of(one, names) for one in sound)], end, quoting=quoting)
                assert len(list(charge_rows(table, "a", Form.CSV))) == 4
            priced = [[*cells_of(one, names), json.dumps(PRICING)] for one in (sound[1], sound[3])]
            assert len(list(charge_rows(written([[*names, "pricing"], *priced], end), "a", Form.CSV))) == 2


class TestCsv:
    """A row of CSV is the record of its cells: quoted or not, in any order, and an empty cell of an optional field is none."""

    @pytest.mark.parametrize("kind", KINDS)
    @settings(max_examples=150)
    @given(st.data())
    def test_whatever_stands_in_the_cells(self, kind: str, data: st.DataObject) -> None:
        """The cells as a table of texts, against JSON Lines of the same texts."""
        names = [name for name in KINDS[kind][3] if name not in {"record", "version"}]
        if kind == "charge" and data.draw(st.booleans()):
            names.append("prepaid")
        names = data.draw(st.permutations(names))
        table = [cells_of(data.draw(records(kind)), names) for _ in range(data.draw(st.integers(0, 6)))]
        options = {"quoting": csv.QUOTE_ALL} if data.draw(st.booleans()) else {}
        lines = written([names, *table], data.draw(st.sampled_from(["\n", "\r\n"])), **options)
        texts = [{name: cell for name, cell in zip(names, cells, strict=True) if cell or name != "prepaid"} for cells in table]
        expected, faults = by_codec([json.dumps({"record": kind, "version": 1, **one}) for one in texts], kind, "in.csv")
        rows, found = outcome(KINDS[kind][1](lines, "in.csv", Form.CSV))
        assert rows == (expected[: len(rows)] if faults else expected)
        assert [(one.path, one.message) for one in found] == [(one.path, one.message) for one in faults]

    @given(
        st.lists(
            st.sampled_from(
                [
                    "c-1,",
                    "A1",
                    ",",
                    "\n",
                    "\r",
                    "\r\n",
                    '"',
                    '""',
                    '","',
                    '"\n',
                    '"r-1","c-1","1 USD","2025-08-08"\n',
                    "12.50 USD,2025-08-08",
                    "r-1,c-1,",
                    "\x00",
                    "x",
                ]
            )
        )
    )
    @example(["r-1,c-1,", "12.50 USD,2025-08-08", "\n", "\n"])
    def test_any_text_is_rows_or_faults_as_the_parser_of_csv_has_it(self, parts: list[str]) -> None:
        check_as_parser(list(io.StringIO("".join(parts), newline="")))

    @pytest.mark.parametrize(
        "lines",
        [
            ["r-1,c-1,1 USD,2025-08-08\nr-2,c-1,1 USD,2025-08-08\n", "\n", "\n"],
            ["r-1,c-1\n", "1 USD,2025-08-08\n"],
            ["r-1,c-1,1 USD,2025-08-08,r-2\n", "c-1,1 USD,2025-08-08\n"],
            ["r-1,c-1,1 USD,2025-08-08\n", "r-2,c-1\n"],
            ["r-1,c-1\n", "1 USD,2025-08-08\n,r-2,c-1,1 USD,2025-08-08\n"],
            ['"r-1","c-1","1 USD","2025-08-08"\n"r-2","c-1","1 USD","2025-08-08"\n', ""],
            ['"r-1","c-1","1 USD","2025-08-08"\n', '"r-2","c-1"\n"1 USD","2025-08-08"\n'],
            ["r-1,c-1", ",1 USD,2025-08-08\nr-2,c-1,1 USD,2025-08-08\n"],
            ['"r-1","c-1"', ',"1 USD","2025-08-08"\n"r-2","c-1","1 USD","2025-08-08"\n'],
        ],
    )
    def test_lines_that_only_add_up(self, lines: list[str]) -> None:
        assert outcome(receipt_rows(["id,charge,amount,received_on\n", *lines], "in.csv", Form.CSV))[1]

    @pytest.mark.parametrize(
        "lines",
        [
            ['"\n', '"r-1","c-1","1 USD","2025-08-08"\n'],
            ['"r-1","c""1","1 USD","2025-08-08"\n', '"\n', '"\n'],
            ['"r-1","c"1","1 USD","2025-08-08"\n', '"r-2",c-2,"1 USD","2025-08-08"\n'],
            ['"r-1","c","1","1 USD","2025-08-08"\n', '"r-2","1 USD","2025-08-08"\n'],
            ['"r-1","c-1","1 USD","2025-08-08"\n', '"r\n', '2","c-1","1 USD","2025-08-08"\n'],
            ['"r-1","c-1","1 USD","2025-08-08"\r\n', '"r-2","c,1","1 USD","2025-08-08"\r\n'],
            ['"r-1","c,1","1 USD","2025-08-08"\n', '"r-2","","","2025-08-08"\n'],
        ],
    )
    def test_quotes_around_every_cell(self, lines: list[str]) -> None:
        """As the parser of CSV has it, whatever quotes only add up."""
        check_as_parser(lines)

    def test_a_text_that_goes_over_lines_is_told_by_its_first(self) -> None:
        lines = [
            "\n",
            "id,charge,amount,received_on\n",
            "r-1,c-1,1 USD,2025-08-08\n",
            '"r\n',
            '-2",c-1,1 USD,2025-08-08\n',
            "r-3,,1 USD,2025-08-08\n",
        ]
        _, faults = outcome(receipt_rows(lines, "in.csv", Form.CSV))
        assert [(one.source, one.line) for one in faults] == [("in.csv", 4), ("in.csv", 6)]

    def test_faults_of_csv_and_of_records_are_told_by_line(self) -> None:
        lines = ["id,charge,amount,received_on\n", ",c-1,1 USD,2025-08-08\n", '"r"1,c-1,1 USD,2025-08-08\n', "r-2,,1 USD,2025-08-08\n"]
        assert [one.line for one in outcome(receipt_rows(lines, "in.csv", Form.CSV))[1]] == [2, 3, 4]

    def test_a_quote_that_never_ends(self) -> None:
        lines = ["id,charge,amount,received_on\n", 'r-1,"c-1,1 USD,2025-08-08\n', "r-2,c-1,1 USD,2025-08-08\n"]
        assert [str(one) for one in outcome(receipt_rows(lines, "in.csv", Form.CSV))[1]] == ["in.csv:2: is not CSV: unexpected end of data"]

    def test_ends_of_lines_inside_a_line_are_told_by_the_parser(self) -> None:
        lines = ["id,charge,amount,received_on\n", '"r\n', '1","c-1","1 USD","2025-08-08"\n"r-2","c-1","1 USD","2025-08-08"\n']
        told = outcome(receipt_rows(lines, "in.csv", Form.CSV))[1]
        assert [(one.line, one.message[:10]) for one in told] == [(2, "is not CSV")]

    def test_a_last_line_without_its_end_and_lines_without_any(self) -> None:
        lines = ["id,charge,amount,received_on", "r-1,c-1,1 USD,2025-08-08", "", "r-2,c-1,1 USD,2025-08-08"]
        assert [row[0] for row in receipt_rows(lines, "in.csv", Form.CSV)] == ["r-1", "r-2"]

    def test_a_cell_beyond_the_limit_is_refused_wherever_it_stands(self) -> None:
        for count in (1, 600):
            lines = ["id,charge,amount,received_on\n", *[f"{'r' * 200_000},c-1,1 USD,2025-08-08\n"] * count]
            assert outcome(receipt_rows(lines, "in.csv", Form.CSV))[1][0].message.startswith("is not CSV: field larger than field limit")

    def test_a_pricing_is_json(self) -> None:
        names = [name for name in CHARGE if name not in {"record", "version"}]
        good = cells_of(CHARGE, names)
        for pricing, sound in (
            *((json.dumps(PRICING), True), ("", True), ("null", True), (json.dumps({**PRICING, "units": "1"}), False)),
            *((f'{json.dumps(PRICING)[:-1]}, "units": 501}}', False), ("1", False), ('"12.50 USD"', False), ("{}", False), ("[]", False)),
            *((f'{json.dumps(PRICING)}, "item": "x"', False), ("{", False), ("NaN", False), ("{" * 5000, False)),
        ):
            rows, faults = outcome(charge_rows(written([[*names, "pricing"], [*good, pricing]]), "in.csv", Form.CSV))
            assert (len(rows), {one.path.partition(".")[0] for one in faults} <= {"pricing", "units", ""}) == (int(sound), True)
            assert bool(faults) is not sound

    @pytest.mark.parametrize(
        ("header", "told"),
        [
            ("", "in.csv:2: names the column 'r-1': wanted in the first line id, charge, amount, received_on, in any order"),
            ("id,charge,amount", "in.csv:1: received_on: is missing: wanted a column of this name in the first line"),
            ("id,charge,amount,received_on,id", "in.csv:1: id: is the name of two columns: wanted each field once"),
            (
                "id,charge,amount,received_on,x",
                "in.csv:1: names the column 'x': wanted in the first line id, charge, amount, received_on, ",
            ),
            ("\ufeffid,charge,amount,received_on", r"in.csv:1: names the column '\ufeffid': wanted in the first line id, charge, "),
            ('id,"charge', "in.csv:1: is not CSV: unexpected end of data"),
        ],
    )
    def test_a_first_line_that_names_other_columns(self, header: str, told: str) -> None:
        rows, faults = outcome(receipt_rows([f"{header}\n", "r-1,c-1,1 USD,2025-08-08\n"], "in.csv", Form.CSV))
        assert not rows
        assert str(faults[0]).startswith(told)

    def test_a_file_with_nothing_in_it(self) -> None:
        told = [f"in.csv:1: {name}: is missing: wanted a column of this name in the first line" for name in RECEIPT_FIELDS]
        assert [str(one) for one in outcome(receipt_rows([], "in.csv", Form.CSV))[1]] == told
        assert outcome(receipt_rows([], "in.jsonl", Form.JSON_LINES)) == ([], ())


class TestFaults:
    """After a fault nothing is given any more, the others are still found, and at some hundred the reading stops."""

    def test_nothing_is_given_after_a_fault(self) -> None:
        lines = [json.dumps({**RECEIPT, "id": f"r-{number}"}) for number in range(5000)]
        lines[3000] = "{"
        rows, faults = outcome(receipt_rows(lines, "in.jsonl", Form.JSON_LINES))
        assert [one.line for one in faults] == [3001]
        assert [row[0] for row in rows] == [f"r-{number}" for number in range(len(rows))]
        assert len(rows) <= 3000

    @pytest.mark.parametrize(("form", "bad"), [(Form.JSON_LINES, "{"), (Form.CSV, "r-1"), (Form.CSV, '"r"1')])
    def test_reading_stops_at_so_many(self, form: Form, bad: str) -> None:
        read = 0

        def lines() -> Iterator[str]:
            nonlocal read
            for line in (["id,charge,amount,received_on\n"] if form is Form.CSV else []) + [f"{bad}\n"] * 100_000:
                read += 1
                yield line

        _, faults = outcome(receipt_rows(lines(), "in", form))
        assert len(faults) == MOST_FAULTS
        assert read < 2000

    @pytest.mark.parametrize(("minor", "is_held"), [(LARGEST, True), (LARGEST + 1, False)])
    def test_an_amount_beyond_the_range_is_told_by_file_line_and_field(self, minor: int, is_held: bool) -> None:
        line = json.dumps({**RECEIPT, "amount": f"{minor} JPY"})
        for form, lines in (
            (Form.JSON_LINES, ["\n", line]),
            (Form.CSV, ["id,charge,amount,received_on\n", f"r-1,c-1,{minor} JPY,2025-08-09\n"]),
        ):
            rows, faults = outcome(receipt_rows(lines, "in", form))
            assert [row[2] for row in rows] == [minor] * is_held
            told = f"in:2: amount: is '{minor} JPY': wanted at most {LARGEST} minor units from zero"
            assert [str(one) for one in faults] == [told] * (not is_held)

    def test_what_is_no_form_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="the form of a file is 'csv'"):
            list(charge_rows([], "a", "csv"))  # type: ignore[arg-type]

    def test_a_file_with_more_than_is_remembered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(columns.Remembered, "most", 3)
        lines = [json.dumps({**RECEIPT, "id": f"r-{number}", "amount": f"{number % 7 + 1} JPY"}) for number in range(100)]
        assert [row[2] for row in receipt_rows(lines, "a", Form.JSON_LINES)] == [number % 7 + 1 for number in range(100)]


class TestRowsOfValues:
    """What is in memory already becomes the same rows."""

    def test_a_charge(self) -> None:
        [row] = charge_rows([json.dumps({**CHARGE, "prepaid": "3/20"})], "a", Form.JSON_LINES)
        words = ("c-1", "A1", ChargeKind.SUBSCRIPTION.value, "lite", ChargeReason.RENEWAL.value)
        assert row == (*words, date(2025, 8, 8), date(2025, 9, 8), 1250, "USD", date(2025, 8, 8), True)

    def test_an_amount_beyond_the_range(self) -> None:
        beyond = Money.parse(f"{LARGEST + 1} JPY")
        with pytest.raises(InvalidRecords, match="amount: is"):
            partner_row(Payment(id="y-1", partner="p-1", amount=beyond, received_on=date(2025, 8, 12)))
