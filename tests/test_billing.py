"""Charges and their lines: one reward or none, to somebody, within the charge; refunds, re-billing and renewals."""

import datetime  # noqa: ICN001  (the repr of a date names its module)
import pickle
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.billing import (
    AT_COST,
    Adjustment,
    Charge,
    ChargeIdentity,
    ChargeReason,
    Line,
    Markup,
    Rebill,
    Receipt,
    Refund,
    RevenueShare,
    UpfrontDiscount,
    Usage,
    check_terms,
    line_for,
    rebill,
    renewals,
    resumption,
    reverse,
    share_between,
    suspension_fee,
)
from partnerkit.clauses import Ruling
from partnerkit.errors import CurrencyMismatch, InvalidValue, TermMissing
from partnerkit.money import Currency, Money, Rate, Rounding, round_ratio
from partnerkit.partners import AccountStatus, BillingMode, Management, Origin, Partner, PartnerName, PartnerStatus, StatusSince
from partnerkit.partners import NameAlias as Name
from partnerkit.periods import Period, ProrationBasis, billing_dates
from partnerkit.policies import RewardKind, reward_for
from partnerkit.prices import PriceList, PriceTable, Tier
from partnerkit.terms import NOT_AGREED, ChargeKind, Clawback, FirstPeriod, Terms, TierBasis

USD = Currency("USD")
DAY = date(2025, 8, 8)
ZERO = Money.zero("USD")


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def ruling(mode: BillingMode | None) -> Ruling[RewardKind]:
    return reward_for(worlds.standing(mode), terms=worlds.terms())


SHARED, DISCOUNTED, NOTHING = ruling(BillingMode.DIRECT), ruling(BillingMode.SINGLE_BILL), ruling(None)


def direct(amount: str = "100.00 USD", **sections: Any) -> Line:
    return line_for(worlds.charge(amount=amount), worlds.standing(), worlds.terms(**sections))


def on_single_bill(amount: str = "100.00 USD", **sections: Any) -> Line:
    return line_for(worlds.charge(amount=amount), worlds.standing(BillingMode.SINGLE_BILL), worlds.terms(**sections))


class TestTheRewardOfALine:
    """'You'll receive an upfront discount on accounts, in place of the normal revenue share percentage.' (S-34)."""

    def test_the_share_of_a_directly_billed_account(self) -> None:
        line = direct()
        assert (line.payer, line.earner, line.reward) == (None, "p-1", RevenueShare(usd("10")))
        assert (line.gross, line.discount, line.share, line.net) == (usd("100"), ZERO, usd("10"), usd("100"))
        assert line.rulings == (SHARED,)
        assert line.terms == worlds.terms().fingerprint

    def test_the_discount_on_a_single_bill(self) -> None:
        line = on_single_bill()
        assert (line.payer, line.earner, line.reward) == ("p-1", "p-1", UpfrontDiscount(usd("15")))
        assert (line.gross, line.discount, line.share, line.net) == (usd("100"), usd("15"), ZERO, usd("85"))

    def test_outside_the_program_there_is_none(self) -> None:
        line = line_for(worlds.charge(), worlds.standing(None), worlds.terms())
        assert (line.payer, line.earner, line.reward, line.bonus) == (None, None, None, None)

    @pytest.mark.parametrize("mode", BillingMode)
    def test_a_kind_out_of_scope_has_none(self, mode: BillingMode) -> None:
        assert line_for(worlds.charge(kind=ChargeKind.TAX), worlds.standing(mode), worlds.terms()).reward is None

    def test_what_is_not_agreed_is_none_and_no_error(self) -> None:
        assert direct(share={"rate": NOT_AGREED, "scope": ..., "rounding": ...}).reward is None
        assert on_single_bill(single_bill={"discount": NOT_AGREED, "scope": ..., "rounding": ...}).reward is None

    @pytest.mark.parametrize("name", ["rate", "scope", "rounding"])
    def test_a_share_that_is_not_stated_is_no_zero(self, name: str) -> None:
        with pytest.raises(TermMissing, match=rf"share\.{name}"):
            direct(share={name: ...})

    @pytest.mark.parametrize("name", ["discount", "scope", "rounding"])
    def test_a_discount_that_is_not_stated_is_no_zero(self, name: str) -> None:
        with pytest.raises(TermMissing, match=rf"single_bill\.{name}"):
            on_single_bill(single_bill={name: ...})

    def test_the_numbers_of_the_other_reward_are_not_needed(self) -> None:
        assert direct(single_bill=dict.fromkeys(worlds.USUAL["single_bill"], ...)).share == usd("10")
        assert on_single_bill(share=dict.fromkeys(worlds.USUAL["share"], ...)).discount == usd("15")

    def test_a_charge_of_nothing_has_a_reward_of_nothing(self) -> None:
        assert direct("0.00 USD").reward == RevenueShare(ZERO)
        assert on_single_bill("0.00 USD").reward == UpfrontDiscount(ZERO)

    def test_the_suspension_fee_earns_a_share(self) -> None:
        line = line_for(
            worlds.charge(kind=ChargeKind.SUSPENSION_FEE, amount="5.00 USD"),
            worlds.standing(status=AccountStatus.SUSPENDED),
            worlds.terms(),
        )
        assert line.share == usd("0.50")

    @pytest.mark.parametrize(("rounding", "share"), [(Rounding.HALF_AWAY, "0.13"), (Rounding.HALF_EVEN, "0.12"), (Rounding.DOWN, "0.12")])
    def test_it_is_rounded_once_by_the_term(self, rounding: Rounding, share: str) -> None:
        assert direct("1.25 USD", share={"rounding": rounding}).share == usd(share)

    @given(standing=worlds.standings(), terms=worlds.money_terms(), minor=st.integers(0, 10**20), kind=st.sampled_from(ChargeKind))
    def test_laws(self, standing: Any, terms: Terms, minor: int, kind: ChargeKind) -> None:
        """No line has both rewards, none is more than the charge, and what is paid and discounted is the list price."""
        line = line_for(worlds.charge(amount=str(Money(minor=minor, currency=USD)), kind=kind), standing, terms)
        assert ZERO in {line.discount, line.share}
        assert line.gross == line.net + line.discount
        assert ZERO <= line.share <= line.gross
        assert line.net >= ZERO
        assert (line.share == ZERO) or (line.payer is None and line.earner is not None)
        assert (line.discount == ZERO) or line.payer is not None
        assert line == line_for(line.charge, standing, terms)

    @given(
        terms=worlds.money_terms(),
        origin=st.sampled_from([Origin.LINK, Origin.PARTNER_CREATED]),
        inside=st.booleans(),
        minor=st.integers(0, 10**9),
        kind=st.sampled_from(ChargeKind),
    )
    def test_referred_and_managed_are_worth_the_same(
        self, terms: Terms, origin: Origin, inside: bool, minor: int, kind: ChargeKind
    ) -> None:
        """'The financial rewards are the same' for directly billed accounts opened by link or created by the partner (S-05, S-36)."""
        charge = worlds.charge(amount=str(Money(minor=minor, currency=USD)), kind=kind)
        facts: dict[str, Any] = {"origin": origin, "within_bonus_window": inside}
        one = line_for(charge, worlds.standing(**facts), terms)
        other = line_for(charge, worlds.standing(**facts, management=Management.MANAGED, managed_by=worlds.BRIGHTSIDE), terms)
        assert (one.reward, one.bonus, one.net, one.earner) == (other.reward, other.bonus, other.net, other.earner)


class TestTheChargeAndItsDay:
    """A line is made from the standing of the charge's own account, day and currency, and no trial is charged (I-5)."""

    @pytest.mark.parametrize("status", [AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED])
    def test_a_trial_is_not_charged(self, status: AccountStatus) -> None:
        with pytest.raises(InvalidValue, match="a trial is not charged, convert it first"):
            line_for(worlds.charge(), worlds.standing(status=status), worlds.terms())

    @pytest.mark.parametrize("other", ["a-0", "a-2"])
    def test_another_account(self, other: str) -> None:
        with pytest.raises(InvalidValue, match=f"the charge c-1 is of {other}, but the standing is of a-1"):
            line_for(worlds.charge(account_id=other), worlds.standing(), worlds.terms())

    @pytest.mark.parametrize("later", [-1, 1])
    def test_another_day(self, later: int) -> None:
        with pytest.raises(InvalidValue, match="the day of a charge decides it"):
            line_for(worlds.charge(on=DAY + timedelta(days=later)), worlds.standing(), worlds.terms())

    def test_another_currency(self) -> None:
        with pytest.raises(CurrencyMismatch, match="the charge c-1 is in GBP, but a-1 is billed in USD"):
            line_for(worlds.charge(amount="1.00 GBP"), worlds.standing(), worlds.terms())

    def test_a_charge_below_zero(self) -> None:
        with pytest.raises(InvalidValue, match="give money back by a refund"):
            worlds.charge(amount="-0.01 USD")

    @pytest.mark.parametrize("field", ["id", "account", "item"])
    def test_a_charge_without_a_name(self, field: str) -> None:
        with pytest.raises(InvalidValue, match=f"the id of the {'charge' if field == 'id' else field} is ''"):
            Charge(**{**fields(worlds.charge()), field: ""})

    def test_identity_is_what_is_charged_and_not_what_it_costs(self) -> None:
        one = worlds.charge("c-1", item="lite")
        other = worlds.charge("c-2", item="lite", amount="7.00 USD")
        assert one.identity == other.identity
        assert one.identity != Charge(**{**fields(one), "reason": ChargeReason.START}).identity


class TestTheBonus:
    """The New Account Bonus is earned once, on a paid subscription charge within its window (M-18, 44325)."""

    AGREED: Any = {"amount": (usd("50"), Money.of("40", "GBP"))}  # noqa: RUF012  (a table no test changes)

    def test_inside_the_window(self) -> None:
        line = line_for(worlds.charge(), worlds.standing(within_bonus_window=True), worlds.terms(bonus=self.AGREED))
        assert line.bonus == usd("50")

    def test_outside_the_window_the_amount_is_not_needed(self) -> None:
        assert line_for(worlds.charge(), worlds.standing(within_bonus_window=False), worlds.terms(bonus={"amount": ...})).bonus is None

    def test_an_amount_that_is_not_stated_is_no_zero(self) -> None:
        with pytest.raises(TermMissing, match=r"bonus\.amount"):
            line_for(worlds.charge(), worlds.standing(within_bonus_window=True), worlds.terms(bonus={"amount": ...}))

    def test_a_currency_that_is_not_stated_is_no_zero(self) -> None:
        agreed = worlds.terms(bonus={"amount": (Money.of("40", "GBP"),)})
        with pytest.raises(TermMissing, match=r"bonus\.amount\.USD"):
            line_for(worlds.charge(), worlds.standing(within_bonus_window=True), agreed)

    def test_a_window_that_is_not_stated_is_asked_for_only_if_there_is_a_bonus(self) -> None:
        standing = worlds.standing(within_bonus_window=None)
        assert line_for(worlds.charge(), standing, worlds.terms(bonus={"window_days": ...})).bonus is None
        with pytest.raises(TermMissing, match=r"bonus\.window_days"):
            line_for(worlds.charge(), standing, worlds.terms(bonus={**self.AGREED, "window_days": ...}))

    @pytest.mark.parametrize("agreed", [True, False])
    def test_on_a_single_bill_by_term(self, agreed: bool) -> None:
        standing = worlds.standing(BillingMode.SINGLE_BILL, within_bonus_window=True)
        line = line_for(worlds.charge(), standing, worlds.terms(bonus={**self.AGREED, "on_single_bill": agreed}))
        assert line.bonus == (usd("50") if agreed else None)

    @pytest.mark.parametrize("mode", BillingMode)
    def test_who_the_partner_is_tells_its_id(self, mode: BillingMode) -> None:
        """The partner that pays may be another record of the credited one, read a second time."""
        again = pickle.loads(pickle.dumps(worlds.BRIGHTSIDE))  # noqa: S301  (it is our own)
        standing = worlds.standing(mode, credited_to=again, within_bonus_window=True)
        assert line_for(worlds.charge(), standing, worlds.terms(bonus=self.AGREED)).bonus == usd("50")

    def test_what_is_agreed_of_single_bills_says_nothing_of_other_accounts(self) -> None:
        agreed = worlds.terms(bonus={**self.AGREED, "on_single_bill": False})
        assert line_for(worlds.charge(), worlds.standing(within_bonus_window=True), agreed).bonus == usd("50")

    @pytest.mark.parametrize(
        "charge",
        [*(worlds.charge(kind=kind) for kind in ChargeKind if kind is not ChargeKind.SUBSCRIPTION), worlds.charge(amount="0.00 USD")],
    )
    def test_not_on_other_charges_nor_on_nothing(self, charge: Charge) -> None:
        assert line_for(charge, worlds.standing(within_bonus_window=True), worlds.terms(bonus=self.AGREED)).bonus is None

    @pytest.mark.parametrize("payer", [worlds.NORTHLIGHT, Partner.of("p-0", "almanac", bill_day=1)])
    def test_a_line_has_one_contract(self, payer: Partner) -> None:
        """The partner that pays is not the credited one: the credited one's bonus does not follow the payer's contract."""
        facts = {"managed_by": payer, "payer": payer, "within_bonus_window": True}
        line = line_for(worlds.charge(), worlds.standing(BillingMode.SINGLE_BILL, **facts), worlds.terms(bonus=self.AGREED))
        assert (line.payer, line.earner, line.bonus) == (payer.id, "p-1", None)

    def test_a_bonus_of_nothing_may_be_agreed(self) -> None:
        agreed = worlds.terms(bonus={"amount": (ZERO,)})
        assert line_for(worlds.charge(), worlds.standing(within_bonus_window=True), agreed).bonus == ZERO

    def test_who_earns_nothing_earns_no_bonus(self) -> None:
        ended = Partner(
            id="p-1",
            names=(Name(name=PartnerName("brightside")),),
            status=(StatusSince(status=PartnerStatus.ENDED),),
        )
        standing = worlds.standing(credited_to=ended, within_bonus_window=True)
        line = line_for(worlds.charge(), standing, worlds.terms(bonus=self.AGREED))
        assert (line.reward, line.bonus, line.rulings[0].because) == (None, None, ("REWARD-ENDED",))
        goes_on = worlds.terms(bonus=self.AGREED, share={"after_partnership_ends": True})
        assert line_for(worlds.charge(), standing, goes_on).bonus == usd("50")


def fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}


LINE: dict[str, Any] = {"charge": worlds.charge(), "terms": "0" * 64}
SHARE: dict[str, Any] = {**LINE, "earner": "p-1", "reward": RevenueShare(usd("10")), "rulings": (SHARED,)}
DISCOUNT: dict[str, Any] = {**LINE, "payer": "p-1", "reward": UpfrontDiscount(usd("15")), "rulings": (DISCOUNTED,)}

IMPOSSIBLE_LINES: dict[str, tuple[dict[str, Any], str]] = {
    "a discount to nobody": ({**DISCOUNT, "payer": None}, "the discount on c-1 goes to nobody"),
    "a share to nobody": ({**SHARE, "earner": None}, "the share of c-1 goes to nobody"),
    "a share on a Single Bill": ({**SHARE, "payer": "p-1"}, "is on a Single Bill, which earns a discount in place of a share"),
    "a share above the charge": ({**SHARE, "reward": RevenueShare(usd("100.01"))}, "from zero up to the charge of 100.00 USD"),
    "a discount above the charge": ({**DISCOUNT, "reward": UpfrontDiscount(usd("100.01"))}, "from zero up to the charge"),
    "a share below zero": ({**SHARE, "reward": RevenueShare(usd("-0.01"))}, "from zero up to the charge"),
    "a discount below zero": ({**DISCOUNT, "reward": UpfrontDiscount(usd("-0.01"))}, "from zero up to the charge"),
    "a share in another currency": ({**SHARE, "reward": RevenueShare(Money.of("1", "GBP"))}, "is in GBP, but the charge is in USD"),
    "a discount in another currency": ({**DISCOUNT, "reward": UpfrontDiscount(Money.of("1", "GBP"))}, "is in GBP, but the charge is"),
    "a reward of another kind": ({**SHARE, "reward": usd("10")}, "wanted a RevenueShare, an UpfrontDiscount or None"),
    "both rewards": ({**SHARE, "reward": (RevenueShare(usd("1")), UpfrontDiscount(usd("1")))}, "wanted a RevenueShare, an Upfront"),
    "a share nobody ruled": ({**SHARE, "rulings": ()}, "no ruling of the line c-1 grants the revenue_share"),
    "a share where nothing was ruled": ({**SHARE, "rulings": (NOTHING,)}, "no ruling of the line c-1 grants the revenue_share"),
    "a share where a discount was ruled": ({**SHARE, "rulings": (DISCOUNTED,)}, "no ruling of the line c-1 grants the revenue_share"),
    "a discount where a share was ruled": ({**DISCOUNT, "rulings": (SHARED,)}, "no ruling of the line c-1 grants the upfront_discount"),
    "a share beside a ruled discount": ({**SHARE, "rulings": (SHARED, DISCOUNTED)}, "grants a discount, but no partner pays it"),
    "a discount beside a ruled share": ({**DISCOUNT, "rulings": (SHARED, DISCOUNTED)}, "grants a share, but p-1 pays it"),
    "a ruled discount nobody pays": ({**LINE, "rulings": (DISCOUNTED,)}, "grants a discount, but no partner pays it"),
    "a bonus to nobody": ({**LINE, "rulings": (NOTHING,), "bonus": usd("50")}, "the bonus of c-1 goes to nobody"),
    "a bonus below zero": ({**SHARE, "bonus": usd("-50")}, "the bonus of c-1 is -50.00 USD: wanted zero or more"),
    "a bonus in another currency": ({**SHARE, "bonus": Money.of("50", "GBP")}, "GBP"),
}


class TestImpossibleLines:
    """A line with discount and share, a reward to nobody, or one that nobody granted does not construct."""

    def test_the_lines_they_are_made_from_are_possible(self) -> None:
        assert Line(**SHARE).share == usd("10")
        assert Line(**DISCOUNT).discount == usd("15")

    @pytest.mark.parametrize("why", IMPOSSIBLE_LINES)
    def test_refused(self, why: str) -> None:
        given_fields, message = IMPOSSIBLE_LINES[why]
        with pytest.raises((InvalidValue, CurrencyMismatch), match=message):
            Line(**given_fields)

    def test_a_line_cannot_be_changed_afterwards(self) -> None:
        line: Any = Line(**SHARE)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            line.payer = "p-1"


def parts_of(whole: int) -> st.SearchStrategy[list[int]]:
    """Draw amounts above zero that add up to a whole."""
    cuts = st.lists(st.integers(1, max(1, whole - 1)), max_size=6, unique=True).map(sorted)
    return cuts.map(lambda found: [after - before for before, after in pairwise([0, *(cut for cut in found if cut < whole), whole])])


class TestRefunds:
    """'Credit derives from what was billed': cumulative, never above what is left, the last refund takes the rest."""

    @given(
        st.integers(1, 10**6).flatmap(lambda minor: st.tuples(st.just(minor), parts_of(minor))),
        worlds.rates,
        worlds.roundings,
        st.sampled_from(BillingMode),
    )
    def test_a_full_refund_in_any_parts_ends_at_zero(
        self, charged: tuple[int, list[int]], rate: Rate, rounding: Rounding, mode: BillingMode
    ) -> None:
        minor, parts = charged
        terms = worlds.terms(share={"rate": rate, "rounding": rounding}, single_bill={"discount": rate, "rounding": rounding})
        line = line_for(worlds.charge(amount=str(Money(minor=minor, currency=USD))), worlds.standing(mode), terms)
        left, before = line, ZERO
        gross, discount, share, net = left.gross, left.discount, left.share, left.net
        for place, part in enumerate(parts):
            amount = Money(minor=part, currency=USD)
            back = reverse(line, Refund(id=f"f-{place}", charge="c-1", amount=amount, refunded_on=DAY), before=before, terms=terms)
            assert back.gross == back.net + back.discount
            gross, discount, share, net = gross + back.gross, discount + back.discount, share + back.share, net + back.net
            before += amount
            assert min(gross, discount, share, net) >= ZERO
            assert ZERO in {discount, share}
        assert gross == discount == share == net == ZERO

    @given(
        st.integers(1, 10**6).flatmap(lambda minor: st.tuples(st.just(minor), parts_of(minor))),
        worlds.rates,
        worlds.roundings,
    )
    def test_cash_in_any_parts_earns_the_whole_share(self, charged: tuple[int, list[int]], rate: Rate, rounding: Rounding) -> None:
        minor, parts = charged
        terms = worlds.terms(share={"rate": rate, "rounding": rounding})
        line = line_for(worlds.charge(amount=str(Money(minor=minor, currency=USD))), worlds.standing(), terms)
        earned, before = ZERO, ZERO
        for part in parts:
            after = before + Money(minor=part, currency=USD)
            more = share_between(line, before, after, terms)
            assert more >= ZERO
            earned, before = earned + more, after
        assert earned == line.share

    def test_on_a_single_bill_the_payer_gets_back_the_net(self) -> None:
        line = on_single_bill()
        back = reverse(line, worlds.refund("f-1", "c-1", "20.00 USD", DAY), before=ZERO, terms=worlds.terms())
        assert (back.gross, back.discount, back.share, back.net) == (usd("-20"), usd("-3"), ZERO, usd("-17"))

    def test_without_clawback_the_share_stays(self) -> None:
        terms = worlds.terms(share={"clawback": Clawback.NONE})
        line = line_for(worlds.charge(), worlds.standing(), terms)
        back = reverse(line, worlds.refund("f-1", "c-1", "100.00 USD", DAY), before=ZERO, terms=terms)
        assert (back.net, back.share) == (usd("-100"), ZERO)

    def test_without_clawback_the_discount_goes_back_all_the_same(self) -> None:
        terms = worlds.terms(share={"clawback": Clawback.NONE})
        line = line_for(worlds.charge(), worlds.standing(BillingMode.SINGLE_BILL), terms)
        back = reverse(line, worlds.refund("f-1", "c-1", "100.00 USD", DAY), before=ZERO, terms=terms)
        assert (back.net, back.discount) == (usd("-85"), usd("-15"))

    def test_a_term_that_is_not_needed_is_not_asked_for(self) -> None:
        terms = worlds.terms(share={"clawback": ...})
        line = line_for(worlds.charge(), worlds.standing(BillingMode.SINGLE_BILL), terms)
        assert reverse(line, worlds.refund("f-1", "c-1", "1.00 USD", DAY), before=ZERO, terms=terms).share == ZERO
        with pytest.raises(TermMissing, match=r"share\.clawback"):
            reverse(
                line_for(worlds.charge(), worlds.standing(), terms),
                worlds.refund("f-1", "c-1", "1.00 USD", DAY),
                before=ZERO,
                terms=terms,
            )

    def test_a_line_without_reward_is_refunded_too(self) -> None:
        line = line_for(worlds.charge(), worlds.standing(None), worlds.terms())
        back = reverse(line, worlds.refund("f-1", "c-1", "100.00 USD", DAY), before=ZERO, terms=worlds.terms())
        assert (back.net, back.discount, back.share) == (usd("-100"), ZERO, ZERO)

    @pytest.mark.parametrize(
        ("refund", "before", "message"),
        [
            (worlds.refund("f-1", "c-1", "100.01 USD", DAY), ZERO, r"more than is left of c-1: 100.00 USD"),
            (worlds.refund("f-1", "c-1", "60.00 USD", DAY), usd("50"), r"more than is left of c-1: 50.00 USD"),
            (worlds.refund("f-1", "c-2", "1.00 USD", DAY), ZERO, "the refund f-1 is of the charge c-2, not of c-1"),
            (worlds.refund("f-1", "c-1", "1.00 USD", DAY - timedelta(days=1)), ZERO, "before c-1 was charged on 2025-08-08"),
            (worlds.refund("f-1", "c-1", "1.00 USD", DAY), usd("-1"), "were refunded of c-1 before: wanted zero or more"),
        ],
    )
    def test_refused(self, refund: Refund, before: Money, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            reverse(direct(), refund, before=before, terms=worlds.terms())

    def test_a_charge_of_nothing_has_nothing_to_give_back(self) -> None:
        with pytest.raises(InvalidValue, match=r"more than is left of c-1: 0\.00 USD"):
            reverse(direct("0.00 USD"), worlds.refund("f-1", "c-1", "0.01 USD", DAY), before=ZERO, terms=worlds.terms())

    def test_what_went_before_and_the_terms_are_named(self) -> None:
        with pytest.raises(TypeError, match="positional"):
            reverse(direct(), worlds.refund("f-1", "c-1", "1.00 USD", DAY), ZERO, worlds.terms())  # type: ignore[call-arg]

    def test_another_currency(self) -> None:
        with pytest.raises(CurrencyMismatch):
            reverse(direct(), worlds.refund("f-1", "c-1", "1.00 GBP", DAY), before=ZERO, terms=worlds.terms())

    @pytest.mark.parametrize("amount", ["0.00 USD", "-1.00 USD"])
    def test_a_refund_or_receipt_of_nothing(self, amount: str) -> None:
        with pytest.raises(InvalidValue, match=r"the refund f-1 is .* wanted an amount above zero"):
            worlds.refund("f-1", "c-1", amount, DAY)
        with pytest.raises(InvalidValue, match=r"the receipt r-1 is .* wanted an amount above zero"):
            worlds.receipt("r-1", "c-1", amount, DAY)

    def test_the_terms_of_another_line(self) -> None:
        other = worlds.terms(share={"rate": Rate.percent("11")})
        with pytest.raises(InvalidValue, match="give the terms in force for its partner on 2025-08-08"):
            reverse(direct(), worlds.refund("f-1", "c-1", "1.00 USD", DAY), before=ZERO, terms=other)
        with pytest.raises(InvalidValue, match="give the terms in force for its partner on 2025-08-08"):
            share_between(direct(), ZERO, usd("1"), other)

    def test_a_charge_of_nothing_earns_nothing(self) -> None:
        assert share_between(direct("0.00 USD"), ZERO, ZERO, worlds.terms()) == ZERO

    def test_a_reward_of_one_cent_is_earned_and_goes_back(self) -> None:
        line, terms = direct("0.10 USD"), worlds.terms()
        assert share_between(line, ZERO, line.gross, terms) == usd("0.01")
        assert reverse(line, worlds.refund("f-1", "c-1", "0.10 USD", DAY), before=ZERO, terms=terms).share == usd("-0.01")

    def test_no_more_cash_earns_no_more(self) -> None:
        assert share_between(direct(), usd("40"), usd("40"), worlds.terms()) == ZERO

    @pytest.mark.parametrize(("before", "after"), [("2", "1"), ("-1", "1"), ("0", "100.01")])
    def test_cash_that_shrinks_or_is_too_much(self, before: str, after: str) -> None:
        with pytest.raises(InvalidValue, match="cash for c-1 grows from"):
            share_between(direct(), usd(before), usd(after), worlds.terms())


ADJUSTMENT: dict[str, Any] = {
    "refund": worlds.refund("f-1", "c-1", "20.00 USD", DAY),
    "line": on_single_bill(),
    "gross": usd("-20"),
    "discount": usd("-3"),
    "share": ZERO,
}


class TestImpossibleAdjustments:
    """An adjustment takes back what its line bears, and no more."""

    def test_the_one_they_are_made_from_is_possible(self) -> None:
        assert Adjustment(**ADJUSTMENT).net == usd("-17")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"refund": worlds.refund("f-1", "c-2", "20.00 USD", DAY)}, "is of the charge c-2, not of c-1"),
            ({"refund": worlds.refund("f-1", "c-1", "20.00 USD", date(2025, 8, 7))}, "is of 2025-08-07, before c-1 was charged"),
            ({"refund": worlds.refund("f-1", "c-0", "20.00 USD", DAY)}, "is of the charge c-0, not of c-1"),
            ({"gross": usd("-19")}, "takes off -19.00 USD: wanted the refund of 20.00 USD"),
            ({"gross": usd("-21")}, "takes off -21.00 USD: wanted the refund of 20.00 USD"),
            ({"gross": usd("20")}, "takes off 20.00 USD: wanted the refund"),
            ({"discount": usd("-15.01")}, "changes the discount by -15.01 USD: wanted from -15.00 USD up to zero"),
            ({"discount": usd("0.01")}, "changes the discount by 0.01 USD"),
            ({"share": usd("-0.01")}, "changes the share by -0.01 USD: wanted from 0.00 USD up to zero"),
            ({"refund": worlds.refund("f-1", "c-1", "101.00 USD", DAY), "gross": usd("-101")}, "changes the list price by -101.00 USD"),
            ({"refund": worlds.refund("f-1", "c-1", "2.00 USD", DAY), "gross": usd("-2")}, "takes back more discount, 3.00 USD, than"),
            ({"discount": Money.of("-3", "GBP")}, "GBP"),
        ],
    )
    def test_refused(self, change: dict[str, Any], message: str) -> None:
        with pytest.raises((InvalidValue, CurrencyMismatch), match=message):
            Adjustment(**ADJUSTMENT | change)


class TestRebilling:
    """'Single bill transfers the responsibility of paying for client accounts to you': what you ask of the client is your own (S-32)."""

    def test_the_list_price_unless_named(self) -> None:
        assert rebill(on_single_bill()) == Rebill(cost=usd("85"), price=usd("100"), services=ZERO)

    def test_the_margin(self) -> None:
        again = rebill(on_single_bill(), price=usd("90"), services=usd("40"))
        assert (again.invoiced, again.margin) == (usd("130"), usd("45"))

    def test_a_price_below_cost_is_a_loss_and_no_error(self) -> None:
        assert rebill(on_single_bill(), price=usd("80")).margin == usd("-5")

    def test_at_cost_the_partner_earns_its_services_alone(self) -> None:
        again = rebill(on_single_bill(), price=AT_COST, services=usd("40"))
        assert (again.invoiced, again.margin) == (usd("125"), usd("40"))

    @pytest.mark.parametrize(("percents", "price", "margin"), [("0", "100", "15"), ("10", "110", "25"), ("12.345", "112.35", "27.35")])
    def test_a_markup_is_put_on_the_list_price(self, percents: str, price: str, margin: str) -> None:
        again = rebill(on_single_bill(), price=Markup(rate=Rate.percent(percents), rounding=Rounding.HALF_AWAY))
        assert (again.price, again.margin) == (usd(price), usd(margin))

    @given(minor=st.integers(0, 10**18), percents=st.integers(0, 300), rounding=st.sampled_from(Rounding))
    def test_a_markup_is_on_the_list_price_and_rounded_once(self, minor: int, percents: int, rounding: Rounding) -> None:
        line = on_single_bill(str(Money(minor=minor, currency=USD)))
        again = rebill(line, price=Markup(rate=Rate.percent(str(percents)), rounding=rounding))
        assert again.price.minor == minor + round_ratio(minor * percents, 100, rounding)
        assert again.margin == again.price - line.net

    def test_a_markup_has_a_rate_and_a_rounding(self) -> None:
        with pytest.raises(InvalidValue, match="the rate of a markup is 10: wanted a value of the type Rate"):
            Markup(rate=10, rounding=Rounding.UP)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue, match="the price of a re-billed line is 'list'"):
            rebill(on_single_bill(), price="list")  # type: ignore[arg-type]

    def test_the_price_and_the_services_are_named(self) -> None:
        with pytest.raises(TypeError, match="positional"):
            rebill(on_single_bill(), usd("90"))  # type: ignore[call-arg]

    def test_only_on_a_single_bill(self) -> None:
        with pytest.raises(InvalidValue, match="c-1 is billed to the client directly"):
            rebill(direct())

    @pytest.mark.parametrize("name", ["price", "services"])
    def test_refused(self, name: str) -> None:
        below: dict[str, Any] = {name: usd("-1")}
        foreign: dict[str, Any] = {name: Money.of("1", "GBP")}
        with pytest.raises(InvalidValue, match=f"the {name} of a re-billed line is -1.00 USD"):
            rebill(on_single_bill(), **below)
        with pytest.raises(CurrencyMismatch):
            rebill(on_single_bill(), **foreign)


def table(item: str, *prices: str, starts_on: date = date(2024, 1, 1)) -> PriceTable:
    """Build a table with the steps 0 to 500, 501 to 1000 and above, as far as prices are given."""
    bounds: list[tuple[int, int | None]] = [(0, 500), (501, 1000), (1001, None)]
    used = [*bounds[: len(prices) - 1], (bounds[len(prices) - 1][0], None)]
    tiers = tuple(Tier(low=low, high=high, amount=usd(price)) for (low, high), price in zip(used, prices, strict=True))
    return PriceTable(item=item, currency=USD, starts_on=starts_on, tiers=tiers)


LIST = PriceList((table("lite", "31", "62", "93"), table("premium", "310")))


def uses(*entries: tuple[date, str, int]) -> list[Usage]:
    return [Usage(starts_on=day, plan=plan, contacts=contacts) for day, plan, contacts in entries]


def renewed(
    usage: list[Usage], until: date, *, anchor: int = 8, prices: PriceList = LIST, **billing: Any
) -> list[tuple[str, str, str, str]]:
    """Make renewals and give of each its item, reason, period and amount."""
    account = worlds.account(anchor_day=anchor)
    charges = renewals(account, prices, usage, until, terms=worlds.terms(billing=billing))
    return [(one.item, str(one.reason), str(one.period), str(one.amount)) for one in charges]


class TestASuspendedAccount:
    """It is charged a fee for its contacts from one of its own billing dates to the next, and goes on by the days (41606)."""

    FEES = PriceList((table("suspension", "5", "10", "20"), table("lite", "31", "62")))

    @pytest.mark.parametrize(("contacts", "fee"), [(500, "5"), (501, "10"), (1000, "10"), (1001, "20")])
    def test_the_fee_is_by_contacts(self, contacts: int, fee: str) -> None:
        usage = uses((date(2025, 1, 31), "lite", contacts))
        made = suspension_fee(worlds.account(anchor_day=31), self.FEES, usage, date(2025, 2, 28), terms=worlds.terms())
        assert (made.amount, made.kind, made.reason) == (usd(fee), ChargeKind.SUSPENSION_FEE, ChargeReason.SUSPENSION)
        assert (made.item, made.period, made.charged_on) == ("suspension", Period(date(2025, 2, 28), date(2025, 3, 31)), date(2025, 2, 28))

    def test_a_day_between_two_billing_dates_is_charged_nothing(self) -> None:
        with pytest.raises(InvalidValue, match="2025-02-27 is no billing date of a-1, which renews on 2025-01-31 and on 2025-02-28"):
            suspension_fee(
                worlds.account(anchor_day=31), self.FEES, uses((date(2025, 1, 1), "lite", 1)), date(2025, 2, 27), terms=worlds.terms()
            )

    @given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(1, 31))
    def test_what_is_left_of_the_cycle_is_charged_by_its_days(self, on: date, anchor: int) -> None:
        account, usage = worlds.account(anchor_day=anchor), uses((date(2024, 1, 1), "lite", 1))
        made = resumption(account, self.FEES, usage, on, terms=worlds.terms())
        cycle = next(period for period in _cycles(anchor) if on in period)
        assert made.period == Period(on, cycle.end)
        assert made.amount.minor == round_ratio(3_100 * (cycle.end - on).days, cycle.days, Rounding.HALF_AWAY)
        assert (made.reason, made.kind, made.item) == (ChargeReason.RESUMPTION, ChargeKind.SUBSCRIPTION, "lite")

    def test_before_any_usage_there_is_nothing_to_charge(self) -> None:
        for make in (suspension_fee, resumption):
            for usage in ([], uses((date(2025, 3, 1), "lite", 1))):
                with pytest.raises(InvalidValue, match="a-1 has no usage on 2025-02-08"):
                    make(worlds.account(), self.FEES, usage, date(2025, 2, 8), terms=worlds.terms())


def _cycles(anchor: int) -> list[Period]:
    """Give the cycles of some years, each from its day of the month to the next, clamped."""
    firsts = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(60)]
    starts = [min(first + timedelta(days=anchor - 1), (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)) for first in firsts]
    return [Period(one, other) for one, other in pairwise(starts)]


class TestRenewals:
    """An account renews on its own anchor day, clamped to the month and never drifting (44215, M-27)."""

    @pytest.mark.parametrize("anchor", [28, 29, 30, 31])
    @pytest.mark.parametrize("start", [date(2023, 1, 31), date(2024, 2, 29), date(2023, 5, 17)])
    def test_four_years_without_gap_overlap_or_drift(self, anchor: int, start: date) -> None:
        until = date(start.year + 4, start.month, 28)
        account = worlds.account(anchor_day=anchor)
        prices = PriceList((table("lite", "31", starts_on=date(2020, 1, 1)),))
        charges = list(renewals(account, prices, uses((start, "lite", 1)), until, terms=worlds.terms()))
        assert 48 <= len(charges) <= 49
        assert charges[0].period.start == start
        for one, after in pairwise(charges):
            assert one.period.end == after.period.start
        for one in charges:
            last = (one.period.end.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            assert one.period.end.day == min(anchor, last.day)
            assert one.charged_on == one.period.start < until
        assert charges[-1].period.end >= until
        assert len({one.id for one in charges}) == len({one.identity for one in charges}) == len(charges)

    @given(
        start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        anchor=st.integers(1, 31),
        length=st.integers(0, 1500),
        chosen=st.sampled_from(FirstPeriod),
    )
    def test_periods_follow_each_other(self, start: date, anchor: int, length: int, chosen: FirstPeriod) -> None:
        prices = PriceList((table("lite", "31", starts_on=date(2020, 1, 1)),))
        until = start + timedelta(days=length)
        terms = worlds.terms(billing={"first_period": chosen})
        charges = list(renewals(worlds.account(anchor_day=anchor), prices, uses((start, "lite", 1)), until, terms=terms))
        dates = billing_dates(start - timedelta(days=1), anchor)
        first = next(dates)
        if chosen is FirstPeriod.FREE or start == first:
            assert [one.period.start for one in charges[:1]] == [first][: first < until]
        else:
            assert [one.period.start for one in charges[:1]] == [start][: start < until]
        assert all(one.period.end == after.period.start for one, after in pairwise(charges))
        assert all(one.amount == usd("31") for one in charges[1:])

    def test_the_first_charge_is_a_start_and_the_others_renew(self) -> None:
        assert renewed(uses((date(2025, 1, 8), "lite", 1)), date(2025, 2, 9)) == [
            ("lite", "start", "2025-01-08/2025-02-08", "31.00 USD"),
            ("lite", "renewal", "2025-02-08/2025-03-08", "31.00 USD"),
        ]

    @pytest.mark.parametrize(
        ("choice", "first"),
        [
            (FirstPeriod.PRORATED, [("lite", "start", "2025-01-18/2025-02-08", "21.00 USD")]),
            (FirstPeriod.FULL, [("lite", "start", "2025-01-18/2025-02-08", "31.00 USD")]),
            (FirstPeriod.FREE, []),
        ],
    )
    def test_the_days_before_the_first_billing_date(self, choice: FirstPeriod, first: list[tuple[str, str, str, str]]) -> None:
        got = renewed(uses((date(2025, 1, 18), "lite", 1)), date(2025, 2, 9), first_period=choice)
        assert got == [*first, ("lite", "renewal", "2025-02-08/2025-03-08", "31.00 USD")]

    def test_part_of_a_cycle_by_another_count_of_days(self) -> None:
        got = renewed(uses((date(2025, 1, 18), "lite", 1)), date(2025, 1, 19), proration=ProrationBasis.ACTUAL_30)
        assert got == [("lite", "start", "2025-01-18/2025-02-08", "20.67 USD")]

    def test_a_first_period_that_is_whole_needs_no_term(self) -> None:
        assert renewed(uses((date(2025, 1, 8), "lite", 1)), date(2025, 1, 9), first_period=...)
        with pytest.raises(TermMissing, match=r"billing\.first_period"):
            renewed(uses((date(2025, 1, 9), "lite", 1)), date(2025, 1, 10), first_period=...)

    @pytest.mark.parametrize("until", [date(2025, 1, 18), date(2024, 1, 1)])
    def test_nothing_is_charged_from_its_end_on(self, until: date) -> None:
        assert renewed(uses((date(2025, 1, 18), "lite", 1)), until) == []

    def test_without_usage_there_is_nothing(self) -> None:
        assert renewed([], date(2030, 1, 1)) == []

    @pytest.mark.parametrize(
        ("basis", "amounts"),
        [
            (TierBasis.AT_BILLING, ["31.00 USD", "31.00 USD", "62.00 USD", "31.00 USD", "31.00 USD"]),
            (TierBasis.PEAK_IN_PERIOD, ["31.00 USD", "93.00 USD", "62.00 USD", "62.00 USD", "31.00 USD"]),
            (TierBasis.PEAK_EVER, ["31.00 USD", "93.00 USD", "93.00 USD", "93.00 USD", "93.00 USD"]),
        ],
    )
    def test_which_contacts_pick_the_tier(self, basis: TierBasis, amounts: list[str]) -> None:
        """A spike within the first cycle, a rise that lasts over a billing date, then a fall within the third cycle."""
        usage = uses(
            (date(2025, 1, 8), "lite", 100),
            (date(2025, 1, 20), "lite", 2000),
            (date(2025, 1, 25), "lite", 100),
            (date(2025, 2, 20), "lite", 501),
            (date(2025, 3, 20), "lite", 500),
        )
        assert [amount for *_, amount in renewed(usage, date(2025, 5, 9), tier_basis=basis)] == amounts

    def test_a_rise_on_the_billing_date_is_of_the_new_cycle(self) -> None:
        usage = uses((date(2025, 1, 8), "lite", 100), (date(2025, 2, 8), "lite", 2000))
        amounts = [amount for *_, amount in renewed(usage, date(2025, 3, 9), tier_basis=TierBasis.PEAK_IN_PERIOD)]
        assert amounts == ["31.00 USD", "31.00 USD", "93.00 USD"]

    def test_an_account_without_contacts_is_charged_all_the_same(self) -> None:
        assert [amount for *_, amount in renewed(uses((date(2025, 1, 8), "lite", 0)), date(2025, 1, 9))] == ["31.00 USD"]

    def test_the_tier_basis_is_never_a_default(self) -> None:
        with pytest.raises(TermMissing, match=r"billing\.tier_basis"):
            renewed(uses((date(2025, 1, 8), "lite", 1)), date(2025, 1, 9), tier_basis=...)

    def test_a_change_of_plan_takes_effect_at_the_next_renewal(self) -> None:
        usage = uses((date(2025, 1, 8), "lite", 1), (date(2025, 1, 9), "premium", 1), (date(2025, 3, 8), "lite", 1))
        assert [item for item, *_ in renewed(usage, date(2025, 3, 9))] == ["lite", "premium", "lite"]

    def test_a_new_price_takes_effect_at_the_accounts_own_renewal(self) -> None:
        prices = PriceList((table("lite", "31"), table("lite", "40", starts_on=date(2025, 2, 9))))
        assert [amount for *_, amount in renewed(uses((date(2025, 1, 8), "lite", 1)), date(2025, 3, 9), prices=prices)] == [
            "31.00 USD",
            "31.00 USD",
            "40.00 USD",
        ]

    def test_usage_out_of_order_is_refused_at_once(self) -> None:
        usage = uses((date(2025, 1, 8), "lite", 1), (date(2025, 1, 8), "lite", 2))
        with pytest.raises(InvalidValue, match="the usage of a-1 is not in order of time at 2025-01-08"):
            renewals(worlds.account(), LIST, usage, date(2026, 1, 1), terms=worlds.terms())

    def test_a_plan_without_price(self) -> None:
        with pytest.raises(InvalidValue, match="there is no price of 'gold' in USD"):
            renewed(uses((date(2025, 1, 8), "gold", 1)), date(2025, 1, 9))

    @pytest.mark.parametrize(("plan", "contacts"), [("", 1), ("lite", -1), ("lite", True), ("lite", 1.0)])
    def test_usage_that_cannot_be(self, plan: str, contacts: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted"):
            Usage(starts_on=DAY, plan=plan, contacts=contacts)


CHARGE, ONE_LINE = worlds.charge(), direct()
REFUND = worlds.refund("f-1", "c-1", "1.00 USD", DAY)
OTHER_TYPES = [
    *(
        (CHARGE, field, wrong)
        for field, wrong in (
            ("id", 1),
            ("account", None),
            ("kind", "subscription"),
            ("item", 1),
            ("reason", "renewal"),
            ("period", "2025-08-08/2025-09-08"),
            ("amount", "1.00 USD"),
            ("charged_on", datetime.datetime(2025, 8, 8)),  # noqa: DTZ001
            ("charged_on", "2025-08-08"),
        )
    ),
    *(
        (CHARGE.identity, field, wrong)
        for field, wrong in (("account", ""), ("kind", "subscription"), ("item", ""), ("reason", "renewal"), ("period", None))
    ),
    *(
        (worlds.receipt("r-1", "c-1", "1.00 USD", DAY), field, wrong)
        for field, wrong in (("id", ""), ("charge", ""), ("amount", 1), ("received_on", "2025"))
    ),
    *((REFUND, field, wrong) for field, wrong in (("id", ""), ("charge", ""), ("amount", 1), ("refunded_on", "2025"))),
    *(
        (ONE_LINE, field, wrong)
        for field, wrong in (
            ("charge", "c-1"),
            ("payer", ""),
            ("payer", 1),
            ("earner", ""),
            ("reward", usd("10")),
            ("bonus", 50),
            ("rulings", [SHARED]),
            ("rulings", ("share",)),
            ("terms", worlds.terms()),
        )
    ),
    *(
        (reverse(ONE_LINE, REFUND, before=ZERO, terms=worlds.terms()), field, wrong)
        for field, wrong in (("refund", "f-1"), ("line", "c-1"), ("gross", -1), ("discount", 0), ("share", None))
    ),
    *((rebill(on_single_bill()), field, 1) for field in ("cost", "price", "services")),
    *(
        (Usage(starts_on=DAY, plan="lite", contacts=1), field, wrong)
        for field, wrong in (("starts_on", "2025"), ("plan", ""), ("contacts", "1"))
    ),
    (RevenueShare(ZERO), "amount", 0),
    (UpfrontDiscount(ZERO), "amount", 0),
]


class TestTheValues:
    """Their repr evaluates to an equal value, and none holds a thing of another type."""

    @pytest.mark.parametrize(
        ("value", "field", "wrong"),
        OTHER_TYPES,
        ids=[f"{type(value).__name__}.{field}={wrong!r:.20}" for value, field, wrong in OTHER_TYPES],
    )
    def test_a_field_of_another_type(self, value: Any, field: str, wrong: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted"):
            type(value)(**{**fields(value), field: wrong})

    def test_terms_are_those_of_the_line(self) -> None:
        check_terms(ONE_LINE, worlds.terms())
        with pytest.raises(InvalidValue, match=r"the line c-1 was made by terms with the fingerprint .* not by those from 2025-01-01"):
            check_terms(ONE_LINE, worlds.terms(share={"rate": NOT_AGREED}))
        for percents in ("11", "12", "13", "14", "15", "16", "17", "18"):
            with pytest.raises(InvalidValue, match="a past day's terms never change"):
                check_terms(ONE_LINE, worlds.terms(share={"rate": Rate.percent(percents)}))

    @pytest.mark.parametrize(
        "value",
        [
            worlds.charge(),
            worlds.charge().identity,
            worlds.receipt("r-1", "c-1", "1.00 USD", DAY),
            worlds.refund("f-1", "c-1", "1.00 USD", DAY),
            RevenueShare(usd("1")),
            UpfrontDiscount(usd("1")),
            rebill(on_single_bill()),
            Usage(starts_on=DAY, plan="lite", contacts=1),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_repr(self, value: object) -> None:
        known: dict[str, Any] = {
            "datetime": datetime,
            **{one.__name__: one for one in (Charge, ChargeIdentity, Receipt, Refund, RevenueShare, UpfrontDiscount, Rebill, Usage)},
            **{one.__name__: one for one in (Money, Currency, Period, ChargeKind, ChargeReason)},
        }
        assert eval(repr(value), known) == value  # noqa: S307  (that it evaluates is the promise)
