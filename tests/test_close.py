"""The month close: partial closes that merge in any order, and a finish that carries everything on to the next month."""

import itertools
import pickle
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worlds
from partnerkit.billing import Charge, ChargeReason, Line, RevenueShare, line_for
from partnerkit.close import Close, PartialClose, Position, close_month, finish, partial_close
from partnerkit.errors import CurrencyMismatch, InvalidValue, NoTermsInForce, PartnerkitError, TermMissing
from partnerkit.fingerprints import canonical_bytes, digest
from partnerkit.money import Currency, Money, Rate, total
from partnerkit.partners import Partner, Partners, SingleBillSetup, SingleBillSince
from partnerkit.periods import Month, Period
from partnerkit.relationships import ClientRelationship
from partnerkit.statements import EntryKind
from partnerkit.terms import NOT_AGREED, ChargeKind, Clawback, CutOff, Negative, Recognition, TermsHistory
from worlds import World

JULY, AUGUST, SEPTEMBER = (Month.parse(f"2025-0{number}") for number in (7, 8, 9))
USD = ("p-1", "USD")
ON_CASH: Any = {"recognized": Recognition.ON_CASH}
BONUS: Any = {"amount": (Money.of("50", "USD"), Money.of("40", "GBP"))}


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def day(text: str) -> date:
    return date.fromisoformat(f"2025-{text}")


def world(life: str = "enrolled", *, sections: dict[str, Any] | None = None, **records: Any) -> World:
    """Build a world with one account, a-1, that lives one way under the usual terms and these changes."""
    where = worlds.program(worlds.terms(**sections or {}))
    return World(program=where, relationships={"a-1": getattr(worlds, life)(worlds.account(), where)}, **records)


def recurring(charge_id: str, start: str, end: str, *, on: str | None = None, **facts: Any) -> Charge:
    """Charge a plan for some days, on the first of them unless told."""
    stated: dict[str, Any] = {"kind": ChargeKind.SUBSCRIPTION, "item": "lite", "reason": ChargeReason.RENEWAL} | facts
    period = Period(day(start), day(end))
    return Charge(id=charge_id, account="a-1", period=period, amount=usd("10"), charged_on=day(on or start), **stated)


def closing(closed: Close, key: tuple[str, str] = USD) -> Money:
    (found,) = [one for one in closed.statements if (one.partner, one.currency.code) == key]
    return found.closing


def alone_or_in_pairs(kinds: Iterable[str]) -> list[tuple[str, ...]]:
    names = list(kinds)
    return [*itertools.combinations(names, 1), *itertools.combinations(names, 2)]


class TestPartialCloses:
    """'Charges in any order and any chunks close to the same bytes': a commutative monoid."""

    def parts(self, made: World, chunks: list[list[Charge]]) -> list[PartialClose]:
        return [partial_close(chunk, made.relationships, made.program, AUGUST) for chunk in chunks]

    @given(worlds.worlds(), st.data())
    def test_identity_commutativity_associativity(self, made: World, data: st.DataObject) -> None:
        charges = made.charges_of(AUGUST)
        chunk = st.lists(st.sampled_from(charges)) if charges else st.just([])
        one, two, three = self.parts(made, [data.draw(chunk) for _ in range(3)])
        assert one.merge(PartialClose.empty) == PartialClose.empty.merge(one) == one
        assert one.merge(two) == two.merge(one)
        assert one.merge(two).merge(three) == one.merge(two.merge(three))
        assert one.merge(one) == one

    @given(worlds.worlds(), st.data())
    def test_any_order_and_any_chunks_are_the_same_bytes(self, made: World, data: st.DataObject) -> None:
        closed: list[Close] = []
        for month in worlds.months():
            charges = data.draw(st.permutations(made.charges_of(month)))
            cuts = sorted(data.draw(st.lists(st.integers(0, len(charges)), max_size=3)))
            merged = PartialClose.empty
            for start, end in data.draw(st.permutations(list(itertools.pairwise([0, *cuts, len(charges)])))):
                merged = merged.merge(partial_close(charges[start:end], made.relationships, made.program, month))
            records = {name: data.draw(st.permutations(items)) for name, items in made.records_of(month).items()}
            previous = closed[-1] if closed else None
            closed.append(finish(merged, month=month, program=made.program, partners=worlds.PARTNERS, previous=previous, **records))
        assert closed == made.closes()
        assert [canonical_bytes(one) for one in closed] == [canonical_bytes(one) for one in made.closes()]
        assert [repr(one) for one in closed] == [repr(one) for one in made.closes()]

    def test_a_thousand_accounts_in_any_order_and_any_chunks(self) -> None:
        """Of every way of life and every number of digits, with amounts that no float holds."""
        where = worlds.program(worlds.terms(share={"scope": frozenset(ChargeKind)}, single_bill={"scope": frozenset(ChargeKind)}))
        relationships, charges = {}, []
        ways = itertools.cycle(itertools.product((worlds.opened, worlds.referred, worlds.managed, worlds.enrolled), worlds.CODES))
        for number, (way, code) in zip(range(1_000), ways, strict=False):
            whose = worlds.account(f"a-{number}", currency=code)
            relationships[whose.id] = way(whose, where)
            amount = Money(minor=2**53 + 7 * number + 1, currency=whose.currency)
            charges.append(worlds.charge(f"c-{number}", account_id=whose.id, on=day("08-01"), amount=str(amount)))
        whole = close_month(charges, relationships, where, AUGUST, partners=worlds.PARTNERS)
        assert len(whole.lines) == 1_000
        assert {bill.currency.code for bill in whole.bills} == set(worlds.CODES)
        for size in (7, 64, 999):
            shuffled = sorted(charges, key=lambda charge: digest([charge.id.encode(), bytes(size)]))
            merged = PartialClose.empty
            for chunk in (shuffled[start : start + size] for start in range(0, len(shuffled), size)):
                merged = merged.merge(partial_close(chunk, relationships, where, AUGUST))
            again = finish(merged, month=AUGUST, program=where, partners=worlds.PARTNERS)
            assert canonical_bytes(again) == canonical_bytes(whole)

    @pytest.mark.parametrize("lines", [[], ("c-1",)])
    def test_lines_of_another_type(self, lines: Any) -> None:
        with pytest.raises(InvalidValue, match="the lines of a partial close"):
            PartialClose(lines=lines)

    def test_the_same_charge_twice_is_one_charge(self) -> None:
        made = world(charges=(worlds.charge(), worlds.charge()))
        assert made.close(AUGUST, None) == world(charges=(worlds.charge(),)).close(AUGUST, None)

    def test_the_same_charge_read_twice_is_one_charge(self) -> None:
        made = world(charges=(worlds.charge(), pickle.loads(pickle.dumps(worlds.charge()))))  # noqa: S301  (it is our own)
        assert [line.charge.id for line in made.close(AUGUST, None).lines] == ["c-1"]

    def test_another_charge_under_the_same_id(self) -> None:
        made = world(charges=(worlds.charge(), worlds.charge(amount="1.00 USD")))
        with pytest.raises(InvalidValue, match="two different lines have the charge id c-1"):
            made.close(AUGUST, None)
        one, other = self.parts(made, [[charge] for charge in made.charges])
        with pytest.raises(InvalidValue, match="two different lines have the charge id c-1"):
            one.merge(other)

    def test_the_same_thing_under_two_ids(self) -> None:
        made = world(charges=(worlds.charge("c-2", item="lite"), worlds.charge("c-1", item="lite", amount="1.00 USD")))
        with pytest.raises(InvalidValue, match="the charges c-1 and c-2 are for the same thing and period: bill it once"):
            made.close(AUGUST, None)

    @pytest.mark.parametrize("reason", [ChargeReason.START, ChargeReason.RENEWAL])
    @pytest.mark.parametrize(("start", "end"), [("08-02", "09-02"), ("08-31", "09-30"), ("08-10", "08-11"), ("08-01", "08-02")])
    def test_days_that_are_billed_twice(self, reason: ChargeReason, start: str, end: str) -> None:
        one, other = recurring("c-1", "08-01", "09-01", reason=reason), recurring("c-2", start, end, reason=reason)
        for charges in ((one, other), (other, one)):
            with pytest.raises(InvalidValue, match="both bill a-1 for 'lite': start one where the other ends"):
                world(charges=charges).close(AUGUST, None)

    def test_days_of_two_months_that_are_billed_twice(self) -> None:
        made = world(charges=(recurring("c-1", "08-15", "09-15"), recurring("c-2", "09-14", "10-14")))
        with pytest.raises(InvalidValue, match="the charges c-1 for 2025-08-15/2025-09-15 and c-2 for 2025-09-14/2025-10-14 both bill"):
            made.close(SEPTEMBER, made.close(AUGUST, None))

    @pytest.mark.parametrize(
        "facts", [{"item": "core"}, {"reason": ChargeReason.PURCHASE}, {"kind": ChargeKind.ADD_ON}, {"start": "09-01"}]
    )
    def test_what_may_be_billed_beside_it(self, facts: dict[str, Any]) -> None:
        other = recurring(**({"charge_id": "c-2", "start": "08-02", "end": "09-02", "on": "08-02"} | facts))
        assert len(world(charges=(recurring("c-1", "08-01", "09-01"), other)).close(AUGUST, None).lines) == 2

    def test_the_same_thing_under_two_ids_in_two_months(self) -> None:
        late = Charge(
            **{name: getattr(worlds.charge(item="lite"), name) for name in ("account", "kind", "item", "reason", "period", "amount")},
            id="c-2",
            charged_on=day("09-01"),
        )
        made = world(charges=(worlds.charge(item="lite"), late))
        with pytest.raises(InvalidValue, match="the charges c-1 and c-2 are for the same thing and period"):
            made.close(SEPTEMBER, made.close(AUGUST, None))

    @pytest.mark.parametrize(
        ("charge", "error", "message"),
        [
            (worlds.charge(on=day("09-01")), InvalidValue, "the charge c-1 is of 2025-09-01, not of 2025-08"),
            (worlds.charge(account_id="a-2"), InvalidValue, "the account 'a-2', which has no relationship"),
            (worlds.charge(amount="1.00 GBP"), CurrencyMismatch, "an account's currency is fixed"),
        ],
    )
    def test_charges_that_do_not_fit(self, charge: Charge, error: type[PartnerkitError], message: str) -> None:
        made = world()
        with pytest.raises(error, match=message):
            partial_close([charge], made.relationships, made.program, AUGUST)

    def test_a_partial_close_of_another_month(self) -> None:
        made = world(charges=(worlds.charge(),))
        (part,) = self.parts(made, [list(made.charges)])
        with pytest.raises(InvalidValue, match="the charge c-1 is of 2025-08-08, not of 2025-09"):
            finish(part, month=SEPTEMBER, program=made.program, partners=worlds.PARTNERS)

    def test_a_day_without_terms(self) -> None:
        where = worlds.program(worlds.terms(starts_on=day("08-09")))
        with pytest.raises(NoTermsInForce):
            partial_close([worlds.charge()], {"a-1": worlds.opened(worlds.account(), where)}, where, AUGUST)


class TestLaws:
    """What holds in every month of every world."""

    @given(worlds.worlds())
    def test_statements_add_up_and_follow_each_other(self, made: World) -> None:
        opening: dict[tuple[str, str], Money] = {}
        for closed in made.closes():
            for one in closed.statements:
                key = (one.partner, one.currency.code)
                assert one.opening == opening.pop(key, Money.zero(one.currency))
                assert one.closing == one.opening + one.share + one.bonus + one.incentives + one.adjusted - one.disbursed
            assert all(left.minor == 0 for left in opening.values())
            opening = {(one.partner, one.currency.code): one.closing for one in closed.statements}
            assert closed.balances == opening

    @given(worlds.worlds())
    def test_bills_add_up_and_follow_each_other(self, made: World) -> None:
        brought: dict[tuple[str, str], Money] = {}
        for closed in made.closes():
            assert [bill.number for bill in closed.bills] == [f"SB-{closed.month}-{n:04}" for n in range(1, len(closed.bills) + 1)]
            for bill in closed.bills:
                assert bill.total == total((line.net for line in bill.lines), bill.currency) + bill.adjusted
                assert bill.brought_forward == brought.pop((bill.partner, bill.currency.code), Money.zero(bill.currency))
            assert all(left.minor == 0 for left in brought.values())
            brought = {(bill.partner, bill.currency.code): bill.carried_forward for bill in closed.bills}

    @given(worlds.worlds())
    def test_every_line_is_billed_once_to_its_payer_or_waits(self, made: World) -> None:
        closes = made.closes()
        billed = [line for closed in closes for bill in closed.bills for line in bill.lines]
        refunded = [one for closed in closes for bill in closed.bills for one in bill.adjustments]
        paid = [payment for closed in closes for bill in closed.bills for payment in bill.payments]
        on_bills = [line for closed in closes for line in closed.lines if line.payer is not None]
        ids = {line.charge.id for line in on_bills}
        assert sorted(line.charge.id for line in (*billed, *closes[-1].unbilled)) == sorted(ids)
        back = sorted(one.refund.id for one in (*refunded, *closes[-1].unbilled_adjustments))
        assert back == sorted(refund.id for refund in made.refunds if refund.charge in ids)
        assert sorted(one.id for one in (*paid, *closes[-1].late_payments)) == sorted(one.id for one in made.payments)

    @given(worlds.worlds())
    def test_nothing_is_both_discounted_and_shared(self, made: World) -> None:
        closes = made.closes()
        discounted = {line.charge.id for closed in closes for line in closed.lines if line.discount.minor}
        shared = {one.line.charge.id for closed in closes for statement in closed.statements for one in statement.shares}
        assert not discounted & shared
        for line in (line for closed in closes for line in closed.lines):
            assert line.gross == line.net + line.discount
            assert line.share <= line.gross

    @given(worlds.worlds())
    def test_a_line_earns_at_most_its_share_and_gives_back_at_most_what_it_earned(self, made: World) -> None:
        closes = made.closes()
        statements = [statement for closed in closes for statement in closed.statements]
        for position in closes[-1].positions.values():
            line = position.line
            zero = line.zero
            earned = sum((one.amount for each in statements for one in each.shares if one.line == line), zero)
            back = sum((one.share for each in statements for one in each.adjustments if one.line == line), zero)
            assert zero <= -back <= earned <= line.share
            terms = made.program.terms_for(line.payer or line.earner, line.charge.charged_on)
            if position.received == line.gross or (line.share.minor and terms.share.recognized is Recognition.ON_BILLING):
                assert earned == line.share
            if position.refunded == line.gross and terms.share.clawback is Clawback.PROPORTIONAL:
                assert earned + back == zero

    @given(worlds.worlds())
    def test_an_account_earns_one_bonus_at_most(self, made: World) -> None:
        earned = [one.line.charge.account for closed in made.closes() for each in closed.statements for one in each.bonuses]
        assert len(earned) == len(set(earned))

    @given(worlds.worlds())
    def test_running_twice_gives_the_same_bytes(self, made: World) -> None:
        assert canonical_bytes(made.closes()) == canonical_bytes(made.closes())

    @given(worlds.worlds())
    def test_a_close_can_be_put_away_between_two_months(self, made: World) -> None:
        closed: Close | None = None
        for month, expected in zip(worlds.months(), made.closes(), strict=True):
            closed = made.close(month, pickle.loads(pickle.dumps(closed)))  # noqa: S301  (it is our own)
            assert closed == expected

    @given(worlds.worlds(), st.data())
    def test_referred_and_managed_make_the_same_money(self, made: World, data: st.DataObject) -> None:
        """Flipping the management of directly billed accounts opened by link or created by the partner changes no money (S-05)."""
        flips = {name: data.draw(st.booleans()) for name in made.relationships}

        def with_lives(turn: bool) -> World:
            return World(
                program=made.program,
                relationships={
                    name: (worlds.managed if flips[name] is turn else worlds.referred)(life.account, made.program)
                    for name, life in made.relationships.items()
                },
                charges=made.charges,
                disbursements=made.disbursements,
            )

        for one, other in zip(with_lives(turn=True).closes(), with_lives(turn=False).closes(), strict=True):
            assert [(line.reward, line.bonus, line.net) for line in one.lines] == [
                (line.reward, line.bonus, line.net) for line in other.lines
            ]
            assert (one.balances, one.bills) == (other.balances, other.bills)


class TestRecognition:
    """The share is earned when the vendor bills or as cash comes in, by term (M-11); the same in the end."""

    CASH = (
        worlds.receipt("r-1", "c-1", "33.33 USD", day("08-10")),
        worlds.receipt("r-2", "c-1", "33.33 USD", day("09-01")),
        worlds.receipt("r-3", "c-1", "33.34 USD", day("09-02")),
    )

    def test_on_billing_it_is_earned_at_once(self) -> None:
        (_, august, september) = world("referred", charges=(worlds.charge(),), receipts=self.CASH).closes()
        assert [one.amount for one in august.statements[0].shares] == [usd("10")]
        assert september.statements[0].shares == ()

    def test_on_cash_it_is_earned_in_the_months_of_the_cash(self) -> None:
        made = world("referred", sections={"share": ON_CASH}, charges=(worlds.charge(),), receipts=self.CASH)
        (_, august, september) = made.closes()
        assert [(str(one.amount), one.earned_on) for one in august.statements[0].shares] == [("3.33 USD", day("08-10"))]
        assert [str(one.amount) for one in september.statements[0].shares] == ["3.34 USD", "3.33 USD"]
        assert closing(september) == usd("10")

    def test_the_day_of_the_charge_is_not_too_early_for_its_cash_whatever_the_ids(self) -> None:
        """Within a day charges come before receipts, and receipts before refunds: ids say nothing about time."""
        cash, back = worlds.receipt("b-1", "c-1", "100.00 USD", day("08-08")), worlds.refund("a-1", "c-1", "100.00 USD", day("08-08"))
        made = world("referred", sections={"share": ON_CASH}, charges=(worlds.charge(),), receipts=(cash,), refunds=(back,))
        (statement,) = made.close(AUGUST, None).statements
        assert (statement.share, statement.adjusted) == (usd("10"), usd("-10"))

    def test_without_a_reward_the_term_is_not_needed(self) -> None:
        silent = {"share": {"rate": NOT_AGREED, "recognized": ...}}
        made = world("referred", sections=silent, charges=(worlds.charge(),), receipts=self.CASH)
        assert [closed.statements for closed in made.closes()] == [(), (), ()]

    def test_with_a_reward_it_is(self) -> None:
        with pytest.raises(TermMissing, match=r"share\.recognized"):
            world("referred", sections={"share": {"recognized": ...}}, charges=(worlds.charge(),)).closes()

    def test_uncredited_accounts_earn_nothing(self) -> None:
        made = world("opened", charges=(worlds.charge(),), receipts=self.CASH)
        assert all(closed.statements == () and closed.bills == () for closed in made.closes())

    def test_a_single_bill_earns_its_discount_and_no_share(self) -> None:
        closed = world(charges=(worlds.charge(on=day("08-05")),)).close(AUGUST, None)
        assert closed.statements == ()
        assert [bill.total for bill in closed.bills] == [usd("85")]

    @pytest.mark.parametrize(
        ("life", "records", "message"),
        [
            ("referred", (worlds.receipt("r-1", "c-1", "100.01 USD", day("08-08")),), r"more than is open on c-1: 100\.00 USD"),
            ("referred", (worlds.receipt("r-1", "c-9", "1.00 USD", day("08-08")),), "names the charge 'c-9', which was not charged by"),
            ("referred", (worlds.receipt("r-1", "c-1", "1.00 USD", day("08-07")),), "which was not charged by 2025-08-07"),
            ("referred", (worlds.receipt("r-1", "c-1", "1.00 USD", day("08-08")),) * 2, "the receipt r-1 comes twice"),
            ("enrolled", (worlds.receipt("r-1", "c-1", "1.00 USD", day("08-08")),), "which p-1 pays by Single Bill"),
        ],
    )
    def test_receipts_that_do_not_fit(self, life: str, records: Any, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            world(life, charges=(worlds.charge(),), receipts=records).closes()

    def test_a_receipt_in_another_currency(self) -> None:
        with pytest.raises(CurrencyMismatch):
            world("referred", charges=(worlds.charge(),), receipts=(worlds.receipt("r-1", "c-1", "1.00 GBP", day("08-08")),)).closes()


class TestRefunds:
    """A closed month never changes: what comes later adjusts the open month and names the old line (M-21, Q-63)."""

    def test_in_the_same_month(self) -> None:
        refunds = (worlds.refund("f-1", "c-1", "40.00 USD", day("08-20")),)
        closed = world("referred", charges=(worlds.charge(),), refunds=refunds).close(AUGUST, None)
        assert (closed.statements[0].share, closed.statements[0].adjusted, closing(closed)) == (usd("10"), usd("-4"), usd("6"))

    def test_of_a_line_of_a_closed_month(self) -> None:
        made = world("referred", charges=(worlds.charge(),))
        august = made.close(AUGUST, None)
        before = canonical_bytes(august)
        later = world("referred", refunds=(worlds.refund("f-1", "c-1", "100.00 USD", day("09-20")),)).close(SEPTEMBER, august)
        assert canonical_bytes(august) == before
        (adjustment,) = later.statements[0].adjustments
        assert (adjustment.line, adjustment.share) == (august.lines[0], usd("-10"))
        assert closing(later) == usd("0")

    def test_on_cash_no_more_than_was_received_by_its_day(self) -> None:
        cash = worlds.receipt("r-1", "c-1", "40.00 USD", day("08-15"))
        late, too_much, fits = (
            worlds.refund("f-1", "c-1", amount, day(on))
            for amount, on in (("40.00 USD", "08-14"), ("40.01 USD", "08-15"), ("40.00 USD", "08-15"))
        )
        for refund in (late, too_much):
            made = world("referred", sections={"share": ON_CASH}, charges=(worlds.charge(),), receipts=(cash,), refunds=(refund,))
            with pytest.raises(InvalidValue, match="record the cash first"):
                made.close(AUGUST, None)
        made = world("referred", sections={"share": ON_CASH}, charges=(worlds.charge(),), receipts=(cash,), refunds=(fits,))
        assert closing(made.close(AUGUST, None)) == usd("0")

    def test_without_clawback_nothing_is_taken_back(self) -> None:
        refunds = (worlds.refund("f-1", "c-1", "100.00 USD", day("08-20")),)
        made = world("referred", sections={"share": {"clawback": Clawback.NONE}}, charges=(worlds.charge(),), refunds=refunds)
        closed = made.close(AUGUST, None)
        assert (closed.statements[0].adjustments, closing(closed)) == ((), usd("10"))

    def test_what_was_taken_back_after_it_was_paid_out_is_carried_forward(self) -> None:
        made = world(
            "referred",
            charges=(worlds.charge(on=day("07-08")),),
            disbursements=(worlds.disbursement("d-1", "10.00 USD", day("08-15")),),
            refunds=(worlds.refund("f-1", "c-1", "100.00 USD", day("08-20")),),
        )
        assert [closing(closed) for closed in made.closes()] == [usd("10"), usd("-10"), usd("-10")]

    def test_of_a_single_bill_line_that_no_bill_has_collected(self) -> None:
        made = world(charges=(worlds.charge(),), refunds=(worlds.refund("f-1", "c-1", "40.00 USD", day("08-20")),))
        _, august, september = made.closes()
        assert (august.bills, [line.charge.id for line in august.unbilled], len(august.unbilled_adjustments)) == ((), ["c-1"], 1)
        (bill,) = september.bills
        assert (bill.gross, bill.discount, bill.adjusted, bill.due) == (usd("60"), usd("9"), usd("-34"), usd("51"))
        assert (september.unbilled, september.unbilled_adjustments) == ((), ())

    def test_of_a_single_bill_line_that_was_billed(self) -> None:
        made = world(charges=(worlds.charge(on=day("07-08")),), refunds=(worlds.refund("f-1", "c-1", "100.00 USD", day("08-20")),))
        _, august, september = made.closes()
        assert august.bills[0].due == usd("85")
        assert (september.bills[0].adjusted, september.bills[0].due) == (usd("-85"), usd("0"))

    def test_after_a_transfer_it_goes_to_the_payer_of_the_line(self) -> None:
        where = worlds.program()
        life = worlds.enrolled(worlds.account(), where).transfer(
            "p-2", day("07-20"), consent=True, written_request=True, sender_on_account=True
        )
        made = World(
            program=where,
            relationships={"a-1": life},
            charges=(worlds.charge(on=day("07-08")),),
            refunds=(worlds.refund("f-1", "c-1", "100.00 USD", day("08-04")),),
        )
        _, august, _ = made.closes()
        assert [(bill.partner, bill.due) for bill in august.bills] == [("p-1", usd("0"))]

    def test_the_share_is_taken_back_from_who_earned_it(self) -> None:
        where = worlds.program()
        life = worlds.referred(worlds.account(), where).transfer(
            "p-2", day("07-20"), consent=True, written_request=True, sender_on_account=True
        )
        made = World(
            program=where,
            relationships={"a-1": life},
            charges=(worlds.charge(on=day("07-08")), worlds.charge("c-2", on=day("08-08"))),
            refunds=(worlds.refund("f-1", "c-1", "100.00 USD", day("08-09")),),
        )
        _, august, _ = made.closes()
        assert (closing(august), closing(august, ("p-2", "USD"))) == (usd("0"), usd("10"))

    @pytest.mark.parametrize("recognized", Recognition)
    def test_in_parts_over_months_ends_at_zero(self, recognized: Recognition) -> None:
        parts = [("f-1", "33.33 USD", "08-20"), ("f-2", "33.33 USD", "09-01"), ("f-3", "33.34 USD", "09-20")]
        made = world(
            "referred",
            sections={"share": {"recognized": recognized, "rate": Rate.parse("1/7")}},
            charges=(worlds.charge(),),
            receipts=(worlds.receipt("r-1", "c-1", "100.00 USD", day("08-09")),),
            refunds=tuple(worlds.refund(name, "c-1", amount, day(on)) for name, amount, on in parts),
        )
        assert closing(made.closes()[-1]) == usd("0")

    @pytest.mark.parametrize(
        ("refunds", "message"),
        [
            ((worlds.refund("f-1", "c-1", "100.01 USD", day("08-09")),), r"more than is left of c-1: 100\.00 USD"),
            ((worlds.refund("f-1", "c-9", "1.00 USD", day("08-09")),), "the refund f-1 names the charge 'c-9'"),
            ((worlds.refund("f-1", "c-1", "1.00 USD", day("08-07")),), "which was not charged by 2025-08-07"),
            ((worlds.refund("f-1", "c-1", "1.00 USD", day("08-09")),) * 2, "the refund f-1 comes twice"),
            (
                (worlds.refund("f-1", "c-1", "60.00 USD", day("08-09")), worlds.refund("f-2", "c-1", "60.00 USD", day("08-09"))),
                "left of c-1: 40",
            ),
        ],
    )
    def test_refused(self, refunds: Any, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            world("referred", charges=(worlds.charge(),), refunds=refunds).close(AUGUST, None)


class TestTheBonus:
    """One New Account Bonus per account, by the first charge that is billed or paid (M-18)."""

    CHARGES = (worlds.charge("c-1", on=day("07-08")), worlds.charge("c-2", on=day("08-08")))

    def test_it_is_earned_once(self) -> None:
        july, august, _ = world("referred", sections={"bonus": BONUS}, charges=self.CHARGES).closes()
        assert [(one.line.charge.id, one.amount) for one in july.statements[0].bonuses] == [("c-1", usd("50"))]
        assert (august.statements[0].bonuses, august.bonused) == ((), frozenset({"a-1"}))

    def test_on_cash_by_the_charge_that_is_paid_first(self) -> None:
        paid = (worlds.receipt("r-2", "c-2", "1.00 USD", day("08-09")), worlds.receipt("r-1", "c-1", "100.00 USD", day("08-10")))
        made = world("referred", sections={"bonus": BONUS, "share": ON_CASH}, charges=self.CHARGES, receipts=paid)
        july, august, _ = made.closes()
        assert july.statements == ()
        assert [(one.line.charge.id, one.earned_on) for one in august.statements[0].bonuses] == [("c-2", day("08-09"))]

    def test_by_its_day_and_not_by_who_pays(self) -> None:
        where = worlds.program(worlds.terms(bonus=BONUS, share=ON_CASH))
        life = worlds.managed(worlds.account(), where).join_single_bill(day("08-20"))
        made = World(
            program=where,
            relationships={"a-1": life},
            charges=(worlds.charge("c-1", on=day("08-08")), worlds.charge("c-2", on=day("08-25"))),
            receipts=(worlds.receipt("r-1", "c-1", "100.00 USD", day("08-10")),),
        )
        assert [one.line.charge.id for one in made.close(AUGUST, None).statements[0].bonuses] == ["c-1"]

    def test_no_second_one_after_a_transfer(self) -> None:
        where = worlds.program(worlds.terms(bonus=BONUS))
        life = worlds.referred(worlds.account(), where).transfer(
            "p-2", day("07-20"), consent=True, written_request=True, sender_on_account=True
        )
        made = World(program=where, relationships={"a-1": life}, charges=self.CHARGES)
        earned = [(each.partner, each.bonus) for closed in made.closes() for each in closed.statements if each.bonuses]
        assert earned == [("p-1", usd("50"))]

    def test_where_no_share_is_agreed(self) -> None:
        made = world("referred", sections={"bonus": BONUS, "share": {"rate": NOT_AGREED}}, charges=self.CHARGES)
        assert closing(made.close(JULY, None)) == usd("50")


def two_days(partner: Partner, *days_of_august: str, **sections: Any) -> list[Close]:
    """Close three months of an account on this partner's Single Bill that is charged on these days of August."""
    partners = Partners((partner, worlds.NORTHLIGHT))
    where = worlds.program(worlds.terms(**sections))
    enrolled = worlds.enrolled(worlds.account(), where)
    life = ClientRelationship.replay(enrolled.account, enrolled.events, program=where, partners=partners)
    charges = [worlds.charge(f"c-{on}", on=day(f"08-{on}")) for on in days_of_august]
    closed: list[Close] = []
    for month in worlds.months():
        due = [charge for charge in charges if charge.charged_on in month.period]
        previous = closed[-1] if closed else None
        closed.append(close_month(due, {"a-1": life}, where, month, partners=partners, previous=previous))
    return closed


class TestTheBillDay:
    """The partner chooses the day of its one payment; a month that is too short has its last day (44215, Q-54)."""

    def test_what_comes_after_it_waits(self) -> None:
        _, august, september = two_days(worlds.BRIGHTSIDE, "05", "06")
        assert [line.charge.id for line in august.bills[0].lines] == ["c-05"]
        assert [line.charge.id for line in september.bills[0].lines] == ["c-06"]
        assert (august.bills[0].billed_on, september.bills[0].billed_on) == (day("08-05"), day("09-05"))

    def test_the_day_itself_by_term(self) -> None:
        _, august, september = two_days(worlds.BRIGHTSIDE, "04", "05", single_bill={"cut_off": CutOff.BEFORE})
        assert [line.charge.id for line in august.bills[0].lines] == ["c-04"]
        assert [line.charge.id for line in september.bills[0].lines] == ["c-05"]

    def test_the_term_is_needed_only_where_something_falls_on_it(self) -> None:
        assert two_days(worlds.BRIGHTSIDE, "04", "06", single_bill={"cut_off": ...})[1].bills[0].total == usd("85")
        with pytest.raises(TermMissing, match=r"single_bill\.cut_off"):
            two_days(worlds.BRIGHTSIDE, "05", single_bill={"cut_off": ...})

    def test_a_month_in_which_the_terms_start_after_it(self) -> None:
        where = worlds.program(worlds.terms(starts_on=day("08-07")))
        charges = (worlds.charge(),)
        life = worlds.enrolled(worlds.account(), where, on=day("08-07"))
        _, august, september = World(program=where, relationships={"a-1": life}, charges=charges).closes()
        assert (august.bills, september.bills[0].total) == ((), usd("85"))

    @pytest.mark.parametrize(("month", "last"), [("2024-02", 29), ("2025-02", 28), ("2025-04", 30), ("2025-08", 31)])
    def test_the_31st_of_a_short_month(self, month: str, last: int) -> None:
        payment = worlds.payment("pay-1", "1.00 USD", Month.parse(month).clamped(31), "p-2")
        closed = finish(
            PartialClose.empty,
            month=Month.parse(month),
            program=worlds.program(worlds.terms(starts_on=date(2024, 1, 1))),
            partners=worlds.PARTNERS,
            payments=[payment],
        )
        assert [bill.billed_on.day for bill in closed.bills] == [last]

    def test_a_setup_that_has_ended_bills_the_rest_on_the_last_day(self) -> None:
        ended = Partner(
            id="p-1",
            names=worlds.BRIGHTSIDE.names,
            single_bill=(SingleBillSince(setup=SingleBillSetup(bill_day=5)), SingleBillSince(setup=None, since=day("08-25"))),
        )
        _, august, september = two_days(ended, "05", "20")
        assert [(bill.billed_on, bill.total) for bill in august.bills] == [(day("08-31"), usd("170"))]
        assert [(bill.billed_on, bill.due) for bill in september.bills] == [(day("09-30"), usd("170"))]

    def test_nobody_is_on_a_single_bill_that_there_is_not(self) -> None:
        """A discount in place of the share needs a bill that is paid in place of the client's (S-34): without one the account has left."""
        ended = Partner(
            id="p-1",
            names=worlds.BRIGHTSIDE.names,
            single_bill=(SingleBillSince(setup=SingleBillSetup(bill_day=5)), SingleBillSince(setup=None, since=day("08-11"))),
        )
        with pytest.raises(InvalidValue, match=r"on the Single Bill of p-1, which has none on 2025-08-20: let a-1 leave it"):
            two_days(ended, "05", "20")

    def test_a_new_day_counts_from_the_month_it_is_chosen_in(self) -> None:
        moved = Partner(
            id="p-1",
            names=worlds.BRIGHTSIDE.names,
            single_bill=(
                SingleBillSince(setup=SingleBillSetup(bill_day=5)),
                SingleBillSince(setup=SingleBillSetup(bill_day=25), since=day("08-20")),
            ),
        )
        _, august, _ = two_days(moved, "05", "25", "26")
        assert [(bill.billed_on, bill.total) for bill in august.bills] == [(day("08-25"), usd("170"))]

    def test_two_currencies_are_two_bills(self) -> None:
        where = worlds.program()
        accounts = (worlds.account("a-1"), worlds.account("a-2", currency="GBP"))
        made = World(
            program=where,
            relationships={one.id: worlds.enrolled(one, where) for one in accounts},
            charges=(worlds.charge("c-1", on=day("08-05")), worlds.charge("c-2", on=day("08-05"), account_id="a-2", amount="10.00 GBP")),
        )
        closed = made.close(AUGUST, None)
        assert [(bill.number, str(bill.due)) for bill in closed.bills] == [
            ("SB-2025-08-0001", "8.50 GBP"),
            ("SB-2025-08-0002", "85.00 USD"),
        ]

    def test_who_left_pays_what_was_charged_before(self) -> None:
        where = worlds.program()
        life = worlds.enrolled(worlds.account(), where).leave_single_bill(day("08-20"))
        charges = (worlds.charge("c-1", on=day("08-19")), worlds.charge("c-2", on=day("08-20")))
        _, august, september = World(program=where, relationships={"a-1": life}, charges=charges).closes()
        assert [(line.charge.id, line.payer, line.share) for line in august.lines] == [("c-1", "p-1", usd("0")), ("c-2", None, usd("10"))]
        assert [line.charge.id for line in september.bills[0].lines] == ["c-1"]


class TestPayments:
    """A past-due balance stays on the Single Bill, a credit too; no account is canceled for it (K-05, K-06)."""

    def test_what_is_not_paid_is_brought_forward(self) -> None:
        made = world(charges=(worlds.charge("c-1", on=day("07-05")), worlds.charge("c-2", on=day("08-05"))))
        assert [closed.bills[0].due for closed in made.closes()] == [usd("85"), usd("170"), usd("170")]

    def test_a_payment_after_the_bill_day_counts_on_the_next_bill(self) -> None:
        made = world(charges=(worlds.charge(on=day("07-05")),), payments=(worlds.payment("pay-1", "85.00 USD", day("08-06")),))
        july, august, september = made.closes()
        assert (july.bills[0].due, august.bills[0].due) == (usd("85"), usd("85"))
        assert ([one.id for one in august.late_payments], september.late_payments) == (["pay-1"], ())
        assert (september.bills[0].paid, september.bills[0].due) == (usd("85"), usd("0"))

    def test_nothing_open_makes_no_bill(self) -> None:
        made = world(charges=(worlds.charge(on=day("07-05")),), payments=(worlds.payment("pay-1", "85.00 USD", day("08-05")),))
        assert [len(closed.bills) for closed in made.closes()] == [1, 1, 0]

    @pytest.mark.parametrize(("negative", "due"), [(Negative.CARRY_FORWARD, ["-15", "70"]), (Negative.REFUND, ["-15", "85"])])
    def test_a_credit_by_term(self, negative: Negative, due: list[str]) -> None:
        made = world(
            sections={"single_bill": {"negative": negative}},
            charges=(worlds.charge(on=day("09-05")),),
            payments=(worlds.payment("pay-1", "15.00 USD", day("08-01")),),
        )
        july, *later = made.closes()
        assert july.bills == ()
        assert [closed.bills[0].due for closed in later] == [usd(amount) for amount in due]

    def test_the_term_is_needed_only_for_a_credit(self) -> None:
        silent = {"single_bill": {"negative": ...}}
        assert world(sections=silent, charges=(worlds.charge(on=day("08-05")),)).close(AUGUST, None).bills
        with pytest.raises(TermMissing, match=r"single_bill\.negative"):
            world(sections=silent, payments=(worlds.payment("pay-1", "1.00 USD", day("08-01")),)).close(AUGUST, None)


class TestWhatIsNamed:
    """What is easily taken for something else is given by name: the month, the program, the partners, the terms, every kind of record."""

    def test_in_a_call(self) -> None:
        where, position = worlds.program(), Position.of(line_for(worlds.charge(), worlds.standing(), worlds.terms()))
        with pytest.raises(TypeError, match="positional"):
            PartialClose(())  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="positional"):
            finish(PartialClose.empty, AUGUST, where, worlds.PARTNERS)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="positional"):
            close_month([], {}, where, AUGUST, worlds.PARTNERS)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="positional"):
            position.refunded_by(worlds.refund("f-1", "c-1", "1.00 USD", day("08-09")), worlds.terms())  # type: ignore[call-arg]


class TestTheMonths:
    """Months are closed in order, each on top of the one before; terms of a past day never change."""

    @pytest.mark.parametrize("month", [JULY, AUGUST, Month.parse("2025-10")])
    def test_out_of_order(self, month: Month) -> None:
        made = world()
        with pytest.raises(
            InvalidValue, match=f"the month before {month} is {month.previous()}, but the close to go on from is of 2025-08"
        ):
            made.close(month, made.close(AUGUST, None))

    def test_a_charge_is_closed_once(self) -> None:
        made = world(charges=(worlds.charge(),))
        august = made.close(AUGUST, None)
        line = august.lines[0]
        moved = Line(
            charge=Charge(
                **{name: getattr(line.charge, name) for name in ("id", "account", "kind", "item", "reason", "period", "amount")},
                charged_on=day("09-08"),
            ),
            payer=line.payer,
            earner=line.earner,
            reward=line.reward,
            rulings=line.rulings,
            terms=line.terms,
        )
        with pytest.raises(InvalidValue, match="the charge c-1 was closed in an earlier month"):
            finish(PartialClose(lines=(moved,)), month=SEPTEMBER, program=made.program, partners=worlds.PARTNERS, previous=august)

    @pytest.mark.parametrize(
        "records",
        [
            {"receipts": [worlds.receipt("x-1", "c-1", "1.00 USD", day("09-01"))]},
            {"refunds": [worlds.refund("x-1", "c-1", "1.00 USD", day("09-01"))]},
            {"payments": [worlds.payment("x-1", "1.00 USD", day("09-01"))]},
            {"disbursements": [worlds.disbursement("x-1", "1.00 USD", day("09-01"))]},
            {"entries": [worlds.entry("x-1", "1.00 USD", day("09-01"))]},
        ],
    )
    def test_records_of_another_month(self, records: Any) -> None:
        with pytest.raises(InvalidValue, match="x-1 is of 2025-09-01, not of 2025-08"):
            finish(PartialClose.empty, month=AUGUST, program=worlds.program(), partners=worlds.PARTNERS, **records)

    @pytest.mark.parametrize(
        "records",
        [
            {"payments": [worlds.payment("x-1", "1.00 USD", day("08-01"), "p-9")]},
            {"disbursements": [worlds.disbursement("x-1", "1.00 USD", day("08-01"), "p-9")]},
            {"entries": [worlds.entry("x-1", "1.00 USD", day("08-01"), partner="p-9")]},
        ],
    )
    def test_records_of_an_unknown_partner(self, records: Any) -> None:
        with pytest.raises(InvalidValue, match="x-1 is of 'p-9', which is no partner"):
            finish(PartialClose.empty, month=AUGUST, program=worlds.program(), partners=worlds.PARTNERS, **records)

    @pytest.mark.parametrize(
        ("kind", "first", "again"),
        [
            ("receipt", worlds.receipt("x-1", "c-1", "1.00 USD", day("08-09")), worlds.receipt("x-1", "c-1", "2.00 USD", day("09-09"))),
            ("refund", worlds.refund("x-1", "c-1", "1.00 USD", day("08-09")), worlds.refund("x-1", "c-1", "2.00 USD", day("09-09"))),
            ("payment", worlds.payment("x-1", "1.00 USD", day("08-09")), worlds.payment("x-1", "1.00 USD", day("09-09"))),
            ("disbursement", worlds.disbursement("x-1", "1.00 USD", day("07-09")), worlds.disbursement("x-1", "1.00 USD", day("09-09"))),
            ("entry", worlds.entry("x-1", "1.00 USD", day("08-09")), worlds.entry("x-1", "1.00 USD", day("09-09"))),
        ],
    )
    def test_an_id_counts_once_in_all_months(self, kind: str, first: Any, again: Any) -> None:
        records: dict[str, Any] = {"entries" if kind == "entry" else f"{kind}s": (first, again)}
        made = world("referred", charges=(worlds.charge(),), **records)
        with pytest.raises(InvalidValue, match=f"the {kind} x-1 comes twice"):
            made.closes()

    def test_one_id_may_name_records_of_two_kinds(self) -> None:
        made = world(payments=(worlds.payment("x-1", "1.00 USD", day("08-09")),), entries=(worlds.entry("x-1", "1.00 USD", day("09-09")),))
        assert made.closes()[-1].seen["entry"] == made.closes()[-1].seen["payment"] == frozenset({"x-1"})

    def test_a_line_keeps_the_terms_of_its_own_day(self) -> None:
        old, new = worlds.terms(), worlds.terms(starts_on=day("08-20"), share={"rate": Rate.percent("20"), "clawback": Clawback.NONE})
        where = worlds.program(old, new)
        made = World(
            program=where,
            relationships={"a-1": worlds.referred(worlds.account(), where)},
            charges=(worlds.charge("c-1", on=day("08-19")), worlds.charge("c-2", on=day("08-20"))),
            refunds=(worlds.refund("f-1", "c-1", "100.00 USD", day("09-01")), worlds.refund("f-2", "c-2", "100.00 USD", day("09-01"))),
        )
        _, august, september = made.closes()
        assert [(line.share, line.terms) for line in august.lines] == [(usd("10"), old.fingerprint), (usd("20"), new.fingerprint)]
        assert closing(september) == usd("20")

    def test_a_partners_own_contract(self) -> None:
        own = TermsHistory((worlds.terms(share={"rate": Rate.percent("30")}),))
        where = worlds.program(contracts=(("p-2", own),))
        made = World(
            program=where,
            relationships={"a-1": worlds.referred(worlds.account(), where, worlds.NORTHLIGHT)},
            charges=(worlds.charge(),),
        )
        assert closing(made.close(AUGUST, None), ("p-2", "USD")) == usd("30")

    def test_terms_changed_under_a_closed_line(self) -> None:
        august = world("referred", charges=(worlds.charge(),)).close(AUGUST, None)
        changed = world(
            "referred",
            sections={"share": {"rate": Rate.percent("11")}},
            refunds=(worlds.refund("f-1", "c-1", "1.00 USD", day("09-01")),),
        )
        with pytest.raises(InvalidValue, match="a past day's terms never change"):
            changed.close(SEPTEMBER, august)

    def test_its_repr_tells_the_month_and_not_all_that_ever_was(self) -> None:
        closed = world("referred", charges=(worlds.charge(),), entries=(worlds.entry("e-1", "5.00 USD", day("08-01")),)).closes()[-1]
        assert (set(closed.positions), closed.seen["entry"]) == ({"c-1"}, frozenset({"e-1"}))
        assert "c-1" not in repr(closed)
        assert "e-1" not in repr(closed)

    def test_balances_are_kept_apart_by_currency(self) -> None:
        entries = (worlds.entry("e-1", "5.00 USD", day("08-01")), worlds.entry("e-2", "7.00 GBP", day("08-02"), EntryKind.INCENTIVE))
        closed = world(entries=entries).close(AUGUST, None)
        assert {key: str(amount) for key, amount in closed.balances.items()} == {("p-1", "GBP"): "7.00 GBP", ("p-1", "USD"): "5.00 USD"}


class TestWhatIsTold:
    """Whatever happened to a partner in a month stands on its statement or its Single Bill, alone or beside anything else."""

    # Each changes the balance of September by its amount, and leaves August without a record or a balance, but for the last.
    OF_A_STATEMENT: ClassVar[dict[str, tuple[dict[str, tuple[Any, ...]], str]]] = {
        "share": ({"charges": (worlds.charge("c-1", on=day("09-02"), kind=ChargeKind.ADD_ON),)}, "10"),
        "bonus": ({"charges": (worlds.charge("c-2", on=day("09-03")),)}, "50"),
        "clawback": (
            {
                "charges": (worlds.charge("c-3", on=day("07-02"), kind=ChargeKind.ADD_ON),),
                "disbursements": (worlds.disbursement("d-3", "10.00 USD", day("07-03")),),
                "refunds": (worlds.refund("f-3", "c-3", "100.00 USD", day("09-04")),),
            },
            "-10",
        ),
        "disbursement": ({"disbursements": (worlds.disbursement("d-4", "2.00 USD", day("09-05")),)}, "-2"),
        "entry": ({"entries": (worlds.entry("e-5", "3.00 USD", day("09-06")),)}, "3"),
        "balance": ({"entries": (worlds.entry("e-6", "7.00 USD", day("07-07")),)}, "7"),
    }
    OF_A_BILL: ClassVar[dict[str, tuple[dict[str, tuple[Any, ...]], str]]] = {
        "line": ({"charges": (worlds.charge("c-1", on=day("09-02")),)}, "85"),
        "adjustment": (
            {
                "charges": (worlds.charge("c-2", on=day("07-02")),),
                "payments": (worlds.payment("pay-2", "85.00 USD", day("07-03")),),
                "refunds": (worlds.refund("f-2", "c-2", "100.00 USD", day("09-03")),),
            },
            "-85",
        ),
        "payment": ({"payments": (worlds.payment("pay-3", "5.00 USD", day("09-04")),)}, "-5"),
        "balance": ({"charges": (worlds.charge("c-4", on=day("07-04")),)}, "85"),
    }

    def records(self, kinds: tuple[str, ...], told: dict[str, tuple[dict[str, tuple[Any, ...]], str]]) -> dict[str, Any]:
        names = {name for kind in kinds for name in told[kind][0]}
        return {name: tuple(one for kind in kinds for one in told[kind][0].get(name, ())) for name in names}

    @pytest.mark.parametrize("kinds", alone_or_in_pairs(OF_A_STATEMENT), ids=" and ".join)
    def test_on_the_statement(self, kinds: tuple[str, ...]) -> None:
        sections: Any = {"share": {"scope": frozenset({ChargeKind.ADD_ON})}, "bonus": BONUS}
        *_, september = world("referred", sections=sections, **self.records(kinds, self.OF_A_STATEMENT)).closes()
        assert closing(september) == total((usd(self.OF_A_STATEMENT[kind][1]) for kind in kinds), "USD")
        assert september.bills == ()

    @pytest.mark.parametrize("kinds", alone_or_in_pairs(OF_A_BILL), ids=" and ".join)
    def test_on_the_single_bill(self, kinds: tuple[str, ...]) -> None:
        *_, september = world(**self.records(kinds, self.OF_A_BILL)).closes()
        assert [bill.due for bill in september.bills] == [total((usd(self.OF_A_BILL[kind][1]) for kind in kinds), "USD")]
        assert september.statements == ()


class TestPositions:
    """What came in and went back of a line, in total."""

    def test_they_are_kept(self) -> None:
        made = world(
            "referred",
            charges=(worlds.charge(),),
            receipts=(worlds.receipt("r-1", "c-1", "60.00 USD", day("08-09")), worlds.receipt("r-2", "c-1", "40.00 USD", day("09-09"))),
            refunds=(worlds.refund("f-1", "c-1", "30.00 USD", day("09-10")),),
        )
        assert [[(str(one.received), str(one.refunded)) for one in closed.positions.values()] for closed in made.closes()] == [
            [],
            [("60.00 USD", "0.00 USD")],
            [("100.00 USD", "30.00 USD")],
        ]

    @pytest.mark.parametrize(("received", "refunded"), [("100.01", "0"), ("-0.01", "0"), ("0", "100.01"), ("0", "-0.01")])
    def test_refused(self, received: str, refunded: str) -> None:
        line = line_for(worlds.charge(), worlds.standing(), worlds.terms())
        assert isinstance(line.reward, RevenueShare)
        with pytest.raises(InvalidValue, match=r"wanted from zero up to 100\.00 USD"):
            Position(line=line, received=usd(received), refunded=usd(refunded))

    @pytest.mark.parametrize(("field", "wrong"), [("line", "c-1"), ("received", 1), ("refunded", None)])
    def test_a_field_of_another_type(self, field: str, wrong: Any) -> None:
        line = line_for(worlds.charge(), worlds.standing(), worlds.terms())
        usual: dict[str, Any] = {"line": line, "received": line.zero, "refunded": line.zero}
        with pytest.raises(InvalidValue, match="wanted"):
            Position(**usual | {field: wrong})

    def test_more_than_is_left_is_refused_with_what_is_left(self) -> None:
        line = line_for(worlds.charge(), worlds.standing(), worlds.terms())
        before = Position(line=line, received=usd("30"), refunded=usd("20"))
        with pytest.raises(InvalidValue, match=r"the receipt r-1 of 70\.01 USD is more than is open on c-1: 70\.00 USD"):
            before.received_by(worlds.receipt("r-1", "c-1", "70.01 USD", day("08-09")))
        with pytest.raises(InvalidValue, match=r"the refund f-1 of 80\.01 USD is more than is left of c-1: 80\.00 USD"):
            before.refunded_by(worlds.refund("f-1", "c-1", "80.01 USD", day("08-09")), terms=worlds.terms())

    def test_of_another_currency(self) -> None:
        line = line_for(worlds.charge(), worlds.standing(), worlds.terms())
        with pytest.raises(CurrencyMismatch):
            Position(line=line, received=Money.zero(Currency("GBP")), refunded=usd("0"))
