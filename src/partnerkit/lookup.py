"""What is to be explained, found by its id: in a program directory, or in what a close wrote.

Floor 11, below cli. May import: every lower floor, directories and the standard library.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from partnerkit.attribution import Credit
from partnerkit.billing import Line
from partnerkit.bills import SingleBill
from partnerkit.books import Books
from partnerkit.codec import read_lines
from partnerkit.directories import close_through, read_text, refuse_place
from partnerkit.errors import Fault, InvalidRecords, shown
from partnerkit.output import LINES_FILE, STATEMENT_TOTALS_FILE, lines_shown
from partnerkit.periods import Month
from partnerkit.records import PROGRAM_FILE
from partnerkit.statements import Statement
from partnerkit.terms import Terms
from partnerkit.text import explain

_ELSEWHERE = " (an account opened in another month has its credit in what was written for that month, and in the program directory)"


def why_in_program(books: Books, directory: Path, wanted_id: str, locale: str) -> str:
    """Explain the line of a charge, or the credit of an account, from a program directory that was read."""
    if wanted_id in books.credits:
        return explain(books.credits[wanted_id], locale, terms=books.program.terms.on(books.program.day_of(books.openings[wanted_id].at)))
    charge = next((one for one in books.charges if one.id == wanted_id), None)
    if charge is None and wanted_id in books.accounts:
        raise _no_opening(directory, books, wanted_id)
    if charge is None:
        raise _no_line(directory, wanted_id, [*(one.id for one in books.charges), *books.credits])
    lines = close_through(books, Month.of(charge.charged_on)).lines
    line = next(one for one in lines if one.charge.id == wanted_id)
    return explain(line, locale, terms=books.program.terms_for(line.payer or line.earner, charge.charged_on))


def why_in_output(place: Path, wanted_id: str, locale: str) -> str:
    """Explain the line of a charge, or the credit of an account, from what a close wrote."""
    if (place / STATEMENT_TOTALS_FILE).exists():
        refuse_place(
            place,
            "is a close in sums, which has no lines: close the month without --engine to have them explained, or where they are too many, "
            "ask for single ones by line_query or line_frame of partnerkit.sql",
        )
    if not (place / LINES_FILE).exists():
        refuse_place(
            place,
            f"is neither a program directory nor what `close --out` wrote: it has no {PROGRAM_FILE} and no {LINES_FILE}; "
            f"`partnerkit init {place}` writes a program file",
        )
    faults: list[Fault] = []
    month = [line for _, line in _records(place / LINES_FILE, Line, faults)]
    bills = [bill for _, bill in _records(place / "single_bills.jsonl", SingleBill, faults)]
    statements = [statement for _, statement in _records(place / "statements.jsonl", Statement, faults)]
    lines = {line.charge.id: line for line in lines_shown(month, bills, statements)}
    credits = {credit.account: credit for _, credit in _records(place / "credits.jsonl", Credit, faults)}
    terms = {one.fingerprint: one for _, one in _records(place / "terms.jsonl", Terms, faults)}
    if faults:
        raise InvalidRecords(tuple(faults))
    if wanted_id in credits:
        return explain(credits[wanted_id], locale)
    if wanted_id not in lines:
        raise _no_line(place, wanted_id, [*lines, *credits], _ELSEWHERE)
    line = lines[wanted_id]
    return explain(line, locale, terms=terms.get(line.terms))


def _records(path: Path, kind: type[Any], faults: list[Fault]) -> Iterator[tuple[int, Any]]:
    return read_lines(read_text(path).split("\n"), kind, source=path.name, faults=faults)


def _no_opening(directory: Path, books: Books, account: str) -> InvalidRecords:
    """Say what an account begins with that no opening credits: no visit decided, but an event."""
    first = books.relationships[account].events[0]
    line = books.event_places.get(first)
    where = "which no file needs to say" if line is None else f"events.jsonl:{line}"
    partner = "" if first.partner is None else f", by {first.partner}"
    message = f"has no opening of {account}, so no visit credited it: it begins as {first.kind.value} on {first.on}{partner} ({where})"
    return InvalidRecords((Fault(source=str(directory), message=message),))


def _no_line(place: Path, charge_id: str, known: Iterable[str], elsewhere: str = "") -> InvalidRecords:
    ids = list(known)
    near = [one for one in ids if charge_id.lower() in one.lower()][:3] or get_close_matches(charge_id, ids)
    hint = (
        f": did you mean {' or '.join(near)}?"
        if near
        else ": give the id of a charge, as `close` shows it on a wide terminal and --out writes it, or of an account that was opened"
    )
    return InvalidRecords(
        (Fault(source=str(place), message=f"has no line and no credit of an account {shown(charge_id)}{hint}{elsewhere}"),)
    )
