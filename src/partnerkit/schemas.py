"""The form of every record as JSON Schema (2020-12), for programs in other languages, made of the types that records are read by.

Floor 9, above codec. May import: every lower floor, codec, envelopes, recorded, scalars, attrs and the standard library.

A schema is never stricter than `from_data`: what it refuses is refused there too. It is laxer where fields depend on each other or a
text must be more than well formed: totals that add up, a ruling that follows from its policy, a day that is in the calendar.
"""

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import attrs

from partnerkit.clauses import LogEntry, Ruling
from partnerkit.codec import RECORDS, VERSION, to_data
from partnerkit.envelopes import ENVELOPE
from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Money
from partnerkit.recorded import BASIS, IN_A_UNION, MAY_HAVE_BASIS, NAMES, TOTALS
from partnerkit.scalars import FINGERPRINT, LARGEST_WHOLE, PATTERNS, TEXTS, only_field, wanted
from partnerkit.sections import Section
from partnerkit.terms import NotAgreed

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID: Final = "urn:partnerkit:record:"
MARK: Final = f'{{\n  "$schema": "{_DIALECT}",\n  "$id": "{_ID}'
"""What the text of every schema begins with, as its file is known by."""

_TEXT: Final[Schema] = {"type": "string"}
_WHOLE: Final[Schema] = {"type": "integer", "minimum": -LARGEST_WHOLE, "maximum": LARGEST_WHOLE}
_PLAIN: Final[Mapping[Any, Schema]] = {
    str: _TEXT,
    int: _WHOLE,
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    NotAgreed: {"const": NotAgreed.NOT_AGREED.value},
}
_WHATEVER_THE_POLICY_SAYS: Final[Schema] = {"type": "object", "description": "The facts that the policy named in `ruling` asks for."}
_ONE_ANSWER_OR_MORE: Final[Schema] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_OTHERWISE: Final[Mapping[tuple[type[Any], str], Schema]] = {
    (Ruling, "outcome"): _ONE_ANSWER_OR_MORE,
    (LogEntry, "facts"): _WHATEVER_THE_POLICY_SAYS,
}
"""Fields whose type is said by the policy that was asked."""


def schema_of(kind: type[Any]) -> Schema:
    """Give the JSON Schema of a record by its type; a type that is no record raises `InvalidValue`.

    >>> from partnerkit.billing import Usage
    >>> schema = schema_of(Usage)
    >>> schema["required"]
    ['record', 'version', 'starts_on', 'plan', 'contacts']
    >>> schema["$defs"]["date"]["pattern"]
    '^(?:[0-9]{4}-[0-9]{2}-[0-9]{2})$'
    """
    name = NAMES.get(kind)
    if name is None:
        raise InvalidValue(f"{getattr(kind, '__name__', kind)} is no record: wanted one of the types in codec.RECORDS")
    defs: dict[str, Schema] = {}
    form = _value_alone(kind, defs) if kind in TEXTS else _object(kind, defs)
    basis = {BASIS: {"type": "string", "pattern": _whole(FINGERPRINT)}} if kind in MAY_HAVE_BASIS else {}
    return {
        "$schema": _DIALECT,
        "$id": f"{_ID}{name}:{VERSION}",
        "title": name,
        "description": _about(kind),
        "type": "object",
        "properties": {"record": {"const": name}, "version": {"const": VERSION}, **basis, **form["properties"]},
        "required": ["record", "version", *form["required"]],
        "additionalProperties": False,
        **({"$defs": dict(sorted(defs.items()))} if defs else {}),
    }


def schema_text(name: str) -> str:
    """Give the JSON Schema of a record by its name, as a text of JSON; a name that no record has raises `InvalidValue`.

    >>> schema_text("usages")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: 'usages' is no record: did you mean 'usage'?
    """
    if name not in RECORDS:
        near = get_close_matches(name, RECORDS, n=1)
        raise InvalidValue(f"{shown(name)} is no record: {f'did you mean {near[0]!r}?' if near else f'wanted one of {_listed()}'}")
    return json.dumps(schema_of(RECORDS[name]), indent=2, ensure_ascii=False) + "\n"


def schema_files(names: Iterable[str] = RECORDS) -> dict[str, str]:
    """Give the JSON Schemas of records by the names of their files, such as ``usage.v1.schema.json``.

    >>> list(schema_files(["usage"]))
    ['usage.v1.schema.json']
    """
    return {f"{name}.v{VERSION}.schema.json": schema_text(name) for name in names}


def _listed() -> str:
    return ", ".join(RECORDS)


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _about(kind: type[Any]) -> str:
    """Give the first paragraph of a docstring on one line."""
    return " ".join((kind.__doc__ or "").strip().partition("\n\n")[0].split())


def _value_alone(kind: type[Any], defs: dict[str, Schema]) -> Schema:
    return {"properties": {"value": _of(kind, defs)}, "required": ["value"]}


def _object(kind: type[Any], defs: dict[str, Schema]) -> Schema:
    """Give the form of an object with the fields of an attrs class."""
    fields = [field for field in attrs.fields(kind) if field.init]
    required = [field.name for field in fields if field.default is attrs.NOTHING]
    properties = {field.name: _field(kind, field, defs) for field in fields}
    if kind in TOTALS:
        properties["totals"] = _closed({name: _of(Money, defs) for name in TOTALS[kind]}, TOTALS[kind])
        required.append("totals")
    return _closed(properties, required)


def _closed(properties: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    return {"type": "object", "properties": {**properties}, "required": [*required], "additionalProperties": False}


def _field(kind: type[Any], field: "attrs.Attribute[Any]", defs: dict[str, Schema]) -> Schema:
    form = _OTHERWISE.get((kind, field.name)) or _of(field.type, defs)
    if issubclass(kind, Section):
        return {"description": field.metadata["about"], **form}
    return form if field.default is attrs.NOTHING else {**form, "default": _default(field.default)}


def _default(default: Any) -> Any:
    """Give what a field that is left out means, as it would be written."""
    if isinstance(default, tuple | frozenset):
        return [_default(item) for item in default]
    if default is None or isinstance(default, bool | int | str):
        return default.value if isinstance(default, StrEnum) else default
    return {name: item for name, item in to_data(default).items() if name not in ENVELOPE}


def _of(kind: Any, defs: dict[str, Schema]) -> Schema:
    """Give the form of a value inside a record; what has a name of its own stands once, in `defs`."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin in (Union, UnionType):
            return {"anyOf": [_one_of_several(one, defs) for one in arguments]}
        case origin if origin is tuple and arguments[-1] is not ...:
            several = [_of(one, defs) for one in arguments]
            return {"type": "array", "prefixItems": several, "minItems": len(several), "items": False}
        case origin if origin is tuple:
            return {"type": "array", "items": _of(arguments[0], defs)}
        case origin if origin is frozenset:
            return {"type": "array", "items": _of(arguments[0], defs), "uniqueItems": True}
        case origin:
            return _named(origin or kind, defs)


def _one_of_several(kind: Any, defs: dict[str, Schema]) -> Schema:
    if kind not in IN_A_UNION:
        return _of(kind, defs)
    name, field = NAMES[kind], only_field(kind)
    return _closed({name: _of(kind if field is None else field.type, defs)}, [name])


def _named(kind: type[Any], defs: dict[str, Schema]) -> Schema:
    """Give a reference to the form of a class, which is written down with the first one."""
    name = NAMES.get(kind) or re.sub("(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    if name not in defs:
        defs[name] = {}  # so that the first one that asks for it is the only one that makes it
        defs[name] = _form(kind, defs)
    return {"$ref": f"#/$defs/{name}"}


def _form(kind: type[Any], defs: dict[str, Schema]) -> Schema:
    if kind in TEXTS:
        return {"description": wanted(kind), "type": "string", "pattern": _whole(PATTERNS[kind])}
    if issubclass(kind, StrEnum):
        return {"description": _about(kind), "type": "string", "enum": [choice.value for choice in kind]}
    return {"description": _about(kind), **_object(kind, defs)}
