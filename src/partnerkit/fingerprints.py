"""Canonical bytes and SHA-256 of any public value: what says the same has the same bytes on every machine.

Floor 1, below its neighbors. May import: errors, attrs and the standard library.

A fingerprint says *which* terms, policy edition or records a statement came from. It depends on what a value says,
never on the order of a set or mapping, the hash seed, the process or the locale. An instant says its offset too, for the
offset decides on which civil day it is: one moment written with two offsets has two fingerprints.
"""

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs

from partnerkit.errors import InvalidValue


def canonical(value: object) -> Any:
    """Turn a value into plain lists and texts that say everything about it and nothing else.

    Values of attrs classes become their class name and fields, unordered collections are sorted by their canonical
    bytes, numbers and dates become tagged texts, so that `1`, `True` and `"1"` stay apart. A class may say what
    it means by a method `__canonical__` (a policy does: the order of its clauses means nothing; and so does a section
    of the terms, which says only what is stated).

    >>> canonical((1, True, None))
    ['list', ['1', 'true', 'null']]
    """
    scalar = _scalar(value)
    if scalar is not None:
        return scalar
    said = getattr(value, "__canonical__", None)
    if said is not None:
        return [type(value).__name__, canonical(said())]
    if attrs.has(type(value)):
        return [type(value).__name__, _fields(value)]
    if isinstance(value, Mapping):
        return ["map", sorted(([_text(canonical(key)), canonical(item)] for key, item in value.items()), key=_text)]
    if isinstance(value, AbstractSet):
        return ["set", sorted((canonical(item) for item in value), key=_text)]
    if isinstance(value, list | tuple):
        return ["list", [canonical(item) for item in value]]
    raise InvalidValue(f"no canonical form for {type(value).__name__}: give a public value, a collection of them, or plain data")


def canonical_bytes(value: object) -> bytes:
    """Give the bytes that stand for a value, the same on every machine.

    >>> canonical_bytes((1, 2))
    b'["list",["1","2"]]'
    """
    return _text(canonical(value)).encode("ascii")


def fingerprint(value: object) -> str:
    """Give the SHA-256 of a value's canonical bytes, as 64 hexadecimal digits.

    >>> fingerprint(frozenset({1, 2})) == fingerprint(frozenset({2, 1}))
    True
    """
    return digest([canonical_bytes(value)])


def digest(chunks: Iterable[bytes]) -> str:
    """Give the SHA-256 of bytes that come in pieces, as 64 hexadecimal digits.

    >>> digest([b"ab", b"c"]) == digest([b"abc"])
    True
    """
    # Loading OpenSSL costs more than the whole of partnerkit.links, which never needs it.
    from hashlib import sha256  # noqa: PLC0415

    hashed = sha256()
    for chunk in chunks:
        hashed.update(chunk)
    return hashed.hexdigest()


def _text(form: object) -> str:
    return json.dumps(form, ensure_ascii=True, separators=(",", ":"))


def _scalar(value: object) -> str | None:
    match value:
        case None | bool():
            return json.dumps(value)
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case int():
            return str(value)
        case str():
            return json.dumps(value)
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return f"{value.days}d{value.seconds}s{value.microseconds}us"
        case type():
            return value.__name__
        case _:
            return None


def _fields(value: Any) -> list[list[Any]]:
    return [[field.name, canonical(getattr(value, field.name))] for field in attrs.fields(type(value)) if field.eq]
