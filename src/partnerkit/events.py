"""What happens to an account: dated events, and which fields each kind of event needs.

Floor 5, below transitions and relationships. May import: enums, errors, partners, policies (for who ended a management), attrs and the
standard library.

An event says what happened, never what follows from it: that is `partnerkit.transitions`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.partners import AccountStatus, check_day, check_id
from partnerkit.policies import EndedBy


@final
class EventKind(Named):
    """What happened to an account: the first four begin its life here, the others change it.

    >>> EventKind("join_single_bill")
    EventKind.JOIN_SINGLE_BILL
    """

    OPENED = "opened"
    """It exists outside the program, credited to nobody."""
    REFERRED = "referred"
    """It was opened after a visit to a partner's link (S-13)."""
    MANAGED = "managed"
    """A partner created it as managed (S-26)."""
    MOVED_IN = "moved_in"
    """An existing account was moved under a partnership (44017)."""
    REQUEST_MANAGEMENT = "request_management"
    """A partner asked to manage it (44325)."""
    WITHDRAW_REQUEST = "withdraw_request"
    """The request was taken back, or the account holder declined it (44325)."""
    APPROVE_MANAGEMENT = "approve_management"
    """The account holder granted the request (41605)."""
    END_MANAGEMENT = "end_management"
    """It is managed no longer, and referred again."""
    JOIN_SINGLE_BILL = "join_single_bill"
    """Its manager began to pay for it (S-33)."""
    LEAVE_SINGLE_BILL = "leave_single_bill"
    """Its client pays again (S-33)."""
    CONVERT = "convert"
    """A trial became an open account (15393)."""
    EXPIRE_TRIAL = "expire_trial"
    """A trial ran out (45180)."""
    SUSPEND = "suspend"
    """It was suspended (41606)."""
    RESUME = "resume"
    """A suspension ended, or a hold, and with it the account stands as before (41606, 5775)."""
    HOLD = "hold"
    """It was put on hold (5775, 45180)."""
    SCHEDULE_CANCELLATION = "schedule_cancellation"
    """A cancellation was announced for a later day."""
    CANCEL = "cancel"
    """It was canceled (45846)."""
    REACTIVATE = "reactivate"
    """It was opened again after a cancellation."""
    TRANSFER = "transfer"
    """It was moved under another partnership (44017)."""
    LEAVE_PROGRAM = "leave_program"
    """It left the program."""


BEGINNINGS = frozenset({EventKind.OPENED, EventKind.REFERRED, EventKind.MANAGED, EventKind.MOVED_IN})
"""The kinds of event a history can begin with."""


@final
class HoldCause(Named):
    """Why an account is put on hold: it owes money (5775), or it broke a rule of use (45180).

    >>> HoldCause("balance_due")
    HoldCause.BALANCE_DUE
    """

    BALANCE_DUE = "balance_due"
    COMPLIANCE = "compliance"


@final
@attrs.frozen(kw_only=True)
class Event:
    """One thing that happened to an account on a civil day of the program's zone.

    Which fields an event needs follows from its kind; a field that is missing, means nothing to its kind or has a wrong type
    raises `InvalidValue`. `partner` is a partner id, `status` the status the account begins with, `consent` whether the
    account holder agreed; `written_request` and `sender_on_account` are the papers of a move (44017).

    >>> Event(account="a-1", kind=EventKind.HOLD, on=date(2025, 8, 8), cause=HoldCause.BALANCE_DUE).kind
    EventKind.HOLD
    >>> Event(account="a-1", kind=EventKind.HOLD, on=date(2025, 8, 8))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: hold of a-1 on 2025-08-08 has no cause: give it
    """

    account: str
    kind: EventKind
    on: date
    partner: str | None = None
    status: AccountStatus | None = None
    consent: bool | None = None
    written_request: bool | None = None
    sender_on_account: bool | None = None
    ended_by: EndedBy | None = None
    cause: HoldCause | None = None

    def __attrs_post_init__(self) -> None:
        check_id("account", self.account)
        if type(self.kind) is not EventKind:
            raise InvalidValue(f"{shown(self.kind)} is no kind of event: wanted an EventKind such as EventKind.CANCEL")
        check_day(f"the day of {self.kind} of {self.account}", self.on)
        given = {name: value for name in _TYPES if (value := getattr(self, name)) is not None}
        self._check_fields(given)
        for name, value in given.items():
            if type(value) is not _TYPES[name]:
                raise InvalidValue(f"the {name} of {self} is {shown(value)}: wanted a {_TYPES[name].__name__}")
        if self.partner is not None:
            check_id("partner", self.partner)

    def _check_fields(self, given: Mapping[str, object]) -> None:
        needed = _NEEDS.get(self.kind, frozenset())
        missing = sorted(needed - given.keys())
        if missing:
            raise InvalidValue(f"{self} has no {', no '.join(missing)}: give {'them' if len(missing) > 1 else 'it'}")
        foreign = sorted(given.keys() - needed - _MAY_HAVE.get(self.kind, frozenset()))
        if foreign:
            raise InvalidValue(f"{self} has a {' and a '.join(foreign)}, which means nothing to it: leave it out")

    def __str__(self) -> str:
        return f"{self.kind} of {self.account} on {self.on}"


_TYPES: Mapping[str, type[Any]] = {
    "partner": str,
    "status": AccountStatus,
    "consent": bool,
    "written_request": bool,
    "sender_on_account": bool,
    "ended_by": EndedBy,
    "cause": HoldCause,
}
_MOVE = frozenset({"partner", "consent", "written_request", "sender_on_account"})
_NEEDS: Mapping[EventKind, frozenset[str]] = {
    EventKind.OPENED: frozenset({"status"}),
    EventKind.REFERRED: frozenset({"partner", "status"}),
    EventKind.MANAGED: frozenset({"partner", "status"}),
    EventKind.MOVED_IN: _MOVE,
    EventKind.TRANSFER: _MOVE,
    EventKind.APPROVE_MANAGEMENT: frozenset({"consent"}),
    EventKind.END_MANAGEMENT: frozenset({"ended_by"}),
    EventKind.HOLD: frozenset({"cause"}),
}
_MAY_HAVE: Mapping[EventKind, frozenset[str]] = {
    EventKind.MOVED_IN: frozenset({"status"}),
    EventKind.REQUEST_MANAGEMENT: frozenset({"partner"}),
    EventKind.JOIN_SINGLE_BILL: frozenset({"partner"}),
}
