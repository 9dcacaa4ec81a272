"""What crediting a stream of openings costs, beside a bare merge of the same events and beside engines for tables, in one run.

Run it from the root of the repository, where partnerkit is installed with the extra `bench`:

    python benchmarks/attribution.py [VISITS]

There is an opening after every tenth visit, by a visitor with about five visits in the month before; every fifth visit names nobody, and
some visitors follow two links within one tick of the clock, of which the later report counts. All name the same partners, but for what the
column "wrong" counts. Times and ratios are those of the fastest round.

In memory, everybody gets the same events, made before and sorted by time; the contenders take turns inside every round. The bare
merge does the least that any model and any evidence need: it keeps each visitor's named visits of the window and picks the last, with
no evidence, repeats, privacy, status, or refusals. The bare dictionary keeps every visit for good. The engines get columns of numbers,
of named visits alone, made before too. As streams, nobody keeps the events: each contender runs in a process of its own, and making
the events is part of the time for all; the bare loop that only makes them is shown too. Peak memory is that of the whole process.
Last comes the real traffic beside the checkout, where it is: every site that sent a visitor is a partner, and a visitor's first look at a
project is an opening (`benchmarks/real_traffic.py` says more). No test depends on this.
"""

import gc
import importlib
import json
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import real_traffic

from partnerkit.attribution import AccountOpening, Visit, attribute_all
from partnerkit.links import VendorSites
from partnerkit.partners import Partner, Partners
from partnerkit.periods import Window
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms

TRAFFIC = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "visits.jsonl"
ROUNDS = 3
VISITS_PER_OPENING = 10
VISITS_PER_VISITOR = 5
YEAR = timedelta(days=365)
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

Answers = list[str | None]
Contender = Callable[[Iterable[AccountOpening], Iterable[Visit], Partners], Answers]


def visits(count: int) -> Iterator[Visit]:
    """A year of visits; those of one visitor lie within a month, and every twentieth comes with the one before it."""
    step = YEAR / count
    at_once = max(int(count / VISITS_PER_VISITOR * (WINDOW / YEAR) * 0.9), 1)
    for place in range(count):
        tied = place - (place % 20 == 19)
        visitor = tied // VISITS_PER_VISITOR + tied * 7919 % at_once
        name = None if place % 5 == 0 else f"partner-{place * 31 % 50}"
        yield Visit(id=f"k{place}", visitor=f"v{visitor}", at=START + tied * step, name=name)


def openings(count: int) -> Iterator[AccountOpening]:
    """An opening after every tenth visit."""
    step = YEAR / count
    for place in range(0, count, VISITS_PER_OPENING):
        yield AccountOpening(id=f"s{place}", account=f"A{place}", visitor=f"v{place // VISITS_PER_VISITOR}", at=START + place * step)


def ids_by_name(partners: Partners) -> dict[str | None, str]:
    return {alias.name.text: partner.id for partner in partners for alias in partner.names}


def bare_merge(opened: Iterable[AccountOpening], found: Iterable[Visit], partners: Partners) -> Answers:
    by_name = ids_by_name(partners)
    present: defaultdict[str, list[Visit]] = defaultdict(list)
    earlier: dict[str, list[Visit]] = {}
    end = START
    answers: Answers = []
    coming = iter(found)
    ahead = next(coming, None)
    for opening in opened:
        last = opening.at
        while ahead is not None and ahead.at <= last:
            if ahead.at > end:
                earlier, present, end = present, defaultdict(list), ahead.at + WINDOW
            if ahead.name in by_name:
                present[ahead.visitor].append(ahead)
            ahead = None
            for visit in coming:
                at = visit.at
                if at > last or at > end:
                    ahead = visit
                    break
                if visit.name in by_name:
                    present[visit.visitor].append(visit)
        mine = present.get(opening.visitor) or earlier.get(opening.visitor)
        answers.append(by_name[mine[-1].name] if mine and last - mine[-1].at <= WINDOW else None)
    return answers


def bare_dictionary(opened: Iterable[AccountOpening], found: Iterable[Visit], partners: Partners) -> Answers:
    by_name = ids_by_name(partners)
    by_visitor: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in found:
        if visit.name in by_name:
            by_visitor[visit.visitor].append(visit)
    answers: Answers = []
    for opening in opened:
        for visit in reversed(by_visitor.get(opening.visitor, ())):
            if visit.at <= opening.at:
                answers.append(by_name[visit.name] if opening.at - visit.at <= WINDOW else None)
                break
        else:
            answers.append(None)
    return answers


def winner_only(opened: Iterable[AccountOpening], found: Iterable[Visit], partners: Partners) -> Answers:
    return [credit.partner for credit in attribute_all(opened, found, partners=partners, terms=TERMS, evidence=False)]


def with_evidence(opened: Iterable[AccountOpening], found: Iterable[Visit], partners: Partners) -> Answers:
    return [credit.partner for credit in attribute_all(opened, found, partners=partners, terms=TERMS)]


def only_make(opened: Iterable[AccountOpening], found: Iterable[Visit], _partners: Partners) -> Answers:
    for _ in found:
        pass
    return [None for _ in opened]


LOOPS: dict[str, Contender] = {
    "bare merge": bare_merge,
    "winner only": winner_only,
    "with evidence": with_evidence,
    "bare dictionary": bare_dictionary,
}
STREAMS: dict[str, Contender] = {"only make them": only_make, **LOOPS}


def micros(at: datetime) -> int:
    return (at - START) // timedelta(microseconds=1)


def columns(opened: list[AccountOpening], found: list[Visit]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """The events as columns, the visits without those that name nobody."""
    named = [visit for visit in found if visit.name is not None]
    return (
        {"visitor": [int(one.visitor[1:]) for one in opened], "at": [micros(one.at) for one in opened]},
        {
            "visitor": [int(one.visitor[1:]) for one in named],
            "at": [micros(one.at) for one in named],
            "partner": [int((one.name or "")[8:]) for one in named],
        },
    )


def engines(opened: list[AccountOpening], found: list[Visit]) -> dict[str, Callable[[], list[int | None]]]:
    """Last touch as the manuals of the engines for tables write it, for those that are installed."""
    left, right = columns(opened, found)
    window = WINDOW // timedelta(microseconds=1)
    made: dict[str, Callable[[Any], Callable[[], list[int | None]]]] = {
        "pandas merge_asof": lambda pandas: pandas_engine(pandas, left, right, window),
        "polars join_asof": lambda polars: polars_engine(polars, left, right, window),
        "DuckDB ASOF": lambda duckdb: duckdb_engine(duckdb, left, right, window),
    }
    ready: dict[str, Callable[[], list[int | None]]] = {}
    for name, make in made.items():
        try:
            ready[name] = make(importlib.import_module(name.split()[0].lower()))
        except ImportError:
            print(f"{name.split()[0]} is not installed: skipped")
    return ready


def pandas_engine(pandas: Any, left: dict[str, list[Any]], right: dict[str, list[Any]], window: int) -> Callable[[], list[int | None]]:
    opened, found = pandas.DataFrame(left), pandas.DataFrame(right)

    def run() -> list[int | None]:
        joined = pandas.merge_asof(opened, found, on="at", by="visitor", tolerance=window)
        return [None if partner != partner else int(partner) for partner in joined["partner"].tolist()]  # noqa: PLR0124  (what is not a number)

    return run


def polars_engine(polars: Any, left: dict[str, list[Any]], right: dict[str, list[Any]], window: int) -> Callable[[], list[int | None]]:
    opened, found = polars.DataFrame(left).set_sorted("at"), polars.DataFrame(right).set_sorted("at")

    def run() -> list[int | None]:
        joined = opened.join_asof(found, on="at", by="visitor", tolerance=window, check_sortedness=False)
        answers: list[int | None] = joined["partner"].to_list()
        return answers

    return run


def duckdb_engine(duckdb: Any, left: dict[str, list[Any]], right: dict[str, list[Any]], window: int) -> Callable[[], list[int | None]]:
    arrow = importlib.import_module("pyarrow")
    connection = duckdb.connect()
    connection.register("left_arrow", arrow.table(left))
    connection.register("found_arrow", arrow.table(right))
    connection.execute("create table opened as select row_number() over () as place, * from left_arrow")
    connection.execute("create table found as select * from found_arrow")

    def run() -> list[int | None]:
        rows = connection.execute(
            "select case when opened.at - found.at <= ? then partner end from opened asof left join found "
            "on opened.visitor = found.visitor and opened.at >= found.at order by place",
            [window],
        ).fetchall()
        return [partner for (partner,) in rows]

    return run


def in_memory(count: int) -> None:
    found, opened = list(visits(count)), list(openings(count))
    wanted = with_evidence(opened, found, PARTNERS)
    numbers = [None if partner is None else int(partner[2:]) for partner in wanted]
    runs: dict[str, Callable[[], list[Any]]] = {name: (lambda loop=loop: loop(opened, found, PARTNERS)) for name, loop in LOOPS.items()}  # type: ignore[misc]
    tables = engines(opened, found)
    gc.collect()
    gc.freeze()  # the events are there before anybody starts, so that nobody's time goes into walking over them
    times: dict[str, list[float]] = {name: [] for name in (*runs, *tables)}
    wrong: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, run in (*runs.items(), *tables.items()):
            start = time.perf_counter()
            answers = run()
            times[name].append(time.perf_counter() - start)
            wrong[name] = sum(one != other for one, other in zip(answers, numbers if name in tables else wanted, strict=True))
    print(f"{count:,} visits, {len(opened):,} openings, {sum(partner is not None for partner in wanted):,} credited; in memory")
    print(f"{'':<18}{'min s':>9}{'ns per visit':>14}{'ratio':>18}{'wrong':>8}")
    bare = min(times["bare merge"])
    for name, rounds in times.items():
        ratio = min(rounds) / bare
        print(f"{name:<18}{min(rounds):>9.3f}{min(rounds) / count * 1e9:>14.0f}{ratio:>17.2f}x{wrong[name]:>8}")


def as_streams(count: int) -> None:
    print(f"\n{count:,} visits as streams, each in a process of its own")
    print(f"{'':<18}{'s':>9}{'ns per visit':>14}{'ratio':>18}{'peak MiB':>10}")
    figures: dict[str, list[float]] = {}
    for name in STREAMS:
        done = subprocess.run([sys.executable, __file__, str(count), name], capture_output=True, text=True, check=True)
        figures[name] = [float(figure) for figure in done.stdout.split()]
    for name, (seconds, mebibytes) in figures.items():
        print(f"{name:<18}{seconds:>9.2f}{seconds / count * 1e9:>14.0f}{seconds / figures['bare merge'][0]:>17.2f}x{mebibytes:>10.0f}")


def real(traffic: Path) -> None:
    if not traffic.is_file():
        print(f"\nno real traffic at {traffic}: skipped")
        return
    rows = [json.loads(line) for line in traffic.read_text(encoding="utf-8").splitlines()]
    by_host = dict(real_traffic.partners_of(rows, Counter()))
    partners, sites = Partners(tuple(by_host.values())), VendorSites([real_traffic.SITE])
    found = sorted((page.read(sites) for page in real_traffic.pages_of(rows, by_host)), key=lambda visit: visit.at)
    opened = list(real_traffic.openings_of(rows))
    times: dict[str, list[float]] = {name: [] for name in LOOPS}
    for _ in range(10 * ROUNDS):
        for name, loop in LOOPS.items():
            start = time.perf_counter()
            answers = loop(opened, found, partners)
            times[name].append(time.perf_counter() - start)
            if name == "winner only":
                credited = sum(partner is not None for partner in answers)
    print(f"\n{len(found):,} real visits, {len(opened):,} openings, {len(partners)} partners, {credited:,} credited; bots do not count")
    print(f"{'':<18}{'min ms':>9}{'ns per visit':>14}{'ratio':>18}")
    bare = min(times["bare merge"])
    for name, rounds in times.items():
        ratio = min(rounds) / bare
        print(f"{name:<18}{min(rounds) * 1e3:>9.2f}{min(rounds) / len(found) * 1e9:>14.0f}{ratio:>17.2f}x")


def stream(count: int, name: str) -> None:
    start = time.perf_counter()
    STREAMS[name](openings(count), visits(count), PARTNERS)
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        stream(count, sys.argv[2])
    else:
        as_streams(count)
        in_memory(count)
        real(TRAFFIC)


if __name__ == "__main__":
    main()
