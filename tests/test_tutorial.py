"""The tutorial: its steps, taken from the page and followed from an empty directory, do what it shows in the time it says."""

import re
from pathlib import Path

import pytest

from commands import ROOT
from followed import Block, Section, blocks, commands, follow, sections

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
NOT_FOLLOWED = "Install"  # a test has no network, and runs what is installed already
WORDS_A_MINUTE = 200
MINUTES_A_COMMAND = 0.5  # to copy it and to wait; what it says is read as words
MINUTES_A_FILE = 0.5  # to copy it; what is in it is read as words, but for records


class TestTheSteps:
    """Whoever follows the page literally, from an empty directory and in order, sees what it shows."""

    def test_from_an_empty_directory_in_order(self, tmp_path: Path) -> None:
        for block in blocks(PAGE):
            if block.section != NOT_FOLLOWED:
                follow(block, tmp_path)
        assert (tmp_path / "august" / "manifest.jsonl").exists()

    def test_what_cannot_be_followed_without_a_network_is_the_installation_alone(self, tmp_path: Path) -> None:
        install, version = [block for block in blocks(PAGE) if block.section == NOT_FOLLOWED]
        assert [command for command, _ in commands(install)] == [
            "python3 -m venv .venv",
            ". .venv/bin/activate",
            "pip install '/path/to/partnerkit[cli]'",
        ]
        follow(version, tmp_path)

    def test_an_output_that_differs_is_noticed(self, tmp_path: Path) -> None:
        stale = Block("x", "", "console", "$ partnerkit --version\npartnerkit, version 0.0.9\n")
        with pytest.raises(AssertionError, match=r"partnerkit --version"):
            follow(stale, tmp_path)

    def test_a_line_too_many_is_noticed(self, tmp_path: Path) -> None:
        stale = Block("x", "", "console", "$ partnerkit --version\n")
        with pytest.raises(AssertionError, match=r"partnerkit --version"):
            follow(stale, tmp_path)

    def test_a_block_that_no_sentence_explains_is_noticed(self, tmp_path: Path) -> None:
        with pytest.raises(pytest.fail.Exception, match="nothing says what to do"):
            follow(Block("x", "Look at this:\n\n", "toml", "a = 1\n"), tmp_path)

    def test_a_change_of_what_is_not_there_is_noticed(self, tmp_path: Path) -> None:
        (tmp_path / "a.toml").write_text("a = 1\n", encoding="utf-8")
        with pytest.raises(AssertionError):
            follow(Block("x", "Change `a.toml`:\n\n", "diff", "-a = 2\n+a = 3\n"), tmp_path)


class TestWhatItTeaches:
    """One bill of one partner with two clients, and errors that the page makes on purpose."""

    def test_both_kinds_of_clients(self) -> None:
        assert '"kind": "managed"' in PAGE
        assert "pn=lighthouse" in PAGE

    def test_errors_and_the_way_out_of_them(self) -> None:
        shown = [output for block in blocks(PAGE) if block.language == "console" for _, output in commands(block)]
        assert sum(output.startswith("error: ") for output in shown) == 3
        assert any("nothing is wrong" in output for output in shown)

    def test_the_program_in_python_is_short(self) -> None:
        (program,) = (block for block in blocks(PAGE) if block.language == "python")
        assert len(program.text.strip().split("\n")) <= 35


class TestTheTime:
    """The minutes that each heading gives are enough, by a count of words, commands and files, and they are half an hour."""

    @staticmethod
    def _minutes(section: Section) -> float:
        own = [block for block in blocks(PAGE) if block.section == section.title]
        records = sum(len(block.text.split()) for block in own if block.language == "json")
        words = len(re.sub(r"<!--.*?-->", "", section.text).split()) - records
        run = sum(len(commands(block)) for block in own if block.language == "console")
        written = sum(block.language != "console" for block in own)
        return words / WORDS_A_MINUTE + run * MINUTES_A_COMMAND + written * MINUTES_A_FILE

    @pytest.mark.parametrize("section", [one for one in sections(PAGE) if one.minutes], ids=lambda section: section.title)
    def test_each_section_can_be_done_in_its_minutes(self, section: Section) -> None:
        assert self._minutes(section) <= section.minutes, (section.title, self._minutes(section))

    def test_they_come_to_half_an_hour(self) -> None:
        assert sum(section.minutes for section in sections(PAGE)) == 30
        assert "In half an hour" in PAGE
