"""Attribution as SQL: who is credited with every opening of a table, and the ruling on every visit that was considered.

Floor 10, above `sql.engines`, `sql.rulings`, `sql.lookups` and `sql.steps`. May import: errors, clauses, attribution, judgment, partners,
policies, terms, visits, sql.dialects, sql.engines, sql.rulings, sql.lookups, sql.steps, attrs, sqlglot and the standard library; duckdb
and pyspark only inside the function that is given a connection or a session.

Instants are whole numbers of 64 bits: microseconds since 1970 in UTC, so that all engines compare the same. Of visits, openings and
deals at one instant, `place` says in which order they came, so no tie is left to an engine. Whether a visit counts is asked of `CREDITING`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, final

import attrs

from partnerkit.attribution import EXTENSION, CreditReason, attribute_all
from partnerkit.clauses import Ruling
from partnerkit.errors import InvalidValue, shown
from partnerkit.judgment import NO_COUPONS, CreditRule, reason_of
from partnerkit.partners import Partners
from partnerkit.policies import CREDITING, Counting, NameReading, Timing
from partnerkit.sql import steps as texts
from partnerkit.sql.dialects import DUCKDB, POSTGRES, SPARK, check_dialect, column, exp, named, sql_text, table
from partnerkit.sql.engines import check_engine, telling, telling_of_spark
from partnerkit.sql.lookups import (
    BIGINT,
    BOOLEAN,
    DAY,
    EVER,
    PREFIX,
    TEXT,
    SmallTable,
    active_table,
    codes_table,
    days_table,
    is_of_days,
    longest_age,
    micros,
    names_table,
    own_table,
    span_of,
)
from partnerkit.sql.rulings import CompiledPolicy
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, OnIneligible, Terms
from partnerkit.visits import BEGINNING, later, seconds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["AGAIN", "COLUMNS", "CompiledAttribution", "SmallTable", "Suspect", "attribute_frame", "attribute_table", "micros"]

AGAIN: Final = f"{PREFIX}again"
"""The table of the visits that were reported more than once, which `again` makes."""

COLUMNS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "visits": MappingProxyType(
            {
                "id": TEXT,
                "visitor": TEXT,
                "at": BIGINT,
                "place": BIGINT,
                "name": TEXT,
                "ambiguous": BOOLEAN,
                "source": TEXT,
                "bot": BOOLEAN,
                "prefetch": BOOLEAN,
                "top_level": BOOLEAN,
                "consent": BOOLEAN,
                "gpc": BOOLEAN,
            }
        ),
        "openings": MappingProxyType(
            {
                "id": TEXT,
                "account": TEXT,
                "visitor": TEXT,
                "at": BIGINT,
                "place": BIGINT,
                "email": TEXT,
                "coupon": TEXT,
                "existing_account": BOOLEAN,
            }
        ),
        "deals": MappingProxyType(
            {"account": TEXT, "partner": TEXT, "starts_at": BIGINT, "ends_at": BIGINT, "approved": BOOLEAN, "place": BIGINT}
        ),
        "identities": MappingProxyType({"visitor": TEXT, "account": TEXT, "at": BIGINT}),
        "erased": MappingProxyType({"visitor": TEXT}),
    }
)
"""The columns that each table has to have, and their types; further ones are not looked at."""

_MAY_BE_NULL: Final = frozenset({("visits", "name"), ("visits", "consent")})
_MAY_BE_EMPTY: Final = frozenset({("visits", "source"), *(("openings", name) for name in ("visitor", "email", "coupon"))})
_INSTANTS: Final = frozenset({"at", "starts_at", "ends_at"})
_SPELLINGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        TEXT: frozenset({"text", "varchar", "string", "character varying"}),
        BIGINT: frozenset({"bigint", "int8", "long"}),
        BOOLEAN: frozenset({"boolean", "bool"}),
    }
)

_NEVER: Final = -4 * EVER
"""So long ago that no length of time reaches back to it."""

_BEFORE_ALL: Final = 800_000 * DAY
"""How many microseconds before 1970 no instant of the calendar lies; counted from there, none is below zero, where engines round apart."""

_FIRST: Final = micros(BEGINNING)
_LAST: Final = micros(later(BEGINNING, timedelta.max))

_KEPT: Final = ("ruled", "counted", "clear", "standing")
"""The steps that later ones name more than once; without evidence the first is named once."""

_FACTS: Final = tuple(item.name for item in CREDITING.inputs)
_CANDIDATE: Final = ("account", "visit", "at", "place", "dated", "partner", "is_extension", "is_ineligible", "is_denied")


@final
@attrs.frozen(kw_only=True)
class Suspect:
    """A query for what must not be in the tables, and what is wrong where it finds a row, whose values fill the blanks.

    >>> Suspect(query=exp.select("1"), wrong="two different visits have the id {}").error(["k1"])
    InvalidValue("two different visits have the id 'k1'")
    """

    query: exp.Query
    wrong: str

    def error(self, row: Iterable[object]) -> InvalidValue:
        """Make the error about a row that the query gave.

        >>> str(Suspect(query=exp.select("1"), wrong="there is no partner {}").error(["p-9"]))
        "there is no partner 'p-9'"
        """
        return InvalidValue(self.wrong.format(*map(shown, row)))


@final
@attrs.frozen(kw_only=True)
class CompiledAttribution:
    """The rule of `attribute_all` for some partners and the attribution of one contract, as queries in one dialect.

    `visits` and `openings` name tables or views with the columns of `COLUMNS`, and so do `deals`, `identities` and `erased` where there
    are such; `coupons` map a code to a partner id. Two visits at one instant and in one place rank by their ids.

    Every term of attribution that a visit could ask for must be given, else `TermMissing`; coupons of nobody and a model that credits
    nobody whole raise `InvalidValue`.

    `attribute_table` and `attribute_frame` run it. To run it by hand, fill the tables that `tables` makes of what `asked` finds, keep what
    `again` gives as a table named `AGAIN`, refuse what a suspect finds, and ask `credits` and `evidence`. On Spark a contract with
    `stand_down_seconds` needs 4.1, where an opening after more clicks of extensions than `spark.sql.cteRecursionLevelLimit` raises.

    >>> from datetime import date
    >>> from partnerkit.partners import Partner
    >>> from partnerkit.periods import Window
    >>> from partnerkit.terms import EligibleAt, SelfReferral
    >>> attribution = AttributionTerms(
    ...     model=CreditModel.LAST, window=Window.days(30), eligible_at=EligibleAt.BOTH, on_ineligible=OnIneligible.SKIP, skew_seconds=0,
    ...     stand_down_seconds=0, precedence=(CreditSource.LINK,), require_consent=False, honor_gpc=True, self_referral=SelfReferral.DENY,
    ...     free_mail=frozenset())
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", attribution=attribution)
    >>> compiled = CompiledAttribution(partners=Partners((Partner.of("p-1", "brightside"),)), terms=terms, dialect="duckdb")
    >>> [one.alias_or_name for one in compiled.credits.selects]
    ['opening', 'account', 'partner', 'visit', 'reason', 'same_mailbox', 'same_domain']
    """

    partners: Partners
    terms: Terms
    dialect: str
    coupons: Mapping[str, str] = NO_COUPONS
    visits: str = "visits"
    openings: str = "openings"
    deals: str | None = None
    identities: str | None = None
    erased: str | None = None
    _rule: CreditRule = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        check_dialect(self.dialect)
        # The rule itself refuses what it refuses of partners, terms and coupons.
        attribute_all((), (), partners=self.partners, terms=self.terms, coupons=self.coupons)
        for name in self.given.values():
            _check_table(name)
        object.__setattr__(self, "_rule", CreditRule.of(partners=self.partners, terms=self.terms, coupons=self.coupons))
        # Asked here, so that a term that is missing is missed before anything runs.
        _ = self._blanks, self._section.precedence, self._section.self_referral, self._section.free_mail

    @property
    def given(self) -> Mapping[str, str]:
        """The tables that are given, by what they hold."""
        optional = {"deals": self.deals, "identities": self.identities, "erased": self.erased}
        return {"visits": self.visits, "openings": self.openings} | {what: name for what, name in optional.items() if name is not None}

    @property
    def asked(self) -> Mapping[str, exp.Query]:
        """What Python must read before it can make the small tables: `emails`, `codes` and `days` of the openings, each once.

        Only what can matter is asked: addresses where partners have some, codes where coupons are known, days for a window of days.
        """
        matters = {
            "emails": any(partner.emails for partner in self.partners),
            "codes": bool(self.coupons),
            "days": is_of_days(self._section.window),
        }
        return {what: self._parsed(texts.ASKED[what]) for what, is_needed in matters.items() if is_needed}

    def tables(self, *, emails: Iterable[str] = (), codes: Iterable[str] = (), days: Iterable[int] = ()) -> tuple[SmallTable, ...]:
        """Give the small tables that the queries ask, from what `asked` found."""
        section = self._section
        small = (
            names_table(self.partners),
            active_table(self.partners),
            own_table(self.partners, section, emails),
            codes_table(self._rule.coupons, codes),
        )
        return (*small, days_table(section.window, days)) if is_of_days(section.window) else small

    @property
    def again(self) -> exp.Query:
        """What the table `AGAIN` holds: the id of every visit that was reported more than once, and the place it came in first."""
        reported: exp.Select = self._parsed(texts.REPORTED_AGAIN)
        return reported

    @property
    def suspects(self) -> tuple[Suspect, ...]:
        """What the tables must not hold: rows that lack a value, two things under one id, a deal with nobody we know."""
        faulty = (
            Suspect(query=self._faulty(what), wrong=f"a row of {what}, {{}}, has no {{}} that can be: it is missing, empty or no instant")
            for what in self.given
        )
        other = (Suspect(query=self._parsed(text), wrong=wrong) for what, text, wrong in texts.SUSPECTS if what in self.given)
        return (*faulty, *other)

    @property
    def credits(self) -> exp.Select:
        """A row for every report of an opening: the partner, the visit that won, the reason, and what a person should look at.

        `visit` is NULL where no visit won, and for an account that is bound, whose visit is with its first opening.
        """
        return self._with_steps(*self._credits)

    @property
    def evidence(self) -> exp.Select:
        """A row for every visit that was considered for the first opening of an account: whom it names, its ruling, and the answer.

        Those are the visits that the window and the skew can reach, as a stream considers them; `ruling_at` reads the index `ruling`.
        """
        return self._with_steps(*self._evidence)

    def ruling_at(self, index: int | None) -> Ruling[Counting]:
        """Give the ruling behind an index that the evidence has; any other raises `InvalidValue`.

        >>> CompiledPolicy(policy=CREDITING, dialect="duckdb").ruling_at(1 << 8).because
        ('CREDIT-LINK',)
        """
        return self._policy.ruling_at(index)

    def check_columns(self, what: str, found: Mapping[str, str]) -> None:
        """Refuse a table that lacks a column, or has one of another type, by the names of the types in its engine."""
        for name, kind in COLUMNS[what].items():
            wanted = f"{kind}{_HINTS.get(name, '')}"
            if name not in found:
                there = ", ".join(map(shown, found))
                raise InvalidValue(f"{what} ({shown(self.given[what])}) have no column {name!r}: wanted {wanted}; there are {there}")
            if found[name].lower() not in _SPELLINGS[kind]:
                raise InvalidValue(f"{what}.{name} ({shown(self.given[what])}) is of the type {shown(found[name])}: wanted {wanted}")

    def stages(self, *, evidence: bool = False) -> tuple[Mapping[str, exp.Query], exp.Query]:
        """Give `credits` or `evidence` in stages, for an engine that computes a step again wherever it is named, as Spark does.

        Each stage gives a table to keep under its name, in this order, and the query at the end asks them. Without `stand_down_seconds`
        there is nothing to keep, and the query is the whole.
        """
        query, steps = self._evidence if evidence else self._credits
        kept: dict[str, exp.Query] = {}
        for name in (_KEPT if evidence else _KEPT[1:]) if self._stands_down else ():
            before = [*steps][: [*steps].index(name) + 1]
            kept[f"{PREFIX}{name}"] = self._with_steps(self._parsed(texts.ALL, source=name), {one: steps[one].copy() for one in before})
            steps = {one: step for one, step in steps.items() if one not in before or one == "firsts"}
        return kept, self._with_steps(query, steps)

    @property
    def _credits(self) -> tuple[exp.Select, Mapping[str, exp.Query]]:
        return self._parsed(texts.CREDITS), self._steps_to_candidates(evidence=False) | self._steps_to_answers

    @property
    def _evidence(self) -> tuple[exp.Select, Mapping[str, exp.Query]]:
        against = self._parsed(texts.AGAINST)
        if self._stands_down:
            standing = self._parsed(texts.STANDING_STILL).subquery(_name("k"))
            against = against.join(standing, join_type="left", on=_expression(texts.STANDS_STILL))
        kept = ("opening", "account", "visit", "at", "place", "partner")
        return self._ruled(against, kept), self._steps_to_candidates(evidence=True)

    @property
    def _section(self) -> AttributionTerms:
        return self.terms.attribution

    @property
    def _stands_down(self) -> bool:
        return self._section.stand_down_seconds > 0

    @cached_property
    def _policy(self) -> CompiledPolicy:
        return CompiledPolicy(policy=CREDITING, dialect=self.dialect)

    @cached_property
    def _blanks(self) -> Mapping[str, exp.Expr]:
        """What the terms and the dialect put into the blanks of the texts."""
        section = self._section
        numbers = {
            "longest": span_of(section.window.longest),
            "skew": span_of(seconds(section.skew_seconds)),
            "stand_down": span_of(seconds(section.stand_down_seconds)),
            "age": 0 if is_of_days(section.window) else longest_age(section.window),
            "never": _NEVER,
            "day": DAY,
            "before_all": _BEFORE_ALL,
            "first": _FIRST,
            "last": _LAST,
        }
        words = {one.name.lower(): one.value for one in (*NameReading, *Timing, Counting.COUNTS, CreditReason.BOUND)}
        skips = section.on_ineligible is OnIneligible.SKIP
        return {
            **{name: exp.cast(exp.Literal.number(number), BIGINT) for name, number in numbers.items()},
            **{name: exp.Literal.string(word) for name, word in words.items()},
            "extension": exp.Literal.string(EXTENSION),
            "lies_within": _expression(texts.IN_DAYS if is_of_days(section.window) else texts.IN_AGE),
            "is_eligible": _expression(texts.IS_ELIGIBLE[section.eligible_at]),
            "looked_at": _expression(texts.CAN_BE_CREDITED if skips else texts.TRUE),
            "require_consent": exp.convert(section.require_consent),
            "honor_gpc": exp.convert(section.honor_gpc),
            "stood_down": _expression(texts.STOOD_DOWN if self._stands_down else texts.FALSE),
            "erased": _expression(texts.FALSE if self.erased is None else texts.IS_ERASED),
            "key": _without_ascii_case(column("name", of="p"), self.dialect),
            **{f"{what}_by_id": _by_code_point(column(of_id, of=of), self.dialect) for what, of_id, of in _BY_ID},
        }

    def _parsed(self, text: str, *, wanted: str = "TRUE", source: str = "") -> Any:
        """Read a text: its blanks filled, and its tables under the names they are given or that this module has for them."""
        query: Any = exp.maybe_parse(text, dialect=DUCKDB)
        for one in query.find_all(exp.Table):
            name = source if one.name == "source" else one.name
            one.set("this", _name(self.given.get(name, f"{PREFIX}{name}")))
        blanks = {"wanted": _expression(wanted), **self._blanks}
        # What fills a blank may have blanks of its own.
        while (blank := query.find(exp.Placeholder)) is not None:
            blank.replace(blanks[blank.name].copy())
        return query

    def _faulty(self, what: str) -> exp.Select:
        """Ask for a row that lacks a value, by its first column and the column in which it has none."""
        faults = exp.Case()
        for name, kind in COLUMNS[what].items():
            faults = faults.when(self._fault(what, name, kind), exp.Literal.string(name))
        first = next(iter(COLUMNS[what]))
        rows = exp.select(named(column(first), "row"), named(faults, "field")).from_(table(self.given[what])).subquery(_name("rows"))
        found = exp.not_(exp.Is(this=column("field"), expression=exp.null()))
        return exp.select(column("row"), column("field")).from_(rows).where(found).limit(1)

    def _fault(self, what: str, name: str, kind: str) -> exp.Expr:
        value = column(name)
        faults: list[exp.Expr] = [] if (what, name) in _MAY_BE_NULL else [exp.Is(this=value, expression=exp.null())]
        if kind is TEXT and (what, name) not in _MAY_BE_NULL | _MAY_BE_EMPTY:
            faults.append(exp.EQ(this=value, expression=exp.Literal.string("")))
        if name in _INSTANTS:
            faults.append(exp.not_(exp.Between(this=value, low=self._blanks["first"].copy(), high=self._blanks["last"].copy())))
        return exp.or_(exp.false(), *faults)

    def _ruled(self, facts: exp.Select, kept: Iterable[str]) -> exp.Select:
        return self._policy.query(facts.subquery(_name("facts")), keep=kept)

    def _with_steps(self, query: exp.Select, steps: Mapping[str, exp.Query]) -> exp.Select:
        for name, step in steps.items():
            query = query.with_(_name(f"{PREFIX}{name}"), as_=step, recursive=self._stands_down, copy=False)
        return query

    def _steps_to_candidates(self, *, evidence: bool) -> dict[str, exp.Query]:
        """Find the visits that could credit somebody; without evidence those that name nobody are not even looked at."""
        sought = texts.SOUGHT_ON_DAYS if is_of_days(self._section.window) else texts.SOUGHT
        steps = {"firsts": self._parsed(texts.FIRSTS), "opened": self._parsed(sought)}
        steps["sought"] = self._parsed(texts.BY_VISITOR if self.identities is None else texts.BY_VISITOR_AND_LINKS)
        steps["pairs"] = self._parsed(texts.PAIRS, wanted="TRUE" if evidence else texts.NAMES_SOMEBODY)
        facts = self._parsed(texts.READ, wanted="TRUE" if evidence else texts.IS_KNOWN)
        if self.erased is not None:
            facts = facts.join(self._parsed(texts.ERASED).subquery(_name("e")), join_type="left", on=_expression(texts.IS_OF_ERASED))
        steps["ruled"] = self._ruled(facts, ("opening", *_CANDIDATE, *_FACTS) if evidence else _CANDIDATE)
        if evidence and not self._stands_down:
            return steps
        steps["counted"] = self._parsed(texts.COUNTED)
        return steps | {name: self._parsed(text) for name, text in (texts.STANDING_DOWN if self._stands_down else texts.ALL_STAND).items()}

    @property
    def _steps_to_answers(self) -> dict[str, exp.Query]:
        """Ask the sources in their order: the first one with a partner that can be credited decides."""
        sources = [source for source in self._section.precedence if source is not CreditSource.DEAL or self.deals is not None]
        steps: dict[str, exp.Query] = {}
        for source in sources:
            is_last = source is CreditSource.LINK and self._section.model is CreditModel.LAST
            steps[source.value] = self._parsed(texts.CLAIMS[source])
            steps[f"best_{source.value}"] = self._parsed(texts.BEST_LAST if is_last else texts.BEST_FIRST, source=source.value)
        seen = [self._parsed(texts.SEEN, source=source.value) for source in sources] or [self._parsed(texts.SEEN_NOBODY)]
        return steps | {"seen": exp.union(*seen, distinct=False) if len(seen) > 1 else seen[0], "answers": self._answers(sources)}

    def _answers(self, sources: Iterable[CreditSource]) -> exp.Select:
        """Give the answer to the first opening of each account."""
        answers, reason = self._parsed(texts.ANSWERS), exp.Case()
        visit, partner = (exp.Case().when(exp.false(), _expression(texts.NO_TEXT)) for _ in range(2))
        for source in sources:
            name = source.value
            best = self._parsed(texts.BEST, source=f"best_{name}").subquery(_name(name))
            is_of = exp.EQ(this=column("account", of=name), expression=column("account", of="f"))
            answers = answers.join(best, join_type="left", on=is_of)
            has_won = exp.not_(exp.Is(this=column("partner", of=name), expression=exp.null()))
            reason = reason.when(has_won, exp.Literal.string(reason_of(source, self._section).value))
            visit = visit.when(has_won, column("visit", of=name))
            partner = partner.when(has_won, column("partner", of=name))
        for cause, why in texts.NOBODY.items():
            reason = reason.when(_expression(why), exp.Literal.string(cause.value))
        reason = reason.else_(exp.Literal.string(CreditReason.NO_TOUCH.value))
        given: exp.Select = answers.select(named(partner, "partner"), named(visit, "visit"), named(reason, "reason"))
        return given


def attribute_table(  # noqa: PLR0913  (what the vendor knows, one keyword each)
    connection: "DuckDBPyConnection",
    *,
    partners: Partners,
    terms: Terms,
    visits: str = "visits",
    openings: str = "openings",
    deals: str | None = None,
    coupons: Mapping[str, str] = NO_COUPONS,
    identities: str | None = None,
    erased: str | None = None,
    into: str = "credits",
    evidence_into: str | None = None,
) -> "DuckDBPyRelation":
    """Credit every opening of a DuckDB table, into a new temporary table that replaces one of its name; evidence only if it is asked for.

    Tables and columns are those of `CompiledAttribution`. What is wrong in them raises `InvalidValue`, and then nothing is written.
    """
    _check_new(into, evidence_into, of=(visits, openings, deals, identities, erased))
    compiled = CompiledAttribution(
        partners=partners,
        terms=terms,
        dialect=DUCKDB,
        coupons=coupons,
        visits=visits,
        openings=openings,
        deals=deals,
        identities=identities,
        erased=erased,
    )
    check_engine(connection, DUCKDB, instead="ask attribute_frame")
    with telling("duckdb"):
        _write(connection, compiled, into, evidence_into)
        return connection.sql(sql_text(exp.select("*").from_(table(into)), DUCKDB))


def _write(connection: "DuckDBPyConnection", compiled: CompiledAttribution, into: str, evidence_into: str | None) -> None:
    for what, name in compiled.given.items():
        compiled.check_columns(what, _columns_of(connection, name))
    with _dropping(connection) as made:
        for small in compiled.tables(**{what: _first_column(connection, query) for what, query in compiled.asked.items()}):
            made.append(small.name)
            _fill(connection, small)
        made.append(AGAIN)
        _create(connection, AGAIN, compiled.again)
        for suspect in compiled.suspects:
            row = connection.execute(sql_text(suspect.query, DUCKDB)).fetchone()
            if row is not None:
                raise suspect.error(row)
        _create(connection, into, compiled.credits)
        if evidence_into is not None:
            _create(connection, evidence_into, compiled.evidence)


@contextmanager
def _dropping(connection: "DuckDBPyConnection") -> Iterator[list[str]]:
    """Give a list for the names of tables, and drop these in the end, whatever comes."""
    made: list[str] = []
    try:
        yield made
    except BaseException:
        # In a transaction that failed nothing can be dropped, and the tables go with it.
        with suppress(import_module("duckdb").Error):
            _drop(connection, made)
        raise
    _drop(connection, made)


def _drop(connection: "DuckDBPyConnection", names: Iterable[str]) -> None:
    for name in names:
        connection.execute(_statement('DROP TABLE IF EXISTS "made"', name).sql(DUCKDB))


def attribute_frame(  # noqa: PLR0913  (what the vendor knows, one keyword each)
    session: "SparkSession",
    *,
    partners: Partners,
    terms: Terms,
    visits: str = "visits",
    openings: str = "openings",
    deals: str | None = None,
    coupons: Mapping[str, str] = NO_COUPONS,
    identities: str | None = None,
    erased: str | None = None,
    evidence: bool = False,
) -> "DataFrame":
    """Credit every opening of a Spark table or view, as a frame that is computed when it is asked for; or give the evidence instead.

    Tables and columns are those of `CompiledAttribution`. What is wrong in them raises `InvalidValue` at once. The session keeps the
    visits that were reported again, and under terms with `stand_down_seconds` those that count, in memory or on disk, as views whose names
    begin with `partnerkit_`: until the next call, which makes its own, or until they are dropped.
    """
    compiled = CompiledAttribution(
        partners=partners,
        terms=terms,
        dialect=SPARK,
        coupons=coupons,
        visits=visits,
        openings=openings,
        deals=deals,
        identities=identities,
        erased=erased,
    )
    check_engine(session, SPARK, instead="ask attribute_table")
    with telling_of_spark(session):
        return _frame(session, compiled, evidence=evidence)


def _frame(session: "SparkSession", compiled: CompiledAttribution, *, evidence: bool) -> "DataFrame":
    for what, name in compiled.given.items():
        if not session.catalog.tableExists(sql_text(table(name), SPARK)):
            raise _no_table(name)
        compiled.check_columns(what, dict(session.table(sql_text(table(name), SPARK)).dtypes))
    asked = {what: [row[0] for row in session.sql(sql_text(query, SPARK)).collect()] for what, query in compiled.asked.items()}
    small = compiled.tables(**asked)
    for one in small:
        session.createDataFrame([*one.rows], one.columns_for(SPARK)).createOrReplaceTempView(one.name)
    _keep(session, AGAIN, compiled.again)
    try:
        for suspect in compiled.suspects:
            found = session.sql(sql_text(suspect.query, SPARK)).collect()
            if found:
                session.catalog.dropTempView(AGAIN)
                raise suspect.error(found[0])
        kept, query = compiled.stages(evidence=evidence)
        for name, stage in kept.items():
            _keep(session, name, stage)
        return session.sql(sql_text(query, SPARK))
    finally:
        # A frame keeps what it was made of, whatever becomes of the names; but what is kept of a view goes with its name.
        for one in small:
            session.catalog.dropTempView(one.name)


def _keep(session: "SparkSession", name: str, query: exp.Query) -> None:
    """Keep what a query gives under a name; what an earlier one kept of the same tables may not be what they hold now."""
    session.sql(sql_text(query, SPARK)).unpersist().persist().createOrReplaceTempView(name)


def _columns_of(connection: "DuckDBPyConnection", name: str) -> dict[str, str]:
    from duckdb import CatalogException  # noqa: PLC0415

    try:
        found = connection.sql(sql_text(exp.select("*").from_(table(name)).limit(0), DUCKDB))
    except CatalogException:
        raise _no_table(name) from None
    return dict(zip(found.columns, map(str, found.dtypes), strict=True))


def _no_table(name: str) -> InvalidValue:
    return InvalidValue(f"there is no table or view {shown(name)}: create it, or say what yours is called")


def _first_column(connection: "DuckDBPyConnection", query: exp.Query) -> Iterable[Any]:
    return (row[0] for row in connection.execute(sql_text(query, DUCKDB)).fetchall())


def _fill(connection: "DuckDBPyConnection", small: SmallTable) -> None:
    """Make a table of its rows, column by column, as parameters: row by row takes a thousand times as long."""
    lists = (exp.Explode(this=exp.cast(exp.Placeholder(), f"{kind}[]", dialect=DUCKDB)) for _, kind in small.columns)
    query = exp.select(*(named(one, name) for one, (name, _) in zip(lists, small.columns, strict=True)))
    columns = zip(*small.rows, strict=True) if small.rows else ((),) * len(small.columns)
    _create(connection, small.name, query, [list(values) for values in columns])


def _create(connection: "DuckDBPyConnection", name: str, query: exp.Query, values: Iterable[Any] = ()) -> None:
    statement = _statement('CREATE OR REPLACE TEMP TABLE "made" AS SELECT 1', name)
    statement.set("expression", query)
    connection.execute(statement.sql(DUCKDB), [*values])


def _statement(text: str, name: str) -> exp.Expr:
    """Give a statement about the table `made` as one about another."""
    statement = _expression(text)
    for made in statement.find_all(exp.Table):
        made.replace(table(name))
    return statement


def _check_new(*names: str | None, of: Iterable[str | None]) -> None:
    taken = {name for name in of if name is not None}
    for name in names:
        if name is None:
            continue
        _check_table(name)
        if name in taken:
            raise InvalidValue(f"the table {shown(name)} would be written over: give what is found a name of its own")
        taken.add(name)


def _check_table(name: object) -> None:
    if not isinstance(name, str) or not name or name.startswith(PREFIX):
        raise InvalidValue(f"wanted the name of a table or view that does not begin with {PREFIX!r}, got {shown(name)}")


def _name(text: str) -> exp.Identifier:
    return exp.to_identifier(text, quoted=True)


def _expression(text: str) -> exp.Expr:
    read: exp.Expr = exp.maybe_parse(text, dialect=DUCKDB)
    return read


def _without_ascii_case(text: exp.Column, dialect: str) -> exp.Expr:
    """Lower the ASCII letters of a text that is then compared with ASCII texts alone: no other letter may become one of them."""
    if dialect == DUCKDB:
        # It translates letters twenty times slower than it lowers them.
        return _expression(texts.LOWERED_IF_ASCII)
    upper = "".join(map(chr, range(ord("A"), ord("Z") + 1)))
    return exp.Anonymous(this="TRANSLATE", expressions=[text, exp.Literal.string(upper), exp.Literal.string(upper.lower())])


def _by_code_point(text: exp.Column, dialect: str) -> exp.Expr:
    """Order texts by their code points, as every engine does but one that was told a language."""
    return exp.Collate(this=text, expression=exp.to_identifier("C", quoted=True)) if dialect == POSTGRES else text


_HINTS: Final = MappingProxyType(
    {
        "place": ", in which order those of one instant came",
        **dict.fromkeys(_INSTANTS, ", microseconds since 1970 in UTC"),
    }
)

_BY_ID: Final = (("opening", "id", "o"), ("visit", "visit", "c"), ("partner", "partner", "c"))
