"use strict";
// The page looks up what Python has written down for every point. What it works out itself are the smallest changes, from those answers.
(() => {
  const byId = (id) => document.getElementById(id);
  const book = JSON.parse(byId("_book").textContent);
  const policies = new Map(book.policies.map((policy) => [policy.slug, policy]));
  const picker = byId("_policy");
  // The Markdown pages write anchors in lower case, and so do links to them that were changed by hand.
  const anchors = new Map([...document.querySelectorAll("[id][tabindex]")].map((one) => [one.id.toLowerCase(), one.id]));

  const range = (count) => Array.from({ length: count }, (_, place) => place);
  const holds = (set, place) => Math.floor(set / 2 ** place) % 2 === 1;
  const members = (set, count) => range(count).filter((place) => holds(set, place));
  const fill = (message, values) => book.words[message].replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function findingAt(policy, point) {
    const index = policy.facts.reduce((sum, fact, place) => sum * fact.values.length + point[place], 0);
    const start = index * policy.width;
    policy.findings = Array.isArray(policy.findings) ? policy.findings : policy.findings.split(" ");
    return policy.findings[parseInt(policy.points.slice(start, start + policy.width), 36)];
  }

  function read(finding) {
    if (finding.startsWith("!")) return { broken: parseInt(finding.slice(1), 36) };
    const [answer, basis, deciding, applying] = finding.split(".").map((number) => parseInt(number, 36));
    return { answer, basis, deciding, applying };
  }

  function answerAt(policy, point) {
    const finding = findingAt(policy, point);
    return finding.startsWith("!") ? null : parseInt(finding, 36);
  }

  function reasonsOf(policy, clause, point) {
    const { asks, by } = policy.reasons[clause];
    const index = asks.reduce((sum, fact) => sum * policy.facts[fact].values.length + point[fact], 0);
    return by[index].map((fact) => policy.facts[fact].says[point[fact]]);
  }

  function* choices(from, count, start = 0) {
    if (count === 0) yield [];
    else for (let place = start; place <= from - count; place++) for (const rest of choices(from, count - 1, place + 1)) yield [place, ...rest];
  }

  function* moves(policy, point, facts) {
    if (facts.length === 0) yield [];
    else {
      const [fact, ...others] = facts;
      for (const value of range(policy.facts[fact].values.length)) {
        if (value !== point[fact]) for (const rest of moves(policy, point, others)) yield [[fact, value], ...rest];
      }
    }
  }

  // A change is smallest when no part of it, alone, leads to another answer.
  function smallestChanges(policy, point) {
    const answer = answerAt(policy, point);
    const found = [];
    for (const count of range(policy.facts.length)) {
      for (const facts of choices(policy.facts.length, count + 1)) {
        for (const change of moves(policy, point, facts)) {
          const moved = [...point];
          for (const [fact, value] of change) moved[fact] = value;
          if (found.some((smaller) => smaller.change.every(([fact, value]) => moved[fact] === value))) continue;
          const other = answerAt(policy, moved);
          if (other !== null && other !== answer) found.push({ change, answer: other });
        }
      }
    }
    return found;
  }

  function listed(texts, frame = "list.and") {
    if (texts.length < 2) return texts.join("");
    const first = texts.slice(0, -1).reduce((one, other) => fill("list.comma", { first: one, last: other }));
    return fill(frame, { first, last: texts[texts.length - 1] });
  }

  function element(tag, className, ...content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...content);
    return made;
  }

  function link(id, anchor = id) {
    const made = element("a", "id", id);
    made.href = `#${anchor}`;
    return made;
  }

  function item(clause, ...content) {
    const verdict = byId(clause).querySelector(".says").textContent;
    const made = element("li", "", link(clause), " ", element("span", "verdict", verdict), " ", ...content);
    made.dataset.clause = clause;
    return made;
  }

  function show(policy, point) {
    const finding = read(findingAt(policy, point));
    const impossible = finding.broken !== undefined;
    for (const part of document.querySelectorAll("[data-part]")) part.hidden = impossible;
    byId("_answer").parentElement.classList.toggle("impossible", impossible);
    if (impossible) showBroken(policy, finding);
    else showRuling(policy, point, finding);
    byId("_finding").href = `#${fragmentOf(policy, point)}`;
    byId("_text").textContent = policy.text;
  }

  function showBroken(policy, { broken }) {
    const laws = members(broken, policy.laws.length).map((place) => {
      const made = element("li", "", policy.laws[place].says, " ", link(policy.laws[place].id, `${policy.slug}.${policy.laws[place].id}`));
      made.dataset.law = policy.laws[place].id;
      return made;
    });
    byId("_answer").replaceChildren(
      element("p", "says", book.words["ask.impossible"]),
      element("p", "", book.words["ask.impossible_about"]),
      element("ul", "", ...laws),
      element("p", "hint", book.words["ask.change_a_fact"]),
    );
  }

  function showRuling(policy, point, { answer, basis, deciding, applying }) {
    const count = policy.clauses.length;
    byId("_answer").replaceChildren(
      element("p", "asked", policy.question),
      element("p", "says", policy.answers[answer]),
      element("p", "hint", fill("ask.weakest", book.bases[basis])),
    );
    byId("_decides").replaceChildren(...members(deciding, count).map((clause) => deciderOf(policy, clause, point)));
    const aside = range(count).filter((clause) => holds(applying, clause) && !holds(deciding, clause));
    fillPart("_aside", aside.map((clause) => asideOf(policy, clause, point, deciding)));
    const failing = range(count).filter((clause) => !holds(applying, clause));
    fillPart("_failing", failing.map((clause) => item(policy.clauses[clause], element("span", "facts", because(policy, clause, point)))));
    showChanges(policy, smallestChanges(policy, point));
  }

  function fillPart(id, items) {
    byId(id).replaceChildren(...items);
    byId(id).closest("[data-part]").hidden = items.length === 0;
  }

  function because(policy, clause, point) {
    const facts = reasonsOf(policy, clause, point);
    return facts.length ? fill("ask.because", { facts: listed(facts) }) : book.words["ask.always"];
  }

  function deciderOf(policy, clause, point) {
    const rests = byId(policy.clauses[clause]).querySelector(".rests").cloneNode(true);
    return item(policy.clauses[clause], element("span", "facts", because(policy, clause, point)), rests);
  }

  function asideOf(policy, clause, point, deciding) {
    const facts = reasonsOf(policy, clause, point);
    const clauses = policy.unless[clause].filter((other) => holds(deciding, other)).map((other) => policy.clauses[other]).sort();
    const message = facts.length ? "ask.gives_way" : "ask.gives_way_always";
    const made = item(policy.clauses[clause], element("span", "facts", fill(message, { facts: listed(facts), clauses: listed(clauses) })));
    made.dataset.by = clauses.join(" ");
    return made;
  }

  function showChanges(policy, changes) {
    byId("_changes-about").textContent = book.words[changes.length ? "ask.changes_about" : "ask.no_changes"];
    byId("_changes").replaceChildren(...changes.map((one) => changeOf(policy, one)));
  }

  function changeOf(policy, { change, answer }) {
    const parts = change.map(([place, value]) => {
      const fact = policy.facts[place];
      const by = fact.by.length ? fill("ask.by", { parties: listed(fact.by, "list.or") }) : book.words["ask.by_nobody"];
      const made = element("span", "part", element("span", "fact", fact.says[value]), " ", element("span", "by", by));
      made.dataset.fact = fact.name;
      made.dataset.value = fact.values[value];
      return made;
    });
    return element("li", "", ...parts.flatMap((part) => [part, " "]), element("span", "then", fill("ask.becomes", { answer: policy.answers[answer] })));
  }

  const formOf = (policy) => byId(`_facts.${policy.slug}`);
  const controlOf = (policy, fact) => formOf(policy).elements.namedItem(`${policy.slug}.${fact.name}`);
  const pointOf = (policy) => policy.facts.map((fact) => fact.values.indexOf(controlOf(policy, fact).value));

  function pick(policy) {
    picker.value = policy.slug;
    for (const form of document.querySelectorAll("form[data-policy]")) form.hidden = form.dataset.policy !== policy.slug;
    show(policy, pointOf(policy));
  }

  function fragmentOf(policy, point) {
    const facts = new URLSearchParams(policy.facts.map((fact, place) => [fact.name, fact.values[point[place]]]));
    return `${policy.slug}@${policy.text}?${facts}`;
  }

  function follow(fragment) {
    const [head, query] = fragment.split(/\?(.*)/s);
    const [slug, text] = head.split("@");
    const policy = policies.get(slug);
    if (!policy) return book.words["ask.unknown_link"];
    const given = new URLSearchParams(query ?? "");
    formOf(policy).reset();
    const known = policy.facts.filter((fact) => fact.values.includes(given.get(fact.name)));
    for (const fact of known) controlOf(policy, fact).value = given.get(fact.name);
    pick(policy);
    if (known.length !== [...given].length) return book.words["ask.unknown_link"];
    return text !== undefined && text !== policy.text ? book.words["ask.other_text"] : "";
  }

  function onFragment() {
    const fragment = location.hash.slice(1);
    const asks = policies.has(fragment.split(/[@?]/, 1)[0]);
    const anchor = anchors.get(fragment.toLowerCase());
    if (anchor && anchor !== fragment) location.replace(`#${anchor}`);
    if (fragment === "" || (!asks && anchor)) return false;
    byId("_note").textContent = follow(fragment);
    return true;
  }

  function onChoice() {
    const policy = policies.get(picker.value);
    byId("_note").textContent = "";
    pick(policy);
    history.replaceState(null, "", `#${fragmentOf(policy, pointOf(policy))}`);
  }

  picker.addEventListener("change", onChoice);
  for (const form of document.querySelectorAll("form[data-policy]")) {
    form.addEventListener("change", onChoice);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelector("button").addEventListener("click", () => {
      form.reset();
      onChoice();
    });
  }
  byId("_print").addEventListener("click", () => {
    document.body.classList.add("finding");
    print();
  });
  addEventListener("afterprint", () => document.body.classList.remove("finding")); // print() does not wait in every browser
  addEventListener("hashchange", () => {
    if (!onFragment()) return;
    byId("ask").scrollIntoView();
    picker.focus({ preventScroll: true });
  });

  pick(book.policies[0]);
  byId("_desk").hidden = false;
  onFragment();
})();
