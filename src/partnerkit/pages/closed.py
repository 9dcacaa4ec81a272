"""The HTML page of a closed month: what it shows, put into its template, with the only style it admits.

Floor 10, above `pages.month` and `pages.charts`. May import: books, close, output, its lower neighbors and the standard library.

The page needs no network, no server and no script: an amount is a link to its reason, and whatever folds is a `details` element. A
Content-Security-Policy admits its one style by its hash and nothing else.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from partnerkit.books import Books
from partnerkit.close import Close
from partnerkit.output import Source
from partnerkit.pages.charts import TimeAxis, bands, bars, marks
from partnerkit.pages.lives import MOST_MONTHS, Band, SpanKind, TickKind
from partnerkit.pages.month import MonthShown, month_shown, uses_of
from partnerkit.pages.month_words import MonthWords
from partnerkit.pages.templating import content_hash, inline, render, source
from partnerkit.pages.whys import WhyKind

_MANY_ROWS = 40
_LEGEND: Final = (
    (SpanKind.VENDOR, "lives.vendor"),
    (SpanKind.PARTNER, "lives.partner"),
    (SpanKind.OUTSIDE, "lives.outside"),
    (SpanKind.CLIENT, "lives.client_pays"),
    (SpanKind.BILL, "lives.single_bill"),
    (SpanKind.OTHER, "lives.not_open"),
    (SpanKind.CANCELED, "lives.canceled"),
)
_KINDS: Final = (
    (WhyKind.SUM, "why.sums"),
    (WhyKind.LINE, "why.lines"),
    (WhyKind.EARNING, "why.earnings"),
    (WhyKind.ADJUSTMENT, "report.refunds"),
    (WhyKind.RECORD, "why.records"),
    (WhyKind.CREDIT, "why.credits"),
)


def month_page(books: Books, close: Close, sources: Mapping[str, Source], *, locale: str = "en") -> str:
    """Write the page of a closed month; `sources` are the files it was made from, by their names.

    Words are in the language of the locale, English where it has no catalog; amounts and days are in its form. The same records
    give the same bytes.
    """
    words = MonthWords(locale)
    return render("month.html.jinja", _values(month_shown(books, close, sources, words), close, words))


def _values(month: MonthShown, close: Close, words: MonthWords) -> Mapping[str, Any]:
    style = source("base.css") + source("month.css")
    axis = TimeAxis(starts=month.lives.starts, period=close.month.period)
    return {
        "month": month,
        "words": words,
        "uses": uses_of(month, words),
        "style": inline(style),
        "content_security_policy": f"default-src 'none'; style-src {content_hash(style)}",
        "axis": axis,
        "bands": lambda life: bands(life, axis),
        "marks": lambda life: marks(life, axis),
        "bars": bars,
        "band_names": tuple(Band),
        "ticks": tuple(TickKind),
        "most_months": MOST_MONTHS,
        "many_rows": _MANY_ROWS,
        "legend": [(kind, words(message)) for kind, message in _LEGEND],
        "last_of": lambda span: span.ends - date.resolution,
        "kinds": [(words(title), [why for why in month.whys if why.kind == kind]) for kind, title in _KINDS],
    }
