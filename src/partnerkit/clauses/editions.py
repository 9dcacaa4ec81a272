"""Dated editions of a policy, and the log entries that let a decision be asked again later.

Floor 1, above `clauses.model`. May import: enums, errors, fingerprints, clauses.model, attrs and the standard library.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, final

import attrs

from partnerkit.clauses.model import Policy, Ruling
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown
from partnerkit.fingerprints import fingerprint


@final
class Replay(Named):
    """What asking a logged decision again has shown.

    >>> from partnerkit.policies import EDITIONS, OWNERSHIP, Management, OwnershipFacts
    >>> facts = OwnershipFacts(management=Management.MANAGED)
    >>> EDITIONS["ownership"].replay(LogEntry(facts=facts, ruling=OWNERSHIP.decide(facts), day=date(2025, 8, 8)))
    Replay.SAME
    """

    SAME = "same"
    DIFFERENT_RULING = "different ruling"
    TEXT_ALTERED = "the text of that day has since been altered"


@final
@attrs.frozen(kw_only=True)
class Edition:
    """One text of a policy, in force from a day on.

    >>> from partnerkit.policies import CONTACT
    >>> edition = Edition(policy=CONTACT, starts_on=date(2026, 1, 1))
    >>> edition.policy.id, str(edition.starts_on)
    ('contact', '2026-01-01')
    """

    policy: Policy[Any, Any]
    starts_on: date


@final
@attrs.frozen(kw_only=True)
class LogEntry:
    """A decision as it was made: the facts, the ruling (which carries the fingerprint of its text) and the day.

    >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
    >>> facts = OwnershipFacts(management=Management.MANAGED)
    >>> LogEntry(facts=facts, ruling=OWNERSHIP.decide(facts), day=date(2025, 8, 8)).ruling.because
    ('OWNER-MANAGED',)
    """

    facts: Any
    ruling: Ruling[Any]
    day: date

    def __attrs_post_init__(self) -> None:
        # An instant is a date to Python, and would be written as one that nobody reads back.
        if not isinstance(self.day, date) or isinstance(self.day, datetime):
            raise InvalidValue(f"a decision is logged for {shown(self.day)}: wanted a day, such as date(2025, 8, 8)")


@final
@attrs.frozen
class Editions:
    """All editions of one policy, in the order of their days.

    >>> from partnerkit.policies import CONTACT, EDITIONS
    >>> EDITIONS["contact"].on(date(2025, 8, 8)) is CONTACT
    True
    """

    editions: tuple[Edition, ...]

    def __attrs_post_init__(self) -> None:
        if not self.editions:
            raise InvalidValue("a policy without any edition answers nothing: give at least one")
        days = [edition.starts_on for edition in self.editions]
        if days != sorted(set(days)):
            raise InvalidValue(f"editions must come in the order of their days, one a day, not {', '.join(map(str, days))}")
        if len({edition.policy.id for edition in self.editions}) > 1:
            raise InvalidValue(f"editions are of one policy, not of {', '.join(edition.policy.id for edition in self.editions)}")

    def __iter__(self) -> Iterator[Edition]:
        return iter(self.editions)

    def on(self, day: date) -> Policy[Any, Any]:
        """Give the policy in force on a day; a day before the first edition, and what is no day, raise `InvalidValue`."""
        # Most days are those of the latest edition, and no loop is as fast as none.
        latest = self.editions[-1]
        try:
            if latest.starts_on <= day:
                return latest.policy
        except TypeError:
            raise InvalidValue(
                f"the policy {latest.policy.id} was asked for on {shown(day)}: wanted a day, such as date(2025, 8, 8)"
            ) from None
        for edition in reversed(self.editions[:-1]):
            if edition.starts_on <= day:
                return edition.policy
        first = self.editions[0]
        raise InvalidValue(f"the policy {first.policy.id} has no text for {day}: its first edition starts on {first.starts_on}")

    @property
    def fingerprint(self) -> str:
        """Which editions these are: another text, another day or one more edition gives another fingerprint.

        >>> from partnerkit.policies import CONTACT
        >>> later = Editions((Edition(policy=CONTACT, starts_on=date(2026, 1, 1)),))
        >>> later.fingerprint == Editions((Edition(policy=CONTACT, starts_on=date(2025, 1, 1)),)).fingerprint
        False
        """
        return fingerprint(self.editions)

    def replay(self, entry: LogEntry) -> Replay:
        """Ask a logged decision again, by the text of its day; one of another policy raises `InvalidValue`.

        `Replay.SAME` says that the text of that day still gives this ruling for these facts. It does not prove that the facts, the
        day or the entry as a whole are those that were logged: other facts may get the same ruling. Sign your log to know that.
        """
        policy = self.on(entry.day)
        if policy.id != entry.ruling.policy:
            raise InvalidValue(
                f"the entry is of a ruling on the policy {entry.ruling.policy}, and these are editions of the policy {policy.id}: "
                f"replay it with the editions of {entry.ruling.policy}"
            )
        if policy.fingerprint != entry.ruling.edition:
            return Replay.TEXT_ALTERED
        return Replay.SAME if policy.decide(entry.facts) == entry.ruling else Replay.DIFFERENT_RULING
