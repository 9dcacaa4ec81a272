"""What of a statement's balance is paid out, by the minimum and the schedule of the contract (M-22, Q-77).

Floor 7, above statements. May import: enums, errors, money, vocabulary, terms, statements, attrs and the standard library.

Nothing is paid here and no statement changes: what is paid out is a `Disbursement`, recorded on the day it was made.
"""

from typing import Final, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue
from partnerkit.money import Money
from partnerkit.statements import Statement
from partnerkit.terms import NOT_AGREED, Negative, PayoutSchedule, Terms, amount_in
from partnerkit.vocabulary import check_is

_QUARTER: Final = 3


@final
class PayoutReason(Named):
    """Why a balance is paid out, kept, or paid back.

    >>> PayoutReason("below_minimum")
    PayoutReason.BELOW_MINIMUM
    """

    PAYABLE = "payable"
    NOTHING_OWED = "nothing_owed"
    BELOW_MINIMUM = "below_minimum"
    NOT_YET = "not_yet"
    """The quarter has not ended."""
    ON_REQUEST = "on_request"
    """The partner has not asked for it."""
    CARRIED_FORWARD = "carried_forward"
    """Below zero, and the next statement begins with it."""
    PAID_BACK = "paid_back"
    """Below zero, and the partner pays it."""


@final
@attrs.frozen(kw_only=True)
class Payout:
    """What the vendor pays out on a statement; below zero the partner pays it back, and what is kept is zero.

    An amount that does not fit its reason is refused with `InvalidValue`.

    >>> str(Payout(amount=Money.of("179.95", "USD"), reason=PayoutReason.PAYABLE).amount)
    '179.95 USD'
    """

    amount: Money
    reason: PayoutReason

    def __attrs_post_init__(self) -> None:
        check_is("the amount of a payout", self.amount, Money)
        check_is("the reason of a payout", self.reason, PayoutReason)
        wanted = {PayoutReason.PAYABLE: 1, PayoutReason.PAID_BACK: -1}.get(self.reason, 0)
        if (self.amount.minor > 0) - (self.amount.minor < 0) != wanted:
            raise InvalidValue(f"a payout of {self.amount} is said to be {self.reason.value!r}: correct one of the two")


def payout(statement: Statement, *, terms: Terms, requested: bool = False) -> Payout:
    """Tell what of a statement's closing balance is paid out by the terms of its last day.

    A balance of at least ``payout.minimum`` is paid by ``payout.schedule``: at the end of every month, of every quarter of the calendar
    year, or where it is `requested`. One below zero is carried forward or paid back by ``payout.negative``. A term that is needed and not
    stated raises `TermMissing`, as does a minimum in no amount of the statement's currency.

    >>> from partnerkit.money import Currency
    >>> from partnerkit.periods import Month
    >>> from partnerkit.terms import PayoutTerms
    >>> from datetime import date
    >>> minimum = (Money.of("25", "USD"),)
    >>> terms = Terms(
    ...     starts_on=date(2025, 1, 1), source="example", payout=PayoutTerms(minimum=minimum, schedule=PayoutSchedule.QUARTERLY))
    >>> for month in ("2025-08", "2025-09"):
    ...     statement = Statement(partner="p-1", month=Month.parse(month), currency=Currency("USD"), opening=Money.of("25", "USD"))
    ...     print(payout(statement, terms=terms).reason.value)
    not_yet
    payable
    """
    check_is("the statement", statement, Statement)
    check_is("whether a payout is requested", requested, bool)
    reason = _reason(statement, terms, requested=requested)
    moved = reason in {PayoutReason.PAYABLE, PayoutReason.PAID_BACK}
    return Payout(amount=statement.closing if moved else Money.zero(statement.currency), reason=reason)


def _reason(statement: Statement, terms: Terms, *, requested: bool) -> PayoutReason:
    owed = statement.closing.minor
    if owed == 0:
        return PayoutReason.NOTHING_OWED
    if owed < 0:
        return PayoutReason.PAID_BACK if terms.payout.negative is Negative.REFUND else PayoutReason.CARRIED_FORWARD
    minimum = terms.payout.minimum
    if minimum is not NOT_AGREED and statement.closing < amount_in(minimum, statement.currency, "payout.minimum"):
        return PayoutReason.BELOW_MINIMUM
    match terms.payout.schedule:
        case PayoutSchedule.MONTHLY:
            return PayoutReason.PAYABLE
        case PayoutSchedule.QUARTERLY:
            return PayoutReason.NOT_YET if statement.month.period.start.month % _QUARTER else PayoutReason.PAYABLE
        case PayoutSchedule.ON_REQUEST:
            return PayoutReason.PAYABLE if requested else PayoutReason.ON_REQUEST
