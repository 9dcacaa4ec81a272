"""The reading of a program directory: every record held against every other, and the books made of them.

Floor 10, above books. May import: every lower floor, books, attrs and the standard library. It reads lines that somebody else
opened.

All that is wrong is found in one pass and reported together, each fault with its file, line and field; what only follows from a
fault that is reported is not. Only a contract number that is missing stops at once, because everything after it would be a guess.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs

from partnerkit.attribution import AccountOpening, Credit, Deal, IdentityLink, PageVisit, Visit, attribute
from partnerkit.billing import Charge, ChargeIdentity, Receipt, Refund, overlapping
from partnerkit.bills import Payment
from partnerkit.books import CHARGES_FILE, DISBURSEMENTS_FILE, ENTRIES_FILE, PAYMENTS_FILE, RECEIPTS_FILE, REFUNDS_FILE, Books, Traffic
from partnerkit.codec import Coupon, read_lines
from partnerkit.errors import (
    Fault,
    InvalidLink,
    InvalidRecords,
    InvalidValue,
    LinkFault,
    NoTermsInForce,
    PartnerkitError,
    TermMissing,
    shown,
)
from partnerkit.judgment import NO_COUPONS
from partnerkit.money import Money
from partnerkit.partners import Account, AccountStatus, Partner, Partners
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship, Event, EventKind
from partnerkit.statements import Disbursement, Entry
from partnerkit.terms import ChargeKind
from partnerkit.vocabulary import without_ascii_case

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

_FILE_OF: Mapping[type[Any], str] = {kind: name for name, kind in FILES.items()}

REQUIRED = ("partners.jsonl", "accounts.jsonl")

T = TypeVar("T")
History = list[tuple[int, Event]]
"""The events of an account with their lines."""


def read_books(program_text: str, lines_of: Callable[[str], Iterable[str] | None]) -> Books:
    """Read the books from the text of the program file and the lines of the record files, by file name (None: no such file)."""
    faults: list[Fault] = []
    program = _read_program(program_text, faults)
    records = _Records(faults=faults, lines_of=lines_of)
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


@attrs.define(kw_only=True)
class _Records:
    """The records of all files with their lines, what can be read of the lines that are none, and the faults found so far."""

    faults: list[Fault]
    lines_of: Callable[[str], Iterable[str] | None]
    found: dict[str, list[tuple[int, Any]]] = attrs.field(factory=dict)
    refused: dict[str, list[Mapping[str, object]]] = attrs.field(factory=dict)
    places: dict[tuple[str, str], int] = attrs.field(factory=dict)

    def read(self, name: str) -> None:
        lines = self.lines_of(name)
        self.refused[name] = []
        if lines is None and name in REQUIRED:
            self.faults.append(Fault(source=name, message="is missing: a program directory needs it, see docs/reference/records.md"))
            self.refused[name].append({})
        texts: list[str] = []
        faults: list[Fault] = []
        self.found[name] = list(read_lines(_kept(lines or (), texts), FILES[name], source=name, faults=faults))
        self.faults += faults
        self.refused[name] += (_fields(texts[line - 1]) for line in sorted({fault.line for fault in faults}))
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
        self.faults.append(Fault(source=name, line=line, path=path, message=message))

    def of(self, kind: type[T]) -> list[tuple[int, T]]:
        """Give the records of a kind with their lines."""
        return self.found[_FILE_OF[kind]]

    def values(self, kind: type[T]) -> tuple[T, ...]:
        return tuple(record for _, record in self.of(kind))

    def are_sound(self, *kinds: type[Any]) -> bool:
        """Tell whether nothing is wrong with the files of some kinds."""
        names = {_FILE_OF[kind] for kind in kinds}
        return not any(fault.source in names for fault in self.faults)

    def faulty(self, kind: type[Any], field: str) -> set[str | None]:
        """Give what a field says on the lines of a kind with faults, None among them where a line does not tell."""
        lines = {fault.line for fault in self.faults if fault.source == _FILE_OF[kind]}
        said = [getattr(record, field) for line, record in self.of(kind) if line in lines]
        said += [row.get(field) for row in self.refused[_FILE_OF[kind]]]
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
                    self.fault(name, line, field, f"is {shown(named)}: there is no such {what} in {_FILE_OF[kind]}")


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


def _assemble(records: _Records, program: Program | None) -> Books | None:
    """Check everything that can be checked, and make the books where nothing stands against it."""
    accounts = {account.id: account for account in records.values(Account)}
    charges = {charge.id: charge for charge in records.values(Charge)}
    _check_references(records, program)
    _check_charges(records, program, accounts)
    _check_money_for_charges(records, charges)
    _check_days(records, program)
    _check_coupons(records)
    openings = _openings(records)
    partners = _partners(records, program)
    if program is None or partners is None:
        return None
    traffic, visits = _visits(records, program)
    credits = _credits(records, program, partners, openings, visits)
    faulty_openings = records.faulty(AccountOpening, "account")
    lives = _Lives(
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
        relationships=_relationships(records, accounts, lives),
        charges=tuple(charges.values()),
        receipts=records.values(Receipt),
        refunds=records.values(Refund),
        payments=records.values(Payment),
        disbursements=records.values(Disbursement),
        entries=records.values(Entry),
        places=records.places,
    )


def _partners(records: _Records, program: Program | None) -> Partners | None:
    if not records.are_sound(Partner):
        return None
    try:
        partners = Partners(records.values(Partner))
        return partners if program is None else partners.in_zone(program.zone)
    except PartnerkitError as fault:
        records.fault("partners.jsonl", 0, "", str(fault))
        return None


def _check_references(records: _Records, program: Program | None) -> None:
    of_accounts = ("openings.jsonl", "deals.jsonl", "identities.jsonl", "events.jsonl", CHARGES_FILE)
    records.refer("account", Account, "account", of_accounts)
    of_partners = ("deals.jsonl", "coupons.jsonl", "events.jsonl", "payments.jsonl", "disbursements.jsonl", "entries.jsonl")
    records.refer("partner", Partner, "partner", of_partners)
    records.refer("charge", Charge, "charge", (RECEIPTS_FILE, REFUNDS_FILE))
    partner_ids = records.ids(Partner)
    for partner, _ in () if program is None or None in partner_ids else program.partner_terms:
        if partner not in partner_ids:
            records.fault(PROGRAM_FILE, 0, "partner_terms", f"there is no partner {shown(partner)}")


_PRICED = frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.ADD_ON, ChargeKind.SUSPENSION_FEE})


def _check_charges(records: _Records, program: Program | None, accounts: Mapping[str, Account]) -> None:
    first: dict[ChargeIdentity, str] = {}
    earlier = {after.id: one for one, after in overlapping(charge for _, charge in records.of(Charge)) if one.identity != after.identity}
    for line, charge in records.of(Charge):
        if charge.id in earlier:
            one = earlier[charge.id]
            message = f"is {charge.period}, and {one.id} bills {shown(charge.item)} for {one.period}: start one where the other ends"
            records.fault(CHARGES_FILE, line, "period", message)
        same = first.setdefault(charge.identity, charge.id)
        if same != charge.id:
            records.fault(CHARGES_FILE, line, "period", f"is billed already by the charge {same}, for the same thing: bill it once")
        if program is not None and charge.kind in _PRICED and charge.item not in program.prices.items:
            known = ", ".join(sorted(program.prices.items)) or "nothing"
            records.fault(CHARGES_FILE, line, "item", f"is {shown(charge.item)}, which has no price in program.toml: priced are {known}")
        account = accounts.get(charge.account)
        if account is not None and charge.amount.currency != account.currency:
            message = f"is {charge.amount}, but the account {account.id} is billed in {account.currency.code}"
            records.fault(CHARGES_FILE, line, "amount", message)


def _check_money_for_charges(records: _Records, charges: Mapping[str, Charge]) -> None:
    for name, dated in ((RECEIPTS_FILE, "received_on"), (REFUNDS_FILE, "refunded_on")):
        so_far: dict[str, Money] = {}
        for line, record in records.found[name]:
            charge = charges.get(record.charge)
            if charge is None:
                continue
            day = getattr(record, dated)
            if day < charge.charged_on:
                records.fault(name, line, dated, f"is {day}, before the charge {charge.id} of {charge.charged_on}: correct one of the two")
            if record.amount.currency != charge.amount.currency:
                records.fault(name, line, "amount", f"is {record.amount}, but the charge {charge.id} is in {charge.amount.currency.code}")
                continue
            so_far[charge.id] = so_far.get(charge.id, Money.zero(charge.amount.currency)) + record.amount
            if so_far[charge.id] > charge.amount:
                message = f"brings the charge {charge.id} to {so_far[charge.id]}, more than the {charge.amount} that were charged"
                records.fault(name, line, "amount", message)


_DAY_OF_MONEY: Mapping[str, str] = {
    CHARGES_FILE: "charged_on",
    "payments.jsonl": "received_on",
    "disbursements.jsonl": "paid_on",
    "entries.jsonl": "on",
}
"""The field with the day, in every record of money that follows no other one; a receipt or a refund is never before its charge."""


def _check_days(records: _Records, program: Program | None) -> None:
    """Report every record of money before any terms, such as one with a mistyped year: every month since then would be closed."""
    if program is None:
        return
    histories = (program.terms, *(history for _, history in program.partner_terms))
    first = min((terms.starts_on for history in histories for terms in history.entries), default=None)
    if first is None:
        return
    for name, dated in _DAY_OF_MONEY.items():
        for line, record in records.found[name]:
            day = getattr(record, dated)
            if day < first:
                records.fault(name, line, dated, f"is {day}, before the first terms of {first}: correct the date, or state older terms")


def _check_coupons(records: _Records) -> None:
    first: dict[str, tuple[int, str]] = {}
    for line, coupon in records.of(Coupon):
        earlier, partner = first.setdefault(without_ascii_case(coupon.code), (line, coupon.partner))
        if partner != coupon.partner:
            message = f"is {shown(coupon.code)}, which line {earlier} gives to {partner}: a code, in any case, credits one partner"
            records.fault("coupons.jsonl", line, "code", message)


def _openings(records: _Records) -> dict[str, AccountOpening]:
    openings: dict[str, AccountOpening] = {}
    for line, opening in records.of(AccountOpening):
        if openings.setdefault(opening.account, opening) is not opening:
            message = f"is {shown(opening.account)}, which an earlier line opens: an account opens once"
            records.fault("openings.jsonl", line, "account", message)
    return openings


def _visits(records: _Records, program: Program) -> tuple[Traffic, list[Visit]]:
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
    records: _Records, program: Program, partners: Partners, openings: Mapping[str, AccountOpening], visits: Iterable[Visit]
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


def _relationships(records: _Records, accounts: Mapping[str, Account], lives: "_Lives") -> dict[str, ClientRelationship]:
    """Replay the history of every account whose own records are sound."""
    events: dict[str, History] = defaultdict(list)
    for line, event in records.of(Event):
        events[event.account].append((line, event))
    faulty = records.faulty(Event, "account")
    if None in faulty:
        return {}
    faulty |= records.faulty(Account, "id")
    relationships: dict[str, ClientRelationship] = {}
    for account in accounts.values():
        histories = () if account.id in faulty else lives.histories(account, events.get(account.id, []))
        found = lives.replay(account, histories)
        if found is not None:
            relationships[account.id] = found
    return relationships


_BEGINNINGS = frozenset({EventKind.OPENED, EventKind.REFERRED, EventKind.MANAGED})

_UNWRITTEN = 0
"""The line of an event that stands in no file, because it follows from other records."""


@attrs.frozen(kw_only=True)
class _Lives:
    """Makes the relationship of each account, and reports the event that does not fit where there can be none.

    `sure` tells whether the credits are, `unsure` are the accounts of openings with faults, None among them where such a line does
    not tell its account.
    """

    records: _Records
    program: Program
    partners: Partners
    openings: Mapping[str, AccountOpening]
    credits: Mapping[str, Credit]
    sure: bool
    unsure: AbstractSet[str | None]

    def histories(self, account: Account, events: History) -> Iterator[History]:
        """Give the events of an account from its beginning: what events.jsonl says, else what the credit of its opening says.

        More than one where faults elsewhere leave open who is credited, the likely one first; none where they leave open more.
        """
        opening, credit = self.openings.get(account.id), self.credits.get(account.id)
        if events and events[0][1].kind in _BEGINNINGS:
            self._check_beginning(*events[0], credit)
            yield events
        elif self.unsure & ({account.id} if opening is not None else {account.id, None}):
            return
        elif opening is not None:
            for partner in self._credited(credit):
                yield [(_UNWRITTEN, self._first_event(opening, partner)), *events]
        elif events and events[0][1].kind is EventKind.MOVED_IN:
            yield events
        else:
            yield from self._outside(account, events)

    def replay(self, account: Account, histories: Iterable[History]) -> ClientRelationship | None:
        """Replay the first history that can be; where none can, report the first event that does not fit in the one that gets furthest."""
        furthest, reported = -1, (_UNWRITTEN, "")
        for history in histories:
            try:
                return self._life(account, history)
            except (TermMissing, NoTermsInForce):
                raise
            except PartnerkitError as fault:
                ends = range(1, len(history) + 1)
                place = bisect_left(ends, True, key=lambda end: not self._fits(account, history[:end]))  # noqa: FBT003
                if place > furthest:
                    furthest, reported = place, (history[place][0], str(fault))
        line, message = reported
        if furthest >= 0 and line == _UNWRITTEN:
            self._account_fault(account, message)
        elif furthest >= 0:
            self.records.fault("events.jsonl", line, "", message)
        return None

    def _check_beginning(self, line: int, first: Event, credit: Credit | None) -> None:
        """Hold what events.jsonl says of a beginning against the visits: a partner that creates an account needs no visit for it."""
        if (
            not self.sure
            or credit is None
            or first.partner == credit.partner
            or (first.kind is EventKind.MANAGED and credit.partner is None)
        ):
            return
        said = f"is {shown(first.partner)}" if first.partner is not None else f"is missing: the account begins as {first.kind}"
        self.records.fault("events.jsonl", line, "partner", f"{said}, but what led to the opening credits {credit.partner or 'nobody'}")

    def _credited(self, credit: Credit | None) -> Iterable[str | None]:
        """Give the partner that is credited, or else every one that may be."""
        likely = () if credit is None else (credit.partner,)
        return likely if self.sure else dict.fromkeys((*likely, None, *(partner.id for partner in self.partners)))

    def _outside(self, account: Account, events: History) -> Iterator[History]:
        """Give the history of an account that was opened outside the program."""
        try:
            day = self.program.day_of(account.opened_at)
        except InvalidValue as fault:
            self._account_fault(account, str(fault))
        else:
            yield [(_UNWRITTEN, Event(account=account.id, kind=EventKind.OPENED, on=day, status=AccountStatus.OPEN)), *events]

    def _account_fault(self, account: Account, message: str) -> None:
        self.records.fault("accounts.jsonl", self.records.places["accounts.jsonl", account.id], "opened_at", message)

    def _first_event(self, opening: AccountOpening, partner: str | None) -> Event:
        kind = EventKind.OPENED if partner is None else EventKind.REFERRED
        status = AccountStatus.OPEN if opening.existing_account else AccountStatus.TRIAL
        return Event(account=opening.account, kind=kind, on=self.program.day_of(opening.at), partner=partner, status=status)

    def _life(self, account: Account, history: History) -> ClientRelationship:
        return ClientRelationship.replay(account, (event for _, event in history), program=self.program, partners=self.partners)

    def _fits(self, account: Account, history: History) -> bool:
        try:
            self._life(account, history)
        except PartnerkitError:
            return False
        return True
