"""The tables of a closed month: bills, statements, refunds, entries, and charges without a reward, row by row.

Floor 10, above `pages.whys`. May import: every lower floor, captions, pages.whys, attrs and the standard library.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import count
from typing import final

import attrs

from partnerkit.billing import Adjustment, Line
from partnerkit.bills import SingleBill
from partnerkit.captions import (
    because_of,
    entry_words,
    new_amounts,
    outcome,
    partner_title,
    payout_words,
    shows_past_due,
    terms_by,
    without_reward,
)
from partnerkit.enums import Named
from partnerkit.formats import visible
from partnerkit.money import Money
from partnerkit.pages.whys import Figure, Part, Whys
from partnerkit.statements import Earning, Statement
from partnerkit.text import phrase

_OF_BILLS = ("report.list_price", "report.discount", "report.to_pay")


@final
class RowKind(Named):
    """What a row is: a record, a balance or payment, a sum of rows above it.

    >>> RowKind("plain")
    RowKind.PLAIN
    """

    PLAIN = "plain"
    BALANCE = "balance"
    TOTAL = "total"


@final
@attrs.frozen(kw_only=True)
class SheetRow:
    """A row of a sheet: what stands in it, and an amount or None for each column of amounts."""

    anchor: str
    kind: RowKind
    what: str
    figures: tuple[Figure | None, ...]
    day: date | None = None
    which: str = ""
    why: str = ""


@final
@attrs.frozen(kw_only=True)
class Sheet:
    """A table of amounts: its title, the same with whose it is, its heads, and what the rulings of its lines rest on.

    `about` are the heads of what a row is about and why, `columns` those of its amounts.
    """

    anchor: str
    title: str
    full_title: str
    about: tuple[str, str]
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    reasons: tuple[str, ...]


@final
@attrs.frozen(kw_only=True)
class PartnerShown:
    """A partner with its bills and statements."""

    anchor: str
    name: str
    sheets: tuple[Sheet, ...]


class Sheets:
    """The sheets of a page while they are made, numbered as they come, and the closing balances of the statements among them."""

    def __init__(self, whys: Whys) -> None:
        self._whys = whys
        self._words = whys.words
        self._sheets = count(1)
        self._rows = count(1)
        self.closings: dict[Statement, Figure] = {}

    def partners(self) -> Iterator[PartnerShown]:
        """Give every partner that has a bill or a statement."""
        close = self._whys.close
        for number, partner in enumerate(self._whys.books.partners, start=1):
            bills = [self._bill(bill) for bill in close.bills if bill.partner == partner.id]
            statements = [self._statement(one) for one in close.statements if one.partner == partner.id]
            if bills or statements:
                yield PartnerShown(
                    anchor=f"partner-{number}", name=partner_title(partner.id, self._whys.name(partner.id)), sheets=(*bills, *statements)
                )

    def unrewarded(self) -> Sheet | None:
        """Give the charges that nobody gets anything for."""
        lines = without_reward(self._whys.close)
        rows = [self._line(line, (self._whys.line(line, line.gross),)) for line in lines]
        return self._sheet(self._words("report.without_reward"), ("report.charged",), rows, lines) if rows else None

    def refunds(self) -> Sheet | None:
        """Give what the refunds of the month change."""
        rows = [self._adjustment(one, (-one.gross, -one.discount, -one.net, -one.share), self._who(one)) for one in self._whys.adjustments]
        columns = ("lives.refund", "adjustments.discount", "adjustments.net", "adjustments.share")
        return self._sheet(self._words("adjustments.refunds"), columns, rows) if rows else None

    def entries(self) -> Sheet | None:
        """Give what the vendor entered by its own decision."""
        entries = [entry for statement in self._whys.close.statements for entry in statement.entries]
        rows = [
            self._row(
                RowKind.PLAIN,
                entry_words(entry, self._words.locale),
                (self._whys.record(entry, entry.amount),),
                day=entry.on,
                which=visible(entry.id),
                why=self._whys.name(entry.partner),
            )
            for entry in sorted(entries, key=lambda one: (one.on, one.id))
        ]
        title, about = self._words("adjustments.entries"), ("adjustments.entry", "adjustments.partner")
        return self._sheet(title, ("flow.amount",), rows, about=about) if rows else None

    def _bill(self, bill: SingleBill) -> Sheet:
        words, whys = self._words, self._whys
        title = words("report.bill", number=str(bill.number), currency=str(bill.currency), day=words.full_day(bill.billed_on))
        here = f"{whys.name(bill.partner)} · {title}"
        rows = [*self._billed(bill)]
        new = [*self._new(bill, rows, here)]
        before = [self._balance("report.brought_forward", whys.brought_forward(bill)), *self._payments(bill)]
        if shows_past_due(bill):
            figure = whys.sum(words("why.of", what=here, which=words("report.past_due")), _parts(before, -1), bill.past_due)
            before_due = [*before, self._balance("report.past_due", figure)]
        else:
            before_due = before
        left = words(outcome(bill))
        due = whys.sum(words("why.of", what=here, which=left), [*_parts(before, -1), *_parts(new[-1:], -1)], bill.due)
        return self._sheet(
            title, _OF_BILLS, [*rows, *new, *before_due, self._row(RowKind.TOTAL, left, (None, None, due))], bill.lines, here
        )

    def _billed(self, bill: SingleBill) -> Iterator[SheetRow]:
        for line in bill.lines:
            yield self._line(line, [self._whys.line(line, amount) for amount in (line.gross, -line.discount, line.net)])
        for one in bill.adjustments:
            yield self._adjustment(one, (one.gross, -one.discount, one.net))

    def _new(self, bill: SingleBill, rows: Sequence[SheetRow], here: str) -> Iterator[SheetRow]:
        """Give the sums of a bill's rows: of the charges, and where there are refunds of these and of both."""
        words, charges = self._words, len(bill.lines)
        added: list[SheetRow] = []
        for (message, amounts), parts in zip(new_amounts(bill), (rows[:charges], rows[charges:], added), strict=False):
            what = words("why.of", what=here, which=words(message))
            figures = [
                self._whys.sum(words("why.of", what=what, which=words(column)), _parts(parts, place), amount)
                for place, (column, amount) in enumerate(zip(_OF_BILLS, amounts, strict=True))
            ]
            added.append(self._row(RowKind.TOTAL, words(message), figures))
        yield from added

    def _payments(self, bill: SingleBill) -> Iterator[SheetRow]:
        for one in bill.payments:
            yield self._balance("report.payment", self._whys.record(one, -one.amount), day=self._words.full_day(one.received_on))

    def _statement(self, statement: Statement) -> Sheet:
        words, whys = self._words, self._whys
        title = words("report.statement", currency=str(statement.currency))
        here = f"{whys.name(statement.partner)} · {title}"
        opening = self._row(RowKind.BALANCE, words("report.opening_balance"), (None, whys.opening(statement)))
        shares = [self._earning(one, whys.earning(one)) for one in statement.shares]
        share = [self._share(statement, here, shares)] if shares else []
        others = [*self._bonuses(statement), *self._changes(statement)]
        added = _parts([opening, *share, *others], -1)
        closing = whys.sum(words("why.of", what=here, which=words("report.closing_balance")), added, statement.closing)
        self.closings[statement] = closing
        closes = [self._row(RowKind.TOTAL, words("report.closing_balance"), (None, closing)), *self._payout(statement, closing)]
        rows = [opening, *shares, *share, *others, *closes]
        return self._sheet(title, ("report.charged", "report.earned"), rows, [one.line for one in statement.shares], here)

    def _payout(self, statement: Statement, closing: Figure) -> Iterator[SheetRow]:
        """Tell what is paid out, which is all of the closing balance or nothing."""
        told = payout_words(self._whys.books, self._whys.close, statement, self._words.locale)
        if told is not None:
            said, paid = told
            yield self._row(RowKind.BALANCE, said, (None, None if paid is None else closing))

    def _share(self, statement: Statement, here: str, shares: Sequence[SheetRow]) -> SheetRow:
        share = self._words("report.share")
        figure = self._whys.sum(self._words("why.of", what=here, which=share), _parts(shares, -1), statement.share)
        return self._row(RowKind.TOTAL, share, (None, figure))

    def _bonuses(self, statement: Statement) -> Iterator[SheetRow]:
        for one in statement.bonuses:
            yield self._earning(one, self._whys.bonus(one, one.amount), self._words("report.bonus"))

    def _changes(self, statement: Statement) -> Iterator[SheetRow]:
        """Give what changes a balance besides what was earned: refunds, entries and what was paid out."""
        for one in statement.adjustments:
            yield self._adjustment(one, (one.gross, one.share))
        for entry in statement.entries:
            yield self._row(
                RowKind.PLAIN, entry_words(entry, self._words.locale), (None, self._whys.record(entry, entry.amount)), day=entry.on
            )
        for paid in statement.disbursements:
            yield self._row(RowKind.PLAIN, self._words("report.paid_out"), (None, self._whys.record(paid, -paid.amount)), day=paid.paid_on)

    def _earning(self, earning: Earning, figure: Figure, why: str | None = None) -> SheetRow:
        line = earning.line
        return self._line(line, (self._whys.line(line, line.gross), figure), why, earning.earned_on)

    def _line(self, line: Line, figures: Sequence[Figure], why: str | None = None, day: date | None = None) -> SheetRow:
        said = phrase(line, terms_by(self._whys.books, line), self._words.locale) if why is None else why
        return self._of_line(line, figures, said, day or line.charge.charged_on)

    def _adjustment(self, adjustment: Adjustment, amounts: Sequence[Money], why: str | None = None) -> SheetRow:
        said = phrase(adjustment, None, self._words.locale) if why is None else why
        figures = [self._whys.adjustment(adjustment, amount) for amount in amounts]
        return self._of_line(adjustment.line, figures, said, adjustment.refund.refunded_on)

    def _of_line(self, line: Line, figures: Sequence[Figure], why: str, day: date) -> SheetRow:
        which = visible(line.charge.id)
        return self._row(RowKind.PLAIN, self._whys.label(line), figures, day=day, which=which, why=visible(why))

    def _who(self, adjustment: Adjustment) -> str:
        """Say to whom a refund goes back, and from whom the share."""
        line, words = adjustment.line, self._words
        payer = words("adjustments.client") if line.payer is None else self._whys.name(line.payer)
        day = words.full_day(line.charge.charged_on)
        if adjustment.share.minor and line.earner is not None:
            return words("adjustments.why_share", day=day, payer=payer, partner=self._whys.name(line.earner))
        return words("adjustments.why", day=day, payer=payer)

    def _balance(self, message: str, figure: Figure, **values: str) -> SheetRow:
        return self._row(RowKind.BALANCE, self._words(message, **values), (None, None, figure))

    def _row(  # noqa: PLR0913  (one for each cell)
        self, kind: RowKind, what: str, figures: Sequence[Figure | None], *, day: date | None = None, which: str = "", why: str = ""
    ) -> SheetRow:
        return SheetRow(anchor=f"row-{next(self._rows)}", kind=kind, what=what, figures=tuple(figures), day=day, which=which, why=why)

    def _sheet(  # noqa: PLR0913  (one for each part)
        self,
        title: str,
        columns: Sequence[str],
        rows: Iterable[SheetRow],
        lines: Sequence[Line] = (),
        here: str = "",
        *,
        about: tuple[str, str] = ("report.charge", "report.why"),
    ) -> Sheet:
        what, why = map(self._words, about)
        return Sheet(
            anchor=f"sheet-{next(self._sheets)}",
            title=title,
            full_title=here or title,
            about=(what, why),
            columns=tuple(map(self._words, columns)),
            rows=tuple(rows),
            reasons=tuple(map(visible, because_of(lines, self._whys.books, self._words.locale))),
        )


def _parts(rows: Iterable[SheetRow], column: int) -> list[Part]:
    """Give the amounts of a column as the parts of a sum."""
    found = ((row, row.figures[column]) for row in rows)
    return [Part(label=row.what, figure=figure, day=row.day) for row, figure in found if figure is not None]
