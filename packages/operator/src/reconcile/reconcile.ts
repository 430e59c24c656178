import { setTimeout as rest } from "node:timers/promises";
import type { Destination, ReadBack } from "@sluice/destination";
import { recordId, type Queue } from "@sluice/queue";
import { SluiceError, type DestinationConfiguration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import { blindTimes } from "./blind-times.ts";
import { createComparer, type Comparer } from "./compare-stretch.ts";
import { recordDigest, type ConfirmedPast, type Where } from "./confirmed-past.ts";
import { createQuietRequests, type QuietWait } from "./quiet-requests.ts";
import { createTally, type ReconcileReport } from "./reconcile-report.ts";

export type Reconciling = {
  readonly destination: DestinationConfiguration;
  /** Null: all of them. */
  readonly object: string | null;
  /** How many records, chosen by chance; null: all. Doubtful ones are compared whatever the sample. */
  readonly sample: number | null;
  readonly repair: boolean;
  readonly random: () => number;
  readonly nowMs: () => number;
  readonly warn: (message: string) => void;
  /** Told of each request, answered or not: the destination's word for its answer, and the records that it asked for. */
  readonly onRead: (status: string, records: number, seconds: number) => void;
  readonly onProgress: (progress: ReconcileProgress) => Promise<void>;
  /** Ends it, and the request that is under way. */
  readonly signal: AbortSignal;
};

/** `reading`: the history is looked through. `again`: records that were on their way, and those that were repaired. */
export type ReconcileProgress = {
  readonly stage: "doubtful" | "reading" | "comparing" | "again";
  readonly report: ReconcileReport;
  readonly waitsFor: QuietWait | null;
};

/**
 * Reads records back from a destination and compares them with what it has confirmed; with `repair`, what it does not show is written again, by
 * the way of every change. Returns the report, and whether it came to its end.
 * @throws SluiceError `destination_unread`, `read_back_unsupported`, `state_went_back`
 */
export async function reconcile(
  queue: Queue,
  past: ConfirmedPast,
  reconciling: Reconciling,
): Promise<{ readonly report: ReconcileReport; readonly isDone: boolean }> {
  // Commands that ask the console load this package too, and need no client of a destination.
  const { kindOf } = await import("@sluice/destination");
  const { destination: configured, warn } = reconciling;
  const destination = kindOf(configured.kind).open({
    ...configured,
    concurrency: 1,
    tokenStore: (place, lockMs) => queue.sharedText(configured.name, place, lockMs),
    warn,
  });
  try {
    return await run(queue, past, reconciling, heard(readBackOf(destination, configured.name), reconciling.onRead));
  } finally {
    await destination.close();
  }
}

function readBackOf({ readBack }: Destination, name: string): ReadBack {
  if (readBack !== undefined) return readBack;
  throw new SluiceError(`nothing can be read back from ${name}`, {
    code: "read_back_unsupported",
    hint: "its kind can only write: compare it by its own means",
  });
}

function heard(readBack: ReadBack, onRead: Reconciling["onRead"]): ReadBack {
  return {
    ...readBack,
    async read(object, keys, signal) {
      const began = performance.now();
      const sent = await readBack.read(object, keys, signal);
      onRead(sent.exchange.status, keys.length, (performance.now() - began) / 1000);
      return sent;
    },
  };
}

async function run(queue: Queue, past: ConfirmedPast, asked: Reconciling, readBack: ReadBack) {
  const { destination, object, sample, repair, random, nowMs, onProgress, signal } = asked;
  const where: Where = { destination: destination.name, object, placeOf: recordDigest };
  const tally = createTally();
  const isOver = (): boolean => signal.aborted;
  let stage: ReconcileProgress["stage"] = "reading";
  let waitsFor: QuietWait | null = null;
  const tell = async (): Promise<void> => await onProgress({ stage, report: tally.report, waitsFor });
  const quiet = createQuietRequests({
    queue,
    destination,
    signal,
    async onWait(why) {
      waitsFor = why;
      await tell();
    },
  });
  const repairing = repair ? await repairsOf(queue, past, destination.name, nowMs) : null;
  const comparer = createComparer({
    ...{ queue, past, where, readBack, quiet, tally, repairing, nowMs, signal },
    async onCompared() {
      if (stage === "reading") stage = "comparing";
      await tell();
    },
  });

  /** Compares all records behind `after` that the history has, `most` of them at most. */
  async function compareAll(
    after: string,
    { only = null, most = Infinity, until: last = null, but = NONE }: Stretches,
  ) {
    let [from, count] = [after, 0];
    while (count < most) {
      if (stage === "comparing") stage = "reading";
      await tell();
      const wanted = { after: from, only, most: Math.min(LIMITS.stretchRecords, most - count) };
      const stretch = await past.confirmed({ ...where, ...wanted }, isOver);
      if (stretch === null) return { isDone: false, records: count };
      const found = stretch.records.filter(({ place }) => !but.has(place) && (last === null || place <= last));
      const compared = await comparer.compare(found, stage === "again");
      if (compared === null) return { isDone: false, records: count };
      const next = compared.until ?? stretch.until;
      count += found.filter(({ place }) => next === null || place <= next).length;
      if (next === null || (last !== null && next >= last)) break;
      from = next;
    }
    return { isDone: true, records: count };
  }

  async function compareDoubtful() {
    const places = new Set(await queue.lane(destination.name).records.doubtful());
    if (places.size === 0) return { isDone: true, places };
    stage = "doubtful";
    const { isDone, records: known } = await compareAll("", { only: places });
    // Doubtful records of other objects are none of ours.
    if (isDone && object === null) tally.doubtfulUnknown(places.size - known);
    return { isDone, places };
  }

  async function compareSome(but: ReadonlySet<string>): Promise<boolean> {
    stage = "reading";
    if (sample === null) return (await compareAll("", { but })).isDone;
    // Places are digests: some that follow one of chance are records of chance.
    const from = recordId(String(random()), { by: "name", value: String(random()) });
    const first = await compareAll(from, { but, most: sample });
    if (!first.isDone || first.records >= sample) return first.isDone;
    return (await compareAll("", { but, most: sample - first.records, until: from })).isDone;
  }

  async function compareAgain(): Promise<boolean> {
    if (comparer.again.size === 0) return true;
    stage = "again";
    if (!(await untilWritten(comparer, { tell, isOver }))) return false;
    return (await compareAll("", { only: comparer.again })).isDone;
  }

  const doubtful = await compareDoubtful();
  const isDone = doubtful.isDone && (await compareSome(doubtful.places)) && (await compareAgain());
  return { report: tally.report, isDone };
}

type Stretches = {
  readonly only?: ReadonlySet<string> | null;
  readonly most?: number;
  readonly until?: string | null;
  /** Places that were compared before. */
  readonly but?: ReadonlySet<string>;
};

const NONE: ReadonlySet<string> = new Set();

/** The times of which nobody knows enough to repair, and a look whether the state is still the one that they were read of. */
async function repairsOf(queue: Queue, past: ConfirmedPast, destination: string, nowMs: () => number) {
  const regresses = await queue.state.regresses();
  const last = regresses.at(-1)?.state;
  return {
    blind: blindTimes(destination, regresses, await past.gapTimes(0, nowMs())),
    async assertSameState() {
      if ((await queue.state.regresses()).at(-1)?.state === last) return;
      throw new SluiceError("the state in Redis went back while records were compared", {
        code: "state_went_back",
        hint: "begin again: what was repaired until then stays so",
      });
    },
  };
}

/** Waits until what was repaired is written, for a while. @returns false: it was over before */
async function untilWritten(
  { repaired, show }: Comparer,
  { tell, isOver }: { readonly tell: () => Promise<void>; readonly isOver: () => boolean },
): Promise<boolean> {
  const untilMs = performance.now() + LIMITS.repairSettlesMs;
  for (const record of repaired.values()) {
    while (performance.now() < untilMs) {
      if (isOver()) return false;
      const state = (await show(record))?.state ?? "quiet";
      if (state === "quiet" || state === "dead") break;
      await tell();
      await rest(LIMITS.quietLookAgainMs);
    }
  }
  return true;
}
