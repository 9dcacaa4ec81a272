"""What a number of units costs by tiers or packages: exactly, before anything is rounded.

Floor 2, below prices. May import: enums, errors, money, vocabulary, attrs and the standard library.

The words are those of billing engines, which do not agree on them: what each model means here is said once, on its member.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import CurrencyMismatch, InvalidValue, shown
from partnerkit.money import Money, UnitPrice
from partnerkit.vocabulary import check_is

_MOST: Final = 10**18
"""More units than anybody counts, and finer parts than anybody prices, so that a message can always write them."""


@final
class TierModel(Named):
    """How tiers make a price.

    >>> TierModel("graduated")
    TierModel.GRADUATED
    """

    STAIRSTEP = "stairstep"
    """The flat price of the tier that is reached; nothing for each unit."""
    VOLUME = "volume"
    """Every unit at the price of the tier that is reached, and the flat price of that tier: more can cost less."""
    GRADUATED = "graduated"
    """Each unit at the price of its own tier, and the flat price of every tier that is entered."""


@final
@attrs.frozen(kw_only=True)
class Tier:
    """One step of a price table: from `low` to `high` units (contacts, for a plan), both included (M-02); `high` None has no end.

    `amount` is its flat price, due whatever stands in it, and `unit` the price of each unit, where units have one.
    A bound that is no whole number, an end before the start and a price below zero raise `InvalidValue`; two currencies raise
    `CurrencyMismatch`.

    >>> str(Tier(low=0, high=500, amount=Money.of("12", "USD")).amount)
    '12.00 USD'
    """

    low: int
    high: int | None
    amount: Money
    unit: UnitPrice | None = None

    def __attrs_post_init__(self) -> None:
        if type(self.low) is not int or not 0 <= self.low <= _MOST:
            raise InvalidValue(f"a tier starts at {shown(self.low)} contacts: wanted a whole number from 0 to {_MOST}")
        if type(self.high) is int and self.high > _MOST:
            raise InvalidValue(f"a tier ends at {shown(self.high)} contacts: wanted at most {_MOST}, or no end")
        if self.high is not None and (type(self.high) is not int or self.high < self.low):
            raise InvalidValue(f"a tier ends at {shown(self.high)} contacts, before it starts at {shown(self.low)}")
        check_is(f"the price of the tier from {self.low}", self.amount, Money)
        if self.amount.minor < 0:
            raise InvalidValue(f"the price of the tier from {self.low} is {self.amount}, below zero")
        if self.unit is None:
            return
        check_is(f"the unit price of the tier from {self.low}", self.unit, UnitPrice)
        if self.unit.amount.denominator > _MOST:
            raise InvalidValue(f"the unit price of the tier from {self.low} is finer than anything is priced: wanted at most 18 decimals")
        if self.unit.currency != self.amount.currency:
            raise CurrencyMismatch(f"the tier from {self.low} has a flat price of {self.amount} and a unit price of {self.unit}")


@final
@attrs.frozen(kw_only=True)
class Package:
    """Units that are sold in whole packages of `size`, the first `free` of them for nothing.

    A size below 1, free units below 0 and a price below zero raise `InvalidValue`.

    >>> str(Package(size=1_000, price=Money.of("1", "USD")).price)
    '1.00 USD'
    """

    size: int
    price: Money
    free: int = 0

    def __attrs_post_init__(self) -> None:
        for what, value, least in (("holds", self.size, 1), ("comes after", self.free, 0)):
            if type(value) is not int or not least <= value <= _MOST:
                raise InvalidValue(f"a package {what} {shown(value)} units: wanted a whole number from {least} to {_MOST}")
        check_is("the price of a package", self.price, Money)
        if self.price.minor < 0:
            raise InvalidValue(f"the price of a package is {self.price}, below zero")


def cost_by_tiers(tiers: Sequence[Tier], model: TierModel, units: int) -> Fraction:
    """Give what units cost by tiers, in minor units and exactly; none at all cost the first tier's flat price.

    The tiers hold the units, as those of a `PriceTable` do; more units than the last tier holds raise `InvalidValue`.

    >>> tiers = [
    ...     Tier(low=0, high=100, amount=Money.of("10", "USD"), unit=UnitPrice.of("2", "USD")),
    ...     Tier(low=101, high=None, amount=Money.of("0", "USD"), unit=UnitPrice.of("1", "USD"))]
    >>> [str(cost_by_tiers(tiers, model, 101)) for model in (TierModel.STAIRSTEP, TierModel.VOLUME, TierModel.GRADUATED)]
    ['0', '10100', '21100']
    """
    reached = next((place for place, tier in enumerate(tiers) if tier.high is None or units <= tier.high), None)
    if reached is None:
        raise InvalidValue(f"{shown(units)} units are beyond the last tier: add a tier")
    tier = tiers[reached]
    match model:
        case TierModel.STAIRSTEP:
            return Fraction(tier.amount.minor)
        case TierModel.VOLUME:
            return tier.amount.minor + units * _minor_of(tier)
        case TierModel.GRADUATED:
            edges = [0, *(below.high or 0 for below in tiers[:reached]), units]
            within = zip(tiers, pairwise(edges), strict=False)
            return sum((one.amount.minor + (last - first) * _minor_of(one) for one, (first, last) in within), Fraction(0))


def cost_of_packages(package: Package, units: int) -> Fraction:
    """Give what units cost in whole packages, in minor units.

    >>> cost_of_packages(Package(size=10, price=Money.of("100", "USD"), free=0), 121)
    Fraction(130000, 1)
    """
    return Fraction(-(-max(units - package.free, 0) // package.size) * package.price.minor)


def _minor_of(tier: Tier) -> Fraction:
    """Give the price of one unit in minor units of its currency."""
    return Fraction(0) if tier.unit is None else tier.unit.minor
