"""The policies of the program: compared with plain if and else at every point, and sentence by sentence with the article."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest

import oracle
from partnerkit.clauses import Basis, Policy, Ruling
from partnerkit.clauses.checks import census, conflicts, points
from partnerkit.clauses.views import messages
from partnerkit.errors import InvalidValue, TermMissing
from partnerkit.partners import (
    AccountStatus,
    BillingMode,
    Management,
    Origin,
    Partner,
    PartnerStatus,
    Standing,
)
from partnerkit.policies import (
    CONTACT,
    DUTIES,
    EDITIONS,
    POLICIES,
    Channel,
    ContactFacts,
    Controller,
    DutiesFacts,
    EndedBy,
    Need,
    Owner,
    PlanOffer,
    Purpose,
    RewardKind,
    StatusChange,
    controller_of,
    duties_of,
    may_approve_management,
    may_cancel_automatically,
    may_change_plan,
    may_change_status,
    may_contact,
    may_discount_prepaid,
    may_end_management,
    may_leave_program,
    may_leave_single_bill,
    may_move_in,
    may_partner_contact,
    may_request_management,
    may_suspend,
    may_withdraw_request,
    owner_of,
    plan_offer,
    promotion,
    reward_for,
    suggested_setup,
)
from partnerkit.terms import (
    NOT_AGREED,
    BillingTerms,
    ContactTerms,
    ManagementTerms,
    ShareTerms,
    SingleBillTerms,
    Terms,
)
from standings import (
    ACCOUNT,
    BRIGHTSIDE,
    DAY,
    MANAGED,
    NORTHLIGHT,
    REFERRED,
    SILENT,
    SINGLE_BILL,
    enrolled,
    managed,
    partner_with,
    referred,
    stating,
)

OWING = referred(status=AccountStatus.BALANCE_DUE)


class TestEveryPoint:
    """At every point a policy answers as the oracle does, for all the reasons the oracle gives, or refuses facts that cannot be."""

    def test_every_policy_has_an_oracle(self) -> None:
        assert [policy.id for policy in POLICIES] == list(oracle.ORACLES)

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_the_oracle_agrees(self, policy: Policy[Any, Any]) -> None:
        answer = oracle.ORACLES[policy.id]
        for facts in filter(oracle.is_possible, oracle.every_point(policy.facts)):
            ruling = policy.decide(facts)
            assert (ruling.outcome, {*ruling.because}) == answer(facts), facts

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_impossible_facts_are_refused(self, policy: Policy[Any, Any]) -> None:
        for facts in oracle.every_point(policy.facts):
            if not oracle.is_possible(facts):
                with pytest.raises(InvalidValue, match="facts that cannot be"):
                    policy.decide(facts)

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_the_checks_see_the_same_points(self, policy: Policy[Any, Any]) -> None:
        possible = list(filter(oracle.is_possible, oracle.every_point(policy.facts)))
        assert sorted(map(repr, points(policy))) == sorted(map(repr, possible))

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_the_ruling_is_a_full_account(self, policy: Policy[Any, Any]) -> None:
        for facts in points(policy):
            ruling = policy.decide(facts)
            named = [*ruling.because, *ruling.not_applying, *(clause for clause, _ in ruling.set_aside)]
            assert sorted(named) == sorted(clause.id for clause in policy.clauses)
            assert ruling.basis == max((policy.clause(one).cite.basis for one in ruling.because), key=list(Basis).index)


class TestSoundness:
    """No silent point, no contradiction, no name twice; the figures are those of `tests/census.json`."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_every_point_has_one_answer(self, policy: Policy[Any, Any]) -> None:
        found = census(policy)
        assert (found.silent, found.conflicting) == (0, 0)
        assert conflicts(policy) == ()

    def test_clause_ids_are_unique_over_all_policies(self) -> None:
        ids = [clause.id for policy in POLICIES for clause in policy.clauses]
        assert len(ids) == len(set(ids))

    def test_no_message_has_two_texts(self) -> None:
        seen: dict[str, str] = {}
        for policy in POLICIES:
            for message, text in messages(policy).items():
                assert seen.setdefault(message, text) == text

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    @pytest.mark.parametrize("day", [date.min, DAY, date.max])
    def test_an_edition_is_in_force_on_every_day(self, policy: Policy[Any, Any], day: date) -> None:
        assert EDITIONS[policy.id].on(day) is policy


class TestWhatDecides:
    """An answer names the clause it rests on."""

    AGREED = stating(
        contact=ContactTerms(reply=True, billing_notice=True, security_notice=True),
        management=ManagementTerms(request_expires_days=NOT_AGREED, partner_may_end=True),
        billing=BillingTerms(nonpayment_cancel_days=75),
    )

    @pytest.mark.parametrize(
        ("ask", "clause"),
        [
            (lambda _: owner_of(Standing(account=ACCOUNT, day=DAY)), "OWNER-OUTSIDE"),
            (lambda terms: may_contact(managed(), Purpose.REPLY, terms=terms), "CONTACT-REPLY"),
            (lambda terms: may_contact(managed(), Purpose.BILLING_NOTICE, terms=terms), "CONTACT-BILLING"),
            (lambda terms: may_contact(managed(), Purpose.SECURITY_NOTICE, terms=terms), "CONTACT-SECURITY"),
            (lambda _: duties_of(managed()), "DUTY-INFORM"),
            (lambda _: may_leave_single_bill(enrolled()), "LEAVE-PICK"),
            (
                lambda terms: may_approve_management(
                    referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=0, terms=terms
                ),
                "APPROVE-GRANTED",
            ),
            (lambda _: may_withdraw_request(referred(request_pending=True)), "WITHDRAW-PENDING"),
            (lambda terms: may_end_management(managed(), EndedBy.CLIENT, terms=terms), "END-CLIENT"),
            (lambda terms: may_end_management(managed(), EndedBy.PARTNER, terms=terms), "END-PARTNER"),
            (lambda terms: may_end_management(managed(), EndedBy.PROGRAM, terms=terms), "END-PROGRAM"),
            (lambda _: may_leave_program(referred()), "DEPART-INSIDE"),
            (lambda _: may_suspend(managed(), invoiced_since_resume=True), "SUSPEND-OPEN"),
            (lambda _: may_change_status(referred(status=AccountStatus.TRIAL), StatusChange.CONVERT), "STATUS-CONVERT"),
            (lambda _: may_change_status(referred(status=AccountStatus.TRIAL), StatusChange.EXPIRE_TRIAL), "STATUS-EXPIRE"),
            (lambda _: may_change_status(referred(), StatusChange.SCHEDULE_CANCELLATION), "STATUS-SCHEDULE"),
            (lambda _: may_change_status(referred(), StatusChange.CANCEL), "STATUS-CANCEL"),
            (lambda _: may_change_status(referred(status=AccountStatus.CANCELED), StatusChange.REACTIVATE), "STATUS-REACTIVATE"),
            (lambda terms: may_cancel_automatically(OWING, days_unpaid=75, terms=terms), "CANCEL-UNPAID"),
            (lambda terms: may_cancel_automatically(OWING, days_unpaid=74, terms=terms), "CANCEL-TOO-EARLY"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_by_name(self, ask: Callable[[Terms], Ruling[Any]], clause: str) -> None:
        assert clause in ask(self.AGREED).because


class TestMovedAccounts:
    """K-17: revenue share can be earned on all accounts moved in; K-16: not on those that meet neither of two qualifications."""

    @pytest.mark.parametrize("within", [True, False])
    def test_a_managed_one_earns_by_another_page_than_the_article(self, within: bool) -> None:
        ruling = reward_for(managed(origin=Origin.MOVED_IN, within_bonus_window=within), terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.REVENUE_SHARE, ("REWARD-MOVED-IN",), Basis.ELSEWHERE)

    def test_a_referred_one_earns_in_the_window_by_our_reading(self) -> None:
        ruling = reward_for(referred(origin=Origin.MOVED_IN, within_bonus_window=True), terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.REVENUE_SHARE, ("REWARD-MOVED-IN-WINDOW",), Basis.HOUSE)

    def test_one_credited_to_nobody_needs_no_window(self) -> None:
        assert reward_for(referred(credited_to=None, origin=Origin.MOVED_IN), terms=SILENT).because == ("REWARD-UNCREDITED",)

    def test_which_two_qualifications_is_our_reading(self) -> None:
        ruling = reward_for(referred(origin=Origin.MOVED_IN, within_bonus_window=False), terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.NOTHING, ("REWARD-UNQUALIFIED",), Basis.HOUSE)

    def test_on_single_bill_it_takes_the_discount_like_any_other(self) -> None:
        assert reward_for(enrolled(origin=Origin.MOVED_IN), terms=SILENT).because == ("REWARD-DISCOUNT",)

    @pytest.mark.parametrize("status", [PartnerStatus.ENDED, PartnerStatus.BANNED])
    def test_after_the_partnership_the_terms_decide(self, status: PartnerStatus) -> None:
        standing = referred(origin=Origin.MOVED_IN, within_bonus_window=True, credited_to=partner_with(status))
        ruling = reward_for(standing, terms=stating(share=ShareTerms(after_partnership_ends=False)))
        assert (ruling.outcome, ruling.because) == (RewardKind.NOTHING, ("REWARD-ENDED",))


class TestOutsideTheProgram:
    """An account that no partner has a part in: the article says nothing of it, and every answer says that it is ours."""

    OUTSIDE = Standing(account=ACCOUNT, day=DAY)

    @pytest.mark.parametrize("purpose", Purpose)
    def test_the_vendor_uses_its_own_relationship(self, purpose: Purpose) -> None:
        ruling = may_contact(self.OUTSIDE, purpose, terms=SILENT, legal_basis="an invented law")
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("CONTACT-OWN-CLIENT",), Basis.HOUSE)

    def test_but_sends_no_marketing_to_those_who_opted_out(self) -> None:
        ruling = may_contact(self.OUTSIDE, Purpose.MARKETING, terms=SILENT, opted_out=True)
        assert (ruling.allowed, ruling.because) == (False, ("CONTACT-OPTED-OUT",))

    def test_it_brings_nobody_a_duty(self) -> None:
        ruling = duties_of(self.OUTSIDE)
        assert (ruling.outcome, ruling.because, ruling.basis) == ((), ("DUTY-OUTSIDE",), Basis.HOUSE)

    def test_what_a_partner_owns_is_inside(self) -> None:
        with pytest.raises(InvalidValue, match="no partner owns an account outside the program"):
            CONTACT.decide(ContactFacts(owner=Owner.PARTNER, purpose=Purpose.SALES, in_program=False))
        with pytest.raises(InvalidValue, match="no partner owns an account outside the program"):
            DUTIES.decide(DutiesFacts(owner=Owner.PARTNER, in_program=False))


class TestAutomaticCancellation:
    """Canceled after 75 days of non-payment (5775), but never because a Single Bill is past due (44215)."""

    TERMS = stating(billing=BillingTerms(nonpayment_cancel_days=75))

    @pytest.mark.parametrize(("days", "allowed"), [(0, False), (74, False), (75, True), (76, True), (10_000, True)])
    def test_on_the_day_and_not_before(self, days: int, allowed: bool) -> None:
        owing = referred(status=AccountStatus.BALANCE_DUE)
        ruling = may_cancel_automatically(owing, days_unpaid=days, terms=self.TERMS)
        assert (ruling.allowed, ruling.basis) == (allowed, Basis.ELSEWHERE)

    @pytest.mark.parametrize("days", [0, 74, 75, 10_000])
    def test_never_on_single_bill(self, days: int) -> None:
        for status in (AccountStatus.OPEN, AccountStatus.BALANCE_DUE, AccountStatus.COMPLIANCE_HOLD):
            ruling = may_cancel_automatically(enrolled(status=status), days_unpaid=days, terms=SILENT)
            assert not ruling.allowed
            assert "CANCEL-SINGLE-BILL" in ruling.because

    @pytest.mark.parametrize("status", [status for status in AccountStatus if status is not AccountStatus.BALANCE_DUE])
    def test_only_what_is_on_hold_for_its_balance(self, status: AccountStatus) -> None:
        ruling = may_cancel_automatically(referred(status=status), days_unpaid=75, terms=SILENT)
        assert (ruling.allowed, ruling.because) == (False, ("CANCEL-NOTHING-DUE",))

    def test_the_days_are_a_term(self) -> None:
        with pytest.raises(TermMissing) as raised:
            may_cancel_automatically(referred(status=AccountStatus.BALANCE_DUE), days_unpaid=75, terms=SILENT)
        assert raised.value.term == "billing.nonpayment_cancel_days"

    @pytest.mark.parametrize("days", [-1, 75.0, "75", True])
    def test_days_are_whole_and_not_negative(self, days: Any) -> None:
        with pytest.raises(InvalidValue, match="days_unpaid is"):
            may_cancel_automatically(referred(), days_unpaid=days, terms=SILENT)


class TestAdviceOfADay:
    """Advice is given by the latest edition, or by that of a day."""

    def test_by_the_day(self) -> None:
        assert promotion(Channel.PRINT, day=date(2025, 8, 8)) == promotion(Channel.PRINT)
        assert suggested_setup(Need(), day=date(2025, 8, 8)) == suggested_setup(Need())


class TestPlansOnMovingIn:
    """Accounts created before 4/17/23 are offered the new plans when they move in (44017)."""

    TERMS = stating(management=ManagementTerms(new_plan_cutover=date(2023, 4, 17)))

    @pytest.mark.parametrize(("opened", "offer"), [(16, PlanOffer.CHOICE), (17, PlanOffer.NO_CHOICE), (18, PlanOffer.NO_CHOICE)])
    def test_before_is_before(self, opened: int, offer: PlanOffer) -> None:
        assert plan_offer(DAY, opened_on=date(2023, 4, opened), terms=self.TERMS).outcome is offer

    def test_the_day_is_a_term(self) -> None:
        with pytest.raises(TermMissing) as raised:
            plan_offer(DAY, opened_on=DAY, terms=SILENT)
        assert raised.value.term == "management.new_plan_cutover"

    @pytest.mark.parametrize("opened", ["2023-04-16", None, datetime(2023, 4, 16, tzinfo=UTC)])
    def test_the_opening_is_a_day(self, opened: Any) -> None:
        with pytest.raises(InvalidValue, match="opened_on is"):
            plan_offer(DAY, opened_on=opened, terms=self.TERMS)


class TestWhatAPartnerMayDo:
    """Whom a partner may contact, whose plan it may change, and what it does not come to control."""

    @pytest.mark.parametrize(
        ("standing", "partner", "clause"),
        [
            (managed(), BRIGHTSIDE, "REACH-MANAGER"),
            (referred(), BRIGHTSIDE, "REACH-REFERRER"),
            (referred(), NORTHLIGHT, "REACH-STRANGER"),
            (managed(), NORTHLIGHT, "REACH-STRANGER"),
            (managed(managed_by=NORTHLIGHT), BRIGHTSIDE, "REACH-STRANGER"),
            (Standing(account=ACCOUNT, day=DAY), BRIGHTSIDE, "REACH-STRANGER"),
        ],
        ids=["its managed", "its referred", "another's referred", "another's managed", "credited to it, managed by another", "outside"],
    )
    def test_contact(self, standing: Standing, partner: Partner, clause: str) -> None:
        ruling = may_partner_contact(standing, partner=partner)
        assert (ruling.because, ruling.allowed) == ((clause,), clause != "REACH-STRANGER")

    @pytest.mark.parametrize(
        ("standing", "partner", "clause"),
        [
            (managed(), BRIGHTSIDE, "PLAN-MANAGER-DIRECT"),
            (enrolled(), BRIGHTSIDE, "PLAN-MANAGER-SINGLE-BILL"),
            (managed(), NORTHLIGHT, "PLAN-OTHER-PARTNER"),
            (referred(), BRIGHTSIDE, "PLAN-OTHER-PARTNER"),
            (referred(), None, "PLAN-CLIENT-DIRECT"),
            (managed(), None, "PLAN-CLIENT-MANAGED"),
        ],
    )
    def test_plans(self, standing: Standing, partner: Partner | None, clause: str) -> None:
        ruling = may_change_plan(standing, partner=partner, terms=SILENT)
        assert (ruling.because, ruling.allowed) == ((clause,), clause != "PLAN-OTHER-PARTNER")

    @pytest.mark.parametrize("agreed", [True, False])
    def test_whether_the_client_changes_what_the_partner_pays_for_is_a_term(self, agreed: bool) -> None:
        terms = stating(single_bill=SingleBillTerms(client_may_change_plan=agreed))
        ruling = may_change_plan(enrolled(), partner=None, terms=terms)
        assert (ruling.allowed, ruling.basis) == (agreed, Basis.TERM)
        assert ruling.because == ("PLAN-CLIENT-SINGLE-BILL" if agreed else "PLAN-CLIENT-MAY-NOT",)
        with pytest.raises(TermMissing) as raised:
            may_change_plan(enrolled(), partner=None, terms=SILENT)
        assert raised.value.term == "single_bill.client_may_change_plan"

    def test_managing_gives_no_control_of_the_account(self) -> None:
        assert {controller_of(standing).outcome for standing in (managed(), enrolled(), referred())} == {Controller.ACCOUNT_OWNER}
        assert {controller_of(standing).basis for standing in (managed(), referred())} == {Basis.HOUSE}
        assert controller_of(managed()).because == ("CONTROL-MANAGED",)
        assert controller_of(referred()).because == ("CONTROL-OTHER",)

    @pytest.mark.parametrize("agreed", [True, False])
    def test_two_discounts_at_once_are_a_term(self, agreed: bool) -> None:
        ruling = may_discount_prepaid(enrolled(), terms=stating(single_bill=SingleBillTerms(on_prepaid=agreed)))
        assert (ruling.allowed, ruling.because) == (agreed, ("PREPAID-AGREED" if agreed else "PREPAID-NOT-AGREED",))
        with pytest.raises(TermMissing) as raised:
            may_discount_prepaid(enrolled(), terms=SILENT)
        assert raised.value.term == "single_bill.on_prepaid"

    def test_off_single_bill_no_term_is_asked(self) -> None:
        assert may_discount_prepaid(managed(), terms=SILENT).because == ("PREPAID-DIRECT",)


class TestManagement:
    """A referred account becomes managed by a request and the account holder's approval (articles 44325, 41605)."""

    def test_a_partner_asks_for_a_referred_account(self) -> None:
        assert may_request_management(referred(), partner=BRIGHTSIDE).because == ("REQUEST-REFERRED",)
        assert may_request_management(managed(), partner=BRIGHTSIDE).because == ("REQUEST-MANAGED",)
        assert may_request_management(referred(request_pending=True), partner=BRIGHTSIDE).because == ("REQUEST-PENDING",)
        assert may_request_management(Standing(account=ACCOUNT, day=DAY), partner=BRIGHTSIDE).because == ("REQUEST-OUTSIDE",)
        assert not may_request_management(referred(), partner=partner_with(PartnerStatus.SUSPENDED)).allowed

    def test_only_the_credited_partner_asks(self) -> None:
        """K-29: access is granted to "a partner who referred you"."""
        ruling = may_request_management(referred(), partner=NORTHLIGHT)
        assert (ruling.allowed, ruling.because, ruling.basis) == (False, ("REQUEST-OTHERS-CLIENT",), Basis.HOUSE)
        assert may_request_management(referred(credited_to=NORTHLIGHT), partner=NORTHLIGHT).allowed
        assert may_request_management(managed(), partner=NORTHLIGHT).because == ("REQUEST-MANAGED",)

    def test_a_request_can_be_withdrawn(self) -> None:
        assert may_withdraw_request(referred(request_pending=True)).allowed
        assert not may_withdraw_request(referred()).allowed

    @pytest.mark.parametrize(("days", "allowed"), [(0, True), (30, True), (31, False)])
    def test_a_request_lapses_after_the_agreed_days(self, days: int, allowed: bool) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=30))
        ruling = may_approve_management(referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=days, terms=terms)
        assert ruling.allowed is allowed

    def test_a_request_never_lapses_where_nothing_is_agreed(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        assert may_approve_management(
            referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=9_999, terms=terms
        ).allowed

    def test_without_consent_nothing_is_approved(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        ruling = may_approve_management(referred(request_pending=True), partner=BRIGHTSIDE, consent=False, days_pending=0, terms=terms)
        assert ruling.because == ("APPROVE-NO-CONSENT",)

    def test_the_answer_of_another_user_approves_nothing(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        ruling = may_approve_management(
            referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=0, terms=terms, by_account_owner=False
        )
        assert (ruling.allowed, ruling.because, ruling.basis) == (False, ("APPROVE-NOT-OWNER",), Basis.HOUSE)

    def test_whether_a_request_lapses_is_asked_only_of_a_request(self) -> None:
        ruling = may_approve_management(referred(), partner=BRIGHTSIDE, consent=True, days_pending=0, terms=SILENT)
        assert ruling.because == ("APPROVE-NO-REQUEST",)
        with pytest.raises(TermMissing) as raised:
            may_approve_management(referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=0, terms=SILENT)
        assert raised.value.term == "management.request_expires_days"

    def test_the_client_and_the_program_end_it_without_any_term(self) -> None:
        for ended_by in (EndedBy.CLIENT, EndedBy.PROGRAM):
            assert may_end_management(managed(), ended_by, terms=SILENT).allowed
        for ended_by in EndedBy:
            assert not may_end_management(referred(), ended_by, terms=SILENT).allowed

    @pytest.mark.parametrize("agreed", [True, False])
    def test_the_partner_ends_it_by_the_terms(self, agreed: bool) -> None:
        ruling = may_end_management(managed(), EndedBy.PARTNER, terms=stating(management=ManagementTerms(partner_may_end=agreed)))
        assert (ruling.allowed, ruling.basis) == (agreed, Basis.TERM)
        with pytest.raises(TermMissing) as raised:
            may_end_management(managed(), EndedBy.PARTNER, terms=SILENT)
        assert raised.value.term == "management.partner_may_end"

    def test_an_account_leaves_the_program_from_inside(self) -> None:
        assert may_leave_program(referred()).allowed
        assert may_leave_program(managed()).allowed
        assert not may_leave_program(Standing(account=ACCOUNT, day=DAY)).allowed


class TestArgumentsOutsideTheirType:
    """A text is not the member it spells: the terms it would have to be asked with are not skipped in silence."""

    @pytest.mark.parametrize(
        ("ask", "message"),
        [
            (lambda: may_contact(managed(), "legal_obligation", terms=SILENT), "purpose is 'legal_obligation': wanted a value of the type"),  # type: ignore[arg-type]
            (lambda: may_contact(managed(), "reply", terms=SILENT), "purpose is 'reply'"),  # type: ignore[arg-type]
            (lambda: may_contact(referred(), Purpose.SALES, terms=SILENT, opted_out="no"), "opted_out is 'no'"),  # type: ignore[arg-type]
            (lambda: may_contact(managed(), Purpose.SALES, terms=SILENT, partner_asked=7), "partner_asked is 7"),  # type: ignore[arg-type]
            (lambda: may_contact(managed(), Purpose.LEGAL_OBLIGATION, terms=SILENT, legal_basis=5), "legal_basis"),  # type: ignore[arg-type]
            (lambda: may_end_management(managed(), "partner", terms=SILENT), "ended_by is 'partner'"),  # type: ignore[arg-type]
            (lambda: may_end_management(managed(), Owner.PARTNER, terms=SILENT), "ended_by is Owner.PARTNER"),  # type: ignore[arg-type]
            (lambda: may_change_status(managed(), "cancel"), "change is 'cancel'"),  # type: ignore[arg-type]
            (lambda: promotion("website"), "channel is 'website'"),  # type: ignore[arg-type]
            (lambda: suggested_setup("mix"), "need is 'mix'"),  # type: ignore[arg-type]
        ],
        ids=["legal obligation", "reply", "opted out", "asked", "legal basis", "ended by", "another enum", "change", "channel", "need"],
    )
    def test_it_is_refused_by_name(self, ask: Callable[[], object], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            ask()

    @pytest.mark.parametrize("days", [-1, 0.5, "3", True])
    def test_days_are_whole_and_not_negative(self, days: Any) -> None:
        with pytest.raises(InvalidValue, match="days_pending is"):
            may_approve_management(referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=days, terms=SILENT)


class TestMovingIn:
    """An existing account is moved on a written request, with the customer's consent (article 44017)."""

    TERMS = stating(management=ManagementTerms(move_in_sender_days=60))

    def move(self, **other: Any) -> Any:
        asked: dict[str, Any] = {"opened_on": DAY, "partner": BRIGHTSIDE, "current": None, "terms": self.TERMS}
        asked.update(written_request=True, consent=True, sender_on_account=False)
        asked.update(other)
        return may_move_in(DAY, **asked)

    def test_a_young_account_moves_whoever_writes(self) -> None:
        assert self.move().because == ("MOVE-REQUESTED",)
        assert self.move(opened_on=date(2025, 6, 9)).allowed

    def test_an_older_account_moves_when_its_own_address_asks(self) -> None:
        assert self.move(opened_on=date(2025, 6, 8)).because == ("MOVE-SENDER",)
        assert self.move(opened_on=date(2025, 6, 8), sender_on_account=True).allowed

    def test_never_without_request_consent_or_a_partner_that_is_another_and_active(self) -> None:
        assert self.move(written_request=False).because == ("MOVE-NO-REQUEST",)
        assert self.move(consent=False).because == ("MOVE-NO-CONSENT",)
        assert self.move(current=BRIGHTSIDE).because == ("MOVE-SAME-PARTNER",)
        assert self.move(partner=partner_with(PartnerStatus.ENDED)).because == ("MOVE-PARTNER-INACTIVE",)

    def test_from_another_partner_the_same_papers_are_asked_by_our_choice(self) -> None:
        """Article 44017 speaks of existing accounts and is silent on those of another partner."""
        ruling = self.move(current=NORTHLIGHT)
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("MOVE-TRANSFER",), Basis.HOUSE)
        assert self.move(current=NORTHLIGHT, consent=False).because == ("MOVE-NO-CONSENT",)
        assert self.move().basis is Basis.ELSEWHERE

    @pytest.mark.parametrize("opened", ["2025-06-09", None, datetime(2025, 6, 9, tzinfo=UTC)])
    @pytest.mark.parametrize("sender_on_account", [True, False])
    def test_the_opening_is_a_day(self, opened: Any, sender_on_account: bool) -> None:
        with pytest.raises(InvalidValue, match="opened_on is"):
            self.move(opened_on=opened, sender_on_account=sender_on_account)

    def test_the_days_are_a_term_that_is_read_where_age_can_matter(self) -> None:
        assert self.move(terms=SILENT, sender_on_account=True).allowed
        with pytest.raises(TermMissing) as raised:
            self.move(terms=SILENT)
        assert raised.value.term == "management.move_in_sender_days"


class TestTheLifeOfAnAccount:
    """An account is suspended off Single Bill only (41606), and takes only the steps that some official page knows."""

    def test_suspension(self) -> None:
        assert may_suspend(managed(), invoiced_since_resume=True).allowed
        assert may_suspend(managed(), invoiced_since_resume=False).because == ("SUSPEND-TOO-SOON",)
        assert may_suspend(enrolled(), invoiced_since_resume=True).because == ("SUSPEND-SINGLE-BILL",)
        assert may_suspend(managed(status=AccountStatus.TRIAL), invoiced_since_resume=True).because == ("SUSPEND-NOT-OPEN",)

    @pytest.mark.parametrize("change", StatusChange)
    @pytest.mark.parametrize("status", AccountStatus)
    def test_steps(self, status: AccountStatus, change: StatusChange) -> None:
        assert may_change_status(referred(status=status), change).allowed is (status in oracle.STEPS[change])

    @pytest.mark.parametrize("status", [AccountStatus.OPEN, AccountStatus.PENDING_CANCELLATION])
    def test_b5_what_is_on_single_bill_is_not_held_for_a_balance(self, status: AccountStatus) -> None:
        """An enrolled account that is past due stays active: its client owes nothing, and the partner's bill is another matter."""
        assert may_change_status(managed(status=status), StatusChange.HOLD_FOR_BALANCE).because == ("STATUS-HOLD-BALANCE",)
        assert may_change_status(enrolled(status=status), StatusChange.HOLD_FOR_BALANCE).because == ("STATUS-NO-WAY",)
        assert may_change_status(enrolled(status=status), StatusChange.HOLD_FOR_COMPLIANCE).because == ("STATUS-HOLD-COMPLIANCE",)

    @pytest.mark.parametrize(
        ("status", "clause", "basis"),
        [
            (AccountStatus.SUSPENDED, "STATUS-RESUME", Basis.ELSEWHERE),
            (AccountStatus.BALANCE_DUE, "STATUS-RELEASE", Basis.ELSEWHERE),
            (AccountStatus.COMPLIANCE_HOLD, "STATUS-CLEAR", Basis.HOUSE),
        ],
    )
    def test_how_a_standstill_ends(self, status: AccountStatus, clause: str, basis: Basis) -> None:
        """K-50: taken up again; B-15: a hold lasts until payment is arranged; how a hold for compliance ends, no page says."""
        ruling = may_change_status(referred(status=status), StatusChange.RESUME)
        assert (ruling.because, ruling.basis) == ((clause,), basis)


class TestImpossibleStandings:
    """Illegal states do not construct: every combination of the facets is built, and refused exactly where it cannot be."""

    @staticmethod
    def can_be(facets: dict[str, Any], manager: str, payer: str) -> bool:
        managed_now, on_single_bill = facets["management"] is MANAGED, facets["billing_mode"] is SINGLE_BILL
        if on_single_bill and (not managed_now or payer != "manager"):
            return False
        if on_single_bill and facets["status"] in {AccountStatus.SUSPENDED, AccountStatus.CANCELED}:
            return False
        if not on_single_bill and payer != "client":
            return False
        if facets["request_pending"] and facets["management"] is not REFERRED:
            return False
        # An account has a managing partner exactly when it is managed, and an ended one manages nothing.
        return manager == "active" if managed_now else manager == "none"

    @pytest.mark.parametrize("over", [PartnerStatus.ENDED, PartnerStatus.BANNED])
    def test_every_combination(self, over: PartnerStatus) -> None:
        managers = {"none": None, "active": BRIGHTSIDE, "ended": partner_with(over)}
        payers = {"client": None, "manager": BRIGHTSIDE, "other": NORTHLIGHT}
        built = 0
        for management, pending, mode, status, manager, payer in product(
            (None, *Management), (False, True), BillingMode, AccountStatus, managers, payers
        ):
            facets: dict[str, Any] = {"management": management, "request_pending": pending, "billing_mode": mode, "status": status}
            whole = facets | {"account": ACCOUNT, "managed_by": managers[manager], "payer": payers[payer], "day": DAY}
            if self.can_be(facets, manager, payer):
                assert Standing(**whole).status is status
                built += 1
            else:
                with pytest.raises(InvalidValue, match="the account a-1 cannot stand so on 2025-08-08: "):
                    Standing(**whole)
        # Directly billed: outside, managed, referred with and without a request; on Single Bill: all but two statuses.
        assert built == 4 * 9 + 7

    def test_a_partnership_that_ends_later_still_manages(self) -> None:
        later = partner_with(PartnerStatus.ENDED, since=datetime(2025, 8, 9, tzinfo=UTC))
        assert owner_of(managed(managed_by=later)).outcome is Owner.PARTNER
        with pytest.raises(InvalidValue, match="MANAGER-NOT-ENDED"):
            managed(managed_by=later, day=date(2025, 8, 9))
