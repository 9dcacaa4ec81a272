"""Who is credited, written down a second time from the rules alone: one sentence each, in the slowest and plainest way.

Nothing here is taken from partnerkit but the values it is asked about. A partner goes by one name and has dated statuses.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import zip_longest
from typing import NamedTuple
from zoneinfo import ZoneInfo

from partnerkit.attribution import AccountOpening, Deal, IdentityLink, Visit
from partnerkit.partners import Partner, PartnerStatus
from partnerkit.periods import Window, WindowUnit
from partnerkit.terms import AttributionTerms

Answer = tuple[str | None, str | None, str]
"""The partner, the visit that won, and the reason."""
Claim = tuple[Partner, datetime, str | None]
"""A partner that could be credited, since when, and by which visit."""


class Known(NamedTuple):
    """What the vendor knows besides visits."""

    partners: Sequence[Partner]
    terms: AttributionTerms
    deals: Sequence[Deal] = ()
    coupons: Mapping[str, str] = {}
    identities: Sequence[IdentityLink] = ()
    erased: frozenset[str] = frozenset()


def credited(opening: AccountOpening, visits: Sequence[Visit], known: Known) -> Answer:
    """Credit an opening."""
    if opening.existing_account:
        return None, None, "not_new"
    causes: set[str] = set()
    for source in known.terms.precedence:
        for partner, at, visit in _claims(source, opening, visits, known):
            if _own(opening.email, partner) and known.terms.self_referral == "deny":
                causes.add("self_referral")
            elif not _eligible(partner, at, opening.at, known.terms.eligible_at):
                causes.add("partner_inactive")
                if known.terms.on_ineligible == "stop":
                    break
            else:
                return partner.id, visit, known.terms.model if source == "link" else source
    return None, None, next((cause for cause in ("self_referral", "partner_inactive") if cause in causes), "no_touch")


def linear_and_position(opening: AccountOpening, visits: Sequence[Visit], known: Known) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Share an opening that only links can credit: each touch alike, and 40 % to the first, 40 % to the last, 20 % between."""
    touches: list[Claim] = []
    for claim in reversed(_counted(opening, visits, known)):
        partner, at, _ = claim
        if _own(opening.email, partner) and known.terms.self_referral == "deny":
            continue
        if _eligible(partner, at, opening.at, known.terms.eligible_at):
            touches.insert(0, claim)
        elif known.terms.on_ineligible == "stop":
            break
    kept = [touch for touch, after in zip_longest(touches, touches[1:]) if not _is_same_touch(touch, after, known)]
    alike, ends = [Fraction(1, len(kept) or 1)] * len(kept), _by_position(len(kept))
    return tuple(_summed(kept, weights) for weights in (alike, ends))  # type: ignore[return-value]


def _is_same_touch(touch: Claim, after: Claim | None, known: Known) -> bool:
    return after is not None and after[0].id == touch[0].id and after[1] - touch[1] <= timedelta(seconds=known.terms.dedupe_seconds)


def _by_position(count: int) -> list[Fraction]:
    if count <= 2:
        return [Fraction(1, count or 1)] * count
    return [Fraction(2, 5), *[Fraction(1, 5 * (count - 2))] * (count - 2), Fraction(2, 5)]


def _summed(touches: Sequence[Claim], weights: Sequence[Fraction]) -> dict[str, Fraction]:
    parts: dict[str, Fraction] = {}
    for (partner, _, _), weight in zip(touches, weights, strict=True):
        parts[partner.id] = parts.get(partner.id, Fraction(0)) + weight
    return parts


def _claims(source: str, opening: AccountOpening, visits: Sequence[Visit], known: Known) -> list[Claim]:
    """Give whom a source names, best first."""
    if source == "deal":
        live = [
            one for one in known.deals if one.approved and one.account == opening.account and one.starts_at <= opening.at <= one.ends_at
        ]
        return [(_by_id(known.partners, one.partner), opening.at, None) for one in sorted(live, key=lambda one: one.starts_at)]
    if source == "coupon":
        owners = [partner for code, partner in known.coupons.items() if code.lower() == opening.coupon.lower()]
        return [(_by_id(known.partners, owner), opening.at, None) for owner in owners]
    counted = _counted(opening, visits, known)
    return counted if known.terms.model == "first" else counted[::-1]


def _counted(opening: AccountOpening, visits: Sequence[Visit], known: Known) -> list[Claim]:
    """Give the visits that count, in order of time and then of the list."""
    partners, terms, identities, erased = known.partners, known.terms, known.identities, known.erased
    journey = {opening.visitor} | {one.visitor for one in identities if one.account == opening.account and one.at <= opening.at}
    skew = timedelta(seconds=terms.skew_seconds)
    dated = [(min(one.at, opening.at) if one.at <= opening.at + skew else one.at, one) for one in visits if one.visitor in journey]
    dated.sort(key=lambda pair: pair[0])
    counted: list[Claim] = []
    reported: set[str] = set()
    for at, visit in dated:
        repeated = visit.id in reported
        reported.add(visit.id)
        partner = next((one for one in partners if visit.name and one.names[0].name.text.lower() == visit.name.lower()), None)
        spoiled = visit.ambiguous or visit.bot or visit.prefetch or not visit.top_level or visit.visitor in erased or repeated
        private = (terms.require_consent and visit.consent is not True) or (terms.honor_gpc and visit.gpc)
        if partner is None or spoiled or private or at > opening.at or not _within(terms.window, at, opening.at):
            continue
        others = [earlier for other, earlier, _ in counted if other.id != partner.id]
        limit = timedelta(seconds=terms.stand_down_seconds)
        if visit.source == "extension" and limit and others and at - max(others) <= limit:
            continue
        counted.append((partner, at, visit.id))
    return counted


def _within(window: Window, at: datetime, opened: datetime) -> bool:
    if window.unit is WindowUnit.UNLIMITED:
        return True
    if window.unit is WindowUnit.CALENDAR_DAYS:
        zone = ZoneInfo(window.zone)
        return opened.astimezone(zone).date() <= at.astimezone(zone).date() + timedelta(days=window.count)
    seconds = (opened - at).total_seconds()
    longest = window.count * (86_400 if window.unit is WindowUnit.DAYS else 3_600)
    return seconds <= longest if window.inclusive else seconds < longest


def _eligible(partner: Partner, at: datetime, opened: datetime, when: str) -> bool:
    instants = {"visit": [at], "opening": [opened], "both": [at, opened]}[when]
    return all(_status(partner, instant) is PartnerStatus.ACTIVE for instant in instants)


def _status(partner: Partner, at: datetime) -> PartnerStatus:
    status = PartnerStatus.PENDING
    for entry in partner.status:
        if entry.since is None or entry.since <= at:
            status = entry.status
    return status


def _own(email: str, partner: Partner) -> bool:
    def mailbox(address: str) -> tuple[str, str]:
        name, _, domain = address.lower().partition("@")
        return name.split("+")[0], domain

    return email != "" and mailbox(email) in [mailbox(own) for own in partner.emails]


def _by_id(partners: Sequence[Partner], partner_id: str) -> Partner:
    return next(partner for partner in partners if partner.id == partner_id)
