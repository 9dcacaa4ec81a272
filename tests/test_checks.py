"""The checks: each is compared with what asking every point, one by one, shows; and the views agree with the clauses."""

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import combinations
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit import clauses
from partnerkit.clauses import ALWAYS, Basis, Choice, Clause, Condition, Flag, Law, Permission, Policy, by_term, checks, house, stated
from partnerkit.clauses.changes import Change, Counterfactual, Difference, StillOpen, counterfactuals, diff, still_open
from partnerkit.clauses.checks import Conflict, census, conflicts, dead, influence, points, redundant, require_sound
from partnerkit.clauses.conditions import AllOf, AnyOf, Not, Value
from partnerkit.clauses.views import describe, english, messages, prose, table, trace
from partnerkit.errors import InvalidValue
from partnerkit.partners import Management
from partnerkit.policies import (
    CONTACT,
    CREDITING,
    DUTIES,
    OWNERSHIP,
    POLICIES,
    REWARD,
    SINGLE_BILL_ENROLLMENT,
    DutiesFacts,
    NameReading,
    Owner,
    OwnershipFacts,
    Purpose,
    Timing,
)
from values import but

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
SMALL = tuple(policy for policy in POLICIES if policy is not CREDITING)


class Sky(StrEnum):
    """Invented."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    DARK_GREY = "dark_grey"


class Gear(StrEnum):
    """Invented."""

    COAT = "coat"
    HAT = "hat"


@attrs.frozen(kw_only=True)
class Outing:
    """Invented."""

    sky: Sky | None = None
    rain: bool = False
    coat: bool = False
    note: str = ""


SKY = Choice("sky", Sky, "the sky is {}", absent="no sky is to be seen", changed_by=("weather",))
RAIN = Flag("rain", "it rains", "it is dry", changed_by=("weather",))
COAT = Flag("coat", "a coat is at hand", "no coat is at hand", changed_by=("walker",))
RAIN_NEEDS_CLOUDS = Law(id="CLOUDS", sentence="rain falls from clouds", holds=~RAIN.yes | ~SKY.is_(Sky.CLEAR))

DRY = Clause("W-DRY", MAY, RAIN.no, cite=stated("S-00", "walk when it is dry"))
WET = Clause("W-WET", MAY_NOT, RAIN.yes, unless=("W-COAT",), cite=house("nobody likes to be wet"))
COATED = Clause("W-COAT", MAY, RAIN.yes & COAT.yes, unless=("W-DARK",), cite=by_term("walk.coats", "whether a coat helps is not said"))
DARK = Clause("W-DARK", MAY_NOT, SKY.is_(Sky.DARK_GREY) & RAIN.yes, cite=house("lightning"))


def walk(*clauses: Clause, laws: tuple[Law, ...] = (RAIN_NEEDS_CLOUDS,)) -> Policy[Outing, Permission]:
    return Policy("walk", "May we walk?", Outing, Permission, clauses, laws=laws)


WALK = walk(DRY, WET, COATED, DARK)


def answer_at(policy: Policy[Any, Any], facts: Any) -> Any:
    try:
        return policy.decide(facts).outcome
    except InvalidValue:
        return None


def changes_to(facts: Any, other: Any, names: tuple[str, ...]) -> frozenset[tuple[str, Value]]:
    """Give the inputs in which other facts differ, with their values there."""
    return frozenset((name, getattr(other, name)) for name in names if getattr(facts, name) is not getattr(other, name))


class TestPoints:
    """Every lawful point once, as facts ready to be put to the policy."""

    def test_count_and_law(self) -> None:
        found = list(points(WALK))
        assert len(found) == len(set(found)) == 4 * 2 * 2 - 2
        assert not [facts for facts in found if facts.rain and facts.sky is Sky.CLEAR]

    def test_facts_nobody_asks_for_keep_their_default(self) -> None:
        assert {facts.note for facts in points(WALK)} == {""}

    def test_a_field_nobody_asks_for_needs_a_default(self) -> None:
        @attrs.frozen(kw_only=True)
        class More:
            rain: bool
            wind: bool

        policy: Policy[More, Permission] = Policy("more", "?", More, Permission, (Clause("M", MAY, RAIN.yes, cite=house("x")),))
        with pytest.raises(InvalidValue, match=r"field without default.*wind"):
            list(points(policy))

    def test_too_many_points_are_refused(self) -> None:
        flags = [Flag(f"f{number}", "yes", "no") for number in range(25)]
        many = attrs.make_class("Many", {flag.name: attrs.field(type=bool) for flag in flags}, frozen=True)
        policy: Policy[Any, Permission] = Policy(
            "many", "?", many, Permission, tuple(Clause(flag.name, MAY, flag.yes, cite=house("x")) for flag in flags)
        )
        with pytest.raises(InvalidValue, match="33554432 points are more than the 16777216"):
            census(policy)

    def test_a_million_points_are_not_too_many(self) -> None:
        flags = [Flag(f"f{number}", "yes", "no") for number in range(20)]
        many = attrs.make_class("Many", {flag.name: attrs.field(type=bool) for flag in flags}, frozen=True)
        every = Clause("none", MAY_NOT, ALWAYS, unless=tuple(flag.name for flag in flags), cite=house("x"))
        policy: Policy[Any, Permission] = Policy(
            "many", "?", many, Permission, (every, *(Clause(flag.name, MAY, flag.yes, cite=house("x")) for flag in flags))
        )
        found = census(policy)
        assert (found.points, dict(found.answers)) == (2**20, {MAY: 2**20 - 1, MAY_NOT: 1})


class TestCensus:
    """What is counted is what asking every point one by one shows."""

    @pytest.mark.parametrize("policy", [WALK, *SMALL], ids=lambda policy: policy.id)
    def test_as_asked_one_by_one(self, policy: Policy[Any, Any]) -> None:
        rulings = [policy.decide(facts) for facts in points(policy)]
        found = census(policy)
        assert found.points == len(rulings)
        assert dict(found.answers) == Counter(ruling.outcome for ruling in rulings)
        deciding = Counter(clause for ruling in rulings for clause in ruling.because)
        assert dict(found.deciding) == {clause.id: deciding[clause.id] for clause in policy.clauses}
        assert dict(found.bases) == {basis: sum(ruling.basis is basis for ruling in rulings) for basis in Basis}

    def test_silence_and_contradiction_are_counted_and_not_raised(self) -> None:
        broken = walk(Clause("W-A", MAY, RAIN.yes, cite=house("a")), Clause("W-B", MAY_NOT, COAT.yes, cite=house("b")))
        answers = Counter(answer_at(broken, facts) for facts in points(broken))
        found = census(broken)
        assert found.silent + found.conflicting == answers[None]
        assert found.silent == sum(not any(broken.applying(facts)) for facts in points(broken))
        assert dict(found.answers) == {MAY: answers[MAY], MAY_NOT: answers[MAY_NOT]}


class TestConflicts:
    """Two clauses that decide differently at one point contradict each other; who names the other in `unless` gives way."""

    def test_found_with_an_example(self) -> None:
        broken = walk(DRY, WET, but(COATED, unless=()), DARK)
        (conflict,) = conflicts(broken)
        assert conflict == Conflict(clauses=("W-COAT", "W-DARK"), points=1, example=Outing(sky=Sky.DARK_GREY, rain=True, coat=True))
        with pytest.raises(InvalidValue, match="W-COAT says may, W-DARK says may not"):
            broken.decide(conflict.example)

    def test_a_collecting_policy_has_none(self) -> None:
        assert conflicts(DUTIES) == ()

    def test_same_answer_is_no_conflict(self) -> None:
        assert conflicts(walk(DRY, but(DRY, id="W-DRY-TOO"), WET, COATED, DARK)) == ()


class TestDeadAndRedundant:
    """A clause that never decides is dead; one whose removal changes no answer is redundant."""

    def test_a_clause_that_always_gives_way_is_dead(self) -> None:
        never = Clause("W-NEVER", MAY, RAIN.yes, unless=("W-WET", "W-COAT", "W-DARK"), cite=house("x"))
        assert dead(walk(DRY, WET, COATED, DARK, never)) == ("W-NEVER",)

    def test_a_clause_no_lawful_point_reaches_is_dead(self) -> None:
        unlawful = Clause("W-SUN-RAIN", MAY, RAIN.yes & SKY.is_(Sky.CLEAR), cite=house("x"))
        assert dead(walk(DRY, WET, COATED, DARK, unlawful)) == ("W-SUN-RAIN",)
        assert dead(walk(DRY, WET, COATED, DARK, unlawful, laws=())) == ()

    def test_twins_are_each_redundant(self) -> None:
        twin = but(DRY, id="W-DRY-TOO")
        assert redundant(walk(DRY, twin, WET, COATED, DARK)) == ("W-DRY", "W-DRY-TOO")
        assert redundant(WALK) == ()

    @pytest.mark.parametrize("policy", [WALK, *SMALL], ids=lambda policy: policy.id)
    def test_as_removed_one_by_one(self, policy: Policy[Any, Any]) -> None:
        found = []
        for clause in policy.clauses:
            rest = tuple(
                but(other, unless=tuple(one for one in other.unless if one != clause.id)) for other in policy.clauses if other is not clause
            )
            shorter = but(policy, clauses=rest)
            if all(answer_at(policy, facts) == answer_at(shorter, facts) for facts in points(policy)):
                found.append(clause.id)
        assert tuple(found) == redundant(policy)


class TestInfluence:
    """What a fact can do is what changing it alone does at every point."""

    @pytest.mark.parametrize("policy", [WALK, OWNERSHIP, REWARD, DUTIES], ids=lambda policy: policy.id)
    def test_as_tried_one_by_one(self, policy: Policy[Any, Any]) -> None:
        lawful = set(points(policy))
        expected = []
        for item in policy.inputs:
            for before, after in combinations(item.values, 2):
                pairs = [(facts, but(facts, **{item.name: after})) for facts in lawful if getattr(facts, item.name) is before]
                answers = [(policy.decide(one).outcome, policy.decide(other).outcome) for one, other in pairs if other in lawful]
                changed = Counter((one, other) for one, other in answers if one != other)
                expected.append((item.name, before, after, len(answers), changed))
        found = influence(policy)
        shown = [
            (one.input, one.before, one.after, one.pairs, Counter({(shift.before, shift.after): shift.points for shift in one.shifts}))
            for one in found
        ]
        assert shown == expected

    def test_the_billing_mode_is_nothing_contact_asks_for(self) -> None:
        assert "billing_mode" not in {one.input for one in influence(CONTACT)}


class TestCounterfactuals:
    """All smallest changes, and who can bring them about."""

    def test_the_way_out_and_who_holds_it(self) -> None:
        ways = counterfactuals(OWNERSHIP, OwnershipFacts(management=None))
        change = Change(input="management", before=None, after=Management.MANAGED, changed_by=("partner", "account holder"))
        assert ways == (Counterfactual(changes=(change,), outcome=Owner.PARTNER),)

    def test_several_changes_where_one_does_not_do(self) -> None:
        facts = CREDITING.facts(name=NameReading.UNKNOWN, timing=Timing.EXPIRED, bot=True)
        (way,) = counterfactuals(CREDITING, facts)
        assert [(change.input, change.after) for change in way.changes] == [
            ("name", NameReading.KNOWN),
            ("timing", Timing.IN_WINDOW),
            ("bot", False),
        ]

    @pytest.mark.parametrize("policy", [WALK, OWNERSHIP, DUTIES, REWARD], ids=lambda policy: policy.id)
    def test_complete_and_smallest(self, policy: Policy[Any, Any]) -> None:
        names = tuple(item.name for item in policy.inputs)
        answers = {facts: policy.decide(facts).outcome for facts in points(policy)}
        for facts in list(answers)[::7]:
            moves = sorted((changes_to(facts, other, names) for other, answer in answers.items() if answer != answers[facts]), key=len)
            smallest = [move for move in moves if not any(part < move for part in moves)]
            found = [frozenset((change.input, change.after) for change in way.changes) for way in counterfactuals(policy, facts)]
            assert len(found) == len(smallest)
            assert set(found) == set(smallest)
            assert list(map(len, found)) == sorted(map(len, found))

    def test_facts_that_cannot_be(self) -> None:
        with pytest.raises(InvalidValue, match="breaks one of its laws"):
            counterfactuals(WALK, Outing(sky=Sky.CLEAR, rain=True, coat=False))
        with pytest.raises(InvalidValue, match="the fact rain is 'no'"):
            counterfactuals(WALK, Outing(sky=None, rain="no", coat=False))  # type: ignore[arg-type]
        anything: Any = DutiesFacts(owner=Owner.PARTNER)
        with pytest.raises(InvalidValue, match="needs the fact sky: ask with Outing"):
            counterfactuals(WALK, anything)


class TestStillOpen:
    """What is known may settle the answer; if not, the facts that settle it are named."""

    def test_the_law_settles_everything(self) -> None:
        for owner in Owner:
            found = still_open(CONTACT, {"owner": owner, "purpose": Purpose.LEGAL_OBLIGATION})
            assert found == StillOpen(answers=(MAY,), ask=())

    def test_what_must_be_asked(self) -> None:
        assert still_open(WALK, {}) == StillOpen(answers=(MAY, MAY_NOT), ask=("sky", "rain", "coat"))
        assert still_open(WALK, {"rain": False}) == StillOpen(answers=(MAY,), ask=())
        assert still_open(WALK, {"rain": True, "coat": True}).ask == ("sky",)
        assert still_open(WALK, {"coat": False}).ask == ("rain",)

    @pytest.mark.parametrize("policy", [WALK, REWARD, SINGLE_BILL_ENROLLMENT, DUTIES], ids=lambda policy: policy.id)
    def test_asking_settles_it(self, policy: Policy[Any, Any]) -> None:
        first = policy.inputs[0]
        for value in first.values:
            found = still_open(policy, {first.name: value})
            told: dict[tuple[Value, ...], set[Any]] = {}
            for facts in points(policy):
                if getattr(facts, first.name) is value:
                    told.setdefault(tuple(getattr(facts, name) for name in found.ask), set()).add(policy.decide(facts).outcome)
            assert all(len(answers) == 1 for answers in told.values())
            assert set().union(*told.values()) == set(found.answers)

    def test_facts_bound_together_are_asked_once(self) -> None:
        """Where a law says that two facts are the same, either settles it: one of them is enough."""
        same = Law(id="SAME", sentence="a coat is at hand exactly when it rains", holds=(RAIN.yes & COAT.yes) | (RAIN.no & COAT.no))
        policy = walk(Clause("W-OUT", MAY, RAIN.no, cite=house("x")), Clause("W-IN", MAY_NOT, COAT.yes, cite=house("y")), laws=(same,))
        assert still_open(policy, {}).ask == ("coat",)

    def test_nonsense_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="'wind' is no fact of the policy walk: it asks for sky, rain, coat"):
            still_open(WALK, {"wind": True})
        with pytest.raises(InvalidValue, match="the fact rain is 'no'"):
            still_open(WALK, {"rain": "no"})  # type: ignore[dict-item]
        with pytest.raises(InvalidValue, match="no lawful point"):
            still_open(WALK, {"rain": True, "sky": Sky.CLEAR})


class TestWhereTheyAre:
    """Every check is to be had from `clauses.checks`, in whichever module it stands, and is the one that `clauses` has."""

    @pytest.mark.parametrize("name", checks.__all__)
    def test_one_and_the_same(self, name: str) -> None:
        assert getattr(checks, name) is getattr(clauses, name)

    def test_none_is_left_out(self) -> None:
        homes = ("partnerkit.clauses.checks", "partnerkit.clauses.changes")
        assert {*checks.__all__} == {name for name in clauses.__all__ if getattr(getattr(clauses, name), "__module__", "") in homes}
        named = {"census", "conflicts", "dead", "redundant", "influence", "counterfactuals", "still_open", "diff"}
        assert named <= {*checks.__all__}


class TestRequireSound:
    """Whoever amends a policy is told at once of every silence, contradiction and dead clause, each with a point to look at."""

    def test_a_sound_policy_comes_back(self) -> None:
        assert require_sound(WALK) is WALK

    @pytest.mark.parametrize("policy", [CONTACT, REWARD, OWNERSHIP, DUTIES], ids=lambda policy: policy.id)
    def test_every_repeal_is_judged_as_the_census_counts(self, policy: Policy[Any, Any]) -> None:
        for clause in policy.clauses:
            amended = policy.amend(repeal=(clause.id,))
            found = census(amended)
            if found.silent or found.conflicting or dead(amended):
                with pytest.raises(InvalidValue, match=f"the policy {policy.id} is not sound"):
                    require_sound(amended)
            else:
                assert require_sound(amended) is amended

    def test_laws_that_allow_nothing(self) -> None:
        wet, dry = Law(id="WET", sentence="it rains", holds=RAIN.yes), Law(id="DRY", sentence="it is dry", holds=RAIN.no)
        with pytest.raises(InvalidValue, match="the policy walk is not sound: its laws together allow no point"):
            require_sound(walk(DRY, WET, COATED, DARK, laws=(wet, dry)))

    def test_all_that_is_wrong_is_said_at_once(self) -> None:
        never = Clause("W-NEVER", MAY, DRY.when & RAIN.yes | COAT.yes & RAIN.no, unless=("W-DRY",), cite=house("x"))
        wrong = walk(but(WET, unless=()), but(COATED, unless=()), DRY, never).amend(
            repeal=("W-DRY",), add=(but(DRY, when=RAIN.no & COAT.yes),)
        )
        with pytest.raises(InvalidValue) as raised:
            require_sound(wrong)
        assert "no clause decides at" in str(raised.value)
        assert "W-WET says may not and W-COAT says may at" in str(raised.value)
        assert "the clause W-NEVER never decides" in str(raised.value)
        assert "Outing(" in str(raised.value)


class TestDiff:
    """What a change of the rules changes: how many points, from which clauses to which."""

    def test_a_repealed_clause(self) -> None:
        found = diff(WALK, walk(DRY, but(WET, unless=()), DARK))
        assert [(one.before, one.after, one.was_because, one.now_because, one.points) for one in found] == [
            (MAY, MAY_NOT, ("W-COAT",), ("W-WET",), 2)
        ]

    def test_the_example_is_such_a_point(self) -> None:
        (found,) = diff(WALK, walk(DRY, but(WET, unless=()), DARK))
        facts = Outing(**dict(found.example))  # type: ignore[arg-type]
        assert WALK.decide(facts).because == found.was_because

    def test_it_lists_every_point(self) -> None:
        amended = walk(DRY, but(WET, unless=()), DARK)
        (found,) = diff(WALK, amended)
        listed = [Outing(**facts) for facts in found.every_point()]  # type: ignore[arg-type]
        assert len(listed) == found.points
        assert listed == [one for one in points(WALK) if WALK.decide(one).outcome is not amended.decide(one).outcome]

    def test_order_and_reasons_are_no_difference(self) -> None:
        assert diff(WALK, walk(DARK, COATED, WET, but(DRY, cite=house("another reason")))) == ()

    def test_a_new_fact_and_a_lost_answer(self) -> None:
        (found,) = diff(walk(DRY, but(WET, unless=())), walk(DRY, WET, but(COATED, unless=())))
        assert found == Difference(
            before=MAY_NOT, after=MAY, was_because=("W-WET",), now_because=("W-COAT",), points=3, example=found.example
        )
        assert [one.after for one in diff(WALK, walk(WET, COATED, DARK))] == [None]

    def test_points_that_only_one_of_them_knows_are_left_out(self) -> None:
        lawless: Policy[Outing, Permission] = Policy("walk", "May we walk?", Outing, Permission, (DRY, but(WET, unless=())))
        assert [one.points for one in diff(WALK, lawless)] == [2]
        assert [one.points for one in diff(lawless, WALK)] == [2]

    def test_two_questions_are_not_compared(self) -> None:
        with pytest.raises(InvalidValue, match="the policies walk and duties answer two questions: compare two texts of one policy"):
            diff(WALK, DUTIES)

    def test_facts_of_one_name_must_be_one(self) -> None:
        other = attrs.make_class("Other", {"sky": attrs.field(type=Gear)}, frozen=True)
        policy: Policy[Any, Permission] = Policy(
            "walk", "?", other, Permission, (Clause("O", MAY, Choice("sky", Gear, "{}").is_(Gear.HAT), cite=house("x")),)
        )
        with pytest.raises(InvalidValue, match="the fact sky has other values"):
            diff(WALK, policy)


VIEWED = [WALK, *SMALL]
LEAVES = [RAIN.yes, RAIN.no, COAT.yes, SKY.is_(Sky.CLEAR), SKY.is_(None), SKY.in_(Sky.CLOUDY, None), SKY.is_not(Sky.CLOUDY)]


def conditions() -> st.SearchStrategy[Condition]:
    def grown(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(inner, max_size=3).map(tuple)
        return several.map(AllOf) | several.map(AnyOf) | inner.map(Not)

    return st.recursive(st.sampled_from(LEAVES), grown, max_leaves=8)


class TestRandomConditions:
    """The set of points of a condition, and the rows of its table, are the points at which it holds."""

    @given(conditions(), conditions())
    def test_one_by_one(self, first: Condition, second: Condition) -> None:
        try:
            policy = walk(Clause("A", MAY, first, cite=house("a")), Clause("B", MAY_NOT, second, unless=("A",), cite=house("b")), laws=())
        except InvalidValue:
            return  # a condition that can never hold, or that asks for nothing
        found = census(policy)
        answers = Counter(answer_at(policy, facts) for facts in points(policy))
        assert dict(found.answers) == {answer: count for answer, count in answers.items() if answer is not None}
        assert found.silent == answers[None]
        check_table(policy)


def check_table(policy: Policy[Any, Any]) -> None:
    for facts in points(policy):
        in_rows = {row.clause for row in table(policy) if fits(policy, row.cells, facts)}
        applying = {clause.id for clause, does in zip(policy.clauses, policy.applying(facts), strict=True) if does}
        assert in_rows == applying


def fits(policy: Policy[Any, Any], cells: tuple[tuple[Value, ...], ...], facts: Any) -> bool:
    return all(not cell or getattr(facts, item.name) in cell for item, cell in zip(policy.inputs, cells, strict=True))


class TestTheTable:
    """The rows of the table are the clauses, at every point."""

    @pytest.mark.parametrize("policy", [WALK, OWNERSHIP, DUTIES, REWARD], ids=lambda policy: policy.id)
    def test_at_every_point(self, policy: Policy[Any, Any]) -> None:
        check_table(policy)

    def test_a_row(self) -> None:
        row = table(WALK)[2]
        assert (row.clause, row.words, row.answer, row.unless, row.basis) == (
            "W-COAT",
            ("any", "yes", "yes"),
            "may",
            ("W-DARK",),
            Basis.TERM,
        )


class TestProse:
    """A policy reads as sentences, and nothing in them is written twice."""

    def test_whole(self) -> None:
        assert prose(WALK).splitlines() == [
            "# May we walk?",
            "",
            'W-DRY. The answer is "may" when it is dry.',
            '    [the article says this] "walk when it is dry" (S-00)',
            'W-WET. The answer is "may not" when it rains, unless W-COAT decides.',
            "    [not in the article: chosen by us] nobody likes to be wet",
            'W-COAT. The answer is "may" when it rains and a coat is at hand, unless W-DARK decides.',
            "    [a term of the contract decides] walk.coats: whether a coat helps is not said",
            'W-DARK. The answer is "may not" when the sky is dark grey and it rains.',
            "    [not in the article: chosen by us] lightning",
        ]

    @pytest.mark.parametrize(
        ("condition", "words"),
        [
            (ALWAYS, "in every case"),
            (~ALWAYS, "in no case"),
            (~RAIN.yes, "it is dry"),
            (SKY.is_(None), "no sky is to be seen"),
            (SKY.in_(Sky.CLEAR, None), "the sky is clear or no sky is to be seen"),
            (SKY.in_(Sky.CLEAR, None) & RAIN.no, "(the sky is clear or no sky is to be seen) and it is dry"),
            (~SKY.is_(None), "the sky is clear, cloudy or dark grey"),
            (~SKY.in_(*Sky, None), "in no case"),
            (RAIN.yes & ALWAYS, "it rains"),
            (ALWAYS & ALWAYS, "in every case"),
            (RAIN.yes & COAT.no & SKY.is_(Sky.CLOUDY), "it rains, no coat is at hand and the sky is cloudy"),
            (~(RAIN.yes & COAT.yes), "it is dry or no coat is at hand"),
            (~(RAIN.yes | COAT.yes), "it is dry and no coat is at hand"),
            (RAIN.yes & (COAT.yes | SKY.is_(Sky.CLEAR)), "it rains and (a coat is at hand or the sky is clear)"),
        ],
    )
    def test_conditions_read_aloud(self, condition: Condition, words: str) -> None:
        assert describe(condition) == words

    def test_many_values_are_told_by_what_they_leave_out(self) -> None:
        purpose = next(item for item in CONTACT.inputs if item.name == "purpose")
        assert isinstance(purpose, Choice)
        assert describe(purpose.is_not(Purpose.MARKETING)) == "the purpose of the contact is anything but marketing"
        four = purpose.in_(Purpose.SALES, Purpose.ONBOARDING, Purpose.RETENTION, Purpose.COACHING)
        assert describe(four) == "the purpose of the contact is sales, onboarding, retention or coaching"
        assert describe(~four) == "the purpose of the contact is anything but sales, onboarding, retention or coaching"

    def test_a_condition_of_another_kind_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="Strange is a condition of no known kind"):
            describe(Strange())


@attrs.frozen
class Strange(Condition):
    """A condition that is none of the closed algebra, and else whole."""

    def holds(self, lookup: Any) -> bool:
        return bool(lookup("rain"))

    def settled(self, known: Any) -> bool | frozenset[str]:
        return bool(known["rain"]) if "rain" in known else frozenset({"rain"})

    def inputs(self) -> Iterator[Choice | Flag]:
        yield RAIN


class TestTrace:
    """A ruling is told clause by clause: what decided, what gave way, what did not apply and by which fact."""

    def test_whole(self) -> None:
        assert trace(WALK, Outing(sky=Sky.DARK_GREY, rain=True, coat=True)).splitlines() == [
            "May we walk? may not.",
            "  - W-DRY does not apply: it rains.",
            "  + W-WET decides: it rains.",
            "    [not in the article: chosen by us] nobody likes to be wet",
            "  ~ W-COAT applies (it rains and a coat is at hand) but is set aside by W-DARK.",
            "  + W-DARK decides: the sky is dark grey and it rains.",
            "    [not in the article: chosen by us] lightning",
        ]

    def test_only_the_conditions_that_failed_are_named(self) -> None:
        lines = trace(WALK, Outing(sky=Sky.CLOUDY, rain=True, coat=False)).splitlines()
        assert "  - W-COAT does not apply: no coat is at hand." in lines
        assert "  - W-DARK does not apply: the sky is cloudy." in lines

    def test_the_ruling_of_a_collecting_policy(self) -> None:
        first, *_ = trace(DUTIES, DutiesFacts(owner=Owner.PARTNER)).splitlines()
        assert first == "What is expected of the partner for this account? support and coach, inform of changes and keep active."
        assert trace(DUTIES, DutiesFacts(owner=Owner.VENDOR)).startswith("What is expected of the partner for this account? nothing.")

    def test_a_clause_without_condition(self) -> None:
        policy = walk(DRY, Clause("W-ELSE", MAY_NOT, ALWAYS, unless=("W-DRY",), cite=house("x")), laws=())
        assert "  + W-ELSE decides: in every case." in trace(policy, Outing(sky=None, rain=True, coat=False)).splitlines()

    @pytest.mark.parametrize("policy", VIEWED, ids=lambda policy: policy.id)
    def test_every_ruling_can_be_told(self, policy: Policy[Any, Any]) -> None:
        for facts in list(points(policy))[::5]:
            ruling = policy.decide(facts)
            marks = Counter(line[2] for line in trace(policy, facts).splitlines()[1:] if line[2] in "+~-")
            assert (marks["+"], marks["~"], marks["-"]) == (len(ruling.because), len(ruling.set_aside), len(ruling.not_applying))


class TestTranslation:
    """Every word shown comes through its message id, except quotes, ids and names of sources and terms."""

    @staticmethod
    def shouted(policy: Policy[Any, Any]) -> Mapping[str, str]:
        return {
            message: text.replace("{}", "\0").upper().replace("\0", "{}")
            for message, text in messages(policy).items()
            if not message.startswith("view.")
        }

    @pytest.mark.parametrize("policy", [WALK, CONTACT, REWARD, DUTIES], ids=lambda policy: policy.id)
    def test_every_message_asked_for_is_listed_with_its_english(self, policy: Policy[Any, Any]) -> None:
        listed = messages(policy)

        def say(message: str, text: str) -> str:
            assert listed[message] == text
            return text

        assert prose(policy, say=say) == prose(policy)
        assert table(policy, say=say) == table(policy)
        for facts in list(points(policy))[::5]:
            assert trace(policy, facts, say=say) == trace(policy, facts)

    def test_another_language(self) -> None:
        german = {
            "walk.question": "Gehen wir?",
            "value.Permission.MAY": "ja",
            "view.ruling": "{question} {answer}!",
            "view.decides": "  + {clause}, denn {facts}.",
            "view.not_applying": "  - {clause} nicht, denn {facts}.",
            "input.rain.no": "es ist trocken",
            "basis.stated": "so steht es da",
        }

        def say(message: str, text: str) -> str:
            return german.get(message, text)

        assert trace(WALK, Outing(sky=Sky.CLEAR, rain=False, coat=True), say=say).splitlines() == [
            "Gehen wir? ja!",
            "  + W-DRY, denn es ist trocken.",
            '    [so steht es da] "walk when it is dry" (S-00)',
            "  - W-WET nicht, denn es ist trocken.",
            "  - W-COAT nicht, denn es ist trocken.",
            "  - W-DARK nicht, denn the sky is clear and es ist trocken.",
        ]

    def test_english_is_what_was_written(self) -> None:
        assert english("any", "text") == "text"


class TestOtherKinds:
    """The checks take a user's own policies, and refuse conditions of their own making."""

    def test_a_strange_condition(self) -> None:
        with pytest.raises(InvalidValue, match="Strange is a condition of no known kind"):
            census(walk(Clause("ODD", MAY, Strange(), cite=house("x"))))

    def test_an_unfinished_condition_cannot_be_built(self) -> None:
        with pytest.raises(TypeError, match="abstract"):
            Condition()  # type: ignore[abstract]
