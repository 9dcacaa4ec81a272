"""Record files read as rows: checked as fully as records are, at about the price of parsing, and with nothing made but the rows.

Floor 9, above columns. May import: enums, errors, money, periods, vocabulary, terms, billing, bills, rows, statements, totals, scalars,
columns, attrs and the standard library.

Lines are read by the batch, and a batch by its columns: what a column holds is checked at once, and a day, a period, an amount or a
pricing that was seen before is not looked at again. What is not plain in every respect is left to codec: the batch is halved until a
record stands alone, and codec reads or refuses it in its own words. So nothing is accepted or refused here by another rule than there.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from operator import attrgetter, itemgetter
from string import ascii_uppercase
from sys import intern
from types import NoneType, UnionType
from typing import Any, Final, Generic, TypeVar, final, get_args

import attrs

from partnerkit.billing import Charge, ChargeReason, Receipt, Refund
from partnerkit.bills import Payment
from partnerkit.columns import NOT_PLAIN, Column, Csv, JsonLines, NotPlain, Records, Remembered
from partnerkit.enums import Named
from partnerkit.errors import Fault, InvalidRecords, shown
from partnerkit.money import Currency, Money, Rate
from partnerkit.periods import Period
from partnerkit.rows import CashRow, ChargeRow, PartnerRow
from partnerkit.scalars import TEXTS, read_choice, read_text, read_whole, refuse
from partnerkit.statements import Disbursement, Entry, EntryKind
from partnerkit.terms import ChargeKind
from partnerkit.totals import LARGEST
from partnerkit.vocabulary import check_id, check_is, check_line

Row = TypeVar("Row")

MOST_FAULTS: Final = 100
"""How many faults of a file are told at once: after so many it is read no further."""

# So few digits, with the four decimals that some currency has, are within the range.
_WHOLE: Final = "[0-9]{1,14}"
_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)
_CODE: Final = itemgetter(slice(-3, None))
_ALL_BUT_DIGITS: Final = {ord(letter): None for letter in f". {ascii_uppercase}"}
_PRICED: Final = ("period", "amount", "charged_on", "prepaid", "pricing")
_IN_PRICINGS: Final = frozenset({str, int, NoneType})


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
    faults raise `InvalidRecords` together, at most `MOST_FAULTS`. An amount beyond `totals.LARGEST` is one of them, though a record may
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
    """Give a charge as a row; an amount beyond `totals.LARGEST` raises `InvalidRecords`.

    >>> charge = Charge(id="c-1", account="A1", kind=ChargeKind.TAX, item="vat", reason=ChargeReason.PURCHASE,
    ...     period=Period(date(2025, 8, 8), date(2025, 8, 9)), amount=Money.of("2", "USD"), charged_on=date(2025, 8, 8))
    >>> charge_row(charge)[:5]
    ('c-1', 'A1', 'tax', 'vat', 'purchase')
    """
    kind, reason, period = charge.kind.value, charge.reason.value, charge.period
    words = (charge.id, charge.account, kind, charge.item, reason)
    return (*words, period.start, period.end, *_counted(charge.amount), charge.charged_on, charge.prepaid is not None)


def cash_row(cash: Receipt | Refund) -> CashRow:
    """Give a receipt or a refund as a row; an amount beyond `totals.LARGEST` raises `InvalidRecords`.

    >>> cash_row(Refund(id="f-1", charge="c-1", amount=Money.of("25", "USD"), refunded_on=date(2025, 8, 20)))
    ('f-1', 'c-1', 2500, 'USD', datetime.date(2025, 8, 20))
    """
    on = cash.received_on if isinstance(cash, Receipt) else cash.refunded_on
    return (cash.id, cash.charge, *_counted(cash.amount), on)


def partner_row(record: Payment | Disbursement | Entry) -> PartnerRow:
    """Give a payment, a disbursement or an entry as a row; an amount beyond `totals.LARGEST` raises `InvalidRecords`.

    >>> partner_row(Payment(id="pay-1", partner="p-1", amount=Money.of("85", "USD"), received_on=date(2025, 8, 12)))
    ('pay-1', 'p-1', 8500, 'USD', datetime.date(2025, 8, 12), '')
    """
    if isinstance(record, Entry):
        return (record.id, record.partner, *_counted(record.amount), record.on, record.kind.value)
    on = record.received_on if isinstance(record, Payment) else record.paid_on
    return (record.id, record.partner, *_counted(record.amount), on, "")


def _counted(amount: Money) -> tuple[int, str]:
    if abs(amount.minor) > LARGEST:
        found = shown(str(amount))
        raise InvalidRecords((Fault(path="amount", message=f"is {found}: wanted at most {LARGEST} minor units from zero"),))
    return amount.minor, amount.currency.code


@final
class _Memory:
    """What has been read of one file already: its days, periods, amounts, discounts for prepayment and pricings."""

    def __init__(self) -> None:
        self.days = Remembered[date](TEXTS[date])
        self.spans = Remembered(_span)
        self.amounts = _Amounts()
        self.prepaid = Remembered(_is_prepaid)
        self.pricings = _Pricings()


@final
class _Amounts:
    """The amounts of one file: how those look that are read many at once, and what the others were read as."""

    def __init__(self) -> None:
        self._digits: dict[str, int] = {}
        self._plain = re.compile("")
        self._others = Remembered(_minor)

    def read(self, column: Column, *, least: int) -> tuple[Iterable[int], Iterable[str]]:
        """Give amounts of at least so many minor units as minor units and codes."""
        amounts = [*{*column}]
        text, code = "\n".join(amounts), _CODE(amounts[0])
        codes = {code} if text.count(code) == len(amounts) else {*map(_CODE, amounts)}
        if not self._digits.keys() >= codes:
            self._learn(codes)
        is_plain = self._plain.fullmatch(text) is not None
        minors = [*(map(int, text.translate(_ALL_BUT_DIGITS).split()) if is_plain else map(self._others.__getitem__, amounts))]
        # A text with two amounts in it makes one number too many.
        if len(minors) != len(amounts) or min(minors) < least:
            raise NotPlain
        currencies = (code,) * len(column) if len(codes) == 1 else map(intern, map(_CODE, column))
        return map(dict(zip(amounts, minors, strict=True)).__getitem__, column), currencies

    def _learn(self, codes: set[str]) -> None:
        """Know more currencies: an amount with all decimals of its currency is its minor units once the point is taken out."""
        self._digits |= {code: Currency(code).digits for code in codes}
        decimals = [(code, rf"[.][0-9]{{{digits}}}" if digits else "") for code, digits in sorted(self._digits.items())]
        one = "|".join(f"{_WHOLE}{after} {code}" for code, after in decimals)
        self._plain = re.compile(rf"(?:{one})(?:\n(?:{one}))*")


def _minor(text: str) -> int:
    minor, _ = _counted(Money.parse(text))
    return minor


def _span(text: str) -> tuple[date, date]:
    period = Period.parse(text)
    return period.start, period.end


def _is_prepaid(text: str | None) -> bool:
    """Tell whether there is a discount for prepayment; one of more than the whole is refused, as a charge refuses it."""
    if text is None:
        return False
    Rate.parse(text).complement()
    return True


@final
class _Pricings:
    """The pricings of one file: what was found to come to its amount once is not worked out again."""

    def __init__(self) -> None:
        self._known: set[tuple[Any, ...]] = set()
        self._readers = [_reader_of(field.type) for field in attrs.fields(Charge) if field.name in _PRICED]

    def check(self, *columns: Column) -> None:
        """Hold pricings against the charges they stand with, by the rule of a charge; `columns` are the ids and those of `_PRICED`."""
        priced = [row for row in zip(*columns, strict=True) if row[-1] is not None]
        # To a set, true is 1, and so is 1.0: no field of a pricing is one of these.
        if not _IN_PRICINGS.issuperset(map(type, chain.from_iterable(map(dict.values, map(_LAST, priced))))):
            raise NotPlain
        for charge, period, amount, charged_on, prepaid, pricing in priced:
            key = (period, amount, charged_on, prepaid, *pricing, *pricing.values())
            if key not in self._known:
                self._hold(charge, period, amount, charged_on, prepaid, pricing)
                self._add(key)

    def _hold(self, charge: str, *fields: Any) -> None:
        period, amount, charged_on, prepaid, pricing = (read(raw) for read, raw in zip(self._readers, fields, strict=True))
        pricing.check(charge, amount, period=period, charged_on=charged_on, prepaid=prepaid)

    def _add(self, key: tuple[Any, ...]) -> None:
        if len(self._known) >= Remembered.most:
            self._known.clear()
        self._known.add(key)


def _reader_of(kind: Any) -> Callable[[Any], Any]:
    """Make what reads a field as codec does, but for the words: what it refuses raises one of `NOT_PLAIN`."""
    if isinstance(kind, UnionType):
        (given,) = (one for one in get_args(kind) if one is not NoneType)
        read = _reader_of(given)
        return lambda raw: None if raw is None else read(raw)
    if kind in TEXTS:
        return Remembered(TEXTS[kind]).__getitem__
    if attrs.has(kind):
        return _maker_of(kind)
    # Among whole numbers nothing is remembered: to a dictionary, true is 1.
    plain: Mapping[Any, Callable[[Any], Any]] = {str: partial(read_text, kind=str), int: partial(read_whole, kind=int)}
    return plain[kind] if kind in plain else Remembered(partial(read_choice, kind=kind)).__getitem__


def _maker_of(kind: type[Any]) -> Callable[[Any], Any]:
    readers = {field.name: _reader_of(field.type) for field in attrs.fields(kind)}

    def make(raw: Any) -> Any:
        if not isinstance(raw, dict):
            refuse(raw, kind)
        return kind(**{name: readers[name](value) for name, value in raw.items()})

    return make


_KINDS, _REASONS, _ENTRY_KINDS = (frozenset(one.value for one in choices) for choices in (ChargeKind, ChargeReason, EntryKind))


def _plain_charges(columns: Sequence[Column], memory: _Memory) -> Iterable[ChargeRow]:
    ids, accounts, kinds, items, reasons, periods, amounts, days, prepaid, pricings = columns
    for column in (ids, accounts, items):
        _check_ids(column)
    minors, currencies = memory.amounts.read(amounts, least=0)
    if not (_KINDS.issuperset(kinds) and _REASONS.issuperset(reasons)):
        raise NotPlain
    if pricings.count(None) < len(pricings):
        memory.pricings.check(ids, periods, amounts, days, prepaid, pricings)
    spans = [*map(memory.spans.__getitem__, periods)]
    starts, ends, charged = map(_FIRST, spans), map(_LAST, spans), map(memory.days.__getitem__, days)
    are_prepaid = map(memory.prepaid.__getitem__, prepaid)
    return zip(ids, accounts, kinds, items, reasons, starts, ends, minors, currencies, charged, are_prepaid, strict=True)


def _plain_cash(columns: Sequence[Column], memory: _Memory) -> Iterable[CashRow]:
    ids, named, amounts, days = columns
    for column in (ids, named):
        _check_ids(column)
    minors, currencies = memory.amounts.read(amounts, least=1)
    return zip(ids, named, minors, currencies, map(memory.days.__getitem__, days), strict=True)


def _plain_partner_cash(columns: Sequence[Column], memory: _Memory) -> Iterable[PartnerRow]:
    return ((*row, "") for row in _plain_cash(columns, memory))


def _plain_entries(columns: Sequence[Column], memory: _Memory) -> Iterable[PartnerRow]:
    ids, partners, kinds, amounts, days, notes = columns
    for column in (ids, partners):
        _check_ids(column)
    for note in notes:
        check_line("the note of an entry", note)
    minors, currencies = memory.amounts.read(amounts, least=-LARGEST)
    rows = [*zip(ids, partners, minors, currencies, map(memory.days.__getitem__, days), kinds, strict=True)]
    are_sound = (minor > 0 or kind != EntryKind.INCENTIVE for _, _, minor, _, _, kind in rows)
    if not (_ENTRY_KINDS.issuperset(kinds) and all(are_sound) and all(map(str.strip, notes))):
        raise NotPlain
    return rows


def _check_ids(column: Collection[Any]) -> None:
    """Refuse what is no id: of what is printable, only a blank can pad a text, and where there is one each is looked at."""
    text = "".join(column)
    if not text.isprintable() or " " in text or not all(column):
        for one in {*column}:
            check_id("record", one)


@final
@attrs.frozen(kw_only=True)
class _Kind(Generic[Row]):
    """How one kind of record becomes rows: by the batch where all of it is plain, else one by one."""

    type: type[Any]
    plain: Callable[[Sequence[Column], _Memory], Iterable[Row]]
    row: Callable[[Any], Row]


_CHARGES: Final = _Kind(type=Charge, plain=_plain_charges, row=charge_row)
_RECEIPTS: Final = _Kind(type=Receipt, plain=_plain_cash, row=cash_row)
_REFUNDS: Final = _Kind(type=Refund, plain=_plain_cash, row=cash_row)
_PAYMENTS: Final = _Kind(type=Payment, plain=_plain_partner_cash, row=partner_row)
_DISBURSEMENTS: Final = _Kind(type=Disbursement, plain=_plain_partner_cash, row=partner_row)
_ENTRIES: Final = _Kind(type=Entry, plain=_plain_entries, row=partner_row)


def _read(lines: Iterable[str], source: str, form: Form, kind: _Kind[Row]) -> Iterator[Row]:
    check_is("the form of a file", form, Form)
    return chain.from_iterable(_batches(lines, source, form, kind))


def _batches(lines: Iterable[str], source: str, form: Form, kind: _Kind[Row]) -> Iterator[list[Row]]:
    faults: list[Fault] = []
    records = JsonLines(lines, kind.type) if form is Form.JSON_LINES else Csv(lines, kind.type, faults)
    reading = _Reading(records, kind, faults)
    for places, batch in records.batches():
        rows = reading.rows(places, batch) if batch else []
        if not faults:
            yield rows
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        told = sorted(faults, key=attrgetter("line"))[:MOST_FAULTS]
        placed = tuple(Fault(message=one.message, path=one.path, source=source, line=one.line) for one in told)
        raise InvalidRecords(placed, is_cut=len(faults) >= MOST_FAULTS)


@final
class _Reading(Generic[Row]):
    """The reading of one file: its faults so far, and what is remembered of it."""

    def __init__(self, records: Records, kind: _Kind[Row], faults: list[Fault]) -> None:
        self._records = records
        self._kind = kind
        self._faults = faults
        self._memory = _Memory()

    def rows(self, places: Sequence[int], batch: Sequence[Any]) -> list[Row]:
        """Give the rows of a batch: by its columns where all of it is plain, else of one half and then of the other."""
        try:
            return list(self._kind.plain(self._records.columns(batch), self._memory))
        except NOT_PLAIN:
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
