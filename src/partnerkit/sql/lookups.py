"""What of attribution no engine may decide for itself, as the rows of small tables: names, statuses, mailboxes, codes, civil days.

Floor 10, above `sql.dialects`. May import: errors, mailboxes, partners, periods, terms, vocabulary, sql.dialects, attrs, sqlglot and the
standard library.

Engines differ in how they lower a letter, strip a blank and know a time zone. So Python reads what there is of such texts and days,
each of them once, and gives the few rows that mean something; a query compares whole numbers and equal texts, as every engine does.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple, final

import attrs

from partnerkit.errors import InvalidValue
from partnerkit.mailboxes import mailbox
from partnerkit.partners import NameAlias, Partner, Partners, PartnerStatus, check_aware
from partnerkit.periods import Window, WindowUnit, zone_named
from partnerkit.sql.dialects import column, exp
from partnerkit.terms import AttributionTerms, SelfReferral
from partnerkit.vocabulary import without_ascii_case

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["BIGINT", "BOOLEAN", "DAY", "EVER", "PREFIX", "TEXT", "SmallTable", "micros"]

TEXT: Final = "TEXT"
BIGINT: Final = "BIGINT"
BOOLEAN: Final = "BOOLEAN"

_TICK: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1) // _TICK

DAY: Final = timedelta(days=1) // _TICK
"""A civil day of UTC in microseconds."""

EVER: Final = 10**18
"""More microseconds than the calendar has, and so few that twice as many before or after any instant still fit 64 bits."""

PREFIX: Final = "partnerkit_"
"""How the names of all tables begin that this package makes, or names within a query."""


@final
@attrs.frozen(kw_only=True)
class SmallTable:
    """A table that a query asks beside the large ones: its columns with their types, TEXT, BIGINT or BOOLEAN, and its rows.

    >>> SmallTable(name="partnerkit_codes", columns=(("coupon", TEXT), ("partner", TEXT)), rows=(("SPRING", "p-1"),)).rows
    (('SPRING', 'p-1'),)
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]

    def columns_for(self, dialect: str) -> str:
        """Give the columns and their types as a dialect writes them.

        >>> SmallTable(name="partnerkit_codes", columns=(("coupon", TEXT),), rows=()).columns_for("spark")
        '`coupon` STRING'
        """
        return ", ".join(f"{column(name).sql(dialect)} {exp.DataType.build(kind).sql(dialect)}" for name, kind in self.columns)


def micros(at: datetime) -> int:
    """Give an aware instant in microseconds since 1970 in UTC, exactly; a naive one raises `InvalidValue`.

    >>> micros(datetime(1970, 1, 2, tzinfo=UTC)) == DAY
    True
    """
    check_aware("the instant", at)
    return (at - _EPOCH) // _TICK


def span_of(length: timedelta | None) -> int:
    """Give a length of time in microseconds; one beyond the calendar, or without end, is as long as ever.

    >>> span_of(timedelta(seconds=1)), span_of(None) == EVER
    (1000000, True)
    """
    return EVER if length is None else min(length // _TICK, EVER)


def names_table(partners: Partners) -> SmallTable:
    """Give who goes by which name over which time, and whether the partnership is active then.

    >>> names_table(Partners((Partner.of("p-1", "BrightSide"),))).rows
    (('brightside', -1000000000000000000, 1000000000000000000, 'p-1', True),)
    """
    rows = (
        (alias.name.key, since, until, partner.id, is_active)
        for partner in partners
        for alias in partner.names
        for since, until, is_active in _cut(alias, partner)
    )
    columns = (("key", TEXT), ("since", BIGINT), ("until", BIGINT), ("partner", TEXT), ("is_active", BOOLEAN))
    return SmallTable(name=f"{PREFIX}names", columns=columns, rows=tuple(rows))


def active_table(partners: Partners) -> SmallTable:
    """Give over which time each partnership is active.

    >>> active_table(Partners((Partner.of("p-1", "brightside"),))).rows
    (('p-1', -1000000000000000000, 1000000000000000000),)
    """
    rows = ((partner.id, span.since, span.until) for partner in partners for span in _statuses(partner) if span.is_active)
    return SmallTable(name=f"{PREFIX}active", columns=(("partner", TEXT), ("since", BIGINT), ("until", BIGINT)), rows=tuple(rows))


def own_table(partners: Partners, terms: AttributionTerms, emails: Iterable[str]) -> SmallTable:
    """Give which account holders' addresses, as they are written, are a partner's own mailbox or share its domain.

    >>> partners = Partners((Partner.of("p-1", "kite", emails=("ann@kite.example",)),))
    >>> terms = AttributionTerms(self_referral=SelfReferral.DENY, free_mail=frozenset())
    >>> [row[0] for row in own_table(partners, terms, ["Ann+new@Kite.example", "bo@kite.example", "bo@else.example"]).rows]
    ['Ann+new@Kite.example', 'bo@kite.example']
    """
    boxes: dict[tuple[str, str], dict[str, None]] = {}
    domains: dict[str, dict[str, None]] = {}
    for partner in partners:
        for box in map(mailbox, partner.emails):
            boxes.setdefault(box, {})[partner.id] = None
            domains.setdefault(box[1], {})[partner.id] = None
    for domain in ("", *map(str.lower, terms.free_mail)):
        domains.pop(domain, None)
    is_denied, is_flagged = terms.self_referral is SelfReferral.DENY, terms.self_referral is SelfReferral.FLAG
    rows: list[tuple[Any, ...]] = []
    for email in filter(str.strip, emails):
        holder = mailbox(email)
        own = boxes.get(holder, {})
        rows += ((email, partner_id, is_denied, is_flagged, False) for partner_id in own)
        rows += ((email, partner_id, False, False, True) for partner_id in domains.get(holder[1], ()) if partner_id not in own)
    flags = (("is_denied", BOOLEAN), ("same_mailbox", BOOLEAN), ("same_domain", BOOLEAN))
    return SmallTable(name=f"{PREFIX}own", columns=(("email", TEXT), ("partner", TEXT), *flags), rows=tuple(rows))


def codes_table(coupons: Mapping[str, str], codes: Iterable[str]) -> SmallTable:
    """Give which coupons, as the openings write them, belong to a partner; `coupons` has its codes without ASCII case.

    >>> codes_table({"spring": "p-1"}, [" SPRING", "autumn"]).rows
    ((' SPRING', 'p-1'),)
    """
    known = ((code, without_ascii_case(code.strip())) for code in codes)
    rows = tuple((code, coupons[key]) for code, key in known if key in coupons)
    return SmallTable(name=f"{PREFIX}codes", columns=(("coupon", TEXT), ("partner", TEXT)), rows=rows)


def days_table(window: Window, starts: Iterable[int]) -> SmallTable:
    """Give how far a window of calendar days reaches back from the openings of some days of UTC, each named by its first instant.

    A day of UTC has parts, each on one local day. From `reaches_back_to` on every instant counts, and from `also_from` until
    `also_until` those of an earlier stretch, where a clock was turned back over midnight. More such stretches raise `InvalidValue`.

    >>> [row[1:4] for row in days_table(Window.calendar_days(0, zone="UTC"), [0]).rows] == [(0, DAY, 0)]
    True
    """
    zone = zone_named(window.zone)
    rows = (
        (start, part.since, part.until, *_reach(zone, part.day - window.count))
        for start in starts
        for part in _parts(zone, start, start + DAY)
    )
    columns = ("utc_day", "since", "until", "reaches_back_to", "also_from", "also_until")
    return SmallTable(name=f"{PREFIX}days", columns=tuple((name, BIGINT) for name in columns), rows=tuple(rows))


def longest_age(window: Window) -> int:
    """Give how old a visit may be in microseconds, where that is the same for every opening.

    >>> longest_age(Window.hours(1, inclusive=False)), longest_age(Window.unlimited()) == EVER
    (3599999999, True)
    """
    return span_of(window.longest) - (0 if window.inclusive else 1)


def is_of_days(window: Window) -> bool:
    """Tell whether a window counts civil days, so that its length depends on the opening.

    >>> is_of_days(Window.days(30)), is_of_days(Window.calendar_days(30, zone="UTC"))
    (False, True)
    """
    return window.unit is WindowUnit.CALENDAR_DAYS


class _Span(NamedTuple):
    since: int
    until: int
    is_active: bool


def _statuses(partner: Partner) -> list[_Span]:
    """Give the stretches of time over which a partnership is active, and those over which it is not."""
    changes = [(-EVER, False), *((_bound(entry.since, -EVER), entry.status is PartnerStatus.ACTIVE) for entry in partner.status)]
    ends = [since for since, _ in changes[1:]] + [EVER]
    return [_Span(since, until, is_active) for (since, is_active), until in zip(changes, ends, strict=True) if since < until]


def _cut(alias: NameAlias, partner: Partner) -> Iterator[_Span]:
    since, until = _bound(alias.since, -EVER), _bound(alias.until, EVER)
    for span in _statuses(partner):
        first, last = max(since, span.since), min(until, span.until)
        if first < last:
            yield _Span(first, last, span.is_active)


def _bound(at: datetime | None, without: int) -> int:
    return without if at is None else micros(at)


class _Part(NamedTuple):
    """A stretch of time on one local day."""

    since: int
    until: int
    day: int


def _parts(zone: "ZoneInfo", since: int, until: int) -> Iterator[_Part]:
    """Cut a stretch of time into local days, in order of time; a day may come again where a clock was turned back."""
    for start, end, offset in _offsets(zone, since, until):
        at = start
        while at < end:
            day = (at + offset) // DAY
            stop = min(end, (day + 1) * DAY - offset)
            yield _Part(at, stop, day)
            at = stop


def _offsets(zone: "ZoneInfo", since: int, until: int) -> Iterator[tuple[int, int, int]]:
    """Cut a stretch of time where the offset of a zone changes; no zone changes it twice within an hour."""
    start = since
    for low, high in pairwise([*range(since, until, _HOUR), until]):
        if _offset(zone, low) != _offset(zone, high):
            changed = _change(zone, low, high)
            yield start, changed, _offset(zone, low)
            start = changed
    yield start, until, _offset(zone, start)


def _change(zone: "ZoneInfo", low: int, high: int) -> int:
    """Find the first instant of the later of two offsets."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: "ZoneInfo", at: int) -> int:
    try:
        offset = (_EPOCH + at * _TICK).astimezone(zone).utcoffset()
    except OverflowError:
        raise InvalidValue(f"an opening lies at the end of the calendar, where {zone.key} has no days: check its instant") from None
    return 0 if offset is None else offset // _TICK


def _reach(zone: "ZoneInfo", day: int) -> tuple[int, int, int]:
    """Give from where on local days count, and the earlier stretch that counts too."""
    midnight = day * DAY
    # A day before it no zone has come to that day yet, and a day after it every zone has.
    if midnight - DAY - DAY < micros(datetime.min.replace(tzinfo=UTC)):
        return -EVER, -EVER, -EVER
    return _whole_and_part([part for part in _parts(zone, midnight - DAY, midnight + DAY) if part.day >= day], zone)


def _whole_and_part(counting: list[_Part], zone: "ZoneInfo") -> tuple[int, int, int]:
    gaps = [(before.until, after.since) for before, after in pairwise(counting) if before.until < after.since]
    if not gaps:
        return (counting[0].since,) * 3
    if len(gaps) > 1:
        raise InvalidValue(f"attribution.window cannot be compiled: in {zone.key} a clock was turned back over one midnight more than once")
    [(ended, began)] = gaps
    return began, counting[0].since, ended
