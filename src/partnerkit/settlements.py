"""How a charge is settled: which reward it bears at which rate, and which bonus; asked for one charge or for very many that are alike.

Floor 6, below billing. May import: money, clauses, partners, policies, terms, attrs and the standard library.

Nothing here depends on an amount, so that whoever has very many charges asks once for all that are alike. The rulings are asked of
the policies, the numbers of the terms; a term is read only where it is needed.
"""

from typing import Final, final

import attrs

from partnerkit.clauses import Permission, Ruling
from partnerkit.money import Currency, Money, Rate, Rounding, round_ratio
from partnerkit.partners import AccountStatus, BillingMode, Standing
from partnerkit.policies import RewardKind, may_discount_prepaid, reward_for, within_bonus_window
from partnerkit.terms import NOT_AGREED, ChargeKind, NotAgreed, ShareTerms, SingleBillTerms, Terms, amount_in

UNCHARGED: Final = frozenset({AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED})
"""The statuses of an account that is not charged (I-5)."""


@final
@attrs.frozen(kw_only=True)
class Cut:
    """The part of a charge that a reward is: a rate of its amount, rounded once.

    >>> str(Cut(rate=Rate.percent("15"), rounding=Rounding.HALF_AWAY).of(Money.of("99.99", "USD")))
    '15.00 USD'
    """

    rate: Rate
    rounding: Rounding

    def of(self, amount: Money) -> Money:
        """Give the reward on an amount."""
        return amount.times(self.rate, self.rounding)


@final
@attrs.frozen(kw_only=True)
class Settlement:
    """How a charge of one kind is settled: at most one of share and discount (S-34), each a part of its amount, by which rulings.

    `prepaid` is the ruling on a charge with a discount for prepayment that would get the upfront discount too.

    >>> from partnerkit.partners import Management, Origin
    >>> from partnerkit.policies import REWARD
    >>> ruling = REWARD.ask(credited=True, management=Management.REFERRED, billing_mode=BillingMode.DIRECT, origin=Origin.LINK)
    >>> Settlement(ruling=ruling, share=Cut(rate=Rate.percent("15"), rounding=Rounding.HALF_AWAY)).discount is None
    True
    """

    ruling: Ruling[RewardKind]
    prepaid: Ruling[Permission] | None = None
    share: Cut | None = None
    discount: Cut | None = None


def settlement_of(kind: ChargeKind, standing: Standing, terms: Terms, *, is_prepaid: bool) -> Settlement:
    """Tell which reward a charge of a kind bears by the standing and the terms of its day.

    On a Single Bill the discount, else the share (S-34, S-04), each only on the kinds in its scope; a prepaid charge gets the discount only
    where ``single_bill.on_prepaid`` allows both. A number that is needed and not stated raises `TermMissing`; one that is `NOT_AGREED`
    gives no reward.

    >>> from datetime import UTC, date, datetime
    >>> from partnerkit.partners import Account, Management, Partner
    >>> account = Account(id="a-1", client="k-1", currency=Currency("USD"), opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> standing = Standing(
    ...     account=account, credited_to=Partner.of("p-1", "brightside"), management=Management.REFERRED, day=date(2025, 8, 8))
    >>> share = ShareTerms(rate=Rate.percent("15"), scope=frozenset({ChargeKind.SUBSCRIPTION}), rounding=Rounding.HALF_AWAY)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", share=share)
    >>> settlement_of(ChargeKind.SUBSCRIPTION, standing, terms, is_prepaid=False).share.rate == Rate.percent("15")
    True
    >>> settlement_of(ChargeKind.TAX, standing, terms, is_prepaid=False).share is None
    True
    """
    ruling = reward_for(standing, terms=terms)
    match ruling.outcome:
        case RewardKind.REVENUE_SHARE:
            return Settlement(ruling=ruling, share=share_cut(kind, terms))
        case RewardKind.UPFRONT_DISCOUNT:
            discount = discount_cut(kind, terms)
            if discount is None or not is_prepaid:
                return Settlement(ruling=ruling, discount=discount)
            prepaid = may_discount_prepaid(standing, terms=terms)
            return Settlement(ruling=ruling, prepaid=prepaid, discount=discount if prepaid.outcome is Permission.MAY else None)
        case RewardKind.NOTHING:
            return Settlement(ruling=ruling)


def share_cut(kind: ChargeKind, terms: Terms) -> Cut | None:
    """Give the revenue share of a charge of a kind, None where the terms grant none (S-04); a number not stated raises `TermMissing`.

    >>> from datetime import date
    >>> share_cut(ChargeKind.TAX, Terms(starts_on=date(2025, 1, 1), source="example", share=ShareTerms(rate=NOT_AGREED))) is None
    True
    """
    return _cut(kind, terms.share.rate, terms.share)


def discount_cut(kind: ChargeKind, terms: Terms) -> Cut | None:
    """Give the upfront discount of a charge of a kind, None where the terms grant none (S-34); a number not stated raises `TermMissing`.

    >>> from datetime import date
    >>> single_bill = SingleBillTerms(discount=NOT_AGREED)
    >>> discount_cut(ChargeKind.TAX, Terms(starts_on=date(2025, 1, 1), source="example", single_bill=single_bill)) is None
    True
    """
    return _cut(kind, terms.single_bill.discount, terms.single_bill)


def _cut(kind: ChargeKind, rate: Rate | NotAgreed, section: ShareTerms | SingleBillTerms) -> Cut | None:
    if isinstance(rate, NotAgreed) or kind not in section.scope:
        return None
    return Cut(rate=rate, rounding=section.rounding)


def bonus_of(kind: ChargeKind, currency: Currency, standing: Standing, terms: Terms, reward: RewardKind) -> Money | None:
    """Give the New Account Bonus that a charge of a kind bears where its amount is not zero (M-18); None where it bears none.

    It goes to a credited partner that gets something for the account at all, and on a Single Bill only to the partner that pays. A number
    that is needed and not stated raises `TermMissing`.

    >>> from datetime import UTC, date, datetime
    >>> from partnerkit.partners import Account, Management, Partner
    >>> from partnerkit.terms import BonusTerms
    >>> usd = Currency("USD")
    >>> account = Account(id="a-1", client="k-1", currency=usd, opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
    >>> standing = Standing(account=account, credited_to=Partner.of("p-1", "brightside"), management=Management.REFERRED,
    ...     within_bonus_window=True, day=date(2025, 8, 8))
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", bonus=BonusTerms(amount=(Money.of("50", "USD"),)))
    >>> str(bonus_of(ChargeKind.SUBSCRIPTION, usd, standing, terms, RewardKind.REVENUE_SHARE))
    '50.00 USD'
    """
    if kind is not ChargeKind.SUBSCRIPTION or not _may_earn_bonus(standing, reward):
        return None
    amounts = terms.bonus.amount
    if amounts is NOT_AGREED or not within_bonus_window(standing, terms=terms):
        return None
    if standing.billing_mode is BillingMode.SINGLE_BILL and not terms.bonus.on_single_bill:
        return None
    return amount_in(amounts, currency, "bonus.amount")


def part_between(whole: int, before: int, after: int, gross: int, rounding: Rounding) -> int:
    """Give what of a reward falls between two amounts of its charge, in minor units: all parts add up to the whole reward.

    >>> [part_between(500, before, before + 1000, 3000, Rounding.HALF_AWAY) for before in (0, 1000, 2000)]
    [167, 166, 167]
    """
    return round_ratio(whole * after, gross, rounding) - round_ratio(whole * before, gross, rounding)


def _may_earn_bonus(standing: Standing, reward: RewardKind) -> bool:
    """Tell whether the terms have to be asked for a bonus at all."""
    if standing.credited_to is None or reward is RewardKind.NOTHING or standing.within_bonus_window is False:
        return False
    return standing.payer is None or standing.payer.id == standing.credited_to.id
