"""Policies and rulings: a question, the clauses that answer it, and an answer with its reasons.

Floor 1, above `clauses.deciders` and `clauses.parts`, whose `Clause` can be had from here too. May import: enums, errors, fingerprints,
the modules below it in clauses, attrs and the standard library.

A clause states an answer, the condition under which it applies, the clauses that set it aside, and the sentence it
rests on. A policy is a question and its clauses; their order means nothing. Two clauses that decide differently at a
point are a conflict, never a matter of who comes first, unless the policy collects all answers. No point is silent:
the case nobody mentions is itself a clause.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, NoReturn, Self, TypeVar, cast, final

import attrs

from partnerkit.clauses.citations import Basis, weakest
from partnerkit.clauses.conditions import Choice, Flag, Law, Value, label
from partnerkit.clauses.deciders import Decider
from partnerkit.clauses.parts import Clause, by_dependency, check_answers, check_kinds, check_names, in_tuple, inputs_of
from partnerkit.clauses.walks import Walk
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, Refused, shown
from partnerkit.fingerprints import fingerprint

__all__ = ["Clause", "Facts", "Outcome", "Permission", "Policy", "Ruling"]

Facts = TypeVar("Facts")
Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)


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
        """Whether a permission policy said MAY; other policies have no such answer, and `InvalidValue` says so.

        >>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode
        >>> [SINGLE_BILL_LEAVING.ask(billing_mode=mode).allowed for mode in (BillingMode.DIRECT, BillingMode.SINGLE_BILL)]
        [False, True]
        """
        if not isinstance(self.outcome, Permission):
            raise InvalidValue(
                f"the policy {self.policy} answers {shown(self.outcome)}, not a permission: read .outcome instead of .allowed"
            )
        return self.outcome is Permission.MAY

    def require(self, act: str = "") -> Self:
        """Give the ruling back where it allows, and raise `Refused` with it where it does not; `act` begins the words of the error.

        >>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode
        >>> SINGLE_BILL_LEAVING.ask(billing_mode=BillingMode.SINGLE_BILL).require("leaving").because
        ('LEAVE-PICK',)
        >>> SINGLE_BILL_LEAVING.ask(billing_mode=BillingMode.DIRECT).require("leaving")
        Traceback (most recent call last):
            ...
        partnerkit.errors.Refused: leaving: the rules on single bill leaving do not allow it: LEAVE-NOT-ON
        """
        if not self.allowed:
            raise Refused(self, act)
        return self


@final
@attrs.frozen(eq=False)
class Policy(Generic[Facts, Outcome]):
    """A question, the facts it is asked of, and the clauses that answer it.

    `facts` is an attrs class whose fields are named like the inputs of the conditions; `answers` is the enum of
    answers. `laws` say which points can exist. With `collects` every deciding clause adds its answer and the
    outcome is the tuple of them in the enum's order; else all deciding clauses must agree.

    A policy that cannot be right is refused when it is built, with an `InvalidValue` that names the clause or the law; no two of
    them share an id. What only its laws make impossible `checks.require_sound` tells. Lists of clauses and laws become tuples. Two
    policies are equal when they have one fingerprint: when they say the same, in whatever order.

    Neither a policy nor its `decide` and `ask` can be pickled: they are code. Facts and rulings can.

    >>> from partnerkit.clauses import house
    >>> @attrs.frozen(kw_only=True)
    ... class Weather:
    ...     rain: bool
    >>> rain = Flag("rain", "it rains", "it is dry")
    >>> walk: Policy[Weather, Permission] = Policy(
    ...     "walk", "May we walk?", Weather, Permission,
    ...     (Clause("W-RAIN", Permission.MAY_NOT, rain.yes, cite=house("nobody likes to be wet")),
    ...      Clause("W-DRY", Permission.MAY, rain.no, cite=house("nothing speaks against it"))))
    >>> walk.decide(Weather(rain=True)).because, walk.ask(rain=False).because
    (('W-RAIN',), ('W-DRY',))
    """

    id: str
    question: str
    facts: type[Facts]
    answers: type[StrEnum]
    clauses: tuple[Clause, ...]
    laws: tuple[Law, ...] = attrs.field(default=(), kw_only=True)
    collects: bool = attrs.field(default=False, kw_only=True)
    inputs: tuple[Choice | Flag, ...] = attrs.field(init=False, repr=False)
    _order: tuple[Clause, ...] = attrs.field(init=False, repr=False)
    decide: Callable[[Facts], Ruling[Outcome]] = attrs.field(init=False, repr=False)
    """Answer the question for some facts.

    Only facts that can matter are looked at. One that is none of its input's values raises `InvalidValue`, and so do facts that break a
    law; a value that equals one of them is that value, such as the text of an enum's member, or 1 for True: `"direct"` is asked as
    `BillingMode.DIRECT`. It is a function of its own, to be taken and kept, and `help` shows its examples; once it has been asked often
    it is the decision tree that `tree_source` shows.
    """
    ask: Callable[..., Ruling[Outcome]] = attrs.field(init=False, repr=False)
    """Answer the question for facts given by name, as the class of the facts takes them: as `decide` does, without an object for them.

    A name that is no fact, and a fact without a default that is missing, raise `InvalidValue`.
    """
    _decider: Decider = attrs.field(init=False, repr=False)
    _rulings: dict[tuple[bool, ...], Ruling[Outcome]] = attrs.field(init=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        given = self.__setattr_once
        check_kinds(self.id, self.facts, self.answers)
        given("clauses", in_tuple(self.clauses, Clause, f"the clauses of the policy {self.id} are", "clauses", "clause"))
        given("laws", in_tuple(self.laws, Law, f"the laws of the policy {self.id} are", "laws", "law"))
        check_names(self.id, self.clauses, self.laws)
        check_answers(self.id, self.clauses, self.answers, collects=self.collects)
        given("inputs", inputs_of(self.id, self.facts, self.clauses, self.laws))
        given("_order", by_dependency(self.id, self.clauses))
        given("_decider", self._new_decider())
        given("decide", self._decider.decide)
        given("ask", self._decider.ask)

    def __setattr_once(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _new_decider(self) -> Decider:
        walk = Walk(
            policy=self.id,
            facts=self.facts,
            inputs=self.inputs,
            conditions=tuple(clause.when for clause in self.clauses),
            laws=self.laws,
            rule=self.ruling_where,
        )
        return Decider(walk, f"{self.id}: {self.question}")

    @cached_property
    def fingerprint(self) -> str:
        """Which text this is: what says the same, in whatever order, has the same fingerprint."""
        return fingerprint(self)

    def __eq__(self, other: object) -> bool:
        return self.fingerprint == other.fingerprint if isinstance(other, Policy) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise InvalidValue(
            f"the policy {self.id} cannot be pickled, for it is code and data: build or import it where it is asked, "
            "and send facts and rulings instead"
        )

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

    def decide_columns(self, columns: Mapping[str, Iterable[Any]]) -> list[Ruling[Outcome]]:
        """Answer the question for every row of some columns of facts, each named like its fact.

        A fact with a default may be left out: it then has its default in every row. Columns of different lengths, one that is no
        fact and one that is missing raise `InvalidValue`, and so do the facts of a row, with its number, where `decide` refuses them.

        >>> from partnerkit.policies import CONTACT, Owner, Purpose
        >>> columns = {"owner": [Owner.PARTNER, Owner.VENDOR], "purpose": [Purpose.SALES, Purpose.SALES]}
        >>> [ruling.allowed for ruling in CONTACT.decide_columns(columns)]
        [False, True]
        """
        return self._decider.decide_columns(columns)

    def tree_source(self) -> str:
        """Give the Python text by which `decide` answers: the facts it asks in their order, and what each way leads to.

        Its first lines say what each ruling it names is; `Owner_PARTNER` is the member `Owner.PARTNER`; `otherwise` walks through the
        conditions and says what is wrong with facts that no way is for. A policy with very many ways has no tree: its text looks
        the ruling up in a table that fills as it is asked.

        >>> from partnerkit.policies import SINGLE_BILL_LEAVING
        >>> print(SINGLE_BILL_LEAVING.tree_source())  # doctest: +ELLIPSIS
        # single bill leaving: May the partner take this account off its Single Bill?
        # ruling_1: may not, by LEAVE-NOT-ON
        # ruling_2: may, by LEAVE-PICK
        ...
        """
        return self._decider.text()

    def applying(self, facts: Facts) -> tuple[bool, ...]:
        """Tell of each clause, in the order of the policy, whether its condition holds.

        >>> from partnerkit.policies import OWNERSHIP, Management, OwnershipFacts
        >>> OWNERSHIP.applying(OwnershipFacts(management=Management.REFERRED))
        (False, True, False)
        """
        lookup = cast("Callable[[str], Value]", lambda name: getattr(facts, name))
        return tuple(clause.when.holds(lookup) for clause in self.clauses)

    def clause(self, clause_id: str) -> Clause:
        """Give the clause with this id; one that the policy has not raises `InvalidValue`.

        >>> from partnerkit.policies import OWNERSHIP
        >>> OWNERSHIP.clause("OWNER-MANAGED").then
        Owner.PARTNER
        """
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
        added = in_tuple(add, Clause, f"the clauses to add to the policy {self.id} are", "clauses", "clause")
        example = repr(repeal) if isinstance(repeal, str) else repr(self.clauses[0].id)
        repealed = in_tuple(repeal, str, f"the clauses to repeal in the policy {self.id} are", "ids of clauses", example)
        for clause_id in repealed:
            self.clause(clause_id)
        kept = tuple(clause for clause in self.clauses if clause.id not in repealed)
        for twice in {clause.id for clause in kept} & {clause.id for clause in added}:
            raise InvalidValue(
                f"the policy {self.id} would have two clauses {twice}: repeal the one it has in the same amendment, "
                f"with repeal=({twice!r},), or give the new one an id of its own"
            )
        gone = frozenset(repealed) - {clause.id for clause in added}
        clauses = (*(clause.giving_way_without(gone) for clause in kept), *added)
        return type(self)(self.id, self.question, self.facts, self.answers, clauses, laws=self.laws, collects=self.collects)

    def ruling_where(self, applying: tuple[bool, ...], *, keep_up_to: int | None = None) -> Ruling[Outcome]:
        """Give the ruling where these clauses apply, told of each in the order of the policy; the same object every time.

        With `keep_up_to` it is kept only as long as fewer are: for clauses that somebody says apply, and may never apply together.

        >>> from partnerkit.policies import OWNERSHIP
        >>> OWNERSHIP.ruling_where((False, True, False)).because
        ('OWNER-REFERRED',)
        """
        ruling = self._rulings.get(applying)
        if ruling is None:
            ruling = self._resolve(applying)
            if keep_up_to is None or len(self._rulings) < keep_up_to:
                return self._rulings.setdefault(applying, ruling)
        return ruling

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
