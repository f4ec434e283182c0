// The terminal: xterm.js, which shows and does nothing else. What an agent printed cannot leave it: links wait for a
// click and a question, titles and clipboards (OSC 2, OSC 52) have no listener, and what a terminal would answer to a
// program goes nowhere.
//
//   const screen = new Screen(element, { cols, rows }, { openLink });
//   screen.paint({ cols, rows }, bytes)    a keyframe: forgets all that was there, and what still waited to be written
//   screen.write(bytes)
//   screen.resize(cols, rows)
//   await screen.settled()                 all of it is on the screen

import { Terminal } from "../vendor/xterm.mjs";
import { WebLinksAddon } from "../vendor/addon-web-links.mjs";
import { openTerminal } from "../strict_styles.js";
import { joined } from "./bytes.js";
import { THEMES } from "./themes.js";

const CLEAR = Uint8Array.of(0x18, 0x1b, 0x63); // CAN ends any sequence, RIS makes the terminal new
const AT_ONCE = 1 << 17; // bytes that the terminal is given at a time: what waits here can still be forgotten
const SCROLLBACK = 5000;
// Below `smallest` nobody reads; what does not fit then is scrolled in a size that is `readable`. The last two are shares
// of the font's size.
const FONT = { smallest: 6, readable: 8, largest: 17, wide: 0.602, high: 1.2 };
const MOUSE_MODES = new Set([9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016]);

export class Screen {
  #element;
  #terminal;
  #jobs = [];
  #busy = false;
  #waiting = [];

  // Of the size that it will have, so that nothing is measured twice.
  constructor(element, size, { openLink }) {
    this.#element = element;
    this.#terminal = new Terminal({
      ...size,
      scrollback: SCROLLBACK,
      disableStdin: true,
      cursorBlink: false,
      cursorInactiveStyle: "outline",
      fontFamily: getComputedStyle(element).getPropertyValue("--mono"),
      fontSize: this.#fitting(size),
      minimumContrastRatio: 1,
      theme: THEMES.dark,
      logLevel: "off",
      linkHandler: { activate: (_, address) => openLink(address), allowNonHttpProtocols: false },
    });
    this.#terminal.loadAddon(new WebLinksAddon((_, address) => openLink(address)));
    openTerminal(this.#terminal, element);
    this.#leaveTheKeyboardAlone();
    this.#leaveTheMouseAlone();
    new ResizeObserver(() => this.#fit()).observe(element);
  }

  get terminal() {
    return this.#terminal;
  }

  paint({ cols, rows }, bytes) {
    this.#jobs = [{ bytes: CLEAR }, { size: { cols, rows } }, { bytes }];
    this.#work();
  }

  write(bytes) {
    this.#jobs.push({ bytes });
    this.#work();
  }

  resize(cols, rows) {
    this.#jobs.push({ size: { cols, rows } });
    this.#work();
  }

  settled() {
    return this.#busy || this.#jobs.length ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  // One job at a time, for a new size must come between the bytes that it was between.
  #work() {
    if (this.#busy) return;
    const job = this.#jobs.shift();
    if (!job) {
      for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    if (job.size) {
      this.#terminal.resize(job.size.cols, job.size.rows);
      this.#fit();
      this.#work();
      return;
    }
    this.#busy = true;
    this.#terminal.write(this.#together(job.bytes), () => {
      this.#busy = false;
      this.#work();
    });
  }

  #together(first) {
    const parts = [first];
    let size = first.length;
    while (this.#jobs[0]?.bytes && size + this.#jobs[0].bytes.length <= AT_ONCE) {
      const { bytes } = this.#jobs.shift();
      parts.push(bytes);
      size += bytes.length;
    }
    return joined(parts);
  }

  // As large as the place allows; a terminal that would be too small to read is scrolled instead.
  #fit() {
    const fitted = this.#fitting(this.#terminal);
    if (this.#terminal.options.fontSize !== fitted) this.#terminal.options.fontSize = fitted;
  }

  #fitting({ cols, rows }) {
    const style = getComputedStyle(this.#element);
    const width = this.#element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 2;
    const height = innerHeight * 0.72;
    const size = Math.min(width / cols / FONT.wide, height / rows / FONT.high);
    const fitting = Math.min(FONT.largest, Math.floor(size * 4) / 4);
    return fitting < FONT.smallest ? FONT.readable : fitting;
  }

  #leaveTheKeyboardAlone() {
    this.#terminal.textarea.disabled = true;
    document.addEventListener("copy", (event) => {
      if (!this.#terminal.hasSelection() || !document.getSelection().isCollapsed) return;
      event.clipboardData.setData("text/plain", this.#terminal.getSelection());
      event.preventDefault();
    });
  }

  // A program that asks for the mouse would take text selection and scrolling from the reader.
  #leaveTheMouseAlone() {
    const ofMouse = (parameters) => parameters.every((mode) => MOUSE_MODES.has(mode));
    for (const final of ["h", "l"]) this.#terminal.parser.registerCsiHandler({ prefix: "?", final }, ofMouse);
    this.#terminal.attachCustomWheelEventHandler(() => this.#terminal.buffer.active.type === "normal");
  }
}
