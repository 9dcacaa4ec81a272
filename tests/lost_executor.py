"""Sums up the large world on a cluster of two executors, one of which dies meanwhile, and says whether the sums are the same.

A program of its own, because a process has one session of Spark: `python tests/lost_executor.py <an empty directory>`. It is also the
whole recipe for a frame of one's own: accounts in partitions, sums by Python, and their sums by the engine.
"""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import worlds
from large_world import large_world
from partnerkit.sql import AccountRows, Settling, partial_batches
from partnerkit.sql.batches import PARTIALS, POSTINGS, accounts_in, arrow_batches, spark_columns
from partnerkit.stretches import Footings
from partnerkit.totals import SUMS, PartialTotals
from postings import postings_of

# With spark.testing the executors work in the temporary directory, and not in that of the library.
SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.executor.memory": "600m",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.sql.shuffle.partitions": "6",
    "spark.testing": "true",
    "spark.ui.enabled": "false",
}


def main(directory: Path) -> None:
    world = large_world()
    footings = Footings(program=world.program, partners=worlds.PARTNERS)
    postings = list(postings_of(world, footings, world.relationships))
    settling = Settling(program=world.program, partners=worlds.PARTNERS, through=worlds.LAST_MONTH)
    mark = str(directory / "lost")

    def losing(accounts: Sequence[AccountRows]) -> PartialTotals:
        if any(one.account == "a-7" for one in accounts) and not os.path.exists(mark):  # noqa: PTH110  (runs elsewhere)
            os.mkdir(mark)  # noqa: PTH102  (runs elsewhere)
            # A worker is forked by a process that its executor started.
            fields = open(f"/proc/{os.getppid()}/stat", encoding="ascii").read().rpartition(")")[2].split()  # noqa: PTH123, SIM115
            os.kill(int(fields[1]), signal.SIGKILL)
            os._exit(1)
        return settling.totals(accounts)

    builder = import_module("pyspark.sql").SparkSession.builder.master("local-cluster[2, 1, 600]")
    home = Path(str(import_module("pyspark").__file__)).parent
    for name, value in {**SETTINGS, "spark.local.dir": str(directory), "spark.test.home": str(home)}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    frame = session.createDataFrame(import_module("pyarrow").Table.from_batches(arrow_batches(postings, POSTINGS)))
    whole = frame.repartition("account").sortWithinPartitions("account", "turn", "id")
    parts = whole.mapInArrow(partial_batches(losing, footings.all), spark_columns(PARTIALS))
    rows = parts.groupBy("partner", "currency", "month").sum(*SUMS).collect()
    session.stop()
    expected = PartialTotals.empty
    for accounts in accounts_in(postings, footings.all):
        expected = expected.merge(settling.totals(accounts))
    is_same = os.path.exists(mark) and PartialTotals.of_rows(rows) == expected  # noqa: PTH110
    print("the same, though one of two executors was lost" if is_same else "not the same")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
