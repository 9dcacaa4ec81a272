"""The reference pages name what there is, all of it and nothing else."""

import re
from pathlib import Path

from partnerkit import clauses

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "reference" / "clauses.md").read_text(encoding="utf-8")


class TestClauses:
    """Every public name of `partnerkit.clauses` has one line of its own."""

    def test_each_name_stands_there_once(self) -> None:
        named = re.findall(r"^\| `(\w+)` \| \S", PAGE, re.MULTILINE)
        assert sorted(named) == sorted(clauses.__all__)

    def test_every_attribute_that_a_line_names_is_there(self) -> None:
        rows = re.findall(r"^\| `(\w+)` \| [^\n]*?[;:] ((?:`\w+`[, ]*)+)\. \|$", PAGE, re.MULTILINE)
        assert {name for name, _ in rows} >= {"Policy", "Ruling"}
        for name, attributes in rows:
            assert [one for one in re.findall(r"\w+", attributes) if not hasattr(getattr(clauses, name), one)] == []
