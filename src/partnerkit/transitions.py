"""What each event does to an account, and which policy lets it through.

Floor 5, above events, below relationships. May import: errors, periods, clauses, partners, terms, policies, program, events, attrs
and the standard library.

Four timelines are kept apart: who is credited, who manages, who pays, and the status of the account. A change belongs
to its own day: from that day on the new state holds. Every step asks its policy; a "no" raises `Refused` with the ruling.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from types import EllipsisType
from typing import Any, Generic, TypeVar, cast, final

import attrs

from partnerkit.clauses import Permission, Ruling
from partnerkit.errors import InvalidValue, NoTermsInForce, Refused, shown
from partnerkit.events import BEGINNINGS, Event, EventKind, HoldCause
from partnerkit.partners import Account, AccountStatus, BillingMode, Management, Origin, Partner, Partners, Standing, check_day
from partnerkit.periods import billing_dates
from partnerkit.policies import (
    EndedBy,
    StatusChange,
    grounds,
    may_approve_management,
    may_change_status,
    may_end_management,
    may_join_single_bill,
    may_leave_program,
    may_leave_single_bill,
    may_move_in,
    may_request_management,
    may_suspend,
    may_withdraw_request,
)
from partnerkit.program import Program
from partnerkit.terms import BonusFrom, Terms

T = TypeVar("T")

_ONE_DAY = timedelta(days=1)
_TRIALS = frozenset({AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED})


@final
@attrs.frozen
class Timeline(Generic[T]):
    """A value over time: each entry holds from its day until the next, and differs from the one before.

    Entries that are missing, out of order or without a change raise `InvalidValue`.

    >>> Timeline(((date(2025, 1, 1), "a"), (date(2025, 2, 1), "b"))).on(date(2025, 1, 31))
    'a'
    """

    entries: tuple[tuple[date, T], ...]

    def __attrs_post_init__(self) -> None:
        if not self.entries:
            raise InvalidValue("a timeline has no entry: give the first value and its day")
        for (before, held), (after, value) in pairwise(self.entries):
            if after <= before:
                raise InvalidValue(f"a timeline has {after} after {before}: put its entries in order of time, one for each day")
            if held == value:
                raise InvalidValue(
                    f"a timeline has {shown(value)} on {after} and already on {before}: leave out an entry that changes nothing"
                )

    def on(self, day: date) -> T:
        """Give the value on a day; a day before the first entry has none and raises `InvalidValue`.

        >>> Timeline(((date(2025, 1, 1), "a"),)).on(date(2025, 1, 1))
        'a'
        """
        for start, value in reversed(self.entries):
            if start <= day:
                return value
        raise InvalidValue(f"nothing is known of {day}: ask for a day from {self.entries[0][0]} on")

    def then(self, day: date, value: T) -> "Timeline[T]":
        """Give the timeline with a value that holds from a day on; of two statements on one day the later one holds.

        A day before the last entry raises `InvalidValue`: the past is not rewritten.

        >>> Timeline(((date(2025, 1, 1), "a"),)).then(date(2025, 2, 1), "b").then(date(2025, 2, 1), "a")
        Timeline(entries=((datetime.date(2025, 1, 1), 'a'),))
        """
        last, _ = self.entries[-1]
        if day < last:
            raise InvalidValue(f"{day} comes before {last}, the last day of a change: state changes in order of time")
        earlier = self.entries[:-1] if day == last else self.entries
        return Timeline(earlier if earlier and earlier[-1][1] == value else (*earlier, (day, value)))

    def first_day(self, value: T) -> date | None:
        """Give the first day on which a value held, None where it never did.

        >>> Timeline(((date(2025, 1, 1), "a"),)).first_day("b") is None
        True
        """
        return next((start for start, held in self.entries if held == value), None)


@final
@attrs.frozen(kw_only=True)
class PendingRequest:
    """A partner's request to manage an account, waiting for the account holder since a day (44325, K-14).

    >>> PendingRequest(partner="p-1", since=date(2025, 8, 8)).partner
    'p-1'
    """

    partner: str
    since: date


@final
@attrs.frozen(kw_only=True)
class Life:
    """The timelines of one account after some of its events; `begin` makes the first, `after` every next one.

    `suspended` tells whether the account was suspended and has not been open since, `resumed_on` when it last came
    back from a suspension: an account is not suspended again before one full bill has come (5772). `interrupted` are the
    statuses that the holds in force interrupted, the last of them last: the end of a hold brings its status back.

    >>> from datetime import datetime
    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.money import Currency
    >>> from partnerkit.terms import TermsHistory
    >>> account = Account(
    ...     id="a-1", client="c-1", currency=Currency("USD"), opened_at=datetime.fromisoformat("2025-08-08T09:30+00:00"), anchor_day=8)
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("vendor.example",)), terms=TermsHistory(()))
    >>> first = Event(account="a-1", kind=EventKind.OPENED, on=date(2025, 8, 8), status=AccountStatus.TRIAL)
    >>> life = Life.begin(first, account=account, program=program, partners=Partners(()))
    >>> life.after(Event(account="a-1", kind=EventKind.CONVERT, on=date(2025, 9, 1))).status.on(date(2025, 9, 1))
    AccountStatus.OPEN
    """

    account: Account
    program: Program
    partners: Partners
    opened_on: date
    credited: Timeline[str | None]
    managed_by: Timeline[str | None]
    payer: Timeline[str | None]
    status: Timeline[AccountStatus]
    origin: Timeline[Origin]
    request: Timeline[PendingRequest | None]
    suspended: bool
    resumed_on: date | None = None
    interrupted: tuple[AccountStatus, ...] = ()

    @classmethod
    def begin(cls, event: Event, *, account: Account, program: Program, partners: Partners) -> "Life":
        """Start the life of an account with the first event of its history.

        An event that is no beginning, one before the day the account was opened, and one that makes a standing that cannot
        be (such as managed by an ended partner) raise `InvalidValue`; a move-in that the rules forbid raises `Refused` (44017).
        """
        if event.kind not in BEGINNINGS:
            raise InvalidValue(f"{event} is no beginning: the first event of a history is one of {', '.join(sorted(BEGINNINGS))}")
        opened_on = program.day_of(account.opened_at)
        if event.on < opened_on:
            raise InvalidValue(f"{event} comes before the account was opened on {opened_on}: correct one of the two days")
        status = event.status or AccountStatus.OPEN
        nobody: Timeline[Any] = Timeline(((event.on, None),))
        nothing_yet = cls(
            account=account,
            program=program,
            partners=partners,
            opened_on=opened_on,
            credited=nobody,
            managed_by=nobody,
            payer=nobody,
            status=Timeline(((event.on, status),)),
            origin=Timeline(((event.on, Origin.UNKNOWN),)),
            request=nobody,
            suspended=status is AccountStatus.SUSPENDED,
        )
        life = _BEGIN[event.kind](nothing_yet, event)
        life.standing_on(event.on)
        return life

    def after(self, event: Event) -> "Life":
        """Give the life after one more event; what its policy does not allow raises `Refused` with the ruling."""
        if event.kind not in _STEPS:
            raise InvalidValue(f"{event} would begin the account a second time: only its first event can be that")
        if event.kind is EventKind.MOVED_IN and event.status is not None:
            raise InvalidValue(f"{event} has a status, which only a first event sets: leave it out, the account has one already")
        return _STEPS[event.kind](self, event)

    def standing_on(self, day: date, *, judged_on: date | None = None, status: AccountStatus | None = None) -> Standing:
        """Give all that is true of the account on a day; `judged_on` and `status` take the place of its day and of its status.

        A day before the first event raises `InvalidValue`, and so does a day on which no such standing can be.
        """
        check_day("the day of a standing", day)
        begins, _ = self.status.entries[0]
        if day < begins:
            raise InvalidValue(f"the account {self.account.id} begins on {begins}: nothing is known of it on {day}")
        manager, payer = self._partner(self.managed_by.on(day)), self._partner(self.payer.on(day))
        credited = self._partner(self.credited.on(day))
        return Standing(
            account=self.account,
            credited_to=credited,
            managed_by=manager,
            payer=payer,
            management=_management(credited, manager),
            request_pending=self.request.on(day) is not None,
            billing_mode=BillingMode.DIRECT if payer is None else BillingMode.SINGLE_BILL,
            status=status or self.status.on(day),
            origin=self.origin.on(day),
            within_bonus_window=self._within_bonus_window(day),
            day=judged_on or day,
        )

    def terms_on(self, day: date, partner: str | None = None) -> Terms:
        """Give the terms in force on a day for a partner, the credited one unless named; none raise `NoTermsInForce`."""
        return self.program.terms_for(partner or self.credited.on(day), day)

    def partner_of(self, event: Event) -> Partner:
        """Give the partner an event is about: the one it names, else the manager, else the credited one.

        Where there is none of them, or the partner is not known, `InvalidValue` says so.
        """
        named = event.partner or self.managed_by.on(event.on) or self.credited.on(event.on)
        if named is None:
            raise InvalidValue(f"{event} is about no partner: the account is outside the program, so name the partner or move it in first")
        if named not in self.partners:
            raise InvalidValue(f"{event} names the partner {shown(named)}, whom nobody knows: add the partner or correct the id")
        return self.partners[named]

    def changed(  # noqa: PLR0913  (one keyword for each timeline)
        self,
        day: date,
        *,
        credited: str | EllipsisType | None = ...,
        managed_by: str | EllipsisType | None = ...,
        payer: str | EllipsisType | None = ...,
        request: PendingRequest | EllipsisType | None = ...,
        status: AccountStatus | None = None,
        interrupted: tuple[AccountStatus, ...] = (),
        origin: Origin | None = None,
    ) -> "Life":
        """Give the life with other values from a day on; what is not stated goes on as it was.

        `interrupted` belongs to a status: it is what that status, a hold, interrupts.
        """
        opens = status is AccountStatus.OPEN
        return Life(
            account=self.account,
            program=self.program,
            partners=self.partners,
            opened_on=self.opened_on,
            credited=self.credited if credited is ... else self.credited.then(day, credited),
            managed_by=self.managed_by if managed_by is ... else self.managed_by.then(day, managed_by),
            payer=self.payer if payer is ... else self.payer.then(day, payer),
            request=self.request if request is ... else self.request.then(day, request),
            status=self.status if status is None else self.status.then(day, status),
            origin=self.origin if origin is None else self.origin.then(day, origin),
            suspended=status is AccountStatus.SUSPENDED or (self.suspended and not opens),
            resumed_on=day if self.suspended and opens else self.resumed_on,
            interrupted=self.interrupted if status is None else interrupted,
        )

    def _partner(self, partner_id: str | None) -> Partner | None:
        return None if partner_id is None else self.partners[partner_id]

    def _within_bonus_window(self, day: date) -> bool | None:
        try:
            bonus = self.terms_on(day).bonus.given()
        except NoTermsInForce:
            return None
        if not {"window_days", "counted_from"} <= bonus.keys():
            return None
        start = self.opened_on if bonus["counted_from"] is BonusFrom.OPENING else self._first_charge()
        return start is not None and 0 <= (day - start).days <= bonus["window_days"]

    def _first_charge(self) -> date | None:
        """Give the day of the first charge; an account that came here no trial may have been charged since it was opened."""
        _, first = self.status.entries[0]
        return self.status.first_day(AccountStatus.OPEN) if first in _TRIALS else self.opened_on


def _management(credited: Partner | None, manager: Partner | None) -> Management | None:
    if manager is not None:
        return Management.MANAGED
    return None if credited is None else Management.REFERRED


def _require(ruling: Ruling[Permission], event: Event) -> None:
    if not ruling.allowed:
        raise Refused(ruling, str(event), grounds(ruling))


def _open(life: Life, _: Event) -> Life:
    return life


def _refer(life: Life, event: Event) -> Life:
    return life.changed(event.on, credited=life.partner_of(event).id, origin=Origin.LINK)


def _create(life: Life, event: Event) -> Life:
    partner = life.partner_of(event).id
    return life.changed(event.on, credited=partner, managed_by=partner, origin=Origin.PARTNER_CREATED)


def _move(life: Life, event: Event) -> Life:
    partner = life.partner_of(event)
    current = life.credited.on(event.on)
    ruling = may_move_in(
        event.on,
        opened_on=life.opened_on,
        partner=partner,
        current=None if current is None else life.partners[current],
        written_request=event.written_request is True,
        consent=event.consent is True,
        sender_on_account=event.sender_on_account is True,
        terms=life.terms_on(event.on, partner.id),
    )
    _require(ruling, event)
    return life.changed(event.on, credited=partner.id, managed_by=None, payer=None, request=None, origin=Origin.MOVED_IN)


def _request(life: Life, event: Event) -> Life:
    partner = life.partner_of(event)
    _require(may_request_management(life.standing_on(event.on), partner=partner), event)
    return life.changed(event.on, request=PendingRequest(partner=partner.id, since=event.on))


def _withdraw(life: Life, event: Event) -> Life:
    _require(may_withdraw_request(life.standing_on(event.on)), event)
    return life.changed(event.on, request=None)


def _approve(life: Life, event: Event) -> Life:
    pending = life.request.on(event.on)
    asking = None if pending is None else pending.partner
    ruling = may_approve_management(
        life.standing_on(event.on),
        partner=None if asking is None else life.partners[asking],
        consent=event.consent is True,
        days_pending=0 if pending is None else (event.on - pending.since).days,
        terms=life.terms_on(event.on, asking),
    )
    _require(ruling, event)
    return life.changed(event.on, managed_by=asking, request=None)


def _end(life: Life, event: Event) -> Life:
    """End the management; where the partnership itself ends that day, no managed standing of the day can be, so its eve is asked."""
    ended_by = cast("EndedBy", event.ended_by)
    eve = event.on - _ONE_DAY if ended_by is EndedBy.PROGRAM and event.on > date.min else None
    standing = life.standing_on(event.on, judged_on=eve)
    terms = life.terms_on(event.on, life.managed_by.on(event.on))
    _require(may_end_management(standing, ended_by, terms=terms), event)
    return life.changed(event.on, managed_by=None, payer=None)


def _join(life: Life, event: Event) -> Life:
    """Put the account on a Single Bill; one that was suspended before it was held is suspended still."""
    partner = life.partner_of(event)
    standing = life.standing_on(event.on, status=AccountStatus.SUSPENDED if AccountStatus.SUSPENDED in life.interrupted else None)
    _require(may_join_single_bill(standing, partner=partner, terms=life.terms_on(event.on, partner.id)), event)
    return life.changed(event.on, payer=partner.id)


def _leave(life: Life, event: Event) -> Life:
    _require(may_leave_single_bill(life.standing_on(event.on)), event)
    return life.changed(event.on, payer=None)


def _suspend(life: Life, event: Event) -> Life:
    _require(may_suspend(life.standing_on(event.on), invoiced_since_resume=_invoiced_since_resume(life, event.on)), event)
    return life.changed(event.on, status=AccountStatus.SUSPENDED)


def _invoiced_since_resume(life: Life, day: date) -> bool:
    """Tell whether a billing date has come since the account came back from a suspension; always where it was in none."""
    return life.resumed_on is None or next(billing_dates(life.resumed_on, life.account.anchor_day)) <= day


def _step(change: StatusChange, to: AccountStatus) -> Callable[[Life, Event], Life]:
    def take(life: Life, event: Event) -> Life:
        _require(may_change_status(life.standing_on(event.on), change), event)
        return life.changed(event.on, status=to)

    return take


def _hold(life: Life, event: Event) -> Life:
    change, to = _HOLDS[cast("HoldCause", event.cause)]
    standing = life.standing_on(event.on)
    _require(may_change_status(standing, change), event)
    return life.changed(event.on, status=to, interrupted=(*life.interrupted, standing.status))


def _resume(life: Life, event: Event) -> Life:
    """End a suspension, or the last hold: the account stands as before the hold, and is open where nobody knows how that was."""
    _require(may_change_status(life.standing_on(event.on), StatusChange.RESUME), event)
    *interrupted, before = life.interrupted or (AccountStatus.OPEN,)
    return life.changed(event.on, status=before, interrupted=tuple(interrupted))


def _cancel(life: Life, event: Event) -> Life:
    return _CANCEL(life, event).changed(event.on, payer=None)


def _depart(life: Life, event: Event) -> Life:
    _require(may_leave_program(life.standing_on(event.on)), event)
    return life.changed(event.on, credited=None, managed_by=None, payer=None, request=None)


_HOLDS: Mapping[HoldCause, tuple[StatusChange, AccountStatus]] = {
    HoldCause.BALANCE_DUE: (StatusChange.HOLD_FOR_BALANCE, AccountStatus.BALANCE_DUE),
    HoldCause.COMPLIANCE: (StatusChange.HOLD_FOR_COMPLIANCE, AccountStatus.COMPLIANCE_HOLD),
}
_CANCEL = _step(StatusChange.CANCEL, AccountStatus.CANCELED)

_BEGIN: Mapping[EventKind, Callable[[Life, Event], Life]] = {
    EventKind.OPENED: _open,
    EventKind.REFERRED: _refer,
    EventKind.MANAGED: _create,
    EventKind.MOVED_IN: _move,
}
_STEPS: Mapping[EventKind, Callable[[Life, Event], Life]] = {
    EventKind.MOVED_IN: _move,
    EventKind.TRANSFER: _move,
    EventKind.REQUEST_MANAGEMENT: _request,
    EventKind.WITHDRAW_REQUEST: _withdraw,
    EventKind.APPROVE_MANAGEMENT: _approve,
    EventKind.END_MANAGEMENT: _end,
    EventKind.JOIN_SINGLE_BILL: _join,
    EventKind.LEAVE_SINGLE_BILL: _leave,
    EventKind.CONVERT: _step(StatusChange.CONVERT, AccountStatus.OPEN),
    EventKind.EXPIRE_TRIAL: _step(StatusChange.EXPIRE_TRIAL, AccountStatus.TRIAL_EXPIRED),
    EventKind.SUSPEND: _suspend,
    EventKind.RESUME: _resume,
    EventKind.HOLD: _hold,
    EventKind.SCHEDULE_CANCELLATION: _step(StatusChange.SCHEDULE_CANCELLATION, AccountStatus.PENDING_CANCELLATION),
    EventKind.CANCEL: _cancel,
    EventKind.REACTIVATE: _step(StatusChange.REACTIVATE, AccountStatus.OPEN),
    EventKind.LEAVE_PROGRAM: _depart,
}
