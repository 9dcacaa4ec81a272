"""Reward terms of other programs: one rule or none for every charge, for as long as it says, up to what it says."""

import json
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.billing import Charge
from partnerkit.errors import InvalidValue, TermMissing
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.periods import Month, billing_dates
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
from partnerkit.terms import ChargeKind

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "peer_cases.json"
TWENTY = Percent(rate=Rate.percent("20"), rounding=Rounding.HALF_AWAY)
SUBSCRIPTIONS = frozenset({ChargeKind.SUBSCRIPTION})
SINCE = date(2025, 1, 31)


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def rule(rule_id: str = "r", **facts: Any) -> RewardRule:
    stated: dict[str, Any] = {"id": rule_id, "pays": TWENTY, "kinds": SUBSCRIPTIONS}
    return RewardRule(**(stated | facts))


def paid(plan: RewardPlan, *charges: Charge, since: date = SINCE) -> dict[str, str]:
    """Give the amounts by charge, all accounts being of one client."""
    accounts = {charge.account for charge in charges}
    rewards = plan.rewards(charges, since=dict.fromkeys(accounts, since), clients=dict.fromkeys(accounts, "k-1"))
    return {reward.charge: str(reward.amount) for reward in rewards}


def on(*days: date, amount: str = "100.00 USD") -> list[Charge]:
    return [worlds.charge(str(day), on=day, amount=amount) for day in days]


def case(case_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"the cases of other programs are not at {CASES}")
    found = {one["id"]: one for one in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}[case_id]
    return found["given"], found["expect"]


class TestHowLong:
    """Months are counted from the account's own first day, clamped and half-open; payments by their number."""

    @pytest.mark.parametrize("case_id", ["dur-02", "dur-03"])
    def test_a_year(self, case_id: str) -> None:
        given, expected = case(case_id)
        first, sale = (date.fromisoformat(given[key]) for key in ("first", "sale"))
        assert Months(until=given["max_months"]).hold(first, sale) == expected["pays"]

    def test_three_months_from_the_31st_hold_three_renewals(self) -> None:
        given, expected = case("dur-05")
        days = [date.fromisoformat(day) for day in given["payments"]]
        plan = RewardPlan((rule(span=Months(until=given["max_months"])),))
        assert list(paid(plan, *on(*days), since=days[0])) == expected["paid"]

    @given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(1, 24), st.integers(0, 12))
    def test_a_limit_holds_as_many_renewals_as_it_has_months(self, since: date, months: int, skipped: int) -> None:
        renewals = [since]
        for day, _ in zip(billing_dates(since, since.day), range(40), strict=False):
            renewals.append(day)
        plan = RewardPlan((rule(span=Months(start=skipped, until=skipped + months)),))
        assert list(paid(plan, *on(*renewals), since=since)) == [str(day) for day in renewals[skipped : skipped + months]]

    @pytest.mark.parametrize(("months", "on", "holds"), [(120_000, date(2025, 2, 1), True), (12, date(9999, 8, 1), True)])
    def test_a_span_may_end_after_the_calendar(self, months: int, on: date, holds: bool) -> None:
        since = date(on.year, 1, 1)
        assert Months(until=months).hold(since, on) is holds
        assert Months(start=months).hold(since, on) is not holds

    @given(st.dates(), st.integers(1, 130_000), st.dates())
    def test_months_are_over_on_their_anniversary(self, since: date, months: int, on: date) -> None:
        """The oracle counts months from year 1 and clamps the day by hand."""
        count = since.year * 12 + since.month - 1 + months
        year, month = divmod(count, 12)
        last = (date(2000 + year % 400 + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
        over = (on.year, on.month, on.day) >= (year, month + 1, min(since.day, last))
        assert Months(start=months).hold(since, on) == over

    def test_payments_are_counted_for_each_account_and_only_where_the_rule_is_meant(self) -> None:
        plan = RewardPlan((rule(span=Payments(until=3)),))
        days = [date(2025, month, 8) for month in range(1, 6)]
        others = [worlds.charge(f"tax-{day}", on=day, kind=ChargeKind.TAX) for day in days]
        second = [worlds.charge(f"b-{day}", account_id="a-2", on=day) for day in days[3:]]
        nothing = on(date(2024, 12, 8), amount="0.00 USD")
        assert list(paid(plan, *on(*days), *others, *second, *nothing)) == [str(days[0]), str(days[1]), f"b-{days[3]}", f"b-{days[4]}"]


class TestHowMuch:
    """A part of the charge rounded once, or a flat amount; caps narrow it, each in its own way."""

    def test_a_flat_reward_is_in_the_currency_of_the_charge(self) -> None:
        plan = RewardPlan((rule(pays=Flat((usd("50"), Money.of("40", "GBP")))),))
        assert paid(plan, *on(date(2025, 8, 8), amount="12.00 GBP")) == {"2025-08-08": "40.00 GBP"}
        with pytest.raises(TermMissing, match=r"reward\.flat\.EUR"):
            paid(plan, *on(date(2025, 8, 8), amount="12.00 EUR"))

    def test_caps(self) -> None:
        days = [date(2025, 8, day) for day in (1, 2, 3)] + [date(2025, 9, 1)]
        for caps, wanted in (
            ((ChargeCap((usd("15"),)),), ["15.00", "15.00", "15.00", "15.00"]),
            ((ClientCap((usd("50"),)),), ["20.00", "20.00", "10.00", "0.00"]),
            ((MonthCap((usd("30"),)),), ["20.00", "10.00", "0.00", "20.00"]),
            ((ChargeCap((usd("15"),)), MonthCap((usd("40"),)), ClientCap((usd("50"),))), ["15.00", "15.00", "10.00", "10.00"]),
        ):
            assert list(paid(RewardPlan((rule(caps=caps),)), *on(*days)).values()) == [f"{amount} USD" for amount in wanted]

    def test_a_charge_that_comes_twice_is_paid_once_or_not_at_all(self) -> None:
        [charge] = on(date(2025, 8, 8))
        with pytest.raises(InvalidValue, match="the charge 2025-08-08 stands twice on the list to reward"):
            paid(RewardPlan((rule(),)), charge, charge)

    def test_clients_are_asked_for_where_a_cap_is_about_them(self) -> None:
        [charge] = on(date(2025, 8, 8))
        assert [str(one.amount) for one in RewardPlan((rule(),)).rewards([charge], since={}, clients={})] == ["20.00 USD"]
        capped = RewardPlan((rule(caps=(ClientCap((usd("1"),)),)),))
        with pytest.raises(InvalidValue, match="whose client was not given"):
            capped.rewards([charge], since={}, clients={})

    def test_a_cap_is_of_its_rule(self) -> None:
        cap = (ClientCap((usd("10"),)),)
        plan = RewardPlan((rule("one", items=frozenset({"lite"}), caps=cap), rule("two", items=frozenset({"core"}), caps=cap)))
        one, other = (worlds.charge(f"c-{item}", item=item, on=date(2025, 8, 8)) for item in ("lite", "core"))
        assert paid(plan, one, other) == {"c-core": "10.00 USD", "c-lite": "10.00 USD"}

    def test_it_is_held_back(self) -> None:
        [reward] = RewardPlan((rule(holding_days=30),)).rewards(on(date(2025, 8, 8)), since={}, clients={"a-1": "k"})
        assert reward == Reward(charge="2025-08-08", rule="r", amount=usd("20"), capped=usd("0"), payable_on=date(2025, 9, 7))

    def test_the_rate_of_the_step_that_is_reached(self) -> None:
        steps = ((0, "0"), (2, "25"), (25, "35"), (50, "45"), (100, "55"))
        tiers = RateTiers(steps=tuple((start, Rate.percent(rate)) for start, rate in steps))
        given, expected = case("vol-04")
        assert [tiers.whole(count) for count in given["active_paid_accounts"]] == [
            Rate.percent(rate) for rate in expected["discount_percent"]
        ]
        for count in (0, 1, 24, 25, 120):
            assert tiers.graduated(count) == tuple(tiers.whole(number) for number in range(1, count + 1))

    def test_the_rate_of_the_step_that_each_one_stands_in(self) -> None:
        """The table is the one the case's bills follow from: 10% off up to the fifth client, 15% from the sixth, 20% from the hundredth."""
        tiers = RateTiers(steps=((0, Rate.percent("10")), (6, Rate.percent("15")), (100, Rate.percent("20"))))
        given, expected = case("vol-02")
        price = Money(minor=given["list_price_each"], currency=Currency("USD"))
        bills = [sum((price - price.times(rate, Rounding.FLOOR)).minor for rate in tiers.graduated(count)) for count in given["clients"]]
        assert bills == expected["bill"]


KINDS = st.frozensets(st.sampled_from([ChargeKind.SUBSCRIPTION, ChargeKind.ADD_ON]), min_size=1)
ITEMS = st.none() | st.frozensets(st.sampled_from(["lite", "premium"]), min_size=1)
LENGTHS = st.none() | st.integers(1, 6)
SPANS = (
    st.none()
    | st.tuples(st.integers(0, 6), LENGTHS).map(lambda pair: Months(start=pair[0], until=pair[1] and pair[0] + pair[1]))
    | st.tuples(st.integers(1, 6), LENGTHS).map(lambda pair: Payments(start=pair[0], until=pair[1] and pair[0] + pair[1]))
)
CAPS = st.permutations([ChargeCap((usd("9"),)), ClientCap((usd("60"),)), MonthCap((usd("25"),))]).flatmap(
    lambda caps: st.integers(0, 3).map(lambda count: tuple(caps[:count]))
)
CHARGES = st.lists(
    st.builds(
        lambda number, later, kind, item, account, minor: worlds.charge(
            f"c-{number}",
            account_id=account,
            on=SINCE + timedelta(days=later),
            kind=kind,
            item=item,
            amount=str(Money(minor=minor, currency=usd("0").currency)),
        ),
        st.integers(0, 10**6),
        st.integers(0, 250),
        st.sampled_from([ChargeKind.SUBSCRIPTION, ChargeKind.ADD_ON, ChargeKind.TAX]),
        st.sampled_from(["lite", "premium"]),
        st.sampled_from(["a-1", "a-2"]),
        st.integers(0, 9_999),
    ),
    max_size=12,
    unique_by=lambda charge: charge.id,
)
FACTS: dict[str, Any] = {"since": {"a-1": SINCE, "a-2": SINCE}, "clients": {"a-1": "k-1", "a-2": "k-1"}}


def charge_of(reward: Reward) -> str:
    return reward.charge


class TestTheLaws:
    """What holds for every plan that can be built."""

    @given(st.lists(st.builds(dict, kinds=KINDS, items=ITEMS, span=SPANS, caps=CAPS), max_size=4), CHARGES)
    def test_at_most_one_rule_pays_and_a_plan_is_the_sum_of_its_rules(self, drawn: list[dict[str, Any]], charges: list[Charge]) -> None:
        rules = tuple(rule(f"r-{number}", **facts) for number, facts in enumerate(drawn))
        alone = [RewardPlan((one,)).rewards(charges, **FACTS) for one in rules]
        by_all = [reward.charge for rewards in alone for reward in rewards]
        if any(one.overlaps(other) for one, other in combinations(rules, 2)):
            with pytest.raises(InvalidValue, match="could both pay for one charge"):
                RewardPlan(rules)
            return
        assert len(by_all) == len(set(by_all))
        whole = RewardPlan(rules).rewards(charges, **FACTS)
        assert sorted(whole, key=charge_of) == sorted((one for rewards in alone for one in rewards), key=charge_of)

    @given(st.builds(dict, kinds=KINDS, items=ITEMS, span=SPANS, caps=CAPS), CHARGES)
    def test_caps_hold_and_what_they_take_is_told(self, facts: dict[str, Any], charges: list[Charge]) -> None:
        one = rule(**facts)
        rewards = RewardPlan((one,)).rewards(charges, **FACTS)
        by_id = {charge.id: charge for charge in charges}
        for reward in rewards:
            assert reward.amount + reward.capped == TWENTY.of(by_id[reward.charge].amount)
        for cap in one.caps:
            most = cap.amounts[0].minor
            match cap:
                case ChargeCap():
                    assert all(reward.amount.minor <= most for reward in rewards)
                case ClientCap():
                    assert sum(reward.amount.minor for reward in rewards) <= most
                case MonthCap():
                    months = {Month.of(by_id[reward.charge].charged_on) for reward in rewards}
                    for month in months:
                        of_month = [one.amount.minor for one in rewards if by_id[one.charge].charged_on in month.period]
                        assert sum(of_month) <= most
        assert one.caps or all(reward.capped.minor == 0 for reward in rewards)

    @given(CHARGES, st.randoms(use_true_random=False))
    def test_the_order_they_are_given_in_means_nothing(self, charges: list[Charge], random: Any) -> None:
        plan = RewardPlan((rule(span=Payments(until=4), caps=(ClientCap((usd("60"),)),)),))
        shuffled = random.sample(charges, len(charges))
        assert plan.rewards(shuffled, **FACTS) == plan.rewards(charges, **FACTS)


class TestWhatCannotBe:
    """A rule, a span or a cap that means nothing is refused by its name."""

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            ({"pays": usd("5")}, "wanted a Percent or a Flat"),
            ({"kinds": frozenset()}, "wanted a frozenset of kinds"),
            ({"kinds": {ChargeKind.TAX}}, "wanted a frozenset of kinds"),
            ({"items": frozenset()}, "wanted a frozenset of names"),
            ({"span": 12}, "wanted Months, Payments or None"),
            ({"caps": (ChargeCap((usd("1"),)), ChargeCap((usd("2"),)))}, "wanted one of each type at most"),
            ({"caps": (usd("1"),)}, "wanted one of each type at most"),
            ({"holding_days": -1}, "wanted a whole number from 0 to"),
            ({"holding_days": 10**7}, "wanted a whole number from 0 to"),
            ({"items": frozenset({""})}, "wanted a frozenset of names"),
            ({"items": frozenset({"a\nb"})}, "an item of the rule r"),
            ({"caps": [ChargeCap((usd("1"),))]}, "wanted a value of the type tuple"),
        ],
    )
    def test_a_rule(self, facts: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            rule(**facts)

    @pytest.mark.parametrize(
        ("build", "message"),
        [
            (lambda: Months(start=-1), "months start at -1"),
            (lambda: Months(start=3, until=3), "months from 3 end before 3"),
            (lambda: Payments(start=0), "payments start at 0"),
            (lambda: Percent(rate=Rate.percent("101"), rounding=Rounding.UP), "more than the whole charge"),
            (lambda: Flat(()), "of no currency"),
            (lambda: Flat((usd("1"), usd("2"))), "wanted one of each currency"),
            (lambda: ClientCap((usd("-1"),)), "the cap of a client is -1.00 USD, below zero"),
            (lambda: RateTiers(steps=((1, Rate.percent("1")),)), "wanted 0 first"),
            (lambda: RateTiers(steps=((0, Rate.percent("1")), (0, Rate.percent("2")))), "each later than the one before"),
            (lambda: RateTiers(steps=((0,),)), "wanted a start, which is a whole number, and a rate each"),  # type: ignore[arg-type]
            (lambda: RateTiers(steps=((False, Rate.percent("1")),)), "a start, which is a whole number"),
            (lambda: RateTiers(steps=((0, 1),)), "and a rate each"),  # type: ignore[arg-type]
            (lambda: RewardPlan((rule(holding_days=3_000_000),)).rewards(on(SINCE), since={}, clients={}), "no calendar goes so far"),
            (lambda: Months().hold(datetime(2025, 1, 1), SINCE), "without a time"),  # noqa: DTZ001  (the mistake itself)
            (lambda: RateTiers(steps=((0, Rate.percent("1")),)).whole(-1), "no number to pick a rate by"),
            (lambda: RewardPlan((rule("r"), rule("r", kinds=frozenset({ChargeKind.TAX})))), "two rules have the id r"),
            (lambda: RewardPlan((rule(span=Months()),)).rewards(on(SINCE), since={}, clients={}), "whose first day was not given"),
            (
                lambda: Reward(charge="c", rule="r", amount=usd("-1"), capped=usd("0"), payable_on=SINCE),
                "the amount of the reward for c is",
            ),
        ],
    )
    def test_a_value(self, build: Any, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            build()
