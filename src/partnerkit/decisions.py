"""Rulings and decisions as they are written, held against the texts of their policies.

Floor 9, below codec. May import: clauses, errors, scalars, attrs and the standard library.

Which texts there are is for the caller to say: the editions of the program's policies, or those of policies of somebody's own.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs

from partnerkit.clauses import Editions, LogEntry, Policy, Ruling
from partnerkit.errors import Fault, InvalidRecords, InvalidValue, shown
from partnerkit.scalars import read_choice, shown_as_json

Written = Ruling[str | tuple[str, ...]]
"""A ruling whose answers are still texts."""

# So that the rulings of a log are the same objects, and one with invented rulings fills no memory.
_MOST_KEPT = 1_000


def text_of_ruling(written: Written, editions: Mapping[str, Editions]) -> Policy[Any, Any]:
    """Give the text of a policy that a written ruling is by, or the last one where no edition has its fingerprint.

    >>> from partnerkit.policies import EDITIONS, OWNERSHIP, Management, OwnershipFacts
    >>> text_of_ruling(OWNERSHIP.decide(OwnershipFacts(management=Management.MANAGED)), EDITIONS) is OWNERSHIP
    True
    """
    (*_, last) = _editions_of(written, editions, "policy")
    return _named(written, editions) or last.policy


def text_of_decision(written: LogEntry, editions: Mapping[str, Editions]) -> Policy[Any, Any]:
    """Give the text of a policy that a logged decision is by, or the one of its day where no edition has its fingerprint.

    >>> from partnerkit.policies import EDITIONS, OWNERSHIP, Management, OwnershipFacts
    >>> from datetime import date
    >>> facts = OwnershipFacts(management=Management.MANAGED)
    >>> entry = LogEntry(facts=facts, ruling=OWNERSHIP.decide(facts), day=date(2025, 8, 8))
    >>> text_of_decision(entry, EDITIONS) is OWNERSHIP
    True
    """
    of_policy = _editions_of(written.ruling, editions, "ruling.policy")
    try:
        return _named(written.ruling, editions) or of_policy.on(written.day)
    except InvalidValue as fault:
        raise InvalidRecords((Fault(path="day", message=f"is {str(written.day)!r}: {fault}"),)) from None


def ruling_by(text: Policy[Any, Any], written: Written) -> Ruling[Any]:
    """Give a written ruling with the answers of a text; where it is by this very text, it must follow from it.

    >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
    >>> known = OWNERSHIP.decide(OwnershipFacts(management=Management.MANAGED))
    >>> given = {field.name: getattr(known, field.name) for field in attrs.fields(Ruling)}
    >>> ruling_by(OWNERSHIP, Ruling(**{**given, "outcome": "partner"})) is known
    True
    >>> ruling_by(OWNERSHIP, Ruling(**{**given, "outcome": "vendor"}))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: does not follow from the text of the policy ownership, which answers Owner.PARTNER by OWNER-MANAGED
    """
    ruling = Ruling(
        outcome=_outcome(written.outcome, text),
        because=written.because,
        set_aside=written.set_aside,
        not_applying=written.not_applying,
        basis=written.basis,
        policy=written.policy,
        edition=written.edition,
    )
    return _held_against(text, ruling) if text.fingerprint == ruling.edition else ruling


def class_of_facts(entry: LogEntry, editions: Mapping[str, Editions]) -> type[Any]:
    """Give the class that the facts of a decision are read as: that of the text it is by, or their own where no edition is this text.

    Facts that are no attrs object, as the facts of a policy are, raise `InvalidValue`.

    >>> from datetime import date
    >>> from partnerkit.policies import EDITIONS, OWNERSHIP, Management, OwnershipFacts
    >>> facts = OwnershipFacts(management=Management.MANAGED)
    >>> entry = LogEntry(facts=facts, ruling=OWNERSHIP.decide(facts), day=date(2025, 8, 8))
    >>> class_of_facts(entry, EDITIONS) is OwnershipFacts
    True
    >>> class_of_facts(LogEntry(facts={"management": Management.MANAGED}, ruling=entry.ruling, day=entry.day), EDITIONS)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the facts of a decision on ownership are a dict: wanted an object of the class that the policy ...
    """
    kind = type(entry.facts)
    if not attrs.has(kind):
        wanted = "wanted an object of the class that the policy names as its facts, an attrs class"
        raise InvalidValue(f"the facts of a decision on {entry.ruling.policy} are a {kind.__name__}: {wanted}")
    text = _named(entry.ruling, editions) if entry.ruling.policy in editions else None
    return kind if text is None else text.facts


def _editions_of(written: Ruling[Any], editions: Mapping[str, Editions], path: str) -> Editions:
    if written.policy not in editions:
        known = ", ".join(map(repr, editions))
        hint = "; a decision or a ruling by a policy of your own is read with `editions`"
        raise InvalidRecords((Fault(path=path, message=f"is {shown_as_json(written.policy)}: wanted one of {known}{hint}"),))
    return editions[written.policy]


def _named(written: Ruling[Any], editions: Mapping[str, Editions]) -> Policy[Any, Any] | None:
    policies = (edition.policy for edition in editions[written.policy])
    return next((policy for policy in policies if policy.fingerprint == written.edition), None)


def _outcome(outcome: str | tuple[str, ...], text: Policy[Any, Any]) -> Any:
    if not text.collects:
        return _answer(outcome, text.answers, "outcome")
    if not isinstance(outcome, tuple):
        raise InvalidRecords((Fault(path="outcome", message=f"is {shown_as_json(outcome)}: wanted a list"),))
    found = []
    faults: list[Fault] = []
    for place, answer in enumerate(outcome):
        try:
            found.append(_answer(answer, text.answers, f"outcome[{place}]"))
        except InvalidRecords as fault:
            faults += fault.faults
    if faults:
        raise InvalidRecords(tuple(faults))
    return tuple(found)


def _answer(raw: object, answers: type[StrEnum], path: str) -> StrEnum:
    try:
        return read_choice(raw, answers)
    except InvalidValue as fault:
        raise InvalidRecords((Fault(path=path, message=str(fault)),)) from None


def _held_against(policy: Policy[Any, Any], ruling: Ruling[Any]) -> Ruling[Any]:
    applying = tuple(clause.id not in ruling.not_applying for clause in policy.clauses)
    known: Ruling[Any] = policy.ruling_where(applying, keep_up_to=_MOST_KEPT)
    if known != ruling:
        because = ", ".join(known.because)
        raise InvalidValue(f"does not follow from the text of the policy {policy.id}, which answers {shown(known.outcome)} by {because}")
    return known
