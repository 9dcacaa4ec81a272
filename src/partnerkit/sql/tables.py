"""What a query cannot look up by itself, as small tables: what settles charges, which bill collects a day, who is a partner.

Floor 10, above `sql.dialects`. May import: errors, periods, partners, terms, program, policies, relationships,
settlements, stretches, ledger, totals, attrs and the standard library.

The numbers of a contract are asked of the functions that ask them for a single charge, and a table keeps where one is missing: a query
that needs it finds out, and says so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeVar, final

import attrs

from partnerkit.errors import InvalidValue, NoTermsInForce, TermMissing, shown
from partnerkit.ledger import bill_day
from partnerkit.partners import BillingMode, Partners
from partnerkit.periods import Month
from partnerkit.policies import EDITIONS, PREPAID_DISCOUNT, REWARD
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.settlements import Cut, discount_cut, share_cut
from partnerkit.stretches import Footing, Footings
from partnerkit.terms import ChargeKind, Clawback, Terms
from partnerkit.totals import LARGEST, collects_own_day, month_number, month_numbered

T = TypeVar("T")


RECORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "charges": {
            **dict.fromkeys(("id", "account", "kind", "item", "reason"), "text"),
            "starts_on": "date",
            "ends_before": "date",
            "minor": "bigint",
            "currency": "text",
            "charged_on": "date",
            "prepaid": "boolean",
        },
        **{
            name: {"id": "text", "charge": "text", "minor": "bigint", "currency": "text", "day": "date"} for name in ("receipts", "refunds")
        },
        **{
            name: {"id": "text", "partner": "text", "minor": "bigint", "currency": "text", "day": "date", "kind": "text"}
            for name in ("payments", "disbursements", "entries")
        },
    }
)
"""The tables of records and the types of their columns, which are those of the rows in `partnerkit.rows`, in their order."""


@final
@attrs.frozen(kw_only=True, eq=False)
class Table:
    """A table to load: its name, the type of each column, and its rows.

    Types are `text`, `boolean`, `bigint` and `date`; rows may be an iterator that is read once.

    >>> Table(name="partners", columns={"partner": "text"}, rows=[("p-1",)]).name
    'partners'
    """

    name: str
    columns: Mapping[str, str]
    rows: Iterable[tuple[Any, ...]]


STRETCHES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "text",
        "starts_on": "date",
        "ends_before": "date",
        "payer": "text",
        "earner": "text",
        "footing": "bigint",
        "refused": "text",
    }
)


def stretch_table(relationships: Iterable[ClientRelationship], footings: Footings, *, until: date) -> Table:
    """Give the stretches of accounts as a table, read one relationship at a time; their footings are made meanwhile.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> list(stretch_table([], Footings(program=program, partners=Partners(())), until=date(2025, 9, 1)).rows)
    []
    """

    def rows() -> Iterator[tuple[Any, ...]]:
        for relationship in relationships:
            for one in footings.stretches_of(relationship, until=until):
                number = None if one.footing is None else one.footing.number
                yield relationship.account.id, one.starts_on, one.ends_before, one.payer, one.earner, number, one.refused or None

    return Table(name="stretches", columns=STRETCHES, rows=rows())


def settling_tables(footings: Footings, *, program: Program, partners: Partners, first: Month, through: Month) -> tuple[Table, ...]:
    """Give the tables by which queries settle charges: footings, cuts of every kind, the days of bills, and partners.

    Bills are those from the first month through the last. A rate with more digits than 62 bits hold raises `InvalidValue`.

    >>> from partnerkit.links import VendorSites
    >>> from partnerkit.terms import TermsHistory
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
    >>> august, footings = Month.parse("2025-08"), Footings(program=program, partners=Partners(()))
    >>> tables = settling_tables(footings, program=program, partners=Partners(()), first=august, through=august)
    >>> [table.name for table in tables]
    ['footings', 'cuts', 'bill_days', 'partners']
    """
    facts = {item.name: "text" if hasattr(item, "enum") else "boolean" for item in REWARD.inputs}
    return (
        Table(
            name="footings",
            columns={
                "footing": "bigint",
                "currency": "text",
                **facts,
                "on_prepaid_agreed": "boolean",
                "is_due": "boolean",
                "takes_back": "boolean",
                "bonus": "bigint",
                "lacks_bonus": "boolean",
                "reward_edition": "text",
                "prepaid_edition": "text",
            },
            rows=[_footing_row(one, list(facts)) for one in footings.all],
        ),
        Table(
            name="cuts",
            columns={
                "footing": "bigint",
                "kind": "text",
                **{f"{reward}_{name}": kind for reward in ("share", "discount") for name, kind in _CUT.items()},
            },
            rows=[_cut_row(one, kind) for one in footings.all for kind in ChargeKind],
        ),
        Table(
            name="bill_days",
            columns={"partner": "text", "month": "bigint", "billed_on": "date", "collects": "boolean"},
            rows=list(_bill_day_rows(program, partners, first, through)),
        ),
        Table(name="partners", columns={"partner": "text"}, rows=[(partner.id,) for partner in partners]),
    )


_CUT: Final = {"numerator": "bigint", "denominator": "bigint", "rounding": "text", "is_missing": "boolean"}


def footing_cuts(footing: Footing) -> Iterator[Cut]:
    """Give every cut that a footing may make of a charge; one of which a number is missing is left out."""
    for kind in ChargeKind:
        for cut_of in (share_cut, discount_cut):
            cut = _known(partial(cut_of, kind, footing.terms))
            if cut is not None:
                yield cut


def _known(asked: Callable[[], T]) -> T | None:
    """Ask for what a term decides, None where the term is missing."""
    try:
        return asked()
    except TermMissing:
        return None


def _footing_row(footing: Footing, facts: list[str]) -> tuple[Any, ...]:
    terms, day = footing.terms, footing.standing.day
    on_single_bill = footing.standing.billing_mode is BillingMode.SINGLE_BILL
    lacks_bonus, bonus = False, None
    try:
        bonus = footing.bonus(ChargeKind.SUBSCRIPTION)
    except TermMissing:
        lacks_bonus = True
    if bonus is not None and bonus > LARGEST:
        raise InvalidValue(f"the bonus of {shown(bonus)} minor units is more than a column of 64 bits adds: wanted at most {LARGEST}")
    return (
        footing.number,
        footing.standing.account.currency.code,
        *(_plain(getattr(footing.facts, name)) for name in facts),
        _known(lambda: terms.single_bill.on_prepaid) if on_single_bill else False,
        _known(footing.is_due_on_billing),
        _known(lambda: terms.share.clawback is Clawback.PROPORTIONAL),
        bonus,
        lacks_bonus,
        EDITIONS[REWARD.id].on(day).fingerprint,
        EDITIONS[PREPAID_DISCOUNT.id].on(day).fingerprint,
    )


def _cut_row(footing: Footing, kind: ChargeKind) -> tuple[Any, ...]:
    return (footing.number, kind.value, *_numbers(footing, kind, share_cut), *_numbers(footing, kind, discount_cut))


def _numbers(footing: Footing, kind: ChargeKind, cut_of: Callable[[ChargeKind, Terms], Cut | None]) -> tuple[Any, ...]:
    try:
        cut = cut_of(kind, footing.terms)
    except TermMissing:
        return None, None, None, True
    if cut is None:
        return None, None, None, False
    numerator, denominator = cut.rate.value.as_integer_ratio()
    if max(numerator, denominator) > LARGEST:
        raise InvalidValue(f"the rate {shown(str(cut.rate))} has too many digits for a column of 64 bits: write it with fewer")
    return numerator, denominator, cut.rounding.value, False


def _bill_day_rows(program: Program, partners: Partners, first: Month, through: Month) -> Iterator[tuple[Any, ...]]:
    months = [month_numbered(number) for number in range(month_number(first), month_number(through) + 1)]
    for partner in partners:
        for month in months:
            billed_on = bill_day(partners, partner.id, month)
            yield partner.id, month_number(month), billed_on, _collects(partner.id, billed_on, program)


def _collects(partner: str, billed_on: date, program: Program) -> bool | None:
    try:
        return collects_own_day(partner, billed_on, program)
    except (TermMissing, NoTermsInForce):
        return None


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value
