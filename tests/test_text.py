"""What people read: amounts, dates and rates of every size and locale, and explanations that leave no clause out."""

import ast
import inspect
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext  # noqa: TID251  (the test disturbs it on purpose)
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from babel import Locale
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

import partnerkit.credits_text
import partnerkit.lines_text
import partnerkit.rulings_text
import partnerkit.terms_text
import partnerkit.text
from commands import example_books
from partnerkit.article import SENTENCES
from partnerkit.attribution import AccountOpening, Credit, CreditFlag, CreditReason, Visit, attribute
from partnerkit.billing import Adjustment, Charge, ChargeReason, Line, Refund, RevenueShare, UpfrontDiscount, line_for, reverse
from partnerkit.clauses import Basis, Clause, Flag, Permission, Policy, Ruling, house, stated
from partnerkit.clauses.checks import points
from partnerkit.errors import InvalidValue
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.partners import (
    Account,
    AccountStatus,
    BillingMode,
    Management,
    Origin,
    Partner,
    Partners,
    PartnerStatus,
    Standing,
    StatusSince,
)
from partnerkit.periods import Month, Period, ProrationBasis, Window
from partnerkit.policies import (
    CONTACT,
    DUTIES,
    MOVE_IN,
    POLICIES,
    REWARD,
    ContactFacts,
    DutiesFacts,
    MoveInFacts,
    Owner,
    Purpose,
    RewardKind,
)
from partnerkit.terms import (
    NOT_AGREED,
    SECTIONS,
    AttributionTerms,
    BonusTerms,
    ChargeKind,
    Clawback,
    ContactTerms,
    CreditModel,
    CreditSource,
    EligibleAt,
    OnIneligible,
    Recognition,
    SelfReferral,
    ShareTerms,
    SingleBillTerms,
    Terms,
)
from partnerkit.text import (
    explain,
    format_date,
    format_money,
    format_month,
    format_rate,
    open_questions,
    phrase,
    value_text,
)
from partnerkit.words import MESSAGES

if TYPE_CHECKING:
    from partnerkit.formats import Length

DAY = date(2025, 8, 8)
NOON = datetime(2025, 8, 8, 12, tzinfo=UTC)
BRIGHTSIDE = Partner.of("p-1", "brightside", emails=("ann@brightside.example",), bill_day=5)
WIDE, NARROW, APOSTROPHE = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{RIGHT SINGLE QUOTATION MARK}"

SHARE = ShareTerms(
    rate=Rate.percent("10"),
    scope=frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.SUSPENSION_FEE}),
    recognized=Recognition.ON_CASH,
    rounding=Rounding.HALF_AWAY,
    clawback=Clawback.PROPORTIONAL,
    after_partnership_ends=False,
)
DISCOUNT = SingleBillTerms(discount=Rate.percent("15"), scope=frozenset({ChargeKind.SUBSCRIPTION}), rounding=Rounding.HALF_AWAY)
ATTRIBUTION = AttributionTerms(
    model=CreditModel.LAST,
    window=Window.days(30),
    eligible_at=EligibleAt.BOTH,
    on_ineligible=OnIneligible.SKIP,
    skew_seconds=0,
    stand_down_seconds=0,
    precedence=(CreditSource.DEAL, CreditSource.LINK),
    require_consent=False,
    honor_gpc=True,
    self_referral=SelfReferral.DENY,
    free_mail=frozenset({"gmail.com"}),
)


def contract(**sections: Any) -> Terms:
    usual = {"share": SHARE, "single_bill": DISCOUNT, "bonus": BonusTerms(amount=NOT_AGREED), "attribution": ATTRIBUTION}
    return Terms(starts_on=date(2025, 1, 1), source="example, invented", **usual | sections)


def charge(amount: str = "99.99", kind: ChargeKind = ChargeKind.SUBSCRIPTION, currency: str = "USD") -> Charge:
    return Charge(
        id="c-1",
        account="a-1",
        kind=kind,
        item="standard",
        reason=ChargeReason.RENEWAL,
        period=Period(DAY, date(2025, 9, 8)),
        amount=Money.of(amount, currency),
        charged_on=DAY,
    )


def standing(*, currency: str = "USD", **facts: Any) -> Standing:
    account = Account(id="a-1", client="cl-1", currency=Currency(currency), opened_at=NOON, anchor_day=8)
    return Standing(account=account, day=DAY, **facts)


def referred(**facts: Any) -> Standing:
    return standing(**{"credited_to": BRIGHTSIDE, "management": Management.REFERRED, **facts})


def enrolled() -> Standing:
    return standing(
        credited_to=BRIGHTSIDE,
        managed_by=BRIGHTSIDE,
        payer=BRIGHTSIDE,
        management=Management.MANAGED,
        billing_mode=BillingMode.SINGLE_BILL,
        status=AccountStatus.OPEN,
    )


def line(where: Standing | None = None, terms: Terms | None = None, **charged: Any) -> Line:
    return line_for(charge(**charged), where or referred(), terms or contract())


def visit(visit_id: str, days_before: int, name: str | None = "BrightSide", **more: Any) -> Visit:
    return Visit(id=visit_id, visitor="v-1", at=NOON - timedelta(days=days_before), name=name, **more)


def credit(*visits: Visit, email: str = "") -> Credit:
    opening = AccountOpening(id="o-1", account="a-1", visitor="v-1", at=NOON, email=email)
    return attribute(opening, visits, partners=Partners((BRIGHTSIDE,)), terms=contract())


class TestMoney:
    """The pattern and the symbols are the locale's, the digits are exact and those of ISO 4217."""

    @pytest.mark.parametrize(
        ("amount", "locale", "shown"),
        [
            ("1234.50 USD", "en", "$1,234.50"),
            ("-1234.50 USD", "en", "-$1,234.50"),
            ("0.00 USD", "en", "$0.00"),
            ("-0.05 USD", "en", "-$0.05"),
            ("999.99 EUR", "en", "€999.99"),
            ("1234567 JPY", "en", "¥1,234,567"),
            ("1234.567 KWD", "en", f"KWD{WIDE}1,234.567"),
            ("-1234.5678 CLF", "en", f"-CLF{WIDE}1,234.5678"),
            ("1234.50 EUR", "de", f"1.234,50{WIDE}€"),
            ("-1234.50 EUR", "de", f"-1.234,50{WIDE}€"),
            ("1234 JPY", "de", f"1.234{WIDE}¥"),
            ("1234.567 KWD", "de", f"1.234,567{WIDE}KWD"),
            ("1234.5678 CLF", "de", f"1.234,5678{WIDE}CLF"),
            ("1234.50 USD", "fr", f"1{NARROW}234,50{WIDE}$US"),
            ("-1234567 JPY", "fr", f"-1{NARROW}234{NARROW}567{WIDE}JPY"),
            ("0.001 BHD", "fr", f"0,001{WIDE}BHD"),
            ("1234.5678 UYW", "fr", f"1{NARROW}234,5678{WIDE}UYW"),
            ("1234 JPY", "ja", "¥1,234"),
            ("-1234.50 USD", "ja", "-$1,234.50"),
            ("1234.567 KWD", "ja", f"KWD{WIDE}1,234.567"),
            ("1234.5678 CLF", "ja", f"CLF{WIDE}1,234.5678"),
            ("1234567.89 INR", "en_IN", "₹12,34,567.89"),
            ("-1234.50 CHF", "de-CH", f"CHF-1{APOSTROPHE}234.50"),
            ("-1234.50 SEK", "sv", f"\N{MINUS SIGN}1{WIDE}234,50{WIDE}kr"),
        ],
    )
    def test_in_four_languages_and_some_more(self, amount: str, locale: str, shown: str) -> None:
        assert format_money(Money.parse(amount), locale).replace("￥", "¥") == shown

    def test_digits_are_those_of_iso_4217_and_not_of_cldr(self) -> None:
        assert format_currency(Decimal("1234.50"), "HUF", locale="en") != format_money(Money.of("1234.50", "HUF"))
        assert format_money(Money.of("1234.50", "COP")) == f"COP{WIDE}1,234.50"
        assert format_money(Money.of("1234.500", "IQD")) == f"IQD{WIDE}1,234.500"

    @pytest.mark.parametrize(
        ("minor", "shown"),
        [
            (2**53 + 1, "$90,071,992,547,409.93"),
            (-(2**63) - 1, "-$92,233,720,368,547,758.09"),
            (123456789012345678901234567891, "$1,234,567,890,123,456,789,012,345,678.91"),
            (10**39 + 1, "$10,000,000,000,000,000,000,000,000,000,000,000,000.01"),
        ],
    )
    def test_amounts_of_any_size_are_exact(self, minor: int, shown: str) -> None:
        assert format_money(Money(minor=minor, currency=Currency("USD"))) == shown

    def test_the_decimal_context_neither_matters_nor_changes(self) -> None:
        with localcontext(prec=3) as context:
            context.clear_flags()
            assert format_money(Money.of("1234567.89", "USD")) == "$1,234,567.89"
            assert context.prec == 3
            assert not any(context.flags.values())

    @given(minor=st.integers(), code=st.sampled_from(["JPY", "USD", "KWD", "CLF"]), locale=st.sampled_from(["en", "de", "fr", "ja"]))
    def test_every_digit_can_be_read_back(self, minor: int, code: str, locale: str) -> None:
        shown = format_money(Money(minor=minor, currency=Currency(code)), locale)
        assert int("".join(re.findall(r"\d", shown))) == abs(minor)
        assert ("-" in shown) == (minor < 0)

    @given(minor=st.integers(-(10**12), 10**12), locale=st.sampled_from(["en", "de", "fr", "ja", "en_IN", "sv", "de_CH", "pt_BR"]))
    def test_where_babel_is_exact_it_says_the_same(self, minor: int, locale: str) -> None:
        minus = Locale.parse(locale).number_symbols["latn"]["minusSign"]
        expected = format_currency(Decimal(minor).scaleb(-2), "EUR", locale=locale).replace("-", minus)
        assert format_money(Money(minor=minor, currency=Currency("EUR")), locale) == expected

    @pytest.mark.parametrize("name", ["xx", "", "not a locale", "../en", None, 7, []])
    def test_an_unknown_locale_is_named(self, name: Any) -> None:
        with pytest.raises(InvalidValue, match="unknown locale") as caught:
            format_money(Money.of("1", "USD"), name)
        assert repr(name) in str(caught.value)


class TestDatesAndRates:
    """Dates and months in the locale's order; rates in percents that are never rounded."""

    @pytest.mark.parametrize(
        ("locale", "day", "month"),
        [
            ("en", "Aug 8, 2025", "August 2025"),
            ("de", "08.08.2025", "August 2025"),
            ("fr", "8 août 2025", "août 2025"),
            ("ja", "2025/08/08", "2025年8月"),
        ],
    )
    def test_days_and_months(self, locale: str, day: str, month: str) -> None:
        assert format_date(DAY, locale) == day
        assert format_month(Month.of(DAY), locale) == month

    def test_lengths(self) -> None:
        lengths: tuple[Length, ...] = ("short", "medium", "long", "full")
        shown = [format_date(DAY, length=length) for length in lengths]
        assert shown == ["8/8/25", "Aug 8, 2025", "August 8, 2025", "Friday, August 8, 2025"]

    def test_a_pattern_is_no_length(self) -> None:
        wrong: Any = "yyyy"
        with pytest.raises(InvalidValue, match="'yyyy' is no length of a date"):
            format_date(DAY, length=wrong)

    def test_the_first_and_the_last_month(self) -> None:
        assert [format_month(Month.parse(text)) for text in ("0001-01", "9999-12")] == ["January 1", "December 9999"]

    @pytest.mark.parametrize("value", [NOON, "2025-08-08", None])
    def test_only_a_date_has_a_date(self, value: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            format_date(value)

    @pytest.mark.parametrize(
        ("rate", "locale", "shown"),
        [
            ("15%", "en", "15%"),
            ("0%", "en", "0%"),
            ("100%", "en", "100%"),
            ("12.5%", "de", f"12,5{WIDE}%"),
            ("0.0625%", "fr", f"0,0625{NARROW}%"),
            ("12345.6%", "ja", "12,345.6%"),
            ("1/3", "de", "1/3"),
            ("1/1024", "en", "0.09765625%"),
        ],
    )
    def test_rates(self, rate: str, locale: str, shown: str) -> None:
        assert format_rate(Rate.parse(rate), locale).replace(f"{WIDE}%", f"{NARROW}%") == shown.replace(f"{WIDE}%", f"{NARROW}%")

    def test_a_rate_of_many_digits_is_exact(self) -> None:
        assert format_rate(Rate(Fraction(1, 10**42))) == f"0.{'0' * 39}1%"


class TestValuesOfTerms:
    """A term's value reads as words."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (Rate.percent("12.5"), "12.5%"),
            (NOT_AGREED, "not agreed"),
            (Rounding.HALF_AWAY, "half away"),
            (ProrationBasis.ACTUAL_TRUE_CYCLE, "actual true cycle"),
            (Window.days(30, inclusive=False), "30 days exclusive"),
            (Window.unlimited(), "unlimited"),
            (frozenset({ChargeKind.TAX, ChargeKind.ADD_ON}), "add on and tax"),
            (frozenset({"c.example", "a_b.example", "b.example"}), "a_b.example, b.example, and c.example"),
            (frozenset(), "none"),
            ((), "none"),
            ((CreditSource.LINK, CreditSource.COUPON), "link and coupon"),
            ((Money.of("50", "USD"), Money.of("40", "EUR")), "$50.00 and €40.00"),
            (True, "yes"),
            (False, "no"),
            (86400, "86,400"),
            (date(2023, 4, 17), "Apr 17, 2023"),
        ],
    )
    def test_in_words(self, value: object, words: str) -> None:
        assert value_text(value) == words

    def test_in_the_form_of_a_locale(self) -> None:
        assert [value_text(value, "de") for value in (86400, Money.of("50", "EUR"), DAY)] == ["86.400", f"50,00{WIDE}€", "08.08.2025"]


class TestOpenQuestions:
    """The terms a program states are the questions it settles; what it does not state it does not settle."""

    def test_no_terms_settle_nothing(self) -> None:
        assert open_questions(Terms(starts_on=DAY, source="example, invented")) == ()

    def test_key_question_and_value(self) -> None:
        terms = Terms(
            starts_on=DAY,
            source="example, invented",
            contact=ContactTerms(reply=False),
            attribution=AttributionTerms(window=Window.days(30), model=CreditModel.LAST),
            share=ShareTerms(rate=NOT_AGREED),
        )
        questions = open_questions(terms)
        assert [(question.key, question.value) for question in questions] == [
            ("attribution.model", "last"),
            ("attribution.window", "30 days"),
            ("share.rate", "not agreed"),
            ("contact.reply", "no"),
        ]
        assert questions[1].about.startswith("For how long before the opening does a visit count?")

    def test_every_term_has_its_question(self) -> None:
        sections: list[Any] = list(SECTIONS.values())
        assert all(field.metadata["about"] for section in sections for field in attrs.fields(section))


ENDED = Partner(id="p-1", names=BRIGHTSIDE.names, status=(StatusSince(status=PartnerStatus.ENDED),))
PHRASES: list[tuple[Standing, Terms, ChargeKind, str, str]] = [
    (referred(), contract(), ChargeKind.SUBSCRIPTION, "10% share on cash received", "revenue share"),
    (
        referred(),
        contract(share=ShareTerms(**{**SHARE.given(), "recognized": Recognition.ON_BILLING})),
        ChargeKind.SUBSCRIPTION,
        "10% share when billed",
        "revenue share",
    ),
    (
        referred(),
        contract(share=ShareTerms(rate=Rate.parse("1/3"), scope=SHARE.scope, rounding=SHARE.rounding)),
        ChargeKind.SUBSCRIPTION,
        "1/3 revenue share",
        "revenue share",
    ),
    (enrolled(), contract(), ChargeKind.SUBSCRIPTION, "15% discount in place of the share", "discount in place of the share"),
    (referred(), contract(), ChargeKind.TAX, "no reward: not in the share's scope", "no share: none agreed or out of scope"),
    (enrolled(), contract(), ChargeKind.TAX, "no reward: not in the discount's scope", "no discount: none agreed or out of scope"),
    (referred(), contract(share=ShareTerms(rate=NOT_AGREED)), ChargeKind.TAX, "no share agreed", "no share: none agreed or out of scope"),
    (
        enrolled(),
        contract(single_bill=SingleBillTerms(discount=NOT_AGREED)),
        ChargeKind.SUBSCRIPTION,
        "no discount agreed",
        "no discount: none agreed or out of scope",
    ),
    (
        referred(credited_to=None),
        contract(),
        ChargeKind.SUBSCRIPTION,
        "no reward: credited to no partner",
        "no reward: credited to no partner",
    ),
    (
        referred(credited_to=ENDED),
        contract(),
        ChargeKind.SUBSCRIPTION,
        "no reward: the partnership has ended",
        "no reward: the partnership has ended",
    ),
    (
        referred(origin=Origin.MOVED_IN, within_bonus_window=False),
        contract(),
        ChargeKind.SUBSCRIPTION,
        "no reward: moved in without qualifying",
        "no reward: moved in without qualifying",
    ),
]


class TestPhrases:
    """The reason of a line fits into a column."""

    @pytest.mark.parametrize(("where", "terms", "kind", "with_terms", "alone"), PHRASES)
    def test_in_a_few_words(self, where: Standing, terms: Terms, kind: ChargeKind, with_terms: str, alone: str) -> None:
        made = line(where, terms, kind=kind)
        assert phrase(made, terms) == with_terms
        assert phrase(made) == alone
        assert max(len(with_terms), len(alone)) <= 45

    @pytest.mark.parametrize(("where", "terms", "kind", "with_terms", "alone"), PHRASES)
    def test_the_explanation_says_the_phrase(self, where: Standing, terms: Terms, kind: ChargeKind, with_terms: str, alone: str) -> None:
        made = line(where, terms, kind=kind)
        assert f"In short: {with_terms}." in explain(made, terms=terms)
        assert f"In short: {alone}." in explain(made)

    def test_every_clause_that_gives_nothing_has_a_phrase(self) -> None:
        assert {clause.id for clause in REWARD.clauses if clause.then is RewardKind.NOTHING} == set(partnerkit.lines_text._NOTHING)

    def test_a_line_without_rulings_has_no_reason(self) -> None:
        assert phrase(Line(charge=charge(), rulings=(), terms="t")) == "no reward"

    def test_the_rate_is_in_the_form_of_the_locale(self) -> None:
        terms = contract(share=ShareTerms(**{**SHARE.given(), "rate": Rate.percent("12.5")}))
        assert phrase(line(terms=terms), terms, "de") == f"12,5{WIDE}% Umsatzbeteiligung bei Zahlungseingang"

    @pytest.mark.parametrize("say", [phrase, lambda made, terms: explain(made, terms=terms)])
    def test_terms_of_another_line_are_refused(self, say: Callable[[Line, Terms], str]) -> None:
        with pytest.raises(InvalidValue, match="the line c-1 was made by terms with the fingerprint"):
            say(line(), contract(share=ShareTerms(rate=Rate.percent("11"))))


def has_few_troubles(facts: Any) -> bool:
    """Tell whether at most two facts differ from what they usually are, which keeps the sweep over visits short."""
    usual = [field for field in attrs.fields(type(facts)) if field.default is not attrs.NOTHING]
    return sum(getattr(facts, field.name) is not field.default for field in usual) <= 2


@attrs.frozen(kw_only=True)
class Weather:
    """Invented, to be asked about."""

    dry: bool


class TestRulings:
    """An explained ruling names every clause: those that decided, those set aside, those that did not apply."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_every_ruling_can_be_explained(self, policy: Policy[Any, Any]) -> None:
        terms = contract()
        explained: set[Ruling[Any]] = set()
        for facts in filter(has_few_troubles, points(policy)):
            ruling = policy.decide(facts)
            if ruling in explained:
                continue
            explained.add(ruling)
            text = explain(ruling, terms=terms)
            assert text.startswith(policy.question)
            assert "{" not in text
            for clause in policy.clauses:
                assert re.search(rf"^({clause.id} (decides|applies too)|  {clause.id}\. Its condition)", text, re.MULTILINE)
                assert (f"{clause.id} decides" in text) == (clause.id in ruling.because)
                if clause.id in ruling.because:
                    assert all(words in text for words in (clause.cite.quote, clause.cite.reason, clause.cite.source, clause.cite.term))
        assert {clause_id for ruling in explained for clause_id in ruling.because} == {clause.id for clause in policy.clauses}

    def test_the_article_is_quoted_with_its_place(self) -> None:
        ruling = CONTACT.decide(ContactFacts(owner=Owner.PARTNER, purpose=Purpose.MARKETING))
        text = explain(ruling)
        assert text.startswith("May the vendor contact the account holder? The answer: may not.\nCONTACT-MANAGED decides.")
        quote = "We'll assume you own the client relationship\N{EM DASH}and won't contact these account holders"
        assert f'The article says (S-28, under "{SENTENCES["S-28"].heading}"): "{quote}"' in text
        condition = "the relationship is owned by the partner and the purpose of the contact is legal obligation"
        assert f"  CONTACT-LEGAL. Its condition: {condition}." in text.partition("\nRules that do not apply here:\n")[2]

    def test_what_was_set_aside_says_by_what(self) -> None:
        text = explain(CONTACT.decide(ContactFacts(owner=Owner.PARTNER, purpose=Purpose.LEGAL_OBLIGATION)))
        assert "The answer: may.\nCONTACT-LEGAL decides." in text
        assert "CONTACT-MANAGED applies too, but is set aside by CONTACT-LEGAL." in text

    def test_a_term_is_shown_with_its_value(self) -> None:
        ruling = CONTACT.decide(ContactFacts(owner=Owner.PARTNER, purpose=Purpose.REPLY, reply_agreed=True))
        assert "Decided by the program term contact.reply: whether an answer" in explain(ruling)
        assert "Decided by the program term contact.reply: whether an answer" in explain(ruling, terms=contract())
        agreed = contract(contact=ContactTerms(reply=True))
        assert "Decided by the program term contact.reply, here yes: whether an answer" in explain(ruling, terms=agreed)

    def test_each_basis_in_words(self) -> None:
        vendor = {purpose: explain(CONTACT.decide(ContactFacts(owner=Owner.VENDOR, purpose=purpose))) for purpose in Purpose}
        assert 'Read from the article (S-12, under "' in vendor[Purpose.SALES]
        assert "neither can be done without contact." in vendor[Purpose.SALES]
        assert "Our own choice, as the article does not say: the article is silent; whoever owns" in vendor[Purpose.REPLY]
        move = MOVE_IN.decide(
            MoveInFacts(
                written_request=True,
                consent=True,
                older_than_sender_rule=False,
                sender_on_account=True,
                from_partner=False,
                same_partner=False,
                partner_active=True,
            )
        )
        assert "Another official page says (article 000044017, 2025 (K-19, K-20)): an existing account" in explain(move)

    def test_a_collecting_policy_lists_its_answers(self) -> None:
        partner, vendor = (explain(DUTIES.decide(DutiesFacts(owner=owner))) for owner in (Owner.PARTNER, Owner.VENDOR))
        assert "The answer: support and coach, inform of changes, and keep active." in partner
        assert "The answer: nothing." in vendor

    @pytest.mark.parametrize(("policy", "edition"), [("contact", "0" * 64), ("a policy of nobody", "")])
    def test_a_ruling_by_another_text_is_refused(self, policy: str, edition: str) -> None:
        ruling = Ruling(outcome=None, because=(), set_aside=(), not_applying=(), basis=Basis.HOUSE, policy=policy, edition=edition)
        with pytest.raises(InvalidValue, match=rf"the ruling on '{policy}' was made by a text .* explain\(ruling, policy=\.\.\.\)"):
            explain(ruling)

    def test_a_ruling_of_a_policy_of_ones_own_is_explained_with_it(self) -> None:
        dry = Flag("dry", "it is dry", "it rains")
        clauses = (
            Clause("WALK-DRY", Permission.MAY, dry.yes, cite=house("nobody gets wet")),
            Clause("WALK-RAIN", Permission.MAY_NOT, dry.no, cite=stated("S-28", "contact")),
        )
        policy: Policy[Weather, Permission] = Policy("walk", "May we walk?", Weather, Permission, clauses)
        ruling = policy.decide(Weather(dry=True))
        text = explain(ruling, policy=policy)
        assert text.startswith("May we walk? The answer: may.\nWALK-DRY decides. Its condition: it is dry.")
        assert "nobody gets wet" in text
        assert explain(ruling, "de", policy=policy).startswith("May we walk? ")

    def test_a_policy_that_did_not_make_the_ruling_is_refused(self) -> None:
        ruling = CONTACT.decide(ContactFacts(owner=Owner.PARTNER, purpose=Purpose.MARKETING))
        assert explain(ruling, policy=CONTACT) == explain(ruling)
        with pytest.raises(InvalidValue, match=f"is not that of the policy given .fingerprint {DUTIES.fingerprint[:12]}"):
            explain(ruling, policy=DUTIES)

    def test_a_policy_explains_rulings_only(self) -> None:
        with pytest.raises(InvalidValue, match="a policy explains a ruling"):
            explain(next(iter(example_books().credits.values())), policy=CONTACT)


class TestCredits:
    """An explained credit says who, by which visit, and what became of every other visit."""

    def test_who_and_by_which_visit(self) -> None:
        text = explain(credit(visit("k-1", 40), visit("k-2", 3), visit("k-3", 2, "nobody")), terms=contract())
        assert text.startswith(
            "The account a-1 is credited to the partner p-1.\n"
            "Of the visits that count the last one wins: so says the program term attribution.model, not the article.\n"
        )
        assert "\nThe visit k-2 of Aug 5, 2025, " in text
        assert "\n  CREDIT-EXPIRED: Decided by the program term attribution.window, here 30 days: how long a visit counts" in text

    @pytest.mark.parametrize(
        ("one", "said"),
        [
            (visit("k", 3), 'k of {at} with the partner name "BrightSide": counts, by CREDIT-LINK.'),
            (visit("k", 3, "nobody"), "k of {at} with a name that no partner had: does not count, by CREDIT-UNKNOWN."),
            (
                visit("k", 3, "<script>", bot=True),
                "k of {at} with a name that no partner had: does not count, by CREDIT-BOT and CREDIT-UNKNOWN.",
            ),
            (visit("k", 3, ""), "k of {at} without a partner name: does not count, by CREDIT-NO-NAME."),
            (visit("k", 3, None), "k of {at} without a partner name: does not count, by CREDIT-NO-NAME."),
            (visit("k", 3, "x", ambiguous=True), "k of {at} with two different partner names: does not count, by CREDIT-AMBIGUOUS."),
            (
                visit("k", 3, bot=True),
                'k of {at} with the partner name "BrightSide": does not count, by CREDIT-BOT; set aside: CREDIT-LINK.',
            ),
            (
                visit("k", 3, bot=True, gpc=True),
                'k of {at} with the partner name "BrightSide": does not count, by CREDIT-BOT and CREDIT-PRIVACY; set aside: CREDIT-LINK.',
            ),
        ],
    )
    def test_every_visit_considered(self, one: Visit, said: str) -> None:
        at = f"Aug 5, 2025, 12:00:00{NARROW}PM UTC"
        assert f"- {said.format(at=at)}" in explain(credit(one)).splitlines()

    def test_a_clause_is_explained_once(self) -> None:
        text = explain(credit(*(visit(f"k-{days}", days) for days in range(1, 9))))
        assert text.count("  CREDIT-LINK: The article says") == 1

    def test_nobody(self) -> None:
        text = explain(credit())
        assert text.splitlines() == [
            "The account a-1 is credited to no partner.",
            "No visit counts, and there is no other claim.",
            "No visit was considered.",
        ]

    def test_what_to_look_at(self) -> None:
        flagged = credit(visit("k-1", 1), email="bob@brightside.example")
        assert flagged.flags == {CreditFlag.SAME_DOMAIN}
        assert "To look at before it is paid: the account holder's mailbox" in explain(flagged)

    def test_what_a_visitor_had_erased_is_said(self) -> None:
        said = explain(credit(visit("k", 3)).forget("v-1"))
        assert "The account a-1 is credited to the partner p-1." in said
        assert "A visitor had its visits erased since" in said
        assert "BrightSide" not in said

    @pytest.mark.parametrize("reason", CreditReason)
    def test_every_reason_a_credit_can_have_is_said(self, reason: CreditReason) -> None:
        said = set()
        for partner, winner in [(None, None), ("p-1", None), ("p-1", visit("k-1", 1))]:
            try:
                made = Credit(account="a-1", partner=partner, visit=winner, reason=reason)
            except InvalidValue:
                continue
            said.add(explain(made).splitlines()[1])
        assert len(said) == (f"credit.{reason}" in MESSAGES)


class TestLines:
    """An explained line can be recomputed by hand and leads to the sentence of the article."""

    def test_a_share(self) -> None:
        terms = contract()
        text = explain(line(terms=terms), terms=terms)
        assert text.startswith('The charge c-1: subscription "standard" (renewal) of the account a-1 for Aug 8, 2025 to Sep 7, 2025,')
        assert "The vendor billed $99.99; the charge does not say how the price list makes it." in text
        assert (
            "The revenue share is $10.00.\n$99.99 x 10% = $9.999, rounded half away to $10.00.\n"
            "The program terms say so: share.rate, share.scope (subscription and suspension fee) and share.rounding.\n"
            "The partner p-1 earns it as the client's cash is received."
        ) in text
        assert "The client pays $99.99.\nThe account is credited to the partner p-1." in text
        assert "The terms are those from Jan 1, 2025 (example, invented)." in text
        assert "REWARD-SHARE decides." in text
        assert "(S-04" in text

    def test_a_discount(self) -> None:
        terms = contract()
        text = explain(line(enrolled(), terms, amount="100.00"), terms=terms)
        assert "The upfront discount is $15.00.\n$100.00 x 15% = $15.00 exactly.\nThe program terms say so: single_bill.discount, " in text
        assert "The partner p-1 pays $85.00 on its Single Bill." in text
        assert "REWARD-DISCOUNT decides." in text
        assert re.search(r"The article says \(S-34, .*in place of the normal revenue share percentage", text)

    def test_a_rate_that_is_no_decimal_stays_exact(self) -> None:
        terms = contract(share=ShareTerms(**{**SHARE.given(), "rate": Rate.parse("1/3")}))
        assert "$100.00 x 1/3 = 100/3 USD, rounded half away to $33.33." in explain(line(terms=terms, amount="100.00"), terms=terms)

    def test_a_currency_without_minor_unit(self) -> None:
        terms = contract()
        text = explain(line(referred(currency="JPY"), terms, amount="1234", currency="JPY"), "ja", terms=terms)
        assert "1,234 x 10% = " in text
        assert "123.4, rounded half away to " in text

    def test_without_terms_their_fingerprint_is_shown(self) -> None:
        made = line()
        text = explain(made)
        assert f"The terms are those with the fingerprint {made.terms}." in text
        assert " x " not in text

    def test_a_bonus(self) -> None:
        terms = contract(bonus=BonusTerms(amount=(Money.of("50", "USD"),)))
        text = explain(line(referred(within_bonus_window=True), terms), terms=terms)
        assert (
            "The first line of the account to be recognized earns the New Account Bonus of $50.00: the statements say which one it is."
            in text
        )

    def test_no_partner(self) -> None:
        assert "The account is credited to no partner." in explain(line(referred(credited_to=None)))

    @pytest.mark.parametrize(
        ("terms", "expected"),
        [
            (contract(), "$10.00"),
            (contract(share=ShareTerms(**{**SHARE.given(), "rate": NOT_AGREED})), "$0.00"),
            (contract(share=ShareTerms(**{**SHARE.given(), "scope": frozenset()})), "$0.00"),
        ],
    )
    def test_an_amount_that_does_not_follow_from_the_terms_is_told(self, terms: Terms, expected: str) -> None:
        forged = Line(
            charge=charge(),
            earner="p-1",
            reward=RevenueShare(Money.of("12.34", "USD")),
            rulings=line().rulings,
            terms=terms.fingerprint,
        )
        assert f"The terms give {expected} and not $12.34: this line does not follow from them." in explain(forged, terms=terms)

    def test_a_zero_reward_under_no_agreement_is_told_too(self) -> None:
        terms = contract(single_bill=SingleBillTerms(**{**DISCOUNT.given(), "discount": NOT_AGREED}))
        rulings = line(enrolled()).rulings
        forged = Line(charge=charge(), payer="p-1", reward=UpfrontDiscount(Money.zero("USD")), rulings=rulings, terms=terms.fingerprint)
        assert "this line does not follow from them" in explain(forged, terms=terms)

    def test_only_answers_are_explained(self) -> None:
        wrong: Any = Money.of("1", "USD")
        with pytest.raises(InvalidValue, match="wanted a Ruling, a Credit, a Line or an Adjustment"):
            explain(wrong)


class TestAdjustments:
    """An explained adjustment says what went back to whom, and the line it changes."""

    def adjustment(self, where: Standing, terms: Terms) -> Adjustment:
        refund = Refund(id="r-1", charge="c-1", amount=Money.of("50.00", "USD"), refunded_on=date(2025, 8, 20))
        return reverse(line(where, terms, amount="100.00"), refund, before=Money.zero("USD"), terms=terms)

    def test_on_a_single_bill(self) -> None:
        text = explain(self.adjustment(enrolled(), contract()), terms=contract())
        assert text.startswith("The refund r-1 of Aug 20, 2025 gives back $50.00 of the charge c-1.\n")
        assert (
            "The discount on that part is taken back: $7.50.\nIt is as much of $15.00 as $50.00 is of $100.00, counted together with the "
            "refunds before it (single_bill.rounding: half away).\nTo the payer goes back $42.50.\nNo revenue share is taken back."
        ) in text
        assert "\n  REWARD-DISCOUNT decides." in text

    def test_of_a_line_the_client_paid(self) -> None:
        text = explain(self.adjustment(referred(), contract()))
        assert "To the payer goes back $50.00.\nThe revenue share on that part is taken back: $5.00." in text
        assert "discount on that part" not in text

    def test_without_clawback(self) -> None:
        terms = contract(share=ShareTerms(**{**SHARE.given(), "clawback": Clawback.NONE}))
        assert "No revenue share is taken back." in explain(self.adjustment(referred(), terms))


class TestMessages:
    """Every sentence has a message id: every id that is used exists, and every id that exists is used."""

    def test_ids_used_and_ids_that_exist_are_the_same(self) -> None:
        rooms = (partnerkit.text, partnerkit.terms_text, partnerkit.rulings_text, partnerkit.credits_text, partnerkit.lines_text)
        nodes = (node for room in rooms for node in ast.walk(ast.parse(inspect.getsource(room))))
        texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        families = {message.partition(".")[0] for message in MESSAGES}
        terms = {"share.recognized"}
        used = {text for text in texts if re.fullmatch(rf"({'|'.join(families)})\.[a-z_]+", text)} - terms
        members: tuple[tuple[str, tuple[str, ...]], ...] = (
            ("cite", tuple(Basis)),
            ("credit", (*CreditReason, *CreditFlag)),
            ("credit_phrase", (*CreditReason, *CreditFlag)),
        )
        named = {f"{family}.{member}" for family, ids in members for member in ids}
        assert used - named | named & set(MESSAGES) == set(MESSAGES)
        assert {f"cite.{basis}" for basis in Basis} <= set(MESSAGES)

    def test_the_catalog_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            MESSAGES["ruling.answer"] = ""  # type: ignore[index]
