"""What crediting a stream of openings costs, beside a bare merge of the same events and beside engines for tables, in one run.

Run it from the root of the repository, where partnerkit is installed with the extra `bench`:

    python benchmarks/attribution.py [VISITS [ROUNDS]]

There is an opening after every tenth visit, by a visitor with about five visits in the month before; every fifth visit names nobody, and
some visitors follow two links within one tick of the clock, of which the later report counts. All name the same partners, but for what the
column "wrong" counts. Times are those of the processor, of all threads together, which neighbors on the machine disturb least; times and
ratios are those of the fastest round, and the contenders take turns inside every round.

The events come as values, and as plain rows of the same fields. The bare merge does the least that any model and any evidence need: it
keeps each visitor's named visits of the window and picks the last, with no order checked, no evidence, repeats, privacy, status, binding
or refusals; each form has its own, the same but for how a field is read, and every ratio is to the bare merge of the same form. The bare
dictionary keeps every visit for good.

As streams, nobody keeps the events: each contender runs in a process of its own, and making the events is part of the time for all; the
bare loop that only makes them is shown too. Peak memory is that of the whole process. In memory, everybody gets the same events, made
before and sorted by time; the engines get columns of numbers, of named visits alone, made before too. More visits than memory is for are
only streamed, past those who let them go. Last comes the real traffic beside the checkout, where it is: every site that sent a visitor is
a partner, and a visitor's first look at a project is an opening (`benchmarks/real_traffic.py` says more). No test depends on this.
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

from partnerkit.attribution import AccountOpening, Visit, attribute_all, opening_row, visit_row, winners
from partnerkit.links import VendorSites
from partnerkit.partners import Partner, Partners
from partnerkit.periods import Window
from partnerkit.rows import OpeningRow, VisitRow
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms

TRAFFIC = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "visits.jsonl"
ROUNDS = 3
MOST_IN_MEMORY = 10_000_000
VISITS_PER_OPENING = 10
VISITS_PER_VISITOR = 5
YEAR = timedelta(days=365)
START = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
START_TICK = (START - datetime(1970, 1, 1, tzinfo=UTC)) // TICK
PARTNERS = Partners(tuple(Partner.of(f"p-{number}", f"partner-{number}") for number in range(50)))
WINDOW = timedelta(days=30)
WINDOW_TICKS = WINDOW // TICK
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
        free_mail=frozenset(),
    ),
)

Answers = list[str | None]
Contender = Callable[[Iterable[AccountOpening], Iterable[Visit], Partners], Answers]
RowContender = Callable[[Iterable[OpeningRow], Iterable[VisitRow], Partners], Answers]


def visitors(count: int) -> Iterator[tuple[int, int, int, int | None]]:
    """The place of every visit, that of the one it shares an instant with, the visitor's number and the partner's.

    Those of one visitor lie within a month of the year, and every twentieth visit comes with the one before it.
    """
    at_once = max(int(count / VISITS_PER_VISITOR * (WINDOW / YEAR) * 0.9), 1)
    for place in range(count):
        tied = place - (place % 20 == 19)
        yield place, tied, tied // VISITS_PER_VISITOR + tied * 7919 % at_once, None if place % 5 == 0 else place * 31 % 50


def visits(count: int) -> Iterator[Visit]:
    step = YEAR // count
    for place, tied, visitor, partner in visitors(count):
        name = None if partner is None else f"partner-{partner}"
        yield Visit(id=f"k{place}", visitor=f"v{visitor}", at=START + tied * step, name=name)


def visit_rows(count: int) -> Iterator[VisitRow]:
    step = YEAR // count // TICK
    names = {None: None} | {number: sys.intern(f"partner-{number}") for number in range(50)}
    for place, tied, visitor, partner in visitors(count):
        yield (f"k{place}", f"v{visitor}", START_TICK + tied * step, names[partner], "", False, False, False, True, None, False)


def openings(count: int) -> Iterator[AccountOpening]:
    """An opening after every tenth visit."""
    step = YEAR // count
    for place in range(0, count, VISITS_PER_OPENING):
        yield AccountOpening(id=f"s{place}", account=f"A{place}", visitor=f"v{place // VISITS_PER_VISITOR}", at=START + place * step)


def opening_rows(count: int) -> Iterator[OpeningRow]:
    step = YEAR // count // TICK
    for place in range(0, count, VISITS_PER_OPENING):
        yield (f"s{place}", f"A{place}", f"v{place // VISITS_PER_VISITOR}", START_TICK + place * step, 0, "", "", False)


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


def bare_merge_of_rows(opened: Iterable[OpeningRow], found: Iterable[VisitRow], partners: Partners) -> Answers:
    by_name = ids_by_name(partners)
    present: defaultdict[str, list[VisitRow]] = defaultdict(list)
    earlier: dict[str, list[VisitRow]] = {}
    end = START_TICK
    answers: Answers = []
    coming = iter(found)
    ahead = next(coming, None)
    for opening in opened:
        last = opening[3]
        while ahead is not None and ahead[2] <= last:
            if ahead[2] > end:
                earlier, present, end = present, defaultdict(list), ahead[2] + WINDOW_TICKS
            if ahead[3] in by_name:
                present[ahead[1]].append(ahead)
            ahead = None
            for visit in coming:
                at = visit[2]
                if at > last or at > end:
                    ahead = visit
                    break
                if visit[3] in by_name:
                    present[visit[1]].append(visit)
        mine = present.get(opening[2]) or earlier.get(opening[2])
        answers.append(by_name[mine[-1][3]] if mine and last - mine[-1][2] <= WINDOW_TICKS else None)
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


def winners_of_rows(opened: Iterable[OpeningRow], found: Iterable[VisitRow], partners: Partners) -> Answers:
    return [partner for _, _, partner, _, _ in winners(opened, found, partners=partners, terms=TERMS)]


def only_make(opened: Iterable[Any], found: Iterable[Any], _partners: Partners) -> Answers:
    for _ in found:
        pass
    return [None for _ in opened]


LOOPS: dict[str, Contender] = {
    "bare merge": bare_merge,
    "winner only": winner_only,
    "with evidence": with_evidence,
    "bare dictionary": bare_dictionary,
}
ROW_LOOPS: dict[str, RowContender] = {"bare merge, rows": bare_merge_of_rows, "winners, rows": winners_of_rows}
STREAMS: dict[str, Contender] = {"only make them": only_make, **LOOPS}
ROW_STREAMS: dict[str, RowContender] = {"only make rows": only_make, **ROW_LOOPS}


def bare_of(name: str) -> str:
    """Name the bare merge that a contender is held against."""
    return "bare merge, rows" if name in ROW_STREAMS else "bare merge"


def micros(at: datetime) -> int:
    return (at - START) // TICK


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
    window = WINDOW_TICKS
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


def in_memory(count: int, rounds: int) -> None:
    found, opened = list(visits(count)), list(openings(count))
    found_rows, opened_rows = list(visit_rows(count)), list(opening_rows(count))
    assert found_rows[:99] == list(map(visit_row, found[:99]))
    assert opened_rows[:99] == list(map(opening_row, opened[:99]))
    wanted = with_evidence(opened, found, PARTNERS)
    numbers = [None if partner is None else int(partner[2:]) for partner in wanted]
    runs: dict[str, Callable[[], list[Any]]] = {name: (lambda loop=loop: loop(opened, found, PARTNERS)) for name, loop in LOOPS.items()}  # type: ignore[misc]
    of_rows = {name: (lambda loop=loop: loop(opened_rows, found_rows, PARTNERS)) for name, loop in ROW_LOOPS.items()}  # type: ignore[misc]
    tables = engines(opened, found)
    runs |= of_rows
    gc.collect()
    gc.freeze()  # the events are there before anybody starts, so that nobody's time goes into walking over them
    times: dict[str, list[float]] = {name: [] for name in (*runs, *tables)}
    wrong: dict[str, int] = {}
    for _ in range(rounds):
        for name, run in (*runs.items(), *tables.items()):
            start = time.process_time()
            answers = run()
            times[name].append(time.process_time() - start)
            wrong[name] = sum(one != other for one, other in zip(answers, numbers if name in tables else wanted, strict=True))
    print(f"\n{count:,} visits, {len(opened):,} openings, {sum(partner is not None for partner in wanted):,} credited; in memory")
    print(f"{'':<18}{'min s':>9}{'ns per visit':>14}{'ratio':>18}{'wrong':>8}")
    for name, taken in times.items():
        ratio = min(taken) / min(times[bare_of(name)])
        print(f"{name:<18}{min(taken):>9.3f}{min(taken) / count * 1e9:>14.0f}{ratio:>17.2f}x{wrong[name]:>8}")


def as_streams(count: int, rounds: int) -> None:
    print(f"{count:,} visits as streams, each in a process of its own")
    print(f"{'':<18}{'min s':>9}{'ns per visit':>14}{'ratio':>18}{'peak MiB':>10}")
    kept = () if count <= MOST_IN_MEMORY else ("bare dictionary",)
    times: dict[str, list[float]] = {name: [] for name in (*STREAMS, *ROW_STREAMS) if name not in kept}
    peaks: dict[str, float] = {}
    for _ in range(rounds):
        for name, taken in times.items():
            done = subprocess.run([sys.executable, __file__, str(count), "1", name], capture_output=True, text=True, check=True)
            seconds, peaks[name] = (float(figure) for figure in done.stdout.split())
            taken.append(seconds)
    for name, taken in times.items():
        ratio = min(taken) / min(times[bare_of(name)])
        print(f"{name:<18}{min(taken):>9.2f}{min(taken) / count * 1e9:>14.0f}{ratio:>17.2f}x{peaks[name]:>10.0f}")


def real(traffic: Path) -> None:
    if not traffic.is_file():
        print(f"\nno real traffic at {traffic}: skipped")
        return
    rows = [json.loads(line) for line in traffic.read_text(encoding="utf-8").splitlines()]
    by_host = dict(real_traffic.partners_of(rows, Counter()))
    partners, sites = Partners(tuple(by_host.values())), VendorSites([real_traffic.SITE])
    found = sorted((page.read(sites) for page in real_traffic.pages_of(rows, by_host)), key=lambda visit: visit.at)
    opened = list(real_traffic.openings_of(rows))
    found_rows, opened_rows = list(map(visit_row, found)), list(map(opening_row, opened))
    runs: dict[str, Callable[[], Answers]] = {name: (lambda loop=loop: loop(opened, found, partners)) for name, loop in LOOPS.items()}  # type: ignore[misc]
    runs |= {name: (lambda loop=loop: loop(opened_rows, found_rows, partners)) for name, loop in ROW_LOOPS.items()}  # type: ignore[misc]
    times: dict[str, list[float]] = {name: [] for name in runs}
    credited: dict[str, int] = {}
    for _ in range(10 * ROUNDS):
        for name, run in runs.items():
            start = time.process_time()
            answers = run()
            times[name].append(time.process_time() - start)
            credited[name] = sum(partner is not None for partner in answers)
    assert credited["winner only"] == credited["winners, rows"]
    print(
        f"\n{len(found):,} real visits, {len(opened):,} openings, {len(partners)} partners, "
        f"{credited['winner only']:,} credited; bots do not count"
    )
    print(f"{'':<18}{'min ms':>9}{'ns per visit':>14}{'ratio':>18}")
    for name, taken in times.items():
        ratio = min(taken) / min(times[bare_of(name)])
        print(f"{name:<18}{min(taken) * 1e3:>9.2f}{min(taken) / len(found) * 1e9:>14.0f}{ratio:>17.2f}x")


def stream(count: int, name: str) -> None:
    start = time.process_time()
    if name in ROW_STREAMS:
        ROW_STREAMS[name](opening_rows(count), visit_rows(count), PARTNERS)
    else:
        STREAMS[name](openings(count), visits(count), PARTNERS)
    print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    if len(sys.argv) > 3:
        stream(count, sys.argv[3])
        return
    as_streams(count, rounds)
    if count <= MOST_IN_MEMORY:
        in_memory(count, rounds)
    else:
        print(f"\nmore than {MOST_IN_MEMORY:,} visits: not held in memory")
    real(TRAFFIC)


if __name__ == "__main__":
    main()
