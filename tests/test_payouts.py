"""What of a balance is paid out: the minimum, the schedule and what becomes of a balance below zero, at every point."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.errors import InvalidValue, TermMissing
from partnerkit.money import Currency, Money
from partnerkit.payouts import Payout, PayoutReason, payout
from partnerkit.periods import Month
from partnerkit.statements import Statement
from partnerkit.terms import NOT_AGREED, Negative, PayoutSchedule

USD = Currency("USD")
MINIMUM = Money.of("25.00", "USD")
MONTHS = [Month.parse(f"2025-{number:02}") for number in range(1, 13)]


def statement(closing: Money, month: Month = MONTHS[7]) -> Statement:
    return Statement(partner="p-1", month=month, currency=closing.currency, opening=closing)


def paid(closing: Money, month: Month = MONTHS[7], *, requested: bool = False, **terms: Any) -> Payout:
    stated = {"minimum": (MINIMUM,), "schedule": PayoutSchedule.MONTHLY, "negative": Negative.CARRY_FORWARD, **terms}
    return payout(statement(closing, month), terms=worlds.terms(payout=stated), requested=requested)


def expected(  # noqa: PLR0913  (each thing that decides)
    minor: int, month: int, schedule: str, negative: str, *, requested: bool, minimum: int | None
) -> tuple[int, str]:
    """Say it a second time, as the contract would: what is paid out, and why or why not."""
    if minor < 0:
        return (minor, "paid_back") if negative == "refund" else (0, "carried_forward")
    if minor == 0:
        return 0, "nothing_owed"
    if minimum is not None and minor < minimum:
        return 0, "below_minimum"
    if schedule == "quarterly" and month not in {3, 6, 9, 12}:
        return 0, "not_yet"
    if schedule == "on_request" and not requested:
        return 0, "on_request"
    return minor, "payable"


class TestEveryPoint:
    """The balances around the minimum and zero, in every month, by every choice of the terms."""

    @pytest.mark.parametrize("minor", [-2_501, -1, 0, 1, 2_499, 2_500, 2_501])
    def test_it_is_paid_as_the_terms_say(self, minor: int) -> None:
        choices = product(MONTHS, PayoutSchedule, Negative, (False, True), (None, 2_500))
        for month, schedule, negative, requested, minimum in choices:
            agreed: Any = NOT_AGREED if minimum is None else (MINIMUM,)
            closing = Money(minor=minor, currency=USD)
            found = paid(closing, month, requested=requested, schedule=schedule, negative=negative, minimum=agreed)
            wanted = expected(minor, month.period.start.month, schedule, negative, requested=requested, minimum=minimum)
            assert (found.amount.minor, found.reason.value) == wanted


class TestTheTerms:
    """A number or choice that is needed and not stated is asked for, and never another."""

    def test_what_is_not_needed_is_not_asked(self) -> None:
        assert paid(Money.zero(USD), minimum=..., schedule=..., negative=...).reason is PayoutReason.NOTHING_OWED
        assert paid(-MINIMUM, minimum=..., schedule=...).reason is PayoutReason.CARRIED_FORWARD
        assert paid(Money.of("1", "USD"), schedule=..., negative=...).reason is PayoutReason.BELOW_MINIMUM

    @pytest.mark.parametrize(
        ("closing", "absent", "key"),
        [
            (MINIMUM, "minimum", r"payout\.minimum"),
            (MINIMUM, "schedule", r"payout\.schedule"),
            (-MINIMUM, "negative", r"payout\.negative"),
        ],
    )
    def test_what_is_needed_is(self, closing: Money, absent: str, key: str) -> None:
        left_out: dict[str, Any] = {absent: ...}
        with pytest.raises(TermMissing, match=key):
            paid(closing, **left_out)

    def test_a_minimum_is_of_its_currency(self) -> None:
        with pytest.raises(TermMissing, match=r"payout\.minimum\.GBP"):
            paid(Money.of("1", "GBP"))


class TestThePayout:
    """An amount and a reason that contradict each other cannot be built."""

    def test_every_pair_that_does_not_fit(self) -> None:
        for reason, minor in product(PayoutReason, (-1, 0, 1)):
            fits = minor == {PayoutReason.PAYABLE: 1, PayoutReason.PAID_BACK: -1}.get(reason, 0)
            if fits:
                assert Payout(amount=Money(minor=minor, currency=USD), reason=reason).amount.minor == minor
                continue
            with pytest.raises(InvalidValue, match="correct one of the two"):
                Payout(amount=Money(minor=minor, currency=USD), reason=reason)

    def test_other_types_are_refused(self) -> None:
        wrong: list[dict[str, Any]] = [{"amount": 1, "reason": PayoutReason.PAYABLE}, {"amount": MINIMUM, "reason": "payable"}]
        for fields in wrong:
            with pytest.raises(InvalidValue):
                Payout(**fields)
        requested: Any = "yes"
        with pytest.raises(InvalidValue, match="whether a payout is requested"):
            paid(MINIMUM, requested=requested)


class TestTheLaws:
    """Whatever the terms say: all of a balance is moved or nothing, never below the minimum, and a higher minimum never pays more."""

    @given(
        minor=st.integers(-(10**6), 10**6),
        month=st.sampled_from(MONTHS),
        schedule=st.sampled_from(PayoutSchedule),
        negative=st.sampled_from(Negative),
        minimums=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(sorted),
        requested=st.booleans(),
    )
    def test_they_hold(  # noqa: PLR0913  (each thing that decides)
        self, *, minor: int, month: Month, schedule: PayoutSchedule, negative: Negative, minimums: list[int], requested: bool
    ) -> None:
        closing = Money(minor=minor, currency=USD)
        lower, higher = (
            paid(closing, month, requested=requested, schedule=schedule, negative=negative, minimum=(Money(minor=one, currency=USD),))
            for one in minimums
        )
        assert {lower.amount, higher.amount} <= {Money.zero(USD), closing}
        assert (lower.amount.minor != 0) == (lower.reason in {PayoutReason.PAYABLE, PayoutReason.PAID_BACK})
        assert higher.amount <= lower.amount
        assert not 0 < lower.amount.minor < minimums[0]
        if lower.amount.minor > 0 and schedule is PayoutSchedule.QUARTERLY:
            assert str(month)[-2:] in {"03", "06", "09", "12"}
        if lower.amount.minor > 0 and schedule is PayoutSchedule.ON_REQUEST:
            assert requested
        if lower.amount.minor < 0:
            assert negative is Negative.REFUND
