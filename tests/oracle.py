"""The rules of the program once more, as plain if and else: what the policies are compared with at every point.

Written from the article and the design of the library, and not from the clauses, by a second hand. Each function takes
the facts of a policy and gives the answer with the id of one clause that must be among the deciding ones.
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


def ownership(facts: OwnershipFacts) -> tuple[Owner, str]:
    """By categorizing an account as managed the partner assumes full ownership; else the vendor closes and retains."""
    if facts.management is MANAGED:
        return Owner.PARTNER, "OWNER-MANAGED"
    if facts.management is REFERRED:
        return Owner.VENDOR, "OWNER-REFERRED"
    return Owner.VENDOR, "OWNER-OUTSIDE"


def contact(facts: ContactFacts) -> tuple[Permission, str]:
    """The vendor leaves a partner's clients alone unless the law obliges it, and may use its own relationships."""
    unwanted = facts.opted_out and facts.purpose is Purpose.MARKETING
    if facts.owner is Owner.PARTNER:
        return _contact_of_a_partners_client(facts, unwanted=unwanted)
    if facts.in_program and facts.purpose in {Purpose.SALES, Purpose.ONBOARDING}:
        return MAY, "CONTACT-START"
    if facts.in_program and facts.purpose in {Purpose.RETENTION, Purpose.COACHING}:
        return MAY, "CONTACT-KEEP"
    return (MAY_NOT, "CONTACT-OPTED-OUT") if unwanted else (MAY, "CONTACT-OWN-CLIENT")


def _contact_of_a_partners_client(facts: ContactFacts, *, unwanted: bool) -> tuple[Permission, str]:
    if facts.purpose is Purpose.LEGAL_OBLIGATION:
        return MAY, "CONTACT-LEGAL"
    if facts.purpose is Purpose.REPLY and facts.reply_agreed:
        return MAY, "CONTACT-REPLY"
    if facts.purpose is Purpose.BILLING_NOTICE and facts.billing_notice_agreed:
        return MAY, "CONTACT-BILLING"
    if facts.purpose is Purpose.SECURITY_NOTICE and facts.security_notice_agreed:
        return MAY, "CONTACT-SECURITY"
    if facts.partner_asked and facts.partner_asked_agreed and not unwanted:
        return MAY, "CONTACT-ASKED"
    return MAY_NOT, "CONTACT-MANAGED"


def enrollment(facts: EnrollmentFacts) -> tuple[Permission, str]:
    """A partner picks, among the accounts it manages, those that join its Single Bill."""
    if facts.management is not MANAGED:
        return MAY_NOT, "JOIN-MANAGED-ONLY"
    if not facts.by_manager:
        return MAY_NOT, "JOIN-OTHERS-CLIENT"
    if not facts.partner_has_single_bill:
        return MAY_NOT, "JOIN-NO-SETUP"
    if not facts.partner_active:
        return MAY_NOT, "JOIN-PARTNER-INACTIVE"
    if facts.billing_mode is SINGLE_BILL:
        return MAY_NOT, "JOIN-ALREADY"
    if facts.status is AccountStatus.SUSPENDED:
        return MAY_NOT, "JOIN-SUSPENDED"
    if facts.status is AccountStatus.BALANCE_DUE and not facts.balance_due_agreed:
        return MAY_NOT, "JOIN-BALANCE-DUE"
    if facts.status in NEVER_TAKEN_ON:
        return MAY_NOT, "JOIN-NOT-OPEN"
    return MAY, "JOIN-PICK"


def reward(facts: RewardFacts) -> tuple[RewardKind, str]:
    """On Single Bill the discount in place of the share; else the share for what is credited, never both."""
    if facts.billing_mode is SINGLE_BILL:
        return RewardKind.UPFRONT_DISCOUNT, "REWARD-DISCOUNT"
    if not facts.credited:
        return RewardKind.NOTHING, "REWARD-UNCREDITED"
    if facts.partnership_ended and not facts.earns_after_end:
        return RewardKind.NOTHING, "REWARD-ENDED"
    if facts.origin is Origin.MOVED_IN and facts.management is not MANAGED and not facts.within_bonus_window:
        return RewardKind.NOTHING, "REWARD-UNQUALIFIED"
    if facts.origin is not Origin.MOVED_IN:
        return RewardKind.REVENUE_SHARE, "REWARD-SHARE"
    return RewardKind.REVENUE_SHARE, "REWARD-MOVED-IN" if facts.management is MANAGED else "REWARD-MOVED-IN-WINDOW"


def duties(facts: DutiesFacts) -> tuple[tuple[Duty, ...], str]:
    """Three duties come with the relationship; an income that is passive brings none."""
    if facts.owner is Owner.PARTNER:
        return (Duty.SUPPORT_AND_COACH, Duty.INFORM_OF_CHANGES, Duty.KEEP_ACTIVE), "DUTY-COACH"
    return (), "DUTY-NONE" if facts.in_program else "DUTY-OUTSIDE"


def leaving(facts: LeavingFacts) -> tuple[Permission, str]:
    """What joined may leave."""
    return (MAY, "LEAVE-PICK") if facts.billing_mode is SINGLE_BILL else (MAY_NOT, "LEAVE-NOT-ON")


def crediting(facts: CreditingFacts) -> tuple[Counting, str]:
    """A visit to a link with a partner's name counts unless something stands against it."""
    against = (
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
    for stands, reason in against:
        if stands:
            return Counting.IGNORED, reason
    return Counting.COUNTS, "CREDIT-LINK"


def management_request(facts: RequestFacts) -> tuple[Permission, str]:
    """A referred account can be asked for, once at a time."""
    if facts.management is None:
        return MAY_NOT, "REQUEST-OUTSIDE"
    if facts.management is MANAGED:
        return MAY_NOT, "REQUEST-MANAGED"
    if not facts.by_credited:
        return MAY_NOT, "REQUEST-OTHERS-CLIENT"
    if facts.request_pending:
        return MAY_NOT, "REQUEST-PENDING"
    return (MAY, "REQUEST-REFERRED") if facts.partner_active else (MAY_NOT, "REQUEST-PARTNER-INACTIVE")


def management_approval(facts: ApprovalFacts) -> tuple[Permission, str]:
    """The account holder grants what was asked for."""
    if not facts.request_pending:
        return MAY_NOT, "APPROVE-NO-REQUEST"
    if not facts.consent:
        return MAY_NOT, "APPROVE-NO-CONSENT"
    if not facts.by_account_owner:
        return MAY_NOT, "APPROVE-NOT-OWNER"
    if facts.request_lapsed:
        return MAY_NOT, "APPROVE-LAPSED"
    return (MAY, "APPROVE-GRANTED") if facts.partner_active else (MAY_NOT, "APPROVE-PARTNER-INACTIVE")


def request_withdrawal(facts: WithdrawalFacts) -> tuple[Permission, str]:
    """A request that is pending can be taken back."""
    return (MAY, "WITHDRAW-PENDING") if facts.request_pending else (MAY_NOT, "WITHDRAW-NONE")


def management_end(facts: EndFacts) -> tuple[Permission, str]:
    """The client and the program can end a management; the partner where the terms let it."""
    if facts.management is not MANAGED:
        return MAY_NOT, "END-NOT-MANAGED"
    if facts.ended_by is EndedBy.CLIENT:
        return MAY, "END-CLIENT"
    if facts.ended_by is EndedBy.PROGRAM:
        return MAY, "END-PROGRAM"
    return (MAY, "END-PARTNER") if facts.partner_may_end else (MAY_NOT, "END-PARTNER-MAY-NOT")


def program_leaving(facts: DepartureFacts) -> tuple[Permission, str]:
    """Who is inside may leave."""
    return (MAY_NOT, "DEPART-OUTSIDE") if facts.management is None else (MAY, "DEPART-INSIDE")


def move_in(facts: MoveInFacts) -> tuple[Permission, str]:
    """A written request and the customer's consent, and for older accounts a sender that belongs to the account."""
    if not facts.written_request:
        return MAY_NOT, "MOVE-NO-REQUEST"
    if not facts.consent:
        return MAY_NOT, "MOVE-NO-CONSENT"
    if facts.older_than_sender_rule and not facts.sender_on_account:
        return MAY_NOT, "MOVE-SENDER"
    if facts.same_partner:
        return MAY_NOT, "MOVE-SAME-PARTNER"
    if not facts.partner_active:
        return MAY_NOT, "MOVE-PARTNER-INACTIVE"
    return MAY, "MOVE-TRANSFER" if facts.from_partner else "MOVE-REQUESTED"


def suspension(facts: SuspensionFacts) -> tuple[Permission, str]:
    """An open account, off Single Bill, after one full bill since the last time."""
    if facts.status is not AccountStatus.OPEN:
        return MAY_NOT, "SUSPEND-NOT-OPEN"
    if facts.billing_mode is SINGLE_BILL:
        return MAY_NOT, "SUSPEND-SINGLE-BILL"
    return (MAY, "SUSPEND-OPEN") if facts.invoiced_since_resume else (MAY_NOT, "SUSPEND-TOO-SOON")


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


def status_change(facts: StatusChangeFacts) -> tuple[Permission, str]:
    """The steps of an account's life that some official page knows."""
    if facts.status not in STEPS[facts.change]:
        return MAY_NOT, "STATUS-NO-WAY"
    if facts.change is StatusChange.HOLD_FOR_BALANCE and facts.billing_mode is SINGLE_BILL:
        return MAY_NOT, "STATUS-NO-WAY"
    if facts.change is StatusChange.RESUME and facts.status is not AccountStatus.SUSPENDED:
        return MAY, "STATUS-RELEASE" if facts.status is AccountStatus.BALANCE_DUE else "STATUS-CLEAR"
    return MAY, _STEP_NAMES.get(facts.change, f"STATUS-{facts.change.name}")


_STEP_NAMES = {
    StatusChange.EXPIRE_TRIAL: "STATUS-EXPIRE",
    StatusChange.HOLD_FOR_BALANCE: "STATUS-HOLD-BALANCE",
    StatusChange.HOLD_FOR_COMPLIANCE: "STATUS-HOLD-COMPLIANCE",
    StatusChange.SCHEDULE_CANCELLATION: "STATUS-SCHEDULE",
}


def automatic_cancellation(facts: CancellationFacts) -> tuple[Permission, str]:
    """After enough days on hold an account is canceled, but never one on Single Bill."""
    if facts.billing_mode is SINGLE_BILL:
        return MAY_NOT, "CANCEL-SINGLE-BILL"
    if facts.status is not AccountStatus.BALANCE_DUE:
        return MAY_NOT, "CANCEL-NOTHING-DUE"
    return (MAY, "CANCEL-UNPAID") if facts.unpaid_too_long else (MAY_NOT, "CANCEL-TOO-EARLY")


def promotion(facts: PromotionFacts) -> tuple[Promotion, str]:
    """Website, social media, email signature, print, and decks with a seminar; of the rest nothing is said."""
    if facts.channel in {Channel.WEBSITE, Channel.SOCIAL_MEDIA, Channel.EMAIL_SIGNATURE, Channel.PRINT}:
        return Promotion.ENCOURAGED, "PROMOTE-LISTED"
    if facts.channel is not Channel.PRESENTATION_DECK:
        return Promotion.NOT_SPECIFIED, "PROMOTE-UNNAMED"
    return (Promotion.ENCOURAGED, "PROMOTE-DECK") if facts.training_seminar else (Promotion.NOT_SPECIFIED, "PROMOTE-DECK-ALONE")


def setup(facts: Need) -> tuple[tuple[Setup, ...], str]:
    """All work or all marketing is for the managing partner; several accounts of one organization have their own offer; a mix is fine."""
    managing = facts.handles_all_work or facts.conducts_all_marketing
    suggested = [Setup.MANAGED if managing else Setup.REFERRED]
    if facts.one_organization:
        suggested.append(Setup.MULTI_ACCOUNT_SOLUTION)
    if facts.clients_differ:
        suggested.append(Setup.MIX)
    return tuple(suggested), "SETUP-MANAGED" if managing else "SETUP-REFERRED"


def plan_offer(facts: PlanOfferFacts) -> tuple[PlanOffer, str]:
    """Only the customers of older accounts are asked."""
    return (PlanOffer.CHOICE, "OFFER-OLD-ACCOUNT") if facts.before_cutover else (PlanOffer.NO_CHOICE, "OFFER-NEW-ACCOUNT")


def partner_contact(facts: PartnerContactFacts) -> tuple[Permission, str]:
    """A partner works with those it manages and may talk to those it referred."""
    if facts.role is PartnerRole.STRANGER:
        return MAY_NOT, "REACH-STRANGER"
    return MAY, "REACH-MANAGER" if facts.role is PartnerRole.MANAGER else "REACH-REFERRER"


def informing(facts: InformingFacts) -> tuple[Owner, str]:
    """Whoever owns the relationship brings the news."""
    if facts.owner is Owner.PARTNER:
        return Owner.PARTNER, "INFORM-BY-PARTNER"
    return Owner.VENDOR, "INFORM-BY-VENDOR" if facts.in_program else "INFORM-OUTSIDE"


def account_control(facts: ControlFacts) -> tuple[Controller, str]:
    """The relationship changes hands, the account does not."""
    return Controller.ACCOUNT_OWNER, "CONTROL-MANAGED" if facts.management is MANAGED else "CONTROL-OTHER"


def payment_method(facts: PaymentMethodFacts) -> tuple[PaymentMethod, str]:
    """Whoever is billed needs a way to pay."""
    if facts.has_payment_method:
        return PaymentMethod.NOT_NEEDED, "CARD-GIVEN"
    if facts.billing_mode is SINGLE_BILL:
        return PaymentMethod.NOT_NEEDED, "CARD-SINGLE-BILL"
    if facts.status in {AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED, AccountStatus.CANCELED}:
        return PaymentMethod.NOT_NEEDED, "CARD-NOTHING-BILLED"
    return PaymentMethod.NEEDED, "CARD-DIRECT"


def plan_change(facts: PlanChangeFacts) -> tuple[Permission, str]:
    """Whoever pays may change the plan, and the partner that manages; no other partner."""
    if facts.asker is Asker.OTHER_PARTNER:
        return MAY_NOT, "PLAN-OTHER-PARTNER"
    if facts.asker is Asker.MANAGING_PARTNER:
        return MAY, "PLAN-MANAGER-SINGLE-BILL" if facts.billing_mode is SINGLE_BILL else "PLAN-MANAGER-DIRECT"
    if facts.management is not MANAGED:
        return MAY, "PLAN-CLIENT-DIRECT"
    if facts.billing_mode is not SINGLE_BILL:
        return MAY, "PLAN-CLIENT-MANAGED"
    return (MAY, "PLAN-CLIENT-SINGLE-BILL") if facts.client_agreed else (MAY_NOT, "PLAN-CLIENT-MAY-NOT")


def prepaid_discount(facts: PrepaidFacts) -> tuple[Permission, str]:
    """Two discounts on one charge only where the contract says so, and none upfront off Single Bill."""
    if facts.billing_mode is not SINGLE_BILL:
        return MAY_NOT, "PREPAID-DIRECT"
    return (MAY, "PREPAID-AGREED") if facts.on_prepaid_agreed else (MAY_NOT, "PREPAID-NOT-AGREED")


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


ORACLES: dict[str, Callable[[Any], tuple[StrEnum | tuple[StrEnum, ...], str]]] = {
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
