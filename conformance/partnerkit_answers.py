"""Answer the questions of `conformance/runner.py` with partnerkit itself: the implementation that all others are compared with.

python3 conformance/runner.py -- python3 run.py python conformance/partnerkit_answers.py
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from partnerkit.clauses import Policy, Ruling
from partnerkit.policies import POLICIES

BY_ID: Mapping[str, Policy[Any, Any]] = {policy.id: policy for policy in POLICIES}


def main() -> None:
    """Answer every line of the standard input with one line."""
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(answer(BY_ID[question["policy"]], question["facts"])))


def answer(policy: Policy[Any, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Decide the facts of one question; facts that break a law are impossible."""
    facts = {item.name: dict(zip(item.values, item.values, strict=True))[given[item.name]] for item in policy.inputs}
    if any(law.broken_by(facts.__getitem__) for law in policy.laws):
        return {"impossible": True}
    return told(policy.decide(policy.facts(**facts)))


def told(ruling: Ruling[Any]) -> dict[str, Any]:
    """Tell a ruling in the words of the protocol."""
    return {
        "answer": list(ruling.outcome) if isinstance(ruling.outcome, tuple) else [ruling.outcome],
        "because": list(ruling.because),
        "set_aside": [{"clause": clause, "by": list(by)} for clause, by in ruling.set_aside],
    }


if __name__ == "__main__":
    main()
