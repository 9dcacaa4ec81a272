"""The visits of a stream that may still count, held no longer than an opening can reach back to them.

Floor 5, below attribution. May import: errors, visits and the standard library.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import final

from partnerkit.errors import InvalidValue, shown
from partnerkit.visits import BEGINNING, Visit, check_visit, earlier, later, reused

_INSTANT = attrgetter("at")


def step_back(what: str, event: tuple[str, datetime], before: tuple[str, datetime]) -> InvalidValue:
    """Tell that a stream is not sorted by time: the event that comes too late and the one before it, each by its id and its instant."""
    (event_id, at), (before_id, earlier_at) = event, before
    return InvalidValue(f"the {what} {shown(event_id)} at {at} comes after {shown(before_id)} at {earlier_at}: sort the {what}s by time")


@final
class _Span:
    """The visits of a stretch of time: by visitor, the ids they came under, and how visits at one instant rank."""

    __slots__ = ("by_visitor", "ids", "tied")

    def __init__(self) -> None:
        self.by_visitor: defaultdict[str, list[Visit]] = defaultdict(list)
        self.ids: set[str] = set()
        self.tied: dict[str, tuple[int, Visit]] = {}

    def is_repeated(self, visit: Visit, before: Visit) -> bool:
        """Tell whether a visit at the instant of the one before it is the same report as an earlier one; rank it if it is not."""
        tied = self.tied
        tied.setdefault(before.id, (len(tied), before))
        if visit.id not in tied:
            tied[visit.id] = (len(tied), visit)
            return False
        if tied[visit.id][1] != visit:
            raise reused("visits", visit.id)
        return True

    def of(self, visitors: Collection[str]) -> list[Visit]:
        """Give the visits of several visitors in order of time and then as they came in; a report that comes again goes with its first."""
        lists = (self.by_visitor.get(visitor, ()) for visitor in visitors)
        return sorted(chain.from_iterable(lists), key=lambda visit: (visit.at, self.tied.get(visit.id, (0, visit))[0]))


@final
class HeldVisits:
    """The visits of a sorted stream that may still count: those of the window and the skew, and at most half of that more.

    They are held by spans of time, so that they are let go by the span and not one by one: when a visit lies beyond the present
    span, no opening that is still to come can reach back to the oldest of the two before it. Where no evidence is asked for, visits
    that name nobody and reports that come again are not held at all, and ids are compared only among visits that share an instant.
    """

    __slots__ = ("_ahead", "_coming", "_end", "_evidence", "_longest", "_reach", "_spans")

    def __init__(self, visits: Iterable[Visit], longest: timedelta | None, skew: timedelta, *, evidence: bool) -> None:
        self._evidence = evidence
        self._coming = iter(visits)
        self._ahead = next(self._coming, None)
        if self._ahead is not None:
            check_visit(self._ahead)
        self._longest = timedelta.max if longest is None else longest
        self._reach = timedelta.max if self._longest > timedelta.max - skew else self._longest + skew
        self._spans = (_Span(), _Span(), _Span())
        self._end = BEGINNING

    def read_until(self, last: datetime) -> None:
        """Hold the visits up to an instant; raise at the first step back."""
        if self._ahead is None or self._ahead.at > last:
            return
        evidence = self._evidence
        span, older, oldest = self._spans
        held = span.by_visitor
        before: Visit | None = None
        latest, limit = BEGINNING, min(last, self._end)
        for visit in chain((self._ahead,), self._coming):
            at = visit.at
            if at > limit:
                if at > last:
                    self._ahead = visit
                    return
                span, older, oldest = self._turn_to(at)
                held = span.by_visitor
                limit = min(last, self._end)
            elif at <= latest and before is not None and self._is_repeated(visit, before):
                continue
            before, latest = visit, at
            if evidence:
                if visit.id in span.ids or visit.id in older.ids or visit.id in oldest.ids:
                    raise reused("visits", visit.id)
                span.ids.add(visit.id)
            elif not visit.name:
                continue
            held[visit.visitor].append(visit)
        self._ahead = None

    def of(self, visitors: Collection[str], opened: datetime) -> Sequence[Visit]:
        """Give the visits of some visitors within the window before an opening, in order of time and then as they came in."""
        present, older, oldest = self._spans
        if len(visitors) == 1:
            [visitor] = visitors
            # Most visitors come within one span of time, and what is held of them need not be copied to be read.
            lists = [span.by_visitor[visitor] for span in (oldest, older, present) if visitor in span.by_visitor]
            found = lists[0] if len(lists) == 1 else [*chain.from_iterable(lists)]
        else:
            found = [*oldest.of(visitors), *older.of(visitors), *present.of(visitors)]
        if not found or opened - found[0].at <= self._longest:
            return found
        return found[bisect_left(found, earlier(opened, self._longest), key=_INSTANT) :]

    def latest_of(self, visitor: str, opened: datetime) -> Iterator[Visit]:
        """Give the visits of one visitor within the window before an opening, the last that came in first."""
        longest = self._longest
        for span in self._spans:
            for visit in reversed(span.by_visitor.get(visitor, ())):
                if opened - visit.at > longest:
                    return
                yield visit

    def _is_repeated(self, visit: Visit, before: Visit) -> bool:
        """Tell whether a visit that is no later than the one before it is a report that came before; raise if it is earlier."""
        if visit.at < before.at:
            raise step_back("visit", (visit.id, visit.at), (before.id, before.at))
        span = self._spans[0]
        repeated = span.is_repeated(visit, before)
        if repeated and self._evidence:
            span.by_visitor[visit.visitor].append(visit)
        return repeated

    def _turn_to(self, at: datetime) -> tuple[_Span, _Span, _Span]:
        self._spans = (_Span(), *self._spans[:2])
        self._end = later(at, self._reach // 2)
        return self._spans
