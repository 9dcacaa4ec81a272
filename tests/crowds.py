"""A program of many accounts with long histories, in several currencies: for tests of size, and to look at."""

import calendar
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random  # noqa: TID251  (seeded: the same crowd in every run)
from typing import Any

from commands import EXAMPLE

PARTNERS = ("brightside", "northlight", "harborline", "quietfox", "third-street", "umbra")
CREDITED = (*PARTNERS, *("brightside" for _ in range(6)))
CURRENCIES = ("USD", "USD", "USD", "USD", "EUR", "JPY", "KWD")
AMOUNTS = {"USD": "{}.{:02}", "EUR": "{}.{:02}", "JPY": "{}{:02}", "KWD": "{}.{:02}5"}
FIRST, LAST = date(2022, 1, 1), date(2025, 8, 31)
MONTHS = (date(2025, 7, 1), date(2025, 8, 1))
NAMES = ("harbor", "maple", "summit", "willow", "copper", "juniper", "lantern", "orchard", "pebble", "saffron")
TRADES = ("bakery", "dental", "yoga", "optics", "books", "law", "cafe", "nursery", "pilates", "tailor")


def crowd(place: Path, *, accounts: int = 300) -> Path:
    """Write a program directory of so many accounts, the same in every run, with charges in July and August 2025."""
    place.mkdir()
    program = (EXAMPLE / "program.toml").read_text(encoding="utf-8").replace("= 2024-", "= 2022-")
    program = program.replace('["50.00 USD", ', '["50.00 USD", "45.00 EUR", "7000 JPY", "15.000 KWD", ')
    (place / "program.toml").write_text(program, encoding="utf-8")
    chance = Random(accounts)  # noqa: S311  (no secret)
    records: dict[str, list[dict[str, Any]]] = {name: [] for name in ("accounts", "events", "charges", "receipts", "refunds", "entries")}
    records["partners"] = [
        {
            "record": "partner",
            "id": one,
            "names": [{"name": one}],
            "emails": [f"a@{one}.example"],
            "single_bill": [{"setup": {"bill_day": 20}}],
        }
        for one in PARTNERS
    ]
    for number in range(accounts):
        _account(number, chance, records)
    records["entries"].append(
        {
            "record": "entry",
            "id": "e-1",
            "partner": PARTNERS[0],
            "kind": "incentive",
            "amount": "75.00 USD",
            "on": "2025-08-04",
            "note": "ten",
        }
    )
    for name, found in records.items():
        found.sort(key=lambda one: str(one.get("on", "")))
        lines = (json.dumps({"version": 1, **one}) for one in found)
        (place / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return place


def _account(number: int, chance: Random, records: dict[str, list[dict[str, Any]]]) -> None:
    name = f"{chance.choice(NAMES)}-{chance.choice(TRADES)}-{number:04}"
    currency, anchor = chance.choice(CURRENCIES), chance.randint(1, 31)
    begins = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days - 60))
    account = {
        "record": "account",
        "id": name,
        "client": name.partition("-")[0],
        "currency": currency,
        "anchor_day": anchor,
        "origin": "link",
    }
    records["accounts"].append({**account, "opened_at": f"{begins}T12:00:00-04:00"})
    events = [*_events(name, begins, chance)]
    records["events"] += events
    if any(event["kind"] == "cancel" for event in events):
        return
    paid_by_partner = any(event["kind"] == "join_single_bill" for event in events)
    for month in MONTHS:
        day = month.replace(day=min(anchor, calendar.monthrange(month.year, month.month)[1]))
        if day > begins + timedelta(days=70):
            _charge(account, day, chance, records, by_partner=paid_by_partner)


def _events(name: str, begins: date, chance: Random) -> Iterator[dict[str, Any]]:
    def event(kind: str, on: date, **fields: object) -> dict[str, Any]:
        return {"record": "event", "account": name, "kind": kind, "on": str(on), **fields}

    kind = chance.choice(("referred", "referred", "referred", "managed", "managed", "opened"))
    by = {} if kind == "opened" else {"partner": chance.choice(CREDITED)}
    yield event(kind, begins, status="trial", **by)
    yield event("convert", begins + timedelta(days=14))
    if kind == "referred" and chance.random() < 0.3:
        yield event("request_management", begins + timedelta(days=20))
        yield event("approve_management", begins + timedelta(days=24), consent=True)
        kind = "managed"
    if kind == "managed" and chance.random() < 0.7:
        yield event("join_single_bill", begins + timedelta(days=30))
    elif chance.random() < 0.1:
        yield event("suspend", begins + timedelta(days=40))
        yield event("resume", begins + timedelta(days=55))
    elif chance.random() < 0.15:
        yield event("cancel", begins + timedelta(days=58))


def _charge(account: dict[str, Any], day: date, chance: Random, records: dict[str, list[dict[str, Any]]], *, by_partner: bool) -> None:
    name, anchor, currency = account["id"], account["anchor_day"], account["currency"]
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    ends = following.replace(day=min(anchor, calendar.monthrange(following.year, following.month)[1]))
    amount = f"{AMOUNTS[currency].format(chance.randint(5, 300), chance.randint(0, 99))} {currency}"
    charge = {"record": "charge", "id": f"{name}-{day}", "account": name, "kind": "subscription", "item": "standard", "reason": "renewal"}
    records["charges"].append({**charge, "period": f"{day}/{ends}", "amount": amount, "charged_on": str(day)})
    if not by_partner and chance.random() < 0.9:
        received = min(day + timedelta(days=chance.randint(0, 6)), LAST)
        receipt = {"record": "receipt", "id": f"r-{name}-{day}", "charge": f"{name}-{day}", "amount": amount}
        records["receipts"].append({**receipt, "received_on": str(received)})
        if chance.random() < 0.06:
            refund = {"record": "refund", "id": f"f-{name}-{day}", "charge": f"{name}-{day}", "amount": amount}
            records["refunds"].append({**refund, "refunded_on": str(min(received + timedelta(days=9), LAST))})
