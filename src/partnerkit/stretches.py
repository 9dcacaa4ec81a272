"""The life of an account as stretches of days on which its charges are all settled alike.

Floor 6. May import: errors, partners, terms, policies, program, relationships, settlements, attrs and the standard library.

A relationship can be asked for its standing on any day. Whoever has very many charges asks once for each stretch instead: between two
days on which anything changes that a settlement could ask for, nothing does. Very many stretches stand on few footings.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from typing import final

import attrs

from partnerkit.errors import InvalidValue, NoTermsInForce, TermMissing
from partnerkit.partners import AccountStatus, Partners, Standing
from partnerkit.policies import EDITIONS, PREPAID_DISCOUNT, REWARD, RewardFacts, reward_facts
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.settlements import UNCHARGED, Settlement, bonus_of, settlement_of
from partnerkit.terms import ChargeKind, Recognition, Terms


@final
@attrs.frozen(kw_only=True, eq=False)
class Footing:
    """What settles the charges of every account that stands so: one object for all of them, so that the rules are asked once.

    `standing` is the first one that stood so, `facts` what the rules on the reward ask of it, and `number` its place among the footings.
    """

    number: int
    standing: Standing
    terms: Terms
    facts: RewardFacts
    _settled: dict[tuple[ChargeKind, bool], Settlement] = attrs.field(factory=dict, init=False, repr=False)

    def settlement(self, kind: ChargeKind, *, is_prepaid: bool) -> Settlement:
        """Tell how a charge of a kind is settled; raises what `settlement_of` raises."""
        known = self._settled.get((kind, is_prepaid))
        if known is None:
            known = settlement_of(kind, self.standing, self.terms, is_prepaid=is_prepaid)
            self._settled[kind, is_prepaid] = known
        return known

    def bonus(self, kind: ChargeKind) -> int | None:
        """Give the New Account Bonus that a charge of a kind bears, in minor units; raises what `bonus_of` raises."""
        reward = self.settlement(kind, is_prepaid=False).ruling.outcome
        amount = bonus_of(kind, self.standing.account.currency, self.standing, self.terms, reward)
        return None if amount is None else amount.minor

    def is_due_on_billing(self) -> bool:
        """Tell whether a charge earns when it is billed, or else as its cash comes in (M-11); a term not stated raises `TermMissing`.

        What a partner pays by Single Bill has no cash of its own.
        """
        return self.standing.payer is not None or self.terms.share.recognized is Recognition.ON_BILLING


@final
@attrs.frozen(kw_only=True)
class Stretch:
    """Days in a row, from `starts_on` and before `ends_before`, on which an account pays and earns alike, or on which no charge can be.

    The latter have no footing, and `refused` says why: a trial is not charged, no terms are in force, a partner has no Single Bill, or a
    term is missing that decides whether anything is earned.

    >>> Stretch(starts_on=date(2025, 1, 8), ends_before=date(2025, 2, 1), refused="a-1 was a trial then").footing is None
    True
    """

    starts_on: date
    ends_before: date
    payer: str | None = None
    earner: str | None = None
    footing: Footing | None = None
    refused: str = ""


@final
@attrs.frozen(kw_only=True)
class Footings:
    """The footings of all accounts of a program, each made when the first account stands on it.

    The partners are kept in the program's zone, as a relationship keeps them, so that both count the same civil days.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> Footings(program=program, partners=Partners(())).all
    ()
    """

    program: Program
    partners: Partners
    _made: dict[tuple[object, ...], Footing] = attrs.field(factory=dict, init=False, repr=False, eq=False)
    _turns: dict[str, "_Turns"] = attrs.field(factory=dict, init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "partners", self.partners.in_zone(self.program.zone))

    @property
    def all(self) -> tuple[Footing, ...]:
        """Every footing that was made so far, in the order of their numbers."""
        return tuple(self._made.values())

    def stretches_of(self, relationship: ClientRelationship, *, until: date) -> tuple[Stretch, ...]:
        """Give the stretches of an account's life from its first event until a day, that day not among them.

        >>> from datetime import UTC, datetime
        >>> from partnerkit.links import VendorSites
        >>> from partnerkit.money import Currency
        >>> from partnerkit.partners import Account, Partner
        >>> from partnerkit.terms import TermsHistory
        >>> terms = Terms(starts_on=date(2025, 1, 1), source="example")
        >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory((terms,)))
        >>> partner = Partner.of("p-1", "brightside")
        >>> account = Account(id="a-1", client="k-1", currency=Currency("USD"), opened_at=datetime(2025, 1, 8, tzinfo=UTC), anchor_day=8)
        >>> life = ClientRelationship.referred(account, partner, on=date(2025, 1, 8), program=program, partners=Partners((partner,)))
        >>> footings = Footings(program=program, partners=life.partners)
        >>> found = footings.stretches_of(life.convert(date(2025, 2, 1)), until=date(2025, 9, 1))
        >>> [(str(one.starts_on), str(one.ends_before), one.earner, one.footing is None) for one in found]
        [('2025-01-08', '2025-02-01', None, True), ('2025-02-01', '2025-09-01', 'p-1', False)]
        """
        days = sorted(day for day in self._turning_days(relationship) if relationship.started_on <= day < until)
        ends = (*days[1:], until) if days else ()
        return tuple(_joined(self._stretch(relationship, start, end) for start, end in zip(days, ends, strict=True)))

    def _stretch(self, relationship: ClientRelationship, start: date, end: date) -> Stretch:
        try:
            standing = relationship.standing_on(start)
            partner = standing.payer or standing.credited_to
            terms = self.program.terms_for(None if partner is None else partner.id, start)
            facts = reward_facts(standing, terms=terms)
        except (InvalidValue, NoTermsInForce, TermMissing) as fault:
            return Stretch(starts_on=start, ends_before=end, refused=str(fault))
        payer, earner = standing.payer, standing.credited_to
        if standing.status in UNCHARGED:
            refused = f"{standing.account.id} was a trial then: a trial is not charged, convert it first"
            return Stretch(starts_on=start, ends_before=end, refused=refused)
        if payer is not None and payer.single_bill_on(start) is None:
            refused = f"it is on the Single Bill of {payer.id}, which has none then: let {standing.account.id} leave it on the day it ended"
            return Stretch(starts_on=start, ends_before=end, refused=refused)
        return Stretch(
            starts_on=start,
            ends_before=end,
            payer=None if payer is None else payer.id,
            earner=None if earner is None else earner.id,
            footing=self._footing(standing, terms, facts),
        )

    def _footing(self, standing: Standing, terms: Terms, facts: RewardFacts) -> Footing:
        payer, earner = standing.payer, standing.credited_to
        editions = tuple(EDITIONS[policy.id].on(standing.day).fingerprint for policy in (REWARD, PREPAID_DISCOUNT))
        pays_for_own = payer is None or (earner is not None and payer.id == earner.id)
        key = (terms.fingerprint, facts, standing.within_bonus_window, pays_for_own, standing.account.currency.code, editions)
        known = self._made.get(key)
        if known is None:
            known = Footing(number=len(self._made), standing=standing, terms=terms, facts=facts)
            self._made[key] = known
        return known

    def _turning_days(self, relationship: ClientRelationship) -> set[date]:
        """Give every day on which something may change that settles a charge of the account."""
        whose = (relationship.credited, relationship.managed_by, relationship.payer)
        days = {day for timeline in (*whose, relationship.status, relationship.origin, relationship.request) for day, _ in timeline.entries}
        opened_on, converted_on = self.program.day_of(relationship.account.opened_at), relationship.status.first_day(AccountStatus.OPEN)
        for partner in {partner for timeline in whose for _, partner in timeline.entries}:
            turns = self._turns_of(partner)
            days |= turns.days
            for start in (opened_on, opened_on if converted_on is None else converted_on):
                days.update((start, *(_day_after(start, window) for window in turns.windows)))
        return days

    def _turns_of(self, partner_id: str | None) -> "_Turns":
        key = partner_id or ""
        if key not in self._turns:
            own = next((history for partner, history in self.program.partner_terms if partner == partner_id), ())
            contracts = (*self.program.terms, *own)
            editions = (edition for policy in (REWARD, PREPAID_DISCOUNT) for edition in EDITIONS[policy.id])
            dated = self.partners[partner_id].turning_days if partner_id is not None and partner_id in self.partners else ()
            self._turns[key] = _Turns(
                days=frozenset((*(terms.starts_on for terms in contracts), *(edition.starts_on for edition in editions), *dated)),
                windows=frozenset(terms.bonus.given()["window_days"] for terms in contracts if "window_days" in terms.bonus.given()),
            )
        return self._turns[key]


@final
@attrs.frozen(kw_only=True)
class _Turns:
    """The days on which something changes for all accounts of a partner, and how many days its windows of the bonus have."""

    days: frozenset[date]
    windows: frozenset[int]


def _day_after(start: date, window: int) -> date:
    """Give the first day beyond a window of the bonus, which is as many days after its first as it says."""
    return start + timedelta(days=window + 1) if window < (date.max - start).days else date.max


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Join neighbors that differ in nothing but their days."""
    for (payer, earner, footing, refused), alike in groupby(stretches, key=attrgetter("payer", "earner", "footing", "refused")):
        first, *others = alike
        last = others[-1] if others else first
        yield Stretch(starts_on=first.starts_on, ends_before=last.ends_before, payer=payer, earner=earner, footing=footing, refused=refused)
