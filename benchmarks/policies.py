"""What one decision of the contact policy costs, beside a hand-written if and else that says less.

Run it from the root of the repository, where partnerkit is installed:

    python benchmarks/policies.py

Both answer the facts of every lawful point, made beforehand; that they agree on all of them is asserted first. They take turns
inside every round, facts and turns shuffled by a fixed seed, so that a slow moment of the machine falls on both. The table shows
the fastest round and the median of all rounds, in nanoseconds per decision with the loop over the facts taken off, and the ratios
to the hand-written one. The goal on the machine of its authors is a ratio of at most 2. No test depends on this.
"""

import random  # noqa: TID251 - a benchmark shuffles, the library does not
import statistics
import time
from collections.abc import Callable

import baseline_contact

from partnerkit.clauses.checks import points
from partnerkit.policies import CONTACT, ContactFacts

ROUNDS = 101
SWEEPS = 10
FACTS = list(points(CONTACT))


def by_hand(facts: list[ContactFacts]) -> None:
    contact = baseline_contact.contact
    for one in facts:
        contact(one)


def by_policy(facts: list[ContactFacts]) -> None:
    decide = CONTACT.decide
    for one in facts:
        decide(one)


def nothing(facts: list[ContactFacts]) -> None:
    for _ in facts:
        pass


CONTENDERS: dict[str, Callable[[list[ContactFacts]], None]] = {
    "loop alone": nothing,
    "if and else": by_hand,
    "CONTACT.decide": by_policy,
}


def assert_agreement() -> None:
    for facts in FACTS:
        answer, clause = baseline_contact.contact(facts)
        ruling = CONTACT.decide(facts)
        assert ruling.outcome is answer, facts
        assert clause in ruling.because, facts


def interleaved() -> dict[str, list[float]]:
    """Nanoseconds per decision of every contender in every round, the loop included."""
    shuffled = random.Random(44214)  # noqa: S311 - the same shuffle every time is what is wanted
    order = list(CONTENDERS)
    facts = FACTS * SWEEPS
    times: dict[str, list[float]] = {name: [] for name in order}
    for _ in range(ROUNDS):
        shuffled.shuffle(order)
        shuffled.shuffle(facts)
        for name in order:
            start = time.perf_counter_ns()
            CONTENDERS[name](facts)
            times[name].append((time.perf_counter_ns() - start) / len(facts))
    return times


def main() -> None:
    assert_agreement()
    times = interleaved()
    loop = {"min": min(times["loop alone"]), "median": statistics.median(times["loop alone"])}
    hand = {"min": min(times["if and else"]) - loop["min"], "median": statistics.median(times["if and else"]) - loop["median"]}
    print(f"{len(FACTS)} points, agreed on all of them")
    print(f"{'contender':<16}{'min ns':>8}{'median ns':>11}{'ratio of min':>14}{'of medians':>12}")
    for name in ("if and else", "CONTACT.decide"):
        fastest, middle = min(times[name]) - loop["min"], statistics.median(times[name]) - loop["median"]
        print(f"{name:<16}{fastest:>8.0f}{middle:>11.0f}{fastest / hand['min']:>13.2f}x{middle / hand['median']:>11.2f}x")


if __name__ == "__main__":
    main()
