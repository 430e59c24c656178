import type { Redis } from "ioredis";
import { groupCommit } from "@sluice/group-commit";
import {
  encodeStamp,
  tallyAside,
  tallyDead,
  tallyDelete,
  tallyFields,
  tallySuperseded,
  tallyUnchanged,
  type Tally,
} from "@sluice/record";
import type { Acknowledgement } from "./server/acknowledgement.ts";
import type { IncomingChange, MergeWord } from "./merging/incoming-change.ts";
import { auditBooks, type LaneAccounts, type SourceAccount } from "./books/audit.ts";
import { createClaiming } from "./claims/claiming.ts";
import { lastChangeOf, type Claim, type JobFlight } from "./claims/claim.ts";
import type { Claimed, Claimer, ClaimOrder } from "./claims/claim-order.ts";
import { run } from "./connection/connection.ts";
import { createLaneMerges } from "./merging/lane-merges.ts";
import { nextRun } from "./replay-number.ts";
import { writeDeadLetter, type DeadLetter } from "./dead-letters/dead-letter.ts";
import { readNumbers, type LaneNumbers } from "./books/lane-numbers.ts";
import { createDeadLetters, type DeadLetters } from "./dead-letters/dead-letters.ts";
import { sourcesOf } from "./dead-letters/dead-letter-store.ts";
import { digestArguments, stampArguments, tallyArguments } from "./claims/settling.ts";
import {
  MAX_DOUBTFUL,
  MAX_SETTLED,
  MAX_SETTLED_WEIGHT,
  OLD_DEDUPE_WINDOW_MS,
  SETTLED_WEIGHT,
  TAKE_OVER_PAGE,
  TAKE_OVER_WALKS,
} from "./limits.ts";
import { laneTag } from "./lanes/tags.ts";
import { createRecords, type Records } from "./operators/records.ts";
import { weightOf } from "./merging/script-weight.ts";
import type { WaitReason } from "./claims/waiting.ts";
import type { StateCheck } from "./state/state-check.ts";
import { createLaneMark, type LaneMark } from "./state/lane-mark.ts";

/** One destination's records in Redis: its scripts, behind words. All keys share one hash tag, or one for each of its lanes. */
export type Lane = {
  readonly destination: string;
  /** Merges a change into the pending ones of its record; changes of the same moment go together. */
  merge(change: IncomingChange): Promise<MergeWord>;
  /** From now on each merge claims at once as much as the claimer asks for: a claim of its own would wait for another write. */
  claimWith(claimer: Claimer): void;
  /** Takes a lease on records that are due, and the requests that may write them. */
  claim(order: ClaimOrder): Promise<Claimed>;
  /**
   * Keeps the leases, from now on for `leaseMs`, while a job that writes the claims is running. `job`: the job, in which the claims
   * stand in their order; without it, the one that was named before is kept.
   */
  extend(claims: readonly Claim[], leaseMs: number, job?: string): Promise<readonly Claim[]>;
  /**
   * A job with these claims is about to be posted: until its id is told with `extend`, or its end, they are `posted`, also when
   * this process dies. @returns the claims that are still this worker's, with leases from now on
   */
  announceJob(claims: readonly Claim[], leaseMs: number): Promise<readonly Claim[]>;
  /** @returns the next step. "lost": another worker holds the record, and nothing was settled. */
  settleDelete(claim: Claim, how?: SettledHow): Promise<Settled>;
  settleFields(claim: Claim, how?: SettledHow): Promise<Settled>;
  /** The destination holds these values already: settled without a write. */
  settleUnchanged(claim: Claim): Promise<Settled>;
  /** Ends the flight without an outcome: the record is claimed again, after the delay. */
  wait(claim: Claim, delayMs: number, why: WaitReason): Promise<"lost" | "waiting">;
  bury(claim: Claim, letter: DeadLetter): Promise<"lost" | "parked" | "more">;
  /** Sets refused fields aside: the rest is claimed again without them. `letter` null: the letter that there is tells of them. */
  setAside(claim: Claim, fields: readonly string[], letter: DeadLetter | null): Promise<"lost" | "parked" | "more">;
  numbers(): Promise<LaneNumbers>;
  readonly dead: DeadLetters;
  /** Makes the flights of a dead worker due at once, where the destination checks tokens. @returns how many */
  takeOver(session: string): Promise<number>;
  /** Whether the record was claimed again since. Else "lost" may only mean that a settlement was sent twice, and done the first time. */
  isOvertaken(claim: Claim): Promise<boolean>;
  /** Remembers that the destination may hold an older value of the record, for whoever compares. */
  doubt(claim: Claim): Promise<void>;
  readonly records: Records;
  /** The accounts by source, held against themselves and against the records. */
  audit(onProgress: (walked: number, of: number) => void): Promise<readonly SourceAccount[]>;
};

/** One lane of a destination, of which there may be several. */
export type LanePart = Lane & {
  /** How far this lane has come, as far as this process knows. */
  readonly mark: LaneMark;
  readonly accounts: LaneAccounts;
  /** Keeps the leases; `flights`: the job of each claim as it is written down, see extend.lua. */
  keep(claims: readonly Claim[], leaseMs: number, flights: readonly string[]): Promise<readonly Claim[]>;
};

/** `superseded`: the destination shows something newer, and wrote nothing. */
export type SettledHow = { readonly superseded?: boolean };

export type Settled = "lost" | "quiet" | "more";

export type LaneOptions = {
  readonly namespace: string;
  readonly destination: string;
  /** The lane's tag; without it, the one that a destination with one lane has. */
  readonly tag?: string;
  /** How many lanes the destination has. */
  readonly lanes?: number;
  /** Called when a merge finds that the destination has another number of lanes. */
  readonly onOtherLanes?: () => void;
  readonly dedupeWindowMs: number;
  readonly orderingHorizonMs: number;
  /** The dedupe window of the release before, while the ids that it kept still count; without it, that release's default. */
  readonly oldDedupeWindowMs?: number;
  readonly acknowledgement: Acknowledgement;
  readonly onError?: (error: Error) => void;
  /** The state's name, which the claims carry. */
  readonly state?: () => string | null;
  /** The look before which nothing is claimed; without one, claims begin at once. */
  readonly stateCheck?: Pick<StateCheck, "isDone" | "connection">;
  /** Whether a source's dead letters have no room: letters that come all the same are kept short. */
  readonly isFull?: (source: string) => boolean;
};

const LOOKED = { isDone: true, connection: 0 };

export function createLane(redis: Redis, options: LaneOptions): LanePart {
  const { destination, lanes = 1, onOtherLanes = () => {}, orderingHorizonMs: horizonMs } = options;
  const tag = options.tag ?? laneTag(options.namespace, destination);
  const call = async (script: string, args: readonly (string | number | Buffer)[]): Promise<unknown> =>
    await run(redis, script, tag, args);

  const { acknowledgement } = options;
  const { dedupeWindowMs, isFull = () => false } = options;
  const isShort = ({ events }: DeadLetter): boolean => isFull(events[0]?.source ?? "");
  const oldSliceMs = Math.max(1, Math.ceil((options.oldDedupeWindowMs ?? OLD_DEDUPE_WINDOW_MS) / 4));
  let claimer: Claimer | null = null;
  const mark = createLaneMark(options.onError);
  const { stateCheck = LOOKED, state = () => null } = options;
  const taking = createClaiming({
    destination,
    mark,
    stateCheck,
    state,
    giveBack: async (claim) => await lane.wait(claim, 0, { spent: false }),
    call,
    ...(options.onError === undefined ? {} : { onError: options.onError }),
  });

  const merges = createLaneMerges({
    tag,
    destination,
    lanes,
    onOtherLanes,
    acknowledgement,
    dedupeWindowMs,
    oldSliceMs,
    horizonMs,
    claiming: () => (stateCheck.isDone ? claimer : null),
    taking,
  });

  // A job's writes are confirmed item by item at the same moment: one script settles them.
  const settlements = groupCommit<
    { readonly args: readonly (string | number | Buffer)[]; readonly fields: number },
    Settled
  >({
    maxItems: MAX_SETTLED,
    maxBytes: MAX_SETTLED_WEIGHT,
    bytesOf: ({ fields }) => SETTLED_WEIGHT + weightOf(fields),
    async commit(group) {
      const rows = group.flatMap(({ args }) => args);
      return (await call("sluice_settle", [horizonMs, group.length, ...rows])) as Settled[];
    },
  });

  // The records of a job that failed come back at the same moment too.
  const waits = groupCommit<
    { readonly args: readonly (string | number)[]; readonly fields: number },
    "lost" | "waiting"
  >({
    maxItems: MAX_SETTLED,
    maxBytes: MAX_SETTLED_WEIGHT,
    // The marks of a flight are looked for among the fields, and no field is touched.
    bytesOf: ({ fields }) => SETTLED_WEIGHT + fields / 4,
    async commit(group) {
      return (await call("sluice_wait", [group.length, ...group.flatMap(({ args }) => args)])) as (
        | "lost"
        | "waiting"
      )[];
    },
  });

  const lane: LanePart = {
    destination,
    merge: async (change) => await merges.add(change),
    claimWith: (next) => void (claimer = next),

    claim: taking.claim,

    async keep(claims, leaseMs, flights) {
      const leaseEndsAt = performance.now() + leaseMs;
      const rows = claims.flatMap(({ id, fence }, at) => [id, fence, flights[at]!]);
      const words = (await call("sluice_extend", [leaseMs, claims.length, ...rows])) as readonly string[];
      return claims.filter((_, index) => words[index] === "extended").map((claim) => ({ ...claim, leaseEndsAt }));
    },
    extend: async (claims, leaseMs, job) => await lane.keep(claims, leaseMs, jobFlights(claims, job)),
    announceJob: async (claims, leaseMs) => await lane.keep(claims, leaseMs, announced(claims)),

    async settleDelete(claim, { superseded = false } = {}) {
      const { snapshot } = claim;
      const stamp = snapshot.deletion === null ? "" : encodeStamp(snapshot.deletion.stamp);
      const tally = superseded ? tallySuperseded(tallyDelete(snapshot)) : tallyDelete(snapshot);
      return await settle(claim, ["delete", stamp], tally);
    },

    async settleFields(claim, { superseded = false } = {}) {
      const { snapshot } = claim;
      const tally = superseded ? tallySuperseded(tallyFields(snapshot)) : tallyFields(snapshot);
      return await settle(claim, ["fields", ...stampArguments(snapshot)], tally);
    },

    async settleUnchanged(claim) {
      const { snapshot } = claim;
      return await settle(claim, ["fields", ...stampArguments(snapshot)], tallyUnchanged(snapshot));
    },

    async wait(claim, delayMs, { spent, why = "", together = 0, newestToken = "", ...how }) {
      const marks = [
        how.unsettled === true ? "s" : "",
        how.blamed === true ? "b" : "",
        how.handedOver === true ? "j" : "",
        how.posted === "on" ? "p" : "",
        how.posted === undefined ? "" : "k",
      ].join("");
      const args = [claim.id, claim.fence, Math.ceil(delayMs), spent ? 0 : 1, marks, why, together, newestToken];
      return await waits.add({ args, fields: claim.snapshot.fields.size });
    },

    async takeOver(session) {
      let taken = 0;
      // Flights that end meanwhile shift the pages: a walk that finds none is the last.
      for (let found = 1, walks = 0; found > 0 && walks < TAKE_OVER_WALKS; walks += 1) {
        found = 0;
        let more = true;
        for (let past = 0; more;) {
          const answer = (await call("sluice_takeover", [session, past, TAKE_OVER_PAGE])) as [number, number, string];
          past += answer[0];
          found += answer[1];
          more = answer[2] === "1";
        }
        taken += found;
      }
      return taken;
    },

    isOvertaken: async ({ id, fence }) => (await redis.hget(`${tag}:l:${id}`, "@fence")) !== fence,

    async doubt({ id }) {
      await redis
        .multi()
        .zadd(`${tag}:doubtful`, Date.now(), id)
        .zremrangebyrank(`${tag}:doubtful`, 0, -1 - MAX_DOUBTFUL)
        .exec();
    },

    records: createRecords(redis, { tag, lanes }, horizonMs, call),
    mark,

    async bury(claim, letter) {
      const { snapshot } = claim;
      const stamp = snapshot.deletion === null ? "" : encodeStamp(snapshot.deletion.stamp);
      const word = await call("sluice_bury", [
        horizonMs,
        claim.id,
        claim.fence,
        writeDeadLetter(letter, isShort(letter)),
        sourcesOf(letter),
        stamp,
        ...stampArguments(snapshot),
        ...tallyArguments(tallyDead(snapshot)),
        0,
      ]);
      return word as "lost" | "parked" | "more";
    },

    async setAside(claim, fields, letter) {
      const { snapshot } = claim;
      const refused = new Map([...snapshot.fields].filter(([field]) => fields.includes(field)));
      const word = await call("sluice_bury", [
        horizonMs,
        claim.id,
        claim.fence,
        letter === null ? "" : writeDeadLetter(letter, isShort(letter)),
        letter === null ? "" : sourcesOf(letter),
        "",
        ...stampArguments({ ...snapshot, fields: refused }),
        ...tallyArguments(tallyAside(snapshot, fields)),
        1,
      ]);
      return word as "lost" | "parked" | "more";
    },

    async numbers() {
      // The accounts are one hash, so that they add up. A transaction would be refused by a Redis that is out of memory.
      const answers = await redis
        .pipeline()
        .hgetall(`${tag}:counts`)
        .zcard(`${tag}:since`)
        .zrange(`${tag}:since`, "0", "0", "WITHSCORES")
        .hlen(`${tag}:dead`)
        .hmget(`${tag}:gate`, "hold", "till", "allowed", "note", "seen", "share", "level", "fences")
        .time()
        .zcard(`${tag}:doubtful`)
        .hkeys(`${tag}:added`)
        .exec();
      const failed = answers?.find(([error]) => error !== null)?.[0];
      if (failed != null) throw failed;
      return readNumbers((answers ?? []).map(([, value]) => value));
    },

    dead: createDeadLetters(
      redis,
      tag,
      horizonMs,
      call,
      async () => await nextRun(redis, options.namespace),
      destination,
    ),

    accounts: {
      numbers: async () => await lane.numbers(),
      async dueRecords(cursor, count) {
        const [next, flat] = await redis.zscan(`${tag}:due`, cursor, "COUNT", count);
        return [next, flat.filter((_, index) => index % 2 === 0)];
      },
      async recount(records) {
        const flat = (await call("sluice_recount", [records.length, ...records])) as readonly (string | number)[];
        const rows = flat.flatMap((source, index) =>
          index % 2 === 0 ? [[String(source), Number(flat[index + 1])] as const] : [],
        );
        return new Map(rows);
      },
    },
    audit: async (onProgress) => await auditBooks(lane.accounts, onProgress),
  };
  return lane;

  async function settle(claim: Claim, part: readonly (string | number | Buffer)[], tally: Tally): Promise<Settled> {
    const digests = digestArguments(claim, part[0] === "fields");
    const args = [claim.id, claim.fence, ...part, ...tallyArguments(tally), ...digests, claim.allUntil ?? ""];
    return await settlements.add({ args, fields: claim.snapshot.fields.size + (digests.length - 1) / 2 });
  }
}

/** The flights of claims that a job carries, in their order; without a job, the one that was named before is kept. */
export function jobFlights(claims: readonly Claim[], job: string | undefined): readonly string[] {
  return claims.map((claim, place) =>
    job === undefined
      ? ""
      : JSON.stringify({ job, place, of: claims.length, change: lastChangeOf(claim) } satisfies JobFlight),
  );
}

/** The flights of claims whose job is about to be posted. */
export function announced(claims: readonly Claim[]): readonly string[] {
  return claims.map(() => "?");
}
