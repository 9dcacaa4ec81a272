"""The geometry of the charts of a month: where bars, bands and ticks lie, exactly, as percents of the width of a drawing.

Floor 10, above `pages.flows` and `pages.lives`. May import: money, periods, pages.flows, pages.lives, attrs and the standard library.

Only the width is measured in percents, so that a drawing fits any screen while its words keep their size. Places are fractions,
cut to thousandths of a percent when they are written.
"""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import final

import attrs

from partnerkit.money import Money
from partnerkit.pages.flows import Flow, Step
from partnerkit.pages.lives import LifeShown, Span, Tick
from partnerkit.periods import Month, Period

_MARGIN = Fraction(1, 100)
_BEFORE = Fraction(3, 5)
_MOST_LABELS = 3
_DAYS_BETWEEN = 7
_MARK = 9
_LETTERS = 130


def percent(place: Fraction) -> str:
    """Write a part of the width.

    >>> percent(Fraction(1, 3)), percent(Fraction(1))
    ('33.333%', '100.000%')
    """
    whole, thousandths = divmod(int(place * 100_000), 1_000)
    return f"{whole}.{thousandths:03}%"


@final
@attrs.frozen(kw_only=True)
class Bar:
    """A bar of a waterfall; `enters` and `leaves` are the levels that connect it with the bars beside it, None at an end."""

    step: Step
    x: str
    width: str
    zero: str
    enters: str | None
    leaves: str | None


def bars(flow: Flow) -> tuple[Bar, ...]:
    """Lay the bars of a waterfall out: zero is within the width, and every level, below zero too.

    >>> from partnerkit.money import Currency
    >>> bars(Flow(currency=Currency("USD"), steps=()))
    ()
    """
    levels = [0, *(level.minor for step in flow.steps for level in (step.before, step.after))]
    lowest, highest = min(levels), max(levels)

    def at(minor: int) -> Fraction:
        return _MARGIN + (1 - 2 * _MARGIN) * Fraction(minor - lowest, max(highest - lowest, 1))

    def level(money: Money | None) -> str | None:
        return None if money is None else percent(at(money.minor))

    before = [None, *(step.after for step in flow.steps)]
    last = len(flow.steps) - 1
    return tuple(
        Bar(
            step=step,
            x=percent(min(at(step.before.minor), at(step.after.minor))),
            width=percent(abs(at(step.after.minor) - at(step.before.minor))),
            zero=percent(at(0)),
            enters=level(before[place]),
            leaves=level(step.after if place < last else None),
        )
        for place, step in enumerate(flow.steps)
    )


@final
@attrs.frozen(kw_only=True)
class TimeAxis:
    """The days of the relationships, from `starts` to the end of a month: the time before the month, and the month drawn wider.

    >>> axis = TimeAxis(starts=date(2025, 6, 1), period=Month.parse("2025-08").period)
    >>> [percent(axis.at(day)) for day in (date(2025, 1, 1), date(2025, 7, 1), date(2025, 8, 1), date(2025, 9, 1))]
    ['0.000%', '29.508%', '60.000%', '100.000%']
    """

    starts: date
    period: Period

    def at(self, day: date) -> Fraction:
        """Give the place of the beginning of a day; what lies before the axis is at its beginning."""
        month, before = self._share_before(), self.period.start
        if day >= before:
            return month + (1 - month) * Fraction((day - before).days, self.period.days)
        return max(month * Fraction((day - self.starts).days, (before - self.starts).days), Fraction(0)) if month else Fraction(0)

    def _share_before(self) -> Fraction:
        """Give how much of the width the time before the month takes: none where there is none."""
        return _BEFORE if self.starts < self.period.start else Fraction(0)

    @property
    def divide(self) -> str:
        """The place where the month begins."""
        return percent(self._share_before())

    @property
    def width_of_month(self) -> str:
        """How much of the width the month takes."""
        return percent(1 - self._share_before())

    @property
    def months(self) -> tuple[tuple[str, Month], ...]:
        """A few months of the time before, evenly apart, each with the place where it begins."""
        found = list(_months(self.starts, self.period.start))
        apart = -(-len(found) // _MOST_LABELS) or 1
        return tuple((percent(self.at(month.period.start)), month) for month in found[::apart])

    @property
    def days(self) -> tuple[tuple[str, date], ...]:
        """A few days of the month, a week apart, each with its place."""
        start = self.period.start
        days = (start.replace(day=day) for day in range(start.day, self.period.days, _DAYS_BETWEEN))
        return tuple((percent(self.at(day)), day) for day in days)


def _months(starts: date, ends: date) -> Iterator[Month]:
    month = Month.of(starts)
    while month.period.start < ends:
        yield month
        month = month.next()


@final
@attrs.frozen(kw_only=True)
class Band:
    """A span as it is drawn; its words have room in it on a wide screen at least, or are left to its title."""

    span: Span
    x: str
    width: str
    has_room: bool


@final
@attrs.frozen(kw_only=True)
class Mark:
    """A tick as it is drawn, moved aside by some pixels where others lie on its day."""

    tick: Tick
    x: str
    aside: int


def bands(life: LifeShown, axis: TimeAxis) -> tuple[Band, ...]:
    """Lay the spans of a relationship out; those that ended before the axis begins are left out."""
    drawn = ((span, axis.at(span.starts), axis.at(span.ends)) for span in life.spans if span.ends > axis.starts)
    return tuple(
        Band(span=span, x=percent(start), width=percent(end - start), has_room=(end - start) * _LETTERS > len(span.words))
        for span, start, end in drawn
    )


def marks(life: LifeShown, axis: TimeAxis) -> tuple[Mark, ...]:
    """Lay the ticks of a relationship out in the middle of their days: those of one day in order beside each other, toward the middle."""
    found = []
    for on, same in groupby(life.ticks, key=attrgetter("on")):
        ticks = tuple(same)
        place = percent((axis.at(on) + axis.at(on + date.resolution)) / 2)
        first = 0 if (on - axis.period.start).days * 2 < axis.period.days else 1 - len(ticks)
        found += [Mark(tick=tick, x=place, aside=_MARK * number) for number, tick in enumerate(ticks, start=first)]
    return tuple(found)
