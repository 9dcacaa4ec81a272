"""Words for people: explanations in plain sentences, with amounts, dates and rates in a locale's own form.

Floor 9. May import: everything on lower floors, formats, languages, words, attrs and the standard library.

Every sentence has a message id, in `words` or, of the policies, in `clauses.views`; its words come from `languages`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, final

import attrs

from partnerkit.article import SENTENCES
from partnerkit.attribution import ConsideredVisit, Credit, CreditFlag, Visit
from partnerkit.billing import Adjustment, Charge, Line, Pricing, RevenueShare, UpfrontDiscount, check_terms
from partnerkit.clauses import Citation, Clause, Permission, Policy, Ruling
from partnerkit.clauses.views import describe, question_words, reason_words, value_words
from partnerkit.errors import InvalidValue, shown
from partnerkit.formats import (
    format_date,
    format_day,
    format_exact,
    format_instant,
    format_money,
    format_month,
    format_rate,
    format_whole,
    is_one,
)
from partnerkit.languages import listed, say_in, spoken
from partnerkit.money import Money, Rate
from partnerkit.periods import Period, Window, WindowUnit, part_of_cycle
from partnerkit.policies import EDITIONS, Counting, RewardKind
from partnerkit.terms import NOT_AGREED, SECTIONS, ChargeKind, NotAgreed, Recognition, Terms
from partnerkit.words import MESSAGES, term_question

__all__ = [
    "OpenQuestion",
    "credit_phrase",
    "credit_rule",
    "explain",
    "format_date",
    "format_day",
    "format_money",
    "format_month",
    "format_rate",
    "format_whole",
    "open_questions",
    "phrase",
    "reasons",
    "say_in",
    "value_text",
]

_UNKNOWN_NAME: Final = "CREDIT-UNKNOWN"
_DROPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CREDIT-NO-NAME": "dropped.no_name",
        _UNKNOWN_NAME: "dropped.unknown",
        "CREDIT-AMBIGUOUS": "dropped.ambiguous",
        "CREDIT-AFTER": "dropped.after",
        "CREDIT-EXPIRED": "dropped.expired",
        "CREDIT-REPEATED": "dropped.repeated",
        "CREDIT-BOT": "dropped.bot",
        "CREDIT-PREFETCH": "dropped.prefetch",
        "CREDIT-FRAMED": "dropped.framed",
        "CREDIT-CONSENT": "dropped.consent",
        "CREDIT-PRIVACY": "dropped.privacy",
        "CREDIT-ERASED": "dropped.erased",
        "CREDIT-STAND-DOWN": "dropped.stand_down",
        "CREDIT-NOT-NEW": "dropped.not_new",
        "CREDIT-INELIGIBLE": "dropped.ineligible",
        "CREDIT-SELF": "dropped.self",
    }
)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType(
    {"REWARD-UNCREDITED": "phrase.uncredited", "REWARD-UNQUALIFIED": "phrase.unqualified", "REWARD-ENDED": "phrase.ended"}
)
_INDENT: Final = "  "


@final
@attrs.frozen(kw_only=True)
class OpenQuestion:
    """A question of the contract, the key of the term that settles it, and its value in words.

    `public` names the official page that answers it, empty where none does and the terms alone decide.
    """

    key: str
    about: str
    value: str
    public: str = ""


def open_questions(terms: Terms, locale: str = "en") -> tuple[OpenQuestion, ...]:
    """Give the questions that these terms settle, in the order of the program file; terms not stated settle nothing.

    >>> from partnerkit.terms import ContactTerms
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", contact=ContactTerms(reply=True))
    >>> [(question.key, question.value) for question in open_questions(terms)]
    [('contact.reply', 'yes')]
    """
    return tuple(_settled(terms, locale))


def value_text(value: object, locale: str = "en") -> str:
    """Say the value of a term in words.

    >>> value_text(Rate.percent("15")), value_text(NOT_AGREED), value_text(frozenset({"b.example", "a.example"}))
    ('15%', 'not agreed', 'a.example and b.example')
    """
    match value:
        case Rate():
            return format_rate(value, locale)
        case Money():
            return format_money(value, locale)
        case date():
            return format_date(value, locale)
        case frozenset():
            return listed(sorted(value_text(item, locale) for item in value), locale) or _say(locale, "value.empty")
        case tuple():
            return listed((value_text(item, locale) for item in value), locale) or _say(locale, "value.empty")
        case bool():
            return value_words(value, say_in(locale))
        case int():
            return format_whole(value, locale)
        case Window():
            return _window(value, locale)
        case StrEnum():
            return value_words(value, say_in(locale))
        case _:
            return str(value)


def phrase(line: Line | Adjustment, terms: Terms | None = None, locale: str = "en") -> str:
    """Say in a few words why a line has its reward, or none; with the terms of the line also at which rate.

    Of an adjustment it says what was given back. Terms other than those the line was made by raise `InvalidValue`.

    >>> from datetime import date
    >>> from partnerkit.charges import Charge, ChargeKind, ChargeReason
    >>> from partnerkit.money import Money
    >>> from partnerkit.partners import BillingMode, Management, Origin
    >>> from partnerkit.periods import Period, Window, WindowUnit, part_of_cycle
    >>> from partnerkit.policies import REWARD, RewardFacts
    >>> charge = Charge(id="c-1", account="a-1", kind=ChargeKind.SUBSCRIPTION, item="lite", reason=ChargeReason.RENEWAL,
    ...     period=Period(date(2025, 8, 8), date(2025, 9, 8)), amount=Money.of("100", "USD"), charged_on=date(2025, 8, 8))
    >>> ruling = REWARD.decide(RewardFacts(
    ...     credited=True, management=Management.MANAGED, billing_mode=BillingMode.SINGLE_BILL, origin=Origin.LINK))
    >>> phrase(Line(charge=charge, payer="p-1", reward=UpfrontDiscount(Money.of("15", "USD")), rulings=(ruling,), terms="example"))
    'discount in place of the share'
    """
    if isinstance(line, Adjustment):
        charged = format_day(line.line.charge.charged_on, locale)
        return _say(locale, "phrase.refund", amount=format_money(line.refund.amount, locale), day=charged)
    if terms is not None:
        check_terms(line, terms)
    if isinstance(line.reward, UpfrontDiscount):
        return _discount_phrase(terms, locale)
    if isinstance(line.reward, RevenueShare):
        return _share_phrase(terms, locale)
    return _say(locale, _why_nothing(line, terms))


def credit_phrase(credit: Credit, locale: str = "en") -> str:
    """Say in a few words what credits an account, or what stands against every visit to a partner's link."""
    if f"credit_phrase.{credit.reason}" in MESSAGES:
        counted = sum(one.ruling.outcome is Counting.COUNTS for one in credit.considered)
        only = credit.visit is not None and counted == 1
        said = _say(locale, "credit_phrase.only" if only else f"credit_phrase.{credit.reason}", count=format_whole(counted, locale))
    else:
        dropped = (clause_id for one in credit.considered for clause_id in one.ruling.because)
        causes = [_say(locale, _DROPPED[clause_id]) for clause_id in dict.fromkeys(dropped) if clause_id in _DROPPED]
        said = _say(locale, "credit_phrase.nobody", causes=listed(causes, locale)) if causes else _say(locale, "credit_phrase.no_visit")
    flagged = (flag for flag in (CreditFlag.SAME_MAILBOX, CreditFlag.SAME_DOMAIN) if flag in credit.flags)
    return next((_say(locale, f"credit_phrase.{flag}", phrase=said) for flag in flagged), said)


def credit_rule(credit: Credit, locale: str = "en") -> str:
    """Say in one sentence which rule chose among what could credit an account, or why nobody is credited."""
    return _say(locale, f"credit.{credit.reason}")


def reasons(rulings: Iterable[Ruling[Any]], locale: str = "en", *, terms: Terms | None = None) -> tuple[str, ...]:
    """Say what the deciding clauses of some rulings rest on, each clause once, in the order it first decides.

    >>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode, LeavingFacts
    >>> reasons([SINGLE_BILL_LEAVING.decide(LeavingFacts(billing_mode=BillingMode.DIRECT))])
    ('LEAVE-NOT-ON: Our own choice, as the article does not say: only an account on Single Bill can leave it.',)
    """
    clauses = {clause_id: _policy_of(ruling).clause(clause_id) for ruling in rulings for clause_id in ruling.because}
    return tuple(_say(locale, "reason.clause", clause=clause.id, basis=_rests_on(clause, locale, terms)) for clause in clauses.values())


def explain(
    value: Ruling[Any] | Credit | Line | Adjustment,
    locale: str = "en",
    *,
    terms: Terms | None = None,
    policy: Policy[Any, Any] | None = None,
) -> str:
    """Explain an answer in full: what was decided, by which clauses, and what each of them rests on.

    Words are in the language of the locale, English where it has no catalog; amounts and dates are in the form of the locale.
    Quotes, sources, ids and keys of terms stay as they are. With `terms`, the terms that decide are shown with their values, and
    the arithmetic of a line with its rate and rounding; terms a line was not made by raise `InvalidValue`. A ruling of a policy of
    your own, or of an amended one, is explained with that `policy`: one that it was not made by raises `InvalidValue`.

    >>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode, LeavingFacts
    >>> print(explain(SINGLE_BILL_LEAVING.decide(LeavingFacts(billing_mode=BillingMode.DIRECT))))
    May the partner take this account off its Single Bill? The answer: may not.
    LEAVE-NOT-ON decides. Its condition: the billing mode is direct.
      Our own choice, as the article does not say: only an account on Single Bill can leave it.
    Rules that do not apply here:
      LEAVE-PICK. Its condition: the billing mode is single bill.
    """
    if policy is not None and not isinstance(value, Ruling):
        raise InvalidValue(f"a policy explains a ruling, and {shown(value)} is none: leave `policy` out")
    match value:
        case Ruling():
            lines = _ruling_lines(value, locale, terms, policy)
        case Credit():
            lines = _credit_lines(value, locale, terms)
        case Line():
            lines = _line_lines(value, locale, terms)
        case Adjustment():
            lines = _adjustment_lines(value, locale, terms)
        case _:
            raise InvalidValue(f"there is nothing to explain of {shown(value)}: wanted a Ruling, a Credit, a Line or an Adjustment")
    return "\n".join(lines)


def _say(locale: str, message_id: str, **values: str) -> str:
    return say_in(locale)(message_id, MESSAGES[message_id]).format(**values)


def _window(window: Window, locale: str) -> str:
    if window.unit is WindowUnit.UNLIMITED:
        return _say(locale, "window.unlimited")
    units = _ONE if is_one(window.count, spoken(locale)) else _SEVERAL
    said = _say(locale, units[window.unit], count=str(window.count))
    if window.zone:
        said = _say(locale, "window.in_zone", window=said, zone=window.zone)
    return said if window.inclusive else _say(locale, "window.exclusive", window=said)


_ONE: Final = {WindowUnit.DAYS: "window.day", WindowUnit.HOURS: "window.hour", WindowUnit.CALENDAR_DAYS: "window.calendar_day"}
_SEVERAL: Final = {WindowUnit.DAYS: "window.days", WindowUnit.HOURS: "window.hours", WindowUnit.CALENDAR_DAYS: "window.calendar_days"}


def _settled(terms: Terms, locale: str) -> Iterator[OpenQuestion]:
    for key, section in SECTIONS.items():
        given = getattr(terms, key).given()
        for name, term in _declared(section).items():
            if name in given:
                value = value_text(given[name], locale)
                about = term_question(f"{key}.{name}", say_in(locale))
                yield OpenQuestion(key=f"{key}.{name}", about=about, value=value, public=term["public"])


def _declared(section: Any) -> Mapping[str, Mapping[str, str]]:
    return {field.name: field.metadata for field in attrs.fields(section)}


def _stated(terms: Terms | None, key: str) -> object:
    """Give the value of a term by its key, None where these terms do not state it."""
    section, _, name = key.partition(".")
    return getattr(terms, section).given().get(name) if terms is not None and section in SECTIONS else None


def _discount_phrase(terms: Terms | None, locale: str) -> str:
    if terms is None:
        return _say(locale, "phrase.discount")
    return _say(locale, "phrase.discount_rate", rate=value_text(terms.single_bill.discount, locale))


def _share_phrase(terms: Terms | None, locale: str) -> str:
    if terms is None:
        return _say(locale, "phrase.share")
    rate = value_text(terms.share.rate, locale)
    match _stated(terms, "share.recognized"):
        case Recognition.ON_CASH:
            return _say(locale, "phrase.share_on_cash", rate=rate)
        case Recognition.ON_BILLING:
            return _say(locale, "phrase.share_on_billing", rate=rate)
        case _:
            return _say(locale, "phrase.share_rate", rate=rate)


def _why_nothing(line: Line, terms: Terms | None) -> str:
    """Give the message that says why a line has no reward."""
    granted = {ruling.outcome for ruling in line.rulings}
    if RewardKind.UPFRONT_DISCOUNT in granted:
        if _is_kept_by_prepayment(line):
            return "phrase.discount_prepaid"
        if terms is None:
            return "phrase.no_discount"
        return "phrase.no_discount_agreed" if terms.single_bill.discount is NOT_AGREED else "phrase.discount_scope"
    if RewardKind.REVENUE_SHARE in granted:
        if terms is None:
            return "phrase.no_share"
        return "phrase.no_share_agreed" if terms.share.rate is NOT_AGREED else "phrase.share_scope"
    decided = (clause_id for ruling in line.rulings for clause_id in ruling.because)
    return next((_NOTHING[clause_id] for clause_id in decided if clause_id in _NOTHING), "phrase.nothing")


def _is_kept_by_prepayment(line: Line) -> bool:
    """Tell whether the ruling on a prepaid charge keeps the upfront discount from it."""
    return line.prepaid is not None and line.prepaid.outcome is Permission.MAY_NOT


def _policy_of(ruling: Ruling[Any], given: Policy[Any, Any] | None = None) -> Policy[Any, Any]:
    known = [edition.policy for edition in EDITIONS.get(ruling.policy, ())] if given is None else [given]
    for policy in known:
        if policy.fingerprint == ruling.edition:
            return policy
    where = "among the editions here" if given is None else f"that of the policy given (fingerprint {given.fingerprint:.12}...)"
    raise InvalidValue(
        f"the ruling on {shown(ruling.policy)} was made by a text (fingerprint {ruling.edition:.12}...) that is not {where}: "
        "explain it with the policy that made it, explain(ruling, policy=...)"
    )


def _ruling_lines(ruling: Ruling[Any], locale: str, terms: Terms | None, given: Policy[Any, Any] | None = None) -> Iterator[str]:
    policy, say = _policy_of(ruling, given), say_in(locale)
    yield _say(locale, "ruling.answer", question=question_words(policy, say), answer=_answer(ruling.outcome, locale))
    for clause in map(policy.clause, ruling.because):
        yield _say(locale, "ruling.decides", clause=clause.id, condition=describe(clause.when, say=say))
        yield _INDENT + _rests_on(clause, locale, terms)
    for clause_id, others in ruling.set_aside:
        yield _say(locale, "ruling.set_aside", clause=clause_id, others=listed(others, locale))
    if ruling.not_applying:
        yield _say(locale, "ruling.others")
    for clause in map(policy.clause, ruling.not_applying):
        yield _INDENT + _say(locale, "ruling.not_applying", clause=clause.id, condition=describe(clause.when, say=say))


def _answer(outcome: Any, locale: str) -> str:
    """Say an answer as the locale lists: a view says English lists without the last comma."""
    answers = outcome if isinstance(outcome, tuple) else (outcome,)
    return listed((value_words(answer, say_in(locale)) for answer in answers), locale) or _say(locale, "ruling.nothing")


def _rests_on(clause: Clause, locale: str, terms: Terms | None) -> str:
    cite = clause.cite
    value = _stated(terms, cite.term)
    return _say(
        locale,
        f"cite.{cite.basis}" if value is None else "cite.term_value",
        place=_place(cite, locale),
        quote=cite.quote,
        source=cite.source,
        term=cite.term,
        value=value_text(value, locale),
        reason=reason_words(clause, say_in(locale)),
    )


def _place(cite: Citation, locale: str) -> str:
    heading = SENTENCES[cite.sentence].heading if cite.sentence in SENTENCES else ""
    return _say(locale, "cite.place", sentence=cite.sentence, heading=heading) if heading else cite.sentence


def _credit_lines(credit: Credit, locale: str, terms: Terms | None) -> Iterator[str]:
    if credit.partner is None:
        yield _say(locale, "credit.nobody", account=credit.account)
    else:
        yield _say(locale, "credit.somebody", account=credit.account, partner=credit.partner)
    yield credit_rule(credit, locale)
    if credit.visit is not None:
        yield _say(locale, "credit.by_visit", visit=_visit(credit.visit, locale, known=True))
    for flag in sorted(credit.flags):
        yield _say(locale, f"credit.{flag}")
    yield _say(locale, "credit.considered") if credit.considered else _say(locale, "credit.none_considered")
    yield from (_considered(considered, locale) for considered in credit.considered)
    if credit.considered:
        yield _say(locale, "credit.clauses")
        yield from (_INDENT + reason for reason in reasons((considered.ruling for considered in credit.considered), locale, terms=terms))


def _considered(considered: ConsideredVisit, locale: str) -> str:
    ruling = considered.ruling
    visit = _visit(considered.visit, locale, known=_UNKNOWN_NAME not in ruling.because)
    answer, clauses = _answer(ruling.outcome, locale), listed(ruling.because, locale)
    if not ruling.set_aside:
        return _say(locale, "credit.visit", visit=visit, answer=answer, clauses=clauses)
    others = listed((one for one, _ in ruling.set_aside), locale)
    return _say(locale, "credit.visit_set_aside", visit=visit, answer=answer, clauses=clauses, others=others)


def _visit(visit: Visit, locale: str, *, known: bool) -> str:
    """Name a visit; a name that is no partner's comes from a stranger, and is not repeated on what may become a page."""
    at = format_instant(visit.at, locale)
    if visit.ambiguous:
        return _say(locale, "visit.ambiguous", id=visit.id, at=at)
    if not visit.name:
        return _say(locale, "visit.nameless", id=visit.id, at=at)
    return _say(locale, "visit.named", id=visit.id, at=at, name=visit.name) if known else _say(locale, "visit.unknown", id=visit.id, at=at)


def _line_lines(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    yield _charge(line, locale)
    yield _price(line.charge, locale)
    if line.charge.pricing is not None:
        yield from _pricing_lines(line.charge, line.charge.pricing, locale)
    yield _say(locale, "line.phrase", phrase=phrase(line, terms, locale))
    net = format_money(line.net, locale)
    yield _say(locale, "line.client_pays", net=net) if line.payer is None else _say(locale, "line.partner_pays", payer=line.payer, net=net)
    yield _say(locale, "line.uncredited") if line.earner is None else _say(locale, "line.credited", earner=line.earner)
    if terms is None:
        yield _say(locale, "line.terms_unseen", terms=line.terms)
    else:
        yield _say(locale, "line.terms", day=format_date(terms.starts_on, locale), source=terms.source)
    yield from _apart(_earning_lines(line, locale, terms))
    for ruling in line.all_rulings:
        yield from _apart(_ruling_lines(ruling, locale, terms))


def _price(charge: Charge, locale: str) -> str:
    gross = format_money(charge.amount, locale)
    if charge.prepaid is None:
        return _say(locale, "line.gross", gross=gross)
    return _say(locale, "line.prepaid", gross=gross, rate=format_rate(charge.prepaid, locale))


def _pricing_lines(charge: Charge, pricing: Pricing, locale: str) -> Iterator[str]:
    """Walk from the price list to the amount: the tier and its count, the days, what is paid in advance, and the arithmetic."""
    yield _tier(charge, pricing, locale)
    yield _say(locale, "pricing.counted", day=format_date(pricing.counted_on, locale))
    if pricing.cycles > 1:
        yield _say(locale, "pricing.cycles", count=format_whole(pricing.cycles, locale))
    elif charge.period != pricing.cycle:
        yield _days(charge, pricing, locale)
    yield from _price_arithmetic(charge, pricing, locale)


def _tier(charge: Charge, pricing: Pricing, locale: str) -> str:
    one, several = ("pricing.contact", "pricing.contacts") if charge.kind in _BY_CONTACTS else ("pricing.unit", "pricing.units")
    units = _say(locale, one if is_one(pricing.units, spoken(locale)) else several, count=format_whole(pricing.units, locale))
    message = "pricing.last_tier" if pricing.high is None else "pricing.tier"
    if pricing.included is not None:
        message = "pricing.beyond"
    elif pricing.low is None:
        message = "pricing.table"
    bounds = {name: "" if bound is None else format_whole(bound, locale) for name, bound in (("low", pricing.low), ("high", pricing.high))}
    return _say(
        locale,
        message,
        day=format_date(pricing.prices_from, locale),
        price=format_exact(pricing.price.minor, pricing.price.currency, locale),
        units=units,
        included="" if pricing.included is None else format_whole(pricing.included, locale),
        **bounds,
    )


_BY_CONTACTS: Final = frozenset({ChargeKind.SUBSCRIPTION, ChargeKind.SUSPENSION_FEE})


def _days(charge: Charge, pricing: Pricing, locale: str) -> str:
    start, end = _span(pricing.cycle, locale)
    first, last = _span(charge.period, locale)
    if pricing.proration is None:
        return _say(locale, "pricing.whole", start=start, end=end, first=first, last=last)
    part = str(part_of_cycle(charge.period, pricing.cycle, pricing.proration))
    basis = value_words(pricing.proration, say_in(locale))
    return _say(locale, "pricing.part", start=start, end=end, first=first, last=last, part=part, basis=basis)


def _price_arithmetic(charge: Charge, pricing: Pricing, locale: str) -> Iterator[str]:
    """Say how the amount comes of the price, where it is not the price itself."""
    exact, currency = pricing.exact_for(charge.period, charge.prepaid), charge.amount.currency
    price, amount = format_exact(pricing.price.minor, currency, locale), format_money(charge.amount, locale)
    factors = _factors(charge, pricing, locale)
    rounding = "" if pricing.rounding is None else value_words(pricing.rounding, say_in(locale))
    if exact == charge.amount.minor:
        if factors:
            yield _say(locale, "line.exact", gross=price, rate=factors, amount=amount)
    elif factors:
        exactly = format_exact(exact, currency, locale)
        yield _say(locale, "line.rounded", gross=price, rate=factors, exact=exactly, rounding=rounding, amount=amount)
    else:
        yield _say(locale, "pricing.rounded", price=price, rounding=rounding, amount=amount)


def _factors(charge: Charge, pricing: Pricing, locale: str) -> str:
    part = None if pricing.proration is None else str(part_of_cycle(charge.period, pricing.cycle, pricing.proration))
    cycles = None if pricing.cycles == 1 else format_whole(pricing.cycles, locale)
    left = None if charge.prepaid is None else format_rate(charge.prepaid.complement(), locale)
    return " x ".join(factor for factor in (part, cycles, left) if factor is not None)


def _apart(lines: Iterable[str]) -> Iterator[str]:
    """Set lines apart from those before them by an empty one, where there are any."""
    for place, line in enumerate(lines):
        if place == 0:
            yield ""
        yield line


def _earning_lines(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    if line.reward is not None:
        yield from _reward_lines(line, line.reward, locale, terms)
    yield from _held_back(line, locale, terms)
    if line.bonus is not None:
        yield _say(locale, "line.bonus", bonus=format_money(line.bonus, locale))


def _held_back(line: Line, locale: str, terms: Terms | None) -> Iterator[str]:
    """Say which term holds back the reward that the rules grant a line."""
    granted = next((section for kind, section in _GRANTS.items() if any(ruling.outcome is kind for ruling in line.rulings)), None)
    if line.reward is not None or granted is None or terms is None or _is_kept_by_prepayment(line):
        return
    section, rate = granted
    if getattr(terms, section).given()[rate] is NOT_AGREED:
        yield _say(locale, "line.not_agreed", term=f"{section}.{rate}")
    else:
        yield _say(locale, "line.out_of_scope", term=f"{section}.scope", kind=value_words(line.charge.kind, say_in(locale)))


_GRANTS: Final[Mapping[RewardKind, tuple[str, str]]] = MappingProxyType(
    {RewardKind.REVENUE_SHARE: ("share", "rate"), RewardKind.UPFRONT_DISCOUNT: ("single_bill", "discount")}
)


def _charge(line: Line, locale: str) -> str:
    charge = line.charge
    start, end = _span(charge.period, locale)
    return _say(
        locale,
        "line.charge",
        charge=charge.id,
        kind=value_words(charge.kind, say_in(locale)),
        item=charge.item,
        reason=value_words(charge.reason, say_in(locale)),
        account=charge.account,
        start=start,
        end=end,
        day=format_date(charge.charged_on, locale),
    )


def _span(period: Period, locale: str) -> tuple[str, str]:
    """Give the first and the last day of a period as people name them: both belong to it."""
    return format_date(period.start, locale), format_date(period.end - date.resolution, locale)


def _reward_lines(line: Line, reward: RevenueShare | UpfrontDiscount, locale: str, terms: Terms | None) -> Iterator[str]:
    is_share = isinstance(reward, RevenueShare)
    amount = format_money(reward.amount, locale)
    yield _say(locale, "line.share", amount=amount) if is_share else _say(locale, "line.discount", amount=amount)
    if terms is not None:
        rate = terms.share.rate if is_share else terms.single_bill.discount
        yield _arithmetic(line, reward, rate, terms, locale)
    partner = line.earner if is_share else line.payer
    on_cash = is_share and _stated(terms, "share.recognized") is Recognition.ON_CASH
    yield _say(locale, "line.goes_to_on_cash" if on_cash else "line.goes_to", partner=str(partner))


def _arithmetic(line: Line, reward: RevenueShare | UpfrontDiscount, rate: Rate | NotAgreed, terms: Terms, locale: str) -> str:
    section = terms.share if isinstance(reward, RevenueShare) else terms.single_bill
    in_scope = line.charge.kind in section.scope
    expected = line.gross.times(rate, section.rounding) if isinstance(rate, Rate) and in_scope else line.zero
    amount = format_money(reward.amount, locale)
    if expected != reward.amount or not isinstance(rate, Rate):
        return _say(locale, "line.mismatch", expected=format_money(expected, locale), amount=amount)
    gross, percents, exact = format_money(line.gross, locale), format_rate(rate, locale), line.gross.minor * rate.value
    if exact == reward.amount.minor:
        return _say(locale, "line.exact", gross=gross, rate=percents, amount=amount)
    written = format_exact(exact, line.gross.currency, locale)
    return _say(
        locale,
        "line.rounded",
        gross=gross,
        rate=percents,
        exact=written,
        rounding=value_words(section.rounding, say_in(locale)),
        amount=amount,
    )


def _adjustment_lines(adjustment: Adjustment, locale: str, terms: Terms | None) -> Iterator[str]:
    refund = adjustment.refund
    yield _say(
        locale,
        "adjustment.refund",
        refund=refund.id,
        day=format_date(refund.refunded_on, locale),
        amount=format_money(refund.amount, locale),
        charge=refund.charge,
    )
    if adjustment.discount.minor != 0:
        yield _say(locale, "adjustment.discount", discount=format_money(-adjustment.discount, locale))
    yield _say(locale, "adjustment.net", net=format_money(-adjustment.net, locale))
    if adjustment.share.minor != 0:
        yield _say(locale, "adjustment.share", share=format_money(-adjustment.share, locale))
    else:
        yield _say(locale, "adjustment.no_share")
    yield _say(locale, "adjustment.line")
    yield from (_INDENT + text if text else text for text in _line_lines(adjustment.line, locale, terms))
