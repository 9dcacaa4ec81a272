"""Our statements held against the vendor's own report, which prevails (M-31): what differs, why it may, and what sets it right.

Floor 7, above statements. May import: enums, errors, money, periods, vocabulary, statements, attrs and the standard library.

The parts are those of the Financial Benefit Report (45175). A cause is what the figures show, not a proof of how they came about.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, final
from urllib.parse import quote

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue
from partnerkit.money import Currency, Money
from partnerkit.periods import Month
from partnerkit.statements import Entry, EntryKind, Statement
from partnerkit.vocabulary import check_day, check_id, check_is


@final
class ReportPart(Named):
    """A part of the vendor's report (45175).

    >>> ReportPart("revenue_share")
    ReportPart.REVENUE_SHARE
    """

    REVENUE_SHARE = "revenue_share"
    BONUS = "bonus"
    INCENTIVES = "incentives"
    ADJUSTMENTS = "adjustments"
    DISBURSEMENTS = "disbursements"


@final
class Cause(Named):
    """What the figures show of a deviation.

    >>> Cause("rounding")
    Cause.ROUNDING
    """

    ONLY_HERE = "only here"
    """The report says nothing of it."""
    ONLY_REPORTED = "only reported"
    """No statement of ours has it."""
    OTHER_MONTH = "another month"
    """The other side has the same amount in another month, and nothing in this one."""
    ROUNDING = "rounding"
    """It is at most one minor unit for each item of ours, of a part that is made of rates."""
    AMOUNT = "amount"
    """Both have it, with other amounts."""


@final
@attrs.frozen(kw_only=True)
class Reported:
    """One amount of the vendor's report: of a partner, a month and a part, for one account or (None) for all of them together.

    >>> august = Month.parse("2025-08")
    >>> str(Reported(partner="p-1", month=august, part=ReportPart.REVENUE_SHARE, amount=Money.of("15", "USD")).amount)
    '15.00 USD'
    """

    partner: str
    month: Month
    part: ReportPart
    amount: Money
    account: str | None = None

    def __attrs_post_init__(self) -> None:
        check_id("partner", self.partner)
        check_is("the month of a reported amount", self.month, Month)
        check_is("the part of a reported amount", self.part, ReportPart)
        check_is("a reported amount", self.amount, Money)
        if self.account is not None:
            check_id("account", self.account)


@final
@attrs.frozen(kw_only=True)
class Deviation:
    """Where our statement and the vendor's report differ; `account` is None where the report gives one amount for all.

    >>> august, zero = Month.parse("2025-08"), Money.of("0", "USD")
    >>> str(Deviation(partner="p-1", month=august, part=ReportPart.BONUS, account=None, ours=zero, reported=Money.of("50", "USD"),
    ...     cause=Cause.ONLY_REPORTED).difference)
    '50.00 USD'
    """

    partner: str
    month: Month
    part: ReportPart
    account: str | None
    ours: Money
    reported: Money
    cause: Cause

    def __attrs_post_init__(self) -> None:
        check_id("partner", self.partner)
        check_is("the month of a deviation", self.month, Month)
        check_is("the part of a deviation", self.part, ReportPart)
        check_is("the cause of a deviation", self.cause, Cause)
        check_is("our amount", self.ours, Money)
        check_is("the reported amount", self.reported, Money)
        if self.difference.minor == 0:
            raise InvalidValue(f"{self.ours} and {self.reported} are no deviation: wanted two amounts")

    @property
    def difference(self) -> Money:
        """What the report has more than we; below zero it has less."""
        return self.reported - self.ours


class _Place(NamedTuple):
    """What is compared: one part of a partner's month in one currency, of one account or of all."""

    partner: str
    month: Month
    code: str
    part: ReportPart
    account: str | None


def reconcile(statements: Iterable[Statement], reported: Iterable[Reported]) -> tuple[Deviation, ...]:
    """Name every place where statements and report differ, in order of partner, month, currency, part and account.

    A part of a partner's report is compared account by account where any account is named in it, in whatever month, else as a whole;
    incentives and disbursements are of no account, and always compared as a whole.
    Amounts of one place add up, on either side. Give all statements of the months that the report is about: what one side lacks counts
    as nothing.

    >>> bonus = Reported(partner="p-1", month=Month.parse("2025-08"), part=ReportPart.BONUS, amount=Money.of("50", "USD"))
    >>> reconcile([], [bonus])[0].cause
    Cause.ONLY_REPORTED
    """
    theirs: dict[_Place, int] = defaultdict(int)
    detailed: set[tuple[str, str, ReportPart]] = set()
    for one in reported:
        account = None if one.part in _WITHOUT_ACCOUNTS else one.account
        theirs[_Place(one.partner, one.month, one.amount.currency.code, one.part, account)] += one.amount.minor
        if account is not None:
            detailed.add((one.partner, one.amount.currency.code, one.part))
    ours: dict[_Place, list[int]] = defaultdict(list)
    for statement in _each_once(statements):
        for part, account, amount in _amounts(statement):
            code = amount.currency.code
            is_detailed = (statement.partner, code, part) in detailed
            ours[_Place(statement.partner, statement.month, code, part, account if is_detailed else None)].append(amount.minor)
    apart = [place for place in sorted({*ours, *theirs}, key=_order) if sum(ours.get(place, ())) != theirs.get(place, 0)]
    moved = _moved(apart, ours, theirs)
    return tuple(_deviation(place, ours.get(place), theirs.get(place), is_moved=place in moved) for place in apart)


def corrections(deviations: Iterable[Deviation], on: date) -> tuple[Entry, ...]:
    """Give the entries of a day that bring our balances to the vendor's, one for each deviation, with what it is for.

    What is in another month on either side sets itself right: give both of these deviations or neither. The entries are ours, so the next
    report knows nothing of them, and `reconcile` leaves them out of what it compares.

    >>> bonus = Reported(partner="p-1", month=Month.parse("2025-08"), part=ReportPart.BONUS, amount=Money.of("50", "USD"))
    >>> [(entry.note, str(entry.amount)) for entry in corrections(reconcile([], [bonus]), date(2025, 9, 3))]
    [('as the vendor reports the bonus of 2025-08', '50.00 USD')]
    """
    check_day("the day of the corrections", on)
    return tuple(_correction(deviation, on) for deviation in deviations)


def _correction(deviation: Deviation, on: date) -> Entry:
    of_one = () if deviation.account is None else (deviation.account,)
    place = (str(on), deviation.partner, str(deviation.month), str(deviation.part), deviation.ours.currency.code, *of_one)
    paid_out = deviation.part is ReportPart.DISBURSEMENTS
    of = f" of {deviation.account}" if deviation.account else ""
    return Entry(
        id=f"{_CORRECTION}{'/'.join(quote(one, safe='') for one in place)}",
        partner=deviation.partner,
        kind=EntryKind.ADJUSTMENT,
        amount=-deviation.difference if paid_out else deviation.difference,
        on=on,
        note=f"as the vendor reports the {deviation.part.replace('_', ' ')}{of} of {deviation.month}",
    )


_WITHOUT_ACCOUNTS: Final = frozenset({ReportPart.INCENTIVES, ReportPart.DISBURSEMENTS})
"""What our statements have no accounts for."""
_CORRECTION: Final = "reconciled/"
"""What the id of every correction begins with, and no other entry's may."""


def _each_once(statements: Iterable[Statement]) -> Iterator[Statement]:
    seen: set[tuple[str, Month, str]] = set()
    for statement in statements:
        key = (statement.partner, statement.month, statement.currency.code)
        if key in seen:
            raise InvalidValue(f"the statement of {key[0]} for {key[1]} in {key[2]} is given twice: count it once")
        seen.add(key)
        yield statement


def _amounts(statement: Statement) -> Iterator[tuple[ReportPart, str | None, Money]]:
    """Give the items of a statement with their part and account."""
    for share in statement.shares:
        yield ReportPart.REVENUE_SHARE, share.line.charge.account, share.amount
    for bonus in statement.bonuses:
        yield ReportPart.BONUS, bonus.line.charge.account, bonus.amount
    for adjustment in statement.adjustments:
        yield ReportPart.ADJUSTMENTS, adjustment.line.charge.account, adjustment.share
    for entry in statement.entries:
        if entry.id.startswith(_CORRECTION):
            continue
        yield ReportPart.INCENTIVES if entry.kind is EntryKind.INCENTIVE else ReportPart.ADJUSTMENTS, None, entry.amount
    for paid in statement.disbursements:
        yield ReportPart.DISBURSEMENTS, None, paid.amount


def _deviation(place: _Place, ours: Sequence[int] | None, reported: int | None, *, is_moved: bool) -> Deviation:
    return Deviation(
        partner=place.partner,
        month=place.month,
        part=place.part,
        account=place.account,
        ours=_money(sum(ours or ()), place),
        reported=_money(reported or 0, place),
        cause=Cause.OTHER_MONTH if is_moved else _cause(place.part, ours, reported),
    )


def _cause(part: ReportPart, ours: Sequence[int] | None, reported: int | None) -> Cause:
    if reported is None:
        return Cause.ONLY_HERE
    if ours is None:
        return Cause.ONLY_REPORTED
    is_made_of_rates = part in {ReportPart.REVENUE_SHARE, ReportPart.ADJUSTMENTS}
    return Cause.ROUNDING if is_made_of_rates and abs(sum(ours) - reported) <= len(ours) else Cause.AMOUNT


def _moved(apart: Iterable[_Place], ours: Mapping[_Place, Sequence[int]], theirs: Mapping[_Place, int]) -> set[_Place]:
    """Pair what only one side has with the same amount in another month of the other side, each with one, the earliest first."""
    lonely: dict[tuple[str, str, ReportPart, str | None, int], tuple[list[_Place], list[_Place]]] = defaultdict(lambda: ([], []))
    for place in apart:
        if (place in ours) != (place in theirs):
            amount = sum(ours[place]) if place in ours else theirs[place]
            lonely[place.partner, place.code, place.part, place.account, amount][place in theirs].append(place)
    return {place for here, there in lonely.values() for pair in zip(here, there, strict=False) for place in pair}


def _order(place: _Place) -> tuple[str, str, str, str, str]:
    return place.partner, str(place.month), place.code, place.part, place.account or ""


def _money(minor: int, place: _Place) -> Money:
    return Money(minor=minor, currency=Currency(place.code))
