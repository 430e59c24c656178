/** A time: milliseconds since 1970 of its whole second, and the digits of its fraction as they were written. */
export type Rfc3339Time = { readonly secondMs: number; readonly fraction: string };

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)$/;

/** Reads an RFC 3339 time; undefined: it has another form, or the calendar lacks it. Salesforce's API and Jira write zones as `+0000`. */
export function readRfc3339(text: string): Rfc3339Time | undefined {
  if (!RFC_3339.test(text)) return undefined;
  const digits = (from: number, to?: number): number => Number(text.slice(from, to));
  const [month, day] = [digits(5, 7), digits(8, 10)];
  const [hour, minute, second] = [digits(11, 13), digits(14, 16), digits(17, 19)];
  const zoneAt = text.length - zoneCharacters(text);
  const isUtc = zoneAt === text.length - 1;
  const [zoneHour, zoneMinute] = isUtc ? [0, 0] : [digits(zoneAt + 1, zoneAt + 3), digits(-2)];
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return undefined;
  // The calendar repeats every 400 years, and `Date.UTC` takes the first hundred for the twentieth century.
  const minuteOfSender = Date.UTC(digits(0, 4) + 400, month - 1, day, hour, minute) - MS_OF_400_YEARS;
  // The 30th of February would roll over into March in silence.
  const read = new Date(minuteOfSender);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day) return undefined;
  const zoneMs = (zoneHour * 60 + zoneMinute) * 60_000 * (text[zoneAt] === "-" ? -1 : 1);
  const minuteMs = minuteOfSender - zoneMs;
  if (second === 60 && !canLeap(minuteMs)) return undefined;
  // A leap second is the first second of the next minute, as clocks that don't know it have it.
  return { secondMs: minuteMs + second * 1000, fraction: text.slice(20, zoneAt) };
}

const MS_OF_400_YEARS = 146_097 * 86_400_000;

function zoneCharacters(text: string): number {
  if (/[Zz]$/.test(text)) return 1;
  return text.at(-3) === ":" ? 6 : 5;
}

/** Whether the minute may have a leap second. Those are put in at the end of a month, by UTC: any other time that ends in :60 is none. */
function canLeap(minuteMs: number): boolean {
  const next = new Date(minuteMs + 60_000);
  return next.getUTCDate() === 1 && next.getUTCHours() === 0 && next.getUTCMinutes() === 0;
}
