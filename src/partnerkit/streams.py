"""Who wins, over streams of plain rows: the rule of attribution for more visits than anybody makes objects of.

Floor 5, below attribution. May import: errors, vocabulary, partners, periods, terms, visits, credits, rows, journeys, judgment and
the standard library.

Nearly every opening is decided by the last visit of its visitor, so that is what is held at hand, and the rest of the window in the
order it came in. Wherever one look at a visit does not tell, the rule itself is asked, with the events made into its values.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain
from typing import Final, TypeVar, final

from partnerkit.credits import CreditReason
from partnerkit.errors import InvalidValue, shown
from partnerkit.journeys import step_back
from partnerkit.judgment import NO_COUPONS, CreditRule, Glance, Unclear, check_whole, reason_of
from partnerkit.partners import Partner, Partners
from partnerkit.periods import Window, WindowUnit
from partnerkit.rows import OpeningRow, VisitRow
from partnerkit.terms import CreditModel, CreditSource, Terms
from partnerkit.visits import AccountOpening, Deal, IdentityLink, Visit, reused, seconds
from partnerkit.vocabulary import without_ascii_case

WinnerRow = tuple[str, str, str | None, str | None, CreditReason]
"""The opening's id, its account, the id of the partner, the id of the visit that won, and the reason."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _TICK
_WHOLE_CALENDAR = datetime.max.replace(tzinfo=UTC) - datetime.min.replace(tzinfo=UTC)
# No instant of the calendar is so far from 1970.
_NEVER: Final = 1 << 100
_NO_VISIT: VisitRow = ("", "", -_NEVER, None, "", False, False, False, True, None, False)
_LAST_OF_ALL: VisitRow = ("", "", _NEVER, None, "", False, False, False, True, None, False)
_NO_OPENING: OpeningRow = ("", "", "", -_NEVER, 0, "", "", False)
_LINK, _LAST, _BOUND, _NO_TOUCH = CreditSource.LINK, CreditModel.LAST, CreditReason.BOUND, CreditReason.NO_TOUCH
_UNCLEAR: Final = Unclear.UNCLEAR


def winners(  # noqa: PLR0913  (what the vendor knows besides visits, one keyword each)
    openings: Iterable[OpeningRow],
    visits: Iterable[VisitRow],
    *,
    partners: Partners,
    terms: Terms,
    deals: Iterable[Deal] = (),
    coupons: Mapping[str, str] = NO_COUPONS,
    identities: Iterable[IdentityLink] = (),
    erased: Iterable[str] = (),
) -> Iterator[WinnerRow]:
    """Say who is credited with every opening of a stream of rows: what `attribute_all` says without evidence, at a fraction of its cost.

    The rows are those of `partnerkit.rows`, checked where they were read; `visit_row` and `opening_row` make them of values. Both
    streams must be sorted by time, and are read, held and let go as there; the first step back raises `InvalidValue`, as do two reports
    under one id that meet. Visits by names that nobody ever goes by are not held, and no term is missed for their sake. What a person
    should know of a credit first, its flags, `attribute` says.

    >>> from datetime import date
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import AttributionTerms, EligibleAt
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", attribution=AttributionTerms(
    ...     model=CreditModel.LAST, window=Window.days(30), eligible_at=EligibleAt.BOTH, skew_seconds=0, precedence=(CreditSource.LINK,),
    ...     require_consent=False))
    >>> noon = datetime(2025, 8, 8, 12, tzinfo=UTC)
    >>> visit = visit_row(Visit(id="k1", visitor="v1", at=noon - timedelta(days=1), name="BrightSide"))
    >>> opening = opening_row(AccountOpening(id="s1", account="A1", visitor="v1", at=noon))
    >>> list(winners([opening], [visit], partners=Partners((Partner.of("p-1", "brightside"),)), terms=terms))
    [('s1', 'A1', 'p-1', 'k1', CreditReason.LAST)]
    """
    rule = CreditRule.of(partners=partners, terms=terms, deals=deals, coupons=coupons, identities=identities, erased=erased)
    check_whole(rule.terms.model)
    return _answers(rule, openings, visits)


def visit_row(visit: Visit) -> VisitRow:
    """Give a visit as a row.

    >>> visit_row(Visit(id="k1", visitor="v1", at=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), name="brightside"))
    ('k1', 'v1', 1000000, 'brightside', '', False, False, False, True, None, False)
    """
    at = (visit.at - _EPOCH) // _TICK
    facts = (visit.ambiguous, visit.bot, visit.prefetch, visit.top_level, visit.consent, visit.gpc)
    return (visit.id, visit.visitor, at, visit.name, visit.source, *facts)


def opening_row(opening: AccountOpening) -> OpeningRow:
    """Give an opening as a row.

    >>> opening_row(AccountOpening(id="s1", account="A1", visitor="v1", at=datetime.fromisoformat("1970-01-01T01:00:01+01:00")))
    ('s1', 'A1', 'v1', 1000000, 3600000000, '', '', False)
    """
    at, ahead = (opening.at - _EPOCH) // _TICK, (opening.at.utcoffset() or timedelta()) // _TICK
    return (opening.id, opening.account, opening.visitor, at, ahead, opening.email, opening.coupon, opening.existing_account)


def _answers(rule: CreditRule, openings: Iterable[OpeningRow], visits: Iterable[VisitRow]) -> Iterator[WinnerRow]:
    skew = seconds(rule.terms.skew_seconds) // _TICK
    held = _HeldRows(rule.terms.window, skew)
    given = _GivenRows(_Search(rule, held).winner)
    names, keys = _names_of(rule.partners)
    coming = _checked("opening", iter(openings), len(_NO_OPENING))
    opening = next(coming, _NO_OPENING)
    before, latest, limit = _NO_VISIT, -_NEVER, -_NEVER
    last, log, end = held.turn_to(-_NEVER)
    for visit in chain(_checked("visit", iter(visits), len(_NO_VISIT)), (_LAST_OF_ALL,)):
        at = visit[2]
        if at > limit:
            while opening is not _NO_OPENING and opening[3] + skew < at:
                yield given.to(opening)
                opening = next(coming, _NO_OPENING)
            if opening is _NO_OPENING:
                return
            if at > end:
                last, log, end = held.turn_to(at)
            limit = min(opening[3] + skew, end)
        elif at <= latest and held.is_repeated(visit, before):
            continue
        before, latest, name = visit, at, visit[3]
        if name in names or (name and without_ascii_case(name) in keys):
            last[visit[1]] = visit
            log(visit)


_Row = TypeVar("_Row", VisitRow, OpeningRow)


def _checked(what: str, rows: Iterator[_Row], width: int) -> Iterator[_Row]:
    """Refuse a stream whose first row is none; the rows after it have been checked where they were read."""
    for row in rows:
        if row.__class__ is not tuple or len(row) != width:
            raise InvalidValue(f"the {what}s hold {shown(row)}: wanted the tuple of {width} fields that {what}_row gives")
        return chain((row,), rows)
    return rows


def _names_of(partners: Partners) -> tuple[frozenset[str | None], frozenset[str]]:
    """Give the names anybody ever goes by, as they are written, and without their case."""
    names = [alias.name for partner in partners for alias in partner.names]
    return frozenset(name.text for name in names), frozenset(name.key for name in names)


def _instant(at: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=at)
    except OverflowError:
        raise InvalidValue(f"at is {at} microseconds after 1970, which lies outside the calendar") from None


def _visit(row: VisitRow) -> Visit:
    event_id, visitor, at, name, source, ambiguous, bot, prefetch, top_level, consent, gpc = row
    return Visit(
        id=event_id,
        visitor=visitor,
        at=_instant(at),
        name=name,
        source=source,
        ambiguous=ambiguous,
        bot=bot,
        prefetch=prefetch,
        top_level=top_level,
        consent=consent,
        gpc=gpc,
    )


def _opening(row: OpeningRow) -> AccountOpening:
    event_id, account, visitor, at, ahead, email, coupon, existed = row
    opened = _instant(at)
    try:
        opened = opened.astimezone(timezone(timedelta(microseconds=ahead)))
    except (OverflowError, ValueError):
        raise InvalidValue(
            f"the opening {shown(event_id)} at {opened} is said to be written {ahead} microseconds ahead of UTC: "
            "wanted less than a day, and a civil day within the calendar"
        ) from None
    return AccountOpening(id=event_id, account=account, visitor=visitor, at=opened, email=email, coupon=coupon, existing_account=existed)


@final
class _RowSpan:
    """The visits of a stretch of time: each visitor's last, all as they came in, and those that shared an instant by their ids."""

    __slots__ = ("_by_visitor", "_indexed", "last", "log", "tied")

    def __init__(self) -> None:
        self.last: dict[str, VisitRow] = {}
        self.log: list[VisitRow] = []
        self.tied: dict[str, VisitRow] = {}
        self._by_visitor: defaultdict[str, list[int]] = defaultdict(list)
        self._indexed = 0

    def of(self, visitors: Collection[str]) -> list[VisitRow]:
        """Give the visits of some visitors as they came in; the index is made when it is first needed, and then carried on."""
        log, by_visitor = self.log, self._by_visitor
        found = [visitor for visitor in visitors if visitor in self.last]
        if not found:
            return []
        for place in range(self._indexed, len(log)):
            by_visitor[log[place][1]].append(place)
        self._indexed = len(log)
        return [log[place] for place in sorted(chain.from_iterable(by_visitor[visitor] for visitor in found))]


@final
class _HeldRows:
    """The visits of a sorted stream of rows that may still count, held by spans of time as `HeldVisits` holds its own."""

    __slots__ = ("_reach", "_window", "is_exact", "longest", "spans")

    def __init__(self, window: Window, skew: int) -> None:
        self._window = window
        self.longest = _longest_of(window)
        # Of calendar days it is only a bound, and an empty window does not hold even a visit dated by a clock that runs ahead.
        self.is_exact = window.unit is not WindowUnit.CALENDAR_DAYS and self.longest >= 0
        self._reach = max(self.longest, 0) + skew
        self.spans = (_RowSpan(), _RowSpan(), _RowSpan())

    def turn_to(self, at: int) -> tuple[dict[str, VisitRow], Callable[[VisitRow], None], int]:
        """Begin a span at an instant; give what its visits are put into, and its end."""
        present = _RowSpan()
        self.spans = (present, *self.spans[:2])
        return present.last, present.log.append, at + self._reach // 2

    def is_repeated(self, visit: VisitRow, before: VisitRow) -> bool:
        """Tell whether a visit that is no later than the one before it is a report that came before; raise if it is earlier."""
        if visit[2] < before[2]:
            raise step_back("visit", (visit[0], _instant(visit[2])), (before[0], _instant(before[2])))
        tied = self.spans[0].tied
        tied.setdefault(before[0], before)
        if visit[0] not in tied:
            tied[visit[0]] = visit
            return False
        if tied[visit[0]] != visit:
            raise reused("visits", visit[0])
        return True

    def of(self, visitors: Collection[str], opened: int) -> list[VisitRow]:
        """Give the visits of some visitors that may lie in the window before an opening, as they came in."""
        rows = chain.from_iterable(span.of(visitors) for span in reversed(self.spans))
        return [row for row in rows if opened - row[2] <= self.longest]

    def is_within(self, at: int, opened: int) -> bool:
        """Tell whether an instant lies in the window before an opening; where the longest age does not say, the window does."""
        if self.is_exact:
            return opened - at <= self.longest
        return self._window.contains(_instant(min(at, opened)), _instant(opened))


def _longest_of(window: Window) -> int:
    """Give the age up to which a visit may lie in the window: exact where the window is one of elapsed time."""
    longest = window.longest
    if longest is None or longest > _WHOLE_CALENDAR:
        return _NEVER
    beginning = datetime.min.replace(tzinfo=UTC)
    is_whole = window.unit is WindowUnit.CALENDAR_DAYS or window.contains(beginning, beginning + longest)
    return longest // _TICK - (not is_whole)


@final
class _GivenRows:
    """The answers a stream has given: an account stays bound, and a report that comes again gets the same answer."""

    __slots__ = ("_at", "_before", "_bound", "_now", "_reported", "_search")

    def __init__(self, search: Callable[[OpeningRow], WinnerRow]) -> None:
        self._search = search
        self._at = -_NEVER
        self._before: tuple[OpeningRow, WinnerRow] = (_NO_OPENING, ("", "", None, None, _BOUND))
        self._now: dict[str, tuple[OpeningRow, WinnerRow]] = {}
        # The garbage collector passes over a dictionary of nothing but texts, however many it holds.
        self._reported: dict[str, None] = {}
        self._bound: dict[str, str | None] = {}

    def to(self, opening: OpeningRow) -> WinnerRow:
        """Give the answer to an opening; a step back and another opening under its id raise."""
        opening_id, account, at = opening[0], opening[1], opening[3]
        if at > self._at:
            self._at = at
            self._now.clear()
        else:
            self._stay(opening)
        if opening_id in self._reported:
            return self._again(opening)
        if account in self._bound:
            answer: WinnerRow = (opening_id, account, self._bound[account], None, _BOUND)
        else:
            answer = self._search(opening)
            self._bound[account] = answer[2]
        self._reported[opening_id] = None
        self._before = (opening, answer)
        return answer

    def _stay(self, opening: OpeningRow) -> None:
        """Keep the answer before at hand for the instant it shares with this opening; raise at a step back."""
        before, _ = self._before
        if opening[3] < self._at:
            raise step_back("opening", (opening[0], _instant(opening[3])), (before[0], _instant(before[3])))
        self._now[before[0]] = self._before

    def _again(self, opening: OpeningRow) -> WinnerRow:
        reported, answer = self._now.get(opening[0], self._before)
        if reported != opening:
            raise reused("openings", opening[0])
        return answer


@final
class _Search:
    """The search for the winner of an opening: by its visitor's last visit where that tells, by a look at each, or by the rule itself."""

    __slots__ = ("_day", "_deals_or_more", "_erased", "_held", "_is_by_link", "_is_last", "_look", "_reason", "_rule", "_turn_to")

    def __init__(self, rule: CreditRule, held: _HeldRows) -> None:
        glance = Glance(rule, _instant)
        self._rule, self._held = rule, held
        self._look, self._turn_to = glance.look, glance.come_to
        self._is_last, self._reason = rule.terms.model is _LAST, reason_of(_LINK, rule.terms)
        self._is_by_link = _LINK in rule.terms.given().get("precedence", ())
        self._deals_or_more = rule.deals.keys() | rule.identities.keys()
        self._erased = rule.erased
        self._day = -_NEVER

    def winner(self, opening: OpeningRow) -> WinnerRow:
        """Answer the first opening of an account."""
        opening_id, account, visitor, opened, ahead, email, coupon, existed = opening
        if existed or coupon or account in self._deals_or_more or visitor in self._erased or not self._is_by_link:
            return self._by_rule(opening)
        held = self._held
        present, older, oldest = held.spans
        last = present.last.get(visitor) or older.last.get(visitor) or oldest.last.get(visitor)
        if last is None or opened - last[2] > held.longest:
            return (opening_id, account, None, None, _NO_TOUCH)
        day = (opened + ahead) // _DAY
        if day != self._day:
            self._day = day
            self._turn_to(_instant(day * _DAY).date())
        if self._is_last and held.is_exact:
            found = self._look(last[3], last[4], last[5:], last[2], opened, email)
            if found.__class__ is Partner:
                return (opening_id, account, found.id, last[0], self._reason)
        return self._by_looks(opening, held.of((visitor,), opened))

    def _by_looks(self, opening: OpeningRow, journey: Sequence[VisitRow]) -> WinnerRow:
        """Look at the visits of a journey in turn, from the end at which the model of the terms looks first."""
        opening_id, account, _, opened, _, email, _, _ = opening
        for visit in reversed(journey) if self._is_last else journey:
            if not self._held.is_within(visit[2], opened):
                continue
            found = self._look(visit[3], visit[4], visit[5:], visit[2], opened, email)
            if found is _UNCLEAR:
                return self._by_rule(opening)
            if found is not None:
                return (opening_id, account, found.id, visit[0], self._reason)
        return (opening_id, account, None, None, _NO_TOUCH)

    def _by_rule(self, row: OpeningRow) -> WinnerRow:
        """Ask the rule itself, about the values that the rows stand for."""
        opening, rule = _opening(row), self._rule
        journey = () if opening.existing_account else self._held.of(rule.visitors(opening), row[3])
        credit = rule.credit(opening, [_visit(one) for one in journey], evidence=False)
        return (row[0], row[1], credit.partner, credit.visit and credit.visit.id, credit.reason)
