"""The record form: every value comes back as it was, and nothing else is ever let in."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit import codec
from partnerkit.attribution import (
    AccountOpening,
    ConsideredVisit,
    Credit,
    CreditFlag,
    CreditReason,
    Deal,
    IdentityLink,
    PageVisit,
    Visit,
)
from partnerkit.billing import (
    Adjustment,
    Charge,
    ChargeReason,
    CountOf,
    Line,
    Pricing,
    Receipt,
    Refund,
    RevenueShare,
    UpfrontDiscount,
    Usage,
)
from partnerkit.bills import Payment, SingleBill
from partnerkit.clauses import LogEntry, Policy, Replay, Ruling
from partnerkit.clauses.checks import points
from partnerkit.codec import RECORDS, VERSION, Coupon, History, from_data, from_line, read_lines, to_data, to_line
from partnerkit.errors import Fault, InvalidRecords, InvalidValue
from partnerkit.events import _MAY_HAVE, _NEEDS, Event, EventKind, HoldCause
from partnerkit.links import Experience, InviteLink, VendorSites
from partnerkit.money import Currency, Money, Rate, Rounding, UnitPrice
from partnerkit.partners import (
    Account,
    AccountStatus,
    BillingMode,
    Management,
    NameAlias,
    Origin,
    Partner,
    PartnerName,
    Partners,
    PartnerStatus,
    SingleBillSetup,
    SingleBillSince,
    Standing,
    StatusSince,
)
from partnerkit.periods import Month, Period, ProrationBasis, Window
from partnerkit.policies import (
    CREDITING,
    DUTIES,
    EDITIONS,
    OWNERSHIP,
    POLICIES,
    PREPAID_DISCOUNT,
    REWARD,
    EndedBy,
    OwnershipFacts,
    PrepaidFacts,
    RewardKind,
)
from partnerkit.prices import PriceList, PriceTable, Tier
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.statements import Disbursement, Earning, Entry, EntryKind, Statement
from partnerkit.terms import NOT_AGREED, SECTIONS, ChargeKind, Negative, NotAgreed, Section, ShareTerms, Terms, TermsHistory, TierBasis
from partnerkit.totals import BillTotals, StatementTotals

Found = TypeVar("Found")

USD = Currency("USD")
NOON = datetime(2025, 8, 8, 12, tzinfo=UTC)
LARGEST = 2**53 - 1

texts = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=12)
ids = texts.map(str.strip).filter(bool)
wholes = st.integers(0, LARGEST)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=offsets)  # noqa: DTZ001  (the strategy adds the zone)
currencies = st.sampled_from([USD, Currency("JPY"), Currency("KWD")])
names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,9}[A-Za-z0-9])?", fullmatch=True)
rates = st.fractions(0, 1).map(Rate)
periods = st.tuples(days, st.integers(1, 400)).map(lambda pair: Period(pair[0], pair[0] + timedelta(days=pair[1])))
months = days.map(Month.of)
windows = st.one_of(
    st.just(Window.unlimited()),
    st.builds(Window.days, st.integers(0, 999), inclusive=st.booleans()),
    st.builds(Window.hours, st.integers(0, 999), inclusive=st.booleans()),
    st.builds(Window.calendar_days, st.integers(0, 999), zone=st.sampled_from(["UTC", "Europe/Berlin"])),
)


def monies(currency: Currency | None = None, least: int = -(10**12), most: int = 10**12) -> st.SearchStrategy[Money]:
    return st.builds(Money, minor=st.integers(least, most), currency=currencies if currency is None else st.just(currency))


def tuples_of(items: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=most).map(tuple)


def sets_of(items: st.SearchStrategy[Any]) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(items, max_size=3)


def _decided(policy: Policy[Any, Any], facts: Mapping[str, Any]) -> Ruling[Any] | None:
    try:
        return policy.decide(SimpleNamespace(**facts))
    except InvalidValue:
        return None


def rulings_of(policy: Policy[Any, Any]) -> st.SearchStrategy[Ruling[Any]]:
    facts = st.fixed_dictionaries({item.name: st.sampled_from(item.values) for item in policy.inputs})
    return facts.map(lambda point: _decided(policy, point)).filter(lambda ruling: ruling is not None).map(_given)


def _given(value: Found | None) -> Found:
    assert value is not None
    return value


def _points(policy: Policy[Any, Any]) -> list[dict[str, Any]]:
    names = [item.name for item in policy.inputs]
    return [dict(zip(names, point, strict=True)) for point in product(*(item.values for item in policy.inputs))]


def of_another_edition(ruling: Ruling[Any]) -> Ruling[Any]:
    return Ruling(
        outcome=ruling.outcome,
        because=("CLAUSE-OF-OLD",),
        set_aside=(("GAVE-WAY", ("CLAUSE-OF-OLD",)),),
        not_applying=(),
        basis=ruling.basis,
        policy=ruling.policy,
        edition="0" * 64,
    )


def decisions_of(policy: Policy[Any, Any]) -> st.SearchStrategy[LogEntry]:
    made = st.sampled_from(list(points(policy)))
    return st.builds(lambda facts, day: LogEntry(facts=facts, ruling=policy.decide(facts), day=day), made, days)


rulings = st.sampled_from(POLICIES).flatmap(rulings_of)
crediting = rulings_of(CREDITING)


REWARDS = {ruling for ruling in (_decided(REWARD, point) for point in _points(REWARD)) if ruling is not None}


def reward_rulings(kind: RewardKind) -> st.SearchStrategy[Ruling[Any]]:
    return st.sampled_from(sorted((ruling for ruling in REWARDS if ruling.outcome is kind), key=repr))


def statuses() -> st.SearchStrategy[tuple[StatusSince, ...]]:
    dated = st.lists(st.tuples(instants, st.sampled_from(PartnerStatus)), max_size=3, unique_by=lambda pair: pair[0]).map(sorted)
    return dated.map(lambda found: (StatusSince(status=PartnerStatus.PENDING), *(StatusSince(since=at, status=one) for at, one in found)))


def setups() -> st.SearchStrategy[tuple[SingleBillSince, ...]]:
    setup = st.none() | st.integers(1, 31).map(lambda day: SingleBillSetup(bill_day=day))
    dated = st.lists(days, max_size=3, unique=True).map(sorted)
    first = st.none() | st.just(date(1980, 1, 1))
    return st.tuples(first, dated, st.lists(setup, min_size=4, max_size=4)).map(
        lambda parts: tuple(SingleBillSince(since=day, setup=one) for day, one in zip([parts[0], *parts[1]], parts[2], strict=False))
    )


aliases = st.one_of(
    st.builds(NameAlias, name=names.map(PartnerName), since=st.none() | instants),
    st.builds(NameAlias, name=names.map(PartnerName), until=st.none() | instants),
    st.tuples(names, instants, st.integers(1, 10**6)).map(
        lambda parts: NameAlias(name=PartnerName(parts[0]), since=parts[1], until=parts[1] + timedelta(seconds=parts[2]))
    ),
)
partners = st.builds(
    Partner,
    id=ids,
    names=st.lists(aliases, min_size=1, max_size=2, unique_by=lambda alias: alias.name.key).map(tuple),
    status=statuses(),
    emails=tuples_of(texts),
    single_bill=setups(),
)
accounts = st.builds(
    Account, id=ids, client=ids, currency=currencies, opened_at=instants, anchor_day=st.integers(1, 31), origin=st.sampled_from(Origin)
)
active = st.builds(Partner.of, ids, names, bill_day=st.none() | st.integers(1, 31))
standings = st.one_of(
    st.builds(Standing, account=accounts, status=st.sampled_from(AccountStatus), within_bonus_window=st.none() | st.booleans(), day=days),
    st.builds(
        Standing,
        account=accounts,
        credited_to=active,
        management=st.just(Management.REFERRED),
        request_pending=st.booleans(),
        origin=st.sampled_from(Origin),
        day=days,
    ),
    st.builds(
        lambda partner, account, day: Standing(
            account=account,
            credited_to=partner,
            managed_by=partner,
            payer=partner,
            management=Management.MANAGED,
            billing_mode=BillingMode.SINGLE_BILL,
            day=day,
        ),
        active,
        accounts,
        days,
    ),
)


def term_values(kind: Any) -> st.SearchStrategy[Any]:
    """Give values for a term of this type."""
    if NotAgreed in get_args(kind):
        return st.just(NOT_AGREED) | term_values(next(one for one in get_args(kind) if one is not NotAgreed))
    if get_origin(kind) is frozenset:
        return sets_of(term_values(get_args(kind)[0]))
    if kind == tuple[Money, ...]:
        return st.lists(monies(least=0), max_size=3, unique_by=lambda amount: amount.currency).map(tuple)
    if get_origin(kind) is tuple:
        return st.lists(term_values(get_args(kind)[0]), max_size=3, unique=True).map(tuple)
    if issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    known = {bool: st.booleans(), int: st.integers(1, 9999), str: texts, date: days, Rate: rates, Window: windows}
    return known[kind]


def fields_of(kind: Any) -> tuple[Any, ...]:
    return tuple(attrs.fields(kind))


def section_values(section: type[Section]) -> st.SearchStrategy[Section]:
    fields = {field.name: term_values(field.type) for field in fields_of(section)}
    return st.fixed_dictionaries({}, optional=fields).map(lambda given: section(**given))


terms = st.builds(
    Terms,
    starts_on=days,
    source=ids,
    **{key: section_values(section) for key, section in SECTIONS.items()},
)


def tables_from(item: str, currency: Currency, day: date, steps: list[tuple[int, int]], *, is_open: bool) -> PriceTable:
    highs = list(accumulate((step for step, _ in steps), lambda high, step: high + step))
    lows = [0, *(high + 1 for high in highs[:-1])]
    tiers = [
        Tier(low=low, high=high, amount=Money(minor=price, currency=currency))
        for low, high, (_, price) in zip(lows, highs, steps, strict=True)
    ]
    last = Tier(low=tiers[-1].low, high=None, amount=tiers[-1].amount) if is_open else tiers[-1]
    return PriceTable(item=item, currency=currency, starts_on=day, tiers=(*tiers[:-1], last))


price_tables = st.builds(
    tables_from,
    ids,
    currencies,
    days,
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10**6)), min_size=1, max_size=3),
    is_open=st.booleans(),
)
price_lists = st.lists(price_tables, max_size=2, unique_by=lambda table: (table.item, table.currency, table.starts_on)).map(
    lambda tables: PriceList(tuple(tables))
)


IN_MONTH = st.dates(date(2025, 9, 1), date(2025, 9, 10))
"""Days of the month of the bills and statements below, with room for what follows within it."""


@st.composite
def pricings(draw: st.DrawFn, amount: Money, period: Period, charged_on: date) -> Pricing:
    """Give ways to price the whole of a period at an amount."""
    count_of = draw(st.sampled_from(CountOf))
    low = draw(st.none() | st.integers(0, 9))
    return Pricing(
        prices_from=draw(days),
        units=draw(wholes),
        count_of=count_of,
        counted_on=charged_on - timedelta(days=draw(st.integers(0, min(400, (charged_on - date.min).days)))),
        tier_basis=draw(st.none() | st.sampled_from(TierBasis)),
        included=draw(wholes) if count_of is CountOf.SENDS else None,
        low=low,
        high=None if low is None else draw(st.none() | st.integers(9, 99)),
        price=UnitPrice(amount=Fraction(amount.minor) / 10**amount.currency.digits, currency=amount.currency),
        cycle=period,
        proration=draw(st.none() | st.just(ProrationBasis.ACTUAL_TRUE_CYCLE)),
        rounding=draw(st.none() | st.sampled_from(Rounding)),
    )


@st.composite
def charges(draw: st.DrawFn, currency: Currency | None = None, on: st.SearchStrategy[date] = days) -> Charge:
    amount, period, charged_on = draw(monies(currency, least=1)), draw(periods), draw(on)
    return Charge(
        id=draw(ids),
        account=draw(ids),
        kind=draw(st.sampled_from(ChargeKind)),
        item=draw(ids),
        reason=draw(st.sampled_from(ChargeReason)),
        period=period,
        amount=amount,
        charged_on=charged_on,
        pricing=draw(st.none() | pricings(amount, period, charged_on)),
    )


prepaid_charges = st.builds(
    Charge,
    id=ids,
    account=ids,
    kind=st.sampled_from(ChargeKind),
    item=ids,
    reason=st.sampled_from(ChargeReason),
    period=periods,
    amount=monies(least=1),
    charged_on=days,
    prepaid=rates.filter(lambda rate: rate.value <= 1),
)
prepaid_lines = st.builds(
    Line,
    charge=prepaid_charges,
    payer=ids,
    rulings=st.just(()),
    prepaid=st.sampled_from(
        [PREPAID_DISCOUNT.decide(PrepaidFacts(billing_mode=BillingMode.SINGLE_BILL, on_prepaid_agreed=one)) for one in (True, False)]
    ),
    terms=texts,
)


def part_of(draw: st.DrawFn, whole: Money) -> Money:
    return Money(minor=draw(st.integers(0, whole.minor)), currency=whole.currency)


@st.composite
def shares(draw: st.DrawFn, who: st.SearchStrategy[str] = ids, among: st.SearchStrategy[Charge] | None = None) -> Line:
    charge = draw(charges() if among is None else among)
    return Line(
        charge=charge,
        earner=draw(who),
        reward=RevenueShare(part_of(draw, charge.amount)),
        bonus=draw(st.none() | monies(charge.amount.currency, least=0)),
        rulings=(draw(reward_rulings(RewardKind.REVENUE_SHARE)),),
        terms=draw(texts),
    )


@st.composite
def discounts(draw: st.DrawFn, who: st.SearchStrategy[str] = ids, among: st.SearchStrategy[Charge] | None = None) -> Line:
    charge = draw(charges() if among is None else among)
    payer = draw(who)
    return Line(
        charge=charge,
        payer=payer,
        earner=payer,
        reward=UpfrontDiscount(part_of(draw, charge.amount)),
        rulings=(draw(reward_rulings(RewardKind.UPFRONT_DISCOUNT)),),
        terms=draw(texts),
    )


plain_lines = st.builds(Line, charge=charges(), rulings=tuples_of(reward_rulings(RewardKind.NOTHING), 1), terms=texts)


@st.composite
def adjustments(draw: st.DrawFn, lines: st.SearchStrategy[Line]) -> Adjustment:
    line = draw(lines)
    back = Money(minor=draw(st.integers(1, line.gross.minor)), currency=line.gross.currency)
    later = timedelta(days=draw(st.integers(0, 9)))
    refund = Refund(id=draw(ids), charge=line.charge.id, amount=back, refunded_on=line.charge.charged_on + later)
    return Adjustment(
        refund=refund,
        line=line,
        gross=-back,
        discount=-part_of(draw, min(back, line.discount)),
        share=-part_of(draw, line.share),
    )


@st.composite
def earnings(draw: st.DrawFn, lines: st.SearchStrategy[Line]) -> Earning:
    line = draw(lines)
    later = timedelta(days=draw(st.integers(0, 9)))
    return Earning(line=line, amount=part_of(draw, line.share), earned_on=line.charge.charged_on + later)


def bonuses(lines: st.SearchStrategy[Line]) -> st.SearchStrategy[Earning]:
    with_bonus = lines.filter(lambda line: line.bonus is not None)
    return with_bonus.map(lambda line: Earning(line=line, amount=_given(line.bonus), earned_on=line.charge.charged_on))


def payments(
    who: st.SearchStrategy[str] = ids, currency: Currency | None = None, on: st.SearchStrategy[date] = days
) -> st.SearchStrategy[Payment]:
    return st.builds(Payment, id=ids, partner=who, amount=monies(currency, least=1), received_on=on)


def disbursements(
    who: st.SearchStrategy[str] = ids, currency: Currency | None = None, on: st.SearchStrategy[date] = days
) -> st.SearchStrategy[Disbursement]:
    return st.builds(Disbursement, id=ids, partner=who, amount=monies(currency, least=1), paid_on=on)


def entries(
    who: st.SearchStrategy[str] = ids, currency: Currency | None = None, on: st.SearchStrategy[date] = days
) -> st.SearchStrategy[Entry]:
    return st.builds(Entry, id=ids, partner=who, kind=st.sampled_from(EntryKind), amount=monies(currency, least=1), on=on, note=ids)


P1 = st.just("p-1")
billable = discounts(P1, charges(USD, IN_MONTH))
earnable = shares(P1, charges(USD, IN_MONTH))
single_bills = st.builds(
    SingleBill,
    partner=P1,
    month=st.just(Month.parse("2025-09")),
    currency=st.just(USD),
    billed_on=st.dates(date(2025, 9, 20), date(2025, 9, 30)),
    lines=st.lists(billable, max_size=2, unique_by=lambda line: line.charge.id).map(tuple),
    adjustments=tuples_of(adjustments(billable), 1),
    brought_forward=monies(USD),
    payments=tuples_of(payments(P1, USD, IN_MONTH), 1),
    negative=st.sampled_from(Negative),
    number=st.none() | ids,
)
statements = st.builds(
    Statement,
    partner=P1,
    month=st.just(Month.parse("2025-09")),
    currency=st.just(USD),
    opening=monies(USD),
    shares=st.lists(earnings(earnable), max_size=2, unique_by=lambda earning: earning.line.charge.id).map(tuple),
    bonuses=tuples_of(bonuses(earnable), 1),
    adjustments=tuples_of(adjustments(earnable), 1),
    entries=tuples_of(entries(P1, USD, IN_MONTH), 1),
    disbursements=tuples_of(disbursements(P1, USD, IN_MONTH), 1),
)
visits = st.builds(
    Visit,
    id=ids,
    visitor=ids,
    at=instants,
    name=st.none() | texts,
    ambiguous=st.booleans(),
    source=texts,
    bot=st.booleans(),
    prefetch=st.booleans(),
    top_level=st.booleans(),
    consent=st.none() | st.booleans(),
    gpc=st.booleans(),
)
considered = tuples_of(st.builds(ConsideredVisit, visit=visits, ruling=crediting), 2)
flags = sets_of(st.sampled_from(CreditFlag))
credits_ = st.one_of(
    st.builds(Credit, account=ids, partner=ids, visit=visits, reason=st.just(CreditReason.LAST), flags=flags, considered=considered),
    st.builds(Credit, account=ids, partner=ids, visit=st.none(), reason=st.just(CreditReason.COUPON), considered=considered),
    st.builds(Credit, account=ids, partner=st.none(), visit=st.none(), reason=st.just(CreditReason.NO_TOUCH), considered=considered),
)
event_fields: dict[str, st.SearchStrategy[Any]] = {
    "partner": ids,
    "status": st.sampled_from(AccountStatus),
    "consent": st.booleans(),
    "written_request": st.booleans(),
    "sender_on_account": st.booleans(),
    "ended_by": st.sampled_from(EndedBy),
    "cause": st.sampled_from(HoldCause),
}


def events_of(kind: EventKind) -> st.SearchStrategy[Event]:
    needed = {name: event_fields[name] for name in sorted(_NEEDS.get(kind, frozenset()))}
    spare = {name: event_fields[name] for name in sorted(_MAY_HAVE.get(kind, frozenset()))}
    return st.builds(
        lambda account, on, given: Event(account=account, kind=kind, on=on, **given),
        ids,
        days,
        st.fixed_dictionaries(needed, optional=spare),
    )


events = st.sampled_from(EventKind).flatmap(events_of)
plans = st.lists(names, max_size=3, unique=True).map(tuple)
landings = st.sampled_from(["https://www.vendor.example/offer?cc=invite", "http://vendor.example/ö#start"])

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "account": accounts,
    "adjustment": adjustments(shares() | discounts()),
    "charge": charges() | prepaid_charges,
    "coupon": st.builds(Coupon, code=ids, partner=ids),
    "credit": credits_,
    "deal": st.tuples(ids, ids, instants, st.integers(0, 10**6), st.booleans()).map(
        lambda parts: Deal(
            partner=parts[0], account=parts[1], starts_at=parts[2], ends_at=parts[2] + timedelta(seconds=parts[3]), approved=parts[4]
        )
    ),
    "decision": st.sampled_from([policy for policy in POLICIES if policy is not CREDITING]).flatmap(decisions_of),
    "disbursement": disbursements(),
    "earning": earnings(shares()),
    "entry": entries(),
    "event": events,
    "history": st.builds(History, account=accounts, events=tuples_of(events)),
    "identity": st.builds(IdentityLink, visitor=ids, account=ids, at=instants),
    "invite_link": st.builds(
        InviteLink,
        partner_name=names.map(PartnerName),
        landing=landings,
        highlighted_plans=plans,
        experience=st.none() | st.frozensets(st.sampled_from(Experience), min_size=1),
    ),
    "line": plain_lines | shares() | discounts() | prepaid_lines,
    "opening": st.builds(
        AccountOpening, id=ids, account=ids, visitor=texts, at=instants, email=texts, coupon=texts, existing_account=st.booleans()
    ),
    "page_visit": st.builds(PageVisit, id=ids, visitor=ids, at=instants, url=texts, source=texts, consent=st.none() | st.booleans()),
    "partner": partners,
    "payment": payments(),
    "price_list": price_lists,
    "price_table": price_tables,
    "receipt": st.builds(Receipt, id=ids, charge=ids, amount=monies(least=1), received_on=days),
    "refund": st.builds(Refund, id=ids, charge=ids, amount=monies(least=1), refunded_on=days),
    "ruling": rulings | rulings.map(of_another_edition),
    "single_bill": single_bills,
    "single_bill_totals": single_bills.filter(lambda bill: bill.number is not None).map(BillTotals.of),
    "standing": standings,
    "statement": statements,
    "statement_totals": statements.map(StatementTotals.of),
    "terms": terms,
    "usage": st.builds(Usage, starts_on=days, plan=ids, contacts=wholes),
    "visit": visits,
}

every_record = pytest.mark.parametrize("name", sorted(VALUES))


def faults_of(data: object, kind: type[Any]) -> list[str]:
    with pytest.raises(InvalidRecords) as caught:
        from_data(data, kind)
    return [str(fault) for fault in caught.value.faults]


def faults_of_line(line: str, kind: type[Any]) -> list[str]:
    with pytest.raises(InvalidRecords) as caught:
        from_line(line, kind)
    return [str(fault) for fault in caught.value.faults]


LINE = Line(
    charge=Charge(
        id="c1",
        account="A1",
        kind=ChargeKind.SUBSCRIPTION,
        item="lite",
        reason=ChargeReason.RENEWAL,
        period=Month.parse("2025-08").period,
        amount=Money.of("12.00", "USD"),
        charged_on=date(2025, 8, 1),
    ),
    rulings=(),
    terms="example",
)
USAGE: dict[str, Any] = {"record": "usage", "version": 1, "starts_on": "2025-01-01", "plan": "lite", "contacts": 300}
VISIT: dict[str, Any] = {"record": "visit", "version": 1, "id": "k1", "visitor": "v1", "at": "2025-08-08T12:00:00Z", "name": None}
TERMS: dict[str, Any] = {"record": "terms", "version": 1, "starts_on": "2025-01-01", "source": "invented"}


class TestRoundTrip:
    """Every value comes back from its record as it was."""

    def test_every_record_has_its_values_here(self) -> None:
        assert VALUES.keys() <= RECORDS.keys()

    @every_record
    def test_a_value_comes_back_equal_and_writes_the_same_line_again(self, name: str) -> None:
        @given(VALUES[name])
        def law(value: Any) -> None:
            data = to_data(value)
            assert (data["record"], data["version"]) == (name, VERSION)
            line = to_line(value)
            assert json.loads(line) == data
            assert line.splitlines() == [line]
            again = from_line(line, RECORDS[name])
            assert again == value == from_data(data, RECORDS[name])
            assert to_line(again) == line

        law()

    def test_the_written_form_of_a_name_and_the_offset_of_an_instant_are_kept(self) -> None:
        partner = Partner.of("p-1", "BrightSide")
        assert str(from_data(to_data(partner), Partner).names[0].name) == "BrightSide"
        opening = AccountOpening(id="s1", account="A1", visitor="v1", at=datetime(2025, 8, 8, 23, 30, tzinfo=ZoneInfo("America/New_York")))
        assert from_data(to_data(opening), AccountOpening).at.date() == date(2025, 8, 8)

    def test_absent_terms_stay_absent_and_not_agreed_stays_said(self) -> None:
        data = to_data(Terms(starts_on=date(2025, 1, 1), source="invented", share=ShareTerms(rate=NOT_AGREED)))
        assert data == {**TERMS, "share": {"rate": "not agreed"}}
        again = from_data(data, Terms)
        assert again.share.given() == {"rate": NOT_AGREED}
        assert again.bonus.given() == {}
        assert again.share.rate is NOT_AGREED

    def test_the_fingerprint_of_terms_survives(self) -> None:
        @given(terms)
        def law(value: Terms) -> None:
            assert from_data(to_data(value), Terms).fingerprint == value.fingerprint

        law()

    def test_a_relationship_is_stored_as_its_history_and_replayed_from_it(self) -> None:
        program = Program(
            name="example",
            zone="UTC",
            sites=VendorSites(("www.vendor.example",)),
            terms=TermsHistory((Terms(starts_on=date(2020, 1, 1), source="invented"),)),
        )
        partner = Partner.of("p-1", "brightside")
        known = Partners((partner,))
        account = Account(id="A1", client="C1", currency=USD, opened_at=NOON, anchor_day=8)
        life = ClientRelationship.referred(account, partner, on=NOON.date(), program=program, partners=known).convert(date(2025, 8, 20))
        data = to_data(life)
        assert data["record"] == "history"
        assert from_data(data, History).replay(program, known) == life

    def test_a_ruling_of_a_known_text_is_the_very_same_ruling(self) -> None:
        @given(rulings)
        def law(ruling: Ruling[Any]) -> None:
            assert from_data(to_data(ruling), Ruling) is ruling

        law()


class TestGoldenLines:
    """The text of version 1 never changes."""

    @pytest.mark.parametrize(
        ("value", "line"),
        [
            (
                Account(id="A1", client="C1", currency=USD, opened_at=NOON, anchor_day=31, origin=Origin.LINK),
                (
                    '{"record": "account", "version": 1, "id": "A1", "client": "C1", "currency": "USD", '
                    '"opened_at": "2025-08-08T12:00:00+00:00", "anchor_day": 31, "origin": "link"}'
                ),
            ),
            (
                Partner(
                    id="p-1",
                    names=(NameAlias(name=PartnerName("BrightSide"), until=NOON),),
                    status=(StatusSince(status=PartnerStatus.ACTIVE), StatusSince(status=PartnerStatus.ENDED, since=NOON)),
                    emails=("anna@brightside.example",),
                    single_bill=(
                        SingleBillSince(setup=SingleBillSetup(bill_day=5), since=date(2025, 1, 1)),
                        SingleBillSince(setup=None, since=date(2025, 6, 1)),
                    ),
                ),
                (
                    '{"record": "partner", "version": 1, "id": "p-1", '
                    '"names": [{"name": "BrightSide", "until": "2025-08-08T12:00:00+00:00"}], '
                    '"status": [{"status": "active"}, {"status": "ended", "since": "2025-08-08T12:00:00+00:00"}], '
                    '"emails": ["anna@brightside.example"], '
                    '"single_bill": [{"setup": {"bill_day": 5}, "since": "2025-01-01"}, {"setup": null, "since": "2025-06-01"}]}'
                ),
            ),
            (
                Visit(id="k1", visitor="v1", at=NOON, name="brightside", consent=False),
                (
                    '{"record": "visit", "version": 1, "id": "k1", "visitor": "v1", "at": "2025-08-08T12:00:00+00:00", '
                    '"name": "brightside", '
                    '"ambiguous": false, "source": "", "bot": false, "prefetch": false, "top_level": true, "consent": false, "gpc": false}'
                ),
            ),
            (
                Event(account="A1", kind=EventKind.REFERRED, on=date(2025, 8, 8), partner="p-1", status=AccountStatus.TRIAL),
                (
                    '{"record": "event", "version": 1, "account": "A1", "kind": "referred", "on": "2025-08-08", "partner": "p-1", '
                    '"status": "trial"}'
                ),
            ),
            (
                Receipt(id="r1", charge="c1", amount=Money.of("1000", "JPY"), received_on=date(2025, 8, 9)),
                '{"record": "receipt", "version": 1, "id": "r1", "charge": "c1", "amount": "1000 JPY", "received_on": "2025-08-09"}',
            ),
            (
                Terms(starts_on=date(2025, 1, 1), source="invented", share=ShareTerms(rate=Rate.percent("15"))),
                '{"record": "terms", "version": 1, "starts_on": "2025-01-01", "source": "invented", "share": {"rate": "3/20"}}',
            ),
            (
                Coupon(code="GRÜN", partner="p-1"),
                '{"record": "coupon", "version": 1, "code": "GRÜN", "partner": "p-1"}',
            ),
        ],
    )
    def test_a_value_is_written_as_ever_and_its_line_read_as_ever(self, value: Any, line: str) -> None:
        assert to_line(value) == line
        assert from_line(line, type(value)) == value

    def test_ends_of_lines_inside_a_text_are_escaped(self) -> None:
        name = "a\nb\x85c\u2028d\u2029e"
        line = to_line(Visit(id="k-1", visitor="v-1", at=datetime(2025, 8, 8, tzinfo=UTC), name=name))
        assert line.splitlines() == [line]
        assert from_line(line, Visit).name == name

    def test_the_bytes_do_not_depend_on_the_hash_seed(self) -> None:
        code = """
from datetime import date
from partnerkit.codec import to_line
from partnerkit.links import Experience, InviteLink
from partnerkit.terms import AttributionTerms, ChargeKind, ShareTerms, Terms
free = AttributionTerms(free_mail=frozenset(f"mail{n}.example" for n in range(9)))
print(to_line(Terms(starts_on=date(2025, 1, 1), source="x", share=ShareTerms(scope=frozenset(ChargeKind)), attribution=free)))
print(to_line(InviteLink(partner_name="b", landing="https://v.example/", experience=set(Experience))))
"""
        outputs = {
            subprocess.run(
                [sys.executable, "-c", code],
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
                check=True,
                capture_output=True,
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert len(outputs) == 1
        assert b'"experience": ["buy-now", "trial"]' in outputs.pop()


class TestNothingIsGuessed:
    """A number is no text, a text no number, and what nobody knows is a fault."""

    @pytest.mark.parametrize(
        ("field", "raw", "message"),
        [
            ("contacts", "300", "contacts: is '300': wanted a whole number"),
            ("contacts", True, "contacts: is true: wanted a whole number"),
            ("contacts", 300.0, "contacts: is 300.0: wanted a whole number"),
            ("contacts", None, "contacts: is null: wanted a whole number"),
            ("contacts", [300], "contacts: is a list: wanted a whole number"),
            ("contacts", LARGEST + 1, f"contacts: is a number too long for a record: wanted a whole number, at most {LARGEST} from zero"),
            ("plan", 3, "plan: is 3: wanted a text"),
            ("plan", {"name": "lite"}, "plan: is an object: wanted a text"),
            ("plan", "\ud800", r"plan: is '\ud800', which holds half a character (a lone surrogate): wanted text that UTF-8 can carry"),
            ("starts_on", "2025-1-1", "starts_on: is '2025-1-1': wanted a date such as '2025-08-08'"),
            ("starts_on", "20250101", "starts_on: is '20250101': wanted a date such as '2025-08-08'"),
            ("starts_on", "2025-W01-1", "starts_on: is '2025-W01-1': wanted a date such as '2025-08-08'"),
            ("starts_on", "2025-02-29", "starts_on: is '2025-02-29': wanted a date such as '2025-08-08'"),
            ("starts_on", "٢٠٢٥-01-01", "starts_on: is '٢٠٢٥-01-01': wanted a date such as '2025-08-08'"),
            ("starts_on", 20250101, "starts_on: is 20250101: wanted a date such as '2025-08-08'"),
            ("plans", 1, "plans: is not a field of this record: wanted one of starts_on, plan, contacts"),
            ("a\ud800b", 1, r"'a\ud800b': is not a field of this record: wanted one of starts_on, plan, contacts"),
            ("record", "visit", "record: is 'visit': wanted 'usage'"),
            ("record", 1, "record: is 1: wanted 'usage'"),
            ("version", 2, "version: is 2, which a newer partnerkit wrote: this library reads version 1"),
            ("version", 0, "version: is 0: this library reads version 1"),
            ("version", True, "version: is true: this library reads version 1"),
            ("version", "1", "version: is '1': this library reads version 1"),
            ("version", float("nan"), "version: is nan: this library reads version 1"),
        ],
    )
    def test_a_wrong_field_is_named_with_what_was_wanted(self, field: str, raw: object, message: str) -> None:
        assert faults_of({**USAGE, field: raw}, Usage) == [message]

    def test_a_number_that_python_does_not_even_show_is_refused(self) -> None:
        assert faults_of({**USAGE, "contacts": 10**5000}, Usage) == [
            f"contacts: is a number too long for a record: wanted a whole number, at most {LARGEST} from zero"
        ]

    @pytest.mark.parametrize("field", USAGE)
    def test_a_missing_field_is_named_with_what_was_wanted(self, field: str) -> None:
        (fault,) = faults_of({key: item for key, item in USAGE.items() if key != field}, Usage)
        assert fault.startswith(f"{field}: is missing: wanted ")

    @pytest.mark.parametrize("data", [None, 1, 1.5, "usage", [], [USAGE], object(), b"{}"])
    def test_what_is_no_object_is_no_record(self, data: object) -> None:
        (fault,) = faults_of(data, Usage)
        assert 'wanted a record, written {"record": "usage", "version": 1, ...}' in fault

    def test_a_naive_instant_is_refused_with_the_fix(self) -> None:
        assert faults_of({**VISIT, "at": "2025-08-08T12:00:00"}, Visit) == [
            (
                "at: is '2025-08-08T12:00:00', which has no offset from UTC: "
                "wanted '2025-08-08T12:00:00+00:00' if it is in UTC, else its own offset"
            )
        ]

    @pytest.mark.parametrize(
        "at", ["2025-08-08", "2025-08-08 12:00:00Z", "20250808T120000Z", "2025-08-08T24:00:00Z", "2025-08-08T12:00:00z", "1754654400", ""]
    )
    def test_other_ways_to_write_an_instant_are_refused(self, at: str) -> None:
        assert faults_of({**VISIT, "at": at}, Visit) == [
            f"at: is {at!r}: wanted an instant with its offset such as '2025-08-08T09:30:00+00:00'"
        ]

    def test_an_instant_outside_the_calendar_in_utc_is_refused(self) -> None:
        assert "outside the calendar" in faults_of({**VISIT, "at": "0001-01-01T00:00:00+14:00"}, Visit)[0]

    @pytest.mark.parametrize(
        ("section", "message"),
        [
            ({"rate": "15"}, "share: share.rate is 15, more than the whole charge: wanted at most 100%"),
            ({"rate": 0.15}, "share.rate: is 0.15: wanted a rate such as '3/20'; or write 'not agreed'"),
            (
                {"rate": "none"},
                (
                    "share.rate: wanted a rate such as '3/20', '0.15' or '15%', got 'none': "
                    "only a sign, digits and one point, no exponent and no grouping; or write 'not agreed'"
                ),
            ),
            ({"scope": "tax"}, "share.scope: is 'tax': wanted a list"),
            ({"scope": ["tax", "tax"]}, "share.scope[1]: is 'tax' again: wanted each once"),
            ({"scope": ["gift"]}, "share.scope[0]: is 'gift': wanted one of 'subscription', 'add_on', 'overage', 'suspension_fee', 'tax'"),
            (
                {"rat": "15%"},
                (
                    "share.rat: is not a field of this record: wanted one of rate, scope, recognized, rounding, clawback, "
                    "after_partnership_ends"
                ),
            ),
            (
                {"after_partnership_ends": 1},
                "share.after_partnership_ends: is 1: wanted true or false",
            ),
            ([], "share: is a list: wanted an object with rate, scope, recognized, rounding, clawback, after_partnership_ends"),
            (None, "share: is null: wanted an object with rate, scope, recognized, rounding, clawback, after_partnership_ends"),
        ],
    )
    def test_a_section_of_the_terms_is_as_strict(self, section: object, message: str) -> None:
        assert faults_of({**TERMS, "share": section}, Terms) == [message]

    @pytest.mark.parametrize(
        ("reward", "message"),
        [
            ("1.00 USD", "is '1.00 USD'"),
            ({}, "is an object"),
            ({"revenue_share": "1.00 USD", "upfront_discount": "1.00 USD"}, "is an object"),
        ],
    )
    def test_a_reward_is_one_share_or_one_discount(self, reward: object, message: str) -> None:
        data = {**to_data(LINE), "reward": reward}
        (fault,) = faults_of(data, Line)
        assert fault == f'reward: {message}: wanted {{"revenue_share": "1.50 USD"}} or {{"upfront_discount": "1.50 USD"}} or null'

    def test_all_faults_of_a_record_come_at_once_with_their_paths(self) -> None:
        data = {
            "version": 1,
            "names": [{"name": "bright side"}, {"name": "b", "since": "2025-08-08T12:00:00", "color": "red"}],
            "status": [{"status": "retired"}],
            "emails": ["a@b.example", 3],
            "single_bill": [{"setup": {"bill_day": 32}}, {}],
            "paid": True,
        }
        found = faults_of(data, Partner)
        assert [fault.split(": ")[0] for fault in found] == [
            "record",
            "id",
            "names[0].name",
            "names[1].since",
            "names[1].color",
            "status[0].status",
            "emails[1]",
            "single_bill[0].setup",
            "single_bill[1].setup",
            "paid",
        ]

    def test_a_constructor_that_refuses_keeps_its_own_words(self) -> None:
        charge = {**to_data(LINE.charge), "amount": "-1.00 USD"}
        assert faults_of(charge, Charge) == ["the charge c1 is -1.00 USD, below zero: give money back by a refund that names the charge"]

    def test_the_faults_of_another_record_are_not_told(self) -> None:
        assert faults_of({**VISIT, "at": 3}, Usage) == ["record: is 'visit': wanted 'usage'"]


class TestLines:
    """A line is JSON and one record, or a fault."""

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("", "is not JSON: Expecting value at character 1"),
            ('{"record": "usage"', "is not JSON: Expecting ',' delimiter at character 19; the line seems to be cut off"),
            ("{} {}", "is not JSON: Extra data at character 4"),
            ('{"plan": NaN}', "holds NaN, which is no JSON and no number of a record"),
            ('{"plan": -Infinity}', "holds -Infinity, which is no JSON and no number of a record"),
            ('{"plan": "a", "b": 1, "plan": "a"}', "plan: stands there twice: wanted each field once"),
            ('{"x": {"plan": "a", "plan": "a"}}', "plan: stands there twice: wanted each field once"),
            ("[" * 100_000, "is nested too deeply to be a record"),
            ('{"a":' * 100_000, "is nested too deeply to be a record"),
            ("1" * 10_000, f"holds a number that is too long: wanted at most {LARGEST}"),
        ],
    )
    def test_a_line_that_cannot_be_read_is_a_fault(self, line: str, message: str) -> None:
        assert faults_of_line(line, Usage) == [message]

    def test_a_number_beyond_any_float_is_refused(self) -> None:
        line = json.dumps({**USAGE, "contacts": "?"}).replace('"?"', "1e999")
        assert faults_of_line(line, Usage) == ["contacts: is inf: wanted a whole number"]

    def test_the_faults_of_a_file_name_the_file_and_the_line(self) -> None:
        faults: list[Fault] = []
        good = json.dumps(USAGE)
        lines = [good + "\n", "\n", "  \n", json.dumps({**USAGE, "contacts": "x", "plan": 1}) + "\n", "?", good]
        found = list(read_lines(lines, Usage, source="usage.jsonl", faults=faults))
        assert [number for number, _ in found] == [1, 6]
        assert [str(fault) for fault in faults] == [
            "usage.jsonl:4: plan: is 1: wanted a text",
            "usage.jsonl:4: contacts: is 'x': wanted a whole number",
            "usage.jsonl:5: is not JSON: Expecting value at character 1",
        ]


BILL = SingleBill(
    partner="p-1",
    month=Month.parse("2025-08"),
    currency=USD,
    billed_on=date(2025, 8, 31),
    lines=(Line(charge=LINE.charge, payer="p-1", rulings=(), terms="example"),),
    brought_forward=Money.of("3.00", "USD"),
)
STATEMENT = Statement(partner="p-1", month=Month.parse("2025-08"), currency=USD, opening=Money.of("7.00", "USD"))
OWNER = OWNERSHIP.decide(OwnershipFacts(management=Management.MANAGED))


class TestWhatFollowsIsHeldAgainstTheRest:
    """A forged total and a forged ruling are refused."""

    def test_a_bill_and_a_statement_say_their_totals(self) -> None:
        assert to_data(BILL)["totals"] == {
            "gross": "12.00 USD",
            "discount": "0.00 USD",
            "adjusted": "0.00 USD",
            "total": "12.00 USD",
            "paid": "0.00 USD",
            "past_due": "3.00 USD",
            "due": "15.00 USD",
            "carried_forward": "15.00 USD",
        }
        assert to_data(STATEMENT)["totals"] == {
            "share": "0.00 USD",
            "bonus": "0.00 USD",
            "incentives": "0.00 USD",
            "earned": "0.00 USD",
            "adjusted": "0.00 USD",
            "disbursed": "0.00 USD",
            "closing": "7.00 USD",
        }

    @pytest.mark.parametrize("value", [BILL, STATEMENT])
    def test_a_forged_total_is_refused(self, value: Any) -> None:
        data = to_data(value)
        for name, amount in data["totals"].items():
            forged = {**data, "totals": {**data["totals"], name: "1.23 USD"}}
            assert faults_of(forged, type(value)) == [
                f"totals.{name}: is '1.23 USD': wanted {amount!r}, which the rest of the record adds up to"
            ]

    def test_totals_are_complete_and_nothing_else(self) -> None:
        data = to_data(BILL)
        short = {key: item for key, item in data["totals"].items() if key != "due"}
        assert faults_of({**data, "totals": {**short, "tip": "1.00 USD"}}, SingleBill) == [
            "totals.due: is missing: wanted '15.00 USD', which the rest of the record adds up to",
            f"totals.tip: is not a total of this record: wanted one of {', '.join(data['totals'])}",
        ]
        wanted = "wanted an object with gross, discount, adjusted, total, paid, past_due, due, carried_forward"
        assert faults_of({**data, "totals": []}, SingleBill) == [f"totals: is a list: {wanted}"]
        del data["totals"]
        assert faults_of({**data, "month": 8}, SingleBill) == [
            "month: is 8: wanted a month such as '2025-08'",
            f"totals: is missing: {wanted}",
        ]

    def test_a_bill_whose_parts_do_not_add_up_in_one_currency_is_refused(self) -> None:
        data = {**to_data(BILL), "brought_forward": "300 JPY"}
        (fault,) = faults_of(data, SingleBill)
        assert "JPY" in fault

    @pytest.mark.parametrize(
        ("field", "raw", "message"),
        [
            ("policy", "weather", "policy: is 'weather': wanted one of 'ownership', "),
            ("outcome", "nobody", "outcome: is 'nobody': wanted one of "),
            ("outcome", ["partner"], "outcome: is a list: wanted one of "),
            ("outcome", 3, "outcome: is 3: wanted a text"),
            ("outcome", "vendor", "does not follow from the text of the policy ownership, which answers "),
            ("because", ["OWNER-REFERRED"], "does not follow from the text of the policy ownership"),
            ("not_applying", ["OWNER-REFERRED"], "clauses of the policy ownership contradict each other"),
            ("basis", "house", "does not follow from the text of the policy ownership"),
            ("set_aside", [["OWNER-MANAGED"]], "set_aside[0]: has 1 entries: wanted 2, a text, then a list"),
            ("set_aside", [["OWNER-MANAGED", "OWNER-REFERRED"]], "set_aside[0][1]: is 'OWNER-REFERRED': wanted a list"),
        ],
    )
    def test_a_ruling_that_its_policy_does_not_give_is_refused(self, field: str, raw: object, message: str) -> None:
        (fault,) = faults_of({**to_data(OWNER), field: raw}, Ruling)
        assert fault.startswith(message)

    def test_a_ruling_by_an_edition_nobody_knows_is_read_as_it_stands(self) -> None:
        old = of_another_edition(OWNER)
        assert from_data(to_data(old), Ruling) == old
        assert faults_of({**to_data(old), "outcome": "nobody"}, Ruling)[0].startswith("outcome: is 'nobody'")

    def test_the_answers_of_a_collecting_policy_are_a_list(self) -> None:
        ruling = next(one for one in (_decided(DUTIES, point) for point in _points(DUTIES)) if one is not None and one.outcome)
        assert to_data(ruling)["outcome"] == [duty.value for duty in ruling.outcome]
        data = {**to_data(ruling), "edition": "0" * 64}
        assert faults_of({**data, "outcome": ["dance"]}, Ruling)[0].startswith("outcome[0]: is 'dance': wanted one of ")
        assert faults_of({**data, "outcome": "dance"}, Ruling) == ["outcome: is 'dance': wanted a list"]

    def test_a_logged_decision_replays_from_its_record(self) -> None:
        facts = OwnershipFacts(management=Management.MANAGED)
        entry = LogEntry(facts=facts, ruling=OWNERSHIP.decide(facts), day=date(2025, 8, 8))
        data = to_data(entry)
        assert EDITIONS["ownership"].replay(from_data(data, LogEntry)) is Replay.SAME
        other = from_data({**data, "facts": {"management": "referred"}}, LogEntry)
        assert EDITIONS["ownership"].replay(other) is Replay.DIFFERENT_RULING
        old = from_data({**data, "ruling": {**data["ruling"], "edition": "0" * 64}}, LogEntry)
        assert EDITIONS["ownership"].replay(old) is Replay.TEXT_ALTERED

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            ({"management": "owned"}, "facts.management: is 'owned': wanted one of 'referred', 'managed'"),
            ({}, "facts.management: is missing: wanted one of 'referred', 'managed' or null"),
            (None, "facts: is null: wanted an object with management"),
        ],
    )
    def test_the_facts_of_a_decision_are_those_its_policy_asks_for(self, facts: object, message: str) -> None:
        made = OwnershipFacts(management=None)
        data = to_data(LogEntry(facts=made, ruling=OWNERSHIP.decide(made), day=date(2025, 8, 8)))
        assert faults_of({**data, "facts": facts}, LogEntry) == [message]

    def test_all_faults_of_a_decision_are_told_at_once(self) -> None:
        made = OwnershipFacts(management=None)
        data = to_data(LogEntry(facts=made, ruling=OWNERSHIP.decide(made), day=date(2025, 8, 8)))
        faults = faults_of({**data, "facts": {"management": "owned"}, "ruling": {**data["ruling"], "outcome": "nobody"}}, LogEntry)
        assert [fault.partition(":")[0] for fault in faults] == ["facts.management", "ruling.outcome"]

    def test_a_ruling_on_another_question_cannot_stand_on_a_line(self) -> None:
        ruling = {key: item for key, item in to_data(OWNER).items() if key not in {"record", "version"}}
        data = {**to_data(LINE), "rulings": [ruling]}
        assert faults_of(data, Line) == ["rulings[0].policy: is 'ownership', which answers another question than stands here"]


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(), st.text(st.characters(), max_size=8))
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[Any]) -> Any:
    """Give a record in which one place was overwritten, removed or added to."""
    data = to_data(draw(whole))
    here: Any = data
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            break
        key = draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and draw(st.booleans()):
            here = here[key]
            continue
        if draw(st.booleans()):
            here[key] = draw(junk)
        else:
            del here[key]
        break
    if isinstance(here, dict) and draw(st.booleans()):
        here[draw(st.text(st.characters(), max_size=5))] = draw(junk)
    return data


class TestWhateverComesIn:
    """Whatever comes in, it is a value or a list of faults that can be printed; nothing else ever escapes."""

    @every_record
    def test_junk_is_refused_and_damage_is_refused_or_harmless(self, name: str) -> None:
        kind = RECORDS[name]
        fields = st.sampled_from([field.name for field in attrs.fields(kind) if field.init])
        shaped = st.dictionaries(fields, junk, max_size=6).map(lambda given: {"record": name, "version": 1, **given})

        @given(junk | shaped | damaged(VALUES[name]))
        def law(data: Any) -> None:
            faults: tuple[Fault, ...] = ()
            try:
                value = from_data(data, kind)
            except InvalidRecords as refused:
                faults = refused.faults
            else:
                assert from_line(to_line(value), kind) == value
                return
            assert faults
            for fault in faults:
                assert str(fault).encode()
                assert "cannot be read" not in fault.message

        law()

    @given(st.text(st.characters(), max_size=40) | junk.map(json.dumps))
    def test_any_line_is_a_record_or_faults(self, line: str) -> None:
        with pytest.raises(InvalidRecords):
            from_line(line, Usage)

    def test_a_value_nested_without_end_is_refused_where_it_stands(self) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        assert faults_of({**USAGE, "plan": deep, "starts_on": {"x": deep}}, Usage) == [
            "starts_on: is an object: wanted a date such as '2025-08-08'",
            "plan: is a list: wanted a text",
        ]

    def test_a_field_whose_name_is_no_text_is_refused(self) -> None:
        data: dict[Any, Any] = dict(USAGE)
        data[3] = 1
        assert faults_of(data, Usage) == ["3: is not a field of this record: wanted one of starts_on, plan, contacts"]

    def test_even_an_error_nobody_foresaw_is_a_fault_with_its_path(self) -> None:
        (fault,) = codec._faults(TypeError("unforeseen"), "names[0]")
        assert str(fault) == "names[0]: cannot be read: unforeseen"


class TestMisuse:
    """What cannot be a record is said at once."""

    def test_a_value_that_is_no_record_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match=r"int is no record: wanted one of account, add_on, adjustment, "):
            to_data(15)

    @pytest.mark.parametrize("kind", [Fraction, int, "usage", None, []])
    def test_a_type_that_is_no_record_is_refused(self, kind: Any) -> None:
        with pytest.raises(InvalidValue, match=r"is no record: wanted one of the types in codec\.RECORDS"):
            from_data(USAGE, kind)

    def test_a_relationship_is_read_by_its_history(self) -> None:
        with pytest.raises(
            InvalidValue, match="ClientRelationship is no record: its `history` is, as which it is written: read a History and replay it"
        ):
            from_data({}, ClientRelationship)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (Visit(id="k-1", visitor="v-1", at=datetime(2025, 1, 1, tzinfo=UTC), name="\ud800"), "lone surrogate"),
            (Usage(starts_on=date(2025, 1, 1), plan="lite", contacts=LARGEST + 1), "too long for a record"),
        ],
    )
    def test_what_could_not_be_read_again_is_not_written(self, value: Usage | Visit, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            to_data(value)

    def test_a_coupon_needs_a_code_and_a_partner(self) -> None:
        with pytest.raises(InvalidValue, match="the id of the coupon"):
            Coupon(code="", partner="p-1")
        with pytest.raises(InvalidValue, match="the id of the partner"):
            Coupon(code="SUMMER25", partner=" ")


PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "records.md"
EXAMPLES = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith('{"record": ')]


class TestTheBasis:
    """A bill and a statement may carry the fingerprint of what they were made from; nothing else has one."""

    BASIS = "0123456789abcdef" * 4
    STATEMENT = Statement(partner="p-1", month=Month.parse("2025-09"), currency=USD, opening=Money.of("1", "USD"))

    @given(value=single_bills | statements)
    def test_it_is_written_and_read_past(self, value: SingleBill | Statement) -> None:
        data = to_data(value, basis=self.BASIS)
        assert list(data)[:3] == ["record", "version", "basis"]
        assert data.pop("basis") == self.BASIS
        assert data == to_data(value)
        assert from_line(to_line(value, basis=self.BASIS), type(value)) == value

    @pytest.mark.parametrize("basis", ["", "0" * 63, "G" * 64, "A" * 64, 7, None])
    def test_what_is_no_fingerprint_is_a_fault(self, basis: Any) -> None:
        (fault,) = faults_of({**to_data(self.STATEMENT), "basis": basis}, Statement)
        assert fault.startswith("basis: is ")
        assert fault.endswith("wanted a fingerprint, 64 hexadecimal digits")
        if isinstance(basis, str):
            with pytest.raises(InvalidValue, match="wanted a fingerprint"):
                to_data(self.STATEMENT, basis=basis)

    def test_another_record_has_none(self) -> None:
        with pytest.raises(InvalidValue, match="a usage has no basis of its own: wanted it with single_bill or single_bill_totals or "):
            to_data(from_data(USAGE, Usage), basis=self.BASIS)
        assert faults_of({**USAGE, "basis": self.BASIS}, Usage) == [
            "basis: is not a field of this record: wanted one of starts_on, plan, contacts"
        ]


class TestThePage:
    """docs/reference/records.md says what the code does."""

    @pytest.mark.parametrize("line", EXAMPLES)
    def test_every_example_line_is_read_and_written_the_same(self, line: str) -> None:
        kind = RECORDS[json.loads(line)["record"]]
        value = from_line(line, kind)
        assert from_line(to_line(value), kind) == value

    def test_every_record_has_an_example(self) -> None:
        assert {json.loads(line)["record"] for line in EXAMPLES} == RECORDS.keys()

    @every_record
    def test_the_fields_of_every_record_are_in_its_table(self, name: str) -> None:
        section = PAGE.read_text(encoding="utf-8").split(f"\n### `{name}`", 1)[1].split("\n### ", 1)[0]
        missing = [field.name for field in attrs.fields(RECORDS[name]) if field.init and f"`{field.name}`" not in section]
        assert missing == []

    def test_the_table_of_events_is_that_of_the_code(self) -> None:
        table = PAGE.read_text(encoding="utf-8").split("| kind | needs | may have |", 1)[1].split("\n\n", 1)[0]
        rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
        assert [row[0] for row in rows] == [f"`{kind}`" for kind in EventKind]
        for kind, row in zip(EventKind, rows, strict=True):
            assert set(row[1].replace("`", "").split(", ")) - {""} == _NEEDS.get(kind, frozenset())
            assert set(row[2].replace("`", "").split(", ")) - {""} == _MAY_HAVE.get(kind, frozenset())
