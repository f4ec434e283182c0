// Output as bytes. The terminal decodes them itself, so that a character which a read has cut in two becomes whole.

const encoder = new TextEncoder();
const LF = 10;
const CR = 13;

// The bytes of a keyframe or an output event: its `data` is text, or base64 if its `encoding` says so.
export function bytesOf({ data, encoding }) {
  return encoding === "base64" ? Uint8Array.from(atob(data), (character) => character.charCodeAt(0)) : encoder.encode(data);
}

// The same with every line end as a terminal's driver would print it: a line begins at the left.
export function withCarriageReturns(bytes) {
  let ends = 0;
  for (const byte of bytes) ends += byte === LF;
  if (!ends) return bytes;
  const made = new Uint8Array(bytes.length + ends);
  let at = 0;
  for (const byte of bytes) {
    if (byte === LF) made[at++] = CR;
    made[at++] = byte;
  }
  return made;
}

export function joined(parts) {
  if (parts.length === 1) return parts[0];
  const made = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}
