"""Visits, openings and what else is known of how an account came about: facts that somebody else recorded.

Floor 4. May import: errors, partners, links, attrs and the standard library.

Instants are kept in UTC, or in the offset they were written in where that says on which civil day something happened.
"""

from datetime import UTC, datetime, timedelta, timezone
from sys import intern
from typing import final

import attrs

from partnerkit.errors import InvalidLink, InvalidValue, LinkFault, shown
from partnerkit.links import VendorSites, check_sites
from partnerkit.partners import check_aware, check_id

BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)

_FIVE_BOOLS = (bool,) * 5

EXTENSION = "extension"
"""The `source` of a visit that a browser extension made."""


def in_utc(at: datetime) -> datetime:
    """Give an aware instant in UTC; one without an offset raises `InvalidValue`."""
    if isinstance(at, datetime) and at.tzinfo is UTC:
        return at
    check_aware("at", at)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(f"at is {shown(at)}, which lies outside the calendar in UTC: give the instant in UTC") from None


def _at_its_offset(at: datetime) -> datetime:
    """Keep the civil day an instant was written in, but by a fixed offset: within one zone Python compares clocks on the wall."""
    offset = at.utcoffset() if isinstance(at, datetime) else None
    return in_utc(at) if offset is None else in_utc(at).astimezone(timezone(offset))


def _held_once(name: str | None) -> str | None:
    """Give the one copy of a name in memory: very many visits carry few names."""
    return intern(name) if name.__class__ is str else name


def _check_text(field: str, value: object) -> None:
    if not isinstance(value, str):
        raise InvalidValue(f"{field} is {shown(value)}: wanted a text, empty where there is none")


def _check_bool(field: str, value: object) -> None:
    if value is not True and value is not False:
        raise InvalidValue(f"{field} is {shown(value)}: wanted True or False")


@final
@attrs.frozen(kw_only=True)
class Visit:
    """A page view on the vendor's sites, as the vendor's server received it.

    `visitor` is an opaque id of the caller's making. `name` is the raw value after `pn=`, any text at all, None without one;
    `ambiguous` says that the link had two different ones. `top_level` is False for a page loaded inside another.
    `consent` is None where nobody asked, `gpc` the Global Privacy Control signal. Instants are kept in UTC.

    >>> Visit(id="k1", visitor="v1", at=datetime.fromisoformat("2025-08-08T09:30:00+02:00"), name="brightside").at.hour
    7
    """

    id: str
    visitor: str
    at: datetime = attrs.field(converter=in_utc)
    name: str | None = attrs.field(converter=_held_once)
    ambiguous: bool = False
    source: str = ""
    bot: bool = False
    prefetch: bool = False
    top_level: bool = True
    consent: bool | None = None
    gpc: bool = False

    def __attrs_post_init__(self) -> None:
        check_id("visit", self.id)
        check_id("visitor", self.visitor)
        _check_text("source", self.source)
        if self.name is not None:
            _check_text("name", self.name)
        if self.consent is not None:
            _check_bool("consent", self.consent)
        # One comparison where all is well, which it nearly always is: there are very many visits.
        kinds = (self.ambiguous.__class__, self.bot.__class__, self.prefetch.__class__, self.top_level.__class__, self.gpc.__class__)
        if kinds != _FIVE_BOOLS:
            for field in ("ambiguous", "bot", "prefetch", "top_level", "gpc"):
                _check_bool(field, getattr(self, field))


@final
@attrs.frozen(kw_only=True)
class PageVisit:
    """A page view as a web server records it, with the whole URL; `read` makes a `Visit` of it.

    The other fields are those of `Visit`. A URL is personal data wherever it carries more than a landing page: keep visits, not page views.

    >>> sites = VendorSites(("www.vendor.example",))
    >>> noon = datetime(2025, 8, 8, 12, tzinfo=UTC)
    >>> PageVisit(id="k1", visitor="v1", at=noon, url="https://www.vendor.example/?pn=brightside").read(sites).name
    'brightside'
    """

    id: str
    visitor: str
    at: datetime = attrs.field(converter=in_utc)
    url: str
    source: str = ""
    bot: bool = False
    prefetch: bool = False
    top_level: bool = True
    consent: bool | None = None
    gpc: bool = False

    def __attrs_post_init__(self) -> None:
        _check_text("url", self.url)
        self._named(None, ambiguous=False)

    def read(self, sites: VendorSites) -> Visit:
        """Read the partner name of the URL; two different names make an ambiguous visit, any other refusal raises `InvalidLink`."""
        check_sites(sites)
        try:
            return self._named(sites.read_partner(self.url), ambiguous=False)
        except InvalidLink as refused:
            if refused.fault is not LinkFault.AMBIGUOUS:
                raise
            return self._named(None, ambiguous=True)

    def _named(self, name: str | None, *, ambiguous: bool) -> Visit:
        return Visit(
            id=self.id,
            visitor=self.visitor,
            at=self.at,
            name=name,
            ambiguous=ambiguous,
            source=self.source,
            bot=self.bot,
            prefetch=self.prefetch,
            top_level=self.top_level,
            consent=self.consent,
            gpc=self.gpc,
        )


@final
@attrs.frozen(kw_only=True)
class AccountOpening:
    """The report that an account was opened; the offset of `at` says on which civil day.

    `visitor` is empty where it is not known who came, `email` is the account holder's mailbox, `existing_account` says
    that the account was there before: moving it into a partnership is another act.

    >>> AccountOpening(id="s1", account="A1", visitor="v1", at=datetime(2025, 8, 8, 12, tzinfo=UTC)).account
    'A1'
    """

    id: str
    account: str
    visitor: str
    at: datetime = attrs.field(converter=_at_its_offset)
    email: str = ""
    coupon: str = ""
    existing_account: bool = False

    def __attrs_post_init__(self) -> None:
        check_id("opening", self.id)
        check_id("account", self.account)
        for field in ("visitor", "email", "coupon"):
            _check_text(field, getattr(self, field))
        _check_bool("existing_account", self.existing_account)


@final
@attrs.frozen(kw_only=True)
class Deal:
    """A registered deal: the partner with this id announced this account before it was opened.

    It holds from `starts_at` to `ends_at`, both inclusive, once it is approved.

    >>> august, september = datetime(2025, 8, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)
    >>> Deal(partner="p-1", account="A1", starts_at=august, ends_at=september, approved=True).holds("A1", september)
    True
    """

    partner: str
    account: str
    starts_at: datetime = attrs.field(converter=in_utc)
    ends_at: datetime = attrs.field(converter=in_utc)
    approved: bool

    def __attrs_post_init__(self) -> None:
        check_id("partner", self.partner)
        check_id("account", self.account)
        _check_bool("approved", self.approved)
        if self.ends_at < self.starts_at:
            raise InvalidValue(f"the deal for {shown(self.account)} ends at {self.ends_at} before it starts at {self.starts_at}: swap them")

    def holds(self, account: str, at: datetime) -> bool:
        """Tell whether the deal reserves an account at an aware instant."""
        check_aware("the instant", at)
        return self.approved and account == self.account and self.starts_at <= at <= self.ends_at


@final
@attrs.frozen(kw_only=True)
class IdentityLink:
    """The knowledge, from `at` on, that a visitor is the holder of an account: another device, another browser.

    >>> IdentityLink(visitor="phone", account="A1", at=datetime(2025, 8, 8, 12, tzinfo=UTC)).visitor
    'phone'
    """

    visitor: str
    account: str
    at: datetime = attrs.field(converter=in_utc)

    def __attrs_post_init__(self) -> None:
        check_id("visitor", self.visitor)
        check_id("account", self.account)


def check_visit(visit: object) -> None:
    """Refuse what is no visit, a page view above all: its name is not read yet."""
    if visit.__class__ is PageVisit:
        raise InvalidValue(f"visits hold the page view {shown(visit)}: wanted the visit that its read(sites) gives")
    if visit.__class__ is not Visit:
        raise InvalidValue(f"visits hold {shown(visit)}: wanted a Visit")


def reused(what: str, event_id: str) -> InvalidValue:
    """Tell that two different reports came under one id."""
    return InvalidValue(f"two different {what} have the id {shown(event_id)}: repeat a report as it was, give a new one its own id")


def later(at: datetime, span: timedelta) -> datetime:
    """Give an instant that lies a span later, or the end of the calendar where there is none."""
    try:
        return at + span
    except OverflowError:
        return _END


def earlier(at: datetime, span: timedelta) -> datetime:
    """Give an instant that lies a span earlier, or the beginning of the calendar where there is none."""
    try:
        return at - span
    except OverflowError:
        return BEGINNING


def seconds(count: int) -> timedelta:
    """Give a length of time, at most the longest there is."""
    try:
        return timedelta(seconds=count)
    except OverflowError:
        return timedelta.max
