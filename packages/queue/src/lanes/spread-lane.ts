import { auditBooks, type LaneAccounts } from "../books/audit.ts";
import type { Claim } from "../claims/claim.ts";
import { newestFirst } from "../dead-letters/dead-letter-store.ts";
import type { DeadLetters } from "../dead-letters/dead-letters.ts";
import { recordId } from "../identity.ts";
import { announced, jobFlights, type Lane, type LanePart } from "../lane.ts";
import { addNumbers } from "../books/lane-numbers.ts";
import type { Records } from "../operators/records.ts";
import type { SpreadClaims } from "./spread-claims.ts";
import { placeOf } from "./tags.ts";

export type SpreadLaneOptions = {
  readonly destination: string;
  /** The destination's lanes now, its own first. */
  readonly lanes: () => Promise<LaneParts>;
  /** All that there are to look at, also while their number is changed: a record may be seen in two of them then. */
  readonly looked: () => Promise<LaneParts>;
  /** Remembers in the destination's own lane that it is held because of this record. */
  readonly blame: (id: string) => Promise<unknown>;
};

export type LaneParts = { readonly parts: readonly LanePart[]; readonly claims: SpreadClaims };

/**
 * The lanes of a destination as one. A record lives in the lane that its id says. Hold, recovery, quota, jobs and credentials stand in the first
 * lane alone; books, dead letters and what is due are sums over all of them.
 */
export function createSpreadLane({ destination, lanes, looked, blame }: SpreadLaneOptions): Lane {
  const parts = async (): Promise<readonly LanePart[]> => (await lanes()).parts;
  const of = async (id: string): Promise<LanePart> => {
    const all = await parts();
    return all[placeOf(id, all.length)]!;
  };
  const ofEach = async <T>(act: (part: LanePart) => Promise<T>): Promise<readonly T[]> =>
    await Promise.all((await parts()).map(act));

  /** Keeps leases in every lane of the claims, each with its flight, and answers the claims in their order. */
  async function keep(kept: readonly Claim[], leaseMs: number, flights: readonly string[]): Promise<readonly Claim[]> {
    const all = await parts();
    const rows = kept.map((claim, at) => ({ claim, flight: flights[at]! }));
    const extended = await Promise.all(
      [...Map.groupBy(rows, ({ claim }) => placeOf(claim.id, all.length))].map(
        async ([place, some]) =>
          await all[place]!.keep(
            some.map(({ claim }) => claim),
            leaseMs,
            some.map(({ flight }) => flight),
          ),
      ),
    );
    const byId = new Map(extended.flat().map((claim) => [claim.id, claim]));
    return kept.flatMap(({ id }) => byId.get(id) ?? []);
  }

  const accounts: LaneAccounts = {
    async numbers() {
      const { parts: all } = await looked();
      return addNumbers(await Promise.all(all.map(async (part) => await part.numbers())));
    },
    async dueRecords(cursor, count) {
      const all = await parts();
      const [place = 0, inside = "0"] = cursor === "0" ? [] : [Number(cursor.split(":")[0]), cursor.split(":")[1]];
      const [next, records] = await all[place]!.accounts.dueRecords(inside, count);
      if (next !== "0") return [`${place}:${next}`, records];
      return [place + 1 < all.length ? `${place + 1}:0` : "0", records];
    },
    async recount(records) {
      const all = await parts();
      const sums = new Map<string, number>();
      for (const [place, some] of Map.groupBy(records, (id) => placeOf(id, all.length))) {
        for (const [source, open] of await all[place]!.accounts.recount(some)) {
          sums.set(source, (sums.get(source) ?? 0) + open);
        }
      }
      return sums;
    },
  };

  return {
    destination,
    merge: async (change) => await (await of(change.id)).merge(change),
    claimWith(claimer) {
      const claimWith = async (): Promise<void> => {
        const { parts: all, claims } = await lanes();
        const atMerges = all.length === 1 ? claimer : claims.atMerges(claimer);
        for (const part of all) part.claimWith(atMerges);
      };
      // Where the lanes are not known nothing is merged either.
      claimWith().catch(() => {});
    },
    async claim(order) {
      const all = await lanes();
      return all.parts.length === 1 ? await all.parts[0]!.claim(order) : await all.claims.claim(order);
    },
    extend: async (kept, leaseMs, job) => await keep(kept, leaseMs, jobFlights(kept, job)),
    announceJob: async (kept, leaseMs) => await keep(kept, leaseMs, announced(kept)),
    settleDelete: async (claim, how) => await (await of(claim.id)).settleDelete(claim, how),
    settleFields: async (claim, how) => await (await of(claim.id)).settleFields(claim, how),
    settleUnchanged: async (claim) => await (await of(claim.id)).settleUnchanged(claim),
    async wait(claim, delayMs, why) {
      // Before the record may be claimed again: a probe takes another one.
      if (why.blamed === true) await blame(claim.id);
      return await (await of(claim.id)).wait(claim, delayMs, { ...why, blamed: false });
    },
    bury: async (claim, letter) => await (await of(claim.id)).bury(claim, letter),
    setAside: async (claim, fields, letter) => await (await of(claim.id)).setAside(claim, fields, letter),
    numbers: accounts.numbers,
    dead: spreadLetters(looked, parts, of),
    async takeOver(session) {
      return (await ofEach(async (part) => await part.takeOver(session))).reduce((sum, count) => sum + count, 0);
    },
    isOvertaken: async (claim) => await (await of(claim.id)).isOvertaken(claim),
    doubt: async (claim) => await (await of(claim.id)).doubt(claim),
    records: spreadRecords(ofEach, of),
    audit: async (onProgress) => await auditBooks(accounts, onProgress),
  };
}

type Of = (id: string) => Promise<LanePart>;

function spreadLetters(
  looked: SpreadLaneOptions["looked"],
  parts: () => Promise<readonly LanePart[]>,
  of: Of,
): DeadLetters {
  const dead: DeadLetters = {
    async *newest(chosen) {
      yield* newestFirst((await looked()).parts.map((part) => part.dead.newest(chosen)));
    },
    async *all() {
      for await (const { letter } of dead.newest()) yield letter;
    },
    find: async (id) => await (await of(id)).dead.find(id),
    forget: async (id) => await (await of(id)).dead.forget(id),
    repair: async () => void (await Promise.all((await parts()).map(async (part) => await part.dead.repair()))),
    replay: async (id, edit) => await (await of(id)).dead.replay(id, edit),
    discard: async (letter) => await (await of(letter.id)).dead.discard(letter),
  };
  return dead;
}

function spreadRecords(ofEach: <T>(act: (part: LanePart) => Promise<T>) => Promise<readonly T[]>, of: Of): Records {
  const ofRecord = async (...name: Parameters<typeof recordId>): Promise<Records> =>
    (await of(recordId(...name))).records;
  return {
    show: async (object, key) => await (await ofRecord(object, key)).show(object, key),
    async list(which, most) {
      const found = await ofEach(async ({ records }) => await records.list(which, most));
      return found
        .flat()
        .toSorted((a, b) => a.sinceMs - b.sinceMs)
        .slice(0, most);
    },
    park: async (object, key) => await (await ofRecord(object, key)).park(object, key),
    unpark: async (object, key) => await (await ofRecord(object, key)).unpark(object, key),
    retry: async (object, key) => await (await ofRecord(object, key)).retry(object, key),
    forget: async (object, key) => await (await ofRecord(object, key)).forget(object, key),
    repair: async (object, key, fields) => await (await ofRecord(object, key)).repair(object, key, fields),
    doubtful: async () => (await ofEach(async ({ records }) => await records.doubtful())).flat(),
    trust: async (object, key) => await (await ofRecord(object, key)).trust(object, key),
    async kindOf(object) {
      const kinds = await ofEach(async ({ records }) => await records.kindOf(object));
      return kinds.find((kind) => kind !== null) ?? null;
    },
    async reorder(object) {
      const words = await ofEach(async ({ records }) => await records.reorder(object));
      return words.includes("reordered") ? "reordered" : "none";
    },
  };
}
