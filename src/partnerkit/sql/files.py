"""JSON Lines and CSV read by DuckDB where they are, as the rows of a close.

Floor 10, above `sql.tables`. May import: money, terms, charges, statements, codec, row_reading, sql.dialects, sql.tables, duckdb, attrs
and the standard library.

Only rows in the plain form that partnerkit itself writes are read so: each text printable ASCII without quotes, each day and amount with
all of its digits. Whether they are is asked of every row. Whoever finds one that is not has the files read by `row_reading`, which knows
every other form a record may have, and every fault.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from glob import escape
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, final

import attrs

from partnerkit.charges import ChargeReason
from partnerkit.codec import VERSION
from partnerkit.money import CURRENCY_DIGITS
from partnerkit.row_reading import Form
from partnerkit.sql.dialects import DUCKDB, table
from partnerkit.sql.tables import RECORDS
from partnerkit.statements import EntryKind
from partnerkit.terms import ChargeKind

_DAY: Final = "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
_TEXT: Final = r"[!#-\[\]-~](?:[ !#-\[\]-~]*[!#-\[\]-~])?"
_PART: Final = "[1-9][0-9]{0,3}/[1-9][0-9]{0,3}"


def _amount() -> str:
    """Give the form of an amount with all decimals of its currency."""
    codes: dict[int, list[str]] = defaultdict(list)
    for code, digits in CURRENCY_DIGITS.items():
        codes[digits].append(code)
    parts = [f"{f'[.][0-9]{{{digits}}}' if digits else ''} (?:{'|'.join(some)})" for digits, some in codes.items()]
    return f"-?(?:0|[1-9][0-9]{{0,13}})(?:{'|'.join(parts)})"


_AMOUNT: Final = _amount()


@final
@attrs.frozen(kw_only=True)
class _Kind:
    """The fields of one kind of record with the plain form of each, in the order in which they are written, and which may be absent."""

    record: str
    fields: Mapping[str, str]
    day: str
    optional: tuple[str, ...] = ()
    least: int = 1

    @property
    def line(self) -> str:
        """The form of a whole line of JSON, with a group for each field."""
        fields = "".join(self._field(name, form) for name, form in self.fields.items())
        return rf'^\{{"record": "{self.record}", "version": {VERSION}{fields}\}}$'

    def _field(self, name: str, form: str) -> str:
        written = f', "{name}": "({form})"'
        return f"(?:{written})?" if name in self.optional else written


def _one_of(values: Sequence[str]) -> str:
    return f"(?:{'|'.join(values)})"


_KINDS: Final[Mapping[str, _Kind]] = MappingProxyType(
    {
        "charges": _Kind(
            record="charge",
            fields={
                "id": _TEXT,
                "account": _TEXT,
                "kind": _one_of([*map(str, ChargeKind)]),
                "item": _TEXT,
                "reason": _one_of([*map(str, ChargeReason)]),
                "period": f"{_DAY}/{_DAY}",
                "amount": _AMOUNT,
                "charged_on": _DAY,
                "prepaid": _PART,
            },
            day="charged_on",
            optional=("prepaid",),
            least=0,
        ),
        **{
            name: _Kind(record=name[:-1], fields={"id": _TEXT, whose: _TEXT, "amount": _AMOUNT, day: _DAY}, day=day)
            for name, whose, day in (
                ("receipts", "charge", "received_on"),
                ("refunds", "charge", "refunded_on"),
                ("payments", "partner", "received_on"),
                ("disbursements", "partner", "paid_on"),
            )
        },
        "entries": _Kind(
            record="entry",
            fields={
                "id": _TEXT,
                "partner": _TEXT,
                "kind": _one_of([*map(str, EntryKind)]),
                "amount": _AMOUNT,
                "on": _DAY,
                "note": _TEXT,
            },
            day="on",
            least=-(10**18),
        ),
    }
)


def read_in_place(connection: Any, name: str, paths: Sequence[str], form: Form) -> bool:
    """Make a view of files in DuckDB, with the columns that a close wants; False where one of their rows is not in the plain form.

    >>> import duckdb
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> line = '{"record": "refund", "version": 1, "id": "f-1", "charge": "c-1", "amount": "25.00 USD", "refunded_on": "2025-08-20"}'
    >>> with TemporaryDirectory() as place, duckdb.connect() as connection:
    ...     path = Path(place) / "refunds.jsonl"
    ...     _ = path.write_text(line)
    ...     read_in_place(connection, "refunds", [str(path)], Form.JSON_LINES), connection.table("refunds").fetchall()
    (True, [('f-1', 'c-1', 2500, 'USD', datetime.date(2025, 8, 20))])
    """
    kind, raw = _KINDS[name], f"{name} as written"
    read = _json if form is Form.JSON_LINES else _csv
    try:
        read(connection, kind, paths).create_view(raw)
        query = f"SELECT COUNT(*) FROM {table(raw).sql(DUCKDB)} WHERE NOT COALESCE({_is_plain(kind)}, FALSE)"  # noqa: S608  (forms of our own)
        ((others,),) = connection.execute(query).fetchall()
    except import_module("duckdb").Error:
        return False
    if others == 0:
        connection.sql(f"SELECT {_columns(name, kind)} FROM {table(raw).sql(DUCKDB)}").create_view(name)  # noqa: S608  (names of our own)
    return bool(others == 0)


def in_place(paths: Sequence[Path | str]) -> list[str]:
    """Give files as DuckDB is to be told of them, so that it looks for no others: a name may hold what elsewhere stands for many names.

    >>> in_place(["/books/2025 [old]/charges.csv"])
    ['/books/2025 [[]old]/charges.csv']
    """
    return [escape(str(Path(path).absolute())) for path in paths]


def _lines(connection: Any, paths: Sequence[str], *, has_header: bool) -> Any:
    """Read lines as they are; `more` is what stands behind a character that no plain line has."""
    ends = "delim = chr(1), quote = '', escape = '', comment = '', nullstr = chr(10), null_padding = TRUE, hive_partitioning = FALSE"
    columns = f"auto_detect = FALSE, header = {has_header}, columns = {{'line': 'VARCHAR', 'more': 'VARCHAR'}}"
    return connection.sql(f"SELECT * FROM read_csv($1, {ends}, {columns})", params=[in_place(paths)])  # noqa: S608  (options of our own)


def _json(connection: Any, kind: _Kind, paths: Sequence[str]) -> Any:
    """Take the fields out of lines of JSON; a line in another form has none."""
    names = ", ".join(f"'{name}'" for name in kind.fields)
    fields = f"regexp_extract(CASE WHEN more IS NULL THEN line ELSE '' END, '{kind.line}', [{names}])"
    return _lines(connection, paths, has_header=False).query("lines", f"SELECT UNNEST({fields}) FROM lines")  # noqa: S608  (forms of our own)


def _csv(connection: Any, kind: _Kind, paths: Sequence[str]) -> Any:
    """Take the cells out of lines of CSV, of which all are quoted or none; a line in another form has none that is plain.

    A column that there is not is empty where it may be. DuckDB's own reading of CSV guesses, and passes over what stands behind the last
    column.
    """
    headers = {_header(connection, path) for path in paths}
    header = headers.pop()
    absent = [name for name in kind.optional if name not in header]
    if headers or sorted((*header, *absent)) != sorted(kind.fields):
        raise import_module("duckdb").BinderException("other columns than those of the record")
    quoted = "starts_with(line, '\"') AND ends_with(line, '\"')"
    cells = f"CASE WHEN {quoted} THEN string_split(line[2:-2], '\",\"') ELSE string_split(line, ',') END"
    is_whole = f"more IS NULL AND len(cells) = {len(header)}"
    columns = (f'CASE WHEN {is_whole} THEN cells[{place}] END AS "{name}"' for place, name in enumerate(header, 1))
    asked = f"SELECT {', '.join((*columns, *(f'NULL AS {name}' for name in absent)))} FROM (SELECT {cells} AS cells, more FROM lines)"  # noqa: S608  (names of our own)
    return _lines(connection, paths, has_header=True).query("lines", asked)


def _header(connection: Any, path: str) -> tuple[str, ...]:
    """Give the names in the first line of a file; none where it has no line."""
    first = _lines(connection, [path], has_header=False).limit(1).fetchall()
    line = "" if not first else str(first[0][0])
    return tuple(line[1:-1].split('","') if line.startswith('"') and line.endswith('"') else line.split(","))


def _is_plain(kind: _Kind) -> str:
    """Tell of a row whether each field is in its plain form, and means something."""
    forms = (
        f"(COALESCE(\"{name}\", '') = '' OR {_matches(name, form)})" if name in kind.optional else _matches(name, form)
        for name, form in kind.fields.items()
    )
    checks = [*forms, f'TRY_CAST("{kind.day}" AS DATE) IS NOT NULL', f"{_MINOR} >= {kind.least}"]
    if "period" in kind.fields:
        checks.append(f"TRY_CAST({_part('period', '/', 1)} AS DATE) < TRY_CAST({_part('period', '/', 2)} AS DATE)")
    if "prepaid" in kind.fields:
        over, under = (f"TRY_CAST({_part('prepaid', '/', place)} AS BIGINT)" for place in (1, 2))
        checks.append(f"(COALESCE(prepaid, '') = '' OR ({over} < {under} AND gcd({over}, {under}) = 1))")
    if kind.record == "entry":
        checks.append(f"({_MINOR} > 0 OR kind <> '{EntryKind.INCENTIVE.value}')")
    return " AND ".join(checks)


def _matches(name: str, form: str) -> str:
    return f"regexp_full_match(\"{name}\", '{form}')"


def _part(name: str, mark: str, place: int) -> str:
    return f"split_part({name}, '{mark}', {place})"


_MINOR: Final = f"CAST(replace({_part('amount', ' ', 1)}, '.', '') AS BIGINT)"


def _columns(name: str, kind: _Kind) -> str:
    """Give the columns of a close, in the order of its rows, made of the fields of a record."""
    made = {
        "starts_on": f"CAST({_part('period', '/', 1)} AS DATE)",
        "ends_before": f"CAST({_part('period', '/', 2)} AS DATE)",
        "minor": _MINOR,
        "currency": _part("amount", " ", 2),
        "charged_on": "CAST(charged_on AS DATE)",
        "day": f'CAST("{kind.day}" AS DATE)',
        "prepaid": "COALESCE(prepaid, '') <> ''",
        "kind": "kind" if "kind" in kind.fields else "''",
    }
    return ", ".join(f'{made.get(column, column)} AS "{column}"' for column in RECORDS[name])
