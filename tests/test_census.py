"""The census of every policy is the one that was reviewed; to approve another, run `tests/census_snapshot.py` and read the difference."""

import json
from typing import Any

import pytest

import census_snapshot
from census_snapshot import REASONED, record, without_reasons
from partnerkit.clauses import Policy
from partnerkit.policies import MOVE_IN, POLICIES

APPROVED: dict[str, census_snapshot.Record] = json.loads(census_snapshot.PLACE.read_text(encoding="utf-8"))
HOW = "if this is meant, run: python3 run.py python tests/census_snapshot.py, review the difference, and write the reasons by hand"


class TestTheReviewedCensus:
    """Points, answers, what decides and on what basis, and what is dead, redundant or idle."""

    def test_it_is_of_these_policies(self) -> None:
        assert list(APPROVED) == [policy.id for policy in POLICIES], HOW

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_the_figures_are_the_approved_ones(self, policy: Policy[Any, Any]) -> None:
        assert without_reasons(record(policy)) == without_reasons(APPROVED[policy.id]), HOW

    @pytest.mark.parametrize("policy", APPROVED)
    def test_no_point_is_silent_or_contradicted(self, policy: str) -> None:
        assert (APPROVED[policy]["silent"], APPROVED[policy]["conflicting"]) == (0, 0)

    @pytest.mark.parametrize("policy", APPROVED)
    def test_every_oddity_has_a_reason_written_by_hand(self, policy: str) -> None:
        assert [(key, name) for key in REASONED for name, reason in APPROVED[policy][key].items() if not reason.strip()] == []

    @pytest.mark.parametrize("policy", APPROVED)
    def test_the_figures_add_up(self, policy: str) -> None:
        approved = APPROVED[policy]
        assert sum(approved["answers"].values()) == sum(approved["bases"].values()) == approved["points"]


class TestTheScript:
    """Writing the file anew keeps the reasons and asks for new ones."""

    def test_what_it_writes_is_what_there_is(self) -> None:
        assert census_snapshot.PLACE.read_text(encoding="utf-8") == census_snapshot.written(APPROVED)

    def test_a_new_oddity_waits_for_its_reason(self) -> None:
        anew = json.loads(census_snapshot.written({}))
        assert anew[MOVE_IN.id]["idle"] == {"from_partner": ""}
