"""partnerkit: the executable rulebook of a partner program.

For any account on any day: who is credited, who owns the client relationship and who may contact whom, which reward
applies, and who pays and earns what, to the cent and with the reason.

Floor 0, the front door. It imports nothing until a name is asked for, and holds nothing but re-exports.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnerkit.article import ARTICLE as ARTICLE
    from partnerkit.article import SENTENCES as SENTENCES
    from partnerkit.article import Sentence as Sentence
    from partnerkit.attribution import AccountOpening as AccountOpening
    from partnerkit.attribution import Credit as Credit
    from partnerkit.attribution import CreditFlag as CreditFlag
    from partnerkit.attribution import CreditReason as CreditReason
    from partnerkit.attribution import Deal as Deal
    from partnerkit.attribution import IdentityLink as IdentityLink
    from partnerkit.attribution import PageVisit as PageVisit
    from partnerkit.attribution import Visit as Visit
    from partnerkit.attribution import attribute as attribute
    from partnerkit.attribution import attribute_all as attribute_all
    from partnerkit.attribution import winners as winners
    from partnerkit.billing import AT_COST as AT_COST
    from partnerkit.billing import AddOn as AddOn
    from partnerkit.billing import Adjustment as Adjustment
    from partnerkit.billing import Charge as Charge
    from partnerkit.billing import ChargeReason as ChargeReason
    from partnerkit.billing import CountOf as CountOf
    from partnerkit.billing import Line as Line
    from partnerkit.billing import Markup as Markup
    from partnerkit.billing import PrepaidTime as PrepaidTime
    from partnerkit.billing import Prepayment as Prepayment
    from partnerkit.billing import Pricing as Pricing
    from partnerkit.billing import Rebill as Rebill
    from partnerkit.billing import Receipt as Receipt
    from partnerkit.billing import Refund as Refund
    from partnerkit.billing import RevenueShare as RevenueShare
    from partnerkit.billing import UpfrontDiscount as UpfrontDiscount
    from partnerkit.billing import Usage as Usage
    from partnerkit.billing import add_on_renewals as add_on_renewals
    from partnerkit.billing import line_for as line_for
    from partnerkit.billing import overage as overage
    from partnerkit.billing import rebill as rebill
    from partnerkit.billing import renewals as renewals
    from partnerkit.billing import resumption as resumption
    from partnerkit.billing import reverse as reverse
    from partnerkit.billing import suspension_fee as suspension_fee
    from partnerkit.billing import tax_charges as tax_charges
    from partnerkit.bills import Payment as Payment
    from partnerkit.bills import SingleBill as SingleBill
    from partnerkit.clauses import Basis as Basis
    from partnerkit.clauses import Choice as Choice
    from partnerkit.clauses import Citation as Citation
    from partnerkit.clauses import Clause as Clause
    from partnerkit.clauses import Flag as Flag
    from partnerkit.clauses import Law as Law
    from partnerkit.clauses import Permission as Permission
    from partnerkit.clauses import Policy as Policy
    from partnerkit.clauses import Ruling as Ruling
    from partnerkit.close import Close as Close
    from partnerkit.close import PartialClose as PartialClose
    from partnerkit.close import close_month as close_month
    from partnerkit.close import finish as finish
    from partnerkit.close import partial_close as partial_close
    from partnerkit.codec import from_data as from_data
    from partnerkit.codec import to_data as to_data
    from partnerkit.compare import Comparison as Comparison
    from partnerkit.compare import LineChange as LineChange
    from partnerkit.compare import compare_rewards as compare_rewards
    from partnerkit.discounts import Discounted as Discounted
    from partnerkit.discounts import Stacking as Stacking
    from partnerkit.discounts import discounted as discounted
    from partnerkit.discounts import oldest_first as oldest_first
    from partnerkit.errors import CurrencyMismatch as CurrencyMismatch
    from partnerkit.errors import Fault as Fault
    from partnerkit.errors import InvalidLink as InvalidLink
    from partnerkit.errors import InvalidRecords as InvalidRecords
    from partnerkit.errors import InvalidValue as InvalidValue
    from partnerkit.errors import LinkFault as LinkFault
    from partnerkit.errors import NoTermsInForce as NoTermsInForce
    from partnerkit.errors import PartnerkitError as PartnerkitError
    from partnerkit.errors import Refused as Refused
    from partnerkit.errors import TermMissing as TermMissing
    from partnerkit.fingerprints import fingerprint as fingerprint
    from partnerkit.invariants import INVARIANTS as INVARIANTS
    from partnerkit.invariants import Invariant as Invariant
    from partnerkit.links import Experience as Experience
    from partnerkit.links import InviteLink as InviteLink
    from partnerkit.links import LinkParameters as LinkParameters
    from partnerkit.links import VendorSites as VendorSites
    from partnerkit.links import add_partner as add_partner
    from partnerkit.links import cobrand as cobrand
    from partnerkit.links import link_hints as link_hints
    from partnerkit.links import read_partner as read_partner
    from partnerkit.links import replace_partner as replace_partner
    from partnerkit.money import Currency as Currency
    from partnerkit.money import Money as Money
    from partnerkit.money import Rate as Rate
    from partnerkit.money import Rounding as Rounding
    from partnerkit.money import UnitPrice as UnitPrice
    from partnerkit.money import round_minor as round_minor
    from partnerkit.money import round_ratio as round_ratio
    from partnerkit.partners import Account as Account
    from partnerkit.partners import AccountStatus as AccountStatus
    from partnerkit.partners import BillingMode as BillingMode
    from partnerkit.partners import Management as Management
    from partnerkit.partners import NameAlias as NameAlias
    from partnerkit.partners import Origin as Origin
    from partnerkit.partners import Partner as Partner
    from partnerkit.partners import PartnerName as PartnerName
    from partnerkit.partners import Partners as Partners
    from partnerkit.partners import PartnerStatus as PartnerStatus
    from partnerkit.partners import Payer as Payer
    from partnerkit.partners import SingleBillSetup as SingleBillSetup
    from partnerkit.partners import SingleBillSince as SingleBillSince
    from partnerkit.partners import Standing as Standing
    from partnerkit.partners import StatusSince as StatusSince
    from partnerkit.payouts import Payout as Payout
    from partnerkit.payouts import PayoutReason as PayoutReason
    from partnerkit.payouts import payout as payout
    from partnerkit.periods import Month as Month
    from partnerkit.periods import Period as Period
    from partnerkit.periods import ProrationBasis as ProrationBasis
    from partnerkit.periods import Window as Window
    from partnerkit.periods import billing_dates as billing_dates
    from partnerkit.periods import cycle_containing as cycle_containing
    from partnerkit.periods import prorate as prorate
    from partnerkit.policies import ACCOUNT_CONTROL as ACCOUNT_CONTROL
    from partnerkit.policies import AUTOMATIC_CANCELLATION as AUTOMATIC_CANCELLATION
    from partnerkit.policies import CONTACT as CONTACT
    from partnerkit.policies import CREDITING as CREDITING
    from partnerkit.policies import DUTIES as DUTIES
    from partnerkit.policies import INFORMING as INFORMING
    from partnerkit.policies import MANAGEMENT_APPROVAL as MANAGEMENT_APPROVAL
    from partnerkit.policies import MANAGEMENT_END as MANAGEMENT_END
    from partnerkit.policies import MANAGEMENT_REQUEST as MANAGEMENT_REQUEST
    from partnerkit.policies import MOVE_IN as MOVE_IN
    from partnerkit.policies import OWNERSHIP as OWNERSHIP
    from partnerkit.policies import PARTNER_CONTACT as PARTNER_CONTACT
    from partnerkit.policies import PAYMENT_METHOD as PAYMENT_METHOD
    from partnerkit.policies import PLAN_CHANGE as PLAN_CHANGE
    from partnerkit.policies import PLAN_OFFER as PLAN_OFFER
    from partnerkit.policies import PREPAID_DISCOUNT as PREPAID_DISCOUNT
    from partnerkit.policies import PROGRAM_LEAVING as PROGRAM_LEAVING
    from partnerkit.policies import PROMOTION as PROMOTION
    from partnerkit.policies import REQUEST_WITHDRAWAL as REQUEST_WITHDRAWAL
    from partnerkit.policies import REWARD as REWARD
    from partnerkit.policies import SETUP as SETUP
    from partnerkit.policies import SINGLE_BILL_ENROLLMENT as SINGLE_BILL_ENROLLMENT
    from partnerkit.policies import SINGLE_BILL_LEAVING as SINGLE_BILL_LEAVING
    from partnerkit.policies import STATUS_CHANGE as STATUS_CHANGE
    from partnerkit.policies import SUSPENSION as SUSPENSION
    from partnerkit.policies import Asker as Asker
    from partnerkit.policies import Channel as Channel
    from partnerkit.policies import Controller as Controller
    from partnerkit.policies import Counting as Counting
    from partnerkit.policies import Duty as Duty
    from partnerkit.policies import EndedBy as EndedBy
    from partnerkit.policies import Need as Need
    from partnerkit.policies import Owner as Owner
    from partnerkit.policies import PartnerRole as PartnerRole
    from partnerkit.policies import PaymentMethod as PaymentMethod
    from partnerkit.policies import PlanOffer as PlanOffer
    from partnerkit.policies import Promotion as Promotion
    from partnerkit.policies import Purpose as Purpose
    from partnerkit.policies import RewardKind as RewardKind
    from partnerkit.policies import Setup as Setup
    from partnerkit.policies import StatusChange as StatusChange
    from partnerkit.policies import controller_of as controller_of
    from partnerkit.policies import duties_of as duties_of
    from partnerkit.policies import informer_of as informer_of
    from partnerkit.policies import may_approve_management as may_approve_management
    from partnerkit.policies import may_cancel_automatically as may_cancel_automatically
    from partnerkit.policies import may_change_plan as may_change_plan
    from partnerkit.policies import may_change_status as may_change_status
    from partnerkit.policies import may_contact as may_contact
    from partnerkit.policies import may_discount_prepaid as may_discount_prepaid
    from partnerkit.policies import may_end_management as may_end_management
    from partnerkit.policies import may_join_single_bill as may_join_single_bill
    from partnerkit.policies import may_leave_program as may_leave_program
    from partnerkit.policies import may_leave_single_bill as may_leave_single_bill
    from partnerkit.policies import may_move_in as may_move_in
    from partnerkit.policies import may_partner_contact as may_partner_contact
    from partnerkit.policies import may_request_management as may_request_management
    from partnerkit.policies import may_suspend as may_suspend
    from partnerkit.policies import may_withdraw_request as may_withdraw_request
    from partnerkit.policies import owner_of as owner_of
    from partnerkit.policies import payment_method_for as payment_method_for
    from partnerkit.policies import plan_offer as plan_offer
    from partnerkit.policies import promotion as promotion
    from partnerkit.policies import reward_for as reward_for
    from partnerkit.policies import suggested_setup as suggested_setup
    from partnerkit.policies import visit_counts as visit_counts
    from partnerkit.prices import Package as Package
    from partnerkit.prices import PriceList as PriceList
    from partnerkit.prices import PriceTable as PriceTable
    from partnerkit.prices import Tier as Tier
    from partnerkit.prices import TierModel as TierModel
    from partnerkit.program import Program as Program
    from partnerkit.reconciliation import Cause as Cause
    from partnerkit.reconciliation import Deviation as Deviation
    from partnerkit.reconciliation import Reported as Reported
    from partnerkit.reconciliation import ReportPart as ReportPart
    from partnerkit.reconciliation import corrections as corrections
    from partnerkit.reconciliation import reconcile as reconcile
    from partnerkit.relationships import ClientRelationship as ClientRelationship
    from partnerkit.relationships import Event as Event
    from partnerkit.relationships import EventKind as EventKind
    from partnerkit.relationships import HoldCause as HoldCause
    from partnerkit.rewards import ChargeCap as ChargeCap
    from partnerkit.rewards import ClientCap as ClientCap
    from partnerkit.rewards import Flat as Flat
    from partnerkit.rewards import MonthCap as MonthCap
    from partnerkit.rewards import Months as Months
    from partnerkit.rewards import Payments as Payments
    from partnerkit.rewards import Percent as Percent
    from partnerkit.rewards import RateTiers as RateTiers
    from partnerkit.rewards import Reward as Reward
    from partnerkit.rewards import RewardPlan as RewardPlan
    from partnerkit.rewards import RewardRule as RewardRule
    from partnerkit.schemas import schema_of as schema_of
    from partnerkit.statements import Disbursement as Disbursement
    from partnerkit.statements import Entry as Entry
    from partnerkit.statements import EntryKind as EntryKind
    from partnerkit.statements import Statement as Statement
    from partnerkit.tallies import close_totals as close_totals
    from partnerkit.tallies import partial_totals as partial_totals
    from partnerkit.tallies import partner_totals as partner_totals
    from partnerkit.terms import NOT_AGREED as NOT_AGREED
    from partnerkit.terms import AttributionTerms as AttributionTerms
    from partnerkit.terms import BillingTerms as BillingTerms
    from partnerkit.terms import BonusFrom as BonusFrom
    from partnerkit.terms import BonusTerms as BonusTerms
    from partnerkit.terms import ChargeKind as ChargeKind
    from partnerkit.terms import Clawback as Clawback
    from partnerkit.terms import ContactTerms as ContactTerms
    from partnerkit.terms import CreditModel as CreditModel
    from partnerkit.terms import CreditSource as CreditSource
    from partnerkit.terms import CutOff as CutOff
    from partnerkit.terms import EligibleAt as EligibleAt
    from partnerkit.terms import FirstPeriod as FirstPeriod
    from partnerkit.terms import ManagementTerms as ManagementTerms
    from partnerkit.terms import Negative as Negative
    from partnerkit.terms import OnIneligible as OnIneligible
    from partnerkit.terms import PayoutSchedule as PayoutSchedule
    from partnerkit.terms import PayoutTerms as PayoutTerms
    from partnerkit.terms import PrepaidCharged as PrepaidCharged
    from partnerkit.terms import Recognition as Recognition
    from partnerkit.terms import SelfReferral as SelfReferral
    from partnerkit.terms import ShareTerms as ShareTerms
    from partnerkit.terms import SingleBillTerms as SingleBillTerms
    from partnerkit.terms import TaxRounding as TaxRounding
    from partnerkit.terms import Terms as Terms
    from partnerkit.terms import TermsHistory as TermsHistory
    from partnerkit.terms import TierBasis as TierBasis
    from partnerkit.text import explain as explain
    from partnerkit.text import format_date as format_date
    from partnerkit.text import format_money as format_money
    from partnerkit.text import format_month as format_month
    from partnerkit.text import format_rate as format_rate
    from partnerkit.text import open_questions as open_questions
    from partnerkit.text import phrase as phrase
    from partnerkit.text import reasons as reasons
    from partnerkit.totals import BillTotals as BillTotals
    from partnerkit.totals import MonthTotals as MonthTotals
    from partnerkit.totals import PartialTotals as PartialTotals
    from partnerkit.totals import StatementTotals as StatementTotals
    from partnerkit.totals import finish_totals as finish_totals
    from partnerkit.touches import Participation as Participation
    from partnerkit.touches import Share as Share
    from partnerkit.touches import participation as participation

_HOMES = {
    "errors": (
        "CurrencyMismatch Fault InvalidLink InvalidRecords InvalidValue LinkFault NoTermsInForce PartnerkitError Refused TermMissing"
    ),
    "money": ("Currency Money Rate Rounding UnitPrice round_minor round_ratio"),
    "periods": ("Month Period ProrationBasis Window billing_dates cycle_containing prorate"),
    "fingerprints": ("fingerprint"),
    "clauses": ("Basis Choice Citation Clause Flag Law Permission Policy Ruling"),
    "article": ("ARTICLE SENTENCES Sentence"),
    "partners": (
        "Account AccountStatus BillingMode Management NameAlias Origin Partner PartnerName PartnerStatus "
        "Partners Payer SingleBillSetup SingleBillSince Standing StatusSince"
    ),
    "terms": (
        "NOT_AGREED AttributionTerms BillingTerms BonusFrom BonusTerms ChargeKind Clawback ContactTerms "
        "CreditModel CreditSource CutOff EligibleAt FirstPeriod ManagementTerms Negative OnIneligible "
        "PayoutSchedule PayoutTerms PrepaidCharged Recognition SelfReferral ShareTerms SingleBillTerms TaxRounding "
        "Terms TermsHistory TierBasis"
    ),
    "prices": ("Package PriceList PriceTable Tier TierModel"),
    "links": ("Experience InviteLink LinkParameters VendorSites add_partner cobrand link_hints read_partner replace_partner"),
    "policies": (
        "ACCOUNT_CONTROL AUTOMATIC_CANCELLATION CONTACT CREDITING DUTIES INFORMING MANAGEMENT_APPROVAL "
        "MANAGEMENT_END MANAGEMENT_REQUEST MOVE_IN OWNERSHIP PARTNER_CONTACT PAYMENT_METHOD PLAN_CHANGE PLAN_OFFER "
        "PREPAID_DISCOUNT PROGRAM_LEAVING PROMOTION REQUEST_WITHDRAWAL REWARD SETUP SINGLE_BILL_ENROLLMENT "
        "SINGLE_BILL_LEAVING STATUS_CHANGE SUSPENSION Asker Channel Controller Counting Duty EndedBy Need Owner "
        "PartnerRole PaymentMethod PlanOffer Promotion Purpose RewardKind Setup StatusChange controller_of "
        "duties_of informer_of may_approve_management may_cancel_automatically may_change_plan may_change_status "
        "may_contact may_discount_prepaid may_end_management may_join_single_bill may_leave_program "
        "may_leave_single_bill may_move_in may_partner_contact may_request_management may_suspend "
        "may_withdraw_request owner_of payment_method_for plan_offer promotion reward_for suggested_setup "
        "visit_counts"
    ),
    "invariants": ("INVARIANTS Invariant"),
    "program": ("Program"),
    "attribution": ("AccountOpening Credit CreditFlag CreditReason Deal IdentityLink PageVisit Visit attribute attribute_all winners"),
    "touches": ("Participation Share participation"),
    "relationships": ("ClientRelationship Event EventKind HoldCause"),
    "billing": (
        "AT_COST AddOn Adjustment Charge ChargeReason CountOf Line Markup PrepaidTime Prepayment Pricing Rebill Receipt Refund "
        "RevenueShare UpfrontDiscount Usage add_on_renewals line_for overage rebill renewals resumption reverse suspension_fee tax_charges"
    ),
    "rewards": ("ChargeCap ClientCap Flat MonthCap Months Payments Percent RateTiers Reward RewardPlan RewardRule"),
    "discounts": ("Discounted Stacking discounted oldest_first"),
    "bills": ("Payment SingleBill"),
    "statements": ("Disbursement Entry EntryKind Statement"),
    "payouts": ("Payout PayoutReason payout"),
    "reconciliation": ("Cause Deviation ReportPart Reported corrections reconcile"),
    "close": ("Close PartialClose close_month finish partial_close"),
    "totals": ("BillTotals MonthTotals PartialTotals StatementTotals finish_totals"),
    "tallies": ("close_totals partial_totals partner_totals"),
    "compare": ("Comparison LineChange compare_rewards"),
    "codec": ("from_data to_data"),
    "schemas": ("schema_of"),
    "text": ("explain format_date format_money format_month format_rate open_questions phrase reasons"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605  (one list of names, which is the mapping above)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__} has no name {name}: it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]
