"""The published rulings are current, partnerkit agrees with them, and an implementation that does not is found out."""

import json
import os
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conformance import generate

from commands import environment
from partnerkit.policies import DUTIES, OWNERSHIP, POLICIES, SUSPENSION

HOME = Path(__file__).resolve().parents[1] / "conformance"
BOOK: dict[str, Any] = json.loads(generate.PLACE.read_text(encoding="utf-8"))
README = (HOME / "README.md").read_text(encoding="utf-8")
MEGABYTE = 1_000_000

ALMOST = """
import json, sys
sys.path.insert(0, {home!r})
import partnerkit_answers as right
for line in sys.stdin:
    question = json.loads(line)
    facts = question["facts"]
    reply = right.answer(right.BY_ID[question["policy"]], facts)
    {change}
    print(json.dumps(reply))
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HOME / "runner.py"), *arguments]
    return subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8", check=False, timeout=120)


def run_against(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the runner against a Python program."""
    return run(*options, "--", sys.executable, "-c", program)


def run_almost(change: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the runner against partnerkit with its replies changed."""
    return run_against(ALMOST.format(home=str(HOME), change=change), *options)


def combinations(policy: dict[str, Any]) -> str:
    """Count the combinations of facts of a published policy as the runner does."""
    possible = sum(place >= 0 for place in policy["points"])
    apart = "" if possible == len(policy["points"]) else f", {possible} of them possible"
    return f"{len(policy['points'])} combinations{apart}"


class TestTheFile:
    """`rulings.json` is what the script writes now, and says everything in plain JSON."""

    def test_it_is_current(self) -> None:
        assert generate.PLACE.read_text(encoding="utf-8") == generate.rulings_json(), "run: python3 run.py python conformance/generate.py"

    def test_it_stays_small(self) -> None:
        assert generate.PLACE.stat().st_size < 3 * MEGABYTE

    def test_it_is_of_these_policies(self) -> None:
        assert [(one["id"], one["fingerprint"]) for one in BOOK["policies"]] == [(policy.id, policy.fingerprint) for policy in POLICIES]

    def test_every_key_is_explained(self) -> None:
        keys = {*BOOK, *(key for policy in BOOK["policies"] for key in policy)} - {"about"}
        assert [key for key in sorted(keys) if f"`{key}`" not in README] == []

    def test_it_is_read_as_the_readme_says(self) -> None:
        """Written out again here, without the runner: the number of the point, the ruling, and the names of its clauses."""
        (policy,) = (one for one in BOOK["policies"] if one["id"] == SUSPENSION.id)
        facts = {"status": "open", "billing_mode": "direct", "invoiced_since_resume": False}
        place = 0
        for item in policy["inputs"]:
            place = place * len(item["values"]) + item["values"].index(facts[item["name"]])
        ruling = policy["rulings"][policy["points"][place]]
        aside = [
            {"clause": policy["clauses"][one["clause"]], "by": [policy["clauses"][by] for by in one["by"]]} for one in ruling["set_aside"]
        ]
        reply = {"answer": ruling["answer"], "because": [policy["clauses"][by] for by in ruling["because"]], "set_aside": aside}
        assert json.dumps({"policy": policy["id"], "facts": facts}) in README
        assert json.dumps(reply) in README

    def test_every_point_has_a_ruling_or_cannot_be(self) -> None:
        for policy in BOOK["policies"]:
            points = list(product(*(item["values"] for item in policy["inputs"])))
            assert len(policy["points"]) == len(points)
            assert {*policy["points"]} - {-1} == {*range(len(policy["rulings"]))}


class TestPartnerkit:
    """partnerkit rules as the file says, at every point."""

    def test_it_agrees(self) -> None:
        done = run("--", sys.executable, str(HOME / "partnerkit_answers.py"))
        assert (done.returncode, done.stderr) == (0, "")
        agreeing = [f"{one['id']}: agrees at all {combinations(one)}" for one in BOOK["policies"]]
        assert done.stdout.splitlines() == [*agreeing, "all rulings agree"]

    def test_one_policy_alone(self) -> None:
        done = run_almost("pass", "--policy", DUTIES.id, "--policy", OWNERSHIP.id)
        duties, ownership, last = done.stdout.splitlines()
        assert duties == "duties: agrees at all 4 combinations, 3 of them possible"
        assert ownership == "ownership: agrees at all 3 combinations"
        assert last == "all rulings agree"


class TestABrokenImplementation:
    """A single deviation is found out and shown."""

    @pytest.mark.parametrize(
        "change",
        [
            'if facts["status"] == "trial": reply["answer"] = ["may"]',
            'if facts["status"] == "trial": reply["answer"] = []',
            'if facts["status"] == "trial": reply["answer"] *= 2',
            'if facts["status"] == "open": reply["because"] = ["SUSPEND-OPEN"]',
            'if facts["status"] == "trial": reply["because"] += ["SUSPEND-OPEN"]',
            'if facts["status"] == "open": reply["set_aside"] = []',
            'if facts["status"] == "open": reply["set_aside"] = [{"clause": "SUSPEND-OPEN", "by": []}]',
            'if facts["status"] == "trial": reply = {"impossible": True}',
            'if "impossible" in reply: reply = {"answer": ["may not"], "because": ["SUSPEND-NOT-OPEN"], "set_aside": []}',
            'if "impossible" in reply: reply = {}',
        ],
    )
    def test_it_is_found_out(self, change: str) -> None:
        done = run_almost(change, "--policy", SUSPENSION.id)
        assert (done.returncode, done.stderr) == (1, "")
        first, *shown, last = done.stdout.splitlines()
        assert first.startswith("suspension: differs at ")
        assert [line.split()[0] for line in shown[:3]] == ["facts:", "wanted:", "given:"]
        assert last == "the rulings differ"

    def test_the_others_are_still_compared(self) -> None:
        done = run_almost('if question["policy"] == "ownership": reply["answer"] = ["nobody"]', "--show", "1")
        lines = done.stdout.splitlines()
        assert lines[0] == "ownership: differs at 3 of 3 combinations"
        assert lines[1] == '  facts:  {"management": "referred"}'
        assert lines[2] == '  wanted: {"answer": ["vendor"], "because": ["OWNER-REFERRED"], "set_aside": []}'
        assert lines[3] == '  given:  {"answer": ["nobody"], "because": ["OWNER-REFERRED"], "set_aside": []}'
        assert lines[4].startswith("contact: agrees at all")

    def test_the_order_within_a_list_means_nothing(self) -> None:
        change = 'reply = {key: value[::-1] if key != "impossible" else value for key, value in reply.items()}'
        assert run_almost(change, "--policy", "single bill enrollment").returncode == 0

    @pytest.mark.parametrize("compare", ["answer", "because"])
    def test_less_can_be_compared(self, compare: str) -> None:
        change = f'reply.pop("set_aside", 0); {compare == "answer"} and reply.pop("because", 0)'
        assert run_almost(change, "--policy", "move in", "--compare", compare).returncode == 0
        assert run_almost(change, "--policy", "move in").returncode == 1


MANY = 300
WEIGHED = """
import re, runpy, sys
from pathlib import Path
del sys.argv[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""
READ = "import sys, time; lines = sys.stdin.readlines(); "
RIGHT = r"""'{"answer": ["vendor"], "because": ["OWNER-REFERRED"], "set_aside": []}'"""


class TestHostileReplies:
    """Whatever comes back, the runner says what is wrong in one clear message, and never breaks itself."""

    @pytest.mark.parametrize(
        ("program", "message"),
        [
            ("print('hello')", "reply 1 is not JSON: 'hello'"),
            (r"sys.stdout.buffer.write(b'\xff\xfe\x00\n')", "reply 1 is not JSON: "),
            ("print('[' * 100_000)", "reply 1 is not JSON: "),
            ("print('9' * 10_000)", "reply 1 is not"),
            ("print()", "reply 1 is not JSON: ''"),
            ("print('[1]')", "reply 1 is not a JSON object: '[1]'"),
            ("print('{}')", 'reply 1 has no "answer": '),
            ("""print('{"answer": ["vendor"]}')""", 'reply 1 has no "because": '),
            ("""print('{"answer": "vendor"}')""", 'reply 1 has no list of texts for its "answer": '),
            ("""print('{"answer": [1]}')""", 'reply 1 has no list of texts for its "answer": '),
            ("""print('{"answer": ["vendor"], "because": null}')""", 'reply 1 has no list of texts for its "because": '),
            ("""print('{"answer": [], "because": []}')""", 'reply 1 has no "set_aside": '),
            (
                """print('{"answer": [], "because": [], "set_aside": {}}')""",
                "reply 1 has no list of objects",
            ),
            (
                """print('{"answer": [], "because": [], "set_aside": [[]]}')""",
                "reply 1 has no list of objects",
            ),
            (
                """print('{"answer": [], "because": [], "set_aside": [{"clause": "A", "by": "B"}]}')""",
                "reply 1 has no list of objects",
            ),
            (f"print({RIGHT})", "the implementation ended after 1 replies, 2 are missing; its exit code is 0"),
            (f"print({RIGHT}); print({RIGHT}); print({RIGHT}); print({RIGHT})", "there are 3 questions, but more replies: "),
            (
                f"print({RIGHT}); print({RIGHT}); print({RIGHT}); sys.exit(5)",
                "all replies came, but then the implementation failed; its exit",
            ),
            ("sys.exit('out of luck')", "ended after 0 replies, 3 are missing; its exit code is 1 and it said:\n  'out of luck'"),
            ("print('x' * 3_000_000)", "reply 1 is longer than 1048576 bytes: "),
            (f"""print('{{"answer": ["partner"], ' + {RIGHT}[1:])""", "reply 1 has a key twice in one object: "),
            (
                """print('{"answer": [], "because": [], "set_aside": [{"clause": "A", "clause": "B", "by": []}]}')""",
                "reply 1 has a key twice in one object: ",
            ),
            (
                f"""print('{{"impossible": true, ' + {RIGHT}[1:])""",
                "reply 1 says both that the facts are impossible and a ruling on them: ",
            ),
            (f"""print('{{"impossible": 1, ' + {RIGHT}[1:])""", 'reply 1 has neither true nor false for its "impossible": '),
        ],
    )
    def test_a_clear_message(self, program: str, message: str) -> None:
        done = run_against(READ + program, "--policy", OWNERSHIP.id)
        assert (done.returncode, done.stderr) == (1, "")
        assert "\nbroken: " in f"\n{done.stdout}"
        assert message in done.stdout

    def test_what_cannot_be_may_be_denied_beside_a_ruling(self) -> None:
        program = READ + f"""[print('{{"impossible": false, ' + {RIGHT}[1:]) for _ in lines]"""
        done = run_against(program, "--policy", OWNERSHIP.id, "--show", "0")
        assert done.stdout == "ownership: differs at 2 of 3 combinations\nthe rulings differ\n"

    @pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
    def test_wrong_replies_are_not_kept(self) -> None:
        """As many megabytes of them as there are combinations: only those that are shown stay, and few wait."""
        policy = next(one for one in BOOK["policies"] if len(one["points"]) > MANY)
        program = READ + """[print('{"answer": ["' + 'a' * 1_000_000 + '"], "because": [], "set_aside": []}') for _ in lines]"""
        command = [sys.executable, "-c", WEIGHED, str(HOME / "runner.py"), "--policy", policy["id"], "--", sys.executable, "-c", program]
        done = subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8", check=False, timeout=120)
        assert done.stdout.endswith("the rulings differ\n")
        assert done.stdout.count("  given:  ") == 3
        assert int(done.stderr) * 1024 < MANY * MEGABYTE / 2

    def test_it_is_said_what_was_asked(self) -> None:
        done = run_against(READ + "print('no')", "--policy", OWNERSHIP.id)
        assert done.stdout.endswith("""  asked: '{"policy": "ownership", "facts": {"management": "referred"}}'\n""")

    @pytest.mark.parametrize(
        "program",
        [READ + "time.sleep(600)", "import time; time.sleep(600)", READ + f"print({RIGHT}, flush=True); time.sleep(600)"],
        ids=["after reading", "without reading", "in the middle"],
    )
    def test_one_that_never_answers(self, program: str) -> None:
        done = run_against(program, "--policy", OWNERSHIP.id, "--timeout", "0.5")
        assert (done.returncode, done.stderr) == (1, "")
        assert "broken: no reply for 0.5 seconds, after " in done.stdout

    def test_one_that_does_not_end(self) -> None:
        done = run_against(
            READ + f"[print({RIGHT}, flush=True) for _ in lines]; time.sleep(600)", "--policy", OWNERSHIP.id, "--timeout", "1"
        )
        assert (done.returncode, done.stderr) == (1, "")
        assert "broken: no end for 1 seconds, after 3 of 3 replies" in done.stdout

    def test_one_that_floods(self) -> None:
        done = run_against("while True: print('{}')", "--policy", OWNERSHIP.id)
        assert (done.returncode, done.stderr) == (1, "")
        assert 'broken: reply 1 has no "answer"' in done.stdout

    def test_one_that_ends_before_it_has_read_all(self) -> None:
        done = run_against("import sys; sys.stdin.close()")
        assert (done.returncode, done.stderr) == (1, "")
        assert "broken: the implementation ended after 0 replies" in done.stdout

    def test_one_that_is_not_there(self) -> None:
        done = run("--", str(HOME / "no-such-program"))
        assert (done.returncode, done.stdout) == (2, "")
        assert "no-such-program cannot be started: " in done.stderr


class TestTheRunner:
    """What it is given to compare with, and how it is called."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "the rulings cannot be read from "),
            ("[]", "the rulings cannot be read from "),
            ('{"version": 1}', "the rulings cannot be read from "),
            ('{"version": 2}', "are of version 2, this runner reads version 1"),
            ('{"version": 1, "policies": []}', "there are no rulings in "),
            ('{"version": 1, "policies": [{"id": "a"}]}', "the rulings cannot be read from "),
            (
                '{"version": 1, "policies": [{"id": "a", "inputs": [], "rulings": [], "clauses": [], "points": []}]}',
                "the rulings cannot be read from ",
            ),
        ],
    )
    def test_rulings_that_are_none(self, tmp_path: Path, text: str, message: str) -> None:
        path = tmp_path / "rulings.json"
        path.write_text(text, encoding="utf-8")
        done = run("--rulings", str(path), "--", sys.executable, "-c", "")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("runner.py: error: ")
        assert message in done.stderr

    def test_no_rulings_at_all(self, tmp_path: Path) -> None:
        done = run("--rulings", str(tmp_path / "none.json"), "--", sys.executable, "-c", "")
        assert (done.returncode, done.stdout) == (2, "")
        assert "none.json" in done.stderr

    def test_a_policy_that_is_none(self) -> None:
        done = run("--policy", "weather", "--", sys.executable, "-c", "")
        assert (done.returncode, done.stdout) == (2, "")
        assert "there are no rulings on the policy 'weather': there are those on ownership, " in done.stderr

    @pytest.mark.parametrize("option", ["--timeout=0", "--timeout=-1", "--timeout=nan", "--timeout=inf", "--timeout=soon", "--show=-1"])
    def test_a_number_that_is_none(self, option: str) -> None:
        done = run(option, "--", sys.executable, "-c", "")
        assert done.returncode == 2
        assert f"argument {option.partition('=')[0]}: invalid" in done.stderr
        assert "Traceback" not in done.stderr

    def test_it_needs_nothing_installed(self) -> None:
        command = [sys.executable, "-I", "-S", str(HOME / "runner.py"), "--help"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")

    def test_one_that_reads_the_report_may_leave(self) -> None:
        """As `| head` does: the runner ends quietly, at its first line here or at its last flush."""
        command = [sys.executable, str(HOME / "runner.py"), "--", sys.executable, str(HOME / "partnerkit_answers.py")]
        for unbuffered in ("", "1"):
            reading, writing = os.pipe()
            os.close(reading)
            variables = environment(PYTHONUNBUFFERED=unbuffered)
            done = subprocess.run(command, env=variables, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=120)
            os.close(writing)
            assert (done.returncode, done.stderr) == (1, b"")

    def test_every_option_is_explained(self) -> None:
        options = re.findall(r"^  (--\w+)", run("--help").stdout, re.MULTILINE)
        assert len(options) == 5
        assert [option for option in options if f"`{option} " not in README] == []

    def test_the_readme_counts_as_the_runner_does(self) -> None:
        (contact,) = (one for one in BOOK["policies"] if one["id"] == "contact")
        assert f"contact: differs at 12 of {combinations(contact)}\n" in README
