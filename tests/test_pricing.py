"""What a price list makes of an account: plans in advance, add-ons, sends beyond those included, and how each amount came about."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import worlds
from partnerkit.billing import (
    AddOn,
    Charge,
    ChargeReason,
    CountOf,
    Line,
    PrepaidTime,
    Prepayment,
    Pricing,
    UpfrontDiscount,
    Usage,
    add_on_renewals,
    line_for,
    overage,
    overlapping,
    renewals,
    resumption,
    suspension_fee,
)
from partnerkit.clauses import Permission
from partnerkit.errors import InvalidValue, TermMissing
from partnerkit.money import Currency, Money, Rate, Rounding, UnitPrice, round_minor
from partnerkit.partners import BillingMode, Management, Origin, Standing
from partnerkit.periods import Period, ProrationBasis
from partnerkit.policies import (
    OWNERSHIP,
    PREPAID_DISCOUNT,
    REWARD,
    SINGLE_BILL_LEAVING,
    LeavingFacts,
    OwnershipFacts,
    PrepaidFacts,
    RewardFacts,
)
from partnerkit.prices import Package, PriceList, PriceTable, Tier, TierModel
from partnerkit.terms import NOT_AGREED, ChargeKind, FirstPeriod, PrepaidCharged, TierBasis
from partnerkit.text import explain, phrase

USD = Currency("USD")
JANUARY = date(2025, 1, 1)
USES = [Usage(starts_on=date(2025, 1, 8), plan="lite", contacts=300)]


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def flat(item: str, price: str, *, starts_on: date = JANUARY, **more: Any) -> PriceTable:
    """Build a table with one price up to 500 contacts and its double above, to 1,000."""
    tiers = (Tier(low=0, high=500, amount=usd(price)), Tier(low=501, high=1000, amount=usd(price) * 2))
    return PriceTable(item=item, currency=USD, starts_on=starts_on, tiers=tiers, **more)


def each(item: str, unit: str) -> PriceTable:
    tier = Tier(low=0, high=None, amount=usd("0"), unit=UnitPrice.of(unit, "USD"))
    return PriceTable(item=item, currency=USD, starts_on=JANUARY, tiers=(tier,), model=TierModel.VOLUME)


RECURRING = (ChargeReason.START, ChargeReason.RENEWAL, ChargeReason.RESUMPTION)
CYCLES = [
    Period(date(2025 + month // 12, month % 12 + 1, 8), date(2025 + (month + 1) // 12, (month + 1) % 12 + 1, 8)) for month in range(24)
]
"""The cycles of the account of most of these tests, which renews on the 8th."""
LIST = PriceList((flat("lite", "31", sends_per_contact=10), flat("sms", "10"), flat("suspension", "5"), each("overage", "0.002")))


def renewed(*prepayments: Prepayment, until: date = date(2026, 3, 1), usage: list[Usage] = USES, **billing: Any) -> list[Charge]:
    terms = worlds.terms(billing=billing)
    return list(renewals(worlds.account(), LIST, usage, until, terms=terms, prepayments=prepayments))


def written(charges: list[Charge]) -> list[tuple[str, str]]:
    return [(str(one.period), str(one.amount)) for one in charges]


class TestAPlanPaidInAdvance:
    """Six months cost 10 % less and twelve 15 %, for a nonprofit 20 % and 30 % (5773, B-09): the terms say so, and on plans only."""

    @pytest.mark.parametrize(
        ("time", "nonprofit", "amount", "cycles"),
        [
            (PrepaidTime.HALF_YEAR, False, "27.90 USD", 6),
            (PrepaidTime.YEAR, False, "26.35 USD", 12),
            (PrepaidTime.HALF_YEAR, True, "24.80 USD", 6),
            (PrepaidTime.YEAR, True, "21.70 USD", 12),
        ],
    )
    def test_every_charge_in_that_time_is_less_the_discount(self, time: PrepaidTime, nonprofit: bool, amount: str, cycles: int) -> None:
        made = renewed(Prepayment(starts_on=date(2025, 2, 8), time=time, nonprofit=nonprofit))
        assert [str(one.amount) for one in made] == ["31.00 USD", *[amount] * cycles, *["31.00 USD"] * (13 - cycles)]
        assert [one.prepaid is None for one in made] == [True, *[False] * cycles, *[True] * (13 - cycles)]

    @pytest.mark.parametrize(("time", "amount"), [(PrepaidTime.HALF_YEAR, "167.40"), (PrepaidTime.YEAR, "316.20")])
    def test_charged_at_once_it_is_one_charge_rounded_once(self, time: PrepaidTime, amount: str) -> None:
        made = renewed(Prepayment(starts_on=date(2025, 2, 8), time=time), prepaid_charged=PrepaidCharged.AT_ONCE)
        assert made[1].amount == usd(amount)
        assert made[1].period.start == date(2025, 2, 8)
        assert [one.period.end == after.period.start for one, after in pairwise(made)] == [True] * (len(made) - 1)
        assert len(made) == 14 - time.months + 1

    @given(start=st.integers(0, 5), time=st.sampled_from(PrepaidTime), charged=st.sampled_from(PrepaidCharged), anchor=st.integers(1, 31))
    def test_no_day_is_charged_twice_and_none_is_left_out(
        self, start: int, time: PrepaidTime, charged: PrepaidCharged, anchor: int
    ) -> None:
        account, usage = worlds.account(anchor_day=anchor), [Usage(starts_on=date(2025, 1, 1), plan="lite", contacts=1)]
        plain = list(renewals(account, LIST, usage, date(2026, 12, 1), terms=worlds.terms()))
        prepayment = Prepayment(starts_on=plain[1 + start].period.start, time=time)
        terms = worlds.terms(billing={"prepaid_charged": charged})
        made = list(renewals(account, LIST, usage, date(2026, 12, 1), terms=terms, prepayments=[prepayment]))
        assert all(one.period.end == after.period.start for one, after in pairwise(made))
        assert (made[0].period.start, made[-1].period.end) == (plain[0].period.start, plain[-1].period.end)
        ahead = sum(one.period.days for one in made if one.prepaid is not None)
        assert ahead == sum(one.period.days for one in plain[1 + start : 1 + start + time.months])

    def test_one_prepayment_may_follow_another(self) -> None:
        half = [Prepayment(starts_on=day, time=PrepaidTime.HALF_YEAR) for day in (date(2025, 7, 8), date(2025, 1, 8))]
        made = renewed(*half, until=date(2026, 2, 1), prepaid_charged=PrepaidCharged.AT_ONCE)
        assert written(made) == [
            ("2025-01-08/2025-07-08", "167.40 USD"),
            ("2025-07-08/2026-01-08", "167.40 USD"),
            ("2026-01-08/2026-02-08", "31.00 USD"),
        ]

    @pytest.mark.parametrize(
        ("days", "message"),
        [
            (
                [date(2025, 2, 9)],
                "2025-02-09 is no billing date of a-1, which renews on 2025-02-08 and on 2025-03-08: a prepayment starts on one",
            ),
            (
                [date(2025, 2, 8), date(2025, 7, 8)],
                "the prepayment of a-1 from 2025-07-08 begins before the one before it ends on 2025-08-08",
            ),
            ([date(2024, 12, 8)], "a-1 has no usage on 2024-12-08"),
        ],
    )
    def test_what_cannot_be_is_refused(self, days: list[date], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            renewed(*(Prepayment(starts_on=day, time=PrepaidTime.HALF_YEAR) for day in days))

    def test_a_discount_that_is_not_agreed_or_not_stated_is_none(self) -> None:
        prepayment = Prepayment(starts_on=date(2025, 2, 8), time=PrepaidTime.YEAR)
        with pytest.raises(InvalidValue, match=r"has no discount: billing\.prepaid_year is not agreed, so charge it as usual"):
            renewed(prepayment, prepaid_year=NOT_AGREED)
        with pytest.raises(TermMissing, match=r"billing\.prepaid_year"):
            renewed(prepayment, prepaid_year=...)
        with pytest.raises(TermMissing, match=r"billing\.prepaid_charged"):
            renewed(prepayment, prepaid_charged=...)
        assert renewed(prepaid_year=..., prepaid_charged=...)

    def test_a_value_of_another_type_is_refused(self) -> None:
        for given_ in ({"time": 12}, {"time": PrepaidTime.YEAR, "nonprofit": 1}, {"time": PrepaidTime.YEAR, "starts_on": "2025-01-01"}):
            fields: dict[str, Any] = {"starts_on": JANUARY, **given_}
            with pytest.raises(InvalidValue, match="wanted"):
                Prepayment(**fields)

    @pytest.mark.parametrize(("on", "amount"), [(date(2025, 2, 28), "7.53 USD"), (date(2025, 3, 8), "26.35 USD")])
    def test_who_goes_on_after_a_suspension_keeps_the_discount(self, on: date, amount: str) -> None:
        """8/28 of 31.00 are 8.857..., of which 85 % are 7.528...: rounded once."""
        ahead = [Prepayment(starts_on=date(2025, 2, 8), time=PrepaidTime.YEAR)]
        made = resumption(worlds.account(), LIST, USES, on, terms=worlds.terms(), prepayments=ahead)
        assert (str(made.amount), made.prepaid) == (amount, Rate.percent("15"))

    def test_what_was_charged_at_once_is_not_charged_again(self) -> None:
        ahead = [Prepayment(starts_on=date(2025, 2, 8), time=PrepaidTime.HALF_YEAR)]
        terms = worlds.terms(billing={"prepaid_charged": PrepaidCharged.AT_ONCE})
        with pytest.raises(InvalidValue, match="a-1 has paid until 2025-08-08 in advance"):
            resumption(worlds.account(), LIST, USES, date(2025, 8, 7), terms=terms, prepayments=ahead)
        made = resumption(worlds.account(), LIST, USES, date(2025, 8, 8), terms=terms, prepayments=ahead)
        assert (made.amount, made.prepaid) == (usd("31"), None)


class TestTwoDiscounts:
    """A prepaid charge gets the upfront discount only where the terms allow both (Q-57); a share is of what the client pays (Q-67)."""

    CHARGE = renewed(Prepayment(starts_on=date(2025, 2, 8), time=PrepaidTime.YEAR))[1]

    def line(self, *, billed: BillingMode = BillingMode.SINGLE_BILL, **single_bill: Any) -> Line:
        standing = Standing(
            account=worlds.account(),
            credited_to=worlds.BRIGHTSIDE,
            managed_by=worlds.BRIGHTSIDE,
            management=Management.MANAGED,
            payer=worlds.BRIGHTSIDE if billed is BillingMode.SINGLE_BILL else None,
            billing_mode=billed,
            day=self.CHARGE.charged_on,
        )
        return line_for(self.CHARGE, standing, worlds.terms(single_bill=single_bill))

    def test_forbidden_unless_the_terms_allow_it(self) -> None:
        line = self.line(on_prepaid=False)
        assert (line.reward, line.net, line.payer) == (None, usd("26.35"), "p-1")
        assert line.prepaid is not None
        assert line.prepaid.outcome is Permission.MAY_NOT
        assert phrase(line, worlds.terms(single_bill={"on_prepaid": False})) == "no upfront discount: paid in advance"

    def test_both_where_they_do(self) -> None:
        line = self.line(on_prepaid=True)
        assert line.reward == UpfrontDiscount(usd("3.95"))
        assert line.prepaid is not None
        assert line.prepaid.because == ("PREPAID-AGREED",)

    def test_the_terms_are_asked_only_where_it_matters(self) -> None:
        with pytest.raises(TermMissing, match=r"single_bill\.on_prepaid"):
            self.line(on_prepaid=...)
        for nothing in ({"discount": NOT_AGREED}, {"scope": frozenset({ChargeKind.ADD_ON})}):
            assert self.line(on_prepaid=..., **nothing).reward is None
        line = self.line(billed=BillingMode.DIRECT, on_prepaid=...)
        assert (line.share, line.prepaid) == (usd("2.64"), None)

    def test_no_line_holds_both_without_a_ruling(self) -> None:
        reward = REWARD.decide(
            RewardFacts(credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK)
        )
        parts: dict[str, Any] = {"payer": "p-1", "reward": UpfrontDiscount(usd("1")), "rulings": (reward,), "terms": "example"}
        forbidden = PREPAID_DISCOUNT.decide(PrepaidFacts(billing_mode=BillingMode.SINGLE_BILL))
        for prepaid in (None, forbidden):
            with pytest.raises(InvalidValue, match="no ruling of the line allows the upfront discount too"):
                Line(charge=self.CHARGE, prepaid=prepaid, **parts)
        elsewhere = SINGLE_BILL_LEAVING.decide(LeavingFacts(billing_mode=BillingMode.SINGLE_BILL))
        before: Any = OWNERSHIP.decide(OwnershipFacts(management=Management.MANAGED))
        for ruling in (elsewhere, before):
            with pytest.raises(InvalidValue, match=f"is on '{ruling.policy}': wanted 'prepaid discount'"):
                Line(charge=self.CHARGE, prepaid=ruling, **parts)
        with pytest.raises(InvalidValue, match="has no discount for prepayment, so nothing is to be ruled about it"):
            Line(charge=worlds.charge(), prepaid=forbidden, **parts)

    def test_the_reason_is_told_with_its_clause(self) -> None:
        terms = worlds.terms(single_bill={"on_prepaid": False})
        told = explain(self.line(on_prepaid=False), terms=terms)
        assert "It comes to $26.35, which is the list price less a discount of 15% for prepayment.\n" in told
        assert "$31.00 x 85% = $26.35 exactly.\n" in told
        assert "PREPAID-NOT-AGREED decides." in told
        assert "leaves charges of the kind" not in told


class TestAnAddOn:
    """It is charged on the account's own billing dates while it lasts, and has no discount for prepayment (44323, B-10)."""

    def charged(self, add_on: AddOn, *, until: date = date(2025, 11, 1), **billing: Any) -> list[tuple[str, str]]:
        return written(list(add_on_renewals(worlds.account(), LIST, add_on, until, terms=worlds.terms(billing=billing), usage=USES)))

    def test_a_first_part_of_a_cycle_then_whole_ones(self) -> None:
        assert self.charged(AddOn(item="sms", starts_on=date(2025, 8, 28))) == [
            ("2025-08-28/2025-09-08", "3.55 USD"),
            ("2025-09-08/2025-10-08", "10.00 USD"),
            ("2025-10-08/2025-11-08", "10.00 USD"),
        ]

    @pytest.mark.parametrize(("first", "amounts"), [(FirstPeriod.FULL, ["10.00 USD"]), (FirstPeriod.FREE, [])])
    def test_the_first_part_by_the_terms(self, first: FirstPeriod, amounts: list[str]) -> None:
        made = self.charged(AddOn(item="sms", starts_on=date(2025, 8, 28)), until=date(2025, 9, 8), first_period=first)
        assert [amount for _, amount in made] == amounts

    @pytest.mark.parametrize(("ends_on", "count"), [(date(2025, 9, 8), 1), (date(2025, 9, 9), 2), (date(2025, 8, 29), 1)])
    def test_it_ends_before_its_end_and_a_cycle_begun_is_charged(self, ends_on: date, count: int) -> None:
        assert len(self.charged(AddOn(item="sms", starts_on=date(2025, 8, 28), ends_on=ends_on))) == count

    def test_its_price_goes_by_units_or_by_the_contacts(self) -> None:
        day = date(2025, 8, 8)
        assert self.charged(AddOn(item="sms", starts_on=day, units=501), until=date(2025, 8, 9))[0][1] == "20.00 USD"
        assert self.charged(AddOn(item="sms", starts_on=day), until=date(2025, 8, 9))[0][1] == "10.00 USD"
        with pytest.raises(InvalidValue, match="a-1 has no usage on 2025-01-07"):
            add_on_renewals(worlds.account(), LIST, AddOn(item="sms", starts_on=date(2025, 1, 7)), day, terms=worlds.terms(), usage=USES)

    def test_it_is_no_plan(self) -> None:
        (made,) = add_on_renewals(
            worlds.account(), LIST, AddOn(item="sms", starts_on=date(2025, 8, 8), units=1), date(2025, 8, 9), terms=worlds.terms()
        )
        assert (made.kind, made.reason, made.item) == (ChargeKind.ADD_ON, ChargeReason.START, "sms")

    @pytest.mark.parametrize(
        "wrong", [{"item": ""}, {"ends_on": date(2025, 8, 8)}, {"units": -1}, {"units": True}, {"starts_on": "2025-08-08"}]
    )
    def test_what_cannot_be_is_refused(self, wrong: dict[str, Any]) -> None:
        fields: dict[str, Any] = {"item": "sms", "starts_on": date(2025, 8, 8), **wrong}
        with pytest.raises(InvalidValue):
            AddOn(**fields)


class TestOverage:
    """`max(0, sent - k x tier) x rate` (M-07), on the bill after the cycle, by the tier that the cycle was billed by."""

    def billed(self, usage: list[Usage] = USES, prices: PriceList = LIST, **billing: Any) -> Charge:
        """Give the charge of the plan for the cycle from August 8 to September 8, or what of it is used."""
        made = renewals(worlds.account(), prices, usage, date(2025, 9, 8), terms=worlds.terms(billing=billing))
        return next(one for one in made if one.period.end > date(2025, 8, 8))

    def made(self, sent: int, *, on: date = date(2025, 9, 8), usage: list[Usage] = USES, prices: PriceList = LIST) -> Charge | None:
        return overage(worlds.account(), prices, self.billed(usage, prices), sent, on, terms=worlds.terms())

    def test_a_year_charged_at_once_includes_by_its_own_tier(self) -> None:
        """It was paid for 500 contacts: 3,000 later include no more, until the account is billed for them."""
        usage = [*USES, Usage(starts_on=date(2025, 3, 1), plan="lite", contacts=1000)]
        terms = worlds.terms(billing={"prepaid_charged": PrepaidCharged.AT_ONCE})
        year = Prepayment(starts_on=date(2025, 1, 8), time=PrepaidTime.YEAR)
        (billed,) = renewals(worlds.account(), LIST, usage, date(2025, 9, 8), terms=terms, prepayments=[year])
        made = overage(worlds.account(), LIST, billed, 9_000, date(2025, 9, 8), terms=terms)
        assert made is not None
        assert (str(made.amount), str(made.period)) == ("8.00 USD", "2025-08-08/2025-09-08")

    def test_what_is_left_after_a_suspension_includes_by_the_tier_it_was_resumed_with(self) -> None:
        usage = [Usage(starts_on=date(2025, 1, 8), plan="lite", contacts=1000), Usage(starts_on=date(2025, 8, 20), plan="lite", contacts=1)]
        billed = resumption(worlds.account(), LIST, usage, date(2025, 8, 20), terms=worlds.terms())
        made = overage(worlds.account(), LIST, billed, 6_000, date(2025, 9, 8), terms=worlds.terms())
        assert made is not None
        assert (str(made.amount), str(made.period)) == ("2.00 USD", "2025-08-20/2025-09-08")

    @given(sent=st.integers(0, 10**9), contacts=st.integers(0, 1000))
    def test_the_formula(self, sent: int, contacts: int) -> None:
        tier = 500 if contacts <= 500 else 1000
        exact = max(0, sent - 10 * tier) * Fraction(2, 1000) * 100
        made = self.made(sent, usage=[Usage(starts_on=date(2025, 1, 8), plan="lite", contacts=contacts)])
        assert (0 if made is None else made.amount.minor) == round_minor(exact, Rounding.HALF_AWAY)

    @pytest.mark.parametrize(("sent", "amount"), [(5_000, None), (5_001, "0.00 USD"), (5_002, "0.00 USD"), (5_003, "0.01 USD")])
    def test_what_is_included_costs_nothing(self, sent: int, amount: str | None) -> None:
        made = self.made(sent)
        assert (None if made is None else str(made.amount)) == amount

    def test_it_is_charged_after_its_cycle_for_its_cycle(self) -> None:
        made = self.made(10_000)
        assert made is not None
        assert (made.kind, made.item, made.reason) == (ChargeKind.OVERAGE, "overage", ChargeReason.RENEWAL)
        assert (str(made.period), made.charged_on) == ("2025-08-08/2025-09-08", date(2025, 9, 8))

    def test_a_rise_within_the_cycle_includes_no_more(self) -> None:
        made = self.made(6_000, usage=[*USES, Usage(starts_on=date(2025, 8, 20), plan="lite", contacts=1000)])
        assert made is not None
        assert made.amount == usd("2")

    def test_a_first_part_of_a_cycle(self) -> None:
        made = self.made(6_000, usage=[Usage(starts_on=date(2025, 8, 20), plan="lite", contacts=1)])
        assert made is not None
        assert (str(made.period), str(made.amount)) == ("2025-08-20/2025-09-08", "2.00 USD")

    def test_a_plan_without_a_limit_has_no_overage(self) -> None:
        assert self.made(10**9, prices=PriceList((flat("lite", "31"),))) is None

    def test_what_cannot_be_is_refused(self) -> None:
        open_end = PriceTable(
            item="lite", currency=USD, starts_on=JANUARY, tiers=(Tier(low=0, high=None, amount=usd("1")),), sends_per_contact=1
        )
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"sent": -1}, "what a-1 sent is -1: wanted a whole number, at least 0"),
            ({"sent": True}, "what a-1 sent is True: wanted a whole number"),
            ({"sent": 1, "on": date(2025, 9, 9)}, "2025-09-09 is no billing date of a-1"),
            ({"sent": 1, "on": date(2025, 8, 8)}, "is no charge of a plan of a-1 for the time before 2025-08-08"),
            ({"sent": 1, "on": date(2025, 10, 8)}, "is no charge of a plan of a-1 for the time before 2025-10-08"),
            ({"sent": 1, "prices": PriceList((open_end,))}, "has no tier with an end for 300 contacts"),
            ({"sent": 10**6, "prices": PriceList((flat("lite", "31", sends_per_contact=1),))}, "there is no price of 'overage' in USD"),
        ]
        for given_, message in wrong:
            with pytest.raises(InvalidValue, match=message):
                self.made(**given_)

    @pytest.mark.parametrize("sends", [-1, True, "10"])
    def test_sends_that_cannot_be(self, sends: Any) -> None:
        with pytest.raises(InvalidValue, match=r"the number of sends per contact of .* is .*: wanted a whole number, at least 0"):
            flat("lite", "31", sends_per_contact=sends)

    def test_a_package_has_no_tier_to_include_by(self) -> None:
        table = PriceTable(item="x", currency=USD, starts_on=JANUARY, package=Package(size=1, price=usd("1")), sends_per_contact=1)
        with pytest.raises(InvalidValue, match="has no tier with an end for 1 contacts"):
            table.included_for(1)


class TestHowAnAmountCameAbout:
    """Every charge from the price list says by which prices, which count of which day, and which part of the cycle; and comes to that."""

    def test_the_tier_and_the_day_of_its_count(self) -> None:
        usage = [
            *USES,
            Usage(starts_on=date(2025, 2, 20), plan="lite", contacts=900),
            Usage(starts_on=date(2025, 2, 25), plan="lite", contacts=10),
        ]
        *_, last = renewals(
            worlds.account(), LIST, usage, date(2025, 3, 9), terms=worlds.terms(billing={"tier_basis": TierBasis.PEAK_IN_PERIOD})
        )
        assert last.pricing == Pricing(
            prices_from=JANUARY,
            units=900,
            count_of=CountOf.CONTACTS,
            counted_on=date(2025, 2, 20),
            tier_basis=TierBasis.PEAK_IN_PERIOD,
            low=501,
            high=1000,
            price=UnitPrice.of("62", "USD"),
            cycle=Period(date(2025, 3, 8), date(2025, 4, 8)),
        )

    @pytest.mark.parametrize("basis", TierBasis)
    def test_of_two_days_with_the_same_count_the_first_is_named(self, basis: TierBasis) -> None:
        usage = [Usage(starts_on=date(2025, 2, day), plan="lite", contacts=600) for day in (10, 20)]
        *_, last = renewals(worlds.account(), LIST, usage, date(2025, 3, 9), terms=worlds.terms(billing={"tier_basis": basis}))
        assert last.pricing is not None
        assert last.pricing.counted_on == date(2025, 2, 20 if basis is TierBasis.AT_BILLING else 10)

    @given(
        on=st.dates(date(2025, 2, 1), date(2026, 2, 1)),
        cents=st.integers(0, 10**6).map(lambda tenths: Fraction(tenths, 1000)),
        basis=st.sampled_from(ProrationBasis),
        rounding=st.sampled_from(Rounding),
    )
    def test_a_price_finer_than_the_minor_unit_is_rounded_once(
        self, on: date, cents: Fraction, basis: ProrationBasis, rounding: Rounding
    ) -> None:
        unit = UnitPrice(amount=cents, currency=USD)
        tier = Tier(low=0, high=None, amount=usd("0"), unit=unit)
        prices = PriceList((PriceTable(item="lite", currency=USD, starts_on=JANUARY, tiers=(tier,), model=TierModel.VOLUME),))
        made = resumption(worlds.account(), prices, USES, on, terms=worlds.terms(billing={"proration": basis, "rounding": rounding}))
        assert made.pricing is not None
        whole = 300 * cents * 100
        if basis is ProrationBasis.ACTUAL_TRUE_CYCLE:
            cycle = next(cycle for cycle in CYCLES if on in cycle)
            assert made.amount.minor == round_minor(whole * (cycle.end - on).days / cycle.days, rounding)
        elif made.period == made.pricing.cycle:
            assert made.amount.minor == round_minor(whole, rounding)
        assert made.pricing.price.minor == whole

    def test_every_maker_tells(self) -> None:
        account, terms = worlds.account(), worlds.terms()
        made = [
            *renewals(account, LIST, USES, date(2025, 3, 1), terms=terms),
            *add_on_renewals(account, LIST, AddOn(item="sms", starts_on=date(2025, 2, 20), units=1), date(2025, 4, 1), terms=terms),
            suspension_fee(account, LIST, USES, date(2025, 3, 8), terms=terms),
            resumption(account, LIST, USES, date(2025, 3, 20), terms=terms),
            overage(
                account, LIST, next(renewals(account, LIST, USES, date(2025, 3, 1), terms=terms)), 9_000, date(2025, 2, 8), terms=terms
            ),
        ]
        told = [(one.pricing.units, str(one.pricing.count_of), one.pricing.proration) for one in made if one and one.pricing]
        days = ProrationBasis.ACTUAL_TRUE_CYCLE
        assert told == [
            *[(300, "contacts", None)] * 2,
            *[(1, "units", days), (1, "units", None)],
            (300, "contacts", None),
            (300, "contacts", days),
            (4_000, "sends", None),
        ]

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            *(("units", value) for value in (-1, None, True, 1.0)),
            *(("included", value) for value in (-1, "1")),
            *(("low", value) for value in (-1, True)),
            ("high", 5),
            *(("cycles", value) for value in (0, None)),
            ("count_of", "contacts"),
            ("tier_basis", "peak_ever"),
            ("proration", "actual_30"),
            ("rounding", "up"),
            ("price", usd("1")),
            ("cycle", JANUARY),
            ("prices_from", "2025-01-01"),
            ("counted_on", None),
        ],
    )
    def test_a_pricing_that_cannot_be(self, field: str, wrong: Any) -> None:
        fields: dict[str, Any] = {
            "prices_from": JANUARY,
            "units": 7,
            "count_of": CountOf.UNITS,
            "counted_on": JANUARY,
            "low": 6,
            "high": 6,
            "price": UnitPrice.of("1", "USD"),
            "cycle": Period(date(2025, 8, 8), date(2025, 9, 8)),
        }
        assert Pricing(**fields).cycles == 1
        with pytest.raises(InvalidValue):
            Pricing(**{**fields, field: wrong})

    def test_a_charge_comes_to_its_pricing(self) -> None:
        (charge,) = renewals(worlds.account(), LIST, USES, date(2025, 1, 9), terms=worlds.terms())
        same = {field.name: getattr(charge, field.name) for field in attrs.fields(Charge)}
        with pytest.raises(InvalidValue, match=r"is 31\.01 USD, but its pricing comes to 31\.00 USD: correct one of the two"):
            Charge(**{**same, "amount": usd("31.01")})
        with pytest.raises(InvalidValue, match=r"is 30\.99 USD, but its pricing comes to 31\.00 USD"):
            Charge(**{**same, "amount": usd("30.99")})
        with pytest.raises(InvalidValue, match="reaches beyond the cycle"):
            Charge(**{**same, "period": Period(date(2025, 1, 7), date(2025, 2, 8))})
        with pytest.raises(InvalidValue, match=r"comes to a part of the minor unit, 18600/7: say how it is rounded"):
            Charge(**{**same, "prepaid": Rate.parse("1/7")})

    @pytest.mark.parametrize("wrong", [Rate.parse("2"), "1/7"])
    def test_a_discount_for_prepayment_that_cannot_be(self, wrong: Any) -> None:
        charge = worlds.charge()
        same = {field.name: getattr(charge, field.name) for field in attrs.fields(Charge)}
        with pytest.raises(InvalidValue, match="discount for prepayment"):
            Charge(**{**same, "prepaid": wrong})


class TestTheWords:
    """`explain` walks from the cents to the tier, the count, the days and the rounding."""

    def told(self, charge: Charge | None) -> list[str]:
        assert charge is not None
        return explain(Line(charge=charge, rulings=(), terms="example")).split("\n")[1:-4]

    def test_a_tier(self) -> None:
        made = renewed(until=date(2025, 1, 9))[0]
        assert self.told(made) == [
            "By the price list it comes to $31.00.",
            "By the prices from Jan 1, 2025 a whole cycle is $31.00 for 300 contacts, in the tier from 0 to 500.",
            "It was counted on Jan 8, 2025, and by the program term billing.tier_basis (at billing) that is the count.",
        ]

    def test_the_days(self) -> None:
        made = resumption(worlds.account(), LIST, USES, date(2025, 8, 28), terms=worlds.terms())
        assert self.told(made)[3:] == [
            (
                "Of the cycle from Aug 8, 2025 to Sep 7, 2025 it is charged for Aug 28, 2025 to Sep 7, 2025: 11/31 of it, by the days "
                "(actual true cycle)."
            ),
            "$31.00 x 11/31 = $11.00 exactly.",
        ]

    def test_the_rounding(self) -> None:
        made = resumption(worlds.account(), LIST, USES, date(2025, 2, 28), terms=worlds.terms())
        assert self.told(made)[-1] == "$31.00 x 2/7 = 62/7 USD, rounded half away to $8.86."

    def test_a_first_part_charged_in_full(self) -> None:
        usage = [Usage(starts_on=date(2025, 1, 20), plan="lite", contacts=1)]
        made = renewed(usage=usage, until=date(2025, 1, 21), first_period=FirstPeriod.FULL)[0]
        assert self.told(made)[1].endswith("for 1 contact, in the tier from 0 to 500.")
        assert self.told(made)[-1] == (
            "It is charged for Jan 20, 2025 to Feb 7, 2025 as for the whole cycle from Jan 8, 2025 to Feb 7, 2025."
        )

    def test_in_advance_at_once(self) -> None:
        prepayment = Prepayment(starts_on=date(2025, 2, 8), time=PrepaidTime.YEAR)
        made = renewed(prepayment, until=date(2025, 2, 9), prepaid_charged=PrepaidCharged.AT_ONCE)[1]
        assert self.told(made)[-2:] == ["It is paid in advance for 12 cycles.", "$31.00 x 12 x 85% = $316.20 exactly."]

    def test_overage(self) -> None:
        billed = renewed(until=date(2025, 9, 8))[-1]
        made = overage(worlds.account(), LIST, billed, 6_003, date(2025, 9, 8), terms=worlds.terms())
        assert self.told(made)[1:] == [
            "By the prices from Jan 1, 2025, for 1,003 sends beyond the 5,000 included: $2.006.",
            "The count is that of Sep 8, 2025.",
            "$2.006, rounded half away, is $2.01.",
        ]

    def test_a_last_tier_and_a_package(self) -> None:
        package = PriceTable(item="sms", currency=USD, starts_on=JANUARY, package=Package(size=500, price=usd("10")))
        for table, end in ((each("sms", "0.02"), ", in the tier from 0 on."), (package, ".")):
            sms = AddOn(item="sms", starts_on=date(2025, 8, 8), units=500)
            (made,) = add_on_renewals(worlds.account(), PriceList((table,)), sms, date(2025, 8, 9), terms=worlds.terms())
            assert self.told(made)[1] == f"By the prices from Jan 1, 2025 a whole cycle is $10.00 for 500 units{end}"


@given(
    start=st.dates(date(2025, 1, 1), date(2025, 12, 31)),
    length=st.integers(0, 400),
    anchor=st.integers(1, 31),
    choice=st.sampled_from(FirstPeriod),
)
def test_add_ons_are_charged_on_the_billing_dates_of_the_plan(start: date, length: int, anchor: int, choice: FirstPeriod) -> None:
    account, terms = worlds.account(anchor_day=anchor), worlds.terms(billing={"first_period": choice})
    usage = [Usage(starts_on=start, plan="lite", contacts=1)]
    until = start + timedelta(days=length)
    assume(until > start)
    plan = renewals(account, LIST, usage, until, terms=terms)
    add_on = add_on_renewals(account, LIST, AddOn(item="sms", starts_on=start), until, terms=terms, usage=usage)
    assert [(one.period, one.reason) for one in plan] == [(one.period, one.reason) for one in add_on]


class TestThePeakOfTheCycleBefore:
    """A rise counts from the next billing date on (M-05), whichever day of the cycle is charged."""

    RISEN = (
        Usage(starts_on=date(2025, 1, 8), plan="lite", contacts=100),
        Usage(starts_on=date(2025, 3, 10), plan="lite", contacts=900),
        Usage(starts_on=date(2025, 3, 25), plan="lite", contacts=50),
    )

    @pytest.mark.parametrize(
        ("on", "contacts"),
        [
            *((day, 100) for day in (date(2025, 3, 8), date(2025, 3, 10), date(2025, 3, 26), date(2025, 4, 7))),
            *((day, 900) for day in (date(2025, 4, 8), date(2025, 4, 9), date(2025, 5, 7))),
            (date(2025, 5, 8), 50),
        ],
    )
    def test_what_is_left_of_a_cycle_counts_as_its_renewal_did(self, on: date, contacts: int) -> None:
        terms = worlds.terms(billing={"tier_basis": TierBasis.PEAK_IN_PERIOD})
        made = resumption(worlds.account(), LIST, self.RISEN, on, terms=terms)
        assert made.pricing is not None
        assert made.pricing.units == contacts

    def test_a_cycle_in_which_the_usage_begins_counts_what_there_is(self) -> None:
        terms = worlds.terms(billing={"tier_basis": TierBasis.PEAK_IN_PERIOD})
        made = resumption(worlds.account(), LIST, self.RISEN, date(2025, 1, 20), terms=terms)
        assert made.pricing is not None
        assert (made.pricing.units, made.pricing.counted_on) == (100, date(2025, 1, 8))


class TestDaysBilledTwice:
    """Days of one plan are billed once, whatever the charges that bill them are called (44215)."""

    def charge(self, reason: ChargeReason, start: date, end: date, charge_id: str) -> Charge:
        return Charge(
            id=charge_id,
            account="a-1",
            kind=ChargeKind.SUBSCRIPTION,
            item="lite",
            reason=reason,
            period=Period(start, end),
            amount=usd("1"),
            charged_on=start,
        )

    @pytest.mark.parametrize("reasons", [(one, other) for one in RECURRING for other in RECURRING])
    def test_by_a_start_a_renewal_or_a_resumption(self, reasons: tuple[ChargeReason, ChargeReason]) -> None:
        first = self.charge(reasons[0], date(2025, 8, 8), date(2025, 9, 8), "c-1")
        second = self.charge(reasons[1], date(2025, 8, 20), date(2025, 9, 8), "c-2")
        after = self.charge(reasons[1], date(2025, 9, 8), date(2025, 10, 8), "c-3")
        assert [(one.id, other.id) for one, other in overlapping([after, second, first])] == [("c-1", "c-2")]

    def test_add_ons_and_what_is_bought_once_may_share_their_days(self) -> None:
        plan = self.charge(ChargeReason.PURCHASE, date(2025, 8, 8), date(2025, 9, 8), "c-1")
        again = self.charge(ChargeReason.PURCHASE, date(2025, 8, 20), date(2025, 9, 8), "c-2")
        add_ons = [
            Charge(
                **{field.name: getattr(one, field.name) for field in attrs.fields(Charge)} | {"kind": ChargeKind.ADD_ON, "reason": reason}
            )
            for one, reason in ((plan, ChargeReason.START), (again, ChargeReason.RENEWAL))
        ]
        assert list(overlapping([plan, again])) == []
        assert list(overlapping(add_ons)) == []

    def test_every_month_within_a_year_that_was_charged_at_once_is_named(self) -> None:
        year = self.charge(ChargeReason.START, date(2025, 1, 8), date(2026, 1, 8), "year")
        months = [self.charge(ChargeReason.RENEWAL, date(2025, month, 8), date(2025, month + 1, 8), f"m-{month}") for month in (5, 8)]
        later = self.charge(ChargeReason.RENEWAL, date(2026, 1, 8), date(2026, 2, 8), "later")
        assert [(one.id, other.id) for one, other in overlapping([later, *months, year])] == [("year", "m-5"), ("year", "m-8")]

    @given(
        starts=st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True),
        lengths=st.lists(st.integers(1, 40), min_size=8, max_size=8),
    )
    def test_a_day_that_two_charges_hold_is_always_noticed(self, starts: list[int], lengths: list[int]) -> None:
        spans = [(date(2025, 1, 1) + timedelta(days=start), length) for start, length in zip(starts, lengths, strict=False)]
        made = [
            self.charge(ChargeReason.RENEWAL, start, start + timedelta(days=length), f"c-{place}")
            for place, (start, length) in enumerate(spans)
        ]
        days = [start + timedelta(days=offset) for start, length in spans for offset in range(length)]
        assert bool(list(overlapping(made))) == (len(days) > len(set(days)))


class TestTheEdges:
    """The ends of the calendar, other types and what a pricing cannot say are refused, and never crash."""

    @pytest.mark.parametrize("basis", TierBasis)
    def test_the_first_day_of_the_calendar(self, basis: TierBasis) -> None:
        prices = PriceList((flat("lite", "31", starts_on=date.min),))
        usage = [Usage(starts_on=date.min, plan="lite", contacts=1)]
        terms = worlds.terms(billing={"tier_basis": basis})
        (made,) = renewals(worlds.account(anchor_day=1), prices, usage, date(1, 1, 2), terms=terms)
        assert (made.period, made.amount) == (Period(date.min, date(1, 2, 1)), usd("31"))

    @pytest.mark.parametrize("until", [None, "2025-09-08", 7])
    def test_an_end_that_is_no_day(self, until: Any) -> None:
        with pytest.raises(InvalidValue, match="the end of the renewals"):
            renewals(worlds.account(), LIST, USES, until, terms=worlds.terms())
        with pytest.raises(InvalidValue, match="the end of the renewals"):
            add_on_renewals(worlds.account(), LIST, AddOn(item="sms", starts_on=JANUARY, units=1), until, terms=worlds.terms())

    @pytest.mark.parametrize("usage", [None, [None], iter(USES), {"lite": 1}])
    def test_usage_that_is_none(self, usage: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a list or tuple of Usage"):
            renewals(worlds.account(), LIST, usage, date(2025, 9, 8), terms=worlds.terms())

    def test_prepayments_from_anywhere(self) -> None:
        ahead = [Prepayment(starts_on=date(2025, 2, 8), time=PrepaidTime.YEAR)]
        once: Any = iter(ahead)
        by_list = list(renewals(worlds.account(), LIST, USES, date(2025, 9, 8), terms=worlds.terms(), prepayments=ahead))
        assert list(renewals(worlds.account(), LIST, USES, date(2025, 9, 8), terms=worlds.terms(), prepayments=once)) == by_list

    def test_prepayments_and_accounts_that_are_none(self) -> None:
        nothing: Any = None
        with pytest.raises(InvalidValue, match="the prepayments of a-1"):
            renewals(worlds.account(), LIST, USES, date(2025, 9, 8), terms=worlds.terms(), prepayments=[nothing])
        with pytest.raises(InvalidValue, match="the account"):
            renewals(nothing, LIST, USES, date(2025, 9, 8), terms=worlds.terms())

    def test_a_count_after_the_charge(self) -> None:
        charge = renewed(until=date(2025, 1, 9))[0]
        pricing = {field.name: getattr(charge.pricing, field.name) for field in attrs.fields(Pricing)}
        fields = {field.name: getattr(charge, field.name) for field in attrs.fields(Charge)}
        with pytest.raises(InvalidValue, match="is of 2025-01-08, before its count of 2025-01-09"):
            Charge(**{**fields, "pricing": Pricing(**{**pricing, "counted_on": date(2025, 1, 9)})})
        wide = Pricing(**{**pricing, "cycles": 2, "cycle": Period(date(2025, 1, 8), date(2025, 3, 8))})
        with pytest.raises(InvalidValue, match=r"the pricing of the charge .*: the period .* is not that of the 2 cycles paid in advance"):
            Charge(**{**fields, "amount": usd("62"), "pricing": wide})

    @pytest.mark.parametrize(("count_of", "included"), [(CountOf.SENDS, None), (CountOf.CONTACTS, 5), (CountOf.UNITS, 0)])
    def test_only_sends_can_be_included(self, count_of: CountOf, included: int | None) -> None:
        with pytest.raises(InvalidValue, match="wanted a number for sends, else none"):
            Pricing(
                prices_from=JANUARY,
                units=1,
                count_of=count_of,
                counted_on=JANUARY,
                included=included,
                price=UnitPrice.of("1", "USD"),
                cycle=Period(date(2025, 8, 8), date(2025, 9, 8)),
            )

    def test_a_tier_may_hold_nobody(self) -> None:
        made = self.pricing(low=0, high=0)
        assert (made.low, made.high) == (0, 0)

    @pytest.mark.parametrize(("low", "high"), [(None, 5), (6, 5)])
    def test_a_tier_begins_before_it_ends(self, low: int | None, high: int) -> None:
        with pytest.raises(InvalidValue, match=r"the tier of a price goes from .* to 5: wanted the start first"):
            self.pricing(low=low, high=high)

    def test_sends_that_are_included_are_a_count(self) -> None:
        assert self.pricing(count_of=CountOf.SENDS, included=0).included == 0
        with pytest.raises(InvalidValue, match="the number included in a price is -1"):
            self.pricing(count_of=CountOf.SENDS, included=-1)

    def test_cycles_paid_at_once_may_be_said_in_another_value(self) -> None:
        year = Prepayment(starts_on=date(2025, 2, 8), time=PrepaidTime.YEAR)
        made = renewed(year, until=date(2025, 2, 9), prepaid_charged=PrepaidCharged.AT_ONCE)[1]
        same = {field.name: getattr(made, field.name) for field in attrs.fields(Charge)}
        assert Charge(**{**same, "period": Period(made.period.start, made.period.end)}) == made

    def pricing(self, **more: Any) -> Pricing:
        fields: dict[str, Any] = {
            "prices_from": JANUARY,
            "units": 1,
            "count_of": CountOf.UNITS,
            "counted_on": JANUARY,
            "price": UnitPrice.of("1", "USD"),
            "cycle": Period(date(2025, 8, 8), date(2025, 9, 8)),
            **more,
        }
        return Pricing(**fields)

    def test_a_price_finer_than_anybody_prices(self) -> None:
        with pytest.raises(InvalidValue, match="finer than anything is priced: wanted at most 18 decimals"):
            each("lite", f"1/{10**19}")
