"""Decision trees, tables, columns and the walk through the conditions: four ways to one ruling, and nobody can tell them apart."""

import inspect
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from itertools import islice
from types import SimpleNamespace
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from partnerkit.clauses import ALWAYS, Choice, Clause, Condition, Flag, Law, Permission, Policy, Ruling, deciders, house, label, walks
from partnerkit.clauses.checks import points
from partnerkit.clauses.deciders import Decider
from partnerkit.clauses.walks import Walk
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue
from partnerkit.partners import Management
from partnerkit.policies import CONTACT, CREDITING, POLICIES, ContactFacts, Owner, OwnershipFacts, Purpose
from values import but

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT


@pytest.fixture(scope="module", autouse=True)
def asked_often() -> Iterator[None]:
    """Every policy counts as asked often from its first question on, so that its tree is what answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciders, "_ASKED_OFTEN", 0)
        yield


class Sky(Named):
    """Invented."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    DARK = "dark"
    RED = "red"
    GREEN = "green"


class Wind(Named):
    """Invented, with a text that is also one of another enum."""

    CALM = "calm"
    CLEAR = "clear"


@attrs.frozen(kw_only=True)
class Weather:
    """Invented."""

    sky: Sky
    wind: Wind | None = None
    rain: bool = False
    coat: bool = True
    late: bool


@attrs.frozen(kw_only=True)
class Strict:
    """Invented: it has an error of its own."""

    rain: bool

    def __attrs_post_init__(self) -> None:
        if self.rain is None:
            raise TypeError("no rain at all")


SKY = Choice("sky", Sky, "the sky is {}")
WIND = Choice("wind", Wind, "the wind is {}", absent="nobody knows the wind")
RAIN = Flag("rain", "it rains", "it is dry")
COAT = Flag("coat", "a coat is at hand", "no coat is at hand")
LATE = Flag("late", "it is late", "it is early")
EVERYWHERE = list(oracle.every_point(Weather))
ODD = ["clear", Wind.CLEAR, "blue", 1, 0, 1.0, None, [], object()]

LEAVES = [
    *(SKY.is_(Sky.CLEAR), SKY.in_(Sky.CLOUDY, Sky.DARK), SKY.is_not(Sky.RED), WIND.is_(None), WIND.in_(Wind.CALM, None)),
    *(RAIN.yes, RAIN.no, COAT.yes, COAT.no, LATE.yes, LATE.no),
]


def clause(when: Condition, **other: Any) -> Clause:
    usual: dict[str, Any] = {"id": "W", "then": MAY, "when": when, "cite": house("x")}
    return Clause(**usual | other)


def policy_of(*clauses: Clause, facts: type[Any] = Weather, **other: Any) -> Policy[Any, Permission]:
    return Policy("walk", "May we walk?", facts, Permission, clauses, **other)


def conditions() -> st.SearchStrategy[Condition]:
    def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        return (
            st.builds(lambda one, other: one & other, inner, inner)
            | st.builds(lambda one, other: one | other, inner, inner)
            | inner.map(lambda one: ~one)
        )

    return st.recursive(st.sampled_from(LEAVES), joined, max_leaves=6)


@st.composite
def policies(draw: st.DrawFn) -> Policy[Any, Any]:
    """Give policies that may be silent or contradict themselves at some points, with or without laws, collecting or not."""
    whens = draw(st.lists(conditions(), min_size=1, max_size=5))
    clauses = [
        clause(
            when,
            id=f"W-{place}",
            then=draw(st.sampled_from([MAY, MAY_NOT])),
            unless=tuple(f"W-{above}" for above in range(place) if draw(st.booleans())),
        )
        for place, when in enumerate(whens)
    ]
    if draw(st.booleans()):
        clauses.append(clause(ALWAYS, id="W-ELSE", then=MAY_NOT, unless=tuple(one.id for one in clauses)))
    laws = tuple(
        Law(id=f"L-{place}", sentence="so it is", holds=holds) for place, holds in enumerate(draw(st.lists(conditions(), max_size=2)))
    )
    collects = draw(st.booleans())
    try:
        return Policy("walk", "May we walk?", Weather, Permission, tuple(clauses), laws=laws, collects=collects)
    except InvalidValue:  # a condition that can never hold
        return policy_of(clause(draw(st.sampled_from(LEAVES))))


Told = tuple[str, object]


def told(ask: Callable[[], object]) -> Told:
    """Give what a question brought: the very ruling, or the words of the refusal."""
    try:
        return "ruling", id(ask())
    except InvalidValue as fault:
        return "refused", str(fault)


def walker_of(policy: Policy[Any, Any]) -> Callable[[Any], Ruling[Any]]:
    """Give the table over a walk through the conditions that knows no tree, and gives the rulings of the policy."""
    walk = Walk(
        policy=policy.id,
        facts=policy.facts,
        inputs=policy.inputs,
        conditions=tuple(one.when for one in policy.clauses),
        laws=policy.laws,
        rule=policy.ruling_where,
    )
    return Decider(walk, "")._by_table


def named(facts: Any) -> dict[str, Any]:
    return {field.name: getattr(facts, field.name) for field in attrs.fields(type(facts))}


def columns_of(facts: Iterable[Any]) -> dict[str, list[Any]]:
    rows = [named(one) for one in facts]
    return {name: [row[name] for row in rows] for name in rows[0]}


def assert_one_answer(policy: Policy[Any, Any], facts: Any, walk: Callable[[Any], Ruling[Any]]) -> Told:
    """Hold that all ways to ask about some facts bring the same, and give it."""
    expected = told(lambda: walk(facts))
    assert told(lambda: policy.decide(facts)) == expected
    assert told(lambda: policy.ask(**named(facts))) == expected
    in_columns = told(lambda: policy.decide_columns(columns_of([facts]))[0])
    if expected[0] == "refused":
        expected = ("refused", f"row 0 of the columns, counted from 0: {expected[1]}")
    assert in_columns == expected
    return expected


class TestOneRuling:
    """However a policy is asked, the same facts bring the same object, and the same refusal in the same words."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_at_every_point_of_every_policy(self, policy: Policy[Any, Any]) -> None:
        walk = walker_of(policy)
        lawful = []
        for facts in oracle.every_point(policy.facts):
            expected = told(lambda facts=facts: walk(facts))  # type: ignore[misc]
            assert told(lambda facts=facts: policy.decide(facts)) == expected  # type: ignore[misc]
            assert told(lambda facts=facts: policy.ask(**named(facts))) == expected  # type: ignore[misc]
            if expected[0] == "ruling":
                lawful.append(facts)
        rulings = policy.decide_columns(columns_of(lawful))
        assert [id(ruling) for ruling in rulings] == [id(policy.ruling_where(policy.applying(facts))) for facts in lawful]
        assert [id(ruling) for ruling in rulings] == [id(policy.decide(facts)) for facts in lawful]

    @pytest.mark.parametrize("policy", [one for one in POLICIES if one is not CREDITING], ids=lambda policy: policy.id)
    def test_for_facts_that_cannot_be(self, policy: Policy[Any, Any]) -> None:
        """One fact in the place of which stands its text, a number, a member of another enum, or nonsense."""
        walk = walker_of(policy)
        for facts in islice(points(policy), 0, None, 13):
            for item in policy.inputs:
                value = getattr(facts, item.name)
                texts = [value.value] if isinstance(value, StrEnum) else [int(value)] if isinstance(value, bool) else []
                for odd in [*texts, "nonsense", None, Wind.CALM, 2, [], 1.0]:
                    assert_one_answer(policy, but(facts, **{item.name: odd}), walk)

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_for_facts_that_are_missing(self, policy: Policy[Any, Any]) -> None:
        walk = walker_of(policy)
        for facts in islice(points(policy), 0, 2_000, 31):
            for gone in policy.inputs:
                rest: Any = SimpleNamespace(**{name: value for name, value in named(facts).items() if name != gone.name})
                assert told(lambda rest=rest: policy.decide(rest)) == told(lambda rest=rest: walk(rest))  # type: ignore[misc]

    @settings(deadline=None, max_examples=60)
    @given(policies())
    def test_of_any_policy_at_every_point(self, policy: Policy[Any, Any]) -> None:
        walk = walker_of(policy)
        for facts in EVERYWHERE:
            kind, found = assert_one_answer(policy, facts, walk)
            if kind == "ruling":
                assert found == id(policy.ruling_where(policy.applying(facts)))

    @settings(deadline=None, max_examples=60)
    @given(policies(), st.sampled_from(EVERYWHERE), st.data())
    def test_of_any_policy_for_odd_facts(self, policy: Policy[Any, Any], facts: Weather, data: st.DataObject) -> None:
        walk = walker_of(policy)
        names = data.draw(st.lists(st.sampled_from([field.name for field in attrs.fields(Weather)]), max_size=2, unique=True))
        odd: Any = SimpleNamespace(**named(facts) | {name: data.draw(st.sampled_from(ODD)) for name in names})
        assert told(lambda: policy.decide(odd)) == told(lambda: walk(odd))
        assert_one_answer(policy, Weather(**vars(odd)), walk)

    @settings(deadline=None, max_examples=60)
    @given(policies(), st.lists(st.sampled_from(EVERYWHERE), min_size=1, max_size=8), st.booleans(), st.booleans())
    def test_of_columns_with_some_left_out(
        self, policy: Policy[Any, Any], rows: list[Weather], without_wind: bool, without_coat: bool
    ) -> None:
        left_out = {name for name, out in (("wind", without_wind), ("coat", without_coat)) if out}
        columns = {name: column for name, column in columns_of(rows).items() if name not in left_out}
        walk = walker_of(policy)
        full = [but(row, **{field.name: field.default for field in attrs.fields(Weather) if field.name in left_out}) for row in rows]
        expected = [told(lambda row=row: walk(row)) for row in full]  # type: ignore[misc]
        refused = [(row, words) for row, (kind, words) in enumerate(expected) if kind == "refused"]
        if refused:
            with pytest.raises(InvalidValue) as caught:
                policy.decide_columns(columns)
            assert str(caught.value) == f"row {refused[0][0]} of the columns, counted from 0: {refused[0][1]}"
        else:
            assert [("ruling", id(ruling)) for ruling in policy.decide_columns(columns)] == expected


class TestTheFunction:
    """`decide` is one function for ever, and it turns into the tree when it has been asked often."""

    def test_taken_before_the_first_decision(self) -> None:
        policy = policy_of(clause(RAIN.no), clause(RAIN.yes, id="W-WET", then=MAY_NOT))
        decide, ask = policy.decide, policy.ask
        before = decide.__code__
        facts = EVERYWHERE[0]
        assert decide(facts) is ask(**named(facts)) is policy.decide(facts)
        assert policy.decide is decide
        assert policy.ask is ask
        assert decide.__code__ is not before
        assert inspect.signature(decide).parameters.keys() == {"facts"}
        assert inspect.signature(ask).parameters.keys() == {"sky", "wind", "rain", "coat", "late"}
        assert (decide.__name__, ask.__name__) == ("decide", "ask")

    @pytest.mark.parametrize("ask", ["CONTACT.ask(owner=Owner.PARTNER, purpose=Purpose.SALES)", "CONTACT.decide_columns(columns)"])
    def test_what_makes_trees_is_loaded_by_those_who_ask_often(self, ask: str) -> None:
        """A program that asks a few questions does not wait for what would only pay for itself after many."""
        program = (
            "import sys\n"
            "from partnerkit.policies import CONTACT, Owner, Purpose\n"
            "columns = {'owner': [Owner.PARTNER] * 3, 'purpose': [Purpose.SALES] * 3}\n"
            f"{ask}\n"
            "assert not {'partnerkit.clauses.texts', 'partnerkit.clauses.trees'} & sys.modules.keys()\n"
            "columns = {'owner': [Owner.PARTNER] * 1_001, 'purpose': [Purpose.SALES] * 1_001}\n"
            f"for _ in range(1_001): {ask}\n"
            "assert {'partnerkit.clauses.texts', 'partnerkit.clauses.trees'} <= sys.modules.keys()\n"
        )
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (0, "")

    def test_few_and_many_questions_have_the_same_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deciders, "_ASKED_OFTEN", 3)
        policy = policy_of(clause(RAIN.no), clause(RAIN.yes, id="W-WET", then=MAY_NOT))
        assert len({id(policy.decide(EVERYWHERE[0])) for _ in range(7)}) == 1
        assert policy.decide_columns(columns_of(EVERYWHERE[:2])) == policy.decide_columns(columns_of(EVERYWHERE[:3]))[:2]

    def test_it_tells_the_same_of_itself_before_and_after(self) -> None:
        policy = policy_of(clause(RAIN.no), clause(RAIN.yes, id="W-WET", then=MAY_NOT))
        before = [(inspect.signature(one), inspect.getdoc(one), one.__name__) for one in (policy.decide, policy.ask)]
        policy.decide(EVERYWHERE[0])
        policy.ask(**named(EVERYWHERE[0]))
        assert [(inspect.signature(one), inspect.getdoc(one), one.__name__) for one in (policy.decide, policy.ask)] == before
        (decide, about_decide, _), (ask, about_ask, _) = before
        assert decide.parameters["facts"].annotation is Weather
        assert {one.name: one.kind for one in ask.parameters.values()} == dict.fromkeys(
            named(EVERYWHERE[0]), inspect.Parameter.KEYWORD_ONLY
        )
        assert (ask.parameters["coat"].default, ask.parameters["sky"].default) == (True, inspect.Parameter.empty)
        assert str(about_decide).startswith("Answer the question for some facts.")
        assert str(about_ask).startswith("Answer the question for facts given by name")

    def test_asked_first_by_many_at_once(self) -> None:
        for _ in range(20):
            policy = policy_of(clause(SKY.is_(Sky.RED)), clause(~SKY.is_(Sky.RED), id="W-ELSE", then=MAY_NOT))
            decide = policy.decide
            with ThreadPoolExecutor(8) as pool:
                found = list(pool.map(decide, EVERYWHERE * 3))
            assert [id(one) for one in found] == [id(policy.ruling_where(policy.applying(facts))) for facts in EVERYWHERE * 3]

    def test_a_refusal_of_the_first_question_is_one_of_the_next_too(self) -> None:
        policy = policy_of(clause(RAIN.no), clause(RAIN.yes, id="W-WET"))
        wrong: Any = SimpleNamespace(rain="no")
        for _ in range(2):
            with pytest.raises(InvalidValue, match="the fact rain is 'no'") as caught:
                policy.decide(wrong)
            assert caught.value.__context__ is None

    def test_a_value_that_is_equal_and_cannot_be_looked_up(self) -> None:
        class Red:
            def __eq__(self, other: object) -> bool:
                return other is Sky.RED

            __hash__ = None  # type: ignore[assignment]

        policy = policy_of(clause(SKY.is_(Sky.RED)), clause(SKY.is_not(Sky.RED), id="W-ELSE"))
        odd: Any = SimpleNamespace(sky=Red())
        with pytest.raises(InvalidValue, match="SimpleNamespace cannot be put to the policy walk: ask with Weather"):
            policy.decide(odd)

    @pytest.mark.parametrize("fault", [TypeError, ValueError])
    def test_a_value_that_is_neither_equal_nor_not(self, fault: type[Exception]) -> None:
        """Such as pandas.NA, and an array."""

        class Unknown:
            def __eq__(self, other: object) -> Any:
                return self

            def __bool__(self) -> bool:
                raise fault("neither true nor false")

            def __hash__(self) -> int:
                return 7

            def __repr__(self) -> str:
                return "unknown"

        policy = policy_of(clause(SKY.is_(Sky.RED) & RAIN.no & LATE.no), clause(LATE.yes, id="W-LATE"), clause(RAIN.yes, id="W-WET"))
        for name in ("sky", "rain", "late"):
            facts = but(Weather(sky=Sky.RED, late=False), **{name: Unknown()})
            outcome, words = assert_one_answer(policy, facts, walker_of(policy))
            assert outcome == "refused"
            assert f": the fact {name} is unknown, which is none of its values" in str(words)
        columns: dict[str, list[Any]] = {"sky": [Sky.RED, Sky.RED], "late": [True, Unknown()]}
        with pytest.raises(InvalidValue, match=r"^row 1 of the columns, counted from 0: the fact late is unknown, which is none of its"):
            policy.decide_columns(columns)

    def test_what_cannot_be_pickled_says_where_it_comes_from(self) -> None:
        for function in (CONTACT.decide, CONTACT.ask):
            with pytest.raises(pickle.PicklingError, match=rf"partnerkit\.clauses\.model\.Policy\.{function.__name__}$"):
                pickle.dumps(function)

    @pytest.mark.parametrize("often", [0, 9])
    def test_arguments_are_those_of_the_class(self, often: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deciders, "_ASKED_OFTEN", often)
        policy = CONTACT.amend()
        assert policy.ask(owner=Owner.VENDOR, purpose=Purpose.SALES).allowed
        with pytest.raises(InvalidValue, match=r"^the policy contact needs the fact owner and the fact purpose: only facts with a default"):
            policy.ask()
        with pytest.raises(InvalidValue, match=r"^the policy contact needs the fact purpose: only facts with a default") as caught:
            policy.ask(owner=Owner.VENDOR)
        assert caught.value.__suppress_context__
        with pytest.raises(InvalidValue, match=r"^the argument 'color' is no fact of the policy contact: it asks for owner, purpose"):
            policy.ask(owner=Owner.VENDOR, purpose=Purpose.SALES, color=1)

    @pytest.mark.parametrize("often", [0, 9])
    def test_an_error_of_the_class_itself_is_passed_on(self, often: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deciders, "_ASKED_OFTEN", often)
        policy = policy_of(clause(RAIN.yes), clause(RAIN.no, id="W-DRY", then=MAY_NOT), facts=Strict)
        with pytest.raises(TypeError, match="no rain at all"):
            policy.ask(rain=None)


class TestTheText:
    """The text of a tree is the same every time, says which rulings it gives, and runs whatever the facts are called."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_it_names_the_policy_and_its_rulings(self, policy: Policy[Any, Any]) -> None:
        text = policy.tree_source()
        assert text.startswith(f"# {policy.id}: {policy.question}\n")
        assert "def decide(facts):\n" in text
        if "table" not in text:
            rulings = {id(policy.decide(facts)): policy.decide(facts) for facts in points(policy)}
            said = [line for line in text.splitlines() if line.startswith("# ruling_")]
            assert len(said) == len(rulings)
            assert all(any(", ".join(ruling.because) in line for line in said) for ruling in rulings.values())

    def test_the_same_policy_has_the_same_text(self) -> None:
        again: Policy[ContactFacts, Permission] = Policy(
            CONTACT.id, CONTACT.question, CONTACT.facts, CONTACT.answers, CONTACT.clauses, laws=CONTACT.laws
        )
        assert again.tree_source() == CONTACT.tree_source()

    def test_it_says_what_each_way_leads_to(self) -> None:
        """Run with the names it leaves open, the text is the policy: it answers every point alike, and so by the same facts."""
        out = SKY.in_(Sky.CLEAR, Sky.RED) & WIND.is_(Wind.CALM) & RAIN.no
        policy = policy_of(
            clause(out), clause(~out, id="W-ELSE", then=MAY_NOT, unless=("W-LATE",)), clause(SKY.is_(Sky.RED) & LATE.yes, id="W-LATE")
        )
        text = policy.tree_source()
        rulings = dict(re.findall("^# (ruling_[0-9]+): (.*)$", text, re.MULTILINE))
        assert sorted(rulings.values()) == [
            "may not, by W-ELSE",
            "may, by W",
            "may, by W, W-LATE",
            "may, by W-LATE; W-ELSE gave way to W-LATE",
        ]
        members = {f"{type(value).__name__}_{value.name}": value for value in (*Sky, *Wind)}
        names: dict[str, Any] = {**members, **{name: name for name in rulings}, "otherwise": lambda facts: None}
        exec(text, names)  # noqa: S102 - our own text
        for facts in EVERYWHERE:
            ruling = policy.decide(facts)
            allowed, because = rulings[names["decide"](facts)].split(";")[0].split(", by ")
            assert (allowed, because) == (label(ruling.outcome), ", ".join(ruling.because))

    def test_it_asks_only_what_matters(self) -> None:
        policy = policy_of(clause(RAIN.no), clause(RAIN.yes & COAT.yes, id="W-COAT"), clause(RAIN.yes & COAT.no, id="W-WET", then=MAY_NOT))
        text = policy.tree_source()
        assert [name for name in named(EVERYWHERE[0]) if f"facts.{name}" in text] == ["rain", "coat"]

    def test_a_policy_with_very_many_ways_keeps_its_table(self) -> None:
        assert "table[leading(facts)]" in CREDITING.tree_source()

    def test_a_policy_that_gives_no_ruling_keeps_its_table(self) -> None:
        silent = policy_of(clause(RAIN.yes), laws=(Law(id="DRY", sentence="it never rains", holds=RAIN.no),))
        assert "table[leading(facts)]" in silent.tree_source()
        with pytest.raises(InvalidValue, match="no clause of the policy walk decides"):
            silent.decide(EVERYWHERE[0])

    def test_two_leading_facts_with_very_many_values(self) -> None:
        many = StrEnum("Many", {f"V{place}": f"v{place}" for place in range(40)})  # type: ignore[misc]
        facts = attrs.make_class("Facts", {"one": attrs.field(type=many), "other": attrs.field(type=many)}, kw_only=True)
        first, second, *_ = many
        both = Choice("one", many, "one is {}").is_(first) & Choice("other", many, "the other is {}").is_(second)
        policy = policy_of(clause(both), clause(~both, id="W-ELSE", then=MAY_NOT), facts=facts)
        assert [policy.ask(one=first, other=other).allowed for other in (first, second)] == [False, True]
        assert "table[leading(facts)]" in policy.tree_source()

    def test_very_many_values_of_one_fact(self) -> None:
        many = StrEnum("Many", {f"V{place}": f"v{place}" for place in range(150)})  # type: ignore[misc]
        facts = attrs.make_class("Facts", {"it": attrs.field(type=many), "rain": attrs.field(type=bool), "late": attrs.field(type=bool)})
        it = Choice("it", many, "it is {}")
        odd, even = list(many)[1::2], list(many)[::2]
        clauses = [
            *(clause(it.is_(value), id=value.value) for value in odd),
            *(clause(it.is_(value) & RAIN.yes, id=value.value) for value in even),
            *(clause(it.is_(value) & RAIN.no & LATE.yes, id=f"{value.value}-late", then=MAY_NOT) for value in even[::2]),
            clause(RAIN.no, id="else", then=MAY_NOT, unless=tuple(value.value for value in odd)),
        ]
        policy = policy_of(*clauses, facts=facts)
        walk = walker_of(policy)
        for one in (facts(it=value, rain=rain, late=late) for value in many for rain in (False, True) for late in (False, True)):
            assert_one_answer(policy, one, walk)
        assert "table[leading(facts)]" not in policy.tree_source()

    def test_facts_with_the_names_of_the_text(self) -> None:
        names = [
            "facts",
            "otherwise",
            "zip",
            "len",
            "rulings",
            "columns",
            "decide",
            "KeyError",
            "ruling_1",
            "by_facts_1",
            "Sky_RED",
            "type",
        ]
        facts = attrs.make_class("Facts", {name: attrs.field(default=False, type=bool) for name in names}, frozen=True, kw_only=True)
        flags = [Flag(name, name, f"no {name}") for name in names]
        for first, second in zip(flags, flags[1:] + flags[:1], strict=True):
            both = first.yes & second.yes
            policy = policy_of(clause(both), clause(~both, id="W-ELSE", then=MAY_NOT), facts=facts)
            given = [facts(**{first.name: one, second.name: other}) for one in (False, True) for other in (False, True)]
            assert [policy.decide(one).allowed for one in given] == [False, False, False, True]
            assert [policy.ask(**named(one)).allowed for one in given] == [False, False, False, True]
            assert [ruling.allowed for ruling in policy.decide_columns(columns_of(given))] == [False, False, False, True]

    def test_names_and_ids_of_any_letters(self) -> None:
        ids = ["W\nraise SystemExit", "W-\0", 'W-"""', "W-\u2028"]
        odd = StrEnum("Odd", {"\ufb01": "ligature", "fi": "letters", "a b": "space"})  # type: ignore[misc]
        facts = attrs.make_class("Facts", {"it": attrs.field(type=odd), "rain": attrs.field(type=bool)}, frozen=True, kw_only=True)
        whens = [Choice("it", odd, "it is {}").is_(value) for value in odd]
        policy = policy_of(*(clause(when, id=name) for when, name in zip([*whens, RAIN.yes], ids, strict=True)), facts=facts)
        for value in odd:
            for rain in (False, True):
                ruling = policy.ask(it=value, rain=rain)
                assert ruling is policy.decide(facts(it=value, rain=rain))
                assert len(ruling.because) == 1 + rain

    def test_enums_of_one_name(self) -> None:
        other = StrEnum("Sky", {"RED": "dark red", "BLUE": "blue"})  # type: ignore[misc]
        facts = attrs.make_class("Facts", {"sky": attrs.field(type=Sky), "sea": attrs.field(type=other)}, frozen=True, kw_only=True)
        sea = Choice("sea", other, "the sea is {}")
        both = SKY.is_(Sky.RED) & sea.is_(other.RED)
        policy = policy_of(clause(both), clause(~both, id="W-ELSE", then=MAY_NOT), facts=facts)
        assert [policy.ask(sky=sky, sea=color).allowed for sky in (Sky.RED, Sky.DARK) for color in other] == [True, False, False, False]

    def test_a_member_with_a_name_of_python(self) -> None:
        own = StrEnum("_", {"debug__": "debug", "builtins__": "builtins", "z": "z"})  # type: ignore[misc]
        facts = attrs.make_class("Facts", {"it": attrs.field(type=own, default=own.debug__)}, frozen=True, kw_only=True)
        it = Choice("it", own, "it is {}")
        policy = policy_of(clause(it.is_(own.debug__)), clause(it.in_(own.builtins__, own.z), id="W-ELSE", then=MAY_NOT), facts=facts)
        assert [policy.ask(**given).allowed for given in ({}, {"it": own.debug__}, {"it": own.builtins__})] == [True, True, False]
        with pytest.raises(InvalidValue, match="the fact it is True, which is none of its values"):
            policy.ask(it=True)

    @pytest.mark.parametrize("names", [("__debug__", "rain"), ("\ufb01", "fi")])
    def test_facts_whose_names_are_others_to_python(self, names: tuple[str, str]) -> None:
        """A text would set `__debug__`, which cannot be set, and read `fi` where the ligature is meant."""
        fields = {name: attrs.field(type=bool, alias=alias) for name, alias in zip((*names, "coat"), "abc", strict=True)}
        facts = attrs.make_class("Facts", fields, frozen=True, kw_only=True)
        first, second = (Flag(name, "yes", "no") for name in names)
        whens = [first.yes & COAT.yes, first.yes & COAT.no, first.no & second.yes, first.no & second.no]
        policy = policy_of(*(clause(when, id=f"W-{place}") for place, when in enumerate(whens)), facts=facts)
        given = [{"a": a, "b": b, "c": c} for a in (True, False) for b in (True, False) for c in (True, False)]
        expected = ["W-0", "W-1", "W-0", "W-1", "W-2", "W-2", "W-3", "W-3"]
        assert [policy.decide(facts(**one)).because for one in given] == [(name,) for name in expected]
        assert [policy.ask(**one).because for one in given] == [(name,) for name in expected]

    def test_very_many_facts_of_one_value(self) -> None:
        """A tree as deep as this could not be written as nested questions."""
        only = StrEnum("Only", {"ONE": "one"})  # type: ignore[misc]
        facts = attrs.make_class("Facts", {f"f{place}": attrs.field(type=only, default=only.ONE) for place in range(150)}, kw_only=True)
        whens = [Choice(f"f{place}", only, "it is {}").is_(only.ONE) for place in range(150)]
        policy = policy_of(*(clause(when, id=f"W-{place}") for place, when in enumerate(whens)), facts=facts)
        assert policy.decide(facts()).allowed
        assert policy.decide_columns({"f3": [only.ONE]}) == [policy.decide(facts())]

    def test_a_kind_of_condition_of_its_own(self) -> None:
        @attrs.frozen
        class Odd(Condition):
            holds: Any = attrs.field(default=lambda lookup: lookup("rain") is not lookup("late"))

            def settled(self, known: Any) -> Any:
                missing = {"rain", "late"} - known.keys()
                return frozenset(missing) if missing else self.holds(known.get)

            def inputs(self) -> Any:
                yield from (RAIN, LATE)

            def __canonical__(self) -> str:
                return "rain or late"

        policy = policy_of(clause(Odd()), clause(~Odd(), id="W-ELSE", then=MAY_NOT))
        for facts in EVERYWHERE:
            assert policy.decide(facts).allowed is (facts.rain is not facts.late)
            assert policy.decide_columns(columns_of([facts])) == [policy.decide(facts)]


BUILT: list[object] = []


def dry() -> bool:
    return False


def is_wet(value: object) -> bool:
    return value == "wet"


@attrs.frozen(kw_only=True)
class Checked:
    """Invented: it looks at what it is made of."""

    rain: bool

    def __attrs_post_init__(self) -> None:
        BUILT.append(self)


@attrs.frozen(kw_only=True)
class Converted:
    """Invented: it knows another word for rain."""

    rain: bool = attrs.field(converter=is_wet)


@attrs.frozen(kw_only=True)
class Manufactured:
    """Invented: its default is made anew for each."""

    rain: bool = attrs.field(factory=dry)


@attrs.frozen(kw_only=True)
class Aliased:
    """Invented: it takes its fact by another name."""

    rain: bool = attrs.field(alias="wet")


@attrs.frozen(kw_only=True, slots=False)
class Plain:
    """Invented: what attrs makes, and nothing else."""

    rain: bool


@attrs.define(kw_only=True)
class Changeable:
    """Invented: what attrs makes, and it can be changed."""

    rain: bool


class Turned(Changeable):
    """Invented: it makes no and yes of yes and no."""

    def __init__(self, rain: bool) -> None:
        super().__init__(rain=not rain)


class Contrary(Plain):
    """Invented: it says the contrary of what it was told."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return not found if name == "rain" else found


class Stubborn(Plain):
    """Invented: it always says the contrary."""

    @property
    def rain(self) -> bool:
        return not vars(self)["rain"]


class Distrustful(Changeable):
    """Invented: it writes down the contrary."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, not value)


class Other(Plain):
    """Invented: it is made with the contrary."""

    def __new__(cls, rain: bool) -> Any:
        return Plain(rain=not rain)


class Turning(type):
    """Invented: what it makes is made of the contrary."""

    def __call__(cls, rain: bool) -> Any:
        return super().__call__(rain=not rain)


@attrs.frozen(kw_only=True)
class Made(metaclass=Turning):
    """Invented: what attrs makes, of what its own metaclass makes of it."""

    rain: bool


class TestFactsOfTheirOwnMind:
    """Where the class of the facts does more than to hold them, it is asked for every row and every question."""

    @pytest.mark.parametrize(
        ("facts", "name", "wet", "built"),
        [(Checked, "rain", True, 3), (Converted, "rain", "wet", 0), (Manufactured, "rain", True, 0), (Aliased, "wet", True, 0)],
    )
    def test_the_class_is_built(self, facts: type[Any], name: str, wet: object, built: int) -> None:
        BUILT.clear()
        policy = policy_of(clause(RAIN.yes), clause(RAIN.no, id="W-DRY", then=MAY_NOT), facts=facts)
        assert policy.ask(**{name: wet}).allowed
        assert [ruling.allowed for ruling in policy.decide_columns({name: [wet, False]})] == [True, False]
        assert len(BUILT) == built

    @pytest.mark.parametrize("facts", [Turned, Contrary, Stubborn, Distrustful, Other, Made])
    def test_a_class_that_says_the_contrary_is_believed(self, facts: type[Any]) -> None:
        policy = policy_of(clause(RAIN.yes), clause(RAIN.no, id="W-DRY", then=MAY_NOT), facts=facts)
        assert not policy.ask(rain=True).allowed
        assert [ruling.allowed for ruling in policy.decide_columns({"rain": [True, False]})] == [False, True]

    @pytest.mark.parametrize("facts", [Plain, Changeable, Weather])
    def test_a_class_that_only_holds_its_facts_is_not_asked(self, facts: type[Any]) -> None:
        policy = policy_of(clause(RAIN.yes), clause(RAIN.no, id="W-DRY", then=MAY_NOT), facts=facts)
        assert policy._decider._defaults is not None

    def test_a_default_that_is_made_is_made(self) -> None:
        policy = policy_of(clause(RAIN.yes), clause(RAIN.no, id="W-DRY", then=MAY_NOT), facts=Manufactured)
        assert not policy.ask().allowed


class TestColumns:
    """A batch answers every row or says which row, and why, it cannot."""

    COLUMNS: ClassVar[dict[str, Any]] = {
        "owner": [Owner.PARTNER, Owner.VENDOR, Owner.VENDOR],
        "purpose": [Purpose.SALES, Purpose.SALES, Purpose.MARKETING],
    }

    def test_facts_with_a_default_may_be_left_out(self) -> None:
        rulings = CONTACT.decide_columns(self.COLUMNS | {"opted_out": [True, True, True]})
        assert [ruling.because for ruling in rulings] == [("CONTACT-MANAGED",), ("CONTACT-START",), ("CONTACT-OPTED-OUT",)]

    def test_any_iterable_is_a_column(self) -> None:
        as_rows = CONTACT.decide_columns(self.COLUMNS)
        assert CONTACT.decide_columns({name: iter(column) for name, column in self.COLUMNS.items()}) == as_rows
        assert CONTACT.decide_columns({name: tuple(column) for name, column in self.COLUMNS.items()}) == as_rows

    def test_no_rows_no_rulings(self) -> None:
        assert CONTACT.decide_columns({"owner": [], "purpose": []}) == []

    def test_rows_are_counted_by_any_column(self) -> None:
        @attrs.frozen(kw_only=True)
        class Some:
            rain: bool = False
            unasked: int = 0

        policy = policy_of(clause(RAIN.yes), clause(RAIN.no, id="W-DRY", then=MAY_NOT), facts=Some)
        assert policy.decide_columns({"unasked": [1, 2, 3]}) == [policy.ask()] * 3

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"color": [1, 2, 3]}, "the column 'color' is no fact of the policy contact: it asks for owner, purpose, in_program"),
            ({"purpose": [Purpose.SALES]}, "the columns put to the policy contact differ in their number of rows: owner 3, purpose 1"),
            ({"purpose": Purpose.SALES}, "the column purpose is Purpose.SALES: wanted its values in the order of the rows, such as a list"),
            ({"purpose": set(Purpose)}, "the column purpose is {"),
            ({"opted_out": True}, "the column opted_out is True: wanted its values in the order of the rows"),
            (
                {"opted_out": [True, True, "x"]},
                "row 2 of the columns, counted from 0: the fact opted_out is 'x', which is none of its values",
            ),
            ({"owner": [Owner.VENDOR, None, None]}, "row 1 of the columns, counted from 0: the fact owner is None"),
            (
                {"in_program": [False, True, True]},
                "row 0 of the columns, counted from 0: facts that cannot be were put to the policy contact",
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, changes: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValue) as caught:
            CONTACT.decide_columns(self.COLUMNS | changes)
        assert str(caught.value).startswith(message)

    def test_a_missing_column_is_named(self) -> None:
        with pytest.raises(InvalidValue, match="the policy contact needs a column owner: only facts with a default may be left out"):
            CONTACT.decide_columns({"purpose": [Purpose.SALES]})
        with pytest.raises(InvalidValue, match="the policy contact needs a column owner and a column purpose: only"):
            CONTACT.decide_columns({})

    def test_rows_are_no_columns(self) -> None:
        rows: Any = [{"owner": Owner.PARTNER, "purpose": Purpose.SALES}]
        with pytest.raises(InvalidValue, match=r"the columns put to the policy contact are \[.*: wanted a mapping of the name of each"):
            CONTACT.decide_columns(rows)

    def test_columns_of_nothing(self) -> None:
        facts = attrs.make_class("Facts", {"rain": attrs.field(type=bool, default=False)}, frozen=True, kw_only=True)
        with pytest.raises(InvalidValue, match="no column was put to the policy walk: give one at least"):
            policy_of(clause(RAIN.yes), clause(RAIN.no, id="W-DRY"), facts=facts).decide_columns({})

    def test_a_policy_with_a_table_remembers_rows(self) -> None:
        facts = list(islice(points(CREDITING), 50)) * 2
        assert [id(ruling) for ruling in CREDITING.decide_columns(columns_of(facts))] == [id(CREDITING.decide(one)) for one in facts]
        columns = columns_of(facts[:2]) | {"bot": [False, []]}
        with pytest.raises(InvalidValue, match=r"row 1 of the columns, counted from 0: the fact bot is \[\]"):
            CREDITING.decide_columns(columns)

    def test_a_row_with_a_value_that_cannot_be_looked_up_and_is_not_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deciders, "_MOST_ENDS", 0)
        policy = policy_of(clause(RAIN.yes & COAT.yes & LATE.yes), clause(RAIN.no, id="W-DRY", then=MAY_NOT))
        rows: dict[str, list[Any]] = {"sky": [Sky.RED] * 2, "rain": [False] * 2, "coat": [True] * 2, "late": [[], []]}
        assert [ruling.because for ruling in policy.decide_columns(rows)] == [("W-DRY",), ("W-DRY",)]

    def test_what_is_remembered_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deciders, "_LARGEST_MEMORY", 1)
        monkeypatch.setattr(walks, "_LARGEST_TABLE", 1)
        again: Policy[Any, Any] = Policy(CREDITING.id, CREDITING.question, CREDITING.facts, CREDITING.answers, CREDITING.clauses)
        facts = list(islice(points(again), 9)) * 2
        assert again.decide_columns(columns_of(facts)) == [CREDITING.decide(one) for one in facts]
        assert [len(found) for _, found in again._decider._walk.table.values()] == [1]

    def test_facts_of_another_policy(self) -> None:
        other: Any = OwnershipFacts(management=Management.MANAGED)
        with pytest.raises(InvalidValue, match="needs the fact owner, which OwnershipFacts has not: ask with ContactFacts"):
            CONTACT.decide(other)
        assert CONTACT.decide(ContactFacts(owner=Owner.VENDOR, purpose=Purpose.SALES)).allowed
