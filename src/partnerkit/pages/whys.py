"""Amounts of a page and the reasons they lead to: a line explained, a record with its place, a sum with all of its parts.

Floor 10, above `pages.month_words`. May import: every lower floor, books, captions, pages.month_words, attrs and the standard library.

A sum that is not the sum of its parts does not construct, so that whoever follows the links can add it up.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import final

import attrs

from partnerkit.billing import Adjustment, Line, Receipt
from partnerkit.bills import Payment, SingleBill
from partnerkit.books import DISBURSEMENTS_FILE, ENTRIES_FILE, PAYMENTS_FILE, RECEIPTS_FILE, Books
from partnerkit.captions import last_day, last_instant, terms_by
from partnerkit.close import Close
from partnerkit.errors import InvalidValue
from partnerkit.formats import visible
from partnerkit.lines_text import adjustment_facts, line_facts, line_rules
from partnerkit.money import Money, total
from partnerkit.pages.month_words import MonthWords
from partnerkit.statements import Disbursement, Earning, Entry, Statement

SUM, LINE, ADJUSTMENT, RECORD = "sum", "line", "adjustment", "record"
"""The kinds of reasons, in the order of the page."""


@final
@attrs.frozen(kw_only=True)
class Figure:
    """An amount that stands on the page, and the anchor of the reason it leads to."""

    amount: Money
    why: str


@final
@attrs.frozen(kw_only=True)
class Part:
    """One of the amounts a sum adds up, with a day where it has one."""

    label: str
    figure: Figure
    day: date | None = None


@final
@attrs.frozen(kw_only=True)
class Target:
    """Somewhere on the page that can be led to, by its anchor."""

    anchor: str
    label: str


@final
@attrs.frozen(kw_only=True)
class Why:
    """The reason of one amount or more: sentences, the rules behind them, and for a sum its parts and its total.

    A total that is not the sum of the parts raises `InvalidValue`.

    >>> Why(anchor="why-sum-1", kind=SUM, title="List price", total=Money.of("1", "USD"))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: List price is 1.00 USD, but its parts come to 0.00 USD
    """

    anchor: str
    kind: str
    title: str
    text: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    total: Money | None = None
    see: tuple[Target, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.total is None:
            return
        added = total((part.figure.amount for part in self.parts), self.total.currency)
        if added != self.total:
            raise InvalidValue(f"{self.title} is {self.total}, but its parts come to {added}")


class Whys:
    """The reasons of a page while it is made: each is entered once, when an amount first leads to it."""

    def __init__(self, books: Books, close: Close, words: MonthWords) -> None:
        self.books = books
        self.close = close
        self.words = words
        self.name = cache(self._name)
        self.lines = sorted(close.lines, key=lambda line: (line.charge.charged_on, line.charge.account, line.charge.id))
        self._found: dict[tuple[str, str], Why] = {}
        self._counts: Counter[str] = Counter()

    @property
    def found(self) -> tuple[Why, ...]:
        """All reasons so far, in the order they were entered."""
        return tuple(self._found.values())

    def line(self, line: Line, amount: Money) -> Figure:
        """Give an amount of a line, which the explanation of the line accounts for."""
        return self._figure(LINE, line.charge.id, amount, lambda anchor: self._line(anchor, line))

    def adjustment(self, adjustment: Adjustment, amount: Money) -> Figure:
        """Give an amount of an adjustment, which its explanation accounts for."""
        return self._figure(ADJUSTMENT, adjustment.refund.id, amount, lambda anchor: self._adjustment(anchor, adjustment))

    def earning(self, earning: Earning) -> Figure:
        """Give what became due of the share of a line: by the line itself where that is all of it, else by a reason of its own."""
        line = earning.line
        if earning.amount == line.share:
            return self.line(line, earning.amount)
        key = f"earning {line.charge.id} {earning.earned_on} {earning.amount}"
        return self._figure(RECORD, key, earning.amount, lambda anchor: self._earning(anchor, earning))

    def record(self, record: Receipt | Payment | Disbursement | Entry, amount: Money) -> Figure:
        """Give an amount of a record of money, which names its place in the files."""
        return self._figure(RECORD, f"{type(record).__name__} {record.id}", amount, lambda anchor: self._record(anchor, record))

    def opening(self, statement: Statement) -> Figure:
        """Give the opening balance of a statement, which is the closing one of the month before."""
        return self._carried("why.opening", "report.opening_balance", statement, statement.opening)

    def brought_forward(self, bill: SingleBill) -> Figure:
        """Give what was brought forward to a bill, which the month before carried forward."""
        return self._carried("why.brought", "report.brought_forward", bill, bill.brought_forward)

    def sum(self, title: str, parts: Iterable[Part], amount: Money) -> Figure:
        """Give a sum with its parts, those that are zero left out; parts that do not come to the amount raise `InvalidValue`."""
        found = tuple(part for part in parts if part.figure.amount.minor)
        return self._figure(
            SUM, str(self._counts[SUM]), amount, lambda anchor: Why(anchor=anchor, kind=SUM, title=title, parts=found, total=amount)
        )

    def part(self, line: Line, amount: Money) -> Part:
        """Give an amount of a line as a part of a sum."""
        return Part(label=self.label(line), figure=self.line(line, amount), day=line.charge.charged_on)

    def label(self, line: Line) -> str:
        """Name a line as the report does: by its account and what was charged."""
        return visible(f"{line.charge.account} · {line.charge.item}")

    def _name(self, partner_id: str) -> str:
        """Name a partner as it was called at the end of the month."""
        return str(self.books.partners[partner_id].name_at(last_instant(last_day(self.close), self.books.program.zone)))

    def _figure(self, kind: str, key: str, amount: Money, make: Callable[[str], Why]) -> Figure:
        known = self._found.get((kind, key))
        if known is None:
            self._counts[kind] += 1
            known = self._found[kind, key] = make(f"why-{kind}-{self._counts[kind]}")
        return Figure(amount=amount, why=known.anchor)

    def _line(self, anchor: str, line: Line) -> Why:
        text = line_facts(line, self.words.locale, terms_by(self.books, line))
        return Why(anchor=anchor, kind=LINE, title=self._title(line, line.charge.charged_on), text=_harmless(text), rules=self._rules(line))

    def _adjustment(self, anchor: str, adjustment: Adjustment) -> Why:
        line = adjustment.line
        text = _harmless(adjustment_facts(adjustment, self.words.locale))
        title = self._title(line, adjustment.refund.refunded_on)
        return Why(anchor=anchor, kind=ADJUSTMENT, title=title, text=text, rules=self._rules(line), see=(self._see(line),))

    def _rules(self, line: Line) -> tuple[str, ...]:
        return _harmless(line_rules(line, self.words.locale, terms_by(self.books, line)))

    def _earning(self, anchor: str, earning: Earning) -> Why:
        words, line = self.words, earning.line
        said = words(
            "why.earning", share=words.money(line.share), amount=words.money(earning.amount), day=words.full_day(earning.earned_on)
        )
        title = words("why.of", what=self.label(line), which=words("report.share"))
        receipts = (one for one in self.books.receipts if (one.charge, one.received_on) == (line.charge.id, earning.earned_on))
        see = (Target(anchor=self.record(one, one.amount).why, label=visible(one.id)) for one in receipts)
        return Why(anchor=anchor, kind=RECORD, title=title, text=(said,), see=(self._see(line), *see))

    def _record(self, anchor: str, record: Receipt | Payment | Disbursement | Entry) -> Why:
        words = self.words
        match record:
            case Receipt():
                line = self.close.positions[record.charge].line
                title = words("why.of", what=words("lives.receipt"), which=self.label(line))
                said = self._said("why.receipt", record, record.received_on, charge=record.charge)
                return self._recorded(anchor, title, said, self._place(RECEIPTS_FILE, record.id), (self._see(line),))
            case Payment():
                title = words("report.payment", day=words.full_day(record.received_on))
                said = self._said("why.payment", record, record.received_on, partner=self.name(record.partner))
                return self._recorded(anchor, self._of(record.partner, title), said, self._place(PAYMENTS_FILE, record.id))
            case Disbursement():
                title = words("report.paid_out")
                said = self._said("why.disbursement", record, record.paid_on, partner=self.name(record.partner))
                return self._recorded(anchor, self._of(record.partner, title), said, self._place(DISBURSEMENTS_FILE, record.id))
            case Entry():
                said = self._said("why.entry", record, record.on, partner=self.name(record.partner), note=record.note)
                return self._recorded(anchor, self._of(record.partner, record.note), said, self._place(ENTRIES_FILE, record.id))

    def _said(self, message: str, record: Receipt | Payment | Disbursement | Entry, day: date, **values: str) -> str:
        words = self.words
        return words(message, id=record.id, day=words.full_day(day), amount=words.money(record.amount), **values)

    def _of(self, partner: str, what: str) -> str:
        return self.words("why.of", what=self.name(partner), which=what)

    def _recorded(self, anchor: str, title: str, said: str, place: tuple[str, ...], see: tuple[Target, ...] = ()) -> Why:
        return Why(anchor=anchor, kind=RECORD, title=visible(title), text=(visible(said), *place), see=see)

    def _place(self, file: str, record_id: str) -> tuple[str, ...]:
        line = self.books.places.get((file, record_id))
        return () if line is None else (self.words("why.place", line=self.words.number(line), file=file),)

    def _carried(self, message: str, what: str, of: SingleBill | Statement, amount: Money) -> Figure:
        words, name = self.words, self.name(of.partner)
        said = words(message, month=words.month(of.month.previous()), partner=name)
        title = words("why.of", what=words(what), which=f"{name} · {of.currency}")
        key = f"{message} {of.partner} {of.currency}"
        return self._figure(SUM, key, amount, lambda anchor: Why(anchor=anchor, kind=SUM, title=title, text=(said,)))

    def _see(self, line: Line) -> Target:
        return Target(anchor=self.line(line, line.gross).why, label=self._title(line, line.charge.charged_on))

    def _title(self, line: Line, day: date) -> str:
        return self.words("why.of", what=self.label(line), which=self.words.full_day(day))


def _harmless(lines: Iterable[str]) -> tuple[str, ...]:
    """Write out what of some lines would steer a terminal or turn a text around."""
    return tuple(map(visible, lines))
