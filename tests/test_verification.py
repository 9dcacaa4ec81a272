"""A close that was written is held against what the records make of it: every byte, and where the first one differs."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import EXAMPLE, MONTH, close, edit, run
from partnerkit.errors import InvalidRecords
from partnerkit.verification import Discrepancy, altered, differences, month_of, other_inputs

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the example's August writes."""
    place = tmp_path_factory.mktemp("verified") / MONTH
    assert close(EXAMPLE, "--out", place).exit_code == 0
    return place


@pytest.fixture
def out(closed: Path, tmp_path: Path) -> Path:
    """Give a copy of it that a test may spoil."""
    return Path(shutil.copytree(closed, tmp_path / "out"))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give a copy of the example that a test may spoil."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "program"))


def spoiled(path: Path, change: Callable[[dict[str, Any]], None], line: int) -> None:
    """Change one record of a file, written as it was otherwise."""
    rows = path.read_text(encoding="utf-8").split("\n")
    record = json.loads(rows[line - 1])
    change(record)
    rows[line - 1] = json.dumps(record, ensure_ascii=False)
    path.write_text("\n".join(rows), encoding="utf-8")


class TestTheEndOfAFile:
    """A row too many or too few is told as one, and so is a last line without its end."""

    @pytest.mark.parametrize(
        ("written", "made", "said"),
        [
            ("1\n", "1\n2\n", "l:2: is nothing, and the records make it 2"),
            ("1\n2\n", "1\n", "l:2: is 2, and the records make it nothing"),
            ("1", "1\n", 'l:2: is "no line end", and the records make it nothing'),
            ("", "1\n", 'l:1: is "", and the records make it 1'),
        ],
    )
    def test_it_is_told(self, written: str, made: str, said: str) -> None:
        assert [str(one) for one in differences({"l": written}, {"l": made})] == [said]


class TestTheBasis:
    """The basis of bills and statements differs wherever any record does: what money changed is named before it."""

    def test_the_money_that_changed_is_named(self, tmp_path: Path) -> None:
        directory, out = Path(shutil.copytree(EXAMPLE, tmp_path / "program")), tmp_path / "out"
        assert close(directory, "--out", out).exit_code == 0
        edit(directory, "entries.jsonl", "incentive-brightside-2025-08", "75.00", "75.01")
        shown = run("verify", out, directory).stderr
        assert 'statements.jsonl:3: entries[1].amount: is "75.00 USD", and the records make it "75.01 USD"' in shown
        assert re.search(r"single_bills\.jsonl:1: basis: is ", shown)

    def test_it_alone_is_named_where_nothing_else_differs(self) -> None:
        written, made = ('{"basis": "a", "x": 1}\n{"basis": "a", "x": 2}\n', '{"basis": "b", "x": 1}\n{"basis": "b", "x": 2}\n')
        (found,) = differences({"bills.jsonl": written}, {"bills.jsonl": made})
        assert (found.line, found.path) == (1, "basis")
        (found,) = differences({"bills.jsonl": written}, {"bills.jsonl": made.replace('"x": 2', '"x": 3')})
        assert (found.line, found.path) == (2, "x")


class TestTheCommand:
    """`partnerkit verify OUT DIR` says yes with 0, no with 1 and the place, and 2 where nothing can be compared."""

    def test_what_was_written_is_what_the_records_make(self, out: Path) -> None:
        result = run("verify", out, EXAMPLE)
        assert (result.exit_code, result.stderr) == (0, "")
        assert f"is byte for byte what {EXAMPLE} makes of {MONTH}: " in result.stdout

    def test_a_changed_amount_is_found_by_its_line_and_field(self, out: Path) -> None:
        def more(record: dict[str, Any]) -> None:
            record["reward"] = dict.fromkeys(record["reward"], "99.00 USD")

        rows = [json.loads(row) for row in (out / "lines.jsonl").read_text(encoding="utf-8").splitlines()]
        line = next(number for number, row in enumerate(rows, start=1) if "reward" in row)
        spoiled(out / "lines.jsonl", more, line)
        result = run("verify", out, EXAMPLE)
        assert result.exit_code == 1
        [(kind, made)] = rows[line - 1]["reward"].items()
        assert f'lines.jsonl:{line}: reward.{kind}: is "99.00 USD", and the records make it "{made}"' in result.stderr
        assert f"note: {out / 'lines.jsonl'} is not the file its manifest was written for" in result.stderr
        assert f"{out} is not what {EXAMPLE} makes of {MONTH}." in result.stderr
        assert result.stdout == ""

    def test_a_receipt_that_came_later_is_found_in_the_statement(self, out: Path, directory: Path) -> None:
        receipts = directory / "receipts.jsonl"
        rows = receipts.read_text(encoding="utf-8").splitlines()
        august = next(row for row in rows if f'"received_on": "{MONTH}' in row)
        receipts.write_text("\n".join(row for row in rows if row != august), encoding="utf-8")
        result = run("verify", out, directory)
        assert result.exit_code == 1
        assert "statements.jsonl:" in result.stderr
        assert f"note: {directory / 'receipts.jsonl'} is not the file it was made from" in result.stderr
        assert "manifest was written for" not in result.stderr

    def test_a_file_that_is_missing(self, out: Path) -> None:
        (out / "credits.jsonl").unlink()
        result = run("verify", out, EXAMPLE)
        assert result.exit_code == 1
        assert "credits.jsonl:1: is nothing, and the records make it " in result.stderr

    def test_a_byte_order_mark_is_a_difference(self, out: Path) -> None:
        lines = out / "lines.jsonl"
        lines.write_bytes(b"\xef\xbb\xbf" + lines.read_bytes())
        result = run("verify", out, EXAMPLE)
        assert result.exit_code == 1
        assert "lines.jsonl:1: " in result.stderr

    def test_the_last_line_end(self, out: Path) -> None:
        lines = out / "lines.jsonl"
        lines.write_bytes(lines.read_bytes()[:-1])
        assert run("verify", out, EXAMPLE).exit_code == 1

    def test_a_pipe_is_no_file(self, out: Path) -> None:
        os.mkfifo(out / "a.jsonl")
        assert run("verify", out, EXAMPLE).exit_code == 0

    def test_a_place_without_a_manifest(self, tmp_path: Path) -> None:
        result = run("verify", tmp_path, EXAMPLE)
        assert result.exit_code == 2
        assert "is not what `close --out` wrote: it has no manifest.jsonl" in result.stderr


class TestDifferences:
    """The first difference of a file is where its texts part, however a record is nested."""

    @given(st.lists(JSON, max_size=4))
    def test_none_where_nothing_differs(self, records: list[Any]) -> None:
        text = "".join(f"{json.dumps(one)}\n" for one in records)
        assert differences({"a.jsonl": text}, {"a.jsonl": text}) == ()

    @given(JSON, JSON, st.integers(0, 3))
    def test_the_place_it_names_is_where_they_part(self, one: Any, other: Any, before: int) -> None:
        left, right = ("[]\n" * before + json.dumps(value) for value in (one, other))
        found = differences({"a.jsonl": left}, {"a.jsonl": right})
        assert bool(found) == (left != right)
        for difference in found:
            assert (difference.file, difference.line) == ("a.jsonl", before + 1)
            assert difference.written != difference.made or json.loads(left) == json.loads(right)

    def test_every_file_has_its_own(self) -> None:
        found = differences({"b.jsonl": "1\n", "manifest.jsonl": "x"}, {"a.jsonl": "2\n", "b.jsonl": "1\n3\n", "manifest.jsonl": "y"})
        assert [str(one) for one in found] == [
            "a.jsonl:1: is nothing, and the records make it 2",
            "b.jsonl:2: is nothing, and the records make it 3",
            'manifest.jsonl:1: is "x", and the records make it "y"',
        ]

    def test_a_long_value_is_shortened(self) -> None:
        [found] = differences({"a.jsonl": json.dumps("x" * 999)}, {"a.jsonl": "1"})
        assert found.written == f'"{"x" * 199}...'

    def test_it_is_cut_around_where_it_differs(self) -> None:
        one, other = ("x" * 500 + letter + "x" * 500 for letter in "ab")
        [found] = differences({"a.jsonl": json.dumps(one)}, {"a.jsonl": json.dumps(other)})
        assert found.written == found.made.replace("b", "a") == f"...{'x' * 100}a{'x' * 99}..."

    def test_a_file_that_is_missing_is_not_an_empty_one(self) -> None:
        assert [str(one) for one in differences({}, {"a.jsonl": ""})] == ['a.jsonl:1: is nothing, and the records make it ""']
        assert [str(one) for one in differences({"a.jsonl": ""}, {})] == ['a.jsonl:1: is "", and the records make it nothing']

    @pytest.mark.parametrize(("one", "other"), [("1\n", "1"), ("1\n", "1\n\n"), ("", "\n")])
    def test_lines_that_end_otherwise(self, one: str, other: str) -> None:
        for left, right in ((one, other), (other, one)):
            assert len(differences({"a.jsonl": left}, {"a.jsonl": right})) == 1

    @given(st.text("a\n", max_size=4), st.text("a\n", max_size=4))
    def test_no_difference_is_lost(self, one: str, other: str) -> None:
        assert bool(differences({"a.jsonl": one}, {"a.jsonl": other})) == (one != other)

    @pytest.mark.parametrize(("one", "other"), [("1", "true"), ("1", "1.0"), ("[0]", "[false]")])
    def test_values_that_python_holds_equal(self, one: str, other: str) -> None:
        [found] = differences({"a.jsonl": one}, {"a.jsonl": other})
        assert (found.written, found.made) == (one.strip("[]"), other.strip("[]"))

    def test_what_is_nested_too_deep_is_a_text(self) -> None:
        [found] = differences({"a.jsonl": "[" * 100_000}, {"a.jsonl": "1"})
        assert isinstance(found, Discrepancy)


class TestTheManifest:
    """It says of which month and which files; anything else is refused by its name."""

    @pytest.mark.parametrize("text", ["", "7", "{", '{"record": "line"}', "[]"])
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(InvalidRecords, match=r"manifest\.jsonl: is .*wanted the manifest"):
            month_of(text)

    def test_what_it_must_say(self) -> None:
        with pytest.raises(InvalidRecords) as caught:
            altered({"manifest.jsonl": '{"record": "manifest", "inputs": [], "month": 7}'})
        assert [fault.path for fault in caught.value.faults] == ["month", "inputs", "outputs"]

    def test_a_month_that_is_none(self) -> None:
        with pytest.raises(InvalidRecords, match=r"manifest\.jsonl: month: wanted a month such as '2025-08', got '2025-13'"):
            month_of('{"record": "manifest", "month": "2025-13", "inputs": {}, "outputs": {}}')

    def test_inputs_that_came_or_went(self) -> None:
        manifest = {"manifest.jsonl": '{"record": "manifest", "month": "2025-08", "inputs": {"a": "1", "b": "2"}, "outputs": {}}'}
        assert other_inputs(manifest, {"b": "2", "c": "3"}) == ("a", "c")
