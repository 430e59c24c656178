import type { ReadBack, StoredRecord } from "@sluice/destination";
import type { Queue, LiveRecord } from "@sluice/queue";
import { arrivalOf, type RecordName } from "@sluice/record";
import { LIMITS } from "../limits.ts";
import { isBlind, type BlindTimes } from "./blind-times.ts";
import { findingOf, isSameState, keyOf, withValues, type Candidate, type Comparable } from "./comparable.ts";
import { compareRecord, type Comparison } from "./comparison.ts";
import type { ConfirmedPast, PastRecord, Where } from "./confirmed-past.ts";
import { expectedOf } from "./expected.ts";
import type { QuietRequests } from "./quiet-requests.ts";
import type { ReconcileTally, RepairWord } from "./reconcile-report.ts";

/** Compares records, some at a time. */
export type Comparer = {
  /** @param isLast what can't be compared now is not looked at again. @returns up to where it came; null: it was over before */
  compare(found: readonly PastRecord[], isLast: boolean): Promise<{ readonly until: string | null } | null>;
  /** The places of records to be looked at once more: something was on their way, or they were repaired. */
  readonly again: ReadonlySet<string>;
  /** The repaired ones among them. */
  readonly repaired: ReadonlyMap<string, RecordName>;
  show(record: RecordName): Promise<LiveRecord | null>;
};

export type ComparerParts = {
  readonly queue: Queue;
  readonly past: ConfirmedPast;
  readonly where: Where;
  readonly readBack: ReadBack;
  readonly quiet: QuietRequests;
  readonly tally: ReconcileTally;
  /** Null: nothing is repaired. Throws where the state in Redis went back meanwhile. */
  readonly repairing: { readonly blind: BlindTimes; assertSameState(): Promise<void> } | null;
  readonly nowMs: () => number;
  /** Told when the records that were asked for are compared, and after each request. */
  readonly onCompared: () => Promise<void>;
  /** Ends the comparison, and the request that is under way. */
  readonly signal: AbortSignal;
};

export function createComparer(parts: ComparerParts): Comparer {
  const { queue, past, where, readBack, quiet, tally, repairing, nowMs, onCompared, signal } = parts;
  const { records } = queue.lane(where.destination);
  const again = new Set<string>();
  const repaired = new Map<string, RecordName>();
  let isLast = false;
  const isOver = (): boolean => signal.aborted;

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

  async function show({ object, by, key }: RecordName): Promise<LiveRecord | null> {
    return await records.show(object, { by, value: key });
  }

  /** Sorts records by whether they can be compared now. Null: it was over before. */
  async function look(found: readonly PastRecord[]) {
    const candidates: Candidate[] = [];
    const left: { readonly place: string; readonly why: "pending" | "unknown" | "dead" }[] = [];
    for (let at = 0; at < found.length; at += LIMITS.shownAtOnce) {
      if (isOver()) return null;
      const some = found.slice(at, at + LIMITS.shownAtOnce);
      const views = await Promise.all(some.map(async ({ record }) => await show(record)));
      for (const [index, each] of some.entries()) {
        const live = views[index]!;
        const { place } = each;
        const state = live?.state ?? "quiet";
        const expected = expectedOf(each, live);
        if (state !== "quiet") left.push({ place, why: state === "dead" ? "dead" : "pending" });
        else if (expected.kind === "unknown") left.push({ place, why: "unknown" });
        else candidates.push({ past: each, live, expected });
      }
    }
    return { candidates, left };
  }

  /** Reads the records of one object, and judges each. @returns false: it was over before */
  async function compareObject(group: readonly Comparable[]): Promise<boolean> {
    const byKey = new Map(group.map((each) => [JSON.stringify(keyOf(each)), each]));
    const requests = readBack.requestsOf(group.map(keyOf));
    const askable = new Set(requests.flat().map((key) => JSON.stringify(key)));
    for (const key of byKey.keys()) if (!askable.has(key)) tally.skip("unasked");
    for (const keys of requests) {
      const { object } = group[0]!.past.record;
      const sent = await quiet.make(async () => await readBack.read(object, keys, signal));
      if (sent === null) return false;
      await repairing?.assertSameState();
      for (const [at, key] of keys.entries()) {
        await judge(byKey.get(JSON.stringify(key))!, sent.records?.[at] ?? null);
        if (isOver()) return false;
      }
      await onCompared();
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
    if (!isSameState(live, await show(record))) return leave(place, "pending");
    if (repaired.has(place)) return;
    if (mayCome(comparable)) return leave(place, "unknown");
    const word = repairing === null ? "none" : await mend(comparable, comparison, { stored, ...repairing });
    if (word === null) return leave(place, "pending");
    tally.leaveOut(unknown.length);
    if (word === "asked" && again.size < LIMITS.lookedAtAgain) {
      again.add(place);
      repaired.set(place, record);
    }
    tally.find(place, findingOf(comparable, comparison, { stored, word }));
  }

  /** Makes the values pending that the destination does not show. Null: something came in meanwhile. */
  async function mend(
    comparable: Comparable,
    comparison: Exclude<Comparison, { kind: "same" }>,
    { stored, blind }: { readonly stored: StoredRecord | null; readonly blind: BlindTimes },
  ): Promise<RepairWord | null> {
    const { past: each, live, confirmed } = comparable;
    if (comparison.kind === "returned" || confirmed === null) return "returned";
    if (isBlind(blind, live, stored?.changedAtMs ?? null, each.lastEndedMs)) return "blind";
    const names = comparison.kind === "missing" ? [...confirmed.keys()] : comparison.fields.map(({ field }) => field);
    if (names.length === 0) return "unknown";
    const fields = new Map(names.map((field) => [field, confirmed.get(field)!]));
    if (!(await quiet.room([...fields.values()].map(({ source }) => source)))) return null;
    const word = await records.repair(each.record.object, keyOf(comparable), fields);
    return word === "repaired" ? "asked" : null;
  }

  return {
    again,
    repaired,
    show,
    async compare(found, last) {
      isLast = last;
      const looked = await look(found);
      if (looked === null) return null;
      const wanted = looked.candidates.flatMap(({ past: { place }, expected }) =>
        expected.kind === "record" ? [[place, expected.fields] as const] : [],
      );
      const told = await past.values({ ...where, wanted: new Map(wanted) }, isOver);
      if (told === null) return null;
      const { values, until } = told;
      const isWithin = (place: string): boolean => until === null || place <= until;
      for (const { place, why } of looked.left.filter((each) => isWithin(each.place))) {
        if (why === "dead") tally.skip("dead");
        else leave(place, why);
      }
      const comparables = looked.candidates
        .filter(({ past: { place } }) => isWithin(place))
        .map((candidate) => withValues(candidate, values.get(candidate.past.place)));
      await onCompared();
      for (const group of Map.groupBy(comparables, ({ past: { record } }) => record.object).values()) {
        if (!(await compareObject(group))) return null;
      }
      return { until };
    },
  };
}
