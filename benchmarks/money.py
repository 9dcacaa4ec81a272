"""What one addition and one times-and-round cost, beside py-moneyed and stockholm in the same run.

Run it from the root of the repository, where partnerkit, py-moneyed and stockholm are installed:

    python benchmarks/money.py

The peers take turns inside every round, so that a slow moment of the machine falls on all of them; the table shows the
fastest round and the median of all rounds, in nanoseconds per operation, and how many times as long as partnerkit each takes.
The goals for partnerkit on the machine of its authors are 400 ns for an addition and 700 ns for a times-and-round. No test
depends on this.

What is compared is the same work with the same answer: 12.50 USD + 7.35 USD, and 15 % of 12.50 USD in whole cents.
The peers round as a program that uses them would: py-moneyed has only the half-even `round` of Decimal, so billing code
quantizes as `round_half_away` does below; stockholm has its `round`.
"""

import statistics
import timeit
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from moneyed import Money as MoneyedMoney
from stockholm import Money as StockholmMoney

from partnerkit.money import Money, Rate, Rounding

ROUNDS = 41
CALLS = 2_000
CENT = Decimal("0.01")
RATE = Rate.percent("15")
DECIMAL_RATE = Decimal("0.15")
HALF_AWAY = Rounding.HALF_AWAY

OURS, OURS_TOO = Money.of("12.50", "USD"), Money.of("7.35", "USD")
MONEYED, MONEYED_TOO = MoneyedMoney("12.50", "USD"), MoneyedMoney("7.35", "USD")
STOCKHOLM, STOCKHOLM_TOO = StockholmMoney("12.50", "USD"), StockholmMoney("7.35", "USD")


def round_half_away(amount: MoneyedMoney) -> MoneyedMoney:
    return MoneyedMoney(amount.amount.quantize(CENT, ROUND_HALF_UP), amount.currency)


OPERATIONS: dict[str, dict[str, Callable[[], object]]] = {
    "addition": {
        "partnerkit": lambda: OURS + OURS_TOO,
        "py-moneyed": lambda: MONEYED + MONEYED_TOO,
        "stockholm": lambda: STOCKHOLM + STOCKHOLM_TOO,
    },
    "times and round": {
        "partnerkit": lambda: OURS.times(RATE, HALF_AWAY),
        "py-moneyed": lambda: round_half_away(MONEYED * DECIMAL_RATE),
        "stockholm": lambda: round(STOCKHOLM * DECIMAL_RATE, 2),
    },
}


def interleaved(contenders: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Nanoseconds per call of every contender in every round."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, operation in contenders.items():
            times[name].append(timeit.timeit(operation, number=CALLS) / CALLS * 1e9)
    return times


def main() -> None:
    for operation, wanted in (("addition", "19.85"), ("times and round", "1.88")):
        assert all(wanted in repr(contender()) or wanted in str(contender()) for contender in OPERATIONS[operation].values())
    print(f"{'operation':<17}{'library':<12}{'min ns':>9}{'median ns':>11}{'ratio of medians':>18}")
    for operation, contenders in OPERATIONS.items():
        times = interleaved(contenders)
        ours = statistics.median(times["partnerkit"])
        for library, rounds in times.items():
            median = statistics.median(rounds)
            print(f"{operation:<17}{library:<12}{min(rounds):>9.0f}{median:>11.0f}{median / ours:>17.1f}x")


if __name__ == "__main__":
    main()
