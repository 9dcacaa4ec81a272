"""Our statements held against the vendor's own report, which prevails (M-31): what differs, why it may, and what sets it right.

Floor 7, above statements. May import: enums, errors, money, periods, vocabulary, statements, attrs and the standard library.

The parts are those of the Financial Benefit Report (45175). A cause is what the figures show, not a proof of how they came about.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple, final

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
    """The same amount is missing in another month of the other side."""
    ROUNDING = "rounding"
    """It is at most one minor unit for each item of ours."""
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
        if self.ours == self.reported:
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

    A part of a partner's report is compared account by account where any account is named in it, in whatever month, else as a whole.
    Amounts of one place add up, on either side. Give all statements of the months that the report is about: what one side lacks counts
    as nothing.

    >>> bonus = Reported(partner="p-1", month=Month.parse("2025-08"), part=ReportPart.BONUS, amount=Money.of("50", "USD"))
    >>> reconcile([], [bonus])[0].cause
    Cause.ONLY_REPORTED
    """
    theirs: dict[_Place, int] = defaultdict(int)
    detailed: set[tuple[str, str, ReportPart]] = set()
    for one in reported:
        theirs[_Place(one.partner, one.month, one.amount.currency.code, one.part, one.account)] += one.amount.minor
        if one.account is not None:
            detailed.add((one.partner, one.amount.currency.code, one.part))
    ours: dict[_Place, int] = defaultdict(int)
    items: Counter[_Place] = Counter()
    for statement in statements:
        for part, account, amount in _amounts(statement):
            code = amount.currency.code
            is_detailed = (statement.partner, code, part) in detailed
            place = _Place(statement.partner, statement.month, code, part, account if is_detailed else None)
            ours[place] += amount.minor
            items[place] += 1
    places = [place for place in {*ours, *theirs} if ours.get(place, 0) != theirs.get(place, 0)]
    apart = {place: (ours.get(place, 0), theirs.get(place, 0)) for place in sorted(places, key=_order)}
    return tuple(_deviation(place, apart, items[place]) for place in apart)


def corrections(deviations: Iterable[Deviation], on: date) -> tuple[Entry, ...]:
    """Give the entries of a day that bring our balances to the vendor's, one for each deviation, with what it is for.

    What is in another month on either side sets itself right; give these deviations as well, and both entries cancel out.

    >>> bonus = Reported(partner="p-1", month=Month.parse("2025-08"), part=ReportPart.BONUS, amount=Money.of("50", "USD"))
    >>> [(entry.note, str(entry.amount)) for entry in corrections(reconcile([], [bonus]), date(2025, 9, 3))]
    [('as the vendor reports the bonus of 2025-08', '50.00 USD')]
    """
    check_day("the day of the corrections", on)
    return tuple(_correction(deviation, on) for deviation in deviations)


def _correction(deviation: Deviation, on: date) -> Entry:
    place = (deviation.partner, str(deviation.month), str(deviation.part), deviation.ours.currency.code, deviation.account or "all")
    paid_out = deviation.part is ReportPart.DISBURSEMENTS
    of = f" of {deviation.account}" if deviation.account else ""
    return Entry(
        id="/".join(("reconciled", *place)),
        partner=deviation.partner,
        kind=EntryKind.ADJUSTMENT,
        amount=-deviation.difference if paid_out else deviation.difference,
        on=on,
        note=f"as the vendor reports the {deviation.part.replace('_', ' ')}{of} of {deviation.month}",
    )


def _amounts(statement: Statement) -> Iterator[tuple[ReportPart, str | None, Money]]:
    """Give the items of a statement with their part and account."""
    for share in statement.shares:
        yield ReportPart.REVENUE_SHARE, share.line.charge.account, share.amount
    for bonus in statement.bonuses:
        yield ReportPart.BONUS, bonus.line.charge.account, bonus.amount
    for adjustment in statement.adjustments:
        yield ReportPart.ADJUSTMENTS, adjustment.line.charge.account, adjustment.share
    for entry in statement.entries:
        yield ReportPart.INCENTIVES if entry.kind is EntryKind.INCENTIVE else ReportPart.ADJUSTMENTS, None, entry.amount
    for paid in statement.disbursements:
        yield ReportPart.DISBURSEMENTS, None, paid.amount


def _deviation(place: _Place, apart: Mapping[_Place, tuple[int, int]], items: int) -> Deviation:
    ours, reported = apart[place]
    return Deviation(
        partner=place.partner,
        month=place.month,
        part=place.part,
        account=place.account,
        ours=_money(ours, place),
        reported=_money(reported, place),
        cause=_cause(place, apart, items),
    )


def _cause(place: _Place, apart: Mapping[_Place, tuple[int, int]], items: int) -> Cause:
    ours, reported = apart[place]
    others = (amounts for other, amounts in apart.items() if other != place and other._replace(month=place.month) == place)
    if 0 in (ours, reported) and (reported, ours) in others:
        return Cause.OTHER_MONTH
    if abs(ours - reported) <= items and reported:
        return Cause.ROUNDING
    if ours and reported:
        return Cause.AMOUNT
    return Cause.ONLY_HERE if ours else Cause.ONLY_REPORTED


def _order(place: _Place) -> tuple[str, str, str, str, str]:
    return place.partner, str(place.month), place.code, place.part, place.account or ""


def _money(minor: int, place: _Place) -> Money:
    return Money(minor=minor, currency=Currency(place.code))
