import { EVER, type IsOver } from "./read.ts";
import { goesOnAt, isOutOfTime, newestOf, type Newest, type Placed } from "./store/newest-first.ts";

/** The place before which a list goes on; its second and third member are the list's own. */
export type PagePosition = readonly [micros: number, session: number, run: number];

export type Page<T> = {
  readonly items: readonly T[];
  readonly next: PagePosition | null;
  /** The search ran out of time here; null: it did not. */
  readonly searchedToMs: number | null;
};

export type PageWanted = { readonly limit: number; readonly before: PagePosition | null; readonly isOver: IsOver };

/**
 * A page of what several lists hold, the newest first. Things of one microsecond are told apart by their number among them, which is the second
 * member of the page's places.
 */
export async function mergePages<T extends Placed, R>(
  all: readonly Newest<T>[],
  {
    limit,
    before,
    isOver,
    fromMicros,
    untilMicros,
  }: PageWanted & Readonly<Record<"fromMicros" | "untilMicros", number>>,
  rowsOf: (item: T) => Promise<readonly R[]> | readonly R[],
): Promise<Page<R>> {
  const items: R[] = [];
  let place: PagePosition = [untilMicros, before?.[1] ?? 0, 0];
  let passed = 0;
  try {
    while (items.length < limit) {
      const from = await newestOf(all);
      const item = await from?.peek();
      if (from === null || item == null || item.micros < fromMicros) return { items, next: null, searchedToMs: null };
      from.take();
      if (item.micros > untilMicros) continue;
      passed = item.micros === place[0] ? passed + 1 : 1;
      if (before !== null && item.micros === before[0] && passed <= before[1]) continue;
      place = [item.micros, passed, 0];
      items.push(...(await rowsOf(item)));
      if (isOver()) return { items, next: place, searchedToMs: Math.floor(item.micros / 1000) };
    }
    return { items, next: place, searchedToMs: null };
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
    const micros = Math.min(goesOnAt(all), place[0]);
    const next: PagePosition = micros === place[0] ? place : [micros, 0, 0];
    return { items, next, searchedToMs: micros === EVER ? null : Math.floor(micros / 1000) };
  }
}
