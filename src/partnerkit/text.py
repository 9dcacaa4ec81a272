"""Words for people: explanations in plain sentences, with amounts, dates and rates in a locale's own form.

Floor 9. May import: everything on lower floors, formats, languages, terms_text, rulings_text, credits_text, lines_text and the standard
library.

Every sentence has a message id, in `words` or, of the policies, in `clauses.views`; its words come from `languages`.
"""

from typing import Any

from partnerkit.attribution import Credit
from partnerkit.billing import Adjustment, Line
from partnerkit.clauses import Policy, Ruling
from partnerkit.credits_text import credit_lines, credit_phrase, credit_rule
from partnerkit.errors import InvalidValue, shown
from partnerkit.formats import (
    format_date,
    format_day,
    format_money,
    format_month,
    format_rate,
    format_whole,
)
from partnerkit.languages import say_in
from partnerkit.lines_text import adjustment_lines, line_lines, phrase
from partnerkit.rulings_text import reasons, ruling_lines
from partnerkit.terms import Terms
from partnerkit.terms_text import OpenQuestion, open_questions, value_text

__all__ = [
    "OpenQuestion",
    "credit_phrase",
    "credit_rule",
    "explain",
    "format_date",
    "format_day",
    "format_money",
    "format_month",
    "format_rate",
    "format_whole",
    "open_questions",
    "phrase",
    "reasons",
    "say_in",
    "value_text",
]


def explain(
    value: Ruling[Any] | Credit | Line | Adjustment,
    locale: str = "en",
    *,
    terms: Terms | None = None,
    policy: Policy[Any, Any] | None = None,
) -> str:
    """Explain an answer in full: what was decided, by which clauses, and what each of them rests on.

    Words are in the language of the locale, English where it has no catalog; amounts and dates are in the form of the locale.
    Quotes, sources, ids and keys of terms stay as they are. With `terms`, the terms that decide are shown with their values, and
    the arithmetic of a line with its rate and rounding; terms a line was not made by raise `InvalidValue`. A ruling of a policy of
    your own, or of an amended one, is explained with that `policy`: one that it was not made by raises `InvalidValue`.

    >>> from partnerkit.policies import SINGLE_BILL_LEAVING, BillingMode, LeavingFacts
    >>> print(explain(SINGLE_BILL_LEAVING.decide(LeavingFacts(billing_mode=BillingMode.DIRECT))))
    May the partner take this account off its Single Bill? The answer: may not.
    LEAVE-NOT-ON decides. Its condition: the billing mode is direct.
      Our own choice, as the article does not say: only an account on Single Bill can leave it.
    Rules that do not apply here:
      LEAVE-PICK. Its condition: the billing mode is single bill.
    """
    if policy is not None and not isinstance(value, Ruling):
        raise InvalidValue(f"a policy explains a ruling, and {shown(value)} is none: leave `policy` out")
    match value:
        case Ruling():
            lines = ruling_lines(value, locale, terms, policy)
        case Credit():
            lines = credit_lines(value, locale, terms)
        case Line():
            lines = line_lines(value, locale, terms)
        case Adjustment():
            lines = adjustment_lines(value, locale, terms)
        case _:
            raise InvalidValue(f"there is nothing to explain of {shown(value)}: wanted a Ruling, a Credit, a Line or an Adjustment")
    return "\n".join(lines)
