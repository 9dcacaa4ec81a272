"""The reading of a program directory: every record held against every other, and the books made of them.

Floor 10, above books, records, crosschecks and histories. May import: every lower floor, books, records, crosschecks,
histories and the standard library. It reads lines that somebody else opened.

All that is wrong is found in one pass and reported together, each fault with its file, line and field; what only follows from a
fault that is reported is not. Only a contract number that is missing stops at once, because everything after it would be a guess.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from zoneinfo import ZoneInfo

from partnerkit.attribution import AccountOpening, Credit, Deal, IdentityLink, PageVisit, Visit, attribute
from partnerkit.billing import Charge, Receipt, Refund
from partnerkit.bills import Payment
from partnerkit.books import Books, Traffic
from partnerkit.codec import Coupon
from partnerkit.crosschecks import check_records
from partnerkit.errors import (
    Fault,
    InvalidLink,
    InvalidRecords,
    LinkFault,
    NoTermsInForce,
    PartnerkitError,
    TermMissing,
    shown,
)
from partnerkit.histories import Histories
from partnerkit.judgment import NO_COUPONS
from partnerkit.partners import Account, Partner, Partners
from partnerkit.program import Program
from partnerkit.records import FILES, PROGRAM_FILE, Records
from partnerkit.relationships import Event
from partnerkit.statements import Disbursement, Entry
from partnerkit.vocabulary import without_ascii_case


def read_books(program_text: str, lines_of: Callable[[str], Iterable[str] | None]) -> Books:
    """Read the books from the text of the program file and the lines of the record files, by file name (None: no such file)."""
    faults: list[Fault] = []
    program = _read_program(program_text, faults)
    records = Records(faults=faults, lines_of=lines_of)
    for name in FILES:
        records.read(name)
    try:
        books = _assemble(records, program)
    except (TermMissing, NoTermsInForce) as stop:
        if not faults:
            raise
        faults.append(Fault(source=PROGRAM_FILE, message=str(stop)))
        books = None
    if books is None or faults:
        raise InvalidRecords(tuple(faults))
    return books


def _read_program(text: str, faults: list[Fault]) -> Program | None:
    try:
        return Program.parse(text, PROGRAM_FILE)
    except InvalidRecords as found:
        faults += found.faults
        return None


def _assemble(records: Records, program: Program | None) -> Books | None:
    """Check everything that can be checked, and make the books where nothing stands against it."""
    accounts = {account.id: account for account in records.values(Account)}
    charges = {charge.id: charge for charge in records.values(Charge)}
    check_records(records, program)
    openings = _openings(records)
    partners = _partners(records, program)
    if program is None or partners is None:
        return None
    traffic, visits = _visits(records, program)
    credits = _credits(records, program, partners, openings, visits)
    faulty_openings = records.faulty(AccountOpening, "account")
    histories = Histories(
        records=records,
        program=program,
        partners=partners,
        openings=openings,
        credits=credits,
        sure=records.are_sound(*_CREDITING),
        unsure={account if account in accounts else None for account in faulty_openings},
    )
    return Books(
        program=program,
        partners=partners,
        accounts=accounts,
        openings=openings,
        traffic=traffic,
        credits=credits,
        relationships=histories.relationships(accounts),
        charges=tuple(charges.values()),
        receipts=records.values(Receipt),
        refunds=records.values(Refund),
        payments=records.values(Payment),
        disbursements=records.values(Disbursement),
        entries=records.values(Entry),
        places=records.places,
        event_places={event: line for line, event in records.of(Event)},
    )


def _partners(records: Records, program: Program | None) -> Partners | None:
    if not records.are_sound(Partner):
        return None
    try:
        partners = Partners(records.values(Partner))
        return partners if program is None else partners.in_zone(program.zone)
    except PartnerkitError as fault:
        records.fault("partners.jsonl", 0, "", str(fault))
        return None


def _openings(records: Records) -> dict[str, AccountOpening]:
    openings: dict[str, AccountOpening] = {}
    for line, opening in records.of(AccountOpening):
        if openings.setdefault(opening.account, opening) is not opening:
            message = f"is {shown(opening.account)}, which an earlier line opens: an account opens once"
            records.fault("openings.jsonl", line, "account", message)
    return openings


def _visits(records: Records, program: Program) -> tuple[Traffic, list[Visit]]:
    """Read the partner name of every page view; a link strangers made unreadable is counted, and never stops the books."""
    visits: list[Visit] = []
    elsewhere = unreadable = 0
    for page in records.values(PageVisit):
        try:
            visits.append(page.read(program.sites))
        except InvalidLink as refused:
            elsewhere += refused.fault is LinkFault.FOREIGN_HOST
            unreadable += refused.fault is not LinkFault.FOREIGN_HOST
    traffic = Traffic(
        visits=len(visits) + elsewhere + unreadable,
        elsewhere=elsewhere,
        unreadable=unreadable,
        bots=sum(visit.bot for visit in visits),
        without_name=sum(visit.name is None and not visit.ambiguous for visit in visits),
    )
    return traffic, visits


_CREDITING = (PageVisit, Deal, Coupon, IdentityLink)


def _credits(
    records: Records, program: Program, partners: Partners, openings: Mapping[str, AccountOpening], visits: Iterable[Visit]
) -> dict[str, Credit]:
    """Credit every opening that is sound; where what credits them has faults itself, the credits are likely ones at best."""
    sure = records.are_sound(*_CREDITING)
    by_visitor: dict[str, list[tuple[int, Visit]]] = defaultdict(list)
    for place, visit in enumerate(visits):
        by_visitor[visit.visitor].append((place, visit))
    linked: dict[str, list[IdentityLink]] = defaultdict(list)
    for identity in records.values(IdentityLink):
        linked[identity.account].append(identity)
    deals: dict[str, list[Deal]] = defaultdict(list)
    for deal in records.values(Deal):
        deals[deal.account].append(deal)
    coupons = {without_ascii_case(coupon.code): coupon.partner for coupon in records.values(Coupon)}
    faulty = records.faulty(AccountOpening, "account")
    credits: dict[str, Credit] = {}
    for opening in openings.values():
        if opening.account in faulty:
            continue
        visitors = {opening.visitor, *(identity.visitor for identity in linked[opening.account])}
        # In the order of the file, whoever visited: of two visits at one instant the one that stands first came first.
        journey = sorted((placed for visitor in visitors for placed in by_visitor.get(visitor, ())), key=itemgetter(0))
        code = without_ascii_case(opening.coupon.strip())
        try:
            terms = program.terms.on(program.day_of(opening.at))
            credits[opening.account] = attribute(
                _in_zone(opening, program.zone),
                [visit for _, visit in journey],
                partners=partners,
                terms=terms,
                deals=deals[opening.account],
                coupons={code: coupons[code]} if code in coupons else NO_COUPONS,
                identities=linked[opening.account],
            )
        except (TermMissing, NoTermsInForce):
            raise
        except PartnerkitError as fault:
            if sure:
                records.fault("openings.jsonl", records.places["openings.jsonl", opening.id], "", str(fault))
    return credits


def _in_zone(opening: AccountOpening, zone: str) -> AccountOpening:
    """Give the same opening with its instant written in a zone, so that its civil day is that of the program."""
    return AccountOpening(
        id=opening.id,
        account=opening.account,
        visitor=opening.visitor,
        at=opening.at.astimezone(ZoneInfo(zone)),
        email=opening.email,
        coupon=opening.coupon,
        existing_account=opening.existing_account,
    )
