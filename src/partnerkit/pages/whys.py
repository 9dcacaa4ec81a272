"""Amounts of a page and the reasons they lead to: a line explained, a record with its place, a sum with all of its parts.

Floor 10, above `pages.month_words`. May import: every lower floor, books, captions, pages.month_words, attrs and the standard library.

A sum that is not the sum of its parts does not construct, so that whoever follows the links can add it up.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import TypeVar, final

import attrs

from partnerkit.attribution import AccountOpening, Credit
from partnerkit.billing import Adjustment, Line, Receipt, reverse, share_between
from partnerkit.bills import Payment, SingleBill
from partnerkit.books import DISBURSEMENTS_FILE, ENTRIES_FILE, OPENINGS_FILE, PAYMENTS_FILE, RECEIPTS_FILE, Books
from partnerkit.captions import last_day, last_instant, line_label, terms_by
from partnerkit.close import Close, posted_in_order, terms_of
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue
from partnerkit.formats import visible
from partnerkit.languages import say_in
from partnerkit.lines_text import adjustment_facts, line_facts, line_rules
from partnerkit.money import Money, total
from partnerkit.pages.month_words import MonthWords
from partnerkit.statements import Disbursement, Earning, Entry, Statement
from partnerkit.text import explain, value_text
from partnerkit.words import term_question

T = TypeVar("T")
Key = TypeVar("Key", bound=Hashable)


@final
class WhyKind(Named):
    """What a reason is of, in the order of the page.

    >>> WhyKind("sum")
    WhyKind.SUM
    """

    SUM = "sum"
    LINE = "line"
    EARNING = "earning"
    ADJUSTMENT = "adjustment"
    RECORD = "record"
    CREDIT = "credit"


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

    `text` says what the amount itself is, `besides` what else the records hold of it: cash, a bill, refunds. A total that is not the
    sum of the parts raises `InvalidValue`.

    >>> Why(anchor="why-sum-1", kind=WhyKind.SUM, title="List price", total=Money.of("1", "USD"))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: List price is 1.00 USD, but its parts come to 0.00 USD
    """

    anchor: str
    kind: WhyKind
    title: str
    text: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
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
        self.adjustments = adjustments_of(books, close)
        self._adjustments = _grouped(self.adjustments, lambda one: one.line.charge.id)
        self._receipts = _grouped(_received(books, close), lambda one: one.charge)
        self._cash_behind = _cash_behind(books, close)
        self._bills = {line.charge.id: bill for bill in close.bills for line in bill.lines}
        self.opened = _opened(books, close)
        self._anchors: dict[tuple[WhyKind, str], str] = {}
        self._found: dict[str, Why] = {}
        self._counts: Counter[WhyKind] = Counter()

    @property
    def found(self) -> tuple[Why, ...]:
        """All reasons so far, in the order in which amounts first led to them."""
        return tuple(self._found[anchor] for anchor in self._anchors.values())

    def line(self, line: Line, amount: Money) -> Figure:
        """Give an amount of a line, which the explanation of the line accounts for."""
        return self._figure(WhyKind.LINE, line.charge.id, amount, lambda anchor: self._line(anchor, line))

    def adjustment(self, adjustment: Adjustment, amount: Money) -> Figure:
        """Give an amount of an adjustment, which its explanation accounts for."""
        return self._figure(WhyKind.ADJUSTMENT, adjustment.refund.id, amount, lambda anchor: self._adjustment(anchor, adjustment))

    def earning(self, earning: Earning) -> Figure:
        """Give what became due of the share of a line: by the line itself where that is all of it, else by a reason of its own."""
        line = earning.line
        if earning.amount == line.share:
            return self.line(line, earning.amount)
        key = f"share {line.charge.id} {earning.earned_on} {earning.amount}"
        return self._figure(WhyKind.EARNING, key, earning.amount, lambda anchor: self._earning(anchor, earning))

    def bonus(self, earning: Earning, amount: Money) -> Figure:
        """Give an amount of a New Account Bonus, by which line of the account was the first to earn it."""
        return self._figure(WhyKind.EARNING, f"bonus {earning.line.charge.account}", amount, lambda anchor: self._bonus(anchor, earning))

    def record(self, record: Receipt | Payment | Disbursement | Entry, amount: Money) -> Figure:
        """Give an amount of a record of money, which names its place in the files."""
        return self._figure(WhyKind.RECORD, f"{type(record).__name__} {record.id}", amount, lambda anchor: self._record(anchor, record))

    def credit(self, account: str) -> Target:
        """Give the reason of the credit of an account that was opened in the month."""
        opening, credit = self.opened[account]
        anchor = self._anchor(WhyKind.CREDIT, account, lambda anchor: self._credit(anchor, opening, credit))
        return Target(anchor=anchor, label=self.words("why.credit", account=visible(account)))

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
            WhyKind.SUM,
            str(self._counts[WhyKind.SUM]),
            amount,
            lambda anchor: Why(anchor=anchor, kind=WhyKind.SUM, title=title, parts=found, total=amount),
        )

    def part(self, line: Line, amount: Money) -> Part:
        """Give an amount of a line as a part of a sum."""
        return Part(label=self.label(line), figure=self.line(line, amount), day=line.charge.charged_on)

    def label(self, line: Line) -> str:
        """Name a line as the report does."""
        return line_label(line)

    def _name(self, partner_id: str) -> str:
        """Name a partner as it was called at the end of the month."""
        return str(self.books.partners[partner_id].name_at(last_instant(last_day(self.close), self.books.program.zone)))

    def _figure(self, kind: WhyKind, key: str, amount: Money, make: Callable[[str], Why]) -> Figure:
        return Figure(amount=amount, why=self._anchor(kind, key, make))

    def _anchor(self, kind: WhyKind, key: str, make: Callable[[str], Why]) -> str:
        """Give the anchor of a reason, which is made the first time; the anchor is known before, as reasons lead to each other."""
        anchor = self._anchors.get((kind, key))
        if anchor is None:
            self._counts[kind] += 1
            anchor = self._anchors[kind, key] = f"why-{kind}-{self._counts[kind]}"
            self._found[anchor] = make(anchor)
        return anchor

    def _line(self, anchor: str, line: Line) -> Why:
        refunds = [self._see_adjustment(one) for one in self._adjustments[line.charge.id]]
        receipts = [self._see_receipt(one) for one in self._receipts[line.charge.id]]
        credits = [self.credit(line.charge.account)] if line.charge.account in self.opened else []
        return Why(
            anchor=anchor,
            kind=WhyKind.LINE,
            title=self._title(line, line.charge.charged_on),
            text=_harmless(line_facts(line, self.words.locale, terms_by(self.books, line))),
            besides=_harmless(self._besides(line)),
            rules=self._rules(line),
            see=(*credits, *receipts, *refunds),
        )

    def _besides(self, line: Line) -> Iterator[str]:
        """Say what the records hold of a line: its cash up to the end of the month or its bill, and the refunds of the month."""
        words = self.words
        if line.payer is None:
            yield from (self._cash(one) for one in self._receipts[line.charge.id])
            if not self._receipts[line.charge.id]:
                yield words("why.no_cash", day=words.full_day(last_day(self.close)))
        else:
            bill = self._bills.get(line.charge.id)
            yield (
                words("why.on_no_bill")
                if bill is None
                else words("why.on_bill", number=str(bill.number), day=words.full_day(bill.billed_on))
            )
        for one in self._adjustments[line.charge.id]:
            refund = one.refund
            yield words("why.refunded", amount=words.money(refund.amount), day=words.full_day(refund.refunded_on), id=refund.id)

    def _cash(self, receipt: Receipt) -> str:
        words = self.words
        return words("why.cash", amount=words.money(receipt.amount), day=words.full_day(receipt.received_on), id=receipt.id)

    def _adjustment(self, anchor: str, adjustment: Adjustment) -> Why:
        line = adjustment.line
        text = _harmless(adjustment_facts(adjustment, self.words.locale, terms_by(self.books, line)))
        title = self._title(line, adjustment.refund.refunded_on)
        return Why(anchor=anchor, kind=WhyKind.ADJUSTMENT, title=title, text=text, rules=self._rules(line), see=(self._see(line),))

    def _rules(self, line: Line) -> tuple[str, ...]:
        return _harmless(line_rules(line, self.words.locale, terms_by(self.books, line)))

    def _earning(self, anchor: str, earning: Earning) -> Why:
        words, line = self.words, earning.line
        said = words(
            "why.earning", share=words.money(line.share), amount=words.money(earning.amount), day=words.full_day(earning.earned_on)
        )
        receipts = self._cash_behind[line.charge.id, earning.earned_on, earning.amount]
        return Why(
            anchor=anchor,
            kind=WhyKind.EARNING,
            title=words("why.of", what=self.label(line), which=words("report.share")),
            text=_harmless((said, *map(self._cash, receipts))),
            see=(self._see(line), *map(self._see_receipt, receipts)),
        )

    def _bonus(self, anchor: str, earning: Earning) -> Why:
        words, line = self.words, earning.line
        account = self.books.accounts[line.charge.account]
        amount, day = words.money(earning.amount), words.full_day(earning.earned_on)
        opened = words.full_day(self.books.program.day_of(account.opened_at))
        text = (
            words("why.bonus", amount=amount, day=day, charge=line.charge.id, account=account.id),
            words("why.bonus_opened", day=opened),
            *self._bonus_terms(line),
        )
        title = words("why.of", what=visible(account.id), which=words("report.bonus"))
        return Why(anchor=anchor, kind=WhyKind.EARNING, title=title, text=_harmless(text), see=(self._see(line),))

    def _bonus_terms(self, line: Line) -> Iterator[str]:
        """Say how long the account could earn the bonus, and the terms behind it."""
        words, bonus = self.words, terms_by(self.books, line).bonus
        for key in ("amount", "window_days", "counted_from"):
            term, value = f"bonus.{key}", getattr(bonus, key)
            question = term_question(term, say_in(words.locale))
            yield words("why.term", term=term, question=question, value=value_text(value, words.locale))

    def _credit(self, anchor: str, opening: AccountOpening, credit: Credit) -> Why:
        terms = self.books.program.terms.on(self.books.program.day_of(opening.at))
        said = explain(credit, self.words.locale, terms=terms).split("\n")
        title = self.words("why.credit", account=visible(opening.account))
        place = self._place(OPENINGS_FILE, opening.id)
        return Why(anchor=anchor, kind=WhyKind.CREDIT, title=title, text=_harmless(said), besides=place)

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
        return Why(anchor=anchor, kind=WhyKind.RECORD, title=visible(title), text=(visible(said), *place), see=see)

    def _place(self, file: str, record_id: str) -> tuple[str, ...]:
        line = self.books.places.get((file, record_id))
        return () if line is None else (self.words("why.place", line=self.words.number(line), file=file),)

    def _carried(self, message: str, what: str, of: SingleBill | Statement, amount: Money) -> Figure:
        words, name = self.words, self.name(of.partner)
        said = words(message, month=words.month(of.month.previous()), partner=name)
        title = words("why.of", what=words(what), which=f"{name} · {of.currency}")
        key = f"{message} {of.partner} {of.currency}"
        return self._figure(WhyKind.SUM, key, amount, lambda anchor: Why(anchor=anchor, kind=WhyKind.SUM, title=title, text=(said,)))

    def _see_receipt(self, receipt: Receipt) -> Target:
        return Target(anchor=self.record(receipt, receipt.amount).why, label=visible(receipt.id))

    def _see_adjustment(self, adjustment: Adjustment) -> Target:
        label = self.words("why.of", what=self.words("lives.refund"), which=visible(adjustment.refund.id))
        return Target(anchor=self.adjustment(adjustment, adjustment.gross).why, label=label)

    def _see(self, line: Line) -> Target:
        return Target(anchor=self.line(line, line.gross).why, label=self._title(line, line.charge.charged_on))

    def _title(self, line: Line, day: date) -> str:
        return self.words("why.of", what=self.label(line), which=self.words.full_day(day))


def adjustments_of(books: Books, close: Close) -> tuple[Adjustment, ...]:
    """Give what each refund of the month changes on its line, in the order they are posted.

    A close keeps those alone that stand on a bill or a statement; the others change what the client pays and nothing else.
    """
    before: dict[str, Money] = {}
    found = []
    for refund in sorted(books.refunds, key=posted_in_order):
        if refund.refunded_on >= close.month.period.end:
            break
        line = close.positions[refund.charge].line
        gone = before.get(refund.charge, line.zero)
        before[refund.charge] = gone + refund.amount
        if refund.refunded_on in close.month.period:
            found.append(reverse(line, refund, before=gone, terms=terms_of(books.program, line)))
    return tuple(found)


def _cash_behind(books: Books, close: Close) -> Mapping[tuple[str, date, Money], list[Receipt]]:
    """Give the receipts that made some of a share due, by the charge, the day and how much; of two that made as much, both."""
    found: dict[tuple[str, date, Money], list[Receipt]] = defaultdict(list)
    before: dict[str, Money] = {}
    for receipt in _received(books, close):
        line = close.positions[receipt.charge].line
        cash = before.get(receipt.charge, line.zero)
        before[receipt.charge] = cash + receipt.amount
        if line.share.minor:
            part = share_between(line, cash, before[receipt.charge], terms_of(books.program, line))
            found[receipt.charge, receipt.received_on, part].append(receipt)
    return found


def _received(books: Books, close: Close) -> Iterator[Receipt]:
    """Give the receipts up to the end of the month, in the order they are posted."""
    return (one for one in sorted(books.receipts, key=posted_in_order) if one.received_on < close.month.period.end)


def _opened(books: Books, close: Close) -> Mapping[str, tuple[AccountOpening, Credit]]:
    """Give the openings of the month with their credits, by the account."""
    opened = (one for one in books.openings.values() if books.program.day_of(one.at) in close.month.period)
    return {one.account: (one, books.credits[one.account]) for one in opened}


def _grouped(records: Iterable[T], key_of: Callable[[T], Key]) -> Mapping[Key, list[T]]:
    """Put records together by what they are of, so that no line looks through all of them."""
    found: dict[Key, list[T]] = defaultdict(list)
    for record in records:
        found[key_of(record)].append(record)
    return found


def _harmless(lines: Iterable[str]) -> tuple[str, ...]:
    """Write out what of some lines would steer a terminal or turn a text around."""
    return tuple(map(visible, lines))
