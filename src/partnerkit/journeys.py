"""The visits of a stream that may still count, held no longer than an opening can reach back to them.

Floor 5, below attribution. May import: errors, visits and the standard library.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain, takewhile
from typing import final

from partnerkit.errors import InvalidValue, shown
from partnerkit.visits import AccountOpening, Visit, later, reused

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def step_back(what: str, event: Visit | AccountOpening, before: Visit | AccountOpening) -> InvalidValue:
    """Tell that a stream is not sorted by time."""
    return InvalidValue(
        f"the {what} {shown(event.id)} at {event.at} comes after {shown(before.id)} at {before.at}: sort the {what}s by time"
    )


@final
class _Span:
    """The visits of a stretch of time, by visitor, and the place at which each id came in."""

    __slots__ = ("by_visitor", "end", "places")

    def __init__(self, end: datetime) -> None:
        self.by_visitor: dict[str, list[Visit]] = {}
        self.places: dict[str, int] = {}
        self.end = end


@final
class HeldVisits:
    """The visits of a sorted stream that may still count, in two spans of time, so that they are let go by the span and not one by one.

    A span is as long as the window and the skew together. When a visit lies beyond the present span, no opening that
    is still to come can reach back to the span before it. With `only_named`, visits that name nobody are not held at all.
    """

    __slots__ = ("_ahead", "_coming", "_earlier", "_longest", "_only_named", "_present", "_reach")

    def __init__(self, visits: Iterable[Visit], longest: timedelta | None, skew: timedelta, *, only_named: bool) -> None:
        self._only_named = only_named
        self._coming = iter(visits)
        self._ahead = next(self._coming, None)
        self._longest = timedelta.max if longest is None else longest
        self._reach = timedelta.max if self._longest > timedelta.max - skew else self._longest + skew
        self._earlier = self._present = _Span(_BEGINNING)

    def read_until(self, last: datetime) -> None:
        """Hold the visits up to an instant; raise at the first step back."""
        before = self._ahead
        if before is None or before.at > last:
            return
        span = self._present
        for visit in chain((before,), self._coming):
            if visit.at < before.at:
                raise step_back("visit", visit, before)
            if visit.at > last:
                self._ahead = visit
                return
            if visit.at > span.end:
                span = self._turn_to(visit.at)
            before = visit
            if self._only_named and not visit.name:
                continue
            place = len(span.places)
            if visit.id in self._earlier.places or span.places.setdefault(visit.id, place) != place:
                self._check_repeated(visit)
            mine = span.by_visitor.get(visit.visitor)
            if mine is None:
                span.by_visitor[visit.visitor] = [visit]
            else:
                mine.append(visit)
        self._ahead = None

    def of(self, visitors: frozenset[str], opened: datetime) -> list[Visit]:
        """Give the visits of some visitors within the window before an opening, in the order they came in."""
        spans = (self._present,) if self._earlier is self._present else (self._earlier, self._present)
        lists = [mine for span in spans for visitor in visitors if (mine := span.by_visitor.get(visitor)) is not None]
        found = [visit for mine in lists for visit in mine if opened - visit.at <= self._longest]
        if len(visitors) > 1:
            found.sort(key=self._place)
        return found

    def _place(self, visit: Visit) -> tuple[datetime, int]:
        """Give the order visits came in; visits of one instant are always in one span."""
        span = self._present if visit.id in self._present.places else self._earlier
        return visit.at, span.places[visit.id]

    def _turn_to(self, at: datetime) -> _Span:
        self._earlier = self._present
        self._present = _Span(later(at, self._reach))
        return self._present

    def _check_repeated(self, visit: Visit) -> None:
        """Refuse a visit under a known id unless the same is there; in a sorted stream that can only be at the same instant."""
        mine = self._present.by_visitor.get(visit.visitor, ())
        if not any(one == visit for one in takewhile(lambda one: one.at == visit.at, reversed(mine))):
            raise reused("visits", visit.id)
