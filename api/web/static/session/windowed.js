// A list of any length of which only what can be seen is in the document: rows of one height.
//
//   const list = new Windowed(element, { height: 28, make, fill, chosen });
//   list.show(items)            make() → a row's element, fill(row, item, index) puts an item into it
//   list.mark(index, {reveal})  the current one
//   chosen(item)                somebody clicked it, or pressed Enter
//
// Browsers cannot lay out more than some millions of pixels: beyond them the list is scrolled in proportion.

const BEYOND = 6; // rows above and below what can be seen
const TALLEST = 8_000_000; // pixels

export class Windowed {
  #element;
  #space = document.createElement("div");
  #rows = [];
  #items = [];
  #options;
  #current = -1;
  #touched = -Infinity;
  #isSeen = true;

  constructor(element, options) {
    this.#element = element;
    this.#options = options;
    this.#space.className = "space";
    element.append(this.#space);
    element.addEventListener("scroll", () => this.#draw(), { passive: true });
    for (const name of ["wheel", "touchmove", "pointerdown"]) {
      element.addEventListener(name, () => (this.#touched = performance.now()), { passive: true });
    }
    element.addEventListener("click", (event) => this.#clicked(event));
    element.addEventListener("keydown", (event) => this.#pressed(event));
    new ResizeObserver(() => this.#resized()).observe(element);
  }

  get length() {
    return this.#items.length;
  }

  show(items) {
    this.#items = items;
    this.#draw();
  }

  // The reader's own scrolling is respected for a moment.
  mark(index, { reveal = true } = {}) {
    if (index === this.#current) return;
    this.#current = index;
    if (reveal && index >= 0 && performance.now() - this.#touched > 3000) this.#reveal(index);
    this.#draw();
  }

  // What was marked in a list that could not be seen, on a tab behind others, is led to when it can.
  #resized() {
    const isSeen = this.#element.clientHeight > 0;
    if (isSeen && !this.#isSeen && this.#current >= 0) this.#reveal(this.#current);
    this.#isSeen = isSeen;
    this.#draw();
  }

  // Items may have been added to the list that was given: it must be as tall as they are before it can be scrolled.
  #grow() {
    const tall = `${this.#tall()}px`;
    if (this.#space.style.height !== tall) this.#space.style.height = tall;
  }

  #reveal(index) {
    this.#grow();
    const { height } = this.#options;
    const seen = this.#element.clientHeight;
    const at = this.#first();
    if (index >= at + 1 && index <= at + seen / height - 2) return;
    const whole = this.#items.length * height - seen;
    const wanted = Math.max(0, Math.min(whole, index * height - seen / 2));
    this.#element.scrollTop = whole > 0 ? wanted * (Math.max(1, this.#tall() - seen) / whole) : 0;
  }

  #tall() {
    return Math.min(TALLEST, this.#items.length * this.#options.height);
  }

  // The row at the top, with a fraction.
  #first() {
    const seen = this.#element.clientHeight;
    const hidden = Math.max(1, this.#tall() - seen);
    const whole = Math.max(0, this.#items.length * this.#options.height - seen);
    return (Math.min(1, this.#element.scrollTop / hidden) * whole) / this.#options.height;
  }

  #draw() {
    this.#grow();
    const { height, make, fill } = this.#options;
    const first = this.#first();
    const top = Math.max(0, Math.floor(first) - BEYOND);
    const end = Math.min(this.#items.length, Math.ceil(first + this.#element.clientHeight / height) + BEYOND);
    while (this.#rows.length < end - top) {
      const row = make();
      row.classList.add("row");
      this.#rows.push(row);
      this.#space.append(row);
    }
    while (this.#rows.length > end - top) this.#rows.pop().remove();
    const shift = this.#element.scrollTop - first * height;
    for (let index = top; index < end; index++) {
      const row = this.#rows[index - top];
      const item = this.#items[index];
      if (row.item !== item) fill(row, item, index);
      row.item = item;
      row.id = `${this.#element.id}-${index}`;
      row.style.transform = `translateY(${shift + index * height}px)`;
      row.setAttribute("aria-posinset", index + 1);
      row.setAttribute("aria-setsize", this.#items.length);
      row.setAttribute("aria-selected", index === this.#current);
    }
    if (this.#current >= top && this.#current < end) {
      this.#element.setAttribute("aria-activedescendant", `${this.#element.id}-${this.#current}`);
    } else this.#element.removeAttribute("aria-activedescendant");
  }

  #clicked(event) {
    const row = event.target.closest(".row");
    if (row?.item) this.#options.chosen(row.item);
  }

  #pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && this.#items[this.#current]) this.#options.chosen(this.#items[this.#current]);
    else if (step) {
      const index = Math.max(0, Math.min(this.#items.length - 1, this.#current + step));
      this.#touched = -Infinity;
      this.mark(index);
      if (this.#items[index]) this.#options.chosen(this.#items[index]);
    } else return;
    event.preventDefault();
  }
}
