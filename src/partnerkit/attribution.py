"""Who is credited with an account: one rule over the visits before its opening, for a single opening and for streams.

Floor 5. May import: clauses, partners, terms, policies, visits, credits, judgment, touches, journeys, streams and the standard library.

A partnership is credited whole: with a registered deal, a coupon, or one visit to its link, in the order the terms say.
Whether a visit counts is asked of the policy `CREDITING`, visit by visit, and every answer keeps the rulings. Visits and
openings are facts that somebody else recorded: this module stamps no time, stores nothing and trusts no name after `pn=`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import final

from partnerkit.credits import ConsideredVisit, Credit, CreditFlag, CreditReason
from partnerkit.journeys import HeldVisits, step_back
from partnerkit.judgment import NO_COUPONS, CreditRule, check_whole
from partnerkit.partners import Partners
from partnerkit.streams import opening_row, visit_row, winners
from partnerkit.terms import Terms
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
    >>> from partnerkit.terms import CreditModel
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import AttributionTerms, CreditSource, EligibleAt
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
    for every opening, for as long as the stream lasts.

    >>> from datetime import UTC, date, timedelta
    >>> from partnerkit.periods import Window
    >>> from partnerkit.terms import CreditModel
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import AttributionTerms, CreditSource, EligibleAt
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
    given = _GivenAnswers()
    for opening in openings:
        opened = in_utc(opening.at)
        given.come_to(opening, opened)
        held.read_until(later(opened, skew) if skew else opened)
        answer = given.to(opening)
        if answer is None:
            answer = rule.credit(opening, held.of(rule.visitors(opening), opened), evidence=evidence)
            given.keep(opening, answer)
        yield answer


_Bound = tuple[str | None, frozenset[CreditFlag]]
"""To whom an account is bound, and what a person should know of that."""


@final
class _GivenAnswers:
    """The answers a stream has given: an account stays bound, and a report that comes again gets the same answer.

    In a sorted stream the same report can come again only at its own instant, so whole answers are kept no longer: of what is
    bound, only to whom. The visits that led there leave the memory with the window.
    """

    __slots__ = ("_at", "_before", "_bound", "_now", "_one_of_each", "_reported")

    def __init__(self) -> None:
        self._before: AccountOpening | None = None
        self._at = BEGINNING
        self._now: dict[str, tuple[AccountOpening, Credit]] = {}
        self._reported: set[str] = set()
        self._bound: dict[str, _Bound] = {}
        # Very many accounts are bound to few partners: each answer is held once.
        self._one_of_each: dict[_Bound, _Bound] = {}

    def come_to(self, opening: AccountOpening, opened: datetime) -> None:
        """Go on to the instant of an opening; raise at a step back."""
        if opened > self._at:
            self._now.clear()
        elif opened < self._at and self._before is not None:
            raise step_back("opening", (opening.id, opening.at), (self._before.id, self._before.at))
        self._at, self._before = opened, opening

    def to(self, opening: AccountOpening) -> Credit | None:
        """Give the answer to an opening that is known already, or to one of an account that is bound; None for any other."""
        if opening.id in self._reported:
            reported, answer = self._now.get(opening.id, (None, None))
            if reported != opening:
                raise reused("openings", opening.id)
            return answer
        bound = self._bound.get(opening.account)
        if bound is None:
            return None
        partner, flags = bound
        again = Credit(account=opening.account, partner=partner, visit=None, reason=CreditReason.BOUND, flags=flags)
        self._remember(opening, again)
        return again

    def keep(self, opening: AccountOpening, answer: Credit) -> None:
        """Bind an account to the answer to its opening."""
        bound = (answer.partner, answer.flags)
        self._bound[opening.account] = self._one_of_each.setdefault(bound, bound)
        self._remember(opening, answer)

    def _remember(self, opening: AccountOpening, answer: Credit) -> None:
        self._reported.add(opening.id)
        self._now[opening.id] = (opening, answer)
