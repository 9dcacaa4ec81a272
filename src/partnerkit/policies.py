"""The policies of the partner program: every rule as a clause with the sentence it rests on.

Floor 4. May import: enums, errors, clauses, vocabulary, partners, terms, attrs and the standard library.

Two rules of the house: a clause contains no number, because numbers are terms; and a clause that claims the article's
words quotes them, because whatever it does not quote is a reading, another page, a term or our own choice.
The functions ask a policy about a standing, in the edition that is in force on the standing's day, or about a day.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar, final

import attrs

from partnerkit.clauses import (
    ALWAYS,
    Basis,
    Choice,
    Clause,
    Flag,
    Law,
    Permission,
    Policy,
    Ruling,
    by_term,
    elsewhere,
    house,
    implied,
    stated,
)
from partnerkit.clauses.editions import Edition, Editions
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.partners import (
    BILLING_MODE,
    MANAGEMENT,
    ORIGIN,
    PARTNERSHIP_OVER,
    REQUEST_PENDING,
    STANDING_LAWS,
    STATUS,
    AccountStatus,
    BillingMode,
    Management,
    Origin,
    Partner,
    PartnerStatus,
    Standing,
)
from partnerkit.terms import NOT_AGREED, Terms
from partnerkit.vocabulary import check_day, check_is

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT


@final
class Owner(Named):
    """Who owns the client relationship.

    >>> OWNERSHIP.decide(OwnershipFacts(management=Management.REFERRED)).outcome
    Owner.VENDOR
    """

    PARTNER = "partner"
    VENDOR = "vendor"


@final
class Purpose(Named):
    """What a contact with the account holder is for.

    >>> Purpose("billing_notice")
    Purpose.BILLING_NOTICE
    """

    LEGAL_OBLIGATION = "legal_obligation"
    MARKETING = "marketing"
    SALES = "sales"
    ONBOARDING = "onboarding"
    RETENTION = "retention"
    COACHING = "coaching"
    REPLY = "reply"
    BILLING_NOTICE = "billing_notice"
    SECURITY_NOTICE = "security_notice"
    PRODUCT_UPDATE = "product_update"


@final
class RewardKind(Named):
    """What a partner gets for an account: never two of them.

    >>> [kind.value for kind in RewardKind]
    ['revenue_share', 'upfront_discount', 'nothing']
    """

    REVENUE_SHARE = "revenue_share"
    UPFRONT_DISCOUNT = "upfront_discount"
    NOTHING = "nothing"


@final
class Force(Named):
    """How strongly a duty binds: the article says "expected", not "must"."""

    EXPECTED = "expected"


@final
class Duty(Named):
    """What is expected of the partner that manages an account (S-30a to S-30c).

    >>> Duty.KEEP_ACTIVE.force
    Force.EXPECTED
    """

    SUPPORT_AND_COACH = "support_and_coach"
    INFORM_OF_CHANGES = "inform_of_changes"
    KEEP_ACTIVE = "keep_active"

    @property
    def force(self) -> Force:
        """How strongly the duty binds: "It is expected that you will"."""
        return Force.EXPECTED


@final
class Counting(Named):
    """Whether a visit is considered for the credit of an opening.

    >>> CREDITING.decide(CreditingFacts(name=NameReading.KNOWN, timing=Timing.IN_WINDOW)).outcome
    Counting.COUNTS
    """

    COUNTS = "counts"
    IGNORED = "does not count"


@final
class NameReading(Named):
    """What the `pn` of a visit names."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"


@final
class Timing(Named):
    """Where a visit lies in time, seen from the opening."""

    IN_WINDOW = "in_window"
    EXPIRED = "expired"
    AFTER_OPENING = "after_opening"


@final
class EndedBy(Named):
    """Who ends the management of an account.

    >>> MANAGEMENT_END.decide(EndFacts(management=Management.MANAGED, ended_by=EndedBy.CLIENT, partner_may_end=False)).because
    ('END-CLIENT',)
    """

    CLIENT = "client"
    PARTNER = "partner"
    PROGRAM = "program"


@final
class StatusChange(Named):
    """A step in the life of an account, other than its suspension.

    >>> from partnerkit.partners import AccountStatus
    >>> facts = StatusChangeFacts(status=AccountStatus.TRIAL, change=StatusChange.CONVERT, billing_mode=BillingMode.DIRECT)
    >>> STATUS_CHANGE.decide(facts).because
    ('STATUS-CONVERT',)
    """

    CONVERT = "convert"
    EXPIRE_TRIAL = "expire_trial"
    RESUME = "resume"
    HOLD_FOR_BALANCE = "hold_for_balance"
    HOLD_FOR_COMPLIANCE = "hold_for_compliance"
    SCHEDULE_CANCELLATION = "schedule_cancellation"
    CANCEL = "cancel"
    REACTIVATE = "reactivate"


_BY_CONTRACT = ("partner", "vendor")
"""Who can bring other terms about: both who agree on them."""
_PARTNER_ACTIVE = Flag("partner_active", "the partnership is active", "the partnership is not active", changed_by=("partner", "vendor"))
_CONSENT = Flag("consent", "the account holder consents", "the account holder's consent is missing", changed_by=("account holder",))

_MANAGED = MANAGEMENT.is_(Management.MANAGED)
_REFERRED = MANAGEMENT.is_(Management.REFERRED)
_OUTSIDE = MANAGEMENT.is_(None)
_ON_SINGLE_BILL = BILLING_MODE.is_(BillingMode.SINGLE_BILL)


def _laws_of(facts: type[Any]) -> tuple[Law, ...]:
    """Give the laws of a standing that speak of nothing but what a policy asks."""
    asked = {field.name for field in attrs.fields(facts)}
    return tuple(law for law in STANDING_LAWS if {item.name for item in law.holds.inputs()} <= asked)


@final
@attrs.frozen(kw_only=True)
class OwnershipFacts:
    """What `OWNERSHIP` asks."""

    management: Management | None


OWNERSHIP: Policy[OwnershipFacts, Owner] = Policy(
    "ownership",
    "Who owns the client relationship?",
    OwnershipFacts,
    Owner,
    (
        Clause("OWNER-MANAGED", Owner.PARTNER, _MANAGED, cite=stated("S-29", "you assume full ownership of the relationship")),
        Clause(
            "OWNER-REFERRED",
            Owner.VENDOR,
            _REFERRED,
            cite=implied(
                "S-08", "close the sale and retain the customer", "who closes the sale and retains the customer owns the relationship"
            ),
        ),
        Clause("OWNER-OUTSIDE", Owner.VENDOR, _OUTSIDE, cite=house("no partner has a part in an account outside the program")),
    ),
)

_OWNER = Choice("owner", Owner, "the relationship is owned by the {}", changed_by=("partner", "account holder"))
_IN_PROGRAM = Flag(
    "in_program", "the account is in the program", "the account is outside the program", changed_by=("partner", "account holder")
)
_PURPOSE = Choice("purpose", Purpose, "the purpose of the contact is {}", changed_by=("vendor", "law"))
_OPTED_OUT = Flag(
    "opted_out", "the account holder opted out of marketing", "the account holder did not opt out", changed_by=("account holder",)
)
_PARTNER_ASKED = Flag(
    "partner_asked", "the partner asked for this contact", "the partner did not ask for this contact", changed_by=("partner",)
)
_REPLY_AGREED = Flag("reply_agreed", "the terms let the vendor reply", "the terms do not let the vendor reply", changed_by=_BY_CONTRACT)
_BILLING_AGREED = Flag(
    "billing_notice_agreed",
    "the terms let the vendor send billing notices",
    "the terms do not let the vendor send billing notices",
    changed_by=_BY_CONTRACT,
)
_SECURITY_AGREED = Flag(
    "security_notice_agreed",
    "the terms let the vendor send security notices",
    "the terms do not let the vendor send security notices",
    changed_by=_BY_CONTRACT,
)
_ASKED_AGREED = Flag(
    "partner_asked_agreed",
    "the terms let the vendor act on the partner's request",
    "the terms do not let the vendor act on the partner's request",
    changed_by=_BY_CONTRACT,
)

_PARTNER_OWNS = _OWNER.is_(Owner.PARTNER)
_VENDOR_OWNS = _OWNER.is_(Owner.VENDOR)
_OUTSIDE_IS_VENDORS = (
    Law(id="PARTNER-OWNS-INSIDE", sentence="no partner owns an account outside the program", holds=~_PARTNER_OWNS | _IN_PROGRAM.yes),
)
_OPTED_OUT_MARKETING = _PURPOSE.is_(Purpose.MARKETING) & _OPTED_OUT.yes


@final
@attrs.frozen(kw_only=True)
class ContactFacts:
    """What `CONTACT` asks."""

    owner: Owner
    purpose: Purpose
    in_program: bool = True
    opted_out: bool = False
    partner_asked: bool = False
    reply_agreed: bool = False
    billing_notice_agreed: bool = False
    security_notice_agreed: bool = False
    partner_asked_agreed: bool = False


CONTACT: Policy[ContactFacts, Permission] = Policy(
    "contact",
    "May the vendor contact the account holder?",
    ContactFacts,
    Permission,
    (
        Clause(
            "CONTACT-MANAGED",
            MAY_NOT,
            _PARTNER_OWNS,
            unless=("CONTACT-LEGAL", "CONTACT-REPLY", "CONTACT-BILLING", "CONTACT-SECURITY", "CONTACT-ASKED"),
            cite=stated("S-28", "We'll assume you own the client relationship\N{EM DASH}and won't contact these account holders"),
        ),
        Clause(
            "CONTACT-LEGAL",
            MAY,
            _PARTNER_OWNS & _PURPOSE.is_(Purpose.LEGAL_OBLIGATION),
            cite=stated("S-28", "unless legally obligated to do so"),
        ),
        Clause(
            "CONTACT-REPLY",
            MAY,
            _PARTNER_OWNS & _PURPOSE.is_(Purpose.REPLY) & _REPLY_AGREED.yes,
            cite=by_term("contact.reply", "whether an answer to the account holder is a contact is not said"),
        ),
        Clause(
            "CONTACT-BILLING",
            MAY,
            _PARTNER_OWNS & _PURPOSE.is_(Purpose.BILLING_NOTICE) & _BILLING_AGREED.yes,
            cite=by_term("contact.billing_notice", "whether receipts and payment notices are contacts is not said"),
        ),
        Clause(
            "CONTACT-SECURITY",
            MAY,
            _PARTNER_OWNS & _PURPOSE.is_(Purpose.SECURITY_NOTICE) & _SECURITY_AGREED.yes,
            cite=by_term("contact.security_notice", "whether security notices are contacts is not said"),
        ),
        Clause(
            "CONTACT-ASKED",
            MAY,
            _PARTNER_OWNS & _PARTNER_ASKED.yes & _ASKED_AGREED.yes & ~_OPTED_OUT_MARKETING & ~_PURPOSE.is_(Purpose.LEGAL_OBLIGATION),
            cite=by_term("contact.partner_asked", "whether the owner of the relationship may delegate a contact is not said"),
        ),
        Clause(
            "CONTACT-START",
            MAY,
            _VENDOR_OWNS & _IN_PROGRAM.yes & _PURPOSE.in_(Purpose.SALES, Purpose.ONBOARDING),
            cite=implied("S-12", "we'll close the sale and/or help them get started", "neither can be done without contact"),
        ),
        Clause(
            "CONTACT-KEEP",
            MAY,
            _VENDOR_OWNS & _IN_PROGRAM.yes & _PURPOSE.in_(Purpose.RETENTION, Purpose.COACHING),
            cite=implied(
                "S-08", "coaches close the sale and retain the customer", "who coaches and retains a customer contacts the customer"
            ),
        ),
        Clause(
            "CONTACT-OWN-CLIENT",
            MAY,
            _VENDOR_OWNS & (_IN_PROGRAM.no | ~_PURPOSE.in_(Purpose.SALES, Purpose.ONBOARDING, Purpose.RETENTION, Purpose.COACHING)),
            unless=("CONTACT-OPTED-OUT",),
            cite=house("the article is silent; whoever owns a relationship may use it"),
        ),
        Clause(
            "CONTACT-OPTED-OUT",
            MAY_NOT,
            _VENDOR_OWNS & _OPTED_OUT_MARKETING,
            cite=house("the article is silent; nobody is sent marketing after opting out of it, for which the vendor's API has a switch"),
        ),
    ),
    laws=_OUTSIDE_IS_VENDORS,
)


@final
@attrs.frozen(kw_only=True)
class DutiesFacts:
    """What `DUTIES` asks."""

    owner: Owner
    in_program: bool = True


DUTIES: Policy[DutiesFacts, tuple[Duty, ...]] = Policy(
    "duties",
    "What is expected of the partner for this account?",
    DutiesFacts,
    Duty,
    (
        Clause(
            "DUTY-COACH",
            Duty.SUPPORT_AND_COACH,
            _PARTNER_OWNS,
            cite=stated(
                "S-30a",
                "Help the customer leverage the Constant Contact tools to meet their marketing goals, "
                "and provide ongoing 1:1 support and coaching.",
            ),
        ),
        Clause(
            "DUTY-INFORM",
            Duty.INFORM_OF_CHANGES,
            _PARTNER_OWNS,
            cite=stated("S-30b", "Inform the customer of any changes to product features and other relevant updates."),
        ),
        Clause("DUTY-ACTIVE", Duty.KEEP_ACTIVE, _PARTNER_OWNS, cite=stated("S-30c", "Keep the customer an active, successful user.")),
        Clause(
            "DUTY-NONE",
            None,
            _VENDOR_OWNS & _IN_PROGRAM.yes,
            cite=implied("S-10", "generate a passive income", "an income without work leaves no duty behind"),
        ),
        Clause("DUTY-OUTSIDE", None, _IN_PROGRAM.no, cite=house("no partner has a part in an account outside the program")),
    ),
    laws=_OUTSIDE_IS_VENDORS,
    collects=True,
)

_CREDITED = Flag("credited", "the account is credited to a partner", "the account is credited to no partner")
_WITHIN_WINDOW = Flag(
    "within_bonus_window",
    "the account is within the window of the New Account Bonus",
    "the account is past the window of the New Account Bonus",
)
_CREDITED_ENDED = Flag(
    "partnership_ended", "the credited partnership has ended", "the credited partnership goes on", changed_by=("partner", "vendor")
)
_MOVED_IN = ORIGIN.is_(Origin.MOVED_IN)
_EARNS_ON = Flag(
    "earns_after_end",
    "the terms let an ended partnership go on earning",
    "the terms end the earnings with the partnership",
    changed_by=_BY_CONTRACT,
)


@final
@attrs.frozen(kw_only=True)
class RewardFacts:
    """What `REWARD` asks."""

    credited: bool
    management: Management | None
    billing_mode: BillingMode
    origin: Origin
    within_bonus_window: bool = False
    partnership_ended: bool = False
    earns_after_end: bool = False


REWARD: Policy[RewardFacts, RewardKind] = Policy(
    "reward",
    "What does the partner get for this account?",
    RewardFacts,
    RewardKind,
    (
        Clause(
            "REWARD-DISCOUNT",
            RewardKind.UPFRONT_DISCOUNT,
            _ON_SINGLE_BILL,
            cite=stated("S-34", "You'll receive an upfront discount on accounts, in place of the normal revenue share percentage."),
        ),
        Clause(
            "REWARD-SHARE",
            RewardKind.REVENUE_SHARE,
            _CREDITED.yes & ~_MOVED_IN,
            unless=("REWARD-DISCOUNT", "REWARD-ENDED"),
            cite=implied(
                "S-04",
                "get paid for new client accounts",
                "a partner is paid for the accounts credited to it, and S-34 calls the share the normal pay",
            ),
        ),
        Clause(
            "REWARD-MOVED-IN",
            RewardKind.REVENUE_SHARE,
            _CREDITED.yes & _MOVED_IN & _MANAGED,
            unless=("REWARD-DISCOUNT", "REWARD-ENDED"),
            cite=elsewhere(
                "article 000044325, 2025 (K-17, K-18)",
                "a managed account that was moved in earns the share, in the window or after it",
            ),
        ),
        Clause(
            "REWARD-MOVED-IN-WINDOW",
            RewardKind.REVENUE_SHARE,
            _CREDITED.yes & _MOVED_IN & ~_MANAGED & _WITHIN_WINDOW.yes,
            unless=("REWARD-ENDED",),
            cite=house(
                "a moved account earns where it meets one of two qualifications (article 000044325, K-16); which two is not public, and we "
                "read the second as being within the bonus window (bonus.window_days)"
            ),
        ),
        Clause(
            "REWARD-UNQUALIFIED",
            RewardKind.NOTHING,
            _CREDITED.yes & _MOVED_IN & ~_MANAGED & _WITHIN_WINDOW.no,
            cite=house(
                "a moved account that meets neither of two qualifications earns nothing (article 000044325, K-16); "
                "which two is not public, and we read them as being managed (K-18) and being within the bonus window (bonus.window_days)"
            ),
        ),
        Clause(
            "REWARD-ENDED",
            RewardKind.NOTHING,
            _CREDITED.yes & _CREDITED_ENDED.yes & _EARNS_ON.no,
            unless=("REWARD-DISCOUNT",),
            cite=by_term("share.after_partnership_ends", "what becomes of credited accounts after a partnership is not said"),
        ),
        Clause(
            "REWARD-UNCREDITED",
            RewardKind.NOTHING,
            _CREDITED.no,
            unless=("REWARD-DISCOUNT",),
            cite=house("the article pays partners for accounts credited to them and is silent on all others"),
        ),
    ),
    laws=_laws_of(RewardFacts),
)

_BY_MANAGER = Flag("by_manager", "the managing partner asks", "a partner asks that does not manage the account", changed_by=("partner",))
_HAS_SETUP = Flag(
    "partner_has_single_bill",
    "the partner is set up for Single Bill",
    "the partner is not set up for Single Bill",
    changed_by=("partner", "vendor"),
)
_BALANCE_AGREED = Flag(
    "balance_due_agreed",
    "the terms let an account with a balance due join",
    "the terms do not let an account with a balance due join",
    changed_by=_BY_CONTRACT,
)


@final
@attrs.frozen(kw_only=True)
class EnrollmentFacts:
    """What `SINGLE_BILL_ENROLLMENT` asks."""

    management: Management | None
    by_manager: bool
    partner_has_single_bill: bool
    partner_active: bool
    billing_mode: BillingMode
    status: AccountStatus
    balance_due_agreed: bool = False


_AGAINST_JOINING = (
    Clause("JOIN-MANAGED-ONLY", MAY_NOT, ~_MANAGED, cite=stated("S-35", "accounts must be managed to be added to your Single Bill")),
    Clause(
        "JOIN-NO-SETUP",
        MAY_NOT,
        _HAS_SETUP.no,
        cite=elsewhere(
            "vendor API description 3.0.178, harvested Aug 13 2026, Provision.enable_single_billing (B1)",
            "only a partner that is set up for single billing can use it",
        ),
    ),
    Clause(
        "JOIN-SUSPENDED",
        MAY_NOT,
        STATUS.is_(AccountStatus.SUSPENDED),
        cite=elsewhere(
            "article 000041606, Oct 9 2025 (K-47)",
            "an account is taken off Single Bill to be suspended and can be put back when reactivated",
        ),
    ),
    Clause(
        "JOIN-BALANCE-DUE",
        MAY_NOT,
        STATUS.is_(AccountStatus.BALANCE_DUE) & _BALANCE_AGREED.no,
        cite=by_term("single_bill.join_with_balance_due", "whether an account that owes may join is not said"),
    ),
    Clause(
        "JOIN-NOT-OPEN",
        MAY_NOT,
        STATUS.in_(AccountStatus.CANCELED, AccountStatus.COMPLIANCE_HOLD, AccountStatus.UNKNOWN),
        cite=house("the article is silent; an account that is closed, held or of unknown status is not taken on"),
    ),
    Clause("JOIN-ALREADY", MAY_NOT, _ON_SINGLE_BILL, cite=house("an account joins once; it is already on Single Bill")),
    Clause(
        "JOIN-PARTNER-INACTIVE",
        MAY_NOT,
        _PARTNER_ACTIVE.no,
        cite=house("the article is silent; only an active partnership takes on new payments"),
    ),
)

SINGLE_BILL_ENROLLMENT: Policy[EnrollmentFacts, Permission] = Policy(
    "single bill enrollment",
    "May the partner put this account on its Single Bill?",
    EnrollmentFacts,
    Permission,
    (
        Clause(
            "JOIN-PICK",
            MAY,
            _BY_MANAGER.yes,
            unless=tuple(clause.id for clause in _AGAINST_JOINING),
            cite=stated("S-33", "You have the flexibility to determine which accounts you want to have on Single Bill."),
        ),
        Clause(
            "JOIN-OTHERS-CLIENT",
            MAY_NOT,
            _BY_MANAGER.no,
            cite=implied(
                "S-31", "pay for multiple managed client accounts", "a partner pays for the accounts it manages, not for another's"
            ),
        ),
        *_AGAINST_JOINING,
    ),
    laws=_laws_of(EnrollmentFacts),
)


@final
@attrs.frozen(kw_only=True)
class LeavingFacts:
    """What `SINGLE_BILL_LEAVING` asks."""

    billing_mode: BillingMode


SINGLE_BILL_LEAVING: Policy[LeavingFacts, Permission] = Policy(
    "single bill leaving",
    "May the partner take this account off its Single Bill?",
    LeavingFacts,
    Permission,
    (
        Clause(
            "LEAVE-PICK",
            MAY,
            _ON_SINGLE_BILL,
            cite=implied(
                "S-33",
                "You have the flexibility to determine which accounts you want to have on Single Bill.",
                "whoever determines which accounts are on it may also take one off",
            ),
        ),
        Clause("LEAVE-NOT-ON", MAY_NOT, ~_ON_SINGLE_BILL, cite=house("only an account on Single Bill can leave it")),
    ),
)

_NAME = Choice("name", NameReading, "the partner name of the visit is {}", changed_by=("partner",))
_TIMING = Choice("timing", Timing, "the visit is {}")
_REPEATED = Flag("repeated", "the visit was reported before", "the visit is reported for the first time")
_BOT = Flag("bot", "the visitor is a bot", "the visitor is not a bot")
_PREFETCH = Flag("prefetch", "the page was only prefetched", "the page was really visited")
_TOP_LEVEL = Flag("top_level", "the page was visited by itself", "the page was loaded inside another page")
_CONSENT_MISSING = Flag(
    "consent_missing", "the visitor did not give the consent the terms require", "no consent is missing", changed_by=("account holder",)
)
_GPC_STOPS = Flag(
    "gpc_stops", "the visitor's privacy signal is honored", "no privacy signal stands against it", changed_by=("account holder",)
)
_ERASED = Flag("erased", "the visitor has been erased", "the visitor has not been erased", changed_by=("account holder",))
_STOOD_DOWN = Flag("stood_down", "an extension's click stands down behind another partner's visit", "no visit stands before it")
_NOT_NEW = Flag("existing_account", "the opening is of an account that existed before", "the opening is of a new account")
_INELIGIBLE = Flag("partner_ineligible", "the partner is not eligible", "the partner is eligible", changed_by=("partner", "vendor"))
_SELF = Flag(
    "self_referral_denied",
    "the partner would be credited with itself",
    "the partner is not the account holder",
    changed_by=_BY_CONTRACT,
)


@final
@attrs.frozen(kw_only=True)
class CreditingFacts:
    """What `CREDITING` asks of one visit and one opening."""

    name: NameReading
    timing: Timing
    repeated: bool = False
    bot: bool = False
    prefetch: bool = False
    top_level: bool = True
    consent_missing: bool = False
    gpc_stops: bool = False
    erased: bool = False
    stood_down: bool = False
    existing_account: bool = False
    partner_ineligible: bool = False
    self_referral_denied: bool = False


_AGAINST_A_VISIT = (
    Clause(
        "CREDIT-AFTER",
        Counting.IGNORED,
        _TIMING.is_(Timing.AFTER_OPENING),
        cite=implied("S-13", "after visiting your invite link", "an account opened before the visit was not opened after it"),
    ),
    Clause(
        "CREDIT-EXPIRED",
        Counting.IGNORED,
        _TIMING.is_(Timing.EXPIRED),
        cite=by_term("attribution.window", "how long a visit counts is not said"),
    ),
    Clause("CREDIT-REPEATED", Counting.IGNORED, _REPEATED.yes, cite=house("one visit reported twice is one visit")),
    Clause("CREDIT-BOT", Counting.IGNORED, _BOT.yes, cite=house("a program that reads pages opens no accounts")),
    Clause("CREDIT-PREFETCH", Counting.IGNORED, _PREFETCH.yes, cite=house("a page that a browser fetched ahead was not visited")),
    Clause("CREDIT-FRAMED", Counting.IGNORED, _TOP_LEVEL.no, cite=house("a page hidden inside another was not visited")),
    Clause(
        "CREDIT-CONSENT",
        Counting.IGNORED,
        _CONSENT_MISSING.yes,
        cite=by_term("attribution.require_consent", "whether the visitor must consent is not said"),
    ),
    Clause(
        "CREDIT-PRIVACY",
        Counting.IGNORED,
        _GPC_STOPS.yes,
        cite=by_term("attribution.honor_gpc", "whether a privacy signal is honored is not said"),
    ),
    Clause("CREDIT-ERASED", Counting.IGNORED, _ERASED.yes, cite=house("what a visitor had erased is used for nothing")),
    Clause(
        "CREDIT-STAND-DOWN",
        Counting.IGNORED,
        _STOOD_DOWN.yes,
        cite=by_term("attribution.stand_down_seconds", "whether an extension may take over another partner's visitor is not said"),
    ),
    Clause(
        "CREDIT-NOT-NEW",
        Counting.IGNORED,
        _NOT_NEW.yes,
        cite=implied(
            "S-13", "All accounts opened by prospects", "who has the account already is no prospect for it; moving it in is another act"
        ),
    ),
    Clause(
        "CREDIT-INELIGIBLE",
        Counting.IGNORED,
        _INELIGIBLE.yes,
        cite=by_term("attribution.eligible_at", "when a partner must be active is not said"),
    ),
    Clause(
        "CREDIT-SELF",
        Counting.IGNORED,
        _SELF.yes,
        cite=by_term("attribution.self_referral", "whether a partner can refer itself is not said"),
    ),
)

CREDITING: Policy[CreditingFacts, Counting] = Policy(
    "crediting",
    "Does this visit count for the credit of this opening?",
    CreditingFacts,
    Counting,
    (
        Clause(
            "CREDIT-LINK",
            Counting.COUNTS,
            _NAME.is_(NameReading.KNOWN),
            unless=tuple(clause.id for clause in _AGAINST_A_VISIT),
            cite=stated("S-20", "all accounts opened up after visiting the URL will be credited to your partnership"),
        ),
        Clause(
            "CREDIT-NO-NAME",
            Counting.IGNORED,
            _NAME.is_(NameReading.MISSING),
            cite=implied(
                "S-21", "Your partner name is after pn= in your invite link.", "a visit without a name after pn= names no partner"
            ),
        ),
        Clause(
            "CREDIT-UNKNOWN",
            Counting.IGNORED,
            _NAME.is_(NameReading.UNKNOWN),
            cite=house("a name of nobody credits nobody and takes no credit away: the vendor uses pn for channels of its own"),
        ),
        Clause(
            "CREDIT-AMBIGUOUS",
            Counting.IGNORED,
            _NAME.is_(NameReading.AMBIGUOUS),
            cite=house("programs differ in which of two names they read; we read neither"),
        ),
        *_AGAINST_A_VISIT,
    ),
)


@final
@attrs.frozen(kw_only=True)
class RequestFacts:
    """What `MANAGEMENT_REQUEST` asks."""

    management: Management | None
    by_credited: bool
    request_pending: bool
    partner_active: bool


_BY_CREDITED = Flag(
    "by_credited", "the partner is the one credited with the account", "the partner is not the one credited with the account"
)

MANAGEMENT_REQUEST: Policy[RequestFacts, Permission] = Policy(
    "management request",
    "May the partner ask to manage this account?",
    RequestFacts,
    Permission,
    (
        Clause(
            "REQUEST-REFERRED",
            MAY,
            _REFERRED,
            unless=("REQUEST-OTHERS-CLIENT", "REQUEST-PENDING", "REQUEST-PARTNER-INACTIVE"),
            cite=elsewhere(
                "article 000044325, Oct 13 2025 (K-09, K-13)", "a referred account can become managed, and the partner asks for it"
            ),
        ),
        Clause(
            "REQUEST-OTHERS-CLIENT",
            MAY_NOT,
            _REFERRED & _BY_CREDITED.no,
            cite=house("article 000041605 speaks of a partner who referred the client (K-29); we read it that no other partner may ask"),
        ),
        Clause(
            "REQUEST-OUTSIDE",
            MAY_NOT,
            _OUTSIDE,
            cite=house("article 000044325 speaks of accounts referred or moved in (K-09, K-10); we read it that no other is asked for"),
        ),
        Clause("REQUEST-MANAGED", MAY_NOT, _MANAGED, cite=house("the account is managed already")),
        Clause(
            "REQUEST-PENDING", MAY_NOT, REQUEST_PENDING.yes, cite=house("a request is pending already; withdraw it or wait for the answer")
        ),
        Clause(
            "REQUEST-PARTNER-INACTIVE",
            MAY_NOT,
            _PARTNER_ACTIVE.no,
            cite=house("the article is silent; only an active partnership takes on new clients"),
        ),
    ),
    laws=_laws_of(RequestFacts),
)


_LAPSED = Flag("request_lapsed", "the request has lapsed", "the request has not lapsed")
_BY_ACCOUNT_OWNER = Flag(
    "by_account_owner",
    "the answer comes from the account owner",
    "the answer comes from another user of the account",
    changed_by=("account holder",),
)


@final
@attrs.frozen(kw_only=True)
class ApprovalFacts:
    """What `MANAGEMENT_APPROVAL` asks."""

    request_pending: bool
    consent: bool
    request_lapsed: bool
    partner_active: bool
    by_account_owner: bool = True


MANAGEMENT_APPROVAL: Policy[ApprovalFacts, Permission] = Policy(
    "management approval",
    "May the account become managed now?",
    ApprovalFacts,
    Permission,
    (
        Clause(
            "APPROVE-GRANTED",
            MAY,
            REQUEST_PENDING.yes,
            unless=("APPROVE-NO-CONSENT", "APPROVE-NOT-OWNER", "APPROVE-LAPSED", "APPROVE-PARTNER-INACTIVE"),
            cite=elsewhere("article 000041605, Sep 5 2025 (K-25, K-26)", "the client grants access after the partner has asked for it"),
        ),
        Clause(
            "APPROVE-NO-REQUEST",
            MAY_NOT,
            REQUEST_PENDING.no,
            cite=elsewhere("article 000041605, Sep 5 2025 (K-26)", "access can be granted only after the partner has asked for it"),
        ),
        Clause(
            "APPROVE-NO-CONSENT",
            MAY_NOT,
            _CONSENT.no,
            cite=elsewhere("article 000044325, Oct 13 2025 (K-11)", "the client must approve the switch"),
        ),
        Clause(
            "APPROVE-NOT-OWNER",
            MAY_NOT,
            _BY_ACCOUNT_OWNER.no,
            cite=house(
                "access is granted in the billing settings (article 000041605, K-25), which only the account owner sees (B-27); "
                "we read it that nobody else can grant it"
            ),
        ),
        Clause(
            "APPROVE-LAPSED",
            MAY_NOT,
            _LAPSED.yes,
            cite=by_term("management.request_expires_days", "whether an unanswered request lapses is not said"),
        ),
        Clause(
            "APPROVE-PARTNER-INACTIVE",
            MAY_NOT,
            _PARTNER_ACTIVE.no,
            cite=house("the article is silent; only an active partnership takes on new clients"),
        ),
    ),
)


@final
@attrs.frozen(kw_only=True)
class WithdrawalFacts:
    """What `REQUEST_WITHDRAWAL` asks."""

    request_pending: bool


REQUEST_WITHDRAWAL: Policy[WithdrawalFacts, Permission] = Policy(
    "request withdrawal",
    "May the partner withdraw its request to manage this account?",
    WithdrawalFacts,
    Permission,
    (
        Clause(
            "WITHDRAW-PENDING",
            MAY,
            REQUEST_PENDING.yes,
            cite=elsewhere("article 000044325, Feb 28 2025 (K-14)", "a pending request can be canceled"),
        ),
        Clause("WITHDRAW-NONE", MAY_NOT, REQUEST_PENDING.no, cite=house("no request is pending that could be withdrawn")),
    ),
)

_ENDED_BY = Choice("ended_by", EndedBy, "the management is ended by the {}", changed_by=("account holder", "partner", "vendor"))
_END_AGREED = Flag(
    "partner_may_end",
    "the terms let the partner hand an account back",
    "the terms do not let the partner hand an account back",
    changed_by=_BY_CONTRACT,
)


@final
@attrs.frozen(kw_only=True)
class EndFacts:
    """What `MANAGEMENT_END` asks."""

    management: Management | None
    ended_by: EndedBy
    partner_may_end: bool = False


MANAGEMENT_END: Policy[EndFacts, Permission] = Policy(
    "management end",
    "May the management of this account end in this way?",
    EndFacts,
    Permission,
    (
        Clause(
            "END-CLIENT",
            MAY,
            _MANAGED & _ENDED_BY.is_(EndedBy.CLIENT),
            cite=house(
                "the client grants access by a switch and keeps full control of the partner's user (article 000041605, K-25, K-27); "
                "we read it that the same switch takes the access back"
            ),
        ),
        Clause(
            "END-PARTNER",
            MAY,
            _MANAGED & _ENDED_BY.is_(EndedBy.PARTNER) & _END_AGREED.yes,
            cite=by_term("management.partner_may_end", "whether a partner may hand an account back is not said"),
        ),
        Clause(
            "END-PARTNER-MAY-NOT",
            MAY_NOT,
            _MANAGED & _ENDED_BY.is_(EndedBy.PARTNER) & _END_AGREED.no,
            cite=by_term("management.partner_may_end", "whether a partner may hand an account back is not said"),
        ),
        Clause(
            "END-PROGRAM", MAY, _MANAGED & _ENDED_BY.is_(EndedBy.PROGRAM), cite=house("a partnership that ends manages nothing any more")
        ),
        Clause("END-NOT-MANAGED", MAY_NOT, ~_MANAGED, cite=house("only a managed account has a management that can end")),
    ),
)


@final
@attrs.frozen(kw_only=True)
class DepartureFacts:
    """What `PROGRAM_LEAVING` asks."""

    management: Management | None


PROGRAM_LEAVING: Policy[DepartureFacts, Permission] = Policy(
    "program leaving",
    "May this account leave the program?",
    DepartureFacts,
    Permission,
    (
        Clause("DEPART-INSIDE", MAY, ~_OUTSIDE, cite=house("the article is silent; nothing keeps an account in the program")),
        Clause("DEPART-OUTSIDE", MAY_NOT, _OUTSIDE, cite=house("the account is outside the program already")),
    ),
)

_WRITTEN = Flag("written_request", "a written request was made", "no written request was made", changed_by=("partner", "account holder"))
_OLD = Flag(
    "older_than_sender_rule", "the account is older than the sender rule allows", "the account is not older than the sender rule allows"
)
_SENDER = Flag(
    "sender_on_account",
    "the request came from an address of the account",
    "the request came from an address that is not of the account",
    changed_by=("partner", "account holder"),
)
_FROM_PARTNER = Flag("from_partner", "the account is with another partner", "the account is with no other partner")
_SAME_PARTNER = Flag("same_partner", "the account is with this partner already", "the account is not with this partner")


_NOT_MOVED = ("MOVE-NO-CONSENT", "MOVE-SENDER", "MOVE-SAME-PARTNER", "MOVE-PARTNER-INACTIVE")


@final
@attrs.frozen(kw_only=True)
class MoveInFacts:
    """What `MOVE_IN` asks; a transfer from one partner to another is judged by the same rule."""

    written_request: bool
    consent: bool
    older_than_sender_rule: bool
    sender_on_account: bool
    from_partner: bool
    same_partner: bool
    partner_active: bool


MOVE_IN: Policy[MoveInFacts, Permission] = Policy(
    "move in",
    "May this existing account be moved under the partnership?",
    MoveInFacts,
    Permission,
    (
        Clause(
            "MOVE-REQUESTED",
            MAY,
            _WRITTEN.yes & _FROM_PARTNER.no,
            unless=_NOT_MOVED,
            cite=elsewhere("article 000044017, 2025 (K-19, K-20)", "an existing account can be moved in on a formal written request"),
        ),
        Clause(
            "MOVE-TRANSFER",
            MAY,
            _WRITTEN.yes & _FROM_PARTNER.yes,
            unless=_NOT_MOVED,
            cite=house("article 000044017 is silent on another partner's account; its rule for a move is asked here too"),
        ),
        Clause(
            "MOVE-NO-REQUEST",
            MAY_NOT,
            _WRITTEN.no,
            cite=elsewhere("article 000044017, 2025 (K-20)", "the move needs a formal written request by the partner or the customer"),
        ),
        Clause(
            "MOVE-NO-CONSENT",
            MAY_NOT,
            _CONSENT.no,
            cite=elsewhere("article 000044017, 2025 (K-23)", "the customer's explicit acknowledgement is always required"),
        ),
        Clause(
            "MOVE-SENDER",
            MAY_NOT,
            _OLD.yes & _SENDER.no,
            cite=elsewhere(
                "article 000044017, 2025 (K-22)",
                "for older accounts (management.move_in_sender_days) the request comes from an address with a role or verified there",
            ),
        ),
        Clause("MOVE-SAME-PARTNER", MAY_NOT, _SAME_PARTNER.yes, cite=house("the account is under this partnership already")),
        Clause(
            "MOVE-PARTNER-INACTIVE",
            MAY_NOT,
            _PARTNER_ACTIVE.no,
            cite=house("the article is silent; only an active partnership takes on new clients"),
        ),
    ),
    laws=(Law(id="ONE-PARTNER", sentence="no account is with two partners at once", holds=~_FROM_PARTNER.yes | _SAME_PARTNER.no),),
)

_INVOICED = Flag(
    "invoiced_since_resume",
    "a full bill has come since the last suspension ended",
    "no full bill has come since the last suspension ended",
    changed_by=("vendor",),
)


@final
@attrs.frozen(kw_only=True)
class SuspensionFacts:
    """What `SUSPENSION` asks."""

    status: AccountStatus
    billing_mode: BillingMode
    invoiced_since_resume: bool


SUSPENSION: Policy[SuspensionFacts, Permission] = Policy(
    "suspension",
    "May this account be suspended?",
    SuspensionFacts,
    Permission,
    (
        Clause(
            "SUSPEND-OPEN",
            MAY,
            STATUS.is_(AccountStatus.OPEN),
            unless=("SUSPEND-SINGLE-BILL", "SUSPEND-TOO-SOON"),
            cite=elsewhere("article 000041606, Oct 9 2025 (K-44, K-51)", "a client's account can be suspended, which preserves it"),
        ),
        Clause(
            "SUSPEND-SINGLE-BILL",
            MAY_NOT,
            _ON_SINGLE_BILL,
            cite=elsewhere(
                "article 000041606, Oct 9 2025 (K-47)", "an account on Single Bill is first taken off it and given a card of its own"
            ),
        ),
        Clause(
            "SUSPEND-TOO-SOON",
            MAY_NOT,
            _INVOICED.no,
            cite=elsewhere("article 000005772, Nov 4 2024 (B-21)", "an account is not suspended again before one full bill has come"),
        ),
        Clause("SUSPEND-NOT-OPEN", MAY_NOT, ~STATUS.is_(AccountStatus.OPEN), cite=house("only an open account can be suspended")),
    ),
    laws=_laws_of(SuspensionFacts),
)

_CHANGE = Choice("change", StatusChange, "the step is to {}", changed_by=("account holder", "partner", "vendor"))


@final
@attrs.frozen(kw_only=True)
class StatusChangeFacts:
    """What `STATUS_CHANGE` asks."""

    status: AccountStatus
    change: StatusChange
    billing_mode: BillingMode


_STATUS_STEPS = (
    Clause(
        "STATUS-CONVERT",
        MAY,
        _CHANGE.is_(StatusChange.CONVERT) & STATUS.in_(AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED),
        cite=elsewhere("article 000015393, Mar 27 2025 (L-03, L-05)", "a plan is chosen during a trial or after it"),
    ),
    Clause(
        "STATUS-EXPIRE",
        MAY,
        _CHANGE.is_(StatusChange.EXPIRE_TRIAL) & STATUS.is_(AccountStatus.TRIAL),
        cite=elsewhere("article 000045180, Oct 13 2025 (K-38)", "a trial that ran out is shown as expired"),
    ),
    Clause(
        "STATUS-RESUME",
        MAY,
        _CHANGE.is_(StatusChange.RESUME) & STATUS.is_(AccountStatus.SUSPENDED),
        cite=elsewhere("article 000041606, Oct 9 2025 (K-50)", "a suspended account can be taken up again"),
    ),
    Clause(
        "STATUS-HOLD-BALANCE",
        MAY,
        _CHANGE.is_(StatusChange.HOLD_FOR_BALANCE)
        & ~_ON_SINGLE_BILL
        & STATUS.in_(AccountStatus.OPEN, AccountStatus.SUSPENDED, AccountStatus.PENDING_CANCELLATION),
        cite=elsewhere("article 000005775, 2026 (B-15)", "an account whose payment fails is put on hold"),
    ),
    Clause(
        "STATUS-HOLD-COMPLIANCE",
        MAY,
        _CHANGE.is_(StatusChange.HOLD_FOR_COMPLIANCE) & ~STATUS.in_(AccountStatus.CANCELED, AccountStatus.COMPLIANCE_HOLD),
        cite=elsewhere("article 000045180, Oct 13 2025 (K-38)", "an account can be disabled for compliance"),
    ),
    Clause(
        "STATUS-RELEASE",
        MAY,
        _CHANGE.is_(StatusChange.RESUME) & STATUS.is_(AccountStatus.BALANCE_DUE),
        cite=elsewhere("article 000005775, 2026 (B-15)", "a hold for an unpaid balance lasts until payment is arranged"),
    ),
    Clause(
        "STATUS-CLEAR",
        MAY,
        _CHANGE.is_(StatusChange.RESUME) & STATUS.is_(AccountStatus.COMPLIANCE_HOLD),
        cite=house("no page says how a hold for compliance ends; we let it end"),
    ),
    Clause(
        "STATUS-SCHEDULE",
        MAY,
        _CHANGE.is_(StatusChange.SCHEDULE_CANCELLATION) & STATUS.in_(AccountStatus.TRIAL, AccountStatus.OPEN),
        cite=elsewhere(
            "vendor API description 3.0.178, harvested Aug 13 2026, AccountCancellation (L-14)",
            "a cancellation can take effect on a later day",
        ),
    ),
    Clause(
        "STATUS-CANCEL",
        MAY,
        _CHANGE.is_(StatusChange.CANCEL) & ~STATUS.is_(AccountStatus.CANCELED),
        cite=elsewhere("article 000045846, Dec 18 2025 (K-37)", "a client's account can be canceled"),
    ),
    Clause(
        "STATUS-REACTIVATE",
        MAY,
        _CHANGE.is_(StatusChange.REACTIVATE) & STATUS.is_(AccountStatus.CANCELED),
        cite=elsewhere(
            "vendor API description 3.0.178, harvested Aug 13 2026, plan change (L-16)",
            "a canceled account opens again when a plan is chosen",
        ),
    ),
)

STATUS_CHANGE: Policy[StatusChangeFacts, Permission] = Policy(
    "status change",
    "Can this account take this step?",
    StatusChangeFacts,
    Permission,
    (
        *_STATUS_STEPS,
        Clause(
            "STATUS-NO-WAY",
            MAY_NOT,
            ALWAYS,
            unless=tuple(clause.id for clause in _STATUS_STEPS),
            cite=house("no official page knows this step from this status"),
        ),
    ),
    laws=_laws_of(StatusChangeFacts),
)

_UNPAID_TOO_LONG = Flag(
    "unpaid_too_long",
    "the payment has been missing for as many days as the terms allow",
    "the payment has not been missing for as many days as the terms allow",
    changed_by=("account holder",),
)


@final
@attrs.frozen(kw_only=True)
class CancellationFacts:
    """What `AUTOMATIC_CANCELLATION` asks."""

    status: AccountStatus
    billing_mode: BillingMode
    unpaid_too_long: bool = False


AUTOMATIC_CANCELLATION: Policy[CancellationFacts, Permission] = Policy(
    "automatic cancellation",
    "May the vendor cancel this account of its own accord because it is not paid for?",
    CancellationFacts,
    Permission,
    (
        Clause(
            "CANCEL-UNPAID",
            MAY,
            STATUS.is_(AccountStatus.BALANCE_DUE) & _UNPAID_TOO_LONG.yes,
            unless=("CANCEL-SINGLE-BILL",),
            cite=elsewhere(
                "article 000005775, 2026 (B-15)",
                "an account on hold is canceled after billing.nonpayment_cancel_days",
            ),
        ),
        Clause(
            "CANCEL-TOO-EARLY",
            MAY_NOT,
            STATUS.is_(AccountStatus.BALANCE_DUE) & _UNPAID_TOO_LONG.no,
            cite=elsewhere(
                "article 000005775, 2026 (B-15)",
                "until billing.nonpayment_cancel_days have passed the account is only on hold",
            ),
        ),
        Clause(
            "CANCEL-SINGLE-BILL",
            MAY_NOT,
            _ON_SINGLE_BILL,
            cite=elsewhere(
                "article 000044215, Aug 8 2025 (K-06)",
                "no account on Single Bill is canceled automatically when its balance is past due",
            ),
        ),
        Clause(
            "CANCEL-NOTHING-DUE",
            MAY_NOT,
            ~STATUS.is_(AccountStatus.BALANCE_DUE),
            cite=house("no page knows another automatic cancellation than that of an account on hold for its balance"),
        ),
    ),
    laws=_laws_of(CancellationFacts),
)


@final
class Channel(Named):
    """Where a partner promotes its invite link or a co-branded URL (S-23, S-24).

    >>> Channel("website")
    Channel.WEBSITE
    """

    WEBSITE = "website"
    SOCIAL_MEDIA = "social_media"
    EMAIL_SIGNATURE = "email_signature"
    PRINT = "print"
    PRESENTATION_DECK = "presentation_deck"
    PAID_SEARCH = "paid_search"
    EMAIL_CAMPAIGN = "email_campaign"
    COUPON_SITE = "coupon_site"
    OTHER = "other"


@final
class Promotion(Named):
    """What the article says of a channel: it encourages five and says nothing of the rest.

    >>> promotion(Channel.PAID_SEARCH).outcome
    Promotion.NOT_SPECIFIED
    """

    ENCOURAGED = "encouraged"
    NOT_SPECIFIED = "not_specified"


_CHANNEL = Choice("channel", Channel, "the channel is {}", changed_by=("partner",))
_SEMINAR = Flag(
    "training_seminar",
    "the partner conducts a training seminar",
    "the partner does not conduct a training seminar",
    changed_by=("partner",),
)
_LISTED = _CHANNEL.in_(Channel.WEBSITE, Channel.SOCIAL_MEDIA, Channel.EMAIL_SIGNATURE, Channel.PRINT)
_DECK = _CHANNEL.is_(Channel.PRESENTATION_DECK)


@final
@attrs.frozen(kw_only=True)
class PromotionFacts:
    """What `PROMOTION` asks."""

    channel: Channel
    training_seminar: bool = False


PROMOTION: Policy[PromotionFacts, Promotion] = Policy(
    "promotion",
    "What does the article say of promoting a link in this channel?",
    PromotionFacts,
    Promotion,
    (
        Clause(
            "PROMOTE-LISTED",
            Promotion.ENCOURAGED,
            _LISTED,
            cite=stated(
                "S-23",
                "Promote your partner invite link or co-branded URLs on your website, social media accounts, email signature, "
                "printed marketing materials",
            ),
        ),
        Clause(
            "PROMOTE-DECK",
            Promotion.ENCOURAGED,
            _DECK & _SEMINAR.yes,
            cite=stated("S-24", "in any presentation decks if conducting training seminars"),
        ),
        Clause(
            "PROMOTE-DECK-ALONE",
            Promotion.NOT_SPECIFIED,
            _DECK & _SEMINAR.no,
            cite=implied("S-24", "if conducting training seminars", "of decks that go with no seminar nothing is said"),
        ),
        Clause(
            "PROMOTE-UNNAMED",
            Promotion.NOT_SPECIFIED,
            ~_LISTED & ~_DECK,
            cite=house("the article names five channels and neither allows nor forbids any other; the partner's agreement may"),
        ),
    ),
)


@final
class Setup(Named):
    """A way to set clients up that the article suggests.

    >>> Setup("managed")
    Setup.MANAGED
    """

    MANAGED = "managed"
    REFERRED = "referred"
    MULTI_ACCOUNT_SOLUTION = "multi_account_solution"
    MIX = "mix"


_ALL_WORK = Flag(
    "handles_all_work",
    "the partner handles all work with the vendor's product",
    "the partner does not handle all work with the vendor's product",
    changed_by=("partner",),
)
_ALL_MARKETING = Flag(
    "conducts_all_marketing",
    "the partner conducts all marketing activities",
    "the partner does not conduct all marketing activities",
    changed_by=("partner",),
)
_ONE_ORGANIZATION = Flag(
    "one_organization", "one organization needs several accounts", "no organization needs several accounts", changed_by=("account holder",)
)
_CLIENTS_DIFFER = Flag("clients_differ", "the clients need different things", "the clients need the same", changed_by=("account holder",))


@final
@attrs.frozen(kw_only=True)
class Need:
    """What a partner plans for a client, or for several: what `SETUP` asks.

    >>> SETUP.decide(Need(one_organization=True)).outcome
    (Setup.REFERRED, Setup.MULTI_ACCOUNT_SOLUTION)
    """

    handles_all_work: bool = False
    conducts_all_marketing: bool = False
    one_organization: bool = False
    clients_differ: bool = False


SETUP: Policy[Need, tuple[Setup, ...]] = Policy(
    "setup",
    "How does the article suggest to set this up?",
    Need,
    Setup,
    (
        Clause(
            "SETUP-MANAGED",
            Setup.MANAGED,
            _ALL_WORK.yes | _ALL_MARKETING.yes,
            cite=stated(
                "S-25",
                "handle all Constant Contact-related work or conducting all marketing activities for your client? "
                'Set up your client as "Managed"',
            ),
        ),
        Clause(
            "SETUP-REFERRED",
            Setup.REFERRED,
            _ALL_WORK.no & _ALL_MARKETING.no,
            cite=implied(
                "S-08",
                "have Constant Contact's coaches close the sale and retain the customer",
                "whoever plans to do neither has it done by the vendor",
            ),
        ),
        Clause(
            "SETUP-MULTI-ACCOUNT",
            Setup.MULTI_ACCOUNT_SOLUTION,
            _ONE_ORGANIZATION.yes,
            cite=stated("S-06", "designed for organizations seeking unique accounts for their various locations, departments, or users"),
        ),
        Clause(
            "SETUP-MIX",
            Setup.MIX,
            _CLIENTS_DIFFER.yes,
            cite=implied(
                "S-38",
                "You can set clients up as a mix of managed and referred",
                "clients that differ need not be set up alike",
            ),
        ),
    ),
    collects=True,
)


@final
class PlanOffer(Named):
    """Whether a customer that moves in is asked to choose among the new plans.

    >>> PlanOffer("choice")
    PlanOffer.CHOICE
    """

    CHOICE = "choice"
    NO_CHOICE = "no_choice"


_BEFORE_CUTOVER = Flag("before_cutover", "the account was created before the new plans", "the account was not created before the new plans")


@final
@attrs.frozen(kw_only=True)
class PlanOfferFacts:
    """What `PLAN_OFFER` asks."""

    before_cutover: bool


PLAN_OFFER: Policy[PlanOfferFacts, PlanOffer] = Policy(
    "plan offer",
    "Does the customer choose a plan when the account moves in?",
    PlanOfferFacts,
    PlanOffer,
    (
        Clause(
            "OFFER-OLD-ACCOUNT",
            PlanOffer.CHOICE,
            _BEFORE_CUTOVER.yes,
            cite=elsewhere(
                "article 000044017, 2025 (K-24)",
                "the customer of an account from before management.new_plan_cutover is offered the new plans",
            ),
        ),
        Clause(
            "OFFER-NEW-ACCOUNT",
            PlanOffer.NO_CHOICE,
            _BEFORE_CUTOVER.no,
            cite=house("article 000044017 speaks of older accounts alone; one created later is on the new plans already"),
        ),
    ),
)


@final
class PartnerRole(Named):
    """What part a partner has in an account: it manages it, it is credited with it, or neither.

    >>> PartnerRole("manager")
    PartnerRole.MANAGER
    """

    MANAGER = "manager"
    REFERRER = "referrer"
    STRANGER = "stranger"


_ROLE = Choice("role", PartnerRole, "the partner's part in the account is that of a {}", changed_by=("partner", "account holder"))


@final
@attrs.frozen(kw_only=True)
class PartnerContactFacts:
    """What `PARTNER_CONTACT` asks."""

    role: PartnerRole


PARTNER_CONTACT: Policy[PartnerContactFacts, Permission] = Policy(
    "partner contact",
    "May the partner contact the account holder?",
    PartnerContactFacts,
    Permission,
    (
        Clause(
            "REACH-MANAGER",
            MAY,
            _ROLE.is_(PartnerRole.MANAGER),
            cite=implied("S-30a", "provide ongoing 1:1 support and coaching", "what is expected of a partner it may do"),
        ),
        Clause(
            "REACH-REFERRER",
            MAY,
            _ROLE.is_(PartnerRole.REFERRER),
            cite=house("the article is silent; nothing keeps a partner from a client it referred"),
        ),
        Clause(
            "REACH-STRANGER",
            MAY_NOT,
            _ROLE.is_(PartnerRole.STRANGER),
            cite=house("the article is silent; the program gives a partner no part in an account it neither manages nor referred"),
        ),
    ),
)


@final
@attrs.frozen(kw_only=True)
class InformingFacts:
    """What `INFORMING` asks."""

    owner: Owner
    in_program: bool = True


INFORMING: Policy[InformingFacts, Owner] = Policy(
    "informing",
    "Who informs the account holder of changes to the product?",
    InformingFacts,
    Owner,
    (
        Clause(
            "INFORM-BY-PARTNER",
            Owner.PARTNER,
            _PARTNER_OWNS,
            cite=stated("S-30b", "Inform the customer of any changes to product features and other relevant updates."),
        ),
        Clause(
            "INFORM-BY-VENDOR",
            Owner.VENDOR,
            _VENDOR_OWNS & _IN_PROGRAM.yes,
            cite=implied(
                "S-08", "close the sale and retain the customer", "who retains a customer tells it of changes; no partner is expected to"
            ),
        ),
        Clause("INFORM-OUTSIDE", Owner.VENDOR, _IN_PROGRAM.no, cite=house("no partner has a part in an account outside the program")),
    ),
    laws=_OUTSIDE_IS_VENDORS,
)


@final
class Controller(Named):
    """Who has the last word on an account's users and data; owning the relationship is something else.

    >>> Controller("account_owner")
    Controller.ACCOUNT_OWNER
    """

    ACCOUNT_OWNER = "account_owner"
    PARTNER = "partner"


@final
@attrs.frozen(kw_only=True)
class ControlFacts:
    """What `ACCOUNT_CONTROL` asks."""

    management: Management | None


ACCOUNT_CONTROL: Policy[ControlFacts, Controller] = Policy(
    "account control",
    "Who keeps control of the account's users and data?",
    ControlFacts,
    Controller,
    (
        Clause(
            "CONTROL-MANAGED",
            Controller.ACCOUNT_OWNER,
            _MANAGED,
            cite=house(
                "the account owner keeps full control of the user that the agency makes for itself (article 000041605, K-27); we read it "
                "that the rest stays the owner's too, though the partner gets full access (K-15) and can update who owns it (K-35)"
            ),
        ),
        Clause(
            "CONTROL-OTHER",
            Controller.ACCOUNT_OWNER,
            ~_MANAGED,
            cite=house("no page gives anybody but the account owner a part in an account that is not managed"),
        ),
    ),
)


@final
class PaymentMethod(Named):
    """Whether the client has to add a payment method of its own.

    >>> PaymentMethod("needed")
    PaymentMethod.NEEDED
    """

    NEEDED = "needed"
    NOT_NEEDED = "not_needed"


_HAS_METHOD = Flag(
    "has_payment_method",
    "the account has a payment method of its own",
    "the account has no payment method of its own",
    changed_by=("account holder",),
)
_NOTHING_BILLED = STATUS.in_(AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED, AccountStatus.CANCELED)


@final
@attrs.frozen(kw_only=True)
class PaymentMethodFacts:
    """What `PAYMENT_METHOD` asks."""

    status: AccountStatus
    billing_mode: BillingMode
    has_payment_method: bool


PAYMENT_METHOD: Policy[PaymentMethodFacts, PaymentMethod] = Policy(
    "payment method",
    "Does the client have to add a payment method?",
    PaymentMethodFacts,
    PaymentMethod,
    (
        Clause(
            "CARD-DIRECT",
            PaymentMethod.NEEDED,
            ~_ON_SINGLE_BILL & _HAS_METHOD.no & ~_NOTHING_BILLED,
            cite=elsewhere("article 000005775, 2026 (B-16)", "an account that is billed directly always needs a valid payment method"),
        ),
        Clause(
            "CARD-GIVEN",
            PaymentMethod.NOT_NEEDED,
            _HAS_METHOD.yes,
            cite=house("what the account has already need not be added"),
        ),
        Clause(
            "CARD-NOTHING-BILLED",
            PaymentMethod.NOT_NEEDED,
            _NOTHING_BILLED,
            cite=house("nothing is billed during a trial, after one or after a cancellation"),
        ),
        Clause(
            "CARD-SINGLE-BILL",
            PaymentMethod.NOT_NEEDED,
            _ON_SINGLE_BILL,
            cite=implied("S-32", "Pay for your clients' accounts", "what the partner pays for, the client need not"),
        ),
    ),
    laws=_laws_of(PaymentMethodFacts),
)


@final
class Asker(Named):
    """Who wants to change the plan of an account.

    >>> Asker("client")
    Asker.CLIENT
    """

    CLIENT = "client"
    MANAGING_PARTNER = "managing_partner"
    OTHER_PARTNER = "partner_that_does_not_manage_it"


_ASKER = Choice("asker", Asker, "the change is asked for by the {}", changed_by=("partner", "account holder"))
_CLIENT_AGREED = Flag(
    "client_agreed",
    "the terms let the client change the plan of an account on Single Bill",
    "the terms do not let the client change the plan of an account on Single Bill",
    changed_by=_BY_CONTRACT,
)
_CLIENT_ASKS = _ASKER.is_(Asker.CLIENT)
_MANAGER_ASKS = _ASKER.is_(Asker.MANAGING_PARTNER)


@final
@attrs.frozen(kw_only=True)
class PlanChangeFacts:
    """What `PLAN_CHANGE` asks."""

    asker: Asker
    management: Management | None
    billing_mode: BillingMode
    client_agreed: bool = False


PLAN_CHANGE: Policy[PlanChangeFacts, Permission] = Policy(
    "plan change",
    "May the plan of this account be changed by whoever asks for it?",
    PlanChangeFacts,
    Permission,
    (
        Clause(
            "PLAN-MANAGER-DIRECT",
            MAY,
            _MANAGER_ASKS & ~_ON_SINGLE_BILL,
            cite=elsewhere("article 000045846, Dec 18 2025 (K-35)", "the partner can change the plan of an account its end user pays for"),
        ),
        Clause(
            "PLAN-MANAGER-SINGLE-BILL",
            MAY,
            _MANAGER_ASKS & _ON_SINGLE_BILL,
            cite=house(
                "article 000045846 names a change of plan only for accounts that their end user pays for (K-35), and article 000044323 "
                "only add-ons for those on Single Bill (K-34); we read it that whoever pays may change the plan too"
            ),
        ),
        Clause(
            "PLAN-CLIENT-DIRECT",
            MAY,
            _CLIENT_ASKS & ~_MANAGED,
            cite=elsewhere("article 000005946, Feb 18 2025 (B-24)", "an account is moved to a higher or a lower plan by self-service"),
        ),
        Clause(
            "PLAN-CLIENT-MANAGED",
            MAY,
            _CLIENT_ASKS & _MANAGED & ~_ON_SINGLE_BILL,
            cite=house("what the client of a managed account may do is not said; whoever pays may change the plan"),
        ),
        Clause(
            "PLAN-CLIENT-SINGLE-BILL",
            MAY,
            _CLIENT_ASKS & _ON_SINGLE_BILL & _CLIENT_AGREED.yes,
            cite=by_term("single_bill.client_may_change_plan", "whether a client may change what its partner pays for is not said"),
        ),
        Clause(
            "PLAN-CLIENT-MAY-NOT",
            MAY_NOT,
            _CLIENT_ASKS & _ON_SINGLE_BILL & _CLIENT_AGREED.no,
            cite=by_term("single_bill.client_may_change_plan", "whether a client may change what its partner pays for is not said"),
        ),
        Clause(
            "PLAN-OTHER-PARTNER",
            MAY_NOT,
            _ASKER.is_(Asker.OTHER_PARTNER),
            cite=house("a partner sells to clients it refers by its link (article 000044323, K-32); we read it that it changes no plan"),
        ),
    ),
    laws=(
        Law(id="MANAGER-MANAGES", sentence="only a managed account has a managing partner", holds=~_MANAGER_ASKS | _MANAGED),
        *_laws_of(PlanChangeFacts),
    ),
)

_PREPAID_AGREED = Flag(
    "on_prepaid_agreed",
    "the terms give the upfront discount on prepaid charges too",
    "the terms do not give the upfront discount on prepaid charges",
    changed_by=_BY_CONTRACT,
)


@final
@attrs.frozen(kw_only=True)
class PrepaidFacts:
    """What `PREPAID_DISCOUNT` asks."""

    billing_mode: BillingMode
    on_prepaid_agreed: bool = False


PREPAID_DISCOUNT: Policy[PrepaidFacts, Permission] = Policy(
    "prepaid discount",
    "May a charge with a discount for prepayment get the upfront discount too?",
    PrepaidFacts,
    Permission,
    (
        Clause(
            "PREPAID-AGREED",
            MAY,
            _ON_SINGLE_BILL & _PREPAID_AGREED.yes,
            cite=by_term("single_bill.on_prepaid", "whether both discounts come together is not said"),
        ),
        Clause(
            "PREPAID-NOT-AGREED",
            MAY_NOT,
            _ON_SINGLE_BILL & _PREPAID_AGREED.no,
            cite=by_term("single_bill.on_prepaid", "whether both discounts come together is not said"),
        ),
        Clause(
            "PREPAID-DIRECT",
            MAY_NOT,
            ~_ON_SINGLE_BILL,
            cite=implied(
                "S-34", "in place of the normal revenue share percentage", "off Single Bill there is the share and no upfront discount"
            ),
        ),
    ),
)

POLICIES: tuple[Policy[Any, Any], ...] = (
    OWNERSHIP,
    CONTACT,
    DUTIES,
    REWARD,
    SINGLE_BILL_ENROLLMENT,
    SINGLE_BILL_LEAVING,
    CREDITING,
    MANAGEMENT_REQUEST,
    MANAGEMENT_APPROVAL,
    REQUEST_WITHDRAWAL,
    MANAGEMENT_END,
    PROGRAM_LEAVING,
    MOVE_IN,
    SUSPENSION,
    STATUS_CHANGE,
    AUTOMATIC_CANCELLATION,
    PROMOTION,
    SETUP,
    PLAN_OFFER,
    PARTNER_CONTACT,
    INFORMING,
    ACCOUNT_CONTROL,
    PAYMENT_METHOD,
    PLAN_CHANGE,
    PREPAID_DISCOUNT,
)
"""Every policy of the program, in its present edition."""

EDITIONS: Mapping[str, Editions] = MappingProxyType(
    {policy.id: Editions((Edition(policy=policy, starts_on=date.min),)) for policy in POLICIES}
)
"""The editions of every policy by its id; the first edition also speaks for the time before it."""

_Facts = TypeVar("_Facts")
_Outcome = TypeVar("_Outcome")
_Names = ParamSpec("_Names")


def _ask(policy: Policy[_Facts, _Outcome], facts: _Facts, day: date) -> Ruling[_Outcome]:
    ruling: Ruling[_Outcome] = EDITIONS[policy.id].on(day).decide(facts)
    return ruling


def _asking(
    policy: Policy[_Facts, _Outcome],
    facts: Callable[_Names, _Facts],  # noqa: ARG001  (tells the type checker which names there are)
    day: date,
) -> Callable[_Names, Ruling[_Outcome]]:
    """Give the function to ask with the facts by name, where making an object of them would cost more than deciding."""
    ask: Callable[_Names, Ruling[_Outcome]] = EDITIONS[policy.id].on(day).ask
    return ask


def grounds(ruling: Ruling[Any]) -> tuple[str, ...]:
    """Give what each deciding clause of a ruling on these policies rests on: the words quoted, else the reason.

    >>> grounds(SINGLE_BILL_LEAVING.decide(LeavingFacts(billing_mode=BillingMode.DIRECT)))
    ('only an account on Single Bill can leave it',)
    """
    policies = (edition.policy for edition in EDITIONS.get(ruling.policy, ()) if edition.policy.fingerprint == ruling.edition)
    cites = [policy.clause(clause_id).cite for policy in policies for clause_id in ruling.because]
    return tuple(f'"{cite.quote}" {cite.sentence}' if cite.basis is Basis.STATED else cite.reason for cite in cites)


def owner_of(standing: Standing) -> Ruling[Owner]:
    """Rule who owns the client relationship (S-08, S-29).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> owner_of(Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED)).outcome
    Owner.VENDOR
    """
    return _asking(OWNERSHIP, OwnershipFacts, standing.day)(management=standing.management)


# Bound here, because to read a member from its enum takes longer than to compare with it.
_PARTNER = Owner.PARTNER
_LEGAL_OBLIGATION, _MARKETING, _REPLY = Purpose.LEGAL_OBLIGATION, Purpose.MARKETING, Purpose.REPLY
_BILLING_NOTICE, _SECURITY_NOTICE = Purpose.BILLING_NOTICE, Purpose.SECURITY_NOTICE


def may_contact(  # noqa: PLR0913  (what only the caller knows of the contact, one keyword each)
    standing: Standing, purpose: Purpose, *, terms: Terms, legal_basis: str = "", opted_out: bool = False, partner_asked: bool = False
) -> Ruling[Permission]:
    """Rule whether the vendor may contact the account holder for a purpose (S-28, S-12, S-08).

    A contact for a legal obligation needs the text of the law it rests on in `legal_basis`: it is never inferred, and without
    it `InvalidValue` is raised. A term that decides and is not stated raises `TermMissing`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.MANAGED, managed_by=partner)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> ruling = may_contact(standing, Purpose.SALES, terms=terms)
    >>> ruling.allowed, ruling.because
    (False, ('CONTACT-MANAGED',))
    >>> may_contact(standing, Purpose.REPLY, terms=terms)
    Traceback (most recent call last):
        ...
    partnerkit.errors.TermMissing: the term contact.reply is needed and not given: ...
    """
    if type(purpose) is not Purpose or type(opted_out) is not bool or type(partner_asked) is not bool:
        _check_contact(purpose, opted_out, partner_asked)
    if purpose is _LEGAL_OBLIGATION and not (isinstance(legal_basis, str) and legal_basis.strip()):
        raise InvalidValue("a contact for a legal obligation needs its legal basis: give legal_basis the law that obliges the vendor")
    owner = owner_of(standing).outcome
    partner_owns = owner is _PARTNER
    contact = terms.contact
    asking_matters = purpose is not _LEGAL_OBLIGATION and not (purpose is _MARKETING and opted_out)
    return _asking(CONTACT, ContactFacts, standing.day)(
        owner=owner,
        purpose=purpose,
        in_program=standing.management is not None,
        opted_out=opted_out,
        partner_asked=partner_asked,
        reply_agreed=partner_owns and purpose is _REPLY and contact.reply,
        billing_notice_agreed=partner_owns and purpose is _BILLING_NOTICE and contact.billing_notice,
        security_notice_agreed=partner_owns and purpose is _SECURITY_NOTICE and contact.security_notice,
        partner_asked_agreed=partner_owns and partner_asked and asking_matters and contact.partner_asked,
    )


def duties_of(standing: Standing) -> Ruling[tuple[Duty, ...]]:
    """Rule what is expected of the partner for this account (S-30a to S-30c).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED)
    >>> duties_of(standing).outcome, duties_of(standing).because
    ((), ('DUTY-NONE',))
    """
    return _ask(DUTIES, DutiesFacts(owner=owner_of(standing).outcome, in_program=standing.management is not None), standing.day)


def reward_for(standing: Standing, *, terms: Terms) -> Ruling[RewardKind]:
    """Rule what the partner gets for this account: the share, the discount in its place, or nothing (S-04, S-34).

    After the end of the credited partnership share.after_partnership_ends decides, and `TermMissing` says so where it is not
    stated; a moved-in account that is not managed needs the window of the bonus (see `within_bonus_window`), and a standing
    that does not say whether it is within that window raises `InvalidValue`.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED, credited_to=partner)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> ruling = reward_for(standing, terms=terms)
    >>> ruling.outcome, ruling.because
    (RewardKind.REVENUE_SHARE, ('REWARD-SHARE',))
    """
    return _ask(REWARD, reward_facts(standing, terms=terms), standing.day)


def reward_facts(standing: Standing, *, terms: Terms) -> RewardFacts:
    """Give what `REWARD` asks of a standing under some terms; raises what `reward_for` raises.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> reward_facts(Standing(account=account, day=date(2025, 8, 8)), terms=terms).credited
    False
    """
    credited = standing.credited_to
    ended = credited is not None and credited.status_on(standing.day) in PARTNERSHIP_OVER
    return RewardFacts(
        credited=credited is not None,
        management=standing.management,
        billing_mode=standing.billing_mode,
        origin=standing.origin,
        within_bonus_window=_needs_bonus_window(standing) and within_bonus_window(standing, terms=terms),
        partnership_ended=ended,
        earns_after_end=ended and terms.share.after_partnership_ends,
    )


def may_join_single_bill(standing: Standing, *, partner: Partner, terms: Terms) -> Ruling[Permission]:
    """Rule whether a partner may put the account on its Single Bill (S-33, S-35).

    For an account with a balance due single_bill.join_with_balance_due decides, and `TermMissing` says so where it is not stated.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside", bill_day=5)
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> ruling = may_join_single_bill(standing, partner=partner, terms=terms)
    >>> ruling.allowed, ruling.because
    (False, ('JOIN-MANAGED-ONLY', 'JOIN-OTHERS-CLIENT'))
    """
    facts = EnrollmentFacts(
        management=standing.management,
        by_manager=_manages(partner, standing),
        partner_has_single_bill=partner.single_bill_on(standing.day) is not None,
        partner_active=_is_active(partner, standing.day),
        billing_mode=standing.billing_mode,
        status=standing.status,
        balance_due_agreed=standing.status is AccountStatus.BALANCE_DUE and terms.single_bill.join_with_balance_due,
    )
    return _ask(SINGLE_BILL_ENROLLMENT, facts, standing.day)


def may_leave_single_bill(standing: Standing) -> Ruling[Permission]:
    """Rule whether the account may be taken off its Single Bill (S-33).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> ruling = may_leave_single_bill(Standing(account=account, day=date(2025, 8, 8)))
    >>> ruling.allowed, ruling.because
    (False, ('LEAVE-NOT-ON',))
    """
    return _ask(SINGLE_BILL_LEAVING, LeavingFacts(billing_mode=standing.billing_mode), standing.day)


def visit_counts(facts: CreditingFacts, day: date) -> Ruling[Counting]:
    """Rule whether a visit counts for the credit of an opening on a day (S-13, S-20).

    Facts that cannot be raise `InvalidValue`.

    >>> ruling = visit_counts(CreditingFacts(name=NameReading.KNOWN, timing=Timing.EXPIRED), date(2025, 8, 8))
    >>> ruling.outcome, ruling.because
    (Counting.IGNORED, ('CREDIT-EXPIRED',))
    """
    return _ask(CREDITING, facts, day)


def may_request_management(standing: Standing, *, partner: Partner) -> Ruling[Permission]:
    """Rule whether the partner may ask to manage the account (44325).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED, credited_to=partner)
    >>> ruling = may_request_management(standing, partner=partner)
    >>> ruling.allowed, ruling.because
    (True, ('REQUEST-REFERRED',))
    """
    facts = RequestFacts(
        management=standing.management,
        by_credited=_is_credited(partner, standing),
        request_pending=standing.request_pending,
        partner_active=_is_active(partner, standing.day),
    )
    return _ask(MANAGEMENT_REQUEST, facts, standing.day)


def may_approve_management(  # noqa: PLR0913  (what only the caller knows of the answer, one keyword each)
    standing: Standing, *, partner: Partner | None, consent: bool, days_pending: int, terms: Terms, by_account_owner: bool = True
) -> Ruling[Permission]:
    """Rule whether the account becomes managed: a request is pending and the account holder consents (44325, 41605).

    `partner` is the one that asked, None where nobody did. `by_account_owner` is False where another user of the account
    answered. `days_pending` counts civil days since the day of the request;
    with a term of 30, the request can still be granted when it is 30 days old, and has lapsed at 31. While a request is pending,
    management.request_expires_days decides, and `TermMissing` says so where it is not stated.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> from partnerkit.terms import ManagementTerms
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED, request_pending=True)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", management=ManagementTerms(request_expires_days=30))
    >>> ruling = may_approve_management(standing, partner=partner, consent=True, days_pending=31, terms=terms)
    >>> ruling.allowed, ruling.because
    (False, ('APPROVE-LAPSED',))
    """
    _check_days("days_pending", days_pending, "since the day of the request")
    expires = terms.management.request_expires_days if standing.request_pending else NOT_AGREED
    facts = ApprovalFacts(
        request_pending=standing.request_pending,
        consent=consent,
        request_lapsed=expires is not NOT_AGREED and days_pending > expires,
        partner_active=partner is None or _is_active(partner, standing.day),
        by_account_owner=by_account_owner,
    )
    return _ask(MANAGEMENT_APPROVAL, facts, standing.day)


def may_withdraw_request(standing: Standing) -> Ruling[Permission]:
    """Rule whether a request to manage the account may be withdrawn (44325).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> ruling = may_withdraw_request(Standing(account=account, day=date(2025, 8, 8)))
    >>> ruling.allowed, ruling.because
    (False, ('WITHDRAW-NONE',))
    """
    return _ask(REQUEST_WITHDRAWAL, WithdrawalFacts(request_pending=standing.request_pending), standing.day)


def may_leave_program(standing: Standing) -> Ruling[Permission]:
    """Rule whether the account may leave the program.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED)
    >>> ruling = may_leave_program(standing)
    >>> ruling.allowed, ruling.because
    (True, ('DEPART-INSIDE',))
    """
    return _ask(PROGRAM_LEAVING, DepartureFacts(management=standing.management), standing.day)


def may_end_management(standing: Standing, ended_by: EndedBy, *, terms: Terms) -> Ruling[Permission]:
    """Rule whether the management of the account may end (41605).

    Whether the partner alone may end it, management.partner_may_end decides, and `TermMissing` says so where it is not stated.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.MANAGED, managed_by=partner)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> ruling = may_end_management(standing, EndedBy.CLIENT, terms=terms)
    >>> ruling.allowed, ruling.because
    (True, ('END-CLIENT',))
    """
    check_is("ended_by", ended_by, EndedBy)
    asks_term = standing.management is Management.MANAGED and ended_by is EndedBy.PARTNER
    facts = EndFacts(management=standing.management, ended_by=ended_by, partner_may_end=asks_term and terms.management.partner_may_end)
    return _ask(MANAGEMENT_END, facts, standing.day)


def may_move_in(  # noqa: PLR0913  (the evidence of the move, one keyword each)
    day: date,
    *,
    opened_on: date,
    partner: Partner,
    current: Partner | None,
    written_request: bool,
    consent: bool,
    sender_on_account: bool,
    terms: Terms,
) -> Ruling[Permission]:
    """Rule whether an existing account may be moved under a partnership, from outside or from `current` (44017).

    Where the request does not come from an address of the account, management.move_in_sender_days decides, and `TermMissing` says
    so where it is not stated.

    >>> partner = Partner.of("p-1", "brightside")
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> evidence = {"written_request": True, "consent": False, "sender_on_account": True}
    >>> ruling = may_move_in(date(2025, 8, 8), opened_on=date(2025, 8, 1), partner=partner, current=None, terms=terms, **evidence)
    >>> ruling.allowed, ruling.because
    (False, ('MOVE-NO-CONSENT',))
    """
    check_day("day", day)
    check_day("opened_on", opened_on)
    facts = MoveInFacts(
        written_request=written_request,
        consent=consent,
        older_than_sender_rule=not sender_on_account and (day - opened_on).days > terms.management.move_in_sender_days,
        sender_on_account=sender_on_account,
        from_partner=current is not None and current.id != partner.id,
        same_partner=current is not None and current.id == partner.id,
        partner_active=_is_active(partner, day),
    )
    return _ask(MOVE_IN, facts, day)


def may_suspend(standing: Standing, *, invoiced_since_resume: bool) -> Ruling[Permission]:
    """Rule whether the account may be suspended: open, off Single Bill, and billed once in full since last time (41606, 5772).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> ruling = may_suspend(Standing(account=account, day=date(2025, 8, 8)), invoiced_since_resume=False)
    >>> ruling.allowed, ruling.because
    (False, ('SUSPEND-TOO-SOON',))
    """
    facts = SuspensionFacts(status=standing.status, billing_mode=standing.billing_mode, invoiced_since_resume=invoiced_since_resume)
    return _ask(SUSPENSION, facts, standing.day)


def may_change_status(standing: Standing, change: StatusChange) -> Ruling[Permission]:
    """Rule whether the account can take a step of its life from where it stands.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> ruling = may_change_status(Standing(account=account, day=date(2025, 8, 8)), StatusChange.RESUME)
    >>> ruling.allowed, ruling.because
    (False, ('STATUS-NO-WAY',))
    """
    check_is("change", change, StatusChange)
    return _ask(STATUS_CHANGE, StatusChangeFacts(status=standing.status, change=change, billing_mode=standing.billing_mode), standing.day)


def may_cancel_automatically(standing: Standing, *, days_unpaid: int, terms: Terms) -> Ruling[Permission]:
    """Rule whether the vendor may cancel the account by itself for non-payment; never one on Single Bill (5775, 44215).

    `days_unpaid` counts civil days since the day the missing payment was due; with a term of 75, the account can be canceled
    when it is 75 and not before. For an account on hold that is billed directly, billing.nonpayment_cancel_days decides, and
    `TermMissing` says so where it is not stated.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> from partnerkit.terms import BillingTerms
    >>> opened = datetime(2025, 5, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> standing = Standing(account=account, day=date(2025, 8, 8), status=AccountStatus.BALANCE_DUE)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", billing=BillingTerms(nonpayment_cancel_days=75))
    >>> [may_cancel_automatically(standing, days_unpaid=days, terms=terms).allowed for days in (74, 75)]
    [False, True]
    """
    _check_days("days_unpaid", days_unpaid, "since the payment was due")
    asks_term = standing.status is AccountStatus.BALANCE_DUE and standing.billing_mode is BillingMode.DIRECT
    facts = CancellationFacts(
        status=standing.status,
        billing_mode=standing.billing_mode,
        unpaid_too_long=asks_term and days_unpaid >= terms.billing.nonpayment_cancel_days,
    )
    return _ask(AUTOMATIC_CANCELLATION, facts, standing.day)


def promotion(channel: Channel, *, training_seminar: bool = False, day: date = date.max) -> Ruling[Promotion]:
    """Rule what the article says of promoting a link in a channel, by the latest edition unless a day is given (S-23, S-24).

    What is not encouraged is not specified: neither allowed nor forbidden.

    >>> [promotion(Channel.PRESENTATION_DECK, training_seminar=seminar).outcome for seminar in (True, False)]
    [Promotion.ENCOURAGED, Promotion.NOT_SPECIFIED]
    """
    check_is("channel", channel, Channel)
    return _ask(PROMOTION, PromotionFacts(channel=channel, training_seminar=training_seminar), day)


def suggested_setup(need: Need, *, day: date = date.max) -> Ruling[tuple[Setup, ...]]:
    """Rule how the article suggests to set clients up, by the latest edition unless a day is given (S-06, S-25, S-38).

    Advice, not permission: every suggestion that fits the need is given.

    >>> suggested_setup(Need(conducts_all_marketing=True, clients_differ=True)).outcome
    (Setup.MANAGED, Setup.MIX)
    """
    check_is("need", need, Need)
    return _ask(SETUP, need, day)


def plan_offer(day: date, *, opened_on: date, terms: Terms) -> Ruling[PlanOffer]:
    """Rule whether the customer chooses a plan when an account that was opened on a day moves in (44017).

    An account opened on the day of management.new_plan_cutover is not older than it. `TermMissing` says so where it is not stated.

    >>> from partnerkit.terms import ManagementTerms
    >>> management = ManagementTerms(new_plan_cutover=date(2023, 4, 17))
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", management=management)
    >>> [plan_offer(date(2025, 8, 8), opened_on=date(2023, 4, opened), terms=terms).outcome for opened in (16, 17)]
    [PlanOffer.CHOICE, PlanOffer.NO_CHOICE]
    """
    check_day("opened_on", opened_on)
    return _ask(PLAN_OFFER, PlanOfferFacts(before_cutover=opened_on < terms.management.new_plan_cutover), day)


def may_partner_contact(standing: Standing, *, partner: Partner) -> Ruling[Permission]:
    """Rule whether a partner may contact the account holder (S-30a; the article is silent on referred clients).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED, credited_to=partner)
    >>> ruling = may_partner_contact(standing, partner=partner)
    >>> ruling.allowed, ruling.because
    (True, ('REACH-REFERRER',))
    """
    return _ask(PARTNER_CONTACT, PartnerContactFacts(role=_role_of(partner, standing)), standing.day)


def informer_of(standing: Standing) -> Ruling[Owner]:
    """Rule who informs the account holder of changes to the product (S-30b, S-08).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> informer_of(Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED)).outcome
    Owner.VENDOR
    """
    return _ask(INFORMING, InformingFacts(owner=owner_of(standing).outcome, in_program=standing.management is not None), standing.day)


def controller_of(standing: Standing) -> Ruling[Controller]:
    """Rule who keeps control of the account's users and data: managing an account changes nothing of it (41605).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.MANAGED, managed_by=partner)
    >>> controller_of(standing).outcome
    Controller.ACCOUNT_OWNER
    """
    return _ask(ACCOUNT_CONTROL, ControlFacts(management=standing.management), standing.day)


def payment_method_for(standing: Standing, *, has_payment_method: bool) -> Ruling[PaymentMethod]:
    """Rule whether the client has to add a payment method, as it does when its account leaves Single Bill without one (5775).

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> ruling = payment_method_for(Standing(account=account, day=date(2025, 8, 8)), has_payment_method=False)
    >>> ruling.outcome, ruling.because
    (PaymentMethod.NEEDED, ('CARD-DIRECT',))
    """
    facts = PaymentMethodFacts(status=standing.status, billing_mode=standing.billing_mode, has_payment_method=has_payment_method)
    return _ask(PAYMENT_METHOD, facts, standing.day)


def may_change_plan(standing: Standing, *, partner: Partner | None, terms: Terms) -> Ruling[Permission]:
    """Rule whether the partner, or the client where `partner` is None, may change the plan of the account (45846, 44323, 5946).

    For a client whose account is on Single Bill, single_bill.client_may_change_plan decides, and `TermMissing` says so where it
    is not stated.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> partner = Partner.of("p-1", "brightside")
    >>> standing = Standing(account=account, day=date(2025, 8, 8), management=Management.REFERRED, credited_to=partner)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> [may_change_plan(standing, partner=asker, terms=terms).allowed for asker in (partner, None)]
    [False, True]
    """
    asks_term = partner is None and standing.billing_mode is BillingMode.SINGLE_BILL
    facts = PlanChangeFacts(
        asker=Asker.CLIENT if partner is None else _asker(partner, standing),
        management=standing.management,
        billing_mode=standing.billing_mode,
        client_agreed=asks_term and terms.single_bill.client_may_change_plan,
    )
    return _ask(PLAN_CHANGE, facts, standing.day)


def may_discount_prepaid(standing: Standing, *, terms: Terms) -> Ruling[Permission]:
    """Rule whether a charge with a discount for prepayment gets the upfront discount too (S-34 is silent on it).

    On Single Bill single_bill.on_prepaid decides, and `TermMissing` says so where it is not stated.

    >>> from datetime import UTC, datetime
    >>> from partnerkit.money import Currency
    >>> from partnerkit.partners import Account
    >>> opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    >>> account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> may_discount_prepaid(Standing(account=account, day=date(2025, 8, 8)), terms=terms).because
    ('PREPAID-DIRECT',)
    """
    on_single_bill = standing.billing_mode is BillingMode.SINGLE_BILL
    facts = PrepaidFacts(billing_mode=standing.billing_mode, on_prepaid_agreed=on_single_bill and terms.single_bill.on_prepaid)
    return _ask(PREPAID_DISCOUNT, facts, standing.day)


def within_bonus_window(standing: Standing, *, terms: Terms) -> bool:
    """Tell whether the account is within the window of the New Account Bonus (44325).

    Where the terms do not say how long the window is or from when it is counted, `TermMissing` names the key.
    """
    if standing.within_bonus_window is not None:
        return standing.within_bonus_window
    window = f"{terms.bonus.window_days} days from the {terms.bonus.counted_from}"
    raise InvalidValue(
        f"the standing of {standing.account.id} does not say whether it is within {window}: take it from the account's relationship"
    )


def _is_active(partner: Partner, day: date) -> bool:
    return partner.status_on(day) is PartnerStatus.ACTIVE


def _needs_bonus_window(standing: Standing) -> bool:
    return standing.credited_to is not None and standing.origin is Origin.MOVED_IN and standing.management is not Management.MANAGED


def _manages(partner: Partner, standing: Standing) -> bool:
    return standing.managed_by is not None and standing.managed_by.id == partner.id


def _is_credited(partner: Partner, standing: Standing) -> bool:
    return standing.credited_to is not None and standing.credited_to.id == partner.id


def _role_of(partner: Partner, standing: Standing) -> PartnerRole:
    if _manages(partner, standing):
        return PartnerRole.MANAGER
    refers = standing.management is Management.REFERRED and _is_credited(partner, standing)
    return PartnerRole.REFERRER if refers else PartnerRole.STRANGER


def _asker(partner: Partner, standing: Standing) -> Asker:
    return Asker.MANAGING_PARTNER if _manages(partner, standing) else Asker.OTHER_PARTNER


def _check_days(what: str, days: int, since: str) -> None:
    if type(days) is not int or days < 0:
        raise InvalidValue(f"{what} is {shown(days)}: wanted the whole days {since}, 0 or more")


def _check_contact(purpose: object, opted_out: object, partner_asked: object) -> None:
    check_is("purpose", purpose, Purpose)
    check_is("opted_out", opted_out, bool)
    check_is("partner_asked", partner_asked, bool)
