"""The words partners and accounts are described in: names, statuses, and the checks of their plain parts.

Floor 2, below partners. May import: enums, errors, attrs and the standard library.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timezone
from typing import cast, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown

PARTNER_NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
"""How the name of a partner is written."""
_NAME = re.compile(PARTNER_NAME, re.ASCII)
_LONGEST_MONTH = 31
# Control characters, line and paragraph ends, the marks that turn the direction of writing, and halves of characters.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def check_is(what: str, value: object, kind: type) -> None:
    """Refuse a value of another type; a text is not the enum member or the currency it spells.

    >>> check_is("status", "active", PartnerStatus)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: status is 'active': wanted a value of the type PartnerStatus
    """
    if not isinstance(value, kind):
        raise InvalidValue(f"{what} is {shown(value)}: wanted a value of the type {kind.__name__}")


def check_all(what: str, values: object, kind: type) -> None:
    """Refuse what is not a tuple of values of one type; a generator could be read only once.

    >>> check_all("emails", ["a@kite.example"], str)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: emails is ['a@kite.example']: wanted a value of the type tuple
    """
    check_is(what, values, tuple)
    for place, value in enumerate(cast("tuple[object, ...]", values)):
        check_is(f"{what}[{place}]", value, kind)


def check_once(where: str, what: str, ids: Iterable[str]) -> None:
    """Refuse an id that comes twice with `InvalidValue`; `where` and `what` name the place and the thing in the message.

    >>> check_once("the Single Bill of p-1", "charge", ["c-1", "c-2", "c-1"])
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the charge c-1 stands twice on the Single Bill of p-1: count it once
    """
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InvalidValue(f"the {what} {one} stands twice on {where}: count it once")
        seen.add(one)


def check_aware(field: str, at: datetime) -> None:
    """Refuse what is not an instant with its offset from UTC.

    >>> check_aware("opened_at", datetime(2025, 8, 8, 9, 30))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: opened_at is datetime.datetime(2025, 8, 8, 9, 30), which has no offset: give an aware instant ...
    """
    if at.__class__ is datetime and at.tzinfo is UTC:
        return
    if not isinstance(at, datetime):
        raise InvalidValue(f"{field} is {shown(at)}, no datetime: give an aware one, such as datetime.fromisoformat('2025-08-08T09:30Z')")
    if at.utcoffset() is None:
        raise InvalidValue(f"{field} is {shown(at)}, which has no offset: give an aware instant such as 2025-08-08T09:30:00+00:00")


def at_fixed_offset(at: datetime | None) -> datetime | None:
    """Write an instant in the offset it has, as a fixed one: within one zone Python compares clocks on the wall.

    What is no aware instant is given back as it is, for a check to refuse.

    >>> from zoneinfo import ZoneInfo
    >>> str(at_fixed_offset(datetime(2025, 10, 26, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))))
    '2025-10-26 02:30:00+01:00'
    """
    offset = at.utcoffset() if isinstance(at, datetime) and not isinstance(at.tzinfo, timezone) else None
    if at is None or offset is None:
        return at
    try:
        return at.astimezone(timezone(offset))
    except OverflowError:
        return at


def check_bound(field: str, at: datetime | None) -> None:
    """Refuse a bound in time that is neither an instant with a day in UTC nor None, which means without bound.

    >>> check_bound("since", datetime.fromisoformat("0001-01-01T00:00:00+23:59"))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: since is 0001-01-01T00:00:00+23:59, which lies outside the calendar in UTC: leave it out ...
    """
    if at is None:
        return
    check_aware(field, at)
    try:
        at.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(
            f"{field} is {at.isoformat()}, which lies outside the calendar in UTC: leave it out where it means without bound"
        ) from None


def check_day(field: str, day: date) -> None:
    """Refuse what is not a civil day; an instant is none, because it has a day only in a zone.

    >>> check_day("on", datetime(2025, 8, 8))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: on is datetime.datetime(2025, 8, 8, 0, 0): wanted a date such as ...
    """
    if not isinstance(day, date) or isinstance(day, datetime):
        raise InvalidValue(f"{field} is {shown(day)}: wanted a date such as 2025-08-08, without a time")


def check_count(what: str, count: int, *, least: int = 0) -> None:
    """Refuse what is no whole number, or one below the least, with `InvalidValue`; `what` names it in the message.

    >>> check_count("the number of contacts", True)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the number of contacts is True: wanted a whole number, at least 0
    """
    if type(count) is not int or count < least:
        raise InvalidValue(f"{what} is {shown(count)}: wanted a whole number, at least {least}")


def check_id(what: str, text: str) -> None:
    """Refuse an id that is empty, padded or not a text, and one that would act on a terminal or a page that shows it.

    >>> check_id("partner", " p-1")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the id of the partner is ' p-1': wanted a text that is neither empty nor padded with spaces
    """
    # Letters and digits of any script can be seen, and are no blanks.
    if text.__class__ is str and text.isalnum():
        return
    if not isinstance(text, str) or not text or text != text.strip():
        raise InvalidValue(f"the id of the {what} is {shown(text)}: wanted a text that is neither empty nor padded with spaces")
    _check_seen(f"the id of the {what}", text)


def check_line(what: str, text: str) -> None:
    r"""Refuse what is not a text of one line that can be shown as it is; an empty one passes.

    >>> check_line("the note", "paid \x1b[2J")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the note is 'paid \x1b[2J', which holds '\x1b': wanted one line without control characters ...
    """
    if not isinstance(text, str):
        raise InvalidValue(f"{what} is {shown(text)}: wanted a text of one line")
    _check_seen(what, text)


def _check_seen(what: str, text: str) -> None:
    found = None if text.isprintable() else _UNSEEN.search(text)
    if found is not None:
        raise InvalidValue(
            f"{what} is {shown(text)}, which holds {found.group()!r}: "
            "wanted one line without control characters and without marks that turn the direction of writing"
        )


def check_day_of_month(field: str, day: int) -> None:
    """Refuse a day that no month has.

    >>> check_day_of_month("bill_day", 32)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: bill_day is 32: wanted a day of the month, 1 to 31 (short months are clamped)
    """
    if type(day) is not int or not 1 <= day <= _LONGEST_MONTH:
        raise InvalidValue(f"{field} is {shown(day)}: wanted a day of the month, 1 to 31 (short months are clamped)")


@final
@attrs.frozen
class PartnerName:
    """The value after `pn=` in a partner's links (S-21): ASCII letters and digits, with ``.``, ``_`` and ``-`` inside.

    At most 64 characters, and none at either end but a letter or a digit; anything else raises `InvalidValue`. Compared without
    ASCII case; the form it was written in is kept for display.

    >>> PartnerName("BrightSide") == PartnerName("brightside")
    True
    >>> str(PartnerName("BrightSide"))
    'BrightSide'
    """

    text: str = attrs.field(eq=False)
    key: str = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.text, str) or _NAME.fullmatch(self.text) is None:
            raise InvalidValue(
                f"{shown(self.text)} is not a partner name: "
                "wanted 1 to 64 ASCII letters and digits, with . _ - inside, such as 'brightside'"
            )
        # A text of a class of its own may write itself otherwise than it reads.
        object.__setattr__(self, "text", str.__str__(self.text))
        object.__setattr__(self, "key", self.text.lower())

    def __str__(self) -> str:
        return self.text


def is_partner_name(text: str) -> bool:
    """Tell whether a text is a partner name."""
    return _NAME.fullmatch(text) is not None


@final
class PartnerStatus(Named):
    """Where a partnership stands; an ended or banned one manages nothing.

    >>> PartnerStatus("active")
    PartnerStatus.ACTIVE
    """

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    BANNED = "banned"


PARTNERSHIP_OVER = frozenset({PartnerStatus.ENDED, PartnerStatus.BANNED})
"""The statuses in which a partnership is over."""


@final
class Origin(Named):
    """How an account came into the program: by a link (S-13), by the partner (S-26), or as an account that existed (44017).

    >>> Origin("moved_in")
    Origin.MOVED_IN
    """

    LINK = "link"
    PARTNER_CREATED = "partner_created"
    MOVED_IN = "moved_in"
    UNKNOWN = "unknown"


@final
class Management(Named):
    """Who works with the client: the vendor (referred, S-08) or the partner (managed, S-09).

    >>> Management("referred")
    Management.REFERRED
    """

    REFERRED = "referred"
    MANAGED = "managed"


@final
class BillingMode(Named):
    """Who is billed for an account: the client directly, or the partner by the Single Bill (S-31).

    >>> BillingMode("single_bill")
    BillingMode.SINGLE_BILL
    """

    DIRECT = "direct"
    SINGLE_BILL = "single_bill"


@final
class AccountStatus(Named):
    """Where an account stands in its own life (45180 names what the vendor shows); once converted it never returns to a trial.

    >>> AccountStatus("open")
    AccountStatus.OPEN
    """

    TRIAL = "trial"
    TRIAL_EXPIRED = "trial_expired"
    OPEN = "open"
    PENDING_CANCELLATION = "pending_cancellation"
    SUSPENDED = "suspended"
    BALANCE_DUE = "balance_due"
    COMPLIANCE_HOLD = "compliance_hold"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


@final
class PrepaidTime(Named):
    """For how long a plan can be paid in advance (5773).

    >>> PrepaidTime("half_year").months
    6
    """

    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months it is."""
        return 6 if self is PrepaidTime.HALF_YEAR else 12


@final
class Payer(Named):
    """Who pays the vendor for an account, seen from the account (S-32).

    >>> Payer("client")
    Payer.CLIENT
    """

    CLIENT = "client"
    MANAGING_PARTNER = "managing_partner"
    ANOTHER_PARTNER = "another_partner"


def without_ascii_case(text: str) -> str:
    """Lower the letters of an ASCII text, and leave any other text as it is."""
    # Lowering any other letter could make an ASCII one of it: the Kelvin sign lowers to k.
    return text.lower() if text.isascii() else text
