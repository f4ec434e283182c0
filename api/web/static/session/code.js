// The code tab: each block once, coloured by the server in pieces of text, and where else it stood.

import { getJson } from "../api.js";
import { clock } from "../format.js";
import { copyButton, element } from "./elements.js";
import { secondsBetween } from "./events.js";
import { empty } from "./tables.js";

const FOLDED = 24; // lines of a block that are shown at first
const CLASS = /^[a-z0-9]{1,4}$/;

export async function showCode(panel, options, after = 0) {
  const { blocks, next } = await getJson(`/sessions/${encodeURIComponent(options.session)}/code`, { after });
  panel.append(...blocks.map((block) => blockElement(block, options)));
  if (!blocks.length && !after) panel.append(empty("No code block was found."));
  if (next === null) return;
  const more = element("button", "more", "More code");
  more.type = "button";
  more.addEventListener("click", () => {
    more.remove();
    showCode(panel, options, next);
  });
  panel.append(more);
}

function blockElement(block, { session, started, go }) {
  const text = block.pieces.map(([, piece]) => piece).join("");
  const t = secondsBetween(started, block.timestamp);
  const time = element("button", "quiet time", clock(t));
  time.type = "button";
  time.title = "To this moment";
  time.addEventListener("click", () => go(t));
  const code = element("code", "", block.pieces.map(([name, piece]) => pieceElement(name, piece)));
  const source = element("pre", "source", code);
  source.tabIndex = 0;
  source.setAttribute("aria-label", `Code, ${block.language || "no language"}`);
  const bar = element("div", "bar-of-details", [
    element("span", "chip", block.language || "plain"),
    time,
    element("span", "soft", `line ${block.line_start ?? "?"}`),
    copyButton("Copy", () => text),
  ]);
  const made = element("article", "block", [bar, source]);
  made.dataset.block = block.id;
  if (text.split("\n").length > FOLDED) made.append(unfold(source));
  if (block.occurrences.length) made.append(occurrences(block.occurrences, session, go, started));
  return made;
}

function pieceElement(name, piece) {
  return CLASS.test(name) ? element("span", name, piece) : piece;
}

function unfold(source) {
  source.classList.add("folded");
  const button = element("button", "quiet", "Show all of it");
  button.type = "button";
  button.addEventListener("click", () => {
    button.textContent = source.classList.toggle("folded") ? "Show all of it" : "Show less";
  });
  return button;
}

function occurrences(places, session, go, started) {
  const items = places.map((place) => {
    const here = place.session_id === session;
    const link = element("a", "", here ? `here at ${clock(secondsBetween(started, place.timestamp))}` : place.agent_name);
    link.href = place.href;
    if (here) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        go(secondsBetween(started, place.timestamp));
      });
    }
    return element("li", "", [link, element("span", "soft", ` line ${place.line_start ?? "?"}`)]);
  });
  const title = element("summary", "", `Also in ${places.length} other ${places.length === 1 ? "place" : "places"}`);
  return element("details", "places", [title, element("ul", "plain", items)]);
}
