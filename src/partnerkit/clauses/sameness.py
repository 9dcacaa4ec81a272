"""Whether two policies rule alike at every point, and why a change of a policy changes no ruling.

Floor 1, above `clauses.mutation`. May import: enums, clauses.conditions, clauses.parts, clauses.model, clauses.spaces, clauses.mutation,
attrs and the standard library.

Nothing here is guessed. Each reason is a set of points that was found empty, and a law is named only where the set is not
empty without it.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, final

import attrs

from partnerkit.clauses.conditions import ALWAYS, Condition, Law
from partnerkit.clauses.model import Policy
from partnerkit.clauses.mutation import Mutant, Mutation
from partnerkit.clauses.parts import Clause
from partnerkit.clauses.spaces import (
    Answer,
    Chart,
    Space,
    chart_of,
    decided_points,
    lawful_points,
    outcomes_of,
    shared_inputs,
    space_of,
    union,
)
from partnerkit.enums import Named


@final
class Sameness(Named):
    """Why a change of a policy changes no ruling.

    >>> Sameness.NEVER_TOGETHER.value
    'the two clauses never apply together'
    """

    NEVER_TOGETHER = "the two clauses never apply together"
    SET_ASIDE_ITSELF = "wherever both clauses apply, the other one is set aside itself"
    SAME_POINTS = "the condition holds at the same points as before"
    NEVER_APPLIES = "the clause never applies"
    NEVER_DECIDES = "the clause never decides"
    SAID_BY_OTHERS = "wherever the clause decides, other clauses give the answers that are lost or won"
    SAME_LAWS = "the laws allow the same points as before"


@final
@attrs.frozen(kw_only=True)
class Equivalence:
    """Why a mutant rules as the policy does: the reason, the laws without which it would not hold, and clauses that bring it about.

    `laws` are fewest: leave one out, and the reason fails at points that are not lawful. Without laws the reason holds at
    every point, lawful or not. `clauses` are those that set the other clause aside, or that give the answers in question.

    >>> from partnerkit.clauses import mutants
    >>> from partnerkit.policies import OWNERSHIP
    >>> equivalence(OWNERSHIP, mutants(OWNERSHIP)[0])
    Equivalence(reason=Sameness.NEVER_TOGETHER, laws=(), clauses=())
    """

    reason: Sameness
    laws: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


def same_rulings(one: Policy[Any, Any], other: Policy[Any, Any]) -> bool:
    """Tell whether two policies have the same lawful points and rule alike at each of them.

    A ruling is its answer, the clauses that decide, and those set aside with the clauses that do it. Clauses that do not
    apply are not compared, nor are words and citations. Facts of one name must have the same values in both, else `InvalidValue` is
    raised.

    >>> from partnerkit.clauses import mutants
    >>> from partnerkit.policies import OWNERSHIP
    >>> [same_rulings(OWNERSHIP, mutant.policy) for mutant in mutants(OWNERSHIP)[:3]]
    [True, True, False]
    """
    space = space_of(shared_inputs(one, other))
    return _rulings(one, chart_of(one, space)) == _rulings(other, chart_of(other, space))


def equivalence(policy: Policy[Any, Any], mutant: Mutant) -> Equivalence | None:
    """Find why one of a policy's `mutants` gives the same rulings as the policy; None where it gives others, or was refused.

    >>> from partnerkit.clauses import mutants
    >>> from partnerkit.policies import SINGLE_BILL_LEAVING
    >>> for mutant in mutants(SINGLE_BILL_LEAVING):
    ...     found = equivalence(SINGLE_BILL_LEAVING, mutant)
    ...     if found:
    ...         print(mutant.part, mutant.change, "/", found.reason)
    LEAVE-PICK gives way to LEAVE-NOT-ON too / the two clauses never apply together
    LEAVE-NOT-ON gives way to LEAVE-PICK too / the two clauses never apply together
    """
    if mutant.policy is None or not same_rulings(policy, mutant.policy):
        return None
    space = space_of(policy.inputs)
    if mutant.policy.laws != policy.laws:
        return _of_laws(policy, mutant.policy, mutant.part, space)
    clause = policy.clause(mutant.part)
    match mutant.kind:
        case Mutation.UNLESS_ADDED | Mutation.UNLESS_DROPPED:
            (other,) = {*clause.unless} ^ {*mutant.policy.clause(clause.id).unless}
            return _of_two_clauses(policy, clause, policy.clause(other), space)
        case Mutation.ANSWER_SWAPPED:
            return _of_answers(policy, mutant.policy, clause, space)
        case Mutation.CLAUSE_DROPPED:
            return Equivalence(reason=Sameness.NEVER_APPLIES, laws=_laws_against(space.where(clause.when), policy.laws, space))
        case _:
            changed = space.where(clause.when) ^ space.where(mutant.policy.clause(clause.id).when)
            return Equivalence(reason=Sameness.SAME_POINTS, laws=_laws_against(changed, policy.laws, space))


def _rulings(policy: Policy[Any, Any], chart: Chart) -> tuple[int, Mapping[Answer, int], Mapping[tuple[str, ...], int]]:
    """Give the lawful points, those of each answer, and those at which each clause decides or is set aside by another."""
    because: dict[tuple[str, ...], int] = {(clause_id,): bits for clause_id, bits in chart.decided.items() if bits}
    for clause in policy.clauses:
        aside: dict[tuple[str, ...], int] = {(clause.id, other): chart.applies[clause.id] & chart.decided[other] for other in clause.unless}
        because |= {key: bits for key, bits in aside.items() if bits}
    return chart.lawful, chart.outcomes, because


def _of_two_clauses(policy: Policy[Any, Any], clause: Clause, other: Clause, space: Space) -> Equivalence:
    """Say why it makes no difference whether a clause gives way to another: that one never decides where it applies."""
    applies = {one.id: space.where(one.when) for one in policy.clauses}
    decided = decided_points(policy.clauses, applies)
    both = applies[clause.id] & applies[other.id]
    lawful_both = both & lawful_points(space, policy.laws)
    if not lawful_both:
        return Equivalence(reason=Sameness.NEVER_TOGETHER, laws=_laws_against(both, policy.laws, space))
    return Equivalence(
        reason=Sameness.SET_ASIDE_ITSELF,
        laws=_laws_against(both & decided[other.id], policy.laws, space),
        clauses=tuple(name for name in sorted(other.unless) if decided[name] & lawful_both),
    )


def _of_answers(policy: Policy[Any, Any], mutated: Policy[Any, Any], clause: Clause, space: Space) -> Equivalence:
    decided = decided_points(policy.clauses, {one.id: space.where(one.when) for one in policy.clauses})
    lawful_here = decided[clause.id] & lawful_points(space, policy.laws)
    if not lawful_here:
        return Equivalence(reason=Sameness.NEVER_DECIDES, laws=_laws_against(decided[clause.id], policy.laws, space))
    before, after = (outcomes_of(one, one.clauses, decided, space.everything) for one in (policy, mutated))
    changed = space.everything & ~union(before[answer] & after.get(answer, 0) for answer in before)
    answers = {clause.then, mutated.clause(clause.id).then} - {None}
    saying = (one.id for one in policy.clauses if one.then in answers and one is not clause)
    return Equivalence(
        reason=Sameness.SAID_BY_OTHERS,
        laws=_laws_against(changed, policy.laws, space),
        clauses=tuple(name for name in saying if decided[name] & lawful_here),
    )


def _of_laws(policy: Policy[Any, Any], mutated: Policy[Any, Any], law_id: str, space: Space) -> Equivalence:
    changed = space.where(_holds(policy.laws, law_id)) ^ space.where(_holds(mutated.laws, law_id))
    others = tuple(law for law in policy.laws if law.id != law_id)
    return Equivalence(reason=Sameness.SAME_LAWS, laws=_laws_against(changed, others, space))


def _holds(laws: Iterable[Law], law_id: str) -> Condition:
    """Give what a law demands; one that was left out demands nothing."""
    return next((law.holds for law in laws if law.id == law_id), ALWAYS)


def _laws_against(points: int, laws: tuple[Law, ...], space: Space) -> tuple[str, ...]:
    """Name the fewest laws of which each of some unlawful points breaks one."""
    several = (few for count in range(len(laws) + 1) for few in combinations(laws, count))
    return next(tuple(law.id for law in few) for few in several if not points & lawful_points(space, few))
