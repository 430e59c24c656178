import { OUTCOMES, type Outcome } from "@sluice/record";
import { filedBySource, readFiledCounts } from "../dead-letters/filing/letter-place.ts";
import { readGate, type GateState } from "../gate/gate.ts";

/** The lane's accounts: accepted = Σ outcomes + open, for each source. */
export type LaneNumbers = {
  readonly accepted: ReadonlyMap<string, number>;
  /** Changes whose order nothing but their arrival decided. */
  readonly ties: ReadonlyMap<string, number>;
  readonly open: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<Outcome, ReadonlyMap<string, number>>;
  readonly pendingRecords: number;
  /** Milliseconds since 1970 by Redis' clock; null: nothing is pending. */
  readonly oldestPendingMs: number | null;
  /** Dead letters, wherever they stand. */
  readonly deadRecords: number;
  /** The part of them that stands in the history, by source. */
  readonly filedLetters: ReadonlyMap<string, number>;
  readonly doubtfulRecords: number;
  readonly gate: GateState;
  /** `said`: the limit that the destination names; null: none yet. `share`: the part of the limit that is used. */
  readonly quota: { readonly said: number | null; readonly share: number };
  /** Outages in a row. */
  readonly outages: number;
  /** The mark of the destination that has said that it checks fencing tokens; null: none has. */
  readonly fenced: string | null;
  /** The places of lanes that are going and whose books have been added to this lane's (add_books.lua). */
  readonly booksOf: ReadonlySet<number>;
};

/** Reads the answers of a lane's keys, in the order in which `numbers` of lane.ts asks for them. */
export function readNumbers([
  counts,
  records,
  oldest,
  dead,
  gate,
  time,
  doubtful,
  added,
]: readonly unknown[]): LaneNumbers {
  const bySource = new Map<string, Map<string, number>>();
  for (const [name, value] of Object.entries(counts as { [name: string]: string })) {
    const colon = name.indexOf(":");
    const what = name.slice(0, colon);
    const rows = bySource.get(what) ?? new Map<string, number>();
    bySource.set(what, rows.set(name.slice(colon + 1), Number(value)));
  }
  const filed = filedBySource(readFiledCounts(counts as Record<string, string>));
  const since = (oldest as string[])[1];
  const [, , , , said = null, share = null, outages = null, fenced = null] = gate as readonly (string | null)[];
  const [seconds, micros] = time as [string, string];
  return {
    accepted: bySource.get("accepted") ?? new Map(),
    ties: bySource.get("tie") ?? new Map(),
    open: bySource.get("open") ?? new Map(),
    outcomes: new Map(OUTCOMES.map((outcome) => [outcome, bySource.get(outcome) ?? new Map()])),
    pendingRecords: Number(records),
    oldestPendingMs: since === undefined ? null : Number(since),
    deadRecords: Number(dead) + sumOf(filed),
    filedLetters: filed,
    doubtfulRecords: Number(doubtful),
    gate: readGate(gate as (string | null)[], Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)),
    quota: { said: said === null ? null : Number(said), share: Number(share ?? 1) },
    outages: Number(outages ?? 0),
    fenced,
    booksOf: new Set((added as readonly string[]).map(Number)),
  };
}

/** The numbers of several lanes of one destination. Its gate, quota and what else is its own stand in the first. */
export function addNumbers(lanes: readonly LaneNumbers[]): LaneNumbers {
  const { booksOf } = lanes[0]!;
  const all = lanes.map((numbers, place) => (booksOf.has(place) ? withoutBooks(numbers) : numbers));
  const sum = (of: (numbers: LaneNumbers) => ReadonlyMap<string, number>): ReadonlyMap<string, number> => {
    const sums = new Map<string, number>();
    for (const numbers of all) for (const [name, by] of of(numbers)) sums.set(name, (sums.get(name) ?? 0) + by);
    return sums;
  };
  const add = (of: (numbers: LaneNumbers) => number): number => all.reduce((total, each) => total + of(each), 0);
  const oldest = all.flatMap(({ oldestPendingMs }) => oldestPendingMs ?? []);
  return {
    ...all[0]!,
    accepted: sum(({ accepted }) => accepted),
    ties: sum(({ ties }) => ties),
    open: sum(({ open }) => open),
    outcomes: new Map(OUTCOMES.map((outcome) => [outcome, sum(({ outcomes }) => outcomes.get(outcome)!)])),
    pendingRecords: add(({ pendingRecords }) => pendingRecords),
    oldestPendingMs: oldest.length === 0 ? null : Math.min(...oldest),
    deadRecords: add(({ deadRecords }) => deadRecords),
    filedLetters: sum(({ filedLetters }) => filedLetters),
    doubtfulRecords: add(({ doubtfulRecords }) => doubtfulRecords),
  };
}

/** A lane whose books another one has: until they are taken away here they would count twice. */
function withoutBooks(numbers: LaneNumbers): LaneNumbers {
  const none: ReadonlyMap<string, number> = new Map();
  return {
    ...numbers,
    accepted: none,
    ties: none,
    open: none,
    outcomes: new Map(OUTCOMES.map((outcome) => [outcome, none])),
    deadRecords: numbers.deadRecords - sumOf(numbers.filedLetters),
    filedLetters: none,
  };
}

function sumOf(bySource: ReadonlyMap<string, number>): number {
  return [...bySource.values()].reduce((sum, by) => sum + by, 0);
}
