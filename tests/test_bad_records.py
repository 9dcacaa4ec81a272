"""What is wrong in a record is told where it stands, however deep, and nothing of such a record is ever read."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from golden_values import GOLDEN
from partnerkit.billing import Receipt
from partnerkit.codec import RECORDS, from_data, from_line, read_lines, to_data, to_line
from partnerkit.errors import Fault, InvalidRecords
from partnerkit.links import InviteLink

every_record = pytest.mark.parametrize("name", sorted(RECORDS))

LINE = to_line(GOLDEN["receipt"][0])
Path = tuple[str | int, ...]


def faults_of_line(line: str, kind: type[Any]) -> list[str]:
    with pytest.raises(InvalidRecords) as caught:
        from_line(line, kind)
    return [str(fault) for fault in caught.value.faults]


def faults_of(data: object, kind: type[Any]) -> tuple[Fault, ...]:
    with pytest.raises(InvalidRecords) as caught:
        from_data(data, kind)
    return caught.value.faults


def paths_in(data: Any, here: Path = ()) -> Iterator[Path]:
    """Name every place inside plain data, from the top down."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        yield (*here, key)
        yield from paths_in(item, (*here, key))


def shown(path: Path) -> str:
    """Write a path as faults do."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def with_change(data: dict[str, Any], path: Path, item: object) -> dict[str, Any]:
    """Give a copy of plain data with another item in one place."""
    changed = copy.deepcopy(data)
    at(changed, path[:-1])[path[-1]] = item
    return changed


def samples(name: str) -> list[dict[str, Any]]:
    """Give the golden values of a record that say most and least, as plain data."""
    datas = sorted(map(to_data, GOLDEN[name]), key=lambda data: (len(str(data)), str(data)))
    return [datas[0], datas[-1]]


OTHERWISE = {"decision": ("facts",)}
"""Places where another object is judged by what it holds."""


class TestAWrongTypeAnywhere:
    """Whatever stands in any place of any record, what is of no type of that place is named there."""

    @every_record
    def test_it_is_named_with_its_path_and_what_was_wanted(self, name: str) -> None:
        for data in samples(name):
            for path in paths_in(data):
                if path == OTHERWISE.get(name):
                    continue
                faults = faults_of(with_change(data, path, {"color": 1.5}), RECORDS[name])
                assert shown(path) in [fault.path for fault in faults] or f"{shown(path)}.color" in [fault.path for fault in faults]
                assert all("wanted" in fault.message or "reads version 1" in fault.message for fault in faults), faults

    @every_record
    def test_an_unknown_field_of_any_object_is_named(self, name: str) -> None:
        for data in samples(name):
            objects = [path for path in paths_in(data) if isinstance(at(data, path), dict)]
            for path in objects:
                faults = faults_of(with_change(data, path, {**at(data, path), "color": 1}), RECORDS[name])
                assert f"{shown(path)}.color" in [fault.path for fault in faults] or shown(path) in [fault.path for fault in faults]

    @every_record
    def test_a_field_that_stands_twice_in_any_object_is_named(self, name: str) -> None:
        for value in (min(GOLDEN[name], key=lambda one: len(to_line(one))), GOLDEN[name][-1]):
            line = to_line(value)
            opens = [place for place, letter in enumerate(line) if letter == "{" and line[place + 1] == '"']
            for place in opens[:40]:
                twice = line[: place + 1] + '"color": 1, "color": 1, ' + line[place + 1 :]
                assert faults_of_line(twice, RECORDS[name]) == ["color: stands there twice: wanted each field once"]


class TestACutOffFile:
    """A file that was cut off is told with its place, and its last line is never half read."""

    @every_record
    def test_every_prefix_of_a_line_is_a_fault_with_its_file_and_line(self, name: str) -> None:
        whole = min(map(to_line, GOLDEN[name]), key=len)
        for length in range(1, len(whole)):
            faults: list[Fault] = []
            found = list(read_lines([whole + "\n", whole[:length]], RECORDS[name], source=f"{name}.jsonl", faults=faults))
            assert [number for number, _ in found] == [1]
            (fault,) = faults
            assert (fault.source, fault.line) == (f"{name}.jsonl", 2)
            assert fault.message.startswith("is not JSON: ")
            assert fault.message.endswith("; the line seems to be cut off")

    def test_a_file_cut_off_after_a_whole_line_is_whole(self) -> None:
        faults: list[Fault] = []
        assert len(list(read_lines([LINE], Receipt, source="receipts.jsonl", faults=faults))) == 1
        assert faults == []


class TestLinesThatAreNoJson:
    """What other programs take for JSON, or break it by, is told in words."""

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("\ufeff" + LINE, "begins with a byte order mark, which is no JSON: save the file as UTF-8 without one"),
            ("\ufeff", "begins with a byte order mark, which is no JSON: save the file as UTF-8 without one"),
            (LINE + LINE, f"is not JSON: Extra data at character {len(LINE) + 1}"),
            (LINE + "\x00", f"is not JSON: Extra data at character {len(LINE) + 1}"),
            (LINE + ",", f"is not JSON: Extra data at character {len(LINE) + 1}"),
            ("\x00" * 40, "is not JSON: Expecting value at character 1"),
            (LINE.replace("rc-1", "rc\x00-1"), "is not JSON: Invalid control character at character 46"),
            (LINE.replace("rc-1", "rc\t-1"), "is not JSON: Invalid control character at character 46"),
            (LINE.replace('"rc-1"', "'rc-1'"), "is not JSON: Expecting value at character 43"),
            (LINE.replace('"rc-1"', "Infinity"), "holds Infinity, which is no JSON and no number of a record"),
            (LINE.replace('"rc-1"', "NaN"), "holds NaN, which is no JSON and no number of a record"),
            (LINE.replace('"rc-1"', "1e400"), "id: is inf: wanted a text"),
            (LINE.replace('"rc-1"', "-1e400"), "id: is -inf: wanted a text"),
            (LINE.replace('"rc-1"', "9" * 400), "id: is a number too long for a record: wanted a text"),
            (LINE.replace('"rc-1"', "9" * 5000), f"holds a number that is too long: wanted at most {2**53 - 1}"),
            (LINE.replace('"rc-1"', "[" * 400 + "]" * 400), "id: is a list: wanted a text"),
            (LINE.replace('"rc-1"', '{"a":' * 400 + "1" + "}" * 400), "id: is an object: wanted a text"),
            (LINE.replace('"rc-1"', "[" * 50_000 + "]" * 50_000), "is nested too deeply to be a record"),
            (
                LINE.replace("rc-1", "\\ud800"),
                "id: is '\\ud800', which holds half a character (a lone surrogate): wanted text that UTF-8 can carry",
            ),
            (
                LINE.replace("rc-1", "\\u0000"),
                (
                    "the id of the receipt is '\\x00', which holds '\\x00': "
                    "wanted one line without control characters and without marks that turn the direction of writing"
                ),
            ),
        ],
    )
    def test_they_are_refused(self, line: str, message: str) -> None:
        assert faults_of_line(line, Receipt) == [message]

    def test_what_json_says_in_another_way_is_the_same_record(self) -> None:
        escaped = LINE.replace('"id"', '"i\\u0064"').replace("rc-1", "\\u0072c-1")
        spaced = json.dumps(json.loads(LINE), indent=3)
        assert from_line(escaped, Receipt) == from_line(spaced, Receipt) == from_line(f" {LINE}\n", Receipt) == GOLDEN["receipt"][0]


class TestVersions:
    """A record of a newer version is refused whole, whatever else it holds."""

    @every_record
    @pytest.mark.parametrize("version", [2, 10**12])
    def test_a_newer_one_is_refused_with_no_word_on_its_fields(self, name: str, version: int) -> None:
        data = {**to_data(GOLDEN[name][0]), "version": version, "channel": "card"}
        (fault,) = faults_of(data, RECORDS[name])
        assert str(fault) == f"version: is {version}, which a newer partnerkit wrote: this library reads version 1"

    @every_record
    def test_another_record_is_refused_with_no_word_on_its_fields(self, name: str) -> None:
        other = GOLDEN["usage" if name != "usage" else "visit"][0]
        (fault,) = faults_of(to_data(other), RECORDS[name])
        assert fault.path == "record"

    def test_the_faults_of_a_name_inside_a_record_are_those_of_its_field(self) -> None:
        (fault,) = faults_of({**to_data(GOLDEN["invite_link"][0]), "partner_name": "bright side"}, InviteLink)
        assert fault.path == "partner_name"
