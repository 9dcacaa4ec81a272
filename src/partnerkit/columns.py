"""Lines cut into columns: the records of a file of JSON Lines or CSV, by the batch, and each by itself where a batch is not plain.

Floor 9, above codec. May import: errors, codec, attrs and the standard library. It reads lines that somebody else opened.

To parse many lines at once costs half of parsing each alone, and what a column holds can be looked at once. Nothing is judged here but
the form: a batch is plain where its lines hold one record each, with the fields of its kind and no field twice.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any, ClassVar, Final, Protocol, TypeVar, final

import attrs

from partnerkit.codec import RECORDS, VERSION, from_data, from_line
from partnerkit.errors import Fault, InvalidRecords, shown

Value = TypeVar("Value")
Column = Sequence[Any]

_BATCH: Final = 256
_ENVELOPE: Final = ("record", "version")
_PRICING: Final = "pricing"
_FIRST: Final = itemgetter(0)
_LAST: Final = itemgetter(-1)


@final
class NotPlain(ValueError):
    """Something about a batch that only codec can tell."""


NOT_PLAIN: Final = (ValueError, RecursionError, LookupError, TypeError)
"""What reading a batch may come to, where something in it is not plain: not JSON, too deep, a field too few, a list for a text."""


@final
class Remembered(dict[Any, Value]):
    """What texts of one kind mean: each is read once, by what reads it in a record, and up to `most` are remembered.

    >>> numbers = Remembered(int)
    >>> numbers["12"], numbers
    (12, {'12': 12})
    """

    most: ClassVar[int] = 2**15

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Value:
        value = self._read(text)
        if len(self) >= self.most:
            self.clear()
        self[text] = value
        return value


@final
@attrs.frozen(kw_only=True)
class Fields:
    """The fields of one kind of record: its name, those that each record has, and those that may be missing, in their order.

    >>> from partnerkit.billing import Receipt
    >>> Fields.of(Receipt)
    Fields(name='receipt', required=('id', 'charge', 'amount', 'received_on'), optional=())
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]

    @classmethod
    def of(cls, kind: type[Any]) -> "Fields":
        """Give the fields of a type of `codec.RECORDS`."""
        required = tuple(field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING)
        optional = tuple(field.name for field in attrs.fields(kind) if field.default is not attrs.NOTHING)
        return cls(name=next(name for name, one in RECORDS.items() if one is kind), required=required, optional=optional)


class Records(Protocol):
    """The records of one file as they are written: cut into batches, and read by their columns or one by one."""

    def batches(self) -> Iterator[tuple[Sequence[int], Sequence[Any]]]:
        """Give some hundred records at once as they stand, with the line of each."""

    def columns(self, batch: Sequence[Any]) -> Sequence[Column]:
        """Give the fields of plain records, the required ones first, each as a column; what is not plain raises one of `NOT_PLAIN`."""

    def value(self, record: Any) -> Any:
        """Give what codec reads a record as, or None for a blank line."""


@final
class JsonLines:
    r"""The records of a file of JSON Lines.

    >>> from partnerkit.billing import Receipt
    >>> line = '{"record": "receipt", "version": 1, "id": "r-1", "charge": "c-1", "amount": "40.00 USD", "received_on": "2025-08-09"}\n'
    >>> records = JsonLines([line], Receipt)
    >>> [(places, records.columns(batch)) for places, batch in records.batches()]
    [(range(1, 2), [['r-1'], ['c-1'], ['40.00 USD'], ['2025-08-09']])]
    """

    def __init__(self, lines: Iterable[str], kind: type[Any]) -> None:
        self._lines = iter(lines)
        self._kind = kind
        self._fields = Fields.of(kind)
        self._names = (*_ENVELOPE, *self._fields.required)

    def batches(self) -> Iterator[tuple[Sequence[int], Sequence[str]]]:
        """Give lines as they are."""
        first = 1
        while batch := tuple(islice(self._lines, _BATCH)):
            yield range(first, first + len(batch)), batch
            first += len(batch)

    def columns(self, batch: Sequence[str]) -> Sequence[Column]:
        """Give the fields of lines that are an object each, and of this record."""
        # No text of JSON goes over the end of a line, and a comma stands before every line: a brace that starts a line starts an element
        # of a list. As many objects as lines, and a brace at the start of each, are one object in every line; a list left open at the end
        # of one would be the value of a field, and no field has such a value.
        text = ",\n".join(batch)
        found = json.loads(f"[{text}]")
        if len(found) != len(batch) or {*map(_FIRST, batch)} != {"{"}:
            raise NotPlain
        names, versions, *required = ([one[name] for one in found] for name in self._names)
        if {*names} != {self._fields.name} or {*versions} != {VERSION} or {*map(type, versions)} != {int}:
            raise NotPlain
        # Every required field but the version is a text, or else refused with its column.
        texts, optional = self._optional(found)
        if _quotes(text) != 2 * (len(found) * (2 * len(self._names) - 1) + texts):
            raise NotPlain
        return [*required, *optional]

    def _optional(self, found: Sequence[Mapping[str, object]]) -> tuple[int, Sequence[Column]]:
        """Count the texts of optional fields, with their names, and give these fields."""
        names = self._fields.optional
        spare = sum(map(len, found)) - len(found) * len(self._names)
        if not spare:
            return 0, [(None,) * len(found)] * len(names)
        given = [one[name] for name in names for one in found if name in one]
        if spare != len(given):
            raise NotPlain
        return spare + _texts_in(given), [[one.get(name) for one in found] for name in names]

    def value(self, record: str) -> Any:
        """Read a line by codec."""
        return from_line(record, self._kind) if record and not record.isspace() else None


def _quotes(text: str) -> int:
    """Count the quotes in which texts of JSON stand: there are more than such texts need where a field stood twice."""
    escaped = text.count('\\"') if "\\" in text else 0
    if escaped and "\\\\" in text:
        raise NotPlain
    return text.count('"') - escaped


def _texts_in(values: Sequence[object]) -> int:
    """Count the texts of optional fields: their own, or those of their objects and the names in these."""
    objects = [one for one in values if isinstance(one, dict)]
    return sum(map(len, objects)) + [*map(type, chain(values, *map(dict.values, objects)))].count(str)


@final
class _Table(Sequence[Any]):
    """Records that are cut into columns: a part of them is a table too, and one of them its cells."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, place: Any) -> Any:
        cut = [column[place] for column in self.columns]
        return _Table(cut) if isinstance(place, slice) else cut


@final
class Csv:
    r"""The records of a file of CSV, whose first line names the fields; what is no CSV goes to `faults`.

    >>> from partnerkit.billing import Receipt
    >>> records = Csv(["charge,id,amount,received_on\n", "c-1,r-1,40.00 USD,2025-08-09\n"], Receipt, [])
    >>> [(places, records.columns(batch)) for places, batch in records.batches()]
    [(range(2, 3), [['r-1'], ['c-1'], ['40.00 USD'], ['2025-08-09']])]
    """

    def __init__(self, lines: Iterable[str], kind: type[Any], faults: list[Fault]) -> None:
        self._lines = iter(lines)
        self._kind = kind
        self._fields = Fields.of(kind)
        self._faults = faults
        self._lines_read = 0
        self._header: list[str] = []

    def batches(self) -> Iterator[tuple[Sequence[int], Sequence[Any]]]:
        """Give the cells of records, in columns or one by one; none of them where all that was read is no CSV."""
        self._read_header()
        while lines := tuple(islice(self._lines, _BATCH)):
            columns = _cut(lines, len(self._header))
            cells = _one_a_line(lines) if columns is None else _Table(columns)
            if cells is None:
                yield self._cells(lines)
                continue
            yield range(self._lines_read + 1, self._lines_read + len(lines) + 1), cells
            self._lines_read += len(lines)

    def _cells(self, lines: Sequence[str]) -> tuple[list[int], list[list[str]]]:
        """Split lines, and those that the last record goes on in, into cells with the line of each record; what is no CSV is a fault."""
        reader = csv.reader(chain(lines, self._lines), strict=True)
        ends, found = [0], []
        while reader.line_num < len(lines):
            try:
                found.append(next(reader))
            except csv.Error as fault:
                self._faults.append(Fault(line=self._lines_read + ends.pop() + 1, message=f"is not CSV: {fault}"))
            ends.append(reader.line_num)
        before, self._lines_read = self._lines_read, self._lines_read + ends.pop()
        return [before + end + 1 for end in ends], found

    def _read_header(self) -> None:
        records = (record for line in self._lines for record in zip(*self._cells((line,)), strict=True))
        place, self._header = next((record for record in records if not _is_blank(record[1])), (1, []))
        if not self._faults:
            self._faults += (Fault(line=place, path=path, message=message) for path, message in self._header_faults())
        if self._faults:
            # Without knowing the columns nothing that follows can be judged.
            self._lines = iter(())

    def _header_faults(self) -> Iterator[tuple[str, str]]:
        known = (*self._fields.required, *self._fields.optional)
        for name, count in Counter(self._header).items():
            if name not in known:
                yield "", f"names the column {shown(name)}: wanted in the first line {', '.join(known)}, in any order"
            elif count > 1:
                yield name, "is the name of two columns: wanted each field once"
        for name in self._fields.required:
            if name not in self._header:
                yield name, "is missing: wanted a column of this name in the first line"

    def columns(self, batch: Sequence[Any]) -> Sequence[Column]:
        """Give the cells of records that have as many as the first line, a pricing as the object of its JSON."""
        cut = batch.columns if isinstance(batch, _Table) else _turned(batch, len(self._header))
        found = dict(zip(self._header, cut, strict=True))
        return [
            *(found[name] for name in self._fields.required),
            *(self._optional(name, found, len(batch)) for name in self._fields.optional),
        ]

    def _optional(self, name: str, found: Mapping[str, Column], count: int) -> Column:
        if name not in found:
            return (None,) * count
        read = _object if name == _PRICING else str
        return [read(cell) if cell else None for cell in found[name]]

    def value(self, record: list[str]) -> Any:
        """Read the cells of one record by codec."""
        if _is_blank(record):
            return None
        if len(record) != len(self._header):
            message = f"has {len(record)} cells: wanted {len(self._header)}, as many as the first line has"
            raise InvalidRecords((Fault(message=message),))
        given = {name: cell for name, cell in zip(self._header, record, strict=True) if cell or name in self._fields.required}
        data: dict[str, object] = {"record": self._fields.name, "version": VERSION, **given}
        return from_line(_with_pricing(data), self._kind) if _PRICING in data else from_data(data, self._kind)


def _cut(lines: Sequence[str], width: int) -> Sequence[Column] | None:
    """Cut lines into columns that the parser of CSV would cut alike; None where there are others."""
    text = "".join(lines)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    # As many ends as lines, and each at the end of one, leave none inside. A text within the limit has no cell beyond it.
    is_whole = text.count("\n") == len(lines) and all(lines) and {*map(_LAST, lines)} == {"\n"}
    if not is_whole or "\r" in text or len(text) > csv.field_size_limit():
        return None
    return _cut_quoted(text, len(lines), width) if '"' in text else _cut_unquoted(text, len(lines), width)


def _cut_unquoted(text: str, count: int, width: int) -> Sequence[Column] | None:
    """Cut at the commas: after every so many cells comes the end of a line, or a line has others."""
    cells = text.replace("\n", ",\n,").split(",")
    if len(cells) != count * (width + 1) + 1 or cells[width :: width + 1].count("\n") != count:
        return None
    return [cells[place : -1 : width + 1] for place in range(width)]


def _cut_quoted(text: str, count: int, width: int) -> Sequence[Column] | None:
    """Cut at the quotes: a comma stands between two cells and the end of a line after so many, or there are others."""
    if text.count('"', 0, text.index("\n")) != 2 * width:
        return None
    parts = text.split('"')
    if parts[::2] != ["", *[*[","] * (width - 1), "\n"] * count]:
        return None
    return [parts[place :: 2 * width] for place in range(1, 2 * width, 2)]


def _one_a_line(lines: Sequence[str]) -> list[list[str]] | None:
    """Split lines into cells by the parser of CSV; None where one is no CSV, or goes on in the next."""
    try:
        found = [*csv.reader(lines, strict=True)]
    except csv.Error:
        return None
    return found if len(found) == len(lines) else None


def _turned(records: Sequence[list[str]], width: int) -> Sequence[Column]:
    """Turn cells into columns."""
    if {*map(len, records)} != {width}:
        raise NotPlain
    return list(zip(*records, strict=True))


def _is_blank(cells: list[str]) -> bool:
    return len(cells) <= 1 and not "".join(cells).strip()


def _object(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_without_repeats)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotPlain
    return found


def _with_pricing(data: dict[str, object]) -> str:
    """Write a charge as a line, with its pricing as the cell has it, so that codec reads that as it reads every other."""
    pricing = str(data.pop(_PRICING))
    try:
        json.loads(pricing)
    except (ValueError, RecursionError):
        raise InvalidRecords((Fault(path=_PRICING, message=f"is {shown(pricing)}: wanted an object as JSON, or nothing"),)) from None
    return f'{json.dumps(data)[:-1]}, "{_PRICING}": {pricing}}}'
