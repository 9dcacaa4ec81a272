"""The rules of the house, checked on every module that exists: floors, purity, laziness, and the one form of a value."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from enum import Enum, StrEnum
from pathlib import Path
from types import ModuleType

import attrs
import pytest

import partnerkit
import partnerkit.clauses

SOURCE = Path(__file__).resolve().parents[1] / "src" / "partnerkit"
DESIGN = (Path(__file__).resolve().parents[1] / "docs" / "explanation" / "design.md").read_text(encoding="utf-8")

FLOORS = {
    "enums": 0,
    "errors": 0,
    "money": 1,
    "periods": 1,
    "fingerprints": 1,
    "clauses": 1,
    "article": 2,
    "partners": 2,
    "terms": 2,
    "prices": 2,
    "choices": 2,
    "sections": 2,
    "vocabulary": 2,
    "mailboxes": 2,
    "tiers": 2,
    "hosts": 2,
    "links": 3,
    "policies": 4,
    "program": 4,
    "attribution": 5,
    "relationships": 5,
    "transitions": 5,
    "events": 5,
    "invariants": 5,
    "journeys": 5,
    "touches": 5,
    "judgment": 5,
    "credits": 5,
    "visits": 4,
    "billing": 6,
    "charges": 6,
    "lines": 6,
    "pricing": 6,
    "purchases": 6,
    "taxes": 6,
    "rewards": 6,
    "discounts": 6,
    "settlements": 6,
    "stretches": 6,
    "rows": 5,
    "streams": 5,
    "bills": 7,
    "statements": 7,
    "payouts": 7,
    "reconciliation": 7,
    "close": 8,
    "ledger": 8,
    "totals": 8,
    "ways": 8,
    "tallies": 8,
    "compare": 8,
    "row_reading": 9,
    "columns": 9,
    "codec": 9,
    "decisions": 9,
    "recorded": 9,
    "envelopes": 9,
    "json_lines": 9,
    "schemas": 9,
    "scalars": 9,
    "text": 9,
    "credits_text": 9,
    "lines_text": 9,
    "rulings_text": 9,
    "terms_text": 9,
    "questions": 9,
    "formats": 9,
    "languages": 9,
    "words": 9,
    "partner_api": 9,
    "blanks": 10,
    "books": 10,
    "captions": 10,
    "output": 10,
    "verification": 10,
    "report": 10,
    "reading": 10,
    "records": 10,
    "crosschecks": 10,
    "histories": 10,
    "testing": 10,
    "sql": 10,
    "pages": 10,
    "writing": 11,
    "by_engine": 11,
    "inputs": 11,
    "directories": 11,
    "lookup": 11,
    "cli": 11,
    "__main__": 12,
}
PURE_FLOORS = range(9)

ALLOWED_IMPORTERS = {
    "dateutil": {"periods"},
    "babel": {"formats", "languages"},
    "cattrs": {"codec"},
    "click": {"cli"},
    "rich": {"cli", "report"},
    "jinja2": {"blanks", "pages.templating"},
    "markupsafe": {"pages.templating"},
}
BANNED_MODULES = {"asyncio", "locale", "logging", "os", "random", "secrets", "socket", "subprocess", "threading", "time"}
BANNED_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "float"}
BANNED_METHODS = {
    *{"now", "today", "utcnow", "fromtimestamp", "getcontext", "localcontext", "setcontext"},
    *{"open", "read_text", "read_bytes", "write_text", "write_bytes", "evolve"},
}
NEEDED_FOR_A_RULING = {
    *{"enums", "errors", "fingerprints", "money", "periods", "choices", "partners", "sections", "terms", "vocabulary", "policies"},
    *{"clauses", "clauses.citations", "clauses.conditions", "clauses.deciders", "clauses.editions", "clauses.model", "clauses.parts"},
    "clauses.walks",
}
NEEDED_FROM_ELSEWHERE = "attrs, contextlib, datetime, decimal, fractions, hashlib, json, unicodedata"
"""json and hashlib are what a fingerprint is made with, and every ruling names the fingerprint of its policy's text."""
RUN_THEIR_OWN_TEXT = {"clauses.deciders"}  # the text of a decision tree, which is made of a policy alone
READ_THEIR_OWN_TEXT = {"languages", "questions"}  # a text that comes with the package is read as a module is imported
ROOMS_WITHOUT_NUMBERS = (
    "policies",
    "attribution",
    "judgment",
    "billing",
    "lines",
    "charges",
    "payouts",
    "pricing",
    "purchases",
    "settlements",
    "taxes",
    "transitions",
)

POSITIONAL = {"Period", "Choice", "Flag", "Clause", "Policy", "Is"}  # patterns read a condition as Is(input, values)


def module_names() -> list[str]:
    """Name every module below the package, as it is written after `partnerkit.`."""
    return sorted(found.name.removeprefix("partnerkit.") for found in pkgutil.walk_packages([str(SOURCE)], "partnerkit."))


def floor_of(name: str) -> int:
    return FLOORS[name.partition(".")[0]]


def path_of(name: str) -> Path:
    plain = SOURCE.joinpath(*name.split("."))
    return plain / "__init__.py" if plain.is_dir() else plain.with_suffix(".py")


def tree_of(name: str) -> ast.Module:
    return ast.parse(path_of(name).read_text(encoding="utf-8"))


def imported_rooms(tree: ast.Module) -> set[str]:
    """Name what a module imports: packages, and of this one the rooms."""
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    whole = [f"partnerkit.{alias.name}" for node in froms if node.module == "partnerkit" for alias in node.names]
    parts = [node.module for node in froms if node.module and node.module != "partnerkit"]
    return {name.removeprefix("partnerkit.").partition(".")[0] for name in (*plain, *whole, *parts)}


def modules_after(statement: str) -> set[str]:
    """Run a statement in a Python of its own and give the packages and top-level modules that are loaded then."""
    return {name.partition(".")[0] for name in all_modules_after(statement)}


def all_modules_after(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {*ran.stdout.split()}


def imported_packages(tree: ast.Module) -> Iterator[str]:
    """Name the top-level package of every import, wherever in the module it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def impure_calls(tree: ast.Module) -> Iterator[str]:
    """Describe every call that reaches for a clock, a file, a terminal, a float or a switchable context."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in BANNED_CALLS:
            yield f"line {node.lineno}: {called.id}()"
        elif isinstance(called, ast.Attribute) and called.attr in BANNED_METHODS:
            yield f"line {node.lineno}: .{called.attr}()"


def numbers_in(tree: ast.Module) -> Iterator[str]:
    """Describe every numeric literal other than 0 and 1."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex) and node.value not in {0, 1}:
            yield f"line {node.lineno}: {node.value!r}"


def public_classes() -> Iterator[type]:
    """Give every public class of the package once, in the module that defines it."""
    for name in module_names():
        if name == "__main__" or name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(f"partnerkit.{name}")
        for label, member in vars(module).items():
            if inspect.isclass(member) and member.__module__ == module.__name__ and not label.startswith("_"):
                yield member


MODULES = module_names()
PURE_MODULES = [name for name in MODULES if floor_of(name) in PURE_FLOORS]
WITHOUT_COMMAND_LINE = [name for name in MODULES if floor_of(name) < FLOORS["cli"]]
VALUES = [one for one in public_classes() if attrs.has(one) and not inspect.isabstract(one) and not issubclass(one, Exception)]
ENUMS = [one for one in public_classes() if issubclass(one, Enum)]


class TestTheFrontDoor:
    """`import partnerkit` costs nothing; every public name comes when it is asked for."""

    def test_import_pulls_in_nothing_heavy(self) -> None:
        unwanted = {"hypothesis", "babel", "click", "rich", "jinja2", "cattrs", "logging", "asyncio", "socket"}
        assert modules_after("import partnerkit") & unwanted == set()

    def test_all_is_sorted_and_without_repeats(self) -> None:
        assert list(partnerkit.__all__) == sorted(set(partnerkit.__all__))

    def test_no_name_is_that_of_a_module_below(self) -> None:
        """Importing such a module would put it in the place of what its name stands for."""
        assert set(partnerkit.__all__) & {name.partition(".")[0] for name in MODULES} == set()

    @pytest.mark.parametrize("name", partnerkit.__all__)
    def test_every_name_resolves_and_is_documented(self, name: str) -> None:
        value = getattr(partnerkit, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{name} has no docstring"
            assert not value.__doc__.startswith("Method generated by attrs"), f"{name} has no docstring"
            assert ">>>" in value.__doc__, f"the docstring of {name} has no example that runs"

    @pytest.mark.parametrize("name", partnerkit.clauses.__all__)
    def test_every_name_of_the_language_has_an_example(self, name: str) -> None:
        value = getattr(partnerkit.clauses, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert ">>>" in (value.__doc__ or ""), f"the docstring of {name} has no example that runs"

    def test_dir_lists_the_public_names(self) -> None:
        assert {name for name in dir(partnerkit) if not name.startswith("_")} == set(partnerkit.__all__)

    @pytest.mark.parametrize("name", ["no_such_name", "__wrapped__"])
    def test_an_unknown_name_is_an_attribute_error(self, name: str) -> None:
        with pytest.raises(AttributeError, match=name):
            getattr(partnerkit, name)


class TestTheFloors:
    """Every module stands on a floor and says so; what is heavy stays where it belongs."""

    def test_every_module_has_a_floor(self) -> None:
        assert {name.partition(".")[0] for name in MODULES} <= set(FLOORS)

    def test_the_layers_of_import_linter_are_these_floors(self) -> None:
        project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
        house = project["tool"]["importlinter"]["contracts"][0]["layers"]
        layers = [[name.strip(" ()") for name in layer.split("|")] for layer in house]
        assert {name for layer in layers for name in layer} == set(FLOORS)
        assert all(len({FLOORS[name] for name in layer}) == 1 for layer in layers)
        heights = [FLOORS[layer[0]] for layer in layers]
        assert heights == sorted(heights, reverse=True)

    @pytest.mark.parametrize("name", MODULES)
    def test_the_docstring_names_the_floor(self, name: str) -> None:
        said = re.search(r"\b[Ff]loor (\d+)\b", ast.get_docstring(tree_of(name)) or "")
        assert said is not None, f"the docstring of {name} names no floor"
        assert int(said[1]) == floor_of(name)

    @pytest.mark.parametrize("name", MODULES)
    def test_the_design_names_the_module(self, name: str) -> None:
        assert f"`{name.rpartition('.')[2]}`" in DESIGN

    @pytest.mark.parametrize("name", MODULES)
    def test_heavy_packages_have_one_importer(self, name: str) -> None:
        imported = set(imported_packages(tree_of(name)))
        assert {package for package in imported & set(ALLOWED_IMPORTERS) if name not in ALLOWED_IMPORTERS[package]} == set()

    @pytest.mark.parametrize("name", PURE_MODULES)
    def test_a_module_alone_pulls_in_nothing_heavy(self, name: str) -> None:
        assert modules_after(f"import partnerkit.{name}") & {"hypothesis", "babel", "click", "rich", "jinja2", "cattrs"} == set()

    def test_the_first_ruling_loads_no_more_than_it_needs(self) -> None:
        ruling = "from partnerkit.policies import OWNERSHIP, OwnershipFacts; OWNERSHIP.decide(OwnershipFacts(management=None))"
        loaded = all_modules_after(ruling)
        ours = {name for name in loaded if name.partition(".")[0] == "partnerkit"}
        assert ours == {"partnerkit", *(f"partnerkit.{name}" for name in NEEDED_FOR_A_RULING)}
        assert loaded - ours <= all_modules_after(f"import {NEEDED_FROM_ELSEWHERE}")


class TestPurity:
    """No clock, no environment, no files, no terminal, no randomness, no float; and no number hidden in a rule."""

    @pytest.mark.parametrize("name", WITHOUT_COMMAND_LINE)
    def test_no_ambient_module_is_imported(self, name: str) -> None:
        assert set(imported_packages(tree_of(name))) & BANNED_MODULES == set()

    @pytest.mark.parametrize("name", WITHOUT_COMMAND_LINE)
    def test_no_impure_call_is_made(self, name: str) -> None:
        allowed = {".read_text()": READ_THEIR_OWN_TEXT, " exec()": RUN_THEIR_OWN_TEXT}
        own = tuple(call for call, modules in allowed.items() if name in modules)
        assert [call for call in impure_calls(tree_of(name)) if not call.endswith(own)] == []

    @pytest.mark.parametrize("name", [room for room in ROOMS_WITHOUT_NUMBERS if room in MODULES])
    def test_the_rooms_hold_no_number(self, name: str) -> None:
        assert list(numbers_in(tree_of(name))) == []

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ("if days > 60: pass", ["line 1: 60"]),
            ("share = amount * 0.15", ["line 1: 0.15"]),
            ("first = items[0] + 1 - True", []),
        ],
    )
    def test_the_search_for_numbers_finds_them(self, source: str, found: list[str]) -> None:
        assert list(numbers_in(ast.parse(source))) == found

    def test_the_search_for_impure_calls_finds_them(self) -> None:
        source = "datetime.now(UTC)\nprint(x)\npath.read_text()\nmoney.times(rate)"
        assert list(impure_calls(ast.parse(source))) == ["line 1: .now()", "line 2: print()", "line 3: .read_text()"]


class TestWhatAModuleMayImport:
    """The first lines of a module say what it may import, and it imports nothing else."""

    @pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("__")])
    def test_it_imports_only_what_it_says(self, name: str) -> None:
        said = re.search(r"May import: (.*?)\.(?: |$)", " ".join((ast.get_docstring(tree_of(name)) or "").split()))
        assert said is not None, "the docstring has no sentence 'May import: ...'"
        named, own = set(re.findall(r"\w+", said[1])), name.partition(".")[0]
        lower = "lower floor" in said[1]
        rooms = {room for room in imported_rooms(tree_of(name)) if room != own and not (lower and FLOORS.get(room, 99) < FLOORS[own])}
        assert rooms <= named | ({*sys.stdlib_module_names} if "standard library" in said[1] else set())

    def test_the_search_finds_rooms_and_packages(self) -> None:
        source = "import attrs\nfrom datetime import date\nfrom partnerkit import pages\nfrom partnerkit.clauses.views import prose"
        assert imported_rooms(ast.parse(source)) == {"attrs", "datetime", "pages", "clauses"}


class TestTheFormOfAValue:
    """Every public value is frozen, slotted, final, and built by keyword."""

    def test_there_are_values_to_check(self) -> None:
        assert VALUES

    @pytest.mark.parametrize("value", VALUES, ids=lambda one: one.__qualname__)
    def test_frozen_and_slotted(self, value: type) -> None:
        form = attrs.inspect(value)
        assert form.is_frozen
        assert form.is_slotted

    @pytest.mark.parametrize("value", VALUES, ids=lambda one: one.__qualname__)
    def test_final(self, value: type) -> None:
        assert getattr(value, "__final__", False), f"{value.__qualname__} can be subclassed"

    @pytest.mark.parametrize("value", VALUES, ids=lambda one: one.__qualname__)
    def test_built_by_keyword(self, value: type) -> None:
        parameters = [field for field in attrs.fields(value) if field.init]
        if len(parameters) > 1 and value.__qualname__ not in POSITIONAL:
            assert [field.name for field in parameters if not field.kw_only] == []

    @pytest.mark.parametrize("value", VALUES, ids=lambda one: one.__qualname__)
    def test_invariants_do_not_rest_on_validators(self, value: type) -> None:
        assert [field.name for field in attrs.fields(value) if field.validator is not None] == []

    @pytest.mark.parametrize("value", VALUES, ids=lambda one: one.__qualname__)
    def test_documented(self, value: type) -> None:
        assert value.__doc__
        assert not value.__doc__.startswith("Method generated by attrs")

    @pytest.mark.parametrize("enum", ENUMS, ids=lambda one: one.__qualname__)
    def test_enums_are_text_and_their_repr_evaluates(self, enum: type[Enum]) -> None:
        assert issubclass(enum, StrEnum)
        for member in enum:
            assert repr(member) == f"{enum.__qualname__}.{member.name}"


def test_every_module_imports() -> None:
    """A module that nothing imports yet is still one that can be imported."""
    for name in MODULES:
        if name != "__main__":
            assert isinstance(importlib.import_module(f"partnerkit.{name}"), ModuleType)
