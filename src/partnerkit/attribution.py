"""Who is credited with an account: one rule over the visits before its opening, for a single opening and for streams.

Floor 5. May import: partners, periods, terms, visits, credits, judgment, touches, journeys, streams and the standard library.

A partnership is credited whole: with a registered deal, a coupon, or one visit to its link, in the order the terms say.
Whether a visit counts is asked of the policy `CREDITING`, visit by visit, and every answer keeps the rulings. Visits and
openings are facts that somebody else recorded: this module stamps no time, stores nothing and trusts no name after `pn=`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import final

from partnerkit.credits import NO_FLAGS, ConsideredVisit, Credit, CreditFlag, CreditReason, credit_of
from partnerkit.journeys import HeldVisits, step_back
from partnerkit.judgment import NO_COUPONS, CreditRule, Glance, Unclear, check_whole, reason_of
from partnerkit.partners import Partners
from partnerkit.periods import WindowUnit
from partnerkit.streams import opening_row, visit_row, winners
from partnerkit.terms import CreditModel, CreditSource, Terms
from partnerkit.touches import Participation, Share, participation
from partnerkit.visits import BEGINNING, EXTENSION, AccountOpening, Deal, IdentityLink, PageVisit, Visit, in_utc, later, reused, seconds

__all__ = [
    "EXTENSION",
    "AccountOpening",
    "ConsideredVisit",
    "Credit",
    "CreditFlag",
    "CreditReason",
    "CreditRule",
    "Deal",
    "IdentityLink",
    "PageVisit",
    "Participation",
    "Share",
    "Visit",
    "attribute",
    "attribute_all",
    "opening_row",
    "participation",
    "visit_row",
    "winners",
]


def attribute(  # noqa: PLR0913  (what the vendor knows besides visits, one keyword each)
    opening: AccountOpening,
    visits: Iterable[Visit],
    *,
    partners: Partners,
    terms: Terms,
    deals: Iterable[Deal] = (),
    coupons: Mapping[str, str] = NO_COUPONS,
    identities: Iterable[IdentityLink] = (),
    erased: Iterable[str] = (),
) -> Credit:
    """Credit one account opening: which partner, by which visit or claim, and what every visit of the journey was worth.

    `visits` come in any order, other visitors' among them; those at one instant rank as they came in. `coupons` map a code to
    a partner id, `erased` names visitors that asked to be forgotten. Raises `InvalidValue` for two different visits
    under one id and for a model that credits nobody whole, `TermMissing` for a term that is needed and absent.

    >>> from datetime import UTC, date, timedelta
    >>> from partnerkit.periods import Window
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import AttributionTerms, EligibleAt
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", attribution=AttributionTerms(
    ...     model=CreditModel.LAST, window=Window.days(30), eligible_at=EligibleAt.BOTH, precedence=(CreditSource.LINK,),
    ...     require_consent=False))
    >>> noon = datetime(2025, 8, 8, 12, tzinfo=UTC)
    >>> credit = attribute(
    ...     AccountOpening(id="s1", account="A1", visitor="v1", at=noon),
    ...     [Visit(id="k1", visitor="v1", at=noon - timedelta(days=1), name="BrightSide"),
    ...      Visit(id="k2", visitor="v1", at=noon, name="nobody-we-know")],
    ...     partners=Partners((Partner.of("p-1", "brightside"),)), terms=terms)
    >>> credit.partner, credit.reason, [considered.ruling.because for considered in credit.considered]
    ('p-1', CreditReason.LAST, [('CREDIT-LINK',), ('CREDIT-UNKNOWN',)])
    """
    rule = CreditRule.of(partners=partners, terms=terms, deals=deals, coupons=coupons, identities=identities, erased=erased)
    check_whole(rule.terms.model)
    return rule.credit(opening, rule.journey(opening, visits))


def attribute_all(  # noqa: PLR0913  (what the vendor knows besides visits, one keyword each)
    openings: Iterable[AccountOpening],
    visits: Iterable[Visit],
    *,
    partners: Partners,
    terms: Terms,
    deals: Iterable[Deal] = (),
    coupons: Mapping[str, str] = NO_COUPONS,
    identities: Iterable[IdentityLink] = (),
    erased: Iterable[str] = (),
    evidence: bool = True,
) -> Iterator[Credit]:
    """Credit every opening of a stream by the rule of `attribute`, reading both streams once and no further than needed.

    Both streams must be sorted by time; the first step back raises `InvalidValue`. Visits older than the window of the terms
    are let go, so a credit considers only those within it; an unlimited window keeps them all. An account opened once stays
    bound: a later opening of it gives the first answer with the reason `BOUND`, whose visit and evidence are with the first. The
    same report twice gives the same answer; another body under its id, while that is held, raises `InvalidValue`. Without `evidence`,
    `considered` stays empty and visits that name nobody are not even held. Besides the window's visits, memory holds two short texts
    for every opening, for as long as the stream lasts. Of more events than are worth an object each, `winners` tells the same.

    >>> from datetime import UTC, date, timedelta
    >>> from partnerkit.periods import Window
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import AttributionTerms, EligibleAt
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", attribution=AttributionTerms(
    ...     model=CreditModel.LAST, window=Window.days(30), skew_seconds=0, precedence=()))
    >>> noon = datetime(2025, 8, 8, 12, tzinfo=UTC)
    >>> openings = [AccountOpening(id=f"s{hour}", account="A1", visitor="v1", at=noon + timedelta(hours=hour)) for hour in (0, 1)]
    >>> [str(credit.reason) for credit in attribute_all(openings, [], partners=Partners(()), terms=terms)]
    ['no_touch', 'bound']
    """
    rule = CreditRule.of(partners=partners, terms=terms, deals=deals, coupons=coupons, identities=identities, erased=erased)
    check_whole(rule.terms.model)
    return _answers(rule, openings, visits, evidence=evidence)


def _answers(rule: CreditRule, openings: Iterable[AccountOpening], visits: Iterable[Visit], *, evidence: bool) -> Iterator[Credit]:
    skew = seconds(rule.terms.skew_seconds)
    held = HeldVisits(visits, rule.terms.window.longest, skew, evidence=evidence)
    given = _GivenAnswers(_judge_with_evidence(rule, held) if evidence else _Search(rule, held).credit)
    for opening in openings:
        opened = in_utc(opening.at)
        given.come_to(opening, opened)
        held.read_until(later(opened, skew) if skew else opened)
        yield given.to(opening, opened)


_Judge = Callable[[AccountOpening, datetime], Credit]


def _judge_with_evidence(rule: CreditRule, held: HeldVisits) -> _Judge:
    return lambda opening, opened: rule.credit(opening, held.of(rule.visitors(opening), opened))


@final
class _Search:
    """The search for the winner of an opening: by a look at each visit where that tells, else by the rule itself."""

    __slots__ = ("_deals_or_more", "_glance", "_held", "_is_by_link", "_is_exact", "_is_last", "_reason", "_rule")

    def __init__(self, rule: CreditRule, held: HeldVisits) -> None:
        terms = rule.terms
        self._rule, self._held, self._glance = rule, held, Glance(rule, in_utc)
        self._is_last, self._reason = terms.model is CreditModel.LAST, reason_of(CreditSource.LINK, terms)
        self._is_by_link = CreditSource.LINK in terms.given().get("precedence", ())
        # Otherwise the longest age of the window is only a bound, and the window is asked.
        self._is_exact = terms.window.inclusive and terms.window.unit is not WindowUnit.CALENDAR_DAYS
        self._deals_or_more = rule.deals.keys() | rule.identities.keys()

    def credit(self, opening: AccountOpening, opened: datetime) -> Credit:
        """Answer the first opening of an account."""
        account, visitor = opening.account, opening.visitor
        is_plain = self._is_by_link and not opening.existing_account and not opening.coupon and account not in self._deals_or_more
        if not is_plain or visitor in self._rule.erased:
            return self._by_rule(opening, opened)
        self._glance.come_to(opening.at.date())
        for visit in self._held.latest_of(visitor, opened) if self._is_last else self._held.of((visitor,), opened):
            at = visit.at
            if not self._is_exact and not self._rule.terms.window.contains(min(at, opened), opened):
                continue
            facts = (visit.ambiguous, visit.bot, visit.prefetch, visit.top_level, visit.consent, visit.gpc)
            found = self._glance.look(visit.name, visit.source, facts, at, opened, opening.email)
            if found is Unclear.UNCLEAR:
                return self._by_rule(opening, opened)
            if found is not None:
                return credit_of(account, found.id, visit, self._reason, self._rule.flags(found, opening.email), ())
        return credit_of(account, None, None, CreditReason.NO_TOUCH, NO_FLAGS, ())

    def _by_rule(self, opening: AccountOpening, opened: datetime) -> Credit:
        return self._rule.credit(opening, self._held.of(self._rule.visitors(opening), opened), evidence=False)


_Bound = tuple[str | None, frozenset[CreditFlag]]
"""To whom an account is bound, and what a person should know of that."""


@final
class _GivenAnswers:
    """The answers a stream has given: an account stays bound, and a report that comes again gets the same answer.

    In a sorted stream the same report can come again only at its own instant, so whole answers are kept no longer: of what is
    bound, only to whom. The visits that led there leave the memory with the window.
    """

    __slots__ = ("_at", "_before", "_bound", "_judge", "_kinds", "_now", "_places", "_reported")

    def __init__(self, judge: _Judge) -> None:
        self._judge = judge
        self._before: AccountOpening | None = None
        self._at = BEGINNING
        self._now: dict[str, tuple[AccountOpening, Credit]] = {}
        # Very many accounts are bound to few partners: each answer is held once. The garbage collector passes over dictionaries of
        # nothing but texts and numbers, however many they hold.
        self._reported: dict[str, None] = {}
        self._bound: dict[str, int] = {}
        self._kinds: list[_Bound] = []
        self._places: dict[_Bound, int] = {}

    def come_to(self, opening: AccountOpening, opened: datetime) -> None:
        """Go on to the instant of an opening; raise at a step back."""
        if opened > self._at:
            self._now.clear()
        elif opened < self._at and self._before is not None:
            raise step_back("opening", (opening.id, opening.at), (self._before.id, self._before.at))
        self._at, self._before = opened, opening

    def to(self, opening: AccountOpening, opened: datetime) -> Credit:
        """Give the answer to an opening: to one that is known already the same, and to a bound account to whom it is bound."""
        opening_id, account = opening.id, opening.account
        if opening_id in self._reported:
            return self._again(opening)
        if account in self._bound:
            partner, flags = self._kinds[self._bound[account]]
            answer = credit_of(account, partner, None, CreditReason.BOUND, flags, ())
        else:
            answer = self._judge(opening, opened)
            self._bound[account] = self._place_of((answer.partner, answer.flags))
        self._reported[opening_id] = None
        self._now[opening_id] = (opening, answer)
        return answer

    def _again(self, opening: AccountOpening) -> Credit:
        reported, answer = self._now.get(opening.id, (None, None))
        if answer is None or reported != opening:
            raise reused("openings", opening.id)
        return answer

    def _place_of(self, bound: _Bound) -> int:
        place = self._places.get(bound)
        if place is None:
            place = self._places[bound] = len(self._kinds)
            self._kinds.append(bound)
        return place
