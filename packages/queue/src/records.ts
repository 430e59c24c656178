import type { Redis } from "ioredis";
import { decodeStamp, type PendingField, type RecordKey, type Stamp } from "@sluice/record";
import type { Json } from "@sluice/event";
import { readClaim, type JobFlight } from "./claim.ts";
import { run } from "./connection.ts";
import { readDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { recordId } from "./identity.ts";

/** One record of a lane at a time, as an operator sees it and acts on it. */
export type Records = {
  /** Null: nothing is known of it. */
  show(object: string, key: RecordKey): Promise<RecordView | null>;
  /** Takes it out of the line: what comes in is merged, and nothing is sent. `none`: nothing of it is pending. */
  park(object: string, key: RecordKey): Promise<"none" | "parked">;
  unpark(object: string, key: RecordKey): Promise<"none" | "waiting">;
  /**
   * Lets a record that waits for its next attempt have it now. `waiting`: a request that nobody heard of again may still land, and
   * it is due only then.
   */
  retry(object: string, key: RecordKey): Promise<"none" | "parked" | "flying" | "waiting" | "retried">;
  /** Discards what is pending, and forgets which versions were confirmed. `flying`: a request with it is under way. */
  forget(object: string, key: RecordKey): Promise<"none" | "flying" | "forgotten">;
  /** Forgets whether the object's versions are times or whole numbers: the next event says it anew. */
  reorder(object: string): Promise<"none" | "reordered">;
  /**
   * Places of records in a list, at most `count` behind the one that is given (null: from the first). `pending`: by when the
   * oldest open change came in. `parked`: in no order. `doubtful`: by when that was found.
   */
  places(list: RecordList, after: RecordPlace | null, count: number): Promise<readonly RecordPlace[]>;
  /** Null: nothing is known of it any more, or not whose it is. */
  at(place: RecordPlace): Promise<RecordView | null>;
};

export type RecordList = "pending" | "parked" | "doubtful";

/** A record's place in a list; `score` is milliseconds since 1970. */
export type RecordPlace = { readonly score: number; readonly id: string };

/** A value that waits, or was refused. `event`: the id of the event that brought it, shortened; null: it is not known any more. */
type KeptValue = {
  readonly value: Json;
  readonly stamp: Stamp;
  readonly source: string;
  readonly event: string | null;
};

/** All that Redis knows of one record. Times are milliseconds since 1970, by Redis' clock. */
export type RecordView = {
  readonly object: string;
  readonly key: RecordKey;
  readonly nowMs: number;
  /** For each field, the stamp that the destination confirmed last. */
  readonly confirmed: ReadonlyMap<string, Stamp>;
  readonly deleted: Stamp | null;
  readonly pending: ReadonlyMap<string, KeptValue>;
  /** Fields that the destination refused, which are not sent again. */
  readonly aside: RecordView["pending"];
  readonly deletion: Omit<KeptValue, "value"> | null;
  /** Changes that have no outcome yet, by source. */
  readonly open: ReadonlyMap<string, number>;
  readonly events: readonly string[];
  /** Until when a request that nobody heard of again may still be carried out. */
  readonly landsMs: number | null;
  /** `quiet`: nothing is pending. `flying`: a request with it may be under way. */
  readonly state: "quiet" | "due" | "waiting" | "flying" | "parked" | "dead";
  /** When it may be claimed next, or its lease ends. */
  readonly dueMs: number | null;
  readonly sinceMs: number | null;
  readonly attempts: number;
  readonly failingSinceMs: number | null;
  readonly lastFailure: string | null;
  readonly flight: { readonly token: string; readonly session: string; readonly job: JobFlight | null } | null;
  readonly letter: DeadLetter | null;
  /** A write that was given up was confirmed later: the destination may hold an older value. */
  readonly isDoubtful: boolean;
};

export function createRecords(
  redis: Redis,
  tag: string,
  call: (script: string, args: readonly (string | number)[]) => Promise<unknown>,
): Records {
  const lists = { pending: `${tag}:since`, parked: `${tag}:due`, doubtful: `${tag}:doubtful` } as const;

  async function view(id: string, named: { readonly object: string; readonly key: RecordKey } | null) {
    const answer = (await run(redis, "sluice_showBuffer", tag, [id])) as ShowAnswer;
    const [nowMs, ledger, flat, due, letter, doubtful, parked] = answer;
    if (ledger.length === 0 && flat.length === 0) return null;
    const pending = entriesOf(flat);
    const said = { letter: letter.length === 0 ? null : letter.toString(), isDoubtful: doubtful.length > 0 };
    const name = named ?? nameOf(pending["@key"]?.toString() ?? (await redis.hget(`${tag}:doubted`, id)), said.letter);
    if (name === null) return null;
    const dueMs = due.length === 0 ? null : Number(due);
    const kept = { ...name, id, nowMs, ledger: entriesOf(ledger), pending };
    return viewOf({ ...kept, ...said, dueMs, isParked: parked.length > 0 });
  }

  return {
    show: async (object, key) => await view(recordId(object, key), { object, key }),
    at: async ({ id }) => await view(id, null),
    async places(list, after, count) {
      const key = lists[list];
      const from = list === "parked" ? PARKED_FROM : "-inf";
      let start = 0;
      if (after !== null) {
        const [score, rank] = await Promise.all([redis.zscore(key, after.id), redis.zrank(key, after.id)]);
        // One that left the list meanwhile stood before all that has its score or more.
        const isThere = rank !== null && Number(score) === after.score;
        start = isThere ? rank + 1 : await redis.zcount(key, "-inf", `(${after.score}`);
        if (list === "parked") start -= await redis.zcount(key, "-inf", `(${PARKED_FROM}`);
      }
      const flat = await redis.zrangebyscore(key, from, "+inf", "WITHSCORES", "LIMIT", Math.max(0, start), count);
      return flat.flatMap((id, at) => (at % 2 === 0 ? [{ id, score: Number(flat[at + 1]) }] : []));
    },
    park: async (object, key) => (await call("sluice_park", [recordId(object, key), "1"])) as "none" | "parked",
    unpark: async (object, key) => (await call("sluice_park", [recordId(object, key), ""])) as "none" | "waiting",
    retry: async (object, key) =>
      (await call("sluice_retry", [recordId(object, key)])) as "none" | "parked" | "flying" | "waiting" | "retried",
    forget: async (object, key) =>
      (await call("sluice_forget", [recordId(object, key)])) as "none" | "flying" | "forgotten",
    reorder: async (object) => ((await redis.hdel(`${tag}:kinds`, object)) === 0 ? "none" : "reordered"),
  };
}

/** When a parked record is due: `PARKED` of lua/record.lua. */
const PARKED_FROM = 9e15;

/** Whose a record is whose key was not asked for: as it is pending, as it was doubted, or as its letter says. */
function nameOf(
  text: string | null,
  letterText: string | null,
): { readonly object: string; readonly key: RecordKey } | null {
  if (text !== null) {
    const { object, by, value } = JSON.parse(text) as RecordKey & { object: string };
    return { object, key: { by, value } };
  }
  if (letterText === null) return null;
  const { object, key } = readDeadLetter(letterText);
  return key === null ? null : { object, key };
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

function viewOf({ object, key, id, ledger, pending, nowMs, dueMs, letter, isDoubtful, isParked }: Kept): RecordView {
  // A job's flight would hide what came in since.
  const { "@job": flown, ...waiting } = pending;
  const flat = Object.entries(waiting).flatMap(([name, value]) => [Buffer.from(name), value]);
  const claim = readClaim([Buffer.from(id), Buffer.from("0"), flat, []], "", 0);
  const meta = (name: string): string | null => pending[name]?.toString() ?? null;
  const { deletion, fields, open } = claim.snapshot;
  const token = meta("@fence");
  const job = flown === undefined ? null : (JSON.parse(flown.toString()) as JobFlight);
  const tombstone = ledger["@tombstone"];
  const lands = meta("@lands");
  const kept = (all: ReadonlyMap<string, PendingField>): ReadonlyMap<string, KeptValue> =>
    new Map([...all].map(([field, each]) => [field, { ...each, event: claim.events.get(each.change) ?? null }]));
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
    pending: kept(fields),
    aside: kept(claim.aside),
    deletion: deletion === null ? null : { ...deletion, event: claim.events.get(deletion.change) ?? null },
    open,
    events: [...claim.events.values()],
    landsMs: lands !== null && Number(lands) > nowMs ? Number(lands) : null,
    state: stateOf({ dueMs, nowMs, isFlying, isParked, isDead: letter !== null }),
    dueMs: isParked ? null : dueMs,
    sinceMs: isPending ? claim.sinceMs : null,
    attempts: claim.attempts,
    failingSinceMs: claim.failingSinceMs,
    lastFailure: meta("@why"),
    flight: token === null || !isPending ? null : { token, session: meta("@by") ?? "", job },
    letter: letter === null ? null : readDeadLetter(letter),
    isDoubtful,
  };
}

type Standing = Pick<Kept, "dueMs" | "nowMs" | "isParked"> & { readonly isFlying: boolean; readonly isDead: boolean };

function stateOf({ dueMs, nowMs, isFlying, isParked, isDead }: Standing): RecordView["state"] {
  if (dueMs === null) return isDead ? "dead" : "quiet";
  if (isFlying) return "flying";
  if (isParked) return "parked";
  return dueMs > nowMs ? "waiting" : "due";
}
