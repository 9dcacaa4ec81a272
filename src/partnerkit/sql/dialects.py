"""SQL texts for engines: identifiers quoted, whole numbers wide enough, and dialects that nobody has tried marked as such.

Floor 10, the lowest of `partnerkit.sql`. May import: errors, sqlglot and the standard library.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from partnerkit.errors import InvalidValue, shown

try:
    from sqlglot import Dialect, exp, parse_one
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError("partnerkit.sql needs sqlglot: install it with `pip install 'partnerkit[sql]'`", name=missing.name) from None

__all__ = [
    "DUCKDB",
    "POSTGRES",
    "SPARK",
    "TESTED",
    "check_columns",
    "check_dialect",
    "column",
    "exp",
    "grouped",
    "named",
    "parsed",
    "reading",
    "source_of",
    "sql_text",
    "table",
    "wide",
    "wide_type",
]

DUCKDB: Final = "duckdb"
SPARK: Final = "spark"
POSTGRES: Final = "postgres"
TESTED: Final = (DUCKDB, SPARK, POSTGRES)
"""The dialects whose every query is compared with Python by the tests; any other is text that nobody has run."""

_LONGEST: Final = 63
"""How many bytes of a name PostgreSQL reads."""

_WIDE: Final = {DUCKDB: "INT128"}
_WIDE_ELSEWHERE: Final = "DECIMAL(38, 0)"


def sql_text(query: exp.Expr, dialect: str) -> str:
    """Give a query as the text of a dialect; one that no test has run begins with a comment that says so.

    A dialect that sqlglot does not know raises `InvalidValue`.

    >>> sql_text(exp.select(column("id")).from_(table("charges")), "duckdb")
    'SELECT "id" FROM "charges"'
    >>> sql_text(exp.select(column("id")), "spark")
    'SELECT `id`'
    >>> sql_text(exp.select(column("id")), "snowflake")
    '/* untested on snowflake */ SELECT "id"'
    """
    check_dialect(dialect)
    text = query.sql(dialect=dialect, comments=False)
    return text if dialect in TESTED else f"/* untested on {dialect} */ {text}"


def check_dialect(dialect: str) -> None:
    """Refuse a dialect that sqlglot does not know with `InvalidValue`.

    >>> check_dialect("klingon")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: there is no SQL dialect 'klingon': tested are duckdb, spark, postgres
    """
    if not isinstance(dialect, str) or not dialect or Dialect.get(dialect) is None:
        raise InvalidValue(f"there is no SQL dialect {shown(dialect)}: tested are {', '.join(TESTED)}")


def check_columns(what: str, names: Iterable[str]) -> None:
    """Refuse names that an engine would take for one another, or would not take, with `InvalidValue`; `what` begins the message.

    >>> check_columns("the facts", ["rain", "Rain"])
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the facts have the columns 'rain' and 'Rain', which are one to an engine: rename one of them
    """
    known: dict[str, str] = {}
    for name in names:
        if not isinstance(name, str) or not name or "\0" in name or len(name.encode()) > _LONGEST:
            raise InvalidValue(f"{what} have {shown(name)} for a column: wanted a name of 1 to {_LONGEST} bytes")
        other = known.get(name.casefold())
        if other is not None:
            raise InvalidValue(f"{what} have the columns {shown(other)} and {shown(name)}, which are one to an engine: rename one of them")
        known[name.casefold()] = name


def column(name: str, of: str | None = None) -> exp.Column:
    """Give a quoted column, of a table where one is named.

    >>> column("id", of="charges").sql()
    '"charges"."id"'
    """
    return exp.column(exp.to_identifier(name, quoted=True), table=None if of is None else exp.to_identifier(of, quoted=True))


def table(name: str) -> exp.Table:
    """Give a quoted table.

    >>> table("charges").sql()
    '"charges"'
    """
    return exp.table_(exp.to_identifier(name, quoted=True))


def named(value: exp.Expr, name: str) -> exp.Expr:
    """Name what a query gives.

    >>> named(exp.Literal.number(1), "one").sql()
    '1 AS "one"'
    """
    return exp.alias_(value, exp.to_identifier(name, quoted=True))


def parsed(text: str, functions: Mapping[str, Callable[..., exp.Expr]], names: Mapping[str, str]) -> exp.Query:
    """Read a query of our own: what it calls by the name of one of `functions` is what that makes of the arguments.

    `names` gives the tables that go by another name where the query runs. Every name is quoted.

    >>> text = "SELECT TWICE(c.minor) AS doubled FROM charges AS c"
    >>> parsed(text, {"TWICE": lambda value: value * 2}, {"charges": "my charges"}).sql()
    'SELECT "c"."minor" * 2 AS "doubled" FROM "my charges" AS "c"'
    """

    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and node.name in functions:
            return functions[node.name](*(argument.transform(put) for argument in node.expressions))
        if isinstance(node, exp.Table) and node.name in names:
            node.set("this", exp.to_identifier(names[node.name], quoted=True))
        if isinstance(node, exp.Identifier):
            node.set("quoted", True)  # noqa: FBT003  (as sqlglot takes it)
        return node

    query = parse_one(text, read=DUCKDB).transform(put)
    if not isinstance(query, exp.Query):
        raise InvalidValue(f"wanted the text of a query, got {shown(text)}")
    return query


def grouped(value: exp.Expr) -> exp.Expr:
    """Keep an expression together inside another: sqlglot writes a - (b - c) as a - b - c, and other repeated operators alike.

    >>> one, two = column("one"), column("two")
    >>> (one - (two - one)).sql(), (one - grouped(two - one)).sql()
    ('"one" - "two" - "one"', '"one" - ("two" - "one")')
    """
    return exp.paren(value) if isinstance(value, exp.Binary) else value.copy()


def source_of(source: str | exp.Subquery | exp.Table, name: str) -> exp.Expr:
    """Give what a query reads, a table by its name or a subquery, under a name of the query's own.

    >>> source_of("charges", "asked").sql()
    '"charges" AS "asked"'
    """
    read = table(source) if isinstance(source, str) else source
    return exp.alias_(read, exp.to_identifier(name, quoted=True), table=True)


def reading(asked: exp.Select, query: exp.Select, dialect: str) -> exp.Select:
    """Let a query read what another gives, so that the columns of that one are computed once, however often they are used.

    PostgreSQL and DuckDB would write each column out wherever it is used, in exponential time where steps build on one another.
    OFFSET keeps PostgreSQL from it, and in DuckDB, where OFFSET leaves all but one thread idle, a join with one row.

    >>> reading(exp.select(column("id")), exp.select(column("id")).from_(table("charges")), "postgres").sql("postgres")
    'SELECT "id" FROM (SELECT "id" FROM "charges" OFFSET 0) AS "step"'
    """
    step = exp.to_identifier("step", quoted=True)
    if dialect == POSTGRES:
        return asked.from_(query.offset(0).subquery(step))
    if dialect == DUCKDB:
        once = exp.select(named(exp.Literal.number(1), "once")).subquery(exp.to_identifier("once", quoted=True))
        return asked.from_(query.subquery(step)).join(once, join_type="cross")
    return asked.from_(query.subquery(step))


def wide(value: exp.Expr, dialect: str) -> exp.Cast:
    """Give a whole number as the widest type of a dialect, which holds 38 digits; beyond them an engine raises and never wraps.

    >>> wide(column("minor"), "duckdb").sql("duckdb"), wide(column("minor"), "postgres").sql("postgres")
    ('CAST("minor" AS INT128)', 'CAST("minor" AS DECIMAL(38, 0))')
    """
    return exp.cast(value, wide_type(dialect))


def wide_type(dialect: str) -> exp.DataType:
    """Give the type of `wide` numbers.

    >>> wide_type("spark").sql("spark")
    'DECIMAL(38, 0)'
    """
    return exp.DataType.build(_WIDE.get(dialect, _WIDE_ELSEWHERE))
