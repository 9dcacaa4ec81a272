"""No mistake in a policy goes unnoticed: every mutant dies or is equivalent, and the page that says so is current."""

from typing import Any

import pytest

import kill_table
from kill_table import EQUIVALENT, RECORDS, SURVIVED, Fate, Killer, evidence_on, killers_of
from partnerkit.clauses import Mutant, Mutation, Policy
from partnerkit.clauses.spaces import chart_of
from partnerkit.policies import CONTACT, OWNERSHIP, POLICIES, SINGLE_BILL_ENROLLMENT


@pytest.fixture(scope="module")
def fates() -> tuple[Fate, ...]:
    return kill_table.fates()


class TestEveryMutant:
    """A mutant is noticed, or it rules at every point as its policy does."""

    def test_none_survives(self, fates: tuple[Fate, ...]) -> None:
        """Records of the policy itself do not count: they notice every change of a ruling, right or wrong."""
        assert [str(one) for one in fates if one.end in {SURVIVED, *RECORDS}] == []

    def test_those_of_every_policy_are_tried(self, fates: tuple[Fate, ...]) -> None:
        assert list(dict.fromkeys(one.policy.id for one in fates)) == [policy.id for policy in POLICIES]

    def test_the_rulings_alone_notice_all(self, fates: tuple[Fate, ...]) -> None:
        """They are read from the published file, and not computed as the equivalence of two policies is."""
        built = [one for one in fates if one.mutant.policy and not one.equivalence]
        assert [str(one) for one in built if Killer.RULINGS not in one.killers] == []

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_nothing_notices_what_is_equivalent(self, policy: Policy[Any, Any], fates: tuple[Fate, ...]) -> None:
        """But for checks that look beyond the rulings: at what would be if a clause were left out, and at the names of the laws."""
        evidence = evidence_on(policy)
        for one in fates:
            if one.policy is policy and one.equivalence:
                assert set(killers_of(one.mutant, evidence)) <= {Killer.CENSUS, Killer.SELF_CHECKS}, str(one)

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_nothing_notices_the_policy_itself(self, policy: Policy[Any, Any]) -> None:
        unaltered = Mutant(kind=Mutation.PART_DROPPED, part="", change="nothing", policy=policy)
        assert list(killers_of(unaltered, evidence_on(policy))) == []


class TestTheKillers:
    """Each check notices what it is there for."""

    def fate(self, policy: Policy[Any, Any], part: str, kind: Mutation, change: str) -> Fate:
        (one,) = (
            one
            for one in kill_table.fates()
            if (one.policy, one.mutant.part, one.mutant.kind) == (policy, part, kind) and change in one.mutant.change
        )
        return one

    def first(self, policy: Policy[Any, Any], part: str, kind: Mutation, change: str) -> str:
        return self.fate(policy, part, kind, change).end

    def test_a_circle_is_refused(self) -> None:
        assert self.first(CONTACT, "CONTACT-LEGAL", Mutation.UNLESS_ADDED, "CONTACT-MANAGED") == Killer.REFUSED

    def test_a_lost_exception_is_a_contradiction(self) -> None:
        assert self.first(CONTACT, "CONTACT-MANAGED", Mutation.UNLESS_DROPPED, "CONTACT-LEGAL") == Killer.SELF_CHECKS

    def test_another_answer_is_not_that_of_the_oracle(self) -> None:
        assert self.first(OWNERSHIP, "OWNER-MANAGED", Mutation.ANSWER_SWAPPED, "vendor") == Killer.ORACLE_ANSWER

    def test_another_reason_is_not_that_of_the_oracle(self) -> None:
        first = self.first(SINGLE_BILL_ENROLLMENT, "JOIN-MANAGED-ONLY", Mutation.UNLESS_ADDED, "JOIN-NO-SETUP")
        assert first == Killer.ORACLE_REASON

    def test_a_second_reason_that_is_lost_is_not_that_of_the_oracle(self) -> None:
        first = self.first(SINGLE_BILL_ENROLLMENT, "JOIN-NO-SETUP", Mutation.UNLESS_ADDED, "JOIN-MANAGED-ONLY")
        assert first == Killer.ORACLE_REASON

    def test_what_the_oracle_has_wrong_too_is_left_to_the_records(self) -> None:
        """And then nothing but a record notices, which `test_none_survives` does not let pass."""
        wrong = self.fate(SINGLE_BILL_ENROLLMENT, "JOIN-NO-SETUP", Mutation.UNLESS_ADDED, "JOIN-MANAGED-ONLY").mutant
        assert wrong.policy is not None
        evidence = evidence_on(SINGLE_BILL_ENROLLMENT)
        fooled = evidence._replace(reasons=chart_of(wrong.policy, evidence.space).decided)
        killers = tuple(killers_of(wrong, fooled))
        assert {*killers} == RECORDS
        assert Fate(SINGLE_BILL_ENROLLMENT, wrong, killers, None).end == Killer.CENSUS

    def test_two_clauses_that_never_meet(self) -> None:
        assert self.first(OWNERSHIP, "OWNER-MANAGED", Mutation.UNLESS_ADDED, "OWNER-REFERRED") == EQUIVALENT


class TestThePage:
    """`docs/explanation/mutants.md` is what the script writes now."""

    def test_it_is_current(self) -> None:
        assert kill_table.PAGE.read_text(encoding="utf-8") == kill_table.page(), "run: python3 run.py python tests/kill_table.py"
