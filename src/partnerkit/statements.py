"""The partner's monthly statement: what it earned, what was taken back, what was paid out, and what is still owed.

Floor 7. May import: enums, errors, money, periods, vocabulary, billing, attrs and the standard library.

The parts are those of the vendor's own Financial Benefit Report (45175): revenue share, incentives, adjustments,
disbursements; opening + share + bonus + incentives + adjustments - disbursements = closing, per currency (M-23).
"""

from collections import defaultdict
from datetime import date
from typing import final

import attrs

from partnerkit.billing import Adjustment, Line, check_positive
from partnerkit.enums import Named
from partnerkit.errors import CurrencyMismatch, InvalidValue
from partnerkit.money import Currency, Money, total
from partnerkit.periods import Month
from partnerkit.vocabulary import check_all, check_day, check_id, check_is, check_line, check_once


@final
class EntryKind(Named):
    """What an entry of the vendor is: a monthly incentive (M-20), or another adjustment (M-21).

    >>> EntryKind("incentive")
    EntryKind.INCENTIVE
    """

    INCENTIVE = "incentive"
    ADJUSTMENT = "adjustment"


@final
@attrs.frozen(kw_only=True)
class Entry:
    """An amount the vendor enters for a partner by its own decision, with a note that says what it is for (45175).

    An adjustment may be below zero; an incentive that is not above zero, and an empty note, are refused with `InvalidValue`.

    >>> entry = Entry(
    ...     id="e-1", partner="p-1", kind=EntryKind.ADJUSTMENT, amount=Money.of("-5", "USD"), on=date(2025, 8, 20), note="bank fee")
    >>> str(entry.amount)
    '-5.00 USD'
    """

    id: str
    partner: str
    kind: EntryKind
    amount: Money
    on: date
    note: str

    def __attrs_post_init__(self) -> None:
        check_id("entry", self.id)
        check_id("partner", self.partner)
        check_is(f"the kind of the entry {self.id}", self.kind, EntryKind)
        check_is(f"the amount of the entry {self.id}", self.amount, Money)
        check_day(f"the day of the entry {self.id}", self.on)
        check_line(f"the note of the entry {self.id}", self.note)
        if self.kind is EntryKind.INCENTIVE:
            check_positive(f"the incentive {self.id}", self.amount)
        if not self.note.strip():
            raise InvalidValue(f"the entry {self.id} has no note: say in a few words what it is for")


@final
@attrs.frozen(kw_only=True)
class Disbursement:
    """Earnings paid out to a partner (M-22).

    An amount that is not above zero is refused with `InvalidValue`.

    >>> str(Disbursement(id="d-1", partner="p-1", amount=Money.of("120", "USD"), paid_on=date(2025, 8, 15)).amount)
    '120.00 USD'
    """

    id: str
    partner: str
    amount: Money
    paid_on: date

    def __attrs_post_init__(self) -> None:
        check_id("disbursement", self.id)
        check_id("partner", self.partner)
        check_positive(f"the disbursement {self.id}", self.amount)
        check_day(f"the day of the disbursement {self.id}", self.paid_on)


@final
@attrs.frozen(kw_only=True)
class Earning:
    """The part of a line's revenue share, or its New Account Bonus, that became due on a day (M-11, M-18).

    An amount below zero, or a day before the charge, is refused with `InvalidValue`; another currency than the line's with
    `CurrencyMismatch`.

    >>> from partnerkit.billing import Charge, ChargeReason, RevenueShare
    >>> from partnerkit.partners import BillingMode, Management, Origin
    >>> from partnerkit.periods import Period
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> from partnerkit.terms import ChargeKind
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.REFERRED, billing_mode=BillingMode.DIRECT, origin=Origin.LINK))
    >>> line = Line(charge=charge, earner="p-1", reward=RevenueShare(Money.of("15", "USD")), rulings=(ruling,), terms="example")
    >>> str(Earning(line=line, amount=Money.of("6", "USD"), earned_on=date(2025, 8, 9)).amount)
    '6.00 USD'
    """

    line: Line
    amount: Money
    earned_on: date

    def __attrs_post_init__(self) -> None:
        check_is("the line of an earning", self.line, Line)
        charge = self.line.charge
        check_is(f"the earning of {charge.id}", self.amount, Money)
        check_day(f"the day of the earning of {charge.id}", self.earned_on)
        if self.amount < self.line.zero:
            raise InvalidValue(f"the earning of {charge.id} is {self.amount}: wanted zero or more, what is taken back is an adjustment")
        if self.earned_on < charge.charged_on:
            raise InvalidValue(f"the earning of {charge.id} is of {self.earned_on}, before it was charged on {charge.charged_on}")


@final
@attrs.frozen(kw_only=True)
class Statement:
    """What a partner earned in one month and currency, from the opening balance to the closing one (45175, M-23).

    A closing balance below zero is the next opening one: where the contract has the partner pay it back, the payment is an
    entry. What belongs to another partner or month, stands there twice, or is more than its line bears, raises
    `InvalidValue`; an amount in another currency `CurrencyMismatch`.

    >>> entry = Entry(
    ...     id="e-1", partner="p-1", kind=EntryKind.INCENTIVE, amount=Money.of("50", "USD"), on=date(2025, 8, 20), note="ten trials")
    >>> paid = Disbursement(id="d-1", partner="p-1", amount=Money.of("120", "USD"), paid_on=date(2025, 8, 15))
    >>> statement = Statement(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"),
    ...     opening=Money.of("125", "USD"), entries=(entry,), disbursements=(paid,))
    >>> str(statement.earned), str(statement.closing)
    ('50.00 USD', '55.00 USD')
    """

    partner: str
    month: Month
    currency: Currency
    opening: Money
    shares: tuple[Earning, ...] = ()
    bonuses: tuple[Earning, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    entries: tuple[Entry, ...] = ()
    disbursements: tuple[Disbursement, ...] = ()

    def __attrs_post_init__(self) -> None:
        check_id("partner", self.partner)
        self._check_types()
        self._check_currency("the opening balance", self.opening)
        self._check_shares()
        for bonus in self.bonuses:
            self._check(f"the bonus of {bonus.line.charge.id}", bonus.line.earner, bonus.amount, bonus.earned_on)
            if bonus.amount != bonus.line.bonus:
                raise InvalidValue(f"the bonus of {bonus.line.charge.id} is {bonus.amount}: the line bears {bonus.line.bonus}")
        for one in self.adjustments:
            self._check(f"the adjustment of {one.line.charge.id}", one.line.earner, one.share, one.refund.refunded_on)
        for entry in self.entries:
            self._check(f"the entry {entry.id}", entry.partner, entry.amount, entry.on)
        for paid in self.disbursements:
            self._check(f"the disbursement {paid.id}", paid.partner, paid.amount, paid.paid_on)
        here = f"the statement of {self.partner}"
        check_once(here, "bonus of the account", (bonus.line.charge.account for bonus in self.bonuses))
        check_once(here, "refund", (one.refund.id for one in self.adjustments))
        check_once(here, "entry", (entry.id for entry in self.entries))
        check_once(here, "disbursement", (paid.id for paid in self.disbursements))

    def _check_types(self) -> None:
        here = f"the statement of {self.partner}"
        check_is(f"the month of {here}", self.month, Month)
        check_is(f"the currency of {here}", self.currency, Currency)
        check_is("the opening balance", self.opening, Money)
        check_all(f"the shares of {here}", self.shares, Earning)
        check_all(f"the bonuses of {here}", self.bonuses, Earning)
        check_all(f"the adjustments of {here}", self.adjustments, Adjustment)
        check_all(f"the entries of {here}", self.entries, Entry)
        check_all(f"the disbursements of {here}", self.disbursements, Disbursement)

    def _check_shares(self) -> None:
        """Refuse more of a line's share than the line bears, whatever parts it comes in."""
        sums: dict[str, list[Money]] = defaultdict(list)
        for share in self.shares:
            charge_id = share.line.charge.id
            self._check(f"the share of {charge_id}", share.line.earner, share.amount, share.earned_on)
            sums[charge_id].append(share.amount)
            earned = total(sums[charge_id], self.currency)
            if earned > share.line.share:
                raise InvalidValue(f"the share of {charge_id} is {earned}: the line bears {share.line.share}")

    def _check(self, what: str, partner: str | None, amount: Money, day: date) -> None:
        if partner != self.partner:
            raise InvalidValue(f"{what} belongs to {partner or 'nobody'}, not on the statement of {self.partner}")
        if day not in self.month.period:
            raise InvalidValue(f"{what} is of {day}, not of {self.month}: it belongs on the statement of its own month")
        self._check_currency(what, amount)

    def _check_currency(self, what: str, amount: Money) -> None:
        if amount.currency != self.currency:
            raise CurrencyMismatch(f"{what} is {amount}, so it cannot stand on the {self.currency.code} statement of {self.partner}")

    @property
    def share(self) -> Money:
        """The revenue share earned."""
        return total((one.amount for one in self.shares), self.currency)

    @property
    def bonus(self) -> Money:
        """The New Account Bonuses earned."""
        return total((one.amount for one in self.bonuses), self.currency)

    @property
    def incentives(self) -> Money:
        """The incentives the vendor entered."""
        return total((one.amount for one in self.entries if one.kind is EntryKind.INCENTIVE), self.currency)

    @property
    def adjusted(self) -> Money:
        """What refunds took back and other adjustments changed."""
        others = total((one.amount for one in self.entries if one.kind is EntryKind.ADJUSTMENT), self.currency)
        return total((one.share for one in self.adjustments), self.currency) + others

    @property
    def disbursed(self) -> Money:
        """What was paid out."""
        return total((one.amount for one in self.disbursements), self.currency)

    @property
    def earned(self) -> Money:
        """All that was earned in the month, before adjustments."""
        return self.share + self.bonus + self.incentives

    @property
    def closing(self) -> Money:
        """What the vendor owes the partner at the end of the month; below zero it is carried forward."""
        return self.opening + self.earned + self.adjusted - self.disbursed

    def balance_on(self, day: date) -> Money:
        """Give what the vendor owes the partner at the end of a day of the month; below zero the partner owes it (the liability view).

        A day outside the month raises `InvalidValue`.

        >>> paid = Disbursement(id="d-1", partner="p-1", amount=Money.of("120", "USD"), paid_on=date(2025, 8, 15))
        >>> statement = Statement(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"),
        ...     opening=Money.of("125", "USD"), disbursements=(paid,))
        >>> str(statement.balance_on(date(2025, 8, 14))), str(statement.balance_on(date(2025, 8, 15)))
        ('125.00 USD', '5.00 USD')
        """
        check_day("the day of a balance", day)
        if day not in self.month.period:
            raise InvalidValue(f"the statement is of {self.month}, not of {day}: ask that of its own month")
        gained = (
            *((one.earned_on, one.amount) for one in (*self.shares, *self.bonuses)),
            *((one.refund.refunded_on, one.share) for one in self.adjustments),
            *((one.on, one.amount) for one in self.entries),
            *((one.paid_on, -one.amount) for one in self.disbursements),
        )
        return self.opening + total((amount for on, amount in gained if on <= day), self.currency)
