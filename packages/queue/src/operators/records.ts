import type { Redis } from "ioredis";
import { decodeStamp, encodeStamp, type ConfirmedField, type RecordKey, type Stamp } from "@sluice/record";
import type { Json } from "@sluice/event";
import { readClaim, type JobFlight } from "../claims/claim.ts";
import { run } from "../connection/connection.ts";
import { readDeadLetter, type DeadLetter } from "../dead-letters/dead-letter.ts";
import { recordId, shortEventId } from "../identity.ts";

/** One record of a lane at a time, as an operator sees it and acts on it. */
export type Records = {
  /** Shows a record; null: nothing is known of it. */
  show(object: string, key: RecordKey): Promise<LiveRecord | null>;
  /** Records with something pending, the longest pending first; or the parked ones, in no order. */
  list(which: "pending" | "parked", most: number): Promise<readonly PendingRecord[]>;
  /** Takes a record out of the line: new changes are merged, and nothing is sent. `none`: nothing of it is pending. */
  park(object: string, key: RecordKey): Promise<"none" | "parked">;
  unpark(object: string, key: RecordKey): Promise<"none" | "waiting">;
  /** Lets a waiting record have its next attempt now. `flying`: a request with it is under way, or may still land. */
  retry(object: string, key: RecordKey): Promise<"none" | "parked" | "flying" | "due">;
  /** Discards a record's pending changes, and forgets which versions were confirmed. `flying`: a request with it is under way. */
  forget(object: string, key: RecordKey): Promise<"none" | "flying" | "forgotten">;
  /** Makes values pending again that the destination has confirmed and does not show. `newer`: newer ones were confirmed since, or it was deleted. */
  repair(
    object: string,
    key: RecordKey,
    fields: ReadonlyMap<string, ConfirmedField & { readonly event: string }>,
  ): Promise<"pending" | "newer" | "repaired">;
  /** Records that a late write may have put back, by their ids. */
  doubtful(): Promise<readonly string[]>;
  /** The destination shows what was confirmed: nothing is doubtful about the record. */
  trust(object: string, key: RecordKey): Promise<void>;
  /** Whether the object's versions are times or whole numbers; null: none came in yet. */
  kindOf(object: string): Promise<"time" | "integer" | null>;
  /** Forgets whether the object's versions are times or whole numbers: the next event says it anew. */
  reorder(object: string): Promise<"none" | "reordered">;
};

/** A record in the line. Times are milliseconds since 1970, by Redis' clock. */
export type PendingRecord = Pick<LiveRecord, "object" | "key" | "state" | "attempts" | "lastFailure"> & {
  readonly dueMs: number | null;
  readonly sinceMs: number;
};

/** All that Redis knows of one record. Times are milliseconds since 1970, by Redis' clock. */
export type LiveRecord = {
  readonly object: string;
  readonly key: RecordKey;
  readonly nowMs: number;
  /** For each field, the stamp that the destination confirmed last. */
  readonly confirmed: ReadonlyMap<string, Stamp>;
  readonly deleted: Stamp | null;
  readonly pending: ReadonlyMap<string, { readonly value: Json; readonly stamp: Stamp; readonly source: string }>;
  /** Fields that the destination refused, which are not sent again. */
  readonly aside: LiveRecord["pending"];
  readonly deletion: { readonly stamp: Stamp; readonly source: string } | null;
  /** Changes that have no outcome yet, by source. */
  readonly open: ReadonlyMap<string, number>;
  readonly events: readonly string[];
  /** `quiet`: nothing is pending. `flying`: a request with it may be under way. */
  readonly state: "quiet" | "due" | "waiting" | "flying" | "parked" | "dead";
  /** When the record may be claimed next, or its lease ends. */
  readonly dueMs: number | null;
  readonly sinceMs: number | null;
  readonly attempts: number;
  readonly failingSinceMs: number | null;
  readonly lastFailure: string | null;
  readonly flight: { readonly token: string; readonly session: string; readonly job: JobFlight | null } | null;
  /** A job that was posted, and whose id nobody knows, may carry the record: it is not written before the destination's jobs tell that none does. */
  readonly isPosted: boolean;
  readonly letter: DeadLetter | null;
  /** A write that was given up was confirmed later: the destination may hold an older value. */
  readonly isDoubtful: boolean;
};

export function createRecords(
  redis: Redis,
  { tag, lanes }: { readonly tag: string; readonly lanes: number },
  horizonMs: number,
  call: (script: string, args: readonly (string | number)[]) => Promise<unknown>,
): Records {
  return {
    async show(object, key) {
      const id = recordId(object, key);
      const answer = (await run(redis, "sluice_showBuffer", tag, [id])) as ShowAnswer;
      const [nowMs, ledger, pending, due, letter, doubtful, parked] = answer;
      if (ledger.length === 0 && pending.length === 0) return null;
      const kept = { object, key, id, nowMs, ledger: entriesOf(ledger), pending: entriesOf(pending) };
      const dueMs = due.length === 0 ? null : Number(due);
      const said = { letter: letter.length === 0 ? null : letter.toString(), isDoubtful: doubtful.length > 0 };
      return viewOf({ ...kept, ...said, dueMs, isParked: parked.length > 0 });
    },
    async list(which, most) {
      const found = (await run(redis, "sluice_listBuffer", tag, [which, most])) as readonly ListAnswer[];
      return found.map(readListed);
    },
    park: async (object, key) => (await call("sluice_park", [recordId(object, key), "1"])) as "none" | "parked",
    unpark: async (object, key) => (await call("sluice_park", [recordId(object, key), ""])) as "none" | "waiting",
    retry: async (object, key) =>
      (await call("sluice_retry", [recordId(object, key)])) as "none" | "parked" | "flying" | "due",
    forget: async (object, key) =>
      (await call("sluice_forget", [horizonMs, recordId(object, key)])) as "none" | "flying" | "forgotten",
    async repair(object, key, fields) {
      const rows = [...fields].flatMap(([field, { stamp, source, event, value }]) => [
        field,
        encodeStamp(stamp),
        source,
        shortEventId(event),
        JSON.stringify(value),
      ]);
      const args = [lanes, recordId(object, key), JSON.stringify({ object, ...key }), fields.size, ...rows];
      return (await run(redis, "sluice_repair", tag, args)) as "pending" | "newer" | "repaired";
    },
    doubtful: async () => await redis.zrange(`${tag}:doubtful`, "0", "-1"),
    async trust(object, key) {
      await redis.zrem(`${tag}:doubtful`, recordId(object, key));
    },
    kindOf: async (object) => (await redis.hget(`${tag}:kinds`, object)) as "time" | "integer" | null,
    reorder: async (object) => ((await redis.hdel(`${tag}:kinds`, object)) === 0 ? "none" : "reordered"),
  };
}

type ShowAnswer = [
  nowMs: number,
  ledger: Buffer[],
  pending: Buffer[],
  due: Buffer,
  letter: Buffer,
  doubtful: Buffer,
  parked: Buffer,
];

type ListAnswer = [nowMs: number, since: Buffer, due: Buffer, meta: readonly (Buffer | null)[]];

function readListed([nowMs, since, due, meta]: ListAnswer): PendingRecord {
  const [key = "{}", attempts = "0", lastFailure = null, token = null] = meta.map((each) => each?.toString());
  const { object, by, value } = JSON.parse(key) as RecordKey & { object: string };
  const dueMs = Number(due);
  const isParked = dueMs >= PARKED_MS;
  const isFlying = token !== null && dueMs > nowMs && !isParked;
  return {
    object,
    key: { by, value },
    state: stateOf({ dueMs, nowMs, isFlying, isParked, isDead: false }),
    attempts: Number(attempts),
    lastFailure,
    dueMs: isParked ? null : dueMs,
    sinceMs: Number(since),
  };
}

/** The time at which a parked record is due: it never comes. */
const PARKED_MS = 9e15;

function entriesOf(flat: readonly Buffer[]): Record<string, Buffer> {
  return Object.fromEntries(
    flat.flatMap((name, at) => (at % 2 === 0 ? [[name.toString(), flat[at + 1]!] as const] : [])),
  );
}

type Kept = {
  readonly object: string;
  readonly key: RecordKey;
  readonly id: string;
  readonly ledger: Record<string, Buffer>;
  readonly pending: Record<string, Buffer>;
  readonly nowMs: number;
  readonly dueMs: number | null;
  readonly letter: string | null;
  readonly isDoubtful: boolean;
  readonly isParked: boolean;
};

function viewOf({ object, key, id, ledger, pending, nowMs, dueMs, letter, isDoubtful, isParked }: Kept): LiveRecord {
  // A job's flight would hide the changes that came in since.
  const { "@job": flown, ...waiting } = pending;
  const flat = Object.entries(waiting).flatMap(([name, value]) => [Buffer.from(name), value]);
  const claim = readClaim([Buffer.from(id), Buffer.from("0"), flat, []], {
    destination: "",
    leaseEndsAt: 0,
    remember: false,
    state: null,
  });
  const meta = (name: string): string | null => pending[name]?.toString() ?? null;
  const { deletion, fields, open } = claim.snapshot;
  const token = meta("@fence");
  const job = flown === undefined ? null : (JSON.parse(flown.toString()) as JobFlight);
  const tombstone = ledger["@tombstone"];
  const isPending = dueMs !== null;
  const isFlying = token !== null && isPending && dueMs > nowMs && !isParked;
  return {
    object,
    key,
    nowMs,
    confirmed: new Map(
      Object.entries(ledger)
        .filter(([name]) => !/^[@#]/.test(name))
        .map(([field, value]) => [field, decodeStamp(ledger[`#${value.toString("latin1")}`] ?? value)] as const),
    ),
    deleted: tombstone === undefined ? null : decodeStamp(tombstone),
    pending: fields,
    aside: claim.aside,
    deletion,
    open,
    events: [...claim.events.values()],
    state: stateOf({ dueMs, nowMs, isFlying, isParked, isDead: letter !== null }),
    dueMs: isParked ? null : dueMs,
    sinceMs: isPending ? claim.sinceMs : null,
    attempts: claim.attempts,
    failingSinceMs: claim.failingSinceMs,
    lastFailure: meta("@why"),
    flight: token === null || !isPending ? null : { token, session: meta("@by") ?? "", job },
    isPosted: claim.posted,
    letter: letter === null ? null : readDeadLetter(letter),
    isDoubtful,
  };
}

type Standing = Pick<Kept, "dueMs" | "nowMs" | "isParked"> & { readonly isFlying: boolean; readonly isDead: boolean };

function stateOf({ dueMs, nowMs, isFlying, isParked, isDead }: Standing): LiveRecord["state"] {
  if (dueMs === null) return isDead ? "dead" : "quiet";
  if (isFlying) return "flying";
  if (isParked) return "parked";
  return dueMs > nowMs ? "waiting" : "due";
}
