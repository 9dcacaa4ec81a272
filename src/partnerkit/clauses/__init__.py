"""The language policies are written in: clauses with `unless`, and everything that reads them. Knows nothing of partners.

Floor 1. May import: errors, fingerprints, attrs and the standard library. Names are imported when they are asked for,
because the values of a link or a partner need only the conditions.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnerkit.clauses.changes import Change as Change
    from partnerkit.clauses.changes import Counterfactual as Counterfactual
    from partnerkit.clauses.changes import Difference as Difference
    from partnerkit.clauses.changes import StillOpen as StillOpen
    from partnerkit.clauses.changes import counterfactuals as counterfactuals
    from partnerkit.clauses.changes import diff as diff
    from partnerkit.clauses.changes import still_open as still_open
    from partnerkit.clauses.checks import Census as Census
    from partnerkit.clauses.checks import Conflict as Conflict
    from partnerkit.clauses.checks import Influence as Influence
    from partnerkit.clauses.checks import Shift as Shift
    from partnerkit.clauses.checks import census as census
    from partnerkit.clauses.checks import conflicts as conflicts
    from partnerkit.clauses.checks import dead as dead
    from partnerkit.clauses.checks import idle as idle
    from partnerkit.clauses.checks import influence as influence
    from partnerkit.clauses.checks import points as points
    from partnerkit.clauses.checks import redundant as redundant
    from partnerkit.clauses.checks import require_sound as require_sound
    from partnerkit.clauses.citations import Basis as Basis
    from partnerkit.clauses.citations import Citation as Citation
    from partnerkit.clauses.citations import by_term as by_term
    from partnerkit.clauses.citations import elsewhere as elsewhere
    from partnerkit.clauses.citations import house as house
    from partnerkit.clauses.citations import implied as implied
    from partnerkit.clauses.citations import stated as stated
    from partnerkit.clauses.citations import weakest as weakest
    from partnerkit.clauses.conditions import ALWAYS as ALWAYS
    from partnerkit.clauses.conditions import Choice as Choice
    from partnerkit.clauses.conditions import Condition as Condition
    from partnerkit.clauses.conditions import Flag as Flag
    from partnerkit.clauses.conditions import Law as Law
    from partnerkit.clauses.conditions import label as label
    from partnerkit.clauses.editions import Edition as Edition
    from partnerkit.clauses.editions import Editions as Editions
    from partnerkit.clauses.editions import LogEntry as LogEntry
    from partnerkit.clauses.editions import Replay as Replay
    from partnerkit.clauses.model import Permission as Permission
    from partnerkit.clauses.model import Policy as Policy
    from partnerkit.clauses.model import Ruling as Ruling
    from partnerkit.clauses.mutation import Mutant as Mutant
    from partnerkit.clauses.mutation import Mutation as Mutation
    from partnerkit.clauses.mutation import mutants as mutants
    from partnerkit.clauses.parts import Clause as Clause
    from partnerkit.clauses.rulings import IMPOSSIBLE as IMPOSSIBLE
    from partnerkit.clauses.rulings import RulingTable as RulingTable
    from partnerkit.clauses.rulings import ruling_table as ruling_table
    from partnerkit.clauses.sameness import Equivalence as Equivalence
    from partnerkit.clauses.sameness import Sameness as Sameness
    from partnerkit.clauses.sameness import equivalence as equivalence
    from partnerkit.clauses.sameness import same_rulings as same_rulings
    from partnerkit.clauses.views import Row as Row
    from partnerkit.clauses.views import prose as prose
    from partnerkit.clauses.views import table as table
    from partnerkit.clauses.views import trace as trace

_HOMES = {
    "conditions": ("ALWAYS Choice Condition Flag Law label"),
    "citations": ("Basis Citation by_term elsewhere house implied stated weakest"),
    "parts": ("Clause"),
    "model": ("Permission Policy Ruling"),
    "changes": ("Change Counterfactual Difference StillOpen counterfactuals diff still_open"),
    "checks": ("Census Conflict Influence Shift census conflicts dead idle influence points redundant require_sound"),
    "editions": ("Edition Editions LogEntry Replay"),
    "views": ("Row prose table trace"),
    "mutation": ("Mutant Mutation mutants"),
    "rulings": ("IMPOSSIBLE RulingTable ruling_table"),
    "sameness": ("Equivalence Sameness equivalence same_rulings"),
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
