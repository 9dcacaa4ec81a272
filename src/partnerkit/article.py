"""The published article the policies rest on, sentence by sentence: its words, and what became of them here.

Floor 2. May import: enums, errors, attrs and the standard library.

The text itself is not redistributed: this module holds short quotes and the fingerprint of the whole. Clauses are
named by their ids as text, so that the article can be read without the policies.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue

ELLIPSIS = "…"
"""What stands between two quotes of one sentence."""

_PLAIN = str.maketrans(
    {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"'}
)


def normalize(text: str) -> str:
    """Fold white space and typographic quotation marks, so that quotes can be looked up whatever way the text was saved.

    >>> normalize(" We\N{RIGHT SINGLE QUOTATION MARK}ll   assume")
    "We'll assume"
    """
    return " ".join(text.translate(_PLAIN).split())


def contains(normalized: str, quote: str) -> bool:
    """Tell whether a normalized text has the words of a quote; an ellipsis joins words that stand apart, in their order.

    >>> contains("We'll assume you own the client relationship.", "We'll assume … the client")
    True
    >>> contains("We'll assume you own the client relationship.", "the client … We'll assume")
    False
    """
    start = 0
    for piece in quote.split(ELLIPSIS):
        found = normalized.find(piece.strip(), start)
        if found < 0:
            return False
        start = found + len(piece.strip())
    return True


@final
class Became(Named):
    """What a sentence of the article is in this library."""

    CLAUSE = "clause"
    """Clauses of the policies."""
    INVARIANT = "invariant"
    """A law that is checked over every point and not coded as a rule."""
    DUTY = "duty"
    """What is expected of a partner."""
    DEFINITION = "definition"
    """A word of the model: a type, a field or a format."""
    TERM = "term"
    """A number or a choice of the contract."""
    PROCEDURE = "procedure"
    """What somebody does, by hand or by a function."""
    NOT_NORMATIVE = "not normative"
    """No rule: praise, advice or the frame of the page."""


@final
@attrs.frozen(kw_only=True)
class Article:
    """Which article, and which text of it: `fingerprint` is the SHA-256 of the normalized text, as hexadecimal digits."""

    number: str
    title: str
    updated: date
    fingerprint: str


@final
@attrs.frozen(kw_only=True)
class Sentence:
    """One sentence of the article and what became of it.

    `heading` is the heading it stands under, empty above the title and below the last rule. `where` names the clauses,
    laws and invariants (upper case), terms (``section.key``) and modules it lives in; `note` says what its words leave open or why it
    became what it is.

    >>> SENTENCES["S-35"].where
    ('JOIN-MANAGED-ONLY', 'SINGLE-BILL-MANAGED')
    """

    id: str
    heading: str
    quote: str
    became: Became
    where: tuple[str, ...]
    note: str

    def __attrs_post_init__(self) -> None:
        if not self.quote.strip():
            raise InvalidValue(f"the sentence {self.id} has no quote: give the words it is known by")


ARTICLE = Article(
    number="000044214",
    title="Partners: How to set up client accounts: Partner managed vs. Partner referred",
    updated=date(2025, 8, 8),
    fingerprint="27f924a3ae923a0cd6457e700409f33d1224c885bf4e8ddfc0b36cbe85b3b0ca",
)
"""The article all sentences are from."""

_TITLE = ARTICLE.title
_REFERRED = "Partner referred"
_MANAGED = "Partner managed"
_REMEMBER = "Remember this about managed and referred client types:"


_ALL = (
    Sentence(
        id="S-01",
        heading="",
        quote="brand new left navigation. Not all accounts have that change yet",
        became=Became.NOT_NORMATIVE,
        where=(),
        note="two layouts of the vendor's pages exist, so no path through them identifies anything",
    ),
    Sentence(
        id="S-02",
        heading="",
        quote="Partner managed vs. Partner referred",
        became=Became.DEFINITION,
        where=("partners",),
        note="exactly two types of management; outside the program is the absence of both",
    ),
    Sentence(
        id="S-03",
        heading=_TITLE,
        quote="Article: 000044214 Updated: August 8, 2025",
        became=Became.NOT_NORMATIVE,
        where=("article",),
        note="which text of the rules this is; every ruling carries the fingerprint of the policy it was made by",
    ),
    Sentence(
        id="S-04",
        heading=_TITLE,
        quote="two ways for Partners to set up and get paid for new client accounts",
        became=Became.CLAUSE,
        where=("REWARD-SHARE",),
        note="what makes an account new is not said: an account that was moved in answers to article 000044325",
    ),
    Sentence(
        id="S-05",
        heading=_TITLE,
        quote="the financial rewards are the same",
        became=Became.INVARIANT,
        where=("REWARDS-ALIKE",),
        note="holds for directly billed accounts opened by link or created by the partner; Single Bill has a sentence of its own",
    ),
    Sentence(
        id="S-06",
        heading=_TITLE,
        quote="designed for organizations seeking unique accounts for their various locations, departments, or users",
        became=Became.CLAUSE,
        where=("SETUP-MULTI-ACCOUNT",),
        note="another product of the vendor, suggested to one organization; whether it belongs to the partner program is not said",
    ),
    Sentence(
        id="S-07",
        heading=_TITLE,
        quote="bulk pricing, product features for brand control, customized onboarding, and more",
        became=Became.TERM,
        where=("prices",),
        note="the benefits of that other product; a price in bulk is a price list like any other",
    ),
    Sentence(
        id="S-08",
        heading=_TITLE,
        quote="have Constant Contact's coaches close the sale and retain the customer (partner referred)",
        became=Became.CLAUSE,
        where=("OWNER-REFERRED", "CONTACT-KEEP", "SETUP-REFERRED", "INFORM-BY-VENDOR"),
        note="who closes and retains is said, that this is ownership is read from it",
    ),
    Sentence(
        id="S-09",
        heading=_TITLE,
        quote="or you can fully own the client relationship (partner managed)",
        became=Became.DEFINITION,
        where=("partners",),
        note="one type of management an account at a time; owning the relationship is not owning the account or its data",
    ),
    Sentence(
        id="S-10",
        heading=_REFERRED,
        quote="an easy way for you to generate a passive income",
        became=Became.CLAUSE,
        where=("DUTY-NONE",),
        note="that a referred account brings no duties is read from the word passive",
    ),
    Sentence(
        id="S-11",
        heading=_REFERRED,
        quote="Just refer clients with your provided invite link",
        became=Became.DEFINITION,
        where=("links",),
        note="a partner refers by a link it is given; how many links it may have is not said",
    ),
    Sentence(
        id="S-12",
        heading=_REFERRED,
        quote="we'll close the sale and/or help them get started",
        became=Became.CLAUSE,
        where=("CONTACT-START",),
        note="selling and helping to start need contact; when it comes is not said",
    ),
    Sentence(
        id="S-13",
        heading=_REFERRED,
        quote="All accounts opened by prospects after visiting your invite link will be credited",
        became=Became.CLAUSE,
        where=("CREDIT-AFTER", "CREDIT-NOT-NEW", "attribution.window", "attribution.model"),
        note="how long a visit counts, and which of two partners' visits, is not said: the terms decide",
    ),
    Sentence(
        id="S-14",
        heading=_REFERRED,
        quote="credited to your partnership",
        became=Became.DEFINITION,
        where=("partners", "attribution"),
        note="the partnership is credited, whole, and no person in it",
    ),
    Sentence(
        id="S-15",
        heading=_REFERRED,
        quote="click Dashboard. … Click the My invite link button. … click the Copy button",
        became=Became.PROCEDURE,
        where=(),
        note="how a partner finds its link in the vendor's pages",
    ),
    Sentence(
        id="S-16",
        heading=_REFERRED,
        quote="next to your custom invite link",
        became=Became.DEFINITION,
        where=("links",),
        note="the link is the partner's own: it carries the partner's name",
    ),
    Sentence(
        id="S-17",
        heading=_REFERRED,
        quote="Customize your invite link to choose which plans you want to highlight",
        became=Became.DEFINITION,
        where=("links",),
        note="changes what the visitor sees, never who is credited; how the link spells it is not public",
    ),
    Sentence(
        id="S-18",
        heading=_REFERRED,
        quote='if you want a "trial" and/or "buy now" experience',
        became=Became.DEFINITION,
        where=("links",),
        note="one or both; neither is no experience at all and is refused",
    ),
    Sentence(
        id="S-19",
        heading=_REFERRED,
        quote="add ?pn=yourpartnername to the end of any Constant Contact URL",
        became=Became.PROCEDURE,
        where=("links",),
        note="what to do where the URL already has a query or a fragment is not said: it stays as it was",
    ),
    Sentence(
        id="S-20",
        heading=_REFERRED,
        quote="all accounts opened up after visiting the URL will be credited to your partnership",
        became=Became.CLAUSE,
        where=("CREDIT-LINK",),
        note="the same effect as the invite link, and no word of prospects",
    ),
    Sentence(
        id="S-21",
        heading=_REFERRED,
        quote="Your partner name is after pn= in your invite link.",
        became=Became.CLAUSE,
        where=("CREDIT-NO-NAME", "links"),
        note="how the name is read from a link; what names are allowed is not said",
    ),
    Sentence(
        id="S-22",
        heading=_REFERRED,
        quote="https://blog.constantcontact.com?pn=yourpartnername … https://knowledgebase.constantcontact.com?pn=yourpartnername",
        became=Became.DEFINITION,
        where=("links",),
        note="two examples: subdomains are among the vendor's sites, and a URL without any path can be co-branded",
    ),
    Sentence(
        id="S-23",
        heading=_REFERRED,
        quote="Promote your partner invite link or co-branded URLs on your website, social media accounts",
        became=Became.CLAUSE,
        where=("PROMOTE-LISTED",),
        note="channels that are encouraged; what holds of others is not said",
    ),
    Sentence(
        id="S-24",
        heading=_REFERRED,
        quote="in any presentation decks if conducting training seminars",
        became=Became.CLAUSE,
        where=("PROMOTE-DECK", "PROMOTE-DECK-ALONE"),
        note="the one channel that comes with a condition",
    ),
    Sentence(
        id="S-25",
        heading=_MANAGED,
        quote="handle all Constant Contact-related work or conducting all marketing activities for your client?",
        became=Became.CLAUSE,
        where=("SETUP-MANAGED",),
        note="advice for whom managing suits; nobody proves it",
    ),
    Sentence(
        id="S-26",
        heading=_MANAGED,
        quote='Set up your client as "Managed" by clicking the "Create An Account" button',
        became=Became.PROCEDURE,
        where=("partners", "relationships"),
        note="an account the partner creates is managed from its first day, without anybody's approval",
    ),
    Sentence(
        id="S-27",
        heading=_MANAGED,
        quote="We'll assume you own the client relationship",
        became=Became.DEFINITION,
        where=("policies",),
        note="a presumption: no proof is asked; that the client can end it is our reading",
    ),
    Sentence(
        id="S-28",
        heading=_MANAGED,
        quote="won't contact these account holders unless legally obligated to do so",
        became=Became.CLAUSE,
        where=(
            "CONTACT-MANAGED",
            "CONTACT-LEGAL",
            "contact.reply",
            "contact.billing_notice",
            "contact.security_notice",
            "contact.partner_asked",
        ),
        note="whether replies and notices are contacts is not said: they are not allowed unless the terms say so",
    ),
    Sentence(
        id="S-29",
        heading=_MANAGED,
        quote="By categorizing an account as managed, you assume full ownership of the relationship.",
        became=Became.CLAUSE,
        where=("OWNER-MANAGED",),
        note="ownership begins with the categorizing; for a request that is the client's approval (article 000044325)",
    ),
    Sentence(
        id="S-30a",
        heading=_MANAGED,
        quote="It is expected that you will: … Help the customer leverage … provide ongoing 1:1 support and coaching.",
        became=Became.DUTY,
        where=("DUTY-COACH", "REACH-MANAGER"),
        note="expected, not required; no measure is given",
    ),
    Sentence(
        id="S-30b",
        heading=_MANAGED,
        quote="Inform the customer of any changes to product features and other relevant updates.",
        became=Became.DUTY,
        where=("DUTY-INFORM", "INFORM-BY-PARTNER"),
        note="expected, not required; the vendor, which does not contact, cannot do it",
    ),
    Sentence(
        id="S-30c",
        heading=_MANAGED,
        quote="Keep the customer an active, successful user.",
        became=Became.DUTY,
        where=("DUTY-ACTIVE",),
        note="expected, not required; what makes a user active is not said",
    ),
    Sentence(
        id="S-31",
        heading=_MANAGED,
        quote="pay for multiple managed client accounts with one payment each month",
        became=Became.CLAUSE,
        where=("JOIN-OTHERS-CLIENT", "bills", "single_bill.cut_off"),
        note="one bill a partner, a month and a currency; that one account suffices is our reading",
    ),
    Sentence(
        id="S-32",
        heading=_MANAGED,
        quote="Pay for your clients' accounts and then bill them separately for the cost",
        became=Became.CLAUSE,
        where=("CARD-SINGLE-BILL", "SINGLE-BILL-PAYER", "billing", "single_bill.client_may_change_plan"),
        note="the managing partner pays the vendor; what it bills its client is its own affair",
    ),
    Sentence(
        id="S-33",
        heading=_MANAGED,
        quote="You have the flexibility to determine which accounts you want to have on Single Bill.",
        became=Became.CLAUSE,
        where=("JOIN-PICK", "LEAVE-PICK", "single_bill.join_with_balance_due"),
        note="each account joins or leaves by itself",
    ),
    Sentence(
        id="S-34",
        heading=_MANAGED,
        quote="You'll receive an upfront discount on accounts, in place of the normal revenue share percentage.",
        became=Became.CLAUSE,
        where=("REWARD-DISCOUNT", "PREPAID-DIRECT", "share.rate", "single_bill.discount", "single_bill.on_prepaid", "bonus.on_single_bill"),
        note="both percentages, and whether the bonus goes too, are not said: the terms state them",
    ),
    Sentence(
        id="S-35",
        heading=_MANAGED,
        quote="accounts must be managed to be added to your Single Bill",
        became=Became.CLAUSE,
        where=("JOIN-MANAGED-ONLY", "SINGLE-BILL-MANAGED"),
        note="what becomes of an enrolled account that is no longer managed is not said: it leaves the Single Bill that day",
    ),
    Sentence(
        id="S-36",
        heading=_REMEMBER,
        quote="Financial rewards for managed and referred accounts are the same.",
        became=Became.INVARIANT,
        where=("REWARDS-ALIKE",),
        note="S-05 once more, with the same reach",
    ),
    Sentence(
        id="S-37",
        heading=_REMEMBER,
        quote="Strictly referring accounts is an excellent way to generate passive income.",
        became=Became.NOT_NORMATIVE,
        where=(),
        note="a partner need not manage any account",
    ),
    Sentence(
        id="S-38",
        heading=_REMEMBER,
        quote="You can set clients up as a mix of managed and referred",
        became=Became.CLAUSE,
        where=("SETUP-MIX", "partners", "relationships"),
        note="the type belongs to the account and not to the partner; the choice is free when the client is set up",
    ),
    Sentence(
        id="S-39",
        heading="",
        quote="Copyright © 2025",
        became=Became.NOT_NORMATIVE,
        where=(),
        note="the footer",
    ),
)

SENTENCES: Mapping[str, Sentence] = MappingProxyType({sentence.id: sentence for sentence in _ALL})
"""Every sentence of the article by its id."""
