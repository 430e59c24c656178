import type { Queue } from "@sluice/queue";
import type { FiledLetters } from "./dead-letters/filed/filed-letters.ts";
import { laneNames, SluiceError, type Configuration } from "@sluice/runtime";

/** A Sluice that runs, or ran: its state and its file. */
export type Fleet = {
  readonly configuration: Configuration;
  readonly queue: Queue;
  /** Dead letters that stand in the history; absent where it can't be asked, or has none. */
  readonly filed?: FiledLetters | null | undefined;
};

/** Every lane: the ones that the file names, and the ones that Redis knows beside them. */
export async function allLanes({ configuration, queue }: Fleet): Promise<readonly string[]> {
  const named = laneNames(configuration);
  const others = (await queue.lanes.known()).filter((lane) => !named.includes(lane));
  return [...named, ...others];
}

/** @throws SluiceError `destination_unknown` */
export function assertDestination({ configuration }: Pick<Fleet, "configuration">, destination: string): void {
  const lanes = laneNames(configuration);
  if (lanes.includes(destination)) return;
  throw new SluiceError(`There is no destination "${destination}"`, {
    code: "destination_unknown",
    hint: `the configuration has ${lanes.join(", ")}`,
  });
}
