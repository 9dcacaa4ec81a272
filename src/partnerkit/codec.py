"""Values as plain data and back: versioned records, and every fault of a record at once, each with its path.

Floor 9, the only importer of cattrs. May import: every lower floor, recorded, envelopes, json_lines, decisions, scalars,
attrs, cattrs and the standard library.

A record is a mapping ``{"record": name, "version": 1, ...fields}``. Money is ``"12.50 USD"``, a rate ``"3/20"``, a period
``"2025-08-01/2025-09-01"``, an instant ISO 8601 with its offset; one of these by itself stands in the field ``value``. A value
that stands where another might is written under its name, as ``{"revenue_share": "1.50 USD"}``.

Nothing is guessed: a number is no text and a text no number, a field nobody knows is a fault, and so is a version that is newer
than this library. What follows from the rest of a record is held against it: the totals of a bill and a statement, and a ruling
against the text of its policy. A decision or a ruling by a policy of one's own, or by editions of one's own, is read with
`editions`; all other records hold rulings of the program's policies only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from itertools import repeat
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from partnerkit.clauses import Editions, LogEntry, Ruling
from partnerkit.decisions import Written, class_of_facts, ruling_by, text_of_decision, text_of_ruling
from partnerkit.envelopes import ENVELOPE, basis_faults, check_basis, envelope_faults, is_foreign, total_faults, totals_of
from partnerkit.errors import Fault, InvalidRecords, InvalidValue, PartnerkitError
from partnerkit.json_lines import data_of_line, line_of_data
from partnerkit.money import Rate
from partnerkit.policies import EDITIONS
from partnerkit.recorded import (
    BASIS,
    IN_A_UNION,
    MAY_HAVE_BASIS,
    NAMES,
    NOT_RECORDS,
    RECORDS,
    TOTALS,
    VERSION,
    Coupon,
    History,
)
from partnerkit.relationships import ClientRelationship
from partnerkit.scalars import (
    TEXTS,
    check_unicode,
    check_whole,
    known_fields,
    only_field,
    read_bool,
    read_choice,
    read_text,
    read_whole,
    refuse,
    shown_as_json,
    shown_name,
    text_reader,
    wanted,
)
from partnerkit.terms import NOT_AGREED, NotAgreed, Section

T = TypeVar("T")

__all__ = [
    "NOT_RECORDS",
    "RECORDS",
    "VERSION",
    "Coupon",
    "History",
    "from_data",
    "from_line",
    "read_lines",
    "to_data",
    "to_line",
]

_VALUE = "value"


def to_data(value: object, *, basis: str | None = None) -> dict[str, Any]:
    """Give a public value as plain data with its envelope; a relationship is given as its `History`.

    Fields that are None by default are left out where they are None. A decision on facts that could not be read back, such as 1 for
    True, raises `InvalidValue`; those by a text that is none of `EDITIONS` are held against the class they have. `basis` is the
    fingerprint of what a bill or a statement was made from, which is written with it; with another record it raises `InvalidValue`.

    >>> from partnerkit.billing import Usage
    >>> to_data(Usage(starts_on=date(2025, 1, 1), plan="lite", contacts=300))
    {'record': 'usage', 'version': 1, 'starts_on': '2025-01-01', 'plan': 'lite', 'contacts': 300}
    """
    stored = History(account=value.account, events=value.events) if isinstance(value, ClientRelationship) else value
    if isinstance(stored, LogEntry):
        _check_readable(stored)
    name = NAMES.get(type(stored))
    if name is None:
        why = NOT_RECORDS.get(type(value).__name__, f"wanted one of {', '.join(RECORDS)}")
        raise InvalidValue(f"{type(value).__name__} is no record: {why}")
    if basis is not None:
        check_basis(basis, type(stored))
    carried = {} if basis is None else {BASIS: basis}
    return {"record": name, "version": VERSION, **carried, **_written(stored)}


def from_data(data: object, kind: type[T], *, editions: Mapping[str, Editions] = EDITIONS) -> T:
    """Read a value from plain data with its envelope; every fault is reported at once, with its path.

    `editions` are the texts, by the id of their policy, that a decision or a ruling is read by; for another record they raise
    `InvalidValue`. A text they do not hold is no fault: such a ruling is read as it stands, with the answers of its policy.

    >>> from partnerkit.billing import Usage
    >>> from_data({"record": "usage", "version": 1, "starts_on": "2025-01-01", "plan": "lite", "contacts": "300"}, Usage)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidRecords: contacts: is '300': wanted a whole number
    """
    name = _name_of(kind)
    if editions is not EDITIONS and kind not in _READ_BY_TEXTS:
        raise InvalidValue(f"a record of {name!r} holds no policy of your own: `editions` are for a decision or a ruling")
    if not isinstance(data, dict):
        wanted = f'a record, written {{"record": "{name}", "version": {VERSION}, ...}}'
        raise InvalidRecords((Fault(message=f"is {shown_as_json(data)}: wanted {wanted}"),))
    faults = [*envelope_faults(data, name), *basis_faults(data, kind)]
    if faults and is_foreign(data, name):
        raise InvalidRecords(tuple(faults))
    around = (*ENVELOPE, BASIS) if kind in MAY_HAVE_BASIS else ENVELOPE
    fields = {key: item for key, item in data.items() if key not in around}
    try:
        value: T = _READ_BY_TEXTS[kind](fields, editions) if kind in _READ_BY_TEXTS else _read(fields, kind)
    except (cattrs.BaseValidationError, PartnerkitError) as fault:
        raise InvalidRecords((*faults, *_faults(fault))) from None
    if faults:
        raise InvalidRecords(tuple(faults))
    return value


def to_line(value: object, *, basis: str | None = None) -> str:
    r"""Write a record as one line of JSON Lines, the same bytes everywhere, without the newline at its end; `basis` as in `to_data`.

    >>> to_line(Coupon(code="SUMMER25", partner="p-1"))
    '{"record": "coupon", "version": 1, "code": "SUMMER25", "partner": "p-1"}'
    """
    return line_of_data(to_data(value, basis=basis))


def from_line(line: str, kind: type[T], *, editions: Mapping[str, Editions] = EDITIONS) -> T:
    """Read a record from one line of JSON Lines, as `from_data` reads it.

    >>> from_line('{"record": "coupon", "version": 1, "code": "SUMMER25", "partner": "p-1"}', Coupon)
    Coupon(code='SUMMER25', partner='p-1')
    """
    return from_data(data_of_line(line), kind, editions=editions)


def read_lines(
    lines: Iterable[str], kind: type[T], *, source: str, faults: list[Fault], editions: Mapping[str, Editions] = EDITIONS
) -> Iterator[tuple[int, T]]:
    r"""Read the records of a JSON Lines file with their line numbers; blank lines are skipped, and faults go to `faults`.

    >>> faults = []
    >>> list(read_lines(["\n", "{}"], Coupon, source="coupons.jsonl", faults=faults))
    []
    >>> str(faults[0])
    "coupons.jsonl:2: record: is missing: wanted 'coupon'"
    """
    for number, line in enumerate(lines, start=1):
        if not line or line.isspace():
            continue
        try:
            record = from_line(line, kind, editions=editions)
        except InvalidRecords as found:
            faults += (Fault(message=one.message, path=one.path, source=source, line=number) for one in found.faults)
        else:
            yield number, record


def _check_readable(entry: LogEntry) -> None:
    """Refuse a decision whose facts could be ruled on and written, and then not be read back, naming each fact."""
    kind = class_of_facts(entry, EDITIONS)
    try:
        written = {name: _CONVERTER.unstructure(getattr(entry.facts, name)) for name in known_fields(type(entry.facts))}
        _CONVERTER.structure(written, kind)
    except RecursionError:
        why = "they are nested too deeply, or hold themselves"
    except (cattrs.BaseValidationError, PartnerkitError) as fault:
        why = "; ".join(map(str, _faults(fault)))
    else:
        return
    raise InvalidValue(f"the facts of a decision on {entry.ruling.policy} could not be read back: {why}")


def _name_of(kind: object) -> str:
    name = NAMES.get(kind) if isinstance(kind, type) else None
    if name is None:
        known = getattr(kind, "__name__", kind)
        raise InvalidValue(f"{known} is no record: {NOT_RECORDS.get(str(known), 'wanted one of the types in codec.RECORDS')}")
    return name


def _written(value: Any) -> dict[str, Any]:
    """Give the fields of a record, without its envelope."""
    kind = type(value)
    if kind in TEXTS:
        return {_VALUE: _CONVERTER.unstructure(value)}
    fields: dict[str, Any] = _WRITE_ALONE[kind](value) if kind in IN_A_UNION else _CONVERTER.unstructure(value)
    return fields


def _read(fields: dict[Any, Any], kind: Any) -> Any:
    """Read a value from the fields of its record, without their envelope."""
    if kind not in TEXTS:
        return _CONVERTER.structure(fields, kind)
    others = sorted(shown_name(name) for name in fields if name != _VALUE)
    faults = [Fault(path=name, message=f"is not a field of this record: wanted one of {_VALUE}") for name in others]
    if _VALUE not in fields:
        raise InvalidRecords((*faults, Fault(path=_VALUE, message=f"is missing: wanted {wanted(kind)}")))
    try:
        value = _CONVERTER.structure(fields[_VALUE], kind)
    except PartnerkitError as fault:
        raise InvalidRecords((*faults, *_faults(fault, _VALUE))) from None
    if faults:
        raise InvalidRecords(tuple(faults))
    return value


def _faults(fault: BaseException, path: str = "") -> Iterator[Fault]:
    """Walk cattrs' tree of errors to its leaves, building the path on the way."""
    match fault:
        case cattrs.ClassValidationError():
            named, others = fault.group_exceptions()
            for one, note in named:
                place = _joined(path, note.name)
                if isinstance(one, KeyError):
                    yield Fault(path=place, message=f"is missing: wanted {wanted(note.type)}")
                else:
                    yield from _faults(one, place)
            for other in others:
                yield from _faults(other, path)
        case cattrs.ForbiddenExtraKeysError():
            known = ", ".join(_fields_of(fault.cl))
            for name in sorted(map(shown_name, fault.extra_fields)):
                yield Fault(path=_joined(path, name), message=f"is not a field of this record: wanted one of {known}")
        case InvalidRecords():
            for inner in fault.faults:
                yield Fault(path=_joined(path, inner.path), message=inner.message)
        case PartnerkitError():
            yield Fault(path=path, message=str(fault))
        case _:  # No input is known to come here; one that does is still a fault of the record, not a crash of the reader.
            yield Fault(path=path, message=f"cannot be read: {fault}")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name and not name.startswith("[") else f"{path}{name}"


def _fields_of(kind: type[Any]) -> list[str]:
    return known_fields(kind) + ["totals"] * (kind in TOTALS)


def _read_text_or_choice(raw: object, kind: Any) -> str:
    return read_text(raw, kind) if kind is str else read_choice(raw, kind)


def _write_text_or_choice(text: str) -> str:
    return text.value if isinstance(text, StrEnum) else check_unicode(text)


def _read_list(raw: object, kinds: Iterable[Any]) -> list[Any]:
    """Read the items of a list, each by its kind; the faults of all of them come together."""
    if not isinstance(raw, list):
        raise InvalidValue(f"is {shown_as_json(raw)}: wanted a list")
    found: list[Any] = []
    faults: list[Fault] = []
    for place, (item, kind) in enumerate(zip(raw, kinds, strict=False)):
        try:
            found.append(_CONVERTER.structure(item, kind))
        except (cattrs.BaseValidationError, PartnerkitError) as fault:
            faults += _faults(fault, f"[{place}]")
    if faults:
        raise InvalidRecords(tuple(faults))
    return found


def _read_tuple(raw: object, kind: Any) -> tuple[Any, ...]:
    kinds = get_args(kind)
    if kinds[-1] is ...:
        return tuple(_read_list(raw, repeat(kinds[0])))
    if isinstance(raw, list) and len(raw) != len(kinds):
        raise InvalidValue(f"has {len(raw)} entries: wanted {len(kinds)}, {', then '.join(map(wanted, kinds))}")
    return tuple(_read_list(raw, kinds))


def _read_set(raw: object, kind: Any) -> frozenset[Any]:
    found = _read_list(raw, repeat(*get_args(kind)))
    for place, item in enumerate(found):
        if item in found[:place]:
            raise InvalidRecords((Fault(path=f"[{place}]", message=f"is {shown_as_json(str(item))} again: wanted each once"),))
    return frozenset(found)


def _read_unless_not_agreed(raw: object, kind: Any) -> Any:
    if raw == NOT_AGREED.value:
        return NOT_AGREED
    (agreed,) = (one for one in get_args(kind) if one is not NotAgreed)
    try:
        return _CONVERTER.structure(raw, agreed)
    except InvalidValue as fault:
        raise InvalidValue(f"{fault}; or write {NOT_AGREED.value!r}") from None


def _read_named(raw: object, kind: Any) -> Any:
    """Read one of several values, which stands under its name."""
    by_name = {NAMES[one]: one for one in get_args(kind) if one in IN_A_UNION}
    if raw is None and NoneType in get_args(kind):
        return None
    if not isinstance(raw, dict) or len(raw) != 1 or not raw.keys() <= by_name.keys():
        refuse(raw, kind)
    ((name, content),) = raw.items()
    field = only_field(by_name[name])
    try:
        if field is None:
            return _CONVERTER.structure(content, by_name[name])
        return by_name[name](_CONVERTER.structure(content, cast("Any", field.type)))
    except (cattrs.BaseValidationError, PartnerkitError) as fault:
        raise InvalidRecords(tuple(_faults(fault, name))) from None


def _object_reader(kind: type[Any]) -> Callable[[object, Any], Any]:
    """Make the reader of an object with exactly the fields of an attrs class; fields with a default may be left out."""
    read_fields = make_dict_structure_fn(kind, _CONVERTER)

    def read(raw: object, _: Any) -> Any:
        return read_fields(raw, kind) if isinstance(raw, dict) else refuse(raw, kind)

    return read


def _object_writer(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    write_fields = make_dict_unstructure_fn(kind, _CONVERTER)
    # What means "not there" is left out; other defaults are written, so that a record says the same under any later default.
    silent = {field.name for field in attrs.fields(kind) if field.default is None or isinstance(field.default, Section)}
    return lambda value: {name: item for name, item in write_fields(value).items() if name not in silent or item not in (None, {})}


def _named_writer(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    name, field, write_fields = NAMES[kind], only_field(kind), _object_writer(kind)
    if field is None:
        return lambda value: {name: write_fields(value)}
    return lambda value: {name: write_fields(value)[field.name]}


def _totals_reader(kind: type[Any]) -> Callable[[dict[Any, object], Any], Any]:
    """Make the reader of a record with totals, which stands alone and so is known to be an object by now."""
    read_parts = _object_reader(kind)

    def read(raw: dict[Any, object], _: Any) -> Any:
        parts = {key: item for key, item in raw.items() if key != "totals"}
        missing = Fault(path="totals", message=f"is missing: wanted an object with {', '.join(TOTALS[kind])}")
        faults = [] if "totals" in raw else [missing]
        try:
            value = read_parts(parts, kind)
            wanted = totals_of(value)
        except (cattrs.BaseValidationError, PartnerkitError) as fault:
            raise InvalidRecords((*_faults(fault), *faults)) from None
        faults = faults or list(total_faults(raw["totals"], wanted))
        if faults:
            raise InvalidRecords(tuple(faults))
        return value

    return read


def _totals_writer(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    write_parts = _object_writer(kind)
    return lambda value: {**write_parts(value), "totals": totals_of(value)}


def _ruling_reader(kind: Any) -> Callable[[object, Any], Ruling[Any]]:
    """Make the reader of a ruling inside another record, which is one of the program's own policies."""
    asked = next((answers for answers in get_args(kind) if isinstance(answers, type) and answers is not Any), StrEnum)
    return lambda raw, _: _read_ruling(raw, EDITIONS, asked)


def _read_ruling(raw: object, editions: Mapping[str, Editions], asked: type[StrEnum] = StrEnum) -> Ruling[Any]:
    written = _read_written(raw, Ruling)
    text = text_of_ruling(written, editions)
    if not issubclass(text.answers, asked):
        raise InvalidRecords((Fault(path="policy", message=f"is {written.policy!r}, which answers another question than stands here"),))
    return ruling_by(text, written)


def _read_decision(raw: dict[str, Any], editions: Mapping[str, Editions]) -> LogEntry:
    """Read a logged decision, whose facts and answers are those of the text it is by."""
    written: LogEntry = _READ_DECISION_FIELDS(raw, LogEntry)
    text = text_of_decision(written, editions)
    parts: Mapping[str, Callable[[], Any]] = {
        "facts": lambda: _CONVERTER.structure(written.facts, text.facts),
        "ruling": lambda: ruling_by(text, written.ruling),
    }
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, read in parts.items():
        try:
            found[name] = read()
        except (cattrs.BaseValidationError, PartnerkitError) as fault:
            faults += _faults(fault, name)
    if faults:
        raise InvalidRecords(tuple(faults))
    return LogEntry(facts=found["facts"], ruling=found["ruling"], day=written.day)


def _read_written(raw: object, _: Any) -> Written:
    return _READ_RULING_FIELDS(raw, Ruling[str]) if isinstance(raw, dict) else refuse(raw, Ruling)


def _read_outcome(raw: object, _: Any) -> str | tuple[str, ...]:
    return read_text(raw, str) if not isinstance(raw, list) else tuple(_read_list(raw, repeat(str)))


def _is_named(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and any(one in IN_A_UNION for one in get_args(kind))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _is_a(wanted: Any) -> Callable[[Any], bool]:
    """Make the test for a generic class, bare or with its arguments."""
    return lambda kind: kind is wanted or get_origin(kind) is wanted


def _exactly(wanted: Any) -> Callable[[Any], bool]:
    # Hooks by class would also serve subclasses: an enum of texts is a text to them, and an instant is a date.
    return lambda kind: kind is wanted


# cattrs asks these first and by class, so that the hook of texts also gets the enums of texts.
_SCALARS: Mapping[type[Any], Callable[[object, Any], Any]] = {str: _read_text_or_choice, int: read_whole, bool: read_bool}

_CONVERTER = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)


def _teach_reading(converter: cattrs.Converter) -> None:
    converter.register_structure_hook_factory(attrs.has, _object_reader)
    converter.register_structure_hook_factory(lambda kind: kind in TOTALS, _totals_reader)
    converter.register_structure_hook_factory(_is_a(Ruling), _ruling_reader)
    for kind, parse in TEXTS.items():
        converter.register_structure_hook_func(_exactly(kind), text_reader(kind, parse))
    for kind, read in _SCALARS.items():
        converter.register_structure_hook(kind, read)
    converter.register_structure_hook_func(_is_a(tuple), _read_tuple)
    converter.register_structure_hook_func(_is_a(frozenset), _read_set)
    converter.register_structure_hook_func(lambda kind: NotAgreed in get_args(kind), _read_unless_not_agreed)
    converter.register_structure_hook_func(_is_named, _read_named)


def _teach_writing(converter: cattrs.Converter) -> None:
    write = converter.unstructure
    converter.register_unstructure_hook_factory(attrs.has, _object_writer)
    converter.register_unstructure_hook_factory(lambda kind: kind in TOTALS, _totals_writer)
    for kind in TEXTS:
        converter.register_unstructure_hook_func(_exactly(kind), str)
    for kind in (date, datetime):
        converter.register_unstructure_hook_func(_exactly(kind), lambda at: at.isoformat())
    converter.register_unstructure_hook(str, _write_text_or_choice)
    converter.register_unstructure_hook_func(_exactly(int), check_whole)
    converter.register_unstructure_hook_func(_is_a(tuple), lambda items: [write(item) for item in items])
    converter.register_unstructure_hook_func(_is_a(frozenset), lambda items: sorted(write(item) for item in items))
    converter.register_unstructure_hook_func(_is_section, lambda section: {name: write(term) for name, term in section.given().items()})
    converter.register_unstructure_hook_func(_exactly(Fraction), lambda part: str(Rate(part)))
    for kind in IN_A_UNION:
        converter.register_unstructure_hook_factory(_exactly(kind), _named_writer)


_teach_reading(_CONVERTER)
_teach_writing(_CONVERTER)

_WRITE_ALONE: Mapping[type[Any], Callable[[Any], dict[str, Any]]] = {kind: _object_writer(kind) for kind in IN_A_UNION}

_READ_RULING_FIELDS = make_dict_structure_fn(Ruling[str], _CONVERTER, outcome=override(struct_hook=_read_outcome))
_READ_DECISION_FIELDS = make_dict_structure_fn(
    LogEntry, _CONVERTER, facts=override(struct_hook=lambda raw, _: raw), ruling=override(struct_hook=_read_written)
)
_READ_BY_TEXTS: Mapping[Any, Callable[[dict[str, Any], Mapping[str, Editions]], Any]] = {LogEntry: _read_decision, Ruling: _read_ruling}
