"""The table of every point of a policy, written so small that a page can hold it: the page looks up and never decides.

Floor 10, above `pages.words`. May import: errors, clauses, attrs and the standard library.

Numbers are in base 36, which JavaScript reads. A point is a number: the places of its values as digits, the last fact's changing fastest.
The table has, for each point, a number of `width` digits. It is the place of the point's finding in the list of findings, where

- ``answer.basis.deciding.applying`` is a ruling: the place of its answer, the place of its weakest basis, and two sets of clauses;
- ``!laws`` is a point that cannot be, with the set of laws it breaks.

A set is a number with a bit for each clause or law, in the order of the policy. Beside the table stands, for every clause and each
combination of the facts it asks for, by which of those facts it applies or fails.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, final

import attrs

from partnerkit.clauses.citations import Basis
from partnerkit.clauses.conditions import Value
from partnerkit.clauses.model import Clause, Policy, Ruling
from partnerkit.clauses.rulings import IMPOSSIBLE, ruling_table
from partnerkit.clauses.spaces import Answer, space_of
from partnerkit.clauses.views import holding
from partnerkit.errors import InvalidValue

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MOST_BITS = 53
"""JavaScript counts exactly up to two to the power of this."""


@final
@attrs.frozen(kw_only=True)
class Reasons:
    """By which facts a clause applies or fails: `asks` are the places of the facts it asks for, `by` the facts for each combination."""

    asks: tuple[int, ...]
    by: tuple[tuple[int, ...], ...]


@final
@attrs.frozen(kw_only=True)
class PointTable:
    """What a policy answers at every point, in the form that the module describes."""

    answers: tuple[Answer, ...]
    width: int
    points: str
    findings: str
    reasons: tuple[Reasons, ...]


def point_table(policy: Policy[Any, Any]) -> PointTable:
    """Ask a policy at every point and write down what it says.

    >>> from partnerkit.policies import OWNERSHIP
    >>> made = point_table(OWNERSHIP)
    >>> made.answers, made.points, made.findings
    ((Owner.PARTNER, Owner.VENDOR), '012', '1.2.2.2 0.0.1.1 1.4.4.4')
    """
    for named, many in (("clauses", policy.clauses), ("laws", policy.laws)):
        if len(many) > _MOST_BITS:
            raise InvalidValue(f"the policy {policy.id} has {len(many)} {named}: a page can hold the table of at most {_MOST_BITS}")
    space = space_of(policy.inputs)
    known = ruling_table(policy)
    answers = _answers(policy, known.rulings)
    write = _Writer(policy, answers)
    rulings = [write.ruling(ruling) for ruling in known.rulings]
    found = [write.broken(space.values_at(at)) if place == IMPOSSIBLE else rulings[place] for at, place in enumerate(known.points)]
    places = {text: place for place, text in enumerate(dict.fromkeys(found))}
    width = len(base36(len(places) - 1))
    return PointTable(
        answers=answers,
        width=width,
        points="".join(base36(places[text]).rjust(width, "0") for text in found),
        findings=" ".join(places),
        reasons=tuple(_reasons(policy, clause) for clause in policy.clauses),
    )


def base36(number: int) -> str:
    """Write a whole number that is not below zero in base 36.

    >>> base36(0), base36(35), base36(24576)
    ('0', 'z', 'iyo')
    """
    digits = ""
    while number or not digits:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def _answers(policy: Policy[Any, Any], rulings: Iterable[Ruling[Any]]) -> tuple[Answer, ...]:
    """Give the answers that occur, in the order of the policy's answers; of a collecting policy each combination that occurs."""
    occurring = dict.fromkeys(ruling.outcome for ruling in rulings)
    return tuple(occurring) if policy.collects else tuple(answer for answer in policy.answers if answer in occurring)


@final
@attrs.frozen
class _Writer:
    policy: Policy[Any, Any]
    answers: tuple[Answer, ...]

    def ruling(self, ruling: Ruling[Any]) -> str:
        deciding = set(ruling.because)
        applying = deciding | {clause_id for clause_id, _ in ruling.set_aside}
        numbers = (
            self.answers.index(ruling.outcome),
            [*Basis].index(ruling.basis),
            _bits(clause.id in deciding for clause in self.policy.clauses),
            _bits(clause.id in applying for clause in self.policy.clauses),
        )
        return ".".join(map(base36, numbers))

    def broken(self, values: Mapping[str, Value]) -> str:
        return "!" + base36(_bits(law.broken_by(values.__getitem__) for law in self.policy.laws))


def _bits(flags: Iterator[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def _reasons(policy: Policy[Any, Any], clause: Clause) -> Reasons:
    place_of = {item.name: place for place, item in enumerate(policy.inputs)}
    asked = {item.name for item in clause.when.inputs()}
    items = [item for item in policy.inputs if item.name in asked]
    combinations = (dict(zip((item.name for item in items), values, strict=True)) for values in product(*(item.values for item in items)))
    return Reasons(
        asks=tuple(place_of[item.name] for item in items),
        by=tuple(tuple(place_of[name] for name in _by(clause, values)) for values in combinations),
    )


def _by(clause: Clause, values: Mapping[str, Value]) -> Iterator[str]:
    """Name the facts by which a clause applies or fails, each once."""
    condition = clause.when if clause.when.holds(values.__getitem__) else ~clause.when
    yield from dict.fromkeys(item.name for item in holding(condition, values.__getitem__))
