"""What a clause rests on, and how firmly: the article's words, another page, a reading, a term or our own choice.

Floor 1, beside `clauses.conditions`. May import: enums, errors, attrs and the standard library.
"""

from collections.abc import Mapping
from typing import final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown


@final
class Basis(Named):
    """How firmly a clause rests on the published article, firmest first.

    >>> [basis.value for basis in Basis]
    ['stated', 'elsewhere', 'implied', 'term', 'house']
    """

    STATED = "stated"
    """The article's own words, quoted."""
    ELSEWHERE = "elsewhere"
    """Another official page, cited by number and date and paraphrased."""
    IMPLIED = "implied"
    """Read from words of the article, which are quoted."""
    TERM = "term"
    """A term of the contract decides."""
    HOUSE = "house"
    """Our choice where the article is silent."""


_FIRMNESS: Mapping[Basis, int] = {basis: place for place, basis in enumerate(Basis)}


def weakest(bases: tuple[Basis, ...]) -> Basis:
    """Give the least firm of some bases.

    >>> weakest((Basis.STATED, Basis.HOUSE, Basis.IMPLIED))
    Basis.HOUSE
    """
    return max(bases, key=_FIRMNESS.__getitem__)


@final
@attrs.frozen(kw_only=True)
class Citation:
    """What a clause rests on. Build it with `stated`, `elsewhere`, `implied`, `by_term` or `house`.

    `sentence` is a sentence id of the article (``S-28``), `quote` its words, `source` another official page,
    `term` a key of the program file, `reason` why the clause says more than its words, or what the other page says.

    >>> by_term("contact.reply", "whether the vendor may answer the account holder").term
    'contact.reply'
    """

    basis: Basis
    sentence: str = ""
    quote: str = ""
    source: str = ""
    term: str = ""
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.basis, Basis):
            raise InvalidValue(f"the basis of a citation is {shown(self.basis)}: wanted one of {', '.join(map(repr, Basis))}")
        given = {name for name in ("sentence", "quote", "source", "term", "reason") if str(getattr(self, name)).strip(_NO_WORDS)}
        needed = _NEEDED[self.basis]
        if given != needed:
            of = f" of {self.sentence}" if self.sentence else ""
            raise InvalidValue(
                f"a citation{of} with basis {self.basis.value} carries {' and '.join(sorted(needed))}, "
                f"but this one carries {' and '.join(sorted(given)) or 'nothing'}"
            )


_NO_WORDS = " \t\n\N{HORIZONTAL ELLIPSIS}"
_NEEDED: Mapping[Basis, frozenset[str]] = {
    Basis.STATED: frozenset({"sentence", "quote"}),
    Basis.ELSEWHERE: frozenset({"source", "reason"}),
    Basis.IMPLIED: frozenset({"sentence", "quote", "reason"}),
    Basis.TERM: frozenset({"term", "reason"}),
    Basis.HOUSE: frozenset({"reason"}),
}


def stated(sentence: str, quote: str) -> Citation:
    """Cite the article's own words.

    >>> stated("S-35", "accounts must be managed to be added to your Single Bill").basis
    Basis.STATED
    """
    return Citation(basis=Basis.STATED, sentence=sentence, quote=quote)


def implied(sentence: str, quote: str, reason: str) -> Citation:
    """Cite words of the article and say what is read from them.

    >>> implied("S-35", "accounts must be managed to be added to your Single Bill", "so a referred one is not added").basis
    Basis.IMPLIED
    """
    return Citation(basis=Basis.IMPLIED, sentence=sentence, quote=quote, reason=reason)


def elsewhere(source: str, reason: str) -> Citation:
    """Cite another official page by number and date, and say what it says in our words.

    >>> elsewhere("article 000041606, Oct 9 2025 (K-50)", "a suspended account can be taken up again").basis
    Basis.ELSEWHERE
    """
    return Citation(basis=Basis.ELSEWHERE, source=source, reason=reason)


def by_term(term: str, reason: str) -> Citation:
    """Cite the term of the contract that decides, and say what it settles.

    >>> by_term("management.partner_may_end", "whether the partner alone may hand an account back").basis
    Basis.TERM
    """
    return Citation(basis=Basis.TERM, term=term, reason=reason)


def house(reason: str) -> Citation:
    """Say why we chose this where the article is silent.

    >>> house("the article does not say what keeps an account in the program").basis
    Basis.HOUSE
    """
    return Citation(basis=Basis.HOUSE, reason=reason)
