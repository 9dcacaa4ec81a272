"""The README: a short example that runs, and two commands that need no other step."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands import environment

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


class TestTheExample:
    """The example is short, runs as it stands, and is run with the other examples too."""

    def test_it_is_at_most_25_lines(self) -> None:
        (example,) = _blocks("python")
        assert len(example.strip().split("\n")) <= 25

    def test_it_runs_by_itself(self) -> None:
        (example,) = _blocks("python")
        done = subprocess.run([sys.executable, "-c", example], env=environment(), capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_it_checks_what_it_shows(self) -> None:
        (example,) = _blocks("python")
        assert example.count("\nassert ") >= 3


class TestTheCommands:
    """What it tells a newcomer to type is what there is."""

    def test_two_commands_that_need_no_other_step(self) -> None:
        commands = [block.strip() for block in _blocks("console")]
        assert commands == ["python3 run.py partnerkit close examples/brightside --month 2025-08", "python3 run.py pytest"]

    def test_every_command_of_the_table_is_one(self) -> None:
        named = set(re.findall(r"^\| `partnerkit (\w+)", README, re.MULTILINE))
        shown = subprocess.run(
            [sys.executable, "-m", "partnerkit", "--help"], env=environment(), capture_output=True, encoding="utf-8", check=True, timeout=60
        ).stdout
        assert named == set(re.findall(r"^  (\w+) ", shown.partition("Commands:")[2], re.MULTILINE))


class TestTheLinks:
    """A link of the README or of a page below docs/ leads somewhere."""

    @pytest.mark.parametrize(
        "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda page: page.relative_to(ROOT).as_posix()
    )
    def test_they_lead_somewhere(self, page: Path) -> None:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), target
