"""How the price list makes charges: plans by the month or in advance, add-ons, suspensions, and sends beyond those included.

Floor 6, above charges and purchases. May import: errors, money, periods, vocabulary, partners, terms, prices, charges, purchases and the
standard library.

Every charge made here says how it was made, in its `Pricing`: by which prices, which count, on which day. It is rounded once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice, pairwise
from typing import NamedTuple

from partnerkit.charges import Charge, ChargeReason, CountOf, Pricing, Usage
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Rate
from partnerkit.partners import Account
from partnerkit.periods import Period, ProrationBasis, billing_dates, cycle_containing
from partnerkit.prices import PriceList, PriceTable
from partnerkit.purchases import AddOn, Prepayment
from partnerkit.terms import ChargeKind, FirstPeriod, PrepaidCharged, Terms, TierBasis
from partnerkit.vocabulary import check_all, check_count, check_day, check_is

SUSPENSION_ITEM = "suspension"
"""The item of the price list that a suspended account is charged (41606)."""

OVERAGE_ITEM = "overage"
"""The item of the price list that sends beyond those included are charged by (51160)."""


def renewals(  # noqa: PLR0913  (what the vendor knows of the account)
    account: Account,
    prices: PriceList,
    usage: Sequence[Usage],
    until: date,
    *,
    terms: Terms,
    prepayments: Sequence[Prepayment] = (),
) -> Iterator[Charge]:
    """Make the subscription charges of an account from its first usage until a day (exclusive), from the price list.

    Each runs to the next of the account's own billing dates, counted from the anchor day and clamped (44215, M-27). Where the first
    is only a part of a cycle, it is charged by the term ``billing.first_period``. Plan and price are those of the first day of each
    period; the contacts that pick the tier follow ``billing.tier_basis`` (M-04, M-05). Time that is paid in advance has its discount and is
    charged month by month or at once, by ``billing.prepaid_charged``. Usage that is not in order of time, a prepayment that
    does not start on a billing date and a price the list does not have raise `InvalidValue`, a term that is needed and not given
    `TermMissing`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency, Money
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
    check_day("the end of the renewals", until)
    _check_in_order(account, usage)
    ahead = _ahead(account, usage, prepayments)
    return _renewals(account, prices, usage, until, terms, ahead)


def add_on_renewals(  # noqa: PLR0913  (what the vendor knows of the account)
    account: Account, prices: PriceList, add_on: AddOn, until: date, *, terms: Terms, usage: Sequence[Usage] = ()
) -> Iterator[Charge]:
    """Make the charges of an add-on until a day (exclusive) from the price list, on the account's own billing dates (44323, M-06).

    A first part of a cycle is charged by the term ``billing.first_period``, a cycle that has begun to its end. An add-on that goes by
    contacts wants the `usage`; none on its first day raises `InvalidValue`, as does a price the list does not have.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency, Money, Rounding
    >>> from partnerkit.prices import PriceTable, Tier
    >>> from partnerkit.terms import BillingTerms
    >>> usd = Currency("USD")
    >>> tier = Tier(low=0, high=None, amount=Money.of("31", "USD"))
    >>> prices = PriceList((PriceTable(item="sms", currency=usd, starts_on=date(2025, 1, 1), tiers=(tier,)),))
    >>> account = Account(id="a-1", client="k-1", currency=usd, opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", billing=BillingTerms(
    ...     first_period=FirstPeriod.PRORATED, proration=ProrationBasis.ACTUAL_TRUE_CYCLE, rounding=Rounding.HALF_AWAY))
    >>> sms = AddOn(item="sms", starts_on=date(2025, 8, 28), units=500)
    >>> [str(charge.amount) for charge in add_on_renewals(account, prices, sms, date(2025, 10, 8), terms=terms)]
    ['11.00 USD', '31.00 USD']
    """
    check_is("the account", account, Account)
    check_is("the add-on", add_on, AddOn)
    check_day("the end of the renewals", until)
    if add_on.units is None and not usage:
        raise InvalidValue(f"the add-on {shown(add_on.item)} goes by contacts: give the usage of {account.id}, or the units of the add-on")
    if add_on.units is None:
        _check_used(account, usage, add_on.starts_on)
    return _add_on_renewals(account, prices, add_on, until, terms, usage)


def suspension_fee(account: Account, prices: PriceList, usage: Sequence[Usage], on: date, *, terms: Terms) -> Charge:
    """Make the fee of a suspended account for the cycle that begins on one of its billing dates (41606, M-12).

    Its price is that of the item ``suspension`` for the contacts that pick the tier, by ``billing.tier_basis``. A day that is no billing
    date of the account, one before any usage and a price the list does not have raise `InvalidValue`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency, Money
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
    cycle = _cycle_from(account, on, "a suspension is charged from one to the next")
    pricing = _pricing(
        prices.table_for(SUSPENSION_ITEM, account.currency, on), _counted(account, usage, on, terms), cycle, terms, whole=True
    )
    return _charge(account, SUSPENSION_ITEM, ChargeKind.SUSPENSION_FEE, ChargeReason.SUSPENSION, cycle, pricing)


def resumption(  # noqa: PLR0913  (what the vendor knows of the account)
    account: Account,
    prices: PriceList,
    usage: Sequence[Usage],
    on: date,
    *,
    terms: Terms,
    prepayments: Sequence[Prepayment] = (),
) -> Charge:
    """Make the charge of an account that goes on after a suspension: its plan for what is left of the cycle, by the days (41606, M-14).

    From its own billing date on it renews as before. The basis and the rounding are ``billing.proration`` and ``billing.rounding``; on a
    billing date the charge is the whole price. In time that is paid in advance it has that discount. A day before any usage, one in time
    that was charged at once and a price the list does not have raise `InvalidValue`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency, Money, Rounding
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
    plan, cycle = _in_force(usage, on).plan, cycle_containing(on, account.anchor_day)
    paid = next((one for one in _ahead(account, usage, prepayments) if on in one.period), None)
    if paid is not None and terms.billing.prepaid_charged is PrepaidCharged.AT_ONCE:
        raise InvalidValue(f"{account.id} has paid until {paid.period.end} in advance: going on within that time is not charged again")
    prepaid = None if paid is None else paid.prepayment.rate(terms)
    table, count = prices.table_for(plan, account.currency, on), _counted(account, usage, on, terms)
    pricing = _pricing(table, count, cycle, terms, whole=on == cycle.start, prepaid=prepaid)
    return _charge(account, plan, ChargeKind.SUBSCRIPTION, ChargeReason.RESUMPTION, Period(on, cycle.end), pricing, prepaid=prepaid)


def overage(  # noqa: PLR0913  (what the vendor knows of the account)
    account: Account, prices: PriceList, billed: Charge, sent: int, on: date, *, terms: Terms
) -> Charge | None:
    """Make the charge for what was sent beyond the sends included, in the cycle that ends on a billing date (51160, M-07).

    `billed` is the charge of the plan that the cycle was billed by: included are the plan's ``sends_per_contact`` times the end of its
    tier, in a first part of a cycle as much as in a whole one. The rest has the price of the item ``overage`` on the cycle's first day.
    None where nothing is left to charge, and where the plan states no such limit; a first part of a cycle that is free has no such
    charge, and no overage. A day that is no billing date, a charge that is not of this time or does not say its pricing, a tier without
    end and a price the list does not have raise `InvalidValue`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency, Money, Rounding, UnitPrice
    >>> from partnerkit.prices import PriceTable, Tier, TierModel
    >>> from partnerkit.terms import BillingTerms
    >>> usd, day = Currency("USD"), date(2025, 1, 1)
    >>> tier = Tier(low=0, high=500, amount=Money.of("12", "USD"))
    >>> each = Tier(low=0, high=None, amount=Money.of("0", "USD"), unit=UnitPrice.of("0.002", "USD"))
    >>> prices = PriceList((PriceTable(item="lite", currency=usd, starts_on=day, tiers=(tier,), sends_per_contact=10),
    ...     PriceTable(item="overage", currency=usd, starts_on=day, tiers=(each,), model=TierModel.VOLUME)))
    >>> account = Account(id="a-1", client="k-1", currency=usd, opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> terms = Terms(starts_on=day, source="example", billing=BillingTerms(tier_basis=TierBasis.AT_BILLING, rounding=Rounding.HALF_AWAY))
    >>> usage = [Usage(starts_on=date(2025, 8, 8), plan="lite", contacts=300)]
    >>> [billed] = renewals(account, prices, usage, date(2025, 9, 8), terms=terms)
    >>> made = overage(account, prices, billed, 6_000, date(2025, 9, 8), terms=terms)
    >>> str(made.amount), str(made.period), str(made.charged_on)
    ('2.00 USD', '2025-08-08/2025-09-08', '2025-09-08')
    """
    check_is("the account", account, Account)
    check_is("the charge that the cycle was billed by", billed, Charge)
    check_count(f"what {account.id} sent", sent)
    _cycle_from(account, on, "what was sent is charged for the cycle that ends on one")
    if billed.account != account.id or billed.kind is not ChargeKind.SUBSCRIPTION or not billed.period.start < on <= billed.period.end:
        raise InvalidValue(f"{billed.id} is no charge of a plan of {account.id} for the time before {on}: give the one it was billed by")
    if billed.pricing is None or billed.pricing.count_of is not CountOf.CONTACTS:
        raise InvalidValue(f"{billed.id} does not say by how many contacts it is priced, so what it includes is unknown: state its pricing")
    plan = prices.table_for(billed.item, account.currency, billed.period.start)
    included = plan.included_for(billed.pricing.units)
    if included is None or sent <= included:
        return None
    cycle = cycle_containing(on - date.resolution, account.anchor_day)
    period = Period(max(cycle.start, billed.period.start), on)
    table = prices.table_for(OVERAGE_ITEM, account.currency, period.start)
    pricing = _pricing(table, _Count(sent - included, CountOf.SENDS, on, included), cycle, terms, whole=True)
    return _charge(account, OVERAGE_ITEM, ChargeKind.OVERAGE, ChargeReason.RENEWAL, period, pricing, charged_on=on)


class _Count(NamedTuple):
    """What picks a price, the day it was counted on, and what was included before it."""

    units: int
    of: CountOf
    on: date
    included: int | None = None


class _Ahead(NamedTuple):
    """Time that is paid in advance, and by what."""

    period: Period
    prepayment: Prepayment


def _ahead(account: Account, usage: Sequence[Usage], prepayments: Sequence[Prepayment]) -> tuple[_Ahead, ...]:
    """Give the times that are paid in advance, in their order."""
    prepayments = tuple(prepayments)
    check_all(f"the prepayments of {account.id}", prepayments, Prepayment)
    found: list[_Ahead] = []
    for prepayment in sorted(prepayments, key=lambda one: one.starts_on):
        start = prepayment.starts_on
        _cycle_from(account, start, "a prepayment starts on one")
        _check_begun(account, usage, start)
        end = next(islice(billing_dates(start, account.anchor_day), prepayment.time.months - 1, None))
        if found and start < found[-1].period.end:
            raise InvalidValue(
                f"the prepayment of {account.id} from {start} begins before the one before it ends on {found[-1].period.end}"
            )
        found.append(_Ahead(Period(start, end), prepayment))
    return tuple(found)


def _renewals(  # noqa: PLR0913, PLR0917  (what the vendor knows of the account)
    account: Account, prices: PriceList, usage: Sequence[Usage], until: date, terms: Terms, ahead: tuple[_Ahead, ...]
) -> Iterator[Charge]:
    at_once = bool(ahead) and terms.billing.prepaid_charged is PrepaidCharged.AT_ONCE
    for period, reason in _periods(account, usage[0].starts_on if usage else until, until, terms):
        start = period.start
        paid = next((one for one in ahead if start in one.period), None)
        if paid is not None and at_once and start != paid.period.start:
            continue
        plan = _in_force(usage, start).plan
        table, count = prices.table_for(plan, account.currency, start), _counted(account, usage, start, terms)
        prepaid = None if paid is None else paid.prepayment.rate(terms)
        billed, cycle, cycles = period, cycle_containing(start, account.anchor_day), 1
        if paid is not None and at_once:
            billed, cycle, cycles = paid.period, paid.period, paid.prepayment.time.months
        pricing = _pricing(table, count, cycle, terms, whole=_is_whole(billed, cycle, terms), prepaid=prepaid, cycles=cycles)
        yield _charge(account, plan, ChargeKind.SUBSCRIPTION, reason, billed, pricing, prepaid=prepaid)


def _add_on_renewals(  # noqa: PLR0913, PLR0917  (what the vendor knows of the account)
    account: Account, prices: PriceList, add_on: AddOn, until: date, terms: Terms, usage: Sequence[Usage]
) -> Iterator[Charge]:
    end = until if add_on.ends_on is None else min(until, add_on.ends_on)
    for period, reason in _periods(account, add_on.starts_on, end, terms):
        start, cycle = period.start, cycle_containing(period.start, account.anchor_day)
        count = _counted(account, usage, start, terms) if add_on.units is None else _Count(add_on.units, CountOf.UNITS, start)
        table = prices.table_for(add_on.item, account.currency, start)
        pricing = _pricing(table, count, cycle, terms, whole=_is_whole(period, cycle, terms))
        yield _charge(account, add_on.item, ChargeKind.ADD_ON, reason, period, pricing)


def _periods(account: Account, start: date, until: date, terms: Terms) -> Iterator[tuple[Period, ChargeReason]]:
    """Give the periods that are charged from a day on, each to the next billing date, and why; the first only where it is not free."""
    reason = ChargeReason.START
    while start < until:
        period = Period(start, next(billing_dates(start, account.anchor_day)))
        if period == cycle_containing(start, account.anchor_day) or terms.billing.first_period is not FirstPeriod.FREE:
            yield period, reason
        start, reason = period.end, ChargeReason.RENEWAL


def _is_whole(period: Period, cycle: Period, terms: Terms) -> bool:
    return period == cycle or terms.billing.first_period is FirstPeriod.FULL


def _pricing(  # noqa: PLR0913  (the parts of a price)
    table: PriceTable, count: _Count, cycle: Period, terms: Terms, *, whole: bool, prepaid: Rate | None = None, cycles: int = 1
) -> Pricing:
    """Say how a table prices a count; the terms are asked for a rounding only where something could have to be rounded."""
    tier = table.tier_for(count.units)
    proration: ProrationBasis | None = None if whole else terms.billing.proration
    is_exact = whole and prepaid is None and table.is_exact
    return Pricing(
        prices_from=table.starts_on,
        units=count.units,
        count_of=count.of,
        counted_on=count.on,
        tier_basis=terms.billing.tier_basis if count.of is CountOf.CONTACTS else None,
        included=count.included,
        low=None if tier is None else tier.low,
        high=None if tier is None else tier.high,
        price=table.exact_for(count.units),
        cycle=cycle,
        cycles=cycles,
        proration=proration,
        rounding=None if is_exact else terms.billing.rounding,
    )


def _charge(  # noqa: PLR0913, PLR0917  (the parts of its identity)
    account: Account,
    item: str,
    kind: ChargeKind,
    reason: ChargeReason,
    period: Period,
    pricing: Pricing,
    *,
    prepaid: Rate | None = None,
    charged_on: date | None = None,
) -> Charge:
    return Charge(
        id=f"{account.id}/{kind}/{item}/{reason}/{period.start}",
        account=account.id,
        kind=kind,
        item=item,
        reason=reason,
        period=period,
        amount=pricing.amount_for(period, prepaid),
        charged_on=period.start if charged_on is None else charged_on,
        prepaid=prepaid,
        pricing=pricing,
    )


def _cycle_from(account: Account, on: date, why: str) -> Period:
    """Give the cycle that begins on a billing date, and refuse another day."""
    check_day("the day of a charge", on)
    cycle = cycle_containing(on, account.anchor_day)
    if cycle.start != on:
        dates = f"{cycle.start} and on {cycle.end}"
        raise InvalidValue(f"{on} is no billing date of {account.id}, which renews on {dates}: {why}")
    return cycle


def _check_used(account: Account, usage: Sequence[Usage], day: date) -> None:
    _check_in_order(account, usage)
    check_day("the day of a charge", day)
    _check_begun(account, usage, day)


def _check_begun(account: Account, usage: Sequence[Usage], day: date) -> None:
    if not usage or day < usage[0].starts_on:
        raise InvalidValue(f"{account.id} has no usage on {day}: give its plan and contacts from that day or before")


def _check_in_order(account: Account, usage: Sequence[Usage]) -> None:
    check_is("the account", account, Account)
    if not isinstance(usage, Sequence) or not all(isinstance(entry, Usage) for entry in usage):
        raise InvalidValue(f"the usage of {account.id} is {shown(usage)}: wanted a list or tuple of Usage")
    for before, after in pairwise(usage):
        if after.starts_on <= before.starts_on:
            raise InvalidValue(
                f"the usage of {account.id} is not in order of time at {after.starts_on}: give each entry a later day than the one before"
            )


def _in_force(usage: Sequence[Usage], day: date) -> Usage:
    return usage[bisect_right(usage, day, key=lambda entry: entry.starts_on) - 1]


def _counted(account: Account, usage: Sequence[Usage], day: date, terms: Terms) -> _Count:
    """Count the contacts that pick the tier of a bill; a rise in a cycle counts from the next billing date on (M-05)."""
    now = _in_force(usage, day)
    match terms.billing.tier_basis:
        case TierBasis.AT_BILLING:
            return _Count(now.contacts, CountOf.CONTACTS, now.starts_on)
        case TierBasis.PEAK_EVER:
            return _most(entry for entry in usage if entry.starts_on <= day)
        case TierBasis.PEAK_IN_PERIOD:
            return _most(_of_the_cycle_before(account, usage, day) or [now])


def _of_the_cycle_before(account: Account, usage: Sequence[Usage], day: date) -> list[Usage]:
    """Give the usage that was in force in the cycle before that of a day, none where it began later."""
    start = cycle_containing(day, account.anchor_day).start
    if start == date.min:  # There is no cycle before the calendar begins.
        return []
    before = cycle_containing(start - date.resolution, account.anchor_day)
    since = _in_force(usage, max(before.start, usage[0].starts_on))
    return [entry for entry in usage if since.starts_on <= entry.starts_on < start]


def _most(entries: Iterable[Usage]) -> _Count:
    """Give the highest count of some usage, and the day it was first reached."""
    most = max(entries, key=lambda entry: entry.contacts)
    return _Count(most.contacts, CountOf.CONTACTS, most.starts_on)
