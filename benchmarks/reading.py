"""What it costs to read charges as rows with every check, beside the parsers alone and beside reading them as records, in one run.

Run it from the root of the repository, where partnerkit is installed with the extra `bench`; orjson and msgspec are shown where they are
installed too:

    python benchmarks/reading.py [CHARGES]

All contenders read the same lines, which are in memory, and take turns inside every round; a time is that of the fastest round. The parser
alone is the standard library's, a line at a time: `json.loads`, or `csv.reader`, and nothing is done with what it gives. Reading as
records is `partnerkit.codec`, on a part of the lines. No test depends on a time.
"""

import csv
import gc
import importlib
import io
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from random import Random  # noqa: TID251  (a benchmark repeats itself)
from typing import Any
from unittest.mock import patch

from partnerkit.billing import Charge
from partnerkit.codec import read_lines
from partnerkit.row_reading import Form, charge_rows

ROUNDS = 7
PART_FOR_CODEC = 20
DAYS = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
LIST_PRICES = ["10.00", "25.00", "49.99", "100.00", "250.00"]

Record = dict[str, Any]
Contender = Callable[[], object]


def charges(count: int) -> Iterator[Record]:
    """Charges of a year by account, as a price list and some proration make them."""
    chance = Random(7)  # noqa: S311  (nothing secret)
    for number in range(count):
        start = chance.choice(DAYS)
        amount = chance.choice(LIST_PRICES) if chance.random() < 0.8 else f"{chance.randrange(1, 30000) / 100:.2f}"
        yield {
            "record": "charge",
            "version": 1,
            "id": f"c-{number:08}",
            "account": f"a-{number // 12:07}",
            "kind": "subscription",
            "item": chance.choice(["lite", "standard", "pro"]),
            "reason": "renewal",
            "period": f"{start}/{start + timedelta(days=30)}",
            "amount": f"{amount} USD",
            "charged_on": str(start),
        }


def unlike(record: Record, number: int) -> Record:
    """Another amount in every charge."""
    return {**record, "amount": f"{number}.{number % 100:02} USD"}


def prepaid(record: Record, number: int) -> Record:
    """Every fifth with a discount for prepayment."""
    return {**record, "prepaid": "3/20"} if number % 5 == 0 else record


def escaped(record: Record, number: int) -> Record:
    """One in a thousand with an escape."""
    return {**record, "item": 'the "big" one'} if number % 1000 == 0 else record


def priced(record: Record, _: int) -> Record:
    """Every one with the pricing that makes it."""
    made = {"prices_from": "2025-01-01", "units": 501, "count_of": "contacts", "counted_on": record["charged_on"]}
    return {**record, "pricing": {**made, "price": record["amount"], "cycle": record["period"]}}


def plain(record: Record, _: int) -> Record:
    """As they mostly are."""
    return record


def as_json(records: list[Record]) -> list[str]:
    return [json.dumps(record) + "\n" for record in records]


def as_csv(records: list[Record], quoting: int) -> list[str]:
    names = [name for name in records[0] if name not in {"record", "version"}]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, quoting=quoting, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().splitlines(keepends=True)


def consume(found: Iterator[object]) -> None:
    deque(found, maxlen=0)


def consume_by(decode: Callable[[str], object], lines: list[str]) -> None:
    with patch("json.loads", decode):
        consume(charge_rows(lines, "a", Form.JSON_LINES))


def decoders() -> Iterator[tuple[str, Callable[[str], object]]]:
    for name, path in (("orjson", ("loads",)), ("msgspec", ("json", "decode"))):
        try:
            found: Any = importlib.import_module(name)
        except ImportError:
            continue
        for part in path:
            found = getattr(found, part)
        yield name, found


def measure(contenders: dict[str, tuple[Contender, int]]) -> dict[str, float]:
    """Give the nanoseconds a line of each: its fastest round, the contenders taking turns."""
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(ROUNDS):
        for name, (contender, count) in contenders.items():
            gc.collect()
            start = time.process_time()
            contender()
            best[name] = min(best[name], (time.process_time() - start) * 1e9 / count)
    return best


def show(title: str, found: dict[str, float], base: str) -> None:
    for name, cost in found.items():
        print(f"| {title} | {name} | {cost:,.0f} | {cost / found[base]:.2f} |", flush=True)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    print(f"{count:,} charges, Python {sys.version.split()[0]}\n\n| lines | reader | ns a line | ratio |\n| --- | --- | ---: | ---: |")
    for change in (plain, prepaid, unlike, escaped, priced):
        lines = as_json([change(record, number) for number, record in enumerate(charges(count))])
        show(f"JSON Lines: {change.__doc__}", measure(json_contenders(lines, full=change is plain)), "json.loads alone")
    for quoting, title in ((csv.QUOTE_MINIMAL, "CSV"), (csv.QUOTE_ALL, "CSV, all cells quoted")):
        lines = as_csv(list(charges(count)), quoting)
        show(title, measure(csv_contenders(lines)), "csv.reader alone")


def json_contenders(lines: list[str], *, full: bool) -> dict[str, tuple[Contender, int]]:
    part = len(lines) // PART_FOR_CODEC
    found: dict[str, tuple[Contender, int]] = {
        "json.loads alone": (lambda: consume(map(json.loads, lines)), len(lines)),
        "**`charge_rows`**": (lambda: consume(charge_rows(lines, "a", Form.JSON_LINES)), len(lines)),
        "`codec.read_lines`": (lambda: consume(read_lines(islice(lines, part), Charge, source="a", faults=[])), part),
    }
    for name, decode in decoders() if full else ():
        found[f"{name} alone"] = (lambda decode=decode: consume(map(decode, lines)), len(lines))
        found[f"`charge_rows`, were its parser {name}"] = (lambda decode=decode: consume_by(decode, lines), len(lines))
    return found


def csv_contenders(lines: list[str]) -> dict[str, tuple[Contender, int]]:
    return {
        "csv.reader alone": (lambda: consume(csv.reader(lines)), len(lines)),
        "**`charge_rows`**": (lambda: consume(charge_rows(lines, "a", Form.CSV)), len(lines)),
    }


if __name__ == "__main__":
    main()
