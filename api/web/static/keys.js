// Keys and the list of them under `?`.
//
//   bindKeys("Session", {
//     " ": { what: "Play or pause", run: () => player.toggle() },
//     "g o": { what: "Overview", run: () => location.assign("/") },      one after the other
//   });
//
// Names are those of KeyboardEvent.key ("ArrowLeft", "Shift+ArrowLeft", "Escape"). A key with an empty `what` is not
// listed: another one's tells of it. Keys are left alone while somebody types in a field, together with Ctrl, Alt or Meta, and while a dialog is open. A control that has a use of its own
// for a key (a button for Enter and the blank) keeps it.

const SEQUENCE = 1000; // ms that may pass between the two keys of a pair
const SHOWN = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" };
const groups = new Map();
let first = { key: "", at: 0 };

export function bindKeys(group, table) {
  groups.set(group, { ...groups.get(group), ...table });
}

export function isTyping(target) {
  return target.matches("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function listen(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if ([" ", "Enter"].includes(event.key) && event.target.matches("a, button, summary, input, [role=tab]")) return;
  const key = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
  const pair = event.timeStamp - first.at < SEQUENCE ? find(`${first.key} ${key}`) : undefined;
  first = { key, at: event.timeStamp };
  const bound = pair ?? find(key);
  if (!bound) return;
  event.preventDefault();
  bound.run(event);
}

function find(name) {
  for (const table of groups.values()) if (Object.hasOwn(table, name)) return table[name];
  return undefined;
}

export function showKeys() {
  const dialog = document.getElementById("keys");
  const list = dialog.querySelector("dl");
  list.replaceChildren();
  for (const [group, table] of groups) {
    const title = list.appendChild(document.createElement("div"));
    title.className = "group";
    title.textContent = group;
    for (const [name, { what }] of Object.entries(table)) {
      if (!what) continue;
      const row = list.appendChild(document.createElement("div"));
      row.append(keyNames(name), description(what));
    }
  }
  dialog.showModal();
  dialog.scrollTop = 0; // the button below a long list has the focus, and a small window scrolled to it
}

function keyNames(name) {
  const term = document.createElement("dt");
  for (const key of name === " " ? [" "] : name.split(" ")) {
    const shown = term.appendChild(document.createElement("kbd"));
    shown.textContent = key.split("+").map((part) => SHOWN[part] ?? part).join("+") || "+";
  }
  return term;
}

function description(what) {
  const element = document.createElement("dd");
  element.textContent = what;
  return element;
}

document.addEventListener("keydown", listen);
