"""What the policies add up to, though no clause says it: sentences that must hold across them, each looked at over every point.

Floor 5. May import: errors, clauses, partners, policies, attrs and the standard library.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, final

import attrs

from partnerkit.clauses import Policy
from partnerkit.clauses.checks import points
from partnerkit.errors import InvalidValue
from partnerkit.partners import BillingMode, Management, Origin
from partnerkit.policies import POLICIES, ContactFacts, Owner, OwnershipFacts, RewardFacts

_PRESENT: Mapping[str, Policy[Any, Any]] = MappingProxyType({policy.id: policy for policy in POLICIES})
_Policies = Mapping[str, Policy[Any, Any]]


@final
@attrs.frozen(kw_only=True)
class Invariant:
    """A sentence that must hold across policies: `sentences` are those of the article it is taken from, `policies` those it looks at.

    >>> INVARIANTS["REWARDS-ALIKE"].sentences
    ('S-05', 'S-36')
    """

    id: str
    sentence: str
    sentences: tuple[str, ...] = ()
    policies: tuple[str, ...]
    _find: Callable[[_Policies], Iterator[Any]] = attrs.field(eq=False, repr=False)

    def breaches(self, changed: _Policies = MappingProxyType({})) -> tuple[Any, ...]:
        """Give the facts at which it does not hold: none for the program's policies, whatever is found for changed ones.

        `changed` gives policies by their id in place of the program's; an id that the invariant does not look at raises `InvalidValue`.

        >>> from partnerkit.policies import REWARD
        >>> INVARIANTS["REWARDS-ALIKE"].breaches()
        ()
        >>> INVARIANTS["REWARDS-ALIKE"].breaches({"reward": REWARD.amend(repeal=("REWARD-ENDED",))})
        ()
        """
        for policy_id in changed:
            if policy_id not in self.policies:
                raise InvalidValue(f"the invariant {self.id} does not look at {policy_id}: it looks at {', '.join(self.policies)}")
        return tuple(self._find(MappingProxyType({**_PRESENT, **changed})))


def _rewards_apart(policies: _Policies) -> Iterator[RewardFacts]:
    reward = policies["reward"]
    for facts in points(reward):
        in_reach = facts.billing_mode is BillingMode.DIRECT and facts.origin in {Origin.LINK, Origin.PARTNER_CREATED}
        managed = _but(facts, management=Management.MANAGED)
        if in_reach and facts.management is Management.REFERRED and reward.decide(facts).outcome is not reward.decide(managed).outcome:
            yield facts


def _joined_and_not_owned(policies: _Policies) -> Iterator[Any]:
    for facts in points(policies["single bill enrollment"]):
        owner = policies["ownership"].decide(OwnershipFacts(management=facts.management)).outcome
        if policies["single bill enrollment"].decide(facts).allowed and owner is not Owner.PARTNER:
            yield facts


def _vendors_clients_apart(policies: _Policies) -> Iterator[ContactFacts]:
    contact = policies["contact"]
    for facts in points(contact):
        if facts.owner is Owner.VENDOR and contact.decide(facts).outcome is not contact.decide(_but(facts, in_program=True)).outcome:
            yield facts


def _but(facts: Any, **changed: object) -> Any:
    """Give facts with some of them changed."""
    return type(facts)(**{field.name: getattr(facts, field.name) for field in attrs.fields(type(facts))} | changed)


def _paid_for_and_asked(policies: _Policies) -> Iterator[str]:
    for policy_id in ("ownership", "contact"):
        asked = {item.name for item in policies[policy_id].inputs}
        yield from (f"{policy_id} asks for {name}" for name in ("billing_mode", "payer") if name in asked)


INVARIANTS: Mapping[str, Invariant] = MappingProxyType(
    {
        invariant.id: invariant
        for invariant in (
            Invariant(
                id="REWARDS-ALIKE",
                sentence="a managed account earns what a referred one earns, where both are billed directly "
                "and were opened by link or created by the partner",
                sentences=("S-05", "S-36"),
                policies=("reward",),
                find=_rewards_apart,
            ),
            Invariant(
                id="JOINED-IS-OWNED",
                sentence="whatever may join a Single Bill is a client whose relationship the partner owns",
                policies=("single bill enrollment", "ownership"),
                find=_joined_and_not_owned,
            ),
            Invariant(
                id="VENDORS-ALIKE",
                sentence="whoever the vendor owns the relationship with may be contacted as a referred client may be",
                policies=("contact",),
                find=_vendors_clients_apart,
            ),
            Invariant(
                id="PAYING-IS-SILENT",
                sentence="how an account is paid for never changes who may contact its holder",
                policies=("ownership", "contact"),
                find=_paid_for_and_asked,
            ),
        )
    }
)
"""What must hold across the policies, by its id."""
