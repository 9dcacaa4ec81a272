"""What if: the same charges under two contracts, or with the discount in place of the share; who gains what, and whose outcome changes.

Floor 8. May import: errors, money, vocabulary, partners, terms, relationships, billing, attrs and the standard library.

Nothing is estimated: every line is made by `line_for` from the standing of its own day, as a close makes it, and rounded as it would be.
The client's list price is the same in both; what one partner gains, the vendor gives.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import final

import attrs

from partnerkit.billing import Charge, Line, UpfrontDiscount, line_for
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Money, Rate
from partnerkit.partners import BillingMode, Management, Standing
from partnerkit.relationships import ClientRelationship
from partnerkit.terms import Terms
from partnerkit.vocabulary import check_all, check_is, check_once


@final
@attrs.frozen(kw_only=True)
class LineChange:
    """One charge as two lines, which may be equal; lines of two charges raise `InvalidValue`.

    >>> from datetime import date
    >>> from partnerkit.billing import ChargeReason
    >>> from partnerkit.periods import Period
    >>> from partnerkit.terms import ChargeKind
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> line = Line(charge=charge, rulings=(), terms="example")
    >>> LineChange(before=line, after=line).is_change
    False
    """

    before: Line
    after: Line

    def __attrs_post_init__(self) -> None:
        check_is("the line before", self.before, Line)
        check_is("the line after", self.after, Line)
        if self.before.charge != self.after.charge:
            raise InvalidValue(f"a change is of one charge, not of {self.before.charge.id} and {self.after.charge.id}")

    @property
    def charge(self) -> Charge:
        """The charge that both lines are of."""
        return self.before.charge

    @property
    def is_change(self) -> bool:
        """Whether anybody gets something else, or pays it: the share, the discount, the bonus, the payer or the earner is another."""
        one, other = ((line.share, line.discount, line.bonus, line.payer, line.earner) for line in (self.before, self.after))
        return one != other


@final
@attrs.frozen(kw_only=True)
class Comparison:
    """Charges as they would be billed in two ways, in the order of their days and ids.

    `left_out` names the charges that cannot be billed in the second way at all, each once, and `bonused` the accounts whose New Account
    Bonus one of these earns, whichever way the others are billed. A charge that comes twice raises `InvalidValue`.

    >>> Comparison(changes=()).gains()
    {}
    """

    changes: tuple[LineChange, ...]
    left_out: tuple[str, ...] = ()
    bonused: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        check_all("the changes of a comparison", self.changes, LineChange)
        check_all("what a comparison leaves out", self.left_out, str)
        check_is("the accounts with a bonus of their own", self.bonused, frozenset)
        check_once("the list of a comparison", "charge", (*(change.charge.id for change in self.changes), *self.left_out))

    def gains(self) -> dict[tuple[str, str], Money]:
        """Give what each partner gains by the second way, by partner id and currency code; below zero it loses.

        Shares, discounts, and the New Account Bonus that the first line of an account to bear one earns.
        """
        gained: dict[tuple[str, str], Money] = {}
        for lines, sign in (((change.after for change in self.changes), 1), ((change.before for change in self.changes), -1)):
            for partner, amount in _received(lines, self.bonused):
                key = (partner, amount.currency.code)
                gained[key] = gained.get(key, Money.zero(amount.currency)) + amount * sign
        return dict(sorted(gained.items()))

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts whose outcome changes, by their ids: those to tell before new terms start."""
        return tuple(sorted({change.charge.account for change in self.changes if change.is_change}))

    def break_even(self) -> dict[str, Rate]:
        """Give the discount that would come to what the shares of `compare_rewards` come to, by currency code.

        Exact but for what rounding each line adds, the New Account Bonus aside, and only of a currency in which a discount could be on any
        charge: where discount and share are equal on the same charges,
        nobody gains by either (M-24). Above 1 where the share is on more charges than a discount could make up for.
        """
        shares: dict[str, int] = {}
        discounted: dict[str, int] = {}
        for change in self.changes:
            code = change.charge.amount.currency.code
            shares[code] = shares.get(code, 0) + change.before.share.minor
            if isinstance(change.after.reward, UpfrontDiscount):
                discounted[code] = discounted.get(code, 0) + change.after.gross.minor
        return {code: Rate(Fraction(shares[code], gross)) for code, gross in sorted(discounted.items()) if gross}


def compare(charges: Iterable[Charge], terms_a: Terms, terms_b: Terms, *, relationships: Mapping[str, ClientRelationship]) -> Comparison:
    """Bill the same charges by two contracts, `terms_a` and then `terms_b`; `relationships` are by account id.

    The terms are applied to every charge, whatever day they start on, so that a contract can be tried on the past. Raises what `line_for`
    raises, and `InvalidValue` for a charge of an account without a relationship.

    >>> from datetime import date
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> compare([], terms, terms, relationships={}).accounts
    ()
    """
    billed = [(charge, _standing(charge, relationships)) for charge in _in_order(charges)]
    return Comparison(
        changes=tuple(
            LineChange(before=line_for(charge, standing, terms_a), after=line_for(charge, standing, terms_b)) for charge, standing in billed
        )
    )


def compare_rewards(charges: Iterable[Charge], terms: Terms, *, relationships: Mapping[str, ClientRelationship]) -> Comparison:
    """Bill the charges of managed accounts directly, with the share, and on the managing partner's Single Bill, with the discount (S-34).

    Charges of other accounts, and those of a day on which the account could not be on a Single Bill, such as a suspended one, are left
    out and named: they are billed as they are, whichever way the others are. Raises what `line_for` raises.

    >>> from datetime import date
    >>> compare_rewards([], Terms(starts_on=date(2025, 1, 1), source="example, invented"), relationships={}).break_even()
    {}
    """
    changes: list[LineChange] = []
    left_out: list[Line] = []
    for charge in _in_order(charges):
        standing = _standing(charge, relationships)
        both = _both_ways(standing)
        if both is None:
            left_out.append(line_for(charge, standing, terms))
        else:
            before, after = (line_for(charge, way, terms) for way in both)
            changes.append(LineChange(before=before, after=after))
    return Comparison(
        changes=tuple(changes),
        left_out=tuple(line.charge.id for line in left_out),
        bonused=frozenset(line.charge.account for line in left_out if line.bonus is not None),
    )


def _in_order(charges: Iterable[Charge]) -> list[Charge]:
    return sorted(charges, key=lambda charge: (charge.charged_on, charge.id))


def _standing(charge: Charge, relationships: Mapping[str, ClientRelationship]) -> Standing:
    relationship = relationships.get(charge.account)
    if relationship is None:
        raise InvalidValue(f"the charge {charge.id} is of the account {shown(charge.account)}, which has no relationship")
    return relationship.standing_on(charge.charged_on)


def _both_ways(standing: Standing) -> tuple[Standing, Standing] | None:
    """Give a standing with the client paying and with the managing partner paying, None where it could not pay."""
    if standing.management is not Management.MANAGED or standing.managed_by is None:
        return None
    try:
        return _billed(standing, BillingMode.DIRECT), _billed(standing, BillingMode.SINGLE_BILL)
    except InvalidValue:
        return None


def _billed(standing: Standing, mode: BillingMode) -> Standing:
    return Standing(
        account=standing.account,
        credited_to=standing.credited_to,
        managed_by=standing.managed_by,
        payer=standing.managed_by if mode is BillingMode.SINGLE_BILL else None,
        management=standing.management,
        request_pending=standing.request_pending,
        billing_mode=mode,
        status=standing.status,
        origin=standing.origin,
        within_bonus_window=standing.within_bonus_window,
        day=standing.day,
    )


def _received(lines: Iterable[Line], bonused_before: frozenset[str]) -> Iterator[tuple[str, Money]]:
    """Give what partners receive by lines in order: the payer its discount, the earner its share, and the bonus of an account once."""
    bonused = set(bonused_before)
    for line in lines:
        if line.payer is not None and line.discount.minor:
            yield line.payer, line.discount
        if line.earner is not None and line.share.minor:
            yield line.earner, line.share
        if line.earner is not None and line.bonus is not None and line.charge.account not in bonused:
            bonused.add(line.charge.account)
            yield line.earner, line.bonus
