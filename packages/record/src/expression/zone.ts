const WITHOUT_ZONE = /^\d{4}(-[01]\d)?(-[0-3]\d)?(T[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?|\.\d+)$/;

/** A time for `$toMillis`, in UTC if it has no zone: `$toMillis` would take the process' own zone, though a date alone is UTC to it. */
export function inUtc(text: unknown): unknown {
  return typeof text === "string" && WITHOUT_ZONE.test(text) ? `${text}Z` : text;
}
