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
  return groups.toSorted((a, b) => b.count - a.count || (a.lastAt < b.lastAt ? 1 : -1));
}
