"""What a decision costs: the contact policy with its full ruling beside a bare if and else and five rule engines.

Run it from the root of the repository, in an environment that has the engines; one that is not installed is named and left out:

    python3 -m venv .venvs/bench-policies
    .venvs/bench-policies/bin/python -m pip install --editable '.[bench-policies]'
    .venvs/bench-policies/bin/python benchmarks/policies.py

`python3 run.py python benchmarks/policies.py` runs it without any engine.

Every contender answers the facts of every lawful point, and that it agrees with the policy on all of them is asserted before anything
is timed: on the answer, and on the deciding clause where it names one. The bare if and else names one clause, the engines one, some or
none; `CONTACT.decide` gives the whole ruling. Contenders take turns inside every round, facts and turns shuffled by a fixed seed, so that
a slow moment of the machine falls on all of them. The tables show the fastest and the median round in nanoseconds per decision, with the
loop over the facts taken off, and the ratios to the if and else. "from facts" adds the translation of the facts into the engine's input.

Then come the public call from a standing, a million decisions over columns, and the first ruling of a fresh process. The goals stand
beside the figures; they are for the machine of the authors. No test depends on this.
"""

import os
import random  # noqa: TID251 - a benchmark shuffles, the library does not
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import product
from typing import Any, NamedTuple

import baseline_contact
from contact_engines import ENGINES, Engine

from partnerkit.clauses.checks import points
from partnerkit.money import Currency
from partnerkit.partners import Account, Management, Partner, Standing
from partnerkit.policies import CONTACT, ContactFacts, Purpose, may_contact
from partnerkit.terms import ContactTerms, Terms

ROUNDS = 31
SWEEPS = 10
SLOW_NS = 5_000  # what takes longer is swept once a round and not ten times
BATCH = 1_000_000
PROCESSES = 15
FACTS = list(points(CONTACT))
SHUFFLED = random.Random(44214)  # noqa: S311 - the same shuffle every time is what is wanted

STANDING = """
from datetime import UTC, date, datetime
from partnerkit import Account, Currency, Partner, Standing, Terms
opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
account = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
partner = Partner.of("p-1", "brightside")
from partnerkit.partners import Management
standing = Standing(account=account, day=date(2025, 8, 8), management=Management.MANAGED, managed_by=partner)
terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
"""
FIRST_RULINGS = {
    "nothing": "",
    "import attrs": "import attrs",
    "CONTACT.decide": (
        "from partnerkit.policies import CONTACT, ContactFacts, Owner, Purpose\n"
        "assert not CONTACT.decide(ContactFacts(owner=Owner.PARTNER, purpose=Purpose.SALES)).allowed"
    ),
    "partnerkit.may_contact": (
        f"{STANDING}\nimport partnerkit\nfrom partnerkit.policies import Purpose\n"
        "assert not partnerkit.may_contact(standing, Purpose.SALES, terms=terms).allowed"
    ),
}


class Times(NamedTuple):
    """The fastest and the median round, in nanoseconds per call."""

    fastest: float
    median: float

    def without(self, loop: "Times") -> "Times":
        return Times(self.fastest - loop.fastest, self.median - loop.median)


def ready_engines() -> tuple[dict[str, Engine], list[str]]:
    """Give the engines that are installed, and the names of the others."""
    ready, missing = {}, []
    for name, prepare in ENGINES.items():
        try:
            ready[name] = prepare()
        except ModuleNotFoundError as error:
            missing.append(f"{name} (no module {error.name})")
    return ready, missing


def assert_agreement(engines: dict[str, Engine]) -> None:
    for facts in FACTS:
        ruling = CONTACT.decide(facts)
        answer, clause = baseline_contact.contact(facts)
        assert ruling.outcome is answer, facts
        assert clause in ruling.because, facts
        for name, engine in engines.items():
            allowed, clauses = engine.said(engine.ask(engine.translate(facts)))
            assert allowed is ruling.allowed, (name, facts)
            assert clauses is None or clauses <= set(ruling.because), (name, facts)


def nothing(_: object) -> None:
    """Stand for a call that is not made: see `timed`."""


def timed(call: Callable[[Any], Any], inputs: list[Any]) -> float:
    """Give the nanoseconds that each call takes, the loop over the inputs included."""
    start = time.perf_counter_ns()
    if call is nothing:
        for _ in inputs:
            pass
    else:
        for one in inputs:
            call(one)
    return (time.perf_counter_ns() - start) / len(inputs)


def interleaved(contenders: dict[str, tuple[Callable[[Any], Any], list[Any]]]) -> dict[str, Times]:
    """Time every contender on its inputs in every round, and take the loop off."""
    lists = {name: inputs if timed(call, inputs) > SLOW_NS else inputs * SWEEPS for name, (call, inputs) in contenders.items()}
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    for _ in range(ROUNDS):
        SHUFFLED.shuffle(order)
        for name in order:
            SHUFFLED.shuffle(lists[name])
            rounds[name].append(timed(contenders[name][0], lists[name]))
    times = {name: Times(min(found), statistics.median(found)) for name, found in rounds.items()}
    return {name: found.without(times["loop"]) for name, found in times.items() if name != "loop"}


def one_decision(engines: dict[str, Engine]) -> dict[str, Times]:
    contenders: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "loop": (nothing, FACTS[:]),
        "if and else": (baseline_contact.contact, FACTS[:]),
        "CONTACT.decide": (CONTACT.decide, FACTS[:]),
    }
    for name, engine in engines.items():
        contenders[name] = (engine.ask, [engine.translate(facts) for facts in FACTS])
        contenders[f"{name}, from facts"] = (lambda facts, engine=engine: engine.ask(engine.translate(facts)), FACTS[:])
    return interleaved(contenders)


def standings() -> Iterator[Standing]:
    opened = datetime(2025, 8, 8, 9, 30, tzinfo=UTC)
    partner = Partner.of("p-1", "brightside")
    for place, managed in enumerate((None, Management.REFERRED, Management.MANAGED)):
        account = Account(id=f"a-{place}", client="c-1", currency=Currency("USD"), opened_at=opened, anchor_day=8)
        manager = partner if managed is Management.MANAGED else None
        yield Standing(account=account, day=date(2025, 8, 8), management=managed, managed_by=manager)


def one_call_from_a_standing() -> Times:
    agreed = ContactTerms(reply=True, billing_notice=False, security_notice=True, partner_asked=True)
    terms = Terms(starts_on=date(2025, 1, 1), source="invented for this benchmark", contact=agreed)
    purposes = [purpose for purpose in Purpose if purpose is not Purpose.LEGAL_OBLIGATION]
    asked = list(product(standings(), purposes)) * 80

    def call(one: tuple[Standing, Purpose]) -> None:
        standing, purpose = one
        may_contact(standing, purpose, terms=terms)

    def only_unpack(one: tuple[Standing, Purpose]) -> None:
        _standing, _purpose = one

    found = interleaved({"loop": (nothing, asked), "call": (call, asked), "unpack": (only_unpack, asked)})
    return found["call"].without(found["unpack"])


def a_batch() -> Times:
    rows: list[ContactFacts] = SHUFFLED.choices(FACTS, k=BATCH)
    columns = {item.name: [getattr(row, item.name) for row in rows] for item in CONTACT.inputs}
    rulings = CONTACT.decide_columns(columns)
    assert all(ruling is CONTACT.decide(row) for ruling, row in zip(rulings, rows, strict=True))
    found = []
    for _ in range(7):
        start = time.perf_counter_ns()
        CONTACT.decide_columns(columns)
        found.append((time.perf_counter_ns() - start) / BATCH)
    return Times(min(found), statistics.median(found))


def fresh(program: str) -> list[str]:
    """Run a program in a Python of its own and give the modules that it has loaded, which are compiled as they are when installed."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # noqa: TID251
    ran = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"], check=True, capture_output=True, text=True, env=variables
    )
    return ran.stdout.split()


def first_rulings() -> dict[str, float]:
    """Milliseconds from the start of a process to its end, the median of several, for every program."""
    found: dict[str, list[float]] = {name: [] for name in FIRST_RULINGS}
    for name in [*FIRST_RULINGS] * PROCESSES:
        start = time.perf_counter_ns()
        fresh(FIRST_RULINGS[name])
        found[name].append((time.perf_counter_ns() - start) / 1e6)
    return {name: statistics.median(times) for name, times in found.items()}


def packages(modules: Iterable[str]) -> list[str]:
    """Name the packages of some modules that do not come with Python."""
    return sorted({name.partition(".")[0] for name in modules} - sys.stdlib_module_names - {"__main__"})


def verdict(*, met: bool) -> str:
    return "met" if met else "MISSED"


def show_one_decision(times: dict[str, Times], engines: dict[str, Engine]) -> None:
    hand = times["if and else"]
    print(f"{'one decision':<26}{'min ns':>9}{'median ns':>11}{'ratio of min':>14}{'of medians':>12}{'from facts, min ns':>21}")
    for name in ("if and else", "CONTACT.decide", *engines):
        found, whole = times[name], times.get(f"{name}, from facts", times[name])
        print(
            f"{name:<26}{found.fastest:>9.0f}{found.median:>11.0f}{found.fastest / hand.fastest:>13.2f}x"
            f"{found.median / hand.median:>11.2f}x{whole.fastest:>21.0f}"
        )
    ratio = times["CONTACT.decide"].fastest / hand.fastest
    print(f"\nCONTACT.decide against if and else: {ratio:.2f}x, goal at most 1.20x: {verdict(met=ratio <= 1.2)}")
    if engines:
        name = min(engines, key=lambda name: times[name].fastest)
        ratio = times[name].fastest / times["CONTACT.decide"].fastest
        print(f"the fastest engine against CONTACT.decide ({name}): {ratio:.1f}x, goal at least 5.0x: {verdict(met=ratio >= 5)}")


def show(what: str, times: Times, goal: int) -> None:
    print(f"{what}: min {times.fastest:.0f} ns, median {times.median:.0f} ns, goal at most {goal}: {verdict(met=times.fastest <= goal)}")


def show_first_rulings() -> None:
    print(f"\n{'fresh process':<26}{'median ms':>10}{'over attrs alone':>18}{'goal':>6}")
    times = first_rulings()
    rulings = ("CONTACT.decide", "partnerkit.may_contact")
    for name, found in times.items():
        over = found - times["import attrs"]
        asked = f"{over:>18.1f}{60:>6} {verdict(met=over <= 60)}" if name in rulings else ""
        print(f"{name:<26}{found:>10.1f}{asked}")
    for name in rulings:
        print(f"packages loaded for {name}: {', '.join(packages(fresh(FIRST_RULINGS[name])))}")


def main() -> None:
    engines, missing = ready_engines()
    assert_agreement(engines)
    print(f"{len(FACTS)} lawful points; the policy, the if and else and {len(engines)} engine rows agree on all of them")
    if missing:
        print(f"not installed, and so left out: {', '.join(missing)}")
    print()
    show_one_decision(one_decision(engines), engines)
    show("may_contact from a standing", one_call_from_a_standing(), goal=1_000)
    show(f"one of {BATCH:,} over columns", a_batch(), goal=150)
    show_first_rulings()


if __name__ == "__main__":
    main()
