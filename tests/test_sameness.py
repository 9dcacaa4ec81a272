"""Whether two policies rule alike, compared with asking both at every point; and each reason why a mutant is no mistake."""

from enum import StrEnum
from typing import Any

import attrs
import pytest

import oracle
from partnerkit.clauses import (
    ALWAYS,
    Clause,
    Condition,
    Equivalence,
    Flag,
    Law,
    Mutant,
    Mutation,
    Permission,
    Policy,
    Sameness,
    equivalence,
    house,
    mutants,
    same_rulings,
)
from partnerkit.clauses.spaces import space_of
from partnerkit.errors import InvalidValue
from partnerkit.policies import CONTACT, POLICIES

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
SMALL = [policy for policy in POLICIES if space_of(policy.inputs).size < 500]


class Gear(StrEnum):
    """Invented."""

    COAT = "coat"
    HAT = "hat"


@attrs.frozen(kw_only=True)
class Outing:
    """Invented."""

    rain: bool = False
    wind: bool = False
    snow: bool = False


RAIN = Flag("rain", "it rains", "it is dry")
WIND = Flag("wind", "it is windy", "it is still")
SNOW = Flag("snow", "it snows", "no snow falls")
NEVER_BOTH = Law(id="NOT-BOTH", sentence="it rains or it snows", holds=~RAIN.yes | ~SNOW.yes)
SNOW_IS_STILL = Law(id="SNOW-STILL", sentence="snow falls when it is still", holds=~SNOW.yes | WIND.no)
RAIN_IS_WINDY = Law(id="RAIN-WINDY", sentence="rain comes with wind", holds=~RAIN.yes | WIND.yes)
EVERY = RAIN.yes | RAIN.no | WIND.yes | SNOW.yes


def clause(name: str, then: StrEnum | None, when: Condition, *unless: str) -> Clause:
    return Clause(name, then, when, unless=unless, cite=house("invented"))


def walk(*clauses: Clause, laws: tuple[Law, ...] = ()) -> Policy[Outing, Permission]:
    return Policy("walk", "May we walk?", Outing, Permission, clauses, laws=laws)


def pack(*clauses: Clause, laws: tuple[Law, ...] = ()) -> Policy[Outing, tuple[Gear, ...]]:
    return Policy("pack", "What do we take?", Outing, Gear, clauses, laws=laws, collects=True)


def why(policy: Policy[Any, Any], kind: Mutation, part: str, change: str) -> Equivalence | None:
    """Give the reason of the one mutant that is meant."""
    (mutant,) = (one for one in mutants(policy) if (one.kind, one.part) == (kind, part) and change in one.change)
    return equivalence(policy, mutant)


def rulings_of(policy: Policy[Any, Any]) -> list[Any]:
    """Ask a policy at every point, lawful or not: what it rules, or that it does not."""
    return [ruling_at(policy, facts) for facts in oracle.every_point(policy.facts)]


def ruling_at(policy: Policy[Any, Any], facts: Any) -> Any:
    try:
        ruling = policy.decide(facts)
    except InvalidValue as refused:
        return "facts that cannot be" if "facts that cannot be" in str(refused) else None
    return ruling.outcome, ruling.because, ruling.set_aside


class TestSameRulings:
    """The same points are lawful, and the answer, the deciding clauses and those set aside are the same at each of them."""

    @pytest.mark.parametrize("policy", SMALL, ids=lambda policy: policy.id)
    def test_as_asked_one_by_one(self, policy: Policy[Any, Any]) -> None:
        """A mutant that has no answer somewhere never rules as the policy, which has one everywhere."""
        rulings = rulings_of(policy)
        for mutant in mutants(policy):
            if mutant.policy:
                assert same_rulings(policy, mutant.policy) is (rulings_of(mutant.policy) == rulings), mutant

    def test_order_words_and_citations_are_no_difference(self) -> None:
        one = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, RAIN.no))
        other = walk(Clause("B", MAY_NOT, ~RAIN.yes, cite=house("otherwise said")), clause("A", MAY, RAIN.yes))
        assert same_rulings(one, other)

    def test_another_reason_is_a_difference(self) -> None:
        one = walk(clause("A", MAY, RAIN.yes), clause("B", MAY, RAIN.no))
        assert not same_rulings(one, walk(clause("A", MAY, RAIN.yes), clause("C", MAY, RAIN.no)))

    def test_who_sets_aside_is_a_difference(self) -> None:
        strong = (clause("B", MAY_NOT, WIND.yes), clause("C", MAY_NOT, WIND.yes), clause("D", MAY, RAIN.no & WIND.no))
        one = walk(clause("A", MAY, RAIN.yes, "B", "C"), *strong)
        other = walk(clause("A", MAY, RAIN.yes, "B"), *strong)
        assert not same_rulings(one, other)

    def test_a_point_that_only_one_of_them_knows_is_a_difference(self) -> None:
        one = walk(clause("A", MAY, EVERY), laws=(NEVER_BOTH,))
        assert not same_rulings(one, walk(clause("A", MAY, EVERY)))

    def test_a_fact_that_only_one_of_them_asks_for_may_make_none(self) -> None:
        one = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, RAIN.no))
        assert same_rulings(one, walk(clause("A", MAY, RAIN.yes & (WIND.yes | WIND.no)), clause("B", MAY_NOT, RAIN.no)))
        assert not same_rulings(one, walk(clause("A", MAY, RAIN.yes & WIND.yes), clause("B", MAY_NOT, RAIN.no)))

    def test_facts_of_one_name_must_be_one(self) -> None:
        with pytest.raises(InvalidValue, match="management has other values in the two policies reward and hotel"):
            same_rulings(next(policy for policy in POLICIES if policy.id == "reward"), HOTEL)


@attrs.frozen(kw_only=True)
class Hotel:
    """Invented."""

    management: bool


MANAGEMENT = Flag("management", "the hotel is managed", "nobody is there")
HOTEL: Policy[Hotel, Permission] = Policy("hotel", "May we stay?", Hotel, Permission, (clause("H", MAY, MANAGEMENT.yes),))


class TestTwoClauses:
    """Why it makes no difference whether one clause gives way to another."""

    def test_they_never_apply_together(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, RAIN.no))
        assert why(policy, Mutation.UNLESS_ADDED, "A", "B") == Equivalence(reason=Sameness.NEVER_TOGETHER)

    def test_they_never_apply_together_by_law(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, SNOW.yes), laws=(SNOW_IS_STILL, NEVER_BOTH))
        assert why(policy, Mutation.UNLESS_ADDED, "A", "B") == Equivalence(reason=Sameness.NEVER_TOGETHER, laws=("NOT-BOTH",))

    def test_it_may_take_two_laws(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, SNOW.yes), laws=(SNOW_IS_STILL, RAIN_IS_WINDY))
        expected = Equivalence(reason=Sameness.NEVER_TOGETHER, laws=("SNOW-STILL", "RAIN-WINDY"))
        assert why(policy, Mutation.UNLESS_ADDED, "A", "B") == expected

    def test_the_other_is_set_aside_itself(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes, "C"), clause("B", MAY_NOT, RAIN.yes & WIND.yes, "C"), clause("C", MAY_NOT, WIND.yes))
        expected = Equivalence(reason=Sameness.SET_ASIDE_ITSELF, clauses=("C",))
        assert why(policy, Mutation.UNLESS_ADDED, "A", "B") == expected

    def test_the_other_is_set_aside_itself_where_the_law_leaves_both(self) -> None:
        weak = clause("B", MAY_NOT, RAIN.yes & (WIND.yes | SNOW.yes), "C")
        policy = walk(clause("A", MAY, RAIN.yes, "C"), weak, clause("C", MAY_NOT, WIND.yes), laws=(NEVER_BOTH,))
        expected = Equivalence(reason=Sameness.SET_ASIDE_ITSELF, laws=("NOT-BOTH",), clauses=("C",))
        assert why(policy, Mutation.UNLESS_ADDED, "A", "B") == expected

    def test_an_unless_that_was_never_needed(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes, "B"), clause("B", MAY_NOT, RAIN.no))
        assert why(policy, Mutation.UNLESS_DROPPED, "A", "B") == Equivalence(reason=Sameness.NEVER_TOGETHER)


class TestConditionsAndClauses:
    """Why another condition, another answer, or none of the clause at all makes no difference."""

    def test_the_same_in_other_words(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes & ~(RAIN.no & WIND.yes)), clause("B", MAY_NOT, RAIN.no))
        assert why(policy, Mutation.PART_DROPPED, "A", "without: it rains or it is still") == Equivalence(reason=Sameness.SAME_POINTS)

    def test_the_same_by_law(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes & SNOW.no), clause("B", MAY_NOT, RAIN.no), laws=(SNOW_IS_STILL, NEVER_BOTH))
        expected = Equivalence(reason=Sameness.SAME_POINTS, laws=("NOT-BOTH",))
        assert why(policy, Mutation.PART_DROPPED, "A", "no snow falls") == expected

    def test_a_clause_that_never_applies(self) -> None:
        both = clause("C", MAY_NOT, RAIN.yes & SNOW.yes)
        policy = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, RAIN.no), both, laws=(NEVER_BOTH,))
        assert why(policy, Mutation.CLAUSE_DROPPED, "C", "left out") == Equivalence(reason=Sameness.NEVER_APPLIES, laws=("NOT-BOTH",))

    def test_the_answer_of_a_clause_that_never_decides(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes, "B"), clause("B", MAY_NOT, EVERY))
        assert why(policy, Mutation.ANSWER_SWAPPED, "A", "may not") == Equivalence(reason=Sameness.NEVER_DECIDES)

    def test_the_answer_of_a_clause_that_never_decides_by_law(self) -> None:
        both = clause("C", MAY_NOT, RAIN.yes & SNOW.yes)
        policy = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, RAIN.no), both, laws=(NEVER_BOTH,))
        assert why(policy, Mutation.ANSWER_SWAPPED, "C", "may") == Equivalence(reason=Sameness.NEVER_DECIDES, laws=("NOT-BOTH",))

    def test_an_answer_that_others_give_too(self) -> None:
        policy = pack(clause("A", Gear.COAT, RAIN.yes), clause("B", Gear.COAT, EVERY), clause("C", Gear.HAT, RAIN.no))
        expected = Equivalence(reason=Sameness.SAID_BY_OTHERS, clauses=("B",))
        assert why(policy, Mutation.ANSWER_SWAPPED, "A", '"none"') == expected
        assert why(policy, Mutation.ANSWER_SWAPPED, "A", '"hat"') is None

    def test_an_answer_that_others_give_too_by_law(self) -> None:
        policy = pack(clause("A", Gear.COAT, RAIN.yes), clause("B", Gear.COAT, SNOW.no), clause("C", None, EVERY), laws=(NEVER_BOTH,))
        expected = Equivalence(reason=Sameness.SAID_BY_OTHERS, laws=("NOT-BOTH",), clauses=("B",))
        assert why(policy, Mutation.ANSWER_SWAPPED, "A", '"none"') == expected


class TestLaws:
    """Why another law makes no difference: the others allow no more and no fewer points."""

    def test_a_law_that_others_imply(self) -> None:
        policy = walk(clause("A", MAY, ALWAYS), clause("B", MAY, EVERY), laws=(SNOW_IS_STILL, RAIN_IS_WINDY, NEVER_BOTH))
        expected = Equivalence(reason=Sameness.SAME_LAWS, laws=("SNOW-STILL", "RAIN-WINDY"))
        assert why(policy, Mutation.LAW_DROPPED, "NOT-BOTH", "left out") == expected

    def test_a_law_in_other_words(self) -> None:
        law = Law(id="L", sentence="rain comes with wind", holds=~RAIN.yes | WIND.yes & RAIN.yes)
        policy = walk(clause("A", MAY, EVERY), laws=(law,))
        assert why(policy, Mutation.PART_DROPPED, "L", "without: it rains") == Equivalence(reason=Sameness.SAME_LAWS)

    def test_another_law(self) -> None:
        policy = walk(clause("A", MAY, EVERY), laws=(NEVER_BOTH,))
        assert why(policy, Mutation.LAW_DROPPED, "NOT-BOTH", "left out") is None


class TestWhatIsNotEquivalent:
    """There is no reason where there is no sameness."""

    def test_a_mutant_that_rules_otherwise(self) -> None:
        policy = walk(clause("A", MAY, RAIN.yes), clause("B", MAY_NOT, RAIN.no))
        assert why(policy, Mutation.ANSWER_SWAPPED, "A", "may not") is None

    def test_a_mutant_that_was_refused(self) -> None:
        refused = Mutant(kind=Mutation.UNLESS_ADDED, part="CONTACT-LEGAL", change="gives way to itself", refusal="a circle")
        assert equivalence(CONTACT, refused) is None
