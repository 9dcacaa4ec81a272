"""Tax on the lines of one bill, at a rate that the vendor's tax engine gives: rounded once for the bill, or once for each line.

Floor 6, above lines. May import: errors, money, vocabulary, terms, charges, lines and the standard library.

Which rate applies where is no business of this library; that the parts add up to what is shown is (M-06).
"""

from collections.abc import Iterable, Sequence

from partnerkit.charges import Charge
from partnerkit.errors import CurrencyMismatch, InvalidValue
from partnerkit.lines import Line
from partnerkit.money import Money, Rate, total
from partnerkit.terms import ChargeKind, TaxRounding, Terms
from partnerkit.vocabulary import check_all, check_id, check_is, check_once


def tax_charges(lines: Iterable[Line], *, rate: Rate, terms: Terms, item: str = "tax") -> tuple[Charge, ...]:
    """Make the tax charges of the lines of one bill, one for each line that costs its payer anything, in their order.

    A bill with several taxes has an `item` for each. What is taxed is what the payer pays: the list price less the discount. By
    ``billing.tax_rounding`` the tax of the bill is rounded once and spread over its lines by largest remainder, or each line's is rounded
    on its own; how, says ``billing.rounding``. Lines of several payers or accounts billed directly, and lines that are tax themselves,
    raise `InvalidValue`, lines in two currencies `CurrencyMismatch`, and a term that is needed and not stated `TermMissing`.

    >>> from datetime import date
    >>> from partnerkit.charges import ChargeReason
    >>> from partnerkit.money import Rounding
    >>> from partnerkit.periods import Period
    >>> from partnerkit.terms import BillingTerms
    >>> lines = [Line(rulings=(), terms="example", charge=Charge(
    ...     id=f"c-{item}", account="a-1", kind=ChargeKind.SUBSCRIPTION, item=item, reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("68.33", "USD"), charged_on=date(2025, 8, 8)))
    ...     for item in ("lite", "sms")]
    >>> for rounded in TaxRounding:
    ...     terms = Terms(starts_on=date(2025, 1, 1), source="example", billing=BillingTerms(
    ...         rounding=Rounding.HALF_AWAY, tax_rounding=rounded))
    ...     print([str(tax.amount) for tax in tax_charges(lines, rate=Rate.percent("20"), terms=terms)])
    ['13.67 USD', '13.66 USD']
    ['13.67 USD', '13.67 USD']
    """
    lines = tuple(lines)
    check_all("the lines to tax", lines, Line)
    check_once("the lines to tax", "charge", (line.charge.id for line in lines))
    check_is("the rate of a tax", rate, Rate)
    check_id("item", item)
    _check_one_bill(lines)
    taxed = [line for line in lines if line.net.minor]
    if not taxed:
        return ()
    return tuple(_tax(line, amount, item) for line, amount in zip(taxed, _amounts(taxed, rate, terms), strict=True))


def _amounts(lines: Sequence[Line], rate: Rate, terms: Terms) -> tuple[Money, ...]:
    rounding = terms.billing.rounding
    match terms.billing.tax_rounding:
        case TaxRounding.PER_LINE:
            return tuple(line.net.times(rate, rounding) for line in lines)
        case TaxRounding.PER_BILL:
            whole = total((line.net for line in lines), lines[0].net.currency)
            return whole.times(rate, rounding).allocate([line.net.minor for line in lines])


def _tax(line: Line, amount: Money, item: str) -> Charge:
    charge = line.charge
    return Charge(
        id=f"{charge.id}/{item}",
        account=charge.account,
        kind=ChargeKind.TAX,
        item=f"{item} on {charge.kind.value} {charge.item}",
        reason=charge.reason,
        period=charge.period,
        amount=amount,
        charged_on=charge.charged_on,
    )


def _check_one_bill(lines: Sequence[Line]) -> None:
    payers = {(line.payer, None if line.payer is not None else line.charge.account) for line in lines}
    if len(payers) > 1:
        said = sorted(payer or f"the client of {account}" for payer, account in payers)
        raise InvalidValue(f"the lines to tax are paid by {', '.join(said)}: give those of one bill")
    for line in lines:
        if line.net.currency != lines[0].net.currency:
            raise CurrencyMismatch(
                f"the lines to tax are in {lines[0].net.currency.code} and {line.net.currency.code}: give those of one bill"
            )
        if line.charge.kind is ChargeKind.TAX:
            raise InvalidValue(f"the charge {line.charge.id} is a tax itself: leave it out")
