"""The plain parts of records: texts, whole numbers, days, instants and amounts, read strictly or refused in words.

Floor 9, below codec. May import: errors, money, periods, partners, vocabulary, billing, rewards, attrs and the
standard library.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType, UnionType
from typing import Any, Final, NoReturn, TypeVar, Union, get_args, get_origin

import attrs

from partnerkit.billing import RevenueShare, UpfrontDiscount
from partnerkit.errors import LONGEST_SHOWN, InvalidValue, PartnerkitError, shown
from partnerkit.money import Currency, Money, Rate, UnitPrice
from partnerkit.partners import PartnerName
from partnerkit.periods import Month, Period, Window
from partnerkit.rewards import ChargeCap, ClientCap, Flat, MonthCap, Months, Payments, Percent
from partnerkit.vocabulary import PARTNER_NAME

T = TypeVar("T")

# Above it a reader that counts in binary floating point, as most JSON readers do, no longer sees the number that was written.
LARGEST_WHOLE = 2**53 - 1


FINGERPRINT: Final = "[0-9a-f]{64}"
"""How a fingerprint is written."""

_A_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_A_LOCAL_TIME = rf"{_A_DAY}T([01][0-9]|2[0-3]):[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,6}})?)?"
_AN_OFFSET = r"(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{6})?)?)"
_A_DECIMAL = r"[+-]?[0-9]+(\.[0-9]+)?"
_A_RATIO = r"[+-]?[0-9]+/[0-9]+"
_A_CODE = "[A-Z]{3}"

_DAY = re.compile(_A_DAY)
_INSTANT = re.compile(f"{_A_LOCAL_TIME}{_AN_OFFSET}?")


_SURROGATE = re.compile("[\ud800-\udfff]")


_WANTED: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    date: "a date such as '2025-08-08'",
    datetime: "an instant with its offset such as '2025-08-08T09:30:00+00:00'",
    Money: "an amount such as '12.50 USD'",
    UnitPrice: "a price such as '0.002 USD'",
    Rate: "a rate such as '3/20'",
    Currency: "a currency code such as 'USD'",
    Month: "a month such as '2025-08'",
    Period: "a period such as '2025-08-01/2025-09-01'",
    Window: "a window such as '30 days'",
    PartnerName: "a partner name such as 'brightside'",
    type(None): "null",
    Any: "an object",  # the facts of a decision, whose fields the policy says
    Fraction: "a part such as '2/5'",
}

_WANTED_IN_A_UNION: Mapping[Any, str] = {
    RevenueShare: '{"revenue_share": "1.50 USD"}',
    UpfrontDiscount: '{"upfront_discount": "1.50 USD"}',
    Percent: '{"percent": {"rate": "3/20", "rounding": "half_away"}}',
    Flat: '{"flat": ["50.00 USD"]}',
    Months: '{"months": {"start": 0, "until": 12}}',
    Payments: '{"payments": {"start": 1, "until": 3}}',
    ChargeCap: '{"charge_cap": ["50.00 USD"]}',
    ClientCap: '{"client_cap": ["500.00 USD"]}',
    MonthCap: '{"month_cap": ["5000.00 USD"]}',
}


def known_fields(kind: type[Any]) -> list[str]:
    """Name the fields that a value is built from."""
    return [field.name for field in attrs.fields(kind) if field.init]


def only_field(kind: type[Any]) -> "attrs.Attribute[Any] | None":
    """Give the field of a value that has one, None where it has more."""
    fields = attrs.fields(kind)
    return fields[0] if len(fields) == 1 else None


def wanted(kind: Any) -> str:
    """Say what a field of a type must be."""
    if kind in _WANTED:
        return _WANTED[kind]
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_WANTED_IN_A_UNION.get(one) or wanted(one) for one in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"one of {', '.join(repr(choice.value) for choice in kind)}"
    if get_origin(kind) in (tuple, frozenset):
        return "a list"
    return f"an object with {', '.join(known_fields(get_origin(kind) or kind))}"


def shown_as_json(raw: object) -> str:
    """Show a raw value as JSON names it, whatever it is: never its whole depth or length."""
    match raw:
        case None:
            return "null"
        case bool():
            return str(raw).lower()
        case int():
            return str(raw) if abs(raw) <= LARGEST_WHOLE else "a number too long for a record"
        case str() | float():
            return shown(raw)
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(raw).__name__}"


def shown_name(key: object) -> str:
    """Give a field's name as it can be shown on any screen."""
    if not isinstance(key, str):
        return shown_as_json(key)
    return key if key.isidentifier() and len(key) <= LONGEST_SHOWN else f"{key!a:.{LONGEST_SHOWN}}"


def refuse(raw: object, kind: Any) -> NoReturn:
    """Refuse a value that is not of a field's type."""
    raise InvalidValue(f"is {shown_as_json(raw)}: wanted {wanted(kind)}")


def check_unicode(text: str) -> str:
    """Refuse a text with half a character, which no file can hold."""
    if not text.isascii() and _SURROGATE.search(text):
        raise InvalidValue(f"is {shown_as_json(text)}, which holds half a character (a lone surrogate): wanted text that UTF-8 can carry")
    return text


def check_whole(number: int) -> int:
    """Refuse a number that other programs would read as another."""
    if abs(number) > LARGEST_WHOLE:
        raise InvalidValue(f"is {shown_as_json(number)}: wanted a whole number, at most {LARGEST_WHOLE} from zero")
    return number


def read_text(raw: object, kind: Any) -> str:
    """Read a text."""
    return check_unicode(raw) if type(raw) is str else refuse(raw, kind)


def read_whole(raw: object, kind: Any) -> int:
    """Read a whole number."""
    return check_whole(raw) if type(raw) is int else refuse(raw, kind)


def read_bool(raw: object, kind: Any) -> bool:
    """Read true or false."""
    return raw if type(raw) is bool else refuse(raw, kind)


def read_choice(raw: object, kind: type[StrEnum]) -> StrEnum:
    """Read a member of an enum by its text."""
    for choice in kind:
        if type(raw) is str and choice.value == raw:
            return choice
    refuse(raw, kind)


def _read_day(text: str) -> date:
    if _DAY.fullmatch(text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


def _read_instant(text: str) -> datetime:
    if _INSTANT.fullmatch(text) is None:
        raise ValueError(text)
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        in_utc = f"{at.isoformat()}+00:00"
        raise InvalidValue(f"is {text!r}, which has no offset from UTC: wanted {in_utc!r} if it is in UTC, else its own offset")
    return at


def text_reader(kind: type[T], parse: Callable[[str], T]) -> Callable[[object, Any], T]:
    """Make a reader of a type that is written as text."""

    def read(raw: object, _: Any) -> T:
        try:
            return parse(read_text(raw, kind))
        except PartnerkitError:
            raise
        except ValueError:
            refuse(raw, kind)

    return read


TEXTS: Mapping[type[Any], Callable[[str], Any]] = {
    Currency: Currency,
    Rate: Rate.parse,
    Money: Money.parse,
    UnitPrice: UnitPrice.parse,
    Month: Month.parse,
    Period: Period.parse,
    Window: Window.parse,
    PartnerName: PartnerName,
    Fraction: lambda text: Rate.parse(text).value,
    date: _read_day,
    datetime: _read_instant,
}


PATTERNS: Final[Mapping[type[Any], str]] = MappingProxyType(
    {
        Currency: _A_CODE,
        Rate: f"({_A_DECIMAL}|{_A_RATIO})%?",
        Fraction: f"({_A_DECIMAL}|{_A_RATIO})%?",
        Money: f"{_A_DECIMAL} {_A_CODE}",
        UnitPrice: f"({_A_DECIMAL}|{_A_RATIO}) {_A_CODE}",
        Month: "[0-9]{4}-[0-9]{2}",
        Period: f"{_A_DAY}/{_A_DAY}",
        Window: "unlimited|[0-9]+ (days?|hours?)( exclusive)?|[0-9]+ calendar days? in [^ ]+",
        PartnerName: PARTNER_NAME,
        date: _A_DAY,
        datetime: f"{_A_LOCAL_TIME}{_AN_OFFSET}",
    }
)
"""What every text of a type in `TEXTS` looks like, as an expression that other languages know too; not every such text is one."""
