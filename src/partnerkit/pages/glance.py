"""The month at a glance: a few figures in each currency, each the sum of parts that can be followed.

Floor 10, above `pages.flows`. May import: every lower floor, pages.whys, pages.flows, attrs and the standard library.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import final

import attrs

from partnerkit.billing import Line
from partnerkit.enums import Named
from partnerkit.formats import visible
from partnerkit.money import Currency, Money, total
from partnerkit.pages.flows import Flow
from partnerkit.pages.whys import Figure, Part, Whys
from partnerkit.statements import EntryKind, Statement

Parts = Callable[[Currency], Iterable[Part]]


@final
class GlanceKind(Named):
    """How a figure stands among the others: it stands out, as they do, or is a part of the one above.

    >>> GlanceKind("main")
    GlanceKind.MAIN
    """

    MAIN = "main"
    PLAIN = "plain"
    PART = "part"


@final
@attrs.frozen(kw_only=True)
class GlanceRow:
    """A figure of the month in each currency, None where there is nothing to add up."""

    anchor: str
    label: str
    kind: GlanceKind
    figures: tuple[Figure | None, ...]


@final
@attrs.frozen(kw_only=True)
class GlanceGroup:
    """Figures of the month that belong together."""

    title: str
    rows: tuple[GlanceRow, ...]


def glance_of(flows: Sequence[Flow], closings: Mapping[Statement, Figure], whys: Whys) -> tuple[GlanceGroup, ...]:
    """Give the groups of figures, with an amount for the currency of each waterfall; `closings` are the closing balances."""
    return _Glance(flows, closings, whys).groups()


class _Glance:
    """The glance at a month while it is made."""

    def __init__(self, flows: Sequence[Flow], closings: Mapping[Statement, Figure], whys: Whys) -> None:
        self.flows = flows
        self.closings = closings
        self.whys = whys
        self.rows = 0

    def groups(self) -> tuple[GlanceGroup, ...]:
        """Give what was charged and who pays it, what partners earned and are owed, and the cash that came in."""
        charged = (
            self._listed(),
            self._sum("glance.discount", lambda currency: self._lines(currency, lambda line: line.discount)),
            self._sum("glance.partners_pay", lambda currency: self._lines(currency, lambda line: line.net if line.payer else line.zero)),
            self._sum("glance.clients_pay", lambda currency: self._lines(currency, lambda line: line.zero if line.payer else line.net)),
            self._sum("glance.clients_open", lambda currency: self._lines(currency, self._open), GlanceKind.PART),
            self._row("flow.vendor", [flow.vendor for flow in self.flows], GlanceKind.MAIN),
        )
        earned = (
            self._sum("glance.share", self._shares),
            self._sum("report.bonus", self._bonuses),
            self._sum("glance.incentives", lambda currency: self._entered(currency, EntryKind.INCENTIVE)),
            self._sum("adjustments.title", self._adjusted),
            self._sum("report.paid_out", self._paid_out),
            self._sum("glance.owed", self._owed),
        )
        cash = (
            self._sum("glance.from_clients", self._received),
            self._sum("glance.from_partners", self._paid),
        )
        titles = ("glance.charges", "glance.earned", "glance.cash")
        return tuple(
            GlanceGroup(title=self.whys.words(title), rows=rows) for title, rows in zip(titles, (charged, earned, cash), strict=True)
        )

    def _listed(self) -> GlanceRow:
        """Give the list price, which the waterfalls begin with."""
        return self._row("glance.list", [flow.steps[0].figure if flow.steps else None for flow in self.flows], GlanceKind.MAIN)

    def _open(self, line: Line) -> Money:
        """Give what of a line that the client pays had not come in by the end of the month."""
        return line.zero if line.payer else line.gross - self.whys.close.positions[line.charge.id].received

    def _sum(self, message: str, parts_in: Parts, kind: GlanceKind = GlanceKind.PLAIN) -> GlanceRow:
        return self._row(message, [self._summed(message, flow.currency, list(parts_in(flow.currency))) for flow in self.flows], kind)

    def _summed(self, message: str, currency: Currency, parts: Sequence[Part]) -> Figure | None:
        if not any(part.figure.amount.minor for part in parts):
            return None
        title = self.whys.words("why.of", what=currency.code, which=self.whys.words(message))
        return self.whys.sum(title, parts, total((part.figure.amount for part in parts), currency))

    def _row(self, message: str, figures: Sequence[Figure | None], kind: GlanceKind = GlanceKind.PLAIN) -> GlanceRow:
        self.rows += 1
        return GlanceRow(anchor=f"glance-{self.rows}", label=self.whys.words(message), kind=kind, figures=tuple(figures))

    def _lines(self, currency: Currency, amount_of: Callable[[Line], Money]) -> Iterable[Part]:
        return (self.whys.part(line, amount_of(line)) for line in self.whys.lines if line.gross.currency == currency)

    def _statements(self, currency: Currency) -> Iterable[Statement]:
        return (one for one in self.whys.close.statements if one.currency == currency)

    def _shares(self, currency: Currency) -> Iterable[Part]:
        for statement in self._statements(currency):
            for one in statement.shares:
                yield Part(label=self.whys.label(one.line), figure=self.whys.earning(one), day=one.earned_on)

    def _bonuses(self, currency: Currency) -> Iterable[Part]:
        for statement in self._statements(currency):
            for one in statement.bonuses:
                yield Part(label=self.whys.label(one.line), figure=self.whys.bonus(one, one.amount), day=one.earned_on)

    def _entered(self, currency: Currency, kind: EntryKind) -> Iterable[Part]:
        for statement in self._statements(currency):
            for entry in statement.entries:
                if entry.kind is kind:
                    label = visible(self.whys.words("why.of", what=self.whys.name(entry.partner), which=entry.note))
                    yield Part(label=label, figure=self.whys.record(entry, entry.amount), day=entry.on)

    def _adjusted(self, currency: Currency) -> Iterable[Part]:
        for statement in self._statements(currency):
            for one in statement.adjustments:
                label, day = self.whys.label(one.line), one.refund.refunded_on
                yield Part(label=label, figure=self.whys.adjustment(one, one.share), day=day)
        yield from self._entered(currency, EntryKind.ADJUSTMENT)

    def _paid_out(self, currency: Currency) -> Iterable[Part]:
        for statement in self._statements(currency):
            for paid in statement.disbursements:
                yield Part(label=self.whys.name(paid.partner), figure=self.whys.record(paid, paid.amount), day=paid.paid_on)

    def _owed(self, currency: Currency) -> Iterable[Part]:
        for statement in self._statements(currency):
            yield Part(label=self.whys.name(statement.partner), figure=self.closings[statement])

    def _received(self, currency: Currency) -> Iterable[Part]:
        for one in self.whys.books.receipts:
            if one.amount.currency == currency and one.received_on in self.whys.close.month.period:
                label = self.whys.label(self.whys.close.positions[one.charge].line)
                yield Part(label=label, figure=self.whys.record(one, one.amount), day=one.received_on)

    def _paid(self, currency: Currency) -> Iterable[Part]:
        for one in self.whys.books.payments:
            if one.amount.currency == currency and one.received_on in self.whys.close.month.period:
                yield Part(label=self.whys.name(one.partner), figure=self.whys.record(one, one.amount), day=one.received_on)
