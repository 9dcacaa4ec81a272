"""The rulebook as pages: Markdown for any viewer, and one HTML page that answers for facts of the reader's own.

Floor 10. May import: every lower floor, jinja2 and the standard library. It builds texts and writes nothing itself.
Every word goes through `say(message id, English)`, so the pages exist in every language that has a catalog.
"""

from partnerkit.pages.book import FIRST_PAGE, MARK, rulebook, silences
from partnerkit.pages.words import MESSAGES

__all__ = ["FIRST_PAGE", "MARK", "MESSAGES", "rulebook", "silences"]
