"""The rules of the program once more, as plain if and else: what the policies are compared with at every point.

Written from the article and the design of the library, and not from the clauses, by a second hand. Each function takes
the facts of a policy and gives the answer with the ids of all clauses that decide: where several things stand against
something, or several allow it, every one of them is a reason. No order of reasons means anything.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import product
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

from partnerkit.clauses import Permission
from partnerkit.partners import AccountStatus, BillingMode, Management, Origin
from partnerkit.policies import (
    ApprovalFacts,
    Asker,
    CancellationFacts,
    Channel,
    ContactFacts,
    ControlFacts,
    Controller,
    Counting,
    CreditingFacts,
    DepartureFacts,
    DutiesFacts,
    Duty,
    EndedBy,
    EndFacts,
    EnrollmentFacts,
    InformingFacts,
    LeavingFacts,
    MoveInFacts,
    NameReading,
    Need,
    Owner,
    OwnershipFacts,
    PartnerContactFacts,
    PartnerRole,
    PaymentMethod,
    PaymentMethodFacts,
    PlanChangeFacts,
    PlanOffer,
    PlanOfferFacts,
    PrepaidFacts,
    Promotion,
    PromotionFacts,
    Purpose,
    RequestFacts,
    RewardFacts,
    RewardKind,
    Setup,
    StatusChange,
    StatusChangeFacts,
    SuspensionFacts,
    Timing,
    WithdrawalFacts,
)

Answer = StrEnum | tuple[StrEnum, ...]
Verdict = tuple[Answer, set[str]]

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
MANAGED, REFERRED = Management.MANAGED, Management.REFERRED
SINGLE_BILL = BillingMode.SINGLE_BILL
NOT_ON_SINGLE_BILL = {AccountStatus.SUSPENDED, AccountStatus.CANCELED}
NEVER_TAKEN_ON = {AccountStatus.CANCELED, AccountStatus.COMPLIANCE_HOLD, AccountStatus.UNKNOWN}


def every_value(hint: Any) -> list[Any]:
    """Give every value of a field's type: an enum, a bool, or one of them or None."""
    if isinstance(hint, UnionType):
        return [value for part in get_args(hint) for value in every_value(part)]
    if hint is NoneType:
        return [None]
    return [False, True] if hint is bool else list(hint)


def every_point(facts: type) -> Iterator[Any]:
    """Give every combination of the fields of a facts class, lawful or not."""
    hints = get_type_hints(facts)
    for values in product(*map(every_value, hints.values())):
        yield facts(**dict(zip(hints, values, strict=True)))


def reasons(*each: tuple[bool, str]) -> set[str]:
    """Give the reasons that hold."""
    return {reason for holds, reason in each if holds}


def unless_forbidden(against: set[str], reason: str) -> Verdict:
    """Allow for a reason what nothing stands against; else every reason against it decides."""
    return (MAY_NOT, against) if against else (MAY, {reason})


def ownership(facts: OwnershipFacts) -> Verdict:
    """By categorizing an account as managed the partner assumes full ownership; else the vendor closes and retains."""
    if facts.management is MANAGED:
        return Owner.PARTNER, {"OWNER-MANAGED"}
    return Owner.VENDOR, {"OWNER-REFERRED" if facts.management is REFERRED else "OWNER-OUTSIDE"}


def contact(facts: ContactFacts) -> Verdict:
    """The vendor leaves a partner's clients alone unless the law obliges it, and may use its own relationships."""
    unwanted = facts.opted_out and facts.purpose is Purpose.MARKETING
    if facts.owner is Owner.PARTNER:
        return _contact_of_a_partners_client(facts, unwanted=unwanted)
    if unwanted:
        return MAY_NOT, {"CONTACT-OPTED-OUT"}
    if facts.in_program and facts.purpose in {Purpose.SALES, Purpose.ONBOARDING}:
        return MAY, {"CONTACT-START"}
    if facts.in_program and facts.purpose in {Purpose.RETENTION, Purpose.COACHING}:
        return MAY, {"CONTACT-KEEP"}
    return MAY, {"CONTACT-OWN-CLIENT"}


def _contact_of_a_partners_client(facts: ContactFacts, *, unwanted: bool) -> Verdict:
    """What the law obliges to needs nobody's leave; else the terms may let the vendor do what its purpose or the partner asks for."""
    if facts.purpose is Purpose.LEGAL_OBLIGATION:
        return MAY, {"CONTACT-LEGAL"}
    allowed = reasons(
        (facts.purpose is Purpose.REPLY and facts.reply_agreed, "CONTACT-REPLY"),
        (facts.purpose is Purpose.BILLING_NOTICE and facts.billing_notice_agreed, "CONTACT-BILLING"),
        (facts.purpose is Purpose.SECURITY_NOTICE and facts.security_notice_agreed, "CONTACT-SECURITY"),
        (facts.partner_asked and facts.partner_asked_agreed and not unwanted, "CONTACT-ASKED"),
    )
    return (MAY, allowed) if allowed else (MAY_NOT, {"CONTACT-MANAGED"})


def enrollment(facts: EnrollmentFacts) -> Verdict:
    """A partner picks, among the accounts it manages, those that join its Single Bill."""
    against = reasons(
        (facts.management is not MANAGED, "JOIN-MANAGED-ONLY"),
        (not facts.by_manager, "JOIN-OTHERS-CLIENT"),
        (not facts.partner_has_single_bill, "JOIN-NO-SETUP"),
        (not facts.partner_active, "JOIN-PARTNER-INACTIVE"),
        (facts.billing_mode is SINGLE_BILL, "JOIN-ALREADY"),
        (facts.status is AccountStatus.SUSPENDED, "JOIN-SUSPENDED"),
        (facts.status is AccountStatus.BALANCE_DUE and not facts.balance_due_agreed, "JOIN-BALANCE-DUE"),
        (facts.status in NEVER_TAKEN_ON, "JOIN-NOT-OPEN"),
    )
    return unless_forbidden(against, "JOIN-PICK")


def reward(facts: RewardFacts) -> Verdict:
    """On Single Bill the discount in place of the share; else the share for what is credited, never both.

    A managed account that was moved in earns in the window or after it (K-18): only for others is the window a reason.
    """
    if facts.billing_mode is SINGLE_BILL:
        return RewardKind.UPFRONT_DISCOUNT, {"REWARD-DISCOUNT"}
    if not facts.credited:
        return RewardKind.NOTHING, {"REWARD-UNCREDITED"}
    moved_in, managed = facts.origin is Origin.MOVED_IN, facts.management is MANAGED
    against = reasons(
        (facts.partnership_ended and not facts.earns_after_end, "REWARD-ENDED"),
        (moved_in and not managed and not facts.within_bonus_window, "REWARD-UNQUALIFIED"),
    )
    if against:
        return RewardKind.NOTHING, against
    if not moved_in:
        return RewardKind.REVENUE_SHARE, {"REWARD-SHARE"}
    return RewardKind.REVENUE_SHARE, {"REWARD-MOVED-IN" if managed else "REWARD-MOVED-IN-WINDOW"}


def duties(facts: DutiesFacts) -> Verdict:
    """Three duties come with the relationship; an income that is passive brings none."""
    if facts.owner is Owner.PARTNER:
        return (Duty.SUPPORT_AND_COACH, Duty.INFORM_OF_CHANGES, Duty.KEEP_ACTIVE), {"DUTY-COACH", "DUTY-INFORM", "DUTY-ACTIVE"}
    return (), {"DUTY-NONE" if facts.in_program else "DUTY-OUTSIDE"}


def leaving(facts: LeavingFacts) -> Verdict:
    """What joined may leave."""
    return unless_forbidden(reasons((facts.billing_mode is not SINGLE_BILL, "LEAVE-NOT-ON")), "LEAVE-PICK")


def crediting(facts: CreditingFacts) -> Verdict:
    """A visit to a link with a partner's name counts unless something stands against it."""
    against = reasons(
        (facts.name is NameReading.MISSING, "CREDIT-NO-NAME"),
        (facts.name is NameReading.UNKNOWN, "CREDIT-UNKNOWN"),
        (facts.name is NameReading.AMBIGUOUS, "CREDIT-AMBIGUOUS"),
        (facts.timing is Timing.AFTER_OPENING, "CREDIT-AFTER"),
        (facts.timing is Timing.EXPIRED, "CREDIT-EXPIRED"),
        (facts.repeated, "CREDIT-REPEATED"),
        (facts.bot, "CREDIT-BOT"),
        (facts.prefetch, "CREDIT-PREFETCH"),
        (not facts.top_level, "CREDIT-FRAMED"),
        (facts.consent_missing, "CREDIT-CONSENT"),
        (facts.gpc_stops, "CREDIT-PRIVACY"),
        (facts.erased, "CREDIT-ERASED"),
        (facts.stood_down, "CREDIT-STAND-DOWN"),
        (facts.existing_account, "CREDIT-NOT-NEW"),
        (facts.partner_ineligible, "CREDIT-INELIGIBLE"),
        (facts.self_referral_denied, "CREDIT-SELF"),
    )
    return (Counting.IGNORED, against) if against else (Counting.COUNTS, {"CREDIT-LINK"})


def management_request(facts: RequestFacts) -> Verdict:
    """A referred account can be asked for, once at a time, by the partner that referred it."""
    against = reasons(
        (facts.management is None, "REQUEST-OUTSIDE"),
        (facts.management is MANAGED, "REQUEST-MANAGED"),
        (facts.management is REFERRED and not facts.by_credited, "REQUEST-OTHERS-CLIENT"),
        (facts.request_pending, "REQUEST-PENDING"),
        (not facts.partner_active, "REQUEST-PARTNER-INACTIVE"),
    )
    return unless_forbidden(against, "REQUEST-REFERRED")


def management_approval(facts: ApprovalFacts) -> Verdict:
    """The account holder grants what was asked for."""
    against = reasons(
        (not facts.request_pending, "APPROVE-NO-REQUEST"),
        (not facts.consent, "APPROVE-NO-CONSENT"),
        (not facts.by_account_owner, "APPROVE-NOT-OWNER"),
        (facts.request_lapsed, "APPROVE-LAPSED"),
        (not facts.partner_active, "APPROVE-PARTNER-INACTIVE"),
    )
    return unless_forbidden(against, "APPROVE-GRANTED")


def request_withdrawal(facts: WithdrawalFacts) -> Verdict:
    """A request that is pending can be taken back."""
    return unless_forbidden(reasons((not facts.request_pending, "WITHDRAW-NONE")), "WITHDRAW-PENDING")


def management_end(facts: EndFacts) -> Verdict:
    """The client and the program can end a management; the partner where the terms let it."""
    if facts.management is not MANAGED:
        return MAY_NOT, {"END-NOT-MANAGED"}
    if facts.ended_by is EndedBy.CLIENT:
        return MAY, {"END-CLIENT"}
    if facts.ended_by is EndedBy.PROGRAM:
        return MAY, {"END-PROGRAM"}
    return unless_forbidden(reasons((not facts.partner_may_end, "END-PARTNER-MAY-NOT")), "END-PARTNER")


def program_leaving(facts: DepartureFacts) -> Verdict:
    """Who is inside may leave."""
    return unless_forbidden(reasons((facts.management is None, "DEPART-OUTSIDE")), "DEPART-INSIDE")


def move_in(facts: MoveInFacts) -> Verdict:
    """A written request and the customer's consent, and for older accounts a sender that belongs to the account."""
    against = reasons(
        (not facts.written_request, "MOVE-NO-REQUEST"),
        (not facts.consent, "MOVE-NO-CONSENT"),
        (facts.older_than_sender_rule and not facts.sender_on_account, "MOVE-SENDER"),
        (facts.same_partner, "MOVE-SAME-PARTNER"),
        (not facts.partner_active, "MOVE-PARTNER-INACTIVE"),
    )
    return unless_forbidden(against, "MOVE-TRANSFER" if facts.from_partner else "MOVE-REQUESTED")


def suspension(facts: SuspensionFacts) -> Verdict:
    """An open account, off Single Bill, after one full bill since the last time."""
    against = reasons(
        (facts.status is not AccountStatus.OPEN, "SUSPEND-NOT-OPEN"),
        (facts.billing_mode is SINGLE_BILL, "SUSPEND-SINGLE-BILL"),
        (not facts.invoiced_since_resume, "SUSPEND-TOO-SOON"),
    )
    return unless_forbidden(against, "SUSPEND-OPEN")


STEPS = {
    StatusChange.CONVERT: {AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED},
    StatusChange.EXPIRE_TRIAL: {AccountStatus.TRIAL},
    StatusChange.RESUME: {AccountStatus.SUSPENDED, AccountStatus.BALANCE_DUE, AccountStatus.COMPLIANCE_HOLD},
    StatusChange.HOLD_FOR_BALANCE: {AccountStatus.OPEN, AccountStatus.SUSPENDED, AccountStatus.PENDING_CANCELLATION},
    StatusChange.HOLD_FOR_COMPLIANCE: set(AccountStatus) - {AccountStatus.CANCELED, AccountStatus.COMPLIANCE_HOLD},
    StatusChange.SCHEDULE_CANCELLATION: {AccountStatus.TRIAL, AccountStatus.OPEN},
    StatusChange.CANCEL: set(AccountStatus) - {AccountStatus.CANCELED},
    StatusChange.REACTIVATE: {AccountStatus.CANCELED},
}


def status_change(facts: StatusChangeFacts) -> Verdict:
    """The steps of an account's life that some official page knows."""
    if facts.status not in STEPS[facts.change]:
        return MAY_NOT, {"STATUS-NO-WAY"}
    if facts.change is StatusChange.HOLD_FOR_BALANCE and facts.billing_mode is SINGLE_BILL:
        return MAY_NOT, {"STATUS-NO-WAY"}
    if facts.change is StatusChange.RESUME and facts.status is not AccountStatus.SUSPENDED:
        return MAY, {"STATUS-RELEASE" if facts.status is AccountStatus.BALANCE_DUE else "STATUS-CLEAR"}
    return MAY, {_STEP_NAMES.get(facts.change, f"STATUS-{facts.change.name}")}


_STEP_NAMES = {
    StatusChange.EXPIRE_TRIAL: "STATUS-EXPIRE",
    StatusChange.HOLD_FOR_BALANCE: "STATUS-HOLD-BALANCE",
    StatusChange.HOLD_FOR_COMPLIANCE: "STATUS-HOLD-COMPLIANCE",
    StatusChange.SCHEDULE_CANCELLATION: "STATUS-SCHEDULE",
}


def automatic_cancellation(facts: CancellationFacts) -> Verdict:
    """After enough days on hold an account is canceled, but never one on Single Bill."""
    on_hold = facts.status is AccountStatus.BALANCE_DUE
    against = reasons(
        (facts.billing_mode is SINGLE_BILL, "CANCEL-SINGLE-BILL"),
        (not on_hold, "CANCEL-NOTHING-DUE"),
        (on_hold and not facts.unpaid_too_long, "CANCEL-TOO-EARLY"),
    )
    return unless_forbidden(against, "CANCEL-UNPAID")


def promotion(facts: PromotionFacts) -> Verdict:
    """Website, social media, email signature, print, and decks with a seminar; of the rest nothing is said."""
    if facts.channel in {Channel.WEBSITE, Channel.SOCIAL_MEDIA, Channel.EMAIL_SIGNATURE, Channel.PRINT}:
        return Promotion.ENCOURAGED, {"PROMOTE-LISTED"}
    if facts.channel is not Channel.PRESENTATION_DECK:
        return Promotion.NOT_SPECIFIED, {"PROMOTE-UNNAMED"}
    if facts.training_seminar:
        return Promotion.ENCOURAGED, {"PROMOTE-DECK"}
    return Promotion.NOT_SPECIFIED, {"PROMOTE-DECK-ALONE"}


def setup(facts: Need) -> Verdict:
    """All work or all marketing is for the managing partner; several accounts of one organization have their own offer; a mix is fine."""
    managing = facts.handles_all_work or facts.conducts_all_marketing
    suggested = [
        (managing, Setup.MANAGED, "SETUP-MANAGED"),
        (not managing, Setup.REFERRED, "SETUP-REFERRED"),
        (facts.one_organization, Setup.MULTI_ACCOUNT_SOLUTION, "SETUP-MULTI-ACCOUNT"),
        (facts.clients_differ, Setup.MIX, "SETUP-MIX"),
    ]
    return tuple(one for fits, one, _ in suggested if fits), reasons(*((fits, reason) for fits, _, reason in suggested))


def plan_offer(facts: PlanOfferFacts) -> Verdict:
    """Only the customers of older accounts are asked."""
    return (PlanOffer.CHOICE, {"OFFER-OLD-ACCOUNT"}) if facts.before_cutover else (PlanOffer.NO_CHOICE, {"OFFER-NEW-ACCOUNT"})


def partner_contact(facts: PartnerContactFacts) -> Verdict:
    """A partner works with those it manages and may talk to those it referred."""
    if facts.role is PartnerRole.STRANGER:
        return MAY_NOT, {"REACH-STRANGER"}
    return MAY, {"REACH-MANAGER" if facts.role is PartnerRole.MANAGER else "REACH-REFERRER"}


def informing(facts: InformingFacts) -> Verdict:
    """Whoever owns the relationship brings the news."""
    if facts.owner is Owner.PARTNER:
        return Owner.PARTNER, {"INFORM-BY-PARTNER"}
    return Owner.VENDOR, {"INFORM-BY-VENDOR" if facts.in_program else "INFORM-OUTSIDE"}


def account_control(facts: ControlFacts) -> Verdict:
    """The relationship changes hands, the account does not."""
    return Controller.ACCOUNT_OWNER, {"CONTROL-MANAGED" if facts.management is MANAGED else "CONTROL-OTHER"}


def payment_method(facts: PaymentMethodFacts) -> Verdict:
    """Whoever is billed needs a way to pay."""
    spared = reasons(
        (facts.has_payment_method, "CARD-GIVEN"),
        (facts.billing_mode is SINGLE_BILL, "CARD-SINGLE-BILL"),
        (facts.status in {AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED, AccountStatus.CANCELED}, "CARD-NOTHING-BILLED"),
    )
    return (PaymentMethod.NOT_NEEDED, spared) if spared else (PaymentMethod.NEEDED, {"CARD-DIRECT"})


def plan_change(facts: PlanChangeFacts) -> Verdict:
    """Whoever pays may change the plan, and the partner that manages; no other partner."""
    if facts.asker is Asker.OTHER_PARTNER:
        return MAY_NOT, {"PLAN-OTHER-PARTNER"}
    if facts.asker is Asker.MANAGING_PARTNER:
        return MAY, {"PLAN-MANAGER-SINGLE-BILL" if facts.billing_mode is SINGLE_BILL else "PLAN-MANAGER-DIRECT"}
    if facts.management is not MANAGED:
        return MAY, {"PLAN-CLIENT-DIRECT"}
    if facts.billing_mode is not SINGLE_BILL:
        return MAY, {"PLAN-CLIENT-MANAGED"}
    return unless_forbidden(reasons((not facts.client_agreed, "PLAN-CLIENT-MAY-NOT")), "PLAN-CLIENT-SINGLE-BILL")


def prepaid_discount(facts: PrepaidFacts) -> Verdict:
    """Two discounts on one charge only where the contract says so, and none upfront off Single Bill."""
    if facts.billing_mode is not SINGLE_BILL:
        return MAY_NOT, {"PREPAID-DIRECT"}
    return unless_forbidden(reasons((not facts.on_prepaid_agreed, "PREPAID-NOT-AGREED")), "PREPAID-AGREED")


def is_possible(facts: Any) -> bool:
    """Tell whether facts can be: Single Bill only managed and alive, a request pending only where referred."""
    management, on_single_bill = getattr(facts, "management", MANAGED), getattr(facts, "billing_mode", None) is SINGLE_BILL
    if on_single_bill and (management is not MANAGED or getattr(facts, "status", None) in NOT_ON_SINGLE_BILL):
        return False
    if getattr(facts, "owner", None) is Owner.PARTNER and not getattr(facts, "in_program", True):
        return False
    if getattr(facts, "from_partner", False) and getattr(facts, "same_partner", False):
        return False
    if getattr(facts, "asker", None) is Asker.MANAGING_PARTNER and management is not MANAGED:
        return False
    return not (getattr(facts, "request_pending", False) and getattr(facts, "management", REFERRED) is not REFERRED)


ORACLES: dict[str, Callable[[Any], Verdict]] = {
    "ownership": ownership,
    "contact": contact,
    "duties": duties,
    "reward": reward,
    "single bill enrollment": enrollment,
    "single bill leaving": leaving,
    "crediting": crediting,
    "management request": management_request,
    "management approval": management_approval,
    "request withdrawal": request_withdrawal,
    "management end": management_end,
    "program leaving": program_leaving,
    "move in": move_in,
    "suspension": suspension,
    "status change": status_change,
    "automatic cancellation": automatic_cancellation,
    "promotion": promotion,
    "setup": setup,
    "plan offer": plan_offer,
    "partner contact": partner_contact,
    "informing": informing,
    "account control": account_control,
    "payment method": payment_method,
    "plan change": plan_change,
    "prepaid discount": prepaid_discount,
}
