"""Deciding by walking the conditions: what every policy can do for any facts, and what its faster forms fall back on.

Floor 1, above `clauses.conditions`. May import: errors, clauses.conditions, attrs and the standard library.

A walk looks at the leading facts, the two that most clauses ask for, and then at all facts that can still matter. Of these it refuses
each that is outside its type, and then the facts that break a law. What it has found it keeps in a table for the next facts that agree
in all that matters.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, final

import attrs

from partnerkit.clauses.conditions import Choice, Condition, Flag, Law, Value, check_value
from partnerkit.errors import InvalidValue

_LARGEST_TABLE = 100_000
_LEADING = 2

_Branch = tuple[Any, Any]
"""What is known once the leading facts are: how to read the facts that still matter and the rulings by them, or None and the ruling."""


@final
@attrs.frozen(kw_only=True, eq=False)
class Walk:
    """The walk through one policy.

    `conditions` are those of the clauses in their order, and `rule` gives the ruling for the clauses that apply.
    """

    policy: str
    facts: type[Any]
    inputs: tuple[Choice | Flag, ...]
    conditions: tuple[Condition, ...]
    laws: tuple[Law, ...]
    rule: Callable[[tuple[bool, ...]], Any]
    leading: tuple[str, ...] = attrs.field(init=False)
    table: dict[object, _Branch] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        asked = Counter(name for condition in self.conditions for name in {item.name for item in condition.inputs()})
        most_asked = sorted(self.inputs, key=lambda item: -asked[item.name])[:_LEADING]
        object.__setattr__(self, "leading", tuple(item.name for item in most_asked))

    def by_conditions(self, facts: object) -> Any:
        """Decide by the conditions, and keep the ruling for the next facts that agree in all that matters."""
        known = {name: getattr(facts, name) for name in self.leading}
        try:
            mattering = self._still_asked(known)
            known |= {name: getattr(facts, name) for name in mattering}
        except (AttributeError, TypeError, ValueError):
            raise self.refusal_of(facts) from None
        for item in self.inputs:
            if item.name in known:
                check_value(item, known[item.name])
        # What cannot matter is not looked at: whatever stands for it, each condition holds or fails as the rest settles it.
        lookup = known.get
        for law in self.laws:
            if law.broken_by(lookup):
                raise InvalidValue(f"facts that cannot be were put to the policy {self.policy}: {law.sentence} ({law.id})")
        ruling = self.rule(tuple(condition.holds(lookup) for condition in self.conditions))
        self._keep(known, mattering, ruling)
        return ruling

    def _keep(self, known: Mapping[str, Value], mattering: tuple[str, ...], ruling: Any) -> None:
        # By the values that were decided on: facts that say something else when they are read again must not speak for others.
        key = _as_read(known, self.leading)
        if not mattering:
            self.table[key] = (None, ruling)
            return
        _, found = self.table.setdefault(key, (attrgetter(*mattering), {}))
        if len(found) < _LARGEST_TABLE:
            found[_as_read(known, mattering)] = ruling

    def _still_asked(self, known: Mapping[str, Value]) -> tuple[str, ...]:
        conditions = (*self.conditions, *(law.holds for law in self.laws))
        asked = frozenset().union(*(left for left in (one.settled(known) for one in conditions) if not isinstance(left, bool)))
        return tuple(item.name for item in self.inputs if item.name in asked)

    def refusal_of(self, facts: object) -> InvalidValue:
        """Give the error that says why facts cannot be put to the policy at all."""
        for item in self.inputs:
            if not hasattr(facts, item.name):
                return InvalidValue(
                    f"the policy {self.policy} needs the fact {item.name}, "
                    f"which {type(facts).__name__} has not: ask with {self.facts.__name__}"
                )
            try:
                check_value(item, getattr(facts, item.name))
            except InvalidValue as fault:
                return fault
        return InvalidValue(f"{type(facts).__name__} cannot be put to the policy {self.policy}: ask with {self.facts.__name__}")


def _as_read(known: Mapping[str, Value], names: tuple[str, ...]) -> object:
    """Give values as `attrgetter` does: one by itself, several as a tuple."""
    return known[names[0]] if len(names) == 1 else tuple(known[name] for name in names)
