"""What must hold across policies: swept over every standing that can be, every contact, and every answer the terms can give."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import product
from typing import Any

import attrs
import pytest

from partnerkit.clauses import Clause, Permission, Policy, Ruling, house
from partnerkit.errors import InvalidValue
from partnerkit.invariants import INVARIANTS, Invariant
from partnerkit.partners import BILLING_MODE, MANAGEMENT, AccountStatus, BillingMode, Management, Origin, Partner, PartnerStatus, Standing
from partnerkit.policies import (
    CONTACT,
    OWNERSHIP,
    REWARD,
    SINGLE_BILL_ENROLLMENT,
    Duty,
    EndedBy,
    Owner,
    PaymentMethod,
    Purpose,
    RewardKind,
    StatusChange,
    controller_of,
    duties_of,
    informer_of,
    may_cancel_automatically,
    may_change_plan,
    may_change_status,
    may_contact,
    may_discount_prepaid,
    may_end_management,
    may_join_single_bill,
    may_leave_single_bill,
    may_partner_contact,
    may_request_management,
    may_suspend,
    owner_of,
    payment_method_for,
    reward_for,
)
from partnerkit.terms import BillingTerms, ContactTerms, ManagementTerms, ShareTerms, SingleBillTerms, Terms
from standings import ACCOUNT, BRIGHTSIDE, DAY, MANAGED, NORTHLIGHT, REFERRED, SINGLE_BILL, partner_with
from values import but

EITHER = (False, True)
OVER = partner_with(PartnerStatus.ENDED)
CREDITED = (None, BRIGHTSIDE, NORTHLIGHT, OVER)
WAYS_TO_CONTACT = tuple(product(Purpose, EITHER, EITHER))


def facets() -> Iterator[dict[str, Any]]:
    """Give every combination of what a standing is made of, lawful or not."""
    for management, pending, mode, status, origin, credited, within in product(
        (None, *Management), EITHER, BillingMode, AccountStatus, Origin, CREDITED, EITHER
    ):
        yield {
            "management": management,
            "request_pending": pending,
            "billing_mode": mode,
            "status": status,
            "origin": origin,
            "credited_to": credited,
            "within_bonus_window": within,
            "managed_by": BRIGHTSIDE if management is MANAGED else None,
            "payer": BRIGHTSIDE if mode is SINGLE_BILL else None,
        }


def lawful(facet: dict[str, Any]) -> Standing | None:
    try:
        return Standing(account=ACCOUNT, day=DAY, **facet)
    except InvalidValue:
        return None


STANDINGS = [standing for standing in map(lawful, facets()) if standing is not None]


def terms_that_say(**answers: bool) -> Terms:
    """Give terms in which every question these policies ask is answered so, or with no."""

    def said(name: str) -> bool:
        return answers.get(name, False)

    return Terms(
        starts_on=date(2024, 1, 1),
        source="invented for the tests",
        contact=ContactTerms(
            reply=said("reply"),
            billing_notice=said("billing_notice"),
            security_notice=said("security_notice"),
            partner_asked=said("partner_asked"),
        ),
        share=ShareTerms(after_partnership_ends=said("after_partnership_ends")),
        single_bill=SingleBillTerms(
            join_with_balance_due=said("join_with_balance_due"),
            client_may_change_plan=said("client_may_change_plan"),
            on_prepaid=said("on_prepaid"),
        ),
        management=ManagementTerms(partner_may_end=said("partner_may_end")),
        billing=BillingTerms(nonpayment_cancel_days=75),
    )


CONTACT_TERMS = [
    terms_that_say(reply=reply, billing_notice=billing, security_notice=security, partner_asked=asked)
    for reply, billing, security, asked in product(EITHER, repeat=4)
]
NO, YES = (
    terms_that_say(),
    terms_that_say(
        after_partnership_ends=True, join_with_balance_due=True, client_may_change_plan=True, on_prepaid=True, partner_may_end=True
    ),
)


@cache
def contacts(standing: Standing) -> tuple[Ruling[Permission], ...]:
    """Rule every contact with the account holder under all terms."""
    return tuple(
        may_contact(standing, purpose, terms=terms, legal_basis="an invented law", opted_out=opted_out, partner_asked=asked)
        for terms in CONTACT_TERMS
        for purpose, opted_out, asked in WAYS_TO_CONTACT
    )


@cache
def answers(standing: Standing) -> tuple[Permission, ...]:
    return tuple(ruling.outcome for ruling in contacts(standing))


def alike(standing: Standing, **other: Any) -> Standing:
    """Give a standing with some facets changed."""
    own = {name: getattr(standing, name) for name in next(facets())}
    return Standing(account=ACCOUNT, day=DAY, **own | other)


@attrs.frozen(kw_only=True)
class StandingFacts:
    """Facts of an ownership that also asks how an account is paid for."""

    management: Management | None
    billing_mode: BillingMode


MANAGED_EARN_NOTHING = Clause(
    "REWARD-NOT-MANAGED", RewardKind.NOTHING, MANAGEMENT.is_(MANAGED), unless=("REWARD-DISCOUNT",), cite=house("invented for a test")
)
OUTSIDE_IS_LEFT_ALONE = Clause(
    "CONTACT-OUTSIDE",
    Permission.MAY_NOT,
    next(item for item in CONTACT.inputs if item.name == "in_program").no,  # type: ignore[union-attr]
    cite=house("invented for a test"),
)


def with_exception(policy: Policy[Any, Any], clause_id: str, exception: Clause) -> Policy[Any, Any]:
    """Give a policy in which one clause gives way to a new one."""
    clause = policy.clause(clause_id)
    return policy.amend(repeal=(clause_id,), add=(but(clause, unless=(*clause.unless, exception.id)), exception))


class TestTheSweep:
    """The sweep sees all that can be: each standing once, and each answer of the contact policy."""

    def test_its_size(self) -> None:
        assert len(STANDINGS) == len(set(STANDINGS)) == (4 * 9 + 7) * len(Origin) * len(CREDITED) * 2
        assert len(WAYS_TO_CONTACT) * len(CONTACT_TERMS) == 10 * 2 * 2 * 16

    def test_both_answers_are_given(self) -> None:
        assert set().union(*map(answers, STANDINGS)) == set(Permission)


class TestContact:
    """Who may contact the account holder follows who owns the relationship, and nothing else."""

    def test_what_the_vendor_owns_is_judged_as_a_referred_client_is(self) -> None:
        referred = answers(Standing(account=ACCOUNT, day=DAY, management=REFERRED))
        for standing in STANDINGS:
            if owner_of(standing).outcome is Owner.VENDOR:
                assert answers(standing) == referred

    def test_how_an_account_is_paid_for_never_changes_who_may_contact_it(self) -> None:
        for standing in STANDINGS:
            if standing.billing_mode is SINGLE_BILL:
                assert contacts(standing) == contacts(alike(standing, billing_mode=BillingMode.DIRECT, payer=None))

    def test_neither_does_its_status_its_origin_nor_who_is_credited(self) -> None:
        by_type: dict[Management | None, set[tuple[Ruling[Permission], ...]]] = {}
        for standing in STANDINGS:
            by_type.setdefault(standing.management, set()).add(contacts(standing))
        assert {management: len(rulings) for management, rulings in by_type.items()} == {None: 1, REFERRED: 1, MANAGED: 1}

    def test_the_law_always_opens(self) -> None:
        for standing in STANDINGS:
            for ruling, (purpose, _, _) in zip(contacts(standing), WAYS_TO_CONTACT * len(CONTACT_TERMS), strict=True):
                assert purpose is not Purpose.LEGAL_OBLIGATION or ruling.allowed

    def test_an_update_has_exactly_one_sender_who_is_told_so_by_its_duty(self) -> None:
        for standing in STANDINGS:
            informer = informer_of(standing).outcome
            assert (Duty.INFORM_OF_CHANGES in duties_of(standing).outcome) is (informer is Owner.PARTNER)
            vendor_may = may_contact(standing, Purpose.PRODUCT_UPDATE, terms=NO).allowed
            assert vendor_may is (informer is Owner.VENDOR)

    def test_whom_a_partner_owes_coaching_it_may_contact(self) -> None:
        for standing in STANDINGS:
            if duties_of(standing).outcome:
                assert standing.managed_by is not None
                assert may_partner_contact(standing, partner=standing.managed_by).allowed


class TestRewards:
    """The type of an account changes no reward; the way it is paid for does."""

    @pytest.mark.parametrize("terms", [NO, YES], ids=["no", "yes"])
    def test_managed_and_referred_earn_the_same(self, terms: Terms) -> None:
        """On accounts that are billed directly, opened by link or created by the partner."""
        for standing in STANDINGS:
            in_reach = standing.billing_mode is BillingMode.DIRECT and standing.origin in {Origin.LINK, Origin.PARTNER_CREATED}
            if in_reach and standing.management is REFERRED:
                managed = alike(standing, management=MANAGED, managed_by=BRIGHTSIDE, request_pending=False)
                assert reward_for(standing, terms=terms) == reward_for(managed, terms=terms)

    @pytest.mark.parametrize("terms", [NO, YES], ids=["no", "yes"])
    def test_a_discount_comes_with_single_bill_and_a_share_with_credit(self, terms: Terms) -> None:
        for standing in STANDINGS:
            reward = reward_for(standing, terms=terms).outcome
            assert (reward is RewardKind.UPFRONT_DISCOUNT) is (standing.billing_mode is SINGLE_BILL)
            assert reward is not RewardKind.REVENUE_SHARE or standing.credited_to is not None
            assert reward is not RewardKind.UPFRONT_DISCOUNT or owner_of(standing).outcome is Owner.PARTNER

    def test_a_second_discount_needs_the_first(self) -> None:
        for standing in STANDINGS:
            if may_discount_prepaid(standing, terms=YES).allowed:
                assert reward_for(standing, terms=YES).outcome is RewardKind.UPFRONT_DISCOUNT


class TestSingleBill:
    """Only what a partner owns is on its Single Bill, and what is on it is neither suspended nor canceled automatically."""

    @pytest.mark.parametrize("terms", [NO, YES], ids=["no", "yes"])
    @pytest.mark.parametrize("partner", [BRIGHTSIDE, NORTHLIGHT, OVER], ids=["manager", "another", "ended"])
    def test_who_may_join_is_owned_by_the_partner(self, terms: Terms, partner: Partner) -> None:
        joined = 0
        for standing in STANDINGS:
            if may_join_single_bill(standing, partner=partner, terms=terms).allowed:
                assert owner_of(standing).outcome is Owner.PARTNER
                assert standing.managed_by is not None
                assert standing.managed_by.id == partner.id
                joined += 1
        assert bool(joined) is (partner is BRIGHTSIDE)

    def test_who_may_join_may_then_stand_there_and_leave_again(self) -> None:
        for standing in STANDINGS:
            if may_join_single_bill(standing, partner=BRIGHTSIDE, terms=YES).allowed:
                joined = alike(standing, billing_mode=SINGLE_BILL, payer=BRIGHTSIDE)
                assert may_leave_single_bill(joined).allowed
                assert not may_join_single_bill(joined, partner=BRIGHTSIDE, terms=YES).allowed

    def test_what_is_on_it_stays_untouched_by_the_vendor(self) -> None:
        for standing in STANDINGS:
            if standing.billing_mode is SINGLE_BILL:
                assert not may_suspend(standing, invoiced_since_resume=True).allowed
                assert not may_cancel_automatically(standing, days_unpaid=1_000, terms=NO).allowed
                assert not may_change_status(standing, StatusChange.HOLD_FOR_BALANCE).allowed
                assert payment_method_for(standing, has_payment_method=False).outcome is PaymentMethod.NOT_NEEDED
                assert may_change_plan(standing, partner=BRIGHTSIDE, terms=NO).allowed


class TestManaging:
    """Managing brings the relationship and its duties, never the account itself."""

    def test_only_what_the_vendor_owns_can_be_asked_for(self) -> None:
        for standing in STANDINGS:
            for partner in (BRIGHTSIDE, NORTHLIGHT):
                if may_request_management(standing, partner=partner).allowed:
                    assert owner_of(standing).outcome is Owner.VENDOR
                    assert duties_of(standing).outcome == ()

    def test_duties_end_and_begin_with_the_relationship(self) -> None:
        for standing in STANDINGS:
            assert bool(duties_of(standing).outcome) is (owner_of(standing).outcome is Owner.PARTNER)
            assert may_end_management(standing, EndedBy.CLIENT, terms=NO).allowed is bool(duties_of(standing).outcome)

    def test_nothing_changes_who_controls_the_account(self) -> None:
        assert len({controller_of(standing).outcome for standing in STANDINGS}) == 1


class TestNamedInvariants:
    """Each has a sentence that the pages show, holds at every point, and finds a change of the rules that breaks it."""

    @pytest.mark.parametrize("invariant", INVARIANTS.values(), ids=INVARIANTS)
    def test_it_holds(self, invariant: Invariant) -> None:
        assert invariant.breaches() == ()

    @pytest.mark.parametrize(
        ("invariant", "changed"),
        [
            ("REWARDS-ALIKE", with_exception(REWARD, "REWARD-SHARE", MANAGED_EARN_NOTHING)),
            ("JOINED-IS-OWNED", SINGLE_BILL_ENROLLMENT.amend(repeal=("JOIN-MANAGED-ONLY",))),
            ("VENDORS-ALIKE", with_exception(CONTACT, "CONTACT-OWN-CLIENT", OUTSIDE_IS_LEFT_ALONE)),
        ],
        ids=["rewards", "joining", "contact"],
    )
    def test_it_can_be_broken(self, invariant: str, changed: Policy[Any, Any]) -> None:
        assert INVARIANTS[invariant].breaches({changed.id: changed})

    def test_asking_how_an_account_is_paid_for_breaks_one(self) -> None:
        paid = Clause("OWNER-PAID", Owner.PARTNER, BILLING_MODE.is_(SINGLE_BILL), cite=house("x"))
        asking: Policy[Any, Any] = Policy("ownership", OWNERSHIP.question, StandingFacts, Owner, (*OWNERSHIP.clauses, paid))
        assert INVARIANTS["PAYING-IS-SILENT"].breaches({"ownership": asking}) == ("ownership asks for billing_mode",)

    def test_a_policy_it_does_not_look_at_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="VENDORS-ALIKE does not look at reward: it looks at contact"):
            INVARIANTS["VENDORS-ALIKE"].breaches({"reward": REWARD})
