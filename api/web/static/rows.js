// Rows that the server has rendered, kept up to date with text.
//
//   fill(element, {agent: "codex", …})      each [data-slot=agent] within gets this text, and is hidden without any
//   updateList(list, template, rows)        the list's elements are those of `rows` ({id, …}), in their order
//   showEmpty(list)                         [data-empty-of=ID] is shown while the list has no element
//
// A slot that is a <time> takes its moment from `NAME_at`; the slot `state` also has its text as data-state, and the
// row's link [data-row] leads to `href`. Elements are kept by their id, so that focus and selection stay.

export function fill(element, row) {
  for (const slot of element.querySelectorAll("[data-slot]")) fillSlot(slot, row);
  for (const state of element.querySelectorAll("[data-state]")) state.dataset.state = row.state ?? "";
  const link = element.querySelector("[data-row]");
  if (link && row.href && link.getAttribute("href") !== row.href) link.setAttribute("href", row.href);
}

function fillSlot(slot, row) {
  const text = row[slot.dataset.slot] ?? "";
  if (slot.textContent !== text) slot.textContent = text;
  if (slot.localName === "time") slot.dateTime = row[`${slot.dataset.slot}_at`] ?? "";
  slot.hidden = text === "";
}

export function updateList(list, template, rows) {
  const known = new Map([...list.children].map((element) => [element.dataset.key, element]));
  let place = list.firstElementChild;
  for (const row of rows) {
    const element = known.get(row.id) ?? newElement(template, row);
    known.delete(row.id);
    fill(element, row);
    if (element === place) place = place.nextElementSibling;
    else list.insertBefore(element, place);
  }
  for (const gone of known.values()) gone.remove();
  showEmpty(list);
}

function newElement(template, row) {
  const element = template.content.firstElementChild.cloneNode(true);
  element.dataset.key = row.id;
  return element;
}

export function showEmpty(list) {
  const empty = list.children.length === 0;
  document.querySelector(`[data-empty-of="${list.id}"]`).hidden = !empty;
}
