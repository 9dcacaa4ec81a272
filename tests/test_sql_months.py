"""A month that an engine closes is the month that Python closes: every bill and statement, in every engine, and what is wrong with it."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

import worlds
from commands import example_books
from engines import Duck, Engine, Postgres, Spark
from large_world import Rows, large_world, rows_of
from partnerkit.billing import Charge
from partnerkit.errors import InvalidRecords, InvalidValue, PartnerkitError, TermMissing
from partnerkit.money import Money, Rate
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.policies import REWARD
from partnerkit.row_reading import charge_row
from partnerkit.rows import CashRow
from partnerkit.sql import CompiledPolicy, close_table, closing, line_query
from partnerkit.sql.engines import engine_of
from partnerkit.sql.months import RecordTables
from partnerkit.sql.tables import RECORDS, Table
from partnerkit.tallies import close_totals
from partnerkit.terms import Recognition
from partnerkit.totals import LARGEST, MonthTotals
from worlds import PARTNERS, World


def connection_of(engine: Engine) -> Any:
    """Give the connection or session that an engine of the tests is of; of DuckDB a new one."""
    if isinstance(engine, Duck):
        return duckdb.connect()
    assert isinstance(engine, Postgres | Spark)
    return engine.connection if isinstance(engine, Postgres) else engine.session


def loaded(connection: Any, rows: Rows) -> dict[str, str]:
    """Load rows into an engine, and name their tables."""
    names = {name: f"tested {name}" for name in rows}
    for name, values in rows.items():
        engine_of(connection).load(names[name], Table(name=name, columns=RECORDS[name], rows=values))
    return names


def closed(connection: Any, world: World, month: Month) -> MonthTotals:
    return close_table(
        connection,
        loaded(connection, rows_of(world)),
        world.program,
        month,
        partners=PARTNERS,
        relationships=world.relationships.values(),
    )


class TestAgreement:
    """Totals, bills and statements are those of Python."""

    @given(world=worlds.worlds())
    @settings(max_examples=40, deadline=None)
    def test_every_world_in_duckdb(self, world: World) -> None:
        last = world.closes()[-1]
        with duckdb.connect() as connection:
            assert closed(connection, world, last.month) == MonthTotals.of(last)

    @given(drawn=worlds.changing_worlds())
    @settings(max_examples=25, deadline=None)
    def test_whatever_changes_meanwhile(self, drawn: tuple[World, Partners]) -> None:
        world, partners = drawn
        rows = [charge_row(charge) for charge in sorted(world.charges, key=attrgetter("account"))]
        with duckdb.connect() as connection:
            tables, lives = loaded(connection, {"charges": rows}), world.relationships.values()
            asked = partial(close_table, connection, tables, world.program, worlds.LAST_MONTH, partners=partners, relationships=lives)
            try:
                totals = close_totals(rows, world.relationships, world.program, worlds.LAST_MONTH, partners=partners)
            except PartnerkitError as refused:
                with pytest.raises(type(refused)):
                    asked()
                return
            assert asked() == totals

    @given(world=worlds.worlds())
    @settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_worlds_in_postgresql(self, postgres_engine: Postgres, world: World) -> None:
        last = world.closes()[-1]
        assert closed(postgres_engine.connection, world, last.month) == MonthTotals.of(last)

    def test_a_large_world_in_every_engine(self, engine: Engine) -> None:
        world = large_world()
        last = world.closes()[-1]
        assert closed(connection_of(engine), world, last.month) == MonthTotals.of(last)

    def test_the_example(self, engine: Engine) -> None:
        books = example_books()
        assert books.last_month is not None
        *_, last = books.closes(books.last_month)
        connection = connection_of(engine)
        tables = loaded(connection, rows_of(books))
        relationships = books.relationships.values()
        found = close_table(connection, tables, books.program, last.month, partners=books.partners, relationships=relationships)
        assert found == MonthTotals.of(last)

    @pytest.mark.parametrize("threads", [1, 4])
    def test_every_month_of_the_example_at_any_number_of_threads(self, threads: int) -> None:
        books = example_books()
        assert books.last_month is not None
        with duckdb.connect(config={"threads": threads}) as connection:
            tables = loaded(connection, rows_of(books))
            for close in books.closes(books.last_month):
                relationships = books.relationships.values()
                found = close_table(connection, tables, books.program, close.month, partners=books.partners, relationships=relationships)
                assert found == MonthTotals.of(close)


TOP = f"{LARGEST // 100}.{LARGEST % 100:02} USD"
"""The largest amount that a row may have: two of them are more than a whole number of 64 bits holds."""


class TestSumsThatNeedMoreBitsThanTheirAmounts:
    """Amounts of 62 bits add up to their sum in every engine, however small the charges are beside them."""

    @staticmethod
    def check(engine: Engine, world: World) -> MonthTotals:
        last = MonthTotals.of(world.closes()[-1])
        assert closed(connection_of(engine), world, last.month) == last
        return last

    def test_what_partners_pay_and_are_paid(self, engine: Engine) -> None:
        days = [date(2025, 8, day) for day in range(2, 9)]
        world = World(
            program=WHERE,
            relationships=ACCOUNTS,
            charges=(worlds.charge(amount="0.01 USD"),),
            payments=tuple(worlds.payment(f"pay-{day}", TOP, day) for day in days),
            disbursements=tuple(worlds.disbursement(f"d-{day}", TOP, day) for day in days),
            entries=tuple(worlds.entry(f"e-{day}", TOP, day) for day in days),
        )
        assert max(bill.paid.minor for bill in self.check(engine, world).bills) > 2**63

    def test_bonuses(self, engine: Engine) -> None:
        where = worlds.program(worlds.terms(bonus={"amount": (Money.parse(TOP),)}))
        names = [f"a-{place}" for place in range(5)]
        world = World(
            program=where,
            relationships={name: worlds.referred(worlds.account(name), where) for name in names},
            charges=tuple(worlds.charge(f"c {name}", account_id=name, amount="0.01 USD") for name in names),
        )
        self.check(engine, world)

    def test_charges_and_their_cash(self, engine: Engine) -> None:
        where = worlds.program(worlds.terms(share={"rate": Rate.parse("1"), "recognized": Recognition.ON_CASH}))
        names = [f"a-{place}" for place in range(5)]
        world = World(
            program=where,
            relationships={name: worlds.referred(worlds.account(name), where) for name in names},
            charges=tuple(worlds.charge(f"c {name}", account_id=name, amount=TOP) for name in names),
            receipts=tuple(worlds.receipt(f"r {name}", f"c {name}", TOP, date(2025, 8, 9)) for name in names),
        )
        self.check(engine, world)

    def test_where_spark_would_wrap(self, spark_engine: Spark) -> None:
        entries = (worlds.entry(f"e-{place}", TOP, date(2025, 8, 9)) for place in range(3))
        world = World(program=WHERE, relationships={}, entries=tuple(entries))
        spark_engine.session.conf.set("spark.sql.ansi.enabled", "false")
        try:
            self.check(spark_engine, world)
        finally:
            spark_engine.session.conf.unset("spark.sql.ansi.enabled")

    @pytest.mark.parametrize(("times", "is_narrow"), [(2**32, True), (2**33, False)])
    def test_more_charges_than_any_test_makes(self, monkeypatch: pytest.MonkeyPatch, times: int, is_narrow: bool) -> None:
        monkeypatch.setattr(closing, "FIRST_DAY", closing.FIRST_DAY.replace("SUM(some)", f"SUM(some) * {times}"))
        minor = 2**30 - 1
        with duckdb.connect() as connection:
            tables = loaded(connection, {"charges": [charge_row(worlds.charge(amount=f"{minor // 100}.{minor % 100} USD"))]})
            close = RecordTables.of(connection, tables).settled_by(ACCOUNTS.values(), WHERE, worlds.LAST_MONTH, partners=PARTNERS)
            assert ("INT128" in close.text(closing.CHARGED)) is not is_narrow


class TestLines:
    """Every line can be had, with the index of the ruling that explains it."""

    def test_the_example(self, engine: Engine) -> None:
        books = example_books()
        assert books.last_month is not None
        connection = connection_of(engine)
        tables = loaded(connection, rows_of(books))
        relationships = books.relationships.values()
        last, partners = books.last_month, books.partners
        query = line_query(connection, tables, books.program, last, partners=partners, relationships=relationships)
        compiled = CompiledPolicy(policy=REWARD, dialect=engine.dialect)
        found = {row[0]: (*row[1:5], *row[6:9], compiled.ruling_at(row[10])) for row in engine_of(connection).ask(query)}
        lines = [line for close in books.closes(books.last_month) for line in close.lines]
        assert found == {
            line.charge.id: (
                *(line.charge.account, line.payer, line.earner, line.gross.currency.code),
                *(line.gross.minor, line.discount.minor, line.share.minor, line.rulings[0]),
            )
            for line in lines
        }


WHERE = worlds.program()
ACCOUNTS = {"a-1": worlds.referred(worlds.account("a-1"), WHERE), "a-2": worlds.enrolled(worlds.account("a-2"), WHERE)}


def faults_of(*charges: Charge, world: World | None = None, receipts: Iterable[CashRow] = (), refunds: Iterable[CashRow] = ()) -> list[str]:
    """Give what DuckDB's close tells of charges and cash."""
    where = world or World(program=WHERE, relationships=ACCOUNTS)
    with duckdb.connect() as connection:
        tables = loaded(connection, {"charges": map(charge_row, charges), "receipts": receipts, "refunds": refunds})
        with pytest.raises(InvalidRecords) as told:
            close_table(connection, tables, where.program, worlds.LAST_MONTH, partners=PARTNERS, relationships=where.relationships.values())
    return [f"{fault.source} {fault.path} {fault.message}" for fault in told.value.faults]


class TestWhatAnEngineRefuses:
    """What is wrong is told with its table and row, in the words in which Python tells it."""

    @pytest.mark.parametrize(
        ("charges", "told"),
        [
            ([worlds.charge(account_id="a-9")], "c-1 is of the account 'a-9', which has no relationship"),
            ([worlds.charge(on=worlds.OPENED_ON - timedelta(days=1))], "c-1 is of 2025-01-07, and nothing is known of a-1"),
            ([worlds.charge(amount="100 JPY")], "c-1 is in JPY, but a-1 is billed in USD"),
            ([worlds.charge(), worlds.charge(account_id="a-2", item="another")], "c-1 comes twice"),
            ([worlds.charge("c-1", item="lite"), worlds.charge("c-2", item="lite")], "c-2 is billed already by the charge c-1"),
            (
                [worlds.charge("c-1", item="lite"), worlds.charge("c-2", item="lite", on=date(2025, 8, 9))],
                "c-2 is 2025-08-09/2025-09-08, and c-1 bills 'lite' for 2025-08-08/2025-09-07",
            ),
        ],
    )
    def test_charges(self, charges: list[Charge], told: str) -> None:
        (fault,) = faults_of(*charges)
        assert told in fault
        assert fault.split()[0] in {"charges", "tested"}

    @pytest.mark.parametrize(
        ("cash", "told"),
        [
            (("r-1", "c-9", 1, "USD", date(2025, 8, 9)), "r-1 is for 'c-9', which is no charge"),
            (("r-1", "c-1", 10_001, "USD", date(2025, 8, 9)), "r-1 brings the charge c-1 to 100.01 USD, more than the 100.00 USD"),
            (("r-1", "c-1", 1, "JPY", date(2025, 8, 9)), "r-1 is in JPY, but the charge c-1 is in USD"),
            (("r-1", "c-1", 1, "USD", date(2025, 8, 7)), "r-1 is of 2025-08-07, before the charge c-1 of 2025-08-08"),
            (("r-1", "c-1", 0, "USD", date(2025, 8, 9)), "r-1.minor is 0 minor units: wanted from one"),
            (("r-1", "c-1", LARGEST + 1, "USD", date(2025, 8, 9)), "minor units: wanted from one to"),
            (("r-1", None, 1, "USD", date(2025, 8, 9)), "r-1.charge is missing"),
        ],
    )
    def test_cash(self, cash: CashRow, told: str) -> None:
        (receipt,) = faults_of(worlds.charge(), receipts=[cash])
        assert told in receipt
        (refund,) = faults_of(worlds.charge(), refunds=[cash])
        assert told in refund

    def test_cash_before_its_charge_of_a_later_month(self) -> None:
        (told,) = faults_of(worlds.charge(on=date(2025, 10, 8)), receipts=[("r-1", "c-1", 1, "USD", date(2025, 9, 9))])
        assert told == "tested receipts r-1 is of 2025-09-09, before the charge c-1 of 2025-10-08: correct one of the two"

    @pytest.mark.parametrize("is_prepaid", [True, False])
    def test_a_term_on_prepaid_charges_that_is_missing(self, is_prepaid: bool) -> None:
        where = worlds.program(worlds.terms(single_bill={"on_prepaid": ...}))
        charge = worlds.charge(prepaid=Rate.percent("15") if is_prepaid else None)
        world = World(program=where, relationships={"a-1": worlds.enrolled(worlds.account("a-1"), where)}, charges=(charge,))
        with duckdb.connect() as connection:
            if not is_prepaid:
                assert closed(connection, world, worlds.LAST_MONTH) == MonthTotals.of(world.closes()[-1])
                return
            with pytest.raises(TermMissing, match=r"single_bill\.on_prepaid"):
                closed(connection, world, worlds.LAST_MONTH)

    def test_two_receipts_with_one_id(self) -> None:
        rows = [("r-1", "c-1", 1, "USD", date(2025, 8, 9)), ("r-1", "c-1", 2, "USD", date(2025, 8, 9))]
        assert faults_of(worlds.charge(), receipts=rows) == ["tested receipts r-1 comes twice: give each an id of its own"]

    def test_a_receipt_for_what_a_partner_pays(self) -> None:
        (told,) = faults_of(worlds.charge(account_id="a-2"), receipts=[("r-1", "c-1", 1, "USD", date(2025, 8, 9))])
        assert "r-1 is for c-1, which p-1 pays by Single Bill" in told

    def test_a_refund_of_cash_that_never_came(self) -> None:
        where = worlds.program(worlds.terms(share={"recognized": Recognition.ON_CASH}))
        world = World(program=where, relationships={"a-1": worlds.referred(worlds.account("a-1"), where)})
        (told,) = faults_of(worlds.charge(), world=world, refunds=[("f-1", "c-1", 1, "USD", date(2025, 8, 9))])
        assert "f-1 brings c-1 to 0.01 USD given back by 2025-08-09, of 0.00 USD received" in told

    @pytest.mark.parametrize("name", ["rate", "rounding", "recognized"])
    def test_a_term_that_is_needed_and_missing(self, name: str) -> None:
        where = worlds.program(worlds.terms(share={name: ...}))
        world = World(program=where, relationships={"a-1": worlds.referred(worlds.account("a-1"), where)}, charges=(worlds.charge(),))
        with duckdb.connect() as connection, pytest.raises(TermMissing, match=f"share.{name}"):
            closed(connection, world, worlds.LAST_MONTH)

    def test_a_cut_off_that_is_needed_and_missing(self) -> None:
        where = worlds.program(worlds.terms(single_bill={"cut_off": ...}))
        charge = worlds.charge(on=date(2025, 8, 5))
        world = World(program=where, relationships={"a-1": worlds.enrolled(worlds.account("a-1"), where)}, charges=(charge,))
        with duckdb.connect() as connection, pytest.raises(TermMissing, match=r"single_bill\.cut_off"):
            closed(connection, world, worlds.LAST_MONTH)

    def test_a_payment_of_nobody(self) -> None:
        with duckdb.connect() as connection:
            tables = loaded(connection, {"payments": [("pay-1", "p-9", 1, "USD", date(2025, 8, 9), "")]})
            with pytest.raises(InvalidRecords, match="pay-1: is of 'p-9', which is no partner"):
                close_table(connection, tables, WHERE, worlds.LAST_MONTH, partners=PARTNERS, relationships=[])

    def test_an_unknown_kind(self) -> None:
        row = list(charge_row(worlds.charge()))
        row[2] = "gift'; DROP TABLE charges --"
        with duckdb.connect() as connection:
            tables = loaded(connection, {"charges": [tuple(row)]})
            with pytest.raises(InvalidRecords, match=r"c-1\.kind: is .*wanted one of subscription, add_on"):
                close_table(connection, tables, WHERE, worlds.LAST_MONTH, partners=PARTNERS, relationships=ACCOUNTS.values())

    @pytest.mark.parametrize(
        ("columns", "told"),
        [("id VARCHAR", "charge: is missing: wanted a column of text"), ("minor DOUBLE", "minor: is a column of DOUBLE")],
    )
    def test_columns(self, columns: str, told: str) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE mine ({columns})")
            with pytest.raises(InvalidRecords, match=f"mine: {told}"):
                close_table(connection, {"receipts": "mine"}, WHERE, worlds.LAST_MONTH, partners=PARTNERS, relationships=[])

    def test_a_table_of_another_name(self) -> None:
        with duckdb.connect() as connection, pytest.raises(InvalidValue, match="'charge' is no table of a close: wanted some of charges"):
            close_table(connection, {"charge": "mine"}, WHERE, worlds.LAST_MONTH, partners=PARTNERS, relationships=[])

    def test_a_rate_that_no_column_holds(self) -> None:
        rate = Rate.parse(f"1/{LARGEST * 3}")
        where = worlds.program(worlds.terms(share={"rate": rate}))
        world = World(program=where, relationships={"a-1": worlds.referred(worlds.account("a-1"), where)}, charges=(worlds.charge(),))
        with duckdb.connect() as connection, pytest.raises(InvalidValue, match="has too many digits for a column of 64 bits"):
            closed(connection, world, worlds.LAST_MONTH)
