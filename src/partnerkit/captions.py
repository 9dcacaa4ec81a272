"""The words of a closed month, and what its reports tell alike: which questions are settled, and what lines rest on.

Floor 10, below report and pages. May import: every lower floor, books and the standard library.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from partnerkit.billing import Adjustment, Line
from partnerkit.bills import SingleBill
from partnerkit.books import Books
from partnerkit.close import Close
from partnerkit.errors import TermMissing
from partnerkit.formats import visible
from partnerkit.money import Money, total
from partnerkit.payouts import PayoutReason, payout
from partnerkit.statements import Entry, EntryKind, Statement
from partnerkit.terms import NOT_AGREED, Terms, amount_in
from partnerkit.text import OpenQuestion, format_money, open_questions, reasons, say_in

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "report.visit_read": "{count} visit read in all: {parts}.",
        "report.visits_read": "{count} visits read in all: {parts}.",
        "report.by_bots": "{count} by bots",
        "report.without_name": "{count} without a partner name",
        "report.elsewhere": "{count} on other sites",
        "report.unreadable": "{count} with an unreadable link",
        "report.account_opened": "{count} account opened this month{parts}.",
        "report.accounts_opened": "{count} accounts opened this month{parts}.",
        "report.parts": ": {parts}",
        "report.parted": "{first}; {last}",
        "report.credited": "{count} credited to {partner}",
        "report.other_partner": "{count} to {partners} other partner",
        "report.other_partners": "{count} to {partners} other partners",
        "report.to_nobody": "{count} to nobody",
        "report.day": "Day",
        "report.account": "Account",
        "report.credited_to": "Credited to",
        "report.nobody": "nobody",
        "report.why": "Why",
        "report.charge": "Account and charge",
        "report.line": "Line",
        "report.bill": "Single Bill {number} · {currency} · billed {day}",
        "report.list_price": "List",
        "report.discount": "Discount",
        "report.to_pay": "To pay",
        "report.new_charges": "New charges",
        "report.refunds": "Refunds",
        "report.new_less_refunds": "New charges less refunds",
        "report.brought_forward": "Brought forward",
        "report.balance_less_payments": "Brought forward, less payments",
        "report.payment": "Payment received {day}",
        "report.past_due": "Past due",
        "report.to_pay_now": "To pay now",
        "report.carried_forward": "Credit carried forward",
        "report.to_be_paid_back": "To be paid back",
        "report.statement": "Statement · {currency}",
        "report.charged": "Charged",
        "report.earned": "Earned",
        "report.opening_balance": "Opening balance",
        "report.share": "Revenue share",
        "report.bonus": "New Account Bonus",
        "report.other_earned": "Bonus, incentives, adjustments",
        "report.incentive": "Incentive: {note}",
        "report.adjustment": "Adjustment: {note}",
        "report.paid_out": "Paid out",
        "report.closing_balance": "Closing balance",
        "report.payout.payable": "To be paid out",
        "report.payout.below_minimum": "Carried to the next month: below the minimum of {minimum} (payout.minimum)",
        "report.payout.not_yet": "Carried until the quarter ends (payout.schedule)",
        "report.payout.on_request": "Carried until the partner asks for it (payout.schedule)",
        "report.payout.carried_forward": "Carried forward: below zero (payout.negative)",
        "report.payout.paid_back": "The partner pays it back",
        "report.payout.unstated": "Whether it is paid out is not stated: {term}",
        "report.payout.unstated_below_zero": "Whether it is paid back is not stated: {term}",
        "report.without_reward": "Charges without a reward",
        "report.lines_with": "{count} with {reason}",
        "report.partner": "Partner",
        "report.number": "Number",
        "report.single_bills": "Single Bills",
        "report.statements": "Statements",
        "report.more": "{count} more: give --out for all of them.",
        "report.settled": "What the article leaves open and these terms settle",
        "report.terms": "Terms from {day}: {source}",
        "report.own_terms": "In the contract of {partner} instead:",
        "report.one_line": (
            "One line in full: partnerkit why DIRECTORY LINE (the lines' names show from {columns} columns on, and in --out)."
        ),
    }
)
"""Every sentence and heading of a report by its message id, with the names of what is put into it."""

_ASKED = ("attribution", "share", "bonus", "single_bill", "payout")
"""The sections of the terms that a close asks; the others settle what happens before it or after."""
_FOR_REPORTS = ("attribution.dedupe_seconds", "attribution.half_life_days")


def outcome(bill: SingleBill) -> str:
    """Give the message that says what becomes of the sum of a bill.

    >>> from partnerkit.money import Currency, Money
    >>> from partnerkit.periods import Month
    >>> outcome(SingleBill(partner="p-1", month=Month.parse("2025-08"), currency=Currency("USD"), billed_on=date(2025, 8, 5),
    ...     lines=(), brought_forward=Money.of("85", "USD")))
    'report.to_pay_now'
    """
    if bill.due.minor >= 0:
        return "report.to_pay_now"
    return "report.carried_forward" if bill.carried_forward == bill.due else "report.to_be_paid_back"


def last_day(close: Close) -> date:
    """Give the last day of the month that was closed."""
    return close.month.period.last_day


def last_instant(day: date, zone: str) -> datetime:
    """Give the last microsecond of a civil day in a zone.

    >>> str(last_instant(date(2025, 8, 31), "UTC"))
    '2025-08-31 23:59:59.999999+00:00'
    """
    return datetime.combine(day, time.max, ZoneInfo(zone))


def terms_by(books: Books, line: Line) -> Terms:
    """Give the terms a line is told with: those of the partner that pays, else of the credited one, on the day of the charge."""
    return books.program.terms_for(line.payer or line.earner, line.charge.charged_on)


def because_of(lines: Sequence[Line], books: Books, locale: str) -> Iterator[str]:
    """Say once what the rulings of lines rest on, each with the terms of its own line."""
    kinds = {(line.terms, line.all_rulings): line for line in lines}
    said = (reason for line in kinds.values() for reason in reasons(line.all_rulings, locale, terms=terms_by(books, line)))
    yield from dict.fromkeys(said)


def payout_words(books: Books, close: Close, statement: Statement, locale: str) -> tuple[str, Money | None] | None:
    """Say what of a statement is paid out with the amount, or why none is; None where nothing is owed."""
    terms = books.program.terms_for(statement.partner, last_day(close))
    try:
        found = payout(statement, terms=terms)
    except TermMissing as missing:  # No line depends on it, so nothing is refused for it here.
        message = "report.payout.unstated" if statement.closing.minor > 0 else "report.payout.unstated_below_zero"
        return _said(locale, message, term=missing.term), None
    if found.reason is PayoutReason.NOTHING_OWED:
        return None
    minimum = ""
    if found.reason is PayoutReason.BELOW_MINIMUM and terms.payout.minimum is not NOT_AGREED:
        minimum = format_money(amount_in(terms.payout.minimum, statement.currency, "payout.minimum"), locale)
    return _said(locale, f"report.payout.{found.reason.value}", minimum=minimum), found.amount if found.amount.minor else None


def new_amounts(bill: SingleBill) -> Iterator[tuple[str, tuple[Money, Money, Money]]]:
    """Give what is new on a bill: list price, discount and what is to pay, of its charges and, where there are any, its refunds.

    The last one is all of it.
    """
    parts: dict[str, Sequence[Line | Adjustment]] = {"report.new_charges": bill.lines}
    if bill.adjustments:
        parts |= {"report.refunds": bill.adjustments, "report.new_less_refunds": bill.items}
    for message, items in parts.items():
        gross, discount, net = ([getattr(item, name) for item in items] for name in ("gross", "discount", "net"))
        yield message, (total(gross, bill.currency), -total(discount, bill.currency), total(net, bill.currency))


def shows_past_due(bill: SingleBill) -> bool:
    """Tell whether a bill names what is past due: where a payment left something of what was brought forward."""
    return bool(bill.payments) and bill.past_due.minor > 0


def line_label(line: Line) -> str:
    """Name a line by its account and what was charged."""
    return visible(f"{line.charge.account} · {line.charge.item}")


def entry_words(entry: Entry, locale: str) -> str:
    """Say what an entry of the vendor is, with its note."""
    message = "report.incentive" if entry.kind is EntryKind.INCENTIVE else "report.adjustment"
    return visible(_said(locale, message, note=entry.note))


def partner_title(partner_id: str, name: str) -> str:
    """Name a partner by its name and its id, where they differ.

    >>> partner_title("northlight", "polestar"), partner_title("northlight", "northlight")
    ('polestar (northlight)', 'northlight')
    """
    return name if name == partner_id else f"{name} ({visible(partner_id)})"


def _said(locale: str, message: str, **values: str) -> str:
    return say_in(locale)(message, MESSAGES[message]).format(**values)


def without_reward(close: Close) -> list[Line]:
    """Give the lines of a month that the client pays and nobody earns on, in order of their days."""
    found = (line for line in close.lines if line.reward is None and line.bonus is None and line.payer is None)
    return sorted(found, key=lambda line: line.charge.charged_on)


def settled(books: Books, close: Close, locale: str) -> Iterator[tuple[str | None, list[OpenQuestion]]]:
    """Give the questions of a close as the terms of its last day settle them: all by those of the program, for None.

    Then follow the partners whose own contract settles some of them otherwise, each with these.
    """
    usual = _settled(books.program.terms_for(None, last_day(close)), locale)
    yield None, usual
    for partner, _ in books.program.partner_terms:
        own = [one for one in _settled(books.program.terms_for(partner, last_day(close)), locale) if one not in usual]
        if own:
            yield partner, own


def _settled(terms: Terms, locale: str) -> list[OpenQuestion]:
    """Give the questions that a close asks and no official page answers, as these terms settle them."""
    questions = open_questions(terms, locale)
    return [one for one in questions if one.key.partition(".")[0] in _ASKED and one.key not in _FOR_REPORTS and not one.public]
