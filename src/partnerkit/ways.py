"""The ways that charges go: how those that are alike are settled, and which sums collect them, found once for all of them.

Floor 8, below tallies. May import: errors, money, periods, partners, terms, program, settlements, stretches, ledger, totals and the
standard library.

Whoever sums up very many charges meets few ways. What a way comes to is asked of the functions that settle a single charge and find the
bill of a single day, and is looked up from then on: in plain dictionaries and tuples, which cost least where there is one for each charge.
"""

from datetime import date
from typing import Final, NamedTuple, final

from partnerkit.errors import InvalidValue, TermMissing, shown
from partnerkit.ledger import bill_day
from partnerkit.money import round_ratio
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.settlements import Cut
from partnerkit.stretches import Footing
from partnerkit.terms import ChargeKind
from partnerkit.totals import SUMS, Key, bill_month, month_number, month_numbered

_MOST_AMOUNTS: Final = 4096


@final
class Amounts(dict[int, int]):
    """What a reward comes to, in minor units, on the amounts it meets, which in a price list are few.

    >>> from partnerkit.money import Rate, Rounding
    >>> Amounts(Cut(rate=Rate.percent("15"), rounding=Rounding.HALF_AWAY))[1205]
    181
    """

    __slots__ = ("_denominator", "_numerator", "_rounding")

    def __init__(self, cut: Cut) -> None:
        super().__init__()
        self._numerator, self._denominator = cut.rate.value.as_integer_ratio()
        self._rounding = cut.rounding

    def __missing__(self, minor: int) -> int:
        made = round_ratio(minor * self._numerator, self._denominator, self._rounding)
        if len(self) < _MOST_AMOUNTS:
            self[minor] = made
        return made


Settled = tuple[Amounts | None, Amounts | None, int | None, bool | TermMissing, Footing]
"""How charges that are alike are settled: the share, the discount, the bonus, and whether what they earn is due when they are billed.

A plain tuple, because it is taken apart for every charge, and that of a named one costs three times as much.
"""


@final
class Kinds(dict[str | tuple[str, bool, bool], Settled]):
    """How charges on a footing are settled, by their kind alone; or by it, whether they are prepaid, and whether of more than nothing.

    What is no kind of a charge raises `InvalidValue`, and what settles one raises what `Footing.settlement` raises.
    """

    __slots__ = ("_footing",)

    def __init__(self, footing: Footing) -> None:
        super().__init__()
        self._footing = footing

    def __missing__(self, key: str | tuple[str, bool, bool]) -> Settled:
        name, is_prepaid, is_charged = (key, False, True) if isinstance(key, str) else key
        if name not in {*map(str, ChargeKind)}:
            raise InvalidValue(f"the kind of a charge is {shown(name)}: wanted one of {', '.join(ChargeKind)}")
        kind, footing = ChargeKind(name), self._footing
        settlement = footing.settlement(kind, is_prepaid=is_prepaid)
        share = None if settlement.share is None else Amounts(settlement.share)
        discount = None if settlement.discount is None else Amounts(settlement.discount)
        self[key] = (share, discount, footing.bonus(kind) if is_charged else None, _is_due(footing), footing)
        return self[key]


def _is_due(footing: Footing) -> bool | TermMissing:
    """Tell whether a charge earns when it is billed; a term that is missing is raised only where something is earned."""
    try:
        return footing.is_due_on_billing()
    except TermMissing as missing:
        return missing


@final
class MonthNumbers(dict[date, int]):
    """The number of the month of each day that comes.

    >>> MonthNumbers()[date(2025, 8, 8)] == month_number(Month.parse("2025-08"))
    True
    """

    __slots__ = ()

    def __missing__(self, day: date) -> int:
        self[day] = month_number(Month.of(day))
        return self[day]


@final
class SumsByMonth(dict[int, list[int]]):
    """The sums of a partner in one currency by the number of the month, each of them a list in the order of `totals.SUMS`.

    >>> every: dict[Key, list[int]] = {}
    >>> SumsByMonth(("p-1", "USD"), every)[24307][0] += 1
    >>> every["p-1", "USD", 24307][0]
    1
    """

    __slots__ = ("_all", "_whose")

    def __init__(self, whose: tuple[str, str], every: dict[Key, list[int]]) -> None:
        super().__init__()
        self._whose, self._all = whose, every

    def __missing__(self, number: int) -> list[int]:
        partner, code = self._whose
        self[number] = self._all.setdefault((partner, code, number), [0] * len(SUMS))
        return self[number]


@final
class Bills(dict[int, tuple[date, list[int], list[int]]]):
    """By the number of a month, the day of its bill, the sums that collect what is of its days before that, and those of its days after.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> partners = Partners((Partner.of("p-1", "brightside", bill_day=5),))
    >>> bills = Bills("p-1", SumsByMonth(("p-1", "USD"), {}), program, partners)
    >>> str(bills[month_number(Month.parse("2025-08"))][0])
    '2025-08-05'
    """

    __slots__ = ("_by_day", "_partner", "_partners", "_program", "_sums")

    def __init__(self, partner: str, sums: SumsByMonth, program: Program, partners: Partners) -> None:
        super().__init__()
        self._partner, self._sums, self._program, self._partners = partner, sums, program, partners
        self._by_day: dict[date, list[int]] = {}

    def __missing__(self, number: int) -> tuple[date, list[int], list[int]]:
        billed_on = bill_day(self._partners, self._partner, month_numbered(number))
        self[number] = (billed_on, self._sums[number], self._sums[number + 1])
        return self[number]

    def on(self, day: date) -> list[int]:
        """Give the sums that collect what is of a day, that of the bill itself included, as the terms say of it."""
        known = self._by_day.get(day)
        if known is None:
            known = self._sums[month_number(bill_month(day, self._partner, self._program, self._partners))]
            self._by_day[day] = known
        return known


class Way(NamedTuple):
    """Where the lines of a stretch are posted, and how they are settled; very many stretches go one way.

    >>> NOWHERE.payer is NOWHERE.earner is None
    True
    """

    bills: Bills | None
    statements: SumsByMonth | None
    kinds: dict[str | tuple[str, bool, bool], Settled]
    code: str
    payer: str | None
    earner: str | None


NOWHERE: Final = Way(None, None, {}, "", None, None)
"""The way of what no charge has come for."""


@final
class Ways:
    """Every way that charges went so far, and the sums that they are posted to.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> ways = Ways(program=program, partners=Partners(()))
    >>> ways.sums_of("p-1", "USD")[24307][0] += 1
    >>> ways.sums["p-1", "USD", 24307][0]
    1
    """

    __slots__ = ("_bills", "_by_month", "_kinds", "_partners", "_program", "_ways", "sums")

    def __init__(self, *, program: Program, partners: Partners) -> None:
        self.sums: dict[Key, list[int]] = {}
        self._program, self._partners = program, partners
        self._by_month: dict[tuple[str, str], SumsByMonth] = {}
        self._bills: dict[tuple[str, str], Bills] = {}
        self._kinds: dict[int, Kinds] = {}
        self._ways: dict[tuple[str | None, str | None, int], Way] = {}

    def sums_of(self, partner: str, code: str) -> SumsByMonth:
        """Give the sums of a partner in one currency."""
        known = self._by_month.get((partner, code))
        if known is None:
            known = self._by_month[partner, code] = SumsByMonth((partner, code), self.sums)
        return known

    def bills_of(self, partner: str, code: str) -> Bills:
        """Give the sums that the Single Bills of a partner in one currency collect."""
        known = self._bills.get((partner, code))
        if known is None:
            known = self._bills[partner, code] = Bills(partner, self.sums_of(partner, code), self._program, self._partners)
        return known

    def way(self, payer: str | None, earner: str | None, footing: Footing) -> Way:
        """Give the way of the charges of a footing; without a payer the client pays, without an earner nobody earns."""
        known = self._ways.get((payer, earner, footing.number))
        if known is None:
            code = footing.standing.account.currency.code
            known = self._ways[payer, earner, footing.number] = Way(
                bills=None if payer is None else self.bills_of(payer, code),
                statements=None if earner is None else self.sums_of(earner, code),
                kinds=self._kinds.setdefault(footing.number, Kinds(footing)),
                code=code,
                payer=payer,
                earner=earner,
            )
        return known
