// The session's events in the order of their times, and questions about them. Pure.
//
//   new Events(started)   .add(columns)   as the outline has them: {id, timestamp, type, text, outcome}, of each a list
//   events.shown                 those of the types that are shown
//   events.indexAt(12.5)         of the last shown one by then, -1 before the first
//   events.indexOf(event)        of this one, -1 where its type is hidden
//   events.step(12.5, +1, isError)   the next one that fits, from a moment or from an event; null without

const BAD = new Set(["error", "denied", "cancelled"]);
const EDGE = 0.0005; // seconds: an event at the very moment is not the next one
const WHOLE = "2026-01-02T03:04:05.678901Z".length;
let known = { day: "", midnight: 0 }; // the day that was read last, and when it began

export class Events {
  all = [];
  shown = [];
  counts = new Map();
  hidden = new Set();
  #started;
  #ids = new Set();

  constructor(started) {
    this.#started = started;
  }

  add({ id: ids, timestamp: timestamps, type: types, text: texts, outcome: outcomes }) {
    let last = this.all.at(-1);
    let isSorted = true;
    for (let at = 0; at < ids.length; at++) {
      if (this.#ids.has(ids[at])) continue;
      const t = secondsBetween(this.#started, timestamps[at]);
      const event = { id: ids[at], t, type: types[at], text: texts[at] ?? "", outcome: outcomes[at] };
      this.#ids.add(event.id);
      this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
      this.all.push(event);
      isSorted &&= last === undefined || byTime(last, event) <= 0;
      last = event;
    }
    if (!isSorted) this.all.sort(byTime); // events of two streams are stored one stream after the other
    this.#select();
  }

  toggle(type) {
    if (!this.hidden.delete(type)) this.hidden.add(type);
    this.#select();
  }

  only(type) {
    const others = [...this.counts.keys()].filter((other) => other !== type);
    const alone = others.every((other) => this.hidden.has(other)) && !this.hidden.has(type);
    this.hidden = new Set(alone ? [] : others);
    this.#select();
  }

  indexAt(seconds) {
    return lastBy(this.shown, seconds + EDGE);
  }

  indexOf(event) {
    let at = this.indexAt(event.t);
    while (at >= 0 && this.shown[at].id !== event.id && this.shown[at].t >= event.t - EDGE) at -= 1;
    return this.shown[at]?.id === event.id ? at : -1;
  }

  step(from, direction, fits = () => true) {
    for (let at = this.#behind(from, direction); at >= 0 && at < this.shown.length; at += direction) {
      if (fits(this.shown[at])) return this.shown[at];
    }
    return null;
  }

  #behind(from, direction) {
    const at = typeof from === "number" ? -1 : this.indexOf(from);
    if (at >= 0) return at + direction;
    const seconds = typeof from === "number" ? from : from.t;
    return direction > 0 ? lastBy(this.shown, seconds + EDGE) + 1 : lastBy(this.shown, seconds - EDGE);
  }

  #select() {
    this.shown = this.hidden.size ? this.all.filter(({ type }) => !this.hidden.has(type)) : this.all;
  }
}

export function isError({ type }) {
  return type === "error";
}

export function isBad({ type, outcome }) {
  return type === "error" || BAD.has(outcome);
}

// Exact to the microsecond, which a Date is not.
export function secondsBetween(start, end) {
  if (!start || !end) return 0;
  return Math.max(0, (wholeSeconds(end) - wholeSeconds(start)) + (fraction(end) - fraction(start)));
}

// A row of the live feed as the outline would have it.
export function outlined(row) {
  const { outcome, phase, failed } = row.metadata ?? {};
  const told = outcome ?? phase ?? (failed > 0 ? "error" : null);
  const text = row.matched_value || row.original_line || row.pattern;
  return { id: [row.id], timestamp: [row.timestamp], type: [row.event_type], text: [text.slice(0, 200)], outcome: [told] };
}

function lastBy(events, seconds) {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle].t <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function byTime(one, other) {
  return one.t - other.t || one.id - other.id;
}

// The seconds of its day from the digits where they always stand, ten times as fast as a Date of each.
function wholeSeconds(timestamp) {
  if (!known.day || !timestamp.startsWith(known.day)) {
    const day = timestamp.slice(0, 10);
    known = { day, midnight: Date.parse(day) / 1000 };
  }
  return known.midnight + digits(timestamp, 11) * 3600 + digits(timestamp, 14) * 60 + digits(timestamp, 17);
}

function fraction(timestamp) {
  if (timestamp.length !== WHOLE) return Number(`0${timestamp.slice(19, -1) || ".0"}`);
  return (digits(timestamp, 20) * 10_000 + digits(timestamp, 22) * 100 + digits(timestamp, 24)) / 1e6;
}

function digits(text, at) {
  return text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528; // 528: ten and one times the code of "0"
}
