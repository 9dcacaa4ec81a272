"""A program directory of any size: partners, accounts, what happened to them, and the money of some months.

Run it from the root of the repository; `parquet` needs pyarrow, from the extra `bench`:

    python benchmarks/generate.py DIR --charges 1000000 --accounts 100000 --partners 1000 --months 12 --seed 7 --form jsonl

It writes as it goes, in memory that does not grow with the number of charges, and the same arguments give the same bytes on every machine.
Few partners have most of the accounts (Zipf's law), and `--largest 33` gives a third of all to the first. Charges stand by account and in
order of day within one; receipts and refunds go with them. `--parts 8` writes charges-000.jsonl to charges-007.jsonl, and so for receipts
and refunds. `--visits 5000000` adds page views, in order of time, and the openings that some of them led to.

A directory of one part as JSON Lines is what `partnerkit check` and `partnerkit close` read. In CSV the columns are the fields of the
records; in Parquet they are those of the rows (`partnerkit.rows`): minor units, and days as dates. Partners, accounts, events, openings and
visits are JSON Lines always. Everything is invented.
"""

import argparse
import sys
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from importlib.util import find_spec
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random  # noqa: TID251  (seeded: nothing is left to chance)
from typing import Any

FIRST_YEAR = 2025
BEFORE = 400  # days before the first month on which accounts may be opened
FIRST_DAY = date(FIRST_YEAR, 1, 1)
EPOCH = date(1970, 1, 1).toordinal()
SOME_MONTHS_BEFORE = 15
CURRENCIES = (("USD", 0.7), ("EUR", 0.9), ("JPY", 1.0))
PLANS = ("lite", "standard", "premium")
PRICES = {"USD": (1200, 5000, 6200, 8000), "EUR": (1100, 4500, 5600, 7300), "JPY": (1800, 7200, 9000, 11800)}
TIERS = ((0, 500), (501, 1000), (1001, 2500), (2501, None))
ADD_ONS = ("sms", "seo")
ADD_ON_PRICE = {"USD": 1000, "EUR": 900, "JPY": 1500}
FEE = {"USD": 500, "EUR": 500, "JPY": 800}
DIGITS = {"USD": 2, "EUR": 2, "JPY": 0}
ACCOUNTS_AT_ONCE = 2000
ROWS_AT_ONCE = 200_000

Charge = tuple[str, str, str, str, str, int, int, int, str, int, bool]
Cash = tuple[str, str, int, str, int]
Partner = tuple[str, str, int, str, int, str]

PROGRAM = """\
name = "Generated program"
zone = "UTC"

[sites]
hosts = ["www.vendor.example"]
subdomains = false

[[terms]]
starts_on = 2023-01-01
source = "generated, all of it invented"

[terms.attribution]
model = "last"
window = "30 days"
eligible_at = "both"
on_ineligible = "skip"
dedupe_seconds = 1800
skew_seconds = 0
stand_down_seconds = 0
half_life_days = 7
precedence = ["deal", "link"]
require_consent = true
honor_gpc = true
self_referral = "deny"
free_mail = ["gmail.com"]

[terms.share]
rate = "15%"
scope = ["subscription", "suspension_fee"]
recognized = "on_cash"
rounding = "half_away"
clawback = "proportional"
after_partnership_ends = false

[terms.bonus]
amount = ["50.00 USD", "45.00 EUR", "7500 JPY"]
window_days = 90
counted_from = "opening"
on_single_bill = false

[terms.single_bill]
discount = "20%"
scope = ["subscription", "add_on"]
rounding = "half_away"
cut_off = "on_or_before"
negative = "carry_forward"
join_with_balance_due = false
client_may_change_plan = false
on_prepaid = false

[terms.billing]
rounding = "half_away"
proration = "actual_true_cycle"
first_period = "prorated"
tier_basis = "peak_in_period"
prepaid_half_year = "10%"
prepaid_year = "15%"
prepaid_half_year_nonprofit = "20%"
prepaid_year_nonprofit = "30%"
prepaid_charged = "monthly"
tax_rounding = "per_bill"
trial_days = 30
nonpayment_cancel_days = 75
refund_days = 30

[terms.management]
request_expires_days = 30
move_in_sender_days = 60
new_plan_cutover = 2023-04-17
partner_may_end = true

[terms.contact]
reply = true
billing_notice = true
security_notice = true
partner_asked = true

[terms.payout]
minimum = ["50.00 USD", "45.00 EUR", "7500 JPY"]
schedule = "monthly"
negative = "carry_forward"

[[partner_terms]]
partner = "p-1"
starts_on = 2023-01-01
source = "generated contract of p-1, all of it invented"

[partner_terms.share]
rate = "18%"
scope = ["subscription", "suspension_fee", "add_on"]

[partner_terms.single_bill]
discount = "22%"
"""


def price_tables() -> Iterator[str]:
    """Write the price list that the amounts are of."""
    for currency in PRICES:
        once = [((0, None), ADD_ON_PRICE[currency])]
        plans = [(plan, [*zip(TIERS, plan_prices(currency, place), strict=True)]) for place, plan in enumerate(PLANS)]
        for item, tiers in (*plans, *((add_on, once) for add_on in ADD_ONS), ("suspension", [((0, None), FEE[currency])])):
            written = (
                f'{{ from = {low}{"" if high is None else f", to = {high}"}, price = "{amount(minor, currency).split()[0]}" }}'
                for (low, high), minor in tiers
            )
            yield f'\n[[prices]]\nitem = "{item}"\ncurrency = "{currency}"\nstarts_on = 2023-01-01\ntiers = [{", ".join(written)}]\n'


def plan_prices(currency: str, plan: int) -> list[int]:
    return [price + 1000 * plan for price in PRICES[currency]]


def main() -> None:
    asked = arguments(sys.argv[1:])
    asked.directory.mkdir(parents=True)
    World(asked).write()


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write a program directory of any size.")
    parser.add_argument("directory", type=Path, help="where to write; it must not exist")
    parser.add_argument("--charges", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, help="a tenth of the charges unless said")
    parser.add_argument("--partners", type=int, default=100)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--largest", type=int, default=0, help="percent of the accounts that the first partner has, besides its part of all others"
    )
    parser.add_argument("--visits", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--form", choices=("jsonl", "csv", "parquet"), default="jsonl")
    asked = parser.parse_args(given)
    asked.accounts = asked.accounts or max(asked.charges // 10, 1)
    if min(asked.charges, asked.accounts, asked.months, asked.parts) < 1 or asked.partners < 2:
        parser.error("wanted at least one of everything, and two partners")
    if not 0 <= asked.largest <= 100 or asked.visits < 0:
        parser.error("wanted --largest in percent, and no fewer visits than none")
    if asked.directory.exists():
        parser.error(f"{asked.directory} exists: name a new directory")
    if asked.form == "parquet" and find_spec("pyarrow") is None:
        parser.error("--form parquet needs pyarrow: install partnerkit with its extra `bench`")
    return asked


class World:
    """What was asked for, and the calendar it happens in: days are ordinals, and their texts are made once."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        months = [(FIRST_YEAR + place // 12, place % 12 + 1) for place in range(-SOME_MONTHS_BEFORE, asked.months + 2)]
        self.months = [(date(year, month, 1).toordinal(), monthrange(year, month)[1]) for year, month in months]
        self.first, self.end = FIRST_DAY.toordinal(), self.months[SOME_MONTHS_BEFORE + asked.months][0]
        self.base = self.first - BEFORE - 100
        self.texts = [date.fromordinal(day).isoformat() for day in range(self.base, self.end + 500)]
        # Whole numbers add up alike everywhere.
        self.shares = [*accumulate(10**12 // rank for rank in range(1, asked.partners + 1))]
        self.begin = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - timedelta(days=BEFORE)
        self.seconds = (self.end - 40 - self.first + BEFORE) * 86_400

    def text(self, day: int) -> str:
        return self.texts[day - self.base]

    def chance(self, what: object) -> Random:
        """Give a source of chance of its own, of which only `random()` is used: it is the same in every Python."""
        return Random(f"{self.asked.seed}/{what}")  # noqa: S311  (nothing secret)

    def partner(self, chance: Random) -> int:
        if chance.random() * 100 < self.asked.largest:
            return 0
        return bisect_right(self.shares, int(chance.random() * self.shares[-1]))

    def opened_at(self, account: int) -> datetime:
        """Accounts are opened one after the other, so that openings are in order of time."""
        return self.begin + timedelta(seconds=self.seconds * account // self.asked.accounts)

    def write(self) -> None:
        directory, parts = self.asked.directory, self.asked.parts
        (directory / "program.toml").write_text(PROGRAM + "".join(price_tables()), encoding="utf-8", newline="\n")
        write_lines(directory / "partners.jsonl", map(partner_line, range(self.asked.partners)))
        with (
            (directory / "accounts.jsonl").open("w", encoding="utf-8", newline="\n") as accounts,
            (directory / "events.jsonl").open("w", encoding="utf-8", newline="\n") as events,
        ):
            for part in range(parts):
                first, after = (self.asked.accounts * place // parts for place in (part, part + 1))
                name = f"-{part:03}" if parts > 1 else ""
                files = [open_table(self, kind, f"{kind}s{name}") for kind in ("charge", "receipt", "refund")]
                for start in range(first, after, ACCOUNTS_AT_ONCE):
                    lives = [Life(self, number) for number in range(start, min(start + ACCOUNTS_AT_ONCE, after))]
                    accounts.writelines(life.account_line() for life in lives)
                    events.writelines(line for life in lives for line in life.event_lines())
                    for file, rows in zip(files, zip(*(life.money() for life in lives), strict=True), strict=True):
                        file.add([row for of_one in rows for row in of_one])
                for file in files:
                    file.close()
        for kind, rows in (("payment", payments(self)), ("disbursement", disbursements(self)), ("entry", entries(self))):
            file = open_table(self, kind, "entries" if kind == "entry" else f"{kind}s")
            file.add([*rows])
            file.close()
        if self.asked.visits:
            write_lines(directory / "openings.jsonl", self.openings())
            write_lines(directory / "visits.jsonl", (line for _, line in merge(self.visits_that_count(), self.visits_of_others())))

    def referred(self) -> Iterator[tuple[int, int, datetime]]:
        """Give the accounts that began with a visit, with their partner and when they were opened."""
        for number in range(self.asked.accounts):
            kind, partner = beginning(self, self.chance(number))
            if kind == "referred":
                yield number, partner, self.opened_at(number)

    def openings(self) -> Iterator[str]:
        for number, _, at in self.referred():
            yield (
                f'{{"record": "opening", "version": 1, "id": "o-{number}", "account": "a-{number}", "visitor": "v-{number}", '
                f'"at": "{at.isoformat()}"}}\n'
            )

    def visits_that_count(self) -> Iterator[tuple[datetime, str]]:
        for number, partner, at in self.referred():
            yield at - timedelta(hours=1), visit_line(f"k-{number}", f"v-{number}", at - timedelta(hours=1), partner)

    def visits_of_others(self) -> Iterator[tuple[datetime, str]]:
        """Give visits that led to nothing: some thousand visitors come again and again."""
        others = max(self.asked.visits - self.asked.accounts, 0)
        chance = self.chance("visits")
        for number in range(others):
            at = self.begin + timedelta(seconds=self.seconds * number // others)
            visitor = f"w-{int(chance.random() * (others // 5 + 1))}"
            yield at, visit_line(f"x-{number}", visitor, at, self.partner(chance))


def beginning(world: World, chance: Random) -> tuple[str, int]:
    """Draw how an account began and with whom: the first of all that is drawn for it."""
    partner, draw = world.partner(chance), chance.random()
    kinds = ((0.55, "referred"), (0.8, "managed"), (0.9, "moved_in"), (1, "opened"))
    return next(kind for limit, kind in kinds if draw < limit), partner


class Life:
    """One account: what happens to it, and its charges and cash."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number = world, number
        self.chance = chance = world.chance(number)
        self.kind, self.partner = beginning(world, chance)
        draw = chance.random()
        self.currency = next(code for code, limit in CURRENCIES if draw < limit)
        self.opened_at = world.opened_at(number)
        self.begins = self.opened_at.toordinal()
        self.anchor = 1 + int(chance.random() * 31)
        self.plan = int(chance.random() * len(PLANS))
        self.price = plan_prices(self.currency, self.plan)[int(chance.random() * len(TIERS))]
        self.is_prepaid = chance.random() < 0.05
        self.events: list[tuple[int, str]] = []
        self.on_bill = (0, 0)
        self.begin()
        self.cycles = self.billing_cycles()
        self.go_on()

    def account_line(self) -> str:
        origins = {"referred": "link", "managed": "partner_created", "moved_in": "moved_in", "opened": "unknown"}
        return (
            f'{{"record": "account", "version": 1, "id": "a-{self.number}", "client": "k-{self.number // 2}", '
            f'"currency": "{self.currency}", "opened_at": "{self.opened_at.isoformat()}", "anchor_day": {self.anchor}, '
            f'"origin": "{origins[self.kind]}"}}\n'
        )

    def event_lines(self) -> Iterator[str]:
        for day, said in self.events:
            kind, _, fields = said.partition(" ")
            yield (
                f'{{"record": "event", "version": 1, "account": "a-{self.number}", "kind": "{kind}", "on": "{self.world.text(day)}"'
                f"{', ' if fields else ''}{fields}}}\n"
            )

    def begin(self) -> None:
        partner = f'"partner": "p-{self.partner}"'
        match self.kind:
            case "moved_in":
                self.begins += int(self.chance.random() * 30)
                self.events.append((self.begins, f'moved_in {partner}, {PAPERS}, "status": "open"'))
            case "opened":
                self.events.append((self.begins, 'opened "status": "open"'))
            case "referred" if self.chance.random() < 0.5:
                self.events.append((self.begins, f'referred {partner}, "status": "trial"'))
                self.begins += 1 + int(self.chance.random() * 14)
                self.events.append((self.begins, "convert"))
            case kind:
                self.events.append((self.begins, f'{kind} {partner}, "status": "open"'))

    def billing_cycles(self) -> list[tuple[int, int, str]]:
        """Give the cycles that start in the months asked for, the first one from the day the account begins."""
        dates = [first + min(self.anchor, days) - 1 for first, days in self.world.months]
        found = []
        for start, end in pairwise(dates):
            if end > self.begins and max(start, self.begins) < self.world.end and end > self.world.first:
                reason = "start" if start <= self.begins else "renewal"
                found.append((max(start, self.begins), end, reason))
        return [cycle for cycle in found if cycle[0] >= self.world.first]

    def go_on(self) -> None:
        """Draw what happens later; each account has one story, and every step of it is one that the rules allow."""
        draw, day = self.chance.random(), self.begins + 1 + int(self.chance.random() * 150)
        has_bill = self.partner % 2 == 0
        if draw < 0.06:
            self.cancel()
        elif self.kind == "managed" and has_bill and draw < 0.7:
            self.events.append((self.begins, "join_single_bill"))
            self.on_bill = (self.begins, self.world.end + 500)
            if draw < 0.2:
                self.events.append((day, "leave_single_bill"))
                self.on_bill = (self.begins, day)
        elif self.kind == "opened":
            if draw < 0.2:
                self.events.append((day, f'moved_in "partner": "p-{self.partner}", {PAPERS}'))
        elif draw < 0.12:
            self.suspend()
        elif self.kind == "referred" and draw < 0.3:
            self.events += [(day, "request_management"), (day + 5, 'approve_management "consent": true')]
            if has_bill and draw < 0.2:
                self.events.append((day + 10, "join_single_bill"))
                self.on_bill = (day + 10, self.world.end + 500)
        elif draw > 0.95:
            other = (self.partner + 1 + int(self.chance.random() * (self.world.asked.partners - 1))) % self.world.asked.partners
            self.events.append((day, f'transfer "partner": "p-{other}", {PAPERS}'))

    def cancel(self) -> None:
        if not self.cycles:
            return
        last = int(self.chance.random() * len(self.cycles))
        start, _, _ = self.cycles[last]
        self.events += [(start + 3, "schedule_cancellation"), (start + 10, "cancel")]
        del self.cycles[last + 1 :]

    def suspend(self) -> None:
        """Rest for two cycles, for a fee; the account goes on where the second ends."""
        place = 1 + int(self.chance.random() * len(self.cycles))
        resting = self.cycles[place : place + 2]
        if len(resting) < 2:
            return
        self.events += [(resting[0][0], "suspend"), (resting[1][1], "resume")]
        self.cycles[place : place + 2] = [(start, end, "suspension") for start, end, _ in resting]
        if place + 2 < len(self.cycles):
            start, end, _ = self.cycles[place + 2]
            self.cycles[place + 2] = (start, end, "resumption")

    def money(self) -> tuple[list[Charge], list[Cash], list[Cash]]:
        asked = self.world.asked
        quota = asked.charges * (self.number + 1) // asked.accounts - asked.charges * self.number // asked.accounts
        charges = self.charges(quota)
        receipts, refunds = self.cash(charges)
        return charges, receipts, refunds

    def charges(self, quota: int) -> list[Charge]:
        """Charge so often: each cycle once, and then taxes, add-ons and overages on top, as many as are still wanted."""
        cycles = self.cycles[:quota]
        plain = [cycle for cycle in cycles if cycle[2] != "suspension"]  # the first never is
        made = [self.recurring(*cycle) for cycle in cycles]
        spare = quota - len(cycles)
        made += [self.extra(*plain[place % len(plain)], place // len(plain)) for place in range(spare)]
        made.sort(key=_day)
        account, currency, item = f"a-{self.number}", self.currency, PLANS[self.plan]
        return [
            (f"c-{self.number}-{place}", account, kind, named or item, reason, start, end, minor, currency, day, prepaid)
            for place, (day, kind, named, reason, start, end, minor, prepaid) in enumerate(made)
        ]

    def recurring(self, start: int, end: int, reason: str) -> "Made":
        if reason == "suspension":
            return start, "suspension_fee", "suspension", reason, start, end, FEE[self.currency], False
        whole = self.price * (end - start) // 31 if reason == "start" and end - start < 28 else self.price
        minor = whole * 17 // 20 if self.is_prepaid else whole
        return start, "subscription", "", reason, start, end, 0 if self.chance.random() < 0.01 else minor, self.is_prepaid

    def extra(self, start: int, end: int, reason: str, layer: int) -> "Made":
        """Make one charge more for a cycle: a tax, two add-ons, and then as many overages as it takes, each another item."""
        if layer == 0:
            return start, "tax", "vat", reason, start, end, self.price * 19 // 100, False
        if layer <= len(ADD_ONS):
            return start, "add_on", ADD_ONS[layer - 1], reason, start, end, ADD_ON_PRICE[self.currency], False
        day = start + int(self.chance.random() * min(27, end - start))
        minor = int(self.chance.random() * 3000)
        return day, "overage", f"extra-sends-{layer}", "purchase", day, day + 1, minor, False

    def cash(self, charges: list[Charge]) -> tuple[list[Cash], list[Cash]]:
        """Give what was received for charges that the client pays, most in one part, and what was given back."""
        receipts: list[Cash] = []
        refunds: list[Cash] = []
        chance, end = self.chance.random, self.world.end
        from_day, until = self.on_bill
        for charge in charges:
            minor, day = charge[7], charge[9]
            if not minor:
                continue
            draw, paid_on = chance(), day
            if not from_day <= day < until:
                paid_on += int(chance() * 12)
                if draw < 0.04 or paid_on >= end:
                    continue
                first = minor // 2 if draw < 0.1 and minor > 1 else minor
                receipts.append((f"r{charge[0]}", charge[0], first, charge[8], paid_on))
                if first < minor:
                    paid_on += 1 + int(chance() * 20)
                    if paid_on >= end:
                        continue
                    receipts.append((f"s{charge[0]}", charge[0], minor - first, charge[8], paid_on))
            back_on = paid_on + 1 + int(draw * 20)
            if draw > 0.98 and back_on < end:
                refunds.append((f"f{charge[0]}", charge[0], minor if draw > 0.992 else (minor + 1) // 2, charge[8], back_on))
        receipts.sort(key=_cash_day)
        refunds.sort(key=_cash_day)
        return receipts, refunds


Made = tuple[int, str, str, str, int, int, int, bool]
PAPERS = '"consent": true, "written_request": true, "sender_on_account": true'


def _day(made: Made) -> int:
    return made[0]


def _cash_day(cash: Cash) -> int:
    return cash[4]


def payments(world: World) -> Iterator[Partner]:
    """Every partner with a Single Bill pays something for most months."""
    chance = world.chance("payments").random
    for partner in range(0, world.asked.partners, 2):
        for place, (first, _) in enumerate(asked_months(world)):
            draw, minor = chance(), 1000 + int(chance() * 50_000)
            if draw < 0.8:
                yield f"y-{partner}-{place}", f"p-{partner}", minor, "USD", first + int(draw * 25), ""


def disbursements(world: World) -> Iterator[Partner]:
    """Half of the months something is paid out."""
    chance = world.chance("disbursements").random
    for partner in range(world.asked.partners):
        for place, (first, _) in enumerate(asked_months(world)):
            draw, minor = chance(), 500 + int(chance() * 20_000)
            if draw < 0.5:
                yield f"d-{partner}-{place}", f"p-{partner}", minor, "USD" if draw < 0.4 else "EUR", first + int(draw * 50), ""


def entries(world: World) -> Iterator[Partner]:
    """Now and then the vendor enters an incentive, or corrects something."""
    chance = world.chance("entries").random
    for partner in range(world.asked.partners):
        for place, (first, _) in enumerate(asked_months(world)):
            draw, minor = chance(), 100 + int(chance() * 10_000)
            kind = "incentive" if draw < 0.03 else "adjustment"
            if draw < 0.05:
                yield f"e-{partner}-{place}", f"p-{partner}", minor if draw < 0.04 else -minor, "USD", first + int(draw * 500), kind


def asked_months(world: World) -> list[tuple[int, int]]:
    return world.months[SOME_MONTHS_BEFORE : SOME_MONTHS_BEFORE + world.asked.months]


def partner_line(number: int) -> str:
    setup = f', "single_bill": [{{"setup": {{"bill_day": {1 + number * 7 % 28}}}}}]' if number % 2 == 0 else ""
    names = f'"names": [{{"name": "partner-{number}"}}], "emails": ["mail@partner-{number}.example"]'
    return f'{{"record": "partner", "version": 1, "id": "p-{number}", {names}{setup}}}\n'


def visit_line(visit: str, visitor: str, at: datetime, partner: int) -> str:
    return (
        f'{{"record": "page_visit", "version": 1, "id": "{visit}", "visitor": "{visitor}", "at": "{at.isoformat()}", '
        f'"url": "https://www.vendor.example/?pn=partner-{partner}", "consent": true}}\n'
    )


def write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


DAY_FIELDS = {"receipt": "received_on", "refund": "refunded_on", "payment": "received_on", "disbursement": "paid_on", "entry": "on"}
NOTES = {"incentive": "invented campaign", "adjustment": "invented correction"}


def fields_of(world: World, kind: str, row: Any) -> dict[str, str]:
    """Give a row as the fields of its record, as texts."""
    if kind == "charge":
        record, account, sort, item, reason, start, end, minor, currency, day, is_prepaid = row
        fields = {"id": record, "account": account, "kind": sort, "item": item, "reason": reason}
        fields |= {"period": f"{world.text(start)}/{world.text(end)}", "amount": amount(minor, currency), "charged_on": world.text(day)}
        return fields | ({"prepaid": "3/20"} if is_prepaid else {})
    record, named, minor, currency, day, *sort = row
    fields = {"id": record, "charge" if kind in {"receipt", "refund"} else "partner": named}
    fields |= {"amount": amount(minor, currency), DAY_FIELDS[kind]: world.text(day)}
    return fields | ({"kind": sort[0], "note": NOTES[sort[0]]} if kind == "entry" else {})


def amount(minor: int, currency: str) -> str:
    if not DIGITS[currency]:
        return f"{minor} {currency}"
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02} {currency}"


def open_table(world: World, kind: str, name: str) -> "Lines | Parquet":
    path = world.asked.directory / f"{name}.{world.asked.form}"
    return Parquet(kind, path) if world.asked.form == "parquet" else Lines(world, kind, path)


class Lines:
    """A file of JSON Lines or CSV."""

    def __init__(self, world: World, kind: str, path: Path) -> None:
        self.world, self.kind, self.is_csv = world, kind, world.asked.form == "csv"
        self.file = path.open("w", encoding="utf-8", newline="\n")
        self.start = f'{{"record": "{kind}", "version": 1, "'
        if self.is_csv:
            sample = ("", "", "", "", "", self.world.first, self.world.first, 0, "USD", self.world.first, True)
            short = ("", "", 0, "USD", self.world.first, "incentive")
            self.file.write(",".join(fields_of(world, kind, sample if kind == "charge" else short)) + "\n")

    def add(self, rows: list[Any]) -> None:
        world, kind, start = self.world, self.kind, self.start
        found = (fields_of(world, kind, row) for row in rows)
        if self.is_csv:
            ends = {8: ",\n"} if kind == "charge" else {}
            self.file.writelines(f"{','.join(fields.values())}{ends.get(len(fields), chr(10))}" for fields in found)
        else:
            self.file.writelines(start + '", "'.join([f'{name}": "{text}' for name, text in fields.items()]) + '"}\n' for fields in found)

    def close(self) -> None:
        self.file.close()


class Parquet:
    """A file of Parquet with the columns of rows."""

    def __init__(self, kind: str, path: Path) -> None:
        import pyarrow as pa  # noqa: PLC0415  (only where it is asked for)
        from pyarrow import parquet  # noqa: PLC0415

        text, day = pa.string(), pa.date32()
        names: dict[str, list[tuple[str, Any]]] = {
            "charge": [
                *(
                    ("id", text),
                    ("account", text),
                    ("kind", text),
                    ("item", text),
                    ("reason", text),
                    ("starts_on", day),
                    ("ends_before", day),
                ),
                *(("minor", pa.int64()), ("currency", text), ("charged_on", day), ("prepaid", pa.bool_())),
            ],
            "cash": [("id", text), ("charge", text), ("minor", pa.int64()), ("currency", text), ("day", day)],
            "partner": [("id", text), ("partner", text), ("minor", pa.int64()), ("currency", text), ("day", day), ("kind", text)],
        }
        shape = {"charge": "charge", "receipt": "cash", "refund": "cash"}.get(kind, "partner")
        self.arrow, self.schema = pa, pa.schema(names[shape])
        self.writer = parquet.ParquetWriter(path, self.schema)
        self.rows: list[Any] = []

    def add(self, rows: list[Any]) -> None:
        self.rows += rows
        if len(self.rows) >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self.rows:
            columns = zip(*self.rows, strict=True)
            self.writer.write_table(
                self.arrow.table([self.column(*one) for one in zip(self.schema, columns, strict=True)], schema=self.schema)
            )
        self.rows = []

    def column(self, field: Any, values: tuple[Any, ...]) -> Any:
        if field.type == self.arrow.date32():
            return self.arrow.array([day - EPOCH for day in values], self.arrow.int32()).cast(field.type)
        return self.arrow.array(values, field.type)

    def close(self) -> None:
        self.flush()
        self.writer.close()


if __name__ == "__main__":
    main()
