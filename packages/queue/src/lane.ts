import type { Redis } from "ioredis";
import { groupCommit } from "@sluice/group-commit";
import {
  encodeStamp,
  OUTCOMES,
  tallyDead,
  tallyDelete,
  tallyFields,
  type Outcome,
  type Snapshot,
  type Tally,
} from "@sluice/record";
import type { AdmitItem, AdmitWord } from "./admission.ts";
import { auditBooks, type Account } from "./audit.ts";
import { readClaim, type Claim, type ClaimRow } from "./claim.ts";
import { run } from "./connection.ts";
import { writeDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { createDeadLetters, type DeadLetters } from "./dead-letters.ts";
import {
  DOORBELL_MARGIN_MS,
  JOURNAL_LENGTH,
  MAX_GROUP_BYTES,
  MAX_GROUP_CHANGES,
  MAX_WAITING_CHANGES,
  SWEEP_LIMIT,
} from "./limits.ts";
import { QueueUnavailableError } from "./unavailable.ts";

/** One destination's records in Redis: its scripts, behind words. All keys share one hash tag. */
export type Lane = {
  readonly destination: string;
  admit(item: AdmitItem): Promise<AdmitWord>;
  /** Takes a lease on the record, if it is due, and on others that are, up to `limit`. */
  claim(record: string, limit: number, leaseMs: number): Promise<Claimed>;
  /** @returns what is to be done next: "lost", another worker holds the record and nothing was settled. */
  settleDelete(claim: Claim, goOn: boolean): Promise<Settled>;
  settleFields(claim: Claim): Promise<Settled>;
  wait(claim: Claim, delayMs: number, attempts: 0 | 1): Promise<"lost" | "waiting">;
  bury(claim: Claim, letter: DeadLetter): Promise<"lost" | "parked" | "more">;
  /** @returns milliseconds left of the hold that stands, never shortened by this one. */
  hold(forMs: number, reason: string): Promise<number>;
  overdue(oldestDoorbellMs: number | null): Promise<readonly string[]>;
  numbers(): Promise<LaneNumbers>;
  readonly dead: DeadLetters;
  /** The accounts by source, held against themselves and against the records. */
  audit(onProgress: (walked: number, of: number) => void): Promise<readonly Account[]>;
};

export type Claimed =
  | { readonly kind: "held"; readonly forMs: number; readonly reason: string }
  | { readonly kind: "claimed"; readonly claims: readonly Claim[] };
export type Settled = "lost" | "held" | "quiet" | "more";

/** The lane's accounts: accepted = Σ outcomes + open, for each source. */
export type LaneNumbers = {
  readonly accepted: ReadonlyMap<string, number>;
  readonly open: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<Outcome, ReadonlyMap<string, number>>;
  readonly pendingRecords: number;
  /** Milliseconds since 1970 by Redis' clock; null: nothing is pending. */
  readonly oldestPendingMs: number | null;
  readonly deadRecords: number;
  readonly hold: { readonly forMs: number; readonly reason: string } | null;
};

export type LaneOptions = {
  readonly namespace: string;
  readonly destination: string;
  readonly dedupeWindowMs: number;
  readonly orderingHorizonMs: number;
  /** Called with records that have just become due. It must not throw; a lost call is swept up. */
  readonly ring: (records: readonly string[], delayMs: number) => void;
};

/** The tag that all keys of the lane share, so that they live on one shard of a cluster. */
export function laneTag(namespace: string, destination: string): string {
  return `{${namespace}:${destination}}`;
}

export function createLane(redis: Redis, options: LaneOptions): Lane {
  const { destination, orderingHorizonMs: horizonMs } = options;
  const tag = laneTag(options.namespace, destination);
  const call = async (script: string, args: readonly (string | number | Buffer)[]): Promise<unknown> =>
    await run(redis, script, tag, args);

  const admissions = groupCommit<AdmitItem, AdmitWord>({
    maxItems: MAX_GROUP_CHANGES,
    maxBytes: MAX_GROUP_BYTES,
    bytesOf: ({ bytes }) => bytes,
    async commit(group) {
      const args = group.flatMap((each) => each.args);
      const head = [options.dedupeWindowMs, horizonMs, JOURNAL_LENGTH, group.length];
      const words = await unlessAway(async () => (await call("sluice_admit", [...head, ...args])) as AdmitWord[]);
      const due = group.filter((_, index) => words[index] === "ring").map((each) => String(each.args[1]));
      if (due.length > 0) options.ring(due, 0);
      return words;
    },
  });

  const lane: Lane = {
    destination,
    async admit(item) {
      if (admissions.waiting >= MAX_WAITING_CHANGES) {
        throw new QueueUnavailableError("too many changes wait for Redis to confirm them");
      }
      return await admissions.add(item);
    },

    async claim(record, limit, leaseMs) {
      // Read before the script runs: the lease that we believe in ends before the one that Redis grants.
      const leaseEndsAt = performance.now() + leaseMs;
      const answer = (await call("sluice_claimBuffer", [leaseMs, horizonMs, limit, record])) as [Buffer, ...unknown[]];
      if (answer[0].toString() === "held") {
        return { kind: "held", forMs: Number(answer[1]), reason: String(answer[2]) };
      }
      const rows = answer.slice(1) as ClaimRow[];
      return { kind: "claimed", claims: rows.map((row) => readClaim(row, destination, leaseEndsAt)) };
    },

    async settleDelete(claim, goOn) {
      const { snapshot } = claim;
      const stamp = snapshot.deletion === null ? "" : encodeStamp(snapshot.deletion.stamp);
      return await settle(claim, ["delete", goOn ? "1" : "0", stamp, 0], tallyDelete(snapshot));
    },

    async settleFields(claim) {
      const { snapshot } = claim;
      return await settle(claim, ["fields", "0", "", ...stampArguments(snapshot)], tallyFields(snapshot));
    },

    async wait(claim, delayMs, attempts) {
      const word = await call("sluice_wait", [claim.id, claim.fence, Math.ceil(delayMs), attempts]);
      if (word === "waiting" && delayMs > 0) options.ring([claim.id], delayMs);
      return word as "lost" | "waiting";
    },

    async bury(claim, letter) {
      const { snapshot } = claim;
      const stamp = snapshot.deletion === null ? "" : encodeStamp(snapshot.deletion.stamp);
      const word = await call("sluice_bury", [
        claim.id,
        claim.fence,
        JOURNAL_LENGTH,
        writeDeadLetter(letter),
        stamp,
        ...stampArguments(snapshot),
        ...tallyArguments(tallyDead(snapshot)),
      ]);
      if (word === "more") options.ring([claim.id], 0);
      return word as "lost" | "parked" | "more";
    },

    async hold(forMs, reason) {
      return Number(await call("sluice_hold", [Math.ceil(forMs), reason]));
    },

    async overdue(oldestDoorbellMs) {
      return (await call("sluice_overdue", [oldestDoorbellMs ?? "", DOORBELL_MARGIN_MS, SWEEP_LIMIT])) as string[];
    },

    async numbers() {
      const answers = await redis
        .multi()
        .hgetall(`${tag}:counts`)
        .zcard(`${tag}:since`)
        .zrange(`${tag}:since`, "0", "0", "WITHSCORES")
        .hlen(`${tag}:dead`)
        .pttl(`${tag}:hold`)
        .get(`${tag}:hold`)
        .exec();
      return readNumbers((answers ?? []).map(([, value]) => value));
    },

    dead: createDeadLetters(redis, tag, call, (record) => options.ring([record], 0)),

    async audit(onProgress) {
      const books = {
        numbers: lane.numbers,
        async dueRecords(cursor: string, count: number) {
          const [next, flat] = await redis.zscan(`${tag}:due`, cursor, "COUNT", count);
          return [next, flat.filter((_, index) => index % 2 === 0)] as const;
        },
        async recount(records: readonly string[]) {
          const flat = (await call("sluice_recount", [records.length, ...records])) as readonly (string | number)[];
          const rows = flat.flatMap((source, index) =>
            index % 2 === 0 ? [[String(source), Number(flat[index + 1])] as const] : [],
          );
          return new Map(rows);
        },
      };
      return await auditBooks(books, onProgress);
    },
  };
  return lane;

  async function settle(claim: Claim, part: readonly (string | number | Buffer)[], tally: Tally): Promise<Settled> {
    const word = (await call("sluice_settle", [
      claim.id,
      claim.fence,
      horizonMs,
      JOURNAL_LENGTH,
      ...part,
      ...tallyArguments(tally),
    ])) as Settled;
    if (word === "more") options.ring([claim.id], 0);
    return word;
  }
}

function stampArguments({ fields }: Snapshot): readonly (string | number | Buffer)[] {
  return [fields.size, ...[...fields].flatMap(([field, { stamp }]) => [field, encodeStamp(stamp)])];
}

function tallyArguments(tally: Tally): readonly (string | number)[] {
  const rows = [...tally].flatMap(([source, outcomes]) =>
    [...outcomes].map(([outcome, count]) => [source, outcome, count] as const),
  );
  return [rows.length, ...rows.flat()];
}

function readNumbers([counts, records, oldest, dead, holdMs, holdReason]: readonly unknown[]): LaneNumbers {
  const bySource = new Map<string, Map<string, number>>();
  for (const [name, value] of Object.entries(counts as { [name: string]: string })) {
    const colon = name.indexOf(":");
    const what = name.slice(0, colon);
    const rows = bySource.get(what) ?? new Map<string, number>();
    bySource.set(what, rows.set(name.slice(colon + 1), Number(value)));
  }
  const since = (oldest as string[])[1];
  return {
    accepted: bySource.get("accepted") ?? new Map(),
    open: bySource.get("open") ?? new Map(),
    outcomes: new Map(OUTCOMES.map((outcome) => [outcome, bySource.get(outcome) ?? new Map()])),
    pendingRecords: Number(records),
    oldestPendingMs: since === undefined ? null : Number(since),
    deadRecords: Number(dead),
    hold: Number(holdMs) > 0 ? { forMs: Number(holdMs), reason: String(holdReason) } : null,
  };
}

/** Whatever Redis says instead of yes (gone, loading, read-only, out of memory): nothing is acknowledged. */
async function unlessAway<T>(commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new QueueUnavailableError(`Redis did not confirm the write: ${why}`, { cause });
  }
}
