"""The month's books while they are written: what is posted, what becomes due, and what the next month starts from.

Floor 8, below close. May import: errors, money, periods, vocabulary, partners, terms, program, billing, bills, statements, attrs
and the standard library.

Lines, receipts and refunds are posted by their own day. A closed month never changes; what comes later makes adjustments
in the open month that name the old line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import count
from typing import TypeVar, final

import attrs

from partnerkit.billing import Adjustment, ChargeIdentity, Line, Receipt, Refund, check_terms, overlapping, reverse, share_between
from partnerkit.bills import Payment, SingleBill, collect, day_of
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Currency, Money
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.statements import Disbursement, Earning, Entry, Statement
from partnerkit.terms import CutOff, Recognition, SingleBillTerms, Terms
from partnerkit.vocabulary import check_is

T = TypeVar("T")
BalanceKey = tuple[str, str]


Dated = TypeVar("Dated", Refund, Receipt, Payment, Disbursement, Entry)


@final
@attrs.frozen(kw_only=True)
class Position:
    """What has happened to a line since it was made: cash received for it and refunds of it, in total.

    A receipt or refund gives the next position, see `received_by` and `refunded_by`. More received or refunded than was charged,
    or less than zero, raises `InvalidValue`.

    >>> from partnerkit.billing import Charge, ChargeReason
    >>> from partnerkit.periods import Period
    >>> from partnerkit.terms import ChargeKind
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> line = Line(charge=charge, rulings=(), terms="example")
    >>> str(Position(line=line, received=Money.of("100", "USD"), refunded=Money.of("30", "USD")).refunded)
    '30.00 USD'
    """

    line: Line
    received: Money
    refunded: Money

    def __attrs_post_init__(self) -> None:
        check_is("the line of a position", self.line, Line)
        for what, amount in (("received for", self.received), ("refunded of", self.refunded)):
            check_is(f"what is {what} {self.line.charge.id}", amount, Money)
            if not self.line.zero <= amount <= self.line.gross:
                raise InvalidValue(f"{amount} {what} {self.line.charge.id}: wanted from zero up to {self.line.gross}")

    @classmethod
    def of(cls, line: Line) -> "Position":
        """Give the position of a line that was just made.

        >>> from partnerkit.billing import Charge, ChargeReason
        >>> from partnerkit.periods import Period
        >>> from partnerkit.terms import ChargeKind
        >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
        ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
        >>> str(Position.of(Line(charge=charge, rulings=(), terms="example")).received)
        '0.00 USD'
        """
        return cls(line=line, received=line.zero, refunded=line.zero)

    def received_by(self, receipt: Receipt) -> "Position":
        """Give the position after a receipt; more than is open, or cash for a line that a partner pays, raises `InvalidValue`.

        >>> from partnerkit.billing import Charge, ChargeReason
        >>> from partnerkit.periods import Period
        >>> from partnerkit.terms import ChargeKind
        >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
        ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
        >>> receipt = Receipt(id="r-1", charge="c-1", amount=Money.of("40", "USD"), received_on=date(2025, 8, 9))
        >>> str(Position.of(Line(charge=charge, rulings=(), terms="example")).received_by(receipt).received)
        '40.00 USD'
        """
        line, what = self.line, f"the receipt {receipt.id}"
        if line.payer is not None:
            raise InvalidValue(f"{what} is for {line.charge.id}, which {line.payer} pays by Single Bill: record a payment of the partner")
        received = self.received + receipt.amount
        if received > line.gross:
            raise InvalidValue(f"{what} of {receipt.amount} is more than is open on {line.charge.id}: {line.gross - self.received}")
        return Position(line=line, received=received, refunded=self.refunded)

    def refunded_by(self, refund: Refund, *, terms: Terms) -> "Position":
        """Give the position after a refund; `terms` are those of the line.

        More than is left of the charge, or cash given back that never came where the share is earned by cash, raises `InvalidValue`.

        >>> from partnerkit.billing import Charge, ChargeReason
        >>> from partnerkit.periods import Period
        >>> from partnerkit.terms import ChargeKind
        >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
        ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
        >>> terms = Terms(starts_on=date(2025, 1, 1), source="example")
        >>> refund = Refund(id="f-1", charge="c-1", amount=Money.of("30", "USD"), refunded_on=date(2025, 8, 20))
        >>> str(Position.of(Line(charge=charge, rulings=(), terms=terms.fingerprint)).refunded_by(refund, terms=terms).refunded)
        '30.00 USD'
        """
        line, what = self.line, f"the refund {refund.id}"
        refunded = self.refunded + refund.amount
        if refunded > line.gross:
            raise InvalidValue(f"{what} of {refund.amount} is more than is left of {line.charge.id}: {line.gross - self.refunded}")
        if refunded > self.received and line.share.minor and terms.share.recognized is Recognition.ON_CASH:
            raise InvalidValue(
                f"{what} brings {line.charge.id} to {refunded} given back by {refund.refunded_on}, of {self.received} received: "
                "record the cash first"
            )
        return Position(line=line, received=self.received, refunded=refunded)


@final
@attrs.frozen(kw_only=True)
class Close:
    """A closed month: its bills and statements, and what the next month starts from. It never changes.

    `balances` are the statements' closing balances and `bill_balances` what the Single Bills carry forward, by partner and
    currency code. `unbilled` lines and adjustments wait for the partner's next bill day, and so do `late_payments`, received
    after it. `positions` holds every line ever closed by its charge id, `bonused` the accounts whose New Account Bonus is earned,
    `seen` the ids of every record posted so far, by the name of its kind, because each counts once.

    >>> close = Close(month=Month.parse("2025-08"), lines=(), bills=(), statements=(), positions={}, balances={},
    ...     bill_balances={}, unbilled=(), unbilled_adjustments=(), late_payments=(), bonused=frozenset(), seen={})
    >>> close.month.next() == Month.parse("2025-09")
    True
    """

    month: Month
    lines: tuple[Line, ...]
    bills: tuple[SingleBill, ...]
    statements: tuple[Statement, ...]
    positions: Mapping[str, Position] = attrs.field(repr=False)
    balances: Mapping[BalanceKey, Money]
    bill_balances: Mapping[BalanceKey, Money]
    unbilled: tuple[Line, ...]
    unbilled_adjustments: tuple[Adjustment, ...]
    late_payments: tuple[Payment, ...]
    bonused: frozenset[str]
    seen: Mapping[str, frozenset[str]] = attrs.field(repr=False)


def terms_of(program: Program, line: Line) -> Terms:
    """Give the terms a line was made by: those of the partner that pays, else of the credited one, on the day of the charge.

    Where the program says something else of that day by now, it raises `InvalidValue`.

    >>> from partnerkit.billing import Charge, ChargeReason
    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.periods import Period
    >>> from partnerkit.terms import ChargeKind, TermsHistory
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example")
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory((terms,)))
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> terms_of(program, Line(charge=charge, rulings=(), terms=terms.fingerprint)).source
    'example'
    """
    terms = program.terms_for(line.payer or line.earner, line.charge.charged_on)
    check_terms(line, terms)
    return terms


def posted_in_order(line: Line | Receipt | Refund) -> tuple[date, int, str]:
    """Give the place of a fact in the books: by its day, and within a day charges before receipts before refunds.

    >>> posted_in_order(Receipt(id="r-1", charge="c-1", amount=Money.of("40", "USD"), received_on=date(2025, 8, 9)))
    (datetime.date(2025, 8, 9), 1, 'r-1')
    """
    match line:
        case Line():
            return line.charge.charged_on, 0, line.charge.id
        case Receipt():
            return line.received_on, 1, line.id
        case Refund():
            return line.refunded_on, 2, line.id


def keep_books(  # noqa: PLR0913  (one keyword for each kind of record)
    lines: tuple[Line, ...],
    *,
    month: Month,
    program: Program,
    partners: Partners,
    previous: Close | None,
    refunds: Iterable[Refund],
    receipts: Iterable[Receipt],
    payments: Iterable[Payment],
    disbursements: Iterable[Disbursement],
    entries: Iterable[Entry],
) -> Close:
    """Post a month's lines and records by their own day, and close it; raises `InvalidValue` for what cannot be posted."""
    ledger = _Ledger.begin(month, program, partners, previous)
    ledger.post(
        lines,
        ledger.accept(receipts, "receipt", lambda one: one.received_on),
        ledger.accept(refunds, "refund", lambda one: one.refunded_on),
    )
    return ledger.close(
        payments=ledger.accept(payments, "payment", lambda one: one.received_on),
        disbursements=ledger.accept(disbursements, "disbursement", lambda one: one.paid_on),
        entries=ledger.accept(entries, "entry", lambda one: one.on),
    )


@attrs.define(kw_only=True)
class _Ledger:
    """The month's books while they are written; thrown away when the month is closed."""

    month: Month
    program: Program
    partners: Partners
    lines: tuple[Line, ...] = ()
    positions: dict[str, Position]
    bonused: set[str]
    balances: Mapping[BalanceKey, Money]
    bill_balances: Mapping[BalanceKey, Money]
    late_payments: tuple[Payment, ...]
    unbilled: list[Line]
    unbilled_adjustments: list[Adjustment]
    seen: dict[str, frozenset[str]]
    shares: dict[BalanceKey, list[Earning]] = attrs.field(factory=lambda: defaultdict(list))
    bonuses: dict[BalanceKey, list[Earning]] = attrs.field(factory=lambda: defaultdict(list))
    clawbacks: dict[BalanceKey, list[Adjustment]] = attrs.field(factory=lambda: defaultdict(list))

    @classmethod
    def begin(cls, month: Month, program: Program, partners: Partners, previous: Close | None) -> "_Ledger":
        """Begin a month where the month before it ended."""
        before = _nothing_before(month) if previous is None else previous
        if before.month.next() != month:
            raise InvalidValue(f"the month before {month} is {month.previous()}, but the close to go on from is of {before.month}")
        return cls(
            month=month,
            program=program,
            partners=partners,
            positions=dict(before.positions),
            bonused=set(before.bonused),
            balances=before.balances,
            bill_balances=before.bill_balances,
            late_payments=before.late_payments,
            unbilled=list(before.unbilled),
            unbilled_adjustments=list(before.unbilled_adjustments),
            seen=dict(before.seen),
        )

    def accept(self, items: Iterable[Dated], what: str, on: Callable[[Dated], date]) -> list[Dated]:
        """Sort dated records by day and id, and refuse those of another month and those that were counted before."""
        found = sorted(items, key=lambda one: (on(one), one.id))
        here: set[str] = set()
        earlier = self.seen.get(what, frozenset())
        for item in found:
            check_month(f"the {what} {item.id}", on(item), self.month)
            if item.id in here or item.id in earlier:
                raise InvalidValue(f"the {what} {item.id} comes twice: give each an id of its own")
            here.add(item.id)
        self.seen[what] = earlier | here
        return found

    def post(self, lines: tuple[Line, ...], receipts: list[Receipt], refunds: list[Refund]) -> None:
        """Post everything by its own day, so that a refund never comes before the cash it gives back."""
        for line in lines:
            check_month(f"the charge {line.charge.id}", line.charge.charged_on, self.month)
            if line.charge.id in self.positions:
                raise InvalidValue(f"the charge {line.charge.id} was closed in an earlier month: a charge is closed once")
        if lines:
            only_once((*(position.line for position in self.positions.values()), *lines))
        self.lines = lines
        facts: list[Line | Receipt | Refund] = [*lines, *receipts, *refunds]
        for fact in sorted(facts, key=posted_in_order):
            match fact:
                case Line():
                    self._post_line(fact)
                case Receipt():
                    self._post_receipt(fact)
                case Refund():
                    self._post_refund(fact)

    def _post_line(self, line: Line) -> None:
        self.positions[line.charge.id] = Position.of(line)
        if line.payer is not None:
            self.unbilled.append(line)
        if _earns(line) and (line.payer is not None or terms_of(self.program, line).share.recognized is Recognition.ON_BILLING):
            self._recognize(line, line.share, line.charge.charged_on)

    def _post_receipt(self, receipt: Receipt) -> None:
        before = self._position(receipt.charge, f"the receipt {receipt.id}", receipt.received_on)
        line = before.line
        after = before.received_by(receipt)
        self.positions[line.charge.id] = after
        if not _earns(line):
            return
        terms = terms_of(self.program, line)
        if terms.share.recognized is Recognition.ON_CASH:
            self._recognize(line, share_between(line, before.received, after.received, terms), receipt.received_on)

    def _post_refund(self, refund: Refund) -> None:
        before = self._position(refund.charge, f"the refund {refund.id}", refund.refunded_on)
        line = before.line
        terms = terms_of(self.program, line)
        adjustment = reverse(line, refund, before=before.refunded, terms=terms)
        self.positions[line.charge.id] = before.refunded_by(refund, terms=terms)
        if line.payer is not None:
            self.unbilled_adjustments.append(adjustment)
        if adjustment.share.minor:
            self.clawbacks[_earner_key(line)].append(adjustment)

    def close(self, *, payments: list[Payment], disbursements: list[Disbursement], entries: list[Entry]) -> Close:
        """Make the bills and the statements of what was posted, and what the next month starts from."""
        records: list[Payment | Disbursement | Entry] = [*payments, *disbursements, *entries]
        for record in records:
            if record.partner not in self.partners:
                raise InvalidValue(f"{record.id} is of {shown(record.partner)}, which is no partner: add the partner first")
        waiting = (*self.late_payments, *payments)
        bills = self._bills(waiting)
        statements = self._statements(disbursements, entries)
        billed = {line.charge.id for bill in bills for line in bill.lines}
        adjusted = {adjustment for bill in bills for adjustment in bill.adjustments}
        counted = {payment for bill in bills for payment in bill.payments}
        return Close(
            month=self.month,
            lines=self.lines,
            bills=bills,
            statements=statements,
            positions=self.positions,
            balances={(one.partner, one.currency.code): one.closing for one in statements},
            bill_balances={(one.partner, one.currency.code): one.carried_forward for one in bills},
            unbilled=tuple(line for line in self.unbilled if line.charge.id not in billed),
            unbilled_adjustments=tuple(one for one in self.unbilled_adjustments if one not in adjusted),
            late_payments=tuple(payment for payment in waiting if payment not in counted),
            bonused=frozenset(self.bonused),
            seen=self.seen,
        )

    def _recognize(self, line: Line, share: Money, day: date) -> None:
        """Post what became due of a line on a day: its share, and the bonus it bears if the account has earned none yet."""
        key = _earner_key(line)
        if share.minor:
            self.shares[key].append(Earning(line=line, amount=share, earned_on=day))
        if line.bonus is not None and line.charge.account not in self.bonused:
            self.bonused.add(line.charge.account)
            self.bonuses[key].append(Earning(line=line, amount=line.bonus, earned_on=day))

    def _bills(self, payments: tuple[Payment, ...]) -> tuple[SingleBill, ...]:
        lines, adjustments = _grouped(self.unbilled, _payer_key), _grouped(self.unbilled_adjustments, lambda one: _payer_key(one.line))
        paid = _grouped(payments, _paid_key)
        keys = lines.keys() | adjustments.keys() | paid.keys() | self.bill_balances.keys()
        bills = (self._bill(key, lines.get(key, []), adjustments.get(key, []), paid.get(key, [])) for key in sorted(keys))
        numbers = count(1)
        return tuple(bill.finalized(f"SB-{self.month}-{next(numbers):0>4}") for bill in bills if not _is_empty(bill))

    def _bill(self, key: BalanceKey, lines: list[Line], adjustments: list[Adjustment], payments: list[Payment]) -> SingleBill:
        partner, currency = key[0], Currency(key[1])
        billed_on = bill_day(self.partners, partner, self.month)
        days = {*map(day_of, lines), *map(day_of, adjustments)}
        cut_off = self._single_bill_terms(partner, billed_on).cut_off if billed_on in days else CutOff.ON_OR_BEFORE
        bill = SingleBill(
            partner=partner,
            month=self.month,
            currency=currency,
            billed_on=billed_on,
            lines=collect(lines, billed_on, cut_off),
            adjustments=collect(adjustments, billed_on, cut_off),
            brought_forward=self.bill_balances.get(key, Money.zero(currency)),
            payments=tuple(payment for payment in payments if payment.received_on <= billed_on),
        )
        return bill if bill.due.minor >= 0 else bill.settled(self._single_bill_terms(partner, billed_on).negative)

    def _single_bill_terms(self, partner: str, day: date) -> SingleBillTerms:
        return self.program.terms_for(partner, day).single_bill

    def _statements(self, disbursements: list[Disbursement], entries: list[Entry]) -> tuple[Statement, ...]:
        paid, entered = _grouped(disbursements, _paid_key), _grouped(entries, _paid_key)
        keys = self.shares.keys() | self.bonuses.keys() | self.clawbacks.keys() | paid.keys() | entered.keys() | self.balances.keys()
        statements = (self._statement(key, paid.get(key, []), entered.get(key, [])) for key in sorted(keys))
        return tuple(one for one in statements if not _is_silent(one))

    def _statement(self, key: BalanceKey, disbursements: list[Disbursement], entries: list[Entry]) -> Statement:
        partner, currency = key[0], Currency(key[1])
        return Statement(
            partner=partner,
            month=self.month,
            currency=currency,
            opening=self.balances.get(key, Money.zero(currency)),
            shares=tuple(self.shares.get(key, ())),
            bonuses=tuple(self.bonuses.get(key, ())),
            adjustments=tuple(self.clawbacks.get(key, ())),
            entries=tuple(entries),
            disbursements=tuple(disbursements),
        )

    def _position(self, charge_id: str, what: str, day: date) -> Position:
        try:
            return self.positions[charge_id]
        except KeyError:
            raise InvalidValue(
                f"{what} names the charge {shown(charge_id)}, which was not charged by {day}: close the month of the charge first"
            ) from None


def only_once(lines: tuple[Line, ...]) -> dict[str, Line]:
    """Index lines by charge id, one for each; two different ones under one id or identity, or for the same days, are refused."""
    by_id: dict[str, Line] = {}
    by_identity: dict[ChargeIdentity, str] = {}
    for line in lines:
        charge = line.charge
        if by_id.setdefault(charge.id, line) != line:
            raise InvalidValue(f"two different lines have the charge id {charge.id}: give each charge an id of its own, and close it once")
        other = by_identity.setdefault(charge.identity, charge.id)
        if other != charge.id:
            raise InvalidValue(
                f"the charges {min(other, charge.id)} and {max(other, charge.id)} are for the same thing and period: bill it once"
            )
    for one, after in overlapping(line.charge for line in by_id.values()):
        raise InvalidValue(
            f"the charges {one.id} for {one.period} and {after.id} for {after.period} both bill {one.account} for {shown(one.item)}: "
            "start one where the other ends"
        )
    return by_id


def check_month(what: str, day: date, month: Month) -> None:
    """Refuse a day of another month."""
    if day not in month.period:
        raise InvalidValue(f"{what} is of {day}, not of {month}")


def _grouped(items: Iterable[T], key_of: Callable[[T], BalanceKey]) -> dict[BalanceKey, list[T]]:
    groups: dict[BalanceKey, list[T]] = defaultdict(list)
    for item in items:
        groups[key_of(item)].append(item)
    return groups


def _earner_key(line: Line) -> BalanceKey:
    return line.earner or "", line.gross.currency.code


def _payer_key(line: Line) -> BalanceKey:
    return line.payer or "", line.gross.currency.code


def _paid_key(record: Payment | Disbursement | Entry) -> BalanceKey:
    return record.partner, record.amount.currency.code


def _is_empty(bill: SingleBill) -> bool:
    return not (bill.lines or bill.adjustments or bill.payments or bill.brought_forward.minor)


def _is_silent(statement: Statement) -> bool:
    """Tell whether nothing happened for a partner and nothing is open."""
    told = (statement.shares, statement.bonuses, statement.adjustments, statement.entries, statement.disbursements)
    return statement.opening.minor == 0 and not any(told)


def _earns(line: Line) -> bool:
    return line.share.minor != 0 or line.bonus is not None


def _nothing_before(month: Month) -> Close:
    """Give what the first month of all starts from."""
    return Close(
        month=month.previous(),
        lines=(),
        bills=(),
        statements=(),
        positions={},
        balances={},
        bill_balances={},
        unbilled=(),
        unbilled_adjustments=(),
        late_payments=(),
        bonused=frozenset(),
        seen={},
    )


def bill_day(partners: Partners, partner: str, month: Month) -> date:
    """Give the day of a partner's one bill of a month (I-12): by the setup at the month's end, clamped (Q-54).

    Where the setup has ended by then, it is the last day, so that nothing charged before the end is left unbilled.

    >>> from partnerkit.partners import Partner
    >>> str(bill_day(Partners((Partner.of("p-1", "brightside", bill_day=31),)), "p-1", Month.parse("2025-09")))
    '2025-09-30'
    """
    last = month.period.last_day
    setup = partners[partner].single_bill_on(last)
    return last if setup is None else month.clamped(setup.bill_day)
