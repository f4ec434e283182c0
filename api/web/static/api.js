// Questions to the server. The browser's cookie carries the token, if there is one.
//
//   await getJson("/api/query/sessions", {agent: "codex"})   parameters that are null or "" are left out
//   await postJson("/api/replay/control/…/seek", {t: 12.5})
//
// Both throw an ApiError with `status`, `kind`, `message` and `hint`; status 0 when the server cannot be reached.

export class ApiError extends Error {
  constructor(status, { kind, message, hint }) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.hint = hint;
  }
}

export function address(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

export function getJson(path, parameters = {}, { signal } = {}) {
  return request(address(path, parameters), { signal });
}

export function postJson(path, body = {}) {
  return request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { kind: "unreachable", message: "The server does not answer.", hint: "is wrapper serve running?" });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new ApiError(response.status, answer?.error ?? { kind: "no_json", message: response.statusText, hint: "" });
}
