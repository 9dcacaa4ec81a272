"""Reward terms as values, for programs that pay otherwise than this one: what is paid for a charge, how long, and up to what.

Floor 6. May import: errors, money, periods, vocabulary, terms, charges, attrs and the standard library.

A plan of two rules that could both pay one charge is refused when it is built, so that nothing ever picks "the larger number". Every
amount is rounded once, and then capped; what a cap took away is told.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Final, TypeVar, final

import attrs

from partnerkit.charges import Charge
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Money, Rate, Rounding
from partnerkit.periods import Month, billing_dates
from partnerkit.terms import ChargeKind, amount_in
from partnerkit.vocabulary import check_all, check_day, check_id, check_is, check_line, check_once


@final
@attrs.frozen(kw_only=True)
class Percent:
    """A part of the charge, rounded once.

    >>> str(Percent(rate=Rate.percent("12.5"), rounding=Rounding.HALF_AWAY).of(Money.of("0.20", "USD")))
    '0.03 USD'
    """

    rate: Rate
    rounding: Rounding

    def __attrs_post_init__(self) -> None:
        check_is("the rate of a reward", self.rate, Rate)
        check_is("the rounding of a reward", self.rounding, Rounding)
        if self.rate.value > 1:
            raise InvalidValue(f"a reward of {self.rate} is more than the whole charge: wanted at most 100%")

    def of(self, amount: Money) -> Money:
        """Give the reward for a charge of an amount."""
        return amount.times(self.rate, self.rounding)


@final
@attrs.frozen
class Flat:
    """The same amount for every charge that costs anything, one amount for each currency.

    A charge in another currency raises `TermMissing`, two amounts of one currency `InvalidValue`.

    >>> str(Flat((Money.of("50", "USD"), Money.of("40", "GBP"))).of(Money.of("12", "GBP")))
    '40.00 GBP'
    """

    amounts: tuple[Money, ...]

    def __attrs_post_init__(self) -> None:
        _check_amounts("a flat reward", self.amounts)

    def of(self, amount: Money) -> Money:
        """Give the reward for a charge of an amount; nothing for one of nothing."""
        flat = amount_in(self.amounts, amount.currency, "reward.flat")
        return flat if amount.minor else Money.zero(amount.currency)


@final
@attrs.frozen(kw_only=True)
class RateTiers:
    """Rates that depend on a number, such as how many active clients a partner has: from each `start` on, its rate.

    A plan does not count: pick the rate, and state it as the `Percent` of a rule.
    The first start is 0; starts that do not rise raise `InvalidValue`.

    >>> tiers = RateTiers(steps=((0, Rate.percent("0")), (2, Rate.percent("25")), (25, Rate.percent("35"))))
    >>> [str(tiers.whole(count)) for count in (1, 24, 25)], [str(rate) for rate in tiers.graduated(3)]
    (['0', '1/4', '7/20'], ['0', '1/4', '1/4'])
    """

    steps: tuple[tuple[int, Rate], ...]

    def __attrs_post_init__(self) -> None:
        check_all("the steps of a rate", self.steps, tuple)
        if any([type(part) for part in step] != [int, Rate] for step in self.steps):
            raise InvalidValue(f"the steps of a rate are {shown(self.steps)}: wanted a start, which is a whole number, and a rate each")
        starts = [start for start, _ in self.steps]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise InvalidValue(f"the steps of a rate start at {shown(starts)}: wanted 0 first, and each later than the one before")

    def whole(self, count: int) -> Rate:
        """Give the one rate for all: that of the step that the count has reached; the day it is counted on is the caller's to state."""
        return self.steps[bisect_right(self.steps, _counted(count), key=lambda step: step[0]) - 1][1]

    def graduated(self, count: int) -> tuple[Rate, ...]:
        """Give the rate for each of them, the first one first: that of the step it stands in, whatever comes after it."""
        return tuple(self.whole(number) for number in range(1, _counted(count) + 1))


@final
@attrs.frozen(kw_only=True)
class Months:
    """From the start of a month of an account's life on (0 is the first) until the start of another, exclusive; None has no end.

    Months are counted from the account's own first day and clamped: three months from January 31 end on April 30, and hold the renewals of
    January 31, February 28 and March 31.

    >>> [Months(until=3).hold(date(2025, 1, 31), on) for on in (date(2025, 3, 31), date(2025, 4, 30))]
    [True, False]
    """

    start: int = 0
    until: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_span("months", self.start, self.until, least=0)

    def hold(self, since: date, on: date) -> bool:
        """Tell whether a day lies in these months of a life that began on another; before that none does."""
        check_day("the first day of a life", since)
        check_day("the day of a charge", on)
        return _is_over(since, self.start, on) and (self.until is None or not _is_over(since, self.until, on))


@final
@attrs.frozen(kw_only=True)
class Payments:
    """From one payment of an account on (1 is the first) until another, exclusive; None has no end.

    >>> [Payments(until=3).hold(number) for number in (1, 2, 3)]
    [True, True, False]
    """

    start: int = 1
    until: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_span("payments", self.start, self.until, least=1)

    def hold(self, number: int) -> bool:
        """Tell whether a payment is among these by its number."""
        return self.start <= number and (self.until is None or number < self.until)


@final
@attrs.frozen
class ChargeCap:
    """The most that a rule pays for one charge, one amount for each currency.

    >>> str(ChargeCap((Money.of("50", "USD"),)).amounts[0])
    '50.00 USD'
    """

    amounts: tuple[Money, ...]

    def __attrs_post_init__(self) -> None:
        _check_amounts("the cap of a charge", self.amounts)


@final
@attrs.frozen
class ClientCap:
    """The most that a rule ever pays for one client, over all its accounts and charges, one amount for each currency.

    >>> str(ClientCap((Money.of("500", "USD"),)).amounts[0])
    '500.00 USD'
    """

    amounts: tuple[Money, ...]

    def __attrs_post_init__(self) -> None:
        _check_amounts("the cap of a client", self.amounts)


@final
@attrs.frozen
class MonthCap:
    """The most that a rule pays for one calendar month, over all clients, one amount for each currency.

    >>> str(MonthCap((Money.of("5000", "USD"),)).amounts[0])
    '5000.00 USD'
    """

    amounts: tuple[Money, ...]

    def __attrs_post_init__(self) -> None:
        _check_amounts("the cap of a month", self.amounts)


_Known = TypeVar("_Known")
_LONGEST_HOLD: Final = (date.max - date.min).days
Cap = ChargeCap | ClientCap | MonthCap
Span = Months | Payments


@final
@attrs.frozen(kw_only=True)
class RewardRule:
    """What is paid for charges of some kinds and items (None: all items), for how long, up to what, and after how many days.

    A charge gets the least that a cap leaves, in whatever order they stand. Two caps of one type, no kinds at all and days below zero or
    beyond the calendar raise `InvalidValue`.

    >>> rule = RewardRule(id="first-year", pays=Percent(rate=Rate.percent("20"), rounding=Rounding.HALF_AWAY),
    ...     kinds=frozenset({ChargeKind.SUBSCRIPTION}), span=Months(until=12))
    >>> rule.holding_days
    0
    """

    id: str
    pays: Percent | Flat
    kinds: frozenset[ChargeKind]
    items: frozenset[str] | None = None
    span: Span | None = None
    caps: tuple[Cap, ...] = ()
    holding_days: int = 0

    def __attrs_post_init__(self) -> None:
        check_id("reward rule", self.id)
        if not isinstance(self.pays, Percent | Flat):
            raise InvalidValue(f"the rule {self.id} pays {shown(self.pays)}: wanted a Percent or a Flat")
        if not isinstance(self.kinds, frozenset) or not self.kinds or not all(isinstance(kind, ChargeKind) for kind in self.kinds):
            raise InvalidValue(f"the rule {self.id} is for {shown(self.kinds)}: wanted a frozenset of kinds of charges")
        if self.items is not None and (not isinstance(self.items, frozenset) or not self.items or "" in self.items):
            raise InvalidValue(f"the rule {self.id} is for the items {shown(self.items)}: wanted a frozenset of names, or None for all")
        for item in self.items or ():
            check_line(f"an item of the rule {self.id}", item)
        if self.span is not None and not isinstance(self.span, Months | Payments):
            raise InvalidValue(f"the rule {self.id} lasts for {shown(self.span)}: wanted Months, Payments or None")
        check_is(f"the caps of the rule {self.id}", self.caps, tuple)
        types = [type(cap) for cap in self.caps]
        if not all(kind in {ChargeCap, ClientCap, MonthCap} for kind in types) or len(set(types)) < len(types):
            raise InvalidValue(f"the caps of the rule {self.id} are {shown(self.caps)}: wanted one of each type at most")
        if type(self.holding_days) is not int or not 0 <= self.holding_days <= _LONGEST_HOLD:
            raise InvalidValue(
                f"the rule {self.id} holds back for {shown(self.holding_days)} days: wanted a whole number from 0 to {_LONGEST_HOLD}"
            )

    def is_for(self, charge: Charge) -> bool:
        """Tell whether the rule is for charges such as this one, whenever it is made."""
        return charge.kind in self.kinds and (self.items is None or charge.item in self.items)

    def overlaps(self, other: "RewardRule") -> bool:
        """Tell whether some charge could be paid by both: they share a kind and an item, and their spans are not known to be apart.

        Payments are counted by the charges that a rule is for, so that only rules for the same charges count alike.
        """
        items = self.items is None or other.items is None or bool(self.items & other.items)
        alike = (self.kinds, self.items) == (other.kinds, other.items) or isinstance(self.span, Months)
        return bool(self.kinds & other.kinds) and items and not (alike and _are_apart(self.span, other.span))


@final
@attrs.frozen(kw_only=True)
class Reward:
    """What a rule pays for a charge: the amount, what caps took off it, and the day from which it can be paid out.

    >>> reward = Reward(charge="c-1", rule="first-year", amount=Money.of("50", "USD"), capped=Money.of("10", "USD"),
    ...     payable_on=date(2025, 9, 8))
    >>> str(reward.amount)
    '50.00 USD'
    """

    charge: str
    rule: str
    amount: Money
    capped: Money
    payable_on: date

    def __attrs_post_init__(self) -> None:
        check_id("charge", self.charge)
        check_id("reward rule", self.rule)
        check_day("the day a reward is payable", self.payable_on)
        for what, amount in (("amount", self.amount), ("capped part", self.capped)):
            check_is(f"the {what} of a reward", amount, Money)
            if amount.minor < 0:
                raise InvalidValue(f"the {what} of the reward for {self.charge} is {amount}, below zero")
        if self.amount.currency != self.capped.currency:
            raise InvalidValue(f"the reward for {self.charge} is {self.amount}, and {self.capped} of it capped: wanted one currency")


@final
@attrs.frozen
class RewardPlan:
    """Rules of which at most one pays for any charge: two that could both pay raise `InvalidValue` when the plan is built.

    >>> subscriptions, percent = frozenset({ChargeKind.SUBSCRIPTION}), Percent(rate=Rate.percent("20"), rounding=Rounding.HALF_AWAY)
    >>> first = RewardRule(id="first-year", pays=percent, kinds=subscriptions, span=Months(until=12))
    >>> RewardPlan((first, RewardRule(id="later", pays=percent, kinds=subscriptions, span=Months(start=11))))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the rules first-year and later could both pay for one charge: set their kinds, items or spans apart
    """

    rules: tuple[RewardRule, ...]

    def __attrs_post_init__(self) -> None:
        check_all("the rules of a plan", self.rules, RewardRule)
        for one, other in combinations(self.rules, 2):
            if one.id == other.id:
                raise InvalidValue(f"two rules have the id {one.id}: give each an id of its own")
            if one.overlaps(other):
                raise InvalidValue(
                    f"the rules {one.id} and {other.id} could both pay for one charge: set their kinds, items or spans apart"
                )

    def rewards(self, charges: Iterable[Charge], *, since: Mapping[str, date], clients: Mapping[str, str]) -> tuple[Reward, ...]:
        """Give what is paid for charges, in the order of their days and ids; a charge that no rule pays for has no reward.

        `since` is the first day of each account, from which months count, and `clients` the client of each, whom a client's cap is
        about. Payments are counted among the charges of an account that cost anything and that the rule is for, so give all of them from
        its beginning. An account that is needed and not named, a charge that comes twice and one so late that what it earns could not be
        paid out before the calendar ends raise `InvalidValue`.

        >>> RewardPlan(()).rewards([], since={}, clients={})
        ()
        """
        paid = _Paid()
        charges = tuple(charges)
        check_once("the list to reward", "charge", (charge.id for charge in charges))
        ordered = sorted(charges, key=lambda charge: (charge.charged_on, charge.id))
        found = (self._reward(charge, paid, since, clients) for charge in ordered if charge.amount.minor)
        return tuple(reward for reward in found if reward is not None)

    def _reward(self, charge: Charge, paid: "_Paid", since: Mapping[str, date], clients: Mapping[str, str]) -> Reward | None:
        found = [rule for rule in self.rules if rule.is_for(charge) and paid.lasts(rule, charge, since)]
        if not found:
            return None
        [rule] = found
        whole = rule.pays.of(charge.amount)
        client = _of(clients, charge, "client") if any(isinstance(cap, ClientCap) for cap in rule.caps) else charge.account
        amount = paid.capped(rule, charge, whole, client)
        payable = _later(charge, rule.holding_days)
        return Reward(charge=charge.id, rule=rule.id, amount=amount, capped=whole - amount, payable_on=payable)


class _Paid:
    """What was counted and paid so far, for the spans and the caps that depend on it."""

    def __init__(self) -> None:
        self._payments: dict[tuple[str, str], int] = defaultdict(int)
        self._by_client: dict[tuple[str, str, str], int] = defaultdict(int)
        self._by_month: dict[tuple[str, Month, str], int] = defaultdict(int)

    def lasts(self, rule: RewardRule, charge: Charge, since: Mapping[str, date]) -> bool:
        """Tell whether a charge that a rule is for lies in its span, and count it."""
        self._payments[rule.id, charge.account] += 1
        match rule.span:
            case None:
                return True
            case Months():
                return rule.span.hold(_of(since, charge, "first day"), charge.charged_on)
            case Payments():
                return rule.span.hold(self._payments[rule.id, charge.account])

    def capped(self, rule: RewardRule, charge: Charge, whole: Money, client: str) -> Money:
        """Give what the caps leave of an amount, and count it."""
        code, month = whole.currency.code, Month.of(charge.charged_on)
        left = whole.minor
        for cap in rule.caps:
            most = amount_in(cap.amounts, whole.currency, "reward.cap").minor
            match cap:
                case ChargeCap():
                    left = min(left, most)
                case ClientCap():
                    left = min(left, most - self._by_client[rule.id, client, code])
                case MonthCap():
                    left = min(left, most - self._by_month[rule.id, month, code])
        self._by_client[rule.id, client, code] += left
        self._by_month[rule.id, month, code] += left
        return Money(minor=left, currency=whole.currency)


def _of(by_account: Mapping[str, _Known], charge: Charge, what: str) -> _Known:
    try:
        return by_account[charge.account]
    except KeyError:
        raise InvalidValue(f"the charge {charge.id} is of the account {shown(charge.account)}, whose {what} was not given") from None


def _are_apart(one: Span | None, other: Span | None) -> bool:
    """Tell whether no charge lies in both spans; months and payments are never known to be apart."""
    if one is None or other is None or type(one) is not type(other):
        return False
    return (one.until is not None and one.until <= other.start) or (other.until is not None and other.until <= one.start)


def _is_over(since: date, months: int, on: date) -> bool:
    """Tell whether a number of months since a day is over on another; what ends beyond the calendar never is."""
    if months == 0:
        return since <= on
    if since.year + (since.month - 1 + months) // 12 > on.year:
        return False
    return next(billing_dates(since, since.day, months=months)) <= on


def _later(charge: Charge, days: int) -> date:
    try:
        return charge.charged_on + timedelta(days=days)
    except OverflowError:
        raise InvalidValue(f"the charge {charge.id} of {charge.charged_on} is held back for {days} days: no calendar goes so far") from None


def _counted(count: int) -> int:
    if type(count) is not int or count < 0:
        raise InvalidValue(f"{shown(count)} is no number to pick a rate by: wanted a whole number, at least 0")
    return count


def _check_span(what: str, start: int, until: int | None, *, least: int) -> None:
    if type(start) is not int or start < least:
        raise InvalidValue(f"{what} start at {shown(start)}: wanted a whole number, at least {least}")
    if until is not None and (type(until) is not int or until <= start):
        raise InvalidValue(f"{what} from {start} end before {shown(until)}: wanted a whole number above {start}, or None")


def _check_amounts(what: str, amounts: Sequence[Money]) -> None:
    check_all(f"the amounts of {what}", amounts, Money)
    codes = [amount.currency.code for amount in amounts]
    if not codes or len(set(codes)) < len(codes):
        raise InvalidValue(f"{what} has the amounts {', '.join(map(str, amounts)) or 'of no currency'}: wanted one of each currency")
    for amount in amounts:
        if amount.minor < 0:
            raise InvalidValue(f"{what} is {amount}, below zero")
