"""The rules as SQL, for engines that hold the data: DuckDB, Spark, PostgreSQL.

Floor 10. May import: every lower floor, sqlglot and the standard library; it needs `pip install 'partnerkit[sql]'`. Names are imported
when they are asked for, because each needs its own engine at most.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnerkit.sql.arithmetic import rounded as rounded
    from partnerkit.sql.attribution import CompiledAttribution as CompiledAttribution
    from partnerkit.sql.attribution import Suspect as Suspect
    from partnerkit.sql.attribution import attribute_frame as attribute_frame
    from partnerkit.sql.attribution import attribute_table as attribute_table
    from partnerkit.sql.batches import AccountRows as AccountRows
    from partnerkit.sql.batches import Settling as Settling
    from partnerkit.sql.batches import partial_batches as partial_batches
    from partnerkit.sql.batches import row_batches as row_batches
    from partnerkit.sql.dialects import TESTED as TESTED
    from partnerkit.sql.dialects import sql_text as sql_text
    from partnerkit.sql.lookups import SmallTable as SmallTable
    from partnerkit.sql.lookups import micros as micros
    from partnerkit.sql.months import close_table as close_table
    from partnerkit.sql.months import line_query as line_query
    from partnerkit.sql.months import table_totals as table_totals
    from partnerkit.sql.pricing import CompiledPrices as CompiledPrices
    from partnerkit.sql.pricing import PriceColumns as PriceColumns
    from partnerkit.sql.pricing import Unpriced as Unpriced
    from partnerkit.sql.rulings import CompiledPolicy as CompiledPolicy
    from partnerkit.sql.spark import close_frame as close_frame
    from partnerkit.sql.spark import line_frame as line_frame

_HOMES = {
    "arithmetic": "rounded",
    "attribution": "CompiledAttribution Suspect attribute_frame attribute_table",
    "batches": "AccountRows Settling partial_batches row_batches",
    "dialects": "TESTED sql_text",
    "lookups": "SmallTable micros",
    "months": "close_table line_query table_totals",
    "pricing": "CompiledPrices PriceColumns Unpriced",
    "rulings": "CompiledPolicy",
    "spark": "close_frame line_frame",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605  (one list of names, which is the mapping above)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__} has no name {name}: it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]
