"""Change the money core in one place after the other, and name the changes that no test notices.

Run it from the root of the repository, where partnerkit is installed with the extra `mutation` (cosmic-ray):

    python benchmarks/mutation.py [MODULE ...]

cosmic-ray makes the mutants. Not counted are those in an annotation and those that Python does not compile without a warning, because
they are noticed before any test is; and of several with one text, all but one. Each mutant is tried in processes of its own: first
by the quick tests of its module and the examples in it, then, if it survives, by all tests named below. The first that fails ends it, and
so does a run that takes three times as long as without a mutant.

The table gives the score, killed / (mutants - equivalent), by the reasons in docs/explanation/mutation.md; a survivor that is not on
that page makes the run fail. It needs a system with `fork`, and tries two mutants at a time, in copies of the checkout. No test
depends on this.
"""

import ast
import difflib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.plugins import get_operator, operator_names
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("src", "partnerkit")
PAGE = ROOT / "docs" / "explanation" / "mutation.md"
WORKERS = 2
LONGEST = 600
QUICK = ("-m", "not hypothesis", "-k", "not thousand")
BYTES = 4 * 2**30

OF_BILLING = ("test_billing", "test_pricing", "test_bills", "test_statements", "test_peers", "test_close", "test_house")
OF_CLOSE = ("test_close", "test_bills", "test_statements", "test_reconciliation", "test_house")
# Of the first file the quick tests are tried first, with the examples of the module.
TESTS = {
    "money": ("test_money", "test_prices", "test_peers", "test_house"),
    "periods": ("test_periods", "test_peers", "test_house"),
    "billing": OF_BILLING,
    "settlements": OF_BILLING,
    "lines": OF_BILLING,
    "charges": ("test_pricing", "test_billing", "test_codec", "test_house"),
    "pricing": ("test_pricing", "test_billing", "test_house"),
    "close": OF_CLOSE,
    "ledger": OF_CLOSE,
}
# Loaded once and not for each mutant; nothing of partnerkit is among them.
LOADED_BEFORE = ("attrs", "babel.numbers", "cattrs", "dateutil.relativedelta", "jinja2", "rich.console", "sybil", "zoneinfo")
# These two want to be told of which variables.
LEFT_OUT = {"core/VariableReplacer", "core/VariableInserter"}


class Mutant(NamedTuple):
    module: str
    line: int
    was: str
    becomes: str
    text: str


def source_of(module: str) -> str:
    return (ROOT / SOURCE / f"{module}.py").read_text(encoding="utf-8")


def mutants(module: str) -> Iterator[Mutant]:
    source = source_of(module)
    hints = [((hint.lineno, hint.col_offset), (hint.end_lineno, hint.end_col_offset)) for hint in annotations(ast.parse(source))]
    seen = {source}
    for name in sorted(set(operator_names()) - LEFT_OUT):
        for occurrence in count():
            text = MutationVisitor.mutate_code(source, get_operator(name)(), occurrence)
            if text is None:
                break
            if text in seen or not compiles(text):
                continue
            seen.add(text)
            line, column, was, becomes = difference(source, text)
            if not any(start <= (line, column) < end for start, end in hints):
                yield Mutant(module, line, was, becomes, text)


def annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        hint = node.returns if isinstance(node, ast.FunctionDef) else getattr(node, "annotation", None)
        if hint is not None:
            yield hint


def compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings(action="error"):
            compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def difference(source: str, text: str) -> tuple[int, int, str, str]:
    """Where a mutant differs, by line and column, and what stands there in both."""
    before, after = source.splitlines(), text.splitlines()
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    _, start, end, other, stop = next(change for change in changes if change[0] != "equal")
    column = next((at for at, (one, another) in enumerate(zip(before[start], after[other], strict=False)) if one != another), 0)
    was, becomes = (code_of(lines) for lines in (before[start:end], after[other:stop]))
    return start + 1, column, was, becomes or "nothing"


def code_of(lines: list[str]) -> str:
    stripped = [line.strip() for line in lines]
    return " ".join(line for line in stripped if line and not line.startswith("#"))


def killed(copy: Path, module: str, seconds: int) -> bool:
    first, *others = (f"tests/{name}.py" for name in TESTS[module])
    examples = str(SOURCE / f"{module}.py")
    return fails(copy, [*QUICK, first, examples], seconds) or fails(copy, [first, *others], seconds)


def fails(copy: Path, arguments: list[str], seconds: int) -> bool:
    """Run tests in a process of their own; too slow or out of memory is failed too."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(seconds)
            resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
            output = os.open(copy.parent / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.chdir(copy)
            os.environ["PYTHONPATH"] = str(copy / "src")  # noqa: TID251  (for the Pythons that the tests start)
            sys.path.insert(0, str(copy / "src"))
            # What is loaded before is not rewritten for its assertions, which pytest warns of.
            options = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
            code = pytest.main([*options, "--hypothesis-profile=mutation", *arguments])
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] != 0


def copy_of_checkout(place: Path) -> Path:
    copy = place / ROOT.name
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venvs", "__pycache__", ".*_cache"))
    shared = ROOT.parent / "shared"
    if shared.exists():
        (place / "shared").symlink_to(shared)
    return copy


def survivors(found: list[Mutant], told: Path) -> None:
    """Try mutants one after the other and write down the place of each that survives."""
    with tempfile.TemporaryDirectory() as place:
        copy = copy_of_checkout(Path(place))
        limits: dict[str, int] = {}
        for module in dict.fromkeys(mutant.module for mutant in found):
            begun = time.monotonic()
            if killed(copy, module, LONGEST):
                sys.exit(f"the tests of {module} fail without a mutant:\n{(copy.parent / 'output.txt').read_text(encoding='utf-8')}")
            limits[module] = 10 + 3 * int(time.monotonic() - begun)
        sys.dont_write_bytecode = True
        for place_in_list, mutant in enumerate(found):
            file = copy / SOURCE / f"{mutant.module}.py"
            for stale in file.parent.glob(f"__pycache__/{mutant.module}.*"):
                stale.unlink()
            file.write_text(mutant.text, encoding="utf-8")
            if not killed(copy, mutant.module, limits[mutant.module]):
                with told.open("a", encoding="utf-8") as lines:
                    lines.write(f"{place_in_list}\n")
            file.write_text(source_of(mutant.module), encoding="utf-8")


def in_parallel(found: list[Mutant]) -> list[Mutant]:
    with tempfile.TemporaryDirectory() as place:
        workers = {}
        for number in range(WORKERS):
            told = Path(place, f"{number}.txt")
            told.touch()
            worker = os.fork()
            if worker == 0:
                code = 1
                try:
                    survivors(found[number::WORKERS], told)
                    code = 0
                finally:
                    os._exit(code)
            workers[worker] = (found[number::WORKERS], told)
        ended = [os.waitpid(worker, 0)[1] for worker in workers]
        if any(ended):
            sys.exit("a worker failed")
        return [part[int(line)] for part, told in workers.values() for line in told.read_text(encoding="utf-8").split()]


def on_page(mutant: Mutant, lines: list[str]) -> bool:
    wanted = [f"`{part}`" for part in (f"{mutant.module}.py", mutant.was, mutant.becomes)]
    return any(all(part in line for part in wanted) for line in lines)


def main(modules: list[str]) -> int:
    for name in LOADED_BEFORE:
        import_module(name)
    settings.register_profile("mutation", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate])
    before, _, left = PAGE.read_text(encoding="utf-8").partition("\n## Left")
    found = [mutant for module in modules for mutant in mutants(module)]
    alive = in_parallel(found)
    unknown = [mutant for mutant in alive if not on_page(mutant, [*before.splitlines(), *left.splitlines()])]
    print("| module | mutants | killed | equivalent | left | score |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, chosen in [*((module, {module}) for module in modules), ("all", set(modules))]:
        every = sum(mutant.module in chosen for mutant in found)
        here = [mutant for mutant in alive if mutant.module in chosen]
        equivalent = sum(on_page(mutant, before.splitlines()) for mutant in here)
        dead = every - len(here)
        print(f"| {name} | {every} | {dead} | {equivalent} | {len(here) - equivalent} | {100 * dead / (every - equivalent):.1f} % |")
    for mutant in unknown:
        print(f"not on the page: {mutant.module}.py:{mutant.line}: `{mutant.was}` → `{mutant.becomes}`")
    return bool(unknown)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(TESTS)))
