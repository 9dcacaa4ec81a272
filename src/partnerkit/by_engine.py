"""A month of a program directory closed in sums: by Python, which reads row after row, or by an engine that reads the files where they are.

Floor 11, below cli. May import: every lower floor, its neighbors `directories` and `inputs`, and the standard library; an engine is
imported when it is asked for.

Partners, accounts and what happened to them are read as for any close. Charges, cash and payments may lie in several files, as JSON
Lines, CSV or Parquet: `charges.jsonl`, or `charges-000.parquet`, `charges-001.parquet` and so on.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib import import_module
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final, TextIO, final
from zlib import crc32

from partnerkit.directories import refuse_month, refuse_place
from partnerkit.enums import Named
from partnerkit.errors import Fault, InvalidRecords, InvalidValue
from partnerkit.inputs import Inputs, is_parquet, naming_places, rows_of
from partnerkit.periods import Month
from partnerkit.row_reading import Form
from partnerkit.tallies import TWICE, close_totals
from partnerkit.totals import MonthTotals


@final
class EngineName(Named):
    """Who sums up a month.

    >>> EngineName("duckdb")
    EngineName.DUCKDB
    """

    PYTHON = "python"
    DUCKDB = "duckdb"
    SPARK = "spark"


_NEEDS: Final[Mapping[EngineName, tuple[str, str]]] = MappingProxyType(
    {EngineName.DUCKDB: ("duckdb", "sql"), EngineName.SPARK: ("pyspark", "spark")}
)
_SORTED_UP_TO: Final = 2**28
_PARTS: Final = 64
_MOST_FAULTS: Final = 100

Step = Callable[[str], object]

STEPS: Final[Mapping[EngineName, int]] = MappingProxyType({EngineName.PYTHON: 2, EngineName.DUCKDB: 7, EngineName.SPARK: 7})
"""How many steps a close by an engine tells of."""


def close_by(engine: EngineName, inputs: Inputs, month: Month, *, on_step: Step) -> MonthTotals:
    """Close a month in sums; `on_step` is told what comes next.

    What is wrong with the records raises `InvalidRecords`, and a term that is needed and not stated `TermMissing`.
    """
    with naming_places(inputs):
        totals = _closed_by(engine, inputs, month, on_step)
    days = None if totals.bills or totals.statements else inputs.days
    if days is not None and month < Month.of(days[0]):
        refuse_month(month, days[0])
    return totals


def reader_of(inputs: Inputs) -> EngineName:
    """Give who reads these files where nobody is named: Python, or DuckDB where some are Parquet."""
    return EngineName.DUCKDB if inputs.has_parquet else EngineName.PYTHON


def is_quiet(totals: MonthTotals) -> bool:
    """Tell whether nobody earned or was paid anything in a month, as in one that no record of money is of."""
    moved = (amount.minor for one in totals.statements for amount in (one.share, one.bonus, one.incentives, one.adjusted, one.disbursed))
    return not any(moved)


def check_installed(engine: EngineName) -> None:
    """Refuse an engine that is not installed with `InvalidValue`, which names the extra that has it."""
    if engine in _NEEDS:
        module, extra = _NEEDS[engine]
        try:
            import_module(module)
        except ModuleNotFoundError:
            raise InvalidValue(f"{engine.value} is not installed: install it with `pip install 'partnerkit[{extra}]'`") from None


def _closed_by(engine: EngineName, inputs: Inputs, month: Month, on_step: Step) -> MonthTotals:
    match engine:
        case EngineName.PYTHON:
            return _close_in_python(inputs, month, on_step)
        case EngineName.DUCKDB:
            with _duckdb() as connection, _naming_damage(inputs):
                return _close_in_engine(connection, inputs, month, on_step, _view_in_duckdb)
        case EngineName.SPARK:
            with _spark() as session:
                return _close_in_engine(session, inputs, month, on_step, _view_in_spark)


def _close_in_python(inputs: Inputs, month: Month, on_step: Step) -> MonthTotals:
    books, program, partners = inputs.books, inputs.books.program, inputs.books.partners
    on_step("reading the charges and their cash")
    in_order = _in_order(inputs)
    records = {name: rows_of(inputs, name) for name in ("payments", "disbursements", "entries")}
    with ExitStack() as stack:
        on_step("settling the charges")
        charges, receipts, refunds = (_each_once(name, rows, stack) for name, rows in in_order.items())
        return close_totals(charges, books.relationships, program, month, partners=partners, receipts=receipts, refunds=refunds, **records)


def _in_order(inputs: Inputs) -> dict[str, Iterable[Any]]:
    """Give charges by account, and receipts and refunds in the order of their charges: sorted here, unless there are very many.

    Those have to stand so in their files, and then take no memory; a row that does not is told.
    """
    names = ("charges", "receipts", "refunds")
    if sum(path.stat().st_size for name in names for path in inputs.files[name]) > _SORTED_UP_TO:
        return {name: rows_of(inputs, name) for name in names}
    charges = sorted(rows_of(inputs, "charges"), key=itemgetter(1, 9, 0))
    place = {row[0]: number for number, row in enumerate(charges)}
    cash = {name: sorted(rows_of(inputs, name), key=lambda row: place.get(row[1], len(place))) for name in names[1:]}
    return {"charges": charges, **cash}


def _each_once(name: str, rows: Iterable[tuple[Any, ...]], stack: ExitStack) -> Iterator[tuple[Any, ...]]:
    """Pass rows on, and tell at their end which ids came twice, wherever they stood.

    The ids wait in files, alike ones in the same, so that no more than one file of them is ever held; `stack` puts the files away.
    """
    scratch = Path(stack.enter_context(TemporaryDirectory(prefix="partnerkit-")))
    files = [stack.enter_context((scratch / str(place)).open("w+", encoding="utf-8", newline="\n")) for place in range(_PARTS)]
    for row in rows:
        files[crc32(row[0].encode()) % _PARTS].write(row[0] + "\n")
        yield row
    twice = [record for file in files for record in _twice(file)]
    if twice:
        faults = tuple(Fault(source=name, path=record, message=TWICE) for record in sorted(twice)[:_MOST_FAULTS])
        raise InvalidRecords(faults, is_cut=len(twice) > _MOST_FAULTS)


def _twice(file: TextIO) -> Iterator[str]:
    file.seek(0)
    counts = Counter(line.rstrip("\n") for line in file)
    return (record for record, count in counts.items() if count > 1)


def _close_in_engine(
    connection: Any, inputs: Inputs, month: Month, on_step: Step, view: Callable[[Any, str, Sequence[Path]], bool]
) -> MonthTotals:
    # What nobody asked for an engine need not have installed.
    from partnerkit.sql.engines import engine_of  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.months import close_table  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.tables import RECORDS, Table  # noqa: PLC0415  (only where an engine is asked for)

    on_step("opening the files")
    engine = engine_of(connection)
    tables: dict[str, str] = {}
    for name, paths in inputs.files.items():
        if not paths:
            continue
        tables[name] = name
        if not view(connection, name, paths):
            engine.load(name, Table(name=name, columns=RECORDS[name], rows=rows_of(inputs, name)))
    books = inputs.books
    return close_table(
        connection, tables, books.program, month, partners=books.partners, relationships=books.relationships.values(), on_step=on_step
    )


def _view_in_duckdb(connection: Any, name: str, paths: Sequence[Path]) -> bool:
    """Let DuckDB read files where they are, under a name; False where Python has to read them."""
    from partnerkit.sql.files import in_place, read_in_place  # noqa: PLC0415  (only where an engine is asked for)

    if not is_parquet(paths):
        return read_in_place(connection, name, [*map(str, paths)], Form(paths[0].suffix[1:]))
    _check_parquet(connection, name, paths)
    try:
        # By name, because else the columns of the first file, and their types, are those of all.
        connection.read_parquet(in_place(paths), union_by_name=True, hive_partitioning=False).create_view(name)
    except import_module("duckdb").Error as fault:
        refuse_place(paths[0].parent, f"has {name} as Parquet that DuckDB does not read: {' '.join(str(fault).split())}")
    return True


def _view_in_spark(session: Any, name: str, paths: Sequence[Path]) -> bool:
    """Let Spark read Parquet files where they are, under a name; False where Python has to read them."""
    from partnerkit.sql.batches import spark_columns  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.engines import telling_of_spark  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.tables import RECORDS  # noqa: PLC0415  (only where an engine is asked for)

    if not is_parquet(paths):
        return False
    # Spark takes the columns of any of the files for those of all, reads amounts of another type as if they were of that one, and passes
    # over a file that is empty.
    with closing(import_module("duckdb").connect()) as connection:
        _check_parquet(connection, name, paths)
    # Spark takes every path for a pattern.
    literal = (re.sub(r"[][{}*?\\]", r"\\\g<0>", path.absolute().as_posix()) for path in paths)
    with telling_of_spark(session):
        reading = session.read.schema(spark_columns(RECORDS[name])).options(ignoreCorruptFiles=False, ignoreMissingFiles=False)
        reading.parquet(*literal).createOrReplaceTempView(name)
    return True


def _check_parquet(connection: Any, name: str, paths: Iterable[Path]) -> None:
    """Refuse Parquet files that cannot be read, or that lack a column or have one of another type, with the file and the column."""
    from partnerkit.sql.engines import engine_of  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.files import in_place  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.months import column_faults  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.tables import RECORDS  # noqa: PLC0415  (only where an engine is asked for)

    part, written = f"a part of {name}", "SELECT DISTINCT path_in_schema FROM parquet_metadata($1)"
    faults: list[Fault] = []
    for path in paths:
        path.open("rb").close()  # what cannot be opened says so itself
        try:
            connection.read_parquet(in_place([path]), hive_partitioning=False).create_view(part, replace=True)
            columns = [column for (column,) in connection.execute(written, in_place([path])).fetchall()]
        except import_module("duckdb").Error as fault:
            refuse_place(path, f"cannot be read as Parquet: {' '.join(str(fault).split())}")
        faults += column_faults(name, path.name, engine_of(connection).columns(part))
        others = sorted(column for column in columns if column not in RECORDS[name] and column.casefold() in columns)
        message = "differs in case only from another column, and engines take both for one: leave one of them out"
        faults += [Fault(source=path.name, path=column, message=message) for column in others if column.casefold() in RECORDS[name]]
    if faults:
        raise InvalidRecords(tuple(faults))


@contextmanager
def _naming_damage(inputs: Inputs) -> Iterator[None]:
    """Where DuckDB refuses something, tell which Parquet file it cannot read to its end, which it does not say itself."""
    from partnerkit.sql.files import in_place  # noqa: PLC0415  (only where an engine is asked for)
    from partnerkit.sql.tables import RECORDS  # noqa: PLC0415  (only where an engine is asked for)

    try:
        yield
    except InvalidValue:
        # By a connection of its own: after what failed, that of the close may refuse whatever it is asked.
        with closing(import_module("duckdb").connect()) as connection:
            for name, paths in inputs.files.items():
                # Not what statistics answer: every value has to be read.
                wanted = ", ".join(f'bit_xor(hash("{column}"))' for column in RECORDS[name])
                for path in paths if is_parquet(paths) else ():
                    try:
                        connection.read_parquet(in_place([path]), hive_partitioning=False).aggregate(wanted).fetchall()
                    except import_module("duckdb").Error as fault:
                        refuse_place(path, f"cannot be read as Parquet: {' '.join(str(fault).split())}")
        raise


@contextmanager
def _duckdb() -> Iterator[Any]:
    """Give a connection that spills to a directory of its own where memory does not suffice."""
    with TemporaryDirectory(prefix="partnerkit-") as spill:
        connection = import_module("duckdb").connect(config={"temp_directory": spill})
        with closing(connection):
            yield connection


@contextmanager
def _spark() -> Iterator[Any]:
    """Give a session of the Spark that is configured here; one that ran before goes on running."""
    from partnerkit.sql.engines import telling_of_spark  # noqa: PLC0415  (only where an engine is asked for)

    sessions = import_module("pyspark.sql").SparkSession
    running = sessions.getActiveSession()
    if running is not None:
        yield running
        return
    with TemporaryDirectory(prefix="partnerkit-") as scratch:
        builder = sessions.builder.appName("partnerkit").config("spark.ui.showConsoleProgress", "false")
        with telling_of_spark(None, "Spark needs a Java of 17 or newer, which is on the search path or named by JAVA_HOME"):
            session = builder.config("spark.sql.warehouse.dir", f"{scratch}/warehouse").getOrCreate()
        if session.conf.get("spark.log.level", None) is None:
            # What fails is told in a line, once; Spark would write pages of Java before it.
            session.sparkContext.setLogLevel("OFF")
        if session.conf.get("spark.master").startswith("local"):
            # As many parts as a cluster has are hundreds too many for one machine.
            session.conf.set("spark.sql.shuffle.partitions", str(2 * session.sparkContext.defaultParallelism))
        try:
            yield session
        finally:
            # One whose Java was killed does not even stop; what the close came to stands, or what it refused.
            with suppress(InvalidValue), telling_of_spark(session):
                session.stop()
