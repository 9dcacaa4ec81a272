"""The census of every policy as it was reviewed: `tests/census.json`, and the script that writes it anew.

    python3 run.py python tests/census_snapshot.py

A change of a policy changes figures. Write the file anew, read the difference figure by figure, and give a reason by hand, in
the place of each empty text, for every clause that is dead or redundant and every fact that is idle.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from partnerkit.clauses import Policy, census, dead, idle, redundant
from partnerkit.policies import POLICIES

PLACE = Path(__file__).resolve().with_name("census.json")
REASONED = ("dead", "redundant", "idle")

Record = dict[str, Any]


def main() -> None:
    """Write the file anew, with the reasons it has already."""
    approved = json.loads(PLACE.read_text(encoding="utf-8")) if PLACE.exists() else {}
    PLACE.write_text(written(approved), encoding="utf-8", newline="\n")


def written(approved: Mapping[str, Record]) -> str:
    """Give the text of the file, with the reasons that were approved and an empty text for every other one."""
    records = {policy.id: _with_reasons(record(policy), approved.get(policy.id, {})) for policy in POLICIES}
    return json.dumps(records, indent=1, ensure_ascii=False) + "\n"


def record(policy: Policy[Any, Any]) -> Record:
    """Take the census of a policy in plain figures; the order of its clauses means nothing here either."""
    found = census(policy)
    return {
        "points": found.points,
        "answers": {_answer(answer): count for answer, count in found.answers},
        "deciding": dict(sorted(found.deciding)),
        "bases": {basis.value: count for basis, count in found.bases if count},
        "silent": found.silent,
        "conflicting": found.conflicting,
        "dead": _unexplained(dead(policy)),
        "redundant": _unexplained(redundant(policy)),
        "idle": _unexplained(idle(policy)),
        "laws": {law.id: law.sentence for law in sorted(policy.laws, key=lambda law: law.id)},
    }


def without_reasons(one: Record) -> Record:
    """Give what was counted, without what was written by hand."""
    return {key: sorted(value) if key in REASONED else value for key, value in one.items()}


def _answer(answer: object) -> str:
    return " + ".join(answer) or "nothing" if isinstance(answer, tuple) else str(answer)


def _unexplained(names: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(sorted(names), "")


def _with_reasons(counted: Record, approved: Record) -> Record:
    reasons = {key: {name: approved.get(key, {}).get(name, "") for name in counted[key]} for key in REASONED}
    return {key: reasons.get(key, value) for key, value in counted.items()}


if __name__ == "__main__":
    main()
