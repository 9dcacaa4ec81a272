"""A world with something of everything, too large to be drawn: for engines that take seconds to begin.

Sixty accounts that live differently, in three currencies, a third of all charges on the Single Bill of one partner; cash in parts,
refunds, bonuses, and terms that change every ten days, so that each way of rounding is in force for a while.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import worlds
from partnerkit.billing import Charge, Receipt, Refund
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.row_reading import cash_row, charge_row, partner_row
from partnerkit.statements import EntryKind
from partnerkit.terms import ChargeKind, Recognition
from worlds import BRIGHTSIDE, NORTHLIGHT, World

CODES = ("USD", "JPY", "KWD")
ACCOUNTS = 60

Rows = Mapping[str, Iterable[tuple[Any, ...]]]
_JULY = date(2025, 7, 1)


def large_world() -> World:
    """Make the world, the same in every run."""
    where = _program()
    lives = {f"a-{number}": _life(number, where) for number in range(ACCOUNTS)}
    charges = tuple(charge for number in range(ACCOUNTS) for charge in _charges(number))
    cash = [_cash(place, charge, lives[charge.account]) for place, charge in enumerate(charges)]
    return World(
        program=where,
        relationships=lives,
        charges=charges,
        receipts=tuple(one for receipts, _ in cash for one in receipts),
        refunds=tuple(one for _, refunds in cash for one in refunds),
        payments=(worlds.payment("pay-1", "1000.00 USD", date(2025, 8, 12), "p-2"), worlds.payment("pay-2", "7 JPY", _JULY, "p-2")),
        disbursements=(worlds.disbursement("d-1", "3.50 USD", date(2025, 8, 15)),),
        entries=(
            worlds.entry("e-1", "-5.00 USD", date(2025, 8, 20)),
            worlds.entry("e-2", "75.00 USD", _JULY, EntryKind.INCENTIVE),
        ),
    )


def rows_of(records: Any) -> Rows:
    """Give the records of a world or of books as rows, by the names of their tables."""
    return {
        "charges": map(charge_row, records.charges),
        "receipts": map(cash_row, records.receipts),
        "refunds": map(cash_row, records.refunds),
        "payments": map(partner_row, records.payments),
        "disbursements": map(partner_row, records.disbursements),
        "entries": map(partner_row, records.entries),
    }


def _program() -> Program:
    """Make a program whose terms round in another way every ten days from July on."""
    bonus = {"amount": tuple(Money(minor=5_000, currency=Currency(code)) for code in CODES), "window_days": 230}
    return worlds.program(
        *(
            worlds.terms(
                starts_on=date(2025, 1, 1) if place == 0 else _JULY + timedelta(days=10 * place),
                share={"rate": Rate.parse("1/7"), "rounding": rounding, "recognized": list(Recognition)[place // 5]},
                single_bill={"discount": Rate.parse("1/3"), "rounding": rounding},
                bonus=bonus,
            )
            for place, rounding in enumerate(Rounding)
        )
    )


def _life(number: int, where: Program) -> ClientRelationship:
    whose = worlds.account(f"a-{number}", currency=CODES[number // 3 % len(CODES)])
    if number % 3 == 0:
        return worlds.enrolled(whose, where, NORTHLIGHT)
    if number % 3 == 1:
        return worlds.referred(whose, where, BRIGHTSIDE if number % 4 else NORTHLIGHT)
    changed_on = _JULY + timedelta(days=number)
    return worlds.managed(whose, where).join_single_bill(changed_on) if number % 2 else worlds.opened(whose, where)


def _charges(number: int) -> Iterator[Charge]:
    for place in range(4):
        on = _JULY + timedelta(days=2 + 20 * place + number % 10)
        kind = ChargeKind.ADD_ON if place == 2 else ChargeKind.SUBSCRIPTION
        amount = Money(minor=9_900 + 37 * place + number, currency=Currency(CODES[number // 3 % len(CODES)]))
        yield worlds.charge(f"c-{number}-{place}", account_id=f"a-{number}", on=on, amount=str(amount), kind=kind)


def _cash(place: int, charge: Charge, life: ClientRelationship) -> tuple[list[Receipt], list[Refund]]:
    """Give what came in for a charge, in two parts, and what of some was given back."""
    later, after = (min(charge.charged_on + timedelta(days=days), worlds.LAST_MONTH.period.end - timedelta(days=1)) for days in (3, 9))
    first, second, back = (Money(minor=minor, currency=charge.amount.currency) for minor in (4_003, 1_000 + place, 1_111))
    receipts = []
    if life.standing_on(charge.charged_on).payer is None:
        receipts = [
            Receipt(id=f"r-{charge.id}-{part}", charge=charge.id, amount=amount, received_on=on)
            for part, amount, on in ((1, first, later), (2, second, after))
        ]
    refunds = [Refund(id=f"f-{charge.id}", charge=charge.id, amount=back, refunded_on=later)] if place % 5 == 0 else []
    return receipts, refunds
