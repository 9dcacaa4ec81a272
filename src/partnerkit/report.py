"""A closed month as a person wants to read it in a terminal: bills, statements, and the reason of every line.

Floor 10. May import: every lower floor, books, captions, rich and the standard library. It builds what is shown and prints nothing itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import reduce
from itertools import groupby, islice

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from partnerkit.attribution import AccountOpening, Credit
from partnerkit.billing import Adjustment, Line
from partnerkit.bills import SingleBill
from partnerkit.books import Books
from partnerkit.captions import (
    MESSAGES,
    because_of,
    entry_words,
    last_day,
    last_instant,
    line_label,
    new_amounts,
    outcome,
    partner_title,
    payout_words,
    settled,
    shows_past_due,
    terms_by,
    without_reward,
)
from partnerkit.close import Close
from partnerkit.formats import is_one, visible
from partnerkit.languages import say_in, spoken
from partnerkit.money import Money
from partnerkit.partners import Partner
from partnerkit.policies import Counting
from partnerkit.program import Program
from partnerkit.statements import Earning, Statement
from partnerkit.text import (
    OpenQuestion,
    credit_phrase,
    credit_rule,
    format_date,
    format_day,
    format_money,
    format_month,
    format_whole,
    phrase,
    reasons,
)
from partnerkit.totals import MonthTotals

_WIDE = 140
_FEW = 12
_MANY = 40
_NAMED = 5
_NAME = 40
_ID = 48
_INDENT = 2


def report(books: Books, close: Close, *, locale: str, width: int) -> RenderableType:
    """Build the whole report of a closed month for a terminal of some width."""
    page = _Page(books, close, locale, wide=width >= _WIDE)
    return Group(*page.parts())


def totals_report(totals: MonthTotals, program: Program, *, locale: str) -> RenderableType:
    """Build the report of a month closed in sums: what each partner owes and earns, the largest amounts of each currency first."""
    bills = _sums(
        ("report.number", "report.partner", "report.list_price", "report.discount", "report.balance_less_payments", "report.to_pay_now"),
        [(one.number, one.partner, one.gross, -one.discount, one.brought_forward - one.paid, one.due) for one in totals.bills],
        locale,
    )
    statements = _sums(
        ("report.partner", "report.opening_balance", "report.share", "report.other_earned", "report.paid_out", "report.closing_balance"),
        [
            (one.partner, one.opening, one.share, one.bonus + one.incentives + one.adjusted, -one.disbursed, one.closing)
            for one in totals.statements
        ],
        locale,
    )
    return Group(
        Rule(Text(f"{visible(program.name)} · {format_month(totals.month, locale)}", style="bold")),
        Text("\n" + _said("report.single_bills", locale), style="bold"),
        *bills,
        Text("\n" + _said("report.statements", locale), style="bold"),
        *statements,
    )


_Sums = tuple[*tuple[str | Money, ...], Money]


def _sums(headings: Sequence[str], rows: list[_Sums], locale: str) -> Iterator[RenderableType]:
    """Build a table of sums, one partner and currency a row: the amounts of a row add up to the last one, by which rows are ranked."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    ranked = sorted(rows, key=lambda row: (row[-1].currency.code, -row[-1].minor))
    currencies = [[*islice(some, _MANY)] for _, some in groupby(ranked, key=lambda row: row[-1].currency.code)]
    cells = [[_cells(row, locale) for row in some] for some in currencies]
    for place, heading in enumerate(headings):
        # A heading and a name may take several lines, and no amount is ever cut.
        widest = max((len(row[place]) for some in cells for row in some), default=0)
        is_amount = bool(rows) and isinstance(rows[0][place], Money)
        least = widest if is_amount else min(widest, _FEW)
        table.add_column(_said(heading, locale), justify="right" if is_amount else "left", min_width=least, overflow="fold")
    for number, some in enumerate(cells):
        if number:
            table.add_row()
        for row in some:
            table.add_row(*map(Text, row))
    yield table
    left_out = len(rows) - sum(map(len, cells))
    if left_out:
        yield Text(_said("report.more", locale, count=format_whole(left_out, locale)), style="dim")


def _cells(row: _Sums, locale: str) -> list[str]:
    return [format_money(cell, locale) if isinstance(cell, Money) else visible(cell) for cell in row]


def _said(message_id: str, locale: str, **values: str) -> str:
    return say_in(locale)(message_id, MESSAGES[message_id]).format(**values)


class _Page:
    """The parts of one report, which share the books, the close and the way to write money."""

    def __init__(self, books: Books, close: Close, locale: str, *, wide: bool) -> None:
        self.books = books
        self.close = close
        self.locale = locale
        self.wide = wide
        self.last_day = last_day(close)
        self.last_instant = last_instant(self.last_day, books.program.zone)

    def parts(self) -> Iterator[RenderableType]:
        program = self.books.program
        yield Rule(Text(f"{visible(program.name)} · {format_month(self.close.month, self.locale)}", style="bold"))
        yield from self._credits()
        for partner in self.books.partners:
            yield from self._partner(partner)
        yield from self._unpartnered()
        yield from self._questions()
        yield Text("\n" + self._say("report.one_line", columns=str(_WIDE)), style="dim")

    def _credits(self) -> Iterator[RenderableType]:
        traffic = self.books.traffic
        counts = {
            "report.by_bots": traffic.bots,
            "report.without_name": traffic.without_name,
            "report.elsewhere": traffic.elsewhere,
            "report.unreadable": traffic.unreadable,
        }
        parts = ", ".join(self._say(part, count=self._whole(count)) for part, count in counts.items())
        yield Text("\n" + self._count(traffic.visits, "report.visit_read", "report.visits_read", parts=parts))
        opened = [one for one in self.books.openings.values() if self.books.program.day_of(one.at) in self.close.month.period]
        credits = [self.books.credits[one.account] for one in opened]
        yield Text(self._count(len(opened), "report.account_opened", "report.accounts_opened", parts=self._tally(credits)))
        if 0 < len(opened) <= _FEW:
            yield from self._opened(opened, credits)

    def _opened(self, opened: list[AccountOpening], credits: list[Credit]) -> Iterator[RenderableType]:
        table = Table(box=None, pad_edge=False, expand=True, header_style="dim")
        table.add_column(self._say("report.day"), no_wrap=True)
        table.add_column(self._say("report.account"), max_width=_NAME, overflow="fold")
        table.add_column(self._say("report.credited_to"), max_width=_NAME, overflow="fold")
        table.add_column(self._say("report.why"), ratio=1, style="dim")
        for opening, credit in zip(opened, credits, strict=True):
            day = format_day(self.books.program.day_of(opening.at), self.locale)
            credited_to = self._say("report.nobody") if credit.partner is None else self._name(credit.partner)
            table.add_row(day, Text(visible(opening.account)), credited_to, Text(credit_phrase(credit, self.locale)))
        yield table
        yield from map(_indented, dict.fromkeys(credit_rule(credit, self.locale) for credit in credits))
        rulings = [one.ruling for credit in credits for one in credit.considered if one.ruling.outcome is Counting.COUNTS]
        yield from map(_indented, reasons(rulings, self.locale))

    def _partner(self, partner: Partner) -> Iterator[RenderableType]:
        bills = [bill for bill in self.close.bills if bill.partner == partner.id]
        statements = [statement for statement in self.close.statements if statement.partner == partner.id]
        if not bills and not statements:
            return
        yield Text()
        yield Rule(Text(partner_title(partner.id, self._name(partner.id)), style="bold"), align="left")
        for bill in bills:
            yield from self._bill(bill)
        for statement in statements:
            yield from self._statement(statement)

    def _bill(self, bill: SingleBill) -> Iterator[RenderableType]:
        title = self._say("report.bill", number=str(bill.number), currency=str(bill.currency), day=self._date(bill.billed_on))
        yield Text("\n" + title, style="bold")
        table = self._table("report.list_price", "report.discount", "report.to_pay")
        for line in bill.lines:
            self._row(
                table,
                line,
                line.charge.charged_on,
                self._phrase(line),
                line.gross,
                -line.discount,
                line.net,
            )
        for adjustment in bill.adjustments:
            self._adjustment(table, adjustment, adjustment.gross, -adjustment.discount, adjustment.net)
        table.add_section()
        for message, amounts in new_amounts(bill):
            self._sum(table, message, *amounts)
        self._balance(table, "report.brought_forward", bill.brought_forward)
        for payment in bill.payments:
            self._balance(table, "report.payment", -payment.amount, day=self._date(payment.received_on))
        if shows_past_due(bill):
            self._balance(table, "report.past_due", bill.past_due)
        self._sum(table, outcome(bill), None, None, bill.due)
        yield table
        yield from self._because_of(bill.lines)

    def _statement(self, statement: Statement) -> Iterator[RenderableType]:
        yield Text("\n" + self._say("report.statement", currency=str(statement.currency)), style="bold")
        table = self._table("report.charged", "report.earned")
        self._balance(table, "report.opening_balance", statement.opening)
        for earning in statement.shares:
            self._earning(table, earning, self._phrase(earning.line))
        if statement.shares:
            self._sum(table, "report.share", None, statement.share)
        for earning in statement.bonuses:
            self._earning(table, earning, self._say("report.bonus"))
        for adjustment in statement.adjustments:
            self._adjustment(table, adjustment, adjustment.gross, adjustment.share)
        for entry in statement.entries:
            self._text_row(table, entry.on, entry_words(entry, self.locale), "", "", None, entry.amount)
        for paid in statement.disbursements:
            self._text_row(table, paid.paid_on, self._say("report.paid_out"), "", "", None, -paid.amount)
        table.add_section()
        self._sum(table, "report.closing_balance", None, statement.closing)
        self._payout(table, statement)
        yield table
        yield from self._because_of([earning.line for earning in statement.shares])

    def _payout(self, table: Table, statement: Statement) -> None:
        told = payout_words(self.books, self.close, statement, self.locale)
        if told is not None:
            self._row_of(table, *told)

    def _unpartnered(self) -> Iterator[RenderableType]:
        lines = without_reward(self.close)
        if not lines:
            return
        yield Text()
        yield Rule(Text(self._say("report.without_reward"), style="bold"), align="left")
        if len(lines) > _FEW:
            found = Counter(self._phrase(line) for line in lines)
            counts = (self._say("report.lines_with", count=self._whole(count), reason=reason) for reason, count in found.most_common())
            yield Text(self._parted(counts) + ".")
        else:
            table = self._table("report.charged")
            for line in lines:
                self._row(table, line, line.charge.charged_on, self._phrase(line), line.gross)
            yield table
        yield from self._because_of(lines)

    def _questions(self) -> Iterator[RenderableType]:
        terms = self.books.program.terms_for(None, self.last_day)
        yield Text()
        yield Rule(Text(self._say("report.settled"), style="bold"), align="left")
        yield Text(self._say("report.terms", day=self._date(terms.starts_on), source=visible(terms.source)), style="italic")
        for partner, questions in settled(self.books, self.close, self.locale):
            if partner is not None:
                yield Text("\n" + self._say("report.own_terms", partner=self._name(partner)), style="italic")
            yield _answers(questions)

    def _because_of(self, lines: Sequence[Line]) -> Iterator[RenderableType]:
        yield from map(_indented, because_of(lines, self.books, self.locale))

    def _phrase(self, line: Line) -> str:
        return phrase(line, terms_by(self.books, line), self.locale)

    def _table(self, *amounts: str) -> Table:
        table = Table(box=None, pad_edge=False, expand=True, header_style="dim")
        table.add_column(self._say("report.day"), no_wrap=True)
        table.add_column(self._say("report.charge"), ratio=1, overflow="fold")
        if self.wide:
            table.add_column(self._say("report.line"), max_width=_ID, style="dim", overflow="fold")
            table.add_column(self._say("report.why"), max_width=_NAME, style="dim")
        for amount in amounts:
            table.add_column(self._say(amount), justify="right", no_wrap=True)
        return table

    def _earning(self, table: Table, earning: Earning, why: str) -> None:
        self._row(table, earning.line, earning.earned_on, why, earning.line.gross, earning.amount)

    def _adjustment(self, table: Table, adjustment: Adjustment, *amounts: Money) -> None:
        self._row(table, adjustment.line, adjustment.refund.refunded_on, phrase(adjustment, None, self.locale), *amounts)

    def _row(self, table: Table, line: Line, day: date, why: str, *amounts: Money | None) -> None:
        self._text_row(table, day, line_label(line), line.charge.id, why, *amounts)

    def _text_row(self, table: Table, day: date, what: str, which: str, why: str, *amounts: Money | None) -> None:
        cells = [Text(format_day(day, self.locale)), *self._what(what, which, why), *(self._amount(amount) for amount in amounts)]
        table.add_row(*cells)

    def _what(self, what: str, which: str, why: str) -> list[RenderableType]:
        if self.wide:
            return [Text(visible(what)), Text(visible(which)), Text(visible(why))]
        below = Padding(Text(visible(why), style="dim"), (0, 0, 0, _INDENT))
        return [Group(Text(visible(what)), below) if why else Text(visible(what))]

    def _sum(self, table: Table, what: str, *amounts: Money | None) -> None:
        cells = [Text(), Text(self._say(what), style="bold"), *([Text(), Text()] if self.wide else [])]
        table.add_row(*cells, *(Text(self._money(amount), style="bold") if amount is not None else Text() for amount in amounts))

    def _balance(self, table: Table, what: str, amount: Money, **values: str) -> None:
        self._row_of(table, self._say(what, **values), amount)

    def _row_of(self, table: Table, said: str, amount: Money | None) -> None:
        """Add a row that is no line's: words, and an amount in the last column."""
        blanks = [Text()] * (len(table.columns) - len(("day", "what", "amount")))
        table.add_row(Text(), Text(said), *blanks, self._amount(amount))

    def _amount(self, amount: Money | None) -> Text:
        return Text("" if amount is None else self._money(amount))

    def _money(self, amount: Money) -> str:
        return format_money(amount, self.locale)

    def _date(self, day: date) -> str:
        return format_date(day, self.locale)

    def _name(self, partner_id: str) -> str:
        return str(self.books.partners[partner_id].name_at(self.last_instant))

    def _whole(self, number: int) -> str:
        return format_whole(number, self.locale)

    def _tally(self, credits: Sequence[Credit]) -> str:
        """Count who was credited, the largest few by name."""
        credited = Counter(credit.partner for credit in credits if credit.partner is not None)
        nobody = sum(credit.partner is None for credit in credits)
        named = [
            self._say("report.credited", count=self._whole(count), partner=self._name(partner))
            for partner, count in credited.most_common(_NAMED)
        ]
        others = credited.total() - sum(count for _, count in credited.most_common(_NAMED))
        count = len(credited) - _NAMED
        other = "report.other_partner" if is_one(count, spoken(self.locale)) else "report.other_partners"
        rest = [self._say(other, count=self._whole(others), partners=self._whole(count))] if others else []
        last = [self._say("report.to_nobody", count=self._whole(nobody))] if nobody else []
        parts = [*named, *rest, *last]
        return self._say("report.parts", parts=self._parted(parts)) if parts else ""

    def _parted(self, parts: Iterable[str]) -> str:
        return reduce(lambda first, last: self._say("report.parted", first=first, last=last), parts)

    def _count(self, count: int, one: str, several: str, **values: str) -> str:
        message = one if is_one(count, spoken(self.locale)) else several
        return self._say(message, count=self._whole(count), **values)

    def _say(self, message_id: str, **values: str) -> str:
        return _said(message_id, self.locale, **values)


def _indented(reason: str) -> Padding:
    return Padding(Text(visible(reason), style="dim italic"), (0, 0, 0, _INDENT))


def _answers(questions: Sequence[OpenQuestion]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column(ratio=2)
    table.add_column(ratio=1)
    for question in questions:
        table.add_row(Text(question.about), Text(visible(question.value), style="bold"))
    return table
