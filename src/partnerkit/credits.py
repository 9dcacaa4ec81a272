"""What crediting an account gives: who is credited and why, and every visit considered with the ruling on it.

Floor 5, below attribution. May import: enums, errors, vocabulary, clauses, policies, visits, attrs and the standard library.
"""

from typing import Final, final

import attrs

from partnerkit.clauses import Ruling
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.policies import Counting
from partnerkit.visits import Visit
from partnerkit.vocabulary import check_id


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
    """What a person should know of a credit first.

    >>> CreditFlag("same_domain")
    CreditFlag.SAME_DOMAIN
    """

    SAME_MAILBOX = "same_mailbox"
    """The account holder's mailbox is the partner's own, and the terms do not deny that."""
    SAME_DOMAIN = "same_domain"
    """The account holder's mailbox and one of the partner's share a domain that is not free mail."""
    ERASED = "erased"
    """A visitor had its visits erased since: who is credited stands, the evidence is no longer whole."""


@final
@attrs.frozen(kw_only=True)
class ConsideredVisit:
    """A visit of the journey to an opening, and the ruling that kept or dropped it."""

    visit: Visit
    ruling: Ruling[Counting]


NO_FLAGS: Final[frozenset[CreditFlag]] = frozenset()
SAME_MAILBOX: Final = frozenset({CreditFlag.SAME_MAILBOX})
SAME_DOMAIN: Final = frozenset({CreditFlag.SAME_DOMAIN})


def without_visitor(considered: tuple[ConsideredVisit, ...], visitor: str) -> tuple[ConsideredVisit, ...]:
    """Give the visits that are not a visitor's; what cannot be the id of one raises `InvalidValue`."""
    check_id("visitor", visitor)
    return tuple(one for one in considered if one.visit.visitor != visitor)


_BY_VISIT = (CreditReason.LAST, CreditReason.FIRST)
_LAWFUL = frozenset(
    {
        *((True, True, reason) for reason in _BY_VISIT),
        *((True, False, reason) for reason in (CreditReason.DEAL, CreditReason.COUPON, CreditReason.BOUND)),
        *((False, False, reason) for reason in (CreditReason.NOT_NEW, CreditReason.SELF_REFERRAL, CreditReason.PARTNER_INACTIVE)),
        *((False, False, reason) for reason in (CreditReason.NO_TOUCH, CreditReason.BOUND)),
    }
)
"""Whether there is a partner and whether there is a visit, by the reason of a credit; an erased visit is there no more."""


@final
@attrs.frozen(kw_only=True)
class Credit:
    """Who is credited with an account, and why.

    `partner` is the id of the partner, None where nobody is credited; `visit` the visit that won, where a visit did.
    `considered` holds every visit of the journey in order of time, the losing ones with the clauses that dropped them. Anything that
    does not go together raises `InvalidValue`.

    >>> Credit(account="A1", partner="p-1", visit=None, reason=CreditReason.DEAL).flags
    frozenset()
    """

    account: str
    partner: str | None
    visit: Visit | None
    reason: CreditReason
    flags: frozenset[CreditFlag] = NO_FLAGS
    considered: tuple[ConsideredVisit, ...] = ()

    def __attrs_post_init__(self) -> None:
        won_by_erased = CreditFlag.ERASED in self.flags and self.visit is None and self.reason in _BY_VISIT
        if (self.partner is not None, self.visit is not None or won_by_erased, self.reason) not in _LAWFUL:
            partner, visit = self.partner, self.visit and self.visit.id
            raise InvalidValue(
                f"no credit has the reason {shown(self.reason)} with the partner {shown(partner)} and the visit {shown(visit)}"
            )

    def forget(self, visitor: str) -> "Credit":
        """Erase a visitor from the evidence: its visits go, and who is credited stays, as it was earned before.

        A credit that has nothing of the visitor is given back as it is; any other gets the flag `ERASED`. To have nobody credited by
        the visitor from now on, delete its visits, or name it among the `erased` of `attribute`.

        >>> from datetime import UTC, datetime
        >>> seen = Visit(id="k1", visitor="v1", at=datetime(2025, 8, 8, 12, tzinfo=UTC), name="brightside")
        >>> Credit(account="A1", partner="p-1", visit=seen, reason=CreditReason.LAST).forget("v1")
        Credit(account='A1', partner='p-1', visit=None, reason=CreditReason.LAST, flags=frozenset({CreditFlag.ERASED}), considered=())
        """
        kept = without_visitor(self.considered, visitor)
        has_won = self.visit is not None and self.visit.visitor == visitor
        if len(kept) == len(self.considered) and not has_won:
            return self
        return Credit(
            account=self.account,
            partner=self.partner,
            visit=None if has_won else self.visit,
            reason=self.reason,
            flags=self.flags | {CreditFlag.ERASED},
            considered=kept,
        )


_new = object.__new__
_set_considered_visit, _set_ruling = (ConsideredVisit.__dict__[field].__set__ for field in ("visit", "ruling"))
_set_account, _set_partner, _set_visit = (Credit.__dict__[field].__set__ for field in ("account", "partner", "visit"))
_set_reason, _set_flags, _set_considered = (Credit.__dict__[field].__set__ for field in ("reason", "flags", "considered"))


def considered_of(visit: Visit, ruling: Ruling[Counting]) -> ConsideredVisit:
    """Pair a visit with the ruling on it, for half of what the class takes: there is one for every visit of every opening."""
    considered = _new(ConsideredVisit)
    _set_considered_visit(considered, visit)
    _set_ruling(considered, ruling)
    return considered


def credit_of(  # noqa: PLR0913, PLR0917  (the fields in their order)
    account: str,
    partner: str | None,
    visit: Visit | None,
    reason: CreditReason,
    flags: frozenset[CreditFlag],
    considered: tuple[ConsideredVisit, ...],
) -> Credit:
    """Make a credit of what the rule found, which is lawful by the way it was found, for half of what the class takes."""
    credit = _new(Credit)
    _set_account(credit, account)
    _set_partner(credit, partner)
    _set_visit(credit, visit)
    _set_reason(credit, reason)
    _set_flags(credit, flags)
    _set_considered(credit, considered)
    return credit
