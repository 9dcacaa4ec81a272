"""Terms: an absent number stops the work, what is stated is of its type, and every word changes the fingerprint."""

import copy
import datetime as dt
import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import count
from typing import Any, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

from partnerkit import money, periods
from partnerkit import terms as module
from partnerkit.errors import InvalidValue, NoTermsInForce, TermMissing
from partnerkit.money import Currency, Money, Rate, Rounding
from partnerkit.periods import ProrationBasis, Window
from partnerkit.program import Program, wanted
from partnerkit.terms import (
    NOT_AGREED,
    SECTIONS,
    AttributionTerms,
    BillingTerms,
    BonusFrom,
    BonusTerms,
    ChargeKind,
    Clawback,
    ContactTerms,
    CreditModel,
    CreditSource,
    CutOff,
    EligibleAt,
    FirstPeriod,
    ManagementTerms,
    Negative,
    NotAgreed,
    OnIneligible,
    PayoutSchedule,
    PayoutTerms,
    PrepaidCharged,
    Recognition,
    Section,
    SelfReferral,
    ShareTerms,
    SingleBillTerms,
    TaxRounding,
    Terms,
    TermsHistory,
    TierBasis,
    amount_in,
    term_types,
)

START = date(2025, 1, 1)
ALL_TERMS = [(key, name) for key, section in SECTIONS.items() for name in term_types(section)]
STATED: dict[str, Section] = {
    "attribution": AttributionTerms(
        model=CreditModel.LAST,
        window=Window.days(90),
        eligible_at=EligibleAt.BOTH,
        on_ineligible=OnIneligible.SKIP,
        dedupe_seconds=0,
        skew_seconds=0,
        stand_down_seconds=0,
        half_life_days=7,
        precedence=(CreditSource.DEAL, CreditSource.LINK),
        require_consent=True,
        honor_gpc=True,
        self_referral=SelfReferral.DENY,
        free_mail=frozenset({"gmail.com"}),
    ),
    "share": ShareTerms(
        rate=Rate.percent("15"),
        scope=frozenset({ChargeKind.SUBSCRIPTION}),
        recognized=Recognition.ON_CASH,
        rounding=Rounding.HALF_AWAY,
        clawback=Clawback.PROPORTIONAL,
        after_partnership_ends=False,
    ),
    "bonus": BonusTerms(amount=(Money.of("50", "USD"),), window_days=90, counted_from=BonusFrom.OPENING, on_single_bill=False),
    "single_bill": SingleBillTerms(
        discount=Rate.percent("10"),
        scope=frozenset({ChargeKind.SUBSCRIPTION}),
        rounding=Rounding.HALF_AWAY,
        cut_off=CutOff.BEFORE,
        negative=Negative.REFUND,
        join_with_balance_due=False,
        client_may_change_plan=False,
        on_prepaid=False,
    ),
    "billing": BillingTerms(
        rounding=Rounding.HALF_AWAY,
        proration=ProrationBasis.ACTUAL_TRUE_CYCLE,
        first_period=FirstPeriod.FULL,
        tier_basis=TierBasis.PEAK_EVER,
        prepaid_half_year=Rate.percent("4"),
        prepaid_year=Rate.percent("2"),
        prepaid_half_year_nonprofit=Rate.percent("5"),
        prepaid_year_nonprofit=Rate.percent("3"),
        prepaid_charged=PrepaidCharged.AT_ONCE,
        tax_rounding=TaxRounding.PER_LINE,
        trial_days=30,
        nonpayment_cancel_days=75,
        refund_days=30,
    ),
    "management": ManagementTerms(
        request_expires_days=NOT_AGREED, move_in_sender_days=60, new_plan_cutover=date(2023, 4, 17), partner_may_end=True
    ),
    "contact": ContactTerms(reply=True, billing_notice=True, security_notice=True, partner_asked=False),
    "payout": PayoutTerms(minimum=NOT_AGREED, schedule=PayoutSchedule.MONTHLY, negative=Negative.CARRY_FORWARD),
}
"""Every section with every term stated; the figures are invented."""


def terms(**fields: Any) -> Terms:
    stated: dict[str, Any] = {"starts_on": START, "source": "invented for the tests"}
    return Terms(**(stated | fields))


def other(key: str, name: str) -> Any:
    """Give another value than the stated one that the term can have."""
    value = getattr(STATED[key], name)
    match value:
        case NotAgreed():
            return (Money.of("25", "USD"),) if name == "minimum" else 30
        case bool():
            return not value
        case int():
            return value + 1
        case frozenset() | tuple():
            return type(value)()
        case Rate():
            return Rate.percent("1")
        case Window():
            return Window.unlimited()
        case date():
            return date(2023, 4, 18)
        case _:
            return next(member for member in type(value) if member is not value)


def restated(key: str, name: str, value: Any) -> Section:
    return type(STATED[key])(**(STATED[key].given() | {name: value}))


class TestAbsence:
    """Silence is visible: a term that was not stated is an error when it is needed, and never a zero."""

    @pytest.mark.parametrize(("key", "name"), ALL_TERMS)
    def test_reading_it_names_the_key_of_the_program_file(self, key: str, name: str) -> None:
        with pytest.raises(TermMissing) as caught:
            getattr(SECTIONS[key](), name)
        assert caught.value.term == f"{key}.{name}"
        assert f"state `{name}` under [terms.{key}] in program.toml" in str(caught.value)

    @pytest.mark.parametrize("key", SECTIONS)
    def test_what_is_no_term_is_an_attribute_error(self, key: str) -> None:
        with pytest.raises(AttributeError, match="no_such_term"):
            getattr(SECTIONS[key](), "no_such_term")  # noqa: B009
        assert not hasattr(SECTIONS[key](), "__array__")

    @pytest.mark.parametrize(("key", "name"), ALL_TERMS)
    def test_the_others_stay_absent(self, key: str, name: str) -> None:
        one = SECTIONS[key](**{name: getattr(STATED[key], name)})
        assert one.given() == {name: getattr(STATED[key], name)}
        for absent in set(term_types(SECTIONS[key])) - {name}:
            with pytest.raises(TermMissing):
                getattr(one, absent)

    def test_not_agreed_is_a_statement(self) -> None:
        assert ShareTerms(rate=NOT_AGREED).rate is NOT_AGREED
        assert ShareTerms(rate=NOT_AGREED) != ShareTerms()
        assert eval(repr(NOT_AGREED)) is NOT_AGREED  # noqa: S307

    @pytest.mark.parametrize(("key", "name"), ALL_TERMS)
    def test_only_what_a_contract_grants_can_be_not_agreed(self, key: str, name: str) -> None:
        with pytest.raises(TermMissing) as missing:
            getattr(SECTIONS[key](), name)
        grants = missing.value.grants
        assert grants is ("not agreed" in wanted(SECTIONS[key], name))
        if grants:
            assert getattr(restated(key, name, NOT_AGREED), name) is NOT_AGREED
        else:
            with pytest.raises(InvalidValue, match=f"{key}.{name} is "):
                restated(key, name, NOT_AGREED)


def sections() -> Iterator[Section]:
    """Give every section with no term, with each one alone, and with all."""
    for key, section in SECTIONS.items():
        yield section()
        yield STATED[key]
        yield from (section(**{name: value}) for name, value in STATED[key].given().items())


class TestSectionsAreValues:
    """Sections with absent terms are equal, hashed, shown, copied and pickled like any other value."""

    NAMES = vars(module) | vars(money) | vars(periods) | {"Fraction": Fraction, "datetime": dt}

    @pytest.mark.parametrize("section", [*sections()], ids=count())
    def test_round_trips(self, section: Section) -> None:
        for again in (
            pickle.loads(pickle.dumps(section)),  # noqa: S301
            copy.copy(section),
            copy.deepcopy(section),
            eval(repr(section), self.NAMES),  # noqa: S307
        ):
            assert again == section
            assert hash(again) == hash(section)
            assert repr(again) == repr(section)

    @pytest.mark.parametrize(("key", "name"), ALL_TERMS)
    def test_each_term_makes_a_difference(self, key: str, name: str) -> None:
        changed = restated(key, name, other(key, name))
        assert changed != STATED[key]
        assert SECTIONS[key](**{name: other(key, name)}) != SECTIONS[key]()

    def test_another_section_is_another_value(self) -> None:
        assert ShareTerms() != BonusTerms()
        assert ShareTerms() != 0

    def test_nothing_is_set_later(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            ShareTerms().rate = Rate.percent("15")  # type: ignore[misc]


class TestWhatATermCanBe:
    """Every stated value is of its type, and figures that cannot be are refused with the key."""

    @pytest.mark.parametrize(("key", "name"), ALL_TERMS)
    @pytest.mark.parametrize("value", [0.15, "15%", None, [], object(), -1.5])
    def test_types(self, key: str, name: str, value: object) -> None:
        with pytest.raises(InvalidValue, match=f"{key}.{name} is "):
            SECTIONS[key](**{name: value})

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: ShareTerms(rate=Rate.percent("100.01")), "share.rate is .*, more than the whole charge"),
            (lambda: SingleBillTerms(discount=Rate.percent("101")), "single_bill.discount is .*, more than the whole charge"),
            (lambda: BonusTerms(window_days=-1), "bonus.window_days is -1: wanted a whole number, at least 0"),
            (lambda: BonusTerms(amount=(Money.of("1", "USD"), Money.of("2", "USD"))), "bonus.amount states a currency twice"),
            (lambda: BonusTerms(amount=(Money.of("-1", "USD"),)), "bonus.amount is -1.00 USD, below zero"),
            (lambda: PayoutTerms(minimum=(Money.of("-1", "USD"),)), "payout.minimum is -1.00 USD, below zero"),
            (lambda: BillingTerms(trial_days=-1), "billing.trial_days is -1"),
            (lambda: BillingTerms(nonpayment_cancel_days=-1), "billing.nonpayment_cancel_days is -1"),
            (lambda: BillingTerms(refund_days=-1), "billing.refund_days is -1"),
            (lambda: ManagementTerms(request_expires_days=0), "management.request_expires_days is 0: wanted .* at least 1"),
            (lambda: ManagementTerms(move_in_sender_days=-1), "management.move_in_sender_days is -1"),
            (lambda: AttributionTerms(half_life_days=0), "attribution.half_life_days is 0: wanted .* at least 1"),
            (lambda: AttributionTerms(dedupe_seconds=-1), "attribution.dedupe_seconds is -1"),
            (lambda: AttributionTerms(precedence=(CreditSource.LINK, CreditSource.LINK)), "attribution.precedence names a source twice"),
        ],
        ids=range(14),
    )
    def test_figures(self, make: Any, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            make()

    def test_the_whole_charge_and_nothing_are_rates(self) -> None:
        assert ShareTerms(rate=Rate.percent("100")) != ShareTerms(rate=Rate.percent("0"))

    def test_an_amount_is_found_by_its_currency(self) -> None:
        amounts = (Money.of("50", "USD"), Money.of("40", "GBP"))
        assert amount_in(amounts, Currency("GBP"), "bonus.amount") == Money.of("40", "GBP")
        with pytest.raises(TermMissing, match=r"bonus\.amount.*EUR"):
            amount_in(amounts, Currency("EUR"), "bonus.amount")


class TestWhatInitProposes:
    """`partnerkit init` asks for every term, says what it settles, and proposes only what the reader accepts."""

    @pytest.mark.parametrize(("key", "name"), ALL_TERMS)
    def test_every_term_is_described_and_its_proposal_is_readable(self, key: str, name: str) -> None:
        metadata = attrs.fields_dict(cast("Any", SECTIONS[key]))[name].metadata
        assert metadata["about"].strip()
        if metadata["init"] is None:
            return
        text = (
            'name = "x"\nzone = "UTC"\n[sites]\nhosts = ["vendor.example"]\nsubdomains = false\n'
            f'[[terms]]\nstarts_on = 2025-01-01\nsource = "x"\n[terms.{key}]\n{name} = {metadata["init"]}\n'
        )
        section = getattr(Program.parse(text).terms_for(None, START), key)
        assert list(section.given()) == [name]

    def test_no_percentage_and_no_amount_is_proposed_that_no_official_page_states(self) -> None:
        for key, name in ALL_TERMS:
            kind = str(term_types(SECTIONS[key])[name])
            term = attrs.fields_dict(cast("Any", SECTIONS[key]))[name].metadata
            if "Rate" in kind or "Money" in kind:
                assert term["init"] is None or term["public"].startswith("article 0000")


class TestTerms:
    """Terms start on a day, say where they are written, and are known by their fingerprint."""

    @pytest.mark.parametrize("source", ["a\nb", "a\x1b[31m", "a\u202eb", None])
    def test_a_source_is_one_line(self, source: Any) -> None:
        with pytest.raises(InvalidValue, match=r"wanted (a text of )?one line"):
            terms(source=source)

    @pytest.mark.parametrize("source", ["", "  "])
    def test_a_source_is_named(self, source: str) -> None:
        with pytest.raises(InvalidValue, match="name no source"):
            terms(source=source)

    @pytest.mark.parametrize("starts_on", [datetime(2025, 1, 1, tzinfo=UTC), "2025-01-01"])
    def test_they_start_on_a_day(self, starts_on: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            terms(starts_on=starts_on)

    @pytest.mark.parametrize(("key", "name"), ALL_TERMS)
    def test_every_term_changes_the_fingerprint(self, key: str, name: str) -> None:
        whole = terms(**STATED)
        changed = terms(**(STATED | {key: restated(key, name, other(key, name))}))
        without = terms(**(STATED | {key: SECTIONS[key](**{one: value for one, value in STATED[key].given().items() if one != name})}))
        assert len({whole.fingerprint, changed.fingerprint, without.fingerprint}) == 3

    def test_so_do_the_day_and_the_source(self) -> None:
        prints = {terms().fingerprint, terms(starts_on=date(2025, 1, 2)).fingerprint, terms(source="other").fingerprint}
        assert len(prints) == 3
        assert terms(**STATED).fingerprint == terms(**STATED).fingerprint

    def test_over_takes_from_the_base_only_what_is_not_stated(self) -> None:
        own = terms(starts_on=date(2025, 6, 1), source="ours", share=ShareTerms(rate=NOT_AGREED))
        both = own.over(terms(**STATED))
        assert both.share.rate is NOT_AGREED
        assert both.share.recognized is Recognition.ON_CASH
        assert (both.bonus, both.starts_on) == (STATED["bonus"], date(2025, 6, 1))
        assert both.source == "ours; for the rest invented for the tests"
        assert terms().over(own).starts_on == date(2025, 6, 1)


DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 2, 29))


def histories(key: str) -> st.SearchStrategy[TermsHistory]:
    """Build histories whose entries tell by their window which entry they are, and state nothing else."""
    return st.sets(DAYS, max_size=5).map(
        lambda days: TermsHistory(
            tuple(terms(starts_on=day, source=f"{key} {day}", bonus=BonusTerms(window_days=day.toordinal())) for day in days)
        )
    )


class TestWhatAReportShows:
    """IPython and Hypothesis show terms as Python does, and read none that is absent."""

    def test_it_is_the_repr(self) -> None:
        assert "ShareTerms()" in pretty(Terms(starts_on=date(2025, 1, 1), source="invented"))


class TestHistories:
    """The terms in force on a day are the latest that have started; a partner's own contract lies over the program's."""

    @given(histories("program"), DAYS)
    def test_the_latest_that_has_started(self, history: TermsHistory, day: date) -> None:
        assert [entry.starts_on for entry in history] == sorted(entry.starts_on for entry in history)
        started = [entry for entry in history if entry.starts_on <= day]
        if started:
            assert history.on(day) == history.latest_on(day) == max(started, key=lambda entry: entry.starts_on)
        else:
            assert history.latest_on(day) is None
            with pytest.raises(NoTermsInForce, match=f"no terms are in force on {day}"):
                history.on(day)

    @given(histories("partner"), histories("program"), DAYS)
    def test_a_contract_over_a_base(self, own: TermsHistory, base: TermsHistory, day: date) -> None:
        found, mine, beneath = own.over(base).latest_on(day), own.latest_on(day), base.latest_on(day)
        if mine is None or beneath is None:
            assert found == (mine or beneath)
        else:
            assert found == mine.over(beneath)

    @given(histories("partner"))
    def test_over_nothing_and_under_nothing_it_stays_itself(self, history: TermsHistory) -> None:
        assert history.over(TermsHistory(())) == TermsHistory(()).over(history) == history

    def test_the_order_of_writing_means_nothing(self) -> None:
        first, second = terms(), terms(starts_on=date(2025, 6, 1))
        assert TermsHistory((second, first)) == TermsHistory((first, second))

    def test_two_of_one_day(self) -> None:
        with pytest.raises(InvalidValue, match="two terms start on 2025-01-01"):
            TermsHistory((terms(), terms(source="other")))

    def test_the_message_says_when_the_first_start(self) -> None:
        with pytest.raises(NoTermsInForce, match="the first start on 2025-01-01"):
            TermsHistory((terms(),)).on(date(2024, 12, 31))
        with pytest.raises(NoTermsInForce, match="there are none at all"):
            TermsHistory(()).on(START)
