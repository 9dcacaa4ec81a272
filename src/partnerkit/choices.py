"""What a contract chooses from: the kinds of charge, the ways to credit and to bill, and the statement that nothing is agreed.

Floor 2, below terms. May import: enums and the standard library.
"""

from typing import Literal, final

from partnerkit.enums import Named


@final
class NotAgreed(Named):
    """The statement that a contract grants none of a thing; see `NOT_AGREED`.

    >>> NotAgreed("not agreed")
    NotAgreed.NOT_AGREED
    """

    NOT_AGREED = "not agreed"


NOT_AGREED: Literal[NotAgreed.NOT_AGREED] = NotAgreed.NOT_AGREED
"""The contract grants none: reward nothing, and raise no error."""


@final
class ChargeKind(Named):
    """What the vendor charges an account for.

    >>> ChargeKind("subscription")
    ChargeKind.SUBSCRIPTION
    """

    SUBSCRIPTION = "subscription"
    ADD_ON = "add_on"
    OVERAGE = "overage"
    SUSPENSION_FEE = "suspension_fee"
    TAX = "tax"


@final
class CreditModel(Named):
    """Which of the visits that count is credited: the last, the first, or all of them for reports only.

    >>> CreditModel("last")
    CreditModel.LAST
    """

    LAST = "last"
    FIRST = "first"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"


@final
class EligibleAt(Named):
    """When the partner must be active for its visit to credit it.

    >>> EligibleAt("visit")
    EligibleAt.VISIT
    """

    VISIT = "visit"
    OPENING = "opening"
    BOTH = "both"


@final
class OnIneligible(Named):
    """What happens when the visit that would win leads to a partner that is not eligible.

    >>> OnIneligible("skip")
    OnIneligible.SKIP
    """

    SKIP = "skip"
    STOP = "stop"


@final
class SelfReferral(Named):
    """Whether a partner is credited with an account opened from its own mailbox.

    >>> SelfReferral("deny")
    SelfReferral.DENY
    """

    DENY = "deny"
    FLAG = "flag"
    """It is credited, and a person looks at it before it is paid."""
    ALLOW = "allow"


@final
class CreditSource(Named):
    """What can credit an opening to a partner.

    >>> CreditSource("deal")
    CreditSource.DEAL
    """

    DEAL = "deal"
    COUPON = "coupon"
    LINK = "link"


@final
class Recognition(Named):
    """When a revenue share is earned: when the vendor bills, or when the client's cash is received.

    >>> Recognition("on_billing")
    Recognition.ON_BILLING
    """

    ON_BILLING = "on_billing"
    ON_CASH = "on_cash"


@final
class Clawback(Named):
    """What a refund takes back of a reward that was earned on the refunded charge.

    >>> Clawback("proportional")
    Clawback.PROPORTIONAL
    """

    PROPORTIONAL = "proportional"
    NONE = "none"


@final
class BonusFrom(Named):
    """From which day the window of the New Account Bonus is counted.

    >>> BonusFrom("opening")
    BonusFrom.OPENING
    """

    OPENING = "opening"
    FIRST_CHARGE = "first_charge"


@final
class CutOff(Named):
    """Whether the Single Bill collects the lines charged on its own bill day, or only those before it.

    >>> CutOff("on_or_before")
    CutOff.ON_OR_BEFORE
    """

    ON_OR_BEFORE = "on_or_before"
    BEFORE = "before"


@final
class TierBasis(Named):
    """Which count of contacts picks the price tier: the public sources conflict, so nothing is a default.

    The most of the cycle before, the most ever, or those of the day that is billed.

    >>> TierBasis("peak_in_period")
    TierBasis.PEAK_IN_PERIOD
    """

    PEAK_IN_PERIOD = "peak_in_period"
    PEAK_EVER = "peak_ever"
    AT_BILLING = "at_billing"


@final
class FirstPeriod(Named):
    """How the part of a cycle before an account's first billing date is charged.

    >>> FirstPeriod("prorated")
    FirstPeriod.PRORATED
    """

    PRORATED = "prorated"
    FULL = "full"
    FREE = "free"


@final
class Negative(Named):
    """What becomes of a balance below zero.

    >>> Negative("carry_forward")
    Negative.CARRY_FORWARD
    """

    CARRY_FORWARD = "carry_forward"
    REFUND = "refund"


@final
class PayoutSchedule(Named):
    """How often earnings are paid out.

    >>> PayoutSchedule("monthly")
    PayoutSchedule.MONTHLY
    """

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ON_REQUEST = "on_request"


@final
class PrepaidCharged(Named):
    """When a plan that is paid in advance is charged: month by month, as its balance is used, or all at once.

    >>> PrepaidCharged("monthly")
    PrepaidCharged.MONTHLY
    """

    MONTHLY = "monthly"
    AT_ONCE = "at_once"


@final
class TaxRounding(Named):
    """Where tax is rounded: once for a bill, and then spread over its lines, or once on each line.

    >>> TaxRounding("per_bill")
    TaxRounding.PER_BILL
    """

    PER_BILL = "per_bill"
    PER_LINE = "per_line"
