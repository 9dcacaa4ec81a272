"""Streams of plain rows: what they answer is what the rule answers about the values they stand for."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerkit import judgment
from partnerkit.attribution import (
    EXTENSION,
    AccountOpening,
    CreditReason,
    Deal,
    IdentityLink,
    Visit,
    attribute_all,
    opening_row,
    visit_row,
    winners,
)
from partnerkit.errors import InvalidValue, PartnerkitError
from partnerkit.judgment import CreditRule
from partnerkit.partners import NameAlias, Partner, PartnerName, Partners, PartnerStatus, StatusSince
from partnerkit.periods import Window
from partnerkit.rows import VisitRow
from partnerkit.streams import WinnerRow, _opening, _visit
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms
from test_attribution import DAY, HOUR, NOON, SECOND, THREE, contract, opened, partner, visit
from values import but

HALF_DAY = 12 * HOUR
_RULING = judgment._ruling

# One name that changes hands, one partner that ends and comes back, one that starts late, one whose mailbox opens accounts.
RENAMED = Partners(
    (
        Partner(
            id="acme",
            names=(
                NameAlias(name=PartnerName("acme")),
                NameAlias(name=PartnerName("shared"), until=NOON + 2 * DAY),
            ),
            emails=("owner@acme.example",),
        ),
        Partner(
            id="beta",
            names=(
                NameAlias(name=PartnerName("Beta")),
                NameAlias(name=PartnerName("shared"), since=NOON + 2 * DAY, until=NOON + 5 * DAY),
            ),
            status=(
                StatusSince(status=PartnerStatus.ACTIVE),
                StatusSince(status=PartnerStatus.SUSPENDED, since=NOON + DAY),
                StatusSince(status=PartnerStatus.ACTIVE, since=NOON + 3 * DAY),
            ),
        ),
        partner("gamma", (PartnerStatus.ACTIVE, NOON + 2 * DAY)),
        partner("delta"),
    )
)

NAMES = st.sampled_from(["acme", "delta", "shared", "Beta", "gamma", "DELTA", "Shared", "nobody", "", None])
VISITORS = st.sampled_from(["v1", "v2", "phone"])
# Most events lie within a few days, many of them at one instant; some come long after.
PLACES = st.sampled_from([*range(13), *range(13), 14, 20, 61, 62, 100]).map(lambda place: NOON + place * HALF_DAY) | st.just(
    NOON + DAY + SECOND
)
SELDOM = st.sampled_from([False, False, False, True])


@st.composite
def visit_streams(draw: st.DrawFn) -> list[Visit]:
    """Visits in order of time, many of them at one instant, some reported again at theirs."""
    plain: dict[str, Any] = {"name": NAMES, "at": PLACES, "visitor": VISITORS}
    facts = st.fixed_dictionaries(plain) | st.fixed_dictionaries(
        plain,
        optional={
            "bot": SELDOM,
            "prefetch": SELDOM,
            "ambiguous": SELDOM,
            "top_level": SELDOM.map(lambda framed: not framed),
            "consent": st.sampled_from([True, True, False, None]),
            "gpc": SELDOM,
            "source": st.sampled_from([EXTENSION, "mail"]),
        },
    )
    stated: list[dict[str, Any]] = draw(st.lists(facts, min_size=6, max_size=25))
    found = [Visit(id=f"k{place}", **one) for place, one in enumerate(stated)]
    again = draw(st.lists(st.sampled_from(found), max_size=4)) if found else []
    return sorted([*found, *again], key=lambda one: one.at)


@st.composite
def opening_streams(draw: st.DrawFn) -> list[AccountOpening]:
    """Openings in order of time, of few accounts, some reported again at their instant."""
    facts = st.fixed_dictionaries(
        {
            "account": st.integers(0, 8).map("A{}".format),
            "visitor": st.sampled_from(["v1", "v1", "v2", "v2", "phone", "nobody", ""]),
            "at": PLACES,
        },
        optional={
            "email": st.sampled_from(["Owner+new@acme.example", "someone@acme.example", " "]),
            "coupon": st.sampled_from(["spring", "SPRING ", "none"]),
            "existing_account": SELDOM,
        },
    )
    found = [opened(id=f"s{place}", **one) for place, one in enumerate(draw(st.lists(facts, min_size=4, max_size=10)))]
    again = draw(st.lists(st.sampled_from(found), max_size=3))
    return sorted([*found, *again], key=lambda one: one.at)


CONTRACTS = st.builds(
    contract,
    model=st.sampled_from([CreditModel.LAST, CreditModel.FIRST]),
    window=st.sampled_from(
        [
            *[Window.days(30), Window.unlimited()] * 3,
            Window.days(2, inclusive=False),
            Window.days(0),
            Window.days(0, inclusive=False),
            Window.hours(24),
            Window.hours(12, inclusive=False),
            Window.days(10_000_000),
            Window.calendar_days(3, zone="Asia/Tokyo"),
            Window.calendar_days(0, zone="America/Sao_Paulo"),
        ]
    ),
    on_ineligible=st.sampled_from(OnIneligible),
    eligible_at=st.sampled_from(EligibleAt),
    skew_seconds=st.sampled_from([0, 1, 43_200, 86_400, 10**18]),
    stand_down_seconds=st.sampled_from([0, 43_200, 10**6]),
    require_consent=SELDOM,
    honor_gpc=SELDOM,
    precedence=st.sampled_from(
        [
            *[(CreditSource.LINK,), (CreditSource.DEAL, CreditSource.COUPON, CreditSource.LINK)] * 3,
            (CreditSource.LINK, CreditSource.COUPON, CreditSource.DEAL),
            (CreditSource.COUPON,),
            (),
        ]
    ),
    self_referral=st.sampled_from(SelfReferral),
)
DEALS = st.lists(
    st.builds(
        lambda owner, account, start, length, approved: Deal(
            partner=owner, account=account, starts_at=start, ends_at=start + length * HOUR, approved=approved
        ),
        st.sampled_from(["acme", "beta", "gamma"]),
        st.sampled_from(["A0", "A1"]),
        PLACES,
        st.integers(0, 2_000),
        st.booleans(),
    ),
    max_size=2,
)
IDENTITIES = st.lists(
    st.builds(IdentityLink, visitor=st.sampled_from(["phone", "v2"]), account=st.sampled_from(["A0", "A2"]), at=PLACES), max_size=3
)
KNOWN = st.fixed_dictionaries(
    {
        "partners": st.sampled_from([RENAMED, RENAMED, THREE]),
        "terms": CONTRACTS,
        "erased": st.sampled_from([(), (), ("v1",)]),
        "identities": IDENTITIES,
        "deals": DEALS,
        "coupons": st.sampled_from([{"Spring": "gamma"}, {}]),
    }
)


def rows_of(openings: list[AccountOpening], visits: list[Visit], known: dict[str, Any]) -> Iterator[WinnerRow]:
    return winners(map(opening_row, openings), map(visit_row, visits), **known)


def values_of(openings: list[AccountOpening], visits: list[Visit], known: dict[str, Any], *, evidence: bool = False) -> Iterator[WinnerRow]:
    credits = attribute_all(openings, visits, **known, evidence=evidence)
    for opening, credit in zip(openings, credits, strict=True):
        yield (opening.id, credit.account, credit.partner, credit.visit and credit.visit.id, credit.reason)


def all_or_error(answers: Callable[[], Iterable[WinnerRow]]) -> list[WinnerRow | str]:
    """The answers, and at their end the error that broke them off."""
    given: list[WinnerRow | str] = []
    try:
        given.extend(answers())
    except PartnerkitError as refused:
        given.append(str(refused))
    return given


class TestTheSameAnswers:
    """Whatever comes, and however the contract reads, rows are answered as values are."""

    @settings(max_examples=500)
    @given(visit_streams(), opening_streams(), KNOWN)
    def test_as_with_the_evidence(self, visits: list[Visit], openings: list[AccountOpening], known: dict[str, Any]) -> None:
        assert list(rows_of(openings, visits, known)) == list(values_of(openings, visits, known, evidence=True))

    @settings(max_examples=300)
    @given(visit_streams(), opening_streams(), KNOWN, st.data())
    def test_as_without_evidence_down_to_what_is_refused(
        self, visits: list[Visit], openings: list[AccountOpening], known: dict[str, Any], data: st.DataObject
    ) -> None:
        ids = st.sampled_from(["k0", "k1", "k2"])
        clashing = [but(one, id=data.draw(ids)) if data.draw(st.integers(0, 3)) == 0 else one for one in visits]
        again = [but(one, id="s0") if data.draw(st.integers(0, 7)) == 0 else one for one in openings]
        if data.draw(st.booleans()):
            clashing = data.draw(st.permutations(clashing))
            again = data.draw(st.permutations(again))
        by_rows = all_or_error(lambda: rows_of(again, clashing, known))
        assert by_rows == all_or_error(lambda: values_of(again, clashing, known))

    @pytest.mark.parametrize("absent", sorted(contract().attribution.given()))
    @pytest.mark.parametrize("email", ["", "owner@acme.example"])
    @pytest.mark.parametrize("existed", [False, True])
    @pytest.mark.parametrize("facts", [{}, {"consent": True}, {"gpc": True}, {"source": EXTENSION}], ids=str)
    def test_a_term_is_missed_where_values_miss_it(self, absent: str, email: str, existed: bool, facts: dict[str, Any]) -> None:
        stated = contract().attribution.given()
        del stated[absent]
        terms = Terms(starts_on=NOON.date(), source="invented for the tests", attribution=AttributionTerms(**stated))
        openings, visits = [opened(email=email, existing_account=existed)], [visit("k1", "acme", NOON - HOUR, **facts)]
        by_rows = all_or_error(lambda: rows_of(openings, visits, {"partners": RENAMED, "terms": terms}))
        assert by_rows == all_or_error(lambda: values_of(openings, visits, {"partners": RENAMED, "terms": terms}))

    @given(visit_streams(), opening_streams(), st.sampled_from(["Asia/Tokyo", "America/New_York", "Africa/Monrovia"]))
    def test_rows_stand_for_their_values(self, visits: list[Visit], openings: list[AccountOpening], zone: str) -> None:
        assert [_visit(visit_row(one)) for one in visits] == visits
        for one in (but(each, at=each.at.astimezone(ZoneInfo(zone))) for each in openings):
            assert _opening(opening_row(one)) == one
            assert _opening(opening_row(one)).at.date() == one.at.date()


def won(openings: list[AccountOpening], visits: Iterable[VisitRow], **known: Any) -> list[WinnerRow]:
    facts: dict[str, Any] = {"partners": THREE, "terms": contract()}
    return list(winners(map(opening_row, openings), visits, **(facts | known)))


class TestWhatAStreamOfRowsHolds:
    """Rows are read no further than needed and held no longer than an opening can reach back to them."""

    def test_visits_are_read_no_further_than_needed(self) -> None:
        read: list[int] = []

        def coming() -> Iterator[VisitRow]:
            for hours in range(100):
                read.append(hours)
                yield visit_row(visit(f"k{hours}", "acme", NOON + hours * HOUR))

        stream = winners([opening_row(opened(at=NOON + 5 * HOUR))], coming(), partners=THREE, terms=contract())
        assert next(stream) == ("s1", "A1", "acme", "k5", CreditReason.LAST)
        assert len(read) == 7
        assert list(stream) == []
        assert len(read) == 7

    def test_no_visit_is_read_without_an_opening(self) -> None:
        visits = iter([visit_row(visit(f"k{place}", "acme", NOON)) for place in range(3)])
        assert list(winners([], visits, partners=THREE, terms=contract())) == []
        assert len(list(visits)) == 2

    @pytest.mark.parametrize(("window", "most"), [(Window.days(1), 60), (Window.hours(2, inclusive=False), 9), (Window.unlimited(), 1_000)])
    @pytest.mark.parametrize("between", [1, 500])
    @pytest.mark.parametrize("model", [CreditModel.LAST, CreditModel.FIRST])
    def test_memory_is_bounded_by_twice_the_window(self, window: Window, most: int, between: int, model: CreditModel) -> None:
        alive: set[int] = set()
        peak = 0

        class Witness(str):
            """A visitor id that knows whether its visit is still held."""

            __slots__ = ()

            def __del__(self) -> None:
                alive.discard(int(self.removeprefix("v")))

        def coming() -> Iterator[VisitRow]:
            nonlocal peak
            for place in range(1_000):
                alive.add(place)
                peak = max(peak, len(alive))
                row = visit_row(Visit(id=f"k{place}", visitor="v", at=NOON + place * HOUR, name="acme"))
                yield (row[0], Witness(f"v{place}"), *row[2:])

        openings = [
            opened(id=f"s{place}", account=f"A{place}", visitor="other", at=NOON + place * HOUR) for place in range(0, 1_001, between)
        ]
        won(openings, coming(), terms=contract(window=window, model=model))
        assert peak <= most
        assert peak == 1_000 or window.longest is not None

    def test_a_clock_ahead_is_no_later_than_the_opening(self) -> None:
        visits = [visit_row(visit("k1", "acme", NOON)), visit_row(visit("k2", "beta", NOON + HOUR))]
        for window, winner in (
            (Window.calendar_days(0, zone="UTC"), "k2"),
            (Window.days(0), "k2"),
            (Window.days(0, inclusive=False), None),
        ):
            [answer] = won([opened()], visits, terms=contract(window=window, skew_seconds=3_600))
            assert answer[3] == winner

    @pytest.mark.parametrize(("model", "winner"), [(CreditModel.FIRST, "k1"), (CreditModel.LAST, "k3")])
    def test_a_journey_of_several_spans_is_in_order_of_time(self, model: CreditModel, winner: str) -> None:
        visits = [visit("k1", "acme", NOON), visit("k2", "beta", NOON + 20 * DAY), visit("k3", "gamma", NOON + 28 * DAY)]
        bot = visit("k4", "beta", NOON + 29 * DAY, bot=True)
        [answer] = won([opened(at=NOON + 29 * DAY)], map(visit_row, [*visits, bot]), terms=contract(model=model))
        assert answer[3] == winner

    @pytest.mark.parametrize(("seconds", "winner"), [(0, "k2"), (1_800, "k2"), (3_600, "k1")])
    def test_an_extension_stands_down(self, seconds: int, winner: str) -> None:
        visits = [visit("k1", "beta", NOON - HOUR), visit("k2", "acme", NOON, source=EXTENSION)]
        [answer] = won([opened()], map(visit_row, visits), terms=contract(stand_down_seconds=seconds))
        assert answer[3] == winner

    def test_a_name_of_nobody_is_not_held(self) -> None:
        visits = [visit("k1", "ACME", NOON - HOUR), visit("k2", "nobody", NOON)]
        assert won([opened()], map(visit_row, visits)) == [("s1", "A1", "acme", "k1", CreditReason.LAST)]


class TestThePlainCase:
    """Where one look at the last visit tells, no value is made of a row: that is what rows are for."""

    @pytest.mark.parametrize("email", ["", "somebody@else.example"])
    @pytest.mark.parametrize("owner", ["acme", "beta"])
    def test_the_rule_is_not_asked(self, monkeypatch: pytest.MonkeyPatch, email: str, owner: str) -> None:
        def never(*_: object, **__: object) -> None:
            raise AssertionError

        monkeypatch.setattr(CreditRule, "credit", never)
        visits = [visit("k0", "gamma", NOON - DAY), visit("k1", owner, NOON - HOUR), visit("k2", "acme", NOON, bot=True)]
        expected = [("s1", "A1", owner, "k1", CreditReason.LAST), ("s2", "A2", None, None, CreditReason.NO_TOUCH)]
        openings = [opened(email=email), opened(id="s2", account="A2", visitor="v2")]
        assert won(openings, map(visit_row, visits), partners=RENAMED) == expected

    def test_every_kind_of_visit_is_ruled_on_once_a_day(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[object] = []

        def counted(*facts: Any) -> Any:
            asked.append(facts[0])
            return _RULING(*facts)

        monkeypatch.setattr(judgment, "_ruling", counted)
        visits = [visit(f"k{place}", "acme", NOON) for place in range(5)]
        openings = [opened(id=f"s{place}", account=f"A{place}", at=NOON + place * HALF_DAY) for place in range(5)]
        assert len(won(openings, map(visit_row, visits))) == 5
        assert asked == [NOON.date(), NOON.date() + DAY, NOON.date() + 2 * DAY]


class TestWhatIsRefused:
    """A stream that is not one of rows, or not in order, is refused, and told what is wrong with it."""

    def test_the_first_step_back_of_the_visits(self) -> None:
        visits = [visit("k1", "acme", NOON), visit("k2", "acme", NOON - SECOND)]
        with pytest.raises(InvalidValue, match=r"the visit 'k2' at 2026-06-15 11:59:59\+00:00 comes after 'k1' at .*: sort the visits"):
            won([opened()], map(visit_row, visits))

    def test_the_first_step_back_of_the_openings(self) -> None:
        with pytest.raises(InvalidValue, match=r"the opening 's2'.*comes after 's1'.*: sort the openings"):
            won([opened(), opened(id="s2", at=NOON - SECOND)], [])

    @pytest.mark.parametrize("model", [CreditModel.LINEAR, CreditModel.POSITION, CreditModel.TIME_DECAY])
    def test_a_model_that_shares_is_refused_at_once(self, model: CreditModel) -> None:
        with pytest.raises(InvalidValue, match="credited whole"):
            winners([], [], partners=THREE, terms=contract(model=model))

    def test_values_are_no_rows(self) -> None:
        with pytest.raises(InvalidValue, match=r"the visits hold Visit.*wanted the tuple of 11 fields that visit_row gives"):
            won([opened()], [visit("k1", "acme", NOON)])  # type: ignore[list-item]
        with pytest.raises(InvalidValue, match=r"the openings hold .*wanted the tuple of 8 fields that opening_row gives"):
            list(winners([("s1", "A1")], [], partners=THREE, terms=contract()))  # type: ignore[list-item]

    def test_an_instant_outside_the_calendar(self) -> None:
        row = opening_row(opened())
        with pytest.raises(InvalidValue, match="lies outside the calendar"):
            list(winners([(*row[:3], 10**30, *row[4:])], [], partners=THREE, terms=contract(precedence=())))

    @pytest.mark.parametrize(("at", "ahead"), [(0, 86_400 * 10**6), (253_402_300_799 * 10**6, 3_600 * 10**6), (0, 10**30)])
    def test_an_offset_that_no_clock_has(self, at: int, ahead: int) -> None:
        row = ("s1", "A1", "v1", at, ahead, "", "", False)
        with pytest.raises(InvalidValue, match="wanted less than a day, and a civil day within the calendar"):
            list(winners([row], [], partners=THREE, terms=contract(precedence=())))
