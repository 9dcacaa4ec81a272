"""Rows of whole accounts in batches of Arrow: what a worker of an engine is given, and what it gives back, with Python in between.

Floor 10. May import: errors, partners, periods, program, rows, stretches, tallies, terms, totals, attrs and the standard library; pyarrow
is imported where a batch is made. No engine is, so that a worker needs nothing but Python, attrs and pyarrow.

A batch holds postings: everything about an account that bears on money, its stretches, charges, receipts and refunds, one in each row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import chain, groupby, islice
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, final

import attrs

from partnerkit.errors import Fault, InvalidRecords, InvalidValue, PartnerkitError, shown
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.rows import CashRow, ChargeRow
from partnerkit.stretches import Footing, Stretch
from partnerkit.tallies import CHARGES, RECEIPTS, REFUNDS, LineRow, partial_totals
from partnerkit.terms import ChargeKind
from partnerkit.totals import LARGEST, SUMS, PartialTotals

POSTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "text",
        "turn": "bigint",
        **dict.fromkeys(("id", "charge", "kind", "item", "reason"), "text"),
        "starts_on": "date",
        "ends_before": "date",
        "minor": "bigint",
        "currency": "text",
        "day": "date",
        "prepaid": "boolean",
        "payer": "text",
        "earner": "text",
        "footing": "bigint",
        "refused": "text",
    }
)
"""The columns of postings and their types, in the order of a row.

`turn` says what a row is: 0 a stretch, 1 a charge, 2 a receipt, 3 a refund. Columns that it has none of are NULL, and `day` is the day
that a charge was charged on, or its cash came or went.
"""

PARTIALS: Final[Mapping[str, str]] = MappingProxyType(
    {"refused": "text", "partner": "text", "currency": "text", "month": "bigint", **dict.fromkeys(SUMS, "bigint")}
)
"""The columns of sums: those of `PartialTotals.rows`, or the id of an account that cannot be posted in `refused`, and else NULL."""

LINES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("charge", "account"), "text"),
        "charged_on": "date",
        **dict.fromkeys(("currency", "payer", "earner"), "text"),
        **dict.fromkeys(("minor", "discount", "share", "bonus"), "bigint"),
        "edition": "text",
        "clauses": "texts",
    }
)
"""The columns of lines: what a charge comes to and for whom, the bonus that it bears, and why.

`edition` is the fingerprint of the policy on the reward, and `clauses` are the ids of the clauses that decided, of it and then of the
policy on discounts for prepayment where that was asked.
"""

_STRETCH, _CHARGE, _RECEIPT, _REFUND = range(4)
_CHUNK: Final = 2**14
_BATCH: Final = 2**14
_IN_SPARK: Final = {"text": "STRING", "boolean": "BOOLEAN", "bigint": "BIGINT", "date": "DATE", "texts": "ARRAY<STRING>"}


@final
@attrs.frozen(kw_only=True, eq=False)
class AccountRows:
    """All that is known of an account: the stretches of its life, its charges, and their receipts and refunds, as rows."""

    account: str
    stretches: Sequence[Stretch]
    charges: Sequence[ChargeRow]
    receipts: Sequence[CashRow]
    refunds: Sequence[CashRow]


Settle = Callable[[Sequence[AccountRows]], PartialTotals]
"""What sums up accounts; raises an error of `partnerkit.errors` where they cannot be."""

RowsOf = Callable[[Sequence[AccountRows]], Iterable[tuple[Any, ...]]]
"""What makes rows of accounts."""

Batches = Callable[[Iterator[Any]], Iterator[Any]]
"""What makes batches of batches, all of them record batches of pyarrow: the function that `mapInArrow` takes."""


@final
@attrs.frozen(kw_only=True)
class Settling:
    """How accounts are settled by the rules of a program, through a month: small enough to be sent to any worker.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> usual = Settling(program=program, partners=Partners(()), through=Month.parse("2025-08"))
    >>> usual.totals([]) == PartialTotals.empty, list(usual.lines([]))
    (True, [])
    """

    program: Program
    partners: Partners
    through: Month

    def totals(self, accounts: Sequence[AccountRows], *, keep: Callable[[LineRow], object] | None = None) -> PartialTotals:
        """Sum up accounts as `partial_totals` does, and raise what it raises."""
        return partial_totals(
            chain.from_iterable(one.charges for one in accounts),
            {one.account: one.stretches for one in accounts if one.stretches},
            program=self.program,
            partners=self.partners,
            through=self.through,
            receipts=chain.from_iterable(one.receipts for one in accounts),
            refunds=chain.from_iterable(one.refunds for one in accounts),
            keep=keep,
        )

    def lines(self, accounts: Sequence[AccountRows]) -> Iterator[tuple[Any, ...]]:
        """Give a row of `LINES` for every charge of accounts, and raise what `partial_totals` raises."""
        kept: list[LineRow] = []
        self.totals(accounts, keep=kept.append)
        charges = {(row[1], row[0]): row for one in accounts for row in one.charges}
        footings = {one.footing.number: one.footing for account in accounts for one in account.stretches if one.footing is not None}
        for charge, account, payer, earner, minor, discount, share, bonus, footing in kept:
            row = charges[account, charge]
            settled = footings[footing].settlement(ChargeKind(row[2]), is_prepaid=row[10])
            clauses = [*settled.ruling.because, *(() if settled.prepaid is None else settled.prepaid.because)]
            amounts = (minor, discount, share, bonus)
            yield (charge, account, row[9], row[8], payer, earner, *amounts, settled.ruling.edition, clauses)


def partial_batches(settle: Settle, footings: Sequence[Footing]) -> Batches:
    """Give the function that makes batches of `PARTIALS` of batches of `POSTINGS`, such as `mapInArrow` takes.

    Accounts come whole and in the order of their ids; what does not raises `InvalidValue`, and a row without a value that it needs
    `InvalidRecords`. `footings` are those that the stretches name by their numbers. An account that `settle` refuses is given back by its
    id, so that no other one is lost and nothing is tried again that cannot succeed: settle it again where its error can be read.

    >>> settle = Settling.totals
    >>> list(partial_batches(settle, ())(iter(())))
    []
    """
    return partial(_partial_batches, settle, footings)


def row_batches(rows_of: RowsOf, columns: Mapping[str, str], footings: Sequence[Footing]) -> Batches:
    """Give the function that makes batches with these columns of batches of `POSTINGS`, by a function that makes rows of accounts.

    Columns are `text`, `boolean`, `bigint`, `date` or, of several texts, `texts`. What `rows_of` raises is raised.

    >>> list(row_batches(Settling.lines, LINES, ())(iter(())))
    []
    """
    return partial(_row_batches, rows_of, columns, footings)


def accounts_in(postings: Iterable[tuple[Any, ...]], footings: Sequence[Footing]) -> Iterator[list[AccountRows]]:
    """Gather rows of `POSTINGS` into whole accounts, some thousands of rows at once; raises what `partial_batches` raises.

    >>> from datetime import date
    >>> row = ("a-1", 2, "r-1", "c-1", None, None, None, None, None, 500, "USD", date(2025, 8, 9), None, None, None, None, None)
    >>> ((one,),) = accounts_in([row], ())
    >>> one.account, one.receipts
    ('a-1', [('r-1', 'c-1', 500, 'USD', datetime.date(2025, 8, 9))])
    """
    gathered: list[AccountRows] = []
    size = 0
    before = None
    for account, rows in groupby(postings, key=itemgetter(0)):
        if account is None:
            raise InvalidRecords((Fault(source="postings", path="account", message="is missing: every row is of an account"),))
        if before is not None and account < before:
            raise InvalidValue(f"the account {shown(account)} comes after {shown(before)}: sort the postings by account")
        before = account
        held = list(rows)
        gathered.append(_account(account, held, footings))
        size += len(held)
        if size >= _CHUNK:
            yield gathered
            gathered, size = [], 0
    if gathered:
        yield gathered


def spark_columns(columns: Mapping[str, str]) -> str:
    """Give columns as Spark reads a schema.

    >>> spark_columns({"partner": "text", "gross": "bigint"})
    '`partner` STRING, `gross` BIGINT'
    """
    return ", ".join(f"`{name}` {_IN_SPARK[kind]}" for name, kind in columns.items())


def arrow_schema(columns: Mapping[str, str]) -> Any:
    """Give columns as a schema of pyarrow; it needs `pip install 'partnerkit[spark]'`."""
    arrow = import_module("pyarrow")
    types = {"text": arrow.string(), "boolean": arrow.bool_(), "bigint": arrow.int64(), "date": arrow.date32()}
    types["texts"] = arrow.list_(arrow.string())
    return arrow.schema([(name, types[kind]) for name, kind in columns.items()])


def arrow_batches(rows: Iterable[tuple[Any, ...]], columns: Mapping[str, str], *, most: int = _BATCH) -> Iterator[Any]:
    """Give rows as record batches of pyarrow, each of so many rows at most; whole numbers stay whole, with NULL among them too.

    >>> list(arrow_batches([], PARTIALS))
    []
    """
    coming = iter(rows)
    while batch := list(islice(coming, most)):
        arrow, schema = import_module("pyarrow"), arrow_schema(columns)
        arrays = [arrow.array(values, field.type) for values, field in zip(zip(*batch, strict=True), schema, strict=True)]
        yield arrow.record_batch(arrays, schema=schema)


def _partial_batches(settle: Settle, footings: Sequence[Footing], batches: Iterator[Any]) -> Iterator[Any]:
    return arrow_batches(_partial_rows(settle, accounts_in(_postings(batches), footings)), PARTIALS)


def _row_batches(rows_of: RowsOf, columns: Mapping[str, str], footings: Sequence[Footing], batches: Iterator[Any]) -> Iterator[Any]:
    return arrow_batches(chain.from_iterable(map(rows_of, accounts_in(_postings(batches), footings))), columns)


def _postings(batches: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Give the rows of batches; columns that are not of postings are passed over."""
    for batch in batches:
        missing = [name for name in POSTINGS if name not in batch.schema.names]
        if missing:
            raise InvalidRecords(tuple(Fault(source="postings", path=name, message="is missing: wanted a column") for name in missing))
        yield from zip(*(batch.column(name).to_pylist() for name in POSTINGS), strict=True)


def _account(account: str, rows: Iterable[tuple[Any, ...]], footings: Sequence[Footing]) -> AccountRows:
    """Sort the rows of an account by what they are."""
    stretches: list[Stretch] = []
    charges: list[ChargeRow] = []
    cash: dict[int, list[CashRow]] = {_RECEIPT: [], _REFUND: []}
    for row in rows:
        _, turn, record, charge, kind, item, reason, starts_on, ends_before, minor, currency, day, prepaid, *rest = row
        if turn == _STRETCH:
            payer, earner, number, refused = rest
            footing = None if number is None else footings[number]
            stretches.append(
                Stretch(starts_on=starts_on, ends_before=ends_before, payer=payer, earner=earner, footing=footing, refused=refused or "")
            )
        elif turn == _CHARGE:
            charges.append(_whole(CHARGES, (record, account, kind, item, reason, starts_on, ends_before, minor, currency, day, prepaid)))
        elif turn in cash:
            cash[turn].append(_whole(RECEIPTS if turn == _RECEIPT else REFUNDS, (record, charge, minor, currency, day)))
        else:
            raise InvalidRecords((Fault(source="postings", path=account, message=f"has the turn {shown(turn)}: wanted from 0 to 3"),))
    return AccountRows(account=account, stretches=stretches, charges=charges, receipts=cash[_RECEIPT], refunds=cash[_REFUND])


def _whole(source: str, row: Any) -> Any:
    """Refuse a record that lacks a value."""
    if None in row:
        record = "a row without an id" if row[0] is None else row[0]
        raise InvalidRecords((Fault(source=source, path=record, message="lacks a value: every column of it has one"),))
    return row


def _partial_rows(settle: Settle, chunks: Iterable[Sequence[AccountRows]]) -> Iterator[tuple[Any, ...]]:
    """Sum up chunks of accounts; a sum that might not fit its column becomes two rows, which the engine adds in wider numbers."""
    held, most = PartialTotals.empty, 0
    for chunk in chunks:
        for part in _settled(settle, chunk):
            if isinstance(part, str):
                yield (part, *(None for _ in range(len(PARTIALS) - 1)))
                continue
            largest = _largest(part)
            if most + largest > LARGEST:
                yield from ((None, *row) for row in held.rows())
                held, most = PartialTotals.empty, 0
            held, most = held.merge(part), most + largest
    yield from ((None, *row) for row in held.rows())


def _settled(settle: Settle, accounts: Sequence[AccountRows]) -> Iterator[PartialTotals | str]:
    """Settle accounts together, or where that cannot be, each by itself, and name those that are refused."""
    try:
        part = settle(accounts)
    except PartnerkitError:
        part = None
    if part is not None and _largest(part) <= LARGEST:
        yield part
    elif len(accounts) == 1:
        yield accounts[0].account
    else:
        for one in accounts:
            yield from _settled(settle, [one])


def _largest(part: PartialTotals) -> int:
    return max((abs(value) for sums in part.sums.values() for value in sums), default=0)
