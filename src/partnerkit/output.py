"""What a close writes for other programs: lines, bills, statements, credits, the terms used, and the manifest that binds them.

Floor 10. May import: every lower floor, books, attrs and the standard library. It makes texts and writes nothing itself.

The bytes depend on the records and the terms alone, so anybody who closes the same month gets the same files.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, final

import attrs

from partnerkit.attribution import AccountOpening
from partnerkit.billing import Line
from partnerkit.bills import SingleBill
from partnerkit.books import Books
from partnerkit.close import Close
from partnerkit.codec import VERSION, to_line
from partnerkit.fingerprints import digest, fingerprint
from partnerkit.periods import Month
from partnerkit.policies import EDITIONS
from partnerkit.program import Program
from partnerkit.statements import Statement
from partnerkit.terms import Terms
from partnerkit.totals import MonthTotals

LINES_FILE = "lines.jsonl"
MANIFEST_FILE = "manifest.jsonl"
BILL_TOTALS_FILE = "single_bill_totals.jsonl"
STATEMENT_TOTALS_FILE = "statement_totals.jsonl"


@final
@attrs.frozen(kw_only=True)
class Source:
    r"""A file that a close is made from: the SHA-256 of its bytes, and that of its lines in whatever order they stand.

    >>> Source.of(b"a\nb\n").lines == Source.of(b"b\n\na").lines
    True
    """

    exact: str
    lines: str

    @classmethod
    def of(cls, raw: bytes) -> "Source":
        r"""Give the prints of a file from its bytes.

        >>> Source.of(b"a\n").exact == Source.of(b"a").exact
        False
        """
        written = sorted(filter(None, (line.strip() for line in raw.removeprefix(BOM_UTF8).split(b"\n"))))
        return cls(exact=digest([raw]), lines=digest(line + b"\n" for line in written))


def basis_of(books: Books, close: Close, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Give what a close rests on, as fingerprints: the terms used, the prices, the policies, all that the program says, the records.

    The whole program is among them because its sites, its zone and terms of earlier months decided who is credited.
    """
    records = {name: source.lines for name, source in sorted(sources.items()) if name.endswith(".jsonl")}
    return {
        "terms": [one.fingerprint for one in terms_used(books, close)],
        "prices": fingerprint(books.program.prices),
        "policies": policies_used(close.month),
        "whole_program": fingerprint(books.program),
        "records": fingerprint(records),
    }


def output_files(books: Books, close: Close, sources: Mapping[str, Source]) -> dict[str, str]:
    """Give the files of a close by name; `sources` are the files it was made from.

    Every bill and statement carries one fingerprint of all that the close rests on, and the manifest says what that is made of.
    """
    rests_on = basis_of(books, close, sources)
    basis = fingerprint(rests_on)
    files = {
        LINES_FILE: _lines(close.lines),
        "single_bills.jsonl": _lines(close.bills, basis),
        "statements.jsonl": _lines(close.statements, basis),
        "credits.jsonl": _lines(books.credits[opening.account] for opening in _opened(books, close)),
        "terms.jsonl": _lines(terms_used(books, close)),
    }
    inputs = {name: source.exact for name, source in sources.items()}
    return files | {MANIFEST_FILE: _manifest(books.program, close.month, inputs, files, rests_on)}


def totals_files(program: Program, totals: MonthTotals, inputs: Mapping[str, str]) -> dict[str, str]:
    """Give the files of a month closed in sums, by name; `inputs` are the SHA-256 of the files it was made from.

    They are the same whoever summed it up: every bill and statement carries the fingerprint of all that it rests on.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> sorted(totals_files(program, MonthTotals(month=Month.parse("2025-08"), bills=(), statements=()), {}))
    ['manifest.jsonl', 'single_bill_totals.jsonl', 'statement_totals.jsonl']
    """
    rests_on = {
        "prices": fingerprint(program.prices),
        "policies": policies_used(totals.month),
        "whole_program": fingerprint(program),
        "records": fingerprint(dict(sorted(inputs.items()))),
    }
    basis = fingerprint(rests_on)
    files = {BILL_TOTALS_FILE: _lines(totals.bills, basis), STATEMENT_TOTALS_FILE: _lines(totals.statements, basis)}
    return files | {MANIFEST_FILE: _manifest(program, totals.month, inputs, files, rests_on)}


def _manifest(program: Program, month: Month, inputs: Mapping[str, str], outputs: Mapping[str, str], rests_on: Mapping[str, object]) -> str:
    """Write what binds the files of a close to those it was made from, and to all that it rests on."""
    manifest = {
        "record": "manifest",
        "version": VERSION,
        "program": program.name,
        "month": str(month),
        "inputs": dict(sorted(inputs.items())),
        "outputs": {name: digest([text.encode()]) for name, text in sorted(outputs.items())},
        **rests_on,
        "basis": fingerprint(rests_on),
    }
    return json.dumps(manifest, ensure_ascii=False) + "\n"


def lines_shown(lines: Iterable[Line], bills: Iterable[SingleBill], statements: Iterable[Statement]) -> Iterator[Line]:
    """Give every line that a close shows: those of its month, and the older ones on its bills and statements."""
    yield from lines
    for bill in bills:
        yield from bill.lines
        yield from (one.line for one in bill.adjustments)
    for statement in statements:
        yield from (one.line for one in (*statement.shares, *statement.bonuses))
        yield from (one.line for one in statement.adjustments)


def _opened(books: Books, close: Close) -> list[AccountOpening]:
    """Give the openings of the month by their account."""
    opened = (one for one in books.openings.values() if books.program.day_of(one.at) in close.month.period)
    return sorted(opened, key=attrgetter("account"))


def _lines(values: Iterable[object], basis: str | None = None) -> str:
    return "".join(f"{to_line(value, basis=basis)}\n" for value in values)


def terms_used(books: Books, close: Close) -> list[Terms]:
    """Give the terms that made the lines, those of the day of each bill, and those that credited the openings of the month."""
    program = books.program
    lines = lines_shown(close.lines, close.bills, close.statements)
    made = (program.terms_for(line.payer or line.earner, line.charge.charged_on) for line in lines)
    billed = (program.terms_for(bill.partner, bill.billed_on) for bill in close.bills)
    credited = (program.terms.on(program.day_of(opening.at)) for opening in _opened(books, close))
    by_print = {one.fingerprint: one for one in (*made, *billed, *credited)}
    return [by_print[one] for one in sorted(by_print)]


def policies_used(month: Month) -> dict[str, str]:
    """Give the fingerprint of the edition of each policy that is in force on the last day of a month, by the id of the policy.

    >>> from partnerkit.policies import REWARD
    >>> policies_used(Month.parse("2025-08"))["reward"] == REWARD.fingerprint
    True
    """
    return {policy_id: editions.on(month.period.last_day).fingerprint for policy_id, editions in EDITIONS.items()}
