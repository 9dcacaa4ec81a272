"""Sets of points as whole numbers: what is lawful, where each clause decides, and where each answer is given.

Floor 1, above `clauses.model`. May import: errors, clauses.conditions, clauses.parts, clauses.model, attrs and the standard library.

A set of points is one whole number with a bit for each point, so that a condition is evaluated once for all points and
not once for each. This is the arithmetic of `clauses.checks`, which says what the sets mean.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import reduce
from itertools import accumulate
from math import prod
from operator import mul, or_
from typing import Any, final

import attrs

from partnerkit.clauses.conditions import AllOf, AnyOf, Choice, Condition, Flag, Is, Law, Not, Value
from partnerkit.clauses.model import Policy
from partnerkit.clauses.parts import Clause
from partnerkit.errors import InvalidValue, shown

Answer = StrEnum | tuple[StrEnum, ...] | None
"""An answer of a policy; of a collecting policy the tuple of its answers; None where there is no answer."""

_MOST_POINTS = 1 << 24


@final
@attrs.frozen(kw_only=True)
class Axis:
    """An input and how many bits apart two neighboring values of it lie."""

    item: Choice | Flag
    stride: int


@final
@attrs.frozen(kw_only=True)
class Space:
    """All points of some inputs; the points of a set are the bits that are on in a whole number."""

    axes: tuple[Axis, ...]
    size: int

    @property
    def everything(self) -> int:
        """All points."""
        return (1 << self.size) - 1

    def axis(self, name: str, policy_id: str) -> Axis:
        """Give the axis of an input by its name."""
        for axis in self.axes:
            if axis.item.name == name:
                return axis
        asked = ", ".join(axis.item.name for axis in self.axes)
        raise InvalidValue(f"{shown(name)} is no fact of the policy {policy_id}: it asks for {asked}")

    def having(self, axis: Axis, places: Iterable[int]) -> int:
        """Give the points at which an input has one of its values, by their places."""
        block = union(((1 << axis.stride) - 1) << place * axis.stride for place in places)
        width = axis.stride * len(axis.item.values)
        return _repeated(block, width, self.size // width)

    def where(self, condition: Condition) -> int:
        """Give the points at which a condition holds."""
        match condition:
            case Is(item, values):
                return self.having(self.axis(item.name, "at hand"), [item.values.index(value) for value in values])
            case AllOf(parts):
                return reduce(int.__and__, map(self.where, parts), self.everything)
            case AnyOf(parts):
                return union(map(self.where, parts))
            case Not(part):
                return self.everything & ~self.where(part)
            case _:
                raise InvalidValue(f"{type(condition).__name__} is a condition of no known kind: build conditions from inputs with & | ~")

    def sliced(self, bits: int, axis: Axis, place: int) -> int:
        """Give the points of a set at which an input has one value, moved to where it has its first."""
        return (bits & self.having(axis, [place])) >> place * axis.stride

    def folded(self, bits: int, axis: Axis) -> int:
        """Give the points of a set with one input forgotten: all moved to where it has its first value."""
        return union(self.sliced(bits, axis, place) for place in range(len(axis.item.values)))

    def values_at(self, index: int) -> dict[str, Value]:
        """Give the value of every input at a point."""
        return {axis.item.name: axis.item.values[place_of(axis, index)] for axis in self.axes}


@final
@attrs.frozen(kw_only=True)
class Chart:
    """One policy drawn over a space: what is lawful, where each clause applies and decides, and where each answer is given."""

    space: Space
    lawful: int
    applies: Mapping[str, int]
    decided: Mapping[str, int]
    outcomes: Mapping[Answer, int]


def space_of(inputs: Iterable[Choice | Flag]) -> Space:
    """Lay out all points of some inputs."""
    items = tuple(inputs)
    lengths = [len(item.values) for item in items]
    size = prod(lengths)
    if size > _MOST_POINTS:
        raise InvalidValue(
            f"{size} points are more than the {_MOST_POINTS} that can be looked at: split the policy, or give an input fewer values"
        )
    # The last input varies fastest, as in nested loops.
    strides = [*accumulate(reversed(lengths[1:]), mul, initial=1)][::-1]
    return Space(axes=tuple(Axis(item=item, stride=stride) for item, stride in zip(items, strides, strict=True)), size=size)


def chart_of(policy: Policy[Any, Any], space: Space | None = None) -> Chart:
    """Draw a policy over a space, its own unless another is given."""
    space = space or space_of(policy.inputs)
    lawful = lawful_points(space, policy.laws)
    applies = {clause.id: space.where(clause.when) & lawful for clause in policy.clauses}
    decided = decided_points(policy.clauses, applies)
    outcomes = outcomes_of(policy, policy.clauses, decided, lawful)
    return Chart(space=space, lawful=lawful, applies=applies, decided=decided, outcomes=outcomes)


def shared_inputs(old: Policy[Any, Any], new: Policy[Any, Any]) -> tuple[Choice | Flag, ...]:
    """Give the inputs of two policies, each once; one of both must have the same values in both."""
    items = {item.name: item for item in old.inputs}
    for item in new.inputs:
        known = items.setdefault(item.name, item)
        if known.values != item.values:
            raise InvalidValue(f"the fact {item.name} has other values in the two policies {old.id} and {new.id}: they cannot be compared")
    return tuple(items.values())


def lawful_points(space: Space, laws: Iterable[Law]) -> int:
    """Give the points that break no law."""
    return reduce(int.__and__, (space.where(law.holds) for law in laws), space.everything)


def decided_points(clauses: tuple[Clause, ...], applies: Mapping[str, int], without: str | None = None) -> dict[str, int]:
    """Give the points at which each clause decides: it applies there, and no clause of its `unless` decides.

    `without` may be the id of a clause that was left out, and still stands in the `unless` of others.
    """
    decided = {} if without is None else {without: 0}
    waiting = clauses
    while waiting:
        for clause in waiting:
            if decided.keys() >= set(clause.unless):
                decided[clause.id] = applies[clause.id] & ~union(decided[other] for other in clause.unless)
        waiting = tuple(clause for clause in waiting if clause.id not in decided)
    return {clause.id: decided[clause.id] for clause in clauses}


def outcomes_of(policy: Policy[Any, Any], clauses: Iterable[Clause], decided: Mapping[str, int], lawful: int) -> dict[Answer, int]:
    """Give the points of each answer, None where there is no single one."""
    saying: dict[StrEnum | None, int] = dict.fromkeys(policy.answers, 0)
    for clause in clauses:
        saying[clause.then] = saying.get(clause.then, 0) | decided[clause.id]
    outcomes = _collected(saying, lawful) if policy.collects else _single(saying, lawful)
    return {answer: bits for answer, bits in outcomes.items() if bits}


def _single(saying: Mapping[StrEnum | None, int], lawful: int) -> dict[Answer, int]:
    once, twice = 0, 0
    for bits in saying.values():
        twice |= once & bits
        once |= bits
    return {None: lawful & ~once | twice, **{answer: bits & ~twice for answer, bits in saying.items()}}


def _collected(saying: Mapping[StrEnum | None, int], lawful: int) -> dict[Answer, int]:
    spoken = union(saying.values())
    cells: dict[tuple[StrEnum, ...], int] = {(): spoken}
    for answer, bits in saying.items():
        if answer is not None:
            cells = split_cells(cells, answer, bits)
    outcomes: dict[Answer, int] = dict(cells.items())
    return outcomes | {None: lawful & ~spoken}


def split_cells(cells: Mapping[tuple[Any, ...], int], label: object, bits: int) -> dict[tuple[Any, ...], int]:
    """Part every cell in those points that are in a set, whose key gets the label, and those that are not."""
    parted = {}
    for key, cell in cells.items():
        parted[(*key, label)] = cell & bits
        parted[key] = cell & ~bits
    return {key: cell for key, cell in parted.items() if cell}


def place_of(axis: Axis, index: int) -> int:
    """Give the place of an input's value at a point among its values."""
    return index // axis.stride % len(axis.item.values)


def union(sets: Iterable[int]) -> int:
    """Give the points that are in any of some sets."""
    return reduce(or_, sets, 0)


def _repeated(block: int, width: int, times: int) -> int:
    """Lay a block of bits side by side; doubling what is laid already keeps this short."""
    laid, count = block, 1
    while count < times:
        more = min(count, times - count)
        laid |= (laid & (1 << more * width) - 1) << count * width
        count += more
    return laid


def indexes(bits: int) -> Iterator[int]:
    """Give the points of a set, in their order."""
    shown = bin(bits)[:1:-1]
    index = shown.find("1")
    while index >= 0:
        yield index
        index = shown.find("1", index + 1)
