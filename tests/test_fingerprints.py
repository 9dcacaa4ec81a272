"""Fingerprints: what says the same has the same bytes on every machine, and different values have different ones."""

import os
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.clauses import Permission
from partnerkit.errors import InvalidValue
from partnerkit.fingerprints import canonical, canonical_bytes, digest, fingerprint
from partnerkit.money import Currency, Money, Rate
from partnerkit.partners import Partner, PartnerName
from partnerkit.periods import Window
from partnerkit.policies import OWNERSHIP, POLICIES
from partnerkit.terms import NOT_AGREED, SECTIONS, NotAgreed, Section, Terms

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.dates(), st.fractions())
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3) | st.frozensets(scalars, max_size=3)
    ),
    max_leaves=8,
)


class TestOrderMeansNothing:
    """A fingerprint never depends on the order of a set or a mapping."""

    @given(st.frozensets(scalars, max_size=6))
    def test_of_a_set(self, items: frozenset[Any]) -> None:
        assert canonical_bytes(items) == canonical_bytes(dict.fromkeys(reversed(list(items))).keys())

    @given(st.dictionaries(st.text(max_size=3), values, max_size=5))
    def test_of_a_mapping(self, items: dict[str, Any]) -> None:
        assert canonical_bytes(items) == canonical_bytes(dict(reversed(items.items())))

    def test_but_the_order_of_a_list_does(self) -> None:
        assert canonical_bytes((1, 2)) != canonical_bytes((2, 1))
        assert canonical_bytes((1, 2)) == canonical_bytes([1, 2])

    def test_of_the_clauses_of_a_policy(self) -> None:
        turned = attrs.evolve(OWNERSHIP, clauses=OWNERSHIP.clauses[::-1])  # noqa: TID251  (every other field must stay)
        assert turned.fingerprint == OWNERSHIP.fingerprint


class TestDifferentValuesDiffer:
    """Nothing that differs looks the same."""

    @pytest.mark.parametrize(
        "values",
        [
            (1, True, "1", Fraction(1, 2), None, "null", "None", 0, False, "", "true"),
            ("1/2", Fraction(1, 2), "may", Permission.MAY, "Permission.MAY", NOT_AGREED, "not agreed"),
            ((), frozenset(), {}, "", ("",), ((),), frozenset({""}), {"": ""}),
            (("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c"), (("a", "b"), "c"), ("a", ("b", "c"))),
            ({"a": 1}, (("a", 1),), frozenset({("a", 1)}), {"a": "1"}, {"a": True}, {1: "a"}),
            (date(2025, 1, 1), datetime(2025, 1, 1, tzinfo=UTC), "2025-01-01", time(0, 0), timedelta(0)),
            (timedelta(days=1), timedelta(seconds=1), timedelta(microseconds=1), 1),
            (Money.of("1", "USD"), Money.of("1", "CAD"), Money.of("0.01", "USD"), Rate.parse("1"), Currency("USD"), "USD"),
            (int, str, "int"),
        ],
    )
    def test_one_by_one(self, values: tuple[Any, ...]) -> None:
        assert len({canonical_bytes(value) for value in values}) == len(values)

    @given(values, values)
    def test_equal_bytes_mean_equal_values(self, one: Any, other: Any) -> None:
        if canonical_bytes(one) == canonical_bytes(other):
            assert one == other

    @given(values)
    def test_a_copy_has_equal_bytes(self, value: Any) -> None:
        again = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes
        assert again == value
        assert canonical_bytes(again) == canonical_bytes(value)
        assert fingerprint(again) == digest([canonical_bytes(value)])
        assert canonical_bytes(value).isascii()

    def test_an_instant_says_its_civil_day(self) -> None:
        """One moment in New York and in UTC: equal in Python, and on two days of a program."""
        at = datetime(2025, 8, 8, 23, 30, tzinfo=ZoneInfo("America/New_York"))
        in_utc = at.astimezone(UTC)
        assert (at == in_utc, at.date() == in_utc.date()) == (True, False)
        assert canonical_bytes(at) != canonical_bytes(in_utc)

    def test_what_has_no_canonical_form_is_refused(self) -> None:
        for value in (1.5, b"x", object(), {"a": 1.5}):
            with pytest.raises(InvalidValue, match="no canonical form for "):
                canonical(value)


class TestPublicValues:
    """A public value is its class and those fields that make it equal to another."""

    def test_fields_that_say_nothing_do_not_count(self) -> None:
        assert fingerprint(PartnerName("BrightSide")) == fingerprint(PartnerName("brightside"))
        assert fingerprint(Partner.of("p-1", "a")) != fingerprint(Partner.of("p-1", "b"))

    def test_the_policies_have_fingerprints_of_their_own(self) -> None:
        prints = {policy.fingerprint for policy in POLICIES}
        assert len(prints) == len(POLICIES)
        assert all(len(one) == 64 and int(one, 16) >= 0 for one in prints)

    def test_bytes_are_the_same_in_another_process_with_another_hash_seed(self) -> None:
        code = """
from partnerkit.fingerprints import fingerprint
from partnerkit.policies import POLICIES
from partnerkit.terms import AttributionTerms, ChargeKind, CreditSource
free = AttributionTerms(free_mail=frozenset(f"mail{n}.example" for n in range(9)), precedence=tuple(CreditSource))
print(fingerprint(free), fingerprint(frozenset(ChargeKind)), fingerprint({f"k{n}": n for n in range(9)}))
print([policy.fingerprint for policy in POLICIES])
"""
        outputs = {
            subprocess.run(
                [sys.executable, "-c", code],
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
                check=True,
                capture_output=True,
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert len(outputs) == 1

    def test_the_bytes_of_a_value_are_the_same_for_ever(self) -> None:
        assert canonical_bytes(Money.of("12.50", "USD")) == b'["Money",[["minor","1250"],["currency",["Currency",[["code","\\"USD\\""]]]]]]'
        assert fingerprint(("a", 1)) == "57a29b37c349b6e961b593235fd7711c03ce08968592c6c1d44e2674601a239e"


def two_of(kind: Any) -> tuple[Any, Any]:
    """Give two different values for a term of this type."""
    if NotAgreed in get_args(kind):
        return NOT_AGREED, two_of(next(one for one in get_args(kind) if one is not NotAgreed))[0]
    if get_origin(kind) in (tuple, frozenset):
        one, other = two_of(get_args(kind)[0])
        return get_origin(kind)([one]), get_origin(kind)([other])
    known: dict[Any, tuple[Any, Any]] = {
        bool: (False, True),
        int: (1, 2),
        str: ("a.example", "b.example"),
        date: (date(2025, 1, 1), date(2025, 1, 2)),
        Rate: (Rate.percent("15"), Rate.percent("16")),
        Money: (Money.of("1", "USD"), Money.of("2", "USD")),
        Window: (Window.days(30), Window.days(30, inclusive=False)),
    }
    return known[kind] if kind in known else tuple(kind)[:2]


def fields_of(kind: Any) -> tuple[Any, ...]:
    return tuple(attrs.fields(kind))


TERMS = [(section, field.name, field.type) for section in SECTIONS.values() for field in fields_of(section)]


class TestTerms:
    """The fingerprint of terms changes with any term, and with whether it is stated at all."""

    @pytest.mark.parametrize(("section", "name", "kind"), TERMS, ids=[f"{section.key}.{name}" for section, name, _ in TERMS])
    def test_it_changes_with_the_term(self, section: type[Section], name: str, kind: Any) -> None:
        def of(**given: Any) -> str:
            sections: dict[str, Any] = {section.key: section(**given)}
            return Terms(starts_on=date(2025, 1, 1), source="invented", **sections).fingerprint

        one, other = two_of(kind)
        prints = [of(), of(**{name: one}), of(**{name: other})]
        assert len(set(prints)) == len(prints)
        assert of(**{name: one}) == prints[1]

    def test_it_changes_with_their_day_and_source(self) -> None:
        terms = Terms(starts_on=date(2025, 1, 1), source="invented")
        assert terms.fingerprint != Terms(starts_on=date(2025, 1, 2), source="invented").fingerprint
        assert terms.fingerprint != Terms(starts_on=date(2025, 1, 1), source="contract 7").fingerprint
