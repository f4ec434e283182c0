// The tabs that list events of one type in full: commands with how they ended, files that were touched.

import { clock, duration } from "../format.js";
import { copyButton, element } from "./elements.js";
import { secondsBetween } from "./events.js";
import { pagesOf } from "./pages.js";
import { Windowed } from "./windowed.js";

const ROW = 28;
const OUTCOMES = { ok: "✓", error: "✗", denied: "⊘", cancelled: "–", unknown: "?" };
const OPERATIONS = { created: "+", modified: "~", deleted: "−", renamed: "→" };

export async function showCommands(panel, { session, started, go }) {
  const items = [];
  const text = element("div", "details");
  text.hidden = true;
  const list = windowed(panel, "commands-list", "Commands", commandRow, (item) => {
    go(item.t);
    text.replaceChildren(...commandDetails(item));
    text.hidden = false;
  });
  panel.append(text);
  for await (const rows of pagesOf(session, "tool_use")) {
    items.push(...rows.map((row) => ({ ...row, t: secondsBetween(started, row.timestamp) })));
    list.show(items);
  }
  if (!items.length) panel.replaceChildren(empty("No command and no other use of a tool was found."));
}

export async function showFiles(panel, { session, started, go }) {
  const files = new Map();
  for await (const rows of pagesOf(session, "file_operation")) {
    for (const row of rows) touch(files, row, secondsBetween(started, row.timestamp));
  }
  const items = [...files.values()].sort((one, other) => one.path.localeCompare(other.path));
  if (!items.length) return panel.replaceChildren(empty("No file was changed, as far as the output says."));
  windowed(panel, "files-list", "Files", fileRow, (item) => go(item.t)).show(items);
}

export function windowed(panel, id, label, fillRow, chosen) {
  const place = element("div", "list");
  place.id = id;
  place.tabIndex = 0;
  place.setAttribute("role", "listbox");
  place.setAttribute("aria-label", label);
  panel.replaceChildren(place);
  const make = () => {
    const row = element("div", "entry");
    row.setAttribute("role", "option");
    return row;
  };
  return new Windowed(place, { height: ROW, make, fill: (row, item) => row.replaceChildren(...fillRow(item, row)), chosen });
}

function commandRow(item, row) {
  const { outcome = "unknown", exit_code: exit, duration_ms: took } = item.metadata ?? {};
  row.dataset.outcome = outcome;
  const ended = exit ? `exit ${exit}` : outcome === "ok" || outcome === "unknown" ? "" : outcome;
  return [
    element("span", "time", clock(item.t)),
    outcomeMark(outcome),
    element("span", "text mono", item.matched_value || item.original_line || ""),
    element("span", "ended", ended),
    element("span", "number soft", took === undefined ? "" : duration(took / 1000)),
  ];
}

function outcomeMark(outcome) {
  const mark = element("span", "outcome", OUTCOMES[outcome] ?? "?");
  mark.setAttribute("aria-label", String(outcome));
  mark.setAttribute("role", "img");
  return mark;
}

function commandDetails(item) {
  const { arguments: given } = item.metadata ?? {};
  const command = item.matched_value || item.original_line || "";
  const parts = [
    element("div", "bar-of-details", [element("b", "", item.metadata?.tool ?? "tool"), copyButton("Copy", () => command)]),
    element("pre", "", command),
  ];
  if (given && given !== command) {
    parts.push(element("pre", "soft", typeof given === "string" ? given : JSON.stringify(given, null, 2)));
  }
  return parts;
}

function touch(files, row, t) {
  const path = row.matched_value || row.original_line || "";
  const { operation = "", added = 0, removed = 0, to } = row.metadata ?? {};
  const file = files.get(path) ?? { path, t, times: 0, added: 0, removed: 0, operation, to };
  file.times += 1;
  file.added += added;
  file.removed += removed;
  if (operation && !(operation === "modified" && file.operation)) file.operation = operation;
  file.t = t;
  files.set(path, file);
}

function fileRow(item, row) {
  row.dataset.operation = item.operation;
  const mark = element("span", "outcome", OPERATIONS[item.operation] ?? "·");
  mark.title = item.operation;
  const lines = item.added || item.removed ? `+${item.added} −${item.removed}` : "";
  return [
    mark,
    element("span", "text mono", item.to ? `${item.path} → ${item.to}` : item.path),
    element("span", "number soft", lines),
    element("span", "number soft", item.times > 1 ? `${item.times}×` : ""),
  ];
}

export function empty(text) {
  return element("p", "empty", text);
}
