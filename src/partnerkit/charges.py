"""Charges, how a price list made them, the cash received for them and what is given back.

Floor 6, below pricing and lines. May import: enums, errors, money, periods, vocabulary, terms, attrs and the standard library.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Final, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Money, Rate, Rounding, UnitPrice, whole_minor
from partnerkit.periods import Period, ProrationBasis, part_of_cycle
from partnerkit.terms import ChargeKind, TierBasis
from partnerkit.vocabulary import check_count, check_day, check_id, check_is


@final
class ChargeReason(Named):
    """Why a charge is made: part of its identity, so that a start and a renewal of one day are two charges.

    `START` is the first charge of an account or of an add-on, `RENEWAL` one on a later billing date (44215), `RESUMPTION` the part of a
    cycle after a suspension and `SUSPENSION` the fee during one (41606), `PURCHASE` anything bought once.

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
class CountOf(Named):
    """What picks a price: the active contacts of an account (M-03), what was bought by number, or what was sent (51160).

    >>> CountOf("contacts")
    CountOf.CONTACTS
    """

    CONTACTS = "contacts"
    UNITS = "units"
    SENDS = "sends"


@final
@attrs.frozen(kw_only=True)
class Pricing:
    """How a price list makes the amount of a charge: at which price, by which count, for which part of how many cycles.

    `prices_from` is the first day of the price table, `units` the count that picks the price, beyond those `included`, `count_of` what
    is counted, `counted_on` the day of the count, and `tier_basis` which of all counts it is (M-04), None where there is only one.
    `low` and `high` bound the tier that it reaches; a package has no tier, and a last one no `high`. `price` is exact and for one of the
    `cycles` that `cycle` holds; `proration` says how the part charged was counted, None that all of it is. `rounding` is None where
    nothing had to be rounded. Counts below zero, no cycle at all and a tier that ends before it starts raise `InvalidValue`.

    >>> august = Period(date(2025, 8, 8), date(2025, 9, 8))
    >>> made = Pricing(prices_from=date(2025, 1, 1), units=501, count_of=CountOf.CONTACTS, counted_on=date(2025, 8, 8), low=501,
    ...     price=UnitPrice.of("31", "USD"), cycle=august, proration=ProrationBasis.ACTUAL_TRUE_CYCLE, rounding=Rounding.HALF_AWAY)
    >>> str(made.amount_for(Period(date(2025, 8, 28), date(2025, 9, 8))))
    '11.00 USD'
    """

    prices_from: date
    units: int
    count_of: CountOf
    counted_on: date
    tier_basis: TierBasis | None = None
    included: int | None = None
    low: int | None = None
    high: int | None = None
    price: UnitPrice
    cycle: Period
    cycles: int = 1
    proration: ProrationBasis | None = None
    rounding: Rounding | None = None

    def __attrs_post_init__(self) -> None:
        check_day("the first day of the prices", self.prices_from)
        check_day("the day of the count", self.counted_on)
        check_is("the price of a cycle", self.price, UnitPrice)
        check_is("the cycle of a price", self.cycle, Period)
        check_is("what a price counts", self.count_of, CountOf)
        check_count("the count of a price", self.units)
        check_count("the number of cycles of a price", self.cycles, least=1)
        if (self.included is None) is (self.count_of is CountOf.SENDS):
            raise InvalidValue(f"a price for {self.count_of.value} includes {shown(self.included)}: wanted a number for sends, else none")
        bounds = (
            ("number included in a price", self.included, 0),
            ("start of a tier", self.low, 0),
            ("end of a tier", self.high, 0),
        )
        for what, count, least in bounds:
            if count is not None:
                check_count(f"the {what}", count, least=least)
        if self.high is not None and (self.low is None or self.high < self.low):
            raise InvalidValue(f"the tier of a price goes from {shown(self.low)} to {shown(self.high)}: wanted the start first")
        for what, choice, kind in (
            ("tier basis", self.tier_basis, TierBasis),
            ("proration", self.proration, ProrationBasis),
            ("rounding", self.rounding, Rounding),
        ):
            if choice is not None:
                check_is(f"the {what} of a price", choice, kind)

    def exact_minor_for(self, period: Period, prepaid: Rate | None = None) -> Fraction:
        """Give what a period of the cycle costs in minor units, exactly, less a discount for prepayment.

        A period beyond the cycle and a discount of more than the whole raise `InvalidValue`.

        >>> cycle = Period(date(2025, 8, 8), date(2025, 9, 8))
        >>> day = date(2025, 8, 8)
        >>> made = Pricing(prices_from=day, units=1, count_of=CountOf.UNITS, counted_on=day, price=UnitPrice.of("9.99", "USD"), cycle=cycle)
        >>> made.exact_minor_for(cycle, Rate.percent("15"))
        Fraction(16983, 20)
        """
        if period.start < self.cycle.start or period.end > self.cycle.end:
            raise InvalidValue(f"the period {period} reaches beyond the cycle {self.cycle} that the price is for")
        if self.cycles > 1 and period != self.cycle:
            raise InvalidValue(f"the period {period} is not that of the {self.cycles} cycles paid in advance, {self.cycle}")
        exact = self.price.minor
        if self.cycles > 1:
            exact *= self.cycles
        if self.proration is not None:
            exact *= part_of_cycle(period, self.cycle, self.proration)
        return exact if prepaid is None else exact * prepaid.complement().value

    def amount_for(self, period: Period, prepaid: Rate | None = None) -> Money:
        """Give what a period of the cycle costs, rounded once; a part of the minor unit without a rounding raises `InvalidValue`.

        >>> day, cycle = date(2025, 8, 8), Period(date(2025, 8, 8), date(2025, 9, 8))
        >>> made = Pricing(prices_from=day, units=1, count_of=CountOf.UNITS, counted_on=day, price=UnitPrice.of("9.99", "USD"),
        ...     cycle=cycle, rounding=Rounding.HALF_AWAY)
        >>> str(made.amount_for(cycle, Rate.percent("15")))
        '8.49 USD'
        """
        exact = self.exact_minor_for(period, prepaid)
        return whole_minor(f"the price for {self.units} {self.count_of.value}", exact, self.price.currency, self.rounding)

    def check(self, charge: str, amount: Money, *, period: Period, charged_on: date, prepaid: Rate | None = None) -> None:
        """Refuse an amount that it does not come to, and a day before its count, with `InvalidValue`; `charge` is named in the message.

        >>> day, cycle = date(2025, 8, 8), Period(date(2025, 8, 8), date(2025, 9, 8))
        >>> made = Pricing(prices_from=day, units=1, count_of=CountOf.UNITS, counted_on=day, price=UnitPrice.of("9.99", "USD"), cycle=cycle)
        >>> made.check("c-1", Money.of("10", "USD"), period=cycle, charged_on=day)
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidValue: the charge c-1 is 10.00 USD, but its pricing comes to 9.99 USD: correct one of the two
        """
        if self.counted_on > charged_on:
            raise InvalidValue(f"the charge {charge} is of {charged_on}, before its count of {self.counted_on}")
        try:
            made = self.amount_for(period, prepaid)
        except InvalidValue as fault:
            raise InvalidValue(f"the pricing of the charge {charge}: {fault}") from None
        if made != amount:
            raise InvalidValue(f"the charge {charge} is {amount}, but its pricing comes to {made}: correct one of the two")


@final
@attrs.frozen(kw_only=True)
class Charge:
    """What the vendor bills for an account and a period, at its list price, less a discount for prepayment where there is one (44215).

    `item` names the plan, the add-on or the fee; `charged_on` is the day whose standing decides who pays and who earns. `prepaid` is the
    discount for prepayment that the amount has been reduced by (5773), and `pricing` how a price list makes it, where that is known.
    An amount below zero, a discount above the whole and an amount that its pricing does not come to are refused with `InvalidValue`:
    what is given back is a `Refund`.

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
    prepaid: Rate | None = None
    pricing: Pricing | None = None

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
        self._check_prepaid()
        self._check_pricing()

    def _check_prepaid(self) -> None:
        if self.prepaid is None:
            return
        check_is(f"the discount for prepayment of the charge {self.id}", self.prepaid, Rate)
        if self.prepaid.value > 1:
            raise InvalidValue(f"the charge {self.id} has a discount for prepayment of {self.prepaid}: wanted at most the whole, 1")

    def _check_pricing(self) -> None:
        if self.pricing is None:
            return
        check_is(f"the pricing of the charge {self.id}", self.pricing, Pricing)
        self.pricing.check(self.id, self.amount, period=self.period, charged_on=self.charged_on, prepaid=self.prepaid)

    @property
    def identity(self) -> ChargeIdentity:
        """What makes this charge itself: another one with the same is the same charge billed twice."""
        return ChargeIdentity(account=self.account, kind=self.kind, item=self.item, reason=self.reason, period=self.period)


ONE_AT_A_TIME: Final = frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.SUSPENSION_FEE})
"""The kinds of charges of which an account has one item for a day at a time."""
RECURRING: Final = frozenset({ChargeReason.START, ChargeReason.RENEWAL, ChargeReason.RESUMPTION, ChargeReason.SUSPENSION})
"""The reasons of charges that follow one another, so that one ends where the next starts."""


def overlapping(charges: Iterable[Charge]) -> Iterator[tuple[Charge, Charge]]:
    """Give the charges that bill an account for days of one plan or one suspension that an earlier charge bills already, each with that.

    They are alike in account, kind and item and recur, so that one ends where the next starts, whether it is a start, a renewal or goes
    on after a suspension. Each later charge is given once, with the one before it that reaches furthest; another plan for the same days
    is another item. Add-ons, taxes and what is bought once can well be for the same days.

    >>> first, second = (Charge(id=f"c-{day}", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, day), date(2025, 9, day)), amount=Money.of("12", "USD"), charged_on=date(2025, 8, day))
    ...     for day in (8, 9))
    >>> [(one.id, other.id) for one, other in overlapping([second, first])]
    [('c-8', 'c-9')]
    """
    alike: dict[tuple[str, ChargeKind, str], list[Charge]] = defaultdict(list)
    for charge in charges:
        if charge.kind in ONE_AT_A_TIME and charge.reason in RECURRING:
            alike[charge.account, charge.kind, charge.item].append(charge)
    for group in alike.values():
        first, *others = sorted(group, key=lambda charge: (charge.period.start, charge.period.end, charge.id))
        furthest = first
        for charge in others:
            if furthest.period.overlaps(charge.period):
                yield furthest, charge
            furthest = max(furthest, charge, key=lambda one: one.period.end)


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
    """Part or all of a charge given back, by the vendor or by a bank that charges it back, measured on its list price (5931).

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
        check_count(f"the number of contacts of the usage from {self.starts_on}", self.contacts)


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
