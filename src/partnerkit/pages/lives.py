"""The relationships of a month over time: who owned the client, who paid, how the account stood, and what the month brought.

Floor 10, above `pages.whys`. May import: every lower floor, books, captions, pages.whys, attrs and the standard library.

Each timeline of a relationship says on which days it changes, so that nobody walks from day to day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, final

import attrs

from partnerkit.books import EVENTS_FILE
from partnerkit.captions import last_day
from partnerkit.enums import Named
from partnerkit.formats import visible
from partnerkit.pages.whys import Figure, Whys
from partnerkit.partners import AccountStatus
from partnerkit.periods import Month
from partnerkit.relationships import ClientRelationship

MOST_MONTHS = 24
"""How much of a long history is drawn, in months up to the end of the one that was closed."""


@final
class Band(Named):
    """What a band tells of: who owns the client relationship, who pays, and the status of the account.

    >>> Band("owner")
    Band.OWNER
    """

    OWNER = "owner"
    PAYER = "payer"
    STATUS = "status"


@final
class SpanKind(Named):
    """What was so over a span: the owner, the payer or the status of its band.

    >>> SpanKind("vendor")
    SpanKind.VENDOR
    """

    VENDOR = "vendor"
    PARTNER = "partner"
    OUTSIDE = "outside"
    CLIENT = "client"
    BILL = "bill"
    OPEN = "open"
    OTHER = "other"
    CANCELED = "canceled"


@final
class TickKind(Named):
    """What a tick is, in the order in which those of one day are posted.

    >>> TickKind("charge")
    TickKind.CHARGE
    """

    CHARGE = "charge"
    RECEIPT = "receipt"
    REFUND = "refund"


@final
@attrs.frozen(kw_only=True)
class Span:
    """Something that was so from one day up to another, which no longer belongs to it; `kind` is how it is drawn."""

    band: Band
    kind: SpanKind
    words: str
    starts: date
    ends: date


@final
@attrs.frozen(kw_only=True)
class Tick:
    """A charge, receipt or refund of the month on its day, with the reason it leads to."""

    kind: TickKind
    on: date
    figure: Figure


@final
@attrs.frozen(kw_only=True)
class EventShown:
    """An event of a relationship on its day, the partner it names, and its place in the files, each empty where there is none."""

    on: date
    words: str
    partner: str
    place: str


@final
@attrs.frozen(kw_only=True)
class LifeShown:
    """One relationship up to the end of the month: its spans, band by band, its events, and the ticks of the month by their days.

    `pending` tells of a request for management that is neither granted nor withdrawn by then, and is empty where there is none.
    """

    anchor: str
    account: str
    client: str
    spans: tuple[Span, ...]
    events: tuple[EventShown, ...]
    pending: str
    ticks: tuple[Tick, ...]


@final
@attrs.frozen(kw_only=True)
class Lives:
    """The relationships of a month by their accounts: those with something in it, and the others; all drawn from one day on."""

    starts: date
    busy: tuple[LifeShown, ...]
    quiet: tuple[LifeShown, ...]


def lives_of(whys: Whys) -> Lives:
    """Give the relationships of every account with something in the month, or not canceled at its end."""
    period = whys.close.month.period
    last = period.end - date.resolution
    ticks = _ticks(whys)
    begun = [(account, one) for account, one in sorted(whys.books.relationships.items()) if one.started_on <= last]
    happened = {account for account, one in begun if account in ticks or any(event.on in period for event in one.events)}
    shown = [(account, one) for account, one in begun if account in happened or one.status.on(last) is not AccountStatus.CANCELED]
    lives = [
        (account in happened, _life(f"life-{number}", one, ticks.get(account, []), whys))
        for number, (account, one) in enumerate(shown, start=1)
    ]
    return Lives(
        starts=max(_first_day(whys.close.month), min((one.started_on for _, one in shown), default=period.start).replace(day=1)),
        busy=tuple(life for busy, life in lives if busy),
        quiet=tuple(life for busy, life in lives if not busy),
    )


def _first_day(month: Month) -> date:
    """Give the first day that is drawn at most."""
    for _ in range(MOST_MONTHS - 1):
        month = month.previous()
    return month.period.start


def _ticks(whys: Whys) -> Mapping[str, list[Tick]]:
    """Give what the month brought by account, in the order it is posted: by days, and of one day charges before cash before refunds."""
    close = whys.close
    found: dict[str, list[Tick]] = defaultdict(list)
    for line in whys.lines:
        found[line.charge.account].append(Tick(kind=TickKind.CHARGE, on=line.charge.charged_on, figure=whys.line(line, line.gross)))
    for receipt in whys.books.receipts:
        if receipt.received_on in close.month.period:
            account = close.positions[receipt.charge].line.charge.account
            found[account].append(Tick(kind=TickKind.RECEIPT, on=receipt.received_on, figure=whys.record(receipt, receipt.amount)))
    for one in whys.adjustments:
        tick = Tick(kind=TickKind.REFUND, on=one.refund.refunded_on, figure=whys.adjustment(one, one.gross))
        found[one.line.charge.account].append(tick)
    return {account: sorted(ticks, key=lambda tick: (tick.on, [*TickKind].index(tick.kind))) for account, ticks in found.items()}


def _life(anchor: str, relationship: ClientRelationship, ticks: Iterable[Tick], whys: Whys) -> LifeShown:
    account = relationship.account
    return LifeShown(
        anchor=anchor,
        account=visible(account.id),
        client=visible(account.client),
        spans=tuple(_spans(relationship, whys)),
        events=tuple(_events(relationship, whys)),
        pending=_pending(relationship, whys),
        ticks=tuple(ticks),
    )


def _events(relationship: ClientRelationship, whys: Whys) -> Iterator[EventShown]:
    for event in relationship.events:
        if event.on < whys.close.month.period.end:
            partner = "" if event.partner is None else whys.name(event.partner)
            line = whys.books.event_places.get(event)
            place = "" if line is None else whys.words("why.place", line=whys.words.number(line), file=EVENTS_FILE)
            yield EventShown(on=event.on, words=whys.words.value(event.kind), partner=partner, place=place)


def _pending(relationship: ClientRelationship, whys: Whys) -> str:
    request = relationship.request.on(last_day(whys.close))
    if request is None:
        return ""
    return whys.words("lives.pending", partner=whys.name(request.partner), day=whys.words.full_day(request.since))


def _spans(relationship: ClientRelationship, whys: Whys) -> Iterator[Span]:
    one, ends = relationship, whys.close.month.period.end
    yield from _band(Band.OWNER, lambda day: _owner(one, day, whys), _days(one.managed_by, one.credited), ends)
    yield from _band(Band.PAYER, lambda day: _payer(one, day, whys), _days(one.payer), ends)
    yield from _band(Band.STATUS, lambda day: _status(one, day, whys), _days(one.status), ends)


def _days(*timelines: Any) -> list[date]:
    """Give the days on which one of some timelines changes."""
    return sorted({day for timeline in timelines for day, _ in timeline.entries})


def _band(band: Band, state_on: Callable[[date], tuple[SpanKind, str]], days: Iterable[date], ends: date) -> Iterator[Span]:
    """Give the spans of a band: each as long as nothing else is said of its days."""
    states = ((day, state_on(day)) for day in days if day < ends)
    starts = [(state, next(same)[0]) for state, same in groupby(states, key=itemgetter(1))]
    for ((kind, words), start), (_, end) in pairwise([*starts, (("", ""), ends)]):
        yield Span(band=band, kind=kind, words=words, starts=start, ends=end)


def _owner(one: ClientRelationship, day: date, whys: Whys) -> tuple[SpanKind, str]:
    manager, credited = one.managed_by.on(day), one.credited.on(day)
    if manager is not None:
        return SpanKind.PARTNER, whys.words("lives.partner_owns", partner=whys.name(manager))
    if credited is not None:
        return SpanKind.VENDOR, whys.words("lives.vendor_owns", partner=whys.name(credited))
    return SpanKind.OUTSIDE, whys.words("lives.outside")


def _payer(one: ClientRelationship, day: date, whys: Whys) -> tuple[SpanKind, str]:
    payer = one.payer.on(day)
    if payer is None:
        return SpanKind.CLIENT, whys.words("lives.client_pays")
    return SpanKind.BILL, whys.words("lives.partner_pays", partner=whys.name(payer))


_STATUS: Final = MappingProxyType({AccountStatus.OPEN: SpanKind.OPEN, AccountStatus.CANCELED: SpanKind.CANCELED})


def _status(one: ClientRelationship, day: date, whys: Whys) -> tuple[SpanKind, str]:
    status = one.status.on(day)
    kind = _STATUS.get(status, SpanKind.OTHER)
    return kind, whys.words.value(status)
