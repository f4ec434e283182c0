// The session's events in the order of their times, and questions about them. Pure.
//
//   new Events(started)   .add(rows)   rows as the outline has them: [id, timestamp, type, text, risk, outcome]
//   events.shown                 those of the types that are shown
//   events.indexAt(12.5)         of the last shown one by then, -1 before the first
//   events.indexOf(event)        of this one, -1 where its type is hidden
//   events.step(12.5, +1, isError)   the next one that fits, from a moment or from an event; null without

const BAD = new Set(["error", "denied", "cancelled"]);
const EDGE = 0.0005; // seconds: an event at the very moment is not the next one
const SECONDS_KNOWN = 1000;
const seconds = new Map();

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

  add(rows) {
    const added = rows.filter(([id]) => !this.#ids.has(id)).map((row) => this.#event(row));
    for (const event of added) {
      this.#ids.add(event.id);
      this.counts.set(event.type, (this.counts.get(event.type) ?? 0) + 1);
    }
    const last = this.all.at(-1);
    this.all.push(...added);
    // Events of two streams are stored one stream after the other.
    if (added.some((event, at) => before(event, at ? added[at - 1] : last))) this.all.sort(byTime);
    this.#select();
    return added;
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

  #event([id, timestamp, type, text, , outcome]) {
    return { id, t: secondsBetween(this.#started, timestamp), type, text: text ?? "", outcome };
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
  return [row.id, row.timestamp, row.event_type, text.slice(0, 200), row.risk_level, told];
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

function before(event, other) {
  return other !== undefined && byTime(event, other) < 0;
}

function byTime(one, other) {
  return one.t - other.t || one.id - other.id;
}

// Many events share their second, and all of a session its start: the dates that were read last are known.
function wholeSeconds(timestamp) {
  const second = timestamp.slice(0, 19);
  let found = seconds.get(second);
  if (found === undefined) {
    if (seconds.size >= SECONDS_KNOWN) seconds.clear();
    seconds.set(second, (found = Date.parse(`${second}Z`) / 1000));
  }
  return found;
}

function fraction(timestamp) {
  return Number(`0${timestamp.slice(19, -1) || ".0"}`);
}
