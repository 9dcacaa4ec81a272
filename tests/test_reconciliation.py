"""Statements against the vendor's report: nothing is missed, every deviation has a cause, and corrections close the gap."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.errors import InvalidValue
from partnerkit.money import Currency, Money
from partnerkit.periods import Month
from partnerkit.reconciliation import Cause, Deviation, Reported, ReportPart, corrections, reconcile
from partnerkit.statements import Entry, EntryKind, Statement
from test_statements import DAY, earning, line, statement, usd

AUGUST, SEPTEMBER = Month.parse("2025-08"), Month.parse("2025-09")


def report_of(made: Statement, *, by_account: bool) -> list[Reported]:
    """Report a statement as the vendor would."""
    amounts: dict[tuple[ReportPart, str | None], Money] = defaultdict(lambda: Money.zero(made.currency))
    for part, items in ((ReportPart.REVENUE_SHARE, made.shares), (ReportPart.BONUS, made.bonuses)):
        for one in items:
            amounts[part, one.line.charge.account if by_account else None] += one.amount
    for adjustment in made.adjustments:
        amounts[ReportPart.ADJUSTMENTS, adjustment.line.charge.account if by_account else None] += adjustment.share
    for entry in made.entries:
        amounts[ReportPart.INCENTIVES if entry.kind is EntryKind.INCENTIVE else ReportPart.ADJUSTMENTS, None] += entry.amount
    for paid in made.disbursements:
        amounts[ReportPart.DISBURSEMENTS, None] += paid.amount
    return [
        Reported(partner=made.partner, month=made.month, part=part, account=account, amount=amount)
        for (part, account), amount in amounts.items()
    ]


def reported(amount: str, *, month: Month = AUGUST, part: ReportPart = ReportPart.REVENUE_SHARE, account: str | None = "a-1") -> Reported:
    return Reported(partner="p-1", month=month, part=part, account=account, amount=usd(amount))


def empty(month: Month = AUGUST, **parts: Any) -> Statement:
    return Statement(partner="p-1", month=month, currency=Currency("USD"), opening=usd("0"), **parts)


class TestCauses:
    """What the figures show of each deviation."""

    def cause(self, made: list[Statement], *amounts: Reported) -> list[Cause]:
        return [one.cause for one in reconcile(made, amounts)]

    def test_only_on_one_side(self) -> None:
        assert self.cause([empty(shares=(earning("6"),))]) == [Cause.ONLY_HERE]
        assert self.cause([empty()], reported("6")) == [Cause.ONLY_REPORTED]

    def test_another_amount(self) -> None:
        assert self.cause([empty(shares=(earning("6"),))], reported("7")) == [Cause.AMOUNT]

    def test_a_minor_unit_for_each_item_is_rounding(self) -> None:
        two = empty(shares=(earning("6"), earning("4")))
        assert self.cause([two], reported("10.02")) == [Cause.ROUNDING]
        assert self.cause([two], reported("10.03")) == [Cause.AMOUNT]

    def test_the_same_amount_in_another_month(self) -> None:
        made = [empty(shares=(earning("6"),)), empty(SEPTEMBER)]
        assert self.cause(made, reported("6", month=SEPTEMBER)) == [Cause.OTHER_MONTH, Cause.OTHER_MONTH]
        assert self.cause(made, reported("5", month=SEPTEMBER)) == [Cause.ONLY_HERE, Cause.ONLY_REPORTED]

    def test_each_month_sets_one_other_right(self) -> None:
        made = [empty(shares=(earning("6"),))]
        amounts = [reported("6", month=Month.parse(month)) for month in ("2025-06", "2025-07")]
        assert self.cause(made, *amounts) == [Cause.OTHER_MONTH, Cause.ONLY_REPORTED, Cause.OTHER_MONTH]

    def test_a_reported_zero_is_a_report(self) -> None:
        assert self.cause([empty(shares=(earning("6"),))], reported("0")) == [Cause.AMOUNT]
        assert self.cause([empty(shares=(earning("0.01"),))], reported("0")) == [Cause.ROUNDING]

    def test_what_has_no_rate_is_not_rounded(self) -> None:
        entry = Entry(id="e", partner="p-1", kind=EntryKind.INCENTIVE, amount=usd("0.01"), on=DAY, note="example")
        assert self.cause([empty(entries=(entry,))], reported("0.02", part=ReportPart.INCENTIVES)) == [Cause.AMOUNT]

    def test_a_part_without_accounts_is_compared_as_a_whole(self) -> None:
        entry = Entry(id="e", partner="p-1", kind=EntryKind.INCENTIVE, amount=usd("5"), on=DAY, note="example")
        assert reconcile([empty(entries=(entry,))], [reported("5", part=ReportPart.INCENTIVES)]) == ()

    def test_a_statement_counts_once(self) -> None:
        made = empty(shares=(earning("6"),))
        with pytest.raises(InvalidValue, match="the statement of p-1 for 2025-08 in USD is given twice"):
            reconcile([made, made], [])

    def test_accounts_are_compared_where_the_report_names_them(self) -> None:
        made = empty(shares=(earning("6"), earning("4", of=line("c-2"))))
        assert reconcile([made], [reported("10", account=None)]) == ()
        [found] = reconcile([made], [reported("10"), reported("3", account="a-9")])
        assert (found.account, found.cause, found.difference) == ("a-9", Cause.ONLY_REPORTED, usd("3"))


class TestTheLaws:
    """What holds for every statement."""

    @given(worlds.worlds(), st.booleans())
    def test_what_is_reported_as_it_is_has_no_deviation(self, world: worlds.World, by_account: bool) -> None:
        made = [one for close in world.closes() for one in close.statements]
        assert reconcile(made, [amount for one in made for amount in report_of(one, by_account=by_account)]) == ()

    @given(worlds.worlds(), st.data())
    def test_corrections_bring_the_balance_to_the_vendors(self, world: worlds.World, data: st.DataObject) -> None:
        made = [one for close in world.closes() for one in close.statements]
        amounts = [amount for one in made for amount in report_of(one, by_account=True)]
        changed = [
            Reported(
                partner=one.partner,
                month=one.month,
                part=one.part,
                account=one.account,
                amount=Money(minor=one.amount.minor + data.draw(st.integers(-3, 3)), currency=one.amount.currency),
            )
            for one in amounts
            if data.draw(st.integers(0, 4))
        ]
        found = reconcile(made, changed)
        gap: dict[tuple[str, str], int] = defaultdict(int)
        for sign, items in ((1, changed), (-1, amounts)):
            for one in items:
                way = -sign if one.part is ReportPart.DISBURSEMENTS else sign
                gap[one.partner, one.amount.currency.code] += way * one.amount.minor
        entries = corrections(found, DAY)
        for entry in entries:
            gap[entry.partner, entry.amount.currency.code] -= entry.amount.minor
        assert not any(gap.values())
        assert len({entry.id for entry in entries}) == len(entries)
        assert all(isinstance(entry, Entry) for entry in entries)

    def test_what_was_corrected_is_not_reported_again(self) -> None:
        """The entries of a correction are ours alone: the next report knows nothing of them, and nothing is made good twice."""
        entries = corrections(reconcile([empty()], [reported("6")]), date(2025, 9, 3))
        september = empty(SEPTEMBER, entries=entries)
        assert reconcile([september], []) == ()

    def test_ids_of_corrections_are_of_one_place_and_one_day(self) -> None:
        parts = [reported("1", part=ReportPart.BONUS, account=account) for account in ("all", None, "a/b", "a%2Fb")]
        entries = [*corrections(reconcile([], parts), DAY), *corrections(reconcile([], parts), date(2025, 9, 3))]
        assert len({entry.id for entry in entries}) == len(entries) == 8

    @given(st.integers(1, 31))
    def test_the_balance_of_a_day_goes_from_opening_to_closing(self, day: int) -> None:
        made = statement()
        wanted = made.closing if day >= DAY.day else made.opening
        assert made.balance_on(date(2025, 8, day)) == wanted

    @given(worlds.worlds())
    def test_the_balance_of_the_last_day_is_the_closing_one(self, world: worlds.World) -> None:
        for close in world.closes():
            for made in close.statements:
                assert made.balance_on(made.month.next().period.start - date.resolution) == made.closing


class TestWhatCannotBe:
    """Values that say nothing are refused."""

    def test_no_deviation(self) -> None:
        facts: dict[str, Any] = {"partner": "p", "month": AUGUST, "part": ReportPart.BONUS, "account": None, "cause": Cause.AMOUNT}
        with pytest.raises(InvalidValue, match="are no deviation"):
            Deviation(ours=usd("1"), reported=usd("1"), **facts)

    @pytest.mark.parametrize("facts", [{"part": "bonus"}, {"amount": 7}, {"month": "2025-08"}, {"partner": ""}, {"account": ""}])
    def test_what_is_not_reported(self, facts: dict[str, Any]) -> None:
        stated: dict[str, Any] = {"partner": "p", "month": AUGUST, "part": ReportPart.BONUS, "amount": usd("1")}
        with pytest.raises(InvalidValue):
            Reported(**(stated | facts))

    def test_a_day_outside_the_month(self) -> None:
        with pytest.raises(InvalidValue, match="the statement is of 2025-08, not of 2025-09-01"):
            statement().balance_on(date(2025, 9, 1))
