import type { DeadLetter } from "@sluice/queue";
import { LIMITS } from "../limits.ts";

/** The letters that an act was done with, as far as the audit log names them: by them a record's time line knows the act. */
export type NamedDeadLetters = {
  readonly records: readonly { readonly destination: string; readonly object: string; readonly key: string }[];
  readonly events: readonly { readonly source: string; readonly id: string }[];
  /** Letters that are not named. */
  readonly more: number;
};

/** Collects names of letters, up to what an entry of the audit log has room for. */
export function nameDeadLetters(): { add(letter: DeadLetter): void; named(): NamedDeadLetters } {
  const named = {
    records: [] as NamedDeadLetters["records"][number][],
    events: [] as NamedDeadLetters["events"][number][],
    more: 0,
  };
  let left: number = LIMITS.namedCharacters;
  return {
    add({ destination, object, key, events }) {
      const records = key === null ? [] : [{ destination, object, key: key.value }];
      const own = events.slice(0, LIMITS.namedEvents).map(({ source, id }) => ({ source, id }));
      left -= JSON.stringify([records, own]).length;
      if (left < 0) {
        named.more += 1;
        return;
      }
      named.records.push(...records);
      named.events.push(...own);
    },
    named: () => named,
  };
}
