"""Every public value is a record or has a reason why it is none, and what is one comes back as it was."""

import json
from enum import Enum
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given, settings

import partnerkit
from partnerkit.codec import NOT_RECORDS, RECORDS, VERSION, from_data, from_line, to_data, to_line
from partnerkit.errors import InvalidRecords, InvalidValue
from partnerkit.money import Money, Rate
from partnerkit.policies import OWNERSHIP
from partnerkit.recorded import IN_A_UNION
from partnerkit.rewards import ChargeCap, Flat, Months, Percent, RewardRule
from partnerkit.scalars import TEXTS, known_fields
from partnerkit.touches import Share
from record_values import ALL, OTHERS

PUBLIC = {name: getattr(partnerkit, name) for name in partnerkit.__all__}
VALUE_CLASSES = {name for name, one in PUBLIC.items() if isinstance(one, type) and attrs.has(one)}


def classes_in(kind: Any) -> set[type]:
    """Name the attrs classes that a type speaks of."""
    found = {kind} if isinstance(kind, type) and attrs.has(kind) else set()
    return found.union(*map(classes_in, get_args(kind)))


def faults_of(data: object, kind: type[Any]) -> list[str]:
    with pytest.raises(InvalidRecords) as caught:
        from_data(data, kind)
    return [str(fault) for fault in caught.value.faults]


class TestWhatIsARecord:
    """Each public value is one or says why not, and what a record holds is one too."""

    def test_every_public_value_is_a_record_or_has_a_reason(self) -> None:
        recorded = {kind.__name__ for kind in RECORDS.values()}
        assert recorded & VALUE_CLASSES | NOT_RECORDS.keys() == VALUE_CLASSES
        assert recorded & NOT_RECORDS.keys() == set()

    def test_what_a_record_holds_is_a_record(self) -> None:
        held = {
            one
            for kind in RECORDS.values()
            if kind not in TEXTS
            for field in attrs.fields(kind)
            if field.init
            for one in classes_in(field.type)
        }
        assert held - set(RECORDS.values()) == set()

    def test_other_public_names_are_no_values_of_their_own(self) -> None:
        """What is not an attrs class is an enum, which is written as its text, an error, a function or a constant."""
        others = [one for name, one in PUBLIC.items() if name not in VALUE_CLASSES and isinstance(one, type)]
        assert [one for one in others if not issubclass(one, Enum | Exception)] == []

    @pytest.mark.parametrize("name", NOT_RECORDS)
    def test_reading_what_is_none_tells_the_reason(self, name: str) -> None:
        with pytest.raises(InvalidValue) as caught:
            from_data({}, PUBLIC[name])
        assert str(caught.value) == f"{name} is no record: {NOT_RECORDS[name]}"

    def test_writing_what_is_none_tells_the_reason(self) -> None:
        with pytest.raises(InvalidValue, match="Policy is no record: it is text of a rule; a ruling names the text it is by"):
            to_data(OWNERSHIP)

    def test_there_is_a_strategy_for_every_record(self) -> None:
        assert ALL.keys() == RECORDS.keys()

    def test_what_stands_in_a_union_has_a_name_of_its_own_there(self) -> None:
        """Where a field may hold several classes, each of them is written with its name, so that nothing is ever tried in turn."""
        for kind in RECORDS.values():
            for field in attrs.fields(kind):
                several = {one for one in get_args(field.type) if isinstance(one, type) and attrs.has(one) and one not in TEXTS}
                assert len(several) < 2 or several <= IN_A_UNION


class TestRoundTrip:
    """Every value comes back from its record as it was."""

    @pytest.mark.parametrize("name", sorted(OTHERS))
    def test_a_value_comes_back_equal_and_writes_the_same_line_again(self, name: str) -> None:
        @settings(max_examples=40)
        @given(OTHERS[name])
        def law(value: Any) -> None:
            data = to_data(value)
            assert (data["record"], data["version"]) == (name, VERSION)
            line = to_line(value)
            assert json.loads(line) == data
            again = from_line(line, RECORDS[name])
            assert again == value == from_data(data, RECORDS[name])
            assert to_line(again) == line

        law()


class TestScalars:
    """A single amount or day stands in the field `value`."""

    def test_it_is_written_as_inside_any_other_record(self) -> None:
        assert to_data(Money.of("12.50", "USD")) == {"record": "money", "version": 1, "value": "12.50 USD"}
        assert to_line(Rate.percent("15")) == '{"record": "rate", "version": 1, "value": "3/20"}'

    @pytest.mark.parametrize(
        ("fields", "faults"),
        [
            ({}, ["value: is missing: wanted an amount such as '12.50 USD'"]),
            ({"value": 12.5}, ["value: is 12.5: wanted an amount such as '12.50 USD'"]),
            ({"value": None}, ["value: is null: wanted an amount such as '12.50 USD'"]),
            ({"value": "12.505 USD"}, ["value: '12.505' has 3 decimals and USD has 2: round it first, or make it a UnitPrice"]),
            ({"value": "1 USD", "minor": 100}, ["minor: is not a field of this record: wanted one of value"]),
            (
                {"amount": "1 USD"},
                ["amount: is not a field of this record: wanted one of value", "value: is missing: wanted an amount such as '12.50 USD'"],
            ),
            (
                {"value": "1", "minor": 100},
                [
                    "minor: is not a field of this record: wanted one of value",
                    "value: wanted an amount, one space and a currency code, such as '12.50 USD', got '1'",
                ],
            ),
        ],
    )
    def test_a_wrong_one_is_named_with_what_was_wanted(self, fields: dict[str, object], faults: list[str]) -> None:
        assert faults_of({"record": "money", "version": 1, **fields}, Money) == faults

    def test_another_scalar_is_another_record(self) -> None:
        assert faults_of({"record": "rate", "version": 1, "value": "3/20"}, Money) == ["record: is 'rate': wanted 'money'"]

    def test_an_exact_part_below_zero_is_not_written(self) -> None:
        with pytest.raises(InvalidValue, match="a rate is zero or more"):
            to_data(Share(partner="p-1", part=-Rate.percent("5").value))


RULE: dict[str, Any] = {"record": "reward_rule", "version": 1, "id": "r", "pays": {"flat": ["50.00 USD"]}, "kinds": ["subscription"]}


class TestOneOfSeveral:
    """A value that stands where another might is written under its name, and nothing is told from its shape."""

    def test_alone_it_is_a_record_like_any_other(self) -> None:
        assert to_data(Flat((Money.of("50", "USD"),))) == {"record": "flat", "version": 1, "amounts": ["50.00 USD"]}
        assert to_data(Months(until=12)) == {"record": "months", "version": 1, "start": 0, "until": 12}

    def test_inside_a_rule_it_stands_under_its_name(self) -> None:
        caps = [{"charge_cap": ["5.00 USD"]}]
        rule = from_data({**RULE, "span": {"months": {"until": 12}}, "caps": caps}, RewardRule)
        assert (rule.pays, rule.span) == (Flat((Money.of("50", "USD"),)), Months(until=12))
        assert rule.caps == (ChargeCap((Money.of("5", "USD"),)),)
        assert to_data(rule)["span"] == {"months": {"start": 0, "until": 12}}
        assert from_data({**RULE, "span": None}, RewardRule).span is None
        percent = {"percent": {"rate": "15%", "rounding": "up"}}
        assert isinstance(from_data({**RULE, "pays": percent}, RewardRule).pays, Percent)

    @pytest.mark.parametrize(
        ("field", "raw", "fault"),
        [
            ("pays", {}, "pays: is an object: wanted "),
            ("pays", None, "pays: is null: wanted "),
            ("pays", {"flat": [], "percent": {}}, "pays: is an object: wanted "),
            ("pays", {"months": {}}, "pays: is an object: wanted "),
            ("pays", ["50.00 USD"], 'pays: is a list: wanted {"percent": {"rate": "3/20", "rounding": "half_away"}} or {"flat": '),
            ("pays", {"flat": "50.00 USD"}, "pays.flat: is '50.00 USD': wanted a list"),
            ("pays", {"flat": ["50.00 USD", "x"]}, "pays.flat[1]: wanted an amount, one space"),
            ("pays", {"percent": "15%"}, "pays.percent: is '15%': wanted an object with rate, rounding"),
            ("pays", {"percent": {"rate": "15%", "rounding": "up", "of": 1}}, "pays.percent.of: is not a field of this record"),
            ("pays", {"percent": {"rate": "150%", "rounding": "up"}}, "pays.percent: a reward of 3/2 is more than the whole charge"),
            ("span", {"months": {"until": "12"}}, "span.months.until: is '12': wanted a whole number"),
            ("span", {"weeks": {}}, 'span: is an object: wanted {"months": {"start": 0, "until": 12}} or {"payments": '),
            ("caps", [{"month_cap": ["1 USD"]}, {"cap": 1}], "caps[1]: is an object: wanted "),
        ],
    )
    def test_a_wrong_one_is_named_with_its_path(self, field: str, raw: object, fault: str) -> None:
        (found,) = faults_of({**RULE, field: raw}, RewardRule)
        assert found.startswith(fault)


class TestConstructorsRefuse:
    """What a constructor refuses is refused in a record, with its words."""

    @pytest.mark.parametrize(
        ("data", "fault"),
        [
            ({"record": "payout", "amount": "1.00 USD", "reason": "not_yet"}, "a payout of 1.00 USD is said to be 'not_yet'"),
            ({"record": "payments", "start": 3, "until": 2}, "payments"),
            ({"record": "discounted", "gross": "1.00 USD", "parts": ["2.00 USD"]}, "the discounts come to 2.00 USD, more than"),
            ({"record": "rate_tiers", "steps": [[1, "10%"]]}, "the steps of a rate start at [1]: wanted 0 first"),
            ({"record": "vendor_sites", "hosts": [], "subdomains": False}, "no site was given"),
            ({"record": "share_terms", "rate": "150%"}, "share.rate is 3/2, more than the whole charge"),
            (
                {"record": "participation", "account": "A1", "shares": [{"partner": "p", "part": "1/2"}], "reason": "linear"},
                "the shares of 'A1' sum to 1/2",
            ),
        ],
    )
    def test_it_is_refused(self, data: dict[str, Any], fault: str) -> None:
        (found,) = faults_of({"version": 1, **data}, RECORDS[data["record"]])
        assert fault in found

    @pytest.mark.parametrize("name", sorted(OTHERS))
    def test_a_field_nobody_knows_is_refused_everywhere(self, name: str) -> None:
        kind = RECORDS[name]
        known = ["value"] if kind in TEXTS else known_fields(kind)
        faults = faults_of({"record": name, "version": 1, "color": "red"}, kind)
        assert f"color: is not a field of this record: wanted one of {', '.join(known)}" in faults
