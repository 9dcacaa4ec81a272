"""The page of a closed month: every sum equals its parts, every amount leads to its reason, and nothing in it can act."""

import json
import re
import shutil
from collections import deque
from collections.abc import Iterator, Mapping
from copy import copy
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import ClassVar
from unicodedata import category

import attrs
import pytest
from hypothesis import given, settings

import worlds
from commands import EXAMPLE, MONTH, OUTPUTS, close, edit, everything_below, example_books, run
from crowds import crowd
from partnerkit import cli
from partnerkit.billing import Charge, Receipt
from partnerkit.books import Books, Traffic
from partnerkit.captions import MESSAGES as CAPTIONS
from partnerkit.close import Close
from partnerkit.directories import open_books
from partnerkit.errors import InvalidValue
from partnerkit.languages import LANGUAGES, say_in
from partnerkit.money import Currency, Money, Rate, total
from partnerkit.output import Source
from partnerkit.pages import MONTH_MESSAGES, month_page
from partnerkit.pages.charts import TimeAxis, bands, bars, marks
from partnerkit.pages.flows import Flow, Step, StepKind
from partnerkit.pages.lives import Band, TickKind
from partnerkit.pages.month import MonthShown, month_shown, uses_of
from partnerkit.pages.month_words import MonthWords
from partnerkit.pages.sheets import RowKind
from partnerkit.pages.templating import content_hash, source
from partnerkit.pages.whys import Figure, Part, Why, WhyKind, adjustments_of
from partnerkit.partners import AccountStatus, Management
from partnerkit.periods import Month
from partnerkit.relationships import ClientRelationship
from partnerkit.terms import ContactTerms, Recognition, Terms, TermsHistory
from partnerkit.text import explain, format_money
from test_pages import Reader

AUGUST = Month.parse(MONTH)
WORDS = MonthWords("en")


def closed(books: Books, month: Month = AUGUST) -> Close:
    """Close every month up to this one, and give its close."""
    *_, last = books.closes(month)
    return last


@pytest.fixture(scope="module")
def books() -> Books:
    """Give the books of the example."""
    return example_books()


@pytest.fixture(scope="module")
def august(books: Books) -> Close:
    """Give the example's August."""
    return closed(books)


@pytest.fixture(scope="module")
def month(books: Books, august: Close) -> MonthShown:
    """Give what the page of the example's August shows."""
    return month_shown(books, august, {"charges.jsonl": Source.of(b"")}, WORDS)


@pytest.fixture(scope="module")
def page(books: Books, august: Close) -> Reader:
    """Read the page of the example's August."""
    return Reader(month_page(books, august, {"charges.jsonl": Source.of(b"")}))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Give the books of a program with many accounts."""
    found, _ = open_books(crowd(tmp_path_factory.mktemp("crowd") / "program", accounts=240), lambda _, lines: lines)
    return found


@pytest.fixture(scope="module")
def many_in_august(many: Books) -> Close:
    """Give the August of a program with many accounts."""
    return closed(many)


def figures_of(shown: MonthShown) -> Iterator[Figure]:
    """Give every amount that is shown, wherever it stands."""
    groups = [figure for group in shown.glance for row in group.rows for figure in row.figures]
    rows = [figure for sheet in shown.sheets for row in sheet.rows for figure in row.figures]
    yield from (one for one in (*groups, *rows) if one is not None)
    yield from (step.figure for flow in shown.flows for step in flow.steps)
    yield from (tick.figure for life in (*shown.lives.busy, *shown.lives.quiet) for tick in life.ticks)
    yield from (part.figure for why in shown.whys for part in why.parts)


def check_page(shown: MonthShown) -> None:
    """Check what must hold of every month: sums, reasons, waterfalls, and the places that lead to a reason."""
    whys = {why.anchor: why for why in shown.whys}
    assert len(whys) == len(shown.whys)
    assert {figure.why for figure in figures_of(shown)} <= whys.keys()
    assert uses_of(shown, WORDS).keys() >= {why.anchor for why in shown.whys if why.kind == WhyKind.SUM}
    for why in shown.whys:
        assert {place.anchor for place in why.see} <= whys.keys()
        if why.total is not None:
            assert total((part.figure.amount for part in why.parts), why.total.currency) == why.total
    for figure in figures_of(shown):
        reason = whys[figure.why]
        assert reason.total is None or figure.amount in (reason.total, -reason.total)
    for flow in shown.flows:
        check_flow(flow)


def check_flow(flow: Flow) -> None:
    """Check that a waterfall goes down from the list price to the vendor, and up by the partners to what it ends with."""
    if not flow.steps:
        return
    amounts = {kind: [step.figure.amount for step in flow.steps if step.kind == kind] for kind in StepKind}
    first, last = amounts[StepKind.WHOLE]
    (vendor,) = amounts[StepKind.VENDOR]
    assert first + total(amounts[StepKind.MOVE], flow.currency) == vendor
    assert vendor + total(amounts[StepKind.PARTNER], flow.currency) == last
    for bar in bars(flow):
        x, width = (int(text.rstrip("%").replace(".", "")) for text in (bar.x, bar.width))
        assert 0 <= x <= x + width <= 100_000


class TestEverySum:
    """Whoever adds the parts of a sum up gets the sum, and it is what the bill, the statement or the lines say."""

    def test_of_the_example(self, month: MonthShown) -> None:
        check_page(month)

    def test_of_many_accounts_in_currencies_of_other_digits(self, many: Books, many_in_august: Close) -> None:
        shown = month_shown(many, many_in_august, {}, WORDS)
        assert {one.code for one in shown.currencies} == {"USD", "EUR", "JPY", "KWD"}
        check_page(shown)

    @settings(max_examples=40)
    @given(worlds.worlds())
    def test_of_any_world(self, world: worlds.World) -> None:
        books = books_of(world)
        for month in worlds.months():
            for found in deque(books.closes(month), maxlen=1):
                check_page(month_shown(books, found, {}, WORDS))

    def test_parts_that_do_not_come_to_the_sum_are_refused(self) -> None:
        one = Money.of("1", "USD")
        part = Part(label="one", figure=Figure(amount=one, why="why-line-1"))
        with pytest.raises(InvalidValue, match=r"^Two is 2\.00 USD, but its parts come to 1\.00 USD$"):
            Why(anchor="why-sum-1", kind=WhyKind.SUM, title="Two", parts=(part,), total=one + one)

    def test_steps_that_do_not_go_on_are_refused(self) -> None:
        zero, one = Money.of("0", "USD"), Money.of("1", "USD")
        figure = Figure(amount=one, why="why-sum-1")
        first = Step(anchor="s-1", kind=StepKind.WHOLE, label="List", figure=figure, before=zero, after=one)
        for kind, before in ((StepKind.MOVE, zero), (StepKind.VENDOR, one)):
            step = Step(anchor="s-2", kind=kind, label="Next", figure=figure, before=before, after=before + one)
            with pytest.raises(InvalidValue, match=r"the step Next does not go on from 1\.00 USD"):
                Flow(currency=Currency("USD"), steps=(first, step))
        other = Step(
            anchor="s-2", kind=StepKind.WHOLE, label="List", figure=Figure(amount=one + one, why="w"), before=zero, after=one + one
        )
        with pytest.raises(InvalidValue, match=r"the step List does not go on from 1\.00 USD"):
            Flow(currency=Currency("USD"), steps=(first, other))

    def test_the_glance_is_what_the_lines_and_statements_say(self, month: MonthShown, august: Close) -> None:
        rows = {row.label: row.figures for group in month.glance for row in group.rows}
        for place, currency in enumerate(month.currencies):
            lines = [line for line in august.lines if line.gross.currency == currency]
            statements = [one for one in august.statements if one.currency == currency]
            cells = {label: figures[place] for label, figures in rows.items()}
            amount = {label: Money.zero(currency) if figure is None else figure.amount for label, figure in cells.items()}
            paid = amount["Partners pay by Single Bill"] + amount["Clients pay"]
            assert amount["List price charged"] == total((line.gross for line in lines), currency)
            assert amount["List price charged"] == amount["Upfront discounts given"] + paid
            assert amount["Partners pay by Single Bill"] == total((line.net for line in lines if line.payer), currency)
            came_in = total((august.positions[line.charge.id].received for line in lines), currency)
            assert amount["of which not received by the end of the month"] == amount["Clients pay"] - came_in
            assert amount["Revenue share earned"] == total((one.share for one in statements), currency)
            assert amount["Adjustments"] == total((one.adjusted for one in statements), currency)
            assert amount["Owed at the end of the month"] == total((one.closing for one in statements), currency)

    def test_bills_and_statements_have_all_rows_and_end_as_they_do(self, month: MonthShown, august: Close) -> None:
        sheets = [sheet for partner in month.partners for sheet in partner.sheets]
        last = [[row for row in sheet.rows if row.kind == RowKind.TOTAL][-1].figures[-1] for sheet in sheets]
        ends = sorted(str(figure.amount) for figure in last if figure is not None)
        assert ends == sorted([*(str(one.due) for one in august.bills), *(str(one.closing) for one in august.statements)])
        shown = {row.which for sheet in sheets for row in sheet.rows if row.which}
        lines = {line.charge.id for bill in august.bills for line in bill.lines}
        lines |= {one.line.charge.id for statement in august.statements for one in (*statement.shares, *statement.bonuses)}
        assert lines <= shown

    def test_two_receipts_of_one_day_each_lead_to_the_part_they_made_due(self) -> None:
        where = worlds.program(worlds.terms(share={"recognized": Recognition.ON_CASH}))
        paid = [worlds.receipt(f"r-{amount}", "c-1", f"{amount}.00 USD", date(2025, 8, 10)) for amount in (10, 90)]
        world = worlds.World(
            program=where,
            relationships={"a-1": worlds.referred(worlds.account(), where)},
            charges=(worlds.charge(),),
            receipts=tuple(paid),
        )
        books = books_of(world)
        shown = month_shown(books, closed(books), {}, WORDS)
        check_page(shown)
        parts = {why.text[0].split()[10]: why.see[-1].label for why in shown.whys if why.kind == WhyKind.EARNING and len(why.see) == 2}
        assert parts == {"$1.00": "r-10", "$9.00": "r-90"}

    def test_a_share_that_becomes_due_in_parts_has_a_reason_for_each(self) -> None:
        where = worlds.program(worlds.terms(share={"recognized": Recognition.ON_CASH}))
        paid = [worlds.receipt(f"r-{day}", "c-1", "50.00 USD", date(2025, 8, day)) for day in (10, 20)]
        world = worlds.World(
            program=where,
            relationships={"a-1": worlds.referred(worlds.account(), where)},
            charges=(worlds.charge(),),
            receipts=tuple(paid),
        )
        books = books_of(world)
        shown = month_shown(books, closed(books), {}, WORDS)
        check_page(shown)
        parts = [why for why in shown.whys if why.kind == WhyKind.EARNING and "5.00 became due" in why.text[0]]
        assert [[place.label for place in why.see] for why in parts] == [["a-1 · plan of c-1: Aug 8, 2025", f"r-{day}"] for day in (10, 20)]


class TestWhatALineLeadsTo:
    """The reason of a line names its cash or its bill and its refunds, and leads to theirs; a bonus says by what it was earned."""

    def shown(self, **records: object) -> MonthShown:
        bonus = {"amount": (Money.of("150", "USD"),), "window_days": 300, "on_single_bill": False}
        where = worlds.program(worlds.terms(bonus=bonus, share={"recognized": Recognition.ON_CASH}))
        relationships = {"a-1": worlds.referred(worlds.account(), where), "a-2": worlds.enrolled(worlds.account("a-2"), where)}
        books = books_of(worlds.World(program=where, relationships=relationships, **records))  # type: ignore[arg-type]
        shown = month_shown(books, closed(books), {}, WORDS)
        check_page(shown)
        return shown

    def of(self, shown: MonthShown, title: str) -> Why:
        (why,) = (why for why in shown.whys if why.title.startswith(title))
        return why

    def seen(self, shown: MonthShown, why: Why) -> list[str]:
        titles = {one.anchor: one.title for one in shown.whys}
        return [titles[place.anchor] for place in why.see]

    def test_cash_is_named_with_its_day_and_leads_to_its_receipt(self) -> None:
        paid = [worlds.receipt(f"r-{day}", "c-1", "50.00 USD", date(2025, 8, day)) for day in (20, 10)]
        shown = self.shown(charges=(worlds.charge(), worlds.charge("c-2", on=date(2025, 8, 9))), receipts=tuple(paid))
        why = self.of(shown, "a-1 · plan of c-1: Aug 8, 2025")
        assert why.besides == (
            "Cash for it: $50.00 on Aug 10, 2025, by the receipt r-10.",
            "Cash for it: $50.00 on Aug 20, 2025, by the receipt r-20.",
        )
        assert [place.label for place in why.see] == ["r-10", "r-20"]
        assert self.seen(shown, why) == ["Receipt: a-1 · plan of c-1", "Receipt: a-1 · plan of c-1"]
        assert self.of(shown, "a-1 · plan of c-2").besides == ("No cash for it had come in by Aug 31, 2025.",)

    def test_a_single_bill_is_named_or_that_there_is_none_yet(self) -> None:
        days = {"c-1": date(2025, 8, 4), "c-2": date(2025, 8, 30)}
        shown = self.shown(charges=tuple(worlds.charge(one, account_id="a-2", on=day) for one, day in days.items()))
        assert self.of(shown, "a-2 · plan of c-1").besides == ("It is on the Single Bill SB-2025-08-0001 of Aug 5, 2025.",)
        assert self.of(shown, "a-2 · plan of c-2").besides == ("It is on no Single Bill of this month.",)

    def test_refunds_of_the_month_are_named(self) -> None:
        refunds = (worlds.refund("f-1", "c-1", "10.00 USD", date(2025, 8, 20)), worlds.refund("f-2", "c-1", "5.00 USD", date(2025, 9, 1)))
        shown = self.shown(charges=(worlds.charge(account_id="a-2"),), refunds=refunds)
        why = self.of(shown, "a-2 · plan of c-1: Aug 8, 2025")
        assert why.besides[1:] == ("Refunded in this month: $10.00 on Aug 20, 2025, by the refund f-1.",)
        assert self.seen(shown, why) == ["a-2 · plan of c-1: Aug 20, 2025"]

    def test_a_bonus_says_that_it_was_earned_by_what_and_within_which_window(self) -> None:
        shown = self.shown(charges=(worlds.charge(),), receipts=(worlds.receipt("r-1", "c-1", "100.00 USD", date(2025, 8, 10)),))
        why = self.of(shown, "a-1: New Account Bonus")
        assert why.text == (
            (
                "The New Account Bonus of $150.00 was earned on Aug 10, 2025: "
                "the charge c-1 is the first of the account a-1 that bears one and was recognized."
            ),
            "The account was opened on Jan 8, 2025.",
            "Program term bonus.amount: What is the New Account Bonus, one amount per currency? $150.00.",
            "Program term bonus.window_days: For how many days can an account earn the New Account Bonus? 300.",
            "Program term bonus.counted_from: From which day are the days of the New Account Bonus counted? opening.",
        )
        assert self.seen(shown, why) == ["a-1 · plan of c-1: Aug 8, 2025"]
        (step,) = (step for step in shown.flows[0].steps if step.label == "New Account Bonus")
        (total_of_bonuses,) = (one for one in shown.whys if one.anchor == step.figure.why)
        assert [part.figure.why for part in total_of_bonuses.parts] == [why.anchor]

    def test_no_line_looks_through_all_receipts(self) -> None:
        class Counted(tuple[Receipt, ...]):
            """Receipts that count how often somebody goes through them."""

            __slots__ = ()
            asked: ClassVar = 0

            def __iter__(self) -> Iterator[Receipt]:
                Counted.asked += 1
                return super().__iter__()

        where = worlds.program(worlds.terms(share={"recognized": Recognition.ON_CASH}))
        asked = []
        for size in (1, 40):
            charges = tuple(worlds.charge(f"c-{number}") for number in range(size))
            paid = [worlds.receipt(f"r-{one.id}-{day}", one.id, "50.00 USD", date(2025, 8, day)) for one in charges for day in (10, 20)]
            relationships = {"a-1": worlds.referred(worlds.account(), where)}
            books = books_of(worlds.World(program=where, relationships=relationships, charges=charges, receipts=tuple(paid)))
            close = closed(books)
            counted = Books(**{**attrs.asdict(books, recurse=False), "receipts": Counted(books.receipts)})
            Counted.asked = 0
            assert len(month_shown(counted, close, {}, WORDS).whys) > size
            asked.append(Counted.asked)
        assert asked[0] == asked[1]


class TestTheWaterfall:
    """It counts all charges of a month with what their lines bear, also below zero, and says when there is none."""

    def flow(self, world: worlds.World, month: Month = AUGUST) -> Flow:
        books = books_of(world)
        shown = month_shown(books, closed(books, month), {}, WORDS)
        check_page(shown)
        (flow,) = shown.flows
        return flow

    def world(self, **records: object) -> worlds.World:
        where = worlds.program(worlds.terms(bonus={"amount": (Money.of("150", "USD"),), "on_single_bill": False}))
        relationships = {"a-1": worlds.referred(worlds.account(), where), "a-2": worlds.enrolled(worlds.account("a-2"), where)}
        known = {"charges": (worlds.charge(), worlds.charge("c-2", account_id="a-2", amount="40.00 USD"))}
        return worlds.World(program=where, relationships=relationships, **{**known, **records})  # type: ignore[arg-type]

    def test_worked_out_by_hand(self) -> None:
        refunds = (worlds.refund("f-1", "c-1", "10.00 USD", date(2025, 8, 20)), worlds.refund("f-2", "c-2", "10.00 USD", date(2025, 8, 21)))
        flow = self.flow(self.world(refunds=refunds))
        assert [(step.label, str(step.figure.amount), str(step.after)) for step in flow.steps] == [
            ("List price", "140.00 USD", "140.00 USD"),
            ("Upfront discount", "-6.00 USD", "134.00 USD"),  # 15% of 40
            ("Revenue share", "-10.00 USD", "124.00 USD"),  # 10% of 100
            ("New Account Bonus", "-150.00 USD", "-26.00 USD"),
            ("Paid back to payers", "-18.50 USD", "-44.50 USD"),  # 10.00 to the client, 8.50 to the partner
            ("Share taken back", "1.00 USD", "-43.50 USD"),
            ("Left for the vendor, once all is paid", "-43.50 USD", "-43.50 USD"),
            ("Goes to brightside", "163.50 USD", "120.00 USD"),  # 6 + 10 + 150 - 1.50 - 1
            ("Together: the list price less refunds", "120.00 USD", "120.00 USD"),
        ]
        zero = bars(flow)[0].zero
        assert {bar.zero for bar in bars(flow)} == {zero}
        assert bars(flow)[0].x == zero
        assert bars(flow)[4].x == "1.000%"  # the least level is below zero, at the left end

    def test_refunds_of_older_charges_are_left_to_the_adjustments(self) -> None:
        refunds = (worlds.refund("f-1", "c-1", "10.00 USD", date(2025, 9, 2)),)
        books = books_of(self.world(refunds=refunds))
        shown = month_shown(books, closed(books, AUGUST.next()), {}, WORDS)
        assert [flow.steps for flow in shown.flows] == [()]
        assert shown.refunds is not None
        assert [str(figure.amount) for figure in shown.refunds.rows[0].figures if figure] == [
            "10.00 USD",
            "0.00 USD",
            "10.00 USD",
            "1.00 USD",
        ]
        assert shown.refunds.rows[0].why == "charged Aug 8, 2025; goes back to the client; share taken back from brightside"
        assert "No charges in USD this month." in month_page(books, closed(books, AUGUST.next()), {})

    def test_charges_of_nothing(self) -> None:
        flow = self.flow(self.world(charges=(worlds.charge(amount="0.00 USD"),)))
        assert {bar.x for bar in bars(flow) if bar.step.kind == StepKind.MOVE and bar.width == "0.000%"} <= {bar.zero for bar in bars(flow)}

    def test_the_example_keeps_what_its_lines_say(self, month: MonthShown, august: Close) -> None:
        for flow in month.flows:
            lines = [line for line in august.lines if line.gross.currency == flow.currency]
            bonus = [one.amount for statement in august.statements for one in statement.bonuses if one.line in lines]
            kept = total((line.net - line.share for line in lines), flow.currency) - total(bonus, flow.currency)
            assert flow.vendor is not None
            assert flow.vendor.amount == kept


class TestAdjustments:
    """Every refund of the month is shown, also one that stands on no bill and no statement."""

    def test_those_that_a_close_keeps_are_the_same(self, books: Books, august: Close) -> None:
        kept = {one for statement in august.statements for one in statement.adjustments}
        kept |= {one for bill in august.bills for one in bill.adjustments if one.refund.refunded_on in AUGUST.period}
        assert kept <= set(adjustments_of(books, august))
        assert len(adjustments_of(books, august)) == sum(one.refunded_on in AUGUST.period for one in books.refunds)

    def test_parts_of_one_charge_go_on_where_the_part_before_ended(self) -> None:
        where = worlds.program()
        days = [date(2025, 7, 30), date(2025, 8, 2), date(2025, 9, 9)]
        refunds = tuple(worlds.refund(f"f-{day}", "c-1", "0.10 USD", day) for day in days)
        early = worlds.charge(on=date(2025, 7, 8), amount="0.30 USD")
        world = worlds.World(
            program=where, relationships={"a-1": worlds.referred(worlds.account(), where)}, charges=(early,), refunds=refunds
        )
        books = books_of(world)
        (one,) = adjustments_of(books, closed(books))
        assert one in closed(books).statements[0].adjustments


def books_of(world: worlds.World) -> Books:
    """Give the books of a world, whose records stand in no file."""
    return Books(
        program=world.program,
        partners=worlds.PARTNERS,
        accounts={key: one.account for key, one in world.relationships.items()},
        openings={},
        traffic=Traffic(),
        credits={},
        relationships=world.relationships,
        charges=world.charges,
        receipts=world.receipts,
        refunds=world.refunds,
        payments=world.payments,
        disbursements=world.disbursements,
        entries=world.entries,
        places={},
    )


class TestRelationships:
    """The bands say what the standing of each day says, without asking every day, and nothing of what comes later."""

    def state(self, one: ClientRelationship, day: date, band: str) -> str:
        standing = one.standing_on(day)
        if band == Band.OWNER:
            return {None: "outside", Management.REFERRED: "vendor", Management.MANAGED: "partner"}[standing.management]
        if band == Band.PAYER:
            return "client" if standing.payer is None else "bill"
        return {AccountStatus.OPEN: "open", AccountStatus.CANCELED: "canceled"}.get(standing.status, "other")

    def test_they_say_what_each_day_says(self, month: MonthShown, books: Books, august: Close) -> None:
        lives = {life.account: life for life in (*month.lives.busy, *month.lives.quiet)}
        for account, one in books.relationships.items():
            if account not in lives:
                assert one.started_on >= august.month.period.end or one.status.on(date(2025, 8, 31)) is AccountStatus.CANCELED
                continue
            for band in Band:
                spans = [span for span in lives[account].spans if span.band == band]
                assert (spans[0].starts, spans[-1].ends) == (one.started_on, august.month.period.end)
                for span in spans:
                    for day in (span.starts, span.ends - timedelta(days=1)):
                        assert self.state(one, day, band) == span.kind, (account, day)
                for before, after in pairwise(spans):
                    assert before.ends == after.starts
                    assert (before.kind, before.words) != (after.kind, after.words)

    def test_what_the_month_brought_is_ticked_on_its_day(self, month: MonthShown, august: Close, books: Books) -> None:
        ticks = [tick for life in month.lives.busy for tick in life.ticks]
        receipts = [one for one in books.receipts if one.received_on in AUGUST.period]
        assert sorted(tick.kind for tick in ticks) == sorted(
            [*("charge" for _ in august.lines), *("receipt" for _ in receipts), *("refund" for _ in adjustments_of(books, august))]
        )
        assert all(tick.on in AUGUST.period for tick in ticks)

    def test_an_account_with_nothing_in_the_month_is_quiet(self) -> None:
        where = worlds.program()
        lives = {"a-1": worlds.referred(worlds.account(), where), "a-2": worlds.opened(worlds.account("a-2"), where)}
        lives["a-3"] = worlds.referred(worlds.account("a-3"), where).cancel(date(2025, 6, 1))
        lives["a-4"] = worlds.referred(worlds.account("a-4"), where).cancel(date(2025, 8, 1))
        books = books_of(worlds.World(program=where, relationships=lives, charges=(worlds.charge(),)))
        shown = month_shown(books, closed(books), {}, WORDS)
        assert [life.account for life in shown.lives.busy] == ["a-1", "a-4"]
        assert [life.account for life in shown.lives.quiet] == ["a-2"]
        assert shown.lives.starts == date(2025, 1, 1)
        assert "With nothing in this month" in month_page(books, closed(books), {})

    def test_a_long_history_is_drawn_from_a_day_on(self, many: Books, many_in_august: Close) -> None:
        shown = month_shown(many, many_in_august, {}, WORDS)
        assert shown.lives.starts == date(2023, 9, 1)
        axis = TimeAxis(starts=shown.lives.starts, period=AUGUST.period)
        for life in shown.lives.busy:
            for band in bands(life, axis):
                x, width = (int(text.rstrip("%").replace(".", "")) for text in (band.x, band.width))
                assert 0 <= x <= x + width <= 100_000
            assert [mark.tick for mark in marks(life, axis)] == list(life.ticks)

    def test_ticks_of_one_day_lie_beside_each_other(self) -> None:
        where = worlds.program()
        charges = [worlds.charge(f"c-{day}-{number}", on=date(2025, 8, day)) for day in (1, 31) for number in range(3)]
        world = worlds.World(program=where, relationships={"a-1": worlds.referred(worlds.account(), where)}, charges=tuple(charges))
        books = books_of(world)
        (life,) = month_shown(books, closed(books), {}, WORDS).lives.busy
        assert [mark.aside for mark in marks(life, TimeAxis(starts=date(2025, 8, 1), period=AUGUST.period))] == [0, 9, 18, -18, -9, 0]

    def test_an_axis_of_the_month_alone(self) -> None:
        axis = TimeAxis(starts=date(2025, 8, 1), period=AUGUST.period)
        assert (axis.divide, axis.months) == ("0.000%", ())
        assert [day.day for _, day in axis.days] == [1, 8, 15, 22, 29]

    def test_the_list_names_events_and_a_request_that_waits(self) -> None:
        where = worlds.program()
        life = worlds.referred(worlds.account(), where).request_management(date(2025, 8, 20)).cancel(date(2025, 9, 3))
        asked = worlds.enrolled(worlds.account("a-2"), where)
        books = books_of(worlds.World(program=where, relationships={"a-1": life, "a-2": asked}, charges=(worlds.charge(),)))
        lives = month_shown(books, closed(books), {}, WORDS).lives
        first, second = *lives.busy, *lives.quiet
        assert [(event.on, event.words, event.partner) for event in first.events] == [
            (date(2025, 1, 8), "referred", "brightside"),
            (date(2025, 8, 20), "request management", ""),
        ]
        assert first.pending == "brightside asked on Aug 20, 2025 to manage it: neither granted nor withdrawn by the end of the month"
        assert [event.words for event in second.events] == ["managed", "join single bill"]
        assert second.pending == ""
        texts = [text for _, text in Reader(month_page(books, closed(books), {})).texts]
        assert {first.pending, "Jan 8, 2025: referred, brightside", "Aug 20, 2025: request management"} <= set(texts)

    def test_an_event_that_stands_in_a_file_is_named_with_its_line(self, month: MonthShown, books: Books) -> None:
        lines = (EXAMPLE / "events.jsonl").read_text(encoding="utf-8").splitlines()
        lives = [life for life in (*month.lives.busy, *month.lives.quiet) if life.account in books.relationships]
        named = [(life.account, event) for life in lives for event in life.events if event.place]
        assert len(named) > 20
        for account, event in named:
            number = re.fullmatch(r"Line (\d+) of events\.jsonl\.", event.place)
            assert number is not None
            record = json.loads(lines[int(number[1]) - 1])
            assert (record["account"], record["on"], record["kind"].replace("_", " ")) == (account, str(event.on), event.words)

    def test_of_one_day_charges_come_before_cash_and_cash_before_refunds(self) -> None:
        where = worlds.program()
        world = worlds.World(
            program=where,
            relationships={"a-1": worlds.referred(worlds.account(), where)},
            charges=(worlds.charge(on=date(2025, 7, 8)), worlds.charge("c-2", on=date(2025, 8, 8))),
            receipts=(worlds.receipt("r-1", "c-1", "100.00 USD", date(2025, 8, 8)),),
            refunds=(worlds.refund("f-1", "c-1", "10.00 USD", date(2025, 8, 8)),),
        )
        books = books_of(world)
        (life,) = month_shown(books, closed(books), {}, WORDS).lives.busy
        assert [tick.kind for tick in life.ticks] == [TickKind.CHARGE, TickKind.RECEIPT, TickKind.REFUND]


class TestWhatIsNotThere:
    """Nothing is said of a balance of nothing, and no contract is named that settles what a close asks as the program does."""

    def test_of_a_balance_and_of_a_contract(self) -> None:
        own = Terms(starts_on=date(2025, 1, 1), source="example, invented", contact=ContactTerms(reply=True))
        where = worlds.program(contracts=(("p-1", TermsHistory((own,))),))
        world = worlds.World(
            program=where,
            relationships={"a-1": worlds.referred(worlds.account(), where)},
            charges=(worlds.charge(),),
            disbursements=(worlds.disbursement("d-1", "10.00 USD", date(2025, 8, 20)),),
        )
        books = books_of(world)
        shown = month_shown(books, closed(books), {}, WORDS)
        (sheet,) = (sheet for partner in shown.partners for sheet in partner.sheets)
        assert sheet.rows[-1].what == "Closing balance"
        assert [str(figure.amount) for figure in sheet.rows[-1].figures if figure] == ["0.00 USD"]
        assert len(shown.settled) == 1


class TestWhatTheReportHasToo:
    """The openings of the month with their credits, and what the terms settle, are those of the terminal report."""

    def test_an_opening_says_who_is_credited_and_leads_to_the_whole_reason(self, month: MonthShown, books: Books) -> None:
        told = {one.account: (str(one.on), one.credited_to, one.said) for one in month.openings}
        assert len(told) == 6
        assert told["acct-meridian-logistics"] == ("2025-08-07", "northlight", "a registered deal")
        assert told["acct-kestrel-coffee"][1:] == ("nobody", "no visit counts: unknown name and two names")
        whys = {why.anchor: why for why in month.whys}
        for one in month.openings:
            why = whys[one.why]
            terms = books.program.terms.on(books.program.day_of(books.openings[one.account].at))
            assert why.kind == WhyKind.CREDIT
            assert list(why.text) == explain(books.credits[one.account], terms=terms).split("\n")
            assert re.fullmatch(r"Line \d+ of openings\.jsonl\.", why.besides[0])
            assert next(place.anchor for place in uses_of(month, WORDS)[one.why]) == one.anchor

    def test_a_line_leads_to_the_credit_of_its_account(self, month: MonthShown, august: Close) -> None:
        opened = {one.account: one.why for one in month.openings}
        lines = [line for line in august.lines if line.charge.account in opened]
        assert lines
        for line in august.lines:
            why = next(one for one in month.whys if one.kind == WhyKind.LINE and line.charge.id in one.text[0])
            wanted = [opened[line.charge.account]] if line.charge.account in opened else []
            assert [place.anchor for place in why.see if place.anchor.startswith("why-credit")] == wanted

    def test_what_the_terms_settle_is_what_the_report_says(self, month: MonthShown) -> None:
        program, northlight = month.settled
        assert program.title.startswith("Terms from ")
        assert northlight.title == "In the contract of northlight instead:"
        assert "20%" in {value for _, value in northlight.answers}
        _, _, closing = close(EXAMPLE, columns=160).stdout.partition("What the article leaves open and these terms settle")
        said = " ".join(closing.split())
        assert [about for about, _ in (*program.answers, *northlight.answers) if about.split(" (")[0][:50] not in said] == []
        assert closing.count("?") == len(program.answers) + len(northlight.answers)


class TestThePage:
    """The page has one reason for every amount, links both ways, and nothing that is fetched or run."""

    def test_every_anchor_is_there_once(self, page: Reader) -> None:
        ids = page.attributes("id")
        assert len(ids) == len(set(ids))
        hrefs = page.attributes("href")
        assert all(href.startswith("#") for href in hrefs)
        assert {href[1:] for href in hrefs} <= set(ids)
        assert {one for names in page.attributes("aria-labelledby") for one in names.split()} <= set(ids)

    def test_every_amount_is_a_link_to_its_reason(self, page: Reader) -> None:
        amounts = [(around, text) for around, text in page.texts if re.fullmatch(r"-?(?:A\$|\$|£)[\d,.]*\d", text.strip())]
        assert len(amounts) > 300
        total_rows = {"sum", "amounts"}
        free = [text for around, text in amounts if around[-1][0] != "a" and around[-1][1] not in total_rows]
        assert free == []
        links = [one["href"] for tag, one in page.elements if tag == "a" and (one.get("class") or "").startswith("amount")]
        assert all(str(link).startswith("#why-") for link in links)

    def test_every_reason_is_used_and_leads_back(self, page: Reader, month: MonthShown) -> None:
        linked = {href[1:] for href in page.attributes("href")}
        assert {why.anchor for why in month.whys} <= linked
        uses = uses_of(month, WORDS)
        seen = {place.anchor for why in month.whys for place in why.see}
        assert {why.anchor for why in month.whys} == uses.keys() | seen

    def test_a_line_is_explained_as_why_does(self, page: Reader, books: Books, august: Close, month: MonthShown) -> None:
        lines = {why.title: why for why in month.whys if why.kind == WhyKind.LINE}
        for line in august.lines:
            terms = books.program.terms_for(line.payer or line.earner, line.charge.charged_on)
            told = explain(line, terms=terms).split("\n")
            why = next(one for one in lines.values() if one.text[0] == told[0])
            assert [*why.text, "", *why.rules] == told

    @pytest.mark.parametrize("both", [True, False])
    def test_a_prepaid_line_has_all_of_its_rulings_among_the_rules(self, both: bool) -> None:
        where = worlds.program(worlds.terms(single_bill={"on_prepaid": both}))
        prepaid = Charge(**{**attrs.asdict(worlds.charge(), recurse=False), "prepaid": Rate.percent("15")})
        world = worlds.World(program=where, relationships={"a-1": worlds.enrolled(worlds.account(), where)}, charges=(prepaid,))
        books = books_of(world)
        (why,) = (one for one in month_shown(books, closed(books), {}, WORDS).whys if one.kind == WhyKind.LINE)
        rules = "\n".join(why.rules)
        assert "REWARD-DISCOUNT decides" in rules
        assert "PREPAID-" in rules
        assert "REWARD-DISCOUNT" not in "\n".join(why.text)

    def test_headings_leave_out_no_level(self, page: Reader) -> None:
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_tables_have_captions_and_scopes(self, page: Reader) -> None:
        tags = [tag for tag, _ in page.elements]
        assert tags.count("table") == tags.count("caption") > 20
        assert [one for tag, one in page.elements if tag == "th" and one.get("scope") not in {"col", "row", "rowgroup"}] == []

    def test_a_drawing_has_a_title_and_tells_its_spans(self, page: Reader, month: MonthShown) -> None:
        told = "".join(text for around, text in page.texts if around[-1][0] == "desc")
        for life in month.lives.busy:
            assert f"Relationship of {life.account}" in {text for around, text in page.texts if around[-1][0] == "title"}
        assert "Owner: vendor owns, referred by brightside, " in told
        assert "Payer: brightside pays by Single Bill, " in told

    def test_it_admits_its_style_and_nothing_else(self, page: Reader) -> None:
        (policy,) = [one["content"] for tag, one in page.elements if one.get("http-equiv") == "Content-Security-Policy"]
        assert policy == f"default-src 'none'; style-src {content_hash(page.text_of('style'))}"
        assert page.text_of("style") == source("base.css") + source("month.css")
        assert page.attributes("style") == []
        assert {tag for tag, _ in page.elements} & {"script", "img", "iframe", "link", "form", "object", "base", "use", "image"} == set()
        assert [key for _, one in page.elements for key in one if key.startswith("on") or key in {"src", "xlink:href"}] == []
        assert "http" not in page.text_of("style")

    def test_what_it_rests_on_is_what_the_manifest_says(self, tmp_path: Path) -> None:
        assert close(EXAMPLE, "--html", tmp_path / "month.html", "--out", tmp_path / "out").exit_code == 0
        manifest = json.loads((tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8"))
        read = Reader((tmp_path / "month.html").read_text(encoding="utf-8"))
        codes = [text for around, text in read.texts if around[-1][0] == "code"]
        wanted = [
            *manifest["terms"],
            *manifest["policies"].values(),
            manifest["prices"],
            manifest["whole_program"],
            *manifest["inputs"].values(),
        ]
        sheets = sum(
            (tmp_path / "out" / name).read_text(encoding="utf-8").count("\n") for name in ("single_bills.jsonl", "statements.jsonl")
        )
        assert sheets > 5
        assert sorted(codes) == sorted([*wanted, manifest["records"], *[manifest["basis"]] * (sheets + 1)])

    def test_the_same_records_give_the_same_bytes(self, books: Books, august: Close) -> None:
        assert month_page(books, august, {}) == month_page(example_books(), closed(example_books()), {})

    def test_every_class_of_the_style_is_used(self, books: Books, august: Close, many: Books, many_in_august: Close) -> None:
        shown = month_page(books, august, {}) + month_page(many, many_in_august, {})
        named = set(re.findall(r"\.([a-z][a-z-]*)", re.sub(r"\{[^{}]*\}", "", source("month.css"))))
        used = {one for found in re.findall(r'class="([^"]*)"', shown) for one in found.split()}
        assert named - used == set()

    def test_a_long_table_scrolls_in_its_own_box(self, many: Books, many_in_august: Close) -> None:
        read = Reader(month_page(many, many_in_august, {}))
        assert "scroll long" in read.attributes("class")

    def test_a_month_without_anything(self) -> None:
        where = worlds.program()
        books = books_of(worlds.World(program=where, relationships={}))
        shown = month_page(books, closed(books), {})
        for words in ("There is no charge", "No partner has", "No refunds this month.", "The vendor entered nothing", "No account has"):
            assert words in shown
        Reader(shown)


HOSTILE = "</a><script>x</script> \"' & <b onclick=y>"


def steering(text: str) -> set[str]:
    """Give the characters of a text that would steer a terminal, or turn its direction."""
    return {one for one in text if category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and one != "\n"}


class TestHostileRecords:
    """Whatever strangers wrote into the records stands there as a text: it is no markup, and turns nothing around."""

    @pytest.fixture
    def hostile(self, tmp_path: Path) -> Path:
        """Give the example with hostile texts wherever a record takes one."""
        directory = Path(shutil.copytree(EXAMPLE, tmp_path / "program"))
        account = json.dumps("acct-harbor-bakery")
        for path in directory.glob("*.jsonl"):
            text = path.read_text(encoding="utf-8").replace(account, json.dumps(HOSTILE))
            text = text.replace('"client": "harbor-bakery"', f'"client": {json.dumps(HOSTILE)}')
            text = re.sub(r'"note": "[^"]*"', lambda _: f'"note": {json.dumps(HOSTILE)}', text)
            text = re.sub(r'"(id|charge)": "(harbor-bakery[^"]*)"', lambda found: f'"{found[1]}": {json.dumps(found[2] + HOSTILE)}', text)
            path.write_text(text, encoding="utf-8")
        edit(directory, "program.toml", "name = ", '"Partner program (example)"', json.dumps(HOSTILE))
        edit(directory, "program.toml", "source = ", '"Example program', f'"{HOSTILE.replace(chr(34), "")} Example program')
        return directory

    def test_it_stays_text(self, hostile: Path, tmp_path: Path, page: Reader) -> None:
        result = close(hostile, "--html", tmp_path / "month.html")
        assert result.exit_code == 0, result.stderr
        text = (tmp_path / "month.html").read_text(encoding="utf-8")
        read = Reader(text)
        assert {tag for tag, _ in read.elements} <= {tag for tag, _ in page.elements}
        assert {key for _, one in read.elements for key in one} <= {key for _, one in page.elements for key in one}
        shown = [found for _, found in read.texts if HOSTILE in found]
        assert len(shown) > 20
        assert any("note" in found for found in shown)
        assert steering(text) == set()
        ids = read.attributes("id")
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[A-Za-z][\w-]*", one) for one in ids)

    @pytest.mark.parametrize("character", ["\u202e", "\x1b", "\u2028", "\u200b"])
    def test_characters_that_steer_are_escaped(self, books: Books, august: Close, character: str) -> None:
        """Records are refused with them, but values may be made elsewhere."""
        hostile = copy(books.program)
        object.__setattr__(hostile, "name", f"pro{character}gram")
        text = month_page(Books(**{**attrs.asdict(books, recurse=False), "program": hostile}), august, {})
        assert steering(text) == set()
        assert character.encode("unicode_escape").decode() in text


class TestLanguages:
    """The page speaks every language, and writes amounts and days as it does."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_english_is_left(self, books: Books, august: Close, language: str) -> None:
        text = month_page(books, august, {}, locale=language)
        read = Reader(text)
        assert f'<html lang="{language}">' in text
        known = {*MONTH_MESSAGES.values(), *CAPTIONS.values()} - {"New Account Bonus"}
        assert [words for words in known if "{" not in words and len(words.split()) > 2 and words in text] == []
        amount = next(bill.due for bill in august.bills if bill.due.minor)
        assert format_money(amount, language) in {found.strip() for _, found in read.texts}

    @pytest.mark.parametrize("locale", ["en_GB", "de_CH", "fr_CA", "es_MX", "ja", "ar"])
    def test_every_locale_renders(self, books: Books, august: Close, locale: str) -> None:
        Reader(month_page(books, august, {}, locale=locale))

    def test_no_message_is_idle(self, many: Books, many_in_august: Close) -> None:
        quiet = books_of(worlds.World(program=worlds.program(), relationships={}))
        example = example_books()
        months = ((many, many_in_august), (many, closed(many, AUGUST.next())), (example, closed(example)), (quiet, closed(quiet)))
        texts = "".join(month_page(found, month, {}, locale="de") for found, month in months)
        said = {message: say_in("de")(message, english) for message, english in MONTH_MESSAGES.items()}
        pieces = {message: max(re.split(r"\{\w+\}", words), key=len) for message, words in said.items()}
        missing = {message for message, piece in pieces.items() if piece.replace("&", "&amp;").strip(" .") not in texts}
        assert missing <= {"why.earning"}  # the share of a charge that was paid in parts, see above


class TestTheCommand:
    """`close --html` writes the page whole, or nothing at all."""

    def test_it_writes_the_page_and_prints_the_report(self, tmp_path: Path, books: Books, august: Close) -> None:
        place = tmp_path / "new" / "month.html"
        result = close(EXAMPLE, "--html", place)
        assert result.exit_code == 0, result.stderr
        assert result.stdout == close(EXAMPLE).stdout + f"\nWritten: {place}\n"
        assert everything_below(tmp_path) == ["new", "new/month.html"]
        _, sources = open_books(EXAMPLE, lambda _, lines: lines)
        assert place.read_text(encoding="utf-8") == month_page(books, august, sources)

    def test_with_out_it_writes_both(self, tmp_path: Path) -> None:
        result = close(EXAMPLE, "--html", tmp_path / "month.html", "--out", tmp_path / "out")
        assert result.exit_code == 0, result.stderr
        assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS
        assert sorted(path.name for path in tmp_path.iterdir()) == ["month.html", "out"]

    def test_a_locale_is_that_of_the_page(self, tmp_path: Path) -> None:
        assert close(EXAMPLE, "--html", tmp_path / "month.html", "--locale", "fr").exit_code == 0
        assert '<html lang="fr">' in (tmp_path / "month.html").read_text(encoding="utf-8")

    def test_what_is_there_is_never_overwritten(self, tmp_path: Path) -> None:
        taken, away = tmp_path / "taken.html", tmp_path / "away.html"
        taken.write_text("mine", encoding="utf-8")
        away.symlink_to(tmp_path / "nowhere")
        for place, why in ((taken, "is not this page"), (away, "is no file"), (tmp_path, "is no file")):
            result = close(EXAMPLE, "--html", place, "--out", tmp_path / "out")
            assert (result.exit_code, result.stdout) == (2, "")
            assert f"error: {place}: exists already, and {why}: give --html a file that does not exist" in result.stderr
            assert result.stderr.endswith("; nothing was written.\n")
        assert taken.read_text(encoding="utf-8") == "mine"
        assert not (tmp_path / "out").exists()

    def test_the_same_page_stays_as_it_is(self, tmp_path: Path) -> None:
        place, out = tmp_path / "month.html", tmp_path / "out"
        assert close(EXAMPLE, "--html", place, "--out", out).exit_code == 0
        before = place.stat().st_mtime_ns
        again = close(EXAMPLE, "--html", place, "--out", out)
        assert (again.exit_code, again.stderr) == (0, "")
        assert again.stdout.endswith(f"{out} holds this close already, byte for byte.\n\n{place} is this page already, byte for byte.\n")
        assert place.stat().st_mtime_ns == before

    def test_a_page_is_not_put_into_a_close_that_is_there(self, tmp_path: Path) -> None:
        out = tmp_path / "out"
        assert close(EXAMPLE, "--out", out).exit_code == 0
        result = close(EXAMPLE, "--html", out / "month.html", "--out", out)
        assert result.exit_code == 2
        assert "lie within each other" in result.stderr
        assert {path.name for path in out.iterdir()} == OUTPUTS

    def test_links_that_lead_in_a_circle_or_nowhere_are_taken(self, tmp_path: Path) -> None:
        circle, away = tmp_path / "circle", tmp_path / "away"
        circle.symlink_to("circle")
        away.symlink_to("nowhere")
        for place in (circle, away):
            result = close(EXAMPLE, "--out", place, "--html", tmp_path / "month.html")
            assert (result.exit_code, result.stdout) == (2, "")
            assert f"error: {place}: exists already: give --out a directory that does not" in result.stderr

    @pytest.mark.parametrize("option", ["--html", "--out"])
    def test_a_place_has_a_name_of_its_own(self, tmp_path: Path, option: str) -> None:
        result = close(EXAMPLE, option, tmp_path / "new" / "..")
        assert result.exit_code == 2
        assert f"names no place of its own: give {option} a name" in result.stderr

    @pytest.mark.parametrize("option", ["--html", "--out"])
    def test_nothing_is_named_as_records_are(self, tmp_path: Path, option: str) -> None:
        directory = Path(shutil.copytree(EXAMPLE, tmp_path / "program"))
        result = close(directory, option, directory / "coupons.jsonl")
        assert result.exit_code == 2
        assert f"is named as files of records are: give {option} another name, without .jsonl" in result.stderr
        assert not (directory / "coupons.jsonl").exists()

    def test_both_places_are_checked_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "month.html").mkdir()
        result = close(EXAMPLE, "--html", tmp_path / "month.html", "--out", tmp_path / "out")
        assert "2 faults; nothing was written." in result.stderr

    @pytest.mark.parametrize(("html", "out"), [("out/month.html", "out"), ("out", "out"), ("month", "month/out"), ("out/../out/a", "out")])
    def test_places_within_each_other_are_refused(self, tmp_path: Path, html: str, out: str) -> None:
        result = close(EXAMPLE, "--html", tmp_path / html, "--out", tmp_path / out)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "lie within each other: give --html a file beside what --out writes" in result.stderr
        assert everything_below(tmp_path) == []

    def test_nothing_is_written_where_the_records_are_wrong(self, tmp_path: Path) -> None:
        directory = Path(shutil.copytree(EXAMPLE, tmp_path / "program"))
        edit(directory, "charges.jsonl", '"sunrise-yoga-2025-08-08",', '"35.00 USD"', '"35.00 GBP"')
        result = close(directory, "--html", tmp_path / "new" / "month.html")
        assert result.exit_code == 2
        assert not (tmp_path / "new").exists()

    def test_nothing_is_written_where_the_page_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        result = close(EXAMPLE, "--html", tmp_path / "file" / "month.html", "--out", tmp_path / "out")
        assert (result.exit_code, result.stdout) == (2, "")
        assert everything_below(tmp_path) == ["file"]

    def test_nothing_is_written_where_out_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(out: Path, files: Mapping[str, str]) -> None:
            raise OSError(28, "No space left on device", str(out))

        monkeypatch.setattr(cli, "write_new", fail)
        result = close(EXAMPLE, "--html", tmp_path / "new" / "month.html", "--out", tmp_path / "out")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "No space left on device" in result.stderr
        assert everything_below(tmp_path) == []

    def test_what_came_in_between_is_not_overwritten(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        place = tmp_path / "month.html"
        monkeypatch.setattr(cli, "write_new", lambda *_: place.write_text("mine", encoding="utf-8"))
        result = close(EXAMPLE, "--html", place, "--out", tmp_path / "out")
        assert (result.exit_code, result.stdout) == (2, "")
        assert place.read_text(encoding="utf-8") == "mine"

    def test_its_help_names_it(self) -> None:
        assert "--html" in run("close", "--help").stdout


class TestThePayout:
    """What is said to be paid out is the closing balance above it and leads to its reason; where nothing is, no amount stands there."""

    def test_it_is_that_of_its_own_statement(self, month: MonthShown) -> None:
        statements = [sheet for partner in month.partners for sheet in partner.sheets if len(sheet.columns) == 2]
        ends = {sheet.full_title: {row.what: row.figures[-1] for row in sheet.rows[-2:]} for sheet in statements}
        assert len(ends) == len(statements) > 4
        kept = "Carried to the next month: below the minimum of A$75.00 (payout.minimum)"
        assert [title for title, told in ends.items() if told.get(kept, ...) is None] == ["brightside · Statement · AUD"]
        paid = {title: told for title, told in ends.items() if "To be paid out" in told}
        assert "brightside · Statement · USD" in paid
        for told in paid.values():
            assert told["To be paid out"] is not None
            assert told["To be paid out"] == told["Closing balance"]
