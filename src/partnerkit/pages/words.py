"""The words of the pages that belong to no policy, by message id, and how they are said.

Floor 10, the lowest of `partnerkit.pages`. May import: article, clauses.views, formats, invariants, words, attrs and the standard library.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import final

import attrs

from partnerkit.article import SENTENCES, Became
from partnerkit.clauses.views import FRAMES, Say, value_message
from partnerkit.formats import format_date, format_whole
from partnerkit.invariants import INVARIANTS
from partnerkit.words import messages as explanations
from partnerkit.words import term_question

_PAGES = {
    "page.title": "The rulebook of the partner program",
    "page.lead": (
        "Every rule read from one published article and related pages: what each rests on, where a contract decides, "
        "and where we had to choose."
    ),
    "page.source": "Read from article {number}, “{title}”, in its text of {day}.",
    "page.not_affiliated": "partnerkit is not affiliated with the vendor whose article this is. The vendor's own decisions prevail.",
    "page.generated": "written by `partnerkit rulebook` from the rules themselves; do not edit, run it again",
    "page.skip": "Skip to the question",
    "page.contents": "Contents",
    "page.policies": "The policies",
    "page.ask": "Ask",
    "page.rules": "The rules",
    "page.article": "The article",
    "page.article_title": "The article, sentence by sentence",
    "page.ask_here": "Ask it with facts of your own",
    "page.to_index": "All policies",
    "page.to_html": "One page to ask all of it, with facts of your own",
    "page.no_script": "The form needs JavaScript. The rules and the article below can be read without it.",
    "read.title": "How to read it",
    "read.policy": "A policy is one question with its clauses; a clause gives an answer under a condition. Their order means nothing.",
    "read.unless": "“Unless” names the clauses that go before it: where one of them decides, this one is set aside.",
    "read.points": (
        "A point is one value for every fact a policy asks. All of them were looked at, not a sample: "
        "none is without an answer, and at none do two clauses contradict each other."
    ),
    "read.basis": (
        "Every clause says how firmly it rests on the article. An answer names the least firm clause that decided it; "
        "what could have set that clause aside is listed as not applying."
    ),
    "read.law": "Facts that cannot be together have no answer; the page says which law forbids them.",
    "bases.title": "The five bases",
    "bases.basis": "Basis",
    "bases.meaning": "What it means",
    "bases.clauses": "Clauses",
    "bases.stated": "Stated",
    "bases.elsewhere": "Elsewhere",
    "bases.implied": "Implied",
    "bases.term": "Term",
    "bases.house": "House",
    "bases.stated.about": "The article's own words, quoted.",
    "bases.elsewhere.about": "Another official page, cited by number and date and told in our words.",
    "bases.implied.about": "Read from words of the article, which are quoted, with the reading.",
    "bases.term.about": "The article is silent, and a term of the contract decides.",
    "bases.house.about": "The article is silent, and nothing else decides: our own choice, with its reason.",
    "policy.question": "Question",
    "policy.facts": "Facts",
    "policy.points": "Points",
    "policy.clauses": "Clauses",
    "policy.collects": "Every clause that decides adds its answer; the outcome is all of them.",
    "policy.edition": "Edition",
    "policy.edition_first": "the first, which also speaks for the time before it",
    "policy.edition_from": "in force from {day}",
    "policy.fingerprint": "Fingerprint of this text",
    "clause.answer": "Answer",
    "clause.when": "When",
    "clause.always": "in every case",
    "clause.unless": "Unless one of these decides",
    "clause.rests_on": "Rests on",
    "clause.under": "under “{heading}”",
    "clause.reading": "Our reading",
    "clause.term_question": "What the term must answer",
    "laws.title": "What cannot be",
    "laws.none": "All facts can be together.",
    "table.title": "Decision table",
    "table.about": (
        "A line applies where every fact has one of the values given; “{any}” means that the fact does not matter for it. "
        "It is set aside where one of the lines under “Unless line” decides."
    ),
    "table.any": "\N{EN DASH}",
    "table.line": "Line",
    "table.clause": "Clause",
    "table.answer": "Answer",
    "table.unless": "Unless line",
    "table.basis": "Basis",
    "influence.title": "What each fact can do",
    "influence.about": (
        "One fact changes and all others stay: how often the answer then changes, over all such pairs of points. "
        "Read from right to left, a line tells of the opposite change."
    ),
    "influence.fact": "Fact",
    "influence.from": "From",
    "influence.to": "To",
    "influence.shift": "{before} → {after}: {points} of {pairs}",
    "influence.effect": "What happens to the answer",
    "influence.never": "never changes the answer",
    "influence.idle": "These facts never change the answer: {facts}.",
    "influence.no_idle": "Every fact can change the answer at some point.",
    "census.title": "Census",
    "census.points": "Points looked at",
    "census.impossible": "Points that cannot be, by the laws",
    "census.answer": "Answer “{answer}”",
    "census.silent": "Points without an answer",
    "census.conflicting": "Points where clauses contradict each other",
    "census.decides": "{clause} decides",
    "census.weakest": "Weakest basis: {basis}",
    "census.what": "What was counted",
    "census.count": "Points",
    "open.title": "Open questions",
    "open.about": "The article is silent here: a term of the contract decides, or we had to choose. No sentence carries these clauses.",
    "open.none": "None: every clause rests on a sentence of the article or on another official page.",
    "open.clause": "Clause",
    "open.silence": "What is open",
    "open.settled_by": "What settles it",
    "open.by_house": "our own choice, until a sentence or a term says otherwise",
    "invariants.title": "What holds across the policies",
    "invariants.about": "No clause says these: they follow from all clauses together, and were looked at over every point.",
    "article.about": (
        "Each of the {count} sentences, known by a short quote, with what it became here. "
        "The article itself is not reproduced; the fingerprint of the text it was read in is {fingerprint}."
    ),
    "article.heading": "Heading",
    "article.no_heading": "outside any heading",
    "article.became": "Became",
    "article.where": "Where",
    "article.note": "Note",
    "article.nowhere": "nowhere: there is nothing to decide",
    "article.count": "Sentences",
    "ask.title": "Ask the rulebook",
    "ask.policy": "Which question?",
    "ask.facts": "The facts",
    "ask.lead": "Choose the question and set the facts: the answer is there at once. Nothing leaves this page.",
    "ask.answer": "The answer",
    "ask.impossible": "These facts cannot be together",
    "ask.impossible_about": "There is no answer, for such a case cannot exist:",
    "ask.change_a_fact": "Change a fact to get an answer.",
    "ask.weakest": "The least firm clause that decides: {basis} ({meaning}).",
    "ask.decides": "What decides",
    "ask.set_aside": "What is set aside",
    "ask.not_applying": "What does not apply",
    "ask.changes": "What would change the answer",
    "ask.changes_about": "All smallest changes: leave out any part of one, and the answer stays.",
    "ask.no_changes": "Nothing: no change of the facts leads to another answer.",
    "ask.because": "because {facts}",
    "ask.always": "applies in every case",
    "ask.gives_way": "applies, because {facts}, but gives way to {clauses}",
    "ask.gives_way_always": "applies in every case, but gives way to {clauses}",
    "ask.becomes": "then: {answer}",
    "ask.by": "(who can bring this about: {parties})",
    "ask.by_nobody": "(nobody can bring this about: it follows from the records or from time)",
    "ask.link": "Link to this finding",
    "ask.reset": "Start over",
    "ask.print": "Print this finding",
    "ask.unknown_link": "Part of the link is not known to this rulebook and was left out.",
    "ask.other_text": "This link was made from another text of the policy. The answer below is by the text of today.",
    "party.account_holder": "the account holder",
    "party.partner": "the partner",
    "party.vendor": "the vendor",
    "party.law": "the law",
}


def _of_article() -> Iterator[tuple[str, str]]:
    for sentence in SENTENCES.values():
        yield f"sentence.{sentence.id}.note", sentence.note
    yield from map(value_message, Became)


def _of_invariants() -> Iterator[tuple[str, str]]:
    for invariant in INVARIANTS.values():
        yield f"invariant.{invariant.id}", invariant.sentence


MESSAGES: Mapping[str, str] = MappingProxyType({**_PAGES, **dict(_of_article()), **dict(_of_invariants())})
"""Every message that only the pages have: their own words, the notes on the article's sentences, and the invariants."""

_KNOWN = MappingProxyType({**FRAMES, **explanations(), **MESSAGES})


@final
@attrs.frozen(kw_only=True)
class Words:
    """How pages speak: the words of a message in their language, and numbers and days in its form.

    >>> from partnerkit.clauses.views import english
    >>> words = Words(say=english, lang="en")
    >>> words("census.answer", answer="may"), words.number(24576), words.day(date(2025, 8, 8))
    ('Answer “may”', '24,576', 'Aug 8, 2025')
    """

    say: Say
    lang: str

    def __call__(self, message_id: str, **values: str) -> str:
        """Say a message of the pages, with its gaps filled."""
        return self.frame(message_id).format(**values)

    def frame(self, message_id: str) -> str:
        """Give a message with its gaps, for the script of a page to fill."""
        return self.say(message_id, _KNOWN[message_id])

    def number(self, count: int) -> str:
        """Write a whole number as the language does."""
        return format_whole(count, self.lang)

    def day(self, day: date) -> str:
        """Write a day as the language does."""
        return format_date(day, self.lang)

    def about(self, name: str) -> str:
        """Say what a term asks or what an invariant holds, and nothing of any other name."""
        return self(f"invariant.{name}") if name in INVARIANTS else self.term(name)

    def term(self, key: str) -> str:
        """Ask the question of a term, by its key; empty for a key the terms do not have."""
        return term_question(key, self.say)
