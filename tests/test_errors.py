"""What errors say: the term to state, and the rule that says no, and both can be sent from one process to another."""

import ast
import pickle
from collections.abc import Callable
from datetime import date
from http import HTTPStatus

import pytest

from partnerkit.charges import Usage
from partnerkit.clauses import Permission, Ruling
from partnerkit.credits import CreditReason
from partnerkit.errors import Fault, InvalidLink, InvalidRecords, InvalidValue, LinkFault, Refused, TermMissing, shown
from partnerkit.money import Money
from partnerkit.partners import AccountStatus, BillingMode
from partnerkit.policies import SINGLE_BILL_ENROLLMENT, EnrollmentFacts, grounds
from partnerkit.prices import Tier
from partnerkit.terms import ManagementTerms
from partnerkit.touches import Participation


def ruling() -> Ruling[Permission]:
    """Give a no for two reasons, one the article's words and one a reading of them."""
    facts = EnrollmentFacts(
        management=None,
        by_manager=False,
        partner_has_single_bill=True,
        partner_active=True,
        billing_mode=BillingMode.DIRECT,
        status=AccountStatus.OPEN,
    )
    return SINGLE_BILL_ENROLLMENT.decide(facts)


class TestAMissingTerm:
    """It names its key in program.toml, and offers "not agreed" only where a contract may say so."""

    def test_where_a_contract_may_grant_none(self) -> None:
        with pytest.raises(TermMissing) as caught:
            _ = ManagementTerms().request_expires_days
        assert str(caught.value) == (
            "the term management.request_expires_days is needed and not given: "
            "state `request_expires_days` under [terms.management] in program.toml "
            '(where the contract grants none, write `request_expires_days = "not agreed"`)'
        )

    def test_where_it_must_say_yes_or_no(self) -> None:
        with pytest.raises(TermMissing) as caught:
            _ = ManagementTerms().partner_may_end
        assert str(caught.value) == (
            "the term management.partner_may_end is needed and not given: state `partner_may_end` under [terms.management] in program.toml"
        )

    def test_an_amount_in_one_currency(self) -> None:
        assert str(TermMissing("bonus.amount.USD")) == (
            "the term bonus.amount.USD is needed and not given: "
            "add an amount in USD to the list `amount` under [terms.bonus] in program.toml"
        )

    @pytest.mark.parametrize("grants", [True, False])
    def test_it_can_be_sent(self, grants: bool) -> None:
        missing = TermMissing("share.rate", grants)
        back = pickle.loads(pickle.dumps(missing))  # noqa: S301 - our own bytes
        assert (back.term, back.grants, str(back)) == ("share.rate", grants, str(missing))


class TestANumberPythonDoesNotWrite:
    """A whole number of thousands of digits is refused in words, where writing it out would fail in Python's."""

    @pytest.mark.parametrize(
        "build",
        [
            lambda number: Tier(low=-number, high=None, amount=Money.of("12", "USD")),
            lambda number: Tier(low=0, high=-number, amount=Money.of("12", "USD")),
            lambda number: Usage(starts_on=date(2025, 8, 8), plan="lite", contacts=-number),
            lambda number: Participation(account="a-1", shares=(), reason=CreditReason.LINEAR).units(-number),
        ],
        ids=["the start of a tier", "the end of a tier", "contacts of a usage", "units to split"],
    )
    def test_it_is_named_by_its_type(self, build: Callable[[int], object]) -> None:
        with pytest.raises(InvalidValue, match="a value of the type int, too long to show"):
            build(10**9999)


class TestShown:
    """A value in a message is its repr in at most 80 characters, whatever it is."""

    def test_short_values_are_shown_whole(self) -> None:
        assert shown("it's") == '"it\'s"'
        assert shown("x" * 78) == repr("x" * 78)
        assert shown(("a",)) == "('a',)"
        assert shown(LinkFault.NO_HOST) == "LinkFault.NO_HOST"

    def test_a_cut_text_keeps_its_quotes(self) -> None:
        assert shown("x" * 79) == f"'{'x' * 75}...'"
        assert shown("it's" * 99) == '"' + ("it's" * 99)[:75] + '..."'

    def test_any_other_value_is_cut(self) -> None:
        assert shown(list(range(99))) == f"{repr(list(range(99)))[:77]}..."

    @pytest.mark.parametrize("value", [10**9999, -(10**9999), (10**9999,), "\n" * 999, "\U0001f600" * 999, [[]] * 999], ids=range(6))
    def test_it_is_short_and_safe_to_log(self, value: object) -> None:
        assert len(shown(value)) <= 80
        assert shown(value).isprintable()

    @pytest.mark.parametrize("value", ["<b>bold</b>", ("<b>", 7), {"<b>": "</b>"}, b"<b>", ["<" * 200]])
    def test_no_markup_comes_through(self, value: object) -> None:
        assert not set(shown(value)) & set("<>")

    def test_what_is_short_can_be_read_back(self) -> None:
        assert ast.literal_eval(shown("a<b>c\n")) == "a<b>c\n"

    @pytest.mark.parametrize(("value", "words"), [(HTTPStatus.OK, "HTTPStatus.OK"), (HTTPStatus, "the class HTTPStatus")])
    def test_enums_and_classes_go_by_their_names(self, value: object, words: str) -> None:
        assert shown(value) == words


class TestWhatIsEqual:
    """Errors with fields of their own are values: equal when they say the same, and only to their own kind."""

    def test_by_content(self) -> None:
        assert TermMissing("share.rate") == TermMissing("share.rate")
        assert TermMissing("share.rate") != TermMissing("share.rate", True)
        assert len({Refused(ruling(), "joining"), Refused(ruling(), "joining"), Refused(ruling(), "leaving")}) == 2
        assert InvalidLink("no host", LinkFault.NO_HOST) == InvalidLink("no host", LinkFault.NO_HOST)
        assert InvalidLink("no host", LinkFault.NO_HOST) != InvalidLink("no host", LinkFault.MALFORMED)
        assert InvalidRecords((Fault(message="x"),)) == InvalidRecords((Fault(message="x"),))
        assert InvalidRecords(()) != TermMissing("share.rate")


class TestARefusal:
    """It says what was tried, which rules say no, and beside each clause what it rests on."""

    def test_with_what_each_clause_rests_on(self) -> None:
        assert str(Refused(ruling(), "join_single_bill of a-1 on 2025-07-01", grounds(ruling()))) == (
            "join_single_bill of a-1 on 2025-07-01: the rules on single bill enrollment do not allow it: "
            'JOIN-MANAGED-ONLY ("accounts must be managed to be added to your Single Bill" S-35), '
            "JOIN-OTHERS-CLIENT (a partner pays for the accounts it manages, not for another's)"
        )

    def test_with_the_clauses_alone(self) -> None:
        assert str(Refused(ruling())) == "the rules on single bill enrollment do not allow it: JOIN-MANAGED-ONLY, JOIN-OTHERS-CLIENT"

    def test_it_can_be_sent(self) -> None:
        refused = Refused(ruling(), "joining", grounds(ruling()))
        back = pickle.loads(pickle.dumps(refused))  # noqa: S301 - our own bytes
        assert (back.act, back.grounds, back.ruling, str(back)) == ("joining", refused.grounds, refused.ruling, str(refused))
