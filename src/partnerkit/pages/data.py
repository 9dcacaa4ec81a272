"""What the pages show, as plain data in the words of one language: facts, clauses with their citations, laws, and the sentences.

Floor 10, above `pages.words`. May import: pages.words, article, clauses, policies, attrs and the standard library.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import chain, count
from typing import Any, final

import attrs

from partnerkit.article import ELLIPSIS, SENTENCES, Sentence
from partnerkit.clauses.citations import Basis
from partnerkit.clauses.conditions import ALWAYS, Choice, Flag, Is, Law, Value, label
from partnerkit.clauses.model import Clause, Policy
from partnerkit.clauses.views import answer_words, describe, input_words, question_words, reason_words, value_words
from partnerkit.pages.words import MESSAGES, Words
from partnerkit.policies import EDITIONS

_DIGITS = 12


@final
@attrs.frozen(kw_only=True)
class Piece:
    """A piece of a sentence of the article; `marked` are the words a clause quotes."""

    text: str
    marked: bool


@final
@attrs.frozen(kw_only=True)
class ValueShown:
    """A value of a fact: its token in links, a word or two for it, and the sentence that says it."""

    value: Value
    token: str
    words: str
    sentence: str


@final
@attrs.frozen(kw_only=True)
class FactShown:
    """A fact a policy asks for: `asks` is its sentence with a gap, `by` who can change it, empty for nobody."""

    name: str
    asks: str
    is_flag: bool
    by: tuple[str, ...]
    values: tuple[ValueShown, ...]


@final
@attrs.frozen(kw_only=True)
class ClauseShown:
    """A clause in words, with what it rests on; what its basis does not carry is empty."""

    id: str
    answer: str
    when: str
    unless: tuple[str, ...]
    basis: Basis
    pieces: tuple[Piece, ...]
    sentence: str
    heading: str
    source: str
    term: str
    term_question: str
    reason: str


@final
@attrs.frozen(kw_only=True)
class LawShown:
    """A law in words."""

    id: str
    sentence: str


@final
@attrs.frozen(kw_only=True)
class PolicyShown:
    """A policy in words.

    `slug` names it in links and files, `text` are the first digits of its fingerprint, by which links name the text they were made
    from, and `since` is the first day of its edition, if it has one.
    """

    policy: Policy[Any, Any]
    slug: str
    text: str
    question: str
    since: date | None
    facts: tuple[FactShown, ...]
    clauses: tuple[ClauseShown, ...]
    laws: tuple[LawShown, ...]


@final
@attrs.frozen(kw_only=True)
class Place:
    """Where a sentence of the article lives: a clause or law of a policy, else an invariant, a term or a module."""

    name: str
    slug: str = ""
    is_law: bool = False
    about: str = ""


@final
@attrs.frozen(kw_only=True)
class SentenceShown:
    """A sentence of the article with what it became."""

    id: str
    heading: str
    quote: str
    became: str
    where: tuple[Place, ...]
    cited_by: tuple[Place, ...]
    note: str


def policies_shown(policies: Iterable[Policy[Any, Any]], words: Words) -> tuple[PolicyShown, ...]:
    """Put policies in words.

    >>> from partnerkit.clauses.views import english
    >>> from partnerkit.policies import OWNERSHIP
    >>> (shown,) = policies_shown([OWNERSHIP], Words(say=english, lang="en"))
    >>> shown.clauses[0].when, [value.sentence for value in shown.facts[0].values][0]
    ('the account is managed', 'the account is referred')
    """
    return tuple(_policy(policy, words) for policy in policies)


def sentences_shown(policies: Iterable[PolicyShown], words: Words) -> tuple[SentenceShown, ...]:
    """Put every sentence of the article in words, with links to the clauses and laws of these policies."""
    known = tuple(policies)
    clauses = {clause.id: Place(name=clause.id, slug=policy.slug) for policy in known for clause in policy.clauses}
    laws = {law.id: Place(name=law.id, slug=policy.slug, is_law=True) for policy in reversed(known) for law in policy.laws}
    cited = {
        sentence_id: tuple(clauses[clause.id] for policy in known for clause in policy.clauses if clause.sentence == sentence_id)
        for sentence_id in SENTENCES
    }
    return tuple(_sentence(sentence, {**laws, **clauses}, cited[sentence.id], words) for sentence in SENTENCES.values())


def counted_bases(policies: Sequence[PolicyShown]) -> list[tuple[Basis, int]]:
    """Count the clauses of each basis, firmest first."""
    counts = Counter(clause.basis for shown in policies for clause in shown.clauses)
    return [(basis, counts[basis]) for basis in Basis]


def pieces(sentence: str, quote: str) -> tuple[Piece, ...]:
    """Part a sentence of the article in the words that a quote takes from it and the others.

    A quote whose words stand elsewhere in the article is shown alone.

    >>> [(piece.text, piece.marked) for piece in pieces("we won't contact them unless obliged", "won't contact them")]
    [('we ', False), ("won't contact them", True), (' unless obliged', False)]
    """
    parted = []
    rest = sentence
    for part in quote.split(ELLIPSIS):
        before, found, rest = rest.partition(part.strip())
        if not found:
            return (Piece(text=quote, marked=True),)
        parted += [Piece(text=before, marked=False), Piece(text=found, marked=True)]
    return tuple(piece for piece in (*parted, Piece(text=rest, marked=False)) if piece.text)


def slug_of(policy: Policy[Any, Any]) -> str:
    """Give the name of a policy in links and files.

    >>> from partnerkit.policies import MOVE_IN
    >>> slug_of(MOVE_IN)
    'move-in'
    """
    return policy.id.replace(" ", "-")


def tokens(item: Choice | Flag) -> Mapping[Value, str]:
    """Write the values of an input as they stand in links: no two alike, so one whose name is taken has a number.

    >>> class Sky(StrEnum):
    ...     HALF_CLEAR = "half clear"
    ...     NONE = "none"
    >>> [*tokens(Choice("sky", Sky, "the sky is {}", absent="there is no sky")).values()]
    ['half-clear', 'none', 'none-2']
    """
    written: dict[str, Value] = {}
    for value in item.values:
        name = value.name.lower().replace("_", "-") if isinstance(value, StrEnum) else label(value)
        names = chain([name], (f"{name}-{number}" for number in count(2)))
        written[next(one for one in names if one not in written)] = value
    return {value: name for name, value in written.items()}


def _policy(policy: Policy[Any, Any], words: Words) -> PolicyShown:
    editions = EDITIONS.get(policy.id, ())
    return PolicyShown(
        policy=policy,
        slug=slug_of(policy),
        text=policy.fingerprint[:_DIGITS],
        question=question_words(policy, words.say),
        since=next((edition.starts_on for edition in editions if edition.policy == policy), None),
        facts=tuple(_fact(item, words) for item in policy.inputs),
        clauses=tuple(_clause(clause, words) for clause in policy.clauses),
        laws=tuple(_law(law, words) for law in policy.laws),
    )


def _fact(item: Choice | Flag, words: Words) -> FactShown:
    return FactShown(
        name=item.name,
        asks=input_words(item, words.say),
        is_flag=isinstance(item, Flag),
        by=tuple(_party(party, words) for party in item.changed_by),
        values=tuple(_value(item, value, name, words) for value, name in tokens(item).items()),
    )


def _value(item: Choice | Flag, value: Value, name: str, words: Words) -> ValueShown:
    sentence = describe(Is(item, (value,)), say=words.say)
    return ValueShown(value=value, token=name, words=sentence if value is None else value_words(value, words.say), sentence=sentence)


def _party(party: str, words: Words) -> str:
    message_id = f"party.{party.replace(' ', '_')}"
    return words(message_id) if message_id in MESSAGES else party


def _clause(clause: Clause, words: Words) -> ClauseShown:
    cite = clause.cite
    sentence = SENTENCES.get(cite.sentence)
    return ClauseShown(
        id=clause.id,
        answer=answer_words(clause.then, words.say),
        when="" if clause.when == ALWAYS else describe(clause.when, say=words.say),
        unless=clause.unless,
        basis=cite.basis,
        pieces=pieces(sentence.quote if sentence else "", cite.quote) if cite.quote else (),
        sentence=cite.sentence,
        heading=sentence.heading if sentence else "",
        source=cite.source,
        term=cite.term,
        term_question=words.term(cite.term),
        reason=reason_words(clause, words.say),
    )


def _law(law: Law, words: Words) -> LawShown:
    return LawShown(id=law.id, sentence=words.say(f"law.{law.id}", law.sentence))


def _sentence(sentence: Sentence, places: dict[str, Place], cited_by: tuple[Place, ...], words: Words) -> SentenceShown:
    return SentenceShown(
        id=sentence.id,
        heading=sentence.heading,
        quote=sentence.quote,
        became=value_words(sentence.became, words.say),
        where=tuple(places.get(name) or Place(name=name, about=words.about(name)) for name in sentence.where),
        cited_by=tuple(place for place in cited_by if place.name not in sentence.where),
        note=words(f"sentence.{sentence.id}.note"),
    )
