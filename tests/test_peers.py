"""What other programs document and test about links and attribution, asked here: facts of theirs, in the terms of this library."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from partnerkit.attribution import AccountOpening, Credit, CreditFlag, CreditReason, Deal, Visit, attribute, attribute_all
from partnerkit.links import add_partner, read_partner
from partnerkit.partners import NameAlias, Partner, PartnerName, Partners, PartnerStatus, StatusSince
from partnerkit.periods import Window
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms

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
