"""Write `conformance/rulings.json`: every distinct ruling of every policy, for other implementations to prove that they agree.

    python3 run.py python conformance/generate.py

The form of the file is explained in `conformance/README.md`.
"""

import json
import textwrap
from pathlib import Path
from typing import Any

from partnerkit.clauses import Policy, Ruling, RulingTable, ruling_table
from partnerkit.policies import POLICIES

ABOUT = "Every ruling of every policy of partnerkit. The file README.md beside this one explains its form."
VERSION = 1
WIDTH = 140
PLACE = Path(__file__).resolve().with_name("rulings.json")


def main() -> None:
    """Write the file anew."""
    PLACE.write_text(rulings_json(), encoding="utf-8", newline="\n")


def rulings_json() -> str:
    """Give the text of the file, a line for each ruling so that a change can be reviewed."""
    policies = ",\n".join(_policy_text(policy) for policy in POLICIES)
    return f'{{\n"about": {_text(ABOUT)},\n"version": {VERSION},\n"policies": [\n{policies}\n]\n}}\n'


def _policy_text(policy: Policy[Any, Any]) -> str:
    table = ruling_table(policy)
    clauses = sorted(clause.id for clause in policy.clauses)
    places = {clause: place for place, clause in enumerate(clauses)}
    parts = {
        "id": _text(policy.id),
        "question": _text(policy.question),
        "fingerprint": _text(policy.fingerprint),
        "collects": _text(policy.collects),
        "inputs": _lines(_text({"name": name, "values": values}) for name, values in table.inputs),
        "answers": _text([*policy.answers]),
        "clauses": _lines(map(_text, clauses)),
        "rulings": _lines(_text(_ruling(ruling, places)) for ruling in table.rulings),
        "points": _points(table),
    }
    return "{\n" + ",\n".join(f'"{key}": {text}' for key, text in parts.items()) + "\n}"


def _ruling(ruling: Ruling[Any], places: dict[str, int]) -> dict[str, Any]:
    """Give a ruling with the places of its clauses; nothing is said of clauses set aside where there are none."""
    answer = list(ruling.outcome) if isinstance(ruling.outcome, tuple) else [ruling.outcome]
    given: dict[str, Any] = {"answer": answer, "because": [places[clause] for clause in ruling.because]}
    if ruling.set_aside:
        given["set_aside"] = [{"clause": places[clause], "by": [places[one] for one in by]} for clause, by in ruling.set_aside]
    return given


def _points(table: RulingTable) -> str:
    return "[\n" + textwrap.fill(", ".join(map(str, table.points)), WIDTH) + "\n]"


def _lines(texts: Any) -> str:
    return "[\n" + ",\n".join(texts) + "\n]"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


if __name__ == "__main__":
    main()
