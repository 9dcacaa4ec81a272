"""The table of all rulings agrees with the policy at every point."""

from itertools import product
from typing import Any

import attrs
import pytest

from partnerkit.clauses import IMPOSSIBLE, Clause, Flag, Permission, Policy, house, ruling_table
from partnerkit.errors import InvalidValue
from partnerkit.policies import POLICIES, REWARD, SINGLE_BILL_LEAVING


@attrs.frozen(kw_only=True)
class Weather:
    """Invented."""

    rain: bool


RAIN = Flag("rain", "it rains", "it is dry")


class TestTheTable:
    """A number for every combination of the values, the last input changing fastest."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_as_asked_one_by_one(self, policy: Policy[Any, Any]) -> None:
        table = ruling_table(policy)
        names = [name for name, _ in table.inputs]
        for values, place in zip(product(*(values for _, values in table.inputs)), table.points, strict=True):
            facts = policy.facts(**dict(zip(names, values, strict=True)))
            if place == IMPOSSIBLE:
                with pytest.raises(InvalidValue, match="facts that cannot be"):
                    policy.decide(facts)
            else:
                assert table.rulings[place] is policy.decide(facts)

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_each_ruling_stands_once_in_the_order_of_its_first_point(self, policy: Policy[Any, Any]) -> None:
        table = ruling_table(policy)
        assert list(dict.fromkeys(place for place in table.points if place != IMPOSSIBLE)) == list(range(len(table.rulings)))
        assert len(set(table.rulings)) == len(table.rulings)

    def test_a_small_one(self) -> None:
        table = ruling_table(SINGLE_BILL_LEAVING)
        assert [one.because for one in table.rulings] == [("LEAVE-NOT-ON",), ("LEAVE-PICK",)]
        assert (table.policy, table.points) == ("single bill leaving", (0, 1))

    def test_a_law_makes_points_impossible(self) -> None:
        assert IMPOSSIBLE in ruling_table(REWARD).points

    def test_a_policy_without_an_answer_somewhere(self) -> None:
        silent: Policy[Weather, Permission] = Policy(
            "walk", "May we walk?", Weather, Permission, (Clause("A", Permission.MAY, RAIN.no, cite=house("invented")),)
        )
        with pytest.raises(InvalidValue, match="no clause of the policy walk decides"):
            ruling_table(silent)
