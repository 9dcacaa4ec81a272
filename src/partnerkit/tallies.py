"""Rows of charges and cash, summed up in one pass: a close in memory that does not grow with the number of its charges.

Floor 8, above ways. May import: errors, money, periods, partners, terms, program, relationships, charges, rows, stretches, settlements,
statements, totals, ways, attrs and the standard library.

Charges come account by account, and what was received for them and refunded of them in the order of the accounts. What a charge is worth
is asked once for all that are alike: of the same functions that settle a single one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Final, final

import attrs

from partnerkit.charges import Charge, ChargeIdentity, ChargeReason, overlapping
from partnerkit.errors import Fault, InvalidRecords, shown
from partnerkit.money import Currency, Money
from partnerkit.partners import Partners
from partnerkit.periods import Month, Period
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.rows import CashRow, ChargeRow, PartnerRow
from partnerkit.settlements import part_between
from partnerkit.statements import EntryKind
from partnerkit.stretches import Footings, Stretch
from partnerkit.terms import ChargeKind, Clawback
from partnerkit.totals import (
    PLACES,
    SUMS,
    MonthTotals,
    PartialTotals,
    finish_totals,
    month_number,
    payment_month,
)
from partnerkit.ways import NOWHERE, MonthNumbers, Settled, SumsByMonth, Way, Ways

CHARGES: Final = "charges"
RECEIPTS: Final = "receipts"
REFUNDS: Final = "refunds"
TWICE: Final = "comes twice: give each an id of its own"
COMES_BACK: Final = "comes back after another account: sort the charges by account"

LineRow = tuple[str, str, str | None, str | None, int, int, int, int | None, int]
"""charge, account, payer, earner, gross, discount, share, the bonus that the line bears, and the number of its footing."""

_ID: Final = itemgetter(0)
_MOST_FAULTS: Final = 100
_LINES, _GROSS, _DISCOUNT = PLACES["lines"], PLACES["gross"], PLACES["discount"]
_REFUNDS, _REFUNDED, _RETURNED = PLACES["refunds"], PLACES["refunded"], PLACES["discount_returned"]
_SHARES, _SHARE, _BONUSES, _BONUS = PLACES["shares"], PLACES["share"], PLACES["bonuses"], PLACES["bonus"]
_CLAWBACKS, _CLAWED_BACK = PLACES["clawbacks"], PLACES["clawed_back"]


def partial_totals(  # noqa: PLR0913  (one keyword for each kind of row, and what they are settled by)
    charges: Iterable[ChargeRow],
    stretches: Mapping[str, Sequence[Stretch]],
    *,
    program: Program,
    partners: Partners,
    through: Month,
    receipts: Iterable[CashRow] = (),
    refunds: Iterable[CashRow] = (),
    keep: Callable[[LineRow], object] | None = None,
) -> PartialTotals:
    """Sum up charges and their cash through a month, reading each stream once; `keep` is given every line, such as `list.append`.

    `charges` come account by account, `receipts` and `refunds` in the order of the accounts; `stretches` are those of each account (see
    `Footings.stretches_of`). Rows of later months are passed over. All that cannot be posted is told together, up to a hundred faults, as
    `InvalidRecords`: a charge of an account without a stretch, in another currency, on a day that refuses it, or billed twice; cash for a
    charge that there is not, or more than it was. An account that comes back, and cash out of the order of the accounts, are among them.
    A number that is needed and not stated raises `TermMissing`; where a term is missing that decides whether anything is earned at all, the
    day refuses the charge (see `Stretch`).

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> partial_totals([], {}, program=program, partners=Partners(()), through=Month.parse("2025-08")) == PartialTotals.empty
    True
    """
    tally = _Tally(stretches=stretches, program=program, partners=partners, end=through.period.end, keep=keep)
    tally.add(charges, *(_Cash(name, rows, tally.end) for name, rows in ((RECEIPTS, receipts), (REFUNDS, refunds))))
    return tally.done()


def partner_totals(  # noqa: PLR0913  (one keyword for each kind of row)
    *,
    program: Program,
    partners: Partners,
    through: Month,
    payments: Iterable[PartnerRow] = (),
    disbursements: Iterable[PartnerRow] = (),
    entries: Iterable[PartnerRow] = (),
) -> PartialTotals:
    """Sum up what partners paid, were paid, and were granted or charged through a month; rows of later months are passed over.

    A row of a partner that there is not is told with all others as `InvalidRecords`.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> partners, august = Partners((Partner.of("p-1", "brightside"),)), Month.parse("2025-08")
    >>> paid = partner_totals(program=program, partners=partners, through=august,
    ...     disbursements=[("d-1", "p-1", 500, "USD", date(2025, 8, 15), "")])
    >>> paid.sums["p-1", "USD", month_number(august)][-2:]
    (1, 500)
    """
    tally = _Tally(stretches={}, program=program, partners=partners, end=through.period.end, keep=None)
    tally.add_of_partners("payments", payments)
    tally.add_of_partners("disbursements", disbursements)
    tally.add_of_partners("entries", entries)
    return tally.done()


def close_totals(  # noqa: PLR0913  (one keyword for each kind of row)
    charges: Iterable[ChargeRow],
    relationships: Mapping[str, ClientRelationship],
    program: Program,
    month: Month,
    *,
    partners: Partners,
    receipts: Iterable[CashRow] = (),
    refunds: Iterable[CashRow] = (),
    payments: Iterable[PartnerRow] = (),
    disbursements: Iterable[PartnerRow] = (),
    entries: Iterable[PartnerRow] = (),
) -> MonthTotals:
    """Close a month in sums, from the rows of all months up to it: what `close_month` comes to, month after month, without its lines.

    Rows come as `partial_totals` and `partner_totals` take them, which raise what is wrong. `relationships` are by account id; one is asked
    for when the rows of its account come, and may be made then.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> partners = Partners((Partner.of("p-1", "brightside"),))
    >>> closed = close_totals(
    ...     [], {}, program, Month.parse("2025-08"), partners=partners, disbursements=[("d-1", "p-1", 500, "USD", date(2025, 8, 15), "")])
    >>> str(closed.statements[0].closing)
    '-5.00 USD'
    """
    lives = _Lives(relationships, Footings(program=program, partners=partners), month.period.end)
    settled = partial_totals(charges, lives, program=program, partners=partners, through=month, receipts=receipts, refunds=refunds)
    moved = partner_totals(
        program=program, partners=partners, through=month, payments=payments, disbursements=disbursements, entries=entries
    )
    return finish_totals(settled.merge(moved), month=month, program=program, partners=partners)


@final
class _Lives(Mapping[str, Sequence[Stretch]]):
    """The stretches of relationships, each made when its account comes and not kept."""

    def __init__(self, relationships: Mapping[str, ClientRelationship], footings: Footings, until: date) -> None:
        self._relationships, self._footings, self._until = relationships, footings, until

    def __getitem__(self, account: str) -> Sequence[Stretch]:
        return self._footings.stretches_of(self._relationships[account], until=self._until)

    def __iter__(self) -> Iterator[str]:
        return iter(self._relationships)

    def __len__(self) -> int:
        return len(self._relationships)


_Posted = tuple[ChargeRow, int, int, Settled, Way]
"""A charge that cash may still come for, its share, its discount, how it was settled, and which way it went."""

_NotPosted = date | None
"""The day of a charge of a later month, which cash may not come before; None of one that is refused."""

_Bonus = tuple[date, int, str, int, SumsByMonth]
"""A bonus that could be earned: when, by what, its amount and where it is posted; an account earns the first one."""

_Dated = tuple[date, int, CashRow]
"""A receipt or a refund with its place in the books of its charge."""

_CHARGED, _RECEIVED, _GIVEN_BACK = 0, 1, 2
"""The order within a day: charges, then receipts, then refunds."""

_SOURCES: Final = (CHARGES, RECEIPTS, REFUNDS)
"""What faults call the rows, in that order."""


@final
class _Cash:
    """A stream of receipts or refunds of days before an end, read as far as the accounts have come."""

    __slots__ = ("_coming", "ahead", "name")

    def __init__(self, name: str, rows: Iterable[CashRow], end: date) -> None:
        self.name = name
        self._coming = (row for row in rows if row[4] < end)
        self.ahead = next(self._coming, None)

    def of(self, charges: Mapping[str, object]) -> Iterator[CashRow]:
        """Give the next rows as long as they are of some charges."""
        while self.ahead is not None and self.ahead[1] in charges:
            yield self.ahead
            self.ahead = next(self._coming, None)


@final
@attrs.define(kw_only=True, eq=False)
class _Tally:
    """The sums while rows are added; thrown away when they are done."""

    stretches: Mapping[str, Sequence[Stretch]]
    program: Program
    partners: Partners
    end: date
    keep: Callable[[LineRow], object] | None
    ways: Ways = attrs.field(init=False)
    faults: list[Fault] = attrs.field(factory=list)
    entered: set[str] = attrs.field(factory=set)
    _months: MonthNumbers = attrs.field(factory=MonthNumbers)

    def __attrs_post_init__(self) -> None:
        self.ways = Ways(program=self.program, partners=self.partners)

    def done(self) -> PartialTotals:
        """Give the sums, or tell all that is wrong."""
        if self.faults:
            raise InvalidRecords(tuple(self.faults))
        return PartialTotals(sums={key: tuple(sums) for key, sums in self.ways.sums.items() if any(sums)})

    # One loop over very many rows: a call for each of them would cost a third of it.
    def add(self, charges: Iterable[ChargeRow], receipts: _Cash, refunds: _Cash) -> None:  # noqa: C901, PLR0912, PLR0915
        """Post charges account by account, and with each account its cash."""
        current: str | None = None
        has_cash = receipts.ahead is not None or refunds.ahead is not None
        keep, months = self.keep, self._months
        rows: list[ChargeRow] = []
        posted: dict[str, _Posted | _NotPosted] = {}
        billed_until: dict[str, date] = {}
        bonuses: list[_Bonus] = []
        is_doubtful = False
        first, before, way = date.max, date.max, NOWHERE
        today: date | None = None
        month, billed = 0, [0] * len(SUMS)
        bills, statements, kinds, currency, payer, earner = way
        for row in charges:
            charge_id, account, kind, item, _, starts_on, ends_before, minor, code, day, is_prepaid = row
            if account != current:
                if is_doubtful or len({*map(_ID, rows)}) != len(rows):
                    self._refuse_doubles(rows)
                if posted or bonuses:
                    self._leave(posted, bonuses, receipts, refunds)
                    posted, bonuses = {}, []
                current, rows, billed_until, is_doubtful = account, [], {}, False
                first = before = date.max
                today = None
                self._enter(account)
            rows.append(row)
            # Most charges of an account are of the day of the one before.
            if day is not today or code != currency:
                if not first <= day < before or code != currency:
                    found = self._stretch_of(row)
                    if found is None:
                        posted[charge_id], today = day if day >= self.end else None, None
                        continue
                    first, before, way = found
                    bills, statements, kinds, currency, payer, earner = way
                today, month = day, months[day]
                if bills is not None:
                    billed_on, billed, later = bills[month]
                    if day >= billed_on:
                        billed = later if day > billed_on else bills.on(day)
            until = billed_until.get(item)
            if until is None or starts_on >= until:
                billed_until[item] = ends_before
            else:
                is_doubtful = True
            settled = kinds[kind] if minor > 0 and not is_prepaid else self._settled(kinds, row)
            shares, discounts, bonus, is_due, footing = settled
            share = 0 if shares is None else shares[minor]
            discount = 0 if discounts is None else discounts[minor]
            if bills is not None:
                billed[_LINES] += 1
                billed[_GROSS] += minor
                billed[_DISCOUNT] += discount
            if share or bonus is not None:
                if is_due is True:
                    if share and statements is not None:
                        sums = statements[month]
                        sums[_SHARES] += 1
                        sums[_SHARE] += share
                    if bonus is not None and statements is not None:
                        bonuses.append((day, _CHARGED, charge_id, bonus, statements))
                elif is_due is not False:
                    raise is_due
            if has_cash:
                posted[charge_id] = (row, share, discount, settled, way)
            if keep is not None:
                keep((charge_id, account, payer, earner, minor, discount, share, bonus, footing.number))
        if is_doubtful or len({*map(_ID, rows)}) != len(rows):
            self._refuse_doubles(rows)
        self._leave(posted, bonuses, receipts, refunds)
        for cash in (receipts, refunds):
            self._refuse_rest(cash)

    def add_of_partners(self, name: str, rows: Iterable[PartnerRow]) -> None:
        """Post what partners paid, what they were paid, or what the vendor entered for them."""
        seen: set[str] = set()
        for record, partner, minor, code, day, kind in rows:
            if record in seen:
                self._fault(name, record, TWICE)
                continue
            seen.add(record)
            if day >= self.end:
                continue
            if partner not in self.partners:
                self._fault(name, record, of_nobody(partner))
                continue
            if (name, kind) not in _OF_PARTNERS:
                wanted = " or ".join(shown(one) for of, one in _OF_PARTNERS if of == name)
                self._fault(name, record, f"is of the kind {shown(kind)}: wanted {wanted}")
                continue
            month = payment_month(day, partner, self.partners) if name == "payments" else Month.of(day)
            sums = self.ways.sums_of(partner, code)[month_number(month)]
            count, amount = _OF_PARTNERS[name, kind]
            sums[count] += 1
            sums[amount] += minor

    def _settled(self, kinds: Mapping[str | tuple[str, bool, bool], Settled], row: ChargeRow) -> Settled:
        """Tell how a charge is settled that is prepaid or of nothing; one of less is refused."""
        charge_id, _, kind, _, _, _, _, minor, *_, is_prepaid = row
        if minor < 0:
            self._fault(CHARGES, charge_id, f"is {shown(minor)} minor units: wanted from zero")
        return kinds[kind, is_prepaid, minor != 0]

    def _enter(self, account: str) -> None:
        """Note that the rows of an account begin."""
        if account in self.entered:
            self._fault(CHARGES, account, COMES_BACK)
        self.entered.add(account)

    def _stretch_of(self, row: ChargeRow) -> tuple[date, date, Way] | None:
        """Give the stretch that a charge is of, with its way; None where it is passed over or refused."""
        charge_id, account, code, day = row[0], row[1], row[8], row[9]
        if day >= self.end:
            return None
        stretches = self.stretches.get(account)
        if stretches is None:
            self._fault(CHARGES, charge_id, f"is of the account {shown(account)}, which has no relationship: give its first event")
            return None
        for found in stretches:
            if found.starts_on <= day < found.ends_before:
                break
        else:
            self._fault(CHARGES, charge_id, f"is of {day}, and nothing is known of {account} on that day: give an earlier first event")
            return None
        if found.footing is None:
            self._fault(CHARGES, charge_id, f"is of {day}, and {found.refused}")
            return None
        way = self.ways.way(found.payer, found.earner, found.footing)
        if code != way.code:
            self._fault(CHARGES, charge_id, f"is in {code}, but {account} is billed in {way.code}: an account's currency is fixed")
            return None
        return found.starts_on, found.ends_before, way

    def _leave(self, posted: Mapping[str, _Posted | _NotPosted], bonuses: list[_Bonus], receipts: _Cash, refunds: _Cash) -> None:
        """Post the cash of an account, and the bonus it earned."""
        if posted:
            self._post_cash(posted, [*_dated(receipts.of(posted), _RECEIVED), *_dated(refunds.of(posted), _GIVEN_BACK)], bonuses)
        if bonuses:
            day, _, _, amount, statements = min(bonuses, key=itemgetter(0, 1, 2))
            sums = statements[self._months[day]]
            sums[_BONUSES] += 1
            sums[_BONUS] += amount

    def _post_cash(self, posted: Mapping[str, _Posted | _NotPosted], cash: list[_Dated], bonuses: list[_Bonus]) -> None:
        """Post receipts and refunds to the charges they are for, each charge's in the order of the books."""
        by_charge: dict[str, list[_Dated]] = defaultdict(list)
        for one in sorted(cash):
            by_charge[one[2][1]].append(one)
        for charge_id, dated in by_charge.items():
            line = posted[charge_id]
            if isinstance(line, date):
                for day, order, (record, *_) in dated:
                    self._fault(_SOURCES[order], record, too_early(day, charge_id, line))
            elif line is not None:
                self._post_cash_of(line, dated, bonuses)

    def _post_cash_of(self, line: _Posted, cash: list[_Dated], bonuses: list[_Bonus]) -> None:
        row, share, discount, (_, _, bonus, is_due, footing), way = line
        gross, terms = row[7], footing.terms
        received = refunded = 0
        for day, order, (record, _, minor, code, _) in cash:
            is_receipt = order == _RECEIVED
            before = received if is_receipt else refunded
            after = before + minor
            wrong = (
                f"is {shown(minor)} minor units: wanted from one"
                if minor <= 0
                else _wrong_with_cash(line, day, code, after if is_receipt else received, None if is_receipt else after)
            )
            if wrong:
                self._fault(_SOURCES[order], record, wrong)
                continue
            if is_receipt:
                received = after
                if is_due is False and way.statements is not None:
                    part = part_between(share, before, after, gross, terms.share.rounding) if share else 0
                    _add(way.statements[self._months[day]], _SHARES, _SHARE, part)
                    if bonus is not None:
                        bonuses.append((day, order, record, bonus, way.statements))
                continue
            refunded = after
            if way.bills is not None:
                sums = way.bills.on(day)
                sums[_REFUNDS] += 1
                sums[_REFUNDED] -= minor
                sums[_RETURNED] -= part_between(discount, before, after, gross, terms.single_bill.rounding) if discount else 0
            if share and way.statements is not None and terms.share.clawback is Clawback.PROPORTIONAL:
                part = part_between(share, before, after, gross, terms.share.rounding)
                _add(way.statements[self._months[day]], _CLAWBACKS, _CLAWED_BACK, -part)

    def _refuse_doubles(self, rows: list[ChargeRow]) -> None:
        """Tell which charges of an account are one charge billed twice, if they are; an id is told of in later months too."""
        charges: dict[str, Charge] = {}
        identities: dict[ChargeIdentity, str] = {}
        for row in rows:
            charge = _charge_of(row)
            if charges.setdefault(charge.id, charge) is not charge:
                self._fault(CHARGES, charge.id, TWICE)
                continue
            if charge.charged_on >= self.end:
                continue
            other = identities.setdefault(charge.identity, charge.id)
            if other != charge.id:
                self._fault(CHARGES, charge.id, f"is billed already by the charge {other}, for the same thing: bill it once")
        for one, after in overlapping(charge for charge in charges.values() if identities.get(charge.identity) == charge.id):
            words = f"is {after.period}, and {one.id} bills {shown(after.item)} for {one.period}: start one where the other ends"
            self._fault(CHARGES, after.id, words)

    def _refuse_rest(self, cash: _Cash) -> None:
        """Tell that what is left of a stream of cash is for no charge that came when it was its turn."""
        if cash.ahead is not None:
            record, charge_id, *_ = cash.ahead
            words = f"is for {shown(charge_id)}, which is no charge, or of an account that came before: sort as the charges are"
            self._fault(cash.name, record, words)

    def _fault(self, source: str, record: str, message: str) -> None:
        self.faults.append(Fault(source=source, path=record, message=message))
        if len(self.faults) >= _MOST_FAULTS:
            raise InvalidRecords(tuple(self.faults), is_cut=True)


_OF_PARTNERS: Final[Mapping[tuple[str, str], tuple[int, int]]] = {
    ("payments", ""): (PLACES["payments"], PLACES["paid"]),
    ("disbursements", ""): (PLACES["disbursements"], PLACES["disbursed"]),
    ("entries", EntryKind.INCENTIVE.value): (PLACES["entries"], PLACES["incentives"]),
    ("entries", EntryKind.ADJUSTMENT.value): (PLACES["entries"], PLACES["corrections"]),
}


def _dated(rows: Iterable[CashRow], order: int) -> Iterator[_Dated]:
    return ((row[4], order, row) for row in rows)


def _add(sums: list[int], count: int, amount: int, minor: int) -> None:
    """Add what was earned or taken back; nothing is no record."""
    if minor:
        sums[count] += 1
        sums[amount] += minor


def _wrong_with_cash(line: _Posted, day: date, code: str, received: int, refunded: int | None) -> str:
    """Tell what speaks against a receipt, or where something is refunded against that, by what both come to; empty where nothing does."""
    row, share, _, (*_, is_due, _), way = line
    charge_id, gross, charged_on = row[0], row[7], row[9]
    if code != row[8]:
        return f"is in {code}, but the charge {charge_id} is in {row[8]}"
    if day < charged_on:
        return too_early(day, charge_id, charged_on)
    if refunded is None and way.payer is not None:
        return f"is for {charge_id}, which {way.payer} pays by Single Bill: record a payment of the partner"
    if max(received, refunded or 0) > gross:
        total = Money(minor=max(received, refunded or 0), currency=Currency(code))
        return f"brings the charge {charge_id} to {total}, more than the {Money(minor=gross, currency=Currency(code))} that were charged"
    if refunded is not None and refunded > received and share and is_due is False:
        back, cash = Money(minor=refunded, currency=Currency(code)), Money(minor=received, currency=Currency(code))
        return f"brings {charge_id} to {back} given back by {day}, of {cash} received: record the cash first"
    return ""


def too_early(day: date, charge_id: str, charged_on: date) -> str:
    """Say of cash that it came before its charge.

    >>> too_early(date(2025, 8, 7), "c-1", date(2025, 8, 8))
    'is of 2025-08-07, before the charge c-1 of 2025-08-08: correct one of the two'
    """
    return f"is of {day}, before the charge {charge_id} of {charged_on}: correct one of the two"


def of_nobody(partner: str) -> str:
    """Say of a record that it is of a partner that there is not.

    >>> of_nobody("p-9")
    "is of 'p-9', which is no partner: add the partner first"
    """
    return f"is of {shown(partner)}, which is no partner: add the partner first"


def _charge_of(row: ChargeRow) -> Charge:
    charge_id, account, kind, item, reason, starts_on, ends_before, minor, code, day, _ = row
    return Charge(
        id=charge_id,
        account=account,
        kind=ChargeKind(kind),
        item=item,
        reason=ChargeReason(reason),
        period=Period(starts_on, ends_before),
        amount=Money(minor=minor, currency=Currency(code)),
        charged_on=day,
    )
