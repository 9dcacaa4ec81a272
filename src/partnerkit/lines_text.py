"""Lines and adjustments in words: from the cents to the tier, the days, the rate, the rounding, the clause and its sentence.

Floor 9, below text. May import: lower floors, formats, languages, terms_text, rulings_text and the standard library.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from partnerkit.billing import Adjustment, Charge, CountOf, Line, Pricing, RevenueShare, UpfrontDiscount, check_terms
from partnerkit.clauses import Permission
from partnerkit.clauses.views import value_words
from partnerkit.formats import (
    format_date,
    format_day,
    format_exact,
    format_money,
    format_rate,
    format_whole,
    is_one,
)
from partnerkit.languages import say_in, spoken
from partnerkit.money import Rate
from partnerkit.periods import Period, part_of_cycle
from partnerkit.policies import RewardKind
from partnerkit.rulings_text import INDENT, ruling_lines
from partnerkit.terms import NOT_AGREED, NotAgreed, Recognition, Terms
from partnerkit.terms_text import say, stated, value_text

_NOTHING: Final[Mapping[str, str]] = MappingProxyType(
    {"REWARD-UNCREDITED": "phrase.uncredited", "REWARD-UNQUALIFIED": "phrase.unqualified", "REWARD-ENDED": "phrase.ended"}
)


def phrase(line: Line | Adjustment, terms: Terms | None = None, locale: str = "en") -> str:
    """Say in a few words why a line has its reward, or none; with the terms of the line also at which rate.

    Of an adjustment it says what was given back. Terms other than those the line was made by raise `InvalidValue`.

    >>> from datetime import date
    >>> from partnerkit.charges import Charge, ChargeKind, ChargeReason
    >>> from partnerkit.money import Money
    >>> from partnerkit.partners import BillingMode, Management, Origin
    >>> from partnerkit.periods import Period, Window, WindowUnit, part_of_cycle
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK))
    >>> phrase(Line(charge=charge, payer="p-1", reward=UpfrontDiscount(Money.of("15", "USD")), rulings=(ruling,), terms="example"))
    'discount in place of the share'
    """
    if isinstance(line, Adjustment):
        charged = format_day(line.line.charge.charged_on, locale)
        return say(locale, "phrase.refund", amount=format_money(line.refund.amount, locale), day=charged)
    if terms is not None:
        check_terms(line, terms)
    if isinstance(line.reward, UpfrontDiscount):
        return _discount_phrase(terms, locale)
    if isinstance(line.reward, RevenueShare):
        return _share_phrase(terms, locale)
    return say(locale, _why_nothing(line, terms))


def _discount_phrase(terms: Terms | None, locale: str) -> str:
    if terms is None:
        return say(locale, "phrase.discount")
    return say(locale, "phrase.discount_rate", rate=value_text(terms.single_bill.discount, locale))


def _share_phrase(terms: Terms | None, locale: str) -> str:
    if terms is None:
        return say(locale, "phrase.share")
    rate = value_text(terms.share.rate, locale)
    match stated(terms, "share.recognized"):
        case Recognition.ON_CASH:
            return say(locale, "phrase.share_on_cash", rate=rate)
        case Recognition.ON_BILLING:
            return say(locale, "phrase.share_on_billing", rate=rate)
        case _:
            return say(locale, "phrase.share_rate", rate=rate)


def _why_nothing(line: Line, terms: Terms | None) -> str:
    """Give the message that says why a line has no reward."""
    granted = {ruling.outcome for ruling in line.rulings}
    if RewardKind.UPFRONT_DISCOUNT in granted:
        if _is_kept_by_prepayment(line):
            return "phrase.discount_prepaid"
        if terms is None:
            return "phrase.no_discount"
        return "phrase.no_discount_agreed" if terms.single_bill.discount is NOT_AGREED else "phrase.discount_scope"
    if RewardKind.REVENUE_SHARE in granted:
        if terms is None:
            return "phrase.no_share"
        return "phrase.no_share_agreed" if terms.share.rate is NOT_AGREED else "phrase.share_scope"
    decided = (clause_id for ruling in line.rulings for clause_id in ruling.because)
    return next((_NOTHING[clause_id] for clause_id in decided if clause_id in _NOTHING), "phrase.nothing")


def _is_kept_by_prepayment(line: Line) -> bool:
    """Tell whether the ruling on a prepaid charge keeps the upfront discount from it."""
    return line.prepaid is not None and line.prepaid.outcome is Permission.MAY_NOT


def line_lines(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    """Explain a line, line by line: its price, who pays, what it earns whom, and by which rules."""
    yield from line_facts(line, locale, terms)
    yield from _apart(line_rules(line, locale, terms))


def line_facts(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    """Say of a line what it costs, who pays, and what it earns whom, line by line."""
    yield _charge(line, locale)
    yield _price(line.charge, locale)
    if line.charge.pricing is not None:
        yield from _pricing_lines(line.charge, line.charge.pricing, locale)
    yield say(locale, "line.phrase", phrase=phrase(line, terms, locale))
    net = format_money(line.net, locale)
    yield say(locale, "line.client_pays", net=net) if line.payer is None else say(locale, "line.partner_pays", payer=line.payer, net=net)
    yield say(locale, "line.uncredited") if line.earner is None else say(locale, "line.credited", earner=line.earner)
    if terms is None:
        yield say(locale, "line.terms_unseen", terms=line.terms)
    else:
        yield say(locale, "line.terms", day=format_date(terms.starts_on, locale), source=terms.source)
    yield from _apart(_earning_lines(line, locale, terms))


def line_rules(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    """Explain every ruling that made a line, line by line, with an empty one between them."""
    for place, ruling in enumerate(line.all_rulings):
        lines = ruling_lines(ruling, locale, terms)
        yield from _apart(lines) if place else lines


def _price(charge: Charge, locale: str) -> str:
    """Say what was charged: the list price only where the charge says how the price list makes it."""
    gross = format_money(charge.amount, locale)
    if charge.prepaid is None:
        return say(locale, "line.billed" if charge.pricing is None else "line.gross", gross=gross)
    message = "line.billed_prepaid" if charge.pricing is None else "line.prepaid"
    return say(locale, message, gross=gross, rate=format_rate(charge.prepaid, locale))


def _pricing_lines(charge: Charge, pricing: Pricing, locale: str) -> Iterator[str]:
    """Walk from the price list to the amount: the tier and its count, the days, what is paid in advance, and the arithmetic."""
    yield _tier(pricing, locale)
    day = format_date(pricing.counted_on, locale)
    if pricing.tier_basis is None:
        yield say(locale, "pricing.counted", day=day)
    else:
        yield say(locale, "pricing.counted_by", day=day, basis=value_words(pricing.tier_basis, say_in(locale)))
    if pricing.cycles > 1:
        yield say(locale, "pricing.cycles", count=format_whole(pricing.cycles, locale))
    elif charge.period != pricing.cycle and pricing.count_of is not CountOf.SENDS:
        yield _days(charge, pricing, locale)
    yield from _price_arithmetic(charge, pricing, locale)


def _tier(pricing: Pricing, locale: str) -> str:
    one, several = _COUNTED[pricing.count_of]
    units = say(locale, one if is_one(pricing.units, spoken(locale)) else several, count=format_whole(pricing.units, locale))
    message = "pricing.last_tier" if pricing.high is None else "pricing.tier"
    if pricing.included is not None:
        message = "pricing.beyond"
    elif pricing.low is None:
        message = "pricing.table"
    bounds = {name: "" if bound is None else format_whole(bound, locale) for name, bound in (("low", pricing.low), ("high", pricing.high))}
    return say(
        locale,
        message,
        day=format_date(pricing.prices_from, locale),
        price=format_exact(pricing.price.minor, pricing.price.currency, locale),
        units=units,
        included="" if pricing.included is None else format_whole(pricing.included, locale),
        **bounds,
    )


_COUNTED: Final[Mapping[CountOf, tuple[str, str]]] = MappingProxyType(
    {
        CountOf.CONTACTS: ("pricing.contact", "pricing.contacts"),
        CountOf.UNITS: ("pricing.unit", "pricing.units"),
        CountOf.SENDS: ("pricing.send", "pricing.sends"),
    }
)


def _days(charge: Charge, pricing: Pricing, locale: str) -> str:
    start, end = _span(pricing.cycle, locale)
    first, last = _span(charge.period, locale)
    if pricing.proration is None:
        return say(locale, "pricing.whole", start=start, end=end, first=first, last=last)
    part = str(part_of_cycle(charge.period, pricing.cycle, pricing.proration))
    basis = value_words(pricing.proration, say_in(locale))
    return say(locale, "pricing.part", start=start, end=end, first=first, last=last, part=part, basis=basis)


def _price_arithmetic(charge: Charge, pricing: Pricing, locale: str) -> Iterator[str]:
    """Say how the amount comes of the price, where it is not the price itself."""
    exact, currency = pricing.exact_minor_for(charge.period, charge.prepaid), charge.amount.currency
    price, amount = format_exact(pricing.price.minor, currency, locale), format_money(charge.amount, locale)
    factors = _factors(charge, pricing, locale)
    rounding = "" if pricing.rounding is None else value_words(pricing.rounding, say_in(locale))
    if exact == charge.amount.minor:
        if factors:
            yield say(locale, "line.exact", gross=price, rate=factors, amount=amount)
    elif factors:
        exactly = format_exact(exact, currency, locale)
        yield say(locale, "line.rounded", gross=price, rate=factors, exact=exactly, rounding=rounding, amount=amount)
    else:
        yield say(locale, "pricing.rounded", price=price, rounding=rounding, amount=amount)


def _factors(charge: Charge, pricing: Pricing, locale: str) -> str:
    part = None if pricing.proration is None else str(part_of_cycle(charge.period, pricing.cycle, pricing.proration))
    cycles = None if pricing.cycles == 1 else format_whole(pricing.cycles, locale)
    left = None if charge.prepaid is None else format_rate(charge.prepaid.complement(), locale)
    return " x ".join(factor for factor in (part, cycles, left) if factor is not None)


def _apart(lines: Iterable[str]) -> Iterator[str]:
    """Set lines apart from those before them by an empty one, where there are any."""
    for place, line in enumerate(lines):
        if place == 0:
            yield ""
        yield line


def _earning_lines(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    if line.reward is not None:
        yield from _reward_lines(line, line.reward, locale, terms)
    yield from _held_back(line, locale, terms)
    if line.bonus is not None:
        yield say(locale, "line.bonus", bonus=format_money(line.bonus, locale))
        days, counted_from = (stated(terms, f"bonus.{name}") for name in ("window_days", "counted_from"))
        if days is not None and counted_from is not None:
            yield say(locale, "line.bonus_terms", days=value_text(days, locale), start=value_text(counted_from, locale))


def _held_back(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    """Say which term holds back the reward that the rules grant a line."""
    granted = next((section for kind, section in _GRANTS.items() if any(ruling.outcome is kind for ruling in line.rulings)), None)
    if line.reward is not None or granted is None or terms is None or _is_kept_by_prepayment(line):
        return
    section, rate = granted
    if getattr(terms, section).given()[rate] is NOT_AGREED:
        yield say(locale, "line.not_agreed", term=f"{section}.{rate}")
    else:
        yield say(locale, "line.out_of_scope", term=f"{section}.scope", kind=value_words(line.charge.kind, say_in(locale)))


_GRANTS: Final[Mapping[RewardKind, tuple[str, str]]] = MappingProxyType(
    {RewardKind.REVENUE_SHARE: ("share", "rate"), RewardKind.UPFRONT_DISCOUNT: ("single_bill", "discount")}
)


def _charge(line: Line, locale: str) -> str:
    charge = line.charge
    start, end = _span(charge.period, locale)
    return say(
        locale,
        "line.charge",
        charge=charge.id,
        kind=value_words(charge.kind, say_in(locale)),
        item=charge.item,
        reason=value_words(charge.reason, say_in(locale)),
        account=charge.account,
        start=start,
        end=end,
        day=format_date(charge.charged_on, locale),
    )


def _span(period: Period, locale: str) -> tuple[str, str]:
    """Give the first and the last day of a period as people name them: both belong to it."""
    return format_date(period.start, locale), format_date(period.last_day, locale)


def _reward_lines(line: Line, reward: RevenueShare | UpfrontDiscount, locale: str, terms: Terms | None) -> Iterator[str]:
    is_share = isinstance(reward, RevenueShare)
    amount = format_money(reward.amount, locale)
    yield say(locale, "line.share", amount=amount) if is_share else say(locale, "line.discount", amount=amount)
    if terms is not None:
        rate = terms.share.rate if is_share else terms.single_bill.discount
        yield _arithmetic(line, reward, rate, terms, locale)
        yield _by_terms(reward, terms, locale)
    partner = line.earner if is_share else line.payer
    on_cash = is_share and stated(terms, "share.recognized") is Recognition.ON_CASH
    yield say(locale, "line.goes_to_on_cash" if on_cash else "line.goes_to", partner=str(partner))


def _by_terms(reward: RevenueShare | UpfrontDiscount, terms: Terms, locale: str) -> str:
    """Name the terms that decide an amount: its clause says that there is one, and none of its numbers."""
    section, rate, scope = ("share", "rate", terms.share.scope)
    if isinstance(reward, UpfrontDiscount):
        section, rate, scope = ("single_bill", "discount", terms.single_bill.scope)
    keys = {"rate": f"{section}.{rate}", "scope": f"{section}.scope", "rounding": f"{section}.rounding"}
    return say(locale, "line.by_terms", kinds=value_text(scope, locale), **keys)


def _arithmetic(line: Line, reward: RevenueShare | UpfrontDiscount, rate: Rate | NotAgreed, terms: Terms, locale: str) -> str:
    section = terms.share if isinstance(reward, RevenueShare) else terms.single_bill
    in_scope = line.charge.kind in section.scope
    expected = line.gross.times(rate, section.rounding) if isinstance(rate, Rate) and in_scope else line.zero
    amount = format_money(reward.amount, locale)
    if expected != reward.amount or not isinstance(rate, Rate):
        return say(locale, "line.mismatch", expected=format_money(expected, locale), amount=amount)
    gross, percents, exact = format_money(line.gross, locale), format_rate(rate, locale), line.gross.minor * rate.value
    if exact == reward.amount.minor:
        return say(locale, "line.exact", gross=gross, rate=percents, amount=amount)
    written = format_exact(exact, line.gross.currency, locale)
    return say(
        locale,
        "line.rounded",
        gross=gross,
        rate=percents,
        exact=written,
        rounding=value_words(section.rounding, say_in(locale)),
        amount=amount,
    )


def adjustment_lines(adjustment: Adjustment, locale: str, terms: Terms | None) -> Iterator[str]:
    """Explain an adjustment, line by line, with the line that it changes."""
    yield from adjustment_facts(adjustment, locale, terms)
    yield say(locale, "adjustment.line")
    yield from (INDENT + text if text else text for text in line_lines(adjustment.line, locale, terms))


def adjustment_facts(adjustment: Adjustment, locale: str, terms: Terms | None) -> Iterator[str]:
    """Say of an adjustment what goes back to whom, line by line."""
    refund = adjustment.refund
    yield say(
        locale,
        "adjustment.refund",
        refund=refund.id,
        day=format_date(refund.refunded_on, locale),
        amount=format_money(refund.amount, locale),
        charge=refund.charge,
    )
    if adjustment.discount.minor != 0:
        yield say(locale, "adjustment.discount", discount=format_money(-adjustment.discount, locale))
        if terms is not None:
            discount, rounding = format_money(adjustment.line.discount, locale), value_words(terms.single_bill.rounding, say_in(locale))
            yield _part_taken_back(adjustment, "adjustment.discount_part", locale, discount=discount, rounding=rounding)
    yield say(locale, "adjustment.net", net=format_money(-adjustment.net, locale))
    if adjustment.share.minor != 0:
        yield say(locale, "adjustment.share", share=format_money(-adjustment.share, locale))
        if terms is not None:
            share, rounding = format_money(adjustment.line.share, locale), value_words(terms.share.rounding, say_in(locale))
            clawback = value_text(terms.share.clawback, locale)
            yield _part_taken_back(adjustment, "adjustment.part", locale, share=share, rounding=rounding, clawback=clawback)
    else:
        yield say(locale, "adjustment.no_share")


def _part_taken_back(adjustment: Adjustment, message: str, locale: str, **values: str) -> str:
    """Say which part of a reward a refund takes back, and which terms decide it."""
    amount, gross = (format_money(one, locale) for one in (adjustment.refund.amount, adjustment.line.gross))
    return say(locale, message, amount=amount, gross=gross, **values)
