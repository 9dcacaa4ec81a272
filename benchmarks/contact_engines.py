"""The contact policy once more in every rule engine, each in the form and by the way of asking that its own documentation calls fast.

Rules are read once; facts are translated into the input of an engine by `translate`, so that both can be timed apart. `ask` gives
what the engine answers, and `said` reads it: whether the vendor may, and the ids of the clauses that the engine names for it, None
where it names none. See policies.py beside this file.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from partnerkit.policies import ContactFacts

MAY_NOT = {"CONTACT-MANAGED", "CONTACT-OPTED-OUT"}
Said = tuple[bool, set[str] | None]


class Engine(NamedTuple):
    """One engine, ready to be asked."""

    translate: Callable[[ContactFacts], Any]
    ask: Callable[[Any], Any]
    said: Callable[[Any], Said]


def as_record(facts: ContactFacts) -> dict[str, Any]:
    return {
        "owner": facts.owner.value,
        "purpose": facts.purpose.value,
        "in_program": facts.in_program,
        "opted_out": facts.opted_out,
        "partner_asked": facts.partner_asked,
        "reply_agreed": facts.reply_agreed,
        "billing_notice_agreed": facts.billing_notice_agreed,
        "security_notice_agreed": facts.security_notice_agreed,
        "partner_asked_agreed": facts.partner_asked_agreed,
    }


def by_clause(clause: str) -> Said:
    return clause not in MAY_NOT, {clause}


ZEN_EXPRESSION = """
owner == 'partner'
  ? (purpose == 'legal_obligation' ? 'CONTACT-LEGAL'
    : purpose == 'reply' and reply_agreed ? 'CONTACT-REPLY'
    : purpose == 'billing_notice' and billing_notice_agreed ? 'CONTACT-BILLING'
    : purpose == 'security_notice' and security_notice_agreed ? 'CONTACT-SECURITY'
    : partner_asked and partner_asked_agreed and not (purpose == 'marketing' and opted_out) ? 'CONTACT-ASKED'
    : 'CONTACT-MANAGED')
  : in_program and purpose in ['sales', 'onboarding'] ? 'CONTACT-START'
  : in_program and purpose in ['retention', 'coaching'] ? 'CONTACT-KEEP'
  : purpose == 'marketing' and opted_out ? 'CONTACT-OPTED-OUT'
  : 'CONTACT-OWN-CLIENT'
"""

ZEN_ROWS: list[dict[str, str]] = [
    {"owner": "'partner'", "purpose": "'legal_obligation'", "clause": "'CONTACT-LEGAL'"},
    {"owner": "'partner'", "purpose": "'reply'", "reply_agreed": "true", "clause": "'CONTACT-REPLY'"},
    {"owner": "'partner'", "purpose": "'billing_notice'", "billing_notice_agreed": "true", "clause": "'CONTACT-BILLING'"},
    {"owner": "'partner'", "purpose": "'security_notice'", "security_notice_agreed": "true", "clause": "'CONTACT-SECURITY'"},
    {"owner": "'partner'", "purpose": "'marketing'", "opted_out": "true", "clause": "'CONTACT-MANAGED'"},
    {"owner": "'partner'", "partner_asked": "true", "partner_asked_agreed": "true", "clause": "'CONTACT-ASKED'"},
    {"owner": "'partner'", "clause": "'CONTACT-MANAGED'"},
    {"in_program": "true", "purpose": "'sales', 'onboarding'", "clause": "'CONTACT-START'"},
    {"in_program": "true", "purpose": "'retention', 'coaching'", "clause": "'CONTACT-KEEP'"},
    {"purpose": "'marketing'", "opted_out": "true", "clause": "'CONTACT-OPTED-OUT'"},
    {"clause": "'CONTACT-OWN-CLIENT'"},
]


def zen_expression() -> Engine:
    import zen  # noqa: PLC0415

    return Engine(as_record, zen.compile_expression(" ".join(ZEN_EXPRESSION.split())).evaluate, by_clause)


def zen_table() -> Engine:
    import zen  # noqa: PLC0415

    fields = list(dict.fromkeys(name for row in ZEN_ROWS for name in row if name != "clause"))
    rules = [{"_id": str(place), **dict.fromkeys(fields, ""), **row} for place, row in enumerate(ZEN_ROWS)]
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": name, "name": name, "field": name} for name in fields],
        "outputs": [{"id": "clause", "name": "clause", "field": "clause"}],
        "rules": rules,
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {"id": "rules", "name": "rules", "type": "decisionTableNode", "position": {"x": 0, "y": 0}, "content": content},
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 0, "y": 0}},
    ]
    edges = [
        {"id": "one", "type": "edge", "sourceId": "in", "targetId": "rules"},
        {"id": "two", "type": "edge", "sourceId": "rules", "targetId": "out"},
    ]
    loader = {"type": "static", "content": {"contact": {"nodes": nodes, "edges": edges}}}
    evaluate = zen.ZenEngine({"loader": loader}).evaluate
    return Engine(as_record, lambda record: evaluate("contact", record), lambda answer: by_clause(answer["result"]["clause"]))


CEDAR = """
@id("CONTACT-LEGAL")
permit(principal, action, resource) when { context.owner == "partner" && context.purpose == "legal_obligation" };
@id("CONTACT-REPLY")
permit(principal, action, resource) when { context.owner == "partner" && context.purpose == "reply" && context.reply_agreed };
@id("CONTACT-BILLING")
permit(principal, action, resource)
when { context.owner == "partner" && context.purpose == "billing_notice" && context.billing_notice_agreed };
@id("CONTACT-SECURITY")
permit(principal, action, resource)
when { context.owner == "partner" && context.purpose == "security_notice" && context.security_notice_agreed };
@id("CONTACT-ASKED")
permit(principal, action, resource) when { context.owner == "partner" && context.partner_asked && context.partner_asked_agreed }
unless { context.purpose == "legal_obligation" || context.purpose == "marketing" && context.opted_out };
@id("CONTACT-START")
permit(principal, action, resource)
when { context.owner == "vendor" && context.in_program && ["sales", "onboarding"].contains(context.purpose) };
@id("CONTACT-KEEP")
permit(principal, action, resource)
when { context.owner == "vendor" && context.in_program && ["retention", "coaching"].contains(context.purpose) };
@id("CONTACT-OWN-CLIENT")
permit(principal, action, resource) when { context.owner == "vendor" }
unless { context.in_program && ["sales", "onboarding", "retention", "coaching"].contains(context.purpose) };
@id("CONTACT-OPTED-OUT")
forbid(principal, action, resource) when { context.owner == "vendor" && context.purpose == "marketing" && context.opted_out };
"""


def cedarpy() -> Engine:
    import cedarpy  # noqa: PLC0415

    policies, nobody = cedarpy.PolicySet.from_str(CEDAR), cedarpy.Entities.from_json_str("[]")

    def translate(facts: ContactFacts) -> dict[str, str]:
        request = {"principal": 'Vendor::"vendor"', "action": 'Action::"contact"', "resource": 'Account::"account"'}
        return request | {"context": json.dumps(as_record(facts))}

    def said(answer: Any) -> Said:
        # A "no" by default names no policy: nothing in Cedar stands for CONTACT-MANAGED.
        return answer.allowed, set(answer.diagnostics.id_annotations_by_reason.values()) or None

    return Engine(translate, lambda request: cedarpy.is_authorized(request, policies, nobody), said)


# All in the matcher: rules kept as rows and read with `eval(p.rule)`, the form for rules that change, take several times as long.
CASBIN_MODEL = """
[request_definition]
r = facts
[policy_definition]
p = none
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.facts.owner == "partner" && ( \\
      r.facts.purpose == "legal_obligation" || \\
      r.facts.purpose == "reply" && r.facts.reply_agreed || \\
      r.facts.purpose == "billing_notice" && r.facts.billing_notice_agreed || \\
      r.facts.purpose == "security_notice" && r.facts.security_notice_agreed || \\
      r.facts.partner_asked && r.facts.partner_asked_agreed && !(r.facts.purpose == "marketing" && r.facts.opted_out)) || \\
    r.facts.owner == "vendor" && !(r.facts.purpose == "marketing" && r.facts.opted_out)
"""


def casbin() -> Engine:
    import casbin  # noqa: PLC0415

    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=CASBIN_MODEL))
    return Engine(lambda facts: facts, enforcer.enforce, lambda allowed: (allowed, None))


def json_logic() -> Engine:
    from json_logic import jsonLogic  # noqa: PLC0415

    owner, purpose = {"var": "owner"}, {"var": "purpose"}

    def purpose_and_term(name: str) -> dict[str, Any]:
        return {"and": [{"===": [purpose, name]}, {"var": f"{name}_agreed"}]}

    unwanted = {"and": [{"===": [purpose, "marketing"]}, {"var": "opted_out"}]}
    of_partner = {
        "if": [
            *({"===": [purpose, "legal_obligation"]}, "CONTACT-LEGAL"),
            *(purpose_and_term("reply"), "CONTACT-REPLY"),
            *(purpose_and_term("billing_notice"), "CONTACT-BILLING"),
            *(purpose_and_term("security_notice"), "CONTACT-SECURITY"),
            *({"and": [{"var": "partner_asked"}, {"var": "partner_asked_agreed"}, {"!": unwanted}]}, "CONTACT-ASKED"),
            "CONTACT-MANAGED",
        ]
    }
    rule = {
        "if": [
            *({"===": [owner, "partner"]}, of_partner),
            *({"and": [{"var": "in_program"}, {"in": [purpose, ["sales", "onboarding"]]}]}, "CONTACT-START"),
            *({"and": [{"var": "in_program"}, {"in": [purpose, ["retention", "coaching"]]}]}, "CONTACT-KEEP"),
            *(unwanted, "CONTACT-OPTED-OUT"),
            "CONTACT-OWN-CLIENT",
        ]
    }
    return Engine(as_record, lambda record: jsonLogic(rule, record), by_clause)


def durable_rules() -> Engine:
    from durable import lang  # noqa: PLC0415

    m, found = lang.m, [""]
    partner = m.owner == "partner"
    rules = [
        (partner & (m.purpose == "legal_obligation"), "CONTACT-LEGAL"),
        (partner & (m.purpose == "reply") & (m.reply_agreed == True), "CONTACT-REPLY"),  # noqa: E712 - it builds a condition
        (partner & (m.purpose == "billing_notice") & (m.billing_notice_agreed == True), "CONTACT-BILLING"),  # noqa: E712
        (partner & (m.purpose == "security_notice") & (m.security_notice_agreed == True), "CONTACT-SECURITY"),  # noqa: E712
        (partner & (m.purpose == "marketing") & (m.opted_out == True), "CONTACT-MANAGED"),  # noqa: E712
        (partner & (m.partner_asked == True) & (m.partner_asked_agreed == True), "CONTACT-ASKED"),  # noqa: E712
        (partner, "CONTACT-MANAGED"),
        ((m.in_program == True) & ((m.purpose == "sales") | (m.purpose == "onboarding")), "CONTACT-START"),  # noqa: E712
        ((m.in_program == True) & ((m.purpose == "retention") | (m.purpose == "coaching")), "CONTACT-KEEP"),  # noqa: E712
        ((m.purpose == "marketing") & (m.opted_out == True), "CONTACT-OPTED-OUT"),  # noqa: E712
        (m.owner == "vendor", "CONTACT-OWN-CLIENT"),
    ]

    def finds(clause: str) -> Callable[[Any], None]:
        def run(_: Any) -> None:
            found[0] = clause

        return run

    with lang.ruleset("contact"):
        for place, (condition, clause) in enumerate(rules):
            lang.when_all(lang.pri(place), condition)(finds(clause))

    def ask(record: dict[str, Any]) -> str:
        lang.post("contact", record)
        return found[0]

    return Engine(as_record, ask, by_clause)


ENGINES: dict[str, Callable[[], Engine]] = {
    "zen-engine, expression": zen_expression,
    "zen-engine, table": zen_table,
    "json-logic-qubit": json_logic,
    "durable_rules": durable_rules,
    "casbin": casbin,
    "cedarpy": cedarpy,
}
