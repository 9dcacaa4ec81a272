"""Accounts as an engine hands them over: everything about each in rows that follow one another."""

from collections.abc import Iterable, Iterator
from typing import Any

import worlds
from partnerkit.billing import Charge, Receipt, Refund
from partnerkit.row_reading import cash_row, charge_row
from partnerkit.sql.batches import POSTINGS
from partnerkit.stretches import Footings
from worlds import World

END = worlds.LAST_MONTH.period.end

Posting = tuple[Any, ...]


def posting(turn: int, account: str | None, **given: Any) -> Posting:
    return tuple({**dict.fromkeys(POSTINGS), "account": account, "turn": turn, **given}.values())


def postings_of(world: World, footings: Footings, accounts: Iterable[str]) -> Iterator[Posting]:
    """Give everything about some accounts as an engine hands it over: account by account."""
    for account in sorted(accounts):
        for one in footings.stretches_of(world.relationships[account], until=END):
            number = None if one.footing is None else one.footing.number
            life = {"starts_on": one.starts_on, "ends_before": one.ends_before, "payer": one.payer, "earner": one.earner}
            yield posting(0, account, **life, footing=number, refused=one.refused or None)
        for charge in world.charges:
            if charge.account == account:
                yield charge_posting(charge)
        for turn, cash in ((2, world.receipts), (3, world.refunds)):
            for one_of_it in cash:
                if account_of(world, one_of_it) == account:
                    yield cash_posting(turn, account, one_of_it)


def charge_posting(charge: Charge) -> Posting:
    record, account, kind, item, reason, starts_on, ends_before, minor, currency, day, prepaid = charge_row(charge)
    what = {"id": record, "kind": kind, "item": item, "reason": reason, "starts_on": starts_on, "ends_before": ends_before}
    return posting(1, account, **what, minor=minor, currency=currency, day=day, prepaid=prepaid)


def cash_posting(turn: int, account: str, cash: Receipt | Refund) -> Posting:
    record, charge, minor, currency, day = cash_row(cash)
    return posting(turn, account, id=record, charge=charge, minor=minor, currency=currency, day=day)


def account_of(world: World, cash: Receipt | Refund) -> str:
    return next(charge.account for charge in world.charges if charge.id == cash.charge)
