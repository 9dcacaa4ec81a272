"""A month in sums: what each partner's Single Bill and statement come to, without a line being kept.

Floor 8. May import: errors, money, periods, vocabulary, partners, terms, program, bills, statements, ledger, close, attrs and the
standard library.

Sums of whole minor units can be made in parts, by any number of processes or by an engine, and added in any order. Months follow from
each other only in what is carried forward, which is decided here, from sums, by the terms that decide it for a whole close.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count, groupby
from operator import itemgetter
from types import MappingProxyType
from typing import ClassVar, Final, final

import attrs

from partnerkit.bills import SingleBill
from partnerkit.close import Close
from partnerkit.errors import InvalidValue, shown
from partnerkit.ledger import bill_day
from partnerkit.money import Currency, Money
from partnerkit.partners import Partners
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.statements import Statement
from partnerkit.terms import CutOff, Negative
from partnerkit.vocabulary import check_count, check_day, check_id, check_is

SUMS: Final = (
    *("lines", "gross", "discount", "refunds", "refunded", "discount_returned", "payments", "paid"),
    *("shares", "share", "bonuses", "bonus", "clawbacks", "clawed_back"),
    *("entries", "incentives", "corrections", "disbursements", "disbursed"),
)
"""What is summed for each partner, currency and month, in the order of a row: numbers of records, and minor units.

From lines to paid it is what the bill of that month collects, from shares on what the statement of that month tells.
"""

LARGEST: Final = 2**62
"""The largest number that may stand in a row of sums: engines add whole numbers of 64 bits, and one beyond it could not be added to."""

Key = tuple[str, str, int]
"""partner, currency code, month number."""

_NOTHING: Final = (0,) * len(SUMS)

PLACES: Final[Mapping[str, int]] = MappingProxyType({name: place for place, name in enumerate(SUMS)})
"""Where each sum stands in a row."""


def month_number(month: Month) -> int:
    """Number the months, so that engines can count on from one to the next.

    >>> month_number(Month.parse("2025-01")) - month_number(Month.parse("2024-12"))
    1
    """
    return month.year * 12 + month.month - 1


def month_numbered(number: int) -> Month:
    """Give the month of a number.

    >>> str(month_numbered(month_number(Month.parse("2025-08"))))
    '2025-08'
    """
    return Month(year=number // 12, month=number % 12 + 1)


@final
@attrs.frozen(kw_only=True)
class PartialTotals:
    """Sums by partner, currency and month number, each in the order of `SUMS`.

    `merge` adds them and is commutative and associative, `PartialTotals.empty` adds nothing. Parts must be of different accounts: a charge,
    what was received for it and what was refunded belong together, and so does an account, which earns one bonus.

    >>> august = ("p-1", "USD", month_number(Month.parse("2025-08")))
    >>> one = PartialTotals(sums={august: (1, 1200, 180, *(0,) * 16)})
    >>> one.merge(one).sums[august][:3]
    (2, 2400, 360)
    >>> one.merge(PartialTotals.empty) == one
    True
    """

    sums: Mapping[Key, tuple[int, ...]]
    empty: ClassVar["PartialTotals"]

    def merge(self, other: "PartialTotals") -> "PartialTotals":
        """Give the sums of both parts."""
        merged = dict(self.sums)
        for key, sums in other.sums.items():
            known = merged.get(key)
            merged[key] = sums if known is None else tuple(map(sum, zip(known, sums, strict=True)))
        return PartialTotals(sums=merged)

    def rows(self) -> Iterator[tuple[str | int, ...]]:
        """Give a row for each key, partner, currency and month number first, as an engine adds them; in the order of the keys.

        A sum that 62 bits do not hold raises `InvalidValue`.

        >>> list(PartialTotals.empty.rows())
        []
        """
        for key in sorted(self.sums):
            for name, value in zip(SUMS, self.sums[key], strict=True):
                if abs(value) > LARGEST:
                    raise InvalidValue(
                        f"{name} of {key[0]} in {month_numbered(key[2])} is {shown(value)}: more than a column of 64 bits adds"
                    )
            yield (*key, *self.sums[key])

    @classmethod
    def of_rows(cls, rows: Iterable[Sequence[str | int]]) -> "PartialTotals":
        """Add up rows of sums, such as an engine gives.

        >>> row = ("p-1", "USD", 24307, *range(19))
        >>> PartialTotals.of_rows([row, row]).sums["p-1", "USD", 24307][:3]
        (0, 2, 4)
        """
        sums: dict[Key, tuple[int, ...]] = {}
        for partner, code, number, *values in rows:
            key = (str(partner), str(code), int(number))
            sums[key] = tuple(map(sum, zip(sums.get(key, _NOTHING), map(int, values), strict=True)))
        return cls(sums=sums)


PartialTotals.empty = PartialTotals(sums={})


_OF_A_BILL: Final = ("gross", "discount", "adjusted", "total", "brought_forward", "paid", "due", "carried_forward")
_OF_A_STATEMENT: Final = ("opening", "share", "bonus", "incentives", "adjusted", "disbursed", "closing")


def _check_sum(here: str, name: str, stated: Money, made: Money) -> None:
    if stated != made:
        raise InvalidValue(f"{here} say that {name} is {stated}: the others come to {made}")


@final
@attrs.frozen(kw_only=True)
class BillTotals:
    """What a Single Bill comes to; the words are those of `SingleBill`.

    Sums that do not add up, a bill day of another month and a number of lines below zero raise `InvalidValue`, an amount in another
    currency `CurrencyMismatch`.

    >>> usd = Currency("USD")
    >>> hundred, tenth, nothing = (Money.of(amount, "USD") for amount in ("100", "10", "0"))
    >>> bill = BillTotals(partner="p-1", month=Month.parse("2025-08"), currency=usd, billed_on=date(2025, 8, 5), number="SB-2025-08-0001",
    ...     lines=1, gross=hundred, discount=tenth, adjusted=nothing, total=hundred - tenth, brought_forward=nothing, paid=nothing,
    ...     due=hundred - tenth, carried_forward=hundred - tenth)
    >>> str(bill.due)
    '90.00 USD'
    """

    partner: str
    month: Month
    currency: Currency
    billed_on: date
    number: str
    lines: int
    gross: Money
    discount: Money
    adjusted: Money
    total: Money
    brought_forward: Money
    paid: Money
    due: Money
    carried_forward: Money

    def __attrs_post_init__(self) -> None:
        here = f"the sums of the Single Bill of {self.partner}"
        check_id("partner", self.partner)
        check_id("bill", self.number)
        check_is(f"the month of {here}", self.month, Month)
        check_is(f"the currency of {here}", self.currency, Currency)
        check_day(f"the day of {here}", self.billed_on)
        check_count(f"the number of lines of {here}", self.lines)
        if self.billed_on not in self.month.period:
            raise InvalidValue(f"{here} are billed on {self.billed_on}: wanted a day of {self.month}")
        for name in _OF_A_BILL:
            check_is(f"{name} in {here}", getattr(self, name), Money)
        _check_sum(here, "total", self.total, self.gross - self.discount)
        _check_sum(here, "due", self.due, self.brought_forward - self.paid + self.total)
        if self.carried_forward != self.due and (self.due.minor >= 0 or self.carried_forward.minor != 0):
            raise InvalidValue(f"{here} carry {self.carried_forward} forward: wanted {self.due}, or nothing where that is paid back")

    @classmethod
    def of(cls, bill: SingleBill) -> "BillTotals":
        """Give what a bill of a close comes to; a bill without a number raises `InvalidValue`.

        >>> bill = SingleBill(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"), billed_on=date(2025, 8, 5),
        ...     lines=(), brought_forward=Money.of("85", "USD"))
        >>> str(BillTotals.of(bill.finalized("SB-2025-08-0001")).due)
        '85.00 USD'
        """
        if bill.number is None:
            raise InvalidValue(f"the bill of {bill.partner} for {bill.month} is not final: it has no number")
        return cls(
            partner=bill.partner,
            month=bill.month,
            currency=bill.currency,
            billed_on=bill.billed_on,
            number=bill.number,
            lines=len(bill.lines),
            gross=bill.gross,
            discount=bill.discount,
            adjusted=bill.adjusted,
            total=bill.total,
            brought_forward=bill.brought_forward,
            paid=bill.paid,
            due=bill.due,
            carried_forward=bill.carried_forward,
        )


@final
@attrs.frozen(kw_only=True)
class StatementTotals:
    """What a statement comes to; the words are those of `Statement`.

    Sums that do not add up raise `InvalidValue`, an amount in another currency `CurrencyMismatch`.

    >>> ten, nothing = Money.of("10", "USD"), Money.of("0", "USD")
    >>> statement = StatementTotals(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"), opening=ten, share=ten,
    ...     bonus=nothing, incentives=nothing, adjusted=nothing, disbursed=ten, closing=ten)
    >>> str(statement.closing)
    '10.00 USD'
    """

    partner: str
    month: Month
    currency: Currency
    opening: Money
    share: Money
    bonus: Money
    incentives: Money
    adjusted: Money
    disbursed: Money
    closing: Money

    def __attrs_post_init__(self) -> None:
        here = f"the sums of the statement of {self.partner}"
        check_id("partner", self.partner)
        check_is(f"the month of {here}", self.month, Month)
        check_is(f"the currency of {here}", self.currency, Currency)
        for name in _OF_A_STATEMENT:
            check_is(f"{name} in {here}", getattr(self, name), Money)
        earned = self.share + self.bonus + self.incentives + self.adjusted
        _check_sum(here, "closing", self.closing, self.opening + earned - self.disbursed)

    @classmethod
    def of(cls, statement: Statement) -> "StatementTotals":
        """Give what a statement of a close comes to.

        >>> statement = Statement(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"), opening=Money.of("10", "USD"))
        >>> str(StatementTotals.of(statement).closing)
        '10.00 USD'
        """
        return cls(
            partner=statement.partner,
            month=statement.month,
            currency=statement.currency,
            opening=statement.opening,
            share=statement.share,
            bonus=statement.bonus,
            incentives=statement.incentives,
            adjusted=statement.adjusted,
            disbursed=statement.disbursed,
            closing=statement.closing,
        )


@final
@attrs.frozen(kw_only=True)
class MonthTotals:
    """A closed month in sums: its bills and its statements, each in the order of partner and currency.

    >>> MonthTotals(month=Month.parse("2025-08"), bills=(), statements=()).month.year
    2025
    """

    month: Month
    bills: tuple[BillTotals, ...]
    statements: tuple[StatementTotals, ...]

    @classmethod
    def of(cls, close: Close) -> "MonthTotals":
        """Give the sums of a close that has every line.

        >>> close = Close(month=Month.parse("2025-08"), lines=(), bills=(), statements=(), positions={}, balances={},
        ...     bill_balances={}, unbilled=(), unbilled_adjustments=(), late_payments=(), bonused=frozenset(), seen={})
        >>> MonthTotals.of(close).bills
        ()
        """
        return cls(
            month=close.month,
            bills=tuple(map(BillTotals.of, close.bills)),
            statements=tuple(map(StatementTotals.of, close.statements)),
        )


def bill_month(day: date, partner: str, program: Program, partners: Partners) -> Month:
    """Give the month whose Single Bill of a partner collects what is of a day: that of the day or, past its bill day, the next one.

    What is of the bill day itself goes by the term ``single_bill.cut_off`` (Q-53), and `TermMissing` says so where it is not stated.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import SingleBillTerms, Terms, TermsHistory
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", single_bill=SingleBillTerms(cut_off=CutOff.ON_OR_BEFORE))
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory((terms,)))
    >>> partners = Partners((Partner.of("p-1", "brightside", bill_day=5),))
    >>> [str(bill_month(date(2025, 8, day), "p-1", program, partners)) for day in (5, 6)]
    ['2025-08', '2025-09']
    """
    month = Month.of(day)
    billed_on = bill_day(partners, partner, month)
    if day != billed_on:
        return month if day < billed_on else month.next()
    return month if collects_own_day(partner, billed_on, program) else month.next()


def collects_own_day(partner: str, billed_on: date, program: Program) -> bool:
    """Tell whether the Single Bill of a day collects what is charged on that very day (Q-53); a term not stated raises `TermMissing`.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import SingleBillTerms, Terms, TermsHistory
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example", single_bill=SingleBillTerms(cut_off=CutOff.BEFORE))
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory((terms,)))
    >>> collects_own_day("p-1", date(2025, 8, 5), program)
    False
    """
    return program.terms_for(partner, billed_on).single_bill.cut_off is CutOff.ON_OR_BEFORE


def payment_month(day: date, partner: str, partners: Partners) -> Month:
    """Give the month whose Single Bill of a partner counts a payment of a day: one of the bill day counts on that bill (S-31).

    >>> from partnerkit.partners import Partner
    >>> partners = Partners((Partner.of("p-1", "brightside", bill_day=5),))
    >>> [str(payment_month(date(2025, 8, day), "p-1", partners)) for day in (5, 6)]
    ['2025-08', '2025-09']
    """
    month = Month.of(day)
    return month if day <= bill_day(partners, partner, month) else month.next()


def finish_totals(partial: PartialTotals, *, month: Month, program: Program, partners: Partners) -> MonthTotals:
    """Close a month from the sums of all months up to it; sums of later months are left out.

    Balances are carried from month to month as `finish` carries them, and the bills of a month are numbered by partner and currency. A
    partner there is not raises `InvalidValue`, and a bill below zero without the term ``single_bill.negative`` raises `TermMissing`.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> finish_totals(PartialTotals.empty, month=Month.parse("2025-08"), program=program, partners=Partners(())).statements
    ()
    """
    check_is("the sums of a month", partial, PartialTotals)
    last = month_number(month)
    numbers = count(1)
    bills: list[BillTotals] = []
    statements: list[StatementTotals] = []
    for (partner, code), keys in groupby(sorted(key for key in partial.sums if key[2] <= last), key=itemgetter(0, 1)):
        if partner not in partners:
            raise InvalidValue(f"there are sums of {shown(partner)}, which is no partner: add the partner first")
        whose = _Account(partner=partner, currency=Currency(code), program=program, partners=partners)
        by_month = {key[2]: partial.sums[key] for key in keys}
        months = [by_month.get(number, _NOTHING) for number in range(min(by_month), last + 1)]
        brought = whose.brought_forward(months, last)
        if brought or any(months[-1][PLACES[name]] for name in ("lines", "refunds", "payments")):
            bills.append(whose.bill(month, months[-1], brought, f"SB-{month}-{next(numbers):0>4}"))
        opening = sum(map(_earned, months[:-1]))
        if opening or any(months[-1][PLACES[name]] for name in ("shares", "bonuses", "clawbacks", "entries", "disbursements")):
            statements.append(whose.statement(month, months[-1], opening))
    return MonthTotals(month=month, bills=tuple(bills), statements=tuple(statements))


@final
@attrs.frozen(kw_only=True)
class _Account:
    """What a partner owes and earns in one currency, told from its sums."""

    partner: str
    currency: Currency
    program: Program
    partners: Partners

    def brought_forward(self, months: Sequence[tuple[int, ...]], last: int) -> int:
        """Carry the balance of the bills through all months before the last."""
        balance = 0
        for number, sums in enumerate(months[:-1], last + 1 - len(months)):
            balance = self._carried(balance + _billed(sums) - sums[PLACES["paid"]], month_numbered(number))
        return balance

    def bill(self, month: Month, sums: tuple[int, ...], brought: int, number: str) -> BillTotals:
        """Give what the bill of a month comes to."""
        _, gross, discount, _, refunded, returned, _, paid = sums[: PLACES["paid"] + 1]
        due = brought - paid + _billed(sums)
        return BillTotals(
            partner=self.partner,
            month=month,
            currency=self.currency,
            billed_on=bill_day(self.partners, self.partner, month),
            number=number,
            lines=sums[PLACES["lines"]],
            gross=self._money(gross + refunded),
            discount=self._money(discount + returned),
            adjusted=self._money(refunded - returned),
            total=self._money(_billed(sums)),
            brought_forward=self._money(brought),
            paid=self._money(paid),
            due=self._money(due),
            carried_forward=self._money(self._carried(due, month)),
        )

    def statement(self, month: Month, sums: tuple[int, ...], opening: int) -> StatementTotals:
        """Give what the statement of a month comes to."""
        _, share, _, bonus, _, clawed_back, _, incentives, corrections, _, disbursed = sums[PLACES["shares"] :]
        return StatementTotals(
            partner=self.partner,
            month=month,
            currency=self.currency,
            opening=self._money(opening),
            share=self._money(share),
            bonus=self._money(bonus),
            incentives=self._money(incentives),
            adjusted=self._money(clawed_back + corrections),
            disbursed=self._money(disbursed),
            closing=self._money(opening + _earned(sums)),
        )

    def _carried(self, due: int, month: Month) -> int:
        """Give what the next bill starts from: what is due, unless it is below zero and the terms have the vendor pay it back (Q-79)."""
        if due >= 0:
            return due
        billed_on = bill_day(self.partners, self.partner, month)
        return 0 if self.program.terms_for(self.partner, billed_on).single_bill.negative is Negative.REFUND else due

    def _money(self, minor: int) -> Money:
        return Money(minor=minor, currency=self.currency)


def _billed(sums: tuple[int, ...]) -> int:
    """Give what a month adds to a partner's bills."""
    _, gross, discount, _, refunded, returned = sums[: PLACES["payments"]]
    return gross - discount + refunded - returned


def _earned(sums: tuple[int, ...]) -> int:
    """Give by how much a month changes what the vendor owes a partner."""
    _, share, _, bonus, _, clawed_back, _, incentives, corrections, _, disbursed = sums[PLACES["shares"] :]
    return share + bonus + clawed_back + incentives + corrections - disbursed
