"""A compiled price list comes to the same price, the same exact ratio and the same refusals as Python, in every engine."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random  # noqa: TID251  (seeded: the same price lists in every run)
from typing import Any, NamedTuple

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines import Duck, Engine, Rows
from partnerkit.charges import CountOf, Pricing
from partnerkit.errors import InvalidValue
from partnerkit.money import Currency, Money, Rate, Rounding, UnitPrice, round_minor, whole_minor
from partnerkit.periods import Period, ProrationBasis
from partnerkit.prices import Package, PriceList, PriceTable, Tier, TierModel
from partnerkit.reading import read_books
from partnerkit.sql import CompiledPrices, PriceColumns, Unpriced, sql_text
from partnerkit.sql.dialects import DUCKDB, SPARK, TESTED, exp, table
from partnerkit.sql.pricing import PriceRow
from test_prices import CASES, sample_cases, tables_of
from test_prices import priced as table_of

ROOT = Path(__file__).resolve().parents[1]
USD = Currency("USD")
DAY = date(2025, 8, 8)
KINDS = dict.fromkeys(PriceRow._fields, "wide") | {
    "item": "text",
    "currency": "text",
    **dict.fromkeys(("starts_on", "last_on"), "date"),
    **dict.fromkeys(("low", "high", "tier_low", "tier_high", "free", "size"), "bigint"),
}


class Ask(NamedTuple):
    """What a row asks the price of."""

    item: str | None = "lite"
    currency: str | None = "USD"
    day: date | None = DAY
    units: int | None = 0
    rounding: str | None = "half_away"
    cycles: int | None = None
    used: int | None = None
    cycle: int | None = None
    off: int | None = None
    whole: int | None = None


ASKED = {
    "id": "bigint",
    "item": "text",
    "currency": "text",
    "on": "date",
    "units": "bigint",
    "rounding": "text",
    **dict.fromkeys(("cycles", "used", "cycle", "off", "whole"), "bigint"),
}
COLUMNS = PriceColumns(day="on", cycles="cycles", used="used", cycle="cycle", prepaid=("off", "whole"))


def priced(engine: Engine, prices: PriceList, asked: Sequence[Ask], rounding: Rounding | str | None = "rounding") -> list[tuple[Any, ...]]:
    """Ask an engine for prices, in the order of the rows: first day, tier, ratio, minor units and the reason."""
    compiled = CompiledPrices(prices=prices, dialect=engine.dialect)
    query = compiled.query("asked", prices="prices", rounding=rounding, columns=COLUMNS, keep=["id"])
    given = Rows(ASKED, [(number, *ask) for number, ask in enumerate(asked)])
    rows = engine.ask(query, asked=given, prices=Rows(KINDS, compiled.rows))
    assert len(rows) == len(asked)
    return [row[1:] for row in sorted(rows)]


def expected(prices: PriceList, ask: Ask) -> tuple[Fraction, int] | None:
    """Say what Python makes of a row: the exact price in minor units, and the amount; None where it raises."""
    part = Fraction(1) if ask.used is None and ask.cycle is None else None
    if ask.used is not None and ask.cycle and 0 <= ask.used <= ask.cycle:
        part = Fraction(ask.used, ask.cycle)
    off = Fraction(0) if ask.off is None and ask.whole is None else None
    if ask.off is not None and ask.whole and 0 <= ask.off <= ask.whole:
        off = Fraction(ask.off, ask.whole)
    cycles = 1 if ask.cycles is None else ask.cycles
    if part is None or off is None or cycles < 1 or ask.currency is None or ask.day is None:
        return None
    try:
        currency = Currency(ask.currency)
        table = prices.table_for(ask.item, currency, ask.day)  # type: ignore[arg-type]
        exact = table.exact_for(ask.units).minor * cycles * part * (1 - off)  # type: ignore[arg-type]
        how = None if ask.rounding is None else Rounding(ask.rounding)
        return exact, whole_minor("it", exact, currency, how).minor
    except ValueError:
        return None


def check(engine: Engine, prices: PriceList, asked: Sequence[Ask]) -> None:
    """Compare an engine with Python, row by row."""
    for ask, (prices_from, low, high, numerator, denominator, minor, reason) in zip(asked, priced(engine, prices, asked), strict=True):
        wanted = expected(prices, ask)
        if wanted is None:
            assert (prices_from, low, high, numerator, denominator, minor) == (None,) * 6, ask
            assert reason in list(Unpriced), ask
            continue
        assert ask.item is not None
        assert ask.currency is not None
        assert ask.day is not None
        assert ask.units is not None
        table = prices.table_for(ask.item, Currency(ask.currency), ask.day)
        tier = table.tier_for(ask.units)
        assert (Fraction(numerator, denominator), minor, reason) == (*wanted, None), ask
        assert (prices_from, low, high) == (table.starts_on, tier and tier.low, tier and tier.high), ask


def edges(table: PriceTable) -> Iterable[int]:
    """Give the ends of the tiers and their neighbors, and of the packages."""
    ends = [0, 1, *(bound for tier in table.tiers for bound in (tier.low, tier.high) if bound is not None)]
    if table.package is not None:
        ends += [table.package.free, table.package.free + table.package.size, table.package.free + 3 * table.package.size]
    return sorted({near for end in ends for near in (end - 1, end, end + 1) if near >= 0})


def every_edge(prices: PriceList) -> list[Ask]:
    """Ask every table of a list for every edge, on its first day, the day before it, and much later."""
    return [
        Ask(table.item, table.currency.code, day, units, rounding.value)
        for table in prices.tables
        for day in (table.starts_on, table.starts_on - timedelta(days=1), date.max)
        for units in edges(table)
        for rounding in (Rounding.HALF_EVEN, Rounding.UP)
    ]


ITEMS = ("lite", "Lite", "a'b\"c`; --")
CURRENCIES = ("USD", "JPY", "KWD")
STARTS = (date(2024, 2, 29), date(2025, 1, 1), date(2025, 8, 8))


def some_table(random: Random, item: str, currency: Currency, starts_on: date) -> PriceTable:
    """Make a table by chance: any model, with flat and unit prices, bounds, packages."""
    minimum = Money(minor=random.randrange(500), currency=currency) if random.random() < 0.3 else None
    maximum = Money(minor=random.randrange(500, 9_000), currency=currency) if random.random() < 0.3 else None
    usual: dict[str, Any] = {"item": item, "currency": currency, "starts_on": starts_on, "minimum": minimum, "maximum": maximum}
    if random.random() < 0.25:
        price = Money(minor=random.randrange(900), currency=currency)
        return PriceTable(package=Package(size=random.choice([1, 7, 1_000]), price=price, free=random.choice([0, 1, 50])), **usual)
    model = random.choice([*TierModel])
    tiers: list[Tier] = []
    low = 0
    for place in range(random.randrange(1, 5)):
        high: int | None = low + random.randrange(60)
        if place == 3:
            high = None
        unit = UnitPrice(amount=Fraction(random.randrange(300), random.choice([1, 7, 100, 10**6])), currency=currency)
        has_unit = model is not TierModel.STAIRSTEP and random.random() < 0.8
        flat = Money(minor=random.randrange(2_000), currency=currency)
        tiers.append(Tier(low=low, high=high, amount=flat, unit=unit if has_unit else None))
        low = (high or 0) + 1
    return PriceTable(tiers=tuple(tiers), model=model, **usual)


def some_list(seed: int) -> PriceList:
    """Make a price list by chance, the same for a seed."""
    random = Random(seed)  # noqa: S311  (no secret)
    keys = [(item, currency, day) for item in ITEMS for currency in CURRENCIES for day in STARTS if random.random() < 0.8]
    return PriceList(some_table(random, item, Currency(currency), day) for item, currency, day in keys)


def some_rows(seed: int, count: int) -> list[Ask]:
    """Make rows by chance, of which some ask for what has no price."""
    random = Random(seed)  # noqa: S311  (no secret)
    parts = [(None, None), (0, 31), (11, 31), (30, 30), (1, 360), (32, 31), (-1, 30), (3, 0), (None, 30), (3, None)]
    discounts = [(None, None), (0, 1), (3, 20), (1, 3), (1, 1), (4, 3), (-1, 3), (1, 0), (None, 3), (1, None)]
    modes = [mode.value for mode in Rounding]

    def either(usual: Sequence[Any], odd: Sequence[Any]) -> Any:
        return random.choice(odd if random.random() < 0.06 else usual)

    asked = []
    for _ in range(count):
        used, cycle = either(parts[:5], parts[5:])
        off, whole = either(discounts[:5], discounts[5:])
        asked.append(
            Ask(
                either(ITEMS, ["LITE", None]),
                either(CURRENCIES, ["EUR", "XXX", None]),
                either([*STARTS, date(2025, 8, 7), date.max], [date(2024, 2, 28), date.min, None]),
                either(range(150), [0, -1, None, 2**63 - 1]),
                either(modes, [None, "upwards"]),
                either([None, 1, 6, 12], [0, -1]),
                used,
                cycle,
                off,
                whole,
            )
        )
    return asked


class TestEveryModel:
    """Stairstep, volume, graduated and packages, with bounds, in force on their days, in every engine."""

    @pytest.mark.parametrize("seed", range(2))
    def test_many_rows(self, engine: Engine, seed: int) -> None:
        asked = some_rows(seed, 2_500)
        prices = some_list(seed)
        assert 0.2 < sum(expected(prices, ask) is not None for ask in asked) / len(asked) < 0.9
        check(engine, prices, asked)

    @pytest.mark.parametrize("seed", range(2))
    def test_every_edge(self, engine: Engine, seed: int) -> None:
        prices = some_list(seed)
        check(engine, prices, every_edge(prices))

    @given(st.integers(10, 10**9), st.integers(0, 10**9))
    @settings(max_examples=8)
    def test_drawn(self, seed: int, rows: int) -> None:
        prices = some_list(seed)
        check(Duck(), prices, [*some_rows(rows, 40), *every_edge(prices)])

    def test_the_price_list_of_the_example(self, engine: Engine) -> None:
        texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "examples" / "brightside").iterdir()}
        prices = read_books(texts["program.toml"], lambda name: texts[name].splitlines() if name in texts else None).program.prices
        assert len(prices.tables) > 10
        check(engine, prices, every_edge(prices))

    @given(st.sampled_from(TierModel).flatmap(tables_of), st.integers(0, 10**9))
    @settings(max_examples=10)
    def test_tables_drawn(self, table: PriceTable, seed: int) -> None:
        check(Duck(), PriceList([table]), [ask._replace(item=table.item) for ask in some_rows(seed, 20)] + every_edge(PriceList([table])))

    @pytest.mark.skipif(not CASES.exists(), reason=f"no sample cases at {CASES}")
    def test_sample_cases(self, engine: Engine) -> None:
        cases = [param.values[0] for param in sample_cases()]
        tables: list[PriceTable] = []
        asked: list[Ask] = []
        for number, case in enumerate(cases):
            table, before = table_of(case), int(case["input"].get("previous_quantity", 0))
            after = max(map(int, case["input"].get("observations", [before + int(case["input"]["quantity"])])))
            told = {field.name: getattr(table, field.name) for field in attrs.fields(PriceTable)}
            tables.append(PriceTable(**told | {"item": f"case {number}"}))
            asked += [Ask(item=f"case {number}", day=table.starts_on, units=units) for units in (before, after)]
        minor = [row[5] for row in priced(engine, PriceList(tables), asked)]
        for case, before, after in zip(cases, minor[::2], minor[1::2], strict=True):
            amount = after - before if case["model"].endswith("_delta") else after
            assert amount == Money.of(case["expect"]["amount"], "USD").minor, case["id"]


class TestAsACharge:
    """With a part, cycles and a discount, the amount is that of `Pricing`, rounded once."""

    @pytest.mark.parametrize("rounding", Rounding)
    def test_as_pricing(self, engine: Engine, rounding: Rounding) -> None:
        month = Period(date(2025, 8, 8), date(2025, 9, 8))
        tier = Tier(low=0, high=None, amount=Money.of("9.99", "USD"), unit=UnitPrice.of("0.0025", "USD"))
        table = PriceTable(item="lite", currency=USD, starts_on=date(2025, 1, 1), tiers=(tier,), model=TierModel.GRADUATED)
        asked: list[Ask] = []
        wanted: list[int] = []
        for days in range(1, 32):
            for prepaid in (None, Rate.percent("15"), Rate.parse("1/3"), Rate.percent("100")):
                part = Period(month.start, month.start + timedelta(days=days))
                pricing = Pricing(
                    prices_from=table.starts_on,
                    units=days * 7,
                    count_of=CountOf.UNITS,
                    counted_on=month.start,
                    price=table.exact_for(days * 7),
                    cycle=month,
                    proration=ProrationBasis.ACTUAL_TRUE_CYCLE,
                    rounding=rounding,
                )
                off, whole = (None, None) if prepaid is None else prepaid.value.as_integer_ratio()
                asked.append(Ask(units=days * 7, used=part.days, cycle=month.days, off=off, whole=whole))
                wanted.append(pricing.amount_for(part, prepaid).minor)
        assert [row[5] for row in priced(engine, PriceList([table]), asked, rounding)] == wanted

    def test_several_cycles_at_once(self, engine: Engine) -> None:
        table = _table(Tier(low=0, high=None, amount=Money.of("9.99", "USD")))
        (row,) = priced(engine, PriceList([table]), [Ask(cycles=12, off=15, whole=100)])
        assert (Fraction(row[3], row[4]), row[5]) == (
            Fraction(999 * 12 * 85, 100),
            round_minor(Fraction(999 * 12 * 85, 100), Rounding.HALF_AWAY),
        )

    def test_only_what_is_asked_for_is_read(self, engine: Engine) -> None:
        compiled = CompiledPrices(
            prices=PriceList([_table(Tier(low=0, high=None, amount=Money.of("9.99", "USD")))]), dialect=engine.dialect
        )
        rows = Rows({"item": "text", "currency": "text", "day": "date", "units": "bigint"}, [("lite", "USD", DAY, 3)])
        query = compiled.query("asked", prices="prices", rounding=None)
        wanted = [(date(2025, 1, 1), 0, None, 999, 1, 999, None)]
        assert engine.ask(query, asked=rows, prices=Rows(KINDS, compiled.rows)) == wanted
        renamed = exp.select(exp.Star()).from_(table("asked")).subquery("prices")
        query = compiled.query(renamed, prices=table("list"), rounding=None)
        assert engine.ask(query, asked=rows, list=Rows(KINDS, compiled.rows)) == wanted


def _table(*tiers: Tier, **other: Any) -> PriceTable:
    usual: dict[str, Any] = {"item": "lite", "currency": USD, "starts_on": date(2025, 1, 1), "tiers": tiers}
    return PriceTable(**usual | other)


HALF = _table(Tier(low=0, high=9, amount=Money.zero("USD"), unit=UnitPrice.of("0.005", "USD")), model=TierModel.VOLUME)


class TestWhereThereIsNoPrice:
    """The reason says why, and `fault` gives the error that Python raises for that row."""

    @pytest.mark.parametrize(
        ("ask", "reason", "message"),
        [
            (Ask(item="Lite"), Unpriced.NO_PRICE, "there is no price of 'Lite' in USD on 2025-08-08: the price list has lite in USD"),
            (Ask(currency="EUR"), Unpriced.NO_PRICE, "there is no price of 'lite' in EUR on 2025-08-08"),
            (Ask(currency="EURO"), Unpriced.NO_PRICE, "unknown currency 'EURO'"),
            (Ask(day=date(2024, 12, 31)), Unpriced.NO_PRICE, "there is no price of 'lite' in USD on 2024-12-31"),
            (Ask(units=-1), Unpriced.NO_PRICE, "-1 is no number of contacts"),
            (Ask(units=None), Unpriced.NO_PRICE, "None is no number of contacts"),
            (Ask(units=10), Unpriced.BEYOND, "ends at 9 contacts and has no price for 10: add a tier"),
            (Ask(units=2**63 - 1), Unpriced.BEYOND, "ends at 9 contacts and has no price for 9223372036854775807"),
            (Ask(units=3, rounding=None), Unpriced.NOT_WHOLE, "the price of 'lite' for 3 comes to a part of the minor unit, 3/2"),
        ],
    )
    def test_the_reason_and_the_error(self, engine: Engine, ask: Ask, reason: Unpriced, message: str) -> None:
        prices = PriceList([HALF])
        assert priced(engine, prices, [ask]) == [(None, None, None, None, None, None, reason.value)]
        how = None if ask.rounding is None else Rounding(ask.rounding)
        fault = CompiledPrices(prices=prices, dialect=DUCKDB).fault(ask.item, ask.currency, ask.day, ask.units, rounding=how)  # type: ignore[arg-type]
        assert isinstance(fault, InvalidValue)
        assert message in str(fault)

    def test_a_whole_price_needs_no_rounding(self, engine: Engine) -> None:
        (row,) = priced(engine, PriceList([HALF]), [Ask(units=4, rounding=None)])
        assert row[5:] == (2, None)
        assert priced(engine, PriceList([HALF]), [Ask(units=4), Ask(units=3)], None)[1][6] == Unpriced.NOT_WHOLE

    def test_a_rounding_that_is_none(self, engine: Engine) -> None:
        assert priced(engine, PriceList([HALF]), [Ask(units=3, rounding="upwards")])[0][5:] == (None, Unpriced.NOT_WHOLE)

    def test_nothing_is_wrong(self) -> None:
        compiled = CompiledPrices(prices=PriceList([HALF]), dialect=DUCKDB)
        with pytest.raises(InvalidValue, match=r"nothing is wrong with the price of 'lite' for 4 on 2025-08-08: it is 0\.02 USD"):
            compiled.fault("lite", "USD", DAY, 4)
        with pytest.raises(InvalidValue, match=r"it is 0\.01 USD"):
            compiled.fault("lite", "USD", DAY, 4, part=Fraction(1, 2), cycles=2, prepaid=Rate.percent("50"))
        fault = compiled.fault("lite", "USD", DAY, 4, prepaid=Rate.percent("101"))
        assert "leaves nothing of one" in str(fault)


class TestLargePrices:
    """Prices are exact as far as an engine counts, and refused or raised beyond."""

    def test_the_largest_units(self, engine: Engine) -> None:
        tier = Tier(low=0, high=None, amount=Money.zero("USD"), unit=UnitPrice.of("0.000001", "USD"))
        prices = PriceList(
            [_table(tier, model=TierModel.VOLUME), _table(package=Package(size=3, price=Money.of("7", "USD"), free=2), item="box")]
        )
        check(engine, prices, [Ask(item, units=2**63 - less) for item in ("lite", "box") for less in (1, 2, 3)])

    def test_the_first_and_the_last_day_there_are(self, engine: Engine) -> None:
        tiers = (Tier(low=0, high=3, amount=Money.of("1", "USD")),)
        prices = PriceList(PriceTable(item="lite", currency=USD, starts_on=day, tiers=tiers) for day in (date.min, DAY, date.max))
        days = (date.min, date(1, 1, 2), DAY - timedelta(days=1), DAY, date(9999, 12, 30), date.max)
        check(engine, prices, [Ask(day=day, units=units) for day in days for units in (3, 4)])

    def test_a_finer_price_than_anybody_counts_is_refused(self) -> None:
        tiers = [
            Tier(low=place, high=place, amount=Money.zero("USD"), unit=UnitPrice(amount=Fraction(1, 10**18 - less), currency=USD))
            for place, less in enumerate((0, 1, 3, 5))
        ]
        table = _table(*tiers, model=TierModel.GRADUATED)
        with pytest.raises(InvalidValue, match="the USD price table of 'lite' from 2025-01-01 has a price that no engine holds"):
            CompiledPrices(prices=PriceList([table]), dialect=DUCKDB)

    def test_a_price_beyond_38_digits_is_raised(self, engine: Engine) -> None:
        table = _table(Tier(low=0, high=None, amount=Money(minor=10**37, currency=USD)))
        with pytest.raises(engine.overflow):
            priced(engine, PriceList([table]), [Ask(cycles=10**4)])


class TestTheTable:
    """Its rows and its schema are what the engines take, and leave no day and no count to two rows."""

    def test_as_the_schema_says(self, duckdb_engine: Duck) -> None:
        compiled = CompiledPrices(prices=some_list(1), dialect=DUCKDB)
        named = [part.split(" ", 1) for part in compiled.schema.split(', "')]
        assert [name.strip('"') for name, _ in named] == list(PriceRow._fields)
        assert {len(row) for row in compiled.rows} == {len(PriceRow._fields)}

    def test_spark_makes_a_frame_of_them(self, spark_engine: Any) -> None:
        compiled = CompiledPrices(prices=some_list(1), dialect=SPARK)
        frame = spark_engine.session.createDataFrame(compiled.rows, compiled.schema)
        assert frame.count() == len(compiled.rows)

    def test_postgresql_makes_a_table_of_them(self, postgres_engine: Any) -> None:
        compiled = CompiledPrices(prices=some_list(1), dialect="postgres")
        with postgres_engine.connection.transaction(force_rollback=True), postgres_engine.connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE prices ({compiled.schema})")
            cursor.executemany("INSERT INTO prices VALUES (" + ", ".join(["%s"] * 15) + ")", compiled.rows)  # noqa: S608  (nothing of the data)
            assert cursor.execute("SELECT count(*) FROM prices").fetchone() == (len(compiled.rows),)

    @pytest.mark.parametrize("dialect", [*TESTED, "snowflake", "bigquery", "tsql", "mysql"])
    def test_the_text_names_everything_in_quotes_and_no_item(self, dialect: str) -> None:
        query = CompiledPrices(prices=some_list(1), dialect=dialect).query(
            "asked", prices="prices", rounding="how", columns=COLUMNS, keep=["id"]
        )
        assert all(name.quoted for name in query.find_all(exp.Identifier))
        text = sql_text(query, dialect)
        assert not [item for item in ITEMS if item in text]
        assert text.startswith("SELECT" if dialect in TESTED else f"/* untested on {dialect} */")

    def test_what_cannot_be_compiled(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a price list to compile, got 3"):
            CompiledPrices(prices=3, dialect=DUCKDB)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue, match="there is no SQL dialect 'klingon'"):
            CompiledPrices(prices=PriceList(), dialect="klingon")
        with pytest.raises(InvalidValue, match="has the days 'used' of None: wanted both columns, or neither"):
            PriceColumns(used="used")
        with pytest.raises(InvalidValue, match="the columns to keep, beside those of a price, have the columns 'Minor' and 'minor'"):
            CompiledPrices(prices=PriceList(), dialect=DUCKDB).query("asked", prices="prices", rounding=None, keep=["Minor"])

    def test_columns_named_as_the_query_names_its_own(self, engine: Engine) -> None:
        compiled = CompiledPrices(prices=PriceList([HALF]), dialect=engine.dialect)
        odd = ("keep_1", "asked_units", "cost", "starts_on", "prices", "step", "asked", "item")
        kinds = {"item": "text", "currency": "text", "day": "date", "units": "bigint"} | dict.fromkeys(odd, "text")
        rows = Rows(kinds, [("lite", "USD", DAY, 4, *(name.upper() for name in odd[:-1]))])
        query = compiled.query("asked", prices="prices", rounding=None, keep=odd)
        (row,) = engine.ask(query, asked=rows, prices=Rows(KINDS, compiled.rows))
        assert row[: len(odd)] == (*(name.upper() for name in odd[:-1]), "lite")
        assert row[-2:] == (2, None)
