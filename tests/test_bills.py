"""The Single Bill: what it collects, what it comes to, and which bills cannot be."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.billing import Adjustment, Line, line_for, reverse
from partnerkit.bills import Payment, SingleBill, collect, day_of
from partnerkit.errors import CurrencyMismatch, InvalidValue, TermMissing
from partnerkit.money import Currency, Money, total
from partnerkit.partners import BillingMode
from partnerkit.periods import Month
from partnerkit.terms import CutOff, Negative

USD = Currency("USD")
DAY = date(2025, 8, 8)
BILL_DAY = date(2025, 8, 20)


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def line(charge_id: str = "c-1", amount: str = "100.00 USD", on: date = DAY, **facts: Any) -> Line:
    currency = worlds.account(currency=amount[-3:])
    standing = worlds.standing(BillingMode.SINGLE_BILL, account=currency, day=on, **facts)
    return line_for(worlds.charge(charge_id, amount=amount, on=on), standing, worlds.terms())


def adjustment(refund_id: str = "f-1", amount: str = "20.00 USD", on: date = DAY, of: Line | None = None) -> Adjustment:
    whole = of or line()
    refund = worlds.refund(refund_id, whole.charge.id, amount, on)
    return reverse(whole, refund, before=whole.zero, terms=worlds.terms())


def bill(**changes: Any) -> SingleBill:
    usual: dict[str, Any] = {
        "partner": "p-1",
        "month": Month.parse("2025-08"),
        "currency": USD,
        "billed_on": BILL_DAY,
        "lines": (line(), line("c-2", "50.00 USD")),
        "adjustments": (adjustment(),),
        "brought_forward": usd("30"),
        "payments": (worlds.payment("pay-1", "10.00 USD", DAY),),
    }
    return SingleBill(**usual | changes)


class TestWhatABillComesTo:
    """'Single Bill gives you one payment for all the accounts you have put on it.' (S-31)."""

    def test_its_sums(self) -> None:
        made = bill()
        assert made.gross == usd("130")
        assert made.discount == usd("19.50")
        assert made.adjusted == usd("-17")
        assert made.total == made.gross - made.discount == usd("110.50")
        assert (made.paid, made.past_due, made.due, made.carried_forward) == (usd("10"), usd("20"), usd("130.50"), usd("130.50"))

    def test_the_total_is_the_sum_of_what_stands_on_it(self) -> None:
        made = bill()
        assert made.total == total((item.net for item in made.items), USD) == total((one.net for one in made.lines), USD) + made.adjusted

    @pytest.mark.parametrize(("negative", "carried"), [(Negative.CARRY_FORWARD, "-19.50"), (Negative.REFUND, "0")])
    def test_below_zero_the_term_decides(self, negative: Negative, carried: str) -> None:
        credit = bill(brought_forward=usd("-120"), negative=negative)
        assert credit.due == usd("-19.50")
        assert credit.carried_forward == usd(carried)

    def test_below_zero_it_has_to_be_stated(self) -> None:
        credit = bill(brought_forward=usd("-120"))
        with pytest.raises(TermMissing, match=r"single_bill\.negative"):
            _ = credit.carried_forward
        with pytest.raises(InvalidValue, match=r"the bill SB-1 is -19\.50 USD: say by `negative` what becomes of a bill below zero"):
            credit.finalized("SB-1")

    @pytest.mark.parametrize("negative", Negative)
    def test_above_zero_it_does_not(self, negative: Negative) -> None:
        assert bill().settled(negative).carried_forward == usd("130.50")

    def test_empty(self) -> None:
        empty = bill(lines=(), adjustments=(), payments=(), brought_forward=usd("0"))
        assert empty.total == empty.due == empty.adjusted == usd("0")

    def test_a_number_is_given_once(self) -> None:
        final = bill().finalized("SB-2025-08-0001")
        assert final.number == "SB-2025-08-0001"
        assert (final.due, final.lines, final.negative) == (bill().due, bill().lines, None)
        assert bill().settled(Negative.REFUND).finalized("SB-1").negative is Negative.REFUND
        with pytest.raises(InvalidValue, match="the bill SB-2025-08-0001 is final"):
            final.finalized("SB-2025-08-0002")
        with pytest.raises(InvalidValue, match="the bill SB-2025-08-0001 is final"):
            final.settled(Negative.REFUND)


class TestImpossibleBills:
    """A bill holds what its own partner pays, in its own currency, once, up to its own day."""

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"partner": "p-2"}, "c-1 is paid by p-1, so it cannot stand on the Single Bill of p-2"),
            ({"partner": ""}, "the id of the partner is ''"),
            ({"number": " "}, "the id of the bill is ' '"),
            ({"lines": (line_for(worlds.charge(), worlds.standing(), worlds.terms()),)}, "c-1 is paid by the client"),
            ({"adjustments": (adjustment(of=line_for(worlds.charge(), worlds.standing(), worlds.terms())),)}, "is paid by the client"),
            ({"lines": (line(amount="1.00 GBP"),)}, "c-1 is in GBP, so it cannot stand on a USD bill"),
            ({"adjustments": (adjustment(amount="1.00 GBP", of=line(amount="1.00 GBP")),)}, "c-1 is in GBP"),
            ({"brought_forward": Money.of("1", "GBP")}, "the amount brought forward is in GBP"),
            ({"payments": (worlds.payment("pay-1", "1.00 GBP", DAY),)}, "the payment pay-1 is in GBP"),
            ({"payments": (worlds.payment("pay-1", "1.00 USD", DAY, "p-2"),)}, "the payment pay-1 is paid by p-2"),
            ({"payments": (worlds.payment("pay-1", "1.00 USD", date(2025, 8, 21)),)}, "it waits for the next bill"),
            ({"lines": (line(on=date(2025, 8, 21)),)}, "c-1 is of 2025-08-21, after the bill of 2025-08-20"),
            ({"adjustments": (adjustment(on=date(2025, 8, 21)),)}, "the refund f-1 is of 2025-08-21, after the bill"),
            ({"lines": (line(), line())}, "the charge c-1 stands twice on the Single Bill of p-1"),
            ({"adjustments": (adjustment(), adjustment())}, "the refund f-1 stands twice"),
            ({"payments": (worlds.payment("pay-1", "1.00 USD", DAY),) * 2}, "the payment pay-1 stands twice"),
            ({"billed_on": date(2025, 9, 1)}, "is billed on 2025-09-01: wanted a day of 2025-08"),
        ],
    )
    def test_refused(self, change: dict[str, Any], message: str) -> None:
        with pytest.raises((InvalidValue, CurrencyMismatch), match=message):
            bill(**change)

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("partner", None),
            ("month", "2025-08"),
            ("currency", "USD"),
            ("billed_on", "2025-08-20"),
            ("lines", [line()]),
            ("lines", ("c-1",)),
            ("adjustments", [adjustment()]),
            ("adjustments", (line(),)),
            ("brought_forward", 30),
            ("payments", []),
            ("payments", ("pay-1",)),
            ("negative", "refund"),
            ("number", 1),
        ],
    )
    def test_a_field_of_another_type(self, field: str, wrong: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted"):
            bill(**{field: wrong})

    @pytest.mark.parametrize(("field", "wrong"), [("amount", 1), ("received_on", "2025-08-08")])
    def test_a_payment_of_another_type(self, field: str, wrong: Any) -> None:
        usual: dict[str, Any] = {"id": "pay-1", "partner": "p-1", "amount": usd("1"), "received_on": DAY}
        with pytest.raises(InvalidValue, match="wanted"):
            Payment(**usual | {field: wrong})

    @pytest.mark.parametrize("amount", ["0.00 USD", "-1.00 USD"])
    def test_a_payment_of_nothing(self, amount: str) -> None:
        with pytest.raises(InvalidValue, match="wanted an amount above zero"):
            worlds.payment("pay-1", amount, DAY)

    @pytest.mark.parametrize("field", ["id", "partner"])
    def test_a_payment_without_a_name(self, field: str) -> None:
        given_fields: dict[str, Any] = {"id": "pay-1", "partner": "p-1", "amount": usd("1"), "received_on": DAY, field: ""}
        with pytest.raises(InvalidValue, match="wanted a text that is neither empty nor padded"):
            Payment(**given_fields)


class TestWhatABillCollects:
    """Two clocks: an account passes its bill on its own day, the partner's bill day collects what was passed (Q-53)."""

    @pytest.mark.parametrize(("cut_off", "collected"), [(CutOff.ON_OR_BEFORE, ["c-1", "c-2"]), (CutOff.BEFORE, ["c-1"])])
    def test_the_bill_day_itself_by_term(self, cut_off: CutOff, collected: list[str]) -> None:
        days = [line("c-1", on=BILL_DAY - timedelta(days=1)), line("c-2", on=BILL_DAY), line("c-3", on=BILL_DAY + timedelta(days=1))]
        assert [one.charge.id for one in collect(days, BILL_DAY, cut_off)] == collected

    def test_a_refund_is_collected_by_its_own_day(self) -> None:
        late = adjustment("f-2", on=BILL_DAY + timedelta(days=1))
        assert collect([late, adjustment("f-1")], BILL_DAY, CutOff.ON_OR_BEFORE) == (adjustment("f-1"),)
        assert (day_of(late), day_of(late.line)) == (BILL_DAY + timedelta(days=1), DAY)

    @given(st.permutations([line(f"c-{day}", on=DAY + timedelta(days=day % 3)) for day in range(6)]), st.sampled_from(CutOff))
    def test_in_order_of_their_days_however_they_come(self, lines: list[Line], cut_off: CutOff) -> None:
        found = collect(lines, BILL_DAY, cut_off)
        assert [one.charge.id for one in found] == ["c-0", "c-3", "c-1", "c-4", "c-2", "c-5"]
