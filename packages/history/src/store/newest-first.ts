import { OutOfTimeError, type Opened } from "./walk.ts";

/** Something with a place in time. */
export type Placed = { readonly micros: number };

/** A list, as pages read it. */
export type Newest<T extends Placed> = Pick<NewestFirst<T>, "peek" | "take" | "reached">;

/**
 * The items of segments, the newest first, also where the segments' times overlap: an item is told once no segment that is still closed
 * can hold a newer one. A segment that was joined meanwhile tells again what was told, which is passed by. `join` says whether an item is a
 * known one, in these words or others; `ties` orders those of one time whatever segments they stand in: pages go on among them.
 */
export class NewestFirst<T extends Placed> {
  readonly #opened: AsyncGenerator<Opened, void>;
  readonly #itemsOf: (lines: readonly string[]) => Iterable<T>;
  readonly #waiting: T[] = [];
  readonly #join: (waiting: T[], item: T) => boolean;
  readonly #ties: (a: T, b: T) => number;
  #safeAbove = Infinity;
  #isOver = false;

  constructor(
    opened: AsyncGenerator<Opened, void>,
    itemsOf: (lines: readonly string[]) => Iterable<T>,
    join: (waiting: T[], item: T) => boolean,
    ties: (a: T, b: T) => number,
  ) {
    this.#opened = opened;
    this.#itemsOf = itemsOf;
    this.#join = join;
    this.#ties = ties;
  }

  /** Every item above this time was told or stands next in line. */
  get safeAbove(): number {
    return this.#safeAbove;
  }

  /** The time of the item that stands next in line; where none does yet, the time above which all were told. */
  get reached(): number {
    const [first] = this.#waiting;
    return first !== undefined && first.micros > this.#safeAbove ? first.micros : this.#safeAbove;
  }

  /** The newest item that was not yet taken; null: there is no more. @throws OutOfTimeError */
  async peek(): Promise<T | null> {
    for (;;) {
      const [first] = this.#waiting;
      if (first !== undefined && (this.#isOver || first.micros > this.#safeAbove)) return first;
      if (this.#isOver) return null;
      const next = await this.#opened.next();
      if (next.done === true) {
        this.#isOver = true;
        this.#safeAbove = -Infinity;
        continue;
      }
      for (const item of this.#itemsOf(next.value.lines)) {
        const isTold = item.micros > this.#safeAbove;
        if (!isTold && !this.#join(this.#waiting, item)) this.#waiting.push(item);
      }
      this.#waiting.sort((a, b) => b.micros - a.micros || this.#ties(a, b));
      this.#safeAbove = Math.min(this.#safeAbove, next.value.untilMicros);
    }
  }

  take(): void {
    this.#waiting.shift();
  }
}

/** The list with the newest item among several; null: none has any more. @throws OutOfTimeError */
export async function newestOf<T extends Placed>(all: readonly Newest<T>[]): Promise<Newest<T> | null> {
  // Each looks at the database by itself. All are waited for, also where one has no more time: none goes on behind the answer.
  const peeked = await Promise.allSettled(all.map(async (from) => ({ from, item: await from.peek() })));
  let best: { readonly from: Newest<T>; readonly micros: number } | null = null;
  for (const each of peeked) {
    if (each.status === "rejected") throw each.reason;
    const { from, item } = each.value;
    if (item !== null && (best === null || item.micros > best.micros)) best = { from, micros: item.micros };
  }
  return best?.from ?? null;
}

/** Where several lists go on of which one ran out of time: the others may have something in line that is newer than what it has reached. */
export function goesOnAt<T extends Placed>(all: readonly Newest<T>[]): number {
  return Math.max(...all.map(({ reached }) => reached));
}

export function isOutOfTime(error: unknown): error is OutOfTimeError {
  return error instanceof OutOfTimeError;
}
