import type { DeadLetterGroup } from "../contract/dead-letter.ts";
import { hintOf, type IndexedDeadLetter } from "./dead-letter-row.ts";

/** Letters grouped by their cause, the largest group first. */
export function groupsOf(letters: readonly IndexedDeadLetter[]): DeadLetterGroup[] {
  const groups = [...Map.groupBy(letters, ({ group }) => group)].map(([id, all]): DeadLetterGroup => {
    // The letters of a group come the newest first.
    const newest = all[0]!;
    return {
      id,
      destination: newest.destination,
      object: newest.object,
      code: newest.code,
      message: newest.message,
      place: newest.place,
      count: all.length,
      firstAt: all.at(-1)!.at,
      lastAt: newest.at,
      sources: [...new Set(all.flatMap(({ sources }) => sources))].toSorted(),
      sample: newest.id,
      hint: hintOf(newest.code, newest.kind),
    };
  });
  return groups.toSorted(largestFirst);
}

/** Groups that may be parts of one, as the letters of one cause in Redis and in the history are: each whole, the largest first. */
export function joinGroups(parts: readonly DeadLetterGroup[]): DeadLetterGroup[] {
  return [...Map.groupBy(parts, ({ id }) => id).values()]
    .map((same): DeadLetterGroup => {
      const newest = same.reduce((last, each) => (each.lastAt > last.lastAt ? each : last));
      const firstAts = same.map(({ firstAt }) => firstAt).toSorted();
      return {
        ...newest,
        count: same.reduce((sum, { count }) => sum + count, 0),
        firstAt: firstAts[0]!,
        sources: [...new Set(same.flatMap(({ sources }) => sources))].toSorted(),
      };
    })
    .toSorted(largestFirst);
}

function largestFirst(a: DeadLetterGroup, b: DeadLetterGroup): number {
  return b.count - a.count || (a.lastAt < b.lastAt ? 1 : -1);
}
