"""What an auditor asks of the program: the answer, what settles it here, and what other programs do about it.

Floor 9. May import: everything on lower floors, attrs and the standard library.

The questions stand in questions.toml beside this module, which is read when they are first asked for: a text for people, as
the catalogs of languages are. They name clauses, laws, terms and functions as text.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidValue, shown


@final
class Answered(Named):
    """How far the article and the other official pages answer a question.

    >>> question("Q-33").answered
    Answered.NOT
    """

    FULLY = "fully"
    IN_PART = "in part"
    NOT = "not"


@final
@attrs.frozen(kw_only=True)
class Practice:
    """What another program is known to do, in our words, with the page it was read on; `date` is empty where none was shown.

    >>> question("Q-25").others[0].program
    'Mailchimp & Co'
    """

    program: str
    fact: str
    source: str
    date: str


@final
@attrs.frozen(kw_only=True)
class Question:
    """A question about the program and its answer here.

    `answered` says how far official pages answer it. `where` names what answers it here: clauses and laws (upper case), terms
    (``section.key``), and functions and types of partnerkit. `others` is what other programs do.

    >>> question("Q-33").where
    ('contact.reply', 'CONTACT-REPLY')
    """

    id: str
    topic: str
    question: str
    answer: str
    answered: Answered
    where: tuple[str, ...]
    others: tuple[Practice, ...]

    def __attrs_post_init__(self) -> None:
        if not self.where:
            raise InvalidValue(f"the question {self.id} names nothing that answers it: give the clauses, terms or functions that do")

    @property
    def terms(self) -> tuple[str, ...]:
        """The keys of the terms among what answers the question.

        >>> question("Q-33").terms
        ('contact.reply',)
        """
        return tuple(where for where in self.where if "." in where)


@cache
def questions() -> tuple[Question, ...]:
    """Give every question, in the order of their ids.

    >>> len([one for one in questions() if "Q-24" <= one.id <= "Q-60"])
    37
    """
    text = files("partnerkit").joinpath("questions.toml").read_text(encoding="utf-8")
    return tuple(map(_question, tomllib.loads(text)["question"]))


def question(question_id: str) -> Question:
    """Give one question by its id; an id that no question has raises `InvalidValue`.

    >>> question("Q-46").answered
    Answered.FULLY
    """
    for one in questions():
        if one.id == question_id:
            return one
    raise InvalidValue(f"{shown(question_id)} is no question: they go from {questions()[0].id} to {questions()[-1].id}, with gaps")


def _question(entry: dict[str, Any]) -> Question:
    others = tuple(Practice(**other) for other in entry.pop("others", ()))
    answered = Answered(entry.pop("answered"))
    return Question(where=tuple(entry.pop("where")), answered=answered, others=others, **entry)
