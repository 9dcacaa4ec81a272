"""The statement: opening + share + bonus + incentives + adjustments - disbursements = closing (M-23)."""

from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.billing import Adjustment, Line, line_for, reverse
from partnerkit.errors import CurrencyMismatch, InvalidValue
from partnerkit.money import Currency, Money
from partnerkit.partners import BillingMode
from partnerkit.periods import Month
from partnerkit.statements import Disbursement, Earning, Entry, EntryKind, Statement

USD = Currency("USD")
DAY = date(2025, 8, 8)
NEXT_MONTH = date(2025, 9, 1)
BONUS: Any = {"amount": (Money.of("50", "USD"),)}


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def line(charge_id: str = "c-1", mode: BillingMode | None = BillingMode.DIRECT) -> Line:
    return line_for(worlds.charge(charge_id), worlds.standing(mode, within_bonus_window=True), worlds.terms(bonus=BONUS))


def earning(amount: str = "10", on: date = DAY, of: Line | None = None) -> Earning:
    return Earning(line=of or line(), amount=usd(amount), earned_on=on)


def adjustment(refund_id: str = "f-1", on: date = DAY, of: Line | None = None) -> Adjustment:
    whole = of or line()
    return reverse(whole, worlds.refund(refund_id, whole.charge.id, "40.00 USD", on), before=usd("0"), terms=worlds.terms(bonus=BONUS))


ENTRY = worlds.entry("e-1", "5.00 USD", DAY)
PAID = worlds.disbursement("d-1", "5.00 USD", DAY)


def statement(**changes: Any) -> Statement:
    usual: dict[str, Any] = {
        "partner": "p-1",
        "month": Month.parse("2025-08"),
        "currency": USD,
        "opening": usd("100"),
        "shares": (earning("6"), earning("4")),
        "bonuses": (earning("50"),),
        "adjustments": (adjustment(),),
        "entries": (
            worlds.entry("e-1", "25.00 USD", DAY, EntryKind.INCENTIVE),
            worlds.entry("e-2", "-5.00 USD", DAY),
            worlds.entry("e-3", "2.00 USD", DAY),
        ),
        "disbursements": (worlds.disbursement("d-1", "90.00 USD", DAY),),
    }
    return Statement(**usual | changes)


class TestWhatAStatementComesTo:
    """The parts of the vendor's own Financial Benefit Report, per currency (45175)."""

    def test_its_sums(self) -> None:
        made = statement()
        assert (made.share, made.bonus, made.incentives, made.earned) == (usd("10"), usd("50"), usd("25"), usd("85"))
        assert (made.adjusted, made.disbursed, made.closing) == (usd("-7"), usd("90"), usd("88"))

    def test_a_line_may_earn_its_whole_share_at_once(self) -> None:
        assert statement(shares=(earning("10"),)).share == usd("10")

    def test_what_is_taken_back_and_paid_out_may_be_more_than_there_is(self) -> None:
        assert statement(opening=usd("0"), shares=(), bonuses=(), entries=()).closing == usd("-94")

    def test_empty(self) -> None:
        empty = Statement(partner="p-1", month=Month.parse("2025-08"), currency=Currency("JPY"), opening=Money.zero("JPY"))
        assert empty.closing == empty.earned == empty.adjusted == Money.zero("JPY")

    @given(
        opening=st.integers(),
        incentives=st.lists(st.integers(1), max_size=4),
        corrections=st.lists(st.integers(), max_size=4),
        paid=st.lists(st.integers(1), max_size=4),
    )
    def test_opening_plus_parts_is_closing(self, opening: int, incentives: list[int], corrections: list[int], paid: list[int]) -> None:
        def money(minor: int) -> Money:
            return Money(minor=minor, currency=USD)

        made = statement(
            opening=money(opening),
            entries=(
                *(worlds.entry(f"i-{n}", str(money(minor)), DAY, EntryKind.INCENTIVE) for n, minor in enumerate(incentives)),
                *(worlds.entry(f"a-{n}", str(money(minor)), DAY) for n, minor in enumerate(corrections)),
            ),
            disbursements=tuple(worlds.disbursement(f"d-{n}", str(money(minor)), DAY) for n, minor in enumerate(paid)),
        )
        assert made.closing.minor == opening + 1000 + 5000 + sum(incentives) - 400 + sum(corrections) - sum(paid)
        assert made.closing == made.opening + made.share + made.bonus + made.incentives + made.adjusted - made.disbursed


class TestImpossibleStatements:
    """A statement holds what belongs to its own partner, month and currency, once, and no more than its lines bear."""

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"partner": "p-2"}, "the share of c-1 belongs to p-1, not on the statement of p-2"),
            ({"partner": ""}, "the id of the partner is ''"),
            ({"shares": (earning("0", of=line(mode=None)),)}, "the share of c-1 belongs to nobody"),
            ({"shares": (earning("10.01"),)}, "the share of c-1 is 10.01 USD: the line bears 10.00 USD"),
            ({"shares": (earning("10"), earning("10"))}, "the share of c-1 is 20.00 USD: the line bears 10.00 USD"),
            ({"shares": (earning("6"), earning("9", of=line("c-2")), earning("4.01"))}, "the share of c-1 is 10.01 USD"),
            ({"shares": (earning("0.01", of=line(mode=BillingMode.SINGLE_BILL)),)}, "the line bears 0.00 USD"),
            ({"shares": (earning(on=NEXT_MONTH),)}, "the share of c-1 is of 2025-09-01, not of 2025-08"),
            ({"bonuses": (earning("49"),)}, "the bonus of c-1 is 49.00 USD: the line bears 50.00 USD"),
            ({"bonuses": (earning("50"), earning("50", of=line("c-2")))}, "the bonus of the account a-1 stands twice"),
            ({"bonuses": (earning("50", on=NEXT_MONTH),)}, "the bonus of c-1 is of 2025-09-01"),
            ({"adjustments": (adjustment(on=NEXT_MONTH),)}, "the adjustment of c-1 is of 2025-09-01"),
            ({"adjustments": (adjustment(), adjustment())}, "the refund f-1 stands twice"),
            ({"entries": (worlds.entry("e-1", "1.00 USD", DAY, partner="p-2"),)}, "the entry e-1 belongs to p-2"),
            ({"entries": (worlds.entry("e-1", "1.00 USD", NEXT_MONTH),)}, "the entry e-1 is of 2025-09-01"),
            ({"entries": (worlds.entry("e-1", "1.00 GBP", DAY),)}, "the entry e-1 is 1.00 GBP, so it cannot stand on the USD statement"),
            ({"entries": (worlds.entry("e-1", "1.00 USD", DAY),) * 2}, "the entry e-1 stands twice"),
            ({"disbursements": (worlds.disbursement("d-1", "1.00 USD", DAY, "p-2"),)}, "the disbursement d-1 belongs to p-2"),
            ({"disbursements": (worlds.disbursement("d-1", "1.00 USD", NEXT_MONTH),)}, "the disbursement d-1 is of 2025-09-01"),
            ({"disbursements": (worlds.disbursement("d-1", "1.00 USD", DAY),) * 2}, "the disbursement d-1 stands twice"),
            ({"opening": Money.of("1", "GBP")}, "the opening balance is 1.00 GBP"),
        ],
    )
    def test_refused(self, change: dict[str, Any], message: str) -> None:
        with pytest.raises((InvalidValue, CurrencyMismatch), match=message):
            statement(**change)

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("partner", None),
            ("month", "2025-08"),
            ("currency", "USD"),
            ("opening", 100),
            ("shares", [earning()]),
            ("shares", ("10.00 USD",)),
            ("bonuses", (line(),)),
            ("adjustments", (earning(),)),
            ("entries", []),
            ("disbursements", (worlds.entry("e-1", "1.00 USD", DAY),)),
        ],
    )
    def test_a_field_of_another_type(self, field: str, wrong: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted"):
            statement(**{field: wrong})

    @pytest.mark.parametrize(
        ("value", "field", "wrong"),
        [
            (ENTRY, "kind", "incentive"),
            (ENTRY, "amount", -5),
            (ENTRY, "on", "2025-08-08"),
            (ENTRY, "note", None),
            (PAID, "amount", 5),
            (PAID, "paid_on", datetime(2025, 8, 8, tzinfo=UTC)),
            (earning(), "line", "c-1"),
            (earning(), "amount", 5),
            (earning(), "earned_on", "2025-08-08"),
        ],
    )
    def test_a_part_with_a_field_of_another_type(self, value: Any, field: str, wrong: Any) -> None:
        usual = {one.name: getattr(value, one.name) for one in attrs.fields(type(value))}
        with pytest.raises(InvalidValue, match="wanted"):
            type(value)(**usual | {field: wrong})

    def test_earnings_that_cannot_be(self) -> None:
        with pytest.raises(InvalidValue, match=r"the earning of c-1 is -0\.01 USD: wanted zero or more"):
            earning("-0.01")
        with pytest.raises(InvalidValue, match="the earning of c-1 is of 2025-08-07, before it was charged on 2025-08-08"):
            earning(on=date(2025, 8, 7))
        with pytest.raises(CurrencyMismatch):
            Earning(line=line(), amount=Money.of("1", "GBP"), earned_on=DAY)

    @pytest.mark.parametrize("amount", ["0.00 USD", "-1.00 USD"])
    def test_amounts_that_cannot_be(self, amount: str) -> None:
        with pytest.raises(InvalidValue, match="the incentive e-1 is"):
            worlds.entry("e-1", amount, DAY, EntryKind.INCENTIVE)
        with pytest.raises(InvalidValue, match="the disbursement d-1 is"):
            worlds.disbursement("d-1", amount, DAY)

    @pytest.mark.parametrize("note", ["", "  "])
    def test_an_entry_says_what_it_is_for(self, note: str) -> None:
        with pytest.raises(InvalidValue, match="the entry e-1 has no note"):
            Entry(id="e-1", partner="p-1", kind=EntryKind.ADJUSTMENT, amount=usd("1"), on=DAY, note=note)

    @pytest.mark.parametrize("kind", [Entry, Disbursement])
    @pytest.mark.parametrize("field", ["id", "partner"])
    def test_records_without_a_name(self, kind: Any, field: str) -> None:
        known: dict[str, Any] = {"id": "x-1", "partner": "p-1", "amount": usd("1"), field: ""}
        known |= {"kind": EntryKind.ADJUSTMENT, "on": DAY, "note": "as agreed"} if kind is Entry else {"paid_on": DAY}
        with pytest.raises(InvalidValue, match="wanted a text that is neither empty nor padded"):
            kind(**known)
