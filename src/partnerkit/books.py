"""The books of a program directory: every record, held against every other, and closed month by month.

Floor 10, below reading, output and report. May import: every lower floor, attrs and the standard library. `reading` makes them.

Every charge and all cash that cannot be posted are reported together, each with its file and line, whatever their months. Only
a contract number that is missing stops at once, because everything after it would be a guess.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar, final

import attrs

from partnerkit.attribution import AccountOpening, Credit
from partnerkit.billing import Charge, Line, Receipt, Refund
from partnerkit.bills import Payment
from partnerkit.close import Close, PartialClose, Position, finish, partial_close, posted_in_order, terms_of
from partnerkit.errors import Fault, InvalidRecords, NoTermsInForce, PartnerkitError, TermMissing
from partnerkit.partners import Account, Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship, Event
from partnerkit.statements import Disbursement, Entry

OPENINGS_FILE, EVENTS_FILE = "openings.jsonl", "events.jsonl"
CHARGES_FILE, RECEIPTS_FILE, REFUNDS_FILE = "charges.jsonl", "receipts.jsonl", "refunds.jsonl"
PAYMENTS_FILE, DISBURSEMENTS_FILE, ENTRIES_FILE = "payments.jsonl", "disbursements.jsonl", "entries.jsonl"

T = TypeVar("T")


@final
@attrs.frozen(kw_only=True)
class Traffic:
    """What the visits were, counted before anything is credited."""

    visits: int = 0
    elsewhere: int = 0
    unreadable: int = 0
    bots: int = 0
    without_name: int = 0


@final
@attrs.frozen(kw_only=True)
class Books:
    """Everything a program directory says, ready to be closed.

    `places` gives the line of a record by the name of its file and its id, for messages, and `event_places` that of an event, which has no
    id.
    """

    program: Program
    partners: Partners
    accounts: Mapping[str, Account]
    openings: Mapping[str, AccountOpening]
    traffic: Traffic
    credits: Mapping[str, Credit]
    relationships: Mapping[str, ClientRelationship]
    charges: tuple[Charge, ...]
    receipts: tuple[Receipt, ...]
    refunds: tuple[Refund, ...]
    payments: tuple[Payment, ...]
    disbursements: tuple[Disbursement, ...]
    entries: tuple[Entry, ...]
    places: Mapping[tuple[str, str], int] = attrs.field(repr=False)
    event_places: Mapping[Event, int] = attrs.field(repr=False, factory=dict)

    @property
    def last_month(self) -> Month | None:
        """The last month with a record of money, None where there is no such record."""
        return max((Month.of(day) for day in self.money_days()), default=None)

    def closes(self, through: Month) -> Iterator[Close]:
        """Close month after month, from the first with a record of money up to and with `through`.

        Before the first close, every charge that cannot become a line and all cash that does not fit its line are reported
        together, each with its place.
        """
        lines = self._lines(through)
        dated = _Dated.of(self)
        previous: Close | None = None
        month = min((Month.of(day) for day in self.money_days()), default=through)
        while month <= through:
            previous = self._close(PartialClose(lines=tuple(lines.get(month, ()))), month, previous, dated)
            yield previous
            month = month.next()

    def _lines(self, through: Month) -> Mapping[Month, list[Line]]:
        """Make the lines of every month, and check the cash of those that can be made."""
        faults: list[Fault] = []
        lines: dict[Month, list[Line]] = defaultdict(list)
        positions: dict[str, Position] = {}
        for charge in _until(through, self.charges, lambda one: one.charged_on):
            month = Month.of(charge.charged_on)
            try:
                (line,) = partial_close((charge,), self.relationships, self.program, month).lines
            except (TermMissing, NoTermsInForce):
                raise
            except PartnerkitError as fault:
                faults.append(self._fault(CHARGES_FILE, charge.id, fault))
            else:
                lines[month].append(line)
                positions[charge.id] = Position.of(line)
        faults += self._cash_faults(through, positions)
        if faults:
            raise InvalidRecords(tuple(faults))
        return lines

    def _cash_faults(self, through: Month, positions: dict[str, Position]) -> Iterator[Fault]:
        """Post the receipts and refunds to the positions of their lines, and give a fault for each that does not fit."""
        receipts = _until(through, self.receipts, lambda one: one.received_on)
        refunds = _until(through, self.refunds, lambda one: one.refunded_on)
        cash: list[Receipt | Refund] = [*receipts, *refunds]
        for record in sorted(cash, key=posted_in_order):
            position = positions.get(record.charge)
            if position is None:
                continue
            try:
                match record:
                    case Receipt():
                        positions[record.charge] = position.received_by(record)
                    case Refund():
                        positions[record.charge] = position.refunded_by(record, terms=terms_of(self.program, position.line))
            except (TermMissing, NoTermsInForce):
                raise
            except PartnerkitError as fault:
                yield self._fault(RECEIPTS_FILE if isinstance(record, Receipt) else REFUNDS_FILE, record.id, fault)

    def _fault(self, name: str, record_id: str, error: PartnerkitError) -> Fault:
        return Fault(source=name, line=self.places[name, record_id], message=str(error))

    def _close(self, partial: PartialClose, month: Month, previous: Close | None, dated: "_Dated") -> Close:
        try:
            return finish(
                partial,
                month=month,
                program=self.program,
                partners=self.partners,
                previous=previous,
                receipts=dated.receipts.get(month, ()),
                refunds=dated.refunds.get(month, ()),
                payments=dated.payments.get(month, ()),
                disbursements=dated.disbursements.get(month, ()),
                entries=dated.entries.get(month, ()),
            )
        except (TermMissing, NoTermsInForce):
            raise
        except PartnerkitError as fault:
            raise InvalidRecords((Fault(source=f"the close of {month}", message=str(fault)),)) from None

    def money_days(self) -> Iterator[date]:
        """Give the day of every record of money."""
        yield from (one.charged_on for one in self.charges)
        yield from (one.received_on for one in self.receipts)
        yield from (one.received_on for one in self.payments)
        yield from (one.refunded_on for one in self.refunds)
        yield from (one.paid_on for one in self.disbursements)
        yield from (one.on for one in self.entries)


@final
@attrs.frozen(kw_only=True)
class _Dated:
    """The records of money besides charges, by the month they are of."""

    receipts: Mapping[Month, list[Receipt]]
    refunds: Mapping[Month, list[Refund]]
    payments: Mapping[Month, list[Payment]]
    disbursements: Mapping[Month, list[Disbursement]]
    entries: Mapping[Month, list[Entry]]

    @classmethod
    def of(cls, books: Books) -> "_Dated":
        return cls(
            receipts=_by_month(books.receipts, lambda one: one.received_on),
            refunds=_by_month(books.refunds, lambda one: one.refunded_on),
            payments=_by_month(books.payments, lambda one: one.received_on),
            disbursements=_by_month(books.disbursements, lambda one: one.paid_on),
            entries=_by_month(books.entries, lambda one: one.on),
        )


def _by_month(items: Iterable[T], day_of: Callable[[T], date]) -> Mapping[Month, list[T]]:
    found: dict[Month, list[T]] = defaultdict(list)
    for item in items:
        found[Month.of(day_of(item))].append(item)
    return found


def _until(through: Month, items: Iterable[T], day_of: Callable[[T], date]) -> Iterator[T]:
    return (item for item in items if day_of(item) < through.period.end)
