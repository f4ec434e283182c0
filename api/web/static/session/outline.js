// All events of a session in a few words, some thousand at a time as the server finds them. Between two such parts the
// browser does what else there is to do.
//
//   for await (const columns of readOutline(session)) …    { id: […], timestamp: […], type: […], text: […], outcome: […] }

import { ApiError } from "../api.js";

export async function* readOutline(session) {
  const response = await fetch(`/sessions/${encodeURIComponent(session)}/outline`);
  if (!response.ok) {
    throw new ApiError(response.status, { kind: "outline", message: "The events cannot be read.", hint: response.statusText });
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      yield JSON.parse(line);
      await others();
    }
  }
}

function others() {
  const { port1, port2 } = new MessageChannel(); // a timer would wait for milliseconds
  return new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
}
