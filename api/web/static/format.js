// How pages write durations, times, numbers: as api/web/wording.py does, which a test compares with this.
//
//   duration(185.2) → "3m 05s"     clock(83.2) → "1:23"         relative("2026-…Z", Date.now()) → "5 min ago"
//   number(1234) → "1,234"         short(48210) → "48k"         money(0.5) → "$0.50"
//   counted(1, "event") → "1 event"
//   localTime("2026-…Z") → the browser's own way to write it    localClock("2026-…Z") → "14:05:09"

const UNITS = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];
const SHORT = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const tenths = Math.trunc(Math.max(0, seconds) * 10 + 0.5);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const whole = Math.max(60, Math.trunc(seconds));
  const at = UNITS.findIndex(([, size]) => whole >= size);
  const [[first, size], [second, less]] = [UNITS[at], UNITS[at + 1]];
  const rest = Math.trunc((whole % size) / less);
  return `${Math.trunc(whole / size)}${first} ${first === "d" ? rest : twoDigits(rest)}${second}`;
}

export function clock(seconds) {
  const whole = Math.max(0, Math.trunc(seconds));
  const [hours, minutes] = [Math.trunc(whole / 3600), Math.trunc((whole % 3600) / 60)];
  const start = hours ? `${hours}:${twoDigits(minutes)}` : `${minutes}`;
  return `${start}:${twoDigits(whole % 60)}`;
}

export function relative(timestamp, now) {
  if (!timestamp) return "";
  const seconds = Math.max(0, Math.floor((now - Date.parse(timestamp)) / 1000));
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.trunc(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.trunc(seconds / 3600)} h ago`;
  return seconds < 2 * 86400 ? "yesterday" : `${Math.trunc(seconds / 86400)} days ago`;
}

// Of a whole number. The browser's own way takes it a twentieth of a second to load.
export function number(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function short(value) {
  for (const [size, letter] of SHORT) {
    if (value < size) continue;
    const tenths = Math.trunc((value * 10) / size);
    return tenths < 100 ? `${(tenths / 10).toFixed(1)}${letter}` : `${Math.trunc(tenths / 10)}${letter}`;
  }
  return String(value);
}

export function counted(value, thing) {
  return `${short(value)} ${thing}${value === 1 ? "" : "s"}`;
}

export function money(dollars) {
  if (dollars > 0 && dollars < 0.01) return `$${dollars.toFixed(4)}`;
  return `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

export function localTime(timestamp) {
  return new Date(timestamp).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

export function localClock(timestamp) {
  const at = new Date(timestamp);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
}

function twoDigits(value) {
  return String(value).padStart(2, "0");
}
