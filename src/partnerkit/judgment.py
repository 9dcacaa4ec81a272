"""The one rule of attribution: which visits count for an opening, who could be credited, and who is.

Floor 5, below attribution. May import: enums, errors, clauses, partners, terms, policies, visits, attrs and the standard library.

Whether a visit counts is asked of the policy `CREDITING`, visit by visit, and every answer keeps the rulings. The single call,
the streams and the reports on participation all ask this rule.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import TypeVar, final

import attrs

from partnerkit.clauses import Ruling
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.partners import Partner, Partners, PartnerStatus, check_id
from partnerkit.policies import Counting, CreditingFacts, NameReading, Timing, visit_counts
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms
from partnerkit.visits import EXTENSION, AccountOpening, Deal, IdentityLink, Visit, in_utc, reused, seconds

NO_COUPONS: Mapping[str, str] = MappingProxyType({})
"""What a call without coupons knows of them."""


@final
class CreditReason(Named):
    """Which rule decided a credit. The last three models share in reports and credit nobody.

    >>> CreditReason("last")
    CreditReason.LAST
    """

    DEAL = "deal"
    COUPON = "coupon"
    LAST = "last"
    FIRST = "first"
    BOUND = "bound"
    """The account was opened before: the first answer stands."""
    NOT_NEW = "not_new"
    SELF_REFERRAL = "self_referral"
    PARTNER_INACTIVE = "partner_inactive"
    NO_TOUCH = "no_touch"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"


@final
class CreditFlag(Named):
    """What a person should look at before the credit is paid.

    >>> CreditFlag("same_domain")
    CreditFlag.SAME_DOMAIN
    """

    SAME_DOMAIN = "same_domain"
    """The account holder's mailbox and one of the partner's share a domain that is not free mail."""


@final
@attrs.frozen(kw_only=True)
class ConsideredVisit:
    """A visit of the journey to an opening, and the ruling that kept or dropped it."""

    visit: Visit
    ruling: Ruling[Counting]


_BY_VISIT = frozenset({CreditReason.LAST, CreditReason.FIRST})


_BY_CLAIM = frozenset({CreditReason.DEAL, CreditReason.COUPON})


_NOBODY = (CreditReason.NOT_NEW, CreditReason.SELF_REFERRAL, CreditReason.PARTNER_INACTIVE, CreditReason.NO_TOUCH)


@final
@attrs.frozen(kw_only=True)
class Credit:
    """Who is credited with an account, and why.

    `partner` is the id of the partner, None where nobody is credited; `visit` the visit that won, where a visit did.
    `considered` holds every visit of the journey in order of time, the losing ones with the clauses that dropped them.

    >>> Credit(account="A1", partner="p-1", visit=None, reason=CreditReason.DEAL).flags
    frozenset()
    """

    account: str
    partner: str | None
    visit: Visit | None
    reason: CreditReason
    flags: frozenset[CreditFlag] = frozenset()
    considered: tuple[ConsideredVisit, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not _is_lawful(self.partner is not None, self.visit is not None, self.reason):
            partner, visit = self.partner, self.visit and self.visit.id
            raise InvalidValue(
                f"no credit has the reason {shown(self.reason)} with the partner {shown(partner)} and the visit {shown(visit)}"
            )


def _is_lawful(has_partner: bool, has_visit: bool, reason: CreditReason) -> bool:  # noqa: FBT001  (a table of three facts)
    if reason is CreditReason.BOUND:
        return has_partner or not has_visit
    if reason in _BY_VISIT:
        return has_partner and has_visit
    return not has_visit and has_partner == (reason in _BY_CLAIM) and (has_partner or reason in _NOBODY)


@final
@attrs.frozen(kw_only=True)
class Candidate:
    """A partner that could be credited, and what stands against it.

    `at` dates its claim: the instant of the visit, which a clock that ran ahead puts no later than the opening.
    """

    partner: Partner
    at: datetime
    ineligible: bool
    self_denied: bool
    visit: Visit | None = None


def creditable(candidates: Iterable[Candidate], terms: AttributionTerms) -> Iterator[Candidate]:
    """Give the candidates that can be credited, best first as they came.

    A partner that would be credited with itself is passed over; one that is not eligible is passed over or, by the
    term `on_ineligible`, ends the search.
    """
    for candidate in candidates:
        if candidate.self_denied:
            continue
        if not candidate.ineligible:
            yield candidate
        elif terms.on_ineligible is OnIneligible.STOP:
            return


@final
@attrs.frozen(kw_only=True)
class Judgment:
    """What the rule found out about one opening, before anybody is credited.

    `candidates` come by their source in the order of precedence: deals by their start, visits by time and then as they came in.
    """

    opening: AccountOpening
    candidates: tuple[tuple[CreditSource, tuple[Candidate, ...]], ...]
    considered: tuple[ConsideredVisit, ...]

    def why_nobody(self) -> CreditReason:
        """Say why nobody is credited: the strongest cause that was seen."""
        if self.opening.existing_account:
            return CreditReason.NOT_NEW
        seen = [candidate for _, candidates in self.candidates for candidate in candidates]
        if any(candidate.self_denied for candidate in seen):
            return CreditReason.SELF_REFERRAL
        return CreditReason.PARTNER_INACTIVE if seen else CreditReason.NO_TOUCH


@final
@attrs.frozen(kw_only=True)
class CreditRule:
    """The one rule of attribution, ready to be asked about any opening.

    `attribute`, `attribute_all` and the reports on participation all ask it. Build it with `CreditRule.of`.
    """

    partners: Partners
    terms: AttributionTerms
    deals: Mapping[str, tuple[Deal, ...]]
    coupons: Mapping[str, str]
    identities: Mapping[str, tuple[IdentityLink, ...]]
    erased: frozenset[str]

    @classmethod
    def of(  # noqa: PLR0913  (what the vendor knows besides visits, one keyword each)
        cls,
        *,
        partners: Partners,
        terms: Terms,
        deals: Iterable[Deal] = (),
        coupons: Mapping[str, str] = NO_COUPONS,
        identities: Iterable[IdentityLink] = (),
        erased: Iterable[str] = (),
    ) -> "CreditRule":
        """Index what the vendor knows by the account it is about; coupons map a code, in any case, to a partner id."""
        return cls(
            partners=partners,
            terms=terms.attribution,
            deals=_by_account(sorted(deals, key=attrgetter("starts_at"))),
            coupons=_by_code(coupons),
            identities=_by_account(identities),
            erased=frozenset(erased),
        )

    def visitors(self, opening: AccountOpening) -> frozenset[str]:
        """Give whose visits lead to an opening: the visitor that made it, and those known by then to be the same person."""
        known = (link.visitor for link in self.identities.get(opening.account, ()) if link.at <= opening.at)
        return frozenset((opening.visitor, *known))

    def journey(self, opening: AccountOpening, visits: Iterable[Visit]) -> list[Visit]:
        """Give the visits that lead to an opening, in the order they came in; two different visits under one id are refused."""
        visitors = self.visitors(opening)
        by_id: dict[str, Visit] = {}
        journey: list[Visit] = []
        for visit in visits:
            known = by_id.setdefault(visit.id, visit)
            if known is not visit and known != visit:
                raise reused("visits", visit.id)
            if visit.visitor in visitors:
                journey.append(visit)
        return journey

    def judge(self, opening: AccountOpening, journey: Iterable[Visit]) -> Judgment:
        """Judge the visits of a journey, given in the order they came in, and the other claims on an opening."""
        opened = in_utc(opening.at)
        day = opening.at.date()
        considered: list[ConsideredVisit] = []
        counting: list[Candidate] = []
        latest: dict[str, datetime] = {}
        for at, visit, repeated in self._dated(opened, journey):
            partner = self._partner_named(visit, at)
            facts = self._facts(opening, visit, self._timing(at, opened), partner, repeated=repeated)
            ruling = visit_counts(facts, day)
            if partner is not None and ruling.outcome is Counting.COUNTS:
                candidate = self._candidate(opening, partner, at, visit)
                stood_down = visit.source == EXTENSION and self._stands_down(partner, at, latest)
                if stood_down or candidate.ineligible or candidate.self_denied:
                    ruling = visit_counts(_facts_against(facts, candidate, stood_down=stood_down), day)
                if not stood_down:
                    counting.append(candidate)
                    latest.pop(partner.id, None)
                    latest[partner.id] = at
            considered.append(ConsideredVisit(visit=visit, ruling=ruling))
        sources = () if opening.existing_account else self.terms.precedence
        links = tuple(counting)
        candidates = tuple((source, links if source is CreditSource.LINK else self._claims(opening, opened, source)) for source in sources)
        return Judgment(opening=opening, candidates=candidates, considered=tuple(considered))

    def credit(self, opening: AccountOpening, journey: Iterable[Visit], *, evidence: bool = True) -> Credit:
        """Credit an opening as a whole to one partner, or to nobody."""
        judgment = self.judge(opening, journey)
        considered = judgment.considered if evidence else ()
        won = self.winner(judgment)
        if won is None:
            return Credit(account=opening.account, partner=None, visit=None, reason=judgment.why_nobody(), considered=considered)
        source, winner = won
        return Credit(
            account=opening.account,
            partner=winner.partner.id,
            visit=winner.visit,
            reason=CreditReason(self.terms.model if source is CreditSource.LINK else source),
            flags=self.flags(opening, winner.partner),
            considered=considered,
        )

    def winner(self, judgment: Judgment) -> tuple[CreditSource, Candidate] | None:
        """Give the candidate that wins and its source: the first source that has one that can be credited decides."""
        for source, candidates in judgment.candidates:
            is_last = source is CreditSource.LINK and self.terms.model is not CreditModel.FIRST
            winner = next(creditable(reversed(candidates) if is_last else candidates, self.terms), None)
            if winner is not None:
                return source, winner
        return None

    def flags(self, opening: AccountOpening, partner: Partner) -> frozenset[CreditFlag]:
        """Give what a person should look at before the partner is paid for this account."""
        holder = _mailbox(opening.email)
        _, domain = holder
        others = [_mailbox(email) for email in partner.emails]
        shares = domain and holder not in others and any(domain == other for _, other in others)
        return frozenset({CreditFlag.SAME_DOMAIN}) if shares and domain not in self.terms.free_mail else frozenset()

    def _dated(self, opened: datetime, journey: Iterable[Visit]) -> list[tuple[datetime, Visit, bool]]:
        """Date the visits, tell which were reported before, and order them by time; the sort leaves ties as they came in."""
        dated: list[tuple[datetime, Visit, bool]] = []
        seen: set[str] = set()
        for visit in journey:
            ahead = visit.at > opened and visit.at - opened <= seconds(self.terms.skew_seconds)
            dated.append((opened if ahead else visit.at, visit, visit.id in seen))
            seen.add(visit.id)
        dated.sort(key=itemgetter(0))
        return dated

    def _timing(self, at: datetime, opened: datetime) -> Timing:
        if at > opened:
            return Timing.AFTER_OPENING
        return Timing.IN_WINDOW if self.terms.window.contains(at, opened) else Timing.EXPIRED

    def _partner_named(self, visit: Visit, at: datetime) -> Partner | None:
        # Lower case turns some letters beyond ASCII into ASCII ones, and no partner name has any.
        if visit.ambiguous or not visit.name or not visit.name.isascii():
            return None
        return self.partners.named(visit.name, at)

    def _facts(self, opening: AccountOpening, visit: Visit, timing: Timing, partner: Partner | None, *, repeated: bool) -> CreditingFacts:
        return CreditingFacts(
            name=_reading(visit, partner),
            timing=timing,
            repeated=repeated,
            bot=visit.bot,
            prefetch=visit.prefetch,
            top_level=visit.top_level,
            consent_missing=visit.consent is not True and self.terms.require_consent,
            gpc_stops=visit.gpc and self.terms.honor_gpc,
            erased=visit.visitor in self.erased,
            existing_account=opening.existing_account,
        )

    def _stands_down(self, partner: Partner, at: datetime, latest: dict[str, datetime]) -> bool:
        """Tell whether another partner's visit is too recent; `latest` has each partner's latest visit, the most recent one last."""
        limit = self.terms.stand_down_seconds
        other = next((other_id for other_id in reversed(latest) if other_id != partner.id), None)
        return limit > 0 and other is not None and at - latest[other] <= seconds(limit)

    def _candidate(self, opening: AccountOpening, partner: Partner, at: datetime, visit: Visit | None = None) -> Candidate:
        return Candidate(
            partner=partner,
            at=at,
            ineligible=not self._is_eligible(opening, partner, at),
            self_denied=_is_own(opening.email, partner) and self.terms.self_referral is SelfReferral.DENY,
            visit=visit,
        )

    def _is_eligible(self, opening: AccountOpening, partner: Partner, at: datetime) -> bool:
        when = self.terms.eligible_at
        at_visit = when is EligibleAt.OPENING or partner.status_at(at) is PartnerStatus.ACTIVE
        return at_visit and (when is EligibleAt.VISIT or partner.status_at(opening.at) is PartnerStatus.ACTIVE)

    def _claims(self, opening: AccountOpening, opened: datetime, source: CreditSource) -> tuple[Candidate, ...]:
        """Give the partners that a deal or a coupon names for an opening."""
        named: Iterable[str | None]
        if source is CreditSource.DEAL:
            named = (deal.partner for deal in self.deals.get(opening.account, ()) if deal.holds(opening.account, opened))
        else:
            named = (self.coupons.get(_folded(opening.coupon.strip())),)
        return tuple(self._candidate(opening, self.partners[partner_id], opened) for partner_id in named if partner_id is not None)


def _reading(visit: Visit, partner: Partner | None) -> NameReading:
    if visit.ambiguous:
        return NameReading.AMBIGUOUS
    if not visit.name:
        return NameReading.MISSING
    return NameReading.UNKNOWN if partner is None else NameReading.KNOWN


def _facts_against(facts: CreditingFacts, candidate: Candidate, *, stood_down: bool) -> CreditingFacts:
    """Add what stands against the partner to the facts of a visit that counts otherwise, so that nothing else does."""
    return CreditingFacts(
        name=facts.name,
        timing=facts.timing,
        stood_down=stood_down,
        partner_ineligible=candidate.ineligible,
        self_referral_denied=candidate.self_denied,
    )


def _mailbox(email: str) -> tuple[str, str]:
    """Split an address into what tells mailboxes apart, without case and without the tag after a plus sign, and its domain.

    A name before the address, quotes around its first part and the dot at the end of its domain tell nothing apart.
    """
    address = email.strip().lower()
    if address.endswith(">"):
        address = address.removesuffix(">").rpartition("<")[-1].strip()
    local, at, domain = address.rpartition("@")
    plain = local.strip('"').partition("+")[0] or local
    return (plain, domain.rstrip(".")) if at else (domain, "")


def _is_own(email: str, partner: Partner) -> bool:
    return email.strip() != "" and _mailbox(email) in map(_mailbox, partner.emails)


def _folded(code: str) -> str:
    return code.lower() if code.isascii() else code


def _by_code(coupons: Mapping[str, str]) -> Mapping[str, str]:
    by_code: dict[str, str] = {}
    for code, partner_id in coupons.items():
        check_id("coupon", code)
        if by_code.setdefault(_folded(code), partner_id) != partner_id:
            raise InvalidValue(f"the coupon {shown(code)} belongs to two partners in different case: case does not tell coupons apart")
    return by_code


_AboutAccount = TypeVar("_AboutAccount", Deal, IdentityLink)


def _by_account(items: Iterable[_AboutAccount]) -> Mapping[str, tuple[_AboutAccount, ...]]:
    grouped: dict[str, list[_AboutAccount]] = {}
    for item in items:
        grouped.setdefault(item.account, []).append(item)
    return {account: tuple(group) for account, group in grouped.items()}
