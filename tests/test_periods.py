"""The laws of civil time: months, periods, billing dates on an anchor, proration and look-back windows."""

import datetime as dt
import json
import pickle
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.errors import InvalidValue
from partnerkit.money import Currency, Money, Rounding
from partnerkit.periods import Month, Period, ProrationBasis, Window, WindowUnit, billing_dates, civil_day, cycle_containing, prorate

CASES = Path(__file__).resolve().parents[1].parent / "shared" / "cases"
MONTHS = {"month": 1, "quarter": 3, "semiannual": 6, "year": 12}

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
anchors = st.integers(1, 31)
steps = st.sampled_from([1, 2, 3, 6, 12])
roundings = st.sampled_from(Rounding)
amounts = st.integers(-(10**9), 10**9).map(lambda minor: Money(minor=minor, currency=Currency("USD")))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati"])


cycles = st.builds(lambda when, anchor, months: cycle_containing(when, anchor, months=months, since=when), days, anchors, steps)


def cases(name: str, **wanted: set[str]) -> list[Any]:
    file = CASES / name
    if not file.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"the shared cases are not here: {file} is missing"))]
    listed = json.loads(file.read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case["id"]) for case in listed if all(case[key] in values for key, values in wanted.items())]


def anchored(kind: str) -> list[Any]:
    """The anchor cases of a kind whose unit is a number of months."""
    return [case for case in cases("anchors.json", kind={kind}) if case.values[0] is None or case.values[0]["input"]["unit"] in MONTHS]


def with_items(listed: list[Any]) -> list[Any]:
    """The proration cases that name the price of every part of a series."""
    return [case for case in listed if case.values[0] is None or "items" in case.values[0]["expect"]]


def months_of(given: dict[str, Any]) -> int:
    return MONTHS[given["unit"]] * int(given.get("count", 1))


def day(text: str) -> date:
    return date.fromisoformat(text)


def inclusive(first: str, last: str) -> Period:
    return Period(day(first), day(last) + timedelta(days=1))


def usd(text: str) -> Money:
    return Money.of(text, "USD")


class TestMonth:
    """A calendar month knows its neighbors, its days and where a day of the month falls."""

    @given(days)
    def test_the_month_of_a_day_holds_it(self, when: date) -> None:
        month = Month.of(when)
        assert when in month.period
        assert str(month) == when.isoformat()[:7]
        assert Month.parse(str(month)) == month == eval(repr(month)) == pickle.loads(pickle.dumps(month))  # noqa: S301, S307

    @given(days)
    def test_months_follow_each_other_without_a_gap(self, when: date) -> None:
        month = Month.of(when)
        assert month.next().previous() == month
        assert month.previous() < month < month.next()
        assert month.period.end == month.next().period.start

    @given(days, anchors)
    def test_clamped(self, when: date, anchor: int) -> None:
        month = Month.of(when)
        last = month.period.end - timedelta(days=1)
        assert month.clamped(anchor) == (when.replace(day=anchor) if anchor <= last.day else last)

    @pytest.mark.parametrize(
        "text", ["2025-8", "2025-13", "2025-00", "202508", "2025-W8", "2025-08-01", "", "0000-01", " 2025-08", 2025, None]
    )
    def test_unreadable(self, text: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a month such as"):
            Month.parse(text)

    @pytest.mark.parametrize(("year", "month"), [(2025, 0), (2025, 13), (0, 1), (10000, 1), (2025.0, 1), (2025, True), ("2025", 8)])
    def test_impossible(self, year: Any, month: Any) -> None:
        with pytest.raises(InvalidValue, match="whole number from 1"):
            Month(year=year, month=month)

    @pytest.mark.parametrize("anchor", [0, 32, -1, 1.0, True, None])
    def test_impossible_days(self, anchor: Any) -> None:
        with pytest.raises(InvalidValue, match="from 1 to 31"):
            Month.parse("2025-08").clamped(anchor)

    @pytest.mark.parametrize("when", [datetime(2025, 8, 1, tzinfo=UTC), "2025-08-01", None])
    def test_of_a_date_only(self, when: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            Month.of(when)

    def test_the_calendar_ends(self) -> None:
        for beyond in (Month.parse("9999-12").next, Month.parse("0001-01").previous, lambda: Month.parse("9999-12").period):
            with pytest.raises(InvalidValue, match="9999"):
                beyond()


class TestPeriod:
    """A period is half-open and never empty."""

    @given(days, days, days)
    def test_holds_its_start_and_not_its_end(self, one: date, other: date, when: date) -> None:
        start, end = min(one, other), max(one, other) + timedelta(days=1)
        period = Period(start, end)
        assert start in period
        assert end not in period
        assert (when in period) == (start <= when < end)
        assert period.days == sum(1 for _ in range(start.toordinal(), end.toordinal()))
        assert Period.parse(str(period)) == period == eval(repr(period), {"Period": Period, "datetime": dt})  # noqa: S307

    @given(days, st.integers(1, 60), days, st.integers(1, 60))
    def test_overlaps_means_a_day_in_both(self, one: date, length: int, other: date, other_length: int) -> None:
        other = one + (other - one) % timedelta(days=90) - timedelta(days=45)
        first, second = Period(one, one + timedelta(days=length)), Period(other, other + timedelta(days=other_length))
        shared = any(one + timedelta(days=n) in second for n in range(length))
        assert first.overlaps(second) == second.overlaps(first) == shared

    @pytest.mark.parametrize(("start", "end"), [("2025-08-01", "2025-08-01"), ("2025-08-02", "2025-08-01")])
    def test_empty_and_backward(self, start: str, end: str) -> None:
        with pytest.raises(InvalidValue, match="must end after it starts"):
            Period(day(start), day(end))
        with pytest.raises(InvalidValue, match="must end after it starts"):
            Period.parse(f"{start}/{end}")

    @pytest.mark.parametrize("bound", [datetime(2025, 8, 1, tzinfo=UTC), datetime(2025, 8, 1), "2025-08-01", None])  # noqa: DTZ001
    def test_dates_only(self, bound: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            Period(bound, date(2026, 1, 1))
        with pytest.raises(InvalidValue, match="wanted a date"):
            Period(date(2025, 1, 1), bound)
        with pytest.raises(InvalidValue, match="wanted a date"):
            bound in Month.parse("2025-08").period  # noqa: B015

    @pytest.mark.parametrize(
        "text", ["", "2025-08-01", "2025-08-01/", "20250801/20250901", "2025-W31-1/2025-09-01", "2025-08-01/2025-09-01/x", None]
    )
    def test_unreadable(self, text: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a period such as"):
            Period.parse(text)


class TestBillingDates:
    """Boundary k is the anchor day in the k-th month from the start, clamped, never taken from the boundary before."""

    @pytest.mark.parametrize("anchor", [1, 28, 29, 30, 31])
    @pytest.mark.parametrize("start_month", range(1, 13))
    def test_forty_eight_months_without_gap_overlap_or_drift(self, anchor: int, start_month: int) -> None:
        start = Month(year=2023, month=start_month).clamped(anchor)
        boundaries = [start, *islice(billing_dates(start, anchor), 48)]
        assert [Month.of(boundary) for boundary in boundaries[1:]] == [Month.of(start + relativedelta(months=k)) for k in range(1, 49)]
        assert all(boundary.day == min(anchor, (Month.of(boundary).period.end - timedelta(days=1)).day) for boundary in boundaries)
        for opens, closes in pairwise(boundaries):
            cycle = Period(opens, closes)
            assert all(cycle_containing(opens + timedelta(days=n), anchor) == cycle for n in range(cycle.days))

    @given(days, anchors, steps)
    def test_agrees_with_relativedelta_from_the_first_month(self, start: date, anchor: int, months: int) -> None:
        origin = start.replace(day=1)
        wanted = [origin + relativedelta(months=k * months, day=anchor) for k in range(13)]
        assert list(islice(billing_dates(start, anchor, months=months), 12)) == [boundary for boundary in wanted if boundary > start][:12]

    def test_a_bad_argument_is_refused_at_the_call(self) -> None:
        for anchor, months in ((0, 1), (32, 1), (1, 0), (1, -1), (1, 1.0), (True, 1), (1, True)):
            with pytest.raises(InvalidValue, match="whole number"):
                billing_dates(date(2025, 1, 1), anchor, months=months)  # type: ignore[arg-type]
            with pytest.raises(InvalidValue, match="whole number"):
                cycle_containing(date(2025, 1, 1), anchor, months=months, since=date(2025, 1, 1))  # type: ignore[arg-type]

    def test_the_months_of_a_cycle_are_named(self) -> None:
        with pytest.raises(TypeError, match="positional"):
            billing_dates(date(2025, 1, 1), 1, 3)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="positional"):
            cycle_containing(date(2025, 1, 1), 1, 3)  # type: ignore[call-arg]

    def test_an_instant_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match=r"civil_day\(instant, zone\)"):
            billing_dates(datetime(2025, 1, 1, tzinfo=UTC), 1)

    def test_the_calendar_ends(self) -> None:
        dates = billing_dates(date(9999, 11, 30), 31)
        assert next(dates) == date(9999, 12, 31)
        with pytest.raises(InvalidValue, match="outside the calendar"):
            next(dates)

    @pytest.mark.parametrize("case", anchored("series"))
    def test_shared_series(self, case: dict[str, Any]) -> None:
        given = case["input"]
        dates = billing_dates(day(given["start"]), given["anchor_day"], months=months_of(given))
        assert [str(when) for when in islice(dates, given["n"])] == case["expect"]

    @pytest.mark.parametrize("case", anchored("drift_trap"))
    def test_shared_drift_traps(self, case: dict[str, Any]) -> None:
        given, expect = case["input"], case["expect"]
        dates = [str(when) for when in islice(billing_dates(day(given["start"]), given["anchor_day"], months=months_of(given)), given["n"])]
        assert dates == expect["correct"] != expect["must_not_equal"]

    @pytest.mark.parametrize("case", anchored("contains"))
    def test_shared_contains(self, case: dict[str, Any]) -> None:
        given, expect = case["input"], case["expect"]
        dates = {str(when) for when in islice(billing_dates(day(given["start"]), given["anchor_day"], months=months_of(given)), 60)}
        assert set(expect["billing"]) <= dates
        assert not set(expect["not_billing"]) & dates

    @pytest.mark.parametrize("case", anchored("first_boundary_on_or_after"))
    def test_shared_first_boundaries(self, case: dict[str, Any]) -> None:
        given = case["input"]
        dates = billing_dates(day(given["start"]) - timedelta(days=1), given["anchor_day"], months=months_of(given))
        assert str(next(dates)) == case["expect"]


class TestCycle:
    """Every day lies in exactly one cycle, and both its ends are true boundaries."""

    @given(days, anchors, steps, days)
    def test_a_day_lies_in_its_cycle_and_the_next_cycle_follows(self, when: date, anchor: int, months: int, since: date) -> None:
        cycle = cycle_containing(when, anchor, months=months, since=since)
        assert when in cycle
        assert cycle_containing(cycle.end, anchor, months=months, since=since).start == cycle.end
        assert cycle_containing(cycle.end - timedelta(days=1), anchor, months=months, since=since) == cycle
        elapsed = relativedelta(cycle.end.replace(day=1), cycle.start.replace(day=1))
        assert elapsed.years * 12 + elapsed.months == months
        assert (cycle.start.year * 12 + cycle.start.month - since.year * 12 - since.month) % months == 0

    @given(days, anchors, steps)
    def test_cycles_are_the_gaps_of_the_series(self, start: date, anchor: int, months: int) -> None:
        first, second = islice(billing_dates(start, anchor, months=months), 2)
        assert cycle_containing(first, anchor, months=months, since=start) == Period(first, second)

    @given(days, anchors, days)
    def test_monthly_cycles_need_no_start(self, when: date, anchor: int, since: date) -> None:
        assert cycle_containing(when, anchor) == cycle_containing(when, anchor, since=since)

    @pytest.mark.parametrize("months", [2, 3, 12])
    def test_longer_cycles_need_one(self, months: int) -> None:
        with pytest.raises(InvalidValue, match=f"cycles of {months} months need `since`"):
            cycle_containing(date(2025, 3, 30), 31, months=months)

    @pytest.mark.parametrize(
        ("when", "anchor"), [(date(1, 1, 30), 31), (date(1, 1, 1), 2), (date(9999, 12, 31), 31), (date(9999, 12, 2), 1)]
    )
    def test_the_calendar_ends(self, when: date, anchor: int) -> None:
        with pytest.raises(InvalidValue, match=r"outside the calendar: year (0|10000) is not within 1 to 9999"):
            cycle_containing(when, anchor)

    def test_the_calendar_begins(self) -> None:
        assert str(cycle_containing(date.min, 1)) == "0001-01-01/0001-02-01"
        assert str(cycle_containing(date(9999, 12, 1), 2)) == "9999-11-02/9999-12-02"

    def test_the_leading_cycle_is_true(self) -> None:
        assert str(cycle_containing(date(2011, 2, 14), 31)) == "2011-01-31/2011-02-28"

    @pytest.mark.parametrize("case", anchored("period_containing"))
    def test_shared_cases(self, case: dict[str, Any]) -> None:
        given, expect = case["input"], case["expect"]
        cycle = cycle_containing(day(given["at"]), given["anchor_day"], months=months_of(given), since=day(given["start"]))
        assert cycle == inclusive(expect["from"], expect["last_day"])


class TestProration:
    """The part of a price that falls on the days used; the full cycle costs the full price and no part costs more."""

    def test_no_basis_charges_more_than_the_whole(self) -> None:
        """61 of the 62 days of a cycle of two months are more than 60 days of 30 each, and still no more than all of it."""
        cycle = Period(date(2025, 7, 1), date(2025, 9, 1))
        used = Period(date(2025, 7, 1), date(2025, 8, 31))
        assert prorate(Money.of("100.00", "USD"), used, cycle, Rounding.HALF_AWAY, ProrationBasis.ACTUAL_360) == Money.of("100.00", "USD")

    @given(amounts, cycles, roundings, st.data())
    def test_parts_differ_from_the_whole_by_bounded_rounding(
        self, amount: Money, cycle: Period, rounding: Rounding, data: st.DataObject
    ) -> None:
        cuts = data.draw(st.sets(st.integers(1, cycle.days - 1), max_size=5))
        bounds = [cycle.start, *(cycle.start + timedelta(days=cut) for cut in sorted(cuts)), cycle.end]
        parts = [prorate(amount, Period(start, end), cycle, rounding).minor for start, end in pairwise(bounds)]
        assert abs(sum(parts) - amount.minor) < len(parts)

    @pytest.mark.parametrize("basis", ProrationBasis)
    @given(amounts, cycles, roundings, st.data())
    def test_a_part_lies_between_nothing_and_the_full_price(
        self, basis: ProrationBasis, amount: Money, cycle: Period, rounding: Rounding, data: st.DataObject
    ) -> None:
        start = data.draw(st.integers(0, cycle.days - 1))
        end = data.draw(st.integers(start + 1, cycle.days))
        used = Period(cycle.start + timedelta(days=start), cycle.start + timedelta(days=end))
        kept = prorate(amount, used, cycle, rounding, basis)
        rest = amount - kept
        assert kept + rest == amount
        assert min(0, amount.minor) <= kept.minor <= max(0, amount.minor)
        assert prorate(amount, cycle, cycle, rounding, basis) == amount

    @given(amounts, days, anchors, st.integers(1, 27))
    def test_halves_away_mirror(self, amount: Money, when: date, anchor: int, length: int) -> None:
        cycle = cycle_containing(when, anchor)
        used = Period(cycle.start, cycle.start + timedelta(days=length))
        assert prorate(-amount, used, cycle, Rounding.HALF_AWAY) == -prorate(amount, used, cycle, Rounding.HALF_AWAY)

    @pytest.mark.parametrize(
        ("basis", "used", "cycle", "part"),
        [
            (ProrationBasis.ACTUAL_TRUE_CYCLE, "2021-01-27/2021-02-01", "2021-01-01/2021-02-01", "5/31"),
            (ProrationBasis.ACTUAL_TRUE_CYCLE, "2011-02-14/2011-02-28", "2011-01-31/2011-02-28", "14/28"),
            (ProrationBasis.ACTUAL_360, "2020-02-01/2020-02-29", "2020-02-01/2020-03-01", "28/30"),
            (ProrationBasis.ACTUAL_360, "2021-01-01/2021-01-31", "2021-01-01/2021-02-01", "1"),
            (ProrationBasis.ACTUAL_360, "2021-01-02/2021-02-01", "2021-01-01/2021-02-01", "1"),
            (ProrationBasis.ACTUAL_360, "2021-01-01/2021-02-15", "2021-01-01/2021-04-01", "45/90"),
            (ProrationBasis.ACTUAL_30, "2023-05-23/2023-06-15", "2023-05-15/2023-06-15", "22/30"),
            (ProrationBasis.ACTUAL_30, "2023-05-15/2023-05-23", "2023-05-15/2023-06-15", "8/30"),
            (ProrationBasis.ACTUAL_30, "2023-02-27/2023-03-01", "2023-02-01/2023-03-01", "4/30"),
            (ProrationBasis.ACTUAL_30, "2023-01-31/2023-02-10", "2023-01-31/2023-02-28", "9/30"),
            (ProrationBasis.STRICT_30_360, "2023-01-31/2023-02-10", "2023-01-31/2023-02-28", "10/30"),
            (ProrationBasis.STRICT_30_360, "2021-02-27/2021-03-01", "2021-02-01/2021-03-01", "4/30"),
            (ProrationBasis.STRICT_30_360, "2021-01-31/2021-02-01", "2021-01-01/2021-02-01", "1/30"),
            (ProrationBasis.STRICT_30_360, "2021-01-01/2022-01-01", "2021-01-01/2022-01-01", "1"),
            (ProrationBasis.ACTUAL_30, "0001-01-01/0002-01-01", "0001-01-01/0003-01-01", "12/24"),
        ],
    )
    def test_bases(self, basis: ProrationBasis, used: str, cycle: str, part: str) -> None:
        amount = Money(minor=31 * 30 * 28, currency=Currency("USD"))
        wanted = amount.times(Fraction(part), Rounding.HALF_AWAY)
        assert prorate(amount, Period.parse(used), Period.parse(cycle), Rounding.HALF_AWAY, basis) == wanted

    @pytest.mark.parametrize("used", ["2025-07-31/2025-08-10", "2025-08-10/2025-09-02", "2025-09-01/2025-09-02"])
    def test_days_outside_the_cycle(self, used: str) -> None:
        with pytest.raises(InvalidValue, match="reaches beyond the cycle"):
            prorate(usd("1"), Period.parse(used), Month.parse("2025-08").period, Rounding.HALF_AWAY)

    @pytest.mark.parametrize("cycle", ["2025-08-01/2025-08-15", "2025-08-01/2025-09-02", "2025-01-31/2025-02-27", "2025-08-15/2025-09-14"])
    def test_thirty_day_months_need_a_cycle_of_whole_months(self, cycle: str) -> None:
        period = Period.parse(cycle)
        for basis in (ProrationBasis.ACTUAL_30, ProrationBasis.ACTUAL_360, ProrationBasis.STRICT_30_360):
            with pytest.raises(InvalidValue, match="whole months"):
                prorate(usd("1"), period, period, Rounding.HALF_AWAY, basis)
        assert prorate(usd("1"), period, period, Rounding.HALF_AWAY) == usd("1")

    @pytest.mark.parametrize("basis", ["actual_360", None])
    def test_unknown_basis(self, basis: Any) -> None:
        august = Month.parse("2025-08").period
        with pytest.raises(InvalidValue, match="wanted a ProrationBasis"):
            prorate(usd("1"), august, august, Rounding.HALF_AWAY, basis)

    def test_repr_is_evaluable(self) -> None:
        assert [eval(repr(basis)) for basis in ProrationBasis] == list(ProrationBasis)  # noqa: S307

    @pytest.mark.parametrize("case", cases("proration.json", convention={"lago", "lago_upgrade"}))
    def test_shared_cases_of_actual_days(self, case: dict[str, Any]) -> None:
        given = case["input"]
        used = inclusive(given["first_day"], given["last_day"])
        cycle = inclusive(given["period_first_day"], given["period_last_day"])
        amount = Money(minor=given["price_minor"], currency=Currency(given["currency"]))
        assert prorate(amount, used, cycle, Rounding.HALF_AWAY).minor == case["expect"]["amount_minor"]

    @pytest.mark.parametrize("case", cases("proration.json", convention={"kb_repair"}))
    def test_shared_cases_of_credits(self, case: dict[str, Any]) -> None:
        given = case["input"]
        cycle = Period(day(given["original_start"]), day(given["original_end"]))
        unused = Period(day(given["unused_start"]), day(given["unused_end"]))
        amount = Money(minor=given["original_amount_minor"], currency=Currency(given["currency"]))
        assert prorate(amount, unused, cycle, Rounding.HALF_AWAY).minor == case["expect"]["credit_minor"]

    @pytest.mark.parametrize("case", with_items(cases("proration.json", convention={"kb"})))
    def test_shared_cases_of_anchored_services(self, case: dict[str, Any]) -> None:
        given, expect = case["input"], case["expect"]
        months = {"monthly": 1, "quarterly": 3, "annual": 12}[given["unit"]]
        first = next(billing_dates(day(given["service_start"]) - timedelta(days=1), given["anchor_day"]))
        amount = Money(minor=given["price_minor"], currency=Currency(given["currency"]))
        for start, end, _, minor in expect["items"]:
            cycle = cycle_containing(day(start), given["anchor_day"], months=months, since=first)
            assert prorate(amount, Period(day(start), day(end)), cycle, Rounding.HALF_AWAY).minor == minor

    @pytest.mark.parametrize("case", cases("proration.json", convention={"zuora_actual", "zuora_act360", "zuora_30_360"}))
    def test_shared_cases_of_each_basis(self, case: dict[str, Any]) -> None:
        basis = {
            "zuora_actual": ProrationBasis.ACTUAL_TRUE_CYCLE,
            "zuora_act360": ProrationBasis.ACTUAL_360,
            "zuora_30_360": ProrationBasis.STRICT_30_360,
        }[case["convention"]]
        given, ratio = case["input"], Fraction(case["expect"]["ratio"])
        used = inclusive(given["first_day"], given["last_day"])
        amount = Money(minor=31 * 30 * 29 * 28, currency=Currency("USD"))
        part = prorate(amount, used, Month.of(used.start).period, Rounding.HALF_AWAY, basis)
        # A whole month costs its whole price on every basis, so 29 of 29 days are not 29/30.
        assert part == (amount if used == Month.of(used.start).period else amount.times(ratio, Rounding.HALF_AWAY))

    @pytest.mark.parametrize("case", cases("proration.json", convention={"kb_fixed30"}))
    def test_shared_cases_of_thirty_days(self, case: dict[str, Any]) -> None:
        given, expect = case["input"], case["expect"]
        used = Period(day(given["from_"]), day(given["to"]))
        cycle = cycle_containing(used.start, (used.end if given["kind"] == "leading" else used.start).day)
        amount = Money(minor=given.get("price_minor", 10**9), currency=Currency("USD"))
        part = prorate(amount, used, cycle, Rounding.HALF_AWAY, ProrationBasis.ACTUAL_30)
        assert part.minor == expect.get("amount_minor", int(Fraction(expect.get("fraction", 0)) * 10**9))


class TestCivilDay:
    """An instant has a date only in a zone."""

    def test_the_zone_decides(self) -> None:
        instant = datetime(2025, 8, 31, 23, 30, tzinfo=UTC)
        assert civil_day(instant, "UTC") == date(2025, 8, 31)
        assert civil_day(instant, "Europe/Berlin") == date(2025, 9, 1)
        assert civil_day(instant, "America/New_York") == date(2025, 8, 31)

    @given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), zones, zones)  # noqa: DTZ001
    def test_the_way_an_instant_is_written_does_not_matter(self, instant: datetime, zone: str, written_in: str) -> None:
        assert civil_day(instant.astimezone(ZoneInfo(written_in)), zone) == civil_day(instant, zone)

    @pytest.mark.parametrize("instant", [datetime(2025, 8, 31), date(2025, 8, 31), "2025-08-31T00:00Z", None])  # noqa: DTZ001
    def test_naive(self, instant: Any) -> None:
        with pytest.raises(InvalidValue, match="offset from UTC"):
            civil_day(instant, "UTC")

    @pytest.mark.parametrize("zone", ["", "Berlin", "Europe", "../etc/passwd", "/etc/localtime", "Europe/Berlin\0", None, 1])
    def test_unknown_zone(self, zone: Any) -> None:
        with pytest.raises(InvalidValue, match="is no time zone"):
            civil_day(datetime(2025, 8, 31, tzinfo=UTC), zone)

    def test_the_calendar_ends(self) -> None:
        with pytest.raises(InvalidValue, match="outside the calendar"):
            civil_day(datetime.max.replace(tzinfo=UTC), "Pacific/Kiritimati")
        with pytest.raises(InvalidValue, match="outside the calendar"):
            civil_day(datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), "UTC")

    @pytest.mark.parametrize("case", cases("anchors.json", kind={"anchor_day_from_instant"}))
    def test_shared_cases(self, case: dict[str, Any]) -> None:
        given = case["input"]
        assert civil_day(datetime.fromisoformat(given["instant"]), given["timezone"]).day == case["expect"]


NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class TestWindow:
    """A window says how far back an earlier instant may lie."""

    @pytest.mark.parametrize("window", [Window.days(30), Window.hours(12), Window.days(0)])
    def test_an_inclusive_end_counts_and_an_exclusive_one_does_not(self, window: Window) -> None:
        reach = window.longest
        assert reach is not None
        exclusive = Window(unit=window.unit, count=window.count, inclusive=False)
        assert window.contains(NOON - reach, NOON)
        assert not exclusive.contains(NOON - reach, NOON)
        assert not window.contains(NOON - reach - SECOND, NOON)
        assert exclusive.contains(NOON - reach + SECOND, NOON) == bool(reach)
        assert exclusive.contains(NOON - reach + timedelta.resolution, NOON) == bool(reach)
        assert not window.contains(NOON - reach - timedelta.resolution, NOON)

    @pytest.mark.parametrize("window", [Window.days(30), Window.hours(1), Window.calendar_days(1, zone="UTC"), Window.unlimited()])
    def test_what_comes_later_is_never_within(self, window: Window) -> None:
        assert window.contains(NOON, NOON)
        assert not window.contains(NOON + SECOND, NOON)

    def test_unlimited(self) -> None:
        assert Window.unlimited().contains(datetime(1, 1, 1, tzinfo=UTC), NOON)
        assert Window.unlimited().longest is None

    def test_days_are_elapsed_time_when_the_clocks_change(self) -> None:
        new_york = ZoneInfo("America/New_York")
        opened = datetime(2026, 3, 22, 12, 30, tzinfo=new_york)
        assert opened - datetime(2026, 2, 20, 12, tzinfo=new_york) == timedelta(days=30, minutes=30)
        assert Window.days(30).contains(datetime(2026, 2, 20, 12, tzinfo=new_york), opened)
        assert not Window.days(30).contains(datetime(2026, 2, 20, 11, 29, 59, tzinfo=new_york), opened)

    def test_an_hour_that_happens_twice(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        first, second = datetime(2025, 10, 26, 2, 30, tzinfo=berlin), datetime(2025, 10, 26, 2, 30, fold=1, tzinfo=berlin)
        assert Window.hours(1).contains(first, second)
        assert not Window.hours(1, inclusive=False).contains(first, second)
        assert not Window.hours(1).contains(second, first)

    def test_calendar_days_are_dates_in_the_zone(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        window = Window.calendar_days(30, zone="Europe/Berlin")
        opened = datetime(2026, 4, 15, 23, 59, 59, tzinfo=berlin)
        assert window.contains(datetime(2026, 3, 16, 0, 0, 0, tzinfo=berlin), opened)
        assert not window.contains(datetime(2026, 3, 15, 23, 59, 59, tzinfo=berlin), opened)
        assert not Window.days(30).contains(datetime(2026, 3, 16, 0, 0, 0, tzinfo=berlin), opened)
        assert window.contains(datetime(2026, 3, 15, 23, 0, tzinfo=UTC), opened)

    def test_the_same_date(self) -> None:
        window = Window.calendar_days(0, zone="America/New_York")
        assert window.contains(datetime(2026, 6, 15, 4, tzinfo=UTC), datetime(2026, 6, 16, 3, 59, tzinfo=UTC))
        assert not window.contains(datetime(2026, 6, 15, 3, 59, tzinfo=UTC), datetime(2026, 6, 15, 4, tzinfo=UTC))

    @given(
        st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 2), max_value=datetime(2050, 1, 1)),  # noqa: DTZ001
        st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=8)),
        st.integers(0, 5),
        zones,
    )
    def test_nothing_within_lies_further_back_than_the_longest(self, later: datetime, age: timedelta, count: int, zone: str) -> None:
        for window in (Window.calendar_days(count, zone=zone), Window.days(count), Window.hours(count)):
            reach = window.longest
            assert reach is not None
            assert not window.contains(later - age, later) or age <= reach

    @given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)), st.integers(0, 72), zones, zones)
    def test_the_zones_of_the_instants_do_not_matter(self, age: timedelta, hours: int, one: str, other: str) -> None:
        window = Window.hours(hours)
        earlier, later = (NOON - age).astimezone(ZoneInfo(one)), NOON.astimezone(ZoneInfo(other))
        assert window.contains(earlier, later) == window.contains(NOON - age, NOON) == (age <= timedelta(hours=hours))

    @pytest.mark.parametrize("window", [Window.days(1), Window.calendar_days(1, zone="UTC"), Window.unlimited()])
    @pytest.mark.parametrize("instant", [NOON.replace(tzinfo=None), NOON.date(), "2026-06-15T12:00:00Z", None], ids=repr)
    def test_instants_are_aware(self, window: Window, instant: Any) -> None:
        with pytest.raises(InvalidValue, match="offset from UTC"):
            window.contains(instant, NOON)
        with pytest.raises(InvalidValue, match="offset from UTC"):
            window.contains(NOON, instant)

    @pytest.mark.parametrize(
        ("window", "text"),
        [
            (Window.days(30), "30 days"),
            (Window.days(1), "1 day"),
            (Window.days(0), "0 days"),
            (Window.days(30, inclusive=False), "30 days exclusive"),
            (Window.hours(12), "12 hours"),
            (Window.hours(1, inclusive=False), "1 hour exclusive"),
            (Window.calendar_days(30, zone="Europe/Berlin"), "30 calendar days in Europe/Berlin"),
            (Window.calendar_days(1, zone="UTC"), "1 calendar day in UTC"),
            (Window.unlimited(), "unlimited"),
        ],
        ids=str,
    )
    def test_text(self, window: Window, text: str) -> None:
        assert str(window) == text
        assert Window.parse(text) == window == eval(repr(window)) == pickle.loads(pickle.dumps(window))  # noqa: S301, S307

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "30",
            "days",
            "30 day",
            "1 days",
            "030 days",
            "30  days",
            "30 days inclusive",
            "-1 days",
            "1.5 days",
            "30 weeks",
            "30 calendar days",
            "30 calendar days in Nowhere",
            "30 calendar days in UTC exclusive",
            "30 hours in UTC",
            "unlimited days",
            "\u0663 days",
            "9" * 5000 + " days",
            None,
            30,
        ],
        ids=lambda text: repr(text)[:40],
    )
    def test_unreadable(self, text: Any) -> None:
        with pytest.raises(InvalidValue):
            Window.parse(text)

    @given(st.text())
    def test_any_text_reads_or_is_refused(self, text: str) -> None:
        for read in (Window.parse, Month.parse, Period.parse):
            with suppress(InvalidValue):
                read(text)

    @pytest.mark.parametrize(("make", "option"), [(Window.days, False), (Window.hours, False), (Window.calendar_days, "UTC")])
    def test_how_it_ends_and_where_is_named(self, make: Any, option: Any) -> None:
        with pytest.raises(TypeError, match="positional"):
            make(30, option)

    def test_the_longest_count(self) -> None:
        longest = Window.hours(100_000_000)
        assert Window.parse("100000000 hours") == longest
        with pytest.raises(InvalidValue, match="from 0 to 100000000, got 100000001"):
            Window.hours(100_000_001)
        with pytest.raises(InvalidValue, match="from 0 to 100000000, got 100000001"):
            Window.parse("100000001 hours")

    @pytest.mark.parametrize("count", [-1, 1.5, True, "30", None, 10**9])
    def test_impossible_counts(self, count: Any) -> None:
        with pytest.raises(InvalidValue, match="whole number"):
            Window.days(count)

    @pytest.mark.parametrize("zone", ["UTC", " ", None, 0])
    def test_only_calendar_days_have_a_zone(self, zone: Any) -> None:
        with pytest.raises(InvalidValue, match="only calendar days need a zone"):
            Window(unit=WindowUnit.HOURS, count=30, zone=zone)

    def test_illegal_combinations(self) -> None:
        with pytest.raises(InvalidValue, match="no exclusive end"):
            Window(unit=WindowUnit.CALENDAR_DAYS, count=30, zone="UTC", inclusive=False)
        with pytest.raises(InvalidValue, match="no exclusive end"):
            Window(unit=WindowUnit.UNLIMITED, inclusive=False)
        with pytest.raises(InvalidValue, match="only calendar days need a zone"):
            Window(unit=WindowUnit.DAYS, count=30, zone="UTC")
        with pytest.raises(InvalidValue, match="is no time zone"):
            Window(unit=WindowUnit.CALENDAR_DAYS, count=30)
        with pytest.raises(InvalidValue, match="has no count"):
            Window(unit=WindowUnit.UNLIMITED, count=1)
        with pytest.raises(InvalidValue, match="wanted a WindowUnit"):
            Window(unit="days", count=1)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue, match="True or False"):
            Window(unit=WindowUnit.DAYS, count=1, inclusive=1)  # type: ignore[arg-type]
