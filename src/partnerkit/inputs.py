"""The files of a program directory whose money is closed in sums: which there are, their rows, and where in them a record stands.

Floor 11, below by_engine. May import: every lower floor, its neighbor `directories`, attrs and the standard library; DuckDB is imported
where it has to read Parquet.
"""

import csv
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from functools import cached_property
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, final

import attrs

from partnerkit.books import Books
from partnerkit.directories import (
    NOT_UTF8,
    PARQUET,
    check_program,
    decoded,
    kind_of_money,
    refuse_place,
    refuse_unread,
)
from partnerkit.errors import Fault, InvalidRecords
from partnerkit.fingerprints import digest
from partnerkit.reading import read_books
from partnerkit.records import FILES, PROGRAM_FILE
from partnerkit.row_reading import (
    Form,
    charge_rows,
    disbursement_rows,
    entry_rows,
    payment_rows,
    receipt_rows,
    refund_rows,
)
from partnerkit.tallies import COMES_BACK, TWICE

MONEY: Final[Mapping[str, Callable[[Iterable[str], str, Form], Iterator[tuple[Any, ...]]]]] = MappingProxyType(
    {
        "charges": charge_rows,
        "receipts": receipt_rows,
        "refunds": refund_rows,
        "payments": payment_rows,
        "disbursements": disbursement_rows,
        "entries": entry_rows,
    }
)
"""What reads the rows of each kind of record that may lie in several files."""


@final
@attrs.frozen(kw_only=True)
class Inputs:
    """A program directory whose money is not read yet: the books of all else, and the files of each kind of money."""

    books: Books
    files: Mapping[str, tuple[Path, ...]]
    directory: Path

    @property
    def has_parquet(self) -> bool:
        """Tell whether some of the files are Parquet, which Python reads by an engine."""
        return any(is_parquet(paths) for paths in self.files.values())

    @cached_property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of any record of money, for which all of them are read; None where there is none."""
        days = [day for name, paths in self.files.items() for day in (_days_in_parquet if is_parquet(paths) else _days_of_rows)(self, name)]
        return (min(days), max(days)) if days else None

    def digests(self) -> dict[str, str]:
        """Give the SHA-256 of every file, by its name."""
        others = (self.directory / name for name in _OTHERS)
        paths = sorted({*chain.from_iterable(self.files.values()), *filter(os.path.lexists, others)})
        return {path.name: digest(_chunks(path)) for path in paths}


def read_inputs(directory: Path) -> Inputs:
    """Read a program directory but for its money.

    A fault in it, a kind of money in two forms, and what looks like records and is not read raise `InvalidRecords`.
    """
    check_program(directory)
    files = {name: _files_of(directory, name) for name in MONEY}
    refuse_unread(directory, {*_OTHERS, *(path.name for path in chain.from_iterable(files.values()))})

    def lines_of(name: str) -> Iterable[str] | None:
        path = directory / name
        # A link that leads nowhere is here, and reading it says so.
        return None if name not in _OTHERS or not os.path.lexists(path) else decoded(path.read_bytes(), name).split("\n")

    program = decoded((directory / PROGRAM_FILE).read_bytes(), PROGRAM_FILE)
    return Inputs(books=read_books(program, lines_of), files=files, directory=directory)


def is_parquet(paths: Sequence[Path]) -> bool:
    """Tell whether the files of one kind of money, which have one form, are Parquet.

    >>> is_parquet([Path("charges-000.parquet")]), is_parquet([])
    (True, False)
    """
    return bool(paths) and paths[0].suffix == f".{PARQUET}"


def rows_of(inputs: Inputs, name: str) -> Iterator[tuple[Any, ...]]:
    """Read the rows of all files of one kind, one after the other."""
    for path in inputs.files[name]:
        if is_parquet([path]):
            refuse_place(path, "is Parquet, which Python reads by an engine: give --engine duckdb or spark")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            try:
                yield from MONEY[name](lines, path.name, Form(path.suffix[1:]))
            except UnicodeDecodeError:
                raise InvalidRecords((Fault(source=path.name, line=_first_not_utf8(path), message=NOT_UTF8),)) from None


@contextmanager
def naming_places(inputs: Inputs) -> Iterator[None]:
    """Where records are refused by their ids, look for these in the files once more, and tell the file and the line of each.

    Of Parquet it is the number of the row in its file. Of an id that comes twice both places are told, and what is not found stays as it
    was told.
    """
    try:
        yield
    except InvalidRecords as told:
        faults = tuple(_placed(inputs, told.faults))
        if faults == told.faults:
            raise
        raise InvalidRecords(faults, told.is_cut) from None


_OTHERS: Final = tuple(name for name in (PROGRAM_FILE, *FILES) if name.partition(".")[0] not in MONEY)
_CHUNK: Final = 2**20
_MOST_SOUGHT: Final = 100
_NAMELESS: Final = "a row without an id"

_Key = tuple[str, str | None]
"""A field and what stands in it: an id, or the account of a charge; None where an id is missing."""

_Place = tuple[str, int]
"""A file and a line, or a row, in it."""


def _files_of(directory: Path, name: str) -> tuple[Path, ...]:
    """Give the files of one kind of money, in the order of their names."""
    found = sorted(path for path in directory.iterdir() if kind_of_money(path.name) == name and not path.is_dir())
    forms = sorted({path.suffix for path in found})
    if len(forms) > 1:
        refuse_place(directory, f"has {name} as {' and as '.join(forms)}: keep one of them")
    return tuple(found)


def _first_not_utf8(path: Path) -> int:
    """Find the first line of a file that is not UTF-8, which whoever reads it by the block cannot tell."""
    with path.open("rb") as lines:
        return next(number for number, line in enumerate(lines, start=1) if line.decode(errors="ignore").encode() != line)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _days_of_rows(inputs: Inputs, name: str) -> Iterator[date]:
    return (row[9 if name == "charges" else 4] for row in rows_of(inputs, name))


def _days_in_parquet(inputs: Inputs, name: str) -> Iterator[date]:
    day = "charged_on" if name == "charges" else "day"
    ((first, last),) = _of_parquet(f"SELECT MIN({day}), MAX({day}) FROM read_parquet($1, {_BY_NAME})", inputs.files[name])  # noqa: S608  (names of our own)
    return (one for one in (first, last) if one is not None)


_BY_NAME: Final = "union_by_name = TRUE, hive_partitioning = FALSE"


def _of_parquet(query: str, paths: Sequence[Path], *given: object) -> list[tuple[Any, ...]]:
    """Ask DuckDB about Parquet files, which are the first parameter of the query."""
    # What nobody asked for an engine need not have installed.
    from partnerkit.sql.files import in_place  # noqa: PLC0415

    with closing(import_module("duckdb").connect()) as connection:
        found: list[tuple[Any, ...]] = connection.execute(query, [in_place(paths), *given]).fetchall()
    return found


def _placed(inputs: Inputs, faults: Iterable[Fault]) -> Iterator[Fault]:
    """Give faults with their places, as far as those are found."""
    faults = tuple(faults)
    sought: dict[str, set[_Key]] = defaultdict(set)
    for fault in islice((one for one in faults if one.source in MONEY and one.path and not one.line), _MOST_SOUGHT):
        sought[fault.source].update(_keys_of(fault))
    places = {name: _places(inputs, name, keys) for name, keys in sought.items()}
    turns: Counter[Fault] = Counter()
    for fault in faults:
        found = next(filter(None, (places.get(fault.source, {}).get(key) for key in _keys_of(fault))), ())
        # Where the same is told again, it is of the next one.
        yield _at(fault, found, turns[fault])
        turns[fault] += 1


def _at(fault: Fault, found: Sequence[_Place], turn: int) -> Fault:
    words = fault.message
    if fault.message == TWICE and len(found) > 1:
        (first_file, first_line), *found = found
        words = f"{TWICE}; it stands in {first_file}:{first_line} already"
    if not found:
        return fault
    source, line = found[min(turn, len(found) - 1)]
    return Fault(source=source, line=line, path=fault.path, message=words)


def _keys_of(fault: Fault) -> Iterator[_Key]:
    """Give what a record may be found by that a fault is of: engines put the column behind its id."""
    if fault.message == COMES_BACK:
        yield "account", fault.path
        return
    yield "id", fault.path
    record, _, column = fault.path.rpartition(".")
    if column.isidentifier():
        yield "id", None if record == _NAMELESS else record


def _places(inputs: Inputs, name: str, keys: set[_Key]) -> Mapping[_Key, list[_Place]]:
    """Find the first places of every key, in the order of the files; an account's are where it comes back after another."""
    found: dict[_Key, list[_Place]] = defaultdict(list)
    before: dict[_Key, int] = {}
    paths = inputs.files[name]
    try:
        for key, number, place in (_rows_in_parquet if is_parquet(paths) else _rows_in_text)(paths, keys):
            is_wanted = key[0] == "id" or before.get(key, number) < number - 1
            before[key] = number
            if is_wanted and len(found[key]) <= _MOST_SOUGHT:
                found[key].append(place)
    except OSError:
        return {}
    return found


def _rows_in_parquet(paths: Sequence[Path], keys: set[_Key]) -> Iterator[tuple[_Key, int, _Place]]:
    ids = [value for field, value in keys if field == "id" and value is not None]
    place = "ROW_NUMBER() OVER (PARTITION BY id ORDER BY filename, file_row_number)"
    query = f"""
        SELECT id, filename, file_row_number FROM read_parquet($1, filename = TRUE, file_row_number = TRUE, {_BY_NAME})
        WHERE id IN (SELECT UNNEST($2::VARCHAR[])) OR id IS NULL QUALIFY {place} <= $3 ORDER BY filename, file_row_number
    """  # noqa: S608  (names of our own)
    try:
        rows = _of_parquet(query, paths, ids, _MOST_SOUGHT + 1)
    except import_module("duckdb").Error:
        return
    for number, (record, file, row) in enumerate(rows):
        yield ("id", record), number, (Path(file).name, row + 1)


def _rows_in_text(paths: Sequence[Path], keys: set[_Key]) -> Iterator[tuple[_Key, int, _Place]]:
    """Give the rows with some of the keys: only where the text of one stands in a line it is parsed."""
    values = {value for _, value in keys if value is not None}
    texts = {text for value in values for text in (value, json.dumps(value)[1:-1], value.replace('"', '""'))}
    number = 0
    for path in paths:
        header: list[str] | None = None
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            for line, text in enumerate(lines, start=1):
                if text.isspace():
                    continue
                if header is None and path.suffix == f".{Form.CSV.value}":
                    header = next(csv.reader([text]))
                    continue
                number += 1
                if any(one in text for one in texts):
                    fields = _fields(text, header)
                    found = ((field, fields.get(field)) for field in ("id", "account"))
                    yield from ((key, number, (path.name, line)) for key in keys.intersection(found))


def _fields(text: str, header: Sequence[str] | None) -> Mapping[str, str]:
    """Give the texts in a line; none where it is no record."""
    try:
        known = json.loads(text) if header is None else dict(zip(header, next(csv.reader([text])), strict=False))
    except (ValueError, RecursionError, csv.Error):
        return {}
    return {name: value for name, value in known.items() if isinstance(value, str)} if isinstance(known, dict) else {}
