"""Exact money: currencies, amounts, finer prices, rates, and the one place where anything is rounded.

Floor 1. May import: enums, errors, attrs and the standard library.

An amount is a whole number of minor units and a currency. Everything between two amounts is exact, and leaves
exactness at one named place: `round_ratio`, with a rounding the caller states. There is no default rounding,
no float, no decimal context, and no conversion between currencies.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Final, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import CurrencyMismatch, InvalidValue, shown

_CODES_BY_DIGITS: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY "
        "COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
        "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR "
        "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
        "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
CURRENCY_DIGITS: Final[Mapping[str, int]] = MappingProxyType(
    {code: digits for digits, codes in _CODES_BY_DIGITS.items() for code in codes.split()}
)
"""How many digits of a written amount are minor units, by the code of each currency (ISO 4217)."""
_WITHOUT_MINOR_UNIT: Final = frozenset({"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"})
_WITHDRAWN: Final[Mapping[str, str]] = MappingProxyType(
    {"ANG": "XCG", "BGN": "EUR", "CUC": "CUP", "HRK": "EUR", "SLL": "SLE", "ZWL": "ZWG"}
)
# Python reads and writes whole numbers of at least this many digits under every setting of its own limit.
_LONGEST_NUMBER: Final = 640


@final
@attrs.frozen
class Currency:
    """A currency of ISO 4217 that has a minor unit, named by its three capital letters.

    The table is the list of current codes as of 2026. Codes withdrawn before that (BGN, since the euro came to Bulgaria in
    January 2026, is the latest) are refused and the message names the successor; metals, special drawing
    rights and the test codes are refused because they have no minor unit.

    >>> Currency("JPY").digits
    0
    """

    code: str

    def __attrs_post_init__(self) -> None:
        if type(self.code) is not str or self.code not in CURRENCY_DIGITS:
            raise InvalidValue(_why_no_currency(self.code))

    @property
    def digits(self) -> int:
        """How many digits of the written amount are minor units, after ISO 4217 (display habits may differ).

        >>> Currency("KWD").digits
        3
        """
        return CURRENCY_DIGITS[self.code]

    def __str__(self) -> str:
        return self.code


def _why_no_currency(code: object) -> str:
    if not isinstance(code, str):
        return f"a currency is named by text of three capital letters such as 'USD', not by {shown(code)}"
    capital = code.strip().upper()
    if capital != code and capital in CURRENCY_DIGITS:
        return f"unknown currency {shown(code)}: write '{capital}'"
    if capital in _WITHOUT_MINOR_UNIT:
        return f"{shown(code)} has no minor unit, so no amount can be counted in it: name a currency that is paid, such as 'USD'"
    if capital in _WITHDRAWN:
        return f"{shown(code)} has been withdrawn from ISO 4217: its successor is '{_WITHDRAWN[capital]}'"
    return f"unknown currency {shown(code)}: wanted a current ISO 4217 code such as 'USD'"


@final
class Rounding(Named):
    """How a value between two whole numbers becomes one of them; `HALF_AWAY` is the usual choice in billing.

    The names say where a value goes, because the habitual ones ("half up", "up") mean two things.

    >>> [round_ratio(-5, 2, mode) for mode in (Rounding.HALF_AWAY, Rounding.HALF_EVEN, Rounding.CEILING)]
    [-3, -2, -2]
    """

    HALF_AWAY = "half_away"
    HALF_EVEN = "half_even"
    HALF_TOWARD_ZERO = "half_toward_zero"
    HALF_CEILING = "half_ceiling"
    HALF_FLOOR = "half_floor"
    UP = "up"
    DOWN = "down"
    CEILING = "ceiling"
    FLOOR = "floor"


# Each rule sees the floor of a value that is not whole, and twice the rest minus one whole: negative below the
# half, zero on it, positive above. It answers whether the value goes to the ceiling. The value is negative exactly when its floor is.
_GOES_UP: Final[Mapping[Rounding, Callable[[int, int], bool]]] = MappingProxyType(
    {
        Rounding.HALF_AWAY: lambda floor, past_half: past_half > 0 or (past_half == 0 and floor >= 0),
        Rounding.HALF_EVEN: lambda floor, past_half: past_half > 0 or (past_half == 0 and floor % 2 == 1),
        Rounding.HALF_TOWARD_ZERO: lambda floor, past_half: past_half > 0 or (past_half == 0 and floor < 0),
        Rounding.HALF_CEILING: lambda _, past_half: past_half >= 0,
        Rounding.HALF_FLOOR: lambda _, past_half: past_half > 0,
        Rounding.UP: lambda floor, _: floor >= 0,
        Rounding.DOWN: lambda floor, _: floor < 0,
        Rounding.CEILING: lambda _floor, _past_half: True,
        Rounding.FLOOR: lambda _floor, _past_half: False,
    }
)


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Round numerator / denominator to a whole number: the only place where partnerkit rounds.

    The denominator may be negative and must not be zero. Raises `InvalidValue` for anything but whole numbers and a `Rounding`.

    >>> round_ratio(5, 2, Rounding.HALF_AWAY), round_ratio(5, 2, Rounding.HALF_EVEN)
    (3, 2)
    """
    if type(numerator) is not int or type(denominator) is not int:
        raise InvalidValue(f"wanted two whole numbers to round their ratio, got {shown(numerator)} and {shown(denominator)}")
    if rounding.__class__ is not Rounding:
        raise InvalidValue(f"wanted a Rounding such as Rounding.HALF_AWAY, got {shown(rounding)}")
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    elif denominator == 0:
        raise InvalidValue(f"cannot round {shown(numerator)} / 0: the denominator must not be zero")
    floor, rest = divmod(numerator, denominator)
    if rest and _GOES_UP[rounding](floor, 2 * rest - denominator):
        return floor + 1
    return floor


def round_minor(exact: Fraction, rounding: Rounding) -> int:
    """Round an exact number of minor units to a whole one.

    >>> round_minor(Fraction(-37, 2), Rounding.HALF_AWAY)
    -19
    """
    return round_ratio(*_exact(exact).as_integer_ratio(), rounding)


@final
@attrs.frozen(order=True)
class Rate:
    """An exact ratio that is zero or more, such as a revenue share or a discount.

    Terms that must not exceed one (a share, a discount) check that themselves.

    >>> Rate(Fraction(3, 20)) == Rate.percent("15")
    True
    """

    value: Fraction

    def __attrs_post_init__(self) -> None:
        if type(self.value) is not Fraction:
            raise InvalidValue(f"a rate is a Fraction, not {shown(self.value)}: write Rate.percent('15') or Rate.parse('3/20')")
        if self.value < 0:
            raise InvalidValue(f"a rate is zero or more, got {shown(self.value)}: state what is taken, without a sign")

    @classmethod
    def percent(cls, text: str) -> "Rate":
        """Read percents written as a decimal or a ratio, without the sign.

        >>> str(Rate.percent("12.5"))
        '1/8'
        """
        return cls(_ratio(text, "a number of percents such as '12.5'") / 100)

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read a ratio ("3/20"), a decimal ("0.15") or percents with their sign ("15%").

        >>> Rate.parse("3/20") == Rate.parse("0.15") == Rate.parse("15%")
        True
        """
        wanted = "a rate such as '3/20', '0.15' or '15%'"
        given = _text(text, wanted)
        return cls(_ratio(given[:-1], wanted) / 100 if given.endswith("%") else _ratio(given, wanted))

    def complement(self) -> "Rate":
        """What is left of one: the part a partner pays under this discount.

        Raises `InvalidValue` for a rate above one.

        >>> str(Rate.percent("15").complement())
        '17/20'
        """
        if self.value > 1:
            raise InvalidValue(f"a rate of {shown(self.value)} leaves nothing of one: wanted a rate of at most 1")
        return Rate(1 - self.value)

    def __str__(self) -> str:
        return str(self.value)


@final
@attrs.frozen(kw_only=True)
class Money:
    """An amount of one currency, as a whole number of its minor units (cents, yen, fils).

    Amounts of two currencies are never equal and never mix: arithmetic and order raise `CurrencyMismatch`. An amount has no truth value,
    because `if amount:` asks two questions at once (is it there, is it zero): write `amount.minor == 0` or `amount is None`.

    >>> Money(minor=1250, currency=Currency("USD")) + Money.of("0.50", "USD") == Money.of("13.00", "USD")
    True
    """

    minor: int
    currency: Currency

    def __attrs_post_init__(self) -> None:
        if type(self.minor) is not int:
            raise InvalidValue(f"minor units are a whole number, not {shown(self.minor)}: for text write Money.of('12.50', 'USD')")
        if self.currency.__class__ is not Currency:
            raise InvalidValue(f"wanted a Currency, got {shown(self.currency)}: write Currency('USD')")

    @classmethod
    def of(cls, text: str, currency: Currency | str) -> "Money":
        """Read an amount in whole units, written plainly: an optional sign, digits, and at most a point with digits.

        Never rounds: raises `InvalidValue` when the text has more decimals than the currency.

        >>> Money.of("12.5", "USD").minor
        1250
        """
        known = _currency(currency)
        number, decimals = _decimal(text, f"an amount such as {_decimal_text(1250, known.digits)!r}")
        spare = known.digits - decimals
        if spare < 0:
            raise InvalidValue(
                f"{shown(text)} has {decimals} decimals and {known} has {known.digits}: round it first, or make it a UnitPrice"
            )
        return cls(minor=number * 10**spare, currency=known)

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Read what `str` writes: the amount, one space, the currency code.

        >>> Money.parse("-12.50 USD") == -Money.of("12.50", "USD")
        True
        """
        return cls.of(*_amount_and_code(text))

    @classmethod
    def zero(cls, currency: Currency | str) -> "Money":
        """Nothing, in this currency.

        >>> str(Money.zero("KWD"))
        '0.000 KWD'
        """
        return cls(minor=0, currency=_currency(currency))

    def times(self, rate: Rate | Fraction, rounding: Rounding) -> "Money":
        """Multiply exactly, then round once to the minor unit; for whole numbers there is `*`.

        >>> str(Money.of("99.99", "USD").times(Rate.percent("25"), Rounding.HALF_AWAY))
        '25.00 USD'
        """
        ratio = rate.value if rate.__class__ is Rate else rate
        if ratio.__class__ is not Fraction:
            raise InvalidValue(f"wanted a Rate or a Fraction to multiply by, got {shown(rate)}: write Rate.percent('15')")
        numerator, denominator = ratio.as_integer_ratio()
        return _money(round_ratio(self.minor * numerator, denominator, rounding), self.currency)

    def allocate(self, weights: Sequence[int | Fraction | Rate]) -> tuple["Money", ...]:
        """Split this amount over weights so that the parts add up to it: largest remainder.

        Every part gets its share rounded toward zero; the units left over go one each to the largest fractions cut off, ties to the first.
        A zero weight gets nothing, and a negative amount splits as the mirror of the positive one.
        Raises `InvalidValue` for negative, inexact or all-zero weights.

        >>> [str(part) for part in Money.of("99.99", "USD").allocate([75, 25])]
        ['74.99 USD', '25.00 USD']
        """
        sign = -1 if self.minor < 0 else 1
        parts = _largest_remainder(abs(self.minor), _whole_weights(weights))
        return tuple(_money(sign * part, self.currency) for part in parts)

    def __add__(self, other: "Money") -> "Money":
        if other.__class__ is not Money:
            return NotImplemented
        if self.currency is not other.currency and self.currency.code != other.currency.code:
            raise _mismatch("add", self, other)
        return _money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if other.__class__ is not Money:
            return NotImplemented
        if self.currency is not other.currency and self.currency.code != other.currency.code:
            raise _mismatch("subtract", self, other)
        return _money(self.minor - other.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        if type(count) is not int:
            return NotImplemented
        return _money(self.minor * count, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return _money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return _money(abs(self.minor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor < _comparable(self, other)

    def __le__(self, other: "Money") -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor <= _comparable(self, other)

    def __gt__(self, other: "Money") -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor > _comparable(self, other)

    def __ge__(self, other: "Money") -> bool:
        if other.__class__ is not Money:
            return NotImplemented
        return self.minor >= _comparable(self, other)

    def __bool__(self) -> bool:
        raise InvalidValue(f"{self} has no truth value: ask `amount.minor == 0` for zero, or `amount is None` for absence")

    def __str__(self) -> str:
        return f"{_decimal_text(self.minor, self.currency.digits)} {self.currency.code}"


_new: Final = object.__new__
_set_minor: Final = Money.__dict__["minor"].__set__
_set_currency: Final = Money.__dict__["currency"].__set__


def _money(minor: int, currency: Currency) -> Money:
    """Build the result of arithmetic on valid amounts, which needs no second check; it is what keeps an addition cheap."""
    money = _new(Money)
    _set_minor(money, minor)
    _set_currency(money, currency)
    return money


def total(amounts: Iterable[Money], currency: Currency | str) -> Money:
    """Add up amounts that must all be of this currency; nothing adds up to zero of it.

    >>> str(total([Money.of("1.10", "EUR"), Money.of("2.20", "EUR")], "EUR"))
    '3.30 EUR'
    """
    return sum(amounts, start=Money.zero(currency))


@final
@attrs.frozen(kw_only=True)
class UnitPrice:
    """An exact price per unit, in whole units of the currency, that may be finer than its minor unit.

    It becomes money only by `times`, which rounds once.

    >>> price = UnitPrice.of("0.002", "USD")
    >>> str(price), str(price.times(1250, Rounding.HALF_AWAY))
    ('0.002 USD', '2.50 USD')
    """

    amount: Fraction
    currency: Currency

    def __attrs_post_init__(self) -> None:
        if type(self.amount) is not Fraction:
            raise InvalidValue(f"a unit price is a Fraction, not {shown(self.amount)}: for text write UnitPrice.of('0.002', 'USD')")
        if self.amount < 0:
            raise InvalidValue(f"a unit price is zero or more, got {shown(self.amount)}")
        if self.currency.__class__ is not Currency:
            raise InvalidValue(f"wanted a Currency, got {shown(self.currency)}: write Currency('USD')")

    @classmethod
    def of(cls, text: str, currency: Currency | str) -> "UnitPrice":
        """Read a price written as a plain decimal ("0.002") or as a ratio ("1/3").

        >>> UnitPrice.of("0.0020", "USD").amount
        Fraction(1, 500)
        """
        return cls(amount=_ratio(text, "a price such as '0.002'"), currency=_currency(currency))

    @classmethod
    def parse(cls, text: str) -> "UnitPrice":
        """Read what `str` writes: the price, one space, the currency code.

        >>> str(UnitPrice.parse("0.002 USD"))
        '0.002 USD'
        """
        return cls.of(*_amount_and_code(text))

    def times(self, quantity: int | Fraction, rounding: Rounding) -> Money:
        """The price of this many units, rounded once to the minor unit.

        >>> str(UnitPrice.of("0.005", "USD").times(Fraction(7, 2), Rounding.UP))
        '0.02 USD'
        """
        return _money(round_minor(self.minor * _exact(quantity), rounding), self.currency)

    @property
    def minor(self) -> Fraction:
        """The price of one unit in minor units of the currency, exactly.

        >>> UnitPrice.of("0.002", "USD").minor
        Fraction(1, 5)
        """
        scale: int = 10**self.currency.digits
        return self.amount * scale

    def __str__(self) -> str:
        return f"{_price_text(self.amount, self.currency.digits)} {self.currency.code}"


def whole_minor(what: str, exact: Fraction, currency: Currency, rounding: Rounding | None) -> Money:
    """Make money of an exact number of minor units, rounded once; a part of one without a rounding raises `InvalidValue`.

    >>> str(whole_minor("the price", Fraction(5, 2), Currency("USD"), Rounding.HALF_AWAY))
    '0.03 USD'
    >>> whole_minor("the price", Fraction(5, 2), Currency("USD"), None)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the price comes to a part of the minor unit, 5/2: say how it is rounded
    """
    if exact.denominator == 1:
        return _money(int(exact), currency)
    if rounding is None:
        raise InvalidValue(f"{what} comes to a part of the minor unit, {exact}: say how it is rounded")
    return _money(round_minor(exact, rounding), currency)


def _comparable(one: Money, other: Money) -> int:
    if one.currency != other.currency:
        raise _mismatch("compare", one, other)
    return other.minor


def _mismatch(act: str, one: Money, other: Money) -> CurrencyMismatch:
    return CurrencyMismatch(f"cannot {act} {one} and {other}: amounts of two currencies never mix, so keep one total per currency")


def _largest_remainder(amount: int, weights: Sequence[int]) -> list[int]:
    """Split a natural number; a zero weight leaves no remainder, so it is never among those that get a left-over unit."""
    whole = sum(weights)
    shares = [divmod(amount * weight, whole) for weight in weights]
    parts = [floor for floor, _ in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def _whole_weights(weights: Sequence[int | Fraction | Rate]) -> list[int]:
    ratios = [weight.value if isinstance(weight, Rate) else _exact(weight) for weight in weights]
    if any(ratio < 0 for ratio in ratios):
        raise InvalidValue(f"weights must not be negative, got {shown(weights)}")
    if not any(ratios):
        raise InvalidValue(f"wanted at least one weight above zero to allocate by, got {shown(weights)}")
    scale = lcm(*(ratio.denominator for ratio in ratios))
    return [ratio.numerator * (scale // ratio.denominator) for ratio in ratios]


def _exact(number: int | Fraction) -> int | Fraction:
    if type(number) is int or type(number) is Fraction:
        return number
    raise InvalidValue(f"wanted an exact number (int or Fraction), got {shown(number)}: floats are not exact, read them from text")


def _currency(currency: Currency | str) -> Currency:
    return currency if isinstance(currency, Currency) else Currency(currency)


def _amount_and_code(text: str) -> tuple[str, str]:
    wanted = "an amount, one space and a currency code, such as '12.50 USD'"
    amount, space, code = _text(text, wanted).partition(" ")
    if not space or " " in code or amount.isalpha():
        raise InvalidValue(f"wanted {wanted}, got {shown(text)}")
    return amount, code


def _ratio(text: str, wanted: str) -> Fraction:
    above, slash, below = _text(text, wanted).partition("/")
    if not slash:
        number, decimals = _decimal(text, wanted)
        return Fraction(number, 10**decimals)
    numerator, above_decimals = _decimal(above, wanted)
    denominator, below_decimals = _decimal(below, wanted)
    if above_decimals or below_decimals or not below.isdigit() or denominator == 0:
        raise InvalidValue(f"wanted {wanted}, got {shown(text)}: a ratio is two whole numbers, the second above zero")
    return Fraction(numerator, denominator)


def _decimal(text: str, wanted: str) -> tuple[int, int]:
    """Read plain decimal text into its digits as one number and the count of decimals among them."""
    unsigned = _text(text, wanted)
    if unsigned.startswith(("+", "-")):
        unsigned = unsigned[1:]
    whole, point, decimals = unsigned.partition(".")
    digits = whole + decimals
    plain = bool(whole) and bool(point) == bool(decimals) and digits.isascii() and digits.isdigit()
    if not plain or len(digits) > _LONGEST_NUMBER:
        raise InvalidValue(f"wanted {wanted}, got {shown(text)}: only a sign, digits and one point, no exponent and no grouping")
    return int(f"-{digits}" if text.startswith("-") else digits), len(decimals)


def _text(value: object, wanted: str) -> str:
    if isinstance(value, str):
        return value
    raise InvalidValue(f"wanted {wanted} as text, got {shown(value)}: write it in quotes, so that it stays exact")


def _decimal_text(number: int, decimals: int) -> str:
    digits = str(abs(number)).zfill(decimals + 1)
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits


def _price_text(amount: Fraction, fewest_decimals: int) -> str:
    """Write a ratio as a decimal with at least the currency's digits, or as a ratio where no decimal is exact."""
    most_decimals = max(fewest_decimals, amount.denominator.bit_length())
    for decimals in range(fewest_decimals, most_decimals + 1):
        if 10**decimals % amount.denominator == 0:
            return _decimal_text(amount.numerator * (10**decimals // amount.denominator), decimals)
    return str(amount)
