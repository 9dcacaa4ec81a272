"""The policies of the program: compared with plain if and else at every point, and sentence by sentence with the article."""

from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import attrs
import pytest

import oracle
from partnerkit.clauses import Basis, Permission, Policy
from partnerkit.clauses.checks import census, conflicts, dead, points, redundant
from partnerkit.clauses.views import messages
from partnerkit.errors import InvalidValue, Refused, TermMissing
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
    PartnerStatus,
    SingleBillSetup,
    SingleBillSince,
    Standing,
    StatusSince,
)
from partnerkit.policies import (
    CONTACT,
    CREDITING,
    DUTIES,
    EDITIONS,
    MANAGEMENT_REQUEST,
    MOVE_IN,
    OWNERSHIP,
    POLICIES,
    REWARD,
    SETUP,
    SINGLE_BILL_ENROLLMENT,
    STATUS_CHANGE,
    Channel,
    ContactFacts,
    Controller,
    Counting,
    CreditingFacts,
    DutiesFacts,
    Duty,
    EndedBy,
    Force,
    NameReading,
    Need,
    Owner,
    PaymentMethod,
    PlanOffer,
    Promotion,
    Purpose,
    RewardKind,
    Setup,
    StatusChange,
    Timing,
    controller_of,
    duties_of,
    informer_of,
    may_approve_management,
    may_cancel_automatically,
    may_change_plan,
    may_change_status,
    may_contact,
    may_discount_prepaid,
    may_end_management,
    may_join_single_bill,
    may_leave_program,
    may_leave_single_bill,
    may_move_in,
    may_partner_contact,
    may_request_management,
    may_suspend,
    may_withdraw_request,
    owner_of,
    payment_method_for,
    plan_offer,
    promotion,
    reward_for,
    suggested_setup,
    visit_counts,
)
from partnerkit.terms import (
    NOT_AGREED,
    BillingTerms,
    BonusFrom,
    BonusTerms,
    ContactTerms,
    ManagementTerms,
    ShareTerms,
    SingleBillTerms,
    Terms,
)

DAY = date(2025, 8, 8)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
MANAGED, REFERRED = Management.MANAGED, Management.REFERRED
DIRECT, SINGLE_BILL = BillingMode.DIRECT, BillingMode.SINGLE_BILL
FIVE = (OWNERSHIP, CONTACT, SINGLE_BILL_ENROLLMENT, REWARD, DUTIES)

ACCOUNT = Account(id="a-1", client="c-1", currency=Currency("USD"), opened_at=LONG_AGO, anchor_day=8)
BRIGHTSIDE = Partner.of("p-1", "brightside", bill_day=5)
NORTHLIGHT = Partner.of("p-2", "northlight")
SILENT = Terms(starts_on=date(2024, 1, 1), source="invented for the tests; states nothing")

MANAGED_PURPOSES = [purpose for purpose in Purpose if purpose is not Purpose.LEGAL_OBLIGATION]
TERM_OF = {Purpose.REPLY: "reply", Purpose.BILLING_NOTICE: "billing_notice", Purpose.SECURITY_NOTICE: "security_notice"}


def partner_with(status: PartnerStatus, *, since: datetime = LONG_AGO) -> Partner:
    later = (StatusSince(status=PartnerStatus.ACTIVE), StatusSince(status=status, since=since))
    setup = SingleBillSince(setup=SingleBillSetup(bill_day=5))
    return Partner(id="p-1", names=(NameAlias(name=PartnerName("brightside")),), status=later, single_bill=(setup,))


def referred(**other: Any) -> Standing:
    usual: dict[str, Any] = {"account": ACCOUNT, "credited_to": BRIGHTSIDE, "management": REFERRED, "origin": Origin.LINK, "day": DAY}
    return Standing(**usual | other)


def managed(**other: Any) -> Standing:
    return referred(**{"managed_by": BRIGHTSIDE, "management": MANAGED, "origin": Origin.PARTNER_CREATED} | other)


def enrolled(**other: Any) -> Standing:
    return managed(**{"billing_mode": SINGLE_BILL, "payer": BRIGHTSIDE} | other)


def stating(**sections: Any) -> Terms:
    return Terms(starts_on=date(2024, 1, 1), source="invented for the tests", **sections)


def contact_terms(*, agreed: bool) -> Terms:
    return stating(contact=ContactTerms(reply=agreed, billing_notice=agreed, security_notice=agreed, partner_asked=agreed))


class TestEveryPoint:
    """At every point a policy answers as the oracle does, for the reason the oracle gives, or refuses facts that cannot be."""

    def test_every_policy_has_an_oracle(self) -> None:
        assert [policy.id for policy in POLICIES] == list(oracle.ORACLES)

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_the_oracle_agrees(self, policy: Policy[Any, Any]) -> None:
        answer = oracle.ORACLES[policy.id]
        for facts in filter(oracle.is_possible, oracle.every_point(policy.facts)):
            expected, reason = answer(facts)
            ruling = policy.decide(facts)
            assert ruling.outcome == expected, facts
            assert reason in ruling.because, facts

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_impossible_facts_are_refused(self, policy: Policy[Any, Any]) -> None:
        for facts in oracle.every_point(policy.facts):
            if not oracle.is_possible(facts):
                with pytest.raises(InvalidValue, match="facts that cannot be"):
                    policy.decide(facts)

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_the_checks_see_the_same_points(self, policy: Policy[Any, Any]) -> None:
        possible = list(filter(oracle.is_possible, oracle.every_point(policy.facts)))
        assert sorted(map(repr, points(policy))) == sorted(map(repr, possible))

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_the_ruling_is_a_full_account(self, policy: Policy[Any, Any]) -> None:
        for facts in points(policy):
            ruling = policy.decide(facts)
            named = [*ruling.because, *ruling.not_applying, *(clause for clause, _ in ruling.set_aside)]
            assert sorted(named) == sorted(clause.id for clause in policy.clauses)
            assert ruling.basis == max((policy.clause(one).cite.basis for one in ruling.because), key=list(Basis).index)


class TestSoundness:
    """No silent point, no contradiction, no word without effect."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_every_point_has_one_answer(self, policy: Policy[Any, Any]) -> None:
        found = census(policy)
        assert (found.silent, found.conflicting) == (0, 0)
        assert conflicts(policy) == ()

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_every_clause_decides_and_is_needed(self, policy: Policy[Any, Any]) -> None:
        assert dead(policy) == ()
        assert redundant(policy) == ()

    @pytest.mark.parametrize(
        ("policy", "answers"),
        [
            (OWNERSHIP, {Owner.PARTNER: 1, Owner.VENDOR: 2}),
            (CONTACT, {MAY: 1488, MAY_NOT: 432}),
            (DUTIES, {(): 2, tuple(Duty): 1}),
            (REWARD, {RewardKind.REVENUE_SHARE: 66, RewardKind.UPFRONT_DISCOUNT: 64, RewardKind.NOTHING: 126}),
            (SINGLE_BILL_ENROLLMENT, {MAY: 9, MAY_NOT: 535}),
            (CREDITING, {Counting.COUNTS: 1, Counting.IGNORED: 24_575}),
            (MANAGEMENT_REQUEST, {MAY: 1, MAY_NOT: 15}),
            (MOVE_IN, {MAY: 6, MAY_NOT: 122}),
            (STATUS_CHANGE, {MAY: 47, MAY_NOT: 81}),
        ],
        ids=lambda value: getattr(value, "id", ""),
    )
    def test_the_census_is_the_approved_one(self, policy: Policy[Any, Any], answers: dict[Any, int]) -> None:
        assert dict(census(policy).answers) == answers

    def test_clause_ids_are_unique_over_all_policies(self) -> None:
        ids = [clause.id for policy in POLICIES for clause in policy.clauses]
        assert len(ids) == len(set(ids))

    def test_no_message_has_two_texts(self) -> None:
        seen: dict[str, str] = {}
        for policy in POLICIES:
            for message, text in messages(policy).items():
                assert seen.setdefault(message, text) == text

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    @pytest.mark.parametrize("day", [date.min, DAY, date.max])
    def test_an_edition_is_in_force_on_every_day(self, policy: Policy[Any, Any], day: date) -> None:
        assert EDITIONS[policy.id].on(day) is policy


class TestS04:
    """There are two ways for Partners to set up and get paid for new client accounts."""

    @pytest.mark.parametrize("standing", [referred(), managed()], ids=["referred", "managed"])
    def test_either_way_is_paid(self, standing: Standing) -> None:
        ruling = reward_for(standing, terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.REVENUE_SHARE, ("REWARD-SHARE",), Basis.IMPLIED)

    def test_an_account_credited_to_nobody_pays_nobody(self) -> None:
        ruling = reward_for(referred(credited_to=None), terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.NOTHING, ("REWARD-UNCREDITED",), Basis.HOUSE)

    @pytest.mark.parametrize(
        ("bonus", "term"),
        [(BonusTerms(), "bonus.window_days"), (BonusTerms(window_days=90), "bonus.counted_from")],
        ids=["window", "start"],
    )
    def test_the_window_is_a_term(self, bonus: BonusTerms, term: str) -> None:
        with pytest.raises(TermMissing) as raised:
            reward_for(referred(origin=Origin.MOVED_IN), terms=stating(bonus=bonus))
        assert raised.value.term == term

    def test_a_standing_that_does_not_know_the_window_is_refused(self) -> None:
        bonus = BonusTerms(window_days=90, counted_from=BonusFrom.OPENING)
        with pytest.raises(InvalidValue, match="a-1 does not say"):
            reward_for(referred(origin=Origin.MOVED_IN), terms=stating(bonus=bonus))

    @pytest.mark.parametrize("goes_on", [True, False])
    @pytest.mark.parametrize("status", [PartnerStatus.ENDED, PartnerStatus.BANNED])
    def test_after_a_partnership_the_terms_decide(self, status: PartnerStatus, goes_on: bool) -> None:
        standing = referred(credited_to=partner_with(status))
        ruling = reward_for(standing, terms=stating(share=ShareTerms(after_partnership_ends=goes_on)))
        assert ruling.outcome is (RewardKind.REVENUE_SHARE if goes_on else RewardKind.NOTHING)
        with pytest.raises(TermMissing) as raised:
            reward_for(standing, terms=SILENT)
        assert raised.value.term == "share.after_partnership_ends"

    def test_a_partnership_that_ends_later_needs_no_term_yet(self) -> None:
        later = partner_with(PartnerStatus.ENDED, since=datetime(2025, 8, 9, tzinfo=UTC))
        assert reward_for(referred(credited_to=later), terms=SILENT).outcome is RewardKind.REVENUE_SHARE


class TestMovedAccounts:
    """K-17: revenue share can be earned on all accounts moved in; K-16: not on those that meet neither of two qualifications."""

    @pytest.mark.parametrize(
        "standing",
        [referred(origin=Origin.MOVED_IN, within_bonus_window=True), managed(origin=Origin.MOVED_IN)],
        ids=["within the window", "managed, K-18"],
    )
    def test_one_that_qualifies_earns_by_another_page_than_the_article(self, standing: Standing) -> None:
        ruling = reward_for(standing, terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.REVENUE_SHARE, ("REWARD-MOVED-IN",), Basis.ELSEWHERE)

    def test_one_credited_to_nobody_needs_no_window(self) -> None:
        assert reward_for(referred(credited_to=None, origin=Origin.MOVED_IN), terms=SILENT).because == ("REWARD-UNCREDITED",)

    def test_which_two_qualifications_is_our_reading(self) -> None:
        ruling = reward_for(referred(origin=Origin.MOVED_IN, within_bonus_window=False), terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.NOTHING, ("REWARD-UNQUALIFIED",), Basis.HOUSE)

    def test_on_single_bill_it_takes_the_discount_like_any_other(self) -> None:
        assert reward_for(enrolled(origin=Origin.MOVED_IN), terms=SILENT).because == ("REWARD-DISCOUNT",)

    @pytest.mark.parametrize("status", [PartnerStatus.ENDED, PartnerStatus.BANNED])
    def test_after_the_partnership_the_terms_decide(self, status: PartnerStatus) -> None:
        standing = referred(origin=Origin.MOVED_IN, within_bonus_window=True, credited_to=partner_with(status))
        ruling = reward_for(standing, terms=stating(share=ShareTerms(after_partnership_ends=False)))
        assert (ruling.outcome, ruling.because) == (RewardKind.NOTHING, ("REWARD-ENDED",))


class TestOutsideTheProgram:
    """An account that no partner has a part in: the article says nothing of it, and every answer says that it is ours."""

    OUTSIDE = Standing(account=ACCOUNT, day=DAY)

    @pytest.mark.parametrize("purpose", Purpose)
    def test_the_vendor_uses_its_own_relationship(self, purpose: Purpose) -> None:
        ruling = may_contact(self.OUTSIDE, purpose, terms=SILENT, legal_basis="an invented law")
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("CONTACT-OWN-CLIENT",), Basis.HOUSE)

    def test_but_sends_no_marketing_to_those_who_opted_out(self) -> None:
        ruling = may_contact(self.OUTSIDE, Purpose.MARKETING, terms=SILENT, opted_out=True)
        assert (ruling.allowed, ruling.because) == (False, ("CONTACT-OPTED-OUT",))

    def test_it_brings_nobody_a_duty(self) -> None:
        ruling = duties_of(self.OUTSIDE)
        assert (ruling.outcome, ruling.because, ruling.basis) == ((), ("DUTY-OUTSIDE",), Basis.HOUSE)

    def test_what_a_partner_owns_is_inside(self) -> None:
        with pytest.raises(InvalidValue, match="no partner owns an account outside the program"):
            CONTACT.decide(ContactFacts(owner=Owner.PARTNER, purpose=Purpose.SALES, in_program=False))
        with pytest.raises(InvalidValue, match="no partner owns an account outside the program"):
            DUTIES.decide(DutiesFacts(owner=Owner.PARTNER, in_program=False))


class TestS05AndS36:
    """Financial rewards for managed and referred accounts are the same."""

    def test_at_every_point_of_the_stated_reach(self) -> None:
        """Directly billed accounts, opened by link or created by the partner: the type changes no reward."""
        answers: dict[Any, set[RewardKind]] = {}
        for facts in points(REWARD):
            if facts.billing_mode is DIRECT and facts.origin in {Origin.LINK, Origin.PARTNER_CREATED} and facts.management is not None:
                rest = (facts.credited, facts.origin, facts.within_bonus_window, facts.partnership_ended, facts.earns_after_end)
                answers.setdefault(rest, set()).add(REWARD.decide(facts).outcome)
        assert len(answers) == 2 * 2 * 2 * 2 * 2
        assert all(len(rewards) == 1 for rewards in answers.values())

    def test_it_is_no_clause(self) -> None:
        assert not [clause.id for policy in POLICIES for clause in policy.clauses if clause.cite.sentence in {"S-05", "S-36"}]

    def test_single_bill_is_outside_its_reach(self) -> None:
        assert reward_for(enrolled(), terms=SILENT).outcome is not reward_for(referred(), terms=SILENT).outcome


class TestS06:
    """Our multi-account solution is designed for organizations seeking unique accounts for their locations, departments, or users."""

    def test_one_organization_with_several_accounts_is_shown_the_other_offer(self) -> None:
        ruling = suggested_setup(Need(one_organization=True))
        assert Setup.MULTI_ACCOUNT_SOLUTION in ruling.outcome
        assert "SETUP-MULTI-ACCOUNT" in ruling.because

    def test_it_is_suggested_to_nobody_else(self) -> None:
        for need in points(SETUP):
            assert (Setup.MULTI_ACCOUNT_SOLUTION in SETUP.decide(need).outcome) is need.one_organization


class TestS08:
    """Constant Contact's coaches close the sale and retain the customer (partner referred)."""

    def test_the_vendor_owns_a_referred_client(self) -> None:
        ruling = owner_of(referred())
        assert (ruling.outcome, ruling.because, ruling.basis) == (Owner.VENDOR, ("OWNER-REFERRED",), Basis.IMPLIED)

    @pytest.mark.parametrize("purpose", [Purpose.RETENTION, Purpose.COACHING])
    def test_the_vendor_may_coach_and_retain(self, purpose: Purpose) -> None:
        ruling = may_contact(referred(), purpose, terms=SILENT)
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("CONTACT-KEEP",), Basis.IMPLIED)

    def test_nobody_but_the_vendor_owns_what_is_outside_the_program(self) -> None:
        outside = Standing(account=ACCOUNT, day=DAY)
        assert (owner_of(outside).outcome, owner_of(outside).basis) == (Owner.VENDOR, Basis.HOUSE)


class TestS10:
    """Referring business is an easy way for you to generate a passive income."""

    def test_a_referred_account_brings_no_duty(self) -> None:
        ruling = duties_of(referred())
        assert (ruling.outcome, ruling.because) == ((), ("DUTY-NONE",))


class TestS12:
    """We'll close the sale and/or help them get started."""

    @pytest.mark.parametrize("purpose", [Purpose.SALES, Purpose.ONBOARDING])
    def test_the_vendor_may_sell_and_help(self, purpose: Purpose) -> None:
        ruling = may_contact(referred(), purpose, terms=SILENT)
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("CONTACT-START",), Basis.IMPLIED)

    @pytest.mark.parametrize(
        "purpose", [one for one in Purpose if one not in {Purpose.SALES, Purpose.ONBOARDING, Purpose.RETENTION, Purpose.COACHING}]
    )
    def test_where_the_article_is_silent_the_answer_says_so(self, purpose: Purpose) -> None:
        ruling = may_contact(referred(), purpose, terms=SILENT, legal_basis="invented law")
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("CONTACT-OWN-CLIENT",), Basis.HOUSE)

    def test_marketing_is_not_sent_to_those_who_opted_out(self) -> None:
        ruling = may_contact(referred(), Purpose.MARKETING, terms=SILENT, opted_out=True)
        assert (ruling.allowed, ruling.because, ruling.basis) == (False, ("CONTACT-OPTED-OUT",), Basis.HOUSE)

    @pytest.mark.parametrize("purpose", MANAGED_PURPOSES)
    def test_no_term_is_needed_where_the_vendor_owns(self, purpose: Purpose) -> None:
        assert may_contact(referred(), purpose, terms=SILENT, partner_asked=True).allowed


class TestS13:
    """All accounts opened by prospects after visiting your invite link will be credited to your partnership."""

    def test_a_visit_before_the_opening_counts(self) -> None:
        assert visit_counts(CreditingFacts(name=NameReading.KNOWN, timing=Timing.IN_WINDOW), DAY).outcome is Counting.COUNTS

    def test_a_visit_after_the_opening_never_counts(self) -> None:
        for facts in points(CREDITING):
            if facts.timing is Timing.AFTER_OPENING:
                assert CREDITING.decide(facts).outcome is Counting.IGNORED

    def test_who_has_the_account_is_no_prospect(self) -> None:
        facts = CreditingFacts(name=NameReading.KNOWN, timing=Timing.IN_WINDOW, existing_account=True)
        assert visit_counts(facts, DAY).because == ("CREDIT-NOT-NEW",)


class TestS20:
    """All accounts opened up after visiting the URL will be credited to your partnership."""

    def test_the_article_itself_credits(self) -> None:
        ruling = visit_counts(CreditingFacts(name=NameReading.KNOWN, timing=Timing.IN_WINDOW), DAY)
        assert (ruling.because, ruling.basis) == (("CREDIT-LINK",), Basis.STATED)


class TestS21:
    """Your partner name is after pn= in your invite link."""

    @pytest.mark.parametrize("name", [name for name in NameReading if name is not NameReading.KNOWN])
    def test_a_visit_that_names_no_partner_counts_for_nobody(self, name: NameReading) -> None:
        assert visit_counts(CreditingFacts(name=name, timing=Timing.IN_WINDOW), DAY).outcome is Counting.IGNORED


class TestS23:
    """Promote your link on your website, social media accounts, email signature, printed marketing materials."""

    @pytest.mark.parametrize("channel", [Channel.WEBSITE, Channel.SOCIAL_MEDIA, Channel.EMAIL_SIGNATURE, Channel.PRINT])
    @pytest.mark.parametrize("training_seminar", [True, False])
    def test_four_channels_are_encouraged(self, channel: Channel, training_seminar: bool) -> None:
        ruling = promotion(channel, training_seminar=training_seminar)
        assert (ruling.outcome, ruling.because, ruling.basis) == (Promotion.ENCOURAGED, ("PROMOTE-LISTED",), Basis.STATED)

    @pytest.mark.parametrize("channel", [Channel.PAID_SEARCH, Channel.EMAIL_CAMPAIGN, Channel.COUPON_SITE, Channel.OTHER])
    def test_no_other_is_silently_allowed(self, channel: Channel) -> None:
        ruling = promotion(channel, training_seminar=True)
        assert (ruling.outcome, ruling.because, ruling.basis) == (Promotion.NOT_SPECIFIED, ("PROMOTE-UNNAMED",), Basis.HOUSE)

    def test_not_specified_is_no_permission(self) -> None:
        with pytest.raises(InvalidValue, match="not a permission"):
            _ = promotion(Channel.PAID_SEARCH).allowed


class TestS24:
    """And in any presentation decks if conducting training seminars."""

    def test_with_a_seminar_it_is_the_fifth_channel(self) -> None:
        ruling = promotion(Channel.PRESENTATION_DECK, training_seminar=True)
        assert (ruling.outcome, ruling.because, ruling.basis) == (Promotion.ENCOURAGED, ("PROMOTE-DECK",), Basis.STATED)

    def test_without_one_nothing_is_said(self) -> None:
        ruling = promotion(Channel.PRESENTATION_DECK)
        assert (ruling.outcome, ruling.because, ruling.basis) == (Promotion.NOT_SPECIFIED, ("PROMOTE-DECK-ALONE",), Basis.IMPLIED)


class TestS25:
    """Planning to handle all Constant Contact-related work or conducting all marketing activities for your client?"""

    @pytest.mark.parametrize(("work", "marketing"), [(True, False), (False, True), (True, True)])
    def test_either_suits_managing(self, work: bool, marketing: bool) -> None:
        ruling = suggested_setup(Need(handles_all_work=work, conducts_all_marketing=marketing))
        assert (ruling.outcome, ruling.because, ruling.basis) == ((Setup.MANAGED,), ("SETUP-MANAGED",), Basis.STATED)

    def test_neither_is_left_to_the_vendor(self) -> None:
        ruling = suggested_setup(Need())
        assert (ruling.outcome, ruling.because, ruling.basis) == ((Setup.REFERRED,), ("SETUP-REFERRED",), Basis.IMPLIED)

    def test_one_of_the_two_is_always_suggested_and_never_both(self) -> None:
        for need in points(SETUP):
            assert len({Setup.MANAGED, Setup.REFERRED} & {*SETUP.decide(need).outcome}) == 1


class TestS28:
    """We won't contact these account holders unless legally obligated to do so."""

    @pytest.mark.parametrize("purpose", MANAGED_PURPOSES)
    def test_no_contact_where_the_partner_owns(self, purpose: Purpose) -> None:
        ruling = may_contact(managed(), purpose, terms=contact_terms(agreed=False), partner_asked=True)
        assert (ruling.allowed, ruling.because, ruling.basis) == (False, ("CONTACT-MANAGED",), Basis.STATED)

    def test_the_law_always_opens(self) -> None:
        for facts in points(CONTACT):
            if facts.purpose is Purpose.LEGAL_OBLIGATION:
                assert CONTACT.decide(facts).allowed

    def test_the_law_opens_by_the_article_itself(self) -> None:
        ruling = may_contact(managed(), Purpose.LEGAL_OBLIGATION, terms=SILENT, legal_basis="an invented law, section 1")
        assert (ruling.because, ruling.set_aside, ruling.basis) == (
            ("CONTACT-LEGAL",),
            (("CONTACT-MANAGED", ("CONTACT-LEGAL",)),),
            Basis.STATED,
        )

    @pytest.mark.parametrize("standing", [referred(), managed()], ids=["referred", "managed"])
    @pytest.mark.parametrize("legal_basis", ["", "  "])
    def test_the_law_must_be_named(self, standing: Standing, legal_basis: str) -> None:
        with pytest.raises(InvalidValue, match="legal_basis"):
            may_contact(standing, Purpose.LEGAL_OBLIGATION, terms=SILENT, legal_basis=legal_basis)

    @pytest.mark.parametrize(("purpose", "term"), TERM_OF.items())
    def test_replies_and_notices_are_terms(self, purpose: Purpose, term: str) -> None:
        assert may_contact(managed(), purpose, terms=contact_terms(agreed=True)).basis is Basis.TERM
        with pytest.raises(TermMissing) as raised:
            may_contact(managed(), purpose, terms=SILENT)
        assert raised.value.term == f"contact.{term}"

    def test_what_the_partner_asks_for_is_a_term(self) -> None:
        assert may_contact(managed(), Purpose.SALES, terms=contact_terms(agreed=True), partner_asked=True).because == ("CONTACT-ASKED",)
        with pytest.raises(TermMissing) as raised:
            may_contact(managed(), Purpose.SALES, terms=SILENT, partner_asked=True)
        assert raised.value.term == "contact.partner_asked"

    @pytest.mark.parametrize("purpose", [one for one in MANAGED_PURPOSES if one not in TERM_OF])
    def test_no_term_is_needed_where_none_could_help(self, purpose: Purpose) -> None:
        assert not may_contact(managed(), purpose, terms=SILENT).allowed

    def test_opting_out_never_opens(self) -> None:
        for facts in points(CONTACT):
            if facts.opted_out and CONTACT.decide(facts).allowed:
                told = {field.name: getattr(facts, field.name) for field in attrs.fields(ContactFacts)}
                assert CONTACT.decide(ContactFacts(**told | {"opted_out": False})).allowed

    def test_how_it_is_paid_for_has_no_say(self) -> None:
        """The contact policy does not ask for the billing mode, and two standings that differ in it are ruled alike."""
        assert not {"billing_mode", "payer", "credited"} & {item.name for item in CONTACT.inputs}
        either = (False, True)
        for purpose, agreed, opted_out, asked in product(Purpose, either, either, either):
            ways = [
                may_contact(
                    standing, purpose, terms=contact_terms(agreed=agreed), legal_basis="a law", opted_out=opted_out, partner_asked=asked
                )
                for standing in (managed(), enrolled(), managed(credited_to=None), managed(credited_to=NORTHLIGHT))
            ]
            assert len(set(ways)) == 1


class TestS29:
    """By categorizing an account as managed, you assume full ownership of the relationship."""

    @pytest.mark.parametrize("standing", [managed(), enrolled(), managed(credited_to=None)], ids=["direct", "single bill", "uncredited"])
    def test_the_partner_owns(self, standing: Standing) -> None:
        ruling = owner_of(standing)
        assert (ruling.outcome, ruling.because, ruling.basis) == (Owner.PARTNER, ("OWNER-MANAGED",), Basis.STATED)

    def test_asking_is_not_yet_managing(self) -> None:
        assert owner_of(referred(request_pending=True)).outcome is Owner.VENDOR


class TestS30:
    """It is expected that you will."""

    def test_three_duties_in_the_order_of_the_article(self) -> None:
        ruling = duties_of(managed())
        assert ruling.outcome == (Duty.SUPPORT_AND_COACH, Duty.INFORM_OF_CHANGES, Duty.KEEP_ACTIVE)
        assert ruling.basis is Basis.STATED

    def test_expected_is_less_than_required(self) -> None:
        assert {duty.force for duty in Duty} == {Force.EXPECTED}


class TestS30a:
    """Help the customer leverage the tools, and provide ongoing 1:1 support and coaching."""

    def test_coaching_is_the_partners(self) -> None:
        assert DUTIES.clause("DUTY-COACH").then is Duty.SUPPORT_AND_COACH
        assert not may_contact(managed(), Purpose.COACHING, terms=SILENT).allowed


class TestS30b:
    """Inform the customer of any changes to product features and other relevant updates."""

    def test_updates_have_exactly_one_sender(self) -> None:
        for standing in (referred(), managed()):
            partner_informs = Duty.INFORM_OF_CHANGES in duties_of(standing).outcome
            assert partner_informs is not may_contact(standing, Purpose.PRODUCT_UPDATE, terms=SILENT).allowed
            assert (informer_of(standing).outcome is Owner.PARTNER) is partner_informs

    def test_who_informs_and_by_what(self) -> None:
        assert informer_of(managed()).because == ("INFORM-BY-PARTNER",)
        assert informer_of(referred()).because == ("INFORM-BY-VENDOR",)
        assert informer_of(Standing(account=ACCOUNT, day=DAY)).because == ("INFORM-OUTSIDE",)


class TestS30c:
    """Keep the customer an active, successful user."""

    def test_retention_is_the_partners(self) -> None:
        assert DUTIES.clause("DUTY-ACTIVE").then is Duty.KEEP_ACTIVE
        assert not may_contact(managed(), Purpose.RETENTION, terms=SILENT).allowed


class TestS31:
    """Our Single Bill option allows you to pay for multiple managed client accounts."""

    def test_not_for_the_accounts_another_partner_manages(self) -> None:
        northlight = Partner.of("p-2", "northlight", bill_day=1)
        ruling = may_join_single_bill(managed(), partner=northlight, terms=SILENT)
        assert (ruling.allowed, ruling.because) == (False, ("JOIN-OTHERS-CLIENT",))

    def test_not_without_a_single_bill(self) -> None:
        ruling = may_join_single_bill(managed(managed_by=NORTHLIGHT), partner=NORTHLIGHT, terms=SILENT)
        assert ruling.because == ("JOIN-NO-SETUP",)


class TestS32:
    """Pay for your clients' accounts and then bill them separately for the cost, plus the services you provide."""

    def test_on_single_bill_the_client_needs_no_payment_method(self) -> None:
        ruling = payment_method_for(enrolled(), has_payment_method=False)
        assert (ruling.outcome, ruling.because, ruling.basis) == (PaymentMethod.NOT_NEEDED, ("CARD-SINGLE-BILL",), Basis.IMPLIED)

    def test_off_it_a_valid_one_is_always_needed(self) -> None:
        ruling = payment_method_for(managed(), has_payment_method=False)
        assert (ruling.outcome, ruling.because, ruling.basis) == (PaymentMethod.NEEDED, ("CARD-DIRECT",), Basis.ELSEWHERE)
        assert payment_method_for(managed(), has_payment_method=True).because == ("CARD-GIVEN",)

    @pytest.mark.parametrize("status", [AccountStatus.TRIAL, AccountStatus.TRIAL_EXPIRED, AccountStatus.CANCELED])
    def test_where_nothing_is_billed_none_is_needed(self, status: AccountStatus) -> None:
        assert payment_method_for(managed(status=status), has_payment_method=False).because == ("CARD-NOTHING-BILLED",)


class TestS33:
    """You have the flexibility to determine which accounts you want to have on Single Bill."""

    def test_the_managing_partner_picks(self) -> None:
        ruling = may_join_single_bill(managed(), partner=BRIGHTSIDE, terms=SILENT)
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("JOIN-PICK",), Basis.STATED)

    def test_and_unpicks(self) -> None:
        assert may_leave_single_bill(enrolled()).allowed
        assert not may_leave_single_bill(managed()).allowed

    def test_what_is_on_it_cannot_join_again(self) -> None:
        assert may_join_single_bill(enrolled(), partner=BRIGHTSIDE, terms=SILENT).because == ("JOIN-ALREADY",)

    @pytest.mark.parametrize("agreed", [True, False])
    def test_an_account_that_owes_joins_by_the_terms(self, agreed: bool) -> None:
        owing = managed(status=AccountStatus.BALANCE_DUE)
        terms = stating(single_bill=SingleBillTerms(join_with_balance_due=agreed))
        assert may_join_single_bill(owing, partner=BRIGHTSIDE, terms=terms).allowed is agreed
        with pytest.raises(TermMissing) as raised:
            may_join_single_bill(owing, partner=BRIGHTSIDE, terms=SILENT)
        assert raised.value.term == "single_bill.join_with_balance_due"

    @pytest.mark.parametrize("status", [status for status in PartnerStatus if status not in {PartnerStatus.ENDED, PartnerStatus.BANNED}])
    def test_only_an_active_partnership_takes_on_payments(self, status: PartnerStatus) -> None:
        partner = partner_with(status)
        ruling = may_join_single_bill(managed(managed_by=partner), partner=partner, terms=SILENT)
        assert ruling.allowed is (status is PartnerStatus.ACTIVE)


class TestS34:
    """You'll receive an upfront discount on accounts, in place of the normal revenue share percentage."""

    @pytest.mark.parametrize("credited_to", [BRIGHTSIDE, NORTHLIGHT, None], ids=["same", "other", "nobody"])
    def test_the_discount_takes_the_place_of_the_share(self, credited_to: Partner | None) -> None:
        ruling = reward_for(enrolled(credited_to=credited_to), terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.UPFRONT_DISCOUNT, ("REWARD-DISCOUNT",), Basis.STATED)

    def test_the_discount_comes_with_single_bill_and_never_without(self) -> None:
        for facts in points(REWARD):
            assert (REWARD.decide(facts).outcome is RewardKind.UPFRONT_DISCOUNT) is (facts.billing_mode is SINGLE_BILL)


class TestS35:
    """If you are using Single Bill, accounts must be managed to be added to your Single Bill."""

    def test_a_referred_account_cannot_join(self) -> None:
        ruling = may_join_single_bill(referred(), partner=BRIGHTSIDE, terms=SILENT)
        assert not ruling.allowed
        assert "JOIN-MANAGED-ONLY" in ruling.because
        with pytest.raises(Refused, match="joining: the rules on single bill enrollment do not allow it: JOIN-MANAGED-ONLY") as raised:
            ruling.require("joining")
        assert raised.value.ruling is ruling

    def test_who_may_join_is_owned_by_the_partner(self) -> None:
        for facts in points(SINGLE_BILL_ENROLLMENT):
            if SINGLE_BILL_ENROLLMENT.decide(facts).allowed:
                assert OWNERSHIP.decide(OWNERSHIP.facts(management=facts.management)).outcome is Owner.PARTNER


class TestS38:
    """You can set clients up as a mix of managed and referred."""

    def test_clients_that_differ_may_be_set_up_differently(self) -> None:
        ruling = suggested_setup(Need(handles_all_work=True, clients_differ=True))
        assert (ruling.outcome, ruling.because) == ((Setup.MANAGED, Setup.MIX), ("SETUP-MANAGED", "SETUP-MIX"))

    def test_the_type_belongs_to_the_account_and_not_to_the_partner(self) -> None:
        one, other = (
            managed(),
            referred(account=Account(id="a-2", client="c-1", currency=Currency("USD"), opened_at=LONG_AGO, anchor_day=8)),
        )
        assert one.credited_to == other.credited_to
        assert (owner_of(one).outcome, owner_of(other).outcome) == (Owner.PARTNER, Owner.VENDOR)


class TestAutomaticCancellation:
    """Canceled after 75 days of non-payment (5775), but never because a Single Bill is past due (44215)."""

    TERMS = stating(billing=BillingTerms(nonpayment_cancel_days=75))

    @pytest.mark.parametrize(("days", "allowed"), [(0, False), (74, False), (75, True), (76, True), (10_000, True)])
    def test_on_the_day_and_not_before(self, days: int, allowed: bool) -> None:
        owing = referred(status=AccountStatus.BALANCE_DUE)
        ruling = may_cancel_automatically(owing, days_unpaid=days, terms=self.TERMS)
        assert (ruling.allowed, ruling.basis) == (allowed, Basis.ELSEWHERE)

    @pytest.mark.parametrize("days", [0, 74, 75, 10_000])
    def test_never_on_single_bill(self, days: int) -> None:
        for status in (AccountStatus.OPEN, AccountStatus.BALANCE_DUE, AccountStatus.COMPLIANCE_HOLD):
            ruling = may_cancel_automatically(enrolled(status=status), days_unpaid=days, terms=SILENT)
            assert not ruling.allowed
            assert "CANCEL-SINGLE-BILL" in ruling.because

    @pytest.mark.parametrize("status", [status for status in AccountStatus if status is not AccountStatus.BALANCE_DUE])
    def test_only_what_is_on_hold_for_its_balance(self, status: AccountStatus) -> None:
        ruling = may_cancel_automatically(referred(status=status), days_unpaid=75, terms=SILENT)
        assert (ruling.allowed, ruling.because) == (False, ("CANCEL-NOTHING-DUE",))

    def test_the_days_are_a_term(self) -> None:
        with pytest.raises(TermMissing) as raised:
            may_cancel_automatically(referred(status=AccountStatus.BALANCE_DUE), days_unpaid=75, terms=SILENT)
        assert raised.value.term == "billing.nonpayment_cancel_days"

    @pytest.mark.parametrize("days", [-1, 75.0, "75", True])
    def test_days_are_whole_and_not_negative(self, days: Any) -> None:
        with pytest.raises(InvalidValue, match="days_unpaid is"):
            may_cancel_automatically(referred(), days_unpaid=days, terms=SILENT)


class TestPlansOnMovingIn:
    """Accounts created before 4/17/23 are offered the new plans when they move in (44017)."""

    TERMS = stating(management=ManagementTerms(new_plan_cutover=date(2023, 4, 17)))

    @pytest.mark.parametrize(("opened", "offer"), [(16, PlanOffer.CHOICE), (17, PlanOffer.NO_CHOICE), (18, PlanOffer.NO_CHOICE)])
    def test_before_is_before(self, opened: int, offer: PlanOffer) -> None:
        assert plan_offer(DAY, opened_on=date(2023, 4, opened), terms=self.TERMS).outcome is offer

    def test_the_day_is_a_term(self) -> None:
        with pytest.raises(TermMissing) as raised:
            plan_offer(DAY, opened_on=DAY, terms=SILENT)
        assert raised.value.term == "management.new_plan_cutover"


class TestWhatAPartnerMayDo:
    """Whom a partner may contact, whose plan it may change, and what it does not come to control."""

    @pytest.mark.parametrize(
        ("standing", "partner", "clause"),
        [
            (managed(), BRIGHTSIDE, "REACH-MANAGER"),
            (referred(), BRIGHTSIDE, "REACH-REFERRER"),
            (referred(), NORTHLIGHT, "REACH-STRANGER"),
            (managed(), NORTHLIGHT, "REACH-STRANGER"),
            (managed(managed_by=NORTHLIGHT), BRIGHTSIDE, "REACH-STRANGER"),
            (Standing(account=ACCOUNT, day=DAY), BRIGHTSIDE, "REACH-STRANGER"),
        ],
        ids=["its managed", "its referred", "another's referred", "another's managed", "credited to it, managed by another", "outside"],
    )
    def test_contact(self, standing: Standing, partner: Partner, clause: str) -> None:
        ruling = may_partner_contact(standing, partner=partner)
        assert (ruling.because, ruling.allowed) == ((clause,), clause != "REACH-STRANGER")

    @pytest.mark.parametrize(
        ("standing", "partner", "clause"),
        [
            (managed(), BRIGHTSIDE, "PLAN-MANAGER-DIRECT"),
            (enrolled(), BRIGHTSIDE, "PLAN-MANAGER-SINGLE-BILL"),
            (managed(), NORTHLIGHT, "PLAN-OTHER-PARTNER"),
            (referred(), BRIGHTSIDE, "PLAN-OTHER-PARTNER"),
            (referred(), None, "PLAN-CLIENT-DIRECT"),
            (managed(), None, "PLAN-CLIENT-DIRECT"),
        ],
    )
    def test_plans(self, standing: Standing, partner: Partner | None, clause: str) -> None:
        ruling = may_change_plan(standing, partner=partner, terms=SILENT)
        assert (ruling.because, ruling.allowed) == ((clause,), clause != "PLAN-OTHER-PARTNER")

    @pytest.mark.parametrize("agreed", [True, False])
    def test_whether_the_client_changes_what_the_partner_pays_for_is_a_term(self, agreed: bool) -> None:
        terms = stating(single_bill=SingleBillTerms(client_may_change_plan=agreed))
        ruling = may_change_plan(enrolled(), partner=None, terms=terms)
        assert (ruling.allowed, ruling.basis) == (agreed, Basis.TERM)
        assert ruling.because == ("PLAN-CLIENT-SINGLE-BILL" if agreed else "PLAN-CLIENT-MAY-NOT",)
        with pytest.raises(TermMissing) as raised:
            may_change_plan(enrolled(), partner=None, terms=SILENT)
        assert raised.value.term == "single_bill.client_may_change_plan"

    def test_managing_gives_no_control_of_the_account(self) -> None:
        assert {controller_of(standing).outcome for standing in (managed(), enrolled(), referred())} == {Controller.ACCOUNT_OWNER}
        assert (controller_of(managed()).basis, controller_of(referred()).basis) == (Basis.ELSEWHERE, Basis.HOUSE)
        assert controller_of(managed()).because == ("CONTROL-MANAGED",)
        assert controller_of(referred()).because == ("CONTROL-OTHER",)

    @pytest.mark.parametrize("agreed", [True, False])
    def test_two_discounts_at_once_are_a_term(self, agreed: bool) -> None:
        ruling = may_discount_prepaid(enrolled(), terms=stating(single_bill=SingleBillTerms(on_prepaid=agreed)))
        assert (ruling.allowed, ruling.because) == (agreed, ("PREPAID-AGREED" if agreed else "PREPAID-NOT-AGREED",))
        with pytest.raises(TermMissing) as raised:
            may_discount_prepaid(enrolled(), terms=SILENT)
        assert raised.value.term == "single_bill.on_prepaid"

    def test_off_single_bill_no_term_is_asked(self) -> None:
        assert may_discount_prepaid(managed(), terms=SILENT).because == ("PREPAID-DIRECT",)


class TestManagement:
    """A referred account becomes managed by a request and the account holder's approval (articles 44325, 41605)."""

    def test_a_partner_asks_for_a_referred_account(self) -> None:
        assert may_request_management(referred(), partner=BRIGHTSIDE).because == ("REQUEST-REFERRED",)
        assert may_request_management(managed(), partner=BRIGHTSIDE).because == ("REQUEST-MANAGED",)
        assert may_request_management(referred(request_pending=True), partner=BRIGHTSIDE).because == ("REQUEST-PENDING",)
        assert may_request_management(Standing(account=ACCOUNT, day=DAY), partner=BRIGHTSIDE).because == ("REQUEST-OUTSIDE",)
        assert not may_request_management(referred(), partner=partner_with(PartnerStatus.SUSPENDED)).allowed

    def test_only_the_credited_partner_asks(self) -> None:
        """K-29: access is granted to "a partner who referred you"."""
        ruling = may_request_management(referred(), partner=NORTHLIGHT)
        assert (ruling.allowed, ruling.because, ruling.basis) == (False, ("REQUEST-OTHERS-CLIENT",), Basis.ELSEWHERE)
        assert may_request_management(referred(credited_to=NORTHLIGHT), partner=NORTHLIGHT).allowed
        assert may_request_management(managed(), partner=NORTHLIGHT).because == ("REQUEST-MANAGED",)

    def test_a_request_can_be_withdrawn(self) -> None:
        assert may_withdraw_request(referred(request_pending=True)).allowed
        assert not may_withdraw_request(referred()).allowed

    @pytest.mark.parametrize(("days", "allowed"), [(0, True), (30, True), (31, False)])
    def test_a_request_lapses_after_the_agreed_days(self, days: int, allowed: bool) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=30))
        ruling = may_approve_management(referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=days, terms=terms)
        assert ruling.allowed is allowed

    def test_a_request_never_lapses_where_nothing_is_agreed(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        assert may_approve_management(
            referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=9_999, terms=terms
        ).allowed

    def test_without_consent_nothing_is_approved(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        ruling = may_approve_management(referred(request_pending=True), partner=BRIGHTSIDE, consent=False, days_pending=0, terms=terms)
        assert ruling.because == ("APPROVE-NO-CONSENT",)

    def test_the_answer_of_another_user_approves_nothing(self) -> None:
        terms = stating(management=ManagementTerms(request_expires_days=NOT_AGREED))
        ruling = may_approve_management(
            referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=0, terms=terms, by_account_owner=False
        )
        assert (ruling.allowed, ruling.because, ruling.basis) == (False, ("APPROVE-NOT-OWNER",), Basis.HOUSE)

    def test_whether_a_request_lapses_is_asked_only_of_a_request(self) -> None:
        ruling = may_approve_management(referred(), partner=BRIGHTSIDE, consent=True, days_pending=0, terms=SILENT)
        assert ruling.because == ("APPROVE-NO-REQUEST",)
        with pytest.raises(TermMissing) as raised:
            may_approve_management(referred(request_pending=True), partner=BRIGHTSIDE, consent=True, days_pending=0, terms=SILENT)
        assert raised.value.term == "management.request_expires_days"

    def test_the_client_and_the_program_end_it_without_any_term(self) -> None:
        for ended_by in (EndedBy.CLIENT, EndedBy.PROGRAM):
            assert may_end_management(managed(), ended_by, terms=SILENT).allowed
        for ended_by in EndedBy:
            assert not may_end_management(referred(), ended_by, terms=SILENT).allowed

    @pytest.mark.parametrize("agreed", [True, False])
    def test_the_partner_ends_it_by_the_terms(self, agreed: bool) -> None:
        ruling = may_end_management(managed(), EndedBy.PARTNER, terms=stating(management=ManagementTerms(partner_may_end=agreed)))
        assert (ruling.allowed, ruling.basis) == (agreed, Basis.TERM)
        with pytest.raises(TermMissing) as raised:
            may_end_management(managed(), EndedBy.PARTNER, terms=SILENT)
        assert raised.value.term == "management.partner_may_end"

    def test_an_account_leaves_the_program_from_inside(self) -> None:
        assert may_leave_program(referred()).allowed
        assert may_leave_program(managed()).allowed
        assert not may_leave_program(Standing(account=ACCOUNT, day=DAY)).allowed


class TestMovingIn:
    """An existing account is moved on a written request, with the customer's consent (article 44017)."""

    TERMS = stating(management=ManagementTerms(move_in_sender_days=60))

    def move(self, **other: Any) -> Any:
        asked: dict[str, Any] = {"opened_on": DAY, "partner": BRIGHTSIDE, "current": None, "terms": self.TERMS}
        asked.update(written_request=True, consent=True, sender_on_account=False)
        asked.update(other)
        return may_move_in(DAY, **asked)

    def test_a_young_account_moves_whoever_writes(self) -> None:
        assert self.move().because == ("MOVE-REQUESTED",)
        assert self.move(opened_on=date(2025, 6, 9)).allowed

    def test_an_older_account_moves_when_its_own_address_asks(self) -> None:
        assert self.move(opened_on=date(2025, 6, 8)).because == ("MOVE-SENDER",)
        assert self.move(opened_on=date(2025, 6, 8), sender_on_account=True).allowed

    def test_never_without_request_consent_or_a_partner_that_is_another_and_active(self) -> None:
        assert self.move(written_request=False).because == ("MOVE-NO-REQUEST",)
        assert self.move(consent=False).because == ("MOVE-NO-CONSENT",)
        assert self.move(current=BRIGHTSIDE).because == ("MOVE-SAME-PARTNER",)
        assert self.move(partner=partner_with(PartnerStatus.ENDED)).because == ("MOVE-PARTNER-INACTIVE",)

    def test_from_another_partner_the_same_papers_are_asked_by_our_choice(self) -> None:
        """Article 44017 speaks of existing accounts and is silent on those of another partner."""
        ruling = self.move(current=NORTHLIGHT)
        assert (ruling.allowed, ruling.because, ruling.basis) == (True, ("MOVE-TRANSFER",), Basis.HOUSE)
        assert self.move(current=NORTHLIGHT, consent=False).because == ("MOVE-NO-CONSENT",)
        assert self.move().basis is Basis.ELSEWHERE

    def test_the_days_are_a_term_that_is_read_where_age_can_matter(self) -> None:
        assert self.move(terms=SILENT, sender_on_account=True).allowed
        with pytest.raises(TermMissing) as raised:
            self.move(terms=SILENT)
        assert raised.value.term == "management.move_in_sender_days"


class TestTheLifeOfAnAccount:
    """An account is suspended off Single Bill only (41606), and takes only the steps that some official page knows."""

    def test_suspension(self) -> None:
        assert may_suspend(managed(), invoiced_since_resume=True).allowed
        assert may_suspend(managed(), invoiced_since_resume=False).because == ("SUSPEND-TOO-SOON",)
        assert may_suspend(enrolled(), invoiced_since_resume=True).because == ("SUSPEND-SINGLE-BILL",)
        assert may_suspend(managed(status=AccountStatus.TRIAL), invoiced_since_resume=True).because == ("SUSPEND-NOT-OPEN",)

    @pytest.mark.parametrize("change", StatusChange)
    @pytest.mark.parametrize("status", AccountStatus)
    def test_steps(self, status: AccountStatus, change: StatusChange) -> None:
        assert may_change_status(referred(status=status), change).allowed is (status in oracle.STEPS[change])

    @pytest.mark.parametrize("status", [AccountStatus.OPEN, AccountStatus.PENDING_CANCELLATION])
    def test_b5_what_is_on_single_bill_is_not_held_for_a_balance(self, status: AccountStatus) -> None:
        """An enrolled account that is past due stays active: its client owes nothing, and the partner's bill is another matter."""
        assert may_change_status(managed(status=status), StatusChange.HOLD_FOR_BALANCE).because == ("STATUS-HOLD-BALANCE",)
        assert may_change_status(enrolled(status=status), StatusChange.HOLD_FOR_BALANCE).because == ("STATUS-NO-WAY",)
        assert may_change_status(enrolled(status=status), StatusChange.HOLD_FOR_COMPLIANCE).because == ("STATUS-HOLD-COMPLIANCE",)

    @pytest.mark.parametrize(
        ("status", "clause", "basis"),
        [
            (AccountStatus.SUSPENDED, "STATUS-RESUME", Basis.ELSEWHERE),
            (AccountStatus.BALANCE_DUE, "STATUS-RELEASE", Basis.ELSEWHERE),
            (AccountStatus.COMPLIANCE_HOLD, "STATUS-CLEAR", Basis.HOUSE),
        ],
    )
    def test_how_a_standstill_ends(self, status: AccountStatus, clause: str, basis: Basis) -> None:
        """K-50: taken up again; B-15: a hold lasts until payment is arranged; how a hold for compliance ends, no page says."""
        ruling = may_change_status(referred(status=status), StatusChange.RESUME)
        assert (ruling.because, ruling.basis) == ((clause,), basis)


class TestImpossibleStandings:
    """Illegal states do not construct: every combination of the facets is built, and refused exactly where it cannot be."""

    @staticmethod
    def can_be(facets: dict[str, Any], manager: str, payer: str) -> bool:
        managed_now, on_single_bill = facets["management"] is MANAGED, facets["billing_mode"] is SINGLE_BILL
        if on_single_bill and (not managed_now or payer != "manager"):
            return False
        if on_single_bill and facets["status"] in {AccountStatus.SUSPENDED, AccountStatus.CANCELED}:
            return False
        if not on_single_bill and payer != "client":
            return False
        if facets["request_pending"] and facets["management"] is not REFERRED:
            return False
        # An account has a managing partner exactly when it is managed, and an ended one manages nothing.
        return manager == "active" if managed_now else manager == "none"

    @pytest.mark.parametrize("over", [PartnerStatus.ENDED, PartnerStatus.BANNED])
    def test_every_combination(self, over: PartnerStatus) -> None:
        managers = {"none": None, "active": BRIGHTSIDE, "ended": partner_with(over)}
        payers = {"client": None, "manager": BRIGHTSIDE, "other": NORTHLIGHT}
        built = 0
        for management, pending, mode, status, manager, payer in product(
            (None, *Management), (False, True), BillingMode, AccountStatus, managers, payers
        ):
            facets: dict[str, Any] = {"management": management, "request_pending": pending, "billing_mode": mode, "status": status}
            whole = facets | {"account": ACCOUNT, "managed_by": managers[manager], "payer": payers[payer], "day": DAY}
            if self.can_be(facets, manager, payer):
                assert Standing(**whole).status is status
                built += 1
            else:
                with pytest.raises(InvalidValue, match="the account a-1 cannot stand so on 2025-08-08: "):
                    Standing(**whole)
        # Directly billed: outside, managed, referred with and without a request; on Single Bill: all but two statuses.
        assert built == 4 * 9 + 7

    def test_a_partnership_that_ends_later_still_manages(self) -> None:
        later = partner_with(PartnerStatus.ENDED, since=datetime(2025, 8, 9, tzinfo=UTC))
        assert owner_of(managed(managed_by=later)).outcome is Owner.PARTNER
        with pytest.raises(InvalidValue, match="MANAGER-NOT-ENDED"):
            managed(managed_by=later, day=date(2025, 8, 9))
