"""A closed month as its page shows it: plain data in the words of one language, made of the books and the close.

Floor 10, above `pages.flows`, `pages.openings`, `pages.lives`, `pages.sheets` and `pages.glance`. May import: every lower floor,
books, captions, output, its lower neighbors, attrs and the standard library.

Every amount is a `Figure`, which leads to a `Why`; `uses_of` gives the places that lead to each.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, final

import attrs

from partnerkit.books import Books
from partnerkit.captions import last_day, settled
from partnerkit.close import Close
from partnerkit.fingerprints import fingerprint
from partnerkit.formats import visible
from partnerkit.money import Currency
from partnerkit.output import Source, basis_of, terms_used
from partnerkit.pages.flows import Flow, flow_of
from partnerkit.pages.glance import GlanceGroup, glance_of
from partnerkit.pages.lives import Lives, lives_of
from partnerkit.pages.month_words import MonthWords
from partnerkit.pages.openings import OpeningShown, openings_of
from partnerkit.pages.sheets import PartnerShown, Sheet, Sheets
from partnerkit.pages.whys import Figure, Target, Why, Whys


@final
@attrs.frozen(kw_only=True)
class Foundation:
    """Something the page rests on: the fingerprints of its parts, by what they are."""

    title: str
    prints: tuple[tuple[str, str], ...]


@final
@attrs.frozen(kw_only=True)
class Settled:
    """Questions that the article leaves open, each with how some terms settle it; `title` says which terms."""

    title: str
    answers: tuple[tuple[str, str], ...]


@final
@attrs.frozen(kw_only=True)
class MonthShown:
    """All that the page of a closed month shows; `basis` is the one fingerprint of what it rests on."""

    program: str
    month: str
    basis: str
    foundations: tuple[Foundation, ...]
    currencies: tuple[Currency, ...]
    glance: tuple[GlanceGroup, ...]
    flows: tuple[Flow, ...]
    partners: tuple[PartnerShown, ...]
    unrewarded: Sheet | None
    refunds: Sheet | None
    entries: Sheet | None
    openings: tuple[OpeningShown, ...]
    lives: Lives
    settled: tuple[Settled, ...]
    whys: tuple[Why, ...]

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """Every table of amounts, in the order of the page."""
        others = (self.unrewarded, self.refunds, self.entries)
        return (*(sheet for partner in self.partners for sheet in partner.sheets), *(sheet for sheet in others if sheet is not None))


def month_shown(books: Books, close: Close, sources: Mapping[str, Source], words: MonthWords) -> MonthShown:
    """Give what the page of a closed month shows; `sources` are the files it was made from."""
    rests_on = basis_of(books, close, sources)
    whys = Whys(books, close, words)
    currencies = _currencies(whys)
    flows = tuple(flow_of(currency, whys) for currency in currencies)
    sheets = Sheets(whys)
    partners = tuple(sheets.partners())
    unrewarded, refunds, entries = sheets.unrewarded(), sheets.refunds(), sheets.entries()
    glance = glance_of(flows, sheets.closings, whys)
    openings = tuple(openings_of(whys))
    lives = lives_of(whys)
    return MonthShown(
        program=visible(books.program.name),
        month=words.month(close.month),
        basis=fingerprint(rests_on),
        foundations=tuple(_foundations(books, close, rests_on, sources, words)),
        currencies=currencies,
        glance=glance,
        flows=flows,
        partners=partners,
        unrewarded=unrewarded,
        refunds=refunds,
        entries=entries,
        openings=openings,
        lives=lives,
        settled=tuple(_settled(whys)),
        whys=whys.found,
    )


def uses_of(month: MonthShown, words: MonthWords) -> Mapping[str, tuple[Target, ...]]:
    """Give the places that lead to each reason, by its anchor: tables and charts first, then sums; of places with one name the first."""
    found: dict[str, dict[str, Target]] = defaultdict(dict)
    for place, figures in _places(month, words):
        for figure in figures:
            if figure is not None:
                found[figure.why].setdefault(place.label, place)
    for opening in month.openings:
        found[opening.why][opening.anchor] = Target(anchor=opening.anchor, label=words("openings.title"))
    return {anchor: tuple(places.values()) for anchor, places in found.items()}


def _places(month: MonthShown, words: MonthWords) -> Iterator[tuple[Target, Sequence[Figure | None]]]:
    """Give every place with amounts, and the amounts."""
    glance = words("glance.title")
    for row in (row for group in month.glance for row in group.rows):
        yield Target(anchor=row.anchor, label=words("why.of", what=glance, which=row.label)), row.figures
    for flow in month.flows:
        for step in flow.steps:
            title = words("why.of", what=words("flow.title"), which=f"{flow.currency} · {step.label}")
            yield Target(anchor=step.anchor, label=title), (step.figure,)
    for sheet in month.sheets:
        for one in sheet.rows:
            yield Target(anchor=one.anchor, label=sheet.full_title), one.figures
    for life in month.lives.busy:
        label = words("lives.of", account=life.account)
        yield Target(anchor=life.anchor, label=label), [tick.figure for tick in life.ticks]
    for why in month.whys:
        yield Target(anchor=why.anchor, label=why.title), [part.figure for part in why.parts]


def _currencies(whys: Whys) -> tuple[Currency, ...]:
    """Give the currencies of a month, that of the most charges first."""
    charges = Counter(line.gross.currency for line in whys.lines)
    return tuple(sorted(set(_all_currencies(whys)), key=lambda one: (-charges[one], one.code)))


def _all_currencies(whys: Whys) -> Iterator[Currency]:
    books, close = whys.books, whys.close
    yield from (line.gross.currency for line in close.lines)
    yield from (one.currency for one in close.bills)
    yield from (one.currency for one in close.statements)
    yield from (one.gross.currency for one in whys.adjustments)
    yield from (one.amount.currency for one in books.receipts if one.received_on in close.month.period)
    yield from (one.amount.currency for one in books.payments if one.received_on in close.month.period)


def _settled(whys: Whys) -> Iterator[Settled]:
    """Give what the terms of the program settle, and then the contracts of partners that settle something otherwise."""
    words, terms = whys.words, whys.books.program.terms_for(None, last_day(whys.close))
    title = words("report.terms", day=words.full_day(terms.starts_on), source=terms.source)
    for partner, questions in settled(whys.books, whys.close, words.locale):
        said = title if partner is None else words("report.own_terms", partner=whys.name(partner))
        yield Settled(title=visible(said), answers=tuple((one.about, visible(one.value)) for one in questions))


def _foundations(
    books: Books, close: Close, rests_on: Mapping[str, Any], sources: Mapping[str, Source], words: MonthWords
) -> Iterator[Foundation]:
    """Give what binds the page to what it was made from: the same as the manifest of a close."""
    terms = {one.fingerprint: one for one in terms_used(books, close)}
    used = sorted((terms[one].starts_on, one) for one in rests_on["terms"])
    said = ((words("month.terms_from", day=words.full_day(day), source=terms[one].source), one) for day, one in used)
    yield Foundation(title=words("month.terms"), prints=tuple((visible(what), one) for what, one in said))
    policies = words("month.policies", day=words.full_day(last_day(close)))
    yield Foundation(title=policies, prints=tuple(rests_on["policies"].items()))
    yield Foundation(title=words("month.price_list"), prints=((words("month.prices"), rests_on["prices"]),))
    yield Foundation(title=words("month.program"), prints=((words("month.whole_program"), rests_on["whole_program"]),))
    files = sorted((name, source.exact) for name, source in sources.items())
    yield Foundation(title=words("month.records"), prints=(*files, (words("month.all_records"), rests_on["records"])))
    yield Foundation(title=words("month.basis"), prints=((words("month.basis_about"), fingerprint(rests_on)),))
