"""What other programs document and test, asked here: facts of theirs, in the terms of this library."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import worlds
from partnerkit.attribution import AccountOpening, Credit, CreditFlag, CreditReason, Deal, Visit, attribute, attribute_all
from partnerkit.billing import Adjustment, Line, Markup, line_for, rebill, reverse
from partnerkit.errors import InvalidValue
from partnerkit.links import add_partner, read_partner
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.partners import BillingMode, NameAlias, Partner, PartnerName, Partners, PartnerStatus, StatusSince
from partnerkit.periods import Window
from partnerkit.rewards import Flat, Percent
from partnerkit.terms import AttributionTerms, Clawback, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "peer_cases.json"
START = datetime(2025, 1, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"the cases of other programs are not at {CASES}")


@cache
def cases() -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}


def facts(case_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return cases()[case_id]["given"], cases()[case_id]["expect"]


def terms(days: int) -> Terms:
    return Terms(
        starts_on=date(2020, 1, 1),
        source="invented for the tests",
        attribution=AttributionTerms(
            model=CreditModel.LAST,
            window=Window.days(days),
            eligible_at=EligibleAt.BOTH,
            on_ineligible=OnIneligible.SKIP,
            skew_seconds=0,
            stand_down_seconds=0,
            precedence=(CreditSource.DEAL, CreditSource.COUPON, CreditSource.LINK),
            require_consent=False,
            honor_gpc=False,
            self_referral=SelfReferral.DENY,
            free_mail=frozenset({"gmail.com"}),
        ),
    )


def partner(name: str, **more: Any) -> Partner:
    return Partner(id=name, names=(NameAlias(name=PartnerName(name)),), **more)


def day(text: str) -> datetime:
    """Read "day 12"."""
    return START + timedelta(days=int(text.removeprefix("day ")))


def click(name: str, at: datetime = START) -> Visit:
    return Visit(id=f"{name}-{at}", visitor="v", at=at, name=name)


def opening(at: datetime = START, **more: Any) -> AccountOpening:
    stated: dict[str, Any] = {"id": "o", "account": "A", "visitor": "v", "at": at}
    return AccountOpening(**(stated | more))


def credit(clicks: Sequence[Visit], opened: AccountOpening, *partners: Partner, days: int = 30, **known: Any) -> Credit:
    return attribute(opened, clicks, partners=Partners(partners), terms=terms(days), **known)


class TestTheWindow:
    def test_it_limits_only_the_first_binding(self) -> None:
        given, expected = facts("attr-05")
        signup, payment = (opening(day(given[what]), id=what) for what in ("signup", "payment"))
        stream = attribute_all(
            [signup, payment], [click("sam", day(given["click"]))], partners=Partners((partner("sam"),)), terms=terms(given["cookie_days"])
        )
        assert [(one.partner, one.reason) for one in stream] == [
            (expected["partner"], CreditReason.LAST),
            (expected["partner"], CreditReason.BOUND),
        ]

    def test_another_click_starts_it_anew(self) -> None:
        given, expected = facts("attr-08")
        clicks = [click(name, day(at)) for name, at in given["clicks"]]
        assert credit(clicks, opening(day(given["signup"])), partner("A"), days=given["window_days"]).partner == expected["partner"]
        assert credit(clicks[:1], opening(day(given["signup"])), partner("A"), days=given["window_days"]).partner is None

    def test_each_account_follows_the_last_click_before_it(self) -> None:
        given, expected = facts("attr-07")
        clicks = [click(one["last_click"], START + place * timedelta(days=1)) for place, one in enumerate(given["conversions"])]
        openings = [opening(one.at, id=one.id, account=one.id) for one in clicks]
        stream = attribute_all(openings, clicks, partners=Partners((partner("A"), partner("B"))), terms=terms(30))
        assert [one.partner for one in stream] == expected["partners"]


class TestClaims:
    def test_a_coupon_goes_before_a_link(self) -> None:
        given, expected = facts("attr-11")
        link, coupon = given["link_partner"], given["coupon_partner"]
        answer = credit([click(link)], opening(coupon="SAVE"), partner(link), partner(coupon), coupons={"save": coupon})
        assert (answer.partner, answer.reason) == (expected["partner"], CreditReason.COUPON)

    def test_after_a_registration_has_ended_the_next_one_holds(self) -> None:
        given, expected = facts("deal-02")
        protected = timedelta(days=given["protection_days"])
        starts = [(name, datetime.fromisoformat(since).replace(tzinfo=UTC)) for name, since in given["registrations"]]
        deals = [Deal(partner=name, account="A", starts_at=at, ends_at=at + protected, approved=True) for name, at in starts]
        closed = datetime.fromisoformat(given["close"]).replace(tzinfo=UTC)
        answer = credit([], opening(closed), *(partner(name) for name, _ in starts), deals=deals)
        assert (answer.partner, answer.reason) == (expected["partner"], CreditReason.DEAL)


class TestWhoIsNotCredited:
    def test_a_shared_mailbox_is_denied_and_a_shared_company_flagged(self) -> None:
        given, expected = facts("attr-16")
        referrer = partner("sam", emails=(given["partner_email"],))
        for email, signal in zip(given["customers"], expected["signals"], strict=True):
            answer = credit([click("sam")], opening(email=email), referrer)
            assert (answer.reason is CreditReason.SELF_REFERRAL) == (signal == "exact")
            assert (CreditFlag.SAME_DOMAIN in answer.flags) == (signal == "domain")

    @pytest.mark.parametrize("status", [PartnerStatus.SUSPENDED, PartnerStatus.ENDED, PartnerStatus.BANNED])
    def test_a_partner_that_is_no_longer_active_earns_nothing_new(self, status: PartnerStatus) -> None:
        _, expected = facts("attr-20")
        gone = partner(
            "sam", status=(StatusSince(status=PartnerStatus.ACTIVE), StatusSince(status=status, since=START + timedelta(days=1)))
        )
        answer = credit([click("sam")], opening(START + timedelta(days=2)), gone)
        assert answer.partner is expected["commission"] is None
        assert answer.reason is CreditReason.PARTNER_INACTIVE


class TestLinks:
    @pytest.mark.parametrize("case_id", ["link-03", "link-04"])
    def test_everything_else_stays(self, case_id: str) -> None:
        given, expected = facts(case_id)
        parameter, name = given["param"]
        assert add_partner(given["url"], name) == expected["url"].replace(f"{parameter}={name}", f"pn={name}")

    def test_other_parameters_name_nobody(self) -> None:
        given, expected = facts("link-08")
        assert read_partner(given["url"]) == expected["code"]


def share(sale: int, percent: str, **sections: Any) -> Line:
    """A directly billed line of a charge, whose share is a percentage."""
    terms_ = worlds.terms(share={"rate": Rate.percent(percent)} | sections.pop("share", {}), **sections)
    return line_for(worlds.charge(amount=str(usd(sale))), worlds.standing(), terms_)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency=Currency("USD"))


class TestRewards:
    @pytest.mark.parametrize("case_id", ["pct-02", "pct-03", "pct-04", "pct-08", "pct-11", "pct-12", "pct-20"])
    def test_a_part_of_the_sale(self, case_id: str) -> None:
        given, expected = facts(case_id)
        assert share(given["sale_amount"], given["rate_percent"]).share == usd(expected["commission"])

    def test_the_digits_of_another_currency(self) -> None:
        given, expected = facts("pct-22")
        amount = Money(minor=given["sale_amount"], currency=Currency(given["currency"]))
        reward = Percent(rate=Rate.percent(given["rate_percent"]), rounding=Rounding.HALF_AWAY).of(amount)
        assert reward == Money(minor=expected["commission"], currency=Currency("EUR"))

    def test_a_flat_amount_is_no_percentage(self) -> None:
        given, expected = facts("pct-24")
        assert Flat((usd(given["flat_amount"]),)).of(usd(given["sale_amount"])) == usd(expected["commission"])

    def test_a_share_and_what_is_left_of_it(self) -> None:
        given, expected = facts("split-01")
        part = Percent(rate=Rate.percent(given["admin_percent"]), rounding=Rounding.HALF_AWAY).of(usd(given["total"]))
        assert (part, usd(given["total"]) - part) == (usd(expected["admin"]), usd(expected["vendor"]))

    def test_the_rounding_is_the_programs(self) -> None:
        given, expected = facts("round-02")
        for rounding, wanted in ((Rounding.HALF_AWAY, "direct_half_up"), (Rounding.FLOOR, "referral_floor")):
            assert share(given["base"], given["rate_percent"], share={"rounding": rounding}).share == usd(expected[wanted])

    def test_nothing_earns_nothing(self) -> None:
        assert share(0, "20").share == usd(0)

    @pytest.mark.parametrize(("case_id", "section"), [("cc-02", "accounts"), ("mode-06", "payer")])
    def test_the_discount_replaces_the_share(self, case_id: str, section: str) -> None:
        given, expected = facts(case_id)
        percent = given["rate_percent" if "rate_percent" in given else "share_percent"]
        terms_ = worlds.terms(share={"rate": Rate.percent(percent)}, single_bill={"discount": Rate.percent(percent)})
        pays = [one in ("firm", {"single_bill": True}) for one in given[section]]
        modes = [BillingMode.SINGLE_BILL if partner else BillingMode.DIRECT for partner in pays]
        charge = worlds.charge(amount=str(usd(given["list_price"])))
        lines = [line_for(charge, worlds.standing(mode), terms_) for mode in modes]
        assert [line.share.minor for line in lines] == expected["revenue_share"]
        if "partner_pays" in expected:
            assert [line.net.minor if line.payer else 0 for line in lines] == expected["partner_pays"]


class TestRefunds:
    def refunded(self, line: Line, amount: int, **sections: Any) -> Adjustment:
        refund = worlds.refund("f-1", line.charge.id, str(usd(amount)), line.charge.charged_on)
        return reverse(line, refund, before=line.zero, terms=worlds.terms(**sections))

    def test_a_part_takes_back_its_part(self) -> None:
        given, expected = facts("refund-p1")
        rate = {"rate": Rate.percent(given["rate_percent"])}
        line = share(given["sale"], given["rate_percent"])
        assert line.share + self.refunded(line, given["refund"], share=rate).share == usd(expected["commission_after"])

    def test_all_of_it_leaves_nothing(self) -> None:
        given, expected = facts("ref-15")
        line = share(given["invoice"], given["rate_percent"])
        back = self.refunded(line, given["credit_note"], share={"rate": Rate.percent(given["rate_percent"])})
        assert [line.share.minor, back.share.minor] == expected["entries"]

    def test_it_goes_by_the_terms_of_the_sale(self) -> None:
        given, expected = facts("ref-04")
        line = share(given["sale"], "40")
        back = self.refunded(line, given["sale"] - given["new_sale"], share={"rate": Rate.percent("40")})
        assert line.share + back.share == usd(expected["commission"])
        with pytest.raises(InvalidValue, match="was made by terms with the fingerprint"):
            self.refunded(line, 100, share={"rate": Rate.percent("10")})

    def test_none_is_taken_back_where_that_is_agreed(self) -> None:
        given, expected = facts("refund-p4")
        kept = {"rate": Rate.percent("20"), "clawback": Clawback.NONE}
        line = share(given["commission"] * 5, "20", share=kept)
        assert line.share + self.refunded(line, given["commission"] * 5, share=kept).share == usd(expected["commission_after"])


class TestRebilling:
    def test_discount_and_markup_are_of_the_list_price(self) -> None:
        given, expected = facts("reb-01")
        terms_ = worlds.terms(single_bill={"discount": Rate.percent(given["reseller_discount_percent"])})
        line = line_for(worlds.charge(amount=str(usd(given["list"]))), worlds.standing(BillingMode.SINGLE_BILL), terms_)
        markup = Markup(rate=Rate.percent(given["markup_percent"]), rounding=Rounding.HALF_AWAY)
        for _ in range(given["edits"]):
            again = rebill(line, price=markup)
            assert (again.cost.minor, again.price.minor) == (expected["reseller_cost"], expected["customer_price"])
