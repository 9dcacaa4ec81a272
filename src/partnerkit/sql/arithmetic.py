"""Exact rounding of ratios in SQL: the same whole number as `money.round_ratio`, with no division that rounds.

Floor 10, above `sql.dialects`. May import: money, sql.dialects, sqlglot and the standard library.

A quotient toward zero is exact in every engine, and what it leaves says which way to go from there.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from partnerkit.money import Rounding
from partnerkit.sql.dialects import DUCKDB, SPARK, exp, grouped, wide


class _Ratio(NamedTuple):
    """What a rule of rounding sees: the quotient toward zero, the rest, how far it is from zero and how far from one more."""

    quotient: exp.Expr
    rest: exp.Expr
    past: exp.Expr
    missing: exp.Expr

    @property
    def is_tie(self) -> exp.Expr:
        return self.past.eq(self.missing)

    @property
    def is_past_half(self) -> exp.Expr:
        return self.past > self.missing

    def is_past_half_or_tie_and(self, condition: exp.Expr) -> exp.Expr:
        return exp.or_(self.is_past_half, exp.and_(self.is_tie, condition))


# Each rule answers whether a ratio that is not whole goes one further from zero; a whole one has no rest, and goes nowhere by any of them.
_GOES_AWAY: Final[Mapping[Rounding, Callable[[_Ratio], exp.Expr]]] = MappingProxyType(
    {
        Rounding.HALF_AWAY: lambda ratio: ratio.past >= ratio.missing,
        Rounding.HALF_EVEN: lambda ratio: ratio.is_past_half_or_tie_and((ratio.quotient % _number(2)).neq(_number(0))),
        Rounding.HALF_TOWARD_ZERO: lambda ratio: ratio.is_past_half,
        Rounding.HALF_CEILING: lambda ratio: ratio.is_past_half_or_tie_and(ratio.rest > _number(0)),
        Rounding.HALF_FLOOR: lambda ratio: ratio.is_past_half_or_tie_and(ratio.rest < _number(0)),
        Rounding.UP: lambda ratio: ratio.past > _number(0),
        Rounding.DOWN: lambda _: exp.false(),
        Rounding.CEILING: lambda ratio: ratio.rest > _number(0),
        Rounding.FLOOR: lambda ratio: ratio.rest < _number(0),
    }
)


def rounded(  # noqa: PLR0913  (a ratio, how it is rounded, and what is known of it)
    numerator: exp.Expr,
    denominator: exp.Expr,
    rounding: Rounding | exp.Expr,
    dialect: str,
    *,
    is_narrow: bool = False,
    is_natural: bool = False,
) -> exp.Expr:
    """Round a ratio of two whole numbers to a whole number, as `money.round_ratio` does; the denominator has to be above zero.

    Both are `wide`, or BIGINT with `is_narrow`, where a caller knows that they fit; `is_natural` says that the numerator is never below
    zero, which spares the engine looking. `rounding` is a constant, or a column with the value
    of a `Rounding`; a value that is no rounding's comes to NULL, as NULL does. Nothing wraps: the quotient has up to 38 digits, on Spark
    up to 32, and an engine raises beyond. The text names numerator and denominator often, so give columns of a subquery for what takes
    long to compute.

    >>> import duckdb
    >>> half = rounded(exp.Literal.number(-5), exp.Literal.number(2), Rounding.HALF_AWAY, "duckdb")
    >>> duckdb.sql(exp.select(half).sql("duckdb")).fetchall()
    [(-3,)]
    """
    numerator, denominator = grouped(numerator), grouped(denominator)
    if is_narrow:
        return _rounded(numerator, denominator, rounding, exp.cast(numerator // denominator, "BIGINT"), is_natural=is_natural)
    if dialect == SPARK:  # its DIV gives 64 bits, and its division of decimals six digits more, which are zero where nothing is left
        quotient = wide((numerator - numerator % denominator) / denominator, dialect)
        return _rounded(numerator, denominator, rounding, quotient, is_natural=is_natural)
    in_wide = _rounded(numerator, denominator, rounding, wide(numerator // denominator, dialect), is_natural=is_natural)
    if dialect != DUCKDB:
        return in_wide
    # DuckDB divides 128 bits many times slower than 64, and few ratios need them.
    short = [exp.TryCast(this=number.copy(), to=exp.DataType.build("BIGINT")) for number in (numerator, denominator)]
    fits = exp.and_(*(exp.not_(exp.Is(this=number.copy(), expression=exp.null())) for number in short))
    return exp.Case().when(fits, rounded(short[0], short[1], rounding, dialect, is_narrow=True, is_natural=is_natural)).else_(in_wide)


def _rounded(
    numerator: exp.Expr, denominator: exp.Expr, rounding: Rounding | exp.Expr, quotient: exp.Expr, *, is_natural: bool
) -> exp.Expr:
    rest = grouped(numerator - quotient * denominator)
    if is_natural:
        return quotient + _step(_Ratio(quotient, rest, rest, denominator - rest), rounding, _number(1))
    # Not ABS and not a minus: Spark rounds what they give to 34 digits.
    past = exp.Case().when(rest < _number(0), _number(0) - rest).else_(rest)
    away = exp.Case().when(rest < _number(0), _number(-1)).else_(_number(1))
    return quotient + _step(_Ratio(quotient, rest, past, denominator - past), rounding, away)


def _step(ratio: _Ratio, rounding: Rounding | exp.Expr, away: exp.Expr) -> exp.Expr:
    """Say how far from the quotient to go; a text that names no rounding says nothing, so that what is made of it is NULL."""
    if isinstance(rounding, Rounding):
        return exp.Case().when(_GOES_AWAY[rounding](ratio), away).else_(_number(0))
    goes_away = exp.Case(this=rounding.copy())
    for each in Rounding:
        goes_away = goes_away.when(exp.Literal.string(each.value), _GOES_AWAY[each](ratio), copy=False)
    return exp.Case(this=goes_away).when(exp.true(), away, copy=False).when(exp.false(), _number(0), copy=False)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
