// The page of a session: the terminal, the line of time, the list beside them, and the address, in step.

import { follow, showConnection } from "../live.js";
import { getJson } from "../api.js";
import { clock } from "../format.js";
import { bindKeys } from "../keys.js";
import { bytesOf, withCarriageReturns } from "./bytes.js";
import { showCode } from "./code.js";
import { copy } from "./elements.js";
import { EventList } from "./event_list.js";
import { Events, isError, outlined } from "./events.js";
import { showCounts, showHead } from "./head.js";
import { openLink } from "./links.js";
import { readOutline } from "./outline.js";
import { Replay } from "./replay.js";
import { Screen } from "./screen.js";
import { Scrubber } from "./scrubber.js";
import { showCommands, showFiles } from "./tables.js";
import { bindTabs } from "./tabs.js";
import { showUsage } from "./usage.js";

const SPEEDS = [0.5, 1, 2, 5, 10];
const IDLE_LIMIT = 2; // seconds of silence that are waited for
const BEHIND = 0.001; // seconds: behind what happened at a moment
const ADDRESS_EVERY = 2000; // ms between two changes of the address while it plays
const SHOWN_EVERY = 250; // ms between two looks at a list that still grows: each is a frame of work

const page = document.getElementById("session");
const { session, started, lf, recorded, elapsed, columns, rows } = page.dataset;
const byId = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const lfStreams = new Set(lf.split(" ")); // whose lines end with LF alone
const loaded = performance.now();

const known = Number(elapsed); // seconds until now, or until it ended
let running = page.dataset.running === "true";
const edge = () => (running ? known + (performance.now() - loaded) / 1000 : null);

const events = new Events(started);
const list = new EventList(session, events, { go: goTo, filtered: draw });
const replay = new Replay(
  session,
  {
    paint: (told) => screen.paint(told.size, bytesOf(told)),
    output: (told) => screen.write(lfStreams.has(told.stream) ? withCarriageReturns(bytesOf(told)) : bytesOf(told)),
    resize: ({ cols, rows }) => screen.resize(cols, rows),
    changed: render,
    failed: say,
    isGone,
  },
  { speed: closestSpeed(Number(asked.get("speed") ?? 1)), idleLimit: IDLE_LIMIT, duration: known, edge },
);
const scrubber = new Scrubber(byId("scrubber"), { seek: (t) => go(t), nearest });
let screen; // made when all that the server must find has been asked for
let chosen = null; // the event that was jumped to last
let allRead;
const reading = new Promise((resolve) => (allRead = resolve));
let drawnFor = -1;
let addressAt = 0;
let isTicking = false;

function go(t) {
  replay.seek(t + (t > 0 ? BEHIND : 0));
}

function goTo(event) {
  chosen = event;
  go(event.t);
}

// The event that the replay was led to, as long as it stands there.
function standsAt() {
  return chosen && Math.abs(replay.position - chosen.t) < 2 * BEHIND ? chosen : null;
}

function total() {
  return edge() ?? (replay.duration || known);
}

function draw() {
  drawnFor = total();
  scrubber.show(events.shown, drawnFor);
}

function nearest(t, within) {
  const [last, next] = [events.shown[events.indexAt(t)], events.shown[events.indexAt(t) + 1]];
  const near = [last, next].filter((event) => event && Math.abs(event.t - t) <= within);
  return near.find(isError) ?? near[0] ?? null;
}

function render() {
  if (running && replay.state === "ended") ended();
  if (replay.state === "gone") say("This session was removed.");
  const isPlaying = !replay.paused && replay.state !== "ended";
  const play = byId("play");
  play.classList.toggle("playing", isPlaying);
  play.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
  page.dataset.state = replay.state;
  byId("follow").checked = replay.following && !replay.paused;
  for (const button of byId("speeds").children) button.setAttribute("aria-pressed", Number(button.value) === replay.speed);
  showConnection(replay.state === "lost" ? "lost" : running && replay.state !== "gone" ? "live" : "idle");
  if (replay.state !== "playing") rememberPlace();
  tick();
  tickOn();
}

function tick() {
  const { position } = replay;
  byId("position").textContent = clock(position);
  byId("duration").textContent = clock(total());
  if (Math.abs(total() - drawnFor) > total() / 500) draw();
  if (!scrubber.dragging) scrubber.move(position);
  list.follow(position, standsAt());
}

// Frame by frame, as long as it plays.
function tickOn() {
  if (isTicking || replay.state !== "playing") return;
  isTicking = true;
  requestAnimationFrame((now) => {
    isTicking = false;
    tick();
    if (now - addressAt > ADDRESS_EVERY) rememberPlace();
    tickOn();
  });
}

// The address leads to this moment, also when it is sent to somebody.
function rememberPlace() {
  addressAt = performance.now();
  history.replaceState(null, "", placeAddress());
}

function placeAddress() {
  const parameters = new URLSearchParams();
  if (!replay.following) parameters.set("t", Math.floor(replay.position * 1000) / 1000);
  if (replay.speed !== 1) parameters.set("speed", replay.speed);
  const query = parameters.toString();
  return query ? `?${query}` : location.pathname;
}

function say(text) {
  const overlay = byId("overlay");
  overlay.textContent = text;
  overlay.hidden = !text;
}

async function isGone() {
  const asking = getJson(`/api/query/session/${encodeURIComponent(session)}`);
  return asking.then(() => false, ({ kind }) => kind === "session_not_found");
}

function closestSpeed(wanted) {
  return SPEEDS.reduce((best, speed) => (Math.abs(speed - wanted) < Math.abs(best - wanted) ? speed : best), 1);
}

function changeSpeed(step) {
  const at = SPEEDS.indexOf(replay.speed) + step;
  if (SPEEDS[at]) replay.setSpeed(SPEEDS[at]);
}

// Somebody may ask before the events are there.
async function toEvent(direction, fits) {
  await reading;
  const event = events.step(standsAt() ?? replay.position - BEHIND, direction, fits);
  if (event) goTo(event);
}

function followLive(wanted) {
  if (!running) return;
  if (wanted) replay.open(Infinity, { paused: false });
  else replay.seek(replay.position);
}

function ended() {
  running = false;
  byId("follow").closest("label").hidden = true;
}

function bindControls() {
  byId("play").addEventListener("click", () => replay.toggle());
  byId("previous-error").addEventListener("click", () => toEvent(-1, isError));
  byId("next-error").addEventListener("click", () => toEvent(1, isError));
  byId("idle").addEventListener("change", (event) => replay.setIdleLimit(event.target.checked ? IDLE_LIMIT : null));
  byId("follow").addEventListener("change", (event) => followLive(event.target.checked));
  byId("copy-link").addEventListener("click", () => copy(new URL(placeAddress(), location.href).href));
  byId("states").addEventListener("click", (event) => {
    const link = event.target.closest("[data-t]");
    if (!link) return;
    event.preventDefault();
    go(Number(link.dataset.t));
  });
  for (const speed of SPEEDS) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", value: speed, textContent: `${speed}×` });
    button.addEventListener("click", () => replay.setSpeed(speed));
    byId("speeds").append(button);
  }
}

function bindPlayerKeys() {
  const by = (seconds) => () => replay.seek(Math.max(0, replay.position + seconds));
  bindKeys("Replay", {
    " ": { what: "Play or pause", run: () => replay.toggle() },
    ArrowLeft: { what: "Back 5 seconds", run: by(-5) },
    ArrowRight: { what: "On 5 seconds", run: by(5) },
    "Shift+ArrowLeft": { what: "Back 30 seconds", run: by(-30) },
    "Shift+ArrowRight": { what: "On 30 seconds", run: by(30) },
    ",": { what: "Previous event", run: () => toEvent(-1) },
    ".": { what: "Next event", run: () => toEvent(1) },
    e: { what: "Next error", run: () => toEvent(1, isError) },
    E: { what: "Previous error", run: () => toEvent(-1, isError) },
    "<": { what: "Slower", run: () => changeSpeed(-1) },
    ">": { what: "Faster", run: () => changeSpeed(1) },
    f: { what: "Follow a running session", run: () => followLive(!replay.following) },
  });
  const tenths = Array.from({ length: 10 }, (_, tenth) => [
    String(tenth),
    { what: tenth ? "" : "To the start; 1 to 9: to so many tenths", run: () => replay.seek((total() * tenth) / 10) },
  ]);
  bindKeys("Places", Object.fromEntries(tenths));
}

async function loadEvents() {
  let shownAt = -Infinity;
  list.reading = true;
  for await (const columns of readOutline(session)) {
    events.add(columns);
    if (performance.now() - shownAt < SHOWN_EVERY) continue;
    list.show();
    tick();
    shownAt = performance.now();
  }
  list.reading = false;
  list.show();
  draw();
  byId("no-events").hidden = running || events.all.length > 0;
  showCounts(events);
  tick();
  allRead();
}

// What is stored from now on; who was cut off reads all anew, and what is known stays as it is.
function followStored() {
  const stream = follow(
    `/api/live?session=${encodeURIComponent(session)}`,
    {
      live_start: () => {
        loadEvents().catch((error) => list.fail(error));
        showStored(stream); // there may be more than when the page was made
      },
      extraction: (row) => {
        events.add(outlined(row));
        list.showSoon();
        draw();
        showCounts(events);
      },
      state_change: () => showStored(stream),
      session_end: () => showStored(stream),
    },
    {},
  );
}

async function showStored(stream) {
  if (await showHead(session)) stream.close();
}

bindControls();
bindPlayerKeys();
const about = { session, started, go };
bindTabs(document.querySelector("[role=tablist]"), {
  code: (panel) => showCode(panel, about),
  commands: (panel) => showCommands(panel, about),
  files: (panel) => showFiles(panel, about),
  usage: (panel) => showUsage(panel, about),
});
if (recorded === "true") {
  const at = asked.has("t") ? Number(asked.get("t")) : Infinity;
  replay.open(at, { paused: at !== Infinity || !running });
}
if (running) followStored();
else loadEvents().catch((error) => list.fail(error));
screen = new Screen(byId("screen"), { cols: Number(columns), rows: Number(rows) }, { openLink });
