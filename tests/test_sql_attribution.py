"""Attribution as SQL agrees with Python: the same partner, visit, reason and rulings, for every opening, in every engine."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random  # noqa: TID251  (seeded: the same in every run)
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import EXAMPLE, example_books, lines_of
from engines import Postgres, Spark
from partnerkit.attribution import (
    EXTENSION,
    AccountOpening,
    Credit,
    CreditFlag,
    Deal,
    IdentityLink,
    PageVisit,
    Visit,
    attribute_all,
)
from partnerkit.clauses import Ruling
from partnerkit.errors import InvalidLink, InvalidValue, TermMissing
from partnerkit.partners import NameAlias, Partner, PartnerName, Partners, PartnerStatus, StatusSince
from partnerkit.periods import Window
from partnerkit.policies import Counting
from partnerkit.program import Program
from partnerkit.records import FILES, Records
from partnerkit.terms import AttributionTerms, CreditModel, CreditSource, EligibleAt, OnIneligible, SelfReferral, Terms
from test_attribution import SCENARIOS, WHOLE, Read, contract, without_cases

pytest.importorskip("sqlglot")
duckdb = pytest.importorskip("duckdb")

from partnerkit.sql.attribution import AGAIN, COLUMNS, CompiledAttribution, _create, _fill, attribute_frame, attribute_table  # noqa: E402
from partnerkit.sql.dialects import sql_text  # noqa: E402
from partnerkit.sql.lookups import DAY as UTC_DAY  # noqa: E402
from partnerkit.sql.lookups import SmallTable, _Part, _whole_and_part, days_table, micros  # noqa: E402  # noqa: E402

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY, HOUR, SECOND, TICK = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1), timedelta(microseconds=1)

Row = tuple[Any, ...]
Answer = tuple[str, str, str | None, str | None, str, bool, bool]
"""Of an opening its id, account, partner, visit, reason, and whether the mailbox or the domain is the partner's own."""

Rulings = dict[tuple[str, str], list[Ruling[Counting]]]
"""The rulings on visits by the ids of the opening and the visit; a visit reported again has several."""

Found = tuple[Counter[Answer], Rulings]


@attrs.frozen(kw_only=True)
class World:
    """Everything that attribution asks about, as `attribute_all` takes it."""

    partners: Partners
    terms: Terms
    openings: tuple[AccountOpening, ...]
    visits: tuple[Visit, ...]
    deals: tuple[Deal, ...] = ()
    coupons: Mapping[str, str] = attrs.field(factory=dict)
    identities: tuple[IdentityLink, ...] = ()
    erased: tuple[str, ...] = ()

    @property
    def known(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in attrs.fields(World) if field.name not in {"openings", "visits"}}

    def under(self, terms: Terms) -> "World":
        """The same world under other terms."""
        return World(**({field.name: getattr(self, field.name) for field in attrs.fields(World)} | {"terms": terms}))

    @property
    def tables(self) -> Mapping[str, list[Row]]:
        """The rows of the large tables, each visit, opening and deal with its place."""
        rows: dict[str, list[Row]] = {
            "visits": [of_visit(one, place) for place, one in enumerate(self.visits)],
            "openings": [of_opening(one, place) for place, one in enumerate(self.openings)],
            "deals": [
                (one.account, one.partner, micros(one.starts_at), micros(one.ends_at), one.approved, place)
                for place, one in enumerate(self.deals)
            ],
            "identities": [(one.visitor, one.account, micros(one.at)) for one in self.identities],
            "erased": [(visitor,) for visitor in self.erased],
        }
        return rows

    def asked(self) -> "Found":
        """What Python says."""
        answers: list[Answer] = []
        rulings: Rulings = {}
        stream = attribute_all(self.openings, self.visits, **self.known)
        for opening, credit in zip(self.openings, stream, strict=True):
            answers.append(answer_of(opening, credit))
            # A report of an opening that comes again has the evidence of the first.
            rulings |= {(opening.id, visit): found for visit, found in by_visit(credit).items()}
        return Counter(answers), rulings


def by_visit(credit: Credit) -> dict[str, list[Ruling[Counting]]]:
    found: dict[str, list[Ruling[Counting]]] = {}
    for one in credit.considered:
        found.setdefault(one.visit.id, []).append(one.ruling)
    return found


def of_visit(one: Visit, place: int) -> Row:
    facts = (one.ambiguous, one.source, one.bot, one.prefetch, one.top_level, one.consent, one.gpc)
    return (one.id, one.visitor, micros(one.at), place, one.name, *facts)


def of_opening(one: AccountOpening, place: int) -> Row:
    return (one.id, one.account, one.visitor, micros(one.at), place, one.email, one.coupon, one.existing_account)


def answer_of(opening: AccountOpening, credit: Credit) -> Answer:
    visit = None if credit.visit is None else credit.visit.id
    flags = (CreditFlag.SAME_MAILBOX in credit.flags, CreditFlag.SAME_DOMAIN in credit.flags)
    return (opening.id, opening.account, credit.partner, visit, str(credit.reason), *flags)


def quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def creating(name: str, columns: Iterable[tuple[str, str]]) -> str:
    return f"CREATE TEMP TABLE {quoted(name)} ({', '.join(f'{quoted(column)} {kind}' for column, kind in columns)})"


def filling(name: str, row: Row, blank: str) -> str:
    return f"INSERT INTO {quoted(name)} VALUES ({', '.join(blank for _ in row)})"  # noqa: S608  (a name that is quoted)


def fill(connection: Any, name: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Make a table of a DuckDB connection."""
    _fill(connection, SmallTable(name=name, columns=tuple(columns.items()), rows=tuple(rows)))


def mixed(rows: Iterable[Row], order: int) -> list[Row]:
    found = list(rows)
    Random(order).shuffle(found)  # noqa: S311  (an order for the rows, the same in every run)
    return found


def in_duckdb(world: World, connection: Any, *, order: int = 0) -> "Found":
    """What DuckDB says of the same rows in another order."""
    for what, rows in world.tables.items():
        fill(connection, what, COLUMNS[what], mixed(rows, order))
    compiled = compiled_for(world, "duckdb")
    given: dict[str, Any] = {name: getattr(compiled, name) for name in ("partners", "terms", "coupons", *COLUMNS)}
    answers = attribute_table(connection, **given, evidence_into="evidence").fetchall()
    return Counter(answers), rulings_of(compiled, connection.execute(EVIDENCE).fetchall())


EVIDENCE = 'SELECT "opening", "visit", "ruling", "outcome" FROM "evidence" ORDER BY "at", "place"'


def compiled_for(world: World, dialect: str) -> CompiledAttribution:
    named: dict[str, Any] = {what: what for what in COLUMNS}
    return CompiledAttribution(partners=world.partners, terms=world.terms, coupons=world.coupons, dialect=dialect, **named)


def rulings_of(compiled: CompiledAttribution, rows: Iterable[Row]) -> Rulings:
    rulings: Rulings = {}
    for opening, visit, index, outcome in rows:
        ruling = compiled.ruling_at(index)
        assert ruling.outcome.value == outcome
        rulings.setdefault((opening, visit), []).append(ruling)
    return rulings


INSTANTS = st.sampled_from(
    [*(NOON + hours * HOUR for hours in range(-6, 7)), NOON - 2 * DAY, NOON - 2 * DAY - TICK, NOON + TICK, NOON - 40 * DAY]
)
HOSTILE = [
    *("'; DROP TABLE visits; --", '"', " acme", "acme ", "AcMe", "\N{KELVIN SIGN}ite", "kite", "KITE", "%", "_", "\\", "a\ud7ffb"),
    *("\N{LATIN SMALL LETTER DOTLESS I}", "BETA", "beta\u200b", "\U0001f984", ":wanted", "?", "$1", "{}", "acme\n", "gamma", "delta"),
]
NAMES = st.sampled_from(["acme", "acme", "beta", "beta", "gamma", "kite", "acme\0", "", None, *HOSTILE])
VISITORS = st.sampled_from(["v1", "v1", "v2", "phone", "'v1'"])


@st.composite
def aliases(draw: st.DrawFn) -> dict[str, tuple[NameAlias, ...]]:
    """Names that change hands between two partners at instants at which there are visits."""
    first, second = sorted(draw(st.lists(INSTANTS, min_size=2, max_size=2, unique=True)))
    name = PartnerName(draw(st.sampled_from(["kite", "Kite"])))
    return {
        "p-1": (NameAlias(name=PartnerName("Acme")), NameAlias(name=name, until=first)),
        "p-2": (NameAlias(name=PartnerName("beta"), since=first), NameAlias(name=PartnerName("kite"), since=first, until=second)),
        "p'3": (NameAlias(name=PartnerName("gamma")), NameAlias(name=PartnerName("KITE"), since=second)),
    }


@st.composite
def statuses(draw: st.DrawFn) -> tuple[StatusSince, ...]:
    """The statuses of a partner, which change at instants at which there are visits and openings."""
    starts = sorted(draw(st.lists(INSTANTS, max_size=3, unique=True)))
    since: list[datetime | None] = [None, *starts] if draw(st.booleans()) or not starts else [*starts]
    kinds = st.sampled_from([PartnerStatus.ACTIVE, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED, PartnerStatus.PENDING])
    return tuple(StatusSince(status=draw(kinds), since=at) for at in since)


PARTNERS = st.builds(
    lambda names, first, second: Partners(
        (
            Partner(id="p-1", names=names["p-1"], emails=("owner@acme.example", "o@Gmail.com")),
            Partner(id="p-2", names=names["p-2"], status=first, emails=("", "Owner@acme.example", "nothing")),
            Partner(id="p'3", names=names["p'3"], status=second),
        )
    ),
    aliases(),
    statuses(),
    statuses(),
)
CONTRACTS = st.builds(
    contract,
    model=st.sampled_from([CreditModel.LAST, CreditModel.FIRST]),
    window=st.sampled_from(
        [
            *(Window.days(2), Window.days(2, inclusive=False), Window.hours(0, inclusive=False), Window.unlimited()),
            *(Window.calendar_days(0, zone="Asia/Tokyo"), Window.calendar_days(2, zone="America/New_York")),
            Window.days(100_000_000),
        ]
    ),
    eligible_at=st.sampled_from(EligibleAt),
    on_ineligible=st.sampled_from(OnIneligible),
    skew_seconds=st.sampled_from([0, 0, 3600, 10**30]),
    stand_down_seconds=st.sampled_from([0, 3600, 7200, 10**30]),
    precedence=st.lists(st.sampled_from(CreditSource), unique=True).map(tuple),
    require_consent=st.booleans(),
    honor_gpc=st.booleans(),
    self_referral=st.sampled_from(SelfReferral),
    free_mail=st.just(frozenset({"Gmail.com"})),
)
SEEN: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "at": INSTANTS, "visitor": VISITORS},
        optional={
            **{fact: st.sampled_from([False, False, True]) for fact in ("bot", "prefetch", "ambiguous", "gpc")},
            "top_level": st.sampled_from([True, True, False]),
            "consent": st.sampled_from([True, True, False, None]),
            "source": st.sampled_from([EXTENSION, EXTENSION, "mail"]),
        },
    ),
    max_size=14,
)
OPENED: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {"account": st.sampled_from(["A1", "A1", "A2", "A'3"]), "at": INSTANTS, "visitor": st.sampled_from(["v1", "v1", "v2", "", "'v1'"])},
        optional={
            "email": st.sampled_from(["", " ", "Owner+new@ACME.example", "someone@acme.example", "x@gmail.com", "NOTHING", "\x1f"]),
            "coupon": st.sampled_from(["", "spring", " SPRING\u2003", "none", "caf\xc9", "caf\xe9"]),
            "existing_account": st.sampled_from([False, False, False, True]),
        },
    ),
    min_size=1,
    max_size=6,
)
DEALS = st.lists(
    st.builds(
        lambda partner, account, start, hours, approved: Deal(
            partner=partner, account=account, starts_at=start, ends_at=start + hours * HOUR, approved=approved
        ),
        st.sampled_from(["p-1", "p-2", "p'3"]),
        st.sampled_from(["A1", "A2"]),
        INSTANTS,
        st.sampled_from([0, 3, 1000]),
        st.booleans(),
    ),
    max_size=4,
)
LINKS = st.lists(st.builds(IdentityLink, visitor=VISITORS, account=st.sampled_from(["A1", "A2"]), at=INSTANTS), max_size=3)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Partners, terms, openings and visits with very many ties, some reported again."""
    visits = [Visit(id=f"k{place}", **facts) for place, facts in enumerate(draw(SEEN))]
    again = draw(st.lists(st.sampled_from(visits), max_size=4)) if visits else []
    openings = [AccountOpening(id=f"s{place}", **facts) for place, facts in enumerate(draw(OPENED))]
    repeated = draw(st.lists(st.sampled_from(openings), max_size=2))
    return World(
        partners=draw(PARTNERS),
        terms=draw(CONTRACTS),
        openings=tuple(sorted([*openings, *repeated], key=lambda one: one.at)),
        visits=tuple(sorted([*visits, *again], key=lambda one: one.at)),
        deals=tuple(draw(DEALS)),
        coupons=draw(st.sampled_from([{}, {"Spring": "p-2", "caf\xe9": "p-1"}])),
        identities=tuple(draw(LINKS)),
        erased=draw(st.sampled_from([(), ("v2",), ("v1", "nobody")])),
    )


@pytest.fixture(scope="module", params=[1, 4])
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    """DuckDB with one thread and with four."""
    with duckdb.connect(config={"threads": request.param}) as opened:
        yield opened


@pytest.fixture
def plain() -> Iterator[Any]:
    """DuckDB, new for every test."""
    with duckdb.connect(config={"threads": 2}) as opened:
        yield opened


@pytest.fixture
def postgres(postgres_engine: Postgres) -> Any:
    """A connection to PostgreSQL."""
    return postgres_engine.connection


@pytest.fixture
def spark(spark_engine: Spark) -> Any:
    """A session of Spark."""
    return spark_engine.session


THREE = Partners(
    (
        Partner(id="p-1", names=(NameAlias(name=PartnerName("acme")),), emails=("owner@acme.example",)),
        Partner.of("p-2", "beta"),
        Partner.of("p-3", "gamma"),
    )
)


def seen(visit_id: str, name: str | None, at: datetime, **more: Any) -> Visit:
    return Visit(id=visit_id, visitor="v1", at=at, name=name, **more)


def opened(**more: Any) -> AccountOpening:
    facts: dict[str, Any] = {"id": "s1", "account": "A1", "visitor": "v1", "at": NOON}
    return AccountOpening(**(facts | more))


def world_of(*visits: Visit, **more: Any) -> World:
    facts: dict[str, Any] = {"partners": THREE, "terms": contract(), "openings": (opened(),), "visits": visits}
    return World(**(facts | more))


class TestDuckDb:
    """DuckDB gives the answers and the rulings of Python, with any number of threads and in any order of the rows."""

    @settings(max_examples=40)
    @given(worlds(), st.integers(0, 100))
    def test_any_history(self, connection: Any, world: World, order: int) -> None:
        assert in_duckdb(world, connection, order=order) == world.asked()

    @pytest.mark.parametrize("order", range(5))
    def test_a_crowd(self, connection: Any, order: int) -> None:
        assert in_duckdb(CROWD, connection, order=order) == CROWD.asked()

    @pytest.mark.parametrize(("model", "winner"), [(CreditModel.LAST, "a"), (CreditModel.FIRST, "c")])
    def test_visits_at_one_instant_rank_by_their_place_and_not_by_their_id(self, connection: Any, model: CreditModel, winner: str) -> None:
        world = world_of(seen("c", "acme", NOON), seen("b", "beta", NOON), seen("a", "gamma", NOON), terms=contract(model=model))
        [answer] = in_duckdb(world, connection)[0]
        assert answer[3] == winner

    def test_visits_in_one_place_rank_by_their_id(self, connection: Any) -> None:
        fill(connection, "visits", COLUMNS["visits"], [of_visit(seen(name, name, NOON), 0) for name in ("gamma", "acme", "beta")])
        fill(connection, "openings", COLUMNS["openings"], [of_opening(opened(), 0)])
        [answer] = attribute_table(connection, partners=THREE, terms=contract()).fetchall()
        assert answer[2:4] == ("p-3", "gamma")


class TestStages:
    """A query in stages, for an engine that would compute a step again, says what the whole query says."""

    @pytest.mark.parametrize("evidence", [False, True])
    @pytest.mark.parametrize("limit", [0, 7200])
    def test_a_crowd(self, plain: Any, limit: int, *, evidence: bool) -> None:
        terms = contract(**(CROWD.terms.attribution.given() | {"stand_down_seconds": limit}))
        for what, rows in CROWD.tables.items():
            fill(plain, what, COLUMNS[what], rows)
        compiled = compiled_for(CROWD.under(terms), "duckdb")
        asked = {what: [row[0] for row in plain.execute(sql_text(query, "duckdb")).fetchall()] for what, query in compiled.asked.items()}
        for small in compiled.tables(**asked):
            _fill(plain, small)
        _create(plain, AGAIN, compiled.again)
        kept, query = compiled.stages(evidence=evidence)
        assert bool(kept) == (limit > 0)
        for name, stage in kept.items():
            _create(plain, name, stage)
        whole = compiled.evidence if evidence else compiled.credits
        found = [Counter(plain.execute(sql_text(one, "duckdb")).fetchall()) for one in (query, whole)]
        assert found[0] == found[1]
        assert found[0]


class TestExtensions:
    """Whether an extension's click counts depends on those that counted before it, however many there are."""

    @pytest.mark.parametrize("limit", [10, 14, 15, 16, 25, 30])
    @pytest.mark.parametrize("names", ["abab", "abba", "aabb", "abca", "abcabcabc", "acbbacab"])
    def test_clicks_of_extensions_alone(self, plain: Any, names: str, limit: int) -> None:
        partner = {"a": "acme", "b": "beta", "c": "gamma"}
        clicks = [
            seen(f"k{place}", partner[name], NOON - (200 - 10 * place - place % 3) * SECOND, source=EXTENSION)
            for place, name in enumerate(names)
        ]
        world = world_of(*clicks, terms=contract(stand_down_seconds=limit))
        assert in_duckdb(world, plain) == world.asked()

    def test_a_thousand_clicks(self, plain: Any) -> None:
        names = ("acme", "beta") * 500
        clicks = [seen(f"k{place}", name, NOON - (3_000 - place) * SECOND, source=EXTENSION) for place, name in enumerate(names)]
        world = world_of(*clicks, terms=contract(stand_down_seconds=5))
        assert in_duckdb(world, plain) == world.asked()


def crowd() -> World:
    """Very many visits that tie, of visitors who all open accounts, with everything that can be said of them."""
    chance = Random(20260615)  # noqa: S311  (the same crowd in every run)
    times = [NOON + hours * HOUR for hours in range(-60, 12)]

    def at() -> datetime:
        return chance.choice(times)

    def often(*values: Any) -> Any:
        return chance.choice((values[0],) * 8 + values)

    names = ["acme", "ACME", "beta", "gamma", "kite", "Kite", *HOSTILE]
    visits = [
        Visit(
            id=f"k'{place}",
            visitor=f"v{chance.randrange(80)}",
            at=at(),
            name=chance.choice([*names, *names, "", None]),
            ambiguous=often(False, True),
            source=often("", EXTENSION, EXTENSION, EXTENSION),
            bot=often(False, True),
            prefetch=often(False, True),
            top_level=often(True, False),
            consent=often(True, False, None),
            gpc=often(False, True),
        )
        for place in range(3_000)
    ]
    openings = [
        AccountOpening(
            id=f"s{place}",
            account=f"A{chance.randrange(300)}",
            visitor=f"v{chance.randrange(90)}",
            at=at(),
            email=often("", "Owner+x@ACME.example", "some@acme.example", "b@gmail.com"),
            coupon=often("", " SPRING", "none"),
            existing_account=often(False, True),
        )
        for place in range(350)
    ]
    deals = [
        Deal(partner=f"p-{1 + place % 3}", account=f"A{place * 7}", starts_at=(start := at()), ends_at=start + DAY, approved=place % 4 > 0)
        for place in range(40)
    ]
    middle = (StatusSince(status=PartnerStatus.ACTIVE), StatusSince(status=PartnerStatus.SUSPENDED, since=NOON - 5 * HOUR))
    kite = PartnerName("kite")
    return World(
        partners=Partners(
            (
                Partner(id="p-1", names=(NameAlias(name=PartnerName("Acme")),), emails=("owner@acme.example",)),
                Partner(id="p-2", names=(NameAlias(name=PartnerName("beta")), NameAlias(name=kite, until=NOON - DAY)), status=middle),
                Partner(id="p-3", names=(NameAlias(name=PartnerName("gamma")), NameAlias(name=kite, since=NOON - DAY))),
            )
        ),
        terms=contract(
            window=Window.calendar_days(1, zone="America/New_York"),
            skew_seconds=3600,
            stand_down_seconds=7200,
            require_consent=True,
            honor_gpc=True,
        ),
        openings=tuple(sorted([*openings, *openings[:20]], key=lambda one: one.at)),
        visits=tuple(sorted([*visits, *visits[:200]], key=lambda one: one.at)),
        deals=tuple(deals),
        coupons={"Spring": "p-3"},
        identities=tuple(IdentityLink(visitor=f"v{place % 80}", account=f"A{place}", at=at()) for place in range(0, 300, 5)),
        erased=("v1", "v2"),
    )


CROWD = crowd()


class TestPostgres:
    """PostgreSQL gives the answers and the rulings of Python, by the queries alone."""

    def test_a_crowd(self, postgres: Any) -> None:
        assert in_postgres(CROWD, postgres) == CROWD.asked()

    @pytest.mark.parametrize(
        "terms",
        [contract(model=CreditModel.FIRST, on_ineligible=OnIneligible.STOP), contract(precedence=()), contract(window=Window.unlimited())],
    )
    def test_a_crowd_under_other_terms(self, postgres: Any, terms: Terms) -> None:
        world = CROWD.under(terms)
        assert in_postgres(world, postgres) == world.asked()


def in_postgres(world: World, connection: Any) -> Found:
    """What PostgreSQL says, by hand as `CompiledAttribution` describes it, in a transaction that is never kept."""
    compiled = compiled_for(world, "postgres")
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:

        def made(name: str, columns: Iterable[tuple[str, str]], rows: Sequence[Row]) -> None:
            cursor.execute(creating(name, columns))
            if rows:
                cursor.executemany(filling(name, rows[0], "%s"), rows)

        def ask(query: Any) -> list[Row]:
            found: list[Row] = cursor.execute(sql_text(query, "postgres")).fetchall()
            return found

        for what, rows in world.tables.items():
            made(what, COLUMNS[what].items(), mixed(rows, 7))
        for small in compiled.tables(**{what: [row[0] for row in ask(query)] for what, query in compiled.asked.items()}):
            made(small.name, small.columns, small.rows)
        made(AGAIN, (("id", "TEXT"), ("first_place", "BIGINT")), ask(compiled.again))
        assert [ask(suspect.query) for suspect in compiled.suspects] == [[] for _ in compiled.suspects]
        evidence = sorted(ask(compiled.evidence), key=lambda row: (row[3], row[4]))
        return Counter(ask(compiled.credits)), rulings_of(compiled, ((row[0], row[2], row[6], row[7]) for row in evidence))


class TestSpark:
    """Spark gives the answers and the rulings of Python."""

    def test_a_crowd(self, spark: Any) -> None:
        world = CROWD.under(contract(**(CROWD.terms.attribution.given() | {"stand_down_seconds": 0})))
        assert in_spark(world, spark) == world.asked()

    def test_clicks_of_extensions(self, spark: Any) -> None:
        clicks = [seen(f"k{place}", name, NOON - (90 - 10 * place) * SECOND, source=EXTENSION) for place, name in enumerate(CLICKED)]
        world = world_of(seen("k9", "gamma", NOON - 95 * SECOND), *clicks, terms=contract(stand_down_seconds=15))
        answers, _ = world.asked()
        assert Counter(map(tuple, attribute_frame(spark, **in_spark_tables(world, spark)).collect())) == answers

    def test_what_is_refused(self, spark: Any) -> None:
        with pytest.raises(InvalidValue, match="no table or view 'nowhere'"):
            attribute_frame(spark, partners=THREE, terms=contract(), visits="nowhere")
        given = in_spark_tables(world_of(erased=("v2", "")), spark)
        with pytest.raises(InvalidValue, match="a row of erased, '', has no 'visitor'"):
            attribute_frame(spark, **given)

    def test_what_is_kept_serves_the_frame_and_is_of_now(self, spark: Any, tmp_path: Path) -> None:
        """Visits may be written anew between two calls; and a call that is refused keeps nothing."""
        spark.catalog.clearCache()  # what others keep is theirs
        kept = spark._jsparkSession.sharedState().cacheManager()
        given = in_spark_tables(world_of(seen("k1", "acme", NOON - HOUR)), spark)
        path = str(tmp_path / "visits")
        for visits in ([seen("k1", "acme", NOON - HOUR)], [seen("k1", "acme", NOON - HOUR), seen("k1", "acme", NOON - HOUR)]):
            rows = [of_visit(visit, place) for place, visit in enumerate(visits)]
            small = SmallTable(name="visits", columns=tuple(COLUMNS["visits"].items()), rows=())
            spark.createDataFrame(rows, small.columns_for("spark")).write.mode("overwrite").parquet(path)
            spark.read.parquet(path).createOrReplaceTempView("visits")
            frame = attribute_frame(spark, **given)
            assert not kept.isEmpty()
            assert [row.partner for row in frame.collect()] == ["p-1"]
            assert spark.table(AGAIN).count() == len(visits) - 1
        spark.catalog.dropTempView(AGAIN)
        assert kept.isEmpty()
        faulty = in_spark_tables(world_of(erased=("v2", "")), spark)
        with pytest.raises(InvalidValue, match="a row of erased, '', has no 'visitor'"):
            attribute_frame(spark, **faulty)
        assert kept.isEmpty()

    def test_what_is_no_session(self) -> None:
        connection = duckdb.connect()
        with pytest.raises(InvalidValue, match="this is a connection of duckdb, not of spark: ask attribute_table"):
            attribute_frame(connection, partners=THREE, terms=contract())


CLICKED = ("acme", "beta", "acme", "gamma")


def in_spark_tables(world: World, session: Any) -> dict[str, Any]:
    """Make views of the rows of a world, and say how to ask about them."""
    for what, rows in world.tables.items():
        small = SmallTable(name=what, columns=tuple(COLUMNS[what].items()), rows=())
        session.createDataFrame(mixed(rows, 7), small.columns_for("spark")).createOrReplaceTempView(what)
    compiled = compiled_for(world, "spark")
    return {name: getattr(compiled, name) for name in ("partners", "terms", "coupons", *COLUMNS)}


def in_spark(world: World, session: Any) -> Found:
    """What Spark says."""
    given = in_spark_tables(world, session)
    answers = Counter(map(tuple, attribute_frame(session, **given).collect()))
    evidence = attribute_frame(session, **given, evidence=True).orderBy("at", "place").select("opening", "visit", "ruling", "outcome")
    return answers, rulings_of(compiled_for(world, "spark"), evidence.collect())


@without_cases
class TestTheSampleScenarios:
    """Every sample scenario of a single credit comes out of DuckDB as expected."""

    @pytest.mark.parametrize("scenario", WHOLE, ids=lambda one: one["id"])
    def test_alone(self, plain: Any, scenario: dict[str, Any]) -> None:
        read = Read(scenario)
        later = [read.visit(one) for one in scenario.get("later", {}).get("visits", ())]
        openings = [read.opening(), *([read.opening(id="later", at=scenario["later"]["at"])] if "later" in scenario else [])]
        world = World(openings=tuple(openings), visits=tuple(sorted([*read.visits(), *later], key=lambda one: one.at)), **read.known())
        answers, rulings = in_duckdb(world, plain)
        assert (answers, rulings) == world.asked()
        by_id = {answer[0]: answer for answer in answers}
        wanted = [scenario["expected"], *([scenario["expected_later"]] if "later" in scenario else [])]
        for opening, one in zip(openings, wanted, strict=True):
            _, _, partner, _, reason, *_ = by_id[opening.id]
            assert ({} if partner is None else {partner: "1"}, reason) == (one["credits"], one["reason"])

    def test_there_are_some(self) -> None:
        assert len(SCENARIOS) > len(WHOLE) > 20


class TestTheExample:
    """The example program is credited by DuckDB as its books say."""

    def test_brightside(self, plain: Any) -> None:
        books = example_books()
        records = Records(faults=[], lines_of=lambda name: lines_of(EXAMPLE, name) if (EXAMPLE / name).exists() else None)
        for name in FILES:
            records.read(name)
        openings = tuple(sorted(books.openings.values(), key=lambda one: one.at))
        [terms] = {books.program.terms.on(books.program.day_of(one.at)).fingerprint: None for one in openings}
        world = World(
            partners=books.partners,
            terms=next(one for one in books.program.terms if one.fingerprint == terms),
            openings=openings,
            visits=tuple(sorted(read_by(records, books.program), key=lambda one: one.at)),
            deals=tuple(records.values(Deal)),
            identities=tuple(records.values(IdentityLink)),
        )
        answers, _ = in_duckdb(world, plain)
        assert answers == Counter(answer_of(one, books.credits[one.account]) for one in openings)
        assert {answer[4] for answer in answers} > {"last", "deal", "no_touch"}


def read_by(records: Records, program: Program) -> Iterator[Visit]:
    for page in records.values(PageVisit):
        try:
            yield page.read(program.sites)
        except InvalidLink:
            continue


ZONES = {
    "America/St_Johns": ("1987-01-01", "2011-12-01"),
    "Europe/Berlin": ("1945-01-01", "1947-12-01"),
    "Pacific/Apia": ("2011-11-01", "2012-02-01"),
    "America/Sao_Paulo": ("2015-01-01", "2019-03-01"),
    "Asia/Manila": ("1844-12-01", "1845-02-01"),
    "America/Asuncion": ("2020-01-01", "2023-01-01"),
}


class TestDaysOfAZone:
    """How far a window of civil days reaches back is what the window says of every instant, whatever clocks did at midnight."""

    @pytest.mark.parametrize("count", [0, 1, 30])
    @pytest.mark.parametrize("zone", ZONES)
    def test_like_the_window(self, zone: str, count: int) -> None:
        window = Window.calendar_days(count, zone=zone)
        chance = Random(zone + str(count))  # noqa: S311  (the same instants in every run)
        first, last = (micros(datetime.fromisoformat(day).replace(tzinfo=UTC)) for day in ZONES[zone])
        place = ZoneInfo(zone)
        offsets = {day: instant(day).astimezone(place).utcoffset() for day in range(first, last, UTC_DAY)}
        changes = [day for day in range(first, last - UTC_DAY, UTC_DAY) if offsets[day] != offsets[day + UTC_DAY]]
        in_two = 0
        for _ in range(60):
            near = chance.choice(changes) + chance.randrange(UTC_DAY)
            at = near + count * UTC_DAY + chance.randrange(UTC_DAY)
            [row] = [row for row in days_table(window, [at - at % UTC_DAY]).rows if row[1] <= at < row[2]]
            _, _, _, reaches_back_to, also_from, also_until = row
            in_two += also_from < also_until
            for edge in (reaches_back_to, also_from, also_until, near):
                for offset in (0, -1, 1, chance.randrange(-UTC_DAY // 8, UTC_DAY // 8)):
                    if edge + offset <= at:
                        counts = reaches_back_to <= edge + offset or also_from <= edge + offset < also_until
                        assert counts == window.contains(instant(edge + offset), instant(at))
        assert in_two > 0 or zone != "America/St_Johns"

    def test_a_window_longer_than_the_calendar(self) -> None:
        [row] = days_table(Window.calendar_days(100_000_000, zone="UTC"), [0]).rows
        assert row[3] < micros(datetime.min.replace(tzinfo=UTC))

    def test_an_opening_at_the_end_of_the_calendar(self) -> None:
        with pytest.raises(InvalidValue, match="Asia/Tokyo has no days"):
            days_table(Window.calendar_days(1, zone="Asia/Tokyo"), [micros(datetime(9999, 12, 31, tzinfo=UTC))])

    def test_a_clock_that_was_turned_back_twice_over_one_midnight(self) -> None:
        parts = [_Part(0, 1, 5), _Part(2, 3, 5), _Part(4, 5, 5)]
        with pytest.raises(InvalidValue, match=r"attribution\.window cannot be compiled"):
            _whole_and_part(parts, ZoneInfo("UTC"))


def instant(at: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + at * TICK


class TestWhatIsRefused:
    """What no visits, openings and deals can be is refused with its name, and nothing is written."""

    WORLD = world_of(
        seen("k1", "acme", NOON - HOUR), deals=(Deal(partner="p-2", account="A1", starts_at=NOON, ends_at=NOON, approved=True),)
    )

    def refused(self, connection: Any, *, spoil: Sequence[str] = (), **more: Any) -> str:
        for what, rows in self.WORLD.tables.items():
            fill(connection, what, COLUMNS[what], rows)
        for statement in spoil:
            connection.execute(statement)
        before = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        facts: dict[str, Any] = {"partners": THREE, "terms": contract(), "deals": "deals"}
        with pytest.raises(InvalidValue) as error:
            attribute_table(connection, **(facts | more))
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == before
        return str(error.value)

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            ('ALTER TABLE visits DROP "place"', "visits ('visits') have no column 'place': wanted BIGINT, in which order"),
            ("ALTER TABLE visits RENAME gpc TO gcp", "visits ('visits') have no column 'gpc': wanted BOOLEAN; there are 'id',"),
            (
                'ALTER TABLE openings ALTER "at" TYPE TIMESTAMP USING make_timestamp("at")',
                "'TIMESTAMP': wanted BIGINT, microseconds since",
            ),
            ("ALTER TABLE visits ALTER bot TYPE INTEGER", "visits.bot ('visits') is of the type 'INTEGER': wanted BOOLEAN"),
            ("UPDATE visits SET bot = NULL", "a row of visits, 'k1', has no 'bot'"),
            ("UPDATE visits SET visitor = ''", "a row of visits, 'k1', has no 'visitor'"),
            ('UPDATE visits SET "at" = 9223372036854775807', "a row of visits, 'k1', has no 'at'"),
            ("UPDATE openings SET email = NULL", "a row of openings, 's1', has no 'email'"),
            ("INSERT INTO visits SELECT * REPLACE ('beta' AS name, 9 AS place) FROM visits", "two different visits have the id 'k1'"),
            (
                "INSERT INTO visits SELECT * REPLACE (true AS consent, 9 AS place) FROM visits",
                "two different visits have the id",
            ),
            ("INSERT INTO visits SELECT * FROM visits", "the visit 'k1' is reported twice in one place"),
            (
                "INSERT INTO openings SELECT * REPLACE ('A2' AS account, 9 AS place) FROM openings",
                "two different openings have the id",
            ),
            ("UPDATE deals SET partner = '\u001b'", "there is no partner '\\x1b', whom a deal for the account 'A1' names"),
            ("UPDATE deals SET ends_at = starts_at - 1", "a deal for 'A1' ends before it starts"),
        ],
    )
    def test_what_the_tables_hold(self, plain: Any, spoil: str, said: str) -> None:
        assert said in self.refused(plain, spoil=[spoil])

    def test_a_table_there_is_not(self, plain: Any) -> None:
        assert self.refused(plain, visits="nowhere") == "there is no table or view 'nowhere': create it, or say what yours is called"

    @pytest.mark.parametrize("into", ["visits", "openings", "deals"])
    def test_what_is_asked_would_be_written_over(self, plain: Any, into: str) -> None:
        assert self.refused(plain, into=into).startswith(f"the table '{into}' would be written over")
        assert self.refused(plain, evidence_into=into).startswith(f"the table '{into}' would be written over")

    def test_one_table_for_both(self, plain: Any) -> None:
        assert "would be written over" in self.refused(plain, into="both", evidence_into="both")

    @pytest.mark.parametrize("name", ["", "partnerkit_names", 7])
    def test_names_of_tables(self, plain: Any, name: Any) -> None:
        assert "does not begin with 'partnerkit_'" in self.refused(plain, visits=name)
        assert "does not begin with 'partnerkit_'" in self.refused(plain, into=name)

    def test_a_coupon_of_nobody(self, plain: Any) -> None:
        assert self.refused(plain, coupons={"spring": "p-9"}).startswith("there is no partner 'p-9'")

    def test_a_model_that_shares(self, plain: Any) -> None:
        assert "set attribution.model to 'last' or 'first'" in self.refused(plain, terms=contract(model=CreditModel.LINEAR))

    @pytest.mark.parametrize("term", ["window", "eligible_at", "on_ineligible", "self_referral", "free_mail", "honor_gpc", "precedence"])
    def test_a_term_that_is_missing(self, term: str) -> None:
        stated = {key: value for key, value in contract().attribution.given().items() if key != term}
        terms = Terms(starts_on=contract().starts_on, source="invented", attribution=AttributionTerms(**stated))
        with pytest.raises(TermMissing, match=f"attribution.{term}"):
            CompiledAttribution(partners=THREE, terms=terms, dialect="duckdb")

    def test_a_dialect_there_is_not(self) -> None:
        with pytest.raises(InvalidValue, match="no SQL dialect 'klingon'"):
            CompiledAttribution(partners=THREE, terms=contract(), dialect="klingon")


class TestAnEngineThatRefuses:
    """What the engine itself refuses is told as anything else that cannot be, and nothing is written."""

    def test_a_connection_that_is_closed(self) -> None:
        connection = duckdb.connect()
        connection.close()
        with pytest.raises(InvalidValue, match=r"duckdb refuses: Connection Error.*; give an open connection"):
            attribute_table(connection, partners=THREE, terms=contract())

    def test_what_is_no_connection(self) -> None:
        with pytest.raises(InvalidValue, match="'nonsense' is no engine: give a connection of DuckDB"):
            attribute_table("nonsense", partners=THREE, terms=contract())  # type: ignore[arg-type]

    def test_within_a_transaction_the_cause_is_told(self) -> None:
        connection = duckdb.connect()
        fill(connection, "openings", COLUMNS["openings"], [of_opening(opened(), 0)])
        fill(connection, "visits", COLUMNS["visits"], [])
        connection.execute("CREATE VIEW faulty AS SELECT * REPLACE (error('no such disk')::VARCHAR AS id) FROM openings")
        connection.execute("BEGIN")
        with pytest.raises(InvalidValue, match="no such disk"):
            attribute_table(connection, partners=THREE, terms=contract(), openings="faulty")

    def test_a_file_that_is_damaged(self, tmp_path: Path) -> None:
        path = tmp_path / "visits.parquet"
        connection = duckdb.connect()
        fill(connection, "openings", COLUMNS["openings"], [of_opening(opened(), 0)])
        fill(connection, "seen", COLUMNS["visits"], [of_visit(seen(f"k{place}", "acme", NOON), place) for place in range(5000)])
        connection.execute(f"COPY seen TO '{path}'")
        connection.execute(f"CREATE VIEW visits AS SELECT * FROM read_parquet('{path}')")  # noqa: S608  (a path of this test)
        whole = path.read_bytes()
        path.write_bytes(whole[:4] + b"\xff" * (len(whole) // 2) + whole[4 + len(whole) // 2 :])
        with pytest.raises(InvalidValue, match="duckdb refuses: "):
            attribute_table(connection, partners=THREE, terms=contract())
        assert connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_name").fetchall() == [("openings",), ("seen",)]


class TestTheText:
    """No text from data stands in a query, and every name is quoted."""

    def test_nothing_of_the_partners(self) -> None:
        names = (NameAlias(name=PartnerName("zzz-name")),)
        secret = Partners((Partner(id="zzz'id", names=names, emails=("zzz@mail.example",)), Partner.of("p-2", "beta")))
        compiled = CompiledAttribution(
            partners=secret, terms=contract(free_mail=frozenset({"zzz.example"})), coupons={"zzz-code": "zzz'id"}, dialect="duckdb"
        )
        queries = [compiled.credits, compiled.evidence, compiled.again, *compiled.asked.values(), *(one.query for one in compiled.suspects)]
        assert [query for query in queries if "zzz" in sql_text(query, "duckdb")] == []

    def test_tables_of_any_name(self, plain: Any) -> None:
        world = world_of(seen("k1", "acme", NOON - HOUR))
        for what, name in (("visits", 'my "visits"'), ("openings", "select")):
            fill(plain, name, COLUMNS[what], world.tables[what])
        found = attribute_table(plain, partners=THREE, terms=contract(), visits='my "visits"', openings="select", into='"')
        assert found.fetchall() == [("s1", "A1", "p-1", "k1", "last", False, False)]

    def test_a_dialect_that_nobody_tried(self) -> None:
        compiled = CompiledAttribution(partners=THREE, terms=contract(), dialect="snowflake")
        assert sql_text(compiled.credits, "snowflake").startswith("/* untested on snowflake */ WITH ")
