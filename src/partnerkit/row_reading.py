"""Record files read as rows: checked as fully as records are, at about the price of parsing, and with nothing made but the rows.

Floor 9, above codec. May import: enums, errors, money, periods, vocabulary, terms, billing, bills, rows, statements, codec, scalars, attrs
and the standard library. It reads lines that somebody else opened.

Lines are read by the batch, and a batch by its columns: what a column holds is checked at once, and a day, a period or an amount that
was seen before is not parsed again. What is not plain in every respect is left to `partnerkit.codec`: the batch is halved until a line
stands alone, and codec reads or refuses it in its own words. So nothing is accepted or refused here by another rule than there.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain, islice
from operator import attrgetter, itemgetter
from string import ascii_uppercase
from types import NoneType, UnionType
from typing import Any, Final, Generic, Protocol, TypeVar, final, get_args

import attrs

from partnerkit.billing import Charge, ChargeReason, Receipt, Refund
from partnerkit.bills import Payment
from partnerkit.codec import RECORDS, VERSION, from_data, from_line
from partnerkit.enums import Named
from partnerkit.errors import Fault, InvalidRecords, shown
from partnerkit.money import Currency, Money, Rate
from partnerkit.periods import Period
from partnerkit.rows import CashRow, ChargeRow, PartnerRow
from partnerkit.scalars import TEXTS, read_choice, read_text, read_whole, refuse
from partnerkit.statements import Disbursement, Entry, EntryKind
from partnerkit.terms import ChargeKind
from partnerkit.vocabulary import check_id, check_is, check_line

Row = TypeVar("Row")
Value = TypeVar("Value")
Column = Sequence[Any]

MOST_FAULTS: Final = 100
"""How many faults of a file are told at once: after so many it is read no further."""

LARGEST_AMOUNT: Final = 2**62
"""The most minor units, from zero, that a row may hold, so that a column of 64 bits holds it with room."""

_BATCH: Final = 256
_MOST_REMEMBERED: Final = 2**15
_ENVELOPE: Final = ("record", "version")
_PRICING: Final = "pricing"
_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)
# So few digits, with the four decimals that some currency has, are within the range.
_WHOLE: Final = "[0-9]{1,14}"
_START: Final = itemgetter(slice(1))
_ENDING: Final = itemgetter(slice(-2, None))
_CODE: Final = itemgetter(slice(-3, None))
_NO_DIGITS: Final = {ord(letter): None for letter in f". {ascii_uppercase}"}


@final
class Form(Named):
    """How the records of a file are written: as JSON Lines, or as CSV with the fields' names in its first line.

    >>> Form("csv")
    Form.CSV
    """

    JSON_LINES = "jsonl"
    CSV = "csv"


def charge_rows(lines: Iterable[str], source: str, form: Form) -> Iterator[ChargeRow]:
    r"""Read charges as rows, each checked as `from_line` checks it; blank lines are skipped, and `source` names the file in errors.

    In CSV the columns stand in any order, a cell holds what the field's text would be, and that of an optional field may be empty or
    missing; `pricing` is its JSON. After the first fault nothing is given any more; the rest is read for what else is wrong, and all
    faults raise `InvalidRecords` together, at most `MOST_FAULTS`. An amount beyond `LARGEST_AMOUNT` is one of them, though a record may
    hold it. Ids that come twice are not looked for.

    >>> lines = ["id,account,kind,item,reason,period,amount,charged_on\n",
    ...     "c-1,A1,subscription,lite,renewal,2025-08-08/2025-09-08,12.50 USD,2025-08-08\n"]
    >>> [(row[0], row[7], row[8]) for row in charge_rows(lines, "charges.csv", Form.CSV)]
    [('c-1', 1250, 'USD')]
    """
    return _read(lines, source, form, _CHARGES)


def receipt_rows(lines: Iterable[str], source: str, form: Form) -> Iterator[CashRow]:
    r"""Read receipts as rows, as `charge_rows` reads charges.

    >>> line = '{"record": "receipt", "version": 1, "id": "r-1", "charge": "c-1", "amount": "40.00 USD", "received_on": "2025-08-09"}\n'
    >>> list(receipt_rows([line], "receipts.jsonl", Form.JSON_LINES))
    [('r-1', 'c-1', 4000, 'USD', datetime.date(2025, 8, 9))]
    """
    return _read(lines, source, form, _RECEIPTS)


def refund_rows(lines: Iterable[str], source: str, form: Form) -> Iterator[CashRow]:
    r"""Read refunds as rows, as `charge_rows` reads charges.

    >>> list(refund_rows(["id,charge,amount,refunded_on\n", "f-1,c-1,25.00 USD,2025-08-20\n"], "refunds.csv", Form.CSV))
    [('f-1', 'c-1', 2500, 'USD', datetime.date(2025, 8, 20))]
    """
    return _read(lines, source, form, _REFUNDS)


def payment_rows(lines: Iterable[str], source: str, form: Form) -> Iterator[PartnerRow]:
    r"""Read payments as rows, as `charge_rows` reads charges.

    >>> list(payment_rows(["id,partner,amount,received_on\n", "pay-1,p-1,85.00 USD,2025-08-12\n"], "payments.csv", Form.CSV))
    [('pay-1', 'p-1', 8500, 'USD', datetime.date(2025, 8, 12), '')]
    """
    return _read(lines, source, form, _PAYMENTS)


def disbursement_rows(lines: Iterable[str], source: str, form: Form) -> Iterator[PartnerRow]:
    r"""Read disbursements as rows, as `charge_rows` reads charges.

    >>> list(disbursement_rows(["id,partner,amount,paid_on\n", "d-1,p-1,120.00 USD,2025-08-15\n"], "disbursements.csv", Form.CSV))
    [('d-1', 'p-1', 12000, 'USD', datetime.date(2025, 8, 15), '')]
    """
    return _read(lines, source, form, _DISBURSEMENTS)


def entry_rows(lines: Iterable[str], source: str, form: Form) -> Iterator[PartnerRow]:
    r"""Read entries as rows, as `charge_rows` reads charges.

    >>> lines = ["id,partner,kind,amount,on,note\n", "e-1,p-1,adjustment,-5.00 USD,2025-08-20,bank fee\n"]
    >>> list(entry_rows(lines, "entries.csv", Form.CSV))
    [('e-1', 'p-1', -500, 'USD', datetime.date(2025, 8, 20), 'adjustment')]
    """
    return _read(lines, source, form, _ENTRIES)


def charge_row(charge: Charge) -> ChargeRow:
    """Give a charge as a row; an amount beyond `LARGEST_AMOUNT` raises `InvalidRecords`.

    >>> charge = Charge(id="c-1", account="A1", kind=ChargeKind.TAX, item="vat", reason=ChargeReason.PURCHASE,
    ...     period=Period(date(2025, 8, 8), date(2025, 8, 9)), amount=Money.of("2", "USD"), charged_on=date(2025, 8, 8))
    >>> charge_row(charge)[:5]
    ('c-1', 'A1', 'tax', 'vat', 'purchase')
    """
    kind, reason, period = charge.kind.value, charge.reason.value, charge.period
    words = (charge.id, charge.account, kind, charge.item, reason)
    return (*words, period.start, period.end, *_counted(charge.amount), charge.charged_on, charge.prepaid is not None)


def cash_row(cash: Receipt | Refund) -> CashRow:
    """Give a receipt or a refund as a row; an amount beyond `LARGEST_AMOUNT` raises `InvalidRecords`.

    >>> cash_row(Refund(id="f-1", charge="c-1", amount=Money.of("25", "USD"), refunded_on=date(2025, 8, 20)))
    ('f-1', 'c-1', 2500, 'USD', datetime.date(2025, 8, 20))
    """
    on = cash.received_on if isinstance(cash, Receipt) else cash.refunded_on
    return (cash.id, cash.charge, *_counted(cash.amount), on)


def partner_row(record: Payment | Disbursement | Entry) -> PartnerRow:
    """Give a payment, a disbursement or an entry as a row; an amount beyond `LARGEST_AMOUNT` raises `InvalidRecords`.

    >>> partner_row(Payment(id="pay-1", partner="p-1", amount=Money.of("85", "USD"), received_on=date(2025, 8, 12)))
    ('pay-1', 'p-1', 8500, 'USD', datetime.date(2025, 8, 12), '')
    """
    if isinstance(record, Entry):
        return (record.id, record.partner, *_counted(record.amount), record.on, record.kind.value)
    on = record.received_on if isinstance(record, Payment) else record.paid_on
    return (record.id, record.partner, *_counted(record.amount), on, "")


def _counted(amount: Money) -> tuple[int, str]:
    if abs(amount.minor) > LARGEST_AMOUNT:
        found = shown(str(amount))
        raise InvalidRecords((Fault(path="amount", message=f"is {found}: wanted at most {LARGEST_AMOUNT} minor units from zero"),))
    return amount.minor, amount.currency.code


class _Remembered(dict[Any, Value]):
    """What texts of one kind mean: each is read once, by what reads it in a record, and some thousands are remembered."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Value:
        value = self._read(text)
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[text] = value
        return value


@final
class _Memory:
    """What has been read of one file already: its days, periods, amounts and discounts for prepayment."""

    def __init__(self) -> None:
        self.days = _Remembered[date](TEXTS[date])
        self.spans = _Remembered(_span)
        self.amounts = _Amounts()
        self.prepaid = _Remembered(_is_prepaid)


@final
class _Amounts:
    """The amounts of one file: those that were read already, and how others look that can be read many at once."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[int, str]] = {}
        self._digits: dict[str, int] = {}
        self._plain = re.compile("")

    def read(self, column: Column) -> tuple[Sequence[int], Sequence[str]]:
        """Give amounts as minor units and codes."""
        try:
            found = [*map(self._known.__getitem__, column)]
        except KeyError:
            self._add({*column})
            found = [*map(self._known.__getitem__, column)]
        minors, currencies = zip(*found, strict=True)
        return minors, currencies

    def _add(self, amounts: set[Any]) -> None:
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        new = [*amounts.difference(self._known)]
        text, codes = "\n".join(new), [*map(_CODE, new)]
        if not self._digits.keys() >= {*codes}:
            self._learn({*codes})
        if self._plain.fullmatch(text):
            # A text with two amounts in it makes one number too many, and nothing is remembered.
            found = [*zip(map(int, text.translate(_NO_DIGITS).split()), codes, strict=True)]
            self._known.update(zip(new, found, strict=True))
        else:
            self._known.update((one, _counted(Money.parse(one))) for one in new)

    def _learn(self, codes: set[str]) -> None:
        """Know more currencies: an amount with all decimals of its currency is its minor units once the point is taken out."""
        self._digits |= {code: Currency(code).digits for code in codes}
        decimals = [(code, rf"[.][0-9]{{{digits}}}" if digits else "") for code, digits in sorted(self._digits.items())]
        one = "|".join(f"{_WHOLE}{after} {code}" for code, after in decimals)
        self._plain = re.compile(rf"(?:{one})(?:\n(?:{one}))*")


def _span(text: str) -> tuple[date, date]:
    period = Period.parse(text)
    return period.start, period.end


def _is_prepaid(text: str | None) -> bool:
    """Tell whether there is a discount for prepayment; more than the whole is none."""
    return text is not None and Rate.parse(text).complement() is not None


_KINDS, _REASONS, _ENTRY_KINDS = (frozenset(one.value for one in choices) for choices in (ChargeKind, ChargeReason, EntryKind))


def _plain_charges(columns: Sequence[Column], memory: _Memory) -> Iterable[ChargeRow]:
    ids, accounts, kinds, items, reasons, periods, amounts, days, prepaid, pricing = columns
    for column in (ids, {*accounts}, {*items}):
        _check_ids(column)
    minors, currencies = memory.amounts.read(amounts)
    if not (_KINDS.issuperset(kinds) and _REASONS.issuperset(reasons)) or min(minors) < 0 or {*pricing} != {None}:
        raise _NotPlain
    starts, ends = zip(*map(memory.spans.__getitem__, periods), strict=True)
    charged, are_prepaid = map(memory.days.__getitem__, days), map(memory.prepaid.__getitem__, prepaid)
    return zip(ids, accounts, kinds, items, reasons, starts, ends, minors, currencies, charged, are_prepaid, strict=True)


def _plain_cash(columns: Sequence[Column], memory: _Memory) -> Iterable[CashRow]:
    ids, named, amounts, days = columns
    for column in (ids, named):
        _check_ids(column)
    minors, currencies = memory.amounts.read(amounts)
    if min(minors) <= 0:
        raise _NotPlain
    return zip(ids, named, minors, currencies, map(memory.days.__getitem__, days), strict=True)


def _plain_partner_cash(columns: Sequence[Column], memory: _Memory) -> Iterable[PartnerRow]:
    return ((*row, "") for row in _plain_cash(columns, memory))


def _plain_entries(columns: Sequence[Column], memory: _Memory) -> Iterable[PartnerRow]:
    ids, partners, kinds, amounts, days, notes = columns
    for column in (ids, partners):
        _check_ids(column)
    for note in notes:
        check_line("the note of an entry", note)
    minors, currencies = memory.amounts.read(amounts)
    rows = [*zip(ids, partners, minors, currencies, map(memory.days.__getitem__, days), kinds, strict=True)]
    are_sound = (minor > 0 or kind != EntryKind.INCENTIVE for _, _, minor, _, _, kind in rows)
    if not (_ENTRY_KINDS.issuperset(kinds) and all(are_sound) and all(map(str.strip, notes))):
        raise _NotPlain
    return rows


def _check_ids(column: Collection[Any]) -> None:
    """Refuse what is no id: of what is printable, only a blank can pad a text, and where there is one each is looked at."""
    text = "".join(column)
    if not text.isprintable() or " " in text or not all(column):
        for one in {*column}:
            check_id("record", one)


@final
class _NotPlain(ValueError):
    """Something about a batch that only codec can tell."""


# What reading a batch may come to, where something in it is not plain: not JSON, too deep, a field too few, a list for a text.
_NOT_PLAIN: Final = (ValueError, RecursionError, LookupError, TypeError)


@final
@attrs.frozen(kw_only=True)
class _Kind(Generic[Row]):
    """How one kind of record becomes rows: by the batch where all of it is plain, else one by one."""

    type: type[Any]
    plain: Callable[[Sequence[Column], _Memory], Iterable[Row]]
    row: Callable[[Any], Row]

    @property
    def name(self) -> str:
        return next(name for name, kind in RECORDS.items() if kind is self.type)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(field.name for field in attrs.fields(self.type) if field.default is attrs.NOTHING)

    @property
    def optional(self) -> tuple[str, ...]:
        return tuple(field.name for field in attrs.fields(self.type) if field.default is not attrs.NOTHING)


_CHARGES: Final = _Kind(type=Charge, plain=_plain_charges, row=charge_row)
_RECEIPTS: Final = _Kind(type=Receipt, plain=_plain_cash, row=cash_row)
_REFUNDS: Final = _Kind(type=Refund, plain=_plain_cash, row=cash_row)
_PAYMENTS: Final = _Kind(type=Payment, plain=_plain_partner_cash, row=partner_row)
_DISBURSEMENTS: Final = _Kind(type=Disbursement, plain=_plain_partner_cash, row=partner_row)
_ENTRIES: Final = _Kind(type=Entry, plain=_plain_entries, row=partner_row)


class _Records(Protocol):
    """The records of one file as they are written: cut into batches, and read by their columns or one by one."""

    def batches(self) -> Iterator[tuple[Sequence[int], Sequence[Any]]]:
        """Give some hundred records at once as they stand, with the line of each."""

    def columns(self, batch: Sequence[Any]) -> Sequence[Column]:
        """Give the fields of plain records, each as a column; what is not plain raises one of `_NOT_PLAIN`."""

    def value(self, record: Any) -> Any:
        """Give what codec reads a record as, or None for a blank line."""


@final
class _JsonLines:
    """The records of a file of JSON Lines."""

    def __init__(self, lines: Iterable[str], kind: _Kind[Any]) -> None:
        self._lines = iter(lines)
        self._kind = kind
        self._fields = (*_ENVELOPE, *kind.required)
        self._pick = itemgetter(*self._fields)
        self._made = _reader_of(kind.type)

    def batches(self) -> Iterator[tuple[Sequence[int], Sequence[str]]]:
        first = 1
        while batch := tuple(islice(self._lines, _BATCH)):
            yield range(first, first + len(batch)), batch
            first += len(batch)

    def columns(self, batch: Sequence[str]) -> Sequence[Column]:
        # No text of JSON goes over the end of a line, and a comma stands before every line: a brace that starts a line starts an element
        # of a list. As many objects as lines, and a brace at the start of each, are one object in every line.
        text = ",\n".join(batch)
        found = json.loads(f"[{text}]")
        if len(found) != len(batch) or {*map(_FIRST, batch)} != {"{"}:
            raise _NotPlain
        names, versions, *required = zip(*map(self._pick, found), strict=True)
        if {*names} != {self._kind.name} or {*versions} != {VERSION} or {*map(type, versions)} != {int}:
            raise _NotPlain
        # Every required field but the version is a text, or else refused with its column.
        texts, optional = self._optional(found)
        if _quotes(text) != 2 * (len(found) * (2 * len(self._fields) - 1) + texts):
            raise _NotPlain
        return [*required, *optional]

    def _optional(self, found: Sequence[Mapping[str, object]]) -> tuple[int, Sequence[Column]]:
        """Count the texts of optional fields, with their names, and give these fields; a pricing is judged here, and then left out."""
        names = self._kind.optional
        spare = sum(map(len, found)) - len(found) * len(self._fields)
        if not spare:
            return 0, [(None,) * len(found)] * len(names)
        given = [(name, one[name], one) for one in found for name in names if name in one]
        if spare != len(given):
            raise _NotPlain
        texts = spare + sum(_texts_in(value) for _, value, _ in given)
        for name, value, one in given:
            if name == _PRICING and value is not None:
                self._made({name: one[name] for name in one if name not in _ENVELOPE})
        return texts, [[one.get(name) if name != _PRICING else None for one in found] for name in names]

    def value(self, record: str) -> Any:
        return from_line(record, self._kind.type) if record and not record.isspace() else None


def _reader_of(kind: Any) -> Callable[[Any], Any]:
    """Make what reads a field or a whole record as codec does, but for the words: what it refuses raises one of `_NOT_PLAIN`."""
    if isinstance(kind, UnionType):
        (given,) = (one for one in get_args(kind) if one is not NoneType)
        read = _reader_of(given)
        return lambda raw: None if raw is None else read(raw)
    if kind in TEXTS:
        return _Remembered(TEXTS[kind]).__getitem__
    if attrs.has(kind):
        return _maker_of(kind)
    # Among whole numbers nothing is remembered: to a dictionary, true is 1.
    plain: Mapping[Any, Callable[[Any], Any]] = {str: partial(read_text, kind=str), int: partial(read_whole, kind=int)}
    return plain[kind] if kind in plain else _Remembered(partial(read_choice, kind=kind)).__getitem__


def _maker_of(kind: type[Any]) -> Callable[[Any], Any]:
    readers = {field.name: _reader_of(field.type) for field in attrs.fields(kind)}

    def make(raw: Any) -> Any:
        if not isinstance(raw, dict):
            refuse(raw, kind)
        return kind(**{name: readers[name](value) for name, value in raw.items()})

    return make


def _quotes(text: str) -> int:
    """Count the quotes in which texts of JSON stand: there are more than such texts need where a field stood twice."""
    escaped = text.count('\\"')
    if escaped and "\\\\" in text:
        raise _NotPlain
    return text.count('"') - escaped


def _texts_in(value: object) -> int:
    """Count the texts of an optional field: its own, or those of its object and their names."""
    inner = chain(value, value.values()) if isinstance(value, dict) else (value,)
    return sum(isinstance(one, str) for one in inner)


@final
class _Csv:
    """The records of a file of CSV: lines as they are, or cells where a quote stands in one of them."""

    def __init__(self, lines: Iterable[str], kind: _Kind[Any], faults: list[Fault]) -> None:
        self._lines = iter(lines)
        self._kind = kind
        self._faults = faults
        self._lines_read = 0
        self._header: list[str] = []

    def batches(self) -> Iterator[tuple[Sequence[int], Sequence[Any]]]:
        self._read_header()
        while len(self._faults) < MOST_FAULTS and (lines := tuple(islice(self._lines, _BATCH))):
            text = "".join(lines)
            plain = _unquoted(text, lines) if '"' in text else lines
            if plain is not None:
                yield range(self._lines_read + 1, self._lines_read + len(lines) + 1), plain
                self._lines_read += len(lines)
                continue
            places, cells = self._cells(lines)
            if cells:
                yield places, cells

    def _cells(self, lines: Sequence[str]) -> tuple[list[int], list[list[str]]]:
        """Split lines, and those that the last record goes on in, into cells with the line of each record; what is no CSV is a fault."""
        reader = csv.reader(chain(lines, self._lines), strict=True)
        ends, found = [0], []
        while reader.line_num < len(lines):
            try:
                found.append(next(reader))
            except csv.Error as fault:
                self._faults.append(Fault(line=self._lines_read + ends.pop() + 1, message=f"is not CSV: {fault}"))
            ends.append(reader.line_num)
        before, self._lines_read = self._lines_read, self._lines_read + ends.pop()
        return [before + end + 1 for end in ends], found

    def _read_header(self) -> None:
        records = (record for line in self._lines for record in zip(*self._cells((line,)), strict=True))
        place, self._header = next((record for record in records if not _is_blank(record[1])), (1, []))
        if not self._faults:
            self._faults += (Fault(line=place, path=path, message=message) for path, message in self._header_faults())
        if self._faults:
            # Without knowing the columns nothing that follows can be judged.
            self._lines = iter(())

    def _header_faults(self) -> Iterator[tuple[str, str]]:
        known = (*self._kind.required, *self._kind.optional)
        for name, count in Counter(self._header).items():
            if name not in known:
                yield "", f"names the column {shown(name)}: wanted in the first line {', '.join(known)}, in any order"
            elif count > 1:
                yield name, "is the name of two columns: wanted each field once"
        for name in self._kind.required:
            if name not in self._header:
                yield name, "is missing: wanted a column of this name in the first line"

    def columns(self, batch: Sequence[Any]) -> Sequence[Column]:
        split = _split if isinstance(batch[0], str) else _turned
        found = dict(zip(self._header, split(batch, len(self._header)), strict=True))
        none = (None,) * len(batch)
        optional = ([cell or None for cell in found[name]] if name in found else none for name in self._kind.optional)
        return [*(found[name] for name in self._kind.required), *optional]

    def value(self, record: Any) -> Any:
        cells = _cells_of(record) if isinstance(record, str) else record
        if _is_blank(cells):
            return None
        if len(cells) != len(self._header):
            message = f"has {len(cells)} cells: wanted {len(self._header)}, as many as the first line has"
            raise InvalidRecords((Fault(message=message),))
        given = {name: cell for name, cell in zip(self._header, cells, strict=True) if cell or name in self._kind.required}
        data: dict[str, object] = {"record": self._kind.name, "version": VERSION, **given}
        return from_line(_with_pricing(data), self._kind.type) if _PRICING in data else from_data(data, self._kind.type)


def _unquoted(text: str, lines: Sequence[str]) -> list[list[str]] | None:
    """Split lines in which every cell is quoted and holds no quote, so that there are two for each; None where there are others."""
    if {*map(_START, lines)} != {'"'} or {*map(_ENDING, lines)} != {'"\n'} or len(text) > csv.field_size_limit():
        return None
    found = [line[1:-2].split('","') for line in lines]
    # A line of one quote alone has fewer than two, and would make up for another that has more.
    return found if text.count('"') == 2 * sum(map(len, found)) and '"\n' not in lines else None


def _split(lines: Sequence[str], width: int) -> Sequence[Column]:
    """Split lines without quotes into columns: after every so many cells comes the end of a line, or a line has others."""
    ended = lines if {*map(_LAST, lines)} == {"\n"} else [line if line.endswith("\n") else f"{line}\n" for line in lines]
    text = "".join(ended)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    cells = text.replace("\n", ",\n,").split(",")
    # A text within the limit has no cell beyond it.
    plain = "\r" not in text and len(text) <= csv.field_size_limit() and len(cells) == len(lines) * (width + 1) + 1
    if not plain or {*cells[width :: width + 1]} != {"\n"}:
        raise _NotPlain
    return [cells[place : -1 : width + 1] for place in range(width)]


def _turned(records: Sequence[list[str]], width: int) -> Sequence[Column]:
    """Turn cells into columns."""
    if {*map(len, records)} != {width}:
        raise _NotPlain
    return list(zip(*records, strict=True))


def _cells_of(line: str) -> list[str]:
    """Split a line without quotes into its cells."""
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as fault:
        raise InvalidRecords((Fault(message=f"is not CSV: {fault}"),)) from None


def _is_blank(cells: list[str]) -> bool:
    return len(cells) <= 1 and not "".join(cells).strip()


def _with_pricing(data: dict[str, object]) -> str:
    """Write a charge as a line, with its pricing as the cell has it, so that codec reads that as it reads every other."""
    pricing = str(data.pop(_PRICING))
    try:
        json.loads(pricing)
    except (ValueError, RecursionError):
        raise InvalidRecords((Fault(path=_PRICING, message=f"is {shown(pricing)}: wanted an object as JSON, or nothing"),)) from None
    return f'{json.dumps(data)[:-1]}, "{_PRICING}": {pricing}}}'


def _read(lines: Iterable[str], source: str, form: Form, kind: _Kind[Row]) -> Iterator[Row]:
    check_is("the form of a file", form, Form)
    faults: list[Fault] = []
    records = _JsonLines(lines, kind) if form is Form.JSON_LINES else _Csv(lines, kind, faults)
    reading = _Reading(records, kind, faults)
    for places, batch in records.batches():
        rows = reading.rows(places, batch)
        if not faults:
            yield from rows
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        told = sorted(faults, key=attrgetter("line"))[:MOST_FAULTS]
        raise InvalidRecords(tuple(Fault(message=one.message, path=one.path, source=source, line=one.line) for one in told))


@final
class _Reading(Generic[Row]):
    """The reading of one file: its faults so far, and what is remembered of it."""

    def __init__(self, records: _Records, kind: _Kind[Row], faults: list[Fault]) -> None:
        self._records = records
        self._kind = kind
        self._faults = faults
        self._memory = _Memory()

    def rows(self, places: Sequence[int], batch: Sequence[Any]) -> list[Row]:
        """Give the rows of a batch: by its columns where all of it is plain, else of one half and then of the other."""
        try:
            return list(self._kind.plain(self._records.columns(batch), self._memory))
        except _NOT_PLAIN:
            half = len(batch) // 2
        if not half:
            return self._row(places[0], batch[0])
        return self.rows(places[:half], batch[:half]) + self.rows(places[half:], batch[half:])

    def _row(self, line: int, record: Any) -> list[Row]:
        try:
            value = self._records.value(record)
            return [] if value is None else [self._kind.row(value)]
        except InvalidRecords as found:
            self._faults += (Fault(message=one.message, path=one.path, line=line) for one in found.faults)
            return []
