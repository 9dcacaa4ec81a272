"""The Single Bill: a partner's one payment each month for the accounts it has put on it (S-31).

Floor 7. May import: errors, money, periods, vocabulary, terms, billing, attrs and the standard library.

A bill is a pure function of the lines that no bill has collected yet: nothing is ever added to a draft, so the bill
is the same however often and in whatever order it is made.
"""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar, final

import attrs

from partnerkit.billing import Adjustment, Line, check_positive
from partnerkit.errors import CurrencyMismatch, InvalidValue, TermMissing
from partnerkit.money import Currency, Money, total
from partnerkit.periods import Month
from partnerkit.terms import CutOff, Negative
from partnerkit.vocabulary import check_all, check_day, check_id, check_is, check_once

Item = TypeVar("Item", Line, Adjustment)


@final
@attrs.frozen(kw_only=True)
class Payment:
    """A partner's payment of its Single Bill (S-31).

    An amount that is not above zero is refused with `InvalidValue`.

    >>> str(Payment(id="pay-1", partner="p-1", amount=Money.of("85", "USD"), received_on=date(2025, 8, 12)).amount)
    '85.00 USD'
    """

    id: str
    partner: str
    amount: Money
    received_on: date

    def __attrs_post_init__(self) -> None:
        check_id("payment", self.id)
        check_id("partner", self.partner)
        check_positive(f"the payment {self.id}", self.amount)
        check_day(f"the day of the payment {self.id}", self.received_on)


@final
@attrs.frozen(kw_only=True)
class SingleBill:
    """What a partner pays the vendor in one month and currency (S-31, I-12).

    `brought_forward` is what was left of earlier bills: above zero past due, below zero a credit. `payments` are those
    since the last bill. `number` is given only when the month is closed. `negative` says what becomes of a bill below
    zero (Q-79): without it such a bill carries nothing forward and gets no number. The total is the sum of the lines and
    of the adjustments, by construction.

    A line that somebody else pays, a line, refund or payment twice, one of a day after `billed_on`, or a bill day outside
    the month raises `InvalidValue`; an amount in another currency `CurrencyMismatch`.

    >>> payment = Payment(id="pay-1", partner="p-1", amount=Money.of("90", "USD"), received_on=date(2025, 8, 3))
    >>> bill = SingleBill(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"), billed_on=date(2025, 8, 5),
    ...     lines=(), brought_forward=Money.of("85", "USD"), payments=(payment,), negative=Negative.CARRY_FORWARD)
    >>> str(bill.past_due), str(bill.total), str(bill.due), str(bill.carried_forward)
    ('-5.00 USD', '0.00 USD', '-5.00 USD', '-5.00 USD')
    """

    partner: str
    month: Month
    currency: Currency
    billed_on: date
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...] = ()
    brought_forward: Money
    payments: tuple[Payment, ...] = ()
    negative: Negative | None = None
    number: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("partner", self.partner)
        self._check_types()
        if self.billed_on not in self.month.period:
            raise InvalidValue(f"the Single Bill of {self.partner} is billed on {self.billed_on}: wanted a day of {self.month}")
        self._check_currency("the amount brought forward", self.brought_forward)
        for line in self.lines:
            self._check_line(line)
            self._check_day(line.charge.id, line.charge.charged_on)
        for adjustment in self.adjustments:
            self._check_line(adjustment.line)
            self._check_day(f"the refund {adjustment.refund.id}", adjustment.refund.refunded_on)
        for payment in self.payments:
            self._check_payer(f"the payment {payment.id}", payment.partner)
            self._check_currency(f"the payment {payment.id}", payment.amount)
            self._check_day(f"the payment {payment.id}", payment.received_on)
        here = f"the Single Bill of {self.partner}"
        check_once(here, "charge", (line.charge.id for line in self.lines))
        check_once(here, "refund", (one.refund.id for one in self.adjustments))
        check_once(here, "payment", (payment.id for payment in self.payments))
        self._check_number()

    def _check_types(self) -> None:
        here = f"the Single Bill of {self.partner}"
        check_is(f"the month of {here}", self.month, Month)
        check_is(f"the currency of {here}", self.currency, Currency)
        check_day(f"the day of {here}", self.billed_on)
        check_all(f"the lines of {here}", self.lines, Line)
        check_all(f"the adjustments of {here}", self.adjustments, Adjustment)
        check_is("the amount brought forward", self.brought_forward, Money)
        check_all(f"the payments of {here}", self.payments, Payment)
        if self.negative is not None:
            check_is(f"what becomes of {here} below zero", self.negative, Negative)

    def _check_number(self) -> None:
        if self.number is None:
            return
        check_id("bill", self.number)
        if self.due.minor < 0 and self.negative is None:
            raise InvalidValue(f"the bill {self.number} is {self.due}: say by `negative` what becomes of a bill below zero (Q-79)")

    def _check_line(self, line: Line) -> None:
        self._check_payer(line.charge.id, line.payer)
        self._check_currency(line.charge.id, line.gross)

    def _check_payer(self, what: str, payer: str | None) -> None:
        if payer != self.partner:
            raise InvalidValue(f"{what} is paid by {payer or 'the client'}, so it cannot stand on the Single Bill of {self.partner}")

    def _check_currency(self, what: str, amount: Money) -> None:
        if amount.currency != self.currency:
            raise CurrencyMismatch(f"{what} is in {amount.currency.code}, so it cannot stand on a {self.currency.code} bill")

    def _check_day(self, what: str, day: date) -> None:
        if day > self.billed_on:
            raise InvalidValue(f"{what} is of {day}, after the bill of {self.billed_on}: it waits for the next bill")

    @property
    def items(self) -> tuple[Line | Adjustment, ...]:
        """Everything the bill adds up."""
        return (*self.lines, *self.adjustments)

    @property
    def gross(self) -> Money:
        """The list prices of the lines, less what refunds took off them."""
        return total((item.gross for item in self.items), self.currency)

    @property
    def discount(self) -> Money:
        """The upfront discounts of the lines, less what refunds took off them (S-34)."""
        return total((item.discount for item in self.items), self.currency)

    @property
    def adjusted(self) -> Money:
        """What refunds give back, zero or below; it is a part of the total."""
        return total((adjustment.net for adjustment in self.adjustments), self.currency)

    @property
    def total(self) -> Money:
        """What this month adds: the sum of what the lines and adjustments come to (M-15)."""
        return total((item.net for item in self.items), self.currency)

    @property
    def paid(self) -> Money:
        """The payments since the last bill."""
        return total((payment.amount for payment in self.payments), self.currency)

    @property
    def past_due(self) -> Money:
        """What is left of earlier bills after the payments; below zero it is a credit. No account is canceled for it (K-06)."""
        return self.brought_forward - self.paid

    @property
    def due(self) -> Money:
        """What the partner has to pay now; below zero the vendor owes it, see `carried_forward`."""
        return self.past_due + self.total

    @property
    def carried_forward(self) -> Money:
        """What the next bill starts from: what is due, unless it is below zero and the terms have the vendor pay it back (Q-79).

        Below zero it needs `negative`: `TermMissing`.
        """
        due = self.due
        if due.minor >= 0:
            return due
        if self.negative is None:
            raise TermMissing("single_bill.negative")
        return Money.zero(self.currency) if self.negative is Negative.REFUND else due

    def settled(self, negative: Negative) -> "SingleBill":
        """Give the bill with what the terms make of an amount below zero (Q-79); a bill with a number raises `InvalidValue`.

        >>> bill = SingleBill(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"), billed_on=date(2025, 8, 5),
        ...     lines=(), brought_forward=Money.of("-5", "USD"))
        >>> str(bill.settled(Negative.REFUND).carried_forward)
        '0.00 USD'
        """
        return self._with(negative, None)

    def finalized(self, number: str) -> "SingleBill":
        """Give the bill with its number, for good: a bill that has a number already raises `InvalidValue`.

        >>> bill = SingleBill(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"), billed_on=date(2025, 8, 5),
        ...     lines=(), brought_forward=Money.of("85", "USD"))
        >>> bill.finalized("SB-2025-08-0001").number
        'SB-2025-08-0001'
        """
        return self._with(self.negative, number)

    def _with(self, negative: Negative | None, number: str | None) -> "SingleBill":
        if self.number is not None:
            raise InvalidValue(f"the bill {self.number} is final: what comes later stands on the next one")
        return SingleBill(
            partner=self.partner,
            month=self.month,
            currency=self.currency,
            billed_on=self.billed_on,
            lines=self.lines,
            adjustments=self.adjustments,
            brought_forward=self.brought_forward,
            payments=self.payments,
            negative=negative,
            number=number,
        )


def collect(items: Iterable[Item], billed_on: date, cut_off: CutOff) -> tuple[Item, ...]:
    """Give those lines or adjustments that the bill of a day collects, in order of their days; the rest waits (Q-53).

    >>> collect([], date(2025, 8, 5), CutOff.ON_OR_BEFORE)
    ()
    """
    last = billed_on if cut_off is CutOff.ON_OR_BEFORE else billed_on - date.resolution
    return tuple(item for item in sorted(items, key=_order) if day_of(item) <= last)


def day_of(item: Line | Adjustment) -> date:
    """Give the day by which a bill collects a line or an adjustment: that of the charge, or that of the refund (44215).

    >>> from partnerkit.billing import Charge, ChargeReason
    >>> from partnerkit.periods import Period
    >>> from partnerkit.terms import ChargeKind
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> str(day_of(Line(charge=charge, payer="p-1", rulings=(), terms="example")))
    '2025-08-08'
    """
    return item.charge.charged_on if isinstance(item, Line) else item.refund.refunded_on


def _order(item: Line | Adjustment) -> tuple[date, str, str]:
    charge = item.charge if isinstance(item, Line) else item.line.charge
    return day_of(item), charge.account, charge.id if isinstance(item, Line) else item.refund.id
