"""Partners, accounts, and the standing of one account on one day.

Floor 2. May import: errors, money (for the currency), periods (for zones), clauses.conditions, vocabulary, attrs and the standard library.

A standing is all that is true of an account on a day. Which standings can exist is one list of laws, which the
constructor enforces and the sweeps over all points of a policy use.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from itertools import combinations
from typing import Self, final

import attrs

from partnerkit.clauses.conditions import Choice, Flag, Law, Value
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Currency
from partnerkit.vocabulary import (
    PARTNERSHIP_OVER,
    AccountStatus,
    BillingMode,
    Management,
    Origin,
    PartnerName,
    PartnerStatus,
    Payer,
    at_fixed_offset,
    check_all,
    check_aware,
    check_bound,
    check_day,
    check_day_of_month,
    check_id,
    check_is,
    check_line,
    without_ascii_case,
)

__all__ = [
    "BILLING_MODE",
    "HAS_MANAGER",
    "MANAGEMENT",
    "MANAGER_ENDED",
    "ORIGIN",
    "PARTNERSHIP_OVER",
    "PAYER",
    "REQUEST_PENDING",
    "STANDING_LAWS",
    "STATUS",
    "Account",
    "AccountStatus",
    "BillingMode",
    "Management",
    "NameAlias",
    "Origin",
    "Partner",
    "PartnerName",
    "PartnerStatus",
    "Partners",
    "Payer",
    "SingleBillSetup",
    "SingleBillSince",
    "Standing",
    "StatusSince",
    "check_aware",
    "check_day",
    "check_day_of_month",
    "check_id",
]


@final
@attrs.frozen(kw_only=True)
class NameAlias:
    """A name a partner goes by from `since` (inclusive) to `until` (exclusive); None means without end.

    Naive instants and an end that is not after the start raise `InvalidValue`.

    >>> alias = NameAlias(name=PartnerName("brightside"), until=datetime(2025, 8, 1, tzinfo=UTC))
    >>> alias.in_force(datetime(2025, 7, 31, tzinfo=UTC)), alias.in_force(datetime(2025, 8, 1, tzinfo=UTC))
    (True, False)
    """

    name: PartnerName
    since: datetime | None = attrs.field(default=None, converter=at_fixed_offset)
    until: datetime | None = attrs.field(default=None, converter=at_fixed_offset)

    def __attrs_post_init__(self) -> None:
        check_is("name", self.name, PartnerName)
        check_bound("since", self.since)
        check_bound("until", self.until)
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise InvalidValue(f"the name {self.name} ends at {self.until}, not after its start at {self.since}: swap them")

    def in_force(self, at: datetime) -> bool:
        """Tell whether the name is in force at an aware instant.

        >>> NameAlias(name=PartnerName("brightside")).in_force(datetime(2025, 8, 1, tzinfo=UTC))
        True
        """
        check_aware("the instant", at)
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def overlaps(self, other: "NameAlias") -> bool:
        """Tell whether some instant belongs to both.

        >>> noon = datetime(2025, 8, 1, 12, tzinfo=UTC)
        >>> NameAlias(name=PartnerName("a"), until=noon).overlaps(NameAlias(name=PartnerName("b"), since=noon))
        False
        """
        return _starts_before_end(self.since, other.until) and _starts_before_end(other.since, self.until)


@final
@attrs.frozen(kw_only=True)
class StatusSince:
    """A partner's status from an instant on (None: from the beginning).

    >>> StatusSince(status=PartnerStatus.ENDED, since=datetime(2025, 6, 15, tzinfo=UTC)).status
    PartnerStatus.ENDED
    """

    status: PartnerStatus
    since: datetime | None = attrs.field(default=None, converter=at_fixed_offset)

    def __attrs_post_init__(self) -> None:
        check_is("status", self.status, PartnerStatus)
        check_bound("since", self.since)


@final
@attrs.frozen(kw_only=True)
class SingleBillSetup:
    """A partner's Single Bill: the day of the month of its one payment, 1 to 31, clamped to the month (44215).

    >>> SingleBillSetup(bill_day=31).bill_day
    31
    """

    bill_day: int

    def __attrs_post_init__(self) -> None:
        check_day_of_month("bill_day", self.bill_day)


@final
@attrs.frozen(kw_only=True)
class SingleBillSince:
    """A partner's Single Bill setup from a day on (None: from the beginning); without a setup the partner has none.

    >>> SingleBillSince(setup=None, since=date(2025, 8, 1)).setup is None
    True
    """

    setup: SingleBillSetup | None
    since: date | None = None

    def __attrs_post_init__(self) -> None:
        if self.setup is not None:
            check_is("setup", self.setup, SingleBillSetup)
        if self.since is not None:
            check_day("since", self.since)


def _unless_utc(zone: str | None) -> str | None:
    return None if zone == "UTC" else zone


@final
@attrs.frozen(kw_only=True)
class Partner:
    """A partnership: the entity that is credited and paid (S-14), with everything that changes over time dated.

    `emails` are its own addresses, by which a self-referral is known. It may go by several names at once, by each of them once;
    statuses and Single Bill setups stand in order of time; `only_status` is the status it has always had, None where it changed.
    `zone` is the place whose civil days count, that of the program; None is UTC.
    Anything else raises `InvalidValue`.

    >>> partner = Partner.of("p-1", "brightside", bill_day=5)
    >>> partner.single_bill_on(date(2025, 8, 1))
    SingleBillSetup(bill_day=5)
    """

    id: str
    names: tuple[NameAlias, ...]
    status: tuple[StatusSince, ...] = (StatusSince(status=PartnerStatus.ACTIVE),)
    emails: tuple[str, ...] = ()
    single_bill: tuple[SingleBillSince, ...] = ()
    zone: str | None = attrs.field(default=None, converter=_unless_utc)
    only_status: PartnerStatus | None = attrs.field(init=False, eq=False, repr=False)
    _status_days: tuple[date | None, ...] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_id("partner", self.id)
        check_all(f"names of {self.id}", self.names, NameAlias)
        check_all(f"status of {self.id}", self.status, StatusSince)
        check_all(f"emails of {self.id}", self.emails, str)
        for place, email in enumerate(self.emails):
            check_line(f"emails of {self.id}[{place}]", email)
        check_all(f"single_bill of {self.id}", self.single_bill, SingleBillSince)
        if not self.names:
            raise InvalidValue(f"the partner {self.id} has no name: give at least one, it is what stands after pn= in its links")
        if not self.status:
            raise InvalidValue(f"the partner {self.id} has no status: give at least one, such as active from the beginning")
        _check_names(self)
        _check_ascending(self.id, "status", [entry.since for entry in self.status])
        _check_ascending(self.id, "single_bill", [entry.since for entry in self.single_bill])
        only = self.status[0].status if self.status[0].since is None and len(self.status) == 1 else None
        object.__setattr__(self, "only_status", only)
        there = _place(self.zone)
        days = tuple(None if entry.since is None else _day_in(there, entry.since) for entry in self.status)
        object.__setattr__(self, "_status_days", days)

    @classmethod
    def of(cls, partner_id: str, name: str, *, emails: tuple[str, ...] = (), bill_day: int | None = None) -> Self:
        """Build a partner that has always been active under one name, with a Single Bill when `bill_day` is given.

        >>> Partner.of("p-1", "brightside").single_bill
        ()
        """
        setups = () if bill_day is None else (SingleBillSince(setup=SingleBillSetup(bill_day=bill_day)),)
        return cls(id=partner_id, names=(NameAlias(name=PartnerName(name)),), emails=emails, single_bill=setups)

    def status_at(self, at: datetime) -> PartnerStatus:
        """Give the status at an aware instant; before the first dated one the partnership is pending.

        >>> Partner.of("p-1", "brightside").status_at(datetime(2025, 8, 1, tzinfo=UTC))
        PartnerStatus.ACTIVE
        """
        check_aware("the instant", at)
        for entry in reversed(self.status):
            if entry.since is None or entry.since <= at:
                return entry.status
        return PartnerStatus.PENDING

    def status_on(self, day: date) -> PartnerStatus:
        """Give the status on a civil day of the partner's zone: a change belongs to the whole day on which it comes there.

        >>> Partner.of("p-1", "brightside").status_on(date(2025, 8, 1))
        PartnerStatus.ACTIVE
        """
        known = [entry.status for entry, start in zip(self.status, self._status_days, strict=True) if start is None or start <= day]
        return known[-1] if known else PartnerStatus.PENDING

    def single_bill_on(self, day: date) -> SingleBillSetup | None:
        """Give the Single Bill setup in force on a day, None where the partner has none.

        >>> Partner.of("p-1", "brightside").single_bill_on(date(2025, 8, 1)) is None
        True
        """
        known = [entry.setup for entry in self.single_bill if entry.since is None or entry.since <= day]
        return known[-1] if known else None

    @property
    def turning_days(self) -> tuple[date, ...]:
        """The civil days from which another status or another Single Bill setup is stated.

        >>> Partner.of("p-1", "brightside", bill_day=5).turning_days
        ()
        """
        setups = (entry.since for entry in self.single_bill)
        return tuple(day for day in (*self._status_days, *setups) if day is not None)

    def name_at(self, at: datetime) -> PartnerName:
        """Give the name to show at an aware instant: the last stated of those in force, else the first stated.

        >>> str(Partner.of("p-1", "brightside").name_at(datetime(2025, 8, 1, tzinfo=UTC)))
        'brightside'
        """
        check_aware("the instant", at)
        in_force = [alias.name for alias in self.names if alias.in_force(at)]
        return in_force[-1] if in_force else self.names[0].name

    def in_zone(self, zone: str) -> "Partner":
        """Give the same partner with its civil days counted in a zone.

        An unknown zone raises `InvalidValue`.

        >>> ended = StatusSince(status=PartnerStatus.ENDED, since=datetime(2025, 6, 15, 2, tzinfo=UTC))
        >>> partner = Partner(id="p-1", names=(NameAlias(name=PartnerName("brightside")),), status=(ended,))
        >>> partner.status_on(date(2025, 6, 14)), partner.in_zone("America/New_York").status_on(date(2025, 6, 14))
        (PartnerStatus.PENDING, PartnerStatus.ENDED)
        """
        if _unless_utc(zone) == self.zone:
            return self
        return Partner(id=self.id, names=self.names, status=self.status, emails=self.emails, single_bill=self.single_bill, zone=zone)

    def __str__(self) -> str:
        return self.id


@final
@attrs.frozen
class Partners:
    """All partners of a program; no two go by one name at one instant, nor by one id, else `InvalidValue` names both.

    >>> partners = Partners((Partner.of("p-1", "brightside"), Partner.of("p-2", "northlight")))
    >>> partners.named("BrightSide", datetime(2025, 8, 1, tzinfo=UTC)).id
    'p-1'
    """

    partners: tuple[Partner, ...]
    _by_id: Mapping[str, Partner] = attrs.field(init=False, eq=False, repr=False)
    _by_name: Mapping[str, tuple[tuple[NameAlias, Partner], ...]] = attrs.field(init=False, eq=False, repr=False)
    _always_named: Mapping[str, Partner] = attrs.field(init=False, eq=False, repr=False)
    _zones: frozenset[str | None] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_all("partners", self.partners, Partner)
        object.__setattr__(self, "_zones", frozenset(partner.zone for partner in self.partners))
        object.__setattr__(self, "_by_id", _index_ids(self.partners))
        object.__setattr__(self, "_by_name", _index_names(self.partners))
        always = ((alias.name, partner) for partner in self.partners for alias in partner.names if alias.since is alias.until is None)
        object.__setattr__(self, "_always_named", {text: partner for name, partner in always for text in (name.text, name.key)})

    def __iter__(self) -> Iterator[Partner]:
        return iter(self.partners)

    def __len__(self) -> int:
        return len(self.partners)

    def __contains__(self, partner_id: object) -> bool:
        return partner_id in self._by_id

    def __getitem__(self, partner_id: str) -> Partner:
        try:
            return self._by_id[partner_id]
        except KeyError:
            raise InvalidValue(f"there is no partner {shown(partner_id)}: known are {', '.join(sorted(self._by_id)) or 'none'}") from None

    def named(self, name: PartnerName | str, at: datetime) -> Partner | None:
        """Give the partner that goes by a name at an aware instant, None where nobody does; ASCII case does not matter.

        >>> partners = Partners((Partner.of("p-1", "kite"),))
        >>> partners.named("KITE", datetime(2025, 8, 1, tzinfo=UTC)) == partners["p-1"]
        True
        >>> partners.named("\N{KELVIN SIGN}ite", datetime(2025, 8, 1, tzinfo=UTC)) is None
        True
        """
        check_aware("the instant", at)
        text = name.text if isinstance(name, PartnerName) else name
        # Most names never changed hands, and most links write them as the partner does.
        if text.__class__ is str and (partner := self._always_named.get(text)) is not None:
            return partner
        check_is("the name", text, str)
        for alias, partner in self._by_name.get(without_ascii_case(text), ()):
            if alias.in_force(at):
                return partner
        return None

    def in_zone(self, zone: str) -> "Partners":
        """Give the same partners with their civil days counted in a zone (see `Partner.in_zone`).

        >>> len(Partners((Partner.of("p-1", "brightside"),)).in_zone("Europe/Berlin"))
        1
        """
        # Every relationship asks for this, of all partners there are.
        if self._zones <= {_unless_utc(zone)}:
            return self
        return Partners(tuple(partner.in_zone(zone) for partner in self.partners))


@final
@attrs.frozen(kw_only=True)
class Account:
    """A client's account with the vendor.

    `client` groups the accounts of one client. `anchor_day` is the day of the month on which the account renews,
    1 to 31, clamped to the month. The currency is fixed for good (5775). An empty id, a naive instant and a day that no month has
    raise `InvalidValue`.

    >>> opened_at = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened_at, anchor_day=8).origin
    Origin.UNKNOWN
    """

    id: str
    client: str
    currency: Currency
    opened_at: datetime
    anchor_day: int
    origin: Origin = Origin.UNKNOWN

    def __attrs_post_init__(self) -> None:
        check_id("account", self.id)
        check_id("client", self.client)
        check_is(f"currency of {self.id}", self.currency, Currency)
        check_aware("opened_at", self.opened_at)
        check_day_of_month("anchor_day", self.anchor_day)
        check_is(f"origin of {self.id}", self.origin, Origin)


MANAGEMENT = Choice(
    "management", Management, "the account is {}", absent="the account is outside the program", changed_by=("partner", "account holder")
)
BILLING_MODE = Choice("billing_mode", BillingMode, "the billing mode is {}", changed_by=("partner",))
STATUS = Choice("status", AccountStatus, "the account's status is {}", changed_by=("account holder", "vendor"))
ORIGIN = Choice("origin", Origin, "the account's origin is {}")
REQUEST_PENDING = Flag(
    "request_pending", "a request to manage is pending", "no request to manage is pending", changed_by=("partner", "account holder")
)
HAS_MANAGER = Flag("has_manager", "a managing partner is named", "no managing partner is named")
MANAGER_ENDED = Flag("manager_ended", "the managing partner's partnership has ended", "the managing partner's partnership goes on")
PAYER = Choice("payer", Payer, "the payer is the {}", changed_by=("partner",))

_ON_SINGLE_BILL = BILLING_MODE.is_(BillingMode.SINGLE_BILL)
_MANAGED = MANAGEMENT.is_(Management.MANAGED)

STANDING_LAWS: tuple[Law, ...] = (
    Law(id="SINGLE-BILL-MANAGED", sentence="an account on Single Bill is managed (S-35)", holds=~_ON_SINGLE_BILL | _MANAGED),
    Law(
        id="SINGLE-BILL-PAYER",
        sentence="the managing partner, and nobody else, pays for an account on Single Bill (S-32)",
        holds=~_ON_SINGLE_BILL | PAYER.is_(Payer.MANAGING_PARTNER),
    ),
    Law(id="DIRECT-PAYER", sentence="the client pays for a directly billed account", holds=_ON_SINGLE_BILL | PAYER.is_(Payer.CLIENT)),
    Law(
        id="SINGLE-BILL-ALIVE",
        sentence="neither a suspended account (41606) nor a canceled one is on Single Bill",
        holds=~_ON_SINGLE_BILL | ~STATUS.in_(AccountStatus.SUSPENDED, AccountStatus.CANCELED),
    ),
    Law(
        id="PENDING-REFERRED",
        sentence="a request to manage is pending only for a referred account (44325)",
        holds=REQUEST_PENDING.no | MANAGEMENT.is_(Management.REFERRED),
    ),
    Law(id="MANAGED-BY-SOMEBODY", sentence="a managed account has a managing partner", holds=~_MANAGED | HAS_MANAGER.yes),
    Law(id="MANAGER-MANAGES", sentence="only a managed account has a managing partner", holds=_MANAGED | HAS_MANAGER.no),
    Law(
        id="MANAGER-NOT-ENDED",
        sentence="an ended partnership manages no account: its managements end with it",
        holds=MANAGER_ENDED.no,
    ),
)
"""What is true of every standing that can exist."""

_FACETS: tuple[Choice | Flag, ...] = (MANAGEMENT, REQUEST_PENDING, BILLING_MODE, STATUS, HAS_MANAGER, MANAGER_ENDED, PAYER)


@final
@attrs.frozen(kw_only=True)
class Standing:
    """All that is true of one account on one day.

    `management` None means outside the program; `payer` None means that the client pays. `within_bonus_window`
    is None where nobody said how long the window is. A standing that breaks a law of `STANDING_LAWS` raises `InvalidValue` with
    the law's sentence.

    >>> opened_at = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened_at, anchor_day=8)
    >>> Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED, request_pending=True).billing_mode
    BillingMode.DIRECT
    >>> Standing(account=account, day=date(2025, 8, 8), management=Management.MANAGED)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the account a-1 cannot stand so on 2025-08-08: a managed account has a managing partner (...)
    """

    account: Account
    credited_to: Partner | None = None
    managed_by: Partner | None = None
    payer: Partner | None = None
    management: Management | None = None
    request_pending: bool = False
    billing_mode: BillingMode = BillingMode.DIRECT
    status: AccountStatus = AccountStatus.OPEN
    origin: Origin = Origin.UNKNOWN
    within_bonus_window: bool | None = None
    day: date

    def __attrs_post_init__(self) -> None:
        check_day("the day of a standing", self.day)
        self._check_kinds()
        broken = _broken_law(
            self.management,
            self.request_pending,
            self.billing_mode,
            self.status,
            self.managed_by is not None,
            self.managed_by is not None and self.managed_by.status_on(self.day) in PARTNERSHIP_OVER,
            self.payer_role,
        )
        if broken is not None:
            raise InvalidValue(f"the account {self.account.id} cannot stand so on {self.day}: {broken.sentence} ({broken.id})")

    def _check_kinds(self) -> None:
        """Refuse fields of a wrong type; the laws look at all others, member by member."""
        check_is("account", self.account, Account)
        for name, partner in (("credited_to", self.credited_to), ("managed_by", self.managed_by), ("payer", self.payer)):
            if partner is not None:
                check_is(name, partner, Partner)
        check_is("origin", self.origin, Origin)
        if self.within_bonus_window is not None:
            check_is("within_bonus_window", self.within_bonus_window, bool)

    @property
    def payer_role(self) -> Payer:
        """Who pays, seen from the account (S-32)."""
        if self.payer is None:
            return Payer.CLIENT
        is_manager = self.managed_by is not None and self.payer.id == self.managed_by.id
        return Payer.MANAGING_PARTNER if is_manager else Payer.ANOTHER_PARTNER


# Typed, because a text equals the enum member it names and must not pass for it: other modules compare by identity.
@lru_cache(maxsize=None, typed=True)
def _broken_law(*facets: Value) -> Law | None:
    for item, facet in zip(_FACETS, facets, strict=True):
        if not any(facet is known for known in item.values):
            raise InvalidValue(f"{item.name} is {shown(facet)}: wanted one of {', '.join(map(repr, item.values))}")
    lookup = dict(zip((item.name for item in _FACETS), facets, strict=True)).__getitem__
    return next((law for law in STANDING_LAWS if law.broken_by(lookup)), None)


def _place(zone: str | None) -> tzinfo:
    if zone is None:
        return UTC
    # Links need partner names, and time zones cost them more than all of links.py.
    from partnerkit.periods import zone_named  # noqa: PLC0415

    return zone_named(zone)


def _day_in(place: tzinfo, at: datetime) -> date:
    try:
        return at.astimezone(UTC).astimezone(place).date()
    except OverflowError:
        raise InvalidValue(f"the instant {shown(at)} lies outside the calendar in {place}: give a day that every zone knows") from None


def _starts_before_end(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end


def _check_names(partner: Partner) -> None:
    for alias, other in combinations(partner.names, 2):
        if alias.name == other.name and alias.overlaps(other):
            raise InvalidValue(f"the partner {partner.id} has the name {alias.name} twice at one time: state it once")


def _check_ascending(owner: str, field: str, starts: Iterable[date | None]) -> None:
    last: date | None = None
    for place, start in enumerate(starts):
        if place and (start is None or (last is not None and start <= last)):
            raise InvalidValue(
                f"{field} of the partner {owner} is not in order of time at {start}: give each entry a later `since` than the one before"
            )
        last = start


def _index_ids(partners: tuple[Partner, ...]) -> dict[str, Partner]:
    by_id: dict[str, Partner] = {}
    for partner in partners:
        if by_id.setdefault(partner.id, partner) is not partner:
            raise InvalidValue(f"two partners have the id {partner.id}: give each an id of its own")
    return by_id


def _index_names(partners: tuple[Partner, ...]) -> dict[str, tuple[tuple[NameAlias, Partner], ...]]:
    by_name: dict[str, tuple[tuple[NameAlias, Partner], ...]] = {}
    for partner in partners:
        for alias in partner.names:
            taken = by_name.get(alias.name.key, ())
            for other, holder in taken:
                if alias.overlaps(other):
                    raise InvalidValue(
                        f"the name {alias.name} belongs to {holder.id} and {partner.id} at the same time: end one before the other starts"
                    )
            by_name[alias.name.key] = (*taken, (alias, partner))
    return by_name
