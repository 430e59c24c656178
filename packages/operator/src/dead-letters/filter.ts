import type { DeadLetter } from "@sluice/queue";

/** Which dead letters are meant. Every filter that is given must hold; times are milliseconds since 1970. */
export type DeadLetterFilter = {
  readonly destination?: string | undefined;
  readonly object?: string | undefined;
  readonly source?: string | undefined;
  readonly code?: string | undefined;
  /** The record's external id or name. */
  readonly key?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
};

type Facts = Pick<DeadLetter, "destination" | "object" | "key" | "reason" | "events" | "at">;

export function wantsDeadLetter(
  { destination, object, source, code, key, sinceMs = -Infinity, untilMs = Infinity }: DeadLetterFilter,
  letter: Facts,
): boolean {
  const holds = (wanted: string | undefined, value: string | undefined): boolean =>
    wanted === undefined || wanted === value;
  const atMs = Date.parse(letter.at);
  return (
    holds(destination, letter.destination) &&
    holds(object, letter.object) &&
    holds(code, letter.reason.code) &&
    holds(key, letter.key?.value) &&
    (source === undefined || letter.events.some((event) => event.source === source)) &&
    atMs >= sinceMs &&
    atMs <= untilMs
  );
}
