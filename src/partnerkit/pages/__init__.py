"""The rulebook as pages: Markdown for any viewer, and one HTML page that answers for facts of the reader's own. And a closed month as one.

Floor 10. May import: every lower floor, jinja2 and the standard library. It builds texts and writes nothing itself.
Every word of the rulebook goes through `say(message id, English)`, so it exists in every language that has a catalog. Quotes and
sources stay as they are, and the page of silences is in English alone.
"""

from partnerkit.pages.book import FIRST_PAGE, MARK, SILENCES_MARK, rulebook, silences
from partnerkit.pages.closed import month_page
from partnerkit.pages.month_words import EVENT_MESSAGES
from partnerkit.pages.month_words import MESSAGES as MONTH_MESSAGES
from partnerkit.pages.words import MESSAGES

__all__ = ["EVENT_MESSAGES", "FIRST_PAGE", "MARK", "MESSAGES", "MONTH_MESSAGES", "SILENCES_MARK", "month_page", "rulebook", "silences"]
