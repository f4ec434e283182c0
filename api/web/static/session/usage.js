// The usage tab: what the session used in all, by model, nothing twice; below it each report as the agent made it.

import { getJson } from "../api.js";
import { clock, money, short } from "../format.js";
import { element } from "./elements.js";
import { secondsBetween } from "./events.js";
import { pagesOf } from "./pages.js";
import { empty, windowed } from "./tables.js";

const KINDS = [
  ["in", "input_uncached"],
  ["cached", "cache_read"],
  ["written to cache", "cache_write"],
  ["out", "output"],
  ["reasoning", "reasoning"],
];

export async function showUsage(panel, { session, started, go }) {
  const { usage, total } = await getJson("/api/query/usage", { by: "model", session });
  const items = [];
  for await (const rows of pagesOf(session, "metric")) {
    items.push(...rows.map((row) => ({ ...row, t: secondsBetween(started, row.timestamp) })));
  }
  const isTold = total.tokens.total !== null || total.cost_usd !== null;
  if (!isTold && !items.length) return panel.replaceChildren(empty("The agent told no tokens and no cost."));
  if (items.length) windowed(panel, "usage-list", "Usage", usageRow, (item) => go(item.t)).show(items);
  if (isTold) panel.prepend(summary(usage, total));
}

function summary(models, total) {
  const rows = models.length > 1 ? [...models, { ...total, model: "in all" }] : models;
  const items = rows.map(({ model, tokens, cost_usd: cost }) =>
    element("li", "", [
      element("b", "", model ?? "model not told"),
      ` ${told(tokens.total, "tokens")} `,
      element("span", "soft", parts(tokens)),
      element("span", "cost", cost === null ? "" : money(cost)),
    ]),
  );
  return element("ul", "plain usage-total", items);
}

function usageRow(item) {
  const { tokens = {}, cost_usd: cost, scope = "" } = item.metadata ?? {};
  const value = tokens.total ?? item.matched_value ?? "";
  return [
    element("span", "time", clock(item.t)),
    element("span", "text", [
      element("b", "", Number.isFinite(value) ? told(value, "tokens") : String(value)),
      element("span", "soft", ` ${parts(tokens)}`),
    ]),
    element("span", "soft", scope),
    element("span", "number", Number.isFinite(cost) ? money(cost) : ""),
  ];
}

function parts(tokens) {
  return KINDS.filter(([, key]) => tokens[key] > 0)
    .map(([name, key]) => `${name} ${short(tokens[key])}`)
    .join(" · ");
}

function told(count, unit) {
  return count ? `${short(count)} ${unit}` : "";
}
