"""Civil time: months, half-open periods, billing dates on an anchor, proration, and look-back windows.

Floor 1. May import: enums, errors, money (for `prorate`), attrs, dateutil and the standard library; the only importer of dateutil.

Dates are local dates, and a period is half-open: its end is the first day after it. A billing date is always computed from the anchor day
and clamped to its month, never from the date before it, so a 31st never drifts. Instants must be aware and are compared in UTC.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import count as counting
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Money, Rounding

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from dateutil.relativedelta import relativedelta

_MONTHS: Final = 12
# A day that every month has needs no clamping; most anchors are such days, and without dateutil they are found much faster.
_SHORTEST_MONTH: Final = 28
_LONGEST_MONTH: Final = 31


@final
@attrs.frozen(kw_only=True, order=True)
class Month:
    """A calendar month.

    >>> Month.parse("2025-08") < Month(year=2026, month=1)
    True
    """

    year: int
    month: int

    def __attrs_post_init__(self) -> None:
        if type(self.year) is not int or not 1 <= self.year <= date.max.year:
            raise InvalidValue(f"a year is a whole number from 1 to {date.max.year}, got {shown(self.year)}")
        if type(self.month) is not int or not 1 <= self.month <= _MONTHS:
            raise InvalidValue(f"a month is a whole number from 1 to 12, got {shown(self.month)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "YYYY-MM".

        >>> str(Month.parse("2025-08").next())
        '2025-09'
        """
        wanted = "a month such as '2025-08'"
        day = _date_of(f"{_text(text, wanted)}-01")
        if day is None:
            raise InvalidValue(f"wanted {wanted}, got {shown(text)}")
        return cls(year=day.year, month=day.month)

    @classmethod
    def of(cls, day: date) -> Self:
        """The month that holds a date; an instant has a month only in a zone, see `civil_day`.

        >>> str(Month.of(date(2025, 8, 31)))
        '2025-08'
        """
        known = _civil(day)
        return cls(year=known.year, month=known.month)

    @property
    def period(self) -> "Period":
        """The days of this month.

        >>> str(Month.parse("2025-08").period)
        '2025-08-01/2025-09-01'
        """
        return _days_of(_index(self))

    @property
    def ends_quarter(self) -> bool:
        """Whether a quarter of the calendar year ends with this month.

        >>> [str(month) for month in map(Month.parse, ("2025-08", "2025-09")) if month.ends_quarter]
        ['2025-09']
        """
        return self.month % 3 == 0

    def next(self) -> "Month":
        """The month after this one.

        >>> str(Month.parse("2025-12").next())
        '2026-01'
        """
        return _month_at(_index(self) + 1)

    def previous(self) -> "Month":
        """The month before this one.

        >>> str(Month.parse("2025-01").previous())
        '2024-12'
        """
        return _month_at(_index(self) - 1)

    def clamped(self, day: int) -> date:
        """The given day of this month, or its last day where the month is shorter.

        >>> str(Month.parse("2025-02").clamped(31))
        '2025-02-28'
        """
        return _boundary(_index(self), _anchor(day))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@final
@attrs.frozen
class Period:
    """The days from `start` up to but not including `end`; never empty.

    >>> august = Period(date(2025, 8, 1), date(2025, 9, 1))
    >>> august.days, date(2025, 8, 31) in august, date(2025, 9, 1) in august
    (31, True, False)
    """

    start: date
    end: date

    def __attrs_post_init__(self) -> None:
        if _civil(self.start) >= _civil(self.end):
            raise InvalidValue(f"a period must end after it starts, got {self.start} to {self.end}: its end is the first day after it")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes: first day, slash, first day after.

        >>> Period.parse("2025-08-01/2025-09-01") == Month.parse("2025-08").period
        True
        """
        wanted = "a period such as '2025-08-01/2025-09-01'"
        start, _, end = _text(text, wanted).partition("/")
        first, after = _date_of(start), _date_of(end)
        if first is None or after is None:
            raise InvalidValue(f"wanted {wanted}, got {shown(text)}")
        return cls(first, after)

    @property
    def last_day(self) -> date:
        """The last of the days, as people name the end of a period.

        >>> str(Month.parse("2025-02").period.last_day)
        '2025-02-28'
        """
        return self.end - date.resolution

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days

    def overlaps(self, other: "Period") -> bool:
        """Whether the two share a day.

        >>> Month.parse("2025-08").period.overlaps(Month.parse("2025-09").period)
        False
        """
        return self.start < other.end and other.start < self.end

    def __contains__(self, day: date) -> bool:
        return self.start <= _civil(day) < self.end

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"


def civil_day(instant: datetime, zone: str) -> date:
    """The local date of an aware instant in a zone of the IANA database.

    Raises `InvalidValue` for a naive instant or an unknown zone.

    >>> str(civil_day(datetime(2025, 8, 31, 23, 30, tzinfo=UTC), "Europe/Berlin"))
    '2025-09-01'
    """
    return _local_day(_utc(instant), zone_named(zone))


def billing_dates(start: date, anchor_day: int, *, months: int = 1) -> Iterator[date]:
    """The billing dates strictly after `start`, without end: the anchor day of the start month and of every `months`-th month after it.

    Each is computed from the anchor and clamped to its month. The iterator raises `InvalidValue` at the end of the calendar (year 9999).

    >>> dates = billing_dates(date(2025, 1, 31), 31)
    >>> [str(next(dates)) for _ in range(3)]
    ['2025-02-28', '2025-03-31', '2025-04-30']
    """
    first = _index(Month.of(start))
    steps = counting(first, _step(months))
    anchor = _anchor(anchor_day)
    return (day for day in (_boundary(index, anchor) for index in steps) if day > start)


def cycle_containing(day: date, anchor_day: int, *, months: int = 1, since: date | None = None) -> "Period":
    """The billing cycle that holds a day: from one clamped anchor to the next, both true boundaries.

    With `months` above one the day alone does not say in which months the boundaries lie: `since`, the start of the series
    or any of its dates, is then required. The cycle around a day before `since` is found too, for a leading part.

    >>> str(cycle_containing(date(2025, 3, 30), 31))
    '2025-02-28/2025-03-31'
    >>> str(cycle_containing(date(2025, 3, 30), 31, months=3, since=date(2025, 1, 31)))
    '2025-01-31/2025-04-30'
    """
    anchor, step = _anchor(anchor_day), _step(months)
    if since is None and step > 1:
        raise InvalidValue(f"cycles of {step} months need `since`: any date of the series, to know in which months its boundaries lie")
    here = _index(Month.of(day))
    origin = here if since is None else _index(Month.of(since))
    latest = here - (here - origin) % step
    opens = latest if _boundary(latest, anchor) <= day else latest - step
    return Period(_boundary(opens, anchor), _boundary(opens + step, anchor))


@final
class ProrationBasis(Named):
    """How the used part of a billing cycle is measured.

    `ACTUAL_TRUE_CYCLE`: days used over days of the cycle. The other three hold every month to be 30 days long, so the cycle must
    run over whole months. `ACTUAL_30`: days used over 30, where every month whose end is passed counts as 30 days.
    `ACTUAL_360`: days used, as they are, over 30. `STRICT_30_360`: as `ACTUAL_30`, and a 31st counts as a 30th where the use begins.

    >>> cycle, used = Month.parse("2025-08").period, Period(date(2025, 8, 1), date(2025, 8, 11))
    >>> [str(prorate(Money.of("31.00", "USD"), used, cycle, Rounding.HALF_AWAY, basis)) for basis in ProrationBasis]
    ['10.00 USD', '10.33 USD', '10.33 USD', '10.33 USD']
    """

    ACTUAL_TRUE_CYCLE = "actual_true_cycle"
    ACTUAL_30 = "actual_30"
    ACTUAL_360 = "actual_360"
    STRICT_30_360 = "strict_30_360"


def prorate(
    amount: Money, used: Period, cycle: Period, rounding: Rounding, basis: ProrationBasis = ProrationBasis.ACTUAL_TRUE_CYCLE
) -> Money:
    """The part of a cycle's price that falls on the days used, rounded once to the minor unit.

    The full cycle costs the full price on every basis, and no part costs more. Raises `InvalidValue` when days outside the cycle were used.

    >>> cycle = Month.parse("2025-08").period
    >>> str(prorate(Money.of("31.00", "USD"), Period(date(2025, 8, 1), date(2025, 8, 11)), cycle, Rounding.HALF_AWAY))
    '10.00 USD'
    """
    return amount.times(part_of_cycle(used, cycle, basis), rounding)


def part_of_cycle(used: Period, cycle: Period, basis: ProrationBasis = ProrationBasis.ACTUAL_TRUE_CYCLE) -> Fraction:
    """The part of a cycle that the days used are, exactly; days outside the cycle raise `InvalidValue`.

    >>> part_of_cycle(Period(date(2025, 8, 28), date(2025, 9, 8)), cycle_containing(date(2025, 8, 28), 8))
    Fraction(11, 31)
    """
    if used.start < cycle.start or used.end > cycle.end:
        raise InvalidValue(f"the period used, {used}, reaches beyond the cycle {cycle}: prorate each cycle on its own")
    if basis.__class__ is not ProrationBasis:
        raise InvalidValue(f"wanted a ProrationBasis such as ProrationBasis.ACTUAL_TRUE_CYCLE, got {shown(basis)}")
    if basis is ProrationBasis.ACTUAL_TRUE_CYCLE:
        return Fraction(used.days, cycle.days)
    days_of_cycle = 30 * _whole_months(cycle)
    if used == cycle:
        return Fraction(1)
    return min(Fraction(1), Fraction(_days_used(used, basis), days_of_cycle))


def _days_used(used: Period, basis: ProrationBasis) -> int:
    if basis is ProrationBasis.ACTUAL_360:
        return used.days
    first = min(used.start.day, 30) if basis is ProrationBasis.STRICT_30_360 else used.start.day
    return 30 * _months_between(used) + used.end.day - first


def _months_between(period: Period) -> int:
    return _index(Month.of(period.end)) - _index(Month.of(period.start))


def _whole_months(cycle: Period) -> int:
    months = _months_between(cycle)
    anchor = max(cycle.start.day, cycle.end.day)
    if Month.of(cycle.start).clamped(anchor) != cycle.start or Month.of(cycle.end).clamped(anchor) != cycle.end:
        raise InvalidValue(f"the cycle {cycle} does not run over whole months: prorate it by ProrationBasis.ACTUAL_TRUE_CYCLE")
    return months


@final
class WindowUnit(Named):
    """What a look-back window is counted in."""

    DAYS = "days"
    HOURS = "hours"
    CALENDAR_DAYS = "calendar days"
    UNLIMITED = "unlimited"


_ELAPSED: Final[Mapping[WindowUnit, timedelta]] = MappingProxyType(
    {WindowUnit.DAYS: timedelta(days=1), WindowUnit.HOURS: timedelta(hours=1)}
)
_NO_TIME: Final = timedelta(0)
_TICK: Final = timedelta(microseconds=1)
# More than the whole calendar in hours (about 88 million), and far below what a timedelta can hold in days.
_LONGEST_COUNT: Final = 100_000_000


@final
@attrs.frozen(kw_only=True)
class Window:
    """How far back an earlier instant may lie from a later one.

    Days are 86,400 seconds of elapsed time each and hours 3,600, whatever the clocks on the wall do; `inclusive` says whether
    the very end still counts. Calendar days are local dates in a zone: the later date may be up to `count` dates after the earlier.

    >>> opened = datetime(2026, 6, 15, 12, tzinfo=UTC)
    >>> Window.days(30).contains(datetime(2026, 5, 16, 12, tzinfo=UTC), opened)
    True
    >>> Window.days(30, inclusive=False).contains(datetime(2026, 5, 16, 12, tzinfo=UTC), opened)
    False
    """

    unit: WindowUnit
    count: int = 0
    zone: str = ""
    inclusive: bool = True
    _longest_age: timedelta | None = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.unit.__class__ is not WindowUnit:
            raise InvalidValue(f"wanted a WindowUnit, got {shown(self.unit)}: write Window.days(30)")
        if type(self.count) is not int or not 0 <= self.count <= _LONGEST_COUNT:
            raise InvalidValue(f"a window is a whole number of {self.unit} from 0 to {_LONGEST_COUNT}, got {shown(self.count)}")
        if type(self.inclusive) is not bool:
            raise InvalidValue(f"`inclusive` is True or False, got {shown(self.inclusive)}")
        if self.unit not in _ELAPSED and not self.inclusive:
            raise InvalidValue(f"a window of {self.unit} has no exclusive end: count one day fewer instead")
        if self.unit is WindowUnit.CALENDAR_DAYS:
            zone_named(self.zone)
        elif self.zone != "":
            raise InvalidValue(f"only calendar days need a zone, got {shown(self.zone)} with {self.unit}")
        if self.unit is WindowUnit.UNLIMITED and self.count:
            raise InvalidValue(f"an unlimited window has no count, got {self.count}")
        one = _ELAPSED.get(self.unit)
        # Instants are whole microseconds, so that "less than" is "at most one microsecond less".
        age = None if one is None else self.count * one - (_NO_TIME if self.inclusive else _TICK)
        object.__setattr__(self, "_longest_age", age)

    @classmethod
    def days(cls, count: int, *, inclusive: bool = True) -> Self:
        """Elapsed days of 86,400 seconds.

        >>> str(Window.days(30, inclusive=False))
        '30 days exclusive'
        """
        return cls(unit=WindowUnit.DAYS, count=count, inclusive=inclusive)

    @classmethod
    def hours(cls, count: int, *, inclusive: bool = True) -> Self:
        """Elapsed hours.

        >>> str(Window.hours(12))
        '12 hours'
        """
        return cls(unit=WindowUnit.HOURS, count=count, inclusive=inclusive)

    @classmethod
    def calendar_days(cls, count: int, *, zone: str) -> Self:
        """Local dates in a zone of the IANA database; 0 means the same date.

        >>> str(Window.calendar_days(30, zone="Europe/Berlin"))
        '30 calendar days in Europe/Berlin'
        """
        return cls(unit=WindowUnit.CALENDAR_DAYS, count=count, zone=zone)

    @classmethod
    def unlimited(cls) -> Self:
        """Any instant that is not later.

        >>> str(Window.unlimited())
        'unlimited'
        """
        return cls(unit=WindowUnit.UNLIMITED)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` writes.

        >>> Window.parse("12 hours") == Window.hours(12)
        True
        """
        wanted = "a window such as '30 days', '30 days exclusive', '12 hours', '30 calendar days in Europe/Berlin' or 'unlimited'"
        window = cls._read(_text(text, wanted).split(" "))
        if window is None or str(window) != text:
            raise InvalidValue(f"wanted {wanted}, got {shown(text)}")
        return window

    @classmethod
    def _read(cls, words: list[str]) -> Self | None:
        match words:
            case ["unlimited"]:
                return cls.unlimited()
            case [number, "day" | "days", *end] if end in ([], ["exclusive"]):
                return cls.days(_count_of(number), inclusive=not end)
            case [number, "hour" | "hours", *end] if end in ([], ["exclusive"]):
                return cls.hours(_count_of(number), inclusive=not end)
            case [number, "calendar", "day" | "days", "in", zone]:
                return cls.calendar_days(_count_of(number), zone=zone)
            case _:
                return None

    @property
    def longest(self) -> timedelta | None:
        """An upper bound of the elapsed time between two instants of the window; None where there is none.

        It is exact for elapsed windows and generous for calendar days: a zone's offset is always less than a day, so N dates later
        is less than N + 1 days by the local clock and less than N + 3 days in truth.

        >>> Window.calendar_days(30, zone="UTC").longest
        datetime.timedelta(days=33)
        """
        if self.unit is WindowUnit.UNLIMITED:
            return None
        if self.unit is WindowUnit.CALENDAR_DAYS:
            return timedelta(days=self.count + 3)
        return self.count * _ELAPSED[self.unit]

    def contains(self, earlier: datetime, later: datetime) -> bool:
        """Whether `earlier` is not after `later` and lies within the window before it.

        Both must be aware and are compared in UTC. Raises `InvalidValue` for a naive instant.

        >>> noon = datetime(2026, 6, 15, 12, tzinfo=UTC)
        >>> Window.unlimited().contains(noon, noon), Window.unlimited().contains(noon + timedelta(seconds=1), noon)
        (True, False)
        """
        opened, seen = _utc(later), _utc(earlier)
        age = opened - seen
        if self._longest_age is not None:
            return _NO_TIME <= age <= self._longest_age
        if age < _NO_TIME:
            return False
        if self.unit is WindowUnit.UNLIMITED:
            return True
        zone = zone_named(self.zone)
        return (_local_day(opened, zone) - _local_day(seen, zone)).days <= self.count

    def __str__(self) -> str:
        if self.unit is WindowUnit.UNLIMITED:
            return "unlimited"
        unit = self.unit.removesuffix("s") if self.count == 1 else self.unit.value
        place = f" in {self.zone}" if self.zone else ""
        return f"{self.count} {unit}{place}{'' if self.inclusive else ' exclusive'}"


def _count_of(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LONGEST_COUNT)):
        return int(text)
    raise InvalidValue(f"wanted a whole number, got {shown(text)}")


def _utc(instant: datetime) -> datetime:
    if instant.__class__ is datetime and instant.tzinfo is UTC:
        return instant
    if not _is_aware(instant):
        raise InvalidValue(f"wanted an instant with its offset from UTC, got {shown(instant)}: a naive time names none, add a tzinfo")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(f"{shown(instant)} lies outside the calendar in UTC") from None


def zone_named(name: str) -> "ZoneInfo":
    """Give the time zone of a name of the IANA database; any other name raises `InvalidValue`.

    >>> zone_named("Europe/Berlin").key
    'Europe/Berlin'
    """
    try:
        return _zones()(name)
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        raise InvalidValue(f"{shown(name)} is no time zone: wanted a name of the IANA database such as 'America/New_York'") from None


def _local_day(instant: datetime, zone: "ZoneInfo") -> date:
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        raise InvalidValue(f"{shown(instant)} lies outside the calendar in {zone.key}") from None


def _is_aware(instant: object) -> bool:
    return isinstance(instant, datetime) and instant.utcoffset() is not None


def _civil(day: object) -> date:
    if isinstance(day, datetime):
        raise InvalidValue(f"wanted a date, got the instant {shown(day)}: take its local date with civil_day(instant, zone)")
    if isinstance(day, date):
        return day
    raise InvalidValue(f"wanted a date, got {shown(day)}")


def _text(value: object, wanted: str) -> str:
    if isinstance(value, str):
        return value
    raise InvalidValue(f"wanted {wanted} as text, got {shown(value)}")


def _date_of(text: str) -> date | None:
    """Read exactly "YYYY-MM-DD"; fromisoformat alone would take week dates and dates without dashes too."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _anchor(day: int) -> int:
    if type(day) is not int or not 1 <= day <= _LONGEST_MONTH:
        raise InvalidValue(f"a day of the month is a whole number from 1 to 31, got {shown(day)}")
    return day


def _step(months: int) -> int:
    if type(months) is not int or months < 1:
        raise InvalidValue(f"a cycle has a whole number of months, at least 1, got {shown(months)}")
    return months


def _index(month: Month) -> int:
    return month.year * _MONTHS + month.month - 1


def _month_at(index: int) -> Month:
    year, month = divmod(index, _MONTHS)
    return Month(year=year, month=month + 1)


# Every bill of every partner asks for the days of its month, and there are few months.
@cache
def _days_of(index: int) -> Period:
    return Period(_boundary(index, 1), _boundary(index + 1, 1))


def _boundary(index: int, anchor_day: int) -> date:
    year, month = divmod(index, _MONTHS)
    if not 1 <= year <= date.max.year:
        raise InvalidValue(f"the date lies outside the calendar: year {year} is not within 1 to {date.max.year}")
    if anchor_day <= _SHORTEST_MONTH:
        return date(year, month + 1, anchor_day)
    return date(year, month + 1, 1) + _clamped_to(anchor_day)


# Whoever only asks the rules needs neither, and both together take a tenth of the time to the first ruling to load.
@cache
def _clamped_to(anchor_day: int) -> "relativedelta":
    from dateutil.relativedelta import relativedelta  # noqa: PLC0415

    return relativedelta(day=anchor_day)


@cache
def _zones() -> "type[ZoneInfo]":
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return ZoneInfo
