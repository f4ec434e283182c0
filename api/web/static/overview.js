// The overview, kept up to date: the live feed says that something has happened, the rows are then asked for anew.

import { getJson } from "./api.js";
import { ActivityChart } from "./activity.js";
import { duration, relative } from "./format.js";
import { follow, showConnection } from "./live.js";
import { bindRowKeys } from "./row_keys.js";
import { showEmpty, updateList, fill } from "./rows.js";

const SOON = 250; // ms: several events make one question
const AT_MOST_EVERY = 1000; // ms
const FIGURES_EVERY = 10_000; // ms: the server counts much for them, beside agents that work
const LINES_EVERY = 5000; // ms: what an agent prints without an event is seen then
const part = (id) => document.getElementById(id);
const page = part("overview");
const filters = part("filters");
const chart = new ActivityChart(part("chart"), tellMoment);

let ahead = Date.now() - Date.parse(page.dataset.now); // ms that this clock is ahead of the server's
let total = part("activity-at").textContent;

// One of the two things that are asked for: at most every so many ms, and never the answer to an older question.
class Part {
  constructor(path, every, show) {
    Object.assign(this, { path, every, show, asked: 0, due: 0, timer: null, asking: null });
  }

  soon(every = this.every) {
    const due = Math.max(Date.now() + SOON, this.asked + every);
    if (document.hidden || (this.timer !== null && this.due <= due)) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.now(), due - Date.now());
  }

  async now() {
    clearTimeout(this.timer);
    this.timer = null;
    this.asked = Date.now();
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      this.show(await getJson(`${this.path}${location.search}`, {}, this.asking));
      part("failure").hidden = true;
    } catch (error) {
      if (error.name !== "AbortError" && error.status !== 0) fail(error);
    }
  }
}

const sessions = new Part("/overview/sessions.json", AT_MOST_EVERY, showSessions);
const figures = new Part("/overview/figures.json", FIGURES_EVERY, showFigures);

function changed() {
  sessions.soon();
  figures.soon();
}

function refresh() {
  return Promise.all([sessions.now(), figures.now()]);
}

function fail(error) {
  part("failure").textContent = `This page could not be brought up to date: ${error.message}. ${error.hint ?? ""}`;
  part("failure").hidden = false;
}

function showSessions(told) {
  ahead = Date.now() - Date.parse(told.now);
  const isEmpty = !told.running.length && !told.history.length && !location.search;
  part("welcome").hidden = !isEmpty;
  page.hidden = isEmpty;
  for (const name of ["running", "attention", "history"]) updateList(part(name), part(`${name}-row`), told[name]);
  part("attention").hidden = !told.attention.length;
  part("running-total").textContent = told.running_total || "";
  document.title = `${told.running_total} running · wrapper`;
  part("sessions").classList.toggle("with-usage", told.history.some((row) => row.tokens || row.cost));
  part("sessions").hidden = !told.history.length;
  part("no-history").textContent = location.search ? "No session fits this filter." : "No session has ended yet.";
  part("searched-part").hidden = told.searched_all;
  showOlder(told.older);
  showAgents([...told.running, ...told.history].map((row) => row.agent));
}

function showFigures(told) {
  for (const sum of told.totals) fill(part("totals").querySelector(`[data-key="${sum.title}"]`), sum);
  part("activity").hidden = !told.charted;
  showActivity(told.activity);
  showAgents(told.agents);
}

function showActivity(activity) {
  chart.show(activity);
  total = activity.total;
  part("activity-at").textContent = total;
  updateList(part("legend"), part("legend-row"), activity.shares.map((share) => ({ id: share.type, ...share })));
  for (const item of part("legend").children) item.dataset.type = item.dataset.key;
}

function tellMoment(words) {
  part("activity-at").textContent = words || total;
}

function showOlder(cursor) {
  const link = part("older");
  link.hidden = !cursor;
  if (!cursor) return;
  const address = new URLSearchParams(location.search);
  address.set("before", cursor);
  link.setAttribute("href", `/?${address}`);
}

function showAgents(names) {
  const select = filters.elements.agent;
  const known = new Set([...select.options].map((option) => option.value));
  for (const name of new Set(names)) if (!known.has(name)) select.add(new Option(name, name));
}

// Filters: the address says what is shown, so that it can be kept and sent; going back goes back.

function filterBy(parameters) {
  const given = [...parameters].filter(([, value]) => value.trim() !== "");
  const query = String(new URLSearchParams(given));
  if (query === location.search.slice(1)) return;
  history.pushState(null, "", query ? `/?${query}` : "/");
  filtersChanged();
}

function filtersChanged() {
  part("no-filters").hidden = !location.search;
  const from = filters.elements.from;
  part("activity-span").textContent = from.value ? from.selectedOptions[0].text : "last 7 days";
  page.setAttribute("aria-busy", "true");
  refresh().finally(() => page.removeAttribute("aria-busy"));
}

filters.addEventListener("submit", (event) => {
  event.preventDefault();
  filterBy(new FormData(filters));
});
filters.addEventListener("change", () => filterBy(new FormData(filters)));
addEventListener("popstate", () => {
  const address = new URLSearchParams(location.search);
  for (const field of filters.elements) if (field.name) field.value = address.get(field.name) ?? "";
  filtersChanged();
});

// Time passes without anybody saying so.

function tick() {
  const now = Date.now() - ahead;
  for (const row of part("running").children) {
    const started = Date.parse(row.querySelector("[data-slot=started]").dateTime);
    if (started) row.querySelector("[data-slot=took]").textContent = duration((now - started) / 1000);
  }
  for (const time of page.querySelectorAll("time[data-slot]")) {
    const words = relative(time.dateTime, now);
    if (time.textContent !== words) time.textContent = words;
  }
}

const handlers = {
  live_start() {
    showConnection("live");
    sessions.soon(0); // what has come since the page was made
  },
  session_start: changed,
  state_change: changed,
  extraction: changed,
  session_end() {
    sessions.soon();
    figures.soon(AT_MOST_EVERY);
  },
};
follow("/api/live", handlers, { lost: () => showConnection("lost"), back: () => figures.soon(0) });
document.addEventListener("visibilitychange", changed);
setInterval(tick, 1000);
setInterval(() => part("running").children.length && sessions.soon(), LINES_EVERY);
for (const name of ["running", "attention", "history", "legend"]) showEmpty(part(name));
chart.show(JSON.parse(part("chart").dataset.activity));
bindRowKeys();
