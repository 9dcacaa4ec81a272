"""The steps of the queries on attribution: texts with quoted names, and blanks that a contract and a dialect fill.

Floor 10, as low in `partnerkit.sql` as `sql.dialects`. May import: credits, terms and the standard library.

A table is named by what it holds, and a blank begins with a colon. What is read together, such as a mailbox and its partner, has one
row at most in the tables that are joined to the left, so no step multiplies visits.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from partnerkit.credits import CreditReason
from partnerkit.terms import CreditSource, EligibleAt

ASKED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "emails": """SELECT DISTINCT "o"."email" FROM "openings" AS "o" WHERE "o"."email" <> ''""",
        "codes": """SELECT DISTINCT "o"."coupon" FROM "openings" AS "o" WHERE "o"."coupon" <> ''""",
        "days": """SELECT DISTINCT "o"."at" - ("o"."at" + :before_all) % :day AS "utc_day" FROM "openings" AS "o" """,
    }
)

REPORTED_AGAIN: Final = """
SELECT "v"."id", MIN("v"."place") AS "first_place" FROM "visits" AS "v" GROUP BY "v"."id" HAVING COUNT(*) > 1
"""

REUSED: Final = "two different {what} have the id {{}}: repeat a report as it was, give a new one its own id"

SUSPECTS: Final = (
    (
        "visits",
        """
        SELECT "v"."id" FROM "visits" AS "v" JOIN "again" AS "a" ON "a"."id" = "v"."id"
        JOIN "visits" AS "f" ON "f"."id" = "a"."id" AND "f"."place" = "a"."first_place"
        WHERE "v"."visitor" <> "f"."visitor" OR "v"."at" <> "f"."at" OR "v"."name" IS DISTINCT FROM "f"."name"
        OR "v"."ambiguous" <> "f"."ambiguous" OR "v"."source" <> "f"."source" OR "v"."bot" <> "f"."bot" OR "v"."prefetch" <> "f"."prefetch"
        OR "v"."top_level" <> "f"."top_level" OR "v"."consent" IS DISTINCT FROM "f"."consent" OR "v"."gpc" <> "f"."gpc" LIMIT 1
        """,
        REUSED.format(what="visits"),
    ),
    (
        "visits",
        """
        SELECT "v"."id" FROM "visits" AS "v" JOIN "again" AS "a" ON "a"."id" = "v"."id"
        GROUP BY "v"."id", "v"."place" HAVING COUNT(*) > 1 LIMIT 1
        """,
        "the visit {} is reported twice in one place: give each report the place in which it came",
    ),
    (
        "openings",
        """
        SELECT "o"."id" FROM "openings" AS "o"
        JOIN (
            SELECT "r"."id", MIN("r"."place") AS "place" FROM "openings" AS "r" GROUP BY "r"."id" HAVING COUNT(*) > 1
        ) AS "a" ON "a"."id" = "o"."id"
        JOIN "openings" AS "f" ON "f"."id" = "a"."id" AND "f"."place" = "a"."place"
        WHERE "o"."account" <> "f"."account" OR "o"."visitor" <> "f"."visitor" OR "o"."at" <> "f"."at" OR "o"."email" <> "f"."email"
        OR "o"."coupon" <> "f"."coupon" OR "o"."existing_account" <> "f"."existing_account" LIMIT 1
        """,
        REUSED.format(what="openings"),
    ),
    (
        "deals",
        """
        SELECT "d"."partner", "d"."account" FROM "deals" AS "d"
        LEFT JOIN "names" AS "n" ON "n"."partner" = "d"."partner" WHERE "n"."partner" IS NULL LIMIT 1
        """,
        "there is no partner {}, whom a deal for the account {} names: add the partner, or leave the deal out",
    ),
    (
        "deals",
        """SELECT "d"."account" FROM "deals" AS "d" WHERE "d"."ends_at" < "d"."starts_at" LIMIT 1""",
        "a deal for {} ends before it starts: swap the two",
    ),
)

FIRSTS: Final = """
SELECT "r"."id", "r"."account", "r"."visitor", "r"."at", "r"."email", "r"."coupon", "r"."existing_account" FROM (
    SELECT "o"."id", "o"."account", "o"."visitor", "o"."at", "o"."email", "o"."coupon", "o"."existing_account",
    ROW_NUMBER() OVER (PARTITION BY "o"."account" ORDER BY "o"."at", "o"."place", :opening_by_id) AS "nth" FROM "openings" AS "o"
) AS "r" WHERE "r"."nth" = 1
"""

SOUGHT: Final = """
SELECT "f"."id", "f"."account", "f"."visitor", "f"."at", "f"."email", "f"."existing_account" FROM "firsts" AS "f"
"""

SOUGHT_ON_DAYS: Final = """
SELECT "f"."id", "f"."account", "f"."visitor", "f"."at", "f"."email", "f"."existing_account",
"d"."reaches_back_to", "d"."also_from", "d"."also_until" FROM "firsts" AS "f"
JOIN "days" AS "d" ON "d"."utc_day" = "f"."at" - ("f"."at" + :before_all) % :day AND "d"."since" <= "f"."at" AND "f"."at" < "d"."until"
"""

BY_VISITOR: Final = """SELECT "s".*, "s"."visitor" AS "seeker" FROM "opened" AS "s" """

BY_VISITOR_AND_LINKS: Final = """
SELECT "s".*, "s"."visitor" AS "seeker" FROM "opened" AS "s"
UNION
SELECT "s".*, "i"."visitor" AS "seeker" FROM "opened" AS "s"
JOIN "identities" AS "i" ON "i"."account" = "s"."account" AND "i"."at" <= "s"."at"
"""

NAMES_SOMEBODY: Final = """"v"."name" <> '' AND NOT "v"."ambiguous" AND NOT "s"."existing_account" """

PAIRS: Final = """
SELECT "s".*, "v"."id" AS "visit", "v"."visitor" AS "seen", "v"."at" AS "seen_at", "v"."place", "v"."name", "v"."ambiguous", "v"."source",
"v"."bot", "v"."prefetch", "v"."top_level", "v"."consent", "v"."gpc", LEAST("v"."at", "s"."at") AS "dated"
FROM "sought" AS "s" JOIN "visits" AS "v" ON "v"."visitor" = "s"."seeker"
AND "s"."at" - :longest <= "v"."at" AND "v"."at" <= "s"."at" + :skew
WHERE :wanted
"""

IS_KNOWN: Final = """"n"."partner" IS NOT NULL"""
TRUE: Final = "TRUE"
FALSE: Final = "FALSE"
IN_AGE: Final = """"p"."at" - :age <= "p"."dated" """
IN_DAYS: Final = """"p"."reaches_back_to" <= "p"."dated" OR ("p"."also_from" <= "p"."dated" AND "p"."dated" < "p"."also_until")"""
ACTIVE_AT_VISIT: Final = """COALESCE("n"."is_active", FALSE)"""
ACTIVE_AT_OPENING: Final = """"t"."partner" IS NOT NULL"""
IS_ELIGIBLE: Final[Mapping[EligibleAt, str]] = MappingProxyType(
    {
        EligibleAt.VISIT: ACTIVE_AT_VISIT,
        EligibleAt.OPENING: ACTIVE_AT_OPENING,
        EligibleAt.BOTH: f"{ACTIVE_AT_VISIT} AND {ACTIVE_AT_OPENING}",
    }
)
ERASED: Final = """SELECT DISTINCT "x"."visitor" FROM "erased" AS "x" """
IS_OF_ERASED: Final = """"e"."visitor" = "p"."seen" """
IS_ERASED: Final = """"e"."visitor" IS NOT NULL"""
LOWERED_IF_ASCII: Final = """CASE WHEN STRLEN("p"."name") = LENGTH("p"."name") THEN LOWER("p"."name") ELSE "p"."name" END"""

READ: Final = """
SELECT "p"."id" AS "opening", "p"."account", "p"."visit", "p"."seen_at" AS "at", "p"."place", "p"."dated", "n"."partner",
"p"."source" = :extension AS "is_extension", NOT (:is_eligible) AS "is_ineligible", COALESCE("w"."is_denied", FALSE) AS "is_denied",
CASE WHEN "n"."partner" IS NOT NULL THEN :known WHEN "p"."ambiguous" THEN :ambiguous WHEN "p"."name" <> '' THEN :unknown
ELSE :missing END AS "name",
CASE WHEN :lies_within THEN :in_window ELSE :expired END AS "timing",
COALESCE("a"."first_place" < "p"."place", FALSE) AS "repeated", "p"."bot", "p"."prefetch", "p"."top_level",
:require_consent AND NOT COALESCE("p"."consent", FALSE) AS "consent_missing", :honor_gpc AND "p"."gpc" AS "gpc_stops",
:erased AS "erased", FALSE AS "stood_down", "p"."existing_account", FALSE AS "partner_ineligible", FALSE AS "self_referral_denied"
FROM "pairs" AS "p"
LEFT JOIN "names" AS "n" ON "n"."key" = :key AND "n"."since" <= "p"."dated" AND "p"."dated" < "n"."until" AND NOT "p"."ambiguous"
LEFT JOIN "active" AS "t" ON "t"."partner" = "n"."partner" AND "t"."since" <= "p"."at" AND "p"."at" < "t"."until"
LEFT JOIN "own" AS "w" ON "w"."email" = "p"."email" AND "w"."partner" = "n"."partner"
LEFT JOIN "again" AS "a" ON "a"."id" = "p"."visit"
WHERE :wanted
"""

COUNTED: Final = """
SELECT "c"."account", "c"."visit", "c"."at", "c"."place", "c"."dated", "c"."partner", "c"."is_extension",
"c"."is_ineligible", "c"."is_denied" FROM "ruled" AS "c" WHERE "c"."outcome" = :counts
"""

ALL: Final = """SELECT "c".* FROM "source" AS "c" """

ALL_STAND: Final[Mapping[str, str]] = MappingProxyType({"standing": """SELECT "c".* FROM "counted" AS "c" """})

STANDING_DOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        # The journeys with clicks of extensions, each in its order.
        "lined": """
        SELECT "c"."account", "c"."visit", "c"."dated", "c"."partner", "c"."is_extension",
        ROW_NUMBER() OVER (PARTITION BY "c"."account" ORDER BY "c"."at", "c"."place", :visit_by_id) AS "nth" FROM "counted" AS "c"
        JOIN (SELECT DISTINCT "y"."account" FROM "counted" AS "y" WHERE "y"."is_extension") AS "x" ON "x"."account" = "c"."account"
        """,
        # The clicks that no visit but another extension's can make stand down.
        "clear": """
        SELECT "c"."account", "c"."visit", "c"."dated", "c"."partner",
        ROW_NUMBER() OVER (PARTITION BY "c"."account" ORDER BY "c"."nth") AS "turn" FROM "lined" AS "c"
        WHERE "c"."is_extension" AND NOT EXISTS (
            SELECT 1 FROM "lined" AS "r" WHERE "r"."account" = "c"."account" AND "r"."nth" < "c"."nth" AND NOT "r"."is_extension"
            AND "r"."partner" <> "c"."partner" AND "c"."dated" - :stand_down <= "r"."dated"
        )
        """,
        # Click after click, with the last one that counts and the last one of another partner than that.
        "turns": """
        SELECT "c"."account", "c"."turn", "c"."visit", FALSE AS "stood_down", "c"."partner" AS "last_partner", "c"."dated" AS "last_dated",
        :never AS "before_dated" FROM "clear" AS "c" WHERE "c"."turn" = 1
        UNION ALL
        SELECT "x"."account", "x"."turn", "x"."visit", "x"."stood_down",
        CASE WHEN "x"."stood_down" THEN "x"."last_partner" ELSE "x"."partner" END,
        CASE WHEN "x"."stood_down" THEN "x"."last_dated" ELSE "x"."dated" END,
        CASE WHEN "x"."stood_down" OR "x"."last_partner" = "x"."partner" THEN "x"."before_dated" ELSE "x"."last_dated" END
        FROM (
            SELECT "c"."account", "c"."turn", "c"."visit", "c"."partner", "c"."dated",
            "t"."last_partner", "t"."last_dated", "t"."before_dated", "c"."dated" - :stand_down
            <= CASE WHEN "t"."last_partner" = "c"."partner" THEN "t"."before_dated" ELSE "t"."last_dated" END AS "stood_down"
            FROM "turns" AS "t" JOIN "clear" AS "c" ON "c"."account" = "t"."account" AND "c"."turn" = "t"."turn" + 1
        ) AS "x"
        """,
        "standing": """
        SELECT "c".* FROM "counted" AS "c"
        LEFT JOIN "turns" AS "t" ON "t"."account" = "c"."account" AND "t"."visit" = "c"."visit" AND NOT "t"."stood_down"
        WHERE NOT "c"."is_extension" OR "t"."visit" IS NOT NULL
        """,
    }
)

AGAINST: Final = """
SELECT "r"."opening", "r"."account", "r"."visit", "r"."at", "r"."place", "r"."partner", "r"."name", "r"."timing", "r"."repeated", "r"."bot",
"r"."prefetch", "r"."top_level", "r"."consent_missing", "r"."gpc_stops", "r"."erased", "r"."existing_account",
"r"."outcome" = :counts AND :stood_down AS "stood_down", "r"."outcome" = :counts AND "r"."is_ineligible" AS "partner_ineligible",
"r"."outcome" = :counts AND "r"."is_denied" AS "self_referral_denied" FROM "ruled" AS "r"
"""

STANDING_STILL: Final = """SELECT "c"."account", "c"."visit" FROM "standing" AS "c" """
STANDS_STILL: Final = """"k"."account" = "r"."account" AND "k"."visit" = "r"."visit" """
STOOD_DOWN: Final = """"k"."visit" IS NULL"""

CLAIMS: Final[Mapping[CreditSource, str]] = MappingProxyType(
    {
        CreditSource.DEAL: """
        SELECT "f"."account", CAST(NULL AS TEXT) AS "visit", "d"."partner", "d"."starts_at" AS "at", "d"."place",
        "t"."partner" IS NULL AS "is_ineligible", COALESCE("w"."is_denied", FALSE) AS "is_denied" FROM "firsts" AS "f"
        JOIN "deals" AS "d" ON "d"."account" = "f"."account" AND "d"."approved"
        AND "d"."starts_at" <= "f"."at" AND "f"."at" <= "d"."ends_at"
        LEFT JOIN "active" AS "t" ON "t"."partner" = "d"."partner" AND "t"."since" <= "f"."at" AND "f"."at" < "t"."until"
        LEFT JOIN "own" AS "w" ON "w"."email" = "f"."email" AND "w"."partner" = "d"."partner"
        WHERE NOT "f"."existing_account"
        """,
        CreditSource.COUPON: """
        SELECT "f"."account", CAST(NULL AS TEXT) AS "visit", "d"."partner", "f"."at", "f"."at" AS "place",
        "t"."partner" IS NULL AS "is_ineligible", COALESCE("w"."is_denied", FALSE) AS "is_denied" FROM "firsts" AS "f"
        JOIN "codes" AS "d" ON "d"."coupon" = "f"."coupon"
        LEFT JOIN "active" AS "t" ON "t"."partner" = "d"."partner" AND "t"."since" <= "f"."at" AND "f"."at" < "t"."until"
        LEFT JOIN "own" AS "w" ON "w"."email" = "f"."email" AND "w"."partner" = "d"."partner"
        WHERE NOT "f"."existing_account"
        """,
        CreditSource.LINK: """
        SELECT "c"."account", "c"."visit", "c"."partner", "c"."at", "c"."place", "c"."is_ineligible", "c"."is_denied" FROM "standing" AS "c"
        """,
    }
)

CAN_BE_CREDITED: Final = """NOT "c"."is_ineligible" """

BEST_FIRST: Final = """
SELECT "c"."account", "c"."visit", "c"."partner", "c"."is_ineligible",
ROW_NUMBER() OVER (PARTITION BY "c"."account" ORDER BY "c"."at", "c"."place", :visit_by_id, :partner_by_id) AS "nth"
FROM "source" AS "c" WHERE NOT "c"."is_denied" AND :looked_at
"""

BEST_LAST: Final = """
SELECT "c"."account", "c"."visit", "c"."partner", "c"."is_ineligible",
ROW_NUMBER() OVER (PARTITION BY "c"."account" ORDER BY "c"."at" DESC, "c"."place" DESC, :visit_by_id DESC) AS "nth"
FROM "source" AS "c" WHERE NOT "c"."is_denied" AND :looked_at
"""

BEST: Final = """
SELECT "b"."account", "b"."visit", "b"."partner" FROM "source" AS "b" WHERE "b"."nth" = 1 AND NOT "b"."is_ineligible"
"""

NO_TEXT: Final = "CAST(NULL AS TEXT)"

SEEN_NOBODY: Final = """SELECT "c"."account", FALSE AS "is_denied" FROM "firsts" AS "c" WHERE FALSE"""

SEEN: Final = """SELECT "c"."account", "c"."is_denied" FROM "source" AS "c" """

NOBODY: Final[Mapping[CreditReason, str]] = MappingProxyType(
    {
        CreditReason.NOT_NEW: """"f"."existing_account" """,
        CreditReason.SELF_REFERRAL: """"u"."denied" = 1""",
        CreditReason.PARTNER_INACTIVE: """"u"."account" IS NOT NULL""",
    }
)

ANSWERS: Final = """
SELECT "f"."id" AS "opening", "f"."account", "f"."email" FROM "firsts" AS "f"
LEFT JOIN (
    SELECT "c"."account", MAX(CASE WHEN "c"."is_denied" THEN 1 ELSE 0 END) AS "denied" FROM "seen" AS "c" GROUP BY "c"."account"
) AS "u" ON "u"."account" = "f"."account"
"""

CREDITS: Final = """
SELECT "o"."id" AS "opening", "o"."account", "a"."partner", CASE WHEN "o"."id" = "a"."opening" THEN "a"."visit" END AS "visit",
CASE WHEN "o"."id" = "a"."opening" THEN "a"."reason" ELSE :bound END AS "reason",
COALESCE("w"."same_mailbox", FALSE) AS "same_mailbox", COALESCE("w"."same_domain", FALSE) AS "same_domain"
FROM "openings" AS "o" JOIN "answers" AS "a" ON "a"."account" = "o"."account"
LEFT JOIN "own" AS "w" ON "w"."email" = "a"."email" AND "w"."partner" = "a"."partner"
"""
