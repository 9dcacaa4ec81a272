"""Clauses, policies and rulings: what a rule says, when, unless which others decide, and on what it rests.

Floor 1, above `clauses.conditions`. May import: errors, fingerprints, clauses.conditions, attrs and the standard library.

A clause states an answer, the condition under which it applies, the clauses that set it aside, and the sentence it
rests on. A policy is a question and its clauses; their order means nothing. Two clauses that decide differently at a
point are a conflict, never a matter of who comes first, unless the policy collects all answers. No point is silent:
the case nobody mentions is itself a clause.
"""

import typing
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import product
from operator import attrgetter
from typing import Any, Generic, NoReturn, Self, TypeVar, cast, final

import attrs

from partnerkit.clauses.conditions import Choice, Condition, Flag, Law, Value, check_value, label
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, Refused, shown
from partnerkit.fingerprints import fingerprint

Facts = TypeVar("Facts")
Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)

_LARGEST_TABLE = 100_000
_LEADING = 2


@final
class Basis(Named):
    """How firmly a clause rests on the published article, firmest first.

    >>> [basis.value for basis in Basis]
    ['stated', 'elsewhere', 'implied', 'term', 'house']
    """

    STATED = "stated"
    """The article's own words, quoted."""
    ELSEWHERE = "elsewhere"
    """Another official page, cited by number and date and paraphrased."""
    IMPLIED = "implied"
    """Read from words of the article, which are quoted."""
    TERM = "term"
    """A term of the contract decides."""
    HOUSE = "house"
    """Our choice where the article is silent."""


_FIRMNESS: Mapping[Basis, int] = {basis: place for place, basis in enumerate(Basis)}


def weakest(bases: tuple[Basis, ...]) -> Basis:
    """Give the least firm of some bases.

    >>> weakest((Basis.STATED, Basis.HOUSE, Basis.IMPLIED))
    Basis.HOUSE
    """
    return max(bases, key=_FIRMNESS.__getitem__)


@final
class Permission(Named):
    """The answers of every policy that asks whether an act is permitted.

    >>> from partnerkit.policies import CONTACT
    >>> CONTACT.answers is Permission
    True
    """

    MAY = "may"
    MAY_NOT = "may not"


@final
@attrs.frozen(kw_only=True)
class Citation:
    """What a clause rests on. Build it with `stated`, `elsewhere`, `implied`, `by_term` or `house`.

    `sentence` is a sentence id of the article (``S-28``), `quote` its words, `source` another official page,
    `term` a key of the program file, `reason` why the clause says more than its words, or what the other page says.

    >>> by_term("contact.reply", "whether the vendor may answer the account holder").term
    'contact.reply'
    """

    basis: Basis
    sentence: str = ""
    quote: str = ""
    source: str = ""
    term: str = ""
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.basis, Basis):
            raise InvalidValue(f"the basis of a citation is {shown(self.basis)}: wanted one of {', '.join(map(repr, Basis))}")
        given = {name for name in ("sentence", "quote", "source", "term", "reason") if getattr(self, name)}
        needed = _NEEDED[self.basis]
        if given != needed:
            raise InvalidValue(
                f"a citation with basis {self.basis.value} carries {' and '.join(sorted(needed))}, "
                f"but this one carries {' and '.join(sorted(given)) or 'nothing'}"
            )


_NEEDED: Mapping[Basis, frozenset[str]] = {
    Basis.STATED: frozenset({"sentence", "quote"}),
    Basis.ELSEWHERE: frozenset({"source", "reason"}),
    Basis.IMPLIED: frozenset({"sentence", "quote", "reason"}),
    Basis.TERM: frozenset({"term", "reason"}),
    Basis.HOUSE: frozenset({"reason"}),
}


def stated(sentence: str, quote: str) -> Citation:
    """Cite the article's own words.

    >>> stated("S-35", "accounts must be managed to be added to your Single Bill").basis
    Basis.STATED
    """
    return Citation(basis=Basis.STATED, sentence=sentence, quote=quote)


def implied(sentence: str, quote: str, reason: str) -> Citation:
    """Cite words of the article and say what is read from them.

    >>> implied("S-35", "accounts must be managed to be added to your Single Bill", "so a referred one is not added").basis
    Basis.IMPLIED
    """
    return Citation(basis=Basis.IMPLIED, sentence=sentence, quote=quote, reason=reason)


def elsewhere(source: str, reason: str) -> Citation:
    """Cite another official page by number and date, and say what it says in our words.

    >>> elsewhere("article 000041606, Oct 9 2025 (K-50)", "a suspended account can be taken up again").basis
    Basis.ELSEWHERE
    """
    return Citation(basis=Basis.ELSEWHERE, source=source, reason=reason)


def by_term(term: str, reason: str) -> Citation:
    """Cite the term of the contract that decides, and say what it settles.

    >>> by_term("management.partner_may_end", "whether the partner alone may hand an account back").basis
    Basis.TERM
    """
    return Citation(basis=Basis.TERM, term=term, reason=reason)


def house(reason: str) -> Citation:
    """Say why we chose this where the article is silent.

    >>> house("the article does not say what keeps an account in the program").basis
    Basis.HOUSE
    """
    return Citation(basis=Basis.HOUSE, reason=reason)


@final
@attrs.frozen
class Clause:
    """One rule: the answer `then`, `when` its condition holds, `unless` a named clause decides.

    In a collecting policy `then` may be None: the clause says that its case adds nothing.

    >>> rain = Flag("rain", "it rains", "it is dry")
    >>> clause = Clause("W-RAIN", Permission.MAY_NOT, rain.yes, cite=house("nobody likes to be wet"))
    >>> clause.then, clause.cite.basis
    (Permission.MAY_NOT, Basis.HOUSE)
    """

    id: str
    then: StrEnum | None
    when: Condition
    unless: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    cite: Citation = attrs.field(kw_only=True)

    def giving_way_without(self, gone: frozenset[str]) -> Self:
        """Give this clause without some of those that set it aside.

        >>> rain = Flag("rain", "it rains", "it is dry")
        >>> clause = Clause("W-RAIN", Permission.MAY_NOT, rain.yes, unless=("W-COAT",), cite=house("nobody likes to be wet"))
        >>> clause.giving_way_without(frozenset({"W-COAT"})).unless
        ()
        """
        unless = tuple(other for other in self.unless if other not in gone)
        return self if unless == self.unless else type(self)(self.id, self.then, self.when, unless=unless, cite=self.cite)


@final
@attrs.frozen(kw_only=True)
class Ruling(Generic[Outcome_co]):
    """An answer and why: interned, hashable and picklable, so it costs nothing to keep.

    `because` names the deciding clauses, `set_aside` each clause that applied but gave way, with the clauses it gave way
    to, `not_applying` the others; each in the order of the ids, for the order of clauses means nothing. `basis` is the
    weakest of the deciding clauses. `edition` is the fingerprint of the policy's text.

    >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
    >>> ruling = OWNERSHIP.decide(OwnershipFacts(management=Management.MANAGED))
    >>> ruling.outcome, ruling.because, ruling.set_aside, ruling.not_applying, ruling.basis
    (Owner.PARTNER, ('OWNER-MANAGED',), (), ('OWNER-OUTSIDE', 'OWNER-REFERRED'), Basis.STATED)
    """

    outcome: Outcome_co
    because: tuple[str, ...]
    set_aside: tuple[tuple[str, tuple[str, ...]], ...]
    not_applying: tuple[str, ...]
    basis: Basis
    policy: str
    edition: str

    def __bool__(self) -> NoReturn:
        raise InvalidValue(f"a ruling is not a yes or a no by itself: ask .outcome or .allowed of the ruling on {self.policy}")

    @property
    def allowed(self) -> bool:
        """Whether a permission policy said MAY; other policies have no such answer."""
        if not isinstance(self.outcome, Permission):
            raise InvalidValue(
                f"the policy {self.policy} answers {shown(self.outcome)}, not a permission: read .outcome instead of .allowed"
            )
        return self.outcome is Permission.MAY

    def require(self, act: str = "") -> Self:
        """Give the ruling back where it allows, and raise `Refused` with it where it does not."""
        if not self.allowed:
            raise Refused(self, act)
        return self


@final
@attrs.frozen
class Policy(Generic[Facts, Outcome]):
    """A question, the facts it is asked of, and the clauses that answer it.

    `facts` is an attrs class whose fields are named like the inputs of the conditions; `answers` is the enum of
    answers. `laws` say which points can exist. With `collects` every deciding clause adds its answer and the
    outcome is the tuple of them in the enum's order; else all deciding clauses must agree.

    A policy that cannot be right is refused when it is built, naming the clause. Two policies are equal when they have one
    fingerprint: when they say the same, in whatever order.

    >>> @attrs.frozen(kw_only=True)
    ... class Weather:
    ...     rain: bool
    >>> rain = Flag("rain", "it rains", "it is dry")
    >>> walk: Policy[Weather, Permission] = Policy(
    ...     "walk", "May we walk?", Weather, Permission,
    ...     (Clause("W-RAIN", Permission.MAY_NOT, rain.yes, cite=house("nobody likes to be wet")),
    ...      Clause("W-DRY", Permission.MAY, rain.no, cite=house("nothing speaks against it"))))
    >>> walk.decide(Weather(rain=True)).because
    ('W-RAIN',)
    """

    id: str = attrs.field(eq=False)
    question: str = attrs.field(eq=False)
    facts: type[Facts] = attrs.field(eq=False)
    answers: type[StrEnum] = attrs.field(eq=False)
    clauses: tuple[Clause, ...] = attrs.field(eq=False)
    laws: tuple[Law, ...] = attrs.field(default=(), kw_only=True, eq=False)
    collects: bool = attrs.field(default=False, kw_only=True, eq=False)
    inputs: tuple[Choice | Flag, ...] = attrs.field(init=False, eq=False, repr=False)
    fingerprint: str = attrs.field(init=False, repr=False)
    _order: tuple[Clause, ...] = attrs.field(init=False, eq=False, repr=False)
    decide: Callable[[Facts], Ruling[Outcome]] = attrs.field(init=False, eq=False, repr=False)
    """Answer the question for some facts.

    Only facts that can matter are looked at. One that is outside its type raises `InvalidValue`, and so do facts that break a law.
    """
    _leading: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)
    _table: "dict[object, _Branch]" = attrs.field(init=False, eq=False, repr=False, factory=dict)
    _rulings: dict[tuple[bool, ...], Ruling[Outcome]] = attrs.field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        given = self.__setattr_once
        _check_clauses(self)
        given("inputs", _inputs_of(self))
        given("_order", _by_dependency(self))
        given("_leading", _most_asked(self))
        given("fingerprint", fingerprint(self))
        given("decide", _decider(self))

    def __setattr_once(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __canonical__(self) -> dict[str, object]:
        return {
            "id": self.id,
            "question": self.question,
            "facts": [[item.name, item.values] for item in sorted(self.inputs, key=lambda item: item.name)],
            "answers": tuple(self.answers),
            "clauses": frozenset(self.clauses),
            "laws": frozenset(self.laws),
            "collects": self.collects,
        }

    def applying(self, facts: Facts) -> tuple[bool, ...]:
        """Tell of each clause, in the order of the policy, whether its condition holds."""
        lookup = cast("Callable[[str], Value]", lambda name: getattr(facts, name))
        return tuple(clause.when.holds(lookup) for clause in self.clauses)

    def clause(self, clause_id: str) -> Clause:
        """Give the clause with this id."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise InvalidValue(f"the policy {self.id} has no clause {shown(clause_id)}: it has {', '.join(one.id for one in self.clauses)}")

    def amend(self, *, add: tuple[Clause, ...] = (), repeal: tuple[str, ...] = ()) -> Self:
        """Give this policy with some clauses repealed and others added; it is checked as any policy is when it is built.

        A repealed clause leaves the `unless` of those that stay. To change a clause, repeal it and add the new one: where both
        have one id, those that give way to it go on doing so. An id that the policy has not raises `InvalidValue`.
        `checks.require_sound` tells whether the amended text still answers every point, and with one answer.

        >>> from partnerkit.policies import CONTACT
        >>> strict = CONTACT.amend(repeal=("CONTACT-ASKED",))
        >>> "CONTACT-ASKED" in strict.clause("CONTACT-MANAGED").unless, strict == CONTACT
        (False, False)
        >>> strict.fingerprint == CONTACT.amend(repeal=("CONTACT-ASKED",)).fingerprint
        True
        """
        for clause_id in repeal:
            self.clause(clause_id)
        gone = frozenset(repeal) - {clause.id for clause in add}
        kept = (clause for clause in self.clauses if clause.id not in repeal)
        clauses = (*(clause.giving_way_without(gone) for clause in kept), *add)
        return type(self)(self.id, self.question, self.facts, self.answers, clauses, laws=self.laws, collects=self.collects)

    def ruling_where(self, applying: tuple[bool, ...]) -> Ruling[Outcome]:
        """Give the ruling for a set of applying clauses; the same object every time."""
        ruling = self._rulings.get(applying)
        if ruling is None:
            ruling = self._rulings.setdefault(applying, self._resolve(applying))
        return ruling

    def _decide_anew(self, facts: Facts) -> Ruling[Outcome]:
        """Decide by walking the conditions, and keep the ruling for the next facts that agree in all that matters."""
        known = {name: getattr(facts, name) for name in self._leading}
        mattering = self._still_asked(known)
        try:
            known |= {name: getattr(facts, name) for name in mattering}
        except AttributeError:
            raise self._misfit(facts) from None
        for item in self.inputs:
            if item.name in known:
                check_value(item, known[item.name])
        # What cannot matter is not looked at: whatever stands for it, each condition holds or fails as the rest settles it.
        lookup = known.get
        for law in self.laws:
            if law.broken_by(lookup):
                raise InvalidValue(f"facts that cannot be were put to the policy {self.id}: {law.sentence} ({law.id})")
        ruling = self.ruling_where(tuple(clause.when.holds(lookup) for clause in self.clauses))
        key = attrgetter(*self._leading)(facts)
        if not mattering:
            self._table[key] = (None, ruling)
            return ruling
        rest, found = self._table.setdefault(key, (attrgetter(*mattering), {}))
        if len(found) < _LARGEST_TABLE:
            found[rest(facts)] = ruling
        return ruling

    def _still_asked(self, known: Mapping[str, Value]) -> tuple[str, ...]:
        conditions = (*(clause.when for clause in self.clauses), *(law.holds for law in self.laws))
        asked = frozenset().union(*(left for left in (one.settled(known) for one in conditions) if not isinstance(left, bool)))
        return tuple(item.name for item in self.inputs if item.name in asked)

    def _resolve(self, applying: tuple[bool, ...]) -> Ruling[Outcome]:
        applies = {clause.id for clause, does in zip(self.clauses, applying, strict=True) if does}
        deciding: dict[str, Clause] = {}
        gave_way: dict[str, tuple[str, ...]] = {}
        for clause in self._order:
            if clause.id not in applies:
                continue
            above = tuple(sorted(other for other in clause.unless if other in deciding))
            if above:
                gave_way[clause.id] = above
            else:
                deciding[clause.id] = clause
        return Ruling(
            outcome=self._outcome(deciding),
            because=tuple(sorted(deciding)),
            set_aside=tuple(sorted(gave_way.items())),
            not_applying=tuple(sorted(clause.id for clause in self.clauses if clause.id not in applies)),
            basis=weakest(tuple(clause.cite.basis for clause in deciding.values())),
            policy=self.id,
            edition=self.fingerprint,
        )

    def _outcome(self, deciding: Mapping[str, Clause]) -> Outcome:
        if not deciding:
            raise InvalidValue(f"no clause of the policy {self.id} decides these facts: add the clause for the case that nobody mentions")
        answers = {clause.then for clause in deciding.values()}
        if self.collects:
            return cast("Outcome", tuple(answer for answer in self.answers if answer in answers))
        if len(answers) > 1:
            clash = ", ".join(f"{clause.id} says {label(clause.then)}" for clause in deciding.values())
            raise InvalidValue(f"clauses of the policy {self.id} contradict each other: {clash}; let one name the other in its unless")
        return cast("Outcome", answers.pop())

    def _misfit(self, facts: object) -> InvalidValue:
        for item in self.inputs:
            if not hasattr(facts, item.name):
                return InvalidValue(
                    f"the policy {self.id} needs the fact {item.name}, which {type(facts).__name__} has not: ask with {self.facts.__name__}"
                )
            try:
                check_value(item, getattr(facts, item.name))
            except InvalidValue as fault:
                return fault
        return InvalidValue(f"{type(facts).__name__} cannot be put to the policy {self.id}: ask with {self.facts.__name__}")


_Branch = tuple[Any, Any]
"""What is known once the leading facts are: how to read the facts that still matter and the rulings by them, or None and the ruling."""


def _decider(policy: Policy[Facts, Outcome]) -> Callable[[Facts], Ruling[Outcome]]:
    """Make the function that decides: two look-ups where the facts are known, the conditions where they are new.

    A function that holds what it needs is a third faster than a method that fetches it from the policy, and reading the two
    facts that most clauses ask for first spares reading those that cannot matter any more.
    """
    leading = attrgetter(*policy._leading)  # noqa: SLF001  (a part of the policy, built with it)
    table, anew, misfit = policy._table, policy._decide_anew, policy._misfit  # noqa: SLF001

    def decide(facts: Facts) -> Any:
        try:
            rest, found = table[leading(facts)]
            return found if rest is None else found[rest(facts)]
        except KeyError:
            pass
        except (TypeError, AttributeError):
            raise misfit(facts) from None
        return anew(facts)

    return decide


def _most_asked(policy: Policy[Any, Any]) -> tuple[str, ...]:
    """Name the two inputs that most clauses ask for."""
    asked = Counter(name for clause in policy.clauses for name in {item.name for item in clause.when.inputs()})
    return tuple(item.name for item in sorted(policy.inputs, key=lambda item: -asked[item.name])[:_LEADING])


def _check_clauses(policy: Policy[Any, Any]) -> None:
    known: set[str] = set()
    for clause in policy.clauses:
        if clause.id in known:
            raise InvalidValue(f"the policy {policy.id} has two clauses {clause.id}: give each clause an id of its own")
        known.add(clause.id)
        _check_answer(policy, clause)
        if not isinstance(clause.when, Condition):
            raise InvalidValue(f"the clause {clause.id} has {shown(clause.when)} for a condition: build it from inputs with & | ~")
    if not known:
        raise InvalidValue(f"the policy {policy.id} has no clauses: it answers nothing")
    for clause in policy.clauses:
        for other in clause.unless:
            if other not in known:
                raise InvalidValue(f"the clause {clause.id} names {other} in its unless, which the policy {policy.id} has not")


def _check_answer(policy: Policy[Any, Any], clause: Clause) -> None:
    if clause.then is None and policy.collects:
        return
    if not isinstance(clause.then, policy.answers):
        wanted = ", ".join(map(repr, policy.answers))
        raise InvalidValue(f"the clause {clause.id} answers {shown(clause.then)}, but the policy {policy.id} answers with one of {wanted}")


def _inputs_of(policy: Policy[Any, Any]) -> tuple[Choice | Flag, ...]:
    """Collect the inputs by name, in the order of the facts' fields, and hold each against its field."""
    asked: dict[str, Choice | Flag] = {}
    for clause in policy.clauses:
        mine = _distinct_inputs(clause.id, clause.when, asked)
        if not any(
            clause.when.holds(dict(zip(mine, point, strict=True)).__getitem__)
            for point in product(*(item.values for item in mine.values()))
        ):
            raise InvalidValue(f"the condition of the clause {clause.id} can never hold: the clause would be dead")
    for law in policy.laws:
        _distinct_inputs(law.id, law.holds, asked)
    hints = typing.get_type_hints(policy.facts)
    for name, item in asked.items():
        if name not in hints:
            raise InvalidValue(f"the policy {policy.id} asks for {name}, but {policy.facts.__name__} has only {', '.join(hints)}")
        if hints[name] != _type_of(item):
            raise InvalidValue(
                f"the input {name} of the policy {policy.id} does not fit the field {policy.facts.__name__}.{name}: {hints[name]}"
            )
    if not asked:
        raise InvalidValue(f"no clause of the policy {policy.id} asks for any fact: it is not a policy")
    return tuple(asked[field.name] for field in attrs.fields(policy.facts) if field.name in asked)


def _distinct_inputs(owner: str, condition: Condition, asked: dict[str, Choice | Flag]) -> dict[str, Choice | Flag]:
    mine: dict[str, Choice | Flag] = {}
    for item in condition.inputs():
        if asked.setdefault(item.name, item) != item:
            raise InvalidValue(f"the clause {owner} asks for {item.name} in other words than the clauses before it: share one input")
        mine[item.name] = item
    return mine


def _type_of(item: Choice | Flag) -> object:
    if isinstance(item, Flag):
        return bool
    return item.enum if item.absent is None else item.enum | None


def _by_dependency(policy: Policy[Any, Any]) -> tuple[Clause, ...]:
    """Order the clauses so that each comes after those that can set it aside."""
    waiting = list(policy.clauses)
    placed: list[Clause] = []
    done: set[str] = set()
    while waiting:
        ready = [clause for clause in waiting if done.issuperset(clause.unless)]
        if not ready:
            raise InvalidValue(
                f"clauses of the policy {policy.id} set each other aside in a circle: {', '.join(one.id for one in waiting)}"
            )
        placed += ready
        done.update(clause.id for clause in ready)
        waiting = [clause for clause in waiting if clause.id not in done]
    return tuple(placed)
