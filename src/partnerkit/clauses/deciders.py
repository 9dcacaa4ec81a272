"""The functions that decide for a policy: by the table that its walk fills, and by its tree once it is asked often.

Floor 1, above `clauses.texts` and `clauses.walks`. May import: errors, the modules below it in clauses, attrs and the standard library.

To make a tree takes some milliseconds, which a policy earns back that is asked often, and not one with very many ways. Tree and table
look at the same facts, and for facts they do not know they fall back on the walk, so that nobody can tell them apart.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import cached_property
from inspect import Parameter, Signature, getattr_static
from operator import attrgetter
from types import FunctionType, MemberDescriptorType, NoneType
from typing import TYPE_CHECKING, Any, final

import attrs

from partnerkit.clauses.walks import Walk
from partnerkit.errors import InvalidValue, shown

if TYPE_CHECKING:
    from partnerkit.clauses.texts import Forms

_ASKED_OFTEN = 1_000
_MOST_ENDS = 1_000
_LARGEST_MEMORY = 100_000
_MADE_BY_ATTRS = "<attrs generated"
_USUAL: Mapping[str, tuple[Any, ...]] = {
    "__new__": (object.__new__,),
    "__getattribute__": (object.__getattribute__,),
    "__setattr__": (object.__setattr__, Walk.__setattr__),  # the second is that of every frozen class
}

_BY_TABLE = """\
def decide(facts):
    try:
        rest, found = table[leading(facts)]
        return found if rest is None else found[rest(facts)]
    except KeyError:
        pass
    except (TypeError, AttributeError):
        raise refusal_of(facts) from None
    return by_conditions(facts)
"""
_BY_CLASS = """\
def ask(**facts):
    return from_class(**facts)
"""
_DECIDE_AT_FIRST = """\
def decide(facts):
    return counting(facts)
"""
_ASK_AT_FIRST = """\
def ask(**facts):
    return counting(**facts)
"""
_COMPILED = {text: compile(text, "<a policy>", "exec") for text in (_BY_TABLE, _DECIDE_AT_FIRST, _ASK_AT_FIRST)}

_ABOUT_DECIDE = """Answer the question for some facts.

Only facts that can matter are looked at. One that is none of its values raises `InvalidValue`, and so do facts that break a law.
A value that equals one of them is that value: the text of an enum's member, or 1 for True.

>>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode, LeavingFacts
>>> decide = SINGLE_BILL_LEAVING.decide
>>> decide(LeavingFacts(billing_mode=BillingMode.DIRECT)).because
('LEAVE-NOT-ON',)
>>> decide(LeavingFacts(billing_mode="direct")) is decide(LeavingFacts(billing_mode=BillingMode.DIRECT))
True
>>> decide(LeavingFacts(billing_mode="by mail"))
Traceback (most recent call last):
    ...
partnerkit.errors.InvalidValue: the fact billing_mode is 'by mail', which is none of its values: wanted one of BillingMode.DIRECT, ...
"""
_ABOUT_ASK = """Answer the question for facts given by name, as their class takes them: as `decide` does, without an object for them.

A fact with a default may be left out. A name that is no fact and a fact that is missing raise `InvalidValue`.

>>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode
>>> SINGLE_BILL_LEAVING.ask(billing_mode=BillingMode.DIRECT).because
('LEAVE-NOT-ON',)
>>> SINGLE_BILL_LEAVING.ask()
Traceback (most recent call last):
    ...
partnerkit.errors.InvalidValue: the policy single bill leaving needs the fact billing_mode: only facts with a default may be left out
"""
__test__ = {"decide": _ABOUT_DECIDE, "ask": _ABOUT_ASK}

ByColumns = Callable[[Mapping[str, Sequence[Any]], Callable[[int], Any]], list[Any]]
"""Decides every row of some columns, and asks for the ruling on a row it does not know."""


@final
class Decider:
    """Decides for one policy: for facts, for facts given by name, and for columns of facts."""

    def __init__(self, walk: Walk, title: str) -> None:
        self._walk = walk
        self._title = title
        self._by_columns: dict[frozenset[str], ByColumns | None] = {}
        self._by_table = _function(
            "decide",
            _BY_TABLE,
            {
                "table": walk.table,
                "leading": attrgetter(*walk.leading),
                "refusal_of": walk.refusal_of,
                "by_conditions": walk.by_conditions,
            },
        )
        decide = _becoming_fast(_function("decide", _DECIDE_AT_FIRST, {}), self._by_table, self._fast_decide)
        ask = _becoming_fast(_function("ask", _ASK_AT_FIRST, {}), self._from_class, self._fast_ask)
        asked = [_parameter(field) for field in attrs.fields(walk.facts) if field.init]
        self.decide = _described(decide, _ABOUT_DECIDE, [Parameter("facts", Parameter.POSITIONAL_OR_KEYWORD, annotation=walk.facts)])
        self.ask = _described(ask, _ABOUT_ASK, asked)

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

    def _fast_decide(self) -> FunctionType:
        return self._by_table if self._forms is None else _function("decide", *self._forms.for_facts(self._by_table))

    def _fast_ask(self) -> FunctionType:
        if self._forms is None or self._defaults is None:
            return _function("ask", _BY_CLASS, {"from_class": self._from_class})
        return _function("ask", *self._forms.for_arguments(self._defaults, self._from_arguments))

    def _for_columns(self, given: frozenset[str]) -> ByColumns | None:
        """Give the function for columns of these names, or None where each row is to be asked by itself."""
        if given not in self._by_columns:
            self._by_columns[given] = self._new_for_columns(given)
        return self._by_columns[given]

    def _new_for_columns(self, given: frozenset[str]) -> ByColumns | None:
        asked = [item.name for item in self._walk.inputs if item.name in given]
        if self._defaults is None or not asked:
            return None
        left_out = {name: value for name, value in self._defaults.items() if name not in given}
        text = None if self._forms is None else self._forms.for_columns(left_out)
        return _remembering(asked) if text is None else _function("decide_columns", *text)

    @cached_property
    def _defaults(self) -> Mapping[str, Any] | None:
        """Give the facts with their defaults, or None where only their class knows what it makes of its arguments."""
        fields = attrs.fields(self._walk.facts)
        plain = _only_holds(self._walk.facts) and all(map(_is_plain, fields))
        return {field.name: field.default for field in fields} if plain else None

    def _from_class(self, **facts: Any) -> Any:
        try:
            whole = self._walk.facts(**facts)
        except TypeError:
            self._check_names(facts, "the argument", "the fact")
            raise
        return self.decide(whole)

    def _from_arguments(self, **arguments: Any) -> Any:
        return self._from_class(**{name: value for name, value in arguments.items() if value is not attrs.NOTHING})

    def _check_names(self, given: Iterable[str], one_given: str, one_needed: str) -> None:
        """Refuse names that are no facts, and facts without a default that have no name among them."""
        policy = self._walk.policy
        fields = {field.alias: field for field in attrs.fields(self._walk.facts) if field.init}
        for name in given:
            if name not in fields:
                asked = ", ".join(fields)
                raise InvalidValue(f"{one_given} {shown(name)} is no fact of the policy {policy}: it asks for {asked}") from None
        missing = [f"{one_needed} {name}" for name, field in fields.items() if name not in given and field.default is attrs.NOTHING]
        if missing:
            raise InvalidValue(f"the policy {policy} needs {' and '.join(missing)}: only facts with a default may be left out") from None

    def _listed(self, columns: Mapping[str, Iterable[Any]]) -> dict[str, Sequence[Any]]:
        policy = self._walk.policy
        if not isinstance(columns, Mapping):
            raise InvalidValue(
                f"the columns put to the policy {policy} are {shown(columns)}: "
                "wanted a mapping of the name of each fact to its values, such as {'rain': [True, False]}"
            )
        self._check_names(columns, "the column", "a column")
        if not columns:
            raise InvalidValue(f"no column was put to the policy {policy}: give one at least, for its length says how many rows there are")
        listed = {name: _values_of(name, column) for name, column in columns.items()}
        if len({len(column) for column in listed.values()}) > 1:
            lengths = ", ".join(f"{name} {len(column)}" for name, column in listed.items())
            raise InvalidValue(f"the columns put to the policy {policy} differ in their number of rows: {lengths}")
        return listed


def _function(name: str, text: str, names: Mapping[str, Any]) -> FunctionType:
    """Make the function of this name from its text, as attrs makes its methods; the text is made of a policy alone, never of facts."""
    namespace = {**names}
    exec(_COMPILED.get(text) or compile(text, "<a policy>", "exec"), namespace)  # noqa: S102  (see above)
    function: FunctionType = namespace[name]
    return function


def _becoming_fast(function: FunctionType, at_first: Callable[..., Any], make_fast: Callable[[], FunctionType]) -> FunctionType:
    """Have a function ask `at_first`, and turn into the one that `make_fast` makes once it has been asked often.

    It is the function itself that changes and not a name for it, so that whoever took it before has the fast one afterwards.
    """
    asked = 0

    def counting(*given: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked <= _ASKED_OFTEN:
            return at_first(*given, **named)
        fast = make_fast()
        # In this order, so that another thread that calls it meanwhile finds all that the new code needs.
        function.__globals__.update(fast.__globals__)
        function.__kwdefaults__ = fast.__kwdefaults__
        function.__code__ = fast.__code__
        return function(*given, **named)

    function.__globals__["counting"] = counting
    return function


def _described(function: FunctionType, about: str, parameters: Sequence[Parameter]) -> FunctionType:
    """Tell `help` what a function is for and what it takes, which its text does not say as long as it only counts."""
    function.__doc__ = about
    # Its text is run by itself, so that the function would belong to no module; an error of pickle tells where it comes from.
    function.__module__, function.__qualname__ = "partnerkit.clauses.model", f"Policy.{function.__name__}"
    function.__dict__["__signature__"] = Signature(parameters)
    return function


def _parameter(field: "attrs.Attribute[Any]") -> Parameter:
    default = Parameter.empty if field.default is attrs.NOTHING else field.default
    return Parameter(field.alias or field.name, Parameter.KEYWORD_ONLY, default=default, annotation=field.type)


def _only_holds(facts: type[Any]) -> bool:
    """Tell whether objects of a class are made and read as attrs and Python do it, with nothing of the class's own on the way."""
    made_by = getattr(getattr(facts.__init__, "__code__", None), "co_filename", "")
    return (
        type(facts) is type
        and made_by.startswith(_MADE_BY_ATTRS)
        and not any(hasattr(facts, hook) for hook in ("__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__"))
        and all(getattr(facts, name) in usual for name, usual in _USUAL.items())
        and all(isinstance(getattr_static(facts, field.name, None), MemberDescriptorType | NoneType) for field in attrs.fields(facts))
    )


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
                # A value that cannot be looked up may stand in a fact that nobody looked at.
                with suppress(TypeError):
                    known[row] = ruling
        return rulings

    return decide


def _values_of(name: str, column: Iterable[Any]) -> Sequence[Any]:
    if isinstance(column, list | tuple):
        return column
    if isinstance(column, Iterable) and not isinstance(column, str | AbstractSet | Mapping):
        return list(column)
    raise InvalidValue(f"the column {name} is {shown(column)}: wanted its values in the order of the rows, such as a list")
