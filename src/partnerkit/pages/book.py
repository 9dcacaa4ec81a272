"""The whole rulebook, file by file.

Floor 10, the highest of `partnerkit.pages`. May import: errors, article, clauses, policies, its lower neighbors and the standard library.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from partnerkit.article import SENTENCES
from partnerkit.clauses.model import Policy
from partnerkit.clauses.spaces import lawful_points, space_of
from partnerkit.clauses.views import Say, english
from partnerkit.errors import InvalidValue, shown
from partnerkit.pages.data import PolicyShown, policies_shown, sentences_shown
from partnerkit.pages.html import html_page
from partnerkit.pages.markdown import markdown_pages
from partnerkit.pages.silences import silences_page
from partnerkit.pages.words import Words
from partnerkit.policies import POLICIES

MARK: Final = "<!-- partnerkit rulebook: "
"""What every page of the rulebook of all policies begins with: one that is no longer made can be told from a file of somebody else."""

_OTHERS_MARK: Final = "<!-- partnerkit rulebook of other policies: "

SILENCES_MARK: Final = "<!-- partnerkit silences: "
"""What the head of the page of silences says: it is no page of the rulebook, and a rulebook beside it leaves it alone."""

# No plain name starts with an underscore or has a dot: those are the names of the page's own elements.
_PLAIN = re.compile("[A-Za-z0-9]+([_-][A-Za-z0-9]+)*")
_OURS = ("readme", "article", "rulebook", "ask", "rules", *map(str.lower, SENTENCES))

FIRST_PAGE: Final = "README.md"
"""The page that leads to all others; forges and editors show it with its directory."""

_HTML_PAGE: Final = "rulebook.html"


def rulebook(policies: Iterable[Policy[Any, Any]] | None = None, *, say: Say = english, lang: str = "en") -> Mapping[str, str]:
    """Write every page of the rulebook: the text of each by its file name. The same rules give the same bytes.

    Without `policies` all of `POLICIES` are told. `say` gives the words of a message in the language `lang`, whose form numbers and
    days take, so give both or neither. No policies at all raise `InvalidValue`, and so do laws that leave no facts to ask about, and
    policies, clauses and laws that cannot have files and anchors of their own, because of their ids. Write each book into a
    directory of its own: some names of files are the same.

    >>> from partnerkit.policies import OWNERSHIP
    >>> pages = rulebook([OWNERSHIP])
    >>> sorted(pages)
    ['README.md', 'article.md', 'ownership.md', 'rulebook.html']
    >>> pages["ownership.md"].splitlines()[1]
    '# Who owns the client relationship?'
    """
    words = Words(say=say, lang=lang)
    told = policies_shown(POLICIES if policies is None else policies, words)
    if not told:
        raise InvalidValue("a rulebook of no policies says nothing: give one at least, or nothing at all for those of partnerkit")
    _check_names(told)
    _check_facts(told)
    sentences = sentences_shown(told, words)
    mark = MARK if tuple(shown.policy for shown in told) == POLICIES else _OTHERS_MARK
    pages = markdown_pages(told, sentences, words, mark)
    return MappingProxyType({**pages, _HTML_PAGE: html_page(told, sentences, words, mark)})


def silences() -> str:
    """Write the page of what the article leaves open, what settles it, and what other programs do; in English.

    Its links lead to a rulebook in the directory `rulebook` beside its own.

    >>> silences().splitlines()[1]
    '# What the article leaves open, and what settles it'
    """
    return silences_page(Words(say=english, lang="en"), SILENCES_MARK)


def _check_facts(policies: Iterable[PolicyShown]) -> None:
    """Refuse a policy whose laws, though each can hold, leave no facts to ask about."""
    for policy in (one.policy for one in policies):
        if not lawful_points(space_of(policy.inputs), policy.laws):
            laws = ", ".join(law.id for law in policy.laws)
            raise InvalidValue(f"the policy {policy.id} can be asked about no facts at all: its laws ({laws}) never hold together")


def _check_names(policies: Iterable[PolicyShown]) -> None:
    """Refuse ids that are no names of files and anchors, or that two things share: some file systems do not tell case apart."""
    taken = dict.fromkeys(_OURS, "the book itself")
    for policy in policies:
        ids = [policy.slug, *(clause.id for clause in policy.clauses)]
        for name in (*ids, *(f"{policy.slug}.{law.id}" for law in policy.laws)):
            if name.lower() in taken:
                raise InvalidValue(f"the policy {policy.policy.id} uses the name {shown(name)}, which {taken[name.lower()]} has already")
            taken[name.lower()] = f"the policy {policy.policy.id}"
        for name in (*ids, *(law.id for law in policy.laws)):
            if not _PLAIN.fullmatch(name):
                of = f"{shown(name)} of the policy {policy.policy.id}"
                raise InvalidValue(f"{of} names no page and no place on one: wanted letters and digits with single - or _ between")
