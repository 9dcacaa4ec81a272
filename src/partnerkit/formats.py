"""Amounts, rates, dates and lists as people of a locale write them, exactly, by Babel.

Floor 9, below languages and text. May import: errors, money, periods, babel and the standard library.

Patterns and symbols are the locale's; the digits are ours. Babel rounds in the ambient decimal context and knows display
digits only, so the digits are laid out here from whole numbers: an amount of any size is shown exactly, with
the minor units of ISO 4217.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, get_args
from unicodedata import category

from babel import Locale, UnknownLocaleError
from babel import dates as babel_dates
from babel.lists import format_list
from babel.numbers import NumberPattern, get_currency_symbol, get_decimal_symbol, get_group_symbol, get_minus_sign_symbol

from partnerkit.errors import InvalidValue, shown
from partnerkit.money import Currency, Money, Rate
from partnerkit.periods import Month

Length = Literal["short", "medium", "long", "full"]
"""How much of a date is spelled out."""


_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SPACE: Final = "\N{NO-BREAK SPACE}"
_MOST_LOCALES: Final = 256
_LONGEST_NAME: Final = 64


def format_money(money: Money, locale: str = "en") -> str:
    """Write an amount as a locale does, exactly, with the currency's ISO 4217 digits.

    Raises `InvalidValue` for a locale that CLDR does not know, as every function here does.

    >>> format_money(Money.of("-1234.50", "USD")), format_money(Money.of("1234", "JPY"), "ja")
    ('-$1,234.50', '￥1,234')
    """
    return format_exact(Fraction(money.minor), money.currency, locale)


def format_date(day: date, locale: str = "en", length: Length = "medium") -> str:
    """Write a date as a locale does, in one of the lengths of CLDR.

    An instant is refused, because it has a day only in a zone.

    >>> format_date(date(2025, 8, 8)), format_date(date(2025, 8, 8), "de"), format_date(date(2025, 8, 8), "de", "short")
    ('Aug 8, 2025', '08.08.2025', '08.08.25')
    """
    if length not in get_args(Length):
        raise InvalidValue(f"{shown(length)} is no length of a date: wanted one of {', '.join(get_args(Length))}")
    if not isinstance(day, date) or isinstance(day, datetime):
        raise InvalidValue(f"wanted a date, got {shown(day)}: an instant has a day only in a zone, take it with civil_day")
    return babel_dates.format_date(day, length, locale=locale_named(locale))


def format_day(day: date, locale: str = "en") -> str:
    """Write a day without its year, where the year stands above it.

    >>> format_day(date(2025, 8, 8)), format_day(date(2025, 8, 8), "de")
    ('Aug 8', '8. Aug.')
    """
    return babel_dates.format_skeleton("MMMd", _noon_of(day), locale=locale_named(locale))


def format_month(month: Month, locale: str = "en") -> str:
    """Write a month as a locale does.

    >>> format_month(Month.parse("2025-08")), format_month(Month.parse("2025-08"), "fr")
    ('August 2025', 'août 2025')
    """
    return babel_dates.format_skeleton("yMMMM", _noon_of(date(month.year, month.month, 1)), locale=locale_named(locale))


def format_short_month(month: Month, locale: str = "en") -> str:
    """Write a month as a locale does where there is little room.

    >>> format_short_month(Month.parse("2025-08")), format_short_month(Month.parse("2025-08"), "es")
    ('Aug 2025', 'ago 2025')
    """
    return babel_dates.format_skeleton("yMMM", _noon_of(date(month.year, month.month, 1)), locale=locale_named(locale))


def format_rate(rate: Rate, locale: str = "en") -> str:
    r"""Write a rate in percents, exactly; one that no decimal number of percents is stays a ratio.

    >>> format_rate(Rate.parse("1/8")), format_rate(Rate.parse("1/8"), "de"), format_rate(Rate.parse("1/3"))
    ('12.5%', '12,5\xa0%', '1/3')
    """
    known = locale_named(locale)
    return _laid_out(rate.value * 100, known.percent_formats[None], known) or str(rate)


def locale_named(name: str) -> Locale:
    """Give the locale of a name, as Babel knows it; `InvalidValue` for one that CLDR does not know.

    >>> locale_named("de-AT").language
    'de'
    """
    try:
        return _parsed(name)
    except (AttributeError, TypeError, ValueError, UnknownLocaleError):
        raise InvalidValue(f"unknown locale {shown(name)}: wanted one that CLDR knows, such as 'en', 'de' or 'fr_CA'") from None


@lru_cache(maxsize=_MOST_LOCALES)
def _parsed(name: str) -> Locale:
    if len(name) > _LONGEST_NAME:
        raise ValueError(name)
    return Locale.parse(name.replace("-", "_"))


def format_exact(minor: Fraction, currency: Currency, locale: str = "en") -> str:
    """Write an exact number of minor units, finer ones too; one that no decimal number is stays a ratio of whole units.

    >>> format_exact(Fraction(15465, 10), Currency("USD")), format_exact(Fraction(100, 3), Currency("USD"))
    ('$15.465', '1/3 USD')
    """
    known, amount = locale_named(locale), minor / 10**currency.digits
    symbol = get_currency_symbol(currency.code, locale=known)
    laid_out = _laid_out(amount, known.currency_formats["standard"], known, fewest=currency.digits, symbol=symbol)
    return laid_out or f"{amount} {currency.code}"


def format_whole(number: int, locale: str = "en") -> str:
    """Write a whole number.

    >>> format_whole(1800), format_whole(1800, "de")
    ('1,800', '1.800')
    """
    known = locale_named(locale)
    return _laid_out(Fraction(number), known.decimal_formats[None], known)


def is_one(count: int, locale: str = "en") -> bool:
    """Tell whether a locale speaks of a count in the singular.

    >>> is_one(1), is_one(0), is_one(0, "fr")
    (True, False, True)
    """
    return locale_named(locale).plural_form(count) == "one"


def _laid_out(number: Fraction, pattern: NumberPattern, locale: Locale, *, fewest: int = 0, symbol: str = "") -> str:
    """Lay an exact number out by a pattern of the locale; empty where no decimal number is exact."""
    written = _digits(abs(number), fewest)
    if written is None:
        return ""
    whole, decimals = written
    digits = _grouped(whole, pattern, locale) + (get_decimal_symbol(locale) + decimals if decimals else "")
    negative = number < 0
    minus = get_minus_sign_symbol(locale)
    before = pattern.prefix[negative].replace("-", minus)
    after = pattern.suffix[negative].replace("-", minus)
    return before.replace("¤", _spaced_after(symbol) if before.endswith("¤") else symbol) + digits + after.replace("¤", symbol)


def _digits(number: Fraction, fewest: int) -> tuple[str, str] | None:
    """Write a natural ratio as its whole digits and its decimals, at least `fewest`; None where no decimal number is exact."""
    above, below = number.as_integer_ratio()
    for places in range(fewest, fewest + below.bit_length()):
        if 10**places % below == 0:
            digits = str(above * (10**places // below)).zfill(places + 1)
            return digits[: len(digits) - places], digits[len(digits) - places :]
    return None


def _grouped(digits: str, pattern: NumberPattern, locale: Locale) -> str:
    size, further = pattern.grouping
    groups = []
    while digits:
        groups.append(digits[-size:])
        digits, size = digits[:-size], further
    return get_group_symbol(locale).join(reversed(groups))


def _spaced_after(symbol: str) -> str:
    """Keep a symbol of letters apart from the digits that follow, as CLDR asks: a dollar sign touches them, CHF does not."""
    return symbol + _SPACE if symbol and category(symbol[-1])[0] not in "SZ" else symbol


def format_instant(at: datetime, locale: str = "en") -> str:
    """Write an instant in UTC.

    >>> format_instant(datetime(2025, 8, 8, 9, 30, tzinfo=UTC)).replace("\u202f", " ")
    'Aug 8, 2025, 9:30:00 AM UTC'
    """
    return f"{babel_dates.format_datetime(at, 'medium', tzinfo=UTC, locale=locale_named(locale))} UTC"


def visible(text: str) -> str:
    r"""Write what would steer a terminal, or hide in it, as an escape that can be seen.

    Control characters, ends of lines and marks of direction among them: whoever wrote a record must not write on the screen.

    >>> print(visible("red \x1b[31m"))
    red \x1b[31m
    """
    return "".join(one.encode("unicode_escape").decode() if category(one) in _STEERING else one for one in text)


def format_words(items: Iterable[str], locale: str = "en") -> str:
    """Join words into a list as a locale does.

    >>> format_words(["one", "two", "three"]), format_words(["eins", "zwei", "drei"], "de")
    ('one, two, and three', 'eins, zwei und drei')
    """
    return format_list([*items], locale=locale_named(locale))


def _noon_of(day: date) -> datetime:
    """Give an instant of a day: Babel's skeletons take nothing less."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
