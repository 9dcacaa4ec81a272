"""Values picked by hand for the golden files of version 1: every field, every variant, and currencies with 0, 2 and 3 decimals.

All amounts, rates and contracts are invented. A value that has its line must stay as it is; new ones come behind the last.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar, cast

import attrs

from partnerkit.attribution import AccountOpening, ConsideredVisit, Credit, CreditFlag, CreditReason, Deal, IdentityLink, PageVisit, Visit
from partnerkit.billing import (
    AddOn,
    Adjustment,
    Charge,
    ChargeReason,
    CountOf,
    Line,
    Markup,
    PrepaidTime,
    Prepayment,
    Pricing,
    Rebill,
    Receipt,
    Refund,
    RevenueShare,
    UpfrontDiscount,
    Usage,
)
from partnerkit.bills import Payment, SingleBill
from partnerkit.clauses import Basis, LogEntry, Permission, Ruling
from partnerkit.close import PartialClose
from partnerkit.codec import Coupon, History
from partnerkit.compare import Comparison, LineChange
from partnerkit.discounts import Discounted
from partnerkit.errors import Fault
from partnerkit.events import _MAY_HAVE, _NEEDS, Event, EventKind, HoldCause
from partnerkit.links import Experience, InviteLink, LinkParameters, VendorSites
from partnerkit.money import Currency, Money, Rate, Rounding, UnitPrice
from partnerkit.partners import (
    Account,
    AccountStatus,
    BillingMode,
    Management,
    NameAlias,
    Origin,
    Partner,
    PartnerName,
    Partners,
    PartnerStatus,
    SingleBillSetup,
    SingleBillSince,
    Standing,
    StatusSince,
)
from partnerkit.payouts import Payout, PayoutReason
from partnerkit.periods import Month, Period, ProrationBasis, Window
from partnerkit.policies import Counting, Duty, EndedBy, Need, Owner, OwnershipFacts, RewardKind
from partnerkit.prices import Package, PriceList, PriceTable, Tier, TierModel
from partnerkit.reconciliation import Cause, Deviation, Reported, ReportPart
from partnerkit.rewards import (
    ChargeCap,
    ClientCap,
    Flat,
    MonthCap,
    Months,
    Payments,
    Percent,
    RateTiers,
    Reward,
    RewardPlan,
    RewardRule,
)
from partnerkit.statements import Disbursement, Earning, Entry, EntryKind, Statement
from partnerkit.terms import (
    NOT_AGREED,
    SECTIONS,
    AttributionTerms,
    BillingTerms,
    BonusFrom,
    BonusTerms,
    ChargeKind,
    Clawback,
    ContactTerms,
    CreditModel,
    CreditSource,
    CutOff,
    EligibleAt,
    FirstPeriod,
    ManagementTerms,
    Negative,
    OnIneligible,
    PayoutSchedule,
    PayoutTerms,
    PrepaidCharged,
    Recognition,
    SelfReferral,
    ShareTerms,
    SingleBillTerms,
    TaxRounding,
    Terms,
    TermsHistory,
    TierBasis,
)
from partnerkit.totals import BillTotals, MonthTotals, StatementTotals
from partnerkit.touches import Participation, Share

T = TypeVar("T")
Some = TypeVar("Some", bound=StrEnum)

USD, JPY, KWD = Currency("USD"), Currency("JPY"), Currency("KWD")
NOON = datetime(2025, 8, 8, 12, tzinfo=UTC)
IN_NEW_YORK = datetime(2025, 8, 8, 9, 30, tzinfo=timezone(timedelta(hours=-4)))
TO_THE_MICROSECOND = datetime(2025, 8, 8, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
SEPTEMBER = Month.parse("2025-09")
CYCLE = Period(date(2025, 9, 8), date(2025, 10, 8))
FINGERPRINT = "e746372b19254a1a476ded6735c85be43d3dc01c7abf79a247ac30b1bcd751d2"
OTHER_EDITION = "0123456789abcdef" * 4


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def each(kind: type[Some], place: int) -> Some:
    """Give the members of an enum in turn."""
    members: list[Some] = list(kind)
    return members[place % len(members)]


ACCOUNTS = tuple(
    Account(id=f"A{place}", client="green-valley", currency=currency, opened_at=at, anchor_day=day, origin=each(Origin, place))
    for place, (currency, at, day) in enumerate([(USD, IN_NEW_YORK, 8), (JPY, NOON, 31), (KWD, TO_THE_MICROSECOND, 1), (USD, NOON, 28)])
)
BRIGHT = Partner(
    id="p-1",
    names=(
        NameAlias(name=PartnerName("BrightSide")),
        NameAlias(name=PartnerName("bright.side_2-x"), since=NOON),
        NameAlias(name=PartnerName("B"), since=IN_NEW_YORK, until=TO_THE_MICROSECOND),
    ),
    status=tuple(
        StatusSince(status=status, since=None if place == 0 else NOON + timedelta(days=place)) for place, status in enumerate(PartnerStatus)
    ),
    emails=("anna@brightside.example", "büro@brightside.example"),
    single_bill=(
        SingleBillSince(setup=SingleBillSetup(bill_day=5), since=None),
        SingleBillSince(setup=None, since=date(2025, 6, 1)),
        SingleBillSince(setup=SingleBillSetup(bill_day=31), since=date(2025, 9, 1)),
    ),
    zone="America/New_York",
)
NORTH = Partner.of("p-2", "northlight", bill_day=31)
PLAIN = Partner.of("p-3", "z")
IN_ZONE = Partner(id="p-4", names=(NameAlias(name=PartnerName("zoned")),), zone="America/New_York")

OWNER = Ruling(
    outcome=Owner.VENDOR,
    because=("OWNER-REFERRED",),
    set_aside=(),
    not_applying=("OWNER-MANAGED", "OWNER-OUTSIDE"),
    basis=Basis.IMPLIED,
    policy="ownership",
    edition="bb52e86af6ee99dcd2f2aefbd55a63b047ee0c1aabf7ecef4948e32c5a2e8a19",
)


def by_another_edition(outcome: Any, policy: str, basis: Basis = Basis.STATED) -> Ruling[Any]:
    return Ruling(
        outcome=outcome,
        because=("NEW-ONE", "NEW-TWO"),
        set_aside=(("GAVE-WAY", ("NEW-ONE", "NEW-TWO")), ("GAVE-WAY-TOO", ("NEW-TWO",))),
        not_applying=("NEW-THREE",),
        basis=basis,
        policy=policy,
        edition=OTHER_EDITION,
    )


SHARED = by_another_edition(RewardKind.REVENUE_SHARE, "reward")
DISCOUNT = by_another_edition(RewardKind.UPFRONT_DISCOUNT, "reward")
NOTHING = by_another_edition(RewardKind.NOTHING, "reward", Basis.TERM)
BOTH = by_another_edition(Permission.MAY, "prepaid discount", Basis.TERM)
NOT_BOTH = by_another_edition(Permission.MAY_NOT, "prepaid discount", Basis.TERM)
COUNTS = by_another_edition(Counting.COUNTS, "crediting")
DUTIES = by_another_edition((Duty.SUPPORT_AND_COACH, Duty.KEEP_ACTIVE), "duties")


def pricing(place: int) -> Pricing:
    """Give every way to price a charge in turn."""
    count_of = each(CountOf, place)
    return Pricing(
        prices_from=date(2025, 1, 1),
        units=300,
        count_of=count_of,
        counted_on=date(2025, 9, 1),
        tier_basis=None if place == 0 else each(TierBasis, place),
        included=5_000 if count_of is CountOf.SENDS else None,
        low=None if place == 0 else 0,
        high=None if place < 2 else 500,
        price=UnitPrice.of("12", "USD"),
        cycle=CYCLE,
        proration=None if place == 0 else each(ProrationBasis, place),
        rounding=None if place == 0 else each(Rounding, place),
    )


PRICINGS = tuple(map(pricing, range(len(Rounding) + 1)))
FINER = Pricing(
    prices_from=date(2025, 1, 1),
    units=1_500,
    count_of=CountOf.SENDS,
    counted_on=date(2025, 9, 1),
    included=5_000,
    price=UnitPrice(amount=Fraction(1, 3), currency=KWD),
    cycle=Period(date(2025, 9, 8), date(2026, 3, 8)),
    cycles=6,
)


def charge(id: str, amount: Money, **given: Any) -> Charge:  # noqa: A002  (what the field is called)
    plain = {"account": "A0", "kind": ChargeKind.SUBSCRIPTION, "item": "lite", "reason": ChargeReason.RENEWAL, "period": CYCLE}
    return Charge(id=id, amount=amount, charged_on=date(2025, 9, 8), **{**plain, **given})


CHARGE = charge("c-1", usd("12"))
CHARGES = (
    CHARGE,
    *(charge(f"c-kind-{kind}", usd("12"), kind=kind) for kind in ChargeKind),
    *(charge(f"c-reason-{reason}", usd("12"), reason=reason) for reason in ChargeReason),
    charge("c-yen", Money.of("1200", "JPY")),
    charge("c-dinar", Money.of("3.725", "KWD")),
    charge("c-nothing", usd("0")),
    charge("c-prepaid", usd("10.80"), prepaid=Rate.percent("10")),
    *(charge(f"c-priced-{place}", usd("12"), pricing=one) for place, one in enumerate(PRICINGS)),
)
PREPAID = charge("c-prepaid", usd("10.80"), prepaid=Rate.percent("10"))
ON_SHARE = Line(charge=CHARGE, earner="p-1", reward=RevenueShare(usd("1.80")), bonus=usd("50"), rulings=(SHARED,), terms=FINGERPRINT)
ON_DISCOUNT = Line(charge=CHARGE, payer="p-1", earner="p-1", reward=UpfrontDiscount(usd("1.80")), rulings=(DISCOUNT,), terms=FINGERPRINT)
IN_YEN = Line(charge=charge("c-yen", Money.of("1200", "JPY"), account="A1"), rulings=(NOTHING,), terms=FINGERPRINT)
LINES = (
    Line(charge=CHARGE, rulings=(), terms=FINGERPRINT),
    IN_YEN,
    ON_SHARE,
    ON_DISCOUNT,
    Line(charge=PREPAID, payer="p-1", rulings=(NOTHING,), prepaid=BOTH, terms=FINGERPRINT),
    Line(charge=PREPAID, payer="p-1", rulings=(NOTHING,), prepaid=NOT_BOTH, terms=FINGERPRINT),
)
REFUND = Refund(id="rf-1", charge="c-1", amount=usd("6"), refunded_on=date(2025, 9, 20))
OFF_SHARE = Adjustment(refund=REFUND, line=ON_SHARE, gross=usd("-6"), discount=usd("0"), share=usd("-0.90"))
OFF_DISCOUNT = Adjustment(refund=REFUND, line=ON_DISCOUNT, gross=usd("-6"), discount=usd("-0.90"), share=usd("0"))
EARNING = Earning(line=ON_SHARE, amount=usd("1.80"), earned_on=date(2025, 9, 10))
BONUS = Earning(line=ON_SHARE, amount=usd("50"), earned_on=date(2025, 9, 10))
PAYMENT = Payment(id="pay-1", partner="p-1", amount=usd("50"), received_on=date(2025, 9, 12))
DISBURSEMENT = Disbursement(id="d-1", partner="p-1", amount=usd("20"), paid_on=date(2025, 9, 15))
ENTRIES = (
    Entry(id="e-1", partner="p-1", kind=EntryKind.INCENTIVE, amount=usd("40"), on=date(2025, 9, 30), note="autumn webinar series"),
    Entry(id="e-2", partner="p-1", kind=EntryKind.ADJUSTMENT, amount=usd("-4.25"), on=date(2025, 9, 30), note="Ausgleich für 2024"),
)
BILLS = (
    SingleBill(partner="p-1", month=SEPTEMBER, currency=USD, billed_on=date(2025, 9, 30), lines=(), brought_forward=usd("0")),
    SingleBill(
        partner="p-1",
        month=SEPTEMBER,
        currency=USD,
        billed_on=date(2025, 9, 30),
        lines=(ON_DISCOUNT,),
        adjustments=(OFF_DISCOUNT,),
        brought_forward=usd("50"),
        payments=(PAYMENT,),
        number="SB-2025-09-0001",
        negative=Negative.CARRY_FORWARD,
    ),
    SingleBill(
        partner="p-1",
        month=SEPTEMBER,
        currency=USD,
        billed_on=date(2025, 9, 30),
        lines=(),
        brought_forward=usd("-7.50"),
        number="SB-2025-09-0002",
        negative=Negative.REFUND,
    ),
)
STATEMENTS = (
    Statement(partner="p-1", month=SEPTEMBER, currency=KWD, opening=Money.of("-1.005", "KWD")),
    Statement(
        partner="p-1",
        month=SEPTEMBER,
        currency=USD,
        opening=usd("20"),
        shares=(EARNING,),
        bonuses=(BONUS,),
        adjustments=(OFF_SHARE,),
        entries=ENTRIES,
        disbursements=(DISBURSEMENT,),
    ),
)
BILL_TOTALS = tuple(BillTotals.of(bill) for bill in BILLS if bill.number is not None)
STATEMENT_TOTALS = tuple(map(StatementTotals.of, STATEMENTS))

VISITS = (
    Visit(id="k-1", visitor="v-1", at=IN_NEW_YORK, name="brightside", consent=True),
    Visit(id="k-2", visitor="v-1", at=NOON, name=None),
    Visit(
        id="k-3",
        visitor="v-2",
        at=TO_THE_MICROSECOND,
        name='über\u2028"\\\n',
        ambiguous=True,
        source="extension",
        bot=True,
        prefetch=True,
        top_level=False,
        consent=False,
        gpc=True,
    ),
)
CONSIDERED = (
    ConsideredVisit(visit=VISITS[0], ruling=COUNTS),
    *(ConsideredVisit(visit=VISITS[1], ruling=by_another_edition(one, "crediting", Basis.HOUSE)) for one in Counting),
)
_WON = {CreditReason.LAST: True, CreditReason.FIRST: True, CreditReason.DEAL: False, CreditReason.COUPON: False, CreditReason.BOUND: False}
CREDITS = (
    *(
        Credit(
            account="A1", partner="p-1", visit=VISITS[0] if won else None, reason=reason, flags=frozenset(CreditFlag), considered=CONSIDERED
        )
        for reason, won in _WON.items()
    ),
    *(
        Credit(account="A1", partner=None, visit=None, reason=reason)
        for reason in (CreditReason.NOT_NEW, CreditReason.SELF_REFERRAL, CreditReason.PARTNER_INACTIVE, CreditReason.NO_TOUCH)
    ),
)

_EVENT_FIELDS: dict[str, Any] = {
    "partner": "p-1",
    "status": AccountStatus.TRIAL,
    "consent": True,
    "written_request": True,
    "sender_on_account": False,
    "ended_by": EndedBy.CLIENT,
    "cause": HoldCause.BALANCE_DUE,
}


def event(kind: EventKind, names: Iterable[str], **given: Any) -> Event:
    return Event(account="A0", kind=kind, on=date(2025, 8, 8), **{name: _EVENT_FIELDS[name] for name in sorted(names)} | given)


EVENTS = (
    *(event(kind, _NEEDS.get(kind, frozenset())) for kind in EventKind),
    *(event(kind, _NEEDS.get(kind, frozenset()) | _MAY_HAVE[kind]) for kind in EventKind if _MAY_HAVE.get(kind)),
    *(event(EventKind.OPENED, (), status=status) for status in AccountStatus),
    *(event(EventKind.END_MANAGEMENT, (), ended_by=one) for one in EndedBy),
    *(event(EventKind.HOLD, (), cause=cause) for cause in HoldCause),
)

WINDOWS = (
    Window.unlimited(),
    Window.days(0),
    Window.days(1),
    Window.days(30),
    Window.days(30, inclusive=False),
    Window.hours(1, inclusive=False),
    Window.hours(12),
    Window.calendar_days(1, zone="UTC"),
    Window.calendar_days(30, zone="Europe/Berlin"),
)
FULL = Terms(
    starts_on=date(2025, 1, 1),
    source="example, invented",
    attribution=AttributionTerms(
        model=CreditModel.LAST,
        window=Window.days(30),
        eligible_at=EligibleAt.BOTH,
        on_ineligible=OnIneligible.SKIP,
        dedupe_seconds=0,
        skew_seconds=5,
        stand_down_seconds=600,
        half_life_days=7,
        precedence=tuple(CreditSource),
        require_consent=True,
        honor_gpc=False,
        self_referral=SelfReferral.DENY,
        free_mail=frozenset({"mail.example", "post.example"}),
    ),
    share=ShareTerms(
        rate=Rate.percent("15"),
        scope=frozenset(ChargeKind),
        recognized=Recognition.ON_CASH,
        rounding=Rounding.HALF_AWAY,
        clawback=Clawback.PROPORTIONAL,
        after_partnership_ends=False,
    ),
    bonus=BonusTerms(
        amount=(usd("50"), Money.of("5000", "JPY"), Money.of("15.500", "KWD")),
        window_days=90,
        counted_from=BonusFrom.OPENING,
        on_single_bill=False,
    ),
    single_bill=SingleBillTerms(
        discount=Rate.percent("12.5"),
        scope=frozenset({ChargeKind.SUBSCRIPTION}),
        rounding=Rounding.HALF_EVEN,
        cut_off=CutOff.ON_OR_BEFORE,
        negative=Negative.CARRY_FORWARD,
        join_with_balance_due=False,
        client_may_change_plan=True,
        on_prepaid=False,
    ),
    billing=BillingTerms(
        rounding=Rounding.HALF_AWAY,
        proration=ProrationBasis.ACTUAL_TRUE_CYCLE,
        first_period=FirstPeriod.PRORATED,
        tier_basis=TierBasis.AT_BILLING,
        prepaid_half_year=Rate.percent("10"),
        prepaid_year=Rate.percent("15"),
        prepaid_half_year_nonprofit=Rate.percent("20"),
        prepaid_year_nonprofit=Rate.percent("30"),
        prepaid_charged=PrepaidCharged.MONTHLY,
        tax_rounding=TaxRounding.PER_BILL,
        trial_days=30,
        nonpayment_cancel_days=45,
        refund_days=30,
    ),
    management=ManagementTerms(request_expires_days=30, move_in_sender_days=14, new_plan_cutover=date(2025, 3, 1), partner_may_end=True),
    contact=ContactTerms(reply=True, billing_notice=True, security_notice=True, partner_asked=False),
    payout=PayoutTerms(minimum=(usd("25"),), schedule=PayoutSchedule.MONTHLY, negative=Negative.CARRY_FORWARD),
)
NONE_AGREED = Terms(
    starts_on=date(2026, 1, 1),
    source="Nachtrag, erfunden",
    share=ShareTerms(rate=NOT_AGREED, scope=frozenset()),
    bonus=BonusTerms(amount=NOT_AGREED),
    single_bill=SingleBillTerms(discount=NOT_AGREED),
    billing=BillingTerms(
        prepaid_half_year=NOT_AGREED,
        prepaid_year=NOT_AGREED,
        prepaid_half_year_nonprofit=NOT_AGREED,
        prepaid_year_nonprofit=NOT_AGREED,
    ),
    management=ManagementTerms(request_expires_days=NOT_AGREED),
    payout=PayoutTerms(minimum=NOT_AGREED),
)


def one_choice(starts_on: date, section: Any, name: str, choice: StrEnum) -> Terms:
    return Terms(starts_on=starts_on, source="example, invented", **{section.key: section(**{name: choice})})


_CHOICES = [
    (section, field.name, choice)
    for section in SECTIONS.values()
    for field in attrs.fields(cast("Any", section))
    if isinstance(field.type, type) and issubclass(field.type, StrEnum)
    for choice in field.type
]
TERMS = (
    Terms(starts_on=date(2025, 1, 1), source="example, invented"),
    FULL,
    NONE_AGREED,
    *(Terms(starts_on=date(2025, 1, 1), source="example, invented", attribution=AttributionTerms(window=one)) for one in WINDOWS),
    *(one_choice(date(2025, 1, 1), *choice) for choice in _CHOICES),
)

STAIRS = PriceTable(
    item="lite",
    currency=USD,
    starts_on=date(2025, 1, 1),
    tiers=(Tier(low=0, high=500, amount=usd("12")), Tier(low=501, high=None, amount=usd("30"))),
    minimum=usd("12"),
    maximum=usd("300"),
    sends_per_contact=10,
)
PRICE_TABLES = (
    STAIRS,
    *(
        PriceTable(
            item=f"by-{model}",
            currency=KWD,
            starts_on=date(2025, 1, 1),
            tiers=(Tier(low=0, high=None, amount=Money.of("1.250", "KWD"), unit=UnitPrice(amount=Fraction(1, 3), currency=KWD)),),
            model=model,
        )
        for model in TierModel
        if model is not TierModel.STAIRSTEP
    ),
    PriceTable(item="sms", currency=JPY, starts_on=date(2025, 1, 1), package=Package(size=500, price=Money.of("1500", "JPY"), free=100)),
)

PERCENT = Percent(rate=Rate.percent("20"), rounding=Rounding.HALF_AWAY)
FLAT = Flat((usd("50"), Money.of("5000", "JPY")))
CAPS = (ChargeCap((usd("5"),)), ClientCap((usd("500"), Money.of("50000", "JPY"))), MonthCap((usd("5000"),)))
RULES = (
    RewardRule(id="first-year", pays=PERCENT, kinds=frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.ADD_ON}), span=Months(until=12)),
    RewardRule(id="later", pays=FLAT, kinds=frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.ADD_ON}), span=Months(start=12)),
    RewardRule(
        id="third-payment",
        pays=FLAT,
        kinds=frozenset({ChargeKind.OVERAGE}),
        items=frozenset({"sends", "sms"}),
        span=Payments(start=3, until=4),
        caps=CAPS,
        holding_days=30,
    ),
    RewardRule(id="always", pays=PERCENT, kinds=frozenset({ChargeKind.TAX}), caps=CAPS[:1]),
)
SHARES = (Share(partner="p-1", part=Fraction(2, 5)), Share(partner="p-2", part=Fraction(3, 5)), Share(partner="p-3", part=Fraction(1)))
CHANGES = (
    LineChange(before=ON_SHARE, after=ON_DISCOUNT),
    LineChange(before=LINES[1], after=LINES[1]),
)

STANDINGS = (
    Standing(account=ACCOUNTS[0], day=date(2025, 9, 8)),
    *(
        Standing(
            account=ACCOUNTS[0],
            credited_to=PLAIN,
            management=Management.REFERRED,
            origin=origin,
            request_pending=True,
            day=date(2025, 9, 8),
        )
        for origin in Origin
    ),
    Standing(
        account=ACCOUNTS[0],
        credited_to=NORTH,
        managed_by=NORTH,
        payer=NORTH,
        management=Management.MANAGED,
        billing_mode=BillingMode.SINGLE_BILL,
        status=AccountStatus.OPEN,
        origin=Origin.PARTNER_CREATED,
        within_bonus_window=True,
        day=date(2025, 9, 8),
    ),
    *(Standing(account=ACCOUNTS[0], status=status, within_bonus_window=False, day=date(2025, 9, 8)) for status in AccountStatus),
)

MONIES = (usd("12.50"), usd("-0.05"), usd("0"), Money.of("1000", "JPY"), Money.of("-1.005", "KWD"), Money(minor=10**17, currency=USD))
RATES = (Rate.percent("15"), Rate.percent("0"), Rate.percent("100"), Rate(Fraction(1, 3)), Rate(Fraction(5, 2)))
UNIT_PRICES = (UnitPrice.of("0.002", "USD"), UnitPrice.of("12", "USD"), UnitPrice.of("1/3", "JPY"), UnitPrice.of("0.0005", "KWD"))


def sections(key: str) -> tuple[Any, ...]:
    """Give what the golden terms say in a section, each once."""
    return once(getattr(terms, key) for terms in TERMS)


def once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


GOLDEN: dict[str, tuple[Any, ...]] = {
    "account": ACCOUNTS,
    "add_on": (
        AddOn(item="sms", starts_on=date(2025, 8, 20)),
        AddOn(item="sms", starts_on=date(2025, 8, 20), ends_on=date(2025, 9, 1), units=500),
    ),
    "adjustment": (OFF_SHARE, OFF_DISCOUNT),
    "charge": CHARGES,
    "charge_cap": (CAPS[0],),
    "client_cap": (CAPS[1],),
    "comparison": (
        Comparison(changes=()),
        Comparison(changes=CHANGES, left_out=("c-8", "c-9"), bonused=frozenset({"A8", "A9"})),
    ),
    "considered_visit": CONSIDERED,
    "coupon": (Coupon(code="SUMMER25", partner="p-1"), Coupon(code="GRÜN", partner="p-2")),
    "credit": CREDITS,
    "currency": (USD, JPY, KWD),
    "deal": (
        Deal(partner="p-1", account="A1", starts_at=NOON, ends_at=TO_THE_MICROSECOND, approved=True),
        Deal(partner="p-1", account="A1", starts_at=NOON, ends_at=NOON, approved=False),
    ),
    "decision": (
        LogEntry(facts=OwnershipFacts(management=Management.REFERRED), ruling=OWNER, day=date(2025, 8, 8)),
        LogEntry(facts=OwnershipFacts(management=None), ruling=by_another_edition(Owner.VENDOR, "ownership"), day=date(2025, 8, 8)),
    ),
    "deviation": tuple(
        Deviation(
            partner="p-1",
            month=SEPTEMBER,
            part=each(ReportPart, place),
            account=None if place % 2 else "A1",
            ours=usd("0"),
            reported=usd("15"),
            cause=each(Cause, place),
        )
        for place in range(max(len(Cause), len(ReportPart)))
    ),
    "disbursement": (DISBURSEMENT,),
    "discounted": (Discounted(gross=usd("100"), parts=(usd("10"), usd("18"))), Discounted(gross=Money.of("0", "JPY"), parts=())),
    "earning": (EARNING, BONUS),
    "entry": ENTRIES,
    "event": EVENTS,
    "fault": (
        Fault(message="is missing"),
        Fault(message="is 'ü': wanted a date such as '2025-08-08'", path="names[0].since", source="partners.jsonl", line=3),
    ),
    "flat": (FLAT,),
    "history": (
        History(account=ACCOUNTS[0], events=()),
        History(account=ACCOUNTS[0], events=(event(EventKind.REFERRED, ("partner", "status")), event(EventKind.CONVERT, ()))),
    ),
    "identity": (IdentityLink(visitor="v-2", account="A1", at=NOON),),
    "invite_link": (
        InviteLink(partner_name=PartnerName("BrightSide"), landing="https://www.vendor.example/partner-offer?cc=invite"),
        InviteLink(
            partner_name=PartnerName("b"),
            landing="https://www.vendor.example/ö#start",
            highlighted_plans=("standard", "lite"),
            experience=frozenset(Experience),
        ),
    ),
    "line": LINES,
    "line_change": CHANGES,
    "link_parameters": (LinkParameters(), LinkParameters(highlighted_plans="show", experience="start")),
    "markup": tuple(Markup(rate=Rate.percent("10"), rounding=rounding) for rounding in Rounding),
    "money": MONIES,
    "month": (SEPTEMBER, Month.parse("2024-02")),
    "month_cap": (CAPS[2],),
    "month_totals": (
        MonthTotals(month=SEPTEMBER, bills=(), statements=()),
        MonthTotals(month=SEPTEMBER, bills=BILL_TOTALS, statements=STATEMENT_TOTALS),
    ),
    "months": (Months(), Months(start=3, until=12)),
    "name_alias": BRIGHT.names,
    "need": (Need(), Need(handles_all_work=True, conducts_all_marketing=True, one_organization=True, clients_differ=True)),
    "opening": (
        AccountOpening(id="o-1", account="A1", visitor="v-1", at=IN_NEW_YORK),
        AccountOpening(
            id="o-2", account="A2", visitor="", at=NOON, email="care@greenvalley.example", coupon="SUMMER25", existing_account=True
        ),
    ),
    "package": (Package(size=500, price=usd("10")), Package(size=500, price=Money.of("1500", "JPY"), free=100)),
    "page_visit": (
        PageVisit(id="k-1", visitor="v-1", at=NOON, url="https://www.vendor.example/offer?pn=brightside"),
        PageVisit(
            id="k-2",
            visitor="v-1",
            at=NOON,
            url="https://www.vendor.example/ö?pn=b",
            source="extension",
            bot=True,
            prefetch=True,
            top_level=False,
            consent=True,
            gpc=True,
        ),
    ),
    "partial_close": (PartialClose(), PartialClose(lines=(ON_SHARE, IN_YEN))),
    "participation": (
        Participation(account="A1", shares=(), reason=CreditReason.NO_TOUCH),
        *(
            Participation(account="A1", shares=SHARES[:2], reason=reason, flags=frozenset(CreditFlag), considered=CONSIDERED)
            for reason in CreditReason
        ),
    ),
    "partner": (PLAIN, NORTH, BRIGHT, IN_ZONE),
    "partner_name": (PartnerName("BrightSide"), PartnerName("b"), PartnerName("a._-9")),
    "partners": (Partners(()), Partners((PLAIN, NORTH))),
    "payment": (PAYMENT,),
    "payments": (Payments(), Payments(start=3, until=4)),
    "payout": tuple(
        Payout(amount={PayoutReason.PAYABLE: usd("179.95"), PayoutReason.PAID_BACK: usd("-3")}.get(reason, usd("0")), reason=reason)
        for reason in PayoutReason
    ),
    "percent": (PERCENT, *(Percent(rate=Rate.percent("12.5"), rounding=rounding) for rounding in Rounding)),
    "period": (CYCLE, Period(date(2024, 2, 29), date(2024, 3, 1))),
    "prepayment": tuple(
        Prepayment(starts_on=date(2025, 9, 8), time=time, nonprofit=nonprofit) for time in PrepaidTime for nonprofit in (False, True)
    ),
    "price_list": (PriceList(()), PriceList(PRICE_TABLES)),
    "price_table": PRICE_TABLES,
    "pricing": (*PRICINGS, FINER),
    "rate": RATES,
    "rate_tiers": (RateTiers(steps=((0, Rate.percent("0")), (2, Rate.percent("25")), (25, Rate.percent("35")))),),
    "rebill": (Rebill(cost=usd("85"), price=usd("100"), services=usd("40")),),
    "receipt": (Receipt(id="rc-1", charge="c-1", amount=Money.of("1000", "JPY"), received_on=date(2025, 9, 10)),),
    "refund": (REFUND,),
    "reported": tuple(
        Reported(partner="p-1", month=SEPTEMBER, part=part, amount=usd("-15"), account=account)
        for part in ReportPart
        for account in (None, "A1")
    ),
    "revenue_share": (RevenueShare(usd("1.80")), RevenueShare(Money.of("0", "JPY"))),
    "reward": (Reward(charge="c-1", rule="first-year", amount=usd("50"), capped=usd("10"), payable_on=date(2025, 9, 8)),),
    "reward_plan": (RewardPlan(()), RewardPlan(RULES)),
    "reward_rule": RULES,
    "ruling": (OWNER, DUTIES, *(by_another_edition(Owner.PARTNER, "ownership", basis) for basis in Basis)),
    "share": SHARES,
    "single_bill": BILLS,
    "single_bill_setup": (SingleBillSetup(bill_day=1), SingleBillSetup(bill_day=31)),
    "single_bill_since": BRIGHT.single_bill,
    "single_bill_totals": BILL_TOTALS,
    "standing": STANDINGS,
    "statement": STATEMENTS,
    "statement_totals": STATEMENT_TOTALS,
    "status_since": BRIGHT.status,
    "terms": TERMS,
    "terms_history": (TermsHistory(()), TermsHistory((FULL, NONE_AGREED))),
    "tier": (*STAIRS.tiers, *PRICE_TABLES[1].tiers),
    "unit_price": UNIT_PRICES,
    "upfront_discount": (UpfrontDiscount(usd("1.80")), UpfrontDiscount(Money.of("0", "JPY"))),
    "usage": (Usage(starts_on=date(2025, 1, 1), plan="lite", contacts=300), Usage(starts_on=date(2025, 1, 1), plan="größer", contacts=0)),
    "vendor_sites": (VendorSites(("www.vendor.example",)), VendorSites(("vendor.example", "blog.vendor.example"), subdomains=True)),
    "visit": VISITS,
    "window": WINDOWS,
    **{f"{key}_terms": sections(key) for key in SECTIONS},
}
"""The values of each golden file, line by line."""
