"""Relationships: every transition with its guard, four timelines kept apart, and laws that hold after any history."""

import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from partnerkit.errors import InvalidValue, NoTermsInForce, PartnerkitError, Refused, TermMissing
from partnerkit.events import Event, EventKind, HoldCause
from partnerkit.links import VendorSites
from partnerkit.money import Currency
from partnerkit.partners import (
    Account,
    AccountStatus,
    BillingMode,
    Management,
    NameAlias,
    Origin,
    Partner,
    PartnerName,
    Partners,
    PartnerStatus,
    SingleBillSetup,
    SingleBillSince,
    StatusSince,
)
from partnerkit.policies import EndedBy
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.terms import NOT_AGREED, BonusFrom, BonusTerms, ManagementTerms, SingleBillTerms, Terms, TermsHistory
from partnerkit.transitions import Life, PendingRequest, Timeline

TRIAL, EXPIRED, OPEN = AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED, AccountStatus.OPEN
PENDING, SUSPENDED = AccountStatus.PENDING_CANCELLATION, AccountStatus.SUSPENDED
OWES, HELD, CANCELED = AccountStatus.BALANCE_DUE, AccountStatus.COMPLIANCE_HOLD, AccountStatus.CANCELED
ONE_DAY = timedelta(days=1)

START = date(2025, 1, 10)
"""The day every account here is opened on."""
LEAVES_ON = date(2025, 9, 1)
"""The day on which the partnership of `LEAVING` ends."""

ACCOUNT = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=datetime(2025, 1, 10, 12, tzinfo=UTC), anchor_day=10)
BRIGHTSIDE = Partner.of("p-1", "brightside", bill_day=5)
NORTHLIGHT = Partner.of("p-2", "northlight", bill_day=31)
PLAIN = Partner.of("p-3", "plain")
LEAVING = Partner(
    id="p-4",
    names=(NameAlias(name=PartnerName("leaving")),),
    status=(
        StatusSince(status=PartnerStatus.ACTIVE),
        StatusSince(status=PartnerStatus.ENDED, since=datetime(2025, 9, 1, tzinfo=UTC)),
    ),
    single_bill=(SingleBillSince(setup=SingleBillSetup(bill_day=1)),),
)
PAUSED = Partner(id="p-5", names=(NameAlias(name=PartnerName("paused")),), status=(StatusSince(status=PartnerStatus.SUSPENDED),))
PARTNERS = Partners((BRIGHTSIDE, NORTHLIGHT, PLAIN, LEAVING, PAUSED))


def program(management: ManagementTerms | None = None, **sections: Any) -> Program:
    agreed = ManagementTerms(request_expires_days=30, move_in_sender_days=60, partner_may_end=True)
    terms = Terms(
        starts_on=date(2024, 1, 1),
        source="invented for the tests",
        management=agreed if management is None else management,
        **({"single_bill": SingleBillTerms(join_with_balance_due=False)} | sections),
    )
    return Program(name="tests", zone="UTC", sites=VendorSites(("vendor.example",)), terms=TermsHistory((terms,)))


PROGRAM = program()


PAPERS: dict[str, Any] = {"written_request": True, "consent": True, "sender_on_account": True}
"""All that a move asks for (44017)."""


def day(number: int) -> date:
    """Give the day so many days after the account was opened."""
    return START + timedelta(days=number)


def opened(status: AccountStatus = OPEN, in_program: Program = PROGRAM) -> ClientRelationship:
    return ClientRelationship.opened(ACCOUNT, on=START, program=in_program, partners=PARTNERS, status=status)


def referred(status: AccountStatus = OPEN, partner: Partner = BRIGHTSIDE, in_program: Program = PROGRAM) -> ClientRelationship:
    return ClientRelationship.referred(ACCOUNT, partner, on=START, program=in_program, partners=PARTNERS, status=status)


def managed(status: AccountStatus = OPEN, partner: Partner = BRIGHTSIDE, in_program: Program = PROGRAM) -> ClientRelationship:
    return ClientRelationship.managed(ACCOUNT, partner, on=START, program=in_program, partners=PARTNERS, status=status)


def enrolled(status: AccountStatus = OPEN, partner: Partner = BRIGHTSIDE) -> ClientRelationship:
    return managed(status, partner).join_single_bill(START)


def refused(act: Callable[[], object]) -> tuple[str, ...]:
    """Do what the rules refuse, and give the clauses that did."""
    with pytest.raises(Refused) as caught:
        act()
    because: tuple[str, ...] = caught.value.ruling.because
    return because


class TestBeginnings:
    """G-01, G-02, G-03, L-01, L-02: how an account comes into being, with whom it is, and how it stands."""

    def test_referred_by_a_link(self) -> None:
        standing = referred(TRIAL).standing_on(START)
        assert (standing.credited_to, standing.managed_by, standing.payer) == (BRIGHTSIDE, None, None)
        assert (standing.management, standing.origin, standing.status) == (Management.REFERRED, Origin.LINK, TRIAL)
        assert standing.billing_mode is BillingMode.DIRECT

    def test_created_by_the_partner_without_anybodys_approval(self) -> None:
        standing = managed().standing_on(START)
        assert (standing.credited_to, standing.managed_by, standing.payer) == (BRIGHTSIDE, BRIGHTSIDE, None)
        assert (standing.management, standing.origin, standing.status) == (Management.MANAGED, Origin.PARTNER_CREATED, OPEN)

    def test_opened_outside_the_program(self) -> None:
        standing = opened().standing_on(START)
        assert (standing.credited_to, standing.management, standing.origin) == (None, None, Origin.UNKNOWN)

    def test_moved_in_it_is_referred_and_no_more(self) -> None:
        moved = ClientRelationship.moved_in(
            ACCOUNT, BRIGHTSIDE, on=day(5), program=PROGRAM, partners=PARTNERS, written_request=True, consent=True, sender_on_account=False
        )
        standing = moved.standing_on(day(5))
        assert (standing.credited_to, standing.management, standing.origin) == (BRIGHTSIDE, Management.REFERRED, Origin.MOVED_IN)
        assert moved.started_on == day(5)

    @pytest.mark.parametrize(
        ("papers", "on", "clause"),
        [
            ({"written_request": False}, 5, "MOVE-NO-REQUEST"),
            ({"consent": False}, 5, "MOVE-NO-CONSENT"),
            ({"sender_on_account": False}, 61, "MOVE-SENDER"),
        ],
    )
    def test_a_move_without_its_papers_is_refused(self, papers: dict[str, bool], on: int, clause: str) -> None:
        all_papers = PAPERS | papers

        def move() -> ClientRelationship:
            return ClientRelationship.moved_in(ACCOUNT, BRIGHTSIDE, on=day(on), program=PROGRAM, partners=PARTNERS, **all_papers)

        assert clause in refused(move)

    def test_on_the_sixtieth_day_any_sender_will_do(self) -> None:
        """Q-43: the rule speaks of accounts more than 60 days old."""
        papers = PAPERS | {"sender_on_account": False}
        moved = ClientRelationship.moved_in(ACCOUNT, BRIGHTSIDE, on=day(60), program=PROGRAM, partners=PARTNERS, **papers)
        assert moved.standing_on(day(60)).credited_to == BRIGHTSIDE

    def test_an_inactive_partnership_takes_nobody_in(self) -> None:
        assert refused(lambda: ClientRelationship.moved_in(ACCOUNT, PAUSED, on=START, program=PROGRAM, partners=PARTNERS, **PAPERS)) == (
            "MOVE-PARTNER-INACTIVE",
        )

    def test_an_account_that_was_outside_is_moved_in_later(self) -> None:
        event = Event(account="a-1", kind=EventKind.MOVED_IN, on=day(9), partner="p-1", **PAPERS)
        moved = ClientRelationship.replay(ACCOUNT, (*opened().events, event), program=PROGRAM, partners=PARTNERS)
        assert moved.standing_on(day(8)).management is None
        assert moved.standing_on(day(9)).management is Management.REFERRED
        assert moved.standing_on(day(9)).status is OPEN

    def test_a_later_move_sets_no_status(self) -> None:
        event = Event(account="a-1", kind=EventKind.MOVED_IN, on=day(9), partner="p-1", status=TRIAL, **PAPERS)
        with pytest.raises(InvalidValue, match="only a first event sets"):
            ClientRelationship.replay(ACCOUNT, (*opened().events, event), program=PROGRAM, partners=PARTNERS)

    def test_nobody_creates_a_managed_account_after_its_partnership_ended(self) -> None:
        with pytest.raises(InvalidValue, match="MANAGER-NOT-ENDED"):
            ClientRelationship.managed(ACCOUNT, LEAVING, on=LEAVES_ON, program=PROGRAM, partners=PARTNERS)


class TestManagement:
    """G-04 to G-07: a partner asks, the account holder grants, and either can end it."""

    def test_asked_granted_and_owned_from_that_day(self) -> None:
        client = referred().request_management(day(3)).approve_management(day(7), consent=True)
        assert [client.standing_on(day(number)).request_pending for number in (2, 3, 6, 7)] == [False, True, True, False]
        assert client.standing_on(day(6)).management is Management.REFERRED
        assert client.standing_on(day(7)).managed_by == BRIGHTSIDE

    @pytest.mark.parametrize(
        ("before", "clause"),
        [
            (managed, "REQUEST-MANAGED"),
            (lambda: referred().request_management(START), "REQUEST-PENDING"),
            (lambda: referred(partner=PAUSED), "REQUEST-PARTNER-INACTIVE"),
        ],
        ids=["managed", "pending", "inactive"],
    )
    def test_a_request_is_refused(self, before: Callable[[], ClientRelationship], clause: str) -> None:
        assert refused(lambda: before().request_management(day(1))) == (clause,)

    def test_an_account_outside_is_moved_in_first(self) -> None:
        assert refused(lambda: opened().request_management(day(1), partner="p-1")) == ("REQUEST-OUTSIDE",)

    def test_nobody_asks_for_an_account_of_nobody(self) -> None:
        with pytest.raises(InvalidValue, match=r"request_management of a-1 on 2025-01-11 is about no partner.*name the partner"):
            opened().request_management(day(1))

    def test_a_request_is_withdrawn_once(self) -> None:
        client = referred().request_management(day(1)).withdraw_request(day(2))
        assert not client.standing_on(day(2)).request_pending
        assert refused(lambda: client.withdraw_request(day(3))) == ("WITHDRAW-NONE",)
        assert client.request_management(day(3)).standing_on(day(3)).request_pending

    def test_no_approval_without_request(self) -> None:
        assert refused(lambda: referred().approve_management(day(1), consent=True)) == ("APPROVE-NO-REQUEST",)
        assert refused(lambda: managed().approve_management(day(1), consent=True)) == ("APPROVE-NO-REQUEST",)

    def test_no_approval_without_consent(self) -> None:
        asked = referred().request_management(day(1))
        assert refused(lambda: asked.approve_management(day(2), consent=False)) == ("APPROVE-NO-CONSENT",)

    @pytest.mark.parametrize(("waited", "lapsed"), [(30, False), (31, True)])
    def test_a_request_lapses_after_the_days_of_the_terms(self, waited: int, lapsed: bool) -> None:
        asked = referred().request_management(day(1))
        if lapsed:
            assert refused(lambda: asked.approve_management(day(1 + waited), consent=True)) == ("APPROVE-LAPSED",)
        else:
            assert asked.approve_management(day(1 + waited), consent=True).managed_by.on(day(1 + waited)) == "p-1"

    def test_where_lapsing_is_not_agreed_a_request_waits_for_ever(self) -> None:
        patient = program(ManagementTerms(request_expires_days=NOT_AGREED))
        asked = referred(in_program=patient).request_management(day(1))
        assert asked.approve_management(day(900), consent=True).managed_by.on(day(900)) == "p-1"

    def test_where_lapsing_is_not_said_the_term_is_missing(self) -> None:
        asked = referred(in_program=program(ManagementTerms())).request_management(day(1))
        with pytest.raises(TermMissing) as caught:
            asked.approve_management(day(2), consent=True)
        assert caught.value.term == "management.request_expires_days"

    def test_a_partner_that_left_meanwhile_is_not_granted(self) -> None:
        asked = referred(partner=LEAVING).request_management(LEAVES_ON - ONE_DAY)
        assert refused(lambda: asked.approve_management(LEAVES_ON, consent=True)) == ("APPROVE-PARTNER-INACTIVE",)

    @pytest.mark.parametrize("ended_by", EndedBy)
    def test_either_side_ends_it_and_the_account_is_referred_again(self, ended_by: EndedBy) -> None:
        standing = managed().end_management(day(9), ended_by=ended_by).standing_on(day(9))
        assert (standing.management, standing.managed_by, standing.credited_to) == (Management.REFERRED, None, BRIGHTSIDE)

    @pytest.mark.parametrize("ended_by", EndedBy)
    def test_what_is_not_managed_has_no_management_to_end(self, ended_by: EndedBy) -> None:
        assert refused(lambda: referred().end_management(day(9), ended_by=ended_by)) == ("END-NOT-MANAGED",)

    def test_whether_the_partner_alone_may_is_a_term(self) -> None:
        client = managed(in_program=program(ManagementTerms(partner_may_end=False)))
        assert refused(lambda: client.end_management(day(9), ended_by=EndedBy.PARTNER)) == ("END-PARTNER-MAY-NOT",)
        silent = managed(in_program=program(ManagementTerms()))
        with pytest.raises(TermMissing, match=r"management\.partner_may_end"):
            silent.end_management(day(9), ended_by=EndedBy.PARTNER)
        assert silent.end_management(day(9), ended_by=EndedBy.CLIENT).managed_by.on(day(9)) is None

    def test_only_the_credited_partner_asks_and_so_becomes_the_manager(self) -> None:
        """K-29: access is granted to "a partner who referred you"."""
        assert refused(lambda: referred().request_management(day(1), partner="p-2")) == ("REQUEST-OTHERS-CLIENT",)
        moved = referred().transfer("p-2", day(1), **PAPERS)
        assert refused(lambda: moved.request_management(day(2), partner="p-1")) == ("REQUEST-OTHERS-CLIENT",)
        client = moved.request_management(day(2)).approve_management(day(3), consent=True)
        assert client.credited.on(day(3)) == client.managed_by.on(day(3)) == "p-2"

    def test_the_partners_own_contract_decides_before_the_programs(self) -> None:
        stricter = ManagementTerms(partner_may_end=False, request_expires_days=5, move_in_sender_days=60)
        own = Terms(starts_on=date(2024, 1, 1), source="p-2 agreement", management=stricter)
        contracts = Program(
            name="tests",
            zone="UTC",
            sites=VendorSites(("vendor.example",)),
            terms=PROGRAM.terms,
            partner_terms=(("p-2", TermsHistory((own,))),),
        )
        asked = referred(partner=NORTHLIGHT, in_program=contracts).request_management(day(1))
        assert refused(lambda: asked.approve_management(day(7), consent=True)) == ("APPROVE-LAPSED",)
        client = asked.approve_management(day(6), consent=True)
        assert refused(lambda: client.end_management(day(7), ended_by=EndedBy.PARTNER)) == ("END-PARTNER-MAY-NOT",)
        moved = client.transfer("p-1", day(7), **PAPERS).request_management(day(8)).approve_management(day(20), consent=True)
        assert moved.end_management(day(21), ended_by=EndedBy.PARTNER).managed_by.on(day(21)) is None


class TestTheEndOfAPartnership:
    """An ended partnership manages nothing: the standing is refused until the management was ended by name, on that very day."""

    def test_refused_where_nobody_ended_the_management(self) -> None:
        client = enrolled(partner=LEAVING)
        assert client.standing_on(LEAVES_ON - ONE_DAY).payer == LEAVING
        with pytest.raises(InvalidValue, match="an ended partnership manages no account"):
            client.standing_on(LEAVES_ON)

    def test_healed_by_ending_it_on_that_day(self) -> None:
        client = enrolled(partner=LEAVING).end_management(LEAVES_ON, ended_by=EndedBy.PROGRAM)
        standing = client.standing_on(LEAVES_ON)
        assert (standing.management, standing.payer, standing.credited_to) == (Management.REFERRED, None, LEAVING)
        assert client.standing_on(LEAVES_ON - ONE_DAY).managed_by == LEAVING

    def test_a_day_later_is_too_late(self) -> None:
        with pytest.raises(InvalidValue, match="MANAGER-NOT-ENDED"):
            enrolled(partner=LEAVING).end_management(LEAVES_ON + ONE_DAY, ended_by=EndedBy.PROGRAM)

    def test_nothing_else_happens_to_it_that_day_before(self) -> None:
        with pytest.raises(InvalidValue, match="MANAGER-NOT-ENDED"):
            enrolled(partner=LEAVING).cancel(LEAVES_ON)

    def test_it_ends_once(self) -> None:
        client = managed(partner=LEAVING).end_management(LEAVES_ON, ended_by=EndedBy.PROGRAM)
        assert refused(lambda: client.end_management(LEAVES_ON, ended_by=EndedBy.PROGRAM)) == ("END-NOT-MANAGED",)

    def test_what_became_managed_that_day_ends_that_day(self) -> None:
        client = referred().request_management(day(1)).approve_management(day(2), consent=True)
        assert client.end_management(day(2), ended_by=EndedBy.PROGRAM).managed_by.on(day(2)) is None

    def test_an_account_can_go_to_another_partner_that_day(self) -> None:
        moved = managed(partner=LEAVING).transfer("p-1", LEAVES_ON, **PAPERS)
        assert moved.standing_on(LEAVES_ON).credited_to == BRIGHTSIDE


class TestSingleBill:
    """B1 to B9: the managing partner, and nobody else, takes over the bill of an account it manages."""

    def test_b2_b3_a_managed_account_joins_even_on_the_day_it_is_created(self) -> None:
        standing = enrolled(TRIAL).standing_on(START)
        assert (standing.billing_mode, standing.payer, standing.credited_to) == (BillingMode.SINGLE_BILL, BRIGHTSIDE, BRIGHTSIDE)

    @pytest.mark.parametrize(
        ("before", "partner", "clause"),
        [
            (lambda: managed(partner=PLAIN), None, "JOIN-NO-SETUP"),
            (referred, None, "JOIN-MANAGED-ONLY"),
            (opened, "p-1", "JOIN-MANAGED-ONLY"),
            (managed, "p-2", "JOIN-OTHERS-CLIENT"),
            (enrolled, None, "JOIN-ALREADY"),
            (lambda: managed(SUSPENDED), None, "JOIN-SUSPENDED"),
            (lambda: managed(OWES), None, "JOIN-BALANCE-DUE"),
            (lambda: managed(CANCELED), None, "JOIN-NOT-OPEN"),
            (lambda: managed(HELD), None, "JOIN-NOT-OPEN"),
            (lambda: managed(AccountStatus.UNKNOWN), None, "JOIN-NOT-OPEN"),
            (lambda: managed(partner=PAUSED), None, "JOIN-PARTNER-INACTIVE"),
        ],
        ids=["setup", "referred", "outside", "other", "already", "suspended", "owes", "canceled", "held", "unknown", "paused"],
    )
    def test_b1_b2_it_is_refused_to_join(self, before: Callable[[], ClientRelationship], partner: str | None, clause: str) -> None:
        assert clause in refused(lambda: before().join_single_bill(day(1), partner=partner))

    def test_b5_a_past_due_account_stays_open_and_on_single_bill(self) -> None:
        client = enrolled()
        assert refused(lambda: client.hold(day(40), cause=HoldCause.BALANCE_DUE)) == ("STATUS-NO-WAY",)
        standing = client.standing_on(day(400))
        assert (standing.billing_mode, standing.payer, standing.status) == (BillingMode.SINGLE_BILL, BRIGHTSIDE, OPEN)

    def test_held_for_compliance_it_stays_on_single_bill_and_comes_back_there(self) -> None:
        client = enrolled(TRIAL).hold(day(3), cause=HoldCause.COMPLIANCE).resume(day(9))
        assert [client.standing_on(day(number)).status for number in (2, 3, 9)] == [TRIAL, HELD, TRIAL]
        assert client.payer.entries == ((START, "p-1"),)

    def test_what_was_suspended_before_its_hold_is_suspended_still_and_cannot_join(self) -> None:
        """K-47: a suspended account can be added again once it is reactivated."""
        welcome = program(single_bill=SingleBillTerms(join_with_balance_due=True))
        held = managed(in_program=welcome).suspend(day(1)).hold(day(2), cause=HoldCause.BALANCE_DUE)
        assert refused(lambda: held.join_single_bill(day(3))) == ("JOIN-SUSPENDED",)
        resumed = held.resume(day(3)).resume(day(3)).join_single_bill(day(3))
        assert resumed.standing_on(day(3)).billing_mode is BillingMode.SINGLE_BILL
        owing = managed(in_program=welcome).hold(day(2), cause=HoldCause.BALANCE_DUE).join_single_bill(day(3))
        assert owing.resume(day(4)).standing_on(day(4)).status is OPEN

    def test_b6_b7_it_leaves_and_joins_again(self) -> None:
        client = enrolled().leave_single_bill(day(5)).join_single_bill(day(9))
        modes = [client.standing_on(day(number)).billing_mode for number in (4, 5, 8, 9)]
        assert modes == [BillingMode.SINGLE_BILL, BillingMode.DIRECT, BillingMode.DIRECT, BillingMode.SINGLE_BILL]

    def test_b6_what_is_not_on_it_cannot_leave_it(self) -> None:
        assert refused(lambda: managed().leave_single_bill(day(1))) == ("LEAVE-NOT-ON",)

    @pytest.mark.parametrize("ended_by", EndedBy)
    def test_b8_the_end_of_management_takes_it_off_the_same_day(self, ended_by: EndedBy) -> None:
        client = enrolled().end_management(day(5), ended_by=ended_by)
        assert client.standing_on(day(4)).payer == BRIGHTSIDE
        assert client.standing_on(day(5)).billing_mode is BillingMode.DIRECT

    def test_a_transfer_and_a_departure_take_it_off_the_same_day(self) -> None:
        assert enrolled().transfer("p-2", day(5), **PAPERS).payer.on(day(5)) is None
        assert enrolled().leave_program(day(5)).payer.on(day(5)) is None

    def test_canceled_it_leaves_and_reopened_it_does_not_return_by_itself(self) -> None:
        client = enrolled().cancel(day(5)).reactivate(day(9))
        assert [client.payer.on(day(number)) for number in (4, 5, 9)] == ["p-1", None, None]

    def test_suspended_only_after_it_left(self) -> None:
        assert refused(lambda: enrolled().suspend(day(3))) == ("SUSPEND-SINGLE-BILL",)
        assert enrolled().leave_single_bill(day(3)).suspend(day(3)).standing_on(day(3)).status is SUSPENDED


class TestTransferAndDeparture:
    """G-08, G-09: another partnership, or none."""

    def test_a_transfer_ends_credit_management_and_request_of_the_first_partner(self) -> None:
        client = managed().transfer("p-2", day(5), **PAPERS)
        standing = client.standing_on(day(5))
        assert (standing.credited_to, standing.managed_by, standing.origin) == (NORTHLIGHT, None, Origin.MOVED_IN)
        assert client.standing_on(day(4)).credited_to == BRIGHTSIDE
        asked = referred().request_management(day(1)).transfer("p-2", day(5), **PAPERS)
        assert not asked.standing_on(day(5)).request_pending

    @pytest.mark.parametrize(
        ("to", "papers", "clause"),
        [
            ("p-2", {"consent": False}, "MOVE-NO-CONSENT"),
            ("p-2", {"written_request": False}, "MOVE-NO-REQUEST"),
            ("p-2", {"sender_on_account": False}, "MOVE-SENDER"),
            ("p-1", {}, "MOVE-SAME-PARTNER"),
            ("p-5", {}, "MOVE-PARTNER-INACTIVE"),
        ],
    )
    def test_a_transfer_is_refused(self, to: str, papers: dict[str, bool], clause: str) -> None:
        assert refused(lambda: managed().transfer(to, day(61), **PAPERS | papers)) == (clause,)

    @pytest.mark.parametrize("paper", PAPERS)
    def test_no_paper_of_a_transfer_is_assumed(self, paper: str) -> None:
        stated = {name: value for name, value in PAPERS.items() if name != paper}
        with pytest.raises(TypeError, match=paper):
            managed().transfer("p-2", day(5), **stated)

    @pytest.mark.parametrize("begin", [referred, managed, enrolled])
    def test_it_leaves_the_program_with_everything(self, begin: Callable[[], ClientRelationship]) -> None:
        client = begin().leave_program(day(5))
        standing = client.standing_on(day(5))
        assert (standing.credited_to, standing.managed_by, standing.payer, standing.management) == (None, None, None, None)
        assert standing.status is OPEN
        assert refused(lambda: client.leave_program(day(6))) == ("DEPART-OUTSIDE",)


LIVES: dict[str, tuple[Callable[[ClientRelationship], ClientRelationship], AccountStatus, set[AccountStatus]]] = {
    "convert (L-03, L-05)": (lambda client: client.convert(day(1)), OPEN, {TRIAL, EXPIRED}),
    "expire (L-04)": (lambda client: client.expire_trial(day(1)), EXPIRED, {TRIAL}),
    "hold for balance (L-08)": (lambda client: client.hold(day(1), cause=HoldCause.BALANCE_DUE), OWES, {OPEN, SUSPENDED, PENDING}),
    "hold for compliance (L-11)": (
        lambda client: client.hold(day(1), cause=HoldCause.COMPLIANCE),
        HELD,
        set(AccountStatus) - {CANCELED, HELD},
    ),
    "resume (L-09, L-13)": (lambda client: client.resume(day(1)), OPEN, {SUSPENDED, OWES, HELD}),
    "suspend (L-12)": (lambda client: client.suspend(day(1)), SUSPENDED, {OPEN}),
    "schedule (L-14)": (lambda client: client.schedule_cancellation(day(1)), PENDING, {TRIAL, OPEN}),
    "cancel (L-10, L-15)": (lambda client: client.cancel(day(1)), CANCELED, set(AccountStatus) - {CANCELED}),
    "reactivate (L-16)": (lambda client: client.reactivate(day(1)), OPEN, {CANCELED}),
}


class TestTheLifeOfTheAccount:
    """L-01 to L-16: each step from where it is known, and from nowhere else."""

    @pytest.mark.parametrize("status", AccountStatus)
    @pytest.mark.parametrize("name", LIVES)
    def test_every_step_from_every_status(self, name: str, status: AccountStatus) -> None:
        step, to, known_from = LIVES[name]
        client = referred(status)
        if status in known_from:
            after = step(client)
            assert (after.standing_on(START).status, after.standing_on(day(1)).status) == (status, to)
        else:
            assert refused(lambda: step(client)) == ("SUSPEND-NOT-OPEN" if name.startswith("suspend") else "STATUS-NO-WAY",)

    @pytest.mark.parametrize("status", AccountStatus)
    def test_l_x1_nothing_leads_back_to_a_trial(self, status: AccountStatus) -> None:
        if status is not TRIAL:
            assert all(to is not TRIAL for _, to, _ in LIVES.values())

    @pytest.mark.parametrize(("on", "allowed"), [(date(2025, 3, 9), False), (date(2025, 3, 10), True)])
    def test_no_second_suspension_before_one_full_bill(self, on: date, allowed: bool) -> None:
        client = referred().suspend(date(2025, 1, 20)).resume(date(2025, 2, 15))
        if allowed:
            assert client.suspend(on).standing_on(on).status is SUSPENDED
        else:
            assert refused(lambda: client.suspend(on)) == ("SUSPEND-TOO-SOON",)

    def test_a_suspension_of_less_than_a_day_counts_as_one(self) -> None:
        client = referred().suspend(day(1)).resume(day(1))
        assert refused(lambda: client.suspend(day(1))) == ("SUSPEND-TOO-SOON",)

    def test_a_hold_during_the_suspension_does_not_hide_it(self) -> None:
        client = referred().suspend(date(2025, 1, 20)).hold(date(2025, 2, 1), cause=HoldCause.BALANCE_DUE).resume(date(2025, 2, 5))
        assert client.status.on(date(2025, 2, 5)) is SUSPENDED
        opened_again = client.resume(date(2025, 2, 15))
        assert refused(lambda: opened_again.suspend(date(2025, 2, 20))) == ("SUSPEND-TOO-SOON",)

    @pytest.mark.parametrize(
        ("before", "cause"),
        [
            *((status, HoldCause.COMPLIANCE) for status in AccountStatus if status not in {CANCELED, HELD}),
            *((status, HoldCause.BALANCE_DUE) for status in (OPEN, SUSPENDED, PENDING)),
        ],
    )
    @pytest.mark.parametrize("days", [0, 1])
    def test_after_a_hold_it_stands_as_before(self, before: AccountStatus, cause: HoldCause, days: int) -> None:
        """A hold converts no trial, revokes no cancellation and ends no suspension, even on the day the account begins."""
        client = referred(before).hold(day(days), cause=cause).resume(day(5))
        assert client.standing_on(day(4)).status in {OWES, HELD}
        assert client.standing_on(day(5)).status is before

    def test_each_of_two_holds_ends_by_itself(self) -> None:
        twice = referred(PENDING).hold(day(1), cause=HoldCause.BALANCE_DUE).hold(day(2), cause=HoldCause.COMPLIANCE)
        client = twice.resume(day(3)).hold(day(4), cause=HoldCause.COMPLIANCE).resume(day(5)).resume(day(6))
        assert [client.status.on(day(number)) for number in range(1, 7)] == [OWES, HELD, OWES, HELD, OWES, PENDING]
        assert refused(lambda: client.resume(day(7))) == ("STATUS-NO-WAY",)

    def test_what_is_held_and_canceled_comes_back_open_and_forgets_the_hold(self) -> None:
        client = referred(TRIAL).hold(day(1), cause=HoldCause.COMPLIANCE).cancel(day(2)).reactivate(day(3))
        assert client.status.on(day(3)) is OPEN
        again = client.suspend(day(40)).resume(day(41))
        assert again.status.on(day(41)) is OPEN

    def test_where_the_time_before_a_hold_is_not_known_it_opens(self) -> None:
        assert referred(HELD).resume(day(1)).status.on(day(1)) is OPEN

    def test_an_account_that_came_suspended_was_suspended(self) -> None:
        assert refused(lambda: referred(SUSPENDED).resume(day(1)).suspend(day(2))) == ("SUSPEND-TOO-SOON",)


class TestFourTimelines:
    """Credit, ownership, payer and status change each on its own day, and only when it is meant."""

    def test_each_timeline_shows_only_its_own_changes(self) -> None:
        client = (
            referred(TRIAL)
            .convert(day(10))
            .request_management(day(20))
            .approve_management(day(30), consent=True)
            .join_single_bill(day(40))
            .leave_single_bill(day(50))
            .suspend(day(60))
        )
        assert client.credited.entries == ((START, "p-1"),)
        assert client.managed_by.entries == ((START, None), (day(30), "p-1"))
        assert client.payer.entries == ((START, None), (day(40), "p-1"), (day(50), None))
        assert client.status.entries == ((START, TRIAL), (day(10), OPEN), (day(60), SUSPENDED))
        assert client.origin.entries == ((START, Origin.LINK),)
        assert client.request.on(day(29)) == PendingRequest(partner="p-1", since=day(20))

    def test_of_two_changes_on_one_day_the_later_holds(self) -> None:
        client = managed().join_single_bill(day(4)).leave_single_bill(day(4))
        assert client.payer.entries == ((START, None),)

    def test_a_timeline_is_in_order_and_not_empty(self) -> None:
        with pytest.raises(InvalidValue, match="no entry"):
            Timeline(())
        with pytest.raises(InvalidValue, match="in order of time"):
            Timeline(((day(1), "a"), (day(1), "b")))
        with pytest.raises(InvalidValue, match="'a' on 2025-01-12 and already on 2025-01-11: leave out"):
            Timeline(((day(1), "a"), (day(2), "a")))
        with pytest.raises(InvalidValue, match="comes before"):
            Timeline(((day(1), "a"),)).then(day(0), "b")

    def test_a_timeline_knows_nothing_of_the_time_before(self) -> None:
        with pytest.raises(InvalidValue, match=r"^the account a-1 begins on 2025-01-10: nothing is known of it on 2025-01-09$"):
            referred().standing_on(START - ONE_DAY)
        with pytest.raises(InvalidValue, match="nothing is known of 2025-01-09: ask for a day from 2025-01-10 on"):
            referred().payer.on(START - ONE_DAY)

    def test_the_first_day_of_a_value(self) -> None:
        assert referred(TRIAL).convert(day(3)).status.first_day(OPEN) == day(3)
        assert referred(TRIAL).status.first_day(OPEN) is None


class TestHistories:
    """A history is in order, begins once, and speaks of one account and of partners that are known."""

    def replay(self, *events: Event) -> ClientRelationship:
        return ClientRelationship.replay(ACCOUNT, events, program=PROGRAM, partners=PARTNERS)

    def test_replayed_it_is_the_same_value(self) -> None:
        client = enrolled(TRIAL).convert(day(3)).hold(day(9), cause=HoldCause.COMPLIANCE).end_management(day(9), ended_by=EndedBy.CLIENT)
        again = self.replay(*client.events)
        assert again == client
        assert hash(again) == hash(client)
        assert pickle.loads(pickle.dumps(client)) == client  # noqa: S301
        assert again.standing_on(day(9)) == client.standing_on(day(9))

    def test_empty(self) -> None:
        with pytest.raises(InvalidValue, match="the history of a-1 is empty"):
            self.replay()

    def test_without_beginning(self) -> None:
        with pytest.raises(InvalidValue, match="cancel of a-1 on 2025-01-10 is no beginning"):
            self.replay(Event(account="a-1", kind=EventKind.CANCEL, on=START))

    @pytest.mark.parametrize("kind", [EventKind.OPENED, EventKind.REFERRED, EventKind.MANAGED])
    def test_a_second_beginning(self, kind: EventKind) -> None:
        partner = None if kind is EventKind.OPENED else "p-1"
        again = Event(account="a-1", kind=kind, on=day(1), partner=partner, status=OPEN)
        with pytest.raises(InvalidValue, match=f"{kind} of a-1 on 2025-01-11 would begin the account a second time"):
            self.replay(*referred().events, again)

    def test_out_of_order(self) -> None:
        with pytest.raises(InvalidValue, match="cancel of a-1 on 2025-01-12 stands after convert of a-1 on 2025-01-13"):
            referred(TRIAL).convert(day(3)).cancel(day(2))

    def test_of_another_account(self) -> None:
        with pytest.raises(InvalidValue, match="cancel of a-2 on 2025-01-11 stands in the history of a-1"):
            self.replay(*referred().events, Event(account="a-2", kind=EventKind.CANCEL, on=day(1)))

    def test_before_the_opening(self) -> None:
        with pytest.raises(InvalidValue, match="comes before the account was opened on 2025-01-10"):
            self.replay(Event(account="a-1", kind=EventKind.OPENED, on=START - ONE_DAY, status=OPEN))

    @pytest.mark.parametrize(
        "act",
        [
            lambda: referred(partner=Partner.of("p-9", "stranger")),
            lambda: managed(partner=Partner.of("p-9", "stranger")),
            lambda: referred().transfer("p-9", day(1), **PAPERS),
            lambda: referred().request_management(day(1), partner="p-9"),
            lambda: managed().join_single_bill(day(1), partner="p-9"),
        ],
        ids=["referred", "managed", "transfer", "request", "join"],
    )
    def test_an_unknown_partner(self, act: Callable[[], object]) -> None:
        with pytest.raises(InvalidValue, match="names the partner 'p-9', whom nobody knows"):
            act()

    def test_the_day_of_the_opening_is_that_of_the_programs_zone(self) -> None:
        elsewhere = Program(name="tests", zone="Asia/Tokyo", sites=PROGRAM.sites, terms=PROGRAM.terms)
        late = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=datetime(2025, 1, 10, 15, tzinfo=UTC), anchor_day=10)
        with pytest.raises(InvalidValue, match="opened on 2025-01-11"):
            ClientRelationship.opened(late, on=START, program=elsewhere, partners=PARTNERS)

    def test_a_refused_step_changes_nothing(self) -> None:
        client = referred()
        refused(lambda: client.join_single_bill(day(1)))
        assert client == referred()

    def test_a_refusal_says_what_is_not_allowed_and_the_words_it_rests_on(self) -> None:
        with pytest.raises(Refused) as caught:
            referred().join_single_bill(day(1))
        assert str(caught.value) == (
            "join_single_bill of a-1 on 2025-01-11: the rules on single bill enrollment do not allow it: "
            'JOIN-MANAGED-ONLY ("accounts must be managed to be added to your Single Bill" S-35), '
            "JOIN-OTHERS-CLIENT (a partner pays for the accounts it manages, not for another's)"
        )

    @pytest.mark.parametrize(
        ("field", "value"),
        [("account", "a-1"), ("program", None), ("partners", (BRIGHTSIDE,)), ("events", []), ("events", ("cancel",))],
    )
    def test_fields_of_another_type(self, field: str, value: Any) -> None:
        stated: dict[str, Any] = {"account": ACCOUNT, "program": PROGRAM, "partners": PARTNERS, "events": referred().events}
        with pytest.raises(InvalidValue, match=rf"{field}.* is .*: wanted a value of the type"):
            ClientRelationship(**stated | {field: value})

    def test_a_step_goes_on_from_the_life_so_far(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """However long the history is, one more event is one more step, and not a replay of all."""
        client = referred()
        for number in range(1, 41):
            client = client.hold(day(number), cause=HoldCause.COMPLIANCE).resume(day(number))
        taken: list[Event] = []
        after = Life.after

        def counted(life: Life, event: Event) -> Life:
            taken.append(event)
            return after(life, event)

        monkeypatch.setattr(Life, "after", counted)
        client = client.cancel(day(41))
        assert taken == [client.events[-1]]
        assert self.replay(*client.events) == client

    def test_a_day_is_no_instant(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            referred().standing_on(datetime(2025, 2, 1, tzinfo=UTC))


class TestEvents:
    """An event has what its kind needs, nothing that means nothing to it, and every field is of its type."""

    @pytest.mark.parametrize(
        ("kind", "fields", "message"),
        [
            (EventKind.OPENED, {}, "has no status"),
            (EventKind.REFERRED, {}, "has no partner, no status: give them"),
            (EventKind.TRANSFER, {"partner": "p-1", "consent": True}, "has no sender_on_account, no written_request"),
            (EventKind.APPROVE_MANAGEMENT, {}, "has no consent"),
            (EventKind.END_MANAGEMENT, {}, "has no ended_by"),
            (EventKind.HOLD, {}, "has no cause"),
            (EventKind.CANCEL, {"partner": "p-1"}, "has a partner, which means nothing to it"),
            (EventKind.APPROVE_MANAGEMENT, {"consent": "no"}, "consent .* is 'no': wanted a bool"),
            (EventKind.OPENED, {"status": "open"}, "status .* is 'open': wanted a AccountStatus"),
            (EventKind.REFERRED, {"partner": "", "status": OPEN}, "id of the partner"),
            ("cancel", {}, "'cancel' is no kind of event"),
        ],
    )
    def test_refused(self, kind: EventKind, fields: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            Event(account="a-1", kind=kind, on=START, **fields)

    def test_its_day_is_a_date(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            Event(account="a-1", kind=EventKind.CANCEL, on=datetime(2025, 1, 10, tzinfo=UTC))

    def test_it_says_what_it_is(self) -> None:
        assert str(Event(account="a-1", kind=EventKind.CANCEL, on=START)) == "cancel of a-1 on 2025-01-10"

    @pytest.mark.parametrize("enum", [EventKind, HoldCause])
    def test_a_repr_evaluates(self, enum: type[EventKind | HoldCause]) -> None:
        assert [eval(repr(member)) for member in enum] == list(enum)  # noqa: S307


class TestTheBonusWindow:
    """Q-68: how long, and counted from when, the terms say; where they do not, nobody knows."""

    @pytest.mark.parametrize(("number", "within"), [(0, True), (90, True), (91, False)])
    def test_from_the_opening(self, number: int, within: bool) -> None:
        bonus = BonusTerms(window_days=90, counted_from=BonusFrom.OPENING)
        assert referred(TRIAL, in_program=program(bonus=bonus)).standing_on(day(number)).within_bonus_window is within

    @pytest.mark.parametrize(("number", "within"), [(9, False), (10, True), (100, True), (101, False)])
    def test_from_the_first_charge(self, number: int, within: bool) -> None:
        bonus = BonusTerms(window_days=90, counted_from=BonusFrom.FIRST_CHARGE)
        client = referred(TRIAL, in_program=program(bonus=bonus)).convert(day(10))
        assert client.standing_on(day(number)).within_bonus_window is within

    def test_a_later_event_changes_no_earlier_standing(self) -> None:
        bonus = BonusTerms(window_days=90, counted_from=BonusFrom.FIRST_CHARGE)
        trial = referred(TRIAL, in_program=program(bonus=bonus))
        assert trial.convert(day(10)).standing_on(day(9)) == trial.standing_on(day(9))

    def test_an_account_that_came_no_trial_was_charged_since_its_opening(self) -> None:
        bonus = BonusTerms(window_days=90, counted_from=BonusFrom.FIRST_CHARGE)
        late = ClientRelationship.moved_in(ACCOUNT, BRIGHTSIDE, on=day(300), program=program(bonus=bonus), partners=PARTNERS, **PAPERS)
        assert late.standing_on(day(300)).within_bonus_window is False

    @pytest.mark.parametrize("bonus", [BonusTerms(), BonusTerms(window_days=90), BonusTerms(counted_from=BonusFrom.OPENING)])
    def test_unknown_where_the_terms_are_silent(self, bonus: BonusTerms) -> None:
        assert referred(in_program=program(bonus=bonus)).standing_on(START).within_bonus_window is None

    def test_an_account_can_be_older_than_the_first_terms(self) -> None:
        young = Terms(starts_on=date(2025, 6, 1), source="invented for the tests")
        later = Program(name="tests", zone="UTC", sites=PROGRAM.sites, terms=TermsHistory((young,)))
        client = referred(TRIAL, in_program=later).convert(day(1))
        assert client.standing_on(day(1)).within_bonus_window is None
        with pytest.raises(NoTermsInForce):
            client.transfer("p-2", day(2), **PAPERS)


PARTNER_IDS = st.sampled_from([partner.id for partner in PARTNERS])
ACTIVE = st.sampled_from([BRIGHTSIDE, NORTHLIGHT, PLAIN, LEAVING])


class Histories(RuleBasedStateMachine):
    """Random steps on random days; whatever is refused changes nothing, and whatever is allowed can be."""

    client: ClientRelationship
    today: date

    @initialize(status=st.sampled_from(AccountStatus), partner=st.none() | ACTIVE, is_managed=st.booleans())
    def begin(self, status: AccountStatus, partner: Partner | None, is_managed: bool) -> None:
        begin = managed if is_managed else referred
        self.client, self.today = opened(status) if partner is None else begin(status, partner), START

    @rule(days=st.integers(min_value=0, max_value=45))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(
        step=st.sampled_from(
            [
                ClientRelationship.request_management,
                ClientRelationship.withdraw_request,
                ClientRelationship.join_single_bill,
                ClientRelationship.leave_single_bill,
                ClientRelationship.convert,
                ClientRelationship.expire_trial,
                ClientRelationship.suspend,
                ClientRelationship.resume,
                ClientRelationship.schedule_cancellation,
                ClientRelationship.cancel,
                ClientRelationship.reactivate,
                ClientRelationship.leave_program,
            ]
        )
    )
    def take(self, step: Callable[[ClientRelationship, date], ClientRelationship]) -> None:
        self._try(lambda: step(self.client, self.today))

    @rule(consent=st.booleans())
    def approve(self, consent: bool) -> None:
        self._try(lambda: self.client.approve_management(self.today, consent=consent))

    @rule(ended_by=st.sampled_from(EndedBy))
    def end(self, ended_by: EndedBy) -> None:
        self._try(lambda: self.client.end_management(self.today, ended_by=ended_by))

    @rule(cause=st.sampled_from(HoldCause))
    def hold(self, cause: HoldCause) -> None:
        self._try(lambda: self.client.hold(self.today, cause=cause))

    @rule(to=PARTNER_IDS, papers=st.fixed_dictionaries({paper: st.sampled_from([True, True, False]) for paper in PAPERS}))
    def transfer(self, to: str, papers: dict[str, bool]) -> None:
        self._try(lambda: self.client.transfer(to, self.today, **papers))

    @rule(partner=PARTNER_IDS)
    def ask_for(self, partner: str) -> None:
        self._try(lambda: self.client.request_management(self.today, partner=partner))

    def _try(self, act: Callable[[], ClientRelationship]) -> None:
        before = self.client.events
        try:
            after = act()
        except PartnerkitError:
            assert self.client.events == before
        else:
            assert after.events[:-1] == before
            for event in before:
                if event.on < self.today:
                    assert self._standing(after, event.on) == self._standing(self.client, event.on)
            self.client = after

    def _standing(self, client: ClientRelationship, on: date) -> object:
        """Give the standing on a day, or the one reason for which there can be none."""
        manager = client.managed_by.on(on)
        if manager == LEAVING.id and on >= LEAVES_ON:
            with pytest.raises(InvalidValue, match="MANAGER-NOT-ENDED"):
                client.standing_on(on)
            return manager
        standing = client.standing_on(on)
        assert standing.payer is None or standing.payer == standing.managed_by
        assert (standing.payer is None) is (standing.billing_mode is BillingMode.DIRECT)
        return standing

    @invariant()
    def every_day_can_be(self) -> None:
        days = {event.on + timedelta(days=after) for event in self.client.events for after in (0, 1)}
        for on in days | {self.today}:
            self._standing(self.client, on)

    @invariant()
    def replayed_it_is_the_same(self) -> None:
        client = self.client
        again = ClientRelationship.replay(ACCOUNT, client.events, program=PROGRAM, partners=PARTNERS)
        assert again == client
        for timeline in ("credited", "managed_by", "payer", "status", "origin", "request"):
            assert getattr(again, timeline) == getattr(client, timeline)


TestHistoriesAtRandom = Histories.TestCase
TestHistoriesAtRandom.settings = settings(max_examples=100, stateful_step_count=30)
