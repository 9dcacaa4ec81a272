"""Discounts in their order, each rounded once; scarce ones go to the oldest clients."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.discounts import Discounted, Stacking, discounted, oldest_first
from partnerkit.errors import CurrencyMismatch, InvalidValue
from partnerkit.money import Currency, Money, Rate, Rounding, round_ratio
from partnerkit.rewards import Percent

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "discounts.json"
USD = Currency("USD")
TEN = Percent(rate=Rate.percent("10"), rounding=Rounding.HALF_AWAY)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency=USD)


def case(case_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"no sample cases at {CASES}")
    found = {one["id"]: one for one in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}[case_id]
    return found["input"], found["expect"]


class TestTheOrder:
    """Sequential discounts are taken of what is left, additive ones of the whole; neither takes more than there is."""

    def test_a_sum_and_then_a_part(self) -> None:
        given_, expected = case("dsc-001")
        discounts = [
            usd(one["amount"]) if one["type"] == "fixed" else Percent(rate=Rate.percent(one["rate"]), rounding=Rounding.HALF_AWAY)
            for one in given_["discounts"]
        ]
        made = discounted(usd(given_["base"]), discounts, Stacking.SEQUENTIAL)
        assert (made.discount.minor, made.net.minor) == (expected["discount"], expected["net"])

    @pytest.mark.parametrize(("stacking", "wanted"), [(Stacking.SEQUENTIAL, 1_900), (Stacking.ADDITIVE, 2_000)])
    def test_two_tenths(self, stacking: Stacking, wanted: int) -> None:
        assert discounted(usd(10_000), [TEN, TEN], stacking).discount == usd(wanted)

    @given(
        st.integers(0, 10**12),
        st.lists(st.integers(0, 100) | st.integers(0, 10**12).map(usd), max_size=5),
        st.sampled_from(Stacking),
        st.sampled_from(Rounding),
    )
    def test_laws(self, gross: int, drawn: list[int | Money], stacking: Stacking, rounding: Rounding) -> None:
        discounts = [one if isinstance(one, Money) else Percent(rate=Rate.percent(str(one)), rounding=rounding) for one in drawn]
        made = discounted(usd(gross), discounts, stacking)
        assert len(made.parts) == len(discounts)
        assert made.net + made.discount == usd(gross)
        left = gross
        for one, part in zip(drawn, made.parts, strict=True):
            of = left if stacking is Stacking.SEQUENTIAL else gross
            asked = one.minor if isinstance(one, Money) else round_ratio(of * one, 100, rounding)
            assert part.minor == min(asked, left)
            left -= part.minor

    def test_what_is_none(self) -> None:
        with pytest.raises(InvalidValue, match="the discount 10 is none: wanted a Percent or an amount"):
            discounted(usd(100), [10], Stacking.ADDITIVE)  # type: ignore[list-item]
        with pytest.raises(CurrencyMismatch, match=r"a discount of 1\.00 GBP cannot be taken off 1\.00 USD"):
            discounted(usd(100), [Money.of("1", "GBP")], Stacking.ADDITIVE)
        with pytest.raises(InvalidValue, match="the stacking of discounts is 'additive'"):
            discounted(usd(100), [], "additive")  # type: ignore[arg-type]
        for parts in ((usd(-1),), (usd(60), usd(41))):
            with pytest.raises(InvalidValue):
                Discounted(gross=usd(100), parts=parts)
        with pytest.raises(InvalidValue, match="wanted amounts of zero or more"):
            discounted(usd(-1), [], Stacking.ADDITIVE)


class TestScarceDiscounts:
    """The places of a pack go to the oldest clients; of one day, by their ids."""

    def test_the_sample_case(self) -> None:
        given_, expected = case("dsc-018")
        clients = {one["id"]: date.fromisoformat(one["since"]) for one in given_["clients"]}
        placed = oldest_first(clients, given_["pack"])
        fees = {client: given_["in_pack_fee"] if client in placed else given_["additional_fee"] for client in clients}
        assert fees == expected["fees"]

    @given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.dates(date(2023, 1, 1), date(2023, 1, 4))), st.integers(0, 9))
    def test_nobody_waits_behind_a_younger_one(self, clients: dict[str, date], count: int) -> None:
        placed = oldest_first(clients, count)
        assert len(placed) == min(count, len(clients))
        assert all((clients[one], one) < (clients[other], other) for one in placed for other in clients if other not in placed)
        assert placed == oldest_first(dict(reversed(clients.items())), count)

    def test_what_cannot_be(self) -> None:
        with pytest.raises(InvalidValue, match="-1 places"):
            oldest_first({}, -1)
        with pytest.raises(InvalidValue, match="the first day of a is '2023'"):
            oldest_first({"a": "2023"}, 1)  # type: ignore[dict-item]
