"""One example for each clause of all policies: plain facts at which it decides, and what is then answered.

Each policy begins with usual facts. An example names only what is otherwise than usual; nothing at all for the usual case itself.
"""

from typing import Any, NamedTuple

import pytest

from partnerkit.clauses import Permission, Policy
from partnerkit.partners import AccountStatus, BillingMode, Management, Origin
from partnerkit.policies import (
    ACCOUNT_CONTROL,
    AUTOMATIC_CANCELLATION,
    CONTACT,
    CREDITING,
    DUTIES,
    INFORMING,
    MANAGEMENT_APPROVAL,
    MANAGEMENT_END,
    MANAGEMENT_REQUEST,
    MOVE_IN,
    OWNERSHIP,
    PARTNER_CONTACT,
    PAYMENT_METHOD,
    PLAN_CHANGE,
    PLAN_OFFER,
    POLICIES,
    PREPAID_DISCOUNT,
    PROGRAM_LEAVING,
    PROMOTION,
    REQUEST_WITHDRAWAL,
    REWARD,
    SETUP,
    SINGLE_BILL_ENROLLMENT,
    SINGLE_BILL_LEAVING,
    STATUS_CHANGE,
    SUSPENSION,
    Asker,
    Channel,
    Controller,
    Counting,
    Duty,
    EndedBy,
    NameReading,
    Owner,
    PartnerRole,
    PaymentMethod,
    PlanOffer,
    Promotion,
    Purpose,
    RewardKind,
    Setup,
    StatusChange,
    Timing,
)

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
MANAGED, REFERRED = Management.MANAGED, Management.REFERRED
DIRECT, SINGLE_BILL = BillingMode.DIRECT, BillingMode.SINGLE_BILL
PARTNERS, VENDORS = Owner.PARTNER, Owner.VENDOR
ALL_DUTIES = (Duty.SUPPORT_AND_COACH, Duty.INFORM_OF_CHANGES, Duty.KEEP_ACTIVE)
IGNORED = Counting.IGNORED


class Example(NamedTuple):
    """Facts at which a clause decides, and the answer; by itself, where the policy does not collect answers."""

    policy: Policy[Any, Any]
    clause: str
    facts: Any
    answer: Any


def examples(policy: Policy[Any, Any], usual: dict[str, Any], by_clause: dict[str, tuple[Any, dict[str, Any]]]) -> list[Example]:
    """Give the examples of a policy from its usual facts, and from the answer and what is otherwise for each clause."""
    return [Example(policy, clause, policy.facts(**usual | otherwise), answer) for clause, (answer, otherwise) in by_clause.items()]


EXAMPLES = [
    *examples(
        OWNERSHIP,
        {"management": MANAGED},
        {
            "OWNER-MANAGED": (PARTNERS, {}),
            "OWNER-REFERRED": (VENDORS, {"management": REFERRED}),
            "OWNER-OUTSIDE": (VENDORS, {"management": None}),
        },
    ),
    *examples(
        CONTACT,
        {"owner": PARTNERS, "purpose": Purpose.MARKETING},
        {
            "CONTACT-MANAGED": (MAY_NOT, {}),
            "CONTACT-LEGAL": (MAY, {"purpose": Purpose.LEGAL_OBLIGATION}),
            "CONTACT-REPLY": (MAY, {"purpose": Purpose.REPLY, "reply_agreed": True}),
            "CONTACT-BILLING": (MAY, {"purpose": Purpose.BILLING_NOTICE, "billing_notice_agreed": True}),
            "CONTACT-SECURITY": (MAY, {"purpose": Purpose.SECURITY_NOTICE, "security_notice_agreed": True}),
            "CONTACT-ASKED": (MAY, {"partner_asked": True, "partner_asked_agreed": True}),
            "CONTACT-START": (MAY, {"owner": VENDORS, "purpose": Purpose.ONBOARDING}),
            "CONTACT-KEEP": (MAY, {"owner": VENDORS, "purpose": Purpose.COACHING}),
            "CONTACT-OWN-CLIENT": (MAY, {"owner": VENDORS}),
            "CONTACT-OPTED-OUT": (MAY_NOT, {"owner": VENDORS, "opted_out": True}),
        },
    ),
    *examples(
        DUTIES,
        {"owner": PARTNERS},
        {
            "DUTY-COACH": (ALL_DUTIES, {}),
            "DUTY-INFORM": (ALL_DUTIES, {}),
            "DUTY-ACTIVE": (ALL_DUTIES, {}),
            "DUTY-NONE": ((), {"owner": VENDORS}),
            "DUTY-OUTSIDE": ((), {"owner": VENDORS, "in_program": False}),
        },
    ),
    *examples(
        REWARD,
        {"credited": True, "management": REFERRED, "billing_mode": DIRECT, "origin": Origin.LINK},
        {
            "REWARD-SHARE": (RewardKind.REVENUE_SHARE, {}),
            "REWARD-DISCOUNT": (RewardKind.UPFRONT_DISCOUNT, {"management": MANAGED, "billing_mode": SINGLE_BILL}),
            "REWARD-MOVED-IN": (RewardKind.REVENUE_SHARE, {"origin": Origin.MOVED_IN, "management": MANAGED}),
            "REWARD-MOVED-IN-WINDOW": (RewardKind.REVENUE_SHARE, {"origin": Origin.MOVED_IN, "within_bonus_window": True}),
            "REWARD-UNQUALIFIED": (RewardKind.NOTHING, {"origin": Origin.MOVED_IN}),
            "REWARD-ENDED": (RewardKind.NOTHING, {"partnership_ended": True}),
            "REWARD-UNCREDITED": (RewardKind.NOTHING, {"credited": False}),
        },
    ),
    *examples(
        SINGLE_BILL_ENROLLMENT,
        {
            "management": MANAGED,
            "by_manager": True,
            "partner_has_single_bill": True,
            "partner_active": True,
            "billing_mode": DIRECT,
            "status": AccountStatus.OPEN,
        },
        {
            "JOIN-PICK": (MAY, {}),
            "JOIN-MANAGED-ONLY": (MAY_NOT, {"management": REFERRED}),
            "JOIN-OTHERS-CLIENT": (MAY_NOT, {"by_manager": False}),
            "JOIN-NO-SETUP": (MAY_NOT, {"partner_has_single_bill": False}),
            "JOIN-PARTNER-INACTIVE": (MAY_NOT, {"partner_active": False}),
            "JOIN-ALREADY": (MAY_NOT, {"billing_mode": SINGLE_BILL}),
            "JOIN-SUSPENDED": (MAY_NOT, {"status": AccountStatus.SUSPENDED}),
            "JOIN-BALANCE-DUE": (MAY_NOT, {"status": AccountStatus.BALANCE_DUE}),
            "JOIN-NOT-OPEN": (MAY_NOT, {"status": AccountStatus.CANCELED}),
        },
    ),
    *examples(
        SINGLE_BILL_LEAVING,
        {"billing_mode": SINGLE_BILL},
        {
            "LEAVE-PICK": (MAY, {}),
            "LEAVE-NOT-ON": (MAY_NOT, {"billing_mode": DIRECT}),
        },
    ),
    *examples(
        CREDITING,
        {"name": NameReading.KNOWN, "timing": Timing.IN_WINDOW},
        {
            "CREDIT-LINK": (Counting.COUNTS, {}),
            "CREDIT-NO-NAME": (IGNORED, {"name": NameReading.MISSING}),
            "CREDIT-UNKNOWN": (IGNORED, {"name": NameReading.UNKNOWN}),
            "CREDIT-AMBIGUOUS": (IGNORED, {"name": NameReading.AMBIGUOUS}),
            "CREDIT-AFTER": (IGNORED, {"timing": Timing.AFTER_OPENING}),
            "CREDIT-EXPIRED": (IGNORED, {"timing": Timing.EXPIRED}),
            "CREDIT-REPEATED": (IGNORED, {"repeated": True}),
            "CREDIT-BOT": (IGNORED, {"bot": True}),
            "CREDIT-PREFETCH": (IGNORED, {"prefetch": True}),
            "CREDIT-FRAMED": (IGNORED, {"top_level": False}),
            "CREDIT-CONSENT": (IGNORED, {"consent_missing": True}),
            "CREDIT-PRIVACY": (IGNORED, {"gpc_stops": True}),
            "CREDIT-ERASED": (IGNORED, {"erased": True}),
            "CREDIT-STAND-DOWN": (IGNORED, {"stood_down": True}),
            "CREDIT-NOT-NEW": (IGNORED, {"existing_account": True}),
            "CREDIT-INELIGIBLE": (IGNORED, {"partner_ineligible": True}),
            "CREDIT-SELF": (IGNORED, {"self_referral_denied": True}),
        },
    ),
    *examples(
        MANAGEMENT_REQUEST,
        {"management": REFERRED, "by_credited": True, "request_pending": False, "partner_active": True},
        {
            "REQUEST-REFERRED": (MAY, {}),
            "REQUEST-OUTSIDE": (MAY_NOT, {"management": None}),
            "REQUEST-MANAGED": (MAY_NOT, {"management": MANAGED}),
            "REQUEST-OTHERS-CLIENT": (MAY_NOT, {"by_credited": False}),
            "REQUEST-PENDING": (MAY_NOT, {"request_pending": True}),
            "REQUEST-PARTNER-INACTIVE": (MAY_NOT, {"partner_active": False}),
        },
    ),
    *examples(
        MANAGEMENT_APPROVAL,
        {"request_pending": True, "consent": True, "request_lapsed": False, "partner_active": True},
        {
            "APPROVE-GRANTED": (MAY, {}),
            "APPROVE-NO-REQUEST": (MAY_NOT, {"request_pending": False}),
            "APPROVE-NO-CONSENT": (MAY_NOT, {"consent": False}),
            "APPROVE-NOT-OWNER": (MAY_NOT, {"by_account_owner": False}),
            "APPROVE-LAPSED": (MAY_NOT, {"request_lapsed": True}),
            "APPROVE-PARTNER-INACTIVE": (MAY_NOT, {"partner_active": False}),
        },
    ),
    *examples(
        REQUEST_WITHDRAWAL,
        {"request_pending": True},
        {
            "WITHDRAW-PENDING": (MAY, {}),
            "WITHDRAW-NONE": (MAY_NOT, {"request_pending": False}),
        },
    ),
    *examples(
        MANAGEMENT_END,
        {"management": MANAGED, "ended_by": EndedBy.PARTNER, "partner_may_end": True},
        {
            "END-PARTNER": (MAY, {}),
            "END-PARTNER-MAY-NOT": (MAY_NOT, {"partner_may_end": False}),
            "END-CLIENT": (MAY, {"ended_by": EndedBy.CLIENT}),
            "END-PROGRAM": (MAY, {"ended_by": EndedBy.PROGRAM}),
            "END-NOT-MANAGED": (MAY_NOT, {"management": REFERRED}),
        },
    ),
    *examples(
        PROGRAM_LEAVING,
        {"management": REFERRED},
        {
            "DEPART-INSIDE": (MAY, {}),
            "DEPART-OUTSIDE": (MAY_NOT, {"management": None}),
        },
    ),
    *examples(
        MOVE_IN,
        {
            "written_request": True,
            "consent": True,
            "older_than_sender_rule": True,
            "sender_on_account": True,
            "from_partner": False,
            "same_partner": False,
            "partner_active": True,
        },
        {
            "MOVE-REQUESTED": (MAY, {}),
            "MOVE-TRANSFER": (MAY, {"from_partner": True}),
            "MOVE-NO-REQUEST": (MAY_NOT, {"written_request": False}),
            "MOVE-NO-CONSENT": (MAY_NOT, {"consent": False}),
            "MOVE-SENDER": (MAY_NOT, {"sender_on_account": False}),
            "MOVE-SAME-PARTNER": (MAY_NOT, {"same_partner": True}),
            "MOVE-PARTNER-INACTIVE": (MAY_NOT, {"partner_active": False}),
        },
    ),
    *examples(
        SUSPENSION,
        {"status": AccountStatus.OPEN, "billing_mode": DIRECT, "invoiced_since_resume": True},
        {
            "SUSPEND-OPEN": (MAY, {}),
            "SUSPEND-NOT-OPEN": (MAY_NOT, {"status": AccountStatus.TRIAL}),
            "SUSPEND-SINGLE-BILL": (MAY_NOT, {"billing_mode": SINGLE_BILL}),
            "SUSPEND-TOO-SOON": (MAY_NOT, {"invoiced_since_resume": False}),
        },
    ),
    *examples(
        STATUS_CHANGE,
        {"status": AccountStatus.OPEN, "change": StatusChange.CANCEL, "billing_mode": DIRECT},
        {
            "STATUS-CANCEL": (MAY, {}),
            "STATUS-CONVERT": (MAY, {"status": AccountStatus.TRIAL, "change": StatusChange.CONVERT}),
            "STATUS-EXPIRE": (MAY, {"status": AccountStatus.TRIAL, "change": StatusChange.EXPIRE_TRIAL}),
            "STATUS-RESUME": (MAY, {"status": AccountStatus.SUSPENDED, "change": StatusChange.RESUME}),
            "STATUS-RELEASE": (MAY, {"status": AccountStatus.BALANCE_DUE, "change": StatusChange.RESUME}),
            "STATUS-CLEAR": (MAY, {"status": AccountStatus.COMPLIANCE_HOLD, "change": StatusChange.RESUME}),
            "STATUS-HOLD-BALANCE": (MAY, {"change": StatusChange.HOLD_FOR_BALANCE}),
            "STATUS-HOLD-COMPLIANCE": (MAY, {"change": StatusChange.HOLD_FOR_COMPLIANCE}),
            "STATUS-SCHEDULE": (MAY, {"change": StatusChange.SCHEDULE_CANCELLATION}),
            "STATUS-REACTIVATE": (MAY, {"status": AccountStatus.CANCELED, "change": StatusChange.REACTIVATE}),
            "STATUS-NO-WAY": (MAY_NOT, {"change": StatusChange.CONVERT}),
        },
    ),
    *examples(
        AUTOMATIC_CANCELLATION,
        {"status": AccountStatus.BALANCE_DUE, "billing_mode": DIRECT, "unpaid_too_long": True},
        {
            "CANCEL-UNPAID": (MAY, {}),
            "CANCEL-TOO-EARLY": (MAY_NOT, {"unpaid_too_long": False}),
            "CANCEL-NOTHING-DUE": (MAY_NOT, {"status": AccountStatus.OPEN}),
            "CANCEL-SINGLE-BILL": (MAY_NOT, {"billing_mode": SINGLE_BILL}),
        },
    ),
    *examples(
        PROMOTION,
        {"channel": Channel.WEBSITE},
        {
            "PROMOTE-LISTED": (Promotion.ENCOURAGED, {}),
            "PROMOTE-DECK": (Promotion.ENCOURAGED, {"channel": Channel.PRESENTATION_DECK, "training_seminar": True}),
            "PROMOTE-DECK-ALONE": (Promotion.NOT_SPECIFIED, {"channel": Channel.PRESENTATION_DECK}),
            "PROMOTE-UNNAMED": (Promotion.NOT_SPECIFIED, {"channel": Channel.PAID_SEARCH}),
        },
    ),
    *examples(
        SETUP,
        {},
        {
            "SETUP-REFERRED": ((Setup.REFERRED,), {}),
            "SETUP-MANAGED": ((Setup.MANAGED,), {"conducts_all_marketing": True}),
            "SETUP-MULTI-ACCOUNT": ((Setup.REFERRED, Setup.MULTI_ACCOUNT_SOLUTION), {"one_organization": True}),
            "SETUP-MIX": ((Setup.REFERRED, Setup.MIX), {"clients_differ": True}),
        },
    ),
    *examples(
        PLAN_OFFER,
        {"before_cutover": True},
        {
            "OFFER-OLD-ACCOUNT": (PlanOffer.CHOICE, {}),
            "OFFER-NEW-ACCOUNT": (PlanOffer.NO_CHOICE, {"before_cutover": False}),
        },
    ),
    *examples(
        PARTNER_CONTACT,
        {"role": PartnerRole.MANAGER},
        {
            "REACH-MANAGER": (MAY, {}),
            "REACH-REFERRER": (MAY, {"role": PartnerRole.REFERRER}),
            "REACH-STRANGER": (MAY_NOT, {"role": PartnerRole.STRANGER}),
        },
    ),
    *examples(
        INFORMING,
        {"owner": PARTNERS},
        {
            "INFORM-BY-PARTNER": (PARTNERS, {}),
            "INFORM-BY-VENDOR": (VENDORS, {"owner": VENDORS}),
            "INFORM-OUTSIDE": (VENDORS, {"owner": VENDORS, "in_program": False}),
        },
    ),
    *examples(
        ACCOUNT_CONTROL,
        {"management": MANAGED},
        {
            "CONTROL-MANAGED": (Controller.ACCOUNT_OWNER, {}),
            "CONTROL-OTHER": (Controller.ACCOUNT_OWNER, {"management": REFERRED}),
        },
    ),
    *examples(
        PAYMENT_METHOD,
        {"status": AccountStatus.OPEN, "billing_mode": DIRECT, "has_payment_method": False},
        {
            "CARD-DIRECT": (PaymentMethod.NEEDED, {}),
            "CARD-GIVEN": (PaymentMethod.NOT_NEEDED, {"has_payment_method": True}),
            "CARD-SINGLE-BILL": (PaymentMethod.NOT_NEEDED, {"billing_mode": SINGLE_BILL}),
            "CARD-NOTHING-BILLED": (PaymentMethod.NOT_NEEDED, {"status": AccountStatus.TRIAL}),
        },
    ),
    *examples(
        PLAN_CHANGE,
        {"asker": Asker.CLIENT, "management": REFERRED, "billing_mode": DIRECT},
        {
            "PLAN-CLIENT-DIRECT": (MAY, {}),
            "PLAN-CLIENT-MANAGED": (MAY, {"management": MANAGED}),
            "PLAN-CLIENT-SINGLE-BILL": (MAY, {"management": MANAGED, "billing_mode": SINGLE_BILL, "client_agreed": True}),
            "PLAN-CLIENT-MAY-NOT": (MAY_NOT, {"management": MANAGED, "billing_mode": SINGLE_BILL}),
            "PLAN-MANAGER-DIRECT": (MAY, {"asker": Asker.MANAGING_PARTNER, "management": MANAGED}),
            "PLAN-MANAGER-SINGLE-BILL": (MAY, {"asker": Asker.MANAGING_PARTNER, "management": MANAGED, "billing_mode": SINGLE_BILL}),
            "PLAN-OTHER-PARTNER": (MAY_NOT, {"asker": Asker.OTHER_PARTNER}),
        },
    ),
    *examples(
        PREPAID_DISCOUNT,
        {"billing_mode": SINGLE_BILL, "on_prepaid_agreed": True},
        {
            "PREPAID-AGREED": (MAY, {}),
            "PREPAID-NOT-AGREED": (MAY_NOT, {"on_prepaid_agreed": False}),
            "PREPAID-DIRECT": (MAY_NOT, {"billing_mode": DIRECT}),
        },
    ),
]


class TestExamples:
    """Whoever doubts a clause finds here when it decides, without reading its condition."""

    def test_every_clause_has_one(self) -> None:
        clauses = [(policy.id, clause.id) for policy in POLICIES for clause in policy.clauses]
        assert sorted((one.policy.id, one.clause) for one in EXAMPLES) == sorted(clauses)

    @pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.clause)
    def test_the_clause_decides(self, example: Example) -> None:
        ruling = example.policy.decide(example.facts)
        assert ruling.outcome == example.answer
        assert example.clause in ruling.because
        assert example.policy.collects or len(ruling.because) == 1
