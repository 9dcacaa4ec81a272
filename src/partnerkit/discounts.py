"""Several discounts on one amount, and few discounts for many clients: in which order, and up to what.

Floor 6, above rewards. May import: enums, errors, money, vocabulary, rewards, attrs and the standard library.

The upfront discount of a Single Bill is one rate on one charge and needs none of this; a price list with coupons, packs and campaigns does.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import CurrencyMismatch, InvalidValue, shown
from partnerkit.money import Money, total
from partnerkit.rewards import Percent
from partnerkit.vocabulary import check_all, check_day, check_id, check_is


@final
class Stacking(Named):
    """What the second of two discounts is taken of.

    >>> Stacking("sequential")
    Stacking.SEQUENTIAL
    """

    SEQUENTIAL = "sequential"
    """What the one before it has left: two of 10 % come to 19 %."""
    ADDITIVE = "additive"
    """The whole amount: two of 10 % come to 20 %."""


@final
@attrs.frozen(kw_only=True)
class Discounted:
    """An amount and what each discount took off it, in their order; the parts add up, and never to more than the amount.

    Amounts below zero and parts above the amount raise `InvalidValue`, a part in another currency `CurrencyMismatch`.

    >>> made = Discounted(gross=Money.of("100", "USD"), parts=(Money.of("10", "USD"), Money.of("18", "USD")))
    >>> str(made.discount), str(made.net)
    ('28.00 USD', '72.00 USD')
    """

    gross: Money
    parts: tuple[Money, ...]

    def __attrs_post_init__(self) -> None:
        check_is("the amount that is discounted", self.gross, Money)
        check_all("the parts of a discount", self.parts, Money)
        if self.gross.minor < 0 or any(part.minor < 0 for part in self.parts):
            raise InvalidValue(f"{', '.join(map(str, self.parts))} off {self.gross}: wanted amounts of zero or more")
        if self.net.minor < 0:
            raise InvalidValue(f"the discounts come to {self.discount}, more than the amount of {self.gross}")

    @property
    def discount(self) -> Money:
        """All discounts together."""
        return total(self.parts, self.gross.currency)

    @property
    def net(self) -> Money:
        """What is left."""
        return self.gross - self.discount


def discounted(amount: Money, discounts: Sequence[Percent | Money], stacking: Stacking) -> Discounted:
    """Take discounts off an amount in their order, each rounded once and none more than what is left.

    A discount is a part of the amount or a fixed sum. Give the narrowest first: for one plan before one for all. What is neither
    raises `InvalidValue`, a sum in another currency `CurrencyMismatch`.

    >>> from partnerkit.money import Rate, Rounding
    >>> fifth = Percent(rate=Rate.percent("20"), rounding=Rounding.HALF_AWAY)
    >>> [str(part) for part in discounted(Money.of("100", "USD"), [Money.of("10", "USD"), fifth], Stacking.SEQUENTIAL).parts]
    ['10.00 USD', '18.00 USD']
    """
    check_is("the amount that is discounted", amount, Money)
    check_is("the stacking of discounts", stacking, Stacking)
    return Discounted(gross=amount, parts=tuple(_parts(amount, discounts, stacking)))


def _parts(amount: Money, discounts: Sequence[Percent | Money], stacking: Stacking) -> Iterator[Money]:
    left = amount
    for discount in discounts:
        match discount:
            case Percent():
                part = discount.of(left if stacking is Stacking.SEQUENTIAL else amount)
            case Money():
                part = discount
            case _:
                raise InvalidValue(f"the discount {shown(discount)} is none: wanted a Percent or an amount")
        if part.currency != amount.currency:
            raise CurrencyMismatch(f"a discount of {part} cannot be taken off {amount}")
        part = min(part, left)
        left -= part
        yield part


def oldest_first(clients: Mapping[str, date], count: int) -> tuple[str, ...]:
    """Give the clients that a scarce discount goes to, such as the places of a pack: those there longest, of one day by their id.

    `clients` are those active in the billing cycle, each with the day since when. A count below zero raises `InvalidValue`.

    >>> oldest_first({"b": date(2023, 1, 5), "a": date(2023, 1, 5), "c": date(2022, 7, 1)}, 2)
    ('c', 'a')
    """
    if type(count) is not int or count < 0:
        raise InvalidValue(f"{shown(count)} places: wanted a whole number, at least 0")
    for client, since in clients.items():
        check_id("client", client)
        check_day(f"the first day of {client}", since)
    return tuple(sorted(clients, key=lambda client: (clients[client], client))[:count])
