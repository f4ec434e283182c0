// The line of time: where the replay stands, and marks where something happened. Errors stand above, tools and tests in
// the middle, permissions below; a click or a drag leads there.
//
//   const scrubber = new Scrubber(element, { seek(t, {dragging}), nearest(t) → event or null });
//   scrubber.show(events, duration)     scrubber.move(position)

import { clock } from "../format.js";
import { isBad } from "./events.js";

// Which lane, from the top, as shares of the height; later ones are drawn over earlier ones.
const LANES = [
  { types: ["tool_use"], top: 0.42, bottom: 0.72, width: 2 },
  { types: ["test_result"], top: 0.36, bottom: 0.78, width: 2 },
  { types: ["permission"], top: 0.74, bottom: 1, width: 2 },
  { types: ["error"], top: 0, bottom: 0.46, width: 2 },
];

export class Scrubber {
  #element;
  #canvas;
  #head;
  #tip;
  #actions;
  #events = [];
  #duration = 0;
  #dragging = false;
  #drawing = false;

  constructor(element, actions) {
    this.#element = element;
    this.#actions = actions;
    this.#canvas = element.querySelector("canvas");
    this.#head = element.querySelector(".head");
    this.#tip = element.querySelector(".tip");
    element.addEventListener("pointerdown", (event) => this.#grab(event));
    element.addEventListener("pointermove", (event) => this.#hover(event));
    element.addEventListener("pointerup", (event) => this.#drop(event));
    element.addEventListener("pointercancel", () => (this.#dragging = false));
    element.addEventListener("pointerleave", () => (this.#tip.hidden = true));
    new ResizeObserver(() => this.#drawSoon()).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#drawSoon());
  }

  get dragging() {
    return this.#dragging;
  }

  show(events, duration) {
    this.#events = events;
    this.#duration = duration;
    this.#element.setAttribute("aria-valuemax", duration.toFixed(1));
    this.#drawSoon();
  }

  move(position) {
    const share = this.#duration > 0 ? Math.min(1, position / this.#duration) : 0;
    this.#head.style.left = `${share * 100}%`;
    this.#element.setAttribute("aria-valuenow", position.toFixed(1));
    this.#element.setAttribute("aria-valuetext", `${clock(position)} of ${clock(this.#duration)}`);
  }

  #grab(event) {
    if (event.button !== 0) return;
    this.#element.setPointerCapture(event.pointerId);
    this.#dragging = true;
    this.#lead(event);
  }

  #hover(event) {
    if (this.#dragging) this.#lead(event);
    const at = this.#secondsAt(event);
    const near = this.#actions.nearest(at, (this.#duration * 6) / this.#element.clientWidth);
    this.#tip.textContent = near ? `${clock(near.t)}  ${near.type.replace("_", " ")}: ${near.text}` : clock(at);
    this.#tip.hidden = false;
    const room = this.#element.clientWidth - this.#tip.offsetWidth;
    this.#tip.style.left = `${Math.max(0, Math.min(room, this.#share(event) * this.#element.clientWidth - this.#tip.offsetWidth / 2))}px`;
  }

  #drop(event) {
    if (!this.#dragging) return;
    this.#dragging = false;
    this.#lead(event);
  }

  #lead(event) {
    const at = this.#secondsAt(event);
    this.move(at);
    this.#actions.seek(at, { dragging: this.#dragging });
  }

  #secondsAt(event) {
    return this.#share(event) * this.#duration;
  }

  #share(event) {
    const { left, width } = this.#element.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width));
  }

  #drawSoon() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#element;
    const scale = devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const context = this.#canvas.getContext("2d");
    context.scale(scale, scale);
    if (!this.#duration) return;
    for (const lane of LANES) this.#drawLane(context, lane, width, height);
  }

  // Events that fall on one place are one mark, the stronger the more they are; among them a bad one counts.
  #drawLane(context, { types, top, bottom, width: wide }, width, height) {
    const marks = new Map();
    for (const event of this.#events) {
      if (!types.includes(event.type)) continue;
      const x = Math.floor((Math.min(1, event.t / this.#duration) * (width - wide)) / wide) * wide;
      const mark = marks.get(x) ?? { count: 0, bad: false };
      mark.count += 1;
      mark.bad ||= isBad(event);
      marks.set(x, mark);
    }
    const most = Math.max(...[...marks.values()].map(({ count }) => count));
    const style = getComputedStyle(this.#element);
    const [good, bad] = [`--type-${types[0]}`, "--type-error"].map((name) => style.getPropertyValue(name));
    for (const [x, mark] of marks) {
      context.globalAlpha = 0.4 + 0.6 * (mark.count / most);
      context.fillStyle = mark.bad ? bad : good;
      context.fillRect(x, top * height, wide, (bottom - top) * height);
    }
  }
}
