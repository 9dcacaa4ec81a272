"""The page of silences: what the article leaves open, what settles it, and what other programs do about it.

Floor 10, above `pages.data`. May import: clauses, partners, policies, questions, terms, its lower neighbors, attrs and the
standard library. It is in English, as the questions are.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final, cast, final

import attrs

from partnerkit.clauses.citations import Basis
from partnerkit.clauses.model import Clause
from partnerkit.pages.data import slug_of
from partnerkit.pages.templating import render
from partnerkit.pages.words import Words
from partnerkit.partners import STANDING_LAWS
from partnerkit.policies import POLICIES
from partnerkit.questions import Answered, Practice, Question, questions
from partnerkit.terms import SECTIONS

_TITLES: Final = {
    "attribution": "Who is credited",
    "management": "Who owns the client, and who may contact whom",
    "single bill": "The Single Bill",
    "money": "What is earned and paid out",
}
_CLAUSES: Final = {clause.id: (slug_of(policy), clause) for policy in POLICIES for clause in policy.clauses}
_LAWS: Final = {law.id: law.sentence for law in STANDING_LAWS}
_SAYS: Final = {
    Basis.STATED: "The article states it",
    Basis.ELSEWHERE: "Another official page",
    Basis.IMPLIED: "Read from the article",
    Basis.TERM: "The clause by which the term decides",
    Basis.HOUSE: "Our own choice",
}


_ANSWERED: Final = {
    Answered.FULLY: "Official pages answer it.",
    Answered.IN_PART: "Official pages answer it in part.",
    Answered.NOT: "No official page answers it.",
}


@final
@attrs.frozen(kw_only=True)
class PlaceShown:
    """What settles a question: what it is, its name with a link where it has a page, and what it says."""

    what: str
    name: str
    link: str = ""
    about: str = ""


@final
@attrs.frozen(kw_only=True)
class QuestionShown:
    """A question as the page shows it."""

    id: str
    question: str
    answer: str
    answered: str
    settled: tuple[PlaceShown, ...]
    others: tuple[Practice, ...]


def silences_page(words: Words, mark: str) -> str:
    """Write the page; its links lead to the rulebook beside its own directory."""
    shown = [(_titled(_TITLES[topic]), [_shown(one, words) for one in asked]) for topic, asked in _by_topic()]
    rest = {"others": [*_other_terms()], "clauses": [*_other_clauses()]}
    return render("silences.md.jinja", {"mark": mark, "words": words, "topics": shown} | rest)


def _by_topic() -> Iterator[tuple[str, list[Question]]]:
    for topic, asked in groupby(questions(), key=lambda one: one.topic):
        yield topic, list(asked)


def _titled(title: str) -> dict[str, str]:
    return {"title": title, "anchor": title.lower().replace(",", "").replace(" ", "-")}


def _shown(one: Question, words: Words) -> QuestionShown:
    others = [where for where in one.where if where not in one.terms]
    return QuestionShown(
        id=one.id,
        question=one.question,
        answer=one.answer,
        answered=_ANSWERED[one.answered],
        settled=(*(PlaceShown(what="Term", name=key, about=words.term(key)) for key in one.terms), *map(_place, others)),
        others=one.others,
    )


def _place(where: str) -> PlaceShown:
    if where in _CLAUSES:
        page, clause = _CLAUSES[where]
        return PlaceShown(what=_SAYS[clause.cite.basis], name=where, link=f"../rulebook/{page}.md#{where.lower()}", about=_grounds(clause))
    if where in _LAWS:
        return PlaceShown(what="What cannot be", name=where, about=_LAWS[where])
    return PlaceShown(what="Ask the library", name=where)


def _grounds(clause: Clause) -> str:
    return f"“{clause.cite.quote}”" if clause.cite.basis is Basis.STATED else clause.cite.reason


def _other_clauses() -> Iterator[PlaceShown]:
    """Give the clauses that no question names and that no page states: those of a term, and those of our own."""
    asked = {where for one in questions() for where in one.where}
    for clause_id, (_, clause) in _CLAUSES.items():
        if clause_id not in asked and clause.cite.basis in {Basis.TERM, Basis.HOUSE}:
            yield _place(clause_id)


def _other_terms() -> Iterator[dict[str, str]]:
    asked = {term for one in questions() for term in one.terms}
    for section, kind in SECTIONS.items():
        for field in attrs.fields(cast("Any", kind)):
            if f"{section}.{field.name}" not in asked:
                yield {"key": f"{section}.{field.name}", "about": field.metadata["about"], "public": field.metadata["public"]}
