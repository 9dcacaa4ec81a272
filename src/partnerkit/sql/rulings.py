"""Policies as SQL: for every row of facts the index of its ruling, and the answer.

Floor 10, above `sql.dialects`. May import: errors, clauses, sql.dialects, attrs, sqlglot and the standard library.

The clauses stay the only text: each condition becomes one column, whether its clause applies, and the index says of all of them which
do. So an index is worth a whole ruling, which `ruling_at` gives, with the clauses that decided, gave way and did not apply.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, final

import attrs

from partnerkit.clauses import Clause, Condition, Policy, Ruling
from partnerkit.clauses.conditions import AllOf, AnyOf, Choice, Flag, Is, Not, Value
from partnerkit.errors import InvalidValue, shown
from partnerkit.sql.dialects import check_columns, check_dialect, column, exp, named, reading, table, wide

INDEX: Final = "ruling"
"""The column with the index of the ruling; NULL where the facts of a row are none that the policy rules on."""

OUTCOME: Final = "outcome"
"""The column with the answer, as the text of its member; a policy that collects has one for each answer, see `outcome_columns`."""

_NARROW: Final = 62
"""How many clauses fit the bits of a whole number of 64 bits."""

_MOST: Final = 126
"""How many fit 38 digits."""


@final
@attrs.frozen(kw_only=True)
class CompiledPolicy:
    """A policy as SQL in one dialect: `query` asks it of every row of a table that has a column for each fact.

    Facts are the texts of their enum members, Booleans, and NULL for None. The index of a ruling has one bit for each clause, in the order
    of their ids, so that it means the same in every edition-equal text. Conditions of a kind of one's own and more than 126 clauses raise
    `InvalidValue`, which names them.

    >>> from partnerkit.policies import OWNERSHIP
    >>> compiled = CompiledPolicy(policy=OWNERSHIP, dialect="duckdb")
    >>> compiled.ruling_at(1).because, compiled.ruling_at(1).outcome
    (('OWNER-MANAGED',), Owner.PARTNER)
    """

    policy: Policy[Any, Any]
    dialect: str

    def __attrs_post_init__(self) -> None:
        check_dialect(self.dialect)
        if not isinstance(self.policy, Policy):
            raise InvalidValue(f"wanted a policy to compile, got {shown(self.policy)}")
        if len(self.policy.clauses) > _MOST:
            raise InvalidValue(
                f"the policy {self.policy.id} has {len(self.policy.clauses)} clauses: an index tells {_MOST} apart, so split it"
            )
        check_columns(f"the facts of the policy {self.policy.id}", [item.name for item in self.policy.inputs])
        check_columns(f"the answers of the policy {self.policy.id}, beside {INDEX!r},", [INDEX, *self.outcome_columns])
        _check_texts(f"the answer of the policy {self.policy.id}", self.policy.answers)
        for item in self.policy.inputs:
            _check_texts(f"the fact {item.name} of the policy {self.policy.id}", item.values)
        for clause in self.policy.clauses:
            _condition(clause.when, f"the clause {clause.id} of the policy {self.policy.id}")
        for law in self.policy.laws:
            _condition(law.holds, f"the law {law.id} of the policy {self.policy.id}")

    @cached_property
    def _clauses(self) -> tuple[Clause, ...]:
        """The clauses in the order of their bits."""
        return tuple(sorted(self.policy.clauses, key=lambda clause: clause.id))

    @property
    def outcome_columns(self) -> tuple[str, ...]:
        """The columns with the answer: one of texts, or of a policy that collects one Boolean for each answer.

        >>> from partnerkit.policies import OWNERSHIP, SETUP
        >>> CompiledPolicy(policy=OWNERSHIP, dialect="duckdb").outcome_columns
        ('outcome',)
        >>> len(CompiledPolicy(policy=SETUP, dialect="duckdb").outcome_columns) == len(SETUP.answers)
        True
        """
        return tuple(answer.value for answer in self.policy.answers) if self.policy.collects else (OUTCOME,)

    def query(self, source: str | exp.Subquery | exp.Table, *, keep: Iterable[str] = ()) -> exp.Select:
        """Ask the policy about every row of a table or subquery; the columns to `keep` come first, then index and answer.

        A fact with a default that the source has no column for is to be named in `source` by the caller: every fact is a column. Rows
        whose facts the policy refuses, such as a value that is none of the fact's or facts that break a law, have the index NULL. Where
        no clause decides, or two contradict each other, the answer is NULL and `ruling_at` raises the error that says so.

        >>> from partnerkit.policies import SINGLE_BILL_LEAVING
        >>> compiled = CompiledPolicy(policy=SINGLE_BILL_LEAVING, dialect="duckdb")
        >>> [name.alias_or_name for name in compiled.query("standings", keep=["account"]).selects]
        ['account', 'ruling', 'outcome']
        """
        kept = tuple(keep)
        check_columns("the columns to keep, beside what the policy answers,", [*kept, INDEX, *self.outcome_columns])
        keeping = [f"keep_{place}" for place in range(len(kept))]
        through = [named(column(name), inside) for name, inside in zip(kept, keeping, strict=True)]
        asked = exp.select(*through, named(self._is_ruled, _RULED), *self._applying).from_(_source(source))
        for place, level in enumerate(self._levels):
            decided = [self._decides[clause.id] for lower in self._levels[:place] for clause in lower]
            passed = (*keeping, _RULED, *self._applies.values(), *decided)
            deciding = (named(self._deciding(clause), self._decides[clause.id]) for clause in level)
            asked = reading(exp.select(*map(column, passed), *deciding), asked, self.dialect)
        back = (named(column(inside), name) for name, inside in zip(kept, keeping, strict=True))
        return reading(exp.select(*back, named(self._index, INDEX), *self._outcomes), asked, self.dialect)

    def ruling_at(self, index: int | None) -> Ruling[Any]:
        """Give the ruling behind an index; one of another policy and NULL raise `InvalidValue`.

        >>> from partnerkit.policies import OWNERSHIP
        >>> CompiledPolicy(policy=OWNERSHIP, dialect="spark").ruling_at(None)
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidValue: no ruling on ownership: the facts of that row are none it rules on; ask the policy itself what ...
        """
        if index is None:
            raise InvalidValue(
                f"no ruling on {self.policy.id}: the facts of that row are none it rules on; ask the policy itself what is wrong with them"
            )
        if type(index) is not int or not 0 <= index < 1 << len(self._clauses):
            raise InvalidValue(
                f"{shown(index)} is no index of a ruling on {self.policy.id}: wanted from 0 to {(1 << len(self._clauses)) - 1}"
            )
        applying = {clause.id: bool(index >> bit & 1) for bit, clause in enumerate(self._clauses)}
        return self.policy.ruling_where(tuple(applying[clause.id] for clause in self.policy.clauses))

    def index_of(self, ruling: Ruling[Any]) -> int:
        """Give the index of a ruling.

        >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
        >>> CompiledPolicy(policy=OWNERSHIP, dialect="spark").index_of(OWNERSHIP.decide(OwnershipFacts(management=Management.REFERRED)))
        4
        """
        if ruling.edition != self.policy.fingerprint:
            raise InvalidValue(f"the ruling is on {ruling.policy!r} in the edition {ruling.edition:.12}...: wanted {self.policy.id!r}")
        applying = {*ruling.because, *(clause_id for clause_id, _ in ruling.set_aside)}
        return sum(1 << bit for bit, clause in enumerate(self._clauses) if clause.id in applying)

    @cached_property
    def _applies(self) -> Mapping[str, str]:
        """The columns that tell whether a clause applies: by places, for engines take ids that differ in case only for one."""
        return {clause.id: f"applies_{bit}" for bit, clause in enumerate(self._clauses)}

    @cached_property
    def _decides(self) -> Mapping[str, str]:
        return {clause.id: f"decides_{bit}" for bit, clause in enumerate(self._clauses)}

    @property
    def _is_ruled(self) -> exp.Expr:
        """Whether the facts of a row have values of theirs and break no law."""
        facts = (_has(item, item.values) for item in self.policy.inputs)
        return exp.and_(*facts, *(_condition(law.holds, f"the law {law.id}") for law in self.policy.laws))

    @property
    def _applying(self) -> Iterable[exp.Expr]:
        for clause in self._clauses:
            yield named(_condition(clause.when, clause.id), self._applies[clause.id])

    @cached_property
    def _levels(self) -> tuple[tuple[Clause, ...], ...]:
        """The clauses by how many others stand above them at most, so that each level knows whether those above decide."""
        by_id = {clause.id: clause for clause in self._clauses}
        depth: dict[str, int] = {}

        def depth_of(clause: Clause) -> int:
            if clause.id not in depth:
                depth[clause.id] = max((depth_of(by_id[other]) + 1 for other in clause.unless if other in by_id), default=0)
            return depth[clause.id]

        deepest = max(map(depth_of, self._clauses), default=0)
        return tuple(tuple(clause for clause in self._clauses if depth[clause.id] == level) for level in range(deepest + 1))

    def _deciding(self, clause: Clause) -> exp.Expr:
        above = (exp.not_(column(self._decides[other])) for other in sorted(clause.unless))
        return exp.and_(column(self._applies[clause.id]), *above)

    @property
    def _index(self) -> exp.Expr:
        bits: exp.Expr = exp.Literal.number(0)
        is_narrow = len(self._clauses) <= _NARROW
        for bit, clause in enumerate(self._clauses):
            worth = exp.Literal.number(1 << bit)
            typed = exp.cast(worth, "BIGINT") if is_narrow else wide(worth, self.dialect)
            none = exp.cast(exp.Literal.number(0), "BIGINT") if is_narrow else wide(exp.Literal.number(0), self.dialect)
            bits = exp.Add(this=bits, expression=exp.Case().when(column(self._applies[clause.id]), typed).else_(none))
        return exp.Case().when(column(_RULED), bits)

    @property
    def _outcomes(self) -> Iterable[exp.Expr]:
        if self.policy.collects:
            is_answered = exp.and_(column(_RULED), self._says(*self.policy.answers, None))
            return [named(exp.Case().when(is_answered, self._says(answer)), answer.value) for answer in self.policy.answers]
        answered = exp.Case()
        said = [answer for answer in self.policy.answers if any(clause.then is answer for clause in self._clauses)]
        for answer in said:
            others = [exp.not_(self._says(other)) for other in said if other is not answer]  # Two answers are none.
            answered = answered.when(exp.and_(column(_RULED), self._says(answer), *others), exp.Literal.string(answer.value))
        return [named(answered, OUTCOME)]

    def _says(self, *answers: StrEnum | None) -> exp.Expr:
        """Whether a clause decides that answers so."""
        return exp.or_(exp.false(), *(column(self._decides[clause.id]) for clause in self._clauses if clause.then in answers))


_RULED: Final = "is_ruled"


def _source(source: str | exp.Subquery | exp.Table) -> exp.Expr:
    return table(source) if isinstance(source, str) else source


def _check_texts(what: str, values: Iterable[Value]) -> None:
    if any("\0" in value for value in values if isinstance(value, str)):
        raise InvalidValue(f"{what} has a value with a zero in it, which no query can hold")


def _condition(condition: Condition, where: str) -> exp.Expr:
    """Write a condition, which is always true or false and never NULL."""
    match condition:
        case Is(item, values):
            return _has(item, values)
        case AllOf(parts):
            return exp.and_(exp.true(), *(_condition(part, where) for part in parts))
        case AnyOf(parts):
            return exp.or_(exp.false(), *(_condition(part, where) for part in parts))
        case Not(part):
            return exp.not_(_condition(part, where))
        case _:
            raise InvalidValue(
                f"{where} has a condition of the kind {type(condition).__name__}, which cannot be compiled: build it of inputs with & | ~"
            )


def _has(item: Choice | Flag, wanted: tuple[Value, ...]) -> exp.Expr:
    """Tell whether a fact has one of some values, NULL being None."""
    present = [one for one in wanted if one is not None]
    value = column(item.name)
    if isinstance(item, Flag):
        tests = [exp.EQ(this=value.copy(), expression=exp.true() if one else exp.false()) for one in present]
        among: exp.Expr = exp.or_(exp.false(), *tests)
    else:
        texts = [exp.Literal.string(str(one.value)) for one in present if not isinstance(one, bool)]
        among = exp.In(this=value.copy(), expressions=texts) if texts else exp.false()
    is_null = exp.Is(this=value, expression=exp.null())
    return exp.or_(is_null, among) if None in wanted else exp.and_(exp.not_(is_null), among)
