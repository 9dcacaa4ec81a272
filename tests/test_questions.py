"""The auditor's questions: each has an answer that runs, or a term that must be stated."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, cast

import attrs
import pytest

import partnerkit
from partnerkit.clauses import Basis, Permission, Ruling
from partnerkit.errors import InvalidValue, TermMissing
from partnerkit.links import VendorSites
from partnerkit.money import Rate
from partnerkit.partners import (
    STANDING_LAWS,
    AccountStatus,
    BillingMode,
    Management,
    Origin,
    Partners,
    PartnerStatus,
    Standing,
)
from partnerkit.periods import billing_dates
from partnerkit.policies import (
    POLICIES,
    REWARD,
    Controller,
    EndedBy,
    Force,
    Need,
    Owner,
    PaymentMethod,
    PlanOffer,
    Purpose,
    RewardFacts,
    RewardKind,
    Setup,
    StatusChange,
    controller_of,
    duties_of,
    informer_of,
    may_approve_management,
    may_cancel_automatically,
    may_change_plan,
    may_change_status,
    may_contact,
    may_discount_prepaid,
    may_end_management,
    may_join_single_bill,
    may_leave_single_bill,
    may_move_in,
    may_partner_contact,
    may_request_management,
    may_suspend,
    payment_method_for,
    plan_offer,
    reward_for,
    suggested_setup,
)
from partnerkit.program import Program
from partnerkit.questions import Answered, Question, question, questions
from partnerkit.relationships import ClientRelationship
from partnerkit.terms import (
    NOT_AGREED,
    SECTIONS,
    BillingTerms,
    BonusTerms,
    ContactTerms,
    ManagementTerms,
    ShareTerms,
    TermsHistory,
)
from standings import ACCOUNT, BRIGHTSIDE, DAY, NORTHLIGHT, SILENT, enrolled, managed, partner_with, referred, stating

CLAUSES = {clause.id: clause for policy in POLICIES for clause in policy.clauses}
LAWS = {law.id for law in STANDING_LAWS}
TERMS = {f"{key}.{field.name}" for key, section in SECTIONS.items() for field in attrs.fields_dict(cast("Any", section)).values()}
ASKED = [f"Q-{number}" for number in range(24, 61)]
FACT_WORDS = 40

OVER = partner_with(PartnerStatus.ENDED)
PARTNERS = Partners((BRIGHTSIDE, NORTHLIGHT))
PROGRAM = Program(name="example", zone="UTC", sites=VendorSites(("vendor.example",)), terms=TermsHistory((SILENT,)))


def needs(term: str, ask: Callable[[], object]) -> None:
    """Assert that the terms decide: asked without them, the answer is an error that names the key."""
    with pytest.raises(TermMissing) as raised:
        ask()
    assert raised.value.term == term


def decided(ruling: Ruling[Any], outcome: object, *clauses: str) -> None:
    assert (ruling.outcome, ruling.because) == (outcome, clauses)


class TestEveryQuestion:
    """Each question has an answer in words, and names what answers it."""

    def test_all_that_must_be_asked_are_there(self) -> None:
        ids = [one.id for one in questions()]
        assert ids == sorted(set(ids))
        assert set(ASKED) <= set(ids)

    @pytest.mark.parametrize("one", questions(), ids=lambda one: one.id)
    def test_it_names_what_exists(self, one: Question) -> None:
        for where in one.where:
            known = where in CLAUSES or where in LAWS or where in TERMS or where in partnerkit.__all__
            assert known, f"{one.id}: {where} is no clause, law, term or public name"
        assert one.question.endswith("?")
        assert one.answer.endswith(".")

    @pytest.mark.parametrize("one", questions(), ids=lambda one: one.id)
    def test_a_term_that_a_clause_of_it_asks_for_is_named(self, one: Question) -> None:
        asked = {CLAUSES[where].cite.term for where in one.where if where in CLAUSES}
        assert asked - {""} <= set(one.terms)

    @pytest.mark.parametrize("one", questions(), ids=lambda one: one.id)
    def test_how_far_pages_answer_it_fits_what_its_clauses_rest_on(self, one: Question) -> None:
        bases = {CLAUSES[where].cite.basis for where in one.where if where in CLAUSES}
        if one.answered is Answered.FULLY:
            assert bases & {Basis.STATED, Basis.ELSEWHERE}
        if one.answered is Answered.NOT:
            assert not bases & {Basis.STATED, Basis.ELSEWHERE}

    @pytest.mark.parametrize("one", questions(), ids=lambda one: one.id)
    def test_what_others_do_is_short_and_sourced(self, one: Question) -> None:
        for practice in one.others:
            assert practice.program
            assert practice.source
            assert len(practice.fact.split()) <= FACT_WORDS
            assert practice.fact.endswith(".")
            assert re.fullmatch(r"(?:\d{4}(?:-\d\d(?:-\d\d)?)?)?", practice.date)

    def test_each_is_answered_below(self) -> None:
        answered = {name.removeprefix("test_q").partition("_")[0] for name in dir(TestTheAnswers) if name.startswith("test_q")}
        assert answered == {one.removeprefix("Q-") for one in ASKED}

    def test_a_question_nobody_asks_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="'Q-99' is no question: they go from Q-01"):
            question("Q-99")

    def test_a_question_without_an_answer_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="Q-98 names nothing"):
            Question(id="Q-98", topic="money", question="Why?", answer="So.", answered=Answered.NOT, where=(), others=())


class TestTheAnswers:
    """Q-24 to Q-60, asked of the library."""

    def test_q24_a_partner_alone_makes_nothing_managed(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        asked = referred(request_pending=True)
        answers = [
            may_approve_management(asked, partner=BRIGHTSIDE, consent=consent, days_pending=0, terms=terms).allowed
            for consent in (False, True)
        ]
        assert answers == [False, True]
        created = ClientRelationship.managed(ACCOUNT, BRIGHTSIDE, on=date(2024, 1, 1), program=PROGRAM, partners=PARTNERS)
        assert created.standing_on(date(2024, 1, 1)).management is Management.MANAGED

    def test_q25_an_unanswered_request_waits_or_lapses_by_the_terms(self) -> None:
        asked = referred(request_pending=True)
        ask = {"partner": BRIGHTSIDE, "consent": True, "days_pending": 31}
        needs("management.request_expires_days", lambda: may_approve_management(asked, terms=SILENT, **ask))  # type: ignore[arg-type]
        lapsing = stating(management=ManagementTerms(request_expires_days=30))
        decided(may_approve_management(asked, terms=lapsing, **ask), Permission.MAY_NOT, "APPROVE-LAPSED")  # type: ignore[arg-type]

    def test_q26_nobody_grants_what_was_not_asked_for(self) -> None:
        ruling = may_approve_management(referred(), partner=None, consent=True, days_pending=0, terms=SILENT)
        decided(ruling, Permission.MAY_NOT, "APPROVE-NO-REQUEST")

    def test_q27_the_account_owner_approves(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        asked = referred(request_pending=True)
        ruling = may_approve_management(asked, partner=BRIGHTSIDE, consent=True, days_pending=0, terms=terms, by_account_owner=False)
        decided(ruling, Permission.MAY_NOT, "APPROVE-NOT-OWNER")

    def test_q28_the_type_changes_no_reward_of_the_month(self) -> None:
        assert reward_for(referred(), terms=SILENT) == reward_for(managed(), terms=SILENT)
        late = {"origin": Origin.MOVED_IN, "within_bonus_window": False}
        decided(reward_for(referred(**late), terms=SILENT), RewardKind.NOTHING, "REWARD-UNQUALIFIED")
        decided(reward_for(managed(**late), terms=SILENT), RewardKind.REVENUE_SHARE, "REWARD-MOVED-IN")

    def test_q29_handing_back_is_a_term(self) -> None:
        needs("management.partner_may_end", lambda: may_end_management(managed(), EndedBy.PARTNER, terms=SILENT))

    def test_q30_credit_outlives_management(self) -> None:
        assert may_end_management(managed(), EndedBy.CLIENT, terms=SILENT).allowed
        decided(reward_for(referred(), terms=SILENT), RewardKind.REVENUE_SHARE, "REWARD-SHARE")

    def test_q31_billing_notices_are_a_term(self) -> None:
        needs("contact.billing_notice", lambda: may_contact(managed(), Purpose.BILLING_NOTICE, terms=SILENT))
        refusing = stating(contact=ContactTerms(billing_notice=False))
        decided(may_contact(managed(), Purpose.BILLING_NOTICE, terms=refusing), Permission.MAY_NOT, "CONTACT-MANAGED")

    def test_q32_the_law_is_named_by_whoever_asks(self) -> None:
        with pytest.raises(InvalidValue, match="legal_basis"):
            may_contact(managed(), Purpose.LEGAL_OBLIGATION, terms=SILENT)
        assert may_contact(managed(), Purpose.LEGAL_OBLIGATION, terms=SILENT, legal_basis="an invented law").allowed

    def test_q33_answering_is_a_term(self) -> None:
        needs("contact.reply", lambda: may_contact(managed(), Purpose.REPLY, terms=SILENT))

    def test_q34_a_partner_may_speak_to_whom_it_referred(self) -> None:
        decided(may_partner_contact(referred(), partner=BRIGHTSIDE), Permission.MAY, "REACH-REFERRER")
        assert duties_of(referred()).outcome == ()

    def test_q35_the_vendor_informs_its_own(self) -> None:
        decided(informer_of(referred()), Owner.VENDOR, "INFORM-BY-VENDOR")
        decided(informer_of(managed()), Owner.PARTNER, "INFORM-BY-PARTNER")

    def test_q36_either_reason_alone_stops_marketing(self) -> None:
        decided(may_contact(managed(), Purpose.MARKETING, terms=SILENT), Permission.MAY_NOT, "CONTACT-MANAGED")
        opted_out = may_contact(referred(), Purpose.MARKETING, terms=SILENT, opted_out=True)
        decided(opted_out, Permission.MAY_NOT, "CONTACT-OPTED-OUT")

    def test_q37_a_neglected_duty_costs_nothing(self) -> None:
        assert {duty.force for duty in duties_of(managed()).outcome} == {Force.EXPECTED}
        assert not [item.name for policy in POLICIES for item in policy.inputs if "dut" in item.name]

    def test_q38_owning_the_relationship_is_not_owning_the_account(self) -> None:
        assert controller_of(managed()).outcome is controller_of(referred()).outcome is Controller.ACCOUNT_OWNER

    def test_q39_whoever_does_all_the_work_is_advised_to_manage_and_may_ask(self) -> None:
        assert suggested_setup(Need(handles_all_work=True)).outcome == (Setup.MANAGED,)
        assert may_request_management(referred(), partner=BRIGHTSIDE).allowed

    def test_q40_a_mix_is_fine(self) -> None:
        assert Setup.MIX in suggested_setup(Need(clients_differ=True)).outcome

    def test_q41_one_account_has_one_manager(self) -> None:
        decided(may_request_management(managed(), partner=NORTHLIGHT), Permission.MAY_NOT, "REQUEST-MANAGED")

    def test_q42_another_partners_account_moves_by_the_same_rule(self) -> None:
        decided(self.moved(current=NORTHLIGHT), Permission.MAY, "MOVE-TRANSFER")
        decided(self.moved(current=NORTHLIGHT, consent=False), Permission.MAY_NOT, "MOVE-NO-CONSENT")

    @pytest.mark.parametrize(("opened", "allowed"), [(date(2025, 6, 9), True), (date(2025, 6, 8), False)], ids=["60 days", "61 days"])
    def test_q43_more_than_sixty_days_is_sixty_one(self, opened: date, allowed: bool) -> None:
        assert self.moved(opened_on=opened, sender_on_account=False).allowed is allowed

    def test_q44_before_the_day_is_not_on_it(self) -> None:
        terms = stating(management=ManagementTerms(new_plan_cutover=date(2023, 4, 17)))
        decided(plan_offer(DAY, opened_on=date(2023, 4, 17), terms=terms), PlanOffer.NO_CHOICE, "OFFER-NEW-ACCOUNT")
        decided(plan_offer(DAY, opened_on=date(2023, 4, 16), terms=terms), PlanOffer.CHOICE, "OFFER-OLD-ACCOUNT")

    def test_q45_no_move_without_consent(self) -> None:
        decided(self.moved(consent=False), Permission.MAY_NOT, "MOVE-NO-CONSENT")

    def test_q46_a_referred_account_is_on_no_single_bill(self) -> None:
        assert "JOIN-MANAGED-ONLY" in may_join_single_bill(referred(), partner=BRIGHTSIDE, terms=SILENT).because
        with pytest.raises(InvalidValue, match="S-35"):
            referred(billing_mode=BillingMode.SINGLE_BILL, payer=BRIGHTSIDE)

    def test_q47_what_is_no_longer_managed_is_off_the_single_bill_that_day(self) -> None:
        created = ClientRelationship.managed(ACCOUNT, BRIGHTSIDE, on=date(2024, 1, 1), program=PROGRAM, partners=PARTNERS)
        ended = created.join_single_bill(date(2025, 6, 1)).end_management(DAY, ended_by=EndedBy.CLIENT)
        modes = [ended.standing_on(day).billing_mode for day in (date(2025, 8, 7), DAY)]
        assert modes == [BillingMode.SINGLE_BILL, BillingMode.DIRECT]

    def test_q48_no_point_has_both_rewards(self) -> None:
        facts = RewardFacts(credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK)
        decided(REWARD.decide(facts), RewardKind.UPFRONT_DISCOUNT, "REWARD-DISCOUNT")
        decided(reward_for(managed(), terms=SILENT), RewardKind.REVENUE_SHARE, "REWARD-SHARE")

    def test_q49_an_unpaid_single_bill_neither_cancels_nor_holds(self) -> None:
        assert not may_cancel_automatically(enrolled(), days_unpaid=1_000, terms=SILENT).allowed
        decided(may_change_status(enrolled(), StatusChange.HOLD_FOR_BALANCE), Permission.MAY_NOT, "STATUS-NO-WAY")

    @pytest.mark.parametrize(("kind", "days", "allowed"), [(managed, 74, False), (managed, 75, True), (enrolled, 75, False)])
    def test_q50_seventy_five_days_never_on_single_bill(self, kind: Callable[..., Standing], days: int, allowed: bool) -> None:
        owing = kind(status=AccountStatus.BALANCE_DUE)
        terms = stating(billing=BillingTerms(nonpayment_cancel_days=75))
        assert may_cancel_automatically(owing, days_unpaid=days, terms=terms).allowed is allowed

    def test_q51_first_off_single_bill_then_suspended(self) -> None:
        decided(may_suspend(enrolled(), invoiced_since_resume=True), Permission.MAY_NOT, "SUSPEND-SINGLE-BILL")
        assert may_suspend(managed(), invoiced_since_resume=True).allowed

    def test_q52_leaving_without_a_card_leaves_one_to_be_added(self) -> None:
        assert may_leave_single_bill(enrolled()).allowed
        decided(payment_method_for(managed(), has_payment_method=False), PaymentMethod.NEEDED, "CARD-DIRECT")

    def test_q53_the_cut_off_is_a_term(self) -> None:
        needs("single_bill.cut_off", lambda: SILENT.single_bill.cut_off)

    def test_q54_the_last_day_of_a_shorter_month(self) -> None:
        dates = billing_dates(date(2025, 1, 31), 31)
        assert [next(dates) for _ in range(3)] == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]

    def test_q55_a_trial_may_join(self) -> None:
        trial = managed(status=AccountStatus.TRIAL)
        decided(may_join_single_bill(trial, partner=BRIGHTSIDE, terms=SILENT), Permission.MAY, "JOIN-PICK")

    def test_q56_the_bonus_on_single_bill_is_a_term(self) -> None:
        needs("bonus.on_single_bill", lambda: BonusTerms().on_single_bill)

    def test_q57_two_discounts_are_a_term(self) -> None:
        needs("single_bill.on_prepaid", lambda: may_discount_prepaid(enrolled(), terms=SILENT))

    def test_q58_discount_and_share_are_two_terms(self) -> None:
        terms = stating(share=ShareTerms(rate=Rate.percent("15")))
        needs("single_bill.discount", lambda: terms.single_bill.discount)

    def test_q59_whoever_pays_or_manages_changes_the_plan(self) -> None:
        assert may_change_plan(managed(), partner=BRIGHTSIDE, terms=SILENT).allowed
        assert may_change_plan(enrolled(), partner=BRIGHTSIDE, terms=SILENT).allowed
        assert may_change_plan(managed(), partner=None, terms=SILENT).allowed
        needs("single_bill.client_may_change_plan", lambda: may_change_plan(enrolled(), partner=None, terms=SILENT))

    def test_q60_a_partnership_ends_its_managements_and_the_terms_say_what_is_earned_on(self) -> None:
        assert may_end_management(enrolled(), EndedBy.PROGRAM, terms=SILENT).allowed
        with pytest.raises(InvalidValue, match="ended"):
            managed(managed_by=OVER)
        needs("share.after_partnership_ends", lambda: reward_for(referred(credited_to=OVER), terms=SILENT))

    @staticmethod
    def moved(**other: Any) -> Ruling[Permission]:
        terms = stating(management=ManagementTerms(move_in_sender_days=60))
        evidence = {"written_request": True, "consent": True, "sender_on_account": True}
        usual: dict[str, Any] = {"opened_on": date(2024, 1, 1), "partner": BRIGHTSIDE, "current": None, "terms": terms}
        return may_move_in(DAY, **usual | evidence | other)
