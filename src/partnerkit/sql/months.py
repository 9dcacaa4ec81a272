"""A month closed where its charges are: an engine sums them up, and what it finds wrong is told as Python tells it.

Floor 10, the highest of `partnerkit.sql`. May import: errors, money, partners, periods, program, relationships, charges, stretches, terms,
statements, tallies, totals, sql.closing, sql.dialects, sql.engines, sql.tables, attrs, sqlglot and the standard library.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, Final, NoReturn, final

import attrs

from partnerkit.charges import ChargeReason
from partnerkit.errors import Fault, InvalidRecords, InvalidValue, shown
from partnerkit.money import CURRENCY_DIGITS
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.sql import closing
from partnerkit.sql.closing import ClosingQueries
from partnerkit.sql.dialects import column, exp, sql_text, table
from partnerkit.sql.engines import Engine, engine_of
from partnerkit.sql.tables import RECORDS, Table, footing_cuts, settling_tables, stretch_table
from partnerkit.statements import EntryKind
from partnerkit.stretches import Footings, Stretch
from partnerkit.tallies import TWICE, of_nobody, partial_totals, too_early
from partnerkit.terms import ChargeKind
from partnerkit.totals import LARGEST, PLACES, SUMS, Key, MonthTotals, PartialTotals, finish_totals

OURS: Final = "partnerkit_"
"""What the names of the tables begin with that are made for a close."""


def close_table(  # noqa: PLR0913  (the records, and what they are settled by)
    connection: object,
    tables: Mapping[str, str],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    relationships: Iterable[ClientRelationship],
    on_step: Callable[[str], object] = lambda _: None,
) -> MonthTotals:
    """Close a month from tables of an engine, of all that happened until its end.

    `connection` is one of DuckDB or of psycopg, or a session of Spark; anything else raises `InvalidValue`.

    `tables` names the tables or views with the records, by `charges`, `receipts`, `refunds`, `payments`, `disbursements` and `entries`;
    one that is left out has no records. Their columns are those of `sql.tables.RECORDS`. `relationships` are read once, one by one.
    `on_step` is told what comes next. What is wrong is told together as `InvalidRecords`; a term that is needed and not stated raises
    `TermMissing`. Tables that the close makes are temporary, and their names begin with `partnerkit_`.

    >>> import duckdb
    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> close_table(duckdb.connect(), {}, program, Month.parse("2025-08"), partners=Partners(()), relationships=[]).bills
    ()
    """
    partial = table_totals(connection, tables, program, month, partners=partners, relationships=relationships, on_step=on_step)
    return finish_totals(partial, month=month, program=program, partners=partners)


def table_totals(  # noqa: PLR0913  (the records, and what they are settled by)
    connection: object,
    tables: Mapping[str, str],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    relationships: Iterable[ClientRelationship],
    on_step: Callable[[str], object] = lambda _: None,
) -> PartialTotals:
    """Sum up tables of an engine as `close_table` does, by partner, currency and month, without closing any.

    >>> import duckdb
    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> found = table_totals(duckdb.connect(), {}, program, Month.parse("2025-08"), partners=Partners(()), relationships=[])
    >>> found == PartialTotals.empty
    True
    """
    records = RecordTables.of(connection, tables)
    on_step("checking the records")
    records.check_rows()
    on_step("following the lives of the accounts")
    close = records.settled_by(relationships, program, month, partners=partners)
    on_step("looking for what is there twice")
    close.check_ids()
    close.check_doubles()
    on_step("settling the charges")
    charged = close.ask(closing.CHARGED)
    on_step("posting receipts and refunds")
    posted = close.ask(closing.POSTED) if tables.keys() & {"receipts", "refunds"} else []
    if any(row[-1] for row in (*charged, *posted)):
        close.explain(close.ask(closing.DOUBTFUL_ACCOUNTS))
    on_step("finding the first bonus of each account")
    bonuses = close.ask(closing.BONUSES) if close.has_bonus else []
    return _added((charged, _CHARGED), (posted, _POSTED), (bonuses, _BONUSES)).merge(close.partner_sums())


def line_query(  # noqa: PLR0913  (the records, and what they are settled by)
    connection: object,
    tables: Mapping[str, str],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    relationships: Iterable[ClientRelationship],
) -> str:
    """Give the text of a query for every line until the end of a month, each with the index of the ruling on its reward.

    Its columns are `charge`, `account`, `payer`, `earner`, `currency`, `charged_on`, and in minor units `gross`, `discount`, `share` and
    the `bonus` that the line bears; `CompiledPolicy(policy=REWARD, ...).ruling_at(ruling)` explains each. It reads tables that this loads
    under names that begin with `partnerkit_`, so ask it before the next close or query of lines by this connection, which loads its own
    in their place. Rows are checked as `close_table` checks them, and
    so is each charge by itself; what lines of one account hold against each other is told there.

    >>> import duckdb
    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> connection = duckdb.connect()
    >>> connection.sql(line_query(connection, {}, program, Month.parse("2025-08"), partners=Partners(()), relationships=[])).columns[-2:]
    ['bonus', 'ruling']
    """
    records = RecordTables.of(connection, tables)
    records.check_rows()
    close = records.settled_by(relationships, program, month, partners=partners)
    doubtful = close.ask(closing.DOUBTFUL_LINES)
    if doubtful:
        close.explain(doubtful)
    return close.text(closing.LINES_WITH_RULINGS)


_Place = tuple[int, int, int, Mapping[str, int]]
"""Where the columns of a query stand: whose sums they are, in which currency, of which month, and which of them."""

_CHARGED: Final[tuple[_Place, ...]] = ((0, 2, 4, {"lines": 5, "gross": 6, "discount": 7}), (1, 2, 3, {"shares": 8, "share": 9}))
_POSTED: Final[tuple[_Place, ...]] = (
    (0, 2, 4, {"refunds": 5, "refunded": 6, "discount_returned": 7}),
    (1, 2, 3, {"shares": 8, "share": 9, "clawbacks": 10, "clawed_back": 11}),
)
_BONUSES: Final[tuple[_Place, ...]] = ((0, 1, 2, {"bonuses": 3, "bonus": 4}),)
_PAID: Final[tuple[_Place, ...]] = ((0, 1, 2, {"payments": 3, "paid": 4}),)
_DISBURSED: Final[tuple[_Place, ...]] = ((0, 1, 2, {"disbursements": 3, "disbursed": 4}),)
_ENTERED: Final[tuple[_Place, ...]] = ((0, 1, 2, {"entries": 3, "incentives": 4, "corrections": 5}),)


def _added(*answers: tuple[Iterable[Sequence[Any]], tuple[_Place, ...]]) -> PartialTotals:
    """Add up the rows of sums that queries found; what is of nobody is no sum of anybody."""
    sums: dict[Key, list[int]] = {}
    for found, (partner, code, month, columns) in ((found, place) for found, places in answers for place in places):
        pairs = [(PLACES[name], found_in) for name, found_in in columns.items()]
        for row in found:
            if row[partner] is None:
                continue
            key = (row[partner], row[code], row[month])
            known = sums.get(key)
            if known is None:
                known = sums[key] = [0] * len(SUMS)
            for place, found_in in pairs:
                known[place] += row[found_in]
    return PartialTotals(sums={key: tuple(known) for key, known in sums.items() if any(known)})


def _names(engine: Engine, tables: Mapping[str, str]) -> dict[str, str]:
    """Give the name of every table here, loading those that the caller has none of as empty; a missing column is told."""
    for unknown in tables.keys() - RECORDS.keys():
        raise InvalidValue(f"{shown(unknown)} is no table of a close: wanted some of {', '.join(RECORDS)}")
    for name, given in tables.items():
        if given.casefold().startswith(OURS) or given.casefold() in closing.STEPS:
            raise InvalidValue(
                f"{shown(given)} cannot hold the {name}: a close has a table of that name itself, give a view of another name"
            )
    ours = (*RECORDS, "stretches", "footings", "cuts", "bill_days", "partners", "settled", "doubtful")
    names = {name: OURS + name for name in ours} | dict(tables)
    faults: list[Fault] = []
    for name, columns in RECORDS.items():
        if name not in tables:
            engine.load(names[name], Table(name=name, columns=columns, rows=()))
            continue
        faults += column_faults(name, tables[name], engine.columns(tables[name]))
    if faults:
        raise InvalidRecords(tuple(faults))
    return names


def column_faults(name: str, source: str, found: Mapping[str, str]) -> Iterator[Fault]:
    """Give what the columns of a table or a file lack, by their types in our words, to hold the records of that name.

    >>> [str(fault) for fault in column_faults("receipts", "mine", {**RECORDS["receipts"], "minor": "DOUBLE"})]
    ['mine: minor: is a column of DOUBLE: wanted bigint, whole minor units such as cents']
    """
    for wanted, kind in RECORDS[name].items():
        what = f"{kind}, whole minor units such as cents" if wanted == "minor" else kind
        if wanted not in found:
            yield Fault(source=source, path=wanted, message=f"is missing: wanted a column of {what}")
        elif found[wanted] != kind:
            yield Fault(source=source, path=wanted, message=f"is a column of {found[wanted]}: wanted {what}")


@final
@attrs.frozen(kw_only=True)
class RecordTables:
    """The tables of an engine that hold the records of a close, under names of the caller, and of ours where it has none of them."""

    engine: Engine
    names: Mapping[str, str]

    @classmethod
    def of(cls, connection: object, tables: Mapping[str, str]) -> "RecordTables":
        """Look at the tables that a connection leads to; a column that is missing is told."""
        engine = engine_of(connection)
        return cls(engine=engine, names=_names(engine, tables))

    def check_rows(self) -> None:
        """Tell every row that is no record of its table: with nothing where something has to be, or an amount or a kind that cannot be."""
        by_table = [[*self._faults_in(name)] for name in RECORDS]
        if any(by_table):
            raise InvalidRecords(tuple(chain.from_iterable(by_table)), is_cut=_are_cut(by_table))

    def settled_by(
        self, relationships: Iterable[ClientRelationship], program: Program, month: Month, *, partners: Partners
    ) -> "TableClose":
        """Load what settles the records, and give the close of a month."""
        until, footings = month.period.end, Footings(program=program, partners=partners)
        self.engine.load(self.names["stretches"], stretch_table(relationships, footings, until=until))
        plain = ClosingQueries(dialect=self.engine.dialect, until=until, names=tuple(self._but("settled").items()))
        ((first, largest, records),) = self.engine.ask(plain.text(closing.FIRST_DAY))
        begins = min(month, month if first is None else Month.of(first))
        for one in settling_tables(footings, program=program, partners=partners, first=begins, through=month):
            self.engine.load(self.names[one.name], one)
        settled = self.engine.ask(plain.text(closing.ALL_SETTLED))
        self.engine.load(self.names["settled"], Table(name="settled", columns=closing.SETTLED_COLUMNS, rows=settled))
        cuts = [cut for footing in footings.all for cut in footing_cuts(footing)]
        numbers = [number for cut in cuts for number in cut.rate.value.as_integer_ratio()]
        roundings = {cut.rounding for cut in cuts}
        queries = ClosingQueries(
            dialect=self.engine.dialect,
            until=until,
            names=tuple(self.names.items()),
            is_narrow=max(largest, *numbers, records) * max(largest, 1) < LARGEST,
            rounding=roundings.pop() if len(roundings) == 1 else None,
        )
        bonus = list(closing.SETTLED_COLUMNS).index("bonus")
        return TableClose(
            tables=self,
            program=program,
            partners=partners,
            month=month,
            footings=footings,
            queries=queries,
            has_bonus=any(row[bonus] is not None for row in settled),
        )

    def _but(self, left_out: str) -> Mapping[str, str]:
        return {name: known for name, known in self.names.items() if name != left_out}

    def _faults_in(self, name: str) -> Iterator[Fault]:
        """Give what is wrong with the values of a table's rows."""
        columns = RECORDS[name]
        wrong: dict[str, exp.Condition] = {wanted: exp.Is(this=column(wanted), expression=exp.null()) for wanted in columns}
        for wanted, among in _VALUES.get(name, {}).items():
            wrong[wanted] = exp.or_(wrong[wanted], exp.not_(column(wanted).isin(*among)))
        least = 0 if name == "charges" else -LARGEST if name == "entries" else 1
        is_within = exp.and_(column("minor") >= exp.Literal.number(least), column("minor") <= exp.Literal.number(LARGEST))
        wrong["minor"] = exp.or_(wrong["minor"], exp.not_(is_within))
        for wanted in _days_of(name):
            wrong[wanted] = exp.or_(wrong[wanted], column(wanted) < _day(date.min), column(wanted) > _day(date.max))
        if name == "charges":
            wrong["ends_before"] = exp.or_(wrong["ends_before"], column("ends_before") <= column("starts_on"))
        if name == "entries":
            is_incentive = column("kind").eq(exp.Literal.string(EntryKind.INCENTIVE.value))
            wrong["minor"] = exp.or_(wrong["minor"], exp.and_(is_incentive, column("minor") <= exp.Literal.number(0)))
        days = _days_of(name)
        # Days as texts: not every one that an engine knows is a day in Python.
        values = [exp.cast(column(wanted), "TEXT").as_(wanted, quoted=True) if wanted in days else column(wanted) for wanted in columns]
        asked = exp.select(*values).from_(table(self.names[name])).where(exp.or_(*wrong.values())).limit(_MOST_FAULTS)
        for row in self.engine.ask(sql_text(asked, self.engine.dialect)):
            yield _fault_of(name, self.names[name], row)


@final
@attrs.frozen(kw_only=True)
class TableClose:
    """A close of tables, whose records are checked row by row and whose accounts are followed: what is to be asked of them.

    `footings` are those that the loaded stretches name, and `has_bonus` tells whether any charge may bear a bonus.
    """

    tables: RecordTables
    program: Program
    partners: Partners
    month: Month
    footings: Footings
    queries: ClosingQueries
    has_bonus: bool

    @property
    def engine(self) -> Engine:
        """The engine that is asked."""
        return self.tables.engine

    @property
    def names(self) -> Mapping[str, str]:
        """The names of the tables, of the caller and ours."""
        return self.tables.names

    def ask(self, text: str, **names: str) -> list[tuple[Any, ...]]:
        """Ask a query such as those of `closing`; `names` are tables it knows by another name."""
        return self.engine.ask(self.text(text, **names))

    def text(self, text: str, **names: str) -> str:
        """Give the text that `ask` runs."""
        return self.queries.text(text, **names)

    def check_ids(self) -> None:
        """Tell which ids are there twice, and which records are of nobody."""
        twice = {name: self.ask(closing.SAME_ID, rows_of=self.names[name]) for name in RECORDS}
        nobody = {name: self.ask(closing.NO_PARTNER, rows_of=self.names[name]) for name in ("payments", "disbursements", "entries")}
        faults = [Fault(source=self.names[name], path=record, message=TWICE) for name, found in twice.items() for (record,) in found]
        for name, found in nobody.items():
            faults += (Fault(source=self.names[name], path=record, message=of_nobody(partner)) for record, partner in found)
        if faults:
            raise InvalidRecords(tuple(faults), is_cut=_are_cut([*twice.values(), *nobody.values()]))

    def check_doubles(self) -> None:
        """Tell what is billed twice: a charge for the same thing, or days of a plan."""
        doubled = [*self.ask(closing.SAME_IDENTITY), *self.ask(closing.BILLED_TWICE)]
        if doubled:
            self.explain(doubled)

    def partner_sums(self) -> PartialTotals:
        """Add up what partners paid, were paid, and were granted or charged."""
        return _added((self.ask(closing.PAID), _PAID), (self.ask(closing.DISBURSED), _DISBURSED), (self.ask(closing.ENTERED), _ENTERED))

    def check_cash(self) -> None:
        """Tell which cash is for no charge of the months that are closed."""
        faults: list[Fault] = []
        for turn, record, charge, day, charged_on in self.ask(closing.CASH_OF_NOTHING):
            name = self.names["receipts" if turn == 1 else "refunds"]
            message = f"is for {shown(charge)}, which is no charge: add the charge, or correct the id"
            if charged_on is not None:
                message = too_early(day, charge, charged_on)
            faults.append(Fault(source=name, path=record, message=message))
        if faults:
            raise InvalidRecords(tuple(faults), is_cut=_are_cut([faults]))

    def explain(self, accounts: Iterable[tuple[Any, ...]]) -> NoReturn:
        """Tell what is wrong with accounts as Python tells it: by summing up their rows there."""
        self.check_cash()
        named = sorted({account for (account,) in accounts})
        self.load_doubtful(named)
        charges = self.ask(closing.CHARGES_OF)
        try:
            partial_totals(
                charges,
                self._stretches(),
                program=self.program,
                partners=self.partners,
                through=self.month,
                receipts=self.ask(closing.CASH_OF, rows_of=self.names["receipts"]),
                refunds=self.ask(closing.CASH_OF, rows_of=self.names["refunds"]),
            )
        except InvalidRecords as told:
            raise InvalidRecords(told.faults, told.is_cut or _are_cut([named])) from None
        raise InvalidValue(
            f"the engine refuses what Python accepts of the accounts {', '.join(named)}: this is a fault of partnerkit, please report it"
        )

    def load_doubtful(self, accounts: Iterable[str]) -> None:
        """Load the accounts that are to be looked at in Python, for the queries that ask about these alone."""
        whose = Table(name="doubtful", columns={"account": "text"}, rows=[(account,) for account in accounts])
        self.engine.load(self.names["doubtful"], whose)

    def _stretches(self) -> Mapping[str, list[Stretch]]:
        by_account: dict[str, list[Stretch]] = defaultdict(list)
        for account, starts_on, ends_before, payer, earner, number, refused in self.ask(closing.STRETCHES_OF):
            by_account[account].append(
                Stretch(
                    starts_on=starts_on,
                    ends_before=ends_before,
                    payer=payer,
                    earner=earner,
                    footing=None if number is None else self.footings.all[number],
                    refused=refused or "",
                )
            )
        return by_account


_MOST_FAULTS: Final = 20
"""How many rows a query for faults gives, as those of `closing` do."""


def _are_cut(found: Iterable[Sequence[object]]) -> bool:
    """Tell whether there may be more than queries for faults found."""
    return any(len(some) >= _MOST_FAULTS for some in found)


_VALUES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "charges": {"kind": tuple(ChargeKind), "reason": tuple(ChargeReason)},
    "payments": {"currency": tuple(CURRENCY_DIGITS)},
    "disbursements": {"currency": tuple(CURRENCY_DIGITS)},
    "entries": {"kind": tuple(EntryKind), "currency": tuple(CURRENCY_DIGITS)},
}


def _days_of(name: str) -> tuple[str, ...]:
    return tuple(wanted for wanted, kind in RECORDS[name].items() if kind == "date")


def _day(day: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(day.isoformat()), "DATE")


def _fault_of(name: str, source: str, row: tuple[Any, ...]) -> Fault:
    """Tell the first value of a row that is none that its column can have."""
    named = dict(zip(RECORDS[name], row, strict=True))
    record = "a row without an id" if named["id"] is None else named["id"]
    wanted, message = next(_wrong_in(name, named))
    return Fault(source=source, path=f"{record}.{wanted}", message=message)


def _wrong_in(name: str, named: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    days = _days_of(name)
    for wanted, value in named.items():
        among = _VALUES.get(name, {}).get(wanted)
        if value is None:
            yield wanted, "is missing: every column has a value"
        elif wanted in days and not _is_day(value):
            yield wanted, f"is {value}: wanted a day from {date.min} to {date.max}"
        elif wanted == "currency" and among is not None and value not in among:
            yield wanted, f"is {shown(value)}: wanted a current ISO 4217 code such as 'USD'"
        elif among is not None and value not in among:
            yield wanted, f"is {shown(value)}: wanted one of {', '.join(among)}"
    if name == "charges" and named["ends_before"] <= named["starts_on"]:
        yield "ends_before", f"is {named['ends_before']}: wanted a day after {named['starts_on']}, on which the period starts"
    least = "zero" if name == "charges" else "one"
    yield "minor", f"is {shown(named['minor'])} minor units: wanted from {least} to {LARGEST}"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
