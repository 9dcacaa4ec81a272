"""The relationship of one client account over time: dated events, each let through by a policy.

Floor 5, above events and transitions. May import: errors, vocabulary, partners, policies (for who ended a management), program,
events, transitions, attrs and the standard library.

Four timelines are kept apart: who is credited, who manages, who pays, and the status of the account. A change belongs
to its own day: from that day on the new state holds. A transition the rules refuse raises `Refused` with the ruling.
"""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Self, final

import attrs

from partnerkit.errors import InvalidValue
from partnerkit.events import BEGINNINGS, Event, EventKind, HoldCause
from partnerkit.partners import Account, AccountStatus, Origin, Partner, Partners, Standing
from partnerkit.policies import EndedBy
from partnerkit.program import Program
from partnerkit.transitions import Life, PendingRequest, Timeline
from partnerkit.vocabulary import check_all, check_is

__all__ = ["ClientRelationship", "Event", "EventKind", "HoldCause", "PendingRequest", "Timeline"]


@final
@attrs.frozen(kw_only=True)
class ClientRelationship:
    """The life of one account in the program, as its events in order of time; every transition gives a new value.

    Building one replays all its events, so a history the rules refuse does not construct. A transition that its policy does
    not allow raises `Refused` with the ruling; a day out of order, an unknown partner or a history without a beginning raises
    `InvalidValue`, and a contract term that the policy needs and nobody stated raises `TermMissing`. A refused transition
    changes nothing. The partners are kept in the program's zone (`Partners.in_zone`), so that both count the same civil days.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.money import Currency
    >>> from partnerkit.terms import ManagementTerms, NOT_AGREED, Terms, TermsHistory
    >>> from datetime import datetime
    >>> brightside = Partner.of("p-1", "brightside", bill_day=5)
    >>> management = ManagementTerms(request_expires_days=NOT_AGREED, partner_may_end=True)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", management=management)
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("vendor.example",)), terms=TermsHistory((terms,)))
    >>> account = Account(
    ...     id="a-1", client="c-1", currency=Currency("USD"), opened_at=datetime.fromisoformat("2025-03-03T09:30+00:00"), anchor_day=3)
    >>> client = ClientRelationship.referred(
    ...     account, brightside, on=date(2025, 3, 3), program=program, partners=Partners((brightside,)))
    >>> client = client.convert(date(2025, 4, 1)).request_management(date(2025, 5, 5))
    >>> client = client.approve_management(date(2025, 5, 9), consent=True).join_single_bill(date(2025, 6, 1))
    >>> client.standing_on(date(2025, 5, 31)).billing_mode, client.standing_on(date(2025, 6, 1)).billing_mode
    (BillingMode.DIRECT, BillingMode.SINGLE_BILL)

    An account on Single Bill is not suspended (41606); the end of its management takes it off the bill on the same day (S-35).

    >>> client.suspend(date(2025, 7, 1))
    Traceback (most recent call last):
        ...
    partnerkit.errors.Refused: suspend of a-1 on 2025-07-01: the rules on suspension do not allow it: SUSPEND-SINGLE-BILL (...)
    >>> client = client.end_management(date(2025, 7, 1), ended_by=EndedBy.PARTNER)
    >>> client.payer.on(date(2025, 7, 1)) is None
    True
    >>> ClientRelationship.replay(account, client.events, program=program, partners=client.partners) == client
    True
    """

    account: Account
    program: Program
    partners: Partners
    events: tuple[Event, ...]
    _life: Life = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_is("account", self.account, Account)
        check_is("program", self.program, Program)
        check_is("partners", self.partners, Partners)
        object.__setattr__(self, "partners", self.partners.in_zone(self.program.zone))
        check_all(f"events of {self.account.id}", self.events, Event)
        _check_history(self.account, self.events)
        first, *later = self.events
        life = Life.begin(first, account=self.account, program=self.program, partners=self.partners)
        for event in later:
            life = life.after(event)
        object.__setattr__(self, "_life", life)

    @classmethod
    def opened(
        cls, account: Account, *, on: date, program: Program, partners: Partners, status: AccountStatus = AccountStatus.TRIAL
    ) -> Self:
        """Start the life of an account that is credited to no partner."""
        event = Event(account=account.id, kind=EventKind.OPENED, on=on, status=status)
        return cls._begin(account, event, program, partners)

    @classmethod
    def referred(  # noqa: PLR0913  (one keyword for each fact)
        cls,
        account: Account,
        partner: Partner,
        *,
        on: date,
        program: Program,
        partners: Partners,
        status: AccountStatus = AccountStatus.TRIAL,
    ) -> Self:
        """Start the life of an account opened after visiting a partner's link (S-13): the vendor closes and keeps the client (S-08)."""
        event = Event(account=account.id, kind=EventKind.REFERRED, on=on, partner=partner.id, status=status)
        return cls._begin(account, event, program, partners)

    @classmethod
    def managed(  # noqa: PLR0913  (one keyword for each fact)
        cls,
        account: Account,
        partner: Partner,
        *,
        on: date,
        program: Program,
        partners: Partners,
        status: AccountStatus = AccountStatus.TRIAL,
    ) -> Self:
        """Start the life of an account that a partner created as managed (S-26); the client need not approve that."""
        event = Event(account=account.id, kind=EventKind.MANAGED, on=on, partner=partner.id, status=status)
        return cls._begin(account, event, program, partners)

    @classmethod
    def moved_in(  # noqa: PLR0913  (one keyword for each fact)
        cls,
        account: Account,
        partner: Partner,
        *,
        on: date,
        program: Program,
        partners: Partners,
        written_request: bool,
        consent: bool,
        sender_on_account: bool,
        status: AccountStatus = AccountStatus.OPEN,
    ) -> Self:
        """Start the life of an existing account that is moved under a partnership, where it is referred (44017, K-10).

        `MOVE_IN` asks for a written request and the customer's consent, and for older accounts that the request comes from an
        address of the account.
        """
        event = Event(
            account=account.id,
            kind=EventKind.MOVED_IN,
            on=on,
            partner=partner.id,
            status=status,
            written_request=written_request,
            consent=consent,
            sender_on_account=sender_on_account,
        )
        return cls._begin(account, event, program, partners)

    @classmethod
    def replay(cls, account: Account, events: Iterable[Event], *, program: Program, partners: Partners) -> Self:
        """Build a relationship from its events, in order of time; events of one day happen in the order they are given."""
        return cls(account=account, program=program, partners=partners, events=tuple(events))

    def request_management(self, on: date, *, partner: str | None = None) -> Self:
        """Let a partner (the credited one unless named, by its id) ask to manage the account (44325): `MANAGEMENT_REQUEST` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.REQUEST_MANAGEMENT, on=on, partner=partner))

    def withdraw_request(self, on: date) -> Self:
        """Take the pending request back, by the partner or because the account holder declined (44325): `REQUEST_WITHDRAWAL` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.WITHDRAW_REQUEST, on=on))

    def approve_management(self, on: date, *, consent: bool) -> Self:
        """Let the account holder grant the pending request: `MANAGEMENT_APPROVAL` rules (41605).

        From this day the partner owns the relationship (S-29). Needs the term management.request_expires_days.
        """
        return self._and(Event(account=self.account.id, kind=EventKind.APPROVE_MANAGEMENT, on=on, consent=consent))

    def end_management(self, on: date, *, ended_by: EndedBy) -> Self:
        """End the management: the account is referred again and leaves Single Bill on the same day (S-35): `MANAGEMENT_END` rules.

        Where a partnership ends, each of its managements ends by `EndedBy.PROGRAM` on that very day: an ended partnership manages
        nothing. An end by the partner needs the term management.partner_may_end.
        """
        return self._and(Event(account=self.account.id, kind=EventKind.END_MANAGEMENT, on=on, ended_by=ended_by))

    def join_single_bill(self, on: date, *, partner: str | None = None) -> Self:
        """Put the account on the Single Bill of a partner, its manager unless named (S-33, S-35): `SINGLE_BILL_ENROLLMENT` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.JOIN_SINGLE_BILL, on=on, partner=partner))

    def leave_single_bill(self, on: date) -> Self:
        """Take the account off the Single Bill: the client pays again (S-33): `SINGLE_BILL_LEAVING` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.LEAVE_SINGLE_BILL, on=on))

    def convert(self, on: date) -> Self:
        """Turn a trial, running or expired, into an open account (15393): `STATUS_CHANGE` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.CONVERT, on=on))

    def expire_trial(self, on: date) -> Self:
        """Let a trial run out (45180): `STATUS_CHANGE` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.EXPIRE_TRIAL, on=on))

    def suspend(self, on: date) -> Self:
        """Suspend the account: open, off Single Bill, and billed in full since it last was (41606, 5772): `SUSPENSION` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.SUSPEND, on=on))

    def resume(self, on: date) -> Self:
        """End a suspension, which opens the account, or a hold, which gives it the status from before: `STATUS_CHANGE` rules.

        A suspension ends as article 41606 says, a hold for an unpaid balance as 5775 does.
        """
        return self._and(Event(account=self.account.id, kind=EventKind.RESUME, on=on))

    def hold(self, on: date, *, cause: HoldCause) -> Self:
        """Put the account on hold (5775, 45180): `STATUS_CHANGE` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.HOLD, on=on, cause=cause))

    def schedule_cancellation(self, on: date) -> Self:
        """Announce that the account will be canceled on a later day: `STATUS_CHANGE` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.SCHEDULE_CANCELLATION, on=on))

    def cancel(self, on: date) -> Self:
        """Cancel the account; it leaves Single Bill on the same day (45846): `STATUS_CHANGE` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.CANCEL, on=on))

    def reactivate(self, on: date) -> Self:
        """Open a canceled account again; it stays off Single Bill until it joins anew: `STATUS_CHANGE` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.REACTIVATE, on=on))

    def transfer(self, to: str, on: date, *, consent: bool, written_request: bool, sender_on_account: bool) -> Self:
        """Move the account under another partnership, by its id, where it is referred until it is managed (44017, K-10).

        `MOVE_IN` rules. An account outside the program is moved in; a pending request and Single Bill end on the same day.
        """
        event = Event(
            account=self.account.id,
            kind=EventKind.TRANSFER,
            on=on,
            partner=to,
            consent=consent,
            written_request=written_request,
            sender_on_account=sender_on_account,
        )
        return self._and(event)

    def leave_program(self, on: date) -> Self:
        """Take the account out of the program, with its credit, its management and its Single Bill: `PROGRAM_LEAVING` rules."""
        return self._and(Event(account=self.account.id, kind=EventKind.LEAVE_PROGRAM, on=on))

    @property
    def started_on(self) -> date:
        """The civil day of the first event: from this day on the account has a standing."""
        return self.events[0].on

    @property
    def credited(self) -> Timeline[str | None]:
        """Whom the account is credited to over time, by partner id; None means nobody."""
        return self._life.credited

    @property
    def managed_by(self) -> Timeline[str | None]:
        """Who owns the client relationship over time, by partner id; None means the vendor."""
        return self._life.managed_by

    @property
    def payer(self) -> Timeline[str | None]:
        """Who pays over time, by partner id; None means the client."""
        return self._life.payer

    @property
    def status(self) -> Timeline[AccountStatus]:
        """The status of the account over time."""
        return self._life.status

    @property
    def origin(self) -> Timeline[Origin]:
        """How the account came into the program, over time."""
        return self._life.origin

    @property
    def request(self) -> Timeline[PendingRequest | None]:
        """The request to manage that is pending, over time."""
        return self._life.request

    def standing_on(self, day: date) -> Standing:
        """Give all that is true of the account on a day; later events change nothing of it.

        A day before the first event raises `InvalidValue`, and so does a day on which the managing partnership has ended and
        nobody ended the management.
        """
        return self._life.standing_on(day)

    @classmethod
    def _begin(cls, account: Account, event: Event, program: Program, partners: Partners) -> Self:
        return cls(account=account, program=program, partners=partners, events=(event,))

    def _and(self, event: Event) -> Self:
        """Go on from the life so far: to replay the whole history for each step would cost its square."""
        _check_history(self.account, (self.events[-1], event))
        further = object.__new__(type(self))
        fields = {"account": self.account, "program": self.program, "partners": self.partners, "events": (*self.events, event)}
        for name, value in (fields | {"_life": self._life.after(event)}).items():
            object.__setattr__(further, name, value)
        return further


def _check_history(account: Account, events: tuple[Event, ...]) -> None:
    if not events:
        raise InvalidValue(f"the history of {account.id} is empty: its first event is one of {', '.join(sorted(BEGINNINGS))}")
    for event in events:
        if event.account != account.id:
            raise InvalidValue(f"{event} stands in the history of {account.id}: give each account its own events")
    for before, after in pairwise(events):
        if after.on < before.on:
            raise InvalidValue(f"{after} stands after {before}: put the events in order of time")
