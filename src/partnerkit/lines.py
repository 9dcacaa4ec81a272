"""A line: what a charge costs whom and the one reward it carries, discount or share, never both; whatever else it says is refused.

Floor 6, below billing. May import: errors, money, clauses, vocabulary, policies, charges, attrs and the standard library.
"""

from typing import final

import attrs

from partnerkit.charges import Charge
from partnerkit.clauses import Permission, Ruling
from partnerkit.errors import CurrencyMismatch, InvalidValue, shown
from partnerkit.money import Money
from partnerkit.policies import PREPAID_DISCOUNT, RewardKind
from partnerkit.vocabulary import check_all, check_id, check_is


@final
@attrs.frozen
class RevenueShare:
    """The reward of a line that the client pays: a share for the credited partner, paid out later (S-04, S-34).

    >>> str(RevenueShare(Money.of("15", "USD")).amount)
    '15.00 USD'
    """

    amount: Money

    def __attrs_post_init__(self) -> None:
        check_is("the revenue share", self.amount, Money)


@final
@attrs.frozen
class UpfrontDiscount:
    """The reward of a line on a Single Bill: a discount for the partner that pays, in place of the share (S-34).

    >>> str(UpfrontDiscount(Money.of("15", "USD")).amount)
    '15.00 USD'
    """

    amount: Money

    def __attrs_post_init__(self) -> None:
        check_is("the upfront discount", self.amount, Money)


@final
@attrs.frozen(kw_only=True)
class Line:
    """A charge with its reward: what it costs whom, what the partner gets, and the rulings that say so.

    `payer` is the partner that pays by Single Bill, None where the client pays. `earner` is the partner credited with the
    account. `prepaid` rules whether a charge with a discount for prepayment gets the upfront discount too. `bonus` is the New Account
    Bonus (M-18), earned by the first line of the account that bears one and is recognized. `terms` is the fingerprint of the terms
    applied. Lines come from `line_for`. What cannot be is refused with `InvalidValue` or `CurrencyMismatch`: a discount and a share at
    once, a reward or bonus to nobody, a share on a Single Bill (S-34), a reward above the charge or below zero, in another currency, or
    that no ruling of the line grants, and a discount on a prepaid charge that no ruling allows.

    >>> from datetime import date
    >>> from partnerkit.periods import Period
    >>> from partnerkit.partners import BillingMode, Management, Origin
    >>> from partnerkit.charges import ChargeReason
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> from partnerkit.terms import ChargeKind
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK))
    >>> line = Line(charge=charge, payer="p-1", reward=UpfrontDiscount(Money.of("15", "USD")), rulings=(ruling,), terms="example")
    >>> str(line.gross), str(line.discount), str(line.net), str(line.share)
    ('100.00 USD', '15.00 USD', '85.00 USD', '0.00 USD')
    """

    charge: Charge
    payer: str | None = None
    earner: str | None = None
    reward: RevenueShare | UpfrontDiscount | None = None
    bonus: Money | None = None
    rulings: tuple[Ruling[RewardKind], ...]
    prepaid: Ruling[Permission] | None = None
    terms: str

    def __attrs_post_init__(self) -> None:
        check_is("the charge of a line", self.charge, Charge)
        for what, partner in (("payer", self.payer), ("earner", self.earner)):
            if partner is not None:
                check_id(what, partner)
        check_is(f"the terms of {self.charge.id}", self.terms, str)
        check_all(f"the rulings of {self.charge.id}", self.rulings, Ruling)
        match self.reward:
            case UpfrontDiscount() if self.payer is None:
                raise InvalidValue(f"the discount on {self.charge.id} goes to nobody: only a partner that pays can have one")
            case RevenueShare() if self.earner is None:
                raise InvalidValue(f"the share of {self.charge.id} goes to nobody: only a credited partner can earn one")
            case RevenueShare() if self.payer is not None:
                raise InvalidValue(f"{self.charge.id} is on a Single Bill, which earns a discount in place of a share (S-34)")
            case UpfrontDiscount() | RevenueShare():
                _check_part(self.charge, self.reward.amount)
            case None:
                pass
            case _:
                raise InvalidValue(
                    f"the reward of {self.charge.id} is {shown(self.reward)}: wanted a RevenueShare, an UpfrontDiscount or None"
                )
        _check_bonus(self)
        _check_ruled(self)
        _check_prepaid(self)

    @property
    def all_rulings(self) -> tuple[Ruling[RewardKind] | Ruling[Permission], ...]:
        """Every ruling that made the line."""
        return self.rulings if self.prepaid is None else (*self.rulings, self.prepaid)

    @property
    def gross(self) -> Money:
        """The list price: what the payer and the discount come to together."""
        return self.charge.amount

    @property
    def discount(self) -> Money:
        """The upfront discount, zero where there is none."""
        return self.reward.amount if isinstance(self.reward, UpfrontDiscount) else self.zero

    @property
    def share(self) -> Money:
        """The revenue share, zero where there is none."""
        return self.reward.amount if isinstance(self.reward, RevenueShare) else self.zero

    @property
    def net(self) -> Money:
        """What the payer pays: the list price less the discount."""
        return self.gross - self.discount

    @property
    def zero(self) -> Money:
        """No money, in the line's currency."""
        return Money.zero(self.charge.amount.currency)


def _check_ruled(line: Line) -> None:
    ruled = {ruling.outcome for ruling in line.rulings}
    granted = {RevenueShare: RewardKind.REVENUE_SHARE, UpfrontDiscount: RewardKind.UPFRONT_DISCOUNT}.get(type(line.reward))
    if granted is not None and granted not in ruled:
        raise InvalidValue(f"no ruling of the line {line.charge.id} grants the {granted.value}: make lines with line_for")
    if RewardKind.UPFRONT_DISCOUNT in ruled and line.payer is None:
        raise InvalidValue(f"a ruling of the line {line.charge.id} grants a discount, but no partner pays it: make lines with line_for")
    if RewardKind.REVENUE_SHARE in ruled and line.payer is not None:
        raise InvalidValue(f"a ruling of the line {line.charge.id} grants a share, but {line.payer} pays it: make lines with line_for")


def _check_prepaid(line: Line) -> None:
    """Refuse two discounts on one charge where nothing allows them together (Q-57)."""
    if line.prepaid is not None:
        check_is(f"the ruling on the prepaid charge {line.charge.id}", line.prepaid, Ruling)
        if line.prepaid.policy != PREPAID_DISCOUNT.id:
            raise InvalidValue(
                f"the ruling on the prepaid charge {line.charge.id} is on {line.prepaid.policy!r}: wanted {PREPAID_DISCOUNT.id!r}"
            )
        if line.charge.prepaid is None:
            raise InvalidValue(
                f"{line.charge.id} has no discount for prepayment, so nothing is to be ruled about it: make lines with line_for"
            )
    allowed = line.prepaid is not None and line.prepaid.outcome is Permission.MAY
    if line.charge.prepaid is not None and isinstance(line.reward, UpfrontDiscount) and not allowed:
        raise InvalidValue(f"{line.charge.id} has a discount for prepayment, and no ruling of the line allows the upfront discount too")


def _check_bonus(line: Line) -> None:
    if line.bonus is None:
        return
    check_is(f"the bonus of {line.charge.id}", line.bonus, Money)
    if line.earner is None:
        raise InvalidValue(f"the bonus of {line.charge.id} goes to nobody: only a credited partner can earn one")
    if line.bonus < line.zero:
        raise InvalidValue(f"the bonus of {line.charge.id} is {line.bonus}: wanted zero or more")


def _check_part(charge: Charge, amount: Money) -> None:
    if amount.currency != charge.amount.currency:
        raise CurrencyMismatch(
            f"the reward on {charge.id} is in {amount.currency.code}, but the charge is in {charge.amount.currency.code}"
        )
    if not 0 <= amount.minor <= charge.amount.minor:
        raise InvalidValue(f"the reward on {charge.id} is {amount}: wanted from zero up to the charge of {charge.amount}")
