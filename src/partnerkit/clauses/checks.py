"""What can be proved of a policy by looking at every point: silence, contradictions, dead words, and what each fact can do.

Floor 1, above `clauses.changes` and `clauses.spaces`. May import: errors, clauses.citations, clauses.conditions, clauses.model,
clauses.spaces, clauses.changes, attrs and the standard library. What `clauses.changes` asks can be had from here too.

A point is one value for every fact a policy asks; it is lawful when it breaks no law of the policy. Nothing here is
sampled. A set of points is one whole number with a bit for each point, so that a condition is evaluated once for
all points and not once for each: a policy with a million points takes well under a second.

Where no clause decides, or clauses contradict each other, a point has no answer. `Policy.decide` raises there; these
checks show it, as the answer None.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any, final

import attrs

from partnerkit.clauses.changes import Change, Counterfactual, Difference, StillOpen, counterfactuals, diff, still_open
from partnerkit.clauses.citations import Basis
from partnerkit.clauses.conditions import Value, label
from partnerkit.clauses.model import Facts, Outcome, Policy
from partnerkit.clauses.spaces import (
    Answer,
    Axis,
    Chart,
    Space,
    chart_of,
    decided_points,
    indexes,
    lawful_points,
    outcomes_of,
    space_of,
    union,
)
from partnerkit.errors import InvalidValue

__all__ = [
    "Census",
    "Change",
    "Conflict",
    "Counterfactual",
    "Difference",
    "Influence",
    "Shift",
    "StillOpen",
    "census",
    "conflicts",
    "counterfactuals",
    "dead",
    "diff",
    "idle",
    "influence",
    "points",
    "redundant",
    "require_sound",
    "still_open",
]


@final
@attrs.frozen(kw_only=True)
class Conflict:
    """Two clauses that decide differently at the same points, how many points, and one of them as facts.

    >>> from partnerkit.clauses import Clause, Flag, Permission, house
    >>> @attrs.frozen(kw_only=True)
    ... class Weather:
    ...     rain: bool
    >>> rain = Flag("rain", "it rains", "it is dry")
    >>> stay = Clause("W-RAIN", Permission.MAY_NOT, rain.yes, cite=house("nobody likes to be wet"))
    >>> go = Clause("W-ANY", Permission.MAY, rain.yes | rain.no, cite=house("nothing speaks against it"))
    >>> conflicts(Policy("walk", "May we walk?", Weather, Permission, (stay, go)))
    (Conflict(clauses=('W-RAIN', 'W-ANY'), points=1, example=Weather(rain=True)),)
    """

    clauses: tuple[str, str]
    points: int
    example: Any


@final
@attrs.frozen(kw_only=True)
class Census:
    """What a policy answers over all its lawful points.

    `answers` counts the points of each answer and `deciding` those at which each clause decides, in the order of the
    policy; `bases` counts the points by the weakest basis of their deciding clauses. `silent` and `conflicting` count
    the points without an answer; a policy that is ready for use has none.

    >>> from partnerkit.policies import OWNERSHIP
    >>> census(OWNERSHIP).deciding
    (('OWNER-MANAGED', 1), ('OWNER-REFERRED', 1), ('OWNER-OUTSIDE', 1))
    """

    policy: str
    points: int
    answers: tuple[tuple[Answer, int], ...]
    deciding: tuple[tuple[str, int], ...]
    bases: tuple[tuple[Basis, int], ...]
    silent: int
    conflicting: int


@final
@attrs.frozen(kw_only=True)
class Shift:
    """At how many points one answer becomes another.

    >>> from partnerkit.policies import OWNERSHIP
    >>> influence(OWNERSHIP)[0].shifts
    (Shift(before=Owner.VENDOR, after=Owner.PARTNER, points=1),)
    """

    before: Answer
    after: Answer
    points: int


@final
@attrs.frozen(kw_only=True)
class Influence:
    """What one fact can do: the answers that change when it goes from `before` to `after` and all else stays.

    `pairs` counts the pairs of lawful points that differ in this alone; without `shifts` the change never matters.

    >>> from partnerkit.policies import OWNERSHIP
    >>> one = influence(OWNERSHIP)[0]
    >>> one.input, one.before, one.after, one.pairs
    ('management', Management.REFERRED, Management.MANAGED, 1)
    """

    input: str
    before: Value
    after: Value
    pairs: int
    shifts: tuple[Shift, ...]


def points(policy: Policy[Facts, Any]) -> Iterator[Facts]:
    """Give the facts of every lawful point of a policy.

    Facts that no clause and no law asks for keep their default; one without a default raises `InvalidValue`.

    >>> from partnerkit.policies import OWNERSHIP
    >>> list(points(OWNERSHIP))
    [OwnershipFacts(management=Management.REFERRED), OwnershipFacts(management=Management.MANAGED), OwnershipFacts(management=None)]
    """
    space = space_of(policy.inputs)
    for index in indexes(lawful_points(space, policy.laws)):
        yield _facts_at(policy, space, index)


def census(policy: Policy[Any, Any]) -> Census:
    """Count the answers of a policy, and the points that have none.

    >>> from partnerkit.policies import OWNERSHIP
    >>> found = census(OWNERSHIP)
    >>> found.points, found.answers, found.silent, found.conflicting
    (3, ((Owner.PARTNER, 1), (Owner.VENDOR, 2)), 0, 0)
    """
    chart = chart_of(policy)
    decided = union(chart.decided.values())
    silent = chart.lawful & ~decided
    return Census(
        policy=policy.id,
        points=chart.lawful.bit_count(),
        answers=tuple((answer, bits.bit_count()) for answer, bits in chart.outcomes.items() if answer is not None),
        deciding=tuple((clause.id, chart.decided[clause.id].bit_count()) for clause in policy.clauses),
        bases=_count_bases(policy, chart.decided),
        silent=silent.bit_count(),
        conflicting=(chart.outcomes.get(None, 0) & ~silent).bit_count(),
    )


def conflicts(policy: Policy[Any, Any]) -> tuple[Conflict, ...]:
    """Find every two clauses that decide differently at the same lawful points; a policy that collects has none.

    >>> from partnerkit.policies import CONTACT
    >>> conflicts(CONTACT)
    ()
    """
    if policy.collects:
        return ()
    chart = chart_of(policy)
    found = []
    for one, other in combinations(policy.clauses, 2):
        both = chart.decided[one.id] & chart.decided[other.id]
        if both and one.then is not other.then:
            example = _facts_at(policy, chart.space, next(indexes(both)))
            found.append(Conflict(clauses=(one.id, other.id), points=both.bit_count(), example=example))
    return tuple(found)


def dead(policy: Policy[Any, Any]) -> tuple[str, ...]:
    """Name the clauses that decide at no lawful point.

    >>> from partnerkit.policies import REWARD
    >>> dead(REWARD)
    ()
    """
    decided = chart_of(policy).decided
    return tuple(clause.id for clause in policy.clauses if not decided[clause.id])


def redundant(policy: Policy[Any, Any]) -> tuple[str, ...]:
    """Name the clauses each of which could be left out, alone, without changing any answer.

    A redundant clause may still be wanted: it gives a reason that another clause does not give.

    >>> from partnerkit.policies import SINGLE_BILL_LEAVING
    >>> redundant(SINGLE_BILL_LEAVING)
    ()
    """
    chart = chart_of(policy)
    found = []
    for clause in policy.clauses:
        rest = tuple(other for other in policy.clauses if other is not clause)
        decided = decided_points(rest, chart.applies, without=clause.id)
        if outcomes_of(policy, rest, decided, chart.lawful) == chart.outcomes:
            found.append(clause.id)
    return tuple(found)


def idle(policy: Policy[Any, Any]) -> tuple[str, ...]:
    """Name the facts each of which never changes the answer while all the others stay.

    An idle fact may still be wanted: it tells apart by which clause the answer is given.

    >>> from partnerkit.policies import MOVE_IN
    >>> idle(MOVE_IN)
    ('from_partner',)
    """
    moving = {one.input for one in influence(policy) if one.shifts}
    return tuple(item.name for item in policy.inputs if item.name not in moving)


def influence(policy: Policy[Any, Any]) -> tuple[Influence, ...]:
    """Show, for every fact and every two of its values, which answers the change can bring about.

    >>> from partnerkit.policies import OWNERSHIP
    >>> [(one.before, one.after) for one in influence(OWNERSHIP) if one.shifts]
    [(Management.REFERRED, Management.MANAGED), (Management.MANAGED, None)]
    """
    chart = chart_of(policy)
    return tuple(_influence(chart, axis, *pair) for axis in chart.space.axes for pair in combinations(range(len(axis.item.values)), 2))


def require_sound(policy: Policy[Facts, Outcome]) -> Policy[Facts, Outcome]:
    """Give the policy back where every lawful point has one answer and every clause decides somewhere.

    Else `InvalidValue` names all that is wrong: how many points are silent and one of them, each two clauses that contradict
    each other and one point at which they do, and the clauses that never decide.

    >>> from partnerkit.policies import CONTACT
    >>> require_sound(CONTACT) is CONTACT
    True
    >>> require_sound(CONTACT.amend(repeal=("CONTACT-MANAGED",)))
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the policy contact is not sound: no clause decides at 368 points, such as ...
    """
    if not chart_of(policy).lawful:
        raise InvalidValue(f"the policy {policy.id} is not sound: its laws together allow no point, so no facts can be put to it")
    wrong = [*_silence(policy), *_contradictions(policy), *(f"the clause {clause_id} never decides" for clause_id in dead(policy))]
    if wrong:
        raise InvalidValue(f"the policy {policy.id} is not sound: {'; '.join(wrong)}")
    return policy


def _silence(policy: Policy[Any, Any]) -> Iterator[str]:
    chart = chart_of(policy)
    silent = chart.lawful & ~union(chart.decided.values())
    if silent:
        example = _facts_at(policy, chart.space, next(indexes(silent)))
        yield f"no clause decides at {silent.bit_count()} points, such as {example!r}: add the clause for the case that nobody mentions"


def _contradictions(policy: Policy[Any, Any]) -> Iterator[str]:
    for one in conflicts(policy):
        said = " and ".join(f"{clause_id} says {label(policy.clause(clause_id).then)}" for clause_id in one.clauses)
        yield f"{said} at {one.points} points, such as {one.example!r}: let one name the other in its unless"


def _count_bases(policy: Policy[Any, Any], decided: Mapping[str, int]) -> tuple[tuple[Basis, int], ...]:
    counts = dict.fromkeys(Basis, 0)
    seen = 0
    for basis in reversed(Basis):
        weakest = union(decided[clause.id] for clause in policy.clauses if clause.cite.basis is basis) & ~seen
        counts[basis] = weakest.bit_count()
        seen |= weakest
    return tuple(counts.items())


def _influence(chart: Chart, axis: Axis, before: int, after: int) -> Influence:
    space = chart.space
    pairs = space.sliced(chart.lawful, axis, before) & space.sliced(chart.lawful, axis, after)
    first = {answer: space.sliced(bits, axis, before) & pairs for answer, bits in chart.outcomes.items()}
    second = {answer: space.sliced(bits, axis, after) & pairs for answer, bits in chart.outcomes.items()}
    ways = ((was, now) for was, now in product(chart.outcomes, repeat=2) if was != now)
    shifts = (Shift(before=was, after=now, points=(first[was] & second[now]).bit_count()) for was, now in ways)
    return Influence(
        input=axis.item.name,
        before=axis.item.values[before],
        after=axis.item.values[after],
        pairs=pairs.bit_count(),
        shifts=tuple(shift for shift in shifts if shift.points),
    )


def _facts_at(policy: Policy[Facts, Any], space: Space, index: int) -> Facts:
    try:
        return policy.facts(**space.values_at(index))
    except TypeError as fault:
        raise InvalidValue(
            f"{policy.facts.__name__} has a field without default that the policy {policy.id} does not ask for: {fault}"
        ) from None
