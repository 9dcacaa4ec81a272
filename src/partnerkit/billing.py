"""How a charge becomes a line, what gives part of it back, and what a partner makes of it for its own client.

Floor 6. May import: enums, errors, money, vocabulary, partners, terms, its neighbors on this floor (charges, purchases,
pricing, settlements, lines, taxes), attrs and the standard library.

A charge is never split: the state of its own day decides it whole (44215). A reward is rounded once, on its line, and every
later part of it (cash received, refunds) is cut from that rounded amount, so that the parts always add up to it.
"""

from typing import Final, final

import attrs

from partnerkit.charges import (
    Charge,
    ChargeIdentity,
    ChargeReason,
    CountOf,
    Pricing,
    Receipt,
    Refund,
    Usage,
    check_positive,
    overlapping,
)
from partnerkit.enums import Named
from partnerkit.errors import CurrencyMismatch, InvalidValue
from partnerkit.lines import Line, RevenueShare, UpfrontDiscount
from partnerkit.money import Money, Rate, Rounding
from partnerkit.partners import Standing
from partnerkit.pricing import add_on_renewals, overage, renewals, resumption, suspension_fee
from partnerkit.purchases import AddOn, Prepayment
from partnerkit.settlements import UNCHARGED, Settlement, bonus_of, part_between, settlement_of
from partnerkit.taxes import tax_charges
from partnerkit.terms import Clawback, Terms
from partnerkit.vocabulary import PrepaidTime, check_is

__all__ = [
    "AT_COST",
    "AddOn",
    "Adjustment",
    "AtCost",
    "Charge",
    "ChargeIdentity",
    "ChargeReason",
    "CountOf",
    "Line",
    "Markup",
    "PrepaidTime",
    "Prepayment",
    "Pricing",
    "Rebill",
    "Receipt",
    "Refund",
    "RevenueShare",
    "UpfrontDiscount",
    "Usage",
    "add_on_renewals",
    "check_positive",
    "check_terms",
    "line_for",
    "overage",
    "overlapping",
    "rebill",
    "renewals",
    "resumption",
    "reverse",
    "share_between",
    "suspension_fee",
    "tax_charges",
]


@final
@attrs.frozen(kw_only=True)
class Adjustment:
    """What a refund changes on a line, whose month may be closed long since; the line itself never changes (Q-63, M-21).

    `gross`, `discount` and `share` are zero or below, at most as far as the line goes. The payer of the original line, and
    nobody else, gets `net` back. Adjustments come from `reverse`; one that does not fit its line is refused with
    `InvalidValue` or `CurrencyMismatch`.

    >>> from partnerkit.partners import BillingMode
    >>> from partnerkit.terms import ChargeKind
    >>> from datetime import date
    >>> from partnerkit.periods import Period
    >>> from partnerkit.partners import Management, Origin
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK))
    >>> line = Line(charge=charge, payer="p-1", reward=UpfrontDiscount(Money.of("15", "USD")), rulings=(ruling,), terms="example")
    >>> refund = Refund(id="f-1", charge="c-1", amount=Money.of("20", "USD"), refunded_on=date(2025, 8, 20))
    >>> back = Adjustment(refund=refund, line=line, gross=-refund.amount, discount=Money.of("-3", "USD"), share=line.zero)
    >>> str(back.net)
    '-17.00 USD'
    """

    refund: Refund
    line: Line
    gross: Money
    discount: Money
    share: Money

    def __attrs_post_init__(self) -> None:
        refund, line = self.refund, self.line
        check_is("the refund of an adjustment", refund, Refund)
        check_is("the line of an adjustment", line, Line)
        for what, amount in (("list price", self.gross), ("discount", self.discount), ("share", self.share)):
            check_is(f"the {what} in the adjustment by {refund.id}", amount, Money)
        if refund.charge != line.charge.id:
            raise InvalidValue(f"the refund {refund.id} is of the charge {refund.charge}, not of {line.charge.id}")
        if refund.refunded_on < line.charge.charged_on:
            raise InvalidValue(
                f"the refund {refund.id} is of {refund.refunded_on}, before {line.charge.id} was charged on {line.charge.charged_on}"
            )
        if self.gross != -refund.amount:
            raise InvalidValue(f"the adjustment by {refund.id} takes off {self.gross}: wanted the refund of {refund.amount}, below zero")
        for what, amount, whole in (
            ("list price", self.gross, line.gross),
            ("discount", self.discount, line.discount),
            ("share", self.share, line.share),
        ):
            if not -whole <= amount <= line.zero:
                raise InvalidValue(f"the adjustment by {refund.id} changes the {what} by {amount}: wanted from {-whole} up to zero")
        if self.net > line.zero:
            raise InvalidValue(
                f"the adjustment by {refund.id} takes back more discount, {-self.discount}, than it gives back, {refund.amount}"
            )

    @property
    def net(self) -> Money:
        """What goes back to the payer of the line, as a negative amount."""
        return self.gross - self.discount


@final
@attrs.frozen(kw_only=True)
class Rebill:
    """What a partner invoices its client for a line of its Single Bill; the vendor has no part in it (S-32, M-25).

    `cost` is what the partner pays, `price` what it asks for the account, `services` what it asks for its own work. Amounts
    below zero are refused with `InvalidValue`, amounts of two currencies with `CurrencyMismatch`.

    >>> bill = Rebill(cost=Money.of("85", "USD"), price=Money.of("100", "USD"), services=Money.of("40", "USD"))
    >>> str(bill.invoiced), str(bill.margin)
    ('140.00 USD', '55.00 USD')
    """

    cost: Money
    price: Money
    services: Money

    def __attrs_post_init__(self) -> None:
        for what, amount in (("cost", self.cost), ("price", self.price), ("services", self.services)):
            check_is(f"the {what} of a re-billed line", amount, Money)
            if amount < Money.zero(self.cost.currency):
                raise InvalidValue(f"the {what} of a re-billed line is {amount}: wanted zero or more")

    @property
    def invoiced(self) -> Money:
        """What the client pays the partner."""
        return self.price + self.services

    @property
    def margin(self) -> Money:
        """What the partner keeps."""
        return self.invoiced - self.cost


@final
@attrs.frozen(kw_only=True)
class Markup:
    """What a partner puts on the list price for its client, rounded once.

    >>> Markup(rate=Rate.percent("10"), rounding=Rounding.HALF_AWAY).rate == Rate.parse("1/10")
    True
    """

    rate: Rate
    rounding: Rounding

    def __attrs_post_init__(self) -> None:
        check_is("the rate of a markup", self.rate, Rate)
        check_is("the rounding of a markup", self.rounding, Rounding)


@final
class AtCost(Named):
    """The price of a partner that passes its discount on.

    >>> AT_COST
    AtCost.AT_COST
    """

    AT_COST = "at cost"


AT_COST: Final = AtCost.AT_COST


def line_for(charge: Charge, standing: Standing, terms: Terms) -> Line:
    """Make the line of a charge from the standing of its own day and the terms of that day.

    On a Single Bill the discount, else the share (S-34, S-04); each only on the charge kinds in its scope, rounded once. A prepaid charge
    gets the upfront discount only where ``single_bill.on_prepaid`` allows both. The bonus goes to a credited partner that gets something
    for the account at all, and on a Single Bill only to the partner that pays, because a line has one contract. `InvalidValue` or
    `CurrencyMismatch` where charge and standing are not of one account, day and currency, or a trial is charged (I-5). A number that is
    needed and not stated raises `TermMissing`; one that is `NOT_AGREED` gives no reward.

    >>> from partnerkit.terms import ChargeKind, NOT_AGREED, ShareTerms
    >>> from datetime import date
    >>> from partnerkit.periods import Period
    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency, Rounding
    >>> from partnerkit.partners import Management, Partner
    >>> from partnerkit.terms import BonusTerms
    >>> partner = Partner.of("p-1", "brightside")
    >>> from partnerkit.partners import Account
    >>> account = Account(id="a-1", client="k-1", currency=Currency("USD"), opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> standing = Standing(account=account, credited_to=partner, management=Management.REFERRED, day=date(2025, 8, 8))
    >>> share = ShareTerms(rate=Rate.percent("15"), scope=frozenset({ChargeKind.SUBSCRIPTION}), rounding=Rounding.HALF_AWAY)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", share=share, bonus=BonusTerms(amount=NOT_AGREED))
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("99.99", "USD"), charged_on=date(2025, 8, 8))
    >>> line = line_for(charge, standing, terms)
    >>> str(line.share), line.earner, line.rulings[0].because
    ('15.00 USD', 'p-1', ('REWARD-SHARE',))
    """
    _check_fits(charge, standing)
    settled = settlement_of(charge.kind, standing, terms, is_prepaid=charge.prepaid is not None)
    payer = None if standing.payer is None else standing.payer.id
    earner = None if standing.credited_to is None else standing.credited_to.id
    is_charged = charge.amount.minor != 0
    return Line(
        charge=charge,
        payer=payer,
        earner=earner,
        reward=_reward(charge.amount, settled),
        bonus=bonus_of(charge.kind, charge.amount.currency, standing, terms, settled.ruling.outcome) if is_charged else None,
        rulings=(settled.ruling,),
        prepaid=settled.prepaid,
        terms=terms.fingerprint,
    )


def reverse(line: Line, refund: Refund, *, before: Money, terms: Terms) -> Adjustment:
    """Reverse the part of a line that a refund gives back, `before` being what earlier refunds gave back already.

    Cumulative and exact: whatever the parts and their order, a full refund ends at exactly minus the reward. A discount is
    always reversed, because the payer paid the net; a share by the term ``share.clawback`` (Q-63). `terms` are those of the
    line. A refund of another charge, of more than is left or of a day before the charge raises `InvalidValue`.

    >>> from partnerkit.partners import BillingMode
    >>> from partnerkit.terms import ChargeKind, ShareTerms
    >>> from datetime import date
    >>> from partnerkit.periods import Period
    >>> from partnerkit.money import Rounding
    >>> from partnerkit.partners import Management, Origin
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> share = ShareTerms(rounding=Rounding.HALF_AWAY, clawback=Clawback.PROPORTIONAL)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", share=share)
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("30", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.REFERRED, billing_mode=BillingMode.DIRECT, origin=Origin.LINK))
    >>> line = Line(
    ...     charge=charge, earner="p-1", reward=RevenueShare(Money.of("5", "USD")), rulings=(ruling,), terms=terms.fingerprint)
    >>> refund = Refund(id="f-1", charge="c-1", amount=Money.of("10", "USD"), refunded_on=date(2025, 9, 1))
    >>> [str(reverse(line, refund, before=Money.of(gone, "USD"), terms=terms).share) for gone in ("0", "10", "20")]
    ['-1.67 USD', '-1.66 USD', '-1.67 USD']
    """
    after = before + refund.amount
    if before < line.zero:
        raise InvalidValue(f"{before} were refunded of {line.charge.id} before: wanted zero or more")
    if after > line.gross:
        raise InvalidValue(f"the refund {refund.id} of {refund.amount} is more than is left of {line.charge.id}: {line.gross - before}")
    takes_back = line.share.minor != 0 and terms.share.clawback is Clawback.PROPORTIONAL
    return Adjustment(
        refund=refund,
        line=line,
        gross=-refund.amount,
        discount=-_part_between(line.discount, before, after, line, terms),
        share=-_part_between(line.share, before, after, line, terms) if takes_back else line.zero,
    )


def share_between(line: Line, before: Money, after: Money, terms: Terms) -> Money:
    """Give the share that is earned while the cash received for a line grows from one amount to another (M-11).

    Receipts in any parts add up to exactly the share of the line. `terms` are those of the line; amounts that do not grow from
    zero or more up to the list price at most raise `InvalidValue`.

    >>> from partnerkit.partners import BillingMode
    >>> from partnerkit.terms import ChargeKind, ShareTerms
    >>> from datetime import date
    >>> from partnerkit.periods import Period
    >>> from partnerkit.money import Rounding
    >>> from partnerkit.partners import Management, Origin
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", share=ShareTerms(rounding=Rounding.HALF_AWAY))
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("30", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.REFERRED, billing_mode=BillingMode.DIRECT, origin=Origin.LINK))
    >>> line = Line(
    ...     charge=charge, earner="p-1", reward=RevenueShare(Money.of("5", "USD")), rulings=(ruling,), terms=terms.fingerprint)
    >>> str(share_between(line, line.zero, Money.of("10", "USD"), terms))
    '1.67 USD'
    """
    if not line.zero <= before <= after <= line.gross:
        raise InvalidValue(f"cash for {line.charge.id} grows from {before} to {after}: wanted from zero up to {line.gross} at most")
    return _part_between(line.share, before, after, line, terms)


def rebill(line: Line, *, price: Money | Markup | AtCost | None = None, services: Money | None = None) -> Rebill:
    """Work out what the partner invoices its client for a line: the list price unless named, plus its services (S-32).

    `price` is a fixed price, a `Markup` on the list price, or `AT_COST`, what the partner itself pays. The vendor has no part in it.
    Only a line on a Single Bill is re-billed, for any other the client pays the vendor: `InvalidValue`.

    >>> from partnerkit.partners import BillingMode
    >>> from partnerkit.terms import ChargeKind
    >>> from datetime import date
    >>> from partnerkit.periods import Period
    >>> from partnerkit.partners import Management, Origin
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK))
    >>> line = Line(charge=charge, payer="p-1", reward=UpfrontDiscount(Money.of("15", "USD")), rulings=(ruling,), terms="example")
    >>> str(rebill(line).margin), str(rebill(line, services=Money.of("60", "USD")).margin)
    ('15.00 USD', '75.00 USD')
    >>> str(rebill(line, price=AT_COST, services=Money.of("60", "USD")).margin)
    '60.00 USD'
    """
    if line.payer is None:
        raise InvalidValue(f"{line.charge.id} is billed to the client directly: only a line on a Single Bill is billed again")
    return Rebill(cost=line.net, price=_asked(line, price), services=line.zero if services is None else services)


def _asked(line: Line, price: Money | Markup | AtCost | None) -> Money:
    """Give what the partner asks for the account."""
    match price:
        case None:
            return line.gross
        case AtCost():
            return line.net
        case Markup():
            return line.gross + line.gross.times(price.rate, price.rounding)
        case _:
            return price


def check_terms(line: Line, terms: Terms) -> None:
    """Refuse terms other than those a line was made by with `InvalidValue`.

    >>> from partnerkit.terms import ChargeKind
    >>> from datetime import date
    >>> from partnerkit.periods import Period
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example")
    >>> check_terms(Line(charge=charge, rulings=(), terms=terms.fingerprint), terms)
    """
    if terms.fingerprint != line.terms:
        raise InvalidValue(
            f"the line {line.charge.id} was made by terms with the fingerprint {line.terms:.12}..., not by those from {terms.starts_on} "
            f"({terms.fingerprint:.12}...): give the terms in force for its partner on {line.charge.charged_on}; a past day's terms "
            "never change, add new ones that start later"
        )


def _check_fits(charge: Charge, standing: Standing) -> None:
    account = standing.account
    if charge.account != account.id:
        raise InvalidValue(f"the charge {charge.id} is of {charge.account}, but the standing is of {account.id}")
    if charge.charged_on != standing.day:
        raise InvalidValue(
            f"the charge {charge.id} is of {charge.charged_on}, but the standing is of {standing.day}: the day of a charge decides it"
        )
    if charge.amount.currency != account.currency:
        raise CurrencyMismatch(
            f"the charge {charge.id} is in {charge.amount.currency.code}, but {account.id} is billed in {account.currency.code}: "
            "an account's currency is fixed"
        )
    if standing.status in UNCHARGED:
        raise InvalidValue(
            f"the charge {charge.id} is of {charge.charged_on}, when {account.id} was a trial: a trial is not charged, convert it first"
        )


def _reward(amount: Money, settled: Settlement) -> RevenueShare | UpfrontDiscount | None:
    if settled.share is not None:
        return RevenueShare(settled.share.of(amount))
    return None if settled.discount is None else UpfrontDiscount(settled.discount.of(amount))


def _part_between(whole: Money, before: Money, after: Money, line: Line, terms: Terms) -> Money:
    """Give what of a reward falls between two amounts of its charge; the parts of the whole charge add up to the whole reward."""
    check_terms(line, terms)
    if whole.minor == 0:
        return line.zero
    rounding = terms.share.rounding if isinstance(line.reward, RevenueShare) else terms.single_bill.rounding
    return Money(minor=part_between(whole.minor, before.minor, after.minor, line.gross.minor, rounding), currency=whole.currency)
