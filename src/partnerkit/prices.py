"""The price list: what the vendor charges for a plan at a number of contacts, in a currency, from a day on.

Floor 2. May import: errors, money, vocabulary, attrs and the standard library.

Every price is data of the user: the public sources conflict, and none of them is repeated here.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import final

import attrs

from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Currency, Money
from partnerkit.vocabulary import check_line


@final
@attrs.frozen(kw_only=True)
class Tier:
    """One step of a price table: from `low` to `high` contacts, both included (M-02); `high` None has no end.

    A bound that is no whole number, an end before the start and a price below zero raise `InvalidValue`.

    >>> str(Tier(low=0, high=500, amount=Money.of("12", "USD")).amount)
    '12.00 USD'
    """

    low: int
    high: int | None
    amount: Money

    def __attrs_post_init__(self) -> None:
        if type(self.low) is not int or self.low < 0:
            raise InvalidValue(f"a tier starts at {shown(self.low)} contacts: wanted a whole number, at least 0")
        if self.high is not None and (type(self.high) is not int or self.high < self.low):
            raise InvalidValue(f"a tier ends at {shown(self.high)} contacts, before it starts at {self.low}")
        if self.amount.minor < 0:
            raise InvalidValue(f"the price of the tier from {self.low} is {self.amount}, below zero")


@final
@attrs.frozen(kw_only=True)
class PriceTable:
    """The prices of one item (a plan, an add-on, the suspension) in one currency from a day on.

    The price is the flat price of the tier reached (stairstep). Gaps, overlaps and a first tier that does not start at
    0 are refused with `InvalidValue`.

    >>> usd = Currency("USD")
    >>> table = PriceTable(item="lite", currency=usd, starts_on=date(2025, 1, 1), tiers=(
    ...     Tier(low=0, high=500, amount=Money.of("12", "USD")), Tier(low=501, high=None, amount=Money.of("50", "USD"))))
    >>> str(table.amount_for(501))
    '50.00 USD'
    """

    item: str
    currency: Currency
    starts_on: date
    tiers: tuple[Tier, ...]

    def __attrs_post_init__(self) -> None:
        check_line("the item of a price table", self.item)
        if not self.item.strip():
            raise InvalidValue(f"a price table is of {shown(self.item)}: wanted the name of an item, such as 'lite'")
        if type(self.starts_on) is not date:
            raise InvalidValue(f"the prices of {shown(self.item)} start on {shown(self.starts_on)}: wanted a date, without a time")
        if not self.tiers or self.tiers[0].low != 0:
            raise InvalidValue(f"{self._name} does not start at 0 contacts: give a first tier from 0")
        for below, above in pairwise(self.tiers):
            if below.high is None or above.low <= below.high:
                raise InvalidValue(f"{self._name} has two prices for {above.low} contacts: let the tier below end at {above.low - 1}")
            if above.low != below.high + 1:
                raise InvalidValue(f"{self._name} has no price for {below.high + 1} contacts: let the next tier start there")
        for tier in self.tiers:
            if tier.amount.currency != self.currency:
                raise InvalidValue(f"{self._name} has a price of {tier.amount}: wanted {self.currency.code}")

    @property
    def _name(self) -> str:
        return f"the {self.currency.code} price table of {self.item!r} from {self.starts_on}"

    def amount_for(self, contacts: int) -> Money:
        """Give the price for a number of contacts, at least 0; one beyond the last tier raises `InvalidValue`.

        >>> tier = Tier(low=0, high=500, amount=Money.of("12", "USD"))
        >>> table = PriceTable(item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=(tier,))
        >>> table.amount_for(501)
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidValue: the USD price table of 'lite' from 2025-01-01 ends at 500 contacts and has no price for 501: ...
        """
        if type(contacts) is not int or contacts < 0:
            raise InvalidValue(f"{shown(contacts)} is no number of contacts: wanted a whole number, at least 0")
        for tier in self.tiers:
            if tier.high is None or contacts <= tier.high:
                return tier.amount
        raise InvalidValue(f"{self._name} ends at {self.tiers[-1].high} contacts and has no price for {contacts}: add a tier")

    @property
    def findings(self) -> tuple[str, ...]:
        """What is odd, though not wrong: a price that falls as contacts grow.

        >>> tiers = (Tier(low=0, high=500, amount=Money.of("12", "USD")), Tier(low=501, high=None, amount=Money.of("9", "USD")))
        >>> PriceTable(item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=tiers).findings[0]
        "the USD price table of 'lite' from 2025-01-01 is cheaper with more: 12.00 USD up to 500 contacts, 9.00 USD from 501"
        """
        return tuple(
            f"{self._name} is cheaper with more: {below.amount} up to {below.high} contacts, {above.amount} from {above.low}"
            for below, above in pairwise(self.tiers)
            if above.amount < below.amount
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
        tables = self._index.get((item, currency.code), ())
        started = [table for table in tables if table.starts_on <= on]
        if not started:
            known = ", ".join(sorted({f"{one} in {code}" for one, code in self._index})) or "none at all"
            raise InvalidValue(f"there is no price of {shown(item)} in {currency.code} on {on}: the price list has {known}")
        return started[-1]

    def price_of(self, item: str, contacts: int, currency: Currency, on: date) -> Money:
        """Give the price of an item for a number of contacts on a day; where there is none, `InvalidValue` says what there is.

        >>> PriceList().price_of("lite", 300, Currency("USD"), date(2025, 8, 1))
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidValue: there is no price of 'lite' in USD on 2025-08-01: the price list has none at all
        """
        return self.table_for(item, currency, on).amount_for(contacts)
