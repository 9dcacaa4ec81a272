"""Price lists: the edges belong to their tier, nothing is missing or stated twice, and every price has its day."""

import json
import pickle
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.errors import CurrencyMismatch, InvalidValue
from partnerkit.money import Currency, Money, Rounding, UnitPrice, round_minor
from partnerkit.prices import Package, PriceList, PriceTable, Tier, TierModel

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "tiers.json"

USD, GBP, EUR = Currency("USD"), Currency("GBP"), Currency("EUR")
FIRST_DAY = date(2025, 1, 1)


def table(*steps: tuple[int, int | None, str], item: str = "lite", currency: Currency = USD, starts_on: date = FIRST_DAY) -> PriceTable:
    tiers = tuple(Tier(low=low, high=high, amount=Money.of(price, currency)) for low, high, price in steps)
    return PriceTable(item=item, currency=currency, starts_on=starts_on, tiers=tiers)


LITE = table((0, 500, "12"), (501, 2_500, "50"), (2_501, 10_000, "120"), (10_001, None, "200"))


class TestLimits:
    """A price is found by a civil day, and units are counted as far as anybody counts."""

    def test_an_instant_is_no_day(self) -> None:
        with pytest.raises(InvalidValue, match=r"the day of a price is .*without a time"):
            PriceList((LITE,)).price_of("lite", 3, USD, datetime(2025, 8, 1))  # noqa: DTZ001  (the mistake itself)

    @pytest.mark.parametrize("low", [10**5000, 10**18 + 1], ids=["endless", "many"])
    def test_more_than_anybody_counts(self, low: int) -> None:
        with pytest.raises(InvalidValue, match=f"wanted a whole number from 0 to {10**18}"):
            Tier(low=low, high=None, amount=Money.zero(USD))


class TestEdges:
    """M-02, Q-70, Q-73: a tier includes both its ends."""

    @pytest.mark.parametrize(
        ("contacts", "price"),
        [(0, "12"), (500, "12"), (501, "50"), (2_500, "50"), (2_501, "120"), (10_000, "120"), (10_001, "200"), (10**12, "200")],
    )
    def test_every_edge(self, contacts: int, price: str) -> None:
        assert LITE.amount_for(contacts) == Money.of(price, "USD")

    @given(st.lists(st.integers(min_value=1, max_value=5_000), min_size=1, max_size=6), st.integers(min_value=0, max_value=40_000))
    def test_the_price_is_that_of_the_tier_that_holds_the_contacts(self, widths: list[int], contacts: int) -> None:
        lows = [sum(widths[:place]) for place in range(len(widths) + 1)]
        steps = [(low, high - 1, str(place)) for place, (low, high) in enumerate(pairwise(lows))]
        steps_to_the_end = [*steps, (lows[-1], None, str(len(steps)))]
        holding = max(place for place, low in enumerate(lows) if low <= contacts)
        assert table(*steps_to_the_end).amount_for(contacts) == Money.of(str(holding), "USD")

    def test_beyond_a_closed_end_there_is_no_price(self) -> None:
        with pytest.raises(InvalidValue, match="ends at 500 contacts and has no price for 501: add a tier"):
            table((0, 500, "12")).amount_for(501)

    @pytest.mark.parametrize("contacts", [-1, True, 1.0, "500", None])
    def test_contacts_are_a_whole_number(self, contacts: Any) -> None:
        with pytest.raises(InvalidValue, match="is no number of contacts"):
            LITE.amount_for(contacts)


class TestTables:
    """A table starts at nothing, leaves nothing out, says nothing twice, and speaks one currency."""

    @pytest.mark.parametrize(
        ("steps", "message"),
        [
            ([], "does not start at 0 contacts"),
            ([(1, None, "12")], "does not start at 0 contacts"),
            ([(0, 500, "12"), (502, None, "50")], "has no price for 501 contacts"),
            ([(0, 500, "12"), (500, None, "50")], "has two prices for 500 contacts: let the tier below end at 499"),
            ([(0, None, "12"), (501, None, "50")], "has two prices for 501 contacts: let the tier below end at 500"),
        ],
    )
    def test_gaps_and_overlaps(self, steps: list[tuple[int, int | None, str]], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            table(*steps)

    def test_two_currencies(self) -> None:
        tiers = (Tier(low=0, high=500, amount=Money.of("12", "USD")), Tier(low=501, high=None, amount=Money.of("50", "GBP")))
        with pytest.raises(InvalidValue, match=r"has a price of 50\.00 GBP: wanted USD"):
            PriceTable(item="lite", currency=USD, starts_on=FIRST_DAY, tiers=tiers)

    @pytest.mark.parametrize(
        ("low", "high", "minor", "message"),
        [
            (-1, None, 0, "starts at -1"),
            (True, None, 0, "starts at True"),
            ("0", None, 0, "starts at '0'"),
            (5, 4, 0, "ends at 4 contacts, before it starts at 5"),
            (0, True, 0, "ends at True"),
            (0, 500, -1, "below zero"),
        ],
    )
    def test_a_tier_that_cannot_be(self, low: Any, high: Any, minor: int, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            Tier(low=low, high=high, amount=Money(minor=minor, currency=USD))

    def test_a_tier_of_one_number_and_a_price_of_nothing_can_be(self) -> None:
        assert table((0, 0, "0"), (1, None, "5")).amount_for(0).minor == 0

    @pytest.mark.parametrize("item", ["", "  ", " lite", "lite ", None])
    def test_an_item_has_a_name(self, item: Any) -> None:
        with pytest.raises(InvalidValue, match=r"wanted (a name such as|a text of one line)"):
            table((0, None, "1"), item=item)

    def test_it_starts_on_a_day(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            table((0, None, "1"), starts_on=datetime(2025, 1, 1, tzinfo=UTC))


BY_CONTACT = Tier(low=0, high=None, amount=Money.zero(USD), unit=UnitPrice.of("0.002", "USD"))


def sample_cases() -> list[Any]:
    """Give the sample cases of the models that are ours."""
    if not CASES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"no sample cases at {CASES}"))]
    ours = {"stairstep", "volume", "graduated", "package", "stairstep_high_water", "graduated_delta", "package_delta"}
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case["id"]) for case in cases if case["model"] in ours]


def priced(case: dict[str, Any]) -> PriceTable:
    given, model = case["input"], case["model"].removesuffix("_delta").removesuffix("_high_water")
    bounds: dict[str, Any] = {key: Money.of(given[key], "USD") for key in ("minimum", "maximum") if key in given}
    if model == "package":
        package = Package(size=int(given["package_size"]), price=Money.of(given["package_price"], "USD"), free=int(given["free_units"]))
        return PriceTable(item="sms", currency=USD, starts_on=FIRST_DAY, package=package, **bounds)
    lows = [0, *(int(tier["up_to"]) + 1 for tier in given["tiers"][:-1])]
    tiers = tuple(
        Tier(
            low=low,
            high=None if tier["up_to"] is None else int(tier["up_to"]),
            amount=Money.of(tier["flat"], "USD"),
            unit=None if model == "stairstep" else UnitPrice.of(tier["unit"], "USD"),
        )
        for low, tier in zip(lows, given["tiers"], strict=True)
    )
    return PriceTable(item="sms", currency=USD, starts_on=FIRST_DAY, tiers=tiers, model=TierModel(model), **bounds)


def graduated_by_hand(table: PriceTable, contacts: int) -> Fraction:
    """Price every contact by itself, and every tier when its first contact comes."""
    cost = Fraction(table.tiers[0].amount.minor)
    for number in range(1, contacts + 1):
        [tier] = [one for one in table.tiers if one.low <= number and (one.high is None or number <= one.high)]
        cost += (tier.unit.amount * 100 if tier.unit else 0) + (tier.amount.minor if number == tier.low else 0)
    return cost


@st.composite
def tables_of(draw: st.DrawFn, model: TierModel) -> PriceTable:
    """A table of a few tiers with flat and unit prices, the first tier from 0."""
    highs = sorted(draw(st.sets(st.integers(0, 40), max_size=3)))
    unit = st.none() if model is TierModel.STAIRSTEP else st.none() | st.fractions(0, 3, max_denominator=700).map(in_dollars)
    edges = zip([0, *(high + 1 for high in highs)], [*highs, None], strict=True)
    tiers = tuple(
        Tier(low=low, high=high, amount=Money(minor=draw(st.integers(0, 999)), currency=USD), unit=draw(unit)) for low, high in edges
    )
    return PriceTable(item="sms", currency=USD, starts_on=FIRST_DAY, tiers=tiers, model=model)


def in_dollars(amount: Fraction) -> UnitPrice:
    return UnitPrice(amount=amount, currency=USD)


class TestModels:
    """Tiers make a price by a stated model, whole packages by their number, and bounds hold whatever comes of it."""

    @pytest.mark.parametrize("case", sample_cases())
    def test_sample_cases(self, case: dict[str, Any]) -> None:
        table, given = priced(case), case["input"]
        before = int(given.get("previous_quantity", 0))
        after = max(map(int, given["observations"])) if "observations" in given else before + int(given["quantity"])
        amount = table.amount_for(after, Rounding.HALF_AWAY)
        if case["model"].endswith("_delta"):
            amount -= table.amount_for(before, Rounding.HALF_AWAY)
        assert amount == Money.of(case["expect"]["amount"], "USD")

    @given(tables_of(TierModel.GRADUATED), st.integers(0, 60), st.sampled_from(Rounding))
    def test_graduated_prices_every_contact_in_its_own_tier(self, table: PriceTable, contacts: int, rounding: Rounding) -> None:
        wanted = round_minor(graduated_by_hand(table, contacts), rounding)
        assert table.amount_for(contacts, rounding).minor == wanted

    @given(tables_of(TierModel.VOLUME), st.integers(0, 60))
    def test_volume_prices_every_contact_in_the_tier_reached(self, table: PriceTable, contacts: int) -> None:
        [tier] = [one for one in table.tiers if one.low <= contacts and (one.high is None or contacts <= one.high)]
        wanted = tier.amount.minor + contacts * (tier.unit.amount * 100 if tier.unit else Fraction(0))
        assert table.amount_for(contacts, Rounding.FLOOR).minor == wanted // 1

    @given(st.sampled_from(TierModel).flatmap(tables_of), st.data())
    def test_what_is_cheaper_with_more_is_told_and_graduated_never_is(self, table: PriceTable, data: st.DataObject) -> None:
        falls = any(table.amount_for(one + 1, Rounding.FLOOR) < table.amount_for(one, Rounding.FLOOR) for one in range(60))
        if falls:
            assert table.findings
            assert table.model is not TierModel.GRADUATED
        maximum = Money(minor=data.draw(st.integers(0, 5_000)), currency=USD)
        bounded = PriceTable(item="sms", currency=USD, starts_on=FIRST_DAY, tiers=table.tiers, model=table.model, maximum=maximum)
        assert all(bounded.amount_for(one, Rounding.UP) <= maximum for one in range(60))

    @given(st.integers(1, 20), st.integers(0, 30), st.integers(0, 90))
    def test_packages_hold_what_is_not_free_and_no_more_than_one_is_not_full(self, size: int, free: int, contacts: int) -> None:
        table = PriceTable(
            item="sms", currency=USD, starts_on=FIRST_DAY, package=Package(size=size, price=Money(minor=1, currency=USD), free=free)
        )
        packages = table.amount_for(contacts).minor
        assert (packages - 1) * size < max(contacts - free, 0) <= packages * size or packages == 0 == max(contacts - free, 0)

    def test_a_part_of_the_minor_unit_wants_a_rounding(self) -> None:
        table = PriceTable(
            item="sms",
            currency=USD,
            starts_on=FIRST_DAY,
            model=TierModel.VOLUME,
            tiers=(BY_CONTACT,),
        )
        assert not table.is_exact
        assert table.amount_for(5) == Money.of("0.01", "USD")
        with pytest.raises(InvalidValue, match=r"for 7 contacts comes to a part of the minor unit, .*: say how it is rounded"):
            table.amount_for(7)
        assert PriceList((table,)).price_of("sms", 7, USD, FIRST_DAY, Rounding.UP) == Money.of("0.02", "USD")

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            ({}, "does not start at 0 contacts"),
            (
                {"tiers": LITE.tiers, "package": Package(size=1, price=Money.of("1", "USD"))},
                "has tiers, or a model of tiers, and a package: wanted one of them",
            ),
            (
                {"tiers": (Tier(low=0, high=None, amount=Money.zero(USD), unit=UnitPrice.of("1", "USD")),)},
                "is a stairstep, which has no price",
            ),
            ({"tiers": LITE.tiers, "model": "volume"}, "the model of .* is 'volume': wanted a value of the type TierModel"),
            ({"package": Package(size=1, price=Money.of("1", "GBP"))}, r"has a price of 1\.00 GBP: wanted USD"),
            ({"tiers": LITE.tiers, "maximum": Money.of("1", "EUR")}, r"has a price of 1\.00 EUR: wanted USD"),
            (
                {"tiers": LITE.tiers, "minimum": Money.of("2", "USD"), "maximum": Money.of("1", "USD")},
                "at least 2.00 USD and at most 1.00 USD",
            ),
            ({"tiers": LITE.tiers, "minimum": Money.of("-2", "USD")}, "has the bound -2.00 USD, below zero"),
            ({"tiers": LITE.tiers, "maximum": Money.of("-1", "USD")}, "has the bound -1.00 USD, below zero"),
            (
                {"package": Package(size=1, price=Money.of("1", "USD")), "model": TierModel.VOLUME},
                "has tiers, or a model of tiers, and a package",
            ),
            ({"tiers": list(LITE.tiers)}, "wanted a value of the type tuple"),
            ({"tiers": LITE.tiers, "minimum": 7}, "the minimum of .* is 7"),
        ],
    )
    def test_what_is_no_price(self, facts: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            PriceTable(item="sms", currency=USD, starts_on=FIRST_DAY, **facts)

    @pytest.mark.parametrize(
        ("facts", "message"),
        [({"size": 0}, "holds 0 units"), ({"free": -1}, "comes after -1 units"), ({"price": Money.of("-1", "USD")}, "below zero")],
    )
    def test_what_is_no_package(self, facts: dict[str, Any], message: str) -> None:
        stated: dict[str, Any] = {"size": 1, "price": Money.of("1", "USD")}
        with pytest.raises(InvalidValue, match=message):
            Package(**(stated | facts))

    def test_a_tier_speaks_one_currency(self) -> None:
        with pytest.raises(CurrencyMismatch, match=r"a flat price of 1\.00 USD and a unit price of 1\.00 GBP"):
            Tier(low=0, high=None, amount=Money.of("1", "USD"), unit=UnitPrice.of("1", "GBP"))


class TestPriceLists:
    """A price is found by item, currency and day, and by nothing less."""

    NEWER = table((0, None, "15"), starts_on=date(2025, 7, 1))
    POUNDS = table((0, None, "10"), currency=GBP)
    LIST = PriceList((NEWER, LITE, POUNDS))

    @pytest.mark.parametrize(
        ("on", "price"), [(date(2025, 1, 1), "12"), (date(2025, 6, 30), "12"), (date(2025, 7, 1), "15"), (date(2030, 1, 1), "15")]
    )
    def test_the_latest_table_that_has_started(self, on: date, price: str) -> None:
        assert self.LIST.price_of("lite", 500, USD, on) == Money.of(price, "USD")

    def test_each_currency_has_its_own(self) -> None:
        assert self.LIST.price_of("lite", 500, GBP, date(2025, 8, 1)) == Money.of("10", "GBP")

    @pytest.mark.parametrize(
        ("item", "currency", "on"),
        [("premium", USD, date(2025, 8, 1)), ("lite", EUR, date(2025, 8, 1)), ("lite", USD, date(2024, 12, 31))],
    )
    def test_what_is_not_there_is_not_guessed(self, item: str, currency: Currency, on: date) -> None:
        with pytest.raises(
            InvalidValue, match=f"no price of '{item}' in {currency.code} on {on}: the price list has lite in GBP, lite in USD"
        ):
            self.LIST.price_of(item, 500, currency, on)

    def test_an_empty_list_says_so(self) -> None:
        with pytest.raises(InvalidValue, match="has none at all"):
            PriceList().table_for("lite", USD, FIRST_DAY)

    def test_two_tables_of_one_day(self) -> None:
        with pytest.raises(InvalidValue, match="two USD price tables of 'lite' start on 2025-01-01"):
            PriceList((LITE, table((0, None, "1"))))

    def test_items(self) -> None:
        assert PriceList((LITE, table((0, None, "5"), item="suspension"))).items == {"lite", "suspension"}

    def test_cheaper_with_more_is_odd_and_allowed(self) -> None:
        odd = table((0, 500, "12"), (501, 1_000, "9"), (1_001, None, "9"))
        assert PriceList((odd,)).findings == (
            "the USD price table of 'lite' from 2025-01-01 is cheaper with more: 12.00 USD for 500 contacts, 9.00 USD for 501",
        )
        assert self.LIST.findings == ()

    def test_a_value_like_any_other(self) -> None:
        again = pickle.loads(pickle.dumps(self.LIST))  # noqa: S301
        assert again == self.LIST
        assert hash(again) == hash(self.LIST)
        assert again.price_of("lite", 1, USD, FIRST_DAY) == Money.of("12", "USD")
