"""The lives of the accounts of a program directory: the history of each from its beginning, replayed, or the event that does not fit.

Floor 10, above records. May import: every lower floor, records, attrs and the standard library.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import final

import attrs

from partnerkit.attribution import AccountOpening, Credit
from partnerkit.errors import InvalidValue, NoTermsInForce, PartnerkitError, TermMissing, shown
from partnerkit.partners import Account, AccountStatus, Partners
from partnerkit.program import Program
from partnerkit.records import Records
from partnerkit.relationships import ClientRelationship, Event, EventKind

History = list[tuple[int, Event]]
"""The events of an account with their lines."""


_BEGINNINGS = frozenset({EventKind.OPENED, EventKind.REFERRED, EventKind.MANAGED})

_UNWRITTEN = 0
"""The line of an event that stands in no file, because it follows from other records."""


@final
@attrs.frozen(kw_only=True)
class Histories:
    """Makes the relationship of each account, and reports the event that does not fit where there can be none.

    `sure` tells whether the credits are, `unsure` are the accounts of openings with faults, None among them where such a line does
    not tell its account.
    """

    records: Records
    program: Program
    partners: Partners
    openings: Mapping[str, AccountOpening]
    credits: Mapping[str, Credit]
    sure: bool
    unsure: AbstractSet[str | None]

    def relationships(self, accounts: Mapping[str, Account]) -> dict[str, ClientRelationship]:
        """Replay the history of every account whose own records are sound."""
        events: dict[str, History] = defaultdict(list)
        for line, event in self.records.of(Event):
            events[event.account].append((line, event))
        faulty = self.records.faulty(Event, "account")
        if None in faulty:
            return {}
        faulty |= self.records.faulty(Account, "id")
        relationships: dict[str, ClientRelationship] = {}
        for account in accounts.values():
            histories = () if account.id in faulty else self._possible(account, events.get(account.id, []))
            found = self._replay(account, histories)
            if found is not None:
                relationships[account.id] = found
        return relationships

    def _possible(self, account: Account, events: History) -> Iterator[History]:
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

    def _replay(self, account: Account, histories: Iterable[History]) -> ClientRelationship | None:
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
