"""Every ruling a policy can give, and which of them it gives at which point.

Floor 1, above `clauses.spaces`. May import: clauses.conditions, clauses.model, clauses.spaces, attrs and the standard library.
"""

from typing import Any, final

import attrs

from partnerkit.clauses.conditions import Value
from partnerkit.clauses.model import Policy, Ruling
from partnerkit.clauses.spaces import chart_of


@final
@attrs.frozen(kw_only=True)
class RulingTable:
    """All distinct rulings of a policy, and for every point the place of its ruling among them.

    `inputs` are the facts by name, each with its values. The points are all combinations of these values, counted as nested loops
    count: the value of the last input changes from each point to the next. `points` has a number for each of them: the place of
    the ruling in `rulings`, or `IMPOSSIBLE` where the facts break a law. Rulings stand in the order of their first points.

    >>> from partnerkit.policies import OWNERSHIP
    >>> table = ruling_table(OWNERSHIP)
    >>> table.inputs
    (('management', (Management.REFERRED, Management.MANAGED, None)),)
    >>> [table.rulings[place].outcome for place in table.points]
    [Owner.VENDOR, Owner.PARTNER, Owner.VENDOR]
    """

    policy: str
    inputs: tuple[tuple[str, tuple[Value, ...]], ...]
    rulings: tuple[Ruling[Any], ...]
    points: tuple[int, ...]


IMPOSSIBLE = -1
"""What stands in a `RulingTable` at a point that breaks a law."""


def ruling_table(policy: Policy[Any, Any]) -> RulingTable:
    """Ask a policy at every point.

    Where no clause decides, or clauses contradict each other, `InvalidValue` is raised as `Policy.decide` raises it.

    >>> from partnerkit.policies import CREDITING
    >>> len(ruling_table(CREDITING).rulings)
    24576
    """
    chart = chart_of(policy)
    size = chart.space.size
    columns = [_bits(chart.applies[clause.id], size) for clause in policy.clauses]
    places: dict[tuple[bool, ...], int] = {}
    points = []
    for lawful, *applying in zip(_bits(chart.lawful, size), *columns, strict=True):
        points.append(places.setdefault(tuple(applying), len(places)) if lawful else IMPOSSIBLE)
    return RulingTable(
        policy=policy.id,
        inputs=tuple((axis.item.name, axis.item.values) for axis in chart.space.axes),
        rulings=tuple(map(policy.ruling_where, places)),
        points=tuple(points),
    )


def _bits(bits: int, size: int) -> list[bool]:
    """Give for each point whether it is in a set: a text of digits is read much faster than a large number is shifted."""
    return [digit == "1" for digit in f"{bits:0{size}b}"[::-1]]
