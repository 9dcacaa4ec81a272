"""Whether a close that was written is what the records make of it, and if not, where the first difference lies.

Floor 10. May import: errors, fingerprints, periods, output, attrs and the standard library. It reads and writes nothing itself.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import chain, zip_longest
from typing import Any, Final, final

import attrs

from partnerkit.errors import Fault, InvalidRecords, InvalidValue, shown
from partnerkit.fingerprints import digest
from partnerkit.output import MANIFEST_FILE, STATEMENT_TOTALS_FILE
from partnerkit.periods import Month

_ABSENT: Final = "nothing"
_BASIS: Final = ".basis"
_NO_END: Final = "no line end"


@final
@attrs.frozen(kw_only=True)
class Discrepancy:
    """Where a file that was written differs first from what the records make of it now.

    `line` counts from 1; `path` is the place in the record, empty where the whole line differs. `written` and `made` are what
    stands there and what should, as JSON.

    >>> str(Discrepancy(file="lines.jsonl", line=2, path="reward.amount", written='"15.00 USD"', made='"14.00 USD"'))
    'lines.jsonl:2: reward.amount: is "15.00 USD", and the records make it "14.00 USD"'
    """

    file: str
    line: int
    path: str
    written: str
    made: str

    def __attrs_post_init__(self) -> None:
        if type(self.line) is not int or self.line < 1:
            raise InvalidValue(f"a discrepancy of {shown(self.file)} is in line {shown(self.line)}: wanted a number from 1 on")

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: {self.path}: " if self.path else f"{self.file}:{self.line}: "
        return f"{place}is {self.written}, and the records make it {self.made}"


def month_of(manifest: str) -> Month:
    """Give the month of a close from the text of its manifest; what is no manifest raises `InvalidRecords`.

    >>> str(month_of('{"record": "manifest", "version": 1, "month": "2025-08", "inputs": {}, "outputs": {}}'))
    '2025-08'
    """
    try:
        return Month.parse(_manifest(manifest)["month"])
    except InvalidValue as fault:
        raise InvalidRecords((Fault(source=MANIFEST_FILE, path="month", message=str(fault)),)) from None


def is_in_sums(manifest: str) -> bool:
    """Tell from the text of its manifest whether a close was made in sums; what is no manifest raises `InvalidRecords`.

    >>> is_in_sums('{"record": "manifest", "month": "2025-08", "inputs": {}, "outputs": {"lines.jsonl": "0"}}')
    False
    """
    return STATEMENT_TOTALS_FILE in _manifest(manifest)["outputs"]


def altered(written: Mapping[str, str]) -> tuple[str, ...]:
    """Name the files that are not the ones the manifest beside them was written for: missing, or changed since.

    >>> altered({"manifest.jsonl": '{"record": "manifest", "month": "2025-08", "inputs": {}, "outputs": {"lines.jsonl": "0"}}'})
    ('lines.jsonl',)
    """
    outputs: Mapping[str, str] = _manifest(written.get(MANIFEST_FILE, ""))["outputs"]
    return tuple(name for name, print_ in outputs.items() if name not in written or digest([written[name].encode()]) != print_)


def other_inputs(written: Mapping[str, str], inputs: Mapping[str, str]) -> tuple[str, ...]:
    """Name the files of records that are not those a close was made from; `inputs` are the SHA-256 of those there are now.

    >>> manifest = '{"record": "manifest", "month": "2025-08", "inputs": {"charges.jsonl": "0"}, "outputs": {}}'
    >>> other_inputs({"manifest.jsonl": manifest}, {"charges.jsonl": "1", "visits.jsonl": "2"})
    ('charges.jsonl', 'visits.jsonl')
    """
    before: Mapping[str, str] = _manifest(written.get(MANIFEST_FILE, ""))["inputs"]
    return tuple(name for name in sorted({*before, *inputs}) if before.get(name) != inputs.get(name))


def differences(written: Mapping[str, str], made: Mapping[str, str]) -> tuple[Discrepancy, ...]:
    r"""Give the first difference of every file, the manifest last; none where all are byte for byte what the records make.

    Where records changed, the `basis` of every bill and statement is another one, so it is named only where nothing else differs.

    >>> [str(one) for one in differences({"lines.jsonl": '{"a": 1}\n'}, {"lines.jsonl": '{"a": 2}\n'})]
    ['lines.jsonl:1: a: is 1, and the records make it 2']
    """
    names = sorted({*written, *made}, key=lambda name: (name == MANIFEST_FILE, name))
    found = (_first(name, written.get(name), made.get(name)) for name in names)
    return tuple(one for one in found if one is not None)


def _first(name: str, written: str | None, made: str | None) -> Discrepancy | None:
    if written == made:
        return None
    apart = (
        (number, place)
        for number, (one, other) in enumerate(zip_longest(_rows(written), _rows(made)), start=1)
        if one != other
        for place in _places(one, other)
    )
    first = next(apart, (1, ("", written, made)))  # An empty file and an empty line are both one empty row.
    line, (path, before, after) = next((found for found in chain((first,), apart) if found[1][0] != _BASIS), first)
    left, right = _written(before), _written(after)
    return Discrepancy(file=name, line=line, path=path.removeprefix("."), written=_cut(left, right), made=_cut(right, left))


def _places(one: str | None, other: str | None) -> Iterator[tuple[str, Any, Any]]:
    """Give the places at which two lines that differ do so; the whole lines where they differ in how they are written alone."""
    found = list(_apart("", _read(one), _read(other)))
    yield from found or [("", one, other)]


def _rows(text: str | None) -> list[str]:
    """Give the lines of a text; where the last has no end, that is told in a row of its own."""
    if not text:
        return [] if text is None else [""]
    *rows, last = text.split("\n")
    return rows if not last else [*rows, last, _NO_END]


def _read(line: str | None) -> Any:
    if line is None:
        return _Nothing
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line


def _apart(path: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Give the places at which two values of JSON differ; 1, 1.0 and true are three values."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            yield from _apart(f"{path}.{key}", one.get(key, _Nothing), other.get(key, _Nothing))
    elif isinstance(one, list) and isinstance(other, list):
        for place, (left, right) in enumerate(zip_longest(one, other, fillvalue=_Nothing)):
            yield from _apart(f"{path}[{place}]", left, right)
    elif type(one) is not type(other) or one != other:
        yield path, one, other


class _Nothing:
    """What stands where a record has no such place."""


def _written(value: Any) -> str:
    return _ABSENT if value is _Nothing else json.dumps(value, ensure_ascii=False)


def _cut(text: str, other: str) -> str:
    """Shorten a long text to what stands around the first character that differs."""
    if len(text) <= _LONGEST:
        return text
    differs = next((place for place, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), min(len(text), len(other)))
    start = max(differs - _LONGEST // 2, 0)
    return f"{'...' if start else ''}{text[start : start + _LONGEST]}{'...' if start + _LONGEST < len(text) else ''}"


_LONGEST: Final = 200


def _manifest(text: str) -> Any:
    manifest = _read(text.strip())
    if not isinstance(manifest, dict) or manifest.get("record") != "manifest":
        raise InvalidRecords((Fault(source=MANIFEST_FILE, message=f"is {shown(text)}: wanted the manifest that `close --out` wrote"),))
    faults = [
        Fault(source=MANIFEST_FILE, path=key, message=f"is {shown(manifest.get(key))}: wanted what `close --out` wrote")
        for key, kind in (("month", str), ("inputs", dict), ("outputs", dict))
        if not isinstance(manifest.get(key), kind)
    ]
    if faults:
        raise InvalidRecords(tuple(faults))
    return manifest
