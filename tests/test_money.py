"""The laws of exact money: currencies, amounts, rates, the one rounder and allocation."""

import json
import pickle
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from itertools import product
from math import ceil, floor
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.errors import CurrencyMismatch, InvalidValue
from partnerkit.money import Currency, Money, Rate, Rounding, UnitPrice, round_minor, round_ratio, total

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases"

EVERY_CODE = ["".join(letters) for letters in product(ascii_uppercase, repeat=3)]


def is_currency(code: str) -> bool:
    try:
        Currency(code)
    except InvalidValue:
        return False
    return True


KNOWN_CODES = [code for code in EVERY_CODE if is_currency(code)]
currencies = st.sampled_from(KNOWN_CODES).map(Currency)
monies = st.builds(lambda minor, currency: Money(minor=minor, currency=currency), st.integers(), currencies)
ratios = st.fractions(max_denominator=10_000)
rates = st.fractions(min_value=0, max_value=10, max_denominator=10_000).map(Rate)
roundings = st.sampled_from(Rounding)
weights = st.lists(
    st.one_of(st.integers(0, 10**20), st.fractions(min_value=0, max_value=5, max_denominator=1000), rates), min_size=1, max_size=8
).filter(lambda given: any(weight.value if isinstance(weight, Rate) else weight for weight in given))


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def cases(name: str, **wanted: str) -> list[Any]:
    file = CASES / name
    if not file.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"the shared cases are not here: {file} is missing"))]
    listed = json.loads(file.read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case["id"]) for case in listed if all(case[key] == value for key, value in wanted.items())]


def in_our_modes(listed: list[Any]) -> list[Any]:
    """The cases of the nine modes; the peers also have "half to odd" and "refuse unless exact"."""
    modes = {rounding.value for rounding in Rounding}
    return [case for case in listed if case.values[0] is None or case.values[0]["input"]["mode"] in modes]


class TestCurrency:
    """A currency is a current ISO 4217 code with a minor unit."""

    def test_the_table_has_every_current_code(self) -> None:
        assert Counter(Currency(code).digits for code in KNOWN_CODES) == {2: 139, 0: 17, 3: 7, 4: 2}

    @pytest.mark.parametrize(
        ("code", "digits"),
        [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("UYW", 4), ("UGX", 0), ("ISK", 0), ("XAD", 2), ("XCG", 2), ("ZWG", 2)],
    )
    def test_digits(self, code: str, digits: int) -> None:
        assert Currency(code).digits == digits

    @pytest.mark.parametrize("code", ["AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER", "HUF"])
    def test_digits_are_minor_units_and_not_display_digits(self, code: str) -> None:
        assert Currency(code).digits == (3 if code == "IQD" else 2)

    @pytest.mark.parametrize("code", ["XAU", "XAG", "XPD", "XPT", "XDR", "XTS", "XXX", "XSU", "XUA", "XBA", "XBB", "XBC", "XBD"])
    def test_no_minor_unit(self, code: str) -> None:
        with pytest.raises(InvalidValue, match="no minor unit"):
            Currency(code)

    @pytest.mark.parametrize(("code", "successor"), [("BGN", "EUR"), ("HRK", "EUR"), ("ANG", "XCG"), ("ZWL", "ZWG")])
    def test_withdrawn(self, code: str, successor: str) -> None:
        with pytest.raises(InvalidValue, match=f"withdrawn.*'{successor}'"):
            Currency(code)

    @pytest.mark.parametrize("code", ["usd", "Usd", " USD", "USD "])
    def test_the_fix_is_named(self, code: str) -> None:
        with pytest.raises(InvalidValue, match="write 'USD'"):
            Currency(code)

    @pytest.mark.parametrize(("code", "fault"), [("zzz", "wanted a current"), ("xau", "no minor unit"), ("bgn", "has been withdrawn")])
    def test_no_fix_is_named_that_would_be_refused(self, code: str, fault: str) -> None:
        with pytest.raises(InvalidValue, match=fault):
            Currency(code)

    @pytest.mark.parametrize("code", ["", "US", "ZZZ", "DOLLAR", "$", None, 840, b"USD", ["USD"]])
    def test_unknown(self, code: Any) -> None:
        with pytest.raises(InvalidValue, match="currency"):
            Currency(code)

    def test_str(self) -> None:
        assert str(Currency("EUR")) == "EUR"


def independent_round(value: Fraction, rounding: Rounding) -> int:
    """Round by comparing distances to the two whole numbers around a value, with no divmod in sight."""
    below, above = floor(value), ceil(value)
    nearer = below if value - below < above - value else above
    tie = value - below == above - value
    toward_zero, away = sorted((below, above), key=abs)
    even = below if below % 2 == 0 else above
    return {
        Rounding.FLOOR: below,
        Rounding.CEILING: above,
        Rounding.DOWN: toward_zero,
        Rounding.UP: away,
        Rounding.HALF_AWAY: away if tie else nearer,
        Rounding.HALF_EVEN: even if tie else nearer,
        Rounding.HALF_TOWARD_ZERO: toward_zero if tie else nearer,
        Rounding.HALF_CEILING: above if tie else nearer,
        Rounding.HALF_FLOOR: below if tie else nearer,
    }[rounding]


class TestRounding:
    """One rounder, nine modes, and every name says where a value goes."""

    @pytest.mark.parametrize("rounding", Rounding)
    def test_every_small_ratio(self, rounding: Rounding) -> None:
        for denominator in [n for n in range(-12, 13) if n]:
            for numerator in range(-60, 61):
                wanted = independent_round(Fraction(numerator, denominator), rounding)
                assert round_ratio(numerator, denominator, rounding) == wanted, (numerator, denominator)

    @pytest.mark.parametrize(
        ("rounding", "decimal_mode"),
        [
            (Rounding.HALF_AWAY, ROUND_HALF_UP),
            (Rounding.HALF_EVEN, ROUND_HALF_EVEN),
            (Rounding.HALF_TOWARD_ZERO, ROUND_HALF_DOWN),
            (Rounding.UP, ROUND_UP),
            (Rounding.DOWN, ROUND_DOWN),
            (Rounding.CEILING, ROUND_CEILING),
            (Rounding.FLOOR, ROUND_FLOOR),
        ],
    )
    def test_agrees_with_the_decimal_module(self, rounding: Rounding, decimal_mode: str) -> None:
        for tenths in range(-60, 61):
            assert round_ratio(tenths, 10, rounding) == int((Decimal(tenths) / 10).quantize(Decimal(1), decimal_mode))

    @given(st.integers(), st.integers().filter(bool), roundings)
    def test_is_never_a_whole_unit_away(self, numerator: int, denominator: int, rounding: Rounding) -> None:
        assert abs(round_ratio(numerator, denominator, rounding) - Fraction(numerator, denominator)) < 1

    @given(ratios, roundings)
    def test_round_minor_is_the_same_rounder(self, exact: Fraction, rounding: Rounding) -> None:
        assert round_minor(exact, rounding) == independent_round(exact, rounding)

    def test_exact_above_two_to_the_53(self) -> None:
        assert round_ratio(2 * (2**53 + 1) + 1, 2, Rounding.HALF_FLOOR) == 2**53 + 1

    def test_zero_denominator(self) -> None:
        with pytest.raises(InvalidValue, match="must not be zero"):
            round_ratio(1, 0, Rounding.FLOOR)

    @pytest.mark.parametrize(("numerator", "denominator"), [(1.0, 2), (1, 2.0), (True, 2), (1, True), ("1", 2), (Fraction(1), 2)])
    def test_only_whole_numbers(self, numerator: Any, denominator: Any) -> None:
        with pytest.raises(InvalidValue, match="whole numbers"):
            round_ratio(numerator, denominator, Rounding.FLOOR)

    @pytest.mark.parametrize("rounding", ["half_away", None, 0, "ROUND_HALF_UP"])
    @pytest.mark.parametrize("numerator", [1, 2])
    def test_only_a_rounding_even_where_nothing_is_cut_off(self, rounding: Any, numerator: int) -> None:
        with pytest.raises(InvalidValue, match="wanted a Rounding"):
            round_ratio(numerator, 2, rounding)

    @pytest.mark.parametrize("exact", [0.5, "1/2", True, Decimal(1)])
    def test_round_minor_takes_exact_numbers_only(self, exact: Any) -> None:
        with pytest.raises(InvalidValue, match="exact number"):
            round_minor(exact, Rounding.FLOOR)

    def test_repr_is_evaluable(self) -> None:
        assert [eval(repr(rounding)) for rounding in Rounding] == list(Rounding)  # noqa: S307

    @pytest.mark.parametrize("case", in_our_modes(cases("rounding.json", kind="round")))
    def test_shared_cases(self, case: dict[str, Any]) -> None:
        given, expect = case["input"], case["expect"]
        digits, step = given["digits"], given.get("step_minor", 1)
        steps = Fraction(given["value"]) * 10**digits / step
        assert Fraction(round_minor(steps, Rounding(given["mode"])) * step, 10**digits) == Fraction(expect["result"])

    @pytest.mark.parametrize("case", cases("rounding.json", kind="tax"))
    def test_a_rate_on_lines_rounds_where_it_is_told_to(self, case: dict[str, Any]) -> None:
        given = case["input"]
        rate, rounding = Rate.percent(given["rate_percent"]), Rounding(given["mode"])
        lines = [usd(line) for line in given["lines"]]
        if given["level"] == "line":
            tax = total((line.times(rate, rounding) for line in lines), "USD")
        else:
            tax = total(lines, "USD").times(rate, rounding)
        assert tax == usd(case["expect"]["tax"])


class TestRate:
    """A rate is an exact ratio that is zero or more."""

    @pytest.mark.parametrize(
        ("rate", "text"),
        [
            (Rate.percent("15"), "3/20"),
            (Rate.percent("12.5"), "1/8"),
            (Rate.percent("100/3"), "1/3"),
            (Rate.parse("3/20"), "3/20"),
            (Rate.parse("6/40"), "3/20"),
            (Rate.parse("0.15"), "3/20"),
            (Rate.parse("15%"), "3/20"),
            (Rate.parse("0"), "0"),
            (Rate.parse("1"), "1"),
            (Rate.parse("150%"), "3/2"),
        ],
    )
    def test_text(self, rate: Rate, text: str) -> None:
        assert str(rate) == text
        assert Rate.parse(text) == rate

    @given(rates)
    def test_text_comes_back(self, rate: Rate) -> None:
        assert Rate.parse(str(rate)) == rate

    @pytest.mark.parametrize(
        "text", ["", "%", "15 %", "1/0", "1/2/3", "1.5/2", "1/-2", "1/+2", "1e-2", "0,15", ".5", "5.", "½", "\u0661\u0665", "nan", " 1"]
    )
    def test_unreadable(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="a rate such as"):
            Rate.parse(text)

    @pytest.mark.parametrize("given", [0.15, 15, None, True, Fraction(3, 20), b"3/20"])
    def test_text_only(self, given: Any) -> None:
        with pytest.raises(InvalidValue):
            Rate.parse(given)
        with pytest.raises(InvalidValue):
            Rate.percent(given)

    @pytest.mark.parametrize("given", [0.15, 1, True, "3/20", Decimal("0.15"), None])
    def test_the_constructor_takes_a_fraction(self, given: Any) -> None:
        with pytest.raises(InvalidValue, match="a rate is a Fraction"):
            Rate(given)

    @pytest.mark.parametrize("text", ["-15%", "-3/20", "-0.15"])
    def test_negative(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="zero or more"):
            Rate.parse(text)

    @given(st.fractions(min_value=0, max_value=1))
    def test_a_rate_and_its_complement_are_one(self, value: Fraction) -> None:
        assert value + Rate(value).complement().value == 1

    def test_nothing_is_left_of_all(self) -> None:
        assert (Rate.percent("100").complement(), Rate.percent("0").complement()) == (Rate.parse("0"), Rate.parse("1"))

    def test_nothing_is_left_of_more_than_one(self) -> None:
        with pytest.raises(InvalidValue, match="at most 1"):
            Rate.parse("3/2").complement()

    def test_order(self) -> None:
        assert Rate.percent("14.9") < Rate.parse("3/20") <= Rate.percent("15") < Rate.parse("1")


class TestMoney:
    """An amount is a whole number of minor units of one currency."""

    @pytest.mark.parametrize(
        ("text", "code", "minor", "written"),
        [
            ("12.50", "USD", 1250, "12.50 USD"),
            ("12.5", "USD", 1250, "12.50 USD"),
            ("12", "USD", 1200, "12.00 USD"),
            ("+0.05", "USD", 5, "0.05 USD"),
            ("-0.05", "USD", -5, "-0.05 USD"),
            ("-0.01", "USD", -1, "-0.01 USD"),
            ("-0", "USD", 0, "0.00 USD"),
            ("007", "JPY", 7, "7 JPY"),
            ("-1250", "JPY", -1250, "-1250 JPY"),
            ("1.234", "KWD", 1234, "1.234 KWD"),
            ("0.0001", "CLF", 1, "0.0001 CLF"),
            ("90071992547409.93", "EUR", 9007199254740993, "90071992547409.93 EUR"),
        ],
    )
    def test_text(self, text: str, code: str, minor: int, written: str) -> None:
        money = Money.of(text, code)
        assert money == Money(minor=minor, currency=Currency(code))
        assert str(money) == written
        assert Money.parse(written) == money

    @given(monies)
    def test_text_and_repr_and_pickle_come_back(self, money: Money) -> None:
        assert Money.parse(str(money)) == money
        assert eval(repr(money)) == money  # noqa: S307
        assert pickle.loads(pickle.dumps(money)) == money  # noqa: S301

    @pytest.mark.parametrize(("text", "code"), [("12.505", "USD"), ("12.500", "USD"), ("1.0", "JPY"), ("0.0000", "KWD")])
    def test_more_decimals_than_the_currency(self, text: str, code: str) -> None:
        with pytest.raises(InvalidValue, match=f"decimals and {code} has"):
            Money.of(text, code)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "-",
            ".",
            ".5",
            "5.",
            "1e2",
            "1,000.00",
            "1_000",
            "1 000",
            "--1",
            "+-1",
            "$1",
            "1.2.3",
            "0x10",
            "nan",
            "inf",
            "\u0661",
            "²",
            "1\n",
            "9" * 641,
        ],
    )
    def test_unreadable(self, text: str) -> None:
        with pytest.raises(InvalidValue, match=r"wanted an amount such as '12\.50'"):
            Money.of(text, "USD")

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_a_number_has_640_digits_at_most(self, sign: str) -> None:
        """So many are read under every setting of Python's own limit; the sign and the point are no digits."""
        whole, cents = "9" * 638, "99"
        assert str(Money.of(f"{sign}{whole}.{cents}", "USD")) == f"{sign}{whole}.{cents} USD"
        with pytest.raises(InvalidValue, match="wanted an amount such as"):
            Money.of(f"{sign}9{whole}.{cents}", "USD")

    @pytest.mark.parametrize("given", [12.5, 12, True, None, Decimal("12.5"), Fraction(25, 2), b"12.50"])
    def test_text_only(self, given: Any) -> None:
        with pytest.raises(InvalidValue, match="as text"):
            Money.of(given, "USD")

    def test_the_example_fits_the_currency(self) -> None:
        with pytest.raises(InvalidValue, match="such as '1250', got"):
            Money.of("one", "JPY")

    @pytest.mark.parametrize(
        "text", ["12.50", "12.50  USD", "12.50USD", " 12.50 USD", "12.50 USD ", "USD 12.50", "12.50 usd", "", 12, None]
    )
    def test_unparsable(self, text: Any) -> None:
        with pytest.raises(InvalidValue):
            Money.parse(text)

    @pytest.mark.parametrize("text", ["12.50", "12.50  USD", "12.50USD", "12.50 USD ", "USD 12.50", ""])
    def test_one_space_stands_between_amount_and_code(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="wanted an amount, one space and a currency code"):
            Money.parse(text)

    @pytest.mark.parametrize("minor", [12.0, True, "12", None, Fraction(12), Decimal(12)])
    def test_minor_units_are_whole(self, minor: Any) -> None:
        with pytest.raises(InvalidValue, match="minor units are a whole number"):
            Money(minor=minor, currency=Currency("USD"))

    @pytest.mark.parametrize("currency", ["USD", None])
    def test_the_constructor_takes_a_currency(self, currency: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a Currency"):
            Money(minor=1, currency=currency)

    def test_nothing_is_checked_by_what_can_be_switched_off(self) -> None:
        attrs.validators.set_disabled(True)  # noqa: TID251
        try:
            with pytest.raises(InvalidValue):
                Money(minor=1.5, currency=Currency("USD"))  # type: ignore[arg-type]
        finally:
            attrs.validators.set_disabled(False)  # noqa: TID251

    def test_frozen(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            usd("1").minor = 2  # type: ignore[misc]
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            (usd("1") + usd("1")).minor = 2  # type: ignore[misc]

    def test_positional_construction_is_refused(self) -> None:
        with pytest.raises(TypeError):
            Money(1, Currency("USD"))  # type: ignore[call-arg]

    @given(st.integers(), st.integers(), st.integers(), currencies)
    def test_arithmetic_is_that_of_whole_numbers(self, one: int, other: int, count: int, currency: Currency) -> None:
        first, second = Money(minor=one, currency=currency), Money(minor=other, currency=Currency(currency.code))
        assert first + second == Money(minor=one + other, currency=currency)
        assert first - second == Money(minor=one - other, currency=currency)
        assert -first == Money(minor=-one, currency=currency)
        assert abs(first) == Money(minor=abs(one), currency=currency)
        assert first * count == count * first == Money(minor=one * count, currency=currency)
        assert (first == second, first < second, first <= second) == (one == other, one < other, one <= other)
        assert (first > second, first >= second) == (one > other, one >= other)
        assert hash(first + second) == hash(second + first)

    def test_as_often_as_told(self) -> None:
        assert [str(usd("0.07") * count) for count in (-3, 0, 1, 3)] == ["-0.21 USD", "0.00 USD", "0.07 USD", "0.21 USD"]

    @given(monies, rates, roundings, weights)
    def test_money_never_changes_currency(self, money: Money, rate: Rate, rounding: Rounding, shares: list[Any]) -> None:
        results = [money + money, money - money, -money, abs(money), money * 3, money.times(rate, rounding), *money.allocate(shares)]
        assert {result.currency for result in results} == {money.currency}

    @pytest.mark.parametrize(("one", "other"), [("USD", "EUR"), ("EUR", "USD")])
    @pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
    def test_two_currencies_never_mix(self, operation: str, one: str, other: str) -> None:
        first, second = Money.of("1", one), Money.of("1", other)
        assert first != second
        with pytest.raises(CurrencyMismatch, match=rf"1\.00 {one} and 1\.00 {other}"):
            getattr(first, operation)(second)

    def test_a_currency_is_its_code(self) -> None:
        """However often it was read: from two files the codes are equal and not one object."""
        read = [Money.parse("1.00 USD") for _ in range(2)]
        assert read[0].currency.code is not read[1].currency.code
        assert read[0] + read[1] == usd("2")
        assert read[0] - read[1] == usd("0")
        assert (read[0] < read[1], read[0] <= read[1], read[0] > read[1], read[0] >= read[1]) == (False, True, False, True)

    def test_order(self) -> None:
        assert usd("-1") < usd("0.99") < usd("1")
        assert usd("1") > usd("0.99") > usd("-1")
        assert not usd("1") < usd("0.99")
        assert not usd("1") <= usd("0.99")
        assert not usd("0.99") > usd("1")
        assert not usd("0.99") >= usd("1")

    @pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
    @pytest.mark.parametrize("foreign", [1, 1.0, "1.00 USD", None, Fraction(1), Rate(Fraction(1))])
    def test_foreign_types_are_left_to_python(self, operation: str, foreign: object) -> None:
        assert getattr(usd("1"), operation)(foreign) is NotImplemented
        assert usd("1") != foreign

    @pytest.mark.parametrize("factor", [True, 1.5, Fraction(1, 2), Decimal(2), "2", Rate(Fraction(1, 2))])
    def test_only_whole_numbers_multiply_without_rounding(self, factor: Any) -> None:
        with pytest.raises(TypeError):
            usd("1") * factor

    def test_no_truth_value(self) -> None:
        with pytest.raises(InvalidValue, match=r"amount\.minor == 0"):
            bool(Money.zero("USD"))

    @given(monies, rates, roundings)
    def test_times_rounds_the_exact_product_once(self, money: Money, rate: Rate, rounding: Rounding) -> None:
        assert money.times(rate, rounding).minor == independent_round(money.minor * rate.value, rounding)
        assert money.times(-rate.value, rounding).minor == independent_round(-money.minor * rate.value, rounding)

    @pytest.mark.parametrize("rate", [0.15, "15%", 2, True, None, Decimal("0.15")])
    def test_times_takes_a_rate_or_a_fraction(self, rate: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a Rate or a Fraction"):
            usd("1").times(rate, Rounding.HALF_AWAY)

    def test_times_takes_a_rounding(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a Rounding"):
            usd("1").times(Rate.percent("100"), "half_away")  # type: ignore[arg-type]

    @given(st.lists(st.integers()), currencies)
    def test_total(self, minors: list[int], currency: Currency) -> None:
        amounts = [Money(minor=minor, currency=currency) for minor in minors]
        assert total(iter(amounts), currency.code) == Money(minor=sum(minors), currency=currency)

    def test_total_of_another_currency(self) -> None:
        with pytest.raises(CurrencyMismatch):
            total([usd("1")], "EUR")

    def test_zero(self) -> None:
        assert Money.zero(Currency("EUR")) == Money.of("0", "EUR")


class TestAllocation:
    """The parts of an amount always add up to it, by mirrored largest remainder."""

    @given(monies, weights)
    def test_sum_by_construction(self, money: Money, shares: list[Any]) -> None:
        parts = money.allocate(shares)
        assert len(parts) == len(shares)
        assert total(parts, money.currency) == money

    @given(monies, weights)
    def test_each_part_is_the_exact_share_rounded_one_way_or_the_other(self, money: Money, shares: list[Any]) -> None:
        exact = [Fraction(weight.value if isinstance(weight, Rate) else weight) for weight in shares]
        for part, weight in zip(money.allocate(shares), exact, strict=True):
            share = money.minor * weight / sum(exact)
            assert part.minor in {floor(share), ceil(share)}
            assert weight or part.minor == 0

    @given(monies, weights)
    def test_negatives_mirror(self, money: Money, shares: list[Any]) -> None:
        assert (-money).allocate(shares) == tuple(-part for part in money.allocate(shares))

    @given(monies, weights, st.integers(1, 1000))
    def test_only_the_proportions_count(self, money: Money, shares: list[Any], scale: int) -> None:
        exact = [weight.value if isinstance(weight, Rate) else weight for weight in shares]
        assert money.allocate([weight * scale for weight in exact]) == money.allocate(shares)

    @pytest.mark.parametrize("amount", range(-12, 13))
    def test_left_over_units_go_to_the_largest_fractions_and_ties_to_the_first(self, amount: int) -> None:
        for first in range(4):
            for second in range(4):
                for third in range(1, 4):
                    shares = (first, second, third)
                    signed = [part.minor for part in Money(minor=amount, currency=Currency("USD")).allocate(shares)]
                    assert sum(signed) == amount
                    parts = [abs(part) for part in signed]
                    exact = [Fraction(abs(amount) * weight, sum(shares)) for weight in shares]
                    cut_off = [share - floor(share) for share in exact]
                    gained = [part - floor(share) for part, share in zip(parts, exact, strict=True)]
                    winners = [(-cut_off[place], place) for place in range(3) if gained[place] == 1]
                    losers = [(-cut_off[place], place) for place in range(3) if gained[place] == 0]
                    assert len(winners) + len(losers) == 3
                    assert not winners or not losers or max(winners) < min(losers)

    def test_large_numbers_rank_exactly(self) -> None:
        parts = Money(minor=2**53 + 1, currency=Currency("USD")).allocate([2**53, 2**53 + 2])
        assert [part.minor for part in parts] == [2**52, 2**52 + 1]

    @pytest.mark.parametrize("shares", [[], [0], [0, 0], [Rate(Fraction(0))]])
    def test_nothing_to_allocate_by(self, shares: list[Any]) -> None:
        with pytest.raises(InvalidValue, match="at least one weight above zero"):
            usd("1").allocate(shares)

    @pytest.mark.parametrize("shares", [[-1, 2], [Fraction(-1, 2), 1]])
    def test_negative_weights(self, shares: list[Any]) -> None:
        with pytest.raises(InvalidValue, match="must not be negative"):
            usd("1").allocate(shares)

    @pytest.mark.parametrize("weight", [0.5, True, "1", None, Decimal(1)])
    def test_inexact_weights(self, weight: Any) -> None:
        with pytest.raises(InvalidValue, match="exact number"):
            usd("1").allocate([1, weight])

    @pytest.mark.parametrize("case", cases("allocation.json", strategy="largest_remainder"))
    def test_shared_cases(self, case: dict[str, Any]) -> None:
        given = case["input"]
        step = given.get("cash_step", 1)
        amount = Money(minor=given["amount_minor"] // step, currency=Currency(given["currency"]))
        parts = amount.allocate([Fraction(weight) for weight in given["weights"]])
        assert amount.currency.digits == given["digits"]
        assert [part.minor * step for part in parts] == case["expect"]["parts_minor"]


class TestUnitPrice:
    """A price per unit may be finer than the minor unit and becomes money by one rounding."""

    @pytest.mark.parametrize(
        ("text", "code", "written"),
        [
            ("0.002", "USD", "0.002 USD"),
            ("0.0020", "USD", "0.002 USD"),
            ("5", "USD", "5.00 USD"),
            ("0.5", "JPY", "0.5 JPY"),
            ("12", "JPY", "12 JPY"),
            ("5", "KWD", "5.000 KWD"),
            ("1/3", "USD", "1/3 USD"),
            ("1/8", "USD", "0.125 USD"),
            ("1/1024", "USD", "0.0009765625 USD"),
            ("0", "USD", "0.00 USD"),
        ],
    )
    def test_text(self, text: str, code: str, written: str) -> None:
        price = UnitPrice.of(text, code)
        assert str(price) == written
        assert UnitPrice.parse(written) == price
        assert eval(repr(price)) == price  # noqa: S307

    @given(st.fractions(min_value=0, max_denominator=10**9), currencies)
    def test_text_comes_back(self, amount: Fraction, currency: Currency) -> None:
        price = UnitPrice(amount=amount, currency=currency)
        assert UnitPrice.parse(str(price)) == price

    @given(st.fractions(min_value=0, max_denominator=10**6), st.one_of(st.integers(), ratios), currencies, roundings)
    def test_times_rounds_once(self, amount: Fraction, quantity: int | Fraction, currency: Currency, rounding: Rounding) -> None:
        money = UnitPrice(amount=amount, currency=currency).times(quantity, rounding)
        assert money.currency == currency
        assert money.minor == independent_round(amount * quantity * 10**currency.digits, rounding)

    @pytest.mark.parametrize("quantity", [1.5, True, "3", None])
    def test_quantities_are_exact(self, quantity: Any) -> None:
        with pytest.raises(InvalidValue, match="exact number"):
            UnitPrice.of("0.002", "USD").times(quantity, Rounding.HALF_AWAY)

    @pytest.mark.parametrize("amount", [0.002, 1, "1/500", None])
    def test_the_constructor_takes_a_fraction(self, amount: Any) -> None:
        with pytest.raises(InvalidValue, match="a unit price is a Fraction"):
            UnitPrice(amount=amount, currency=Currency("USD"))

    def test_the_constructor_takes_a_currency(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a Currency"):
            UnitPrice(amount=Fraction(1), currency="USD")  # type: ignore[arg-type]

    def test_negative(self) -> None:
        with pytest.raises(InvalidValue, match="zero or more"):
            UnitPrice.of("-0.002", "USD")


class TestModule:
    """Money is a leaf: cheap to import, and it raises only what partnerkit documents."""

    def test_imports_nothing_heavy(self) -> None:
        script = "import sys, partnerkit.money; print(*sorted(sys.modules))"
        loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
        assert not {"dateutil", "babel", "cattrs", "zoneinfo", "json", "logging", "partnerkit.periods"} & set(loaded)

    @given(st.text())
    def test_any_text_reads_or_is_refused(self, text: str) -> None:
        for read in (Money.parse, Rate.parse, Rate.percent, UnitPrice.parse, Currency, lambda given: Money.of(given, "USD")):
            with suppress(InvalidValue):
                read(text)
