"""The contract's numbers and choices, dated and with their source. No rule of partnerkit contains a number of its own.

Floor 2. May import: errors, fingerprints, money, periods, choices, sections, vocabulary, attrs and the standard library.

A term that is not stated is absent: reading it raises `TermMissing` with its key, never a zero. `NOT_AGREED` is the
statement that the contract grants none. What `partnerkit init` writes for each term stands beside it, because
the program file must ask for every one of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, final

import attrs

from partnerkit.choices import (
    NOT_AGREED,
    BonusFrom,
    ChargeKind,
    Clawback,
    CreditModel,
    CreditSource,
    CutOff,
    EligibleAt,
    FirstPeriod,
    Negative,
    NotAgreed,
    OnIneligible,
    PayoutSchedule,
    PrepaidCharged,
    Recognition,
    SelfReferral,
    TaxRounding,
    TierBasis,
)
from partnerkit.errors import InvalidValue, NoTermsInForce, TermMissing, shown
from partnerkit.fingerprints import fingerprint
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.periods import ProrationBasis, Window
from partnerkit.sections import Section, term, term_types
from partnerkit.vocabulary import check_line

__all__ = [
    "NOT_AGREED",
    "SECTIONS",
    "AttributionTerms",
    "BillingTerms",
    "BonusFrom",
    "BonusTerms",
    "ChargeKind",
    "Clawback",
    "ContactTerms",
    "CreditModel",
    "CreditSource",
    "CutOff",
    "EligibleAt",
    "FirstPeriod",
    "ManagementTerms",
    "Negative",
    "NotAgreed",
    "OnIneligible",
    "PayoutSchedule",
    "PayoutTerms",
    "PrepaidCharged",
    "Recognition",
    "Section",
    "SelfReferral",
    "ShareTerms",
    "SingleBillTerms",
    "TaxRounding",
    "Terms",
    "TermsHistory",
    "TierBasis",
    "amount_in",
    "term_types",
]


def _one_per_currency(section: Section, name: str) -> None:
    amounts = section.given().get(name, NOT_AGREED)
    if amounts is NOT_AGREED:
        return
    codes = [amount.currency.code for amount in amounts]
    if len(set(codes)) != len(codes):
        raise InvalidValue(f"{section.key}.{name} states a currency twice: {', '.join(codes)}")
    for amount in amounts:
        if amount.minor < 0:
            raise InvalidValue(f"{section.key}.{name} is {amount}, below zero")


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class AttributionTerms(Section):
    """How an account opening is credited: the article says only that it follows a visit (S-13, S-20).

    >>> AttributionTerms(window=Window.days(90)).window.count
    90
    """

    key = "attribution"

    model: CreditModel = term("Which visit is credited when the visitor saw several partners' links?", init='"last"')
    window: Window = term(
        "For how long before the opening does a visit count? The article names no end, which is 'unlimited'.", init='"unlimited"'
    )
    eligible_at: EligibleAt = term("When must the partnership be active: at the visit, at the opening, or both?", init='"both"')
    on_ineligible: OnIneligible = term(
        "What if the visit that would win leads to a partner that is not eligible: is it skipped, or is nobody credited?", init='"skip"'
    )
    dedupe_seconds: int = term("Within how many seconds are two visits of one partner a single touch, in reports?", init="0", least=0)
    skew_seconds: int = term("By how many seconds may a visit's clock run ahead of the opening's?", init="0", least=0)
    stand_down_seconds: int = term(
        "For how many seconds after another partner's visit does a browser extension's click not count?", init="0", least=0
    )
    half_life_days: int = term("After how many days does a visit weigh half, in time-decay reports?", init="7", least=1)
    precedence: tuple[CreditSource, ...] = term(
        "What credits first: a registered deal, a coupon, a link?", init='["deal", "coupon", "link"]'
    )
    require_consent: bool = term("Does a visit count only with the visitor's consent?", init="true")
    honor_gpc: bool = term("Is a visit with the Global Privacy Control signal left out?", init="true")
    self_referral: SelfReferral = term("Can a partner be credited with an account of its own mailbox?", init='"deny"')
    free_mail: frozenset[str] = term(
        "Which mail domains can anyone use, so that sharing one means nothing?",
        init='["gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com"]',
    )

    def _check(self) -> None:
        precedence = self.given().get("precedence", ())
        if len(set(precedence)) != len(precedence):
            raise InvalidValue(f"attribution.precedence names a source twice: {', '.join(precedence)}")


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class ShareTerms(Section):
    """The revenue share (S-34 calls it normal; its percentage is not public).

    >>> ShareTerms(rate=NOT_AGREED).rate
    NotAgreed.NOT_AGREED
    """

    key = "share"

    rate: Rate | NotAgreed = term("What is the revenue share of what the client is charged? Some partners have none.", part=True)
    scope: frozenset[ChargeKind] = term(
        "Which charges earn the revenue share? Article 000041606 says the suspension fee does.", init='["subscription", "suspension_fee"]'
    )
    recognized: Recognition = term("Is the share earned when the charge is billed, or as the client's cash is received?", init='"on_cash"')
    rounding: Rounding = term("How is a line's share rounded to the minor unit?", init='"half_away"')
    clawback: Clawback = term("What does a refund take back of the share?", init='"proportional"')
    after_partnership_ends: bool = term("Do accounts credited before the partnership ended, or was banned, go on earning?")


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class BonusTerms(Section):
    """The New Account Bonus: that it exists is public (44325), its amount and window are not.

    >>> BonusTerms(window_days=90).given()
    {'window_days': 90}
    """

    key = "bonus"

    amount: tuple[Money, ...] | NotAgreed = term("What is the New Account Bonus, one amount per currency?")
    window_days: int = term("For how many days can an account earn the New Account Bonus?", least=0)
    counted_from: BonusFrom = term("From which day are the days of the New Account Bonus counted?", init='"opening"')
    on_single_bill: bool = term("Can an account on Single Bill earn the New Account Bonus?")

    def _check(self) -> None:
        _one_per_currency(self, "amount")


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class SingleBillTerms(Section):
    """The Single Bill and its upfront discount (S-31 to S-35); the percentage is not public.

    >>> str(SingleBillTerms(discount=Rate.percent("15")).discount)
    '3/20'
    """

    key = "single_bill"

    discount: Rate | NotAgreed = term("What is the upfront discount on an account's charges on Single Bill?", part=True)
    scope: frozenset[ChargeKind] = term("Which charges get the upfront discount?", init='["subscription"]')
    rounding: Rounding = term("How is a line's discount rounded to the minor unit?", init='"half_away"')
    cut_off: CutOff = term("Does the Single Bill collect the lines charged on its own day?", init='"on_or_before"')
    negative: Negative = term("What becomes of a Single Bill below zero?", init='"carry_forward"')
    join_with_balance_due: bool = term("May an account with a balance due join Single Bill?", init="false")
    client_may_change_plan: bool = term("May a client change the plan of an account that its partner pays for?")
    on_prepaid: bool = term("Does a charge with a discount for prepayment get the upfront discount too?", init="false")


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class BillingTerms(Section):
    """How the vendor charges an account.

    >>> BillingTerms(trial_days=-1)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: billing.trial_days is -1: wanted a whole number, at least 0
    """

    key = "billing"

    rounding: Rounding = term("How is a prorated charge rounded to the minor unit?", init='"half_away"')
    proration: ProrationBasis = term("By which count of days is part of a cycle charged?", init='"actual_true_cycle"')
    first_period: FirstPeriod = term("How are the days before the first billing date charged?", init='"prorated"')
    tier_basis: TierBasis = term("Which count of contacts picks the price tier? The public sources conflict.")
    prepaid_half_year: Rate | NotAgreed = term(
        "What is the discount on a plan that is paid for six months in advance?", init='"10%"', public="article 000005773", part=True
    )
    prepaid_year: Rate | NotAgreed = term(
        "What is the discount on a plan that is paid for a year in advance?", init='"15%"', public="article 000005773", part=True
    )
    prepaid_half_year_nonprofit: Rate | NotAgreed = term(
        "What is it for six months, where the client is a nonprofit?", init='"20%"', public="article 000005773", part=True
    )
    prepaid_year_nonprofit: Rate | NotAgreed = term(
        "What is it for a year, where the client is a nonprofit?", init='"30%"', public="article 000005773", part=True
    )
    prepaid_charged: PrepaidCharged = term(
        "Is a plan that is paid in advance charged month by month, as its balance is used, or at once?", init='"monthly"'
    )
    tax_rounding: TaxRounding = term("Is tax rounded once for a bill and spread over its lines, or on each line?", init='"per_bill"')
    trial_days: int = term("How many days does a trial last? The public sources conflict: 60 or 30.", least=0)
    nonpayment_cancel_days: int = term(
        "After how many days of non-payment is a directly billed account canceled?", init="75", public="article 000005775", least=0
    )
    refund_days: int = term("Within how many days is the first payment refunded?", init="30", public="article 000005931", least=0)


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class ManagementTerms(Section):
    """How an account comes under management or into the partnership.

    >>> ManagementTerms(request_expires_days=NOT_AGREED).request_expires_days
    NotAgreed.NOT_AGREED
    """

    key = "management"

    request_expires_days: int | NotAgreed = term(
        "After how many days does an unanswered request to manage lapse?", init='"not agreed"', least=1
    )
    move_in_sender_days: int = term(
        "Accounts older than how many days move in only on a request from an address of the account?",
        init="60",
        public="article 000044017",
        least=0,
    )
    new_plan_cutover: date = term(
        "Accounts created before which day choose their plan when they move in?", init="2023-04-17", public="article 000044017"
    )
    partner_may_end: bool = term("May the partner alone hand a managed account back?")


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class ContactTerms(Section):
    """When the vendor may contact the account holder of a managed account although no law obliges it.

    >>> ContactTerms(reply=True) == ContactTerms(reply=True, partner_asked=False)
    False
    """

    key = "contact"

    reply: bool = term("May the vendor answer when the account holder writes first?")
    billing_notice: bool = term("May the vendor send receipts and payment notices?")
    security_notice: bool = term("May the vendor send security notices?")
    partner_asked: bool = term("May the vendor make a contact that the partner asked for?")


@final
@attrs.frozen(kw_only=True, eq=False, repr=False, getstate_setstate=False)
class PayoutTerms(Section):
    """How earnings are paid out (Q-77: nothing of it is public).

    >>> PayoutTerms(minimum=(Money.of("25.00", "USD"),)).key
    'payout'
    """

    key = "payout"

    minimum: tuple[Money, ...] | NotAgreed = term("What is the least balance that is paid out, one amount per currency?")
    schedule: PayoutSchedule = term("How often are earnings paid out?")
    negative: Negative = term("What becomes of a closing balance below zero?", init='"carry_forward"')

    def _check(self) -> None:
        _one_per_currency(self, "minimum")


@final
@attrs.frozen(kw_only=True)
class Terms:
    """What a contract says from a day on, and where that is written; its fingerprint changes with every word of it.

    Terms without a source raise `InvalidValue`: say which contract they are from, or that they are invented.

    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", share=ShareTerms(rate=Rate.percent("15")))
    >>> str(terms.share.rate)
    '3/20'
    >>> terms.single_bill.discount
    Traceback (most recent call last):
        ...
    partnerkit.errors.TermMissing: the term single_bill.discount is needed and not given: ...
    """

    starts_on: date
    source: str
    attribution: AttributionTerms = AttributionTerms()
    share: ShareTerms = ShareTerms()
    bonus: BonusTerms = BonusTerms()
    single_bill: SingleBillTerms = SingleBillTerms()
    billing: BillingTerms = BillingTerms()
    management: ManagementTerms = ManagementTerms()
    contact: ContactTerms = ContactTerms()
    payout: PayoutTerms = PayoutTerms()
    fingerprint: str = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if type(self.starts_on) is not date:
            raise InvalidValue(f"the terms start on {shown(self.starts_on)}: wanted a date such as 2025-01-01, without a time")
        check_line(f"the source of the terms from {self.starts_on}", self.source)
        if not self.source.strip():
            raise InvalidValue(
                f"the terms from {self.starts_on} name no source: say which contract they are from, or that they are invented"
            )
        object.__setattr__(self, "fingerprint", fingerprint(self))

    def over(self, base: "Terms") -> "Terms":
        """Give these terms, with every term they do not state taken from a base contract; the later start counts.

        >>> base = Terms(starts_on=date(2024, 1, 1), source="example, invented", contact=ContactTerms(reply=False, partner_asked=True))
        >>> own = Terms(starts_on=date(2025, 1, 1), source="example, ours", contact=ContactTerms(reply=True))
        >>> own.over(base).contact
        ContactTerms(reply=True, partner_asked=True)
        """
        sections: dict[str, Any] = {
            key: section(**(getattr(base, key).given() | getattr(self, key).given())) for key, section in SECTIONS.items()
        }
        return Terms(starts_on=max(self.starts_on, base.starts_on), source=f"{self.source}; for the rest {base.source}", **sections)


_SECTIONS: tuple[type[Section], ...] = (
    *(AttributionTerms, ShareTerms, BonusTerms, SingleBillTerms),
    *(BillingTerms, ManagementTerms, ContactTerms, PayoutTerms),
)
SECTIONS: Mapping[str, type[Section]] = MappingProxyType({section.key: section for section in _SECTIONS})
"""The sections of the terms by their key in the program file."""


def _in_order(entries: Iterable[Terms]) -> tuple[Terms, ...]:
    return tuple(sorted(entries, key=lambda terms: terms.starts_on))


@final
@attrs.frozen
class TermsHistory:
    """The terms of one contract over time, in any order; two that start on one day raise `InvalidValue`.

    >>> old = Terms(starts_on=date(2024, 1, 1), source="example, invented")
    >>> new = Terms(starts_on=date(2025, 1, 1), source="example, invented, renewed")
    >>> TermsHistory((new, old)).on(date(2024, 12, 31)).source
    'example, invented'
    """

    entries: tuple[Terms, ...] = attrs.field(converter=_in_order)

    def __attrs_post_init__(self) -> None:
        starts = [terms.starts_on for terms in self.entries]
        for start in starts:
            if starts.count(start) > 1:
                raise InvalidValue(f"two terms start on {start}: give each its own day")

    def __iter__(self) -> Iterator[Terms]:
        return iter(self.entries)

    def on(self, day: date) -> Terms:
        """Give the terms in force on a day; a day before the first start raises `NoTermsInForce`.

        >>> TermsHistory(()).on(date(2025, 8, 1))
        Traceback (most recent call last):
            ...
        partnerkit.errors.NoTermsInForce: no terms are in force on 2025-08-01: there are none at all; add terms that start ...
        """
        found = self.latest_on(day)
        if found is None:
            first = f"the first start on {self.entries[0].starts_on}" if self.entries else "there are none at all"
            raise NoTermsInForce(f"no terms are in force on {day}: {first}; add terms that start on or before that day")
        return found

    def latest_on(self, day: date) -> Terms | None:
        """Give the terms in force on a day, None before the first.

        >>> TermsHistory(()).latest_on(date(2025, 8, 1)) is None
        True
        """
        started = [terms for terms in self.entries if terms.starts_on <= day]
        return started[-1] if started else None

    def over(self, base: "TermsHistory") -> "TermsHistory":
        """Give the history of a contract that states only what differs from a base contract, which goes on beneath it.

        Before its own first day the base alone is in force.

        >>> base = TermsHistory((Terms(starts_on=date(2024, 1, 1), source="the program"),))
        >>> own = TermsHistory((Terms(starts_on=date(2025, 1, 1), source="the partner"),))
        >>> [terms.source for terms in own.over(base)]
        ['the program', 'the partner; for the rest the program']
        """
        starts = sorted({terms.starts_on for terms in (*self.entries, *base.entries)})
        return TermsHistory(tuple(found for found in (self._over_on(base, start) for start in starts) if found is not None))

    def _over_on(self, base: "TermsHistory", day: date) -> Terms | None:
        own, beneath = self.latest_on(day), base.latest_on(day)
        if own is None or beneath is None:
            return own or beneath
        return own.over(beneath)


def amount_in(amounts: tuple[Money, ...], currency: Currency, term: str) -> Money:
    """Give the amount for a currency; a currency for which none is stated raises `TermMissing` with the currency in its key.

    >>> str(amount_in((Money.of("50.00", "USD"),), Currency("USD"), "bonus.amount"))
    '50.00 USD'
    """
    for amount in amounts:
        if amount.currency == currency:
            return amount
    raise TermMissing(f"{term}.{currency.code}")
