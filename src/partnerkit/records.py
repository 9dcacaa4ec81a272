"""The record files of a program directory while they are read: every record with its line, what is no record, and the faults so far.

Floor 10, below crosschecks, histories and reading. May import: every lower floor, books and the standard library. It reads lines
that somebody else opened.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, final

from partnerkit.attribution import AccountOpening, Deal, IdentityLink, PageVisit
from partnerkit.billing import Charge, Receipt, Refund
from partnerkit.bills import Payment
from partnerkit.books import CHARGES_FILE, DISBURSEMENTS_FILE, ENTRIES_FILE, PAYMENTS_FILE, RECEIPTS_FILE, REFUNDS_FILE
from partnerkit.codec import Coupon, read_lines
from partnerkit.errors import Fault, shown
from partnerkit.partners import Account, Partner
from partnerkit.relationships import Event
from partnerkit.statements import Disbursement, Entry

PROGRAM_FILE = "program.toml"

FILES: Mapping[str, type[Any]] = {
    "partners.jsonl": Partner,
    "accounts.jsonl": Account,
    "visits.jsonl": PageVisit,
    "openings.jsonl": AccountOpening,
    "deals.jsonl": Deal,
    "coupons.jsonl": Coupon,
    "identities.jsonl": IdentityLink,
    "events.jsonl": Event,
    CHARGES_FILE: Charge,
    RECEIPTS_FILE: Receipt,
    REFUNDS_FILE: Refund,
    PAYMENTS_FILE: Payment,
    DISBURSEMENTS_FILE: Disbursement,
    ENTRIES_FILE: Entry,
}
"""The record files of a program directory; the first two are required, another one that is missing is empty."""

FILE_OF: Mapping[type[Any], str] = {kind: name for name, kind in FILES.items()}

REQUIRED = ("partners.jsonl", "accounts.jsonl")

T = TypeVar("T")


@final
class Records:
    """The records of all files with their lines, what can be read of the lines that are none, and the faults found so far.

    `lines_of` gives the lines of a file by its name, None where there is no such file; `faults` grows with what is wrong.
    """

    def __init__(self, faults: list[Fault], lines_of: Callable[[str], Iterable[str] | None]) -> None:
        self.faults = faults
        self.found: dict[str, list[tuple[int, Any]]] = {}
        self.places: dict[tuple[str, str], int] = {}
        self._lines_of = lines_of
        self._refused: dict[str, list[Mapping[str, object]]] = {}

    def read(self, name: str) -> None:
        """Read a file, and report what is no record or has the id of another."""
        lines = self._lines_of(name)
        self._refused[name] = []
        if lines is None and name in REQUIRED:
            self.faults.append(Fault(source=name, message="is missing: a program directory needs it, see docs/reference/records.md"))
            self._refused[name].append({})
        texts: list[str] = []
        faults: list[Fault] = []
        self.found[name] = list(read_lines(_kept(lines or (), texts), FILES[name], source=name, faults=faults))
        self.faults += faults
        self._refused[name] += (_fields(texts[line - 1]) for line in sorted({fault.line for fault in faults}))
        self._check_ids(name)

    def _check_ids(self, name: str) -> None:
        for line, record in self.found[name]:
            record_id = getattr(record, "id", None)
            if record_id is None:
                continue
            first = self.places.setdefault((name, record_id), line)
            if first != line:
                self.fault(name, line, "id", f"is {shown(record_id)}, which line {first} has already: give each record an id of its own")

    def fault(self, name: str, line: int, path: str, message: str) -> None:
        """Report what is wrong with a record, by its file, line and field."""
        self.faults.append(Fault(source=name, line=line, path=path, message=message))

    def of(self, kind: type[T]) -> list[tuple[int, T]]:
        """Give the records of a kind with their lines."""
        return self.found[FILE_OF[kind]]

    def values(self, kind: type[T]) -> tuple[T, ...]:
        """Give the records of a kind."""
        return tuple(record for _, record in self.of(kind))

    def are_sound(self, *kinds: type[Any]) -> bool:
        """Tell whether nothing is wrong with the files of some kinds."""
        names = {FILE_OF[kind] for kind in kinds}
        return not any(fault.source in names for fault in self.faults)

    def faulty(self, kind: type[Any], field: str) -> set[str | None]:
        """Give what a field says on the lines of a kind with faults, None among them where a line does not tell."""
        lines = {fault.line for fault in self.faults if fault.source == FILE_OF[kind]}
        said = [getattr(record, field) for line, record in self.of(kind) if line in lines]
        said += [row.get(field) for row in self._refused[FILE_OF[kind]]]
        return {one if isinstance(one, str) else None for one in said}

    def ids(self, kind: type[Any]) -> set[str | None]:
        """Give the ids of a kind, also those of lines with faults; None among them where such a line does not tell its id."""
        return {record.id for record in self.values(kind)} | self.faulty(kind, "id")

    def refer(self, field: str, kind: type[Any], what: str, names: Iterable[str]) -> None:
        """Report every record of some files whose field names something that is not there."""
        there = self.ids(kind)
        if None in there:
            return
        for name in names:
            for line, record in self.found[name]:
                named = getattr(record, field)
                if named is not None and named not in there:
                    self.fault(name, line, field, f"is {shown(named)}: there is no such {what} in {FILE_OF[kind]}")


def _kept(lines: Iterable[str], texts: list[str]) -> Iterator[str]:
    for line in lines:
        texts.append(line)
        yield line


def _fields(text: str) -> Mapping[str, object]:
    """Give what can be read of a line that is no record."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
