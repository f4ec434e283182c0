// Event streams that come back by themselves, and the header's word on how the connection is. A browser has few
// connections for a server: a page that nobody sees holds none, and is "back" when it is seen again.
//
//   const stream = follow("/api/live?session=…", { extraction(row) {…}, state_change(row) {…} }, {
//     lost() {…},          the connection broke (or never came about); tried again until it is there
//     back(resumed) {…},   it is there again; what was missed comes by itself if `resumed`, else ask for all anew
//   });
//   stream.close();
//
//   showConnection("live" | "lost" | "idle")   what #connection says

const RETRY = 2000; // ms, as the server's own `retry:`
const WORDS = { live: "Live", lost: "Connection lost, trying again…", idle: "" };

export function follow(path, handlers, { lost = () => {}, back = () => {}, retry = RETRY } = {}) {
  let source = null;
  let timer = null;
  let state = "connecting"; // → open ⇄ broken, ⇄ hidden, → closed

  function connect(resumed) {
    source = new EventSource(path);
    let sameSource = resumed;
    source.onopen = () => {
      if (state === "broken" || state === "hidden") back(sameSource);
      state = "open";
    };
    source.onerror = () => {
      if (state === "closed") return;
      if (state !== "broken") lost();
      state = "broken";
      // A browser tries again by itself, with the last id, unless it got an answer that is no stream.
      sameSource = source.readyState !== EventSource.CLOSED;
      if (!sameSource) timer = setTimeout(connect, retry, false);
    };
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handle(JSON.parse(event.data), event));
    }
  }

  function disconnect(reason) {
    state = reason;
    clearTimeout(timer);
    source?.close();
  }

  function turned() {
    if (document.hidden) disconnect("hidden");
    else if (state === "hidden") connect(false);
  }

  document.addEventListener("visibilitychange", turned);
  if (document.hidden) state = "hidden";
  else connect(true);
  return {
    close() {
      disconnect("closed");
      document.removeEventListener("visibilitychange", turned);
    },
  };
}

export function showConnection(state) {
  const element = document.getElementById("connection");
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  element.textContent = WORDS[state];
}
