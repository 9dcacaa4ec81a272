"""The sentences of explanations by message id, and the names of all that a contract can choose from.

Floor 9, below text. May import: sections, clauses, charges, terms, attrs and the standard library.

The words of the policies have their ids in `clauses.views`. A translator finds all of them in the catalogs, see `languages`.
"""

import typing
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import attrs

from partnerkit.charges import ChargeReason
from partnerkit.clauses.views import Say, english, value_message
from partnerkit.sections import Section, term_types
from partnerkit.terms import SECTIONS

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "cite.stated": 'The article says ({place}): "{quote}"',
        "cite.elsewhere": "Another official page says ({source}): {reason}.",
        "cite.implied": 'Read from the article ({place}), "{quote}": {reason}.',
        "cite.term": "Decided by the program term {term}: {reason}.",
        "cite.term_value": "Decided by the program term {term}, here {value}: {reason}.",
        "cite.house": "Our own choice, as the article does not say: {reason}.",
        "cite.place": '{sentence}, under "{heading}"',
        "ruling.answer": "{question} The answer: {answer}.",
        "ruling.decides": "{clause} decides. Its condition: {condition}.",
        "ruling.set_aside": "{clause} applies too, but is set aside by {others}.",
        "ruling.not_applying": "{clause}. Its condition: {condition}.",
        "ruling.others": "Rules that do not apply here:",
        "ruling.nothing": "nothing",
        "credit.somebody": "The account {account} is credited to the partner {partner}.",
        "credit.nobody": "The account {account} is credited to no partner.",
        "credit.by_visit": "The visit {visit} credits it.",
        "credit.deal": "A registered deal reserves the account: the program term attribution.precedence asks for deals, not the article.",
        "credit.coupon": "A coupon was given at the opening: the program term attribution.precedence asks for coupons, not the article.",
        "credit.last": "Of the visits that count the last one wins: so says the program term attribution.model, not the article.",
        "credit.first": "Of the visits that count the first one wins: so says the program term attribution.model, not the article.",
        "credit.bound": "The account was opened before: the first answer stands.",
        "credit.not_new": "The account existed before this opening.",
        "credit.self_referral": "The partner that could be credited is the account holder itself.",
        "credit.partner_inactive": "The partner that could be credited is not eligible.",
        "credit.no_touch": "No visit counts, and there is no other claim.",
        "credit.erased": "A visitor had its visits erased since: who is credited stands, and what led there is no longer shown whole.",
        "credit.same_mailbox": "To look at before it is paid: the account holder's mailbox is the partner's own.",
        "credit.same_domain": "To look at before it is paid: the account holder's mailbox and one of the partner's share a domain.",
        "credit.considered": "Visits considered, in order of time:",
        "credit.none_considered": "No visit was considered.",
        "credit.visit": "- {visit}: {answer}, by {clauses}.",
        "credit.visit_set_aside": "- {visit}: {answer}, by {clauses}; set aside: {others}.",
        "credit.clauses": "What these clauses rest on:",
        "reason.clause": "{clause}: {basis}",
        "visit.named": '{id} of {at} with the partner name "{name}"',
        "visit.unknown": "{id} of {at} with a name that no partner had",
        "visit.nameless": "{id} of {at} without a partner name",
        "visit.ambiguous": "{id} of {at} with two different partner names",
        "line.charge": 'The charge {charge}: {kind} "{item}" ({reason}) of the account {account} for {start} to {end}, charged on {day}.',
        "line.gross": "By the price list it comes to {gross}.",
        "line.billed": "The vendor billed {gross}; the charge does not say how the price list makes it.",
        "line.billed_prepaid": (
            "The vendor billed {gross}, less a discount of {rate} for prepayment; the charge does not say how the price list makes it."
        ),
        "line.prepaid": "It comes to {gross}, which is the list price less a discount of {rate} for prepayment.",
        "line.phrase": "In short: {phrase}.",
        "line.client_pays": "The client pays {net}.",
        "line.partner_pays": "The partner {payer} pays {net} on its Single Bill.",
        "pricing.tier": "By the prices from {day} a whole cycle is {price} for {units}, in the tier from {low} to {high}.",
        "pricing.last_tier": "By the prices from {day} a whole cycle is {price} for {units}, in the tier from {low} on.",
        "pricing.table": "By the prices from {day} a whole cycle is {price} for {units}.",
        "pricing.beyond": "By the prices from {day}, for {units} beyond the {included} included: {price}.",
        "pricing.counted": "The count is that of {day}.",
        "pricing.counted_by": "It was counted on {day}, and by the program term billing.tier_basis ({basis}) that is the count.",
        "pricing.contact": "{count} contact",
        "pricing.contacts": "{count} contacts",
        "pricing.unit": "{count} unit",
        "pricing.units": "{count} units",
        "pricing.send": "{count} send",
        "pricing.sends": "{count} sends",
        "pricing.part": "Of the cycle from {start} to {end} it is charged for {first} to {last}: {part} of it, by the days ({basis}).",
        "pricing.whole": "It is charged for {first} to {last} as for the whole cycle from {start} to {end}.",
        "pricing.cycles": "It is paid in advance for {count} cycles.",
        "pricing.rounded": "{price}, rounded {rounding}, is {amount}.",
        "line.discount": "The upfront discount is {amount}.",
        "line.share": "The revenue share is {amount}.",
        "line.exact": "{gross} x {rate} = {amount} exactly.",
        "line.rounded": "{gross} x {rate} = {exact}, rounded {rounding} to {amount}.",
        "line.mismatch": "The terms give {expected} and not {amount}: this line does not follow from them.",
        "line.by_terms": "The program terms say so: {rate}, {scope} ({kinds}) and {rounding}.",
        "line.bonus_terms": "The program terms bonus.amount, bonus.window_days ({days}) and bonus.counted_from ({start}) say so.",
        "line.goes_to": "The partner {partner} gets it.",
        "line.goes_to_on_cash": "The partner {partner} earns it as the client's cash is received.",
        "line.out_of_scope": "The rules grant a reward, but the program term {term} leaves charges of the kind {kind} out: there is none.",
        "line.not_agreed": "The rules grant a reward, but the program term {term} says that none is agreed: there is none.",
        "line.credited": "The account is credited to the partner {earner}.",
        "line.uncredited": "The account is credited to no partner.",
        "line.bonus": (
            "The first line of the account to be recognized earns the New Account Bonus of {bonus}: the statements say which one it is."
        ),
        "line.terms": "The terms are those from {day} ({source}).",
        "line.terms_unseen": "The terms are those with the fingerprint {terms}.",
        "adjustment.refund": "The refund {refund} of {day} gives back {amount} of the charge {charge}.",
        "adjustment.discount": "The discount on that part is taken back: {discount}.",
        "adjustment.net": "To the payer goes back {net}.",
        "adjustment.share": "The revenue share on that part is taken back: {share}.",
        "adjustment.discount_part": (
            "It is as much of {discount} as {amount} is of {gross}, counted together with the refunds before it "
            "(single_bill.rounding: {rounding})."
        ),
        "adjustment.part": (
            "It is as much of {share} as {amount} is of {gross}, counted together with the refunds before it "
            "(share.clawback: {clawback}; share.rounding: {rounding})."
        ),
        "adjustment.no_share": "No revenue share is taken back.",
        "adjustment.line": "The line it changes:",
        "phrase.discount": "discount in place of the share",
        "phrase.discount_rate": "{rate} discount in place of the share",
        "phrase.no_discount": "no discount: none agreed or out of scope",
        "phrase.no_discount_agreed": "no discount agreed",
        "phrase.discount_scope": "no reward: not in the discount's scope",
        "phrase.discount_prepaid": "no upfront discount: paid in advance",
        "phrase.share": "revenue share",
        "phrase.share_rate": "{rate} revenue share",
        "phrase.share_on_cash": "{rate} share on cash received",
        "phrase.share_on_billing": "{rate} share when billed",
        "phrase.no_share": "no share: none agreed or out of scope",
        "phrase.no_share_agreed": "no share agreed",
        "phrase.share_scope": "no reward: not in the share's scope",
        "phrase.uncredited": "no reward: credited to no partner",
        "phrase.unqualified": "no reward: moved in without qualifying",
        "phrase.ended": "no reward: the partnership has ended",
        "phrase.nothing": "no reward",
        "credit_phrase.only": "the only visit that counts",
        "credit_phrase.last": "the last of {count} visits that count",
        "credit_phrase.first": "the first of {count} visits that count",
        "credit_phrase.deal": "a registered deal",
        "credit_phrase.coupon": "a coupon",
        "credit_phrase.bound": "opened before",
        "credit_phrase.no_visit": "no visit to a partner's link",
        "credit_phrase.nobody": "no visit counts: {causes}",
        "credit_phrase.same_mailbox": "{phrase}; the partner's own mailbox, to be looked at",
        "credit_phrase.same_domain": "{phrase}; same mail domain, to be looked at",
        "dropped.no_name": "no partner name",
        "dropped.unknown": "unknown name",
        "dropped.ambiguous": "two names",
        "dropped.after": "after the opening",
        "dropped.expired": "too old",
        "dropped.repeated": "reported before",
        "dropped.bot": "a bot",
        "dropped.prefetch": "only prefetched",
        "dropped.framed": "inside another page",
        "dropped.consent": "no consent",
        "dropped.privacy": "privacy signal",
        "dropped.erased": "erased",
        "dropped.stand_down": "stood down",
        "dropped.not_new": "not a new account",
        "dropped.ineligible": "partner not eligible",
        "dropped.self": "the partner itself",
        "phrase.refund": "refund of {amount}, charged {day}",
        "value.empty": "none",
        "window.unlimited": "unlimited",
        "window.day": "{count} day",
        "window.days": "{count} days",
        "window.hour": "{count} hour",
        "window.hours": "{count} hours",
        "window.calendar_day": "{count} calendar day",
        "window.calendar_days": "{count} calendar days",
        "window.in_zone": "{window} in {zone}",
        "window.exclusive": "{window} exclusive",
    }
)
"""Every sentence of an explanation by its message id, with the names of what is put into it."""


def messages() -> Mapping[str, str]:
    """Give every message of explanations: the sentences, the questions that terms settle, and the names of what they choose from.

    >>> messages()["term.contact.reply"], messages()["value.Recognition.ON_CASH"]
    ('May the vendor answer when the account holder writes first?', 'on cash')
    """
    abouts = {f"term.{key}.{name}": about for key, section in SECTIONS.items() for name, about in _abouts(section)}
    kinds: Iterable[type[StrEnum]] = (ChargeReason, *(kind for section in SECTIONS.values() for kind in _choices(section)))
    return MappingProxyType({**MESSAGES, **abouts, **dict(value_message(value) for kind in kinds for value in kind)})


def term_question(key: str, say: Say = english) -> str:
    """Ask the question of a term by its key; empty for a key the terms do not have.

    >>> term_question("contact.reply"), term_question("contact.fax")
    ('May the vendor answer when the account holder writes first?', '')
    """
    section, _, name = key.partition(".")
    about = dict(_abouts(SECTIONS[section])).get(name) if section in SECTIONS else None
    return say(f"term.{key}", about) if about is not None else ""


def _abouts(section: Any) -> Iterator[tuple[str, str]]:
    for field in attrs.fields(section):
        yield field.name, field.metadata["about"]


def _choices(section: type[Section]) -> Iterator[type[StrEnum]]:
    """Give the enums that the terms of a section choose from."""
    for kind in term_types(section).values():
        yield from (one for one in (kind, *_inner(kind)) if isinstance(one, type) and issubclass(one, StrEnum))


def _inner(kind: Any) -> Iterator[Any]:
    """Give the types that a type is built of, such as those of a union or of the items of a tuple."""
    for part in typing.get_args(kind):
        yield part
        yield from _inner(part)
