"""The language policies are written in: its algebra, what it refuses to build, its rulings, and its dated editions."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import permutations
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.clauses import (
    ALWAYS,
    Basis,
    Choice,
    Citation,
    Clause,
    Condition,
    Flag,
    Law,
    Permission,
    Policy,
    Ruling,
    by_term,
    elsewhere,
    house,
    implied,
    label,
    parts,
    stated,
    weakest,
)
from partnerkit.clauses.checks import census, dead, points
from partnerkit.clauses.conditions import DEEPEST, AllOf, AnyOf, Is
from partnerkit.clauses.editions import Edition, Editions, LogEntry, Replay
from partnerkit.clauses.sameness import same_rulings
from partnerkit.clauses.views import prose
from partnerkit.errors import InvalidValue, Refused
from partnerkit.policies import CONTACT, DUTIES, POLICIES, ContactFacts, DutiesFacts, Owner, Purpose
from values import but

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT


class Sky(StrEnum):
    """Invented."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    DARK_GREY = "dark_grey"


class Size(StrEnum):
    """Invented, with a value that looks like one of another enum."""

    CLEAR = "clear"


class Gear(StrEnum):
    """Invented."""

    COAT = "coat"
    HAT = "hat"
    BOOTS = "boots"


@attrs.frozen(kw_only=True)
class Outing:
    """Invented."""

    sky: Sky | None = None
    rain: bool = False
    coat: bool = False


@dataclass
class Plain:
    """Invented, and not made by attrs."""

    rain: bool


@attrs.frozen
class Empty:
    """Invented, with nothing to ask for."""


@attrs.frozen
class Whole:
    """Invented: it counts the drops."""

    rain: int


@attrs.frozen
class Unknown:
    """Invented: nobody has heard of its type."""

    rain: "Nowhere"  # type: ignore[name-defined]  # noqa: F821 - that is the case


SKY = Choice("sky", Sky, "the sky is {}", absent="no sky is to be seen")
RAIN = Flag("rain", "it rains", "it is dry")
COAT = Flag("coat", "a coat is at hand", "no coat is at hand")
LEAVES = [RAIN.yes, RAIN.no, COAT.yes, COAT.no, SKY.is_(Sky.CLEAR), SKY.is_(None), SKY.in_(Sky.CLOUDY, None), SKY.is_not(Sky.CLOUDY)]
EVERYWHERE = [Outing(sky=sky, rain=rain, coat=coat) for sky in SKY.values for rain in (False, True) for coat in (False, True)]  # type: ignore[arg-type]

DRY = Clause("W-DRY", MAY, RAIN.no, cite=stated("S-00", "walk when it is dry"))
WET = Clause("W-WET", MAY_NOT, RAIN.yes, unless=("W-COAT",), cite=house("nobody likes to be wet"))
COATED = Clause("W-COAT", MAY, RAIN.yes & COAT.yes, unless=("W-DARK",), cite=by_term("walk.coats", "whether a coat helps is not said"))
DARK = Clause("W-DARK", MAY_NOT, SKY.is_(Sky.DARK_GREY) & RAIN.yes, cite=house("lightning"))
RAIN_NEEDS_CLOUDS = Law(id="CLOUDS", sentence="rain falls from clouds", holds=~RAIN.yes | ~SKY.is_(Sky.CLEAR))


def walk(*clauses: Clause) -> Policy[Outing, Permission]:
    return Policy("walk", "May we walk?", Outing, Permission, clauses, laws=(RAIN_NEEDS_CLOUDS,))


WALK_CLAUSES = (DRY, WET, COATED, DARK)
WALK = walk(*WALK_CLAUSES)
PACKING: Policy[Outing, tuple[Gear, ...]] = Policy(
    "packing",
    "What do we take along?",
    Outing,
    Gear,
    (
        Clause("P-BOOTS", Gear.BOOTS, RAIN.yes, cite=house("mud")),
        Clause("P-COAT", Gear.COAT, RAIN.yes & COAT.yes, cite=house("rain")),
        Clause("P-NONE", None, RAIN.no, cite=house("nothing is needed")),
    ),
    collects=True,
)


def conditions() -> st.SearchStrategy[Condition]:
    def grown(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        return (
            st.builds(lambda one, other: one & other, inner, inner)
            | st.builds(lambda one, other: one | other, inner, inner)
            | inner.map(lambda one: ~one)
        )

    return st.recursive(st.sampled_from(LEAVES), grown, max_leaves=8)


def truth(condition: Condition) -> list[bool]:
    """Give at which of all points the condition holds."""
    return [condition.holds(lambda name, facts=facts: getattr(facts, name)) for facts in EVERYWHERE]  # type: ignore[misc]


def nested(levels: int) -> Condition:
    """Give a condition of so many levels, each but the last a part of the one around it."""
    condition = RAIN.yes
    for level in range(1, levels):
        condition = condition & COAT.yes if level % 2 else condition | COAT.no
    return condition


def clause(when: Any, **other: Any) -> Clause:
    usual: dict[str, Any] = {"id": "X", "then": MAY, "when": when, "cite": house("x")}
    return Clause(**usual | other)


class TestTheAlgebra:
    """Conditions obey the laws of logic at every point."""

    @given(conditions(), conditions())
    def test_de_morgan(self, one: Condition, other: Condition) -> None:
        assert truth(~(one & other)) == truth(~one | ~other)
        assert truth(~(one | other)) == truth(~one & ~other)

    @given(conditions())
    def test_double_negation(self, one: Condition) -> None:
        assert truth(~~one) == truth(one)
        assert truth(~one) == [not holds for holds in truth(one)]

    @given(conditions(), conditions(), conditions())
    def test_and_or(self, one: Condition, other: Condition, third: Condition) -> None:
        assert truth(one & other) == [first and second for first, second in zip(truth(one), truth(other), strict=True)]
        assert truth(one | other) == [first or second for first, second in zip(truth(one), truth(other), strict=True)]
        assert truth(one & (other | third)) == truth(one & other | one & third)
        assert (one & other) & third == one & (other & third)
        assert (one | other) | third == one | (other | third)

    @given(conditions())
    def test_always_and_never(self, one: Condition) -> None:
        assert truth(one & ALWAYS) == truth(one)
        assert truth(AnyOf(()) | one) == truth(one)
        assert AllOf(()) == ALWAYS

    @given(conditions())
    def test_a_condition_is_a_value(self, one: Condition) -> None:
        assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own bytes
        assert hash(one) == hash(pickle.loads(pickle.dumps(one)))  # noqa: S301 - our own bytes

    def test_the_order_of_values_means_nothing(self) -> None:
        assert SKY.in_(Sky.CLOUDY, Sky.CLEAR) == SKY.in_(Sky.CLEAR, Sky.CLOUDY, Sky.CLEAR)

    @pytest.mark.parametrize(
        "misuse",
        [
            lambda: RAIN.yes and COAT.yes,
            lambda: RAIN.yes or COAT.yes,
            lambda: not RAIN.yes,
            lambda: bool(ALWAYS),
        ],
        ids=["and", "or", "not", "bool"],
    )
    def test_and_or_not_of_python_are_refused(self, misuse: Callable[[], object]) -> None:
        with pytest.raises(InvalidValue, match=r"write & for and, \| for or, ~ for not"):
            misuse()

    @pytest.mark.parametrize(
        ("misuse", "message"),
        [
            (lambda rain, coat, sky: rain & coat, r"& joins conditions, and was given the input rain itself: ask it with \.yes or \.no"),
            (
                lambda rain, coat, sky: coat | rain.yes,
                r"\| joins conditions, and was given the input coat itself: ask it with \.yes",
            ),
            (lambda rain, coat, sky: sky & rain.yes, r"& joins conditions, and was given the input sky itself: ask it with \.is_\(\), "),
            (lambda rain, coat, sky: sky | sky, r"\| joins conditions, and was given the input sky itself"),
            (lambda rain, coat, sky: ~rain, "~ turns a condition round, and was given the input rain itself"),
            (
                lambda rain, coat, sky: rain.yes & sky,
                r"only with conditions, not with the input sky itself: ask it with \.is_\(\), ",
            ),
        ],
    )
    def test_an_input_is_no_condition(self, misuse: Callable[[Any, Any, Any], object], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            misuse(RAIN, COAT, SKY)

    @pytest.mark.parametrize("other", [True, None, RAIN, "rain"])
    def test_conditions_combine_with_conditions_only(self, other: Any) -> None:
        with pytest.raises(InvalidValue, match="combines only with conditions"):
            RAIN.yes & other
        with pytest.raises(InvalidValue, match="combines only with conditions"):
            RAIN.yes | other


class TestInputs:
    """An input knows its values and the sentence for each."""

    def test_sentences(self) -> None:
        assert [SKY.say(value) for value in SKY.values] == [
            "the sky is clear",
            "the sky is cloudy",
            "the sky is dark grey",
            "no sky is to be seen",
        ]
        assert [RAIN.say(value) for value in RAIN.values] == ["it is dry", "it rains"]
        assert [label(value) for value in (Sky.DARK_GREY, False, True, None)] == ["dark grey", "no", "yes", "none"]

    def test_a_sentence_has_a_place_for_the_value(self) -> None:
        for sentence in ("the sky", "the sky is {} and {}", "the sky is {} {x}", "the sky is {} }"):
            with pytest.raises(InvalidValue, match=r"the input sky has not exactly one \{\} for its value"):
                Choice("sky", Sky, sentence)

    @pytest.mark.parametrize("value", ["clear", "blue", Gear.HAT, Size.CLEAR, True], ids=repr)
    def test_a_value_of_another_kind_is_refused(self, value: Any) -> None:
        with pytest.raises(InvalidValue, match="the input sky never has the value"):
            SKY.is_(value)

    def test_whoever_asks_for_it(self) -> None:
        wrong: Any = ("zz",)
        with pytest.raises(InvalidValue, match="the input rain never has the value 'zz': it has one of False, True"):
            Is(RAIN, wrong)

    def test_none_only_where_it_can_be(self) -> None:
        with pytest.raises(InvalidValue, match="the input sky never has the value None"):
            Choice("sky", Sky, "the sky is {}").is_(None)

    def test_some_value_must_be_named(self) -> None:
        with pytest.raises(InvalidValue, match="asked for no value at all"):
            SKY.in_()


class TestCitations:
    """A citation carries what its basis needs, and nothing it does not stand for."""

    @pytest.mark.parametrize(
        ("cite", "basis"),
        [
            (stated("S-28", "won't contact"), Basis.STATED),
            (elsewhere("article 1, 2025", "it says so"), Basis.ELSEWHERE),
            (implied("S-28", "won't contact", "we read it so"), Basis.IMPLIED),
            (by_term("contact.reply", "not said"), Basis.TERM),
            (house("we think so"), Basis.HOUSE),
        ],
    )
    def test_bases(self, cite: Citation, basis: Basis) -> None:
        assert cite.basis is basis

    @pytest.mark.parametrize(
        "wrong",
        [
            {"basis": Basis.STATED, "sentence": "S-28"},
            {"basis": Basis.STATED, "sentence": "S-28", "quote": " "},
            {"basis": Basis.STATED, "sentence": "S-28", "quote": "\N{HORIZONTAL ELLIPSIS}"},
            {"basis": Basis.HOUSE, "reason": " "},
            {"basis": Basis.STATED, "sentence": "S-28", "quote": "won't contact", "reason": "and more"},
            {"basis": Basis.IMPLIED, "sentence": "S-28", "quote": "won't contact"},
            {"basis": Basis.ELSEWHERE, "source": "article 1"},
            {"basis": Basis.TERM, "reason": "not said"},
            {"basis": Basis.HOUSE},
            {"basis": Basis.HOUSE, "quote": "won't contact", "reason": "x"},
        ],
        ids=str,
    )
    def test_too_little_or_too_much_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(InvalidValue, match=f"a citation( of S-28)? with basis {wrong['basis'].value} carries"):
            Citation(**wrong)

    @pytest.mark.parametrize("basis", ["stated", None, MAY])
    def test_another_basis_is_refused(self, basis: Any) -> None:
        with pytest.raises(InvalidValue, match=r"the basis of a citation is .*: wanted one of Basis\.STATED, "):
            Citation(basis=basis, sentence="S-28", quote="won't contact")

    def test_the_weakest_decides(self) -> None:
        for place, basis in enumerate(Basis):
            assert weakest(tuple(Basis)[: place + 1]) is basis


class TestWhatAClauseRefuses:
    """A clause or a law that cannot be right by itself is refused where it is written, by its id."""

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"id": ""}, "a clause has '' for its id: wanted a text"),
            ({"id": 7}, "a clause has 7 for its id: wanted a text"),
            ({"when": True}, "the clause X has for its condition True: ask inputs with .is_"),
            ({"when": RAIN}, r"the clause X has for its condition the input rain itself: ask it with \.yes or \.no"),
            ({"when": SKY}, r"the clause X has for its condition the input sky itself: ask it with \.is_\(\), \.is_not\(\) or \.in_\(\)"),
            ({"unless": "B"}, r"the clause X has for its unless 'B': wanted a tuple of ids of clauses, such as \('B',\)"),
            ({"unless": None}, "the clause X has for its unless None: wanted a tuple of ids"),
            ({"unless": (DRY,)}, r"the clause X has for its unless a tuple with Clause\("),
            (
                {"cite": None},
                "the clause X has for its citation None: say what it rests on with stated, elsewhere, implied",
            ),
            ({"cite": "x"}, "the clause X has for its citation 'x'"),
        ],
    )
    def test_a_clause(self, wrong: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            clause(**{"when": RAIN.yes} | wrong)

    def test_a_condition_within_too_many_others(self) -> None:
        with pytest.raises(InvalidValue, match=f"the condition of the clause X is nested deeper than {DEEPEST} levels: say it in fewer"):
            clause(nested(DEEPEST + 1))
        with pytest.raises(InvalidValue, match="the condition of the law L is nested deeper than"):
            Law(id="L", sentence="?", holds=~nested(DEEPEST))

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"id": ""}, "a law has '' for its id: wanted a text"),
            ({"sentence": None}, "the law L has None for its sentence: say in words"),
            ({"holds": True}, r"the law L has for its condition True: ask inputs with \.is_\(\)"),
            ({"holds": RAIN}, r"the law L has for its condition the input rain itself: ask it with \.yes or \.no"),
        ],
    )
    def test_a_law(self, wrong: dict[str, Any], message: str) -> None:
        right: dict[str, Any] = {"id": "L", "sentence": "?", "holds": RAIN.yes}
        with pytest.raises(InvalidValue, match=message):
            Law(**right | wrong)


class TestWhatAPolicyRefuses:
    """A policy that cannot be right is refused when it is built, naming the clause."""

    @pytest.mark.parametrize(
        ("clauses", "message"),
        [
            ((), "has no clauses"),
            ((DRY, DRY), "two clauses W-DRY"),
            ((DRY, WET), "W-WET names W-COAT in its unless"),
            ((clause(RAIN.no, then=Gear.HAT),), "the clause X answers Gear.HAT"),
            ((clause(RAIN.no, then="may"),), "the clause X answers 'may'"),
            ((clause(RAIN.no, then=None),), "the clause X answers None"),
            ((clause(RAIN.yes & RAIN.no),), "the condition of the clause X can never hold"),
            ((clause(~ALWAYS),), "the condition of the clause X can never hold"),
            (
                (clause(Flag("wind", "it blows", "it is calm").yes),),
                "but Outing has only sky, rain, coat: give it a field `wind: bool`",
            ),
            ((DRY, clause(Flag("rain", "rain falls", "no rain falls").yes)), "the clause X asks for rain in other words"),
            (
                (clause(Choice("rain", Sky, "{}").is_(Sky.CLEAR)),),
                "the field Outing.rain: the field is bool, and the input needs Sky",
            ),
            ((clause(Choice("sky", Sky, "{}").is_(Sky.CLEAR)),), r"the field is Sky \| None, and the input needs Sky$"),
            ((clause(RAIN.no, unless=("X",)),), "set each other aside in a circle: X"),
            ((DRY, clause(RAIN.no, unless=("Y",)), clause(RAIN.no, id="Y", unless=("X",))), "set each other aside in a circle: X, Y"),
        ],
    )
    def test_refused(self, clauses: tuple[Clause, ...], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            Policy("walk", "May we walk?", Outing, Permission, clauses)

    def test_very_many_points_are_not_all_looked_at(self) -> None:
        """Of 64 flags, and of two enums of 2,000 values each, nobody could look at every point."""
        many = StrEnum("Many", [f"m{place}" for place in range(2_000)])  # type: ignore[misc]
        fields = {f"f{place}": bool for place in range(64)} | {"one": many, "other": many}
        facts = attrs.make_class("Facts", {name: attrs.field(type=kind) for name, kind in fields.items()}, frozen=True, kw_only=True)
        flags = [Flag(name, "yes", "no") for name, kind in fields.items() if kind is bool]
        one, other = (Choice(name, many, "it is {}") for name in ("one", "other"))
        first, second, *_ = many
        all_yes, all_no = AllOf(tuple(flag.yes for flag in flags)), AllOf(tuple(flag.no for flag in flags))
        clauses = [clause(when, id=f"X-{n}") for n, when in enumerate([all_yes, all_no, one.is_(first) & other.is_(second)])]
        policy: Policy[Any, Permission] = Policy("many", "?", facts, Permission, tuple(clauses))
        assert policy.ask(**{**dict.fromkeys(fields, True), "one": first, "other": second}).because == ("X-0", "X-2")
        with pytest.raises(InvalidValue, match="the condition of the clause X can never hold"):
            Policy("many", "?", facts, Permission, (clause(all_yes & (one.is_(first) | all_no) & one.is_(second)),))

    @given(conditions())
    def test_whether_it_can_hold_is_found_as_if_all_points_were_looked_at(self, condition: Condition) -> None:
        assert parts._never_holds(condition, {item.name: item for item in condition.inputs()}) is not any(truth(condition))

    def test_what_would_take_too_long_to_find_is_left_to_the_checks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parts, "_MOST_LOOKS", 2)
        policy: Policy[Outing, Permission] = Policy("walk", "May we walk?", Outing, Permission, (DRY, clause(RAIN.yes & RAIN.no)))
        assert dead(policy) == ("X",)

    def test_a_policy_that_asks_for_nothing(self) -> None:
        with pytest.raises(InvalidValue, match="asks for any fact"):
            Policy("walk", "May we walk?", Outing, Permission, (clause(ALWAYS),))

    def test_a_law_in_other_words(self) -> None:
        law = Law(id="L", sentence="?", holds=Flag("rain", "rain falls", "no rain falls").yes)
        with pytest.raises(InvalidValue, match="the law L asks for rain in other words"):
            Policy("walk", "May we walk?", Outing, Permission, (DRY,), laws=(law,))

    @pytest.mark.parametrize(
        ("laws", "message"),
        [
            ((RAIN_NEEDS_CLOUDS, RAIN_NEEDS_CLOUDS), "the policy walk has two laws CLOUDS: give each law an id of its own"),
            ((but(RAIN_NEEDS_CLOUDS, id="W-DRY"),), "the policy walk has a clause and a law W-DRY"),
            ((but(RAIN_NEEDS_CLOUDS, holds=RAIN.yes & RAIN.no),), "the condition of the law CLOUDS can never hold: no facts at all"),
            ((but(RAIN_NEEDS_CLOUDS, holds=~ALWAYS),), "the condition of the law CLOUDS can never hold"),
            (RAIN_NEEDS_CLOUDS, r"the laws of the policy walk are Law\(.*: wanted a tuple of laws, such as \(law,\)"),
            ((RAIN.yes,), "the laws of the policy walk are a tuple with Is"),
            (None, "the laws of the policy walk are None: wanted a tuple of laws"),
        ],
    )
    def test_laws_are_checked_as_clauses_are(self, laws: Any, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            Policy("walk", "May we walk?", Outing, Permission, (DRY,), laws=laws)

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"id": ""}, "a policy has '' for its id"),
            ({"id": None}, "a policy has None for its id"),
            ({"clauses": DRY}, r"the clauses of the policy walk are Clause\(.*: wanted a tuple of clauses, such as \(clause,\)"),
            ({"clauses": (DRY, "W-WET")}, "the clauses of the policy walk are a tuple with 'W-WET' in it"),
            ({"answers": "Permission"}, "the policy walk has 'Permission' for its answers: wanted the class of an enum of texts"),
            ({"answers": int}, "the policy walk has the class int for its answers"),
            ({"facts": Plain}, "the policy walk has the class Plain for its facts: wanted a class that attrs makes"),
            ({"facts": Outing()}, r"the policy walk has Outing\(.* for its facts"),
            ({"facts": Empty}, "the policy walk asks for rain, but Empty has no field at all: give it a field `rain: bool`"),
            ({"facts": Whole}, "does not fit the field Whole.rain: the field is int, and the input needs bool"),
            ({"facts": Unknown}, "a type of Unknown, the facts of the policy walk, cannot be found: name 'Nowhere' is not defined"),
        ],
    )
    def test_what_is_of_another_kind(self, wrong: dict[str, Any], message: str) -> None:
        right: dict[str, Any] = {"id": "walk", "question": "?", "facts": Outing, "answers": Permission, "clauses": (DRY,)}
        with pytest.raises(InvalidValue, match=message):
            Policy(**right | wrong)

    def test_lists_become_tuples(self) -> None:
        clauses, laws = [but(WET, unless=["W-COAT"]), COATED, DARK, DRY], [RAIN_NEEDS_CLOUDS]
        policy: Policy[Any, Any] = Policy("walk", "May we walk?", Outing, Permission, clauses, laws=laws)  # type: ignore[arg-type]
        clauses.clear()
        laws.clear()
        assert policy == WALK
        assert (type(policy.clauses), type(policy.laws), policy.clause("W-WET").unless) == (tuple, tuple, ("W-COAT",))
        assert hash(policy.clause("W-WET")) == hash(WET)

    def test_an_answer_of_none_only_where_answers_are_collected(self) -> None:
        assert PACKING.decide(Outing()).outcome == ()


class TestAmending:
    """Another program's rules are a value made of these: clauses repealed and added, checked as any policy is."""

    UMBRELLA = Clause("W-UMBRELLA", MAY, RAIN.yes & COAT.no, cite=house("an umbrella is at hand"))

    def test_repealing_leaves_no_reference_behind(self) -> None:
        strict = WALK.amend(repeal=("W-COAT",))
        assert [(one.id, one.unless) for one in strict.clauses] == [("W-DRY", ()), ("W-WET", ()), ("W-DARK", ())]
        assert WALK.clause("W-WET").unless == ("W-COAT",)

    def test_a_clause_that_is_replaced_keeps_its_place_among_the_exceptions(self) -> None:
        bolder = WALK.amend(repeal=("W-COAT",), add=(but(COATED, unless=()),))
        assert bolder.clause("W-WET").unless == ("W-COAT",)
        assert bolder.decide(Outing(sky=Sky.CLOUDY, rain=True, coat=True)).because == ("W-COAT",)

    @given(st.sets(st.sampled_from(["W-DRY", "W-WET", "W-COAT", "W-DARK"]), max_size=3))
    def test_what_is_repealed_and_added_again_is_the_same_policy(self, some: set[str]) -> None:
        again = tuple(one for one in WALK_CLAUSES if one.id in some)
        assert WALK.amend(repeal=tuple(some), add=again) == WALK

    def test_what_can_be_read_only_once_is_read_once(self) -> None:
        assert WALK.amend(repeal=(name for name in ["W-COAT"])) == WALK.amend(repeal=("W-COAT",)) != WALK  # type: ignore[arg-type]

    def test_nothing_to_amend(self) -> None:
        assert WALK.amend() == WALK
        assert WALK.amend().fingerprint == WALK.fingerprint

    def test_the_old_policy_stays_as_it_was(self) -> None:
        before = WALK.fingerprint
        amended = WALK.amend(add=(but(self.UMBRELLA, unless=("W-WET",)),))
        assert (WALK.fingerprint, amended == WALK) == (before, False)
        assert PACKING.amend(repeal=("P-COAT",)).collects

    @pytest.mark.parametrize(
        ("add", "repeal", "message"),
        [
            ((), ("W-SNOW",), "has no clause 'W-SNOW'"),
            ((DRY,), (), r"would have two clauses W-DRY: repeal the one it has in the same amendment, with repeal=\('W-DRY',\), or"),
            ((DRY, DRY), ("W-DRY",), "two clauses W-DRY: give each clause an id of its own"),
            (DRY, (), r"the clauses to add to the policy walk are Clause\(.*: wanted a tuple of clauses, such as \(clause,\)"),
            ((), "W-DRY", r"the clauses to repeal in the policy walk are 'W-DRY': wanted a tuple of ids of clauses, such as \('W-DRY',\)"),
            ((), {"W-DRY"}, r"the clauses to repeal in the policy walk are \{'W-DRY'\}: wanted a tuple of ids"),
            (None, (), "the clauses to add to the policy walk are None: wanted a tuple of clauses"),
            ((), (DRY,), r"the clauses to repeal in the policy walk are a tuple with Clause\("),
            ((but(COATED, id="W-HAT", unless=("W-SNOW",)),), (), "W-HAT names W-SNOW in its unless"),
            ((but(DARK, unless=("W-WET",)),), ("W-DARK",), "set each other aside in a circle"),
            ((clause(RAIN.yes & RAIN.no),), (), "can never hold"),
            ((clause(Flag("wind", "it blows", "it is calm").yes),), (), "asks for wind"),
            ((), ("W-DRY", "W-WET", "W-COAT", "W-DARK"), "has no clauses"),
        ],
    )
    def test_what_cannot_be_right_is_refused(self, add: tuple[Clause, ...], repeal: tuple[str, ...], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            WALK.amend(add=add, repeal=repeal)


class TestDeciding:
    """Clauses decide that apply and are not set aside; an exception to an exception brings the rule back."""

    @pytest.mark.parametrize(
        ("facts", "outcome", "because", "set_aside", "basis"),
        [
            (Outing(), MAY, ("W-DRY",), (), Basis.STATED),
            (Outing(rain=True), MAY_NOT, ("W-WET",), (), Basis.HOUSE),
            (Outing(rain=True, coat=True), MAY, ("W-COAT",), (("W-WET", ("W-COAT",)),), Basis.TERM),
            (
                Outing(rain=True, coat=True, sky=Sky.DARK_GREY),
                MAY_NOT,
                ("W-DARK", "W-WET"),
                (("W-COAT", ("W-DARK",)),),
                Basis.HOUSE,
            ),
        ],
    )
    def test_the_whole_account(
        self, facts: Outing, outcome: Permission, because: tuple[str, ...], set_aside: tuple[Any, ...], basis: Basis
    ) -> None:
        ruling = WALK.decide(facts)
        applying = {*because, *(clause_id for clause_id, _ in set_aside)}
        assert ruling == Ruling(
            outcome=outcome,
            because=because,
            set_aside=set_aside,
            not_applying=tuple(sorted(one.id for one in WALK_CLAUSES if one.id not in applying)),
            basis=basis,
            policy="walk",
            edition=WALK.fingerprint,
        )

    @pytest.mark.parametrize("shuffled", list(permutations(WALK_CLAUSES)), ids=lambda clauses: " ".join(one.id for one in clauses))
    def test_the_order_of_clauses_means_nothing(self, shuffled: tuple[Clause, ...]) -> None:
        other = walk(*shuffled)
        assert other == WALK
        assert hash(other) == hash(WALK)
        for facts in points(WALK):
            assert other.decide(facts) == WALK.decide(facts)

    @pytest.mark.parametrize("kind", [AllOf, AnyOf])
    def test_the_order_within_a_clause_means_nothing(self, kind: type[AllOf] | type[AnyOf]) -> None:
        ways = {
            walk(DRY, COATED, DARK, clause(kind(parts), id="W-WET", then=MAY_NOT, unless=unless)).fingerprint
            for parts in permutations((RAIN.yes, COAT.no, SKY.is_(Sky.CLOUDY)))
            for unless in permutations(("W-COAT", "W-DARK"))
        }
        assert len(ways) == 1
        other = AnyOf if kind is AllOf else AllOf
        assert walk(DRY, clause(other((RAIN.yes, COAT.no)), id="X")) != walk(DRY, clause(kind((RAIN.yes, COAT.no)), id="X"))

    def test_the_words_of_a_policy_are_its_fingerprint(self) -> None:
        assert walk(DRY, WET, COATED, clause(DARK.when, id="W-DARK", then=MAY_NOT, cite=house("thunder"))).fingerprint != WALK.fingerprint
        assert len({policy.fingerprint for policy in POLICIES}) == len(POLICIES)

    def test_a_collecting_policy_gives_all_answers_in_the_order_of_the_enum(self) -> None:
        ruling = PACKING.decide(Outing(rain=True, coat=True))
        assert ruling.outcome == (Gear.COAT, Gear.BOOTS)
        assert ruling.because == ("P-BOOTS", "P-COAT")

    def test_contradiction_and_silence_are_raised_by_name(self) -> None:
        with pytest.raises(InvalidValue, match="W-WET says may not, W-COAT says may; let one name the other"):
            walk(clause(RAIN.yes, id="W-WET", then=MAY_NOT), clause(COAT.yes, id="W-COAT")).decide(Outing(rain=True, coat=True))
        with pytest.raises(InvalidValue, match="no clause of the policy walk decides"):
            walk(DRY).decide(Outing(rain=True))

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"rain": "no"}, "the fact rain is 'no', which is none of its values: wanted one of False, True"),
            ({"rain": None}, "the fact rain is None"),
            ({"rain": []}, r"the fact rain is \[\]"),
            ({"sky": "blue"}, "the fact sky is 'blue'"),
            ({"sky": Gear.HAT}, "the fact sky is"),
        ],
    )
    def test_facts_outside_their_type(self, wrong: dict[str, Any], message: str) -> None:
        for facts in points(WALK):
            WALK.decide(facts)
        with pytest.raises(InvalidValue, match=message):
            WALK.decide(Outing(**wrong))

    def test_facts_of_another_policy(self) -> None:
        other: Any = DutiesFacts(owner=Owner.PARTNER)
        with pytest.raises(InvalidValue, match="the policy walk needs the fact sky, which DutiesFacts has not: ask with Outing"):
            WALK.decide(other)

    def test_facts_without_one_that_matters(self) -> None:
        @attrs.frozen(kw_only=True)
        class Half:
            sky: Sky
            rain: bool

        half: Any = Half(sky=Sky.CLOUDY, rain=True)
        with pytest.raises(InvalidValue, match="the policy walk needs the fact coat, which Half has not: ask with Outing") as caught:
            walk(*WALK_CLAUSES).decide(half)
        assert caught.value.__context__ is None or caught.value.__suppress_context__

    def test_a_refusal_hides_no_other_error(self) -> None:
        with pytest.raises(InvalidValue, match="facts that cannot be") as caught:
            WALK.decide(Outing(sky=Sky.CLEAR, rain=True))
        assert caught.value.__context__ is None

    def test_facts_that_break_a_law(self) -> None:
        for _ in range(2):
            with pytest.raises(InvalidValue, match=r"facts that cannot be .* walk: rain falls from clouds \(CLOUDS\)"):
                WALK.decide(Outing(sky=Sky.CLEAR, rain=True))

    def test_facts_that_change_while_they_are_read_do_not_speak_for_others(self) -> None:
        @attrs.define
        class Fickle:
            """Facts that say something else at the second look."""

            sky: Sky | None = None
            looks: int = 0

            @property
            def rain(self) -> bool:
                self.looks += 1
                return self.looks > 1

            coat: bool = False

        for _ in range(3):
            walk(*WALK_CLAUSES).decide(Fickle())  # type: ignore[arg-type]
        policy = walk(*WALK_CLAUSES)
        policy.decide(Fickle())  # type: ignore[arg-type]
        for facts in (Outing(rain=True), Outing(rain=False)):
            assert policy.decide(facts) == WALK.decide(facts)

    def test_a_clause_by_its_id(self) -> None:
        assert WALK.clause("W-DARK") is DARK
        with pytest.raises(InvalidValue, match="the policy walk has no clause 'W-NONE': it has W-DRY, W-WET, W-COAT, W-DARK"):
            WALK.clause("W-NONE")

    def test_which_clauses_apply(self) -> None:
        assert WALK.applying(Outing(rain=True, coat=True)) == (False, True, True, False)


class TestAsAValue:
    """A policy is code: it stays where it was built, and copies of it are the policy itself."""

    def test_it_is_not_sent(self) -> None:
        with pytest.raises(InvalidValue, match="the policy walk cannot be pickled, for it is code and data: build or"):
            pickle.dumps(WALK)

    def test_a_copy_is_the_policy(self) -> None:
        assert copy.copy(WALK) is WALK
        assert copy.deepcopy([WALK])[0] is WALK

    def test_the_deepest_condition_is_decided_and_told_by_whoever_has_little_room(self) -> None:
        deep = nested(DEEPEST - 1)
        policy = walk(clause(deep), clause(~deep, id="Y", then=MAY_NOT))

        def at_depth(frames: int) -> tuple[object, ...]:
            if frames:
                return at_depth(frames - 1)
            told = policy.ask(rain=True), prose(policy), policy.tree_source()
            return policy.fingerprint, census(policy), same_rulings(policy, policy), told

        assert at_depth(400)

    def test_rulings_that_only_a_reader_asks_for_are_not_all_kept(self) -> None:
        policy = walk(*WALK_CLAUSES)
        kept = policy.ruling_where((True, False, False, False), keep_up_to=1)
        assert policy.ruling_where((True, False, False, False)) is kept
        asked = [policy.ruling_where((False, True, False, True), keep_up_to=1) for _ in range(2)]
        assert asked[0] == asked[1]
        assert asked[0] is not asked[1]
        assert policy.decide(Outing(rain=True, sky=Sky.DARK_GREY)) is not asked[0]


class TestRulings:
    """A ruling is one shared value: it can be kept, compared, hashed and sent, and never passes for a yes."""

    @pytest.mark.parametrize("policy", [WALK, PACKING, CONTACT, DUTIES], ids=lambda policy: policy.id)
    def test_kept_and_sent(self, policy: Policy[Any, Any]) -> None:
        for facts in points(policy):
            ruling = policy.decide(facts)
            back = pickle.loads(pickle.dumps(ruling))  # noqa: S301 - our own bytes
            assert back == ruling
            assert hash(back) == hash(ruling)

    @pytest.mark.parametrize("policy", [WALK, CONTACT], ids=lambda policy: policy.id)
    def test_equal_rulings_are_one_object(self, policy: Policy[Any, Any]) -> None:
        rulings = [policy.decide(facts) for facts in points(policy)]
        assert len({id(ruling) for ruling in rulings}) == len(set(rulings))
        assert [policy.decide(facts) for facts in points(policy)] == rulings
        assert all(policy.decide(facts) is ruling for facts, ruling in zip(points(policy), rulings, strict=True))

    @pytest.mark.parametrize("facts", [Outing(), Outing(rain=True)])
    def test_a_ruling_is_neither_yes_nor_no(self, facts: Outing) -> None:
        ruling = WALK.decide(facts)
        with pytest.raises(InvalidValue, match=r"ask \.outcome or \.allowed of the ruling on walk"):
            bool(ruling)

    def test_allowed_and_require(self) -> None:
        yes, no = WALK.decide(Outing()), WALK.decide(Outing(rain=True))
        assert (yes.allowed, no.allowed) == (True, False)
        assert yes.require("walking") is yes
        with pytest.raises(Refused, match=r"^walking: the rules on walk do not allow it: W-WET$") as raised:
            no.require("walking")
        assert (raised.value.ruling, raised.value.act) == (no, "walking")
        with pytest.raises(Refused, match=r"^the rules on walk do not allow it: W-WET$"):
            no.require()

    def test_only_permissions_allow(self) -> None:
        ruling = PACKING.decide(Outing())
        for ask in (lambda: ruling.allowed, ruling.require):
            with pytest.raises(InvalidValue, match=r"the policy packing answers \(\), not a permission"):
                ask()

    def test_a_refusal_can_be_sent(self) -> None:
        refused = Refused(WALK.decide(Outing(rain=True)), "walking", ("nobody walks in the rain",))
        assert str(refused) == "walking: the rules on walk do not allow it: W-WET (nobody walks in the rain)"
        back = pickle.loads(pickle.dumps(refused))  # noqa: S301 - our own bytes
        assert (back.ruling, back.act, str(back)) == (refused.ruling, "walking", str(refused))


class TestEditions:
    """A policy has dated texts; a logged decision is asked again by the text of its day."""

    OLD = walk(DRY, clause(RAIN.yes, id="W-WET", then=MAY_NOT))
    DATED = Editions((Edition(policy=OLD, starts_on=date(2024, 1, 1)), Edition(policy=WALK, starts_on=date(2025, 8, 8))))

    @pytest.mark.parametrize(
        ("day", "policy"),
        [(date(2024, 1, 1), OLD), (date(2025, 8, 7), OLD), (date(2025, 8, 8), WALK), (date.max, WALK)],
    )
    def test_the_text_of_a_day(self, day: date, policy: Policy[Any, Any]) -> None:
        assert self.DATED.on(day) is policy
        assert [edition.policy for edition in self.DATED] == [self.OLD, WALK]

    def test_the_fingerprint_says_which_editions_these_are(self) -> None:
        first, second = self.DATED
        again = Editions((Edition(policy=first.policy, starts_on=first.starts_on), Edition(policy=WALK, starts_on=date(2025, 8, 8))))
        others = [
            Editions((first,)),
            Editions((second,)),
            Editions((first, Edition(policy=WALK, starts_on=date(2025, 8, 9)))),
            Editions((Edition(policy=WALK, starts_on=first.starts_on), second)),
        ]
        assert again.fingerprint == self.DATED.fingerprint
        assert len({one.fingerprint for one in (self.DATED, *others)}) == 5

    def test_no_text_before_the_first(self) -> None:
        with pytest.raises(InvalidValue, match="the policy walk has no text for 2023-12-31: its first edition starts on 2024-01-01"):
            self.DATED.on(date(2023, 12, 31))

    @pytest.mark.parametrize("day", ["2025-01-01", None, datetime(2025, 1, 1)])  # noqa: DTZ001 - what is refused
    def test_what_is_no_day(self, day: Any) -> None:
        with pytest.raises(InvalidValue, match=r"the policy walk was asked for on .*: wanted a day, such as date\(2025, 8, 8\)"):
            self.DATED.on(day)

    @pytest.mark.parametrize("day", ["2025-01-01", datetime(2025, 1, 1)])  # noqa: DTZ001 - what is refused
    def test_an_entry_of_no_day(self, day: Any) -> None:
        with pytest.raises(InvalidValue, match=r"^a decision is logged for .*2025.*: wanted a day, such as date\(2025, 8, 8\)"):
            LogEntry(facts=Outing(), ruling=WALK.decide(Outing()), day=day)

    def test_an_entry_of_another_policy(self) -> None:
        entry = LogEntry(facts=Outing(), ruling=PACKING.decide(Outing()), day=date(2025, 8, 8))
        with pytest.raises(InvalidValue, match="a ruling on the policy packing, and these are editions of the policy walk: replay it with"):
            self.DATED.replay(entry)

    def test_replay(self) -> None:
        facts = Outing(rain=True, coat=True)
        before, after = date(2025, 8, 7), date(2025, 8, 8)
        ruling, new_ruling = self.OLD.decide(facts), WALK.decide(facts)
        assert self.DATED.replay(LogEntry(facts=facts, ruling=ruling, day=before)) is Replay.SAME
        assert self.DATED.replay(LogEntry(facts=facts, ruling=new_ruling, day=after)) is Replay.SAME
        assert self.DATED.replay(LogEntry(facts=facts, ruling=ruling, day=after)) is Replay.TEXT_ALTERED
        assert self.DATED.replay(LogEntry(facts=Outing(), ruling=new_ruling, day=after)) is Replay.DIFFERENT_RULING

    def test_an_entry_survives_a_journey(self) -> None:
        contact = Editions((Edition(policy=CONTACT, starts_on=date.min),))
        facts = ContactFacts(owner=Owner.PARTNER, purpose=Purpose.MARKETING)
        entry = LogEntry(facts=facts, ruling=CONTACT.decide(facts), day=date(2025, 8, 8))
        assert contact.replay(pickle.loads(pickle.dumps(entry))) is Replay.SAME  # noqa: S301 - our own bytes

    @pytest.mark.parametrize(
        ("editions", "message"),
        [
            ((), "without any edition"),
            (
                (Edition(policy=WALK, starts_on=date(2025, 1, 1)), Edition(policy=OLD, starts_on=date(2024, 1, 1))),
                "in the order of their days",
            ),
            ((Edition(policy=WALK, starts_on=date(2025, 1, 1)), Edition(policy=OLD, starts_on=date(2025, 1, 1))), "one a day"),
            (
                (Edition(policy=WALK, starts_on=date(2024, 1, 1)), Edition(policy=PACKING, starts_on=date(2025, 1, 1))),
                "of one policy, not of walk, packing",
            ),
        ],
    )
    def test_what_is_refused(self, editions: tuple[Edition, ...], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            Editions(editions)
