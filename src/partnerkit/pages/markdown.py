"""The rulebook as Markdown: an index, a page for every policy, and the article sentence by sentence.

Floor 10, above `pages.data`. May import: article, invariants, clauses, its lower neighbors, attrs and the standard library.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, final

import attrs

from partnerkit.article import ARTICLE
from partnerkit.clauses.checks import Census, Influence, census, idle, influence
from partnerkit.clauses.citations import Basis
from partnerkit.clauses.model import Policy
from partnerkit.clauses.spaces import space_of
from partnerkit.clauses.views import Row, answer_words, table
from partnerkit.invariants import INVARIANTS, Invariant
from partnerkit.pages.data import FactShown, PolicyShown, SentenceShown, counted_bases
from partnerkit.pages.templating import render
from partnerkit.pages.words import Words

_OPEN = (Basis.TERM, Basis.HOUSE)


@final
@attrs.frozen(kw_only=True)
class RowShown:
    """A line of the decision table, with the numbers of the lines any of which sets it aside where it decides."""

    row: Row
    unless: tuple[int, ...]


@final
@attrs.frozen(kw_only=True)
class InfluenceShown:
    """A line of the influence table: what happens to the answer when one fact goes from a value to one of some others."""

    fact: str
    before: str
    after: str
    effect: str


def markdown_pages(policies: Sequence[PolicyShown], sentences: Sequence[SentenceShown], words: Words, mark: str) -> Mapping[str, str]:
    """Write the Markdown pages of these policies and sentences, by file name; `mark` says who wrote them."""
    counts = {shown.slug: census(shown.policy) for shown in policies}
    every = {"mark": mark, "words": words, "article": ARTICLE}
    index = {
        "counted": [(shown, counts[shown.slug].points) for shown in policies],
        "bases": counted_bases(policies),
        "invariants": _invariants(policies),
    }
    became = Counter(sentence.became for sentence in sentences)
    article = {"sentences": sentences, "counts": became.most_common()}
    pages = {f"{shown.slug}.md": render("policy.md.jinja", every | _policy(shown, counts[shown.slug], words)) for shown in policies}
    return {"README.md": render("index.md.jinja", every | index), **pages, "article.md": render("article.md.jinja", every | article)}


def _invariants(policies: Sequence[PolicyShown]) -> list[Invariant]:
    """Give the invariants that look at nothing but these policies, and that hold for their texts."""
    known = {shown.policy.id: shown.policy for shown in policies}
    asked = [one for one in INVARIANTS.values() if known.keys() >= set(one.policies)]
    return [one for one in asked if not one.breaches({name: known[name] for name in one.policies})]


def _policy(shown: PolicyShown, counted: Census, words: Words) -> dict[str, Any]:
    found = influence(shown.policy)
    never = idle(shown.policy)
    idle_facts = "; ".join(fact.asks for fact in shown.facts if fact.name in never)
    return {
        "shown": shown,
        "table": _numbered(table(shown.policy, say=words.say)),
        "influences": [line for fact in shown.facts for line in _influences(fact, found, words)],
        "idle": words("influence.idle", facts=idle_facts) if idle_facts else words("influence.no_idle"),
        "census": [*_census(shown.policy, counted, words)],
        "open": [clause for clause in shown.clauses if clause.basis in _OPEN],
        "edition": _edition(shown, words),
    }


def _numbered(rows: Sequence[Row]) -> list[RowShown]:
    numbers: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        numbers.setdefault(row.clause, []).append(number)
    return [RowShown(row=row, unless=tuple(sorted(number for clause in row.unless for number in numbers[clause]))) for row in rows]


def _influences(fact: FactShown, found: Sequence[Influence], words: Words) -> Iterator[InfluenceShown]:
    """Give the lines of one fact; values that do the same when the fact goes to them share a line."""
    said = {value.value: value.words for value in fact.values}
    of_fact = [one for one in found if one.input == fact.name]

    def effect(one: Influence) -> str:
        return _effect(one, words)

    for before, changes in groupby(of_fact, key=lambda one: one.before):
        alike: dict[str, list[str]] = {}
        for one in changes:
            alike.setdefault(effect(one), []).append(said[one.after])
        for what, after in alike.items():
            yield InfluenceShown(fact=fact.asks, before=said[before], after=", ".join(after), effect=what)


def _effect(one: Influence, words: Words) -> str:
    pairs = words.number(one.pairs)
    shifts = (
        words(
            "influence.shift",
            before=answer_words(shift.before, words.say),
            after=answer_words(shift.after, words.say),
            points=words.number(shift.points),
            pairs=pairs,
        )
        for shift in one.shifts
    )
    return "; ".join(shifts) or words("influence.never")


def _census(policy: Policy[Any, Any], counted: Census, words: Words) -> Iterator[tuple[str, int]]:
    yield words("census.points"), counted.points
    yield words("census.impossible"), space_of(policy.inputs).size - counted.points
    yield words("census.silent"), counted.silent
    yield words("census.conflicting"), counted.conflicting
    for answer, count in counted.answers:
        yield words("census.answer", answer=answer_words(answer, words.say)), count
    for clause, count in counted.deciding:
        yield words("census.decides", clause=clause), count
    for basis, count in counted.bases:
        yield words("census.weakest", basis=words(f"bases.{basis.value}")), count


def _edition(shown: PolicyShown, words: Words) -> str:
    """Say from when a policy is in force; nothing of one that is no edition of the program's."""
    if shown.since is None:
        return ""
    return words("policy.edition_first") if shown.since == date.min else words("policy.edition_from", day=words.day(shown.since))
