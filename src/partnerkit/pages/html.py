"""The one HTML page: a reader sets the facts and sees what Python has written down for that point.

Floor 10, above `pages.data` and `pages.tables`. May import: article, clauses, its lower neighbors, attrs and the standard
library.

The page needs no network and no server. A Content-Security-Policy admits its one script and its one style by their hashes
and nothing else. All that is read stands in the page; the script shows and hides, looks up in the table of every point, and
finds the smallest changes by comparing the answers of that table.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import attrs

from partnerkit.article import ARTICLE
from partnerkit.clauses.citations import Basis
from partnerkit.clauses.conditions import Choice, Flag, Value
from partnerkit.clauses.views import answer_words
from partnerkit.pages.data import FactShown, PolicyShown, SentenceShown, counted_bases, tokens
from partnerkit.pages.tables import point_table
from partnerkit.pages.templating import as_json, content_hash, inline, render, source
from partnerkit.pages.words import Words

_MOST_RADIOS = 5
_SCRIPT_WORDS = (
    "list.and",
    "list.or",
    "list.comma",
    "ask.impossible",
    "ask.impossible_about",
    "ask.change_a_fact",
    "ask.weakest",
    "ask.changes_about",
    "ask.no_changes",
    "ask.because",
    "ask.always",
    "ask.gives_way",
    "ask.gives_way_always",
    "ask.becomes",
    "ask.by",
    "ask.by_nobody",
    "ask.unknown_link",
    "ask.other_text",
)
_NOTHING_ELSE = "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"


def html_page(policies: Sequence[PolicyShown], sentences: Sequence[SentenceShown], words: Words, mark: str) -> str:
    """Write the page of these policies and sentences; `mark` says who wrote it."""
    style, script = source("base.css") + source("rulebook.css"), source("rulebook.js")
    policy = f"default-src 'none'; script-src {content_hash(script)}; style-src {content_hash(style)}; {_NOTHING_ELSE}"
    values = {
        "mark": inline(mark),
        "words": words,
        "content_security_policy": policy,
        "style": inline(style),
        "script": inline(script),
        "book": as_json(_book(policies, words)),
        "article": ARTICLE,
        "policies": policies,
        "sentences": sentences,
        "bases": counted_bases(policies),
        "firsts": {shown.slug: _first_values(shown) for shown in policies},
        "most_radios": _MOST_RADIOS,
    }
    return render("rulebook.html.jinja", values)


def _first_values(shown: PolicyShown) -> dict[str, str]:
    """Give the facts the form begins with, as tokens: the usual ones, or the first near them that can be together.

    Usual is what the class of the facts takes for granted, else the first value.
    """
    policy = shown.policy
    names = [item.name for item in policy.inputs]
    usual = {field.name: field.default for field in attrs.fields(policy.facts)}
    ways = product(*(_usual_first(item, usual[item.name]) for item in policy.inputs))
    points = (dict(zip(names, values, strict=True)) for values in ways)
    first = next(point for point in points if not any(law.broken_by(point.__getitem__) for law in policy.laws))
    return {item.name: tokens(item)[first[item.name]] for item in policy.inputs}


def _usual_first(item: Choice | Flag, usual: object) -> list[Value]:
    return sorted(item.values, key=lambda value: value != usual)


def _book(policies: Sequence[PolicyShown], words: Words) -> Mapping[str, Any]:
    return {
        "words": {message_id: words.frame(message_id) for message_id in _SCRIPT_WORDS},
        "bases": [{"basis": words(f"bases.{basis.value}"), "meaning": words.frame(f"basis.{basis.value}")} for basis in Basis],
        "policies": [_policy(shown, words) for shown in policies],
    }


def _policy(shown: PolicyShown, words: Words) -> Mapping[str, Any]:
    table = point_table(shown.policy)
    places = {clause.id: place for place, clause in enumerate(shown.clauses)}
    return {
        "slug": shown.slug,
        "question": shown.question,
        "text": shown.text,
        "facts": [_fact(fact) for fact in shown.facts],
        "answers": [answer_words(answer, words.say) for answer in table.answers],
        "clauses": [*places],
        "unless": [[places[other] for other in clause.unless] for clause in shown.clauses],
        "laws": [{"id": law.id, "says": law.sentence} for law in shown.laws],
        "width": table.width,
        "points": table.points,
        "findings": table.findings,
        "reasons": [{"asks": one.asks, "by": one.by} for one in table.reasons],
    }


def _fact(fact: FactShown) -> Mapping[str, Any]:
    return {
        "name": fact.name,
        "values": [value.token for value in fact.values],
        "says": [value.sentence for value in fact.values],
        "by": fact.by,
    }
