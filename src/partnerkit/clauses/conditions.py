"""The facts a policy asks for and the conditions they build: a closed algebra of data.

Floor 1, the lowest of `partnerkit.clauses`. May import: errors, attrs and the standard library.

A condition is a value, so one text can be decided, read aloud, put in a table, proved over every point and
translated. It is built from inputs with `&`, `|` and `~`; Python's `and`, `or` and `not` are refused, because they
would silently drop half of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final, Never, NoReturn, final

import attrs

from partnerkit.errors import InvalidValue, shown

Value = StrEnum | bool | None
Lookup = Callable[[str], Value]

DEEPEST: Final = 50
"""How many levels of conditions within conditions a clause or a law may have."""


def label(value: Value) -> str:
    """Say a value of an input or an answer in plain words.

    >>> class Color(StrEnum):
    ...     DARK_RED = "dark_red"
    >>> label(Color.DARK_RED), label(True), label(None)
    ('dark red', 'yes', 'none')
    """
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return value.value.replace("_", " ")


class Condition(ABC):
    """What must be true for a clause to apply; combine with `&`, `|` and `~`.

    >>> rain, wind = Flag("rain", "it rains", "it is dry"), Flag("wind", "it is windy", "it is still")
    >>> (rain.yes & ~wind.yes).holds({"rain": True, "wind": False}.__getitem__)
    True
    """

    __slots__ = ()

    def __and__(self, other: "Condition") -> "Condition":
        return AllOf((*_parts(AllOf, self), *_parts(AllOf, other)))

    def __or__(self, other: "Condition") -> "Condition":
        return AnyOf((*_parts(AnyOf, self), *_parts(AnyOf, other)))

    def __invert__(self) -> "Condition":
        return self.part if isinstance(self, Not) else Not(self)

    def __bool__(self) -> NoReturn:
        raise InvalidValue("a condition is neither true nor false by itself: write & for and, | for or, ~ for not")

    @abstractmethod
    def holds(self, lookup: Lookup) -> bool:
        """Tell whether the condition holds where `lookup(name)` gives each input's value."""

    @abstractmethod
    def settled(self, known: Mapping[str, Value]) -> bool | frozenset[str]:
        """Tell whether the condition holds where some inputs settle it, else which other inputs it still asks for."""

    @abstractmethod
    def inputs(self) -> "Iterator[Choice | Flag]":
        """Give the inputs the condition asks for, each as often as it is asked."""


@final
@attrs.frozen
class Is(Condition):
    """An input has one of some values."""

    input: "Choice | Flag"
    values: tuple[Value, ...]

    def __attrs_post_init__(self) -> None:
        _check_had(self.input, self.values)

    def holds(self, lookup: Lookup) -> bool:
        return lookup(self.input.name) in self.values

    def settled(self, known: Mapping[str, Value]) -> bool | frozenset[str]:
        name = self.input.name
        return known[name] in self.values if name in known else frozenset({name})

    def inputs(self) -> "Iterator[Choice | Flag]":
        yield self.input


@final
@attrs.frozen
class AllOf(Condition):
    """Every part holds; with no parts, always."""

    parts: tuple[Condition, ...]

    def __canonical__(self) -> frozenset[Condition]:
        return frozenset(self.parts)  # the order in which parts are written means nothing

    def holds(self, lookup: Lookup) -> bool:
        return all(part.holds(lookup) for part in self.parts)

    def settled(self, known: Mapping[str, Value]) -> bool | frozenset[str]:
        return _settled_by(self.parts, known, settling=False)

    def inputs(self) -> "Iterator[Choice | Flag]":
        for part in self.parts:
            yield from part.inputs()


@final
@attrs.frozen
class AnyOf(Condition):
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def __canonical__(self) -> frozenset[Condition]:
        return frozenset(self.parts)  # the order in which parts are written means nothing

    def holds(self, lookup: Lookup) -> bool:
        return any(part.holds(lookup) for part in self.parts)

    def settled(self, known: Mapping[str, Value]) -> bool | frozenset[str]:
        return _settled_by(self.parts, known, settling=True)

    def inputs(self) -> "Iterator[Choice | Flag]":
        for part in self.parts:
            yield from part.inputs()


@final
@attrs.frozen
class Not(Condition):
    """The part does not hold."""

    part: Condition

    def holds(self, lookup: Lookup) -> bool:
        return not self.part.holds(lookup)

    def settled(self, known: Mapping[str, Value]) -> bool | frozenset[str]:
        found = self.part.settled(known)
        return not found if isinstance(found, bool) else found

    def inputs(self) -> "Iterator[Choice | Flag]":
        yield from self.part.inputs()


ALWAYS: Condition = AllOf(())
"""The condition of a clause that applies at every point."""


def _settled_by(parts: tuple[Condition, ...], known: Mapping[str, Value], *, settling: bool) -> bool | frozenset[str]:
    """Settle a list of conditions, of which one that comes out as `settling` settles the whole."""
    found = [part.settled(known) for part in parts]
    asked = [one for one in found if not isinstance(one, bool)]
    if settling in found:
        return settling
    return frozenset().union(*asked) if asked else not settling


def _parts(kind: type[AllOf] | type[AnyOf], condition: object) -> tuple[Condition, ...]:
    if not isinstance(condition, Condition):
        raise InvalidValue(f"a condition combines only with conditions, not with {in_place_of_a_condition(condition)}")
    return condition.parts if isinstance(condition, kind) else (condition,)


def _check_had(item: "Choice | Flag", values: tuple[object, ...]) -> None:
    known = set(map(id, item.values))
    for value in values:
        if id(value) not in known:
            wanted = ", ".join(map(repr, item.values))
            raise InvalidValue(f"the input {item.name} never has the value {shown(value)}: it has one of {wanted}")


def check_condition(owner: str, condition: object) -> None:
    """Refuse what is no condition, and one that is nested too deeply to be decided wherever it is asked, naming whose it is."""
    if not isinstance(condition, Condition):
        raise InvalidValue(f"{owner} has for its condition {in_place_of_a_condition(condition)}")
    level: dict[int, Condition] = {0: condition}
    for _ in range(DEEPEST):
        level = {id(part): part for one in level.values() for part in _parts_within(one)}
        if not level:
            return
    raise InvalidValue(
        f"the condition of {owner} is nested deeper than {DEEPEST} levels: say it in fewer, or split it into several clauses or laws"
    )


def _parts_within(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return parts
        case Not(part):
            return (part,)
        case _:
            return ()


def in_place_of_a_condition(given: object) -> str:
    """Show what was given where a condition was wanted, and say how it becomes one."""
    match given:
        case Choice():
            return f"the input {given.name} itself: ask it with .is_(), .is_not() or .in_()"
        case Flag():
            return f"the input {given.name} itself: ask it with .yes or .no"
        case _:
            return f"{shown(given)}: ask inputs with .is_(), .in_(), .yes or .no, and join what they give with & | ~"


class _Input:
    """What is asked for: a condition only once it is asked for a value."""

    __slots__ = ()

    # `Never` lets a type checker refuse these where they are written, as if there were none.
    def __and__(self, other: Never) -> NoReturn:
        raise InvalidValue(f"& joins conditions, and was given {in_place_of_a_condition(self)}")

    def __or__(self, other: Never) -> NoReturn:
        raise InvalidValue(f"| joins conditions, and was given {in_place_of_a_condition(self)}")

    def __invert__(self) -> NoReturn:
        raise InvalidValue(f"~ turns a condition round, and was given {in_place_of_a_condition(self)}")


@final
@attrs.frozen
class Choice(_Input):
    """An input with one of an enum's values, and the sentence that says so.

    `sentence` has one `{}` for the value. With `absent` the input may also be None, and `absent` is the
    sentence that says this. `changed_by` names who can bring another value about.

    >>> class Size(StrEnum):
    ...     BIG = "big"
    ...     SMALL = "small"
    >>> size = Choice("size", Size, "the box is {}")
    >>> size.say(Size.BIG)
    'the box is big'
    >>> size.is_(Size.BIG).holds({"size": Size.SMALL}.get)
    False
    """

    name: str
    enum: type[StrEnum]
    sentence: str
    absent: str | None = attrs.field(default=None, kw_only=True)
    changed_by: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        before, place, after = self.sentence.partition("{}")
        if not place or {"{", "}"} & {*before, *after}:
            raise InvalidValue(f"the sentence of the input {self.name} has not exactly one {{}} for its value: {shown(self.sentence)}")

    @property
    def values(self) -> tuple[Value, ...]:
        """Every value the input can have, in the enum's order, None last."""
        members: tuple[Value, ...] = tuple(self.enum)
        return members if self.absent is None else (*members, None)

    def is_(self, value: StrEnum | None) -> Condition:
        """Build the condition that the input has this value."""
        return self.in_(value)

    def is_not(self, value: StrEnum | None) -> Condition:
        """Build the condition that the input has another value."""
        return ~self.in_(value)

    def in_(self, *values: StrEnum | None) -> Condition:
        """Build the condition that the input has one of these values."""
        _check_had(self, values)
        if not values:
            raise InvalidValue(f"the input {self.name} was asked for no value at all: name at least one")
        return Is(self, tuple(value for value in self.values if value in values))

    def say(self, value: Value) -> str:
        """Say in a sentence that the input has a value."""
        if value is None and self.absent is not None:
            return self.absent
        return self.sentence.format(label(value))


@final
@attrs.frozen
class Flag(_Input):
    """An input that is yes or no, with the sentence for each.

    >>> rain = Flag("rain", "it rains", "it is dry")
    >>> rain.say(True), rain.no.holds({"rain": False}.get)
    ('it rains', True)
    """

    name: str
    if_yes: str
    if_no: str
    changed_by: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def values(self) -> tuple[Value, ...]:
        """No and yes."""
        return (False, True)

    @property
    def yes(self) -> Condition:
        """The condition that the answer is yes."""
        return Is(self, (True,))

    @property
    def no(self) -> Condition:
        """The condition that the answer is no."""
        return Is(self, (False,))

    def say(self, value: Value) -> str:
        """Say the sentence for a value."""
        return self.if_yes if value else self.if_no


@final
@attrs.frozen(kw_only=True)
class Law:
    """What is true of every possible point: facts that break a law cannot exist.

    >>> wet, rain = Flag("wet", "it is wet", "it is not wet"), Flag("rain", "it rains", "it is dry")
    >>> law = Law(id="RAIN-WETS", sentence="where it rains it is wet", holds=~rain.yes | wet.yes)
    >>> law.broken_by({"rain": True, "wet": False}.get)
    True
    """

    id: str
    sentence: str
    holds: Condition

    def __attrs_post_init__(self) -> None:
        if not (self.id and isinstance(self.id, str)):
            raise InvalidValue(f"a law has {shown(self.id)} for its id: wanted a text, such as 'RAIN-WETS'")
        if not (self.sentence and isinstance(self.sentence, str)):
            raise InvalidValue(f"the law {self.id} has {shown(self.sentence)} for its sentence: say in words what is true of every point")
        check_condition(f"the law {self.id}", self.holds)

    def broken_by(self, lookup: Lookup) -> bool:
        """Tell whether the point that `lookup` gives breaks the law."""
        return not self.holds.holds(lookup)


def check_value(item: Choice | Flag, value: object) -> None:
    """Refuse a value the input cannot have, naming the input, the value and what was wanted.

    A value that equals one of them, such as an enum's text, is that value.
    """
    try:
        known = value in item.values
    except (TypeError, ValueError):  # Such as pandas.NA and arrays, which are neither equal to another value nor not.
        known = False
    if not known:
        wanted = ", ".join(map(repr, item.values))
        raise InvalidValue(f"the fact {item.name} is {shown(value)}, which is none of its values: wanted one of {wanted}")
