"""What version 1 once wrote loads for ever, as the same values, and is written again byte for byte."""

import os
import subprocess
import sys
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from typing import Any, get_args, get_origin

import attrs
import pytest

import golden_snapshot
from golden_snapshot import DIGESTS, PLACE, added_to, digests_of
from golden_values import GOLDEN
from partnerkit.codec import RECORDS, Coupon, from_line, to_line
from partnerkit.events import EventKind
from partnerkit.periods import WindowUnit
from partnerkit.scalars import TEXTS
from partnerkit.terms import NotAgreed, Section

FILES = {path.name: path.read_text(encoding="utf-8") for path in sorted(PLACE.glob("*.jsonl"))}
FIRST_LINES = 505
"""How many lines were there when version 1 was laid down, and the digest of the list of their digests: neither ever changes."""
FIRST_DIGEST = "7da4914ca5e6f398ec9dd87825d7759d245f09b28d63c5b4f5649ece994a9609"

every_file = pytest.mark.parametrize("name", sorted(RECORDS))


def lines_of(name: str) -> list[str]:
    return FILES[f"{name}.jsonl"].removesuffix("\n").split("\n")


class TestTheLines:
    """Each line of each file is read and written as on the first day."""

    def test_there_is_a_file_for_every_record(self) -> None:
        assert FILES.keys() == {f"{name}.jsonl" for name in RECORDS}

    @every_file
    def test_they_load_as_the_values_they_were_made_from(self, name: str) -> None:
        assert tuple(from_line(line, RECORDS[name]) for line in lines_of(name)) == GOLDEN[name]

    @every_file
    def test_they_are_written_again_byte_for_byte(self, name: str) -> None:
        assert [to_line(from_line(line, RECORDS[name])) for line in lines_of(name)] == lines_of(name)


class TestNothingIsEverAltered:
    """Lines are added and never changed, as their digests show."""

    def test_the_list_of_digests_is_that_of_the_files(self) -> None:
        listed = DIGESTS.read_text(encoding="utf-8").splitlines()
        assert len(listed) == len(set(listed))
        assert sorted(listed) == sorted(digests_of(FILES))

    def test_the_first_lines_of_the_list_are_the_first_ones_ever(self) -> None:
        first = DIGESTS.read_text(encoding="utf-8").splitlines()[:FIRST_LINES]
        assert len(first) == FIRST_LINES
        assert sha256("".join(f"{line}\n" for line in first).encode()).hexdigest() == FIRST_DIGEST

    def test_the_script_would_add_nothing_now(self) -> None:
        assert added_to(FILES, GOLDEN) == FILES

    def test_the_script_adds_behind_the_last(self) -> None:
        more = Coupon(code="NEW", partner="p-3")
        files = added_to(FILES, {**GOLDEN, "coupon": (*GOLDEN["coupon"], more)})
        assert files["coupon.jsonl"] == FILES["coupon.jsonl"] + to_line(more) + "\n"

    @pytest.mark.parametrize(
        ("coupons", "number"),
        [
            ((), 1),
            (GOLDEN["coupon"][:1], 2),
            ((GOLDEN["coupon"][1], GOLDEN["coupon"][0]), 1),
            ((GOLDEN["coupon"][0], Coupon(code="NEW", partner="p-3"), GOLDEN["coupon"][1]), 2),
        ],
    )
    def test_the_script_refuses_to_change_or_drop_a_line(self, coupons: tuple[Coupon, ...], number: int) -> None:
        with pytest.raises(ValueError, match=rf"coupon\.jsonl:{number}: would be changed or go"):
            added_to(FILES, {**GOLDEN, "coupon": coupons})

    def test_the_script_refuses_to_drop_a_file(self) -> None:
        with pytest.raises(ValueError, match=r"coupon\.jsonl:1: would be changed or go"):
            added_to(FILES, {name: values for name, values in GOLDEN.items() if name != "coupon"})


def kinds_in(kind: Any) -> set[Any]:
    """Name the plain kinds that a type speaks of, one below the other."""
    return {kind} if get_origin(kind) is None else set().union(*map(kinds_in, get_args(kind)))


class TestTheyUseEverything:
    """Every field and every variant stands in some line."""

    @pytest.mark.parametrize("name", [name for name, kind in RECORDS.items() if kind not in TEXTS])
    def test_every_field_is_used(self, name: str) -> None:
        for field in (one for one in attrs.fields(RECORDS[name]) if one.init):
            stated = [one for value in GOLDEN[name] for one in _stated(value, field.name)]
            assert stated, f"{field.name} is never given"
            assert field.default is not None or any(one is not None for one in stated), f"{field.name} is never but null"

    def test_every_choice_of_every_enum_stands_somewhere(self) -> None:
        text = "".join(FILES.values())
        enums = {
            kind
            for record in RECORDS.values()
            if record not in TEXTS
            for field in attrs.fields(record)
            for kind in kinds_in(field.type)
            if isinstance(kind, type) and issubclass(kind, StrEnum)
        }
        assert len(enums) > 40
        missing = [f"{kind.__name__}.{choice.name}" for kind in enums for choice in kind if f'"{choice.value}"' not in text]
        assert missing == []

    def test_windows_of_every_form_and_money_of_every_precision(self) -> None:
        assert {window.unit for window in GOLDEN["window"]} == {*WindowUnit}
        assert {window.inclusive for window in GOLDEN["window"]} == {True, False}
        assert {money.currency.digits for money in GOLDEN["money"]} == {0, 2, 3}
        assert {event.kind for event in GOLDEN["event"]} == {*EventKind}
        assert any(one.part == Fraction(2, 5) for one in GOLDEN["share"])
        assert NotAgreed.NOT_AGREED in {terms.given().get("rate") for terms in GOLDEN["share_terms"]}


def _stated(value: Any, name: str) -> list[Any]:
    """Give what a value says in a field: nothing where it is a section of the terms that leaves it out."""
    if isinstance(value, Section):
        return [one for key, one in value.given().items() if key == name]
    return [getattr(value, name)]


WRITE_ALL = """
import decimal
if PREC:
    decimal.getcontext().prec = PREC
    for signal in decimal.getcontext().traps:
        decimal.getcontext().traps[signal] = True
import golden_snapshot, sys
from golden_values import GOLDEN
from partnerkit.codec import RECORDS, from_line, to_line
from partnerkit.schemas import schema_files
for name, values in GOLDEN.items():
    for value in values:
        line = to_line(value)
        assert to_line(from_line(line, RECORDS[name])) == line
        sys.stdout.buffer.write(line.encode() + b"\\n")
for text in schema_files().values():
    sys.stdout.buffer.write(text.encode())
"""


class TestTheSameBytesEverywhere:
    """Neither the hash seed nor the decimal context of a process changes a byte of a record or a schema."""

    def test_they_do_not_depend_on_the_process(self) -> None:
        outputs = {_written_with(seed, precision) for seed, precision in (("0", 0), ("1", 1), ("2", 0), ("2", 1))}
        assert len(outputs) == 1
        (output,) = outputs
        assert output.startswith("".join(FILES[f"{name}.jsonl"] for name in GOLDEN).encode())


def _written_with(seed: str, precision: int) -> bytes:
    paths = os.pathsep.join([str(PLACE.parents[1]), *sys.path])
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", WRITE_ALL.replace("PREC", str(precision))],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": paths},
        check=True,
        capture_output=True,
    ).stdout


def test_the_script_runs_and_changes_nothing() -> None:
    """What `python tests/golden_snapshot.py` does now is nothing."""
    before = {path: path.read_bytes() for path in [DIGESTS, *PLACE.iterdir()]}
    golden_snapshot.main()
    assert {path: path.read_bytes() for path in [DIGESTS, *PLACE.iterdir()]} == before
