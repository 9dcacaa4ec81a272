"""Whole lives of accounts, step by step and month by month: the laws of money hold after every step, in whatever order they come."""

from collections import defaultdict
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import worlds
from partnerkit.billing import Charge, Line, Receipt, Refund
from partnerkit.close import Close, close_month
from partnerkit.errors import InvalidValue, Refused
from partnerkit.money import Money
from partnerkit.partners import AccountStatus, BillingMode, Management
from partnerkit.periods import Month
from partnerkit.policies import EndedBy
from partnerkit.terms import Clawback, Terms

FIRST = date(2025, 1, 20)
UNCHARGED = {AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED}
ACTS: dict[str, Any] = {
    "request": lambda life, on: life.request_management(on),
    "withdraw": lambda life, on: life.withdraw_request(on),
    "approve": lambda life, on: life.approve_management(on, consent=True),
    "approve without consent": lambda life, on: life.approve_management(on, consent=False),
    "end": lambda life, on: life.end_management(on, ended_by=EndedBy.CLIENT),
    "join": lambda life, on: life.join_single_bill(on),
    "leave": lambda life, on: life.leave_single_bill(on),
    "suspend": lambda life, on: life.suspend(on),
    "resume": lambda life, on: life.resume(on),
    "cancel": lambda life, on: life.cancel(on),
    "reactivate": lambda life, on: life.reactivate(on),
    "transfer": lambda life, on: life.transfer("p-2", on, consent=True, written_request=True, sender_on_account=True),
    "leave the program": lambda life, on: life.leave_program(on),
}


class Lives(RuleBasedStateMachine):
    """A vendor's months as they come: accounts open and change, are charged, pay, get refunds, and every month is closed once."""

    def __init__(self) -> None:
        super().__init__()
        self.day = FIRST
        self.lives: dict[str, Any] = {}
        self.charges: dict[str, Charge] = {}
        self.received: dict[str, int] = defaultdict(int)
        self.refunded: dict[str, int] = defaultdict(int)
        self.lines: dict[str, Line] = {}
        self.records: dict[str, list[Any]] = {"charges": [], "receipts": [], "refunds": []}
        self.closes: list[Close] = []
        self.count = 0

    @initialize(terms=worlds.money_terms())
    def begin(self, terms: Terms) -> None:
        self.terms = terms
        self.program = worlds.program(terms)

    def _next(self, what: str) -> str:
        self.count += 1
        return f"{what}-{self.count}"

    @precondition(lambda self: len(self.lives) < 4)
    @rule(way=st.sampled_from(["referred", "managed", "opened", "enrolled"]), code=st.sampled_from(worlds.CODES))
    def open(self, way: str, code: str) -> None:
        account = worlds.account(self._next("a"), currency=code)
        self.lives[account.id] = getattr(worlds, way)(account, self.program)

    @precondition(lambda self: self.lives)
    @rule(data=st.data(), act=st.sampled_from(sorted(ACTS)))
    def change(self, data: st.DataObject, act: str) -> None:
        """A change that the rules refuse changes nothing."""
        account = data.draw(st.sampled_from(sorted(self.lives)))
        before = self.lives[account]
        paid_for = [made for made in self.charges.values() if made.account == account and self._paid_for(made)]
        payers = [self._payer(made) for made in paid_for]
        with suppress(Refused, InvalidValue):
            self.lives[account] = ACTS[act](before, self.day)
            event(act)
        if payers != [self._payer(made) for made in paid_for]:
            # Money has moved for a charge of this very day already: the change would have made it another's to pay.
            self.lives[account] = before
        standing = self.lives[account].standing_on(self.day)
        assert (standing.billing_mode is BillingMode.SINGLE_BILL) == (standing.payer is not None)
        assert standing.payer is None or standing.management is Management.MANAGED

    @precondition(lambda self: self.lives)
    @rule(data=st.data(), minor=st.integers(0, 2**60))
    def charge(self, data: st.DataObject, minor: int) -> None:
        account = data.draw(st.sampled_from(sorted(self.lives)))
        standing = self.lives[account].standing_on(self.day)
        if standing.status in UNCHARGED:
            return
        amount = Money(minor=minor, currency=standing.account.currency)
        made = worlds.charge(self._next("c"), account_id=account, on=self.day, amount=str(amount))
        self.charges[made.id] = made
        self.records["charges"].append(made)

    def _open_charges(self) -> list[str]:
        return [one for one, made in self.charges.items() if self.received[one] < made.amount.minor and self._payer(made) is None]

    def _refundable(self) -> list[str]:
        return [one for one, made in self.charges.items() if self.refunded[one] < self._paid(made)]

    def _paid(self, made: Charge) -> int:
        return made.amount.minor if self._payer(made) is not None else self.received[made.id]

    def _paid_for(self, made: Charge) -> int:
        return self.received[made.id] + self.refunded[made.id]

    def _payer(self, made: Charge) -> object:
        return self.lives[made.account].standing_on(made.charged_on).payer

    @precondition(lambda self: self._open_charges())
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        charge_id = data.draw(st.sampled_from(self._open_charges()))
        part = data.draw(st.integers(1, self.charges[charge_id].amount.minor - self.received[charge_id]))
        self.received[charge_id] += part
        amount = Money(minor=part, currency=self.charges[charge_id].amount.currency)
        self.records["receipts"].append(Receipt(id=self._next("r"), charge=charge_id, amount=amount, received_on=self.day))

    @precondition(lambda self: self._refundable())
    @rule(data=st.data(), whole=st.booleans())
    def refund(self, data: st.DataObject, whole: bool) -> None:
        charge_id = data.draw(st.sampled_from(self._refundable()))
        left = self._paid(self.charges[charge_id]) - self.refunded[charge_id]
        part = left if whole else data.draw(st.integers(1, left))
        self.refunded[charge_id] += part
        amount = Money(minor=part, currency=self.charges[charge_id].amount.currency)
        self.records["refunds"].append(Refund(id=self._next("f"), charge=charge_id, amount=amount, refunded_on=self.day))

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        """Time passes; every month that ends is closed with what happened in it."""
        until = self.day + timedelta(days=days)
        while Month.of(self.day) != Month.of(until):
            self._close(Month.of(self.day))
            self.day = Month.of(self.day).next().period.start
        self.day = until

    def _close(self, month: Month) -> None:
        records, self.records = self.records, {"charges": [], "receipts": [], "refunds": []}
        charges = records.pop("charges")
        previous = self.closes[-1] if self.closes else None
        facts: dict[str, Any] = {"partners": worlds.PARTNERS, "previous": previous, **records}
        closed = close_month(charges, self.lives, self.program, month, **facts)
        again = close_month(list(reversed(charges)), self.lives, self.program, month, **facts)
        assert closed == again
        self.lines |= {line.charge.id: line for line in closed.lines}
        self.closes.append(closed)
        event(f"closed with {'a' if closed.bills else 'no'} bill and {'a' if records['refunds'] else 'no'} refund")

    @invariant()
    def what_is_paid_and_discounted_is_the_list_price(self) -> None:
        for line in self.lines.values():
            assert line.gross == line.net + line.discount
            assert line.zero in (line.discount, line.share)
            standing = self.lives[line.charge.account].standing_on(line.charge.charged_on)
            assert line.payer == (standing.payer and standing.payer.id)

    @invariant()
    def every_line_stands_on_one_bill_at_most_and_bills_add_up(self) -> None:
        billed = [line.charge.id for close in self.closes for bill in close.bills for line in bill.lines]
        assert len(billed) == len(set(billed))
        waiting = [line.charge.id for line in self.closes[-1].unbilled] if self.closes else []
        assert sorted([*billed, *waiting]) == sorted(one for one, line in self.lines.items() if line.payer is not None)
        for close in self.closes:
            for bill in close.bills:
                assert bill.total.minor == sum(item.net.minor for item in bill.items)
                assert all(line.payer == bill.partner for line in bill.lines)

    @invariant()
    def balances_go_on_from_month_to_month(self) -> None:
        balances: dict[tuple[str, str], Money] = {}
        for close in self.closes:
            for made in close.statements:
                key = (made.partner, made.currency.code)
                assert made.opening == balances.get(key, Money.zero(made.currency))
                assert made.closing == made.opening + made.share + made.bonus + made.incentives + made.adjusted - made.disbursed
                balances[key] = made.closing

    @invariant()
    def a_charge_given_back_whole_leaves_nothing(self) -> None:
        """The share of a line and what all its refunds took back of it, in whatever parts they came, are exactly zero."""
        closed = {one.id: self.refunded[one.id] for one in self.charges.values() if one.id in self.lines}
        for charge_id, refunded in closed.items():
            position = self.closes[-1].positions[charge_id]
            assert position.refunded.minor <= refunded
            if position.refunded == self.lines[charge_id].gross and self.terms.share.clawback is Clawback.PROPORTIONAL:
                earned = sum(
                    one.amount.minor
                    for close in self.closes
                    for made in close.statements
                    for one in made.shares
                    if one.line.charge.id == charge_id
                )
                taken = sum(
                    one.share.minor
                    for close in self.closes
                    for made in close.statements
                    for one in made.adjustments
                    if one.line.charge.id == charge_id
                )
                assert earned + taken == 0


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=200, stateful_step_count=80, deadline=None)
