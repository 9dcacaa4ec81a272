"""Rulings in words: what was decided, by which clauses, and what each of them rests on.

Floor 9, below text. May import: lower floors, languages, terms_text and the standard library.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from partnerkit.article import SENTENCES
from partnerkit.clauses import Citation, Clause, Policy, Ruling
from partnerkit.clauses.views import describe, question_words, reason_words, value_words
from partnerkit.errors import InvalidValue, shown
from partnerkit.languages import listed, say_in
from partnerkit.policies import EDITIONS
from partnerkit.terms import Terms
from partnerkit.terms_text import say, stated, value_text

INDENT: Final = "  "


def reasons(rulings: Iterable[Ruling[Any]], locale: str = "en", *, terms: Terms | None = None) -> tuple[str, ...]:
    """Say what the deciding clauses of some rulings rest on, each clause once, in the order it first decides.

    >>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode, LeavingFacts
    >>> reasons([SINGLE_BILL_LEAVING.decide(LeavingFacts(billing_mode=BillingMode.DIRECT))])
    ('LEAVE-NOT-ON: Our own choice, as the article does not say: only an account on Single Bill can leave it.',)
    """
    clauses = {clause_id: _policy_of(ruling).clause(clause_id) for ruling in rulings for clause_id in ruling.because}
    return tuple(say(locale, "reason.clause", clause=clause.id, basis=_rests_on(clause, locale, terms)) for clause in clauses.values())


def _policy_of(ruling: Ruling[Any], given: Policy[Any, Any] | None = None) -> Policy[Any, Any]:
    known = [edition.policy for edition in EDITIONS.get(ruling.policy, ())] if given is None else [given]
    for policy in known:
        if policy.fingerprint == ruling.edition:
            return policy
    where = "among the editions here" if given is None else f"that of the policy given (fingerprint {given.fingerprint:.12}...)"
    raise InvalidValue(
        f"the ruling on {shown(ruling.policy)} was made by a text (fingerprint {ruling.edition:.12}...) that is not {where}: "
        "explain it with the policy that made it, explain(ruling, policy=...)"
    )


def ruling_lines(ruling: Ruling[Any], locale: str, terms: Terms | None, given: Policy[Any, Any] | None = None) -> Iterator[str]:
    """Explain a ruling, line by line: what decides, what is set aside, and what does not apply."""
    policy, speak = _policy_of(ruling, given), say_in(locale)
    yield say(locale, "ruling.answer", question=question_words(policy, speak), answer=answer_text(ruling.outcome, locale))
    for clause in map(policy.clause, ruling.because):
        yield say(locale, "ruling.decides", clause=clause.id, condition=describe(clause.when, say=speak))
        yield INDENT + _rests_on(clause, locale, terms)
    for clause_id, others in ruling.set_aside:
        yield say(locale, "ruling.set_aside", clause=clause_id, others=listed(others, locale))
    if ruling.not_applying:
        yield say(locale, "ruling.others")
    for clause in map(policy.clause, ruling.not_applying):
        yield INDENT + say(locale, "ruling.not_applying", clause=clause.id, condition=describe(clause.when, say=speak))


def answer_text(outcome: Any, locale: str) -> str:
    """Say an answer as the locale lists: a view says English lists without the last comma."""
    answers = outcome if isinstance(outcome, tuple) else (outcome,)
    return listed((value_words(answer, say_in(locale)) for answer in answers), locale) or say(locale, "ruling.nothing")


def _rests_on(clause: Clause, locale: str, terms: Terms | None) -> str:
    cite = clause.cite
    value = stated(terms, cite.term)
    return say(
        locale,
        f"cite.{cite.basis}" if value is None else "cite.term_value",
        place=_place(cite, locale),
        quote=cite.quote,
        source=cite.source,
        term=cite.term,
        value=value_text(value, locale),
        reason=reason_words(clause, say_in(locale)),
    )


def _place(cite: Citation, locale: str) -> str:
    heading = SENTENCES[cite.sentence].heading if cite.sentence in SENTENCES else ""
    return say(locale, "cite.place", sentence=cite.sentence, heading=heading) if heading else cite.sentence
