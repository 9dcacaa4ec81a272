"""The accounts that were opened in a month: who is credited with each, and why.

Floor 10, above `pages.whys`. May import: every lower floor, pages.whys, attrs and the standard library.
"""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import final

import attrs

from partnerkit.formats import visible
from partnerkit.pages.whys import Whys
from partnerkit.text import credit_phrase


@final
@attrs.frozen(kw_only=True)
class OpeningShown:
    """An opened account, whom it is credited to, and why in a few words, with the reason they lead to."""

    anchor: str
    on: date
    account: str
    credited_to: str
    said: str
    why: str


def openings_of(whys: Whys) -> Iterator[OpeningShown]:
    """Give the openings of the month in order of time."""
    numbers = count(1)
    for opening, credit in sorted(whys.opened.values(), key=lambda one: (one[0].at, one[0].account)):
        yield OpeningShown(
            anchor=f"opening-{next(numbers)}",
            on=whys.books.program.day_of(opening.at),
            account=visible(opening.account),
            credited_to=whys.words("report.nobody") if credit.partner is None else whys.name(credit.partner),
            said=visible(credit_phrase(credit, whys.words.locale)),
            why=whys.credit(opening.account).anchor,
        )
