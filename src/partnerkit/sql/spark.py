"""A month closed on Spark by Python itself: for rules that no query holds, and for lines that say why.

Floor 10, above `sql.months`. May import: errors, partners, periods, program, relationships, tallies, terms, totals, sql.batches,
sql.engines, sql.months, attrs and the standard library; pyspark is not imported, what was given is asked by its methods.

Spark brings the rows of each account together, Python sums them up account by account, and Spark adds the sums. What belongs together
is an account and never a partner, so that a partner with a third of all charges is spread over all workers like everybody else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

from partnerkit.errors import InvalidValue
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.sql.batches import (
    LINES,
    PARTIALS,
    POSTINGS,
    RowsOf,
    Settle,
    Settling,
    accounts_in,
    partial_batches,
    row_batches,
    spark_columns,
)
from partnerkit.sql.dialects import SPARK
from partnerkit.sql.engines import check_engine, telling_of_spark
from partnerkit.sql.months import OURS, RecordTables, TableClose
from partnerkit.totals import SUMS, MonthTotals, PartialTotals, finish_totals

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def close_frame(  # noqa: PLR0913  (the records, and what they are settled by)
    session: "SparkSession",
    tables: Mapping[str, str],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    relationships: Iterable[ClientRelationship],
    settle: Settle | None = None,
    on_step: Callable[[str], object] = lambda _: None,
) -> MonthTotals:
    """Close a month from tables or views of a session as `close_table` does, but with Python to settle the accounts.

    `settle` sums up accounts, in the order of their ids and some thousands of rows at once; without one that is `Settling.totals`. It is
    pickled and run by Python on the workers, again where one is lost, so it must do nothing but give its sums. What is wrong raises what
    `close_table` raises: accounts that `settle` refuses are summed up once more here, and its error is the one to be read.
    """
    close = _begun(session, tables, program, month, partners=partners, relationships=relationships, on_step=on_step)
    settled_by = settle or Settling(program=program, partners=partners, through=month).totals
    on_step("settling the accounts")
    name = OURS + "partials"
    with telling_of_spark(session):
        partials = _postings(session, close).mapInArrow(partial_batches(settled_by, close.footings.all), spark_columns(PARTIALS))
        partials.createOrReplaceTempView(name)
    rows = close.ask(SUMMED, partials=name)
    refused = sorted(row[0] for row in rows if row[0] is not None)
    if refused:
        _explain(close, refused, settled_by)
    on_step("adding what partners paid")
    partial = PartialTotals.of_rows(row[1:] for row in rows).merge(close.partner_sums())
    return finish_totals(partial, month=month, program=program, partners=partners)


def line_frame(  # noqa: PLR0913  (the records, and what they are settled by)
    session: "SparkSession",
    tables: Mapping[str, str],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    relationships: Iterable[ClientRelationship],
    rows_of: RowsOf | None = None,
    columns: Mapping[str, str] = LINES,
) -> "DataFrame":
    """Give every line until the end of a month, with the clauses that decided it, as a frame that is computed when it is asked for.

    `rows_of` makes the rows of accounts, with these columns; without one that is `Settling.lines`. What is wrong in the tables raises what
    `close_frame` raises; what is wrong in an account is told by Spark when the frame is asked, so close the month first.
    """
    close = _begun(session, tables, program, month, partners=partners, relationships=relationships, on_step=lambda _: None)
    made_by = rows_of or Settling(program=program, partners=partners, through=month).lines
    with telling_of_spark(session):
        return _postings(session, close).mapInArrow(row_batches(made_by, columns, close.footings.all), spark_columns(columns))


def _begun(  # noqa: PLR0913  (the records, and what they are settled by)
    session: object,
    tables: Mapping[str, str],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    relationships: Iterable[ClientRelationship],
    on_step: Callable[[str], object],
) -> TableClose:
    """Begin a close: check the records, and load the stretches of the accounts."""
    check_engine(session, SPARK, instead="close its month with close_table")
    records = RecordTables.of(session, tables)
    on_step("checking the records")
    records.check_rows()
    on_step("following the lives of the accounts")
    close = records.settled_by(relationships, program, month, partners=partners)
    on_step("looking for what is there twice")
    close.check_ids()
    return close


def _postings(session: Any, close: TableClose) -> "DataFrame":
    """Give the postings with every account whole in one partition, and there in a row."""
    frame: DataFrame = session.sql(close.text(GATHERED)).repartition("account").sortWithinPartitions("account", "turn", "day", "id")
    return frame


def _explain(close: TableClose, refused: Sequence[str], settle: Settle) -> NoReturn:
    """Tell what is wrong with accounts by settling them here."""
    close.check_cash()
    close.load_doubtful(refused[:_MOST_REFUSED])
    for accounts in accounts_in(close.ask(OF_DOUBTFUL), close.footings.all):
        settle(accounts)
        for one in accounts:
            list(settle([one]).rows())
    raise InvalidValue(f"workers refuse the accounts {', '.join(refused)}, which are accepted here: let `settle` use its rows only")


_MOST_REFUSED: Final = 20
_NOTHING: Final = {name: f"CAST(NULL AS {kind.upper()})" for name, kind in POSTINGS.items()}


def _selected(source: str, **given: str) -> str:
    """Write the query that gives rows as postings."""
    columns = ", ".join(f"{value} AS {name}" for name, value in (_NOTHING | given).items())
    return f"SELECT {columns} FROM {source}"  # noqa: S608  (texts of this module)


def _of_cash(turn: int, name: str) -> str:
    given = {name: f"r.{name}" for name in ("id", "charge", "minor", "currency", "day")}
    # An account without a name has nothing but cash for no charge, and is refused for it.
    return _selected(f"{name} AS r LEFT JOIN charges AS c ON c.id = r.charge", account="COALESCE(c.account, '')", turn=str(turn), **given)


GATHERED: Final = " UNION ALL ".join(
    (
        _selected(
            "stretches AS s",
            turn="0",
            **{name: f"s.{name}" for name in ("account", "starts_on", "ends_before", "payer", "earner", "footing", "refused")},
        ),
        _selected(
            "charges AS c",
            turn="1",
            day="c.charged_on",
            **{name: f"c.{name}" for name in ("account", "id", "kind", "item", "reason", "starts_on", "ends_before", "minor", "currency")},
            prepaid="c.prepaid",
        ),
        _of_cash(2, "receipts"),
        _of_cash(3, "refunds"),
    )
)
"""Everything about every account that bears on money, as rows of `batches.POSTINGS`."""

OF_DOUBTFUL: Final = f"""
SELECT {", ".join(f"p.{name}" for name in POSTINGS)}
FROM ({GATHERED}) AS p JOIN doubtful AS d ON d.account = p.account
ORDER BY p.account, p.turn, p.day, p.id
"""  # noqa: S608  (texts of this module)

SUMMED: Final = f"""
SELECT refused, partner, currency, month, {", ".join(f"SUM(CAST({name} AS DECIMAL(38, 0))) AS {name}" for name in SUMS)}
FROM partials GROUP BY refused, partner, currency, month
"""  # noqa: S608  (texts of this module)
"""The sums of all parts, in numbers wide enough for any of them."""
