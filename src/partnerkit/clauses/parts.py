"""The parts of a policy: a clause by itself, and what clauses and laws must be together before they make a policy.

Floor 1, above `clauses.citations` and `clauses.conditions`. May import: errors, the modules below it in clauses, attrs and the standard
library.

Whatever is refused is named: the clause or the law, what was given, what was wanted.
"""

import typing
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any, Self, TypeVar, final

import attrs

from partnerkit.clauses.citations import Citation
from partnerkit.clauses.conditions import Choice, Condition, Flag, Law, Value, check_condition
from partnerkit.errors import InvalidValue, shown

Part = TypeVar("Part")

_MOST_LOOKS = 500_000
"""How often inputs are looked at, at most, to see whether a condition can hold."""

_Inputs = dict[str, Choice | Flag]


@final
@attrs.frozen
class Clause:
    """One rule: the answer `then`, `when` its condition holds, `unless` a named clause decides.

    In a collecting policy `then` may be None: the clause says that its case adds nothing. A list for `unless` becomes a tuple; what
    is no id, no condition, no list of ids or no citation raises `InvalidValue`, in the place where the clause is written, and so does
    a condition nested deeper than `conditions.DEEPEST` levels.

    >>> from partnerkit.clauses import Permission, house
    >>> rain = Flag("rain", "it rains", "it is dry")
    >>> clause = Clause("W-RAIN", Permission.MAY_NOT, rain.yes, cite=house("nobody likes to be wet"))
    >>> clause.then, clause.cite.basis
    (Permission.MAY_NOT, Basis.HOUSE)
    """

    id: str
    then: StrEnum | None
    when: Condition
    unless: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    cite: Citation = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not (self.id and isinstance(self.id, str)):
            raise InvalidValue(f"a clause has {shown(self.id)} for its id: wanted a text, such as 'CONTACT-LEGAL'")
        check_condition(f"the clause {self.id}", self.when)
        example = repr(self.unless) if isinstance(self.unless, str) else "'CONTACT-LEGAL'"
        unless = in_tuple(self.unless, str, f"the clause {self.id} has for its unless", "ids of clauses", example)
        object.__setattr__(self, "unless", unless)
        if not isinstance(self.cite, Citation):
            raise InvalidValue(
                f"the clause {self.id} has for its citation {shown(self.cite)}: "
                "say what it rests on with stated, elsewhere, implied, by_term or house"
            )

    def __canonical__(self) -> dict[str, object]:
        named = {field.name: getattr(self, field.name) for field in attrs.fields(type(self))}
        return named | {"unless": frozenset(self.unless)}  # which of them sets it aside first means nothing

    def giving_way_without(self, gone: frozenset[str]) -> Self:
        """Give this clause without some of those that set it aside.

        >>> from partnerkit.clauses import Permission, house
        >>> rain = Flag("rain", "it rains", "it is dry")
        >>> clause = Clause("W-RAIN", Permission.MAY_NOT, rain.yes, unless=("W-COAT",), cite=house("nobody likes to be wet"))
        >>> clause.giving_way_without(frozenset({"W-COAT"})).unless
        ()
        """
        unless = tuple(other for other in self.unless if other not in gone)
        return self if unless == self.unless else type(self)(self.id, self.then, self.when, unless=unless, cite=self.cite)


def in_tuple(given: object, kind: type[Part], place: str, wanted: str, example: str) -> tuple[Part, ...]:
    """Give the members of what has an order; refuse what has none, a text, and a member of another kind, naming their place."""
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping | AbstractSet):
        raise InvalidValue(f"{place} {shown(given)}: wanted a tuple of {wanted}, such as ({example},)")
    members = tuple(given)
    for one in members:
        if not isinstance(one, kind):
            raise InvalidValue(f"{place} a tuple with {shown(one)} in it: wanted a tuple of {wanted}, such as ({example},)")
    return members


def check_kinds(policy_id: object, facts: object, answers: object) -> None:
    """Refuse an id that is no text, facts that are no attrs class, and answers that are no enum of texts."""
    if not (policy_id and isinstance(policy_id, str)):
        raise InvalidValue(f"a policy has {shown(policy_id)} for its id: wanted a text, such as 'contact'")
    if not (isinstance(facts, type) and attrs.has(facts)):
        raise InvalidValue(
            f"the policy {policy_id} has {shown(facts)} for its facts: wanted a class that attrs makes, with `@attrs.frozen(kw_only=True)`"
        )
    if not (isinstance(answers, type) and issubclass(answers, StrEnum)):
        raise InvalidValue(
            f"the policy {policy_id} has {shown(answers)} for its answers: wanted the class of an enum of texts, such as Permission"
        )


def check_names(policy_id: str, clauses: tuple[Clause, ...], laws: tuple[Law, ...]) -> None:
    """Refuse a policy without clauses, ids that two of its parts share, and an `unless` that names no clause."""
    if not clauses:
        raise InvalidValue(f"the policy {policy_id} has no clauses: it answers nothing")
    _check_distinct(policy_id, "clause", clauses)
    _check_distinct(policy_id, "law", laws)
    known = {clause.id for clause in clauses}
    for law in laws:
        if law.id in known:
            raise InvalidValue(f"the policy {policy_id} has a clause and a law {law.id}: whoever names one must not mean the other as well")
    for clause in clauses:
        for other in clause.unless:
            if other not in known:
                raise InvalidValue(f"the clause {clause.id} names {other} in its unless, which the policy {policy_id} has not")


def _check_distinct(policy_id: str, kind: str, parts: tuple[Clause, ...] | tuple[Law, ...]) -> None:
    known: set[str] = set()
    for part in parts:
        if part.id in known:
            raise InvalidValue(f"the policy {policy_id} has two {kind}s {part.id}: give each {kind} an id of its own")
        known.add(part.id)


def check_answers(policy_id: str, clauses: tuple[Clause, ...], answers: type[StrEnum], *, collects: bool) -> None:
    """Refuse a clause that answers another question; where answers are collected, None is the answer that adds nothing."""
    for clause in clauses:
        if not (isinstance(clause.then, answers) or (collects and clause.then is None)):
            wanted = ", ".join(map(repr, answers))
            raise InvalidValue(
                f"the clause {clause.id} answers {shown(clause.then)}, but the policy {policy_id} answers with one of {wanted}"
            )


def inputs_of(policy_id: str, facts: type[Any], clauses: tuple[Clause, ...], laws: tuple[Law, ...]) -> tuple[Choice | Flag, ...]:
    """Collect the inputs by name, in the order of the facts' fields, and hold each against its field."""
    asked: _Inputs = {}
    for clause in clauses:
        if _never_holds(clause.when, _asked_by(f"the clause {clause.id}", clause.when, asked)):
            raise InvalidValue(f"the condition of the clause {clause.id} can never hold: the clause would be dead")
    for law in laws:
        if _never_holds(law.holds, _asked_by(f"the law {law.id}", law.holds, asked)):
            raise InvalidValue(f"the condition of the law {law.id} can never hold: no facts at all would be lawful")
    if not asked:
        raise InvalidValue(f"no clause of the policy {policy_id} asks for any fact: it is not a policy")
    types = _types_of(policy_id, facts)
    for item in asked.values():
        _check_field(f"{_asker(item, clauses, laws)} of the policy {policy_id}", facts, types, item)
    return tuple(asked[name] for name in types if name in asked)


def _asked_by(owner: str, condition: Condition, asked: _Inputs) -> _Inputs:
    mine: _Inputs = {}
    for item in condition.inputs():
        if asked.setdefault(item.name, item) != item:
            raise InvalidValue(f"{owner} asks for {item.name} in other words than the clauses before it: share one input")
        mine[item.name] = item
    return mine


def _never_holds(condition: Condition, inputs: _Inputs) -> bool:
    """Tell whether a condition is known to hold nowhere, after asking its inputs one by one as long as they do not settle it.

    The search ends where one point is found and, where it would take too long, with the answer that it may hold: `checks.dead` tells then.
    """
    waiting: list[dict[str, Value]] = [{}]
    for _ in range(0, _MOST_LOOKS, max(1, sum(1 for _ in condition.inputs()))):
        known = waiting.pop()
        found = condition.settled(known)
        if found is True:
            return False
        if found:
            item = next(item for name, item in inputs.items() if name in found)
            waiting += [{**known, item.name: value} for value in item.values]
        if not waiting:
            return True
    return False


def _types_of(policy_id: str, facts: type[Any]) -> dict[str, object]:
    """Give the type of each field of the facts, in their order."""
    try:
        hints = typing.get_type_hints(facts)
    except NameError as fault:
        raise InvalidValue(
            f"a type of {facts.__name__}, the facts of the policy {policy_id}, cannot be found: {fault}; define it in the module, above it"
        ) from None
    return {field.name: hints.get(field.name) for field in attrs.fields(facts)}


def _asker(item: Choice | Flag, clauses: tuple[Clause, ...], laws: tuple[Law, ...]) -> str:
    """Name the first part of a policy that asks for an input."""
    conditions = {**{clause.id: clause.when for clause in clauses}, **{law.id: law.holds for law in laws}}
    return next(part_id for part_id, condition in conditions.items() if any(one.name == item.name for one in condition.inputs()))


def _check_field(asker: str, facts: type[Any], types: dict[str, object], item: Choice | Flag) -> None:
    wanted = _type_of(item)
    if item.name not in types:
        has = f"only {', '.join(types)}" if types else "no field at all"
        raise InvalidValue(f"{asker} asks for {item.name}, but {facts.__name__} has {has}: give it a field `{item.name}: {_named(wanted)}`")
    if types[item.name] != wanted:
        raise InvalidValue(
            f"the input {item.name} that {asker} asks for does not fit the field {facts.__name__}.{item.name}: "
            f"the field is {_named(types[item.name])}, and the input needs {_named(wanted)}"
        )


def _type_of(item: Choice | Flag) -> object:
    if isinstance(item, Flag):
        return bool
    return item.enum if item.absent is None else item.enum | None


def _named(kind: object) -> str:
    """Name a type as it is written in a program."""
    kinds = typing.get_args(kind) or (kind,)
    return " | ".join("None" if one is type(None) else getattr(one, "__name__", str(one)) for one in kinds)


def by_dependency(policy_id: str, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Order the clauses so that each comes after those that can set it aside."""
    waiting = list(clauses)
    placed: list[Clause] = []
    done: set[str] = set()
    while waiting:
        ready = [clause for clause in waiting if done.issuperset(clause.unless)]
        if not ready:
            raise InvalidValue(
                f"clauses of the policy {policy_id} set each other aside in a circle: {', '.join(one.id for one in waiting)}"
            )
        placed += ready
        done.update(clause.id for clause in ready)
        waiting = [clause for clause in waiting if clause.id not in done]
    return tuple(placed)
