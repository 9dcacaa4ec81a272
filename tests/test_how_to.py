"""The how-to guides: each begins with what you have and will have, ends with what is next, and shows what commands really say.

Their Python examples run by themselves, as those of all pages below docs/ do.
"""

import re
import shutil
from pathlib import Path

import pytest

from commands import EXAMPLE, ROOT
from followed import blocks, follow, sections

GUIDES = ROOT / "docs" / "how-to"
TITLES = {
    "ask-a-policy": "Ask a policy",
    "attribute-sign-ups": "Attribute sign-ups in a web app",
    "close-a-month": "Close a month",
    "compare-contracts": "Compare two contracts",
    "credit-by-deals": "Credit by deals, coupons and other devices",
    "embed": "Ask partnerkit from your own program",
    "explain-a-decision": "Explain a decision",
    "fill-in-your-terms": "Fill in your terms",
    "links": "Make partner links",
    "many-machines": "Run on many machines",
    "policies": "Change the program's rules",
    "price-charges": "Make charges from a price list",
    "sql": "Ask the rules where the data is",
    "translate": "Read it in another language, or translate it",
    "verify-a-statement": "Verify a statement",
    "write-your-own-policy": "Write your own policy",
}
LONG = {"many-machines", "sql"}  # they go through every engine
FROM_A_CHECKOUT = {"many-machines", "translate"}  # what their commands write has tests of its own
WITH_COMMANDS = ("close-a-month", "fill-in-your-terms", "verify-a-statement")


def page(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TITLES)
class TestTheForm:
    """A guide is one task: where you start and what you will have, the steps, and where to go from there."""

    def test_its_title_is_the_task(self, name: str) -> None:
        assert page(name).startswith(f"# {TITLES[name]}\n\n")

    def test_its_first_sentence_says_what_you_have_and_will_have(self, name: str) -> None:
        first = page(name).split("\n\n")[1].replace("\n", " ")
        assert re.match(r"You [^.]+ and will (have|know|let|be able)\b", first), first

    def test_it_ends_with_what_is_next(self, name: str) -> None:
        last = sections(page(name))[-1]
        assert last.title == "What is next"
        assert "](" in last.text

    def test_it_can_be_read_at_one_sitting(self, name: str) -> None:
        assert len(page(name).splitlines()) <= (300 if name in LONG else 170)


class TestTheSet:
    """Nobody is left at a page that leads nowhere, or misses one that nothing leads to."""

    @pytest.mark.parametrize("name", TITLES)
    def test_another_page_leads_to_it(self, name: str) -> None:
        others = [ROOT / "docs" / "tutorial.md", *(one for one in GUIDES.glob("*.md") if one.stem != name)]
        assert any(re.search(rf"[(/]{name}\.md[)#]", one.read_text(encoding="utf-8")) for one in others)

    @pytest.mark.parametrize("name", TITLES)
    def test_the_readme_leads_to_it(self, name: str) -> None:
        assert f"(docs/how-to/{name}.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


class TestTheCommands:
    """What a guide shows of a command is what the command says."""

    @pytest.mark.parametrize("name", WITH_COMMANDS)
    def test_they_say_what_is_shown(self, name: str, tmp_path: Path) -> None:
        shutil.copytree(EXAMPLE, tmp_path / "examples" / "brightside")
        for block in blocks(page(name)):
            if block.language == "console":
                follow(block, tmp_path)

    def test_no_guide_of_these_shows_a_command_that_nobody_runs(self) -> None:
        shown = {name for name in TITLES if any(block.language == "console" for block in blocks(page(name)))}
        assert shown - FROM_A_CHECKOUT == set(WITH_COMMANDS)
