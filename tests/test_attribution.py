"""Attribution: the sample scenarios, each rule by its sentence, and the laws that hold over all journeys."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution_oracle import Known, credited, linear_and_position
from partnerkit.attribution import (
    EXTENSION,
    AccountOpening,
    Credit,
    CreditFlag,
    CreditReason,
    Deal,
    IdentityLink,
    PageVisit,
    Visit,
    attribute,
    attribute_all,
)
from partnerkit.errors import InvalidLink, InvalidValue, LinkFault, PartnerkitError, TermMissing
from partnerkit.links import VendorSites
from partnerkit.partners import NameAlias, Partner, PartnerName, Partners, PartnerStatus, StatusSince
from partnerkit.periods import Window
from partnerkit.policies import Counting
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms
from partnerkit.touches import Participation, Share, _decayed, _floored_power, participation

Value = TypeVar("Value", Visit, Credit)

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases" / "attribution.json"
TRAFFIC = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "visits.jsonl"

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
ALWAYS_ACTIVE = (StatusSince(status=PartnerStatus.ACTIVE),)


def contract(**changed: Any) -> Terms:
    """Terms that state the whole attribution section, as changed."""
    stated: dict[str, Any] = {
        "model": CreditModel.LAST,
        "window": Window.days(30),
        "eligible_at": EligibleAt.BOTH,
        "on_ineligible": OnIneligible.SKIP,
        "dedupe_seconds": 0,
        "skew_seconds": 0,
        "stand_down_seconds": 0,
        "half_life_days": 7,
        "precedence": (CreditSource.DEAL, CreditSource.COUPON, CreditSource.LINK),
        "require_consent": False,
        "honor_gpc": False,
        "self_referral": SelfReferral.DENY,
        "free_mail": frozenset({"gmail.com"}),
    }
    return Terms(starts_on=date(2020, 1, 1), source="invented for the tests", attribution=AttributionTerms(**(stated | changed)))


def partner(partner_id: str, *statuses: tuple[PartnerStatus, datetime | None], emails: tuple[str, ...] = ()) -> Partner:
    """A partner named like its id, active from the beginning unless statuses are given."""
    status = tuple(StatusSince(status=status, since=since) for status, since in statuses) or ALWAYS_ACTIVE
    return Partner(id=partner_id, names=(NameAlias(name=PartnerName(partner_id)),), status=status, emails=emails)


THREE = Partners((partner("acme"), partner("beta"), partner("gamma")))


def visit(visit_id: str, name: str | None, at: datetime, **more: Any) -> Visit:
    facts: dict[str, Any] = {"id": visit_id, "visitor": "v1", "at": at, "name": name}
    return Visit(**(facts | more))


def opened(**more: Any) -> AccountOpening:
    facts: dict[str, Any] = {"id": "s1", "account": "A1", "visitor": "v1", "at": NOON}
    return AccountOpening(**(facts | more))


def changed(value: Value, **facts: Any) -> Value:
    """The same value with other facts."""
    return type(value)(**({field.name: getattr(value, field.name) for field in attrs.fields(type(value))} | facts))


def credit(*visits: Visit, opening: AccountOpening | None = None, terms: Terms | None = None, **known: Any) -> Credit:
    """Credit the opening at noon to one of three active partners, unless told otherwise."""
    facts: dict[str, Any] = {"partners": THREE, "terms": terms or contract()}
    return attribute(opening or opened(), visits, **(facts | known))


def time_of(one: Visit) -> datetime:
    return one.at


def plain(answer: Credit, **facts: Any) -> Credit:
    """The same credit without its evidence."""
    return changed(answer, considered=(), **facts)


def because(answer: Credit) -> dict[str, tuple[str, ...]]:
    """The deciding clauses by visit."""
    return {considered.visit.id: considered.ruling.because for considered in answer.considered}


def scenarios() -> list[dict[str, Any]]:
    if not CASES.exists():
        return []
    content: dict[str, Any] = json.loads(CASES.read_text(encoding="utf-8"))
    free_mail = frozenset(content["meta"]["free_mail"])
    return [scenario | {"free_mail": free_mail} for scenario in content["scenarios"]]


SCENARIOS = scenarios()
WHOLE = [one for one in SCENARIOS if one["config"]["model"] in {"last", "first"} and "error" not in one["expected"]]
SHARED = [one for one in SCENARIOS if one["config"]["model"] not in {"last", "first"} and "error" not in one["expected"]]
without_cases = pytest.mark.skipif(not SCENARIOS, reason=f"the sample cases are not at {CASES}")


class Read:
    """One scenario, read into values; in a zone its instants are built by zoneinfo."""

    def __init__(self, scenario: dict[str, Any], zone: str | None = None) -> None:
        self.scenario = scenario
        self.zone = None if zone is None else ZoneInfo(zone)

    def at(self, text: str) -> datetime:
        written = datetime.fromisoformat(text)
        return written if self.zone is None else written.astimezone(self.zone)

    def maybe(self, text: str | None) -> datetime | None:
        return None if text is None else self.at(text)

    def window(self) -> Window:
        config = self.scenario["config"]
        inclusive = config["boundary"] == "inclusive"
        match config["window"]:
            case None | "unlimited":
                return Window.unlimited()
            case {"days": days}:
                return Window.days(days, inclusive=inclusive)
            case {"hours": hours}:
                return Window.hours(hours, inclusive=inclusive)
            case {"calendar_days": days, **rest}:
                return Window.calendar_days(days, zone=str(rest.get("tz") or config.get("tz") or "UTC"))
            case other:
                raise AssertionError(other)

    def terms(self) -> Terms:
        config = self.scenario["config"]
        return contract(
            model=CreditModel(config["model"]),
            window=self.window(),
            eligible_at=EligibleAt({"signup": "opening"}.get(config["eligible_at"], config["eligible_at"])),
            on_ineligible=OnIneligible(config["on_ineligible"]),
            dedupe_seconds=config["dedupe_seconds"],
            skew_seconds=config["skew_seconds"],
            stand_down_seconds=config.get("stand_down_seconds", 0),
            half_life_days=config["half_life_days"],
            precedence=tuple(CreditSource(source) for source in config["precedence"]),
            require_consent=config["require_consent"],
            honor_gpc=config["honour_gpc"],
            self_referral=SelfReferral(config["self_referral"]),
            free_mail=self.scenario["free_mail"],
        )

    def partners(self) -> Partners:
        return Partners(
            tuple(
                Partner(
                    id=partner_id,
                    names=tuple(
                        NameAlias(name=PartnerName(alias["name"]), since=self.maybe(alias.get("from")), until=self.maybe(alias.get("to")))
                        for alias in facts["names"]
                    ),
                    status=tuple(
                        StatusSince(status=PartnerStatus(row["status"]), since=self.maybe(row.get("from"))) for row in facts["status"]
                    ),
                    emails=(facts["email"],) if "email" in facts else (),
                )
                for partner_id, facts in self.scenario["partners"].items()
            )
        )

    def visit(self, facts: dict[str, Any]) -> Visit:
        rest = {key: facts[key] for key in ("source", "bot", "prefetch", "top_level", "consent", "gpc", "ambiguous") if key in facts}
        visitor = facts.get("visitor", self.scenario["signup"]["visitor"])
        return Visit(id=facts.get("id", "later"), visitor=visitor, at=self.at(facts["at"]), name=facts["pn"], **rest)

    def visits(self) -> list[Visit]:
        return [self.visit(facts) for facts in self.scenario["visits"]]

    def opening(self, **changed: str) -> AccountOpening:
        facts = self.scenario["signup"] | changed
        rest = {key: facts[key] for key in ("email", "coupon", "existing_account") if key in facts}
        return AccountOpening(id=facts["id"], account=facts["account"], visitor=facts["visitor"], at=self.at(facts["at"]), **rest)

    def known(self) -> dict[str, Any]:
        deals = [
            Deal(
                partner=deal["partner"],
                account=deal["account"],
                starts_at=self.at(deal["from"]),
                ends_at=self.at(deal["to"]),
                approved=deal["status"] == "approved",
            )
            for deal in self.scenario.get("deals", ())
        ]
        links = [
            IdentityLink(visitor=link["visitor"], account=link["account"], at=self.at(link["at"]))
            for link in self.scenario.get("identity", ())
        ]
        return {
            "partners": self.partners(),
            "terms": self.terms(),
            "deals": deals,
            "coupons": self.scenario.get("coupons", {}),
            "identities": links,
            "erased": self.scenario.get("erased", ()),
        }


def whole(answer: Credit) -> dict[str, str]:
    return {} if answer.partner is None else {answer.partner: "1"}


@without_cases
class TestTheSampleScenarios:
    """Every sample scenario of a single credit comes out as expected, whoever builds its datetimes, alone and in a stream."""

    @pytest.mark.parametrize("zone", [None, "America/New_York", "Europe/Berlin"])
    @pytest.mark.parametrize("scenario", WHOLE, ids=lambda one: one["id"])
    def test_alone(self, scenario: dict[str, Any], zone: str | None) -> None:
        read = Read(scenario, zone)
        answer = attribute(read.opening(), read.visits(), **read.known())
        assert (whole(answer), str(answer.reason)) == (scenario["expected"]["credits"], scenario["expected"]["reason"])

    @pytest.mark.parametrize("scenario", WHOLE, ids=lambda one: one["id"])
    def test_in_a_stream(self, scenario: dict[str, Any]) -> None:
        read = Read(scenario)
        visits = sorted(read.visits(), key=time_of)
        [answer] = attribute_all([read.opening()], visits, **read.known())
        assert (whole(answer), str(answer.reason)) == (scenario["expected"]["credits"], scenario["expected"]["reason"])

    @pytest.mark.parametrize("scenario", [one for one in WHOLE if "later" in one], ids=lambda one: one["id"])
    def test_what_comes_later_changes_nothing(self, scenario: dict[str, Any]) -> None:
        read = Read(scenario)
        later = scenario["later"]
        again = read.opening(id="later", at=later["at"])
        visits = sorted([*read.visits(), *map(read.visit, later["visits"])], key=time_of)
        _, answer = attribute_all([read.opening(), again], visits, **read.known())
        assert (whole(answer), str(answer.reason)) == (scenario["expected_later"]["credits"], scenario["expected_later"]["reason"])

    @pytest.mark.parametrize("zone", [None, "America/New_York"])
    @pytest.mark.parametrize("scenario", [*SHARED, *WHOLE], ids=lambda one: one["id"])
    def test_participation(self, scenario: dict[str, Any], zone: str | None) -> None:
        read = Read(scenario, zone)
        answer = participation(read.opening(), read.visits(), **read.known())
        parts = {share.partner: str(share.part) for share in answer.shares}
        assert (parts, str(answer.reason)) == (scenario["expected"]["credits"], scenario["expected"]["reason"])
        if "units" in scenario:
            assert answer.units(scenario["units"]) == scenario["expected_units"]

    @pytest.mark.parametrize("scenario", [one for one in SCENARIOS if "error" in one["expected"]], ids=lambda one: one["id"])
    def test_what_is_wrong_is_refused(self, scenario: dict[str, Any]) -> None:
        read = Read(scenario)
        with pytest.raises(InvalidValue):
            participation(read.opening(), read.visits(), **read.known())

    @pytest.mark.parametrize("scenario", SHARED, ids=lambda one: one["id"])
    def test_a_model_that_shares_credits_nobody_whole(self, scenario: dict[str, Any]) -> None:
        read = Read(scenario)
        with pytest.raises(InvalidValue, match=r"credited whole.*'last' or 'first'"):
            attribute(read.opening(), read.visits(), **read.known())

    def test_nothing_is_left_out(self) -> None:
        errors = [one["id"] for one in SCENARIOS if "error" in one["expected"]]
        assert len(WHOLE) + len(SHARED) + len(errors) == len(SCENARIOS)


class TestTheModel:
    """The last visit that counts wins, or the first, by the terms."""

    def test_last(self) -> None:
        answer = credit(visit("k1", "acme", NOON - DAY), visit("k2", "beta", NOON - HOUR))
        assert (answer.partner, answer.visit and answer.visit.id, answer.reason) == ("beta", "k2", CreditReason.LAST)

    def test_first(self) -> None:
        answer = credit(visit("k1", "acme", NOON - DAY), visit("k2", "beta", NOON - HOUR), terms=contract(model=CreditModel.FIRST))
        assert (answer.partner, answer.visit and answer.visit.id, answer.reason) == ("acme", "k1", CreditReason.FIRST)

    @pytest.mark.parametrize(("model", "winner"), [(CreditModel.LAST, "k2"), (CreditModel.FIRST, "k1")])
    def test_visits_at_one_instant_rank_as_they_came_in(self, model: CreditModel, winner: str) -> None:
        answer = credit(visit("k1", "acme", NOON), visit("k2", "beta", NOON), terms=contract(model=model))
        assert answer.visit is not None
        assert answer.visit.id == winner

    def test_visits_need_no_order(self) -> None:
        answer = credit(visit("k2", "beta", NOON - HOUR), visit("k1", "acme", NOON - DAY))
        assert answer.partner == "beta"
        assert [considered.visit.id for considered in answer.considered] == ["k1", "k2"]

    @pytest.mark.parametrize("model", [CreditModel.LINEAR, CreditModel.POSITION, CreditModel.TIME_DECAY])
    def test_a_stream_refuses_a_model_that_shares_at_once(self, model: CreditModel) -> None:
        with pytest.raises(InvalidValue, match="credited whole"):
            attribute_all([], [], partners=THREE, terms=contract(model=model))


class TestTheWindow:
    """A visit counts when it lies in the window before the opening, compared in UTC, and never when it comes after."""

    @pytest.mark.parametrize(
        ("window", "back", "clause"),
        [
            (Window.days(30), 30 * DAY, "CREDIT-LINK"),
            (Window.days(30), 30 * DAY + SECOND, "CREDIT-EXPIRED"),
            (Window.days(30, inclusive=False), 30 * DAY, "CREDIT-EXPIRED"),
            (Window.hours(1), HOUR, "CREDIT-LINK"),
            (Window.unlimited(), 3000 * DAY, "CREDIT-LINK"),
            (Window.unlimited(), -SECOND, "CREDIT-AFTER"),
            (Window.calendar_days(1, zone="UTC"), 36 * HOUR, "CREDIT-LINK"),
            (Window.calendar_days(1, zone="UTC"), 36 * HOUR + SECOND, "CREDIT-EXPIRED"),
        ],
    )
    def test_edges(self, window: Window, back: timedelta, clause: str) -> None:
        assert because(credit(visit("k1", "acme", NOON - back), terms=contract(window=window))) == {"k1": (clause,)}

    def test_clocks_on_the_wall_do_not_count(self) -> None:
        zone = ZoneInfo("America/New_York")
        seen, later = datetime(2026, 2, 20, 12, tzinfo=zone), datetime(2026, 3, 22, 12, 30, tzinfo=zone)
        assert later - seen > 30 * DAY, "by the wall clocks of one zone the visit would be too old"
        assert credit(visit("k1", "acme", seen), opening=opened(at=later)).partner == "acme"

    def test_the_repeated_hour_of_autumn_is_told_apart(self) -> None:
        zone = ZoneInfo("Europe/Berlin")
        first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=fold) for fold in (0, 1))
        assert because(credit(visit("k1", "acme", second), opening=opened(at=first))) == {"k1": ("CREDIT-AFTER",)}
        assert because(credit(visit("k1", "acme", first), opening=opened(at=second))) == {"k1": ("CREDIT-LINK",)}

    def test_a_clock_that_runs_ahead_is_dated_at_the_opening(self) -> None:
        terms = contract(skew_seconds=300)
        late, later = visit("k1", "acme", NOON + 300 * SECOND), visit("k2", "beta", NOON + SECOND)
        assert because(credit(late, terms=terms)) == {"k1": ("CREDIT-LINK",)}
        assert because(credit(visit("k1", "acme", NOON + 301 * SECOND), terms=terms)) == {"k1": ("CREDIT-AFTER",)}
        assert credit(late, later, terms=terms).partner == "beta", "both are dated at the opening, so they rank as they came in"

    def test_a_skew_beyond_the_calendar_takes_every_visit(self) -> None:
        assert credit(visit("k1", "acme", NOON + 900 * DAY), terms=contract(skew_seconds=10**18)).partner == "acme"


class TestTheName:
    """A name is resolved at the visit; one that names nobody credits nobody and erases nobody."""

    @pytest.mark.parametrize(
        ("name", "clause"),
        [
            (None, "CREDIT-NO-NAME"),
            ("", "CREDIT-NO-NAME"),
            ("nobody", "CREDIT-UNKNOWN"),
            ("<script>", "CREDIT-UNKNOWN"),
            (" acme", "CREDIT-UNKNOWN"),
            ("acme\0", "CREDIT-UNKNOWN"),
            ("ACME", "CREDIT-LINK"),
        ],
    )
    def test_what_a_name_says(self, name: str | None, clause: str) -> None:
        assert because(credit(visit("k1", name, NOON))) == {"k1": (clause,)}

    def test_letters_beyond_ascii_are_never_taken_for_ascii_ones(self) -> None:
        kelvin = "\N{KELVIN SIGN}ate"
        assert kelvin.lower() == "kate"
        assert because(credit(visit("k1", kelvin, NOON), partners=Partners((partner("kate"),)))) == {"k1": ("CREDIT-UNKNOWN",)}

    def test_two_names_in_one_link_name_nobody(self) -> None:
        assert because(credit(visit("k1", "acme", NOON, ambiguous=True))) == {"k1": ("CREDIT-AMBIGUOUS",)}

    def test_an_unknown_name_erases_nobody(self) -> None:
        assert credit(visit("k1", "acme", NOON - DAY), visit("k2", "nobody", NOON)).partner == "acme"

    def test_a_name_that_changed_hands_belongs_to_its_owner_of_that_day(self) -> None:
        zeta = PartnerName("zeta")
        old = Partner(id="old", names=(NameAlias(name=zeta, until=NOON - 5 * DAY),))
        new = Partner(id="new", names=(NameAlias(name=zeta, since=NOON - 3 * DAY),))
        partners = Partners((old, new))
        assert credit(visit("k1", "zeta", NOON - 6 * DAY), partners=partners).partner == "old"
        assert because(credit(visit("k1", "zeta", NOON - 4 * DAY), partners=partners)) == {"k1": ("CREDIT-UNKNOWN",)}
        assert credit(visit("k1", "zeta", NOON - 3 * DAY), partners=partners).partner == "new"


class TestWhatIsNoVisit:
    """Bots, prefetches, framed pages, and visits without what privacy asks for do not count, whoever they name."""

    @pytest.mark.parametrize(
        ("facts", "terms", "clause"),
        [
            ({"bot": True}, {}, "CREDIT-BOT"),
            ({"prefetch": True}, {}, "CREDIT-PREFETCH"),
            ({"top_level": False}, {}, "CREDIT-FRAMED"),
            ({"consent": None}, {"require_consent": True}, "CREDIT-CONSENT"),
            ({"consent": False}, {"require_consent": True}, "CREDIT-CONSENT"),
            ({"consent": True}, {"require_consent": True}, "CREDIT-LINK"),
            ({"consent": False}, {"require_consent": False}, "CREDIT-LINK"),
            ({"gpc": True}, {"honor_gpc": True}, "CREDIT-PRIVACY"),
            ({"gpc": True}, {"honor_gpc": False}, "CREDIT-LINK"),
        ],
    )
    def test_clause(self, facts: dict[str, Any], terms: dict[str, Any], clause: str) -> None:
        answer = credit(visit("k1", "acme", NOON, **facts), terms=contract(**terms))
        assert because(answer) == {"k1": (clause,)}
        assert answer.reason is (CreditReason.LAST if clause == "CREDIT-LINK" else CreditReason.NO_TOUCH)

    def test_all_that_speaks_against_a_visit_is_named(self) -> None:
        answer = credit(visit("k1", "acme", NOON - 40 * DAY, bot=True))
        assert because(answer) == {"k1": ("CREDIT-BOT", "CREDIT-EXPIRED")}

    def test_an_erased_visitor_is_used_for_nothing(self) -> None:
        assert because(credit(visit("k1", "acme", NOON), erased=["v1"])) == {"k1": ("CREDIT-ERASED",)}


class TestForgetting:
    """A visitor that asks to be forgotten leaves the evidence; a credit that was earned before stays."""

    VISITS = (visit("k1", "acme", NOON - DAY), visit("k2", "beta", NOON - HOUR, visitor="phone"), visit("k3", None, NOON, visitor="phone"))
    LINKED = (IdentityLink(visitor="phone", account="A1", at=NOON),)

    @pytest.mark.parametrize(
        ("who", "left", "winner"), [("phone", ["k1"], None), ("v1", ["k2", "k3"], "k2"), ("v2", ["k1", "k2", "k3"], "k2")]
    )
    def test_its_visits_go_and_the_partner_stays(self, who: str, left: list[str], winner: str | None) -> None:
        before = credit(*self.VISITS, identities=self.LINKED)
        after = before.forget(who)
        assert [one.visit.id for one in after.considered] == left
        assert (after.partner, after.reason) == (before.partner, before.reason) == ("beta", CreditReason.LAST)
        assert (after.visit and after.visit.id) == winner
        assert (CreditFlag.ERASED in after.flags) == (after != before) == (who != "v2")

    def test_a_visit_is_missing_only_where_it_was_erased(self) -> None:
        with pytest.raises(InvalidValue, match="no credit has the reason"):
            Credit(account="A1", partner="acme", visit=None, reason=CreditReason.LAST)

    @pytest.mark.parametrize("nobody", [None, "", VISITS[0]])
    def test_who_is_meant_must_be_said(self, nobody: Any) -> None:
        with pytest.raises(InvalidValue, match="the id of the visitor is"):
            credit(*self.VISITS).forget(nobody)


class TestRepeatedReports:
    """One visit reported twice is one visit; another body under the same id is an error."""

    def test_the_second_report_does_not_count(self) -> None:
        answer = credit(visit("k1", "acme", NOON), visit("k2", "beta", NOON), visit("k1", "acme", NOON))
        assert answer.partner == "beta"
        assert [considered.ruling.because for considered in answer.considered] == [("CREDIT-LINK",), ("CREDIT-LINK",), ("CREDIT-REPEATED",)]

    def test_the_same_instant_in_another_offset_is_the_same_body(self) -> None:
        berlin = NOON.astimezone(ZoneInfo("Europe/Berlin"))
        assert credit(visit("k1", "acme", NOON), visit("k1", "acme", berlin)).partner == "acme"

    @pytest.mark.parametrize(
        "other", [visit("k1", "beta", NOON), visit("k1", "acme", NOON - HOUR), visit("k1", "acme", NOON, visitor="v2")]
    )
    def test_another_body_is_an_error(self, other: Visit) -> None:
        with pytest.raises(InvalidValue, match="two different visits have the id 'k1'"):
            credit(visit("k1", "acme", NOON), other)


class TestTheJourney:
    """The visits of the visitor that opened the account, and of visitors linked to the account by then."""

    def test_other_visitors_are_not_even_considered(self) -> None:
        assert credit(visit("k1", "acme", NOON, visitor="v2")).considered == ()

    @pytest.mark.parametrize(("known_at", "winner"), [(NOON, "acme"), (NOON + SECOND, None)])
    def test_a_linked_visitor(self, known_at: datetime, winner: str | None) -> None:
        link = IdentityLink(visitor="phone", account="A1", at=known_at)
        assert credit(visit("k1", "acme", NOON - DAY, visitor="phone"), identities=[link]).partner == winner

    def test_a_link_to_another_account_says_nothing(self) -> None:
        link = IdentityLink(visitor="phone", account="A2", at=NOON - DAY)
        assert credit(visit("k1", "acme", NOON - DAY, visitor="phone"), identities=[link]).partner is None

    def test_devices_at_one_instant_rank_as_the_visits_came_in(self) -> None:
        link = IdentityLink(visitor="phone", account="A1", at=NOON)
        visits = [visit("k1", "acme", NOON), visit("k2", "beta", NOON, visitor="phone"), visit("k3", "gamma", NOON)]
        assert credit(*visits, identities=[link]).partner == "gamma"
        assert credit(*visits[:2], identities=[link]).partner == "beta"
        assert credit(*reversed(visits), identities=[link]).partner == "acme"

    def test_an_opening_by_nobody_known_has_no_journey(self) -> None:
        assert credit(visit("k1", "acme", NOON), opening=opened(visitor="")).reason is CreditReason.NO_TOUCH


class TestTheStatus:
    """A partner must be active at the visit, at the opening, or at both, by the terms."""

    SUSPENDED = partner("acme", (PartnerStatus.ACTIVE, None), (PartnerStatus.SUSPENDED, NOON - HOUR))
    APPROVED = partner("acme", (PartnerStatus.PENDING, None), (PartnerStatus.ACTIVE, NOON - HOUR))

    @pytest.mark.parametrize(
        ("who", "when", "wins"),
        [
            (SUSPENDED, EligibleAt.VISIT, True),
            (SUSPENDED, EligibleAt.OPENING, False),
            (SUSPENDED, EligibleAt.BOTH, False),
            (APPROVED, EligibleAt.VISIT, False),
            (APPROVED, EligibleAt.OPENING, True),
            (APPROVED, EligibleAt.BOTH, False),
        ],
    )
    def test_when(self, who: Partner, when: EligibleAt, wins: bool) -> None:
        answer = credit(visit("k1", "acme", NOON - DAY), partners=Partners((who,)), terms=contract(eligible_at=when))
        assert because(answer) == {"k1": ("CREDIT-LINK",) if wins else ("CREDIT-INELIGIBLE",)}
        assert answer.reason is (CreditReason.LAST if wins else CreditReason.PARTNER_INACTIVE)

    @pytest.mark.parametrize(
        ("on_ineligible", "winner", "reason"),
        [(OnIneligible.SKIP, "beta", CreditReason.LAST), (OnIneligible.STOP, None, CreditReason.PARTNER_INACTIVE)],
    )
    def test_an_ineligible_winner_is_skipped_or_stops(self, on_ineligible: OnIneligible, winner: str | None, reason: CreditReason) -> None:
        partners = Partners((self.SUSPENDED, partner("beta")))
        visits = [visit("k1", "beta", NOON - 2 * DAY), visit("k2", "acme", NOON - DAY)]
        answer = credit(*visits, partners=partners, terms=contract(on_ineligible=on_ineligible))
        assert (answer.partner, answer.reason) == (winner, reason)

    def test_an_ineligible_loser_stops_nothing(self) -> None:
        partners = Partners((self.SUSPENDED, partner("beta")))
        visits = [visit("k1", "acme", NOON - 2 * DAY), visit("k2", "beta", NOON - DAY)]
        assert credit(*visits, partners=partners, terms=contract(on_ineligible=OnIneligible.STOP)).partner == "beta"


class TestSelfReferral:
    """A partner is not credited with its own mailbox where the terms deny it; a shared company domain is only flagged."""

    ACME = Partners((partner("acme", emails=("Owner+partners@Acme.example",)), partner("beta")))

    @pytest.mark.parametrize(
        "email",
        [
            "owner@acme.example",
            "OWNER@ACME.EXAMPLE",
            "owner+trial@acme.example",
            " owner@acme.example ",
            "owner@acme.example.",
            "Olga Owner <owner@acme.example>",
            '"owner"@acme.example',
        ],
    )
    def test_the_same_mailbox(self, email: str) -> None:
        answer = credit(visit("k1", "acme", NOON), opening=opened(email=email), partners=self.ACME)
        assert (answer.partner, answer.reason, answer.flags) == (None, CreditReason.SELF_REFERRAL, frozenset())
        assert because(answer) == {"k1": ("CREDIT-SELF",)}

    def test_the_next_partner_gets_it(self) -> None:
        visits = [visit("k1", "beta", NOON - DAY), visit("k2", "acme", NOON)]
        terms = contract(on_ineligible=OnIneligible.STOP)
        assert credit(*visits, opening=opened(email="owner@acme.example"), partners=self.ACME, terms=terms).partner == "beta"

    def test_the_terms_may_allow_it(self) -> None:
        terms = contract(self_referral=SelfReferral.ALLOW)
        answer = credit(visit("k1", "acme", NOON), opening=opened(email="owner@acme.example"), partners=self.ACME, terms=terms)
        assert (answer.partner, answer.flags) == ("acme", frozenset())

    @pytest.mark.parametrize(
        ("email", "flags"),
        [
            ("client@acme.example", frozenset({CreditFlag.SAME_DOMAIN})),
            ("client@other.example", frozenset()),
            ("", frozenset()),
            ("acme.example", frozenset()),
        ],
    )
    def test_the_same_domain(self, email: str, flags: frozenset[CreditFlag]) -> None:
        answer = credit(visit("k1", "acme", NOON), opening=opened(email=email), partners=self.ACME)
        assert (answer.partner, answer.flags) == ("acme", flags)

    def test_the_terms_may_flag_it(self) -> None:
        own = opened(email="owner@acme.example")
        for choice, flags in ((SelfReferral.FLAG, frozenset({CreditFlag.SAME_MAILBOX})), (SelfReferral.ALLOW, frozenset())):
            answer = credit(visit("k1", "acme", NOON), opening=own, partners=SOME_INACTIVE, terms=contract(self_referral=choice))
            assert (answer.partner, answer.flags) == ("acme", flags)

    def test_the_domains_of_free_mail_have_no_case(self) -> None:
        partners = Partners((partner("acme", emails=("ann@gmail.com",)),))
        answer = credit(
            visit("k1", "acme", NOON),
            opening=opened(email="bob@gmail.com"),
            partners=partners,
            terms=contract(free_mail=frozenset({"Gmail.com"})),
        )
        assert answer.flags == frozenset()

    def test_free_mail_says_nothing(self) -> None:
        partners = Partners((partner("acme", emails=("owner@gmail.com",)),))
        assert credit(visit("k1", "acme", NOON), opening=opened(email="client@gmail.com"), partners=partners).flags == frozenset()


class TestStandDown:
    """The click of an extension does not take over a visitor that another partner just sent."""

    TERMS = contract(stand_down_seconds=1800)

    @pytest.mark.parametrize(
        ("back", "winner"), [(timedelta(seconds=1800), "acme"), (timedelta(seconds=1801), "beta"), (timedelta(0), "acme")]
    )
    def test_the_limit_is_inclusive(self, back: timedelta, winner: str) -> None:
        answer = credit(visit("k1", "acme", NOON - back), visit("k2", "beta", NOON, source=EXTENSION), terms=self.TERMS)
        assert answer.partner == winner

    def test_both_stay_in_the_evidence(self) -> None:
        answer = credit(visit("k1", "acme", NOON - SECOND), visit("k2", "beta", NOON, source=EXTENSION), terms=self.TERMS)
        assert because(answer) == {"k1": ("CREDIT-LINK",), "k2": ("CREDIT-STAND-DOWN",)}

    def test_only_extensions_stand_down(self) -> None:
        assert credit(visit("k1", "acme", NOON - SECOND), visit("k2", "beta", NOON, source="mail"), terms=self.TERMS).partner == "beta"

    def test_not_behind_a_partner_of_its_own(self) -> None:
        visits = [visit("k1", "beta", NOON - DAY), visit("k2", "acme", NOON - SECOND), visit("k3", "acme", NOON, source=EXTENSION)]
        assert because(credit(*visits, terms=self.TERMS))["k3"] == ("CREDIT-LINK",)

    def test_behind_another_partner_before_its_own_last_visit(self) -> None:
        visits = [visit("k1", "beta", NOON - 2 * SECOND), visit("k2", "acme", NOON - SECOND), visit("k3", "acme", NOON, source=EXTENSION)]
        assert because(credit(*visits, terms=self.TERMS))["k3"] == ("CREDIT-STAND-DOWN",)

    def test_not_behind_a_visit_that_does_not_count(self) -> None:
        assert credit(visit("k1", "acme", NOON, bot=True), visit("k2", "beta", NOON, source=EXTENSION), terms=self.TERMS).partner == "beta"

    def test_not_behind_a_click_that_stood_down_itself(self) -> None:
        first, second, third = NOON - 3000 * SECOND, NOON - 1500 * SECOND, NOON
        visits = [
            visit("k1", "acme", first),
            visit("k2", "beta", second, source=EXTENSION),
            visit("k3", "gamma", third, source=EXTENSION),
        ]
        assert credit(*visits, terms=self.TERMS).partner == "gamma"

    def test_no_limit_no_stand_down(self) -> None:
        assert credit(visit("k1", "acme", NOON), visit("k2", "beta", NOON, source=EXTENSION)).partner == "beta"


def deal(partner_id: str, starts_at: datetime = NOON - DAY, ends_at: datetime = NOON + DAY, *, approved: bool = True) -> Deal:
    return Deal(partner=partner_id, account="A1", starts_at=starts_at, ends_at=ends_at, approved=approved)


class TestPrecedence:
    """The first source of the terms that has a partner who can be credited decides."""

    LINK = visit("k1", "gamma", NOON)
    COUPONS = {"ACME20": "acme"}  # noqa: RUF012  (never changed)

    @pytest.mark.parametrize(
        ("precedence", "winner", "reason"),
        [
            ((CreditSource.DEAL, CreditSource.COUPON, CreditSource.LINK), "beta", CreditReason.DEAL),
            ((CreditSource.COUPON, CreditSource.DEAL, CreditSource.LINK), "acme", CreditReason.COUPON),
            ((CreditSource.LINK, CreditSource.DEAL, CreditSource.COUPON), "gamma", CreditReason.LAST),
            ((), None, CreditReason.NO_TOUCH),
        ],
    )
    def test_order(self, precedence: tuple[CreditSource, ...], winner: str | None, reason: CreditReason) -> None:
        terms = contract(precedence=precedence)
        answer = credit(self.LINK, opening=opened(coupon="acme20"), terms=terms, deals=[deal("beta")], coupons=self.COUPONS)
        assert (answer.partner, answer.reason) == (winner, reason)
        assert (answer.visit is None) == (reason is not CreditReason.LAST)
        assert because(answer) == {"k1": ("CREDIT-LINK",)}, "the evidence is there whoever wins"

    @pytest.mark.parametrize(
        "void",
        [
            deal("beta", approved=False),
            deal("beta", starts_at=NOON + SECOND),
            deal("beta", ends_at=NOON - SECOND),
            Deal(partner="beta", account="A2", starts_at=NOON - DAY, ends_at=NOON + DAY, approved=True),
        ],
    )
    def test_a_deal_that_does_not_hold(self, void: Deal) -> None:
        assert credit(self.LINK, deals=[void]).partner == "gamma"

    def test_a_deal_is_asked_about_an_instant(self) -> None:
        with pytest.raises(InvalidValue, match="give an aware"):
            Deal(partner="acme", account="A1", starts_at=NOON, ends_at=NOON, approved=True).holds("A1", NOON.replace(tzinfo=None))

    def test_the_ends_of_a_deal_belong_to_it(self) -> None:
        assert credit(deals=[deal("beta", NOON, NOON)]).partner == "beta"

    def test_of_two_deals_the_first_registered(self) -> None:
        assert credit(deals=[deal("beta"), deal("acme", NOON - 2 * DAY)]).partner == "acme"
        assert credit(deals=[deal("beta"), deal("acme")]).partner == "beta"

    def test_a_deal_of_an_inactive_partner_gives_way(self) -> None:
        partners = Partners((partner("beta", (PartnerStatus.BANNED, None)), partner("gamma")))
        assert credit(self.LINK, deals=[deal("beta")], partners=partners).partner == "gamma"
        assert credit(deals=[deal("beta")], partners=partners).reason is CreditReason.PARTNER_INACTIVE

    def test_a_partner_cannot_give_itself_a_coupon(self) -> None:
        partners = Partners((partner("acme", emails=("owner@acme.example",)),))
        answer = credit(opening=opened(email="owner@acme.example", coupon="ACME20"), coupons=self.COUPONS, partners=partners)
        assert (answer.partner, answer.reason) == (None, CreditReason.SELF_REFERRAL)

    def test_a_coupon_of_nobody_erases_nobody(self) -> None:
        assert credit(self.LINK, opening=opened(coupon="OTHER"), coupons=self.COUPONS).partner == "gamma"

    def test_an_inactive_partner_of_a_source_that_is_not_asked_is_no_cause(self) -> None:
        partners = Partners((partner("gamma", (PartnerStatus.ENDED, None)),))
        assert credit(self.LINK, partners=partners, terms=contract(precedence=(CreditSource.DEAL,))).reason is CreditReason.NO_TOUCH

    @pytest.mark.parametrize(("known", "match"), [({"deals": [deal("nobody")]}, "nobody"), ({"coupons": {"C": "nobody"}}, "nobody")])
    def test_a_claim_for_an_unknown_partner_is_an_error(self, known: dict[str, Any], match: str) -> None:
        with pytest.raises(InvalidValue, match=match):
            credit(opening=opened(coupon="c"), **known)

    def test_case_does_not_tell_coupons_apart(self) -> None:
        with pytest.raises(InvalidValue, match="different case"):
            credit(coupons={"Code": "acme", "CODE": "beta"})
        assert credit(opening=opened(coupon=" cOdE "), coupons={"Code": "acme", "CODE": "acme"}).partner == "acme"


class TestWhyNobody:
    """Where nobody is credited, the strongest cause is the reason: not new, self-referral, partner inactive, no visit."""

    PARTNERS = Partners((partner("acme", emails=("owner@acme.example",)), partner("beta", (PartnerStatus.SUSPENDED, None))))
    VISITS = (visit("k1", "acme", NOON), visit("k2", "beta", NOON))

    def test_not_new_beats_all(self) -> None:
        opening = opened(existing_account=True, email="owner@acme.example", coupon="C")
        answer = credit(*self.VISITS, opening=opening, partners=self.PARTNERS, deals=[deal("acme")], coupons={"C": "acme"})
        assert (answer.partner, answer.reason) == (None, CreditReason.NOT_NEW)
        assert set(because(answer).values()) == {("CREDIT-NOT-NEW",)}

    def test_self_referral_beats_inactive(self) -> None:
        assert credit(*self.VISITS, opening=opened(email="owner@acme.example"), partners=self.PARTNERS).reason is CreditReason.SELF_REFERRAL

    def test_inactive_beats_no_visit(self) -> None:
        assert credit(self.VISITS[1], partners=self.PARTNERS).reason is CreditReason.PARTNER_INACTIVE

    def test_a_visit_that_does_not_count_is_no_cause(self) -> None:
        assert credit(visit("k1", "beta", NOON, bot=True), partners=self.PARTNERS).reason is CreditReason.NO_TOUCH


class TestTerms:
    """A term is needed only where it decides; absent there, it is an error and never a default."""

    def test_a_needed_term_that_is_absent(self) -> None:
        terms = Terms(starts_on=date(2020, 1, 1), source="invented", attribution=AttributionTerms(model=CreditModel.LAST))
        with pytest.raises(TermMissing, match=r"attribution\.window"):
            credit(visit("k1", "acme", NOON), terms=terms)

    def test_when_a_partner_must_be_active_is_asked_of_every_partner(self) -> None:
        terms = Terms(
            starts_on=date(2020, 1, 1),
            source="invented",
            attribution=AttributionTerms(**{key: value for key, value in contract().attribution.given().items() if key != "eligible_at"}),
        )
        with pytest.raises(TermMissing, match=r"attribution\.eligible_at"):
            credit(visit("k1", "acme", NOON), terms=terms)

    @pytest.mark.parametrize(
        ("known", "match"),
        [
            ({"erased": "v1"}, r"erased is 'v1': wanted the ids of visitors, such as \('v1',\)"),
            ({"erased": [7]}, "the id of the erased visitor is 7"),
            ({"partners": [partner("acme")]}, "partners is .*wanted a value of the type Partners"),
            ({"terms": contract().attribution}, "terms is .*wanted a value of the type Terms"),
            ({"deals": ["acme"]}, r"deals\[0\] is 'acme': wanted a value of the type Deal"),
            ({"identities": {"phone": "v1"}}, r"identities\[0\] is 'phone': wanted a value of the type IdentityLink"),
            ({"coupons": [("S", "acme")]}, "coupons is .*wanted a value of the type Mapping"),
            ({"coupons": {"S": "acme-inc"}}, "there is no partner 'acme-inc'"),
        ],
    )
    def test_what_is_of_another_kind_is_refused_before_anything_is_credited(self, known: dict[str, Any], match: str) -> None:
        facts: dict[str, Any] = {"partners": THREE, "terms": contract()}
        with pytest.raises(InvalidValue, match=match):
            attribute_all([], [], **(facts | known))
        with pytest.raises(InvalidValue, match=match):
            credit(**known)

    def test_a_page_view_is_no_visit(self) -> None:
        page: Any = PageVisit(id="k1", visitor="v1", at=NOON, url="https://h.example/")
        for act in (lambda: credit(page), lambda: streamed([opened()], [page])):
            with pytest.raises(InvalidValue, match=r"visits hold the page view .*: wanted the visit that its read\(sites\) gives"):
                act()

    def test_terms_that_decide_nothing_need_not_be_there(self) -> None:
        bare = AttributionTerms(
            model=CreditModel.LAST, window=Window.unlimited(), eligible_at=EligibleAt.BOTH, precedence=(CreditSource.LINK,)
        )
        terms = Terms(starts_on=date(2020, 1, 1), source="invented", attribution=bare)
        assert credit(visit("k1", "acme", NOON, consent=True), terms=terms).partner == "acme"
        with pytest.raises(TermMissing, match=r"attribution\.require_consent"):
            credit(visit("k1", "acme", NOON), terms=terms)


class TestValues:
    """What cannot be does not construct, and the error says what was wanted."""

    @pytest.mark.parametrize(
        ("facts", "match"),
        [
            ({"at": datetime(2026, 1, 1)}, "give an aware"),  # noqa: DTZ001
            ({"at": "2026-01-01T00:00:00Z"}, "give an aware"),
            ({"at": datetime.max.replace(tzinfo=ZoneInfo("America/New_York"))}, "calendar"),
            ({"id": ""}, "id of the visit"),
            ({"visitor": " v1"}, "id of the visitor"),
            ({"name": 7}, "name is 7"),
            ({"source": None}, "source is None"),
            ({"bot": 1}, "bot is 1"),
            ({"consent": "yes"}, "consent is 'yes'"),
        ],
    )
    def test_visit(self, facts: dict[str, Any], match: str) -> None:
        with pytest.raises(InvalidValue, match=match):
            changed(visit("k1", "acme", NOON), **facts)

    @pytest.mark.parametrize(
        ("facts", "match"),
        [
            ({"at": datetime(2026, 1, 1)}, "give an aware"),  # noqa: DTZ001
            ({"at": None}, "give an aware"),
            ({"account": ""}, "id of the account"),
            ({"id": ""}, "id of the opening"),
            ({"visitor": None}, "visitor is None"),
            ({"email": None}, "email is None"),
            ({"existing_account": "no"}, "existing_account is 'no'"),
        ],
    )
    def test_opening(self, facts: dict[str, Any], match: str) -> None:
        with pytest.raises(InvalidValue, match=match):
            opened(**facts)

    def test_a_deal_ends_after_it_starts(self) -> None:
        with pytest.raises(InvalidValue, match="swap"):
            deal("acme", NOON, NOON - SECOND)

    @pytest.mark.parametrize(
        "facts",
        [
            {"partner": None, "visit": None, "reason": CreditReason.LAST},
            {"partner": "acme", "visit": None, "reason": CreditReason.LAST},
            {"partner": "acme", "visit": visit("k1", "acme", NOON), "reason": CreditReason.DEAL},
            {"partner": "acme", "visit": None, "reason": CreditReason.NO_TOUCH},
            {"partner": None, "visit": None, "reason": CreditReason.DEAL},
            {"partner": None, "visit": visit("k1", "acme", NOON), "reason": CreditReason.BOUND},
            {"partner": None, "visit": None, "reason": CreditReason.LINEAR},
        ],
    )
    def test_a_credit_is_of_one_piece(self, facts: dict[str, Any]) -> None:
        with pytest.raises(InvalidValue, match="no credit has the reason"):
            Credit(account="A1", **facts)

    def test_the_civil_day_of_an_opening_is_the_one_it_was_written_in(self) -> None:
        at = datetime(2026, 6, 15, 23, 30, tzinfo=ZoneInfo("America/New_York"))
        assert opened(at=at).at.date() == date(2026, 6, 15)
        assert opened(at=at).at == at

    @pytest.mark.parametrize("member", [CreditReason.NOT_NEW, CreditFlag.SAME_DOMAIN])
    def test_enums_show_as_they_are_written(self, member: CreditReason | CreditFlag) -> None:
        assert repr(member) == f"{type(member).__name__}.{member.name}"

    def test_long_values_are_shortened_in_errors(self) -> None:
        with pytest.raises(InvalidValue) as caught:
            opened(account="x" * 10_000 + " ")
        assert len(str(caught.value)) < 400


class TestPageVisits:
    """The name of a page view is read by the vendor's sites: two different names are ambiguous, other refusals are errors."""

    SITES = VendorSites(("www.vendor.example",))

    @pytest.mark.parametrize(
        ("query", "name", "ambiguous"),
        [
            ("", None, False),
            ("?pn=acme", "acme", False),
            ("?%70n=acme#pn=beta", "acme", False),
            ("?pn=acme&pn=acme", "acme", False),
            ("?pn=acme&pn=beta", None, True),
        ],
    )
    def test_reading(self, query: str, name: str | None, ambiguous: bool) -> None:
        page = PageVisit(id="k1", visitor="v1", at=NOON, url=f"https://www.vendor.example/{query}", source="mail", bot=True, prefetch=True)
        assert page.read(self.SITES) == visit("k1", name, NOON, ambiguous=ambiguous, source="mail", bot=True, prefetch=True)

    def test_elsewhere_pn_means_other_things(self) -> None:
        page = PageVisit(id="k1", visitor="v1", at=NOON, url="https://patents.example/details?pn=acme")
        with pytest.raises(InvalidLink) as caught:
            page.read(self.SITES)
        assert caught.value.fault is LinkFault.FOREIGN_HOST

    @pytest.mark.parametrize("facts", [{"url": None}, {"id": ""}, {"bot": 1}, {"at": None}])
    def test_what_cannot_be(self, facts: dict[str, Any]) -> None:
        page: dict[str, Any] = {"id": "k1", "visitor": "v1", "at": NOON, "url": "https://www.vendor.example/"}
        with pytest.raises(InvalidValue):
            PageVisit(**(page | facts))


def share(*visits: Visit, terms: Terms, **known: Any) -> dict[str, Fraction]:
    """The parts in the opening at noon of three active partners, unless told otherwise."""
    facts: dict[str, Any] = {"partners": THREE, "terms": terms}
    answer = participation(opened(), visits, **(facts | known))
    return {one.partner: one.part for one in answer.shares}


class TestParticipation:
    """In reports an account is shared exactly among the partners whose visits led to it: linear, by position, or by age."""

    def test_position(self) -> None:
        names = ["acme", "beta", "acme", "gamma", "beta"]
        touches = [visit(f"k{place}", name, NOON - DAY + place * HOUR) for place, name in enumerate(names)]
        fifteenth = Fraction(1, 15)
        wanted = {"acme": Fraction(2, 5) + fifteenth, "beta": Fraction(2, 5) + fifteenth, "gamma": fifteenth}
        assert share(*touches, terms=contract(model=CreditModel.POSITION)) == wanted

    def test_the_weight_is_exact_on_whole_half_lives(self) -> None:
        touches = [visit("k1", "acme", NOON - 21 * DAY), visit("k2", "beta", NOON - 14 * DAY), visit("k3", "gamma", NOON)]
        wanted = {"acme": Fraction(1, 11), "beta": Fraction(2, 11), "gamma": Fraction(8, 11)}
        assert share(*touches, terms=contract(model=CreditModel.TIME_DECAY)) == wanted

    def test_between_them_it_is_floored_to_64_bits(self) -> None:
        touches = [visit("k1", "acme", NOON - timedelta(hours=84)), visit("k2", "beta", NOON)]
        weight = Fraction(isqrt(2**127), 2**64)
        assert share(*touches, terms=contract(model=CreditModel.TIME_DECAY))["acme"] == weight / (1 + weight)

    @given(st.integers(2, 40).flatmap(lambda half: st.tuples(st.integers(1, half - 1), st.just(half))))
    def test_the_floor_is_the_floor(self, exponent: tuple[int, int]) -> None:
        rest, half = exponent
        floored = _floored_power(rest, half)
        assert floored**half <= 2 ** (64 * half - rest) < (floored + 1) ** half

    @given(st.integers(1, 7 * 86_400_000_000 - 1))
    def test_older_never_weighs_more(self, age: int) -> None:
        half = 7 * 86_400_000_000
        assert _decayed(age, half) >= _decayed(age + 1, half) >= _decayed(half, half)

    def test_what_no_report_can_write_is_refused(self) -> None:
        touches = [visit("k1", "acme", datetime(1970, 1, 1, tzinfo=UTC)), visit("k2", "beta", NOON)]
        terms = contract(model=CreditModel.TIME_DECAY, window=Window.unlimited(), half_life_days=1)
        with pytest.raises(InvalidValue, match=r"a touch of 'acme' at .* is more than 10000 half-lives older than the opening"):
            share(*touches, terms=terms)
        old = share(visit("k1", "acme", NOON - 10_000 * DAY), visit("k2", "beta", NOON), terms=terms)
        assert sum(old.values()) == 1
        assert str(old["acme"])

    def test_an_extension_makes_no_visit_count_twice(self) -> None:
        visits = [
            visit("k1", "acme", NOON - 3 * HOUR, source=EXTENSION),
            visit("k2", "beta", NOON - 2 * HOUR),
            visit("k3", "gamma", NOON - HOUR),
        ]
        assert share(*visits, terms=contract(model=CreditModel.LINEAR)) == dict.fromkeys(("acme", "beta", "gamma"), Fraction(1, 3))

    def test_a_report_that_comes_again_makes_no_visit_count_twice(self) -> None:
        visits = [visit("k1", "acme", NOON), visit("k2", "beta", NOON), visit("k1", "acme", NOON)]
        assert share(*visits, terms=contract(model=CreditModel.LINEAR)) == {"acme": Fraction(1, 2), "beta": Fraction(1, 2)}
        assert share(*visits, terms=contract(model=CreditModel.LAST)) == {"beta": Fraction(1)}

    def test_a_run_of_one_partner_is_one_touch_dated_at_its_last(self) -> None:
        times = [NOON - 15 * DAY, NOON - 14 * DAY - 2 * SECOND, NOON - 14 * DAY - SECOND, NOON - 14 * DAY, NOON]
        touches = [
            visit(f"k{place}", name, at) for place, (name, at) in enumerate(zip(["beta", *["acme"] * 3, "beta"], times, strict=True))
        ]
        linear = contract(model=CreditModel.LINEAR, dedupe_seconds=1)
        assert share(*touches, terms=linear) == {"beta": Fraction(2, 3), "acme": Fraction(1, 3)}
        decay = contract(model=CreditModel.TIME_DECAY, dedupe_seconds=1)
        assert share(*touches[1:], terms=decay) == {"acme": Fraction(1, 5), "beta": Fraction(4, 5)}

    def test_an_ineligible_visit_has_no_part_or_stops_the_search(self) -> None:
        touches = [visit("k1", "acme", NOON - 2 * DAY), visit("k2", "beta", NOON - DAY), visit("k3", "gamma", NOON)]
        partners = Partners((partner("acme"), partner("beta", (PartnerStatus.ENDED, None)), partner("gamma")))
        skip, stop = (contract(model=CreditModel.LINEAR, on_ineligible=what) for what in (OnIneligible.SKIP, OnIneligible.STOP))
        assert share(*touches, terms=skip, partners=partners) == {"acme": Fraction(1, 2), "gamma": Fraction(1, 2)}
        assert share(*touches, terms=stop, partners=partners) == {"gamma": Fraction(1)}

    def test_a_deal_takes_the_whole(self) -> None:
        terms = contract(model=CreditModel.LINEAR)
        assert share(visit("k1", "acme", NOON), visit("k2", "gamma", NOON), terms=terms, deals=[deal("beta")]) == {"beta": Fraction(1)}

    def test_flags_of_all_who_have_a_part(self) -> None:
        partners = Partners((partner("acme", emails=("owner@acme.example",)), partner("beta")))
        opening = opened(email="client@acme.example")
        terms = contract(model=CreditModel.LINEAR)
        answer = participation(opening, [visit("k1", "acme", NOON), visit("k2", "beta", NOON)], partners=partners, terms=terms)
        assert answer.flags == {CreditFlag.SAME_DOMAIN}

    @pytest.mark.parametrize("parts", [[Fraction(1, 2)], [Fraction(3, 2), Fraction(-1, 2)], [Fraction(1), Fraction(0)]])
    def test_shares_are_positive_parts_of_one_whole(self, parts: list[Fraction]) -> None:
        shares = tuple(Share(partner=f"p-{place}", part=part) for place, part in enumerate(parts))
        with pytest.raises(InvalidValue, match="positive shares of one whole"):
            Participation(account="A1", shares=shares, reason=CreditReason.LINEAR)

    @pytest.mark.parametrize("total", [-1, True, "7"])
    def test_only_whole_units_are_split(self, total: Any) -> None:
        with pytest.raises(InvalidValue, match="whole number"):
            participation(opened(), [], partners=THREE, terms=contract(model=CreditModel.LINEAR)).units(total)

    @given(st.lists(st.integers(1, 1000), min_size=1, max_size=6), st.integers(0, 10**12))
    def test_units_add_up_and_are_less_than_one_off(self, weights: list[int], total: int) -> None:
        shares = tuple(Share(partner=f"p-{place}", part=Fraction(weight, sum(weights))) for place, weight in enumerate(weights))
        units = Participation(account="A1", shares=shares, reason=CreditReason.LINEAR).units(total)
        assert sum(units.values()) == total
        assert all(abs(units[one.partner] - one.part * total) < 1 for one in shares)


def streamed(openings: list[AccountOpening], visits: list[Visit], **more: Any) -> list[Credit]:
    facts: dict[str, Any] = {"partners": THREE, "terms": contract()}
    return list(attribute_all(openings, visits, **(facts | more)))


class TestTheStream:
    """A stream is the single rule over sorted events, with memory for the window only; an account once opened stays bound."""

    def test_a_later_opening_of_an_account_gives_the_first_answer(self) -> None:
        openings = [opened(), opened(id="s2", at=NOON + DAY, coupon="C"), opened(id="s3", account="A2", at=NOON + DAY)]
        visits = [visit("k1", "acme", NOON), visit("k2", "beta", NOON + HOUR)]
        first, again, other = streamed(openings, visits, coupons={"C": "gamma"})
        assert again == plain(first, reason=CreditReason.BOUND, visit=None)
        assert (first.partner, other.partner) == ("acme", "beta")

    def test_nobody_is_an_answer_that_binds_too(self) -> None:
        first, again = streamed([opened(), opened(id="s2", at=NOON + DAY)], [visit("k1", "acme", NOON + HOUR)])
        assert (first.partner, first.reason) == (None, CreditReason.NO_TOUCH)
        assert (again.partner, again.reason) == (None, CreditReason.BOUND)

    def test_the_same_report_gets_the_same_answer(self) -> None:
        first, other, again = streamed([opened(), opened(id="s2", account="A2"), opened()], [visit("k1", "acme", NOON)])
        assert first == again
        assert other.partner == "acme"

    def test_the_same_report_of_a_bound_account_gets_the_same_answer(self) -> None:
        _, again, once_more = streamed([opened(), opened(id="s2"), opened(id="s2")], [])
        assert again == once_more

    @pytest.mark.parametrize(
        "other", [{"account": "A2"}, {"email": "a@b.example"}, {"at": NOON + DAY}, {"account": "A2", "at": NOON + DAY}]
    )
    def test_another_opening_under_an_id_is_an_error(self, other: dict[str, Any]) -> None:
        with pytest.raises(InvalidValue, match="two different openings have the id 's1'"):
            streamed([opened(), opened(**other)], [])

    def test_another_visit_under_an_id_is_an_error(self) -> None:
        with pytest.raises(InvalidValue, match="two different visits have the id 'k1'"):
            streamed([opened()], [visit("k1", "acme", NOON - HOUR), visit("k1", "acme", NOON)])

    def test_the_same_visit_twice_is_one_visit(self) -> None:
        visits = [visit("k1", "acme", NOON), visit("k2", "beta", NOON), visit("k1", "acme", NOON)]
        [answer] = streamed([opened()], visits)
        assert answer == credit(*visits)

    @pytest.mark.parametrize("other", [{"name": "beta"}, {"visitor": "v2"}, {"at": NOON + 29 * DAY}, {"at": NOON + 30 * DAY}])
    def test_another_visit_under_a_held_id_is_an_error(self, other: dict[str, Any]) -> None:
        first = visit("k1", "acme", NOON)
        with pytest.raises(InvalidValue, match="two different visits have the id 'k1'"):
            streamed(
                [opened(at=NOON + 60 * DAY)], sorted([first, changed(first, **other), visit("k2", None, NOON + 20 * DAY)], key=time_of)
            )

    def test_linked_visitors_rank_as_the_visits_came_in(self) -> None:
        link = IdentityLink(visitor="phone", account="A1", at=NOON)
        late = NOON + 29 * DAY
        visits = [
            visit("k1", "gamma", NOON - 20 * DAY, visitor="phone"),
            visit("k2", "acme", late, visitor="phone"),
            visit("k3", "beta", late),
            visit("k4", "acme", late, visitor="phone"),
        ]
        for count in (3, 4):
            [answer] = streamed([opened(at=late)], visits[:count], identities=[link], terms=contract(window=Window.days(60)))
            assert answer == credit(*visits[:count], opening=opened(at=late), identities=[link], terms=contract(window=Window.days(60)))

    @pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
    def test_the_ends_of_the_calendar(self, at: datetime) -> None:
        terms = contract(skew_seconds=10**18)
        visits = [visit("k1", "beta", at), visit("k2", "acme", at)]
        [answer] = streamed([opened(at=at)], visits, terms=terms)
        assert answer == credit(*visits, opening=opened(at=at), terms=terms)
        for count in (1, 2):
            [bare] = streamed([opened(at=at)], visits[:count], terms=terms, evidence=False)
            assert bare.visit == visits[count - 1]

    def test_the_first_step_back_of_the_openings_is_refused(self) -> None:
        stream = attribute_all([opened(), opened(id="s2", at=NOON - SECOND)], [], partners=THREE, terms=contract())
        assert next(stream).account == "A1"
        with pytest.raises(InvalidValue, match=r"the opening 's2'.*comes after 's1'.*sort the openings"):
            next(stream)

    def test_the_first_step_back_of_the_visits_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match=r"the visit 'k2'.*comes after 'k1'.*sort the visits"):
            streamed([opened()], [visit("k1", "acme", NOON), visit("k2", "acme", NOON - SECOND)])

    def test_a_step_back_by_the_clock_on_the_wall_is_none(self) -> None:
        zone = ZoneInfo("Europe/Berlin")
        times = [datetime(2026, 10, 25, 2, 30, tzinfo=zone), datetime(2026, 10, 25, 2, 10, tzinfo=zone, fold=1)]
        answers = streamed([opened(id=f"s{place}", account=f"A{place}", at=at) for place, at in enumerate(times)], [])
        assert len(answers) == 2

    def test_visits_are_read_no_further_than_needed(self) -> None:
        read: list[str] = []

        def coming() -> Iterator[Visit]:
            for hours in range(100):
                read.append(f"k{hours}")
                yield visit(f"k{hours}", "acme", NOON + hours * HOUR)

        stream = attribute_all([opened(at=NOON + 5 * HOUR)], coming(), partners=THREE, terms=contract())
        assert next(stream).visit == visit("k5", "acme", NOON + 5 * HOUR)
        assert len(read) == 7

    def test_a_visit_with_a_clock_ahead_is_waited_for(self) -> None:
        [answer] = streamed([opened()], [visit("k1", "acme", NOON + 5 * SECOND)], terms=contract(skew_seconds=5))
        assert answer.partner == "acme"

    def test_without_evidence_the_winner_is_the_same(self) -> None:
        visits = [visit("k1", "acme", NOON)]
        [bare], [full] = streamed([opened()], visits, evidence=False), streamed([opened()], visits)
        assert bare == plain(full)

    @pytest.mark.parametrize(("window", "most"), [(Window.days(1), 54), (Window.hours(2, inclusive=False), 9), (Window.unlimited(), 1_000)])
    @pytest.mark.parametrize("between", [1, 500])
    def test_memory_is_bounded_by_twice_the_window(self, window: Window, most: int, between: int) -> None:
        alive: set[int] = set()
        peak = 0

        class Witness(str):
            """A visitor id that knows whether its visit is still held."""

            __slots__ = ()

            def __del__(self) -> None:
                alive.discard(int(self.removeprefix("v")))

        def coming() -> Iterator[Visit]:
            nonlocal peak
            for place in range(1_000):
                alive.add(place)
                peak = max(peak, len(alive))
                yield Visit(id=f"k{place}", visitor=Witness(f"v{place}"), at=NOON + place * HOUR, name="acme")

        openings = (
            opened(id=f"s{place}", account=f"A{place}", visitor="other", at=NOON + place * HOUR) for place in range(0, 1_001, between)
        )
        for _ in attribute_all(openings, coming(), partners=THREE, terms=contract(window=window)):
            pass
        assert peak <= most
        assert peak == 1_000 or window.longest is not None


NAMES = st.sampled_from(["acme", "BETA", "gamma", "nobody", "", None])
INSTANTS = st.integers(-40 * 24, 12).map(lambda hours: NOON + hours * HOUR)


@st.composite
def visits(draw: st.DrawFn, most: int = 12) -> list[Visit]:
    """Visits of a few visitors, in no order, with all kinds of facts; ids are their places."""
    facts: list[dict[str, Any]] = draw(
        st.lists(
            st.fixed_dictionaries(
                {"name": NAMES, "at": INSTANTS, "visitor": st.sampled_from(["v1", "v2", "phone"])},
                optional={
                    "bot": st.booleans(),
                    "ambiguous": st.booleans(),
                    "top_level": st.booleans(),
                    "consent": st.sampled_from([True, False, None]),
                    "gpc": st.booleans(),
                    "source": st.sampled_from([EXTENSION, "mail"]),
                },
            ),
            max_size=most,
        )
    )
    return [Visit(id=f"k{place}", **one) for place, one in enumerate(facts)]


CONTRACTS = st.builds(
    contract,
    model=st.sampled_from([CreditModel.LAST, CreditModel.FIRST]),
    window=st.sampled_from(
        [Window.days(30), Window.days(2, inclusive=False), Window.unlimited(), Window.calendar_days(3, zone="Asia/Tokyo")]
    ),
    on_ineligible=st.sampled_from(OnIneligible),
    eligible_at=st.sampled_from(EligibleAt),
    skew_seconds=st.sampled_from([0, 3600]),
    stand_down_seconds=st.sampled_from([0, 7200]),
    require_consent=st.booleans(),
    honor_gpc=st.booleans(),
)
SOME_INACTIVE = Partners(
    (
        partner("acme", emails=("owner@acme.example",)),
        partner("beta", (PartnerStatus.ACTIVE, None), (PartnerStatus.SUSPENDED, NOON - 10 * DAY)),
        partner("gamma", (PartnerStatus.PENDING, None), (PartnerStatus.ACTIVE, NOON - 20 * DAY)),
    )
)
IDENTITIES = [IdentityLink(visitor="phone", account="A1", at=NOON - DAY)]


def credit_among(found: list[Visit], terms: Terms, opening: AccountOpening | None = None) -> Credit:
    return attribute(opening or opened(), found, partners=SOME_INACTIVE, terms=terms, identities=IDENTITIES)


class TestTheLaws:
    """What holds for every journey."""

    @given(visits(), CONTRACTS)
    def test_the_winner_counts_and_came_before_the_opening(self, found: list[Visit], terms: Terms) -> None:
        answer = credit_among(found, terms)
        if answer.visit is not None:
            assert answer.visit.at <= NOON + timedelta(seconds=terms.attribution.skew_seconds)
            [ruling] = [considered.ruling for considered in answer.considered if considered.visit is answer.visit]
            assert ruling.outcome is Counting.COUNTS

    @given(visits(), CONTRACTS)
    def test_every_visit_of_the_journey_is_considered_in_order_of_time(self, found: list[Visit], terms: Terms) -> None:
        answer = credit_among(found, terms)
        journey = [one for one in found if one.visitor in {"v1", "phone"}]
        assert sorted(one.visit.id for one in answer.considered) == sorted(one.id for one in journey)
        times = [min(one.visit.at, NOON) for one in answer.considered]
        assert times == sorted(times)

    @given(visits(), CONTRACTS)
    def test_a_partner_is_credited_exactly_when_a_visit_counts_unless_the_search_stops(self, found: list[Visit], terms: Terms) -> None:
        answer = credit_among(found, terms)
        counting = [one.visit for one in answer.considered if one.ruling.outcome is Counting.COUNTS]
        if terms.attribution.on_ineligible is OnIneligible.SKIP:
            wanted = (counting[-1] if terms.attribution.model is CreditModel.LAST else counting[0]) if counting else None
            assert answer.visit == wanted
        else:
            assert answer.visit is None or answer.visit in counting

    @given(visits(), CONTRACTS, st.integers(0, 12), INSTANTS)
    def test_an_unknown_name_never_moves_a_credit(self, found: list[Visit], terms: Terms, place: int, at: datetime) -> None:
        more = [*found[:place], visit("new", "nobody", at), *found[place:]]
        assert plain(credit_among(more, terms)) == plain(credit_among(found, terms))

    @given(visits(), CONTRACTS, st.integers(1, 1000))
    def test_a_visit_after_the_opening_never_moves_a_credit(self, found: list[Visit], terms: Terms, seconds: int) -> None:
        late = visit("new", "acme", NOON + timedelta(seconds=terms.attribution.skew_seconds + seconds))
        assert plain(credit_among([*found, late], terms)) == plain(credit_among(found, terms))

    @given(visits(), CONTRACTS, INSTANTS, st.sampled_from(["acme", "beta", "gamma"]))
    def test_another_visit_takes_the_credit_or_leaves_it(self, found: list[Visit], terms: Terms, at: datetime, name: str) -> None:
        unstaged = [changed(one, source="") for one in found]
        before, after = credit_among(unstaged, terms), credit_among([*unstaged, visit("new", name, at)], terms)
        took = after.visit is not None and after.visit.id == "new"
        stopped = after.partner is None and terms.attribution.on_ineligible is OnIneligible.STOP
        assert took or stopped or (after.partner, after.visit) == (before.partner, before.visit)

    @given(visits(), CONTRACTS)
    def test_nothing_is_left_of_a_forgotten_visitor(self, found: list[Visit], terms: Terms) -> None:
        answer = credit_among(found, terms)
        forgotten = answer.forget("v1")
        assert "'v1'" not in repr(forgotten)
        assert (forgotten.account, forgotten.partner, forgotten.reason) == (answer.account, answer.partner, answer.reason)
        assert forgotten.forget("v1") is forgotten
        report = participation(opened(), found, partners=SOME_INACTIVE, terms=terms, identities=IDENTITIES)
        assert report.forget("v1").considered == forgotten.considered
        assert report.forget("v1").shares == report.shares
        assert set(forgotten.considered) <= set(answer.considered)

    @given(visits(), CONTRACTS)
    def test_reporting_everything_twice_changes_nothing(self, found: list[Visit], terms: Terms) -> None:
        once, twice = credit_among(found, terms), credit_among([*found, *found], terms)
        assert plain(once) == plain(twice)

    @given(visits(), CONTRACTS)
    def test_the_offset_an_instant_is_written_in_means_nothing(self, found: list[Visit], terms: Terms) -> None:
        zone = ZoneInfo("America/New_York")
        elsewhere = [changed(one, at=one.at.astimezone(zone)) for one in found]
        assert credit_among(elsewhere, terms, opened(at=NOON.astimezone(zone))) == credit_among(found, terms)

    @given(visits(30), CONTRACTS, st.lists(INSTANTS, max_size=6))
    def test_a_stream_answers_like_the_single_rule(self, found: list[Visit], terms: Terms, times: list[datetime]) -> None:
        ordered = sorted(found, key=time_of)
        openings = [opened(id=f"s{place}", account=f"A{place}", at=at) for place, at in enumerate(sorted(times))]
        answers = list(attribute_all(openings, ordered, partners=SOME_INACTIVE, terms=terms, identities=IDENTITIES))
        bare = attribute_all(openings, ordered, partners=SOME_INACTIVE, terms=terms, identities=IDENTITIES, evidence=False)
        assert list(bare) == list(map(plain, answers))
        for opening, answer in zip(openings, answers, strict=True):
            alone = credit_among(ordered, terms, opening)
            assert plain(answer) == plain(alone)
            held = [considered for considered in alone.considered if is_held(considered.visit, opening, terms)]
            assert list(answer.considered) == held

    @given(visits(), CONTRACTS, st.sampled_from(CreditModel))
    def test_somebody_has_a_part_exactly_when_somebody_is_credited(self, found: list[Visit], terms: Terms, model: CreditModel) -> None:
        stated = terms.attribution.given() | {"model": CreditModel.LAST}
        credited = credit_among(found, contract(**stated))
        shared = participation(
            opened(), found, partners=SOME_INACTIVE, terms=contract(**(stated | {"model": model})), identities=IDENTITIES
        )
        assert shared.considered == credited.considered
        if model is not CreditModel.FIRST:
            assert (credited.partner in {one.partner for one in shared.shares}) == (credited.partner is not None)
            assert bool(shared.shares) == (credited.partner is not None)

    @given(visits(), CONTRACTS)
    def test_nothing_but_errors_of_partnerkit(self, found: list[Visit], terms: Terms) -> None:
        clashing = [changed(one, id="k0") for one in found]
        try:
            credit_among(clashing, terms)
        except PartnerkitError:
            assert len(found) > 1


@st.composite
def crowded_streams(draw: st.DrawFn) -> tuple[list[Visit], list[AccountOpening]]:
    """Visits of many days, several at one instant, some reported again, and openings among them."""
    times = st.integers(0, 400).map(lambda hours: NOON + 6 * hours * HOUR)
    found = [changed(one, at=draw(times)) for one in draw(visits(40))]
    again = draw(st.lists(st.sampled_from(found), max_size=6)) if found else []
    openings = [
        opened(id=f"s{place}", account=f"A{place % 5}", visitor=draw(st.sampled_from(["v1", "v2", "elsewhere"])), at=at)
        for place, at in enumerate(sorted(draw(st.lists(times, max_size=12))))
    ]
    return sorted([*found, *again], key=time_of), openings


class TestStreamsOfManyWindows:
    """Spans of time come and go, reports come again, and several visits share an instant: the rule asked alone says the same."""

    LINKED = tuple(IdentityLink(visitor="phone", account=f"A{place}", at=NOON) for place in range(5))

    @given(crowded_streams(), CONTRACTS)
    def test_every_first_opening_of_an_account(self, events: tuple[list[Visit], list[AccountOpening]], terms: Terms) -> None:
        found, openings = events
        known: dict[str, Any] = {"partners": SOME_INACTIVE, "terms": terms, "identities": self.LINKED}
        answers = list(attribute_all(openings, found, **known))
        assert list(attribute_all(openings, found, **known, evidence=False)) == list(map(plain, answers))
        opened_before: set[str] = set()
        for opening, answer in zip(openings, answers, strict=True):
            if opening.account in opened_before:
                assert answer.reason is CreditReason.BOUND
                continue
            opened_before.add(opening.account)
            alone = attribute(opening, found, **known)
            assert plain(answer) == plain(alone)
            assert list(answer.considered) == [one for one in alone.considered if is_held(one.visit, opening, terms)]


DEALS = st.lists(
    st.builds(
        lambda partner, start, length, approved: Deal(
            partner=partner, account="A1", starts_at=start, ends_at=start + length * HOUR, approved=approved
        ),
        st.sampled_from(["acme", "beta", "gamma"]),
        INSTANTS,
        st.integers(0, 2_000),
        st.booleans(),
    ),
    max_size=2,
    unique_by=lambda deal: deal.starts_at,
)


@st.composite
def reported_again(draw: st.DrawFn) -> list[Visit]:
    """Visits, some of which are reported twice."""
    found = draw(visits())
    return [*found, *(draw(st.lists(st.sampled_from(found), max_size=3)) if found else [])]


GONE = st.sampled_from(["", "v1"])
OPENINGS = st.builds(
    opened,
    email=st.sampled_from(["", "Owner+new@acme.example", "someone@acme.example"]),
    coupon=st.sampled_from(["", "spring", "SPRING", "none"]),
    existing_account=st.sampled_from([False, False, False, True]),
)


class TestAgainstTheRulesWrittenDownTwice:
    """A second text of the rules, one sentence each, names the same partner by the same visit for the same reason."""

    @settings(max_examples=600)
    @given(
        visits(),
        CONTRACTS,
        OPENINGS,
        DEALS,
        st.permutations(list(CreditSource)),
        st.sampled_from(SelfReferral),
        st.sampled_from(["", "v1"]),
    )
    def test_who_is_credited_by_what_and_why(  # noqa: PLR0913, PLR0917
        self,
        found: list[Visit],
        terms: Terms,
        opening: AccountOpening,
        deals: list[Deal],
        order: list[CreditSource],
        own: SelfReferral,
        gone: str,
    ) -> None:
        stated = contract(**(terms.attribution.given() | {"precedence": tuple(order), "self_referral": own}))
        coupons, erased = {"Spring": "gamma"}, frozenset(filter(None, [gone]))
        answer = attribute(
            opening, found, partners=SOME_INACTIVE, terms=stated, deals=deals, coupons=coupons, identities=IDENTITIES, erased=erased
        )
        wanted = credited(opening, found, Known(SOME_INACTIVE.partners, stated.attribution, deals, coupons, IDENTITIES, erased))
        assert (answer.partner, answer.visit and answer.visit.id, answer.reason) == wanted

    @settings(max_examples=400)
    @given(reported_again(), CONTRACTS, OPENINGS, st.sampled_from([0, 3600]))
    def test_what_part_everybody_had(self, found: list[Visit], terms: Terms, opening: AccountOpening, apart: int) -> None:
        stated = terms.attribution.given() | {"precedence": (CreditSource.LINK,), "dedupe_seconds": apart}
        wanted = linear_and_position(opening, found, Known(SOME_INACTIVE.partners, contract(**stated).attribution, identities=IDENTITIES))
        for model, parts in zip((CreditModel.LINEAR, CreditModel.POSITION), wanted, strict=True):
            shared = participation(
                opening, found, partners=SOME_INACTIVE, terms=contract(**(stated | {"model": model})), identities=IDENTITIES
            )
            assert {one.partner: one.part for one in shared.shares} == ({} if opening.existing_account else parts)


def is_held(one: Visit, opening: AccountOpening, terms: Terms) -> bool:
    longest = terms.attribution.window.longest
    if one.at - opening.at > timedelta(seconds=terms.attribution.skew_seconds):
        return False
    return longest is None or opening.at - one.at <= longest


@pytest.mark.skipif(not TRAFFIC.exists(), reason=f"the real traffic is not at {TRAFFIC}")
class TestRealTraffic:
    """On the visits of a real site, with an opening after every tenth, the stream agrees with the rule asked alone."""

    def test_the_stream_agrees(self) -> None:
        rows = [json.loads(line) for line in TRAFFIC.read_text(encoding="utf-8").splitlines()]
        names = ["acme", "beta", "gamma", "nobody", None, None]
        seen = [
            Visit(
                id=f"k{place}",
                visitor=row["visitor"],
                at=datetime.fromisoformat(row["at"]),
                name=names[sum(map(ord, row["url"])) % len(names)],
                bot=row["bot"],
            )
            for place, row in enumerate(rows)
        ]
        seen.sort(key=time_of)
        openings = [
            AccountOpening(id=f"s{place}", account=f"A{place}", visitor=one.visitor, at=one.at + HOUR)
            for place, one in enumerate(seen[::10])
        ]
        terms = contract(window=Window.hours(36))
        answers = list(attribute_all(openings, seen, partners=THREE, terms=terms))
        by_visitor: dict[str, list[Visit]] = {}
        for one in seen:
            by_visitor.setdefault(one.visitor, []).append(one)
        for opening, answer in zip(openings, answers, strict=True):
            alone = attribute(opening, by_visitor[opening.visitor], partners=THREE, terms=terms)
            assert (answer.partner, answer.visit, answer.reason) == (alone.partner, alone.visit, alone.reason)
        assert {answer.partner for answer in answers} == {"acme", "beta", "gamma", None}
