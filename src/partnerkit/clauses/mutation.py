"""Every small mistake that could stand in a policy: one change at a time, each as a policy of its own.

Floor 1, above `clauses.views`. May import: errors, enums, clauses.conditions, clauses.parts, clauses.model, clauses.views, attrs
and the standard library.

Whoever tests a policy asks of each mutant: does a test notice? One that none notices is either a hole in the tests or says
the same in other words; `clauses.sameness` tells which.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, final

import attrs

from partnerkit.clauses.conditions import ALWAYS, AllOf, AnyOf, Choice, Condition, Flag, Is, Law, Not, Value, label
from partnerkit.clauses.model import Policy
from partnerkit.clauses.parts import Clause
from partnerkit.clauses.views import describe
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue


@final
class Mutation(Named):
    """What kind of mistake a mutant has.

    >>> Mutation("unless dropped")
    Mutation.UNLESS_DROPPED
    """

    UNLESS_DROPPED = "unless dropped"
    UNLESS_ADDED = "unless added"
    ANSWER_SWAPPED = "answer swapped"
    VALUE_REPLACED = "value replaced"
    VALUE_ADDED = "value added"
    VALUE_REMOVED = "value removed"
    FLAG_FLIPPED = "flag flipped"
    PART_DROPPED = "part dropped"
    AND_OR_SWAPPED = "and/or swapped"
    NEGATION_ADDED = "negation added"
    NEGATION_DROPPED = "negation dropped"
    CONDITION_DROPPED = "condition dropped"
    CLAUSE_DROPPED = "clause dropped"
    LAW_DROPPED = "law dropped"


@final
@attrs.frozen(kw_only=True)
class Mutant:
    """A policy with one mistake: its kind, the clause or law it is in, and what was changed, in a line.

    `policy` is the mutated policy; it is None where such a policy is refused when it is built, and `refusal` says why.

    >>> from partnerkit.policies import OWNERSHIP
    >>> one = mutants(OWNERSHIP)[0]
    >>> one.kind, one.part, one.change
    (Mutation.UNLESS_ADDED, 'OWNER-MANAGED', 'gives way to OWNER-REFERRED too')
    """

    kind: Mutation
    part: str
    change: str
    policy: Policy[Any, Any] | None = None
    refusal: str = ""


_Altered = tuple[Mutation, str, Condition]
_Draft = tuple[Mutation, str, str, tuple[Clause, ...], tuple[Law, ...]]


def mutants(policy: Policy[Any, Any]) -> tuple[Mutant, ...]:
    """Make every mutant of a policy that differs from it by one mistake, in a clause or in a law.

    In a clause an `unless` is dropped or added, the answer swapped for each other one (of a collecting policy also for none), the
    condition dropped or altered in one place, or the clause left out, with each `unless` that names it. In a condition the values
    of an input are replaced, added and removed one by one, a flag is flipped, a part left out, `&` and `|` are swapped,
    and a negation is added or dropped. What nobody can write down is not made: an input asked for none of its
    values, a clause that gives way to itself, a negation of a negation.

    >>> from partnerkit.policies import SINGLE_BILL_LEAVING
    >>> for one in mutants(SINGLE_BILL_LEAVING)[:6]:
    ...     print(one.part, "/", one.kind, "/", one.change)
    LEAVE-PICK / unless added / gives way to LEAVE-NOT-ON too
    LEAVE-PICK / answer swapped / answers "may not" in place of "may"
    LEAVE-PICK / negation added / not: the billing mode is single bill
    LEAVE-PICK / value replaced / billing_mode: direct in place of single bill
    LEAVE-PICK / value added / billing_mode: direct too
    LEAVE-PICK / condition dropped / in every case
    """
    return tuple(_built(policy, draft) for draft in _drafts(policy))


def _built(policy: Policy[Any, Any], draft: _Draft) -> Mutant:
    kind, part, change, clauses, laws = draft
    try:
        mutated: Policy[Any, Any] = Policy(
            policy.id, policy.question, policy.facts, policy.answers, clauses, laws=laws, collects=policy.collects
        )
    except InvalidValue as refused:
        return Mutant(kind=kind, part=part, change=change, refusal=str(refused))
    return Mutant(kind=kind, part=part, change=change, policy=mutated)


def _drafts(policy: Policy[Any, Any]) -> Iterator[_Draft]:
    for place, clause in enumerate(policy.clauses):
        before, after = policy.clauses[:place], policy.clauses[place + 1 :]
        for kind, change, altered in _altered_clauses(policy, clause):
            yield kind, clause.id, change, (*before, altered, *after), policy.laws
        # Left out of every `unless` as well, for else each clause that names it would have the policy refused.
        rest = tuple(other.giving_way_without(frozenset({clause.id})) for other in (*before, *after))
        yield Mutation.CLAUSE_DROPPED, clause.id, "left out", rest, policy.laws
    for place, law in enumerate(policy.laws):
        before_it, after_it = policy.laws[:place], policy.laws[place + 1 :]
        for kind, change, condition in _distinct(law.holds):
            laws = (*before_it, Law(id=law.id, sentence=law.sentence, holds=condition), *after_it)
            yield kind, law.id, change, policy.clauses, laws
        yield Mutation.LAW_DROPPED, law.id, "left out", policy.clauses, (*before_it, *after_it)


def _altered_clauses(policy: Policy[Any, Any], clause: Clause) -> Iterator[tuple[Mutation, str, Clause]]:
    for other in clause.unless:
        yield Mutation.UNLESS_DROPPED, f"no longer gives way to {other}", clause.giving_way_without(frozenset({other}))
    for other in (one.id for one in policy.clauses if one.id not in {clause.id, *clause.unless}):
        giving_way = Clause(clause.id, clause.then, clause.when, unless=(*clause.unless, other), cite=clause.cite)
        yield Mutation.UNLESS_ADDED, f"gives way to {other} too", giving_way
    for answer in _answers(policy):
        if answer is not clause.then:
            change = f'answers "{label(answer)}" in place of "{label(clause.then)}"'
            yield Mutation.ANSWER_SWAPPED, change, Clause(clause.id, answer, clause.when, unless=clause.unless, cite=clause.cite)
    for kind, change, condition in _distinct(clause.when):
        yield kind, change, _applying(clause, condition)
    if clause.when != ALWAYS:
        yield Mutation.CONDITION_DROPPED, "in every case", _applying(clause, ALWAYS)


def _answers(policy: Policy[Any, Any]) -> tuple[StrEnum | None, ...]:
    return (*policy.answers, None) if policy.collects else tuple(policy.answers)


def _applying(clause: Clause, when: Condition) -> Clause:
    return Clause(clause.id, clause.then, when, unless=clause.unless, cite=clause.cite)


def _distinct(condition: Condition) -> Iterator[_Altered]:
    """Give the altered conditions, each once: twins side by side make the same mistake twice."""
    seen = {condition}
    for kind, change, altered in _altered(condition):
        if altered not in seen:
            seen.add(altered)
            yield kind, change, altered


def _altered(condition: Condition) -> Iterator[_Altered]:
    if isinstance(condition, Not):
        yield Mutation.NEGATION_DROPPED, f"no longer negated: {describe(condition.part)}", condition.part
        for kind, change, part in _altered_inside(condition.part):
            yield kind, change, Not(part)
        return
    yield Mutation.NEGATION_ADDED, f"not: {describe(condition)}", Not(condition)
    yield from _altered_inside(condition)


def _altered_inside(condition: Condition) -> Iterator[_Altered]:
    if isinstance(condition, Is):
        for kind, change, values in _altered_values(condition.input, condition.values):
            yield kind, change, Is(condition.input, values)
    elif isinstance(condition, AllOf | AnyOf):
        yield from _altered_parts(condition, condition.parts)


def _altered_parts(condition: AllOf | AnyOf, parts: tuple[Condition, ...]) -> Iterator[_Altered]:
    kind, other, words = (AllOf, AnyOf, "or in place of and") if isinstance(condition, AllOf) else (AnyOf, AllOf, "and in place of or")
    if len(parts) > 1:
        yield Mutation.AND_OR_SWAPPED, f"{words}: {describe(other(parts))}", other(parts)
    for place, part in enumerate(parts):
        before, after = parts[:place], parts[place + 1 :]
        if rest := (*before, *after):
            yield Mutation.PART_DROPPED, f"without: {describe(part)}", kind(rest) if len(rest) > 1 else rest[0]
        for mutation, change, altered in _altered(part):
            yield mutation, change, kind((*before, altered, *after))


def _altered_values(item: Choice | Flag, values: tuple[Value, ...]) -> Iterator[tuple[Mutation, str, tuple[Value, ...]]]:
    others = tuple(value for value in item.values if value not in values)
    if isinstance(item, Flag):
        yield Mutation.FLAG_FLIPPED, f"{item.name}: {_listed(others)} in place of {_listed(values)}", others
        return
    for value in values:
        rest = {one for one in values if one != value}
        for other in others:
            change = f"{item.name}: {label(other)} in place of {label(value)}"
            yield Mutation.VALUE_REPLACED, change, _in_order(item, {*rest, other})
        if rest:
            yield Mutation.VALUE_REMOVED, f"{item.name}: no longer {label(value)}", _in_order(item, rest)
    for other in others:
        yield Mutation.VALUE_ADDED, f"{item.name}: {label(other)} too", _in_order(item, {*values, other})


def _listed(values: tuple[Value, ...]) -> str:
    return " or ".join(map(label, values))


def _in_order(item: Choice | Flag, values: set[Value]) -> tuple[Value, ...]:
    return tuple(value for value in item.values if value in values)
