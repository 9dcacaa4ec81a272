"""The price list as SQL: what units of an item cost on a day, exactly, for every row of a table.

Floor 10, above `sql.arithmetic`. May import: enums, errors, money, tiers, prices, sql.dialects, sql.arithmetic, attrs, sqlglot and the
standard library.

Within a tier a price goes up by one step for each unit, whatever the model is. So each tier becomes one row of a table, with where its
line begins and how steep it is, computed here; a query finds that row and multiplies. Prices are read from the table, never from the text.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import lcm
from types import MappingProxyType
from typing import Any, Final, NamedTuple, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Currency, Money, Rate, Rounding, whole_minor
from partnerkit.prices import PriceList, PriceTable
from partnerkit.sql.arithmetic import rounded
from partnerkit.sql.dialects import SPARK, check_columns, check_dialect, column, exp, grouped, named, reading, source_of, wide, wide_type
from partnerkit.tiers import Tier, TierModel

_ENDLESS: Final = (1 << 63) - 1
_WIDEST: Final = 10**38

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "item": "TEXT",
        "currency": "TEXT",
        "starts_on": "DATE",
        "last_on": "DATE",
        "low": "BIGINT",
        "high": "BIGINT",
        "tier_low": "BIGINT",
        "tier_high": "BIGINT",
        "start": "",
        "steepness": "",
        "per": "",
        "free": "BIGINT",
        "size": "BIGINT",
        "least": "",
        "most": "",
    }
)
"""The columns of the table of prices, and their types; none is the widest whole number of a dialect."""

_PRICED: Final = ("prices_from", "low", "high", "numerator", "denominator", "minor", "reason")


@final
class Unpriced(Named):
    """Why a row has no price.

    >>> Unpriced("no price")
    Unpriced.NO_PRICE
    """

    NO_PRICE = "no price"
    """No table of the item in that currency is in force on the day, or the units are no number of them."""
    BEYOND = "beyond the last tier"
    """The table ends at fewer units."""
    NO_PART = "no part"
    """The part of the cycle, the number of cycles or the discount is none: a part is at most the whole, and never below zero."""
    NOT_WHOLE = "not whole"
    """The price has a part of the minor unit, and no rounding is stated, or none of that name."""


@final
@attrs.frozen(kw_only=True)
class PriceColumns:
    """The columns in which a table holds what prices are asked by.

    `units` is a count, `day` the day whose prices are in force. What is left out is not asked for: `cycles` is how many cycles a row is
    for; `used` and `cycle` are the days that are charged and the days of their cycle, as the basis of proration counts them; and
    `prepaid` names the numerator and the denominator of a discount for prepayment. NULL in these is as if they were left out.

    >>> PriceColumns(day="charged_on", units="contacts").item
    'item'
    """

    item: str = "item"
    currency: str = "currency"
    day: str = "day"
    units: str = "units"
    cycles: str | None = None
    used: str | None = None
    cycle: str | None = None
    prepaid: tuple[str, str] | None = None

    def __attrs_post_init__(self) -> None:
        if (self.used is None) is not (self.cycle is None):
            raise InvalidValue(f"a part of a cycle has the days {shown(self.used)} of {shown(self.cycle)}: wanted both columns, or neither")


class PriceRow(NamedTuple):
    """One tier as a row of the table of prices: units from `low` to `high` cost (`start` + `steepness` x their packages) / `per`."""

    item: str
    currency: str
    starts_on: date
    last_on: date
    low: int
    high: int
    tier_low: int | None
    tier_high: int | None
    start: int | None
    steepness: int | None
    per: int | None
    free: int
    size: int
    least: int | None
    most: int | None


@final
@attrs.frozen(kw_only=True)
class CompiledPrices:
    """A price list as SQL in one dialect: `rows` fill a table that has the `schema`, and `query` prices the rows of another by it.

    A price of more than 38 digits, as a ratio in its lowest terms, raises `InvalidValue`, which names its table.

    >>> tier = Tier(low=0, high=500, amount=Money.of("12", "USD"))
    >>> list_ = PriceList((PriceTable(item="lite", currency=Currency("USD"), starts_on=date(2025, 1, 1), tiers=(tier,)),))
    >>> compiled = CompiledPrices(prices=list_, dialect="duckdb")
    >>> import duckdb
    >>> connection = duckdb.connect()
    >>> made = connection.execute(f"CREATE TABLE prices ({compiled.schema})")
    >>> filled = connection.executemany("INSERT INTO prices VALUES (" + ", ".join("?" * 15) + ")", compiled.rows)
    >>> asked = connection.execute("CREATE TABLE asked AS SELECT 'lite' item, 'USD' currency, DATE '2025-08-08' AS day, 500 units")
    >>> query = compiled.query("asked", prices="prices", rounding=None).sql("duckdb")
    >>> connection.execute(f"SELECT minor, reason FROM ({query})").fetchall()
    [(1200, None)]
    """

    prices: PriceList
    dialect: str
    rows: tuple[tuple[Any, ...], ...] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_dialect(self.dialect)
        if not isinstance(self.prices, PriceList):
            raise InvalidValue(f"wanted a price list to compile, got {shown(self.prices)}")
        made = tuple(self._typed(row) for row in chain.from_iterable(map(_rows_of, _with_last_days(self.prices))))
        object.__setattr__(self, "rows", made)

    @property
    def schema(self) -> str:
        """The columns of the table of prices and their types, as CREATE TABLE and Spark's createDataFrame take them.

        >>> CompiledPrices(prices=PriceList(), dialect="duckdb").schema[:43]
        '"item" TEXT, "currency" TEXT, "starts_on" D'
        """
        types = {name: exp.DataType.build(kind) if kind else wide_type(self.dialect) for name, kind in _TYPES.items()}
        defs = (exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=kind) for name, kind in types.items())
        return ", ".join(one.sql(dialect=self.dialect) for one in defs)

    def _typed(self, row: PriceRow) -> tuple[Any, ...]:
        """Give a row as an engine's client takes it: Spark's takes whole numbers for decimals only as decimals."""
        if self.dialect != SPARK:
            return tuple(row)
        return tuple(
            Decimal(value) if isinstance(value, int) and not _TYPES[name] else value for name, value in zip(_TYPES, row, strict=True)
        )

    def query(
        self,
        source: str | exp.Subquery | exp.Table,
        *,
        prices: str | exp.Table,
        rounding: Rounding | str | None,
        columns: PriceColumns | None = None,
        keep: Iterable[str] = (),
    ) -> exp.Select:
        """Price every row of a table or subquery by the table of prices; the columns to `keep` come first.

        After them come `prices_from`, the first day of the prices, `low` and `high` of the tier that is reached, the exact price in
        minor units as `numerator` and `denominator`, `minor`, rounded once, and the `reason` where there is no price: the value of an
        `Unpriced`, with NULL in the others. `rounding` is a `Rounding`, or the column that holds the value of one, or None; with none, as
        with NULL, a price that is not whole has a reason, as in Python it has an error, which `fault` gives.

        >>> query = CompiledPrices(prices=PriceList(), dialect="spark").query("asked", prices="prices", rounding="how", keep=["id"])
        >>> [name.alias_or_name for name in query.selects]
        ['id', 'prices_from', 'low', 'high', 'numerator', 'denominator', 'minor', 'reason']
        """
        kept = tuple(keep)
        check_columns("the columns to keep, beside those of a price,", [*kept, *_PRICED])
        asked = columns or PriceColumns()
        keeping = [f"keep_{place}" for place in range(len(kept))]
        found = self._found(source, prices, asked, dict(zip(keeping, kept, strict=True)), rounding)
        exact = self._exact(found, asked, keeping)
        priced = exp.select(*map(column, (*keeping, *_PRICED[:3], "numerator", "denominator", "reason", "rounding")))
        priced = reading(priced.select(named(self._minor(rounding), "minor")), exact, self.dialect)
        back = (named(column(inside), name) for inside, name in zip(keeping, kept, strict=True))
        return reading(exp.select(*back, *self._answer), priced, self.dialect)

    def fault(  # noqa: PLR0913  (what a row is asked by)
        self,
        item: str,
        currency: str,
        day: date,
        units: int,
        *,
        rounding: Rounding | None = None,
        cycles: int = 1,
        part: Fraction = Fraction(1),
        prepaid: Rate | None = None,
    ) -> InvalidValue:
        """Give the error that Python raises for what a row without a price asks; a row that has one raises `InvalidValue`.

        >>> CompiledPrices(prices=PriceList(), dialect="duckdb").fault("lite", "EUR", date(2025, 8, 1), 3)
        InvalidValue("there is no price of 'lite' in EUR on 2025-08-01: the price list has none at all")
        """
        try:
            made = self._price(item, Currency(currency), day, units, rounding, cycles * part, prepaid)
        except InvalidValue as fault:
            return fault
        raise InvalidValue(f"nothing is wrong with the price of {shown(item)} for {units} on {day}: it is {made}")

    def _price(  # noqa: PLR0913, PLR0917  (what a row is asked by)
        self, item: str, currency: Currency, day: date, units: int, rounding: Rounding | None, times: Fraction, prepaid: Rate | None
    ) -> Money:
        exact = self.prices.table_for(item, currency, day).exact_for(units).minor
        left = Fraction(1) if prepaid is None else prepaid.complement().value
        return whole_minor(f"the price of {shown(item)} for {units}", exact * times * left, currency, rounding)

    def _found(
        self,
        source: str | exp.Subquery | exp.Table,
        prices: str | exp.Table,
        asked: PriceColumns,
        keeping: Mapping[str, str],
        rounding: Rounding | str | None,
    ) -> exp.Select:
        """Find the row of prices of each row that asks, and give both under names of the query's own."""
        wanted: dict[str, str | None] = {"asked_units": asked.units, "cycles": asked.cycles, "used": asked.used, "cycle": asked.cycle}
        if asked.prepaid is not None:
            wanted |= {"off": asked.prepaid[0], "whole": asked.prepaid[1]}
        from_source = [named(column(name, "asked"), inside) for inside, name in chain(keeping.items(), wanted.items()) if name is not None]
        how = column(rounding, "asked") if isinstance(rounding, str) else exp.null()
        from_source.append(named(exp.Literal.string(rounding.value) if isinstance(rounding, Rounding) else how, "rounding"))
        of_prices = [*tuple(_TYPES)[6:], "starts_on"]
        day, units = column(asked.day, "asked"), column(asked.units, "asked")
        matching = exp.and_(
            column("item", "prices").eq(column(asked.item, "asked")),
            column("currency", "prices").eq(column(asked.currency, "asked")),
            day >= column("starts_on", "prices"),
            day <= column("last_on", "prices"),
            units >= column("low", "prices"),
            units <= column("high", "prices"),
        )
        joined = exp.select(*from_source, *(column(name, "prices") for name in of_prices)).from_(source_of(source, "asked"))
        return joined.join(source_of(prices, "prices"), on=matching, join_type="left")

    def _exact(self, found: exp.Select, asked: PriceColumns, keeping: Iterable[str]) -> exp.Select:
        """Multiply the price of the units with the cycles, the part and what a discount leaves."""
        factors, divisors, had = self._factors(asked)
        reason = exp.Case().when(_is_null("starts_on"), _text(Unpriced.NO_PRICE)).when(_is_null("per"), _text(Unpriced.BEYOND))
        for condition in had:
            reason = reason.when(exp.not_(exp.func("COALESCE", condition, exp.false())), _text(Unpriced.NO_PART))
        bounded = exp.Case().when(column("cost") < column("least"), column("least"))
        bounded = bounded.when(column("cost") > column("most"), column("most")).else_(column("cost"))
        costs = named(self._cost, "cost")
        carried = (*keeping, "rounding", *tuple(_TYPES)[6:], "starts_on", *(name for name in _asked_for(asked)))
        counted = reading(exp.select(*map(column, carried), costs, named(reason, "reason")), found, self.dialect)
        is_priced = _is_null("reason")
        numerator, denominator = _product([bounded, *factors]), _product([column("per"), *divisors])
        exact = exp.select(
            *map(column, (*keeping, "rounding", "reason")),
            named(column("starts_on"), "prices_from"),
            named(column("tier_low"), "low"),
            named(column("tier_high"), "high"),
            named(exp.Case().when(is_priced.copy(), numerator), "numerator"),
            named(exp.Case().when(is_priced.copy(), denominator), "denominator"),
        )
        return reading(exact, counted, self.dialect)

    @property
    def _cost(self) -> exp.Expr:
        """Give what units cost before any bound, as a numerator: where the line of their tier begins, and a step for each package."""
        beyond = grouped(column("asked_units") - column("free"))
        packages = grouped(beyond - exp.Literal.number(1)) // column("size")
        full = exp.cast(packages, "BIGINT") + exp.Literal.number(1)
        count = exp.Case().when(column("asked_units") > column("free"), full).else_(exp.Literal.number(0))
        return column("start") + column("steepness") * wide(count, self.dialect)

    def _factors(self, asked: PriceColumns) -> tuple[list[exp.Expr], list[exp.Expr], list[exp.Expr]]:
        """Give what a price is multiplied with, what it is divided by, and what must be true of either."""
        one, zero = exp.Literal.number(1), exp.Literal.number(0)
        factors: list[exp.Expr] = []
        divisors: list[exp.Expr] = []
        had: list[exp.Expr] = []
        if asked.cycles is not None:
            factors.append(self._or("cycles", one))
            had.append(exp.or_(_is_null("cycles"), column("cycles") >= one))
        if asked.used is not None:
            factors.append(self._or("used", one))
            divisors.append(self._or("cycle", one))
            had.append(_is_part("used", "cycle"))
        if asked.prepaid is not None:
            factors.append(grouped(self._or("whole", one) - self._or("off", zero)))
            divisors.append(self._or("whole", one))
            had.append(_is_part("off", "whole"))
        return factors, divisors, had

    def _or(self, name: str, otherwise: exp.Expr) -> exp.Expr:
        return wide(exp.func("COALESCE", column(name), otherwise.copy()), self.dialect)

    def _minor(self, rounding: Rounding | str | None) -> exp.Expr:
        if isinstance(rounding, Rounding):
            return rounded(column("numerator"), column("denominator"), rounding, self.dialect)
        how = exp.func("COALESCE", column("rounding"), exp.Literal.string(Rounding.DOWN.value))
        return rounded(column("numerator"), column("denominator"), Rounding.DOWN if rounding is None else how, self.dialect)

    @property
    def _answer(self) -> Iterator[exp.Expr]:
        """Give the columns of a price, all NULL but the reason where there is none."""
        is_whole = exp.or_(exp.not_(_is_null("rounding")), (column("minor") * column("denominator")).eq(column("numerator")))
        is_priced = exp.and_(_is_null("reason"), exp.not_(_is_null("minor")), is_whole)
        for name in _PRICED[:-1]:
            yield named(exp.Case().when(is_priced.copy(), column(name)), name)
        yield named(
            exp.Case().when(exp.not_(_is_null("reason")), column("reason")).when(exp.not_(is_priced), _text(Unpriced.NOT_WHOLE)), "reason"
        )


def _asked_for(asked: PriceColumns) -> Iterator[str]:
    """Name the columns of a row, beside its units, that its price is multiplied with."""
    if asked.cycles is not None:
        yield "cycles"
    if asked.used is not None:
        yield from ("used", "cycle")
    if asked.prepaid is not None:
        yield from ("off", "whole")


def _is_part(numerator: str, denominator: str) -> exp.Expr:
    """Whether two columns are a part of at most the whole, or both are missing."""
    part, whole = column(numerator), column(denominator)
    is_had = exp.and_(part >= exp.Literal.number(0), part <= whole, whole > exp.Literal.number(0))
    return exp.or_(exp.and_(_is_null(numerator), _is_null(denominator)), is_had)


def _is_null(name: str) -> exp.Expr:
    return exp.Is(this=column(name), expression=exp.null())


def _text(reason: Unpriced) -> exp.Expr:
    return exp.Literal.string(reason.value)


def _product(factors: Iterable[exp.Expr]) -> exp.Expr:
    first, *others = factors
    for factor in others:
        first = exp.Mul(this=first, expression=factor)
    return first


def _with_last_days(prices: PriceList) -> Iterator[tuple[PriceTable, date]]:
    """Give each table with the last day on which it is in force."""
    later: dict[tuple[str, str], date] = {}
    for table in sorted(prices.tables, key=lambda one: one.starts_on, reverse=True):
        key = (table.item, table.currency.code)
        yield table, later.get(key, date.max)
        if table.starts_on > date.min:
            later[key] = table.starts_on - date.resolution


def _rows_of(in_force: tuple[PriceTable, date]) -> Iterator[PriceRow]:
    """Give a table of prices as rows: one for each tier, one for all packages, and one for the units beyond the last tier."""
    table, last_on = in_force
    if table.package is not None:
        package = table.package
        yield _row(table, last_on, 0, None, Fraction(0), Fraction(package.price.minor), free=package.free, size=package.size)
        return
    flats, below = Fraction(0), 0
    for tier in table.tiers:
        unit = Fraction(0) if tier.unit is None or table.model is TierModel.STAIRSTEP else tier.unit.minor
        start = Fraction(tier.amount.minor)
        if table.model is TierModel.GRADUATED:
            flats += start
            start = flats - below * unit
            flats += ((tier.high or below) - below) * unit
            below = tier.high or below
        yield _row(table, last_on, tier.low, tier.high, start, unit, tier=tier)
    last = table.tiers[-1].high
    if last is not None:
        yield _row(table, last_on, last + 1, None, None, None)


def _row(  # noqa: PLR0913, PLR0917  (the parts of a row)
    table: PriceTable,
    last_on: date,
    low: int,
    high: int | None,
    start: Fraction | None,
    steepness: Fraction | None,
    *,
    tier: Tier | None = None,
    free: int = 0,
    size: int = 1,
) -> PriceRow:
    per = None if start is None or steepness is None else lcm(start.denominator, steepness.denominator)

    def scaled(value: Fraction | None) -> int | None:
        if value is None or per is None:
            return None
        whole = int(value * per)
        if not -_WIDEST < whole < _WIDEST or per >= _WIDEST:
            raise InvalidValue(
                f"the {table.currency.code} price table of {table.item!r} from {table.starts_on} has a price that no engine holds: "
                f"{shown(whole)} / {shown(per)} minor units; wanted at most 38 digits each"
            )
        return whole

    return PriceRow(
        item=table.item,
        currency=table.currency.code,
        starts_on=table.starts_on,
        last_on=last_on,
        low=low,
        high=_ENDLESS if high is None else high,
        tier_low=None if tier is None else tier.low,
        tier_high=None if tier is None else tier.high,
        start=scaled(start),
        steepness=scaled(steepness),
        per=per,
        free=free,
        size=size,
        least=None if table.minimum is None else scaled(Fraction(table.minimum.minor)),
        most=None if table.maximum is None else scaled(Fraction(table.maximum.minor)),
    )
