// What stands above a session and at its tabs, kept true while it runs and when it ends.

import { getJson } from "../api.js";
import { counted, duration, short } from "../format.js";
import { fill } from "../rows.js";
import { element } from "./elements.js";

const byId = (id) => document.getElementById(id);

// How many there are by now. As long as the events are still read, what the page was told at first is more.
export function showCounts({ all, counts }) {
  const known = { events: all.length, code: counts.get("code_block"), commands: counts.get("tool_use") };
  for (const [name, count] of Object.entries(known)) {
    const badge = byId(`tab-${name}`).querySelector(".count");
    if (!(count > Number(badge.dataset.count))) continue;
    Object.assign(badge, { textContent: short(count), hidden: false }).dataset.count = count;
    if (name === "events") byId("total").textContent = counted(count, "event");
  }
}

// The states, and of a session that has ended how it went, and the facts, as the server has them; whether it has ended.
export async function showHead(session) {
  const told = await getJson(`/sessions/${encodeURIComponent(session)}/head`).catch(() => null);
  if (told) showStates(told.states);
  if (!told?.view.ended_at) return false;
  const { view, facts } = told;
  fill(byId("about"), view);
  byId("about").querySelector(".verdict").title = view.reason;
  byId("took").hidden = false;
  const list = byId("facts");
  const [name, command] = list.children; // which stay as they are
  const others = facts.flatMap(([term, value]) => [element("dt", "", term), element("dd", "", value)]);
  list.replaceChildren(name, command, ...others);
  return true;
}

// There are never fewer of them: what has fewer is an older answer.
function showStates(states) {
  const list = byId("states");
  if (states.length <= list.children.length) return;
  list.replaceChildren(...states.map(stateItem));
  const { state } = states.at(-1);
  Object.assign(byId("state"), { textContent: state }).dataset.state = state;
}

function stateItem({ state, exit_code: status, t }) {
  const link = Object.assign(element("a", "", duration(t)), { href: `?t=${t.toFixed(2)}` });
  link.dataset.t = t;
  const word = element("span", "state", state);
  word.dataset.state = state;
  return element("li", "", [link, " ", word, status ? ` exit ${status}` : ""]);
}
