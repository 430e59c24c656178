import type { Queue, Remains } from "@sluice/queue";
import { laneNames, type Configuration } from "@sluice/runtime";
import { counted } from "./counted.ts";

/** All lanes that there are: those that the file names, and those that Redis knows beside them. */
export async function allLanes(configuration: Configuration, queue: Queue): Promise<readonly string[]> {
  const named = laneNames(configuration);
  const others = (await queue.lanes.known()).filter((lane) => !named.includes(lane));
  return [...named, ...others];
}

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
