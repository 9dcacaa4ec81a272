"""Run a tool of this project in a private environment that is made for it on first use.

    python3 run.py partnerkit close examples/brightside --month 2025-08
    python3 run.py pytest
    python3 run.py mypy

Needs Python 3.11 or newer and nothing else: what the tool needs is installed into a virtual environment under .venvs/
in this directory, and used again for as long as pyproject.toml, the Python and the place of the checkout stay the same.
Everything after the tool's name is passed to the tool. PARTNERKIT_VENVS names another directory for the environments, and
PARTNERKIT_EXTRAS more extras of pyproject.toml to install, such as spark,postgres: tests of engines that are not there are skipped.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
EXTRA_OF_TOOL = {
    "partnerkit": "cli",
    "pytest": "test",
    "coverage": "test",
    "ruff": "lint",
    "mypy": "lint",
    "lint-imports": "lint",
    "pyright": "lint",
    "sphinx-build": "docs",
    "nox": "dev",
    "pre-commit": "dev",
    "python": "bench",
}


def main(arguments: list[str]) -> int:
    """Run the tool that the arguments name and give its exit code."""
    if sys.version_info < OLDEST_PYTHON:
        return run_in_newer_python(arguments)
    if not arguments or arguments[0] not in EXTRA_OF_TOOL:
        print(__doc__)
        print("Tools: " + ", ".join(EXTRA_OF_TOOL))
        return 2
    tool, *rest = arguments
    extras = ",".join((EXTRA_OF_TOOL[tool], *more_extras()))
    environment = Path(os.environ.get("PARTNERKIT_VENVS") or ROOT / ".venvs") / extras.replace(",", "+")
    if not is_ready(environment):
        make(environment, extras)
    return subprocess.call([str(program(environment, tool)), *rest], env=clean_variables())


def run_in_newer_python(arguments: list[str]) -> int:
    """Hand over to a newer Python on the search path, or say that one is needed."""
    for name in NEWER_PYTHONS:
        newer = shutil.which(name)
        if newer and subprocess.call([newer, "-c", ""], stderr=subprocess.DEVNULL) == 0:  # a version manager's stub may lead nowhere
            return subprocess.call([newer, str(ROOT / "run.py"), *arguments])
    print(f"run.py: this is Python {sys.version_info[0]}.{sys.version_info[1]}; 3.11 or newer is needed, and none is on the search path")
    return 1


def more_extras() -> list[str]:
    """Give the extras that are wanted beside those of the tool; a name that pyproject.toml has not ends the run."""
    wanted = sorted({name for name in os.environ.get("PARTNERKIT_EXTRAS", "").replace(",", " ").split() if name})
    tomllib = importlib.import_module("tomllib")  # Python before 3.11, which only hands over to a newer one, has none
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for name in wanted:
        if name not in known:
            sys.exit(f"run.py: PARTNERKIT_EXTRAS names {name!r}, which is no extra: wanted some of {', '.join(known)}, with commas")
    return wanted


def make(environment: Path, extras: str) -> None:
    """Make the environment anew, with the project and some of its extras installed; it counts as ready only when all of it is done."""
    print(f"run.py: preparing {environment} with partnerkit[{extras}], once", file=sys.stderr, flush=True)
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    has_pip = importlib.util.find_spec("pip") is not None
    if not (has_ensurepip or has_pip) or importlib.util.find_spec("venv") is None:
        sys.exit(
            "run.py: this Python cannot make virtual environments, because its ensurepip module was left out.\n"
            f"On Debian and Ubuntu: sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    venv = [sys.executable, "-m", "venv", "--clear", str(environment)]
    pip = [str(program(environment, "python")), "-I", "-m", "pip"]
    if not has_ensurepip:
        venv.insert(-1, "--without-pip")
        pip = [sys.executable, "-m", "pip", "--python", str(program(environment, "python"))]
    install = ["install", "-qq", "--disable-pip-version-check", "--no-input", "--editable", f"{ROOT}[{extras}]"]
    for step in (venv, [*pip, *install]):
        if subprocess.call(step, env=clean_variables(), stdout=sys.stderr) != 0:
            sys.exit(f"run.py: preparing the environment failed (packages are fetched from PyPI) at: {' '.join(step)}")
    stamp(environment).write_text(fingerprint(), encoding="utf-8")


def is_ready(environment: Path) -> bool:
    """Whether the environment was finished for just this Python, this place and these requirements."""
    return (
        program(environment, "python").exists()
        and stamp(environment).exists()
        and stamp(environment).read_text(encoding="utf-8") == fingerprint()
    )


def stamp(environment: Path) -> Path:
    """The file that marks a finished environment."""
    return environment / "partnerkit-ready"


def fingerprint() -> str:
    """What an environment depends on."""
    parts = [str(ROOT), sys.executable, sys.version, (ROOT / "pyproject.toml").read_text(encoding="utf-8")]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


def program(environment: Path, name: str) -> Path:
    """The path of a program inside the environment."""
    return environment / "Scripts" / f"{name}.exe" if os.name == "nt" else environment / "bin" / name


def clean_variables() -> dict[str, str]:
    """The environment variables without those that would send Python or pip elsewhere."""
    misleading = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    return {key: value for key, value in os.environ.items() if key not in misleading}


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
