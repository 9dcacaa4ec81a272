"""A month in sums is the month: every bill and statement comes to what the whole close makes of it, however the rows are cut into parts."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from operator import attrgetter, itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import worlds
from commands import example_books
from partnerkit.billing import Charge
from partnerkit.close import Close, close_month, partial_close
from partnerkit.errors import Fault, InvalidRecords, InvalidValue, PartnerkitError, TermMissing
from partnerkit.partners import AccountStatus, Partner, Partners, PartnerStatus, StatusSince
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.row_reading import cash_row, charge_row, partner_row
from partnerkit.rows import CashRow
from partnerkit.stretches import Footings, Stretch
from partnerkit.tallies import LineRow, close_totals, partial_totals, partner_totals
from partnerkit.terms import ChargeKind, Recognition
from partnerkit.totals import LARGEST, SUMS, MonthTotals, PartialTotals, finish_totals, month_number
from worlds import PARTNERS, World

AUGUST = Month.parse("2025-08")
END = worlds.LAST_MONTH.period.end


def stretches_of(world: World) -> dict[str, tuple[Stretch, ...]]:
    footings = Footings(program=world.program, partners=PARTNERS)
    return {key: footings.stretches_of(life, until=END) for key, life in world.relationships.items()}


def rows_of(world: World, accounts: Iterable[str]) -> PartialTotals:
    """Sum up the charges and the cash of some accounts through the last month."""
    chosen = sorted(accounts)
    charges = [one for account in chosen for one in world.charges if one.account == account]
    place = {one.id: number for number, one in enumerate(charges)}
    receipts = sorted((one for one in world.receipts if one.charge in place), key=lambda one: place[one.charge])
    refunds = sorted((one for one in world.refunds if one.charge in place), key=lambda one: place[one.charge])
    return partial_totals(
        map(charge_row, charges),
        stretches_of(world),
        program=world.program,
        partners=PARTNERS,
        through=worlds.LAST_MONTH,
        receipts=map(cash_row, receipts),
        refunds=map(cash_row, refunds),
    )


def of_partners(world: World) -> PartialTotals:
    return partner_totals(
        program=world.program,
        partners=PARTNERS,
        through=worlds.LAST_MONTH,
        payments=map(partner_row, world.payments),
        disbursements=map(partner_row, world.disbursements),
        entries=map(partner_row, world.entries),
    )


def finished(partial: PartialTotals, world: World, month: Month) -> MonthTotals:
    return finish_totals(partial, month=month, program=world.program, partners=PARTNERS)


class TestTheSumsAreThoseOfTheClose:
    """Sums of rows come to what the lines of a close come to, for every month, partner and currency."""

    @given(world=worlds.worlds())
    @settings(max_examples=300)
    def test_of_every_world(self, world: World) -> None:
        partial = rows_of(world, world.relationships).merge(of_partners(world))
        for close in world.closes():
            assert finished(partial, world, close.month) == MonthTotals.of(close)

    @given(world=worlds.worlds(), cut=st.integers(0, 4), data=st.data())
    def test_whatever_accounts_are_in_which_part(self, world: World, cut: int, data: st.DataObject) -> None:
        accounts = data.draw(st.permutations(sorted(world.relationships)))
        one, other = rows_of(world, accounts[:cut]), rows_of(world, accounts[cut:])
        whole = rows_of(world, accounts)
        assert one.merge(other) == whole == other.merge(one)
        assert PartialTotals.of_rows([*one.rows(), *other.rows()]) == whole

    @given(world=worlds.worlds())
    def test_lines_are_given_where_they_are_asked_for(self, world: World) -> None:
        kept: list[LineRow] = []
        charges = sorted(world.charges, key=attrgetter("account"))
        partial_totals(
            map(charge_row, charges),
            stretches_of(world),
            program=world.program,
            partners=PARTNERS,
            through=worlds.LAST_MONTH,
            keep=kept.append,
        )
        made = [
            line
            for month in worlds.months()
            for line in partial_close(world.charges_of(month), world.relationships, world.program, month).lines
        ]
        assert sorted(kept, key=itemgetter(0)) != [] or not made
        assert {row[0]: (row[2:7], row[7]) for row in kept} == {
            line.charge.id: (
                (line.payer, line.earner, line.gross.minor, line.discount.minor, line.share.minor),
                None if line.bonus is None else line.bonus.minor,
            )
            for line in made
        }


class TestStretches:
    """On every day of a life its stretch says what the standing and the terms of that very day say."""

    @given(world=worlds.worlds(), kind=st.sampled_from(ChargeKind), is_prepaid=st.booleans())
    def test_every_day(self, world: World, kind: ChargeKind, is_prepaid: bool) -> None:
        for account, stretches in stretches_of(world).items():
            life = world.relationships[account]
            assert stretches[0].starts_on == life.started_on
            assert stretches[-1].ends_before == END
            assert all(one.ends_before == after.starts_on for one, after in pairwise(stretches))
            for stretch in stretches:
                for day in (stretch.starts_on, stretch.ends_before - timedelta(days=1)):
                    charge = worlds.charge(account_id=account, on=day, kind=kind, amount=f"100 {life.account.currency.code}")
                    (line,) = partial_close([charge], world.relationships, world.program, Month.of(day)).lines
                    assert stretch.footing is not None
                    settlement = stretch.footing.settlement(kind, is_prepaid=False)
                    assert (stretch.payer, stretch.earner, settlement.ruling) == (line.payer, line.earner, line.rulings[0])


class TestDaysAreThoseOfTheProgram:
    """A partnership that ends late in the evening of the program's zone ends on that day, though its partners came in UTC."""

    @pytest.mark.parametrize(("zone", "last_day"), [("UTC", date(2025, 7, 31)), ("America/New_York", date(2025, 7, 30))])
    def test_an_end(self, zone: str, last_day: date) -> None:
        ends = StatusSince(status=PartnerStatus.ENDED, since=datetime(2025, 8, 1, 2, tzinfo=UTC))
        partner = Partner(id="p-1", names=worlds.BRIGHTSIDE.names, status=(*worlds.BRIGHTSIDE.status, ends))
        usual, partners = worlds.program(), Partners((partner,))
        where = Program(name=usual.name, zone=zone, sites=usual.sites, terms=usual.terms)
        life = ClientRelationship.referred(
            worlds.account(), partner, on=worlds.OPENED_ON, program=where, partners=partners, status=AccountStatus.OPEN
        )
        for day, earns in ((last_day, True), (last_day + timedelta(days=1), False)):
            charge, month = worlds.charge(on=day), Month.of(day)
            totals = close_totals([charge_row(charge)], {"a-1": life}, where, month, partners=partners)
            assert totals == MonthTotals.of(close_month([charge], {"a-1": life}, where, month, partners=partners))
            assert bool(totals.statements) is earns


class TestTheExample:
    """The example program comes to the same in sums, in every month of it."""

    def test_every_month(self) -> None:
        books = example_books()
        last = books.last_month
        assert last is not None
        footings = Footings(program=books.program, partners=books.partners)
        stretches = {key: footings.stretches_of(life, until=last.period.end) for key, life in books.relationships.items()}
        charges = sorted(books.charges, key=attrgetter("account"))
        place = {one.id: number for number, one in enumerate(charges)}
        partial = partial_totals(
            map(charge_row, charges),
            stretches,
            program=books.program,
            partners=books.partners,
            through=last,
            receipts=map(cash_row, sorted(books.receipts, key=lambda one: place[one.charge])),
            refunds=map(cash_row, sorted(books.refunds, key=lambda one: place[one.charge])),
        )
        partial = partial.merge(
            partner_totals(
                program=books.program,
                partners=books.partners,
                through=last,
                payments=map(partner_row, books.payments),
                disbursements=map(partner_row, books.disbursements),
                entries=map(partner_row, books.entries),
            )
        )
        for close in books.closes(last):
            totals = finish_totals(partial, month=close.month, program=books.program, partners=books.partners)
            assert totals == MonthTotals.of(close)


def faults_of(world: World, *charges: Charge, receipts: Iterable[CashRow] = (), refunds: Iterable[CashRow] = ()) -> list[str]:
    """Give what is told of charges of a world."""
    with pytest.raises(InvalidRecords) as told:
        partial_totals(
            map(charge_row, charges),
            stretches_of(world),
            program=world.program,
            partners=PARTNERS,
            through=worlds.LAST_MONTH,
            receipts=receipts,
            refunds=refunds,
        )
    return [f"{fault.source} {fault.path} {fault.message}" for fault in told.value.faults]


class TestWhatCannotBePosted:
    """All that is wrong is told, each with its row, and nothing is summed up."""

    where = worlds.program()
    first, second = worlds.account("a-1"), worlds.account("a-2")
    world = World(program=where, relationships={"a-1": worlds.referred(first, where), "a-2": worlds.enrolled(second, where)})

    def test_an_account_that_comes_back(self) -> None:
        charges = [worlds.charge(f"c-{place}", account_id=account) for place, account in enumerate(("a-1", "a-2", "a-1"))]
        (told,) = faults_of(self.world, *charges)
        assert told == "charges a-1 comes back after another account: sort the charges by account"

    def test_an_account_without_a_relationship(self) -> None:
        (told,) = faults_of(self.world, worlds.charge(account_id="a-9"))
        assert told == "charges c-1 is of the account 'a-9', which has no relationship: give its first event"

    def test_a_day_before_the_account(self) -> None:
        (told,) = faults_of(self.world, worlds.charge(on=worlds.OPENED_ON - timedelta(days=1)))
        assert "nothing is known of a-1 on that day" in told

    def test_another_currency(self) -> None:
        (told,) = faults_of(self.world, worlds.charge(amount="100 JPY"))
        assert told == "charges c-1 is in JPY, but a-1 is billed in USD: an account's currency is fixed"

    def test_a_charge_of_a_trial(self) -> None:
        trial = ClientRelationship.referred(self.first, worlds.BRIGHTSIDE, on=worlds.OPENED_ON, program=self.where, partners=PARTNERS)
        (told,) = faults_of(World(program=self.where, relationships={"a-1": trial}), worlds.charge())
        assert "a trial is not charged, convert it first" in told

    def test_one_id_twice(self) -> None:
        told = faults_of(self.world, worlds.charge(), worlds.charge(item="another", on=date(2025, 8, 9)))
        assert told == ["charges c-1 comes twice: give each an id of its own"]

    def test_the_same_thing_twice(self) -> None:
        told = faults_of(self.world, worlds.charge("c-1", item="lite"), worlds.charge("c-2", item="lite"))
        assert told == ["charges c-2 is billed already by the charge c-1, for the same thing: bill it once"]

    def test_days_billed_twice(self) -> None:
        (told,) = faults_of(self.world, worlds.charge("c-1", item="lite"), worlds.charge("c-2", item="lite", on=date(2025, 8, 9)))
        assert told.startswith("charges c-2 is 2025-08-09/2025-09-08, and c-1 bills 'lite' for 2025-08-08/2025-09-07")

    def test_two_add_ons_of_the_same_days_are_two(self) -> None:
        charges = [worlds.charge(f"c-{place}", item=item, kind=ChargeKind.ADD_ON) for place, item in enumerate(("texts", "seats"))]
        with pytest.raises(InvalidRecords):
            partial_totals(
                map(charge_row, [*charges, charges[0]]),
                stretches_of(self.world),
                program=self.where,
                partners=PARTNERS,
                through=worlds.LAST_MONTH,
            )

    @pytest.mark.parametrize(
        ("cash", "told"),
        [
            (("r-1", "c-9", 1, "USD", date(2025, 8, 9)), "is for 'c-9', which is no charge, or of an account that came before"),
            (("r-1", "c-1", 10_001, "USD", date(2025, 8, 9)), "brings the charge c-1 to 100.01 USD, more than the 100.00 USD"),
            (("r-1", "c-1", 1, "JPY", date(2025, 8, 9)), "is in JPY, but the charge c-1 is in USD"),
            (("r-1", "c-1", 1, "USD", date(2025, 8, 7)), "is of 2025-08-07, before the charge c-1 of 2025-08-08"),
        ],
    )
    def test_cash_that_does_not_fit(self, cash: CashRow, told: str) -> None:
        (receipt,) = faults_of(self.world, worlds.charge(), receipts=[cash])
        assert receipt.startswith(f"receipts r-1 {told}")
        (refund,) = faults_of(self.world, worlds.charge(), refunds=[cash])
        assert refund.startswith(f"refunds r-1 {told}")

    def test_a_receipt_for_what_a_partner_pays(self) -> None:
        (told,) = faults_of(self.world, worlds.charge(account_id="a-2"), receipts=[("r-1", "c-1", 1, "USD", date(2025, 8, 9))])
        assert told == "receipts r-1 is for c-1, which p-1 pays by Single Bill: record a payment of the partner"

    def test_a_refund_of_cash_that_never_came(self) -> None:
        where = worlds.program(worlds.terms(share={"recognized": Recognition.ON_CASH}))
        world = World(program=where, relationships={"a-1": worlds.referred(self.first, where)})
        (told,) = faults_of(world, worlds.charge(), refunds=[("f-1", "c-1", 1, "USD", date(2025, 8, 9))])
        assert told == "refunds f-1 brings c-1 to 0.01 USD given back by 2025-08-09, of 0.00 USD received: record the cash first"

    def test_cash_before_its_charge_of_a_later_month(self) -> None:
        charge, life = worlds.charge(on=date(2025, 9, 8)), self.world.relationships["a-1"]
        cash: list[CashRow] = [("x-1", "c-1", 1, "USD", date(2025, 8, 9))]
        with pytest.raises(InvalidRecords) as told:
            close_totals([charge_row(charge)], {"a-1": life}, self.where, AUGUST, partners=PARTNERS, receipts=cash, refunds=cash)
        message = "is of 2025-08-09, before the charge c-1 of 2025-09-08: correct one of the two"
        assert told.value.faults == tuple(Fault(source=name, path="x-1", message=message) for name in ("receipts", "refunds"))

    def test_days_of_a_later_month_billed_twice_wait_for_that_month(self) -> None:
        add_ons = [worlds.charge(f"c-{day}", item="texts", kind=ChargeKind.ADD_ON, on=date(2025, 8, day)) for day in (8, 9)]
        plans = [worlds.charge(f"d-{day}", item="lite", on=date(2025, 9, day)) for day in (8, 9)]
        rows, lives = [*map(charge_row, (*add_ons, *plans))], self.world.relationships
        assert close_totals(rows, lives, self.where, AUGUST, partners=PARTNERS) == MonthTotals.of(
            close_month(add_ons, lives, self.where, AUGUST, partners=PARTNERS)
        )
        with pytest.raises(InvalidRecords, match="d-9: is 2025-09-09"):
            close_totals(rows, lives, self.where, AUGUST.next(), partners=PARTNERS)

    def test_a_hundred_faults_are_enough(self) -> None:
        assert len(faults_of(self.world, *(worlds.charge(f"c-{place}", account_id=f"b-{place}") for place in range(150)))) == 100

    def test_a_record_of_no_partner_and_one_that_comes_twice(self) -> None:
        rows = [(record, partner, 1, "USD", date(2025, 8, 9), "") for record, partner in (("d-1", "p-1"), ("d-1", "p-1"), ("d-2", "p-9"))]
        with pytest.raises(InvalidRecords) as told:
            partner_totals(program=self.where, partners=PARTNERS, through=worlds.LAST_MONTH, disbursements=rows)
        assert [(fault.path, fault.message.partition(":")[0]) for fault in told.value.faults] == [
            ("d-1", "comes twice"),
            ("d-2", "is of 'p-9', which is no partner"),
        ]

    @pytest.mark.parametrize("name", ["rate", "rounding", "recognized"])
    def test_a_term_that_is_needed_and_missing(self, name: str) -> None:
        where = worlds.program(worlds.terms(share={name: ...}))
        world = World(program=where, relationships={"a-1": worlds.referred(self.first, where)})
        with pytest.raises(TermMissing, match=f"share.{name}"):
            partial_totals([charge_row(worlds.charge())], stretches_of(world), program=where, partners=PARTNERS, through=worlds.LAST_MONTH)

    def test_a_sum_that_no_column_holds(self) -> None:
        key = ("p-1", "USD", month_number(worlds.FIRST_MONTH))
        partial = PartialTotals(sums={key: (1, LARGEST + 1, *(0,) * (len(SUMS) - 2))})
        with pytest.raises(InvalidValue, match="gross of p-1 in 2025-07 is"):
            list(partial.rows())

    def test_sums_of_nobody(self) -> None:
        key = ("p-9", "USD", month_number(worlds.FIRST_MONTH))
        with pytest.raises(InvalidValue, match="'p-9', which is no partner"):
            finished(PartialTotals(sums={key: (0,) * len(SUMS)}), self.world, worlds.FIRST_MONTH)


class TestWhatChangesMeanwhile:
    """Terms, contracts, partners and accounts change in the middle of months, and the sums are those of the close, or refused as it is."""

    @given(drawn=worlds.changing_worlds())
    @settings(max_examples=300)
    def test_the_sums_are_those_of_the_close(self, drawn: tuple[World, Partners]) -> None:
        world, partners = drawn
        charges = sorted(world.charges, key=attrgetter("account"))
        closes: list[Close] = []
        try:
            for month in worlds.months():
                previous = closes[-1] if closes else None
                closes.append(
                    close_month(world.charges_of(month), world.relationships, world.program, month, partners=partners, previous=previous)
                )
        except PartnerkitError:
            with pytest.raises(PartnerkitError):
                close_totals(map(charge_row, charges), world.relationships, world.program, worlds.LAST_MONTH, partners=partners)
            return
        for close in closes:
            totals = close_totals(map(charge_row, charges), world.relationships, world.program, close.month, partners=partners)
            assert totals == MonthTotals.of(close)
