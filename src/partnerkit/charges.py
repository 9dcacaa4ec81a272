"""Charges, the cash received for them and what is given back, and the charges an account's price list makes.

Floor 6, below billing. May import: enums, errors, money, periods, vocabulary, partners, terms, prices, attrs and the standard library.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Money
from partnerkit.partners import Account
from partnerkit.periods import Period, billing_dates, cycle_containing, prorate
from partnerkit.prices import PriceList, PriceTable
from partnerkit.terms import ChargeKind, FirstPeriod, Terms, TierBasis
from partnerkit.vocabulary import check_day, check_id, check_is

SUSPENSION_ITEM = "suspension"
"""The item of the price list that a suspended account is charged (41606)."""


@final
class ChargeReason(Named):
    """Why a charge is made: part of its identity, so that a start and a renewal of one day are two charges.

    `START` is an account's first charge, `RENEWAL` one of its later billing dates (44215), `RESUMPTION` the part of a cycle
    after a suspension and `SUSPENSION` the fee during one (41606), `PURCHASE` anything bought once.

    >>> ChargeReason("renewal")
    ChargeReason.RENEWAL
    """

    START = "start"
    RENEWAL = "renewal"
    RESUMPTION = "resumption"
    SUSPENSION = "suspension"
    PURCHASE = "purchase"


@final
@attrs.frozen(kw_only=True)
class ChargeIdentity:
    """What makes a charge the same charge, whoever pays it, whenever it is read and whatever it costs.

    >>> month = Period(date(2025, 8, 8), date(2025, 9, 8))
    >>> ChargeIdentity(account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL, period=month).item
    'lite'
    """

    account: str
    kind: ChargeKind
    item: str
    reason: ChargeReason
    period: Period

    def __attrs_post_init__(self) -> None:
        check_id("account", self.account)
        check_is("kind", self.kind, ChargeKind)
        check_id("item", self.item)
        check_is("reason", self.reason, ChargeReason)
        check_is("period", self.period, Period)


@final
@attrs.frozen(kw_only=True)
class Charge:
    """What the vendor bills for an account and a period, at its list price (44215).

    `item` names the plan, the add-on or the fee; `charged_on` is the day whose standing decides who pays and who earns.
    An amount below zero is refused with `InvalidValue`: what is given back is a `Refund`.

    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> charge.identity.reason
    ChargeReason.RENEWAL
    """

    id: str
    account: str
    kind: ChargeKind
    item: str
    reason: ChargeReason
    period: Period
    amount: Money
    charged_on: date

    def __attrs_post_init__(self) -> None:
        check_id("charge", self.id)
        check_id("account", self.account)
        check_is(f"the kind of the charge {self.id}", self.kind, ChargeKind)
        check_id("item", self.item)
        check_is(f"the reason of the charge {self.id}", self.reason, ChargeReason)
        check_is(f"the period of the charge {self.id}", self.period, Period)
        check_is(f"the amount of the charge {self.id}", self.amount, Money)
        check_day(f"the day of the charge {self.id}", self.charged_on)
        if self.amount.minor < 0:
            raise InvalidValue(f"the charge {self.id} is {self.amount}, below zero: give money back by a refund that names the charge")

    @property
    def identity(self) -> ChargeIdentity:
        """What makes this charge itself: another one with the same is the same charge billed twice."""
        return ChargeIdentity(account=self.account, kind=self.kind, item=self.item, reason=self.reason, period=self.period)


_ONE_AT_A_TIME: Final = frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.SUSPENSION_FEE})
_RECURRING: Final = frozenset({ChargeReason.START, ChargeReason.RENEWAL, ChargeReason.SUSPENSION})


def overlapping(charges: Iterable[Charge]) -> Iterator[tuple[Charge, Charge]]:
    """Give the charges that bill an account twice for the same days of one plan or one suspension, in pairs that follow in time.

    They are alike in account, kind, item and reason, as two with one `ChargeIdentity` are, and recur, so that one ends where the next
    starts. Add-ons, taxes and what is bought once can well be for the same days.

    >>> first, second = (Charge(id=f"c-{day}", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, day), date(2025, 9, day)), amount=Money.of("12", "USD"), charged_on=date(2025, 8, day))
    ...     for day in (8, 9))
    >>> [(one.id, other.id) for one, other in overlapping([second, first])]
    [('c-8', 'c-9')]
    """
    alike: dict[tuple[str, ChargeKind, str, ChargeReason], list[Charge]] = defaultdict(list)
    for charge in charges:
        if charge.kind in _ONE_AT_A_TIME and charge.reason in _RECURRING:
            alike[charge.account, charge.kind, charge.item, charge.reason].append(charge)
    for group in alike.values():
        in_time = sorted(group, key=lambda charge: (charge.period.start, charge.period.end, charge.id))
        yield from (pair for pair in pairwise(in_time) if pair[0].period.overlaps(pair[1].period))


@final
@attrs.frozen(kw_only=True)
class Receipt:
    """Cash the vendor received from a client for a charge: where the terms say so, the share is earned by it (M-11, 41606).

    An amount that is not above zero is refused with `InvalidValue`.

    >>> str(Receipt(id="r-1", charge="c-1", amount=Money.of("40", "USD"), received_on=date(2025, 8, 9)).amount)
    '40.00 USD'
    """

    id: str
    charge: str
    amount: Money
    received_on: date

    def __attrs_post_init__(self) -> None:
        check_id("receipt", self.id)
        check_id("charge", self.charge)
        check_day(f"the day of the receipt {self.id}", self.received_on)
        check_positive(f"the receipt {self.id}", self.amount)


@final
@attrs.frozen(kw_only=True)
class Refund:
    """Part or all of a charge given back, measured on its list price (5931).

    The payer of a discounted charge paid less and gets as much less back. An amount that is not above zero is refused
    with `InvalidValue`.

    >>> str(Refund(id="f-1", charge="c-1", amount=Money.of("25", "USD"), refunded_on=date(2025, 8, 20)).amount)
    '25.00 USD'
    """

    id: str
    charge: str
    amount: Money
    refunded_on: date

    def __attrs_post_init__(self) -> None:
        check_id("refund", self.id)
        check_id("charge", self.charge)
        check_day(f"the day of the refund {self.id}", self.refunded_on)
        check_positive(f"the refund {self.id}", self.amount)


@final
@attrs.frozen(kw_only=True)
class Usage:
    """The plan of an account and its active contacts, from a day on (M-01, M-03).

    A number of contacts below zero and an empty plan are refused with `InvalidValue`.

    >>> Usage(starts_on=date(2025, 8, 8), plan="lite", contacts=501).contacts
    501
    """

    starts_on: date
    plan: str
    contacts: int

    def __attrs_post_init__(self) -> None:
        check_day("the first day of the usage", self.starts_on)
        check_id("plan", self.plan)
        if type(self.contacts) is not int or self.contacts < 0:
            raise InvalidValue(f"the usage from {self.starts_on} has {shown(self.contacts)} contacts: wanted a whole number, at least 0")


def renewals(account: Account, prices: PriceList, usage: Sequence[Usage], until: date, *, terms: Terms) -> Iterator[Charge]:
    """Make the subscription charges of an account from its first usage until a day (exclusive), from the price list.

    Each runs to the next of the account's own billing dates, counted from the anchor day and clamped (44215, M-27). Where the first
    is only a part of a cycle, it is charged by the term ``billing.first_period``. Plan and price are those of the first day of each
    period; the contacts that pick the tier follow ``billing.tier_basis`` (M-04, M-05). Usage that is not in order of time and a
    price the list does not have raise `InvalidValue`, a term that is needed and not given `TermMissing`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.prices import PriceTable, Tier
    >>> from partnerkit.terms import BillingTerms
    >>> usd = Currency("USD")
    >>> tier = Tier(low=0, high=None, amount=Money.of("31", "USD"))
    >>> prices = PriceList((PriceTable(item="lite", currency=usd, starts_on=date(2025, 1, 1), tiers=(tier,)),))
    >>> account = Account(id="a-1", client="k-1", currency=usd, opened_at=datetime(2025, 1, 31, tzinfo=UTC), anchor_day=31)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", billing=BillingTerms(tier_basis=TierBasis.AT_BILLING))
    >>> usage = [Usage(starts_on=date(2025, 1, 31), plan="lite", contacts=10)]
    >>> [str(charge.period) for charge in renewals(account, prices, usage, date(2025, 4, 1), terms=terms)]
    ['2025-01-31/2025-02-28', '2025-02-28/2025-03-31', '2025-03-31/2025-04-30']
    """
    _check_in_order(account, usage)
    return _renewals(account, prices, usage, until, terms)


def suspension_fee(account: Account, prices: PriceList, usage: Sequence[Usage], on: date, *, terms: Terms) -> Charge:
    """Make the fee of a suspended account for the cycle that begins on one of its billing dates (41606, M-12).

    Its price is that of the item ``suspension`` for the contacts that pick the tier, by ``billing.tier_basis``. A day that is no billing
    date of the account, one before any usage and a price the list does not have raise `InvalidValue`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.prices import PriceTable, Tier
    >>> from partnerkit.terms import BillingTerms
    >>> usd = Currency("USD")
    >>> fees = (Tier(low=0, high=2_500, amount=Money.of("5", "USD")), Tier(low=2_501, high=None, amount=Money.of("10", "USD")))
    >>> prices = PriceList((PriceTable(item="suspension", currency=usd, starts_on=date(2025, 1, 1), tiers=fees),))
    >>> account = Account(id="a-1", client="k-1", currency=usd, opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", billing=BillingTerms(tier_basis=TierBasis.AT_BILLING))
    >>> usage = [Usage(starts_on=date(2025, 1, 8), plan="lite", contacts=2_501)]
    >>> fee = suspension_fee(account, prices, usage, date(2025, 3, 8), terms=terms)
    >>> str(fee.amount), str(fee.period)
    ('10.00 USD', '2025-03-08/2025-04-08')
    """
    _check_used(account, usage, on)
    cycle = cycle_containing(on, account.anchor_day)
    if cycle.start != on:
        raise InvalidValue(
            f"{on} is no billing date of {account.id}, which renews on {cycle.start}: a suspension is charged from one to the next"
        )
    amount = _price_by(prices.table_for(SUSPENSION_ITEM, account.currency, on), account, usage, on, terms)
    return _charge(account, SUSPENSION_ITEM, cycle, amount, ChargeReason.SUSPENSION, ChargeKind.SUSPENSION_FEE)


def resumption(account: Account, prices: PriceList, usage: Sequence[Usage], on: date, *, terms: Terms) -> Charge:
    """Make the charge of an account that goes on after a suspension: its plan for what is left of the cycle, by the days (41606, M-14).

    From its own billing date on it renews as before. The basis and the rounding are ``billing.proration`` and ``billing.rounding``; on a
    billing date the charge is the whole price. A day before any usage and a price the list does not have raise `InvalidValue`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency, Rounding
    >>> from partnerkit.periods import ProrationBasis
    >>> from partnerkit.prices import PriceTable, Tier
    >>> from partnerkit.terms import BillingTerms
    >>> usd = Currency("USD")
    >>> tier = Tier(low=0, high=None, amount=Money.of("31", "USD"))
    >>> prices = PriceList((PriceTable(item="lite", currency=usd, starts_on=date(2025, 1, 1), tiers=(tier,)),))
    >>> account = Account(id="a-1", client="k-1", currency=usd, opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", billing=BillingTerms(
    ...     tier_basis=TierBasis.AT_BILLING, proration=ProrationBasis.ACTUAL_TRUE_CYCLE, rounding=Rounding.HALF_AWAY))
    >>> made = resumption(account, prices, [Usage(starts_on=date(2025, 1, 8), plan="lite", contacts=1)], date(2025, 8, 28), terms=terms)
    >>> str(made.amount), str(made.period)
    ('11.00 USD', '2025-08-28/2025-09-08')
    """
    _check_used(account, usage, on)
    cycle = cycle_containing(on, account.anchor_day)
    period = Period(on, cycle.end)
    plan, price = _priced(account, prices, usage, on, terms)
    amount = price if period == cycle else prorate(price, period, cycle, terms.billing.rounding, terms.billing.proration)
    return _charge(account, plan, period, amount, ChargeReason.RESUMPTION)


def check_positive(what: str, amount: Money) -> None:
    """Refuse an amount that is not above zero with `InvalidValue`; `what` names it in the message.

    >>> check_positive("the receipt r-1", Money.of("0", "USD"))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the receipt r-1 is 0.00 USD: wanted an amount above zero
    """
    check_is(what, amount, Money)
    if amount.minor <= 0:
        raise InvalidValue(f"{what} is {amount}: wanted an amount above zero")


def _renewals(account: Account, prices: PriceList, usage: Sequence[Usage], until: date, terms: Terms) -> Iterator[Charge]:
    start = usage[0].starts_on if usage else until
    reason = ChargeReason.START
    while start < until:
        period = Period(start, next(billing_dates(start, account.anchor_day)))
        cycle = cycle_containing(start, account.anchor_day)
        if period == cycle or terms.billing.first_period is not FirstPeriod.FREE:
            plan, price = _priced(account, prices, usage, start, terms)
            yield _charge(account, plan, period, price if period == cycle else _part_of(price, period, cycle, terms), reason)
        start, reason = period.end, ChargeReason.RENEWAL


def _priced(account: Account, prices: PriceList, usage: Sequence[Usage], day: date, terms: Terms) -> tuple[str, Money]:
    """Give the plan in force on a day and its price for a whole cycle."""
    plan = _in_force(usage, day).plan
    return plan, _price_by(prices.table_for(plan, account.currency, day), account, usage, day, terms)


def _price_by(table: PriceTable, account: Account, usage: Sequence[Usage], day: date, terms: Terms) -> Money:
    """Give the price of a table for the contacts that pick the tier on a day."""
    contacts = _measured_contacts(account, usage, day, terms.billing.tier_basis)
    return table.amount_for(contacts, None if table.is_exact else terms.billing.rounding)


def _check_used(account: Account, usage: Sequence[Usage], day: date) -> None:
    _check_in_order(account, usage)
    check_day("the day of a charge", day)
    if not usage or day < usage[0].starts_on:
        raise InvalidValue(f"{account.id} has no usage on {day}: give its plan and contacts from that day or before")


def _check_in_order(account: Account, usage: Sequence[Usage]) -> None:
    for before, after in pairwise(usage):
        if after.starts_on <= before.starts_on:
            raise InvalidValue(
                f"the usage of {account.id} is not in order of time at {after.starts_on}: give each entry a later day than the one before"
            )


def _part_of(price: Money, period: Period, cycle: Period, terms: Terms) -> Money:
    if terms.billing.first_period is FirstPeriod.FULL:
        return price
    return prorate(price, period, cycle, terms.billing.rounding, terms.billing.proration)


def _charge(  # noqa: PLR0913, PLR0917  (the parts of its identity)
    account: Account, item: str, period: Period, amount: Money, reason: ChargeReason, kind: ChargeKind = ChargeKind.SUBSCRIPTION
) -> Charge:
    return Charge(
        id=f"{account.id}/{kind}/{item}/{reason}/{period.start}",
        account=account.id,
        kind=kind,
        item=item,
        reason=reason,
        period=period,
        amount=amount,
        charged_on=period.start,
    )


def _in_force(usage: Sequence[Usage], day: date) -> Usage:
    return [entry for entry in usage if entry.starts_on <= day][-1]


def _measured_contacts(account: Account, usage: Sequence[Usage], day: date, basis: TierBasis) -> int:
    """Count the contacts that pick the tier of a bill; a rise in a cycle counts on the next bill (M-05)."""
    now = _in_force(usage, day)
    match basis:
        case TierBasis.AT_BILLING:
            return now.contacts
        case TierBasis.PEAK_EVER:
            return max(entry.contacts for entry in usage if entry.starts_on <= day)
        case TierBasis.PEAK_IN_PERIOD:
            cycle = cycle_containing(day - date.resolution, account.anchor_day)
            since = _in_force(usage, max(cycle.start, usage[0].starts_on))
            counted = [entry.contacts for entry in usage if since.starts_on <= entry.starts_on < day]
            return max(counted, default=now.contacts)
