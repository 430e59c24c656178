import type { RecordName } from "@sluice/record";
import type { HistoryDatabase } from "./store/connection.ts";
import { LIMITS } from "./limits.ts";
import { eventsOf, type FoundChange } from "./shown/event-row.ts";
import { firstOf, isSameWebhook } from "./store/once.ts";
import { walk, OutOfTimeError, type WalkOptions } from "./store/walk.ts";
import { readFlown, type Flown } from "./written/flown.ts";
import { searchName } from "./written/names.ts";
import { readUnderstood, type Understood } from "./written/understood.ts";

/** The end of time, as far as segments know it. */
export const EVER = Number.MAX_SAFE_INTEGER;

/** Arrivals go by the doors' clocks, ends of flights by the workers'. */
export const CLOCKS_APART_MICROS = 60_000_000;

/** Whether there is no more time; asked between pieces of the work. */
export type IsOver = () => boolean;

export function isOverAfter(ms: number): IsOver {
  const end = performance.now() + ms;
  return () => performance.now() > end;
}

export function isSameRecord(a: RecordName, b: RecordName): boolean {
  return a.destination === b.destination && a.object === b.object && a.by === b.by && a.key === b.key;
}

/** Joins a webhook with the same one in other words, if that is known: it counts once. @returns whether it was known */
export function joinWebhook(known: Understood[], webhook: Understood): boolean {
  const at = known.findIndex((each) => isSameWebhook(each, webhook));
  if (at < 0) return false;
  known[at] = firstOf(known[at]!, webhook);
  return true;
}

/** The lines that hold all of these texts. Most lines are ruled out so, without being parsed. */
export function* linesWith(lines: readonly string[], texts: readonly string[]): Generator<string> {
  for (const line of lines) if (texts.every((text) => line.includes(text))) yield line;
}

/** Some of the lines about a record, the newest first, and whether these are all. */
export type FoundLines<T> = { readonly found: readonly T[]; readonly isAll: boolean };

/** The webhooks that hold changes of a record. */
export async function webhooksOf(
  database: HistoryDatabase,
  record: RecordName,
  between: Pick<WalkOptions, "fromMicros" | "untilMicros">,
  isOver: IsOver,
): Promise<FoundLines<Understood>> {
  const names = [searchName.key(record.key), searchName.object(record.destination, record.object)];
  const texts = [JSON.stringify(record.key), JSON.stringify(record.object)];
  const known: Understood[] = [];
  const asked = { stream: "understood", names, ...between, order: "newest" } as const;
  const isAll = await reading(async () => {
    for await (const { lines } of walk(database, asked, isOver)) {
      for (const line of linesWith(lines, texts)) {
        const webhook = readUnderstood(line);
        if (changesOf(webhook, record).length > 0 && !joinWebhook(known, webhook)) known.push(webhook);
      }
      if (known.length >= LIMITS.traceLines) throw new OutOfTimeError();
    }
  });
  return { found: known, isAll };
}

export function changesOf(webhook: Understood, record: RecordName): readonly FoundChange[] {
  return eventsOf(webhook).flatMap((found) =>
    found.event.changes.flatMap((change) => (isSameRecord(change.record, record) ? [{ ...found, change }] : [])),
  );
}

/** The flights of some records. */
export async function flightsOfRecords(
  database: HistoryDatabase,
  records: readonly RecordName[],
  between: Pick<WalkOptions, "fromMicros" | "untilMicros" | "order">,
  isOver: IsOver,
  isEnough: (found: readonly Flown[], openFromMicros: number) => boolean = () => false,
): Promise<FoundLines<Flown>> {
  if (records.length === 0) return { found: [], isAll: true };
  const keys = [...new Set(records.map(({ key }) => searchName.key(key)))];
  // With more keys, hardly a segment would be passed by.
  const anyOf = keys.length > LIMITS.keysAtOnce ? [] : keys;
  const heads = records.map(headOf);
  const found: Flown[] = [];
  const isAll = await reading(async () => {
    for await (const { lines, fromMicros } of walk(
      database,
      { stream: "flown", names: [], anyOf, ...between },
      isOver,
    )) {
      for (const line of lines) if (heads.some((head) => line.startsWith(head))) found.push(readFlown(line));
      if (isEnough(found, fromMicros)) return;
      if (found.length >= LIMITS.traceLines) throw new OutOfTimeError();
    }
  });
  return { found, isAll };
}

/** A flight's line begins with its record. */
function headOf({ destination, object, by, key }: RecordName): string {
  return `${JSON.stringify([destination, object, by === "name" ? 1 : 0, key]).slice(0, -1)},`;
}

async function reading(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof OutOfTimeError) return false;
    throw error;
  }
}
