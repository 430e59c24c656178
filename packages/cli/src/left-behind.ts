import type { Queue, Remains } from "@sluice/queue";
import type { Configuration } from "@sluice/runtime";
import { counted } from "./terminal/counted.ts";

/** A source that has webhooks in Redis, and is not in the file. */
export type LeftSource = { readonly source: string; readonly waiting: number; readonly deadLetters: number };

export async function leftSources({ sources }: Configuration, queue: Queue): Promise<readonly LeftSource[]> {
  const { webhooks } = await queue.intake.waitingSources();
  const letters = new Map<string, number>();
  for await (const { events } of queue.intake.letters.all()) {
    const source = events[0]?.source;
    if (source !== undefined) letters.set(source, (letters.get(source) ?? 0) + 1);
  }
  const names = [...new Set([...webhooks.keys(), ...letters.keys()])].filter((name) => !sources.has(name));
  return names.toSorted().map((source) => ({
    source,
    waiting: webhooks.get(source) ?? 0,
    deadLetters: letters.get(source) ?? 0,
  }));
}

/** Sources of which nothing waits, whose events were understood under names that the file lacks: their identity may go on under another name. */
export async function formerSources(
  { sources }: Configuration,
  queue: Queue,
  left: readonly LeftSource[],
): Promise<ReadonlyMap<string, number>> {
  const { understood } = await queue.intake.numbers();
  const told = new Set(left.map(({ source }) => source));
  return new Map([...understood].filter(([name]) => !sources.has(name) && !told.has(name)));
}

export function describeFormer(source: string, events: number): string {
  return (
    `source ${source} is not in the file, and ${counted(events, "event")} of it were understood. If it has another name now: the name is a part of ` +
    `its events' identity, so a repetition under the new one is no duplicate of what came in before. With a version it changes nothing; without ` +
    `one it counts as newer. Let the sender's retries run out first, or keep the name`
  );
}

export function describeLane({ lane, pendingRecords, deadLetters, rememberedRecords, isServed }: Remains): string {
  const counts = `${counted(pendingRecords, "record")} pending, ${counted(deadLetters, "dead letter")}, ${counted(rememberedRecords, "record")} remembered`;
  const served = isServed ? " Living workers have it in theirs." : "";
  const isFetch = lane.startsWith("fetch:");
  const next = isFetch
    ? "put its source back until nothing of it is pending"
    : `\`sluice move ${lane} NEW\` if it is called NEW now, or put it back until nothing of it is pending`;
  return `${isFetch ? "the fetches of" : "destination"} ${isFetch ? lane.slice("fetch:".length) : lane} is not in the file: ${counts}.${served}\n  next: ${next}; \`sluice discard ${lane}\` drops it`;
}

export function describeSource({ source, waiting, deadLetters }: LeftSource): string {
  return (
    `source ${source} is not in the file: ${counted(waiting, "webhook")} to be understood, ${counted(deadLetters, "dead letter")} of the intake.\n` +
    `  next: put it back until they are understood; what waits longer than \`unknown_source_after\` becomes a dead letter, which can be replayed then`
  );
}
