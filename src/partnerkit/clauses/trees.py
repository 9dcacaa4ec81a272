"""Policies as decision trees: which fact is asked first, which next, and where each of its values leads.

Floor 1, above `clauses.walks`. May import: errors, clauses.conditions, clauses.walks, attrs and the standard library.

A tree asks exactly the facts that a walk through the conditions looks at, so that both refuse the same facts: first those that are
asked in any case, then all that can still matter. Values that lead to the same place share it. A value that leads nowhere, because it
is outside its type or because facts with it break a law, is left to the walk, which says what is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any, final

import attrs

from partnerkit.clauses.conditions import AllOf, AnyOf, Choice, Condition, Flag, Is, Not, Value
from partnerkit.clauses.walks import Walk
from partnerkit.errors import InvalidValue

Left = bool | Condition
"""What is left of a condition once some facts are known: whether it holds, or what must still hold."""

_State = tuple[Left, ...]
_Items = tuple[Choice | Flag, ...]


@final
@attrs.frozen(eq=False)
class Leaf:
    """An end of the tree: a ruling."""

    ruling: Any


@final
@attrs.frozen(kw_only=True, eq=False)
class Fork:
    """A fact that is asked, and where its values lead; a value that is not named leads nowhere."""

    item: Choice | Flag
    branches: tuple[tuple[tuple[Value, ...], "Node"], ...]


Node = Fork | Leaf

_GoOn = Callable[[_State], Node | None]


class _UnknownConditionError(Exception):
    """A condition is none that is built of inputs with & | ~."""


def grown(walk: Walk, most_ends: int) -> Node | None:
    """Grow the tree of a walk, or give None where it could have more ends than are wanted.

    None too where no way leads anywhere, or where a condition is of a kind of its own that cannot be looked into.
    """
    start = (*walk.conditions, *(law.holds for law in walk.laws))
    first = tuple(item for item in walk.inputs if item.name in walk.leading)
    if _size(first) > most_ends:
        return None
    try:
        ends = sum(_size(_asked(state, walk.inputs)) for state in _after(start, first))
    except _UnknownConditionError:
        return None
    return _Grower(walk).grow(start, first) if ends <= most_ends else None


def pruned(node: Node | None, known: Mapping[str, Value]) -> Node | None:
    """Give what is left of a tree where some facts are known: it no longer asks them."""
    seen: dict[Node | None, Node | None] = {}

    def left_of(node: Node | None) -> Node | None:
        if node not in seen:
            seen[node] = cut(node) if isinstance(node, Fork) else node
        return seen[node]

    def cut(fork: Fork) -> Node | None:
        if fork.item.name in known:
            return left_of(next((child for values, child in fork.branches if known[fork.item.name] in values), None))
        found = ((values, left_of(child)) for values, child in fork.branches)
        branches = tuple((values, child) for values, child in found if child is not None)
        return Fork(item=fork.item, branches=branches) if branches else None

    return left_of(node)


@final
class _Grower:
    """Grows a tree from the ends, so that every place is grown once, however many ways lead to it."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._clauses = len(walk.conditions)
        self._known: dict[tuple[_State, _Items], Node | None] = {}
        self._nodes: dict[object, Node] = {}

    def grow(self, state: _State, leading: _Items) -> Node | None:
        """Ask the leading facts, and below them all that can still matter."""
        return self._after_asking(leading, state, self._grow_rest)

    def _grow_rest(self, state: _State) -> Node | None:
        """Ask all facts that can still matter, and end in the rulings."""
        return self._after_asking(_asked(state, self._walk.inputs), state, self._leaf)

    def _after_asking(self, unasked: _Items, state: _State, go_on: _GoOn) -> Node | None:
        if False in state[self._clauses :]:
            return None
        if not unasked:
            return go_on(state)
        # A state that still asks for a leading fact is none of those below the leading facts, so the two never meet here.
        if (state, unasked) not in self._known:
            self._known[state, unasked] = self._fork(unasked, state, go_on)
        return self._known[state, unasked]

    def _fork(self, unasked: _Items, state: _State, go_on: _GoOn) -> Node | None:
        item = min(unasked, key=lambda one: len(one.values))
        rest = tuple(one for one in unasked if one is not item)
        groups: dict[Node, list[Value]] = {}
        for value in item.values:
            node = self._after_asking(rest, _narrowed(state, item, value), go_on)
            if node is not None:
                groups.setdefault(node, []).append(value)
        branches = tuple((tuple(values), node) for node, values in groups.items())
        return self._nodes.setdefault((item.name, branches), Fork(item=item, branches=branches)) if branches else None

    def _leaf(self, state: _State) -> Node | None:
        try:
            ruling = self._walk.rule(tuple(left is True for left in state[: self._clauses]))
        except InvalidValue:
            return None
        return self._nodes.setdefault(id(ruling), Leaf(ruling))


def _size(items: _Items) -> int:
    # A fact with one value counts as two, so that this bounds how deep the tree is as well.
    return prod(max(2, len(item.values)) for item in items)


def _after(state: _State, items: _Items) -> Iterator[_State]:
    if not items:
        yield state
        return
    for value in items[0].values:
        yield from _after(_narrowed(state, items[0], value), items[1:])


def _asked(state: _State, inputs: _Items) -> _Items:
    names = {item.name for left in state if not isinstance(left, bool) for item in left.inputs()}
    return tuple(item for item in inputs if item.name in names)


def _narrowed(state: _State, item: Choice | Flag, value: Value) -> _State:
    return tuple(left if isinstance(left, bool) else _left_of(left, item.name, value) for left in state)


def _left_of(condition: Condition, name: str, value: Value) -> Left:
    match condition:
        case Is(item, values):
            return value in values if item.name == name else condition
        case AllOf(parts):
            return _left_of_parts(AllOf, [_left_of(part, name, value) for part in parts], settling=False)
        case AnyOf(parts):
            return _left_of_parts(AnyOf, [_left_of(part, name, value) for part in parts], settling=True)
        case Not(part):
            left = _left_of(part, name, value)
            return not left if isinstance(left, bool) else Not(left)
        case _:
            raise _UnknownConditionError


def _left_of_parts(kind: type[AllOf] | type[AnyOf], parts: list[Left], *, settling: bool) -> Left:
    if settling in parts:
        return settling
    left = tuple(part for part in parts if not isinstance(part, bool))
    return kind(left) if left else not settling
