"""The functions that decide for a policy: made when they are first asked, each in the fastest form the policy has.

Floor 1, above `clauses.texts` and `clauses.walks`. May import: errors, the modules below it in clauses, attrs and the standard library.

A policy with few ways is decided by its tree, written as Python text and compiled; one with many by the table that its walk fills.
Both look at the same facts, and for facts they do not know they fall back on the walk, so that nobody can tell them apart.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, final

import attrs

from partnerkit.clauses.texts import Text, arguments_text, columns_text, facts_text
from partnerkit.clauses.trees import Fork, Node, grown, pruned
from partnerkit.clauses.walks import Walk
from partnerkit.errors import InvalidValue, shown

_MOST_ENDS = 1_000
_LARGEST_MEMORY = 100_000

_BY_TABLE = """\
def decide(facts):
    try:
        rest, found = table[leading(facts)]
        return found if rest is None else found[rest(facts)]
    except KeyError:
        pass
    except (TypeError, AttributeError):
        raise misfit(facts) from None
    return anew(facts)
"""
_BY_CLASS = """\
def ask(**facts):
    return from_class(**facts)
"""
_AT_FIRST = compile("def asked(*given, **named):\n    return begin(*given, **named)\n", "<a policy that was not yet asked>", "exec")


ByColumns = Callable[[Mapping[str, Sequence[Any]], Callable[[int], Any]], list[Any]]
"""Decides every row of some columns, and asks for the ruling on a row it does not know."""


@final
class Decider:
    """Decides for one policy: for facts, for facts given by name, and for columns of facts."""

    def __init__(self, walk: Walk, title: str) -> None:
        self._walk = walk
        self._title = title
        self._by_columns: dict[frozenset[str], ByColumns] = {}
        self.decide = _made_when_asked("decide", lambda: self._compiled("decide", self.text()))
        self.ask = _made_when_asked("ask", lambda: self._compiled("ask", self._arguments_text()))

    def text(self) -> Text:
        """Give the text of the function that decides for facts, and what its names mean."""
        if self._tree is None:
            return f"# {self._title}\n\n{_BY_TABLE}", self._names_of_table
        return facts_text(self._title, self._tree, self._by_table)

    def decide_columns(self, columns: Mapping[str, Iterable[Any]]) -> list[Any]:
        """Decide for every row of some columns."""
        listed = self._listed(columns)
        given = frozenset(listed)
        if given not in self._by_columns:
            self._by_columns[given] = self._for_columns(listed.keys())

        def otherwise(row: int) -> Any:
            try:
                return self._from_class(**{name: column[row] for name, column in listed.items()})
            except InvalidValue as fault:
                raise InvalidValue(f"row {row} of the columns, counted from 0: {fault}") from None

        return self._by_columns[given](listed, otherwise)

    @cached_property
    def _tree(self) -> Node | None:
        return grown(self._walk, _MOST_ENDS)

    @cached_property
    def _names_of_table(self) -> dict[str, Any]:
        walk = self._walk
        return {"table": walk.table, "leading": attrgetter(*walk.leading), "misfit": walk.misfit, "anew": walk.anew}

    @cached_property
    def _by_table(self) -> Callable[..., Any]:
        return self._compiled("decide", (_BY_TABLE, self._names_of_table))

    @cached_property
    def _defaults(self) -> Mapping[str, Any] | None:
        """Give the facts with their defaults, or None where only their class knows what it makes of its arguments."""
        facts = self._walk.facts
        if any(hasattr(facts, hook) for hook in ("__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__")):
            return None
        fields = attrs.fields(facts)
        return {field.name: field.default for field in fields} if all(map(_is_plain, fields)) else None

    def _arguments_text(self) -> Text:
        if self._tree is None or self._defaults is None:
            return _BY_CLASS, {"from_class": self._from_class}
        return arguments_text(self._title, self._tree, self._defaults, self._from_class)

    def _for_columns(self, given: Iterable[str]) -> ByColumns:
        if self._defaults is None:
            return _row_by_row
        left_out = {name: value for name, value in self._defaults.items() if name not in given}
        tree = pruned(self._tree, left_out)
        if isinstance(tree, Fork):
            return self._compiled("decide_columns", columns_text(self._title, tree))
        names = [item.name for item in self._walk.inputs if item.name in given]
        return _remembering(names) if names else _row_by_row

    def _from_class(self, **facts: Any) -> Any:
        return self.decide(self._walk.facts(**facts))

    def _listed(self, columns: Mapping[str, Iterable[Any]]) -> dict[str, Sequence[Any]]:
        policy = self._walk.policy
        fields = {field.alias: field for field in attrs.fields(self._walk.facts) if field.init}
        for name in columns:
            if name not in fields:
                raise InvalidValue(f"the column {shown(name)} is no fact of the policy {policy}: it asks for {', '.join(fields)}")
        missing = [name for name, field in fields.items() if name not in columns and field.default is attrs.NOTHING]
        if missing:
            raise InvalidValue(
                f"the policy {policy} needs a column {' and a column '.join(missing)}: only facts with a default may be left out"
            )
        if not columns:
            raise InvalidValue(f"no column was put to the policy {policy}: give one at least, for its length says how many rows there are")
        listed = {name: _values_of(name, column) for name, column in columns.items()}
        if len({len(column) for column in listed.values()}) > 1:
            lengths = ", ".join(f"{name} {len(column)}" for name, column in listed.items())
            raise InvalidValue(f"the columns put to the policy {policy} differ in their number of rows: {lengths}")
        return listed

    def _compiled(self, name: str, text: Text) -> Callable[..., Any]:
        source, names = text
        namespace = {**names}
        # Made of the policy alone, never of facts; attrs makes its methods in the same way.
        exec(compile(source, f"<the policy {self._walk.policy}>", "exec"), namespace)  # noqa: S102
        made: Callable[..., Any] = namespace[name]
        return made


def _made_when_asked(name: str, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """Give a function that turns into the one that `make` makes when it is first called.

    It is the function itself that changes and not a name for it, so that whoever took it before has the fast one afterwards.
    """
    namespace: dict[str, Any] = {}
    exec(_AT_FIRST, namespace)  # noqa: S102  (the text stands above)
    asked: Callable[..., Any] = namespace["asked"]
    asked.__name__ = asked.__qualname__ = name

    def begin(*given: Any, **named: Any) -> Any:
        made = make()
        # In this order, so that another thread that calls it meanwhile finds all that the new code needs.
        namespace.update(made.__globals__)
        asked.__kwdefaults__ = made.__kwdefaults__
        asked.__code__ = made.__code__
        return asked(*given, **named)

    namespace["begin"] = begin
    return asked


def _is_plain(field: "attrs.Attribute[Any]") -> bool:
    return (
        field.init
        and field.alias == field.name
        and field.converter is None
        and field.validator is None
        and not isinstance(field.default, attrs.Factory)  # type: ignore[arg-type]
    )


def _row_by_row(columns: Mapping[str, Sequence[Any]], otherwise: Callable[[int], Any]) -> list[Any]:
    return [otherwise(row) for row in range(len(next(iter(columns.values()))))]


def _remembering(names: list[str]) -> ByColumns:
    """Give a function that keeps the rulings it asked for, for rows that say the same."""
    known: dict[tuple[Any, ...], Any] = {}

    def decide(columns: Mapping[str, Sequence[Any]], otherwise: Callable[[int], Any]) -> list[Any]:
        rulings: list[Any] = []
        for row in zip(*(columns[name] for name in names), strict=True):
            try:
                rulings.append(known[row])
                continue
            except (KeyError, TypeError):
                pass
            ruling = otherwise(len(rulings))
            rulings.append(ruling)
            if len(known) < _LARGEST_MEMORY:
                known[row] = ruling
        return rulings

    return decide


def _values_of(name: str, column: Iterable[Any]) -> Sequence[Any]:
    try:
        return column if isinstance(column, list | tuple) else list(column)
    except TypeError:
        raise InvalidValue(f"the column {name} is {shown(column)}: wanted its values, one for each row") from None
