"""The functions that decide for a policy: by the table that its walk fills, and by its tree once it is asked often.

Floor 1, above `clauses.texts` and `clauses.walks`. May import: errors, the modules below it in clauses, attrs and the standard library.

To make a tree takes some milliseconds, which a policy earns back that is asked often, and not one with very many ways. Tree and table
look at the same facts, and for facts they do not know they fall back on the walk, so that nobody can tell them apart.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, final

import attrs

from partnerkit.clauses.walks import Walk
from partnerkit.errors import InvalidValue, shown

if TYPE_CHECKING:
    from partnerkit.clauses.texts import Forms

_ASKED_OFTEN = 1_000
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
_AT_FIRST = """\
def changing(*given, **named):
    return counting(*given, **named)
"""
_COMPILED = {text: compile(text, "<a policy>", "exec") for text in (_BY_TABLE, _AT_FIRST)}

ByColumns = Callable[[Mapping[str, Sequence[Any]], Callable[[int], Any]], list[Any]]
"""Decides every row of some columns, and asks for the ruling on a row it does not know."""


@final
class Decider:
    """Decides for one policy: for facts, for facts given by name, and for columns of facts."""

    def __init__(self, walk: Walk, title: str) -> None:
        self._walk = walk
        self._title = title
        self._by_columns: dict[frozenset[str], ByColumns | None] = {}
        names = {"table": walk.table, "leading": attrgetter(*walk.leading), "misfit": walk.misfit, "anew": walk.anew}
        self._by_table = _made("decide", _BY_TABLE, names)
        self.decide = _changing("decide", self._by_table, self._fast_decide)
        self.ask = _changing("ask", self._from_class, self._fast_ask)

    def text(self) -> str:
        """Give the text of the function that decides for facts when the policy is asked often."""
        return f"# {self._title}\n\n{_BY_TABLE}" if self._forms is None else self._forms.for_facts(self._by_table)[0]

    def decide_columns(self, columns: Mapping[str, Iterable[Any]]) -> list[Any]:
        """Decide for every row of some columns."""
        listed = self._listed(columns)
        rows = len(next(iter(listed.values())))

        def one(row: int) -> Any:
            try:
                return self._from_class(**{name: column[row] for name, column in listed.items()})
            except InvalidValue as fault:
                raise InvalidValue(f"row {row} of the columns, counted from 0: {fault}") from None

        by_columns = self._for_columns(frozenset(listed)) if rows >= _ASKED_OFTEN else None
        return [one(row) for row in range(rows)] if by_columns is None else by_columns(listed, one)

    @cached_property
    def _forms(self) -> "Forms | None":
        # Few programs ask so much, and for the others it would only be more to load before the first ruling.
        from partnerkit.clauses.texts import forms_of  # noqa: PLC0415

        return forms_of(self._walk, self._title, _MOST_ENDS)

    def _fast_decide(self) -> Callable[..., Any]:
        return self._by_table if self._forms is None else _made("decide", *self._forms.for_facts(self._by_table))

    def _fast_ask(self) -> Callable[..., Any]:
        if self._forms is None or self._defaults is None:
            return _made("ask", _BY_CLASS, {"from_class": self._from_class})
        return _made("ask", *self._forms.for_arguments(self._defaults, self._from_class))

    def _for_columns(self, given: frozenset[str]) -> ByColumns | None:
        """Give the function for columns of these names, or None where each row is to be asked by itself."""
        if given not in self._by_columns:
            self._by_columns[given] = self._made_for_columns(given)
        return self._by_columns[given]

    def _made_for_columns(self, given: frozenset[str]) -> ByColumns | None:
        asked = [item.name for item in self._walk.inputs if item.name in given]
        if self._defaults is None or not asked:
            return None
        left_out = {name: value for name, value in self._defaults.items() if name not in given}
        text = None if self._forms is None else self._forms.for_columns(left_out)
        return _remembering(asked) if text is None else _made("decide_columns", *text)

    @cached_property
    def _defaults(self) -> Mapping[str, Any] | None:
        """Give the facts with their defaults, or None where only their class knows what it makes of its arguments."""
        facts = self._walk.facts
        if any(hasattr(facts, hook) for hook in ("__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__")):
            return None
        fields = attrs.fields(facts)
        return {field.name: field.default for field in fields} if all(map(_is_plain, fields)) else None

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


def _made(name: str, text: str, names: Mapping[str, Any]) -> Callable[..., Any]:
    """Make the function of this name from its text, as attrs makes its methods; the text is made of a policy alone, never of facts."""
    namespace = {**names}
    exec(_COMPILED.get(text) or compile(text, "<a policy>", "exec"), namespace)  # noqa: S102  (see above)
    made: Callable[..., Any] = namespace[name]
    return made


def _changing(name: str, at_first: Callable[..., Any], make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """Give a function that is `at_first`, and turns into the one that `make` makes once it has been asked often.

    It is the function itself that changes and not a name for it, so that whoever took it before has the fast one afterwards.
    """
    asked = 0

    def counting(*given: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked <= _ASKED_OFTEN:
            return at_first(*given, **named)
        made = make()
        # In this order, so that another thread that calls it meanwhile finds all that the new code needs.
        changing.__globals__.update(made.__globals__)
        changing.__kwdefaults__ = made.__kwdefaults__
        changing.__code__ = made.__code__
        return changing(*given, **named)

    changing = _made("changing", _AT_FIRST, {"counting": counting})
    changing.__name__ = changing.__qualname__ = name
    return changing


def _is_plain(field: "attrs.Attribute[Any]") -> bool:
    return (
        field.init
        and field.alias == field.name
        and field.converter is None
        and field.validator is None
        and not isinstance(field.default, attrs.Factory)  # type: ignore[arg-type]
    )


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
    if isinstance(column, list | tuple):
        return column
    if isinstance(column, Iterable) and not isinstance(column, str | AbstractSet | Mapping):
        return list(column)
    raise InvalidValue(f"the column {name} is {shown(column)}: wanted its values in the order of the rows, such as a list")
