"""Strategies for the values that are written down by themselves as well as inside others, and for the smaller records."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from partnerkit.attribution import ConsideredVisit
from partnerkit.billing import AddOn, Markup, PrepaidTime, Prepayment, Rebill, RevenueShare, UpfrontDiscount
from partnerkit.close import PartialClose
from partnerkit.compare import Comparison, LineChange
from partnerkit.credits import CreditReason
from partnerkit.discounts import Discounted
from partnerkit.errors import Fault
from partnerkit.links import LinkParameters, VendorSites
from partnerkit.money import Currency, Money, Rate, Rounding, UnitPrice
from partnerkit.partners import PartnerName, Partners, SingleBillSetup, SingleBillSince
from partnerkit.payouts import Payout, PayoutReason
from partnerkit.periods import Month
from partnerkit.policies import Need
from partnerkit.prices import Package, Tier
from partnerkit.reconciliation import Cause, Deviation, Reported, ReportPart
from partnerkit.rewards import (
    ChargeCap,
    ClientCap,
    Flat,
    MonthCap,
    Months,
    Payments,
    Percent,
    RateTiers,
    Reward,
    RewardPlan,
    RewardRule,
)
from partnerkit.terms import SECTIONS, ChargeKind, TermsHistory
from partnerkit.totals import BillTotals, MonthTotals, StatementTotals
from partnerkit.touches import Participation, Share
from test_codec import (
    USD,
    VALUES,
    aliases,
    considered,
    crediting,
    currencies,
    days,
    flags,
    ids,
    monies,
    months,
    names,
    partners,
    periods,
    plain_lines,
    pricings,
    rates,
    section_values,
    sets_of,
    shares,
    single_bills,
    statements,
    statuses,
    terms,
    texts,
    tuples_of,
    visits,
    wholes,
    windows,
)

roundings = st.sampled_from(Rounding)
parts = rates.filter(lambda rate: rate.value <= 1)
unit_prices = st.builds(UnitPrice, amount=st.fractions(0, 100, max_denominator=10**6), currency=currencies)
amounts = st.lists(monies(least=0), min_size=1, max_size=3, unique_by=lambda amount: amount.currency).map(tuple)
percents = st.builds(Percent, rate=parts, rounding=roundings)
flats = st.builds(Flat, amounts)
spans = st.one_of(
    st.builds(
        lambda start, more: Months(start=start, until=None if more is None else start + more),
        st.integers(0, 99),
        st.none() | st.integers(1, 99),
    ),
    st.builds(
        lambda start, more: Payments(start=start, until=None if more is None else start + more),
        st.integers(1, 99),
        st.none() | st.integers(1, 99),
    ),
)
caps = st.builds(
    lambda *given: tuple(one for one in given if one is not None),
    st.none() | st.builds(ChargeCap, amounts),
    st.none() | st.builds(ClientCap, amounts),
    st.none() | st.builds(MonthCap, amounts),
)


def reward_rules(name: st.SearchStrategy[str] = ids) -> st.SearchStrategy[RewardRule]:
    return st.builds(
        RewardRule,
        id=name,
        pays=percents | flats,
        kinds=st.frozensets(st.sampled_from(ChargeKind), min_size=1, max_size=3),
        items=st.none() | st.frozensets(ids, min_size=1, max_size=2),
        span=st.none() | spans,
        caps=caps,
        holding_days=st.integers(0, 400),
    )


@st.composite
def participations(draw: st.DrawFn) -> Participation:
    weights = draw(st.lists(st.integers(1, 9), max_size=3))
    who = draw(st.lists(ids, min_size=len(weights), max_size=len(weights), unique=True))
    return Participation(
        account=draw(ids),
        shares=tuple(Share(partner=one, part=Fraction(weight, sum(weights))) for one, weight in zip(who, weights, strict=True)),
        reason=draw(st.sampled_from(CreditReason)),
        flags=draw(flags),
        considered=draw(considered),
    )


@st.composite
def discounted(draw: st.DrawFn) -> Discounted:
    cuts = draw(st.lists(st.integers(0, 10**6), max_size=3))
    currency = draw(currencies)
    rest = draw(st.integers(0, 10**6))
    parts_ = tuple(Money(minor=cut, currency=currency) for cut in cuts)
    return Discounted(gross=Money(minor=sum(cuts) + rest, currency=currency), parts=parts_)


@st.composite
def deviations(draw: st.DrawFn) -> Deviation:
    ours = draw(monies())
    return Deviation(
        partner=draw(ids),
        month=draw(months),
        part=draw(st.sampled_from(ReportPart)),
        account=draw(st.none() | ids),
        ours=ours,
        reported=ours + Money(minor=draw(st.integers(1, 10**6)), currency=ours.currency),
        cause=draw(st.sampled_from(Cause)),
    )


@st.composite
def rebills(draw: st.DrawFn) -> Rebill:
    currency = draw(currencies)
    cost, price, services = (draw(monies(currency, least=0)) for _ in range(3))
    return Rebill(cost=cost, price=price, services=services)


@st.composite
def add_ons(draw: st.DrawFn) -> AddOn:
    period = draw(periods)
    return AddOn(item=draw(ids), starts_on=period.start, ends_on=draw(st.none() | st.just(period.end)), units=draw(st.none() | wholes))


@st.composite
def rewards(draw: st.DrawFn) -> Reward:
    currency = draw(currencies)
    amount, capped = (draw(monies(currency, least=0)) for _ in range(2))
    return Reward(charge=draw(ids), rule=draw(ids), amount=amount, capped=capped, payable_on=draw(days))


@st.composite
def tiers(draw: st.DrawFn) -> Tier:
    low = draw(st.integers(0, 999))
    currency = draw(currencies)
    price = st.fractions(0, 9, max_denominator=1000).map(lambda amount: UnitPrice(amount=amount, currency=currency))
    return Tier(
        low=low,
        high=draw(st.none() | st.integers(low, 9999)),
        amount=draw(monies(currency, least=0)),
        unit=draw(st.none() | price),
    )


def _payout(amount: Money, reasons: tuple[PayoutReason, ...]) -> Payout:
    if amount.minor > 0:
        return Payout(amount=amount, reason=PayoutReason.PAYABLE)
    if amount.minor < 0:
        return Payout(amount=amount, reason=PayoutReason.PAID_BACK)
    return Payout(amount=amount, reason=reasons[0])


_KEPT = tuple(reason for reason in PayoutReason if reason not in {PayoutReason.PAYABLE, PayoutReason.PAID_BACK})
_line_changes = (shares() | plain_lines).map(lambda line: LineChange(before=line, after=line))
_parameters = st.from_regex(r"[a-z][a-z0-9_-]{0,5}[a-z0-9]", fullmatch=True).filter(lambda name: name != "pn")
_hosts = st.from_regex(r"[a-z][a-z0-9]{0,8}\.example", fullmatch=True)
_setups = st.none() | st.integers(1, 31).map(lambda day: SingleBillSetup(bill_day=day))

OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "add_on": add_ons(),
    "charge_cap": st.builds(ChargeCap, amounts),
    "client_cap": st.builds(ClientCap, amounts),
    "comparison": st.builds(
        Comparison,
        changes=st.lists(_line_changes, max_size=2, unique_by=lambda change: change.charge.id).map(tuple),
        bonused=sets_of(ids),
    )
    | st.builds(Comparison, changes=st.just(()), left_out=st.lists(ids, max_size=2, unique=True).map(tuple)),
    "considered_visit": st.builds(ConsideredVisit, visit=visits, ruling=crediting),
    "currency": st.sampled_from(["USD", "JPY", "KWD", "CLF"]).map(Currency),
    "deviation": deviations(),
    "discounted": discounted(),
    "fault": st.builds(Fault, message=texts, path=texts, source=texts, line=wholes),
    "flat": flats,
    "line_change": _line_changes,
    "link_parameters": st.lists(_parameters, min_size=2, max_size=2, unique=True).map(
        lambda pair: LinkParameters(highlighted_plans=pair[0], experience=pair[1])
    ),
    "markup": st.builds(Markup, rate=rates, rounding=roundings),
    "money": monies(),
    "month": months,
    "month_cap": st.builds(MonthCap, amounts),
    "month_totals": st.builds(
        MonthTotals,
        month=st.just(Month.parse("2025-09")),
        bills=tuples_of(single_bills.filter(lambda bill: bill.number is not None).map(BillTotals.of), 1),
        statements=tuples_of(statements.map(StatementTotals.of), 1),
    ),
    "months": spans.filter(lambda span: isinstance(span, Months)),
    "name_alias": aliases,
    "need": st.builds(
        Need,
        handles_all_work=st.booleans(),
        conducts_all_marketing=st.booleans(),
        one_organization=st.booleans(),
        clients_differ=st.booleans(),
    ),
    "package": st.builds(Package, size=st.integers(1, 999), price=monies(least=0), free=st.integers(0, 99)),
    "partial_close": st.lists(shares() | plain_lines, max_size=1).map(lambda lines: PartialClose(lines=tuple(lines))),
    "participation": participations(),
    "partner_name": names.map(PartnerName),
    "partners": st.lists(partners, max_size=1).map(lambda found: Partners(tuple(found))),
    "payments": spans.filter(lambda span: isinstance(span, Payments)),
    "payout": st.builds(_payout, monies() | currencies.map(Money.zero), st.permutations(_KEPT).map(tuple)),
    "percent": percents,
    "period": periods,
    "prepayment": st.builds(Prepayment, starts_on=days, time=st.sampled_from(PrepaidTime), nonprofit=st.booleans()),
    "pricing": st.tuples(monies(USD, least=1), periods, days).flatmap(lambda given: pricings(*given)),
    "rate": rates,
    "rate_tiers": st.lists(st.tuples(st.integers(1, 99), rates), max_size=3, unique_by=lambda step: step[0]).map(
        lambda steps: RateTiers(steps=((0, Rate.percent("0")), *sorted(steps, key=lambda step: step[0])))
    ),
    "rebill": rebills(),
    "reported": st.builds(Reported, partner=ids, month=months, part=st.sampled_from(ReportPart), amount=monies(), account=st.none() | ids),
    "revenue_share": monies(least=0).map(RevenueShare),
    "reward": rewards(),
    "reward_plan": st.lists(reward_rules(), max_size=1).map(lambda rules: RewardPlan(tuple(rules))),
    "reward_rule": reward_rules(),
    "share": st.builds(Share, partner=ids, part=st.fractions(0, 1)),
    "single_bill_setup": _setups.filter(lambda setup: setup is not None),
    "single_bill_since": st.builds(SingleBillSince, setup=_setups, since=st.none() | days),
    "status_since": statuses().map(lambda found: found[-1]),
    "terms_history": st.lists(terms, max_size=2, unique_by=lambda one: one.starts_on).map(
        lambda found: TermsHistory(tuple(sorted(found, key=lambda one: one.starts_on)))
    ),
    "tier": tiers(),
    "unit_price": unit_prices,
    "upfront_discount": monies(least=0).map(UpfrontDiscount),
    "vendor_sites": st.builds(VendorSites, st.lists(_hosts, min_size=1, max_size=3), subdomains=st.booleans()),
    "window": windows,
    **{f"{key}_terms": section_values(section) for key, section in SECTIONS.items()},
}
"""A strategy for every record that `VALUES` has none for."""

ALL = {**VALUES, **OTHERS}
"""A strategy for every record."""
