"""Build a program directory from real web traffic, to close it with the command.

    python3 run.py python benchmarks/real_traffic.py ../shared/data/visits.jsonl /tmp/real-traffic
    python3 run.py partnerkit check /tmp/real-traffic
    time python3 run.py partnerkit close /tmp/real-traffic --month 2015-05

The traffic is 10,000 requests to one site in four days of May 2015 (`elastic/examples`, Apache-2.0, pseudonymized): opaque visitor,
time, URL, referrer host. Here the site is the vendor's. Each external referrer host becomes a partner, and a visit it sent
carries its name as a co-branded link would (`?pn=host`). A visitor's first page view below the opening page opens an account, which
buys the plan at once: Lite at 12 USD for up to 500 contacts, the public list price. Bots open nothing. The terms are invented.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from partnerkit.attribution import AccountOpening, PageVisit
from partnerkit.billing import Charge, ChargeReason, Receipt
from partnerkit.codec import to_line
from partnerkit.errors import PartnerkitError
from partnerkit.links import add_partner
from partnerkit.money import Currency, Money
from partnerkit.partners import Account, Origin, Partner
from partnerkit.periods import Period, billing_dates
from partnerkit.relationships import Event, EventKind
from partnerkit.terms import ChargeKind

SITE = "www.semicomplete.com"
OPENING_PAGE = "/projects/"
USD = Currency("USD")
LITE = Money.of("12.00", USD)

PROGRAM = """\
name = "Real traffic, May 2015"
zone = "UTC"

[sites]
hosts = ["www.semicomplete.com"]
subdomains = false

[[terms]]
starts_on = 2015-01-01
source = "invented for this benchmark: no contract stands behind these numbers"

[terms.attribution]
model = "last"
window = "30 days"
eligible_at = "both"
on_ineligible = "skip"
skew_seconds = 0
stand_down_seconds = 0
precedence = ["link"]
require_consent = false
honor_gpc = false
self_referral = "deny"

[terms.share]
rate = "15%"
scope = ["subscription"]
recognized = "on_cash"
rounding = "half_away"
clawback = "proportional"

[terms.bonus]
amount = "not agreed"

[[prices]]
item = "lite"
currency = "USD"
starts_on = 2015-01-01
tiers = [{ from = 0, to = 500, price = "12.00" }]
"""


def main(traffic: Path, directory: Path) -> None:
    rows = [json.loads(line) for line in traffic.read_text().splitlines()]
    refused: Counter[str] = Counter()
    partners = dict(partners_of(rows, refused))
    pages = list(pages_of(rows, partners))
    openings = list(openings_of(rows))
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "program.toml").write_text(PROGRAM)
    _write(directory / "partners.jsonl", partners.values())
    _write(directory / "visits.jsonl", pages)
    _write(directory / "openings.jsonl", openings)
    _write(directory / "accounts.jsonl", map(_account, openings))
    _write(directory / "events.jsonl", map(_conversion, openings))
    charges = [_charge(opening) for opening in openings]
    _write(directory / "charges.jsonl", charges)
    _write(directory / "receipts.jsonl", (_receipt(charge) for charge in charges))
    bots, without = sum(row["bot"] for row in rows), sum(row["referer_host"] is None for row in rows)
    print(f"{len(rows):,} requests, {bots:,} by bots, {without:,} without a referrer")
    print(f"{len(partners)} partners, {len(openings):,} accounts opened below {OPENING_PAGE}")
    for why, count in refused.most_common():
        print(f"refused {count} {why}")


def partners_of(rows: Iterable[dict[str, Any]], refused: Counter[str]) -> Iterator[tuple[str, Partner]]:
    for host in sorted({row["referer_host"] for row in rows if row["referer_host"] not in (None, SITE)}):
        try:
            yield host, Partner.of(f"p-{host}", host)
        except PartnerkitError as fault:
            refused[f"referrer host as a partner: {fault}"] += 1


def pages_of(rows: Iterable[dict[str, Any]], partners: dict[str, Partner]) -> Iterator[PageVisit]:
    for number, row in enumerate(rows):
        url = row["url"]
        if row["referer_host"] in partners:
            url = add_partner(url, row["referer_host"])
        yield PageVisit(id=f"v-{number:05}", visitor=row["visitor"], at=datetime.fromisoformat(row["at"]), url=url, bot=row["bot"])


def openings_of(rows: Iterable[dict[str, Any]]) -> Iterator[AccountOpening]:
    first: dict[str, datetime] = {}
    for row in rows:
        if not row["bot"] and row["status"] == 200 and urlsplit(row["url"]).path.startswith(OPENING_PAGE):
            at = datetime.fromisoformat(row["at"])
            first[row["visitor"]] = min(at, first.get(row["visitor"], at))
    for visitor, at in sorted(first.items(), key=lambda one: (one[1], one[0])):
        yield AccountOpening(id=f"o-{visitor}", account=f"a-{visitor}", visitor=visitor, at=at)


def _account(opening: AccountOpening) -> Account:
    return Account(
        id=opening.account, client=f"c-{opening.visitor}", currency=USD, opened_at=opening.at, anchor_day=opening.at.day, origin=Origin.LINK
    )


def _conversion(opening: AccountOpening) -> Event:
    return Event(account=opening.account, kind=EventKind.CONVERT, on=opening.at.date())


def _charge(opening: AccountOpening) -> Charge:
    day = opening.at.date()
    return Charge(
        id=f"ch-{opening.visitor}",
        account=opening.account,
        kind=ChargeKind.SUBSCRIPTION,
        item="lite",
        reason=ChargeReason.START,
        period=Period(day, next(billing_dates(day, day.day))),
        amount=LITE,
        charged_on=day,
    )


def _receipt(charge: Charge) -> Receipt:
    return Receipt(id=f"r-{charge.id}", charge=charge.id, amount=charge.amount, received_on=charge.charged_on)


def _write(path: Path, values: Iterable[object]) -> None:
    path.write_text("".join(f"{to_line(value)}\n" for value in values))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
