"""Ask another implementation of the policies every question there is, and tell whether it rules as partnerkit does.

    python3 conformance/runner.py -- java -jar rules.jar
    python3 conformance/runner.py --policy "move in" --compare answer -- ./rules

Needs Python 3.11 or newer and nothing else. The command is started once; it reads one question a line and writes one reply a
line, in the order of the questions. `conformance/README.md` explains both. The exit code is 0 where all agree, 1 where they do
not, and 2 where the runner is called wrongly, so that nothing was compared.
"""

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby, product
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

VERSION = 1
PARTS = ("answer", "because", "set_aside")
LONGEST_REPLY = 1 << 20
MOST_WAITING = 32
LONGEST_SHOWN = 300
LONGEST_TIMEOUT = 86_400
LAST_WORDS = 10
DAMAGE = (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError)


class Broken(Exception):
    """The implementation does not keep to the protocol: what is wrong, in words."""


class Misused(Exception):
    """The runner is called wrongly: a policy, rulings or a command that is none."""


class Question(NamedTuple):
    """One combination of facts of one policy, and the parts of the ruling that are wanted there."""

    policy: str
    facts: dict[str, Any]
    wanted: dict[str, Any]

    def line(self) -> bytes:
        """Write the question as the implementation reads it."""
        return json.dumps({"policy": self.policy, "facts": self.facts}).encode("ascii") + b"\n"


def main(arguments: list[str]) -> int:
    """Compare, report, and give the exit code."""
    options = _options(arguments)
    try:
        agree = _compare(_questions(options), options)
    except Broken as fault:
        print(f"broken: {fault}")
        return 1
    except Misused as fault:
        print(f"runner.py: error: {fault}", file=sys.stderr)
        return 2
    print("all rulings agree" if agree else "the rulings differ")
    return 0 if agree else 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="runner.py", description=(__doc__ or "").partition("\n")[0])
    here = Path(__file__).resolve()
    parser.add_argument("--rulings", type=Path, default=here.with_name("rulings.json"), help="the rulings to compare with")
    parser.add_argument(
        "--policy", action="append", default=[], metavar="ID", help="ask this policy only, quoted where it has a blank; may be repeated"
    )
    parser.add_argument("--compare", choices=PARTS, default=PARTS[-1], help="how much of a ruling is compared: up to this part")
    parser.add_argument("--timeout", type=_seconds, default=60.0, metavar="SECONDS", help="how long to wait for any reply")
    parser.add_argument("--show", type=_count, default=3, metavar="N", help="how many differences of a policy are shown")
    parser.add_argument("command", nargs="+", help="the implementation, after --")
    return parser.parse_args(arguments)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= LONGEST_TIMEOUT:
        raise ValueError(text)
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise ValueError(text)
    return count


def _questions(options: argparse.Namespace) -> list[Question]:
    """Read the rulings and make a question of every combination of facts of the policies that are asked for."""
    try:
        questions = [*_questions_of(json.loads(options.rulings.read_bytes()), options)]
    except (OSError, *DAMAGE) as fault:
        raise Misused(f"the rulings cannot be read from {options.rulings}: {fault!r}") from None
    if not questions:
        raise Misused(f"there are no rulings in {options.rulings}")
    return questions


def _questions_of(book: Any, options: argparse.Namespace) -> Iterator[Question]:
    if book["version"] != VERSION:
        raise Misused(f"the rulings in {options.rulings} are of version {book['version']!r}, this runner reads version {VERSION}")
    policies = {str(policy["id"]): policy for policy in book["policies"]}
    for name in options.policy:
        if name not in policies:
            raise Misused(f"there are no rulings on the policy {name!a}: there are those on {', '.join(policies)}")
    parts = PARTS[: PARTS.index(options.compare) + 1]
    for name in dict.fromkeys(options.policy or policies):
        yield from _questions_on(policies[name], parts)


def _questions_on(policy: dict[str, Any], parts: tuple[str, ...]) -> Iterator[Question]:
    """Ask a policy every combination of facts, in the order of its list of points; one that cannot be has the number -1."""
    names = [item["name"] for item in policy["inputs"]]
    rulings = [_wanted(policy["clauses"], ruling, parts) for ruling in policy["rulings"]]
    every_point = product(*(item["values"] for item in policy["inputs"]))
    for values, place in zip(every_point, policy["points"], strict=True):
        wanted = {"impossible": True} if place < 0 else rulings[place]
        yield Question(policy["id"], dict(zip(names, values, strict=True)), wanted)


def _wanted(clauses: list[str], ruling: dict[str, Any], parts: tuple[str, ...]) -> dict[str, Any]:
    """Write a ruling out with the names of its clauses."""
    aside = [{"clause": clauses[one["clause"]], "by": sorted(clauses[place] for place in one["by"])} for one in ruling.get("set_aside", [])]
    whole = {
        "answer": sorted(ruling["answer"]),
        "because": sorted(clauses[place] for place in ruling["because"]),
        "set_aside": sorted(aside, key=lambda one: str(one["clause"])),
    }
    return {part: whole[part] for part in parts}


def _compare(questions: list[Question], options: argparse.Namespace) -> bool:
    """Ask all questions and report policy by policy; tell whether all replies are the wanted ones."""
    agree = True
    conversation = Conversation(options.command, questions, options.timeout)
    try:
        for policy, asked in groupby(questions, key=lambda question: question.policy):
            count, possible, differing, shown = 0, 0, 0, []
            for question in asked:
                count += 1
                possible += "impossible" not in question.wanted
                given = _reply(conversation.next_line(), conversation.replies, question)
                if given != question.wanted:
                    differing += 1
                    if differing <= options.show:
                        shown.append(_difference(question, given))
            agree = agree and not differing
            _report(policy, _combinations(count, possible), differing, shown)
        conversation.finish()
    finally:
        conversation.stop()
    return agree


def _combinations(count: int, possible: int) -> str:
    """Count combinations of facts, and those apart that can be: only these are the points of the rulebook."""
    return f"{count} combinations" if possible == count else f"{count} combinations, {possible} of them possible"


def _report(policy: str, combinations: str, differing: int, shown: list[str]) -> None:
    if not differing:
        print(f"{policy}: agrees at all {combinations}")
        return
    print(f"{policy}: differs at {differing} of {combinations}")
    for difference in shown:
        print(difference)


def _difference(question: Question, given: dict[str, Any]) -> str:
    return f"  facts:  {json.dumps(question.facts)}\n  wanted: {json.dumps(question.wanted)}\n  given:  {_short(json.dumps(given))}"


def _reply(line: bytes, number: int, question: Question) -> dict[str, Any]:
    """Read a reply, and say to which question it was given where it cannot be read."""
    try:
        return _parsed(line, question.wanted)
    except Broken as fault:
        raise Broken(f"reply {number} {fault}: {_shown(line)}\n  asked: {_shown(question.line())}") from None


def _parsed(line: bytes, wanted: dict[str, Any]) -> dict[str, Any]:
    """Read that the facts are impossible, or as many parts of a ruling as are wanted."""
    try:
        reply = json.loads(line, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise Broken("is not JSON") from None
    if not isinstance(reply, dict):
        raise Broken("is not a JSON object")
    impossible = reply.get("impossible", False)
    if not isinstance(impossible, bool):
        raise Broken('has neither true nor false for its "impossible"')
    if impossible:
        if not reply.keys().isdisjoint(PARTS):
            raise Broken("says both that the facts are impossible and a ruling on them")
        return {"impossible": True}
    if "impossible" in wanted:
        return {part: _part(part, reply) for part in PARTS if part in reply}
    return {part: _part(part, reply) for part in wanted}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values: of a key that stands there twice, readers of JSON differ in which one counts."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Broken("has a key twice in one object")
    return made


def _part(part: str, reply: dict[str, Any]) -> list[Any]:
    if part not in reply:
        raise Broken(f'has no "{part}"')
    given = reply[part]
    if part == "set_aside":
        if not _is_list_of(dict, given) or not all(isinstance(one.get("clause"), str) and _is_list_of(str, one.get("by")) for one in given):
            raise Broken('has no list of objects with "clause" and "by" for its "set_aside"')
        return sorted(({"clause": one["clause"], "by": sorted(one["by"])} for one in given), key=lambda one: str(one["clause"]))
    if not _is_list_of(str, given):
        raise Broken(f'has no list of texts for its "{part}"')
    return sorted(given)


def _is_list_of(kind: type, given: object) -> bool:
    return isinstance(given, list) and all(isinstance(one, kind) for one in given)


def _shown(line: bytes) -> str:
    return _short(ascii(line.decode("utf-8", "replace").rstrip("\r\n")))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


class Conversation:
    """The running implementation: questions go in and replies come out at the same time, so that neither side waits for the other."""

    def __init__(self, command: list[str], questions: list[Question], timeout: float) -> None:
        pipe = subprocess.PIPE
        try:
            # A session of its own, so that whatever the command starts can be stopped with it.
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
        except (OSError, ValueError) as fault:
            raise Misused(f"{command[0]} cannot be started: {fault}") from None
        self._questions = questions
        self._timeout = timeout
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=MOST_WAITING)
        self._last_words: deque[bytes] = deque(maxlen=LAST_WORDS)
        self.replies = 0
        self._threads = [threading.Thread(target=task, daemon=True) for task in (self._ask, self._listen, self._overhear)]
        for thread in self._threads:
            thread.start()

    def next_line(self) -> bytes:
        """Wait for the next reply."""
        line = self._line()
        if not line:
            missing = len(self._questions) - self.replies
            raise Broken(f"the implementation ended after {self.replies} replies, {missing} are missing; {self._end()}")
        self.replies += 1
        if len(line) > LONGEST_REPLY:
            raise Broken(f"reply {self.replies} is longer than {LONGEST_REPLY} bytes: {_shown(line)}")
        return line

    def finish(self) -> None:
        """See that nothing comes after the last reply, and that the process ends by itself and well."""
        line = self._line()
        if line:
            raise Broken(f"there are {self.replies} questions, but more replies: {_shown(line)}")
        if self._code() != 0:
            raise Broken(f"all replies came, but then the implementation failed; {self._end()}")

    def stop(self) -> None:
        """End the process and whatever it has started, if they still run."""
        if os.name == "posix":
            with suppress(OSError):  # nothing of it runs any more
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()

    def _line(self) -> bytes:
        try:
            return self._lines.get(timeout=self._timeout)
        except queue.Empty:
            what = "reply" if self.replies < len(self._questions) else "end"
            raise Broken(f"no {what} for {self._timeout:g} seconds, after {self.replies} of {len(self._questions)} replies") from None

    def _code(self) -> int | None:
        try:
            return self._process.wait(self._timeout)
        except subprocess.TimeoutExpired:
            return None

    def _end(self) -> str:
        """Tell how the process ended, with the last lines of its standard error."""
        code = self._code()
        self._threads[-1].join(self._timeout)
        how = "it still runs" if code is None else f"its exit code is {code}"
        words = "".join(f"\n  {_shown(line)}" for line in self._last_words)
        return f"{how} and it said:{words}" if words else how

    def _ask(self) -> None:
        # An implementation that has ended, or listens no more, breaks the pipe: its replies tell the rest.
        with suppress(OSError), cast("IO[bytes]", self._process.stdin) as questions:
            for question in self._questions:
                questions.write(question.line())

    def _listen(self) -> None:
        replies = cast("IO[bytes]", self._process.stdout)
        while line := replies.readline(LONGEST_REPLY + 1):
            self._lines.put(line)
        self._lines.put(b"")

    def _overhear(self) -> None:
        words = cast("IO[bytes]", self._process.stderr)
        while line := words.readline(LONGEST_REPLY):
            self._last_words.append(line)


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever reads the report has left, as `| head` does. What is not written yet would break the pipe once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code)
