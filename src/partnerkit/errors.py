"""Every error partnerkit raises: one root, a few leaves, and the words that teach the fix.

Floor 0. May import: enums, attrs and the standard library, nothing else of partnerkit.

A "no" of the rules is a value (a ruling), so errors are left for misuse: a value that cannot exist, a
contract number that was never given, an act the rules refuse, a record that cannot be read.
"""

from enum import Enum
from itertools import zip_longest
from typing import Any, Final, Protocol, final

import attrs

from partnerkit.enums import Named

LONGEST_SHOWN: Final = 80
_NO_MARKUP = str.maketrans({"<": "\\x3c", ">": "\\x3e"})


def shown(value: object) -> str:
    r"""Show a value as an error message may: its repr, so that nothing in it acts on a log or a page, in at most 80 characters.

    Angle brackets are escaped, in a text so that Python reads it back, and no markup comes through. A cut text keeps its quotes; an
    enum's member and a class go by their names, and a whole number of thousands of digits, which Python refuses to write, by its type.

    >>> shown("https://vendor.example/" + "x" * 99)
    "'https://vendor.example/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"
    >>> print(shown("<script>"))
    '\x3cscript\x3e'
    >>> shown(10**9999)
    'a value of the type int, too long to show'
    """
    try:
        whole = _written(value).translate(_NO_MARKUP)
    except ValueError:
        return f"a value of the type {type(value).__name__}, too long to show"
    if len(whole) <= LONGEST_SHOWN:
        return whole
    ending = f"...{whole[0]}" if type(value) is str else "..."
    return whole[: LONGEST_SHOWN - len(ending)] + ending


def _written(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    # A text is cut before it is written.
    return repr(value[:LONGEST_SHOWN] if type(value) is str else value)


class PartnerkitError(ValueError):
    """The root of every error that a public function of partnerkit raises.

    >>> from partnerkit.money import Currency
    >>> try:
    ...     Currency("XXY")
    ... except PartnerkitError as error:
    ...     print(error)
    unknown currency 'XXY': wanted a current ISO 4217 code such as 'USD'
    """


class _Told(PartnerkitError):
    """An error with fields of its own: two that say the same are equal, so that a test or a log can compare them."""

    def __eq__(self, other: object) -> bool:
        return self.args == other.args if isinstance(other, _Told) and type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self.args))


@final
class InvalidValue(PartnerkitError):
    """A value that cannot exist was asked for.

    >>> from partnerkit.money import Money
    >>> Money.of("12.505", "USD")
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: '12.505' has 3 decimals and USD has 2: ...
    """


@final
class CurrencyMismatch(PartnerkitError):
    """Amounts of two currencies met in one operation.

    >>> from partnerkit.money import Money
    >>> Money.of("1", "USD") + Money.of("1", "EUR")
    Traceback (most recent call last):
        ...
    partnerkit.errors.CurrencyMismatch: cannot add 1.00 USD and 1.00 EUR: amounts of two currencies never mix, so keep ...
    """


@final
class NoTermsInForce(PartnerkitError):
    """A day was asked about on which no terms had started yet.

    >>> from datetime import date
    >>> from partnerkit.terms import TermsHistory
    >>> TermsHistory(()).on(date(2025, 8, 1))
    Traceback (most recent call last):
        ...
    partnerkit.errors.NoTermsInForce: no terms are in force on 2025-08-01: there are none at all; add terms that start ...
    """


@final
class TermMissing(_Told):
    """A contract term was needed and the program does not state it.

    `term` is the key as it stands in program.toml, such as ``share.rate``; of a list of amounts the currency that is
    missing stands behind it, such as ``bonus.amount.USD``. `grants` tells whether a contract may say that nothing is agreed.

    >>> str(TermMissing("share.rate"))
    'the term share.rate is needed and not given: state `rate` under [terms.share] in program.toml'
    """

    def __init__(self, term: str, grants: bool = False) -> None:  # noqa: FBT001, FBT002  (pickle gives an error its arguments by place)
        super().__init__(term, grants)
        self.term = term
        self.grants = grants

    def __str__(self) -> str:
        section, key, *currency = self.term.split(".")
        if currency:
            return (
                f"the term {self.term} is needed and not given: "
                f"add an amount in {currency[0]} to the list `{key}` under [terms.{section}] in program.toml"
            )
        none = f' (where the contract grants none, write `{key} = "not agreed"`)' if self.grants else ""
        return f"the term {self.term} is needed and not given: state `{key}` under [terms.{section}] in program.toml{none}"


class LinkFault(Named):
    """What is wrong with a link: the kinds of refusal an `InvalidLink` carries.

    >>> LinkFault("foreign_host")
    LinkFault.FOREIGN_HOST
    """

    AMBIGUOUS = "ambiguous"
    BACKSLASH = "backslash"
    CONFLICT = "conflict"
    CONTROL_CHAR = "control_char"
    FOREIGN_HOST = "foreign_host"
    INVALID_HOST = "invalid_host"
    INVALID_NAME = "invalid_name"
    INVALID_PORT = "invalid_port"
    MALFORMED = "malformed"
    NO_HOST = "no_host"
    NOT_ABSOLUTE = "not_absolute"
    SCHEME = "scheme"
    TOO_LONG = "too_long"
    USERINFO = "userinfo"


@final
class InvalidLink(_Told):
    """A link that cannot be read or built safely; `fault` says which kind of refusal it is.

    >>> from partnerkit.links import read_partner
    >>> try:
    ...     read_partner("https://vendor.example?pn=brightside&pn=northlight")
    ... except InvalidLink as error:
    ...     print(repr(error.fault), error)
    LinkFault.AMBIGUOUS the link carries different pn, 'brightside' and 'northlight': wanted one, since servers differ in which they read
    """

    def __init__(self, message: str, fault: LinkFault) -> None:
        super().__init__(message, fault)
        self.message = message
        self.fault = fault

    def __str__(self) -> str:
        return self.message


class RefusedRuling(Protocol):
    """What a `Refused` error needs of the ruling it carries; the rulings of `clauses` satisfy it."""

    @property
    def policy(self) -> str:
        """The id of the policy that was asked."""

    @property
    def because(self) -> tuple[str, ...]:
        """The ids of the clauses that decided."""

    @property
    def outcome(self) -> Any:
        """The answer of the policy."""


@final
class Refused(_Told):
    """The rules said no to an act; `ruling` is the ruling that said it, `grounds` what each of its clauses rests on, where known.

    >>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode, LeavingFacts
    >>> SINGLE_BILL_LEAVING.decide(LeavingFacts(billing_mode=BillingMode.DIRECT)).require("leave")
    Traceback (most recent call last):
        ...
    partnerkit.errors.Refused: leave: the rules on single bill leaving do not allow it: LEAVE-NOT-ON
    """

    def __init__(self, ruling: RefusedRuling, act: str = "", grounds: tuple[str, ...] = ()) -> None:
        super().__init__(ruling, act, grounds)
        self.ruling = ruling
        self.act = act
        self.grounds = grounds

    def __str__(self) -> str:
        what = f"{self.act}: " if self.act else ""
        clauses = zip_longest(self.ruling.because, self.grounds, fillvalue="")
        why = ", ".join(f"{clause} ({ground})" if ground else clause for clause, ground in clauses)
        return f"{what}the rules on {self.ruling.policy} do not allow it: {why}"


@final
@attrs.frozen(kw_only=True)
class Fault:
    """One thing that is wrong in a record: where it stands and what was wanted there.

    `source` is the file (or another name of the input), `line` counts from 1 and is 0 where lines mean nothing,
    `path` is the dotted way to the field, empty for the record as a whole.

    >>> str(Fault(source="charges.jsonl", line=3, path="item", message="is missing"))
    'charges.jsonl:3: item: is missing'
    """

    message: str
    path: str = ""
    source: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = ":".join(part for part in (self.source, str(self.line or "")) if part)
        return ": ".join(part for part in (place, self.path, self.message) if part)


@final
class InvalidRecords(_Told):
    """Records that cannot be read: every fault at once, each with its place, or the first of very many.

    `is_cut` tells that there may be more than `faults`, since nobody looked any further.

    >>> faults = (Fault(source="a.jsonl", line=1, message="is empty"), Fault(source="b.jsonl", line=2, message="is empty"))
    >>> print(InvalidRecords(faults))
    a.jsonl:1: is empty
    b.jsonl:2: is empty
    >>> print(InvalidRecords(faults, is_cut=True))
    a.jsonl:1: is empty
    b.jsonl:2: is empty
    these are the first 2 faults, there may be more
    """

    def __init__(self, faults: tuple[Fault, ...], is_cut: bool = False) -> None:  # noqa: FBT001, FBT002  (pickle gives it by place)
        super().__init__(faults, is_cut)
        self.faults = faults
        self.is_cut = is_cut

    def __str__(self) -> str:
        rest = (f"these are the first {len(self.faults)} faults, there may be more",) if self.is_cut else ()
        return "\n".join((*map(str, self.faults), *rest))
