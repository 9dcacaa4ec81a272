"""How much every partner had a part in an account, as exact shares: for reports only, because a partnership is credited whole.

Floor 5, below attribution. May import: errors, partners, terms, visits, credits, judgment, attrs and the standard library.

The rule of attribution says which visits count; the model of the terms shares among them. Fractions are exact, and the
weights of time decay, which no fraction is, are floored to 64 bits by integer arithmetic, the same on every machine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import count, repeat
from math import isqrt
from types import MappingProxyType
from typing import final

import attrs

from partnerkit.credits import ConsideredVisit, CreditFlag, CreditReason, without_visitor
from partnerkit.errors import InvalidValue, shown
from partnerkit.judgment import NO_COUPONS, Candidate, CreditRule, Judgment, creditable, reason_of
from partnerkit.partners import Partners
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, Terms
from partnerkit.visits import AccountOpening, Deal, IdentityLink, Visit

_ENDS = Fraction(2, 5)
"""What the first and the last touch get in the position model; those between share the rest."""
_WEIGHT_BITS = 64
_MOST_HALF_LIVES = 10_000
"""Python writes no whole number of more than 4,300 digits, which is that of 14,000 halvings."""
_MISSING_A_DIGIT = 5
_TICK = timedelta(microseconds=1)
_TICKS_A_SECOND = timedelta(seconds=1) // _TICK
_TICKS_A_DAY = timedelta(days=1) // _TICK


@final
@attrs.frozen(kw_only=True)
class Share:
    """A partner, by its id, and its exact part of the whole.

    >>> Share(partner="p-1", part=Fraction(2, 5)).part
    Fraction(2, 5)
    """

    partner: str
    part: Fraction


@final
@attrs.frozen(kw_only=True)
class Participation:
    """The parts that partners had in an account: they sum to one, or there are none.

    `shares` come in the order of each partner's earliest touch; the other fields are those of a `Credit`.

    >>> halves = tuple(Share(partner=partner, part=Fraction(1, 2)) for partner in ("p-1", "p-2"))
    >>> Participation(account="a-1", shares=halves[:1], reason=CreditReason.LINEAR)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the shares of 'a-1' sum to 1/2: wanted positive shares of one whole
    """

    account: str
    shares: tuple[Share, ...]
    reason: CreditReason
    flags: frozenset[CreditFlag] = frozenset()
    considered: tuple[ConsideredVisit, ...] = ()

    def __attrs_post_init__(self) -> None:
        whole = sum(share.part for share in self.shares)
        if self.shares and (whole != 1 or any(share.part <= 0 for share in self.shares)):
            raise InvalidValue(f"the shares of {shown(self.account)} sum to {whole}: wanted positive shares of one whole")

    def forget(self, visitor: str) -> "Participation":
        """Erase a visitor from the evidence, as `Credit.forget` does: its visits go, and the shares stay.

        >>> whole = (Share(partner="p-1", part=Fraction(1)),)
        >>> report = Participation(account="A1", shares=whole, reason=CreditReason.LINEAR)
        >>> report.forget("v1") is report
        True
        """
        kept = without_visitor(self.considered, visitor)
        if len(kept) == len(self.considered):
            return self
        flags = self.flags | {CreditFlag.ERASED}
        return Participation(account=self.account, shares=self.shares, reason=self.reason, flags=flags, considered=kept)

    def units(self, total: int) -> dict[str, int]:
        """Split whole units by the shares: largest remainder, ties to the partner with the earliest touch.

        >>> shares = tuple(Share(partner=partner, part=Fraction(1, 3)) for partner in ("p-1", "p-2", "p-3"))
        >>> Participation(account="A1", shares=shares, reason=CreditReason.LINEAR).units(100)
        {'p-1': 34, 'p-2': 33, 'p-3': 33}
        """
        if type(total) is not int or total < 0:
            raise InvalidValue(f"{shown(total)} units cannot be split: wanted a whole number, at least 0")
        units = {share.partner: int(share.part * total) for share in self.shares}
        by_remainder = sorted(self.shares, key=lambda share: units[share.partner] - share.part * total)
        for share in by_remainder[: total - sum(units.values())]:
            units[share.partner] += 1
        return units


def participation(  # noqa: PLR0913  (what the vendor knows besides visits, one keyword each)
    opening: AccountOpening,
    visits: Iterable[Visit],
    *,
    partners: Partners,
    terms: Terms,
    deals: Iterable[Deal] = (),
    coupons: Mapping[str, str] = NO_COUPONS,
    identities: Iterable[IdentityLink] = (),
    erased: Iterable[str] = (),
) -> Participation:
    """Share one account opening among the partners whose visits led to it, by the model of the terms; takes what `attribute` takes.

    A deal or a coupon that comes first takes the whole, as do the models `LAST` and `FIRST`. Visits of one partner in a row, no
    further apart than `dedupe_seconds`, are one touch dated at the last of them. Where an ineligible visit stops the search,
    the visits before it have no part. Raises what `attribute` raises for visits and terms.

    >>> from datetime import UTC, date
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.periods import Window
    >>> from partnerkit.terms import AttributionTerms, EligibleAt
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", attribution=AttributionTerms(
    ...     model=CreditModel.POSITION, window=Window.days(30), eligible_at=EligibleAt.BOTH, precedence=(CreditSource.LINK,),
    ...     require_consent=False, dedupe_seconds=0))
    >>> noon = datetime(2025, 8, 8, 12, tzinfo=UTC)
    >>> names = ["acme", "beta", "gamma"]
    >>> visits = [Visit(id=name, visitor="v1", at=noon + timedelta(hours=hour), name=name) for hour, name in enumerate(names)]
    >>> shared = participation(
    ...     AccountOpening(id="s1", account="A1", visitor="v1", at=noon + timedelta(days=1)), visits,
    ...     partners=Partners(tuple(Partner.of(name, name) for name in names)), terms=terms)
    >>> [str(share.part) for share in shared.shares]
    ['2/5', '1/5', '2/5']
    """
    rule = CreditRule.of(partners=partners, terms=terms, deals=deals, coupons=coupons, identities=identities, erased=erased)
    judgment = Judgment(rule, opening, rule.journey(opening, visits))
    won = judgment.winner()
    if won is None:
        return Participation(account=opening.account, shares=(), reason=judgment.why_nobody(), considered=judgment.considered)
    source, winner = won
    by_link = source is CreditSource.LINK
    touches = _touches(judgment, rule.terms) if by_link and rule.terms.model in _WEIGHTS else [winner]
    weights = _WEIGHTS[rule.terms.model](touches, rule, opening.at) if len(touches) > 1 else [Fraction(1)]
    found = {touch.partner.id: touch.partner for touch in touches}
    return Participation(
        account=opening.account,
        shares=_shares(touches, weights),
        reason=reason_of(source, rule.terms),
        flags=frozenset(flag for partner in found.values() for flag in rule.flags(partner, opening.email)),
        considered=judgment.considered,
    )


def _touches(judgment: Judgment, terms: AttributionTerms) -> list[Candidate]:
    """Give the visits that have a part in order of time, each run of one partner's close visits as its last."""
    apart = terms.dedupe_seconds * _TICKS_A_SECOND
    touches: list[Candidate] = []
    for candidate in reversed(list(creditable(judgment.candidates(CreditSource.LINK), terms))):
        if touches and touches[-1].partner.id == candidate.partner.id and (candidate.at - touches[-1].at) // _TICK <= apart:
            touches.pop()
        touches.append(candidate)
    return touches


def _shares(touches: Sequence[Candidate], weights: Sequence[Fraction]) -> tuple[Share, ...]:
    parts: dict[str, Fraction] = {}
    for touch, weight in zip(touches, weights, strict=True):
        parts[touch.partner.id] = parts.get(touch.partner.id, Fraction(0)) + weight
    whole = sum(weights)
    return tuple(Share(partner=partner, part=part / whole) for partner, part in parts.items())


def _linear(touches: Sequence[Candidate], _rule: CreditRule, _opened: datetime) -> list[Fraction]:
    return [Fraction(1)] * len(touches)


def _by_position(touches: Sequence[Candidate], _rule: CreditRule, _opened: datetime) -> list[Fraction]:
    between = touches[1:-1]
    if not between:
        return [Fraction(1)] * len(touches)
    return [_ENDS, *repeat((1 - 2 * _ENDS) / len(between), len(between)), _ENDS]


def _by_age(touches: Sequence[Candidate], rule: CreditRule, opened: datetime) -> list[Fraction]:
    half_life = rule.terms.half_life_days * _TICKS_A_DAY
    oldest = min(touches, key=lambda touch: touch.at)
    if (opened - oldest.at) // _TICK > _MOST_HALF_LIVES * half_life:
        raise InvalidValue(
            f"a touch of {shown(oldest.partner.id)} at {oldest.at} is more than {_MOST_HALF_LIVES} half-lives older than the opening: "
            "no report can write its weight; shorten attribution.window or lengthen attribution.half_life_days"
        )
    return [_decayed((opened - touch.at) // _TICK, half_life) for touch in touches]


_WEIGHTS: Mapping[CreditModel, Callable[[Sequence[Candidate], CreditRule, datetime], list[Fraction]]] = MappingProxyType(
    {CreditModel.LINEAR: _linear, CreditModel.POSITION: _by_position, CreditModel.TIME_DECAY: _by_age}
)


def _decayed(age: int, half_life: int) -> Fraction:
    """Give the weight 1/2 to the power of age/half_life: exact on whole half-lives, else floored to 64 bits."""
    whole, rest = divmod(age, half_life)
    part = Fraction(_floored_power(rest, half_life), 1 << _WEIGHT_BITS) if rest else Fraction(1)
    return part / (1 << whole)


def _floored_power(rest: int, half_life: int) -> int:
    """Give the floor of 2**64 times 1/2 to the power of rest/half_life, for 0 < rest < half_life.

    The power is irrational, so some precision always shows on which side of a whole number it lies.
    """
    bounds = (_floors_of_power(rest, half_life, _WEIGHT_BITS << doublings) for doublings in count(1))
    return next(low for low, high in bounds if low == high)


def _floors_of_power(rest: int, half_life: int, precision: int) -> tuple[int, int]:
    """Give the floors of two bounds of 2**64 times 1/2 to the power of rest/half_life, reckoned with `precision` bits.

    The exponent's binary digits pick among the roots of 1/2, each the square root of the one before. A root is less than 4
    too small, so every product adds less than 5 to what is missing; leaving out the digits beyond adds less than 1.
    """
    power = 1 << precision
    root = power >> 1
    for _ in range(precision):
        root = isqrt(root << precision)
        rest *= 2
        if rest >= half_life:
            rest -= half_life
            power = power * root >> precision
    spare = precision - _WEIGHT_BITS
    return (power - 1) >> spare, (power + _MISSING_A_DIGIT * precision) >> spare
