"""Standings, partners and terms that many tests speak of."""

from datetime import UTC, date, datetime
from typing import Any

from partnerkit.clauses import Permission
from partnerkit.money import Currency
from partnerkit.partners import (
    Account,
    BillingMode,
    Management,
    NameAlias,
    Origin,
    Partner,
    PartnerName,
    PartnerStatus,
    SingleBillSetup,
    SingleBillSince,
    Standing,
    StatusSince,
)
from partnerkit.policies import (
    Purpose,
)
from partnerkit.terms import (
    ContactTerms,
    Terms,
)

DAY = date(2025, 8, 8)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
MANAGED, REFERRED = Management.MANAGED, Management.REFERRED
DIRECT, SINGLE_BILL = BillingMode.DIRECT, BillingMode.SINGLE_BILL

ACCOUNT = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=LONG_AGO, anchor_day=8)
BRIGHTSIDE = Partner.of("p-1", "brightside", bill_day=5)
NORTHLIGHT = Partner.of("p-2", "northlight")
SILENT = Terms(starts_on=date(2024, 1, 1), source="invented for the tests; states nothing")

MANAGED_PURPOSES = [purpose for purpose in Purpose if purpose is not Purpose.LEGAL_OBLIGATION]
TERM_OF = {Purpose.REPLY: "reply", Purpose.BILLING_NOTICE: "billing_notice", Purpose.SECURITY_NOTICE: "security_notice"}


def partner_with(status: PartnerStatus, *, since: datetime = LONG_AGO) -> Partner:
    later = (StatusSince(status=PartnerStatus.ACTIVE), StatusSince(status=status, since=since))
    setup = SingleBillSince(setup=SingleBillSetup(bill_day=5))
    return Partner(id="p-1", names=(NameAlias(name=PartnerName("brightside")),), status=later, single_bill=(setup,))


def referred(**other: Any) -> Standing:
    usual: dict[str, Any] = {"account": ACCOUNT, "credited_to": BRIGHTSIDE, "management": REFERRED, "origin": Origin.LINK, "day": DAY}
    return Standing(**usual | other)


def managed(**other: Any) -> Standing:
    return referred(**{"managed_by": BRIGHTSIDE, "management": MANAGED, "origin": Origin.PARTNER_CREATED} | other)


def enrolled(**other: Any) -> Standing:
    return managed(**{"billing_mode": SINGLE_BILL, "payer": BRIGHTSIDE} | other)


def stating(**sections: Any) -> Terms:
    return Terms(starts_on=date(2024, 1, 1), source="invented for the tests", **sections)


def contact_terms(*, agreed: bool) -> Terms:
    return stating(contact=ContactTerms(reply=agreed, billing_notice=agreed, security_notice=agreed, partner_asked=agreed))
