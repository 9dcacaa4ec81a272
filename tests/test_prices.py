"""Price lists: the edges belong to their tier, nothing is missing or stated twice, and every price has its day."""

import pickle
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.errors import InvalidValue
from partnerkit.money import Currency, Money
from partnerkit.prices import PriceList, PriceTable, Tier

USD, GBP, EUR = Currency("USD"), Currency("GBP"), Currency("EUR")
FIRST_DAY = date(2025, 1, 1)


def table(*steps: tuple[int, int | None, str], item: str = "lite", currency: Currency = USD, starts_on: date = FIRST_DAY) -> PriceTable:
    tiers = tuple(Tier(low=low, high=high, amount=Money.of(price, currency)) for low, high, price in steps)
    return PriceTable(item=item, currency=currency, starts_on=starts_on, tiers=tiers)


LITE = table((0, 500, "12"), (501, 2_500, "50"), (2_501, 10_000, "120"), (10_001, None, "200"))


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

    @pytest.mark.parametrize("item", ["", "  ", None])
    def test_an_item_has_a_name(self, item: Any) -> None:
        with pytest.raises(InvalidValue, match=r"wanted (the name of an item|a text of one line)"):
            table((0, None, "1"), item=item)

    def test_it_starts_on_a_day(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            table((0, None, "1"), starts_on=datetime(2025, 1, 1, tzinfo=UTC))


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
            "the USD price table of 'lite' from 2025-01-01 is cheaper with more: 12.00 USD up to 500 contacts, 9.00 USD from 501",
        )
        assert self.LIST.findings == ()

    def test_a_value_like_any_other(self) -> None:
        again = pickle.loads(pickle.dumps(self.LIST))  # noqa: S301
        assert again == self.LIST
        assert hash(again) == hash(self.LIST)
        assert again.price_of("lite", 1, USD, FIRST_DAY) == Money.of("12", "USD")
