// What every page has: keys that lead somewhere, the list of keys, times in the reader's own zone.

import { bindKeys, showKeys } from "./keys.js";
import { localTime } from "./format.js";

bindKeys("Everywhere", {
  "/": { what: "Search", run: focusSearch },
  "g o": { what: "Overview", run: () => location.assign("/") },
  "g s": { what: "Search page", run: () => location.assign("/search") },
  "?": { what: "These keys", run: showKeys },
});

document.getElementById("show-keys").addEventListener("click", showKeys);
document.addEventListener("pointerover", ({ target }) => tellTime(target), { passive: true });

// Not before somebody points at it: what writes dates takes a browser longer to load than all else here.
function tellTime(target) {
  const time = target.closest("time[datetime]");
  if (time && !time.title) time.title = localTime(time.dateTime);
}

function focusSearch() {
  const field = document.querySelector("[data-focus=search]");
  field.focus();
  field.select();
}
