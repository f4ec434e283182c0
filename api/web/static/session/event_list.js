// The list of events beside the terminal, its filter of types, and the details of the one that was chosen.

import { getJson } from "../api.js";
import { clock, number } from "../format.js";
import { copyButton, element } from "./elements.js";
import { isBad } from "./events.js";
import { Windowed } from "./windowed.js";

const ROW = 28;

export class EventList {
  #session;
  #events;
  #list;
  #types;
  #details;
  #reading = document.getElementById("reading");
  #wanted = 0;
  #showing = null;
  #told = new Map(); // how many of each type there are, as the page was told while they are still read

  // `go(event)` leads the replay to an event, `filtered()` tells that other types are shown.
  constructor(session, events, { go, filtered }) {
    this.#session = session;
    this.#events = events;
    this.#types = document.getElementById("types");
    this.#details = document.getElementById("details");
    this.#list = new Windowed(document.getElementById("events"), {
      height: ROW,
      make: makeRow,
      fill: fillRow,
      chosen: (event) => {
        go(event);
        this.#tell(event);
      },
    });
    for (const { dataset } of this.#types.children) this.#told.set(dataset.type, Number(dataset.count));
    this.#types.addEventListener("click", (click) => {
      const type = click.target.closest("button")?.dataset.type;
      if (!type) return;
      if (click.altKey || click.detail === 2) events.only(type);
      else events.toggle(type);
      this.show();
      filtered();
    });
    document.getElementById("events").dataset.height = ROW;
  }

  // Whether events are still being read.
  set reading(isReading) {
    this.#reading.hidden = !isReading;
    document.getElementById("events").ariaBusy = isReading;
  }

  show() {
    cancelAnimationFrame(this.#showing);
    this.#showing = null;
    this.#reading.value = this.#events.all.length;
    this.#list.show(this.#events.shown);
    this.#showTypes();
  }

  // Before the next frame, however often it is called until then.
  showSoon() {
    this.#showing ??= requestAnimationFrame(() => this.show());
  }

  // The last event by then is the current one, unless it is known which one is meant of several at that moment.
  follow(position, chosen) {
    const index = chosen ? this.#events.indexOf(chosen) : -1;
    this.#list.mark(index >= 0 ? index : this.#events.indexAt(position));
  }

  fail(error) {
    this.reading = false;
    const place = document.getElementById("no-events");
    place.textContent = `${error.message} ${error.hint ?? ""}`;
    place.hidden = false;
  }

  #showTypes() {
    const counts = [...this.#events.counts].sort((one, other) => other[1] - one[1]);
    for (const [type, count] of counts) {
      const button = this.#types.querySelector(`[data-type="${CSS.escape(type)}"]`) ?? this.#addType(type);
      button.setAttribute("aria-pressed", !this.#events.hidden.has(type));
      button.querySelector(".count").textContent = number(Math.max(count, this.#told.get(type) ?? 0));
    }
  }

  #addType(type) {
    const button = element("button", "chip type", [
      element("span", "dot"),
      type.replace("_", " "),
      " ",
      element("span", "count"),
    ]);
    button.type = "button";
    button.dataset.type = type;
    button.title = "Show or hide; twice for this type alone";
    this.#types.append(button);
    return button;
  }

  async #tell(event) {
    const wanted = ++this.#wanted;
    const parameters = { session: this.#session, after: event.id - 1, limit: 1 };
    const { extractions: rows } = await getJson("/api/query/extractions", parameters).catch(() => ({ extractions: [] }));
    if (wanted !== this.#wanted || rows[0]?.id !== event.id) return;
    this.#details.replaceChildren(...described(rows[0], () => (this.#details.hidden = true)));
    this.#details.hidden = false;
  }
}

function makeRow() {
  const row = element("div", "event", [element("span", "time"), element("span", "dot"), element("span", "text")]);
  row.setAttribute("role", "option");
  return row;
}

function fillRow(row, event) {
  const [time, , text] = row.children;
  time.textContent = clock(event.t);
  text.textContent = event.text;
  row.dataset.type = event.type;
  row.classList.toggle("bad", isBad(event));
  row.title = event.type.replace("_", " ");
}

function described(row, close) {
  const facts = [["pattern", row.pattern], ["line", row.line_number], ["risk", row.risk_level]];
  for (const [name, value] of Object.entries(row.metadata ?? {})) {
    facts.push([name.replaceAll("_", " "), typeof value === "string" ? value : JSON.stringify(value)]);
  }
  const list = element("dl", "facts");
  for (const [name, value] of facts) {
    if (value !== null && value !== undefined) list.append(element("dt", "", name), element("dd", "", String(value)));
  }
  const text = row.original_line || row.matched_value || "";
  const closing = element("button", "quiet", "Close");
  closing.type = "button";
  closing.addEventListener("click", close);
  const title = element("span", "chip", [element("span", "dot"), row.event_type.replace("_", " ")]);
  title.dataset.type = row.event_type;
  return [element("div", "bar-of-details", [title, copyButton("Copy", () => text), closing]), element("pre", "", text), list];
}
