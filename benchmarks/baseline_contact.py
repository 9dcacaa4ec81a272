"""The contact policy by hand: plain if and else on ready facts, giving the answer and the id of the clause that decides.

The yardstick for `CONTACT.decide`, which gives a whole ruling: see policies.py beside this file.
"""

from partnerkit.clauses import Permission
from partnerkit.policies import ContactFacts, Owner, Purpose

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
PARTNER = Owner.PARTNER
LEGAL, REPLY, BILLING, SECURITY = Purpose.LEGAL_OBLIGATION, Purpose.REPLY, Purpose.BILLING_NOTICE, Purpose.SECURITY_NOTICE
MARKETING, SALES, ONBOARDING = Purpose.MARKETING, Purpose.SALES, Purpose.ONBOARDING
RETENTION, COACHING = Purpose.RETENTION, Purpose.COACHING


def contact(facts: ContactFacts) -> tuple[Permission, str]:  # noqa: C901  (one flat table by hand is what is measured)
    """Answer whether the vendor may contact the account holder, and by which clause."""
    purpose = facts.purpose
    if facts.owner is PARTNER:
        if purpose is LEGAL:
            return MAY, "CONTACT-LEGAL"
        if purpose is REPLY and facts.reply_agreed:
            return MAY, "CONTACT-REPLY"
        if purpose is BILLING and facts.billing_notice_agreed:
            return MAY, "CONTACT-BILLING"
        if purpose is SECURITY and facts.security_notice_agreed:
            return MAY, "CONTACT-SECURITY"
        if facts.partner_asked and facts.partner_asked_agreed and not (purpose is MARKETING and facts.opted_out):
            return MAY, "CONTACT-ASKED"
        return MAY_NOT, "CONTACT-MANAGED"
    if facts.in_program:
        if purpose is SALES or purpose is ONBOARDING:
            return MAY, "CONTACT-START"
        if purpose is RETENTION or purpose is COACHING:
            return MAY, "CONTACT-KEEP"
    if purpose is MARKETING and facts.opted_out:
        return MAY_NOT, "CONTACT-OPTED-OUT"
    return MAY, "CONTACT-OWN-CLIENT"
