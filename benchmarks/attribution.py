"""What crediting a stream of openings costs, beside a bare dictionary of last touches over the same events in the same run.

Run it from the root of the repository, where partnerkit is installed:

    python benchmarks/attribution.py [VISITS]

The bare loop keeps each visitor's latest visit with a name that it knows and looks it up at the opening: no evidence, no
repeats, no refusals, no bots, no privacy, no status, and no bound to its memory. Both get the same values in memory, sorted by
time, and must name the same partners; the contenders take turns inside every round. Peak memory is measured apart, over
streams that nobody keeps, because measuring slows them down. No test depends on this.
"""

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from partnerkit.attribution import AccountOpening, Visit, attribute_all
from partnerkit.partners import Partner, Partners
from partnerkit.periods import Window
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms

ROUNDS = 5
VISITS_PER_OPENING = 10
START = datetime(2026, 1, 1, tzinfo=UTC)
PARTNERS = Partners(tuple(Partner.of(f"p-{number}", f"partner-{number}") for number in range(50)))
WINDOW = timedelta(days=30)
TERMS = Terms(
    starts_on=date(2020, 1, 1),
    source="invented for the benchmark",
    attribution=AttributionTerms(
        model=CreditModel.LAST,
        window=Window.days(WINDOW.days),
        eligible_at=EligibleAt.BOTH,
        on_ineligible=OnIneligible.SKIP,
        skew_seconds=0,
        stand_down_seconds=0,
        precedence=(CreditSource.LINK,),
        require_consent=False,
        honor_gpc=False,
        self_referral=SelfReferral.DENY,
    ),
)


def visits(count: int) -> Iterator[Visit]:
    """A year of visits by a fifth as many visitors; every fourth names nobody."""
    step = timedelta(days=365) / count
    for place in range(count):
        visitor = place * 7919 % (count // 5)
        name = None if place % 4 == 0 else f"partner-{place * 31 % 50}"
        yield Visit(id=f"k{place}", visitor=f"v{visitor}", at=START + place * step, name=name)


def openings(count: int) -> Iterator[AccountOpening]:
    """An opening after every tenth visit."""
    step = timedelta(days=365) / count
    for place in range(0, count, VISITS_PER_OPENING):
        yield AccountOpening(id=f"s{place}", account=f"A{place}", visitor=f"v{place * 104_729 % (count // 5)}", at=START + place * step)


def bare(found: list[Visit], opened: list[AccountOpening]) -> list[str | None]:
    by_name = {alias.name.text: partner.id for partner in PARTNERS for alias in partner.names}
    latest: dict[str, tuple[datetime, str]] = {}
    answers: list[str | None] = []
    coming = iter(found)
    ahead = next(coming, None)
    for opening in opened:
        while ahead is not None and ahead.at <= opening.at:
            partner = by_name.get(ahead.name or "")
            if partner is not None:
                latest[ahead.visitor] = (ahead.at, partner)
            ahead = next(coming, None)
        seen = latest.get(opening.visitor)
        answers.append(seen[1] if seen is not None and opening.at - seen[0] <= WINDOW else None)
    return answers


def winners(found: list[Visit], opened: list[AccountOpening]) -> list[str | None]:
    return [credit.partner for credit in attribute_all(opened, found, partners=PARTNERS, terms=TERMS, evidence=False)]


def with_evidence(found: list[Visit], opened: list[AccountOpening]) -> list[str | None]:
    return [credit.partner for credit in attribute_all(opened, found, partners=PARTNERS, terms=TERMS)]


CONTENDERS: dict[str, Callable[[list[Visit], list[AccountOpening]], list[str | None]]] = {
    "bare dictionary": bare,
    "winner only": winners,
    "with evidence": with_evidence,
}


def peak_mebibytes(count: int) -> float:
    tracemalloc.start()
    for _ in attribute_all(openings(count), visits(count), partners=PARTNERS, terms=TERMS):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    found, opened = list(visits(count)), list(openings(count))
    wanted = bare(found, opened)
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(ROUNDS):
        for name, contender in CONTENDERS.items():
            start = time.perf_counter()
            answers = contender(found, opened)
            times[name].append(time.perf_counter() - start)
            assert answers == wanted, f"{name} credits other partners than the bare dictionary"
    print(f"{len(found):,} visits, {len(opened):,} openings, {sum(partner is not None for partner in wanted):,} credited")
    print(f"{'':<18}{'min s':>9}{'ns per visit':>14}{'ratio of medians':>18}")
    slow = statistics.median(times["bare dictionary"])
    for name, rounds in times.items():
        print(f"{name:<18}{min(rounds):>9.3f}{min(rounds) / len(found) * 1e9:>14.0f}{statistics.median(rounds) / slow:>17.1f}x")
    print(f"peak memory with evidence, over generated events: {peak_mebibytes(count):.0f} MiB")


if __name__ == "__main__":
    main()
