"""What becomes of every mutant of every policy, and the script that writes `docs/explanation/mutants.md`.

    python3 run.py python tests/kill_table.py

A mutant is a policy with one mistake. `killers_of` asks one check after the other whether it notices, in the order of `Killer`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import census_snapshot
import oracle
from partnerkit.clauses import Equivalence, Mutant, Mutation, Policy, dead, equivalence, mutants, redundant
from partnerkit.clauses.spaces import Chart, Space, chart_of, space_of, union
from partnerkit.enums import Named
from partnerkit.policies import POLICIES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "mutants.md"
RULINGS = ROOT / "conformance" / "rulings.json"


EQUIVALENT = "equivalent"
SURVIVED = "survived"


class Killer(Named):
    """What notices a mutant, in the order in which they are asked."""

    REFUSED = "refused when built"
    SELF_CHECKS = "self-checks"
    ORACLE_ANSWER = "oracle, answer"
    ORACLE_REASON = "oracle, reason"
    CENSUS = "census"
    RULINGS = "rulings"


RECORDS = frozenset({Killer.CENSUS, Killer.RULINGS})
"""What compares a policy with a record of itself, and proves nothing to whoever doubts the record."""


class Fate(NamedTuple):
    """A mutant, and all that notices it, or why nothing can; it has survived where there is neither."""

    policy: Policy[Any, Any]
    mutant: Mutant
    killers: tuple[Killer, ...]
    equivalence: Equivalence | None

    @property
    def end(self) -> str:
        """The first check that notices the mutant, or that it is equivalent, or that it has survived."""
        if self.equivalence:
            return EQUIVALENT
        return self.killers[0] if self.killers else SURVIVED

    def __str__(self) -> str:
        return f"{self.policy.id}: {self.mutant.part}: {self.mutant.kind}: {self.mutant.change}"


class Evidence(NamedTuple):
    """What is known of a policy from elsewhere than its text, as sets of points."""

    space: Space
    lawful: int
    answers: Mapping[Any, int]
    reasons: Mapping[str, int]
    census: census_snapshot.Record
    rulings: Mapping[Any, int]


@cache
def fates() -> tuple[Fate, ...]:
    """Try every mutant of every policy."""
    return tuple(fate for policy in POLICIES for fate in fates_of(policy, evidence_on(policy)))


def fates_of(policy: Policy[Any, Any], evidence: Evidence) -> Iterator[Fate]:
    """Try every mutant of one policy."""
    for mutant in mutants(policy):
        same = equivalence(policy, mutant)
        yield Fate(policy, mutant, () if same else tuple(killers_of(mutant, evidence)), same)


def killers_of(mutant: Mutant, evidence: Evidence) -> Iterator[Killer]:
    """Name every check that notices a mutant, whatever the others say."""
    policy = mutant.policy
    if policy is None:
        yield Killer.REFUSED
        return
    chart = chart_of(policy, evidence.space)
    if _fails_its_own_checks(policy, chart, evidence.census):
        yield Killer.SELF_CHECKS
    if (chart.lawful, chart.outcomes) != (evidence.lawful, evidence.answers):
        yield Killer.ORACLE_ANSWER
    if {clause: bits for clause, bits in chart.decided.items() if bits} != evidence.reasons:
        yield Killer.ORACLE_REASON
    if census_snapshot.record(policy) != evidence.census:
        yield Killer.CENSUS
    if rulings_in(policy, chart) != evidence.rulings:
        yield Killer.RULINGS


def _fails_its_own_checks(policy: Policy[Any, Any], chart: Chart, approved: census_snapshot.Record) -> bool:
    """Tell whether a point is without an answer, or a clause without use that was not approved."""
    return None in chart.outcomes or bool({*dead(policy)} - {*approved["dead"]} or {*redundant(policy)} - {*approved["redundant"]})


def evidence_on(policy: Policy[Any, Any]) -> Evidence:
    """Gather what the oracle, the reviewed census and the file of rulings say of a policy."""
    space = space_of(policy.inputs)
    answers: dict[Any, list[int]] = {}
    reasons: dict[str, list[int]] = {}
    for facts in filter(oracle.is_possible, oracle.every_point(policy.facts)):
        index = sum(axis.item.values.index(getattr(facts, axis.item.name)) * axis.stride for axis in space.axes)
        answer, because = oracle.ORACLES[policy.id](facts)
        answers.setdefault(answer, []).append(index)
        for reason in because:
            reasons.setdefault(reason, []).append(index)
    approved = json.loads(census_snapshot.PLACE.read_text(encoding="utf-8"))[policy.id]
    return Evidence(
        space=space,
        lawful=union(map(_points, answers.values())),
        answers={answer: _points(indexes) for answer, indexes in answers.items()},
        reasons={reason: _points(indexes) for reason, indexes in reasons.items()},
        census={key: dict.fromkeys(value, "") if key in census_snapshot.REASONED else value for key, value in approved.items()},
        rulings=_published_rulings(policy.id),
    )


def rulings_in(policy: Policy[Any, Any], chart: Chart) -> dict[Any, int]:
    """Give the points at which each answer is part of the ruling, each clause decides, and each is set aside by another."""
    answers: dict[Any, int] = {("answer", answer): bits for answer, bits in chart.outcomes.items()}
    decides = {("decides", clause): bits for clause, bits in chart.decided.items()}
    aside = {("aside", one.id, other): chart.applies[one.id] & chart.decided[other] for one in policy.clauses for other in one.unless}
    return {key: bits for key, bits in (answers | decides | aside).items() if bits}


def _published_rulings(policy_id: str) -> dict[Any, int]:
    """Read the same sets from the published file, whose points are counted as those of a space are."""
    (policy,) = (one for one in _published() if one["id"] == policy_id)
    names = policy["clauses"]
    points: dict[Any, list[int]] = {}
    for index, place in enumerate(policy["points"]):
        if place < 0:
            continue
        ruling = policy["rulings"][place]
        answer = tuple(ruling["answer"]) if policy["collects"] else ruling["answer"][0]
        points.setdefault(("answer", answer), []).append(index)
        for clause in ruling["because"]:
            points.setdefault(("decides", names[clause]), []).append(index)
        for gone in ruling.get("set_aside", []):
            for clause in gone["by"]:
                points.setdefault(("aside", names[gone["clause"]], names[clause]), []).append(index)
    return {key: _points(indexes) for key, indexes in points.items()}


@cache
def _published() -> list[Any]:
    policies: list[Any] = json.loads(RULINGS.read_text(encoding="utf-8"))["policies"]
    return policies


def _points(indexes: Iterable[int]) -> int:
    """Make a set of points of their places."""
    places = {*indexes}
    return int("".join("1" if place in places else "0" for place in range(max(places), -1, -1)), 2)


def page() -> str:
    """Write the page from the fates of all mutants."""
    tried = fates()
    built = [one for one in tried if not one.equivalence and Killer.REFUSED not in one.killers]
    alone = [[killer, f"{sum(killer in one.killers for one in built):,}"] for killer in Killer if killer is not Killer.REFUSED]
    parts = [
        _INTRODUCTION.format(mutants=len(tried), policies=len(POLICIES), equivalent=sum(one.end == EQUIVALENT for one in tried)),
        "## By policy",
        _ends_by("policy", (policy.id for policy in POLICIES), tried, lambda one: one.policy.id),
        "## By kind of mistake",
        _ends_by("mistake", Mutation, tried, lambda one: one.mutant.kind),
        "## Each check alone",
        _ALONE.format(built=len(built)),
        _table(["check", "notices"], alone),
        "## The equivalent mutants",
        _EQUIVALENT,
        *(part for policy in POLICIES for part in _equivalent_part(policy, [one for one in tried if one.policy is policy])),
    ]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """# Mutants: would a mistake in a policy be noticed?

This page is written by `tests/kill_table.py`; a test fails when it is stale. To write it anew: `python3 run.py python tests/kill_table.py`.

A mutant is a policy with one mistake: an `unless` dropped or added, another answer, a value of a condition replaced, added or
removed, a flag flipped, a part of a condition or all of it dropped, "and" in place of "or" or the other way round, a negation too many or
too few, a clause or a law left out. The {policies} policies have {mutants:,} such mutants, all made by `partnerkit.clauses.mutants`.
All must be noticed, but for the {equivalent:,} equivalent ones, which rule at every point as the policy itself does: no test can
tell them from it, and the reason for each of them stands below.

The checks are asked in this order, and a mutant is counted where it is first noticed.

- **refused when built**: such a policy cannot be made at all, for example because clauses would set each other aside in a circle.
- **self-checks**: a point is without an answer, two clauses contradict each other, a clause never decides, or one could be left out.
- **oracle, answer**: the rules once more as plain if and else, written by a second hand, answer otherwise at some point, or take
  other points for possible.
- **oracle, reason**: the clauses that decide at some point are not exactly those for which the oracle answers so.
- **census**: the reviewed figures of `tests/census.json` are others, for example at how many points each clause decides.
- **rulings**: the published rulings of `conformance/rulings.json` are others.

The last two compare a policy with records of itself. They notice what nobody meant to change, but not a mistake that was reviewed
and approved; only the oracle can tell that a rule was wrong from the beginning. So a mutant that they alone notice counts as
unnoticed: a test fails unless their columns are 0."""

_ALONE = """Of the {built:,} mutants that can be built and are not equivalent, each check would notice so many if it were the only one. The
rulings notice all of them by their nature, for a mutant that changes no ruling is equivalent."""

_EQUIVALENT = """Each reason was found by looking at every point, and not by reading the clauses. A law is named where the reason would fail
without it; where none is named, the reason holds at every point, lawful or not."""


def _ends_by(name: str, groups: Iterable[str], tried: Iterable[Fate], key: Callable[[Fate], str]) -> str:
    """Count the ends of the mutants in a table with a row for each group of them and one for all."""
    ends = [*Killer, EQUIVALENT, SURVIVED]
    counts: dict[str, Counter[str]] = {group: Counter() for group in groups}
    for one in tried:
        counts[key(one)][one.end] += 1
    counts["all"] = sum(counts.values(), Counter())
    rows = [[group, f"{mine.total():,}", *(f"{mine[end]:,}" for end in ends)] for group, mine in counts.items()]
    return _table([name, "mutants", *ends], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def _equivalent_part(policy: Policy[Any, Any], tried: list[Fate]) -> Iterator[str]:
    """List the equivalent mutants of a policy by reason, those of one clause that differ in the other clause alone in one line."""
    groups: dict[Equivalence, list[Mutant]] = {}
    for one in tried:
        if one.equivalence:
            groups.setdefault(one.equivalence, []).append(one.mutant)
    if not groups:
        return
    yield f"### {policy.id}"
    for reason, same in groups.items():
        yield f"{_because(policy, reason)} ({len(same)}):"
        yield "\n".join(_mutant_lines(policy, same))


def _because(policy: Policy[Any, Any], reason: Equivalence) -> str:
    sentences = {law.id: law.sentence for law in policy.laws}
    clauses = f", by {_listed(reason.clauses)}" if reason.clauses else ""
    laws = ", because " + " and ".join(f"{sentences[law]} (`{law}`)" for law in reason.laws) if reason.laws else ""
    return f"{reason.reason.value.capitalize()}{clauses}{laws}"


def _mutant_lines(policy: Policy[Any, Any], same: list[Mutant]) -> Iterator[str]:
    for (part, kind), several in groupby(same, key=lambda mutant: (mutant.part, mutant.kind)):
        if kind in _GIVING_WAY:
            yield f"- `{part}` {_GIVING_WAY[kind]} {_listed(_other_clause(policy, mutant) for mutant in several)}"
        else:
            yield from (f"- `{part}`, {kind}: {mutant.change}" for mutant in several)


_GIVING_WAY = {Mutation.UNLESS_ADDED: "gives way also to", Mutation.UNLESS_DROPPED: "no longer gives way to"}


def _other_clause(policy: Policy[Any, Any], mutant: Mutant) -> str:
    assert mutant.policy is not None
    (other,) = {*policy.clause(mutant.part).unless} ^ {*mutant.policy.clause(mutant.part).unless}
    return other


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
