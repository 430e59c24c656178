import type { Remains } from "@sluice/queue";
import type { Log } from "@sluice/runtime";
import { UNSERVED_LOOK_MS } from "./limits.ts";

/** Watches for records that wait under a name that no living worker's file has: a destination or source was renamed, or taken out. */
export type UnservedWatch = {
  /** The remains at the last look. */
  remains(): readonly Remains[];
  /** Looks now, such as when another configuration is in use. */
  look(): Promise<void>;
  close(): void;
};

export type UnservedOptions = {
  /** The remains in lanes that this worker's file does not have. */
  readonly left: () => Promise<readonly Remains[]>;
  readonly log: Pick<Log, "error" | "info">;
  readonly onError: (error: unknown) => void;
};

export function watchUnserved({ left, log, onError }: UnservedOptions): UnservedWatch {
  let known: readonly Remains[] = [];
  let looking: Promise<void> | null = null;

  async function lookOnce(): Promise<void> {
    const before = known;
    known = (await left()).filter(({ isServed }) => !isServed);
    for (const each of known) {
      if (!before.some(({ lane }) => lane === each.lane)) log.error(factsOf(each), tell(each));
    }
    for (const { lane } of before) {
      if (!known.some((each) => each.lane === lane)) log.info({ destination: lane }, "nothing is left of it");
    }
  }
  const look = async (): Promise<void> => {
    looking ??= lookOnce()
      .catch(onError)
      .finally(() => (looking = null));
    await looking;
  };
  const timer = setInterval(() => void look(), UNSERVED_LOOK_MS);
  timer.unref();
  return { remains: () => known, look, close: () => clearInterval(timer) };
}

/** The remains as a text for `/readyz`; empty where nothing is left. */
export function describeUnserved(remains: readonly Remains[]): string {
  return remains.map((each) => `${each.lane}: ${counts(each)}`).join("; ");
}

function factsOf({ lane, pendingRecords: pending, deadLetters: dead, rememberedRecords: remembered }: Remains): object {
  return { destination: lane, pending, dead, remembered };
}

function tell({ lane, ...rest }: Remains): string {
  const next = lane.startsWith("fetch:")
    ? "put that source and its `fetch` back until nothing of it is pending"
    : `\`sluice move ${lane} NEW\` if it is called NEW now; put the name back until nothing of it is pending`;
  return `"${lane}" is in no living worker's file, and holds ${counts({ lane, ...rest })}. Next: ${next}; or \`sluice discard ${lane}\` drops it`;
}

function counts({ pendingRecords, deadLetters, rememberedRecords }: Remains): string {
  return `${pendingRecords} records pending, ${deadLetters} dead letters, ${rememberedRecords} remembered`;
}
