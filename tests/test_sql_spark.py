"""Accounts that Python settles inside an engine: in batches of Arrow alone, and on Spark with skew, with a lost worker, with faults."""

import os
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import worlds
from engines import Spark, imported
from large_world import large_world, rows_of
from partnerkit.billing import Charge
from partnerkit.close import partial_close
from partnerkit.errors import InvalidRecords, InvalidValue, TermMissing
from partnerkit.money import Currency, Money
from partnerkit.periods import Month
from partnerkit.policies import EDITIONS, REWARD
from partnerkit.row_reading import partner_row
from partnerkit.sql import AccountRows, Settling, close_frame, line_frame, partial_batches, row_batches
from partnerkit.sql import batches as batches_module
from partnerkit.sql.batches import LINES, PARTIALS, POSTINGS, Settle, accounts_in, arrow_batches, arrow_schema, spark_columns
from partnerkit.sql.engines import engine_of
from partnerkit.sql.tables import RECORDS, Table
from partnerkit.stretches import Footing, Footings
from partnerkit.tallies import partner_totals
from partnerkit.totals import LARGEST, SUMS, MonthTotals, PartialTotals, finish_totals, month_number
from postings import Posting, charge_posting, posting, postings_of
from worlds import PARTNERS, World

# pyspark warns of the pandas it was not tried with; nothing here goes through pandas.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

END = worlds.LAST_MONTH.period.end
AUGUST = month_number(Month.parse("2025-08"))
LARGE = 2**53 + 1
"""The first whole number that no float holds."""


@pytest.fixture(scope="module", autouse=True)
def arrow() -> Any:
    """The library of Arrow, or a skip that says what is missing."""
    return imported("pyarrow", "partnerkit[spark]")


def settling(world: World) -> Settling:
    return Settling(program=world.program, partners=PARTNERS, through=worlds.LAST_MONTH)


def summed(settle: Settle, footings: Sequence[Footing], postings: Iterable[Posting], *, most: int = 7) -> list[Posting]:
    """Give the rows that one partition of an engine would give, its batches cut anywhere."""
    batches = partial_batches(settle, footings)(arrow_batches(postings, POSTINGS, most=most))
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def of_partners(world: World) -> PartialTotals:
    return partner_totals(
        program=world.program,
        partners=PARTNERS,
        through=worlds.LAST_MONTH,
        payments=map(partner_row, world.payments),
        disbursements=map(partner_row, world.disbursements),
        entries=map(partner_row, world.entries),
    )


class TestBatches:
    """Batches of postings come to the sums of the close, however accounts lie in partitions and rows in batches."""

    @given(world=worlds.worlds(), cut=st.integers(0, 4), most=st.integers(1, 9), data=st.data())
    def test_any_partitions_of_any_world(self, world: World, cut: int, most: int, data: st.DataObject) -> None:
        footings = Footings(program=world.program, partners=PARTNERS)
        accounts = data.draw(st.permutations(sorted(world.relationships)))
        parts = [list(postings_of(world, footings, part)) for part in (accounts[:cut], accounts[cut:])]
        rows = [row for part in parts for row in summed(settling(world).totals, footings.all, part, most=most)]
        assert {row[0] for row in rows} <= {None}
        partial = PartialTotals.of_rows(row[1:] for row in rows).merge(of_partners(world))
        for close in world.closes():
            assert finish_totals(partial, month=close.month, program=world.program, partners=PARTNERS) == MonthTotals.of(close)

    @given(world=worlds.worlds(), most=st.integers(1, 12))
    def test_accounts_stay_whole_however_few_rows_are_taken_at_once(self, world: World, most: int) -> None:
        footings = Footings(program=world.program, partners=PARTNERS)
        postings = list(postings_of(world, footings, world.relationships))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batches_module, "_CHUNK", most)
            found = [[one.account for one in accounts] for accounts in accounts_in(postings, footings.all)]
            rows = summed(settling(world).totals, footings.all, postings)
        assert list(chain.from_iterable(found)) == sorted(world.relationships)
        assert rows == summed(settling(world).totals, footings.all, postings)

    @given(world=worlds.worlds())
    @settings(max_examples=30)
    def test_what_is_sent_to_workers_is_the_same_there(self, world: World) -> None:
        footings = Footings(program=world.program, partners=PARTNERS)
        postings = list(postings_of(world, footings, world.relationships))
        here = partial_batches(settling(world).totals, footings.all)
        there = pickle.loads(pickle.dumps(here))  # noqa: S301  (our own)
        batches = list(arrow_batches(postings, POSTINGS))
        assert list(there(iter(batches))) == list(here(iter(batches)))

    @given(world=worlds.worlds())
    def test_lines_say_what_the_close_says_and_why(self, world: World) -> None:
        footings = Footings(program=world.program, partners=PARTNERS)
        postings = list(postings_of(world, footings, world.relationships))
        batches = row_batches(settling(world).lines, LINES, footings.all)(arrow_batches(postings, POSTINGS))
        found = {row.pop("charge"): row for batch in batches for row in batch.to_pylist()}
        made = [
            line
            for month in worlds.months()
            for line in partial_close(world.charges_of(month), world.relationships, world.program, month).lines
        ]
        assert found == {
            line.charge.id: {
                "account": line.charge.account,
                "charged_on": line.charge.charged_on,
                "currency": line.charge.amount.currency.code,
                "payer": line.payer,
                "earner": line.earner,
                "minor": line.gross.minor,
                "discount": line.discount.minor,
                "share": line.share.minor,
                "bonus": None if line.bonus is None else line.bonus.minor,
                "edition": line.rulings[0].edition,
                "clauses": [clause for ruling in line.all_rulings for clause in ruling.because],
            }
            for line in made
        }

    def test_the_clauses_of_a_line_are_those_of_its_edition(self) -> None:
        ((row,),) = [list(batch.to_pylist()) for batch in lines_of(ONE)]
        (edition,) = [one.policy for one in EDITIONS[REWARD.id] if one.policy.fingerprint == row["edition"]]
        assert [edition.clause(clause).id for clause in row["clauses"]] == ["REWARD-SHARE"]

    def test_rows_of_ones_own(self) -> None:
        def counted(accounts: Sequence[AccountRows]) -> Iterator[tuple[str, int, bool]]:
            return ((one.account, len(one.charges), not one.refunds) for one in accounts)

        columns = {"account": "text", "charges": "bigint", "kept": "boolean"}
        batches = row_batches(counted, columns, FOOTINGS.all)(arrow_batches(postings_of(ONE, FOOTINGS, ["a-1"]), POSTINGS))
        assert [batch.to_pylist() for batch in batches] == [[{"account": "a-1", "charges": 1, "kept": True}]]

    def test_schemas_say_the_same(self) -> None:
        assert arrow_schema(PARTIALS).names == list(PARTIALS) == ["refused", "partner", "currency", "month", *SUMS]
        assert spark_columns(PARTIALS).count("BIGINT") == len(SUMS) + 1
        assert spark_columns(LINES).endswith("`clauses` ARRAY<STRING>")


WHERE = worlds.program()
ONE = World(program=WHERE, relationships={"a-1": worlds.referred(worlds.account("a-1"), WHERE)}, charges=(worlds.charge(),))
FOOTINGS = Footings(program=WHERE, partners=PARTNERS)
ROWS = tuple(postings_of(ONE, FOOTINGS, ["a-1"]))


def lines_of(world: World) -> Iterator[Any]:
    return row_batches(settling(world).lines, LINES, FOOTINGS.all)(arrow_batches(postings_of(world, FOOTINGS, ["a-1"]), POSTINGS))


def large(minor: int, name: str = "c-1", account: str = "a-1") -> Charge:
    charge = worlds.charge(name, account_id=account)
    return attrs.evolve(charge, amount=Money(minor=minor, currency=Currency("USD")))  # noqa: TID251  (a test)


def life_of(world: World, account: str) -> list[Posting]:
    """Give the stretches of the account a-1, as those of another one."""
    return [(account, *row[1:]) for row in postings_of(world, FOOTINGS, ["a-1"]) if row[1] == 0]


ENROLLED = World(program=WHERE, relationships={"a-1": worlds.enrolled(worlds.account("a-1"), WHERE)})


class TestWholeNumbers:
    """A whole number beyond 2**53 arrives as it left, with NULL beside it, and no sum leaves its column."""

    def test_a_large_amount_beside_null(self) -> None:
        postings = [*life_of(ONE, "a-1"), charge_posting(large(LARGE))]
        assert {row[list(POSTINGS).index("minor")] for row in postings} == {None, LARGE}
        batches = row_batches(settling(ONE).lines, LINES, FOOTINGS.all)(arrow_batches(postings, POSTINGS))
        ((minor, kind),) = [(row["minor"], type(row["minor"])) for batch in batches for row in batch.to_pylist()]
        assert (minor, kind) == (LARGE, int)
        (row,) = summed(settling(ONE).totals, FOOTINGS.all, postings)
        assert row == (None, "p-1", "USD", AUGUST, *({"shares": 1, "share": LARGE // 10}.get(name, 0) for name in SUMS))

    def test_sums_that_one_column_does_not_hold_are_several_rows(self) -> None:
        accounts = ("a-1", "a-2", "a-3")
        postings = [[*life_of(ENROLLED, one), charge_posting(large(LARGEST, f"c-{one}", one))] for one in accounts]
        rows = summed(settling(ENROLLED).totals, FOOTINGS.all, chain.from_iterable(postings))
        gross = list(PARTIALS).index("gross")
        assert [(row[0], row[1], row[gross]) for row in rows] == [(None, "p-1", LARGEST)] * 3

    def test_an_account_that_no_column_holds_is_refused(self) -> None:
        charges = [large(LARGEST, "c-1"), large(LARGEST, "c-2")]
        rows = summed(settling(ENROLLED).totals, FOOTINGS.all, [*life_of(ENROLLED, "a-1"), *map(charge_posting, charges)])
        assert rows == [("a-1", *(None,) * (len(PARTIALS) - 1))]


class TestWhatBatchesRefuse:
    """An account that cannot be settled is named and costs no other its sums; rows that are no postings are refused."""

    def test_an_account_without_a_life(self) -> None:
        rows = summed(settling(ONE).totals, FOOTINGS.all, [*ROWS, charge_posting(worlds.charge("c-9", account_id="a-9"))])
        assert [row[0] for row in rows] == ["a-9", None]
        assert rows[1:] == summed(settling(ONE).totals, FOOTINGS.all, ROWS)

    def test_a_fault_of_ones_own_function_is_its_own(self) -> None:
        def broken(_: Sequence[AccountRows]) -> PartialTotals:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            summed(broken, FOOTINGS.all, ROWS)

    def test_lines_of_an_account_without_a_life(self) -> None:
        postings = arrow_batches([charge_posting(worlds.charge(account_id="a-9"))], POSTINGS)
        with pytest.raises(InvalidRecords, match="'a-9', which has no relationship"):
            list(row_batches(settling(ONE).lines, LINES, FOOTINGS.all)(postings))

    @pytest.mark.parametrize(
        ("rows", "told"),
        [
            ([posting(2, "a-2", id="r"), posting(2, "a-1", id="r")], "receipts: r: lacks a value"),
            ([charge_posting(worlds.charge()), posting(1, "a-2")], "charges: a row without an id: lacks a value"),
            ([posting(4, "a-1")], "postings: a-1: has the turn 4: wanted from 0 to 3"),
            ([posting(0, None)], "postings: account: is missing"),
        ],
    )
    def test_rows(self, rows: list[Posting], told: str) -> None:
        with pytest.raises(InvalidRecords, match=told):
            summed(settling(ONE).totals, FOOTINGS.all, rows)

    def test_accounts_out_of_order(self) -> None:
        with pytest.raises(InvalidValue, match="the account 'a-1' comes after 'a-2': sort the postings by account"):
            summed(settling(ONE).totals, FOOTINGS.all, [charge_posting(worlds.charge(account_id="a-2")), *ROWS])

    def test_a_missing_column(self, arrow: Any) -> None:
        batch = arrow.record_batch([arrow.array(["a-1"])], names=["account"])
        with pytest.raises(InvalidRecords, match="postings: turn: is missing: wanted a column"):
            list(partial_batches(settling(ONE).totals, ())(iter([batch])))


def loaded(session: Any, world: World) -> dict[str, str]:
    """Load the records of a world into a session, in eight parts that have nothing to do with accounts, and name their tables."""
    rows = rows_of(world)
    names = {name: f"settled {name}" for name in rows}
    for name, values in rows.items():
        engine_of(session).load(names[name], Table(name=name, columns=RECORDS[name], rows=values))
        session.table(f"`{names[name]}`").repartition(8).createOrReplaceTempView(f"`{names[name]}`")
    return names


def closed(session: Any, world: World, settle: Settle | None = None, tables: Mapping[str, str] | None = None) -> MonthTotals:
    return close_frame(
        session,
        loaded(session, world) if tables is None else tables,
        world.program,
        worlds.LAST_MONTH,
        partners=PARTNERS,
        relationships=world.relationships.values(),
        settle=settle,
    )


@pytest.fixture
def spread(spark_engine: Spark) -> Iterator[Any]:
    """The session of Spark, for a test with eight partitions, which Spark would put together because they are small."""
    session = spark_engine.session
    usual = {name: session.conf.get(name) for name in SPREAD}
    for name, value in SPREAD.items():
        session.conf.set(name, value)
    yield session
    for name, value in usual.items():
        session.conf.set(name, value)


SPREAD = {"spark.sql.shuffle.partitions": "8", "spark.sql.adaptive.coalescePartitions.enabled": "false"}


class TestOnSpark:
    """Spark brings accounts together and adds what Python makes of them: the month is that of Python, whatever is lost meanwhile."""

    def test_one_partner_with_a_third_of_all_charges(self, spark_engine: Spark) -> None:
        world = large_world()
        third = {key for key, life in world.relationships.items() if life.standing_on(date(2025, 8, 1)).payer == worlds.NORTHLIGHT}
        seen: list[str] = []
        tables = loaded(spark_engine.session, world)
        found = close_frame(
            spark_engine.session,
            tables,
            world.program,
            worlds.LAST_MONTH,
            partners=PARTNERS,
            relationships=world.relationships.values(),
            on_step=seen.append,
        )
        assert found == MonthTotals.of(world.closes()[-1])
        assert Counter(charge.account in third for charge in world.charges) == {True: 80, False: 160}
        assert {bill.partner for bill in found.bills} >= {"p-2"}
        assert seen[-2:] == ["settling the accounts", "adding what partners paid"]

    def test_a_worker_that_dies(self, spread: Any, tmp_path: Path) -> None:
        world = large_world()
        usual, mark = settling(world), str(tmp_path / "died")

        def dying(accounts: Sequence[AccountRows]) -> PartialTotals:
            if any(one.account == "a-7" for one in accounts) and not os.path.exists(mark):  # noqa: PTH110  (runs elsewhere)
                os.mkdir(mark)  # noqa: PTH102  (runs elsewhere)
                os._exit(1)
            return usual.totals(accounts)

        assert closed(spread, world, dying) == MonthTotals.of(world.closes()[-1])
        assert os.path.exists(mark)  # noqa: PTH110

    @pytest.mark.skipif(sys.platform != "linux", reason="the executor is found in /proc")
    def test_an_executor_that_is_lost(self, spark_engine: Spark, tmp_path: Path) -> None:
        script = Path(__file__).with_name("lost_executor.py")
        ran = subprocess.run([sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert ran.stdout.splitlines()[-1:] == ["the same, though one of two executors was lost"], ran.stderr[-2_000:]

    def test_a_rule_of_ones_own(self, spark_engine: Spark) -> None:
        world = World(program=WHERE, relationships=ONE.relationships, charges=(large(LARGE), worlds.charge("c-2", item="b")))
        usual = settling(world)

        def doubled(accounts: Sequence[AccountRows]) -> PartialTotals:
            return usual.totals(accounts).merge(usual.totals(accounts))

        plain, twice = closed(spark_engine.session, world), closed(spark_engine.session, world, doubled)
        assert plain == MonthTotals.of(world.closes()[-1])
        assert [one.closing for one in twice.statements] == [one.closing + one.closing for one in plain.statements]
        assert [one.opening.minor for one in plain.statements] == [LARGE // 10 + 1_000]

    def test_a_partner_is_spread_over_all_partitions_and_an_account_over_none(self, spread: Any) -> None:
        world = large_world()
        lives = world.relationships.values()
        frame = line_frame(spread, loaded(spread, world), world.program, worlds.LAST_MONTH, partners=PARTNERS, relationships=lives)
        places = Counter(map(tuple, frame.selectExpr("payer", "account", "spark_partition_id()").collect()))
        assert {count for (payer, _, _), count in places.items() if payer == "p-2"} == {4}
        by_place: Counter[int] = Counter()
        for (payer, _, place), count in places.items():
            by_place[place] += count if payer == "p-2" else 0
        assert by_place.total() == 80
        assert max(by_place.values()) < 40

    def test_lines_with_their_clauses(self, spark_engine: Spark) -> None:
        world = large_world()
        tables = loaded(spark_engine.session, world)
        lives = world.relationships.values()
        frame = line_frame(spark_engine.session, tables, world.program, worlds.LAST_MONTH, partners=PARTNERS, relationships=lives)
        found = {row["charge"]: (row["share"], row["discount"], tuple(row["clauses"])) for row in frame.collect()}
        closes = [partial_close(world.charges_of(month), world.relationships, world.program, month) for month in worlds.months()]
        assert found == {
            line.charge.id: (line.share.minor, line.discount.minor, line.rulings[0].because) for close in closes for line in close.lines
        }
        assert {clauses for _, _, clauses in found.values()} >= {("REWARD-SHARE",), ("REWARD-DISCOUNT",)}

    def test_what_is_wrong_is_told_as_python_tells_it(self, spark_engine: Spark) -> None:
        world = World(program=WHERE, relationships=ONE.relationships, charges=(worlds.charge(), worlds.charge("c-9", amount="100 JPY")))
        with pytest.raises(InvalidRecords, match="c-9: is in JPY, but a-1 is billed in USD"):
            closed(spark_engine.session, world)

    def test_a_rule_that_refuses_only_elsewhere(self, spark_engine: Spark) -> None:
        usual, here = settling(ONE), os.getpid()

        def moody(accounts: Sequence[AccountRows]) -> PartialTotals:
            if os.getpid() != here:
                raise InvalidValue("not here")
            return usual.totals(accounts)

        with pytest.raises(InvalidValue, match="workers refuse the accounts a-1, which are accepted here: let `settle` use its rows only"):
            closed(spark_engine.session, ONE, moody)

    def test_cash_for_no_charge(self, spark_engine: Spark) -> None:
        cash = worlds.receipt("r-1", "c-9", "1.00 USD", date(2025, 8, 9))
        world = World(program=WHERE, relationships=ONE.relationships, charges=(worlds.charge(),), receipts=(cash,))
        with pytest.raises(InvalidRecords, match="r-1: is for 'c-9', which is no charge"):
            closed(spark_engine.session, world)

    def test_a_term_that_is_missing(self, spark_engine: Spark) -> None:
        where = worlds.program(worlds.terms(share={"rate": ...}))
        world = World(program=where, relationships={"a-1": worlds.referred(worlds.account("a-1"), where)}, charges=(worlds.charge(),))
        with pytest.raises(TermMissing, match=r"share\.rate"):
            closed(spark_engine.session, world)

    def test_another_engine(self) -> None:
        with pytest.raises(InvalidValue, match="this is a connection of duckdb, not of spark: close its month with close_table"):
            closed(imported("duckdb", "partnerkit[sql]").connect(), ONE, tables={})
