"""The records of a program directory held against each other: what they refer to, what is charged twice, what comes before its time.

Floor 10, above records. May import: every lower floor, books, records and the standard library.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from partnerkit.billing import Charge, ChargeIdentity, Pricing, overlapping
from partnerkit.books import CHARGES_FILE, DISBURSEMENTS_FILE, ENTRIES_FILE, PAYMENTS_FILE, RECEIPTS_FILE, REFUNDS_FILE, Books
from partnerkit.codec import Coupon
from partnerkit.errors import InvalidValue, NoTermsInForce, shown
from partnerkit.money import Money
from partnerkit.partners import Account, Partner
from partnerkit.periods import Period, billing_dates, cycle_containing
from partnerkit.prices import PriceList, TierModel
from partnerkit.program import Program
from partnerkit.records import PROGRAM_FILE, Records
from partnerkit.terms import ChargeKind, Terms
from partnerkit.vocabulary import without_ascii_case


def check_records(records: Records, program: Program | None) -> None:
    """Report every record that does not go with another, or with the program where it could be read."""
    _check_references(records, program)
    _check_charges(records, program, {account.id: account for account in records.values(Account)})
    _check_money_for_charges(records, {charge.id: charge for charge in records.values(Charge)})
    _check_days(records, program)
    _check_coupons(records)


def off_the_list(books: Books) -> Iterator[Charge]:
    """Give the charges for one whole cycle at an amount that no tier of their item has, where nothing says how it came about.

    Only stairsteps tell: what contacts cost by other models depends on how many they are.
    """
    for charge in books.charges:
        if charge.pricing is not None or charge.prepaid is not None or charge.kind not in _PRICED:
            continue
        if charge.period != cycle_containing(charge.period.start, books.accounts[charge.account].anchor_day):
            continue
        if not _is_on(books.program.prices, charge):
            yield charge


def _is_on(prices: PriceList, charge: Charge) -> bool:
    """Tell whether a charge can be the price of a tier; where the list has no price of it on that day, it is not."""
    try:
        table = prices.table_for(charge.item, charge.amount.currency, charge.period.start)
    except InvalidValue:
        return False
    is_stairstep = table.model is TierModel.STAIRSTEP and table.package is None
    return not is_stairstep or charge.amount.minor in {table.exact_for(tier.low).minor for tier in table.tiers}


def _check_references(records: Records, program: Program | None) -> None:
    of_accounts = ("openings.jsonl", "deals.jsonl", "identities.jsonl", "events.jsonl", CHARGES_FILE)
    records.refer("account", Account, "account", of_accounts)
    of_partners = ("deals.jsonl", "coupons.jsonl", "events.jsonl", PAYMENTS_FILE, DISBURSEMENTS_FILE, ENTRIES_FILE)
    records.refer("partner", Partner, "partner", of_partners)
    records.refer("charge", Charge, "charge", (RECEIPTS_FILE, REFUNDS_FILE))
    partner_ids = records.ids(Partner)
    for partner, _ in () if program is None or None in partner_ids else program.partner_terms:
        if partner not in partner_ids:
            records.fault(PROGRAM_FILE, 0, "partner_terms", f"there is no partner {shown(partner)}")


_PRICED = frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.ADD_ON, ChargeKind.SUSPENSION_FEE})


def _check_charges(records: Records, program: Program | None, accounts: Mapping[str, Account]) -> None:
    first: dict[ChargeIdentity, str] = {}
    earlier = {after.id: one for one, after in overlapping(charge for _, charge in records.of(Charge)) if one.identity != after.identity}
    for line, charge in records.of(Charge):
        if charge.id in earlier:
            one = earlier[charge.id]
            message = f"is {charge.period}, and {one.id} bills {shown(charge.item)} for {one.period}: start one where the other ends"
            records.fault(CHARGES_FILE, line, "period", message)
        same = first.setdefault(charge.identity, charge.id)
        if same != charge.id:
            records.fault(CHARGES_FILE, line, "period", f"is billed already by the charge {same}, for the same thing: bill it once")
        if program is not None and charge.kind in _PRICED and charge.item not in program.prices.items:
            known = ", ".join(sorted(program.prices.items)) or "nothing"
            records.fault(CHARGES_FILE, line, "item", f"is {shown(charge.item)}, which has no price in program.toml: priced are {known}")
        elif program is not None and charge.pricing is not None:
            _check_pricing(records, program, line, charge, charge.pricing)
            _check_choices(records, program, line, charge, charge.pricing)
        account = accounts.get(charge.account)
        if account is not None and charge.pricing is not None:
            _check_cycle(records, line, account, charge.pricing)
        if account is not None and charge.amount.currency != account.currency:
            message = f"is {charge.amount}, but the account {account.id} is billed in {account.currency.code}"
            records.fault(CHARGES_FILE, line, "amount", message)


def _check_cycle(records: Records, line: int, account: Account, pricing: Pricing) -> None:
    """Report a cycle that does not run from one of the account's billing dates to another, over as many as it says."""
    try:
        first = cycle_containing(pricing.cycle.start, account.anchor_day)
        end = next(islice(billing_dates(first.start, account.anchor_day), pricing.cycles - 1, None))
    except InvalidValue as fault:
        records.fault(CHARGES_FILE, line, "pricing.cycle", str(fault))
        return
    if pricing.cycle != Period(first.start, end):
        cycles = f"{pricing.cycles} of the cycles" if pricing.cycles > 1 else "one of the cycles"
        message = f"is {pricing.cycle}, and not {cycles} of {account.id} by its anchor day {account.anchor_day}: {Period(first.start, end)}"
        records.fault(CHARGES_FILE, line, "pricing.cycle", message)


def _check_choices(records: Records, program: Program, line: int, charge: Charge, pricing: Pricing) -> None:
    """Report what a pricing says of a choice that no contract in force on the day of the charge has."""
    partners = (None, *(partner for partner, _ in program.partner_terms))
    contracts = [terms for terms in (_terms_on(program, partner, charge) for partner in partners) if terms is not None]
    for name in ("tier_basis", "proration", "rounding"):
        chosen = getattr(pricing, name)
        stated = {terms.billing.given()[name] for terms in contracts if name in terms.billing.given()}
        if chosen is not None and stated and chosen not in stated:
            wanted = " or ".join(sorted(repr(one.value) for one in stated))
            message = f"is {chosen.value!r}, but by the terms of {charge.charged_on} it is {wanted}"
            records.fault(CHARGES_FILE, line, f"pricing.{name}", message)


def _terms_on(program: Program, partner: str | None, charge: Charge) -> Terms | None:
    try:
        return program.terms_for(partner, charge.charged_on)
    except NoTermsInForce:
        return None


def _check_pricing(records: Records, program: Program, line: int, charge: Charge, pricing: Pricing) -> None:
    """Hold the prices and the tier that a charge names against the price list: a reason that is not so is worse than none."""
    try:
        table = program.prices.table_for(charge.item, charge.amount.currency, charge.period.start)
        price = table.exact_for(pricing.units)
    except InvalidValue as fault:
        records.fault(CHARGES_FILE, line, "pricing", str(fault))
        return
    tier = table.tier_for(pricing.units)
    made = {
        "prices_from": table.starts_on,
        "price": price,
        "low": None if tier is None else tier.low,
        "high": None if tier is None else tier.high,
    }
    for name, value in made.items():
        stated = getattr(pricing, name)
        if stated != value:
            said, wanted = ("nothing" if one is None else one for one in (stated, value))
            message = f"is {said}, but the prices of {shown(charge.item)} in program.toml make it {wanted} for {pricing.units}"
            records.fault(CHARGES_FILE, line, f"pricing.{name}", message)


def _check_money_for_charges(records: Records, charges: Mapping[str, Charge]) -> None:
    for name, dated in ((RECEIPTS_FILE, "received_on"), (REFUNDS_FILE, "refunded_on")):
        so_far: dict[str, Money] = {}
        for line, record in records.found[name]:
            charge = charges.get(record.charge)
            if charge is None:
                continue
            day = getattr(record, dated)
            if day < charge.charged_on:
                records.fault(name, line, dated, f"is {day}, before the charge {charge.id} of {charge.charged_on}: correct one of the two")
            if record.amount.currency != charge.amount.currency:
                records.fault(name, line, "amount", f"is {record.amount}, but the charge {charge.id} is in {charge.amount.currency.code}")
                continue
            so_far[charge.id] = so_far.get(charge.id, Money.zero(charge.amount.currency)) + record.amount
            if so_far[charge.id] > charge.amount:
                message = f"brings the charge {charge.id} to {so_far[charge.id]}, more than the {charge.amount} that were charged"
                records.fault(name, line, "amount", message)


_DAY_OF_MONEY: Mapping[str, str] = {
    CHARGES_FILE: "charged_on",
    PAYMENTS_FILE: "received_on",
    DISBURSEMENTS_FILE: "paid_on",
    ENTRIES_FILE: "on",
}
"""The field with the day, in every record of money that follows no other one; a receipt or a refund is never before its charge."""


def _check_days(records: Records, program: Program | None) -> None:
    """Report every record of money before any terms, such as one with a mistyped year: every month since then would be closed."""
    if program is None:
        return
    histories = (program.terms, *(history for _, history in program.partner_terms))
    first = min((terms.starts_on for history in histories for terms in history.entries), default=None)
    if first is None:
        return
    for name, dated in _DAY_OF_MONEY.items():
        for line, record in records.found[name]:
            day = getattr(record, dated)
            if day < first:
                records.fault(name, line, dated, f"is {day}, before the first terms of {first}: correct the date, or state older terms")


def _check_coupons(records: Records) -> None:
    first: dict[str, tuple[int, str]] = {}
    for line, coupon in records.of(Coupon):
        earlier, partner = first.setdefault(without_ascii_case(coupon.code), (line, coupon.partner))
        if partner != coupon.partner:
            message = f"is {shown(coupon.code)}, which line {earlier} gives to {partner}: a code, in any case, credits one partner"
            records.fault("coupons.jsonl", line, "code", message)
