"""What is written around the fields of a record and what follows from them: its name and version, its basis, its totals.

Floor 9, below codec. May import: errors, recorded, scalars and the standard library.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from partnerkit.errors import Fault, InvalidValue
from partnerkit.recorded import BASIS, MAY_HAVE_BASIS, NAMES, TOTALS, VERSION
from partnerkit.scalars import FINGERPRINT, shown_as_json, shown_name

ENVELOPE: Final = ("record", "version")
"""The fields that every record has."""

_FINGERPRINT = re.compile(FINGERPRINT)


def envelope_faults(data: Mapping[Any, object], name: str) -> Iterator[Fault]:
    """Tell what is wrong with the record and the version that data names.

    >>> [str(fault) for fault in envelope_faults({"record": "usage"}, "usage")]
    ['version: is missing: wanted 1']
    """
    if "record" not in data:
        yield Fault(path="record", message=f"is missing: wanted {name!r}")
    elif data["record"] != name:
        yield Fault(path="record", message=f"is {shown_as_json(data['record'])}: wanted {name!r}")
    version = data.get("version")
    if "version" not in data:
        yield Fault(path="version", message=f"is missing: wanted {VERSION}")
    elif type(version) is not int or version != VERSION:
        newer = ", which a newer partnerkit wrote" if type(version) is int and version > VERSION else ""
        yield Fault(path="version", message=f"is {shown_as_json(version)}{newer}: this library reads version {VERSION}")


def basis_faults(data: Mapping[Any, object], kind: type[Any]) -> Iterator[Fault]:
    """Tell what is wrong with the basis that data states, where its record may state one."""
    if kind not in MAY_HAVE_BASIS or BASIS not in data:
        return
    try:
        check_basis(data[BASIS], kind)
    except InvalidValue as fault:
        yield Fault(path=BASIS, message=str(fault))


def check_basis(basis: object, kind: type[Any]) -> None:
    """Refuse a basis of a record that has none, and what is no fingerprint."""
    if kind not in MAY_HAVE_BASIS:
        raise InvalidValue(
            f"a {NAMES[kind]} has no basis of its own: wanted it with {' or '.join(sorted(NAMES[one] for one in MAY_HAVE_BASIS))}"
        )
    if not isinstance(basis, str) or not _FINGERPRINT.fullmatch(basis):
        raise InvalidValue(f"is {shown_as_json(basis)}: wanted a fingerprint, 64 hexadecimal digits")


def is_foreign(data: Mapping[Any, object], name: str) -> bool:
    """Tell whether this is another record or version on purpose, so that its fields are not to be judged by this one's."""
    return data.get("record", name) != name or data.get("version", VERSION) != VERSION


def totals_of(value: Any) -> dict[str, str]:
    """Give what the rest of a record adds up to, as it is written with it."""
    return {name: str(getattr(value, name)) for name in TOTALS[type(value)]}


def total_faults(raw: object, wanted: Mapping[str, str]) -> Iterator[Fault]:
    """Tell which totals are not what the rest of their record adds up to."""
    if not isinstance(raw, dict):
        yield Fault(path="totals", message=f"is {shown_as_json(raw)}: wanted an object with {', '.join(wanted)}")
        return
    for name, amount in wanted.items():
        if name not in raw:
            yield Fault(path=f"totals.{name}", message=f"is missing: wanted {amount!r}, which the rest of the record adds up to")
        elif raw[name] != amount:
            found = shown_as_json(raw[name])
            yield Fault(path=f"totals.{name}", message=f"is {found}: wanted {amount!r}, which the rest of the record adds up to")
    for name in sorted(map(shown_name, raw.keys() - wanted.keys())):
        yield Fault(path=f"totals.{name}", message=f"is not a total of this record: wanted one of {', '.join(wanted)}")
