"""The one rule of attribution: which visits count for an opening, who could be credited, and who is.

Floor 5, below attribution. May import: enums, errors, vocabulary, clauses, partners, terms, mailboxes, policies, visits, credits, attrs and
the standard library.

Whether a visit counts is asked of the policy `CREDITING`, visit by visit, and every answer keeps the rulings. The single call,
the streams and the reports on participation all ask this rule.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar, final

import attrs

from partnerkit.clauses import Ruling
from partnerkit.credits import (
    NO_FLAGS,
    SAME_DOMAIN,
    SAME_MAILBOX,
    ConsideredVisit,
    Credit,
    CreditFlag,
    CreditReason,
    considered_of,
    credit_of,
)
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.mailboxes import mailbox
from partnerkit.partners import Partner, Partners, PartnerStatus, check_id
from partnerkit.policies import Counting, CreditingFacts, NameReading, Timing, visit_counts
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms
from partnerkit.visits import EXTENSION, AccountOpening, Deal, IdentityLink, Visit, check_visit, in_utc, reused, seconds
from partnerkit.vocabulary import check_all, check_is

NO_COUPONS: Mapping[str, str] = MappingProxyType({})
"""What a call without coupons knows of them."""

# Members of enums by names of their own: these are asked for every visit, and a name is found six times as fast.
_COUNTS = Counting.COUNTS
_MISSING, _AMBIGUOUS, _KNOWN, _UNKNOWN = NameReading.MISSING, NameReading.AMBIGUOUS, NameReading.KNOWN, NameReading.UNKNOWN
_IN_WINDOW, _EXPIRED, _AFTER = Timing.IN_WINDOW, Timing.EXPIRED, Timing.AFTER_OPENING
_LINK, _FIRST, _STOP, _ACTIVE = CreditSource.LINK, CreditModel.FIRST, OnIneligible.STOP, PartnerStatus.ACTIVE
_AT_VISIT, _AT_OPENING = EligibleAt.VISIT, EligibleAt.OPENING
_WHOLE = (CreditModel.LAST, CreditModel.FIRST)
_REASONS: Mapping[str, CreditReason] = MappingProxyType({reason.value: reason for reason in CreditReason})


OwnFacts = tuple[bool, bool, bool, bool, bool | None, bool]
"""A visit's own facts: is it ambiguous, of a bot, prefetched, at the top level, with consent, under Global Privacy Control?"""


@final
class Candidate(NamedTuple):
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
        elif terms.on_ineligible is _STOP:
            return


def reason_of(source: CreditSource, terms: AttributionTerms) -> CreditReason:
    """Say why a partner is credited: by the source that named it, and among visits by the model of the terms."""
    return _REASONS[terms.model if source is _LINK else source]


def check_whole(model: CreditModel) -> None:
    """Refuse a model that shares an account among several."""
    if model not in _WHOLE:
        raise InvalidValue(
            f"the model {model} shares an account in reports, but a partnership is credited whole: "
            f"set attribution.model to {' or '.join(map(repr, map(str, _WHOLE)))}, and ask participation() for the shares"
        )


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
        """Index what the vendor knows by the account it is about; coupons map a code, in any case, to a partner id.

        What is of another type, or names a partner there is not, raises `InvalidValue`.
        """
        check_is("partners", partners, Partners)
        check_is("terms", terms, Terms)
        deals, identities = tuple(deals), tuple(identities)
        check_all("deals", deals, Deal)
        check_all("identities", identities, IdentityLink)
        check_is("coupons", coupons, Mapping)
        for partner_id in (*(deal.partner for deal in deals), *coupons.values()):
            _check_known(partners, partner_id)
        if isinstance(erased, str):
            raise InvalidValue(f"erased is {shown(erased)}: wanted the ids of visitors, such as ({shown(erased)},)")
        erased = frozenset(erased)
        for visitor in erased:
            check_id("erased visitor", visitor)
        return cls(
            partners=partners,
            terms=terms.attribution,
            deals=_by_account(sorted(deals, key=attrgetter("starts_at"))),
            coupons=_by_code(coupons),
            identities=_by_account(identities),
            erased=erased,
        )

    def visitors(self, opening: AccountOpening) -> set[str]:
        """Give whose visits lead to an opening: the visitor that made it, and those known by then to be the same person."""
        links = self.identities.get(opening.account)
        return {opening.visitor} if links is None else {opening.visitor, *(link.visitor for link in links if link.at <= opening.at)}

    def journey(self, opening: AccountOpening, visits: Iterable[Visit]) -> list[Visit]:
        """Give the visits that lead to an opening in order of time; two different visits under one id are refused.

        A visit that a clock running ahead dates after the opening is as old as the opening, if the skew is within the terms.
        Visits at one instant stay as they came in.
        """
        visitors = self.visitors(opening)
        by_id: dict[str, Visit] = {}
        journey: list[Visit] = []
        for visit in visits:
            check_visit(visit)
            known = by_id.setdefault(visit.id, visit)
            if known is not visit and known != visit:
                raise reused("visits", visit.id)
            if visit.visitor in visitors:
                journey.append(visit)
        opened = in_utc(opening.at)
        return [visit for _, visit in sorted(((self.dated(visit, opened), visit) for visit in journey), key=itemgetter(0))]

    def dated(self, visit: Visit, opened: datetime) -> datetime:
        """Date a visit: a clock that runs ahead of the opening's, within the terms, puts it no later than the opening."""
        at = visit.at
        return opened if at > opened and at - opened <= seconds(self.terms.skew_seconds) else at

    def flags_of(self, facts: OwnFacts) -> tuple[bool, bool, bool, bool, bool]:
        """Give what a visit's own facts say to the policy under these terms: two of them matter only where the terms ask for them."""
        _, bot, prefetch, top_level, consent, gpc = facts
        terms = self.terms
        return bot, prefetch, top_level, consent is not True and terms.require_consent, gpc and terms.honor_gpc

    def is_eligible(self, partner: Partner, at: datetime, opened: datetime) -> bool:
        """Tell whether a partner was active when the terms want it, for a claim of an instant on an opening."""
        when = self.terms.eligible_at
        if partner.only_status is _ACTIVE:
            return True
        at_visit = when is _AT_OPENING or partner.status_at(at) is _ACTIVE
        return at_visit and (when is _AT_VISIT or partner.status_at(opened) is _ACTIVE)

    def is_denied(self, partner: Partner, email: str) -> bool:
        """Tell whether a partner would be credited with itself, and the terms deny that."""
        return is_own(partner, email) and self.terms.self_referral is SelfReferral.DENY

    def flags(self, partner: Partner, email: str) -> frozenset[CreditFlag]:
        """Give what a person should look at before a partner is paid for the account of a mailbox."""
        if not email or not partner.emails:
            return NO_FLAGS
        if is_own(partner, email):
            return SAME_MAILBOX if self.terms.self_referral is SelfReferral.FLAG else NO_FLAGS
        _, domain = mailbox(email)
        shares = domain and any(domain == own for _, own in _mailboxes(partner.emails))
        return SAME_DOMAIN if shares and domain not in map(str.lower, self.terms.free_mail) else NO_FLAGS

    def credit(self, opening: AccountOpening, journey: Sequence[Visit], *, evidence: bool = True) -> Credit:
        """Credit an opening as a whole to one partner, or to nobody; the visits of its journey come in order of time."""
        judgment = Judgment(self, opening, journey, lazy=not evidence)
        considered = judgment.considered if evidence else ()
        won = judgment.winner()
        if won is None:
            return credit_of(opening.account, None, None, judgment.why_nobody(), NO_FLAGS, considered)
        source, winner = won
        reason = reason_of(source, self.terms)
        return credit_of(opening.account, winner.partner.id, winner.visit, reason, self.flags(winner.partner, opening.email), considered)


@final
class Judgment:
    """One opening, the visits that lead to it in order of time, and what the rule finds out about them.

    A `lazy` one judges a visit when somebody asks for it, so that the winner alone costs no more visits than it takes to find it; it
    wants a journey in which no report comes twice.
    """

    __slots__ = ("_day", "_heard", "_journey", "_lazy", "_opened", "_opening", "_rule", "_terms")

    def __init__(self, rule: CreditRule, opening: AccountOpening, journey: Sequence[Visit], *, lazy: bool = False) -> None:
        self._rule = rule
        self._terms = rule.terms
        self._opening = opening
        self._journey = journey
        self._lazy = lazy
        self._opened = in_utc(opening.at)
        self._day = opening.at.date()
        self._heard: list[_Heard] | None = None

    @property
    def considered(self) -> tuple[ConsideredVisit, ...]:
        """Every visit of the journey, and the ruling that kept or dropped it."""
        return tuple([considered_of(visit, ruling) for visit, ruling, _ in self._all_heard()])

    def winner(self) -> tuple[CreditSource, Candidate] | None:
        """Give the candidate that wins and its source: the first source that has one that can be credited decides."""
        for source in self._sources():
            winner = next(creditable(self.candidates(source), self._terms), None)
            if winner is not None:
                return source, winner
        return None

    def candidates(self, source: CreditSource) -> Iterator[Candidate]:
        """Give the partners that a source names, best first: deals by their start, visits by the model of the terms."""
        return self._by_link() if source is _LINK else self._claims(source)

    def why_nobody(self) -> CreditReason:
        """Say why nobody is credited: the strongest cause that was seen."""
        if self._opening.existing_account:
            return CreditReason.NOT_NEW
        seen = [candidate for source in self._sources() for candidate in self.candidates(source)]
        if any(candidate.self_denied for candidate in seen):
            return CreditReason.SELF_REFERRAL
        return CreditReason.PARTNER_INACTIVE if seen else CreditReason.NO_TOUCH

    def _sources(self) -> tuple[CreditSource, ...]:
        return () if self._opening.existing_account else self._terms.precedence

    def _by_link(self) -> Iterator[Candidate]:
        """Give the partners of the visits that count, from the end at which the model of the terms looks first."""
        is_first = self._terms.model is _FIRST
        if self._lazy:
            for visit in self._journey if is_first else reversed(self._journey):
                if visit.source == EXTENSION:
                    # Whether it stands down depends on the visits before it: now all are heard, and whoever was turned down is again.
                    break
                _, candidate = self._hear(visit)
                if candidate is not None:
                    yield candidate
            else:
                return
        heard = self._all_heard()
        for _, _, candidate in heard if is_first else reversed(heard):
            if candidate is not None:
                yield candidate

    def _all_heard(self) -> "list[_Heard]":
        """Hear the whole journey in order of time: a report that came before and an extension's click depend on what was heard."""
        if self._heard is None:
            rivals = _Rivals()
            seen: set[str] = set()
            self._heard = []
            for visit in self._journey:
                ruling, candidate = self._hear(visit, repeated=visit.id in seen)
                seen.add(visit.id)
                if candidate is not None and visit.source == EXTENSION and self._stands_down(candidate, rivals):
                    ruling, candidate = self._against(candidate, stood_down=True), None
                if candidate is not None:
                    rivals.add(candidate)
                self._heard.append((visit, ruling, candidate))
        return self._heard

    def _hear(self, visit: Visit, *, repeated: bool = False) -> tuple[Ruling[Counting], Candidate | None]:
        """Rule whether a visit counts, as far as other visits do not matter; with whom it could credit if nothing else is against it."""
        rule, terms, opened, at = self._rule, self._terms, self._opened, visit.at
        if at > opened:
            at = rule.dated(visit, opened)
        partner = rule.partners.named(visit.name, at) if visit.name and not visit.ambiguous else None
        reading = _KNOWN if partner is not None else _reading(visit)
        timing = _AFTER if at > opened else _IN_WINDOW if terms.window.contains(at, opened) else _EXPIRED
        flags = (
            repeated,
            *rule.flags_of((visit.ambiguous, visit.bot, visit.prefetch, visit.top_level, visit.consent, visit.gpc)),
            visit.visitor in rule.erased,
            self._opening.existing_account,
        )
        ruling = _ruling(self._day, reading, timing, flags)
        if partner is None or ruling.outcome is not _COUNTS:
            return ruling, None
        candidate = self._candidate(partner, at, visit)
        return (self._against(candidate) if candidate.ineligible or candidate.self_denied else ruling), candidate

    def _against(self, candidate: Candidate, *, stood_down: bool = False) -> Ruling[Counting]:
        """Rule on a visit that counts but for what stands against its partner."""
        return _ruling_on_partner(self._day, (stood_down, candidate.ineligible, candidate.self_denied))

    def _stands_down(self, candidate: Candidate, rivals: "_Rivals") -> bool:
        """Tell whether another partner's visit is too recent for an extension's click."""
        limit = self._terms.stand_down_seconds
        if limit == 0:
            return False
        other = rivals.latest_of_others(candidate)
        return other is not None and candidate.at - other.at <= seconds(limit)

    def _candidate(self, partner: Partner, at: datetime, visit: Visit | None = None) -> Candidate:
        rule = self._rule
        return Candidate(partner, at, not rule.is_eligible(partner, at, self._opened), rule.is_denied(partner, self._opening.email), visit)

    def _claims(self, source: CreditSource) -> Iterator[Candidate]:
        """Give the partners that a deal or a coupon names for the opening."""
        rule, opening, opened = self._rule, self._opening, self._opened
        if source is CreditSource.DEAL:
            named = [deal.partner for deal in rule.deals.get(opening.account, ()) if deal.holds(opening.account, opened)]
        else:
            named = [rule.coupons[code]] if (code := _folded(opening.coupon.strip())) in rule.coupons else []
        return (self._candidate(rule.partners[partner_id], opened) for partner_id in named)


_Instant = TypeVar("_Instant")


@final
class Unclear(Named):
    """What a look at one visit says where it takes the whole rule to tell.

    >>> Unclear("unclear").name
    'UNCLEAR'
    """

    UNCLEAR = "unclear"


_UNCLEAR: Final = Unclear.UNCLEAR


@final
class Glance(Generic[_Instant]):
    """The rule for one visit alone, with what it said before kept: most visits win as soon as they are looked at, or do not count.

    It is asked about visits within the window to openings of new accounts that neither a deal nor a coupon is about, made by visitors
    that were not erased. Instants are in the caller's unit, and `instant` reads them; a visit that a clock running ahead dates after the
    opening is as old as the opening.
    """

    __slots__ = ("_counting", "_day", "_instant", "_rule", "_settled", "_undated")

    def __init__(self, rule: CreditRule, instant: Callable[[_Instant], datetime]) -> None:
        self._rule = rule
        self._instant = instant
        self._day = date.min
        self._counting: dict[OwnFacts, bool] = {}
        self._undated = frozenset(
            text
            for partner in rule.partners
            if partner.only_status is _ACTIVE
            for alias in partner.names
            if alias.since is alias.until is None
            for text in (alias.name.text, alias.name.key)
        )
        self._settled: dict[str | None, Partner] = {}

    def come_to(self, day: date) -> None:
        """Go on to a civil day of openings: another edition of the policy may be in force."""
        if day != self._day:
            self._day = day
            self._counting.clear()

    def look(  # noqa: PLR0913, PLR0917  (in the order of a visit's fields)
        self, name: str | None, source: str, facts: OwnFacts, at: _Instant, opened: _Instant, email: str
    ) -> Partner | Unclear | None:
        """Give the partner that a visit credits if no visit before it in the search does, None where the visit does not count."""
        counts = self._counting.get(facts)
        if counts is None:
            counts = self._ask(facts)
        if not counts:
            return None
        partner = self._settled.get(name)
        if partner is None:
            found = self._named(name, at, opened)
            if not isinstance(found, Partner):
                return found
            partner = found
        if email and self._rule.is_denied(partner, email):
            return _UNCLEAR
        # An extension may have to stand down, which depends on the visits before it.
        return _UNCLEAR if source == EXTENSION and self._rule.terms.stand_down_seconds else partner

    def _ask(self, facts: OwnFacts) -> bool:
        """Ask the policy whether a visit with such facts of its own counts, if it names a partner that nothing is against."""
        flags = (False, *self._rule.flags_of(facts), False, False)
        ruling = _ruling(self._day, _AMBIGUOUS if facts[0] else _KNOWN, _IN_WINDOW, flags)
        return self._counting.setdefault(facts, ruling.outcome is _COUNTS)

    def _named(self, name: str | None, at: _Instant, opened: _Instant) -> Partner | Unclear | None:
        """Read the name of a visit at its instant; what holds at every instant is kept."""
        rule, when = self._rule, self._instant(opened)
        seen = min(self._instant(at), when)
        partner = rule.partners.named(name, seen) if name else None
        if partner is None:
            return None
        if not rule.is_eligible(partner, seen, when):
            return _UNCLEAR
        if name in self._undated:
            self._settled[name] = partner
        return partner


_Heard = tuple[Visit, Ruling[Counting], Candidate | None]
"""A visit, the ruling on it, and whom it could credit if nothing is against it but what is against the partner."""


@final
class _Rivals:
    """The last visit that counts and the last one of another partner than that, heard in order of time."""

    __slots__ = ("_before", "_last")

    def __init__(self) -> None:
        self._last: Candidate | None = None
        self._before: Candidate | None = None

    def add(self, candidate: Candidate) -> None:
        if self._last is not None and self._last.partner is not candidate.partner:
            self._before = self._last
        self._last = candidate

    def latest_of_others(self, candidate: Candidate) -> Candidate | None:
        return self._before if self._last is not None and self._last.partner is candidate.partner else self._last


# Few facts come together, so nearly every visit finds its ruling without an object being made of its facts.
@lru_cache
def _ruling(day: date, name: NameReading, timing: Timing, flags: tuple[bool, ...]) -> Ruling[Counting]:
    """Ask the policy about a visit, as far as nothing is against its partner; the flags stand in the order of its facts."""
    repeated, bot, prefetch, top_level, consent_missing, gpc_stops, erased, existing_account = flags
    facts = CreditingFacts(
        name=name,
        timing=timing,
        repeated=repeated,
        bot=bot,
        prefetch=prefetch,
        top_level=top_level,
        consent_missing=consent_missing,
        gpc_stops=gpc_stops,
        erased=erased,
        existing_account=existing_account,
    )
    return visit_counts(facts, day)


@lru_cache
def _ruling_on_partner(day: date, flags: tuple[bool, bool, bool]) -> Ruling[Counting]:
    """Ask the policy about a visit that counts but for what is against its partner."""
    stood_down, partner_ineligible, self_referral_denied = flags
    facts = CreditingFacts(
        name=_KNOWN,
        timing=_IN_WINDOW,
        stood_down=stood_down,
        partner_ineligible=partner_ineligible,
        self_referral_denied=self_referral_denied,
    )
    return visit_counts(facts, day)


def is_own(partner: Partner, email: str) -> bool:
    """Tell whether the mailbox of an account's holder is the partner's own; without one it is nobody's."""
    if not email or not partner.emails or email.isspace():
        return False
    return mailbox(email) in _mailboxes(partner.emails)


# A partner is asked about for every account it brings.
@lru_cache
def _mailboxes(emails: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(map(mailbox, emails))


def _reading(visit: Visit) -> NameReading:
    """Read the name of a visit that names no partner."""
    if visit.ambiguous:
        return _AMBIGUOUS
    return _UNKNOWN if visit.name else _MISSING


def _check_known(partners: Partners, partner_id: str) -> None:
    """Refuse a claim for a partner that there is not, which the lookup by its id does."""
    _ = partners[partner_id]


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
