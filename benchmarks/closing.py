"""What it costs to close a month, from ten thousand charges to ten million, beside a bare loop and what one would write by hand.

Run it from the root of the repository, where partnerkit is installed with the extras `bench`, `sql` and `spark`:

    python benchmarks/closing.py [--most CHARGES] [--rounds N] [--skip spark,slow,tables,sizes,doubled]
    python benchmarks/closing.py --streams

An account has twelve months of two charges each: its subscription, and an add-on, a tax or an overage in turn. Of four accounts one is on a
Single Bill from the start and one joins in the middle of its life, so that a partner pays less a discount; the others pay themselves, and
the partner earns a share. Every twentieth is prepaid. A tenth of all are with the first of a thousand partners. Shares are due on billing,
there is no bonus and no cash: what is measured is settling charges.

All contenders come to the same sums, which is asserted. They take turns inside every round, and what is told is the fastest round of each;
times are those of the processor, of all threads together and with Spark's, which neighbors on the machine disturb least. Rows and columns
are made before and left alone by the garbage collector, and so are the stretches of accounts for whoever reads them. The bare loop carries
the rule and no more: a charge's stretch, its rate by kind, rounding, discount or share, the month of its bill, ids and days of a plan that
come twice. By hand in DuckDB, pandas and polars it is the same rule and the same checks. `--streams` measures the memory of a process that
is given generated rows; programs that fit in no memory are `benchmarks/large.py`. No test depends on this.
"""

import argparse
import gc
import importlib
import os
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from partnerkit.billing import line_for
from partnerkit.charges import Charge, ChargeReason
from partnerkit.ledger import bill_day
from partnerkit.links import VendorSites
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.partners import Account, AccountStatus, Partner, Partners
from partnerkit.periods import Month, Period
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.rows import ChargeRow
from partnerkit.sql.months import table_totals
from partnerkit.stretches import Footings, Stretch
from partnerkit.tallies import LineRow, partial_totals
from partnerkit.terms import (
    NOT_AGREED,
    BonusTerms,
    ChargeKind,
    Clawback,
    CutOff,
    Negative,
    Recognition,
    ShareTerms,
    SingleBillTerms,
    Terms,
    TermsHistory,
)
from partnerkit.totals import SUMS, PartialTotals

ROUNDS = 5
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MOST_OBJECTS = 100_000  # charges that become objects, or money of py-moneyed
MOST_ON_SPARK = 1_000_000
MOST_OFTEN = 1_000_000  # charges of programs that are measured in every round, and larger ones so often:
ROUNDS_OF_MOST = 2
AGAIN_BELOW = 300_000  # charges of programs that take their turns several times in a round, so that the fastest is not a matter of luck
DOUBLED = 500_000
FIRST_YEAR = 2024
START = date(2023, 12, 15)
OPENED_AT = datetime(2023, 12, 15, 12, tzinfo=UTC)
DOLLARS = Currency("USD")
ACCOUNTS_OF_A_PARTNER = 40
MOST_PARTNERS = 1000
SKEW = 10_007
PRICES = (1205, 3495, 5500, 8015, 9900, 12_545, 20_000, 31_115, 999, 1999)
EXTRAS = (("add_on", "sms", "renewal"), ("tax", "vat", "purchase"), ("overage", "extra-sends", "purchase"))
PARTNERS = Partners(tuple(Partner.of(f"p-{number}", f"partner-{number}", bill_day=1 + number * 7 % 28) for number in range(MOST_PARTNERS)))
TERMS = Terms(
    starts_on=date(2023, 1, 1),
    source="invented for the benchmark",
    share=ShareTerms(
        rate=Rate.percent("10"),
        scope=frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.SUSPENSION_FEE}),
        rounding=Rounding.HALF_AWAY,
        recognized=Recognition.ON_BILLING,
        clawback=Clawback.PROPORTIONAL,
        after_partnership_ends=False,
    ),
    bonus=BonusTerms(amount=NOT_AGREED),
    single_bill=SingleBillTerms(
        discount=Rate.percent("15"),
        scope=frozenset({ChargeKind.SUBSCRIPTION}),
        rounding=Rounding.HALF_AWAY,
        cut_off=CutOff.ON_OR_BEFORE,
        negative=Negative.CARRY_FORWARD,
        join_with_balance_due=False,
        on_prepaid=False,
    ),
)
PROGRAM = Program(name="invented", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory((TERMS,)))

Key = tuple[str, str, int]
Sums = dict[Key, tuple[int, ...]]
"""By partner, currency and month: lines, gross, discount, shares and share."""
PLACES = [SUMS.index(name) for name in ("lines", "gross", "discount", "shares", "share")]
Span = tuple[date, date, str | None, str | None]
Run = Callable[[], Sums]


@attrs.frozen
class Shape:
    """How large a program is: its accounts, and the charges of each."""

    charges: int
    months: int = 12
    per_month: int = 2

    @property
    def per_account(self) -> int:
        return self.months * self.per_month

    @property
    def accounts(self) -> int:
        return -(-self.charges // self.per_account)

    @property
    def partners(self) -> int:
        return min(max(self.accounts // ACCOUNTS_OF_A_PARTNER, 10), MOST_PARTNERS)

    @property
    def last(self) -> Month:
        return Month(year=FIRST_YEAR + (self.months - 1) // 12, month=1 + (self.months - 1) % 12)


def partner_of(account: int, partners: int) -> int:
    """Few partners have most accounts."""
    return (account * 7919 % SKEW) ** 3 * partners // SKEW**3


def month_start(place: int, day: int) -> date:
    return date(FIRST_YEAR + place // 12, 1 + place % 12, day)


def life_of(number: int, shape: Shape) -> ClientRelationship:
    account = Account(id=f"a-{number}", client=f"k-{number}", currency=DOLLARS, opened_at=OPENED_AT, anchor_day=1 + number % 28)
    begin = ClientRelationship.referred if number % 4 in {1, 2} else ClientRelationship.managed
    partner = PARTNERS[f"p-{partner_of(number, shape.partners)}"]
    life = begin(account, partner, on=START, program=PROGRAM, partners=PARTNERS, status=AccountStatus.OPEN)
    if number % 4 == 0:
        return life.join_single_bill(START)
    if number % 4 == 3:
        return life.join_single_bill(month_start(shape.months // 2, 1))
    return life


class OnDemand(Mapping[str, Sequence[Stretch]]):
    """The stretches of accounts, made when they are asked for and not kept."""

    def __init__(self, shape: Shape) -> None:
        self.shape, self.until = shape, shape.last.period.end
        self.footings = Footings(program=PROGRAM, partners=PARTNERS)

    def __getitem__(self, account: str) -> Sequence[Stretch]:
        return self.footings.stretches_of(life_of(int(account[2:]), self.shape), until=self.until)

    def __iter__(self) -> Iterator[str]:
        return (f"a-{number}" for number in range(self.shape.accounts))

    def __len__(self) -> int:
        return self.shape.accounts


def rows_of(shape: Shape) -> Iterator[ChargeRow]:
    """The charges by account, in the order of their days."""
    days = [[month_start(place, day) for place in range(shape.months + 1)] for day in range(1, 29)]
    left = shape.charges
    number = 0
    for account in range(shape.accounts):
        name, starts, prepaid = f"a-{account}", days[account % 28], account % 20 == 0
        for place in range(shape.months):
            day, until = starts[place], starts[place + 1]
            for extra in range(shape.per_month):
                if number == left:
                    return
                kind, item, reason = EXTRAS[(account + place + extra) % 3] if extra else ("subscription", "lite", "renewal")
                if extra > len(EXTRAS):
                    item = f"{item}-{extra}"
                minor = PRICES[(account * 7 + place + extra) % 10]
                yield (f"c-{number}", name, kind, item, reason, day, until, minor, "USD", day, prepaid)
                number += 1


def charges_sql(shape: Shape, first: int = 0, after: int | None = None) -> str:
    """The same charges, or some of them, as a query for DuckDB."""
    assert shape.per_month <= 1 + len(EXTRAS)
    extra = "CASE j WHEN 0 THEN {0} ELSE CASE (a + k + j) % 3 WHEN 0 THEN {1} WHEN 1 THEN {2} ELSE {3} END END"
    kind, item, reason = (
        extra.format(*(f"'{word}'" for word in (plain, *(one[place] for one in EXTRAS))))
        for place, plain in enumerate(("subscription", "lite", "renewal"))
    )
    day = f"make_date({FIRST_YEAR} + {{0}} // 12, 1 + {{0}} % 12, 1 + a % 28)"
    return f"""
        SELECT 'c-' || n AS id, 'a-' || a AS account, {kind} AS kind, {item} AS item, {reason} AS reason, {day.format("k")} AS starts_on,
            {day.format("(k + 1)")} AS ends_before, list_extract({list(PRICES)}::BIGINT[], (a * 7 + k + j) % 10 + 1) AS minor,
            'USD' AS currency, {day.format("k")} AS charged_on, a % 20 = 0 AS prepaid
        FROM (SELECT n, n // {shape.per_account} AS a, n % {shape.per_account} // {shape.per_month} AS k, n % {shape.per_month} AS j
            FROM range({first}, {shape.charges if after is None else after}) AS t(n)) AS numbers
    """  # noqa: S608  (all of it is written here)


class Books:
    """A program of a shape in every form that somebody reads, made once."""

    def __init__(self, shape: Shape) -> None:
        duckdb = importlib.import_module("duckdb")
        self.shape = shape
        self.rows = list(rows_of(shape))
        self.lives = [life_of(number, shape) for number in range(shape.accounts)]
        self.stretches = dict(OnDemand(shape))
        self.spans: dict[str, list[Span]] = {
            account: [(one.starts_on, one.ends_before, one.payer, one.earner) for one in found] for account, found in self.stretches.items()
        }
        self.bill_days = {partner.id: bill_day(PARTNERS, partner.id, shape.last).day for partner in PARTNERS}
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 2")
        self.connection.execute(f"CREATE TABLE charges AS {charges_sql(shape)}")
        assert self.connection.execute("SELECT * FROM charges ORDER BY rowid LIMIT 10000").fetchall() == self.rows[:10_000]
        self.spans_table = self._spans_table()
        bill_days = self._arrow({"partner": list(self.bill_days), "bill_day": list(self.bill_days.values())})
        for name, made in (("spans", self.spans_table), ("days", bill_days)):
            self.connection.register("made", made)
            self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM made")  # noqa: S608  (all of it is written here)
            self.connection.unregister("made")
        self.bill_days_table = bill_days
        self.charges_table = self.connection.sql("SELECT * FROM charges").to_arrow_table()

    def _arrow(self, columns: dict[str, list[Any]]) -> Any:
        return importlib.import_module("pyarrow").table(columns)

    def _spans_table(self) -> Any:
        flat = [(account, *span) for account, found in self.spans.items() for span in found]
        names = ("account", "starts_on", "ends_before", "payer", "earner")
        return self._arrow({name: list(values) for name, values in zip(names, zip(*flat, strict=True), strict=True)})


def as_sums(found: PartialTotals) -> Sums:
    return {key: tuple(sums[place] for place in PLACES) for key, sums in found.sums.items() if any(sums)}


def totals(books: Books, keep: Callable[[LineRow], object] | None = None) -> Sums:
    found = partial_totals(books.rows, books.stretches, program=PROGRAM, partners=PARTNERS, through=books.shape.last, keep=keep)
    return as_sums(found)


def totals_with_lines(books: Books) -> Sums:
    lines: list[LineRow] = []
    found = totals(books, lines.append)
    assert len(lines) == books.shape.charges
    return found


def bare_loop(books: Books) -> Sums:  # noqa: C901, PLR0912  (it is the point that it calls nothing)
    """Settle each charge by the rule and no more, as one would write it for this program alone."""
    spans, bill_days = books.spans, books.bill_days
    sums: dict[Key, list[int]] = {}
    current = None
    for charge, account, kind, item, _, starts_on, ends_before, minor, code, day, prepaid in books.rows:
        if account != current:
            current = account
            here = spans[account]
            first = before = date.max
            ids: set[str] = set()
            billed: dict[str, date] = {}
        if not first <= day < before:
            for first, before, payer, earner in here:  # noqa: B007  (what it ends on is what it looks for)
                if first <= day < before:
                    break
            else:
                raise ValueError(charge)
        if charge in ids:
            raise ValueError(charge)
        ids.add(charge)
        until = billed.get(item)
        if until is not None and starts_on < until:
            raise ValueError(charge)
        billed[item] = ends_before
        month = day.year * 12 + day.month - 1
        if payer is not None:
            discount = (minor * 15 * 2 + 100) // 200 if kind == "subscription" and not prepaid else 0
            key = (payer, code, month if day.day <= bill_days[payer] else month + 1)
            known = sums.get(key)
            if known is None:
                known = sums[key] = [0] * 5
            known[0] += 1
            known[1] += minor
            known[2] += discount
        elif earner is not None and (kind in {"subscription", "suspension_fee"}):
            share = (minor * 10 * 2 + 100) // 200
            if share:
                key = (earner, code, month)
                known = sums.get(key)
                if known is None:
                    known = sums[key] = [0] * 5
                known[3] += 1
                known[4] += share
    return {key: tuple(known) for key, known in sums.items()}


def moneyed_loop(books: Books) -> Sums:
    """The same with money of py-moneyed and a dictionary of accounts, as a first script has it."""
    moneyed = importlib.import_module("moneyed")
    dollars = moneyed.Money(0, "USD")
    cent = moneyed.Money("0.01", "USD").amount
    sums: defaultdict[Key, list[Any]] = defaultdict(lambda: [0, dollars, dollars, 0, dollars])
    ids: set[str] = set()
    billed: dict[tuple[str, str, str], date] = {}
    for charge, account, kind, item, _, starts_on, ends_before, minor, code, day, prepaid in books.rows:
        amount = moneyed.Money(minor * cent, code)
        _, _, payer, earner = next(span for span in books.spans[account] if span[0] <= day < span[1])
        if charge in ids or starts_on < billed.get((account, kind, item), starts_on):
            raise ValueError(charge)
        ids.add(charge)
        billed[account, kind, item] = ends_before
        month = day.year * 12 + day.month - 1
        if payer is not None:
            discount = dollars
            if kind == "subscription" and not prepaid:
                discount = moneyed.Money((amount * 15 / 100).amount.quantize(cent, ROUND_HALF_UP), code)
            known = sums[payer, code, month + (day.day > books.bill_days[payer])]
            known[0] += 1
            known[1] += amount
            known[2] += discount
        elif earner is not None and kind in {"subscription", "suspension_fee"}:
            share = moneyed.Money((amount * 10 / 100).amount.quantize(cent, ROUND_HALF_UP), code)
            if share.amount:
                known = sums[earner, code, month]
                known[3] += 1
                known[4] += share
    return {key: tuple(one if isinstance(one, int) else int(one.amount / cent) for one in known) for key, known in sums.items()}


def line_objects(charges: list[Charge], lives: dict[str, ClientRelationship], books: Books) -> Sums:
    """A charge at a time, as the close does that keeps every line with its rulings."""
    sums: defaultdict[Key, list[int]] = defaultdict(lambda: [0] * 5)
    for charge in charges:
        line = line_for(charge, lives[charge.account].standing_on(charge.charged_on), TERMS)
        day, code = charge.charged_on, charge.amount.currency.code
        month = day.year * 12 + day.month - 1
        if line.payer is not None:
            known = sums[line.payer, code, month + (day.day > books.bill_days[line.payer])]
            known[0] += 1
            known[1] += line.gross.minor
            known[2] += line.discount.minor
        if line.earner is not None and line.share.minor:
            known = sums[line.earner, code, month]
            known[3] += 1
            known[4] += line.share.minor
    return {key: tuple(known) for key, known in sums.items()}


def charge_of(row: ChargeRow) -> Charge:
    charge, account, kind, item, reason, starts_on, ends_before, minor, code, day, prepaid = row
    return Charge(
        id=charge,
        account=account,
        kind=ChargeKind(kind),
        item=item,
        reason=ChargeReason(reason),
        period=Period(starts_on, ends_before),
        amount=Money(minor=minor, currency=Currency(code)),
        charged_on=day,
        prepaid=Rate.percent("15") if prepaid else None,
    )


def summed(billed: Iterable[Sequence[Any]], earned: Iterable[Sequence[Any]]) -> Sums:
    """Put together what was billed and what was earned."""
    sums: defaultdict[Key, list[int]] = defaultdict(lambda: [0] * 5)
    for partner, code, month, *values in billed:
        sums[partner, code, int(month)][:3] = map(int, values)
    for partner, code, month, *values in earned:
        sums[partner, code, int(month)][3:] = map(int, values)
    return {key: tuple(known) for key, known in sums.items()}


KINDS = [kind.value for kind in ChargeKind]
FOLLOWING = ["subscription", "suspension_fee"]


def pandas_run(books: Books) -> Run:
    dated = {"starts_on": "datetime64[s]", "ends_before": "datetime64[s]"}
    charges = books.charges_table.to_pandas().astype({**dated, "charged_on": "datetime64[s]"})
    spans = books.spans_table.to_pandas().astype(dated).rename(columns={"starts_on": "first", "ends_before": "before"})
    days = books.bill_days_table.to_pandas().rename(columns={"partner": "payer"})

    def run() -> Sums:
        assert not charges.isna().any().any()
        assert (charges["minor"] >= 0).all()
        assert charges["kind"].isin(KINDS).all()
        assert charges["id"].is_unique
        follows = charges["kind"].isin(FOLLOWING) & (charges["reason"] != "purchase")
        assert not charges[~follows].duplicated(["account", "kind", "item", "reason", "starts_on", "ends_before"]).any()
        follow = charges[follows].sort_values(["account", "kind", "item", "starts_on"])
        earlier = follow.groupby(["account", "kind", "item"], sort=False)["ends_before"].shift()
        assert not (follow["starts_on"] < earlier).any()
        lines = charges.merge(spans, on="account", how="left")
        lines = lines[(lines["first"] <= lines["charged_on"]) & (lines["charged_on"] < lines["before"])]
        assert len(lines) == len(charges)
        lines["month"] = lines["charged_on"].dt.year * 12 + lines["charged_on"].dt.month - 1
        is_billed = lines["payer"].notna()
        billed = lines[is_billed].merge(days, on="payer")
        billed["month"] += billed["charged_on"].dt.day > billed["bill_day"]
        reduced = (billed["kind"] == "subscription") & ~billed["prepaid"]
        billed["discount"] = ((billed["minor"] * 15 * 2 + 100) // 200).where(reduced, 0)
        shared = lines[~is_billed & lines["earner"].notna() & lines["kind"].isin(["subscription", "suspension_fee"])]
        shared = shared.assign(share=(shared["minor"] * 10 * 2 + 100) // 200)
        bills = billed.groupby(["payer", "currency", "month"]).agg(
            lines=("minor", "size"), gross=("minor", "sum"), less=("discount", "sum")
        )
        shares = shared[shared["share"] != 0].groupby(["earner", "currency", "month"]).agg(shares=("share", "size"), share=("share", "sum"))
        return summed(bills.reset_index().to_numpy().tolist(), shares.reset_index().to_numpy().tolist())

    return run


def polars_run(books: Books) -> Run:
    pl = importlib.import_module("polars")
    charges, spans, days = (pl.from_arrow(one) for one in (books.charges_table, books.spans_table, books.bill_days_table))
    spans = spans.rename({"starts_on": "first", "ends_before": "before"})
    days = days.rename({"partner": "payer"})
    col = pl.col

    def run() -> Sums:
        assert not any(column.null_count() for column in charges)
        assert charges.select((col("minor") >= 0).all() & col("kind").is_in(KINDS).all()).item()
        assert charges["id"].n_unique() == len(charges)
        follows = col("kind").is_in(FOLLOWING) & (col("reason") != "purchase")
        once = charges.filter(~follows).select("account", "kind", "item", "reason", "starts_on", "ends_before")
        assert once.is_unique().all()
        follow = charges.filter(follows).sort("account", "kind", "item", "starts_on")
        earlier = follow.select((col("starts_on") < col("ends_before").shift().over("account", "kind", "item")).any())
        assert not earlier.item()
        lines = charges.join(spans, on="account").filter((col("first") <= col("charged_on")) & (col("charged_on") < col("before")))
        assert len(lines) == len(charges)
        month = col("charged_on").dt.year().cast(pl.Int64) * 12 + col("charged_on").dt.month() - 1
        lines = lines.with_columns(month.alias("month"))
        reduced = (col("kind") == "subscription") & ~col("prepaid")
        bills = (
            lines.filter(col("payer").is_not_null())
            .join(days, on="payer")
            .group_by("payer", "currency", col("month") + (col("charged_on").dt.day() > col("bill_day")).cast(pl.Int64))
            .agg(pl.len(), col("minor").sum(), pl.when(reduced).then((col("minor") * 15 * 2 + 100) // 200).otherwise(0).sum().alias("less"))
        )
        shares = (
            lines.filter(col("payer").is_null() & col("earner").is_not_null() & col("kind").is_in(["subscription", "suspension_fee"]))
            .with_columns(((col("minor") * 10 * 2 + 100) // 200).alias("share"))
            .filter(col("share") != 0)
            .group_by("earner", "currency", "month")
            .agg(pl.len(), col("share").sum())
        )
        return summed(bills.rows(), shares.rows())

    return run


HAND_CHECKS = (
    """SELECT id FROM charges WHERE id IS NULL OR account IS NULL OR item IS NULL OR reason IS NULL OR starts_on IS NULL
        OR ends_before IS NULL OR currency IS NULL OR charged_on IS NULL OR prepaid IS NULL OR minor IS NULL OR minor < 0
        OR kind NOT IN ('subscription', 'suspension_fee', 'add_on', 'overage', 'tax')""",
    "SELECT id FROM charges GROUP BY id HAVING COUNT(*) > 1",
    """SELECT account FROM charges WHERE kind NOT IN ('subscription', 'suspension_fee') OR reason = 'purchase'
        GROUP BY account, kind, item, reason, starts_on, ends_before HAVING COUNT(*) > 1""",
    """SELECT account FROM (SELECT account, starts_on, LAG(ends_before) OVER (PARTITION BY account, kind, item ORDER BY starts_on) AS until
        FROM charges WHERE kind IN ('subscription', 'suspension_fee') AND reason <> 'purchase') WHERE starts_on < until""",
)
HAND_SUMS = """
CREATE OR REPLACE TEMP TABLE by_day AS
SELECT s.payer, s.earner, c.currency, c.charged_on, COUNT(*) AS lines, SUM(c.minor) AS gross,
    SUM(CASE WHEN s.payer IS NOT NULL AND c.kind = 'subscription' AND NOT c.prepaid THEN (c.minor * 15 * 2 + 100) // 200 ELSE 0 END)
        AS less,
    SUM(CASE WHEN s.payer IS NULL AND c.kind IN ('subscription', 'suspension_fee') THEN 1 ELSE 0 END) AS shares,
    SUM(CASE WHEN s.payer IS NULL AND c.kind IN ('subscription', 'suspension_fee') THEN (c.minor * 10 * 2 + 100) // 200 ELSE 0 END)
        AS share,
    SUM(CASE WHEN s.account IS NULL THEN 1 ELSE 0 END) AS wrong
FROM charges AS c LEFT JOIN spans AS s ON s.account = c.account AND s.starts_on <= c.charged_on AND c.charged_on < s.ends_before
GROUP BY ALL
"""
HAND_BILLS = """
SELECT payer, currency, year(charged_on) * 12 + month(charged_on) - 1 + CASE WHEN day(charged_on) > bill_day THEN 1 ELSE 0 END AS month,
    SUM(lines), SUM(gross), SUM(less)
FROM by_day JOIN days ON payer = partner GROUP BY ALL
"""
HAND_SHARES = """
SELECT earner, currency, year(charged_on) * 12 + month(charged_on) - 1 AS month, SUM(shares), SUM(share)
FROM by_day WHERE earner IS NOT NULL AND shares <> 0 GROUP BY ALL
"""


def duckdb_by_hand(books: Books, *, with_checks: bool) -> Sums:
    connection = books.connection
    for check in HAND_CHECKS if with_checks else ():
        assert connection.execute(check).fetchall() == []
    connection.execute(HAND_SUMS)
    assert connection.execute("SELECT SUM(wrong) FROM by_day").fetchall() == [(0,)]
    return summed(connection.execute(HAND_BILLS).fetchall(), connection.execute(HAND_SHARES).fetchall())


class Steps:
    """The time of each step of a close: of this one, and the least of all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.least: dict[str, float] = {}
        self.of_this: dict[str, float] = {}
        self._now: tuple[str, float] | None = None

    def begin(self, step: str) -> None:
        self.end()
        self._now = (step, self.clock())

    def end(self) -> None:
        if self._now is not None:
            step, start = self._now
            taken = self.of_this[step] = self.clock() - start
            self.least[step] = min(self.least.get(step, taken), taken)
        self._now = None

    @property
    def but_lives(self) -> float:
        return sum(taken for step, taken in self.of_this.items() if step != LIVES)


LIVES = "following the lives of the accounts"


def on_engine(connection: Any, charges: str, books: Books, steps: Steps) -> Sums:
    steps.of_this = {}
    found = table_totals(
        connection,
        {"charges": charges},
        PROGRAM,
        books.shape.last,
        partners=PARTNERS,
        relationships=books.lives,
        on_step=steps.begin,
    )
    steps.end()
    return as_sums(found)


class Spark:
    """A session on two threads, and the time that its processor took."""

    def __init__(self) -> None:
        sql = importlib.import_module("pyspark.sql")
        settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.driver.memory": "3g"}
        builder = sql.SparkSession.builder.master("local[2]").appName("closing")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")
        self.process = self.session.sparkContext._gateway.proc.pid  # noqa: SLF001

    def clock(self) -> float:
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def read(self, books: Books, directory: str) -> None:
        path = f"{directory}/{books.shape.charges}.parquet"
        books.connection.execute(f"COPY charges TO '{path}'")
        self.session.read.parquet(path).createOrReplaceTempView(f"charges_{books.shape.charges}")


Timed = Callable[[], tuple[Sums, dict[str, float]]]
"""Runs a contender and gives its sums, and the time of parts of it that are told as contenders of their own."""
DUCKDB, SPARK = "close_table on DuckDB", "close_table on Spark"


def plain(run: Run) -> Timed:
    return lambda: (run(), {})


def stepwise(name: str, connection: Any, charges: str, books: Books, steps: Steps) -> Timed:
    def run() -> tuple[Sums, dict[str, float]]:
        found = on_engine(connection, charges, books, steps)
        return found, {f"{name}, lives apart": steps.but_lives}

    return run


def contenders(books: Books, spark: Spark | None, steps: Mapping[str, Steps], skip: Sequence[str], directory: str) -> dict[str, Timed]:
    count = books.shape.charges
    found: dict[str, Timed] = {
        "bare loop": plain(partial(bare_loop, books)),
        "partial_totals": plain(partial(totals, books)),
        "partial_totals, lines kept": plain(partial(totals_with_lines, books)),
    }
    if "slow" not in skip and count <= MOST_OBJECTS:
        charges, lives = list(map(charge_of, books.rows)), {life.account.id: life for life in books.lives}
        found["py-moneyed and a dictionary"] = plain(partial(moneyed_loop, books))
        found["line_for, an object each"] = plain(partial(line_objects, charges, lives, books))
    if "tables" not in skip:
        found["pandas by hand"] = plain(pandas_run(books))
        found["polars by hand"] = plain(polars_run(books))
        found["DuckDB by hand"] = plain(partial(duckdb_by_hand, books, with_checks=True))
        found["DuckDB by hand, unchecked"] = plain(partial(duckdb_by_hand, books, with_checks=False))
    found[DUCKDB] = stepwise(DUCKDB, books.connection, "charges", books, steps[DUCKDB])
    if spark is not None and count <= MOST_ON_SPARK:
        spark.read(books, directory)
        found[SPARK] = stepwise(SPARK, spark.session, f"charges_{count}", books, steps[SPARK])
    return found


Times = dict[str, tuple[float, float]]
"""The least seconds of the processor, and of the clock on the wall, by contender."""


def compare(sizes: Sequence[int], rounds: int, spark: Spark | None, skip: Sequence[str]) -> dict[int, Times]:
    """Measure programs of some sizes, all of them in turn in every round."""
    taken: dict[int, Times] = {}
    ready: list[tuple[int, dict[str, Timed], Sums]] = []
    steps = {size: {DUCKDB: Steps(time.process_time), SPARK: Steps(spark.clock if spark else time.process_time)} for size in sizes}
    with TemporaryDirectory() as directory:
        for size in sizes:
            books = Books(Shape(size))
            ready.append((size, contenders(books, spark, steps[size], skip, directory), bare_loop(books)))
            taken[size] = {}
        gc.collect()
        gc.freeze()  # what is read is there before anybody starts, so that nobody's time goes into walking over it
        for _ in range(rounds):
            for size, runs, wanted in ready:
                again = [one for one in runs.items() if one[0] != SPARK] * (AGAIN_BELOW // size)
                for name, run in (*runs.items(), *again):
                    clock = spark.clock if spark is not None and name == SPARK else time.process_time
                    wall, start = time.perf_counter(), clock()
                    found, parts = run()
                    spent, waited = clock() - start, time.perf_counter() - wall
                    assert found == wanted, name
                    for one, seconds in {name: spent, **parts}.items():
                        least, least_wall = taken[size].get(one, (seconds, waited))
                        taken[size][one] = (min(least, seconds), min(least_wall, waited))
        gc.unfreeze()
    for size in sizes:
        tell(size, taken[size], steps[size])
    return taken


def tell(size: int, times: Times, steps: Mapping[str, Steps]) -> None:
    bare = times["bare loop"][0]
    print(f"\n{f'{size:,} charges':<38}{'cpu s':>8}{'ns each':>9}{'ratio':>9}{'wall s':>10}")
    for name, (spent, waited) in times.items():
        wall = "" if name.endswith("apart") else f"{waited:.3f}"
        print(f"{name:<38}{spent:>8.3f}{spent / size * 1e9:>9.0f}{spent / bare:>8.2f}x{wall:>10}")
    for name, told in steps.items():
        if told.least:
            print(f"{name}: " + "; ".join(f"{step} {seconds:.3f}" for step, seconds in told.least.items()), flush=True)


def tell_growth(taken: Mapping[int, Times]) -> None:
    """Tell what a charge costs in programs of every size."""
    sizes = sorted(taken)
    print(f"\n{'ns a charge':<38}" + "".join(f"{size:>14,}" for size in sizes))
    for name in taken[sizes[0]]:
        cells = [f"{taken[size][name][0] / size * 1e9:>14.0f}" if name in taken[size] else f"{'':>14}" for size in sizes]
        print(f"{name:<38}{''.join(cells)}", flush=True)


def doubled(size: int, rounds: int, spark: Spark | None) -> None:
    taken = compare((size, size * 2), rounds, spark, ("slow", "tables"))
    print(f"\na program of {size * 2:,} charges beside one of {size:,}")
    for name, (spent, _) in taken[size].items():
        if name in taken[size * 2]:
            print(f"{name:<38}{taken[size * 2][name][0] / spent:>8.2f}x", flush=True)


def streamed(count: int, per_month: int, months: int) -> None:
    """Give generated rows to `partial_totals`, in a process that has nothing else."""
    shape = Shape(count, months=months, per_month=per_month)
    start = time.process_time()
    found = partial_totals(rows_of(shape), OnDemand(shape), program=PROGRAM, partners=PARTNERS, through=shape.last)
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = f"{count:>12,} charges, {shape.accounts:>9,} accounts, {len(found.sums):>7,} sums"
    print(f"{line}: {spent:>8.1f} s, peak {peak:>6.0f} MiB", flush=True)


def streams() -> None:
    print("\nstreamed through partial_totals, each in a process of its own; the rows and the lives of accounts are made meanwhile")
    sizes = (100_000, 1_000_000, 10_000_000)
    for count, per_month, months in (*((size, size // 100_000, 25) for size in sizes), *((size, 2, 12) for size in sizes)):
        told = subprocess.run(
            [sys.executable, __file__, "--stream", *map(str, (count, per_month, months))], capture_output=True, text=True, check=True
        )
        print(told.stdout, end="", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what a month's close costs.")
    parser.add_argument("--most", type=int, default=1_000_000, help="leave out programs of more charges")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--skip", default="", help="some of spark, slow, tables, sizes, doubled")
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("--stream", type=int, nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.stream:
        streamed(*asked.stream)
    elif asked.streams:
        streams()
    else:
        skip = asked.skip.split(",")
        spark = None if "spark" in skip else Spark()
        taken: dict[int, Times] = {}
        for size in () if "sizes" in skip else SIZES:
            if size <= asked.most:
                taken |= compare((size,), asked.rounds if size <= MOST_OFTEN else ROUNDS_OF_MOST, spark, skip)
        if taken:
            tell_growth(taken)
        if "doubled" not in skip:
            doubled(min(asked.most, DOUBLED), asked.rounds, spark)


if __name__ == "__main__":
    main()
