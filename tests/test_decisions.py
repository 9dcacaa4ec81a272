"""Decisions and rulings as they are written: each is read by the text it was made by, whoever wrote that text."""

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from partnerkit import decisions
from partnerkit.billing import Usage
from partnerkit.clauses import (
    Clause,
    Condition,
    Edition,
    Editions,
    Flag,
    LogEntry,
    Permission,
    Policy,
    Replay,
    Ruling,
    house,
    points,
    require_sound,
)
from partnerkit.codec import from_data, from_line, read_lines, to_data, to_line
from partnerkit.errors import Fault, InvalidRecords, InvalidValue
from partnerkit.policies import CONTACT, CREDITING, EDITIONS, ContactFacts, Owner, Purpose


@attrs.frozen(kw_only=True)
class Evening:
    """The facts of a first text."""

    recorded: bool


@attrs.frozen(kw_only=True)
class LongEvening:
    """The facts of a later text, which asks for more."""

    recorded: bool
    partner_hosts: bool


def webinars(facts: type[Any], shown: Condition) -> Policy[Any, Permission]:
    shows = Clause("WEBINAR-SHOWN", Permission.MAY, shown, cite=house("what is recorded can be shown"))
    hides = Clause("WEBINAR-HIDDEN", Permission.MAY_NOT, ~shown, cite=house("else it cannot, or need not"))
    return require_sound(Policy("webinars", "May the recording be shown?", facts, Permission, (shows, hides)))


RECORDED = Flag("recorded", "it is recorded", "it is not recorded")
FIRST = webinars(Evening, RECORDED.yes)
LATER = webinars(LongEvening, RECORDED.yes & Flag("partner_hosts", "the partner hosts it", "the vendor hosts it").no)
OWN = {
    "webinars": Editions((Edition(policy=FIRST, starts_on=date(2025, 1, 1)), Edition(policy=LATER, starts_on=date(2026, 1, 1)))),
}
SHOWN = FIRST.decide(Evening(recorded=True))
OLD = Ruling(
    outcome=SHOWN.outcome, because=("OF-OLD",), set_aside=(), not_applying=(), basis=SHOWN.basis, policy=SHOWN.policy, edition="0" * 64
)


@attrs.frozen(kw_only=True)
class Noted(ContactFacts):  # type: ignore[misc]  # its class is final, and Python lets it be derived from
    """The facts of a policy, and a note that its text does not know."""

    note: str = "by phone"


IN_ITSELF: list[Any] = []
IN_ITSELF.append(IN_ITSELF)

AMENDED = CONTACT.amend(repeal=("CONTACT-ASKED",))


class TestDecisionsByPoliciesOfOnesOwn:
    """A log of decisions by own or amended policies is read back by the texts that its reader names."""

    @pytest.mark.parametrize(
        ("policy", "facts", "day"),
        [
            (FIRST, Evening(recorded=True), date(2025, 8, 8)),
            (LATER, LongEvening(recorded=True, partner_hosts=True), date(2026, 8, 8)),
        ],
    )
    def test_each_is_read_by_the_text_of_its_day(self, policy: Policy[Any, Any], facts: object, day: date) -> None:
        entry = LogEntry(facts=facts, ruling=policy.decide(facts), day=day)
        found = from_line(to_line(entry), LogEntry, editions=OWN)
        assert found == entry
        assert found.ruling is entry.ruling
        assert OWN["webinars"].replay(found) is Replay.SAME
        assert from_line(to_line(entry.ruling), Ruling, editions=OWN) is entry.ruling

    def test_a_text_nobody_knows_has_the_facts_of_its_day(self) -> None:
        entry = LogEntry(facts=Evening(recorded=True), ruling=OLD, day=date(2025, 8, 8))
        assert from_data(to_data(entry), LogEntry, editions=OWN) == entry
        assert OWN["webinars"].replay(entry) is Replay.TEXT_ALTERED
        later = LogEntry(facts=entry.facts, ruling=entry.ruling, day=date(2026, 8, 8))
        with pytest.raises(InvalidRecords, match=r"^facts\.partner_hosts: is missing: wanted true or false$"):
            from_data(to_data(later), LogEntry, editions=OWN)

    def test_a_day_before_every_text_is_a_fault_of_the_day(self) -> None:
        data = to_data(LogEntry(facts=Evening(recorded=True), ruling=OLD, day=date(2024, 8, 8)))
        with pytest.raises(InvalidRecords, match=r"^day: is '2024-08-08': the policy webinars has no text for 2024-08-08"):
            from_data(data, LogEntry, editions=OWN)

    def test_without_its_texts_it_is_refused_with_the_way_out(self) -> None:
        data = to_data(LogEntry(facts=Evening(recorded=True), ruling=SHOWN, day=date(2025, 8, 8)))
        with pytest.raises(InvalidRecords) as refused:
            from_data(data, LogEntry)
        (fault,) = refused.value.faults
        assert fault.path == "ruling.policy"
        assert fault.message.startswith("is 'webinars': wanted one of 'ownership', ")
        assert fault.message.endswith("; a decision or a ruling by a policy of your own is read with `editions`")

    def test_a_ruling_must_follow_from_the_text_it_names(self) -> None:
        data = to_data(LogEntry(facts=Evening(recorded=True), ruling=SHOWN, day=date(2025, 8, 8)))
        with pytest.raises(InvalidRecords, match=r"^ruling: does not follow from the text of the policy webinars"):
            from_data({**data, "ruling": {**data["ruling"], "outcome": "may not"}}, LogEntry, editions=OWN)

    def test_a_decision_by_an_amended_policy_is_read_as_it_stands_or_held_against_its_text(self) -> None:
        facts = ContactFacts(owner=Owner.PARTNER, purpose=Purpose.SALES, partner_asked=True)
        entry = LogEntry(facts=facts, ruling=AMENDED.decide(facts), day=date(2026, 8, 8))
        assert from_data(to_data(entry), LogEntry) == entry
        amended = {**EDITIONS, "contact": Editions((Edition(policy=AMENDED, starts_on=date(2026, 1, 1)),))}
        assert from_data(to_data(entry), LogEntry, editions=amended).ruling is entry.ruling

    def test_a_file_of_them_is_read_too(self) -> None:
        entry = LogEntry(facts=Evening(recorded=True), ruling=SHOWN, day=date(2025, 8, 8))
        faults: list[Fault] = []
        found = list(read_lines([to_line(entry)], LogEntry, source="log.jsonl", faults=faults, editions=OWN))
        assert (found, faults) == ([(1, entry)], [])

    def test_a_record_that_holds_no_such_policy_takes_no_texts(self) -> None:
        with pytest.raises(InvalidValue, match="a record of 'usage' holds no policy of your own"):
            from_data({}, Usage, editions=OWN)

    @pytest.mark.parametrize(
        ("facts", "wrong", "message"),
        [
            (ContactFacts, {"opted_out": 1}, "opted_out: is 1: wanted true or false"),
            (ContactFacts, {"opted_out": 1.0, "in_program": 1}, "in_program: is 1: wanted true or false; opted_out: is 1.0: wanted true"),
            (ContactFacts, {"owner": float("nan")}, "owner: is nan: wanted one of 'partner', 'vendor'"),
            (ContactFacts, {"owner": IN_ITSELF}, "they are nested too deeply, or hold themselves"),
            (ContactFacts, {"partner_asked": IN_ITSELF}, "they are nested too deeply, or hold themselves"),
            (ContactFacts, {"partner_asked": object()}, "partner_asked: is a object: wanted true or false"),
            (Noted, {}, "note: is not a field of this record: wanted one of owner, purpose"),
        ],
    )
    def test_facts_that_could_be_ruled_on_and_not_be_read_back(self, facts: type[Any], wrong: dict[str, Any], message: str) -> None:
        ruling = CONTACT.ask(owner=Owner.PARTNER, purpose=Purpose.SALES)
        odd = facts(**{"owner": Owner.PARTNER, "purpose": Purpose.SALES} | wrong)
        entry = LogEntry(facts=odd, ruling=ruling, day=date(2025, 8, 8))
        with pytest.raises(InvalidValue, match=f"^the facts of a decision on contact could not be read back: {re.escape(message)}"):
            to_line(entry)

    def test_facts_of_ones_own_are_held_against_their_class(self) -> None:
        wrong: Any = 1
        entry = LogEntry(facts=Evening(recorded=wrong), ruling=SHOWN, day=date(2025, 8, 8))
        with pytest.raises(InvalidValue, match="a decision on webinars could not be read back: recorded: is 1: wanted true or false"):
            to_line(entry)

    def test_texts_of_members_are_written_as_the_members_are(self) -> None:
        owner: Any = "partner"
        facts = ContactFacts(owner=owner, purpose=Purpose.SALES)
        entry = LogEntry(facts=facts, ruling=CONTACT.decide(facts), day=date(2025, 8, 8))
        assert from_line(to_line(entry), LogEntry) == entry

    def test_invented_rulings_do_not_fill_the_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decisions, "_MOST_KEPT", 3)
        policy = CREDITING.amend()
        own = {policy.id: Editions((Edition(policy=policy, starts_on=date(2025, 1, 1)),))}
        first, *_ = points(CREDITING)
        data = to_data(CREDITING.decide(first))
        for clause in policy.clauses:
            with pytest.raises(InvalidRecords, match="does not follow from the text of the policy crediting"):
                from_data({**data, "not_applying": [clause.id]}, Ruling, editions=own)
        assert len(policy._rulings) == 3
        assert from_data(data, Ruling, editions=own) == policy.decide(first)

    def test_facts_that_could_not_be_read_back_are_not_written(self) -> None:
        facts = SimpleNamespace(recorded=True)
        entry = LogEntry(facts=facts, ruling=FIRST.decide(facts), day=date(2025, 8, 8))
        with pytest.raises(InvalidValue, match="the facts of a decision on webinars are a SimpleNamespace: wanted an object of the class"):
            to_line(entry)
