"""Program directories and the output of closes, read; and the places that may not be written to.

Floor 11, below cli, and with `writing` the only input and output of files. May import: every lower floor, attrs and the standard library.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, NoReturn, final

import attrs

from partnerkit.books import (
    CHARGES_FILE,
    DISBURSEMENTS_FILE,
    ENTRIES_FILE,
    PAYMENTS_FILE,
    RECEIPTS_FILE,
    REFUNDS_FILE,
    Books,
)
from partnerkit.close import Close
from partnerkit.errors import Fault, InvalidRecords
from partnerkit.output import MANIFEST_FILE, Source
from partnerkit.periods import Month
from partnerkit.reading import read_books
from partnerkit.records import FILES, PROGRAM_FILE
from partnerkit.row_reading import Form
from partnerkit.verification import differences

PARQUET: Final = "parquet"
NOT_UTF8: Final = "is not UTF-8: save the file in that encoding"

Track = Callable[[str, list[str]], Iterable[str]]
"""Gives the lines of a file as they are, by its name, and may show how far the reading of them is."""


def open_books(directory: Path, track: Track) -> tuple[Books, dict[str, Source]]:
    """Read a program directory, with the prints of each of its files; what looks like records and is not read is refused."""
    check_program(directory)
    refuse_unread(directory, FILES)
    sources: dict[str, Source] = {}

    def lines_of(name: str) -> Iterable[str] | None:
        path = directory / name
        if not os.path.lexists(path):
            return None
        # A link that leads nowhere is here, and reading it says so: a file that cannot be read is not an empty one.
        return track(name, read(name).split("\n"))

    def read(name: str) -> str:
        raw = (directory / name).read_bytes()
        sources[name] = Source.of(raw)
        return decoded(raw, name)

    return read_books(read(PROGRAM_FILE), lines_of), sources


def check_program(directory: Path) -> None:
    """Refuse a directory that has no program file."""
    if not (directory / PROGRAM_FILE).exists():
        refuse_place(directory, f"is not a program directory: it has no {PROGRAM_FILE}; `partnerkit init {directory}` writes one")


def kind_of_money(name: str) -> str | None:
    """Tell which kind of money a file holds that `close --engine` reads, by its name.

    >>> kind_of_money("charges-007.parquet"), kind_of_money("charges.csv"), kind_of_money("charges_007.parquet")
    ('charges', 'charges', None)
    """
    found = _MONEY_FILE.fullmatch(name)
    return None if found is None else found[1]


def refuse_unread(directory: Path, read: Container[str]) -> None:
    """Refuse what looks like records of a program and is not among the names that are read: money is not passed over in silence."""
    unread = [path for path in sorted(directory.iterdir()) if path.name not in read and _looks_like_records(path)]
    directories = [path.name for path in unread if path.is_dir()]
    elsewhere = [path.name for path in unread if path.name not in directories and kind_of_money(path.name) is not None]
    others = [path.name for path in unread if path.name not in {*directories, *elsewhere}]
    look, are = ("look", "are") if len(others) > 1 else ("looks", "is")
    messages = {
        f"has {_named(elsewhere)}, which `close --engine` alone reads: close in sums, or write these records into {_PLAIN}": elsewhere,
        f"has the directory {_named(directories)}, which is not looked into: put its files here, named {_PARTS}": directories,
        f"has {_named(others)}, which {look} like records and {are} not read: {_READ}; name it so, or move it elsewhere": others,
    }
    faults = tuple(Fault(source=str(directory), message=message) for message, names in messages.items() if names)
    if faults:
        raise InvalidRecords(faults)


def _looks_like_records(path: Path) -> bool:
    """Tell whether a name is that of a table, or begins as one of money does and could be of records, in whatever case.

    What is hidden is nobody's record, and so is a document.
    """
    name = path.name.lower()
    is_table = not {f".{PARQUET}", f".{Form.CSV.value}"}.isdisjoint(Path(name).suffixes)
    is_of_money = name.startswith(_SINGULARS) and Path(name).suffix not in _DOCUMENTS
    return not name.startswith(".") and (is_table or is_of_money)


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


MONEY: Final = tuple(
    name.partition(".")[0] for name in (CHARGES_FILE, RECEIPTS_FILE, REFUNDS_FILE, PAYMENTS_FILE, DISBURSEMENTS_FILE, ENTRIES_FILE)
)
"""The kinds of money, of which `close --engine` reads the records in several files and forms."""

_MONEY_FILE: Final = re.compile(rf"({'|'.join(MONEY)})(?:-[0-9]+)?[.](?:{'|'.join((*(form.value for form in Form), PARQUET))})")
_SINGULARS: Final = ("charge", "receipt", "refund", "payment", "disbursement", "entry", "entries")
_DOCUMENTS: Final = frozenset({".md", ".rst", ".txt", ".pdf", ".html", ".docx", ".odt", ".eml"})
_NAMED: Final = 10
_PLAIN: Final = f"{CHARGES_FILE}, {RECEIPTS_FILE} and so on"
_PARTS: Final = f"charges-000.{PARQUET}, charges-001.{PARQUET} and so on"
_READ: Final = f"records are read from {_PLAIN}, and those of money by `close --engine` as csv and {PARQUET} too, such as {_PARTS}"


def inputs_of(sources: Mapping[str, Source]) -> dict[str, str]:
    """Give the SHA-256 of the bytes of every file that was read."""
    return {name: source.exact for name, source in sources.items()}


def read_text(path: Path) -> str:
    """Read a text file."""
    return decoded(path.read_bytes(), path.name)


def decoded(raw: bytes, name: str, encoding: str = "utf-8-sig") -> str:
    """Read UTF-8, with or without the byte order mark that some editors put first."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise InvalidRecords((Fault(source=name, line=line, message=NOT_UTF8),)) from None


def written_before(out: Path) -> dict[str, str]:
    """Give the files of a close that is there already, by name; none where there is no close."""
    if not (out / MANIFEST_FILE).is_file():
        return {}
    # Byte for byte: a byte order mark that an editor put there is a difference.
    paths = (path for path in sorted(out.iterdir()) if path.suffix == _RECORDS and path.is_file())
    return {path.name: decoded(path.read_bytes(), path.name, "utf-8") for path in paths}


def refuse_place(place: Path, message: str) -> NoReturn:
    """Say what is wrong with a file or directory that was named."""
    raise InvalidRecords((Fault(source=str(place), message=message),))


def close_through(books: Books, month: Month, asked_by: str = "--month") -> Close:
    """Close every month up to one and give its close; a month before any record of money is refused."""
    # Each close holds all that was ever posted, so only the last is kept.
    last = deque(books.closes(month), maxlen=1)
    if not last:
        refuse_month(month, min(books.money_days()), asked_by)
    return last.pop()


def refuse_month(month: Month, first: date, asked_by: str = "--month") -> NoReturn:
    """Say that a month lies before the first day of any record of money."""
    message = f"is {month}, before the first record of money: the first month is {Month.of(first)}"
    raise InvalidRecords((Fault(source=asked_by, message=message),))


@final
@attrs.frozen(kw_only=True)
class Places:
    """Where a close is written, as a directory, as a page, as both or not at all, and what is there already.

    `close_before` are the files of a close that is in the directory, and `is_page_there` tells whether there is a file where the page is to
    be. What is closed never changes: the same close and the same page stay as they are, and anything else is refused with `InvalidRecords`.
    """

    out: Path | None
    html: Path | None
    close_before: Mapping[str, str]
    is_page_there: bool

    @classmethod
    def of(cls, out: Path | None, html: Path | None) -> "Places":
        """Look at the places, and refuse those that are taken by something else, that would take each other's, or look like records."""
        before = {} if out is None else written_before(out)
        faults = [*_taken(out, html, is_closed=bool(before))]
        if faults:
            raise InvalidRecords(tuple(faults))
        return cls(out=out, html=html, close_before=before, is_page_there=html is not None and html.is_file())

    def check(self, files: Mapping[str, str], page: str) -> None:
        """Refuse what is there already where something else would come of it, with the first difference of each file."""
        found = differences(self.close_before, files) if self.close_before else ()
        faults = [Fault(source=str(self.out), message=str(one)) for one in found]
        if found:
            message = "holds another close: look at it with `partnerkit verify`, and give --out a directory that does not exist"
            faults.append(Fault(source=str(self.out), message=message))
        if self.is_page_there and self.html is not None and not _holds(self.html, page.encode()):
            message = "exists already, and is not this page: give --html a file that does not exist, nothing is ever overwritten"
            faults.append(Fault(source=str(self.html), message=message))
        if faults:
            raise InvalidRecords(tuple(faults))


def _taken(out: Path | None, html: Path | None, *, is_closed: bool) -> Iterator[Fault]:
    if out is not None and os.path.lexists(out) and not is_closed:
        yield Fault(source=str(out), message="exists already: give --out a directory that does not, nothing is ever overwritten")
    if html is not None and os.path.lexists(html) and not html.is_file():
        yield Fault(source=str(html), message="exists already, and is no file: give --html a file that does not exist")
    if html is not None and out is not None and _within(html, out):
        yield Fault(source=str(html), message=f"and {out} lie within each other: give --html a file beside what --out writes")
    for option, place in (("--out", out), ("--html", html)):
        if place is not None and place.name in {"", ".."}:
            yield Fault(source=str(place), message=f"names no place of its own: give {option} a name")
        if place is not None and place.suffix == _RECORDS:
            yield Fault(source=str(place), message=f"is named as files of records are: give {option} another name, without {_RECORDS}")


_RECORDS: Final = ".jsonl"


def _holds(path: Path, raw: bytes) -> bool:
    """Tell whether a file holds these bytes; one of another size is not read, however long it is."""
    return path.stat().st_size == len(raw) and path.read_bytes() == raw


def _within(one: Path, other: Path) -> bool:
    """Tell whether one of two places is the other, or lies in it."""
    first, second = (Path(os.path.realpath(place)) for place in (one, other))  # which takes links that lead in a circle as they are
    return first.is_relative_to(second) or second.is_relative_to(first)
