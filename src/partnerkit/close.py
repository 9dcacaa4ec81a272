"""The month close: partial closes that merge in any order, then a finish that carries the balances on.

Floor 8. May import: errors, periods, vocabulary, partners, program, relationships, billing, bills, statements, ledger, attrs and the
standard library.

A partial close is a commutative monoid: charges may come in any order, in any chunks, from any number of machines.
A closed month never changes; what comes later makes adjustments in the open month that name the old line.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar, final

import attrs

from partnerkit.billing import Charge, Line, Receipt, Refund, line_for
from partnerkit.bills import Payment
from partnerkit.errors import InvalidValue, shown
from partnerkit.ledger import Close, Position, check_month, keep_books, only_once, posted_in_order, terms_of
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.statements import Disbursement, Entry
from partnerkit.vocabulary import check_all

__all__ = [
    "Close",
    "PartialClose",
    "Position",
    "close_month",
    "finish",
    "partial_close",
    "posted_in_order",
    "terms_of",
]


@final
@attrs.frozen(kw_only=True)
class PartialClose:
    """The lines of some of a month's charges, in the order of their charge ids.

    `merge` is commutative and associative, and `PartialClose.empty` changes nothing: a commutative monoid. A charge that two
    parts both hold is one charge; two different ones under one id, two ids for one identity, and two that bill
    the same days of a plan raise `InvalidValue`.

    >>> PartialClose.empty.merge(PartialClose()) == PartialClose.empty
    True
    """

    lines: tuple[Line, ...] = ()
    empty: ClassVar["PartialClose"]

    def __attrs_post_init__(self) -> None:
        check_all("the lines of a partial close", self.lines, Line)
        by_id = only_once(self.lines)
        object.__setattr__(self, "lines", tuple(by_id[key] for key in sorted(by_id)))

    def merge(self, other: "PartialClose") -> "PartialClose":
        """Give the partial close of both parts; a charge that the two hold differently raises `InvalidValue`.

        >>> PartialClose.empty.merge(PartialClose.empty).lines
        ()
        """
        return PartialClose(lines=(*self.lines, *other.lines))


def partial_close(
    charges: Iterable[Charge], relationships: Mapping[str, ClientRelationship], program: Program, month: Month
) -> PartialClose:
    """Make the lines of some of a month's charges, which come in any order; `relationships` are by account id.

    Each line is made by the standing and the terms of its charge's own day, the contract being that of the partner that pays, else
    of the credited one. A charge of another month, of an account without a relationship, or one that `line_for` refuses raises
    what is wrong: `InvalidValue`, `CurrencyMismatch`, `TermMissing` or `NoTermsInForce`.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> partial_close([], {}, program, Month.parse("2025-08")) == PartialClose.empty
    True
    """
    return PartialClose(lines=tuple(_line(charge, relationships, program, month) for charge in charges))


def finish(  # noqa: PLR0913  (one keyword for each kind of record)
    partial: PartialClose,
    *,
    month: Month,
    program: Program,
    partners: Partners,
    previous: Close | None = None,
    refunds: Iterable[Refund] = (),
    receipts: Iterable[Receipt] = (),
    payments: Iterable[Payment] = (),
    disbursements: Iterable[Disbursement] = (),
    entries: Iterable[Entry] = (),
) -> Close:
    """Close a month from its lines, the month before it, and what was received, refunded and paid out in it.

    Everything is posted by its own day (charges, then receipts, then refunds of one day), so neither the order it is given in nor
    where months end changes what it comes to. A refund of an older line adjusts this month. Raises `InvalidValue` for
    what belongs to another month, comes twice, names an unknown charge or partner, or is more than is left of its charge.

    >>> from datetime import date
    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.money import Money
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> partners = Partners((Partner.of("p-1", "brightside"),))
    >>> paid = Disbursement(id="d-1", partner="p-1", amount=Money.of("5", "USD"), paid_on=date(2025, 8, 15))
    >>> august = Month.parse("2025-08")
    >>> close = finish(PartialClose.empty, month=august, program=program, partners=partners, disbursements=[paid])
    >>> str(close.balances["p-1", "USD"])
    '-5.00 USD'
    """
    return keep_books(
        partial.lines,
        month=month,
        program=program,
        partners=partners,
        previous=previous,
        refunds=refunds,
        receipts=receipts,
        payments=payments,
        disbursements=disbursements,
        entries=entries,
    )


def close_month(  # noqa: PLR0913  (one keyword for each kind of record)
    charges: Iterable[Charge],
    relationships: Mapping[str, ClientRelationship],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    previous: Close | None = None,
    refunds: Iterable[Refund] = (),
    receipts: Iterable[Receipt] = (),
    payments: Iterable[Payment] = (),
    disbursements: Iterable[Disbursement] = (),
    entries: Iterable[Entry] = (),
) -> Close:
    """Close a month in one go: `partial_close`, then `finish`; raises what these raise.

    >>> from datetime import UTC, date, datetime
    >>> from partnerkit.billing import ChargeReason
    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.money import Currency, Money, Rate, Rounding
    >>> from partnerkit.partners import Account, AccountStatus, Partner
    >>> from partnerkit.periods import Period
    >>> from partnerkit.terms import NOT_AGREED, BonusTerms, ChargeKind, Recognition, ShareTerms, Terms, TermsHistory
    >>> share = ShareTerms(rate=Rate.percent("15"), scope=frozenset({ChargeKind.SUBSCRIPTION}),
    ...     rounding=Rounding.HALF_AWAY, recognized=Recognition.ON_BILLING)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", share=share, bonus=BonusTerms(amount=NOT_AGREED))
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory((terms,)))
    >>> partner = Partner.of("p-1", "brightside")
    >>> partners = Partners((partner,))
    >>> account = Account(id="a-1", client="k-1", currency=Currency("USD"), opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> life = ClientRelationship.referred(
    ...     account, partner, on=date(2025, 1, 8), program=program, partners=partners, status=AccountStatus.OPEN)
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> close = close_month([charge], {"a-1": life}, program, Month.parse("2025-08"), partners=partners)
    >>> str(close.statements[0].closing)
    '15.00 USD'
    """
    return finish(
        partial_close(charges, relationships, program, month),
        month=month,
        program=program,
        partners=partners,
        previous=previous,
        refunds=refunds,
        receipts=receipts,
        payments=payments,
        disbursements=disbursements,
        entries=entries,
    )


def _line(charge: Charge, relationships: Mapping[str, ClientRelationship], program: Program, month: Month) -> Line:
    check_month(f"the charge {charge.id}", charge.charged_on, month)
    relationship = relationships.get(charge.account)
    if relationship is None:
        raise InvalidValue(
            f"the charge {charge.id} is of the account {shown(charge.account)}, which has no relationship: give its first event"
        )
    standing = relationship.standing_on(charge.charged_on)
    partner = standing.payer or standing.credited_to
    if standing.payer is not None and standing.payer.single_bill_on(charge.charged_on) is None:
        raise InvalidValue(
            f"the charge {charge.id} is on the Single Bill of {standing.payer.id}, which has none on {charge.charged_on}: "
            f"let {charge.account} leave it on the day it ended"
        )
    return line_for(charge, standing, program.terms_for(None if partner is None else partner.id, charge.charged_on))


PartialClose.empty = PartialClose()
