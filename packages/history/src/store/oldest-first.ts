import { LIMITS } from "../limits.ts";
import type { Placed } from "./newest-first.ts";
import type { Opened } from "./walk.ts";

/**
 * The items of segments, the oldest first, also where the segments' times overlap: an item is told once no segment that is still closed
 * can hold an older one. The segments come by their beginnings; of one that comes later, what is older than that was told. `join` may say that an item is a known one in other words.
 * @throws OverlapError
 */
export async function* oldestFirst<T extends Placed>(
  opened: AsyncIterable<Opened>,
  itemsOf: (lines: readonly string[]) => Iterable<T>,
  join: (waiting: T[], item: T) => boolean,
): AsyncGenerator<T, void> {
  const waiting: T[] = [];
  let reached = -Infinity;
  for await (const { fromMicros, lines } of opened) {
    for (let first = waiting[0]; first !== undefined && first.micros < fromMicros; first = waiting[0]) {
      waiting.shift();
      yield first;
    }
    reached = Math.max(reached, fromMicros);
    for (const item of itemsOf(lines)) if (item.micros >= reached && !join(waiting, item)) waiting.push(item);
    if (waiting.length > LIMITS.overlappingLines) throw new OverlapError();
    waiting.sort((a, b) => a.micros - b.micros);
  }
  yield* waiting;
}

/** More lines of one time stand in different segments than may be held. */
export class OverlapError extends Error {
  readonly code = "history_overlaps";
  readonly hint = "choose less of the time at once: --since and --until";

  constructor() {
    super(`more than ${LIMITS.overlappingLines} webhooks would have to be put in order at once`);
    this.name = "OverlapError";
  }
}
