"""Records as rows: plain tuples of texts, whole minor units and days, for months with more charges than anybody makes objects of.

Floor 6, above charges. May import: charges and the standard library.

A row has been checked where it was read, and is only what the sums of a month need. Of a charge: its id, account, kind, item and reason,
the first day and the day after the last of its period, its amount in minor units and the code of its currency, the day it was charged
on, and whether it has a discount for prepayment. Of cash: its id, the id of its charge, its amount in minor units, the code of its
currency and its day. Of a payment, a disbursement or an entry: its id, partner, amount, currency and day, and the kind of an entry.
"""

from datetime import date

from partnerkit.charges import Charge, Receipt, Refund

ChargeRow = tuple[str, str, str, str, str, date, date, int, str, date, bool]
"""id, account, kind, item, reason, starts on, ends before, minor units, currency, charged on, is prepaid."""

CashRow = tuple[str, str, int, str, date]
"""id, charge, minor units, currency, day: a receipt or a refund."""

PartnerRow = tuple[str, str, int, str, date, str]
"""id, partner, minor units, currency, day, and of an entry its kind, else an empty text."""


def charge_row(charge: Charge) -> ChargeRow:
    """Give a charge as a row.

    >>> from partnerkit.charges import ChargeReason
    >>> from partnerkit.money import Money
    >>> from partnerkit.periods import Period
    >>> from partnerkit.terms import ChargeKind
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> charge_row(charge)[7:9]
    (10000, 'USD')
    """
    return (
        charge.id,
        charge.account,
        charge.kind.value,
        charge.item,
        charge.reason.value,
        charge.period.start,
        charge.period.end,
        charge.amount.minor,
        charge.amount.currency.code,
        charge.charged_on,
        charge.prepaid is not None,
    )


def cash_row(record: Receipt | Refund) -> CashRow:
    """Give a receipt or a refund as a row.

    >>> from partnerkit.money import Money
    >>> cash_row(Receipt(id="r-1", charge="c-1", amount=Money.of("40", "USD"), received_on=date(2025, 8, 9)))[:4]
    ('r-1', 'c-1', 4000, 'USD')
    """
    day = record.received_on if isinstance(record, Receipt) else record.refunded_on
    return record.id, record.charge, record.amount.minor, record.amount.currency.code, day
