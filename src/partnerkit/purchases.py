"""What a client buys beside a month of its plan: time in advance, and add-ons.

Floor 6, below pricing. May import: errors, money, vocabulary, terms, attrs and the standard library.
"""

from datetime import date
from typing import final

import attrs

from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Rate
from partnerkit.terms import NotAgreed, Terms
from partnerkit.vocabulary import PrepaidTime, check_count, check_day, check_id, check_is


@final
@attrs.frozen(kw_only=True)
class Prepayment:
    """That the client pays its plan for half a year or a year in advance, from one of its billing dates on (5773, M-08).

    `nonprofit` is what the client was on that day.

    >>> Prepayment(starts_on=date(2025, 8, 8), time=PrepaidTime.YEAR).nonprofit
    False
    """

    starts_on: date
    time: PrepaidTime
    nonprofit: bool = False

    def __attrs_post_init__(self) -> None:
        check_day("the first day of a prepayment", self.starts_on)
        check_is("the time of a prepayment", self.time, PrepaidTime)
        check_is("whether a prepayment is of a nonprofit", self.nonprofit, bool)

    def rate(self, terms: Terms) -> Rate:
        """Give its discount by the terms; one that is not agreed raises `InvalidValue`, one not stated `TermMissing`.

        >>> from partnerkit.terms import BillingTerms
        >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", billing=BillingTerms(prepaid_year_nonprofit=Rate.percent("30")))
        >>> str(Prepayment(starts_on=date(2025, 8, 8), time=PrepaidTime.YEAR, nonprofit=True).rate(terms))
        '3/10'
        """
        name = f"prepaid_{self.time}_nonprofit" if self.nonprofit else f"prepaid_{self.time}"
        agreed: Rate | NotAgreed = getattr(terms.billing, name)
        if isinstance(agreed, NotAgreed):
            raise InvalidValue(f"the prepayment from {self.starts_on} has no discount: billing.{name} is not agreed, so charge it as usual")
        return agreed


@final
@attrs.frozen(kw_only=True)
class AddOn:
    """Something bought beside the plan, such as SMS, from a day on until another, exclusive; None has no end (44323, K-33).

    An item runs once at a time: who buys more of it has more units, not another add-on. `units` pick the price where it is bought by
    number, None where it goes by the contacts as the plan does. An end that is not after the start and units below zero are refused with
    `InvalidValue`. A suspension ends it (41606): state that day as its end.

    >>> AddOn(item="sms", starts_on=date(2025, 8, 20), units=500).ends_on is None
    True
    """

    item: str
    starts_on: date
    ends_on: date | None = None
    units: int | None = None

    def __attrs_post_init__(self) -> None:
        check_id("item", self.item)
        check_day(f"the first day of {shown(self.item)}", self.starts_on)
        if self.ends_on is not None:
            check_day(f"the end of {shown(self.item)}", self.ends_on)
            if self.ends_on <= self.starts_on:
                raise InvalidValue(f"the add-on {shown(self.item)} ends on {self.ends_on}, not after its start on {self.starts_on}")
        if self.units is not None:
            check_count(f"the number of {shown(self.item)}", self.units)
