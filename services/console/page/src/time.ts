/** `3 s`, `4 min`, `2 h 5 min`, `3 d`: two members at most, none of them too small to matter beside the other. Its spaces break no line. */
export function duration(seconds: number): string {
  return measured(seconds).replaceAll(" ", UNBROKEN);
}

const UNBROKEN = "\u00a0";

function measured(seconds: number): string {
  if (seconds < 1) return seconds <= 0 ? "0 s" : "< 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 10) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  if (hours < 48) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(hours / 24)} d`;
}

/** `12 ms`, `1.4 s`, then as `duration`. */
export function milliseconds(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}${UNBROKEN}ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)}${UNBROKEN}s` : duration(ms / 1_000);
}

/** How long ago, or how long until then. */
export function distance(at: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(at)) / 1_000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

/** The time of day here; with the day, where that is not today. */
export function clockTime(at: string, nowMs: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString("en-GB", { hour12: false });
  if (date.toDateString() === new Date(nowMs).toDateString()) return time;
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return `${day}, ${time}`;
}

/** The whole time, in UTC, as in logs. */
export function wholeTime(at: string): string {
  return at.replace("T", " ").replace("Z", " UTC");
}
