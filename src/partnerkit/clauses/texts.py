"""Decision trees as Python text that can be read and run.

Floor 1, above `clauses.trees`. May import: clauses.conditions, clauses.trees, clauses.walks, attrs and the standard library.

One tree is written in three forms: for facts as an object, for facts as arguments, and for columns of facts. As long as the next fact
depends on this one, a text asks with `if`; from where all ways ask the same facts in the same order, it looks the ruling up. One tree
always gives one text.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from keyword import iskeyword
from typing import Any, final
from unicodedata import normalize

import attrs

from partnerkit.clauses.conditions import Choice, Flag, Value, label
from partnerkit.clauses.trees import Fork, Leaf, Node, grown, pruned
from partnerkit.clauses.walks import Walk

Text = tuple[str, dict[str, Any]]
"""A Python text, and what the names mean that it does not define."""

_INDENT = "    "
_SMALLEST_SET = 4


@final
@attrs.frozen(kw_only=True, eq=False)
class Forms:
    """One tree, to be written in each of its forms."""

    title: str
    tree: Node

    def for_facts(self, otherwise: Callable[..., Any]) -> Text:
        """Write a function `decide(facts)`, which asks `otherwise(facts)` where the tree leads nowhere."""
        writer = _Writer(_asked(self.tree), lambda found: [f"return {found}"])
        facts = writer.read_from = writer.free("facts")
        misses = ", ".join(writer.thing(kind, kind.__name__) for kind in (AttributeError, KeyError, TypeError))
        return writer.whole(
            self.title,
            [
                f"def decide({facts}):",
                _INDENT + "try:",
                *writer.ways(self.tree, 2),
                _INDENT + f"except ({misses}):",
                _INDENT * 2 + "pass",
                _INDENT + f"return {writer.thing(otherwise, 'otherwise')}({facts})",
            ],
        )

    def for_arguments(self, defaults: Mapping[str, Any], otherwise: Callable[..., Any]) -> Text:
        """Write a function `ask(*, …)` of facts given by name, which asks `otherwise` in the same way where the tree leads nowhere.

        `defaults` names every argument and gives its default, or `attrs.NOTHING` where it has none; `otherwise` is given this for one
        that is missing, and any that has no such name, to say what is wrong.
        """
        writer = _Writer(defaults, lambda found: [f"return {found}"])
        more, missing = writer.free("more"), writer.thing(attrs.NOTHING, "missing")
        given = [f"{name}={missing if default is attrs.NOTHING else writer.spelled(default)}" for name, default in defaults.items()]
        needed = [f"{name} is not {missing}" for name, default in defaults.items() if default is attrs.NOTHING]
        misses = ", ".join(writer.thing(kind, kind.__name__) for kind in (KeyError, TypeError))
        return writer.whole(
            self.title,
            [
                f"def ask(*, {', '.join(given)}, **{more}):",
                _INDENT + f"if {' and '.join([f'not {more}', *needed])}:",
                _INDENT * 2 + "try:",
                *writer.ways(self.tree, 3),
                _INDENT * 2 + f"except ({misses}):",
                _INDENT * 3 + "pass",
                _INDENT + f"return {writer.thing(otherwise, 'otherwise')}({''.join(f'{name}={name}, ' for name in defaults)}**{more})",
            ],
        )

    def for_columns(self, left_out: Mapping[str, Any]) -> Text | None:
        """Write a function `decide_columns(columns, otherwise)`, which asks `otherwise(row)` where the tree leads nowhere.

        The facts left out have one value in every row; None where no other fact is asked then.
        """
        tree = pruned(self.tree, left_out)
        if not isinstance(tree, Fork):
            return None
        names = _asked(tree)
        writer = _Writer(names, lambda found: [f"{rulings}.append({found})", "continue"])
        rulings, columns, otherwise = (writer.free(name) for name in ("rulings", "columns", "otherwise"))
        misses = ", ".join(writer.thing(kind, kind.__name__) for kind in (KeyError, TypeError))
        each = ", ".join(f'{columns}["{name}"]' for name in names)
        return writer.whole(
            self.title,
            [
                f"def decide_columns({columns}, {otherwise}):",
                _INDENT + f"{rulings} = []",
                _INDENT + f"for {', '.join(names)}, in {writer.thing(zip, 'zip')}({each}):",
                _INDENT * 2 + "try:",
                *writer.ways(tree, 3),
                _INDENT * 2 + f"except ({misses}):",
                _INDENT * 3 + "pass",
                _INDENT * 2 + f"{rulings}.append({otherwise}({writer.thing(len, 'len')}({rulings})))",
                _INDENT + f"return {rulings}",
            ],
        )


def forms_of(walk: Walk, title: str, most_ends: int) -> Forms | None:
    """Give the forms of a policy's tree, or None where it could have more ends than are wanted or does not grow: see `grown`.

    None too where Python would read the name of a fact as another or as a word of its own, and so write or ask for another fact.
    """
    if not all(_means_itself(item.name) for item in walk.inputs):
        return None
    tree = grown(walk, most_ends)
    return None if tree is None else Forms(title=title, tree=tree)


@final
class _Writer:
    """Writes one text. The facts keep their names, and whatever else would have the name of one gets another."""

    def __init__(self, facts: Iterable[str], answer: Callable[[str], list[str]]) -> None:
        self.read_from = ""
        self._answer = answer
        self._taken = set(facts)
        self._things: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._rulings: list[str] = []
        self._tables: list[str] = []
        self._routes: dict[Node, tuple[Choice | Flag, ...] | None] = {}

    def free(self, wanted: str) -> str:
        """Give a name that nothing has yet."""
        name = wanted if _means_itself(wanted) else "value"
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def thing(self, thing: object, wanted: str) -> str:
        """Give the name of a thing, the wanted one if it is free."""
        if id(thing) not in self._names:
            self._names[id(thing)] = name = self.free(wanted)
            self._things[name] = thing
        return self._names[id(thing)]

    def spelled(self, value: object) -> str:
        """Give a value as it is written in the text."""
        if value is None or isinstance(value, bool):
            return str(value)
        return self.thing(value, f"{type(value).__name__}_{value.name}" if isinstance(value, StrEnum) else "value")

    def whole(self, title: str, lines: list[str]) -> Text:
        """Give the text: what it is and which rulings it can give, the tables, and the function."""
        return "\n".join([_comment(title), *self._rulings, "", *self._tables, "", *lines, ""]), self._things

    def ways(self, node: Node, depth: int) -> list[str]:
        """Write the ways from a node of the tree, each to its ruling."""
        pad = _INDENT * depth
        if isinstance(node, Leaf):
            return [pad + line for line in self._answer(self._ruling(node))]
        guarded = len(node.branches) == len(node.branches[0][0]) == 1
        route = None if guarded else self._route(node)
        if route is not None:
            found = self._table(node) + "".join(f"[{self._read(item)}]" for item in route)
            return [pad + line for line in self._answer(found)]
        name = node.item.name
        lines = [f"{pad}{name} = {self._read(node.item)}"] if self.read_from and not guarded else []
        asked = self._read(node.item) if guarded else name
        for values, child in node.branches:
            lines += [f"{pad}if {self._test(asked, values)}:", *self.ways(child, depth + 1)]
        return lines

    def _read(self, item: Choice | Flag) -> str:
        return f"{self.read_from}.{item.name}" if self.read_from else item.name

    def _test(self, asked: str, values: tuple[Value, ...]) -> str:
        if len(values) < _SMALLEST_SET:
            return " or ".join(f"{asked} is {self.spelled(value)}" for value in values)
        name = self.free(f"{asked}_is_one_of_{len(self._tables) + 1}")
        self._tables.append(f"{name} = {{{', '.join(map(self.spelled, values))}}}")
        return f"{asked} in {name}"

    def _route(self, node: Node) -> tuple[Choice | Flag, ...] | None:
        """Give the facts that all ways from a node ask in one order, or None where the ways differ."""
        if isinstance(node, Leaf):
            return ()
        if node not in self._routes:
            routes = {self._route(child) for _, child in node.branches}
            rest = routes.pop() if len(routes) == 1 else None
            self._routes[node] = None if rest is None else (node.item, *rest)
        return self._routes[node]

    def _table(self, node: Node) -> str:
        if isinstance(node, Leaf):
            return self._ruling(node)
        if id(node) not in self._names:
            cells = [f"{self.spelled(value)}: {self._table(child)}" for values, child in node.branches for value in values]
            self._names[id(node)] = name = self.free(f"by_{node.item.name}_{len(self._tables) + 1}")
            self._tables.append(f"{name} = {{{', '.join(cells)}}}")
        return self._names[id(node)]

    def _ruling(self, leaf: Leaf) -> str:
        ruling = leaf.ruling
        if id(ruling) not in self._names:
            name = self.thing(ruling, f"ruling_{len(self._rulings) + 1}")
            self._rulings.append(_comment(f"{name}: {_said(ruling)}"))
        return self._names[id(ruling)]


def _said(ruling: Any) -> str:
    outcome = ruling.outcome if isinstance(ruling.outcome, tuple) else (ruling.outcome,)
    gave_way = "".join(f"; {clause} gave way to {', '.join(others)}" for clause, others in ruling.set_aside)
    return f"{', '.join(map(label, outcome)) or 'none'}, by {', '.join(ruling.because)}{gave_way}"


def _means_itself(name: str) -> bool:
    """Tell whether a name is Python's to give: one in letters that it does not fold into others, and none of its own words."""
    return name.isidentifier() and normalize("NFKC", name) == name and not iskeyword(name) and not name.startswith("__")


def _comment(words: str) -> str:
    return "# " + "".join(letter if letter.isprintable() else " " for letter in words)


def _asked(tree: Node) -> list[str]:
    """Name the facts that a tree asks anywhere, in the order in which they are met."""
    names: dict[str, None] = {}
    seen: set[Node] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Fork) and node not in seen:
            seen.add(node)
            names[node.item.name] = None
            waiting += [child for _, child in reversed(node.branches)]
    return list(names)
