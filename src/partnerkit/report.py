"""A closed month as a person wants to read it in a terminal: bills, statements, and the reason of every line.

Floor 10. May import: every lower floor, rich and the standard library. It builds what is shown and prints nothing itself.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from partnerkit.attribution import AccountOpening, Credit
from partnerkit.billing import Adjustment, Line
from partnerkit.bills import SingleBill
from partnerkit.books import Books
from partnerkit.close import Close
from partnerkit.formats import visible
from partnerkit.money import Money
from partnerkit.partners import Partner
from partnerkit.policies import Counting
from partnerkit.statements import Earning, EntryKind, Statement
from partnerkit.terms import Terms
from partnerkit.text import (
    OpenQuestion,
    credit_phrase,
    credit_rule,
    format_date,
    format_day,
    format_money,
    format_month,
    format_whole,
    open_questions,
    phrase,
    reasons,
)

_WIDE = 140
_FEW = 12
_NAMED = 5
_NAME = 40
_ID = 48

_ASKED = ("attribution", "share", "bonus", "single_bill")
"""The sections of the terms that a close asks; the others settle what happens before it or after."""
_FOR_REPORTS = ("attribution.dedupe_seconds", "attribution.half_life_days")
_INDENT = 2


def report(books: Books, close: Close, *, locale: str, width: int) -> RenderableType:
    """Build the whole report of a closed month for a terminal of some width."""
    page = _Page(books, close, locale, wide=width >= _WIDE)
    return Group(*page.parts())


class _Page:
    """The parts of one report, which share the books, the close and the way to write money."""

    def __init__(self, books: Books, close: Close, locale: str, *, wide: bool) -> None:
        self.books = books
        self.close = close
        self.locale = locale
        self.wide = wide
        self.last_day = close.month.next().period.start - date.resolution
        self.last_instant = _last_instant(self.last_day, books.program.zone)

    def parts(self) -> Iterator[RenderableType]:
        program = self.books.program
        yield Rule(Text(f"{visible(program.name)} · {format_month(self.close.month, self.locale)}", style="bold"))
        yield from self._credits()
        for partner in self.books.partners:
            yield from self._partner(partner)
        yield from self._unpartnered()
        yield from self._questions()
        yield Text(
            f"\nOne line in full: partnerkit why DIRECTORY LINE (the lines' names show from {_WIDE} columns on, and in --out).", style="dim"
        )

    def _credits(self) -> Iterator[RenderableType]:
        traffic = self.books.traffic
        counts = ", ".join(
            f"{self._whole(count)} {what}"
            for count, what in (
                (traffic.bots, "by bots"),
                (traffic.without_name, "without a partner name"),
                (traffic.elsewhere, "on other sites"),
                (traffic.unreadable, "with an unreadable link"),
            )
        )
        yield Text(f"\n{self._whole(traffic.visits)} {_plural('visit', traffic.visits)} read in all: {counts}.")
        opened = [one for one in self.books.openings.values() if self.books.program.day_of(one.at) in self.close.month.period]
        credits = [self.books.credits[one.account] for one in opened]
        yield Text(f"{self._whole(len(opened))} {_plural('account', len(opened))} opened this month{self._tally(credits)}.")
        if 0 < len(opened) <= _FEW:
            yield from self._opened(opened, credits)

    def _opened(self, opened: list[AccountOpening], credits: list[Credit]) -> Iterator[RenderableType]:
        table = Table(box=None, pad_edge=False, expand=True, header_style="dim")
        table.add_column("Day", no_wrap=True)
        table.add_column("Account", max_width=_NAME, overflow="fold")
        table.add_column("Credited to", max_width=_NAME, overflow="fold")
        table.add_column("Why", ratio=1, style="dim")
        for opening, credit in zip(opened, credits, strict=True):
            day = format_day(self.books.program.day_of(opening.at), self.locale)
            credited_to = "nobody" if credit.partner is None else self._name(credit.partner)
            table.add_row(day, Text(visible(opening.account)), credited_to, Text(credit_phrase(credit, self.locale)))
        yield table
        yield from map(_indented, dict.fromkeys(credit_rule(credit) for credit in credits))
        rulings = [one.ruling for credit in credits for one in credit.considered if one.ruling.outcome is Counting.COUNTS]
        yield from map(_indented, reasons(rulings, self.locale))

    def _partner(self, partner: Partner) -> Iterator[RenderableType]:
        bills = [bill for bill in self.close.bills if bill.partner == partner.id]
        statements = [statement for statement in self.close.statements if statement.partner == partner.id]
        if not bills and not statements:
            return
        yield Text()
        name = self._name(partner.id)
        yield Rule(Text(name if name == partner.id else f"{name} ({visible(partner.id)})", style="bold"), align="left")
        for bill in bills:
            yield from self._bill(bill)
        for statement in statements:
            yield from self._statement(statement)

    def _bill(self, bill: SingleBill) -> Iterator[RenderableType]:
        yield Text(f"\nSingle Bill {bill.number} · {bill.currency} · billed {self._date(bill.billed_on)}", style="bold")
        table = self._table("List", "Discount", "To pay")
        for line in bill.lines:
            self._row(
                table, line, line.charge.charged_on, phrase(line, self._terms(line), self.locale), line.gross, -line.discount, line.net
            )
        for adjustment in bill.adjustments:
            self._adjustment(table, adjustment, adjustment.gross, -adjustment.discount, adjustment.net)
        table.add_section()
        self._sum(table, "New charges", bill.gross, -bill.discount, bill.total)
        self._balance(table, "Brought forward", bill.brought_forward)
        for payment in bill.payments:
            self._balance(table, f"Payment received {self._date(payment.received_on)}", -payment.amount)
        if bill.payments and bill.past_due.minor > 0:
            self._balance(table, "Past due", bill.past_due)
        self._sum(table, _outcome(bill), None, None, bill.due)
        yield table
        yield from self._because_of_lines(bill.lines)

    def _statement(self, statement: Statement) -> Iterator[RenderableType]:
        yield Text(f"\nStatement · {statement.currency}", style="bold")
        table = self._table("Charged", "Earned")
        self._balance(table, "Opening balance", statement.opening)
        for earning in statement.shares:
            self._earning(table, earning, phrase(earning.line, self._terms(earning.line), self.locale))
        if statement.shares:
            self._sum(table, "Revenue share", None, statement.share)
        for earning in statement.bonuses:
            self._earning(table, earning, "New Account Bonus")
        for adjustment in statement.adjustments:
            self._adjustment(table, adjustment, adjustment.gross, adjustment.share)
        for entry in statement.entries:
            kind = "Incentive" if entry.kind is EntryKind.INCENTIVE else "Adjustment"
            self._text_row(table, entry.on, f"{kind}: {entry.note}", "", "", None, entry.amount)
        for paid in statement.disbursements:
            self._text_row(table, paid.paid_on, "Paid out", "", "", None, -paid.amount)
        table.add_section()
        self._sum(table, "Closing balance", None, statement.closing)
        yield table
        yield from self._because_of_lines([earning.line for earning in statement.shares])

    def _unpartnered(self) -> Iterator[RenderableType]:
        lines = sorted(
            (line for line in self.close.lines if line.reward is None and line.payer is None), key=lambda line: line.charge.charged_on
        )
        if not lines:
            return
        yield Text()
        yield Rule(Text("Charges without a reward", style="bold"), align="left")
        if len(lines) > _FEW:
            found = Counter(phrase(line, self._terms(line), self.locale) for line in lines)
            yield Text("; ".join(f"{self._whole(count)} with {reason}" for reason, count in found.most_common()) + ".")
        else:
            table = self._table("Charged")
            for line in lines:
                self._row(table, line, line.charge.charged_on, phrase(line, self._terms(line), self.locale), line.gross)
            yield table
        yield from self._because_of_lines(lines)

    def _questions(self) -> Iterator[RenderableType]:
        terms = self.books.program.terms_for(None, self.last_day)
        yield Text()
        yield Rule(Text("What the article leaves open and these terms settle", style="bold"), align="left")
        yield Text(f"Terms from {self._date(terms.starts_on)}: {visible(terms.source)}", style="italic")
        settled = self._settled(terms)
        yield _answers(settled)
        for partner, _ in self.books.program.partner_terms:
            own = [question for question in self._settled(self.books.program.terms_for(partner, self.last_day)) if question not in settled]
            if own:
                yield Text(f"\nIn the contract of {self._name(partner)} instead:", style="italic")
                yield _answers(own)

    def _settled(self, terms: Terms) -> list[OpenQuestion]:
        """Give the questions that a close asks and no official page answers."""
        questions = open_questions(terms, self.locale)
        return [one for one in questions if one.key.partition(".")[0] in _ASKED and one.key not in _FOR_REPORTS and not one.public]

    def _because_of_lines(self, lines: Sequence[Line]) -> Iterator[RenderableType]:
        """Say what the rulings of lines rest on, each with the terms of its own line."""
        kinds = {(line.terms, line.rulings): line for line in lines}
        said = (reason for line in kinds.values() for reason in reasons(line.rulings, self.locale, terms=self._terms(line)))
        yield from map(_indented, dict.fromkeys(said))

    def _table(self, *amounts: str) -> Table:
        table = Table(box=None, pad_edge=False, expand=True, header_style="dim")
        table.add_column("Day", no_wrap=True)
        table.add_column("Account and charge", ratio=1, overflow="fold")
        if self.wide:
            table.add_column("Line", max_width=_ID, style="dim", overflow="fold")
            table.add_column("Why", max_width=_NAME, style="dim")
        for amount in amounts:
            table.add_column(amount, justify="right", no_wrap=True)
        return table

    def _earning(self, table: Table, earning: Earning, why: str) -> None:
        self._row(table, earning.line, earning.earned_on, why, earning.line.gross, earning.amount)

    def _adjustment(self, table: Table, adjustment: Adjustment, *amounts: Money) -> None:
        self._row(table, adjustment.line, adjustment.refund.refunded_on, phrase(adjustment, None, self.locale), *amounts)

    def _row(self, table: Table, line: Line, day: date, why: str, *amounts: Money | None) -> None:
        self._text_row(table, day, f"{line.charge.account} · {line.charge.item}", line.charge.id, why, *amounts)

    def _text_row(self, table: Table, day: date, what: str, which: str, why: str, *amounts: Money | None) -> None:
        cells = [Text(format_day(day, self.locale)), *self._what(what, which, why), *(self._amount(amount) for amount in amounts)]
        table.add_row(*cells)

    def _what(self, what: str, which: str, why: str) -> list[Text]:
        if self.wide:
            return [Text(visible(what)), Text(visible(which)), Text(visible(why))]
        below = ("\n" + " " * _INDENT + visible(why), "dim")
        return [Text.assemble(visible(what), below) if why else Text(visible(what))]

    def _sum(self, table: Table, what: str, *amounts: Money | None) -> None:
        cells = [Text(), Text(what, style="bold"), *([Text(), Text()] if self.wide else [])]
        table.add_row(*cells, *(Text(self._money(amount), style="bold") if amount is not None else Text() for amount in amounts))

    def _balance(self, table: Table, what: str, amount: Money) -> None:
        blanks = [Text()] * (len(table.columns) - len(("day", "what", "amount")))
        table.add_row(Text(), Text(what), *blanks, self._amount(amount))

    def _amount(self, amount: Money | None) -> Text:
        return Text("" if amount is None else self._money(amount))

    def _money(self, amount: Money) -> str:
        return format_money(amount, self.locale)

    def _date(self, day: date) -> str:
        return format_date(day, self.locale)

    def _terms(self, line: Line) -> Terms:
        return self.books.program.terms_for(line.payer or line.earner, line.charge.charged_on)

    def _name(self, partner_id: str) -> str:
        return str(self.books.partners[partner_id].name_at(self.last_instant))

    def _whole(self, number: int) -> str:
        return format_whole(number, self.locale)

    def _tally(self, credits: Sequence[Credit]) -> str:
        """Count who was credited, the largest few by name."""
        credited = Counter(credit.partner for credit in credits if credit.partner is not None)
        nobody = sum(credit.partner is None for credit in credits)
        named = [f"{self._whole(count)} credited to {self._name(partner)}" for partner, count in credited.most_common(_NAMED)]
        others = credited.total() - sum(count for _, count in credited.most_common(_NAMED))
        count = len(credited) - _NAMED
        rest = [f"{self._whole(others)} to {self._whole(count)} other {_plural('partner', count)}"] if others else []
        parts = [*named, *rest, *([f"{self._whole(nobody)} to nobody"] if nobody else [])]
        return f": {'; '.join(parts)}" if parts else ""


def _outcome(bill: SingleBill) -> str:
    if bill.due.minor >= 0:
        return "To pay now"
    return "Credit carried forward" if bill.carried_forward == bill.due else "To be paid back"


def _indented(reason: str) -> Padding:
    return Padding(Text(visible(reason), style="dim italic"), (0, 0, 0, _INDENT))


def _last_instant(day: date, zone: str) -> datetime:
    """Give the last microsecond of a civil day in a zone."""
    return datetime.combine(day, time.max, ZoneInfo(zone))


def _answers(questions: Sequence[OpenQuestion]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column(ratio=2)
    table.add_column(ratio=1)
    for question in questions:
        table.add_row(Text(question.about), Text(visible(question.value), style="bold"))
    return table


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
