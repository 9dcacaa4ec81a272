"""What other facts, facts still unknown and another text would change: counterfactuals, open questions, differences.

Floor 1, above `clauses.spaces`. May import: errors, clauses.conditions, clauses.model, clauses.spaces, attrs and the standard library.

As in `clauses.checks`, every point is looked at, and None is the answer where no clause decides or clauses contradict each other.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any, final

import attrs

from partnerkit.clauses.conditions import Value, check_value
from partnerkit.clauses.model import Facts, Policy
from partnerkit.clauses.spaces import Answer, Axis, Chart, Space, chart_of, indexes, place_of, shared_inputs, space_of, split_cells
from partnerkit.errors import InvalidValue


@final
@attrs.frozen(kw_only=True)
class Change:
    """One fact with another value, and who can bring that about.

    >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
    >>> counterfactuals(OWNERSHIP, OwnershipFacts(management=Management.REFERRED))[0].changes
    (Change(input='management', before=Management.REFERRED, after=Management.MANAGED, changed_by=('partner', 'account holder')),)
    """

    input: str
    before: Value
    after: Value
    changed_by: tuple[str, ...]


@final
@attrs.frozen(kw_only=True)
class Counterfactual:
    """Changes that together lead to another answer, none of which could be left out.

    >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
    >>> counterfactuals(OWNERSHIP, OwnershipFacts(management=Management.REFERRED))[0].outcome
    Owner.PARTNER
    """

    changes: tuple[Change, ...]
    outcome: Answer


@final
@attrs.frozen(kw_only=True)
class StillOpen:
    """Which answers remain when some facts are known, and which facts settle the answer once they are known too.

    >>> from partnerkit.policies import OWNERSHIP
    >>> still_open(OWNERSHIP, {})
    StillOpen(answers=(Owner.PARTNER, Owner.VENDOR), ask=('management',))
    """

    answers: tuple[Answer, ...]
    ask: tuple[str, ...]


@final
@attrs.frozen(kw_only=True)
class Difference:
    """Points at which two policies answer differently: how many, decided by which clauses, and one of them.

    >>> from partnerkit.clauses import Clause, Flag, Permission, house
    >>> @attrs.frozen(kw_only=True)
    ... class Weather:
    ...     rain: bool
    >>> rain = Flag("rain", "it rains", "it is dry")
    >>> dry = Clause("W-DRY", Permission.MAY, rain.no, cite=house("nothing speaks against it"))
    >>> wet = Clause("W-WET", Permission.MAY_NOT, rain.yes, cite=house("nobody likes to be wet"))
    >>> brave = Clause("W-WET", Permission.MAY, rain.yes, cite=house("an umbrella is at hand"))
    >>> before, after = (Policy("walk", "May we walk?", Weather, Permission, (dry, one)) for one in (wet, brave))
    >>> [(one.before, one.after, one.points, one.example) for one in diff(before, after)]
    [(Permission.MAY_NOT, Permission.MAY, 1, (('rain', True),))]
    """

    before: Answer
    after: Answer
    was_because: tuple[str, ...]
    now_because: tuple[str, ...]
    points: int
    example: tuple[tuple[str, Value], ...]
    _space: Space | None = attrs.field(default=None, eq=False, repr=False)
    _bits: int = attrs.field(default=0, eq=False, repr=False)

    def every_point(self) -> Iterator[dict[str, Value]]:
        """Give every one of the points, as facts by their names.

        >>> from partnerkit.policies import CONTACT
        >>> found = diff(CONTACT, CONTACT.amend(repeal=("CONTACT-OPTED-OUT",)))
        >>> [len(list(one.every_point())) == one.points for one in found]
        [True]
        """
        return (self._space.values_at(index) for index in indexes(self._bits)) if self._space else iter(())


def counterfactuals(policy: Policy[Facts, Any], facts: Facts) -> tuple[Counterfactual, ...]:
    """Give all smallest changes of the facts that lead to another answer, those of fewest facts first.

    A change is smallest when no part of it, alone and lawful, leads to another answer already.
    Facts that cannot be raise `InvalidValue`.

    >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
    >>> for way in counterfactuals(OWNERSHIP, OwnershipFacts(management=Management.REFERRED)):
    ...     print(way.changes[0].after, way.outcome, way.changes[0].changed_by)
    managed partner ('partner', 'account holder')
    """
    chart = chart_of(policy)
    here = _index_of(chart.space, policy, facts)
    if not chart.lawful >> here & 1:
        raise InvalidValue(f"facts that cannot be were put to the policy {policy.id}: {facts!r:.200} breaks one of its laws")
    other = chart.lawful & ~chart.outcomes[_outcome_at(chart, here)]
    smallest: list[frozenset[tuple[int, int]]] = []
    for change in _changes(chart.space, here):
        if any(part <= change for part in smallest):
            continue
        if other >> _moved(chart.space, here, change) & 1:
            smallest.append(change)
    return tuple(_counterfactual(chart, here, change) for change in smallest)


def still_open(policy: Policy[Any, Any], known: Mapping[str, Value]) -> StillOpen:
    """Tell which answers remain when only some facts are known, and which others must be asked to settle it.

    A name the policy does not ask for, a value its input cannot have, and facts that cannot be together raise
    `InvalidValue`.

    >>> from partnerkit.policies import CONTACT, Owner, Purpose
    >>> still_open(CONTACT, {"owner": Owner.PARTNER, "purpose": Purpose.LEGAL_OBLIGATION})
    StillOpen(answers=(Permission.MAY,), ask=())
    >>> still_open(CONTACT, {"owner": Owner.PARTNER, "purpose": Purpose.REPLY}).ask
    ('partner_asked', 'reply_agreed', 'partner_asked_agreed')
    """
    chart = chart_of(policy)
    region = chart.lawful
    for name, value in known.items():
        axis = chart.space.axis(name, policy.id)
        check_value(axis.item, value)
        region &= chart.space.having(axis, [axis.item.values.index(value)])
    if not region:
        raise InvalidValue(f"no lawful point of the policy {policy.id} has the known facts: {dict(known)!r:.200}")
    remaining = {answer: bits & region for answer, bits in chart.outcomes.items() if bits & region}
    ask = _settling(chart.space, [axis for axis in chart.space.axes if axis.item.name not in known], remaining)
    return StillOpen(answers=tuple(remaining), ask=ask)


def diff(old: Policy[Any, Any], new: Policy[Any, Any]) -> tuple[Difference, ...]:
    """Find where two policies answer differently, over the points that are lawful for both, and by which clauses.

    They must be two texts of one policy, with one id, as `Policy.amend` gives them; and the facts they share by name must have the same
    values. Else `InvalidValue` is raised.

    >>> from partnerkit.policies import CONTACT
    >>> strict = CONTACT.amend(repeal=("CONTACT-ASKED",))
    >>> [(one.before, one.after, one.was_because, one.now_because) for one in diff(CONTACT, strict)]
    [(Permission.MAY, Permission.MAY_NOT, ('CONTACT-ASKED',), ('CONTACT-MANAGED',))]
    """
    if old.id != new.id:
        raise InvalidValue(
            f"the policies {old.id} and {new.id} answer two questions: compare two texts of one policy, with one id, such as .amend() gives"
        )
    space = space_of(shared_inputs(old, new))
    was, now = chart_of(old, space), chart_of(new, space)
    found = []
    for before, after in product(was.outcomes, now.outcomes):
        changed = was.outcomes[before] & now.outcomes[after]
        if changed and before != after:
            found += [_difference(space, before, after, ids, bits) for ids, bits in _by_reasons(old, new, was, now, changed)]
    return tuple(found)


def _changes(space: Space, here: int) -> Iterator[frozenset[tuple[int, int]]]:
    """Give every change of some inputs, as places in the space and among the values, fewest inputs first."""
    single = [
        [(place, value) for value in range(len(axis.item.values)) if value != place_of(axis, here)] for place, axis in enumerate(space.axes)
    ]
    for count in range(1, len(space.axes) + 1):
        for several in combinations(single, count):
            yield from map(frozenset, product(*several))


def _moved(space: Space, here: int, change: frozenset[tuple[int, int]]) -> int:
    return here + sum((value - place_of(space.axes[place], here)) * space.axes[place].stride for place, value in change)


def _counterfactual(chart: Chart, here: int, change: frozenset[tuple[int, int]]) -> Counterfactual:
    changes = (_change(chart.space.axes[place], here, value) for place, value in sorted(change))
    return Counterfactual(changes=tuple(changes), outcome=_outcome_at(chart, _moved(chart.space, here, change)))


def _change(axis: Axis, here: int, value: int) -> Change:
    item = axis.item
    return Change(input=item.name, before=item.values[place_of(axis, here)], after=item.values[value], changed_by=item.changed_by)


def _outcome_at(chart: Chart, index: int) -> Answer:
    return next(answer for answer, bits in chart.outcomes.items() if bits >> index & 1)


def _settling(space: Space, unknown: list[Axis], remaining: Mapping[Answer, int]) -> tuple[str, ...]:
    """Leave out one unknown input after the other as long as those that stay tell the answers apart."""
    ask = []
    cells = list(remaining.values())
    for axis in unknown:
        folded = [space.folded(bits, axis) for bits in cells]
        if any(one & other for one, other in combinations(folded, 2)):
            ask.append(axis.item.name)
        else:
            cells = folded
    return tuple(ask)


def _by_reasons(
    old: Policy[Any, Any], new: Policy[Any, Any], was: Chart, now: Chart, changed: int
) -> Iterator[tuple[tuple[tuple[str, ...], tuple[str, ...]], int]]:
    """Part the changed points by the clauses that decide in the old policy and in the new one."""
    cells: dict[tuple[Any, ...], int] = {(): changed}
    sides = (("was", old, was), ("now", new, now))
    for side, policy, chart in sides:
        for clause in policy.clauses:
            cells = split_cells(cells, (side, clause.id), chart.decided[clause.id])
    for key, bits in cells.items():
        was_because = tuple(clause_id for side, clause_id in key if side == "was")
        now_because = tuple(clause_id for side, clause_id in key if side == "now")
        yield (was_because, now_because), bits


def _difference(space: Space, before: Answer, after: Answer, reasons: tuple[tuple[str, ...], tuple[str, ...]], bits: int) -> Difference:
    was_because, now_because = reasons
    return Difference(
        before=before,
        after=after,
        was_because=was_because,
        now_because=now_because,
        points=bits.bit_count(),
        example=tuple(space.values_at(next(indexes(bits))).items()),
        space=space,
        bits=bits,
    )


def _index_of(space: Space, policy: Policy[Any, Any], facts: object) -> int:
    index = 0
    for axis in space.axes:
        if not hasattr(facts, axis.item.name):
            raise InvalidValue(f"the policy {policy.id} needs the fact {axis.item.name}: ask with {policy.facts.__name__}")
        value = getattr(facts, axis.item.name)
        check_value(axis.item, value)
        index += axis.item.values.index(value) * axis.stride
    return index
