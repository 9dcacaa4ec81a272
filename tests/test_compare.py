"""What if: two contracts, or two rewards, over the same charges; nobody's gain is anybody's guess."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.compare import Comparison, LineChange, compare, compare_rewards
from partnerkit.errors import InvalidValue
from partnerkit.money import Money, Rate
from partnerkit.partners import BillingMode, Management
from partnerkit.terms import NOT_AGREED, ChargeKind, Terms

MORE = worlds.terms(share={"rate": Rate.percent("12")})
WORLD = worlds.program()
LIVES = {
    "a-1": worlds.referred(worlds.account("a-1"), WORLD),
    "a-2": worlds.managed(worlds.account("a-2"), WORLD, worlds.NORTHLIGHT),
    "a-3": worlds.enrolled(worlds.account("a-3"), WORLD),
    "a-4": worlds.opened(worlds.account("a-4"), WORLD),
}
CHARGES = [worlds.charge(f"c-{number}", account_id=f"a-{number}") for number in range(1, 5)]


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def by_hand(comparison: Comparison) -> dict[tuple[str, str], int]:
    """Add up what everybody gets, line by line, and the first bonus of each account."""
    gained: dict[tuple[str, str], int] = defaultdict(int)
    for side, sign in (("before", -1), ("after", 1)):
        bonused: set[str] = set()
        for change in comparison.changes:
            line = getattr(change, side)
            code = line.gross.currency.code
            if line.payer is not None:
                gained[line.payer, code] += sign * line.discount.minor
            if line.earner is not None:
                gained[line.earner, code] += sign * line.share.minor
            if line.bonus is not None and line.charge.account not in bonused:
                bonused.add(line.charge.account)
                gained[line.earner, code] += sign * line.bonus.minor
    return gained


class TestTwoContracts:
    """The same charges by one contract and then by another."""

    def test_who_gains_and_whose_outcome_changes(self) -> None:
        found = compare(reversed(CHARGES), worlds.terms(), MORE, relationships=LIVES)
        assert [change.charge.id for change in found.changes] == ["c-1", "c-2", "c-3", "c-4"]
        assert found.gains() == {("p-1", "USD"): usd("2"), ("p-2", "USD"): usd("2")}
        assert found.accounts == ("a-1", "a-2")
        assert found.left_out == ()

    def test_what_is_no_longer_agreed_is_lost(self) -> None:
        none = worlds.terms(share={"rate": NOT_AGREED, "scope": ..., "rounding": ...})
        assert compare(CHARGES, worlds.terms(), none, relationships=LIVES).gains() == {
            ("p-1", "USD"): usd("-10"),
            ("p-2", "USD"): usd("-10"),
        }

    def test_a_bonus_counts_once_for_an_account(self) -> None:
        bonus = worlds.terms(bonus={"amount": (usd("50"),)})
        life = worlds.referred(worlds.account(), worlds.program(bonus))
        charges = [worlds.charge("c-1", on=date(2025, 7, 8)), worlds.charge("c-2", on=date(2025, 8, 8))]
        assert compare(charges, worlds.terms(), bonus, relationships={"a-1": life}).gains() == {("p-1", "USD"): usd("50")}

    @given(worlds.worlds(), worlds.money_terms(), worlds.money_terms())
    def test_laws(self, world: worlds.World, one: Terms, other: Terms) -> None:
        """Nobody gains by the same contract, the way back takes all back, and gains are those of the lines."""
        there = compare(world.charges, one, other, relationships=world.relationships)
        back = compare(world.charges, other, one, relationships=world.relationships)
        assert {key: -amount for key, amount in there.gains().items()} == back.gains()
        assert {key: amount.minor for key, amount in there.gains().items() if amount.minor} == {
            key: minor for key, minor in by_hand(there).items() if minor
        }
        same = compare(world.charges, one, one, relationships=world.relationships)
        assert (set(same.gains().values()) <= {Money.zero(code) for code in worlds.CODES}, same.accounts) == (True, ())
        moved = {
            one.charge.account for one in there.changes if (one.before.share, one.before.discount) != (one.after.share, one.after.discount)
        }
        assert moved <= set(there.accounts)

    def test_a_share_of_nothing_is_no_other_outcome_than_none(self) -> None:
        nothing = worlds.terms(share={"rate": Rate.percent("0")})
        none = worlds.terms(share={"rate": NOT_AGREED, "scope": ..., "rounding": ...})
        assert compare(CHARGES, nothing, none, relationships=LIVES).accounts == ()

    def test_an_account_without_a_life(self) -> None:
        with pytest.raises(InvalidValue, match="the charge c-1 is of the account 'a-1', which has no relationship"):
            compare(CHARGES, MORE, MORE, relationships={})


class TestDiscountAgainstShare:
    """M-24: equal when both rates are the same on the same base, else they differ by the difference of the rates."""

    def test_the_charges_of_managed_accounts(self) -> None:
        found = compare_rewards(CHARGES, worlds.terms(), relationships=LIVES)
        assert [change.charge.account for change in found.changes] == ["a-2", "a-3"]
        assert found.left_out == ("c-1", "c-4")
        assert found.gains() == {("p-1", "USD"): usd("5"), ("p-2", "USD"): usd("5")}
        assert found.break_even() == {"USD": Rate.percent("10")}

    def test_a_day_on_which_it_could_not_be_on_a_single_bill(self) -> None:
        suspended = worlds.managed(worlds.account(), WORLD).suspend(date(2025, 8, 1))
        fee = worlds.charge(kind=ChargeKind.SUSPENSION_FEE)
        assert compare_rewards([fee], worlds.terms(), relationships={"a-1": suspended}).left_out == ("c-1",)

    def test_the_discount_goes_to_who_pays_and_the_share_to_who_is_credited(self) -> None:
        [change] = compare_rewards(CHARGES[1:2], worlds.terms(), relationships=LIVES).changes
        assert (change.before.payer, change.before.earner, change.after.payer) == (None, "p-2", "p-2")
        assert change.is_change

    @given(worlds.worlds(), st.integers(0, 100))
    def test_at_the_same_rate_nobody_gains(self, world: worlds.World, percents: int) -> None:
        rate, scope = Rate.percent(str(percents)), frozenset({ChargeKind.SUBSCRIPTION})
        level = worlds.terms(share={"rate": rate, "scope": scope}, single_bill={"discount": rate, "scope": scope})
        found = compare_rewards(world.charges, level, relationships=world.relationships)
        assert all(amount.minor == 0 for amount in found.gains().values())

    @given(worlds.worlds(), worlds.money_terms())
    def test_every_charge_is_compared_or_left_out(self, world: worlds.World, terms: Terms) -> None:
        found = compare_rewards(world.charges, terms, relationships=world.relationships)
        assert sorted([*(change.charge.id for change in found.changes), *found.left_out]) == sorted(one.id for one in world.charges)
        for change in found.changes:
            standing = world.relationships[change.charge.account].standing_on(change.charge.charged_on)
            assert standing.management is Management.MANAGED
            assert (change.before.payer, change.after.payer) == (None, standing.managed_by and standing.managed_by.id)
            as_it_is = change.after if standing.billing_mode is BillingMode.SINGLE_BILL else change.before
            assert as_it_is.payer == (standing.payer and standing.payer.id)
        for code, rate in found.break_even().items():
            shares = sum(change.before.share.minor for change in found.changes if change.charge.amount.currency.code == code)
            gross = sum(
                change.charge.amount.minor
                for change in found.changes
                if change.charge.amount.currency.code == code and change.after.reward is not None
            )
            assert rate.value == Fraction(shares, gross)


class TestBonusesThatAreEarnedElsewhere:
    """A bonus that a charge earns which is left out is nobody's gain: it is earned either way."""

    def test_before_the_account_was_managed(self) -> None:
        terms = worlds.terms(bonus={"amount": (usd("50"),), "window_days": 400})
        life = worlds.referred(worlds.account(), worlds.program(terms))
        life = life.request_management(date(2025, 8, 1)).approve_management(date(2025, 8, 1), consent=True)
        charges = [worlds.charge("c-1", on=date(2025, 7, 28)), worlds.charge("c-2", on=date(2025, 8, 8))]
        found = compare_rewards(charges, terms, relationships={"a-1": life})
        assert [change.before.bonus for change in found.changes] == [usd("50")]
        assert (found.left_out, found.bonused) == (("c-1",), frozenset({"a-1"}))
        assert found.gains() == {("p-1", "USD"): usd("5")}

    @given(worlds.worlds(), worlds.money_terms())
    def test_it_counts_neither_before_nor_after(self, world: worlds.World, terms: Terms) -> None:
        found = compare_rewards(world.charges, terms, relationships=world.relationships)
        without = [change for change in found.changes if change.charge.account in found.bonused]
        gains = Comparison(changes=tuple(without), bonused=found.bonused).gains()
        wanted: dict[tuple[str, str], int] = defaultdict(int)
        for change in without:
            for line, sign in ((change.before, -1), (change.after, 1)):
                for partner, amount in ((line.payer, line.discount), (line.earner, line.share)):
                    if partner is not None:
                        wanted[partner, amount.currency.code] += sign * amount.minor
        assert {key: amount.minor for key, amount in gains.items() if amount.minor} == {key: one for key, one in wanted.items() if one}


class TestTheValues:
    """A change is of one charge; a comparison holds changes."""

    def test_two_charges(self) -> None:
        one, other = (compare([charge], MORE, MORE, relationships=LIVES).changes[0].before for charge in CHARGES[:2])
        with pytest.raises(InvalidValue, match="a change is of one charge, not of c-1 and c-2"):
            LineChange(before=one, after=other)

    @pytest.mark.parametrize(
        "facts", [{"changes": [1]}, {"changes": (1,)}, {"changes": (), "left_out": (7,)}, {"changes": (), "left_out": ("c", "c")}]
    )
    def test_what_is_no_comparison(self, facts: dict[str, Any]) -> None:
        with pytest.raises(InvalidValue):
            Comparison(**facts)
