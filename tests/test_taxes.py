"""Tax on the lines of a bill: what the payer pays is taxed, and the parts add up to what is rounded."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.billing import Charge, ChargeReason, Line, RevenueShare, UpfrontDiscount, line_for, tax_charges
from partnerkit.errors import CurrencyMismatch, InvalidValue, TermMissing
from partnerkit.money import Money, Rate, Rounding, round_minor, total
from partnerkit.partners import BillingMode, Management, Origin, Standing
from partnerkit.periods import Period
from partnerkit.policies import REWARD, RewardFacts
from partnerkit.terms import ChargeKind, TaxRounding

MONTH = Period(date(2025, 8, 8), date(2025, 9, 8))
DISCOUNTED = REWARD.decide(
    RewardFacts(credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK)
)


def charge(amount: Money, item: str = "lite", account: str = "a-1", kind: ChargeKind = ChargeKind.SUBSCRIPTION) -> Charge:
    return Charge(
        id=f"c-{account}-{item}",
        account=account,
        kind=kind,
        item=item,
        reason=ChargeReason.RENEWAL,
        period=MONTH,
        amount=amount,
        charged_on=MONTH.start,
    )


def direct(minor: int, item: str = "lite", account: str = "a-1", **more: Any) -> Line:
    return Line(charge=charge(Money(minor=minor, currency=worlds.account().currency), item, account, **more), rulings=(), terms="example")


def on_bill(minor: int, discount: int, item: str, account: str = "a-1") -> Line:
    gross = Money(minor=minor, currency=worlds.account().currency)
    reward = UpfrontDiscount(Money(minor=discount, currency=gross.currency))
    return Line(charge=charge(gross, item, account), payer="p-1", reward=reward, rulings=(DISCOUNTED,), terms="example")


def taxed(lines: Sequence[Line], rate: Rate, rounded: TaxRounding, rounding: Rounding = Rounding.HALF_AWAY) -> tuple[Charge, ...]:
    return tax_charges(lines, rate=rate, terms=worlds.terms(billing={"tax_rounding": rounded, "rounding": rounding}))


class TestTheTaxOfABill:
    """Rounded once for the bill and spread over its lines, or once on each; its base is what is paid, after the discount."""

    def test_the_published_case(self) -> None:
        """68.33 and 68.33 at 20 % is 27.33 on the bill and 27.34 by lines."""
        lines = [direct(6_833), direct(6_833, "sms")]
        sums = {by: total((one.amount for one in taxed(lines, Rate.percent("20"), by)), lines[0].net.currency) for by in TaxRounding}
        assert {by: str(amount) for by, amount in sums.items()} == {TaxRounding.PER_BILL: "27.33 USD", TaxRounding.PER_LINE: "27.34 USD"}

    @given(
        amounts=st.lists(st.tuples(st.integers(0, 2**60), st.fractions(0, 1)), min_size=1, max_size=8),
        rate=st.fractions(0, 1).map(Rate),
        rounding=st.sampled_from(Rounding),
    )
    def test_the_parts_add_up_to_the_tax_of_what_is_paid(self, amounts: list[tuple[int, Fraction]], rate: Rate, rounding: Rounding) -> None:
        lines = [on_bill(minor, int(minor * part), f"item-{place}") for place, (minor, part) in enumerate(amounts)]
        paid = [minor - int(minor * part) for minor, part in amounts]
        by_bill = taxed(lines, rate, TaxRounding.PER_BILL, rounding)
        assert sum(one.amount.minor for one in by_bill) == round_minor(sum(paid) * rate.value, rounding)
        by_line = taxed(lines, rate, TaxRounding.PER_LINE, rounding)
        assert [one.amount.minor for one in by_line] == [round_minor(net * rate.value, rounding) for net in paid if net]
        for one, other in zip(by_bill, by_line, strict=True):
            assert (one.id, one.identity) == (other.id, other.identity)
        exact = [net * rate.value for net in paid if net]
        assert all(abs(one.amount.minor - part) < 2 for one, part in zip(by_bill, exact, strict=True))

    def test_a_tax_is_a_charge_of_its_own_for_the_same_days(self) -> None:
        (made,) = taxed([direct(10_000)], Rate.percent("8.875"), TaxRounding.PER_BILL)
        assert (made.id, made.kind, made.item, made.reason) == (
            "c-a-1-lite/tax",
            ChargeKind.TAX,
            "tax on subscription lite",
            ChargeReason.RENEWAL,
        )
        assert (made.account, made.period, made.charged_on, str(made.amount)) == ("a-1", MONTH, MONTH.start, "8.88 USD")

    def test_it_has_no_reward_where_the_scope_leaves_taxes_out(self) -> None:
        (made,) = taxed([direct(10_000)], Rate.percent("10"), TaxRounding.PER_LINE)
        standing = Standing(account=worlds.account(), credited_to=worlds.BRIGHTSIDE, management=Management.REFERRED, day=made.charged_on)
        line = line_for(made, standing, worlds.terms())
        assert line.reward is None
        assert line_for(direct(10_000).charge, standing, worlds.terms()).reward == RevenueShare(Money.of("10.00", "USD"))

    def test_what_costs_nothing_has_no_tax(self) -> None:
        assert taxed([], Rate.percent("10"), TaxRounding.PER_BILL) == ()
        assert taxed([on_bill(100, 100, "lite")], Rate.percent("10"), TaxRounding.PER_BILL) == ()
        assert len(taxed([direct(0), direct(1, "sms")], Rate.percent("10"), TaxRounding.PER_BILL)) == 1

    @pytest.mark.parametrize(
        ("lines", "message"),
        [
            ([direct(1), direct(1, account="a-2")], "paid by the client of a-1, the client of a-2: give those of one bill"),
            ([direct(1), on_bill(1, 0, "sms")], "paid by p-1, the client of a-1: give those of one bill"),
            ([direct(1, kind=ChargeKind.TAX)], "the charge c-a-1-lite is a tax itself: leave it out"),
        ],
    )
    def test_lines_of_two_bills_and_taxes_are_refused(self, lines: list[Line], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            taxed(lines, Rate.percent("10"), TaxRounding.PER_BILL)

    def test_the_terms_say_how_it_is_rounded(self) -> None:
        with pytest.raises(TermMissing, match=r"billing\.tax_rounding"):
            tax_charges([direct(1)], rate=Rate.percent("10"), terms=worlds.terms(billing={"tax_rounding": ...}))

    @pytest.mark.parametrize("wrong", [{"rate": Fraction(1, 10)}, {"item": ""}, {"lines": [charge(Money.of("1", "USD"))]}])
    def test_other_types_are_refused(self, wrong: dict[str, Any]) -> None:
        fields: dict[str, Any] = {"lines": [direct(1)], "rate": Rate.percent("10"), "terms": worlds.terms(), **wrong}
        with pytest.raises(InvalidValue):
            tax_charges(fields.pop("lines"), **fields)


class TestTheLines:
    """Any iterable of lines of one bill is taxed once for each, and nothing else is."""

    def test_a_generator_is_taxed_as_a_list_is(self) -> None:
        lines = [direct(10_000), direct(20_000, "sms")]
        terms = worlds.terms()
        by_list = tax_charges(lines, rate=Rate.percent("10"), terms=terms)
        assert tax_charges(iter(lines), rate=Rate.percent("10"), terms=terms) == by_list
        assert len(by_list) == 2

    def test_a_plan_and_an_add_on_of_one_name_are_taxed_apart(self) -> None:
        same = charge(Money.of("1", "USD"), kind=ChargeKind.ADD_ON)
        add_on_charge = Charge(**{field.name: getattr(same, field.name) for field in attrs.fields(Charge)} | {"id": "c-2"})
        lines = [direct(10_000), Line(charge=add_on_charge, rulings=(), terms="example")]
        plan, add_on = taxed(lines, Rate.percent("10"), TaxRounding.PER_LINE)
        assert plan.identity != add_on.identity

    def test_a_line_is_taxed_once(self) -> None:
        with pytest.raises(InvalidValue, match="c-a-1-lite"):
            taxed([direct(1), direct(1)], Rate.percent("10"), TaxRounding.PER_LINE)

    @pytest.mark.parametrize("rounded", TaxRounding)
    def test_two_currencies_are_no_bill_however_it_is_rounded(self, rounded: TaxRounding) -> None:
        other = Line(charge=charge(Money.of("1", "GBP"), "sms"), rulings=(), terms="example")
        with pytest.raises(CurrencyMismatch, match="the lines to tax are in USD and GBP"):
            taxed([direct(1), other], Rate.percent("10"), rounded)
