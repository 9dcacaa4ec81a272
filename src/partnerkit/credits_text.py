"""Credits in words: what credits an account to a partner, and what stands against every other visit.

Floor 9, below text. May import: lower floors, formats, languages, words, terms_text, rulings_text and the standard library.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from partnerkit.attribution import ConsideredVisit, Credit, CreditFlag, Visit
from partnerkit.formats import (
    format_instant,
    format_whole,
)
from partnerkit.languages import listed
from partnerkit.policies import Counting
from partnerkit.rulings_text import INDENT, answer_text, reasons
from partnerkit.terms import Terms
from partnerkit.terms_text import say
from partnerkit.words import MESSAGES

_UNKNOWN_NAME: Final = "CREDIT-UNKNOWN"


_DROPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CREDIT-NO-NAME": "dropped.no_name",
        _UNKNOWN_NAME: "dropped.unknown",
        "CREDIT-AMBIGUOUS": "dropped.ambiguous",
        "CREDIT-AFTER": "dropped.after",
        "CREDIT-EXPIRED": "dropped.expired",
        "CREDIT-REPEATED": "dropped.repeated",
        "CREDIT-BOT": "dropped.bot",
        "CREDIT-PREFETCH": "dropped.prefetch",
        "CREDIT-FRAMED": "dropped.framed",
        "CREDIT-CONSENT": "dropped.consent",
        "CREDIT-PRIVACY": "dropped.privacy",
        "CREDIT-ERASED": "dropped.erased",
        "CREDIT-STAND-DOWN": "dropped.stand_down",
        "CREDIT-NOT-NEW": "dropped.not_new",
        "CREDIT-INELIGIBLE": "dropped.ineligible",
        "CREDIT-SELF": "dropped.self",
    }
)


def credit_phrase(credit: Credit, locale: str = "en") -> str:
    """Say in a few words what credits an account, or what stands against every visit to a partner's link."""
    if f"credit_phrase.{credit.reason}" in MESSAGES:
        counted = sum(one.ruling.outcome is Counting.COUNTS for one in credit.considered)
        only = credit.visit is not None and counted == 1
        said = say(locale, "credit_phrase.only" if only else f"credit_phrase.{credit.reason}", count=format_whole(counted, locale))
    else:
        dropped = (clause_id for one in credit.considered for clause_id in one.ruling.because)
        causes = [say(locale, _DROPPED[clause_id]) for clause_id in dict.fromkeys(dropped) if clause_id in _DROPPED]
        said = say(locale, "credit_phrase.nobody", causes=listed(causes, locale)) if causes else say(locale, "credit_phrase.no_visit")
    flagged = (flag for flag in (CreditFlag.SAME_MAILBOX, CreditFlag.SAME_DOMAIN) if flag in credit.flags)
    return next((say(locale, f"credit_phrase.{flag}", phrase=said) for flag in flagged), said)


def credit_rule(credit: Credit, locale: str = "en") -> str:
    """Say in one sentence which rule chose among what could credit an account, or why nobody is credited."""
    return say(locale, f"credit.{credit.reason}")


def credit_lines(credit: Credit, locale: str, terms: Terms | None) -> Iterator[str]:
    """Explain a credit, line by line: to whom, by what, and how every visit was judged."""
    if credit.partner is None:
        yield say(locale, "credit.nobody", account=credit.account)
    else:
        yield say(locale, "credit.somebody", account=credit.account, partner=credit.partner)
    yield credit_rule(credit, locale)
    if credit.visit is not None:
        yield say(locale, "credit.by_visit", visit=_visit(credit.visit, locale, known=True))
    for flag in sorted(credit.flags):
        yield say(locale, f"credit.{flag}")
    yield say(locale, "credit.considered") if credit.considered else say(locale, "credit.none_considered")
    yield from (_considered(considered, locale) for considered in credit.considered)
    if credit.considered:
        yield say(locale, "credit.clauses")
        yield from (INDENT + reason for reason in reasons((considered.ruling for considered in credit.considered), locale, terms=terms))


def _considered(considered: ConsideredVisit, locale: str) -> str:
    ruling = considered.ruling
    visit = _visit(considered.visit, locale, known=_UNKNOWN_NAME not in ruling.because)
    answer, clauses = answer_text(ruling.outcome, locale), listed(ruling.because, locale)
    if not ruling.set_aside:
        return say(locale, "credit.visit", visit=visit, answer=answer, clauses=clauses)
    others = listed((one for one, _ in ruling.set_aside), locale)
    return say(locale, "credit.visit_set_aside", visit=visit, answer=answer, clauses=clauses, others=others)


def _visit(visit: Visit, locale: str, *, known: bool) -> str:
    """Name a visit; a name that is no partner's comes from a stranger, and is not repeated on what may become a page."""
    at = format_instant(visit.at, locale)
    if visit.ambiguous:
        return say(locale, "visit.ambiguous", id=visit.id, at=at)
    if not visit.name:
        return say(locale, "visit.nameless", id=visit.id, at=at)
    return say(locale, "visit.named", id=visit.id, at=at, name=visit.name) if known else say(locale, "visit.unknown", id=visit.id, at=at)
