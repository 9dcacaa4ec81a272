"""Pages that are followed: their blocks, taken from the Markdown itself, and what comes of doing what they say."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from commands import environment

LEFT_OUT = "[...]"


class Block(NamedTuple):
    """A fenced block of a page, with the text before it and the section it stands in."""

    section: str
    before: str
    language: str
    text: str

    def named(self, verb: str) -> str | None:
        """Give the file that the sentence before the block says to write, add to or change."""
        found = re.search(rf"{verb} `([^`]+)`:\s*(?:<!--[^>]*-->\s*)?\Z", self.before)
        return found.group(1) if found else None


class Section(NamedTuple):
    """A part of a page below its own heading, with the minutes that the heading gives it."""

    title: str
    minutes: int
    text: str


def sections(page: str) -> list[Section]:
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    titled = zip(parts[1::2], parts[2::2], strict=True)
    headings = ((re.fullmatch(r"(.+?)(?: \((\d+) minutes?\))?", heading), text) for heading, text in titled)
    return [Section(found[1], int(found[2] or 0), text) for found, text in headings if found]


def blocks(page: str) -> list[Block]:
    return [
        Block(section.title, section.text[: found.start()], found["language"], found["text"])
        for section in sections(page)
        for found in re.finditer(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", section.text, re.MULTILINE | re.DOTALL)
    ]


def commands(block: Block) -> list[tuple[str, str]]:
    """Give each command of a console block with the output that is shown below it."""
    return [(command, shown) for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)]


def follow(block: Block, directory: Path) -> None:
    """Do what a block of a page says, and hold what comes of it against what the page shows."""
    if block.language == "console":
        for command, shown in commands(block):
            output = _trimmed(_said(command, directory))
            assert re.fullmatch(_pattern(_trimmed(shown)), output, re.DOTALL), f"{block.section}: $ {command}\n{output}"
        return
    if (name := block.named("Write")) is not None:
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        assert not path.exists(), name
        path.write_text(block.text, encoding="utf-8")
    elif (name := block.named("Add to")) is not None:
        with (directory / name).open("a", encoding="utf-8") as file:
            file.write(block.text)
    elif (name := block.named("Change")) is not None:
        _change(directory / name, block.text)
    else:
        pytest.fail(f"{block.section}: nothing says what to do with this block:\n{block.text}")


def _pattern(shown: str) -> str:
    """Give the regular expression of an output: what is left out may be anything, all else is what it is."""
    return ".*?".join(re.escape(part.strip("\n")) for part in shown.split(LEFT_OUT))


def _said(command: str, directory: Path) -> str:
    """Run a command of a page in a directory and give all that it says."""
    program, *arguments = shlex.split(command)
    start = {"partnerkit": [sys.executable, "-m", "partnerkit"], "python": [sys.executable]}[program]
    done = subprocess.run(
        [*start, *arguments],
        cwd=directory,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    return done.stdout


def _trimmed(text: str) -> str:
    """Leave out blanks at the ends of lines, and take every kind of blank for one: no page shows the difference."""
    return "\n".join(re.sub(r"[^\S\n]", " ", line).rstrip() for line in text.strip("\n").split("\n"))


def _change(path: Path, difference: str) -> None:
    """Take the lines out of a file that a difference has with a minus, and put those with a plus in their place."""
    lines = re.findall(r"^([-+])(.*\n)", difference, re.MULTILINE)
    old, new = ("".join(line for sign, line in lines if sign == wanted) for wanted in "-+")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")
