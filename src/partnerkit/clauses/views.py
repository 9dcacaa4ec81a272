"""A policy as people read it: prose, a decision table, and the trace of one ruling. All generated, nothing written twice.

Floor 1, above `clauses.checks` and `clauses.editions`. May import: errors, clauses.citations, clauses.conditions, clauses.parts,
clauses.model, attrs and the standard library.

Every piece of text has a message id. A view asks `say(message id, English)` for the words, so a translator is any function of
the two; without one the English stands. A translation keeps the names in braces.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import reduce
from itertools import product
from types import MappingProxyType
from typing import Any, final

import attrs

from partnerkit.clauses.citations import Basis, Citation
from partnerkit.clauses.conditions import ALWAYS, AllOf, AnyOf, Choice, Condition, Flag, Is, Lookup, Not, Value, label
from partnerkit.clauses.model import Facts, Policy
from partnerkit.clauses.parts import Clause
from partnerkit.errors import InvalidValue

Say = Callable[[str, str], str]
"""Turn a message id and its English into the words to show."""

FRAMES: Mapping[str, str] = MappingProxyType(
    {
        "view.title": "# {question}",
        "view.clause": '{clause}. The answer is "{answer}" {when}{unless}.',
        "view.when": "when {condition}",
        "view.always": "in every case",
        "view.never": "in no case",
        "view.unless": ", unless {clauses} decides",
        "view.adds_nothing": "nothing",
        "view.ruling": "{question} {answer}.",
        "view.decides": "  + {clause} decides: {facts}.",
        "view.set_aside": "  ~ {clause} applies ({facts}) but is set aside by {clauses}.",
        "view.not_applying": "  - {clause} does not apply: {facts}.",
        "view.quote": '    [{basis}] "{quote}" ({sentence})',
        "view.reading": '    [{basis}] "{quote}" ({sentence}): {reason}',
        "view.source": "    [{basis}] {source}: {reason}",
        "view.term": "    [{basis}] {term}: {reason}",
        "view.reason": "    [{basis}] {reason}",
        "view.any": "any",
        "list.and": "{first} and {last}",
        "list.or": "{first} or {last}",
        "list.comma": "{first}, {last}",
        "list.group": "({content})",
        "list.anything_but": "anything but {values}",
        "value.yes": "yes",
        "value.no": "no",
        "basis.stated": "the article says this",
        "basis.elsewhere": "another official page says this",
        "basis.implied": "a reading of the article",
        "basis.term": "a term of the contract decides",
        "basis.house": "not in the article: chosen by us",
    }
)
"""The words that belong to no policy, by message id."""

_Plain = Is | AllOf | AnyOf
_Box = dict[str, tuple[Value, ...]]
_FEW = 3
_GAP = "…"


@final
@attrs.frozen(kw_only=True)
class Row:
    """One row of a decision table: the answer where every input has one of the values of its cell.

    `cells` stand in the order of the policy's inputs; an empty cell takes any value. `words` says each cell in words.
    A clause whose condition has alternatives has several rows.

    >>> from partnerkit.policies import OWNERSHIP
    >>> row = table(OWNERSHIP)[0]
    >>> row.clause, row.cells, row.answer
    ('OWNER-MANAGED', ((Management.MANAGED,),), 'partner')
    """

    clause: str
    cells: tuple[tuple[Value, ...], ...]
    words: tuple[str, ...]
    answer: str
    unless: tuple[str, ...]
    basis: Basis


def english(message: str, text: str) -> str:
    """Say a message in English, the language it was written in.

    >>> english("basis.stated", "the article says this")
    'the article says this'
    """
    del message
    return text


def messages(policy: Policy[Any, Any]) -> Mapping[str, str]:
    """Give every message the views of a policy show: its id and its English.

    >>> from partnerkit.policies import OWNERSHIP
    >>> messages(OWNERSHIP)["ownership.question"]
    'Who owns the client relationship?'
    """
    inputs = {message: text for item in policy.inputs for message, text in _input_messages(item)}
    values = dict(value_message(value) for item in policy.inputs for value in item.values if value is not None)
    answers = dict(value_message(answer) for answer in policy.answers)
    reasons = {_reason_id(clause): clause.cite.reason for clause in policy.clauses if clause.cite.reason}
    laws = {f"law.{law.id}": law.sentence for law in policy.laws}
    return MappingProxyType({**FRAMES, _question_id(policy): policy.question, **inputs, **values, **answers, **reasons, **laws})


def describe(condition: Condition, *, say: Say = english) -> str:
    """Read a condition aloud.

    >>> from partnerkit.partners import BILLING_MODE, MANAGEMENT, BillingMode, Management
    >>> describe(~MANAGEMENT.is_(Management.MANAGED) & BILLING_MODE.is_(BillingMode.DIRECT))
    '(the account is referred or the account is outside the program) and the billing mode is direct'
    """
    return _read(condition, say)


def prose(policy: Policy[Any, Any], *, say: Say = english) -> str:
    """Write a policy out: its question, and for every clause the answer, the condition, and what it rests on.

    >>> from partnerkit.policies import OWNERSHIP
    >>> print(prose(OWNERSHIP).partition("OWNER-REFERRED")[0].rstrip())
    # Who owns the client relationship?
    <BLANKLINE>
    OWNER-MANAGED. The answer is "partner" when the account is managed.
        [the article says this] "you assume full ownership of the relationship" (S-29)
    """
    title = _said(say, "view.title", question=question_words(policy, say))
    return "\n".join([title, "", *(line for clause in policy.clauses for line in (_clause_line(clause, say), _cite_line(clause, say)))])


def table(policy: Policy[Any, Any], *, say: Say = english) -> tuple[Row, ...]:
    """Lay a policy out as a decision table, clause by clause; the columns are the policy's inputs.

    >>> from partnerkit.policies import OWNERSHIP
    >>> for row in table(OWNERSHIP):
    ...     print(row.clause, row.words, row.answer)
    OWNER-MANAGED ('managed',) partner
    OWNER-REFERRED ('referred',) vendor
    OWNER-OUTSIDE ('the account is outside the program',) vendor
    """
    return tuple(_row(policy, clause, box, say) for clause in policy.clauses for box in _boxes(clause.when))


def trace(policy: Policy[Facts, Any], facts: Facts, *, say: Say = english) -> str:
    """Tell how a policy came to its answer: what decided, what was set aside, and what did not apply and why.

    >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
    >>> print(trace(OWNERSHIP, OwnershipFacts(management=Management.MANAGED)))
    Who owns the client relationship? partner.
      + OWNER-MANAGED decides: the account is managed.
        [the article says this] "you assume full ownership of the relationship" (S-29)
      - OWNER-REFERRED does not apply: the account is managed.
      - OWNER-OUTSIDE does not apply: the account is managed.
    """
    ruling = policy.decide(facts)

    def lookup(name: str) -> Any:
        return getattr(facts, name)

    lines = [_said(say, "view.ruling", question=question_words(policy, say), answer=answer_words(ruling.outcome, say))]
    gave_way = dict(ruling.set_aside)
    for clause in policy.clauses:
        lines += _trace_lines(clause, lookup, gave_way, decides=clause.id in ruling.because, say=say)
    return "\n".join(lines)


def _trace_lines(clause: Clause, lookup: Lookup, gave_way: Mapping[str, tuple[str, ...]], *, decides: bool, say: Say) -> list[str]:
    if decides:
        return [_said(say, "view.decides", clause=clause.id, facts=_behind(clause.when, lookup, say)), _cite_line(clause, say)]
    if clause.id in gave_way:
        clauses = _joined(say, "list.and", gave_way[clause.id])
        return [_said(say, "view.set_aside", clause=clause.id, facts=_behind(clause.when, lookup, say), clauses=clauses)]
    return [_said(say, "view.not_applying", clause=clause.id, facts=_behind(~clause.when, lookup, say))]


def _behind(condition: Condition, lookup: Lookup, say: Say) -> str:
    """Say the facts that make a condition hold, each once."""
    sentences = dict.fromkeys(_sentence(item, lookup(item.name), say) for item in holding(condition, lookup))
    return _joined(say, "list.and", sentences) or _said(say, "view.always")


def holding(condition: Condition, lookup: Lookup) -> Iterator[Choice | Flag]:
    """Give the inputs by whose values a condition that holds does hold, in the order of the condition.

    >>> rain, wind = Flag("rain", "it rains", "it is dry"), Flag("wind", "it is windy", "it is still")
    >>> [item.name for item in holding(rain.yes | wind.yes, {"rain": False, "wind": True}.get)]
    ['wind']
    """
    match _plain(condition):
        case Is(item, _):
            yield item
        case AllOf(parts):
            for part in parts:
                yield from holding(part, lookup)
        case AnyOf(parts):
            for part in parts:
                if part.holds(lookup):
                    yield from holding(part, lookup)


def _clause_line(clause: Clause, say: Say) -> str:
    when = _said(say, "view.always") if clause.when == ALWAYS else _said(say, "view.when", condition=_read(clause.when, say))
    unless = _said(say, "view.unless", clauses=_joined(say, "list.or", clause.unless)) if clause.unless else ""
    return _said(say, "view.clause", clause=clause.id, answer=answer_words(clause.then, say), when=when, unless=unless)


def _cite_line(clause: Clause, say: Say) -> str:
    cite = clause.cite
    basis = _said(say, f"basis.{cite.basis.value}")
    return _said(say, _CITE_FRAMES[cite.basis], basis=basis, reason=reason_words(clause, say), **_verbatim(cite))


_CITE_FRAMES: Mapping[Basis, str] = {
    Basis.STATED: "view.quote",
    Basis.ELSEWHERE: "view.source",
    Basis.IMPLIED: "view.reading",
    Basis.TERM: "view.term",
    Basis.HOUSE: "view.reason",
}


def _verbatim(cite: Citation) -> dict[str, str]:
    """Give what of a citation is never translated."""
    return {"quote": cite.quote, "sentence": cite.sentence, "source": cite.source, "term": cite.term}


def _row(policy: Policy[Any, Any], clause: Clause, box: _Box, say: Say) -> Row:
    cells = tuple(box.get(item.name, ()) for item in policy.inputs)
    words = (_cell(item, values, say) for item, values in zip(policy.inputs, cells, strict=True))
    return Row(
        clause=clause.id,
        cells=cells,
        words=tuple(words),
        answer=answer_words(clause.then, say),
        unless=clause.unless,
        basis=clause.cite.basis,
    )


def _cell(item: Choice | Flag, values: tuple[Value, ...], say: Say) -> str:
    return _several(item, values, say) if values else _said(say, "view.any")


def _boxes(condition: Condition) -> tuple[_Box, ...]:
    """Give the alternatives of a plain condition, each as the values that every input it asks may have."""
    match _plain(condition):
        case Is(item, values):
            return ({item.name: values},)
        case AllOf(parts):
            narrowed = (reduce(_narrowed, several, _Box()) for several in product(*map(_boxes, parts)))
            return tuple(box for box in narrowed if all(box.values()))
        case AnyOf(parts):
            return tuple(box for part in parts for box in _boxes(part))


def _narrowed(box: _Box, other: _Box) -> _Box:
    shared = {name: tuple(value for value in box[name] if value in other[name]) for name in box.keys() & other.keys()}
    return box | other | shared


def _plain(condition: Condition, *, negated: bool = False) -> _Plain:
    """Write a condition without any `Not`: a negation moves inward until it picks the other values of an input."""
    match condition:
        case Is(item, values):
            return Is(item, tuple(value for value in item.values if value not in values)) if negated else condition
        case Not(part):
            return _plain(part, negated=not negated)
        case AllOf(parts) | AnyOf(parts):
            all_of = isinstance(condition, AllOf) is not negated
            plain = tuple(_plain(part, negated=negated) for part in parts)
            return AllOf(plain) if all_of else AnyOf(plain)
        case _:
            raise InvalidValue(f"{type(condition).__name__} is a condition of no known kind: build conditions from inputs with & | ~")


def _read(condition: Condition, say: Say) -> str:
    match _plain(condition):
        case Is(item, values):
            return _read_input(item, values, say)
        case AllOf(parts):
            return _joined(say, "list.and", (_grouped(part, say) for part in parts)) or _said(say, "view.always")
        case AnyOf(parts):
            return _joined(say, "list.or", (_read(part, say) for part in parts)) or _said(say, "view.never")


def _grouped(part: Condition, say: Say) -> str:
    """Read a part of a conjunction; in brackets where it says "or" of more than one sentence."""
    plain = _plain(part)
    alternatives = isinstance(plain, AnyOf) or (isinstance(plain, Is) and None in plain.values and len(plain.values) > 1)
    return _said(say, "list.group", content=_read(plain, say)) if alternatives else _read(plain, say)


def _read_input(item: Choice | Flag, values: tuple[Value, ...], say: Say) -> str:
    if not values:
        return _said(say, "view.never")
    if isinstance(item, Flag):
        return _joined(say, "list.or", (_sentence(item, value, say) for value in values))
    present = tuple(value for value in values if value is not None)
    sentences = [say(f"input.{item.name}.sentence", item.sentence).format(_several(item, present, say))] if present else []
    if len(present) < len(values):
        sentences.append(_sentence(item, None, say))
    return _joined(say, "list.or", sentences)


def _several(item: Choice | Flag, values: tuple[Value, ...], say: Say) -> str:
    """Name some values of an input, or those they leave out where that is shorter."""
    left_out = tuple(value for value in item.values if value not in values and value is not None)
    if len(values) > _FEW and left_out and len(left_out) <= len(values):
        return _said(say, "list.anything_but", values=_joined(say, "list.or", (value_words(value, say) for value in left_out)))
    return _joined(say, "list.or", (value_words(value, say) if value is not None else _sentence(item, value, say) for value in values))


def _sentence(item: Choice | Flag, value: Value, say: Say) -> str:
    if isinstance(item, Flag):
        return say(f"input.{item.name}.{label(value)}", item.say(value))
    if value is None:
        return say(f"input.{item.name}.absent", item.say(value))
    return say(f"input.{item.name}.sentence", item.sentence).format(value_words(value, say))


def _input_messages(item: Choice | Flag) -> Iterator[tuple[str, str]]:
    if isinstance(item, Flag):
        for value in item.values:
            yield f"input.{item.name}.{label(value)}", item.say(value)
        return
    yield f"input.{item.name}.sentence", item.sentence
    if item.absent is not None:
        yield f"input.{item.name}.absent", item.absent


def value_message(value: Value) -> tuple[str, str]:
    """Give the message of a value: its id and its English.

    >>> from partnerkit.partners import Management
    >>> value_message(Management.MANAGED), value_message(True)
    (('value.Management.MANAGED', 'managed'), ('value.yes', 'yes'))
    """
    if isinstance(value, StrEnum):
        return f"value.{type(value).__name__}.{value.name}", label(value)
    return f"value.{label(value)}", label(value)


def value_words(value: Value, say: Say = english) -> str:
    """Say a value of an input in a word or two; that a choice has none is said by its sentence for that.

    >>> from partnerkit.policies import Purpose
    >>> value_words(Purpose.BILLING_NOTICE), value_words(True)
    ('billing notice', 'yes')
    """
    return say(*value_message(value))


def answer_words(outcome: StrEnum | tuple[StrEnum, ...] | None, say: Say = english) -> str:
    """Say the outcome of a ruling or the answer of a clause; of a collecting policy all answers at once.

    >>> from partnerkit.policies import Duty
    >>> answer_words((Duty.INFORM_OF_CHANGES, Duty.KEEP_ACTIVE)), answer_words(())
    ('inform of changes and keep active', 'nothing')
    """
    answers = outcome if isinstance(outcome, tuple) else () if outcome is None else (outcome,)
    return _joined(say, "list.and", (value_words(answer, say) for answer in answers)) or _said(say, "view.adds_nothing")


def question_words(policy: Policy[Any, Any], say: Say = english) -> str:
    """Say the question a policy answers.

    >>> from partnerkit.policies import OWNERSHIP
    >>> question_words(OWNERSHIP)
    'Who owns the client relationship?'
    """
    return say(_question_id(policy), policy.question)


def input_words(item: Choice | Flag, say: Say = english) -> str:
    """Say what an input asks: the sentence for yes, or the sentence of a choice with a gap for its value.

    >>> from partnerkit.policies import CONTACT
    >>> [input_words(item) for item in CONTACT.inputs][1:3]
    ['the purpose of the contact is …', 'the account is in the program']
    """
    if isinstance(item, Flag):
        return _sentence(item, item.values[-1], say)
    return say(f"input.{item.name}.sentence", item.sentence).format(_GAP)


def reason_words(clause: Clause, say: Say = english) -> str:
    """Say why a clause says more than its words, or what the other page says; nothing of one that rests on words alone.

    >>> from partnerkit.policies import OWNERSHIP
    >>> reason_words(OWNERSHIP.clause("OWNER-OUTSIDE"))
    'no partner has a part in an account outside the program'
    """
    return say(_reason_id(clause), clause.cite.reason) if clause.cite.reason else ""


def _reason_id(clause: Clause) -> str:
    return f"clause.{clause.id}.reason"


def _question_id(policy: Policy[Any, Any]) -> str:
    return f"{policy.id.replace(' ', '_')}.question"


def _joined(say: Say, frame: str, texts: Iterable[str]) -> str:
    """Join texts as a list is spoken: commas, and one word before the last."""
    *first, last = [*texts] or [""]
    if not first:
        return last
    return _said(say, frame, first=reduce(lambda one, other: _said(say, "list.comma", first=one, last=other), first), last=last)


def _said(say: Say, message: str, **names: str) -> str:
    return say(message, FRAMES[message]).format(**names)
