"""The article, executable: one class for each of its sentences that says something, with the sentence as its docstring."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import attrs
import pytest

from partnerkit.article import SENTENCES
from partnerkit.attribution import Credit
from partnerkit.clauses import Basis
from partnerkit.clauses.checks import points
from partnerkit.errors import InvalidLink, InvalidValue, Refused, TermMissing
from partnerkit.links import Experience, InviteLink, VendorSites, add_partner, cobrand, read_partner
from partnerkit.money import Currency, Money
from partnerkit.partners import (
    Account,
    AccountStatus,
    Management,
    Origin,
    Partner,
    PartnerName,
    Partners,
    PartnerStatus,
    Standing,
)
from partnerkit.policies import (
    CONTACT,
    CREDITING,
    DUTIES,
    OWNERSHIP,
    POLICIES,
    REWARD,
    SETUP,
    SINGLE_BILL_ENROLLMENT,
    Channel,
    ContactFacts,
    Controller,
    Counting,
    CreditingFacts,
    Duty,
    EndedBy,
    Force,
    NameReading,
    Need,
    Owner,
    PaymentMethod,
    Promotion,
    Purpose,
    RewardKind,
    Setup,
    Timing,
    controller_of,
    duties_of,
    informer_of,
    may_contact,
    may_discount_prepaid,
    may_end_management,
    may_join_single_bill,
    may_leave_single_bill,
    may_partner_contact,
    owner_of,
    payment_method_for,
    promotion,
    reward_for,
    suggested_setup,
    visit_counts,
)
from partnerkit.prices import PriceTable, Tier
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.terms import (
    BonusFrom,
    BonusTerms,
    ShareTerms,
    SingleBillTerms,
    TermsHistory,
)
from standings import (
    ACCOUNT,
    BRIGHTSIDE,
    DAY,
    DIRECT,
    LONG_AGO,
    MANAGED_PURPOSES,
    NORTHLIGHT,
    SILENT,
    SINGLE_BILL,
    TERM_OF,
    contact_terms,
    enrolled,
    managed,
    partner_with,
    referred,
    stating,
)

LANDING = "https://www.vendor.example/partner-offer"


class TestS02:
    """Partner managed vs. Partner referred."""

    def test_there_are_exactly_two_types(self) -> None:
        assert [one.value for one in Management] == ["referred", "managed"]

    def test_outside_the_program_is_neither(self) -> None:
        assert Standing(account=ACCOUNT, day=DAY).management is None


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


class TestS05:
    """The financial rewards are the same."""

    def test_at_every_point_of_the_stated_reach(self) -> None:
        """Directly billed accounts, opened by link or created by the partner: the type changes no reward."""
        answers: dict[Any, set[RewardKind]] = {}
        for facts in points(REWARD):
            if facts.billing_mode is DIRECT and facts.origin in {Origin.LINK, Origin.PARTNER_CREATED} and facts.management is not None:
                rest = (facts.credited, facts.origin, facts.within_bonus_window, facts.partnership_ended, facts.earns_after_end)
                answers.setdefault(rest, set()).add(REWARD.decide(facts).outcome)
        assert len(answers) == 2 * 2 * 2 * 2 * 2
        assert all(len(rewards) == 1 for rewards in answers.values())

    def test_single_bill_is_outside_its_reach(self) -> None:
        assert reward_for(enrolled(), terms=SILENT).outcome is not reward_for(referred(), terms=SILENT).outcome


class TestS06:
    """Designed for organizations seeking unique accounts for their various locations, departments, or users."""

    def test_one_organization_with_several_accounts_is_shown_the_other_offer(self) -> None:
        ruling = suggested_setup(Need(one_organization=True))
        assert Setup.MULTI_ACCOUNT_SOLUTION in ruling.outcome
        assert "SETUP-MULTI-ACCOUNT" in ruling.because

    def test_it_is_suggested_to_nobody_else(self) -> None:
        for need in points(SETUP):
            assert (Setup.MULTI_ACCOUNT_SOLUTION in SETUP.decide(need).outcome) is need.one_organization


class TestS07:
    """Bulk pricing, product features for brand control, customized onboarding, and more."""

    def test_a_price_in_bulk_is_a_price_table_like_any_other(self) -> None:
        tiers = (
            Tier(low=0, high=9, amount=Money.of("30.00", "USD")),
            Tier(low=10, high=None, amount=Money.of("25.00", "USD")),
        )
        table = PriceTable(item="bulk", currency=Currency("USD"), starts_on=DAY, tiers=tiers)
        assert [str(table.amount_for(accounts)) for accounts in (9, 10)] == ["30.00 USD", "25.00 USD"]

    def test_no_price_of_it_is_known_here(self) -> None:
        assert "prices" in SENTENCES["S-07"].where
        assert not [clause.id for policy in POLICIES for clause in policy.clauses if clause.cite.sentence == "S-07"]


class TestS08:
    """Have Constant Contact's coaches close the sale and retain the customer (partner referred)."""

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

    def test_whoever_plans_to_do_nothing_is_advised_to_refer(self) -> None:
        assert suggested_setup(Need()).because == ("SETUP-REFERRED",)

    def test_who_retains_a_customer_tells_it_of_changes(self) -> None:
        assert informer_of(referred()).because == ("INFORM-BY-VENDOR",)


class TestS09:
    """Or you can fully own the client relationship (partner managed)."""

    def test_one_type_at_a_time(self) -> None:
        assert owner_of(managed()).outcome is not owner_of(referred()).outcome

    def test_owning_the_relationship_is_not_owning_the_account(self) -> None:
        assert controller_of(managed()).outcome is Controller.ACCOUNT_OWNER


class TestS10:
    """Referring business is an easy way for you to generate a passive income."""

    def test_a_referred_account_brings_no_duty(self) -> None:
        ruling = duties_of(referred())
        assert (ruling.outcome, ruling.because) == ((), ("DUTY-NONE",))


class TestS11:
    """Just refer clients with your provided invite link."""

    def test_the_link_carries_the_partner(self) -> None:
        link = InviteLink(partner_name=PartnerName("brightside"), landing=LANDING)
        assert read_partner(link.url()) == "brightside"


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

    def test_the_opening_must_come_after(self) -> None:
        assert visit_counts(CreditingFacts(name=NameReading.KNOWN, timing=Timing.AFTER_OPENING), DAY).because == ("CREDIT-AFTER",)


class TestS14:
    """Credited to your partnership."""

    def test_a_partnership_is_credited_whole(self) -> None:
        """A credit names one partner, or none: no person in it and no part of it."""
        fields = {field.name: field.type for field in attrs.fields(Credit)}
        assert fields["partner"] == str | None


class TestS15:
    """In the left-hand menu, click Dashboard. … Click the My invite link button. … click the Copy button."""

    def test_no_rule_depends_on_the_vendors_pages(self) -> None:
        assert SENTENCES["S-15"].where == ()
        assert not [clause.id for policy in POLICIES for clause in policy.clauses if clause.cite.sentence == "S-15"]


class TestS16:
    """Click the Copy button next to your custom invite link."""

    def test_each_partner_has_its_own(self) -> None:
        links = [InviteLink(partner_name=PartnerName(name), landing=LANDING).url() for name in ("brightside", "northlight")]
        assert [read_partner(link) for link in links] == ["brightside", "northlight"]


class TestS17:
    """Customize your invite link to choose which plans you want to highlight."""

    def test_it_changes_what_is_seen_and_never_who_is_credited(self) -> None:
        customized = InviteLink(partner_name=PartnerName("brightside"), landing=LANDING, highlighted_plans=("standard", "premium"))
        assert read_partner(customized.url()) == "brightside"
        assert InviteLink.parse(customized.url()).highlighted_plans == ("standard", "premium")


class TestS18:
    """And if you want a "trial" and/or "buy now" experience."""

    @pytest.mark.parametrize("experience", [frozenset({Experience.TRIAL}), frozenset({Experience.BUY_NOW}), frozenset(Experience)])
    def test_one_or_both(self, experience: frozenset[Experience]) -> None:
        link = InviteLink(partner_name=PartnerName("brightside"), landing=LANDING, experience=experience)
        assert InviteLink.parse(link.url()).experience == experience
        assert read_partner(link.url()) == "brightside"

    def test_neither_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="experience"):
            InviteLink(partner_name=PartnerName("brightside"), landing=LANDING, experience=frozenset())


class TestS19:
    """You can also add ?pn=yourpartnername to the end of any Constant Contact URL."""

    @pytest.mark.parametrize(
        ("url", "made"),
        [
            ("https://blog.vendor.example/a", "https://blog.vendor.example/a?pn=brightside"),
            ("https://blog.vendor.example/a?lang=en#top", "https://blog.vendor.example/a?lang=en&pn=brightside#top"),
        ],
    )
    def test_the_name_is_added_and_all_else_stays(self, url: str, made: str) -> None:
        assert add_partner(url, "brightside") == made

    def test_another_vendors_url_is_no_co_branded_one(self) -> None:
        with pytest.raises(InvalidLink):
            cobrand("https://elsewhere.example/", "brightside", VendorSites(("blog.vendor.example",)))


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

    def test_without_a_name_after_pn_nobody_is_named(self) -> None:
        assert visit_counts(CreditingFacts(name=NameReading.MISSING, timing=Timing.IN_WINDOW), DAY).because == ("CREDIT-NO-NAME",)


class TestS22:
    """https://blog.constantcontact.com?pn=yourpartnername … https://knowledgebase.constantcontact.com?pn=yourpartnername."""

    @pytest.mark.parametrize("host", ["blog.constantcontact.com", "knowledgebase.constantcontact.com"])
    def test_the_two_examples_are_what_cobranding_makes(self, host: str) -> None:
        sites = VendorSites(("constantcontact.com",), subdomains=True)
        assert cobrand(f"https://{host}", "yourpartnername", sites) == f"https://{host}?pn=yourpartnername"
        assert sites.read_partner(f"https://{host}?pn=yourpartnername") == "yourpartnername"

    @pytest.mark.parametrize("host", ["constantcontact.com.evil.example", "myconstantcontact.com"])
    def test_a_look_alike_is_no_site_of_the_vendor(self, host: str) -> None:
        assert not VendorSites(("constantcontact.com",), subdomains=True).includes(f"https://{host}/")


class TestS23:
    """Promote your partner invite link or co-branded URLs on your website, social media accounts."""

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


class TestS26:
    """Set up your client as "Managed" by clicking the "Create An Account" button."""

    def test_what_the_partner_creates_is_managed_from_its_first_day_without_approval(self) -> None:
        program = Program(name="example", zone="UTC", sites=VendorSites(("vendor.example",)), terms=TermsHistory((SILENT,)))
        on = LONG_AGO.date()
        created = ClientRelationship.managed(ACCOUNT, BRIGHTSIDE, on=on, program=program, partners=Partners((BRIGHTSIDE,)))
        assert (created.standing_on(on).management, created.standing_on(on).origin) == (Management.MANAGED, Origin.PARTNER_CREATED)


class TestS27:
    """We'll assume you own the client relationship."""

    def test_no_proof_is_asked(self) -> None:
        assert [item.name for item in OWNERSHIP.inputs] == ["management"]

    def test_the_client_can_end_it(self) -> None:
        assert may_end_management(managed(), EndedBy.CLIENT, terms=SILENT).because == ("END-CLIENT",)


class TestS28:
    """Won't contact these account holders unless legally obligated to do so."""

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
    """It is expected that you will: … Help the customer leverage … provide ongoing 1:1 support and coaching."""

    def test_coaching_is_the_partners(self) -> None:
        assert DUTIES.clause("DUTY-COACH").then is Duty.SUPPORT_AND_COACH
        assert not may_contact(managed(), Purpose.COACHING, terms=SILENT).allowed

    def test_whom_a_partner_is_to_coach_it_may_contact(self) -> None:
        assert may_partner_contact(managed(), partner=BRIGHTSIDE).because == ("REACH-MANAGER",)


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

    def test_it_is_a_duty_of_its_own(self) -> None:
        assert "DUTY-INFORM" in duties_of(managed()).because


class TestS30c:
    """Keep the customer an active, successful user."""

    def test_retention_is_the_partners(self) -> None:
        assert DUTIES.clause("DUTY-ACTIVE").then is Duty.KEEP_ACTIVE
        assert not may_contact(managed(), Purpose.RETENTION, terms=SILENT).allowed


class TestS31:
    """Our Single Bill option allows you to pay for multiple managed client accounts with one payment each month."""

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

    def test_taking_one_off_is_read_from_it(self) -> None:
        assert (may_leave_single_bill(enrolled()).because, may_leave_single_bill(enrolled()).basis) == (("LEAVE-PICK",), Basis.IMPLIED)


class TestS34:
    """You'll receive an upfront discount on accounts, in place of the normal revenue share percentage."""

    @pytest.mark.parametrize("credited_to", [BRIGHTSIDE, NORTHLIGHT, None], ids=["same", "other", "nobody"])
    def test_the_discount_takes_the_place_of_the_share(self, credited_to: Partner | None) -> None:
        ruling = reward_for(enrolled(credited_to=credited_to), terms=SILENT)
        assert (ruling.outcome, ruling.because, ruling.basis) == (RewardKind.UPFRONT_DISCOUNT, ("REWARD-DISCOUNT",), Basis.STATED)

    def test_the_discount_comes_with_single_bill_and_never_without(self) -> None:
        for facts in points(REWARD):
            assert (REWARD.decide(facts).outcome is RewardKind.UPFRONT_DISCOUNT) is (facts.billing_mode is SINGLE_BILL)

    def test_off_single_bill_no_discount_is_left_to_come_on_top(self) -> None:
        assert may_discount_prepaid(managed(), terms=SILENT).because == ("PREPAID-DIRECT",)


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


class TestS36:
    """Financial rewards for managed and referred accounts are the same."""

    def test_it_is_no_clause_but_what_the_clauses_must_add_up_to(self) -> None:
        assert not [clause.id for policy in POLICIES for clause in policy.clauses if clause.cite.sentence in {"S-05", "S-36"}]

    @pytest.mark.parametrize("origin", [Origin.LINK, Origin.PARTNER_CREATED])
    def test_one_account_of_each_type(self, origin: Origin) -> None:
        kinds = {reward_for(kind(origin=origin), terms=SILENT).outcome for kind in (referred, managed)}
        assert kinds == {RewardKind.REVENUE_SHARE}


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
