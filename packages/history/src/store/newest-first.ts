import { OutOfTimeError, type Opened } from "./walk.ts";

/** Something with a place in time. */
export type Placed = { readonly micros: number };

/**
 * The items of segments, the newest first, also where the segments' times overlap: an item is told once no segment that is still closed
 * can hold a newer one. `join` may say that an item is a known one in other words; `ties` orders those of one time.
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
    join: (waiting: T[], item: T) => boolean = () => false,
    ties: (a: T, b: T) => number = () => 0,
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
      for (const item of this.#itemsOf(next.value.lines))
        if (!this.#join(this.#waiting, item)) this.#waiting.push(item);
      this.#waiting.sort((a, b) => b.micros - a.micros || this.#ties(a, b));
      this.#safeAbove = next.value.untilMicros;
    }
  }

  take(): void {
    this.#waiting.shift();
  }
}

/** The list with the newest item among several; null: none has any more. @throws OutOfTimeError */
export async function newestOf<T extends Placed>(all: readonly NewestFirst<T>[]): Promise<NewestFirst<T> | null> {
  let best: { readonly from: NewestFirst<T>; readonly micros: number } | null = null;
  for (const from of all) {
    const item = await from.peek();
    if (item !== null && (best === null || item.micros > best.micros)) best = { from, micros: item.micros };
  }
  return best?.from ?? null;
}

/** Where a list that ran out of time goes on. */
export function goesOnAt<T extends Placed>(all: readonly NewestFirst<T>[]): number {
  return Math.max(...all.map(({ safeAbove }) => safeAbove));
}

export function isOutOfTime(error: unknown): error is OutOfTimeError {
  return error instanceof OutOfTimeError;
}
