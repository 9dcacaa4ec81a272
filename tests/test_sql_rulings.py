"""A compiled policy answers, in every engine and at every point, what Python answers: with the same ruling behind its index."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import reduce
from itertools import pairwise, product
from operator import and_
from random import Random  # noqa: TID251  (seeded: the same policies in every run)
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engines import Duck, Engine, Rows
from partnerkit.clauses import ALWAYS, Choice, Clause, Condition, Flag, Law, Permission, Policy, house
from partnerkit.clauses.conditions import Value
from partnerkit.errors import InvalidValue
from partnerkit.partners import Management
from partnerkit.policies import CONTACT, EDITIONS, OWNERSHIP, POLICIES, SETUP
from partnerkit.sql import CompiledPolicy
from partnerkit.sql.dialects import DUCKDB, POSTGRES, SPARK, TESTED, exp, sql_text
from test_clauses import COAT, LEAVES, PACKING, RAIN, RAIN_NEEDS_CLOUDS, SKY, WALK, Gear, Outing, conditions

MAY, MAY_NOT = Permission.MAY, Permission.MAY_NOT
EVERY_EDITION = [edition.policy for editions in EDITIONS.values() for edition in editions.editions]
UNTESTED = ("snowflake", "bigquery", "tsql", "mysql")
HOSTILE = "a'; DROP TABLE \"facts\"; --\\'` %s {} ☃\n/* */"

Point = Mapping[str, Value]


def points_of(policy: Policy[Any, Any]) -> Iterator[dict[str, Value]]:
    """Give every point, lawful or not."""
    for values in product(*(item.values for item in policy.inputs)):
        yield {item.name: value for item, value in zip(policy.inputs, values, strict=True)}


def facts_as_rows(policy: Policy[Any, Any], points: Iterable[Mapping[str, Any]]) -> Rows:
    """Give points as rows, each with its number."""
    columns = {"point": "bigint"} | {item.name: "boolean" if isinstance(item, Flag) else "text" for item in policy.inputs}
    values = [(number, *(_as_column(point[item.name]) for item in policy.inputs)) for number, point in enumerate(points)]
    return Rows(columns, values)


def _as_column(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def expected(compiled: CompiledPolicy, point: Point) -> tuple[Any, ...]:
    """Say what Python makes of a point: the bits of the clauses that apply, and the answer, None where it has none or more than one."""
    policy = compiled.policy
    nothing = (None,) * len(compiled.outcome_columns)
    if any(law.broken_by(point.__getitem__) for law in policy.laws):
        return (None, *nothing)
    ids = sorted(clause.id for clause in policy.clauses)
    applying = tuple(clause.when.holds(point.__getitem__) for clause in policy.clauses)
    index = sum(1 << ids.index(clause.id) for clause, does in zip(policy.clauses, applying, strict=True) if does)
    try:
        outcome = policy.ruling_where(applying).outcome
    except InvalidValue:
        return (index, *nothing)
    return (index, *(answer in outcome for answer in policy.answers)) if policy.collects else (index, outcome.value)


def answered(engine: Engine, compiled: CompiledPolicy, points: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Ask an engine about points, in their order."""
    query = compiled.query("facts", keep=["point"])
    rows = engine.ask(query, facts=facts_as_rows(compiled.policy, points))
    return [row[1:] for row in sorted(rows, key=lambda row: row[0])]


def check_every_point(engine: Engine, policy: Policy[Any, Any]) -> None:
    """Compare an engine with Python at every point."""
    compiled = CompiledPolicy(policy=policy, dialect=engine.dialect)
    points = list(points_of(policy))
    assert answered(engine, compiled, points) == [expected(compiled, point) for point in points]


class TestEveryPoint:
    """Every policy of the project, at every lawful and unlawful point, in every engine."""

    @pytest.mark.parametrize("policy", EVERY_EDITION, ids=lambda policy: policy.id)
    def test_it_answers_as_python(self, engine: Engine, policy: Policy[Any, Any]) -> None:
        check_every_point(engine, policy)

    @pytest.mark.parametrize("policy", EVERY_EDITION, ids=lambda policy: policy.id)
    def test_the_index_is_worth_the_whole_ruling(self, policy: Policy[Any, Any]) -> None:
        compiled = CompiledPolicy(policy=policy, dialect=DUCKDB)
        for point in points_of(policy):
            index = expected(compiled, point)[0]
            if index is not None:
                ruling = policy.ask(**point)
                assert compiled.ruling_at(index) == ruling
                assert compiled.index_of(ruling) == index

    def test_both_kinds_of_policy_and_a_law_are_among_them(self) -> None:
        assert {policy.collects for policy in POLICIES} == {True, False}
        assert any(policy.laws for policy in POLICIES)
        assert set(POLICIES) <= set(EVERY_EDITION)

    def test_an_amended_policy(self, engine: Engine) -> None:
        gone = Clause("CONTACT-ANEW", MAY_NOT, CONTACT.clause("CONTACT-ASKED").when, cite=house("never"))
        check_every_point(engine, CONTACT.amend(repeal=("CONTACT-ASKED",), add=(gone,)))


class TestWhatIsNoFact:
    """A row whose facts the policy refuses has the index NULL and no answer."""

    @pytest.mark.parametrize("policy", [OWNERSHIP, CONTACT, SETUP], ids=lambda policy: policy.id)
    def test_a_value_that_no_fact_has(self, engine: Engine, policy: Policy[Any, Any]) -> None:
        compiled = CompiledPolicy(policy=policy, dialect=engine.dialect)
        lawful: dict[str, Any] = next(point for point in points_of(policy) if expected(compiled, point)[0] is not None)
        choices = [item for item in policy.inputs if isinstance(item, Choice)]
        wrong = [
            lawful | {item.name: value} for item in choices for value in ("", "nowhere", f"{item.values[0]} ", str(item.values[0]).upper())
        ]
        wrong += [lawful | {item.name: None} for item in policy.inputs if None not in item.values]
        got = answered(engine, compiled, [lawful, *wrong])
        assert got[0][0] is not None
        assert len(got) > 2
        assert got[1:] == [(None,) * len(got[0])] * len(wrong)


@st.composite
def own_policies(draw: st.DrawFn) -> Policy[Any, Any]:
    """Draw a policy of somebody's own: it may contradict itself, and say nothing at some points."""
    answers, collects = draw(st.sampled_from([(Permission, False), (Gear, False), (Gear, True)]))
    count = draw(st.integers(1, 6))
    clauses: list[Clause] = []
    for place in range(count):
        unless = tuple(draw(st.sets(st.sampled_from([f"C-{other}" for other in range(place)])))) if place else ()
        then = draw(st.sampled_from([*answers, None] if collects else [*answers]))
        clauses.append(Clause(f"C-{place}", then, draw(conditions()), unless=unless, cite=house("drawn")))
    laws = draw(st.sampled_from([(), (RAIN_NEEDS_CLOUDS,)]))
    try:
        return Policy("own", "What now?", Outing, answers, tuple(draw(st.permutations(clauses))), laws=laws, collects=collects)
    except InvalidValue:
        assume(condition=False)
        raise


def some_policies(count: int) -> list[Policy[Any, Any]]:
    """Give policies of many clauses, made by chance but always the same ones."""
    random = Random(count)  # noqa: S311  (no secret)
    made: list[Policy[Any, Any]] = []
    while len(made) < count:
        clauses = tuple(
            Clause(
                f"C-{place}",
                random.choice([*Gear]),
                reduce(and_, random.sample(LEAVES, random.randrange(1, 3))),
                unless=tuple(f"C-{other}" for other in range(place) if random.random() < 0.4),
                cite=house("by chance"),
            )
            for place in range(random.randrange(2, 9))
        )
        try:
            made.append(Policy("own", "What now?", Outing, Gear, clauses, collects=random.random() < 0.5))
        except InvalidValue:
            continue
    return made


class TestPoliciesOfOnesOwn:
    """Whatever a policy says, contradictions and silence included, an engine says the same."""

    @given(own_policies())
    @settings(max_examples=60)
    def test_drawn(self, policy: Policy[Any, Any]) -> None:
        check_every_point(Duck(), policy)

    @pytest.mark.parametrize("policy", [*some_policies(6), WALK, PACKING])
    def test_in_every_engine(self, engine: Engine, policy: Policy[Any, Any]) -> None:
        check_every_point(engine, policy)

    def test_a_contradiction_has_an_index_that_tells_of_it(self, engine: Engine) -> None:
        clauses = (Clause("A", MAY, RAIN.yes, cite=house("a")), Clause("B", MAY_NOT, COAT.yes, cite=house("b")))
        compiled = CompiledPolicy(policy=Policy("clash", "What now?", Outing, Permission, clauses), dialect=engine.dialect)
        (both, neither) = answered(engine, compiled, [{"rain": True, "coat": True}, {"rain": False, "coat": False}])
        assert (both, neither) == ((3, None), (0, None))
        with pytest.raises(InvalidValue, match="contradict each other: A says may, B says may not"):
            compiled.ruling_at(both[0])
        with pytest.raises(InvalidValue, match="no clause of the policy clash decides these facts"):
            compiled.ruling_at(neither[0])


def long_policy(count: int, *, is_chained: bool = False, collects: bool = False) -> Policy[Any, Any]:
    """Build a policy of so many clauses; chained, every clause gives way to all before it."""
    conditions = [~SKY.is_(None), RAIN.yes, COAT.yes & RAIN.no, SKY.is_(None), ALWAYS]
    clauses = tuple(
        Clause(
            f"C-{place:03}",
            [*Gear][place % 3] if is_chained or collects else Gear.HAT,
            conditions[place % 5 if place < count - 1 else 4],
            unless=tuple(f"C-{other:03}" for other in range(place)) if is_chained else (),
            cite=house("long"),
        )
        for place in range(count)
    )
    return Policy("long", "What now?", Outing, Gear, clauses, collects=collects)


class TestManyClauses:
    """Up to 126 clauses are told apart, the last in whole numbers of more than 64 bits; more are refused."""

    @pytest.mark.parametrize("count", [62, 63, 64, 126])
    def test_they_are_told_apart(self, engine: Engine, count: int) -> None:
        check_every_point(engine, long_policy(count, collects=True))

    def test_the_highest_index(self, engine: Engine) -> None:
        compiled = CompiledPolicy(policy=long_policy(126), dialect=engine.dialect)
        ((index, _),) = answered(engine, compiled, [{"sky": None, "rain": True, "coat": True}])
        assert index.bit_length() == 126
        assert compiled.ruling_at(index) == compiled.policy.ask(sky=None, rain=True, coat=True)

    @pytest.mark.parametrize("count", [3, 40])
    def test_a_long_chain_of_exceptions_takes_no_exponential_time(self, engine: Engine, count: int) -> None:
        check_every_point(engine, long_policy(count, is_chained=True))

    def test_one_more_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match=r"the policy long has 127 clauses: an index tells 126 apart, so split it"):
            CompiledPolicy(policy=long_policy(127), dialect=DUCKDB)


@attrs.frozen
class Homemade(Condition):
    """Invented: a condition of a kind that only its author knows."""

    of: Condition

    def holds(self, lookup: Any) -> bool:
        return self.of.holds(lookup)

    def settled(self, known: Any) -> Any:
        return self.of.settled(known)

    def inputs(self) -> Any:
        return self.of.inputs()


class TestWhatCannotBeCompiled:
    """What no query can say is refused by name when the policy is compiled, not when it is run."""

    @pytest.mark.parametrize("within", [Homemade(RAIN.yes), ~Homemade(RAIN.yes) & COAT.yes, RAIN.yes | Homemade(COAT.yes)], ids=str)
    def test_a_condition_of_ones_own_in_a_clause(self, within: Condition) -> None:
        policy: Policy[Any, Any] = Policy("own", "What now?", Outing, Permission, (Clause("C-MINE", MAY, within, cite=house("mine")),))
        with pytest.raises(
            InvalidValue, match="the clause C-MINE of the policy own has a condition of the kind Homemade, which cannot be compiled"
        ):
            CompiledPolicy(policy=policy, dialect=DUCKDB)

    def test_a_condition_of_ones_own_in_a_law(self) -> None:
        law = Law(id="L-MINE", sentence="so it is", holds=Homemade(RAIN.yes))
        policy: Policy[Any, Any] = Policy(
            "own", "What now?", Outing, Permission, (Clause("C", MAY, RAIN.yes, cite=house("mine")),), laws=(law,)
        )
        with pytest.raises(InvalidValue, match="the law L-MINE of the policy own has a condition of the kind Homemade"):
            CompiledPolicy(policy=policy, dialect=DUCKDB)

    @pytest.mark.parametrize("dialect", ["klingon", "", None, 3])
    def test_a_dialect_that_is_none(self, dialect: Any) -> None:
        with pytest.raises(InvalidValue, match="there is no SQL dialect"):
            CompiledPolicy(policy=OWNERSHIP, dialect=dialect)

    def test_what_is_no_policy(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a policy to compile, got 'contact'"):
            CompiledPolicy(policy="contact", dialect=DUCKDB)  # type: ignore[arg-type]


def named_facts(*names: str, answers: type[StrEnum] = Permission, collects: bool = False) -> Policy[Any, Any]:
    """Build a policy of yes-or-no facts with these names, each of which its own clause asks for."""
    facts = attrs.make_class("Facts", {name: attrs.field(type=bool) for name in names}, frozen=True)
    flags = [Flag(name, f"{name} is so", f"{name} is not so") for name in names]
    clauses = [Clause("C-NONE", next(iter(answers)), reduce(and_, (flag.no for flag in flags)), cite=house("none"))]
    clauses += [
        Clause(f"C-{place}", [*answers][-1], flag.yes, unless=(f"C-{place - 1}",) if place else (), cite=house("own"))
        for place, flag in enumerate(flags)
    ]
    return Policy("names", "What now?", facts, answers, tuple(clauses), collects=collects)


INSIDE = ("applies_0", "decides_0", "decides_1", "is_ruled", "step", "keep_0", "ruling", "outcome", "facts", "point_", "select")


class Odd(StrEnum):
    """Invented, with texts that would break out of a query."""

    QUOTE = "a'b\"c`d"
    HOSTILE = HOSTILE
    SLASH = "\\"
    DOLLAR = "$1 ? :name {x}"
    EMPTY = ""


@attrs.frozen(kw_only=True)
class OddFacts:
    """Invented."""

    odd: Odd


ODD = Choice("odd", Odd, "it is {}")


class TestHostileNames:
    """No name or text breaks out of the query, is taken for another, or for one that the query uses itself."""

    def test_facts_named_as_the_query_names_its_own_columns(self, engine: Engine) -> None:
        check_every_point(engine, named_facts(*INSIDE[:6]))
        check_every_point(engine, named_facts(*INSIDE[6:]))

    def test_columns_to_keep_with_such_names(self, engine: Engine) -> None:
        policy = named_facts("applies_0", "keep_1")
        kept = ("keep_1", "applies_0", "decides_0", "is_ruled", "step", "Ünïcödé ☃", "a'b\"c`d; --")
        rows = Rows(dict.fromkeys(("applies_0", "keep_1"), "boolean") | dict.fromkeys(kept[2:], "text"), [(True, False, *"abcde")])
        query = CompiledPolicy(policy=policy, dialect=engine.dialect).query("facts", keep=kept)
        (row,) = engine.ask(query, facts=rows)
        assert row[: len(kept)] == (False, True, *"abcde")
        assert [one.alias_or_name for one in query.selects] == [*kept, "ruling", "outcome"]

    def test_clauses_that_differ_by_case_only(self, engine: Engine) -> None:
        clauses = (
            Clause("A", MAY, RAIN.yes, unless=("a",), cite=house("A")),
            Clause("a", MAY_NOT, COAT.yes, cite=house("a")),
            Clause(HOSTILE, MAY, RAIN.no & COAT.no, cite=house("h")),
        )
        check_every_point(engine, Policy("case", "What now?", Outing, Permission, clauses))

    def test_answers_and_values_that_would_break_out(self, engine: Engine) -> None:
        clauses = tuple(Clause(f"C-{one.name}", one, ODD.is_(one), cite=house("odd")) for one in Odd)
        policy: Policy[Any, Any] = Policy("odd", "What now?", OddFacts, Odd, clauses)
        check_every_point(engine, policy)
        compiled = CompiledPolicy(policy=policy, dialect=engine.dialect)
        assert [outcome for _, outcome in answered(engine, compiled, points_of(policy))] == [one.value for one in Odd]

    def test_answers_that_become_columns(self, engine: Engine) -> None:
        class Many(StrEnum):
            """Invented."""

            QUOTE = "a'b\"c`d.e"
            HOSTILE = HOSTILE
            RULED = "is_ruled"

        check_every_point(engine, named_facts("x", answers=Many, collects=True))

    @pytest.mark.parametrize("pair", [("rain", "Rain"), ("größe", "GRÖSSE"), ("É", "é")])
    def test_facts_that_are_one_column_to_an_engine_are_refused(self, pair: tuple[str, str]) -> None:
        with pytest.raises(InvalidValue, match=r"the facts of the policy names have the columns .* which are one to an engine: rename one"):
            CompiledPolicy(policy=named_facts(*pair), dialect=DUCKDB)

    def test_names_that_an_engine_cuts_are_refused(self) -> None:
        CompiledPolicy(policy=named_facts("f" * 63), dialect=POSTGRES)
        with pytest.raises(InvalidValue, match="for a column: wanted a name of 1 to 63 bytes"):
            CompiledPolicy(policy=named_facts("f" * 64), dialect=POSTGRES)

    @pytest.mark.parametrize("values", [("ruling", "x"), ("x", "X"), ("RULING",), ("",), ("a\0b",)])
    def test_answers_that_cannot_be_columns_are_refused(self, values: tuple[str, ...]) -> None:
        members = {f"A{place}": value for place, value in enumerate(values)}
        answers = StrEnum("Answers", members)  # type: ignore[misc]
        with pytest.raises(InvalidValue, match="the answers of the policy names, beside 'ruling', have"):
            CompiledPolicy(policy=named_facts("x", answers=answers, collects=True), dialect=DUCKDB)

    def test_a_text_that_no_query_can_hold_is_refused(self) -> None:
        odd = StrEnum("odd", {"NULL": "a\0b", "OTHER": "c"})
        choice = Choice("odd", odd, "it is {}")
        facts = attrs.make_class("Facts", {"odd": attrs.field(type=odd)}, frozen=True)
        policy: Policy[Any, Any] = Policy(
            "zero", "What now?", facts, Permission, (Clause("C", MAY, choice.is_(odd("c")), cite=house("zero")),)
        )
        with pytest.raises(InvalidValue, match="has a value with a zero in it"):
            CompiledPolicy(policy=policy, dialect=DUCKDB)

    def test_an_answer_that_no_query_can_hold_is_refused(self) -> None:
        answers = StrEnum("answers", {"NULL": "a\0b", "OTHER": "c"})
        with pytest.raises(InvalidValue, match="the answer of the policy names has a value with a zero in it"):
            CompiledPolicy(policy=named_facts("x", answers=answers), dialect=DUCKDB)

    @pytest.mark.parametrize("kept", [["ruling"], ["Outcome"], ["a", "A"], ["a", "a"], [""], ["a\0"]])
    def test_columns_to_keep_that_cannot_be_told_apart_are_refused(self, kept: list[str]) -> None:
        with pytest.raises(InvalidValue, match="the columns to keep, beside what the policy answers, have"):
            CompiledPolicy(policy=OWNERSHIP, dialect=DUCKDB).query("facts", keep=kept)


class TestTheText:
    """The text names nothing without quotes, holds nothing of the data, and says where nobody has run it."""

    @pytest.mark.parametrize("dialect", [*TESTED, *UNTESTED])
    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
    def test_every_name_is_quoted(self, policy: Policy[Any, Any], dialect: str) -> None:
        query = CompiledPolicy(policy=policy, dialect=dialect).query("facts", keep=["point"])
        assert all(name.quoted for name in query.find_all(exp.Identifier))
        text = sql_text(query, dialect)
        bare = re.sub(r"""'(?:[^'\\]|''|\\.)*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|/\*.*?\*/""", "", text)
        assert set(re.findall(r"[A-Za-z_]\w*", bare)) <= WORDS

    @pytest.mark.parametrize("dialect", UNTESTED)
    def test_other_dialects_say_that_nobody_has_run_them(self, dialect: str) -> None:
        text = sql_text(CompiledPolicy(policy=OWNERSHIP, dialect=dialect).query("facts"), dialect)
        assert text.startswith(f"/* untested on {dialect} */ SELECT")

    @pytest.mark.parametrize("dialect", TESTED)
    def test_tested_ones_do_not(self, dialect: str) -> None:
        assert sql_text(CompiledPolicy(policy=OWNERSHIP, dialect=dialect).query("facts"), dialect).startswith("SELECT")

    def test_the_whole_of_a_short_one(self) -> None:
        assert sql_text(CompiledPolicy(policy=OWNERSHIP, dialect=DUCKDB).query("facts", keep=["account"]), DUCKDB) == SHORT

    def test_it_is_the_same_text_every_time_and_in_whatever_order_the_clauses_stand(self) -> None:
        turned: Policy[Any, Any] = Policy(
            OWNERSHIP.id, OWNERSHIP.question, OWNERSHIP.facts, OWNERSHIP.answers, OWNERSHIP.clauses[::-1], laws=OWNERSHIP.laws
        )
        texts = {sql_text(CompiledPolicy(policy=one, dialect=SPARK).query("facts"), SPARK) for one in (OWNERSHIP, turned, OWNERSHIP)}
        assert len(texts) == 1


WORDS = {
    *re.findall(
        r"\w+", "SELECT FROM AS CASE WHEN THEN ELSE END AND OR NOT IN IS NULL TRUE FALSE CAST BIGINT SIGNED INT64 OFFSET CROSS JOIN"
    )
}
SHORT = (
    'SELECT "keep_0" AS "account", CASE WHEN "is_ruled" THEN 0 + CASE WHEN "applies_0" THEN CAST(1 AS BIGINT) ELSE CAST(0 AS '
    'BIGINT) END + CASE WHEN "applies_1" THEN CAST(2 AS BIGINT) ELSE CAST(0 AS BIGINT) END + CASE WHEN "applies_2" THEN CAST(4 AS '
    'BIGINT) ELSE CAST(0 AS BIGINT) END END AS "ruling", CASE WHEN "is_ruled" AND (FALSE OR "decides_0") AND NOT (FALSE OR '
    '"decides_1" OR "decides_2") THEN \'partner\' WHEN "is_ruled" AND (FALSE OR "decides_1" OR "decides_2") AND NOT (FALSE OR '
    '"decides_0") THEN \'vendor\' END AS "outcome" FROM (SELECT "keep_0", "is_ruled", "applies_0", "applies_1", "applies_2", '
    '"applies_0" AS "decides_0", "applies_1" AS "decides_1", "applies_2" AS "decides_2" FROM (SELECT "account" AS "keep_0", '
    '"management" IS NULL OR "management" IN (\'referred\', \'managed\') AS "is_ruled", NOT "management" IS NULL AND "management" IN '
    '(\'managed\') AS "applies_0", "management" IS NULL OR FALSE AS "applies_1", NOT "management" IS NULL AND "management" IN '
    '(\'referred\') AS "applies_2" FROM "facts") AS "step" CROSS JOIN (SELECT 1 AS "once") AS "once") AS "step" CROSS JOIN (SELECT '
    '1 AS "once") AS "once"'
)


class TestIndexes:
    """An index is of one policy, and what is none is refused."""

    def test_they_go_up_by_the_ids(self) -> None:
        compiled = CompiledPolicy(policy=OWNERSHIP, dialect=DUCKDB)
        ids = [compiled.ruling_at(1 << place).because for place in range(len(OWNERSHIP.clauses))]
        assert all(one < other for one, other in pairwise(ids))

    @pytest.mark.parametrize("index", [-1, 8, True, 1.0, "1", 1 << 200])
    def test_what_is_no_index(self, index: Any) -> None:
        with pytest.raises(InvalidValue, match="is no index of a ruling on ownership: wanted from 0 to 7"):
            CompiledPolicy(policy=OWNERSHIP, dialect=DUCKDB).ruling_at(index)

    def test_none_says_that_the_facts_are_none(self) -> None:
        with pytest.raises(InvalidValue, match="no ruling on ownership: the facts of that row are none it rules on"):
            CompiledPolicy(policy=OWNERSHIP, dialect=DUCKDB).ruling_at(None)

    def test_a_ruling_of_another_text(self) -> None:
        other = OWNERSHIP.amend(repeal=("OWNER-OUTSIDE",))
        with pytest.raises(InvalidValue, match="the ruling is on 'ownership' in the edition"):
            CompiledPolicy(policy=other, dialect=DUCKDB).index_of(OWNERSHIP.ask(management=Management.MANAGED))
