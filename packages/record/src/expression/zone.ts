const WITHOUT_ZONE = /^\d{4}(-[01]\d)?(-[0-3]\d)?(T[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?|\.\d+)$/;

/** A time as `$toMillis` reads it. Without a zone it would take the process' own, though a date alone is UTC to it. */
export function inUtc(text: unknown): unknown {
  return typeof text === "string" && WITHOUT_ZONE.test(text) ? `${text}Z` : text;
}
