"""Rounding in every engine comes to what `round_ratio` gives."""

from random import Random  # noqa: TID251  (seeded: the same ratios in every run)

import pytest

from engines import Engine, Rows
from partnerkit.money import Rounding, round_ratio
from partnerkit.sql.arithmetic import rounded
from partnerkit.sql.dialects import POSTGRES, SPARK, column, exp, grouped, table

N, D, MODE = column("n"), column("d"), column("mode")
COLUMNS = {"n": "wide", "d": "wide", "mode": "text"}
NARROW = {"n": "bigint", "d": "bigint", "mode": "text"}
BIGGEST = 10**38 - 1
LONG = 2**63 - 1

Ratio = tuple[int, int]


def _small() -> list[Ratio]:
    return [(numerator, denominator) for denominator in range(1, 9) for numerator in range(-4 * denominator, 4 * denominator + 1)]


def _around(bound: int) -> list[Ratio]:
    """Ratios whose parts lie at a bound, and ties and their neighbors at that size."""
    random = Random(6)  # noqa: S311  (no secret)
    found = [(sign * (bound - less), denominator) for sign in (1, -1) for less in (0, 1, 2) for denominator in (1, 2, 3, bound - 1, bound)]
    for _ in range(200):
        denominator = 2 * random.randrange(1, 10 ** random.randrange(1, 9))
        tie = denominator * random.randrange(bound // denominator) + denominator // 2
        found += [(sign * (tie + near), denominator) for sign in (1, -1) for near in (-1, 0, 1)]
    return found


def _with_modes(ratios: list[Ratio]) -> list[tuple[int, int, str]]:
    return [(*ratio, mode.value) for ratio in ratios for mode in Rounding]


def _query(rounding: Rounding | exp.Expr, dialect: str, *, is_narrow: bool) -> exp.Expr:
    return exp.select(N, D, MODE, rounded(N, D, rounding, dialect, is_narrow=is_narrow)).from_(table("ratios"))


def _wrong(rows: list[tuple[int, int, str, int]]) -> list[tuple[int, int, str, int]]:
    return [(n, d, mode, found) for n, d, mode, found in rows if found != round_ratio(n, d, Rounding(mode))]


class TestEveryRounding:
    """All nine roundings, of numerators of any sign, whether the rounding is a column or a constant."""

    @pytest.mark.parametrize("is_narrow", [True, False])
    def test_as_a_column(self, engine: Engine, is_narrow: bool) -> None:
        given = _with_modes(_small() + (_around(LONG) if is_narrow else []))
        got = engine.ask(_query(MODE, engine.dialect, is_narrow=is_narrow), ratios=Rows(NARROW if is_narrow else COLUMNS, given))
        assert len(got) == len(given)
        assert _wrong(got) == []

    @pytest.mark.parametrize("rounding", Rounding)
    def test_as_a_constant(self, engine: Engine, rounding: Rounding) -> None:
        given = [(*ratio, rounding.value) for ratio in _small()]
        got = engine.ask(_query(rounding, engine.dialect, is_narrow=False), ratios=Rows(COLUMNS, given))
        assert len(got) == len(given)
        assert _wrong(got) == []

    @pytest.mark.parametrize("is_narrow", [True, False])
    def test_where_no_numerator_is_below_zero(self, engine: Engine, is_narrow: bool) -> None:
        given = _with_modes([ratio for ratio in _small() + _around(LONG) if ratio[0] >= 0])
        ratio = rounded(N, D, MODE, engine.dialect, is_narrow=is_narrow, is_natural=True)
        query = exp.select(N, D, MODE, ratio).from_(table("ratios"))
        got = engine.ask(query, ratios=Rows(NARROW if is_narrow else COLUMNS, given))
        assert len(got) == len(given)
        assert _wrong(got) == []

    def test_at_64_bits(self, engine: Engine) -> None:
        given = _with_modes(_around(LONG) + _around(LONG + 3) + _around(10**25))
        got = engine.ask(_query(MODE, engine.dialect, is_narrow=False), ratios=Rows(COLUMNS, given))
        assert len(got) == len(given)
        assert _wrong(got) == []


class TestWhatIsGiven:
    """Numerator and denominator are any expressions, of any operators."""

    @pytest.mark.parametrize("is_narrow", [True, False])
    def test_operators_stay_together(self, engine: Engine, is_narrow: bool) -> None:
        seven = exp.Literal.number(7)
        ratio = rounded(N - grouped(D - seven), D - grouped(N - seven), Rounding.UP, engine.dialect, is_narrow=is_narrow)
        query = exp.select(ratio).from_(table("ratios"))
        assert engine.ask(query, ratios=Rows(NARROW if is_narrow else COLUMNS, [(1, 5, "")])) == [(1,)]


class TestWhatDoesNotFit:
    """Up to 38 digits are exact; beyond what an engine holds it raises, and nothing wraps."""

    def test_at_38_digits_it_is_exact_or_refused(self, engine: Engine) -> None:
        given = [(n, d, mode) for n, d, mode in _with_modes(_around(BIGGEST)) if engine.dialect != SPARK or abs(n) // d < 10**32]
        got = engine.ask(_query(MODE, engine.dialect, is_narrow=False), ratios=Rows(COLUMNS, given))
        assert len(got) == len(given) > 100
        assert _wrong(got) == []

    def test_spark_refuses_a_quotient_of_more_than_32_digits(self, spark_engine: Engine) -> None:
        with pytest.raises(spark_engine.overflow):
            spark_engine.ask(_query(Rounding.UP, SPARK, is_narrow=False), ratios=Rows(COLUMNS, [(10**32, 1, "up")]))

    def test_a_product_that_is_too_long_is_refused_or_exact(self, engine: Engine) -> None:
        query = exp.select(rounded(N * D, D, Rounding.UP, engine.dialect)).from_(table("ratios"))
        given = Rows(COLUMNS, [(10**37, 10**37, "up")])
        if engine.dialect == POSTGRES:
            assert engine.ask(query, ratios=given) == [(10**37,)]
            return
        with pytest.raises(engine.overflow):
            engine.ask(query, ratios=given)


class TestWhatIsMissing:
    """A value that is none and a rounding that is none come to NULL, and never to a number."""

    def test_they_come_to_null(self, engine: Engine) -> None:
        given = [(None, 1, "up"), (1, None, "up"), (3, 2, None), (3, 2, "upwards"), (4, 2, "")]
        got = engine.ask(_query(MODE, engine.dialect, is_narrow=False), ratios=Rows(COLUMNS, given))
        assert [row[-1] for row in got] == [None] * len(given)
