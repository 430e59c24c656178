import { readStampText } from "./history.ts";
import { compare, type Stamp } from "./oracle.ts";
import { readRecords, type StoreAddress } from "./store-records.ts";

/** Looks at the store while it is written, for a field that goes back to something older. */
export type Watch = {
  readonly numbers: { sampled: number };
  /** Each older value that a field was seen with after a newer one, once, with when that was first seen. */
  readonly regressions: readonly { readonly record: string; readonly line: string }[];
  stop(): Promise<void>;
};

const PAUSE_MS = 500;

/** Watches the store. Texts carry their stamps, which tell which of two sightings is newer. */
export function startWatch(store: StoreAddress, objects: readonly string[]): Watch {
  const newest = new Map<string, Stamp>();
  const regressions: { record: string; line: string }[] = [];
  const told = new Set<string>();
  const beganAt = performance.now();
  const numbers = { sampled: 0 };
  const stopping = new AbortController();

  const look = (record: string, fields: ReadonlyMap<string, unknown>): void => {
    numbers.sampled += 1;
    for (const [field, value] of fields) {
      const stamp = typeof value === "string" ? readStampText(value) : null;
      if (stamp === null) continue;
      const place = `${record} ${field}`;
      const before = newest.get(place);
      if (before !== undefined && compare(stamp, before) < 0) {
        const line = `${place}: ${value as string} after ${before.version} ${before.rank} ${before.id}`;
        const seconds = ((performance.now() - beganAt) / 1000).toFixed(1);
        if (!told.has(line)) regressions.push({ record, line: `${line}, first seen after ${seconds} s` });
        told.add(line);
      }
      if (before === undefined || compare(stamp, before) > 0) newest.set(place, stamp);
    }
  };
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      for (const object of objects) {
        try {
          for await (const { record, fields } of readRecords(store, object)) {
            look(record, fields);
            if (stopping.signal.aborted) return;
          }
        } catch {
          // The store is away for a moment: there is nothing to see.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  return {
    numbers,
    regressions,
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
