"""The words of the page of a closed month, by message id, and how they are said.

Floor 10, beside `pages.words` the lowest of `partnerkit.pages`. May import: captions, clauses, events, formats, languages, money,
periods, attrs and the standard library.

What the terminal report says too is said by its own messages, in `partnerkit.captions`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import final

import attrs

from partnerkit.captions import MESSAGES as CAPTIONS
from partnerkit.clauses.views import value_message, value_words
from partnerkit.events import EventKind
from partnerkit.formats import format_date, format_day, format_money, format_month, format_short_month, format_whole
from partnerkit.languages import language_of, say_in
from partnerkit.money import Money
from partnerkit.periods import Month

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "month.made": "Made by partnerkit from these records.",
        "month.lead": "Every amount is a link: that of a charge leads to its reason, a sum to its parts.",
        "month.prevails": "The vendor's own report prevails over what is computed here.",
        "month.skip": "Skip to the figures",
        "month.contents": "Contents",
        "month.rests_on": "What this page rests on",
        "month.rests_on_about": "The same records, terms and policies make the same page. A file is named with the SHA-256 of its bytes.",
        "month.terms": "Terms",
        "month.terms_from": "from {day}: {source}",
        "month.policies": "Policies, as they stood on {day}",
        "month.program": "Program",
        "month.whole_program": "All that program.toml says",
        "month.price_list": "Price list",
        "month.prices": "all prices of the program",
        "month.records": "Records",
        "month.all_records": "all of their lines, in whatever order",
        "month.basis": "All of this together",
        "month.basis_about": "the basis that every bill and statement carries",
        "month.rests": "Basis",
        "month.what": "What",
        "month.fingerprint": "Fingerprint",
        "month.nothing": "There is no charge, no cash and no balance in this month.",
        "glance.about": (
            "None of these figures but the adjustments counts refunds: they stand under Adjustments, with the vendor's entries."
        ),
        "glance.title": "The month at a glance",
        "glance.figure": "Figure",
        "glance.charges": "Charges of the month",
        "glance.list": "List price charged",
        "glance.discount": "Upfront discounts given",
        "glance.partners_pay": "Partners pay by Single Bill",
        "glance.clients_pay": "Clients pay",
        "glance.clients_open": "of which not received by the end of the month",
        "glance.earned": "Statements of the partners",
        "glance.share": "Revenue share earned",
        "glance.incentives": "Incentives",
        "glance.owed": "Owed at the end of the month",
        "glance.cash": "Cash received",
        "glance.from_clients": "From clients",
        "glance.from_partners": "From partners for Single Bills",
        "flow.title": "Where the list price goes",
        "flow.about": (
            "It counts every charge of the month with the share its line bears, whether or not the cash has come in yet; "
            "a New Account Bonus and a refund count where they belong to one of these charges and fall into the month. "
            "A prepaid charge counts less its discount for prepayment. Incentives, other adjustments and refunds of charges of earlier "
            "months are not in it."
        ),
        "flow.step": "Step",
        "flow.bar": "Bar",
        "flow.amount": "Amount",
        "flow.list": "List price",
        "flow.discount": "Upfront discount",
        "flow.refunded": "Paid back to payers",
        "flow.vendor": "Left for the vendor, once all is paid",
        "flow.partner": "Goes to {partner}",
        "flow.together": "Together: the list price",
        "flow.together_less": "Together: the list price less refunds",
        "flow.none": "No charges in {currency} this month.",
        "partners.title": "Bills and statements",
        "partners.none": "No partner has a bill or a statement this month.",
        "table.rows": "{count} rows",
        "adjustments.title": "Adjustments",
        "adjustments.refunds": "Refunds of the month",
        "adjustments.none": "No refunds this month.",
        "adjustments.why": "charged {day}; goes back to {payer}",
        "adjustments.why_share": "charged {day}; goes back to {payer}; share taken back from {partner}",
        "adjustments.client": "the client",
        "adjustments.discount": "Discount taken back",
        "adjustments.net": "To the payer",
        "adjustments.share": "Share taken back",
        "adjustments.entries": "Entries of the vendor",
        "adjustments.no_entries": "The vendor entered nothing this month.",
        "adjustments.entry": "Entry",
        "adjustments.partner": "Partner",
        "openings.title": "Accounts opened",
        "openings.none": "No account was opened this month.",
        "settled.title": "What the terms settle",
        "settled.question": "Question",
        "settled.answer": "Answer",
        "lives.title": "Relationships",
        "lives.about": (
            "Every account with something in this month or not canceled at its end: who owns the client relationship, and who pays. "
            "At most {count} months are drawn, here those from {day} on; the last of them is drawn wider than the time before it."
        ),
        "lives.busy": "With a charge, cash or an event in this month",
        "lives.quiet": "With nothing in this month",
        "lives.none": "No account has a relationship yet.",
        "lives.legend": "Legend",
        "lives.owner": "Owner",
        "lives.payer": "Payer",
        "lives.status": "Status",
        "lives.events": "Events",
        "lives.event": "{day}: {event}",
        "lives.event_of": "{day}: {event}, {partner}",
        "lives.request": "Request",
        "lives.pending": "{partner} asked on {day} to manage it: neither granted nor withdrawn by the end of the month",
        "lives.charge": "Charge",
        "lives.receipt": "Receipt",
        "lives.refund": "Refund",
        "lives.vendor_owns": "vendor owns, referred by {partner}",
        "lives.partner_owns": "{partner} owns, managed",
        "lives.outside": "outside the program",
        "lives.vendor": "vendor owns (referred)",
        "lives.partner": "partner owns (managed)",
        "lives.client_pays": "client pays",
        "lives.partner_pays": "{partner} pays by Single Bill",
        "lives.single_bill": "partner pays by Single Bill",
        "lives.not_open": "status other than open",
        "lives.canceled": "canceled",
        "lives.show": "Show them",
        "lives.of": "Relationship of {account}",
        "lives.client": "client {client}",
        "lives.as_list": "As a list",
        "lives.when": "{first} to {last}",
        "lives.span": "{band}: {state}, {first} to {last}.",
        "lives.tick": "{kind}, {day}: {amount}",
        "why.about": "Every amount of this page, with its reason and links back to where it is used.",
        "why.sums": "Sums and balances",
        "why.lines": "Charges",
        "why.earnings": "Bonuses, and shares that became due in parts",
        "why.records": "Cash and entries",
        "why.credits": "Credits",
        "why.credit": "Credit of {account}",
        "why.part": "Part",
        "why.total": "Total",
        "why.rules": "The rules, and what they rest on",
        "why.see": "See",
        "why.used": "Used in",
        "why.no_parts": "There is nothing to add up.",
        "why.of": "{what}: {which}",
        "why.opening": (
            "The closing balance of the month before, {month}, on the statement of {partner}. "
            "The close of that month says how it came about."
        ),
        "why.brought": (
            "What the month before, {month}, carried forward on the Single Bill of {partner}. "
            "The close of that month says how it came about."
        ),
        "why.receipt": "The receipt {id} of {day}: {amount} of the client's cash for the charge {charge}.",
        "why.payment": "The payment {id} of {day}: {partner} paid {amount} on its Single Bill.",
        "why.disbursement": "The disbursement {id} of {day}: {amount} of what {partner} had earned was paid out.",
        "why.entry": "The entry {id} of {day}, by the vendor's own decision: {amount} for {partner}. Its note: {note}",
        "why.place": "Line {line} of {file}.",
        "why.cash": "Cash for it: {amount} on {day}, by the receipt {id}.",
        "why.no_cash": "No cash for it had come in by {day}.",
        "why.on_bill": "It is on the Single Bill {number} of {day}.",
        "why.on_no_bill": "It is on no Single Bill of this month.",
        "why.refunded": "Refunded in this month: {amount} on {day}, by the refund {id}.",
        "why.bonus": (
            "The New Account Bonus of {amount} was earned on {day}: the charge {charge} is the first of the account {account} "
            "that bears one and was recognized."
        ),
        "why.bonus_opened": "The account was opened on {day}.",
        "why.term": "Program term {term}: {question} {value}.",
        "why.earning": "Of the revenue share of {share} that its line bears, {amount} became due on {day}, as cash was received.",
    }
)
"""Every word that only the page of a month has, by its message id, with the names of what is put into it."""

EVENT_MESSAGES: Mapping[str, str] = MappingProxyType(dict(value_message(kind) for kind in EventKind))
"""The kinds of event, as the relationships of a month name them."""

_KNOWN = MappingProxyType({**CAPTIONS, **MESSAGES})


@final
@attrs.frozen
class MonthWords:
    """How the page of a month speaks: messages in the language of a locale, amounts and days in its form.

    >>> words = MonthWords("de")
    >>> words("flow.none", currency="USD"), words.day(date(2025, 8, 8)), words.language
    ('Keine Belastungen in USD in diesem Monat.', '8. Aug.', 'de')
    """

    locale: str

    def __call__(self, message_id: str, **values: str) -> str:
        """Say a message, with its gaps filled."""
        return say_in(self.locale)(message_id, _KNOWN[message_id]).format(**values)

    @property
    def language(self) -> str:
        """The language of the words: that of the locale, or English where there is no catalog."""
        return language_of(self.locale)

    def value(self, value: StrEnum) -> str:
        """Say what something is, in a word or two."""
        return value_words(value, say_in(self.locale))

    def money(self, amount: Money) -> str:
        """Write an amount as the locale does."""
        return format_money(amount, self.locale)

    def full_day(self, day: date) -> str:
        """Write a day with its year as the locale does."""
        return format_date(day, self.locale)

    def day(self, day: date) -> str:
        """Write a day without its year as the locale does."""
        return format_day(day, self.locale)

    def month(self, month: Month) -> str:
        """Write a month as the locale does."""
        return format_month(month, self.locale)

    def short_month(self, month: Month) -> str:
        """Write a month as the locale does where there is little room."""
        return format_short_month(month, self.locale)

    def number(self, count: int) -> str:
        """Write a whole number as the locale does."""
        return format_whole(count, self.locale)
