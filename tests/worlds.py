"""Small worlds for the tests of money: programs, partners, relationships and charges that fit together.

Plain builders for tests that tell one case, and Hypothesis strategies for laws. Every world that `worlds` draws is one that
a vendor could really have, so closing it must never fail.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar

import attrs
from hypothesis import strategies as st

from partnerkit.billing import Charge, ChargeReason, Receipt, Refund
from partnerkit.bills import Payment
from partnerkit.close import Close, close_month
from partnerkit.errors import PartnerkitError
from partnerkit.links import VendorSites
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.partners import (
    Account,
    AccountStatus,
    BillingMode,
    Management,
    NameAlias,
    Origin,
    Partner,
    PartnerName,
    Partners,
    PartnerStatus,
    SingleBillSetup,
    SingleBillSince,
    Standing,
    StatusSince,
)
from partnerkit.periods import Month, Period, ProrationBasis
from partnerkit.program import Program
from partnerkit.relationships import ClientRelationship
from partnerkit.statements import Disbursement, Entry, EntryKind
from partnerkit.terms import (
    NOT_AGREED,
    SECTIONS,
    BonusFrom,
    ChargeKind,
    Clawback,
    CutOff,
    FirstPeriod,
    Negative,
    PrepaidCharged,
    Recognition,
    ShareTerms,
    TaxRounding,
    Terms,
    TermsHistory,
    TierBasis,
)

T = TypeVar("T")

OPENED_ON = date(2025, 1, 8)
FIRST_MONTH = Month.parse("2025-07")
LAST_MONTH = Month.parse("2025-09")
BRIGHTSIDE = Partner.of("p-1", "brightside", bill_day=5)
NORTHLIGHT = Partner.of("p-2", "northlight", bill_day=31)
PARTNERS = Partners((BRIGHTSIDE, NORTHLIGHT))

USUAL: Mapping[str, Mapping[str, Any]] = {
    "share": {
        "rate": Rate.percent("10"),
        "scope": frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.SUSPENSION_FEE}),
        "recognized": Recognition.ON_BILLING,
        "rounding": Rounding.HALF_AWAY,
        "clawback": Clawback.PROPORTIONAL,
        "after_partnership_ends": False,
    },
    "bonus": {"amount": NOT_AGREED, "window_days": 400, "counted_from": BonusFrom.OPENING, "on_single_bill": True},
    "single_bill": {
        "discount": Rate.percent("15"),
        "scope": frozenset({ChargeKind.SUBSCRIPTION}),
        "rounding": Rounding.HALF_AWAY,
        "cut_off": CutOff.ON_OR_BEFORE,
        "negative": Negative.CARRY_FORWARD,
        "join_with_balance_due": False,
        "client_may_change_plan": False,
        "on_prepaid": False,
    },
    "billing": {
        "rounding": Rounding.HALF_AWAY,
        "proration": ProrationBasis.ACTUAL_TRUE_CYCLE,
        "first_period": FirstPeriod.PRORATED,
        "tier_basis": TierBasis.AT_BILLING,
        "prepaid_half_year": Rate.percent("10"),
        "prepaid_year": Rate.percent("15"),
        "prepaid_half_year_nonprofit": Rate.percent("20"),
        "prepaid_year_nonprofit": Rate.percent("30"),
        "prepaid_charged": PrepaidCharged.MONTHLY,
        "tax_rounding": TaxRounding.PER_BILL,
    },
    "management": {"request_expires_days": NOT_AGREED, "move_in_sender_days": 60, "partner_may_end": True},
}
"""What the terms of a world say unless a test says otherwise."""


def terms(*, starts_on: date = date(2025, 1, 1), **sections: Mapping[str, Any]) -> Terms:
    """Build complete terms; `terms(share={"rate": ...})` changes what it names, and a value of `...` leaves a term out."""
    built: dict[str, Any] = {}
    for key, section in SECTIONS.items():
        stated = {**USUAL.get(key, {}), **sections.get(key, {})}
        built[key] = section(**{name: value for name, value in stated.items() if value is not ...})
    return Terms(starts_on=starts_on, source="example, invented", **built)


def program(*entries: Terms, contracts: tuple[tuple[str, TermsHistory], ...] = (), zone: str = "UTC") -> Program:
    """Build a program with these terms, the usual ones where none are given."""
    return Program(
        name="example",
        zone=zone,
        sites=VendorSites(("www.vendor.example",)),
        terms=TermsHistory(entries or (terms(),)),
        partner_terms=contracts,
    )


def account(account_id: str = "a-1", *, currency: str = "USD", anchor_day: int = 8) -> Account:
    """Build an account that was opened on `OPENED_ON`."""
    opened_at = datetime(OPENED_ON.year, OPENED_ON.month, OPENED_ON.day, 12, tzinfo=UTC)
    return Account(id=account_id, client=f"client of {account_id}", currency=Currency(currency), opened_at=opened_at, anchor_day=anchor_day)


def opened(whose: Account, where: Program) -> ClientRelationship:
    """Build the life of an account that is credited to nobody."""
    return ClientRelationship.opened(whose, on=OPENED_ON, program=where, partners=PARTNERS, status=AccountStatus.OPEN)


def referred(whose: Account, where: Program, partner: Partner = BRIGHTSIDE) -> ClientRelationship:
    """Build the life of an account opened by a partner's link."""
    return ClientRelationship.referred(whose, partner, on=OPENED_ON, program=where, partners=PARTNERS, status=AccountStatus.OPEN)


def managed(whose: Account, where: Program, partner: Partner = BRIGHTSIDE, *, on: date = OPENED_ON) -> ClientRelationship:
    """Build the life of an account a partner created."""
    return ClientRelationship.managed(whose, partner, on=on, program=where, partners=PARTNERS, status=AccountStatus.OPEN)


def enrolled(whose: Account, where: Program, partner: Partner = BRIGHTSIDE, *, on: date = OPENED_ON) -> ClientRelationship:
    """Build the life of an account a partner created and put on its Single Bill."""
    return managed(whose, where, partner, on=on).join_single_bill(on)


def charge(  # noqa: PLR0913  (one keyword for each fact a test may want to name)
    charge_id: str = "c-1",
    *,
    account_id: str = "a-1",
    on: date = date(2025, 8, 8),
    amount: str = "100.00 USD",
    kind: ChargeKind = ChargeKind.SUBSCRIPTION,
    item: str | None = None,
    prepaid: Rate | None = None,
) -> Charge:
    """Build a renewal for the thirty days from its day on; its item follows from its id unless named, so that identities differ."""
    return Charge(
        id=charge_id,
        account=account_id,
        kind=kind,
        item=f"plan of {charge_id}" if item is None else item,
        reason=ChargeReason.RENEWAL,
        period=Period(on, on + timedelta(days=30)),
        amount=Money.parse(amount),
        charged_on=on,
        prepaid=prepaid,
    )


def receipt(receipt_id: str, charge_id: str, amount: str, on: date) -> Receipt:
    """Build a receipt from texts."""
    return Receipt(id=receipt_id, charge=charge_id, amount=Money.parse(amount), received_on=on)


def refund(refund_id: str, charge_id: str, amount: str, on: date) -> Refund:
    """Build a refund from texts."""
    return Refund(id=refund_id, charge=charge_id, amount=Money.parse(amount), refunded_on=on)


def payment(payment_id: str, amount: str, on: date, partner: str = "p-1") -> Payment:
    """Build a payment from texts."""
    return Payment(id=payment_id, partner=partner, amount=Money.parse(amount), received_on=on)


def disbursement(disbursement_id: str, amount: str, on: date, partner: str = "p-1") -> Disbursement:
    """Build a disbursement from texts."""
    return Disbursement(id=disbursement_id, partner=partner, amount=Money.parse(amount), paid_on=on)


def entry(entry_id: str, amount: str, on: date, kind: EntryKind = EntryKind.ADJUSTMENT, partner: str = "p-1") -> Entry:
    """Build an entry from texts."""
    return Entry(id=entry_id, partner=partner, kind=kind, amount=Money.parse(amount), on=on, note="as agreed")


def standing(mode: BillingMode | None = BillingMode.DIRECT, **facts: Any) -> Standing:
    """Build a standing of `a-1` on the day of `charge()`: direct and referred, on Single Bill, or (None) outside the program."""
    known: dict[str, Any] = {"account": account(), "day": date(2025, 8, 8), "within_bonus_window": False}
    if mode is BillingMode.DIRECT:
        known |= {"credited_to": BRIGHTSIDE, "management": Management.REFERRED, "origin": Origin.LINK}
    elif mode is BillingMode.SINGLE_BILL:
        known |= {"credited_to": BRIGHTSIDE, "managed_by": BRIGHTSIDE, "payer": BRIGHTSIDE}
        known |= {"management": Management.MANAGED, "billing_mode": mode, "origin": Origin.PARTNER_CREATED}
    return Standing(**known | facts)


def months() -> Iterator[Month]:
    """Give the months from the first to the last."""
    month = FIRST_MONTH
    while month <= LAST_MONTH:
        yield month
        month = month.next()


@attrs.frozen(kw_only=True)
class World:
    """A program with everything that happened in the months from `FIRST_MONTH` to `LAST_MONTH`."""

    program: Program
    relationships: Mapping[str, ClientRelationship]
    charges: tuple[Charge, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    refunds: tuple[Refund, ...] = ()
    payments: tuple[Payment, ...] = ()
    disbursements: tuple[Disbursement, ...] = ()
    entries: tuple[Entry, ...] = ()

    def records_of(self, month: Month) -> dict[str, list[Any]]:
        """Give what `finish` takes of a month, besides its lines."""
        return {
            "receipts": _of(month, self.receipts, lambda one: one.received_on),
            "refunds": _of(month, self.refunds, lambda one: one.refunded_on),
            "payments": _of(month, self.payments, lambda one: one.received_on),
            "disbursements": _of(month, self.disbursements, lambda one: one.paid_on),
            "entries": _of(month, self.entries, lambda one: one.on),
        }

    def charges_of(self, month: Month) -> list[Charge]:
        """Give the charges of a month."""
        return _of(month, self.charges, lambda one: one.charged_on)

    def close(self, month: Month, previous: Close | None) -> Close:
        """Close one month on top of the one before it."""
        charges, records = self.charges_of(month), self.records_of(month)
        return close_month(charges, self.relationships, self.program, month, partners=PARTNERS, previous=previous, **records)

    def closes(self) -> list[Close]:
        """Close every month, one after the other."""
        closed: list[Close] = []
        for month in months():
            closed.append(self.close(month, closed[-1] if closed else None))
        return closed


def _of(month: Month, items: tuple[T, ...], day_of: Callable[[T], date]) -> list[T]:
    return [item for item in items if day_of(item) in month.period]


CODES = ("USD", "JPY", "KWD", "CLF")
roundings = st.sampled_from(Rounding)
rates = st.integers(0, 100).map(lambda percents: Rate.percent(str(percents))) | st.sampled_from([Rate.parse("1/3"), Rate.parse("1/7")])


@st.composite
def money_terms(draw: st.DrawFn) -> Terms:
    """Draw complete terms: any rates, roundings and choices that bear on money."""
    return terms(
        share={
            "rate": draw(rates | st.just(NOT_AGREED)),
            "rounding": draw(roundings),
            "recognized": draw(st.sampled_from(Recognition)),
            "clawback": draw(st.sampled_from(Clawback)),
        },
        single_bill={
            "discount": draw(rates | st.just(NOT_AGREED)),
            "rounding": draw(roundings),
            "cut_off": draw(st.sampled_from(CutOff)),
            "negative": draw(st.sampled_from(Negative)),
        },
        bonus={
            "amount": draw(st.just(NOT_AGREED) | st.just(tuple(Money(minor=5000, currency=Currency(code)) for code in CODES))),
            "window_days": draw(st.integers(0, 400)),
            "on_single_bill": draw(st.booleans()),
        },
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """Draw a standing that can be charged, on the day of `charge()`."""
    mode = draw(st.sampled_from([*BillingMode, None]))
    drawn: dict[str, Any] = {"within_bonus_window": draw(st.booleans())}
    if mode is BillingMode.DIRECT:
        drawn["origin"] = draw(st.sampled_from(Origin))
        drawn["status"] = draw(st.sampled_from([AccountStatus.OPEN, AccountStatus.SUSPENDED, AccountStatus.BALANCE_DUE]))
        if draw(st.booleans()):
            drawn |= {"management": Management.MANAGED, "managed_by": BRIGHTSIDE}
    return standing(mode, **drawn)


def _lives(whose: Account, where: Program, on: date) -> list[Callable[[], ClientRelationship]]:
    """Give the ways an account may live through a world; `on` is the day on which it changes."""
    return [
        partial(opened, whose, where),
        partial(referred, whose, where),
        partial(managed, whose, where, NORTHLIGHT),
        partial(enrolled, whose, where),
        lambda: managed(whose, where, NORTHLIGHT).join_single_bill(on),
        lambda: enrolled(whose, where).leave_single_bill(on),
        lambda: enrolled(whose, where).transfer(NORTHLIGHT.id, on, consent=True, written_request=True, sender_on_account=True),
        lambda: enrolled(whose, where).leave_single_bill(on).join_single_bill(on + timedelta(days=20)),
    ]


days = st.integers(0, (LAST_MONTH.period.end - FIRST_MONTH.period.start).days - 1).map(
    lambda later: FIRST_MONTH.period.start + timedelta(days=later)
)


@st.composite
def worlds(draw: st.DrawFn, *, chosen: st.SearchStrategy[Terms] | None = None) -> World:
    """Draw a world of three months: accounts that live differently, their charges, and all that came of them."""
    where = program(draw(chosen or money_terms()))
    relationships: dict[str, ClientRelationship] = {}
    charges: list[Charge] = []
    for number in range(draw(st.integers(1, 4))):
        whose = account(f"a-{number}", currency=draw(st.sampled_from(CODES)))
        relationships[whose.id] = draw(st.sampled_from(_lives(whose, where, draw(days))))()
        for place, day in enumerate(draw(st.lists(days, max_size=5))):
            amount = Money(minor=draw(st.integers(0, 10_000)), currency=whose.currency)
            kind = draw(st.sampled_from([ChargeKind.SUBSCRIPTION, ChargeKind.SUBSCRIPTION, ChargeKind.ADD_ON]))
            charges.append(charge(f"c-{number}-{place}", account_id=whose.id, on=day, amount=str(amount), kind=kind))
    cash = [draw(_cash(one, relationships[one.account])) for one in charges if one.amount.minor]
    names = count(1)
    codes = st.sampled_from(CODES)
    return World(
        program=where,
        relationships=relationships,
        charges=tuple(charges),
        receipts=tuple(one for receipts, _ in cash for one in receipts),
        refunds=tuple(one for _, refunds in cash for one in refunds),
        payments=tuple(draw(st.lists(st.builds(_paid, st.just(names), codes, st.integers(1, 9_999), days), max_size=3))),
        disbursements=tuple(draw(st.lists(st.builds(_disbursed, st.just(names), codes, st.integers(1, 9_999), days), max_size=3))),
        entries=tuple(draw(st.lists(st.builds(_entered, st.just(names), codes, st.integers(1, 9_999), days), max_size=2))),
    )


@st.composite
def _cash(draw: st.DrawFn, one: Charge, life: ClientRelationship) -> tuple[list[Receipt], list[Refund]]:
    """Draw what came in for a charge and what was given back, never more than there was on the day."""
    rest = (LAST_MONTH.period.end - one.charged_on).days - 1
    later = sorted(draw(st.lists(st.integers(0, rest), max_size=4)))
    by_single_bill = life.standing_on(one.charged_on).payer is not None
    received = one.amount.minor if by_single_bill else 0
    refunded = 0
    receipts: list[Receipt] = []
    refunds: list[Refund] = []
    for place, wait in enumerate(later):
        on = one.charged_on + timedelta(days=wait)
        if received < one.amount.minor and (received == refunded or draw(st.booleans())):
            part = draw(st.integers(1, one.amount.minor - received))
            received += part
            amount = Money(minor=part, currency=one.amount.currency)
            receipts.append(Receipt(id=f"r-{one.id}-{place}", charge=one.id, amount=amount, received_on=on))
        elif refunded < received:
            part = draw(st.integers(1, received - refunded))
            refunded += part
            amount = Money(minor=part, currency=one.amount.currency)
            refunds.append(Refund(id=f"f-{one.id}-{place}", charge=one.id, amount=amount, refunded_on=on))
    return receipts, refunds


def _paid(names: Iterator[int], code: str, minor: int, on: date) -> Payment:
    return Payment(id=f"pay-{next(names)}", partner="p-1", amount=Money(minor=minor, currency=Currency(code)), received_on=on)


def _disbursed(names: Iterator[int], code: str, minor: int, on: date) -> Disbursement:
    return Disbursement(id=f"d-{next(names)}", partner="p-1", amount=Money(minor=minor, currency=Currency(code)), paid_on=on)


def _entered(names: Iterator[int], code: str, minor: int, on: date) -> Entry:
    amount = Money(minor=minor, currency=Currency(code))
    return Entry(id=f"e-{next(names)}", partner="p-2", kind=EntryKind.INCENTIVE, amount=amount, on=on, note="ten trials")


_STEPS = st.sampled_from(["join_single_bill", "join_single_bill", "join_single_bill", "leave_single_bill", "suspend", "leave_program"])
_ANY_DAY = st.integers(0, 91).map(lambda later: date(2025, 7, 1) + timedelta(days=later))


@st.composite
def changing_partners(draw: st.DrawFn) -> Partners:
    """Draw partners whose status and Single Bill may change while the world goes on."""
    changed = datetime.combine(draw(_ANY_DAY), time(draw(st.sampled_from([0, 3, 12, 23]))), tzinfo=UTC)
    later = draw(st.sampled_from([None, PartnerStatus.SUSPENDED, PartnerStatus.ENDED, PartnerStatus.BANNED]))
    status = (StatusSince(status=PartnerStatus.ACTIVE), *(() if later is None else (StatusSince(status=later, since=changed),)))
    setups = (SingleBillSince(setup=SingleBillSetup(bill_day=draw(st.sampled_from([1, 5, 28, 31])))),)
    ended = (SingleBillSince(setup=None, since=draw(_ANY_DAY)),) if draw(st.booleans()) else ()
    names = (NameAlias(name=PartnerName("brightside")),)
    return Partners((Partner(id="p-1", names=names, status=status, single_bill=(*setups, *ended)), NORTHLIGHT))


@st.composite
def changing_worlds(draw: st.DrawFn) -> tuple[World, Partners]:
    """Draw a world whose terms, contracts, partners and accounts change in the middle of months."""
    share = {"after_partnership_ends": draw(st.booleans()), "recognized": Recognition.ON_BILLING}
    first = terms(share=share, bonus={"amount": (Money.of("50", "USD"),), "window_days": draw(st.integers(170, 270))})
    second = terms(
        starts_on=draw(_ANY_DAY),
        share=share | {"rate": draw(rates)},
        single_bill={"on_prepaid": draw(st.booleans()), "discount": draw(rates)},
        bonus={
            "amount": (Money.of("7", "USD"),),
            "window_days": draw(st.integers(170, 270)),
            "counted_from": draw(st.sampled_from(BonusFrom)),
        },
    )
    own = Terms(starts_on=draw(_ANY_DAY), source="example, ours", share=ShareTerms(rate=draw(rates)))
    contracts = (("p-1", TermsHistory((own,))),) if draw(st.booleans()) else ()
    where = program(first, second, contracts=contracts, zone=draw(st.sampled_from(["UTC", "Pacific/Auckland"])))
    partners = draw(changing_partners())
    relationships: dict[str, ClientRelationship] = {}
    for number in range(draw(st.integers(1, 3))):
        whose = account(f"a-{number}")
        on, later = sorted((draw(_ANY_DAY), draw(_ANY_DAY)))
        begun = draw(st.sampled_from([ClientRelationship.referred, ClientRelationship.managed, ClientRelationship.managed]))
        life = begun(whose, partners["p-1"], on=OPENED_ON + timedelta(days=2), program=where, partners=partners)
        steps = draw(
            st.lists(st.sampled_from(["convert", "join_single_bill", "leave_single_bill", "suspend", "leave_program"]), max_size=3)
        )
        for step, day in zip(["convert", *steps], sorted([OPENED_ON + timedelta(days=9), on, later, later]), strict=False):
            with suppress(PartnerkitError):
                life = getattr(life, step)(day)
        relationships[whose.id] = life
    charged = st.tuples(st.sampled_from(sorted(relationships)), _ANY_DAY, st.sampled_from([None, Rate.percent("15")]))
    charges = tuple(
        charge(f"c-{place}", account_id=account, on=day, amount="99.99 USD", prepaid=prepaid)
        for place, (account, day, prepaid) in enumerate(draw(st.lists(charged, max_size=5)))
    )
    return World(program=where, relationships=relationships, charges=charges), partners
