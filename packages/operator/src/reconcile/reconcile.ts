import { setTimeout as rest } from "node:timers/promises";
import { kindOf, type Destination, type ReadBack, type StoredRecord } from "@sluice/destination";
import type { Json } from "@sluice/event";
import { recordId, type Queue, type RecordView } from "@sluice/queue";
import { arrivalOf, compareStamps, shownField, type Stamp } from "@sluice/record";
import { SluiceError, type DestinationConfiguration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import type { RecordName } from "../replay/difference.ts";
import { blindTimes, isBlind, type BlindTime } from "./blind-times.ts";
import { compareRecord, isEditedThere, type Comparison } from "./comparison.ts";
import { expectedOf, type ConfirmedOnce, type Expected } from "./expected.ts";
import { createQuietRequests, type QuietWait } from "./quiet-requests.ts";
import { createTally, type Finding, type ReconcileReport, type RepairWord } from "./reconcile-report.ts";

/** What is known of what a destination confirmed, beside Redis: the history. Null: it was over before. */
export type ConfirmedPast = {
  confirmed(
    asked: Where & { readonly after: string; readonly only: ReadonlySet<string> | null; readonly most: number },
    isOver: () => boolean,
  ): Promise<{ readonly records: readonly PastRecord[]; readonly until: string | null } | null>;
  values(
    asked: Where & { readonly wanted: ReadonlyMap<string, ReadonlyMap<string, Stamp>> },
    isOver: () => boolean,
  ): Promise<{
    readonly values: ReadonlyMap<string, ReadonlyMap<string, PastValue>>;
    readonly until: string | null;
  } | null>;
  gapTimes(fromMs: number, untilMs: number): Promise<readonly BlindTime[]>;
};

type Where = {
  readonly destination: string;
  readonly object: string | null;
  readonly placeOf: (record: RecordName) => string;
};
type PastRecord = ConfirmedOnce & {
  readonly record: RecordName;
  readonly place: string;
  readonly lastEndedMs: number;
};
type PastValue = { readonly value: Json; readonly source: string; readonly event: string };

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
  readonly onProgress: (progress: ReconcileProgress) => Promise<void>;
  readonly isOver: () => boolean;
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
  const { destination: configured, warn } = reconciling;
  const destination = kindOf(configured.kind).open({
    ...configured,
    concurrency: 1,
    cupboard: (place, lockMs) => queue.cupboard(configured.name, place, lockMs),
    warn,
  });
  try {
    const readBack = readBackOf(destination, configured.name);
    return await createRun(queue, past, reconciling, readBack).run();
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

/** A record that is to be compared, with the state in Redis by which it is. */
type Candidate = {
  readonly past: PastRecord;
  readonly live: RecordView | null;
  readonly expected: Exclude<Expected, { kind: "unknown" }>;
};

/** A candidate with the values that its destination should show; `confirmed` null: it was deleted. */
type Comparable = Candidate & {
  readonly confirmed: ReadonlyMap<string, PastValue & { readonly stamp: Stamp }> | null;
  /** Fields whose values nobody knows; and the stamps of those whose values the history may get yet. */
  readonly unknown: readonly string[];
  readonly unknownStamps: readonly Stamp[];
};

const NEVER = new AbortController().signal;

function placeOf({ object, by, key }: RecordName): string {
  return recordId(object, { by, value: key });
}

function createRun(queue: Queue, past: ConfirmedPast, asked: Reconciling, readBack: ReadBack) {
  const { destination, object, sample, repair, random, nowMs, onProgress, isOver } = asked;
  const { name } = destination;
  const { records } = queue.lane(name);
  const where: Where = { destination: name, object, placeOf };
  const tally = createTally();
  let stage: ReconcileProgress["stage"] = "reading";
  let waitsFor: QuietWait | null = null;
  const quiet = createQuietRequests({
    queue,
    destination,
    isOver,
    async onWait(why) {
      waitsFor = why;
      await tell();
    },
  });
  /** Records to be looked at once more in the end, those that were repaired among them. */
  const again = new Set<string>();
  const repaired = new Map<string, RecordName>();
  let isLast = false;
  let blind: readonly BlindTime[] = [];
  let regressed = 0;

  async function tell(): Promise<void> {
    await onProgress({ stage, report: tally.report, waitsFor });
  }

  /** A record that can't be compared now: it is looked at once more in the end. */
  function leave(place: string, why: "pending" | "unknown"): void {
    if (!isLast && again.size < LIMITS.lookedAtAgain) again.add(place);
    else if (!repaired.has(place)) tally.skip(why);
  }

  /** Whether values that nobody knows yet may be in the history soon: it is written behind the flow. */
  function mayCome({ unknownStamps }: Comparable): boolean {
    if (isLast || again.size >= LIMITS.lookedAtAgain) return false;
    const sinceMicros = (nowMs() - LIMITS.historyBehindMs) * 1000;
    return unknownStamps.some((stamp) => (arrivalOf(stamp)?.micros ?? 0) > sinceMicros);
  }

  async function show({ object: of, by, key }: RecordName): Promise<RecordView | null> {
    return await records.show(of, { by, value: key });
  }

  /** Compares the records of a stretch. @returns up to where it came; null: it was over before */
  async function compareStretch(found: readonly PastRecord[]): Promise<{ readonly until: string | null } | null> {
    const candidates: Candidate[] = [];
    const left: { readonly place: string; readonly why: "pending" | "unknown" | "dead" }[] = [];
    for (let at = 0; at < found.length; at += LIMITS.shownAtOnce) {
      if (isOver()) return null;
      const some = found.slice(at, at + LIMITS.shownAtOnce);
      const views = await Promise.all(some.map(async ({ record }) => await show(record)));
      for (const [index, each] of some.entries()) {
        const live = views[index]!;
        const { place } = each;
        const expected = expectedOf(each, live);
        if (live !== null && live.state !== "quiet")
          left.push({ place, why: live.state === "dead" ? "dead" : "pending" });
        else if (expected.kind === "unknown") left.push({ place, why: "unknown" });
        else candidates.push({ past: each, live, expected });
      }
    }
    const wanted = new Map(
      candidates.flatMap(({ past: { place }, expected }) =>
        expected.kind === "record" ? [[place, expected.fields] as const] : [],
      ),
    );
    const told = await past.values({ ...where, wanted }, isOver);
    if (told === null) return null;
    const { values, until } = told;
    const isWithin = (place: string): boolean => until === null || place <= until;
    for (const { place, why } of left.filter((each) => isWithin(each.place))) {
      if (why === "dead") tally.skip("dead");
      else leave(place, why);
    }
    const comparables = candidates
      .filter(({ past: { place } }) => isWithin(place))
      .map((candidate) => withValues(candidate, values.get(candidate.past.place)));
    stage = isLast ? "again" : stage === "doubtful" ? "doubtful" : "comparing";
    for (const group of Map.groupBy(comparables, ({ past: { record } }) => record.object).values()) {
      if (!(await compareGroup(group))) return null;
    }
    return { until };
  }

  /** Reads the records of one object, and judges each. @returns false: it was over before */
  async function compareGroup(group: readonly Comparable[]): Promise<boolean> {
    const byKey = new Map(group.map((each) => [JSON.stringify(keyOf(each)), each]));
    const requests = readBack.requestsOf(group.map(keyOf));
    const asked = new Set(requests.flat().map((key) => JSON.stringify(key)));
    for (const key of byKey.keys()) if (!asked.has(key)) tally.skip("unasked");
    for (const keys of requests) {
      const { object: of } = group[0]!.past.record;
      const sent = await quiet.make(async () => await readBack.read(of, keys, NEVER));
      if (sent === null) return false;
      if (repair) await assertSameState();
      for (const [at, key] of keys.entries()) {
        await judge(byKey.get(JSON.stringify(key))!, sent.records?.[at] ?? null);
        if (isOver()) return false;
      }
      await tell();
    }
    return true;
  }

  async function judge(comparable: Comparable, stored: StoredRecord | null): Promise<void> {
    const { past: each, live, confirmed, unknown } = comparable;
    const { place, record } = each;
    const values = confirmed === null ? null : new Map([...confirmed].map(([field, { value }]) => [field, value]));
    const comparison = compareRecord(values, stored, readBack.holds);
    if (comparison.kind === "same") {
      if (mayCome(comparable)) return leave(place, "unknown");
      if (values?.size === 0) return tally.skip("unknown");
      tally.leaveOut(unknown.length);
      if (live?.isDoubtful === true) await records.trust(record.object, keyOf(comparable));
      if (repaired.has(place)) tally.mended(place);
      else tally.same();
      return;
    }
    // A write may have begun and ended since the state was read: only one that still stands so is a finding.
    const now = await show(record);
    if (!isSameState(live, now)) return leave(place, "pending");
    if (repaired.has(place)) return;
    if (mayCome(comparable)) return leave(place, "unknown");
    const word = repair ? await mend(comparable, comparison, stored) : "none";
    if (word === null) return leave(place, "pending");
    tally.leaveOut(unknown.length);
    if (word === "asked") {
      repaired.set(place, record);
      if (again.size < LIMITS.lookedAtAgain) again.add(place);
    }
    tally.find(place, findingOf(comparable, comparison, { stored, word }));
  }

  /** Makes the values pending that the destination does not show. Null: something came in meanwhile. */
  async function mend(
    { past: { record, lastEndedMs }, confirmed }: Comparable,
    comparison: Exclude<Comparison, { kind: "same" }>,
    stored: StoredRecord | null,
  ): Promise<RepairWord | null> {
    if (comparison.kind === "returned" || confirmed === null) return "returned";
    if (isBlind(blind, stored?.changedAtMs ?? null, lastEndedMs)) return "blind";
    const names = comparison.kind === "missing" ? [...confirmed.keys()] : comparison.fields.map(({ field }) => field);
    if (names.length === 0) return "unknown";
    if (!(await quiet.room())) return null;
    const fields = new Map(names.map((field) => [field, confirmed.get(field)!]));
    const word = await records.repair(record.object, { by: record.by, value: record.key }, fields);
    return word === "repaired" ? "asked" : null;
  }

  async function assertSameState(): Promise<void> {
    const { length } = await queue.state.regresses();
    if (length === regressed) return;
    throw new SluiceError("the state in Redis went back while records were compared", {
      code: "state_went_back",
      hint: "begin again: what was repaired until then stays so",
    });
  }

  /** Compares all records behind `after` that the history has, `most` of them at most. @returns false: it was over before */
  async function compareAll(
    after: string,
    { only = null, most = Infinity, until: last = null, but = new Set<string>() }: Stretches,
  ): Promise<{ readonly isDone: boolean; readonly records: number }> {
    let [from, count] = [after, 0];
    while (count < most) {
      if (stage === "comparing") stage = "reading";
      await tell();
      const stretch = await past.confirmed(
        { ...where, after: from, only, most: Math.min(LIMITS.stretchRecords, most - count) },
        isOver,
      );
      if (stretch === null) return { isDone: false, records: count };
      const found = stretch.records.filter(({ place }) => !but.has(place) && (last === null || place <= last));
      const compared = await compareStretch(found);
      if (compared === null) return { isDone: false, records: count };
      const next = compared.until ?? stretch.until;
      count += found.filter(({ place }) => next === null || place <= next).length;
      if (next === null || (last !== null && next >= last)) break;
      from = next;
    }
    return { isDone: true, records: count };
  }

  async function compareDoubtful(): Promise<{ readonly isDone: boolean; readonly places: ReadonlySet<string> }> {
    const places = new Set(await records.doubtful());
    if (places.size === 0) return { isDone: true, places };
    stage = "doubtful";
    const { isDone, records: known } = await compareAll("", { only: places });
    // Those of another object are none of ours.
    if (object === null) tally.doubtfulUnknown(places.size - known);
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

  /** Looks once more at what was on its way, and at what was repaired, once that is written. */
  async function compareAgain(): Promise<boolean> {
    if (again.size === 0) return true;
    stage = "again";
    const untilMs = performance.now() + LIMITS.repairSettlesMs;
    for (const record of repaired.values()) {
      while (performance.now() < untilMs) {
        const { state = "quiet" } = (await show(record)) ?? {};
        if (isOver()) return false;
        if (state === "quiet" || state === "dead") break;
        await tell();
        await rest(LIMITS.quietLookAgainMs);
      }
    }
    isLast = true;
    return (await compareAll("", { only: again })).isDone;
  }

  return {
    async run() {
      const regresses = await queue.state.regresses();
      regressed = regresses.length;
      if (repair) blind = blindTimes(name, regresses, await past.gapTimes(0, nowMs()));
      const doubtful = await compareDoubtful();
      const isDone = doubtful.isDone && (await compareSome(doubtful.places)) && (await compareAgain());
      return { report: tally.report, isDone };
    },
  };
}

type Stretches = {
  readonly only?: ReadonlySet<string> | null;
  readonly most?: number;
  readonly until?: string | null;
  /** Places that were compared before. */
  readonly but?: ReadonlySet<string>;
};

function keyOf({ past: { record } }: Candidate) {
  return { by: record.by, value: record.key } as const;
}

function withValues(candidate: Candidate, known: ReadonlyMap<string, PastValue> | undefined): Comparable {
  const { expected } = candidate;
  if (expected.kind === "gone") return { ...candidate, confirmed: null, unknown: [], unknownStamps: [] };
  const fields = [...expected.fields].flatMap(([field, stamp]) => {
    const value = known?.get(field);
    return value === undefined ? [] : [[field, { ...value, stamp }] as const];
  });
  const confirmed = new Map(fields);
  const missing = [...expected.fields].filter(([field]) => !confirmed.has(field));
  const unknown = [...expected.unknown, ...missing.map(([field]) => field)];
  return { ...candidate, confirmed, unknown, unknownStamps: missing.map(([, stamp]) => stamp) };
}

/** Whether nothing was written of a record, nor came in, between two looks at its state. */
function isSameState(before: RecordView | null, now: RecordView | null): boolean {
  if (before === null || now === null) return before === now;
  if (now.state !== "quiet" || before.confirmed.size !== now.confirmed.size) return false;
  const isKept = [...before.confirmed].every(([field, stamp]) => isSame(now.confirmed.get(field), stamp));
  return isKept && (before.deleted === null ? now.deleted === null : isSame(now.deleted ?? undefined, before.deleted));
}

function isSame(a: Stamp | undefined, b: Stamp): boolean {
  return a !== undefined && compareStamps(a, b) === 0;
}

function findingOf(
  { past: { record, lastEndedMs }, live, unknown }: Comparable,
  { kind, fields }: Exclude<Comparison, { kind: "same" }>,
  { stored, word }: { readonly stored: StoredRecord | null; readonly word: RepairWord },
): Finding {
  const isDoubtful = live?.isDoubtful === true;
  return {
    record,
    finding: kind,
    fields: fields.map((each) => ({ ...each, field: shownField(each.field) })),
    unknown: unknown.map(shownField),
    isDoubtful,
    // A late write of our own changed a doubtful record too.
    isEditedThere: stored === null || isDoubtful ? null : isEditedThere(stored, lastEndedMs),
    repair: word,
  };
}
