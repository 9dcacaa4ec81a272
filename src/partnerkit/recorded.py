"""Which values are records and by which name, which are none and why, and what records share beyond their fields.

Floor 9, below codec. May import: every lower floor, attrs and the standard library.

A name and a form once given stay: files written by version 1 must load for ever.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, final

import attrs

from partnerkit.attribution import AccountOpening, ConsideredVisit, Credit, Deal, IdentityLink, PageVisit, Visit
from partnerkit.billing import (
    AddOn,
    Adjustment,
    Charge,
    Line,
    Markup,
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
from partnerkit.clauses import LogEntry, Ruling
from partnerkit.close import PartialClose
from partnerkit.compare import Comparison, LineChange
from partnerkit.discounts import Discounted
from partnerkit.errors import Fault
from partnerkit.events import Event
from partnerkit.links import InviteLink, LinkParameters, VendorSites
from partnerkit.money import Currency, Money, Rate, UnitPrice
from partnerkit.partners import (
    Account,
    NameAlias,
    Partner,
    PartnerName,
    Partners,
    SingleBillSetup,
    SingleBillSince,
    Standing,
    StatusSince,
    check_id,
)
from partnerkit.payouts import Payout
from partnerkit.periods import Month, Period, Window
from partnerkit.policies import Need
from partnerkit.prices import Package, PriceList, PriceTable, Tier
from partnerkit.program import Program
from partnerkit.reconciliation import Deviation, Reported
from partnerkit.relationships import ClientRelationship
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
from partnerkit.statements import Disbursement, Earning, Entry, Statement
from partnerkit.terms import (
    AttributionTerms,
    BillingTerms,
    BonusTerms,
    ContactTerms,
    ManagementTerms,
    PayoutTerms,
    ShareTerms,
    SingleBillTerms,
    Terms,
    TermsHistory,
)
from partnerkit.totals import BillTotals, MonthTotals, StatementTotals
from partnerkit.touches import Participation, Share

VERSION: Final = 1
"""The version of every record this library writes."""


@final
@attrs.frozen(kw_only=True)
class History:
    """A relationship as it is stored: the account and its events, from which everything else follows.

    >>> from datetime import datetime
    >>> from partnerkit.money import Currency
    >>> opened_at = datetime.fromisoformat("2025-08-08T09:30:00+00:00")
    >>> account = Account(id="A1", client="C1", currency=Currency("USD"), opened_at=opened_at, anchor_day=8)
    >>> History(account=account, events=()).account.id
    'A1'
    """

    account: Account
    events: tuple[Event, ...]

    def replay(self, program: Program, partners: Partners) -> ClientRelationship:
        """Build the relationship; a history the rules refuse raises `Refused` with the ruling."""
        return ClientRelationship.replay(self.account, self.events, program=program, partners=partners)


@final
@attrs.frozen(kw_only=True)
class Coupon:
    """A code that credits the partner with this id; case does not matter.

    >>> Coupon(code="SUMMER25", partner="p-1").partner
    'p-1'
    """

    code: str
    partner: str

    def __attrs_post_init__(self) -> None:
        check_id("coupon", self.code)
        check_id("partner", self.partner)


RECORDS: Final[Mapping[str, type[Any]]] = MappingProxyType(
    {
        "account": Account,
        "add_on": AddOn,
        "adjustment": Adjustment,
        "attribution_terms": AttributionTerms,
        "billing_terms": BillingTerms,
        "bonus_terms": BonusTerms,
        "charge": Charge,
        "charge_cap": ChargeCap,
        "client_cap": ClientCap,
        "comparison": Comparison,
        "considered_visit": ConsideredVisit,
        "contact_terms": ContactTerms,
        "coupon": Coupon,
        "credit": Credit,
        "currency": Currency,
        "deal": Deal,
        "decision": LogEntry,
        "deviation": Deviation,
        "disbursement": Disbursement,
        "discounted": Discounted,
        "earning": Earning,
        "entry": Entry,
        "event": Event,
        "fault": Fault,
        "flat": Flat,
        "history": History,
        "identity": IdentityLink,
        "invite_link": InviteLink,
        "line": Line,
        "line_change": LineChange,
        "link_parameters": LinkParameters,
        "management_terms": ManagementTerms,
        "markup": Markup,
        "money": Money,
        "month": Month,
        "month_cap": MonthCap,
        "month_totals": MonthTotals,
        "months": Months,
        "name_alias": NameAlias,
        "need": Need,
        "opening": AccountOpening,
        "package": Package,
        "page_visit": PageVisit,
        "partial_close": PartialClose,
        "participation": Participation,
        "partner": Partner,
        "partner_name": PartnerName,
        "partners": Partners,
        "payment": Payment,
        "payments": Payments,
        "payout": Payout,
        "payout_terms": PayoutTerms,
        "percent": Percent,
        "period": Period,
        "prepayment": Prepayment,
        "price_list": PriceList,
        "price_table": PriceTable,
        "pricing": Pricing,
        "rate": Rate,
        "rate_tiers": RateTiers,
        "rebill": Rebill,
        "receipt": Receipt,
        "refund": Refund,
        "reported": Reported,
        "revenue_share": RevenueShare,
        "reward": Reward,
        "reward_plan": RewardPlan,
        "reward_rule": RewardRule,
        "ruling": Ruling,
        "share": Share,
        "share_terms": ShareTerms,
        "single_bill": SingleBill,
        "single_bill_setup": SingleBillSetup,
        "single_bill_since": SingleBillSince,
        "single_bill_terms": SingleBillTerms,
        "single_bill_totals": BillTotals,
        "standing": Standing,
        "statement": Statement,
        "statement_totals": StatementTotals,
        "status_since": StatusSince,
        "terms": Terms,
        "terms_history": TermsHistory,
        "tier": Tier,
        "unit_price": UnitPrice,
        "upfront_discount": UpfrontDiscount,
        "usage": Usage,
        "vendor_sites": VendorSites,
        "visit": Visit,
        "window": Window,
    }
)
"""The type of every record by its name."""

NAMES: Final[Mapping[type[Any], str]] = MappingProxyType({kind: name for name, kind in RECORDS.items()})
"""The name of every record by its type."""

_RULE_TEXT = "it is text of a rule; a ruling names the text it is by with its fingerprint, and a `decision` keeps what was asked"

NOT_RECORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Choice": _RULE_TEXT,
        "Citation": _RULE_TEXT,
        "Clause": _RULE_TEXT,
        "ClientRelationship": "its `history` is, as which it is written: read a History and replay it with the program and its partners",
        "Close": "its lines, bills, statements and credits are, which `close --out` writes; it is made again from the program's records",
        "Flag": _RULE_TEXT,
        "Invariant": "it is text that comes with the library: name it by its id",
        "Law": _RULE_TEXT,
        "PartialTotals": "its `rows` are what engines and processes hand each other, and `of_rows` adds them up; a `month_totals` is one",
        "Policy": _RULE_TEXT,
        "Program": "its file is: keep the text of program.toml, and read it with Program.parse",
        "Sentence": "it is text that comes with the library: name it by its id",
    }
)
"""Why each public value that is no record is none, by the name of its class."""

IN_A_UNION: Final = frozenset({RevenueShare, UpfrontDiscount, Percent, Flat, Months, Payments, ChargeCap, ClientCap, MonthCap})
"""Values that stand where another might: they are written under their own name, such as ``{"revenue_share": "1.50 USD"}``."""

BASIS: Final = "basis"
"""The field for the fingerprint of what a bill or a statement was made from."""

MAY_HAVE_BASIS: Final = frozenset({SingleBill, Statement, BillTotals, StatementTotals})
"""The records that may state it."""

TOTALS: Final[Mapping[type[Any], tuple[str, ...]]] = MappingProxyType(
    {
        SingleBill: ("gross", "discount", "adjusted", "total", "paid", "past_due", "due", "carried_forward"),
        Statement: ("share", "bonus", "incentives", "earned", "adjusted", "disbursed", "closing"),
    }
)
"""The amounts that follow from the rest of a record and are written with it."""
