// One session being replayed: the connection to the server, and the clock that follows it.
//
//   const replay = new Replay(sessionId, { paint, output, resize, changed, failed, isGone });
//   replay.open(83.2, { paused: true })     shows that moment; Infinity is the end, or the live edge
//   replay.seek(12.5); replay.toggle(); replay.setSpeed(2); replay.setIdleLimit(2 | null);
//   replay.position, replay.duration, replay.state
//
//   state   "connecting" → "playing" ⇄ "paused", → "ended"; "lost" while the server does not answer, "gone" when it
//           does and has the session no more (`isGone()`, a promise); "hidden" while nobody sees the page
//
// The server sends what is due; between two events the clock runs on by itself. A browser has few connections for a
// server: none is held for what stands still for good, nor while nobody sees the page. A replay without one is opened
// anew where it is wanted.

import { address, postJson } from "../api.js";

const AGAIN = 1500; // ms until the next attempt to reach the server
const END = 999_999_999; // seconds: behind every end
const NEAR = 0.002; // seconds by which the server's answer to a jump may differ

export class Replay {
  state = "connecting";
  duration = 0;
  speed = 1;
  #session;
  #listener;
  #idleLimit = null;
  #source = null;
  #id = null;
  #aim = null; // where a jump leads whose keyframe has not come
  #next = null; // where to jump when the command under way was answered
  #base = 0;
  #since = 0;
  #again = null;
  #answers = Promise.resolve(); // to all that was asked of this connection
  #paused = false;
  #edge;

  // `edge()` tells where a session that still runs is by now; null for one that has ended.
  constructor(session, listener, { speed = 1, idleLimit = null, duration = 0, edge = () => null } = {}) {
    this.#session = session;
    this.#listener = listener;
    this.speed = speed;
    this.duration = duration;
    this.#idleLimit = idleLimit;
    this.#edge = edge;
    document.addEventListener("visibilitychange", () => this.#turned());
  }

  get position() {
    if (this.#aim !== null) return Math.min(this.#aim, this.#limit());
    const passed = this.state === "playing" ? ((performance.now() - this.#since) / 1000) * this.speed : 0;
    return Math.max(0, Math.min(this.#base + passed, this.#limit()));
  }

  get paused() {
    return this.#paused;
  }

  get following() {
    return this.#edge() !== null && (this.#aim ?? this.#base) >= END;
  }

  open(at, { paused = this.#paused } = {}) {
    this.#close();
    this.#paused = paused;
    this.#stand(Math.min(at, END));
    this.#aim = this.#base;
    this.#become(document.hidden ? "hidden" : "connecting");
    if (document.hidden) return;
    const source = new EventSource(this.#address());
    this.#source = source;
    const on = (name, handle) =>
      source.addEventListener(name, (event) => source === this.#source && handle(JSON.parse(event.data)));
    on("session_start", (told) => this.#begun(told));
    on("keyframe", (told) => this.#painted(told));
    on("output", (told) => this.#happened(told, this.#listener.output));
    on("resize", (told) => this.#happened(told, this.#listener.resize));
    on("replay_complete", (told) => this.#complete(told));
    on("replay_error", (told) => this.#failed(told.error));
    on("goodbye", () => this.#lost());
    source.onerror = () => source === this.#source && this.#lost();
  }

  seek(at) {
    const aim = Math.max(0, Math.min(at, this.#edge() === null ? this.duration : END));
    if (this.state === "gone") return;
    if (this.#source === null) {
      this.open(aim, { paused: this.state === "ended" || this.#paused });
      return;
    }
    const underWay = this.#next !== null || this.#id === null;
    if (aim !== this.#aim) this.#next = aim; // a click presses and lets go at one moment
    this.#aim = aim;
    this.#listener.changed();
    if (!underWay) this.#jump();
  }

  toggle() {
    if (this.state === "gone") return;
    if (this.state === "ended") {
      this.open(0, { paused: false });
      return;
    }
    const left = this.following && !this.#paused ? this.position : null;
    this.#stand(this.position);
    this.#paused = !this.#paused;
    this.#become(this.#paused ? "paused" : "playing");
    this.#command(this.#paused ? "pause" : "resume");
    if (left !== null) this.seek(left); // who pauses at the live edge goes on from here
  }

  setSpeed(speed) {
    if (speed === this.speed) return;
    this.#stand(this.following ? this.#base : this.position);
    this.speed = speed;
    this.#listener.changed();
    if (this.#id !== null) this.#command("speed", { speed });
  }

  setIdleLimit(seconds) {
    this.#idleLimit = seconds;
    if (this.#source !== null) this.#openAgain();
  }

  #address() {
    return address(`/api/replay/session/${encodeURIComponent(this.#session)}`, {
      keyframes: true,
      from: Number(this.#base.toFixed(6)),
      speed: this.speed,
      idle_limit: this.#idleLimit,
      paused: this.#paused,
    });
  }

  #begun({ replay_id: id, duration }) {
    this.#id = id;
    this.duration = duration;
    this.#become(this.#paused ? "paused" : "playing");
    if (this.#next !== null) this.#jump();
  }

  #painted(told) {
    const aim = this.#aim ?? told.t;
    this.#listener.paint(told);
    const isEnd = told.t > this.duration - NEAR;
    if (Math.abs(told.t - aim) < NEAR || (isEnd && aim > told.t)) {
      this.#stand(aim);
      this.#aim = null;
    }
    this.#listener.changed();
    this.#rest();
  }

  // Nothing more comes of a session that has ended while it stands still; at its end `replay_complete` does.
  #rest() {
    const isStill = this.state === "paused" && this.#aim === null && this.#base < this.duration;
    if (isStill && this.#edge() === null) this.#close();
  }

  #turned() {
    const isOpen = this.#source !== null || this.state === "lost";
    if (document.hidden ? isOpen : this.state === "hidden") this.#openAgain();
  }

  #openAgain() {
    this.open(this.following ? END : this.position);
  }

  #happened(told, handle) {
    handle(told);
    if (told.t > this.duration) this.duration = told.t;
    if (this.#aim === null && !this.following && told.t > this.position) this.#stand(told.t);
  }

  #complete({ duration_seconds: duration }) {
    this.#close();
    this.duration = duration;
    this.#aim = null;
    this.#stand(duration);
    this.#paused = true;
    this.#become("ended");
  }

  #failed({ message, hint }) {
    this.#close();
    this.#become("ended");
    this.#listener.failed(hint ? `${message} (${hint})` : message);
  }

  #lost() {
    const at = this.following ? END : this.position;
    this.#close();
    this.#stand(at);
    this.#aim = null;
    this.#become("lost");
    this.#again = setTimeout(() => this.#tryAgain(at), AGAIN);
  }

  async #tryAgain(at) {
    const turn = this.#again;
    const isGone = await this.#listener.isGone();
    if (turn !== this.#again) return; // opened anew meanwhile
    if (!isGone) {
      this.open(at);
      return;
    }
    this.#paused = true;
    this.#become("gone");
  }

  async #jump() {
    while (this.#next !== null) {
      const [id, aim] = [this.#id, this.#next];
      const done = await this.#post("seek", { t: aim });
      if (!done || id !== this.#id) {
        // One without a connection by now has shown that moment, or will; one that has ended meanwhile has not.
        if (id === this.#id || this.state === "ended") this.open(this.#next ?? aim);
        return;
      }
      if (this.#next === aim) this.#next = null;
    }
  }

  // The page does not wait for it; a replay that knows it not is opened anew, unless it has ended meanwhile.
  async #command(name, body = {}) {
    const id = this.#id;
    if (id !== null && (await this.#post(name, body))) this.#rest();
    else if (id === this.#id && this.state !== "ended") this.#openAgain();
  }

  // Whether the server took it: a replay that has come to its end knows no commands.
  #post(name, body) {
    const answer = postJson(`/api/replay/control/${this.#id}/${name}`, body).then(
      () => true,
      () => false,
    );
    this.#answers = Promise.all([this.#answers, answer]);
    return answer;
  }

  #stand(at) {
    this.#base = at;
    this.#since = performance.now();
  }

  #limit() {
    return this.#edge() ?? this.duration;
  }

  #become(state) {
    this.state = state;
    this.#since = performance.now();
    this.#listener.changed();
  }

  // The server knows a replay as long as its connection: that is left at once, and closed behind the last answer.
  #close() {
    clearTimeout(this.#again);
    this.#again = null;
    const source = this.#source;
    this.#answers.then(() => source?.close());
    this.#answers = Promise.resolve();
    this.#source = null;
    this.#id = null;
    this.#next = null;
  }
}
