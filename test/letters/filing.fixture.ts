import { ORDER } from "../../packages/queue/src/claims/claim-order.fixture.ts";
import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { openHistory, type History } from "@sluice/history";
import {
  chosenDeadLetters,
  discardDeadLetter,
  filedInArchive,
  findDeadLetter,
  replayDeadLetter,
  NO_EDIT,
  type Fleet,
} from "../../packages/operator/src/index.ts";
import { openQueue, type Claim, type DeadLetter, type LetterArchive, type Queue } from "@sluice/queue";
import type { MappedEvent } from "@sluice/record";
import { createLog, openDatabase, readConfiguration, type Database } from "@sluice/runtime";
import { connect } from "../../packages/queue/src/connection/connection.ts";
import { createFiling } from "../../packages/queue/src/dead-letters/filing/filing.ts";
import { createLetterRenames } from "../../packages/queue/src/dead-letters/filing/filed-in-redis.ts";
import { createLetterPlaces } from "../../packages/queue/src/dead-letters/filing/letter-places.ts";
import type { LetterPlace } from "../../packages/queue/src/dead-letters/filing/letter-place.ts";

/** Redis and the history with letters between them, and a process that may die between any two steps. */
export type Filed = {
  readonly fleet: Fleet;
  readonly queue: Queue;
  readonly database: Database;
  /**
   * One look of the process that files; all that may leave does. `dies`: the step before which it dies. `meanwhile`: happens between the
   * writing of the letters and their leaving.
   */
  file(how?: { readonly dies?: Step | null; readonly meanwhile?: (() => Promise<void>) | null }): Promise<void>;
  /** Ends what dead processes left, as each process does at its first look. */
  tend(): Promise<void>;
  /** Events on which a mapping fails. @param run the number of the replay in which they fail again */
  fail(ids: readonly string[], run?: number): Promise<void>;
  /** A record that is refused. */
  refuse(key: string): Promise<void>;
  /** A newer value of the record, which is taken. */
  heal(key: string): Promise<void>;
  /** Acts on a letter. @param dieAt the step before which the process dies; "plain": it has no history, and knows Redis' letters alone */
  replay(id: string, dieAt?: ActStep | "plain" | null): Promise<string>;
  discard(id: string, dieAt?: ActStep | "plain" | null): Promise<string>;
  /** The letters that a person sees, the newest first. */
  letters(): Promise<readonly DeadLetter[]>;
  find(id: string): Promise<DeadLetter | null>;
  away(isAway: boolean): void;
};

export const STEPS = ["settle before", "write", "take", "settle", "end"] as const;
export type Step = (typeof STEPS)[number];
export const ACT_STEPS = ["bring back", "forget", "forgotten", "act"] as const;
export type ActStep = (typeof ACT_STEPS)[number];

export class DiedError extends Error {}

export const FILE = `
sources:
  erp:
    scheme: generic-hmac
    secrets: [hush-hush-hush-hush]
    records:
      - { when: type = "customer.updated", destination: crm, object: customer, external_id: data.id, version: data.version, fields: { tier: data.tier } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1/prefix", auth: { bearer: none }, requests_per_minute: 60000 }
`;

/** A history in an embedded Postgres of its own. */
export async function openOwnHistory(
  keys: readonly Uint8Array[] = [],
  nowMs: () => number = Date.now,
): Promise<{ history: History; database: Database }> {
  const dataDir = mkdtempSync(join(inject("folder"), "letters-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const database = await openDatabase({ dataDir, log: createLog({ role: "test", level: "silent" }) });
  return { history: openHistory({ open: async () => database, isOwn: false, keys, nowMs }), database };
}

export async function openFiled(
  { history, database }: { readonly history: History; readonly database: Database },
  {
    lanes = 1,
    destination = "crm",
    namespace = `filed-${randomUUID()}`,
  }: { readonly lanes?: number; readonly destination?: string; readonly namespace?: string } = {},
): Promise<Filed & { close(): Promise<void> }> {
  const configuration = readConfiguration(FILE, { path: "sluice.yaml", env: {} });
  const redisUrl = inject("redisUrl");
  const { dedupeWindowMs, orderingHorizonMs } = configuration;
  const queue = await openQueue({
    redisUrl,
    kind: "worker",
    destinations: [destination],
    lanes: new Map([[destination, lanes]]),
    dedupeWindowMs,
    orderingHorizonMs,
    namespace,
    onError() {},
  });
  const redis = connect(redisUrl, "worker", () => {});
  const tag = `{${namespace}:intake}`;
  const places = createLetterPlaces(redis, { namespace, tag, destinations: [destination] });
  const renames = createLetterRenames(redis, tag);
  let isAway = false;
  let micros = Date.now() * 1000;
  let version = 1n;

  /** Throws before the step at which the process dies, and where the history is away. `before` happens before a step, once. */
  function deadly<T extends object>(
    of: T,
    at: () => {
      readonly dieAt: string | null;
      readonly before?: { readonly step: string; happen(): Promise<void> } | null;
    },
    steps: Partial<Record<keyof T, string>>,
    needsHistory: boolean,
  ): T {
    return new Proxy(of, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]): Promise<unknown> => {
          if (needsHistory && isAway) throw Object.assign(new Error("the history is away"), { code: "history_away" });
          const step = name === "settle" ? (args[1] === null ? "settle before" : "settle") : steps[name as keyof T];
          const { dieAt, before } = at();
          if (step !== undefined && step === dieAt) throw new DiedError(step);
          if (step !== undefined && before?.step === step) await before.happen();
          return (await member.apply(target, args)) as unknown;
        };
      },
    });
  }

  // One process that goes on: what a death leaves is met before anybody has tended it.
  let dying: Step | null = null;
  let meeting: { readonly step: Step; happen(): Promise<void> } | null = null;
  const state = () => ({ dieAt: dying, before: meeting });
  const wrapped = new Map<string, LetterPlace>();
  const all = async (): Promise<readonly LetterPlace[]> =>
    (await places.all()).map((place) => {
      const known = wrapped.get(place.tag) ?? deadly(place, state, { take: "take", end: "end" }, false);
      wrapped.set(place.tag, known);
      return known;
    });
  const filing = createFiling(
    { places: all, allPlaces: all, renames, budgetBytes: () => 1, isLeader: async () => true },
    {
      archive: deadly<LetterArchive>(history.letters, state, { write: "write" }, true),
      mayFile: { source: () => true, letter: () => true },
      onDropped() {},
      onError() {},
    },
  );

  function fleetOf(dieAt: ActStep | null): Fleet {
    const inRedis = deadly(
      queue.letters.filed,
      () => ({ dieAt }),
      { bringBack: "bring back", forgotten: "forgotten" },
      false,
    );
    const archive = deadly(history.letters, () => ({ dieAt }), { forget: "forget" }, true);
    const filed = filedInArchive(archive, inRedis);
    return {
      configuration,
      queue,
      filed: {
        ...filed,
        async bringBack(id) {
          const isBack = await filed.bringBack(id);
          if (dieAt === "act") throw new DiedError("act");
          // Another process files between the letter's return and the act on it.
          await filing.look().catch(() => {});
          return isBack;
        },
      },
    };
  }
  const fleet = fleetOf(null);

  async function claim(): Promise<readonly Claim[]> {
    const session = queue.session;
    const claimed = await queue.lane(destination).claim({ ...ORDER, requests: 10, session });
    return claimed.kind === "claimed" ? claimed.claims : [];
  }

  async function admit(key: string, tier: string): Promise<Claim> {
    version += 1n;
    micros += 1;
    const event = { id: `r${version}`, type: "customer.updated", time: null, source: "erp", data: null, headers: {} };
    const mapped: MappedEvent = {
      event,
      rank: 0,
      arrival: { micros, session: 1 },
      run: 0,
      changes: [
        {
          destination,
          object: "customer",
          key: { by: "external_id", value: key },
          version: { kind: "integer", value: version },
          effect: { kind: "fields", fields: new Map([["tier", tier]]) },
        },
      ],
      faults: [],
    };
    await queue.merging.merge([mapped]);
    const claims = await claim();
    for (const each of claims) if (each.key.value !== key) throw new Error(`${each.key.value} was due too`);
    return claims[0]!;
  }

  const arrivals = new Map<string, number>();
  const act = async (id: string, dies: ActStep | "plain" | null, how: typeof discardDeadLetter): Promise<string> => {
    const own: Fleet = dies === "plain" ? { configuration, queue } : fleetOf(dies);
    try {
      const letter = await findDeadLetter(dies === "plain" ? own : fleet, id);
      if (letter === null) return "gone";
      return (await how(own, letter)).word;
    } catch (error) {
      if (error instanceof DiedError) return "died";
      if (isAway) return "away";
      throw error;
    }
  };
  return {
    fleet,
    queue,
    database,
    async file({ dies = null, meanwhile = null } = {}) {
      dying = dies;
      const happen = async (): Promise<void> => {
        meeting = null;
        await meanwhile?.();
      };
      meeting = meanwhile === null ? null : { step: "take", happen };
      await filing.look().catch((error: unknown) => {
        if (!(error instanceof DiedError) && !isAway) throw error;
      });
      dying = null;
      meeting = null;
    },
    tend: async () => await filing.tend(),
    async fail(ids, run = 0) {
      const events = ids.map((id): MappedEvent => {
        micros += 1;
        const at = arrivals.get(id) ?? micros;
        arrivals.set(id, at);
        return {
          event: {
            id,
            type: "customer.updated",
            time: null,
            source: "erp",
            data: { id, version: "x", tier: "gold" },
            headers: {},
          },
          rank: 0,
          arrival: { micros: at, session: 1 },
          run,
          changes: [],
          faults: [
            {
              destination,
              object: "customer",
              code: "mapping_failed",
              place: "sources.erp.records[0].version",
              expression: "data.version",
              message: `"x" of ${id} is no version`,
            },
          ],
        };
      });
      await queue.merging.merge(events);
    },
    async refuse(key) {
      const refused = await admit(key, "x".repeat(2000));
      await queue.lane(destination).bury(refused, {
        id: refused.id,
        at: new Date().toISOString(),
        destination,
        object: "customer",
        key: refused.key,
        reason: { code: "RecordInvalid", message: "no" },
        events: [{ source: "erp", id: "r" }],
        change: { delete: false, fields: { tier: "x".repeat(2000) } },
        request: { method: "PATCH" },
        response: { status: 422 },
      });
    },
    heal: async (key) => void (await queue.lane(destination).settleFields(await admit(key, "well"))),
    replay: async (id, dieAt = null) =>
      await act(id, dieAt, async (of, letter) => {
        const set = new Map([["data.version", 5]]);
        const done = await replayDeadLetter(of, letter, letter.event === undefined ? NO_EDIT : { set, unset: [] });
        for (const each of await claim()) await queue.lane(destination).settleFields(each);
        return done;
      }),
    discard: async (id, dieAt = null) => await act(id, dieAt, discardDeadLetter),
    letters: async () => (await Array.fromAsync(chosenDeadLetters(fleet, {}))).map(({ letter }) => letter),
    find: async (id) => await findDeadLetter(fleet, id),
    away: (now) => void (isAway = now),
    async close() {
      redis.disconnect();
      await queue.close();
    },
  };
}
