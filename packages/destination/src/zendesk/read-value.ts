import type { Json } from "@sluice/event";

/** Whether a value that is read can have come from the one that was written (§7.1). In doubt it has not. */
export function isReadBackOf(read: unknown, written: Json): boolean {
  if (written === null || written === "") return read === undefined || read === null || read === "";
  if (Array.isArray(written)) {
    if (!Array.isArray(read) || read.length !== written.length) return false;
    const values = new Set(read.map(String));
    return written.every((value) => values.has(String(value)));
  }
  if (typeof read === "number" && typeof written === "string") return written.trim() !== "" && Number(written) === read;
  if (typeof read === "boolean" && typeof written === "string") return written === String(read);
  if (typeof read === "string" && typeof written === "string") return read === written || isSameDay(read, written);
  return read === written;
}

/** Whether both are one day: dates are kept as days, and come back as that day's midnight. */
function isSameDay(read: string, written: string): boolean {
  const midnight = /^(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?(?:Z|\+00:00)$/.exec(read);
  return midnight !== null && written.startsWith(midnight[1]!) && /^\d{4}-\d\d-\d\d(T|$)/.test(written);
}
