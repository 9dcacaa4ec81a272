"""The price list: what the vendor charges for a plan at a number of contacts, in a currency, from a day on.

Floor 2. May import: errors, money, vocabulary, tiers, attrs and the standard library.

Every price is data of the user: the public sources conflict, and none of them is repeated here.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import final

import attrs

from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Currency, Money, Rounding, UnitPrice, whole_minor
from partnerkit.tiers import Package, Tier, TierModel, cost_by_tiers, cost_of_packages
from partnerkit.vocabulary import check_all, check_count, check_day, check_is, check_line

__all__ = [
    "Package",
    "PriceList",
    "PriceTable",
    "Tier",
    "TierModel",
]


@final
@attrs.frozen(kw_only=True)
class PriceTable:
    """The prices of one item (a plan, an add-on, the suspension) in one currency from a day on.

    By tiers and their `model`, or else by a `package`; `minimum` and `maximum` bound what comes of it. `sends_per_contact` are the sends
    that a plan includes for each contact its tier can hold; None is no limit (51160, M-07). Gaps, overlaps, a first tier that does not
    start at 0, unit prices in a stairstep, tiers beside a package and a minimum above the maximum raise `InvalidValue`.

    >>> usd = Currency("USD")
    >>> table = PriceTable(item="lite", currency=usd, starts_on=date(2025, 1, 1), tiers=(
    ...     Tier(low=0, high=500, amount=Money.of("12", "USD")), Tier(low=501, high=None, amount=Money.of("50", "USD"))))
    >>> str(table.amount_for(501))
    '50.00 USD'
    """

    item: str
    currency: Currency
    starts_on: date
    tiers: tuple[Tier, ...] = ()
    model: TierModel = TierModel.STAIRSTEP
    package: Package | None = None
    minimum: Money | None = None
    maximum: Money | None = None
    sends_per_contact: int | None = None

    def __attrs_post_init__(self) -> None:
        check_line("the item of a price table", self.item)
        if not self.item or self.item != self.item.strip():
            raise InvalidValue(f"a price table is of {shown(self.item)}: wanted a name such as 'lite', without blanks around it")
        if type(self.starts_on) is not date:
            raise InvalidValue(f"the prices of {shown(self.item)} start on {shown(self.starts_on)}: wanted a date, without a time")
        check_is(f"the currency of the prices of {shown(self.item)}", self.currency, Currency)
        self._check_kinds()
        if self.package is None:
            self._check_tiers()
        elif self.tiers or self.model is not TierModel.STAIRSTEP:
            raise InvalidValue(f"{self._name} has tiers, or a model of tiers, and a package: wanted one of them")
        for amount in self._amounts():
            if amount.currency != self.currency:
                raise InvalidValue(f"{self._name} has a price of {amount}: wanted {self.currency.code}")
        self._check_bounds()

    def _check_bounds(self) -> None:
        for bound in (self.minimum, self.maximum):
            if bound is not None and bound.minor < 0:
                raise InvalidValue(f"{self._name} has the bound {bound}, below zero")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InvalidValue(f"{self._name} costs at least {self.minimum} and at most {self.maximum}: swap them")
        if self.sends_per_contact is not None:
            check_count(f"the number of sends per contact of {self._name}", self.sends_per_contact)

    def _check_kinds(self) -> None:
        check_all(f"the tiers of {self._name}", self.tiers, Tier)
        check_is(f"the model of {self._name}", self.model, TierModel)
        for what, value, kind in (("package", self.package, Package), ("minimum", self.minimum, Money), ("maximum", self.maximum, Money)):
            if value is not None:
                check_is(f"the {what} of {self._name}", value, kind)

    def _check_tiers(self) -> None:
        if not self.tiers or self.tiers[0].low != 0:
            raise InvalidValue(f"{self._name} does not start at 0 contacts: give a first tier from 0")
        for below, above in pairwise(self.tiers):
            if below.high is None or above.low <= below.high:
                raise InvalidValue(f"{self._name} has two prices for {above.low} contacts: let the tier below end at {above.low - 1}")
            if above.low != below.high + 1:
                raise InvalidValue(f"{self._name} has no price for {below.high + 1} contacts: let the next tier start there")
        if self.model is TierModel.STAIRSTEP and any(tier.unit is not None for tier in self.tiers):
            raise InvalidValue(
                f"{self._name} is a stairstep, which has no price for each contact: wanted the model 'volume' or 'graduated'"
            )

    def _amounts(self) -> Iterator[Money]:
        yield from (tier.amount for tier in self.tiers)
        yield from (amount for amount in (self.package and self.package.price, self.minimum, self.maximum) if amount is not None)

    @property
    def _name(self) -> str:
        return f"the {self.currency.code} price table of {self.item!r} from {self.starts_on}"

    @property
    def is_exact(self) -> bool:
        """Whether every price is a whole number of minor units, so that `amount_for` has nothing to round."""
        return all(tier.unit is None or tier.unit.minor.denominator == 1 for tier in self.tiers)

    def amount_for(self, contacts: int, rounding: Rounding | None = None) -> Money:
        """Give the price for a number of contacts, at least 0, rounded once; one beyond the last tier raises `InvalidValue`.

        A table that is not exact wants a `rounding`.

        >>> tier = Tier(low=0, high=500, amount=Money.of("12", "USD"))
        >>> table = PriceTable(item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=(tier,))
        >>> table.amount_for(501)
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidValue: the USD price table of 'lite' from 2025-01-01 ends at 500 contacts and has no price for 501: ...
        """
        return whole_minor(f"{self._name} for {contacts} contacts", self.exact_for(contacts).minor, self.currency, rounding)

    def exact_for(self, contacts: int) -> UnitPrice:
        """Give the price for a number of contacts as it is, not rounded; one beyond the last tier raises `InvalidValue`.

        >>> tier = Tier(low=0, high=None, amount=Money.of("0", "USD"), unit=UnitPrice.of("0.0025", "USD"))
        >>> table = PriceTable(
        ...     item="overage", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=(tier,), model=TierModel.VOLUME)
        >>> str(table.exact_for(3))
        '0.0075 USD'
        """
        return UnitPrice(amount=self._cost(contacts) / 10**self.currency.digits, currency=self.currency)

    def tier_for(self, contacts: int) -> Tier | None:
        """Give the tier that a number of contacts reaches; None in a table of packages, and beyond the last tier.

        >>> tier = Tier(low=0, high=500, amount=Money.of("12", "USD"))
        >>> table = PriceTable(item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=(tier,))
        >>> table.tier_for(500) == tier, table.tier_for(501)
        (True, None)
        """
        check_count("the number of contacts", contacts)
        return next((tier for tier in self.tiers if tier.low <= contacts and (tier.high is None or contacts <= tier.high)), None)

    def included_for(self, contacts: int) -> int | None:
        """Give the sends that a cycle includes: so many for each contact that the tier can hold, None where there is no limit.

        A limit for a tier without an end, or without tiers, raises `InvalidValue`.

        >>> tier = Tier(low=0, high=500, amount=Money.of("12", "USD"))
        >>> table = PriceTable(
        ...     item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=(tier,), sends_per_contact=10)
        >>> table.included_for(300)
        5000
        """
        if self.sends_per_contact is None:
            return None
        tier = self.tier_for(contacts)
        if tier is None or tier.high is None:
            raise InvalidValue(
                f"{self._name} has no tier with an end for {contacts} contacts, so what it includes is not known: add its end"
            )
        return self.sends_per_contact * tier.high

    def _cost(self, contacts: int) -> Fraction:
        if type(contacts) is not int or contacts < 0:
            raise InvalidValue(f"{shown(contacts)} is no number of contacts: wanted a whole number, at least 0")
        if self.package is not None:
            cost = cost_of_packages(self.package, contacts)
        else:
            last = self.tiers[-1].high
            if last is not None and contacts > last:
                raise InvalidValue(f"{self._name} ends at {last} contacts and has no price for {contacts}: add a tier")
            cost = cost_by_tiers(self.tiers, self.model, contacts)
        if self.minimum is not None:
            cost = max(cost, Fraction(self.minimum.minor))
        return cost if self.maximum is None else min(cost, Fraction(self.maximum.minor))

    @property
    def findings(self) -> tuple[str, ...]:
        """What is odd, though not wrong: a price that falls as contacts grow.

        >>> tiers = (Tier(low=0, high=500, amount=Money.of("12", "USD")), Tier(low=501, high=None, amount=Money.of("9", "USD")))
        >>> PriceTable(item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=tiers).findings[0]
        "the USD price table of 'lite' from 2025-01-01 is cheaper with more: 12.00 USD for 500 contacts, 9.00 USD for 501"
        """
        edges = ((below.high, above.low) for below, above in pairwise(self.tiers) if below.high is not None)
        return tuple(
            f"{self._name} is cheaper with more: {self.exact_for(high)} for {high} contacts, {self.exact_for(low)} for {low}"
            for high, low in edges
            if self._cost(low) < self._cost(high)
        )


def _in_a_tuple(tables: Iterable[PriceTable]) -> tuple[PriceTable, ...]:
    return tuple(tables)


@final
@attrs.frozen
class PriceList:
    """All price tables of a program, by item, currency and first day; two that start on one day raise `InvalidValue`.

    >>> tier = Tier(low=0, high=None, amount=Money.of("12", "USD"))
    >>> prices = PriceList((PriceTable(item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=(tier,)),))
    >>> str(prices.price_of("lite", 300, Currency("USD"), date(2025, 8, 1)))
    '12.00 USD'
    """

    tables: tuple[PriceTable, ...] = attrs.field(converter=_in_a_tuple, default=())
    _index: Mapping[tuple[str, str], tuple[PriceTable, ...]] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        index: dict[tuple[str, str], tuple[PriceTable, ...]] = {}
        for table in sorted(self.tables, key=lambda one: one.starts_on):
            key = (table.item, table.currency.code)
            earlier = index.get(key, ())
            if earlier and earlier[-1].starts_on == table.starts_on:
                raise InvalidValue(
                    f"two {table.currency.code} price tables of {table.item!r} start on {table.starts_on}: give each its own day"
                )
            index[key] = (*earlier, table)
        object.__setattr__(self, "_index", index)

    @property
    def items(self) -> frozenset[str]:
        """Every item that has a price in some currency."""
        return frozenset(table.item for table in self.tables)

    @property
    def findings(self) -> tuple[str, ...]:
        """What is odd about the prices, though not wrong."""
        return tuple(finding for table in self.tables for finding in table.findings)

    def table_for(self, item: str, currency: Currency, on: date) -> PriceTable:
        """Give the price table in force on a day; an item without one in that currency raises `InvalidValue` (Q-74).

        >>> PriceList().table_for("lite", Currency("EUR"), date(2025, 8, 1))
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidValue: there is no price of 'lite' in EUR on 2025-08-01: the price list has none at all
        """
        check_day("the day of a price", on)
        tables = self._index.get((item, currency.code), ())
        started = [table for table in tables if table.starts_on <= on]
        if not started:
            known = ", ".join(sorted({f"{one} in {code}" for one, code in self._index})) or "none at all"
            raise InvalidValue(f"there is no price of {shown(item)} in {currency.code} on {on}: the price list has {known}")
        return started[-1]

    def price_of(self, item: str, contacts: int, currency: Currency, on: date, rounding: Rounding | None = None) -> Money:
        """Give the price of an item for a number of contacts on a day; where there is none, `InvalidValue` says what there is.

        A table that is not exact wants a `rounding`.

        >>> PriceList().price_of("lite", 300, Currency("USD"), date(2025, 8, 1))
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidValue: there is no price of 'lite' in USD on 2025-08-01: the price list has none at all
        """
        return self.table_for(item, currency, on).amount_for(contacts, rounding)
