"""The mutants of a policy: every small mistake once, each said in a line, and nothing that nobody can write."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

import attrs
import pytest

from partnerkit.clauses import (
    ALWAYS,
    Choice,
    Clause,
    Condition,
    Flag,
    Law,
    Mutant,
    Mutation,
    Permission,
    Policy,
    house,
    mutants,
)
from partnerkit.clauses.conditions import AllOf, Lookup, Not, Value
from partnerkit.errors import InvalidValue
from partnerkit.policies import POLICIES

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT


class Sky(StrEnum):
    """Invented."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    DARK_GREY = "dark_grey"


class Gear(StrEnum):
    """Invented."""

    COAT = "coat"
    HAT = "hat"


@attrs.frozen(kw_only=True)
class Outing:
    """Invented."""

    sky: Sky | None = None
    rain: bool = False
    coat: bool = False


SKY = Choice("sky", Sky, "the sky is {}", absent="no sky is to be seen")
RAIN = Flag("rain", "it rains", "it is dry")
COAT = Flag("coat", "a coat is at hand", "no coat is at hand")


def clause(name: str, then: StrEnum | None, when: Condition, *unless: str) -> Clause:
    return Clause(name, then, when, unless=unless, cite=house("invented"))


def walk(*clauses: Clause, laws: tuple[Law, ...] = ()) -> Policy[Outing, Permission]:
    return Policy("walk", "May we walk?", Outing, Permission, clauses, laws=laws)


def pack(*clauses: Clause) -> Policy[Outing, tuple[Gear, ...]]:
    return Policy("pack", "What do we take?", Outing, Gear, clauses, collects=True)


def changes(policy: Policy[Any, Any], part: str) -> list[tuple[str, str]]:
    return [(one.kind, one.change) for one in mutants(policy) if one.part == part]


def conditions(when: Condition) -> list[tuple[str, Condition]]:
    """Give the conditions that the mutants of a clause have in the place of one."""
    policy = walk(clause("A", MAY, when), clause("B", MAY_NOT, RAIN.yes | COAT.yes | SKY.is_(None)))
    altered = (one for one in mutants(policy) if one.part == "A" and one.policy and one.kind is not Mutation.CLAUSE_DROPPED)
    return [(one.kind, one.policy.clause("A").when) for one in altered if one.policy and one.policy.clause("A").when != when]


class TestClauses:
    """An `unless`, an answer, or the whole clause."""

    POLICY = walk(clause("A", MAY, RAIN.yes, "B"), clause("B", MAY_NOT, RAIN.yes & COAT.no), clause("C", MAY_NOT, RAIN.no))

    def test_a_clause_with_an_unless(self) -> None:
        assert changes(self.POLICY, "A") == [
            ("unless dropped", "no longer gives way to B"),
            ("unless added", "gives way to C too"),
            ("answer swapped", 'answers "may not" in place of "may"'),
            ("negation added", "not: it rains"),
            ("flag flipped", "rain: no in place of yes"),
            ("condition dropped", "in every case"),
            ("clause dropped", "left out"),
        ]

    def test_the_policies_are_so(self) -> None:
        dropped, added, swapped = (one.policy for one in mutants(self.POLICY)[:3] if one.policy)
        assert dropped.clause("A").unless == ()
        assert added.clause("A").unless == ("B", "C")
        assert swapped.clause("A").then is MAY_NOT
        for one in (dropped, added, swapped):
            assert one.clauses[1:] == self.POLICY.clauses[1:]

    def test_a_circle_is_refused_and_says_so(self) -> None:
        (circle,) = (one for one in mutants(self.POLICY) if one.part == "B" and one.change == "gives way to A too")
        assert circle.policy is None
        assert "set each other aside in a circle" in circle.refusal

    def test_what_is_not_refused_says_nothing(self) -> None:
        assert {bool(one.refusal) for one in mutants(self.POLICY) if one.policy} == {False}

    def test_a_clause_that_is_left_out_leaves_every_unless(self) -> None:
        (gone,) = (one.policy for one in mutants(self.POLICY) if one.part == "B" and one.kind is Mutation.CLAUSE_DROPPED)
        assert gone is not None
        assert [(one.id, one.unless) for one in gone.clauses] == [("A", ()), ("C", ())]

    def test_a_condition_that_never_holds_is_refused(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes & COAT.yes), clause("B", MAY_NOT, ALWAYS))
        assert changes(policy, "B") == [
            ("unless added", "gives way to A too"),
            ("answer swapped", 'answers "may" in place of "may not"'),
            ("negation added", "not: in every case"),
            ("clause dropped", "left out"),
        ]
        (never,) = (one for one in mutants(policy) if one.part == "B" and one.kind is Mutation.NEGATION_ADDED)
        assert "can never hold" in never.refusal

    def test_every_other_answer_and_none_where_they_are_collected(self) -> None:
        policy = pack(clause("A", Gear.COAT, RAIN.yes), clause("B", None, RAIN.no))
        assert [change for kind, change in changes(policy, "A") if kind == "answer swapped"] == [
            'answers "hat" in place of "coat"',
            'answers "none" in place of "coat"',
        ]
        assert [change for kind, change in changes(policy, "B") if kind == "answer swapped"] == [
            'answers "coat" in place of "none"',
            'answers "hat" in place of "none"',
        ]


class TestConditions:
    """One place of a condition at a time."""

    def test_the_values_of_an_input(self) -> None:
        assert conditions(SKY.in_(Sky.CLEAR, Sky.DARK_GREY)) == [
            ("negation added", ~SKY.in_(Sky.CLEAR, Sky.DARK_GREY)),
            ("value replaced", SKY.in_(Sky.CLOUDY, Sky.DARK_GREY)),
            ("value replaced", SKY.in_(Sky.DARK_GREY, None)),
            ("value removed", SKY.is_(Sky.DARK_GREY)),
            ("value replaced", SKY.in_(Sky.CLEAR, Sky.CLOUDY)),
            ("value replaced", SKY.in_(Sky.CLEAR, None)),
            ("value removed", SKY.is_(Sky.CLEAR)),
            ("value added", SKY.in_(Sky.CLEAR, Sky.CLOUDY, Sky.DARK_GREY)),
            ("value added", SKY.in_(Sky.CLEAR, Sky.DARK_GREY, None)),
            ("condition dropped", ALWAYS),
        ]

    def test_the_last_value_is_not_removed(self) -> None:
        assert "value removed" not in {kind for kind, _ in conditions(SKY.is_(Sky.CLEAR))}

    def test_the_parts_of_a_condition(self) -> None:
        assert conditions(RAIN.yes & COAT.no) == [
            ("negation added", ~(RAIN.yes & COAT.no)),
            ("and/or swapped", RAIN.yes | COAT.no),
            ("part dropped", COAT.no),
            ("negation added", ~RAIN.yes & COAT.no),
            ("flag flipped", RAIN.no & COAT.no),
            ("part dropped", RAIN.yes),
            ("negation added", RAIN.yes & ~COAT.no),
            ("flag flipped", RAIN.yes & COAT.yes),
            ("condition dropped", ALWAYS),
        ]

    def test_one_part_of_three_leaves_two(self) -> None:
        dropped = [when for kind, when in conditions(RAIN.yes | COAT.no | SKY.is_(None)) if kind == "part dropped"]
        assert dropped == [COAT.no | SKY.is_(None), RAIN.yes | SKY.is_(None), RAIN.yes | COAT.no]

    def test_inside_a_negation(self) -> None:
        assert conditions(~(RAIN.yes | COAT.yes)) == [
            ("negation dropped", RAIN.yes | COAT.yes),
            ("and/or swapped", ~(RAIN.yes & COAT.yes)),
            ("part dropped", ~COAT.yes),
            ("negation added", Not(~RAIN.yes | COAT.yes)),
            ("flag flipped", ~(RAIN.no | COAT.yes)),
            ("part dropped", ~RAIN.yes),
            ("negation added", Not(RAIN.yes | ~COAT.yes)),
            ("flag flipped", ~(RAIN.yes | COAT.no)),
            ("condition dropped", ALWAYS),
        ]

    def test_a_list_of_one_part_is_altered_inside(self) -> None:
        assert [kind for kind, _ in conditions(AllOf((RAIN.yes,)))] == [
            "negation added",
            "negation added",
            "flag flipped",
            "condition dropped",
        ]

    def test_a_negation_of_a_negation_only_loses_one(self) -> None:
        assert conditions(Not(Not(RAIN.yes))) == [("negation dropped", Not(RAIN.yes)), ("condition dropped", ALWAYS)]

    def test_twins_make_a_mistake_once(self) -> None:
        assert [kind for kind, _ in conditions(RAIN.yes & RAIN.yes)].count("part dropped") == 1

    def test_a_condition_of_another_kind_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="condition of no known kind"):
            mutants(walk(clause("A", MAY, Strange())))


@attrs.frozen
class Strange(Condition):
    """A condition of a kind that the algebra does not know."""

    def holds(self, lookup: Lookup) -> bool:
        return True

    def settled(self, known: Mapping[str, Value]) -> bool:
        return True

    def inputs(self) -> Iterator[Choice | Flag]:
        yield RAIN


class TestLaws:
    """A law is left out, or its condition altered."""

    LAW = Law(id="CLOUDS", sentence="rain falls from clouds", holds=~RAIN.yes | ~SKY.is_(Sky.CLEAR))

    def test_every_place_of_its_condition(self) -> None:
        policy = walk(clause("A", MAY, ALWAYS), clause("B", MAY_NOT, RAIN.yes), laws=(self.LAW,))
        assert changes(policy, "CLOUDS") == [
            ("negation added", "not: it is dry or the sky is cloudy or dark grey or no sky is to be seen"),
            ("and/or swapped", "and in place of or: it is dry and (the sky is cloudy or dark grey or no sky is to be seen)"),
            ("part dropped", "without: it is dry"),
            ("negation dropped", "no longer negated: it rains"),
            ("flag flipped", "rain: no in place of yes"),
            ("part dropped", "without: the sky is cloudy or dark grey or no sky is to be seen"),
            ("negation dropped", "no longer negated: the sky is clear"),
            ("value replaced", "sky: cloudy in place of clear"),
            ("value replaced", "sky: dark grey in place of clear"),
            ("value replaced", "sky: none in place of clear"),
            ("value added", "sky: cloudy too"),
            ("value added", "sky: dark grey too"),
            ("value added", "sky: none too"),
            ("law dropped", "left out"),
        ]
        *altered, dropped = (one.policy for one in mutants(policy) if one.part == "CLOUDS")
        assert {one.laws[0].id for one in altered if one} == {"CLOUDS"}
        assert dropped is not None
        assert dropped.laws == ()


@cache
def made(policy: Policy[Any, Any]) -> tuple[Mutant, ...]:
    return mutants(policy)


class TestThePoliciesOfTheProgram:
    """What is true of the mutants of every policy."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_each_is_another_policy(self, policy: Policy[Any, Any]) -> None:
        built = [one.policy.fingerprint for one in made(policy) if one.policy]
        assert len({policy.fingerprint, *built}) == len(built) + 1

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_each_says_in_a_line_what_was_changed(self, policy: Policy[Any, Any]) -> None:
        parts = {*(one.id for one in policy.clauses), *(one.id for one in policy.laws)}
        for one in made(policy):
            assert one.part in parts
            assert one.change
            assert one.change.isprintable()
            assert (one.policy is None) is bool(one.refusal)

    def test_there_are_some_of_every_kind(self) -> None:
        assert {one.kind for policy in POLICIES for one in made(policy)} == set(Mutation)
